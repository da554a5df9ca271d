//! A session on a device of the customer's: web shop, app or mini-program, from landing to leaving.

use throughline_base::time::{DAY_MS, HOUR_MS};

use super::World;
use super::ledger::seen;
use super::mess::{broken, placeholder, spelled};
use super::say::Fields;
use crate::calendar::local_day;
use crate::channel::Channel;
use crate::names::{CITIES, address};
use crate::people::{Id, MINI_APP, Ns, exponential, plain_text};
use crate::source::at;
use crate::text::{digits, field, mix};
use crate::wire::{Fragment, Say, Verb, fragment};

/// One session while it lasts.
pub(super) struct Session {
    pub(super) source: usize,
    pub(super) person: usize,
    /// Now, by a right clock.
    pub(super) at: i64,
    /// User id as sent, empty before login.
    user: String,
    anonymous: String,
    ids: Vec<Id>,
    agent: &'static str,
    /// Query of the landing address, `?utm_source=…`, and its referrer; both gone after the first page.
    search: String,
    referrer: &'static str,
    campaign: String,
    path: String,
    shared: bool,
    fragments: Vec<Fragment>,
}

const HOST: &str = "https://www.mosslark.example";

const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; 23127PN0CC) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; ALN-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.53",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
];

impl World {
    /// Opens a session that came in by `entry`.
    pub(super) fn open(&mut self, person: usize, source: usize, at: i64, entry: Channel) -> Session {
        let mut s = Session {
            source,
            person,
            at,
            user: String::new(),
            anonymous: String::new(),
            ids: Vec::with_capacity(4),
            agent: "",
            search: String::new(),
            referrer: entry.facts().referrer,
            campaign: String::new(),
            path: "/".to_owned(),
            shared: false,
            fragments: Vec::with_capacity(8),
        };
        match source {
            at::APP => self.open_app(&mut s),
            at::MINI => self.open_mini(&mut s),
            _ => self.open_web(&mut s),
        }
        self.land(&mut s, entry);
        s
    }

    fn open_web(&mut self, s: &mut Session) {
        let p = &mut self.people[s.person];
        let desktop = p.rng.chance(0.3);
        s.shared = p.shares_browser && p.rng.chance(0.5);
        let key = if s.shared {
            let home = p.partner.map_or(s.person as u64, |o| u64::from(o).min(s.person as u64));
            s.agent = AGENTS[3];
            mix(&[self.seed, home, 51, ((s.at - self.from) / (220 * DAY_MS)) as u64])
        } else if desktop {
            s.agent = AGENTS[3 + (s.person & 1)];
            mix(&[self.seed, s.person as u64, 52, u64::from(p.desktop_cookie)])
        } else {
            if s.at > p.cookie_until {
                // Deleted by hand or by the browser; whoever was logged in no longer is.
                p.cookie += 1;
                p.cookie_until = s.at + exponential(&mut p.rng, 130.0 * DAY_MS as f64) as i64;
                p.flags.web_logged_in = false;
            }
            s.agent = AGENTS[s.person % 3];
            mix(&[self.seed, s.person as u64, 53, u64::from(p.cookie)])
        };
        let id = Id(Ns::Anonymous, key);
        s.anonymous = plain_text(id);
        s.ids.push(id);
        let here = p.flags.web_logged_in && !s.shared && !desktop;
        if here && p.user_no > 0 {
            self.sign_session(s);
        } else if p.rng.chance(0.004) {
            placeholder(&mut p.rng).clone_into(&mut s.user);
        }
    }

    fn open_app(&mut self, s: &mut Session) {
        let p = &self.people[s.person];
        // A new phone every 400 days or so: new device, new installation.
        let generation = ((s.at - p.born).max(0) / (400 * DAY_MS)) as u64;
        let device = Id(Ns::Device, mix(&[self.seed, s.person as u64, 54, generation]));
        let anonymous = Id(Ns::Anonymous, mix(&[self.seed, s.person as u64, 55, generation]));
        s.anonymous = plain_text(anonymous);
        s.ids.extend([anonymous, device]);
        if p.flags.app_logged_in && p.user_no > 0 {
            self.sign_session(s);
        }
        if !self.people[s.person].flags.app_used {
            self.people[s.person].flags.app_used = true;
            let props = Fields::new().text("version", "5.12.0").text("build", "5120");
            self.track(s, "Application Installed", &props);
        }
    }

    fn open_mini(&mut self, s: &mut Session) {
        let id = Id(Ns::OpenMini, self.own(s.person, 71));
        s.anonymous = plain_text(id);
        s.ids.push(id);
        // One in five never lets the mini-program see the unionid.
        if !self.own(s.person, 72).is_multiple_of(5) {
            s.ids.push(self.union_id(s.person));
        }
        if self.people[s.person].flags.mini_bound && self.people[s.person].user_no > 0 {
            self.sign_session(s);
        }
    }

    /// From here on the session is known to be theirs.
    fn sign_session(&mut self, s: &mut Session) {
        let id = self.user_id(s.person);
        s.user = plain_text(id);
        if !s.ids.contains(&id) {
            s.ids.push(id);
        }
    }

    /// The first page, with the marks of the way in.
    fn land(&mut self, s: &mut Session, entry: Channel) {
        let facts = entry.facts();
        if !facts.utm_source.is_empty() {
            let variant = (self.own(s.person, 60) & 1) as u8;
            s.campaign = entry.campaign(local_day(s.at), variant);
            s.search =
                format!("?utm_source={}&utm_medium={}&utm_campaign={}", facts.utm_source, facts.utm_medium, s.campaign);
            if !facts.click_id.is_empty() {
                s.search.push_str(&format!("&{}=", facts.click_id));
                crate::text::base62(&mut s.search, crate::text::mix128(&[s.at as u64, s.person as u64]), 20);
            }
        }
        let home = self.people[s.person].rng.chance(0.5);
        let (name, path) = if home || facts.utm_source.is_empty() { ("Home", "/") } else { ("Campaign", "/campaign") };
        self.page(s, name, path, entry);
        s.search.clear();
        s.referrer = "";
    }

    fn page(&mut self, s: &mut Session, name: &str, path: &str, entry: Channel) {
        path.clone_into(&mut s.path);
        let mut props = Fields::new();
        if s.source == at::MINI {
            props = props.text("$url_path", &format!("pages{path}index")).text("$title", name);
            let facts = entry.facts();
            if !s.search.is_empty() {
                props = props
                    .text("$utm_source", facts.utm_source)
                    .text("$utm_medium", facts.utm_medium)
                    .text("$utm_campaign", &s.campaign);
            }
            props = props.text("$scene", if s.search.is_empty() { "wx-1089" } else { "wx-1007" });
        } else {
            props = props.text("path", path).text("title", name);
            if s.source == at::WEB {
                props = props
                    .text("url", &format!("{HOST}{path}{}", s.search))
                    .text("search", &s.search)
                    .text("referrer", s.referrer);
            } else if !s.search.is_empty() {
                props = props.text("url", &format!("mosslark://open{}", s.search));
            }
        }
        self.event(s, Verb::Page, name, &props.0, "");
    }

    pub(super) fn track(&mut self, s: &mut Session, name: &str, props: &Fields) {
        self.event(s, Verb::Track, name, &props.0, "");
    }

    fn event(&mut self, s: &mut Session, verb: Verb, name: &str, props: &str, traits: &str) {
        let id = self.message_id(s.person);
        let p = &mut self.people[s.person];
        let skew = p.skew;
        let wait = 2_000 + exponential(&mut p.rng, 25_000.0) as i64;
        let context = self.context(s);
        let identities = if s.source == at::MINI { identities(s) } else { String::new() };
        // A mini-program knows its people by openid until they log in.
        let say = Say {
            verb,
            name,
            at: s.at + skew,
            user: &s.user,
            anonymous: &s.anonymous,
            props,
            traits,
            context: &context,
            identities: &identities,
            id,
        };
        s.fragments.push(fragment(s.source, &say));
        s.at += wait.min(HOUR_MS / 2);
    }

    fn context(&self, s: &Session) -> String {
        let mut out = String::with_capacity(480);
        match s.source {
            at::WEB => {
                out.push_str("\"page\":{");
                field(&mut out, "path", &s.path);
                field(&mut out, "referrer", s.referrer);
                field(&mut out, "search", &s.search);
                field(&mut out, "url", &format!("{HOST}{}{}", s.path, s.search));
                out.push('}');
                field(&mut out, "userAgent", s.agent);
                field(&mut out, "locale", "zh-CN");
                field(&mut out, "timezone", "Asia/Shanghai");
            }
            at::APP => {
                let device = s.ids.iter().find(|i| i.0 == Ns::Device).map(|i| plain_text(*i)).unwrap_or_default();
                out.push_str("\"device\":{");
                field(&mut out, "id", &device);
                field(&mut out, "model", if s.person & 1 == 0 { "iPhone15,3" } else { "23127PN0CC" });
                field(&mut out, "type", if s.person & 1 == 0 { "ios" } else { "android" });
                out.push('}');
                out.push_str(r#","app":{"name":"Mosslark","version":"5.12.0","namespace":"example.mosslark"},"locale":"zh-CN","timezone":"Asia/Shanghai""#);
            }
            _ => {}
        }
        if !s.search.is_empty() && s.source != at::MINI {
            let mut parts = s.search[1..].split('&').filter_map(|kv| kv.split_once('='));
            out.push_str(",\"campaign\":{");
            let mut inner = String::new();
            for (utm, name) in [("utm_source", "source"), ("utm_medium", "medium"), ("utm_campaign", "name")] {
                if let Some((_, value)) = parts.find(|(k, _)| *k == utm) {
                    field(&mut inner, name, value);
                }
            }
            out.push_str(&inner);
            out.push('}');
        }
        out
    }

    /// Looks at articles: their pages and the events of the e-commerce specification. The second half of the views
    /// happens on list pages.
    pub(super) fn look(&mut self, s: &mut Session, articles: &[usize]) {
        for (i, article) in articles.iter().enumerate() {
            let (json, path) = {
                let a = &self.products[*article];
                (a.json.clone(), a.path.clone())
            };
            if i > 0 && s.source == at::WEB && self.people[s.person].rng.chance(0.25) {
                self.page(s, "Category", "/category", Channel::Direct);
            }
            s.path = path;
            self.track(s, "Product Viewed", &Fields::new().and(&json).text("currency", "CNY"));
        }
    }

    /// Logs in or signs up on this device, with what the account knows about them.
    pub(super) fn log_in(&mut self, s: &mut Session, traits: &str) {
        let new = self.people[s.person].user_no == 0;
        self.sign_session(s);
        let known = [Some(self.phone(s.person, s.at)), Some(self.member_id(s.person)), self.email_id(s.person)];
        for id in known.into_iter().flatten() {
            Self::also(s, id);
        }
        if s.source == at::MINI {
            self.event(s, Verb::Identify, "$BindID", "", "");
        }
        self.event(s, Verb::Identify, "", "", traits);
        if new {
            let props = Fields::new().text("method", if s.source == at::MINI { "wechat" } else { "phone" });
            self.track(s, "Signed Up", &props);
        }
        let flags = &mut self.people[s.person].flags;
        match s.source {
            at::APP => flags.app_logged_in = true,
            at::MINI => flags.mini_bound = true,
            _ if !s.shared => flags.web_logged_in = true,
            _ => {}
        }
    }

    /// Says that somebody used another identifier in this session.
    pub(super) fn also(s: &mut Session, id: Id) {
        if !s.ids.contains(&id) {
            s.ids.push(id);
        }
    }

    /// What an account knows: traits as a form wrote them.
    pub(super) fn traits(&mut self, person: usize, at: i64) -> String {
        let email = self.email_id(person).map(|id| self.people[person].text_of(id));
        let member = plain_text(self.member_id(person));
        let p = &mut self.people[person];
        let city = &CITIES[usize::from(p.city)];
        let phone = spelled(p.phone_at(at), &mut p.rng);
        let (district, street) = address(p.city, p.address);
        let mut out = Fields::new().text("name", &p.name.written()).text("phone", &phone);
        if let Some(email) = email {
            let shouted = p.rng.chance(0.04);
            out = out.text("email", &if shouted { email.to_uppercase() } else { email });
        }
        out = out.text("member_no", &member);
        let gender = match (p.female, p.rng.below(4)) {
            (true, 0) => "F",
            (false, 0) => "M",
            (true, _) => "女",
            (false, _) => "男",
        };
        out = out.text("gender", gender);
        if p.rng.chance(0.7) {
            let mut birthday = String::new();
            digits(&mut birthday, 1900 + u64::from(p.birth.0), 4);
            birthday.push('-');
            digits(&mut birthday, u64::from(p.birth.1), 2);
            birthday.push('-');
            digits(&mut birthday, u64::from(p.birth.2), 2);
            out = out.text("birthday", if p.rng.chance(0.03) { "1990-01-01" } else { &birthday });
        }
        out.text("city", city.zh)
            .text("city_en", city.en)
            .text("province", city.province)
            .text("address", &format!("{district}{street}"))
            .0
    }

    /// Sends the session. Apps queue while there is no network. False when it would arrive after the end.
    pub(super) fn close(&mut self, mut s: Session) -> bool {
        if s.shared && !s.user.is_empty() && self.people[s.person].rng.chance(0.6) {
            self.track(&mut s, "Signed Out", &Fields::new());
        }
        let id = self.message_id(s.person);
        let p = &mut self.people[s.person];
        if p.rng.chance(0.004) {
            let junk = broken(s.source, s.at, id, &mut p.rng);
            s.fragments.push(junk);
        }
        let mut arrives = s.at + 600 + p.rng.below(1_500) as i64;
        if s.source == at::APP && p.rng.chance(0.06) {
            // Offline: the queue leaves hours or days later.
            arrives += exponential(&mut p.rng, 14.0 * HOUR_MS as f64) as i64 + HOUR_MS;
        }
        let late_clock = arrives + p.skew.max(0) > self.until;
        if arrives > self.until || late_clock {
            return false;
        }
        let sent_at = arrives + p.skew - 90 - p.rng.below(500) as i64;
        let single = s.source == at::WEB && (p.rng.chance(0.08) || s.fragments.len() == 1);
        let requests = self.outbox.write(s.source, sent_at, &s.fragments, single);
        seen(&mut self.people[s.person], &s.ids, s.at);
        self.outbox.device(s.source, arrives, mix(&[s.person as u64, 69]), requests)
    }
}

/// Sensors' identities of a session.
fn identities(s: &Session) -> String {
    let mut out = String::new();
    for id in &s.ids {
        let text = plain_text(*id);
        match id.0 {
            Ns::OpenMini => field(&mut out, &format!("$identity_mp_{MINI_APP}_openid"), &text),
            Ns::Union => field(&mut out, "$identity_mp_unionid", &text),
            Ns::User => field(&mut out, "$identity_login_id", &text),
            Ns::Phone => field(&mut out, "$identity_mobile", &text),
            Ns::Member
            | Ns::Email
            | Ns::OpenAccount
            | Ns::OpenDouyin
            | Ns::OpenNotes
            | Ns::Buyer
            | Ns::Device
            | Ns::Anonymous => {}
        }
    }
    out
}

impl Session {
    /// Whether the session is known to be somebody's.
    pub(super) fn signed(&self) -> bool {
        self.ids.iter().any(|i| i.0 == Ns::User)
    }
}

impl World {
    /// Who a guest is: an identify call without user id.
    pub(super) fn identify_guest(&mut self, s: &mut Session, traits: &str) {
        self.event(s, Verb::Identify, "", "", traits);
    }
}
