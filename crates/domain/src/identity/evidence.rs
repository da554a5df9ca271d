//! The log: every decision is a row, nothing is ever updated, and the graph can be folded from it again.

use serde::{Deserialize, Serialize};
use throughline_base::{EventId, IdentifierId, Timestamp};

use super::rules::{Stitching, Strength};

/// What a row of evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// An event claimed `a`; it was tied to `b`, or to nothing and `note` says why.
    Assert,
    /// The same, from an explicit bind.
    Bind,
    /// The same, from an explicit alias.
    Alias,
    /// An event claimed `a`, a new generation taken over from its former owner, and tied it to `b`.
    Takeover,
    /// `a` came along with another device that was tied to `b`.
    Follow,
    /// The link of `a` (and of its children) ended.
    Unbind,
    /// `a` was replaced by `b`; both stay with the person, `a` with an end date.
    Rename,
    /// The session on device `a`, whose events were `b`'s, ended at `at`.
    Logout,
    /// An operator says that `a` and `b` are one person.
    MustLink,
    /// An operator, or an unmerge, says that `a` and `b` are two persons.
    CannotLink,
    /// The matcher says that `a` and `b` are one person, with `score`.
    Match,
    /// An operator blocked the value of `a`, also for the past.
    Block,
    /// An operator lifted the block or the suspension of `a`.
    Unblock,
    /// The row `target` does not count any more.
    Retract,
}

impl EvidenceKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Assert,
        Self::Bind,
        Self::Alias,
        Self::Takeover,
        Self::Follow,
        Self::Unbind,
        Self::Rename,
        Self::Logout,
        Self::MustLink,
        Self::CannotLink,
        Self::Match,
        Self::Block,
        Self::Unblock,
        Self::Retract,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assert => "assert",
            Self::Bind => "bind",
            Self::Alias => "alias",
            Self::Takeover => "takeover",
            Self::Follow => "follow",
            Self::Unbind => "unbind",
            Self::Rename => "rename",
            Self::Logout => "logout",
            Self::MustLink => "must_link",
            Self::CannotLink => "cannot_link",
            Self::Match => "match",
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::Retract => "retract",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }

    /// Whether the row stands for a claim of an event.
    #[must_use]
    pub const fn is_claim(self) -> bool {
        match self {
            Self::Assert | Self::Bind | Self::Alias | Self::Takeover => true,
            Self::Follow
            | Self::Unbind
            | Self::Rename
            | Self::Logout
            | Self::MustLink
            | Self::CannotLink
            | Self::Match
            | Self::Block
            | Self::Unblock
            | Self::Retract => false,
        }
    }
}

/// How the names and birthdays on the two sides of a contested identifier compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileCheck {
    /// At least one side is unknown.
    #[default]
    Unknown,
    /// Name and birthday agree.
    Same,
    /// Name and birthday both differ.
    Different,
}

impl ProfileCheck {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Same => "same",
            Self::Different => "different",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Unknown, Self::Same, Self::Different].into_iter().find(|k| k.as_str() == text)
    }
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its number; grows.
    pub seq: i64,
    /// The number of the first row of its group. Rows of one group are decided together, in the order of their groups.
    pub observation: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What it says.
    pub kind: EvidenceKind,
    /// The identifier it is about.
    pub a: IdentifierId,
    /// The other identifier.
    pub b: Option<IdentifierId>,
    /// For a retraction: the row that does not count any more.
    pub target: Option<i64>,
    /// The strength `a` had in this decision.
    pub strength: Strength,
    /// Whether the source vouched for `a`.
    pub verified: bool,
    /// For the matcher: the probability in thousandths.
    pub score: Option<u16>,
    /// The comparison of the profiles on both sides, when `a` was contested.
    pub profiles: ProfileCheck,
    /// For a device: the start of the session the event lies in.
    pub session_start_at: Option<Timestamp>,
    /// For a device: the last logout before the event.
    pub logged_out_at: Option<Timestamp>,
    /// For a device: how much anonymous history the source lets a login take along.
    pub stitching: Stitching,
    /// The event that said so.
    pub source_event: Option<EventId>,
    /// The version of the rules that decided.
    pub rule_version: u32,
    /// Who said so, when it was not an event: an operator, `matcher`, …
    pub actor: Option<String>,
    /// The decision and its reason, for people.
    pub note: String,
}

/// The rows of one group, in the order of `seq`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceGroup {
    /// The rows; all have the same `observation`.
    pub rows: Vec<Evidence>,
}

/// Cuts rows that are sorted by `(observation, seq)` into groups.
#[must_use]
pub fn groups(rows: impl IntoIterator<Item = Evidence>) -> Vec<EvidenceGroup> {
    let mut out: Vec<EvidenceGroup> = Vec::new();
    for row in rows {
        match out.last_mut() {
            Some(group) if group.rows.first().is_some_and(|first| first.observation == row.observation) => {
                group.rows.push(row);
            }
            Some(_) | None => out.push(EvidenceGroup { rows: vec![row] }),
        }
    }
    out
}

/// A key of a set of identifiers, whatever their order: an observation whose key is on record and that changes nothing
/// writes nothing.
#[must_use]
pub fn fingerprint(ids: &[IdentifierId]) -> u64 {
    let mut sorted: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let bytes: Vec<u8> = sorted.iter().flat_map(|id| id.to_le_bytes()).collect();
    xxhash_rust::xxh3::xxh3_64(&bytes)
}
