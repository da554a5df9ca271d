//! What an operator's row of evidence does to the graph; the same live and in the fold.

use std::collections::BTreeSet;

use throughline_base::IdentifierId;

use super::decide::{end_link, new_node};
use super::evidence::{Evidence, EvidenceKind};
use super::fold::Names;
use super::graph::{Graph, other_end};
use super::limits;
use super::rules::Rules;
use super::state::{CannotLink, EdgeState, NodeState, SliceState};
use crate::event::Claim;

/// Applies one operator's row; the same live and in the fold.
pub(super) fn apply_row(graph: &mut Graph, rules: &Rules, names: &Names, row: &Evidence) {
    match row.kind {
        EvidenceKind::MustLink => must_link(graph, row),
        EvidenceKind::Match => matched(graph, rules, row),
        EvidenceKind::CannotLink => cannot_link(graph, row),
        EvidenceKind::Block => block(graph, row),
        EvidenceKind::Unblock => unblock(graph, row),
        EvidenceKind::Rename => rename(graph, rules, names, row),
        EvidenceKind::Retract => retract(graph, row),
        EvidenceKind::Assert
        | EvidenceKind::Bind
        | EvidenceKind::Alias
        | EvidenceKind::Takeover
        | EvidenceKind::Follow
        | EvidenceKind::Unbind
        | EvidenceKind::Logout => {}
    }
}

fn tie(graph: &mut Graph, row: &Evidence, b: IdentifierId, merge: bool) {
    let persons = BTreeSet::from([graph.person_of(row.a), graph.person_of(b)]);
    graph.add_edge(EdgeState { seq: row.seq, a: row.a, b, at: row.at, merge: merge && persons.len() > 1 });
    graph.unify(&persons);
}

fn both_known(graph: &Graph, row: &Evidence) -> Option<IdentifierId> {
    row.b.filter(|b| graph.node(*b).is_some() && graph.node(row.a).is_some())
}

fn must_link(graph: &mut Graph, row: &Evidence) {
    let Some(b) = both_known(graph, row) else { return };
    let persons = [graph.person_of(row.a), graph.person_of(b)];
    let across: BTreeSet<CannotLink> = graph
        .strong_members(persons[0])
        .flat_map(|n| graph.cannot_links_of(n.id))
        .filter(|link| {
            let ends = [graph.person_of(link.a), graph.person_of(link.b)];
            ends[0] != ends[1] && persons.contains(&ends[0]) && persons.contains(&ends[1])
        })
        .copied()
        .collect();
    for link in across {
        graph.remove_cannot_link(&link);
    }
    tie(graph, row, b, true);
}

fn matched(graph: &mut Graph, rules: &Rules, row: &Evidence) {
    let Some(b) = both_known(graph, row) else { return };
    let persons = BTreeSet::from([graph.person_of(row.a), graph.person_of(b)]);
    if limits::may_be_one(graph, rules, &persons, &persons, None, row.at).is_ok() {
        tie(graph, row, b, true);
    }
}

fn cannot_link(graph: &mut Graph, row: &Evidence) {
    let Some(b) = both_known(graph, row) else { return };
    let weak = [row.a, b].into_iter().find(|id| graph.node(*id).is_some_and(|n| !n.strength.is_strong()));
    let cut = match weak {
        Some(weak) => {
            let person = graph.person_of(if weak == b { row.a } else { b });
            graph.edges_of(weak).filter(|e| graph.person_of(other_end(e, weak)) == person).copied().collect()
        }
        None => graph.cut(row.a, b),
    };
    untie(graph, &cut);
    graph.add_cannot_link(CannotLink { seq: row.seq, a: row.a, b });
}

fn block(graph: &mut Graph, row: &Evidence) {
    let Some((namespace, value)) = graph.node(row.a).map(|n| (n.namespace.clone(), n.value.clone())) else { return };
    let generations: Vec<IdentifierId> = graph.generations(&namespace, &value).map(|n| n.id).collect();
    for id in generations {
        graph.update(id, |n| n.blocked = true);
        let edges: Vec<EdgeState> = graph.edges_of(id).copied().collect();
        untie(graph, &edges);
    }
}

fn unblock(graph: &mut Graph, row: &Evidence) {
    let Some((namespace, value)) = graph.node(row.a).map(|n| (n.namespace.clone(), n.value.clone())) else { return };
    let generations: Vec<IdentifierId> = graph.generations(&namespace, &value).map(|n| n.id).collect();
    for id in generations {
        graph.update(id, |n| {
            n.blocked = false;
            n.suspended_at = None;
            n.joined_recent.clear();
            n.joined_count = 0;
        });
    }
}

fn rename(graph: &mut Graph, rules: &Rules, names: &Names, row: &Evidence) {
    let Some(to) = row.b else { return };
    if graph.node(row.a).is_none() {
        return;
    }
    if graph.node(to).is_none() {
        let Some(name) = names.get(to) else { return };
        let claim = Claim { namespace: name.namespace.clone(), value: name.value.clone(), verified: true };
        let state = new_node(graph, rules, &claim, to, row.at);
        graph.add_node(state);
    }
    end_link(graph, row.a, row.at, row.seq);
    tie(graph, row, to, false);
}

fn retract(graph: &mut Graph, row: &Evidence) {
    let Some(target) = row.target else { return };
    let edges: Vec<EdgeState> = graph.edges_from(target).copied().collect();
    untie(graph, &edges);
    for link in graph.cannot_links_from(target) {
        graph.remove_cannot_link(&link);
    }
    let mut revived: BTreeSet<IdentifierId> = BTreeSet::new();
    for node in [Some(row.a), row.b].into_iter().flatten().filter_map(|id| graph.node(id)) {
        let ended = |n: &&NodeState| n.ended_seq == Some(target);
        revived.extend(graph.generations(&node.namespace, &node.value).filter(ended).map(|n| n.id));
        revived.extend(graph.strong_members(node.person).filter(ended).map(|n| n.id));
    }
    for id in revived {
        revive(graph, id, row);
    }
}

/// What ended a link does not count any more: the link lives again, and the generation that came after it ends.
fn revive(graph: &mut Graph, id: IdentifierId, row: &Evidence) {
    let Some(old) = graph.node(id).cloned() else { return };
    let later: Vec<IdentifierId> = graph
        .generations(&old.namespace, &old.value)
        .filter(|n| n.generation > old.generation && n.ended_at.is_none())
        .map(|n| n.id)
        .collect();
    for id in later {
        graph.update(id, |n| {
            n.ended_at = Some(row.at);
            n.ended_seq = Some(row.seq);
        });
    }
    graph.update(id, |n| {
        n.ended_at = None;
        n.ended_seq = None;
    });
}

/// Takes edges away and finds the persons anew. Only an edge between two strong nodes makes a person: the owners of a device
/// that is cut loose stay who they are, and of most of them no more is at hand than the node the device was tied to.
fn untie(graph: &mut Graph, edges: &[EdgeState]) {
    let mut persons = BTreeSet::new();
    let mut weak = BTreeSet::new();
    for edge in edges {
        graph.remove_edge(edge);
        let ends = [edge.a, edge.b].map(|id| graph.node(id));
        let loose = ends.into_iter().flatten().filter(|n| !n.strength.is_strong()).map(|n| n.id);
        weak.extend(loose);
        if let [Some(a), Some(b)] = ends
            && a.strength.is_strong()
            && b.strength.is_strong()
        {
            persons.extend([a.person, b.person]);
        }
    }
    for node in &weak {
        let lost: BTreeSet<IdentifierId> =
            edges.iter().filter(|e| e.a == *node || e.b == *node).map(|e| other_end(e, *node)).collect();
        relabel_slices(graph, *node, &lost);
    }
    graph.recompute(&persons);
    for node in weak {
        graph.derive_weak(node);
    }
}

/// A slice belongs to a line that the device is tied to. When that tie is gone, another line of the same person that it
/// is tied to stands in; else the slice goes too.
fn relabel_slices(graph: &mut Graph, device: IdentifierId, lost: &BTreeSet<IdentifierId>) {
    let ties: BTreeSet<IdentifierId> = graph
        .edges_of(device)
        .map(|e| other_end(e, device))
        .filter(|id| graph.node(*id).is_some_and(|n| n.strength.is_strong()))
        .collect();
    let untied = |s: &&SliceState| lost.contains(&s.line) && !ties.contains(&s.line);
    let slices: Vec<SliceState> = graph.slices_of(device).filter(untied).copied().collect();
    for slice in slices {
        let person = graph.person_of(slice.line);
        let stand_in = ties.iter().copied().find(|id| graph.person_of(*id) == person);
        match stand_in {
            Some(line) => graph.put_slice(SliceState { line, ..slice }),
            None => graph.remove_slice(&slice),
        }
    }
    if graph.slices_of(device).next().is_none() {
        graph.update(device, |n| n.partial = false);
    }
}
