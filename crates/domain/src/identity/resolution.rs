//! What goes into a decision and what comes out: an [`Observation`] and the complete delta of rows it leads to.

use std::fmt;

use serde::{Deserialize, Serialize};
use throughline_base::{EventId, IdentifierId, PersonId, SourceId, Timestamp};

use super::evidence::{Evidence, ProfileCheck};
use super::rules::Stitching;
use super::state::{CannotLink, EdgeState, NodeState, SliceState};
use crate::event::Claim;

/// How the claims of an observation are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservationKind {
    /// An event carried them together.
    Assert,
    /// They are the same person, said outright; a device among them brings all its history.
    Alias,
    /// They are bound together.
    Bind,
    /// All but the strongest (or the only one) are taken off their person.
    Unbind,
}

/// What is known of somebody's name and birthday, to tell a family phone from a recycled one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileHint {
    /// The name, cleaned.
    pub name: Option<String>,
    /// The birthday as an ISO date, or month and day.
    pub birthday: Option<String>,
}

impl ProfileHint {
    /// Compares two sides: only what is known on both counts, and `Different` needs name and birthday to differ.
    #[must_use]
    pub fn check(&self, other: &Self) -> ProfileCheck {
        let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
            (Some(a), Some(b)) => Some(a.trim().to_lowercase() == b.trim().to_lowercase()),
            (None, _) | (_, None) => None,
        };
        match (same(&self.name, &other.name), same(&self.birthday, &other.birthday)) {
            (Some(true), Some(true)) => ProfileCheck::Same,
            (Some(false), Some(false)) => ProfileCheck::Different,
            (Some(_), Some(_)) | (None, _) | (_, None) => ProfileCheck::Unknown,
        }
    }
}

/// The identifiers of one event, with what else the decision depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// How the claims are meant.
    pub kind: ObservationKind,
    /// The source of the event.
    pub source_id: SourceId,
    /// The event.
    pub source_event: Option<EventId>,
    /// When it happened.
    pub at: Timestamp,
    /// Its identifiers, normalised.
    pub claims: Vec<Claim>,
    /// The source is a kiosk or a staff tablet: its devices speak for nobody.
    pub kiosk: bool,
    /// How much anonymous history a login takes along, as the source is set up.
    pub stitching: Stitching,
    /// The person logged out with this event.
    pub logout: bool,
    /// The start of the web session, when the source tells; else it is derived from the device's activity.
    pub session_start_at: Option<Timestamp>,
    /// Name and birthday as this event or its strongest identifier's person gives them.
    pub profile: Option<ProfileHint>,
    /// The same of the persons that may own a contested identifier, by person.
    pub known_profiles: Vec<(PersonId, ProfileHint)>,
}

/// Why a claim was kept out of linking. It stays on the event as data and with its present owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum DropReason {
    /// A blocked value.
    Blocked {
        /// Which rule blocks it.
        rule: String,
    },
    /// The identifier is suspended: it joined too many persons in a day.
    Suspended,
    /// Devices of a kiosk speak for nobody.
    Kiosk,
    /// The person would have more identifiers of this kind than allowed.
    MaxPerPerson {
        /// The namespace that would be over its limit.
        namespace: String,
        /// The limit.
        max: u32,
    },
    /// The identifier would have more owners than allowed.
    MaxOwners {
        /// The limit.
        max: u32,
    },
    /// Somebody said that the two are different persons.
    CannotLink {
        /// The evidence that says so.
        seq: i64,
    },
    /// The person would have too many identifiers in all.
    IdentifierCap {
        /// The cap.
        max: u32,
    },
    /// The person was merged too often.
    MergeCap {
        /// The cap.
        max: u32,
        /// Whether it is the cap of a day.
        daily: bool,
    },
    /// Two identifiers of the same rank disagree; neither is better.
    EqualRank,
    /// A phone of two memberships with different names and birthdays.
    FamilyPhone,
    /// The person had this identifier and lost it to another; it is not taken back without an operator.
    Contested,
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked { rule } => write!(f, "not linked: {rule}"),
            Self::Suspended => f.write_str("not linked: suspended, it joined too many persons in a day"),
            Self::Kiosk => f.write_str("not linked: a kiosk's device speaks for nobody"),
            Self::MaxPerPerson { namespace, max } => {
                write!(f, "not linked: the person would have more than {max} {namespace}")
            }
            Self::MaxOwners { max } => write!(f, "not linked: it would have more than {max} owners"),
            Self::CannotLink { seq } => write!(f, "not linked: evidence {seq} says they are different persons"),
            Self::IdentifierCap { max } => write!(f, "not linked: the person would have more than {max} identifiers"),
            Self::MergeCap { max, daily: true } => {
                write!(f, "not linked: the person was merged {max} times within a day")
            }
            Self::MergeCap { max, daily: false } => write!(f, "not linked: the person was merged {max} times"),
            Self::EqualRank => f.write_str("not linked: two identifiers of the same rank disagree"),
            Self::FamilyPhone => {
                f.write_str("not linked: a phone of two memberships with different names and birthdays")
            }
            Self::Contested => f.write_str("not linked: a former owner claims it back"),
        }
    }
}

/// A claim kept out of linking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The claim.
    pub claim: Claim,
    /// Its node, unless the value is blocked.
    pub node: Option<IdentifierId>,
    /// Why.
    pub reason: DropReason,
}

/// Why a person should look at something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// Two persons that evidence would make one, but a rule does not.
    RefusedMerge,
    /// Two identifiers of the same rank in one event that are two persons.
    EqualRank,
    /// An identifier was suspended.
    Suspended,
    /// A phone of two memberships with different names and birthdays.
    FamilyPhone,
    /// A former owner claims an identifier back.
    Contested,
    /// A probable match below the threshold of linking.
    Probable,
}

impl ReviewKind {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RefusedMerge => "refused_merge",
            Self::EqualRank => "equal_rank",
            Self::Suspended => "suspended",
            Self::FamilyPhone => "family_phone",
            Self::Contested => "contested",
            Self::Probable => "probable",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::RefusedMerge, Self::EqualRank, Self::Suspended, Self::FamilyPhone, Self::Contested, Self::Probable]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

/// An item for the review queue; `(kind, a, b)` is its key, so a repetition adds nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewItem {
    /// Why.
    pub kind: ReviewKind,
    /// The identifier in question.
    pub a: IdentifierId,
    /// The one it would have been tied to.
    pub b: Option<IdentifierId>,
    /// The reason, for people.
    pub reason: String,
}

/// Something to show on the source or the person; nothing was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum Warning {
    /// A claim carried a blocked value.
    BlockedValue {
        /// The namespace.
        namespace: String,
        /// Which rule blocks it.
        rule: String,
    },
    /// A person has reached half of the cap of identifiers.
    IdentifiersHalfway {
        /// The person.
        person: PersonId,
        /// How many it has.
        count: u32,
        /// The cap.
        max: u32,
    },
    /// A person has reached half of a cap of merges.
    MergesHalfway {
        /// The person.
        person: PersonId,
        /// How many it has.
        count: u32,
        /// The cap.
        max: u32,
        /// Whether it is the cap of a day.
        daily: bool,
    },
    /// After an unmerge the identifiers are still one person, by other evidence.
    StillLinked {
        /// One row of the evidence that still ties them.
        seq: i64,
    },
    /// An operator's link put a person over a limit that holds for events.
    OverLimit {
        /// The namespace.
        namespace: String,
    },
}

/// Two persons became one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PersonMerge {
    /// The id that stays.
    pub kept: PersonId,
    /// The id that is an alias from now on.
    pub absorbed: PersonId,
}

/// One person became two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PersonSplit {
    /// The person it was.
    pub from: PersonId,
    /// The person that left it.
    pub into: PersonId,
}

/// The outcome of a decision: who it is, and every row to write. Writing all of it, and nothing else, keeps the store
/// equal to a fold from scratch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The line the event hangs on. `None` when the event has no usable identifier at all, and for operations.
    pub line: Option<IdentifierId>,
    /// The person of that line.
    pub person: Option<PersonId>,
    /// Nodes to insert.
    pub new_nodes: Vec<NodeState>,
    /// Nodes to update: evidence-derived fields and activity.
    pub changed_nodes: Vec<NodeState>,
    /// Nodes of which only the activity (`first_at`, `last_at`, `session_start_at`, `logged_out_at`) changed.
    pub active_nodes: Vec<NodeState>,
    /// Rows to append to the log.
    pub new_evidence: Vec<Evidence>,
    /// Edges to insert.
    pub new_edges: Vec<EdgeState>,
    /// Edges to delete.
    pub removed_edges: Vec<EdgeState>,
    /// Slices to insert, or to replace by `(node, seq)`.
    pub changed_slices: Vec<SliceState>,
    /// Slices to delete.
    pub removed_slices: Vec<SliceState>,
    /// Cannot-links to insert.
    pub new_cannot_links: Vec<CannotLink>,
    /// Cannot-links to delete.
    pub removed_cannot_links: Vec<CannotLink>,
    /// The fingerprint to put on record.
    pub new_fingerprint: Option<u64>,
    /// Nodes whose person changed: which, from whom, to whom.
    pub moved: Vec<(IdentifierId, PersonId, PersonId)>,
    /// Persons that became one.
    pub merges: Vec<PersonMerge>,
    /// Persons that became two.
    pub splits: Vec<PersonSplit>,
    /// Items for the review queue.
    pub reviews: Vec<ReviewItem>,
    /// Warnings for the source and the person.
    pub warnings: Vec<Warning>,
    /// Claims kept out of linking.
    pub dropped: Vec<Dropped>,
}

impl Resolution {
    /// Whether the log and the graph stay as they are (activity aside).
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.new_evidence.is_empty() && self.new_nodes.is_empty() && self.changed_nodes.is_empty()
    }
}
