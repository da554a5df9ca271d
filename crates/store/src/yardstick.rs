//! The yardstick of `throughline bench`: the same rows in one plain table, with an fsync for every commit and nothing else.
//! What a program without dedupe, identity and history would do.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::db::Result;

/// An event as it came, with its objects as JSON text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainRow {
    /// Message id.
    pub message_id: String,
    /// `track`, `page` …
    pub kind: String,
    /// Name.
    pub name: String,
    /// User id.
    pub user_id: Option<String>,
    /// Anonymous id.
    pub anonymous_id: Option<String>,
    /// When, as sent.
    pub at: String,
    /// JSON.
    pub properties: String,
    /// JSON.
    pub traits: String,
    /// JSON.
    pub context: String,
}

/// The plain table in a database of its own.
#[derive(Debug)]
pub struct Plain(Connection);

impl Plain {
    /// Makes the database.
    pub fn create(path: &Path) -> Result<Self> {
        let conn = Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
             CREATE TABLE event (message_id TEXT, kind TEXT, name TEXT, user_id TEXT, anonymous_id TEXT, at TEXT,
                 properties TEXT, traits TEXT, context TEXT) STRICT;",
        )?;
        Ok(Self(conn))
    }

    /// Inserts rows and commits them.
    pub fn insert(&mut self, rows: &[PlainRow]) -> Result<()> {
        let tx = self.0.transaction()?;
        {
            let mut statement = tx.prepare_cached(
                "INSERT INTO event (message_id, kind, name, user_id, anonymous_id, at, properties, traits, context) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            for r in rows {
                statement.execute(params![
                    r.message_id,
                    r.kind,
                    r.name,
                    r.user_id,
                    r.anonymous_id,
                    r.at,
                    r.properties,
                    r.traits,
                    r.context
                ])?;
            }
        }
        tx.commit()?;
        Ok(())
    }

    /// How many rows there are.
    pub fn count(&self) -> Result<i64> {
        Ok(self.0.query_row("SELECT COUNT(*) FROM event", [], |r| r.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plain.db");
        let mut plain = Plain::create(&file).unwrap();
        plain.insert(&[PlainRow::default(), PlainRow::default()]).unwrap();
        assert_eq!(plain.count().unwrap(), 2);
        drop(plain);
        assert_eq!(Plain(Connection::open(&file).unwrap()).count().unwrap(), 2);
    }
}
