//! JSON text to events, bounded: entries of a batch are cut out as text first, so that an event is measured
//! before anything is allocated for it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::mend::mend;
use super::{Limits, WireError, WireErrorKind};
use crate::event::Object;
use crate::event::raw::{Fault, QuarantineReason, RawEvent, Rejected};

/// Keys of an envelope beyond which it is no envelope.
const MAX_ENVELOPE_KEYS: usize = 2_000;
const TOO_MANY: &str = "too many entries";

/// The outermost JSON value of a request, not yet parsed inside.
#[derive(Debug)]
pub(super) enum Top<'a> {
    /// Keys and values of an object, and the entries of its list of events if it has one.
    Object { fields: Vec<(Cow<'a, str>, &'a RawValue)>, list: Option<List<'a>> },
    /// Entries of an array.
    Array(Vec<&'a RawValue>),
}

/// What an envelope has where its list of events should be.
#[derive(Debug)]
pub(super) enum List<'a> {
    Entries(Vec<&'a RawValue>),
    NoList,
}

impl<'a> Top<'a> {
    /// Reads the outermost value, in one pass; `list` is the field of an envelope that holds its events.
    fn read(text: &'a str, list: &str, limits: &Limits) -> Result<Self, WireError> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let top = TopSeed { list, max_entries: limits.batch_entries }.deserialize(&mut reader).and_then(|top| {
            reader.end()?;
            Ok(top)
        });
        top.map_err(|e| refused(&e, text, limits))
    }

    /// The entries of the list of events; `None` when the request is one event itself.
    pub(super) fn entries(&self) -> Result<Option<&[&'a RawValue]>, WireError> {
        match self {
            Self::Array(entries) | Self::Object { list: Some(List::Entries(entries)), .. } => Ok(Some(entries)),
            Self::Object { list: Some(List::NoList), .. } => {
                Err(WireError::unreadable("the field that holds the events (batch, data) is no array"))
            }
            Self::Object { list: None, .. } => Ok(None),
        }
    }

    /// The field of an object.
    pub(super) fn field(&self, name: &str) -> Option<&'a RawValue> {
        match self {
            Self::Object { fields, .. } => fields.iter().rev().find(|(k, _)| k == name).map(|(_, v)| *v),
            Self::Array(_) => None,
        }
    }

    /// A small field of an object, parsed: text, number or flag; anything else is absent.
    pub(super) fn scalar(&self, name: &str) -> Value {
        let parsed = self.field(name).filter(|raw| raw.get().len() < 4096).map(|raw| serde_json::from_str(raw.get()));
        match parsed {
            Some(Ok(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_)))) => value,
            Some(Ok(Value::Null | Value::Array(_) | Value::Object(_)) | Err(_)) | None => Value::Null,
        }
    }
}

fn refused(e: &serde_json::Error, text: &str, limits: &Limits) -> WireError {
    if e.to_string().starts_with(TOO_MANY) {
        let detail = format!("the batch has more than {} entries; send smaller batches", limits.batch_entries);
        return WireError::new(WireErrorKind::TooLarge, detail);
    }
    if e.is_eof() {
        return WireError::unreadable(format!("the body is cut short: JSON ends at byte {}", text.len()));
    }
    WireError::unreadable(format!("the body is no JSON: error at line {} column {}", e.line(), e.column()))
}

struct TopSeed<'l> {
    list: &'l str,
    max_entries: usize,
}

impl<'de> DeserializeSeed<'de> for TopSeed<'_> {
    type Value = Top<'de>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Top<'de>, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TopSeed<'_> {
    type Value = Top<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Top<'de>, A::Error> {
        EntriesSeed { max_entries: self.max_entries }.visit_seq(seq).map(|list| match list {
            List::Entries(entries) => Top::Array(entries),
            List::NoList => Top::Array(Vec::new()),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top<'de>, A::Error> {
        let (mut fields, mut list) = (Vec::new(), None);
        while let Some(key) = map.next_key_seed(KeySeed)? {
            if key == self.list {
                list = Some(map.next_value_seed(EntriesSeed { max_entries: self.max_entries })?);
                continue;
            }
            if fields.len() == MAX_ENVELOPE_KEYS {
                return Err(A::Error::custom(TOO_MANY));
            }
            fields.push((key, map.next_value::<&'de RawValue>()?));
        }
        Ok(Top::Object { fields, list })
    }
}

/// The entries of an array as text; anything else is no list.
#[derive(Clone, Copy)]
struct EntriesSeed {
    max_entries: usize,
}

impl<'de> DeserializeSeed<'de> for EntriesSeed {
    type Value = List<'de>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<List<'de>, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for EntriesSeed {
    type Value = List<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            if entries.len() == self.max_entries {
                return Err(A::Error::custom(TOO_MANY));
            }
            entries.push(raw);
        }
        Ok(List::Entries(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List::NoList)
    }

    fn visit_bool<E>(self, _: bool) -> Result<List<'de>, E> {
        Ok(List::NoList)
    }

    fn visit_i64<E>(self, _: i64) -> Result<List<'de>, E> {
        Ok(List::NoList)
    }

    fn visit_u64<E>(self, _: u64) -> Result<List<'de>, E> {
        Ok(List::NoList)
    }

    fn visit_f64<E>(self, _: f64) -> Result<List<'de>, E> {
        Ok(List::NoList)
    }

    fn visit_str<E>(self, _: &str) -> Result<List<'de>, E> {
        Ok(List::NoList)
    }

    fn visit_unit<E>(self) -> Result<List<'de>, E> {
        Ok(List::NoList)
    }
}

/// A key, borrowed unless it has escapes.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Cow<'de, str>, D::Error> {
        d.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(v))
    }

    fn visit_str<E>(self, v: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(v.to_owned()))
    }
}

/// The text of a body.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, WireError> {
    std::str::from_utf8(bytes)
        .map_err(|e| WireError::unreadable(format!("the body is not UTF-8 from byte {} on", e.valid_up_to())))
}

/// Reads the outermost value with `read`, the events in the field `list` of an envelope; when that fails, once more with the text mended where common encoders write
/// what is not JSON (Python's `NaN`, raw control characters).
pub(super) fn reading<T>(
    bytes: &[u8],
    list: &str,
    limits: &Limits,
    read: impl Fn(&str, &Top<'_>) -> Result<T, WireError>,
) -> Result<T, WireError> {
    let text = utf8(bytes)?;
    let first = match Top::read(text, list, limits) {
        Ok(top) => return read(text, &top),
        Err(e) => e,
    };
    if first.kind == WireErrorKind::TooLarge {
        return Err(first);
    }
    let mended = mend(text);
    let top = Top::read(&mended, list, limits).map_err(|_| first)?;
    read(&mended, &top)
}

/// What one request may still allocate.
#[derive(Debug)]
pub(super) struct Budget<'a> {
    limits: &'a Limits,
    values: usize,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self { limits, values: limits.request_values }
    }

    /// Measures the text of one event before anything is allocated for it.
    fn measure(&mut self, text: &str) -> Result<(), Rejected> {
        let limits = self.limits;
        if text.len() > limits.event_bytes {
            return Err(Rejected::over_limit(format!(
                "the event has {} bytes, at most {} are taken; send fewer or shorter properties",
                text.len(),
                limits.event_bytes
            )));
        }
        let shape = shape(text.as_bytes());
        if shape.depth > limits.depth.min(127) {
            return Err(Rejected::over_limit(format!(
                "the event is nested more than {} deep; flatten it",
                limits.depth
            )));
        }
        if shape.values > self.values {
            return Err(Rejected::over_limit(format!(
                "the request has more than {} values; send smaller batches",
                limits.request_values
            )));
        }
        self.values -= shape.values;
        Ok(())
    }

    /// Parses a small object beside the events.
    pub(super) fn object(&mut self, text: &str) -> Option<Object> {
        self.measure(text).ok()?;
        serde_json::from_str(text).ok()
    }

    /// Parses one entry to its fields and turns them into an event; what is no object is kept for quarantine.
    pub(super) fn event(
        &mut self,
        text: &str,
        make: impl FnOnce(Fields<'_>) -> RawEvent,
    ) -> Result<RawEvent, Rejected> {
        self.measure(text)?;
        let raw = match serde_json::from_str::<Entry<'_>>(text) {
            Ok(entry) => entry.into_event(make),
            // The one thing that can be wrong here and not in the outermost pass: half a surrogate pair.
            Err(_) => serde_json::from_str::<Entry<'_>>(&mend(text))
                .map_err(|e| Rejected::unreadable(format!("the event is no JSON: error at column {}", e.column())))?
                .into_event(make),
        };
        Ok(super::fields::within(raw, self.limits))
    }

    /// The verdicts of all entries of a batch, in order.
    pub(super) fn batch(
        &mut self,
        entries: &[&RawValue],
        mut make: impl FnMut(Fields<'_>) -> RawEvent,
    ) -> Vec<Result<RawEvent, Rejected>> {
        let most = self.limits.batch_events;
        let mut out = Vec::with_capacity(entries.len());
        for (i, raw) in entries.iter().enumerate() {
            if i < most {
                out.push(self.event(raw.get(), &mut make));
            } else {
                out.push(Err(Rejected::over_limit(format!("event {} of a batch of at most {most}", i + 1))));
            }
        }
        out
    }
}

/// The fields of an event in their order. Keys are borrowed from the text; a key that comes twice is there twice.
pub(super) type Fields<'a> = Vec<(Cow<'a, str>, Value)>;

/// One entry of a batch.
enum Entry<'a> {
    Fields(Fields<'a>),
    Other(Value),
}

impl<'a> Entry<'a> {
    fn into_event(self, make: impl FnOnce(Fields<'a>) -> RawEvent) -> RawEvent {
        match self {
            Self::Fields(fields) => make(fields),
            Self::Other(value) => no_object(value),
        }
    }
}

impl<'de> Deserialize<'de> for Entry<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry<'de>, A::Error> {
        let mut fields = Vec::with_capacity(12);
        while let Some(key) = map.next_key_seed(KeySeed)? {
            fields.push((key, map.next_value()?));
        }
        Ok(Entry::Fields(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Entry<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Entry::Other(Value::Array(list)))
    }

    fn visit_bool<E>(self, v: bool) -> Result<Entry<'de>, E> {
        Ok(Entry::Other(Value::from(v)))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Entry<'de>, E> {
        Ok(Entry::Other(Value::from(v)))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Entry<'de>, E> {
        Ok(Entry::Other(Value::from(v)))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Entry<'de>, E> {
        Ok(Entry::Other(Value::from(v)))
    }

    fn visit_str<E>(self, v: &str) -> Result<Entry<'de>, E> {
        Ok(Entry::Other(Value::from(v)))
    }

    fn visit_unit<E>(self) -> Result<Entry<'de>, E> {
        Ok(Entry::Other(Value::Null))
    }
}

fn no_object(value: Value) -> RawEvent {
    let mut raw = RawEvent::default();
    raw.extra.insert("original".to_owned(), value);
    raw.fault = Some(Fault {
        reason: QuarantineReason::Malformed,
        detail: "the event is no JSON object".to_owned(),
        limit: None,
        actual: None,
    });
    raw
}

/// Nesting and number of values of JSON text.
struct Shape {
    depth: usize,
    values: usize,
}

/// Measures JSON text without allocating: each `,`, `[`, `{` outside strings starts at most one value.
fn shape(text: &[u8]) -> Shape {
    let (mut depth, mut deepest, mut values) = (0_usize, 0_usize, 1_usize);
    let mut i = 0;
    while i < text.len() {
        match text[i] {
            b'"' => {
                i += 1;
                while i < text.len() && text[i] != b'"' {
                    i += if text[i] == b'\\' { 2 } else { 1 };
                }
            }
            b'[' | b'{' => {
                depth += 1;
                values += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        i += 1;
    }
    Shape { depth: deepest, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_once_more_when_it_can_be_mended() {
        let limits = Limits::default();
        let entries =
            |bytes: &[u8]| reading(bytes, "batch", &limits, |_, top| Ok(top.entries()?.map_or(0, <[_]>::len)));
        assert_eq!(entries(br#"[{"a":NaN}]"#), Ok(1));
        assert!(entries(br#"[{"a":1}"#).unwrap_err().detail.contains("cut short"));
        assert!(entries(br#"[{"a":1}}]"#).unwrap_err().detail.contains("no JSON"));
    }

    #[test]
    fn depth_and_values_are_measured_outside_strings() {
        let s = shape(br#"{"a":[1,2,{"b":"[[[,,,\"{"}],"c":3}"#);
        assert_eq!((s.depth, s.values), (3, 7));
    }

    #[test]
    fn an_event_nested_too_deep_is_refused_cleanly() {
        let limits = Limits::default();
        let deep = format!("{{\"properties\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
        let verdict = Budget::new(&limits).event(&deep, |_| RawEvent::default()).unwrap_err();
        assert!(verdict.detail.contains("nested more than 64 deep"), "{verdict:?}");
    }
}
