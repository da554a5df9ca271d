//! Features of a person at a cut-off, and the label after it.
//!
//! The list is an allow-list of behaviour: recency, frequency and value in windows, and the shares of the most frequent
//! channels, kinds of sources and categories. Nothing outside of it reaches a model.

use serde::{Deserialize, Serialize};
use throughline_base::time::DAY_MS;

use super::act::{Act, ActKind};

/// How a feature is measured; also how it is bent ([`super::design`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureUnit {
    /// Days; missing when it never happened.
    Days,
    /// How many.
    Count,
    /// Minor units.
    Money,
    /// From 0 to 1, missing when there is nothing to share.
    Share,
    /// A ratio; missing when there is nothing to compare.
    Ratio,
}

/// The features that everybody has, in the order of [`FeatureSet::of`].
const FIXED: [(&str, FeatureUnit); 28] = [
    ("days_since_visit", FeatureUnit::Days),
    ("days_since_view", FeatureUnit::Days),
    ("days_since_cart", FeatureUnit::Days),
    ("days_since_order", FeatureUnit::Days),
    ("days_since_message", FeatureUnit::Days),
    ("days_known", FeatureUnit::Days),
    ("days_as_buyer", FeatureUnit::Days),
    ("active_days_7d", FeatureUnit::Count),
    ("active_days_30d", FeatureUnit::Count),
    ("active_days_90d", FeatureUnit::Count),
    ("views_7d", FeatureUnit::Count),
    ("views_30d", FeatureUnit::Count),
    ("views_90d", FeatureUnit::Count),
    ("carts_7d", FeatureUnit::Count),
    ("carts_30d", FeatureUnit::Count),
    ("carts_90d", FeatureUnit::Count),
    ("messages_30d", FeatureUnit::Count),
    ("orders_30d", FeatureUnit::Count),
    ("orders_90d", FeatureUnit::Count),
    ("orders_365d", FeatureUnit::Count),
    ("revenue_90d", FeatureUnit::Money),
    ("revenue_365d", FeatureUnit::Money),
    ("average_order_365d", FeatureUnit::Money),
    ("carts_since_order_30d", FeatureUnit::Count),
    ("gap_to_usual", FeatureUnit::Ratio),
    ("discount_share_365d", FeatureUnit::Share),
    ("refund_share_365d", FeatureUnit::Share),
    ("categories_90d", FeatureUnit::Count),
];

/// Days beyond which the past does not count: features then mean the same for a shop of one year and of ten.
pub const MEMORY_DAYS: i64 = 365;

/// The names that get a share of their own; numbers of acts are places in these lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureSet {
    /// The most frequent channels.
    pub channels: Vec<String>,
    /// The kinds of sources.
    pub sources: Vec<String>,
    /// The most frequent categories.
    pub categories: Vec<String>,
}

/// What is to be predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Whoever was seen within [`MEMORY_DAYS`]: buys in the days that follow.
    Purchase,
    /// Whoever bought within [`MEMORY_DAYS`]: does not buy in the days that follow.
    Lapse,
}

impl Label {
    /// Whether the person is asked about at the cut-off, and the answer; `None` when not. `acts` are in order of time.
    #[must_use]
    pub fn of(self, acts: &[Act], cut_ms: i64, days: u32) -> Option<bool> {
        let before = acts.partition_point(|a| a.at_ms < cut_ms);
        let remembered = |a: &&Act| a.at_ms >= cut_ms - MEMORY_DAYS * DAY_MS;
        let mut recent = acts[..before].iter().rev().take_while(remembered);
        let end = cut_ms + i64::from(days) * DAY_MS;
        let bought = || acts[before..].iter().take_while(|a| a.at_ms < end).any(|a| a.kind == ActKind::Order);
        match self {
            Self::Purchase => recent.next().map(|_| bought()),
            Self::Lapse => recent.any(|a| a.kind == ActKind::Order).then(|| !bought()),
        }
    }
}

impl FeatureSet {
    /// Keys and units of all features, in order.
    #[must_use]
    pub fn features(&self) -> Vec<(String, FeatureUnit)> {
        let shares = |kind: &str, names: &[String]| -> Vec<(String, FeatureUnit)> {
            names.iter().map(|n| (format!("{kind}:{n}"), FeatureUnit::Share)).collect()
        };
        let fixed = FIXED.iter().map(|(key, unit)| ((*key).to_owned(), *unit));
        fixed
            .chain(shares("channel", &self.channels))
            .chain(shares("source", &self.sources))
            .chain(shares("category", &self.categories))
            .collect()
    }

    /// The features at the cut-off: of what happened strictly before it. `acts` are in order of time. A feature that
    /// does not exist for the person is NaN.
    #[must_use]
    pub fn of(&self, acts: &[Act], cut_ms: i64) -> Vec<f32> {
        let before = &acts[..acts.partition_point(|a| a.at_ms < cut_ms)];
        let mut sums = Sums::new(self);
        for act in before {
            sums.add(act, (cut_ms - act.at_ms) as f64 / DAY_MS as f64);
        }
        sums.features()
    }
}

/// Ages in days of the latest act of a kind and of the first one.
#[derive(Debug, Clone, Copy)]
struct Span {
    latest: f64,
    first: f64,
}

#[derive(Debug)]
struct Sums {
    visit: Option<Span>,
    view: Option<Span>,
    cart: Option<Span>,
    order: Option<Span>,
    message: Option<Span>,
    /// Days with an act within 7, 30, 90 days; the last one counted.
    active: [f32; 3],
    last_day: i64,
    views: [f32; 3],
    carts: [f32; 3],
    messages: f32,
    /// Within 30, 90, 365 days.
    orders: [f32; 3],
    revenue: [f64; 2],
    carts_since_order: f32,
    order_days: f64,
    last_order_day: i64,
    discounted: f32,
    refunds: f32,
    categories_seen: u64,
    channels: Vec<f32>,
    sources: Vec<f32>,
    categories: Vec<f32>,
}

const NEVER: i64 = i64::MIN;

impl Sums {
    fn new(set: &FeatureSet) -> Self {
        Self {
            visit: None,
            view: None,
            cart: None,
            order: None,
            message: None,
            active: [0.0; 3],
            last_day: NEVER,
            views: [0.0; 3],
            carts: [0.0; 3],
            messages: 0.0,
            orders: [0.0; 3],
            revenue: [0.0; 2],
            carts_since_order: 0.0,
            order_days: 0.0,
            last_order_day: NEVER,
            discounted: 0.0,
            refunds: 0.0,
            categories_seen: 0,
            channels: vec![0.0; set.channels.len()],
            sources: vec![0.0; set.sources.len()],
            categories: vec![0.0; set.categories.len()],
        }
    }

    fn add(&mut self, act: &Act, age: f64) {
        let day = age as i64;
        match act.kind {
            ActKind::Item => {}
            ActKind::Message => {
                stretch(&mut self.message, age);
                self.messages += if age <= 30.0 { 1.0 } else { 0.0 };
            }
            // Money that comes back is no act of visiting.
            ActKind::Refund => self.refunds += if age <= 365.0 { 1.0 } else { 0.0 },
            ActKind::Other | ActKind::View | ActKind::Cart | ActKind::Order => {
                stretch(&mut self.visit, age);
                if day != self.last_day {
                    windows(&mut self.active, [7.0, 30.0, 90.0], age);
                    self.last_day = day;
                }
            }
        }
        match act.kind {
            ActKind::View => {
                stretch(&mut self.view, age);
                windows(&mut self.views, [7.0, 30.0, 90.0], age);
            }
            ActKind::Cart => {
                stretch(&mut self.cart, age);
                windows(&mut self.carts, [7.0, 30.0, 90.0], age);
                self.carts_since_order += if age <= 30.0 { 1.0 } else { 0.0 };
            }
            ActKind::Order => self.order(act, age),
            ActKind::Other | ActKind::Item | ActKind::Refund | ActKind::Message => {}
        }
        if age > MEMORY_DAYS as f64 {
            return;
        }
        count(&mut self.channels, act.channel);
        count(&mut self.sources, act.source);
        count(&mut self.categories, act.category);
        if age <= 90.0 && act.category < 64 {
            self.categories_seen |= 1 << act.category;
        }
    }

    fn order(&mut self, act: &Act, age: f64) {
        stretch(&mut self.order, age);
        windows(&mut self.orders, [30.0, 90.0, 365.0], age);
        let value = f64::from(act.value);
        self.revenue[0] += if age <= 90.0 { value } else { 0.0 };
        self.revenue[1] += if age <= 365.0 { value } else { 0.0 };
        self.discounted += if age <= 365.0 && act.discounted { 1.0 } else { 0.0 };
        self.carts_since_order = 0.0;
        let day = age as i64;
        if day != self.last_order_day {
            self.order_days += 1.0;
            self.last_order_day = day;
        }
    }

    fn features(&self) -> Vec<f32> {
        let since = |span: &Option<Span>| span.map_or(f32::NAN, |s| s.latest.min(MEMORY_DAYS as f64) as f32);
        let known = |span: &Option<Span>| span.map_or(f32::NAN, |s| s.first.min(MEMORY_DAYS as f64) as f32);
        let share = |part: f32, whole: f32| if whole > 0.0 { (part / whole).min(1.0) } else { f32::NAN };
        let orders = self.orders[2];
        let usual =
            self.order.filter(|_| self.order_days >= 2.0).map(|s| (s.first - s.latest) / (self.order_days - 1.0));
        let gap = match (usual, self.order) {
            (Some(usual), Some(order)) if usual > 0.0 => (order.latest / usual).min(20.0) as f32,
            (Some(_) | None, Some(_) | None) => f32::NAN,
        };
        let mut out =
            Vec::with_capacity(FIXED.len() + self.channels.len() + self.sources.len() + self.categories.len());
        out.extend([
            since(&self.visit),
            since(&self.view),
            since(&self.cart),
            since(&self.order),
            since(&self.message),
        ]);
        out.extend([known(&self.visit), known(&self.order)]);
        out.extend(self.active);
        out.extend(self.views);
        out.extend(self.carts);
        out.push(self.messages);
        out.extend(self.orders);
        out.extend(self.revenue.map(|r| r as f32));
        out.push(if orders > 0.0 { (self.revenue[1] / f64::from(orders)) as f32 } else { f32::NAN });
        out.push(self.carts_since_order);
        out.push(gap);
        out.push(share(self.discounted, orders));
        out.push(share(self.refunds, orders));
        out.push(self.categories_seen.count_ones() as f32);
        for shares in [&self.channels, &self.sources, &self.categories] {
            let whole: f32 = shares.iter().sum();
            out.extend(shares.iter().map(|n| share(*n, whole)));
        }
        out
    }
}

/// Acts come oldest first.
fn stretch(span: &mut Option<Span>, age: f64) {
    let first = span.map_or(age, |s| s.first);
    *span = Some(Span { latest: age, first });
}

fn windows(counts: &mut [f32; 3], days: [f64; 3], age: f64) {
    for (count, days) in counts.iter_mut().zip(days) {
        *count += if age <= days { 1.0 } else { 0.0 };
    }
}

fn count(counts: &mut [f32], number: u16) {
    if let Some(n) = counts.get_mut(usize::from(number)) {
        *n += 1.0;
    }
}
