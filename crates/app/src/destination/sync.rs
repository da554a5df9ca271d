//! Syncs: made, changed, paused, run by hand, ended.

use serde_json::json;
use throughline_base::{AudienceId, Cursor, DestinationId, Page, Problem, RunId, SyncId, Timestamp};
use throughline_domain::audience::export::{Format, OceanId, columns_checked};
use throughline_store::destination::{self as rows, SyncRow};
use throughline_store::{Tx, audience, job};

use super::work::next_scheduled;
use super::{Delivered, Mode, Place, RunView, Sync, SyncState};
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Longest name, in characters.
const NAME_MAX: usize = 64;
/// Longest purpose and channel, as consents have them.
const WORD_MAX: usize = 64;
/// The channel of a sync that names none.
const CHANNEL_DEFAULT: &str = "ads";

/// A sync to make.
#[derive(Debug, Clone)]
pub struct NewSync {
    /// Who.
    pub audience_id: AudienceId,
    /// What its files are called; the audience's key when absent.
    pub name: Option<String>,
    /// Purpose of the consent that is asked for.
    pub purpose: String,
    /// Channel of it; `ads` when absent.
    pub channel: Option<String>,
    /// The form.
    pub format: Format,
    /// When.
    pub mode: Mode,
}

/// A change of a sync: what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct SyncPatch {
    /// What its files are called.
    pub name: Option<String>,
    /// Purpose.
    pub purpose: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// The form.
    pub format: Option<Format>,
    /// When.
    pub mode: Option<Mode>,
}

/// A sync as shown.
#[derive(Debug, Clone)]
pub struct SyncView {
    /// The sync.
    pub sync: Sync,
    /// Key and name of its audience; absent when that is gone.
    pub audience: Option<(String, String)>,
    /// People at the destination.
    pub held: i64,
    /// The newest run.
    pub last_run: Option<RunView>,
    /// When it runs next by itself.
    pub next_at: Option<Timestamp>,
    /// A run waits or is under way.
    pub queued: bool,
    /// What went wrong last and how to mend it.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

fn unknown(id: SyncId) -> Problem {
    Problem::not_found("sync_unknown", format!("there is no sync {id}"))
}

fn word(text: &str, what: &'static str) -> Result<String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() || text.chars().count() > WORD_MAX {
        let detail = format!("the {what} needs 1 to {WORD_MAX} characters, as consents name it");
        return Err(Problem::invalid(what, detail));
    }
    Ok(text)
}

/// Part of a file's name on any system.
fn file_name(text: &str) -> Result<String> {
    let text = text.trim();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if text.is_empty() || text.chars().count() > NAME_MAX || !text.chars().all(plain) {
        let detail = format!(
            "the name of a sync becomes that of its files: 1 to {NAME_MAX} letters, digits, dashes and underscores"
        );
        return Err(Problem::invalid("sync_name", detail));
    }
    Ok(text.to_owned())
}

fn checked_format(format: &Format, place: &Place) -> Result<()> {
    columns_checked(format.columns()).map_err(|e| Problem::invalid("columns", e.to_string()))?;
    if matches!(format, Format::OceanData { id: OceanId::PhoneMd5 }) {
        let detail = "the data interface of 巨量引擎 knows no MD5 of phone numbers; choose phone_sha256, or ocean_list";
        return Err(Problem::invalid("format", detail));
    }
    place.takes(format)
}

fn checked_mode(mode: &Mode) -> Result<()> {
    match mode {
        Mode::Scheduled(schedule) => schedule.checked().map_err(|e| Problem::invalid("schedule", e)),
        Mode::Continuous => Ok(()),
    }
}

impl App {
    /// Syncs that are not ended, of one destination, of one audience, or all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn syncs(&self, destination: Option<DestinationId>, audience: Option<AudienceId>) -> Result<Vec<SyncView>> {
        let found = self.db.read(rows::syncs)?;
        found
            .into_iter()
            .filter(|s| {
                destination.is_none_or(|d| s.destination_id == d) && audience.is_none_or(|a| s.audience_id == a)
            })
            .map(|row| self.sync_view(row))
            .collect()
    }

    /// One sync, an ended one too.
    ///
    /// # Errors
    /// When there is none.
    pub fn sync(&self, id: SyncId) -> Result<SyncView> {
        let row = self.db.read(|tx| rows::sync_get(tx, id))?.ok_or_else(|| unknown(id))?;
        self.sync_view(row)
    }

    fn sync_view(&self, row: SyncRow) -> Result<SyncView> {
        let (audience, held, last_run) = self.db.read(|tx| {
            Ok((audience::get(tx, row.audience_id)?, rows::held_count(tx, row.id)?, rows::run_last(tx, row.id)?))
        })?;
        Ok(SyncView {
            audience: audience.map(|a| (a.key, a.name)),
            held,
            last_run: last_run.map(RunView::read),
            next_at: row.next_at,
            queued: row.job_id.is_some(),
            error: row.error.clone(),
            created_at: row.created_at,
            sync: Sync::read(row)?,
        })
    }

    /// Keeps an audience at a destination. A continuous one begins at once, a scheduled one at its time.
    ///
    /// # Errors
    /// When destination or audience are not there, or the sync cannot work.
    pub fn sync_create(&self, caller: &Caller, destination: DestinationId, new: NewSync) -> Result<SyncView> {
        let place = self.destination(destination)?.place;
        checked_format(&new.format, &place)?;
        checked_mode(&new.mode)?;
        let audience = self.db.read(|tx| audience::get(tx, new.audience_id))?.ok_or_else(|| {
            Problem::not_found("audience_unknown", format!("there is no audience {}", new.audience_id))
        })?;
        let now = self.now();
        let mut row = SyncRow {
            id: SyncId::new(self.ids.next()),
            destination_id: destination,
            audience_id: audience.id,
            name: file_name(new.name.as_deref().unwrap_or(&audience.key))?,
            purpose: word(&new.purpose, "purpose")?,
            channel: word(new.channel.as_deref().unwrap_or(CHANNEL_DEFAULT), "channel")?,
            format: serde_json::to_string(&new.format).expect("a format is plain data"),
            mode: new.mode.as_str().to_owned(),
            schedule: schedule_of(&new.mode),
            state: SyncState::Active.as_str().to_owned(),
            full: true,
            version_id: None,
            next_at: None,
            job_id: None,
            error: None,
            created_at: now,
            updated_at: now,
        };
        row.next_at = next_scheduled(&row, now, &self.settings.time_zone);
        self.db.write(|tx| {
            name_free(tx, &row)?;
            rows::sync_put(tx, &row)?;
            let detail = json!({
                "destination": destination, "audience": audience.key, "purpose": row.purpose, "channel": row.channel,
                "format": new.format.name(), "mode": row.mode,
            });
            audit(tx, self, &caller.actor, "sync.create", &row.id.to_string(), &detail)
        })?;
        self.tasks.ring();
        self.sync_view(row)
    }

    /// Changes a sync. Everybody is compared anew at the next run, so what the change no longer allows is taken back.
    ///
    /// # Errors
    /// When there is none, it is ending, or it could not work.
    pub fn sync_update(&self, caller: &Caller, id: SyncId, patch: SyncPatch) -> Result<SyncView> {
        let before = self.sync(id)?;
        let place = self.destination(before.sync.destination_id)?.place;
        let format = patch.format.unwrap_or_else(|| before.sync.format.clone());
        let mode = patch.mode.unwrap_or_else(|| before.sync.mode.clone());
        checked_format(&format, &place)?;
        checked_mode(&mode)?;
        let name = patch.name.as_deref().map(file_name).transpose()?;
        let purpose = patch.purpose.as_deref().map(|t| word(t, "purpose")).transpose()?;
        let channel = patch.channel.as_deref().map(|t| word(t, "channel")).transpose()?;
        let now = self.now();
        let row = self.db.write(|tx| {
            let mut row = standing(tx, id)?;
            let old = row.clone();
            row.name = name.unwrap_or(row.name);
            row.purpose = purpose.unwrap_or(row.purpose);
            row.channel = channel.unwrap_or(row.channel);
            let text = serde_json::to_string(&format).expect("a format is plain data");
            if text != row.format && rows::held_any(tx, id)? && keeps_otherwise(&before.sync.format, &format) {
                let detail = "people are there in another form, by which alone they can be taken back; end this sync and make another";
                return Err(Problem::conflict("sync_format", detail).into());
            }
            row.format = text;
            row.mode = mode.as_str().to_owned();
            row.schedule = schedule_of(&mode);
            row.full = true;
            row.updated_at = now;
            row.error = None;
            row.next_at = next_scheduled(&row, now, &self.settings.time_zone);
            name_free(tx, &row)?;
            rows::sync_put(tx, &row)?;
            let detail = json!({
                "name": row.name, "purpose": row.purpose, "purpose_before": old.purpose, "channel": row.channel,
                "channel_before": old.channel, "format": format.name(), "mode": row.mode,
            });
            audit(tx, self, &caller.actor, "sync.update", &id.to_string(), &detail)?;
            Ok(row)
        })?;
        self.tasks.ring();
        self.sync_view(row)
    }

    /// Pauses a sync, or lets it go on.
    ///
    /// # Errors
    /// When there is none, or it is ending.
    pub fn sync_pause(&self, caller: &Caller, id: SyncId, paused: bool) -> Result<SyncView> {
        let now = self.now();
        let row = self.db.write(|tx| {
            let mut row = standing(tx, id)?;
            let state = if paused { SyncState::Paused } else { SyncState::Active };
            row.state = state.as_str().to_owned();
            if paused && let Some(waiting) = row.job_id {
                // One that a worker has goes to its end.
                if job::cancel(tx, waiting, now)? {
                    row.job_id = None;
                }
            }
            if !paused {
                row.error = None;
                row.next_at = next_scheduled(&row, now, &self.settings.time_zone);
            }
            rows::sync_put(tx, &row)?;
            let verb = if paused { "sync.pause" } else { "sync.resume" };
            audit(tx, self, &caller.actor, verb, &id.to_string(), &json!({}))?;
            Ok(row)
        })?;
        self.tasks.ring();
        self.sync_view(row)
    }

    /// Runs a sync now: everybody is compared. One that waits for its next attempt is not kept waiting.
    ///
    /// # Errors
    /// When there is none, or it is paused.
    pub fn sync_run(&self, caller: &Caller, id: SyncId) -> Result<SyncView> {
        let now = self.now();
        let row = self.db.write(|tx| {
            let mut row = rows::sync_get(tx, id)?.ok_or_else(|| unknown(id))?;
            match SyncState::parse(&row.state) {
                Some(SyncState::Active | SyncState::Ending) => {}
                Some(SyncState::Paused) => {
                    return Err(Problem::conflict("sync_paused", "the sync is paused; let it go on first").into());
                }
                Some(SyncState::Ended) | None => return Err(unknown(id).into()),
            }
            row.full = true;
            row.next_at = Some(now);
            row.updated_at = now;
            rows::sync_put(tx, &row)?;
            if let Some(waiting) = row.job_id {
                job::hasten(tx, waiting, now)?;
            }
            audit(tx, self, &caller.actor, "sync.run", &id.to_string(), &json!({}))?;
            Ok(row)
        })?;
        self.tasks.ring();
        self.sync_view(row)
    }

    /// Ends a sync. With `take_back` everybody is removed from the destination first; without, what is there stays there.
    ///
    /// # Errors
    /// When there is none.
    pub fn sync_end(&self, caller: &Caller, id: SyncId, take_back: bool) -> Result<SyncView> {
        let now = self.now();
        let row = self.db.write(|tx| {
            let mut row = rows::sync_get(tx, id)?.ok_or_else(|| unknown(id))?;
            if row.state == SyncState::Ended.as_str() {
                return Err(unknown(id).into());
            }
            let is_over = !take_back || !rows::held_any(tx, id)?;
            row.state = if is_over { SyncState::Ended } else { SyncState::Ending }.as_str().to_owned();
            row.next_at = (!is_over).then_some(now);
            if let Some(waiting) = row.job_id {
                // What waits may have been planned for something else.
                if job::cancel(tx, waiting, now)? {
                    row.job_id = None;
                }
            }
            row.updated_at = now;
            rows::sync_put(tx, &row)?;
            audit(tx, self, &caller.actor, "sync.end", &id.to_string(), &json!({ "take_back": take_back }))?;
            Ok(row)
        })?;
        self.tasks.ring();
        self.sync_view(row)
    }

    /// Runs of a sync, the newest first.
    ///
    /// # Errors
    /// When there is no such sync.
    pub fn sync_runs(&self, id: SyncId, cursor: Option<Cursor>, limit: u32) -> Result<Page<RunView>> {
        self.db.read(|tx| rows::sync_get(tx, id))?.ok_or_else(|| unknown(id))?;
        Ok(self.db.read(|tx| rows::runs(tx, id, cursor, limit))?.map(RunView::read))
    }

    /// A file of a run in a folder of this server, for who has no other way to it. Audited.
    ///
    /// # Errors
    /// When there is no such file, it is elsewhere, or it is kept no longer.
    pub fn run_file(&self, caller: &Caller, run: RunId, name: &str) -> Result<(Delivered, Vec<u8>)> {
        let gone = |detail: &str| Problem::not_found("file_unknown", detail.to_owned());
        let row = self.db.read(|tx| rows::run_get(tx, run))?.ok_or_else(|| gone("there is no such run"))?;
        let sync = self.db.read(|tx| rows::sync_get(tx, row.sync_id))?.ok_or_else(|| gone("there is no such run"))?;
        let view = RunView::read(row);
        let file = view.files.into_iter().find(|f| f.name == name).ok_or_else(|| gone("the run has no such file"))?;
        let place = self.destination(sync.destination_id)?.place;
        let Place::File { folder, .. } = place else {
            return Err(gone("the file is at the destination, not here"));
        };
        let path = self.files_dir("destinations").join(folder).join(&file.name);
        let bytes = std::fs::read(path).map_err(|_| gone("the file is kept no longer"))?;
        self.db.write(|tx| {
            audit(tx, self, &caller.actor, "run.download", &run.to_string(), &json!({ "file": file.name }))
        })?;
        Ok((file, bytes))
    }
}

fn schedule_of(mode: &Mode) -> Option<String> {
    match mode {
        Mode::Scheduled(s) => Some(serde_json::to_string(s).expect("a schedule is plain data")),
        Mode::Continuous => None,
    }
}

/// A sync that may be changed.
fn standing(tx: &mut Tx<'_>, id: SyncId) -> throughline_store::Result<SyncRow> {
    let row = rows::sync_get(tx, id)?.ok_or_else(|| unknown(id))?;
    match SyncState::parse(&row.state) {
        Some(SyncState::Active | SyncState::Paused) => Ok(row),
        Some(SyncState::Ending) => Err(Problem::conflict("sync_ending", "the sync is being ended").into()),
        Some(SyncState::Ended) | None => Err(unknown(id).into()),
    }
}

/// Two syncs of one destination must not write the same files.
fn name_free(tx: &mut Tx<'_>, row: &SyncRow) -> throughline_store::Result<()> {
    let others = rows::syncs_of_destination(tx, row.destination_id)?;
    let taken = others.iter().any(|s| s.id != row.id && s.name == row.name && s.state != SyncState::Ended.as_str());
    if taken {
        let detail = format!("a sync `{}` writes there already; choose another name", row.name);
        return Err(Problem::conflict("sync_name", detail).into());
    }
    Ok(())
}

/// Whether what was kept in one form is no use in another: tables all know people by their ids.
fn keeps_otherwise(old: &Format, new: &Format) -> bool {
    let is_table = |f: &Format| matches!(f, Format::Csv { .. } | Format::Parquet { .. } | Format::Json { .. });
    !(is_table(old) && is_table(new)) && old != new
}
