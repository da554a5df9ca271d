//! What follows the event log with a cursor of its own: statistics of lines, summaries of people, names and properties.
//!
//! Cursor and effects commit in one transaction, so a crash repeats nothing and loses nothing. Sealing waits for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use throughline_base::{EventId, IdentifierId, PersonId, ProblemKind, SourceId, Timestamp};
use throughline_domain::person::stage::Stage;
use throughline_domain::person::traits;
use throughline_store::event::{self as events, HotEvent, PropertySeen};
use throughline_store::person::{self as people, LineRevenue, LineStat, PersonRow};
use throughline_store::{Tx, identity};

use crate::audience::follow as audience;
use crate::background::Watch;
use crate::meter::Meter;
use crate::{App, Result};

/// Events of one pass: enough to share the commit, few enough not to keep the writer waiting.
const PASS_EVENTS: u32 = 1_000;
/// Pause after a pass that took all there was. Commits of many small requests come hundreds a second; following each by
/// itself would cost as many fsyncs again and summarise the same people over and over.
const PAUSE: Duration = Duration::from_millis(200);
/// Properties counted of one event.
const PROPERTIES_MAX: usize = 40;
const CURSOR: &str = "react_cursor";

/// How the follower fares, for the status page and the metrics.
#[derive(Debug, Default)]
pub struct Follower {
    /// Since when no pass could be committed, ms; 0 when the last one was.
    failing_since: AtomicI64,
    /// Events passed over because the store refused what follows from them.
    skipped: AtomicU64,
}

impl Follower {
    /// Since when no pass could be committed; `None` when all is well.
    #[must_use]
    pub fn failing_since(&self) -> Option<Timestamp> {
        Some(self.failing_since.load(Ordering::Relaxed)).filter(|ms| *ms != 0).map(Timestamp::from_ms)
    }

    /// Events passed over since the start.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    fn succeeded(&self) {
        self.failing_since.store(0, Ordering::Relaxed);
    }

    fn failed(&self, now: Timestamp) {
        // The first failure counts; who is failing already stays so.
        let _ = self.failing_since.compare_exchange(0, now.ms(), Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// Follows the log until the process stops.
pub(crate) fn follow(app: &Arc<App>, mut watch: Watch) {
    while !watch.is_stopping() {
        // What left marks is looked at though no event comes.
        match app.react_once().and_then(|n| Ok((n, app.audience_marks()?))) {
            Ok((n, false)) if n < PASS_EVENTS as usize => watch.wait(PAUSE),
            Ok(_) => {}
            Err(e) => {
                tracing::warn!(error = %e, "the follower of the log could not commit; it tries again");
                watch.wait(Duration::from_secs(1));
            }
        }
    }
}

/// Where the follower is.
pub(crate) fn cursor(tx: &mut Tx<'_>) -> throughline_store::Result<EventId> {
    Ok(EventId::new(events::setting_get(tx, CURSOR)?.and_then(|t| t.parse().ok()).unwrap_or(0)))
}

impl App {
    /// Follows one pass of events; returns how many. An event whose effects the store refuses is passed over, so that it
    /// stops nothing behind it.
    ///
    /// # Errors
    /// When the store cannot be read or written now; what was not followed is still to be followed then.
    pub fn react_once(&self) -> Result<usize> {
        let followed = self.pass().and_then(|batch| {
            if batch.is_empty() {
                return Ok(0);
            }
            let prepared = self.audience_prepare()?;
            self.react(&batch, &prepared)?;
            self.audience_committed();
            Ok(batch.len())
        });
        match &followed {
            Ok(_) => self.follower.succeeded(),
            Err(_) => self.follower.failed(self.now()),
        }
        followed
    }

    fn pass(&self) -> Result<Vec<HotEvent>> {
        Ok(self.db.read(|tx| {
            let at = cursor(tx)?;
            events::hot_after(tx, at, PASS_EVENTS)
        })?)
    }

    /// Follows events in one transaction; when the store refuses that, in halves, down to the event at fault.
    fn react(&self, batch: &[HotEvent], prepared: &audience::Prepared) -> Result<()> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(()) };
        match self.react_together(batch, prepared) {
            Ok(()) => Ok(()),
            Err(e) if e.kind == ProblemKind::Unavailable => Err(e),
            Err(e) if batch.len() > 1 => {
                tracing::warn!(error = %e, events = batch.len(), "pass not committed; looking for the event at fault");
                let (before, behind) = batch.split_at(batch.len() / 2);
                self.react(before, prepared)?;
                self.react(behind, prepared)
            }
            Err(e) => {
                self.db.write(|tx| advance(tx, first.id, last.id, |_, _| Ok(())))?;
                Meter::add(&self.follower.skipped, 1);
                tracing::error!(error = %e, event = %first.id, "event passed over: it is recorded, but counted nowhere");
                Ok(())
            }
        }
    }

    fn react_together(&self, batch: &[HotEvent], prepared: &audience::Prepared) -> Result<()> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(()) };
        let digest = Digest::of(batch);
        Ok(self.db.write(|tx| {
            advance(tx, first.id, last.id, |tx, cursor| {
                digest.write(tx, self)?;
                audience::follow(tx, self, prepared, batch, cursor)
            })
        })?)
    }

    /// Follows until nothing is left; for tests and tools.
    ///
    /// # Errors
    /// As [`App::react_once`].
    pub fn react_all(&self) -> Result<()> {
        while self.react_once()? > 0 || self.audience_marks()? {}
        Ok(())
    }
}

/// Moves the cursor over a pass, with its effects. Only one follower commits a pass: the cursor must still be before it.
fn advance(
    tx: &mut Tx<'_>,
    first: EventId,
    last: EventId,
    effects: impl FnOnce(&mut Tx<'_>, EventId) -> throughline_store::Result<()>,
) -> throughline_store::Result<()> {
    let before = cursor(tx)?;
    if before >= first {
        return Ok(());
    }
    effects(tx, before)?;
    events::setting_put(tx, CURSOR, &last.get().to_string())?;
    Ok(())
}

#[derive(Default)]
struct Digest {
    lines: BTreeMap<IdentifierId, LineStat>,
    sources: BTreeMap<(IdentifierId, SourceId), (i64, Timestamp)>,
    names: BTreeMap<i64, (i64, i64)>,
    properties: HashMap<(i64, String, &'static str), (i64, String)>,
    orders: Vec<OrderEvent>,
}

/// An event about an order.
struct OrderEvent {
    line: IdentifierId,
    event: EventId,
    order_id: Option<String>,
    /// Negative for what was given back.
    value: Option<(i64, String)>,
    at: Timestamp,
    /// It adds an order, which then counts once; a refund counts by itself: one order may be refunded in parts.
    is_order: bool,
}

impl OrderEvent {
    fn of(e: &HotEvent) -> Option<Self> {
        let is_order = match e.name.as_str() {
            "Order Completed" => true,
            "Order Refunded" | "Order Cancelled" => false,
            _ => return None,
        };
        let value = e.value_minor.zip(e.currency.clone());
        Some(Self { line: e.line, event: e.id, order_id: e.order_id.clone(), value, at: e.event_at, is_order })
    }

    /// What tells it from other orders: two shops may number theirs alike, but not for one person.
    fn key(&self, person: PersonId) -> i64 {
        match &self.order_id {
            Some(id) if self.is_order => {
                let mut hash = xxhash_rust::xxh3::Xxh3::with_seed(person.get() as u64);
                hash.update(id.as_bytes());
                hash.digest() as i64
            }
            Some(_) | None => self.event.get(),
        }
    }
}

impl Digest {
    fn of(batch: &[HotEvent]) -> Self {
        let mut d = Self::default();
        for e in batch {
            d.event(e);
        }
        d
    }

    fn event(&mut self, e: &HotEvent) {
        let s = self.lines.entry(e.line).or_insert_with(|| empty_stat(e.line, e.event_at));
        s.first_at = s.first_at.min(e.event_at);
        s.last_at = s.last_at.max(e.event_at);
        s.events += 1;
        if e.touch_id != 0 {
            if s.first_touch_id == 0 || e.event_at < s.first_touch_at {
                (s.first_touch_id, s.first_touch_at) = (e.touch_id, e.event_at);
            }
            if s.last_touch_id == 0 || e.event_at >= s.last_touch_at {
                (s.last_touch_id, s.last_touch_at) = (e.touch_id, e.event_at);
            }
        }
        let by_source = self.sources.entry((e.line, e.source_id)).or_insert((0, e.event_at));
        *by_source = (by_source.0 + 1, by_source.1.max(e.event_at));
        let name = self.names.entry(e.name_id).or_insert((0, 0));
        *name = (name.0 + 1, name.1.max(e.event_at.ms()));
        if e.kind == "track" {
            self.count_properties(e);
        }
        if e.kind == "track" {
            self.orders.extend(OrderEvent::of(e));
        }
    }

    fn count_properties(&mut self, e: &HotEvent) {
        let Ok(Value::Object(o)) = serde_json::from_str::<Value>(&e.properties) else { return };
        for (name, value) in o.iter().take(PROPERTIES_MAX) {
            let (kind, example) = match value {
                Value::Null => continue,
                Value::Bool(b) => ("boolean", b.to_string()),
                Value::Number(n) => ("number", n.to_string()),
                // Examples of text could be personal data; only its shape is kept.
                Value::String(s) => ("string", shape(s)),
                Value::Array(a) => ("array", format!("{} items", a.len())),
                Value::Object(_) => ("object", "{…}".to_owned()),
            };
            let slot = self.properties.entry((e.name_id, name.clone(), kind)).or_insert((0, example));
            slot.0 += 1;
        }
    }

    fn write(self, tx: &mut Tx<'_>, app: &App) -> throughline_store::Result<()> {
        let mut lines = self.lines;
        let named: Vec<IdentifierId> = lines.keys().copied().collect();
        let persons: HashMap<IdentifierId, PersonId> = identity::persons_of_lines(tx, &named)?.into_iter().collect();
        let person_of = |line: IdentifierId| persons.get(&line).copied().unwrap_or(PersonId::new(line.get()));
        let keys: Vec<[throughline_store::Value<'_>; 1]> =
            self.orders.iter().map(|o| [throughline_store::v(o.key(person_of(o.line)))]).collect();
        let new = tx.insert_new("order_seen", ["key"], &["key"], &keys)?;
        let mut revenue: BTreeMap<(IdentifierId, String), i64> = BTreeMap::new();
        for (o, _) in self.orders.into_iter().zip(new).filter(|(_, new)| *new) {
            let Some(s) = lines.get_mut(&o.line) else { continue };
            if let Some((minor, currency)) = o.value {
                *revenue.entry((o.line, currency)).or_insert(0) += minor;
            }
            if o.is_order {
                s.orders += 1;
                s.last_order_at = s.last_order_at.max(Some(o.at));
            }
        }
        // A person erased since the pass was read has no statistics any more.
        for gone in throughline_store::history::erased_among(tx, &named)? {
            lines.remove(&gone);
        }
        let stats: Vec<LineStat> = lines.into_values().collect();
        people::line_stats_add(tx, &stats)?;
        let here = |line: &IdentifierId| stats.binary_search_by_key(line, |s| s.line).is_ok();
        let revenue: Vec<LineRevenue> = revenue
            .into_iter()
            .filter(|((line, _), _)| here(line))
            .map(|((line, currency), revenue_minor)| LineRevenue { line, currency, revenue_minor })
            .collect();
        people::line_revenues_add(tx, &revenue)?;
        let sources: Vec<_> =
            self.sources.iter().filter(|((l, _), _)| here(l)).map(|((l, s), (n, at))| (*l, *s, *n, *at)).collect();
        people::line_sources_add(tx, &sources)?;
        let names: Vec<_> = self.names.iter().map(|(id, (n, at))| (*id, *n, *at)).collect();
        events::names_count(tx, &names)?;
        let mut seen: Vec<PropertySeen> = self
            .properties
            .into_iter()
            .map(|((name_id, property, kind), (count, example))| PropertySeen {
                name_id,
                property,
                kind: kind.into(),
                count,
                example,
            })
            .collect();
        seen.sort_by(|a, b| (a.name_id, &a.property, &a.kind).cmp(&(b.name_id, &b.property, &b.kind)));
        events::properties_count(tx, &seen)?;
        // Lines that are gone have nobody to summarise.
        let touched: BTreeSet<PersonId> = stats.iter().filter_map(|s| persons.get(&s.line).copied()).collect();
        let persons: Vec<PersonId> = touched.into_iter().collect();
        summarise(tx, app, &persons)
    }
}

fn empty_stat(line: IdentifierId, at: Timestamp) -> LineStat {
    LineStat {
        line,
        first_at: at,
        last_at: at,
        events: 0,
        orders: 0,
        last_order_at: None,
        first_touch_id: 0,
        first_touch_at: at,
        last_touch_id: 0,
        last_touch_at: at,
    }
}

/// Letters and digits of a text as `a` and `9`, cut short: enough to see that a price is text.
fn shape(text: &str) -> String {
    text.chars()
        .take(24)
        .map(|c| match c {
            '0'..='9' => '9',
            c if c.is_alphabetic() => 'a',
            c => c,
        })
        .collect()
}

/// Computes the summaries of persons anew from what hangs on their lines, and removes those of persons that are gone.
pub(crate) fn summarise(tx: &mut Tx<'_>, app: &App, persons: &[PersonId]) -> throughline_store::Result<()> {
    if persons.is_empty() {
        return Ok(());
    }
    let nodes = identity::nodes_of_persons(tx, persons)?;
    let lines: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
    let stats: HashMap<IdentifierId, LineStat> =
        people::line_stats(tx, &lines)?.into_iter().map(|s| (s.line, s)).collect();
    let mut paid: HashMap<IdentifierId, Vec<LineRevenue>> = HashMap::new();
    for r in people::line_revenues(tx, &lines)? {
        paid.entry(r.line).or_default().push(r);
    }
    let mut values: HashMap<IdentifierId, Vec<people::TraitRow>> = HashMap::new();
    for t in people::traits(tx, &lines)? {
        values.entry(t.line).or_default().push(t);
    }
    let overrides = stage_overrides(tx, &lines)?;
    let registry = app.registry.get();
    let now = app.now();
    let mut out = Vec::with_capacity(persons.len());
    let mut gone = Vec::new();
    for person in persons {
        let own: Vec<_> = nodes.iter().filter(|n| n.person == *person).collect();
        let Some(first) = own.first() else {
            gone.push(*person);
            continue;
        };
        let mut row = PersonRow {
            id: *person,
            identified: own.iter().any(|n| n.strength.is_strong()),
            created_at: own.iter().map(|n| n.created_at).min().unwrap_or(first.created_at),
            first_seen_at: own.iter().map(|n| n.first_at).min().unwrap_or(first.first_at),
            last_seen_at: own.iter().map(|n| n.last_at).max().unwrap_or(first.last_at),
            display_name: None,
            stage: String::new(),
            events: 0,
            orders: 0,
            revenue_minor: 0,
            currency: None,
            household_id: None,
            stage_until: None,
        };
        let mut last_order = None;
        for s in own.iter().filter_map(|n| stats.get(&n.id)) {
            row.events += s.events;
            row.orders += s.orders;
            last_order = last_order.max(s.last_order_at);
        }
        (row.revenue_minor, row.currency) =
            main_revenue(own.iter().filter_map(|n| paid.get(&n.id)).flatten(), app.settings.currency.as_str());
        let rows: Vec<&people::TraitRow> = own.iter().filter_map(|n| values.get(&n.id)).flatten().collect();
        let shown = |name: &str| {
            let facts =
                rows.iter().filter(|t| t.name == name).map(|t| crate::person::trait_fact(t, &registry)).collect();
            traits::fold(facts, traits::precedence_of(name, &[])).and_then(|s| s.value.as_str().map(str::to_owned))
        };
        row.display_name = traits::display_name(shown);
        row.household_id = crate::person::household(tx, app, shown)?;
        match own.iter().filter_map(|n| overrides.get(&n.id)).max_by_key(|(_, at)| *at) {
            Some((by_hand, _)) => row.stage.clone_from(by_hand),
            None => {
                Stage::compute(row.identified, row.orders, last_order, now).as_str().clone_into(&mut row.stage);
                row.stage_until = Stage::lapses_at(row.orders, last_order).filter(|at| *at > now);
            }
        }
        out.push(row);
    }
    people::put(tx, &out)?;
    people::delete(tx, &gone)?;
    // Whatever changed about them, consents and identifiers too, may concern where they are sent.
    crate::destination::touched(tx, app, persons)
}

/// Net revenue in the report's currency, or in the one with the most of it when there is none of that.
pub(crate) fn main_revenue<'a>(paid: impl Iterator<Item = &'a LineRevenue>, report: &str) -> (i64, Option<String>) {
    let by_currency = revenue_by_currency(paid);
    let ours = by_currency.get_key_value(report);
    let most = || by_currency.iter().max_by_key(|(_, minor)| **minor);
    ours.or_else(most).map_or((0, None), |(currency, minor)| (*minor, Some((*currency).to_owned())))
}

/// Net revenue by currency.
pub(crate) fn revenue_by_currency<'a>(paid: impl Iterator<Item = &'a LineRevenue>) -> BTreeMap<&'a str, i64> {
    let mut out = BTreeMap::new();
    for r in paid {
        *out.entry(r.currency.as_str()).or_insert(0) += r.revenue_minor;
    }
    out
}

fn stage_overrides(
    tx: &mut Tx<'_>,
    lines: &[IdentifierId],
) -> throughline_store::Result<HashMap<IdentifierId, (String, Timestamp)>> {
    people::stages_by_line(tx, lines)
}

#[cfg(test)]
mod tests;
