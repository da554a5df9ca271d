//! Rows of the room `destination`: where audiences are sent, the syncs that keep them there, their runs, who is there, who
//! must be compared again, and the log of where each person's data went.

mod member;
mod run;
mod sync;
#[cfg(test)]
mod tests;

use throughline_base::{DestinationId, Timestamp};

use crate::db::{Result, Row, Tx};

pub use member::{
    Change, Dirty, HeldRow, LogRow, Removal, What, dirty_clear, dirty_clear_all, dirty_due, dirty_next, dirty_put,
    dirty_touch, forget_persons, held, held_any, held_count, held_page, log_of, members_apply, removals,
    removals_clear, removals_left, removals_of_request,
};
pub use run::{RunRow, run_get, run_last, run_put, runs, runs_expire};
pub use sync::{SyncRow, sync_get, sync_put, syncs, syncs_of_destination, syncs_owing, syncs_touched_by};

/// A destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationRow {
    /// Its id.
    pub id: DestinationId,
    /// Its name; of those that are active each has its own.
    pub name: String,
    /// `file`, `s3`, `sftp`, `webhook`.
    pub kind: String,
    /// Whether it is in use; an ended one stays for the logs that name it.
    pub active: bool,
    /// JSON without secrets.
    pub settings: String,
    /// JSON, encrypted; empty when there is none.
    pub secrets: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

const DESTINATION: &str = "id, name, kind, state, settings, secrets, created_at, updated_at";

fn destination(r: &Row<'_>) -> Result<DestinationRow> {
    Ok(DestinationRow {
        id: r.get(0)?,
        name: r.text(1)?,
        kind: r.text(2)?,
        active: r.str(3)? == "active",
        settings: r.text(4)?,
        secrets: r.text(5)?,
        created_at: r.at(6)?,
        updated_at: r.at(7)?,
    })
}

/// Adds or replaces a destination.
pub fn put(tx: &mut Tx<'_>, d: &DestinationRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO destination (id, name, kind, state, settings, secrets, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
         state = excluded.state, settings = excluded.settings, secrets = excluded.secrets, \
         updated_at = excluded.updated_at",
        &[
            &d.id,
            &d.name,
            &d.kind,
            &(if d.active { "active" } else { "ended" }),
            &d.settings,
            &d.secrets,
            &d.created_at,
            &d.updated_at,
        ],
    )
}

/// One destination, ended ones too.
pub fn get(tx: &mut Tx<'_>, id: DestinationId) -> Result<Option<DestinationRow>> {
    tx.query_opt(&format!("SELECT {DESTINATION} FROM destination WHERE id = $1"), &[&id], destination)
}

/// Destinations in use, by name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<DestinationRow>> {
    tx.query(
        &format!("SELECT {DESTINATION} FROM destination WHERE state = 'active' ORDER BY name, id LIMIT 1000"),
        &[],
        destination,
    )
}

/// Every destination, ended ones too: for the names in logs, and to encrypt anew.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<DestinationRow>> {
    tx.query(&format!("SELECT {DESTINATION} FROM destination ORDER BY id LIMIT 100000"), &[], destination)
}
