//! The path of every event: request → decode → clean → queue → one commit → a verdict for each event.
//!
//! [`App::collect_prepare`] is pure work on the caller's thread; [`App::collect_submit`] hands the result to the single
//! writer ([`writer`]), which commits many requests at once ([`record`]) and answers after the commit. Nothing is
//! acknowledged that is not on disk.

mod apart;
mod effects;
mod queue;
mod record;
mod sent;
mod texts;
pub(crate) mod writer;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use throughline_base::{FixId, Problem, ProblemKind, QuarantineId, Timestamp};
use throughline_domain::event::fix;
use throughline_domain::event::wire::{self, WireError, WireErrorKind, WireRequest};
use throughline_domain::event::{Event, Prepared, QuarantineReason, RawEvent, Rejected, SourceContext, clean, prepare};
use throughline_store::Tx;

use crate::meter::Meter;
use crate::registry::{Snapshot, Source};
use crate::{App, Result};

pub(crate) use effects::consent_row;
pub use queue::Collector;
pub(crate) use record::Resolved;
use sent::Sent;
use texts::Texts;

/// What became of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Recorded as sent.
    Accepted,
    /// Recorded after cleaning.
    Corrected,
    /// Recorded before.
    Duplicate,
    /// An event of this id with other content was recorded before; this one is kept in quarantine.
    DuplicateConflict,
    /// Kept until somebody mends it.
    Quarantined,
    /// Refused for good.
    Rejected,
}

impl Verdict {
    /// Name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Corrected => "corrected",
            Self::Duplicate => "duplicate",
            Self::DuplicateConflict => "duplicate_conflict",
            Self::Quarantined => "quarantined",
            Self::Rejected => "rejected",
        }
    }
}

/// The verdict on one event of a request, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventVerdict {
    /// What became of it.
    pub verdict: Verdict,
    /// The id it was recorded under; derived from its content when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// True when the id was derived.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub message_id_derived: bool,
    /// Why, when it was not recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is wrong, where and how to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Fields that cleaning changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<String>,
}

/// One event on its way to the writer.
#[derive(Debug)]
pub(crate) enum Item {
    /// Ready to be recorded.
    Ready(Box<Event>, Texts),
    /// To be kept in quarantine.
    Quarantine { reason: &'static str, detail: String, raw: Box<RawEvent>, event: Option<Box<Event>> },
    /// Refused.
    Rejected(Rejected),
}

/// What else a batch wants in its transaction, for instance the progress of an import. Called again when the transaction
/// in which it ran did not commit.
pub type AlongFn = Box<dyn FnMut(&mut Tx<'_>, &[EventVerdict]) -> throughline_store::Result<()> + Send>;
/// Who is told, after the commit or its failure.
pub type DoneFn = Box<dyn FnOnce(Result<Vec<EventVerdict>>) + Send>;

/// The events of one request, ready for the writer.
pub struct Batch {
    pub(crate) source: Arc<Source>,
    pub(crate) items: Vec<Item>,
    /// The events as they were sent, by the place of their items.
    pub(crate) sent: Sent,
    /// Saved fixes that made an event fit to be recorded, by its place.
    pub(crate) mended: HashMap<usize, Vec<FixId>>,
    pub(crate) received_at: Timestamp,
    /// The quarantined events these are, one an item, when they come out of quarantine.
    pub(crate) replay: Option<Vec<QuarantineId>>,
    pub(crate) along: Option<AlongFn>,
    pub(crate) done: Option<DoneFn>,
    pub(crate) started: Instant,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("source", &self.source.id)
            .field("items", &self.items.len())
            .finish_non_exhaustive()
    }
}

impl Batch {
    fn of(source: Arc<Source>, cleaned: Cleaned, received_at: Timestamp, started: Instant) -> Self {
        let Cleaned { items, mended, sent } = cleaned;
        Self { source, items, sent, mended, received_at, replay: None, along: None, done: None, started }
    }

    /// Takes out the events from `place` on, as a batch of their own.
    fn split_off(&mut self, place: usize) -> Self {
        let mended = std::mem::take(&mut self.mended);
        let (before, behind): (HashMap<_, _>, HashMap<_, _>) = mended.into_iter().partition(|(i, _)| *i < place);
        self.mended = before;
        Self {
            source: self.source.clone(),
            items: self.items.split_off(place),
            sent: self.sent.split_off(place),
            mended: behind.into_iter().map(|(i, fixes)| (i - place, fixes)).collect(),
            received_at: self.received_at,
            replay: self.replay.as_mut().map(|ids| ids.split_off(place)),
            along: None,
            done: None,
            started: self.started,
        }
    }

    /// How many events it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Runs `f` in the transaction that records the batch.
    #[must_use]
    pub fn along(mut self, f: AlongFn) -> Self {
        self.along = Some(f);
        self
    }
}

impl App {
    /// Decodes, authenticates and cleans a request of any client.
    ///
    /// # Errors
    /// `bad_key`, `unreadable`, `too_large` or `unknown_path`; a bad event among good ones is no error.
    /// `received_at` is the present but for the demo, which plays history back.
    pub fn collect_prepare(&self, req: &WireRequest<'_>, received_at: Option<Timestamp>) -> Result<Batch> {
        let started = Instant::now();
        Meter::add(&self.meter.requests, 1);
        let decoded = wire::decode(req, &self.settings.limits).map_err(wire_problem)?;
        let registry = self.registry.get();
        let now = received_at.filter(|_| self.settings.demo).unwrap_or_else(|| self.now());
        let key = decoded.write_key.as_deref().ok_or_else(|| {
            Problem::new(
                ProblemKind::Unauthenticated,
                "no_key",
                "the request carries no write key; send it as basic user name, X-Write-Key, ?write_key= or in the body",
            )
        })?;
        let source = registry.by_key(key, self.now())?.clone();
        let sent = Sent::request(req, decoded.events.len(), &self.settings.limits);
        let cleaned = prepare_all(decoded.events, sent, &source, &registry, now);
        Ok(Batch::of(source, cleaned, now, started))
    }

    /// Cleans raw events that did not come over the wire: imports, webhooks, replays.
    #[must_use]
    pub fn collect_raw(&self, source: &Arc<Source>, raws: Vec<RawEvent>, received_at: Timestamp) -> Batch {
        let registry = self.registry.get();
        let sent = Sent::events(raws.iter().cloned().map(Some).collect());
        let cleaned = prepare_all(raws.into_iter().map(Ok).collect(), sent, source, &registry, received_at);
        Batch::of(source.clone(), cleaned, received_at, Instant::now())
    }

    /// Queues a batch; `done` is called after its commit, or with the problem that kept it from being recorded.
    ///
    /// # Errors
    /// `busy` when too much waits already: nothing was queued, try again after a pause.
    pub fn collect_submit(&self, mut batch: Batch, done: DoneFn) -> Result<()> {
        batch.done = Some(done);
        self.collector.push(batch).inspect_err(|_| Meter::add(&self.meter.busy, 1))
    }

    /// Queues a batch and waits for its commit. Waits for room instead of failing when the queue is full.
    ///
    /// # Errors
    /// The problem that kept it from being recorded.
    pub fn collect_wait(&self, mut batch: Batch) -> Result<Vec<EventVerdict>> {
        let (tx, rx) = std::sync::mpsc::sync_channel(1);
        batch.done = Some(Box::new(move |outcome| {
            // The receiver below waits for exactly this.
            let _ = tx.send(outcome);
        }));
        self.collector.push_blocking(batch)?;
        rx.recv()
            .unwrap_or_else(|_| Err(Problem::unavailable("writer_stopped", "the writer stopped; nothing was recorded")))
    }
}

fn wire_problem(e: WireError) -> Problem {
    let (kind, code) = match e.kind {
        WireErrorKind::UnknownPath => (ProblemKind::NotFound, "unknown_path"),
        WireErrorKind::TooLarge => (ProblemKind::TooLarge, "too_large"),
        WireErrorKind::Unreadable => (ProblemKind::Invalid, "unreadable"),
        WireErrorKind::UnsupportedEncoding => (ProblemKind::Invalid, "unsupported_encoding"),
    };
    Problem::new(kind, code, e.detail)
}

/// The events of a request after cleaning, and which saved fixes mended which of them, by their place.
struct Cleaned {
    items: Vec<Item>,
    sent: Sent,
    mended: HashMap<usize, Vec<FixId>>,
}

fn prepare_all(
    events: Vec<Result<RawEvent, Rejected>>,
    sent: Sent,
    source: &Arc<Source>,
    registry: &Snapshot,
    now: Timestamp,
) -> Cleaned {
    let plan = registry.plans.get(&source.id).cloned().unwrap_or_default();
    let ctx = source.context(&plan);
    let mut waiting: Vec<(usize, QuarantineReason)> = Vec::new();
    let mut out = Cleaned { items: Vec::with_capacity(events.len()), sent, mended: HashMap::new() };
    for (i, e) in events.into_iter().enumerate() {
        out.items.push(match e {
            Err(r) => Item::Rejected(r),
            Ok(raw) => match prepare(raw, &ctx, now) {
                Prepared::Ready(event) => ready(event),
                Prepared::Quarantine { reason, detail, event } => {
                    waiting.push((i, reason));
                    Item::Quarantine { reason: reason.as_str(), detail, raw: Box::default(), event }
                }
            },
        });
    }
    for (i, reason) in waiting {
        // What was decoded before is decoded again.
        let Some(raw) = out.sent.event(i) else { continue };
        if let Some((event, fixes)) = mended(raw, reason, &ctx, registry, now) {
            out.items[i] = ready(event);
            out.mended.insert(i, fixes);
        } else if let Item::Quarantine { raw: slot, .. } = &mut out.items[i] {
            slot.as_mut().clone_from(raw);
        }
    }
    out
}

/// Most bytes that are stored of an event. Requests are held to less (`limits.event_bytes`); rows of files are not.
const STORED_BYTES: usize = 1 << 20;

fn ready(event: Box<Event>) -> Item {
    let texts = Texts::of(&event);
    let bytes = texts.properties.len() + texts.traits.len() + texts.context.len();
    if bytes > STORED_BYTES {
        let detail = format!("the event has {bytes} bytes, larger than {STORED_BYTES}; leave out what nobody asks for");
        return Item::Rejected(Rejected::over_limit(detail));
    }
    Item::Ready(event, texts)
}

/// The event after the active fixes for what is wrong with it, oldest first, and those that had a part in it; `None`
/// when they do not make it fit to be recorded.
fn mended(
    raw: &RawEvent,
    mut reason: QuarantineReason,
    ctx: &SourceContext<'_>,
    registry: &Snapshot,
    now: Timestamp,
) -> Option<(Box<Event>, Vec<FixId>)> {
    let mut current = Cow::Borrowed(raw);
    let mut applied = Vec::new();
    for f in registry.fixes.iter().filter(|f| f.source_id.is_none_or(|s| s == ctx.id)) {
        // Names are listed, and fixes made for them, as they are when clean.
        if !f.filter.takes(reason, &clean::text(&current.name)) {
            continue;
        }
        current = Cow::Owned(fix::apply(&current, &f.ops));
        applied.push(f.id);
        match prepare(current.clone().into_owned(), ctx, now) {
            Prepared::Ready(event) => return Some((event, applied)),
            Prepared::Quarantine { reason: left, .. } => reason = left,
        }
    }
    None
}

/// Which events a saved fix is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(default)]
pub struct FixFilter {
    /// Quarantine reason it was made for.
    pub reason: Option<String>,
    /// The event's name as it arrives.
    pub event_name: Option<String>,
}

impl FixFilter {
    fn takes(&self, reason: QuarantineReason, name: &str) -> bool {
        self.reason.as_deref().is_none_or(|r| r == reason.as_str())
            && self.event_name.as_deref().is_none_or(|n| n == name)
    }
}

#[cfg(test)]
mod mutated;
#[cfg(test)]
mod tests;
