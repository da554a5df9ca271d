//! The thread that plans runs and the queue they wait in.
//!
//! A run is a job whose partition is its destination: of one destination one runs at a time, in order, and a failing one
//! holds back nothing but its own followers. Each leased job gets a thread of its own, so a destination that hangs until its
//! time is out keeps one thread, not the others' turns. Between attempts the job waits with back-off, and after the last it
//! is dead: seen in the list of jobs, while the sync is tried again later by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use throughline_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use throughline_base::{Problem, Rng, RunId, SyncId, Timestamp};
use throughline_channel::{ChannelError, Failure};
use throughline_store::destination::{self as rows, RunRow, SyncRow};
use throughline_store::job::{self, Backoff, Job, JobState, NewJob};
use throughline_store::{Tx, audience};

use super::place::Target;
use super::run::{Attempt, Fault};
use super::{Counts, Mode, Sync, SyncState, version_in_force};
use crate::background::Watch;
use crate::{App, Result};

/// The queue of exports.
pub(super) const QUEUE: &str = "export";
const KIND: &str = "export.run";
/// Destinations served side by side.
const CREW_MAX: usize = 128;
const LEASE_MS: i64 = 60_000;
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Waits between attempts: 5 s, 10 s, 20 s … up to 15 minutes.
const BACKOFF: Backoff = Backoff { base_ms: 5_000, max_ms: 15 * MINUTE_MS, jitter: 0.2 };
/// Attempts of one run, over about forty minutes.
const ATTEMPTS: u32 = 10;
/// A run that was given up, or refused, is tried again after so long without anybody's doing.
const AGAIN_MS: i64 = HOUR_MS;
/// Runs that no person's log names are listed for so long.
const KEEP_RUNS_MS: i64 = 30 * DAY_MS;
/// The table is asked at most so often, however many commits ring.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long attempts under way may go on when the process stops; they are taken up by the next one.
const DRAIN: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    sync: SyncId,
    run: RunId,
}

/// Counts the threads at work.
#[derive(Debug, Clone, Default)]
struct Crew(Arc<AtomicUsize>);

/// One at work; gone when it is dropped, however its thread ends.
struct Hand(Arc<AtomicUsize>);

impl Crew {
    fn hand(&self) -> Hand {
        self.0.fetch_add(1, Ordering::Relaxed);
        Hand(self.0.clone())
    }

    fn busy(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Plans and runs exports until the process stops.
pub(crate) fn work(app: &Arc<App>, mut watch: Watch) {
    let owner = format!("export-{}-{}", app.settings.node, app.ids.next());
    let crew = Crew::default();
    let mut looked: Option<Instant> = None;
    while !watch.is_stopping() {
        if let Some(rest) = looked.and_then(|at| LOOK_EVERY.checked_sub(at.elapsed())) {
            watch.wait(rest);
            continue;
        }
        looked = Some(Instant::now());
        let led = app.exports_plan().and_then(|()| {
            let free = CREW_MAX.saturating_sub(crew.busy()) as u32;
            Ok(job::lease(&app.db, QUEUE, &owner, app.now(), LEASE_MS, free)?)
        });
        match led {
            Ok(jobs) => {
                for leased in jobs {
                    let (app, hand) = (app.clone(), crew.hand());
                    let spawned = std::thread::Builder::new().name("export-run".into()).spawn(move || {
                        app.export_job(&leased);
                        drop(hand);
                        // Whoever waited for this destination may go on.
                        app.tasks.ring();
                    });
                    if let Err(e) = spawned {
                        tracing::warn!(error = %e, "no thread for an export; its job is taken up when its lease ends");
                    }
                }
            }
            Err(e) => tracing::warn!(error = %e, "exports could not be planned; it is tried again"),
        }
        watch.wait(Duration::from_secs(1));
    }
    let until = Instant::now() + DRAIN;
    while crew.busy() > 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl App {
    /// Enqueues what is due. A sync has one job at a time.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn exports_plan(&self) -> Result<()> {
        let now = self.now();
        let due: Vec<SyncRow> = self.db.read(|tx| {
            let mut due = Vec::new();
            for row in rows::syncs(tx)?.into_iter().chain(rows::syncs_owing(tx)?) {
                if self.is_due(tx, &row, now)? {
                    due.push(row);
                }
            }
            Ok(due)
        })?;
        for row in due {
            self.db.write(|tx| {
                // Asked again alone: another node may have been faster, or a person may have paused it.
                let Some(row) = rows::sync_get(tx, row.id)? else { return Ok(()) };
                if self.is_due(tx, &row, now)? { self.export_enqueue(tx, row, now) } else { Ok(()) }
            })?;
        }
        Ok(())
    }

    /// Whether a sync has something to do now that no job does.
    fn is_due(&self, tx: &mut Tx<'_>, row: &SyncRow, now: Timestamp) -> throughline_store::Result<bool> {
        if let Some(id) = row.job_id
            && let Some(job) = job::get(tx, id)?
            && matches!(job.state, JobState::Ready | JobState::Leased)
        {
            return Ok(false);
        }
        let waits = row.next_at.is_some_and(|at| at > now);
        let erased = !rows::removals(tx, row.id, 1)?.is_empty();
        Ok(match (SyncState::parse(&row.state), row.mode.as_str()) {
            // A refused one waits, whatever comes in meanwhile; an erasure does not wait for a timetable.
            (Some(SyncState::Active), "scheduled") => {
                (erased && row.error.is_none()) || (row.next_at.is_some() && !waits)
            }
            (Some(SyncState::Active), _) if waits => false,
            (Some(SyncState::Active), _) => {
                let live = version_in_force(audience::get(tx, row.audience_id)?.as_ref());
                let touched = rows::dirty_next(tx, row.id)?.is_some_and(|at| at <= now);
                erased || row.full || row.version_id != live || touched
            }
            (Some(SyncState::Ending), _) => !waits,
            // What was left there when a sync ended is taken back of the erased all the same.
            (Some(SyncState::Paused | SyncState::Ended), _) => erased && !waits,
            (None, _) => false,
        })
    }

    /// Leaves a run of a sync in the queue of its destination.
    pub(super) fn export_enqueue(
        &self,
        tx: &mut Tx<'_>,
        mut row: SyncRow,
        now: Timestamp,
    ) -> throughline_store::Result<()> {
        let run = RunId::new(self.ids.next());
        let payload = serde_json::to_string(&Payload { sync: row.id, run }).expect("ids are plain data");
        let partition = row.destination_id.to_string();
        let new = NewJob {
            max_attempts: ATTEMPTS,
            partition_key: Some(&partition),
            ..NewJob::new(QUEUE, KIND, &payload, now)
        };
        row.job_id = job::enqueue(tx, &self.ids, &new, now)?;
        row.next_at = match SyncState::parse(&row.state) {
            Some(SyncState::Active) => next_scheduled(&row, now, &self.settings.time_zone),
            Some(SyncState::Paused | SyncState::Ending | SyncState::Ended) | None => None,
        };
        rows::sync_put(tx, &row)
    }

    /// Runs one leased job and settles it.
    pub(super) fn export_job(&self, leased: &Job) {
        let settled = std::thread::scope(|s| {
            let (stop, stopped) = mpsc::channel::<()>();
            s.spawn(move || {
                while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                    if let Err(e) = job::heartbeat(&self.db, leased, self.now(), LEASE_MS) {
                        tracing::warn!(job = %leased.id, error = %e, "the lease could not be kept");
                    }
                }
            });
            let settled = self.export_attempt(leased);
            drop(stop);
            settled
        });
        if let Err(e) = settled {
            tracing::warn!(job = %leased.id, error = %e, "an export could not be settled; its job is taken up when its lease ends");
        }
    }

    fn export_attempt(&self, leased: &Job) -> Result<()> {
        let now = self.now();
        let payload: Option<Payload> = serde_json::from_str(&leased.payload).ok();
        let found = match &payload {
            Some(p) => self.db.read(|tx| rows::sync_get(tx, p.sync))?,
            None => None,
        };
        let (Some(payload), Some(row)) = (payload, found) else {
            return Ok(self.db.write(|tx| job::bury(tx, leased, "the job names no sync", now))?);
        };
        // A dead job that a person brought back while another one was made does nothing.
        if row.job_id.is_some_and(|id| id != leased.id) {
            return Ok(self.db.write(|tx| job::complete(tx, leased, now))?);
        }
        let mut run = self.run_begun(&row, payload.run, leased, now)?;
        let before: Counts = serde_json::from_str(&run.counts).unwrap_or_default();
        let mut version = None;
        let outcome = self.export_go(&row, &mut run, before, &mut version);
        let began = row.clone();
        let now = self.now();
        self.db.write(|tx| {
            // What a person changed meanwhile stands; only what the run knows is set.
            let Some(mut row) = rows::sync_get(tx, row.id)? else { return Ok(()) };
            match &outcome {
                Ok(()) => {
                    run.state = "done".into();
                    run.finished_at = Some(now);
                    run.error = None;
                    row.error = None;
                    // Asked for meanwhile, it is still to be done.
                    row.full = row.full && (!began.full || began.updated_at != row.updated_at);
                    if row.state == SyncState::Active.as_str() {
                        row.version_id = version;
                    }
                    if row.state == SyncState::Ending.as_str() && !rows::held_any(tx, row.id)? {
                        row.state = SyncState::Ended.as_str().into();
                        row.next_at = None;
                    }
                    row.job_id = None;
                    job::complete(tx, leased, now)?;
                    rows::runs_expire(tx, now.plus_ms(-KEEP_RUNS_MS), 200)?;
                }
                Err(fault) => settle_failed(tx, leased, fault, &mut run, &mut row, now)?,
            }
            rows::run_put(tx, &run)?;
            rows::sync_put(tx, &row)
        })?;
        match outcome {
            Ok(()) => tracing::info!(sync = %row.id, run = %run.id, counts = run.counts, "export done"),
            Err(_) => tracing::warn!(sync = %row.id, run = %run.id, error = run.error, "export failed"),
        }
        Ok(())
    }

    fn run_begun(&self, row: &SyncRow, id: RunId, leased: &Job, now: Timestamp) -> Result<RunRow> {
        let found = self.db.read(|tx| rows::run_get(tx, id))?;
        let kind =
            if row.mode == "scheduled" && row.state == SyncState::Active.as_str() { "snapshot" } else { "delta" };
        let mut run = found.unwrap_or_else(|| RunRow {
            id,
            sync_id: row.id,
            kind: kind.into(),
            state: String::new(),
            started_at: now,
            finished_at: None,
            attempts: 0,
            counts: "{}".into(),
            files: "[]".into(),
            error: None,
        });
        run.state = "running".into();
        run.finished_at = None;
        run.attempts = leased.attempts;
        self.db.write(|tx| rows::run_put(tx, &run))?;
        Ok(run)
    }

    fn export_go(
        &self,
        row: &SyncRow,
        run: &mut RunRow,
        before: Counts,
        version: &mut Option<throughline_base::AudienceVersionId>,
    ) -> Result<(), Fault> {
        let sync = Sync::read(row.clone())?;
        let (destination, audience) =
            self.db.read(|tx| Ok((rows::get(tx, row.destination_id)?, audience::get(tx, row.audience_id)?)))?;
        let destination = destination
            .filter(|d| d.active)
            .ok_or_else(|| Problem::not_found("destination_unknown", "the destination is ended; end this sync too"))?;
        let (place, secrets) = self.destination_open(&destination)?;
        let target: Target = place.target(&secrets, &self.settings.data_dir, &self.channels)?;
        let mut attempt = Attempt::new(self, &sync, &target, audience.as_ref(), (run.id, run.started_at), before);
        *version = attempt.version();
        let outcome = attempt.go();
        run.counts = serde_json::to_string(&attempt.counts).expect("counts are plain data");
        run.files = serde_json::to_string(&attempt.files).expect("files are plain data");
        outcome
    }

    /// Plans and runs everything that is due, one after the other; for tests and tools. Jobs that wait for their next
    /// attempt stay.
    ///
    /// # Errors
    /// When the store fails.
    pub fn exports_run(&self) -> Result<()> {
        loop {
            self.exports_plan()?;
            let jobs = job::lease(&self.db, QUEUE, "tool", self.now(), LEASE_MS, CREW_MAX as u32)?;
            if jobs.is_empty() {
                return Ok(());
            }
            for leased in jobs {
                self.export_job(&leased);
            }
        }
    }
}

/// When a scheduled sync is due after `now`; a continuous one has no timetable.
pub(super) fn next_scheduled(row: &SyncRow, now: Timestamp, zone: &str) -> Option<Timestamp> {
    let sync = Sync::read(row.clone()).ok()?;
    match sync.mode {
        Mode::Scheduled(schedule) => Some(schedule.next(now, zone)),
        Mode::Continuous => None,
    }
}

/// Tries again what may pass; gives up at once what somebody must mend, and comes back to it in an hour.
fn settle_failed(
    tx: &mut Tx<'_>,
    leased: &Job,
    fault: &Fault,
    run: &mut RunRow,
    row: &mut SyncRow,
    now: Timestamp,
) -> throughline_store::Result<()> {
    let mut rng = Rng::seeded(leased.id.get() as u64 ^ u64::from(leased.attempts));
    let own_wait = BACKOFF.delay_ms(leased.attempts, &mut rng);
    let (detail, wait) = match fault {
        Fault::Channel(ChannelError { failure: Failure::Busy(Some(seconds)), detail }) => {
            let asked = i64::try_from(*seconds).unwrap_or(i64::MAX).saturating_mul(1_000).min(HOUR_MS);
            (detail.clone(), Some(asked.max(own_wait)))
        }
        Fault::Channel(e) if e.failure.may_pass() => (e.detail.clone(), Some(own_wait)),
        Fault::Channel(e) => (e.detail.clone(), None),
        Fault::Own(p) => {
            use throughline_base::ProblemKind::{
                Busy, Conflict, Forbidden, Internal, Invalid, NotFound, TooLarge, Unauthenticated, Unavailable,
            };
            let wait = match p.kind {
                Unavailable | Busy | Internal | Conflict => Some(own_wait),
                Invalid | Unauthenticated | Forbidden | NotFound | TooLarge => None,
            };
            (p.detail.clone(), wait)
        }
    };
    let state = match wait {
        Some(ms) => job::fail_until(tx, leased, &detail, now, now.plus_ms(ms))?,
        None => {
            job::bury(tx, leased, &detail, now)?;
            JobState::Dead
        }
    };
    run.error = Some(detail.clone());
    row.error = Some(detail);
    if state == JobState::Dead {
        run.state = "failed".into();
        run.finished_at = Some(now);
        row.job_id = None;
        let later = now.plus_ms(AGAIN_MS);
        row.next_at = Some(row.next_at.filter(|at| *at > now).map_or(later, |at| at.min(later)));
    } else {
        run.state = "retrying".into();
    }
    Ok(())
}
