//! The graph from its evidence: a left fold, one group of rows at a time, each decided again by the rules at hand.
//!
//! With the rules that wrote the evidence, [`fold`] gives the very graph that live resolution left behind. With other
//! rules it gives what those rules make of the same evidence; ids that this needs and the log does not have are minted and
//! come back as rows, so that the next fold finds them.

use std::collections::{BTreeMap, BTreeSet};

use throughline_base::IdentifierId;

use super::decide::{Decision, FactClaim, Facts, new_node};
use super::effect;
use super::evidence::{Evidence, EvidenceGroup, EvidenceKind};
use super::graph::Graph;
use super::resolution::{Resolution, ReviewItem};
use super::resolve::number;
use super::rules::Rules;
use super::state::{EdgeState, NodeState};
use super::unbind;
use crate::event::Claim;

/// What a node id stands for. Evidence names nodes by id only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The stored namespace.
    pub namespace: String,
    /// The value.
    pub value: String,
}

/// The names of the nodes that evidence speaks of.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<IdentifierId, Name>);

impl Names {
    /// The names of these nodes.
    #[must_use]
    pub fn of<'a>(nodes: impl IntoIterator<Item = &'a NodeState>) -> Self {
        let name = |n: &NodeState| Name { namespace: n.namespace.clone(), value: n.value.clone() };
        Self(nodes.into_iter().map(|n| (n.id, name(n))).collect())
    }

    /// The name of one node.
    #[must_use]
    pub fn get(&self, id: IdentifierId) -> Option<&Name> {
        self.0.get(&id)
    }
}

/// Applies one group of evidence. Rows that had to be minted come back; with unchanged rules there are none. So does what
/// somebody should look at.
pub fn apply(
    graph: &mut Graph,
    rules: &Rules,
    names: &Names,
    group: &EvidenceGroup,
    ids: &mut dyn FnMut() -> i64,
) -> (Vec<Evidence>, Vec<ReviewItem>) {
    let (mut minted, mut reviews) = (Vec::new(), Vec::new());
    let claims_first = group.rows.iter().position(|row| row.kind.is_claim());
    if let Some(first) = claims_first {
        let facts = facts_of(names, group, first);
        let mut issued = BTreeSet::new();
        let mut noted = || {
            let id = ids();
            issued.insert(id);
            id
        };
        let mut decision = Decision::new(graph, rules, &facts, &mut noted);
        decision.run();
        (minted, reviews) = (decision.rows, decision.out.reviews);
        minted.retain(|row| issued.contains(&row.seq) || issued.contains(&row.a.get()));
        keep_orphans(graph, rules, names, group);
    }
    for row in &group.rows {
        if row.kind == EvidenceKind::Unbind {
            unbind::apply(graph, row, row.at);
        } else if !row.kind.is_claim() && !matches!(row.kind, EvidenceKind::Follow | EvidenceKind::Logout) {
            effect::apply_row(graph, rules, names, row);
        }
    }
    renumber_minted(&mut minted, group, ids);
    graph.forget();
    (minted, reviews)
}

/// A minted row for a claim that has a row already only tells the id of another node; it needs a number of its own.
fn renumber_minted(minted: &mut [Evidence], group: &EvidenceGroup, ids: &mut dyn FnMut() -> i64) {
    number(minted);
    let Some(observation) = group.rows.first().map(|row| row.observation) else { return };
    for row in minted {
        row.observation = observation;
        if group.rows.iter().any(|old| old.seq == row.seq) {
            row.seq = ids();
        }
    }
}

/// Nodes that the log knows and these rules did not need keep their lines: they stand, ended, beside the node that the
/// value has under these rules.
fn keep_orphans(graph: &mut Graph, rules: &Rules, names: &Names, group: &EvidenceGroup) {
    for row in group.rows.iter().filter(|row| row.kind.is_claim()) {
        if graph.node(row.a).is_some() {
            continue;
        }
        let Some(name) = names.get(row.a) else { continue };
        let claim = Claim { namespace: name.namespace.clone(), value: name.value.clone(), verified: row.verified };
        let hint = rules.is_hint(&claim.namespace, claim.verified);
        let same = graph
            .generations(&claim.namespace, &claim.value)
            .filter(|n| (n.generation == 0) == hint && n.ended_at.is_none())
            .last()
            .map(|n| n.id);
        let state = new_node(graph, rules, &claim, row.a, row.at);
        let strong = state.strength.is_strong();
        graph.add_node(NodeState { ended_at: Some(row.at), ended_seq: Some(row.seq), ..state });
        if let Some(same) = same.filter(|_| strong) {
            graph.add_edge(EdgeState { seq: row.seq, a: row.a, b: same, at: row.at, merge: false });
            graph.unify(&[graph.person_of(row.a), graph.person_of(same)].into());
        }
    }
}

fn facts_of(names: &Names, group: &EvidenceGroup, first: usize) -> Facts {
    let head = &group.rows[first];
    let mut claims: Vec<FactClaim> = Vec::new();
    for row in group.rows.iter().filter(|row| row.kind.is_claim()) {
        let Some(name) = names.get(row.a) else { continue };
        let claim = Claim { namespace: name.namespace.clone(), value: name.value.clone(), verified: row.verified };
        // A second row of a claim tells of a node that other rules needed for it.
        if let Some(same) = claims.iter_mut().find(|c| c.claim == claim) {
            same.recorded.push(row.a);
            continue;
        }
        let idle = group.rows.iter().find(|r| r.kind == EvidenceKind::Logout && r.a == row.a && r.seq < head.seq);
        claims.push(FactClaim {
            claim,
            recorded: vec![row.a],
            seq: Some(row.seq),
            profiles: row.profiles,
            session_start_at: row.session_start_at.unwrap_or(row.at),
            logged_out_at: row.logged_out_at,
            stitching: row.stitching,
            idle_end: idle.map(|r| (r.at, Some(r.seq))),
        });
    }
    let rows_of = |kind: EvidenceKind| {
        let rows = group.rows.iter().filter(move |r| r.kind == kind && r.seq > head.seq);
        rows.map(|r| (r.a, r.seq)).collect::<Vec<_>>()
    };
    let logout_rows = rows_of(EvidenceKind::Logout);
    Facts {
        kind: head.kind,
        at: head.at,
        source_event: head.source_event,
        claims,
        logout: !logout_rows.is_empty(),
        logout_rows,
        follow_rows: rows_of(EvidenceKind::Follow),
        profile: None,
        known_profiles: Vec::new(),
    }
}

/// What a fold gives.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The graph.
    pub graph: Graph,
    /// Rows to append so that the next fold under these rules gives the same ids; none with unchanged rules.
    pub minted: Vec<Evidence>,
    /// What these rules refused and somebody should look at, each once.
    pub reviews: Vec<ReviewItem>,
}

/// Folds evidence, sorted by `(observation, seq)`, from scratch.
pub fn fold(
    rules: &Rules,
    names: &Names,
    groups: impl IntoIterator<Item = EvidenceGroup>,
    ids: &mut dyn FnMut() -> i64,
) -> Folded {
    let mut out = Folded::default();
    let mut raised = BTreeSet::new();
    for group in groups {
        let (minted, reviews) = apply(&mut out.graph, rules, names, &group, ids);
        out.minted.extend(minted);
        out.reviews.extend(reviews.into_iter().filter(|r| raised.insert((r.kind.as_str(), r.a, r.b))));
    }
    out
}

/// The rows that turn the old graph into the new one: what to write after the rules changed. Activity is kept.
#[must_use]
pub fn delta(old: &Graph, folded: Folded) -> Resolution {
    let (before, after) = (old.to_parts(), folded.graph.to_parts());
    let mut out = Resolution { new_evidence: folded.minted, ..Resolution::default() };
    let mut moves = Vec::new();
    for node in after.nodes {
        let Some(was) = old.node(node.id) else {
            out.new_nodes.push(node);
            continue;
        };
        moves.push((node.id, was.person, node.person));
        let kept = NodeState {
            first_at: was.first_at,
            last_at: was.last_at,
            session_start_at: was.session_start_at,
            logged_out_at: was.logged_out_at,
            signed_in_at: was.signed_in_at,
            ..node
        };
        if kept != *was {
            out.changed_nodes.push(kept);
        }
    }
    out.new_edges = after.edges.iter().filter(|e| before.edges.binary_search(e).is_err()).copied().collect();
    out.removed_edges = before.edges.iter().filter(|e| after.edges.binary_search(e).is_err()).copied().collect();
    out.changed_slices = after.slices.iter().filter(|s| !before.slices.contains(s)).copied().collect();
    let gone = |s: &&super::SliceState| !after.slices.iter().any(|new| (new.node, new.seq) == (s.node, s.seq));
    out.removed_slices = before.slices.iter().filter(gone).copied().collect();
    out.new_cannot_links = after.cannot_links.iter().filter(|c| !before.cannot_links.contains(c)).copied().collect();
    out.removed_cannot_links =
        before.cannot_links.iter().filter(|c| !after.cannot_links.contains(c)).copied().collect();
    folded.graph.tell_moves(moves, &mut out);
    out
}
