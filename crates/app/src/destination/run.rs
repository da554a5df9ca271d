//! One attempt of a run: compare, write, deliver, and only then note what was delivered.
//!
//! An attempt that dies anywhere leaves the notes as they were, or as far as batches went, and the next one finds what is
//! missing by the same comparison. So nothing is sent that was not wanted at that moment, and nothing is forgotten.

use throughline_base::{AudienceVersionId, PersonId, Problem, RunId, Timestamp};
use throughline_channel::ChannelError;
use throughline_domain::audience::export::{Held, Record, Refusal, Step, Wanted, decide};
use throughline_domain::person::consent::ContactReason;
use throughline_store::audience::AudienceRow;
use throughline_store::destination::{self as rows, Dirty, Removal};
use throughline_store::person as people;
use xxhash_rust::xxh3::xxh3_64;

use super::contact::{Assessed, assess};
use super::deliver::Sink;
use super::page::everybody;
use super::place::Target;
use super::{ByPerson, Counts, Delivered, Mode, Sync, SyncState, version_in_force};
use crate::{App, Result};

/// People compared at once.
pub(super) const CHUNK: u32 = 1_000;
/// People, and removals of erased ones, of one delta.
pub(super) const DELTA: u32 = 20_000;

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The destination did not take it.
    Channel(ChannelError),
    /// Something of ours failed.
    Own(Problem),
}

impl<E: Into<Problem>> From<E> for Fault {
    fn from(e: E) -> Self {
        Self::Own(e.into())
    }
}

/// Which people an attempt looks at.
enum Range {
    /// Everybody in the audience or at the destination.
    Everybody,
    /// Those who were touched.
    Touched(Vec<Dirty>),
    /// Nobody but the erased.
    Erased,
}

/// An attempt under way.
pub(super) struct Attempt<'a> {
    pub(super) app: &'a App,
    pub(super) sync: &'a Sync,
    pub(super) target: &'a Target,
    pub(super) audience: Option<&'a AudienceRow>,
    pub(super) run: RunId,
    /// When the run began: part of its files' names, so that a second attempt replaces what a first one left.
    pub(super) at: Timestamp,
    pub(super) counts: Counts,
    pub(super) files: Vec<Delivered>,
    pub(super) header: Vec<String>,
    /// Who is to be compared again by time alone.
    pub(super) again: Vec<(PersonId, Timestamp)>,
    /// What was taken back of erased people by files, to be noted when they are delivered.
    pub(super) taken_back: Vec<Removal>,
    /// Erased people were taken back: earlier files of theirs must not stay.
    pub(super) erased: bool,
}

pub(super) fn fingerprint(records: &[Record]) -> i64 {
    xxh3_64(&serde_json::to_vec(records).expect("records are plain data")) as i64
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        app: &'a App,
        sync: &'a Sync,
        target: &'a Target,
        audience: Option<&'a AudienceRow>,
        (run, at): (RunId, Timestamp),
        before: Counts,
    ) -> Self {
        // What earlier attempts delivered counts on; what they looked at is looked at again.
        let counts =
            Counts { sent: before.sent, updated: before.updated, removed: before.removed, ..Counts::default() };
        let header = sync.format.header();
        Self {
            app,
            sync,
            target,
            audience,
            run,
            at,
            counts,
            files: Vec::new(),
            header,
            again: Vec::new(),
            taken_back: Vec::new(),
            erased: false,
        }
    }

    /// The definition in force; nobody is wanted when the sync is ending or the audience is gone.
    pub(super) fn version(&self) -> Option<AudienceVersionId> {
        match self.sync.state {
            SyncState::Active | SyncState::Paused => version_in_force(self.audience),
            SyncState::Ending | SyncState::Ended => None,
        }
    }

    pub(super) fn is_snapshot(&self) -> bool {
        matches!(self.sync.mode, Mode::Scheduled(_)) && self.sync.state == SyncState::Active
    }

    /// Does it all.
    pub(super) fn go(&mut self) -> Result<(), Fault> {
        let started = self.app.now();
        // A touch from here on has a larger number and is looked at again.
        let seq = self.app.ids.next();
        let range = self.range(started)?;
        let mut sink = self.sink()?;
        match &range {
            Range::Everybody => {
                let mut after = PersonId::new(0);
                loop {
                    let version = self.version();
                    let page = self
                        .app
                        .db
                        .read(|tx| everybody(tx, self.sync, version, after, CHUNK))
                        .map_err(Problem::from)?;
                    let Some(last) = page.last() else { break };
                    after = *last;
                    self.compare(&page, &mut sink)?;
                }
            }
            Range::Touched(dirty) => {
                for chunk in dirty.chunks(CHUNK as usize) {
                    let persons: Vec<PersonId> = chunk.iter().map(|d| d.person).collect();
                    self.compare(&persons, &mut sink)?;
                }
            }
            Range::Erased => {}
        }
        self.take_back_erased(&mut sink)?;
        self.deliver(sink)?;
        self.settle_touches(&range, seq, started)?;
        self.tidy();
        Ok(())
    }

    fn range(&self, now: Timestamp) -> Result<Range> {
        let row = &self.sync.row;
        Ok(match (self.sync.state, &self.sync.mode) {
            (SyncState::Paused | SyncState::Ended, _) => Range::Erased,
            (SyncState::Ending, _) | (SyncState::Active, Mode::Scheduled(_)) => Range::Everybody,
            (SyncState::Active, Mode::Continuous) if row.full || row.version_id != self.version() => Range::Everybody,
            (SyncState::Active, Mode::Continuous) => {
                Range::Touched(self.app.db.read(|tx| rows::dirty_due(tx, self.sync.id, now, DELTA))?)
            }
        })
    }

    /// Compares people and gives what is to be sent to the sink.
    fn compare(&mut self, persons: &[PersonId], sink: &mut Sink) -> Result<(), Fault> {
        let version = self.version();
        let (mut assessed, held, heirs) = self.app.db.read(|tx| {
            let assessed = assess(tx, self.app, self.sync, version, persons)?;
            let held = rows::held(tx, self.sync.id, persons)?;
            // Who was merged away left identifiers to somebody, of whom they must not be taken.
            let mut heirs: ByPerson<Vec<Record>> = ByPerson::new();
            for row in &held {
                let is_gone = assessed.get(&row.person).is_some_and(|a| !a.is_member);
                if is_gone && let Some(heir) = people::alias_of(tx, row.person)? {
                    let of_heir = assess(tx, self.app, self.sync, version, &[heir])?.remove(&heir);
                    if let Some(Assessed { wanted: Wanted::Present(records), .. }) = of_heir {
                        heirs.insert(row.person, records);
                    }
                }
            }
            Ok((assessed, held, heirs))
        })?;
        let mut standing: ByPerson<Held> = ByPerson::new();
        for row in held {
            let kept = serde_json::from_str(&row.kept)
                .map_err(|e| Problem::internal("sync", "what was delivered cannot be read").caused_by(e))?;
            standing.insert(row.person, Held { check: row.fingerprint, kept });
        }
        for person in persons {
            let Some(a) = assessed.remove(person) else { continue };
            self.count(&a);
            if let Some(at) = a.again_at {
                self.again.push((*person, at));
            }
            let present = if let (true, Wanted::Present(records)) = (self.is_snapshot(), &a.wanted) {
                records.clone()
            } else {
                Vec::new()
            };
            let is_wanted = matches!(a.wanted, Wanted::Present(_));
            let step = decide(standing.remove(person), a.wanted, fingerprint);
            if is_wanted && step == Step::Nothing {
                self.counts.unchanged += 1;
            }
            let step = match step {
                Step::Remove(old) => Step::Remove(match heirs.get(person) {
                    Some(new) if !self.is_table() => self.sync.format.superseded(&old, new),
                    Some(_) | None => old,
                }),
                other => other,
            };
            self.push(sink, *person, present, step)?;
        }
        Ok(())
    }

    /// Tables know people by their ids.
    pub(super) fn is_table(&self) -> bool {
        self.header.first().is_some_and(|name| name == "person_id")
    }

    fn count(&mut self, a: &Assessed) {
        if !a.is_member {
            return;
        }
        self.counts.members += 1;
        match a.wanted {
            Wanted::Refused(Refusal::Consent(ContactReason::Suppressed)) => self.counts.suppressed += 1,
            Wanted::Refused(Refusal::Consent(_)) => self.counts.no_consent += 1,
            Wanted::Refused(Refusal::NoAddress) => self.counts.no_address += 1,
            Wanted::Present(_) | Wanted::Outside => {}
        }
    }

    /// Unmarks who was compared, and marks who is to be compared again when a consent begins or ends.
    fn settle_touches(&mut self, range: &Range, seq: i64, started: Timestamp) -> Result<(), Fault> {
        let app = self.app;
        let sync = self.sync.id;
        match range {
            Range::Everybody => drop(app.db.write(|tx| rows::dirty_clear_all(tx, sync, seq, started))?),
            Range::Touched(dirty) => {
                for chunk in dirty.chunks(CHUNK as usize) {
                    app.db.write(|tx| rows::dirty_clear(tx, sync, chunk))?;
                }
            }
            Range::Erased => {}
        }
        if self.sync.mode != Mode::Continuous {
            return Ok(());
        }
        for chunk in std::mem::take(&mut self.again).chunks(CHUNK as usize) {
            app.db.write(|tx| rows::dirty_put(tx, sync, chunk, app.ids.next()))?;
        }
        Ok(())
    }
}
