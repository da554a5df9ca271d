//! Which rows a decision needs: the persons at hand with all their nodes and edges, the devices they touch, and of the
//! persons at the far ends of those devices only the node itself, which names its person.
//!
//! The store answers [`Rows`] with one query each; the tests answer it from memory. Both then decide on the same part.

use std::collections::{BTreeSet, HashSet};

use throughline_base::{IdentifierId, PersonId};

use super::graph::Graph;
use super::resolution::{Observation, Resolution};
use super::resolve::{Stated, fingerprint_of, resolve, stated};
use super::rules::Rules;
use super::state::{CannotLink, EdgeState, NodeState, SliceState};

/// The rows of the identity tables. Every answer is complete; order does not matter.
pub trait Rows {
    /// What can go wrong.
    type Error;

    /// All generations of these stored namespaces and values.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn nodes_by_value(&mut self, keys: &[(String, String)]) -> Result<Vec<NodeState>, Self::Error>;

    /// Nodes by id.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn nodes_by_id(&mut self, ids: &[IdentifierId]) -> Result<Vec<NodeState>, Self::Error>;

    /// All nodes whose `person` is one of these.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn nodes_by_person(&mut self, persons: &[PersonId]) -> Result<Vec<NodeState>, Self::Error>;

    /// All edges with either end among these.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn edges_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<EdgeState>, Self::Error>;

    /// All slices of these nodes.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn slices_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<SliceState>, Self::Error>;

    /// All cannot-links with either end among these.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn cannot_links_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<CannotLink>, Self::Error>;

    /// Whether a fingerprint is on record.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn has_fingerprint(&mut self, fingerprint: u64) -> Result<bool, Self::Error>;
}

/// What [`super::resolve`](fn@super::resolve) needs for an observation.
///
/// # Errors
/// When the rows cannot be read.
pub fn for_observation<R: Rows>(rows: &mut R, rules: &Rules, obs: &Observation) -> Result<Graph, R::Error> {
    let mut at_hand = Resident::default();
    at_hand.surround(rows, rules, &stated(rules, obs), obs)?;
    Ok(at_hand.graph)
}

/// What [`super::operate`](fn@super::operate) needs for an operation on these identifiers: their persons, and every other
/// generation of what those persons have, because taking evidence back may bring an ended link to life again.
///
/// # Errors
/// When the rows cannot be read.
pub fn for_nodes<R: Rows>(rows: &mut R, ids: &[IdentifierId]) -> Result<Graph, R::Error> {
    let mut at_hand = Resident::default();
    at_hand.fetch_nodes(rows, ids)?;
    let persons: BTreeSet<PersonId> = at_hand.graph.nodes().map(|n| n.person).collect();
    at_hand.fetch_members(rows, &persons)?;
    let keys: BTreeSet<Key> = at_hand.graph.nodes().map(|n| (n.namespace.clone(), n.value.clone())).collect();
    let keys: Vec<Key> = keys.into_iter().collect();
    at_hand.fetch_values(rows, &keys)?;
    let seeds = at_hand.of_values(&keys);
    at_hand.around(rows, seeds)?;
    Ok(at_hand.graph)
}

/// What renaming `from` to the value `to` needs.
///
/// # Errors
/// When the rows cannot be read.
pub fn for_rename<R: Rows>(rows: &mut R, from: IdentifierId, to: &str) -> Result<Graph, R::Error> {
    let mut at_hand = Resident::default();
    at_hand.fetch_nodes(rows, &[from])?;
    let keys: Vec<Key> = at_hand.graph.nodes().map(|n| (n.namespace.clone(), to.to_owned())).collect();
    at_hand.fetch_values(rows, &keys)?;
    let seeds = at_hand.graph.nodes().map(|n| n.id).collect();
    at_hand.around(rows, seeds)?;
    Ok(at_hand.graph)
}

/// Namespace and value.
type Key = (String, String);

/// A graph that is filled from the rows as decisions need it and keeps what they change. What is complete in it is not
/// read again, so decisions count that are not written yet: many observations may be decided before anything is.
#[derive(Debug, Default)]
pub struct Resident {
    graph: Graph,
    values: HashSet<Key>,
    persons: HashSet<PersonId>,
    edges: HashSet<IdentifierId>,
    slices: HashSet<IdentifierId>,
    cannot_links: HashSet<IdentifierId>,
    unknown_fingerprints: HashSet<u64>,
}

impl Resident {
    /// What is at hand.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Reads all generations of these values.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub fn fetch_values<R: Rows>(&mut self, rows: &mut R, keys: &[Key]) -> Result<(), R::Error> {
        let missing: Vec<Key> = keys.iter().filter(|k| !self.values.contains(*k)).cloned().collect();
        if !missing.is_empty() {
            let nodes = rows.nodes_by_value(&missing)?;
            self.graph.put_missing(nodes);
            self.values.extend(missing);
        }
        Ok(())
    }

    /// Whether an observation was seen before: with its nodes, which are read here, enough for [`super::trivial`].
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub fn is_known<R: Rows>(
        &mut self,
        rows: &mut R,
        rules: &Rules,
        said: &Stated,
        obs: &Observation,
    ) -> Result<bool, R::Error> {
        self.fetch_values(rows, &said.keys())?;
        let Some(key) = fingerprint_of(&self.graph, rules, said, obs) else { return Ok(false) };
        if self.graph.knows(key) {
            return Ok(true);
        }
        if !self.unknown_fingerprints.contains(&key) {
            if rows.has_fingerprint(key)? {
                self.graph.learn(key);
                return Ok(true);
            }
            self.unknown_fingerprints.insert(key);
        }
        Ok(false)
    }

    /// Reads what [`super::resolve`](fn@super::resolve) needs for an observation; answers the nodes in its reach.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub fn surround<R: Rows>(
        &mut self,
        rows: &mut R,
        rules: &Rules,
        said: &Stated,
        obs: &Observation,
    ) -> Result<BTreeSet<IdentifierId>, R::Error> {
        self.is_known(rows, rules, said, obs)?;
        let seeds = self.of_values(&said.keys());
        self.around(rows, seeds)
    }

    /// Decides an observation after [`Self::surround`]; see [`super::resolve`](fn@super::resolve).
    pub fn resolve(&mut self, rules: &Rules, obs: &Observation, ids: &mut dyn FnMut() -> i64) -> Resolution {
        let out = resolve(&mut self.graph, rules, obs, ids);
        for node in &out.new_nodes {
            // Of what did not exist there is nothing to read.
            self.edges.insert(node.id);
            self.slices.insert(node.id);
            self.cannot_links.insert(node.id);
            self.persons.insert(PersonId::new(node.id.get()));
        }
        out
    }

    /// Notes activity that [`super::trivial`] told.
    pub fn note_activity(&mut self, nodes: &[NodeState]) {
        for node in nodes {
            self.graph.put_activity(node);
        }
    }

    fn of_values(&self, keys: &[Key]) -> BTreeSet<IdentifierId> {
        keys.iter().flat_map(|(namespace, value)| self.graph.generations(namespace, value)).map(|n| n.id).collect()
    }

    fn around<R: Rows>(
        &mut self,
        rows: &mut R,
        seeds: BTreeSet<IdentifierId>,
    ) -> Result<BTreeSet<IdentifierId>, R::Error> {
        let mut reach = seeds;
        let mut persons: BTreeSet<PersonId> = self.nodes(&reach).map(|n| n.person).collect();
        // Whoever is or was signed in on a device of the event may get its companions too.
        let mut in_slices: BTreeSet<IdentifierId> = self.nodes(&reach).filter_map(|n| n.current_line).collect();
        let weak = self.weak(&reach);
        reach.extend(self.fetch_edges(rows, &weak)?);
        in_slices.extend(self.fetch_slices(rows, &weak)?);
        self.fetch_nodes(rows, &in_slices)?;
        persons.extend(self.nodes(&in_slices).map(|n| n.person));
        reach.extend(in_slices);
        let members = self.fetch_members(rows, &persons)?;
        reach.extend(self.fetch_edges(rows, &members)?);
        reach.extend(members);
        // Devices in reach need their own edges to know their owners; devices seen with those, too.
        for _ in 0..2 {
            let weak = self.weak(&reach);
            reach.extend(self.fetch_edges(rows, &weak)?);
        }
        let weak = self.weak(&reach);
        let lines = self.fetch_slices(rows, &weak)?;
        self.fetch_nodes(rows, &lines)?;
        reach.extend(lines);
        self.fetch_cannot_links(rows, &reach)?;
        Ok(reach)
    }

    fn nodes<'a>(&'a self, ids: &'a BTreeSet<IdentifierId>) -> impl Iterator<Item = &'a NodeState> {
        ids.iter().filter_map(|id| self.graph.node(*id))
    }

    fn weak(&self, ids: &BTreeSet<IdentifierId>) -> BTreeSet<IdentifierId> {
        self.nodes(ids).filter(|n| !n.strength.is_strong()).map(|n| n.id).collect()
    }

    fn fetch_nodes<'a, R: Rows>(
        &mut self,
        rows: &mut R,
        ids: impl IntoIterator<Item = &'a IdentifierId>,
    ) -> Result<(), R::Error> {
        let missing: BTreeSet<IdentifierId> =
            ids.into_iter().copied().filter(|id| self.graph.node(*id).is_none()).collect();
        if !missing.is_empty() {
            let nodes = rows.nodes_by_id(&missing.into_iter().collect::<Vec<_>>())?;
            self.graph.put_missing(nodes);
        }
        Ok(())
    }

    /// The nodes of these persons.
    fn fetch_members<R: Rows>(
        &mut self,
        rows: &mut R,
        persons: &BTreeSet<PersonId>,
    ) -> Result<BTreeSet<IdentifierId>, R::Error> {
        let missing: Vec<PersonId> = persons.iter().copied().filter(|p| self.persons.insert(*p)).collect();
        if !missing.is_empty() {
            let nodes = rows.nodes_by_person(&missing)?;
            self.graph.put_missing(nodes);
        }
        Ok(persons.iter().flat_map(|p| self.graph.members(*p)).map(|n| n.id).collect())
    }

    /// The edges of these nodes and the nodes at their other ends, which are answered.
    fn fetch_edges<R: Rows>(
        &mut self,
        rows: &mut R,
        ids: &BTreeSet<IdentifierId>,
    ) -> Result<BTreeSet<IdentifierId>, R::Error> {
        let wanted: Vec<IdentifierId> = ids.iter().copied().filter(|id| !self.edges.contains(id)).collect();
        if !wanted.is_empty() {
            for edge in rows.edges_of(&wanted)? {
                // Where one end is complete, the edge is at hand or was taken away.
                if !self.edges.contains(&edge.a) && !self.edges.contains(&edge.b) {
                    self.graph.put_edge(edge);
                }
            }
            self.edges.extend(wanted);
        }
        let ends: BTreeSet<IdentifierId> =
            ids.iter().flat_map(|id| self.graph.edges_of(*id).flat_map(|e| [e.a, e.b])).collect();
        self.fetch_nodes(rows, &ends)?;
        Ok(ends)
    }

    /// The slices of these nodes; answers their lines.
    fn fetch_slices<R: Rows>(
        &mut self,
        rows: &mut R,
        ids: &BTreeSet<IdentifierId>,
    ) -> Result<BTreeSet<IdentifierId>, R::Error> {
        let wanted: Vec<IdentifierId> = ids.iter().copied().filter(|id| self.slices.insert(*id)).collect();
        if !wanted.is_empty() {
            for slice in rows.slices_of(&wanted)? {
                self.graph.slices.insert((slice.node, slice.seq), slice);
            }
        }
        Ok(ids.iter().flat_map(|id| self.graph.slices_of(*id)).map(|s| s.line).collect())
    }

    fn fetch_cannot_links<R: Rows>(&mut self, rows: &mut R, ids: &BTreeSet<IdentifierId>) -> Result<(), R::Error> {
        let wanted: Vec<IdentifierId> = ids.iter().copied().filter(|id| !self.cannot_links.contains(id)).collect();
        if !wanted.is_empty() {
            for link in rows.cannot_links_of(&wanted)? {
                if !self.cannot_links.contains(&link.a) && !self.cannot_links.contains(&link.b) {
                    self.graph.put_cannot_link(link);
                }
            }
            self.cannot_links.extend(wanted);
        }
        Ok(())
    }
}

/// A graph that holds everything answers like a store.
impl Rows for Graph {
    type Error = std::convert::Infallible;

    fn nodes_by_value(&mut self, keys: &[(String, String)]) -> Result<Vec<NodeState>, Self::Error> {
        Ok(keys.iter().flat_map(|(namespace, value)| self.generations(namespace, value)).cloned().collect())
    }

    fn nodes_by_id(&mut self, ids: &[IdentifierId]) -> Result<Vec<NodeState>, Self::Error> {
        Ok(ids.iter().filter_map(|id| self.node(*id)).cloned().collect())
    }

    fn nodes_by_person(&mut self, persons: &[PersonId]) -> Result<Vec<NodeState>, Self::Error> {
        Ok(persons.iter().flat_map(|p| self.members(*p)).cloned().collect())
    }

    fn edges_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<EdgeState>, Self::Error> {
        let edges: BTreeSet<EdgeState> = ids.iter().flat_map(|id| Graph::edges_of(self, *id)).copied().collect();
        Ok(edges.into_iter().collect())
    }

    fn slices_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<SliceState>, Self::Error> {
        Ok(ids.iter().flat_map(|id| Graph::slices_of(self, *id)).copied().collect())
    }

    fn cannot_links_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<CannotLink>, Self::Error> {
        let links: BTreeSet<CannotLink> =
            ids.iter().flat_map(|id| Graph::cannot_links_of(self, *id)).copied().collect();
        Ok(links.into_iter().collect())
    }

    fn has_fingerprint(&mut self, fingerprint: u64) -> Result<bool, Self::Error> {
        Ok(self.knows(fingerprint))
    }
}
