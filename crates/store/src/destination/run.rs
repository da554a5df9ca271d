//! Rows of runs.

use throughline_base::{Cursor, Page, RunId, SyncId, Timestamp};

use crate::db::{Result, Row, Tx};

/// One run of a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// The sync.
    pub sync_id: SyncId,
    /// `snapshot`, `delta`.
    pub kind: String,
    /// `running`, `retrying`, `done`, `failed`.
    pub state: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was done or given up.
    pub finished_at: Option<Timestamp>,
    /// Attempts begun.
    pub attempts: u32,
    /// JSON: how many people went which way.
    pub counts: String,
    /// JSON: names, places, rows, bytes and hashes of what was delivered.
    pub files: String,
    /// What went wrong and how to mend it.
    pub error: Option<String>,
}

const RUN: &str = "id, sync_id, kind, state, started_at, finished_at, attempts, counts, files, error";

fn run(r: &Row<'_>) -> Result<RunRow> {
    Ok(RunRow {
        id: r.get(0)?,
        sync_id: r.get(1)?,
        kind: r.text(2)?,
        state: r.text(3)?,
        started_at: r.at(4)?,
        finished_at: r.opt_at(5)?,
        attempts: r.get(6)?,
        counts: r.text(7)?,
        files: r.text(8)?,
        error: r.opt_text(9)?,
    })
}

/// Adds or replaces a run.
pub fn run_put(tx: &mut Tx<'_>, x: &RunRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO export_run (id, sync_id, kind, state, started_at, finished_at, attempts, counts, files, error) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, \
         state = excluded.state, finished_at = excluded.finished_at, attempts = excluded.attempts, \
         counts = excluded.counts, files = excluded.files, error = excluded.error",
        &[
            &x.id,
            &x.sync_id,
            &x.kind,
            &x.state,
            &x.started_at,
            &x.finished_at,
            &x.attempts,
            &x.counts,
            &x.files,
            &x.error,
        ],
    )
}

/// One run.
pub fn run_get(tx: &mut Tx<'_>, id: RunId) -> Result<Option<RunRow>> {
    tx.query_opt(&format!("SELECT {RUN} FROM export_run WHERE id = $1"), &[&id], run)
}

/// The newest run of a sync.
pub fn run_last(tx: &mut Tx<'_>, sync: SyncId) -> Result<Option<RunRow>> {
    tx.query_opt(&format!("SELECT {RUN} FROM export_run WHERE sync_id = $1 ORDER BY id DESC LIMIT 1"), &[&sync], run)
}

/// A page of the runs of a sync, the newest first.
pub fn runs(tx: &mut Tx<'_>, sync: SyncId, cursor: Option<Cursor>, limit: u32) -> Result<Page<RunRow>> {
    let before = cursor.map_or(i64::MAX, |c| c.id);
    let rows = tx.query(
        &format!("SELECT {RUN} FROM export_run WHERE sync_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"),
        &[&sync, &before, &(i64::from(limit) + 1)],
        run,
    )?;
    Ok(Page::cut(rows, limit, |x| Cursor { key: x.started_at.ms(), id: x.id.get() }))
}

/// Deletes up to `limit` runs that ended before `before` and that no person's log names; returns how many. A sync that runs
/// every few seconds would otherwise leave millions behind.
pub fn runs_expire(tx: &mut Tx<'_>, before: Timestamp, limit: u32) -> Result<u64> {
    tx.exec(
        "DELETE FROM export_run WHERE id IN (SELECT r.id FROM export_run r WHERE r.finished_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM export_log l WHERE l.run_id = r.id) ORDER BY r.finished_at LIMIT $2)",
        &[&before, &limit],
    )
}
