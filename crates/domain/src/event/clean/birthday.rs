//! Birthdays: ISO dates, or month and day when the year is unknown.

use std::fmt;

use throughline_base::Timestamp;

use super::{Cleaned, id};

/// A birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birthday {
    /// Year, when known.
    pub year: Option<i16>,
    /// Month, 1–12.
    pub month: i8,
    /// Day of the month.
    pub day: i8,
}

impl Birthday {
    /// Whether it is one of the dates that forms fill in by themselves: no evidence in matching.
    #[must_use]
    pub fn is_suspect(self) -> bool {
        self.month == 1 && self.day == 1 && matches!(self.year, Some(1900 | 1970 | 2000))
    }
}

impl fmt::Display for Birthday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}-{:02}-{:02}", self.month, self.day),
            None => write!(f, "--{:02}-{:02}", self.month, self.day),
        }
    }
}

/// Reads `1990-05-17`, `1990/5/17`, `19900517`, `1990年5月17日`, `--05-17`, `05-17`, `5月17日`, with a time behind it or
/// not. `None` when it is no date, later than `now`, or before 1900. Rule `birthday`; its text is that of
/// [`Birthday`]'s `Display` (ISO 8601; `--MM-DD` without a year, as in vCard).
#[must_use]
pub fn birthday(raw: &str, now: Timestamp) -> Option<Cleaned<Birthday>> {
    if raw.len() > 80 {
        return None;
    }
    let text = id(raw);
    let date = text.split(['T', ' ']).next().filter(|d| d.len() >= 8).unwrap_or(&text);
    let numbers = numbers(date)?;
    let value = match (numbers.as_slice(), date.starts_with("--")) {
        (&[month, day], _) => checked(None, month, day)?,
        (&[year, month, day], false) => checked(Some(year), month, day)?,
        (&[ymd], _) if date.len() == 8 => checked(Some(ymd / 10_000), ymd / 100 % 100, ymd % 100)?,
        _ => return None,
    };
    let today = jiff::Timestamp::from_millisecond(now.ms()).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    if let Some(year) = value.year {
        let date = jiff::civil::Date::new(year, value.month, value.day).ok()?;
        // A day more, because the customer's today may be ahead of UTC's.
        if year < 1900 || date > today.tomorrow().unwrap_or(today) {
            return None;
        }
    }
    let changed = value.to_string() != raw;
    Some(Cleaned::when(value, changed, "birthday"))
}

/// The two or three numbers of a date, or its single run of digits.
fn numbers(date: &str) -> Option<Vec<u32>> {
    let mut out = Vec::with_capacity(3);
    for part in date.split(['-', '/', '.', '年', '月', '日']).map(str::trim).filter(|p| !p.is_empty()) {
        if out.len() == 3 || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        out.push(part.parse().ok()?);
    }
    Some(out)
}

fn checked(year: Option<u32>, month: u32, day: u32) -> Option<Birthday> {
    // 0000 and 1604 (what contact books of telephones write) stand for an unknown year.
    let year = year.filter(|y| *y != 0 && *y != 1604);
    let (year, month, day) =
        (year.map(i16::try_from).transpose().ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    jiff::civil::Date::new(year.unwrap_or(2000), month, day).ok()?;
    Some(Birthday { year, month, day })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_795_304_500_000);

    fn read(raw: &str) -> Option<String> {
        birthday(raw, NOW).map(|b| b.value.to_string())
    }

    #[test]
    fn dates_in_the_usual_spellings_are_read() {
        for raw in [
            "1990-05-17",
            "1990/5/17",
            "19900517",
            "1990年5月17日",
            "1990.05.17",
            "1990-05-17T00:00:00Z",
            "１９９０－５－１７",
        ] {
            assert_eq!(read(raw).as_deref(), Some("1990-05-17"), "{raw}");
        }
        for raw in ["--05-17", "05-17", "5月17日", "0000-05-17", "1604-05-17"] {
            assert_eq!(read(raw).as_deref(), Some("--05-17"), "{raw}");
        }
        assert_eq!(read("02-29").as_deref(), Some("--02-29"));
    }

    #[test]
    fn impossible_dates_are_refused_and_form_defaults_are_suspects() {
        for raw in ["2026-12-24", "1899-12-31", "1990-02-30", "1990", "soon", "1990-05-17-01", "99999999"] {
            assert_eq!(read(raw), None, "{raw}");
        }
        assert!(birthday("2000-01-01", NOW).unwrap().value.is_suspect());
        assert!(!birthday("2001-01-01", NOW).unwrap().value.is_suspect());
    }

    proptest! {
        #[test]
        fn cleaning_a_birthday_twice_changes_nothing_more(raw in "[0-9]{0,4}[-/年]{0,2}[0-9]{1,2}[-/月][0-9]{1,2}") {
            if let Some(once) = birthday(&raw, NOW) {
                let twice = birthday(&once.value.to_string(), NOW);
                prop_assert_eq!(twice, Some(Cleaned { value: once.value, rule: None }));
            }
        }
    }
}
