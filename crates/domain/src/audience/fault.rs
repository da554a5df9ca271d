//! What is wrong with a definition: where, what, how to mend it.

use std::fmt;

use serde::Serialize;

/// One fault of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Key of the part.
    pub part: String,
    /// Where in it, for instance `rule.all[2].did.where[0].field.test`.
    pub path: String,
    /// Stable, `snake_case`, for programs.
    pub code: &'static str,
    /// What is wrong and how to mend it.
    pub detail: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.part, self.path, self.detail)?;
        match &self.suggestion {
            Some(s) => write!(f, "; did you mean {s}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// Longest word that is compared with others: beyond it nobody mistypes, and comparing is quadratic.
const MAX_CHARS: usize = 64;

/// Of `known` the one that `word` is a slip of, if any is near enough: one slip in four characters.
pub(super) fn meant<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    if word.chars().count() > MAX_CHARS {
        return None;
    }
    let low = word.to_lowercase();
    known
        .filter(|k| k.len() <= 4 * MAX_CHARS)
        .map(|k| (strsim::damerau_levenshtein(&low, &k.to_lowercase()), k))
        .filter(|(d, k)| *d <= 1 + low.chars().count().min(k.chars().count()) / 4)
        .min()
        .map(|(_, k)| k.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["big_spenders", "lapsed", "会员日"];
        let ask = |w| meant(w, known.into_iter());
        assert_eq!(ask("big_spender").as_deref(), Some("big_spenders"));
        assert_eq!(ask("Lapesd").as_deref(), Some("lapsed"));
        assert_eq!(ask("会员曰").as_deref(), Some("会员日"));
        assert_eq!(ask("newsletter"), None);
    }
}
