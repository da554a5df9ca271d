//! The envelope of everything that happens to a customer, and how it is read from the wire, cleaned, checked
//! against the tracking plan, dated and given a dedupe key.
//!
//! It knows nothing of who the person is ([`crate::identity`]) nor of where events are kept.
//! Start reading at [`Event`], then `wire` (bytes to raw events) and `prepare` (raw event to [`Event`]).

pub mod clean;
pub mod fix;
pub mod plan;
pub mod prepare;
pub mod raw;
pub mod wire;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_base::{Currency, SourceId, Timestamp};

pub use plan::CompiledPlan;
pub use prepare::{IpPolicy, Prepared, SourceContext, prepare};
pub use raw::{Client, QuarantineReason, RawEvent, RawId, RejectReason, Rejected};

/// Keys inside `traits` that are operations on traits, not traits. Their names are PostHog's where it has one.
pub mod traits_op {
    /// An object of traits that are set only when the person has none of that name.
    pub const SET_ONCE: &str = "$set_once";
    /// An object of numbers that are added to traits.
    pub const ADD: &str = "$add";
    /// An object of lists that are appended to list traits, without doubles.
    pub const APPEND: &str = "$append";
    /// A list of names of traits that are removed.
    pub const UNSET: &str = "$unset";
    /// `true`: every trait this source gave is removed.
    pub const DELETE: &str = "$delete";
}

/// A JSON object that keeps the order it was sent in.
pub type Object = Map<String, Value>;

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Something happened.
    #[default]
    Track,
    /// A page of a site was seen.
    Page,
    /// A screen of an app was seen.
    Screen,
    /// Who somebody is, with traits.
    Identify,
    /// Somebody belongs to a group.
    Group,
    /// Two identifiers are the same person.
    Alias,
    /// Identifiers are bound together (Sensors `track_id_bind`).
    Bind,
    /// An identifier is taken off a person (Sensors `track_id_unbind`).
    Unbind,
}

impl EventKind {
    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Identify => "identify",
            Self::Group => "group",
            Self::Alias => "alias",
            Self::Bind => "bind",
            Self::Unbind => "unbind",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Track, Self::Page, Self::Screen, Self::Identify, Self::Group, Self::Alias, Self::Bind, Self::Unbind]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

/// An identifier as an event claims it: normalised, but not yet checked against blocked values or owners.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    /// Its namespace, for instance `user_id`, `phone`, `openid:wx123` (an openid of one app).
    pub namespace: String,
    /// The normalised value, for instance `+8613912345678`.
    pub value: String,
    /// Whether the source vouches for it. What nobody vouches for (a phone, an e-mail, a membership …) is a hint: found by
    /// search, never merged by.
    pub verified: bool,
}

/// Where `event_at` comes from (field note §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// `received_at - (sent_at - original_at)`.
    Corrected,
    /// The device's own time, trusted.
    Original,
    /// Our time of receipt.
    Received,
    /// The device's time lay in the future and was cut to the time of receipt.
    Clamped,
}

/// The four times of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTime {
    /// When the device says it happened.
    pub original_at: Option<Timestamp>,
    /// When the device says it sent it.
    pub sent_at: Option<Timestamp>,
    /// When we received it.
    pub received_at: Timestamp,
    /// When it happened, as far as we can tell.
    pub event_at: Timestamp,
    /// Where `event_at` comes from.
    pub time_source: TimeSource,
}

/// One field that cleaning changed. The raw text is always kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Path of the field, for instance `traits.phone`.
    pub field: String,
    /// What was sent.
    pub raw: Value,
    /// The rule that changed it, for instance `phone_e164`.
    pub rule: String,
}

/// What the touch rules look at: how the customer came to be where the event happened.
///
/// Few distinct values exist (hundreds, not millions), so the store interns them and events carry a number.
/// All text is lower-case, trimmed and cut to 200 characters. Empty means absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct TouchSignature {
    /// Kind of the source: `web`, `app`, `mini_program`, `server`, `pos`, `marketplace`, `email`, `sms`, `ads`, `service` …
    pub source_kind: String,
    /// The event's name when the name itself makes a touch (`Email Link Clicked`, `Store Visited` …), else empty.
    pub event: String,
    /// Host of the referrer without `www.`; empty when it is the page's own host or absent.
    pub referrer_host: String,
    /// `utm_source`.
    pub utm_source: String,
    /// `utm_medium`.
    pub utm_medium: String,
    /// `utm_campaign`.
    pub utm_campaign: String,
    /// `utm_content`.
    pub utm_content: String,
    /// `utm_term`.
    pub utm_term: String,
    /// Which click id the landing URL carried: `gclid`, `gdt_vid`, `clickid`, `bd_vid` … Never its value.
    pub click_id: String,
    /// `properties.channel`, when a source names it outright.
    pub channel: String,
    /// `properties.campaign` / `campaign_name` / `campaign_id`, when a source names it outright.
    pub campaign: String,
    /// Store, page, placement or note: `properties.store_id`, `placement`, `touchpoint`.
    pub touchpoint: String,
}

/// A value in money, as an event carries it (`revenue`, else `total`, else `value`; negative for refunds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventValue {
    /// Minor units of `currency`.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// An event ready to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What it says.
    pub kind: EventKind,
    /// Track: the event's name. Page and screen: the page's name, or empty. Others: empty.
    pub name: String,
    /// The source it came by.
    pub source_id: SourceId,
    /// The dedupe key within the source.
    pub message_id: String,
    /// True when no id was sent and `message_id` is a hash of the event without `sentAt`.
    pub message_id_derived: bool,
    /// Hash of the event's content without `sentAt`, to tell a repeated event from a clash of ids.
    pub content_hash: u64,
    /// The identifiers it claims, strongest namespace first by the built-in priorities, without doubles.
    pub claims: Vec<Claim>,
    /// Its times.
    pub time: EventTime,
    /// Properties (track, page, screen), cleaned.
    pub properties: Object,
    /// Traits (identify, group), cleaned.
    pub traits: Object,
    /// Context, cleaned: page, campaign, device, library, locale, user agent parsed, truncated IP.
    pub context: Object,
    /// `groupId` of a group event.
    pub group_id: Option<String>,
    /// How the customer came to be there; `None` when the event says nothing about it.
    pub touch: Option<TouchSignature>,
    /// Its value in money.
    pub value: Option<EventValue>,
    /// `order_id` of an order event.
    pub order_id: Option<String>,
    /// Known robot.
    pub bot: bool,
    /// The person logged out with this event.
    pub logout: bool,
    /// What cleaning changed.
    pub corrections: Vec<Correction>,
    /// What is odd but not changed (unplanned property, look-alike name …), for the source's warnings.
    pub warnings: Vec<String>,
}
