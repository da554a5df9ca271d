//! Whole-database work: move to another engine, online backup, restore.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use throughline_base::{Clock, Problem};
pub use throughline_store::transfer::{Progress, Stage, TableSum};
use throughline_store::{Alone, Db, DbOptions, backup, transfer};

use crate::{App, Result};

/// Called now and then during a long step.
pub type OnProgress<'a> = &'a mut dyn FnMut(&Progress<'_>);

/// Refuses a database that is not there: opening it would make it. Of PostgreSQL the server itself says so.
///
/// # Errors
/// `database_missing`, or that the text names no database.
pub fn require(url: &str) -> Result<()> {
    match throughline_store::sqlite_file(url)? {
        Some(path) if !path.is_file() => Err(Problem::not_found(
            "database_missing",
            format!(
                "there is no database in {}; check --data and --database-url, or start the server once",
                path.display()
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

/// A claim on a database, given up when it is dropped or the process dies.
#[derive(Debug)]
pub enum Claim {
    /// A lock on a file beside that of SQLite.
    File {
        /// Locked while it is open.
        _lock: File,
    },
    /// PostgreSQL, with nobody else.
    Alone(Box<Alone>),
    /// PostgreSQL, where the connections of the open app say so themselves.
    ByConnection,
}

impl Claim {
    /// Fails when the claim was lost meanwhile.
    fn prove(&mut self) -> Result<()> {
        match self {
            Self::Alone(alone) => Ok(alone.prove()?),
            Self::File { .. } | Self::ByConnection => Ok(()),
        }
    }
}

/// Says that this process works on a database. Others may do so beside it.
///
/// # Errors
/// `database_moving` when somebody copies it away.
pub fn claim(url: &str) -> Result<Claim> {
    match throughline_store::sqlite_file(url)? {
        Some(path) => locked(path, File::try_lock_shared, "database_moving", "is being moved: wait until that is done"),
        None => Ok(Claim::ByConnection),
    }
}

/// Claims a database for this process alone, so that nobody writes what a copy would miss.
///
/// # Errors
/// `database_in_use` when a server works on it.
pub fn claim_alone(url: &str) -> Result<Claim> {
    match throughline_store::sqlite_file(url)? {
        Some(path) => locked(path, File::try_lock, "database_in_use", "is in use by a server: stop it first"),
        None => Ok(Claim::Alone(Box::new(Alone::take(url)?))),
    }
}

fn locked(
    path: &Path,
    lock: impl FnOnce(&File) -> Result<(), TryLockError>,
    code: &'static str,
    why: &str,
) -> Result<Claim> {
    let mut name = path.as_os_str().to_owned();
    name.push("-use");
    let cannot = |e: io::Error| {
        Problem::unavailable(code, format!("cannot tell whether the database {} is in use: {e}", path.display()))
    };
    // Nothing is written into it, and it stays: a file that goes away while somebody waits for it locks nothing.
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(cannot)?;
    match lock(&file) {
        Ok(()) => Ok(Claim::File { _lock: file }),
        Err(TryLockError::WouldBlock) => {
            Err(Problem::unavailable(code, format!("the database {} {why}", path.display())))
        }
        Err(TryLockError::Error(e)) => Err(cannot(e)),
    }
}

/// Copies everything from one database to another and proves it. What an interrupted move left is gone on with.
///
/// # Errors
/// When a server works on one of them, an engine fails, the target holds something else, or the proof fails.
pub fn move_all(from: &str, to: &str, clock: &dyn Clock, progress: OnProgress<'_>) -> Result<Vec<TableSum>> {
    let mut claims = [claim_alone(from)?, claim_alone(to)?];
    let from = Db::open(from, &DbOptions::default())?;
    let to = Db::open(to, &DbOptions::default())?;
    let sums = transfer::copy(&from, &to, clock.now(), progress)?;
    claims.iter_mut().try_for_each(Claim::prove)?;
    transfer::finish(&to)?;
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
