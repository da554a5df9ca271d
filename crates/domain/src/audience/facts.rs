//! What is known of one person, and of one event, in the form rules look at it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use throughline_base::Timestamp;

use crate::event::{EventKind, EventValue};
use crate::person::consent::ConsentRecord;
use crate::person::stage::Stage;

/// The state of one person, now-independent: what depends on the hour carries the instants at which it changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Traits as the person shows them. A null counts as missing.
    pub traits: BTreeMap<String, Value>,
    /// Tags, by hand and by rule.
    pub tags: Vec<TagFact>,
    /// The life-cycle stage.
    pub stage: StageFact,
    /// Every consent record of every line.
    pub consents: Vec<ConsentRecord>,
    /// When the lines were last joined (see [`crate::person::consent::may_contact`]).
    pub joined_at: Option<Timestamp>,
    /// Identifiers that are in force; ended, blocked and suspended ones are left out.
    pub identifiers: Vec<IdentifierFact>,
    /// Collection is suppressed for this person.
    pub suppressed: bool,
    /// Keys of the uploaded lists the person is on.
    pub lists: BTreeSet<String>,
    /// Predictions by key.
    pub predictions: BTreeMap<String, Value>,
}

/// A tag on a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFact {
    /// The tag.
    pub tag: String,
    /// The instant from which the person no longer has it.
    pub ends_at: Option<Timestamp>,
}

/// Where a person stands in the life cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageFact {
    /// Set by hand.
    Named(String),
    /// Follows from these, at every instant (see [`Stage::compute`]).
    Computed {
        /// Known by more than devices.
        identified: bool,
        /// Orders.
        orders: i64,
        /// The last of them.
        last_order_at: Option<Timestamp>,
    },
}

impl Default for StageFact {
    fn default() -> Self {
        Self::Computed { identified: false, orders: 0, last_order_at: None }
    }
}

impl StageFact {
    /// The stage at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Computed { identified, orders, last_order_at } => {
                Stage::compute(*identified, *orders, *last_order_at, now).as_str()
            }
        }
    }

    /// When it changes by the passing of time alone.
    #[must_use]
    pub fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Named(_) => None,
            Self::Computed { orders, last_order_at, .. } => {
                Stage::lapses_at(*orders, *last_order_at).filter(|at| *at > now)
            }
        }
    }
}

/// An identifier in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierFact {
    /// Namespace, for instance `phone` or `openid:wx123`.
    pub namespace: String,
    /// Normalised value.
    pub value: String,
    /// Somebody vouches for it.
    pub verified: bool,
}

/// One event, read where it lies: nothing is copied, the properties are parsed when a rule asks.
#[derive(Debug, Clone, Copy)]
pub struct EventFacts<'a> {
    /// Its id: larger ids arrived later.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What it says. Only track, page and screen events are things a person did.
    pub kind: EventKind,
    /// Name of a track event; `$page` or `$screen` for views.
    pub name: &'a str,
    /// Name of the page or screen, when it has one.
    pub page: Option<&'a str>,
    /// Value in money.
    pub value: Option<EventValue>,
    /// Order id.
    pub order_id: Option<&'a str>,
    /// What the touch rules make of how the person came.
    pub touch: TouchFacts<'a>,
    /// Name of the source.
    pub source: &'a str,
    /// Kind of the source.
    pub source_kind: &'a str,
    /// Properties: the text of a JSON object, or empty.
    pub properties: &'a str,
}

/// How the person came to where the event happened. Empty means none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TouchFacts<'a> {
    /// Key of the channel.
    pub channel: &'a str,
    /// Campaign.
    pub campaign: &'a str,
    /// Touchpoint.
    pub touchpoint: &'a str,
}

/// The event written when a person enters an audience.
pub const ENTERED: &str = "Audience Entered";
/// The event written when a person leaves an audience.
pub const EXITED: &str = "Audience Exited";
/// The name under which views of pages are looked at.
pub const PAGE: &str = "$page";
/// The name under which views of screens are looked at.
pub const SCREEN: &str = "$screen";
/// The name that stands for any event.
pub const ANY: &str = "*";

impl EventFacts<'_> {
    /// Whether it is something the person did: our own notes about audiences are not, or a rule over any event would feed
    /// on its own answers.
    #[must_use]
    pub fn is_deed(&self) -> bool {
        matches!(self.kind, EventKind::Track | EventKind::Page | EventKind::Screen)
            && self.name != ENTERED
            && self.name != EXITED
    }
}
