//! A folder. A new file is written beside its place under a hidden name, flushed, renamed and its folder flushed, so
//! that a crash leaves either the whole file or a hidden left-over that no reader looks at.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::Bytes;

use super::Listed;
use crate::error::{LakeError, Result};

#[derive(Debug)]
pub(crate) struct LocalStorage {
    root: PathBuf,
}

impl LocalStorage {
    pub(crate) fn open(folder: &str) -> Result<Self> {
        if folder.is_empty() {
            return Err(LakeError::Config { detail: "its folder is empty; name a folder or an s3:// address".into() });
        }
        fs::create_dir_all(folder).map_err(|e| LakeError::storage(folder, "creating", e))?;
        let root = fs::canonicalize(folder).map_err(|e| LakeError::storage(folder, "opening", e))?;
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Paths come from the manifest; one that leaves the root is refused.
    fn at(&self, path: &str) -> Result<PathBuf> {
        let clean = !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if clean {
            Ok(self.root.join(path))
        } else {
            Err(LakeError::corrupt(path, "its path leaves the lake's folder"))
        }
    }

    pub(crate) fn create(&self, path: &str, bytes: &Bytes) -> Result<()> {
        let target = self.at(path)?;
        let failed = |e| LakeError::storage(path, "writing", e);
        let folder = target.parent().unwrap_or(&self.root);
        make_folder(folder, &self.root).map_err(failed)?;
        if target.try_exists().map_err(failed)? {
            return Err(failed(io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let temporary = folder.join(format!(".{name}.tmp"));
        let written = write_durably(&temporary, bytes)
            .and_then(|()| fs::rename(&temporary, &target))
            .and_then(|()| flush_folder(folder));
        if written.is_err() {
            // Best effort: the first error is the one worth telling; a left-over is hidden and swept later.
            let _ = fs::remove_file(&temporary);
            let _ = fs::remove_file(&target);
        }
        written.map_err(failed)
    }

    pub(crate) fn read_if_there(&self, path: &str) -> Result<Option<Bytes>> {
        match fs::read(self.at(path)?) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(LakeError::storage(path, "reading", e)),
        }
    }

    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        match fs::remove_file(self.at(path)?) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(LakeError::storage(path, "deleting", e)),
        }
    }

    pub(crate) fn open_file(&self, path: &str) -> Result<(File, u64)> {
        let file = File::open(self.at(path)?).map_err(|e| {
            if e.kind() == io::ErrorKind::NotFound {
                return LakeError::Missing { path: path.to_owned() };
            }
            LakeError::storage(path, "opening", e)
        })?;
        let len = file.metadata().map_err(|e| LakeError::storage(path, "opening", e))?.len();
        Ok((file, len))
    }

    pub(crate) fn list(&self, folder: &str) -> Result<Vec<Listed>> {
        let mut out = Vec::new();
        let mut open = vec![self.at(folder)?];
        while let Some(dir) = open.pop() {
            let failed = |e| LakeError::storage(&dir.display().to_string(), "listing", e);
            let entries = match fs::read_dir(&dir) {
                Ok(entries) => entries,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(failed(e)),
            };
            for entry in entries {
                let entry = entry.map_err(failed)?;
                if entry.file_type().map_err(failed)?.is_dir() {
                    open.push(entry.path());
                    continue;
                }
                // A file that vanishes between the two calls was deleted meanwhile: not part of the listing.
                let Ok(metadata) = entry.metadata() else { continue };
                let full = entry.path();
                let below = full.strip_prefix(&self.root).unwrap_or(&full);
                let modified = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
                out.push(Listed {
                    path: below.to_string_lossy().into_owned(),
                    bytes: metadata.len(),
                    modified_ms: modified.map_or(0, |d| d.as_millis() as i64),
                });
            }
        }
        out.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes `folder` and flushes the folders that learnt a new entry, up to `root`.
fn make_folder(folder: &Path, root: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    for parent in folder.ancestors().skip(1) {
        flush_folder(parent)?;
        if parent == root {
            break;
        }
    }
    Ok(())
}
