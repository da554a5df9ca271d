//! Who is this? Identifiers, the evidence that ties them, and the person graph as a reversible fold over that evidence.
//!
//! It knows nothing of traits, events or storage: it is handed the few rows an observation touches and answers with the
//! rows to write. Vocabulary:
//!
//! * A **node** is one *generation* of one identifier value. A recycled phone number gets a new generation for its new
//!   owner; the old one stays, with an end date, where it was. Generation 0 is the *hint* of a value nobody vouched for.
//! * A **line** is the node an event hangs on. Facts are keyed by line, never by person, so merges and splits move nothing.
//! * A **person** is a cluster of nodes of person or account strength; its id is the smallest node id among them. Devices,
//!   browsers and hints (*weak* nodes) follow a person but never tie two.
//! * **Evidence** is append-only. The graph is a left fold over it, in order, each observation decided again by the same
//!   code that decided it first; so incremental and from-scratch agree byte for byte.
//!
//! Start reading at [`state`] (what is stored), then [`resolve`](mod@resolve) (one observation) and [`fold`](mod@fold).

pub mod blocked;
mod change;
mod choose;
mod decide;
mod devices;
mod effect;
pub mod evidence;
pub mod explain;
pub mod fold;
pub mod graph;
pub mod household;
mod journal;
mod limits;
pub mod load;
pub mod matching;
pub mod operate;
pub mod resolution;
pub mod resolve;
pub mod rules;
pub mod simulate;
pub mod state;
#[cfg(test)]
mod tests;
mod unbind;

pub use evidence::{Evidence, EvidenceGroup, EvidenceKind, ProfileCheck, fingerprint};
pub use fold::{Folded, Name, Names, apply, fold};
pub use graph::{Canonical, Graph};
pub use load::{Resident, Rows};
pub use operate::{Act, Operation, OperationError, Unmerge, operate, unmerge};
pub use resolution::{
    DropReason, Dropped, Observation, ObservationKind, PersonMerge, PersonSplit, ProfileHint, Resolution, ReviewItem,
    ReviewKind, Warning,
};
pub use resolve::{Stated, Trivial, fingerprint_of, resolve, stated, trivial};
pub use rules::{Caps, Limit, NamespaceRule, OnLimit, Rules, Scope, Stitching, Strength};
pub use state::{CannotLink, EdgeState, GraphParts, Joined, NodeState, SliceState};
