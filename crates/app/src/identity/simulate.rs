//! What changed rules would make of the people there are, before they apply.
//!
//! On a large database that takes minutes, so it is a job: begun, looked at until it is done, stopped by whoever does not
//! want it any more. The latest one is kept, as ids only: what it found names nobody after an erasure. It is read part by
//! part, each a moment of its own, so that it holds up nothing; one that was cut short begins anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_base::id::JobId;
use throughline_base::{IdentifierId, PersonId, Problem};
use throughline_domain::identity::Graph;
use throughline_domain::identity::simulate::difference;
use throughline_store::job::{self, Job, JobState, NewJob};
use throughline_store::{Tx, event, identity as store, person as people};

use super::explain::Named;
use super::part::{Part, Walk};
use crate::background::Watch;
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// Examples shown of each kind.
pub const SAMPLE: usize = 20;
/// Not the queue of changes that apply: those must not wait for somebody's simulation.
const QUEUE: &str = "simulate";
const KIND: &str = "identity.simulate";
const LEASE_MS: i64 = 60_000;
/// The setting that keeps the latest one.
const LATEST: &str = "identity_simulation";
/// How often it says how far it is, and hears whether it is wanted.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// A person that would fall apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The person.
    pub person: PersonId,
    /// The identifiers of each part.
    pub into: Vec<Vec<IdentifierId>>,
}

/// The difference between two sets of rules over the same evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesDiff {
    /// People before; devices that nobody owns do not count.
    pub people_before: i64,
    /// People after.
    pub people_after: i64,
    /// People that would fall apart.
    pub split: i64,
    /// People that would be joined out of several.
    pub joined: i64,
    /// Events whose person would be another one.
    pub events_affected: i64,
    /// Some that would fall apart, the oldest first.
    pub splits: Vec<Split>,
    /// Some that would be joined, each with the people it would be made of.
    pub joins: Vec<Vec<PersonId>>,
}

/// Where a simulation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Begun; nobody works on it yet.
    Waiting,
    /// Under way.
    Running,
    /// Over: here is the difference.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// Its job was given up and says why. Bringing that back brings this back.
    Failed,
}

impl Stage {
    const fn is_wanted(self) -> bool {
        match self {
            Self::Waiting | Self::Running | Self::Failed => true,
            Self::Done | Self::Stopped => false,
        }
    }
}

/// A simulation as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    id: JobId,
    stage: Stage,
    done: i64,
    total: i64,
    /// Until it is over.
    rules: Value,
    diff: Option<RulesDiff>,
}

/// A simulation as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// By which it is asked for.
    pub id: JobId,
    /// Where it stands.
    pub stage: Stage,
    /// Identifiers looked at.
    pub done: i64,
    /// Identifiers there are.
    pub total: i64,
    /// What it found, once it is done.
    pub diff: Option<RulesDiff>,
    /// The identifiers of its examples.
    pub names: BTreeMap<IdentifierId, Named>,
}

/// The latest one, if it is the one that is meant.
fn kept(tx: &mut Tx<'_>, id: JobId) -> Stored<Option<Kept>> {
    let latest: Option<Kept> = event::setting_get(tx, LATEST)?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(latest.filter(|k| k.id == id))
}

fn keep(tx: &mut Tx<'_>, it: &Kept) -> Stored<()> {
    let text = serde_json::to_string(it).expect("a simulation is plain data");
    event::setting_put(tx, LATEST, &text).map(drop)
}

fn unknown(id: JobId) -> Problem {
    Problem::not_found("simulation_unknown", format!("there is no simulation {id}; another was begun since"))
}

/// Works off simulations until the process stops.
pub(crate) fn work(app: &Arc<App>, mut watch: Watch) {
    let owner = format!("node-{}", app.settings.node);
    let bell = watch.clone();
    let stop = move || bell.is_stopping();
    while !watch.is_stopping() {
        match app.simulation_once(&owner, &stop) {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => tracing::warn!(error = %e, "a simulation of identity rules failed"),
        }
        watch.rest(TELL_EVERY);
    }
}

impl App {
    /// Begins to fold the whole log under other rules and to compare. Nothing is changed. It takes the place of the one
    /// before, which ends.
    ///
    /// # Errors
    /// When the rules are not valid.
    pub fn rules_simulate(&self, rules: &Value) -> Result<Simulation> {
        super::rules::checked(rules)?;
        let begun = self.db.write(|tx| {
            let new = NewJob { max_attempts: 3, ..NewJob::new(QUEUE, KIND, "{}", self.now()) };
            let id = job::enqueue(tx, &self.ids, &new, self.now())?.expect("a job without a dedupe key is enqueued");
            let total = store::nodes_count(tx)?;
            let it = Kept { id, stage: Stage::Waiting, done: 0, total, rules: rules.clone(), diff: None };
            keep(tx, &it)?;
            look(tx, it)
        })?;
        self.tasks.ring();
        Ok(begun)
    }

    /// Where a simulation stands, and what it found.
    ///
    /// # Errors
    /// When another one took its place.
    pub fn rules_simulation(&self, id: JobId) -> Result<Simulation> {
        let found = self.db.read(|tx| kept(tx, id)?.map(|it| look(tx, it)).transpose())?;
        found.ok_or_else(|| unknown(id))
    }

    /// Stops a simulation. One that is over stays as it is.
    ///
    /// # Errors
    /// As [`App::rules_simulation`].
    pub fn rules_simulation_stop(&self, id: JobId) -> Result<()> {
        let found = self.db.write(|tx| {
            let Some(it) = kept(tx, id)? else { return Ok(false) };
            if it.stage.is_wanted() {
                keep(tx, &Kept { stage: Stage::Stopped, rules: Value::Null, ..it })?;
            }
            Ok(true)
        })?;
        if found { Ok(()) } else { Err(unknown(id)) }
    }

    /// Works off every simulation that waits; for tests and tools.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn rules_simulate_all(&self) -> Result<()> {
        while self.simulation_once("cli", &|| false)? {}
        Ok(())
    }

    /// Works off one simulation; `false` when none waits.
    fn simulation_once(&self, owner: &str, stop: &dyn Fn() -> bool) -> Result<bool> {
        // Leasing writes; looking does not.
        if self.db.read(|tx| job::next_at(tx, QUEUE))?.is_none_or(|at| at > self.now()) {
            return Ok(false);
        }
        let Some(leased) = job::lease(&self.db, QUEUE, owner, self.now(), LEASE_MS, 1)?.pop() else { return Ok(false) };
        if let Err(e) = self.simulation_run(&leased, stop) {
            // Nobody waits for hours to see what a simulation gives: whoever asked is told, and asks again.
            let text = format!("{}: {}", e.code, e.detail);
            self.db.write(|tx| job::bury(tx, &leased, &text, self.now()))?;
            return Err(e);
        }
        Ok(true)
    }

    fn simulation_run(&self, leased: &Job, stop: &dyn Fn() -> bool) -> Result<()> {
        let (mut walk, mut diff) = (Walk::default(), RulesDiff::default());
        let Some(rules) = self.simulation_tell(leased, &walk)? else { return self.simulation_over(leased, None) };
        let rules = super::rules::checked(&rules)?;
        let mut told = Instant::now();
        while let Some(seeds) = self.db.read(|tx| walk.seeds(tx))? {
            if stop() {
                return Ok(self.db.write(|tx| job::release(tx, leased, self.now()))?);
            }
            self.db.read(|tx| {
                let part = Part::around(tx, seeds)?;
                walk.note(&part);
                let after = part.refold(&rules, &mut || self.ids.next()).graph;
                let lines: Vec<IdentifierId> = part.moved(&after).into_iter().map(|(line, _, _)| line).collect();
                diff.events_affected += people::line_stats(tx, &lines)?.iter().map(|s| s.events).sum::<i64>();
                diff.add(&part.graph, &after);
                Ok(())
            })?;
            if told.elapsed() >= TELL_EVERY {
                if self.simulation_tell(leased, &walk)?.is_none() {
                    return self.simulation_over(leased, None);
                }
                told = Instant::now();
            }
        }
        self.simulation_over(leased, Some(diff))
    }

    /// Says how far it is; answers the rules, or `None` when nobody wants it any more.
    fn simulation_tell(&self, leased: &Job, walk: &Walk) -> Result<Option<Value>> {
        if !job::heartbeat(&self.db, leased, self.now(), LEASE_MS)? {
            return Err(Problem::conflict("lease_lost", "another worker took the job over"));
        }
        Ok(self.db.write(|tx| {
            let Some(it) = kept(tx, leased.id)?.filter(|it| it.stage.is_wanted()) else { return Ok(None) };
            // What arrives meanwhile is looked at as well.
            let it = Kept { stage: Stage::Running, done: walk.done.min(it.total), ..it };
            keep(tx, &it)?;
            Ok(Some(it.rules))
        })?)
    }

    fn simulation_over(&self, leased: &Job, diff: Option<RulesDiff>) -> Result<()> {
        Ok(self.db.write(|tx| {
            if let (Some(diff), Some(it)) = (&diff, kept(tx, leased.id)?.filter(|it| it.stage.is_wanted())) {
                let diff = Some(diff.clone());
                keep(tx, &Kept { stage: Stage::Done, done: it.total, rules: Value::Null, diff, ..it })?;
            }
            job::complete(tx, leased, self.now())
        })?)
    }
}

fn look(tx: &mut Tx<'_>, it: Kept) -> Stored<Simulation> {
    let examples = it.diff.iter().flat_map(|d| &d.splits).flat_map(|s| s.into.iter().flatten()).copied();
    let ids: Vec<IdentifierId> = examples.collect();
    let names = store::nodes_by_id(tx, &ids)?.into_iter().map(|n| (n.id, (n.namespace, n.value))).collect();
    let given_up = it.stage.is_wanted() && job::get(tx, it.id)?.is_none_or(|j| j.state == JobState::Dead);
    let stage = if given_up { Stage::Failed } else { it.stage };
    Ok(Simulation { id: it.id, stage, done: it.done, total: it.total, diff: it.diff, names })
}

impl RulesDiff {
    fn add(&mut self, before: &Graph, after: &Graph) {
        let d = difference(before, after);
        self.people_before += d.persons_before as i64;
        self.people_after += d.persons_after as i64;
        self.split += d.split as i64;
        self.joined += d.joined as i64;
        let mut joined: BTreeMap<PersonId, BTreeSet<PersonId>> = BTreeMap::new();
        for person in d.affected {
            let mut into: BTreeMap<PersonId, Vec<IdentifierId>> = BTreeMap::new();
            for n in before.strong_members(person) {
                into.entry(after.person_of(n.id)).or_default().push(n.id);
                joined.entry(after.person_of(n.id)).or_default().insert(person);
            }
            if into.len() > 1 && self.splits.len() < SAMPLE {
                self.splits.push(Split { person, into: into.into_values().collect() });
            }
        }
        for of in joined.into_values().filter(|of| of.len() > 1) {
            if self.joins.len() < SAMPLE {
                self.joins.push(of.into_iter().collect());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;
    use throughline_base::FixedClock;
    use throughline_domain::event::RawEvent;

    use super::*;
    use crate::Settings;
    use crate::team::Caller;

    /// Twelve hundred users, two to an e-mail, which one user per person keeps apart.
    fn app() -> (tempfile::TempDir, Arc<App>, Value) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(1_795_132_800_000));
        let app = App::open(Settings::new(folder.path()), clock).unwrap();
        let source = app.source_create(&Caller::cli(), "server", "server", None).unwrap().source;
        let raws: Vec<RawEvent> = (0..1_200)
            .map(|i| {
                let email = json!({"namespace": "email", "value": format!("e{}@example.com", i / 2)});
                serde_json::from_value(json!({"kind": "identify", "user_id": format!("u{i}"), "ids": [email]})).unwrap()
            })
            .collect();
        app.collect_wait(app.collect_raw(&source, raws, app.now())).unwrap();
        let mut rules = app.identity_rules().unwrap().rules;
        rules.namespaces[0].max_per_person = None;
        (folder, app, serde_json::to_value(rules).unwrap())
    }

    #[test]
    fn a_simulation_that_a_stop_cut_short_begins_anew_and_counts_nobody_twice() {
        let (_folder, app, rules) = app();
        let begun = app.rules_simulate(&rules).unwrap();
        assert_eq!((begun.stage, begun.done, begun.total), (Stage::Waiting, 0, 1_800));
        let asked = Cell::new(0);
        let third_time = || {
            asked.set(asked.get() + 1);
            asked.get() == 3
        };
        assert!(app.simulation_once("a", &third_time).unwrap());
        assert_eq!(app.rules_simulation(begun.id).unwrap().stage, Stage::Running);
        app.rules_simulate_all().unwrap();
        let over = app.rules_simulation(begun.id).unwrap();
        let diff = over.diff.unwrap();
        assert_eq!((over.stage, over.done), (Stage::Done, 1_800));
        assert_eq!((diff.people_before, diff.people_after, diff.joined, diff.split), (1_200, 600, 600, 0));
        app.close();
    }

    #[test]
    fn a_simulation_that_nobody_wants_any_more_ends_and_one_that_broke_says_so() {
        let (_folder, app, rules) = app();
        let first = app.rules_simulate(&rules).unwrap().id;
        let second = app.rules_simulate(&rules).unwrap().id;
        assert_eq!(app.rules_simulation(first).unwrap_err().code, "simulation_unknown");
        app.rules_simulation_stop(second).unwrap();
        app.rules_simulate_all().unwrap();
        let stopped = app.rules_simulation(second).unwrap();
        assert_eq!((stopped.stage, stopped.diff), (Stage::Stopped, None));
        // What a person sees when the worker cannot go on, and after bringing the job back.
        let third = app.rules_simulate(&rules).unwrap().id;
        let leased = job::lease(&app.db, QUEUE, "a", app.now(), LEASE_MS, 1).unwrap().pop().unwrap();
        app.db.write(|tx| job::bury(tx, &leased, "the disk is gone", app.now())).unwrap();
        assert_eq!(app.rules_simulation(third).unwrap().stage, Stage::Failed);
        app.job_requeue(&Caller::cli(), third).unwrap();
        app.rules_simulate_all().unwrap();
        assert_eq!(app.rules_simulation(third).unwrap().stage, Stage::Done);
        assert!(app.jobs(None, None, 10).unwrap().items.iter().all(|j| j.state == JobState::Done));
        app.close();
    }
}
