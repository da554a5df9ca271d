//! One ordered pass over the history, hot and sealed: each person's behaviour as a program takes it in.
//!
//! Nothing is allocated per event; only programs that read properties look into JSON, and only into that of events they
//! look at.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use throughline_base::{EventId, IdentifierId, PersonId, Timestamp};
use throughline_domain::audience::{PAGE, Program, SCREEN, Scan, Slot};
use throughline_lake::{Column, ColumnSet, HotRows, LakeRow, PersonRows, PersonVisitor, ScanRequest, Snapshot};
use throughline_store::event as events;

use super::deed::{Lookup, Raw};
use super::force::name_ids;
use crate::history::Placement;
use crate::person::timeline::lake_row;
use crate::{App, Result};

/// Names that stand for kinds of events that are nothing a person did.
const OTHER_KINDS: [&str; 5] = ["$identify", "$group", "$alias", "$bind", "$unbind"];

/// What a pass reads.
pub(super) struct Pass<'a> {
    pub(super) program: &'a Program,
    /// Place of the part that is asked about.
    pub(super) place: usize,
    /// Only people of these buckets of the history; `None` for all.
    pub(super) buckets: Option<Vec<u16>>,
    /// Only events up to this one.
    pub(super) up_to: Option<EventId>,
    /// Ends the pass early when it becomes true: whoever asked is gone.
    pub(super) stop: Option<&'a AtomicBool>,
}

struct Visitor<'a, T, F> {
    ask: &'a Pass<'a>,
    lookup: &'a Lookup,
    /// By interned name: the name and where the program takes its events.
    slots: &'a [Option<(String, Slot)>],
    each: F,
    scan: Scan<'a>,
    out: Vec<T>,
}

impl<T: Send, F: FnMut(PersonId, &mut Scan<'_>) -> Option<T> + Send> PersonVisitor for Visitor<'_, T, F> {
    fn person(&mut self, rows: PersonRows<'_>) {
        if self.ask.stop.is_some_and(|s| s.load(Ordering::Relaxed)) {
            return;
        }
        let up_to = self.ask.up_to.map_or(i64::MAX, EventId::get);
        let (times, ids, names) = (rows.event_at(), rows.event_id(), rows.name_id());
        let (touches, sources) = (rows.touch_id(), rows.source_id());
        let mut any = false;
        for i in 0..rows.len() {
            let slot = usize::try_from(names[i]).ok().and_then(|n| self.slots.get(n)).and_then(Option::as_ref);
            let Some((name, slot)) = slot.filter(|_| ids[i] <= up_to) else { continue };
            let (kind, name) = match name.as_str() {
                PAGE => ("page", rows.text(Column::Name, i)),
                SCREEN => ("screen", rows.text(Column::Name, i)),
                name => ("track", name),
            };
            let some = |t: &'_ str| -> bool { !t.is_empty() };
            let (currency, order) = (rows.text(Column::Currency, i), rows.text(Column::OrderId, i));
            let facts = self.lookup.facts(&Raw {
                id: ids[i],
                at: times[i],
                kind,
                name,
                touch: i64::from(touches.get(i).copied().unwrap_or(0)),
                source: sources.get(i).copied().unwrap_or(0),
                value_minor: rows.value_minor(i),
                currency: some(currency).then_some(currency),
                order_id: some(order).then_some(order),
                properties: rows.text(Column::Properties, i),
            });
            if let Some(facts) = facts {
                self.scan.event(*slot, &facts);
                any = true;
            }
        }
        if any {
            self.out.extend((self.each)(PersonId::new(rows.person_id()), &mut self.scan));
        }
    }
}

/// Hands everybody whose history the program looks at to `each`, on several threads, and gathers what it gives. `each` ends
/// its person by asking the scan whether it is in.
pub(super) fn scan<T: Send>(
    app: &App,
    ask: &Pass<'_>,
    each: impl Fn(PersonId, &mut Scan<'_>) -> Option<T> + Sync,
) -> Result<Vec<T>> {
    let names = app.db.read(events::names)?;
    let wanted = name_ids(ask.program, &names);
    if wanted.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let mut slots: Vec<Option<(String, Slot)>> = Vec::new();
    slots.resize_with(names.iter().map(|n| n.0 as usize + 1).max().unwrap_or(0), || None);
    for (id, name, _, _) in names {
        let deed = !OTHER_KINDS.contains(&name.as_str());
        slots[id as usize] = ask.program.slot(&name).filter(|_| deed).map(|slot| (name, slot));
    }
    let needs = ask.program.needs();
    let snapshot = app.audience_snapshot(wanted.as_deref(), needs.properties)?;
    // After the snapshot: the touches of all its events are interned by now.
    let lookup = Lookup::new(app)?;
    let mut columns = ColumnSet::of(&[Column::EventId, Column::NameId, Column::OrderId, Column::ValueMinor]);
    columns = columns.with(Column::Currency);
    if needs.touch {
        columns = columns.with(Column::TouchId);
    }
    if needs.source {
        columns = columns.with(Column::SourceId);
    }
    if needs.properties {
        columns = columns.with(Column::Properties);
    }
    if needs.any_event || needs.events.iter().any(|n| n == PAGE || n == SCREEN) {
        columns = columns.with(Column::Name);
    }
    let request = ScanRequest {
        columns,
        name_ids: wanted,
        exclude_bots: true,
        buckets: ask.buckets.clone(),
        ..ScanRequest::default()
    };
    let threads = app.settings.report_threads.max(1);
    let visitors = app.lake.scan(&snapshot, &request, threads, |_| Visitor {
        ask,
        lookup: &lookup,
        slots: &slots,
        each: |person, scan: &mut Scan<'_>| each(person, scan),
        scan: Scan::new(ask.program, ask.place),
        out: Vec::new(),
    })?;
    Ok(visitors.into_iter().flat_map(|v| v.out).collect())
}

impl App {
    /// A snapshot of the history with the hot events of some names.
    fn audience_snapshot(&self, wanted: Option<&[i32]>, properties: bool) -> Result<Snapshot> {
        let wanted: Option<HashSet<i64>> = wanted.map(|w| w.iter().map(|n| i64::from(*n)).collect());
        let mut found: Vec<(LakeRow, IdentifierId)> = Vec::new();
        let mut snapshot = self.db.read(|tx| {
            found.clear();
            let after = events::sealed_through(tx)?;
            events::hot_each(tx, after, |mut e| {
                if wanted.as_ref().is_none_or(|w| w.contains(&e.name_id)) {
                    if !properties {
                        e.properties.clear();
                    }
                    (e.traits, e.context, e.message_id) = Default::default();
                    let line = e.line;
                    found.push((lake_row(e, PersonId::new(0)), line));
                }
                Ok(())
            })?;
            let placed = Placement::of(tx, found.iter().map(|(_, l)| *l))?;
            for (row, line) in &mut found {
                row.person_id = placed.person(*line, Timestamp::from_ms(row.event_at)).get();
            }
            self.sealed_snapshot(tx)
        })?;
        let hot: HotRows = found.iter().map(|(r, _)| r).collect();
        snapshot.hot = Arc::new(hot);
        Ok(snapshot)
    }
}
