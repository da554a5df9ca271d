//! JSON text to events, bounded: entries of a batch are cut out as text first, so that an event is measured
//! before anything is allocated for it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Limits, WireError, WireErrorKind};
use crate::event::Object;
use crate::event::raw::{Fault, QuarantineReason, RawEvent, Rejected};

/// Keys of an envelope beyond which it is no envelope.
const MAX_ENVELOPE_KEYS: usize = 2_000;
const TOO_MANY: &str = "too many entries";

/// The outermost JSON value of a request, not yet parsed inside.
#[derive(Debug)]
pub(super) enum Top<'a> {
    /// Keys and values of an object.
    Object(Vec<(Cow<'a, str>, &'a RawValue)>),
    /// Entries of an array.
    Array(Vec<&'a RawValue>),
}

impl<'a> Top<'a> {
    /// Reads the outermost value.
    pub(super) fn read(text: &'a str, limits: &Limits) -> Result<Self, WireError> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let top = TopSeed { max_entries: limits.batch_entries }.deserialize(&mut reader).and_then(|top| {
            reader.end()?;
            Ok(top)
        });
        top.map_err(|e| refused(&e, limits))
    }

    /// The field of an object.
    pub(super) fn field(&self, name: &str) -> Option<&'a RawValue> {
        match self {
            Self::Object(fields) => fields.iter().rev().find(|(k, _)| k == name).map(|(_, v)| *v),
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

fn refused(e: &serde_json::Error, limits: &Limits) -> WireError {
    if e.to_string().starts_with(TOO_MANY) {
        let detail = format!("the batch has more than {} entries; send smaller batches", limits.batch_entries);
        return WireError::new(WireErrorKind::TooLarge, detail);
    }
    WireError::unreadable(format!("the body is no JSON: error at line {} column {}", e.line(), e.column()))
}

struct TopSeed {
    max_entries: usize,
}

impl<'de> DeserializeSeed<'de> for TopSeed {
    type Value = Top<'de>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Top<'de>, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TopSeed {
    type Value = Top<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Top<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            if entries.len() == self.max_entries {
                return Err(A::Error::custom(TOO_MANY));
            }
            entries.push(raw);
        }
        Ok(Top::Array(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            if fields.len() == MAX_ENVELOPE_KEYS {
                return Err(A::Error::custom(TOO_MANY));
            }
            fields.push((key, map.next_value::<&'de RawValue>()?));
        }
        Ok(Top::Object(fields))
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

/// Text that the outermost reader accepts: the bytes as they are, or mended where common encoders write what is not
/// JSON (Python's `NaN`, raw control characters).
pub(super) fn readable(bytes: &[u8]) -> Result<Cow<'_, str>, WireError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| WireError::unreadable(format!("the body is not UTF-8 from byte {} on", e.valid_up_to())))?;
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(Cow::Borrowed(text)),
        Err(e) if e.is_eof() => {
            Err(WireError::unreadable(format!("the body is cut short: JSON ends at byte {}", text.len())))
        }
        Err(_) => Ok(Cow::Owned(mend(text))),
    }
}

/// Mends what common encoders get wrong: `NaN` and infinities become null, raw control characters in strings are
/// escaped, escapes of half a surrogate pair (a cut emoji) become the replacement character.
fn mend(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 16);
    let mut in_string = false;
    let mut copied = 0;
    let mut i = 0;
    while i < bytes.len() {
        let (skip, put): (usize, Cow<'_, str>) = match bytes[i] {
            b'"' => {
                in_string = !in_string;
                i += 1;
                continue;
            }
            b'\\' if in_string => match half_surrogate(&bytes[i..]) {
                Some(true) => (6, Cow::Borrowed("\\ufffd")),
                Some(false) => {
                    i += 12;
                    continue;
                }
                None => {
                    i += 2;
                    continue;
                }
            },
            c @ 0..=0x1f if in_string => (1, Cow::Owned(format!("\\u{c:04x}"))),
            b'N' | b'I' | b'-' if !in_string => {
                match ["NaN", "Infinity", "-Infinity"].iter().find(|w| text[i..].starts_with(**w)) {
                    Some(word) => (word.len(), Cow::Borrowed("null")),
                    None => {
                        i += 1;
                        continue;
                    }
                }
            }
            _ => {
                i += 1;
                continue;
            }
        };
        out.push_str(&text[copied..i]);
        out.push_str(&put);
        i += skip;
        copied = i;
    }
    out.push_str(&text[copied.min(text.len())..]);
    out
}

/// Looks at an escape: `Some(true)` half a pair, `Some(false)` a whole pair of twelve bytes, `None` anything else.
fn half_surrogate(escape: &[u8]) -> Option<bool> {
    let unit = |at: usize| -> Option<u32> {
        let hex = escape.get(at..at + 6)?.strip_prefix(b"\\u")?;
        hex.iter().try_fold(0, |n, b| char::from(*b).to_digit(16).map(|d| n * 16 + d))
    };
    match unit(0)? {
        0xd800..=0xdbff => Some(!matches!(unit(6), Some(0xdc00..=0xdfff))),
        0xdc00..=0xdfff => Some(true),
        _ => None,
    }
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

    /// Parses the text of one event, measured first.
    pub(super) fn parse(&mut self, text: &str) -> Result<Value, Rejected> {
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
        match serde_json::from_str(text) {
            Ok(value) => Ok(value),
            Err(_) => serde_json::from_str(&mend(text))
                .map_err(|e| Rejected::unreadable(format!("the event is no JSON: error at column {}", e.column()))),
        }
    }

    /// Parses one entry to an object and turns it into an event; what is no object is kept for quarantine.
    pub(super) fn event(&mut self, text: &str, make: impl FnOnce(Object) -> RawEvent) -> Result<RawEvent, Rejected> {
        Ok(match self.parse(text)? {
            Value::Object(object) => super::fields::within(make(object), self.limits),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                no_object(other)
            }
        })
    }

    /// The verdicts of all entries of a batch, in order.
    pub(super) fn batch(
        &mut self,
        entries: &[&RawValue],
        mut make: impl FnMut(Object) -> RawEvent,
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
    fn what_python_and_cut_emoji_send_is_mended() {
        assert_eq!(mend(r#"{"a":NaN,"b":[-Infinity,"NaN"]}"#), r#"{"a":null,"b":[null,"NaN"]}"#);
        assert_eq!(mend("{\"a\":\"x\ty\"}"), "{\"a\":\"x\\u0009y\"}");
        assert_eq!(mend(r#""\ud83d\ude00 \ud83d! \ude00 \\ud83d""#), r#""\ud83d\ude00 \ufffd! \ufffd \\ud83d""#);
        assert_eq!(readable(br#"[{"a":NaN}]"#).unwrap(), r#"[{"a":null}]"#);
        assert!(readable(br#"[{"a":1}"#).unwrap_err().detail.contains("cut short"));
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
        let verdict = Budget::new(&limits).parse(&deep).unwrap_err();
        assert!(verdict.detail.contains("nested more than 64 deep"), "{verdict:?}");
    }
}
