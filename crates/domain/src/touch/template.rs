//! Templates of a rule's outcome: literal text and `{field|other_field}`.

use super::TouchField;
use crate::event::TouchSignature;

/// Longest text of a channel, campaign or touchpoint, in characters; signatures are cut to the same length.
pub(super) const MAX_CHARS: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    FirstOf(Vec<TouchField>),
}

/// A parsed template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

impl Template {
    /// Reads a template; the error says what is wrong and how to mend it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let open = rest.find('{').unwrap_or(rest.len());
            let (literal, tail) = rest.split_at(open);
            if literal.contains('}') {
                return Err("a `}` without `{` before it; remove it, or write a field as {utm_campaign}".into());
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_lowercase()));
            }
            let Some(inner) = tail.strip_prefix('{') else { break };
            let Some((names, after)) = inner.split_once('}') else {
                return Err("a `{` is never closed; write a field as {utm_campaign}".into());
            };
            parts.push(Part::FirstOf(fields(names)?));
            rest = after;
        }
        Ok(Self(parts))
    }

    /// Whether the template is the same for every signature.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text for `signature`, trimmed and cut to [`MAX_CHARS`]. Empty when every field in it is absent: a
    /// separator alone says nothing.
    pub(super) fn render(&self, signature: &TouchSignature) -> String {
        if let Some(text) = self.literal() {
            return text.to_owned();
        }
        let mut out = String::new();
        let mut filled = false;
        for part in &self.0 {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::FirstOf(fields) => {
                    if let Some(text) = fields.iter().map(|f| f.of(signature)).find(|t| !t.is_empty()) {
                        out.push_str(text);
                        filled = true;
                    }
                }
            }
        }
        if !filled {
            return String::new();
        }
        out.trim().chars().take(MAX_CHARS).collect()
    }
}

fn fields(names: &str) -> Result<Vec<TouchField>, String> {
    names
        .split('|')
        .map(|name| {
            let name = name.trim();
            TouchField::parse(name).ok_or_else(|| {
                let known: Vec<_> = TouchField::ALL.iter().map(|f| f.as_str()).collect();
                format!("`{{{name}}}` is no field of a touch; use one of {}", known.join(", "))
            })
        })
        .collect()
}
