//! Files beside the database: archives of exports, and the note of erasures that outlives a restored backup.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use throughline_base::{Problem, RequestId, Timestamp};
use throughline_domain::person::consent::hex;
use throughline_store::privacy::{self as rows, RequestRow, Tombstone};

use super::gate::ERASED;
use super::receipt::Receipt;
use super::zip::Zip;
use crate::{App, Result};

/// One file of an archive.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its name.
    pub(super) name: &'static str,
    /// Rows or objects in it.
    pub(super) rows: u64,
    /// Its content.
    pub(super) bytes: Vec<u8>,
}

impl Entry {
    /// SHA-256 of the content, hexadecimal.
    pub(super) fn checksum(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }
}

/// Where the archive of a request lies.
pub(super) fn path_of(app: &App, id: RequestId) -> PathBuf {
    app.files_dir("exports").join(format!("{id}.zip"))
}

fn cannot(path: &Path) -> impl Fn(std::io::Error) -> Problem {
    let path = path.display().to_string();
    move |e| Problem::unavailable("data_dir", format!("cannot write {path}: {e}"))
}

/// Opens a file for this user alone.
fn private(path: &Path, append: bool) -> std::io::Result<File> {
    let mut open = OpenOptions::new();
    open.create(true).write(true).append(append).truncate(!append);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path)
}

/// Writes an archive beside its name, flushes it and only then renames it.
pub(super) fn write(path: &Path, entries: &[Entry]) -> Result<()> {
    let failed = cannot(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(&failed)?;
    }
    let partial = path.with_extension("partial");
    let mut zip = Zip::new(private(&partial, false).map_err(&failed)?);
    for e in entries {
        zip.file(e.name, &e.bytes).map_err(&failed)?;
    }
    let file = zip.finish().map_err(&failed)?;
    file.sync_all().map_err(&failed)?;
    fs::rename(&partial, path).map_err(&failed)
}

/// An erasure as noted beside the database: hashes alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) request: RequestId,
    pub(super) at: Timestamp,
    pub(super) by: String,
    pub(super) reason: String,
    pub(super) legal_hold: Option<String>,
    pub(super) subject_hash: String,
    hashes: Vec<String>,
}

impl Noted {
    pub(super) fn tombstones(&self) -> Vec<Tombstone> {
        let stone = |hash: &String| Tombstone {
            hash: hash.clone(),
            kind: ERASED.into(),
            request_id: self.request,
            at: self.at,
        };
        self.hashes.iter().map(stone).collect()
    }
}

fn notes_path(app: &App) -> PathBuf {
    app.files_dir("erasures.jsonl")
}

/// Notes an erasure, on the disk when this returns.
pub(super) fn note_erasure(app: &App, row: &RequestRow) -> Result<()> {
    let receipt = Receipt::read(row)?;
    let noted = Noted {
        request: row.id,
        at: row.created_at,
        by: receipt.by,
        reason: row.reason.clone(),
        legal_hold: receipt.legal_hold,
        subject_hash: row.subject_hash.clone(),
        hashes: app.db.read(|tx| rows::tombstones_of(tx, row.id))?,
    };
    let path = notes_path(app);
    let failed = cannot(&path);
    let mut line = serde_json::to_vec(&noted).expect("a note is plain data");
    line.push(b'\n');
    let mut file = private(&path, true).map_err(&failed)?;
    file.write_all(&line).and_then(|()| file.sync_all()).map_err(&failed)
}

/// Every noted erasure. A line cut short by a crash is left out: its erasure is in the database.
pub(super) fn noted_erasures(app: &App) -> Result<Vec<Noted>> {
    let path = notes_path(app);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(cannot(&path)(e)),
    };
    let mut out = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(cannot(&path))?;
        match serde_json::from_str(&line) {
            Ok(noted) => out.push(noted),
            Err(e) => tracing::warn!(error = %e, "a line of erasures.jsonl cannot be read and is left out"),
        }
    }
    Ok(out)
}
