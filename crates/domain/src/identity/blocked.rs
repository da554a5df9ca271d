//! Values that look like identifiers and are not (field note §3.3): SDK defaults, serialisation accidents, test data.
//!
//! A blocked value is dropped from linking; the event keeps it as data. The built-in list is the union of what PostHog
//! refuses, what Segment advises against, and what Chinese shops type when a field must not be empty.

use std::sync::OnceLock;

use regex::RegexSet;
use serde::{Deserialize, Serialize};

use super::rules::{Rules, family};

/// Blocked in any case, also inside quotes.
const ANY_CASE: &[&str] = &[
    // PostHog
    "anonymous",
    "guest",
    "distinctid",
    "distinct_id",
    "id",
    "not_authenticated",
    "email",
    "undefined",
    "true",
    "false",
    // segment analytics-react-native#439: every event of one app carried the literal
    "anonymousid",
    "anonymous_id",
    // ours
    "unknown",
    "n/a",
    "na",
    "nil",
    "(null)",
    "{}",
    "[]",
    "test",
    "admin",
    "user",
    "default",
    "none@none.com",
    "test@test.com",
    "example@example.com",
    // the Android id that a whole series of devices shared, and the MAC that iOS 7+ and Android 6+ report
    "9774d56d682e549c",
    "02:00:00:00:00:00",
    "02-00-00-00-00-00",
    "00:00:00:00:00:00",
];

/// Blocked in exactly this case, also inside quotes.
const EXACT: &[&str] = &["[object Object]", "NaN", "None", "none", "null", "0", "undefined", "-1"];

/// Numbers people type when a phone number is asked for, without country code.
const PHONES: &[&str] = &["12345678901", "13800000000", "13800138000"];

/// What operators block besides the built-in values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlockedRules {
    /// Exact values, in every namespace.
    pub values: Vec<String>,
    /// Regular expressions, in every namespace; anchored only where they say so.
    pub patterns: Vec<String>,
    /// An identifier that was joined to more persons than this, ever, links nothing any more.
    pub seen_on_more_than: Option<u32>,
    #[serde(skip)]
    compiled: Compiled,
}

/// The patterns, compiled at first use. Not part of the value: two equal rule sets are equal whatever was used so far.
#[derive(Debug, Clone, Default)]
struct Compiled(OnceLock<Option<RegexSet>>);

impl PartialEq for Compiled {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Compiled {}

impl BlockedRules {
    /// Exact values and patterns.
    #[must_use]
    pub fn new(values: Vec<String>, patterns: Vec<String>, seen_on_more_than: Option<u32>) -> Self {
        Self { values, patterns, seen_on_more_than, compiled: Compiled::default() }
    }

    /// What is wrong with the patterns, for people.
    pub(super) fn problems(&self) -> Vec<String> {
        self.patterns
            .iter()
            .enumerate()
            .filter_map(|(i, p)| {
                regex::Regex::new(p).err().map(|e| format!("blocked.patterns[{i}]: not a regular expression: {e}"))
            })
            .collect()
    }

    fn pattern(&self, value: &str) -> Option<&str> {
        if self.patterns.is_empty() {
            return None;
        }
        // Rules::validate refuses a broken pattern at the door; should one get past it, the others still hold.
        let set = self.compiled.0.get_or_init(|| {
            let never = "[^\\s\\S]";
            RegexSet::new(self.patterns.iter().map(|p| if regex::Regex::new(p).is_ok() { p } else { never })).ok()
        });
        let first = set.as_ref()?.matches(value).into_iter().next()?;
        self.patterns.get(first).map(String::as_str)
    }
}

/// The words for an identifier over [`BlockedRules::seen_on_more_than`].
pub const SEEN_ON_TOO_MANY: &str = "seen on too many persons";

/// What blocks a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockedBy<'a> {
    /// The built-in list, with its words for people.
    BuiltIn(&'static str),
    /// An operator's exact value, in every namespace.
    Value,
    /// An operator's exact value of the namespace of this rule.
    ValueOf(&'a str),
    /// An operator's pattern.
    Pattern(&'a str),
}

/// The rule that blocks this value, for people; `None` when it may link.
#[must_use]
pub fn check(rules: &Rules, namespace: &str, value: &str) -> Option<String> {
    Some(match blocked_by(rules, namespace, value)? {
        BlockedBy::BuiltIn(words) => words.to_owned(),
        BlockedBy::Value | BlockedBy::ValueOf(_) => "blocked by an operator".to_owned(),
        BlockedBy::Pattern(p) => format!("blocked by the pattern {p}"),
    })
}

/// What blocks this value; `None` when it may link.
#[must_use]
pub fn blocked_by<'a>(rules: &'a Rules, namespace: &str, value: &str) -> Option<BlockedBy<'a>> {
    if let Some(words) = built_in(namespace, value) {
        return Some(BlockedBy::BuiltIn(words));
    }
    if rules.blocked.values.iter().any(|v| v == value) {
        return Some(BlockedBy::Value);
    }
    let rule = rules.of(namespace);
    if rule.blocked.iter().any(|v| v == value) {
        return Some(BlockedBy::ValueOf(&rule.name));
    }
    rules.blocked.pattern(value).map(BlockedBy::Pattern)
}

/// What is built in, for people: words in any case, exact words, numbers, and the shapes of the rest.
#[must_use]
pub fn built_in_values() -> Vec<&'static str> {
    let shapes = ["00000000-0000-0000-0000-000000000000", "{{…}}", "${…}", "<% … %>", "%s", "noemail@…", "11111111111"];
    let mut all: Vec<&'static str> = ANY_CASE.iter().chain(EXACT).chain(PHONES).chain(&shapes).copied().collect();
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|v| seen.insert(*v));
    all
}

/// The built-in rule that blocks this value.
#[must_use]
pub fn built_in(namespace: &str, value: &str) -> Option<&'static str> {
    let bare = unquoted(value.trim());
    if bare.is_empty() {
        return Some("blank");
    }
    if EXACT.contains(&bare) || ANY_CASE.iter().any(|word| word.eq_ignore_ascii_case(bare)) {
        return Some("placeholder word");
    }
    if bare.bytes().all(|b| b == b'0' || b == b'-') {
        return Some("zeros and dashes");
    }
    if is_template(bare) {
        return Some("unfilled template");
    }
    if bare.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("noemail@")) {
        return Some("placeholder e-mail");
    }
    if matches!(family(namespace), "phone" | "landline") {
        return phone(bare);
    }
    // The same numbers under a login id or a buyer id are placeholders as well.
    PHONES.contains(&bare).then_some("placeholder phone")
}

fn phone(value: &str) -> Option<&'static str> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let national = if value.starts_with('+') { digits.strip_prefix("86").unwrap_or(&digits) } else { &digits };
    let repeated = |d: &str| d.len() > 1 && d.bytes().all(|b| Some(b) == d.bytes().next());
    if digits.is_empty() {
        return Some("phone without digits");
    }
    if repeated(&digits) || repeated(national) {
        return Some("phone of one repeated digit");
    }
    PHONES.contains(&national).then_some("placeholder phone")
}

/// Without quotes around it, as many as there are: `"'null'"` is as empty as `null`.
fn unquoted(value: &str) -> &str {
    let mut rest = value;
    loop {
        let inner = [('\'', '\''), ('"', '"'), ('“', '”'), ('‘', '’'), ('`', '`')]
            .iter()
            .find_map(|(open, close)| rest.strip_prefix(*open).and_then(|r| r.strip_suffix(*close)));
        match inner {
            Some(inner) => rest = inner.trim(),
            None => return rest,
        }
    }
}

/// `{{user_id}}`, `${id}`, `{id}`, `<%= id %>`, `%s`: a template that nobody filled in.
fn is_template(value: &str) -> bool {
    if !value.bytes().any(|b| matches!(b, b'{' | b'<' | b'%')) {
        return false;
    }
    let around = |open: &str, close: &str| value.find(open).is_some_and(|i| value[i + open.len()..].contains(close));
    around("{{", "}}")
        || around("${", "}")
        || around("<%", "%>")
        || around("%{", "}")
        || (value.starts_with('{') && value.ends_with('}'))
        || matches!(value, "%s" | "%d" | "%@" | "%i" | "%u" | "%S")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_field_note_is_blocked() {
        let any = [
            "anonymous",
            "GUEST",
            "distinctId",
            "distinct_id",
            "ID",
            "not_authenticated",
            "Email",
            "undefined",
            "TRUE",
            "false",
            "[object Object]",
            "NaN",
            "None",
            "none",
            "null",
            "0",
            "'null'",
            "\"None\"",
            "'ANONYMOUS'",
            "",
            "   ",
            "00000000-0000-0000-0000-000000000000",
            "---",
            "-1",
            "anonymousId",
            "unknown",
            "N/A",
            "na",
            "nil",
            "(null)",
            "{}",
            "[]",
            "test",
            "admin",
            "user",
            "guest",
            "default",
            "none@none.com",
            "noemail@shop.cn",
            "test@test.com",
            "example@example.com",
            "9774d56d682e549c",
            "02:00:00:00:00:00",
            "000000000000000",
            "{{user_id}}",
            "${id}",
            "%s",
            "\"\"",
            "{id}",
            "12345678901",
            "13800138000",
        ];
        for value in any {
            assert!(built_in("user_id", value).is_some(), "{value:?}");
        }
        for value in ["+8613800138000", "+8613800000000", "+8612345678901", "+8611111111111", "99999999999"] {
            assert!(built_in("phone", value).is_some(), "{value:?}");
        }
    }

    #[test]
    fn values_that_only_resemble_them_link() {
        for (namespace, value) in [
            ("user_id", "NULL1"),
            ("user_id", "guest42"),
            ("user_id", "1"),
            ("user_id", "10"),
            ("email", "test@shop.cn"),
            ("phone", "+8613912345678"),
            ("user_id", "NULL"),
            ("user_id", "100%sure"),
            ("anonymous_id", "0a-0b"),
        ] {
            assert_eq!(built_in(namespace, value), None, "{value:?}");
        }
    }

    #[test]
    fn operators_add_values_patterns_and_namespace_values() {
        let mut rules = Rules {
            blocked: BlockedRules::new(vec!["店员".to_owned()], vec!["^qa-".to_owned(), "(".to_owned()], None),
            ..Rules::default()
        };
        rules.namespaces[0].blocked.push("pos".to_owned());
        assert!(check(&rules, "user_id", "店员").is_some());
        assert!(check(&rules, "email", "qa-7@shop.cn").is_some());
        assert!(check(&rules, "user_id", "pos").is_some());
        assert_eq!(check(&rules, "member_no", "pos"), None);
        assert_eq!(rules.validate().unwrap_err().len(), 1, "the broken pattern is named");
    }
}
