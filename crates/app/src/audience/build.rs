//! Builds what is new: reads the history for it while the log goes on being followed, then looks at everybody.
//!
//! A run begins by following what it is for anew from the follower's place on, so that the history up to that place and
//! what the follower takes in behind it are two parts without gap or overlap, whatever was done before. Both parts join in
//! any order. People whose identifiers move meanwhile are read anew one by one at the end. How far a run is, is stored
//! with what it did: a server that dies goes on where it was.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use throughline_base::{EventId, PersonId, Problem, Rng, Timestamp};
use throughline_domain::audience::{Behaviour, Facts};
use throughline_store::audience::{self as rows, Dirty, Track, VersionRow, VersionState};
use throughline_store::job::{self, Backoff, Job, NewJob};
use throughline_store::{Tx, event as events, history, identity, person as people};

use super::force::{self, InForce};
use super::mark::{Cause, What};
use super::rebuild::own_line;
use super::scan::{self, Pass};
use super::{Stored, define, settle, timer};
use crate::background::Watch;
use crate::meter::Meter;
use crate::{App, Result, react};

const QUEUE: &str = "audience";
const KIND: &str = "build";
/// A worker that says nothing for so long is taken for dead.
const LEASE_MS: i64 = 6_000;
const HEARTBEAT: Duration = Duration::from_secs(1);
const RUN: &str = "audience_build";
/// People of one transaction.
const STEP: usize = 300;
/// Rows of what is over that go away in one transaction.
const CLEAR: u32 = 2_000;

/// What a run is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The history is read.
    History,
    /// People whose identifiers moved meanwhile are read anew.
    Moved,
    /// Everybody is looked at.
    People,
}

/// How far building is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRun {
    /// What it is at.
    pub phase: Phase,
    /// People done in this phase.
    pub done: i64,
    /// People in all.
    pub total: i64,
    /// The history is read up to this event.
    cursor: i64,
    /// The last person done.
    reached: i64,
    /// What is read, by key.
    keys: Vec<u64>,
    /// Versions that are built.
    versions: Vec<i64>,
}

fn run(tx: &mut Tx<'_>) -> Stored<Option<BuildRun>> {
    Ok(events::setting_get(tx, RUN)?.and_then(|t| serde_json::from_str(&t).ok()))
}

fn put(tx: &mut Tx<'_>, run: Option<&BuildRun>) -> Stored<()> {
    let text = run.map_or_else(String::new, |r| serde_json::to_string(r).expect("a run is plain data"));
    events::setting_put(tx, RUN, &text).map(drop)
}

/// Notes people whose identifiers moved, when a history is being read.
pub(super) fn note_moves(tx: &mut Tx<'_>, persons: impl Iterator<Item = PersonId>) -> Stored<()> {
    let persons: Vec<PersonId> = persons.collect();
    if !persons.is_empty() && run(tx)?.is_some_and(|r| r.phase != Phase::People) {
        rows::moved_add(tx, &persons)?;
    }
    Ok(())
}

/// Leaves building to the background, in the transaction of what calls for it.
pub(super) fn enqueue(tx: &mut Tx<'_>, app: &App) -> Stored<()> {
    // Whoever waits already does this as well.
    let waits = job::counts(tx, QUEUE, app.now())?.ready > 0;
    if !waits {
        let new = NewJob {
            partition_key: Some(KIND),
            max_attempts: u32::MAX >> 2,
            ..NewJob::new(QUEUE, KIND, "{}", app.now())
        };
        job::enqueue(tx, &app.ids, &new, app.now())?;
    }
    Ok(())
}

/// Builds until the process stops.
pub(crate) fn work(app: &Arc<App>, mut watch: Watch) {
    let owner = format!("node-{}-{}", app.settings.node, app.ids.next());
    let bell = watch.clone();
    let stop = move || bell.is_stopping();
    while !watch.is_stopping() {
        match app.audience_build_once(&owner, &stop) {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => tracing::error!(error = %e, "audiences could not be built; it is tried again"),
        }
        match app.audience_clear_step() {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => tracing::warn!(error = %e, "what is over of audiences could not be removed; trying again"),
        }
        watch.wait(Duration::from_millis(500));
    }
}

impl App {
    /// Builds everything that waits to be built, following the log as needed; for tests and tools.
    ///
    /// # Errors
    /// When the store or the history cannot be read or written.
    pub fn audience_build_all(&self) -> Result<()> {
        while self.audience_build_once("cli", &|| false)? {}
        while self.audience_clear_step()? {}
        Ok(())
    }

    /// How far building is; `None` when nothing is built.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audience_build_progress(&self) -> Result<Option<BuildRun>> {
        Ok(self.db.read(run)?)
    }

    /// Builds everything that waits, also what a worker that died has still leased; `false` when that takes longer.
    ///
    /// # Errors
    /// As [`App::audience_build_all`].
    pub fn audience_build_wait(&self, at_most: Duration) -> Result<bool> {
        let until = Instant::now() + at_most;
        loop {
            self.audience_build_all()?;
            let waits = self.db.read(|tx| {
                Ok(job::next_at(tx, QUEUE)?.is_some() && !rows::versions_in(tx, &[VersionState::Building])?.is_empty())
            })?;
            if !waits || Instant::now() >= until {
                return Ok(!waits);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn audience_build_once(&self, owner: &str, stop: &(dyn Fn() -> bool + Sync)) -> Result<bool> {
        if self.db.read(|tx| job::next_at(tx, QUEUE))?.is_none_or(|at| at > self.now()) {
            return Ok(false);
        }
        let Some(job) = job::lease(&self.db, QUEUE, owner, self.now(), LEASE_MS, 1)?.pop() else { return Ok(false) };
        match self.audience_build_kept(&job, stop) {
            Ok(true) => {
                self.db.write(|tx| job::complete(tx, &job, self.now()))?;
                self.tasks.ring();
                Ok(true)
            }
            Ok(false) => {
                self.db.write(|tx| job::release(tx, &job, self.now()))?;
                Ok(false)
            }
            Err(e) => {
                Meter::add(&self.audiences.failed_builds, 1);
                let text = format!("{}: {}", e.code, e.detail);
                let mut rng = Rng::seeded(job.id.get() as u64 ^ u64::from(job.attempts));
                let now = self.now();
                self.db.write(|tx| {
                    for v in rows::versions_in(tx, &[VersionState::Building])? {
                        let failed = VersionRow {
                            state: VersionState::Failed,
                            error: Some(text.clone()),
                            failed_at: Some(now),
                            ..v
                        };
                        rows::version_update(tx, &failed)?;
                    }
                    let backoff = Backoff { base_ms: 2_000, max_ms: 300_000, ..Backoff::default() };
                    job::fail(tx, &job, &text, now, &backoff, &mut rng).map(drop)
                })?;
                Err(e)
            }
        }
    }

    /// Works while another thread keeps the lease.
    fn audience_build_kept(&self, job: &Job, stop: &(dyn Fn() -> bool + Sync)) -> Result<bool> {
        let lost = AtomicBool::new(false);
        std::thread::scope(|s| {
            let (over, is_over) = mpsc::channel::<()>();
            let lost = &lost;
            s.spawn(move || {
                while is_over.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                    match job::heartbeat(&self.db, job, self.now(), LEASE_MS) {
                        Ok(kept) => lost.store(!kept, Ordering::Relaxed),
                        Err(e) => tracing::warn!(job = %job.id, error = %e, "the lease could not be kept"),
                    }
                }
            });
            let keep = || {
                if lost.load(Ordering::Relaxed) {
                    return Err(Problem::conflict("lease_lost", "another worker took the job over"));
                }
                Ok(())
            };
            let outcome = self.audience_build(&keep, stop);
            drop(over);
            outcome
        })
    }

    /// Works until nothing is left to build; `false` when it was stopped.
    fn audience_build(&self, keep: &dyn Fn() -> Result<()>, stop: &dyn Fn() -> bool) -> Result<bool> {
        loop {
            let current = match self.db.read(run)? {
                Some(current) => Some(current),
                None => self.db.write(|tx| begin(tx, self))?,
            };
            let Some(current) = current else { return Ok(true) };
            let over = match current.phase {
                Phase::History => self.build_history(current, keep, stop)?,
                Phase::Moved => self.build_moved(current, keep, stop)?,
                Phase::People => self.build_people(current, keep, stop)?,
            };
            if !over {
                return Ok(false);
            }
        }
    }

    /// Reads the history for what is new and joins it to what the follower took in.
    fn build_history(&self, mut run: BuildRun, keep: &dyn Fn() -> Result<()>, stop: &dyn Fn() -> bool) -> Result<bool> {
        let force = self.audiences_now()?;
        let keys: HashSet<u64> = run.keys.iter().copied().collect();
        let reached = run.reached;
        let ask = Pass { program: &force.program, place: 0, buckets: None, up_to: Some(run.cursor()), stop: None };
        let (now, nobody) = (self.now(), Facts::default());
        let mut found: Vec<(PersonId, Vec<u8>)> = scan::scan(self, &ask, |person, scan| {
            let mut behaviour = scan.behaviour(now).clone();
            scan.is_in(&nobody, now);
            behaviour.retain(|key| keys.contains(&key));
            (person.get() > reached && !behaviour.is_empty()).then(|| (person, behaviour.encode()))
        })?;
        found.sort_unstable_by_key(|(p, _)| *p);
        run.total = run.done + found.len() as i64;
        let mut found = found.into_iter().peekable();
        while found.peek().is_some() {
            keep()?;
            if stop() {
                return Ok(false);
            }
            let step: Vec<(PersonId, Vec<u8>)> = found.by_ref().take(STEP).collect();
            run.done += step.len() as i64;
            run.reached = step.last().map_or(run.reached, |(p, _)| p.get());
            let went_on = self.db.write(|tx| {
                let force = self.audiences_in(tx)?;
                if !is_current(tx, &run)? {
                    return Ok(false);
                }
                join(tx, self, &force, step)?;
                put(tx, Some(&run))?;
                Ok(true)
            })?;
            if !went_on {
                return Ok(true);
            }
        }
        self.db.write(|tx| {
            if is_current(tx, &run)? {
                put(tx, Some(&BuildRun { phase: Phase::Moved, done: 0, total: 0, reached: 0, ..run.clone() }))?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// Has people whose identifiers moved meanwhile read anew by the follower, then says that the history is read.
    fn build_moved(&self, mut run: BuildRun, keep: &dyn Fn() -> Result<()>, stop: &dyn Fn() -> bool) -> Result<bool> {
        loop {
            keep()?;
            if stop() {
                return Ok(false);
            }
            let page = self.db.read(|tx| rows::moved(tx, PersonId::new(run.reached), STEP as u32))?;
            let Some(last) = page.last() else { break };
            run.done += page.len() as i64;
            run.reached = last.get();
            self.db.write(|tx| {
                let marks: Vec<Dirty> = page
                    .iter()
                    .map(|person| Dirty {
                        person: *person,
                        seq: self.ids.next(),
                        what: What::Events as i64,
                        cause: Cause::Merge.as_str().into(),
                    })
                    .collect();
                rows::dirty_mark(tx, &marks)?;
                put(tx, Some(&run))
            })?;
        }
        loop {
            keep()?;
            if stop() {
                return Ok(false);
            }
            let over = self.db.write(|tx| {
                if !is_current(tx, &run)? {
                    return Ok(true);
                }
                if rows::dirty_events_any(tx)? {
                    return Ok(false);
                }
                // Whoever moved since the last look is read by the follower with everything it follows.
                finish_history(tx, &run)?;
                Ok(true)
            })?;
            if over {
                return Ok(true);
            }
            // The follower does this as well; whoever comes first.
            self.react_once()?;
            self.audience_marks()?;
        }
    }

    /// Looks at everybody, then puts in force what may be.
    fn build_people(&self, mut run: BuildRun, keep: &dyn Fn() -> Result<()>, stop: &dyn Fn() -> bool) -> Result<bool> {
        loop {
            keep()?;
            if stop() {
                return Ok(false);
            }
            let more = self.db.write(|tx| {
                if !is_current(tx, &run)? {
                    return Ok(false);
                }
                let persons = rows::people_after(tx, PersonId::new(run.reached), STEP as u32)?;
                let Some(last) = persons.last() else {
                    finish(tx, self, &run)?;
                    return Ok(false);
                };
                let force = self.audiences_in(tx)?;
                let now = self.now();
                let at: Vec<(PersonId, Timestamp)> = persons.iter().map(|p| (*p, now)).collect();
                let evaluated = timer::evaluate_all(tx, self, &force, &at, Cause::Timer)?;
                settle::write(tx, self, &force, evaluated)?;
                run.done += persons.len() as i64;
                run.reached = last.get();
                put(tx, Some(&run))?;
                Ok(true)
            })?;
            self.audience_committed();
            if !more {
                return Ok(true);
            }
        }
    }

    /// Removes some rows of versions that are over; says whether there were any.
    fn audience_clear_step(&self) -> Result<bool> {
        let over = self.db.read(|tx| {
            let mut over: Vec<VersionRow> = rows::versions_in(tx, &[VersionState::Retired, VersionState::Stopped])?;
            over.retain(|v| v.size > 0);
            for a in rows::all(tx)?.into_iter().filter(|a| a.state == define::ARCHIVED) {
                over.extend(rows::versions(tx, a.id.get())?.into_iter().filter(|v| v.size > 0));
            }
            Ok(over)
        })?;
        let Some(v) = over.first() else { return Ok(false) };
        self.db.write(|tx| {
            let n = rows::members_clear(tx, v.id, CLEAR)? + rows::computed_clear(tx, v.id, CLEAR)?;
            if n < u64::from(CLEAR) {
                rows::size_set(tx, v.id, 0)?;
            }
            Ok(())
        })?;
        Ok(true)
    }
}

/// Whether the stored run is still the one that is worked on.
fn is_current(tx: &mut Tx<'_>, mine: &BuildRun) -> Stored<bool> {
    Ok(run(tx)?.is_some_and(|r| {
        r.phase == mine.phase && r.cursor == mine.cursor && r.keys == mine.keys && r.versions == mine.versions
    }))
}

/// Begins the next run; `None` when nothing is left to build.
fn begin(tx: &mut Tx<'_>, app: &App) -> Stored<Option<BuildRun>> {
    for v in rows::versions_in(tx, &[VersionState::Failed])? {
        rows::version_update(tx, &VersionRow { state: VersionState::Building, ..v })?;
    }
    let force = app.audiences_in(tx)?;
    let keys: BTreeSet<u64> =
        force.program.tracks().map(|t| t.key).filter(|k| force.tracks.get(k).is_none_or(|t| !t.complete)).collect();
    let (known, anonymous) = people::counts(tx)?;
    let new = BuildRun {
        phase: Phase::History,
        done: 0,
        total: known + anonymous,
        cursor: react::cursor(tx)?.get(),
        reached: 0,
        keys: keys.iter().copied().collect(),
        versions: Vec::new(),
    };
    if !keys.is_empty() {
        // What was taken in so far counts no more: the history is read up to here, and followed from here on.
        let since = force::generation(tx)? + 1;
        let tracks: Vec<Track> = keys.iter().map(|k| Track { key: *k as i64, since, complete: false }).collect();
        rows::tracks_put(tx, &tracks)?;
        rows::moved_clear(tx)?;
        force::register(tx)?;
        put(tx, Some(&new))?;
        return Ok(Some(new));
    }
    let versions: Vec<i64> = force
        .parts
        .values()
        .filter(|p| p.unsettled)
        .map(|p| p.version.get())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if versions.is_empty() {
        return Ok(None);
    }
    let new = BuildRun { phase: Phase::People, cursor: 0, versions, ..new };
    put(tx, Some(&new))?;
    Ok(Some(new))
}

/// Joins what was read of the history to what the follower took in since.
fn join(tx: &mut Tx<'_>, app: &App, force: &InForce, step: Vec<(PersonId, Vec<u8>)>) -> Stored<()> {
    let persons: Vec<PersonId> = step.iter().map(|(p, _)| *p).collect();
    let lines: Vec<_> = persons.iter().map(|p| own_line(*p)).collect();
    let owners: HashMap<_, _> = identity::persons_of_lines(tx, &lines)?.into_iter().collect();
    let erased: HashSet<_> = history::erased_among(tx, &lines)?.into_iter().collect();
    let mut moved: BTreeSet<PersonId> = rows::moved_of(tx, &persons)?.into_iter().collect();
    moved.extend(rows::dirty_of(tx, &persons)?.into_iter().filter(|d| d.what != What::Facts as i64).map(|d| d.person));
    let mut stored: HashMap<PersonId, Behaviour> =
        rows::behaviours(tx, &persons)?.into_iter().filter_map(|row| Some((row.person, force.read(&row)?))).collect();
    let now = app.now();
    let mut out = Vec::with_capacity(step.len());
    let mut later: BTreeSet<PersonId> = BTreeSet::new();
    for (person, read) in step {
        let owner = owners.get(&own_line(person)).copied();
        match owner {
            _ if erased.contains(&own_line(person)) => {}
            None => {}
            Some(owner) if owner != person || moved.contains(&person) => {
                later.extend([owner]);
            }
            Some(_) => {
                let mut behaviour = stored.remove(&person).unwrap_or_default();
                behaviour.merge(Behaviour::decode(&read).unwrap_or_default());
                out.extend(force.row(person, behaviour, now));
            }
        }
    }
    rows::moved_add(tx, &later.into_iter().collect::<Vec<_>>())?;
    rows::behaviours_put(tx, &out).map(drop)
}

/// Says that the history was read.
fn finish_history(tx: &mut Tx<'_>, run: &BuildRun) -> Stored<()> {
    let all: HashMap<i64, Track> = rows::tracks(tx)?.into_iter().map(|t| (t.key, t)).collect();
    let done: Vec<Track> =
        run.keys.iter().filter_map(|k| all.get(&(*k as i64))).map(|t| Track { complete: true, ..*t }).collect();
    rows::tracks_put(tx, &done)?;
    rows::moved_clear(tx)?;
    put(tx, None)?;
    force::register(tx).map(drop)
}

/// Says that everybody was looked at, and puts in force what may be.
fn finish(tx: &mut Tx<'_>, app: &App, run: &BuildRun) -> Stored<()> {
    let now = app.now();
    for id in &run.versions {
        let id = throughline_base::AudienceVersionId::new(*id);
        let Some(v) = rows::version(tx, id)? else { continue };
        let is_new = matches!(v.state, VersionState::Building | VersionState::Failed);
        let mut v = VersionRow { unsettled: false, error: None, failed_at: None, ..v };
        if is_new {
            (v.state, v.built_at) = (VersionState::Ready, Some(now));
        }
        let apply = is_new && v.auto_apply;
        rows::version_update(tx, &v)?;
        if apply {
            define::put_in_force(tx, app, v)?;
        }
    }
    put(tx, None)?;
    force::register(tx).map(drop)
}

impl BuildRun {
    /// Up to which event the history is read.
    #[must_use]
    pub const fn cursor(&self) -> EventId {
        EventId::new(self.cursor)
    }
}
