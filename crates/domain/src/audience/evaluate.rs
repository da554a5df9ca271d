//! Evaluation: for each condition whether it holds, and the next instant at which that can change by time alone.
//!
//! That instant may come too early (then the next evaluation names another one), never too late.

use serde_json::Value;
use throughline_base::Timestamp;

use super::behaviour::Behaviour;
use super::facts::Facts;
use super::formula::Formula;
use super::given::{Given, whole_or_not};
use super::node::{Body, Node, Ready, Source};
use super::program::{Outcome, Program};
use super::rule::ConsentState;
use super::time::{NEVER, Zone};
use crate::identity::rules::family;
use crate::person::consent::{ContactReason, may_contact, may_reach};

/// What a condition comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub holds: bool,
    pub changes_at: i64,
}

/// What a part comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub holds: bool,
    pub value: Option<Value>,
    pub changes_at: i64,
}

/// One person at one instant.
pub(super) struct Person<'a> {
    pub program: &'a Program,
    pub facts: &'a Facts,
    pub behaviour: &'a Behaviour,
    pub now: i64,
    /// Whether the next change is looked for.
    pub foresee: bool,
    /// By place; those that a part refers to stand before it.
    pub states: Vec<Option<State>>,
}

/// Evaluates the parts of which `wanted` is true, and whatever they refer to.
pub(super) fn evaluate(
    program: &Program,
    wanted: &[bool],
    facts: &Facts,
    behaviour: &Behaviour,
    now: Timestamp,
) -> Outcome {
    let mut person = Person::new(program, facts, behaviour, now, true);
    person.run(wanted);
    let mut out = Outcome::default();
    let mut next = NEVER;
    for (i, part) in program.parts.iter().enumerate().filter(|(i, _)| wanted[*i]) {
        let Some(state) = person.states[i].take() else { continue };
        next = next.min(state.changes_at);
        match part.body {
            Body::Audience(..) => out.members.push((part.id, state.holds)),
            Body::Measure(_) | Body::Formula(..) | Body::Cases(..) => out.computed.push((part.id, state.value)),
        }
    }
    out.changes_at = (next != NEVER).then(|| Timestamp::from_ms(next));
    out
}

impl<'a> Person<'a> {
    pub(super) fn new(
        program: &'a Program,
        facts: &'a Facts,
        behaviour: &'a Behaviour,
        now: Timestamp,
        foresee: bool,
    ) -> Self {
        Self { program, facts, behaviour, now: now.ms(), foresee, states: vec![None; program.parts.len()] }
    }

    /// Evaluates the parts of which `wanted` is true, and whatever they refer to.
    pub(super) fn run(&mut self, wanted: &[bool]) {
        let program = self.program;
        let mut needed = wanted.to_vec();
        for i in program.order.iter().rev() {
            // Those that refer to `i` came before, so by now it is known whether it is needed.
            if needed[*i] {
                for j in &program.parts[*i].parts {
                    needed[*j] = true;
                }
            }
        }
        for i in program.order.iter().filter(|i| needed[**i]) {
            let state = self.part(&program.parts[*i]);
            self.states[*i] = Some(state);
        }
    }

    fn part(&self, part: &Ready) -> State {
        match &part.body {
            Body::Audience(_, node) => {
                let a = self.node(node, &part.zone);
                State { holds: a.holds, value: None, changes_at: a.changes_at }
            }
            Body::Measure(deed) => {
                let m = deed.measure(self.behaviour.track(deed.track), None, &part.zone, self.now, self.foresee);
                State { holds: true, value: m.value.value(), changes_at: m.changes_at }
            }
            Body::Formula(formula, sources) => self.formula(formula, sources),
            Body::Cases(cases, otherwise) => {
                let mut changes_at = NEVER;
                for (_, node, value) in cases {
                    let a = self.node(node, &part.zone);
                    changes_at = changes_at.min(a.changes_at);
                    if a.holds {
                        return State { holds: true, value: Some(value.clone()), changes_at };
                    }
                }
                State { holds: true, value: otherwise.clone(), changes_at }
            }
        }
    }

    fn formula(&self, formula: &Formula, sources: &[(String, Source)]) -> State {
        let mut changes_at = NEVER;
        for (_, source) in sources {
            changes_at = changes_at.min(self.computed(source).1);
        }
        let value = formula.value(&mut |name| self.input(name, sources));
        State { holds: true, value: value.map(whole_or_not), changes_at }
    }

    /// The number a name in a formula stands for.
    pub(super) fn input(&self, name: &Formula, sources: &[(String, Source)]) -> Option<f64> {
        let mut number = None;
        let first = |given: &Given<'_>, number: &mut Option<f64>| {
            given.any(|s| {
                *number = s.number();
                number.is_some()
            });
        };
        match name {
            Formula::Trait(name) => first(&self.trait_of(name), &mut number),
            Formula::Computed(key) => {
                if let Some((_, source)) = sources.iter().find(|(k, _)| k == key) {
                    first(&self.computed(source).0, &mut number);
                }
            }
            Formula::Number(_) | Formula::Negative(_) | Formula::Binary(..) | Formula::Call(..) => {}
        }
        number
    }

    /// A trait by its name, else by its path: `address.city`.
    pub(super) fn trait_of(&self, name: &str) -> Given<'a> {
        if let Some(value) = self.facts.traits.get(name) {
            return Given::Tree(value);
        }
        let mut steps = name.split('.');
        let first = steps.next().and_then(|s| self.facts.traits.get(s));
        steps.fold(first, |v, step| v.and_then(|v| v.get(step))).map_or(Given::Missing, Given::Tree)
    }

    /// A computed trait or prediction, and when it changes.
    pub(super) fn computed(&self, source: &Source) -> (Given<'_>, i64) {
        match source {
            Source::Part(i) => match &self.states[*i] {
                Some(s) => (s.value.as_ref().map_or(Given::Missing, Given::Tree), s.changes_at),
                None => (Given::Missing, NEVER),
            },
            Source::Prediction(key) => (self.facts.predictions.get(key).map_or(Given::Missing, Given::Tree), NEVER),
        }
    }

    pub(super) fn node(&self, node: &Node, zone: &Zone) -> Answer {
        let still = |holds| Answer { holds, changes_at: NEVER };
        match node {
            Node::All(of) => self.each(of, zone, false, false),
            Node::Any(of) => self.each(of, zone, true, true),
            Node::None(of) => self.each(of, zone, true, false),
            Node::Trait(name, test) => {
                let given = self.trait_of(name);
                Answer { holds: test.holds(&given, self.now), changes_at: test.changes_at(&given, self.now) }
            }
            Node::Computed(source, test) => {
                let (given, changes_at) = self.computed(source);
                let own = test.changes_at(&given, self.now);
                Answer { holds: test.holds(&given, self.now), changes_at: changes_at.min(own) }
            }
            Node::Tag(tag) => {
                let ends = |t: &super::facts::TagFact| t.ends_at.map_or(NEVER, Timestamp::ms);
                let until = self.facts.tags.iter().filter(|t| t.tag == *tag).map(ends).max();
                match until.filter(|u| *u > self.now) {
                    Some(changes_at) => Answer { holds: true, changes_at },
                    None => still(false),
                }
            }
            Node::Stage(stages) => {
                let now = Timestamp::from_ms(self.now);
                let stage = self.facts.stage.at(now);
                let next = self.facts.stage.changes_at(now).map_or(NEVER, Timestamp::ms);
                Answer { holds: stages.iter().any(|s| s == stage), changes_at: next }
            }
            Node::Consent { purpose, channel, state } => {
                self.by_consents(purpose, channel, |now| consent_state(self.facts, purpose, channel, now) == *state)
            }
            Node::Contactable { purpose, channel } => {
                self.by_consents(purpose, channel, |now| contact_reason(self.facts, purpose, channel, now).0)
            }
            Node::Identifier { namespace, verified, test } => still(self.facts.identifiers.iter().any(|i| {
                (i.namespace == *namespace || family(&i.namespace) == namespace)
                    && (i.verified || !verified)
                    && test.as_ref().is_none_or(|t| t.holds(&Given::Text(&i.value), self.now))
            })),
            Node::Audience(place) => match &self.states[*place] {
                Some(s) => Answer { holds: s.holds, changes_at: s.changes_at },
                None => still(false),
            },
            Node::List(key) => still(self.facts.lists.contains(key)),
            Node::Did(deed, test) => {
                let m = deed.measure(self.behaviour.track(deed.track), Some(test), zone, self.now, self.foresee);
                Answer { holds: m.holds, changes_at: m.changes_at }
            }
            Node::Sequence(track, chain) => {
                let c = chain.evaluate(self.behaviour.track(*track), zone, self.now);
                Answer { holds: c.holds, changes_at: c.changes_at }
            }
        }
    }

    /// Conditions of which one that `decides` settles the matter with `settled`.
    ///
    /// A settled answer stands as long as one of those that settle it does, so until the last of their changes; an
    /// unsettled one until the first change of any.
    fn each(&self, of: &[Node], zone: &Zone, decides: bool, settled: bool) -> Answer {
        let mut first = NEVER;
        let mut stands: Option<i64> = None;
        for node in of {
            let a = self.node(node, zone);
            first = first.min(a.changes_at);
            if a.holds == decides {
                stands = stands.max(Some(a.changes_at));
                if !self.foresee || a.changes_at == NEVER {
                    break;
                }
            }
        }
        match stands {
            Some(changes_at) => Answer { holds: settled, changes_at },
            None => Answer { holds: !settled, changes_at: first },
        }
    }

    /// An answer that follows from consents changes when one is given or ends.
    fn by_consents(&self, purpose: &str, channel: &str, holds: impl Fn(Timestamp) -> bool) -> Answer {
        let now = Timestamp::from_ms(self.now);
        let present = holds(now);
        let mut turns: Vec<Timestamp> = self
            .facts
            .consents
            .iter()
            .filter(|r| {
                r.purpose == purpose && (r.channel == channel || r.channel == crate::person::consent::CHANNEL_ANY)
            })
            .flat_map(|r| [Some(r.given_at), r.expires_at])
            .flatten()
            .filter(|t| *t > now)
            .collect();
        turns.sort_unstable();
        let next = turns.into_iter().find(|t| holds(*t) != present);
        Answer { holds: present, changes_at: next.map_or(NEVER, Timestamp::ms) }
    }
}

pub(super) fn consent_state(facts: &Facts, purpose: &str, channel: &str, now: Timestamp) -> ConsentState {
    match may_contact(&facts.consents, purpose, channel, facts.joined_at, now).reason {
        ContactReason::Granted => ConsentState::Granted,
        ContactReason::Denied | ContactReason::Withdrawn | ContactReason::Objected | ContactReason::Disagreement => {
            ConsentState::Refused
        }
        ContactReason::NoConsentNeeded
        | ContactReason::NoRecord
        | ContactReason::Expired
        | ContactReason::NoAddress
        | ContactReason::Suppressed => ConsentState::Unknown,
    }
}

pub(super) fn contact_reason(facts: &Facts, purpose: &str, channel: &str, now: Timestamp) -> (bool, ContactReason) {
    let consent = may_contact(&facts.consents, purpose, channel, facts.joined_at, now);
    let namespaces = facts.identifiers.iter().map(|i| i.namespace.as_str());
    let a = may_reach(consent, namespaces, facts.suppressed, purpose, channel);
    (a.allowed, a.reason)
}
