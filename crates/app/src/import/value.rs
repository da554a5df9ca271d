//! Cells become values: exact decimals, instants, booleans.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde_json::{Number, Value};
use throughline_base::{Problem, Timestamp};

use super::mapping::Type;
use crate::Result;

/// An exact decimal: `digits · 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { digits: 0, scale: 0 };

    /// Reads `12.34`, `-1,234.5`, `¥ 12`. `None` when it is no decimal of at most 18 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['¥', '￥', '$', '€', '£']).trim_end_matches('元').trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest.trim_start_matches(['¥', '￥', '$', '€', '£'])),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mut digits, mut scale, mut point, mut seen) = (0_i128, 0_u32, false, 0_u32);
        for c in text.chars() {
            match c {
                '0'..='9' => {
                    digits = digits * 10 + i128::from(c as u32 - '0' as u32);
                    scale += u32::from(point);
                    seen += 1;
                    if seen > 18 {
                        return None;
                    }
                }
                '.' if !point => point = true,
                ',' if !point && seen > 0 => {}
                _ => return None,
            }
        }
        (seen > 0).then_some(Self { digits: if negative { -digits } else { digits }, scale })
    }

    /// Reads a cell.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(n) => Self::parse(&n.to_string()).or_else(|| {
                // Floats in scientific notation.
                n.as_f64().and_then(|f| Self::parse(&format!("{f:.9}")))
            }),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// `None` when it does not fit.
    pub fn times(self, other: Self) -> Option<Self> {
        Some(Self { digits: self.digits.checked_mul(other.digits)?, scale: self.scale.checked_add(other.scale)? })
    }

    /// `None` when it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let lift = |d: Self| d.digits.checked_mul(10_i128.checked_pow(scale - d.scale)?);
        Some(Self { digits: lift(self)?.checked_add(lift(other)?)?, scale })
    }

    /// Without its sign.
    pub fn absolute(self) -> Self {
        Self { digits: self.digits.saturating_abs(), scale: self.scale }
    }

    /// Rounded half away from zero.
    pub fn round(self, decimals: u32) -> Self {
        if self.scale <= decimals {
            return self;
        }
        let Some(unit) = 10_i128.checked_pow(self.scale - decimals) else { return Self::ZERO };
        let half = unit / 2 * self.digits.signum();
        Self { digits: self.digits.saturating_add(half) / unit, scale: decimals }
    }

    /// As JSON: an integer when it is one.
    pub fn to_json(self) -> Value {
        let text = self.to_string();
        if let Ok(n) = text.parse::<i64>() {
            return n.into();
        }
        text.parse::<f64>().ok().and_then(Number::from_f64).map_or(Value::String(text), Value::Number)
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (mut digits, mut scale) = (self.digits, self.scale);
        while scale > 0 && digits % 10 == 0 {
            (digits, scale) = (digits / 10, scale - 1);
        }
        if scale == 0 {
            return write!(f, "{digits}");
        }
        let sign = if digits < 0 { "-" } else { "" };
        let text = format!("{:0>width$}", digits.unsigned_abs(), width = scale as usize + 1);
        let (whole, part) = text.split_at(text.len() - scale as usize);
        write!(f, "{sign}{whole}.{part}")
    }
}

/// `Quantity * UnitPrice`: columns and numbers that are multiplied in each row.
#[derive(Debug, Clone)]
pub struct Product(Vec<Factor>);

#[derive(Debug, Clone)]
enum Factor {
    Column(String),
    Number(Decimal),
}

impl Product {
    /// Reads columns and numbers between `*`.
    ///
    /// # Errors
    /// `mapping` when a factor is missing.
    pub fn parse(text: &str) -> Result<Self> {
        let factors: Vec<Factor> = text
            .split('*')
            .map(|part| match Decimal::parse(part) {
                Some(n) => Factor::Number(n),
                None => Factor::Column(part.trim().to_owned()),
            })
            .collect();
        if factors.iter().any(|f| matches!(f, Factor::Column(c) if c.is_empty())) {
            let detail =
                format!("the mapping: compute: `{text}` is no product; expected one such as Quantity * UnitPrice");
            return Err(Problem::invalid("mapping", detail));
        }
        Ok(Self(factors))
    }

    /// The columns in it.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|f| match f {
            Factor::Column(c) => Some(c.as_str()),
            Factor::Number(_) => None,
        })
    }

    /// Its value in a row, or the column that is no number there.
    pub fn of<'a>(&'a self, cell: impl Fn(&str) -> Option<&'a Value>) -> Result<Decimal, &'a str> {
        let mut all = Decimal { digits: 1, scale: 0 };
        for f in &self.0 {
            let (n, name) = match f {
                Factor::Number(n) => (Some(*n), ""),
                Factor::Column(c) => (cell(c).and_then(Decimal::of), c.as_str()),
            };
            all = n.and_then(|n| all.times(n)).ok_or(name)?;
        }
        Ok(all)
    }
}

/// Year-first forms that are read without being told.
const FORMS: [&str; 9] = [
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y-%m-%d %H:%M",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
];

/// Reads an instant: by `format` (`strptime`, or `unix`, `unix_ms`) or by its looks; a wall time is one of `zone`.
pub fn instant(value: &Value, format: Option<&str>, zone: &TimeZone) -> Option<Timestamp> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let wall =
        |at: DateTime| at.to_zoned(zone.clone()).ok().map(|z| Timestamp::from_ms(z.timestamp().as_millisecond()));
    let numeric = |unit_ms: f64| {
        let ms = text.parse::<f64>().ok()? * unit_ms;
        (ms.abs() < 253_402_300_800_000.0).then(|| Timestamp::from_ms(ms.round() as i64))
    };
    match format {
        Some("unix") => return numeric(1_000.0),
        Some("unix_ms") => return numeric(1.0),
        Some(format) => return by_form(format, &text, wall),
        None => {}
    }
    if let Ok(t) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_ms(t.as_millisecond()));
    }
    if let Ok(at) = text.parse::<DateTime>() {
        return wall(at);
    }
    if let Some(t) = FORMS.iter().find_map(|form| by_form(form, &text, wall)) {
        return Some(t);
    }
    // 1e11 ms is March 1973; 1e11 s is the year 5138. Small numbers are no times.
    let n = text.parse::<f64>().ok().filter(|n| *n >= 1e8)?;
    numeric(if n < 1e11 { 1_000.0 } else { 1.0 })
}

fn by_form(format: &str, text: &str, wall: impl Fn(DateTime) -> Option<Timestamp>) -> Option<Timestamp> {
    let t = strtime::parse(format, text).ok()?;
    if let Ok(at) = t.to_timestamp() {
        return Some(Timestamp::from_ms(at.as_millisecond()));
    }
    let at = t.to_datetime().or_else(|_| t.to_date().map(|d: Date| d.at(0, 0, 0, 0))).ok()?;
    wall(at)
}

/// Reads a cell as a type; the error says what it is not.
pub fn typed(value: &Value, wanted: Type, format: Option<&str>, zone: &TimeZone) -> Result<Value, &'static str> {
    let text = match value {
        Value::String(text) => text.trim(),
        Value::Number(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_) | Value::Null => "",
    };
    match wanted {
        Type::Text => Ok(match value {
            Value::Number(n) => Value::String(n.to_string()),
            Value::Bool(b) => Value::String(b.to_string()),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => value.clone(),
        }),
        Type::Number => Decimal::of(value).map(Decimal::to_json).ok_or("is no number"),
        Type::Boolean => match (value, text.to_lowercase().as_str()) {
            (Value::Bool(b), _) => Ok((*b).into()),
            (_, "true" | "yes" | "y" | "1" | "t" | "是") => Ok(true.into()),
            (_, "false" | "no" | "n" | "0" | "f" | "否") => Ok(false.into()),
            (Value::Number(n), _) if n.as_f64() == Some(1.0) => Ok(true.into()),
            (Value::Number(n), _) if n.as_f64() == Some(0.0) => Ok(false.into()),
            _ => Err("is neither true nor false"),
        },
        Type::Time => instant(value, format, zone).map(|t| t.to_string().into()).ok_or("is no time"),
        Type::List => Ok(match value {
            Value::Array(_) => value.clone(),
            _ => text.split(['|', ';']).map(str::trim).filter(|p| !p.is_empty()).collect(),
        }),
        Type::Json => match value {
            Value::String(_) => serde_json::from_str(text).map_err(|_| "is no JSON"),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Ok(value.clone()),
        },
    }
}

/// Whether a cell has no value.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// A cell as text.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn decimals_are_exact_and_rounded_half_away_from_zero() {
        let d = |t: &str| Decimal::parse(t).unwrap();
        let sum = d("0.1").plus(d("0.2")).unwrap();
        assert_eq!(sum.to_string(), "0.3");
        assert_eq!(d("6").times(d("2.55")).unwrap().round(2).to_string(), "15.3");
        assert_eq!(d("-0.125").round(2).to_string(), "-0.13");
        assert_eq!(d("¥1,234.50").to_json(), json!(1234.5));
        assert_eq!(d("12").to_json(), json!(12));
        assert!(
            Decimal::parse("twelve").is_none() && Decimal::parse("1.2.3").is_none() && Decimal::parse("").is_none()
        );
    }

    #[test]
    fn wall_times_are_read_in_the_zone_and_instants_as_they_are() {
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        let read = |v: Value, f: Option<&str>| instant(&v, f, &shanghai).map(|t| t.to_string());
        let noon = Some("2024-03-01T04:00:00.000Z".to_owned());
        assert_eq!(read(json!("2024-03-01 12:00:00"), None), noon);
        assert_eq!(read(json!("2024/3/1 12:00"), None), noon);
        assert_eq!(read(json!("2024年3月1日 12:00"), None), noon);
        assert_eq!(read(json!("2024-03-01T04:00:00Z"), None), noon);
        assert_eq!(read(json!("01.03.2024 12:00"), Some("%d.%m.%Y %H:%M")), noon);
        assert_eq!(read(json!(1_709_265_600), None), noon);
        assert_eq!(read(json!("1709265600000"), Some("unix_ms")), noon);
        assert_eq!(read(json!("20240301"), None), Some("2024-02-29T16:00:00.000Z".to_owned()));
        assert_eq!(read(json!("soon"), None), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = Decimal::parse(&text);
            let _ = instant(&Value::String(text), None, &TimeZone::UTC);
        }

        #[test]
        fn sums_equal_integer_sums(list in proptest::collection::vec(-1_000_000_i64..1_000_000, 0..40)) {
            let total = list.iter().try_fold(Decimal::ZERO, |sum, n| {
                sum.plus(Decimal::parse(&format!("{}{}.{:02}", if *n < 0 { "-" } else { "" }, n.abs() / 100, n.abs() % 100))?)
            });
            let minor = total.and_then(|t| t.times(Decimal::parse("100")?)).map(|t| t.to_string());
            prop_assert_eq!(minor, Some(list.iter().sum::<i64>().to_string()));
        }
    }
}
