//! Why are these one person, and why are those not? Read back from the log.

use serde::Serialize;
use throughline_base::{IdentifierId, PersonId};

use super::evidence::Evidence;
use super::graph::Graph;
use super::state::EdgeState;

/// One step of a chain: two identifiers and the evidence that ties them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The tie.
    pub edge: EdgeState,
    /// The row it comes from, when it was handed in.
    pub evidence: Option<Evidence>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Explanation {
    /// One person, by this chain, the shortest there is.
    Same {
        /// The person.
        person: PersonId,
        /// From the first identifier to the second.
        steps: Vec<Step>,
    },
    /// A device or browser that the person uses among others: its events are dealt out by time.
    Shared {
        /// How the device is tied to the person.
        steps: Vec<Step>,
    },
    /// Two persons, because somebody said so.
    KeptApart {
        /// The cannot-link rows.
        evidence: Vec<Evidence>,
        /// Their numbers, also of rows that were not handed in.
        seqs: Vec<i64>,
    },
    /// Two persons: evidence would have tied them, and was refused with a reason.
    Refused {
        /// The rows that carry an identifier of both, with the reason in their note.
        evidence: Vec<Evidence>,
    },
    /// Two persons that no evidence speaks of together.
    NothingInCommon,
    /// One of the two is not in the graph.
    Unknown,
}

/// Explains two identifiers. The graph holds the persons of both; `evidence` the rows about their identifiers.
#[must_use]
pub fn explain(graph: &Graph, a: IdentifierId, b: IdentifierId, evidence: &[Evidence]) -> Explanation {
    let (Some(node_a), Some(node_b)) = (graph.node(a), graph.node(b)) else { return Explanation::Unknown };
    let row = |seq: i64| evidence.iter().find(|e| e.seq == seq).cloned();
    let steps = |chain: Vec<EdgeState>| -> Vec<Step> {
        chain.into_iter().map(|edge| Step { edge, evidence: row(edge.seq) }).collect()
    };
    if let Some(chain) = graph.path(a, b) {
        let strong = node_a.strength.is_strong() && node_b.strength.is_strong();
        // A chain between two weak nodes only says that they were seen with the same person.
        return if strong || node_a.person == node_b.person {
            Explanation::Same { person: node_a.person, steps: steps(chain) }
        } else {
            Explanation::Shared { steps: steps(chain) }
        };
    }
    let persons = [node_a.person, node_b.person];
    let mut seqs: Vec<i64> = graph
        .members(node_a.person)
        .flat_map(|n| graph.cannot_links_of(n.id))
        .filter(|link| persons.contains(&graph.person_of(link.a)) && persons.contains(&graph.person_of(link.b)))
        .map(|link| link.seq)
        .collect();
    seqs.sort_unstable();
    seqs.dedup();
    if !seqs.is_empty() {
        return Explanation::KeptApart { evidence: seqs.iter().filter_map(|seq| row(*seq)).collect(), seqs };
    }
    let refused = refused_together(graph, persons, evidence);
    if refused.is_empty() { Explanation::NothingInCommon } else { Explanation::Refused { evidence: refused } }
}

/// Rows that were left untied in observations that name both persons. A taken-over identifier counts for both owners.
fn refused_together(graph: &Graph, persons: [PersonId; 2], evidence: &[Evidence]) -> Vec<Evidence> {
    let about = |e: &Evidence, person: PersonId| {
        let of = |id: IdentifierId| {
            graph.node(id).is_some_and(|n| {
                n.person == person || graph.generations(&n.namespace, &n.value).any(|other| other.person == person)
            })
        };
        of(e.a) || e.b.is_some_and(of)
    };
    let both = |observation: i64| {
        persons.iter().all(|person| evidence.iter().any(|e| e.observation == observation && about(e, *person)))
    };
    let untied =
        |e: &&Evidence| e.kind == super::EvidenceKind::Takeover || (e.b.is_none() && e.note.starts_with("not linked"));
    evidence.iter().filter(|e| e.kind.is_claim()).filter(untied).filter(|e| both(e.observation)).cloned().collect()
}
