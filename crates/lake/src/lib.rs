//! Event history: Parquet on local disk or S3-compatible storage, ordered passes over it, compaction, verification.
//!
//! It knows nothing of the store: the manifest lives there, in the transactions that move events. The lake takes and
//! returns plain [`LakeFile`] entries, never deletes a file by itself and never decides who a person is: identity
//! comes as a [`LineMap`].
//!
//! Files lie under `events/month=2026-11/bucket=07/`, are sorted by (person, time, event id) and open in DuckDB,
//! pandas, Spark and Trino. Start reading at [`Lake`], then `scan`.

pub mod column;
pub mod compact;
pub mod config;
mod decode;
mod each;
mod encode;
pub mod error;
mod lake;
pub mod line;
pub mod manifest;
mod merge;
mod meta;
pub mod partition;
pub mod person;
pub mod row;
mod rows;
mod scan;
mod schema;
mod storage;
pub mod verify;
pub mod visit;
mod workers;
mod write;

pub use column::{Column, ColumnSet};
pub use compact::{CompactPolicy, Compaction};
pub use config::{LakeConfig, S3Config};
pub use error::LakeError;
pub use lake::Lake;
pub use line::{LineMap, NOBODY, Slice, Target};
pub use manifest::{LakeFile, Snapshot};
pub use person::PersonRead;
pub use row::LakeRow;
pub use rows::HotRows;
pub use verify::{Fault, Finding, Orphan, VerifyReport};
pub use visit::{PersonRows, PersonVisitor, ScanRequest};
