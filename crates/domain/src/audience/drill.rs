//! Made-up people for measuring: the same ones on every machine, as many as asked for, without a store.

use serde_json::json;
use throughline_base::Timestamp;
use throughline_base::id::ID_EPOCH_MS;
use throughline_base::time::DAY_MS;

use super::behaviour::Behaviour;
use super::facts::{EventFacts, Facts, TouchFacts};
use super::program::{Program, Slot};
use super::scan::Scan;
use super::touched::Touched;
use crate::event::{EventKind, EventValue};

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drilled {
    /// Events shown.
    pub events: u64,
    /// Of those, events that a track took in.
    pub taken: u64,
    /// Persons that are in the first part at the end.
    pub members: u64,
    /// Bytes of the states of all persons, where states are kept.
    pub state_bytes: u64,
    /// Persons that have a state.
    pub states: u64,
}

/// Of a hundred events, how many have which name. Slots are asked for once a name.
const NAMES: [(&str, u64); 8] = [
    ("$page", 46),
    ("Product Viewed", 28),
    ("Product Added", 9),
    ("Email Opened", 6),
    ("Order Completed", 4),
    ("Coupon Redeemed", 3),
    ("Store Visited", 2),
    ("Signed In", 2),
];
/// The days over which events are spread.
const DAYS: i64 = 180;
const CATEGORIES: [&str; 4] = ["护肤", "彩妆", "香水", "个护"];

/// A sequence of numbers that looks random and is the same everywhere (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// One made-up event: which name, when, how much, which of the prepared properties.
struct Made {
    name: usize,
    at: i64,
    id: i64,
    minor: i64,
    order: u64,
    properties: usize,
}

/// The events of one person in order of time, most of them lately.
fn life(person: u64, n: usize, now: Timestamp, out: &mut Vec<Made>) {
    let mut dice = Dice(person.wrapping_mul(0x2545_f491_4f6c_dd1d));
    out.clear();
    for _ in 0..n {
        let mut pick = dice.next() % 100;
        let name = NAMES.iter().position(|(_, share)| {
            let here = pick < *share;
            pick = pick.saturating_sub(*share);
            here
        });
        let r = dice.next();
        let ago = (r % (DAYS * DAY_MS) as u64) as i64;
        let at = now.ms() - ago;
        let id = (at + 800 - ID_EPOCH_MS).max(0) << 22 | (r >> 50) as i64;
        let d = dice.next();
        out.push(Made {
            name: name.unwrap_or(0),
            at,
            id,
            minor: (d % 60_000) as i64,
            order: d >> 20,
            properties: (d % 64) as usize,
        });
    }
    out.sort_unstable_by_key(|m| (m.at, m.id));
}

fn properties() -> Vec<String> {
    let one = |i: usize| {
        let category = CATEGORIES[i % CATEGORIES.len()];
        json!({
            "product_id": format!("sku-{i}"), "name": "保湿精华液 50ml", "category": category, "brand": "Aurora",
            "price": 59 + i, "quantity": 1 + i % 3, "url": "https://shop.example/p/123?ref=home",
            "products": [{"product_id": format!("sku-{i}"), "category": category, "price": 59 + i}],
        })
        .to_string()
    };
    (0..64).map(one).collect()
}

fn facts<'a>(m: &Made, properties: &'a [String], order: &'a str) -> EventFacts<'a> {
    let name = NAMES[m.name].0;
    let is_order = name == "Order Completed";
    EventFacts {
        id: m.id,
        at: Timestamp::from_ms(m.at),
        kind: if name == "$page" { EventKind::Page } else { EventKind::Track },
        name,
        page: (name == "$page").then_some("home"),
        value: is_order.then_some(EventValue { minor: m.minor, currency: throughline_base::Currency::CNY }),
        order_id: is_order.then_some(order),
        touch: TouchFacts { channel: "email", ..TouchFacts::default() },
        source: "shop",
        source_kind: "web",
        properties: &properties[m.properties],
    }
}

/// A full evaluation of the first part of a program over `people` persons (`first` is the number of the first, so that
/// threads share the work) with `events` events each, all read in order as from files.
#[must_use]
pub fn scan_people(program: &Program, first: u64, people: u64, events: usize, now: Timestamp) -> Drilled {
    let slots: Vec<Option<Slot>> = NAMES.iter().map(|(name, _)| program.slot(name)).collect();
    let properties = properties();
    let mut scan = Scan::new(program, 0);
    let (mut made, mut order, mut out) = (Vec::new(), String::new(), Drilled::default());
    let nobody = Facts::default();
    for person in first..first + people {
        life(person, events, now, &mut made);
        for m in &made {
            out.events += 1;
            if let Some(slot) = slots[m.name] {
                out.taken += 1;
                write_order(&mut order, m.order);
                scan.event(slot, &facts(m, &properties, &order));
            }
        }
        out.members += u64::from(scan.is_in(&nobody, now));
    }
    out
}

/// What following live events costs: each person's state is read, takes in one event after another, is pruned, evaluated
/// where it was touched and written again.
#[must_use]
pub fn follow_people(program: &Program, people: u64, events: usize, now: Timestamp) -> Drilled {
    let properties = properties();
    let (mut made, mut order, mut out) = (Vec::new(), String::new(), Drilled::default());
    let nobody = Facts::default();
    let first = program.ids().next();
    for person in 0..people {
        life(person, events, now, &mut made);
        let mut stored: Vec<u8> = Vec::new();
        let mut is_in = false;
        for m in &made {
            out.events += 1;
            write_order(&mut order, m.order);
            let mut behaviour = Behaviour::decode(&stored).unwrap_or_default();
            let mut touched = Touched::default();
            if program.occur(&facts(m, &properties, &order), &mut behaviour, &mut touched) {
                out.taken += 1;
                let at = Timestamp::from_ms(m.at);
                behaviour.prune(program, at);
                let outcome = program.evaluate_touched(&touched, &nobody, &behaviour, at);
                is_in = outcome.members.iter().find(|(id, _)| Some(*id) == first).map_or(is_in, |(_, holds)| *holds);
                stored = behaviour.encode();
            }
        }
        out.members += u64::from(is_in);
        out.states += u64::from(!stored.is_empty());
        out.state_bytes += stored.len() as u64;
    }
    out
}

fn write_order(into: &mut String, order: u64) {
    use std::fmt::Write as _;
    into.clear();
    write!(into, "{order}").expect("writing to a String does not fail");
}
