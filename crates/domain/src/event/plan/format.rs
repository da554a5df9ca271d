//! Formats of text in a schema.

use throughline_base::Timestamp;

use crate::event::clean;

/// The year 9986: a planned date may lie ahead, a birthday may not.
const FAR_FUTURE_MS: i64 = 253_000_000_000_000;

/// A format that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Email,
    Uri,
    Date,
    DateTime,
    Uuid,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "email" | "idn-email" => Self::Email,
            "uri" | "iri" | "url" => Self::Uri,
            "date" => Self::Date,
            "date-time" => Self::DateTime,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Uri => "address with a scheme (https://…)",
            Self::Date => "date (2026-11-21)",
            Self::DateTime => "time (2026-11-21T23:41:30Z)",
            Self::Uuid => "UUID",
        }
    }

    pub(super) fn holds(self, text: &str) -> bool {
        match self {
            Self::Email => clean::email(text).is_some(),
            Self::Uri => is_uri(text),
            Self::Date => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
            Self::DateTime => text.contains(['T', 't']) && text.parse::<jiff::Timestamp>().is_ok(),
            Self::Uuid => is_uuid(text),
        }
    }

    /// The format's form of a value that says the same in another form; `None` when there is none.
    pub(super) fn coerced(self, value: &serde_json::Value) -> Option<String> {
        let at = || crate::event::raw::read_time(value).ok().flatten();
        match self {
            Self::DateTime => at().map(|t: Timestamp| t.to_string()),
            Self::Date => match value.as_str() {
                Some(text) => {
                    let date = clean::birthday(text, Timestamp::from_ms(FAR_FUTURE_MS))?.value;
                    date.year.map(|_| date.to_string())
                }
                None => None,
            },
            Self::Email => clean::email(value.as_str()?).map(|c| c.value),
            Self::Uri | Self::Uuid => None,
        }
    }
}

/// A scheme of RFC 3986 §3.1, a colon, and no blanks behind it.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !rest.is_empty()
        && !rest.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c))
}

fn is_uuid(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 36
        && b.iter()
            .enumerate()
            .all(|(i, c)| if matches!(i, 8 | 13 | 18 | 23) { *c == b'-' } else { c.is_ascii_hexdigit() })
}
