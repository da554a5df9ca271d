//! A closed part of the log: whatever evidence connects with some identifiers. What is decided within it depends on
//! nothing outside, so a part can be folded alone, and a whole log part by part.

use std::collections::{BTreeMap, BTreeSet};

use throughline_base::{IdentifierId, PersonId};
use throughline_domain::identity::evidence::groups;
use throughline_domain::identity::fold::delta;
use throughline_domain::identity::{
    Evidence, Graph, GraphParts, Names, NodeState, Resolution, ReviewItem, Rules, fold,
};
use throughline_store::Tx;
use throughline_store::identity as store;

type Stored<T> = throughline_store::Result<T>;

/// Identifiers that evidence connects, with all of that evidence and the graph as it stands.
pub(super) struct Part {
    /// Every generation of every value.
    pub(super) nodes: Vec<NodeState>,
    log: Vec<Evidence>,
    /// As it stands.
    pub(super) graph: Graph,
}

/// A part folded anew.
pub(super) struct Refolded {
    /// The graph that the rules make of the evidence.
    pub(super) graph: Graph,
    /// The rows that lead there.
    pub(super) resolution: Resolution,
    /// What the rules refuse and somebody should look at.
    pub(super) reviews: Vec<ReviewItem>,
}

impl Part {
    /// The part around some identifiers: whom they were observed with, and so on until nothing new comes.
    pub(super) fn around(tx: &mut Tx<'_>, seeds: Vec<NodeState>) -> Stored<Self> {
        let mut nodes: BTreeMap<IdentifierId, NodeState> = BTreeMap::new();
        let mut log: BTreeMap<(i64, i64), Evidence> = BTreeMap::new();
        let mut fresh: Vec<NodeState> = seeds;
        while !fresh.is_empty() {
            let ids: Vec<IdentifierId> = fresh.iter().map(|n| n.id).collect();
            let keys: BTreeSet<i64> = fresh.iter().map(|n| store::identifier_key(&n.namespace, &n.value)).collect();
            nodes.extend(fresh.drain(..).map(|n| (n.id, n)));
            let rows = store::evidence_of_nodes(tx, &ids)?;
            let far: BTreeSet<IdentifierId> =
                rows.iter().flat_map(|e| [Some(e.a), e.b]).flatten().filter(|id| !nodes.contains_key(id)).collect();
            log.extend(rows.into_iter().map(|e| ((e.observation, e.seq), e)));
            let mut found = store::nodes_by_id(tx, &far.into_iter().collect::<Vec<_>>())?;
            found.extend(store::nodes_by_key(tx, &keys.into_iter().collect::<Vec<_>>())?);
            let mut seen = BTreeSet::new();
            found.retain(|n| !nodes.contains_key(&n.id) && seen.insert(n.id));
            fresh = found;
        }
        let ids: Vec<IdentifierId> = nodes.keys().copied().collect();
        let nodes: Vec<NodeState> = nodes.into_values().collect();
        let graph = Graph::from_parts(GraphParts {
            nodes: nodes.clone(),
            edges: store::edges_of_nodes(tx, &ids)?,
            slices: store::slices_of_nodes(tx, &ids)?,
            cannot_links: store::cannot_links_of_nodes(tx, &ids)?,
            fingerprints: Vec::new(),
        });
        Ok(Self { nodes, log: log.into_values().collect(), graph })
    }

    /// What other rules, or the same, make of it.
    pub(super) fn refold(&self, rules: &Rules, ids: &mut dyn FnMut() -> i64) -> Refolded {
        let mut folded = fold(rules, &Names::of(&self.nodes), groups(self.log.iter().cloned()), ids);
        let mut reviews = std::mem::take(&mut folded.reviews);
        // What later evidence or an operator joined after all needs nobody's eye.
        let graph = folded.graph.clone();
        reviews.retain(|r| match r.b {
            Some(b) => graph.person_of(r.a) != graph.person_of(b),
            None => graph.node(r.a).is_some_and(|n| n.suspended_at.is_some() && !n.blocked),
        });
        Refolded { resolution: delta(&self.graph, folded), graph, reviews }
    }

    /// Lines whose person is another one in `after`.
    pub(super) fn moved(&self, after: &Graph) -> Vec<(IdentifierId, PersonId, PersonId)> {
        let moved = self.nodes.iter().map(|n| (n.id, n.person, after.person_of(n.id)));
        moved.filter(|(_, was, is)| was != is).collect()
    }
}

/// Whether there is anything to write.
pub(super) fn is_empty(r: &Resolution) -> bool {
    r.is_unchanged()
        && r.new_edges.is_empty()
        && r.removed_edges.is_empty()
        && r.changed_slices.is_empty()
        && r.removed_slices.is_empty()
        && r.new_cannot_links.is_empty()
        && r.removed_cannot_links.is_empty()
}

/// Walks over every part of the log, some hundred identifiers at a time.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The newest identifier looked at.
    pub(super) after: i64,
    /// How many were looked at.
    pub(super) done: i64,
    /// Identifiers after it that were part of a part already.
    seen: BTreeSet<IdentifierId>,
}

/// Identifiers looked at together: enough to share the queries, few enough not to keep the writer waiting.
const SEEDS: u32 = 500;

impl Walk {
    /// Goes on after an identifier.
    pub(super) const fn from(after: i64, done: i64) -> Self {
        Self { after, done, seen: BTreeSet::new() }
    }

    /// The next identifiers that no part held yet; `None` when all were seen.
    pub(super) fn seeds(&mut self, tx: &mut Tx<'_>) -> Stored<Option<Vec<NodeState>>> {
        let mut nodes = store::nodes_after(tx, IdentifierId::new(self.after), SEEDS)?;
        let Some(last) = nodes.last().map(|n| n.id) else { return Ok(None) };
        self.after = last.get();
        self.done += nodes.len() as i64;
        nodes.retain(|n| !self.seen.contains(&n.id));
        self.seen = self.seen.split_off(&IdentifierId::new(last.get() + 1));
        Ok(Some(nodes))
    }

    /// Notes what a part held.
    pub(super) fn note(&mut self, part: &Part) {
        let after = self.after;
        self.seen.extend(part.nodes.iter().map(|n| n.id).filter(|id| id.get() > after));
    }
}
