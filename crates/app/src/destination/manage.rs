//! Destinations: made, changed, tested, ended. Every act is audited; no answer holds a secret but the one that makes it.

use serde_json::json;
use throughline_base::{DestinationId, Problem, Timestamp};
use throughline_store::destination::{self as rows, DestinationRow};
use throughline_store::job;

use super::place::{TEST_FILE, host_of, new_signing_secret, problem};
use super::{Place, Secrets, SecretsPatch, SyncState};
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Longest name, in characters.
const NAME_MAX: usize = 100;

/// A destination as shown.
#[derive(Debug, Clone)]
pub struct DestinationView {
    /// Its id.
    pub id: DestinationId,
    /// Its name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// Names of the secrets that are set.
    pub secrets: Vec<String>,
    /// Syncs that are not ended.
    pub syncs: u64,
    /// Syncs whose last attempt failed.
    pub failing: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestAnswer {
    /// It works.
    pub ok: bool,
    /// Where the test went, or what is wrong and how to mend it.
    pub detail: String,
}

fn unknown(id: DestinationId) -> Problem {
    Problem::not_found("destination_unknown", format!("there is no destination {id}"))
}

impl App {
    /// Destinations in use.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn destinations(&self) -> Result<Vec<DestinationView>> {
        let found = self.db.read(rows::list)?;
        found.into_iter().map(|row| self.destination_view(row)).collect()
    }

    /// One destination.
    ///
    /// # Errors
    /// When there is none.
    pub fn destination(&self, id: DestinationId) -> Result<DestinationView> {
        self.destination_view(self.destination_row(id)?)
    }

    pub(super) fn destination_row(&self, id: DestinationId) -> Result<DestinationRow> {
        self.db.read(|tx| rows::get(tx, id))?.filter(|d| d.active).ok_or_else(|| unknown(id))
    }

    fn destination_view(&self, row: DestinationRow) -> Result<DestinationView> {
        let place = serde_json::from_str(&row.settings).map_err(|e| {
            Problem::internal("destination", format!("the stored settings of {} cannot be read", row.id)).caused_by(e)
        })?;
        // A key that is lost must not hide the destination: its secrets are shown as not set, and can be entered anew.
        let secrets = self.destination_open(&row).map(|(_, s)| s.names()).unwrap_or_default();
        let syncs = self.db.read(|tx| rows::syncs_of_destination(tx, row.id))?;
        let standing = syncs.iter().filter(|s| s.state != SyncState::Ended.as_str());
        Ok(DestinationView {
            id: row.id,
            name: row.name,
            place,
            secrets,
            syncs: standing.clone().count() as u64,
            failing: standing.filter(|s| s.error.is_some()).count() as u64,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    /// Makes a destination. Returns the key of a webhook's signature, shown this once, when it was made here.
    ///
    /// # Errors
    /// When the name is taken or the settings cannot work.
    pub fn destination_create(
        &self,
        caller: &Caller,
        name: &str,
        place: Place,
        patch: SecretsPatch,
    ) -> Result<(DestinationView, Option<String>)> {
        let mut secrets = Secrets::default().patched(patch);
        let mut made = None;
        if matches!(place, Place::Webhook { .. }) && secrets.signing_secret.is_none() {
            let fresh = new_signing_secret();
            secrets.signing_secret = Some(fresh.clone());
            made = Some(fresh);
        }
        let now = self.now();
        let row = DestinationRow {
            id: DestinationId::new(self.ids.next()),
            name: String::new(),
            kind: place.kind().to_owned(),
            active: true,
            settings: String::new(),
            secrets: String::new(),
            created_at: now,
            updated_at: now,
        };
        let view = self.destination_save(caller, "destination.create", row, name, place, &secrets)?;
        Ok((view, made))
    }

    /// Changes a destination; what is left out stays. A destination does not change its kind.
    ///
    /// # Errors
    /// When there is none, the name is taken, or the settings cannot work.
    pub fn destination_update(
        &self,
        caller: &Caller,
        id: DestinationId,
        name: Option<&str>,
        place: Option<Place>,
        patch: SecretsPatch,
    ) -> Result<DestinationView> {
        let row = self.destination_row(id)?;
        let stored = serde_json::from_str(&row.settings).map_err(|e| {
            Problem::internal("destination", format!("the stored settings of {id} cannot be read")).caused_by(e)
        })?;
        let place = place.unwrap_or(stored);
        if place.kind() != row.kind {
            let detail = format!("a destination of kind {} stays one; make another for {}", row.kind, place.kind());
            return Err(Problem::conflict("destination_kind", detail));
        }
        // With a lost key everything is entered anew; what is then missing is said by the check.
        let secrets = self.destination_open(&row).map(|(_, s)| s).unwrap_or_default().patched(patch);
        let name = name.map_or_else(|| row.name.clone(), str::to_owned);
        let view = self.destination_save(caller, "destination.update", row, &name, place, &secrets)?;
        self.destination_wake(id)?;
        Ok(view)
    }

    fn destination_save(
        &self,
        caller: &Caller,
        action: &str,
        mut row: DestinationRow,
        name: &str,
        mut place: Place,
        secrets: &Secrets,
    ) -> Result<DestinationView> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX {
            let detail = format!("a destination needs a name of 1 to {NAME_MAX} characters");
            return Err(Problem::invalid("destination_name", detail));
        }
        if let (Place::Webhook { host, .. }, Some(url)) = (&mut place, &secrets.url) {
            *host = host_of(url);
        }
        place.target(secrets, &self.settings.data_dir, &self.channels)?;
        row.name = name.to_owned();
        row.settings = serde_json::to_string(&place).expect("settings are plain data");
        let plain = serde_json::to_string(secrets).expect("secrets are plain data");
        row.secrets = self.vault.seal(&row.id.to_string(), &plain);
        row.updated_at = self.now();
        self.db.write(|tx| {
            if rows::list(tx)?.iter().any(|d| d.name == row.name && d.id != row.id) {
                let detail = format!("there is a destination `{}` already; choose another name", row.name);
                return Err(Problem::conflict("destination_name", detail).into());
            }
            rows::put(tx, &row)?;
            let detail = json!({ "name": row.name, "kind": row.kind, "secrets": secrets.names() });
            audit(tx, self, &caller.actor, action, &row.id.to_string(), &detail)
        })?;
        self.destination_view(row)
    }

    /// After a change what was refused is tried again at once, and jobs that waited for their next attempt run now.
    fn destination_wake(&self, id: DestinationId) -> Result<()> {
        let now = self.now();
        self.db.write(|tx| {
            for mut s in rows::syncs_of_destination(tx, id)? {
                if s.error.is_some() && s.state != SyncState::Ended.as_str() {
                    s.next_at = Some(now);
                    rows::sync_put(tx, &s)?;
                }
                if let Some(job) = s.job_id {
                    job::hasten(tx, job, now)?;
                }
            }
            Ok(())
        })?;
        self.tasks.ring();
        Ok(())
    }

    /// Tries a destination with something that holds nobody's data.
    ///
    /// # Errors
    /// When there is none; what the destination says is in the answer.
    pub fn destination_test(&self, caller: &Caller, id: DestinationId) -> Result<TestAnswer> {
        let row = self.destination_row(id)?;
        let outcome = self.destination_open(&row).and_then(|(place, secrets)| {
            let target = place.target(&secrets, &self.settings.data_dir, &self.channels)?;
            let dir = self.spool_dir()?;
            let file = dir.join(TEST_FILE);
            std::fs::write(&file, "a test of the connection; nobody's data\n")
                .map_err(|e| Problem::unavailable("data_dir", format!("cannot write {}: {e}", file.display())))?;
            target.test(&self.channels, &dir, self.now()).map_err(problem)
        });
        let answer = match outcome {
            Ok(place) => TestAnswer { ok: true, detail: place },
            Err(e) => TestAnswer { ok: false, detail: e.detail },
        };
        self.db.write(|tx| {
            audit(tx, self, &caller.actor, "destination.test", &id.to_string(), &json!({ "ok": answer.ok }))
        })?;
        Ok(answer)
    }

    /// Ends a destination: its secrets are forgotten, its name stays for the logs.
    ///
    /// # Errors
    /// When there is none, or a sync of it is not ended.
    pub fn destination_end(&self, caller: &Caller, id: DestinationId) -> Result<()> {
        let mut row = self.destination_row(id)?;
        self.db.write(|tx| {
            let standing = rows::syncs_of_destination(tx, id)?;
            if let Some(s) = standing.iter().find(|s| s.state != SyncState::Ended.as_str()) {
                let detail = format!("`{}` is still kept there; end its sync first", s.name);
                return Err(Problem::conflict("destination_in_use", detail).into());
            }
            for s in &standing {
                if !rows::removals(tx, s.id, 1)?.is_empty() {
                    let detail =
                        "somebody erased is still to be taken back there; mend the destination, so that it can be";
                    return Err(Problem::conflict("destination_in_use", detail).into());
                }
            }
            row.active = false;
            row.secrets = String::new();
            row.updated_at = self.now();
            rows::put(tx, &row)?;
            audit(tx, self, &caller.actor, "destination.end", &id.to_string(), &json!({ "name": row.name }))
        })?;
        Ok(())
    }

    /// Encrypts every destination's secrets with the key in force; returns how many had another one.
    ///
    /// # Errors
    /// When the store cannot be written. What cannot be opened stays as it is, and is said.
    pub(crate) fn secrets_renew(&self) -> Result<usize> {
        let stale: Vec<DestinationRow> = self
            .db
            .read(rows::all)?
            .into_iter()
            .filter(|d| !d.secrets.is_empty() && !self.vault.is_current(&d.secrets))
            .collect();
        let mut renewed = 0;
        for mut row in stale {
            let place = row.id.to_string();
            match self.vault.open(&place, &row.secrets) {
                Ok(plain) => {
                    row.secrets = self.vault.seal(&place, &plain);
                    self.db.write(|tx| rows::put(tx, &row))?;
                    renewed += 1;
                }
                Err(e) => tracing::warn!(destination = %row.id, error = %e, "credentials could not be encrypted anew"),
            }
        }
        if renewed > 0 {
            tracing::info!(destinations = renewed, "credentials encrypted with the key in force");
        }
        Ok(renewed)
    }
}
