//! Writes a decision: the graph's rows, the log, the review queue, and what follows for the people it touches.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use throughline_base::{EventId, IdentifierId, PersonId, ReviewId, SourceId};
use throughline_domain::identity::{
    CannotLink, DropReason, EdgeState, Evidence, NodeState, Resolution, ReviewItem, SliceState,
};
use throughline_domain::person::search::identifier_keys;
use throughline_domain::person::stage::Stage;
use throughline_store::Tx;
use throughline_store::identity::{self as store, HistoryRow, ReviewRow};
use throughline_store::person::{self as people, PersonRow};

use crate::App;
use crate::audience::mark::Moves;

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
    let mut pending = Pending::default();
    pending.queue(tx, app, r, cause)?;
    pending.flush(tx, app)
}

/// Rows of decisions that are made and not written yet, each in its last state.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    new: BTreeMap<IdentifierId, (NodeState, SourceId)>,
    changed: BTreeMap<IdentifierId, NodeState>,
    active: BTreeMap<IdentifierId, NodeState>,
    evidence: Vec<Evidence>,
    edges: Changes<(i64, IdentifierId, IdentifierId), EdgeState>,
    slices: Changes<(IdentifierId, i64), SliceState>,
    cannot_links: Changes<(i64, IdentifierId, IdentifierId), CannotLink>,
    fingerprints: Vec<u64>,
    terms: Vec<(String, IdentifierId)>,
    history: Vec<HistoryRow>,
    persons: BTreeMap<PersonId, PersonRow>,
    persons_gone: BTreeSet<PersonId>,
    /// Whose audiences change with it.
    moves: Moves,
    /// Nothing is sealed yet; asked once.
    unsealed: Option<bool>,
}

/// Rows to write and rows to take away; what is taken away goes first.
#[derive(Debug)]
struct Changes<K, V> {
    put: BTreeMap<K, V>,
    gone: BTreeMap<K, V>,
}

impl<K, V> Default for Changes<K, V> {
    fn default() -> Self {
        Self { put: BTreeMap::new(), gone: BTreeMap::new() }
    }
}

impl<K: Ord + Copy, V: Copy> Changes<K, V> {
    fn queue(&mut self, key: impl Fn(&V) -> K, put: &[V], gone: &[V]) {
        for row in gone {
            self.put.remove(&key(row));
            self.gone.insert(key(row), *row);
        }
        self.put.extend(put.iter().map(|row| (key(row), *row)));
    }

    fn take(&mut self) -> (Vec<V>, Vec<V>) {
        (std::mem::take(&mut self.put).into_values().collect(), std::mem::take(&mut self.gone).into_values().collect())
    }
}

impl Pending {
    /// Takes a decision in.
    pub(crate) fn queue(&mut self, tx: &mut Tx<'_>, app: &App, r: &Resolution, cause: Cause<'_>) -> Result<()> {
        self.note_moves(tx, app, r)?;
        self.moves.note(r, cause.event().is_some());
        for n in &r.new_nodes {
            self.new.insert(n.id, (n.clone(), cause.source()));
            self.terms.extend(identifier_keys(&n.namespace, &n.value).into_iter().map(|t| (t, n.id)));
        }
        for n in &r.changed_nodes {
            if let Some((new, _)) = self.new.get_mut(&n.id) {
                new.clone_from(n);
            } else {
                self.active.remove(&n.id);
                self.changed.insert(n.id, n.clone());
            }
        }
        self.active(r.active_nodes.clone());
        self.evidence.extend(r.new_evidence.iter().cloned());
        self.edges.queue(|e| (e.seq, e.a, e.b), &r.new_edges, &r.removed_edges);
        self.slices.queue(|s| (s.node, s.seq), &r.changed_slices, &r.removed_slices);
        self.cannot_links.queue(|c| (c.seq, c.a, c.b), &r.new_cannot_links, &r.removed_cannot_links);
        self.fingerprints.extend(r.new_fingerprint);
        reviews(tx, app, &r.reviews, cause)?;
        self.history.extend(history_rows(app, r, cause));
        self.persons(tx, app, r)
    }

    /// Takes in nodes of which only the activity changed.
    pub(crate) fn active(&mut self, nodes: Vec<NodeState>) {
        for n in nodes {
            if let Some((new, _)) = self.new.get_mut(&n.id) {
                *new = n;
            } else if let Some(changed) = self.changed.get_mut(&n.id) {
                *changed = n;
            } else {
                self.active.insert(n.id, n);
            }
        }
    }

    /// Writes everything.
    pub(crate) fn flush(&mut self, tx: &mut Tx<'_>, app: &App) -> Result<()> {
        let ((edges, no_edges), (slices, no_slices)) = (self.edges.take(), self.slices.take());
        let (cannot_links, no_cannot_links) = self.cannot_links.take();
        store::edges_delete(tx, &no_edges)?;
        store::slices_delete(tx, &no_slices)?;
        store::cannot_links_delete(tx, &no_cannot_links)?;
        store::nodes_insert(tx, &std::mem::take(&mut self.new).into_values().collect::<Vec<_>>())?;
        for n in std::mem::take(&mut self.changed).values() {
            store::node_update(tx, n)?;
        }
        store::nodes_activity(tx, &std::mem::take(&mut self.active).values().collect::<Vec<_>>())?;
        store::evidence_insert(tx, &std::mem::take(&mut self.evidence))?;
        store::edges_insert(tx, &edges)?;
        store::slices_put(tx, &slices)?;
        store::cannot_links_insert(tx, &cannot_links)?;
        store::fingerprints_insert(tx, &std::mem::take(&mut self.fingerprints))?;
        let mut terms = std::mem::take(&mut self.terms);
        terms.sort_unstable();
        people::terms_insert(tx, &terms)?;
        store::history_insert(tx, &std::mem::take(&mut self.history))?;
        people::delete(tx, &std::mem::take(&mut self.persons_gone).into_iter().collect::<Vec<_>>())?;
        people::insert_new(tx, &std::mem::take(&mut self.persons).into_values().collect::<Vec<_>>())?;
        self.moves.write(tx, app)
    }

    /// Under whom the sealed events of moved lines were written, before the tables forget it.
    fn note_moves(&mut self, tx: &mut Tx<'_>, app: &App, r: &Resolution) -> Result<()> {
        let mut touched: BTreeSet<IdentifierId> = r.moved.iter().map(|(line, _, _)| *line).collect();
        touched.extend(r.changed_slices.iter().chain(&r.removed_slices).map(|s| s.node));
        if touched.is_empty() {
            return Ok(());
        }
        let unsealed = match self.unsealed {
            Some(unsealed) => unsealed,
            None => *self.unsealed.insert(throughline_store::event::sealed_through(tx)?.get() == 0),
        };
        if unsealed {
            return Ok(());
        }
        // What was decided before has its place in the tables that are asked.
        self.flush(tx, app)?;
        crate::history::note_moves(tx, app, &touched)
    }

    /// Summaries of persons that came to be, and ids that live on under others.
    fn persons(&mut self, tx: &mut Tx<'_>, app: &App, r: &Resolution) -> Result<()> {
        let mut seen: BTreeSet<PersonId> = BTreeSet::new();
        for n in r.new_nodes.iter().chain(&r.changed_nodes) {
            if seen.insert(n.person) {
                self.persons.entry(n.person).or_insert_with(|| fresh_person(n));
            }
        }
        if r.moved.is_empty() {
            return Ok(());
        }
        let (now, version) = (app.now(), app.ids.next());
        let gone: BTreeSet<PersonId> = r.merges.iter().map(|m| m.absorbed).collect();
        // A person's id is that of one of its identifiers: the id lives on where that identifier is.
        let alias = |p: PersonId| {
            let home = r.moved.iter().find(|(line, _, _)| line.get() == p.get());
            home.or_else(|| r.moved.iter().find(|(_, from, _)| *from == p)).map(|(_, _, to)| (p, *to))
        };
        let aliases: Vec<(PersonId, PersonId)> = gone.iter().filter_map(|p| alias(*p)).collect();
        self.persons.retain(|id, _| !gone.contains(id));
        self.persons_gone.extend(gone);
        people::aliases_put(tx, &aliases, version, now)?;
        people::aliases_repoint(tx, &aliases, version)?;
        if !r.splits.is_empty() {
            // Ids that went into the person before leave with their identifier.
            let home: Vec<(PersonId, PersonId)> = r
                .moved
                .iter()
                .map(|(line, _, to)| (PersonId::new(line.get()), *to))
                .filter(|(old, to)| old != to)
                .collect();
            people::aliases_follow(tx, &home, version)?;
        }
        people::aliases_delete(tx, &seen.into_iter().collect::<Vec<_>>())?;
        if r.splits.is_empty() {
            return Ok(());
        }
        // Nobody else looks at a person that lost a part.
        self.flush(tx, app)?;
        let touched: BTreeSet<PersonId> = r.moved.iter().flat_map(|(_, from, to)| [*from, *to]).collect();
        crate::react::summarise(tx, app, &touched.into_iter().collect::<Vec<_>>())
    }
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

fn history_rows(app: &App, r: &Resolution, cause: Cause<'_>) -> Vec<HistoryRow> {
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
    rows
}

/// The summary of a person until the follower of the log has counted its events.
fn fresh_person(n: &NodeState) -> PersonRow {
    PersonRow {
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
        stage_until: None,
    }
}
