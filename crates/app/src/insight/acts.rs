//! From the rows of the history to acts: what somebody looked at, put into the cart, bought; nothing they said of
//! themselves.

use std::collections::{BTreeSet, HashMap};

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use throughline_base::Timestamp;
use throughline_domain::insight::propensity::act::UNNAMED;
use throughline_domain::insight::propensity::{Act, ActKind};
use throughline_lake::{Column, ColumnSet, PersonRows, PersonVisitor, ScanRequest, Snapshot};
use throughline_store::credit as rows;
use xxhash_rust::xxh3::xxh3_64;

use crate::credit::{Conversion, ConversionValue, Dedupe, same_name};
use crate::{App, Result};

/// Looking at something; names of the e-commerce plan.
const VIEWS: [&str; 4] = ["Product Viewed", "Product Clicked", "Product List Viewed", "Product List Filtered"];
const CARTS: [&str; 4] = ["Product Added", "Cart Viewed", "Checkout Started", "Product Added to Wishlist"];
const MESSAGES: [&str; 7] = [
    "Email Opened",
    "Email Link Clicked",
    "SMS Link Clicked",
    "Push Notification Tapped",
    "Push Notification Opened",
    "Message Opened",
    "Message Clicked",
];
/// Done by the shop and not by the customer, or a matter of bookkeeping: it says nothing of interest.
const NOT_THEIRS: [&str; 14] = [
    "Email Delivered",
    "Email Bounced",
    "Email Sent",
    "SMS Sent",
    "SMS Delivered",
    "Push Notification Sent",
    "Push Notification Received",
    "Push Notification Bounced",
    "Order Updated",
    "Order Shipped",
    "Order Delivered",
    "Order Cancelled",
    "Consent Granted",
    "Consent Denied",
];
/// Kinds of sources that are a customer's own device.
const DEVICES: [&str; 3] = ["web", "app", "mini_program"];
/// Longest name of a category, in characters.
const NAME_CHARS: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    NotTheirs,
    /// Pages without a name, and what says who somebody is.
    Nameless,
    Other,
    View,
    Cart,
    Message,
    Order,
    Refund,
}

/// The history with what is needed to read it, shared by the threads of a pass.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) conversion: Conversion,
    /// By interned name.
    roles: Vec<Role>,
    /// Number of the channel by interned touch.
    channels_of: Vec<u16>,
    pub(super) channels: Vec<String>,
    /// Number of the kind by source id, ascending.
    kinds_of: Vec<(i64, u16)>,
    pub(super) kinds: Vec<String>,
    other_currency: Vec<i64>,
    zone: TimeZone,
    snapshot: Snapshot,
    request: ScanRequest,
}

/// An order of a person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    key: u64,
    /// Local day since 1970.
    pub(super) day: i32,
    pub(super) value: f64,
}

impl App {
    /// Prepares passes over the whole history; purchases are those of the conversion that reports begin with.
    pub(super) fn prediction_source(&self) -> Result<Source> {
        let conversion = self.conversion(None)?;
        let definition = &conversion.definition;
        let names = self.db.read(throughline_store::event::names)?;
        let mut roles = vec![Role::Other; names.iter().map(|n| n.0 as usize + 1).max().unwrap_or(0)];
        let mut told = BTreeSet::new();
        for (id, name, _, _) in &names {
            let among = |list: &[&str]| list.iter().any(|n| same_name(n, name));
            let role = if same_name(&definition.event, name) {
                Role::Order
            } else if definition.refund_event.as_ref().is_some_and(|r| same_name(r, name)) {
                Role::Refund
            } else if among(&VIEWS) {
                Role::View
            } else if among(&CARTS) {
                Role::Cart
            } else if among(&MESSAGES) {
                Role::Message
            } else if among(&NOT_THEIRS) {
                Role::NotTheirs
            } else if name.trim().is_empty() {
                Role::Nameless
            } else {
                Role::Other
            };
            roles[*id as usize] = role;
            if matches!(role, Role::Order | Role::View | Role::Cart | Role::Refund) {
                told.insert(*id);
            }
        }
        let registry = self.registry.get();
        let kinds: BTreeSet<String> = registry.sources.values().map(|s| s.kind.clone()).collect();
        let kinds: Vec<String> = kinds.into_iter().collect();
        let number = |kind: &String| kinds.iter().position(|k| k == kind).map_or(UNNAMED, |n| n as u16);
        let mut kinds_of: Vec<(i64, u16)> = registry.sources.values().map(|s| (s.id.get(), number(&s.kind))).collect();
        kinds_of.sort_unstable();
        let snapshot = self.snapshot(&told)?;
        // After the snapshot: the touches of all its events are interned by now.
        let touches = self.touch_names()?;
        let facts = touches.catalog.facts();
        let channel = |n: &u32| {
            let fact = facts.get((*n as usize).wrapping_sub(1));
            fact.map_or(UNNAMED, |f| u16::try_from(f.channel).unwrap_or(UNNAMED))
        };
        let channels_of = touches.numbers.iter().map(channel).collect();
        let by_revenue = definition.value == ConversionValue::Revenue;
        let other_currency = if by_revenue {
            self.db.read(|tx| rows::hot_of_other_currency(tx, definition.currency.as_str()))?
        } else {
            Vec::new()
        };
        let columns = ColumnSet::of(&[
            Column::EventId,
            Column::SourceId,
            Column::NameId,
            Column::TouchId,
            Column::OrderId,
            Column::ValueMinor,
            Column::Currency,
            Column::Properties,
        ]);
        Ok(Source {
            roles,
            channels_of,
            channels: touches.catalog.channels().to_vec(),
            kinds_of,
            kinds,
            other_currency,
            zone: TimeZone::get(&self.settings.time_zone).unwrap_or(TimeZone::UTC),
            snapshot,
            request: ScanRequest { columns, exclude_bots: true, ..ScanRequest::default() },
            conversion,
        })
    }

    /// Shows every person to one visitor per thread.
    pub(super) fn prediction_scan<V: PersonVisitor>(
        &self,
        source: &Source,
        make: impl Fn(usize) -> V + Sync,
    ) -> Result<Vec<V>> {
        let threads = self.settings.report_threads.max(1);
        Ok(self.lake.scan(&source.snapshot, &source.request, threads, make)?)
    }
}

impl Source {
    /// Number of the kind of a source.
    fn kind_of(&self, source: i64) -> u16 {
        let place = self.kinds_of.binary_search_by_key(&source, |(id, _)| *id);
        place.map_or(UNNAMED, |p| self.kinds_of[p].1)
    }

    fn is_device(&self, source: i64) -> bool {
        let kind = self.kinds.get(usize::from(self.kind_of(source)));
        kind.is_some_and(|k| DEVICES.contains(&k.as_str()))
    }

    /// The local day of an instant, since 1970.
    pub(super) fn day(&self, at_ms: i64) -> i32 {
        let offset = jiff::Timestamp::from_millisecond(at_ms).map_or(0, |t| self.zone.to_offset(t).seconds());
        Timestamp::from_ms(at_ms.saturating_add(i64::from(offset) * 1_000)).day() as i32
    }

    /// The start of the local day of an instant.
    pub(super) fn midnight(&self, at: Timestamp) -> i64 {
        let start = jiff::Timestamp::from_millisecond(at.ms())
            .and_then(|t| t.to_zoned(self.zone.clone()).start_of_day())
            .map(|z| z.timestamp().as_millisecond());
        start.unwrap_or(at.ms())
    }
}

/// Turns the rows of a person into acts. Categories get numbers as they come, of this reader alone.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    source: &'a Source,
    pub(super) acts: Vec<Act>,
    pub(super) orders: Vec<Order>,
    pub(super) categories: Vec<String>,
    numbers: HashMap<String, u16>,
    pub(super) other_currency: u64,
    pub(super) events: u64,
}

/// What of the properties of a commerce event is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Commerce {
    category: Value,
    products: Value,
    coupon: Value,
    discount: Value,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self {
            source,
            acts: Vec::new(),
            orders: Vec::new(),
            categories: Vec::new(),
            numbers: HashMap::new(),
            other_currency: 0,
            events: 0,
        }
    }

    /// Fills `acts` and `orders` with those of a person; only `orders` when not `whole`.
    pub(super) fn read(&mut self, rows: &PersonRows<'_>, whole: bool) {
        self.acts.clear();
        self.orders.clear();
        self.events += rows.len() as u64;
        for i in 0..rows.len() {
            let role = self.source.roles.get(rows.name_id()[i] as usize).copied().unwrap_or(Role::Other);
            let kind = match role {
                Role::NotTheirs => continue,
                // A page of a shop is a visit; a customer file that a server sends every night is none.
                Role::Nameless if !self.source.is_device(rows.source_id()[i]) => continue,
                Role::Nameless | Role::Other => ActKind::Other,
                Role::View => ActKind::View,
                Role::Cart => ActKind::Cart,
                Role::Message => ActKind::Message,
                Role::Order => {
                    self.order(rows, i, whole);
                    continue;
                }
                Role::Refund => {
                    self.refund(rows, i);
                    ActKind::Refund
                }
            };
            if !whole {
                continue;
            }
            let mut act = self.plain(rows, i, kind);
            if matches!(kind, ActKind::View | ActKind::Cart) {
                let told: Commerce = serde_json::from_str(rows.text(Column::Properties, i)).unwrap_or_default();
                act.category = self.category_of(&told);
            }
            self.acts.push(act);
        }
    }

    fn plain(&self, rows: &PersonRows<'_>, i: usize, kind: ActKind) -> Act {
        let touch = usize::try_from(rows.touch_id()[i]).ok();
        let channel = touch.and_then(|t| self.source.channels_of.get(t)).copied().unwrap_or(UNNAMED);
        let source = self.source.kind_of(rows.source_id()[i]);
        Act { channel, source, ..Act::plain(rows.event_at()[i], kind) }
    }

    fn order(&mut self, rows: &PersonRows<'_>, i: usize, whole: bool) {
        let definition = &self.source.conversion.definition;
        if self.is_foreign(rows, i) {
            self.other_currency += 1;
            return;
        }
        let key = order_key(rows.text(Column::OrderId, i));
        if key != 0 && definition.dedupe == Dedupe::OrderId && self.orders.iter().any(|o| o.key == key) {
            return;
        }
        let text = rows.text(Column::Properties, i);
        let value = if definition.reads_properties() {
            let parsed = serde_json::from_str(text).unwrap_or_default();
            if definition.filter.as_ref().is_some_and(|f| !f.passes(&parsed)) {
                return;
            }
            definition.value_of(rows.value_minor(i), &parsed)
        } else {
            definition.value_of(rows.value_minor(i), &throughline_domain::event::Object::new())
        };
        let value = value.unwrap_or(0) as f64;
        self.orders.push(Order { key, day: self.source.day(rows.event_at()[i]), value });
        if !whole {
            return;
        }
        let told: Commerce = serde_json::from_str(text).unwrap_or_default();
        let mut act = self.plain(rows, i, ActKind::Order);
        act.value = value as f32;
        act.discounted = is_discounted(&told);
        self.acts.push(act);
        let mut bought: Vec<u16> = match &told.products {
            Value::Array(products) => products.iter().map(|p| self.category(p.get("category"))).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![self.category(Some(&told.category))]
            }
        };
        bought.sort_unstable();
        bought.dedup();
        let items = bought.into_iter().filter(|c| *c != UNNAMED);
        self.acts.extend(items.map(|category| Act { category, ..Act::plain(act.at_ms, ActKind::Item) }));
    }

    /// Takes the money off the order it was paid with, on that order's day; of an unknown order nothing is known here.
    fn refund(&mut self, rows: &PersonRows<'_>, i: usize) {
        let definition = &self.source.conversion.definition;
        let key = order_key(rows.text(Column::OrderId, i));
        let value = match &definition.value {
            ConversionValue::Revenue if self.is_foreign(rows, i) => return,
            ConversionValue::Revenue => rows.value_minor(i),
            ConversionValue::Property(_) => {
                let parsed = serde_json::from_str(rows.text(Column::Properties, i)).unwrap_or_default();
                definition.value_of(None, &parsed)
            }
            ConversionValue::None | ConversionValue::FixedMinor(_) => None,
        };
        if let Some(order) = self.orders.iter_mut().find(|o| key != 0 && o.key == key) {
            // Without an amount all of it went back.
            let back = value.map_or(order.value, |v| v.abs() as f64);
            order.value = (order.value - back).max(0.0);
        }
    }

    fn is_foreign(&self, rows: &PersonRows<'_>, i: usize) -> bool {
        if self.source.conversion.definition.value != ConversionValue::Revenue {
            return false;
        }
        let currency = rows.text(Column::Currency, i);
        let sealed = !currency.is_empty() && currency != self.source.conversion.definition.currency.as_str();
        let hot = &self.source.other_currency;
        sealed || (!hot.is_empty() && hot.binary_search(&rows.event_id()[i]).is_ok())
    }

    fn category_of(&mut self, told: &Commerce) -> u16 {
        if told.category.is_string() {
            return self.category(Some(&told.category));
        }
        self.category(told.products.get(0).and_then(|p| p.get("category")))
    }

    fn category(&mut self, name: Option<&Value>) -> u16 {
        let Some(name) = name.and_then(Value::as_str).map(str::trim).filter(|n| !n.is_empty()) else { return UNNAMED };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u16::try_from(self.categories.len()).unwrap_or(UNNAMED);
        if number == UNNAMED || name.chars().count() > NAME_CHARS {
            return UNNAMED;
        }
        self.categories.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

fn order_key(order_id: &str) -> u64 {
    if order_id.is_empty() { 0 } else { xxh3_64(order_id.as_bytes()).max(1) }
}

fn is_discounted(told: &Commerce) -> bool {
    let coupon = told.coupon.as_str().is_some_and(|c| !c.trim().is_empty());
    let discount = match &told.discount {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    coupon || discount.is_some_and(|d: f64| d > 0.0)
}

/// From a reader's numbers, and those of the source, to the places in a model's lists.
#[derive(Debug)]
pub(super) struct Renumber {
    channels: Vec<u16>,
    sources: Vec<u16>,
    categories: Vec<u16>,
    own: Vec<String>,
}

impl Renumber {
    pub(super) fn new(source: &Source, channels: &[String], sources: &[String], categories: &[String]) -> Self {
        let places = |names: &[String], own: &[String]| names.iter().map(|n| place(own, n)).collect();
        Self {
            channels: places(&source.channels, channels),
            sources: places(&source.kinds, sources),
            categories: Vec::new(),
            own: categories.to_vec(),
        }
    }

    /// The acts as the model numbers them. `named` are the reader's categories so far.
    pub(super) fn acts(&mut self, acts: &[Act], named: &[String], out: &mut Vec<Act>) {
        let fresh = named.iter().skip(self.categories.len()).map(|n| place(&self.own, n));
        let fresh: Vec<u16> = fresh.collect();
        self.categories.extend(fresh);
        let at = |places: &[u16], n: u16| places.get(usize::from(n)).copied().unwrap_or(UNNAMED);
        out.clear();
        out.extend(acts.iter().map(|a| Act {
            channel: at(&self.channels, a.channel),
            source: at(&self.sources, a.source),
            category: at(&self.categories, a.category),
            ..*a
        }));
    }
}

fn place(names: &[String], name: &str) -> u16 {
    names.iter().position(|n| n == name).map_or(UNNAMED, |p| p as u16)
}
