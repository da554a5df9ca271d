//! File footers, read once and kept in bounded memory.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use parquet::file::metadata::{ColumnChunkMask, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::column::Column;
use crate::error::{LakeError, Result};
use crate::manifest::LakeFile;
use crate::storage::{Source, parquet_error};

/// Bytes at a file's end that hold its footer and page indexes, as a rule.
const FOOTER_GUESS: u64 = 128 * 1024;

/// Footers by path, the longest unused of which are forgotten first.
#[derive(Debug)]
pub(crate) struct MetaCache {
    limit: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    files: HashMap<String, Cached>,
    bytes: usize,
    tick: u64,
}

#[derive(Debug)]
struct Cached {
    meta: Arc<ParquetMetaData>,
    bytes: usize,
    used_at: u64,
}

impl MetaCache {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, inner: Mutex::new(Inner::default()) }
    }

    /// The footer of `file`, checked against its manifest entry.
    pub(crate) fn get(&self, file: &LakeFile, source: &Source) -> Result<Arc<ParquetMetaData>> {
        {
            let mut inner = self.inner.lock();
            inner.tick += 1;
            let tick = inner.tick;
            if let Some(hit) = inner.files.get_mut(&file.path) {
                hit.used_at = tick;
                return Ok(hit.meta.clone());
            }
        }
        let meta = Arc::new(load(file, source)?);
        self.keep(&file.path, &meta);
        Ok(meta)
    }

    fn keep(&self, path: &str, meta: &Arc<ParquetMetaData>) {
        let bytes = meta.memory_size();
        let mut inner = self.inner.lock();
        let used_at = inner.tick;
        let cached = Cached { meta: meta.clone(), bytes, used_at };
        inner.bytes += bytes;
        if let Some(before) = inner.files.insert(path.to_owned(), cached) {
            inner.bytes -= before.bytes;
        }
        if inner.bytes <= self.limit {
            return;
        }
        // Down to three quarters at once, so that a scan over more files than fit does not sort for every file.
        let mut by_age: Vec<(u64, String)> = inner.files.iter().map(|(p, c)| (c.used_at, p.clone())).collect();
        by_age.sort_unstable();
        for (_, path) in by_age {
            if inner.bytes <= self.limit / 4 * 3 {
                break;
            }
            if let Some(gone) = inner.files.remove(&path) {
                inner.bytes -= gone.bytes;
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.inner.lock().bytes
    }

    /// Forgets a deleted file.
    pub(crate) fn forget(&self, path: &str) {
        let mut inner = self.inner.lock();
        if let Some(gone) = inner.files.remove(path) {
            inner.bytes -= gone.bytes;
        }
    }
}

/// Reads and checks a footer.
pub(crate) fn load(file: &LakeFile, source: &Source) -> Result<ParquetMetaData> {
    source.fetch_ahead(&[file.bytes.saturating_sub(FOOTER_GUESS)..file.bytes])?;
    let meta = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Optional)
        .with_column_index_mask(ColumnChunkMask::columns([Column::PersonId.index()]))
        .parse_and_finish(source)
        .map_err(|e| parquet_error(source.path(), e))?;
    let rows: i64 = meta.row_groups().iter().map(|g| g.num_rows()).sum();
    if u64::try_from(rows) != Ok(file.rows) {
        let detail = format!("it holds {rows} rows, the manifest says {}", file.rows);
        return Err(LakeError::corrupt(source.path(), detail));
    }
    let schema = meta.file_metadata().schema_descr();
    let ours = schema.num_columns() == Column::ALL.len()
        && schema.columns().iter().zip(Column::ALL).all(|(c, ours)| c.name() == ours.name());
    if !ours {
        return Err(LakeError::corrupt(source.path(), "its columns are not those of an event history file"));
    }
    Ok(meta)
}
