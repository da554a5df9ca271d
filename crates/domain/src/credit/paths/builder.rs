//! The pass: one person after another into an [`Accumulator`].

use throughline_base::Problem;
use throughline_base::time::DAY_MS;

use super::options::{PathMode, PathOptions, Plan, RefundDate};
use super::orders::{Conversion, Orders};
use super::touches::{Made, Touches};
use super::{MAX_TOUCHES, PathEvent};
use crate::credit::accumulate::{Accumulator, Bucket, CONVERSION_UNITS, Credit, LAG_DAYS, Presence};
use crate::credit::model::Model;
use crate::credit::path_table::PathTally;
use crate::credit::split::{Splitter, split_equally};
use crate::touch::{Catalog, NO_TOUCH, TouchFacts};

/// So many touches back a conversion looks at most. A person with more touches within one look-back is a machine.
const MAX_SCAN: usize = 10_000;

/// Builds paths and divides conversions, fed one person at a time.
#[derive(Debug)]
pub struct PathBuilder<'a> {
    facts: &'a [TouchFacts],
    direct: u32,
    plan: Plan,
    touches: Touches,
    orders: Orders,
    /// Eligible touches of the conversion at hand, oldest first.
    path: Vec<Made>,
    channels: Vec<u32>,
    /// By level and key: the conversion that met it last.
    met: [Vec<u32>; 3],
    serial: u32,
    shares: Shares,
    sums: Accumulator,
}

/// The conversion's amounts, as far as they count in the period.
#[derive(Debug, Clone, Copy)]
struct Amounts {
    /// Value of the order when it belongs to the period, else 0.
    gross: i64,
    /// The order's value, for the frozen shares.
    value: i64,
    refunded_before: i64,
    refunded_until: i64,
    counted: bool,
    new_customer: bool,
}

impl Amounts {
    /// What the conversion adds to the period.
    fn net(&self) -> i128 {
        i128::from(self.gross) - i128::from(self.refunded_until) + i128::from(self.refunded_before)
    }

    fn whole(&self) -> Credit {
        let units = if self.counted { i128::from(CONVERSION_UNITS) } else { 0 };
        let new_customer_units = if self.new_customer { units } else { 0 };
        Credit { value_minor: self.net(), conversion_units: units, new_customer_units }
    }
}

impl<'a> PathBuilder<'a> {
    /// A builder over the touches of `catalog`.
    ///
    /// # Errors
    /// When an option is out of range: which, and what it may be.
    pub fn new(catalog: &'a Catalog, options: &PathOptions) -> Result<Self, Problem> {
        let plan = Plan::new(options)?;
        let keys = [catalog.channels().len(), catalog.campaigns().len(), catalog.touchpoints().len()];
        Ok(Self {
            facts: catalog.facts(),
            direct: catalog.direct(),
            touches: Touches::default(),
            orders: Orders::default(),
            path: Vec::with_capacity(MAX_TOUCHES),
            channels: Vec::with_capacity(MAX_TOUCHES),
            met: keys.map(|n| vec![0; n]),
            serial: 0,
            shares: Shares::default(),
            sums: Accumulator::new(catalog.facts().len(), keys, options.path_limit),
            plan,
        })
    }

    /// Takes in one person: all their events in the order of (`event_at`, `event_id`). `identified` says whether the
    /// person is known by more than a device.
    pub fn person(&mut self, identified: bool, events: &[PathEvent]) {
        self.touches.clear();
        self.orders.clear();
        for e in events {
            let effect = self.touches.event(&self.plan, self.facts, self.direct, e);
            let made = self.touches.made.len();
            self.sums.totals.sessions += u64::from(effect.began && self.plan.in_period(e.event_at));
            self.sums.totals.unknown_touches += u64::from(e.touch as usize > self.facts.len());
            if self.orders.event(&self.plan, e, effect, made as u32) {
                self.touches.freeze();
            }
        }
        self.orders.settle(&self.plan);
        self.sums.totals.people += 1;
        self.sums.totals.events += events.len() as u64;
        self.count_touches();
        self.count_orders();
        let mut floor = 0;
        for i in 0..self.orders.conversions.len() {
            let conversion = self.orders.conversions[i];
            self.conversion(&conversion, floor);
            if self.plan.options.mode == PathMode::Cut {
                floor = conversion.touches as usize;
            }
        }
        self.null_path();
        if identified && !self.orders.conversions.is_empty() {
            self.crossings();
        }
    }

    /// The sums so far; the builder is done.
    #[must_use]
    pub fn finish(self) -> Accumulator {
        self.sums
    }

    fn count_touches(&mut self) {
        for made in &self.touches.made {
            if made.touch != NO_TOUCH && self.plan.in_period(made.at) {
                self.sums.cells[made.touch as usize - 1].touches += 1;
                self.sums.totals.touches += 1;
            }
        }
    }

    fn count_orders(&mut self) {
        let tally = self.orders.tally;
        let totals = &mut self.sums.totals;
        totals.duplicates += tally.duplicates;
        totals.soft_duplicates += tally.soft_duplicates;
        totals.refunds_unknown += tally.refunds_unknown;
        totals.refunds_ignored += tally.refunds_ignored;
        totals.refunds_minor += tally.unknown_minor;
        totals.value_minor -= tally.unknown_minor;
        totals.unattributed_minor -= tally.unknown_minor;
    }

    /// What of the conversion belongs to the period; `None` when nothing does.
    fn amounts(&self, c: &Conversion) -> Option<Amounts> {
        let inside = self.plan.in_period(c.at);
        let (refunded_before, refunded_until) = match self.plan.options.refund_date {
            RefundDate::Order if inside => (0, c.refunded),
            RefundDate::Order => (0, 0),
            RefundDate::Refund if inside => (0, c.refunded_until),
            RefundDate::Refund => (c.refunded_before, c.refunded_until),
        };
        if !inside && refunded_before == refunded_until {
            return None;
        }
        let gone = self.plan.options.net_count && c.value_minor > 0 && c.refunded >= c.value_minor;
        let counted = inside && !gone;
        Some(Amounts {
            gross: if inside { c.value_minor } else { 0 },
            value: c.value_minor,
            refunded_before,
            refunded_until,
            counted,
            new_customer: counted && c.first,
        })
    }

    fn conversion(&mut self, c: &Conversion, floor: usize) {
        let Some(amounts) = self.amounts(c) else { return };
        let shortened = self.eligible(c, floor);
        let totals = &mut self.sums.totals;
        let net = amounts.net();
        totals.value_minor += net;
        totals.gross_minor += i128::from(amounts.gross);
        totals.refunds_minor += i128::from(amounts.refunded_until) - i128::from(amounts.refunded_before);
        totals.conversions += u64::from(amounts.counted);
        totals.new_customers += u64::from(amounts.new_customer);
        totals.shortened += u64::from(shortened && amounts.counted);
        let window_start = c.at.saturating_sub(self.plan.reach_ms);
        let truncated = self.plan.options.history_start_ms.is_some_and(|start| window_start < start);
        totals.left_truncated += u64::from(truncated && amounts.counted);
        if self.path.is_empty() {
            totals.unattributed_minor += net;
            totals.unattributed_conversions += u64::from(amounts.counted);
            totals.unattributed_new_customers += u64::from(amounts.new_customer);
            return;
        }
        self.credit(c, &amounts);
        self.presence(&amounts);
        self.shape(c, &amounts);
    }

    /// Fills `path` with the eligible touches, oldest first; true when more than [`MAX_TOUCHES`] were.
    fn eligible(&mut self, c: &Conversion, floor: usize) -> bool {
        self.path.clear();
        let mut shortened = false;
        let seen = &self.touches.made[floor..c.touches as usize];
        for made in seen.iter().rev().take(MAX_SCAN) {
            let gap = c.at.saturating_sub(made.at);
            if gap > self.plan.reach_ms {
                break;
            }
            let kind = self.facts[made.touch as usize - 1].kind;
            if gap < 0 || gap > self.plan.look_back_ms(kind) {
                continue;
            }
            if self.path.len() == MAX_TOUCHES {
                shortened = true;
                break;
            }
            self.path.push(*made);
        }
        self.path.reverse();
        if self.plan.options.campaign_first {
            let facts = self.facts;
            let has_campaign = |m: &Made| facts[m.touch as usize - 1].has_campaign;
            if self.path.iter().any(has_campaign) {
                self.path.retain(has_campaign);
            }
        }
        shortened
    }

    fn credit(&mut self, c: &Conversion, amounts: &Amounts) {
        let last = self.path.len() - 1;
        let whole = amounts.whole();
        let facts = self.facts;
        let newest =
            |wanted: &dyn Fn(&TouchFacts) -> bool| self.path.iter().rposition(|m| wanted(&facts[m.touch as usize - 1]));
        let non_direct = newest(&|f| !f.direct).unwrap_or(last);
        let paid = newest(&|f| f.paid).unwrap_or(non_direct);
        for (model, at) in
            [(Model::First, 0), (Model::Last, last), (Model::LastNonDirect, non_direct), (Model::LastPaid, paid)]
        {
            give(&mut self.sums, self.path[at].touch, model, whole);
        }
        if last == 0 {
            for model in [Model::Linear, Model::TimeDecay, Model::Position] {
                give(&mut self.sums, self.path[0].touch, model, whole);
            }
            return;
        }
        let n = self.path.len();
        self.shares.linear(n, amounts);
        self.spread(Model::Linear);
        let gaps = self.path.iter().map(|m| c.at.saturating_sub(m.at).unsigned_abs());
        self.plan.weigher.time_decay(gaps, &mut self.shares.weights);
        self.shares.weighted(amounts);
        self.spread(Model::TimeDecay);
        self.plan.weigher.position(n, &mut self.shares.weights);
        self.shares.weighted(amounts);
        self.spread(Model::Position);
    }

    fn spread(&mut self, model: Model) {
        for (made, share) in self.path.iter().zip(&self.shares.credit) {
            give(&mut self.sums, made.touch, model, *share);
        }
    }

    /// Counts what counts once per conversion and key, at each level.
    fn presence(&mut self, amounts: &Amounts) {
        self.serial = self.serial.wrapping_add(1);
        if self.serial == 0 {
            self.met.iter_mut().for_each(|m| m.fill(0));
            self.serial = 1;
        }
        let levels = |n: u32| {
            let f = &self.facts[n as usize - 1];
            [f.channel, f.campaign, f.touchpoint]
        };
        let last = self.path.last().map_or([0; 3], |m| levels(m.touch));
        for made in &self.path {
            for (level, key) in levels(made.touch).into_iter().enumerate() {
                let met = &mut self.met[level][key as usize];
                if *met == self.serial {
                    continue;
                }
                *met = self.serial;
                let cell: &mut Presence = &mut self.sums.presence[level][key as usize];
                cell.value_minor += amounts.net();
                cell.conversions += u64::from(amounts.counted);
                cell.new_customers += u64::from(amounts.new_customer);
                cell.assisted += u64::from(amounts.counted && key != last[level]);
            }
        }
    }

    /// Path length, time lag and the path itself.
    fn shape(&mut self, c: &Conversion, amounts: &Amounts) {
        let conversions = u64::from(amounts.counted);
        let value_minor = amounts.net();
        let add = |bucket: &mut Bucket| {
            bucket.conversions += conversions;
            bucket.value_minor += value_minor;
        };
        add(&mut self.sums.path_lengths[self.path.len()]);
        let lag = c.at.saturating_sub(self.path[0].at) / DAY_MS;
        add(&mut self.sums.lag_days[(lag as usize).min(LAG_DAYS)]);
        self.channels.clear();
        self.channels.extend(self.path.iter().map(|m| self.facts[m.touch as usize - 1].channel));
        self.sums.paths.add(&self.channels, PathTally { conversions, value_minor, nulls: 0 });
    }

    /// Touches of the period that led to nothing are one null path. With [`PathMode::Cut`] those after the last
    /// conversion, with [`PathMode::Window`] those of people who never converted.
    fn null_path(&mut self) {
        let floor = match (self.plan.options.mode, self.orders.conversions.last()) {
            (PathMode::Window, Some(_)) => return,
            (PathMode::Cut, Some(c)) => c.touches as usize,
            (PathMode::Window | PathMode::Cut, None) => 0,
        };
        let rest = self.touches.made[floor..].iter().rev().filter(|m| self.plan.in_period(m.at));
        let mut rest = rest.take(MAX_TOUCHES).peekable();
        let Some(newest) = rest.peek() else { return };
        self.sums.totals.null_paths += 1;
        let open = self.plan.options.to_ms.saturating_sub(newest.at) <= self.plan.reach_ms;
        self.sums.totals.open_paths += u64::from(open);
        if self.plan.options.keep_null_paths {
            self.channels.clear();
            self.channels.extend(rest.map(|m| self.facts[m.touch as usize - 1].channel));
            self.channels.reverse();
            self.sums.paths.add(&self.channels, PathTally { nulls: 1, ..PathTally::default() });
        }
    }

    /// Online → store and store → online.
    fn crossings(&mut self) {
        let window = i64::from(self.plan.options.cross_days) * DAY_MS;
        let (mut in_store, mut in_store_touched, mut online, mut online_touched) = (false, false, false, false);
        for c in self.orders.conversions.iter().filter(|c| self.plan.in_period(c.at)) {
            let before = self.touches.made[..c.touches as usize].iter().rev().take(MAX_SCAN);
            let mut before = before.take_while(|m| c.at.saturating_sub(m.at) <= window);
            if c.in_store {
                in_store = true;
                in_store_touched |= before.any(|m| self.facts[m.touch as usize - 1].online);
            } else {
                online = true;
                online_touched |= before.any(|m| !self.facts[m.touch as usize - 1].online);
            }
        }
        let totals = &mut self.sums.totals;
        totals.store_buyers += u64::from(in_store);
        totals.store_buyers_touched_online += u64::from(in_store_touched);
        totals.online_buyers += u64::from(online);
        totals.online_buyers_touched_in_store += u64::from(online_touched);
    }
}

fn give(sums: &mut Accumulator, touch: u32, model: Model, credit: Credit) {
    sums.cells[touch as usize - 1].credit[model as usize].add(credit);
}

/// Scratch space of the models that divide.
#[derive(Debug, Default)]
struct Shares {
    splitter: Splitter,
    weights: Vec<u64>,
    parts: Vec<i64>,
    frozen: Vec<u64>,
    credit: Vec<Credit>,
}

impl Shares {
    fn linear(&mut self, n: usize, amounts: &Amounts) {
        self.weights.clear();
        self.weights.resize(n, 1);
        self.divide(amounts, |_, amount, weights, parts| split_equally(amount, weights.len(), parts));
    }

    fn weighted(&mut self, amounts: &Amounts) {
        self.divide(amounts, Splitter::split);
    }

    /// Divides conversion and value by the weights. Refunds take back from the order's own parts, in proportion to
    /// them: a full refund takes back exactly what was given.
    fn divide(&mut self, amounts: &Amounts, split: impl Fn(&mut Splitter, i64, &[u64], &mut Vec<i64>)) {
        self.credit.clear();
        self.credit.resize(self.weights.len(), Credit::default());
        if amounts.counted {
            split(&mut self.splitter, CONVERSION_UNITS, &self.weights, &mut self.parts);
            for (credit, part) in self.credit.iter_mut().zip(&self.parts) {
                credit.conversion_units = i128::from(*part);
                credit.new_customer_units = if amounts.new_customer { i128::from(*part) } else { 0 };
            }
        }
        split(&mut self.splitter, amounts.value, &self.weights, &mut self.parts);
        if amounts.gross != 0 {
            for (credit, part) in self.credit.iter_mut().zip(&self.parts) {
                credit.value_minor = i128::from(*part);
            }
        }
        if amounts.refunded_until == 0 {
            return;
        }
        self.frozen.clear();
        self.frozen.extend(self.parts.iter().map(|p| p.unsigned_abs()));
        for (refunded, sign) in [(amounts.refunded_until, -1), (amounts.refunded_before, 1)] {
            self.splitter.split(refunded, &self.frozen, &mut self.parts);
            for (credit, part) in self.credit.iter_mut().zip(&self.parts) {
                credit.value_minor += sign * i128::from(*part);
            }
        }
    }
}
