//! Which rows a decision needs: the persons at hand with all their nodes and edges, the devices they touch, and of the
//! persons at the far ends of those devices only the node itself, which names its person.
//!
//! The store answers [`Rows`] with one query each; the tests answer it from memory. Both then decide on the same part.

use std::collections::{BTreeMap, BTreeSet};

use throughline_base::{IdentifierId, PersonId};

use super::graph::Graph;
use super::resolution::Observation;
use super::resolve::{fingerprint_of, needed};
use super::rules::Rules;
use super::state::{CannotLink, EdgeState, GraphParts, NodeState, SliceState};

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

/// The nodes of an observation's claims alone, and whether it was seen before: enough for [`super::trivial`].
///
/// # Errors
/// When the rows cannot be read.
pub fn claims_only<R: Rows>(rows: &mut R, rules: &Rules, obs: &Observation) -> Result<(Graph, bool), R::Error> {
    let nodes = rows.nodes_by_value(&needed(rules, obs))?;
    let mut graph = Graph::from_parts(GraphParts { nodes, ..GraphParts::default() });
    let known = match fingerprint_of(&graph, rules, obs) {
        Some(key) if rows.has_fingerprint(key)? => {
            graph.learn(key);
            true
        }
        Some(_) | None => false,
    };
    Ok((graph, known))
}

/// What [`super::resolve`](fn@super::resolve) needs for an observation.
///
/// # Errors
/// When the rows cannot be read.
pub fn for_observation<R: Rows>(rows: &mut R, rules: &Rules, obs: &Observation) -> Result<Graph, R::Error> {
    let (claims, known) = claims_only(rows, rules, obs)?;
    let mut graph = around(rows, claims.to_parts().nodes)?;
    if let (true, Some(key)) = (known, fingerprint_of(&graph, rules, obs)) {
        graph.learn(key);
    }
    Ok(graph)
}

/// What [`super::operate`](fn@super::operate) needs for an operation on these identifiers: their persons, and every other
/// generation of what those persons have, because taking evidence back may bring an ended link to life again.
///
/// # Errors
/// When the rows cannot be read.
pub fn for_nodes<R: Rows>(rows: &mut R, ids: &[IdentifierId]) -> Result<Graph, R::Error> {
    let named = rows.nodes_by_id(ids)?;
    let persons: BTreeSet<PersonId> = named.iter().map(|n| n.person).collect();
    let mut members = rows.nodes_by_person(&persons.into_iter().collect::<Vec<_>>())?;
    members.extend(named);
    let keys: BTreeSet<(String, String)> = members.into_iter().map(|n| (n.namespace, n.value)).collect();
    let seeds = rows.nodes_by_value(&keys.into_iter().collect::<Vec<_>>())?;
    around(rows, seeds)
}

/// What renaming `from` to the value `to` needs.
///
/// # Errors
/// When the rows cannot be read.
pub fn for_rename<R: Rows>(rows: &mut R, from: IdentifierId, to: &str) -> Result<Graph, R::Error> {
    let mut seeds = rows.nodes_by_id(&[from])?;
    let keys: Vec<(String, String)> = seeds.iter().map(|n| (n.namespace.clone(), to.to_owned())).collect();
    seeds.extend(rows.nodes_by_value(&keys)?);
    around(rows, seeds)
}

struct Loaded {
    nodes: BTreeMap<IdentifierId, NodeState>,
    edges: BTreeSet<EdgeState>,
    edges_known: BTreeSet<IdentifierId>,
}

fn around<R: Rows>(rows: &mut R, seeds: Vec<NodeState>) -> Result<Graph, R::Error> {
    let mut loaded = Loaded { nodes: BTreeMap::new(), edges: BTreeSet::new(), edges_known: BTreeSet::new() };
    let weak: Vec<IdentifierId> = seeds.iter().filter(|n| !n.strength.is_strong()).map(|n| n.id).collect();
    let lines: Vec<IdentifierId> = seeds.iter().filter_map(|n| n.current_line).collect();
    let mut persons: BTreeSet<PersonId> = seeds.iter().map(|n| n.person).collect();
    loaded.add(seeds);
    // Whoever is or was signed in on a device of the event may get its companions too.
    loaded.fetch_edges(rows, &weak)?;
    let mut slices = rows.slices_of(&weak)?;
    let in_slices: BTreeSet<IdentifierId> = slices.iter().map(|s| s.line).chain(lines).collect();
    loaded.fetch_nodes(rows, in_slices.iter().copied())?;
    persons.extend(in_slices.iter().filter_map(|id| loaded.nodes.get(id)).map(|n| n.person));
    let members = rows.nodes_by_person(&persons.into_iter().collect::<Vec<_>>())?;
    let member_ids: Vec<IdentifierId> = members.iter().map(|n| n.id).collect();
    loaded.add(members);
    loaded.fetch_edges(rows, &member_ids)?;
    // Devices in reach need their own edges to know their owners; devices seen with those, too.
    for _ in 0..2 {
        let weak = loaded.weak();
        loaded.fetch_edges(rows, &weak)?;
    }
    let known: BTreeSet<IdentifierId> = slices.iter().map(|s| s.node).chain(weak).collect();
    let more: Vec<IdentifierId> = loaded.weak().into_iter().filter(|id| !known.contains(id)).collect();
    slices.extend(rows.slices_of(&more)?);
    loaded.fetch_nodes(rows, slices.iter().map(|s| s.line))?;
    let ids: Vec<IdentifierId> = loaded.nodes.keys().copied().collect();
    let cannot_links = rows.cannot_links_of(&ids)?;
    Ok(Graph::from_parts(GraphParts {
        nodes: loaded.nodes.into_values().collect(),
        edges: loaded.edges.into_iter().collect(),
        slices,
        cannot_links,
        fingerprints: Vec::new(),
    }))
}

impl Loaded {
    fn add(&mut self, nodes: Vec<NodeState>) {
        self.nodes.extend(nodes.into_iter().map(|n| (n.id, n)));
    }

    fn weak(&self) -> Vec<IdentifierId> {
        self.nodes.values().filter(|n| !n.strength.is_strong()).map(|n| n.id).collect()
    }

    fn fetch_nodes<R: Rows>(&mut self, rows: &mut R, ids: impl Iterator<Item = IdentifierId>) -> Result<(), R::Error> {
        let missing: BTreeSet<IdentifierId> = ids.filter(|id| !self.nodes.contains_key(id)).collect();
        if !missing.is_empty() {
            let nodes = rows.nodes_by_id(&missing.into_iter().collect::<Vec<_>>())?;
            self.add(nodes);
        }
        Ok(())
    }

    /// The edges of these nodes, and the nodes at their other ends.
    fn fetch_edges<R: Rows>(&mut self, rows: &mut R, ids: &[IdentifierId]) -> Result<(), R::Error> {
        let wanted: Vec<IdentifierId> = ids.iter().copied().filter(|id| self.edges_known.insert(*id)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let edges = rows.edges_of(&wanted)?;
        self.fetch_nodes(rows, edges.iter().flat_map(|e| [e.a, e.b]))?;
        self.edges.extend(edges);
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
