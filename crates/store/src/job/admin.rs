//! What an operator sees of the queues and does to them.

use throughline_base::id::JobId;
use throughline_base::page::PAGE_MAX;
use throughline_base::{Cursor, Page, Timestamp};

use super::{Job, JobState, alone, columns, first_unfinished, promote, read};
use crate::db::{Result, StoreError, Tx};

/// How many jobs of a queue stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Ready, those that wait for their time or turn included.
    pub ready: i64,
    /// In the hands of workers.
    pub leased: i64,
    /// Done and not purged yet.
    pub done: i64,
    /// Given up.
    pub dead: i64,
    /// Since when the longest waiting job that may run has been due.
    pub oldest_due_at: Option<Timestamp>,
}

/// Counts the jobs of a queue.
pub fn counts(tx: &mut Tx<'_>, queue: &str, now: Timestamp) -> Result<QueueCounts> {
    let mut out = QueueCounts::default();
    tx.each("SELECT state, COUNT(*) FROM job WHERE queue = $1 GROUP BY state", &[&queue], |r| {
        let n = r.i64(1)?;
        match JobState::parse(r.str(0)?) {
            Some(JobState::Ready) => out.ready = n,
            Some(JobState::Leased) => out.leased = n,
            Some(JobState::Done) => out.done = n,
            Some(JobState::Dead) => out.dead = n,
            None => return Err(StoreError::internal("a job is in an unknown state")),
        }
        Ok(true)
    })?;
    out.oldest_due_at = tx.query_one(
        "SELECT MIN(run_at) FROM job WHERE queue = $1 AND state = 'ready' AND head = 1 AND run_at <= $2",
        &[&queue, &now],
        |r| r.opt_at(0),
    )?;
    Ok(out)
}

/// The names of all queues that hold a job.
pub fn queues(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    tx.query("SELECT queue FROM job GROUP BY queue ORDER BY queue", &[], |r| r.text(0))
}

/// One job.
pub fn get(tx: &mut Tx<'_>, id: JobId) -> Result<Option<Job>> {
    tx.query_opt(concat!("SELECT ", columns!(), " FROM job WHERE id = $1"), &[&id], read)
}

/// A page of a queue's jobs in one state, the newest first.
pub fn list(tx: &mut Tx<'_>, queue: &str, state: JobState, after: Option<Cursor>, limit: u32) -> Result<Page<Job>> {
    let limit = limit.clamp(1, PAGE_MAX);
    let rows = tx.query(
        concat!(
            "SELECT ",
            columns!(),
            " FROM job WHERE queue = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
        ),
        &[&queue, &state.as_str(), &after.map_or(i64::MAX, |c| c.id), &(limit + 1)],
        read,
    )?;
    Ok(Page::cut(rows, limit, |job| Cursor { key: job.created_at.ms(), id: job.id.get() }))
}

/// A page of the jobs of every queue, in one state or in all, the newest first.
pub fn page(tx: &mut Tx<'_>, state: Option<JobState>, after: Option<Cursor>, limit: u32) -> Result<Page<Job>> {
    let limit = limit.clamp(1, PAGE_MAX);
    let rows = tx.query(
        concat!(
            "SELECT ",
            columns!(),
            " FROM job WHERE (CAST($1 AS TEXT) IS NULL OR state = $1) AND id < $2 ORDER BY id DESC LIMIT $3"
        ),
        &[&state.map(JobState::as_str), &after.map_or(i64::MAX, |c| c.id), &(limit + 1)],
        read,
    )?;
    Ok(Page::cut(rows, limit, |job| Cursor { key: job.created_at.ms(), id: job.id.get() }))
}

/// Brings a dead job back with all its attempts. [`StoreError::NotFound`] when there is no such dead job.
pub fn requeue(tx: &mut Tx<'_>, id: JobId, now: Timestamp) -> Result<()> {
    let job = get(tx, id)?.filter(|job| job.state == JobState::Dead).ok_or(StoreError::NotFound)?;
    let head = match &job.partition_key {
        None => true,
        Some(partition) => {
            alone(tx)?;
            first_unfinished(tx, &job.queue, partition)?.is_none()
        }
    };
    tx.exec_one(
        "UPDATE job SET state = 'ready', head = $1, attempts = 0, run_at = $2, finished_at = NULL
         WHERE id = $3 AND state = 'dead'",
        &[&head, &now, &id],
    )
}

/// Makes a job that waits for its next attempt run now; one that does not wait stays as it is.
pub fn hasten(tx: &mut Tx<'_>, id: JobId, now: Timestamp) -> Result<bool> {
    let hastened =
        tx.exec("UPDATE job SET run_at = $2 WHERE id = $1 AND state = 'ready' AND run_at > $2", &[&id, &now])?;
    Ok(hastened == 1)
}

/// Settles a job that nobody needs any more, unless a worker has it; says whether it was settled.
pub fn cancel(tx: &mut Tx<'_>, id: JobId, now: Timestamp) -> Result<bool> {
    let Some(job) = get(tx, id)?.filter(|job| job.state == JobState::Ready) else { return Ok(false) };
    tx.exec_one("UPDATE job SET state = 'done', finished_at = $2 WHERE id = $1 AND state = 'ready'", &[&id, &now])?;
    promote(tx, &job, now)?;
    Ok(true)
}

/// Deletes up to `limit` jobs that were done before `before`; returns how many. Their dedupe keys are free again.
pub fn purge_done(tx: &mut Tx<'_>, before: Timestamp, limit: u32) -> Result<u64> {
    tx.exec(
        "DELETE FROM job WHERE id IN
           (SELECT id FROM job WHERE state = 'done' AND finished_at < $1 ORDER BY finished_at LIMIT $2)",
        &[&before, &limit],
    )
}
