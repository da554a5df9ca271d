//! One commit: dedupe, resolve who it is, append, and write what follows from the events, for many requests at once.
//!
//! Invariants: an event's dedupe key, its row, its identity evidence and its traits commit together; a verdict is only
//! given after the commit; running the same bytes again finds every key taken and changes nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use throughline_base::{EventId, FixId, IdentifierId, QuarantineId, Timestamp};
use throughline_domain::event::{Event, RawEvent, RejectReason, clean};
use throughline_domain::person::search::mask;
use throughline_store::event::{
    self as rows, EventKey, FLAG_BOT, FLAG_REPLAYED, HotEvent, Quarantined, Seen, SourceDay,
};
use throughline_store::source::{self, SourceWarning};
use throughline_store::{Tx, touch};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::effects::Effects;
use super::{Batch, EventVerdict, Item, Texts, Verdict};
use crate::identity::Rows;
use crate::live::{Arrival, ArrivalId};
use crate::privacy::gate::{self, Burial};
use crate::registry::Source;
use crate::{App, Result};

/// Interned names and touches. What a transaction adds becomes part of them only when it commits.
#[derive(Debug, Default)]
pub(crate) struct Caches {
    names: HashMap<String, i64>,
    touches: HashMap<u64, i64>,
}

/// What a commit led to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Verdicts by batch and event.
    pub(crate) verdicts: Vec<Vec<EventVerdict>>,
    /// For those who watch.
    pub(crate) arrivals: Vec<Arrival>,
}

impl Caches {
    pub(crate) fn load(app: &App) -> Result<Self> {
        let (names, touches) = app.db.read(|tx| Ok((rows::names(tx)?, touch::list(tx)?)))?;
        Ok(Self {
            names: names.into_iter().map(|(id, name, _, _)| (name, id)).collect(),
            touches: touches.into_iter().map(|(id, fingerprint, _)| (fingerprint as u64, id)).collect(),
        })
    }
}

/// Records a group in one transaction.
pub(crate) fn record(app: &Arc<App>, caches: &mut Caches, group: &mut [Batch]) -> Result<Outcome> {
    let mut fresh = Caches::default();
    // Watchers cost something only when there are any.
    let watched = app.live.is_watched();
    let mut along: Vec<_> = group.iter_mut().map(|b| b.along.take()).collect();
    let result = app.db.write(|tx| {
        // Writers take turns, so ids grow in the order of commits, also when another process has a faster clock: what
        // follows the log by id, and sealing, never pass by an event.
        app.ids.advance_past(rows::newest(tx)?.get());
        let mut r = Recorder::new(app, caches, &mut fresh, watched);
        // A batch without events has its verdicts too, and what it wants along with the commit.
        r.out.verdicts.resize_with(group.len(), Vec::new);
        r.erased = gate::check(tx, app, group)?;
        r.claim_keys(tx, group)?;
        r.load_identity(tx, group)?;
        for (b, batch) in group.iter().enumerate() {
            for i in 0..batch.items.len() {
                r.item(tx, b, batch, i)?;
            }
        }
        let outcome = r.flush(tx)?;
        for (f, verdicts) in along.iter_mut().zip(&outcome.verdicts) {
            if let Some(f) = f {
                f(tx, verdicts)?;
            }
        }
        Ok(outcome)
    });
    // What did not commit is done again when its batch is.
    for (b, f) in group.iter_mut().zip(along) {
        b.along = f;
    }
    if result.is_ok() {
        caches.names.extend(fresh.names);
        caches.touches.extend(fresh.touches);
    }
    Ok(result?)
}

struct Recorder<'a> {
    app: &'a App,
    caches: &'a Caches,
    fresh: &'a mut Caches,
    watched: bool,
    seen: Vec<Vec<Option<Seen>>>,
    erased: Vec<Vec<Option<Burial>>>,
    identity: Rows,
    effects: Effects,
    hot: Vec<HotEvent>,
    quarantine: Vec<Quarantined>,
    days: HashMap<(i64, i64), SourceDay>,
    warnings: HashMap<(i64, String, String), i64>,
    /// How many events each saved fix had a part in.
    fixes: BTreeMap<FixId, i64>,
    out: Outcome,
    now: Timestamp,
}

/// The dedupe key of an event of a source (field note §1.4).
pub(crate) fn event_key(source: i64, message_id: &str, content_hash: u64) -> EventKey {
    // The source is part of what is hashed, not the seed: seeds of near-by sources meet short ids by XOR alone.
    let mut hash = Xxh3::new();
    hash.update(&source.to_le_bytes());
    hash.update(message_id.as_bytes());
    let both = hash.digest128();
    EventKey { key: both as u64 as i64, id_check: (both >> 64) as u64 as i64, body_check: content_hash as i64 }
}

/// The key of what could not even be prepared: its raw form.
fn raw_key(source: i64, raw: &RawEvent) -> EventKey {
    let text = serde_json::to_vec(raw).unwrap_or_default();
    let hash = xxh3_64(&text);
    match &raw.message_id {
        Some(id) => event_key(source, id, hash),
        None => event_key(source, &format!("raw:{hash:016x}"), hash),
    }
}

impl<'a> Recorder<'a> {
    fn new(app: &'a App, caches: &'a Caches, fresh: &'a mut Caches, watched: bool) -> Self {
        Self {
            app,
            caches,
            fresh,
            watched,
            seen: Vec::new(),
            erased: Vec::new(),
            identity: Rows::default(),
            effects: Effects::default(),
            hot: Vec::new(),
            quarantine: Vec::new(),
            days: HashMap::new(),
            warnings: HashMap::new(),
            fixes: BTreeMap::new(),
            out: Outcome::default(),
            now: app.now(),
        }
    }

    /// Which events are new. What comes out of quarantine was claimed when it went in, so it finds its own claim; a
    /// conflict means that the id belongs to another event. Of a refused event nothing is kept, not even its key.
    fn claim_keys(&mut self, tx: &mut Tx<'_>, group: &[Batch]) -> throughline_store::Result<()> {
        let mut keys = Vec::new();
        for (b, erased) in group.iter().zip(&self.erased) {
            let source = b.source.id.get();
            for (item, _) in b.items.iter().zip(erased).filter(|(_, refused)| refused.is_none()) {
                match item {
                    Item::Ready(e, _) | Item::Quarantine { event: Some(e), .. } => {
                        keys.push(event_key(source, &e.message_id, e.content_hash));
                    }
                    Item::Quarantine { raw, event: None, .. } => keys.push(raw_key(source, raw)),
                    Item::Rejected(_) => {}
                }
            }
        }
        let mut answers = rows::keys_claim(tx, &keys)?.into_iter();
        let mut seen = |b: &Batch, item: &Item| match item {
            Item::Rejected(_) => None,
            Item::Ready(_, _) | Item::Quarantine { .. } => answers.next().map(|seen| match seen {
                Seen::Duplicate if b.replay.is_some() => Seen::New,
                other => other,
            }),
        };
        let each = |(b, erased): (&Batch, &Vec<Option<Burial>>)| {
            let items = b.items.iter().zip(erased);
            items.map(|(item, refused)| if refused.is_some() { None } else { seen(b, item) }).collect()
        };
        self.seen = group.iter().zip(&self.erased).map(each).collect();
        Ok(())
    }

    fn load_identity(&mut self, tx: &mut Tx<'_>, group: &[Batch]) -> throughline_store::Result<()> {
        let mut events: Vec<&Event> = Vec::new();
        for (b, batch) in group.iter().enumerate() {
            for (i, item) in batch.items.iter().enumerate() {
                if let Item::Ready(e, _) = item
                    && self.seen[b][i] == Some(Seen::New)
                    && self.erased[b][i].is_none()
                {
                    events.push(e);
                }
            }
        }
        self.identity.load(tx, self.app, &events)
    }

    fn item(&mut self, tx: &mut Tx<'_>, b: usize, batch: &Batch, i: usize) -> throughline_store::Result<()> {
        let seen = self.seen[b][i];
        let replayed = batch.replay.as_ref().map(|ids| ids[i]);
        let item = &batch.items[i];
        let verdict = match item {
            _ if let Some(burial) = self.erased[b][i] => burial.verdict(item),
            Item::Rejected(r) => {
                self.warn(&batch.source, r.reason.as_str().into(), refused(r.reason).into());
                EventVerdict {
                    reason: Some(r.reason.as_str().into()),
                    detail: Some(r.detail.clone()),
                    ..verdict_of(Verdict::Rejected, None)
                }
            }
            Item::Ready(e, texts) => match seen {
                Some(Seen::Duplicate) => verdict_of(Verdict::Duplicate, Some(e)),
                Some(Seen::Conflict) => self.conflict(tx, batch, (i, e), replayed)?,
                Some(Seen::New) | None => self.event(tx, batch, (i, e, texts), replayed)?,
            },
            Item::Quarantine { reason, detail, raw, event } => match seen {
                Some(Seen::Duplicate) => verdict_of(Verdict::Duplicate, event.as_deref()),
                Some(Seen::New | Seen::Conflict) | None => {
                    self.quarantine_raw(tx, batch, replayed, reason, detail, raw)?;
                    EventVerdict {
                        reason: Some((*reason).into()),
                        detail: Some(detail.clone()),
                        ..verdict_of(Verdict::Quarantined, event.as_deref())
                    }
                }
            },
        };
        if self.watched {
            self.arrive(batch, &batch.items[i], &verdict);
        }
        self.out.verdicts[b].push(verdict);
        Ok(())
    }

    fn event(
        &mut self,
        tx: &mut Tx<'_>,
        batch: &Batch,
        (place, e, texts): (usize, &Event, &Texts),
        replayed: Option<QuarantineId>,
    ) -> throughline_store::Result<EventVerdict> {
        if let Some(id) = replayed
            && !rows::quarantine_decide(tx, id, "replayed", None, self.now)?
        {
            return Ok(verdict_of(Verdict::Duplicate, Some(e)));
        }
        let id = EventId::new(self.app.ids.next());
        let resolved = self.identity.resolve(tx, self.app, &batch.source, e, id)?;
        let Some(line) = resolved.line else {
            // Every identifier it carries is blocked, so it belongs to nobody.
            let detail = "every identifier it carries is blocked, so it belongs to nobody; fix the identifiers";
            self.quarantine_raw(tx, batch, replayed, "no_usable_identifier", detail, &as_sent(batch, place, e))?;
            return Ok(EventVerdict {
                reason: Some("no_usable_identifier".into()),
                detail: Some(detail.into()),
                ..verdict_of(Verdict::Quarantined, Some(e))
            });
        };
        for (code, detail) in resolved.warnings {
            self.warn(&batch.source, code, detail);
        }
        for w in &e.warnings {
            self.warn(&batch.source, "plan".into(), w.clone());
        }
        self.effects.event(line, id, e);
        let hot = self.hot_row(tx, id, line, (e, texts), replayed.is_some())?;
        self.hot.push(hot);
        for fix in batch.mended.get(&place).into_iter().flatten() {
            *self.fixes.entry(*fix).or_insert(0) += 1;
        }
        let day = e.time.received_at.day();
        let d = self.day(day, &batch.source);
        d.events += 1;
        let kind = if e.corrections.is_empty() { Verdict::Accepted } else { Verdict::Corrected };
        let mut corrected: Vec<String> = e.corrections.iter().map(|c| c.field.clone()).collect();
        corrected.dedup();
        Ok(EventVerdict { corrected, ..verdict_of(kind, Some(e)) })
    }

    fn day(&mut self, day: i64, source: &Source) -> &mut SourceDay {
        self.days.entry((day, source.id.get())).or_insert(SourceDay {
            day,
            source_id: source.id,
            events: 0,
            quarantined: 0,
        })
    }

    fn warn(&mut self, source: &Source, code: String, detail: String) {
        // A flood of different texts must not grow memory or the table.
        if self.warnings.len() < 256 {
            *self.warnings.entry((source.id.get(), code, detail)).or_insert(0) += 1;
        }
    }

    fn hot_row(
        &mut self,
        tx: &mut Tx<'_>,
        id: EventId,
        line: IdentifierId,
        (e, texts): (&Event, &Texts),
        replayed: bool,
    ) -> throughline_store::Result<HotEvent> {
        let name_id = self.name_id(tx, e)?;
        let touch_id = self.touch_id(tx, e)?;
        Ok(HotEvent {
            id,
            line,
            event_at: e.time.event_at,
            received_at: e.time.received_at,
            source_id: e.source_id,
            kind: e.kind.as_str().into(),
            name: e.name.clone(),
            name_id,
            touch_id,
            value_minor: e.value.map(|v| v.minor),
            currency: e.value.map(|v| v.currency.to_string()),
            order_id: e.order_id.clone(),
            message_id: e.message_id.clone(),
            flags: if e.bot { FLAG_BOT } else { 0 } | if replayed { FLAG_REPLAYED } else { 0 },
            properties: texts.properties.clone(),
            traits: texts.traits.clone(),
            context: texts.context.clone(),
        })
    }

    /// Page and screen names are free text without end; they share one number.
    fn name_id(&mut self, tx: &mut Tx<'_>, e: &Event) -> throughline_store::Result<i64> {
        let name = crate::names::interned(e.kind, &e.name);
        if let Some(id) = self.caches.names.get(name.as_ref()).or_else(|| self.fresh.names.get(name.as_ref())) {
            return Ok(*id);
        }
        let id = rows::name_intern(tx, &name)?;
        self.fresh.names.insert(name.into_owned(), id);
        Ok(id)
    }

    fn touch_id(&mut self, tx: &mut Tx<'_>, e: &Event) -> throughline_store::Result<i64> {
        let Some(signature) = &e.touch else { return Ok(0) };
        let text = serde_json::to_string(signature).unwrap_or_default();
        let fingerprint = xxh3_64(text.as_bytes());
        if let Some(id) = self.caches.touches.get(&fingerprint).or_else(|| self.fresh.touches.get(&fingerprint)) {
            return Ok(*id);
        }
        let id = touch::intern(tx, fingerprint as i64, &text, self.now)?;
        self.fresh.touches.insert(fingerprint, id);
        Ok(id)
    }

    fn conflict(
        &mut self,
        tx: &mut Tx<'_>,
        batch: &Batch,
        (place, e): (usize, &Event),
        replayed: Option<QuarantineId>,
    ) -> throughline_store::Result<EventVerdict> {
        let detail = "an event with this id and other content came before; this one is kept in quarantine";
        self.quarantine_raw(tx, batch, replayed, "duplicate_conflict", detail, &as_sent(batch, place, e))?;
        Ok(EventVerdict {
            reason: Some("duplicate_conflict".into()),
            detail: Some(detail.into()),
            ..verdict_of(Verdict::DuplicateConflict, Some(e))
        })
    }

    fn quarantine_raw(
        &mut self,
        tx: &mut Tx<'_>,
        batch: &Batch,
        replayed: Option<QuarantineId>,
        reason: &str,
        detail: &str,
        raw: &RawEvent,
    ) -> throughline_store::Result<()> {
        match replayed {
            // It stays where it is, with its present reason.
            Some(id) => {
                rows::quarantine_update_reason(tx, id, reason, detail)?;
            }
            None => self.push_quarantine(batch, reason, detail, raw),
        }
        Ok(())
    }

    fn push_quarantine(&mut self, batch: &Batch, reason: &str, detail: &str, raw: &RawEvent) {
        let day = batch.received_at.day();
        self.day(day, &batch.source).quarantined += 1;
        self.quarantine.push(Quarantined {
            id: QuarantineId::new(self.app.ids.next()),
            source_id: batch.source.id,
            received_at: batch.received_at,
            reason: reason.into(),
            detail: detail.into(),
            event_name: crate::names::interned(raw.kind, &clean::text(&raw.name)).into_owned(),
            raw: serde_json::to_string(raw).unwrap_or_else(|_| "{}".into()),
            state: "open".into(),
            decided_at: None,
            note: None,
        });
    }

    fn arrive(&mut self, batch: &Batch, item: &Item, v: &EventVerdict) {
        let (event, kind, name) = match item {
            Item::Ready(e, _) | Item::Quarantine { event: Some(e), .. } => (Some(e), e.kind.as_str(), e.name.clone()),
            Item::Quarantine { raw, event: None, .. } => (None, raw.kind.as_str(), raw.name.clone()),
            Item::Rejected(_) => (None, "", String::new()),
        };
        let recorded = matches!(v.verdict, Verdict::Accepted | Verdict::Corrected);
        let person_id = if recorded { self.hot.last().map(|h| self.identity.person_of(h.line)) } else { None };
        self.out.arrivals.push(Arrival {
            at: event.map_or(batch.received_at, |e| e.time.event_at),
            received_at: batch.received_at,
            source_id: batch.source.id,
            source_name: batch.source.name.to_string(),
            kind,
            name,
            verdict: v.verdict.as_str(),
            reason: v.reason.clone(),
            person_id,
            identifiers: event.map_or_else(Vec::new, |e| {
                let masked = |c: &throughline_domain::event::Claim| ArrivalId {
                    namespace: c.namespace.clone(),
                    value: mask(&c.namespace, &c.value),
                };
                e.claims.iter().take(4).map(masked).collect()
            }),
            ms: batch.started.elapsed().as_millis() as i64,
        });
    }

    fn flush(mut self, tx: &mut Tx<'_>) -> throughline_store::Result<Outcome> {
        self.identity.flush(tx, self.app)?;
        self.effects.flush(tx, self.app)?;
        rows::hot_insert(tx, &self.hot)?;
        rows::quarantine_insert(tx, &self.quarantine)?;
        let days: Vec<SourceDay> = self.days.into_values().collect();
        rows::days_count(tx, &days, self.now)?;
        if !self.hot.is_empty() {
            rows::counter_add(tx, "events", self.hot.len() as i64)?;
        }
        let warnings: Vec<SourceWarning> = self
            .warnings
            .into_iter()
            .map(|((source, code, detail), count)| SourceWarning {
                source_id: throughline_base::SourceId::new(source),
                code,
                detail,
                count,
                first_at: self.now,
                last_at: self.now,
            })
            .collect();
        source::warnings_count(tx, &warnings)?;
        for (fix, n) in self.fixes {
            rows::fix_applied(tx, fix, n)?;
        }
        Ok(self.out)
    }
}

fn verdict_of(verdict: Verdict, e: Option<&Event>) -> EventVerdict {
    EventVerdict {
        verdict,
        message_id: e.map(|e| e.message_id.clone()),
        message_id_derived: e.is_some_and(|e| e.message_id_derived),
        reason: None,
        detail: None,
        corrected: Vec::new(),
    }
}

/// The event as it was sent, which is what quarantine keeps.
fn as_sent<'a>(batch: &'a Batch, place: usize, e: &Event) -> Cow<'a, RawEvent> {
    // What was prepared had been read; should it not be read again, its name and its key are left.
    let left = || RawEvent {
        kind: e.kind,
        name: e.name.clone(),
        message_id: Some(e.message_id.clone()),
        content_hash: Some(e.content_hash),
        ..RawEvent::default()
    };
    batch.sent.event(place).map_or_else(|| Cow::Owned(left()), Cow::Borrowed)
}

/// What the source is told of events of which nothing is kept. The same for all of them, so that they are counted.
const fn refused(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::OverLimit => {
            "events were refused, and nothing of them is kept: they are larger, deeper or further down their batch than the limits allow"
        }
        RejectReason::Unreadable => {
            "events were refused, and nothing of them is kept: their bytes are no JSON that can be read"
        }
        RejectReason::BadKey => "events were refused, and nothing of them is kept: their write key is unknown",
    }
}

/// Who an event is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolved {
    /// The line; `None` when no identifier can be used.
    pub(crate) line: Option<IdentifierId>,
    /// `(code, detail)` for the source.
    pub(crate) warnings: Vec<(String, String)>,
}
