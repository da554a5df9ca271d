//! Who works on a database of PostgreSQL. Every connection of whoever serves it holds a lock in common with the others;
//! whoever moves the database away takes the lock alone. A lock ends with its connection, however the process dies, and a
//! connection that replaces another takes it anew: a server that lost its connections to a move writes no more.

use super::super::DbOptions;
use super::super::error::{Result, StoreError};
use super::{PgConn, Postgres};

/// The key of a lock. Advisory locks are per database; two Throughlines in two schemas must not wait for each other.
pub(super) fn key(what: &str, schema: &str) -> i64 {
    xxhash_rust::xxh3::xxh3_64(format!("throughline {what} {schema}").as_bytes()) as i64
}

impl PgConn {
    fn try_lock(&mut self, function: &str, key: i64) -> Result<bool> {
        Ok(self.client.query_one(&format!("SELECT {function}({key})"), &[])?.get(0))
    }

    /// Says that somebody works on the database, for as long as the connection lives.
    pub(super) fn announce(&mut self, key: i64) -> Result<()> {
        if self.try_lock("pg_try_advisory_lock_shared", key)? {
            return Ok(());
        }
        Err(StoreError::unavailable("database_moving", "the database is being moved: wait until that is done"))
    }
}

/// A claim on a database for this process alone, given up when it is dropped.
#[derive(Debug)]
pub struct Alone(PgConn);

impl Alone {
    /// Claims the database at `url`; `database_in_use` when a server has a connection to it.
    pub fn take(url: &str) -> Result<Self> {
        let db = Postgres::open(url, &DbOptions { announced: false, ..DbOptions::default() })?;
        let mut conn = db.pool.into_inner().idle.pop().expect("opening leaves its first connection idle");
        if conn.try_lock("pg_try_advisory_lock", db.in_use)? {
            return Ok(Self(conn));
        }
        Err(StoreError::unavailable(
            "database_in_use",
            "the database of postgresql is in use by a server: stop it first, on every machine",
        ))
    }

    /// Fails when the connection was lost, and a server may have come in since.
    pub fn prove(&mut self) -> Result<()> {
        let lost = |_| {
            let text =
                "the connection that kept servers off the database was lost: what they wrote meanwhile is missing";
            StoreError::unavailable("database_lost", text)
        };
        self.0.client.batch_execute("SELECT 1").map_err(lost)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::Db;
    use super::*;
    use crate::contract;

    /// The url by which connections go by a name of their own, and that name.
    fn named(url: &str) -> (String, String) {
        let name = format!("claim_{}", url.rsplit("%3D").next().unwrap());
        (format!("{url}&application_name={name}"), name)
    }

    /// What PostgreSQL does about a connection that ended takes a moment.
    fn until<T>(look: impl Fn() -> Option<T>) -> T {
        for _ in 0..500 {
            if let Some(found) = look() {
                return found;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("not within ten seconds");
    }

    fn code<T: std::fmt::Debug>(of: Result<T>) -> &'static str {
        match of.unwrap_err() {
            StoreError::Unavailable { code, .. } => code,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_database_is_worked_on_by_those_who_serve_it_or_by_one_who_moves_it() {
        let Some((url, admin)) = contract::postgres_target() else { return };
        let (served, name) = named(&url);
        let serving = || Db::open(&served, &DbOptions { announced: true, ..DbOptions::default() });
        let asked = |db: &Db| db.write(|tx| tx.query_one("SELECT 1", &[], |r| r.i64(0)));
        let (one, two) = (serving().unwrap(), serving().unwrap());
        drop(one);
        assert_eq!(code(Alone::take(&url)), "database_in_use", "the other one still serves");
        // Its connections break, and a move comes in before it has new ones: it writes no more until that is over.
        assert!(contract::cut_connections(&admin, &name) > 0);
        let mut alone = until(|| Alone::take(&url).ok());
        assert_eq!(code(asked(&two)), "database_moving");
        assert_eq!(code(serving()), "database_moving");
        assert_eq!(code(Alone::take(&url)), "database_in_use");
        alone.prove().unwrap();
        drop(alone);
        assert_eq!(until(|| asked(&two).ok()), 1, "it goes on by itself");
    }

    #[test]
    fn a_move_that_lost_its_claim_says_so() {
        let Some((url, admin)) = contract::postgres_target() else { return };
        let (url, name) = named(&url);
        let mut alone = Alone::take(&url).unwrap();
        assert!(contract::cut_connections(&admin, &name) > 0);
        until(|| Alone::take(&url).ok());
        assert_eq!(code(alone.prove()), "database_lost");
    }
}
