//! The receipt: line by line what was found where and what became of it.

use serde::{Deserialize, Serialize};
use throughline_base::{Problem, Timestamp};
use throughline_store::privacy::{RequestRow, Span};

use super::keyed;
use crate::{App, Result};

/// Whether a line is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Something is still to be done.
    Open,
    /// Settled.
    Closed,
}

/// One place where something may have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// `store.consent`, `lake.rows`, `quarantine` …
    pub place: String,
    /// Rows, files or texts found.
    pub found: u64,
    /// Of these, removed.
    pub removed: u64,
    /// Of these, kept without the person: as proof of consent or under a legal hold.
    pub restricted: u64,
    /// When it was last worked on.
    pub at: Timestamp,
    /// Keyed checksum of the line, so that nobody changes it unnoticed.
    pub checksum: String,
    /// Settled or not.
    pub state: LineState,
}

/// What erasing works on, by ids alone. Forgotten when it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Work {
    /// The persons' ids, former ones included.
    pub(super) persons: Vec<i64>,
    /// Lines to be removed as a whole.
    pub(super) lines: Vec<i64>,
    /// Spans of lines that others use too.
    pub(super) spans: Vec<Span>,
    /// The stage to go on with.
    pub(super) stage: Stage,
    /// Replaced files of the history go away by this time.
    pub(super) trash_until: Option<Timestamp>,
}

/// Stages of an erasure, in order. Each commits with its lines of the receipt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Find the lines by the tombstones: after a restore only these are known.
    Find,
    /// Quarantined events, refused lines of imports, warnings.
    #[default]
    Texts,
    /// Tables.
    Rows,
    /// Files of the event history.
    Lake,
    /// Replaced files.
    Trash,
    /// Destinations that have not taken the person back yet.
    Destinations,
    /// Nothing is left to do.
    Done,
}

/// What a request did. For an export it tells what is in the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipt {
    /// Who asked for it: `usr_…`, `key_…`, `cli`.
    pub by: String,
    /// The law or case that calls for keeping something, if one was named.
    pub legal_hold: Option<String>,
    /// Places.
    pub lines: Vec<ReceiptLine>,
    /// Identifiers kept out by a keyed hash.
    pub tombstones: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) work: Option<Work>,
}

impl Receipt {
    pub(super) fn read(row: &RequestRow) -> Result<Self> {
        serde_json::from_str(&row.receipt)
            .map_err(|e| Problem::internal("receipt", format!("the receipt of {} cannot be read", row.id)).caused_by(e))
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("a receipt is plain data")
    }

    /// Adds to the line of a place, which is made when it is not there.
    pub(super) fn add(&mut self, app: &App, place: &str, found: u64, removed: u64, restricted: u64) {
        let line = self.line(place, app.now());
        line.found += found;
        line.removed += removed;
        line.restricted += restricted;
        line.at = app.now();
        self.sign(app, place);
    }

    /// Opens or closes the line of a place.
    pub(super) fn mark(&mut self, app: &App, place: &str, state: LineState) {
        let line = self.line(place, app.now());
        line.state = state;
        line.at = app.now();
        self.sign(app, place);
    }

    /// Whether every line is settled.
    pub(super) fn is_closed(&self) -> bool {
        self.lines.iter().all(|l| l.state == LineState::Closed)
    }

    fn line(&mut self, place: &str, now: Timestamp) -> &mut ReceiptLine {
        let at = self.lines.iter().position(|l| l.place == place).unwrap_or_else(|| {
            self.lines.push(ReceiptLine {
                place: place.to_owned(),
                found: 0,
                removed: 0,
                restricted: 0,
                at: now,
                checksum: String::new(),
                state: LineState::Closed,
            });
            self.lines.len() - 1
        });
        &mut self.lines[at]
    }

    fn sign(&mut self, app: &App, place: &str) {
        let line = self.line(place, app.now());
        let counts = format!("{} {} {} {} {:?}", line.found, line.removed, line.restricted, line.at.ms(), line.state);
        line.checksum = keyed(app, &["receipt", &line.place, &counts])[..16].to_owned();
    }
}
