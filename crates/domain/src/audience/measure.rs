//! What is measured of occurrences, one at a time, so that one walk from the newest back tells every value that a
//! sliding window will show.

use std::collections::HashMap;

use serde_json::Value;
use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;

use super::given::{Given, of_raw, whole_or_not};
use super::rule::Measure;
use super::total::{Keyed, MAX_KEYS, Total, from_millionths, millionths};
use super::track::{Form, Occurrence};

/// What is measured, without the field: the track holds that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gauge {
    Count,
    Sum,
    Average,
    Min,
    Max,
    Distinct,
    MostFrequent,
    First,
    Last,
    FirstAt,
    LastAt,
    DaysSinceLast,
    DaysSinceFirst,
}

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading<'a> {
    Missing,
    Number(f64),
    Time(i64),
    /// A plain JSON value.
    Json(&'a str),
}

impl Gauge {
    pub(super) const fn of(measure: &Measure) -> Self {
        match measure {
            Measure::Count => Self::Count,
            Measure::Sum(_) => Self::Sum,
            Measure::Average(_) => Self::Average,
            Measure::Min(_) => Self::Min,
            Measure::Max(_) => Self::Max,
            Measure::Distinct(_) => Self::Distinct,
            Measure::MostFrequent(_) => Self::MostFrequent,
            Measure::First(_) => Self::First,
            Measure::Last(_) => Self::Last,
            Measure::FirstAt => Self::FirstAt,
            Measure::LastAt => Self::LastAt,
            Measure::DaysSinceLast => Self::DaysSinceLast,
            Measure::DaysSinceFirst => Self::DaysSinceFirst,
        }
    }

    /// The form of the track it reads.
    pub(super) const fn form(self) -> Form {
        match self {
            Self::Count | Self::FirstAt | Self::LastAt | Self::DaysSinceLast | Self::DaysSinceFirst => Form::Event,
            Self::Sum | Self::Average | Self::Min | Self::Max => Form::Number,
            Self::Distinct => Form::Distinct,
            Self::MostFrequent => Form::Frequency,
            Self::First | Self::Last => Form::Ends,
        }
    }

    /// Whether it grows with the clock.
    pub(super) const fn is_days(self) -> bool {
        matches!(self, Self::DaysSinceLast | Self::DaysSinceFirst)
    }
}

impl<'a> Reading<'a> {
    /// The instant of a measure that counts days, as those days.
    pub(super) fn days(self, now: i64) -> Self {
        match self {
            Self::Time(at) => Self::Number(now.saturating_sub(at).div_euclid(DAY_MS) as f64),
            Self::Missing | Self::Number(_) | Self::Json(_) => self,
        }
    }

    /// As a JSON value; times as RFC 3339.
    pub(super) fn value(self) -> Option<Value> {
        match self {
            Self::Missing => None,
            Self::Number(n) => Some(whole_or_not(n)),
            Self::Time(t) => Some(Value::from(Timestamp::from_ms(t).to_string())),
            Self::Json(text) => serde_json::from_str(text).ok(),
        }
    }

    /// Hands it to a test.
    pub(super) fn given<T>(self, ask: impl FnOnce(&Given<'_>) -> T) -> T {
        match self {
            Self::Missing => ask(&Given::Missing),
            Self::Number(n) => ask(&Given::Number(n)),
            Self::Time(t) => ask(&Given::Time(Timestamp::from_ms(t))),
            Self::Json(text) => match of_raw(text) {
                Some(super::given::Scalar::Number(n)) => ask(&Given::Number(n)),
                Some(super::given::Scalar::Text(t)) => ask(&Given::Text(&t)),
                Some(super::given::Scalar::Bool(b)) => ask(&Given::Tree(&Value::Bool(b))),
                Some(super::given::Scalar::Time(_) | super::given::Scalar::Object) | None => ask(&Given::Missing),
            },
        }
    }
}

/// Takes occurrences from the newest to the oldest and always knows the value of those it has taken.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    gauge: Gauge,
    count: u64,
    sum: i128,
    bounds: Option<(f64, f64)>,
    keys: Keys,
    first: Option<(i64, i64, &'a str)>,
    last: Option<(i64, i64, &'a str)>,
    values: HashMap<&'a str, (u64, i64, i64)>,
    best: Option<(u64, i64, i64, &'a str)>,
}

/// Keys that were taken, with their number. Few at most times: a list beats a table.
#[derive(Debug, Default)]
struct Keys {
    list: Vec<Keyed>,
    table: HashMap<u64, usize>,
}

impl Keys {
    fn find(&self, key: u64) -> Option<usize> {
        if self.table.is_empty() { self.list.iter().position(|k| k.key == key) } else { self.table.get(&key).copied() }
    }

    fn push(&mut self, new: Keyed) {
        const FEW: usize = 24;
        if self.list.len() == FEW {
            self.table = self.list.iter().enumerate().map(|(i, k)| (k.key, i)).collect();
        }
        if self.list.len() >= FEW {
            self.table.insert(new.key, self.list.len());
        }
        self.list.push(new);
    }
}

impl<'a> Tally<'a> {
    /// Over nothing yet, or on top of what was folded.
    pub(super) fn new(gauge: Gauge, total: Option<&'a Total>) -> Self {
        let mut tally = Self {
            gauge,
            count: 0,
            sum: 0,
            bounds: None,
            keys: Keys::default(),
            first: None,
            last: None,
            values: HashMap::new(),
            best: None,
        };
        let Some(t) = total else { return tally };
        (tally.count, tally.sum, tally.bounds) = (t.count, t.sum, t.bounds);
        for k in &t.keys {
            tally.keyed(*k);
        }
        let mark = |m: &'a super::total::Mark| (m.at, m.id, m.text.as_deref().unwrap_or(""));
        tally.first = t.first.as_ref().map(mark);
        tally.last = t.last.as_ref().map(mark);
        for s in &t.values {
            tally.values.insert(&s.text, (s.times, s.at, s.id));
            tally.best = tally.best.max(Some((s.times, s.at, s.id, &*s.text)));
        }
        tally
    }

    /// Takes one occurrence.
    pub(super) fn take(&mut self, o: &'a Occurrence) {
        if !o.passed {
            return;
        }
        match self.gauge.form() {
            Form::Event | Form::Ends => {
                let mark = (o.at, o.id, o.text.as_deref().unwrap_or(""));
                // Of the values of one event the first is the first and the last the last; they come backwards.
                if self.first.is_none_or(|f| (o.at, o.id) <= (f.0, f.1)) {
                    self.first = Some(mark);
                }
                if self.last.is_none_or(|l| (o.at, o.id) > (l.0, l.1)) {
                    self.last = Some(mark);
                }
                if self.gauge == Gauge::Count {
                    if o.key == 0 { self.count = self.count.saturating_add(1) } else { self.keyed(keyed(o)) }
                }
            }
            Form::Number if o.key == 0 => {
                self.count = self.count.saturating_add(1);
                self.sum = self.sum.saturating_add(millionths(o.number));
                self.widen(o.number);
            }
            Form::Number | Form::Distinct => self.keyed(keyed(o)),
            Form::Frequency => {
                if let Some(text) = o.text.as_deref() {
                    let s = self.values.entry(text).or_insert((0, o.at, o.id));
                    s.0 = s.0.saturating_add(1);
                    (s.1, s.2) = (s.1, s.2).max((o.at, o.id));
                    self.best = self.best.max(Some((s.0, s.1, s.2, text)));
                }
            }
            Form::Steps => {}
        }
    }

    /// An order, or a distinct value. Of several occurrences of an order the first holds.
    fn keyed(&mut self, new: Keyed) {
        let Some(i) = self.keys.find(new.key) else {
            self.sum = self.sum.saturating_add(millionths(new.number));
            self.keys.push(new);
            return;
        };
        let held = &mut self.keys.list[i];
        if (new.at, new.id) < (held.at, held.id) {
            self.sum = self.sum.saturating_add(millionths(new.number) - millionths(held.number));
            *held = new;
        }
    }

    fn widen(&mut self, n: f64) {
        let (a, b) = self.bounds.unwrap_or((n, n));
        self.bounds = Some((a.min(n), b.max(n)));
    }

    /// The value of all that was taken. For a measure of days the instant they are counted from.
    pub(super) fn value(&self) -> Reading<'a> {
        let number = |n: Option<f64>| n.map_or(Reading::Missing, Reading::Number);
        let bounds = || {
            self.keys.list.iter().fold(self.bounds, |b, k| {
                let (low, high) = b.unwrap_or((k.number, k.number));
                Some((low.min(k.number), high.max(k.number)))
            })
        };
        let n = self.count.saturating_add(self.keys.list.len().min(MAX_KEYS) as u64);
        let json = |end: Option<(i64, i64, &'a str)>| end.map_or(Reading::Missing, |e| Reading::Json(e.2));
        let time = |end: Option<(i64, i64, &'a str)>| end.map_or(Reading::Missing, |e| Reading::Time(e.0));
        match self.gauge {
            Gauge::Count | Gauge::Distinct => Reading::Number(n as f64),
            Gauge::Sum => Reading::Number(from_millionths(self.sum)),
            Gauge::Average => number((n > 0).then(|| from_millionths(self.sum) / n as f64)),
            Gauge::Min => number(bounds().map(|b| b.0)),
            Gauge::Max => number(bounds().map(|b| b.1)),
            Gauge::MostFrequent => self.best.map_or(Reading::Missing, |b| Reading::Json(b.3)),
            Gauge::First => json(self.first),
            Gauge::Last => json(self.last),
            Gauge::FirstAt | Gauge::DaysSinceFirst => time(self.first),
            Gauge::LastAt | Gauge::DaysSinceLast => time(self.last),
        }
    }
}

fn keyed(o: &Occurrence) -> Keyed {
    Keyed { key: o.key, at: o.at, id: o.id, number: o.number }
}
