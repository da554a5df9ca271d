//! The language once more, in the plainest way: every question is answered from all events of the person, read as trees.
//! Slow, and nothing shared with what it judges but the tree of rules, calendar units and the reading of dates.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;

use super::super::rule::{Behaviour, Computation, Events, Field, Filter, Measure, Rule, Sequence, Test, Window};
use super::super::time::Zone;
use super::super::{ANY, Facts, Part, What};
use super::{Deed, ZONE};

pub struct Oracle<'a> {
    pub parts: &'a [Part],
    pub facts: &'a Facts,
    /// In order of time, then id.
    pub deeds: &'a [Deed],
    pub zone: Zone,
    pub now: i64,
}

/// A value to test; times apart, because a measure's are instants.
#[derive(Debug, Clone, PartialEq)]
pub enum Got {
    Missing,
    Plain(Value),
    Time(i64),
}

impl<'a> Oracle<'a> {
    pub fn new(parts: &'a [Part], facts: &'a Facts, deeds: &'a [Deed], now: i64) -> Self {
        Self { parts, facts, deeds, zone: Zone::named(ZONE).unwrap(), now }
    }

    pub fn is_in(&self, key: &str) -> bool {
        let part = self.parts.iter().find(|p| p.key == key && matches!(p.what, What::Audience(_))).unwrap();
        let What::Audience(d) = &part.what else { unreachable!() };
        self.rule(&d.rule)
    }

    pub fn value(&self, key: &str) -> Option<Value> {
        let part = self.parts.iter().find(|p| p.key == key && matches!(p.what, What::Computed { .. })).unwrap();
        let What::Computed { computation, .. } = &part.what else { unreachable!() };
        match computation {
            Computation::Measure { events, window, measure } => match self.measure(events, window, measure) {
                Got::Missing => None,
                Got::Plain(v) => Some(v),
                Got::Time(t) => Some(json!(Timestamp::from_ms(t).to_string())),
            },
            Computation::Formula(_) => unreachable!("formulas have tests of their own"),
            Computation::Cases { cases, otherwise } => {
                cases.iter().find(|c| self.rule(&c.when)).map(|c| c.value.clone()).or_else(|| otherwise.clone())
            }
        }
    }

    pub fn rule(&self, rule: &Rule) -> bool {
        match rule {
            Rule::All(of) => of.iter().all(|r| self.rule(r)),
            Rule::Any(of) => of.iter().any(|r| self.rule(r)),
            Rule::None(of) => !of.iter().any(|r| self.rule(r)),
            Rule::Trait(t) => {
                let got = self.facts.traits.get(&t.name).map_or(Got::Missing, |v| Got::Plain(v.clone()));
                self.test(&t.test, &got)
            }
            Rule::Computed(t) => self.test(&t.test, &self.value(&t.name).map_or(Got::Missing, Got::Plain)),
            Rule::Tag(tag) => {
                self.facts.tags.iter().any(|t| t.tag == *tag && t.ends_at.is_none_or(|e| e.ms() > self.now))
            }
            Rule::Audience(key) => self.is_in(key),
            Rule::Did(Behaviour { events, window, measure, test }) => {
                self.test(test, &self.measure(events, window, measure))
            }
            Rule::Sequence(s) => self.sequence(s),
            Rule::Stage(_) | Rule::Consent(_) | Rule::Contactable(_) | Rule::Identifier(_) | Rule::List(_) => {
                unreachable!("states have tests of their own")
            }
        }
    }

    fn past(&self) -> impl Iterator<Item = &'a Deed> {
        let now = self.now;
        self.deeds.iter().filter(move |d| d.at <= now)
    }

    fn named(&self, events: &Events, d: &Deed) -> bool {
        events.event == ANY || events.event == d.name
    }

    fn passes(&self, events: &Events, d: &Deed) -> bool {
        self.named(events, d) && events.filters.iter().all(|f| self.filter(f, d))
    }

    fn filter(&self, filter: &Filter, d: &Deed) -> bool {
        match filter {
            Filter::Field { name, test } => self.test(test, &self.field(name, d)),
            Filter::All(of) => of.iter().all(|f| self.filter(f, d)),
            Filter::Any(of) => of.iter().any(|f| self.filter(f, d)),
            Filter::None(of) => !of.iter().any(|f| self.filter(f, d)),
            Filter::Product(tests) => {
                let properties: Value = serde_json::from_str(&d.properties).unwrap_or_default();
                let whole = vec![properties.clone()];
                let items = properties.get("products").and_then(Value::as_array).unwrap_or(&whole);
                items.iter().any(|item| {
                    tests
                        .iter()
                        .all(|t| self.test(&t.test, &item.get(&t.name).cloned().map_or(Got::Missing, Got::Plain)))
                })
            }
        }
    }

    fn field(&self, field: &Field, d: &Deed) -> Got {
        let text = |t: Option<&str>| t.filter(|t| !t.is_empty()).map_or(Got::Missing, |t| Got::Plain(json!(t)));
        match field {
            Field::Property(name) => {
                let properties: Value = serde_json::from_str(&d.properties).unwrap_or_default();
                properties.get(name).cloned().map_or(Got::Missing, Got::Plain)
            }
            Field::Value => d.minor.map_or(Got::Missing, |m| Got::Plain(json!(m as f64 / 100.0))),
            Field::OrderId => text(d.order.as_deref()),
            Field::Channel => text(Some(d.channel)),
            Field::Page => text(d.page),
            Field::Hour => Got::Plain(json!(self.zone.hour(d.at))),
            Field::Weekday => Got::Plain(json!(self.zone.weekday(d.at))),
            Field::Currency => Got::Plain(json!("CNY")),
            Field::Campaign | Field::Touchpoint | Field::Source | Field::SourceKind => Got::Missing,
        }
    }

    fn bounds(&self, window: &Window) -> (i64, i64) {
        match window {
            Window::Ever | Window::Newest(_) => (i64::MIN, i64::MAX),
            Window::Last(d) => (self.now - d.ms + 1, i64::MAX),
            Window::Between(a, b) => (self.zone.read(a, false).unwrap(), self.zone.read(b, true).unwrap()),
            Window::Calendar { unit, back } => self.zone.calendar(*unit, *back, self.now),
        }
    }

    fn measure(&self, events: &Events, window: &Window, measure: &Measure) -> Got {
        let (from, to) = self.bounds(window);
        let mut named: Vec<&Deed> = self.past().filter(|d| self.named(events, d)).collect();
        if let Window::Newest(n) = window {
            named.drain(..named.len().saturating_sub(*n as usize));
        }
        let seen: Vec<&Deed> =
            named.into_iter().filter(|d| from <= d.at && d.at < to && self.passes(events, d)).collect();
        let values = |f: &Field| -> Vec<Value> {
            let all = seen.iter().flat_map(|d| match self.field(f, d) {
                Got::Plain(Value::Array(list)) => list,
                Got::Plain(v) => vec![v],
                Got::Missing | Got::Time(_) => Vec::new(),
            });
            all.filter(|v| !v.is_null()).collect()
        };
        let numbers = |f: &Field| -> Vec<f64> {
            if *f != Field::Value {
                return values(f).iter().filter_map(number).collect();
            }
            // The amount of an order counts once, the first time it is told.
            let mut orders = Vec::new();
            let mut out = Vec::new();
            for d in &seen {
                let Some(minor) = d.minor else { continue };
                if let Some(order) = d.order.as_ref().filter(|_| minor >= 0) {
                    if orders.contains(&(d.name, order)) {
                        continue;
                    }
                    orders.push((d.name, order));
                }
                out.push(minor as f64 / 100.0);
            }
            out
        };
        let plain = |v: Option<Value>| v.map_or(Got::Missing, |v| Got::Plain(tidy(v)));
        let days = |d: Option<&&Deed>| plain(d.map(|d| json!((self.now - d.at).div_euclid(DAY_MS))));
        match measure {
            Measure::Count => {
                let orders: BTreeSet<_> = seen.iter().filter_map(|d| d.order.as_ref().map(|o| (d.name, o))).collect();
                plain(Some(json!(orders.len() + seen.iter().filter(|d| d.order.is_none()).count())))
            }
            Measure::Sum(f) => plain(Some(json!(numbers(f).iter().sum::<f64>()))),
            Measure::Average(f) => {
                let n = numbers(f);
                plain((!n.is_empty()).then(|| json!(n.iter().sum::<f64>() / n.len() as f64)))
            }
            Measure::Min(f) => plain(numbers(f).into_iter().reduce(f64::min).map(|n| json!(n))),
            Measure::Max(f) => plain(numbers(f).into_iter().reduce(f64::max).map(|n| json!(n))),
            Measure::Distinct(f) => {
                let mut all: Vec<String> = values(f).into_iter().map(|v| tidy(v).to_string()).collect();
                all.sort();
                all.dedup();
                plain(Some(json!(all.len())))
            }
            Measure::MostFrequent(f) => {
                let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
                for (i, d) in seen.iter().enumerate() {
                    let list = match self.field(f, d) {
                        Got::Plain(Value::Array(list)) => list,
                        Got::Plain(v) => vec![v],
                        Got::Missing | Got::Time(_) => Vec::new(),
                    };
                    for v in list.into_iter().filter(|v| !v.is_null()) {
                        let c = counts.entry(tidy(v).to_string()).or_default();
                        *c = (c.0 + 1, i);
                    }
                }
                let best = counts.into_iter().max_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
                plain(best.map(|(text, _)| serde_json::from_str(&text).unwrap()))
            }
            Measure::First(f) => plain(values(f).into_iter().next()),
            Measure::Last(f) => plain(values(f).into_iter().last()),
            Measure::FirstAt => seen.first().map_or(Got::Missing, |d| Got::Time(d.at)),
            Measure::LastAt => seen.last().map_or(Got::Missing, |d| Got::Time(d.at)),
            Measure::DaysSinceLast => days(seen.last()),
            Measure::DaysSinceFirst => days(seen.first()),
        }
    }

    fn sequence(&self, s: &Sequence) -> bool {
        let (from, to) = self.bounds(&s.window);
        let past: Vec<&Deed> = self.past().collect();
        (0..past.len()).any(|i| {
            self.passes(&s.steps[0].events, past[i])
                && from <= past[i].at
                && past[i].at < to
                && self.follows(s, &past, 1, i)
        })
    }

    /// Whether the steps from `step` on follow the event at `i`.
    fn follows(&self, s: &Sequence, past: &[&Deed], step: usize, i: usize) -> bool {
        let Some(this) = s.steps.get(step) else { return true };
        let in_time = |d: &Deed| this.within.is_none_or(|w| d.at - past[i].at < w.ms);
        let mut later = (i + 1..past.len()).filter(|j| in_time(past[*j]) && self.passes(&this.events, past[*j]));
        if this.absent {
            return self.now - past[i].at >= this.within.unwrap().ms && later.next().is_none();
        }
        later.any(|j| self.follows(s, past, step + 1, j))
    }

    fn test(&self, test: &Test, got: &Got) -> bool {
        let items: Vec<Value> = match got {
            Got::Missing | Got::Plain(Value::Null) => Vec::new(),
            Got::Plain(Value::Array(list)) => list.iter().filter(|v| !v.is_null()).cloned().collect(),
            Got::Plain(v) => vec![v.clone()],
            Got::Time(t) => vec![json!(Timestamp::from_ms(*t).to_string())],
        };
        let is_time = matches!(got, Got::Time(_));
        let any = |f: &dyn Fn(&Value) -> bool| items.iter().any(f);
        let numeric = |f: &dyn Fn(f64) -> bool| any(&|v| !is_time && number(v).is_some_and(f));
        let instants = |f: &dyn Fn(i64) -> bool| {
            any(&|v| crate::event::raw::read_time_in(v, ZONE).ok().flatten().is_some_and(|t| f(t.ms())))
        };
        match test {
            Test::Eq(want) => any(&|v| same(want, v)),
            Test::Ne(want) => !any(&|v| same(want, v)),
            Test::In(list) => any(&|v| list.iter().any(|w| same(w, v))),
            Test::NotIn(list) => !any(&|v| list.iter().any(|w| same(w, v))),
            Test::Gt(n) => numeric(&|v| v > *n),
            Test::Gte(n) => numeric(&|v| v >= *n),
            Test::Lt(n) => numeric(&|v| v < *n),
            Test::Lte(n) => numeric(&|v| v <= *n),
            Test::Between(a, b) => numeric(&|v| *a <= v && v <= *b),
            Test::Contains(t) => any(&|v| v.as_str().is_some_and(|v| v.to_lowercase().contains(&t.to_lowercase()))),
            Test::Exists(there) => *there != items.is_empty(),
            Test::Before(t) => instants(&|v| v < self.zone.read(t, false).unwrap()),
            Test::After(t) => instants(&|v| v >= self.zone.read(t, false).unwrap()),
            Test::WithinLast(d) => instants(&|v| self.now - d.ms < v && v <= self.now),
            Test::OlderThan(d) => instants(&|v| v <= self.now - d.ms),
            Test::WithinNext(d) => instants(&|v| self.now <= v && v < self.now + d.ms),
            Test::Anniversary { from_days, to_days } => any(&|v| {
                let date = self.zone.date(crate::event::raw::read_time_in(v, ZONE).unwrap().unwrap().ms());
                let kept = |year| super::super::time::anniversary(date.month(), date.day(), year);
                let today = self.zone.date(self.now);
                (*from_days..=*to_days).any(|n| {
                    let day = super::super::time::days_later(today, n.into());
                    kept(day.year()) == Some(day)
                })
            }),
            Test::StartsWith(_) | Test::EndsWith(_) | Test::Matches(_) => unreachable!("tests of text have their own"),
        }
    }
}

fn number(v: &Value) -> Option<f64> {
    v.as_f64().or_else(|| v.as_str().and_then(|t| t.trim().parse().ok()).filter(|n: &f64| n.is_finite()))
}

fn same(want: &Value, v: &Value) -> bool {
    match (want, v) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Number(_), _) | (_, Value::Number(_)) => number(want).is_some() && number(want) == number(v),
        (a, b) => a == b,
    }
}

/// Numbers in one form: whole ones without a fraction.
fn tidy(v: Value) -> Value {
    match v.as_f64() {
        Some(n) if n.fract() == 0.0 => json!(n as i64),
        Some(_) | None => v,
    }
}
