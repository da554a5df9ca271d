//! PostgreSQL: a small pool of connections, each with its prepared statements; lost connections are replaced.

mod claim;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use bytes::BytesMut;
use parking_lot::{Condvar, Mutex};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, Statement};

use super::DbOptions;
use super::error::{Result, StoreError};
use super::tls::Tls;
use super::value::{Bind, Row, RowOf, Value};

pub use claim::Alone;

/// Prepared statements kept per connection; past that the cache starts anew.
const STATEMENTS: usize = 512;

/// The pool.
#[derive(Debug)]
pub(crate) struct Postgres {
    config: Config,
    tls: Tls,
    options: DbOptions,
    pool: Mutex<Pool>,
    returned: Condvar,
    /// `BEGIN` of a write, with the lock that lets one writer at a time in across all nodes.
    begin_write: String,
    /// The lock that says somebody works on this database.
    in_use: i64,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<PgConn>,
    open: usize,
}

/// A connection and what it has prepared.
pub(crate) struct PgConn {
    client: Client,
    statements: HashMap<Box<str>, Statement>,
}

impl std::fmt::Debug for PgConn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgConn").field("statements", &self.statements.len()).finish_non_exhaustive()
    }
}

/// What a transaction may do and how it sees others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// A consistent snapshot.
    Read,
    /// Alone among the writers of all nodes.
    Write,
    /// Beside other writers, for what locks its own rows.
    WriteUnlocked,
}

impl Postgres {
    pub(super) fn open(url: &str, options: &DbOptions) -> Result<Self> {
        let (mut config, tls) = super::tls::config(url)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        // A server that vanished without a word is noticed within half a minute.
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(30));
        if config.get_application_name().is_none() {
            config.application_name("throughline");
        }
        let mut it = Self {
            config,
            tls,
            options: options.clone(),
            pool: Mutex::default(),
            returned: Condvar::new(),
            begin_write: String::new(),
            in_use: 0,
        };
        let mut conn = it.connect()?;
        let schema = conn.client.query_one("SELECT current_schema()::text", &[])?;
        let schema: Option<String> = schema.get(0);
        let Some(schema) = schema else {
            return Err(StoreError::invalid(
                "database_url",
                "the search_path names no schema that exists; create it first",
            ));
        };
        it.begin_write = format!("BEGIN; SELECT pg_advisory_xact_lock({})", claim::key("write", &schema));
        it.in_use = claim::key("use", &schema);
        it.greet(&mut conn)?;
        it.pool = Mutex::new(Pool { idle: vec![conn], open: 1 });
        Ok(it)
    }

    fn connect(&self) -> Result<PgConn> {
        let mut client = self.config.connect(self.tls.connector.clone()).map_err(|e| connect_error(&e))?;
        client.batch_execute(&format!(
            "SET synchronous_commit = {}; SET timezone = 'UTC'; SET jit = off; SET client_min_messages = warning;
                 SET client_encoding = 'UTF8'; SET lock_timeout = {}",
            if self.options.durable { "on" } else { "off" },
            self.options.busy_timeout_ms
        ))?;
        Ok(PgConn { client, statements: HashMap::new() })
    }

    /// What a connection does first once the schema is known.
    fn greet(&self, conn: &mut PgConn) -> Result<()> {
        if self.options.announced { conn.announce(self.in_use) } else { Ok(()) }
    }

    pub(super) fn transact<T>(&self, begin: Begin, f: impl FnOnce(&mut PgConn) -> Result<T>) -> Result<T> {
        let mut lent = self.begin(begin)?;
        let conn = lent.conn.as_mut().expect("lent until returned");
        let out = match f(conn) {
            Ok(out) => out,
            Err(e) => {
                // A connection that cannot roll back is not given back.
                if conn.client.batch_execute("ROLLBACK").is_ok() {
                    lent.give_back();
                }
                return Err(e);
            }
        };
        match conn.client.batch_execute("COMMIT") {
            Ok(()) => {
                lent.give_back();
                Ok(out)
            }
            Err(e) if begin != Begin::Read && is_lost(&e) => Err(StoreError::unavailable(
                "database_lost",
                "the connection was lost during commit: the change is there entirely or not at all; try again",
            )),
            Err(e) => Err(e.into()),
        }
    }

    /// A connection inside a transaction. One that died while it lay idle is replaced: nothing has happened on it yet.
    fn begin(&self, begin: Begin) -> Result<Lent<'_>> {
        let sql = match begin {
            Begin::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Begin::Write => &self.begin_write,
            Begin::WriteUnlocked => "BEGIN",
        };
        let mut lent = self.lend()?;
        loop {
            let fresh = lent.conn.is_none();
            if fresh {
                let mut conn = self.connect()?;
                self.greet(&mut conn)?;
                lent.conn = Some(conn);
            }
            let conn = lent.conn.as_mut().expect("set above");
            match conn.client.batch_execute(sql) {
                Ok(()) => return Ok(lent),
                Err(e) if is_lost(&e) && !fresh => {
                    // The others most likely died with it.
                    lent.conn = None;
                    let mut pool = self.pool.lock();
                    pool.open -= pool.idle.len();
                    pool.idle.clear();
                }
                Err(e) => return Err(e.into()),
            }
        }
    }

    fn lend(&self) -> Result<Lent<'_>> {
        let wait = Duration::from_millis(u64::from(self.options.busy_timeout_ms));
        let mut pool = self.pool.lock();
        loop {
            if let Some(conn) = pool.idle.pop() {
                return Ok(Lent { from: self, conn: Some(conn), returned: false });
            }
            if pool.open < self.options.pg_connections.max(1) {
                pool.open += 1;
                return Ok(Lent { from: self, conn: None, returned: false });
            }
            if self.returned.wait_for(&mut pool, wait).timed_out() {
                return Err(StoreError::unavailable("database_busy", "every database connection is in use"));
            }
        }
    }

    pub(super) fn close(&self) {
        let mut pool = self.pool.lock();
        pool.open -= pool.idle.len();
        pool.idle.clear();
    }
}

struct Lent<'a> {
    from: &'a Postgres,
    conn: Option<PgConn>,
    returned: bool,
}

impl Lent<'_> {
    fn give_back(&mut self) {
        if let Some(conn) = self.conn.take().filter(|c| !c.client.is_closed()) {
            self.from.pool.lock().idle.push(conn);
            self.returned = true;
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // Not given back: a panic or a broken connection. It is closed, which rolls back whatever was open.
        if !self.returned {
            self.conn = None;
            self.from.pool.lock().open -= 1;
        }
        self.from.returned.notify_one();
    }
}

impl PgConn {
    pub(super) fn statement(&mut self, sql: &str) -> Result<Statement> {
        if let Some(found) = self.statements.get(sql) {
            return Ok(found.clone());
        }
        let new = self.client.prepare(sql)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.into(), new.clone());
        Ok(new)
    }

    pub(super) fn execute(&mut self, sql: &str, params: &[&dyn Bind]) -> Result<u64> {
        let values = checked(params)?;
        let refs: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        let statement = self.statement(sql)?;
        self.client.execute(&statement, &refs).map_err(|e| failed(&mut self.statements, &e))
    }

    /// Runs the statement and gives every row to `each` until it answers `false`.
    pub(super) fn query(
        &mut self,
        sql: &str,
        params: &[&dyn Bind],
        each: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        self.query_raw(sql, &checked(params)?, each)
    }

    /// As [`Self::query`], with `list` as an array behind `params`.
    pub(super) fn query_list(
        &mut self,
        sql: &str,
        params: &[&dyn Bind],
        list: &[Value<'_>],
        each: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        list.iter().try_for_each(Value::check)?;
        let mut all: Vec<Param<'_>> = checked(params)?.into_iter().map(Param::One).collect();
        all.push(Param::Many(list));
        self.query_raw(sql, &all, each)
    }

    fn query_raw<P: ToSql + Sync + std::fmt::Debug>(
        &mut self,
        sql: &str,
        params: &[P],
        mut each: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let statement = self.statement(sql)?;
        let mut rows = self
            .client
            .query_raw(&statement, params.iter().map(|p| p as &(dyn ToSql + Sync)))
            .map_err(|e| failed(&mut self.statements, &e))?;
        while let Some(row) = rows.next()? {
            if !each(&Row(RowOf::Postgres(&row)))? {
                break;
            }
        }
        Ok(())
    }

    /// Inserts columns of values in one round trip through `UNNEST`, whose types are those of the plain insert.
    pub(super) fn insert_columns(
        &mut self,
        insert: &str,
        columns: &[Vec<Value<'_>>],
        then: &str,
        each: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<u64> {
        let one = super::sql::insert_one(insert, columns.len(), "");
        let types = self.statement(&one)?;
        let arrays: Vec<String> =
            types.params().iter().enumerate().map(|(i, t)| format!("${}::{}[]", i + 1, t.name())).collect();
        let head = super::sql::insert_head(insert);
        let sql = format!("{head} SELECT * FROM UNNEST({}) {then}", arrays.join(", "));
        let statement = self.statement(&sql)?;
        if then.contains("RETURNING") {
            let params: Vec<Param<'_>> = columns.iter().map(|c| Param::Many(c)).collect();
            self.query_raw(&sql, &params, each)?;
            return Ok(0);
        }
        let refs: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|c| c as _).collect();
        self.client.execute(&statement, &refs).map_err(|e| failed(&mut self.statements, &e))
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(StoreError::from)
    }

    /// Forgets prepared statements after the schema changed.
    pub(super) fn forget(&mut self) {
        self.statements.clear();
    }
}

fn failed(statements: &mut HashMap<Box<str>, Statement>, e: &postgres::Error) -> StoreError {
    // Another node has migrated the schema under a cached statement.
    if e.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) {
        statements.clear();
        return StoreError::unavailable("database_busy", "the schema has just changed; try again");
    }
    describe(e)
}

fn checked<'p>(params: &'p [&'p dyn Bind]) -> Result<Vec<Value<'p>>> {
    params
        .iter()
        .map(|p| {
            let value = p.value();
            value.check().map(|()| value)
        })
        .collect()
}

#[derive(Debug)]
enum Param<'a> {
    One(Value<'a>),
    Many(&'a [Value<'a>]),
}

type Sent = std::result::Result<IsNull, Box<dyn StdError + Sync + Send>>;

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Sent {
        match self {
            Self::One(value) => value.to_sql(ty, out),
            Self::Many(values) => values.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Sent {
        match (*self, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(n), &Type::INT8) => n.to_sql(ty, out),
            (Value::Int(n), &Type::INT4) => i32::try_from(n)?.to_sql(ty, out),
            (Value::Int(n), &Type::INT2) => i16::try_from(n)?.to_sql(ty, out),
            (Value::Int(n), &Type::BOOL) => (n != 0).to_sql(ty, out),
            (Value::Int(n), &Type::FLOAT8) => (n as f64).to_sql(ty, out),
            (Value::Real(x), &Type::FLOAT8) => x.to_sql(ty, out),
            (Value::Text(t), &(Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN)) => t.to_sql(ty, out),
            (Value::Blob(b), &Type::BYTEA) => b.to_sql(ty, out),
            (Value::Int(_) | Value::Real(_) | Value::Text(_) | Value::Blob(_), _) => {
                Err(format!("{} was given where the statement wants {ty}", self.kind()).into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'r> FromSql<'r> for Value<'r> {
    fn from_sql(ty: &Type, raw: &'r [u8]) -> std::result::Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Value::Real(f64::from_sql(ty, raw)?),
            Type::FLOAT4 => Value::Real(f32::from_sql(ty, raw)?.into()),
            Type::NUMERIC => numeric(raw)?,
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR | Type::UNKNOWN => {
                Value::Text(<&str>::from_sql(ty, raw)?)
            }
            Type::BYTEA => Value::Blob(raw),
            _ => return Err(format!("a column of type {ty} cannot be read; cast it").into()),
        })
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// `SUM` of integers is NUMERIC on PostgreSQL: digits of base 10,000, the first worth 10,000^weight.
fn numeric<'r>(raw: &[u8]) -> std::result::Result<Value<'r>, Box<dyn StdError + Sync + Send>> {
    let half = |i: usize| raw.get(i..i + 2).map(|b| i16::from_be_bytes([b[0], b[1]])).ok_or("a short numeric");
    let (digits, weight, sign) = (half(0)?, half(2)?, half(4)? as u16);
    if sign > 0x4000 {
        return Err("a numeric that is not a number".into());
    }
    let mut whole: i128 = 0;
    let mut real = 0.0;
    for i in 0..digits {
        let digit = half(8 + 2 * i as usize)?;
        let exponent = i32::from(weight) - i32::from(i);
        real += f64::from(digit) * 10_000_f64.powi(exponent);
        whole = u32::try_from(exponent)
            .ok()
            .and_then(|e| 10_000_i128.checked_pow(e))
            .and_then(|unit| whole.checked_add(unit.checked_mul(digit.into())?))
            .unwrap_or(i128::MAX);
    }
    let negative = sign == 0x4000;
    Ok(match i64::try_from(if negative { -whole } else { whole }) {
        Ok(n) => Value::Int(n),
        Err(_) => Value::Real(if negative { -real } else { real }),
    })
}

pub(super) fn column<'r>(row: &'r postgres::Row, i: usize) -> Result<Value<'r>> {
    row.try_get(i).map_err(StoreError::from)
}

fn is_lost(e: &postgres::Error) -> bool {
    let ended = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT];
    match e.code() {
        Some(code) => ended.contains(code) || code.code().starts_with("08"),
        None => e.is_closed() || e.source().is_some_and(|s| s.is::<std::io::Error>()),
    }
}

impl From<postgres::Error> for StoreError {
    fn from(e: postgres::Error) -> Self {
        describe(&e)
    }
}

fn connect_error(e: &postgres::Error) -> StoreError {
    match e.code() {
        Some(code) => StoreError::unavailable(
            "database_lost",
            format!("postgresql refuses the connection (state {})", code.code()),
        ),
        None => StoreError::unavailable("database_lost", format!("postgresql cannot be reached: {}", cause(e))),
    }
}

fn cause(e: &postgres::Error) -> String {
    e.source().map_or_else(|| e.to_string(), ToString::to_string)
}

/// Keeps the state and the names. PostgreSQL's messages and details may hold values; those of class 42 are about our
/// own SQL text only.
fn describe(e: &postgres::Error) -> StoreError {
    if is_lost(e) {
        return StoreError::unavailable(
            "database_lost",
            "the connection to postgresql was lost; nothing was committed",
        );
    }
    let Some(db) = e.as_db_error() else {
        // Conversion errors of ours name types, not values.
        return StoreError::Internal(cause(e));
    };
    let state = db.code().code();
    let name = db.constraint().or_else(|| db.column()).or_else(|| db.table()).unwrap_or("");
    if *db.code() == SqlState::UNIQUE_VIOLATION || *db.code() == SqlState::FOREIGN_KEY_VIOLATION {
        return StoreError::Conflict(format!("constraint {name} of table {}", db.table().unwrap_or("")));
    }
    if *db.code() == SqlState::DISK_FULL {
        return StoreError::unavailable(
            "database_full",
            "the disk of the database is full; nothing was written: free space there, then try again",
        );
    }
    if ["53", "57", "58"].iter().any(|class| state.starts_with(class)) {
        return StoreError::unavailable("database_lost", format!("postgresql cannot serve now (state {state})"));
    }
    let again = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE];
    if again.contains(db.code()) {
        return StoreError::unavailable(
            "database_busy",
            format!("another writer was in the way (state {state}); try again"),
        );
    }
    if state.starts_with("42") {
        return StoreError::Internal(format!("{} (state {state})", db.message()));
    }
    StoreError::Internal(format!("postgresql state {state} {name}"))
}
