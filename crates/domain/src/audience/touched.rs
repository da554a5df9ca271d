//! What of a person has changed, and what a part looks at: only parts that look at what changed are evaluated again.

use std::collections::BTreeSet;

/// What changed of one person since the last evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Everything: after a merge, an unmerge, an erasure.
    pub everything: bool,
    /// Traits, by name.
    pub traits: BTreeSet<String>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Consents.
    pub consents: bool,
    /// The stage.
    pub stage: bool,
    /// Identifiers.
    pub identifiers: bool,
    /// Suppression.
    pub suppressed: bool,
    /// Lists, by key.
    pub lists: BTreeSet<String>,
    /// Predictions, by key.
    pub predictions: BTreeSet<String>,
    /// Keys of tracks that took in an event; [`super::Program::occur`] fills them.
    pub tracks: BTreeSet<u64>,
}

impl Touched {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Both.
    pub fn join(&mut self, other: Self) {
        self.everything |= other.everything;
        self.traits.extend(other.traits);
        self.tags.extend(other.tags);
        self.consents |= other.consents;
        self.stage |= other.stage;
        self.identifiers |= other.identifiers;
        self.suppressed |= other.suppressed;
        self.lists.extend(other.lists);
        self.predictions.extend(other.predictions);
        self.tracks.extend(other.tracks);
    }
}

/// What one part, or a whole program, looks at in the state of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactNeeds {
    /// Traits, by name (the first step when it looks deeper).
    pub traits: BTreeSet<String>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Consents.
    pub consents: bool,
    /// The stage.
    pub stage: bool,
    /// Identifiers.
    pub identifiers: bool,
    /// Suppression.
    pub suppressed: bool,
    /// Lists, by key.
    pub lists: BTreeSet<String>,
    /// Predictions, by key.
    pub predictions: BTreeSet<String>,
}

impl FactNeeds {
    pub(super) fn join(&mut self, other: &Self) {
        self.traits.extend(other.traits.iter().cloned());
        self.tags.extend(other.tags.iter().cloned());
        self.consents |= other.consents;
        self.stage |= other.stage;
        self.identifiers |= other.identifiers;
        self.suppressed |= other.suppressed;
        self.lists.extend(other.lists.iter().cloned());
        self.predictions.extend(other.predictions.iter().cloned());
    }

    /// Whether something it looks at changed.
    pub(super) fn touched(&self, t: &Touched) -> bool {
        let meet = |a: &BTreeSet<String>, b: &BTreeSet<String>| !b.is_empty() && !a.is_disjoint(b);
        t.everything
            || (self.consents && t.consents)
            || (self.stage && t.stage)
            || (self.identifiers && t.identifiers)
            || (self.suppressed && t.suppressed)
            || meet(&self.traits, &t.traits)
            || meet(&self.tags, &t.tags)
            || meet(&self.lists, &t.lists)
            || meet(&self.predictions, &t.predictions)
    }
}
