//! A test, made ready: instants parsed, patterns compiled, texts in lower case.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;
use regex::Regex;
use serde_json::Value;
use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;

use super::given::{Given, Scalar, number_in};
use super::time::{NEVER, Zone, anniversary, days_later};
use crate::event::clean;

/// A test made ready.
#[derive(Debug, Clone)]
pub(super) struct Predicate {
    pub zone: Arc<Zone>,
    pub want: Want,
}

/// What is wanted of a value.
#[derive(Debug, Clone)]
pub(super) enum Want {
    /// One of these; with `true`, none of them.
    OneOf(Choice, bool),
    /// In a range of numbers.
    Number(Range),
    /// Text, in lower case.
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Matches(Regex),
    Exists(bool),
    /// An instant before this one.
    Before(i64),
    /// An instant at or after this one.
    After(i64),
    WithinLast(i64),
    OlderThan(i64),
    WithinNext(i64),
    Anniversary(i64, i64),
}

/// Numbers from one to another, each end included or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub low: f64,
    pub low_in: bool,
    pub high: f64,
    pub high_in: bool,
}

/// Values of which one is enough.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    texts: HashSet<Box<str>>,
    /// Numbers that were written as numbers, by their bits.
    numbers: HashSet<u64>,
    /// Texts that are numbers.
    numeric_texts: HashSet<u64>,
    yes: bool,
    no: bool,
}

/// One key for 0.0 and -0.0.
fn bits(n: f64) -> u64 {
    (n + 0.0).to_bits()
}

impl Choice {
    /// `None` for a value that is neither text, number nor true or false.
    pub(super) fn of(values: &[Value]) -> Option<Self> {
        let mut c = Self::default();
        for v in values {
            match v {
                Value::String(s) => {
                    if let Some(n) = number_in(s) {
                        c.numeric_texts.insert(bits(n));
                    }
                    c.yes |= s == "true";
                    c.no |= s == "false";
                    c.texts.insert(s.as_str().into());
                }
                Value::Number(n) => {
                    c.numbers.insert(bits(n.as_f64()?));
                }
                Value::Bool(true) => {
                    c.yes = true;
                    c.texts.insert("true".into());
                }
                Value::Bool(false) => {
                    c.no = true;
                    c.texts.insert("false".into());
                }
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            }
        }
        Some(c)
    }

    fn holds(&self, s: &Scalar<'_>) -> bool {
        match s {
            Scalar::Text(t) => {
                self.texts.contains(&**t)
                    || (!self.numbers.is_empty() && number_in(t).is_some_and(|n| self.numbers.contains(&bits(n))))
            }
            Scalar::Number(n) => self.numbers.contains(&bits(*n)) || self.numeric_texts.contains(&bits(*n)),
            Scalar::Bool(b) => {
                if *b {
                    self.yes
                } else {
                    self.no
                }
            }
            Scalar::Time(t) => self.texts.contains(t.to_string().as_str()),
            Scalar::Object => false,
        }
    }

    /// The numbers among them.
    fn numbers(&self) -> impl Iterator<Item = f64> {
        self.numbers.iter().chain(&self.numeric_texts).map(|b| f64::from_bits(*b))
    }
}

impl Range {
    fn holds(&self, n: f64) -> bool {
        (n > self.low || (self.low_in && n == self.low)) && (n < self.high || (self.high_in && n == self.high))
    }
}

impl Predicate {
    /// Whether it is true of `given` at `now`.
    pub(super) fn holds(&self, given: &Given<'_>, now: i64) -> bool {
        match &self.want {
            Want::OneOf(choice, false) => given.any(|s| choice.holds(s)),
            Want::OneOf(choice, true) => !given.any(|s| choice.holds(s)),
            Want::Number(range) => given.any(|s| s.number().is_some_and(|n| range.holds(n))),
            Want::Contains(t) => text(given, |v| v.contains(t.as_str())),
            Want::StartsWith(t) => text(given, |v| v.starts_with(t.as_str())),
            Want::EndsWith(t) => text(given, |v| v.ends_with(t.as_str())),
            Want::Matches(pattern) => given.any(|s| match s {
                Scalar::Text(t) => pattern.is_match(t),
                Scalar::Number(_) | Scalar::Bool(_) => s.canonical().is_some_and(|t| pattern.is_match(&t)),
                Scalar::Time(_) | Scalar::Object => false,
            }),
            Want::Exists(there) => given.is_there() == *there,
            Want::Before(bound) => self.instant(given, |t| t < *bound),
            Want::After(bound) => self.instant(given, |t| t >= *bound),
            Want::WithinLast(d) => self.instant(given, |t| now.saturating_sub(*d) < t && t <= now),
            Want::OlderThan(d) => self.instant(given, |t| t <= now.saturating_sub(*d)),
            Want::WithinNext(d) => self.instant(given, |t| now <= t && t < now.saturating_add(*d)),
            Want::Anniversary(from, to) => {
                let today = self.zone.date(now);
                given.any(|s| {
                    self.days(s)
                        .is_some_and(|(m, d)| spans(m, d, *from, *to, today).any(|(a, b)| a <= today && today <= b))
                })
            }
        }
    }

    fn instant(&self, given: &Given<'_>, test: impl Fn(i64) -> bool) -> bool {
        given.any(|s| s.instant(&self.zone.name).is_some_and(&test))
    }

    /// Whether its answer moves with the clock while the value stays.
    pub(super) fn is_relative(&self) -> bool {
        matches!(self.want, Want::WithinLast(_) | Want::OlderThan(_) | Want::WithinNext(_) | Want::Anniversary(..))
    }

    /// The next instant at which its answer can change while the value stays.
    pub(super) fn changes_at(&self, given: &Given<'_>, now: i64) -> i64 {
        let mut next = NEVER;
        let mut at = |t: i64| {
            if t > now {
                next = next.min(t);
            }
        };
        if !self.is_relative() {
            return NEVER;
        }
        given.any(|s| {
            match &self.want {
                Want::Anniversary(from, to) => {
                    if let Some((m, d)) = self.days(s) {
                        at(self.next_turn(m, d, *from, *to, now));
                    }
                }
                relative => {
                    if let Some(t) = s.instant(&self.zone.name) {
                        match relative {
                            Want::WithinLast(d) => {
                                at(t);
                                at(t.saturating_add(*d));
                            }
                            Want::OlderThan(d) => at(t.saturating_add(*d)),
                            Want::WithinNext(d) => {
                                at(t.saturating_sub(*d).saturating_add(1));
                                at(t.saturating_add(1));
                            }
                            _ => {}
                        }
                    }
                }
            }
            false
        });
        next
    }

    /// The first day from tomorrow on whose answer differs from today's, as an instant.
    fn next_turn(&self, month: i8, day: i8, from: i64, to: i64, now: i64) -> i64 {
        let today = self.zone.date(now);
        let mut turn: Option<Date> = None;
        let mut inside_until: Option<Date> = None;
        // Spans of neighbouring years may meet or overlap; they come in the order of their beginnings.
        for (a, b) in spans(month, day, from, to, today) {
            let end = inside_until.map_or(today, |u| days_later(u, 1));
            if a <= end && b >= today {
                inside_until = Some(inside_until.map_or(b, |u| u.max(b)));
            } else if a > today && inside_until.is_none() && turn.is_none() {
                turn = Some(a);
            }
        }
        match inside_until {
            Some(until) => self.zone.start(days_later(until, 1)),
            None => turn.map_or(NEVER, |d| self.zone.start(d)),
        }
    }

    /// Month and day of a date: of text as birthdays are written, of an instant in the zone.
    fn days(&self, s: &Scalar<'_>) -> Option<(i8, i8)> {
        // A birthday that lies ahead is one all the same.
        const FAR: i64 = 253_000_000_000_000;
        if let Scalar::Text(t) = s
            && !(t.contains('T') && t.parse::<jiff::Timestamp>().is_ok())
        {
            return clean::birthday(t, Timestamp::from_ms(FAR)).map(|b| (b.value.month, b.value.day));
        }
        let date = self.zone.date(s.instant(&self.zone.name)?);
        Some((date.month(), date.day()))
    }

    /// The numbers at which its answer about a number can change; `None` when it depends on more than those.
    fn thresholds(&self) -> Option<Vec<f64>> {
        match &self.want {
            Want::OneOf(choice, _) => Some(choice.numbers().collect()),
            Want::Number(r) => Some([r.low, r.high].into_iter().filter(|n| n.is_finite()).collect()),
            Want::Exists(_) => Some(Vec::new()),
            _ => None,
        }
    }

    /// For a number that grows by one each day since `since`: when the answer first differs from that at `now`.
    pub(super) fn days_turn(&self, since: i64, now: i64) -> i64 {
        let today = now.saturating_sub(since).div_euclid(DAY_MS);
        let at = |day: i64| since.saturating_add(day.saturating_mul(DAY_MS));
        let Some(thresholds) = self.thresholds() else { return at(today + 1) };
        let holds = |day: i64| self.holds(&Given::Number(day as f64), now);
        let candidates = thresholds.into_iter().flat_map(|t| [t.ceil() as i64, (t.floor() as i64).saturating_add(1)]);
        candidates.filter(|d| *d > today && holds(*d) != holds(today)).min().map_or(NEVER, at)
    }
}

fn text(given: &Given<'_>, test: impl Fn(&str) -> bool) -> bool {
    given.any(|s| match s {
        Scalar::Text(t) => test(&t.to_lowercase()),
        Scalar::Number(_) | Scalar::Bool(_) => s.canonical().is_some_and(|t| test(&t)),
        Scalar::Time(_) | Scalar::Object => false,
    })
}

/// The spans of days on which an anniversary lies from `from` to `to` days ahead, of the years around `today`.
fn spans(month: i8, day: i8, from: i64, to: i64, today: Date) -> impl Iterator<Item = (Date, Date)> {
    (-3..=3_i16).filter_map(move |y| {
        let kept = anniversary(month, day, today.year().saturating_add(y))?;
        Some((days_later(kept, -to), days_later(kept, -from)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn predicate(want: Want) -> Predicate {
        Predicate { zone: Arc::new(Zone::named("Asia/Shanghai").unwrap()), want }
    }

    fn ms(text: &str) -> i64 {
        Timestamp::parse(text).unwrap().ms()
    }

    #[test]
    fn numbers_compare_as_numbers_also_as_text_and_texts_exactly() {
        let eq = |want: Value, v: Value| {
            predicate(Want::OneOf(Choice::of(&[want]).unwrap(), false)).holds(&Given::Tree(&v), 0)
        };
        assert!(eq(json!(7), json!("7.0")) && eq(json!("7"), json!(7)) && eq(json!(-0.0), json!(0)));
        assert!(!eq(json!("007"), json!("7")) && !eq(json!("a"), json!("A")));
        assert!(
            eq(json!(true), json!("true")) && eq(json!("b"), json!(["a", "b"])) && !eq(json!("b"), json!({"b": 1}))
        );
    }

    #[test]
    fn a_missing_value_passes_only_what_says_so() {
        let none = Choice::of(&[json!("x")]).unwrap();
        for missing in [Given::Missing, Given::Tree(&json!(null)), Given::Tree(&json!([]))] {
            assert!(predicate(Want::OneOf(none.clone(), true)).holds(&missing, 0));
            assert!(predicate(Want::Exists(false)).holds(&missing, 0));
            assert!(!predicate(Want::OneOf(none.clone(), false)).holds(&missing, 0));
            assert!(!predicate(Want::OlderThan(1)).holds(&missing, 0));
        }
    }

    #[test]
    fn a_birthday_within_a_week_begins_and_ends_at_midnight() {
        let p = predicate(Want::Anniversary(0, 7));
        let born = json!("1990-01-03");
        let given = Given::Tree(&born);
        let opens = ms("2026-12-26T16:00:00Z");
        let closes = ms("2027-01-03T16:00:00Z");
        assert_eq!(p.changes_at(&given, ms("2026-12-01T00:00:00Z")), opens);
        assert!(!p.holds(&given, opens - 1) && p.holds(&given, opens));
        assert_eq!(p.changes_at(&given, opens), closes);
        assert!(p.holds(&given, closes - 1) && !p.holds(&given, closes));
    }

    #[test]
    fn a_leap_day_is_kept_on_the_28th_and_days_ago_are_negative() {
        let p = predicate(Want::Anniversary(-1, 0));
        let born = json!("--02-29");
        let given = Given::Tree(&born);
        for (day, holds) in [("2027-02-27", false), ("2027-02-28", true), ("2027-03-01", true), ("2027-03-02", false)] {
            assert_eq!(p.holds(&given, ms(&format!("{day}T04:00:00Z"))), holds, "{day}");
        }
        assert!(p.holds(&given, ms("2028-02-29T04:00:00Z")) && !p.holds(&given, ms("2028-02-28T04:00:00Z")));
    }

    #[test]
    fn every_turn_of_an_anniversary_is_foretold() {
        for (from, to) in [(0, 0), (0, 300), (-200, 100), (-300, -10), (5, 364)] {
            let p = predicate(Want::Anniversary(from, to));
            let born = json!("1984-02-29");
            let given = Given::Tree(&born);
            let mut now = ms("2026-01-01T00:00:00Z");
            let end = ms("2029-12-31T00:00:00Z");
            let mut foretold = p.changes_at(&given, now);
            let mut held = p.holds(&given, now);
            while now < end {
                now = p.zone.start(days_later(p.zone.date(now), 1));
                let holds = p.holds(&given, now);
                assert_eq!(holds != held, now >= foretold, "{from} {to} {}", p.zone.date(now));
                held = holds;
                foretold = p.changes_at(&given, now);
            }
        }
    }

    #[test]
    fn days_that_grow_turn_at_their_threshold() {
        let p = predicate(Want::Number(Range { low: 30.0, low_in: false, high: f64::INFINITY, high_in: false }));
        assert_eq!(p.days_turn(1_000, 1_000), 1_000 + 31 * DAY_MS);
        assert_eq!(p.days_turn(1_000, 1_000 + 31 * DAY_MS), NEVER);
    }
}
