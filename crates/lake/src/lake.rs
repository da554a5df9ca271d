//! The handle: opening a lake, its marker, and the reading of its files.

use std::sync::Arc;

use parquet::file::metadata::ParquetMetaData;
use serde::{Deserialize, Serialize};
use throughline_base::IdGen;

use crate::column::ColumnSet;
use crate::config::LakeConfig;
use crate::decode::{FileReader, locate};
use crate::error::{LakeError, Result};
use crate::manifest::LakeFile;
use crate::meta::MetaCache;
use crate::schema::FORMAT;
use crate::storage::{Source, Storage};

/// The event history on its storage.
#[derive(Debug)]
pub struct Lake {
    pub(crate) storage: Storage,
    pub(crate) config: LakeConfig,
    pub(crate) ids: Arc<IdGen>,
    pub(crate) meta: MetaCache,
}

/// The lake's own note on how it is cut; without it a changed setting would spread a person over two buckets.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format: u32,
    buckets: u16,
}

pub(crate) const MARKER: &str = "throughline_lake.json";

impl Lake {
    /// Opens the lake of `config`, making it when there is none. New files are named by `ids`.
    pub fn open(mut config: LakeConfig, ids: Arc<IdGen>) -> Result<Self> {
        if !(1..=1024).contains(&config.buckets) {
            return Err(LakeError::Config { detail: format!("{} buckets; use 1 to 1024", config.buckets) });
        }
        let storage = Storage::open(&config)?;
        config.buckets = marked_buckets(&storage, config.buckets)?;
        config.target_rows = config.target_rows.max(1);
        config.row_group_rows = config.row_group_rows.max(1);
        let meta = MetaCache::new(config.metadata_cache_bytes);
        Ok(Self { storage, config, ids, meta })
    }

    /// Where it lies: a folder or `s3://bucket/prefix`. The files are `events/**/*.parquet` below.
    #[must_use]
    pub fn path(&self) -> String {
        self.storage.url()
    }

    /// Person buckets of a month.
    #[must_use]
    pub const fn buckets(&self) -> u16 {
        self.config.buckets
    }

    /// Deletes files. The caller does so only when no running query can have them in its snapshot.
    pub fn delete<'a>(&self, paths: impl IntoIterator<Item = &'a str>) -> Result<()> {
        for path in paths {
            if path == MARKER {
                return Err(LakeError::Config { detail: format!("{MARKER} is not an event file") });
            }
            self.storage.delete(path)?;
            self.meta.forget(path);
        }
        Ok(())
    }

    pub(crate) fn open_file(&self, file: &LakeFile) -> Result<(Arc<Source>, Arc<ParquetMetaData>)> {
        let source = Arc::new(self.storage.source(&file.path, file.bytes)?);
        let meta = self.meta.get(file, &source)?;
        Ok((source, meta))
    }

    /// Reads every row of a file.
    pub(crate) fn read_whole(&self, file: &LakeFile, set: ColumnSet) -> Result<FileReader> {
        let (source, meta) = self.open_file(file)?;
        Ok(FileReader::whole(source, meta, set))
    }

    /// Reads the rows of `persons` (sorted).
    pub(crate) fn read_persons(&self, file: &LakeFile, persons: &[i64], set: ColumnSet) -> Result<FileReader> {
        let (source, meta) = self.open_file(file)?;
        let plan = locate(&source, &meta, persons)?;
        Ok(FileReader::ranges(source, meta, set, plan))
    }
}

fn marked_buckets(storage: &Storage, wished: u16) -> Result<u16> {
    let read = |bytes: &[u8]| -> Result<u16> {
        let marker: Marker = serde_json::from_slice(bytes).map_err(|e| LakeError::corrupt(MARKER, e))?;
        if marker.format != FORMAT || marker.buckets == 0 {
            let detail = format!("it is of format {}, this version reads {FORMAT}", marker.format);
            return Err(LakeError::corrupt(MARKER, detail));
        }
        Ok(marker.buckets)
    };
    if let Some(bytes) = storage.read_if_there(MARKER)? {
        return read(&bytes);
    }
    let marker = serde_json::to_vec(&Marker { format: FORMAT, buckets: wished })
        .map_err(|e| LakeError::Defect { detail: e.to_string() })?;
    match storage.create(MARKER, marker.into()) {
        Ok(()) => Ok(wished),
        // Another process made the lake at the same time: its cut rules.
        Err(e) => match storage.read_if_there(MARKER)? {
            Some(bytes) => read(&bytes),
            None => Err(e),
        },
    }
}
