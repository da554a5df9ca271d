//! An event as the wire gave it: decoded, not yet cleaned, dated or checked.
//!
//! It reads back from its JSON form without loss, because quarantine keeps it in that form.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_base::Timestamp;

use super::{EventKind, Object};

/// The family of clients a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// Segment's SDKs and everything of the same shape, our own tag included.
    #[default]
    Segment,
    /// RudderStack's SDKs (Segment's shape, other times).
    Rudder,
    /// Jitsu's SDKs (Segment's shape, other paths).
    Jitsu,
    /// PostHog.
    Posthog,
    /// 神策 (Sensors Analytics).
    Sensors,
    /// Snowplow's tracker protocol.
    Snowplow,
    /// Plain JSON in Segment's shape, from no SDK.
    Generic,
    /// A signed webhook.
    Webhook,
    /// A file import.
    Import,
}

impl Client {
    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Rudder => "rudder",
            Self::Jitsu => "jitsu",
            Self::Posthog => "posthog",
            Self::Sensors => "sensors",
            Self::Snowplow => "snowplow",
            Self::Generic => "generic",
            Self::Webhook => "webhook",
            Self::Import => "import",
        }
    }
}

/// An identifier the wire names outright, beside the user and the anonymous id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawId {
    /// Our namespace, for instance `phone`.
    pub namespace: String,
    /// The value as sent.
    pub value: String,
    /// Whether the client says it has checked it; `None` leaves it to the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// Why an event was set aside at decoding already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The reason it will be quarantined for.
    pub reason: QuarantineReason,
    /// What, where and how to mend it. No personal data.
    pub detail: String,
    /// The limit it breaks, when it breaks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitName>,
    /// The size that breaks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<u64>,
}

/// A limit on the contents of one event, which a fix can raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitName {
    /// Characters of the message id.
    MessageId,
    /// Characters of the group id.
    GroupId,
    /// Traits of one event.
    Traits,
    /// Properties of one event.
    Properties,
}

/// An event as decoded. Field names of the JSON form are those of the fields here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RawEvent {
    /// Who sent it.
    pub client: Client,
    /// What it says.
    pub kind: EventKind,
    /// Name of a track, page or screen event; else empty.
    pub name: String,
    /// The user id as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The anonymous (cookie, device) id as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// The former id of an alias event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<String>,
    /// The group of a group event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Other identifiers the wire names outright (Sensors identities, Snowplow's network ids …).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<RawId>,
    /// The dedupe key of the wire (field note §1.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// True when `message_id` is our hash, kept so that a fix does not change the key.
    #[serde(skip_serializing_if = "is_false")]
    pub message_id_derived: bool,
    /// Hash of what it said on arrival, kept so that a fix does not make other content of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<u64>,
    /// When it happened, as sent: RFC 3339 text or a number of milliseconds (or seconds); null when absent.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub timestamp: Value,
    /// When it was sent, as sent.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub sent_at: Value,
    /// Properties as sent.
    pub properties: Object,
    /// Traits as sent. Operations on traits have keys of their own: see [`super::traits_op`].
    pub traits: Object,
    /// Context as sent.
    pub context: Object,
    /// What else was at the top of the event (`integrations`, `channel`, `_metadata` …).
    #[serde(skip_serializing_if = "Object::is_empty")]
    pub extra: Object,
    /// Why it cannot go on, found at decoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(b: &bool) -> bool {
    !*b
}

impl RawEvent {
    /// An empty event of a kind.
    #[must_use]
    pub fn new(client: Client, kind: EventKind) -> Self {
        Self { client, kind, ..Self::default() }
    }

    /// Rough size of the heap it holds, in bytes, for back-pressure and tests.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let text = |t: &Option<String>| t.as_ref().map_or(0, String::capacity);
        self.name.capacity()
            + [&self.user_id, &self.anonymous_id, &self.previous_id, &self.group_id, &self.message_id]
                .into_iter()
                .map(text)
                .sum::<usize>()
            + self.ids.iter().map(|i| size_of::<RawId>() + i.namespace.capacity() + i.value.capacity()).sum::<usize>()
            + [&self.properties, &self.traits, &self.context, &self.extra].into_iter().map(object_bytes).sum::<usize>()
            + value_bytes(&self.timestamp)
            + value_bytes(&self.sent_at)
    }
}

fn object_bytes(o: &Object) -> usize {
    o.iter().map(|(k, v)| size_of::<String>() + 24 + k.capacity() + size_of::<Value>() + value_bytes(v)).sum()
}

fn value_bytes(v: &Value) -> usize {
    match v {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(s) => s.capacity(),
        Value::Array(a) => a.capacity() * size_of::<Value>() + a.iter().map(value_bytes).sum::<usize>(),
        Value::Object(o) => object_bytes(o),
    }
}

/// Why an event waits for somebody to mend it. Closed set; shown and counted by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// It names nobody (Segment: `no_user_anon_id`).
    NoIdentifier,
    /// It is about a thing or a group, not about a person.
    NotAPersonEvent,
    /// It is no JSON object, or its type is unknown.
    Malformed,
    /// A track event without a name.
    MissingName,
    /// It breaks a limit that a fix can raise.
    OverLimit,
    /// Its time cannot be read.
    UnreadableTime,
    /// It is older than the source accepts.
    TooOld,
    /// The tracking plan does not know it.
    UnknownEvent,
    /// It has a property the tracking plan does not know.
    UnknownProperty,
    /// A property has another type or value than the tracking plan says.
    WrongType,
    /// A property that the tracking plan requires is absent.
    MissingRequired,
}

impl QuarantineReason {
    /// Every reason, in the order shown.
    pub const ALL: [Self; 11] = [
        Self::NoIdentifier,
        Self::NotAPersonEvent,
        Self::Malformed,
        Self::MissingName,
        Self::OverLimit,
        Self::UnreadableTime,
        Self::TooOld,
        Self::UnknownEvent,
        Self::UnknownProperty,
        Self::WrongType,
        Self::MissingRequired,
    ];

    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoIdentifier => "no_identifier",
            Self::NotAPersonEvent => "not_a_person_event",
            Self::Malformed => "malformed",
            Self::MissingName => "missing_name",
            Self::OverLimit => "over_limit",
            Self::UnreadableTime => "unreadable_time",
            Self::TooOld => "too_old",
            Self::UnknownEvent => "unknown_event",
            Self::UnknownProperty => "unknown_property",
            Self::WrongType => "wrong_type",
            Self::MissingRequired => "missing_required",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// Why an event is refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Larger, deeper or further down the batch than the limits allow.
    OverLimit,
    /// Its bytes are no JSON that can be read.
    Unreadable,
    /// The write key is unknown.
    BadKey,
}

impl RejectReason {
    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OverLimit => "over_limit",
            Self::Unreadable => "unreadable",
            Self::BadKey => "bad_key",
        }
    }
}

/// An event that is refused for good; its neighbours go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The reason.
    pub reason: RejectReason,
    /// What, where and how to mend it. No personal data.
    pub detail: String,
}

impl Rejected {
    /// Over a limit.
    pub fn over_limit(detail: impl Into<String>) -> Self {
        Self { reason: RejectReason::OverLimit, detail: detail.into() }
    }

    /// Not readable.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self { reason: RejectReason::Unreadable, detail: detail.into() }
    }
}

/// Reads a time as sent: text by [`Timestamp::parse`] or of digits, a number of milliseconds, or of seconds when it
/// is too small to be milliseconds after 1973. `Ok(None)` when absent, `Err` when it is there and cannot be read.
///
/// # Errors
/// When the value is no instant between the years 1 and 9999.
pub fn read_time(value: &Value) -> Result<Option<Timestamp>, UnreadableTime> {
    read_time_in(value, "UTC")
}

/// As [`read_time`], with a time without an offset on the wall of `zone` (IANA name).
///
/// # Errors
/// When the value is no instant between the years 1 and 9999.
pub fn read_time_in(value: &Value, zone: &str) -> Result<Option<Timestamp>, UnreadableTime> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            if let Some(t) = parse_utc(text.as_bytes()) {
                return Ok(Some(t));
            }
            match text.parse::<f64>() {
                Ok(number) => from_number(number),
                Err(_) => Timestamp::parse_in(text, zone).map(Some).ok_or(UnreadableTime),
            }
        }
        Value::Number(n) => from_number(n.as_f64().ok_or(UnreadableTime)?),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(UnreadableTime),
    }
}

/// A time that is there and cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableTime;

fn from_number(number: f64) -> Result<Option<Timestamp>, UnreadableTime> {
    // 1e11 ms is March 1973; 1e11 s is the year 5138. Nothing a shop records lies between.
    let ms = if number.abs() < 1e11 { number * 1000.0 } else { number };
    if ms.is_finite() && ms.abs() < 253_402_300_800_000.0 {
        Ok(Some(Timestamp::from_ms(ms.round() as i64)))
    } else {
        Err(UnreadableTime)
    }
}

/// The form nearly every SDK sends, `2026-11-21T23:41:30.076Z` or with `+00:00` and any decimals, without a general
/// parser. Anything else is `None`.
fn parse_utc(b: &[u8]) -> Option<Timestamp> {
    let digits = |from: usize, to: usize| -> Option<i64> {
        let mut n = 0_i64;
        for c in b.get(from..to)? {
            if !c.is_ascii_digit() {
                return None;
            }
            n = n * 10 + i64::from(c - b'0');
        }
        Some(n)
    };
    let is = |at: usize, c: u8| b.get(at) == Some(&c);
    if !(is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':')) {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    // Days 29 to 31 and leap seconds go to the general parser, which knows the calendar.
    if !((1..=12).contains(&month) && (1..=28).contains(&day) && hour < 24 && minute < 60 && second < 60 && year > 0) {
        return None;
    }
    let mut end = 19;
    let mut ms = 0;
    if is(19, b'.') {
        end = 20;
        let mut unit = 100;
        while let Some(c) = b.get(end).filter(|c| c.is_ascii_digit()) {
            ms += i64::from(c - b'0') * unit;
            unit /= 10;
            end += 1;
        }
        if end == 20 {
            return None;
        }
    }
    if !matches!(&b[end..], b"Z" | b"+00:00") {
        return None;
    }
    // Days from civil, Howard Hinnant: http://howardhinnant.github.io/date_algorithms.html
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = era * 146_097 + doe - 719_468;
    Some(Timestamp::from_ms((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn times_of_every_client_are_read() {
        let want = Ok(Some(Timestamp::from_ms(1_795_304_490_076)));
        for v in [
            json!("2026-11-21T23:41:30.076Z"),
            json!("2026-11-21T23:41:30.076000+00:00"),
            json!("2026-11-22T07:41:30.076+08:00"),
            json!(1_795_304_490_076_i64),
            json!("1795304490076"),
            json!(1_795_304_490.076),
        ] {
            assert_eq!(read_time(&v), want, "{v}");
        }
        assert_eq!(read_time(&json!(null)), Ok(None));
        assert_eq!(read_time(&json!("yesterday")), Err(UnreadableTime));
        assert_eq!(read_time(&json!([1])), Err(UnreadableTime));
        assert_eq!(read_time(&json!("2026-02-31T00:00:00Z")), Err(UnreadableTime));
    }

    proptest! {
        #[test]
        fn the_short_way_to_read_a_time_agrees_with_the_general_one(ms in 0_i64..4_102_444_800_000) {
            let text = Timestamp::from_ms(ms).to_string();
            if let Some(fast) = parse_utc(text.as_bytes()) {
                prop_assert_eq!(Some(fast), Timestamp::parse(&text));
            }
        }
    }
}
