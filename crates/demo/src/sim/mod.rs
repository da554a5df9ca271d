//! The simulation: a queue of acts in time order, day by day. An act changes a person, says events and plans more acts.
//!
//! Memory holds the people, one day's events and what is still under way (late phones, deliveries), never the history.
//! Start reading at [`Batches`], then [`World::act`]: `visit` and `message` are how people meet the brand, `order` is
//! what they buy and why, `after` what follows, `session` and `say` write it down, `outbox` makes it arrive.

mod after;
mod ledger;
mod mess;
mod message;
mod order;
mod outbox;
mod say;
mod session;
mod visit;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use throughline_base::Rng;
use throughline_base::time::DAY_MS;

use self::ledger::Ledger;
use self::outbox::Outbox;
use crate::calendar::{PEAK, demand, local_day};
use crate::catalogue::{Product, catalogue};
use crate::channel::Channel;
use crate::people::{Person, exponential, population};
use crate::text::mix;
use crate::{DemoBatch, DemoConfig, SpendRow, Truth};

/// What somebody does at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    /// The next visit of their own accord.
    Visit,
    /// A visit by a way that is already known.
    Return(Channel),
    /// An order that would have come anyway.
    Baseline,
    /// An order a touch has caused: its channel and instant.
    Caused(Channel, i64),
    /// A newsletter, an SMS, an article of the official account.
    Mail,
    Sms,
    Article,
    /// A parcel leaves, a parcel comes: index of the order.
    Shipped(u32),
    Delivered(u32),
    /// Goods go back.
    Refund(u32),
    /// The service desk is asked, about an order.
    Service(u32),
    /// A survey is answered, about an order.
    Survey(u32),
    /// A Tmall buyer joins the membership.
    BindBuyer,
    /// The phone number is a new one from now on.
    NewPhone,
    /// Consent is taken back.
    Withdraw(Channel),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Planned {
    at: i64,
    seq: u64,
    person: u32,
    act: Act,
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.seq).cmp(&(other.at, other.seq))
    }
}

/// Everybody and everything.
struct World {
    seed: u64,
    from: i64,
    until: i64,
    products: Vec<Product>,
    people: Vec<Person>,
    agenda: Vec<Vec<Planned>>,
    today: BinaryHeap<Reverse<Planned>>,
    /// The day is being lived: what is planned for it joins the queue.
    awake: bool,
    day: usize,
    seq: u64,
    ledger: Ledger,
    outbox: Outbox,
    /// For what is nobody's: robots, kiosks, campaigns.
    rng: Rng,
    users: u32,
    members: u32,
}

/// Everything the brand's touchpoints send, in the order of arrival.
pub struct Batches {
    world: World,
    ready: VecDeque<DemoBatch>,
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl Batches {
    pub(crate) fn new(config: &DemoConfig, write_keys: &[String]) -> Self {
        Self { world: World::new(config, write_keys), ready: VecDeque::new() }
    }

    /// How much of the history has been generated, `0..=1`.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.world.day as f64 / self.world.agenda.len() as f64
    }

    /// The truth about what has been generated so far; the whole truth when the iterator has ended.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.world.ledger.truth(&self.world.people, self.world.until)
    }

    /// Advertising spend of the days generated so far.
    #[must_use]
    pub fn ad_spend(&self) -> Vec<SpendRow> {
        let w = &self.world;
        let end = (w.from + w.day as i64 * DAY_MS).min(w.until);
        w.ledger.spend(w.seed, local_day(w.from), local_day(end))
    }
}

impl Iterator for Batches {
    type Item = DemoBatch;

    fn next(&mut self) -> Option<DemoBatch> {
        while self.ready.is_empty() && self.world.day < self.world.agenda.len() {
            self.world.live_a_day();
            self.ready.extend(self.world.outbox.close(self.world.day));
            self.world.day += 1;
        }
        self.ready.pop_front()
    }
}

impl World {
    fn new(config: &DemoConfig, write_keys: &[String]) -> Self {
        let (from, until) = (config.from().ms(), config.until.ms());
        let days = ((until - from) / DAY_MS + 1).max(1) as usize;
        let mut world = Self {
            seed: config.seed,
            from,
            until,
            products: catalogue(),
            people: population(config),
            agenda: vec![Vec::new(); days],
            today: BinaryHeap::new(),
            awake: false,
            day: 0,
            seq: 0,
            ledger: Ledger::default(),
            outbox: Outbox::new(config, write_keys.to_vec()),
            rng: Rng::seeded(mix(&[config.seed, 31])),
            users: 0,
            members: 0,
        };
        for person in 0..world.people.len() {
            world.first_acts(person);
        }
        world
    }

    /// The first visit brings somebody in; their baseline orders start with it.
    fn first_acts(&mut self, person: usize) {
        let born = self.people[person].born;
        self.plan(born, person, Act::Visit);
        self.plan_baseline(person, born);
        let change = self.people[person].phone_change_at;
        if change < self.until {
            self.plan(change + DAY_MS, person, Act::NewPhone);
        }
    }

    /// Plans an act, unless it lies beyond the end.
    fn plan(&mut self, at: i64, person: usize, act: Act) {
        if at > self.until {
            return;
        }
        self.seq += 1;
        let planned = Planned { at, seq: self.seq, person: person as u32, act };
        let day = ((at - self.from) / DAY_MS) as usize;
        if day <= self.day && self.awake {
            self.today.push(Reverse(planned));
        } else {
            self.agenda[day.max(self.day)].push(planned);
        }
    }

    /// Plans the next baseline candidate at the peak rate; [`Act::Baseline`] thins it by the demand of its day.
    fn plan_baseline(&mut self, person: usize, now: i64) {
        let p = &mut self.people[person];
        if p.order_rate <= 0.0 {
            return;
        }
        let wait = exponential(&mut p.rng, 1.0 / (p.order_rate * PEAK));
        self.plan_later(person, now, wait, Act::Baseline);
    }

    /// Plans an act `wait` ms from now.
    fn plan_later(&mut self, person: usize, now: i64, wait: f64, act: Act) {
        // Beyond a hundred years nothing is planned, so the sum cannot overflow.
        if wait < 3.0e12 {
            self.plan(now + 1 + wait as i64, person, act);
        }
    }

    fn live_a_day(&mut self) {
        self.start_campaigns();
        let planned = std::mem::take(&mut self.agenda[self.day]);
        self.today = planned.into_iter().map(Reverse).collect();
        self.awake = true;
        while let Some(Reverse(next)) = self.today.pop() {
            self.act(next);
        }
        self.awake = false;
        self.robots();
    }

    fn act(&mut self, planned: Planned) {
        let (at, person) = (planned.at, planned.person as usize);
        match planned.act {
            Act::Visit => self.visit(person, at),
            Act::Return(channel) => self.come_by(person, at, channel),
            Act::Baseline => self.baseline(person, at),
            Act::Caused(channel, touched_at) => self.order(person, at, Some((channel, touched_at))),
            Act::Mail => self.mail(person, at),
            Act::Sms => self.sms(person, at),
            Act::Article => self.article(person, at),
            Act::Shipped(order) => self.shipped(order, at),
            Act::Delivered(order) => self.delivered(order, at),
            Act::Refund(order) => self.refund(order, at),
            Act::Service(order) => self.service(order, at),
            Act::Survey(order) => self.survey(order, at),
            Act::BindBuyer => self.bind_buyer(person, at),
            Act::NewPhone => self.new_phone(person, at),
            Act::Withdraw(channel) => self.withdraw(person, at, channel),
        }
    }

    /// Lets a touch work: from now on it raises the rate of buying, and it may have caused an order.
    fn touch(&mut self, person: usize, at: i64, channel: Channel, strength: f64) {
        let facts = channel.facts();
        let p = &mut self.people[person];
        let mass = facts.mass * p.weight * strength * demand(local_day(at)).min(2.0);
        if mass <= 0.0 {
            return;
        }
        p.raised.retain(|r| ((at - r.at) as f64) < 12.0 * r.channel.facts().tau_ms);
        p.raised.push(crate::people::Raised { channel, at, mass });
        if p.rng.chance(1.0 - (-mass).exp()) {
            let wait = exponential(&mut p.rng, facts.tau_ms);
            self.plan_later(person, at, wait, Act::Caused(channel, at));
        }
    }

    /// 128 fresh bits for a message id.
    fn message_id(&mut self, person: usize) -> u128 {
        let rng = &mut self.people[person].rng;
        u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
    }
}
