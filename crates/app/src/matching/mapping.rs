//! `--map`: TOML that says what columns mean where their names do not.

use std::collections::BTreeMap;

use serde::Deserialize;
use throughline_base::Problem;
use throughline_domain::identity::matching::{DateOrder, Part};

use crate::Result;
use crate::import::FileHints;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Text {
    columns: BTreeMap<String, String>,
    dates: BTreeMap<String, DateOrder>,
    file: FileHints,
    guess: Option<bool>,
    threshold: Option<f64>,
    review_from: Option<f64>,
    one_per_file: Option<bool>,
}

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) part: Part,
    pub(super) name: String,
}

/// A checked mapping.
#[derive(Debug, Clone, Default)]
pub struct MatchMapping {
    /// Columns; `None` for those that are not to be used.
    pub(super) columns: BTreeMap<String, Option<Meaning>>,
    pub(super) dates: BTreeMap<String, DateOrder>,
    pub(super) file: FileHints,
    /// Whether columns that are not named are guessed.
    pub(super) guess: bool,
    pub(super) threshold: Option<f64>,
    pub(super) review_from: Option<f64>,
    pub(super) one_per_file: Option<bool>,
}

impl MatchMapping {
    /// Nothing mapped, everything guessed.
    #[must_use]
    pub fn guessed() -> Self {
        Self { guess: true, ..Self::default() }
    }

    /// Reads and checks a mapping.
    ///
    /// # Errors
    /// `match_mapping`: what is wrong, with its line where TOML tells.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |detail: String| Problem::invalid("match_mapping", detail);
        let t: Text = toml::from_str(text).map_err(|e| wrong(format!("the mapping cannot be read: {e}")))?;
        let mut columns = BTreeMap::new();
        for (column, meaning) in t.columns {
            let parsed = if meaning.trim().is_empty() { None } else { Some(parse_meaning(&column, &meaning)?) };
            columns.insert(column, parsed);
        }
        for (what, value) in [("threshold", t.threshold), ("review_from", t.review_from)] {
            if value.is_some_and(|v| !(v > 0.0 && v < 1.0)) {
                return Err(wrong(format!("the mapping: {what} is a probability between 0 and 1")));
            }
        }
        Ok(Self {
            columns,
            dates: t.dates,
            file: t.file,
            guess: t.guess.unwrap_or(true),
            threshold: t.threshold,
            review_from: t.review_from,
            one_per_file: t.one_per_file,
        })
    }
}

fn parse_meaning(column: &str, text: &str) -> Result<Meaning> {
    let (part, name) = text.split_once(':').map_or((text, column), |(p, n)| (p, n));
    let Some(part) = Part::parse(part.trim()) else {
        let all: Vec<&str> = Part::ALL.iter().map(|p| p.as_str()).collect();
        let detail =
            format!("the mapping: column `{column}`: there is no meaning `{text}`; expected {}", all.join(", "));
        return Err(Problem::invalid("match_mapping", detail));
    };
    Ok(Meaning { part, name: name.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_read_and_a_wrong_one_says_what_is_wrong() {
        let m = MatchMapping::parse(
            "threshold = 0.9\n[columns]\nwho = \"name\"\nbadge = \"number\"\nboss = \"text:firm\"\nnotes = \"\"\n[dates]\nborn = \"month_first\"\n",
        )
        .unwrap();
        assert_eq!(m.columns["badge"], Some(Meaning { part: Part::Number, name: "badge".into() }));
        assert_eq!(m.columns["boss"], Some(Meaning { part: Part::Text, name: "firm".into() }));
        assert_eq!(m.columns["notes"], None);
        assert_eq!((m.threshold, m.guess), (Some(0.9), true));
        for (bad, says) in [
            ("[columns]\na = \"nose\"", "there is no meaning `nose`"),
            ("threshold = 2.0", "between 0 and 1"),
            ("colums = 1", "unknown field"),
        ] {
            let e = MatchMapping::parse(bad).unwrap_err();
            assert!(e.detail.contains(says), "{}", e.detail);
        }
    }
}
