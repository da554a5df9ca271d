//! Migrations: forward only, each in one transaction, never edited after release.
//!
//! They are written in SQLite's dialect and rewritten for PostgreSQL by
//! [`ddl_for_postgres`](crate::db::ddl_for_postgres).

use throughline_base::Timestamp;

use crate::db::{Db, Result, StoreError, Tx};
use crate::transfer;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Counts up from 1 without gaps.
    pub version: i64,
    /// The name of its file.
    pub name: &'static str,
    /// Its text, in SQLite's dialect.
    pub sql: &'static str,
}

/// Every migration in order. A new one is a file in `migrations/` and a line here.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "core", sql: include_str!("../migrations/0001_core.sql") },
    Migration { version: 2, name: "rooms", sql: include_str!("../migrations/0002_rooms.sql") },
    Migration { version: 3, name: "privacy", sql: include_str!("../migrations/0003_privacy.sql") },
    Migration { version: 4, name: "money", sql: include_str!("../migrations/0004_money.sql") },
    Migration { version: 5, name: "audience", sql: include_str!("../migrations/0005_audience.sql") },
    Migration { version: 6, name: "tag", sql: include_str!("../migrations/0006_tag.sql") },
    Migration { version: 7, name: "prediction", sql: include_str!("../migrations/0007_prediction.sql") },
    Migration { version: 8, name: "matching", sql: include_str!("../migrations/0008_matching.sql") },
    Migration { version: 9, name: "destination", sql: include_str!("../migrations/0009_destination.sql") },
];

impl Migration {
    /// Tells whether the text of an applied migration has changed. Line ends do not count.
    fn checksum(&self) -> String {
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(self.sql.replace("\r\n", "\n").as_bytes()))
    }
}

impl Db {
    /// Brings the schema up to this binary's version; returns how many migrations were applied. Refuses a database that
    /// is newer than the binary, one whose migrations were edited, and one that an unfinished move left behind.
    pub fn migrate(&self, now: Timestamp) -> Result<usize> {
        let applied = apply(self, MIGRATIONS, now)?;
        self.read(transfer::refuse_unfinished)?;
        Ok(applied)
    }

    /// The version of the schema; 0 for an empty database.
    pub fn schema_version(&self) -> Result<i64> {
        self.read(|tx| if is_begun(tx)? { Ok(applied(tx)?.last().map_or(0, |a| a.version)) } else { Ok(0) })
    }
}

struct Applied {
    version: i64,
    name: String,
    checksum: String,
}

fn is_begun(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(crate::schema::table_names(tx)?.iter().any(|t| t == "schema_migration"))
}

fn applied(tx: &mut Tx<'_>) -> Result<Vec<Applied>> {
    tx.query("SELECT version, name, checksum FROM schema_migration ORDER BY version", &[], |r| {
        Ok(Applied { version: r.i64(0)?, name: r.text(1)?, checksum: r.text(2)? })
    })
}

/// Applies those of `migrations` that are missing, each in a transaction of its own.
pub(crate) fn apply(db: &Db, migrations: &[Migration], now: Timestamp) -> Result<usize> {
    db.write(|tx| {
        tx.ddl(
            "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
             checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;",
        )?;
        check(&applied(tx)?, migrations)
    })?;
    let mut count = 0;
    for migration in migrations {
        // Another node may have been faster: asked again inside each transaction.
        count += db.write(|tx| {
            if applied(tx)?.iter().any(|a| a.version == migration.version) {
                return Ok(0);
            }
            tx.ddl(migration.sql).map_err(|e| match e {
                StoreError::Internal(detail) => {
                    StoreError::Internal(format!("migration {} {}: {detail}", migration.version, migration.name))
                }
                other @ (StoreError::Unavailable { .. }
                | StoreError::Conflict(_)
                | StoreError::NotFound
                | StoreError::Invalid { .. }
                | StoreError::Problem(_)) => other,
            })?;
            tx.exec(
                "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                &[&migration.version, &migration.name, &migration.checksum(), &now],
            )?;
            tracing::info!(version = migration.version, name = migration.name, "migration applied");
            Ok(1)
        })?;
    }
    Ok(count)
}

fn check(applied: &[Applied], migrations: &[Migration]) -> Result<()> {
    for a in applied {
        match migrations.iter().find(|m| m.version == a.version) {
            None => {
                return Err(StoreError::invalid(
                    "database_newer",
                    format!(
                        "the database is at schema version {} ({}), this binary knows up to {}; use a newer binary or \
                         restore a backup made by this one",
                        a.version,
                        a.name,
                        migrations.last().map_or(0, |m| m.version)
                    ),
                ));
            }
            Some(m) if m.checksum() != a.checksum => {
                return Err(StoreError::invalid(
                    "migration_edited",
                    format!(
                        "migration {} {} was applied with another text than this binary's; a released migration is never \
                         edited: use the binary that made the database, or move the data into a new one",
                        a.version, a.name
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    const ONE: Migration =
        Migration { version: 1, name: "one", sql: "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY) STRICT;" };
    const TWO: Migration =
        Migration { version: 2, name: "two", sql: "CREATE TABLE b (id INTEGER NOT NULL PRIMARY KEY) STRICT;" };

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    #[test]
    fn the_list_counts_up_without_gaps() {
        for (i, m) in MIGRATIONS.iter().enumerate() {
            assert_eq!(m.version, i as i64 + 1, "{}", m.name);
        }
    }

    #[test]
    fn each_migration_is_applied_once() {
        for (engine, db) in contract::empty_engines() {
            assert_eq!(db.schema_version().unwrap(), 0, "{engine}");
            assert_eq!(apply(&db, &[ONE], at(0)).unwrap(), 1, "{engine}");
            assert_eq!(apply(&db, &[ONE, TWO], at(0)).unwrap(), 1, "{engine}");
            assert_eq!(apply(&db, &[ONE, TWO], at(0)).unwrap(), 0, "{engine}");
            assert_eq!(db.schema_version().unwrap(), 2, "{engine}");
        }
        for (engine, db) in contract::engines() {
            assert_eq!(db.migrate(at(1)).unwrap(), 0, "{engine}");
        }
    }

    #[test]
    fn nodes_that_start_together_migrate_once() {
        for (engine, db) in contract::empty_engines() {
            let start = || apply(&db, &[ONE, TWO], at(0)).unwrap();
            let total: usize = std::thread::scope(|s| {
                let nodes: Vec<_> = (0..3).map(|_| s.spawn(start)).collect();
                nodes.into_iter().map(|n| n.join().unwrap()).sum()
            });
            assert_eq!(total, 2, "{engine}");
        }
    }

    #[test]
    fn a_failing_migration_leaves_nothing_and_says_which_it_was() {
        for (engine, db) in contract::empty_engines() {
            let broken =
                Migration { sql: "CREATE TABLE b (id INTEGER NOT NULL PRIMARY KEY) STRICT; CREATE TABLE a;", ..TWO };
            let e = apply(&db, &[ONE, broken], at(0)).unwrap_err();
            assert!(e.to_string().contains("migration 2 two"), "{engine}: {e}");
            assert_eq!(apply(&db, &[ONE, TWO], at(0)).unwrap(), 1, "{engine}: b was not left half made");
        }
    }

    #[test]
    fn an_edited_migration_and_a_newer_database_are_refused() {
        for (engine, db) in contract::empty_engines() {
            apply(&db, &[ONE, TWO], at(0)).unwrap();
            let e = apply(&db, &[ONE], at(0)).unwrap_err();
            assert!(e.to_string().contains("schema version 2 (two), this binary knows up to 1"), "{engine}: {e}");
            let edited = Migration { sql: "CREATE TABLE c (id INTEGER) STRICT;", ..ONE };
            let e = apply(&db, &[edited, TWO], at(0)).unwrap_err();
            assert!(e.to_string().contains("migration_edited"), "{engine}: {e}");
        }
    }
}
