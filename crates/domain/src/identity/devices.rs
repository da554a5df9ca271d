//! Devices, browsers and hints: they follow a person, never tie two, and are dealt out by time once two use them (§3.5).

use throughline_base::{IdentifierId, PersonId, Timestamp};

use super::decide::{Decision, Picked, pick_node};
use super::evidence::{Evidence, EvidenceKind};
use super::graph::{Graph, other_end};
use super::limits::may_follow;
use super::rules::{Stitching, Strength};
use super::state::{EdgeState, SliceState};

/// What a sign-in on a device depends on.
#[derive(Debug, Clone, Copy)]
struct SignIn {
    device: IdentifierId,
    line: IdentifierId,
    seq: i64,
    session_start_at: Timestamp,
    logged_out_at: Option<Timestamp>,
    stitching: Stitching,
}

impl Decision<'_> {
    /// Sessions that had run out before the event end where they ran out.
    pub(super) fn end_idle_sessions(&mut self) {
        for fact in &self.facts.claims {
            let Some((end, seq)) = fact.idle_end else { continue };
            let Picked::Node(device) = pick_node(self.graph, self.rules, &fact.claim, self.facts.at) else { continue };
            self.close_slice(device, end, seq, "the session ran out");
        }
    }

    /// A logout ends the session on a shared device. With one owner there is nobody to protect, and nothing ends.
    pub(super) fn log_out(&mut self) {
        if !self.facts.logout {
            return;
        }
        let devices: Vec<IdentifierId> =
            self.candidates.iter().filter(|c| c.strength.is_device() && c.mute.is_none()).map(|c| c.node).collect();
        for device in devices {
            let seq = self.facts.logout_rows.iter().find(|(id, _)| *id == device).map(|(_, seq)| *seq);
            self.close_slice(device, self.facts.at, seq, "logged out");
        }
    }

    fn close_slice(&mut self, device: IdentifierId, end: Timestamp, seq: Option<i64>, note: &str) {
        let sliced = self.graph.node(device).is_some_and(super::state::NodeState::is_sliced);
        let Some(open) = self.graph.open_slice(device).filter(|_| sliced) else { return };
        if open.from_at.is_some_and(|from| end < from) {
            return;
        }
        let seq = seq.unwrap_or_else(|| (self.ids)());
        self.graph.put_slice(SliceState { to_at: Some(end), ..open });
        let row = Evidence {
            kind: EvidenceKind::Logout,
            at: end,
            b: Some(open.line),
            note: note.to_owned(),
            ..self.row(seq, device)
        };
        self.rows.push(row);
        self.changed = true;
    }

    /// Ties the weak claims of an event to its person.
    pub(super) fn attach_weak(&mut self, hub: IdentifierId) {
        let person = self.graph.person_of(hub);
        for i in 0..self.candidates.len() {
            let candidate = self.candidates[i].clone();
            if candidate.strength.is_strong() || candidate.mute.is_some() || !self.attach(i, hub, person) {
                continue;
            }
            let fact = &self.facts.claims[candidate.index];
            let sign_in = SignIn {
                device: candidate.node,
                line: hub,
                seq: candidate.seq,
                session_start_at: fact.session_start_at,
                logged_out_at: fact.logged_out_at,
                stitching: fact.stitching,
            };
            if candidate.strength.is_device() {
                self.sign_in(sign_in);
            }
            self.graph.derive_weak(candidate.node);
            for companion in self.graph.companions_of(candidate.node) {
                self.follow(companion, sign_in);
            }
        }
    }

    fn attach(&mut self, i: usize, hub: IdentifierId, person: PersonId) -> bool {
        let candidate = self.candidates[i].clone();
        if !self.graph.owners_of(candidate.node).contains(&person) {
            if let Err(reason) = may_follow(self.graph, self.rules, candidate.node, person, self.facts.at) {
                self.drop_claim(i, reason);
                return false;
            }
            if !self.note_join(i, person) {
                return false;
            }
            self.changed = true;
        }
        self.add_weak_edge(candidate.seq, candidate.node, hub);
        let words = if candidate.strength == Strength::Hint { "a hint, not vouched for" } else { "used by" };
        self.tied[i] = Some((hub, words));
        true
    }

    fn add_weak_edge(&mut self, seq: i64, a: IdentifierId, b: IdentifierId) {
        self.graph.add_edge(EdgeState { seq, a, b, at: self.facts.at, merge: false });
    }

    /// A weak node that was seen together with one that is now somebody's, and that is nobody's itself, comes along: what
    /// a visitor did before signing in belongs to the visitor on whichever of the two ids it was sent.
    fn follow(&mut self, weak: IdentifierId, sign_in: SignIn) {
        let person = self.graph.person_of(sign_in.line);
        let Some(node) = self.graph.node(weak) else { return };
        let device = node.strength.is_device();
        let free = !node.is_mute() && node.ended_at.is_none() && self.graph.owners_of(weak).is_empty();
        let claimed = self.candidates.iter().any(|c| c.node == weak && c.mute.is_some());
        if !free || claimed || may_follow(self.graph, self.rules, weak, person, self.facts.at).is_err() {
            return;
        }
        let recorded = self.facts.follow_rows.iter().find(|(id, _)| *id == weak).map(|(_, seq)| *seq);
        let seq = recorded.unwrap_or_else(|| (self.ids)());
        self.add_weak_edge(seq, weak, sign_in.line);
        if device {
            self.sign_in(SignIn { device: weak, seq, ..sign_in });
        }
        self.graph.derive_weak(weak);
        let row = Evidence {
            kind: EvidenceKind::Follow,
            b: Some(sign_in.line),
            stitching: sign_in.stitching,
            note: "seen together with a device of the same person".to_owned(),
            ..self.row(seq, weak)
        };
        self.rows.push(row);
        self.changed = true;
    }

    /// Opens the slice of whoever signs in, and ends that of whoever was signed in before.
    fn sign_in(&mut self, s: SignIn) {
        let at = self.facts.at;
        let open = self.graph.open_slice(s.device);
        if s.stitching == Stitching::Off
            || open.is_some_and(|o| self.graph.person_of(o.line) == self.graph.person_of(s.line))
        {
            return;
        }
        let first = self.graph.slices_of(s.device).next().is_none();
        let bound = self.graph.slices_of(s.device).filter_map(|slice| slice.to_at.or(slice.from_at)).max();
        if bound.is_some_and(|bound| at < bound) {
            // A sign-in that comes late must not tear up what is known of the time after it.
            return;
        }
        let shared = self.graph.owners_of(s.device).len() > 1;
        let session = Some(s.session_start_at.min(at));
        let wanted = match s.stitching {
            Stitching::Auto if shared => session,
            Stitching::Auto => None,
            Stitching::Session | Stitching::Off => session,
            // What another person left open ends at their logout.
            Stitching::SinceLogout | Stitching::All if open.is_some() => s.logged_out_at.or(session),
            Stitching::SinceLogout => s.logged_out_at,
            Stitching::All => None,
        };
        let start = wanted.max(bound);
        if let Some(open) = open {
            self.graph.put_slice(SliceState { to_at: start.or(Some(at)), ..open });
        }
        let from_at = if open.is_some() { start.or(Some(at)) } else { start };
        self.graph.put_slice(SliceState { node: s.device, seq: s.seq, from_at, to_at: None, line: s.line });
        if first && !shared && from_at.is_some() {
            self.graph.update(s.device, |n| n.partial = true);
        }
        self.changed = true;
    }

    /// An event without a person: its weak claims are noted as seen together, on the strongest device.
    pub(super) fn tie_anonymous(&mut self) {
        let weak: Vec<usize> = (0..self.candidates.len())
            .filter(|i| !self.candidates[*i].strength.is_strong() && self.candidates[*i].mute.is_none())
            .collect();
        let Some((first, rest)) = weak.split_first() else { return };
        let primary = self.candidates[*first].clone();
        if !primary.strength.is_device() {
            return;
        }
        for i in rest {
            let candidate = self.candidates[*i].clone();
            let known = self.graph.edges_of(candidate.node).any(|e| other_end(e, candidate.node) == primary.node);
            self.changed |= !known;
            self.add_weak_edge(candidate.seq, candidate.node, primary.node);
            self.tied[*i] = Some((primary.node, "seen together"));
        }
        self.follow_who_is_signed_in(&weak);
    }

    fn follow_who_is_signed_in(&mut self, weak: &[usize]) {
        let at = self.facts.at;
        let signed_in: Vec<(usize, IdentifierId)> = weak
            .iter()
            .filter(|i| self.candidates[**i].strength.is_device())
            .filter_map(|i| Some((*i, signed_in_line(self.graph, self.candidates[*i].node, at)?)))
            .collect();
        let Some((by, line)) = signed_in.first().copied() else { return };
        let person = self.graph.person_of(line);
        if signed_in.iter().any(|(_, other)| self.graph.person_of(*other) != person) {
            return;
        }
        let fact = &self.facts.claims[self.candidates[by].index];
        let sign_in = SignIn {
            device: self.candidates[by].node,
            line,
            seq: 0,
            session_start_at: fact.session_start_at,
            logged_out_at: None,
            stitching: fact.stitching,
        };
        for i in weak {
            self.follow(self.candidates[*i].node, sign_in);
        }
    }
}

/// The line of whoever is signed in on a device at an instant.
fn signed_in_line(graph: &Graph, device: IdentifierId, at: Timestamp) -> Option<IdentifierId> {
    let node = graph.node(device)?;
    if !node.is_sliced() && graph.owners_of(device).len() == 1 {
        return node.current_line.or_else(|| {
            let ends = graph.edges_of(device).map(|e| other_end(e, device));
            ends.filter(|id| graph.node(*id).is_some_and(|n| n.strength.is_strong())).min()
        });
    }
    graph.slices_of(device).rev().find(|s| s.covers(at)).map(|s| s.line)
}
