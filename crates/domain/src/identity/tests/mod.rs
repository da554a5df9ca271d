//! Tests of the room: a tiny store that loads and writes only the touched part, properties over random streams, and a
//! story for each paragraph of the field note.

mod operators;
mod properties;
mod stories;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use throughline_base::{EventId, IdentifierId, PersonId, SourceId, Timestamp};

use super::evidence::groups;
use super::operate::needed_nodes;
use super::*;
use crate::event::Claim;

pub(super) const T0: i64 = 1_795_300_000_000;

pub(super) fn at_minute(minute: i64) -> Timestamp {
    Timestamp::from_ms(T0 + minute * 60_000)
}

/// Rows as a database would keep them.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    pub(super) rules: Rules,
    pub(super) nodes: BTreeMap<IdentifierId, NodeState>,
    edges: BTreeSet<EdgeState>,
    slices: BTreeMap<(IdentifierId, i64), SliceState>,
    cannot_links: BTreeSet<CannotLink>,
    fingerprints: BTreeSet<u64>,
    pub(super) evidence: Vec<Evidence>,
    last_id: i64,
}

impl Rows for Store {
    type Error = Infallible;

    fn nodes_by_value(&mut self, keys: &[(String, String)]) -> Result<Vec<NodeState>, Infallible> {
        let hit = |n: &&NodeState| keys.iter().any(|(ns, v)| *ns == n.namespace && *v == n.value);
        Ok(self.nodes.values().filter(hit).cloned().collect())
    }
    fn nodes_by_id(&mut self, ids: &[IdentifierId]) -> Result<Vec<NodeState>, Infallible> {
        Ok(ids.iter().filter_map(|id| self.nodes.get(id)).cloned().collect())
    }
    fn nodes_by_person(&mut self, persons: &[PersonId]) -> Result<Vec<NodeState>, Infallible> {
        Ok(self.nodes.values().filter(|n| persons.contains(&n.person)).cloned().collect())
    }
    fn edges_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<EdgeState>, Infallible> {
        Ok(self.edges.iter().filter(|e| ids.contains(&e.a) || ids.contains(&e.b)).copied().collect())
    }
    fn slices_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<SliceState>, Infallible> {
        Ok(self.slices.values().filter(|s| ids.contains(&s.node)).copied().collect())
    }
    fn cannot_links_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<CannotLink>, Infallible> {
        Ok(self.cannot_links.iter().filter(|c| ids.contains(&c.a) || ids.contains(&c.b)).copied().collect())
    }
    fn has_fingerprint(&mut self, fingerprint: u64) -> Result<bool, Infallible> {
        Ok(self.fingerprints.contains(&fingerprint))
    }
}

impl Store {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, last_id: 1_000, ..Self::default() }
    }

    pub(super) const fn skip_ids_to(&mut self, id: i64) {
        self.last_id = id;
    }

    /// Records an observation as the application does.
    pub(super) fn see(&mut self, obs: &Observation) -> Resolution {
        let rules = self.rules.clone();
        let said = stated(&rules, obs);
        let mut claims = Resident::default();
        let known = claims.is_known(self, &rules, &said, obs).unwrap();
        let quick = trivial(&rules, obs, &said, claims.graph(), known);
        let mut graph = load::for_observation(self, &rules, obs).unwrap();
        let mut last = self.last_id;
        let out = resolve(&mut graph, &rules, obs, &mut || {
            last += 1;
            last
        });
        self.last_id = last;
        if let Some(quick) = quick {
            assert_eq!(out.line, Some(quick.line), "the fast path names the same line: {obs:?}");
            assert_eq!(out.person, Some(quick.person), "the fast path names the same person: {obs:?}");
        }
        self.write(&out);
        out
    }

    /// Records observations as the application does for a group of requests: what one decides the next one sees, and all
    /// is written in the end.
    pub(super) fn see_together(&mut self, group: &[Observation]) -> Vec<Option<IdentifierId>> {
        let rules = self.rules.clone();
        let mut at_hand = Resident::default();
        let (mut lines, mut last) = (Vec::new(), self.last_id);
        let mut rows = Vec::new();
        for obs in group {
            let said = stated(&rules, obs);
            let known = at_hand.is_known(self, &rules, &said, obs).unwrap();
            if let Some(quick) = trivial(&rules, obs, &said, at_hand.graph(), known) {
                at_hand.note_activity(&quick.active_nodes);
                lines.push(Some(quick.line));
                rows.push(Resolution { active_nodes: quick.active_nodes, ..Resolution::default() });
                continue;
            }
            at_hand.surround(self, &rules, &said, obs).unwrap();
            let out = at_hand.resolve(&rules, obs, &mut || {
                last += 1;
                last
            });
            lines.push(out.line);
            rows.push(out);
        }
        self.last_id = last;
        rows.iter().for_each(|out| self.write(out));
        lines
    }

    /// Does an operation as the application does.
    pub(super) fn act(&mut self, operation: &Operation, at: Timestamp) -> Result<Resolution, OperationError> {
        let mut ids = needed_nodes(operation);
        let named: Vec<i64> = match operation {
            Operation::Retract { evidence } => evidence.clone(),
            Operation::Unmerge { unmerge, .. } => unmerge.evidence.clone(),
            Operation::MustLink { .. }
            | Operation::CannotLink { .. }
            | Operation::Match { .. }
            | Operation::Block { .. }
            | Operation::Unblock { .. }
            | Operation::Rename { .. } => Vec::new(),
        };
        let rows = self.evidence.iter().filter(|e| named.contains(&e.seq));
        ids.extend(rows.flat_map(|e| [Some(e.a), e.b]).flatten());
        let mut graph = match operation {
            Operation::Rename { from, to } => load::for_rename(self, *from, to).unwrap(),
            Operation::MustLink { .. }
            | Operation::CannotLink { .. }
            | Operation::Match { .. }
            | Operation::Block { .. }
            | Operation::Unblock { .. }
            | Operation::Retract { .. }
            | Operation::Unmerge { .. } => load::for_nodes(self, &ids).unwrap(),
        };
        let act = Act { at, actor: "usr_1".to_owned(), note: "because".to_owned() };
        let mut last = self.last_id;
        let out = operate(&mut graph, &self.rules, operation, &act, &mut || {
            last += 1;
            last
        });
        self.last_id = last;
        if let Ok(out) = &out {
            self.write(out);
        }
        out
    }

    pub(super) fn write(&mut self, out: &Resolution) {
        for node in out.new_nodes.iter().chain(&out.changed_nodes).chain(&out.active_nodes) {
            self.nodes.insert(node.id, node.clone());
        }
        for edge in &out.removed_edges {
            assert!(self.edges.remove(edge), "a removed edge was there");
        }
        for edge in &out.new_edges {
            assert!(self.edges.insert(*edge), "a new edge is new");
        }
        for slice in &out.removed_slices {
            self.slices.remove(&(slice.node, slice.seq));
        }
        for slice in &out.changed_slices {
            self.slices.insert((slice.node, slice.seq), *slice);
        }
        for link in &out.removed_cannot_links {
            self.cannot_links.remove(link);
        }
        self.cannot_links.extend(out.new_cannot_links.iter().copied());
        self.fingerprints.extend(out.new_fingerprint);
        self.evidence.extend(out.new_evidence.iter().cloned());
        self.evidence.sort_by_key(|e| (e.observation, e.seq));
    }

    pub(super) fn graph(&self) -> Graph {
        Graph::from_parts(GraphParts {
            nodes: self.nodes.values().cloned().collect(),
            edges: self.edges.iter().copied().collect(),
            slices: self.slices.values().copied().collect(),
            cannot_links: self.cannot_links.iter().copied().collect(),
            fingerprints: self.fingerprints.iter().copied().collect(),
        })
    }

    /// The graph folded from the log alone.
    pub(super) fn folded(&self) -> Graph {
        let names = Names::of(self.nodes.values());
        let folded = fold(&self.rules, &names, groups(self.evidence.iter().cloned()), &mut || {
            panic!("the same rules need no new ids");
        });
        assert_eq!(folded.minted, Vec::new());
        folded.graph
    }

    /// Holds the store against a fold from scratch, byte for byte.
    pub(super) fn check(&self) {
        let kept = serde_json::to_string_pretty(&self.graph().canonical()).unwrap();
        let folded = serde_json::to_string_pretty(&self.folded().canonical()).unwrap();
        if kept != folded {
            let of = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            let (kept, folded) = (of(&kept), of(&folded));
            let first = kept.iter().zip(&folded).position(|(a, b)| a != b).unwrap_or(0);
            let from = first.saturating_sub(22);
            let until = |lines: &[String]| lines[from..(first + 4).min(lines.len())].join("\n");
            panic!("line {first} differs\nkept:\n{}\nfolded:\n{}", until(&kept), until(&folded));
        }
    }

    pub(super) fn id(&self, namespace: &str, value: &str) -> IdentifierId {
        let hit = |n: &&NodeState| n.namespace == namespace && n.value == value && n.ended_at.is_none();
        self.nodes.values().filter(hit).map(|n| n.id).next_back().unwrap()
    }

    pub(super) fn person(&self, namespace: &str, value: &str) -> PersonId {
        self.nodes[&self.id(namespace, value)].person
    }

    pub(super) fn slices(&self, node: IdentifierId) -> Vec<SliceState> {
        self.slices.values().filter(|s| s.node == node).copied().collect()
    }

    /// Who is one with whom, by value rather than by id.
    pub(super) fn partition(&self) -> BTreeSet<BTreeSet<(String, String, u32)>> {
        let mut by_person: BTreeMap<PersonId, BTreeSet<(String, String, u32)>> = BTreeMap::new();
        for n in self.nodes.values() {
            by_person.entry(n.person).or_default().insert((n.namespace.clone(), n.value.clone(), n.generation));
        }
        by_person.into_values().collect()
    }
}

/// `"user_id:1"`, `"phone:2"`; `"?phone:2"` is not vouched for.
pub(super) fn claim(text: &str) -> Claim {
    let verified = !text.starts_with('?');
    let (namespace, value) = text.trim_start_matches('?').rsplit_once(':').unwrap();
    Claim { namespace: namespace.to_owned(), value: value.to_owned(), verified }
}

pub(super) fn obs(minute: i64, claims: &[&str]) -> Observation {
    Observation {
        kind: ObservationKind::Assert,
        source_id: SourceId::new(1),
        source_event: Some(EventId::new(minute)),
        at: at_minute(minute),
        claims: claims.iter().map(|c| claim(c)).collect(),
        kiosk: false,
        stitching: Stitching::Auto,
        logout: false,
        session_start_at: None,
        profile: None,
        known_profiles: Vec::new(),
    }
}

/// Two persons that one phone makes one.
pub(super) fn merge_by_phone(s: &mut Store) {
    s.see(&obs(0, &["user_id:ann"]));
    s.see(&obs(1, &["unionid:x", "phone:p7"]));
    s.see(&obs(2, &["user_id:ann", "phone:p7"]));
}
