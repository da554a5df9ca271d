//! Who is in, over the whole history, as fast as it can be read: one person after another, nothing kept of any.
//!
//! It is the evaluation of everywhere else on a behaviour whose room is used again for the next person, so its answers
//! cannot differ. An event whose name no rule looks at costs its caller one look into a table of slots.

use throughline_base::Timestamp;

use super::behaviour::Behaviour;
use super::evaluate::Person;
use super::facts::{EventFacts, Facts};
use super::program::{Outcome, Program, Slot};
use super::track::Occurrence;

/// A pass over persons for one part of a program.
#[derive(Debug)]
pub struct Scan<'p> {
    program: &'p Program,
    place: usize,
    wanted: Vec<bool>,
    behaviour: Behaviour,
    given: Vec<Occurrence>,
}

impl<'p> Scan<'p> {
    /// For the part at `place` (see [`Program::place`]). A program that holds only this part and those it refers to spares
    /// the events of all others.
    #[must_use]
    pub fn new(program: &'p Program, place: usize) -> Self {
        let wanted = program.ids().enumerate().map(|(i, _)| i == place).collect();
        Self { program, place, wanted, behaviour: Behaviour::default(), given: Vec::new() }
    }

    /// Takes in an event of the present person. [`Program::slot`] gives the slot; events without one need not be shown.
    /// Any order will do; in order of time is fastest.
    pub fn event(&mut self, slot: Slot, e: &EventFacts<'_>) {
        self.program.take_in(slot, e, &mut self.behaviour, &mut self.given, |_| ());
    }

    /// Whether the present person is in at `now`. What follows is about the next person.
    pub fn is_in(&mut self, facts: &Facts, now: Timestamp) -> bool {
        let mut person = Person::new(self.program, facts, &self.behaviour, now, false);
        person.run(&self.wanted);
        let holds = person.states.get(self.place).and_then(Option::as_ref).is_some_and(|s| s.holds);
        self.behaviour.clear();
        holds
    }

    /// As [`Program::evaluate`] for the present person, all parts and their next change. What follows is about the next.
    pub fn evaluate(&mut self, facts: &Facts, now: Timestamp) -> Outcome {
        let outcome = self.program.evaluate(facts, &self.behaviour, now);
        self.behaviour.clear();
        outcome
    }

    /// What the present person did, pruned to be stored.
    pub fn behaviour(&mut self, now: Timestamp) -> &Behaviour {
        self.behaviour.prune(self.program, now);
        &self.behaviour
    }
}
