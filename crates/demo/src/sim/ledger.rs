//! What really happened: whose identifier is whose, what each order was caused by, what the advertising cost.

use std::collections::BTreeMap;

use throughline_base::{Timestamp, money::split_largest_remainder};

use crate::channel::{Channel, PAID};
use crate::people::{Id, Ns, Owned, Person};
use crate::source::{SOURCES, at};
use crate::text::{date, digits, mix};
use crate::truth::{TrueIdentifier, TrueOrder, TruePerson, Truth};
use crate::{BASELINE, SpendRow};

/// An order as it happened.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) person: u32,
    pub(super) at: i64,
    pub(super) venue: usize,
    pub(super) revenue: i64,
    pub(super) refunded: i64,
    pub(super) cause: Option<(Channel, i64)>,
    /// Part of each channel; the baseline under `None`.
    pub(super) shares: Vec<(Option<Channel>, f64)>,
    pub(super) number: u32,
    /// User id the order was placed under; 0 for none.
    pub(super) user_no: u32,
    pub(super) sent: bool,
}

impl Order {
    /// `order_id` as the venue writes it.
    pub(super) fn id(&self) -> String {
        let mut day = String::new();
        date(&mut day, self.at + crate::calendar::CHINA_MS);
        let mut out = String::from(match self.venue {
            at::WEB => "W",
            at::APP => "A",
            at::MINI => "M",
            at::TMALL => "TM",
            _ => "S",
        });
        out.extend(day.chars().filter(char::is_ascii_digit));
        digits(&mut out, u64::from(self.number), 6);
        out
    }
}

/// Orders and clicks so far. Identifiers live with their people.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) orders: Vec<Order>,
    clicks: BTreeMap<(i64, u8, u8), u64>,
}

/// Notes that identifiers of one person have been seen together, which is evidence that they belong together.
pub(super) fn seen(person: &mut Person, ids: &[Id], at: i64) {
    let mut group = u16::MAX;
    for id in ids {
        let known = person.owned.iter().position(|o| o.id == *id);
        let slot = known.unwrap_or_else(|| {
            let group = person.owned.iter().map(|o| o.group + 1).max().unwrap_or(0);
            person.owned.push(owned(*id, at, group, person));
            person.owned.len() - 1
        });
        let own = person.owned[slot].group;
        if group == u16::MAX {
            group = own;
        } else if own != group {
            let (keep, drop) = (group.min(own), group.max(own));
            for o in person.owned.iter_mut().filter(|o| o.group == drop) {
                o.group = keep;
            }
            group = keep;
        }
    }
}

fn owned(id: Id, at: i64, group: u16, person: &Person) -> Owned {
    let to = if id == Id(Ns::Phone, person.phone) { person.phone_change_at } else { i64::MAX };
    Owned { id, from: at, to, group }
}

impl Ledger {
    /// A click on something paid, or a view that cost a click's worth of impressions.
    pub(super) fn click(&mut self, channel: Channel, local_day: i64, variant: u8) {
        if PAID.contains(&channel) {
            *self.clicks.entry((local_day, channel as u8, variant)).or_default() += 1;
        }
    }

    pub(super) fn truth(&self, people: &[Person], until: i64) -> Truth {
        Truth {
            people: people
                .iter()
                .enumerate()
                .filter(|(_, p)| !p.owned.is_empty())
                .map(|(i, p)| person(i, p, until))
                .collect(),
            orders: self.orders.iter().filter(|o| o.sent).map(order).collect(),
        }
    }

    /// Spend of every day and campaign up to `last_day`. Clicks hold the generated ones and some of people who left
    /// before the page had loaded; a day without clicks still shows the advertisement.
    pub(super) fn spend(&self, seed: u64, first_day: i64, last_day: i64) -> Vec<SpendRow> {
        let mut out = Vec::new();
        for day in first_day..=last_day {
            for channel in PAID {
                for variant in 0..2_u8 {
                    let real = self.clicks.get(&(day, channel as u8, variant)).copied().unwrap_or(0);
                    out.push(spend_row(seed, day, channel, variant, real));
                }
            }
        }
        out
    }
}

fn spend_row(seed: u64, day: i64, channel: Channel, variant: u8, real: u64) -> SpendRow {
    let facts = channel.facts();
    let h = mix(&[seed, day as u64, channel as u64, u64::from(variant), 41]);
    let clicks = real + (real * (h % 35)).div_ceil(100);
    let impressions = clicks * facts.impressions * (80 + (h >> 8) % 40) / 100 + (h >> 16) % 400;
    let cost_minor = clicks as i64 * facts.click_cost_minor * (85 + (h >> 24) as i64 % 30) / 100;
    let mut text = String::new();
    date(&mut text, day * throughline_base::time::DAY_MS);
    SpendRow {
        date: text,
        channel: facts.key,
        campaign: channel.campaign(day, variant),
        impressions,
        clicks,
        cost_minor,
        currency: "CNY",
    }
}

/// The name of a person in the truth.
pub(super) fn person_name(index: usize) -> String {
    format!("p{}", index + 1)
}

fn person(index: usize, p: &Person, until: i64) -> TruePerson {
    let identifiers = p.owned.iter().map(|o| TrueIdentifier {
        namespace: o.id.0.namespace(),
        value: p.text_of(o.id),
        valid_from: Timestamp::from_ms(o.from),
        valid_to: (o.to <= until).then(|| Timestamp::from_ms(o.to)),
        evidence_group: u32::from(o.group),
    });
    TruePerson {
        person: person_name(index),
        name: p.name.written(),
        segment: p.segment.as_str().to_owned(),
        identifiers: identifiers.collect(),
    }
}

fn order(o: &Order) -> TrueOrder {
    let key = |c: Option<Channel>| c.map_or(BASELINE, |c| c.facts().key).to_owned();
    // Millionths that sum to one: they read back from the truth file as they were written.
    let weights: Vec<f64> = o.shares.iter().map(|(_, share)| *share).collect();
    let parts = split_largest_remainder(1_000_000, &weights);
    let mut millionths: BTreeMap<String, i64> = BTreeMap::new();
    for ((channel, _), part) in o.shares.iter().zip(parts) {
        *millionths.entry(key(*channel)).or_default() += part;
    }
    let shares = millionths.into_iter().map(|(channel, part)| (channel, part as f64 / 1e6)).collect();
    TrueOrder {
        order_id: o.id(),
        person: person_name(o.person as usize),
        at: Timestamp::from_ms(o.at),
        venue: SOURCES[o.venue].key.to_owned(),
        revenue_minor: o.revenue,
        refunded_minor: o.refunded,
        cause: key(o.cause.map(|(c, _)| c)),
        cause_at: o.cause.map(|(_, at)| Timestamp::from_ms(at)),
        shares,
    }
}
