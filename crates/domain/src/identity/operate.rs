//! What operators do: unmerge, link, keep apart, block, rename, retract. Each is rows of evidence, applied by the same
//! code here and in the fold.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use throughline_base::{IdentifierId, PersonId, Timestamp};

use super::decide::new_node;
use super::effect::apply_row;
use super::evidence::{Evidence, EvidenceKind, ProfileCheck};
use super::fold::Names;
use super::graph::{Graph, other_end};
use super::limits;
use super::resolution::{Resolution, ReviewItem, ReviewKind, Warning};
use super::resolve::number;
use super::rules::{Rules, Stitching, Strength};
use super::state::{EdgeState, NodeState};
use crate::event::Claim;

/// Who does it, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// Who: a user, `matcher`, …
    pub actor: String,
    /// Why, for people.
    pub note: String,
}

/// What to take apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmerge {
    /// Rows of evidence, or whole observations, that shall not count any more.
    #[serde(default)]
    pub evidence: Vec<i64>,
    /// Identifiers that shall leave the person, with whatever hangs on them alone.
    #[serde(default)]
    pub identifiers: Vec<IdentifierId>,
    /// Whether the parts may never be joined again.
    #[serde(default = "yes")]
    pub block_future: bool,
}

const fn yes() -> bool {
    true
}

/// An operation on the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Operation {
    /// Make one person of two, whatever the limits say. Lifts cannot-links between them.
    MustLink {
        /// An identifier of one.
        a: IdentifierId,
        /// An identifier of the other.
        b: IdentifierId,
    },
    /// Keep two identifiers apart for ever. If they are one person now, the youngest ties between them go.
    CannotLink {
        /// One.
        a: IdentifierId,
        /// The other.
        b: IdentifierId,
    },
    /// A probable match: links like an event does, within the limits, and can be retracted alone.
    Match {
        /// One.
        a: IdentifierId,
        /// The other.
        b: IdentifierId,
        /// The probability in thousandths.
        score: u16,
    },
    /// Let the value of a node link nothing, now and in the past.
    Block {
        /// Any generation of the value.
        node: IdentifierId,
    },
    /// Lift a block or a suspension. What it tied is not tied again until it is seen again.
    Unblock {
        /// Any generation of the value.
        node: IdentifierId,
    },
    /// Replace an identifier: the old one ends with a date, both stay with the person.
    Rename {
        /// The old one.
        from: IdentifierId,
        /// The new value, in the namespace of the old one.
        to: String,
    },
    /// Take rows of evidence back.
    Retract {
        /// Their numbers, or those of observations.
        evidence: Vec<i64>,
    },
    /// Take a person apart.
    Unmerge {
        /// The person.
        person: PersonId,
        /// What goes.
        unmerge: Unmerge,
    },
}

/// Why an operation cannot be done. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationError {
    /// The graph does not have this identifier.
    UnknownIdentifier(IdentifierId),
    /// The two are the same identifier.
    SameIdentifier,
    /// Devices and hints tie nobody.
    Weak(IdentifierId),
    /// The person does not have this identifier.
    NotOfPerson(IdentifierId),
    /// An unmerge names neither evidence nor identifiers.
    NothingNamed,
    /// None of the evidence ties anything now.
    NoSuchEvidence,
    /// Every identifier of the person was named: somebody has to stay.
    NobodyStays,
    /// The new value belongs to somebody else.
    Taken(IdentifierId),
    /// The new value is blocked.
    Blocked(String),
    /// The identifier has ended already.
    Ended(IdentifierId),
}

impl fmt::Display for OperationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIdentifier(id) => write!(f, "there is no identifier {id}"),
            Self::SameIdentifier => f.write_str("both sides are the same identifier"),
            Self::Weak(id) => write!(f, "{id} is a device, a browser or a hint: it cannot tie two persons"),
            Self::NotOfPerson(id) => write!(f, "{id} is not an identifier of this person"),
            Self::NothingNamed => f.write_str("name the evidence to take back, or the identifiers that leave"),
            Self::NoSuchEvidence => f.write_str("none of the named evidence ties anything of this person now"),
            Self::NobodyStays => f.write_str("every identifier of the person was named; leave one out, it stays"),
            Self::Taken(id) => {
                write!(f, "the new value belongs to somebody else already, as {id}; link the two instead")
            }
            Self::Blocked(rule) => write!(f, "the new value is blocked ({rule})"),
            Self::Ended(id) => write!(f, "{id} has ended already"),
        }
    }
}

impl std::error::Error for OperationError {}

/// The identifiers whose persons an operation needs; see [`super::load::for_nodes`]. Rows of evidence named by number
/// stand for their `a` and `b`, which the caller looks up.
#[must_use]
pub fn needed_nodes(operation: &Operation) -> Vec<IdentifierId> {
    match operation {
        Operation::MustLink { a, b } | Operation::CannotLink { a, b } | Operation::Match { a, b, .. } => vec![*a, *b],
        Operation::Block { node } | Operation::Unblock { node } => vec![*node],
        Operation::Rename { from, .. } => vec![*from],
        Operation::Retract { .. } => Vec::new(),
        Operation::Unmerge { person, unmerge } => {
            let own = IdentifierId::new(person.get());
            unmerge.identifiers.iter().copied().chain([own]).collect()
        }
    }
}

/// Does an operation: changes the graph and tells every row to write.
///
/// # Errors
/// When the operation makes no sense on this graph; nothing is changed then.
pub fn operate(
    graph: &mut Graph,
    rules: &Rules,
    operation: &Operation,
    act: &Act,
    ids: &mut dyn FnMut() -> i64,
) -> Result<Resolution, OperationError> {
    graph.forget();
    let mut work = Work { graph, rules, act, ids, rows: Vec::new(), out: Resolution::default() };
    work.run(operation)?;
    let (mut rows, mut out) = (work.rows, work.out);
    number(&mut rows);
    out.new_evidence = rows;
    graph.take_delta(&mut out);
    Ok(out)
}

/// Takes a person apart: [`Operation::Unmerge`] by name.
///
/// # Errors
/// As [`operate`].
pub fn unmerge(
    graph: &mut Graph,
    rules: &Rules,
    person: PersonId,
    what: &Unmerge,
    act: &Act,
    ids: &mut dyn FnMut() -> i64,
) -> Result<Resolution, OperationError> {
    operate(graph, rules, &Operation::Unmerge { person, unmerge: what.clone() }, act, ids)
}

struct Work<'a> {
    graph: &'a mut Graph,
    rules: &'a Rules,
    act: &'a Act,
    ids: &'a mut dyn FnMut() -> i64,
    rows: Vec<Evidence>,
    out: Resolution,
}

impl Work<'_> {
    fn run(&mut self, operation: &Operation) -> Result<(), OperationError> {
        match operation {
            Operation::MustLink { a, b } => self.must_link(*a, *b),
            Operation::CannotLink { a, b } => {
                self.two(*a, *b)?;
                self.write(EvidenceKind::CannotLink, *a, Some(*b), |_| {});
                Ok(())
            }
            Operation::Match { a, b, score } => self.matched(*a, *b, *score),
            Operation::Block { node } => self.one(*node).map(|_| self.write(EvidenceKind::Block, *node, None, |_| {})),
            Operation::Unblock { node } => {
                self.one(*node).map(|_| self.write(EvidenceKind::Unblock, *node, None, |_| {}))
            }
            Operation::Rename { from, to } => self.rename(*from, to),
            Operation::Retract { evidence } => self.retract(evidence).map(|_| ()),
            Operation::Unmerge { person, unmerge } => self.unmerge(*person, unmerge),
        }
    }

    fn one(&self, id: IdentifierId) -> Result<NodeState, OperationError> {
        self.graph.node(id).cloned().ok_or(OperationError::UnknownIdentifier(id))
    }

    fn two(&self, a: IdentifierId, b: IdentifierId) -> Result<(NodeState, NodeState), OperationError> {
        if a == b {
            return Err(OperationError::SameIdentifier);
        }
        Ok((self.one(a)?, self.one(b)?))
    }

    fn strong_two(&self, a: IdentifierId, b: IdentifierId) -> Result<(PersonId, PersonId), OperationError> {
        let (a, b) = self.two(a, b)?;
        if let Some(weak) = [&a, &b].into_iter().find(|n| !n.strength.is_strong()) {
            return Err(OperationError::Weak(weak.id));
        }
        Ok((a.person, b.person))
    }

    /// Writes a row and applies it.
    fn write(
        &mut self,
        kind: EvidenceKind,
        a: IdentifierId,
        b: Option<IdentifierId>,
        more: impl FnOnce(&mut Evidence),
    ) {
        let mut row = Evidence {
            seq: (self.ids)(),
            observation: 0,
            at: self.act.at,
            kind,
            a,
            b,
            target: None,
            strength: self.graph.node(a).map_or(Strength::Hint, |n| n.strength),
            verified: true,
            score: None,
            profiles: ProfileCheck::Unknown,
            session_start_at: None,
            logged_out_at: None,
            stitching: Stitching::Auto,
            source_event: None,
            rule_version: self.rules.version,
            actor: Some(self.act.actor.clone()),
            note: self.act.note.clone(),
        };
        more(&mut row);
        apply_row(self.graph, self.rules, &Names::default(), &row);
        self.rows.push(row);
    }

    fn must_link(&mut self, a: IdentifierId, b: IdentifierId) -> Result<(), OperationError> {
        let (pa, pb) = self.strong_two(a, b)?;
        let persons = BTreeSet::from([pa, pb]);
        if let Err(super::DropReason::MaxPerPerson { namespace, .. }) =
            limits::may_be_one(self.graph, self.rules, &persons, &persons, None, self.act.at)
        {
            self.out.warnings.push(Warning::OverLimit { namespace });
        }
        self.write(EvidenceKind::MustLink, a, Some(b), |_| {});
        Ok(())
    }

    fn matched(&mut self, a: IdentifierId, b: IdentifierId, score: u16) -> Result<(), OperationError> {
        let (pa, pb) = self.strong_two(a, b)?;
        let persons = BTreeSet::from([pa, pb]);
        if let Err(reason) = limits::may_be_one(self.graph, self.rules, &persons, &persons, None, self.act.at) {
            let reason = reason.to_string();
            self.out.reviews.push(ReviewItem { kind: ReviewKind::RefusedMerge, a, b: Some(b), reason });
        }
        self.write(EvidenceKind::Match, a, Some(b), |row| row.score = Some(score));
        Ok(())
    }

    fn rename(&mut self, from: IdentifierId, to: &str) -> Result<(), OperationError> {
        let node = self.one(from)?;
        if !node.strength.is_strong() {
            return Err(OperationError::Weak(from));
        }
        if node.ended_at.is_some() {
            return Err(OperationError::Ended(from));
        }
        if to == node.value {
            return Err(OperationError::SameIdentifier);
        }
        if let Some(rule) = super::blocked::check(self.rules, &node.namespace, to) {
            return Err(OperationError::Blocked(rule));
        }
        let taken = self.graph.generations(&node.namespace, to).find(|n| n.generation > 0 && n.ended_at.is_none());
        let target = match taken.map(|n| (n.id, n.person)) {
            Some((id, person)) if person != node.person => return Err(OperationError::Taken(id)),
            Some((id, _)) => id,
            None => {
                let id = IdentifierId::new((self.ids)());
                let claim = Claim { namespace: node.namespace.clone(), value: to.to_owned(), verified: true };
                let new = new_node(self.graph, self.rules, &claim, id, self.act.at);
                self.graph.add_node(new);
                id
            }
        };
        self.write(EvidenceKind::Rename, from, Some(target), |_| {});
        Ok(())
    }

    /// Takes back every row named, by its own number or its observation's, that still has an effect here.
    fn retract(&mut self, evidence: &[i64]) -> Result<BTreeSet<PersonId>, OperationError> {
        let wanted: BTreeSet<i64> = evidence.iter().copied().collect();
        let mut targets: Vec<(i64, IdentifierId, Option<IdentifierId>)> = Vec::new();
        for seq in wanted {
            targets.extend(self.graph.edges_from(seq).map(|e| (seq, e.a, Some(e.b))).take(1));
            targets.extend(self.graph.cannot_links_from(seq).first().map(|c| (seq, c.a, Some(c.b))));
            let ended = self.graph.nodes().find(|n| n.ended_seq == Some(seq)).map(|n| (seq, n.id, None));
            targets.extend(ended);
        }
        targets.dedup_by_key(|(seq, _, _)| *seq);
        if targets.is_empty() {
            return Err(OperationError::NoSuchEvidence);
        }
        let mut before = BTreeSet::new();
        for (seq, a, b) in targets {
            before.extend([Some(a), b].into_iter().flatten().map(|id| self.graph.person_of(id)));
            self.write(EvidenceKind::Retract, a, b, |row| row.target = Some(seq));
        }
        Ok(before)
    }

    fn unmerge(&mut self, person: PersonId, what: &Unmerge) -> Result<(), OperationError> {
        if what.evidence.is_empty() && what.identifiers.is_empty() {
            return Err(OperationError::NothingNamed);
        }
        let members: Vec<IdentifierId> = self.graph.strong_members(person).map(|n| n.id).collect();
        let leaving: BTreeSet<IdentifierId> = what.identifiers.iter().copied().collect();
        for id in &leaving {
            let node = self.one(*id)?;
            if node.person != person && !self.graph.owners_of(*id).contains(&person) {
                return Err(OperationError::NotOfPerson(*id));
            }
        }
        let mut evidence = what.evidence.clone();
        if !leaving.is_empty() {
            let stays = members.iter().copied().find(|id| !leaving.contains(id)).ok_or(OperationError::NobodyStays)?;
            for id in &leaving {
                evidence.extend(self.ties(*id, stays, person).iter().map(|e| e.seq));
            }
        }
        if !evidence.is_empty() {
            self.retract(&evidence)?;
        }
        self.keep_apart(&members, &leaving, what.block_future);
        Ok(())
    }

    /// The edges that tie a leaving identifier to the one that stays. A device leaves with all its ties to the person.
    fn ties(&self, id: IdentifierId, stays: IdentifierId, person: PersonId) -> Vec<EdgeState> {
        if self.graph.node(id).is_some_and(|n| n.strength.is_strong()) {
            return self.graph.cut(id, stays);
        }
        self.graph.edges_of(id).filter(|e| self.graph.person_of(other_end(e, id)) == person).copied().collect()
    }

    /// Writes what keeps the parts apart, and warns when they are one person still.
    fn keep_apart(&mut self, members: &[IdentifierId], leaving: &BTreeSet<IdentifierId>, block_future: bool) {
        let mut parts: BTreeSet<PersonId> = members.iter().map(|id| self.graph.person_of(*id)).collect();
        let Some(stays) = members.iter().find(|id| !leaving.contains(id)).map(|id| self.graph.person_of(*id)) else {
            return;
        };
        parts.remove(&stays);
        let mut apart: Vec<IdentifierId> = parts.iter().map(|p| IdentifierId::new(p.get())).collect();
        apart.extend(leaving.iter().filter(|id| self.graph.node(**id).is_some_and(|n| !n.strength.is_strong())));
        if apart.is_empty() {
            let still = members.windows(2).find_map(|pair| self.graph.path(pair[0], pair[1])?.first().map(|e| e.seq));
            self.out.warnings.extend(still.map(|seq| Warning::StillLinked { seq }));
        }
        if block_future {
            for other in apart {
                self.write(EvidenceKind::CannotLink, IdentifierId::new(stays.get()), Some(other), |_| {});
            }
        }
    }
}
