//! Whole-database work: move to another engine, online backup, restore.

use std::path::Path;

use throughline_base::Clock;
pub use throughline_store::transfer::{Progress, Stage, TableSum};
use throughline_store::{Db, DbOptions, backup, transfer};

use crate::{App, Result};

/// Called now and then during a long step.
pub type OnProgress<'a> = &'a mut dyn FnMut(&Progress<'_>);

/// Copies everything from one database to another and proves it. What an interrupted move left is gone on with.
///
/// # Errors
/// When an engine fails, the target holds something else, or the proof fails.
pub fn move_all(from: &str, to: &str, clock: &dyn Clock, progress: OnProgress<'_>) -> Result<Vec<TableSum>> {
    let from = Db::open(from, &DbOptions::default())?;
    let to = Db::open(to, &DbOptions::default())?;
    let sums = transfer::move_all(&from, &to, clock.now(), progress)?;
    to.close()?;
    Ok(sums)
}

/// Brings a backup back as the database at `url`, which must be empty.
///
/// # Errors
/// When the file is no backup of ours, or the target holds something.
pub fn restore(from: &Path, url: &str, clock: &dyn Clock, progress: OnProgress<'_>) -> Result<()> {
    Ok(backup::restore(from, url, &DbOptions::default(), clock.now(), progress)?)
}

/// Writes a consistent copy of a database into a new file while others go on writing; returns its bytes.
///
/// # Errors
/// When the file exists or an engine fails.
pub fn backup(url: &str, to: &Path, clock: &dyn Clock, progress: OnProgress<'_>) -> Result<u64> {
    let db = Db::open(url, &DbOptions::default())?;
    Ok(backup::backup(&db, to, clock.now(), progress)?.bytes)
}

impl App {
    /// Writes a consistent copy of the open database into a new file.
    ///
    /// # Errors
    /// As [`backup`].
    pub fn backup(&self, to: &Path, progress: OnProgress<'_>) -> Result<u64> {
        Ok(backup::backup(&self.db, to, self.now(), progress)?.bytes)
    }
}
