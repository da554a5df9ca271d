//! A batch that the store refuses is taken apart, so that all of it is recorded but the events at fault. Those are kept in
//! quarantine; cleaning should have mended them, so each is an error of ours and in the log.

use std::sync::Arc;

use throughline_base::{Problem, ProblemKind};
use throughline_domain::event::{Event, RawEvent};

use super::record::{self, Caches, Outcome};
use super::writer::{answer, turn_away};
use super::{Batch, EventVerdict, Item};
use crate::{App, Result};

/// Reason of an event that the store refuses as it is.
pub(crate) const UNSTORABLE: &str = "unstorable";

/// Records a batch in parts and answers it. Should the process stop in between, what was recorded is found to be so when
/// the batch is sent again.
pub(super) fn write(app: &Arc<App>, caches: &mut Caches, batch: &mut Batch) {
    let mut part = batch.split_off(0);
    let mut outcome = Outcome { verdicts: vec![Vec::new()], ..Outcome::default() };
    let recorded = if part.is_empty() { Ok(()) } else { record_parts(app, caches, &mut part, &mut outcome) };
    let settled = recorded.and_then(|()| settle(app, batch, &outcome.verdicts[0]));
    match settled {
        Ok(()) => answer(app, std::slice::from_mut(batch), outcome),
        Err(e) => turn_away(std::slice::from_mut(batch), &e),
    }
}

/// What the batch wants along with its events, now that all of them are there.
fn settle(app: &App, batch: &mut Batch, verdicts: &[EventVerdict]) -> Result<()> {
    match batch.along.as_mut() {
        Some(f) => Ok(app.db.write(|tx| f(tx, verdicts))?),
        None => Ok(()),
    }
}

/// Records a part whole, else its halves, until the event at fault stands alone.
fn record_parts(app: &Arc<App>, caches: &mut Caches, part: &mut Batch, out: &mut Outcome) -> Result<()> {
    match record::record(app, caches, std::slice::from_mut(part)) {
        Ok(done) => {
            out.verdicts[0].extend(done.verdicts.into_iter().flatten());
            out.arrivals.extend(done.arrivals);
            Ok(())
        }
        Err(e) if e.kind == ProblemKind::Unavailable => Err(e),
        Err(_) if part.len() > 1 => {
            let mut behind = part.split_off(part.len() / 2);
            record_parts(app, caches, part, out)?;
            record_parts(app, caches, &mut behind, out)
        }
        Err(e) => set_aside(app, caches, part, &e, out),
    }
}

/// Keeps the only event of a part in quarantine: with its key when the store takes that, else as text alone.
fn set_aside(app: &Arc<App>, caches: &mut Caches, part: &mut Batch, e: &Problem, out: &mut Outcome) -> Result<()> {
    let is_own = |item: &Item| matches!(item, Item::Quarantine { reason, .. } if *reason == UNSTORABLE);
    let last_try = part.items.iter().any(is_own);
    let event = part.items.pop().and_then(event_of);
    tracing::error!(error = %e, source = %part.source.id, "the store refuses an event as it is; it is kept in quarantine");
    let sent = part.sent.event(0).cloned().unwrap_or_default();
    let raw = if last_try { as_text(&sent) } else { sent };
    let detail = format!("the store refuses it ({}); this is a defect of the cleaning rules, please report it", e.code);
    let event = event.filter(|_| !last_try);
    part.items.push(Item::Quarantine { reason: UNSTORABLE, detail, raw: Box::new(raw), event });
    match record::record(app, caches, std::slice::from_mut(part)) {
        Ok(done) => {
            out.verdicts[0].extend(done.verdicts.into_iter().flatten());
            out.arrivals.extend(done.arrivals);
            Ok(())
        }
        Err(again) if again.kind != ProblemKind::Unavailable && !last_try => set_aside(app, caches, part, &again, out),
        Err(again) => Err(again),
    }
}

fn event_of(item: Item) -> Option<Box<Event>> {
    match item {
        Item::Ready(e, _) => Some(e),
        Item::Quarantine { event, .. } => event,
        Item::Rejected(_) => None,
    }
}

/// The event as one text, which holds no character that could stand in the way.
fn as_text(sent: &RawEvent) -> RawEvent {
    let text = serde_json::to_string(sent).unwrap_or_default();
    let mut raw = RawEvent::new(sent.client, sent.kind);
    raw.extra.insert("original".to_owned(), text.into());
    raw
}
