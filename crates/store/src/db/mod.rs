//! A small facade over SQLite and PostgreSQL: one SQL text, a transaction is a closure.
//!
//! It knows no table. Statements are in the portable subset (`$1` parameters, `ON CONFLICT`, `RETURNING`,
//! `CAST(SUM(x) AS BIGINT)`), and what differs between the engines is a method of [`Tx`] with a test, never a branch in
//! a caller. Where PostgreSQL cannot infer a parameter's type (`$1 IS NULL`), write `CAST($1 AS BIGINT)` or
//! `CAST($1 AS TEXT)`, which SQLite takes too. Start reading at [`Db`].

mod bulk;
mod checkpoint;
mod error;
mod postgres;
mod sql;
mod sqlite;
mod tls;
#[cfg(test)]
mod tests;
mod value;

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

pub use error::{Result, StoreError};
pub use postgres::Alone;
pub use sql::{ddl_for_postgres, prefix_range};
pub use value::{Bind, Column, Row, Value, v};

pub(crate) use sqlite::{Sqlite, integrity as sqlite_integrity};

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// SQLite: read connections, each with a snapshot of its own.
    pub read_connections: usize,
    /// SQLite: page cache of the writer, in KiB.
    pub write_cache_kib: u32,
    /// SQLite: page cache of each reader, in KiB.
    pub read_cache_kib: u32,
    /// SQLite: bytes of the file mapped into memory; they count as resident once touched. 0 for none.
    pub mmap_bytes: u64,
    /// SQLite: pages of 4 KiB in the log after which it is written back into the file.
    pub wal_autocheckpoint_pages: u32,
    /// SQLite: refuse to grow past this many pages, as if the disk were full.
    pub max_pages: Option<u32>,
    /// How long to wait for a lock or a connection before answering `database_busy`, in milliseconds.
    pub busy_timeout_ms: u32,
    /// PostgreSQL: connections at most.
    pub pg_connections: usize,
    /// PostgreSQL: every connection says that somebody works on the database, so that nobody moves it away meanwhile.
    pub announced: bool,
    /// Every commit waits until it is on the disk. Only tests of what does not concern a crash turn it off.
    pub durable: bool,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            read_connections: 4,
            write_cache_kib: 64 * 1024,
            read_cache_kib: 8 * 1024,
            mmap_bytes: 0,
            wal_autocheckpoint_pages: 16_000,
            max_pages: None,
            busy_timeout_ms: 10_000,
            pg_connections: 8,
            announced: false,
            durable: true,
        }
    }
}

/// Which engine a database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL or what speaks its protocol.
    Postgres,
}

impl Engine {
    /// `sqlite` or `postgres`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A database. Cheap to clone; all clones share the connections.
#[derive(Debug, Clone)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    backend: Backend,
    /// Removes a test's database after the connections are closed.
    _guard: Option<Box<dyn Any + Send + Sync>>,
}

#[derive(Debug)]
enum Backend {
    Sqlite(Box<Sqlite>),
    Postgres(Box<postgres::Postgres>),
}

impl Db {
    /// Opens `sqlite:///var/lib/throughline/main.db`, a plain path, or `postgres://…`. Creates the SQLite file if it is not
    /// there; [`Db::migrate`](crate::migrate) makes the tables.
    pub fn open(url: &str, options: &DbOptions) -> Result<Self> {
        Self::open_guarded(url, options, None)
    }

    pub(crate) fn open_guarded(
        url: &str,
        options: &DbOptions,
        guard: Option<Box<dyn Any + Send + Sync>>,
    ) -> Result<Self> {
        let backend = match sqlite_file(url)? {
            Some(path) => Backend::Sqlite(Box::new(Sqlite::open(path, options)?)),
            None => Backend::Postgres(Box::new(postgres::Postgres::open(url, options)?)),
        };
        Ok(Self(Arc::new(Inner { backend, _guard: guard })))
    }

    /// The engine behind.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &self.0.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// The SQLite file, if that is the engine.
    pub(crate) fn sqlite(&self) -> Option<&Sqlite> {
        match &self.0.backend {
            Backend::Sqlite(db) => Some(db),
            Backend::Postgres(_) => None,
        }
    }

    /// Runs `f` in a transaction that commits when `f` succeeds and rolls back when it fails or panics. One writer at a
    /// time: in this process on SQLite, across all nodes on PostgreSQL.
    pub fn write<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.transact(postgres::Begin::Write, f)
    }

    /// As [`Db::write`], but beside other writers on PostgreSQL (read committed). Only for statements that lock the rows
    /// they decide on, such as leases.
    pub fn write_unlocked<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.transact(postgres::Begin::WriteUnlocked, f)
    }

    /// Runs `f` over one consistent snapshot; writes in it fail.
    pub fn read<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.transact(postgres::Begin::Read, f)
    }

    fn transact<T>(&self, begin: postgres::Begin, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let alone = begin == postgres::Begin::Write;
        match &self.0.backend {
            Backend::Sqlite(db) if begin == postgres::Begin::Read => {
                db.read(|conn| f(&mut Tx { conn: Conn::Sqlite(conn), alone }))
            }
            Backend::Sqlite(db) => db.write(|conn| f(&mut Tx { conn: Conn::Sqlite(conn), alone: true })),
            Backend::Postgres(db) => db.transact(begin, |conn| f(&mut Tx { conn: Conn::Postgres(conn), alone })),
        }
    }

    /// Defects of the stored data; none when it is sound. SQLite checks every page, index and reference; PostgreSQL
    /// keeps those itself, so it is only asked whether it answers.
    pub fn integrity(&self) -> Result<Vec<String>> {
        match &self.0.backend {
            Backend::Sqlite(db) => db.integrity(),
            Backend::Postgres(_) => self.read(|tx| tx.query_one("SELECT 1", &[], |r| r.i64(0))).map(|_| Vec::new()),
        }
    }

    /// Closes idle connections and, on SQLite, folds the log into the file. For a graceful shutdown; a database that was
    /// not closed loses nothing.
    pub fn close(&self) -> Result<()> {
        match &self.0.backend {
            Backend::Sqlite(db) => db.close(),
            Backend::Postgres(db) => {
                db.close();
                Ok(())
            }
        }
    }
}

/// The file a url names; `None` when it names a PostgreSQL database.
pub fn sqlite_file(url: &str) -> Result<Option<&Path>> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(None);
    }
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    if path.is_empty() || path == ":memory:" || path.contains("://") {
        return Err(StoreError::invalid(
            "database_url",
            "not a database url; expected postgres://…, sqlite:///path/to/file.db or a plain path",
        ));
    }
    Ok(Some(Path::new(path)))
}

/// A transaction.
#[derive(Debug)]
pub struct Tx<'c> {
    conn: Conn<'c>,
    /// No other writer runs beside.
    alone: bool,
}

#[derive(Debug)]
enum Conn<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut postgres::PgConn),
}

impl Tx<'_> {
    /// The engine behind, for this crate's own named differences.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &self.conn {
            Conn::Sqlite(_) => Engine::Sqlite,
            Conn::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether no other writer runs beside this transaction, as in [`Db::write`].
    #[must_use]
    pub const fn is_alone(&self) -> bool {
        self.alone
    }

    /// Runs a statement; returns how many rows it changed.
    pub fn exec(&mut self, sql: &str, params: &[&dyn Bind]) -> Result<u64> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::execute(conn, sql, params),
            Conn::Postgres(conn) => conn.execute(sql, params),
        }
    }

    /// Runs a statement that changes exactly one row; [`StoreError::NotFound`] when it finds none.
    pub fn exec_one(&mut self, sql: &str, params: &[&dyn Bind]) -> Result<()> {
        match self.exec(sql, params)? {
            1 => Ok(()),
            0 => Err(StoreError::NotFound),
            n => Err(StoreError::Internal(format!("a statement meant for one row changed {n}"))),
        }
    }

    /// Gives every row to `each`, one at a time, until it answers `false`. Nothing is collected.
    pub fn each(&mut self, sql: &str, params: &[&dyn Bind], each: impl FnMut(&Row<'_>) -> Result<bool>) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::query(conn, sql, params, each),
            Conn::Postgres(conn) => conn.query(sql, params, each),
        }
    }

    /// All rows.
    pub fn query<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Bind],
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.each(sql, params, |row| {
            out.push(map(row)?);
            Ok(true)
        })?;
        Ok(out)
    }

    /// The first row, if any.
    pub fn query_opt<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Bind],
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut out = None;
        self.each(sql, params, |row| {
            out = Some(map(row)?);
            Ok(false)
        })?;
        Ok(out)
    }

    /// The first row; [`StoreError::NotFound`] without one.
    pub fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Bind],
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.query_opt(sql, params, map)?.ok_or(StoreError::NotFound)
    }

    /// Runs several statements without parameters, as they are.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::batch(conn, sql),
            Conn::Postgres(conn) => conn.batch(sql),
        }
    }

    /// Runs the DDL of a migration, written in SQLite's dialect.
    pub(crate) fn ddl(&mut self, ddl: &str) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::batch(conn, ddl),
            Conn::Postgres(conn) => {
                conn.forget();
                conn.batch(&ddl_for_postgres(ddl))
            }
        }
    }

    /// Runs `f` so that its failure undoes only what `f` did, and the transaction can go on.
    pub fn savepoint<T>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.batch("SAVEPOINT part")?;
        match f(self) {
            Ok(out) => self.batch("RELEASE SAVEPOINT part").map(|()| out),
            Err(e) => {
                // When the connection or the whole transaction is gone, the first error says more than this one.
                let _ = self.batch("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part");
                Err(e)
            }
        }
    }

    /// The end of a `SELECT` that takes rows to work on, so that two workers never take the same: PostgreSQL locks them
    /// and skips those locked by others; SQLite has one writer anyway.
    #[must_use]
    pub fn for_update_skip_locked(&self) -> &'static str {
        match &self.conn {
            Conn::Sqlite(_) => "",
            Conn::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }
}
