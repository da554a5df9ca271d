//! The only SQL of the product: one text for SQLite and PostgreSQL over the small [`Db`] and [`Tx`] of [`db`].
//!
//! It knows rows and transactions, and refuses to know rules (those are `domain`), protocols and HTTP. The engine room
//! comes first in the list of modules, then the rooms in the order the data meets them. Start reading at [`db`].

pub mod backup;
#[cfg(any(test, feature = "testkit"))]
pub mod contract;
pub mod db;
pub mod job;
pub mod migrate;
pub mod schema;
pub mod timer;
pub mod transfer;
pub mod yardstick;

// The rooms, in the order the data meets them.
pub mod touch;
pub mod source;
pub mod event;
pub mod identity;
pub mod person;
pub mod audience;
pub mod tag;
pub mod computed;
pub mod persona;
pub mod matching;
pub mod history;
pub mod credit;
pub mod prediction;
pub mod destination;
pub mod import;
pub mod team;
pub mod privacy;

pub use db::{Alone, Bind, Db, DbOptions, Engine, Result, Row, StoreError, Tx, Value, prefix_range, sqlite_file, v};
