//! One decision: from the claims of an observation to links in the graph and rows of evidence (field note §3.2).
//!
//! The same code decides live and in the fold. What differs comes in by [`Facts`]: live they are made from an
//! observation and the devices' activity, in the fold from the rows of evidence that the live decision wrote.

use std::collections::{BTreeMap, BTreeSet};

use throughline_base::time::DAY_MS;
use throughline_base::{EventId, IdentifierId, PersonId, Timestamp};

use super::blocked;
use super::evidence::{Evidence, EvidenceKind, ProfileCheck};
use super::graph::Graph;
use super::resolution::{DropReason, Dropped, ProfileHint, Resolution, Warning};
use super::rules::{OnLimit, Rules, Stitching, Strength};
use super::state::{EdgeState, Joined, NodeState};
use crate::event::Claim;

/// A claim with what the decision needs to know about it.
#[derive(Debug, Clone)]
pub(super) struct FactClaim {
    /// The namespace is the stored one.
    pub(super) claim: Claim,
    /// Ids that the log has for nodes of this claim, in the order they were made.
    pub(super) recorded: Vec<IdentifierId>,
    /// The row of evidence of this claim, when there is one.
    pub(super) seq: Option<i64>,
    pub(super) profiles: ProfileCheck,
    pub(super) session_start_at: Timestamp,
    pub(super) logged_out_at: Option<Timestamp>,
    pub(super) stitching: Stitching,
    /// The open session on this device had ended by itself before the event, at this instant.
    pub(super) idle_end: Option<(Timestamp, Option<i64>)>,
}

/// An observation as the decision sees it.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) kind: EvidenceKind,
    pub(super) at: Timestamp,
    pub(super) source_event: Option<EventId>,
    pub(super) claims: Vec<FactClaim>,
    /// The person logged out: with the rows on record, by device.
    pub(super) logout: bool,
    pub(super) logout_rows: Vec<(IdentifierId, i64)>,
    /// Followers on record.
    pub(super) follow_rows: Vec<(IdentifierId, i64)>,
    pub(super) profile: Option<ProfileHint>,
    pub(super) known_profiles: Vec<(PersonId, ProfileHint)>,
}

/// A claim that has a node.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Its place in [`Facts::claims`].
    pub(super) index: usize,
    pub(super) node: IdentifierId,
    pub(super) seq: i64,
    pub(super) priority: u8,
    pub(super) strength: Strength,
    /// The node came into being with this observation.
    pub(super) fresh: bool,
    /// It speaks for nobody here, and why.
    pub(super) mute: Option<DropReason>,
}

/// The state of one decision.
pub(super) struct Decision<'a> {
    pub(super) graph: &'a mut Graph,
    pub(super) rules: &'a Rules,
    pub(super) facts: &'a Facts,
    pub(super) ids: &'a mut dyn FnMut() -> i64,
    pub(super) candidates: Vec<Candidate>,
    pub(super) rows: Vec<Evidence>,
    pub(super) out: Resolution,
    /// Something came about that was not so before; a known observation without it writes nothing.
    pub(super) changed: bool,
    /// For each candidate: what it was tied to, with the words for people.
    pub(super) tied: Vec<Option<(IdentifierId, &'static str)>>,
    pub(super) taken_over: BTreeSet<usize>,
    /// For each contested candidate how the profiles compared when it was decided.
    pub(super) checked: BTreeMap<usize, ProfileCheck>,
}

impl<'a> Decision<'a> {
    pub(super) fn new(
        graph: &'a mut Graph,
        rules: &'a Rules,
        facts: &'a Facts,
        ids: &'a mut dyn FnMut() -> i64,
    ) -> Self {
        Self {
            graph,
            rules,
            facts,
            ids,
            candidates: Vec::new(),
            rows: Vec::new(),
            out: Resolution::default(),
            changed: false,
            tied: Vec::new(),
            taken_over: BTreeSet::new(),
            checked: BTreeMap::new(),
        }
    }

    /// Decides, changes the graph and fills `rows` and `out`.
    pub(super) fn run(&mut self) {
        self.end_idle_sessions();
        self.find_candidates();
        self.tied = vec![None; self.candidates.len()];
        let (linked, ambiguous) = self.choose_linked();
        self.link(&linked);
        let hub = linked.first().map(|i| self.candidates[*i].node);
        match hub {
            Some(hub) => self.attach_weak(hub),
            None if !ambiguous => self.tie_anonymous(),
            None => {}
        }
        self.log_out();
        self.write_claim_rows(hub);
        self.set_line(hub, ambiguous);
    }

    // ---- candidates ----

    fn find_candidates(&mut self) {
        let facts = self.facts;
        for (index, fact) in facts.claims.iter().enumerate() {
            let claim = &fact.claim;
            if let Some(rule) = blocked::check(self.rules, &claim.namespace, &claim.value) {
                self.out
                    .warnings
                    .push(Warning::BlockedValue { namespace: claim.namespace.clone(), rule: rule.clone() });
                self.out.dropped.push(Dropped {
                    claim: claim.clone(),
                    node: None,
                    reason: DropReason::Blocked { rule },
                });
                continue;
            }
            let (node, seq, fresh) = self.node_of(fact);
            let rule = self.rules.of(&claim.namespace);
            let strength = self.graph.node(node).map_or(rule.strength, |n| n.strength);
            let mute = self.mute_reason(node, fact.stitching, strength);
            if let Some(reason) = &mute {
                self.out.dropped.push(Dropped { claim: claim.clone(), node: Some(node), reason: reason.clone() });
            }
            self.candidates.push(Candidate { index, node, seq, priority: rule.priority, strength, fresh, mute });
        }
        self.candidates.sort_by(|a, b| {
            let key = |c: &Candidate| (!c.strength.is_strong(), c.strength == Strength::Hint, c.priority);
            let claim = |c: &Candidate| &self.facts.claims[c.index].claim;
            key(a).cmp(&key(b)).then_with(|| claim(a).cmp(claim(b)))
        });
    }

    fn mute_reason(&self, node: IdentifierId, stitching: Stitching, strength: Strength) -> Option<DropReason> {
        let state = self.graph.node(node)?;
        if state.blocked {
            return Some(DropReason::Blocked { rule: "blocked by an operator".to_owned() });
        }
        if state.suspended_at.is_some() {
            return Some(DropReason::Suspended);
        }
        if self.rules.blocked.seen_on_more_than.is_some_and(|n| state.joined_count > n) {
            return Some(DropReason::Blocked { rule: blocked::SEEN_ON_TOO_MANY.to_owned() });
        }
        (strength.is_device() && stitching == Stitching::Off).then_some(DropReason::Kiosk)
    }

    /// The node of a claim: the generation that was valid at the time of the event, else a new one.
    fn node_of(&mut self, fact: &FactClaim) -> (IdentifierId, i64, bool) {
        let seq = fact.seq.unwrap_or_else(|| (self.ids)());
        let claim = &fact.claim;
        let picked = pick_node(self.graph, self.rules, claim, self.facts.at);
        match picked {
            Picked::Node(id) => (id, seq, false),
            Picked::Expired(id) => {
                self.end_node(id, seq);
                (self.create(fact, Vec::new(), 0), seq, true)
            }
            Picked::None => (self.create(fact, Vec::new(), 0), seq, true),
        }
    }

    pub(super) fn create(&mut self, fact: &FactClaim, joined_recent: Vec<Joined>, joined_count: u32) -> IdentifierId {
        let recorded = fact.recorded.iter().copied().find(|id| self.graph.node(*id).is_none());
        let id = recorded.unwrap_or_else(|| IdentifierId::new((self.ids)()));
        let state = NodeState {
            joined_recent,
            joined_count,
            ..new_node(self.graph, self.rules, &fact.claim, id, self.facts.at)
        };
        self.graph.add_node(state);
        self.changed = true;
        id
    }

    pub(super) fn end_node(&mut self, id: IdentifierId, seq: i64) {
        let at = self.facts.at;
        end_link(self.graph, id, at, seq);
        self.changed = true;
    }

    // ---- linking ----

    fn link(&mut self, linked: &[usize]) {
        let Some((first, rest)) = linked.split_first() else { return };
        let hub = self.candidates[*first].node;
        let persons = self.persons(linked);
        if persons.len() > 1 {
            self.changed = true;
        }
        let mut existing = BTreeSet::new();
        if !self.candidates[*first].fresh {
            existing.insert(self.graph.person_of(hub));
        }
        for i in rest {
            let candidate = self.candidates[*i].clone();
            let namespace = &self.facts.claims[candidate.index].claim.namespace;
            let parent = self.rules.of(namespace).parent.as_deref().and_then(|parent| {
                linked.iter().map(|l| &self.candidates[*l]).find(|c| {
                    super::rules::family(&self.facts.claims[c.index].claim.namespace) == parent
                        && c.node != candidate.node
                })
            });
            let target = parent.map_or(hub, |p| p.node);
            let parent = parent.map(|p| p.node);
            let person = self.graph.person_of(candidate.node);
            let merge = !candidate.fresh && !existing.is_empty() && !existing.contains(&person);
            if !candidate.fresh {
                existing.insert(person);
            }
            self.make_room(*i, &persons);
            self.graph.add_edge(EdgeState {
                seq: candidate.seq,
                a: candidate.node,
                b: target,
                at: self.facts.at,
                merge,
            });
            if parent.is_some() && self.graph.node(candidate.node).is_some_and(|n| n.parent != parent) {
                self.graph.update(candidate.node, |n| n.parent = parent);
                self.changed = true;
            }
            let words = if self.taken_over.contains(i) {
                "a new verified owner took it over"
            } else if merge {
                "two persons became one"
            } else {
                "the same person"
            };
            self.tied[*i] = Some((target, words));
        }
        // The parent of a hub comes second: an openid that is itself the strongest has no parent here.
        self.graph.unify(&persons);
        let person = self.graph.person_of(hub);
        self.warn_halfway(person);
    }

    /// With `on_limit = "end_oldest"` the oldest link gives way to a new identifier.
    fn make_room(&mut self, i: usize, persons: &BTreeSet<PersonId>) {
        let candidate = self.candidates[i].clone();
        let namespace = self.facts.claims[candidate.index].claim.namespace.clone();
        let rule = self.rules.of(&namespace);
        let (Some(limit), OnLimit::EndOldest) = (rule.max_per_person, rule.on_limit) else { return };
        if persons.contains(&self.graph.person_of(candidate.node)) && !candidate.fresh {
            return;
        }
        let mut active: Vec<(Timestamp, IdentifierId)> = persons
            .iter()
            .flat_map(|p| self.graph.strong_members(*p))
            .filter(|n| n.namespace == namespace && n.ended_at.is_none() && n.id != candidate.node)
            .map(|n| (n.created_at, n.id))
            .collect();
        active.sort();
        let over = (active.len() + 1).saturating_sub(limit.n as usize);
        for (_, oldest) in active.into_iter().take(over) {
            self.end_node(oldest, candidate.seq);
        }
    }

    fn warn_halfway(&mut self, person: PersonId) {
        let caps = &self.rules.caps;
        let count = super::limits::size_of(self.graph, &BTreeSet::from([person]));
        if self.changed && count * 2 >= caps.identifiers {
            self.out.warnings.push(Warning::IdentifiersHalfway { person, count, max: caps.identifiers });
        }
        let (ever, today) = self.graph.merges_of(person, self.facts.at);
        for (count, max, daily) in [(ever, caps.merges, false), (today, caps.merges_per_day, true)] {
            if self.changed && count * 2 >= max {
                self.out.warnings.push(Warning::MergesHalfway { person, count, max, daily });
            }
        }
    }

    // ---- the outcome ----

    fn write_claim_rows(&mut self, hub: Option<IdentifierId>) {
        for (i, candidate) in self.candidates.iter().enumerate() {
            let fact = &self.facts.claims[candidate.index];
            let tied = self.tied[i];
            let note = match (&candidate.mute, tied) {
                (Some(reason), _) => reason.to_string(),
                (None, Some((_, words))) => words.to_owned(),
                (None, None) if hub == Some(candidate.node) => "the strongest of its event".to_owned(),
                (None, None) => "alone".to_owned(),
            };
            let device = candidate.strength.is_device();
            self.rows.push(Evidence {
                kind: if self.taken_over.contains(&i) { EvidenceKind::Takeover } else { self.facts.kind },
                b: tied.map(|(b, _)| b),
                strength: candidate.strength,
                verified: fact.claim.verified,
                // What a contested claim was decided by: a fold has to come to the same end.
                profiles: self.checked.get(&i).copied().unwrap_or(fact.profiles),
                session_start_at: device.then_some(fact.session_start_at),
                logged_out_at: if device { fact.logged_out_at } else { None },
                stitching: fact.stitching,
                note,
                ..self.row(candidate.seq, candidate.node)
            });
        }
    }

    pub(super) fn row(&self, seq: i64, a: IdentifierId) -> Evidence {
        Evidence {
            seq,
            observation: 0,
            at: self.facts.at,
            kind: self.facts.kind,
            a,
            b: None,
            target: None,
            strength: self.graph.node(a).map_or(Strength::Hint, |n| n.strength),
            verified: true,
            score: None,
            profiles: ProfileCheck::Unknown,
            session_start_at: None,
            logged_out_at: None,
            stitching: Stitching::Auto,
            source_event: self.facts.source_event,
            rule_version: self.rules.version,
            actor: None,
            note: String::new(),
        }
    }

    fn set_line(&mut self, hub: Option<IdentifierId>, ambiguous: bool) {
        let first = |wanted: &dyn Fn(&Candidate) -> bool| self.candidates.iter().find(|c| wanted(c)).map(|c| c.node);
        let strongest = first(&|_| true);
        let device = first(&|c| c.strength.is_device() && !matches!(c.mute, Some(DropReason::Kiosk)))
            .map(|node| self.graph.line_at(node, self.facts.at))
            .or_else(|| first(&|c| c.strength.is_device()));
        let line = hub.or(if ambiguous { strongest } else { device.or(strongest) });
        self.out.line = line;
        self.out.person = line.map(|line| self.graph.person_of(line));
    }
}

/// What a claim finds.
pub(super) enum Picked {
    /// A node.
    Node(IdentifierId),
    /// A node whose time to live is over.
    Expired(IdentifierId),
    /// Nothing that is valid at that time.
    None,
}

/// The generation of a value that was valid at an instant; the newest when the instant is before them all.
pub(super) fn pick_node(graph: &Graph, rules: &Rules, claim: &Claim, at: Timestamp) -> Picked {
    let hint = rules.is_hint(&claim.namespace, claim.verified);
    let generations: Vec<&NodeState> =
        graph.generations(&claim.namespace, &claim.value).filter(|n| (n.generation == 0) == hint).collect();
    let ended_later = generations
        .iter()
        .find(|n| n.ended_at.is_some_and(|end| at < end) && n.created_at <= at)
        .filter(|_| generations.iter().all(|n| n.ended_at.is_some() || at < n.created_at));
    let valid = ended_later.or_else(|| generations.iter().rev().find(|n| n.ended_at.is_none()));
    let Some(node) = valid else { return Picked::None };
    let ttl = rules.of(&claim.namespace).ttl_days;
    if node.ended_at.is_none() && ttl.is_some_and(|days| at.since(node.created_at) >= i64::from(days) * DAY_MS) {
        return Picked::Expired(node.id);
    }
    Picked::Node(node.id)
}

/// A node for a claim, in a generation of its own.
pub(super) fn new_node(graph: &Graph, rules: &Rules, claim: &Claim, id: IdentifierId, at: Timestamp) -> NodeState {
    let hint = rules.is_hint(&claim.namespace, claim.verified);
    let newest = graph.generations(&claim.namespace, &claim.value).map(|n| n.generation).max().unwrap_or(0);
    NodeState {
        id,
        namespace: claim.namespace.clone(),
        value: claim.value.clone(),
        generation: if hint { 0 } else { newest + 1 },
        strength: if hint { Strength::Hint } else { rules.of(&claim.namespace).strength },
        person: PersonId::new(id.get()),
        parent: None,
        created_at: at,
        ended_at: None,
        ended_seq: None,
        blocked: false,
        suspended_at: None,
        shared: false,
        partial: false,
        current_line: None,
        joined_count: 0,
        joined_recent: Vec::new(),
        first_at: at,
        last_at: at,
        session_start_at: at,
        logged_out_at: None,
        signed_in_at: None,
    }
}

/// Ends the link of a node and of what hangs under it. They stay with their person; later claims get new generations.
pub(super) fn end_link(graph: &mut Graph, id: IdentifierId, at: Timestamp, seq: i64) {
    let children: Vec<IdentifierId> = graph
        .strong_members(graph.person_of(id))
        .filter(|n| n.parent == Some(id) && n.ended_at.is_none())
        .map(|n| n.id)
        .collect();
    for node in children.into_iter().chain([id]) {
        graph.update(node, |n| {
            n.ended_at = Some(at);
            n.ended_seq = Some(seq);
        });
    }
}

/// How many identifiers of a namespace the persons have that did not end, within the window.
pub(super) fn count_active(
    graph: &Graph,
    persons: &BTreeSet<PersonId>,
    namespace: &str,
    window_days: Option<u32>,
    at: Timestamp,
) -> u32 {
    let within = |n: &NodeState| window_days.is_none_or(|days| at.since(n.created_at) < i64::from(days) * DAY_MS);
    let members = persons.iter().flat_map(|p| graph.strong_members(*p));
    members.filter(|n| n.namespace == namespace && n.ended_at.is_none() && within(n)).count() as u32
}
