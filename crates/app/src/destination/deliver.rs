//! What an attempt sends: records gathered into files or requests, delivered, and noted when they were.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_base::{PersonId, Problem, RequestId, Timestamp};
use throughline_domain::audience::export::{Record, Step};
use throughline_store::destination::{self as rows, Change, Removal, What};
use throughline_store::person as people;

use super::Delivered;
use super::file::{Sheet, Spooled, object};
use super::place::{Target, host_of};
use super::run::{Attempt, CHUNK, DELTA, Fault, fingerprint};
use crate::Result;
use crate::jobs::{self, Chore};

/// A change that waits to be noted.
#[derive(Debug, Serialize, Deserialize)]
struct Noted {
    person: i64,
    what: char,
    fingerprint: i64,
    kept: Vec<Record>,
}

/// Where records go.
pub(super) enum Sink {
    /// Into files, which are delivered at the end.
    Files {
        all: Option<Box<Sheet>>,
        added: Option<Box<Sheet>>,
        removed: Option<Box<Sheet>>,
        notes: std::io::BufWriter<std::fs::File>,
        spool: Spooled,
    },
    /// Into requests, each delivered and noted by itself.
    Hook(Batch),
}

/// People of the next request.
#[derive(Default)]
pub(super) struct Batch {
    people: Vec<Value>,
    added: Vec<Value>,
    updated: Vec<Value>,
    removed: Vec<Value>,
    notes: Vec<Noted>,
    removals: Vec<Removal>,
    number: u64,
    bytes: u64,
    rows: u64,
}

impl Batch {
    fn len(&self) -> usize {
        self.people.len() + self.added.len() + self.updated.len() + self.removed.len()
    }
}

impl Attempt<'_> {
    pub(super) fn sink(&self) -> Result<Sink> {
        if matches!(self.target, Target::Webhook(..)) {
            return Ok(Sink::Hook(Batch::default()));
        }
        let dir = self.app.spool_dir()?;
        let spool = Spooled::at(&dir, &format!("{}.notes", self.run));
        let notes = spool.create()?;
        let all = if self.is_snapshot() {
            Some(Box::new(Sheet::begin(&dir, &self.sync.format, &self.stem(""), "all")?))
        } else {
            None
        };
        Ok(Sink::Files { all, added: None, removed: None, notes, spool })
    }

    /// `vip-20261120T000000123Z-HASH_IMEI-removed`
    fn stem(&self, holds: &str) -> String {
        let time: String = self.at.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        let id_type = self.sync.format.id_type().map(|t| format!("-{t}")).unwrap_or_default();
        let holds = if holds.is_empty() { String::new() } else { format!("-{holds}") };
        format!("{}-{time}{id_type}{holds}", self.sync.name)
    }

    pub(super) fn push(
        &mut self,
        sink: &mut Sink,
        person: PersonId,
        present: Vec<Record>,
        step: Step,
    ) -> Result<(), Fault> {
        let note = |what: char, new: &[Record]| Noted {
            person: person.get(),
            what,
            fingerprint: if what == 'r' { 0 } else { fingerprint(new) },
            kept: self.sync.format.keep(new),
        };
        match sink {
            Sink::Files { all, added, removed, notes, .. } => {
                if let Some(all) = all {
                    all.write(&present)?;
                }
                let is_delta = all.is_none();
                let mut jot = |noted: &Noted| -> Result<()> {
                    let mut line = serde_json::to_vec(noted).expect("a note is plain data");
                    line.push(b'\n');
                    notes
                        .write_all(&line)
                        .map_err(|e| Problem::unavailable("data_dir", format!("cannot write what is to be noted: {e}")))
                };
                match step {
                    Step::Nothing => {}
                    Step::Add(new) => {
                        jot(&note('s', &new))?;
                        if is_delta {
                            self.sheet(added, "added")?.write(&new)?;
                        }
                    }
                    Step::Update { old, new } => {
                        jot(&note('u', &new))?;
                        let gone = self.sync.format.superseded(&old, &new);
                        if !gone.is_empty() {
                            self.sheet(removed, "removed")?.write(&gone)?;
                        }
                        if is_delta {
                            self.sheet(added, "added")?.write(&new)?;
                        }
                    }
                    Step::Remove(old) => {
                        jot(&note('r', &[]))?;
                        let gone = self.sync.format.removals(&old);
                        self.sheet(removed, "removed")?.write(&gone)?;
                    }
                }
            }
            Sink::Hook(batch) => {
                let object = |r: &Record| object(&self.header, r);
                batch.people.extend(present.iter().map(object));
                let is_delta = !self.is_snapshot();
                match step {
                    Step::Nothing => {}
                    Step::Add(new) => {
                        batch.notes.push(note('s', &new));
                        if is_delta {
                            batch.added.extend(new.iter().map(object));
                        }
                    }
                    Step::Update { new, .. } => {
                        batch.notes.push(note('u', &new));
                        if is_delta {
                            batch.updated.extend(new.iter().map(object));
                        }
                    }
                    Step::Remove(old) => {
                        batch.notes.push(note('r', &[]));
                        batch.removed.extend(old.iter().map(id_only));
                    }
                }
                let Target::Webhook(_, most) = self.target else { return Ok(()) };
                if batch.len() >= *most {
                    self.send(batch, false)?;
                }
            }
        }
        Ok(())
    }

    fn sheet<'s>(&self, slot: &'s mut Option<Box<Sheet>>, holds: &'static str) -> Result<&'s mut Sheet> {
        if slot.is_none() {
            *slot = Some(Box::new(Sheet::begin(&self.app.spool_dir()?, &self.sync.format, &self.stem(holds), holds)?));
        }
        Ok(slot.as_deref_mut().expect("it was just made"))
    }

    /// What destinations hold of erased people goes first of all, whoever else is paused.
    pub(super) fn take_back_erased(&mut self, sink: &mut Sink) -> Result<(), Fault> {
        let waiting = self.app.db.read(|tx| rows::removals(tx, self.sync.id, DELTA))?;
        for removal in waiting {
            self.erased = true;
            let kept: Vec<Record> = serde_json::from_str(&removal.kept)
                .map_err(|e| Problem::internal("sync", "what was delivered cannot be read").caused_by(e))?;
            match sink {
                Sink::Files { removed, .. } => {
                    let gone = self.sync.format.removals(&kept);
                    self.sheet(removed, "removed")?.write(&gone)?;
                    self.taken_back.push(removal);
                }
                Sink::Hook(batch) => {
                    batch.removed.extend(kept.iter().map(id_only));
                    batch.removals.push(removal);
                    let Target::Webhook(_, most) = self.target else { continue };
                    if batch.len() >= *most {
                        self.send(batch, false)?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn deliver(&mut self, sink: Sink) -> Result<(), Fault> {
        match sink {
            Sink::Hook(mut batch) => {
                if batch.len() > 0 || self.is_snapshot() || !batch.notes.is_empty() {
                    self.send(&mut batch, true)?;
                }
                if let Target::Webhook(hook, _) = self.target
                    && batch.number > 0
                {
                    self.files.push(Delivered {
                        name: format!("{}-1", self.run),
                        place: host_of(&hook.url),
                        holds: if self.is_snapshot() { "all" } else { "changes" }.into(),
                        rows: batch.rows,
                        bytes: batch.bytes,
                        sha256: String::new(),
                    });
                }
                Ok(())
            }
            Sink::Files { all, added, removed, mut notes, spool } => {
                notes
                    .flush()
                    .map_err(|e| Problem::unavailable("data_dir", format!("cannot write what is to be noted: {e}")))?;
                drop(notes);
                // Who goes is delivered before who comes: a list loses a line before it gains it under another person.
                let sheets = removed.into_iter().chain(added).filter(|s| !s.is_empty()).chain(all);
                for sheet in sheets {
                    let w = sheet.finish()?;
                    let put = self.target.put(&self.app.channels, &w.name, w.spooled.path());
                    let place = put.map_err(Fault::Channel)?;
                    self.files.push(Delivered {
                        name: w.name,
                        place,
                        holds: w.holds.into(),
                        rows: w.rows,
                        bytes: w.bytes,
                        sha256: w.sha256,
                    });
                }
                self.note_file(&spool)
            }
        }
    }

    /// Sends the gathered people and notes them.
    fn send(&mut self, batch: &mut Batch, is_last: bool) -> Result<(), Fault> {
        let Target::Webhook(hook, _) = self.target else { return Ok(()) };
        batch.number += 1;
        let delivery = format!("{}-{}", self.run, batch.number);
        let rows = batch.len() as u64;
        let now = self.app.now();
        let mut body = json!({
            "type": if self.is_snapshot() { "audience.snapshot" } else { "audience.changed" },
            "delivery": delivery, "run": self.run, "batch": batch.number, "last": is_last,
            "sync": self.sync.id, "name": self.sync.name,
            "audience": self.audience.map(|a| json!({ "id": a.id, "key": a.key, "name": a.name })),
            "purpose": self.sync.purpose, "channel": self.sync.channel, "sent_at": now,
            "removed": std::mem::take(&mut batch.removed),
        });
        if self.is_snapshot() {
            body["people"] = Value::Array(std::mem::take(&mut batch.people));
        } else {
            body["added"] = Value::Array(std::mem::take(&mut batch.added));
            body["updated"] = Value::Array(std::mem::take(&mut batch.updated));
        }
        let body = body.to_string().into_bytes();
        let bytes = body.len() as u64;
        hook.send(&self.app.channels, &delivery, body, now).map_err(Fault::Channel)?;
        batch.rows += rows;
        batch.bytes += bytes;
        let removals = std::mem::take(&mut batch.removals);
        self.note(std::mem::take(&mut batch.notes), &removals)?;
        Ok(())
    }

    /// Notes what files held, chunk by chunk.
    fn note_file(&mut self, spool: &Spooled) -> Result<(), Fault> {
        let unread =
            |e: std::io::Error| Problem::unavailable("data_dir", format!("cannot read what is to be noted: {e}"));
        let lines = BufReader::new(std::fs::File::open(spool.path()).map_err(unread)?).lines();
        let mut chunk = Vec::with_capacity(CHUNK as usize);
        for line in lines {
            let noted = serde_json::from_str(&line.map_err(unread)?)
                .map_err(|e| Problem::internal("sync", "what is to be noted cannot be read").caused_by(e))?;
            chunk.push(noted);
            if chunk.len() == CHUNK as usize {
                self.note(std::mem::take(&mut chunk), &[])?;
            }
        }
        let taken_back = std::mem::take(&mut self.taken_back);
        self.note(chunk, &taken_back)?;
        Ok(())
    }

    /// Notes delivered changes in one transaction.
    fn note(&mut self, noted: Vec<Noted>, removals: &[Removal]) -> Result<()> {
        let now = self.app.now();
        let mut changes: Vec<Change> = noted
            .into_iter()
            .map(|n| Change {
                id: self.app.ids.next(),
                person: PersonId::new(n.person),
                what: match n.what {
                    's' => What::Sent,
                    'u' => What::Updated,
                    _ => What::Removed,
                },
                fingerprint: n.fingerprint,
                kept: serde_json::to_string(&n.kept).expect("records are plain data"),
                logged: true,
            })
            .collect();
        for c in &changes {
            match c.what {
                What::Sent => self.counts.sent += 1,
                What::Updated => self.counts.updated += 1,
                What::Removed => self.counts.removed += 1,
            }
        }
        self.counts.removed += removals.len() as u64;
        let ids: Vec<i64> = removals.iter().map(|r| r.id).collect();
        let mut requests: Vec<RequestId> = removals.iter().map(|r| r.request).collect();
        requests.sort_unstable();
        requests.dedup();
        self.app.db.write(|tx| {
            let persons: Vec<PersonId> = changes.iter().map(|c| c.person).collect();
            let mut known: HashSet<PersonId> = people::get(tx, &persons)?.into_iter().map(|p| p.id).collect();
            let mut gone: Vec<(PersonId, Timestamp)> = Vec::new();
            for c in &mut changes {
                if !known.contains(&c.person) && people::alias_of(tx, c.person)?.is_some() {
                    known.insert(c.person);
                }
                c.logged = known.contains(&c.person);
                // Erased while the file was on its way: taken back by the next run, and never logged.
                if !c.logged && c.what != What::Removed {
                    gone.push((c.person, now));
                }
            }
            rows::members_apply(tx, self.sync.id, self.run, &changes, now)?;
            rows::dirty_put(tx, self.sync.id, &gone, self.app.ids.next())?;
            rows::removals_clear(tx, &ids)?;
            for request in &requests {
                // The receipt of an erasure closes its line when nothing of it is left anywhere.
                if !rows::removals_left(tx, *request)? {
                    jobs::enqueue(tx, self.app, Chore::PrivacyErase, &json!({ "request": request }), now)?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Removes files that a folder keeps no longer: beyond so many, and all earlier ones when somebody in them was erased.
    pub(super) fn tidy(&self) {
        let Target::Folder(folder, keep) = self.target else { return };
        let own: HashSet<&str> = self.files.iter().map(|f| f.name.as_str()).collect();
        let prefix = format!("{}-", self.sync.name);
        let Ok(entries) = std::fs::read_dir(&folder.path) else { return };
        let mut names: Vec<String> = entries
            .filter_map(|e| e.ok()?.file_name().into_string().ok())
            .filter(|n| is_file_of(n, &prefix) && !own.contains(n.as_str()))
            .collect();
        // Names hold the time and sort by it, the newest last.
        names.sort_unstable();
        let kept = if self.erased { 0 } else { (*keep as usize).saturating_sub(own.len()) };
        for name in names.iter().take(names.len().saturating_sub(kept)) {
            if let Err(e) = folder.remove(name) {
                tracing::warn!(sync = %self.sync.id, error = %e, "an old file of an export could not be removed");
            }
        }
    }
}

/// `vip-20261120T…`, and not `vip-customers-20261120T…` of another sync.
fn is_file_of(name: &str, prefix: &str) -> bool {
    let Some(rest) = name.strip_prefix(prefix) else { return false };
    rest.len() > 9 && rest.as_bytes()[..8].iter().all(u8::is_ascii_digit) && rest.as_bytes()[8] == b'T'
}

/// A table's removal: the person's id alone.
fn id_only(kept: &Record) -> Value {
    json!({ "person_id": kept.first() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_sync_are_told_from_those_of_one_with_a_longer_name() {
        assert!(is_file_of("vip-20261120T000000123Z.csv", "vip-"));
        assert!(!is_file_of("vip-customers-20261120T000000123Z.csv", "vip-"));
        assert!(!is_file_of("vip-readme.txt", "vip-"));
    }
}
