//! An empty database of each engine, for tests that start servers of their own on it.

use throughline_store::Db;
use throughline_store::contract;

/// An empty database. It is removed when this is dropped.
#[derive(Debug)]
pub struct Engine {
    /// `sqlite` or `postgres`.
    pub name: &'static str,
    /// What `--database-url` takes; empty for SQLite in the data folder.
    pub url: String,
    guard: Option<(Db, String)>,
}

/// SQLite, and PostgreSQL when it can be reached.
///
/// # Panics
/// When PostgreSQL is required and cannot be reached.
#[must_use]
pub fn engines() -> Vec<Engine> {
    let mut all = vec![Engine { name: "sqlite", url: String::new(), guard: None }];
    if let Some((url, db)) = contract::postgres_target() {
        let schema = url.rsplit("%3D").next().unwrap_or_default().to_owned();
        let application = format!("app_{schema}");
        all.push(Engine {
            name: "postgres",
            url: format!("{url}&application_name={application}"),
            guard: Some((db, application)),
        });
    }
    all
}

impl Engine {
    /// Ends every connection to this database on the side of PostgreSQL; returns how many.
    ///
    /// # Panics
    /// When there is no PostgreSQL behind it.
    pub fn cut_connections(&self) -> i64 {
        let (db, application) = self.guard.as_ref().expect("an engine with connections");
        contract::cut_connections(db, application)
    }
}
