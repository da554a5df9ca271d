//! The gate every event passes before it is recorded: who was erased or suppressed stays out, unless a consent given
//! since lets them in again.

use std::collections::{BTreeMap, HashMap, HashSet};

use throughline_base::{IdentifierId, Timestamp};
use throughline_domain::event::Event;
use throughline_domain::identity::{NodeState, Rules};
use throughline_domain::person::consent::{ConsentAction, from_event};
use throughline_store::Tx;
use throughline_store::privacy::{self as rows, Tombstone};

use super::tombstone_hash;
use crate::App;
use crate::collect::{Batch, EventVerdict, Item, Verdict};
use crate::meter::Meter;

/// Kind of a tombstone: the person was erased.
pub(super) const ERASED: &str = "erased";
/// Kind of a tombstone: nothing may be collected.
pub(super) const SUPPRESSED: &str = "suppressed";

/// Why an event is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Burial {
    kind: Kind,
    consent: Consent,
}

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It names somebody who was erased.
    Erased,
    /// It names somebody about whom nothing may be collected.
    Suppressed,
}

/// What the consent in a refused event lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    /// There is none, or it was given before, or without proof.
    Absent,
    /// Nobody vouches for who gives it.
    Unvouched,
    /// Nobody can tell whether it was given since.
    Undated,
    /// It counts.
    Given,
}

impl Kind {
    fn of(t: &Tombstone) -> Self {
        if t.kind == SUPPRESSED { Self::Suppressed } else { Self::Erased }
    }

    /// The reason in the verdict.
    const fn reason(self) -> &'static str {
        match self {
            Self::Erased => ERASED,
            Self::Suppressed => SUPPRESSED,
        }
    }

    /// What the sender is told.
    const fn detail(self) -> &'static str {
        match self {
            Self::Erased => "the event names a person who was erased; nothing of it is kept until they consent anew",
            Self::Suppressed => "the event names a person about whom nothing is collected; nothing of it is kept",
        }
    }
}

impl Consent {
    /// How the sender mends it.
    const fn detail(self) -> &'static str {
        match self {
            Self::Absent | Self::Given => "",
            Self::Unvouched => {
                "; its consent does not count because nobody vouches for who gives it: record it from a source that is \
                 verified, or with POST /api/privacy/lift"
            }
            Self::Undated => {
                "; its consent does not count because nobody can tell that it is a new one: send the time it was given \
                 as `timestamp`"
            }
        }
    }
}

impl Burial {
    /// The answer to the sender.
    pub(crate) fn verdict(self, item: &Item) -> EventVerdict {
        let e = event_of(item);
        EventVerdict {
            verdict: Verdict::Rejected,
            message_id: e.map(|e| e.message_id.clone()),
            message_id_derived: e.is_some_and(|e| e.message_id_derived),
            reason: Some(self.kind.reason().into()),
            detail: Some(format!("{}{}", self.kind.detail(), self.consent.detail())),
            corrected: Vec::new(),
        }
    }
}

/// Which events of a group are refused, by batch and event. Tombstones that a new consent lifts are gone for the events
/// behind it.
pub(crate) fn check(
    tx: &mut Tx<'_>,
    app: &App,
    group: &[Batch],
) -> throughline_store::Result<Vec<Vec<Option<Burial>>>> {
    let mut out: Vec<Vec<Option<Burial>>> = group.iter().map(|b| vec![None; b.items.len()]).collect();
    if !rows::tombstones_any(tx)? {
        return Ok(out);
    }
    let rules = app.identity_rules.read().clone();
    let hashes: Vec<Vec<Vec<Buried>>> = group
        .iter()
        .map(|b| b.items.iter().map(|i| event_of(i).map_or_else(Vec::new, |e| hashes_of(app, &rules, e))).collect())
        .collect();
    let mut all: Vec<String> = hashes.iter().flatten().flatten().map(|b| b.hash.clone()).collect();
    all.sort_unstable();
    all.dedup();
    let mut standing: HashMap<String, Tombstone> =
        rows::tombstones(tx, &all)?.into_iter().map(|t| (t.hash.clone(), t)).collect();
    let mut refused: BTreeMap<String, i64> = BTreeMap::new();
    for (b, batch) in group.iter().enumerate() {
        for (i, item) in batch.items.iter().enumerate() {
            let met: Vec<(&Buried, Tombstone)> =
                hashes[b][i].iter().filter_map(|h| Some((h, standing.get(&h.hash)?.clone()))).collect();
            let (Some((_, newest)), Some(e)) = (met.iter().max_by_key(|(_, t)| t.at), event_of(item)) else { continue };
            let is_vouched = batch.source.settings.verified && met.iter().all(|(claimed, _)| claimed.is_verified);
            let refusal = Burial { kind: Kind::of(newest), consent: consent_since(e, newest.at, is_vouched) };
            let found: Vec<Tombstone> = met.into_iter().map(|(_, t)| t).collect();
            if refusal.consent == Consent::Given {
                lift(tx, &found, &mut standing)?;
                continue;
            }
            for t in &found {
                *refused.entry(t.hash.clone()).or_insert(0) += 1;
            }
            Meter::add(&app.meter.erased, 1);
            out[b][i] = Some(refusal);
        }
    }
    for (hash, n) in refused {
        rows::tombstone_refused(tx, &hash, n)?;
    }
    Ok(out)
}

/// Whether any of these identifiers is suppressed.
pub(crate) fn is_suppressed(tx: &mut Tx<'_>, app: &App, nodes: &[NodeState]) -> throughline_store::Result<bool> {
    if !rows::tombstones_any(tx)? {
        return Ok(false);
    }
    let hashes: Vec<String> = nodes.iter().map(|n| tombstone_hash(app, &n.namespace, &n.value)).collect();
    Ok(rows::tombstones(tx, &hashes)?.iter().any(|t| Kind::of(t) == Kind::Suppressed))
}

/// Which of these nodes are suppressed.
pub(crate) fn suppressed_among(
    tx: &mut Tx<'_>,
    app: &App,
    nodes: &[NodeState],
) -> throughline_store::Result<HashSet<IdentifierId>> {
    if !rows::tombstones_any(tx)? {
        return Ok(HashSet::new());
    }
    let of: HashMap<String, IdentifierId> =
        nodes.iter().map(|n| (tombstone_hash(app, &n.namespace, &n.value), n.id)).collect();
    let hashes: Vec<String> = of.keys().cloned().collect();
    let standing = rows::tombstones(tx, &hashes)?;
    Ok(standing.iter().filter(|t| Kind::of(t) == Kind::Suppressed).filter_map(|t| of.get(&t.hash).copied()).collect())
}

/// Lifts what a consent meets: an erased identifier alone, of a suppression all that was asked for together.
fn lift(
    tx: &mut Tx<'_>,
    found: &[Tombstone],
    standing: &mut HashMap<String, Tombstone>,
) -> throughline_store::Result<()> {
    for t in found {
        if Kind::of(t) == Kind::Suppressed {
            rows::tombstones_lift_request(tx, t.request_id)?;
            standing.retain(|_, other| other.request_id != t.request_id);
        } else {
            rows::tombstone_lift(tx, &t.hash)?;
            standing.remove(&t.hash);
        }
    }
    Ok(())
}

const fn event_of(item: &Item) -> Option<&Event> {
    match item {
        Item::Ready(e, _) | Item::Quarantine { event: Some(e), .. } => Some(e),
        Item::Quarantine { event: None, .. } | Item::Rejected(_) => None,
    }
}

/// A hash under which an identifier would have been buried.
struct Buried {
    hash: String,
    /// Whether the event vouches for the identifier.
    is_verified: bool,
}

/// The hashes under which an event's identifiers would have been buried. An anonymous id may be a customer number that
/// its client did not know to be one.
fn hashes_of(app: &App, rules: &Rules, e: &Event) -> Vec<Buried> {
    let hash =
        |namespace: &str, value: &str| tombstone_hash(app, &rules.stored_namespace(namespace, e.source_id), value);
    let mut out = Vec::with_capacity(e.claims.len() + 1);
    for c in &e.claims {
        out.push(Buried { hash: hash(&c.namespace, &c.value), is_verified: c.verified });
        if c.namespace == "anonymous_id" {
            out.push(Buried { hash: hash("user_id", &c.value), is_verified: c.verified });
        }
    }
    out
}

/// Whether the event brings a consent with its proof that counts: of somebody a source vouches for (whoever holds the
/// key of a web page can write any phone number or customer number into an event), and not given before `at` by the
/// sender's own clock. What is sent again has its old time, or none, while the corrected time may be that of the second
/// arrival; so a consent without a time of its own lifts nothing.
fn consent_since(e: &Event, at: Timestamp, is_vouched: bool) -> Consent {
    let grants = from_event(&e.name, &e.properties, &e.context).iter().any(|c| {
        let method = c.evidence.get("method").and_then(serde_json::Value::as_str);
        c.action == ConsentAction::Grant && method.is_some_and(|m| !m.is_empty())
    });
    match e.time.original_at {
        _ if !grants => Consent::Absent,
        Some(said) if said < at => Consent::Absent,
        Some(_) | None if !is_vouched => Consent::Unvouched,
        Some(_) => Consent::Given,
        None => Consent::Undated,
    }
}
