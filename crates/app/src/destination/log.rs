//! Where a person's data went, for the person, for their archive, and for the receipt of their erasure.

use std::collections::HashMap;

use serde_json::{Value, json};
use throughline_base::{DestinationId, PersonId, RequestId, RunId, SyncId, Timestamp};
use throughline_store::Tx;
use throughline_store::destination::{self as rows, DestinationRow, SyncRow, What};
use throughline_store::person as people;

use crate::{App, Result};

/// Lines of a person's log that are shown or packed at once.
const LOG_MAX: u32 = 10_000;

/// One line of a person's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportEntry {
    /// What happened: `sent`, `updated`, `removed`.
    pub what: &'static str,
    /// When it was delivered.
    pub at: Timestamp,
    /// Where.
    pub destination_id: DestinationId,
    /// Its name.
    pub destination: String,
    /// Its kind.
    pub kind: String,
    /// By which sync.
    pub sync_id: SyncId,
    /// Its name.
    pub sync: String,
    /// For which purpose, as the sync asks today.
    pub purpose: String,
    /// In which run.
    pub run_id: RunId,
}

/// A person's log with where they are now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Presence {
    /// The lines, the newest first.
    pub log: Vec<ExportEntry>,
    /// Syncs whose destination holds the person now.
    pub held: Vec<SyncId>,
}

impl App {
    /// Where a person's data went, under every id they had.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn person_exports(&self, id: PersonId) -> Result<Presence> {
        let id = self.person_find(id)?;
        Ok(self.db.read(|tx| {
            let mut ids = vec![id];
            ids.extend(people::aliases_of(tx, id)?);
            presence(tx, &ids)
        })?)
    }
}

fn presence(tx: &mut Tx<'_>, ids: &[PersonId]) -> throughline_store::Result<Presence> {
    let lines = rows::log_of(tx, ids, i64::MAX, LOG_MAX)?;
    let mut syncs: HashMap<SyncId, SyncRow> = HashMap::new();
    let mut destinations: HashMap<DestinationId, DestinationRow> = HashMap::new();
    let mut log = Vec::with_capacity(lines.len());
    for line in lines {
        if let std::collections::hash_map::Entry::Vacant(slot) = syncs.entry(line.sync)
            && let Some(row) = rows::sync_get(tx, line.sync)?
        {
            slot.insert(row);
        }
        let Some(sync) = syncs.get(&line.sync) else { continue };
        if let std::collections::hash_map::Entry::Vacant(slot) = destinations.entry(sync.destination_id)
            && let Some(row) = rows::get(tx, sync.destination_id)?
        {
            slot.insert(row);
        }
        let Some(destination) = destinations.get(&sync.destination_id) else { continue };
        log.push(ExportEntry {
            what: line.what.as_str(),
            at: line.at,
            destination_id: destination.id,
            destination: destination.name.clone(),
            kind: destination.kind.clone(),
            sync_id: sync.id,
            sync: sync.name.clone(),
            purpose: sync.purpose.clone(),
            run_id: line.run,
        });
    }
    let mut held = Vec::new();
    for sync in syncs.keys() {
        if !rows::held(tx, *sync, ids)?.is_empty() {
            held.push(*sync);
        }
    }
    held.sort_unstable();
    Ok(Presence { log, held })
}

/// What the archive of a person says of destinations: where they are, and every delivery.
pub(crate) fn export_room(tx: &mut Tx<'_>, persons: &[PersonId]) -> throughline_store::Result<(usize, Value)> {
    let found = presence(tx, persons)?;
    let lines: Vec<Value> = found
        .log
        .iter()
        .map(|e| {
            json!({
                "what": e.what, "at": e.at, "destination": e.destination, "kind": e.kind, "list": e.sync,
                "purpose": e.purpose, "run": e.run_id,
            })
        })
        .collect();
    let now_at: Vec<&str> = found
        .log
        .iter()
        .filter(|e| found.held.contains(&e.sync_id) && e.what == What::Sent.as_str())
        .map(|e| e.destination.as_str())
        .collect();
    Ok((lines.len(), json!({ "now_at": now_at, "deliveries": lines })))
}

/// Forgets people and leaves for every destination what takes them back. Returns rows of the log removed, and for each
/// destination how many removals wait.
pub(crate) fn erase_persons(
    tx: &mut Tx<'_>,
    app: &App,
    persons: &[PersonId],
    request: RequestId,
) -> throughline_store::Result<(u64, Vec<(String, u64)>)> {
    let now = app.now();
    let (logged, waiting) = rows::forget_persons(tx, persons, request, || app.ids.next(), now)?;
    let mut by_destination: Vec<(String, u64)> = Vec::new();
    for (sync, n) in waiting {
        let Some(sync) = rows::sync_get(tx, sync)? else { continue };
        let place = place_of(sync.destination_id);
        match by_destination.iter_mut().find(|(p, _)| *p == place) {
            Some(slot) => slot.1 += n as u64,
            None => by_destination.push((place, n as u64)),
        }
    }
    app.tasks.ring();
    Ok((logged, by_destination))
}

/// What each destination still has to take back for an erasure, as places of the receipt.
pub(crate) fn erase_destinations(tx: &mut Tx<'_>, request: RequestId) -> throughline_store::Result<Vec<(String, u64)>> {
    let left = rows::removals_of_request(tx, request)?;
    Ok(left.into_iter().map(|(id, n)| (place_of(id), n as u64)).collect())
}

fn place_of(id: DestinationId) -> String {
    format!("destination.{id}")
}
