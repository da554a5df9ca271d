//! Our own sentences read back into codes and values, so that a console can say them in another language.
//!
//! The rooms below speak English to people: why a link was refused, what is wrong with an event, which cell of a file
//! cannot be read. Some of it is stored so, in the log of evidence for instance, and stays readable there for ever. This
//! is the one place that knows these sentences by their form. What is not one of them, an operator's note for instance,
//! has no wording, and is shown as it is.
//!
//! The English texts of the console (`said.*` in `web/console/src/i18n/en.json`) are the templates of [`sentences`]; a
//! test of the console holds the two equal.

mod sentences;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use sentences::SENTENCES;

/// A sentence as a code and what is filled in, to say it in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Wording {
    /// Stable, for programs; the same sentence has the same code everywhere.
    pub code: String,
    /// What is filled in, as text. `of` is the identifier, column or field that the sentence is about,
    /// `group_line` the line of a file for whose sake another one was refused.
    pub params: BTreeMap<String, String>,
}

/// The types of JSON Schema.
const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "array", "object", "null"];

/// The longest text that is looked at: all sentences of ours are shorter.
const LONGEST: usize = 2_000;

/// The wording of a text: of the one sentence it is, or of each of several parted by semicolons. Empty when some of it
/// is not a sentence of ours.
#[must_use]
pub fn wording(text: &str) -> Vec<Wording> {
    if text.is_empty() || text.len() > LONGEST {
        return Vec::new();
    }
    if let Some(one) = sentence(text) {
        return vec![one];
    }
    let parts: Option<Vec<Wording>> = text.split("; ").map(sentence).collect();
    parts.filter(|parts| parts.len() > 1).unwrap_or_default()
}

/// One sentence, with what may stand around it taken off.
fn sentence(text: &str) -> Option<Wording> {
    let text = text.strip_prefix("not linked: ").unwrap_or(text);
    if let Some(why) = text.strip_prefix("blocked value (").and_then(|rest| rest.strip_suffix(')')) {
        return sentence(why).filter(|found| found.code.starts_with("blocked."));
    }
    if let Some((namespace, why)) = text.strip_suffix(')').and_then(|t| t.split_once(" carries a blocked value (")) {
        return sentence(why).map(|found| found.about(namespace.strip_prefix("a ").unwrap_or(namespace)));
    }
    if let Some((line, why)) =
        text.strip_prefix("refused with line ").and_then(|t| t.split_once(" of the same group: "))
    {
        let mut found = sentence(why)?;
        found.params.insert("group_line".to_owned(), line.to_owned());
        return Some(found);
    }
    if let Some((code, params)) = SENTENCES.iter().find_map(|(code, form)| Some((code, filled(form, text)?))) {
        return Some(Wording { code: (*code).to_owned(), params });
    }
    let (of, rest) = text.split_once(": ")?;
    sentence(rest).filter(|found| !found.params.contains_key("of")).map(|found| found.about(of))
}

impl Wording {
    fn about(mut self, of: &str) -> Self {
        self.params.insert("of".to_owned(), of.to_owned());
        self
    }
}

/// What stands in the holes of a form such as `it would have more than {max} owners`; `None` when the text is another.
fn filled(form: &str, text: &str) -> Option<BTreeMap<String, String>> {
    let mut params = BTreeMap::new();
    let (start, mut form) = form.split_once('{').map_or((form, None), |(start, rest)| (start, Some(rest)));
    let mut text = text.strip_prefix(start)?;
    while let Some((name, rest)) = form.and_then(|f| f.split_once('}')) {
        let (literal, next) = rest.split_once('{').map_or((rest, None), |(literal, next)| (literal, Some(next)));
        let value;
        (value, text) = match (literal, next) {
            ("", None) => (text, ""),
            (literal, None) => (text.strip_suffix(literal)?, ""),
            (literal, Some(_)) => text.split_once(literal)?,
        };
        if !fits(name, value) {
            return None;
        }
        params.insert(name.to_owned(), value.to_owned());
        form = next;
    }
    text.is_empty().then_some(params)
}

/// Whether a hole can hold this: else a sentence that people wrote is taken for one of ours.
fn fits(name: &str, value: &str) -> bool {
    match name {
        "max" | "min" | "n" | "seq" | "version" | "line" => {
            !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        }
        "type" => value.split(" or ").all(|one| TYPES.contains(&one)),
        "of" => !value.is_empty() && !value.contains("; "),
        _ => !value.is_empty(),
    }
}

#[cfg(test)]
mod tests;
