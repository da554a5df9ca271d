//! Behaviour made ready: tests, filters, matchers and their canonical form.

use std::sync::Arc;

use regex::RegexBuilder;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::compile::Compiler;
use super::deed::{Deed, Scope};
use super::facts::{ANY, ENTERED, EXITED};
use super::json_path::PathSet;
use super::matcher::{Matcher, Product, Read, Screen, Select};
use super::measure::Gauge;
use super::node::Node;
use super::predicate::{Choice, Predicate, Range, Want};
use super::rule::{Behaviour, Events, Field, Filter, Measure, NamedTest, Sequence, Test, Window};
use super::sequence::{Chain, StartWindow};
use super::time::longest_ms;
use super::track::{Form, Keep, Thin};
use throughline_base::time::DAY_MS;

/// Most bytes of a compiled pattern, and of the memory it takes while it runs.
const PATTERN_BYTES: usize = 256 * 1024;
/// Most filters of one event, nested ones included, and their depth.
const MAX_FILTERS: usize = 60;
const MAX_FILTER_DEPTH: usize = 6;
/// Most steps of a sequence.
const MAX_STEPS: usize = 10;
/// Most events that `newest` looks at.
const MAX_NEWEST: u32 = 1_000;
/// Lengths to which windows are rounded up for keeping: rules with windows of one length share a track, and a track's key
/// depends on nothing but its own rule.
const KEPT_DAYS: [i64; 6] = [8, 32, 93, 186, 367, 735];

impl Compiler<'_> {
    /// A test made ready.
    pub(super) fn predicate(&mut self, step: &str, test: &Test) -> Option<Predicate> {
        let want = self.at(step, |c| c.want(test))?;
        Some(Predicate { zone: Arc::clone(&self.zone), want })
    }

    fn want(&mut self, test: &Test) -> Option<Want> {
        let range = |low: f64, low_in, high: f64, high_in| Want::Number(Range { low, low_in, high, high_in });
        const UP: f64 = f64::INFINITY;
        Some(match test {
            Test::Eq(v) | Test::Ne(v) => {
                self.check.value(if matches!(test, Test::Eq(_)) { ".eq" } else { ".ne" }, v)?;
                Want::OneOf(Choice::of(std::slice::from_ref(v))?, matches!(test, Test::Ne(_)))
            }
            Test::In(list) | Test::NotIn(list) => {
                self.check.values(if matches!(test, Test::In(_)) { ".in" } else { ".not_in" }, list)?;
                Want::OneOf(Choice::of(list)?, matches!(test, Test::NotIn(_)))
            }
            Test::Gt(n) => self.check.number(".gt", *n).map(|()| range(*n, false, UP, false))?,
            Test::Gte(n) => self.check.number(".gte", *n).map(|()| range(*n, true, UP, false))?,
            Test::Lt(n) => self.check.number(".lt", *n).map(|()| range(-UP, false, *n, false))?,
            Test::Lte(n) => self.check.number(".lte", *n).map(|()| range(-UP, false, *n, true))?,
            Test::Between(a, b) => {
                self.check.number(".between[0]", *a)?;
                self.check.number(".between[1]", *b)?;
                if a > b {
                    return self.check.refuse(".between", "range_empty", format!("{a} lies above {b}; exchange them"));
                }
                range(*a, true, *b, true)
            }
            Test::Contains(t) => self.check.text(".contains", t).map(|()| Want::Contains(t.to_lowercase()))?,
            Test::StartsWith(t) => self.check.text(".starts_with", t).map(|()| Want::StartsWith(t.to_lowercase()))?,
            Test::EndsWith(t) => self.check.text(".ends_with", t).map(|()| Want::EndsWith(t.to_lowercase()))?,
            Test::Matches(pattern) => self.pattern(pattern)?,
            Test::Exists(there) => Want::Exists(*there),
            Test::Before(t) => Want::Before(self.instant(".before", t, false)?),
            Test::After(t) => Want::After(self.instant(".after", t, false)?),
            Test::WithinLast(d) => Want::WithinLast(d.ms),
            Test::OlderThan(d) => Want::OlderThan(d.ms),
            Test::WithinNext(d) => Want::WithinNext(d.ms),
            Test::Anniversary { from_days, to_days } => {
                let (from, to) = (i64::from(*from_days), i64::from(*to_days));
                let fits =
                    (-366..=366).contains(&from) && (-366..=366).contains(&to) && (0..365).contains(&(to - from));
                if !fits {
                    let detail =
                        "from_days must not lie behind to_days, both within a year, and less than a year apart";
                    return self.check.refuse(".anniversary", "range_empty", detail);
                }
                Want::Anniversary(from, to)
            }
        })
    }

    fn pattern(&mut self, pattern: &str) -> Option<Want> {
        self.check.text(".matches", pattern)?;
        let built =
            RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).nest_limit(50).build();
        match built {
            Ok(pattern) => Some(Want::Matches(pattern)),
            Err(regex::Error::CompiledTooBig(_)) => self.check.refuse(
                ".matches",
                "pattern_too_large",
                "this pattern grows too large; use fewer or smaller repetitions",
            ),
            Err(e) => {
                let told = e.to_string();
                let last = told.lines().last().unwrap_or("").trim_start_matches("error: ");
                self.check.refuse(".matches", "pattern", format!("no regular expression: {last}"))
            }
        }
    }

    fn instant(&mut self, step: &str, text: &str, behind: bool) -> Option<i64> {
        let at = self.zone.read(text, behind);
        if at.is_none() {
            let detail = format!(
                "`{}` is no instant; write 2026-11-11 or 2026-11-11T20:00:00+08:00",
                super::given::cut(text, 60)
            );
            self.check.inside(step, |c| c.say("instant", detail));
        }
        at
    }

    pub(super) fn did(&mut self, did: &Behaviour) -> Option<Node> {
        let deed = self.deed(&did.events, &did.window, &did.measure);
        let test = self.predicate(".test", &did.test);
        Some(Node::Did(deed?, test?))
    }

    /// A measure of events within a window, and the track it reads.
    pub(super) fn deed(&mut self, events: &Events, window: &Window, measure: &Measure) -> Option<Deed> {
        let select = self.select(events);
        let field = field_of(measure);
        let reads = match field {
            Some(field) => Some(self.at(".measure", |c| c.read(field))?),
            None => None,
        };
        let (scope, keep) = self.at(".window", |c| c.window(window))?;
        let mut select = select?;
        if let (Some(Field::Property(path)), Some(Read::Property(leaf))) = (field, &reads) {
            select.paths.push((path.clone(), *leaf));
        }
        let gauge = Gauge::of(measure);
        let matcher = Matcher { key: 0, selects: vec![select], form: gauge.form(), reads, keep, thin: Thin::default() };
        let zoned = field.is_some_and(|f| matches!(f, Field::Hour | Field::Weekday));
        let track = self.share(matcher, std::slice::from_ref(events), field, zoned);
        Some(Deed { track, window: scope, gauge })
    }

    fn window(&mut self, window: &Window) -> Option<(Scope, Keep)> {
        Some(match window {
            Window::Ever => (Scope::All, Keep::Total),
            Window::Last(d) => (Scope::Last(d.ms), kept(d.ms)),
            Window::Between(from, to) => {
                let (a, b) = self.between(from, to)?;
                (Scope::All, Keep::Range(a, b))
            }
            Window::Calendar { unit, back } => {
                let ms = self.calendar_ms(*unit, *back)?;
                (Scope::Calendar(*unit, *back), kept(ms))
            }
            Window::Newest(n) => {
                self.check.count(".newest", *n as usize, 1, MAX_NEWEST as usize)?;
                (Scope::Newest(*n), Keep::Newest(*n))
            }
        })
    }

    fn calendar_ms(&mut self, unit: super::rule::CalendarUnit, back: u32) -> Option<i64> {
        let ms = longest_ms(unit).saturating_mul(i64::from(back) + 1);
        if ms > 36_500 * DAY_MS {
            return self.check.refuse(".calendar.back", "too_many", "lies more than 100 years back");
        }
        Some(ms)
    }

    fn between(&mut self, from: &str, to: &str) -> Option<(i64, i64)> {
        let a = self.instant(".between[0]", from, false);
        let b = self.instant(".between[1]", to, true);
        let (a, b) = (a?, b?);
        if a >= b {
            return self.check.refuse(".between", "range_empty", "ends before it begins; exchange the two");
        }
        Some((a, b))
    }

    fn select(&mut self, events: &Events) -> Option<Select> {
        self.check.text(".event", &events.event)?;
        if [ENTERED, EXITED].contains(&events.event.as_str()) {
            let detail = "what the platform notes about audiences is nothing a person did; use `audience` with its key";
            return self.check.refuse(".event", "event_own", detail);
        }
        let mut left = MAX_FILTERS;
        if !fits(&events.filters, MAX_FILTER_DEPTH, &mut left) {
            let detail = format!("more than {MAX_FILTERS} filters, or nested deeper than {MAX_FILTER_DEPTH}");
            return self.check.refuse(".where", "too_many", detail);
        }
        let mut paths = Vec::new();
        let screens = self.each(".where", &events.filters, |c, f| c.screen(f, &mut paths))?;
        Some(Select { event: events.event.clone(), screens, paths })
    }

    fn screen(&mut self, filter: &Filter, paths: &mut Vec<(String, u32)>) -> Option<Screen> {
        match filter {
            Filter::Field { name, test } => self.at(".field", |c| {
                let read = c.at(".name", |c| c.read(name))?;
                if let (Field::Property(path), Read::Property(leaf)) = (name, &read) {
                    paths.push((path.clone(), *leaf));
                }
                Some(Screen::Field(read, c.fixed(".test", test)?))
            }),
            Filter::Product(tests) => self.at(".product", |c| c.product(tests, paths)).map(Screen::Product),
            Filter::All(of) => self.each(".all", of, |c, f| c.screen(f, paths)).map(Screen::All),
            Filter::Any(of) => self.each(".any", of, |c, f| c.screen(f, paths)).map(Screen::Any),
            Filter::None(of) => self.each(".none", of, |c, f| c.screen(f, paths)).map(Screen::None),
        }
    }

    fn product(&mut self, tests: &[NamedTest], paths: &mut Vec<(String, u32)>) -> Option<Product> {
        self.check.count("", tests.len(), 1, 20)?;
        let mut inside = PathSet::default();
        let mut own = Vec::new();
        let mut place = 0;
        let made = self.each("", tests, |c, t| {
            c.check.text(".name", &t.name)?;
            inside.add(&t.name, place);
            place += 1;
            let leaf = c.leaf(&t.name);
            own.push(leaf);
            paths.push((t.name.clone(), leaf));
            c.fixed(".test", &t.test)
        })?;
        let list = self.leaf("products");
        paths.push(("products".to_owned(), list));
        Some(Product { list, own, inside, tests: made })
    }

    /// A test of something that happened: it may not move with the clock, or the past would change.
    fn fixed(&mut self, step: &str, test: &Test) -> Option<Predicate> {
        let made = self.predicate(step, test)?;
        if made.is_relative() {
            let detail = "a filter may not depend on now; use the window for when it happened, or fixed dates";
            return self.check.refuse(step, "filter_relative", detail);
        }
        Some(made)
    }

    fn leaf(&mut self, path: &str) -> u32 {
        let next = self.leaves.len() as u32;
        *self.leaves.entry(path.to_owned()).or_insert(next)
    }

    fn read(&mut self, field: &Field) -> Option<Read> {
        Some(match field {
            Field::Property(path) => {
                self.check.text("", path)?;
                if path.split('.').any(str::is_empty) {
                    return self.check.refuse("", "path", format!("`{path}` has an empty step; write a.b.c"));
                }
                Read::Property(self.leaf(path))
            }
            Field::Value => Read::Value,
            Field::Currency => Read::Currency,
            Field::OrderId => Read::OrderId,
            Field::Channel | Field::Campaign | Field::Touchpoint => {
                self.needs.touch = true;
                match field {
                    Field::Channel => Read::Channel,
                    Field::Campaign => Read::Campaign,
                    _ => Read::Touchpoint,
                }
            }
            Field::Source => {
                self.needs.source = true;
                Read::Source
            }
            Field::SourceKind => {
                self.needs.source = true;
                Read::SourceKind
            }
            Field::Page => Read::Page,
            Field::Hour => Read::Hour(Arc::clone(&self.zone)),
            Field::Weekday => Read::Weekday(Arc::clone(&self.zone)),
        })
    }

    pub(super) fn sequence(&mut self, sequence: &Sequence) -> Option<Node> {
        let steps = &sequence.steps;
        self.check.count(".steps", steps.len(), 2, MAX_STEPS)?;
        let last = steps.len() - 1;
        let selects = self.each(".steps", steps, |c, s| c.select(&s.events));
        let mut good = true;
        for (i, step) in steps.iter().enumerate() {
            let wrong = if i == 0 && step.within.is_some() {
                Some("the first step has none before it: take `within` out, or use `window`")
            } else if step.absent && i < last {
                Some("only the last step may be absent")
            } else if step.absent && step.within.is_none() {
                Some("a step that must not happen needs `within`: how long to wait for it")
            } else {
                None
            };
            if let Some(wrong) = wrong {
                good = false;
                self.check.inside(&format!(".steps[{i}]"), |c| c.say("step", wrong));
            }
        }
        let (window, keep) = self.at(".window", |c| c.start_window(&sequence.window))?;
        let selects = selects.filter(|_| good)?;
        let within: Vec<Option<i64>> = steps.iter().map(|s| s.within.map(|w| w.ms)).collect();
        let absent = steps[last].absent;
        let thin = Thin {
            first: u64::from(within[1].is_none() && matches!(window, StartWindow::Ever)),
            last: if within[last].is_none() && matches!(keep, Keep::Since(_)) { 1 << last } else { 0 },
        };
        let events: Vec<Events> = steps.iter().map(|s| s.events.clone()).collect();
        let matcher = Matcher { key: 0, selects, form: Form::Steps, reads: None, keep, thin };
        let track = self.share(matcher, &events, None, false);
        Some(Node::Sequence(track, Chain { within, absent, window }))
    }

    fn start_window(&mut self, window: &Window) -> Option<(StartWindow, Keep)> {
        Some(match window {
            Window::Ever => (StartWindow::Ever, Keep::Since(i64::MIN)),
            // What follows the first step lies behind it, so inside the window too.
            Window::Last(d) => (StartWindow::Last(d.ms), kept(d.ms)),
            Window::Between(from, to) => {
                let (a, b) = self.between(from, to)?;
                (StartWindow::Between(a, b), Keep::Since(a))
            }
            Window::Calendar { unit, back } => {
                let ms = self.calendar_ms(*unit, *back)?;
                (StartWindow::Calendar(*unit, *back), kept(ms))
            }
            Window::Newest(_) => {
                return self.check.refuse(".newest", "window", "a sequence has no newest events; use a length of time");
            }
        })
    }

    /// The key of a matcher; equal ones are kept once.
    fn share(&mut self, mut matcher: Matcher, events: &[Events], field: Option<&Field>, zoned: bool) -> u64 {
        let zoned = zoned || events.iter().any(|e| e.filters.iter().any(is_zoned));
        let steps: Vec<Value> = events.iter().map(canonical_events).collect();
        let keep = match matcher.keep {
            Keep::Total => json!("total"),
            Keep::Range(a, b) => json!(["range", a, b]),
            Keep::Within(ms) => json!(["within", ms]),
            Keep::Since(ms) => json!(["since", ms]),
            Keep::Newest(n) => json!(["newest", n]),
        };
        let form = json!({
            "version": 1,
            "form": matcher.form.code(),
            "keep": keep,
            "thin": [matcher.thin.first, matcher.thin.last],
            "reads": field.map(ToString::to_string),
            "zone": zoned.then_some(&self.zone.name),
            "steps": steps,
        });
        let canonical = form.to_string();
        matcher.key = xxh3_64(canonical.as_bytes());
        self.tracks.insert(matcher.key);
        let key = matcher.key;
        self.matchers.entry(canonical).or_insert(matcher);
        key
    }
}

/// How long occurrences of a window are kept.
fn kept(ms: i64) -> Keep {
    let days = KEPT_DAYS.into_iter().find(|d| d * DAY_MS >= ms);
    days.map_or(Keep::Since(i64::MIN), |d| Keep::Within(d * DAY_MS))
}

fn field_of(measure: &Measure) -> Option<&Field> {
    match measure {
        Measure::Sum(f)
        | Measure::Average(f)
        | Measure::Min(f)
        | Measure::Max(f)
        | Measure::Distinct(f)
        | Measure::MostFrequent(f)
        | Measure::First(f)
        | Measure::Last(f) => Some(f),
        Measure::Count | Measure::FirstAt | Measure::LastAt | Measure::DaysSinceLast | Measure::DaysSinceFirst => None,
    }
}

/// Whether filters are neither too many nor too deep.
fn fits(filters: &[Filter], depth: usize, left: &mut usize) -> bool {
    depth > 0
        && filters.iter().all(|f| {
            let Some(fewer) = left.checked_sub(1) else { return false };
            *left = fewer;
            match f {
                Filter::Field { .. } | Filter::Product(_) => true,
                Filter::All(of) | Filter::Any(of) | Filter::None(of) => fits(of, depth - 1, left),
            }
        })
}

/// Whether what passes depends on the zone.
fn is_zoned(filter: &Filter) -> bool {
    let by_test = |t: &Test| matches!(t, Test::Before(_) | Test::After(_));
    match filter {
        Filter::Field { name, test } => matches!(name, Field::Hour | Field::Weekday) || by_test(test),
        Filter::Product(tests) => tests.iter().any(|t| by_test(&t.test)),
        Filter::All(of) | Filter::Any(of) | Filter::None(of) => of.iter().any(is_zoned),
    }
}

/// The same for events that mean the same: filters in one order, each once, numbers in one form.
fn canonical_events(events: &Events) -> Value {
    let mut filters: Vec<String> = events
        .filters
        .iter()
        .map(|f| {
            let mut value = serde_json::to_value(f).unwrap_or_default();
            canonical_numbers(&mut value);
            value.to_string()
        })
        .collect();
    filters.sort();
    filters.dedup();
    let name = if events.event == ANY { ANY } else { &events.event };
    json!({"event": name, "where": filters})
}

fn canonical_numbers(value: &mut Value) {
    match value {
        Value::Number(n) => {
            if let Some(n) = n.as_f64() {
                *value = super::given::whole_or_not(n);
            }
        }
        Value::Array(of) => of.iter_mut().for_each(canonical_numbers),
        Value::Object(of) => of.values_mut().for_each(canonical_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
