//! Bytes by path: a folder or an S3-compatible bucket.

mod local;
mod s3;

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parking_lot::Mutex;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::config::LakeConfig;
use crate::error::{LakeError, Result};

use local::LocalStorage;
use s3::S3Storage;

/// Where the lake lies.
#[derive(Debug)]
pub(crate) enum Storage {
    Local(LocalStorage),
    S3(Arc<S3Storage>),
}

/// A file as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) modified_ms: i64,
}

impl Storage {
    pub(crate) fn open(config: &LakeConfig) -> Result<Self> {
        if config.url.starts_with("s3://") {
            return Ok(Self::S3(Arc::new(S3Storage::open(config)?)));
        }
        if let Some((scheme, _)) = config.url.split_once("://")
            && scheme != "file"
        {
            let detail = format!("unknown scheme {scheme}:// in {}; use a folder, file:// or s3://", config.url);
            return Err(LakeError::Config { detail });
        }
        let folder = config.url.strip_prefix("file://").unwrap_or(&config.url);
        Ok(Self::Local(LocalStorage::open(folder)?))
    }

    /// The place people can point other tools at.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Local(s) => s.root().display().to_string(),
            Self::S3(s) => s.url(),
        }
    }

    /// Writes a new file whole or not at all; when this returns it is durable. Refuses to replace one.
    pub(crate) fn create(&self, path: &str, bytes: Bytes) -> Result<()> {
        match self {
            Self::Local(s) => s.create(path, &bytes),
            Self::S3(s) => s.create(path, bytes),
        }
    }

    /// The file's bytes, or `None` when there is no such file.
    pub(crate) fn read_if_there(&self, path: &str) -> Result<Option<Bytes>> {
        match self {
            Self::Local(s) => s.read_if_there(path),
            Self::S3(s) => s.read_if_there(path),
        }
    }

    /// Deletes a file; one that is not there is already deleted.
    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        match self {
            Self::Local(s) => s.delete(path),
            Self::S3(s) => s.delete(path),
        }
    }

    /// Every file below `folder`, temporary ones included.
    pub(crate) fn list(&self, folder: &str) -> Result<Vec<Listed>> {
        match self {
            Self::Local(s) => s.list(folder),
            Self::S3(s) => s.list(folder),
        }
    }

    /// Opens a file of `bytes` length for reading in pieces.
    pub(crate) fn source(&self, path: &str, bytes: u64) -> Result<Source> {
        let from = match self {
            Self::Local(s) => {
                let (file, len) = s.open_file(path)?;
                if len != bytes {
                    return Err(LakeError::corrupt(path, format!("it is {len} bytes long, the manifest says {bytes}")));
                }
                Origin::Local(file)
            }
            Self::S3(s) => Origin::S3 { storage: s.clone(), fetched: Mutex::new(Vec::new()) },
        };
        Ok(Source { path: path.to_owned(), len: bytes, from })
    }
}

/// An open file.
#[derive(Debug)]
pub(crate) struct Source {
    path: String,
    len: u64,
    from: Origin,
}

#[derive(Debug)]
enum Origin {
    Local(File),
    Memory(Bytes),
    /// `fetched` holds the pieces fetched ahead: a request per page would cost a round trip per page.
    S3 {
        storage: Arc<S3Storage>,
        fetched: Mutex<Vec<(u64, Bytes)>>,
    },
}

impl Source {
    /// A file whose bytes are at hand.
    pub(crate) fn memory(path: &str, bytes: Bytes) -> Self {
        Self { path: path.to_owned(), len: bytes.len() as u64, from: Origin::Memory(bytes) }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Fetches what will be read next in few requests, and forgets what was fetched before. Free on a local disk.
    pub(crate) fn fetch_ahead(&self, ranges: &[Range<u64>]) -> Result<()> {
        match &self.from {
            Origin::Local(_) | Origin::Memory(_) => Ok(()),
            Origin::S3 { storage, fetched } => {
                let pieces = storage.read_ranges(&self.path, ranges)?;
                *fetched.lock() = ranges.iter().map(|r| r.start).zip(pieces).collect();
                Ok(())
            }
        }
    }

    /// The bytes of `range`.
    pub(crate) fn read(&self, range: Range<u64>) -> Result<Bytes> {
        if range.end > self.len || range.start > range.end {
            return Err(LakeError::corrupt(&self.path, "it points beyond its own end"));
        }
        let len = (range.end - range.start) as usize;
        match &self.from {
            Origin::Local(file) => {
                let mut out = vec![0; len];
                file.read_exact_at(&mut out, range.start).map_err(|e| LakeError::storage(&self.path, "reading", e))?;
                Ok(out.into())
            }
            Origin::Memory(bytes) => Ok(bytes.slice(range.start as usize..range.end as usize)),
            Origin::S3 { storage, fetched } => {
                let hit = fetched.lock().iter().find_map(|(start, bytes)| {
                    let at = range.start.checked_sub(*start)? as usize;
                    (at + len <= bytes.len()).then(|| bytes.slice(at..at + len))
                });
                match hit {
                    Some(bytes) => Ok(bytes),
                    None => storage.read_range(&self.path, range),
                }
            }
        }
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for Source {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let bytes = self.get_bytes(start, self.len.saturating_sub(start) as usize)?;
        Ok(Box::new(bytes.reader()))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.read(start..start.saturating_add(length as u64)).map_err(|e| ParquetError::External(Box::new(e)))
    }
}

/// Names the file of a format error; passes our own errors through.
pub(crate) fn parquet_error(path: &str, error: ParquetError) -> LakeError {
    if let ParquetError::External(inner) = error {
        return match inner.downcast::<LakeError>() {
            Ok(ours) => *ours,
            Err(other) => LakeError::corrupt(path, other),
        };
    }
    LakeError::corrupt(path, error)
}
