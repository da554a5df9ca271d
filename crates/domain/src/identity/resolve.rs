//! One observation, live: load what it touches, [`resolve`], write what comes back.

use throughline_base::time::MINUTE_MS;
use throughline_base::{IdentifierId, PersonId, Timestamp};

use super::blocked;
use super::decide::{Decision, FactClaim, Facts, Picked, pick_node};
use super::evidence::{Evidence, EvidenceKind, ProfileCheck, fingerprint};
use super::graph::Graph;
use super::resolution::{Observation, ObservationKind, Resolution};
use super::rules::{Rules, Stitching};
use super::state::NodeState;
use super::unbind;
use crate::event::Claim;

/// The claims of an observation as the rules see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// Under their stored namespaces, the strongest first, without what is blocked.
    claims: Vec<Claim>,
    /// Whether something was blocked.
    any_blocked: bool,
    /// How many of them are asserted to be one: all, but for an unbind the strongest alone.
    asserted: usize,
}

impl Stated {
    /// The stored namespaces and values whose generations the observation needs.
    #[must_use]
    pub fn keys(&self) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> =
            self.claims.iter().map(|c| (c.namespace.clone(), c.value.clone())).collect();
        out.sort();
        out.dedup();
        out
    }
}

/// The claims of an observation as the rules see them.
#[must_use]
pub fn stated(rules: &Rules, obs: &Observation) -> Stated {
    let all = stored_claims(rules, obs);
    let asserted = if obs.kind == ObservationKind::Unbind { 1 } else { all.len() };
    let links = |c: &Claim| blocked::blocked_by(rules, &c.namespace, &c.value).is_none();
    let asserted = all.iter().take(asserted).filter(|c| links(c)).count();
    let any = all.len();
    let claims: Vec<Claim> = all.into_iter().filter(links).collect();
    Stated { any_blocked: claims.len() < any, claims, asserted }
}

/// Decides who an observation is about, changes the graph, and tells every row to write.
///
/// The graph holds at least what [`super::load::for_observation`] loads. `ids` gives growing ids, for nodes and rows alike.
pub fn resolve(graph: &mut Graph, rules: &Rules, obs: &Observation, ids: &mut dyn FnMut() -> i64) -> Resolution {
    graph.forget();
    let (claims, targets) = unbind::split(graph, rules, obs);
    let facts = facts_of(graph, rules, obs, claims);
    let mut decision = Decision::new(graph, rules, &facts, ids);
    decision.run();
    let nodes: Vec<IdentifierId> = decision.candidates.iter().map(|c| c.node).collect();
    unbind::run(&mut decision, &targets);
    let key = fingerprint_of_nodes(&nodes, obs);
    let (changed, mut rows, mut out) = (decision.changed, decision.rows, decision.out);
    if rows.is_empty() || (!changed && graph.knows(key)) {
        graph.rollback();
        rows.clear();
        out.reviews.clear();
    } else if !graph.knows(key) {
        graph.learn(key);
        out.new_fingerprint = Some(key);
    }
    number(&mut rows);
    out.new_evidence = rows;
    let signed_in = out.line.and_then(|line| graph.node(line)).is_some_and(|n| n.strength.is_strong());
    for id in nodes {
        if let Some(active) = graph.node(id).map(|node| touched(rules, obs, node, signed_in)) {
            graph.update(id, |node| *node = active);
        }
    }
    graph.take_delta(&mut out);
    out
}

/// The key of an observation in a graph that holds its nodes; `None` when one of them is new.
#[must_use]
pub fn fingerprint_of(graph: &Graph, rules: &Rules, said: &Stated, obs: &Observation) -> Option<u64> {
    let mut nodes = Vec::with_capacity(said.claims.len());
    for claim in said.claims.iter().take(said.asserted) {
        match pick_node(graph, rules, claim, obs.at) {
            Picked::Node(id) => nodes.push(id),
            Picked::Expired(_) | Picked::None => return None,
        }
    }
    Some(fingerprint_of_nodes(&nodes, obs))
}

fn fingerprint_of_nodes(nodes: &[IdentifierId], obs: &Observation) -> u64 {
    // Ids are positive; a negative one keeps the same identifiers, meant differently, apart.
    let kind = match obs.kind {
        ObservationKind::Assert => -1,
        ObservationKind::Alias => -2,
        ObservationKind::Bind => -3,
        ObservationKind::Unbind => -4,
    };
    let stitching = if is_off(obs) { -10 } else { -11 };
    let all: Vec<IdentifierId> =
        nodes.iter().copied().chain([IdentifierId::new(kind), IdentifierId::new(stitching)]).collect();
    fingerprint(&all)
}

fn is_off(obs: &Observation) -> bool {
    obs.kiosk || obs.stitching == Stitching::Off
}

/// Rows in the order of their numbers, under the number of the first.
pub(super) fn number(rows: &mut [Evidence]) {
    rows.sort_by_key(|row| row.seq);
    if let Some(first) = rows.first().map(|row| row.seq) {
        for row in rows {
            row.observation = first;
        }
    }
}

pub(super) fn stored_claims(rules: &Rules, obs: &Observation) -> Vec<Claim> {
    let mut claims: Vec<Claim> = obs
        .claims
        .iter()
        .map(|c| Claim { namespace: rules.stored_namespace(&c.namespace, obs.source_id), ..c.clone() })
        .collect();
    claims.sort();
    claims.dedup();
    // The same value vouched for and not: once is enough.
    let vouched: Vec<(String, String)> =
        claims.iter().filter(|c| c.verified).map(|c| (c.namespace.clone(), c.value.clone())).collect();
    claims.retain(|c| c.verified || !vouched.iter().any(|(n, v)| *n == c.namespace && *v == c.value));
    claims.sort_by(|a, b| (rules.of(&a.namespace).priority, a).cmp(&(rules.of(&b.namespace).priority, b)));
    claims
}

fn facts_of(graph: &Graph, rules: &Rules, obs: &Observation, claims: Vec<Claim>) -> Facts {
    let stitching = match obs.kind {
        ObservationKind::Assert | ObservationKind::Bind | ObservationKind::Unbind if !is_off(obs) => obs.stitching,
        ObservationKind::Alias if !is_off(obs) => Stitching::All,
        ObservationKind::Assert | ObservationKind::Bind | ObservationKind::Unbind | ObservationKind::Alias => {
            Stitching::Off
        }
    };
    let facts = claims.into_iter().map(|claim| {
        let node = match pick_node(graph, rules, &claim, obs.at) {
            Picked::Node(id) => graph.node(id),
            Picked::Expired(_) | Picked::None => None,
        };
        FactClaim {
            recorded: Vec::new(),
            seq: None,
            profiles: ProfileCheck::Unknown,
            session_start_at: stitch_start(rules, node, obs),
            logged_out_at: node.and_then(|n| n.logged_out_at).filter(|out| *out <= obs.at),
            stitching: if rules.of(&claim.namespace).strength.is_device() { stitching } else { Stitching::Auto },
            idle_end: node.and_then(|n| idle_end(rules, n, obs.at)).map(|end| (end, None)),
            claim,
        }
    });
    Facts {
        kind: match obs.kind {
            ObservationKind::Assert | ObservationKind::Unbind => EvidenceKind::Assert,
            ObservationKind::Alias => EvidenceKind::Alias,
            ObservationKind::Bind => EvidenceKind::Bind,
        },
        at: obs.at,
        source_event: obs.source_event,
        claims: facts.collect(),
        logout: obs.logout,
        logout_rows: Vec::new(),
        follow_rows: Vec::new(),
        profile: obs.profile.clone(),
        known_profiles: obs.known_profiles.clone(),
    }
}

fn session_ms(rules: &Rules) -> i64 {
    i64::from(rules.session_minutes) * MINUTE_MS
}

/// When the session on a device had ended by itself before `at`.
fn idle_end(rules: &Rules, node: &NodeState, at: Timestamp) -> Option<Timestamp> {
    let open = node.is_sliced() && node.current_line.is_some();
    (open && at.since(node.last_at) > session_ms(rules)).then(|| node.last_at.plus_ms(session_ms(rules)))
}

/// The start of the session that an event at `obs.at` lies in.
fn session_start(rules: &Rules, node: &NodeState, obs: &Observation) -> Timestamp {
    let logged_out = node.logged_out_at.is_some_and(|out| node.session_start_at <= out && out < obs.at);
    let over = obs.at.since(node.last_at) > session_ms(rules) || logged_out && node.last_at <= obs.at;
    if over || obs.at < node.session_start_at { obs.at } else { node.session_start_at }
}

/// From where on a person who signs in now may have the device's anonymous events: the start of the session, but not
/// what came while, or before, another event of this session named a person.
fn stitch_start(rules: &Rules, node: Option<&NodeState>, obs: &Observation) -> Timestamp {
    let Some(node) = node else { return obs.session_start_at.unwrap_or(obs.at).min(obs.at) };
    let derived = session_start(rules, node, obs);
    let start = obs.session_start_at.filter(|told| *told <= obs.at && derived < obs.at).unwrap_or(derived);
    if node.signed_in_at.is_some_and(|signed_in| start <= signed_in) { obs.at } else { start }
}

/// A node with the activity of an event noted. `signed_in`: the event named a person.
fn touched(rules: &Rules, obs: &Observation, node: &NodeState, signed_in: bool) -> NodeState {
    let fresh = node.last_at == obs.at && node.first_at == obs.at && node.created_at == obs.at;
    let start =
        if fresh { obs.session_start_at.unwrap_or(obs.at).min(obs.at) } else { session_start(rules, node, obs) };
    let device = node.strength.is_device();
    let mut out = node.clone();
    out.first_at = out.first_at.min(obs.at);
    if obs.at >= out.last_at {
        out.last_at = obs.at;
        out.session_start_at = start;
    }
    if device && obs.logout {
        out.logged_out_at = out.logged_out_at.max(Some(obs.at));
    } else if device && signed_in {
        out.signed_in_at = out.signed_in_at.max(Some(obs.at));
    }
    out
}

/// The answer to an observation that changes nothing but activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trivial {
    /// The line of the event.
    pub line: IdentifierId,
    /// Its person.
    pub person: PersonId,
    /// The nodes with their activity, to be written when convenient.
    pub active_nodes: Vec<NodeState>,
}

/// The case of nearly every event, decided on the nodes of its claims alone: all known, all of one person, said before,
/// nothing shared. `graph` holds all generations of [`Stated::keys`]; `known` says whether [`fingerprint_of`] is on record.
/// `None` means: load the rest and [`resolve`]. Where it answers, [`resolve`] would name the same line and person, and
/// write no evidence (but for a companion device that a limit kept away before: that one waits for the next new fact).
#[must_use]
pub fn trivial(rules: &Rules, obs: &Observation, said: &Stated, graph: &Graph, known: bool) -> Option<Trivial> {
    // A blocked value has a warning to give.
    if !known || said.any_blocked || obs.kind == ObservationKind::Unbind || is_off(obs) {
        return None;
    }
    let mut nodes: Vec<&NodeState> = Vec::with_capacity(said.claims.len());
    for claim in &said.claims {
        let Picked::Node(id) = pick_node(graph, rules, claim, obs.at) else { return None };
        let node = graph.node(id)?;
        if node.is_mute() || node.is_sliced() || rules.blocked.seen_on_more_than.is_some_and(|n| node.joined_count > n)
        {
            return None;
        }
        nodes.push(node);
    }
    let first = *nodes.iter().min_by_key(|n| {
        let hint = n.strength == super::rules::Strength::Hint;
        (!n.strength.is_strong(), hint, rules.of(&n.namespace).priority, &n.namespace, &n.value)
    })?;
    // Weak nodes alone may still have somebody to follow, unless there is only one of them.
    let settled =
        if first.strength.is_strong() { nodes.iter().all(|n| n.person == first.person) } else { nodes.len() == 1 };
    if !settled {
        return None;
    }
    let (line, person, strong) = (first.id, first.person, first.strength.is_strong());
    let active_nodes = nodes.into_iter().map(|node| touched(rules, obs, node, strong)).collect();
    Some(Trivial { line, person, active_nodes })
}
