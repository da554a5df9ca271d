//! What is stored of the graph: flat structs, one per row. They are derived from evidence and can be rebuilt from it.

use serde::{Deserialize, Serialize};
use throughline_base::{IdentifierId, PersonId, Timestamp};

use super::rules::Strength;

/// A person that an identifier was joined to, for the automatic suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Joined {
    /// The person, as it was called at that moment.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// One generation of one identifier value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeState {
    /// Its id; also the id of the line that events hang on.
    pub id: IdentifierId,
    /// The namespace, for instance `phone` or `openid:wx123`; with `@src_…` behind it when its scope is one source.
    pub namespace: String,
    /// The normalised value.
    pub value: String,
    /// 1, 2, … for the owners of a value one after another; 0 for the hint of it.
    pub generation: u32,
    /// How strongly it speaks for a person.
    pub strength: Strength,
    /// The person it belongs to now. A weak node without owner, or shared, is its own anonymous person.
    pub person: PersonId,
    /// The identifier it hangs under (an openid under its unionid): unbinding that unbinds this.
    pub parent: Option<IdentifierId>,
    /// The time of the observation that brought it.
    pub created_at: Timestamp,
    /// When its link ended (unbound, renamed, taken over). It stays with its person; later claims get a new generation.
    pub ended_at: Option<Timestamp>,
    /// The evidence that ended it.
    pub ended_seq: Option<i64>,
    /// An operator blocked the value: it links nothing.
    pub blocked: bool,
    /// Suspended since, for joining too many persons in a day: it links nothing until an operator lifts it.
    pub suspended_at: Option<Timestamp>,
    /// Weak nodes: more than one person uses it, so its events are dealt out by [`SliceState`].
    pub shared: bool,
    /// Weak nodes: the source's stitching left older anonymous events out, so it never follows its owner as a whole.
    pub partial: bool,
    /// Weak nodes: the line of the open slice, that is, who is (or was last) signed in.
    pub current_line: Option<IdentifierId>,
    /// How many different persons it was joined to, ever, counted at the time of joining.
    pub joined_count: u32,
    /// The persons it was joined to in the last day, as [`Joined`], at most one more than the cap.
    pub joined_recent: Vec<Joined>,
    /// Activity, not evidence: the earliest event.
    pub first_at: Timestamp,
    /// Activity, not evidence: the latest event.
    pub last_at: Timestamp,
    /// Activity, not evidence: the start of the session that `last_at` lies in.
    pub session_start_at: Timestamp,
    /// Activity, not evidence: the last logout seen on it.
    pub logged_out_at: Option<Timestamp>,
    /// Activity, not evidence: the last event on it that named a person.
    pub signed_in_at: Option<Timestamp>,
}

impl NodeState {
    /// Weak nodes: its events are dealt out by slices rather than following one owner.
    #[must_use]
    pub const fn is_sliced(&self) -> bool {
        self.shared || self.partial
    }

    /// Whether it may link at all.
    #[must_use]
    pub const fn is_mute(&self) -> bool {
        self.blocked || self.suspended_at.is_some()
    }
}

/// Two identifiers tied by a row of evidence. Strong to strong it makes one person; with a weak end it only attaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EdgeState {
    /// The row of evidence it comes from.
    pub seq: i64,
    /// The identifier that was tied.
    pub a: IdentifierId,
    /// What it was tied to.
    pub b: IdentifierId,
    /// The time of the observation.
    pub at: Timestamp,
    /// It made one person of two that both existed before.
    pub merge: bool,
}

/// A span of a weak node's own events that belongs to a line: `from_at` inclusive (`None`: since ever), `to_at`
/// exclusive (`None`: until further notice).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SliceState {
    /// The device or browser.
    pub node: IdentifierId,
    /// The row of evidence that opened it; with `node` the key.
    pub seq: i64,
    /// Where it begins.
    pub from_at: Option<Timestamp>,
    /// Where it ends.
    pub to_at: Option<Timestamp>,
    /// Whose events these are.
    pub line: IdentifierId,
}

impl SliceState {
    /// Whether `at` lies in it.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from_at.is_none_or(|from| from <= at) && self.to_at.is_none_or(|to| at < to)
    }
}

/// Two identifiers that must never be one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CannotLink {
    /// The row of evidence it comes from.
    pub seq: i64,
    /// One.
    pub a: IdentifierId,
    /// The other.
    pub b: IdentifierId,
}

/// The rows a graph is made of. See [`super::load`] for which rows an observation needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GraphParts {
    /// Nodes.
    pub nodes: Vec<NodeState>,
    /// Active edges; a retracted one is not there any more.
    pub edges: Vec<EdgeState>,
    /// Slices of the weak nodes.
    pub slices: Vec<SliceState>,
    /// Active cannot-links.
    pub cannot_links: Vec<CannotLink>,
    /// Those fingerprints of the observation that are on record.
    pub fingerprints: Vec<u64>,
}
