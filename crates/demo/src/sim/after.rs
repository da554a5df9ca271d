//! What follows an order: registration and consent before it, parcels, returns, questions and surveys after it.

use throughline_base::time::{DAY_MS, HOUR_MS};

use super::say::{Fields, Report};
use super::session::Session;
use super::{Act, World};
use crate::channel::Channel;
use crate::names::STORES;
use crate::people::{Id, Ns, exponential};
use crate::source::at;
use crate::wire::Verb;

impl World {
    /// Opens an account in a session: sign-up, membership, traits and consent with its proof.
    pub(super) fn register(&mut self, s: &mut Session) {
        let (person, at) = (s.person, s.at);
        let traits = self.traits(person, at);
        self.log_in(s, &traits);
        let rng = &mut self.people[person].rng;
        let (sms, email, follow) = (rng.chance(0.62), rng.chance(0.55), rng.chance(0.35));
        let email = email && self.people[person].has_email;
        let notice = "2025-01";
        for (channel, agreed) in [("sms", sms), ("email", email)] {
            if agreed || self.people[person].rng.chance(0.15) {
                let props = consent_props(channel, agreed, notice, "web_form", s.source);
                self.track(s, if agreed { "Consent Granted" } else { "Consent Denied" }, &props);
            }
        }
        let flags = &mut self.people[person].flags;
        flags.sms_ok |= sms;
        flags.email_ok |= email;
        if follow && !flags.follows_wechat {
            self.follow(person, at + HOUR_MS);
        }
        for (agreed, channel) in [(sms, Channel::Sms), (email, Channel::Email)] {
            if agreed && self.people[person].rng.chance(0.12) {
                let wait = exponential(&mut self.people[person].rng, 200.0 * DAY_MS as f64);
                self.plan_later(person, at, wait, Act::Withdraw(channel));
            }
        }
    }

    /// Consent given at a connector, for instance on the form at the till.
    pub(super) fn consent(&mut self, person: usize, now: i64, source: usize, ids: &[Id], channels: &[&str]) {
        for channel in channels {
            if !self.people[person].rng.chance(0.6) {
                continue;
            }
            let props = consent_props(channel, true, "store-2025-01", "paper_form", source);
            let name = "Consent Granted";
            let sent = self.report(
                person,
                &Report { source, verb: Verb::Track, name, at: now, ids, props: &props, traits: "", place: 0 },
            );
            self.people[person].flags.sms_ok |= sent;
        }
    }

    /// Takes consent back, by the link in a mail or by answering TD.
    pub(super) fn withdraw(&mut self, person: usize, now: i64, channel: Channel) {
        let flags = &mut self.people[person].flags;
        let (source, name, ids) = if channel == Channel::Email {
            flags.email_ok = false;
            (at::EMAIL, "email", self.email_id(person).into_iter().collect::<Vec<_>>())
        } else {
            flags.sms_ok = false;
            (at::SMS, "sms", vec![self.last_phone(person, now)])
        };
        if ids.is_empty() {
            return;
        }
        let consents =
            format!(r#"[{{"purpose":"marketing","channel":"{name}","action":"withdraw","legal_basis":"consent"}}]"#);
        let evidence =
            if name == "email" { r#"{"method":"unsubscribe_link"}"# } else { r#"{"method":"sms_reply","text":"TD"}"# };
        let props = Fields::new().raw("consents", &consents).raw("evidence", evidence);
        self.report(
            person,
            &Report {
                source,
                verb: Verb::Track,
                name: "Consent Withdrawn",
                at: now,
                ids: &ids,
                props: &props,
                traits: "",
                place: 0,
            },
        );
    }

    /// Follows the official account.
    pub(super) fn follow(&mut self, person: usize, now: i64) {
        self.people[person].flags.follows_wechat = true;
        let ids = [Id(Ns::OpenAccount, self.own(person, 76)), self.union_id(person)];
        let props = Fields::new().text("scene", "qr_in_parcel");
        self.report(
            person,
            &Report {
                source: at::WECHAT,
                verb: Verb::Track,
                name: "WeChat Followed",
                at: now,
                ids: &ids,
                props: &props,
                traits: "",
                place: 0,
            },
        );
    }

    /// Plans what follows an order.
    pub(super) fn aftermath(&mut self, person: usize, index: u32) {
        let (at, venue) = (self.ledger.orders[index as usize].at, self.ledger.orders[index as usize].venue);
        if self.people[person].rng.chance(0.12) && !self.people[person].flags.follows_wechat {
            self.follow(person, at + 4 * DAY_MS);
        }
        if venue != at::STORES {
            let wait = 6.0 * HOUR_MS as f64 + exponential(&mut self.people[person].rng, 14.0 * HOUR_MS as f64);
            self.plan_later(person, at, wait, Act::Shipped(index));
        }
        let plans =
            [(0.06, 9.0, Act::Refund(index)), (0.08, 3.0, Act::Service(index)), (0.05, 8.0, Act::Survey(index))];
        for (p, days, act) in plans {
            if self.people[person].rng.chance(p) {
                let wait = exponential(&mut self.people[person].rng, days * DAY_MS as f64) + 2.0 * DAY_MS as f64;
                self.plan_later(person, at, wait, act);
            }
        }
    }

    /// Whom a parcel or a question about an order is for: the account, else the buyer id, else the phone.
    fn customer_of(&self, index: u32, now: i64) -> (usize, Vec<Id>) {
        let order = &self.ledger.orders[index as usize];
        let person = order.person as usize;
        let id = if order.venue == at::TMALL {
            Id(Ns::Buyer, self.own(person, 75))
        } else if order.user_no > 0 {
            Id(Ns::User, u64::from(order.user_no))
        } else {
            self.phone(person, now)
        };
        (person, vec![id])
    }

    pub(super) fn shipped(&mut self, index: u32, now: i64) {
        self.parcel(index, now, "Order Shipped");
        let person = self.ledger.orders[index as usize].person as usize;
        let wait = (1.0 + exponential(&mut self.people[person].rng, 1.4)) * DAY_MS as f64;
        self.plan_later(person, now, wait, Act::Delivered(index));
    }

    pub(super) fn delivered(&mut self, index: u32, now: i64) {
        self.parcel(index, now, "Order Delivered");
    }

    fn parcel(&mut self, index: u32, now: i64, name: &str) {
        let (person, ids) = self.customer_of(index, now);
        let carrier = ["SF Express", "ZTO", "YTO", "JD Logistics"][self.own(person, 65) as usize % 4];
        let props = Fields::new()
            .text("order_id", &self.ledger.orders[index as usize].id())
            .text("carrier", carrier)
            .text("tracking_number", &format!("MK{:012}", u64::from(index) * 7_919 + 100_000_000));
        self.report(
            person,
            &Report {
                source: at::DELIVERY,
                verb: Verb::Track,
                name,
                at: now,
                ids: &ids,
                props: &props,
                traits: "",
                place: 0,
            },
        );
    }

    /// Goods go back: by parcel, or over the counter, also those bought online.
    pub(super) fn refund(&mut self, index: u32, now: i64) {
        let (person, mut ids) = self.customer_of(index, now);
        let store = self.store_of(person);
        let order = &self.ledger.orders[index as usize];
        let (id, venue, revenue) = (order.id(), order.venue, order.revenue);
        let rng = &mut self.people[person].rng;
        let part = if rng.chance(0.7) { revenue } else { revenue / 2 };
        let counter = venue == at::STORES || (venue != at::TMALL && store.is_some() && rng.chance(0.35));
        let mut props = Fields::new()
            .text("order_id", &id)
            .amount("total", part)
            .text("currency", "CNY")
            .text("reason", "changed_mind");
        let mut source = if venue == at::TMALL { at::TMALL } else { at::SERVICE };
        let mut place = 0;
        if let Some(store) = store.filter(|_| counter) {
            source = at::STORES;
            place = store as u64;
            props = props.text("store_id", STORES[store].0).text("bought_at", crate::source::SOURCES[venue].key);
            let phone = self.phone(person, now);
            ids.clear();
            if self.people[person].member_no > 0 {
                ids.push(self.member_id(person));
            }
            ids.push(phone);
        } else if source == at::SERVICE && ids[0].0 != Ns::User {
            // Who has no account comes with the id of the conversation.
            ids.push(self.conversation(person, index));
        }
        let sent = self.report(
            person,
            &Report {
                source,
                verb: Verb::Track,
                name: "Order Refunded",
                at: now,
                ids: &ids,
                props: &props,
                traits: "",
                place,
            },
        );
        if sent {
            self.ledger.orders[index as usize].refunded += part;
        }
    }

    /// Two or three events at the service desk, under the account or the phone number.
    pub(super) fn service(&mut self, index: u32, now: i64) {
        let (person, _) = self.customer_of(index, now);
        let ids = self.known(person, now);
        let ids = if ids[0].0 == Ns::User { ids } else { vec![self.conversation(person, index), ids[0]] };
        let conversation = format!("C{:08}", index + 1);
        let topic = ["delivery", "ingredients", "return", "membership"][self.own(person, 66) as usize % 4];
        let props = Fields::new()
            .text("conversation_id", &conversation)
            .text("topic", topic)
            .text("order_id", &self.ledger.orders[index as usize].id());
        let name = self.people[person].name.written();
        let traits = Fields::new().text("name", &name).0;
        for (name, wait) in [("Conversation Started", 0), ("Conversation Closed", 25 * 60_000)] {
            let report = Report {
                source: at::SERVICE,
                verb: Verb::Track,
                name,
                at: now + wait,
                ids: &ids,
                props: &props,
                traits: &traits,
                place: 0,
            };
            self.report(person, &report);
        }
    }

    fn conversation(&self, person: usize, index: u32) -> Id {
        Id(Ns::Anonymous, crate::text::mix(&[self.seed, person as u64, u64::from(index), 57]))
    }

    /// A new number: most people tell the account, the others only when a till asks.
    pub(super) fn new_phone(&mut self, person: usize, now: i64) {
        if self.people[person].user_no == 0 || !self.people[person].rng.chance(0.7) {
            return;
        }
        let source = usize::from(self.people[person].home);
        let source = if source <= at::MINI { source } else { at::MINI };
        let mut s = self.open(person, source, now, Channel::Direct);
        let traits = self.traits(person, now);
        self.log_in(&mut s, &traits);
        self.close(s);
    }

    pub(super) fn survey(&mut self, index: u32, now: i64) {
        let (person, _) = self.customer_of(index, now);
        let ids = [self.last_phone(person, now)];
        let score = [10, 9, 9, 8, 8, 7, 6, 3][self.people[person].rng.below(8) as usize];
        let props = Fields::new()
            .text("survey_id", "nps_after_purchase")
            .number("score", score)
            .text("order_id", &self.ledger.orders[index as usize].id());
        self.report(
            person,
            &Report {
                source: at::SMS,
                verb: Verb::Track,
                name: "Survey Answered",
                at: now,
                ids: &ids,
                props: &props,
                traits: "",
                place: 0,
            },
        );
    }
}

fn consent_props(channel: &str, agreed: bool, notice: &str, method: &str, source: usize) -> Fields {
    let action = if agreed { "grant" } else { "deny" };
    // In a list of its own, so that nobody takes the channel of the consent for the channel of a touch.
    let consents = format!(
        r#"[{{"purpose":"marketing","channel":"{channel}","action":"{action}","legal_basis":"consent","notice_version":"{notice}"}}]"#
    );
    let place = crate::source::SOURCES[source].key;
    let evidence = format!(r#"{{"method":"{method}","place":"{place}","checkbox":"marketing_{channel}"}}"#);
    Fields::new().raw("consents", &consents).raw("evidence", &evidence)
}
