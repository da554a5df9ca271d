//! Rows of syncs.

use throughline_base::id::JobId;
use throughline_base::{AudienceId, AudienceVersionId, DestinationId, SyncId, Timestamp};

use crate::db::{Result, Row, Tx};

/// An audience kept at a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRow {
    /// Its id.
    pub id: SyncId,
    /// Where to.
    pub destination_id: DestinationId,
    /// Who.
    pub audience_id: AudienceId,
    /// What its files are called.
    pub name: String,
    /// Purpose of the consent that is asked for.
    pub purpose: String,
    /// Channel of it.
    pub channel: String,
    /// JSON.
    pub format: String,
    /// `scheduled` or `continuous`.
    pub mode: String,
    /// JSON, of a scheduled one.
    pub schedule: Option<String>,
    /// `active`, `paused`, `ending`, `ended`.
    pub state: String,
    /// Everybody is to be compared at the next run.
    pub full: bool,
    /// The version of the definition that was last compared as a whole.
    pub version_id: Option<AudienceVersionId>,
    /// When it runs next by itself.
    pub next_at: Option<Timestamp>,
    /// The job that waits or works.
    pub job_id: Option<JobId>,
    /// What went wrong last and how to mend it.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed by hand.
    pub updated_at: Timestamp,
}

const SYNC: &str = "id, destination_id, audience_id, name, purpose, channel, format, mode, schedule, state, compare_all, \
                    version_id, next_at, job_id, error, created_at, updated_at";

fn sync(r: &Row<'_>) -> Result<SyncRow> {
    Ok(SyncRow {
        id: r.get(0)?,
        destination_id: r.get(1)?,
        audience_id: r.get(2)?,
        name: r.text(3)?,
        purpose: r.text(4)?,
        channel: r.text(5)?,
        format: r.text(6)?,
        mode: r.text(7)?,
        schedule: r.opt_text(8)?,
        state: r.text(9)?,
        full: r.bool(10)?,
        version_id: r.get(11)?,
        next_at: r.opt_at(12)?,
        job_id: r.get(13)?,
        error: r.opt_text(14)?,
        created_at: r.at(15)?,
        updated_at: r.at(16)?,
    })
}

/// Adds or replaces a sync.
pub fn sync_put(tx: &mut Tx<'_>, s: &SyncRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO export_sync (id, destination_id, audience_id, name, purpose, channel, format, mode, schedule, state, \
         compare_all, version_id, next_at, job_id, error, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, purpose = excluded.purpose, channel = excluded.channel, \
         format = excluded.format, mode = excluded.mode, schedule = excluded.schedule, state = excluded.state, \
         compare_all = excluded.compare_all, version_id = excluded.version_id, next_at = excluded.next_at, job_id = excluded.job_id, \
         error = excluded.error, updated_at = excluded.updated_at",
        &[
            &s.id,
            &s.destination_id,
            &s.audience_id,
            &s.name,
            &s.purpose,
            &s.channel,
            &s.format,
            &s.mode,
            &s.schedule,
            &s.state,
            &s.full,
            &s.version_id,
            &s.next_at,
            &s.job_id,
            &s.error,
            &s.created_at,
            &s.updated_at,
        ],
    )
}

/// One sync, ended ones too.
pub fn sync_get(tx: &mut Tx<'_>, id: SyncId) -> Result<Option<SyncRow>> {
    tx.query_opt(&format!("SELECT {SYNC} FROM export_sync WHERE id = $1"), &[&id], sync)
}

/// Syncs that are not ended, by id.
pub fn syncs(tx: &mut Tx<'_>) -> Result<Vec<SyncRow>> {
    tx.query(&format!("SELECT {SYNC} FROM export_sync WHERE state <> 'ended' ORDER BY id LIMIT 10000"), &[], sync)
}

/// Ended syncs that still have something to take back of erased people.
pub fn syncs_owing(tx: &mut Tx<'_>) -> Result<Vec<SyncRow>> {
    tx.query(
        &format!(
            "SELECT {SYNC} FROM export_sync WHERE state = 'ended' \
             AND id IN (SELECT sync_id FROM export_removal) ORDER BY id LIMIT 10000"
        ),
        &[],
        sync,
    )
}

/// Syncs of a destination, ended ones too, by id.
pub fn syncs_of_destination(tx: &mut Tx<'_>, id: DestinationId) -> Result<Vec<SyncRow>> {
    tx.query(&format!("SELECT {SYNC} FROM export_sync WHERE destination_id = $1 ORDER BY id LIMIT 10000"), &[&id], sync)
}

/// The versions in force of the audiences of continuous syncs that are not ended, as `(sync, version)`.
pub fn syncs_touched_by(tx: &mut Tx<'_>) -> Result<Vec<(SyncId, Option<AudienceVersionId>)>> {
    tx.query(
        "SELECT s.id, a.live_version FROM export_sync s JOIN audience a ON a.id = s.audience_id \
         WHERE s.mode = 'continuous' AND s.state IN ('active', 'paused') ORDER BY s.id",
        &[],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}
