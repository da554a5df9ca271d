//! Taking an identifier off a person by an event (Sensors `track_id_unbind`): the link ends with a date. What was, was.

use throughline_base::{IdentifierId, Timestamp};

use super::decide::{Decision, Picked, end_link, pick_node};
use super::evidence::{Evidence, EvidenceKind};
use super::graph::{Graph, other_end};
use super::resolution::{Observation, ObservationKind};
use super::resolve::stored_claims;
use super::rules::Rules;
use super::state::SliceState;
use crate::event::Claim;

/// What an unbind takes off.
pub(super) struct Target {
    node: IdentifierId,
    /// The identifier it is taken off, when the event names one.
    from: Option<IdentifierId>,
}

/// The claims to assert, and what to take off: all claims but the strongest, or the only one.
pub(super) fn split(graph: &Graph, rules: &Rules, obs: &Observation) -> (Vec<Claim>, Vec<Target>) {
    let claims = stored_claims(rules, obs);
    if obs.kind != ObservationKind::Unbind {
        return (claims, Vec::new());
    }
    let find = |claim: &Claim| {
        [true, claim.verified].into_iter().find_map(|verified| {
            match pick_node(graph, rules, &Claim { verified, ..claim.clone() }, obs.at) {
                Picked::Node(id) => graph.node(id).filter(|n| n.ended_at.is_none()).map(|n| n.id),
                Picked::Expired(_) | Picked::None => None,
            }
        })
    };
    let mut rest = claims.into_iter();
    let Some(strongest) = rest.next() else { return (Vec::new(), Vec::new()) };
    let others: Vec<Claim> = rest.collect();
    let from = find(&strongest);
    if others.is_empty() {
        let targets = from.map(|node| Target { node, from: None }).into_iter().collect();
        return (vec![strongest], targets);
    }
    let targets = others
        .iter()
        .filter_map(find)
        .filter(|node| from.is_some_and(|from| together(graph, *node, from)))
        .map(|node| Target { node, from })
        .collect();
    (vec![strongest], targets)
}

fn together(graph: &Graph, node: IdentifierId, from: IdentifierId) -> bool {
    let person = graph.person_of(from);
    graph.person_of(node) == person || graph.owners_of(node).contains(&person)
}

/// Takes the targets off and writes a row for each.
pub(super) fn run(decision: &mut Decision<'_>, targets: &[Target]) {
    for target in targets {
        let seq = (decision.ids)();
        let row = Evidence {
            kind: EvidenceKind::Unbind,
            b: target.from,
            note: "unbound".to_owned(),
            ..decision.row(seq, target.node)
        };
        apply(decision.graph, &row, decision.facts.at);
        decision.rows.push(row);
        decision.changed = true;
    }
}

/// Ends the link that a row of evidence says has ended.
pub(super) fn apply(graph: &mut Graph, row: &Evidence, at: Timestamp) {
    let Some(node) = graph.node(row.a) else { return };
    if node.strength.is_strong() {
        if node.ended_at.is_none() {
            end_link(graph, row.a, at, row.seq);
        }
        return;
    }
    // A device has no generations: it is cut loose, and what it was used for until now stays where it was.
    let person = row.b.map(|b| graph.person_of(b));
    let cut: Vec<_> = graph
        .edges_of(row.a)
        .filter(|e| graph.node(other_end(e, row.a)).is_some_and(|n| n.strength.is_strong()))
        .filter(|e| person.is_none_or(|p| graph.person_of(other_end(e, row.a)) == p))
        .copied()
        .collect();
    for edge in cut {
        graph.remove_edge(&edge);
    }
    if let Some(open) = graph.open_slice(row.a).filter(|o| person.is_none_or(|p| graph.person_of(o.line) == p)) {
        let end = open.from_at.map_or(at, |from| from.max(at));
        graph.put_slice(SliceState { to_at: Some(end), ..open });
    }
    // Its past is somebody's: it never follows a later owner as a whole.
    if graph.slices_of(row.a).next().is_some() {
        graph.update(row.a, |n| n.partial = true);
    }
    graph.derive_weak(row.a);
}
