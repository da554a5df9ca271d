//! `move` (being written).

use crate::db::{Result, StoreError, Tx};

/// The row of `meta` that stands while a move fills this database.
const MARK: &str = "transfer";

/// Refuses a database that a move has not finished filling.
pub(crate) fn refuse_unfinished(tx: &mut Tx<'_>) -> Result<()> {
    match tx.query_opt("SELECT value FROM meta WHERE name = $1", &[&MARK], |r| r.text(0))? {
        None => Ok(()),
        Some(_) => Err(StoreError::invalid(
            "move_unfinished",
            "a move into this database was not finished; run it again, or use the database it came from",
        )),
    }
}
