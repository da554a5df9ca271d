//! Finds a person in texts that hang on no line: quarantined events, refused lines of imports, warnings.

use std::collections::HashSet;

use throughline_base::{ImportId, QuarantineId};
use throughline_domain::event::RawEvent;
use throughline_domain::identity::Rules;
use throughline_store::event::Quarantined;
use throughline_store::privacy::{self as rows, RejectText};

use crate::collect::Item;
use crate::{App, Result};

/// Rows read at once.
const PAGE: u32 = 500;
/// A phone number is looked for among digits from this many on; shorter ones would be found everywhere.
const DIGITS_MIN: usize = 8;
/// The same for an opaque id as a word of a text.
const WORD_MIN: usize = 4;

/// Knows a person's identifiers in the forms they are written in.
#[derive(Debug)]
pub(super) struct Matcher {
    values: HashSet<(String, String)>,
    /// Lower-case.
    addresses: Vec<String>,
    /// Lower-case.
    words: Vec<String>,
    digits: Vec<String>,
}

impl Matcher {
    pub(super) fn new(values: &[(String, String)]) -> Self {
        let of = |wanted: &str| -> Vec<String> {
            values.iter().filter(|(n, _)| n.split(':').next() == Some(wanted)).map(|(_, v)| v.to_lowercase()).collect()
        };
        let mut digits: Vec<String> = Vec::new();
        for phone in of("phone") {
            let all: String = phone.chars().filter(char::is_ascii_digit).collect();
            // Numbers are often written without their country code.
            if let Some(national) = phone.strip_prefix("+86") {
                digits.push(national.to_owned());
            } else if all.len() > 10 {
                digits.push(all[all.len() - 9..].to_owned());
            }
            digits.push(all);
        }
        digits.retain(|d| d.len() >= DIGITS_MIN);
        Self {
            addresses: of("email"),
            words: values.iter().map(|(_, v)| v.to_lowercase()).filter(|v| v.len() >= WORD_MIN).collect(),
            digits,
            values: values.iter().cloned().collect(),
        }
    }

    /// Whether a phone number or an address stands in the text, however it is spaced.
    fn has_address(&self, text: &str) -> bool {
        let low = text.to_lowercase();
        let squeezed = digit_runs(text);
        self.addresses.iter().any(|a| has_word(&low, a))
            || self.digits.iter().any(|d| squeezed.iter().any(|run| run.contains(d.as_str())))
    }

    /// As [`Matcher::has_address`], or any identifier as a word of its own.
    fn has_any(&self, text: &str) -> bool {
        let low = text.to_lowercase();
        self.has_address(text) || self.words.iter().any(|w| has_word(&low, w))
    }

    fn claims(&self, rules: &Rules, e: &throughline_domain::event::Event) -> bool {
        e.claims
            .iter()
            .any(|c| self.values.contains(&(rules.stored_namespace(&c.namespace, e.source_id), c.value.clone())))
    }
}

/// Runs of digits, with the separators that people write phone numbers with taken out.
fn digit_runs(text: &str) -> Vec<String> {
    let mut runs = vec![String::new()];
    for c in text.chars() {
        match c {
            '0'..='9' => runs.last_mut().expect("there is always a run").push(c),
            ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
            _ => {
                if runs.last().is_some_and(|r| !r.is_empty()) {
                    runs.push(String::new());
                }
            }
        }
    }
    runs
}

/// Whether `word` stands in `text` with nothing of a word on either side.
fn has_word(text: &str, word: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(inner) && !after.is_some_and(inner)
    })
}

impl App {
    /// Quarantined events of any state that name the person.
    pub(super) fn texts_quarantined(
        &self,
        m: &Matcher,
        mut each: impl FnMut(&[Quarantined]) -> Result<()>,
    ) -> Result<()> {
        let mut after = QuarantineId::new(0);
        loop {
            let page = self.db.read(|tx| rows::quarantine_after(tx, after, PAGE))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            let found: Vec<Quarantined> = page.into_iter().filter(|q| self.quarantined_names(m, q)).collect();
            each(&found)?;
        }
    }

    /// By the identifiers it claims as a replay would read them, or by an address anywhere in it.
    fn quarantined_names(&self, m: &Matcher, q: &Quarantined) -> bool {
        if m.has_address(&q.raw) || m.has_address(&q.detail) || q.note.as_deref().is_some_and(|n| m.has_address(n)) {
            return true;
        }
        let source = self.registry.get().sources.get(&q.source_id).cloned();
        let (Some(source), Ok(raw)) = (source, serde_json::from_str::<RawEvent>(&q.raw)) else {
            return m.has_any(&q.raw);
        };
        let rules = self.identity_rules.read().clone();
        self.collect_raw(&source, vec![raw], q.received_at).items.iter().any(|item| match item {
            Item::Ready(e, _) | Item::Quarantine { event: Some(e), .. } => m.claims(&rules, e),
            Item::Quarantine { event: None, .. } | Item::Rejected(_) => false,
        })
    }

    /// Refused lines of imports that name the person.
    pub(super) fn texts_refused(&self, m: &Matcher, mut each: impl FnMut(&[RejectText]) -> Result<()>) -> Result<()> {
        let mut after = (ImportId::new(0), 0);
        loop {
            let page = self.db.read(|tx| rows::rejects_after(tx, after, PAGE))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.0;
            let found: Vec<RejectText> = page.into_iter().filter(|(_, text)| m.has_any(text)).collect();
            each(&found)?;
        }
    }

    /// Warnings of sources that name the person.
    pub(super) fn texts_warned(&self, m: &Matcher) -> Result<Vec<(i64, String, String)>> {
        Ok(self.db.read(rows::warnings)?.into_iter().filter(|(_, _, detail)| m.has_any(detail)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher() -> Matcher {
        let values = [("phone", "+8613911112222"), ("email", "xiao.ming@example.com"), ("user_id", "u-77")];
        Matcher::new(&values.map(|(n, v)| (n.to_owned(), v.to_owned())))
    }

    #[test]
    fn a_phone_is_found_however_it_is_written() {
        let m = matcher();
        for text in ["139 1111 2222", "tel:+86-139-1111-2222", "(139)11112222", r#"{"phone":"13911112222"}"#] {
            assert!(m.has_address(text), "{text}");
        }
        assert!(!m.has_address("13911112223"));
        assert!(!m.has_address("1391111 x 2222"));
    }

    #[test]
    fn an_address_or_id_is_a_word_of_its_own() {
        let m = matcher();
        assert!(m.has_address("From: <Xiao.Ming@Example.com>"));
        assert!(!m.has_address("not.xiao.ming@example.community"));
        assert!(m.has_any("row 3;u-77;x"));
        assert!(!m.has_any("row 3;u-771;x") && !m.has_address("u-77"));
    }
}
