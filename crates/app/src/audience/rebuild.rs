//! Behaviour read anew from the history: for people whose events are other ones than before.

use std::collections::HashMap;

use throughline_base::{EventId, IdentifierId, PersonId, Timestamp};
use throughline_domain::audience::{Behaviour, Touched};
use throughline_lake::{LakeRow, PersonRead, Snapshot};
use throughline_store::event::{self as events, HotEvent};

use super::deed::Lookup;
use super::force::InForce;
use crate::person::Lines;
use crate::{App, Result, react};

/// Sealed rows read at once.
const READ: usize = 5_000;

/// Behaviour as it was when the follower stood at `cursor`.
#[derive(Debug)]
pub(super) struct Rebuilt {
    pub(super) cursor: EventId,
    pub(super) people: HashMap<PersonId, Behaviour>,
}

/// Reads the behaviour of people from the history, up to where the follower stands.
pub(super) fn read(app: &App, force: &InForce, lookup: &Lookup, persons: &[PersonId]) -> Result<Rebuilt> {
    let everything = (Timestamp::from_ms(i64::MIN), (Timestamp::from_ms(i64::MAX), EventId::new(i64::MAX)));
    let (cursor, names, found, snapshot, sealed) = app.db.read(|tx| {
        let mut found: Vec<(PersonId, Lines, Vec<HotEvent>)> = Vec::with_capacity(persons.len());
        for person in persons {
            let lines = Lines::load(tx, *person)?;
            let hot = events::hot_of_lines(tx, &lines.all(), everything.0, everything.1, u32::MAX)?;
            found.push((*person, lines, hot));
        }
        let sealed = events::sealed_through(tx)?;
        Ok((react::cursor(tx)?, events::names(tx)?, found, app.sealed_snapshot(tx)?, sealed))
    })?;
    let name_ids = force.name_ids(&names);
    let mut people = HashMap::with_capacity(found.len());
    for (person, lines, hot) in found {
        let mut behaviour = Behaviour::default();
        let mut touched = Touched::default();
        for e in hot.iter().filter(|e| e.id <= cursor && lines.owns(e.line, e.event_at)) {
            if let Some(facts) = lookup.hot(e) {
                force.program.occur(&facts, &mut behaviour, &mut touched);
            }
        }
        // Events of a line come after the line itself: one younger than the watermark has no sealed events.
        if lines.all().iter().any(|l| EventId::new(l.get()) <= sealed) {
            sealed_rows(app, &snapshot, person, name_ids.as_ref(), |r| {
                if r.event_id <= cursor.get()
                    && let Some(facts) = lookup.row(r)
                {
                    force.program.occur(&facts, &mut behaviour, &mut touched);
                }
            })?;
        }
        people.insert(person, behaviour);
    }
    Ok(Rebuilt { cursor, people })
}

/// Gives every sealed row of a person to `each`, oldest first.
fn sealed_rows(
    app: &App,
    snapshot: &Snapshot,
    person: PersonId,
    name_ids: Option<&Vec<i32>>,
    mut each: impl FnMut(&LakeRow),
) -> Result<()> {
    let mut after = None;
    loop {
        let read = PersonRead {
            after,
            newest_first: false,
            name_ids: name_ids.cloned(),
            ..PersonRead::newest(person.get(), READ)
        };
        let page = app.lake.read_person(snapshot, &read)?;
        page.iter().for_each(&mut each);
        if page.len() < READ {
            return Ok(());
        }
        after = page.last().map(|r| (r.event_at, r.event_id));
    }
}

/// The line that a person is named after.
pub(super) const fn own_line(person: PersonId) -> IdentifierId {
    IdentifierId::new(person.get())
}
