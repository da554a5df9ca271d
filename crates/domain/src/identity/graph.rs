//! The graph in memory: the rows of the persons at hand, indexed, with a journal of what changed since the last look.
//!
//! It holds structure only: which nodes make a person, what a weak node follows, how to take a person apart. Which links
//! are made is decided in [`mod@super::resolve`]. It may hold a part of the whole: see [`super::load`] for which part.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::Serialize;
use throughline_base::{IdentifierId, PersonId, Timestamp};

use super::journal::Journal;
use super::state::{CannotLink, EdgeState, GraphParts, NodeState, SliceState};

type EdgeKey = (i64, IdentifierId, IdentifierId);
type SliceKey = (IdentifierId, i64);

/// Nodes, edges, slices and cannot-links, indexed.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(super) nodes: BTreeMap<IdentifierId, NodeState>,
    pub(super) by_value: HashMap<String, HashMap<String, Vec<IdentifierId>>>,
    pub(super) by_person: HashMap<PersonId, BTreeSet<IdentifierId>>,
    pub(super) edges: BTreeMap<EdgeKey, EdgeState>,
    pub(super) edges_of: HashMap<IdentifierId, BTreeSet<EdgeKey>>,
    pub(super) slices: BTreeMap<SliceKey, SliceState>,
    pub(super) cannot_links: BTreeMap<EdgeKey, CannotLink>,
    pub(super) cannot_of: HashMap<IdentifierId, BTreeSet<EdgeKey>>,
    pub(super) fingerprints: BTreeSet<u64>,
    pub(super) journal: Journal,
}

/// A graph in the one form that two equal graphs share: sorted, and without what is activity rather than evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Canonical {
    /// Nodes by id, their activity blanked.
    pub nodes: Vec<NodeState>,
    /// Edges by row.
    pub edges: Vec<EdgeState>,
    /// Slices by node and row.
    pub slices: Vec<SliceState>,
    /// Cannot-links by row.
    pub cannot_links: Vec<CannotLink>,
}

/// A node without its activity: what evidence alone says of it.
pub(super) fn without_activity(node: &NodeState) -> NodeState {
    let zero = Timestamp::default();
    NodeState {
        first_at: zero,
        last_at: zero,
        session_start_at: zero,
        logged_out_at: None,
        signed_in_at: None,
        ..node.clone()
    }
}

impl Graph {
    /// A graph of these rows.
    #[must_use]
    pub fn from_parts(parts: GraphParts) -> Self {
        let mut graph = Self::default();
        for node in parts.nodes {
            graph.index(&node);
            graph.nodes.insert(node.id, node);
        }
        for edge in parts.edges {
            graph.put_edge(edge);
        }
        graph.slices = parts.slices.into_iter().map(|s| ((s.node, s.seq), s)).collect();
        for link in parts.cannot_links {
            graph.put_cannot_link(link);
        }
        graph.fingerprints = parts.fingerprints.into_iter().collect();
        graph
    }

    /// The rows of this graph, sorted.
    #[must_use]
    pub fn to_parts(&self) -> GraphParts {
        GraphParts {
            nodes: self.nodes.values().cloned().collect(),
            edges: self.edges.values().copied().collect(),
            slices: self.slices.values().copied().collect(),
            cannot_links: self.cannot_links.values().copied().collect(),
            fingerprints: self.fingerprints.iter().copied().collect(),
        }
    }

    /// The form in which two graphs are compared.
    #[must_use]
    pub fn canonical(&self) -> Canonical {
        Canonical {
            nodes: self.nodes.values().map(without_activity).collect(),
            edges: self.edges.values().copied().collect(),
            slices: self.slices.values().copied().collect(),
            cannot_links: self.cannot_links.values().copied().collect(),
        }
    }

    /// A node by its id.
    #[must_use]
    pub fn node(&self, id: IdentifierId) -> Option<&NodeState> {
        self.nodes.get(&id)
    }

    /// Every node, by id.
    pub fn nodes(&self) -> impl Iterator<Item = &NodeState> {
        self.nodes.values()
    }

    /// The generations of a value, oldest first; the hint of it, when there is one, comes first.
    pub fn generations(&self, namespace: &str, value: &str) -> impl Iterator<Item = &NodeState> {
        let ids = self.by_value.get(namespace).and_then(|values| values.get(value));
        ids.into_iter().flatten().filter_map(|id| self.nodes.get(id))
    }

    /// The person a node belongs to.
    #[must_use]
    pub fn person_of(&self, id: IdentifierId) -> PersonId {
        self.nodes.get(&id).map_or_else(|| PersonId::new(id.get()), |n| n.person)
    }

    /// The nodes that make the person.
    pub fn strong_members(&self, person: PersonId) -> impl Iterator<Item = &NodeState> {
        let ids = self.by_person.get(&person);
        ids.into_iter().flatten().filter_map(|id| self.nodes.get(id)).filter(|n| n.strength.is_strong())
    }

    /// All nodes that belong to the person as a whole: its lines. Of shared devices it has only [`Self::slices_of_person`].
    pub fn members(&self, person: PersonId) -> impl Iterator<Item = &NodeState> {
        self.by_person.get(&person).into_iter().flatten().filter_map(|id| self.nodes.get(id))
    }

    /// The persons in the graph, anonymous ones included, by id.
    #[must_use]
    pub fn persons(&self) -> BTreeSet<PersonId> {
        self.nodes.values().map(|n| n.person).collect()
    }

    /// The spans of shared devices that belong to the person.
    #[must_use]
    pub fn slices_of_person(&self, person: PersonId) -> Vec<SliceState> {
        self.slices
            .values()
            .filter(|s| self.person_of(s.line) == person && self.person_of(s.node) != person)
            .copied()
            .collect()
    }

    /// The edges at a node.
    pub fn edges_of(&self, id: IdentifierId) -> impl Iterator<Item = &EdgeState> {
        self.edges_of.get(&id).into_iter().flatten().filter_map(|key| self.edges.get(key))
    }

    /// The edges that come from a row of evidence.
    pub fn edges_from(&self, seq: i64) -> impl Iterator<Item = &EdgeState> {
        let low = (seq, IdentifierId::new(i64::MIN), IdentifierId::new(i64::MIN));
        self.edges.range(low..).take_while(move |(key, _)| key.0 == seq).map(|(_, edge)| edge)
    }

    /// The slices of a weak node, oldest first.
    pub fn slices_of(&self, node: IdentifierId) -> impl DoubleEndedIterator<Item = &SliceState> {
        self.slices.range((node, i64::MIN)..=(node, i64::MAX)).map(|(_, slice)| slice)
    }

    /// The slice of a weak node that has no end yet.
    #[must_use]
    pub fn open_slice(&self, node: IdentifierId) -> Option<SliceState> {
        self.slices_of(node).rev().find(|s| s.to_at.is_none()).copied()
    }

    /// The cannot-links at a node.
    pub fn cannot_links_of(&self, id: IdentifierId) -> impl Iterator<Item = &CannotLink> {
        self.cannot_of.get(&id).into_iter().flatten().filter_map(|key| self.cannot_links.get(key))
    }

    /// The cannot-links that come from a row of evidence.
    pub(super) fn cannot_links_from(&self, seq: i64) -> Vec<CannotLink> {
        let low = (seq, IdentifierId::new(i64::MIN), IdentifierId::new(i64::MIN));
        self.cannot_links.range(low..).take_while(|(key, _)| key.0 == seq).map(|(_, link)| *link).collect()
    }

    /// Whether the fingerprint is on record.
    #[must_use]
    pub fn knows(&self, fingerprint: u64) -> bool {
        self.fingerprints.contains(&fingerprint)
    }

    /// Puts a fingerprint on record.
    pub fn learn(&mut self, fingerprint: u64) {
        self.fingerprints.insert(fingerprint);
    }

    /// The weak nodes tied to any node of the person, shared ones included.
    #[must_use]
    pub fn weak_of(&self, person: PersonId) -> BTreeSet<IdentifierId> {
        let mut out = BTreeSet::new();
        for member in self.strong_members(person) {
            for edge in self.edges_of(member.id) {
                let other = other_end(edge, member.id);
                if self.nodes.get(&other).is_some_and(|n| !n.strength.is_strong()) {
                    out.insert(other);
                }
            }
        }
        out
    }

    /// How many merges the persons have behind them: ever, and within the day around `at`.
    #[must_use]
    pub fn merges_of(&self, person: PersonId, at: Timestamp) -> (u32, u32) {
        let mut counts = (0, 0);
        for member in self.strong_members(person) {
            // Each edge is seen from its `a` end only, so it counts once.
            for edge in self.edges_of(member.id).filter(|e| e.merge && e.a == member.id) {
                counts.0 += 1;
                counts.1 += u32::from(edge.at.since(at).abs() < throughline_base::time::DAY_MS);
            }
        }
        counts
    }

    /// The persons that a weak node is tied to.
    #[must_use]
    pub fn owners_of(&self, weak: IdentifierId) -> BTreeSet<PersonId> {
        self.edges_of(weak)
            .map(|edge| other_end(edge, weak))
            .filter_map(|id| self.nodes.get(&id))
            .filter(|n| n.strength.is_strong())
            .map(|n| n.person)
            .collect()
    }

    /// The weak nodes that a weak node was seen with.
    #[must_use]
    pub(super) fn companions_of(&self, weak: IdentifierId) -> BTreeSet<IdentifierId> {
        self.edges_of(weak)
            .map(|edge| other_end(edge, weak))
            .filter(|id| self.nodes.get(id).is_some_and(|n| !n.strength.is_strong()))
            .collect()
    }

    /// The line of an anonymous event on a weak node at an instant: who is signed in on a shared device, else the node.
    #[must_use]
    pub fn line_at(&self, weak: IdentifierId, at: Timestamp) -> IdentifierId {
        let sliced = self.nodes.get(&weak).is_some_and(|n| n.person.get() == n.id.get());
        if !sliced {
            return weak;
        }
        self.slices_of(weak).rev().find(|s| s.covers(at)).map_or(weak, |s| s.line)
    }

    /// The shortest chain of edges between two nodes of one person.
    #[must_use]
    pub fn path(&self, from: IdentifierId, to: IdentifierId) -> Option<Vec<EdgeState>> {
        self.path_without(from, to, &BTreeSet::new())
    }

    fn path_without(
        &self,
        from: IdentifierId,
        to: IdentifierId,
        without: &BTreeSet<EdgeState>,
    ) -> Option<Vec<EdgeState>> {
        let mut came_by: BTreeMap<IdentifierId, Option<EdgeState>> = BTreeMap::from([(from, None)]);
        let mut queue = VecDeque::from([from]);
        while let Some(here) = queue.pop_front() {
            if here == to {
                break;
            }
            // A weak node may begin or end a chain, never stand within it.
            if here != from && self.nodes.get(&here).is_none_or(|n| !n.strength.is_strong()) {
                continue;
            }
            for edge in self.edges_of(here) {
                let next = other_end(edge, here);
                if self.nodes.contains_key(&next) && !without.contains(edge) && !came_by.contains_key(&next) {
                    came_by.insert(next, Some(*edge));
                    queue.push_back(next);
                }
            }
        }
        let mut chain = Vec::new();
        let mut here = to;
        while let Some(edge) = came_by.get(&here)? {
            chain.push(*edge);
            here = other_end(edge, here);
        }
        chain.reverse();
        Some(chain)
    }

    /// The edges to take away so that no chain leads from one node to the other: on each chain the newest merge, else the
    /// newest edge, so that old ties outlive young ones.
    #[must_use]
    pub fn cut(&self, from: IdentifierId, to: IdentifierId) -> Vec<EdgeState> {
        let mut out = BTreeSet::new();
        while from != to
            && let Some(chain) = self.path_without(from, to, &out)
            && let Some(edge) = chain.into_iter().max_by_key(|e| (e.merge, e.seq, e.a, e.b))
        {
            out.insert(edge);
        }
        out.into_iter().collect()
    }
}

/// The end of an edge that is not `id`.
#[must_use]
pub fn other_end(edge: &EdgeState, id: IdentifierId) -> IdentifierId {
    if edge.a == id { edge.b } else { edge.a }
}
