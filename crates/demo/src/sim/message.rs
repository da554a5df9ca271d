//! Messages the brand sends: newsletters, SMS, articles of the official account; and what is done with them.

use throughline_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::say::{Fields, Report};
use super::{Act, World};
use crate::calendar::{CHINA_MS, Festival, campaign, festival, local_day};
use crate::channel::Channel;
use crate::people::{Flags, Id, Ns, exponential};
use crate::source::at;
use crate::wire::Verb;

impl World {
    /// Plans the messages of a campaign that starts today.
    pub(super) fn start_campaigns(&mut self) {
        let start = self.from + self.day as i64 * DAY_MS;
        let day = local_day(start + 12 * HOUR_MS);
        // Midnight in China of that day, as an instant.
        let midnight = day * DAY_MS - CHINA_MS;
        let weekday = (day + 3).rem_euclid(7);
        let busy = matches!(festival(day), Festival::DoubleEleven | Festival::MidYear | Festival::Queens);
        if weekday == 1 {
            self.send_to(Act::Mail, |f| f.email_ok, midnight + 10 * HOUR_MS, 0.30);
        }
        if weekday == 4 {
            self.send_to(Act::Article, |f| f.follows_wechat, midnight + 19 * HOUR_MS, 0.10);
        }
        if weekday == 3 && (busy || day.rem_euclid(28) < 7) {
            self.send_to(Act::Sms, |f| f.sms_ok, midnight + 11 * HOUR_MS, 0.34);
        }
    }

    /// A message to a part of those who agreed to the channel.
    fn send_to(&mut self, message: Act, agreed: fn(&Flags) -> bool, at: i64, part: f64) {
        for person in 0..self.people.len() {
            if agreed(&self.people[person].flags) && self.people[person].rng.chance(part) {
                let spread = self.people[person].rng.below(40 * MINUTE_MS as u64) as i64;
                self.plan(at.max(self.from) + spread, person, message);
            }
        }
    }

    fn message_props(&self, now: i64, kind: &str) -> Fields {
        let name = campaign(local_day(now), 0);
        Fields::new().text("campaign_name", &name).text("campaign_id", &format!("{kind}-{name}-{}", local_day(now)))
    }

    fn tell(&mut self, person: usize, source: usize, name: &str, at: i64, ids: &[Id], props: &Fields) {
        self.report(person, &Report { source, verb: Verb::Track, name, at, ids, props, traits: "", place: 0 });
    }

    pub(super) fn mail(&mut self, person: usize, now: i64) {
        let Some(email) = self.email_id(person) else { return };
        let ids = [email];
        let props = self.message_props(now, "edm").text("email_subject", "新品与灵感 | What's new at Mosslark");
        if self.people[person].rng.chance(0.008) {
            return self.tell(person, at::EMAIL, "Email Bounced", now, &ids, &props);
        }
        self.tell(person, at::EMAIL, "Email Delivered", now, &ids, &props);
        let p = &mut self.people[person];
        if !p.rng.chance(0.3) {
            return;
        }
        let opened = now + MINUTE_MS + exponential(&mut p.rng, 7.0 * HOUR_MS as f64) as i64;
        let clicks = p.rng.chance(0.3);
        self.tell(person, at::EMAIL, "Email Opened", opened, &ids, &props);
        if clicks && opened + MINUTE_MS < self.until {
            let clicked = opened + 20_000;
            let props =
                props.text("link_url", "https://www.mosslark.example/campaign?utm_source=newsletter&utm_medium=email");
            self.tell(person, at::EMAIL, "Email Link Clicked", clicked, &ids, &props);
            self.plan(clicked + 2_000, person, Act::Return(Channel::Email));
        }
    }

    pub(super) fn sms(&mut self, person: usize, now: i64) {
        let ids = [self.last_phone(person, now)];
        let reached = ids[0] == self.phone(person, now);
        let props = self.message_props(now, "sms").text("template", "festival_offer");
        let failed = self.people[person].rng.chance(0.02);
        self.tell(person, at::SMS, if failed { "SMS Failed" } else { "SMS Delivered" }, now, &ids, &props);
        let p = &mut self.people[person];
        if !failed && reached && p.rng.chance(0.09) {
            let clicked = now + MINUTE_MS + exponential(&mut p.rng, 2.0 * HOUR_MS as f64) as i64;
            self.tell(person, at::SMS, "SMS Link Clicked", clicked, &ids, &props);
            self.plan(clicked + 2_000, person, Act::Return(Channel::Sms));
        }
    }

    pub(super) fn article(&mut self, person: usize, now: i64) {
        let read = now + exponential(&mut self.people[person].rng, 5.0 * HOUR_MS as f64) as i64;
        let ids = [Id(Ns::OpenAccount, self.own(person, 76)), self.union_id(person)];
        let props = self.message_props(now, "wx").text("message_type", "article");
        self.tell(person, at::WECHAT, "WeChat Message Clicked", read, &ids, &props);
        if self.people[person].rng.chance(0.6) {
            self.plan(read + 5_000, person, Act::Return(Channel::Wechat));
        } else {
            self.touch(person, read, Channel::Wechat, 0.5);
        }
    }
}
