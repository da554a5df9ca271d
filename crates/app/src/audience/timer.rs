//! Moves people at the instant a definition changes for them though nothing happens: a window slides past, a grant ends,
//! a day begins. Sleeps until the next such instant; whoever sets an earlier one wakes it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use throughline_base::{PersonId, Timestamp};
use throughline_domain::audience::Behaviour;
use throughline_store::audience as rows;
use throughline_store::{Tx, history};

use super::force::InForce;
use super::mark::{Cause, What};
use super::rebuild::own_line;
use super::settle::{self, Evaluated};
use super::{Stored, facts};
use crate::background::Watch;
use crate::{App, Result};

/// People of one transaction.
const STEP: u32 = 200;
/// The longest sleep: a clock that was set, or an instant that another process set, is noticed after this.
const AT_MOST: Duration = Duration::from_secs(10);

/// Follows the clock until the process stops.
pub(crate) fn follow(app: &Arc<App>, mut watch: Watch) {
    while !watch.is_stopping() {
        match app.audience_timers_once().and_then(|n| Ok((n, app.audience_next_due()?))) {
            Ok((n, _)) if n == STEP as usize => {}
            Ok((_, next)) => watch.sleep(next),
            Err(e) => {
                tracing::warn!(error = %e, "audiences could not be brought up to date with the clock; trying again");
                watch.sleep(Duration::from_secs(1));
            }
        }
    }
}

impl App {
    /// Looks at people whose instant has come, one step; answers how many.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn audience_timers_once(&self) -> Result<usize> {
        let now = self.now();
        if self.db.read(|tx| rows::due(tx, now, 1))?.is_empty() {
            return Ok(0);
        }
        Ok(self.db.write(|tx| {
            let now = self.now();
            let due = rows::due(tx, now, STEP)?;
            let force = self.audiences_in(tx)?;
            let at: Vec<(PersonId, Timestamp)> = due.clone();
            let evaluated = evaluate_all(tx, self, &force, &at, Cause::Timer)?;
            // Whoever cannot be looked at now has no instant: it gets one when it can be.
            let left: Vec<(PersonId, Option<Timestamp>)> = due
                .iter()
                .filter(|(p, _)| !evaluated.iter().any(|e| e.person == *p))
                .map(|(p, _)| (*p, None))
                .collect();
            rows::due_put(tx, &left)?;
            if let Some((_, first)) = due.first() {
                self.audiences.latest_timer_ms.fetch_max(now.since(*first), Ordering::Relaxed);
            }
            settle::write(tx, self, &force, evaluated)?;
            Ok(due.len())
        })?)
    }

    /// Looks at everybody whose instant has come; for tests and tools.
    ///
    /// # Errors
    /// As [`App::audience_timers_once`].
    pub fn audience_timers_all(&self) -> Result<()> {
        while self.audience_timers_once()? > 0 {}
        Ok(())
    }

    fn audience_next_due(&self) -> Result<Duration> {
        // Whoever sets an instant while this is read wakes us, whatever it is.
        self.audiences.next_due.store(i64::MAX, Ordering::SeqCst);
        let next = self.db.read(rows::due_next)?;
        self.audiences.next_due.store(next.map_or(i64::MAX, Timestamp::ms), Ordering::SeqCst);
        let ms = next.map_or(i64::MAX, |at| at.since(self.now()).max(1));
        Ok(Duration::from_millis(u64::try_from(ms).unwrap_or(1)).min(AT_MOST))
    }

    /// To be called after the commit of evaluations: wakes the timers when an instant was set that comes before the one
    /// they wait for.
    pub(crate) fn audience_committed(&self) {
        let soonest = self.audiences.soonest.swap(i64::MAX, Ordering::SeqCst);
        if soonest < self.audiences.next_due.load(Ordering::SeqCst) {
            self.tasks.nudge();
        }
    }
}

/// Evaluates every part for people, each with the instant at which whatever changed did. Whoever is erased or waits to be
/// read anew is left out.
pub(super) fn evaluate_all(
    tx: &mut Tx<'_>,
    app: &App,
    force: &InForce,
    people: &[(PersonId, Timestamp)],
    cause: Cause,
) -> Stored<Vec<Evaluated>> {
    let persons: Vec<PersonId> = people.iter().map(|(p, _)| *p).collect();
    let lines: Vec<_> = persons.iter().map(|p| own_line(*p)).collect();
    let erased = history::erased_among(tx, &lines)?;
    let waiting: Vec<PersonId> =
        rows::dirty_of(tx, &persons)?.into_iter().filter(|d| d.what != What::Facts as i64).map(|d| d.person).collect();
    let looked: Vec<PersonId> =
        persons.into_iter().filter(|p| !erased.contains(&own_line(*p)) && !waiting.contains(p)).collect();
    let mut states: std::collections::HashMap<PersonId, Behaviour> =
        rows::behaviours(tx, &looked)?.into_iter().filter_map(|row| Some((row.person, force.read(&row)?))).collect();
    let known = facts::load(tx, app, &force.program.needs().facts, &looked)?;
    let now = app.now();
    let mut out = Vec::with_capacity(looked.len());
    for (person, at) in people.iter().filter(|(p, _)| looked.contains(p)) {
        let Some(facts) = known.get(person) else { continue };
        let behaviour = states.remove(person).unwrap_or_default();
        let outcome = force.program.evaluate(facts, &behaviour, now);
        out.push(Evaluated { person: *person, outcome, full: true, cause, at: *at, carried: Vec::new() });
    }
    Ok(out)
}
