//! When a scheduled export is due.

use std::fmt;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};
use throughline_base::Timestamp;
use throughline_base::time::MINUTE_MS;

/// Times at which an export runs, on the wall of the installation's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Every so many minutes, counted from the full hour of 1970.
    Every {
        /// 5 to 1440.
        minutes: u32,
    },
    /// Once an hour.
    Hourly {
        /// 0 to 59.
        minute: u8,
    },
    /// Once a day.
    Daily {
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
    /// Once a week.
    Weekly {
        /// 1 for Monday to 7 for Sunday (ISO 8601).
        weekday: u8,
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
}

impl Schedule {
    /// Whether its numbers make sense; the text says which does not.
    ///
    /// # Errors
    /// The first number out of range.
    pub fn checked(self) -> Result<(), String> {
        let within = |name: &str, n: u32, from: u32, to: u32| {
            if (from..=to).contains(&n) { Ok(()) } else { Err(format!("{name} is {n}; expected {from} to {to}")) }
        };
        match self {
            Self::Every { minutes } => within("minutes", minutes, 5, 1_440),
            Self::Hourly { minute } => within("minute", minute.into(), 0, 59),
            Self::Daily { hour, minute } => {
                within("hour", hour.into(), 0, 23)?;
                within("minute", minute.into(), 0, 59)
            }
            Self::Weekly { weekday, hour, minute } => {
                within("weekday", weekday.into(), 1, 7)?;
                within("hour", hour.into(), 0, 23)?;
                within("minute", minute.into(), 0, 59)
            }
        }
    }

    /// The first time after `now`. A time that a change to summer time skips is an hour later that day, one that comes
    /// twice is the first. An unknown zone is UTC.
    #[must_use]
    pub fn next(self, now: Timestamp, zone: &str) -> Timestamp {
        match self {
            Self::Every { minutes } => {
                let step = i64::from(minutes.max(1)) * MINUTE_MS;
                Timestamp::from_ms((now.ms().div_euclid(step) + 1) * step)
            }
            Self::Hourly { minute } => {
                at_wall(now, zone, 1.hour(), |t| t.date().at(t.hour(), minute.min(59) as i8, 0, 0))
            }
            Self::Daily { hour, minute } => at_wall(now, zone, 1.day(), |t| t.date().to_datetime(time(hour, minute))),
            Self::Weekly { weekday, hour, minute } => at_wall(now, zone, 1.day(), |t| {
                let day = Weekday::from_monday_one_offset(weekday.clamp(1, 7) as i8).unwrap_or(Weekday::Monday);
                let ahead = day.since(t.date().weekday());
                t.date().saturating_add(i64::from(ahead).days()).to_datetime(time(hour, minute))
            }),
        }
    }
}

fn time(hour: u8, minute: u8) -> Time {
    Time::new(hour.min(23) as i8, minute.min(59) as i8, 0, 0).unwrap_or(Time::midnight())
}

/// The first instant after `now` at which `wall`, asked from now on every `step`, is.
fn at_wall(
    now: Timestamp,
    zone: &str,
    step: Span,
    wall: impl Fn(jiff::civil::DateTime) -> jiff::civil::DateTime,
) -> Timestamp {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let Ok(start) = jiff::Timestamp::from_millisecond(now.ms()) else { return now };
    let mut from = start.to_zoned(zone.clone());
    // Eight days hold every weekday twice over, and an hour or a day more than a skipped one.
    for _ in 0..9 {
        let due = wall(from.datetime()).to_zoned(zone.clone());
        if let Ok(due) = due
            && due.timestamp() > start
        {
            return Timestamp::from_ms(due.timestamp().as_millisecond());
        }
        let Ok(later) = from.checked_add(step) else { break };
        from = later;
    }
    now.plus_ms(60 * MINUTE_MS)
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every { minutes } => write!(f, "every {minutes} minutes"),
            Self::Hourly { minute } => write!(f, "hourly at :{minute:02}"),
            Self::Daily { hour, minute } => write!(f, "daily at {hour:02}:{minute:02}"),
            Self::Weekly { weekday, hour, minute } => write!(f, "weekly on day {weekday} at {hour:02}:{minute:02}"),
        }
    }
}
