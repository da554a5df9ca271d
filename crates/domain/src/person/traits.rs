//! Which of several values of a trait a person shows, and why.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_base::{EventId, IdentifierId, SourceId, Timestamp};

/// One value a trait had on one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraitValue {
    /// The trait's name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// When it was said.
    pub event_at: Timestamp,
    /// The event that said it.
    pub event_id: EventId,
    /// The source it came by.
    pub source_id: SourceId,
    /// Whether that source vouches for what it says (settings `verified`).
    pub verified: bool,
    /// The line it hangs on.
    pub line: IdentifierId,
}

/// How one of several values is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precedence {
    /// The newest by `event_at`, ties to the later arrival.
    #[default]
    Last,
    /// The oldest by `event_at`, ties to the earlier arrival.
    First,
    /// The largest number; values that are no numbers lose.
    Max,
    /// The newest of a source that vouches for its data, else the newest.
    VerifiedSource,
    /// All distinct values as a list, oldest first.
    List,
}

impl Precedence {
    /// The name in rules and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::First => "first",
            Self::Max => "max",
            Self::VerifiedSource => "verified_source",
            Self::List => "list",
        }
    }
}

/// The precedence of a trait: set by the operator, else built in.
#[must_use]
pub fn precedence_of(name: &str, custom: &[(String, Precedence)]) -> Precedence {
    if let Some((_, p)) = custom.iter().find(|(n, _)| n == name) {
        return *p;
    }
    match name {
        "created_at" | "createdAt" | "first_source" | "signup_channel" | "registered_at" => Precedence::First,
        "name" | "first_name" | "last_name" | "firstName" | "lastName" | "birthday" | "gender" => {
            Precedence::VerifiedSource
        }
        _ => Precedence::Last,
    }
}

/// A trait as the person shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The value shown.
    pub value: Value,
    /// The fact it comes from.
    pub from: TraitValue,
    /// The rule that chose it.
    pub rule: Precedence,
    /// The values that lost, newest first.
    pub others: Vec<TraitValue>,
}

/// Chooses among all values a person's lines have for one trait. `None` when the chosen value is null: the trait was
/// taken away.
#[must_use]
pub fn fold(mut values: Vec<TraitValue>, rule: Precedence) -> Option<Shown> {
    values.sort_by_key(|v| (v.event_at, v.event_id));
    let chosen = match rule {
        Precedence::Last | Precedence::List => values.len().checked_sub(1)?,
        Precedence::First => values.iter().position(|v| !v.value.is_null())?,
        Precedence::Max => {
            let number = |v: &TraitValue| v.value.as_f64().unwrap_or(f64::NEG_INFINITY);
            (0..values.len()).max_by(|a, b| number(&values[*a]).total_cmp(&number(&values[*b])))?
        }
        Precedence::VerifiedSource => {
            values.iter().rposition(|v| v.verified).or_else(|| values.len().checked_sub(1))?
        }
    };
    let from = values.remove(chosen);
    if from.value.is_null() {
        return None;
    }
    let value = if rule == Precedence::List {
        let mut all: Vec<Value> = Vec::new();
        for v in values.iter().chain(std::iter::once(&from)) {
            if !v.value.is_null() && !all.contains(&v.value) {
                all.push(v.value.clone());
            }
        }
        Value::Array(all)
    } else {
        from.value.clone()
    };
    values.reverse();
    Some(Shown { value, from, rule, others: values })
}

/// The name to show for a person, from its shown traits: name, Chinese family + given, first + last.
#[must_use]
pub fn display_name(get: impl Fn(&str) -> Option<String>) -> Option<String> {
    let first_of = |names: &[&str]| names.iter().find_map(|n| get(n)).filter(|s| !s.trim().is_empty());
    if let Some(name) = first_of(&["name", "full_name", "fullName", "nickname"]) {
        return Some(name);
    }
    let given = first_of(&["first_name", "firstName", "given_name"]);
    let family = first_of(&["last_name", "lastName", "surname", "family_name"]);
    match (given, family) {
        (Some(g), Some(f)) if f.chars().all(is_han) => Some(format!("{f}{g}")),
        (Some(g), Some(f)) => Some(format!("{g} {f}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

/// Whether a character is a Chinese one (CJK unified ideographs with extension A).
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn value(v: Value, at: i64, id: i64, verified: bool) -> TraitValue {
        TraitValue {
            name: "x".into(),
            value: v,
            event_at: Timestamp::from_ms(at),
            event_id: EventId::new(id),
            source_id: SourceId::new(1),
            verified,
            line: IdentifierId::new(1),
        }
    }

    #[test]
    fn each_precedence_picks_what_its_name_says() {
        let all = || vec![value(json!(5), 10, 1, true), value(json!(9), 5, 2, false), value(json!(2), 20, 3, false)];
        let shown = |p| fold(all(), p).unwrap().value;
        assert_eq!(shown(Precedence::Last), json!(2));
        assert_eq!(shown(Precedence::First), json!(9));
        assert_eq!(shown(Precedence::Max), json!(9));
        assert_eq!(shown(Precedence::VerifiedSource), json!(5));
        assert_eq!(shown(Precedence::List), json!([9, 5, 2]));
    }

    #[test]
    fn a_trait_set_to_null_is_gone() {
        assert!(fold(vec![value(json!("a"), 1, 1, true), value(json!(null), 2, 2, true)], Precedence::Last).is_none());
    }

    #[test]
    fn chinese_names_are_written_family_first() {
        let t = |n: &str| match n {
            "firstName" => Some("小明".to_owned()),
            "lastName" => Some("欧阳".to_owned()),
            _ => None,
        };
        assert_eq!(display_name(t), Some("欧阳小明".to_owned()));
        let t = |n: &str| match n {
            "first_name" => Some("Ada".to_owned()),
            "last_name" => Some("Byron".to_owned()),
            _ => None,
        };
        assert_eq!(display_name(t), Some("Ada Byron".to_owned()));
    }

    proptest! {
        #[test]
        fn the_order_in_which_values_are_read_does_not_matter(
            mut facts in proptest::collection::vec((0_i64..5, any::<bool>(), 0_i64..4), 1..8),
            rule in prop_oneof![
                Just(Precedence::Last), Just(Precedence::First), Just(Precedence::VerifiedSource), Just(Precedence::List)
            ],
        ) {
            let build = |facts: &[(usize, (i64, bool, i64))]| {
                facts.iter().map(|(i, (at, ok, v))| value(json!(v), *at, *i as i64, *ok)).collect::<Vec<_>>()
            };
            let numbered: Vec<_> = facts.drain(..).enumerate().collect();
            let mut reversed = numbered.clone();
            reversed.reverse();
            prop_assert_eq!(fold(build(&numbered), rule), fold(build(&reversed), rule));
        }
    }
}
