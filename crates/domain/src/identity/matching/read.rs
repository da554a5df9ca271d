//! Cells become values: dates, numbers, e-mail addresses and addresses as files have them, errors and all. What cannot be
//! right is kept as it was typed, because a typing error is what matching is about; what is no evidence is no value.

use crate::event::clean;
use crate::identity::blocked;

use super::text;

/// Which number comes first in a date such as `05/06/1994`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// The day.
    #[default]
    DayFirst,
    /// The month.
    MonthFirst,
}

impl DateOrder {
    /// Tells the order of a column from some of its cells: a number above 12 can only be a day.
    #[must_use]
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut first, mut second) = (0_u32, 0_u32);
        for cell in cells {
            let runs = runs(cell);
            if let [a, b, (_, 4)] = runs.as_slice() {
                first += u32::from(a.0 > 12);
                second += u32::from(b.0 > 12);
            }
        }
        if second > first { Self::MonthFirst } else { Self::DayFirst }
    }
}

/// Runs of digits as number and length.
fn runs(text: &str) -> Vec<(u32, usize)> {
    let mut out = Vec::with_capacity(3);
    for run in text.split(|c: char| !c.is_ascii_digit()).filter(|r| !r.is_empty()) {
        if out.len() == 4 || run.len() > 8 {
            return Vec::new();
        }
        out.push((run.parse().unwrap_or(0), run.len()));
    }
    out
}

/// `YYYYMMDD` of a date in any usual spelling, possible or not; a year that is unknown is `0000`. `None` for what is no
/// date, and for the dates that forms fill in by themselves.
#[must_use]
pub(super) fn date(raw: &str, order: DateOrder) -> Option<[u8; 8]> {
    if raw.len() > 80 {
        return None;
    }
    let whole = clean::id(raw);
    let text = whole.split(['T', ' ']).next().filter(|d| d.len() >= 8).unwrap_or(&whole);
    let runs = runs(text);
    let (year, month, day) = match *runs.as_slice() {
        [(n, 8)] => {
            let plausible = |y: u32| (1880..=2100).contains(&y);
            match order {
                _ if plausible(n / 10_000) || !plausible(n % 10_000) => (n / 10_000, n / 100 % 100, n % 100),
                DateOrder::DayFirst => (n % 10_000, n / 10_000 % 100, n / 1_000_000),
                DateOrder::MonthFirst => (n % 10_000, n / 1_000_000, n / 10_000 % 100),
            }
        }
        [(y, 4), (m, 1..=2), (d, 1..=2)] => (y, m, d),
        [(a, 1..=2), (b, 1..=2), (y, l @ (2 | 4))] => {
            let y = if l == 2 { y + if y > 30 { 1900 } else { 2000 } } else { y };
            match order {
                DateOrder::DayFirst if b <= 12 || a > 12 => (y, b, a),
                DateOrder::MonthFirst if a > 12 && b <= 12 => (y, b, a),
                DateOrder::DayFirst | DateOrder::MonthFirst => (y, a, b),
            }
        }
        [(m, 1..=2), (d, 1..=2)] if text.starts_with("--") || text.contains('月') => (0, m, d),
        [(d, 1..=2), (y, 4)] => (y, month_named(text)?, d),
        _ => return None,
    };
    if matches!((year, month, day), (1900 | 1970 | 2000, 1, 1)) || (year, month, day) == (0, 0, 0) {
        return None;
    }
    let year = if year == 1604 { 0 } else { year };
    let digit = |n: u32, p: u32| b'0' + (n / p % 10) as u8;
    Some([
        digit(year, 1000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        digit(month, 10),
        digit(month, 1),
        digit(day, 10),
        digit(day, 1),
    ])
}

fn month_named(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    months.iter().position(|m| lower.contains(m)).map(|i| i as u32 + 1)
}

/// The number of a day (Hinnant's `days_from_civil`); `None` when there is no such day.
#[must_use]
pub(super) fn day_number(digits: [u8; 8]) -> Option<i32> {
    let n = |r: std::ops::Range<usize>| digits[r].iter().fold(0_i32, |n, d| n * 10 + i32::from(d - b'0'));
    let (y, m, d) = (n(0..4), n(4..6), n(6..8));
    let leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let last = match m {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        _ => return None,
    };
    if y == 0 || !(1..=last).contains(&d) {
        return None;
    }
    let y = if m <= 2 { y - 1 } else { y };
    let of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    Some(y * 365 + y / 4 - y / 100 + y / 400 + of_year)
}

/// Capital letters and digits of a number; `*` where signs are hidden. Of an address on the web, its last part.
#[must_use]
pub(super) fn number(raw: &str) -> Option<String> {
    let raw = if raw.contains("://") { raw.trim_end_matches('/').rsplit('/').next().unwrap_or(raw) } else { raw };
    let out: String = clean::id(raw)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '*')
        .flat_map(char::to_uppercase)
        .take(super::compare::MAX)
        .collect();
    let known = out.bytes().filter(|b| *b != b'*').count() >= 2;
    (known && !repeated(&out) && blocked::built_in("number", raw).is_none()).then_some(out)
}

fn repeated(signs: &str) -> bool {
    signs.len() > 3 && signs.bytes().all(|b| Some(b) == signs.bytes().next())
}

/// Digits of a telephone number without its country, as far as that can be told: `+86`, and `+1`; other countries compare
/// by their ends. `*` where digits are hidden.
#[must_use]
pub(super) fn phone(raw: &str) -> Option<String> {
    if raw.len() > 120 {
        return None;
    }
    let text = clean::id(raw);
    let international = text.starts_with('+') || text.starts_with("00");
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '*').collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let mobile = |d: &str| {
        let b = d.as_bytes();
        b.len() == 11 && b[0] == b'1' && matches!(b[1], b'3'..=b'9')
    };
    let national = match digits.strip_prefix("86") {
        Some(rest) if mobile(rest) || (international && rest.len() >= 9) => rest,
        Some(_) | None if international && digits.starts_with('1') && digits.len() >= 11 => &digits[1..],
        Some(_) | None => digits,
    };
    let national = national.strip_prefix('0').filter(|n| n.len() >= 7).unwrap_or(national);
    let known = national.bytes().filter(u8::is_ascii_digit).count();
    if known < 4 || national.len() < 6 || blocked::built_in("phone", national).is_some() {
        return None;
    }
    Some(national.chars().take(24).collect())
}

/// An address in lower case and what its local part comes to, by the provider's rules.
#[must_use]
pub(super) fn mail(raw: &str) -> Option<(String, usize, String)> {
    if raw.len() > 320 {
        return None;
    }
    let whole: String = clean::id(raw).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    if whole.bytes().filter(u8::is_ascii_alphabetic).count() < 3 || blocked::built_in("email", &whole).is_some() {
        return None;
    }
    let at = whole.rfind('@').unwrap_or(whole.len());
    if at == 0 {
        return None;
    }
    let key = if whole[..at].contains('*') {
        String::new()
    } else {
        let key = clean::email_match_key(&whole);
        key.split('@').next().unwrap_or_default().to_owned()
    };
    Some((whole, at, key))
}

/// The words of an address. Chinese is cut behind the signs of its parts (province, city, district, road …), and what a
/// number counts (号, 幢, 室) is left out; common English abbreviations are written out.
pub(super) fn street_words(raw: &str, mut each: impl FnMut(&str)) {
    for word in text::words(raw).split(' ').filter(|w| !w.is_empty()) {
        if word.is_ascii() {
            each(written_out(word));
        } else {
            han_parts(word, &mut each);
        }
    }
}

fn written_out(word: &str) -> &str {
    match word {
        "st" => "street",
        "rd" => "road",
        "ave" | "av" => "avenue",
        "dr" => "drive",
        "ln" => "lane",
        "ct" => "court",
        "pl" => "place",
        "blvd" => "boulevard",
        "hwy" => "highway",
        "cl" => "close",
        "cres" => "crescent",
        "pde" => "parade",
        "tce" => "terrace",
        "n" => "north",
        "s" => "south",
        "e" => "east",
        "w" => "west",
        _ => word,
    }
}

fn han_parts(word: &str, each: &mut impl FnMut(&str)) {
    let mut start = 0;
    let mut digits = false;
    for (i, c) in word.char_indices() {
        let numeric = c.is_ascii_alphanumeric();
        if numeric != digits {
            if start < i {
                each(&word[start..i]);
            }
            start = i;
            digits = numeric;
        }
        if !numeric && ends_part(c) {
            let end = i + c.len_utf8();
            // What only counts the number before it says nothing.
            if word[start..end].chars().count() > 1 {
                each(&word[start..end]);
            }
            start = end;
        }
    }
    if start < word.len() {
        each(&word[start..]);
    }
}

const fn ends_part(c: char) -> bool {
    matches!(
        c,
        '省' | '市'
            | '区'
            | '县'
            | '镇'
            | '乡'
            | '村'
            | '道'
            | '路'
            | '街'
            | '巷'
            | '弄'
            | '号'
            | '幢'
            | '栋'
            | '楼'
            | '座'
            | '元'
            | '室'
            | '层'
            | '组'
            | '园'
            | '苑'
            | '庭'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(raw: &str, order: DateOrder) -> Option<String> {
        date(raw, order).map(|d| String::from_utf8_lossy(&d).into_owned())
    }

    #[test]
    fn dates_are_read_in_the_spellings_of_files() {
        use DateOrder::{DayFirst, MonthFirst};
        for (raw, order, want) in [
            ("19560409", DayFirst, "19560409"),
            ("1990-05-17", DayFirst, "19900517"),
            ("1990-05-17 00:00:00", DayFirst, "19900517"),
            ("1990-05-17T08:30:00Z", DayFirst, "19900517"),
            ("05/06/1994", DayFirst, "19940605"),
            ("05/06/1994", MonthFirst, "19940506"),
            ("13/06/1994", MonthFirst, "19940613"),
            ("17.5.90", DayFirst, "19900517"),
            ("1990年5月17日", DayFirst, "19900517"),
            ("17 May 1990", DayFirst, "19900517"),
            ("--05-17", DayFirst, "00000517"),
            ("19561309", DayFirst, "19561309"),
        ] {
            assert_eq!(d(raw, order).as_deref(), Some(want), "{raw}");
        }
        for none in ["", "soon", "1900-01-01", "1970-01-01", "2000/1/1", "00000000", "1990", "1-2-3-4-5"] {
            assert_eq!(d(none, DayFirst), None, "{none}");
        }
        assert_eq!(DateOrder::of(["05/06/1994", "12/25/1990"]), MonthFirst);
        assert_eq!(DateOrder::of(["05/06/1994", "25/12/1990"]), DayFirst);
    }

    #[test]
    fn days_are_numbered_and_impossible_ones_are_not() {
        let n = |s: &str| day_number(s.as_bytes().try_into().unwrap());
        assert_eq!(n("20000301").zip(n("20000229")).map(|(a, b)| a - b), Some(1));
        assert_eq!(n("19700101").zip(n("20261130")).map(|(a, b)| b - a), Some(20_787));
        assert_eq!(n("19900230"), None);
        assert_eq!(n("00000517"), None);
    }

    #[test]
    fn phones_lose_country_and_separators_and_placeholders_are_none() {
        for raw in ["13912345678", "+86 139-1234-5678", "0086 13912345678", "8613912345678", "１３９１２３４５６７８"]
        {
            assert_eq!(phone(raw).as_deref(), Some("13912345678"), "{raw}");
        }
        assert_eq!(phone("+1-558-555-0110 x6997").as_deref(), Some("55855501106997"));
        assert_eq!(phone("010-65529988").as_deref(), Some("1065529988"));
        assert_eq!(phone("138****5678").as_deref(), Some("138****5678"));
        for none in ["", "13800138000", "11111111111", "n/a", "12", "+86"] {
            assert_eq!(phone(none), None, "{none}");
        }
    }

    #[test]
    fn mailboxes_are_compared_by_their_provider_s_rules() {
        let key = |raw: &str| mail(raw).map(|(_, _, key)| key);
        assert_eq!(key("J.Doe+shop@gmail.com"), key("jdoe@googlemail.com"));
        assert_eq!(key("a***@mail.example").as_deref(), Some(""));
        assert_eq!(key("noemail@shop.example"), None);
        assert_eq!(key("+1 (12) 638-0"), None);
    }

    #[test]
    fn addresses_fall_into_their_parts() {
        let words = |raw: &str| {
            let mut out = Vec::new();
            street_words(raw, |w| out.push(w.to_owned()));
            out
        };
        assert_eq!(words("上海市靜安區南京西路１２３號5幢602室"), ["上海市", "静安区", "南京西路", "123", "5", "602"]);
        assert_eq!(words("7 Wallaby St., Apt 4"), ["7", "wallaby", "street", "apt", "4"]);
        assert_eq!(words(" , "), Vec::<String>::new());
    }
}
