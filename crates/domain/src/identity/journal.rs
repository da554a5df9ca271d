//! What changed in a graph since the last look: the state before, so that it can be told as a delta or taken back.

use std::collections::BTreeMap;

use throughline_base::{IdentifierId, PersonId};

use super::graph::{Graph, without_activity};
use super::resolution::{PersonMerge, PersonSplit, Resolution};
use super::state::{CannotLink, EdgeState, NodeState, SliceState};

/// For each touched row its state before the first touch; `None`: it did not exist.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    pub(super) nodes: BTreeMap<IdentifierId, Option<NodeState>>,
    pub(super) edges: BTreeMap<(i64, IdentifierId, IdentifierId), Option<EdgeState>>,
    pub(super) slices: BTreeMap<(IdentifierId, i64), Option<SliceState>>,
    pub(super) cannot_links: BTreeMap<(i64, IdentifierId, IdentifierId), Option<CannotLink>>,
}

impl Journal {
    pub(super) fn node(&mut self, id: IdentifierId, before: Option<&NodeState>) {
        self.nodes.entry(id).or_insert_with(|| before.cloned());
    }

    pub(super) fn edge(&mut self, key: (i64, IdentifierId, IdentifierId), before: Option<&EdgeState>) {
        self.edges.entry(key).or_insert_with(|| before.copied());
    }

    pub(super) fn slice(&mut self, key: (IdentifierId, i64), before: Option<&SliceState>) {
        self.slices.entry(key).or_insert_with(|| before.copied());
    }

    pub(super) fn cannot_link(&mut self, key: (i64, IdentifierId, IdentifierId), before: Option<&CannotLink>) {
        self.cannot_links.entry(key).or_insert_with(|| before.copied());
    }
}

impl Graph {
    /// Empties the journal without telling.
    pub(super) fn forget(&mut self) {
        self.journal = Journal::default();
    }

    /// Tells what changed since the journal was last emptied, and empties it.
    pub(super) fn take_delta(&mut self, out: &mut Resolution) {
        let journal = std::mem::take(&mut self.journal);
        for (id, before) in &journal.nodes {
            let Some(now) = self.node(*id) else { continue };
            match before {
                None => out.new_nodes.push(now.clone()),
                Some(before) if before == now => {}
                Some(before) if without_activity(before) == without_activity(now) => out.active_nodes.push(now.clone()),
                Some(_) => out.changed_nodes.push(now.clone()),
            }
        }
        for (key, before) in &journal.edges {
            let now = self.edges_from(key.0).find(|e| e.a == key.1 && e.b == key.2);
            match (before, now) {
                (None, Some(now)) => out.new_edges.push(*now),
                (Some(before), None) => out.removed_edges.push(*before),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        for (key, before) in &journal.slices {
            let now = self.slices_of(key.0).find(|s| s.seq == key.1);
            match (before, now) {
                (Some(before), Some(now)) if before == now => {}
                (_, Some(now)) => out.changed_slices.push(*now),
                (Some(before), None) => out.removed_slices.push(*before),
                (None, None) => {}
            }
        }
        for (key, before) in &journal.cannot_links {
            let now = self.cannot_links_from(key.0).into_iter().find(|c| c.a == key.1 && c.b == key.2);
            match (before, now) {
                (None, Some(now)) => out.new_cannot_links.push(now),
                (Some(before), None) => out.removed_cannot_links.push(*before),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        let moves = journal.nodes.into_iter().filter_map(|(id, before)| Some((id, before?.person, self.person_of(id))));
        self.tell_moves(moves.collect(), out);
    }

    /// Merges and splits from where nodes were and where they are. A person whose id nobody bears any more was absorbed;
    /// one that is still there has lost a part.
    pub(super) fn tell_moves(&self, mut moves: Vec<(IdentifierId, PersonId, PersonId)>, out: &mut Resolution) {
        moves.retain(|(_, before, now)| before != now);
        for &(_, before, now) in &moves {
            if self.members(before).next().is_none() {
                out.merges.push(PersonMerge { kept: now, absorbed: before });
            } else {
                out.splits.push(PersonSplit { from: before, into: now });
            }
        }
        out.merges.sort();
        out.merges.dedup();
        out.splits.sort();
        out.splits.dedup();
        out.moved = moves;
    }
}
