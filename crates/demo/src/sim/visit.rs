//! How people come by of their own accord: by an advertisement, a note, a live room, a search, a store.

use throughline_base::time::{DAY_MS, HOUR_MS};

use super::say::{Fields, Report};
use super::{Act, World};
use crate::calendar::{demand, local_day, time_of_day};
use crate::catalogue::draw;
use crate::channel::{Channel, ENTRIES};
use crate::names::{CITIES, NO_STORE, STORES};
use crate::people::{Id, Ns, exponential, plain_text};
use crate::source::at;
use crate::text::{field, mix};
use crate::wire::{Say, Verb, fragment};

impl World {
    /// A visit, and the plan of the next.
    pub(super) fn visit(&mut self, person: usize, now: i64) {
        let entry = self.way_in(person, now);
        self.come_by(person, now, entry);
        let p = &mut self.people[person];
        let wait = exponential(&mut p.rng, 1.0 / (p.visit_rate.max(1.0e-13) * demand(local_day(now)).clamp(0.6, 1.8)));
        let next = now as f64 + wait;
        if next < p.gone_at as f64 {
            // At an hour people shop at, but not before now.
            let day = (next as i64).div_euclid(DAY_MS) * DAY_MS;
            let hour = day + time_of_day(p.rng.unit()) - crate::calendar::CHINA_MS;
            self.plan(hour.max(now + HOUR_MS), person, Act::Visit);
        }
    }

    /// Everybody has their own mix of ways, drawn once.
    fn way_in(&mut self, person: usize, now: i64) -> Channel {
        let mut weights = [0.0; ENTRIES.len()];
        let campaign = demand(local_day(now)).clamp(0.7, 2.0);
        for (slot, (channel, weight)) in weights.iter_mut().zip(ENTRIES) {
            let liking = mix(&[self.seed, person as u64, channel as u64, 61]) % 1000;
            // Advertising is turned up when much is bought.
            let push = if channel.facts().click_cost_minor > 0 { campaign } else { 1.0 };
            *slot = weight * push * (0.15 + (liking as f64 / 1000.0).powi(2) * 3.0);
        }
        let sum: f64 = weights.iter().sum();
        let mut at = self.people[person].rng.unit() * sum;
        for (weight, (channel, _)) in weights.into_iter().zip(ENTRIES) {
            if at < weight {
                return channel;
            }
            at -= weight;
        }
        Channel::Direct
    }

    /// The store of somebody's city.
    pub(super) fn store_of(&self, person: usize) -> Option<usize> {
        let store = CITIES[usize::from(self.people[person].city)].store;
        // Shanghai and Beijing have a second store.
        let second = usize::from(store < 4 && self.own(person, 62) & 1 == 1);
        (store != NO_STORE).then_some(usize::from(store) + second)
    }

    /// Somebody meets the brand by `entry`: the touch works, and whatever can be seen of it is said.
    pub(super) fn come_by(&mut self, person: usize, now: i64, entry: Channel) {
        let facts = entry.facts();
        let variant = (self.own(person, 60) & 1) as u8;
        let landing = now + 20_000;
        self.ledger.click(entry, local_day(landing), variant);
        if entry == Channel::Store {
            return self.store_visit(person, now);
        }
        self.touch(person, now, entry, 1.0);
        if self.people[person].rng.chance(facts.unseen) {
            return;
        }
        match entry {
            Channel::Douyin => self.platform(person, now, at::DOUYIN_LIVE),
            Channel::Xiaohongshu => self.platform(person, now, at::XHS_NOTES),
            Channel::DouyinAds => self.lead(person, now, at::DOUYIN_ADS, entry),
            Channel::XiaohongshuAds => self.lead(person, now, at::XHS_ADS, entry),
            Channel::GenericSearch => self.lead(person, now, at::SEARCH_ADS, entry),
            Channel::BrandSearch
            | Channel::Retargeting
            | Channel::Email
            | Channel::Sms
            | Channel::Wechat
            | Channel::Store
            | Channel::OrganicSearch
            | Channel::Direct => {}
        }
        self.browse(person, landing, entry);
    }

    /// Looks around on one of our own places.
    fn browse(&mut self, person: usize, now: i64, entry: Channel) {
        let source = self.place_for(person, entry);
        let mut s = self.open(person, source, now, entry);
        let looks = self.people[person].rng.below(4) as usize;
        let articles = self.articles(person, looks);
        self.look(&mut s, &articles);
        let p = &mut self.people[person];
        let buyer = p.weight > 0.0;
        if p.rng.chance(if buyer { 0.10 } else { 0.045 }) && p.user_no == 0 {
            self.register(&mut s);
        } else if let Some(article) = articles.first().copied().filter(|_| self.people[person].rng.chance(0.12)) {
            let json = self.products[article].json.clone();
            self.track(
                &mut s,
                "Product Added",
                &Fields::new().and(&json).number("quantity", 1).text("currency", "CNY"),
            );
        }
        let looked = !articles.is_empty() && entry != Channel::Retargeting;
        self.close(s);
        if looked && self.people[person].rng.chance(0.05) {
            let wait = exponential(&mut self.people[person].rng, 1.5 * DAY_MS as f64);
            self.plan_later(person, now + HOUR_MS, wait, Act::Return(Channel::Retargeting));
        }
    }

    /// Where a way in leads: tagged links to web or mini-program, direct visits to the favourite place.
    pub(super) fn place_for(&mut self, person: usize, entry: Channel) -> usize {
        let p = &mut self.people[person];
        let home = usize::from(p.home);
        match entry {
            Channel::Direct if home <= at::MINI => home,
            Channel::Wechat => at::MINI,
            Channel::OrganicSearch
            | Channel::GenericSearch
            | Channel::BrandSearch
            | Channel::Retargeting
            | Channel::Email => at::WEB,
            Channel::DouyinAds
            | Channel::Douyin
            | Channel::XiaohongshuAds
            | Channel::Xiaohongshu
            | Channel::Sms
            | Channel::Store
            | Channel::Direct => {
                if home <= at::MINI && p.rng.chance(0.55) {
                    home
                } else if p.rng.chance(0.5) {
                    at::MINI
                } else {
                    at::WEB
                }
            }
        }
    }

    pub(super) fn articles(&mut self, person: usize, count: usize) -> Vec<usize> {
        let n = self.products.len();
        let rng = &mut self.people[person].rng;
        (0..count).map(|_| draw(rng, n)).collect()
    }

    /// A live room or a note: the platform tells us its own id of the viewer, some of the time.
    fn platform(&mut self, person: usize, now: i64, source: usize) {
        if !self.people[person].rng.chance(0.35) {
            return;
        }
        let live = source == at::DOUYIN_LIVE;
        let (ns, tag, channel) = if live { (Ns::OpenDouyin, 73, "douyin") } else { (Ns::OpenNotes, 74, "xiaohongshu") };
        let openid = Id(ns, self.own(person, tag));
        let rng = &mut self.people[person].rng;
        let name = match (live, rng.below(3)) {
            (true, 0) => "Live Comment Posted",
            (true, _) => "Live Room Entered",
            (false, 0) => "Note Saved",
            (false, _) => "Note Liked",
        };
        let place = rng.below(40) as i64;
        let campaign = crate::calendar::campaign(local_day(now), (self.own(person, 60) & 1) as u8);
        let props = Fields::new()
            .text("channel", channel)
            .text("campaign", &campaign)
            .text("touchpoint", &format!("{}{place:02}", if live { "room_" } else { "note_" }));
        let report =
            Report { source, verb: Verb::Track, name, at: now, ids: &[openid], props: &props, traits: "", place: 0 };
        self.report(person, &report);
        if self.people[person].rng.chance(0.07) {
            // Joins the membership inside the platform, which checks the number.
            let member = self.member_id(person);
            let ids = [openid, member, self.phone(person, now)];
            let props = props.text("programme", "mosslark");
            let name = "Membership Bound";
            self.report(
                person,
                &Report {
                    source,
                    verb: Verb::Track,
                    name,
                    at: now + 60_000,
                    ids: &ids,
                    props: &props,
                    traits: "",
                    place: 0,
                },
            );
        }
    }

    /// One click in forty leaves name and number on the platform's form.
    fn lead(&mut self, person: usize, now: i64, source: usize, channel: Channel) {
        if !self.people[person].rng.chance(0.025) {
            return;
        }
        let campaign = channel.campaign(local_day(now), (self.own(person, 60) & 1) as u8);
        let props =
            Fields::new().text("channel", channel.facts().key).text("campaign", &campaign).text("form", "trial_set");
        let name = self.people[person].name.written();
        let traits = Fields::new().text("name", &name).0;
        let ids = [self.phone(person, now)];
        let report = Report {
            source,
            verb: Verb::Track,
            name: "Lead Submitted",
            at: now + 45_000,
            ids: &ids,
            props: &props,
            traits: &traits,
            place: 0,
        };
        self.report(person, &report);
    }

    /// A store visit: seen when the customer checks in with the mini-program or uses the tablet.
    fn store_visit(&mut self, person: usize, now: i64) {
        let Some(store) = self.store_of(person) else { return self.browse(person, now, Channel::Direct) };
        self.touch(person, now, Channel::Store, 1.0);
        let (id, name, _) = STORES[store];
        let seen = self.people[person].rng.unit();
        if seen < 0.35 {
            let mut s = self.open(person, at::MINI, now, Channel::Direct);
            let props = Fields::new().text("store_id", id).text("store_name", name).text("touchpoint", id);
            self.track(&mut s, "Store Checked In", &props);
            self.close(s);
        } else if seen < 0.55 {
            self.tablet(person, now, store);
        }
    }

    /// A tablet in the store that everybody uses: one device id, many people.
    fn tablet(&mut self, person: usize, now: i64, store: usize) {
        let device = plain_text(Id(Ns::Anonymous, mix(&[self.seed, store as u64, 56])));
        let p = &self.people[person];
        let user_id = (p.user_no > 0 && self.own(person, 63) & 1 == 0).then(|| Id(Ns::User, u64::from(p.user_no)));
        let user = user_id.map(plain_text).unwrap_or_default();
        let looks = 1 + self.people[person].rng.below(2) as usize;
        let mut at = now;
        let mut fragments = Vec::new();
        for article in self.articles(person, looks) {
            let mut props = self.products[article].json.clone();
            field(&mut props, "store_id", STORES[store].0);
            let id = self.message_id(person);
            let say = Say {
                verb: Verb::Track,
                name: "Product Viewed",
                at,
                user: &user,
                anonymous: &device,
                props: &props,
                traits: "",
                context: "",
                identities: "",
                id,
            };
            fragments.push(fragment(at::KIOSK, &say));
            at += 15_000 + self.people[person].rng.below(40_000) as i64;
        }
        let sent = self.outbox.write(at::KIOSK, at + 400, &fragments, false);
        if self.outbox.device(at::KIOSK, at + 600, mix(&[store as u64, 68]), sent)
            && let Some(id) = user_id
        {
            super::ledger::seen(&mut self.people[person], &[id], now);
        }
    }
}
