//! Audience activation: audiences kept at destinations outside.
//!
//! A *destination* is a place with credentials; a *sync* keeps an audience there in a format, for a purpose; a *run* is one
//! attempt's worth of it. What a destination holds of each person is remembered by what was delivered, so that every run is
//! the same question: what should be there now, and what is? Consent is asked at that moment, person by person.
//!
//! Runs are jobs of a queue of their own, one at a time for each destination and side by side for different ones, so that a
//! dead destination delays nobody else's. Start reading at [`work::work`], then [`run`]; who may be sent is in [`contact`].

mod contact;
mod deliver;
mod file;
mod log;
mod manage;
mod page;
mod place;
mod run;
mod sync;
#[cfg(test)]
mod tests;
mod touch;
pub(crate) mod work;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_base::{AudienceId, AudienceVersionId, DestinationId, PersonId, Problem, RunId, SyncId, Timestamp};
use throughline_domain::audience::export::{Format, Schedule};
use throughline_store::audience::AudienceRow;
use throughline_store::destination::{DestinationRow, RunRow, SyncRow};

use crate::{App, Result};

pub use log::{ExportEntry, Presence};
pub(crate) use log::{erase_destinations, erase_persons, export_room};
pub use manage::{DestinationView, TestAnswer};
pub use place::{KEEP_DEFAULT, Place, Secrets, SecretsPatch};
pub use sync::{NewSync, SyncPatch, SyncView};
pub(crate) use touch::touched;

/// When a sync runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Everybody, at set times.
    Scheduled(Schedule),
    /// Who comes, changes and goes, within seconds.
    Continuous,
}

impl Mode {
    /// The stored name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Scheduled(_) => "scheduled",
            Self::Continuous => "continuous",
        }
    }
}

/// Where a sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncState {
    /// It runs.
    Active,
    /// It waits for a person. Erased people are taken back all the same.
    Paused,
    /// Everybody is being taken back.
    Ending,
    /// Nothing more happens.
    Ended,
}

impl SyncState {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Ending => "ending",
            Self::Ended => "ended",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Paused, Self::Ending, Self::Ended].into_iter().find(|s| s.as_str() == text)
    }
}

/// An audience kept at a destination.
#[derive(Debug, Clone)]
pub struct Sync {
    /// Its id.
    pub id: SyncId,
    /// Where to.
    pub destination_id: DestinationId,
    /// Who.
    pub audience_id: AudienceId,
    /// What its files are called.
    pub name: String,
    /// Purpose of the consent that is asked for.
    pub purpose: String,
    /// Channel of it.
    pub channel: String,
    /// The form.
    pub format: Format,
    /// When.
    pub mode: Mode,
    /// Where it stands.
    pub state: SyncState,
    pub(crate) row: SyncRow,
}

impl Sync {
    fn read(row: SyncRow) -> Result<Self> {
        let unreadable = |what| Problem::internal("sync", format!("the stored {what} of {} cannot be read", row.id));
        let format = serde_json::from_str(&row.format).map_err(|e| unreadable("format").caused_by(e))?;
        let mode = match (row.mode.as_str(), &row.schedule) {
            ("continuous", _) => Mode::Continuous,
            ("scheduled", Some(text)) => {
                Mode::Scheduled(serde_json::from_str(text).map_err(|e| unreadable("schedule").caused_by(e))?)
            }
            (_, _) => return Err(unreadable("mode")),
        };
        Ok(Self {
            id: row.id,
            destination_id: row.destination_id,
            audience_id: row.audience_id,
            name: row.name.clone(),
            purpose: row.purpose.clone(),
            channel: row.channel.clone(),
            format,
            mode,
            state: SyncState::parse(&row.state).ok_or_else(|| unreadable("state"))?,
            row,
        })
    }
}

/// How many people went which way in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// People of the audience that were looked at.
    pub members: u64,
    /// Sent who were not there.
    pub sent: u64,
    /// Sent anew.
    pub updated: u64,
    /// Taken back.
    pub removed: u64,
    /// Left as they were.
    pub unchanged: u64,
    /// Not sent: nothing allows it for this purpose and channel.
    pub no_consent: u64,
    /// Not sent: the format has nothing to recognise them by.
    pub no_address: u64,
    /// Not sent: nothing may be collected about them.
    pub suppressed: u64,
}

/// What was delivered: a file, or the batches of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Name of the file, or of the first batch.
    pub name: String,
    /// Where it lies.
    pub place: String,
    /// `all`, `added`, `removed`.
    pub holds: String,
    /// Records.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal; of batches none.
    pub sha256: String,
}

/// A run as shown.
#[derive(Debug, Clone)]
pub struct RunView {
    /// Its id.
    pub id: RunId,
    /// `snapshot` or `delta`.
    pub kind: String,
    /// `running`, `retrying`, `done`, `failed`.
    pub state: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was done or given up.
    pub finished_at: Option<Timestamp>,
    /// Attempts begun.
    pub attempts: u32,
    /// How many people went which way.
    pub counts: Counts,
    /// What was delivered.
    pub files: Vec<Delivered>,
    /// What went wrong and how to mend it.
    pub error: Option<String>,
}

impl RunView {
    fn read(row: RunRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            started_at: row.started_at,
            finished_at: row.finished_at,
            attempts: row.attempts,
            counts: serde_json::from_str(&row.counts).unwrap_or_default(),
            files: serde_json::from_str(&row.files).unwrap_or_default(),
            error: row.error,
        }
    }
}

impl App {
    /// The settings and secrets of a stored destination.
    fn destination_open(&self, row: &DestinationRow) -> Result<(Place, Secrets)> {
        let unreadable = |e: serde_json::Error| {
            Problem::internal("destination", format!("the stored settings of {} cannot be read", row.id)).caused_by(e)
        };
        let place = serde_json::from_str(&row.settings).map_err(unreadable)?;
        let secrets = if row.secrets.is_empty() {
            Secrets::default()
        } else {
            serde_json::from_str(&self.vault.open(&row.id.to_string(), &row.secrets)?).map_err(unreadable)?
        };
        Ok((place, secrets))
    }
}

/// The definition that says who is in an audience; an archived one says nobody is.
fn version_in_force(audience: Option<&AudienceRow>) -> Option<AudienceVersionId> {
    audience.filter(|a| a.state != "archived").and_then(|a| a.live_version)
}

/// People by id.
type ByPerson<T> = BTreeMap<PersonId, T>;
