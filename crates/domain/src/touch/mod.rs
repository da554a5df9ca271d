//! Where someone met the brand: channel, campaign and touchpoint, read from a [`TouchSignature`] by a table of
//! rules that a marketer edits.
//!
//! It knows nothing of people, sessions or money: it answers "what is this touch", never "what did it earn"
//! ([`crate::credit`] does). Start reading at [`TouchRule`], then [`RuleTable::compile`] and
//! [`CompiledRules::classify`]; [`defaults()`] is the table a new installation starts with.

mod catalog;
mod channel;
mod compile;
mod condition;
mod defaults;
mod kind;
mod rule;
mod template;
#[cfg(test)]
mod tests;

pub use catalog::{Catalog, NO_TOUCH, TouchFacts};
pub use channel::{ChannelInfo, channel_info, channel_key, channel_labels};
pub use compile::{CompiledRules, RuleProblem, RuleProblems, RuleTable};
pub use defaults::defaults;
pub use kind::TouchKind;
pub use rule::{Condition, Op, Outcome, TouchField, TouchRule};

pub use crate::event::TouchSignature;

use serde::{Deserialize, Serialize};

/// A touch as reports see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Touch {
    /// Stable `snake_case` key of the channel, see [`channel_labels`].
    pub channel: String,
    /// The campaign; empty when there is none.
    pub campaign: String,
    /// Store, page, placement, engine or note; empty when there is none.
    pub touchpoint: String,
    /// What kind of contact it was; decides the default look-back.
    pub kind: TouchKind,
}
