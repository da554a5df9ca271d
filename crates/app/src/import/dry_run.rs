//! The first rows of a file as events and people, without recording anything.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use throughline_base::time::DAY_MS;
use throughline_base::{Currency, SourceId, Timestamp};
use throughline_domain::event::{Claim, EventKind, Object, RawEvent};

use super::convert::{Converter, Fault};
use super::mapping::{Kind, Mapping};
use super::run::{Opened, spend_of};
use super::units::Units;
use crate::collect::Item;
use crate::registry::{Source, SourceSettings};
use crate::{App, Result};

/// Units shown.
const UNITS: usize = 20;
/// Rows read at most for them.
const ROWS: u64 = 5_000;
/// Faults shown.
const FAULTS: usize = 50;

/// A row, or the rows of a group, and what it becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct DryRow {
    /// Line of the first row.
    pub line: u64,
    /// Its events, in the shape in which the collect API takes them.
    pub events: Vec<Value>,
    /// Why it becomes nothing or would wait in quarantine.
    pub error: Option<String>,
}

/// A person as the rows tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DryPerson {
    /// Namespaces and normalised values.
    pub identifiers: Vec<(String, String)>,
    /// Traits.
    pub traits: Object,
}

/// What a dry run shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DryRun {
    /// Rows and their events.
    pub rows: Vec<DryRow>,
    /// People.
    pub people: Vec<DryPerson>,
    /// What was refused.
    pub errors: Vec<Fault>,
}

impl App {
    /// The first rows of a file as events and people.
    ///
    /// # Errors
    /// When the mapping is wrong or does not fit the file.
    pub fn import_dry_run_file(&self, path: &Path, mapping: &str) -> Result<DryRun> {
        let m = Mapping::parse(mapping)?;
        let opened = Opened::open(path, &m)?;
        let converter = Converter::new(&m, opened.reader.columns(), "dry-run")?;
        match m.kind {
            Kind::Events => self.dry_events(&converter, opened),
            Kind::AdSpend => dry_spend(&converter, opened, self.settings.currency),
        }
    }

    fn dry_events(&self, converter: &Converter<'_>, opened: Opened) -> Result<DryRun> {
        let source = Arc::new(Source {
            id: SourceId::new(0),
            name: "dry run".into(),
            kind: converter.mapping().source_kind.clone(),
            active: true,
            settings: SourceSettings::of_kind(&converter.mapping().source_kind),
            created_at: self.now(),
        });
        let mut units = Units::after(opened.reader, opened.path, converter, 0)?;
        let mut out = DryRun::default();
        let mut shown = 0;
        while shown < UNITS
            && let Some(unit) = units.next()?
        {
            let ended = unit.rows_done >= ROWS;
            let room = FAULTS.saturating_sub(out.errors.len());
            out.errors.extend(unit.refused.into_iter().take(room).map(|(fault, _)| fault));
            if !unit.events.is_empty() {
                shown += 1;
                let events: Vec<Value> = unit.events.iter().map(wire).collect();
                let mut error = None;
                for item in self.collect_raw(&source, unit.events, self.now()).items {
                    match item {
                        Item::Ready(e, _) => person(&mut out.people, &e.claims, &e.traits),
                        Item::Quarantine { detail, .. } => error = Some(detail),
                        Item::Rejected(r) => error = Some(r.detail),
                    }
                }
                if let (Some(message), true) = (&error, out.errors.len() < FAULTS) {
                    out.errors.push(Fault { line: unit.line, column: None, message: message.clone() });
                }
                out.rows.push(DryRow { line: unit.line, events, error });
            }
            if ended {
                break;
            }
        }
        Ok(out)
    }
}

/// Joins what is said of one person by any identifier in common.
fn person(people: &mut Vec<DryPerson>, claims: &[Claim], traits: &Object) {
    let ids: Vec<(String, String)> = claims.iter().map(|c| (c.namespace.clone(), c.value.clone())).collect();
    if ids.is_empty() {
        return;
    }
    let (same, others): (Vec<DryPerson>, Vec<DryPerson>) =
        people.drain(..).partition(|p| p.identifiers.iter().any(|i| ids.contains(i)));
    *people = others;
    let mut one = DryPerson::default();
    for p in same {
        one.identifiers.extend(p.identifiers);
        one.traits.extend(p.traits);
    }
    for id in ids {
        if !one.identifiers.contains(&id) {
            one.identifiers.push(id);
        }
    }
    one.traits.extend(traits.iter().map(|(k, v)| (k.clone(), v.clone())));
    people.push(one);
}

/// An event in the shape in which it could have been sent.
fn wire(e: &RawEvent) -> Value {
    let mut o = Map::new();
    o.insert("type".into(), e.kind.as_str().into());
    let name = if e.kind == EventKind::Track { "event" } else { "name" };
    let ids: Object = e.ids.iter().map(|i| (i.namespace.clone(), Value::String(i.value.clone()))).collect();
    let texts = [
        (name, Some(e.name.clone()).filter(|n| !n.is_empty())),
        ("userId", e.user_id.clone()),
        ("anonymousId", e.anonymous_id.clone()),
    ];
    o.extend(texts.into_iter().filter_map(|(k, v)| Some((k.to_owned(), Value::String(v?)))));
    if !e.timestamp.is_null() {
        o.insert("timestamp".into(), e.timestamp.clone());
    }
    let parts = [("ids", &ids), ("properties", &e.properties), ("traits", &e.traits), ("context", &e.context)];
    for (k, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        o.insert(k.to_owned(), Value::Object(part.clone()));
    }
    Value::Object(o)
}

fn dry_spend(converter: &Converter<'_>, mut opened: Opened, currency: Currency) -> Result<DryRun> {
    let mut out = DryRun::default();
    while out.rows.len() < UNITS
        && let Some(record) = opened.reader.next(&opened.path)?
    {
        match spend_of(converter, &record, currency) {
            Ok(((day, channel, campaign, currency), (impressions, clicks, cost_minor))) => {
                let at = Timestamp::from_ms(day * DAY_MS).to_string();
                let properties = json!({
                    "channel": channel,
                    "campaign": campaign,
                    "impressions": impressions,
                    "clicks": clicks,
                    "cost_minor": cost_minor,
                    "currency": currency,
                });
                let event = json!({ "type": "track", "event": "Ad Spend", "timestamp": at, "properties": properties });
                out.rows.push(DryRow { line: record.line, events: vec![event], error: None });
            }
            Err(fault) => {
                out.rows.push(DryRow { line: fault.line, events: Vec::new(), error: Some(fault.reason()) });
                out.errors.push(fault);
            }
        }
    }
    Ok(out)
}
