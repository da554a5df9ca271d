//! Instants are UTC milliseconds; zones only at the edge.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant: milliseconds since 1970-01-01T00:00:00Z. JSON form: RFC 3339 with milliseconds and `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;

impl Timestamp {
    /// From Unix milliseconds.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms` milliseconds (saturating).
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant (saturating).
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339 / ISO 8601: `Z`, an offset, or none (taken as UTC); `T` or a blank between date and
    /// time; any number of decimals; a date alone is its midnight UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_in(text, "UTC")
    }

    /// As [`Timestamp::parse`], with a time without an offset on the wall of `zone` (IANA name; UTC when unknown).
    #[must_use]
    pub fn parse_in(text: &str, zone: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(t) = text.parse::<jiff::Timestamp>() {
            return Some(Self(t.as_millisecond()));
        }
        let civil = text
            .parse::<jiff::civil::DateTime>()
            .ok()
            .or_else(|| text.parse::<jiff::civil::Date>().ok().map(|d| d.at(0, 0, 0, 0)))?;
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        civil.to_zoned(zone).ok().map(|z| Self(z.timestamp().as_millisecond()))
    }

    /// Days since 1970-01-01, UTC.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// Year and month, UTC, as `year * 100 + month`, for instance 202611.
    #[must_use]
    pub fn year_month(self) -> i32 {
        jiff::Timestamp::from_millisecond(self.0).map_or(197_001, |t| {
            let z = t.to_zoned(jiff::tz::TimeZone::UTC);
            i32::from(z.year()) * 100 + i32::from(z.month())
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an RFC 3339 instant"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_sdks_send_are_read() {
        let instant = Timestamp::from_ms(1_795_304_490_076);
        let want = Some(instant);
        assert_eq!(Timestamp::parse("2026-11-21T23:41:30.076Z"), want);
        assert_eq!(Timestamp::parse("2026-11-21T23:41:30.076000+00:00"), want);
        assert_eq!(Timestamp::parse("2026-11-22T07:41:30.076+08:00"), want);
        assert_eq!(Timestamp::parse("2026-11-21 23:41:30.076"), want);
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(Timestamp::parse_in("2026-11-22 07:41:30.076", "Asia/Shanghai"), want);
        assert_eq!(Timestamp::parse_in("2026-11-21T23:41:30.076Z", "Asia/Shanghai"), want);
        assert_eq!(instant.to_string(), "2026-11-21T23:41:30.076Z");
        assert_eq!(instant.year_month(), 202_611);
    }
}
