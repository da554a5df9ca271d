//! Conversions of one person: which events are one, which repeat one, which take one back.

use std::collections::HashMap;

use super::options::{Count, Plan};
use super::touches::Effect;
use super::{IN_STORE, PathEvent, QUALIFIES, REFUND};

/// Two conversions without order id and with the same name and value within this time are one.
const SOFT_MS: i64 = 60_000;
/// So many conversions back such a double is looked for.
const SOFT_SCAN: usize = 100;
/// Up to so many orders a list is searched faster than a map.
const FEW: usize = 16;

/// A conversion of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conversion {
    pub(super) at: i64,
    pub(super) value_minor: i64,
    /// Touches made up to it.
    pub(super) touches: u32,
    pub(super) in_store: bool,
    /// The person's first.
    pub(super) first: bool,
    name: u32,
    order_key: u64,
    rank: u16,
    /// Refunds before the period, until its end, and over all time.
    pub(super) refunded_before: i64,
    pub(super) refunded_until: i64,
    pub(super) refunded: i64,
}

#[derive(Debug, Clone, Copy)]
struct Refund {
    at: i64,
    order_key: u64,
    /// 0 for all of it.
    amount: i64,
}

/// What happened to refunds and doubles.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) duplicates: u64,
    pub(super) soft_duplicates: u64,
    pub(super) refunds_unknown: u64,
    pub(super) refunds_ignored: u64,
    /// Value of unknown refunds in the period, as a positive number.
    pub(super) unknown_minor: i128,
}

/// The conversions of one person, built event by event.
#[derive(Debug, Default)]
pub(super) struct Orders {
    pub(super) conversions: Vec<Conversion>,
    pub(super) tally: Tally,
    refunds: Vec<Refund>,
    known: OrderIndex,
    latest: Vec<Latest>,
}

/// The latest counted conversion of a platform, for [`Count::OncePerSession`].
#[derive(Debug, Clone, Copy)]
struct Latest {
    platform: u16,
    session: u32,
    at: i64,
}

impl Orders {
    pub(super) fn clear(&mut self) {
        self.conversions.clear();
        self.refunds.clear();
        self.known.clear();
        self.latest.clear();
        self.tally = Tally::default();
    }

    /// Takes in an event; true when it is a new conversion.
    pub(super) fn event(&mut self, plan: &Plan, e: &PathEvent, effect: Effect, touches: u32) -> bool {
        if e.is(REFUND) {
            self.refunds.push(Refund { at: e.event_at, order_key: e.order_key, amount: magnitude(e.value_minor) });
            return false;
        }
        let names = &plan.options.names;
        if !e.is(QUALIFIES) || !(names.is_empty() || names.contains(&e.name)) {
            if e.order_key != 0 && self.known.get(e.order_key).is_none() {
                self.known.set(e.order_key, None);
            }
            return false;
        }
        if self.repeats(e) {
            return false;
        }
        if !self.counts(plan, e, effect) {
            if e.order_key != 0 {
                self.known.set(e.order_key, None);
            }
            return false;
        }
        if e.order_key != 0 {
            self.known.set(e.order_key, Some(self.conversions.len() as u32));
        }
        self.conversions.push(Conversion {
            at: e.event_at,
            value_minor: e.value_minor,
            touches,
            in_store: e.is(IN_STORE),
            first: self.conversions.is_empty(),
            name: e.name,
            order_key: e.order_key,
            rank: e.rank(),
            refunded_before: 0,
            refunded_until: 0,
            refunded: 0,
        });
        true
    }

    /// Whether the event repeats a conversion. The first one keeps its instant and path, the source of the highest
    /// rank sets value and place.
    fn repeats(&mut self, e: &PathEvent) -> bool {
        if e.order_key == 0 {
            let soft = self.conversions.iter().rev().take(SOFT_SCAN);
            let soft = soft.take_while(|c| e.event_at.saturating_sub(c.at) <= SOFT_MS);
            let mut same = soft.filter(|c| c.order_key == 0 && c.name == e.name && c.value_minor == e.value_minor);
            let repeated = same.next().is_some();
            self.tally.soft_duplicates += u64::from(repeated);
            return repeated;
        }
        let Some(Some(i)) = self.known.get(e.order_key) else { return false };
        let conversion = &mut self.conversions[i as usize];
        if e.rank() > conversion.rank {
            conversion.rank = e.rank();
            conversion.value_minor = e.value_minor;
            conversion.in_store = e.is(IN_STORE);
        }
        self.tally.duplicates += 1;
        true
    }

    fn counts(&mut self, plan: &Plan, e: &PathEvent, effect: Effect) -> bool {
        match plan.options.count {
            Count::Every => true,
            Count::OncePerPerson => self.conversions.is_empty(),
            Count::OncePerSession => {
                let this = Latest { platform: e.platform, session: effect.session, at: e.event_at };
                let on_servers = effect.session == 0;
                let latest =
                    self.latest.iter_mut().find(|l| l.platform == e.platform && (l.session == 0) == on_servers);
                let Some(latest) = latest else {
                    self.latest.push(this);
                    return true;
                };
                // Servers have no sessions: what follows within a session's gap counts as the same one.
                let same = if on_servers {
                    e.event_at.saturating_sub(latest.at) <= plan.options.session_gap_ms
                } else {
                    latest.session == effect.session
                };
                if !same {
                    *latest = this;
                }
                !same
            }
        }
    }

    /// Joins the refunds with their orders, in order, each order up to what it is worth: one that is cancelled and
    /// refunded goes back once.
    pub(super) fn settle(&mut self, plan: &Plan) {
        for refund in &self.refunds {
            let conversion = match (refund.order_key != 0).then(|| self.known.get(refund.order_key)).flatten() {
                Some(Some(i)) => &mut self.conversions[i as usize],
                Some(None) => {
                    self.tally.refunds_ignored += 1;
                    continue;
                }
                None => {
                    if plan.in_period(refund.at) {
                        self.tally.refunds_unknown += 1;
                        self.tally.unknown_minor += i128::from(refund.amount);
                    }
                    continue;
                }
            };
            let left = conversion.value_minor.max(0) - conversion.refunded;
            let back = if refund.amount == 0 { left } else { refund.amount.min(left) };
            if back == 0 {
                self.tally.refunds_ignored += 1;
                continue;
            }
            conversion.refunded += back;
            // A clock may date a refund before its order; money does not go back before it came.
            let at = refund.at.max(conversion.at);
            if at < plan.options.to_ms {
                conversion.refunded_until += back;
            }
            if at < plan.options.from_ms {
                conversion.refunded_before += back;
            }
        }
    }
}

fn magnitude(value: i64) -> i64 {
    value.checked_abs().unwrap_or(i64::MAX)
}

/// Order keys of one person: the conversion they stand for, or none for orders that are no conversion.
#[derive(Debug, Default)]
struct OrderIndex {
    few: Vec<(u64, Option<u32>)>,
    many: HashMap<u64, Option<u32>>,
}

impl OrderIndex {
    fn clear(&mut self) {
        self.few.clear();
        if !self.many.is_empty() {
            self.many = HashMap::new();
        }
    }

    fn get(&self, key: u64) -> Option<Option<u32>> {
        if self.many.is_empty() {
            return self.few.iter().find(|(k, _)| *k == key).map(|(_, c)| *c);
        }
        self.many.get(&key).copied()
    }

    fn set(&mut self, key: u64, conversion: Option<u32>) {
        if self.many.is_empty() {
            if let Some(entry) = self.few.iter_mut().find(|(k, _)| *k == key) {
                entry.1 = conversion;
                return;
            }
            if self.few.len() < FEW {
                self.few.push((key, conversion));
                return;
            }
            self.many.extend(self.few.drain(..));
        }
        self.many.insert(key, conversion);
    }
}
