//! Erase, export, suppress: three verbs that never imply one another, and the gate that keeps the erased from coming
//! back.
//!
//! [`subject`] says who is meant and what hangs on it; [`erase`] removes it in stages and leaves a [`receipt`];
//! [`export`] packs the same into an archive; [`gate`] refuses events of the erased and suppressed. Of an identifier
//! only a keyed hash remains.

mod archive;
mod erase;
mod export;
pub(crate) mod gate;
mod receipt;
mod subject;
mod suppress;
mod texts;
pub(crate) mod zip;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use throughline_base::{Cursor, Page, Problem, RequestId, Timestamp};
use throughline_domain::person::consent::hex;
use throughline_store::privacy::{self as rows, RequestRow};

use crate::{App, Result};

pub use erase::EraseOrder;
pub(crate) use erase::{resume_restored, work as erase_work};
pub(crate) use export::work as export_work;
pub use receipt::{LineState, Receipt, ReceiptLine};
pub use suppress::LiftOrder;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// Remove what is known.
    Erase,
    /// Hand over what is known.
    Export,
    /// Collect no more.
    Suppress,
    /// Collect again, with a consent.
    Lift,
}

impl RequestKind {
    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Erase => "erase",
            Self::Export => "export",
            Self::Suppress => "suppress",
            Self::Lift => "lift",
        }
    }
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Being worked on.
    Running,
    /// Worked off but for lines that close by themselves later.
    Open,
    /// Done.
    Done,
}

impl RequestState {
    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Open => "open",
            Self::Done => "done",
        }
    }
}

/// A request with its receipt.
#[derive(Debug, Clone)]
pub struct RequestView {
    /// Id.
    pub id: RequestId,
    /// Kind.
    pub kind: RequestKind,
    /// How far it is.
    pub state: RequestState,
    /// Keyed hash of the identifier it was asked by.
    pub subject_hash: String,
    /// Reason given.
    pub reason: String,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// What was done where.
    pub receipt: Receipt,
    /// Until when the archive can be fetched.
    pub expires_at: Option<Timestamp>,
}

/// The keyed hash of an identifier: what remains of it after erasure. Without the key it cannot be guessed from a list
/// of phone numbers.
pub(crate) fn tombstone_hash(app: &App, namespace: &str, value: &str) -> String {
    keyed(app, &[namespace, value])
}

/// HMAC-SHA256 over parts, as hexadecimal text.
fn keyed(app: &App, parts: &[&str]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.settings.secret).expect("HMAC takes a key of any length");
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            mac.update(&[0]);
        }
        mac.update(part.as_bytes());
    }
    hex(&mac.finalize().into_bytes())
}

fn view(row: RequestRow) -> Result<RequestView> {
    let unknown = |what| Problem::internal("privacy_request", format!("the stored {what} of {} is unknown", row.id));
    let kind = [RequestKind::Erase, RequestKind::Export, RequestKind::Suppress, RequestKind::Lift]
        .into_iter()
        .find(|k| k.as_str() == row.kind)
        .ok_or_else(|| unknown("kind"))?;
    let state = [RequestState::Running, RequestState::Open, RequestState::Done]
        .into_iter()
        .find(|s| s.as_str() == row.state)
        .ok_or_else(|| unknown("state"))?;
    let expires_at = row.archive.as_ref().and(row.done_at).map(|t| t.plus_ms(export::KEEP_MS));
    Ok(RequestView {
        id: row.id,
        kind,
        state,
        receipt: Receipt::read(&row)?,
        subject_hash: row.subject_hash,
        reason: row.reason,
        created_at: row.created_at,
        done_at: row.done_at,
        expires_at,
    })
}

fn unknown_request(id: RequestId) -> Problem {
    Problem::not_found("request_unknown", format!("there is no privacy request {id}"))
}

impl App {
    /// Requests, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn privacy_requests(&self, cursor: Option<Cursor>, limit: u32) -> Result<Page<RequestView>> {
        let page = self.db.read(|tx| rows::list(tx, cursor, limit))?;
        let items = page.items.into_iter().map(view).collect::<Result<_>>()?;
        Ok(Page { items, next: page.next })
    }

    /// One request.
    ///
    /// # Errors
    /// When there is none.
    pub fn privacy_request(&self, id: RequestId) -> Result<RequestView> {
        view(self.privacy_row(id)?)
    }

    fn privacy_row(&self, id: RequestId) -> Result<RequestRow> {
        self.db.read(|tx| rows::get(tx, id))?.ok_or_else(|| unknown_request(id))
    }
}
