//! Money is integer minor units and a currency. Never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An ISO 4217 code, upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// ISO 4217 currencies whose exponent is not 2.
const EXPONENTS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

impl Currency {
    /// The yuan.
    pub const CNY: Self = Self(*b"CNY");

    /// The code, for instance `CNY`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("three ASCII letters")
    }

    /// How many decimals the minor unit has (ISO 4217): 2 for CNY, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        EXPONENTS.iter().find(|(code, _)| *code == self.as_str()).map_or(2, |(_, e)| *e)
    }
}

impl FromStr for Currency {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let b = text.trim().as_bytes();
        match b {
            [x, y, z] if b.iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([x.to_ascii_uppercase(), y.to_ascii_uppercase(), z.to_ascii_uppercase()]))
            }
            _ => Err("a currency is three letters of ISO 4217, for instance CNY"),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

/// An amount in minor units of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units (fen, cents); negative for money that goes back.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Reads a decimal such as `12.34`, `-5` or `1e3`. Returns the amount and whether decimals had to be rounded
    /// (half away from zero). `None` when the text is no decimal or does not fit.
    #[must_use]
    pub fn parse_decimal(text: &str, currency: Currency) -> Option<(Self, bool)> {
        let text = text.trim();
        let (mantissa, exp10) = match text.split_once(['e', 'E']) {
            Some((m, e)) => (m, e.parse::<i32>().ok().filter(|e| (-400..=400).contains(e))?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, frac) = digits.split_once('.').unwrap_or((digits, ""));
        let all = || whole.bytes().chain(frac.bytes());
        if all().next().is_none() || !all().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // value = all digits · 10^(exp10 - |frac|); minor = value · 10^exponent
        let shift = exp10 - frac.len() as i32 + currency.exponent() as i32;
        let mut digits: Vec<u8> = all().map(|b| b - b'0').collect();
        let mut rounded = false;
        let mut round_up = false;
        if shift < 0 {
            let cut = shift.unsigned_abs() as usize;
            let keep = digits.len().saturating_sub(cut);
            let removed = &digits[keep..];
            rounded = removed.iter().any(|d| *d != 0);
            round_up = cut <= digits.len() && removed.first().is_some_and(|d| *d >= 5);
            digits.truncate(keep);
        } else if digits.iter().any(|d| *d != 0) {
            digits.extend(std::iter::repeat_n(0, shift as usize));
        }
        let mut minor: i64 = 0;
        for d in digits {
            minor = minor.checked_mul(10)?.checked_add(i64::from(d))?;
        }
        minor = minor.checked_add(i64::from(round_up))?;
        Some((Self { minor: if negative { -minor } else { minor }, currency }, rounded))
    }

    /// The decimal text, for instance `12.34`, with as many decimals as the currency has.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let e = self.currency.exponent();
        if e == 0 {
            return self.minor.to_string();
        }
        let unit = 10_u64.pow(e);
        let abs = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        format!("{sign}{}.{:0width$}", abs / unit, abs % unit, width = e as usize)
    }
}

/// Splits `amount` by `weights` so that the parts sum to it: floors, then one unit each to the largest
/// remainders, ties to the earlier part. All-zero weights share equally; negative amounts mirror.
#[must_use]
pub fn split_largest_remainder(amount: i64, weights: &[f64]) -> Vec<i64> {
    if weights.is_empty() {
        return Vec::new();
    }
    let sum: f64 = weights.iter().sum();
    let equal = 1.0 / weights.len() as f64;
    let share = |w: f64| if sum > 0.0 { w / sum } else { equal };
    let magnitude = amount.unsigned_abs();
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given: u64 = 0;
    for (i, w) in weights.iter().enumerate() {
        let exact = magnitude as f64 * share(*w);
        // Never hand out more than is left: floats of large amounts may round up.
        let floor = (exact.floor() as u64).min(magnitude - given);
        given += floor;
        parts.push(floor as i64);
        remainders.push((exact - floor as f64, i));
    }
    remainders.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut left = magnitude - given;
    for (_, i) in remainders.iter().cycle() {
        if left == 0 {
            break;
        }
        if weights[*i] > 0.0 || sum <= 0.0 {
            parts[*i] += 1;
            left -= 1;
        }
    }
    if amount < 0 {
        for p in &mut parts {
            *p = -*p;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cny(text: &str) -> Option<(i64, bool)> {
        Money::parse_decimal(text, Currency::CNY).map(|(m, r)| (m.minor, r))
    }

    #[test]
    fn decimals_become_minor_units() {
        assert_eq!(cny("12.34"), Some((1234, false)));
        assert_eq!(cny("-0.005"), Some((-1, true)));
        assert_eq!(cny("0.004"), Some((0, true)));
        assert_eq!(cny("1e3"), Some((100_000, false)));
        assert_eq!(cny("1.005e2"), Some((10_050, false)));
        assert_eq!(cny("99999999999999999999"), None);
        assert_eq!(cny("0e300"), Some((0, false)));
        assert_eq!(cny("1e-300"), Some((0, true)));
        assert_eq!(cny("ten"), None);
        assert_eq!(cny("."), None);
        let jpy = "JPY".parse().unwrap();
        assert_eq!(Money::parse_decimal("1200", jpy).map(|(m, _)| m.minor), Some(1200));
        assert_eq!(Money { minor: -1205, currency: Currency::CNY }.to_decimal(), "-12.05");
    }

    #[test]
    fn parts_sum_to_the_amount() {
        assert_eq!(split_largest_remainder(10_000, &[1.0, 1.0, 1.0]), [3334, 3333, 3333]);
        assert_eq!(split_largest_remainder(-10_000, &[1.0, 1.0, 1.0]), [-3334, -3333, -3333]);
        assert_eq!(split_largest_remainder(7, &[0.0, 0.0]), [4, 3]);
        assert_eq!(split_largest_remainder(5, &[1.0, 0.0]), [5, 0]);
        for seed in 0..200 {
            let mut rng = crate::Rng::seeded(seed);
            let w: Vec<f64> = (0..=rng.below(9)).map(|_| rng.unit()).collect();
            let amount = rng.next_u64() as i64 >> rng.below(60);
            assert_eq!(split_largest_remainder(amount, &w).iter().sum::<i64>(), amount);
        }
    }
}
