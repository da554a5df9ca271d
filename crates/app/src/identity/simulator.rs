//! The simulator: pasted events, and what the rules make of them step by step. Nothing is stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};
use throughline_base::{EventId, IdentifierId, PersonId, Problem, SourceId};
use throughline_domain::event::wire::{self, Headers, WireRequest};
use throughline_domain::event::{Event, Prepared, SourceContext, prepare};
use throughline_domain::identity::{
    DropReason, Graph, Observation, ProfileHint, Resolution, Rules, Stitching, resolve,
};

use super::explain::Named;
use super::rows::{name_known_logins, observe};
use super::write::reason_text;
use crate::{App, Result};

/// Most events at a time.
pub const EVENTS_MAX: usize = 1_000;

/// What became of an event's claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepReason {
    /// Somebody nobody knew.
    NewPerson,
    /// Somebody known.
    Attached,
    /// Several people became one.
    Merged,
    /// A limit kept a claim out.
    RefusedLimit,
    /// Another rule kept a claim out.
    Refused,
    /// Every identifier is blocked.
    NoUsableIdentifier,
}

impl StepReason {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewPerson => "new_person",
            Self::Attached => "attached",
            Self::Merged => "merged",
            Self::RefusedLimit => "refused_limit",
            Self::Refused => "refused",
            Self::NoUsableIdentifier => "no_usable_identifier",
        }
    }
}

/// What one event led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedStep {
    /// Its place in the list, from 0.
    pub event: usize,
    /// The identifier it hangs on.
    pub line: Option<Named>,
    /// What became of its claims.
    pub reason: StepReason,
    /// People that were absorbed by another one.
    pub merges: Vec<PersonId>,
    /// Claims that were kept out, with the reason.
    pub dropped: Vec<String>,
}

/// What the rules make of some events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulated {
    /// Who is there in the end, with their identifiers.
    pub persons: Vec<(PersonId, Vec<Named>)>,
    /// Step by step.
    pub steps: Vec<SimulatedStep>,
}

impl App {
    /// Resolves pasted events, in Segment's form, from nothing: under the rules in force or those given. They count as
    /// sent by a server, which vouches for phones and e-mails.
    ///
    /// # Errors
    /// When an event could not be recorded as it is, or the rules are not valid.
    pub fn identity_simulate(&self, events: &[Value], rules: Option<&Value>) -> Result<Simulated> {
        let rules = match rules {
            Some(rules) => super::rules::checked(rules)?,
            None => self.db.read(super::rules::in_force)?,
        };
        let events = self.events_of(events)?;
        let mut world = World { graph: Graph::default(), rules: &rules, last: 0, profiles: HashMap::new() };
        let steps = events.iter().enumerate().map(|(i, e)| world.step(i, e)).collect();
        Ok(Simulated { persons: world.persons(), steps })
    }

    fn events_of(&self, events: &[Value]) -> Result<Vec<Event>> {
        if events.len() > EVENTS_MAX {
            let text = format!("{} events are too many to simulate; send at most {EVENTS_MAX}", events.len());
            return Err(Problem::invalid("simulator_events", text));
        }
        let body = json!({ "batch": events }).to_string();
        let request =
            WireRequest { path: "/v1/batch", query: None, headers: Headers::default(), body: body.as_bytes() };
        let decoded = wire::decode(&request, &self.settings.limits)
            .map_err(|e| Problem::invalid("simulator_events", e.detail))?;
        let context = SourceContext {
            verified: true,
            times_final: true,
            acceptance_window_ms: None,
            ..SourceContext::new(SourceId::new(1), "server")
        };
        let unusable = |i: usize, detail: &str| Problem::invalid("simulator_events", format!("events[{i}]: {detail}"));
        let prepared = decoded.events.into_iter().enumerate().map(|(i, raw)| {
            match prepare(raw.map_err(|r| unusable(i, &r.detail))?, &context, self.now()) {
                Prepared::Ready(event) => Ok(*event),
                Prepared::Quarantine { detail, .. } => Err(unusable(i, &detail)),
            }
        });
        prepared.collect()
    }
}

struct World<'a> {
    graph: Graph,
    rules: &'a Rules,
    last: i64,
    profiles: HashMap<IdentifierId, ProfileHint>,
}

impl World<'_> {
    fn step(&mut self, i: usize, e: &Event) -> SimulatedStep {
        let strong_before = self.strong_persons();
        let persons_before = self.graph.persons();
        let mut obs = observe(e, EventId::new(i as i64 + 1), false, Stitching::Auto);
        name_known_logins(&mut obs, |user| self.graph.generations("user_id", user).next().is_some());
        obs.known_profiles = self.known_profiles(&strong_before);
        let last = &mut self.last;
        let r = resolve(&mut self.graph, self.rules, &obs, &mut || {
            *last += 1;
            *last
        });
        self.remember(&obs, &r);
        let absorbed = r.merges.iter().map(|m| m.absorbed).filter(|p| strong_before.contains(p));
        let merges: Vec<PersonId> = absorbed.collect();
        SimulatedStep {
            event: i,
            line: r.line.and_then(|line| self.graph.node(line)).map(|n| (n.namespace.clone(), n.value.clone())),
            reason: reason_of(&r, &merges, &persons_before),
            dropped: r.dropped.iter().map(|d| format!("{}: {}", d.claim.namespace, reason_text(&d.reason))).collect(),
            merges,
        }
    }

    fn strong_persons(&self) -> BTreeSet<PersonId> {
        self.graph.nodes().filter(|n| n.strength.is_strong()).map(|n| n.person).collect()
    }

    /// Name and birthday of each person, as the first of its lines that told them says.
    fn known_profiles(&self, persons: &BTreeSet<PersonId>) -> Vec<(PersonId, ProfileHint)> {
        let told = |p: PersonId| self.graph.members(p).find_map(|n| self.profiles.get(&n.id)).cloned();
        persons.iter().filter_map(|p| Some((*p, told(*p)?))).collect()
    }

    fn remember(&mut self, obs: &Observation, r: &Resolution) {
        if let (Some(line), Some(profile)) = (r.line, &obs.profile) {
            self.profiles.insert(line, profile.clone());
        }
    }

    fn persons(&self) -> Vec<(PersonId, Vec<Named>)> {
        let mut out: BTreeMap<PersonId, Vec<Named>> = BTreeMap::new();
        for n in self.graph.nodes() {
            out.entry(n.person).or_default().push((n.namespace.clone(), n.value.clone()));
        }
        out.into_iter().collect()
    }
}

fn reason_of(r: &Resolution, merges: &[PersonId], before: &BTreeSet<PersonId>) -> StepReason {
    let Some(person) = r.person else { return StepReason::NoUsableIdentifier };
    if !merges.is_empty() {
        return StepReason::Merged;
    }
    let is_limit = |reason: &DropReason| match reason {
        DropReason::MaxPerPerson { .. }
        | DropReason::MaxOwners { .. }
        | DropReason::IdentifierCap { .. }
        | DropReason::MergeCap { .. } => true,
        DropReason::Blocked { .. }
        | DropReason::Suspended
        | DropReason::Kiosk
        | DropReason::CannotLink { .. }
        | DropReason::EqualRank
        | DropReason::FamilyPhone
        | DropReason::Contested => false,
    };
    if r.dropped.iter().any(|d| is_limit(&d.reason)) {
        StepReason::RefusedLimit
    } else if !r.dropped.is_empty() {
        StepReason::Refused
    } else if before.contains(&person) || r.new_nodes.iter().all(|n| n.person != person) {
        StepReason::Attached
    } else {
        StepReason::NewPerson
    }
}
