//! Changes to the graph. Each is journalled, keeps the indices, and leaves persons to be named by [`Graph::unify`] and
//! [`Graph::recompute`].

use std::collections::BTreeSet;

use throughline_base::{IdentifierId, PersonId};

use super::graph::{Graph, other_end};
use super::journal::Journal;
use super::state::{CannotLink, EdgeState, NodeState, SliceState};

impl Graph {
    pub(super) fn index(&mut self, node: &NodeState) {
        let ids = self.by_value.entry(node.namespace.clone()).or_default().entry(node.value.clone()).or_default();
        ids.push(node.id);
        ids.sort_by_key(|id| {
            let other = self.nodes.get(id).unwrap_or(node);
            (other.generation, other.id)
        });
        self.by_person.entry(node.person).or_default().insert(node.id);
    }

    /// Takes rows in; of those at hand the graph knows better.
    pub(super) fn put_missing(&mut self, nodes: Vec<NodeState>) {
        for node in nodes {
            if !self.nodes.contains_key(&node.id) {
                self.index(&node);
                self.nodes.insert(node.id, node);
            }
        }
    }

    /// Replaces a node by itself with other activity, which nothing else depends on.
    pub(super) fn put_activity(&mut self, node: &NodeState) {
        if let Some(here) = self.nodes.get_mut(&node.id) {
            here.clone_from(node);
        }
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

    pub(super) fn put_edge(&mut self, edge: EdgeState) {
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

    pub(super) fn put_cannot_link(&mut self, link: CannotLink) {
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
