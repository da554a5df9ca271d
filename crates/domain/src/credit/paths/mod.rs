//! From the events of one person to conversions with their touches, and on into an [`super::Accumulator`].
//!
//! Three steps for each person: `touches` finds sessions and touches (field note §2.2, §2.4), `orders` finds
//! conversions, their doubles and refunds (§2.3), `builder` joins the two by the look-back (§2.5) and divides. Nothing
//! is allocated per person once the scratch space has grown.

mod builder;
mod options;
mod orders;
#[cfg(test)]
mod tests;
mod touches;

pub use builder::PathBuilder;
pub use options::{Count, PathMode, PathOptions, RefundDate};

/// Most touches of one path; of longer ones the newest are kept.
pub const MAX_TOUCHES: usize = 100;

/// The event belongs to a browsing session: a page, a screen, anything a customer's own device sent.
pub const IN_SESSION: u16 = 1;
/// The event passes the conversion's filter.
pub const QUALIFIES: u16 = 1 << 1;
/// The event gives money back; its value may have either sign, 0 means all of the order.
pub const REFUND: u16 = 1 << 2;
/// The event happened in a store.
pub const IN_STORE: u16 = 1 << 3;
/// Lowest of the two bits that rank the source among several that report one order: 0 browser tag … 3 till or shop
/// system. The highest sets the value.
pub const RANK_SHIFT: u16 = 4;

/// One event, as compact as the pass needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathEvent {
    /// When it happened, Unix milliseconds.
    pub event_at: i64,
    /// Its id; orders events of the same instant.
    pub event_id: i64,
    /// Its value in minor units of the report's currency.
    pub value_minor: i64,
    /// Key of the order (a hash of the order id); 0 when it has none.
    pub order_key: u64,
    /// Number of its touch in the catalog, [`crate::touch::NO_TOUCH`] when it has none.
    pub touch: u32,
    /// Number of its name.
    pub name: u32,
    /// The platform (source) whose sessions it belongs to.
    pub platform: u16,
    /// [`IN_SESSION`], [`QUALIFIES`], [`REFUND`], [`IN_STORE`] and the rank.
    pub flags: u16,
}

impl PathEvent {
    pub(super) const fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    pub(super) const fn rank(&self) -> u16 {
        (self.flags >> RANK_SHIFT) & 3
    }
}
