//! Files become events, people and ad spend.
//!
//! A file is looked at ([`file`]), read row by row ([`reader`]), turned into units as a [`mapping`] says ([`convert`],
//! [`units`]) and committed in batches together with how far it is ([`run`]). A file of any size needs the memory of
//! one batch. Uploads lie in the folder `imports` of the data folder until their import is over; files named on the
//! command line stay where they are.

mod columnar;
mod convert;
mod dry_run;
mod file;
mod guess;
mod mapping;
mod reader;
mod run;
mod shipped;
mod spend;
mod target;
mod units;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use throughline_base::time::DAY_MS;
use throughline_base::{Cursor, ImportId, Page, Problem, SourceId};
use throughline_store::import::{self as rows, ImportRow, RejectRow};

use crate::background::Watch;
use crate::team::{Caller, audit};
use crate::{App, Result};

pub(crate) use file::look;
pub(crate) use reader::{Cells, Reader, Record};

pub use convert::Fault;
pub use dry_run::{DryPerson, DryRow, DryRun};
pub use guess::{ColumnGuess, Guess};
pub use mapping::{FileHints, Format, Kind, Mapping};
pub use run::Paces;
pub use shipped::{Shipped, shipped};

/// Days after which an upload that was never started is thrown away.
const DRAFT_DAYS: i64 = 7;

/// An import with its pace.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportView {
    /// As stored.
    pub row: ImportRow,
    /// Name of its mapping.
    pub mapping_name: Option<String>,
    /// Rows a second, while it runs here.
    pub rate: f64,
    /// Seconds that remain at that pace.
    pub remaining_s: Option<f64>,
}

/// What is asked of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Stop after the present batch.
    Pause,
    /// Go on.
    Resume,
    /// Stop for good. What was recorded stays.
    Cancel,
}

impl Move {
    const fn verb(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
        }
    }

    /// The states it is possible in.
    const fn from(self) -> &'static [&'static str] {
        match self {
            Self::Pause => &["running"],
            Self::Resume => &["paused", "failed"],
            Self::Cancel => &["draft", "running", "paused", "failed"],
        }
    }

    const fn to(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "running",
            Self::Cancel => "cancelled",
        }
    }
}

impl App {
    fn import_row(&self, id: ImportId) -> Result<ImportRow> {
        self.db.read(|tx| rows::get(tx, id))?.ok_or_else(|| run::unknown(id))
    }

    fn import_view(&self, row: ImportRow) -> ImportView {
        let (rate, remaining_s) = self.imports.of(&row, self.now().ms());
        let named = row.mapping.lines().find_map(|l| l.strip_prefix("name")?.trim_start().strip_prefix('='));
        let mapping_name = named.map(|n| n.trim().trim_matches(['"', '\'']).to_owned()).filter(|n| !n.is_empty());
        ImportView { row, mapping_name, rate, remaining_s }
    }

    /// Imports, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn imports(&self, cursor: Option<Cursor>, limit: u32) -> Result<Page<ImportView>> {
        Ok(self.db.read(|tx| rows::list(tx, cursor, limit))?.map(|row| self.import_view(row)))
    }

    /// One import.
    ///
    /// # Errors
    /// When there is none.
    pub fn import_get(&self, id: ImportId) -> Result<ImportView> {
        Ok(self.import_view(self.import_row(id)?))
    }

    /// A place for an upload, in a folder that is there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn import_upload_path(&self) -> Result<PathBuf> {
        let dir = self.files_dir("imports");
        std::fs::create_dir_all(&dir).map_err(|e| {
            Problem::unavailable("data_dir", format!("cannot create the folder {}: {e}", dir.display()))
        })?;
        Ok(dir.join(format!("upload-{}", self.ids.next())))
    }

    /// Adds an uploaded file as a draft, with a guessed mapping.
    ///
    /// # Errors
    /// When the file cannot be read as any known layout.
    pub fn import_add(&self, caller: &Caller, file_name: &str, path: &Path) -> Result<(ImportView, Guess)> {
        let file_name = clean_file_name(file_name);
        let guess = guess::guess(path, &file_name)?;
        let row = self.import_new(&file_name, path, &guess.toml, guess.kind, guess.format)?;
        self.db.write(|tx| {
            rows::put(tx, &row)?;
            audit(tx, self, &caller.actor, "import.upload", &row.id.to_string(), &json!({ "file": row.file_name }))
        })?;
        Ok((self.import_view(row), guess))
    }

    fn import_new(&self, name: &str, path: &Path, mapping: &str, kind: &str, format: Format) -> Result<ImportRow> {
        Ok(ImportRow {
            id: ImportId::new(self.ids.next()),
            file_name: name.to_owned(),
            file_path: path.display().to_string(),
            file_hash: file::hash(path)?,
            kind: kind.into(),
            format: format.as_str().into(),
            state: "draft".into(),
            mapping: mapping.into(),
            source_id: None,
            rows_total: None,
            rows_done: 0,
            accepted: 0,
            duplicates: 0,
            quarantined: 0,
            rejected: 0,
            started_at: None,
            finished_at: None,
            created_at: self.now(),
            error: None,
        })
    }

    /// The guessed mapping of an upload.
    ///
    /// # Errors
    /// When its file is gone, as it is after the import.
    pub fn import_draft(&self, id: ImportId) -> Result<Guess> {
        let row = self.import_row(id)?;
        guess::guess(Path::new(&row.file_path), &row.file_name)
    }

    /// A mapping drafted for a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn import_guess(&self, path: &Path) -> Result<Guess> {
        guess::guess(path, &clean_file_name(&path.file_name().unwrap_or_default().to_string_lossy()))
    }

    /// The first rows of an upload as events and people. Nothing is recorded.
    ///
    /// # Errors
    /// When the mapping is wrong or the file is gone.
    pub fn import_dry_run(&self, id: ImportId, mapping: &str) -> Result<DryRun> {
        let row = self.import_row(id)?;
        self.import_dry_run_file(Path::new(&row.file_path), mapping)
    }

    /// Starts a draft with a mapping. Its source is the given one, else the mapping's, made when it is not there.
    ///
    /// # Errors
    /// When the mapping is wrong or does not fit the file, or the import was started before.
    pub fn import_start(
        &self,
        caller: &Caller,
        id: ImportId,
        mapping: &str,
        source: Option<SourceId>,
    ) -> Result<ImportView> {
        let row = self.import_row(id)?;
        let m = Mapping::parse(mapping)?;
        let opened = run::Opened::open(Path::new(&row.file_path), &m)?;
        convert::Converter::new(&m, opened.reader.columns(), &row.file_hash)?;
        let source_id = match (m.kind, source) {
            (Kind::AdSpend, _) => None,
            (Kind::Events, Some(id)) => Some(self.source_get(id)?.source.id),
            (Kind::Events, None) => {
                let stem = row.file_name.split('.').next().unwrap_or_default();
                let name = m.source_name.as_deref().unwrap_or(if stem.is_empty() { "import" } else { stem });
                Some(self.source_ensure(caller, name, &m.source_kind)?.id)
            }
        };
        let now = self.now();
        let row = self.db.write(|tx| {
            let Some(mut row) = rows::get(tx, id)? else { return Ok(None) };
            if row.state != "draft" {
                return Ok(Some(Err(row.state)));
            }
            row.state = "running".into();
            row.kind = m.kind.as_str().into();
            row.format = opened.layout.format.as_str().into();
            row.mapping = mapping.into();
            row.source_id = source_id;
            row.started_at = Some(now);
            rows::put(tx, &row)?;
            let detail = json!({ "file": row.file_name, "mapping": m.name });
            audit(tx, self, &caller.actor, "import.start", &id.to_string(), &detail)?;
            Ok(Some(Ok(row)))
        })?;
        let row = row.ok_or_else(|| run::unknown(id))?.map_err(|state| not_now(id, &state, "start"))?;
        self.tasks.ring();
        Ok(self.import_view(row))
    }

    /// Pauses, resumes or cancels an import.
    ///
    /// # Errors
    /// When its state does not allow it, or a resume is asked for a file of the command line.
    pub fn import_move(&self, caller: &Caller, id: ImportId, what: Move) -> Result<ImportView> {
        let row = self.import_row(id)?;
        if what == Move::Resume && !self.is_upload(&row) {
            return Err(Problem::conflict(
                "import_of_command_line",
                "this import belongs to the command line; run the same command again and it goes on where it stopped",
            ));
        }
        let now = self.now();
        let row = self.db.write(|tx| {
            let Some(mut row) = rows::get(tx, id)? else { return Ok(None) };
            if !what.from().contains(&row.state.as_str()) {
                return Ok(Some(Err(row.state)));
            }
            row.state = what.to().into();
            row.error = None;
            row.finished_at = (what == Move::Cancel).then_some(now);
            rows::put(tx, &row)?;
            let action = format!("import.{}", what.verb());
            audit(tx, self, &caller.actor, &action, &id.to_string(), &json!({ "rows_done": row.rows_done }))?;
            Ok(Some(Ok(row)))
        })?;
        let row = row.ok_or_else(|| run::unknown(id))?.map_err(|state| not_now(id, &state, what.verb()))?;
        self.tasks.ring();
        if what == Move::Cancel {
            self.upload_remove(&row);
        }
        Ok(self.import_view(row))
    }

    /// Refused rows after line `after`, in order.
    ///
    /// # Errors
    /// When there is no such import.
    pub fn import_rejects(&self, id: ImportId, after: i64, limit: u32) -> Result<Vec<RejectRow>> {
        self.import_row(id)?;
        Ok(self.db.read(|tx| rows::rejects(tx, id, after, limit))?)
    }

    /// Begins an import of a file that stays where it is, or goes on with one that was stopped: same content, same
    /// mapping. Run it with [`App::import_run`].
    ///
    /// # Errors
    /// When the mapping is wrong or does not fit the file.
    pub fn import_begin(
        &self,
        caller: &Caller,
        path: &Path,
        mapping: &str,
        source: Option<&str>,
    ) -> Result<ImportView> {
        let path = path.canonicalize().map_err(|e| file::unreadable(path, &e))?;
        let m = Mapping::parse(mapping)?;
        let opened = run::Opened::open(&path, &m)?;
        let name = clean_file_name(&path.file_name().unwrap_or_default().to_string_lossy());
        let row = self.import_new(&name, &path, mapping, m.kind.as_str(), opened.layout.format)?;
        let source_id = match source {
            Some(name) if m.kind == Kind::Events => Some(self.source_ensure(caller, name, &m.source_kind)?.id),
            Some(_) | None => None,
        };
        let found = self.db.read(|tx| rows::find_resumable(tx, &row.file_hash, mapping))?;
        if let Some(old) = found.filter(|old| source_id.is_none() || old.source_id == source_id)
            && !self.is_upload(&old)
        {
            let row = self.import_change(old.id, |r| {
                r.state = "running".into();
                r.file_path = row.file_path.clone();
                r.error = None;
                r.finished_at = None;
            })?;
            return Ok(self.import_view(row));
        }
        self.db.write(|tx| rows::put(tx, &row))?;
        // What cannot be begun leaves no draft behind: nobody could go on with it.
        self.import_start(caller, row.id, mapping, source_id)
            .map_err(|e| self.db.write(|tx| rows::delete(tx, row.id)).err().map_or(e, Problem::from))
    }

    fn is_upload(&self, row: &ImportRow) -> bool {
        Path::new(&row.file_path).starts_with(self.files_dir("imports"))
    }

    /// Uploads hold personal data and are kept no longer than they are needed.
    fn upload_remove(&self, row: &ImportRow) {
        if self.is_upload(row)
            && let Err(e) = std::fs::remove_file(&row.file_path)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(import = %row.id, error = %e, "an upload could not be removed");
        }
    }

    fn drafts_expire(&self) -> Result<()> {
        let before = self.now().plus_ms(-DRAFT_DAYS * DAY_MS);
        let drafts = self.db.read(|tx| rows::in_state(tx, "draft"))?;
        for draft in drafts.into_iter().filter(|d| d.created_at < before) {
            let now = self.now();
            let row = self.import_change(draft.id, |r| {
                if r.state == "draft" {
                    r.state = "cancelled".into();
                    r.finished_at = Some(now);
                }
            })?;
            if row.state == "cancelled" {
                self.upload_remove(&row);
            }
        }
        Ok(())
    }
}

/// Works off uploads that are running, one after the other; those that a stopped server left are gone on with.
pub(crate) fn work(app: &Arc<App>, mut watch: Watch) {
    if let Err(e) = app.drafts_expire() {
        tracing::warn!(error = %e, "old drafts of imports could not be removed");
    }
    let bell = watch.clone();
    let stop = move || bell.is_stopping();
    while !watch.is_stopping() {
        let running = match app.db.read(|tx| rows::in_state(tx, "running")) {
            Ok(all) => all,
            Err(e) => {
                tracing::warn!(error = %e, "imports cannot be read; trying again");
                Vec::new()
            }
        };
        for row in running.into_iter().filter(|r| app.is_upload(r)) {
            match app.import_run(row.id, &stop, &mut |_| {}) {
                Ok(row) => {
                    tracing::info!(import = %row.id, state = row.state, rows = row.rows_done, "import");
                    if row.state == "done" {
                        app.upload_remove(&row);
                    }
                }
                Err(e) => tracing::warn!(import = %row.id, error = %e, "import stopped"),
            }
        }
        watch.wait(Duration::from_secs(2));
    }
}

fn not_now(id: ImportId, state: &str, verb: &str) -> Problem {
    Problem::conflict("import_state", format!("import {id} is {state}; it cannot {verb} now"))
}

/// The last part of a name, without what a file name cannot hold.
fn clean_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim().is_empty() { "file".into() } else { clean }
}

/// A mapping's text as an object, for programs.
///
/// # Errors
/// When it is no TOML.
pub fn table(text: &str) -> Result<serde_json::Value> {
    let table: toml::Table =
        toml::from_str(text).map_err(|e| Problem::invalid("mapping", format!("the mapping cannot be read: {e}")))?;
    serde_json::to_value(table).map_err(|e| Problem::internal("mapping", "a mapping is plain data").caused_by(e))
}

#[cfg(test)]
mod tests;
