//! The audience language as a tree. Its JSON form is what is stored and sent; the text form parses to the same tree.
//!
//! Nothing here evaluates. A tree is checked before it is used: a parsed one may still be too deep, too large or name
//! things that do not exist.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A condition on one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Every one of them holds; true when there are none.
    All(Vec<Rule>),
    /// At least one holds; false when there are none.
    Any(Vec<Rule>),
    /// None of them holds.
    None(Vec<Rule>),
    /// A trait, as the person shows it.
    Trait(NamedTest),
    /// A computed trait or a prediction, by its key.
    Computed(NamedTest),
    /// Carries the tag, by hand or by rule.
    Tag(String),
    /// Stands in one of these life-cycle stages.
    Stage(Vec<String>),
    /// What the person said about a purpose on a channel.
    Consent(ConsentTest),
    /// May be contacted now: an address, consent, nothing against it.
    Contactable(Contact),
    /// Has an identifier.
    Identifier(IdentifierTest),
    /// Is in another audience, by its key.
    Audience(String),
    /// Is on an uploaded list, by its key.
    List(String),
    /// What the person did, measured.
    Did(Behaviour),
    /// One thing after another.
    Sequence(Sequence),
}

/// A named value and what it is tested for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedTest {
    /// Its name.
    pub name: String,
    /// The test.
    pub test: Test,
}

/// A test of a value. A missing value fails every test but `exists: false`, `ne` and `not_in`. Null and an empty list are
/// missing.
///
/// Numbers compare as numbers, also when one side is text that is a number (`"7.0"` equals 7); texts compare without
/// regard to case in `contains`, `starts_with`, `ends_with` and exactly elsewhere (`"007"` is not `"7"`); true and false
/// also compare with the texts `true` and `false`; a list passes when one of its items does, so it is `ne` when none of
/// them is equal. An instant is RFC 3339 text, a date or time on the wall of the definition's zone, or a number of seconds
/// or milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// Equal.
    Eq(Value),
    /// Not equal, or missing.
    Ne(Value),
    /// One of these.
    In(Vec<Value>),
    /// None of these, or missing.
    NotIn(Vec<Value>),
    /// Greater.
    Gt(f64),
    /// Greater or equal.
    Gte(f64),
    /// Less.
    Lt(f64),
    /// Less or equal.
    Lte(f64),
    /// From the first to the second, both included.
    Between(f64, f64),
    /// Holds this text.
    Contains(String),
    /// Begins with this text.
    StartsWith(String),
    /// Ends with this text.
    EndsWith(String),
    /// Matches this regular expression (linear time, Rust `regex` syntax).
    Matches(String),
    /// Is there at all (`true`), or is not (`false`).
    Exists(bool),
    /// An instant before this one: RFC 3339, or a date in the definition's zone.
    Before(String),
    /// An instant at or after this one.
    After(String),
    /// An instant in `(now - d, now]`.
    WithinLast(Span),
    /// An instant at or before `now - d`.
    OlderThan(Span),
    /// An instant in `[now, now + d)`.
    WithinNext(Span),
    /// A date whose month and day, in some year, lie from `from_days` to `to_days` days from today, both included, in the
    /// definition's zone: `from_days: 0, to_days: 7` is a birthday within a week, `from_days: -3, to_days: -1` one of the
    /// last three days. 29 February counts as 28 in other years. Dates without a year (`--05-17`) have one too.
    Anniversary {
        /// Days from today; negative for days ago.
        from_days: i32,
        /// Days from today, not before `from_days`.
        to_days: i32,
    },
}

/// A length of time as text: a whole number with `s`, `m`, `h`, `d` or `w`. A day is 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Milliseconds.
    pub ms: i64,
}

/// What the person said about a purpose on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentTest {
    /// Purpose, for instance `marketing`.
    pub purpose: String,
    /// Channel, or `any`: what was said for every channel at once.
    pub channel: String,
    /// What must be the case.
    pub state: ConsentState,
}

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// Agreed, and it has not ended.
    Granted,
    /// Denied, withdrawn or objected; also when lines that were joined disagree.
    Refused,
    /// Never asked, or the agreement has ended.
    Unknown,
}

/// A purpose on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Purpose.
    pub purpose: String,
    /// Channel.
    pub channel: String,
}

/// An identifier that is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierTest {
    /// Namespace; `openid` also finds `openid:APP`.
    pub namespace: String,
    /// Only one that somebody vouches for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// A test of its value; one identifier that passes is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Test>,
}

/// What the person did: events, which of them, when, what is measured of them and what the measure must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// The events looked at.
    #[serde(flatten)]
    pub events: Events,
    /// When.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
    /// What is measured.
    #[serde(default, skip_serializing_if = "Measure::is_count")]
    pub measure: Measure,
    /// What the measure must be; at least one event when left out.
    #[serde(default = "at_least_one", skip_serializing_if = "is_at_least_one")]
    pub test: Test,
}

fn at_least_one() -> Test {
    Test::Gte(1.0)
}

fn is_at_least_one(t: &Test) -> bool {
    *t == at_least_one()
}

/// Which events: a name, and filters that all hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// The event's exact name; `$page` and `$screen` are views of pages and screens, `*` is anything a person did: any
    /// track, page or screen event but `Audience Entered` and `Audience Exited`, which the platform notes and no rule may
    /// name.
    pub event: String,
    /// Filters; all of them hold.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
}

/// A filter on an event. It may not depend on now (`within_last`, `older_than`, `within_next`, `anniversary`): what
/// happened does not change afterwards. Touch fields are what the touch rules say when the event is taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Filter {
    /// A field of the event.
    Field {
        /// Which.
        name: Field,
        /// The test.
        test: Test,
    },
    /// One item of `products` passes all of these tests; the event's own properties do when it has no `products`. Names
    /// are those of an item's properties, dots go deeper.
    Product(Vec<NamedTest>),
    /// Every one of these holds; for inside `any` and `none`.
    All(Vec<Filter>),
    /// At least one of these holds.
    Any(Vec<Filter>),
    /// None of these holds.
    None(Vec<Filter>),
}

/// A field of an event, as text: `properties.NAME` (dots go deeper), or one of the names below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A property, by its path. On its way it goes into every item of a list: `products.category` has a value for each
    /// item that has one, and measures take them one by one (the first 100 of an event).
    Property(String),
    /// `value`: the money value in major units of its currency.
    Value,
    /// `currency`.
    Currency,
    /// `order_id`.
    OrderId,
    /// `channel`: the key of the channel that the touch rules give.
    Channel,
    /// `campaign`.
    Campaign,
    /// `touchpoint`.
    Touchpoint,
    /// `source`: the name of the source.
    Source,
    /// `source_kind`.
    SourceKind,
    /// `page`: the name of a page or screen.
    Page,
    /// `hour`: 0–23 in the definition's zone.
    Hour,
    /// `weekday`: 1 (Monday) – 7 in the definition's zone.
    Weekday,
}

/// Which of a person's events count, by time. An event that lies ahead of now counts from its instant on. A window looks
/// at the newest 8,192 occurrences of what a measure reads; only [`Window::Ever`] and [`Window::Between`] know no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Window {
    /// All of them.
    #[default]
    Ever,
    /// Those in `(now - d, now]`.
    Last(Span),
    /// From the first instant to before the second: RFC 3339, or dates in the definition's zone (whole days, the last
    /// included).
    Between(String, String),
    /// Those in the calendar unit that lies `back` units before the present one, in the definition's zone.
    Calendar {
        /// The unit.
        unit: CalendarUnit,
        /// 0 for the present one, 1 for the one before.
        #[serde(default)]
        back: u32,
    },
    /// The newest `n` events of the name (1,000 at most), whether or not they pass the filters; the filters then choose
    /// among them. Not for sequences.
    Newest(u32),
}

impl Window {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn is_ever(&self) -> bool {
        *self == Self::Ever
    }
}

/// A unit of the calendar. Weeks begin on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUnit {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

/// What is measured of the events that count.
///
/// Sums are exact to a millionth, in any order. Where `value` is summed, averaged or compared, an order's amount counts
/// once: of several events of one name with the same order id the first of those that count; amounts below zero count each
/// time, since one order may be given back in parts. Values of any currency are added as they are: filter by `currency`.
/// More than 16,384 orders or different values of one person are not told apart, nor more than 2,048 where the most
/// frequent is sought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// How many. Events of one name that carry the same order id count once.
    #[default]
    Count,
    /// Sum of a field; 0 when there are none.
    Sum(Field),
    /// Mean of a field over the events that have it; missing when there are none.
    Average(Field),
    /// Smallest.
    Min(Field),
    /// Largest.
    Max(Field),
    /// How many distinct values.
    Distinct(Field),
    /// The most frequent value; of several the one seen last. Texts are read to their first 256 bytes, as
    /// for `distinct`, `first` and `last`.
    MostFrequent(Field),
    /// The value of the first event that has one.
    First(Field),
    /// The value of the last event that has one.
    Last(Field),
    /// When the first happened.
    FirstAt,
    /// When the last happened.
    LastAt,
    /// Whole days (24 hours) since the last; missing when there are none.
    DaysSinceLast,
    /// Whole days since the first.
    DaysSinceFirst,
}

impl Measure {
    /// Whether it counts.
    #[must_use]
    pub fn is_count(&self) -> bool {
        *self == Self::Count
    }
}

/// One thing after another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Two steps at least and ten at most, in their order; other events may lie between them. Each is an event of its own:
    /// one event never makes two steps. Events of one millisecond keep the order of their arrival.
    pub steps: Vec<Step>,
    /// When the first step must have happened.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
}

/// A step of a sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The events that make it.
    #[serde(flatten)]
    pub events: Events,
    /// Less than this long after the step before; the first step has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// It must not happen within that time: true from the moment the time is over, as long as the first step lies in the
    /// window. Only for the last step, which must have a `within`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
}

/// A whole definition: the rule and the zone its calendar and clock times are in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// IANA name of the zone, for instance `Asia/Shanghai`.
    pub zone: String,
    /// The rule.
    pub rule: Rule,
}

/// How a computed trait comes to its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Computation {
    /// A measure of events.
    Measure {
        /// The events looked at.
        #[serde(flatten)]
        events: Events,
        /// When.
        #[serde(default, skip_serializing_if = "Window::is_ever")]
        window: Window,
        /// What is measured.
        #[serde(default, skip_serializing_if = "Measure::is_count")]
        measure: Measure,
    },
    /// Arithmetic over other traits: `computed.revenue_90d / computed.orders_90d`, `round(trait.age / 10)`, with
    /// `+ - * / ( )`, numbers, `min max round floor abs coalesce`. Missing in, missing out; so is a division by zero, and
    /// what is no number. `round(x, 2)` keeps two decimals, `coalesce` takes the first that is there. A name with blanks
    /// is written between backticks: trait.`shoe size`. Grammar: [`super::formula`].
    Formula(String),
    /// The first case whose rule holds gives the value.
    Cases {
        /// The cases, in their order.
        cases: Vec<Case>,
        /// The value when none holds; missing when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<Value>,
    },
}

/// A case of a computed trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// When it applies.
    pub when: Rule,
    /// Its value.
    pub value: Value,
}

const UNITS: [(&str, i64); 5] = [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];

impl Span {
    /// Reads `30d`, `12h` …
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let fault = || format!("`{text}` is no length of time: write a whole number with s, m, h, d or w, such as 30d");
        let (unit, ms) = UNITS.into_iter().find(|(u, _)| text.ends_with(u)).ok_or_else(fault)?;
        let digits = text[..text.len() - unit.len()].trim_end();
        let n: i64 = if digits.bytes().all(|b| b.is_ascii_digit()) {
            digits.parse().map_err(|_| fault())?
        } else {
            return Err(fault());
        };
        let ms = n.checked_mul(ms).filter(|ms| *ms > 0 && *ms <= Self::MAX_MS).ok_or_else(|| {
            format!("`{text}` is no usable length of time: it must be more than nothing and at most 100 years")
        })?;
        Ok(Self { ms })
    }

    /// 100 years of 365 days.
    const MAX_MS: i64 = 36_500 * 86_400_000;
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Weeks are written as days: people say 30d and 14d.
        let units = || UNITS.into_iter().skip(1);
        let (unit, ms) = units().find(|(_, ms)| self.ms % ms == 0).unwrap_or(("s", 1_000));
        write!(f, "{}{unit}", self.ms / ms)
    }
}

impl Field {
    /// The names of the fields that are no properties.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::NAMED.into_iter().map(|(name, _)| name)
    }

    const NAMED: [(&'static str, Self); 11] = [
        ("value", Self::Value),
        ("currency", Self::Currency),
        ("order_id", Self::OrderId),
        ("channel", Self::Channel),
        ("campaign", Self::Campaign),
        ("touchpoint", Self::Touchpoint),
        ("source", Self::Source),
        ("source_kind", Self::SourceKind),
        ("page", Self::Page),
        ("hour", Self::Hour),
        ("weekday", Self::Weekday),
    ];

    /// Reads a field's name.
    ///
    /// # Errors
    /// What is wrong with it, with the names there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("properties.").filter(|p| !p.is_empty()) {
            return Ok(Self::Property(path.to_owned()));
        }
        Self::NAMED.into_iter().find(|(name, _)| *name == text).map(|(_, f)| f).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMED.iter().map(|(n, _)| *n).collect();
            format!("there is no field `{text}`: write properties.NAME or one of {}", names.join(", "))
        })
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Property(path) = self {
            return write!(f, "properties.{path}");
        }
        let named = Self::NAMED.into_iter().find(|(_, field)| field == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}

/// Serialised as the text it is written as.
macro_rules! as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}
as_text!(Span);
as_text!(Field);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_definition_reads_back_as_it_was_written() {
        let json = json!({
            "zone": "Asia/Shanghai",
            "rule": {"all": [
                {"trait": {"name": "city", "test": {"eq": "上海"}}},
                {"none": [{"tag": "staff"}]},
                {"contactable": {"purpose": "marketing", "channel": "sms"}},
                {"did": {
                    "event": "Order Completed",
                    "where": [
                        {"field": {"name": "value", "test": {"gte": 100.0}}},
                        {"product": [{"name": "category", "test": {"eq": "护肤"}}]}
                    ],
                    "window": {"last": "30d"},
                    "measure": {"sum": "value"},
                    "test": {"gte": 500.0}
                }},
                {"sequence": {"steps": [
                    {"event": "Product Added"},
                    {"event": "Order Completed", "within": "24h", "absent": true}
                ], "window": {"last": "7d"}}}
            ]}
        });
        let definition: Definition = serde_json::from_value(json.clone()).unwrap();
        let Rule::All(rules) = &definition.rule else { panic!("all") };
        let Rule::Did(did) = &rules[3] else { panic!("did") };
        assert_eq!(did.measure, Measure::Sum(Field::Value));
        let mut back = serde_json::to_value(&definition).unwrap();
        // A day is written as a day.
        assert_eq!(back["rule"]["all"][4]["sequence"]["steps"][1]["within"], "1d");
        back["rule"]["all"][4]["sequence"]["steps"][1]["within"] = json!("24h");
        assert_eq!(back, json);
    }

    #[test]
    fn what_did_leaves_out_is_at_least_once_ever() {
        let did: Rule = serde_json::from_value(json!({"did": {"event": "Order Completed"}})).unwrap();
        let Rule::Did(b) = &did else { panic!("did") };
        assert_eq!((&b.window, &b.measure, &b.test), (&Window::Ever, &Measure::Count, &Test::Gte(1.0)));
        assert_eq!(serde_json::to_value(&did).unwrap(), json!({"did": {"event": "Order Completed"}}));
    }

    #[test]
    fn a_length_of_time_is_read_and_a_wrong_one_explained() {
        assert_eq!(Span::parse("2w").unwrap().to_string(), "14d");
        assert_eq!(Span::parse("90m").unwrap().to_string(), "90m");
        for wrong in ["", "d", "-1d", "1.5h", "0d", "99999999999w", "10", "3mo"] {
            assert!(Span::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Field::parse("colour").unwrap_err().contains("properties.NAME"));
        assert_eq!(Field::parse("properties.a.b").unwrap().to_string(), "properties.a.b");
    }
}
