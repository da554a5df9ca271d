//! One rule of the table, as it is stored, sent and edited.

use serde::{Deserialize, Serialize};

use super::TouchKind;
use crate::event::TouchSignature;

/// A field of the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TouchField {
    /// Kind of the source: `web`, `app`, `mini_program`, `pos` …
    SourceKind,
    /// The event's name when the name itself makes a touch.
    Event,
    /// Host of the referrer. `equals` takes in its subdomains.
    ReferrerHost,
    /// `utm_source`.
    UtmSource,
    /// `utm_medium`.
    UtmMedium,
    /// `utm_campaign`.
    UtmCampaign,
    /// `utm_content`.
    UtmContent,
    /// `utm_term`.
    UtmTerm,
    /// Name of the click id that the landing URL carried.
    ClickId,
    /// The channel, when the source names it.
    Channel,
    /// The campaign, when the source names it.
    Campaign,
    /// Store, page, placement or note.
    Touchpoint,
}

impl TouchField {
    /// All fields, in the order of the signature.
    pub const ALL: [Self; 12] = [
        Self::SourceKind,
        Self::Event,
        Self::ReferrerHost,
        Self::UtmSource,
        Self::UtmMedium,
        Self::UtmCampaign,
        Self::UtmContent,
        Self::UtmTerm,
        Self::ClickId,
        Self::Channel,
        Self::Campaign,
        Self::Touchpoint,
    ];

    /// The stored name, as in templates: `{utm_campaign}`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceKind => "source_kind",
            Self::Event => "event",
            Self::ReferrerHost => "referrer_host",
            Self::UtmSource => "utm_source",
            Self::UtmMedium => "utm_medium",
            Self::UtmCampaign => "utm_campaign",
            Self::UtmContent => "utm_content",
            Self::UtmTerm => "utm_term",
            Self::ClickId => "click_id",
            Self::Channel => "channel",
            Self::Campaign => "campaign",
            Self::Touchpoint => "touchpoint",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == text)
    }

    /// The field's text in `signature`; empty when absent.
    #[must_use]
    pub fn of(self, signature: &TouchSignature) -> &str {
        match self {
            Self::SourceKind => &signature.source_kind,
            Self::Event => &signature.event,
            Self::ReferrerHost => &signature.referrer_host,
            Self::UtmSource => &signature.utm_source,
            Self::UtmMedium => &signature.utm_medium,
            Self::UtmCampaign => &signature.utm_campaign,
            Self::UtmContent => &signature.utm_content,
            Self::UtmTerm => &signature.utm_term,
            Self::ClickId => &signature.click_id,
            Self::Channel => &signature.channel,
            Self::Campaign => &signature.campaign,
            Self::Touchpoint => &signature.touchpoint,
        }
    }
}

/// How a field is compared. Case, and blanks around a value, never matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// The field is one of the values. On `referrer_host` a value stands for the domain and everything beneath it,
    /// and `google.*` for that name under any country's ending.
    Equals,
    /// The field is none of the values; an absent field passes.
    NotEquals,
    /// The field contains one of the values.
    Contains,
    /// The field begins with one of the values.
    Prefix,
    /// The field holds something.
    Present,
    /// The field is empty.
    Absent,
}

impl Op {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::Contains => "contains",
            Self::Prefix => "prefix",
            Self::Present => "present",
            Self::Absent => "absent",
        }
    }

    /// Whether the operator compares with values.
    #[must_use]
    pub const fn takes_values(self) -> bool {
        match self {
            Self::Equals | Self::NotEquals | Self::Contains | Self::Prefix => true,
            Self::Present | Self::Absent => false,
        }
    }
}

/// One condition on one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The field.
    pub field: TouchField,
    /// How it is compared.
    pub op: Op,
    /// With what; one suffices. Empty for `present` and `absent`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// What a matching signature becomes.
///
/// The three texts are templates: literal text with fields in braces, the first field that holds something wins:
/// `{campaign|utm_campaign}`, `{utm_source}/{utm_medium}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outcome {
    /// It is no touch at all: a payment page, a delivery receipt. The other fields are empty then.
    #[serde(skip_serializing_if = "is_false")]
    pub ignore: bool,
    /// The channel, normally a key of the channel table. When a template yields nothing usable, the rule is passed
    /// over and the next one tried.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// The campaign.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub campaign: String,
    /// The touchpoint.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub touchpoint: String,
    /// The kind; when left out, the channel's usual kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<TouchKind>,
}

/// One rule. The first enabled rule whose conditions all hold decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchRule {
    /// Its stable name: letters, digits, `-`, `_`, `.`.
    pub id: String,
    /// Whether it takes part.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Why it is there, for the next editor.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// All must hold. None at all matches everything.
    pub when: Vec<Condition>,
    /// What it means then.
    pub then: Outcome,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_false(b: &bool) -> bool {
    !*b
}
