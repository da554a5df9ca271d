//! Which events a track takes in, and what it reads of them.

use std::cell::OnceCell;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::facts::EventFacts;
use super::given::{Given, Scalar};
use super::json_path::{Found, PathSet, items};
use super::predicate::Predicate;
use super::time::Zone;
use super::track::{Form, Keep, Occurrence, Thin};

/// A track's rule: what it takes in, what it reads of it, how long it keeps it.
#[derive(Debug)]
pub(super) struct Matcher {
    /// Hash of the canonical form: the same for equal matchers of any definition, for ever.
    pub key: u64,
    /// What it takes in; several are the steps of a sequence.
    pub selects: Vec<Select>,
    pub form: Form,
    /// What is read of an event; `None` when it only counts.
    pub reads: Option<Read>,
    pub keep: Keep,
    pub thin: Thin,
}

/// Events by name and filters.
#[derive(Debug, Clone)]
pub(super) struct Select {
    /// The name; [`super::facts::ANY`] for every one.
    pub event: String,
    pub screens: Vec<Screen>,
    /// Paths of properties that are looked at, with the program's number of each.
    pub paths: Vec<(String, u32)>,
}

/// A filter made ready.
#[derive(Debug, Clone)]
pub(super) enum Screen {
    Field(Read, Predicate),
    Product(Product),
    All(Vec<Screen>),
    Any(Vec<Screen>),
    None(Vec<Screen>),
}

/// A filter on one item of `products`.
#[derive(Debug, Clone)]
pub(super) struct Product {
    /// The number of `products`.
    pub list: u32,
    /// The numbers of the tests' paths on the event itself.
    pub own: Vec<u32>,
    /// The tests' paths inside an item, by their place among the tests.
    pub inside: PathSet,
    pub tests: Vec<Predicate>,
}

/// A field made ready.
#[derive(Debug, Clone)]
pub(super) enum Read {
    /// A property, by the program's number of its path.
    Property(u32),
    Value,
    Currency,
    OrderId,
    Channel,
    Campaign,
    Touchpoint,
    Source,
    SourceKind,
    Page,
    Hour(Arc<Zone>),
    Weekday(Arc<Zone>),
}

/// An event whose properties are read when first asked for.
pub(super) struct Sight<'e, 'a> {
    pub event: &'e EventFacts<'a>,
    pub paths: &'e PathSet,
    found: OnceCell<Vec<Found<'a>>>,
}

impl<'e, 'a> Sight<'e, 'a> {
    pub(super) fn new(event: &'e EventFacts<'a>, paths: &'e PathSet) -> Self {
        Self { event, paths, found: OnceCell::new() }
    }

    fn found(&self) -> &[Found<'a>] {
        self.found.get_or_init(|| {
            let mut out = Vec::new();
            self.paths.find(self.event.properties, &mut out);
            out
        })
    }
}

impl Read {
    fn given<'s>(&self, sight: &'s Sight<'_, '_>) -> Given<'s> {
        let e = sight.event;
        match self {
            Self::Property(leaf) => Given::Raw(sight.found(), *leaf),
            Self::Value => major(e).map_or(Given::Missing, Given::Number),
            Self::Currency => e.value.as_ref().map_or(Given::Missing, |v| Given::Text(v.currency.as_str())),
            Self::OrderId => worded(e.order_id.unwrap_or("")),
            Self::Channel => worded(e.touch.channel),
            Self::Campaign => worded(e.touch.campaign),
            Self::Touchpoint => worded(e.touch.touchpoint),
            Self::Source => worded(e.source),
            Self::SourceKind => worded(e.source_kind),
            Self::Page => worded(e.page.unwrap_or("")),
            Self::Hour(zone) => Given::Number(zone.hour(e.at.ms()).into()),
            Self::Weekday(zone) => Given::Number(zone.weekday(e.at.ms()).into()),
        }
    }
}

fn worded(text: &str) -> Given<'_> {
    if text.is_empty() { Given::Missing } else { Given::Text(text) }
}

/// The money value in major units of its currency.
fn major(e: &EventFacts<'_>) -> Option<f64> {
    e.value.map(|v| v.minor as f64 / 10_f64.powi(v.currency.exponent() as i32))
}

impl Screen {
    fn passes(&self, sight: &Sight<'_, '_>) -> bool {
        match self {
            // No test of a filter moves with the clock, so any now will do.
            Self::Field(read, test) => test.holds(&read.given(sight), 0),
            Self::Product(product) => product.passes(sight.found()),
            Self::All(screens) => screens.iter().all(|s| s.passes(sight)),
            Self::Any(screens) => screens.iter().any(|s| s.passes(sight)),
            Self::None(screens) => !screens.iter().any(|s| s.passes(sight)),
        }
    }
}

impl Product {
    fn passes(&self, found: &[Found<'_>]) -> bool {
        let mut lists = found.iter().filter(|f| f.leaf == self.list && f.raw.starts_with(['[', '{'])).peekable();
        if lists.peek().is_none() {
            return self.tests.iter().zip(&self.own).all(|(t, leaf)| t.holds(&Given::Raw(found, *leaf), 0));
        }
        let mut one = |item: &str| {
            let mut found = Vec::new();
            self.inside.find(item, &mut found);
            self.tests.iter().enumerate().all(|(i, t)| t.holds(&Given::Raw(&found, i as u32), 0))
        };
        lists.any(|f| if f.raw.starts_with('[') { items(f.raw).any(&mut one) } else { one(f.raw) })
    }
}

/// Most values of one event that are taken in.
const MAX_VALUES: usize = 100;

impl Matcher {
    /// Puts into `out` what the track takes in of an event whose name is that of `selects`.
    pub(super) fn take(&self, selects: &[usize], sight: &Sight<'_, '_>, out: &mut Vec<Occurrence>) {
        let e = sight.event;
        let at = e.at.ms();
        match self.keep {
            Keep::Range(from, to) if at < from || at >= to => return,
            Keep::Since(from) if at < from => return,
            Keep::Range(..) | Keep::Since(_) | Keep::Total | Keep::Within(_) | Keep::Newest(_) => {}
        }
        let passes = |i: &usize| self.selects[*i].screens.iter().all(|s| s.passes(sight));
        let one = Occurrence { at, id: e.id, passed: true, key: 0, number: 0.0, text: None };
        if self.form == Form::Steps {
            let key = selects.iter().filter(|i| passes(i)).fold(0, |key, i| key | 1 << i);
            if key != 0 {
                out.push(Occurrence { key, ..one });
            }
            return;
        }
        if selects.iter().all(passes) {
            self.read(sight, &one, out);
        }
        // Of the newest events those count too that have nothing to measure.
        if out.is_empty() && matches!(self.keep, Keep::Newest(_)) {
            out.push(Occurrence { passed: false, ..one });
        }
    }

    fn read(&self, sight: &Sight<'_, '_>, one: &Occurrence, out: &mut Vec<Occurrence>) {
        let Some(reads) = &self.reads else {
            out.push(Occurrence { key: order_key(sight.event), ..one.clone() });
            return;
        };
        let is_money = matches!(reads, Read::Value);
        reads.given(sight).any(|scalar| {
            out.extend(self.occurrence(scalar, one, sight.event, is_money));
            out.len() >= MAX_VALUES
        });
    }

    fn occurrence(&self, s: &Scalar<'_>, one: &Occurrence, e: &EventFacts<'_>, is_money: bool) -> Option<Occurrence> {
        let one = one.clone();
        match self.form {
            Form::Number => {
                let number = s.number()?;
                // What is given back is given back each time: one order may be refunded in parts.
                let key = if is_money && number >= 0.0 { order_key(e) } else { 0 };
                Some(Occurrence { number, key, ..one })
            }
            Form::Distinct => Some(Occurrence { key: xxh3_64(s.canonical()?.as_bytes()), ..one }),
            Form::Frequency | Form::Ends => Some(Occurrence { text: Some(s.canonical()?.into()), ..one }),
            Form::Event | Form::Steps => Some(one),
        }
    }

    /// Whether what leaves the list is folded.
    pub(super) fn folds(&self) -> bool {
        matches!(self.keep, Keep::Total | Keep::Range(..))
    }
}

/// What tells an order from others of the same event; 0 for an event without one.
fn order_key(e: &EventFacts<'_>) -> u64 {
    let Some(order) = e.order_id.filter(|o| !o.is_empty()) else { return 0 };
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    hash.update(e.name.as_bytes());
    hash.update(&[0]);
    hash.update(order.as_bytes());
    hash.digest().max(1)
}
