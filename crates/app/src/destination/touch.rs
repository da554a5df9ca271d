//! What changes a person tells continuous syncs, in the transaction of the change.

use throughline_base::PersonId;
use throughline_store::{Tx, destination as rows};

use crate::App;

/// Notes that these people may have come, gone or changed: membership, consent, identifiers, traits, merges and splits. Of
/// people who are gone too, by their old ids. Costs one small read when nothing is kept anywhere.
pub(crate) fn touched(tx: &mut Tx<'_>, app: &App, persons: &[PersonId]) -> throughline_store::Result<()> {
    if persons.is_empty() {
        return Ok(());
    }
    let live = rows::syncs_touched_by(tx)?;
    if live.is_empty() {
        return Ok(());
    }
    rows::dirty_touch(tx, &live, persons, app.ids.next(), app.now())
}
