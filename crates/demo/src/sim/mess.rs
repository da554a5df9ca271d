//! The mess of reality: typing errors, odd spellings, placeholders, broken events, robots.

use throughline_base::Rng;
use throughline_base::time::DAY_MS;

use super::World;
use crate::calendar::time_of_day;
use crate::source::at;
use crate::text::{field, mix};
use crate::wire::{Fragment, Say, Verb, fragment};

/// A phone number as a tired hand types it: one digit wrong, or two swapped.
pub(super) fn mistyped(phone: u64, rng: &mut Rng) -> u64 {
    // Never the prefix, so that it stays a plausible number; it belongs to nobody.
    let place = 10_u64.pow(rng.below(7) as u32);
    let digit = phone / place % 10;
    let next = phone / place / 10 % 10;
    if digit != next && rng.chance(0.3) {
        phone - digit * place - next * place * 10 + next * place + digit * place * 10
    } else {
        phone - digit * place + (digit + 1 + rng.below(8)) % 10 * place
    }
}

/// A phone number as forms receive it: mostly plain, sometimes with country code, separators or full-width digits.
pub(super) fn spelled(phone: u64, rng: &mut Rng) -> String {
    let plain = phone.to_string();
    let (a, b, c) = (&plain[..3], &plain[3..7], &plain[7..]);
    match rng.below(200) {
        0 => plain.chars().filter_map(|c| char::from_u32(c as u32 - 0x30 + 0xff10)).collect(),
        1..=9 => format!("+86 {a} {b} {c}"),
        10..=17 => format!("{a}-{b}-{c}"),
        18..=23 => format!("86{plain}"),
        24..=25 => format!(" {plain} "),
        _ => plain,
    }
}

/// What an unready page sends in place of a user id.
pub(super) fn placeholder(rng: &mut Rng) -> &'static str {
    ["undefined", "null", "00000000-0000-0000-0000-000000000000", "[object Object]"][rng.below(4) as usize]
}

/// An event that no collector can record as it is: no id at all, no name, an unknown type, or a time before the brand.
pub(super) fn broken(source: usize, at: i64, id: u128, rng: &mut Rng) -> Fragment {
    let kind = rng.below(4);
    let say = Say {
        verb: Verb::Track,
        name: if kind == 1 { "" } else { "Product Viewed" },
        at: if kind == 3 { 86_400_000 + at % 1_000_000_000 } else { at },
        user: "",
        anonymous: if kind == 0 { "" } else { "7d444840-9dc0-41d1-b245-5ffdce74fad2" },
        props: "\"product_id\":\"SK0101\"",
        traits: "",
        context: "",
        identities: "",
        id,
    };
    let mut out = fragment(source, &say);
    if kind == 2 {
        out.json = out.json.replacen("\"type\":\"track\"", "\"type\":\"trak\"", 1);
    }
    out
}

const ROBOTS: [&str; 4] = [
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
];

impl World {
    /// Robots read the web shop every day, with a new cookie each time.
    pub(super) fn robots(&mut self) {
        let start = self.from + self.day as i64 * DAY_MS;
        let exact = self.people.len() as f64 / 5_000.0;
        let count = exact as u64 + u64::from(self.rng.chance(exact.fract()));
        for _ in 0..count {
            let at = start + time_of_day(self.rng.unit());
            let anonymous = {
                let mut out = String::new();
                let bits = self.rng.next_u64();
                crate::text::uuid(&mut out, crate::text::mix128(&[bits, 66]));
                out
            };
            let agent = ROBOTS[self.rng.below(4) as usize];
            let pages = 1 + self.rng.below(2);
            let mut fragments = Vec::new();
            for i in 0..pages {
                let path = self.products[self.rng.below(self.products.len() as u64) as usize].path.clone();
                let mut context = String::new();
                field(&mut context, "userAgent", agent);
                let mut props = String::new();
                field(&mut props, "path", &path);
                field(&mut props, "url", &format!("https://www.mosslark.example{path}"));
                let id = u128::from(self.rng.next_u64()) << 64 | u128::from(mix(&[at as u64, i]));
                let say = Say {
                    verb: Verb::Page,
                    name: "Product",
                    at: at + i as i64 * 400,
                    user: "",
                    anonymous: &anonymous,
                    props: &props,
                    traits: "",
                    context: &context,
                    identities: "",
                    id,
                };
                fragments.push(fragment(at::WEB, &say));
            }
            let arrives = at + pages as i64 * 400 + 300;
            let sent = self.outbox.write(at::WEB, arrives - 120, &fragments, true);
            self.outbox.device(at::WEB, arrives, mix(&[at as u64, 67]), sent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_keep_the_length_and_change_the_number() {
        let mut rng = Rng::seeded(5);
        for i in 0..500 {
            let phone = 13_900_000_000 + i * 7_919;
            let wrong = mistyped(phone, &mut rng);
            assert_ne!(wrong, phone);
            assert_eq!(wrong.to_string().len(), 11);
            assert_eq!(wrong / 100_000_000, phone / 100_000_000);
        }
    }

    #[test]
    fn odd_spellings_keep_the_digits() {
        let mut rng = Rng::seeded(6);
        let mut full_width = 0;
        for _ in 0..2_000 {
            let text = spelled(13_912_345_678, &mut rng);
            let digits: String = text
                .chars()
                .filter_map(|c| match c as u32 {
                    0x30..=0x39 => Some(c),
                    n @ 0xff10..=0xff19 => char::from_u32(n - 0xff10 + 0x30),
                    _ => None,
                })
                .collect();
            assert!(digits.ends_with("13912345678"), "{text}");
            full_width += u32::from(text.starts_with('１'));
        }
        assert!(full_width > 0);
    }
}
