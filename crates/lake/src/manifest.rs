//! The manifest's entries. The manifest itself is kept by the caller, in the same transactions that move events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::line::LineMap;
use crate::rows::HotRows;

/// One sealed file. It never changes; compaction replaces it with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeFile {
    /// Id of the file, unique for ever ([`throughline_base::id::LakeFileId`]); also its name.
    pub id: i64,
    /// Path below the lake's root: `events/month=2026-11/bucket=07/lkf_….parquet`.
    pub path: String,
    /// Month of every `event_at` in it, UTC, as `year * 100 + month`.
    pub month: i32,
    /// Bucket of every `person_id` in it.
    pub bucket: u16,
    /// Its rows.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// Smallest stored person.
    pub min_person_id: i64,
    /// Largest stored person.
    pub max_person_id: i64,
    /// Earliest event, Unix milliseconds.
    pub min_event_at: i64,
    /// Latest event, Unix milliseconds.
    pub max_event_at: i64,
    /// Smallest event id.
    pub min_event_id: i64,
    /// Largest event id.
    pub max_event_id: i64,
    /// XXH3-64 of its bytes, as 16 hexadecimal digits.
    pub checksum: String,
    /// When it was written, Unix milliseconds.
    pub sealed_at: i64,
}

/// What a query sees: taken by the caller in **one** store transaction, so that an event is either hot or sealed.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The live files of the manifest.
    pub files: Arc<[LakeFile]>,
    /// The events not yet sealed. The line map applies to them too, which is harmless where it says nothing new.
    pub hot: Arc<HotRows>,
    /// What identity changed since the files were written.
    pub line_map: Arc<LineMap>,
}
