//! One pass: what happened to people since the last one is taken into their behaviour, what changed is evaluated, who
//! came and went is written, all in the transaction that moves the follower's cursor.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use throughline_base::{EventId, PersonId, Timestamp};
use throughline_domain::audience::{Behaviour, Touched};
use throughline_store::audience::{self as rows, Dirty, Membership};
use throughline_store::event::{FLAG_REPLAYED, HotEvent};
use throughline_store::{Tx, history, identity};

use super::deed::Lookup;
use super::force::InForce;
use super::mark::{Cause, What};
use super::rebuild::{self, Rebuilt, own_line};
use super::settle::{self, Evaluated};
use super::{Stored, facts};
use crate::history::Placement;
use crate::{App, Result};

/// Marked people of one pass.
const MARKS: u32 = 500;
/// People of one pass whose behaviour is read anew.
const REBUILDS: usize = 50;

/// What a pass needs that is read before its transaction.
#[derive(Debug, Default)]
pub(crate) struct Prepared(Option<Ready>);

#[derive(Debug)]
struct Ready {
    lookup: Lookup,
    generation: i64,
    rebuilt: Rebuilt,
    /// The marks that asked for it.
    marks: HashMap<PersonId, i64>,
}

/// What happened to one person.
#[derive(Default)]
struct Change<'a> {
    touched: Touched,
    cause: Option<Cause>,
    events: Vec<&'a HotEvent>,
    /// States of persons that are part of this one now.
    joined: Vec<Behaviour>,
    /// What those were in.
    carried: Vec<Membership>,
    rebuilt: bool,
    /// Its events are not those of before.
    moved: bool,
}

impl Change<'_> {
    /// Of several causes the one that says most stays: a merge rather than the event that brought it about.
    fn because(&mut self, cause: Cause) {
        if self.cause.is_none_or(|c| matches!(c, Cause::Event | Cause::Definition)) {
            self.cause = Some(cause);
        }
    }
}

impl App {
    /// Reads what the next pass needs; cheap when nothing is defined.
    pub(crate) fn audience_prepare(&self) -> Result<Prepared> {
        let (force, marks) = self.db.read(|tx| {
            let force = self.audiences_in(tx)?;
            let marks = if force.is_empty() { Vec::new() } else { rows::dirty(tx, MARKS)? };
            Ok((force, marks))
        })?;
        if force.is_empty() {
            return Ok(Prepared::default());
        }
        let lookup = Lookup::new(self)?;
        let marks: HashMap<PersonId, i64> = marks
            .into_iter()
            .filter(|d| d.what == What::Events as i64)
            .take(REBUILDS)
            .map(|d| (d.person, d.seq))
            .collect();
        let mut persons: Vec<PersonId> = marks.keys().copied().collect();
        persons.sort_unstable();
        let rebuilt = if persons.is_empty() {
            Rebuilt { cursor: EventId::new(0), people: HashMap::new() }
        } else {
            rebuild::read(self, &force, &lookup, &persons)?
        };
        Ok(Prepared(Some(Ready { lookup, generation: force.generation, rebuilt, marks })))
    }

    /// Works off marks when no event brings a pass about; says whether there were any.
    pub(crate) fn audience_marks(&self) -> Result<bool> {
        if !self.db.read(rows::dirty_any)? {
            return Ok(false);
        }
        let prepared = self.audience_prepare()?;
        let left = self.db.write(|tx| {
            let cursor = crate::react::cursor(tx)?;
            follow(tx, self, &prepared, &[], cursor)?;
            rows::dirty_any(tx)
        })?;
        self.audience_committed();
        Ok(left)
    }
}

/// Follows one pass of events and the marks that wait. `cursor` is where the follower stood before it.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    app: &App,
    prepared: &Prepared,
    batch: &[HotEvent],
    cursor: EventId,
) -> Stored<()> {
    let force = app.audiences_in(tx)?;
    if force.is_empty() {
        // Marks of a time when something was defined.
        let old: Vec<_> = rows::dirty(tx, MARKS)?.into_iter().map(|d| (d.person, d.seq)).collect();
        rows::dirty_clear(tx, &old)?;
        return Ok(());
    }
    let lookup = match &prepared.0 {
        Some(ready) if ready.generation == force.generation => ready.lookup.clone(),
        // A definition, or the touch rules, came between reading and writing.
        Some(_) | None => Lookup::new(app).map_err(throughline_store::StoreError::from)?,
    };
    let ready = prepared.0.as_ref().filter(|r| r.generation == force.generation && r.rebuilt.cursor == cursor);
    let mut pass = Pass { app, force, lookup, people: BTreeMap::new(), gone: Vec::new(), done: Vec::new() };
    pass.marks(tx, ready)?;
    pass.events(tx, batch)?;
    pass.write(tx, ready)
}

struct Pass<'a> {
    app: &'a App,
    force: Arc<InForce>,
    lookup: Lookup,
    people: BTreeMap<PersonId, Change<'a>>,
    /// Persons that are none any more.
    gone: Vec<PersonId>,
    /// Marks that are worked off.
    done: Vec<(PersonId, i64)>,
}

impl<'a> Pass<'a> {
    fn marks(&mut self, tx: &mut Tx<'_>, ready: Option<&Ready>) -> Stored<()> {
        let marks = rows::dirty(tx, MARKS)?;
        if marks.is_empty() {
            return Ok(());
        }
        let lines: Vec<_> = marks.iter().map(|d| own_line(d.person)).collect();
        let owners: HashMap<_, _> = identity::persons_of_lines(tx, &lines)?.into_iter().collect();
        for d in marks {
            match owners.get(&own_line(d.person)) {
                // Its identifiers are gone: somebody was erased.
                None => {
                    self.gone.push(d.person);
                    self.done.push((d.person, d.seq));
                }
                Some(owner) if *owner != d.person => self.absorbed(tx, &d, *owner)?,
                Some(_) if d.what == What::Events as i64 => {
                    // Until it is read anew, nothing is said of the person.
                    if ready.is_some_and(|r| r.marks.get(&d.person) == Some(&d.seq)) {
                        let change = self.people.entry(d.person).or_default();
                        change.rebuilt = true;
                        self.marked(d);
                    }
                }
                // It was joined and is a person of its own again, before anybody looked.
                Some(_) if d.what == What::Gone as i64 => {
                    rows::dirty_mark(tx, &[Dirty { what: What::Events as i64, seq: self.app.ids.next(), ..d }])?;
                }
                Some(_) => self.marked(d),
            }
        }
        Ok(())
    }

    fn marked(&mut self, d: Dirty) {
        let change = self.people.entry(d.person).or_default();
        change.touched.join(Touched::all());
        change.because(cause_of(&d.cause));
        change.moved |= d.what != What::Facts as i64 || d.cause == Cause::Merge.as_str();
        self.done.push((d.person, d.seq));
    }

    /// Takes a person that lives on as part of another into that one.
    fn absorbed(&mut self, tx: &mut Tx<'_>, d: &Dirty, owner: PersonId) -> Stored<()> {
        let state = rows::behaviours(tx, &[d.person])?.into_iter().next();
        let carried = rows::memberships_of(tx, &[d.person])?;
        let whole = d.what != What::Events as i64;
        let change = self.people.entry(owner).or_default();
        change.touched.join(Touched::all());
        change.because(cause_of(&d.cause));
        change.moved = true;
        change.carried.extend(carried);
        let read = state.as_ref().map(|row| self.force.read(row));
        match read {
            None if whole => {}
            Some(Some(behaviour)) if whole => change.joined.push(behaviour),
            // What cannot be read, and what is not the whole of it, is read anew from the history.
            None | Some(_) => {
                let seq = self.app.ids.next();
                let cause = d.cause.clone();
                rows::dirty_mark(tx, &[Dirty { person: owner, seq, what: What::Events as i64, cause }])?;
            }
        }
        self.gone.push(d.person);
        self.done.push((d.person, d.seq));
        Ok(())
    }

    fn events(&mut self, tx: &mut Tx<'_>, batch: &'a [HotEvent]) -> Stored<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let placed = Placement::of(tx, batch.iter().map(|e| e.line))?;
        let own = self.force.source;
        for e in batch.iter().filter(|e| own != Some(e.source_id)) {
            let change = self.people.entry(placed.person(e.line, e.event_at)).or_default();
            // An event may bring an identifier, and with it a list; an order may change the stage.
            change.touched.identifiers = true;
            change.touched.stage = true;
            let needs = &self.force.program.needs().facts;
            change.touched.lists.extend(needs.lists.iter().cloned());
            let mut cause = Cause::Event;
            if e.kind == "identify" {
                change.touched.traits.extend(needs.traits.iter().cloned());
                cause = Cause::Trait;
            }
            if (needs.consents || needs.suppressed) && speaks_of_consent(e) {
                change.touched.consents = true;
                // A consent may let somebody in again.
                change.touched.suppressed = true;
                cause = Cause::Consent;
            }
            if e.flags & FLAG_REPLAYED != 0 {
                cause = Cause::Replay;
            }
            change.because(cause);
            change.events.push(e);
        }
        Ok(())
    }

    fn write(mut self, tx: &mut Tx<'_>, ready: Option<&Ready>) -> Stored<()> {
        self.leave_out(tx)?;
        let persons: Vec<PersonId> = self.people.keys().copied().collect();
        let now = self.app.now();
        let stored: HashMap<PersonId, rows::BehaviourRow> =
            rows::behaviours(tx, &persons)?.into_iter().map(|b| (b.person, b)).collect();
        let mut states: HashMap<PersonId, Behaviour> = HashMap::with_capacity(persons.len());
        let mut changed: HashSet<PersonId> = HashSet::new();
        let mut unreadable: Vec<Dirty> = Vec::new();
        for (person, change) in &mut self.people {
            let mut behaviour = if change.rebuilt {
                changed.insert(*person);
                ready.and_then(|r| r.rebuilt.people.get(person)).cloned().unwrap_or_default()
            } else {
                match stored.get(person).map(|row| self.force.read(row)) {
                    Some(None) => {
                        tracing::error!(%person, "what is kept of a person's behaviour cannot be read; it is read anew");
                        let (seq, cause) = (self.app.ids.next(), Cause::Event.as_str().into());
                        unreadable.push(Dirty { person: *person, seq, what: What::Events as i64, cause });
                        continue;
                    }
                    Some(Some(b)) => b,
                    None => Behaviour::default(),
                }
            };
            for joined in change.joined.drain(..).filter(|_| !change.rebuilt) {
                behaviour.merge(joined);
                changed.insert(*person);
            }
            for e in &change.events {
                if let Some(facts) = self.lookup.hot(e)
                    && self.force.program.occur(&facts, &mut behaviour, &mut change.touched)
                {
                    changed.insert(*person);
                }
            }
            states.insert(*person, behaviour);
        }
        rows::dirty_mark(tx, &unreadable)?;
        let evaluated = self.evaluate(tx, &states, now)?;
        let mut out = Vec::new();
        let mut empty = self.gone.clone();
        for person in changed {
            let Some(behaviour) = states.remove(&person) else { continue };
            match self.force.row(person, behaviour, now) {
                Some(row) => out.push(row),
                None => empty.push(person),
            }
        }
        out.sort_by_key(|r| r.person);
        rows::dirty_clear(tx, &self.done)?;
        rows::people_forget(tx, &self.gone)?;
        rows::behaviours_put(tx, &out)?;
        rows::behaviours_delete(tx, &empty)?;
        super::build::note_moves(tx, self.people.iter().filter(|(_, c)| c.moved).map(|(p, _)| *p))?;
        settle::write(tx, self.app, &self.force, evaluated)
    }

    /// Nothing is said of whoever is erased, nor of whoever waits to be read anew.
    fn leave_out(&mut self, tx: &mut Tx<'_>) -> Stored<()> {
        let lines: Vec<_> = self.people.keys().map(|p| own_line(*p)).collect();
        for line in history::erased_among(tx, &lines)? {
            self.people.remove(&PersonId::new(line.get()));
        }
        let persons: Vec<PersonId> = self.people.keys().copied().collect();
        for d in rows::dirty_of(tx, &persons)?.into_iter().filter(|d| d.what == What::Events as i64) {
            let waits = self.people.get(&d.person).is_some_and(|c| !c.rebuilt);
            if waits {
                // What was carried over to it must not be lost: it is in both until it is looked at.
                if let Some(change) = self.people.remove(&d.person) {
                    settle::carry(tx, &change.carried, d.person)?;
                }
            }
        }
        Ok(())
    }

    fn evaluate(
        &self,
        tx: &mut Tx<'_>,
        states: &HashMap<PersonId, Behaviour>,
        now: Timestamp,
    ) -> Stored<Vec<Evaluated>> {
        let program = &self.force.program;
        let looked: BTreeSet<PersonId> = self
            .people
            .iter()
            .filter(|(p, c)| !c.touched.is_empty() && states.contains_key(p))
            .map(|(p, _)| *p)
            .collect();
        let persons: Vec<PersonId> = looked.into_iter().collect();
        let known = facts::load(tx, self.app, &program.needs().facts, &persons)?;
        let mut out = Vec::with_capacity(persons.len());
        for person in persons {
            let (Some(change), Some(behaviour), Some(facts)) =
                (self.people.get(&person), states.get(&person), known.get(&person))
            else {
                continue;
            };
            let full = change.touched.everything;
            let outcome = if full {
                program.evaluate(facts, behaviour, now)
            } else {
                program.evaluate_touched(&change.touched, facts, behaviour, now)
            };
            let cause = change.cause.unwrap_or(Cause::Event);
            out.push(Evaluated { person, outcome, full, cause, at: now, carried: change.carried.clone() });
        }
        Ok(out)
    }
}

fn cause_of(text: &str) -> Cause {
    const ALL: [Cause; 13] = [
        Cause::Event,
        Cause::Timer,
        Cause::Trait,
        Cause::Tag,
        Cause::Stage,
        Cause::Consent,
        Cause::Merge,
        Cause::Unmerge,
        Cause::Erasure,
        Cause::List,
        Cause::Prediction,
        Cause::Definition,
        Cause::Replay,
    ];
    ALL.into_iter().find(|c| c.as_str() == text).unwrap_or(Cause::Event)
}

/// Whether an event says something about consent.
fn speaks_of_consent(e: &HotEvent) -> bool {
    let object = |t: &str| serde_json::from_str::<throughline_domain::event::Object>(t).unwrap_or_default();
    let named = e.name.contains("onsent") || e.name.contains("ubscribed") || e.name.contains("Spam");
    (named || e.name == "Push Notification Disabled")
        && !throughline_domain::person::consent::from_event(&e.name, &object(&e.properties), &object(&e.context))
            .is_empty()
}
