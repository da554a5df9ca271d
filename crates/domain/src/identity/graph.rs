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
    nodes: BTreeMap<IdentifierId, NodeState>,
    by_value: HashMap<String, HashMap<String, Vec<IdentifierId>>>,
    by_person: HashMap<PersonId, BTreeSet<IdentifierId>>,
    edges: BTreeMap<EdgeKey, EdgeState>,
    edges_of: HashMap<IdentifierId, BTreeSet<EdgeKey>>,
    slices: BTreeMap<SliceKey, SliceState>,
    cannot_links: BTreeMap<EdgeKey, CannotLink>,
    cannot_of: HashMap<IdentifierId, BTreeSet<EdgeKey>>,
    fingerprints: BTreeSet<u64>,
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

    // ---- changes; each is journalled ----

    fn index(&mut self, node: &NodeState) {
        let ids = self.by_value.entry(node.namespace.clone()).or_default().entry(node.value.clone()).or_default();
        ids.push(node.id);
        ids.sort_by_key(|id| {
            let other = self.nodes.get(id).unwrap_or(node);
            (other.generation, other.id)
        });
        self.by_person.entry(node.person).or_default().insert(node.id);
    }

    pub(super) fn add_node(&mut self, node: NodeState) {
        self.journal.node(node.id, None);
        self.index(&node);
        self.nodes.insert(node.id, node);
    }

    pub(super) fn remove_node(&mut self, id: IdentifierId) {
        let Some(node) = self.nodes.remove(&id) else { return };
        if let Some(ids) = self.by_value.get_mut(&node.namespace).and_then(|values| values.get_mut(&node.value)) {
            ids.retain(|other| *other != id);
        }
        if let Some(ids) = self.by_person.get_mut(&node.person) {
            ids.remove(&id);
        }
    }

    pub(super) fn update(&mut self, id: IdentifierId, change: impl FnOnce(&mut NodeState)) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        self.journal.node(id, Some(&*node));
        let before = node.person;
        change(node);
        let after = node.person;
        if before != after {
            if let Some(ids) = self.by_person.get_mut(&before) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_person.remove(&before);
                }
            }
            self.by_person.entry(after).or_default().insert(id);
        }
    }

    fn put_edge(&mut self, edge: EdgeState) {
        let key = (edge.seq, edge.a, edge.b);
        self.edges.insert(key, edge);
        self.edges_of.entry(edge.a).or_default().insert(key);
        self.edges_of.entry(edge.b).or_default().insert(key);
    }

    fn drop_edge(&mut self, edge: &EdgeState) {
        let key = (edge.seq, edge.a, edge.b);
        self.edges.remove(&key);
        for end in [edge.a, edge.b] {
            if let Some(keys) = self.edges_of.get_mut(&end) {
                keys.remove(&key);
            }
        }
    }

    pub(super) fn add_edge(&mut self, edge: EdgeState) {
        self.journal.edge((edge.seq, edge.a, edge.b), self.edges.get(&(edge.seq, edge.a, edge.b)));
        self.put_edge(edge);
    }

    pub(super) fn remove_edge(&mut self, edge: &EdgeState) {
        self.journal.edge((edge.seq, edge.a, edge.b), Some(edge));
        self.drop_edge(edge);
    }

    pub(super) fn put_slice(&mut self, slice: SliceState) {
        let key = (slice.node, slice.seq);
        self.journal.slice(key, self.slices.get(&key));
        self.slices.insert(key, slice);
        self.refresh_current_line(slice.node);
    }

    pub(super) fn remove_slice(&mut self, slice: &SliceState) {
        let key = (slice.node, slice.seq);
        self.journal.slice(key, self.slices.get(&key));
        self.slices.remove(&key);
        self.refresh_current_line(slice.node);
    }

    fn refresh_current_line(&mut self, node: IdentifierId) {
        let line = self.open_slice(node).map(|s| s.line);
        if self.nodes.get(&node).is_some_and(|n| n.current_line != line) {
            self.update(node, |n| n.current_line = line);
        }
    }

    /// The slice of a weak node that has no end yet.
    #[must_use]
    pub fn open_slice(&self, node: IdentifierId) -> Option<SliceState> {
        self.slices_of(node).rev().find(|s| s.to_at.is_none()).copied()
    }

    fn put_cannot_link(&mut self, link: CannotLink) {
        let key = (link.seq, link.a, link.b);
        self.cannot_links.insert(key, link);
        self.cannot_of.entry(link.a).or_default().insert(key);
        self.cannot_of.entry(link.b).or_default().insert(key);
    }

    pub(super) fn add_cannot_link(&mut self, link: CannotLink) {
        let key = (link.seq, link.a, link.b);
        self.journal.cannot_link(key, self.cannot_links.get(&key));
        self.put_cannot_link(link);
    }

    pub(super) fn remove_cannot_link(&mut self, link: &CannotLink) {
        let key = (link.seq, link.a, link.b);
        self.journal.cannot_link(key, self.cannot_links.get(&key));
        self.cannot_links.remove(&key);
        for end in [link.a, link.b] {
            if let Some(keys) = self.cannot_of.get_mut(&end) {
                keys.remove(&key);
            }
        }
    }

    /// Makes one person of several: the smallest id of all their nodes names it, and weak nodes follow.
    pub(super) fn unify(&mut self, persons: &BTreeSet<PersonId>) {
        let strong: Vec<IdentifierId> = persons.iter().flat_map(|p| self.strong_members(*p).map(|n| n.id)).collect();
        self.name(&strong);
        self.derive_weak_around(&strong);
    }

    /// Finds the persons among these persons' nodes anew, from the edges that are left.
    pub(super) fn recompute(&mut self, persons: &BTreeSet<PersonId>) {
        let all: BTreeSet<IdentifierId> = persons.iter().flat_map(|p| self.strong_members(*p).map(|n| n.id)).collect();
        let mut left = all.clone();
        while let Some(start) = left.pop_first() {
            let mut component = vec![start];
            let mut next = 0;
            while let Some(here) = component.get(next).copied() {
                next += 1;
                let others: Vec<IdentifierId> = self.edges_of(here).map(|e| other_end(e, here)).collect();
                component.extend(others.into_iter().filter(|id| left.remove(id)));
            }
            self.name(&component);
        }
        let all: Vec<IdentifierId> = all.into_iter().collect();
        self.derive_weak_around(&all);
    }

    fn name(&mut self, strong: &[IdentifierId]) {
        let Some(person) = strong.iter().min().map(|id| PersonId::new(id.get())) else { return };
        for id in strong {
            if self.person_of(*id) != person {
                self.update(*id, |n| n.person = person);
            }
        }
    }

    fn derive_weak_around(&mut self, strong: &[IdentifierId]) {
        let weak: BTreeSet<IdentifierId> = strong
            .iter()
            .flat_map(|id| self.edges_of(*id).map(|e| other_end(e, *id)))
            .filter(|id| self.nodes.get(id).is_some_and(|n| !n.strength.is_strong()))
            .collect();
        for id in weak {
            self.derive_weak(id);
        }
    }

    /// A weak node follows the one person it is tied to, else it is its own anonymous person.
    pub(super) fn derive_weak(&mut self, id: IdentifierId) {
        let owners = self.owners_of(id);
        let Some(node) = self.nodes.get(&id) else { return };
        let shared = owners.len() > 1;
        let person = match owners.first() {
            Some(owner) if !shared && !node.partial => *owner,
            Some(_) | None => PersonId::new(id.get()),
        };
        if node.person != person || node.shared != shared {
            self.update(id, |n| {
                n.person = person;
                n.shared = shared;
            });
        }
    }

    /// Puts everything back as it was when the journal was empty.
    pub(super) fn rollback(&mut self) {
        let journal = std::mem::take(&mut self.journal);
        for (key, before) in journal.edges {
            if let Some(edge) = self.edges.get(&key).copied() {
                self.drop_edge(&edge);
            }
            if let Some(edge) = before {
                self.put_edge(edge);
            }
        }
        for (key, before) in journal.slices {
            match before {
                Some(slice) => self.slices.insert(key, slice),
                None => self.slices.remove(&key),
            };
        }
        for (id, before) in journal.nodes {
            self.remove_node(id);
            if let Some(node) = before {
                self.index(&node);
                self.nodes.insert(id, node);
            }
        }
        for (key, before) in journal.cannot_links {
            if let Some(link) = self.cannot_links.get(&key).copied() {
                self.remove_cannot_link(&link);
            }
            if let Some(link) = before {
                self.put_cannot_link(link);
            }
        }
        self.journal = Journal::default();
    }
}

/// The end of an edge that is not `id`.
#[must_use]
pub fn other_end(edge: &EdgeState, id: IdentifierId) -> IdentifierId {
    if edge.a == id { edge.b } else { edge.a }
}
