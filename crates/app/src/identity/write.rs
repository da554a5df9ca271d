//! Writes a decision: the graph's rows, the log, the review queue, and what follows for the people it touches.

use std::collections::BTreeSet;

use serde_json::json;
use throughline_base::{EventId, IdentifierId, PersonId, ReviewId, SourceId};
use throughline_domain::identity::{DropReason, NodeState, Resolution, ReviewItem};
use throughline_domain::person::search::identifier_keys;
use throughline_domain::person::stage::Stage;
use throughline_store::Tx;
use throughline_store::identity::{self as store, HistoryRow, ReviewRow};
use throughline_store::person::{self as people, PersonRow};

use crate::App;

type Result<T> = throughline_store::Result<T>;

/// Why a claim was kept out of linking, for people.
pub(crate) fn reason_text(r: &DropReason) -> String {
    match r {
        DropReason::Blocked { rule } => format!("blocked value ({rule})"),
        DropReason::Suspended => "suspended: it joined too many persons in a day".into(),
        DropReason::Kiosk => "devices of a kiosk speak for nobody".into(),
        DropReason::MaxPerPerson { namespace, max } => format!("a person may have at most {max} {namespace}"),
        DropReason::MaxOwners { max } => format!("it may have at most {max} owners"),
        DropReason::CannotLink { .. } => "somebody said that the two are different persons".into(),
        DropReason::IdentifierCap { max } => format!("a person may have at most {max} identifiers"),
        DropReason::MergeCap { max, daily } => {
            format!("a person may be merged at most {max} times{}", if *daily { " a day" } else { "" })
        }
        DropReason::EqualRank => "two identifiers of the same rank disagree".into(),
        DropReason::FamilyPhone => "a phone of two memberships with different names and birthdays".into(),
        DropReason::Contested => "the former owner claims it back; an operator decides".into(),
    }
}

/// What a decision was made for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause<'a> {
    /// An event of a source.
    Event(SourceId, EventId),
    /// A person of the team.
    Operator {
        /// Who.
        actor: &'a str,
        /// Why.
        note: &'a str,
    },
    /// Rules of this version were put in force.
    Rules(u32),
}

impl Cause<'_> {
    /// The source that brought what is new; nobody's for what a person or a rule brought.
    const fn source(self) -> SourceId {
        match self {
            Self::Event(source, _) => source,
            Self::Operator { .. } | Self::Rules(_) => SourceId::new(0),
        }
    }

    const fn event(self) -> Option<EventId> {
        match self {
            Self::Event(_, event) => Some(event),
            Self::Operator { .. } | Self::Rules(_) => None,
        }
    }

    /// For the history of a person.
    fn detail(self) -> serde_json::Value {
        match self {
            Self::Event(..) => json!({}),
            Self::Operator { actor, note } => json!({ "actor": actor, "note": note }),
            Self::Rules(version) => json!({ "rules": version }),
        }
    }
}

/// Writes the whole delta of a decision.
pub(crate) fn delta(tx: &mut Tx<'_>, app: &App, r: &Resolution, cause: Cause<'_>) -> Result<()> {
    let new: Vec<(NodeState, SourceId)> = r.new_nodes.iter().map(|n| (n.clone(), cause.source())).collect();
    let moved = moved_lines(tx, r)?;
    let mut touched: BTreeSet<IdentifierId> = moved.iter().map(|(line, _, _)| *line).collect();
    touched.extend(r.changed_slices.iter().chain(&r.removed_slices).map(|s| s.node));
    if !touched.is_empty() {
        crate::history::note_moves(tx, app, &touched)?;
    }
    store::nodes_insert(tx, &new)?;
    for n in &r.changed_nodes {
        store::node_update(tx, n)?;
    }
    store::evidence_insert(tx, &r.new_evidence)?;
    store::edges_delete(tx, &r.removed_edges)?;
    store::edges_insert(tx, &r.new_edges)?;
    store::slices_delete(tx, &r.removed_slices)?;
    store::slices_put(tx, &r.changed_slices)?;
    store::cannot_links_delete(tx, &r.removed_cannot_links)?;
    store::cannot_links_insert(tx, &r.new_cannot_links)?;
    if let Some(print) = r.new_fingerprint {
        store::fingerprints_insert(tx, &[print])?;
    }
    let terms: Vec<(String, IdentifierId)> = r
        .new_nodes
        .iter()
        .flat_map(|n| identifier_keys(&n.namespace, &n.value).into_iter().map(|t| (t, n.id)))
        .collect();
    people::terms_insert(tx, &terms)?;
    reviews(tx, app, &r.reviews, cause)?;
    history_rows(tx, app, r, cause)?;
    persons(tx, app, r, &moved)
}

/// Lines whose person changed, with the person they had: their sealed events stand under it.
fn moved_lines(tx: &mut Tx<'_>, r: &Resolution) -> Result<Vec<(IdentifierId, PersonId, PersonId)>> {
    if r.changed_nodes.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<IdentifierId> = r.changed_nodes.iter().map(|n| n.id).collect();
    let before = store::persons_of_lines(tx, &ids)?;
    Ok(r.changed_nodes
        .iter()
        .filter_map(|n| {
            let old = before.iter().find(|(id, _)| *id == n.id)?.1;
            (old != n.person).then_some((n.id, old, n.person))
        })
        .collect())
}

/// Puts items into the review queue; one that is there already stays as it is.
pub(super) fn reviews(tx: &mut Tx<'_>, app: &App, items: &[ReviewItem], cause: Cause<'_>) -> Result<()> {
    let now = app.now();
    let rows: Vec<ReviewRow> = items
        .iter()
        .map(|item| ReviewRow {
            id: ReviewId::new(app.ids.next()),
            kind: item.kind.as_str().into(),
            a: item.a,
            b: item.b,
            reason: item.reason.clone(),
            source_event: cause.event(),
            at: now,
            state: "open".into(),
            decision: None,
            decided_by: None,
            decided_at: None,
            note: None,
        })
        .collect();
    store::reviews_insert(tx, &rows)?;
    Ok(())
}

fn history_rows(tx: &mut Tx<'_>, app: &App, r: &Resolution, cause: Cause<'_>) -> Result<()> {
    let now = app.now();
    let row = |kind: &str, person: PersonId, other: Option<PersonId>, detail: serde_json::Value| HistoryRow {
        id: app.ids.next(),
        at: now,
        kind: kind.into(),
        person_id: person,
        other_id: other,
        detail: detail.to_string(),
        source_event: cause.event(),
    };
    let mut rows = Vec::new();
    for m in &r.merges {
        rows.push(row("merge", m.kept, Some(m.absorbed), cause.detail()));
    }
    for s in &r.splits {
        rows.push(row("split", s.from, Some(s.into), cause.detail()));
    }
    let slices = r.changed_slices.iter().chain(&r.removed_slices);
    if let (true, true, Some(s)) = (rows.is_empty(), cause.event().is_none(), slices.into_iter().next()) {
        // Reports must see that history moved, although nobody was merged or split.
        rows.push(row("devices", PersonId::new(s.node.get()), None, cause.detail()));
    }
    if let Some(person) = r.person {
        for d in &r.dropped {
            if let Some(node) = d.node {
                let detail = json!({ "identifier": node, "reason": reason_text(&d.reason) });
                rows.push(row("refused", person, None, detail));
            }
        }
    }
    store::history_insert(tx, &rows)?;
    Ok(())
}

/// Summaries of persons that came to be, ids that live on under others, and where sealed events must be looked for.
fn persons(tx: &mut Tx<'_>, app: &App, r: &Resolution, moved: &[(IdentifierId, PersonId, PersonId)]) -> Result<()> {
    let now = app.now();
    let mut fresh: Vec<PersonRow> = Vec::new();
    let mut seen: BTreeSet<PersonId> = BTreeSet::new();
    for n in r.new_nodes.iter().chain(&r.changed_nodes) {
        if seen.insert(n.person) {
            fresh.push(PersonRow {
                id: n.person,
                identified: n.strength.is_strong(),
                created_at: n.created_at,
                first_seen_at: n.first_at,
                last_seen_at: n.last_at,
                display_name: None,
                stage: if n.strength.is_strong() { Stage::Lead } else { Stage::Visitor }.as_str().into(),
                events: 0,
                orders: 0,
                revenue_minor: 0,
                currency: None,
                household_id: None,
            });
        }
    }
    people::insert_new(tx, &fresh)?;
    if moved.is_empty() {
        return Ok(());
    }
    let version = app.ids.next();
    let old: BTreeSet<PersonId> = moved.iter().map(|(_, from, _)| *from).collect();
    let still = store::nodes_of_persons(tx, &old.iter().copied().collect::<Vec<_>>())?;
    let gone: Vec<PersonId> = old.into_iter().filter(|p| !still.iter().any(|n| n.person == *p)).collect();
    // A person's id is that of one of its identifiers: the id lives on where that identifier is.
    let alias = |p: PersonId| {
        let home = moved.iter().find(|(line, _, _)| line.get() == p.get());
        home.or_else(|| moved.iter().find(|(_, from, _)| *from == p)).map(|(_, _, to)| (p, *to))
    };
    let aliases: Vec<(PersonId, PersonId)> = gone.iter().filter_map(|p| alias(*p)).collect();
    people::delete(tx, &gone)?;
    people::aliases_put(tx, &aliases, version, now)?;
    people::aliases_repoint(tx, &aliases, version)?;
    if !r.splits.is_empty() {
        // Ids that went into the person before leave with their identifier.
        let home: Vec<(PersonId, PersonId)> =
            moved.iter().map(|(line, _, to)| (PersonId::new(line.get()), *to)).filter(|(old, to)| old != to).collect();
        people::aliases_follow(tx, &home, version)?;
    }
    let back: Vec<PersonId> = seen.into_iter().collect();
    people::aliases_delete(tx, &back)?;
    if r.splits.is_empty() {
        return Ok(());
    }
    // Nobody else looks at a person that lost a part.
    let touched: BTreeSet<PersonId> = moved.iter().flat_map(|(_, from, to)| [*from, *to]).collect();
    crate::react::summarise(tx, app, &touched.into_iter().collect::<Vec<_>>())
}
