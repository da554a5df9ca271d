//! What a destination holds of a person against what it should hold.
//!
//! The comparison is with what was *delivered*, never with what was meant to be: a run that failed leaves the difference
//! standing, and the next one sends it. So a withdrawn consent, an exit, a merge and a changed address all end the same
//! way, and sending twice changes nothing.

use super::Record;
use crate::person::consent::ContactReason;

/// Why a person in the audience is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing allows it: the reason is the consent's.
    Consent(ContactReason),
    /// The format has nothing to recognise the person by.
    NoAddress,
}

impl Refusal {
    /// The name under which runs count it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent(ContactReason::Suppressed) => "suppressed",
            Self::Consent(_) => "no_consent",
            Self::NoAddress => "no_address",
        }
    }
}

/// What a destination should hold of a person now.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// These records.
    Present(Vec<Record>),
    /// Nothing, because it may not be.
    Refused(Refusal),
    /// Nothing, because the person is not in the audience.
    Outside,
}

/// What a destination holds of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Fingerprint of the records as delivered.
    pub check: i64,
    /// What [`super::Format::keep`] kept of them.
    pub kept: Vec<Record>,
}

/// What to do about one person.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing: the destination is right.
    Nothing,
    /// Send the person for the first time.
    Add(Vec<Record>),
    /// Send the person anew: what the destination holds is out of date. `old` is what must go first in a list.
    Update {
        /// As delivered.
        old: Vec<Record>,
        /// As it should be.
        new: Vec<Record>,
    },
    /// Take the person back.
    Remove(Vec<Record>),
}

/// Compares. `check` is the fingerprint of the wanted records.
#[must_use]
pub fn decide(held: Option<Held>, wanted: Wanted, check: impl Fn(&[Record]) -> i64) -> Step {
    match (held, wanted) {
        (None, Wanted::Present(new)) => Step::Add(new),
        (Some(held), Wanted::Present(new)) if held.check == check(&new) => Step::Nothing,
        (Some(held), Wanted::Present(new)) => Step::Update { old: held.kept, new },
        (Some(held), Wanted::Refused(_) | Wanted::Outside) => Step::Remove(held.kept),
        (None, Wanted::Refused(_) | Wanted::Outside) => Step::Nothing,
    }
}
