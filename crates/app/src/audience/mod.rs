//! Who is in what, kept current: definitions and their versions, evaluation as things happen, timers, building.
//!
//! An event reaches a person's *behaviour* through the program in force ([`force`]), and only parts that look at what
//! changed are evaluated again ([`follow`]). What changes without an event leaves a mark ([`mark`]); what changes by the
//! passing of time alone has its instant noted, and [`timer`] sleeps until it. New and changed definitions are built from
//! the history while the log goes on being followed ([`build`]), and come into force in one step ([`define`]).
//! Start reading at [`follow::follow`].

pub(crate) mod build;
pub mod define;
mod deed;
pub mod estimate;
pub mod explain;
mod facts;
pub(crate) mod follow;
mod force;
pub mod list;
pub(crate) mod mark;
mod rebuild;
mod refer;
mod scan;
mod settle;
pub(crate) mod timer;
mod verify;
pub mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use parking_lot::RwLock;

pub use build::{BuildRun, Phase};
pub use define::{AudienceChange, AudienceNew, Checked, SetOperation};
pub use estimate::{Estimate, EstimateAsk, Overlap, Reach};
pub use explain::{Explanation, Why};
pub use force::{Broken, ComputedDefinition};
pub use list::{ListUpload, ListView};
pub use throughline_store::audience::{Hour, ListEntry, VersionState};
pub use verify::{Divergence, Verified};
pub use view::{AudienceDetail, AudienceHealth, AudienceItem, AudienceVersion, Comparison, MemberItem, PersonAudience};

use force::InForce;

type Stored<T> = throughline_store::Result<T>;

/// The name of the source that notes about audiences are recorded under.
pub const OWN_SOURCE: &str = "throughline";

/// What the room keeps in memory.
#[derive(Debug)]
pub struct Audiences {
    force: RwLock<Arc<InForce>>,
    /// The instant that the timers wait for, ms.
    next_due: AtomicI64,
    /// The earliest instant set since somebody last looked, ms.
    soonest: AtomicI64,
    /// Changes of membership since the start.
    pub changes: AtomicU64,
    /// Attempts to build that failed since the start.
    pub failed_builds: AtomicU64,
    /// How long after its instant a timer changed somebody at most, ms, since the start.
    pub latest_timer_ms: AtomicI64,
}

impl Default for Audiences {
    fn default() -> Self {
        Self {
            force: RwLock::default(),
            next_due: AtomicI64::new(i64::MAX),
            soonest: AtomicI64::new(i64::MAX),
            changes: AtomicU64::new(0),
            failed_builds: AtomicU64::new(0),
            latest_timer_ms: AtomicI64::new(0),
        }
    }
}
