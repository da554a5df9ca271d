//! Who lives in the demo: what they are like, what identifies them, what they share.

use throughline_base::Rng;
use throughline_base::time::DAY_MS;

use crate::DemoConfig;
use crate::names::{Name, draw_city};
use crate::text::{base62, digits, mix, mix128, uuid};

/// How much of a customer somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Looks, never buys.
    Browser,
    OneTime,
    Occasional,
    Regular,
    Heavy,
}

impl Segment {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::OneTime => "one_time",
            Self::Occasional => "occasional",
            Self::Regular => "regular",
            Self::Heavy => "heavy",
        }
    }

    fn draw(rng: &mut Rng) -> Self {
        match rng.below(100) {
            0..=39 => Self::Browser,
            40..=61 => Self::OneTime,
            62..=82 => Self::Occasional,
            83..=94 => Self::Regular,
            _ => Self::Heavy,
        }
    }

    /// (baseline orders a year, visits a year without order, mean life in days, weight of touches)
    const fn pace(self) -> (f64, f64, f64, f64) {
        match self {
            Self::Browser => (0.0, 4.2, 150.0, 0.0),
            Self::OneTime => (2.0, 4.8, 400.0, 0.8),
            Self::Occasional => (0.8, 5.2, 420.0, 1.0),
            Self::Regular => (1.9, 9.0, 600.0, 1.3),
            Self::Heavy => (4.0, 16.0, 900.0, 1.5),
        }
    }
}

/// What kind of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Ns {
    User,
    Member,
    Phone,
    Email,
    Union,
    OpenMini,
    OpenAccount,
    OpenDouyin,
    OpenNotes,
    Buyer,
    Device,
    Anonymous,
}

/// The apps openids belong to.
pub(crate) const MINI_APP: &str = "wx5e1f7a20c3b94d68";
/// The official account.
pub(crate) const ACCOUNT_APP: &str = "wx90c4de7712ab3f05";
/// The Douyin live room.
pub(crate) const DOUYIN_APP: &str = "douyin";
/// The Xiaohongshu account.
pub(crate) const NOTES_APP: &str = "xiaohongshu";

impl Ns {
    /// The collector's namespace.
    pub(crate) fn namespace(self) -> String {
        match self {
            Self::User => "user_id".into(),
            Self::Member => "member_no".into(),
            Self::Phone => "phone".into(),
            Self::Email => "email".into(),
            Self::Union => "unionid".into(),
            Self::OpenMini => format!("openid:{MINI_APP}"),
            Self::OpenAccount => format!("openid:{ACCOUNT_APP}"),
            Self::OpenDouyin => format!("openid:{DOUYIN_APP}"),
            Self::OpenNotes => format!("openid:{NOTES_APP}"),
            Self::Buyer => "buyer_id".into(),
            Self::Device => "device_id".into(),
            Self::Anonymous => "anonymous_id".into(),
        }
    }
}

/// An identifier: what kind, and the number its text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) Ns, pub(crate) u64);

/// An identifier somebody has been seen with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owned {
    pub(crate) id: Id,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) group: u16,
}

/// A touch that still raises the rate of buying.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raised {
    pub(crate) channel: crate::channel::Channel,
    pub(crate) at: i64,
    pub(crate) mass: f64,
}

/// What a person has done or agreed to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Flags {
    pub(crate) follows_wechat: bool,
    pub(crate) email_ok: bool,
    pub(crate) sms_ok: bool,
    pub(crate) web_logged_in: bool,
    pub(crate) app_used: bool,
    pub(crate) app_logged_in: bool,
    pub(crate) mini_bound: bool,
    pub(crate) buyer_bound: bool,
    pub(crate) gone: bool,
}

/// One human being.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) rng: Rng,
    pub(crate) segment: Segment,
    pub(crate) flags: Flags,
    pub(crate) name: Name,
    pub(crate) female: bool,
    /// Years since 1900, month, day.
    pub(crate) birth: (u8, u8, u8),
    pub(crate) city: u8,
    pub(crate) address: u64,
    /// First and last instant of interest in the brand.
    pub(crate) born: i64,
    pub(crate) gone_at: i64,
    /// Baseline orders and visits per ms on an ordinary day.
    pub(crate) order_rate: f64,
    pub(crate) visit_rate: f64,
    /// How strongly touches work.
    pub(crate) weight: f64,
    /// The venue they like best, an index into the sources.
    pub(crate) home: u8,
    /// Eleven digits.
    pub(crate) phone: u64,
    /// The number after `phone_change_at`.
    pub(crate) next_phone: u64,
    pub(crate) phone_change_at: i64,
    /// Index of the other one in the household.
    pub(crate) partner: Option<u32>,
    pub(crate) shares_browser: bool,
    /// Device clock error, ms.
    pub(crate) skew: i64,
    pub(crate) user_no: u32,
    pub(crate) member_no: u32,
    pub(crate) has_email: bool,
    pub(crate) orders: u16,
    pub(crate) cookie: u16,
    pub(crate) cookie_until: i64,
    pub(crate) desktop_cookie: u16,
    pub(crate) raised: Vec<Raised>,
    pub(crate) owned: Vec<Owned>,
}

const PREFIXES: [u64; 24] = [
    130, 131, 132, 135, 136, 137, 139, 150, 151, 152, 156, 157, 158, 159, 176, 177, 178, 180, 182, 185, 186, 187, 188,
    199,
];

/// A mainland number that no other slot has: the tail is a permutation of the slot.
fn phone(seed: u64, slot: u64) -> u64 {
    // 99,999,989 is the largest prime below 10^8.
    let tail = (slot.wrapping_mul(48_271) + mix(&[seed, 11]) % 99_999_989) % 99_999_989;
    PREFIXES[(mix(&[seed, slot, 12]) % 24) as usize] * 100_000_000 + tail
}

/// Everybody, in the order of their index.
pub(crate) fn population(config: &DemoConfig) -> Vec<Person> {
    let seed = config.seed;
    let (from, until) = (config.from().ms(), config.until.ms());
    let mut released: Vec<(u64, i64)> = Vec::new();
    let mut people: Vec<Person> = Vec::with_capacity(config.people as usize);
    for i in 0..config.people {
        let mut rng = Rng::seeded(mix(&[seed, u64::from(i), 1]));
        let family = (i % 2 == 1 && rng.chance(0.22)).then(|| i - 1);
        let mut p = person(config, i, &mut rng, family.map(|f| &people[f as usize]));
        if let Some(f) = family {
            let shares = rng.chance(0.3);
            let other = &mut people[f as usize];
            other.partner = Some(i);
            other.shares_browser = shares;
            p.partner = Some(f);
            p.shares_browser = shares;
            if rng.chance(0.07) && other.phone_change_at == i64::MAX {
                p.phone = other.phone;
                p.phone_change_at = i64::MAX;
            }
        }
        if p.phone_change_at != i64::MAX {
            released.push((p.phone, p.phone_change_at));
        } else if family.is_none() && rng.chance(0.05) {
            let free = released.iter().position(|(_, at)| at + 90 * DAY_MS < p.born);
            if let Some(slot) = free {
                p.phone = released.swap_remove(slot).0;
            }
        }
        debug_assert!(p.born >= from && p.born <= until);
        people.push(p);
    }
    people
}

fn person(config: &DemoConfig, i: u32, rng: &mut Rng, family: Option<&Person>) -> Person {
    let (from, until) = (config.from().ms(), config.until.ms());
    let span = (until - from).max(1) as u64;
    let segment = Segment::draw(rng);
    let (orders, visits, life_days, weight) = segment.pace();
    // A third were customers before the history begins.
    let born =
        if rng.chance(0.33) { from + rng.below((span / 12).max(1)) as i64 } else { from + rng.below(span) as i64 };
    let life = exponential(rng, life_days * DAY_MS as f64).max(2.0 * DAY_MS as f64);
    let female = rng.chance(0.74);
    let same_name = family.filter(|_| rng.chance(0.5)).and_then(|f| f.name.surname());
    let city = family.map_or_else(|| draw_city(rng), |f| f.city);
    let year_ms = 365.0 * DAY_MS as f64;
    let change = rng.chance(0.045).then(|| born + (40 * DAY_MS) + rng.below(span) as i64).filter(|t| *t < until);
    Person {
        segment,
        flags: Flags::default(),
        name: Name::draw(rng, female, same_name),
        female,
        birth: (60 + rng.below(46) as u8, 1 + rng.below(12) as u8, 1 + rng.below(28) as u8),
        city,
        address: family.map_or_else(|| rng.next_u64() >> 16, |f| f.address),
        born,
        gone_at: born + life as i64,
        order_rate: orders / year_ms * gamma2(rng),
        visit_rate: visits / year_ms * gamma2(rng),
        weight: weight * gamma2(rng),
        home: home(rng),
        phone: phone(config.seed, u64::from(i) * 2),
        next_phone: phone(config.seed, u64::from(i) * 2 + 1),
        phone_change_at: change.unwrap_or(i64::MAX),
        partner: None,
        shares_browser: false,
        skew: if rng.chance(0.02) { rng.below(4 * 3_600_000) as i64 - 2 * 3_600_000 } else { 0 },
        user_no: 0,
        member_no: 0,
        has_email: rng.chance(0.45),
        orders: 0,
        cookie: 0,
        cookie_until: 0,
        desktop_cookie: 0,
        raised: Vec::new(),
        owned: Vec::new(),
        rng: rng.fork(2),
    }
}

/// The favourite venue: web, app, mini-program, Tmall or stores.
fn home(rng: &mut Rng) -> u8 {
    use crate::source::at::{APP, MINI, STORES, TMALL, WEB};
    let venue = match rng.below(100) {
        0..=20 => WEB,
        21..=34 => APP,
        35..=59 => MINI,
        60..=75 => TMALL,
        _ => STORES,
    };
    venue as u8
}

/// Exponential with this mean.
pub(crate) fn exponential(rng: &mut Rng, mean: f64) -> f64 {
    -(1.0 - rng.unit()).ln() * mean
}

/// Gamma with shape 2 and mean 1: how people differ.
fn gamma2(rng: &mut Rng) -> f64 {
    exponential(rng, 0.5) + exponential(rng, 0.5)
}

impl Person {
    /// The number they have at an instant.
    pub(crate) const fn phone_at(&self, at: i64) -> u64 {
        if at < self.phone_change_at { self.phone } else { self.next_phone }
    }

    /// Their e-mail address; reserved domains only (RFC 2606).
    pub(crate) fn email(&self, index: u32) -> String {
        const DOMAINS: [&str; 5] = ["mail.example", "post.example", "qmail.example", "example.com", "example.net"];
        let mut out = self.name.latin();
        digits(&mut out, u64::from(index) + 1, 2);
        out.push('@');
        out.push_str(DOMAINS[(u64::from(index) * 7 % 5) as usize]);
        out
    }

    /// The normalised text of an identifier of theirs.
    pub(crate) fn text_of(&self, id: Id) -> String {
        match id.0 {
            Ns::Email => self.email(id.1 as u32),
            Ns::Phone => format!("+86{}", id.1),
            Ns::User
            | Ns::Member
            | Ns::Union
            | Ns::OpenMini
            | Ns::OpenAccount
            | Ns::OpenDouyin
            | Ns::OpenNotes
            | Ns::Buyer
            | Ns::Device
            | Ns::Anonymous => plain_text(id),
        }
    }
}

/// The text of identifiers that do not depend on whose they are.
pub(crate) fn plain_text(id: Id) -> String {
    let mut out = String::with_capacity(36);
    match id.0 {
        Ns::User => {
            out.push('u');
            digits(&mut out, 10_000_000 + id.1, 8);
        }
        Ns::Member => {
            out.push_str("88");
            digits(&mut out, id.1, 8);
        }
        Ns::Phone | Ns::Email => digits(&mut out, id.1, 11),
        Ns::Union | Ns::OpenMini | Ns::OpenAccount | Ns::OpenDouyin | Ns::OpenNotes => {
            out.push('o');
            base62(&mut out, mix128(&[id.1, id.0 as u64]), 21);
            base62(&mut out, mix128(&[id.1, 77]), 6);
        }
        Ns::Buyer => {
            out.push_str("AAH");
            base62(&mut out, mix128(&[id.1, 78]), 21);
        }
        Ns::Device | Ns::Anonymous => uuid(&mut out, mix128(&[id.1, id.0 as u64])),
    }
    out
}
