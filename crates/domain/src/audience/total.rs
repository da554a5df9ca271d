//! What is kept of occurrences that are no longer kept apart: the same whatever the order they came in.

use super::track::{Form, Occurrence};

/// Most orders, or distinct values, that are kept of one track. Of more, those with the smallest hashes are kept: which
/// those are does not depend on the order they came in, and a count stops there.
pub(super) const MAX_KEYS: usize = 16_384;
/// Most different values of which the frequency is kept. Beyond it the rarest, of those the one longest ago, is forgotten.
pub(super) const MAX_VALUES: usize = 2_048;

/// Aggregates over all occurrences that were folded.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Total {
    /// Occurrences that count by themselves.
    pub count: u64,
    /// Their sum in millionths: exact and the same in any order. A float's would not be.
    pub sum: i128,
    /// The smallest and the largest of their numbers.
    pub bounds: Option<(f64, f64)>,
    /// Orders (event, number) or hashes (distinct), by key. Of several occurrences of an order the first is kept.
    pub keys: Vec<Keyed>,
    /// The first and the last occurrence.
    pub first: Option<Mark>,
    pub last: Option<Mark>,
    /// How often each value was seen, by value.
    pub values: Vec<Seen>,
}

/// What is kept of an order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Keyed {
    pub key: u64,
    pub at: i64,
    pub id: i64,
    pub number: f64,
}

/// An end of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub at: i64,
    pub id: i64,
    pub text: Option<Box<str>>,
}

/// How often a value was seen, and when last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub text: Box<str>,
    pub times: u64,
    pub at: i64,
    pub id: i64,
}

/// A number in millionths. Beyond ±10^24 it counts as that: a sum of a billion of those still fits.
pub(super) fn millionths(n: f64) -> i128 {
    const MAX: f64 = 1e24;
    (n.clamp(-MAX, MAX) * 1e6).round() as i128
}

/// The number that many millionths are.
pub(super) fn from_millionths(sum: i128) -> f64 {
    const UNIT: i128 = 1_000_000;
    // Whole and fraction apart, so that a money sum has no more digits than its parts.
    if sum % UNIT == 0 { (sum / UNIT) as f64 } else { sum as f64 / 1e6 }
}

impl Total {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0 && self.keys.is_empty() && self.last.is_none() && self.values.is_empty()
    }

    /// Takes in one occurrence. Those of one event come in their order.
    pub(super) fn fold(&mut self, o: Occurrence, form: Form) {
        if !o.passed {
            return;
        }
        let keyed = Keyed { key: o.key, at: o.at, id: o.id, number: o.number };
        match form {
            Form::Event => {
                self.mark(Mark { at: o.at, id: o.id, text: None });
                if o.key == 0 { self.count = self.count.saturating_add(1) } else { self.keep(keyed) }
            }
            Form::Number if o.key == 0 => {
                self.count = self.count.saturating_add(1);
                self.sum = self.sum.saturating_add(millionths(o.number));
                self.widen((o.number, o.number));
            }
            Form::Number => self.keep(keyed),
            // When a value was seen does not matter.
            Form::Distinct => self.keep(Keyed { at: 0, id: 0, ..keyed }),
            Form::Frequency => {
                if let Some(text) = o.text {
                    self.seen(Seen { text, times: 1, at: o.at, id: o.id });
                    self.forget();
                }
            }
            Form::Ends => self.mark(Mark { at: o.at, id: o.id, text: o.text }),
            Form::Steps => {}
        }
    }

    /// Takes in another total.
    pub(super) fn merge(&mut self, other: Self, form: Form) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        if let Some(bounds) = other.bounds {
            self.widen(bounds);
        }
        for k in other.keys {
            self.keep(k);
        }
        for mark in other.first.into_iter().chain(other.last) {
            self.mark(mark);
        }
        if form == Form::Frequency {
            for seen in other.values {
                self.seen(seen);
            }
            self.forget();
        }
    }

    fn widen(&mut self, (low, high): (f64, f64)) {
        let (a, b) = self.bounds.unwrap_or((low, high));
        self.bounds = Some((a.min(low), b.max(high)));
    }

    fn keep(&mut self, new: Keyed) {
        match self.keys.binary_search_by_key(&new.key, |k| k.key) {
            Ok(i) => {
                let old = &mut self.keys[i];
                if (new.at, new.id) < (old.at, old.id) {
                    *old = new;
                }
            }
            Err(i) if i < MAX_KEYS => {
                self.keys.insert(i, new);
                self.keys.truncate(MAX_KEYS);
            }
            Err(_) => {}
        }
    }

    fn mark(&mut self, new: Mark) {
        let order = (new.at, new.id);
        if self.last.as_ref().is_none_or(|l| (l.at, l.id) <= order) {
            self.last = Some(new.clone());
        }
        if self.first.as_ref().is_none_or(|f| order < (f.at, f.id)) {
            self.first = Some(new);
        }
    }

    fn seen(&mut self, new: Seen) {
        match self.values.binary_search_by(|s| s.text.cmp(&new.text)) {
            Ok(i) => {
                let old = &mut self.values[i];
                old.times = old.times.saturating_add(new.times);
                (old.at, old.id) = (old.at, old.id).max((new.at, new.id));
            }
            Err(i) => self.values.insert(i, new),
        }
    }

    fn forget(&mut self) {
        while self.values.len() > MAX_VALUES {
            let rarest = (0..self.values.len()).min_by_key(|i| {
                let s = &self.values[*i];
                (s.times, s.at, s.id)
            });
            if let Some(i) = rarest {
                self.values.remove(i);
            }
        }
    }
}
