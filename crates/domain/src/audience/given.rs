//! A value as a test sees it, wherever it came from: a trait's tree, the text of a property, a measure.

use std::borrow::Cow;

use serde_json::Value;
use throughline_base::Timestamp;

use super::json_path::{Found, items, text_of};

/// One plain value. Objects are there, and nothing more can be said of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    Number(f64),
    Text(Cow<'a, str>),
    Bool(bool),
    Time(Timestamp),
    Object,
}

/// What was found where a test looks. Nulls and empty lists count as missing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given<'a> {
    Missing,
    Tree(&'a Value),
    /// The values of one path of a JSON text.
    Raw(&'a [Found<'a>], u32),
    Number(f64),
    Text(&'a str),
    Time(Timestamp),
}

impl<'a> Given<'a> {
    /// Whether `test` is true of one of its plain values; a list's are its items'.
    pub(super) fn any(&self, mut test: impl FnMut(&Scalar<'a>) -> bool) -> bool {
        match *self {
            Self::Missing => false,
            Self::Tree(Value::Array(list)) => list.iter().filter_map(of_tree).any(|s| test(&s)),
            Self::Tree(value) => of_tree(value).is_some_and(|s| test(&s)),
            Self::Raw(found, leaf) => found.iter().filter(|f| f.leaf == leaf).any(|f| {
                if f.raw.starts_with('[') {
                    items(f.raw).filter_map(of_raw).any(|s| test(&s))
                } else {
                    of_raw(f.raw).is_some_and(|s| test(&s))
                }
            }),
            Self::Number(n) => test(&Scalar::Number(n)),
            Self::Text(t) => test(&Scalar::Text(Cow::Borrowed(t))),
            Self::Time(t) => test(&Scalar::Time(t)),
        }
    }

    /// Whether there is anything.
    pub(super) fn is_there(&self) -> bool {
        self.any(|_| true)
    }
}

fn of_tree(value: &Value) -> Option<Scalar<'_>> {
    match value {
        Value::Null => None,
        Value::Bool(b) => Some(Scalar::Bool(*b)),
        Value::Number(n) => n.as_f64().map(Scalar::Number),
        Value::String(s) => Some(Scalar::Text(Cow::Borrowed(s))),
        // A list in a list is as opaque as an object.
        Value::Array(_) | Value::Object(_) => Some(Scalar::Object),
    }
}

/// A value from its JSON text; `None` for null and for what is no JSON.
pub(super) fn of_raw(raw: &str) -> Option<Scalar<'_>> {
    match raw.as_bytes().first()? {
        b'"' => Some(Scalar::Text(text_of(raw))),
        b't' => Some(Scalar::Bool(true)),
        b'f' => Some(Scalar::Bool(false)),
        b'n' => None,
        b'{' | b'[' => Some(Scalar::Object),
        _ => raw.parse().ok().filter(|n: &f64| n.is_finite()).map(Scalar::Number),
    }
}

/// The number a text is, if it is one.
pub(super) fn number_in(text: &str) -> Option<f64> {
    let text = text.trim();
    // Rust also reads `inf`, `nan` and `infinity`.
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        .then(|| text.parse().ok().filter(|n: &f64| n.is_finite()))
        .flatten()
}

impl Scalar<'_> {
    /// As a number: a number, or text that is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(t) => number_in(t),
            Self::Bool(_) | Self::Time(_) | Self::Object => None,
        }
    }

    /// As an instant: one, text that is one (a date or a time without offset in `zone`), or a number of seconds or
    /// milliseconds.
    pub(super) fn instant(&self, zone: &str) -> Option<i64> {
        let read = |v: Value| crate::event::raw::read_time_in(&v, zone).ok().flatten().map(Timestamp::ms);
        match self {
            Self::Time(t) => Some(t.ms()),
            Self::Text(t) => read(Value::String(t.clone().into_owned())),
            Self::Number(n) => serde_json::Number::from_f64(*n).and_then(|n| read(Value::Number(n))),
            Self::Bool(_) | Self::Object => None,
        }
    }

    /// The JSON text that stands for it where values are counted: whole numbers without a fraction, text cut to
    /// [`TEXT_MAX`] bytes. `None` for an object.
    pub(super) fn canonical(&self) -> Option<String> {
        Some(match self {
            Self::Number(n) => whole_or_not(*n).to_string(),
            Self::Text(t) => Value::from(cut(t, TEXT_MAX)).to_string(),
            Self::Bool(b) => b.to_string(),
            Self::Time(t) => Value::from(t.to_string()).to_string(),
            Self::Object => return None,
        })
    }
}

/// Bytes of a text that are kept where a track keeps texts.
pub(super) const TEXT_MAX: usize = 256;

/// The longest beginning of at most `max` bytes.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A number as JSON shows it: whole numbers that a float holds exactly without a fraction.
pub(super) fn whole_or_not(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 { Value::from(n as i64) } else { Value::from(n) }
}
