//! File footers, read once and kept in bounded memory.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::Mutex;
use parquet::file::metadata::{ColumnChunkMask, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::column::Column;
use crate::error::{LakeError, Result};
use crate::manifest::LakeFile;
use crate::storage::{Source, parquet_error};
use crate::workers::panic_text;

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

/// Runs the format library over bytes that may be damaged. It checks most of what it reads, but not all: where it
/// panics instead, the file is at fault, not the process.
pub(crate) fn guarded<T>(path: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|panic| Err(LakeError::corrupt(path, panic_text(panic.as_ref()))))
}

/// Reads and checks a footer.
pub(crate) fn load(file: &LakeFile, source: &Source) -> Result<ParquetMetaData> {
    let tail = file.bytes.saturating_sub(FOOTER_GUESS)..file.bytes;
    source.fetch_ahead(std::slice::from_ref(&tail))?;
    guarded(source.path(), || {
        let meta = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .with_column_index_mask(ColumnChunkMask::columns([Column::PersonId.index()]))
            .parse_and_finish(source)
            .map_err(|e| parquet_error(source.path(), e))?;
        check(file, &meta).map_err(|detail| LakeError::corrupt(source.path(), detail))?;
        Ok(meta)
    })
}

/// Holds a footer against the manifest and its own file, so that a damaged one is told before it leads astray.
fn check(file: &LakeFile, meta: &ParquetMetaData) -> std::result::Result<(), String> {
    let schema = meta.file_metadata().schema_descr();
    let ours = schema.num_columns() == Column::ALL.len()
        && schema.columns().iter().zip(Column::ALL).all(|(c, ours)| c.name() == ours.name());
    if !ours {
        return Err("its columns are not those of an event history file".into());
    }
    let mut total = 0_u64;
    for (number, group) in meta.row_groups().iter().enumerate() {
        let rows = u64::try_from(group.num_rows()).map_err(|_| format!("row group {number} has a negative size"))?;
        total = total.saturating_add(rows);
        let index = meta.page_index_for_row_group(number);
        for column in Column::ALL {
            let wrong = || format!("column {} of row group {number} lies outside the file", column.name());
            let (start, len) = group.column(column.index()).byte_range();
            let end = start.checked_add(len).filter(|end| *end <= file.bytes).ok_or_else(wrong)?;
            let pages = index.offset_index(column.index()).map_or(&[][..], |i| i.page_locations());
            let mut before = (start, -1);
            for page in pages {
                let at = u64::try_from(page.offset).map_err(|_| wrong())?;
                let size = u64::try_from(page.compressed_page_size).map_err(|_| wrong())?;
                let inside = at >= before.0 && at.checked_add(size).is_some_and(|e| e <= end);
                if !inside || page.first_row_index <= before.1 || page.first_row_index as u64 >= rows {
                    return Err(wrong());
                }
                before = (at + size, page.first_row_index);
            }
            if pages.first().is_some_and(|p| p.first_row_index != 0) {
                return Err(wrong());
            }
        }
    }
    if total != file.rows {
        return Err(format!("it holds {total} rows, the manifest says {}", file.rows));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use throughline_base::{FixedClock, IdGen, Timestamp};

    use crate::column::ColumnSet;
    use crate::config::LakeConfig;
    use crate::lake::Lake;
    use crate::row::LakeRow;

    #[test]
    fn footers_in_memory_stay_within_their_limit() {
        let folder = tempfile::tempdir().unwrap();
        let limit = 256 * 1024;
        let url = folder.path().display().to_string();
        let config = LakeConfig { url, metadata_cache_bytes: limit, ..LakeConfig::default() };
        let lake = Lake::open(config, std::sync::Arc::new(IdGen::new(std::sync::Arc::new(FixedClock::at_ms(0)), 0)));
        let lake = lake.unwrap();
        let rows: Vec<LakeRow> =
            (0..200).map(|i| LakeRow { event_id: i, person_id: i, event_at: i << 30, ..LakeRow::default() }).collect();
        let files = lake.write(&rows, Timestamp::from_ms(0)).unwrap();
        for file in &files {
            lake.read_whole(file, ColumnSet::NONE).unwrap();
            assert!(lake.meta.bytes() <= limit);
        }
        assert!(lake.meta.bytes() > 0);
        lake.delete(files.iter().map(|f| f.path.as_str())).unwrap();
        assert_eq!(lake.meta.bytes(), 0);
    }
}
