//! Erase, export, suppress: jobs with a receipt, and the gate that keeps the erased from coming back.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use throughline_domain::event::Event;
use throughline_domain::person::consent::hex;
use throughline_store::Tx;
use throughline_store::person as rows;

use crate::App;

/// The keyed hash of an identifier: what remains of it after erasure. Without the key it cannot be guessed from a list
/// of phone numbers.
pub(crate) fn tombstone_hash(app: &App, namespace: &str, value: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.settings.secret).expect("HMAC takes a key of any length");
    mac.update(namespace.as_bytes());
    mac.update(&[0]);
    mac.update(value.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Whether an event names somebody who was erased or asked not to be collected. Counts what it refuses.
pub(crate) fn is_buried(tx: &mut Tx<'_>, app: &App, e: &Event) -> throughline_store::Result<bool> {
    let hashes: Vec<String> = e.claims.iter().map(|c| tombstone_hash(app, &c.namespace, &c.value)).collect();
    let found = rows::tombstones(tx, &hashes)?;
    for t in &found {
        rows::tombstone_refused(tx, &t.hash)?;
    }
    if !found.is_empty() {
        crate::meter::Meter::add(&app.meter.erased, 1);
    }
    Ok(!found.is_empty())
}
