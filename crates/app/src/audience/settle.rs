//! Writes what evaluations came to: members, values, due instants, sizes, and a note on each person who came or went.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;

use serde_json::json;
use throughline_base::time::HOUR_MS;
use throughline_base::{AudienceVersionId, EventId, PersonId, SourceId, Timestamp};
use throughline_domain::audience::{ENTERED, EXITED, Outcome};
use throughline_store::Tx;
use throughline_store::audience::{self as rows, Hour, Membership};
use throughline_store::event::{self as events, HotEvent, SourceDay};

use super::Stored;
use super::force::{Followed, InForce};
use super::mark::Cause;
use super::rebuild::own_line;
use crate::App;
use crate::meter::Meter;

/// One person, evaluated.
#[derive(Debug)]
pub(super) struct Evaluated {
    pub(super) person: PersonId,
    pub(super) outcome: Outcome,
    /// Every part was evaluated.
    pub(super) full: bool,
    pub(super) cause: Cause,
    /// When whatever changed, changed.
    pub(super) at: Timestamp,
    /// What persons were in who are part of this one now.
    pub(super) carried: Vec<Membership>,
}

/// A person came to an audience or went from it.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) person: PersonId,
    pub(super) entered: bool,
    pub(super) key: String,
    pub(super) number: i64,
    pub(super) cause: Cause,
    pub(super) at: Timestamp,
}

/// Hands memberships over to the person that the former member is part of now.
pub(super) fn carry(tx: &mut Tx<'_>, carried: &[Membership], to: PersonId) -> Stored<()> {
    let mine: Vec<AudienceVersionId> = rows::memberships_of(tx, &[to])?.iter().map(|m| m.version).collect();
    let mut new: BTreeMap<AudienceVersionId, Membership> = BTreeMap::new();
    for m in carried.iter().filter(|m| !mine.contains(&m.version)) {
        new.entry(m.version).or_insert_with(|| Membership { person: to, ..m.clone() });
    }
    for version in new.keys() {
        rows::size_add(tx, *version, 1)?;
    }
    rows::members_put(tx, &new.into_values().collect::<Vec<_>>()).map(drop)
}

/// Writes the difference between what is stored and what evaluations came to.
pub(super) fn write(tx: &mut Tx<'_>, app: &App, force: &InForce, all: Vec<Evaluated>) -> Stored<()> {
    let persons: Vec<PersonId> = all.iter().map(|e| e.person).collect();
    let mut w = Writer::of(tx, force, &persons)?;
    for e in &all {
        w.person(e);
    }
    w.flush(tx, app)
}

struct Writer<'f> {
    force: &'f InForce,
    members: HashMap<PersonId, Vec<Membership>>,
    values: HashMap<(PersonId, AudienceVersionId), String>,
    due: HashMap<PersonId, Timestamp>,
    put: Vec<Membership>,
    deleted: Vec<(AudienceVersionId, PersonId)>,
    values_put: Vec<(PersonId, AudienceVersionId, String)>,
    values_deleted: Vec<(PersonId, AudienceVersionId)>,
    due_put: Vec<(PersonId, Option<Timestamp>)>,
    /// By version: came and went.
    sizes: BTreeMap<AudienceVersionId, (i64, i64)>,
    notes: Vec<Note>,
}

impl<'f> Writer<'f> {
    fn of(tx: &mut Tx<'_>, force: &'f InForce, persons: &[PersonId]) -> Stored<Self> {
        let mut members: HashMap<PersonId, Vec<Membership>> = HashMap::new();
        for m in rows::memberships_of(tx, persons)? {
            members.entry(m.person).or_default().push(m);
        }
        let values = rows::computed_of(tx, persons)?.into_iter().map(|(p, v, text)| ((p, v), text)).collect();
        let due = rows::due_of(tx, persons)?.into_iter().collect();
        Ok(Self {
            force,
            members,
            values,
            due,
            put: Vec::new(),
            deleted: Vec::new(),
            values_put: Vec::new(),
            values_deleted: Vec::new(),
            due_put: Vec::new(),
            sizes: BTreeMap::new(),
            notes: Vec::new(),
        })
    }

    fn person(&mut self, e: &Evaluated) {
        for (id, holds) in &e.outcome.members {
            if let Some(part) = self.force.parts.get(id).filter(|p| p.complete) {
                self.membership(e, part, *holds);
            }
        }
        for (id, value) in &e.outcome.computed {
            if let Some(part) = self.force.parts.get(id).filter(|p| p.complete) {
                self.value(e.person, part.version, value.as_ref());
            }
        }
        let known = self.due.get(&e.person).copied();
        let due = match (e.full, known, e.outcome.changes_at) {
            (true, _, next) => next,
            (false, Some(a), Some(b)) => Some(a.min(b)),
            (false, a, b) => a.or(b),
        };
        if due != known {
            self.due_put.push((e.person, due));
        }
    }

    fn membership(&mut self, e: &Evaluated, part: &Followed, holds: bool) {
        let own = self.members.get(&e.person).and_then(|all| all.iter().find(|m| m.version == part.version));
        let carried = e.carried.iter().filter(|m| m.version == part.version).min_by_key(|m| m.since_at);
        // Until everybody was looked at, whoever comes or goes does so by the definition.
        let cause = if part.unsettled { Cause::Definition } else { e.cause };
        let note =
            |entered| Note { person: e.person, entered, key: part.key.clone(), number: part.number, cause, at: e.at };
        // What a change of a definition alone brings about is told only when somebody asks for it.
        let told = part.live && cause != Cause::Definition;
        let size = self.sizes.entry(part.version).or_default();
        match (own, carried, holds) {
            (None, _, true) => {
                let (since_at, cause) = carried.map_or((e.at, cause.as_str()), |m| (m.since_at, m.cause.as_str()));
                size.0 += 1;
                self.put.push(Membership {
                    version: part.version,
                    person: e.person,
                    since_at,
                    cause: cause.to_owned(),
                });
                if carried.is_none() && told {
                    self.notes.push(note(true));
                }
            }
            (Some(_), _, false) => {
                size.1 += 1;
                self.deleted.push((part.version, e.person));
                if told {
                    self.notes.push(note(false));
                }
            }
            (None, Some(_), false) if told => self.notes.push(note(false)),
            (Some(_), _, true) | (None, _, false) => {}
        }
    }

    fn value(&mut self, person: PersonId, version: AudienceVersionId, value: Option<&serde_json::Value>) {
        let known = self.values.get(&(person, version));
        let text = value.filter(|v| !v.is_null()).map(ToString::to_string);
        match (known, text) {
            (Some(old), Some(new)) if *old == new => {}
            (old, Some(new)) => {
                if old.is_none() {
                    self.sizes.entry(version).or_default().0 += 1;
                }
                self.values_put.push((person, version, new));
            }
            (Some(_), None) => {
                self.sizes.entry(version).or_default().1 += 1;
                self.values_deleted.push((person, version));
            }
            (None, None) => {}
        }
    }

    fn flush(self, tx: &mut Tx<'_>, app: &App) -> Stored<()> {
        rows::members_put(tx, &self.put)?;
        rows::members_delete(tx, &self.deleted)?;
        let moved: BTreeSet<PersonId> =
            self.put.iter().map(|m| m.person).chain(self.deleted.iter().map(|(_, person)| *person)).collect();
        crate::destination::touched(tx, app, &moved.into_iter().collect::<Vec<_>>())?;
        rows::computed_put(tx, &self.values_put)?;
        rows::computed_delete(tx, &self.values_deleted)?;
        rows::due_put(tx, &self.due_put)?;
        let hour = app.now().ms().div_euclid(HOUR_MS);
        for (version, (came, went)) in self.sizes.into_iter().filter(|(_, n)| *n != (0, 0)) {
            let size = rows::size_add(tx, version, came - went)?;
            if let Some(part) = self.force.parts.get(&version.get()).filter(|p| p.live) {
                rows::hours_add(tx, part.owner, Hour { hour, size, entered: came, exited: went })?;
            }
        }
        Meter::add(&app.audiences.changes, (self.put.len() + self.deleted.len()) as u64);
        notes(tx, app, self.force.source, &self.notes)?;
        let soonest = self.due_put.iter().filter_map(|(_, at)| *at).min();
        app.audiences.soonest.fetch_min(soonest.map_or(i64::MAX, Timestamp::ms), Ordering::Relaxed);
        Ok(())
    }
}

/// Puts the notes on the lines of the people they are about, as events.
pub(super) fn notes(tx: &mut Tx<'_>, app: &App, source: Option<SourceId>, notes: &[Note]) -> Stored<()> {
    let (Some(source), false) = (source, notes.is_empty()) else { return Ok(()) };
    // Ids grow in the order of commits, whichever process wrote last: see the writer of events.
    app.ids.advance_past(events::newest(tx)?.get());
    let names = [events::name_intern(tx, ENTERED)?, events::name_intern(tx, EXITED)?];
    let received_at = app.now();
    let hot: Vec<HotEvent> = notes
        .iter()
        .map(|n| {
            let id = EventId::new(app.ids.next());
            let (name, name_id) = if n.entered { (ENTERED, names[0]) } else { (EXITED, names[1]) };
            HotEvent {
                id,
                line: own_line(n.person),
                event_at: n.at,
                received_at,
                source_id: source,
                kind: "track".into(),
                name: name.into(),
                name_id,
                touch_id: 0,
                value_minor: None,
                currency: None,
                order_id: None,
                message_id: format!("audience:{id}"),
                flags: 0,
                properties: json!({ "audience": n.key, "version": n.number, "cause": n.cause.as_str() }).to_string(),
                traits: "{}".into(),
                context: "{}".into(),
            }
        })
        .collect();
    events::hot_insert(tx, &hot)?;
    let n = hot.len() as i64;
    events::counter_add(tx, "events", n)?;
    let day = SourceDay { day: received_at.day(), source_id: source, events: n, quarantined: 0 };
    events::days_count(tx, &[day], received_at)?;
    Ok(())
}
