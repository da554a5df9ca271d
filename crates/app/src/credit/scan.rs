//! One ordered pass over the whole history: events of a person become [`PathEvent`]s, and those become sums.
//!
//! Nothing is allocated per event or person once the buffers have grown; only conversions with a filter or a value
//! from their properties parse JSON.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use throughline_domain::credit::accumulate::Accumulator;
use throughline_domain::credit::paths::{
    IN_SESSION, IN_STORE, PathBuilder, PathEvent, PathOptions, QUALIFIES, RANK_SHIFT, REFUND,
};
use throughline_domain::event::Object;
use throughline_domain::touch::NO_TOUCH;
use throughline_lake::{Column, ColumnSet, PersonRows, PersonVisitor, ScanRequest, Snapshot};
use throughline_store::credit as rows;
use xxhash_rust::xxh3::xxh3_64;

use super::definition::{ConversionValue, Dedupe, Definition, same_name};
use crate::touch::TouchNames;
use crate::{App, Result};

/// What an event's name means to the conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Other,
    Conversion,
    Refund,
}

/// What an event's source means to it.
#[derive(Debug, Clone, Copy, Default)]
struct Platform {
    source: i64,
    number: u16,
    flags: u16,
}

/// Everything a pass looks up, prepared once and shared by its threads.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) definition: Definition,
    pub(super) touches: Arc<TouchNames>,
    /// By interned name.
    roles: Vec<Role>,
    /// By source id, ascending.
    platforms: Vec<Platform>,
    /// Hot events in another currency, ascending.
    other_currency: Vec<i64>,
    /// People known by more than devices, ascending.
    identified: Vec<i64>,
}

/// A history with what is needed to read it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) lookup: Lookup,
    snapshot: Snapshot,
    request: ScanRequest,
}

/// The sums of one period.
#[derive(Debug)]
pub(crate) struct Period {
    /// What the builder added up.
    pub(crate) sums: Accumulator,
    /// People with a conversion in the period.
    pub(crate) buyers: u64,
    /// People whose first event ever is in the period.
    pub(crate) new_people: u64,
}

/// The result of a pass.
#[derive(Debug)]
pub(crate) struct Pass {
    /// Touches by number, for reading the sums.
    pub(crate) touches: Arc<TouchNames>,
    /// One for each period asked for.
    pub(crate) periods: Vec<Period>,
    /// Conversions left out because of their currency.
    pub(crate) other_currency: u64,
    /// Events read.
    pub(crate) events: u64,
}

/// Kinds of sources that a customer's own device sends: their events form sessions.
const SESSION_KINDS: [&str; 3] = ["web", "app", "mini_program"];

/// What a source's kind says: sessions, store, and how far its word on an order's value is trusted.
fn flags_of(kind: &str) -> u16 {
    let rank = match kind {
        "web" => 0,
        "app" | "mini_program" => 1,
        "pos" | "server" | "marketplace" => 3,
        _ => 2,
    };
    let session = if SESSION_KINDS.contains(&kind) { IN_SESSION } else { 0 };
    let store = if kind == "pos" { IN_STORE } else { 0 };
    session | store | rank << RANK_SHIFT
}

impl App {
    /// Prepares a pass for a definition: names, sources, touches and a snapshot of the history.
    pub(super) fn credit_prepare(&self, definition: &Definition) -> Result<Prepared> {
        let (names, identified) =
            self.db.read(|tx| Ok((throughline_store::event::names(tx)?, rows::identified_people(tx)?)))?;
        let mut roles = vec![Role::Other; names.iter().map(|n| n.0 as usize + 1).max().unwrap_or(0)];
        for (id, name, _, _) in &names {
            let refund = definition.refund_event.as_ref().is_some_and(|r| same_name(r, name));
            roles[*id as usize] = match (same_name(&definition.event, name), refund) {
                (true, _) => Role::Conversion,
                (false, true) => Role::Refund,
                (false, false) => Role::Other,
            };
        }
        let registry = self.registry.get();
        let mut sources: Vec<_> = registry.sources.values().collect();
        sources.sort_by_key(|s| s.id);
        let platforms = sources.iter().zip(1..).map(|(s, number)| Platform {
            source: s.id.get(),
            number,
            flags: flags_of(&s.kind),
        });
        let platforms = platforms.collect();
        let properties = definition.reads_properties();
        let with_properties: BTreeSet<i64> = if properties {
            (0..).zip(&roles).filter(|(_, r)| **r != Role::Other).map(|(i, _)| i).collect()
        } else {
            BTreeSet::new()
        };
        let snapshot = self.snapshot(&with_properties)?;
        // After the snapshot: the touches of all its events are interned by now.
        let touches = self.touch_names()?;
        let by_revenue = definition.value == ConversionValue::Revenue;
        let other_currency = if by_revenue {
            self.db.read(|tx| rows::hot_of_other_currency(tx, definition.currency.as_str()))?
        } else {
            Vec::new()
        };
        let mut columns = ColumnSet::of(&[Column::SourceId, Column::NameId, Column::TouchId, Column::OrderId]);
        if by_revenue || definition.refund_event.is_some() {
            columns = columns.with(Column::ValueMinor).with(Column::Currency);
        }
        if !other_currency.is_empty() {
            columns = columns.with(Column::EventId);
        }
        if properties {
            columns = columns.with(Column::Properties);
        }
        let lookup = Lookup { definition: definition.clone(), touches, roles, platforms, other_currency, identified };
        let request = ScanRequest { columns, exclude_bots: true, ..ScanRequest::default() };
        Ok(Prepared { lookup, snapshot, request })
    }

    /// Reads the whole history once for several periods.
    pub(crate) fn credit_pass(&self, definition: &Definition, periods: &[PathOptions]) -> Result<Pass> {
        let prepared = self.credit_prepare(definition)?;
        let lookup = &prepared.lookup;
        let catalog = &lookup.touches.catalog;
        // Checked before the threads start, so that they cannot fail.
        for options in periods {
            PathBuilder::new(catalog, options)?;
        }
        let adders = self.credit_scan(&prepared, |_| Adder {
            reader: Reader::new(lookup),
            periods: periods
                .iter()
                .filter_map(|options| {
                    let builder = PathBuilder::new(catalog, options).ok()?;
                    Some(PeriodAdder { builder, buying: Buying::of(options), buyers: 0, new_people: 0 })
                })
                .collect(),
        })?;
        let mut pass = Pass { touches: lookup.touches.clone(), periods: Vec::new(), other_currency: 0, events: 0 };
        for adder in adders {
            pass.other_currency += adder.reader.other_currency;
            pass.events += adder.reader.events_read;
            for (i, p) in adder.periods.into_iter().enumerate() {
                let more = Period { sums: p.builder.finish(), buyers: p.buyers, new_people: p.new_people };
                match pass.periods.get_mut(i) {
                    Some(sum) => {
                        sum.sums.merge(&more.sums);
                        sum.buyers += more.buyers;
                        sum.new_people += more.new_people;
                    }
                    None => pass.periods.push(more),
                }
            }
        }
        Ok(pass)
    }

    /// Shows every person of a prepared history to one visitor per thread.
    pub(super) fn credit_scan<V: PersonVisitor>(
        &self,
        prepared: &Prepared,
        make: impl Fn(usize) -> V + Sync,
    ) -> Result<Vec<V>> {
        let threads = self.settings.report_threads.max(1);
        Ok(self.lake.scan(&prepared.snapshot, &prepared.request, threads, make)?)
    }
}

/// Turns the rows of a person into path events.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) lookup: &'a Lookup,
    pub(super) events: Vec<PathEvent>,
    /// Whether one of them is a conversion.
    pub(super) converts: bool,
    /// Whether one of them is a refund.
    pub(super) refunds: bool,
    platform: Platform,
    /// Order keys given to conversions of the person, when each event counts.
    given: HashSet<u64>,
    other_currency: u64,
    events_read: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a Lookup) -> Self {
        Self {
            lookup,
            events: Vec::new(),
            converts: false,
            refunds: false,
            platform: Platform::default(),
            given: HashSet::new(),
            other_currency: 0,
            events_read: 0,
        }
    }

    /// Whether the person is known by more than devices.
    pub(super) fn is_identified(&self, person: i64) -> bool {
        self.lookup.identified.binary_search(&person).is_ok()
    }

    /// Fills `events` with those of a person.
    pub(super) fn read(&mut self, rows: &PersonRows<'_>) {
        self.events.clear();
        self.given.clear();
        self.converts = false;
        self.refunds = false;
        self.events_read += rows.len() as u64;
        let (times, names, touches, sources) = (rows.event_at(), rows.name_id(), rows.touch_id(), rows.source_id());
        for i in 0..rows.len() {
            if sources[i] != self.platform.source {
                self.platform = self.platform_of(sources[i]);
            }
            let mut event = PathEvent {
                event_at: times[i],
                name: names[i] as u32,
                touch: at(&self.lookup.touches.numbers, touches[i]),
                platform: self.platform.number,
                flags: self.platform.flags,
                ..PathEvent::default()
            };
            match self.lookup.roles.get(names[i] as usize) {
                None | Some(Role::Other) => {}
                Some(Role::Conversion) => self.conversion(rows, i, &mut event),
                Some(Role::Refund) => {
                    if !self.refund(rows, i, &mut event) {
                        continue;
                    }
                }
            }
            self.events.push(event);
        }
    }

    fn platform_of(&self, source: i64) -> Platform {
        let list = &self.lookup.platforms;
        let unknown = Platform { source, number: 0, flags: flags_of("") };
        list.binary_search_by_key(&source, |p| p.source).map_or(unknown, |i| list[i])
    }

    fn conversion(&mut self, rows: &PersonRows<'_>, i: usize, event: &mut PathEvent) {
        event.touch = at(&self.lookup.touches.sale_numbers, rows.touch_id()[i]);
        event.order_key = order_key(rows.text(Column::OrderId, i));
        if self.is_foreign(rows, i) {
            self.other_currency += 1;
            return;
        }
        let definition = &self.lookup.definition;
        let parsed = if definition.reads_properties() { properties(rows, i) } else { Object::new() };
        if definition.filter.as_ref().is_some_and(|f| !f.passes(&parsed)) {
            return;
        }
        event.value_minor = definition.value_of(rows.value_minor(i), &parsed).unwrap_or(0);
        event.flags |= QUALIFIES;
        self.converts = true;
        if definition.dedupe == Dedupe::None {
            // The order keeps its key for its refunds; every further event of it, and those without order, get a key
            // of their own.
            if event.order_key == 0 || !self.given.insert(event.order_key) {
                event.order_key = xxh3_64(&(i as u64).to_le_bytes()) | 1;
            }
        }
    }

    /// Says whether the refund can be counted.
    fn refund(&mut self, rows: &PersonRows<'_>, i: usize, event: &mut PathEvent) -> bool {
        event.touch = NO_TOUCH;
        event.order_key = order_key(rows.text(Column::OrderId, i));
        event.flags |= REFUND;
        let definition = &self.lookup.definition;
        event.value_minor = match &definition.value {
            ConversionValue::Revenue if self.is_foreign(rows, i) => return false,
            ConversionValue::Revenue => rows.value_minor(i).unwrap_or(0),
            ConversionValue::Property(_) => definition.value_of(None, &properties(rows, i)).unwrap_or(0),
            // What was given for the whole goes back as a whole.
            ConversionValue::None | ConversionValue::FixedMinor(_) => 0,
        };
        self.refunds = true;
        true
    }

    fn is_foreign(&self, rows: &PersonRows<'_>, i: usize) -> bool {
        if self.lookup.definition.value != ConversionValue::Revenue {
            return false;
        }
        let currency = rows.text(Column::Currency, i);
        let sealed = !currency.is_empty() && currency != self.lookup.definition.currency.as_str();
        let hot = &self.lookup.other_currency;
        sealed || (!hot.is_empty() && hot.binary_search(&rows.event_id()[i]).is_ok())
    }
}

fn at(numbers: &[u32], touch: i32) -> u32 {
    usize::try_from(touch).ok().and_then(|t| numbers.get(t)).copied().unwrap_or(NO_TOUCH)
}

fn order_key(order_id: &str) -> u64 {
    if order_id.is_empty() { 0 } else { xxh3_64(order_id.as_bytes()).max(1) }
}

fn properties(rows: &PersonRows<'_>, i: usize) -> Object {
    serde_json::from_str(rows.text(Column::Properties, i)).unwrap_or_default()
}

/// When a conversion makes its person a buyer of the period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buying {
    from_ms: i64,
    to_ms: i64,
    first_only: bool,
}

impl Buying {
    pub(super) fn of(options: &PathOptions) -> Self {
        let first_only = options.count == throughline_domain::credit::paths::Count::OncePerPerson;
        Self { from_ms: options.from_ms, to_ms: options.to_ms, first_only }
    }

    fn holds(self, at: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&at)
    }

    /// Whether one of the events is a conversion that counts in the period, and no repeat of an earlier one.
    pub(super) fn is_buyer(self, events: &[PathEvent]) -> bool {
        let sales = || events.iter().filter(|e| e.flags & QUALIFIES != 0);
        if self.first_only {
            return sales().next().is_some_and(|e| self.holds(e.event_at));
        }
        let earlier =
            |key: u64| key != 0 && sales().take_while(|e| e.event_at < self.from_ms).any(|e| e.order_key == key);
        sales().any(|e| self.holds(e.event_at) && !earlier(e.order_key))
    }
}

struct Adder<'a> {
    reader: Reader<'a>,
    periods: Vec<PeriodAdder<'a>>,
}

struct PeriodAdder<'a> {
    builder: PathBuilder<'a>,
    buying: Buying,
    buyers: u64,
    new_people: u64,
}

impl PersonVisitor for Adder<'_> {
    fn person(&mut self, rows: PersonRows<'_>) {
        self.reader.read(&rows);
        let identified = self.reader.converts && self.reader.is_identified(rows.person_id());
        let first_at = rows.event_at()[0];
        for p in &mut self.periods {
            p.builder.person(identified, &self.reader.events);
            p.new_people += u64::from(p.buying.holds(first_at));
            p.buyers += u64::from(self.reader.converts && p.buying.is_buyer(&self.reader.events));
        }
    }
}
