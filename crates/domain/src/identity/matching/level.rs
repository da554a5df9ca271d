//! Comparisons and their levels: how far two records agree in one respect.
//!
//! A level is a small number; [`MISSING`] where either side says nothing. Within a kind a higher level is closer, except
//! for those that say another thing (swapped names, an initial), which follow behind the exact one.

use super::record::{Part, Records};

/// Either side has no value: no evidence.
pub const MISSING: u8 = 15;
/// Most comparisons of one model: four bits each make a pattern of 64.
pub const MOST: usize = 15;

/// What is compared, and so by which levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Given name; holds the level for swapped given name and surname.
    GivenName,
    /// Middle name or initial.
    MiddleName,
    /// Surname.
    Surname,
    /// Birthday.
    Birthday,
    /// Telephone number.
    Phone,
    /// E-mail address.
    Email,
    /// Number.
    Number,
    /// Street, house and flat, by words.
    Address,
    /// Postcode, else city, else state.
    Place,
    /// Text.
    Text,
    /// One of a few values.
    Category,
}

/// Levels of names, from the least.
const NAME: &[&str] =
    &["different", "similar_70", "similar_88", "similar_92", "same_sound", "exact", "initial", "swapped"];
const TEXT: &[&str] = &["different", "similar_70", "similar_88", "similar_92", "same_sound", "exact", "initial"];
const DATE: &[&str] =
    &["different", "within_year", "within_month", "day_month_swapped", "one_edit", "exact", "month_and_day"];
const PHONE: &[&str] = &["different", "two_edits", "one_edit", "same_end", "exact", "masked"];
const NUMBER: &[&str] = &["different", "two_edits", "one_edit", "exact", "masked"];
const MAIL: &[&str] = &["different", "local_similar", "two_edits", "same_local", "exact", "masked"];
const ADDRESS: &[&str] = &["different", "words_20", "words_40", "words_60", "words_80", "exact"];
const PLACE: &[&str] = &["different", "same_state", "similar_city", "same_city", "postcode_one_edit", "same_postcode"];
const CATEGORY: &[&str] = &["different", "exact"];

impl Kind {
    /// Names of its levels, by number.
    #[must_use]
    pub const fn levels(self) -> &'static [&'static str] {
        match self {
            Self::GivenName => NAME,
            Self::MiddleName | Self::Surname | Self::Text => TEXT,
            Self::Birthday => DATE,
            Self::Phone => PHONE,
            Self::Email => MAIL,
            Self::Number => NUMBER,
            Self::Address => ADDRESS,
            Self::Place => PLACE,
            Self::Category => CATEGORY,
        }
    }

    /// How many of its levels are ordered: a higher one is never weaker evidence. Those behind are apart.
    #[must_use]
    pub(super) const fn ordered(self) -> usize {
        match self {
            Self::GivenName
            | Self::MiddleName
            | Self::Surname
            | Self::Text
            | Self::Birthday
            | Self::Address
            | Self::Place => 6,
            Self::Phone | Self::Email => 5,
            Self::Number => 4,
            Self::Category => 2,
        }
    }

    /// The level of equal values.
    #[must_use]
    pub(super) const fn exact(self) -> u8 {
        self.ordered() as u8 - 1
    }

    /// Whether members of one household share it.
    #[must_use]
    pub(super) const fn is_shared(self) -> bool {
        match self {
            Self::Surname | Self::Address | Self::Place => true,
            Self::GivenName
            | Self::MiddleName
            | Self::Birthday
            | Self::Phone
            | Self::Email
            | Self::Number
            | Self::Text
            | Self::Category => false,
        }
    }

    /// A first guess of how often two records of one person agree at each level.
    #[must_use]
    pub(super) const fn guess(self) -> &'static [f64] {
        match self {
            Self::GivenName => &[0.08, 0.03, 0.03, 0.05, 0.03, 0.74, 0.02, 0.02],
            Self::MiddleName | Self::Surname | Self::Text => &[0.08, 0.03, 0.04, 0.06, 0.03, 0.74, 0.02],
            Self::Birthday => &[0.04, 0.03, 0.02, 0.01, 0.06, 0.83, 0.01],
            Self::Phone => &[0.18, 0.02, 0.04, 0.04, 0.70, 0.02],
            Self::Email => &[0.15, 0.03, 0.04, 0.06, 0.70, 0.02],
            Self::Number => &[0.05, 0.02, 0.06, 0.85, 0.02],
            Self::Address => &[0.12, 0.03, 0.05, 0.08, 0.12, 0.60],
            Self::Place => &[0.08, 0.05, 0.03, 0.07, 0.07, 0.70],
            Self::Category => &[0.03, 0.97],
        }
    }
}

/// One comparison of a model.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Comparison {
    /// What is compared.
    pub kind: Kind,
    /// The name of its field, where a kind may occur more than once.
    pub name: String,
}

/// The comparisons that the fields of records allow, at most [`MOST`].
#[must_use]
pub fn comparisons(records: &Records) -> Vec<Comparison> {
    let mut out: Vec<Comparison> = Vec::new();
    for (column, field) in records.fields().iter().enumerate() {
        let kind = match field.part {
            Part::Name | Part::GivenName => Kind::GivenName,
            Part::MiddleName => Kind::MiddleName,
            Part::Surname => Kind::Surname,
            Part::Birthday => Kind::Birthday,
            Part::Phone => Kind::Phone,
            Part::Email => Kind::Email,
            Part::Number => Kind::Number,
            Part::Address => Kind::Address,
            Part::Postcode | Part::City | Part::State => Kind::Place,
            Part::Text => Kind::Text,
            Part::Category => Kind::Category,
            Part::Type => continue,
        };
        // Keys that never repeat say nothing, and neither does what is the same everywhere.
        if matches!(field.part, Part::Number | Part::Text | Part::Category) && !records.distinguishes(column) {
            continue;
        }
        let comparison = Comparison { kind, name: field.name.clone() };
        if !out.contains(&comparison) && out.len() < MOST {
            out.push(comparison);
        }
    }
    out
}

/// The pattern with the level of a comparison set.
pub(super) const fn with_level(pattern: u64, comparison: usize, level: u8) -> u64 {
    let at = comparison * 4;
    pattern & !(15 << at) | (level as u64) << at
}

/// The level of a comparison in a pattern.
#[must_use]
pub const fn level_of(pattern: u64, comparison: usize) -> u8 {
    (pattern >> (comparison * 4) & 15) as u8
}
