//! SQLite: one writer behind a mutex, a pool of read-only connections, WAL, an fsync for every commit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ffi};

use super::checkpoint::Checkpointer;
use super::error::{Result, StoreError};
use super::value::{Bind, Row, RowOf, Value};
use super::{DbOptions, sql};

/// Prepared statements kept by the writer and by each reader.
const WRITER_STATEMENTS: usize = 256;
const READER_STATEMENTS: usize = 96;

/// The database file, its writer and its readers.
#[derive(Debug)]
pub(crate) struct Sqlite {
    pub(crate) path: PathBuf,
    options: DbOptions,
    writer: Arc<Mutex<Connection>>,
    checkpointer: Checkpointer,
    /// The thread that holds the writer, so that a write inside a write is an error and not a deadlock.
    holder: AtomicUsize,
    idle: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

impl Sqlite {
    pub(super) fn open(path: &Path, options: &DbOptions) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let writer = Connection::open_with_flags(path, flags)?;
        let busy = Duration::from_millis(u64::from(options.busy_timeout_ms));
        writer.busy_timeout(busy)?;
        writer.set_prepared_statement_cache_capacity(WRITER_STATEMENTS);
        writer.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {sync}; PRAGMA foreign_keys = ON;
                 PRAGMA trusted_schema = OFF;
                 PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -{cache}; PRAGMA mmap_size = {mmap};",
            sync = if options.durable { "FULL" } else { "OFF" },
            cache = options.write_cache_kib,
            mmap = options.mmap_bytes,
        ))?;
        if let Some(pages) = options.max_pages {
            writer.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?;
        }
        let writer = Arc::new(Mutex::new(writer));
        let checkpointer = Checkpointer::start(path, &writer, options.wal_autocheckpoint_pages, options.durable)?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
            writer,
            checkpointer,
            holder: AtomicUsize::new(0),
            idle: Mutex::default(),
            returned: Condvar::new(),
        })
    }

    pub(super) fn write<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.with_writer(|conn| in_transaction(conn, "BEGIN IMMEDIATE", f))
    }

    /// The writer outside any transaction.
    pub(crate) fn with_writer<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let me = thread_mark();
        if self.holder.load(Ordering::Relaxed) == me {
            return Err(StoreError::internal("a write was started inside a write; pass the transaction on instead"));
        }
        let conn = self.writer.lock();
        self.holder.store(me, Ordering::Relaxed);
        let _released = OnDrop(|| self.holder.store(0, Ordering::Relaxed));
        f(&conn)
    }

    pub(super) fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let conn = self.reader()?;
        let mut lent = Lent { from: self, conn: Some(conn) };
        let conn = lent.conn.as_mut().expect("lent until dropped");
        in_transaction(conn, "BEGIN DEFERRED", f)
    }

    fn reader(&self) -> Result<Connection> {
        let wait = Duration::from_millis(u64::from(self.options.busy_timeout_ms));
        let mut pool = self.idle.lock();
        loop {
            if let Some(conn) = pool.idle.pop() {
                return Ok(conn);
            }
            if pool.open < self.options.read_connections.max(1) {
                pool.open += 1;
                drop(pool);
                return self.open_reader().inspect_err(|_| self.idle.lock().open -= 1);
            }
            if self.returned.wait_for(&mut pool, wait).timed_out() {
                return Err(StoreError::unavailable("database_busy", "every read connection is in use"));
            }
        }
    }

    fn open_reader(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(Duration::from_millis(u64::from(self.options.busy_timeout_ms)))?;
        conn.set_prepared_statement_cache_capacity(READER_STATEMENTS);
        conn.execute_batch(&format!(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -{}; PRAGMA mmap_size = {};",
            self.options.read_cache_kib, self.options.mmap_bytes,
        ))?;
        Ok(conn)
    }

    pub(super) fn integrity(&self) -> Result<Vec<String>> {
        let conn = self.open_reader()?;
        integrity(&conn)
    }

    /// Writes the log back into the file and empties it, so that the file alone is the whole database.
    pub(super) fn checkpoint(&self) -> Result<()> {
        self.with_writer(|conn| {
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            conn.execute_batch("PRAGMA optimize").map_err(StoreError::from)
        })
    }

    pub(super) fn close(&self) -> Result<()> {
        let mut pool = self.idle.lock();
        pool.open -= pool.idle.len();
        pool.idle.clear();
        drop(pool);
        self.checkpointer.stop();
        self.checkpoint()
    }
}

/// The problems `PRAGMA integrity_check` and `foreign_key_check` find; none when the database is sound.
pub(crate) fn integrity(conn: &Connection) -> Result<Vec<String>> {
    let texts = |sql: &str, column: usize| -> Result<Vec<String>> {
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map([], |r| r.get::<_, String>(column))?;
        rows.collect::<rusqlite::Result<_>>().map_err(StoreError::from)
    };
    let mut found = texts("PRAGMA integrity_check(100)", 0)?;
    found.retain(|line| line != "ok");
    found.extend(
        texts("PRAGMA foreign_key_check", 0)?.into_iter().map(|t| format!("table {t}: row without its parent")),
    );
    Ok(found)
}

struct Lent<'a> {
    from: &'a Sqlite,
    conn: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self.from.idle.lock();
        match self.conn.take() {
            // A connection still inside a transaction could not roll back: it is closed instead.
            Some(conn) if conn.is_autocommit() => pool.idle.push(conn),
            Some(_) | None => pool.open -= 1,
        }
        self.from.returned.notify_one();
    }
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Distinguishes live threads by the address of a thread local.
fn thread_mark() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|m| std::ptr::from_ref(m) as usize)
}

fn in_transaction<T>(conn: &Connection, begin: &str, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let run = |sql: &str| conn.prepare_cached(sql).and_then(|mut s| s.raw_execute()).map_err(StoreError::from);
    run(begin)?;
    // Also on a panic inside `f`. Some errors (a full disk) have rolled back already.
    let rollback = OnDrop(|| {
        if !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
    });
    let out = f(conn)?;
    run("COMMIT")?;
    drop(rollback);
    Ok(out)
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(n),
            Value::Real(x) => ValueRef::Real(x),
            Value::Text(t) => ValueRef::Text(t.as_bytes()),
            Value::Blob(b) => ValueRef::Blob(b),
        }))
    }
}

/// Prepares `sql` and binds `params`. SQLite numbers `$2, $1` by first appearance, so the number is read from the name.
fn bound<'c>(conn: &'c Connection, sql: &str, params: &[&dyn Bind]) -> Result<CachedStatement<'c>> {
    let mut statement = conn.prepare_cached(sql)?;
    let count = statement.parameter_count();
    for i in 1..=count {
        let number = match statement.parameter_name(i) {
            Some(name) => sql::parameter_number(name)?,
            None => i,
        };
        let Some(param) = params.get(number - 1) else {
            return Err(StoreError::Internal(format!("parameter ${number} was not given, only {}", params.len())));
        };
        let value = param.value();
        value.check()?;
        statement.raw_bind_parameter(i, value)?;
    }
    Ok(statement)
}

pub(super) fn execute(conn: &Connection, sql: &str, params: &[&dyn Bind]) -> Result<u64> {
    bound(conn, sql, params)?.raw_execute().map(|n| n as u64).map_err(StoreError::from)
}

/// Runs the statement and gives every row to `each` until it answers `false`.
pub(super) fn query(
    conn: &Connection,
    sql: &str,
    params: &[&dyn Bind],
    mut each: impl FnMut(&Row<'_>) -> Result<bool>,
) -> Result<()> {
    let mut statement = bound(conn, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        if !each(&Row(RowOf::Sqlite(row)))? {
            break;
        }
    }
    Ok(())
}

/// One cached statement for all rows; `each` learns how many rows every one of them changed.
pub(super) fn insert_rows<'v, R: AsRef<[Value<'v>]>>(
    conn: &Connection,
    sql: &str,
    rows: impl IntoIterator<Item = R>,
    mut each: impl FnMut(u64),
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    for row in rows {
        for (i, value) in row.as_ref().iter().enumerate() {
            value.check()?;
            statement.raw_bind_parameter(i + 1, value)?;
        }
        each(statement.raw_execute()? as u64);
    }
    Ok(())
}

pub(super) fn batch(conn: &Connection, sql: &str) -> Result<()> {
    conn.execute_batch(sql).map_err(StoreError::from)
}

pub(super) fn column<'r>(row: &'r rusqlite::Row<'r>, i: usize) -> Result<Value<'r>> {
    Ok(match row.get_ref(i)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Text(bytes) => Value::Text(
            std::str::from_utf8(bytes)
                .map_err(|_| StoreError::Internal(format!("column {i} holds text that is not UTF-8")))?,
        ),
        ValueRef::Blob(bytes) => Value::Blob(bytes),
    })
}

/// SQLite's messages name tables and columns, never values.
impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        let text = e.to_string();
        let Some(failure) = e.sqlite_error() else {
            return Self::Internal(text);
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "the list of SQLite's codes is not ours and grows")]
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                Self::unavailable("database_busy", "another process holds the database")
            }
            ErrorCode::DiskFull => Self::unavailable(
                "database_full",
                "the disk of the database is full; nothing was written: free space there, then try again",
            ),
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                Self::Unavailable { code: "database_io", detail: text }
            }
            ErrorCode::ConstraintViolation => match failure.extended_code {
                ffi::SQLITE_CONSTRAINT_UNIQUE
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_ROWID
                | ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Self::Conflict(text),
                _ => Self::Internal(text),
            },
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                Self::Internal(format!("the database file is damaged or no database: {text}; restore a backup"))
            }
            _ => Self::Internal(text),
        }
    }
}
