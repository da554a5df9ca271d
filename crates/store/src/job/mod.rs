//! Jobs: the outbox that every room leaves its side effects in.
//!
//! A job is enqueued in the transaction of the fact that causes it, leased by one worker at a time, attempted outside any
//! transaction and settled in the transaction of its effects. It may run twice (a worker that died after the attempt and
//! before settling), so every job must survive that. Jobs of one partition key run one after the other in the order of
//! their ids; a failing one holds its followers back until it is done or dead.
//!
//! Settling is fenced: a worker whose lease ran out and was taken by another gets [`StoreError::Conflict`].

mod admin;
#[cfg(test)]
mod tests;

use throughline_base::id::JobId;
use throughline_base::time::DAY_MS;
use throughline_base::{IdGen, Rng, Timestamp};

use crate::db::{Db, Result, Row, StoreError, Tx};

pub use admin::{QueueCounts, cancel, counts, get, hasten, list, page, purge_done, queues, requeue};

/// Longest lease. One that ends later was given by a clock that was set back since, and does not count.
const LEASE_MAX_MS: i64 = DAY_MS;
/// Longest error text kept, in bytes.
const ERROR_BYTES: usize = 1_000;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its time, its turn or a worker.
    Ready,
    /// In the hands of a worker.
    Leased,
    /// Succeeded.
    Done,
    /// Given up; waits for a person to requeue it.
    Dead,
}

impl JobState {
    /// The stored text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ready, Self::Leased, Self::Done, Self::Dead].into_iter().find(|s| s.as_str() == text)
    }
}

/// A job to enqueue.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Which workers take it.
    pub queue: &'a str,
    /// What it is, for the worker.
    pub kind: &'a str,
    /// JSON for the worker.
    pub payload: &'a str,
    /// Not before.
    pub run_at: Timestamp,
    /// Attempts until it is dead, at least 1.
    pub max_attempts: u32,
    /// A second job with the same key is not enqueued, as long as the first is not purged.
    pub dedupe_key: Option<&'a str>,
    /// Jobs with the same key run one after the other.
    pub partition_key: Option<&'a str>,
}

impl<'a> NewJob<'a> {
    /// A job with 12 attempts, which with [`Backoff::default`] spread over about a day, and without keys.
    #[must_use]
    pub const fn new(queue: &'a str, kind: &'a str, payload: &'a str, run_at: Timestamp) -> Self {
        Self { queue, kind, payload, run_at, max_attempts: 12, dedupe_key: None, partition_key: None }
    }
}

/// A stored job. One from [`lease`] is also the proof of the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Which workers take it.
    pub queue: String,
    /// What it is.
    pub kind: String,
    /// JSON for the worker.
    pub payload: String,
    /// Where it stands.
    pub state: JobState,
    /// Not before.
    pub run_at: Timestamp,
    /// Attempts begun, this one included.
    pub attempts: u32,
    /// Attempts until it is dead.
    pub max_attempts: u32,
    /// When the lease ends.
    pub lease_until: Option<Timestamp>,
    /// Who holds it.
    pub lease_owner: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// See [`NewJob::dedupe_key`].
    pub dedupe_key: Option<String>,
    /// See [`NewJob::partition_key`].
    pub partition_key: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it was done or given up.
    pub finished_at: Option<Timestamp>,
}

/// The columns that [`read`] reads, in order.
macro_rules! columns {
    () => {
        "id, queue, kind, payload, state, run_at, attempts, max_attempts, lease_until, lease_owner, last_error, \
         dedupe_key, partition_key, created_at, finished_at"
    };
}
use columns;

fn read(r: &Row<'_>) -> Result<Job> {
    Ok(Job {
        id: r.get(0)?,
        queue: r.text(1)?,
        kind: r.text(2)?,
        payload: r.text(3)?,
        state: JobState::parse(r.str(4)?).ok_or_else(|| StoreError::internal("a job is in an unknown state"))?,
        run_at: r.at(5)?,
        attempts: r.get(6)?,
        max_attempts: r.get(7)?,
        lease_until: r.opt_at(8)?,
        lease_owner: r.opt_text(9)?,
        last_error: r.opt_text(10)?,
        dedupe_key: r.opt_text(11)?,
        partition_key: r.opt_text(12)?,
        created_at: r.at(13)?,
        finished_at: r.opt_at(14)?,
    })
}

/// How long to wait after a failed attempt: `base_ms · 2^(attempt − 1)`, at most `max_ms`, less a random part of up to
/// `jitter` of it, so that jobs that failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// After the first attempt.
    pub base_ms: i64,
    /// At most.
    pub max_ms: i64,
    /// From 0 (none) to 1 (anything down to no wait).
    pub jitter: f64,
}

impl Default for Backoff {
    /// 15 s, 30 s, 1 min, … up to 6 h, a fifth of it random.
    fn default() -> Self {
        Self { base_ms: 15_000, max_ms: 6 * 3_600_000, jitter: 0.2 }
    }
}

impl Backoff {
    /// The wait after attempt number `attempt` (from 1).
    #[must_use]
    pub fn delay_ms(&self, attempt: u32, rng: &mut Rng) -> i64 {
        let doubled = self.base_ms.max(0).saturating_mul(1_i64 << attempt.saturating_sub(1).min(40));
        let full = doubled.min(self.max_ms.max(0));
        full - (full as f64 * self.jitter.clamp(0.0, 1.0) * rng.unit()) as i64
    }
}

/// Enqueues within the caller's transaction. `None` when a job with the same dedupe key is there already.
pub fn enqueue(tx: &mut Tx<'_>, ids: &IdGen, job: &NewJob<'_>, now: Timestamp) -> Result<Option<JobId>> {
    let id = JobId::new(ids.next());
    let head = match job.partition_key {
        None => true,
        Some(partition) => {
            alone(tx)?;
            first_unfinished(tx, job.queue, partition)?.is_none()
        }
    };
    let inserted = tx.exec(
        "INSERT INTO job (id, queue, kind, payload, state, head, run_at, attempts, max_attempts, dedupe_key,
           partition_key, created_at)
         VALUES ($1, $2, $3, $4, 'ready', $5, $6, 0, $7, $8, $9, $10)
         ON CONFLICT (dedupe_key) DO NOTHING",
        &[
            &id,
            &job.queue,
            &job.kind,
            &job.payload,
            &head,
            &job.run_at,
            &job.max_attempts.max(1),
            &job.dedupe_key,
            &job.partition_key,
            &now,
        ],
    )?;
    Ok((inserted == 1).then_some(id))
}

/// Takes up to `limit` jobs whose time has come, the longest due first, at most one of each partition. Leases that ran out
/// are taken back first: their attempt counts.
pub fn lease(db: &Db, queue: &str, owner: &str, now: Timestamp, lease_ms: i64, limit: u32) -> Result<Vec<Job>> {
    if db.write_unlocked(|tx| return_expired(tx, now))? {
        db.write(|tx| bury_expired(tx, now))?;
    }
    db.write_unlocked(|tx| {
        let sql = format!(
            "SELECT id FROM job WHERE queue = $1 AND state = 'ready' AND head = 1 AND run_at <= $2
             ORDER BY run_at, id LIMIT $3{}",
            tx.for_update_skip_locked()
        );
        let ids: Vec<JobId> = tx.query(&sql, &[&queue, &now, &limit], |r| r.get(0))?;
        let mut jobs = tx.select_in(
            concat!(
                "UPDATE job SET state = 'leased', lease_owner = $1, lease_until = $2, attempts = attempts + 1
                 WHERE id IN ($list) RETURNING ",
                columns!()
            ),
            &[&owner, &now.plus_ms(lease_ms.min(LEASE_MAX_MS))],
            &ids,
            read,
        )?;
        jobs.sort_by_key(|j| (j.run_at, j.id));
        Ok(jobs)
    })
}

/// Jobs of one kind that are not over: `(id, leased, not before)`, the next one first.
pub fn unfinished(tx: &mut Tx<'_>, queue: &str, kind: &str) -> Result<Vec<(JobId, bool, Timestamp)>> {
    tx.query(
        "SELECT id, state, run_at FROM job WHERE queue = $1 AND kind = $2 AND state IN ('ready', 'leased')
         ORDER BY run_at, id LIMIT 100",
        &[&queue, &kind],
        |r| Ok((r.get(0)?, r.str(1)? == "leased", r.at(2)?)),
    )
}

/// When the next job of the queue can be leased: a job's time or the end of a lease. `None` when there is nothing to wait
/// for.
pub fn next_at(tx: &mut Tx<'_>, queue: &str) -> Result<Option<Timestamp>> {
    let ready = tx.query_one(
        "SELECT MIN(run_at) FROM job WHERE queue = $1 AND state = 'ready' AND head = 1",
        &[&queue],
        |r| r.opt_at(0),
    )?;
    let leased = tx.query_one("SELECT MIN(lease_until) FROM job WHERE state = 'leased'", &[], |r| r.opt_at(0))?;
    Ok(ready.into_iter().chain(leased).min())
}

/// Makes the lease end `lease_ms` from now. `false` when it was lost: stop working on the job.
pub fn heartbeat(db: &Db, job: &Job, now: Timestamp, lease_ms: i64) -> Result<bool> {
    db.write_unlocked(|tx| {
        let kept = tx.exec(
            "UPDATE job SET lease_until = $1
             WHERE id = $2 AND state = 'leased' AND lease_owner = $3 AND attempts = $4",
            &[&now.plus_ms(lease_ms.min(LEASE_MAX_MS)), &job.id, &job.lease_owner, &job.attempts],
        )?;
        Ok(kept == 1)
    })
}

/// Settles a leased job as done, in the transaction of its effects.
pub fn complete(tx: &mut Tx<'_>, job: &Job, now: Timestamp) -> Result<()> {
    settle(tx, job, Outcome::Finished(JobState::Done, now), None)?;
    promote(tx, job, now)
}

/// Settles a leased job as failed: it is tried again after a back-off, or dead when that was its last attempt. Returns
/// where it stands now. `error` is for the operator and must hold no personal data.
pub fn fail(
    tx: &mut Tx<'_>,
    job: &Job,
    error: &str,
    now: Timestamp,
    backoff: &Backoff,
    rng: &mut Rng,
) -> Result<JobState> {
    fail_until(tx, job, error, now, now.plus_ms(backoff.delay_ms(job.attempts, rng)))
}

/// As [`fail`], with the time of the next attempt given: the other side said when to come back.
pub fn fail_until(tx: &mut Tx<'_>, job: &Job, error: &str, now: Timestamp, run_at: Timestamp) -> Result<JobState> {
    if job.attempts >= job.max_attempts {
        bury(tx, job, error, now)?;
        return Ok(JobState::Dead);
    }
    settle(tx, job, Outcome::Again { run_at, attempts: job.attempts }, Some(error))?;
    Ok(JobState::Ready)
}

/// Settles a leased job as dead at once, for errors that trying again cannot mend.
pub fn bury(tx: &mut Tx<'_>, job: &Job, error: &str, now: Timestamp) -> Result<()> {
    settle(tx, job, Outcome::Finished(JobState::Dead, now), Some(error))?;
    promote(tx, job, now)
}

/// Gives a leased job back untouched, as a worker that stops does: the attempt does not count.
pub fn release(tx: &mut Tx<'_>, job: &Job, now: Timestamp) -> Result<()> {
    settle(tx, job, Outcome::Again { run_at: now, attempts: job.attempts.saturating_sub(1) }, None)
}

#[derive(Clone, Copy)]
enum Outcome {
    Finished(JobState, Timestamp),
    Again { run_at: Timestamp, attempts: u32 },
}

fn settle(tx: &mut Tx<'_>, job: &Job, outcome: Outcome, error: Option<&str>) -> Result<()> {
    let (state, run_at, attempts, finished_at) = match outcome {
        Outcome::Finished(state, at) => (state, job.run_at, job.attempts, Some(at)),
        Outcome::Again { run_at, attempts } => (JobState::Ready, run_at, attempts, None),
    };
    let settled = tx.exec(
        "UPDATE job SET state = $1, run_at = $2, attempts = $3, finished_at = $4,
           last_error = COALESCE($5, last_error), lease_until = NULL, lease_owner = NULL
         WHERE id = $6 AND state = 'leased' AND lease_owner = $7 AND attempts = $8",
        &[
            &state.as_str(),
            &run_at,
            &attempts,
            &finished_at,
            &error.map(shortened),
            &job.id,
            &job.lease_owner,
            &job.attempts,
        ],
    )?;
    if settled == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict(format!("the lease of {} was lost; its effects must not be committed", job.id)))
}

fn shortened(error: &str) -> String {
    let mut end = error.len().min(ERROR_BYTES);
    while !error.is_char_boundary(end) {
        end -= 1;
    }
    error[..end].replace('\0', " ")
}

/// Lets the next job of a finished job's partition run. It goes behind all that is due, so that one busy partition does
/// not starve the others.
fn promote(tx: &mut Tx<'_>, finished: &Job, now: Timestamp) -> Result<()> {
    let Some(partition) = &finished.partition_key else { return Ok(()) };
    alone(tx)?;
    if let Some(next) = first_unfinished(tx, &finished.queue, partition)? {
        tx.exec(
            "UPDATE job SET head = 1, run_at = CASE WHEN run_at < $1 THEN $1 ELSE run_at END WHERE id = $2 AND head = 0",
            &[&now, &next],
        )?;
    }
    Ok(())
}

fn first_unfinished(tx: &mut Tx<'_>, queue: &str, partition: &str) -> Result<Option<JobId>> {
    tx.query_opt(
        "SELECT id FROM job WHERE queue = $1 AND partition_key = $2 AND finished_at IS NULL ORDER BY id LIMIT 1",
        &[&queue, &partition],
        |r| r.get(0),
    )
}

/// Who is first in a partition can only be decided when nobody else decides it at the same time.
fn alone(tx: &Tx<'_>) -> Result<()> {
    if tx.is_alone() {
        return Ok(());
    }
    Err(StoreError::internal("jobs with a partition key are enqueued and settled in write, not in write_unlocked"))
}

/// Makes jobs whose lease ran out ready again. `true` when some have no attempt left.
fn return_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool> {
    let sql = format!(
        "SELECT id, attempts < max_attempts FROM job WHERE state = 'leased' AND (lease_until <= $1 OR lease_until > $2)
         ORDER BY lease_until LIMIT 500{}",
        tx.for_update_skip_locked()
    );
    let expired: Vec<(JobId, bool)> =
        tx.query(&sql, &[&now, &now.plus_ms(LEASE_MAX_MS)], |r| Ok((r.get(0)?, r.bool(1)?)))?;
    let again: Vec<JobId> = expired.iter().filter(|(_, again)| *again).map(|(id, _)| *id).collect();
    tx.select_in(
        "UPDATE job SET state = 'ready', lease_until = NULL, lease_owner = NULL, last_error = 'the worker stopped answering'
         WHERE id IN ($list) RETURNING id",
        &[],
        &again,
        |_| Ok(()),
    )?;
    Ok(again.len() < expired.len())
}

fn bury_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM job WHERE state = 'leased' AND (lease_until <= $1 OR lease_until > $2) AND attempts >= max_attempts
           LIMIT 500"
    );
    for job in tx.query(sql, &[&now, &now.plus_ms(LEASE_MAX_MS)], read)? {
        bury(tx, &job, "the worker stopped answering at the last attempt", now)?;
    }
    Ok(())
}
