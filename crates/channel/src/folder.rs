//! Files into a folder of this machine: written beside their name, flushed, then renamed, so that whoever picks them up
//! finds whole ones.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{ChannelError, Result};

/// A folder below the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it lies.
    pub path: PathBuf,
}

impl Folder {
    /// Copies a file in under `name`; returns where it lies. A file of that name is replaced.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn put(&self, name: &str, from: &Path) -> Result<String> {
        let cannot = |e: io::Error| {
            let free = if e.kind() == io::ErrorKind::StorageFull { "; make room on the disk" } else { "" };
            ChannelError::unreachable(format!("cannot write into {}: {e}{free}", self.path.display()))
        };
        fs::create_dir_all(&self.path).map_err(cannot)?;
        let partial = self.path.join(format!(".{name}.partial"));
        let target = self.path.join(name);
        let mut open = OpenOptions::new();
        open.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let mut out = open.open(&partial).map_err(cannot)?;
        let mut source = File::open(from).map_err(cannot)?;
        io::copy(&mut source, &mut out).and_then(|_| out.sync_all()).map_err(cannot)?;
        fs::rename(&partial, &target).map_err(cannot)?;
        Ok(target.display().to_string())
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn remove(&self, name: &str) -> Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(ChannelError::unreachable(format!("cannot remove a file in {}: {e}", self.path.display())))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
