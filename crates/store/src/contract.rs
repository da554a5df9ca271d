//! Fresh databases of both engines, so that one test runs on each: `for (name, db) in contract::engines() { … }`.
//!
//! PostgreSQL is looked for at `THROUGHLINE_TEST_POSTGRES_URL`, else on this machine. Without one its half is skipped
//! and said so; with `THROUGHLINE_REQUIRE_POSTGRES=1` that fails instead.

use std::any::Any;
use std::env;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use postgres::{Client, NoTls};
use throughline_base::Timestamp;

use crate::db::{Db, DbOptions};
use crate::migrate::{self, MIGRATIONS};

const TEST_OPTIONS: DbOptions = DbOptions {
    read_connections: 4,
    write_cache_kib: 4_096,
    read_cache_kib: 1_024,
    mmap_bytes: 0,
    wal_autocheckpoint_pages: 1_000,
    max_pages: None,
    busy_timeout_ms: 20_000,
    pg_connections: 4,
    announced: false,
    durable: false,
};

/// Schemas of test runs that were killed are removed after this long.
const LEFT_OVER_SECS: u64 = 3_600;

/// A fresh, migrated database of every engine that can be reached, with the engine's name. Each is removed with its last
/// handle.
///
/// # Panics
/// When a database cannot be made, or PostgreSQL is required and absent.
#[must_use]
pub fn engines() -> Vec<(&'static str, Db)> {
    let made = empty_engines();
    for (name, db) in &made {
        migrate::apply(db, MIGRATIONS, Timestamp::default()).unwrap_or_else(|e| panic!("{name}: migrations fail: {e}"));
    }
    made
}

/// As [`engines`], without any table.
///
/// # Panics
/// As [`engines`].
#[must_use]
pub fn empty_engines() -> Vec<(&'static str, Db)> {
    let mut made = vec![("sqlite", sqlite(&TEST_OPTIONS))];
    if let Some(db) = postgres(&TEST_OPTIONS) {
        made.push(("postgres", db));
    }
    made
}

/// A fresh SQLite database without any table.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn sqlite(options: &DbOptions) -> Db {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("test.db");
    let url = path.to_str().expect("temporary paths are UTF-8").to_owned();
    Db::open_guarded(&url, options, Some(Box::new(folder))).unwrap_or_else(|e| panic!("sqlite does not open: {e}"))
}

/// A fresh PostgreSQL schema without any table, if PostgreSQL can be reached.
///
/// # Panics
/// When it is required and cannot be reached, or refuses.
#[must_use]
pub fn postgres(options: &DbOptions) -> Option<Db> {
    postgres_with(options).map(|(_, db)| db)
}

fn postgres_with(options: &DbOptions) -> Option<(String, Db)> {
    let (url, schema) = postgres_schema()?;
    let full = with_schema(&url, &schema);
    let guard: Box<dyn Any + Send + Sync> = Box::new(DropSchema { url, schema });
    let db = Db::open_guarded(&full, options, Some(guard)).unwrap_or_else(|e| panic!("postgresql does not open: {e}"));
    Some((full, db))
}

/// As [`postgres`], with the url that names the schema, for what opens databases by url.
///
/// # Panics
/// As [`postgres`].
#[must_use]
pub fn postgres_target() -> Option<(String, Db)> {
    postgres_with(&TEST_OPTIONS)
}

/// Ends every connection that goes by the name `application` in PostgreSQL, as an administrator may; returns how many.
///
/// # Panics
/// When `db` is no PostgreSQL that allows it.
pub fn cut_connections(db: &Db, application: &str) -> i64 {
    let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
    db.write_unlocked(|tx| tx.query_one(sql, &[&application], |r| r.i64(0))).expect("connections can be ended")
}

/// The url of PostgreSQL for tests, if it can be reached; for tests that start a server of their own on it.
///
/// # Panics
/// When it is required and cannot be reached.
#[must_use]
pub fn postgres_url() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND.get_or_init(find_postgres).as_deref()
}

/// `url` with `schema` as the only one in sight.
#[must_use]
pub fn with_schema(url: &str, schema: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}options=-csearch_path%3D{schema}")
}

/// Makes a schema; returns the url of its database and its name.
fn postgres_schema() -> Option<(String, String)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let url = postgres_url()?.to_owned();
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("tl_test_{}_{}_{n}", unix_seconds(), std::process::id());
    let mut client = Client::connect(&url, NoTls).expect("postgresql answered a moment ago");
    client.batch_execute(&format!("CREATE SCHEMA {schema}")).expect("the test user may make schemas");
    Some((url, schema))
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

#[expect(clippy::print_stderr, reason = "a skipped half of the contract must be seen in the test's output")]
fn find_postgres() -> Option<String> {
    let candidates = match env::var("THROUGHLINE_TEST_POSTGRES_URL") {
        Ok(url) => vec![url],
        Err(_) => vec![
            "postgres://postgres@127.0.0.1:5432/postgres".to_owned(),
            "postgres:///postgres?host=/var/run/postgresql&user=postgres".to_owned(),
        ],
    };
    let mut reasons = Vec::new();
    for url in candidates {
        let timed = format!("{url}{}connect_timeout=3", if url.contains('?') { '&' } else { '?' });
        match Client::connect(&timed, NoTls) {
            Ok(mut client) => {
                remove_left_overs(&mut client);
                return Some(url);
            }
            Err(e) => reasons.push(e.to_string()),
        }
    }
    let why = reasons.join("; ");
    assert!(
        env::var("THROUGHLINE_REQUIRE_POSTGRES").as_deref() != Ok("1"),
        "PostgreSQL is required (THROUGHLINE_REQUIRE_POSTGRES=1) and cannot be reached: {why}"
    );
    eprintln!("skipped on postgresql: it cannot be reached ({why}); set THROUGHLINE_TEST_POSTGRES_URL");
    None
}

fn remove_left_overs(client: &mut Client) {
    let found = client.query("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'tl\\_test\\_%'", &[]);
    for row in found.unwrap_or_default() {
        let schema: String = row.get(0);
        let made = schema.split('_').nth(2).and_then(|s| s.parse::<u64>().ok());
        if made.is_some_and(|at| at + LEFT_OVER_SECS < unix_seconds()) {
            // Another test process may remove it at the same time.
            let _ = client.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"));
        }
    }
}

struct DropSchema {
    url: String,
    schema: String,
}

impl Drop for DropSchema {
    fn drop(&mut self) {
        if let Ok(mut client) = Client::connect(&self.url, NoTls) {
            let _ = client.batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema));
        }
    }
}
