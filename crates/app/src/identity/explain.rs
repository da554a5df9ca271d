//! Why is this one person, and why are those two? Read back from the log.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use throughline_base::{EventId, IdentifierId, PersonId, SourceId, Timestamp};
use throughline_domain::identity::explain::{Explanation, Step, explain};
use throughline_domain::identity::{EdgeState, Evidence, Graph, NodeState, load};
use throughline_store::identity::{self as store, HistoryRow};
use throughline_store::{Tx, event};

use super::operate::own_node;
use super::rows::Tables;
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// Rows of evidence shown of one link, the newest.
const EVIDENCE_MAX: usize = 20;
/// Refusals and merges shown, the newest.
const HISTORY_MAX: usize = 100;
const REFUSED: &str = "not linked: ";

/// Namespace and value.
pub type Named = (String, String);

/// A row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceView {
    /// As stored.
    pub row: Evidence,
    /// The source of its event, as long as the event is not sealed, or of the identifier it brought.
    pub source: Option<SourceId>,
}

/// A link between two identifiers, with what it was seen in.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// One.
    pub a: Named,
    /// The other.
    pub b: Named,
    /// Newest first.
    pub evidence: Vec<EvidenceView>,
}

/// A claim that was kept out of linking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: Timestamp,
    /// The claim.
    pub a: Named,
    /// What it came along with.
    pub b: Named,
    /// Why.
    pub reason: String,
}

/// A span of a shared device, and whose events it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSpan {
    /// The device or browser.
    pub device: Named,
    /// From, inclusive.
    pub from_at: Timestamp,
    /// To, exclusive; open when absent.
    pub to_at: Option<Timestamp>,
    /// Whose.
    pub person: PersonId,
}

/// Two persons that became one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// When.
    pub at: Timestamp,
    /// The id that stayed.
    pub kept: PersonId,
    /// The id that was absorbed.
    pub absorbed: PersonId,
    /// What for: an event, somebody's decision, or a version of the rules.
    pub cause: String,
}

/// How two identifiers are related.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Whether they are one person.
    pub same: bool,
    /// Why, or why not.
    pub reason: String,
    /// The shortest chain of links between them.
    pub path: Vec<Link>,
}

/// Everything that makes a person this person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonExplain {
    /// Its links.
    pub links: Vec<Link>,
    /// What was kept out.
    pub refused: Vec<Refused>,
    /// Spans of the devices it shares.
    pub spans: Vec<DeviceSpan>,
    /// Merges, newest first.
    pub merges: Vec<Merge>,
    /// The relation to the other one asked for.
    pub relation: Option<Relation>,
}

impl App {
    /// Why this is one person; with `other`, why that one is or is not the same. Ids may be former ones: they stand for
    /// the identifier they come from.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn person_explain(&self, id: PersonId, other: Option<PersonId>) -> Result<PersonExplain> {
        Ok(self.db.read(|tx| {
            let node = own_node(tx, id)?;
            let other = other.map(|other| own_node(tx, other)).transpose()?;
            let ids: Vec<IdentifierId> = [Some(node.id), other.as_ref().map(|n| n.id)].into_iter().flatten().collect();
            let graph = load::for_nodes(&mut Tables { tx }, &ids)?;
            let members: Vec<IdentifierId> =
                ids.iter().flat_map(|id| graph.members(graph.person_of(*id))).map(|n| n.id).collect();
            let log = store::evidence_of_nodes(tx, &members)?;
            let reader = Reader::new(tx, &graph, log)?;
            Ok(PersonExplain {
                links: reader.links(&person_edges(&graph, node.person)),
                refused: reader.refused(node.person),
                spans: reader.spans(node.person),
                merges: merges(store::history_of(tx, &[node.person], HISTORY_MAX as u32)?),
                relation: other.map(|other| reader.relation(&node, &other)),
            })
        })?)
    }
}

/// The links among the person's identifiers, and to the devices it shares.
fn person_edges(graph: &Graph, person: PersonId) -> Vec<EdgeState> {
    let edges: BTreeSet<EdgeState> = graph.members(person).flat_map(|n| graph.edges_of(n.id)).copied().collect();
    edges.into_iter().collect()
}

fn merges(history: Vec<HistoryRow>) -> Vec<Merge> {
    let merge = |h: HistoryRow| {
        let absorbed = h.other_id.filter(|_| h.kind == "merge")?;
        Some(Merge { at: h.at, kept: h.person_id, absorbed, cause: cause(&h) })
    };
    history.into_iter().filter_map(merge).collect()
}

fn cause(h: &HistoryRow) -> String {
    let detail: Value = serde_json::from_str(&h.detail).unwrap_or(Value::Null);
    match (h.source_event, detail["actor"].as_str(), detail["rules"].as_u64()) {
        (Some(event), _, _) => event.to_string(),
        (None, Some(actor), _) => {
            let note = detail["note"].as_str().unwrap_or_default();
            if note.is_empty() { actor.to_owned() } else { format!("{actor}: {note}") }
        }
        (None, None, Some(version)) => format!("rules v{version}"),
        (None, None, None) => String::new(),
    }
}

/// The graph around the persons with the log about them, and the names of everything in either.
struct Reader<'a> {
    graph: &'a Graph,
    log: Vec<Evidence>,
    names: HashMap<IdentifierId, NodeState>,
    event_sources: HashMap<EventId, SourceId>,
    node_sources: HashMap<IdentifierId, SourceId>,
}

impl<'a> Reader<'a> {
    fn new(tx: &mut Tx<'_>, graph: &'a Graph, log: Vec<Evidence>) -> Stored<Self> {
        let mut names: HashMap<IdentifierId, NodeState> = graph.nodes().map(|n| (n.id, n.clone())).collect();
        let far: BTreeSet<IdentifierId> =
            log.iter().flat_map(|e| [Some(e.a), e.b]).flatten().filter(|id| !names.contains_key(id)).collect();
        let far = store::nodes_by_id(tx, &far.into_iter().collect::<Vec<_>>())?;
        names.extend(far.into_iter().map(|n| (n.id, n)));
        let ids: Vec<IdentifierId> = names.keys().copied().collect();
        let events: BTreeSet<EventId> = log.iter().filter_map(|e| e.source_event).collect();
        Ok(Self {
            graph,
            node_sources: store::node_sources(tx, &ids)?.into_iter().collect(),
            event_sources: event::hot_sources(tx, &events.into_iter().collect::<Vec<_>>())?.into_iter().collect(),
            log,
            names,
        })
    }

    fn name(&self, id: IdentifierId) -> Named {
        self.names.get(&id).map_or_else(Named::default, |n| (n.namespace.clone(), n.value.clone()))
    }

    fn evidence(&self, row: &Evidence) -> EvidenceView {
        let brought = |id: IdentifierId| {
            let node = self.names.get(&id).filter(|n| n.created_at == row.at)?;
            self.node_sources.get(&node.id).copied()
        };
        let of_event = row.source_event.and_then(|id| self.event_sources.get(&id).copied());
        let source = of_event.or_else(|| row.source_event.and_then(|_| brought(row.a).or_else(|| brought(row.b?))));
        EvidenceView { row: row.clone(), source }
    }

    fn links(&self, edges: &[EdgeState]) -> Vec<Link> {
        let mut by_pair: BTreeMap<(IdentifierId, IdentifierId), Vec<i64>> = BTreeMap::new();
        for e in edges {
            by_pair.entry((e.a.min(e.b), e.a.max(e.b))).or_default().push(e.seq);
        }
        let link = |((a, b), seqs): (_, Vec<i64>)| {
            let rows = self.log.iter().filter(|e| seqs.contains(&e.seq)).rev().take(EVIDENCE_MAX);
            Link { a: self.name(a), b: self.name(b), evidence: rows.map(|e| self.evidence(e)).collect() }
        };
        by_pair.into_iter().map(link).collect()
    }

    fn path(&self, steps: Vec<Step>) -> Vec<Link> {
        let link = |s: Step| Link {
            a: self.name(s.edge.a),
            b: self.name(s.edge.b),
            evidence: s.evidence.iter().map(|e| self.evidence(e)).collect(),
        };
        steps.into_iter().map(link).collect()
    }

    /// Claims of events that name the person, and were tied to nothing.
    fn refused(&self, person: PersonId) -> Vec<Refused> {
        let is_own = |id: IdentifierId| self.names.get(&id).is_some_and(|n| n.person == person);
        let refused = |e: &Evidence| {
            let reason = e.note.strip_prefix(REFUSED).filter(|_| e.kind.is_claim() && e.b.is_none())?;
            let with = self.log.iter().filter(|o| o.observation == e.observation && o.kind.is_claim() && o.a != e.a);
            let with = with.min_by_key(|o| (is_own(o.a) == is_own(e.a), o.strength, o.seq))?;
            (is_own(e.a) || is_own(with.a)).then(|| Refused {
                at: e.at,
                a: self.name(e.a),
                b: self.name(with.a),
                reason: reason.to_owned(),
            })
        };
        self.log.iter().rev().filter_map(refused).take(HISTORY_MAX).collect()
    }

    fn spans(&self, person: PersonId) -> Vec<DeviceSpan> {
        let mut out = Vec::new();
        for device in self.graph.weak_of(person) {
            let Some(node) = self.graph.node(device) else { continue };
            out.extend(self.graph.slices_of(device).map(|s| DeviceSpan {
                device: self.name(device),
                from_at: s.from_at.unwrap_or(node.first_at),
                to_at: s.to_at,
                person: self.graph.person_of(s.line),
            }));
        }
        out
    }

    fn relation(&self, a: &NodeState, b: &NodeState) -> Relation {
        let no = |reason: String| Relation { same: false, reason, path: Vec::new() };
        match explain(self.graph, a.id, b.id, &self.log) {
            Explanation::Same { person, steps } => Relation {
                same: true,
                reason: format!("both are {person}, by a chain of {} links", steps.len()),
                path: self.path(steps),
            },
            Explanation::Shared { steps } => Relation {
                same: false,
                reason: "a device that several people use: its events are dealt out by time".into(),
                path: self.path(steps),
            },
            Explanation::KeptApart { evidence, .. } => {
                let by = evidence.first().map(|e| format!("{} {}", e.actor.as_deref().unwrap_or_default(), e.note));
                no(format!("somebody said that they are two people: {}", by.unwrap_or_default().trim()))
            }
            Explanation::Refused { evidence } => {
                let reason = evidence.last().map(|e| e.note.trim_start_matches(REFUSED).to_owned());
                no(reason.unwrap_or_default())
            }
            Explanation::NothingInCommon => no("no evidence speaks of both".into()),
            Explanation::Unknown => no("one of the two is not known".into()),
        }
    }
}
