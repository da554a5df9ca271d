//! What follows from an event in its own transaction: traits with history, search terms, consent records.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use throughline_base::{ConsentId, EventId, IdentifierId, Timestamp};
use throughline_domain::event::{Event, EventKind, Object, traits_op};
use throughline_domain::person::consent::{self, ConsentRecord};
use throughline_domain::person::search::{is_searchable_trait, text_keys};
use throughline_store::Tx;
use throughline_store::person::{self as rows, ConsentRow, TraitRow};

use crate::App;

/// One change of traits on a line, in order of arrival.
#[derive(Debug)]
struct TraitChange {
    line: IdentifierId,
    event_id: EventId,
    event_at: Timestamp,
    source_id: throughline_base::SourceId,
    traits: Object,
}

/// Collected over a group, written once.
#[derive(Debug, Default)]
pub(super) struct Effects {
    changes: Vec<TraitChange>,
    consents: Vec<(ConsentRecord, throughline_base::SourceId, EventId)>,
}

impl Effects {
    /// Notes what an event on `line` leads to.
    pub(super) fn event(&mut self, line: IdentifierId, id: EventId, e: &Event) {
        if e.kind == EventKind::Identify && !e.traits.is_empty() {
            self.changes.push(TraitChange {
                line,
                event_id: id,
                event_at: e.time.event_at,
                source_id: e.source_id,
                traits: e.traits.clone(),
            });
        }
        for claim in consent::from_event(&e.name, &e.properties, &e.context) {
            self.consents.push((
                ConsentRecord {
                    id: ConsentId::new(0),
                    line,
                    purpose: claim.purpose,
                    channel: claim.channel,
                    action: claim.action,
                    legal_basis: claim.legal_basis,
                    notice_version: claim.notice_version,
                    evidence: claim.evidence,
                    given_at: e.time.event_at,
                    received_at: e.time.received_at,
                    expires_at: claim.expires_at,
                },
                e.source_id,
                id,
            ));
        }
    }

    pub(super) fn flush(self, tx: &mut Tx<'_>, app: &App) -> throughline_store::Result<()> {
        write_traits(tx, app, self.changes)?;
        let mut heads: HashMap<IdentifierId, String> = HashMap::new();
        let mut out = Vec::with_capacity(self.consents.len());
        for (mut record, source, event) in self.consents {
            record.id = ConsentId::new(app.ids.next());
            let prev = match heads.get(&record.line) {
                Some(h) => h.clone(),
                None => rows::consent_head(tx, record.line)?,
            };
            let hash = consent::chain_hash(&prev, &record);
            heads.insert(record.line, hash.clone());
            out.push(consent_row(&record, Some(source), Some(event), prev, hash));
        }
        rows::consents_insert(tx, &out)?;
        Ok(())
    }
}

/// The stored form of a record.
pub(crate) fn consent_row(
    r: &ConsentRecord,
    source_id: Option<throughline_base::SourceId>,
    event_id: Option<EventId>,
    prev_hash: String,
    hash: String,
) -> ConsentRow {
    ConsentRow {
        id: r.id,
        line: r.line,
        purpose: r.purpose.clone(),
        channel: r.channel.clone(),
        action: r.action.as_str().into(),
        legal_basis: r.legal_basis.as_str().into(),
        notice_version: r.notice_version.clone(),
        evidence: r.evidence.to_string(),
        given_at: r.given_at,
        received_at: r.received_at,
        expires_at: r.expires_at,
        source_id,
        event_id,
        prev_hash,
        hash,
    }
}

fn write_traits(tx: &mut Tx<'_>, app: &App, changes: Vec<TraitChange>) -> throughline_store::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let lines: Vec<IdentifierId> = changes.iter().map(|c| c.line).collect::<BTreeSet<_>>().into_iter().collect();
    let mut current: BTreeMap<(IdentifierId, String), TraitRow> =
        rows::traits(tx, &lines)?.into_iter().map(|t| ((t.line, t.name.clone()), t)).collect();
    let mut dirty: BTreeSet<(IdentifierId, String)> = BTreeSet::new();
    let mut history: Vec<TraitRow> = Vec::new();
    let mut terms: BTreeSet<(String, IdentifierId)> = BTreeSet::new();
    for c in changes {
        for (name, value) in effective(&c, &current) {
            let row = TraitRow {
                line: c.line,
                name: name.clone(),
                value: value.to_string(),
                event_at: c.event_at,
                event_id: c.event_id,
                source_id: c.source_id,
            };
            let key = (c.line, name);
            let old = current.get(&key);
            if old.is_none_or(|o| o.value != row.value) {
                history.push(row.clone());
                if is_searchable_trait(&key.1)
                    && let Some(text) = value.as_str()
                {
                    terms.extend(text_keys(text).into_iter().map(|t| (t, c.line)));
                }
            }
            if old.is_none_or(|o| (row.event_at, row.event_id) >= (o.event_at, o.event_id)) {
                dirty.insert(key.clone());
                current.insert(key, row);
            }
        }
    }
    let out: Vec<TraitRow> = dirty.iter().filter_map(|k| current.get(k).cloned()).collect();
    rows::traits_put(tx, &out)?;
    let numbered: Vec<(i64, &TraitRow)> = history.iter().map(|t| (app.ids.next(), t)).collect();
    rows::trait_history_insert(tx, &numbered)?;
    rows::terms_insert(tx, &terms.into_iter().collect::<Vec<_>>())?;
    Ok(())
}

/// The values a change sets, after its operations (`$set_once`, `$add` …) met what the line has.
fn effective(c: &TraitChange, current: &BTreeMap<(IdentifierId, String), TraitRow>) -> Vec<(String, Value)> {
    let has = |name: &str| {
        current
            .get(&(c.line, name.to_owned()))
            .and_then(|t| serde_json::from_str::<Value>(&t.value).ok())
            .filter(|v| !v.is_null())
    };
    let mut out: Vec<(String, Value)> = Vec::new();
    let object = |key: &str| c.traits.get(key).and_then(Value::as_object);
    if c.traits.get(traits_op::DELETE) == Some(&Value::Bool(true)) {
        for ((line, name), t) in current {
            if *line == c.line && t.source_id == c.source_id {
                out.push((name.clone(), Value::Null));
            }
        }
    }
    for (name, value) in object(traits_op::SET_ONCE).into_iter().flatten() {
        if has(name).is_none() {
            out.push((name.clone(), value.clone()));
        }
    }
    for (name, value) in object(traits_op::ADD).into_iter().flatten() {
        out.push((name.clone(), add(has(name).as_ref(), value)));
    }
    for (name, value) in object(traits_op::APPEND).into_iter().flatten() {
        let mut list = match has(name) {
            Some(Value::Array(a)) => a,
            Some(other) => vec![other],
            None => Vec::new(),
        };
        let more = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for v in more {
            if !list.contains(&v) {
                list.push(v);
            }
        }
        out.push((name.clone(), Value::Array(list)));
    }
    for name in c.traits.get(traits_op::UNSET).and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = name.as_str() {
            out.push((name.to_owned(), Value::Null));
        }
    }
    for (name, value) in &c.traits {
        let op = [traits_op::SET_ONCE, traits_op::ADD, traits_op::APPEND, traits_op::UNSET, traits_op::DELETE];
        if !op.contains(&name.as_str()) {
            out.push((name.clone(), value.clone()));
        }
    }
    out
}

fn add(old: Option<&Value>, by: &Value) -> Value {
    let ints = old.map_or(Some(0), Value::as_i64).zip(by.as_i64());
    if let Some(sum) = ints.and_then(|(a, b)| a.checked_add(b)) {
        return sum.into();
    }
    let a = old.and_then(Value::as_f64).unwrap_or(0.0);
    serde_json::Number::from_f64(a + by.as_f64().unwrap_or(0.0)).map_or(Value::Null, Value::Number)
}
