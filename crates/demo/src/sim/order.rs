//! Orders: what was bought, where, and what really caused it.

use throughline_base::time::{DAY_MS, HOUR_MS};

use super::ledger::Order;
use super::mess::mistyped;
use super::say::{Fields, Report};
use super::session::Session;
use super::{Act, World};
use crate::calendar::{Festival, demand, festival, local_day};
use crate::channel::Channel;
use crate::names::STORES;
use crate::people::{Id, Ns, Segment, exponential, plain_text};
use crate::source::at;
use crate::text::decimal;
use crate::wire::Verb;

/// What is in a basket: article and quantity.
type Lines = Vec<(usize, i64)>;

/// Amounts of an order, minor units.
struct Totals {
    total: i64,
    discount: i64,
    shipping: i64,
    revenue: i64,
    coupon: Option<&'static str>,
}

impl World {
    /// A candidate of the baseline: kept in proportion to the demand of its day, while the person is still interested.
    pub(super) fn baseline(&mut self, person: usize, now: i64) {
        let p = &mut self.people[person];
        if now > p.gone_at || p.flags.gone {
            return;
        }
        let keep = p.rng.chance(demand(local_day(now)) / crate::calendar::PEAK);
        self.plan_baseline(person, now);
        if keep {
            self.order(person, now, None);
        }
    }

    /// Somebody buys.
    pub(super) fn order(&mut self, person: usize, now: i64, cause: Option<(Channel, i64)>) {
        if self.people[person].flags.gone {
            return;
        }
        let shares = self.shares(person, now, cause);
        let venue = self.venue(person, cause.map(|(c, _)| c));
        let lines = self.basket(person);
        let totals = self.totals(person, now, &lines);
        let index = self.ledger.orders.len() as u32;
        self.ledger.orders.push(Order {
            person: person as u32,
            at: now,
            venue,
            revenue: totals.revenue,
            refunded: 0,
            cause,
            shares,
            number: index + 1,
            user_no: 0,
            sent: false,
        });
        match venue {
            at::STORES => self.buy_in_store(person, index, &lines, &totals),
            at::TMALL => self.buy_on_tmall(person, index, &lines, &totals),
            _ => self.buy_online(person, index, &lines, &totals),
        }
        let p = &mut self.people[person];
        p.orders += 1;
        p.flags.gone = p.segment == Segment::OneTime;
        if self.ledger.orders[index as usize].sent {
            self.aftermath(person, index);
        }
    }

    /// Each channel's part of the purchase hazard now. Independent Poisson processes: given that an order happens, the
    /// part of a process in the sum of the rates is the probability that it caused the order.
    fn shares(&self, person: usize, now: i64, cause: Option<(Channel, i64)>) -> Vec<(Option<Channel>, f64)> {
        let p = &self.people[person];
        let mut rates: Vec<(Option<Channel>, f64)> = Vec::with_capacity(4);
        let base = if now <= p.gone_at { p.order_rate * demand(local_day(now)) } else { 0.0 };
        if base > 0.0 {
            rates.push((None, base));
        }
        for r in &p.raised {
            let tau = r.channel.facts().tau_ms;
            let rate = r.mass / tau * (-((now - r.at).max(0) as f64) / tau).exp();
            match rates.iter_mut().find(|(c, _)| *c == Some(r.channel)) {
                Some((_, sum)) => *sum += rate,
                None => rates.push((Some(r.channel), rate)),
            }
        }
        let sum: f64 = rates.iter().map(|(_, r)| r).sum();
        if sum <= 0.0 {
            return vec![(cause.map(|(c, _)| c), 1.0)];
        }
        for (_, r) in &mut rates {
            *r /= sum;
        }
        rates
    }

    /// Where an order is placed: the favourite place mostly; a store visit ends at the till, live rooms at Tmall often.
    fn venue(&mut self, person: usize, cause: Option<Channel>) -> usize {
        let has_store = self.store_of(person).is_some();
        let p = &mut self.people[person];
        let home = usize::from(p.home);
        let draw = p.rng.unit();
        let venue = match cause {
            Some(Channel::Store) if draw < 0.7 => at::STORES,
            Some(Channel::Wechat) if draw < 0.7 => at::MINI,
            Some(Channel::Email) if draw < 0.6 => at::WEB,
            Some(_) | None if draw < 0.68 => home,
            Some(_) | None => [at::WEB, at::APP, at::MINI, at::TMALL, at::STORES][p.rng.below(5) as usize],
        };
        if venue == at::STORES && !has_store { at::MINI } else { venue }
    }

    fn basket(&mut self, person: usize) -> Lines {
        let count =
            1 + usize::from(self.people[person].rng.chance(0.4)) + usize::from(self.people[person].rng.chance(0.15));
        let mut lines: Lines = Vec::with_capacity(count);
        for article in self.articles(person, count) {
            let quantity = 1 + i64::from(self.people[person].rng.chance(0.18));
            if !lines.iter().any(|(a, _)| *a == article) {
                lines.push((article, quantity));
            }
        }
        lines
    }

    fn totals(&mut self, person: usize, now: i64, lines: &Lines) -> Totals {
        let total: i64 = lines.iter().map(|(a, q)| self.products[*a].price_minor * q).sum();
        let rng = &mut self.people[person].rng;
        let (percent, coupon) = match festival(local_day(now)) {
            Festival::DoubleEleven => (18, Some("D11")),
            Festival::MidYear => (14, Some("MID618")),
            Festival::Queens => (10, Some("QUEEN38")),
            Festival::None | Festival::SpringGifts | Festival::NewYear if rng.chance(0.12) => (8, Some("WELCOME8")),
            Festival::None | Festival::SpringGifts | Festival::NewYear => (0, None),
        };
        let discount = total * percent / 100;
        let shipping = if total - discount >= 19_900 { 0 } else { 1_200 };
        Totals { total, discount, shipping, revenue: total - discount, coupon }
    }

    fn order_props(&self, index: u32, lines: &Lines, totals: &Totals) -> Fields {
        let order = &self.ledger.orders[index as usize];
        let shipping = if order.venue == at::STORES { 0 } else { totals.shipping };
        let mut products = String::from("[");
        for (i, (article, quantity)) in lines.iter().enumerate() {
            if i > 0 {
                products.push(',');
            }
            products.push('{');
            products.push_str(&self.products[*article].json);
            crate::text::number(&mut products, "quantity", *quantity);
            products.push('}');
        }
        products.push(']');
        let mut out = Fields::new()
            .text("order_id", &order.id())
            .amount("revenue", totals.revenue)
            .amount("total", totals.revenue + shipping)
            .amount("subtotal", totals.total)
            .amount("discount", totals.discount)
            .amount("shipping", shipping)
            .text("currency", "CNY");
        if let Some(coupon) = totals.coupon {
            out = out.text("coupon", coupon);
        }
        out.raw("products", &products)
    }

    fn buy_online(&mut self, person: usize, index: u32, lines: &Lines, totals: &Totals) {
        let (at, venue) = (self.ledger.orders[index as usize].at, self.ledger.orders[index as usize].venue);
        let entry = self.last_step(person, at, venue, index);
        if entry != Channel::Direct {
            let variant = (self.own(person, 60) & 1) as u8;
            self.ledger.click(entry, local_day(at), variant);
        }
        let mut s = self.open(person, venue, at, entry);
        let articles: Vec<usize> = lines.iter().map(|(a, _)| *a).collect();
        self.look(&mut s, &articles);
        for (article, quantity) in lines {
            let json = self.products[*article].json.clone();
            self.track(
                &mut s,
                "Product Added",
                &Fields::new().and(&json).number("quantity", *quantity).text("currency", "CNY"),
            );
        }
        let guest = venue == at::WEB && self.people[person].user_no == 0 && self.people[person].rng.chance(0.15);
        if guest {
            self.guest(&mut s);
        } else if self.people[person].user_no == 0 {
            self.register(&mut s);
        } else if self.needs_login(person, &s) {
            let traits = self.traits(person, at);
            self.log_in(&mut s, &traits);
        }
        let order_id = self.ledger.orders[index as usize].id();
        let started = Fields::new().text("order_id", &order_id).amount("value", totals.revenue).text("currency", "CNY");
        self.track(&mut s, "Checkout Started", &started);
        let props = self
            .order_props(index, lines, totals)
            .text("payment_method", if person.is_multiple_of(3) { "wechat_pay" } else { "alipay" });
        self.track(&mut s, "Order Completed", &props);
        let user_no = if guest { 0 } else { self.people[person].user_no };
        let sent = self.close(s);
        let order = &mut self.ledger.orders[index as usize];
        order.user_no = user_no;
        order.sent = sent;
    }

    /// Whether this device does not know them yet.
    fn needs_login(&self, person: usize, s: &Session) -> bool {
        let flags = &self.people[person].flags;
        match s.source {
            at::APP => !flags.app_logged_in,
            at::MINI => !flags.mini_bound,
            _ => !s.signed(),
        }
    }

    /// The way into the session that ends in the order. Channels that harvest stand here: the order was coming anyway.
    fn last_step(&mut self, person: usize, at: i64, venue: usize, index: u32) -> Channel {
        let cause = self.ledger.orders[index as usize].cause;
        let rng = &mut self.people[person].rng;
        if let Some((channel, touched)) = cause
            && at - touched < 3 * HOUR_MS
            && !channel.facts().utm_source.is_empty()
            && rng.chance(0.6)
        {
            return channel;
        }
        let draw = rng.unit();
        if venue != at::WEB {
            // A follower opens the mini-program from the account's menu: harvest, too.
            return if venue == at::MINI && draw < 0.15 { Channel::Wechat } else { Channel::Direct };
        }
        match draw {
            d if d < 0.30 => Channel::BrandSearch,
            d if d < 0.48 => Channel::Retargeting,
            d if d < 0.60 => Channel::OrganicSearch,
            _ => Channel::Direct,
        }
    }

    /// Buys without an account: number and perhaps e-mail go to the identify call, no user id.
    fn guest(&mut self, s: &mut Session) {
        let phone = self.phone(s.person, s.at);
        Self::also(s, phone);
        let mut traits =
            Fields::new().text("name", &self.people[s.person].name.written()).text("phone", &phone.1.to_string());
        if let Some(email) = self.email_id(s.person) {
            Self::also(s, email);
            traits = traits.text("email", &self.people[s.person].text_of(email));
        }
        self.identify_guest(s, &traits.0);
    }

    fn buy_in_store(&mut self, person: usize, index: u32, lines: &Lines, totals: &Totals) {
        let at = self.ledger.orders[index as usize].at;
        let store = self.store_of(person).unwrap_or(0);
        let first = self.people[person].member_no == 0;
        if first && self.people[person].rng.chance(0.2) {
            // Does not want a card: the till tells nobody.
            return;
        }
        let right = self.phone(person, at);
        let rng = &mut self.people[person].rng;
        // Four in ten say their number instead of showing the code; some of those are typed wrong.
        let typed = first || rng.chance(0.4);
        let typo = typed && rng.chance(0.035);
        let phone = if typo { mistyped(right.1, rng) } else { right.1 };
        let named = rng.chance(0.3);
        let misspelled = rng.chance(0.02);
        let p = &mut self.people[person];
        let name = if misspelled { p.name.mistyped(&mut p.rng) } else { p.name.written() };
        // A wrong number finds no card.
        let member = if typo && !first { None } else { Some(self.member_id(person)) };
        let mut ids: Vec<Id> = Vec::with_capacity(2);
        ids.extend(member);
        let mut traits = Fields::new();
        if typo {
            traits = traits.text("phone", &phone.to_string());
        } else {
            ids.push(right);
        }
        if first || named {
            traits = traits.text("name", &name);
        }
        let (store_id, store_name, _) = STORES[store];
        let place = store as u64;
        if first {
            let props = Fields::new();
            self.report(
                person,
                &Report {
                    source: at::STORES,
                    verb: Verb::Identify,
                    name: "",
                    at,
                    ids: &ids,
                    props: &props,
                    traits: &traits.0,
                    place,
                },
            );
        }
        let till = 1 + self.people[person].rng.below(3) as i64;
        let mut props = self
            .order_props(index, lines, totals)
            .text("store_id", store_id)
            .text("store_name", store_name)
            .number("till", till)
            .text("cashier", &format!("{store_id}-E{:02}", self.own(person, 64) % 12))
            .text("phone", &phone.to_string());
        if let Some(member) = member {
            props = props.text("member_no", &plain_text(member));
        }
        let sent = self.report(
            person,
            &Report {
                source: at::STORES,
                verb: Verb::Track,
                name: "Order Completed",
                at: at + 30_000,
                ids: &ids,
                props: &props,
                traits: &traits.0,
                place,
            },
        );
        self.ledger.orders[index as usize].sent = sent;
        if first && sent {
            self.consent(person, at + 40_000, at::STORES, &ids, &["sms"]);
        }
    }

    fn buy_on_tmall(&mut self, person: usize, index: u32, lines: &Lines, totals: &Totals) {
        let at = self.ledger.orders[index as usize].at;
        let buyer = Id(Ns::Buyer, self.own(person, 75));
        let phone = self.people[person].phone_at(at).to_string();
        // The marketplace masks name and number.
        let masked = format!("{}****{}", &phone[..3], &phone[7..]);
        let surname: String = self.people[person].name.written().chars().take(1).collect();
        let props = self
            .order_props(index, lines, totals)
            .text("channel", "tmall")
            .text("buyer_id", &plain_text(buyer))
            .text("receiver_phone_masked", &masked)
            .text("receiver_name_masked", &format!("{surname}**"));
        let sent = self.report(
            person,
            &Report {
                source: at::TMALL,
                verb: Verb::Track,
                name: "Order Completed",
                at,
                ids: &[buyer],
                props: &props,
                traits: "",
                place: 0,
            },
        );
        self.ledger.orders[index as usize].sent = sent;
        let p = &mut self.people[person];
        if !p.flags.buyer_bound && p.rng.chance(0.4) {
            let wait = exponential(&mut p.rng, 2.0 * DAY_MS as f64);
            self.plan_later(person, at, wait, Act::BindBuyer);
        }
    }

    /// The buyer joins the membership on the marketplace, which checks the number and shows it to us.
    pub(super) fn bind_buyer(&mut self, person: usize, now: i64) {
        if std::mem::replace(&mut self.people[person].flags.buyer_bound, true) {
            return;
        }
        let ids = [Id(Ns::Buyer, self.own(person, 75)), self.member_id(person), self.phone(person, now)];
        let mut amount = String::new();
        decimal(&mut amount, 0);
        let props = Fields::new().text("programme", "mosslark").raw("points", &amount);
        self.report(
            person,
            &Report {
                source: at::TMALL,
                verb: Verb::Track,
                name: "Membership Bound",
                at: now,
                ids: &ids,
                props: &props,
                traits: "",
                place: 0,
            },
        );
    }
}
