//! Marks on people about whom something changed that no event tells of, left in the transaction of the change.

use std::collections::{BTreeMap, BTreeSet};

use throughline_base::{IdentifierId, PersonId};
use throughline_domain::identity::Resolution;
use throughline_store::audience::{self as rows, Dirty};
use throughline_store::{Tx, identity};

use super::{Stored, force};
use crate::App;

/// What a mark asks for, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// Facts changed.
    Facts = 0,
    /// The person's identifiers went to another person, all of them and whole.
    Gone = 1,
    /// Its events are other ones than before.
    Events = 2,
}

/// Why somebody came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Event,
    Timer,
    Trait,
    Tag,
    Stage,
    Consent,
    Merge,
    Unmerge,
    Erasure,
    List,
    Prediction,
    Definition,
    Replay,
}

impl Cause {
    /// The stored and shown name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Timer => "timer",
            Self::Trait => "trait",
            Self::Tag => "tag",
            Self::Stage => "stage",
            Self::Consent => "consent",
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Erasure => "erasure",
            Self::List => "list",
            Self::Prediction => "prediction",
            Self::Definition => "definition",
            Self::Replay => "replay",
        }
    }
}

/// Marks people, in the transaction that changes what is known of them. Where nothing is defined, nothing is written.
pub(crate) fn people(
    tx: &mut Tx<'_>,
    app: &App,
    persons: impl IntoIterator<Item = PersonId>,
    what: What,
    cause: Cause,
) -> Stored<()> {
    let persons: BTreeSet<PersonId> = persons.into_iter().collect();
    if persons.is_empty() || !force::is_any(tx)? {
        return Ok(());
    }
    let marks: Vec<Dirty> = persons
        .into_iter()
        .map(|person| Dirty { person, seq: app.ids.next(), what: what as i64, cause: cause.as_str().into() })
        .collect();
    rows::dirty_mark(tx, &marks).map(drop)
}

/// What decisions about identity mean for people, gathered until it is written with them.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    persons: BTreeMap<PersonId, (What, bool)>,
    /// Lines of shared devices whose events were dealt out anew: whoever has them afterwards.
    lines: BTreeSet<IdentifierId>,
}

impl Moves {
    /// Takes a decision in. `by_event` when the log tells of it as well.
    pub(crate) fn note(&mut self, r: &Resolution, by_event: bool) {
        let plain = r.splits.is_empty() && r.changed_slices.is_empty() && r.removed_slices.is_empty();
        let split = !r.splits.is_empty();
        for (_, from, to) in &r.moved {
            let whole = plain && r.merges.iter().any(|m| m.absorbed == *from && m.kept == *to);
            self.add(*from, if whole { What::Gone } else { What::Events }, split);
            self.add(*to, if whole { What::Facts } else { What::Events }, split);
        }
        for s in r.changed_slices.iter().chain(&r.removed_slices) {
            self.lines.extend([s.node, s.line]);
        }
        for n in r.changed_nodes.iter().filter(|n| !by_event || r.person != Some(n.person)) {
            self.add(n.person, What::Facts, split);
        }
        for n in r.new_nodes.iter().filter(|_| !by_event) {
            self.add(n.person, What::Facts, split);
        }
    }

    fn add(&mut self, person: PersonId, what: What, split: bool) {
        let slot = self.persons.entry(person).or_insert((what, split));
        *slot = (slot.0.max(what), slot.1 || split);
    }

    /// Writes the marks; the tables must show the decisions by now.
    pub(crate) fn write(&mut self, tx: &mut Tx<'_>, app: &App) -> Stored<()> {
        let lines: Vec<IdentifierId> = std::mem::take(&mut self.lines).into_iter().collect();
        if lines.is_empty() && self.persons.is_empty() {
            return Ok(());
        }
        for (_, person) in identity::persons_of_lines(tx, &lines)? {
            self.add(person, What::Events, false);
        }
        for (person, (what, split)) in std::mem::take(&mut self.persons) {
            people(tx, app, [person], what, if split { Cause::Unmerge } else { Cause::Merge })?;
        }
        Ok(())
    }
}
