//! Works off the job table of this installation's own chores: sealing, compacting and verifying on demand, privacy
//! requests. A job is leased, done outside any transaction and settled in another, and survives running twice.
//!
//! Start reading at [`App::job_step`]; what the kinds do is with their rooms.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::json;
use throughline_base::id::JobId;
use throughline_base::time::DAY_MS;
use throughline_base::{Cursor, Page, Problem, ProblemKind, Rng, Timestamp};
use throughline_store::Tx;
use throughline_store::job::{self, Backoff, NewJob};

pub use throughline_store::job::{Job, JobState};

use crate::background::Watch;
use crate::team::{Caller, audit};
use crate::{App, Result, insight, privacy, tag};

pub(crate) const QUEUE: &str = "house";
/// Trainings and scorings take minutes; no other chore waits for them.
pub(crate) const PREDICTION_QUEUE: &str = "prediction";
/// A worker that says nothing for so long is taken for dead.
const LEASE_MS: i64 = 60_000;
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long done jobs are listed.
const KEEP_DONE_MS: i64 = 30 * DAY_MS;
/// Archives of exports are looked through so often.
const EXPIRE_EVERY: Duration = Duration::from_secs(600);
/// The table is asked at most so often, however many commits ring.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chore {
    /// Seals every event.
    LakeSeal,
    /// Compacts, with merges, splits and erasures written down.
    LakeCompact,
    /// Reads every file and compares it with the manifest.
    LakeVerify,
    /// Erases a person; the payload names the request.
    PrivacyErase,
    /// Packs an archive; the payload names the request.
    PrivacyExport,
    /// Trains predictions; the payload names the kind, or none for all.
    PredictionTrain,
    /// Scores everybody.
    PredictionScore,
    /// Changes many people's tags; the payload names the work.
    TagWork,
    /// Matches people; the payload says whether with a new model.
    Match,
}

impl Chore {
    const ALL: [Self; 9] = [
        Self::LakeSeal,
        Self::LakeCompact,
        Self::LakeVerify,
        Self::PrivacyErase,
        Self::PrivacyExport,
        Self::PredictionTrain,
        Self::PredictionScore,
        Self::TagWork,
        Self::Match,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::LakeSeal => "lake.seal",
            Self::LakeCompact => "lake.compact",
            Self::LakeVerify => "lake.verify",
            Self::PrivacyErase => "privacy.erase",
            Self::PrivacyExport => "privacy.export",
            Self::PredictionTrain => "prediction.train",
            Self::PredictionScore => "prediction.score",
            Self::TagWork => "tag.work",
            Self::Match => "identity.match",
        }
    }
}

/// Leases and runs the house's jobs until the process stops.
pub(crate) fn work(app: &Arc<App>, watch: Watch) {
    work_off(app, watch, QUEUE);
}

/// The same for trainings and scorings.
pub(crate) fn predict(app: &Arc<App>, watch: Watch) {
    work_off(app, watch, PREDICTION_QUEUE);
}

fn work_off(app: &Arc<App>, mut watch: Watch, queue: &str) {
    let owner = format!("node-{}-{}", app.settings.node, app.ids.next());
    let mut looked = Instant::now();
    let mut expired: Option<Instant> = None;
    while !watch.is_stopping() {
        if queue == QUEUE && expired.is_none_or(|at| at.elapsed() >= EXPIRE_EVERY) {
            expired = Some(Instant::now());
            if let Err(e) = app.archives_expire() {
                tracing::warn!(error = %e, "old archives of exports could not be removed");
            }
        }
        watch.wait(Duration::from_secs(1));
        if looked.elapsed() < LOOK_EVERY {
            continue;
        }
        looked = Instant::now();
        while !watch.is_stopping() {
            match app.job_step(queue, &owner) {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => {
                    tracing::warn!(error = %e, "jobs could not be worked off; they are tried again");
                    break;
                }
            }
        }
    }
}

/// Leaves a chore in the transaction of what causes it, to be done from `run_at` on.
pub(crate) fn enqueue(
    tx: &mut Tx<'_>,
    app: &App,
    chore: Chore,
    payload: &serde_json::Value,
    run_at: Timestamp,
) -> throughline_store::Result<JobId> {
    let payload = payload.to_string();
    let now = app.now();
    let mut new = NewJob::new(QUEUE, chore.as_str(), &payload, run_at);
    if chore == Chore::LakeVerify {
        // What it finds does not mend itself.
        new.max_attempts = 1;
    }
    let id = job::enqueue(tx, &app.ids, &new, now)?;
    Ok(id.expect("a job without a dedupe key is always enqueued"))
}

impl App {
    /// Runs one job of a queue whose time has come, as `owner`; says whether there was one.
    ///
    /// # Errors
    /// When the store fails. What the job itself fails at is settled with it.
    pub fn job_step(&self, queue: &str, owner: &str) -> Result<bool> {
        let now = self.now();
        let due = self.db.read(|tx| job::next_at(tx, queue))?;
        if due.is_none_or(|at| at > now) {
            return Ok(false);
        }
        let Some(leased) = job::lease(&self.db, queue, owner, now, LEASE_MS, 1)?.pop() else { return Ok(false) };
        let outcome = self.job_run(&leased);
        let now = self.now();
        self.db.write(|tx| {
            job::purge_done(tx, now.plus_ms(-KEEP_DONE_MS), 500)?;
            match &outcome {
                Ok(()) => job::complete(tx, &leased, now),
                Err(p) => settle_failed(tx, &leased, p, now),
            }
        })?;
        match outcome {
            Ok(()) => tracing::info!(job = %leased.id, kind = leased.kind, "job done"),
            Err(e) => tracing::warn!(job = %leased.id, kind = leased.kind, error = %e, "job failed"),
        }
        Ok(true)
    }

    /// Runs every job whose time has come; for tests and tools.
    ///
    /// # Errors
    /// As [`App::job_step`].
    pub fn jobs_run(&self) -> Result<()> {
        for queue in [QUEUE, PREDICTION_QUEUE] {
            while self.job_step(queue, "tool")? {}
        }
        Ok(())
    }

    /// Does the work while another thread keeps the lease.
    fn job_run(&self, leased: &Job) -> Result<()> {
        std::thread::scope(|s| {
            let (stop, stopped) = mpsc::channel::<()>();
            s.spawn(move || {
                while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                    if let Err(e) = job::heartbeat(&self.db, leased, self.now(), LEASE_MS) {
                        tracing::warn!(job = %leased.id, error = %e, "the lease could not be kept");
                    }
                }
            });
            let outcome = self.chore_do(leased);
            drop(stop);
            outcome
        })
    }

    fn chore_do(&self, leased: &Job) -> Result<()> {
        let Some(chore) = Chore::ALL.into_iter().find(|c| c.as_str() == leased.kind) else {
            return Err(Problem::invalid("job_kind", format!("this version knows no job `{}`", leased.kind)));
        };
        match chore {
            Chore::LakeSeal => self.seal_all().map(drop),
            Chore::LakeCompact => self.compact_all().map(drop),
            Chore::LakeVerify => self.lake_sound(),
            Chore::PrivacyErase => privacy::erase_work(self, &leased.payload),
            Chore::PrivacyExport => privacy::export_work(self, &leased.payload),
            Chore::PredictionTrain => insight::train_work(self, &leased.payload),
            Chore::PredictionScore => insight::score_work(self),
            Chore::TagWork => tag::work::run(self, &leased.payload),
            Chore::Match => crate::matching::database::work(self, &leased.payload),
        }
    }

    /// Has a verb of the event history done in the background.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn lake_job(&self, caller: &Caller, chore: Chore) -> Result<JobId> {
        let id = self.db.write(|tx| {
            let id = enqueue(tx, self, chore, &json!({}), self.now())?;
            audit(tx, self, &caller.actor, chore.as_str(), &id.to_string(), &json!({}))?;
            Ok(id)
        })?;
        self.tasks.ring();
        Ok(id)
    }

    /// Seals in the background.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn lake_seal_later(&self, caller: &Caller) -> Result<JobId> {
        self.lake_job(caller, Chore::LakeSeal)
    }

    /// Compacts in the background.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn lake_compact_later(&self, caller: &Caller) -> Result<JobId> {
        self.lake_job(caller, Chore::LakeCompact)
    }

    /// Verifies in the background: the job fails with what it finds.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn lake_verify_later(&self, caller: &Caller) -> Result<JobId> {
        self.lake_job(caller, Chore::LakeVerify)
    }

    /// Jobs of every queue, the newest first.
    ///
    /// # Errors
    /// `state` when there is no such state.
    pub fn jobs(&self, state: Option<&str>, cursor: Option<Cursor>, limit: u32) -> Result<Page<Job>> {
        let state = state
            .map(|s| {
                let what = "expected ready, leased, done or dead";
                JobState::parse(s).ok_or_else(|| Problem::invalid("state", format!("there is no state `{s}`; {what}")))
            })
            .transpose()?;
        Ok(self.db.read(|tx| job::page(tx, state, cursor, limit))?)
    }

    /// Brings a dead job back with all its attempts.
    ///
    /// # Errors
    /// When there is no such job, or it is not dead.
    pub fn job_requeue(&self, caller: &Caller, id: JobId) -> Result<Job> {
        let now = self.now();
        let requeued = self.db.write(|tx| {
            let Some(found) = job::get(tx, id)? else {
                return Err(Problem::not_found("job_unknown", format!("there is no job {id}")).into());
            };
            if found.state != JobState::Dead {
                let detail = format!("job {id} is {}; only a dead job can be brought back", found.state.as_str());
                return Err(Problem::conflict("job_state", detail).into());
            }
            job::requeue(tx, id, now)?;
            audit(tx, self, &caller.actor, "job.requeue", &id.to_string(), &json!({ "kind": found.kind }))?;
            job::get(tx, id)
        })?;
        self.tasks.ring();
        requeued.ok_or_else(|| Problem::not_found("job_unknown", format!("there is no job {id}")))
    }
}

/// Tries again what may pass; gives up at once what trying again cannot mend.
fn settle_failed(tx: &mut Tx<'_>, leased: &Job, p: &Problem, now: Timestamp) -> throughline_store::Result<()> {
    let text = format!("{}: {}", p.code, p.detail);
    match p.kind {
        ProblemKind::Invalid | ProblemKind::NotFound | ProblemKind::Forbidden | ProblemKind::Unauthenticated => {
            job::bury(tx, leased, &text, now)
        }
        ProblemKind::Conflict
        | ProblemKind::TooLarge
        | ProblemKind::Busy
        | ProblemKind::Unavailable
        | ProblemKind::Internal => {
            let mut rng = Rng::seeded(leased.id.get() as u64 ^ u64::from(leased.attempts));
            job::fail(tx, leased, &text, now, &Backoff::default(), &mut rng).map(drop)
        }
    }
}
