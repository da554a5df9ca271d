//! Zones, calendar units and dates: the only place where an instant meets a wall clock.

use jiff::Timestamp as Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use throughline_base::Timestamp;

use super::rule::CalendarUnit;

/// The instant that never comes.
pub(super) const NEVER: i64 = i64::MAX;

/// A zone by its IANA name.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    pub name: String,
    zone: TimeZone,
}

impl Zone {
    /// `None` when there is no such zone.
    pub(super) fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(|zone| Self { name: name.to_owned(), zone })
    }

    /// The date on the wall at an instant.
    pub(super) fn date(&self, ms: i64) -> Date {
        self.civil(ms).date()
    }

    fn civil(&self, ms: i64) -> jiff::civil::DateTime {
        let clamped =
            ms.clamp(Instant::MIN.as_millisecond() + 200_000_000, Instant::MAX.as_millisecond() - 200_000_000);
        let instant = Instant::from_millisecond(clamped).unwrap_or(Instant::UNIX_EPOCH);
        self.zone.to_datetime(instant)
    }

    /// Hour of the day, 0–23.
    pub(super) fn hour(&self, ms: i64) -> i8 {
        self.civil(ms).hour()
    }

    /// Day of the week, 1 (Monday) – 7.
    pub(super) fn weekday(&self, ms: i64) -> i8 {
        self.civil(ms).date().weekday().to_monday_one_offset()
    }

    /// The first instant of a date. Where a clock change leaves midnight out, the first there is.
    pub(super) fn start(&self, date: Date) -> i64 {
        date.at(0, 0, 0, 0).to_zoned(self.zone.clone()).map_or(NEVER, |z| z.timestamp().as_millisecond())
    }

    /// The unit `back` units before the one `now` lies in: its first instant and the first behind it.
    pub(super) fn calendar(&self, unit: CalendarUnit, back: u32, now: i64) -> (i64, i64) {
        let first = first_of(unit, self.date(now));
        let from = later(unit, first, -i64::from(back));
        (self.start(from), self.start(later(unit, from, 1)))
    }

    /// The first instant of the next unit.
    pub(super) fn next_unit(&self, unit: CalendarUnit, now: i64) -> i64 {
        self.start(later(unit, first_of(unit, self.date(now)), 1))
    }

    /// An instant as a rule writes it: RFC 3339, or a date or a time on the wall of the zone. With `behind`, a date alone
    /// means the first instant behind it.
    pub(super) fn read(&self, text: &str, behind: bool) -> Option<i64> {
        let text = text.trim();
        if text.len() == 10
            && let Ok(date) = text.parse::<Date>()
        {
            return Some(self.start(if behind { date.tomorrow().ok()? } else { date }));
        }
        Timestamp::parse_in(text, &self.name).map(Timestamp::ms)
    }
}

fn first_of(unit: CalendarUnit, date: Date) -> Date {
    match unit {
        CalendarUnit::Day => date,
        CalendarUnit::Week => days_later(date, -i64::from(date.weekday().to_monday_zero_offset())),
        CalendarUnit::Month => date.first_of_month(),
        CalendarUnit::Quarter => {
            let month = (date.month() - 1) / 3 * 3 + 1;
            Date::new(date.year(), month, 1).unwrap_or(date)
        }
        CalendarUnit::Year => date.first_of_year(),
    }
}

fn later(unit: CalendarUnit, first: Date, n: i64) -> Date {
    let span = jiff::Span::new();
    let span = match unit {
        CalendarUnit::Day => span.try_days(n),
        CalendarUnit::Week => span.try_weeks(n),
        CalendarUnit::Month => span.try_months(n),
        CalendarUnit::Quarter => span.try_months(n.saturating_mul(3)),
        CalendarUnit::Year => span.try_years(n),
    };
    moved(first, span, n)
}

fn moved(from: Date, by: Result<jiff::Span, jiff::Error>, n: i64) -> Date {
    by.and_then(|s| from.checked_add(s)).unwrap_or(if n < 0 { Date::MIN } else { Date::MAX })
}

/// The date `n` days later, or before when negative.
pub(super) fn days_later(date: Date, n: i64) -> Date {
    moved(date, jiff::Span::new().try_days(n), n)
}

/// A unit is never longer than this: a day more than its days, because zones may jump a day.
pub(super) const fn longest_ms(unit: CalendarUnit) -> i64 {
    let days = match unit {
        CalendarUnit::Day => 2,
        CalendarUnit::Week => 8,
        CalendarUnit::Month => 32,
        CalendarUnit::Quarter => 93,
        CalendarUnit::Year => 367,
    };
    days * throughline_base::time::DAY_MS
}

/// The date in `year` on which a month and day is kept: 29 February is kept on the 28th in other years.
pub(super) fn anniversary(month: i8, day: i8, year: i16) -> Option<Date> {
    Date::new(year, month, day).or_else(|e| if (month, day) == (2, 29) { Date::new(year, 2, 28) } else { Err(e) }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai() -> Zone {
        Zone::named("Asia/Shanghai").unwrap()
    }

    fn ms(text: &str) -> i64 {
        Timestamp::parse(text).unwrap().ms()
    }

    #[test]
    fn units_begin_at_midnight_of_the_zone() {
        // A Sunday evening in UTC is Monday morning in Shanghai.
        let now = ms("2026-11-22T20:00:00Z");
        let unit = |unit, back| shanghai().calendar(unit, back, now);
        let span = |a: &str, b: &str| (ms(a), ms(b));
        assert_eq!(unit(CalendarUnit::Week, 0), span("2026-11-22T16:00:00Z", "2026-11-29T16:00:00Z"));
        assert_eq!(unit(CalendarUnit::Month, 1), span("2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z"));
        assert_eq!(unit(CalendarUnit::Quarter, 1), span("2026-06-30T16:00:00Z", "2026-09-30T16:00:00Z"));
        assert_eq!(unit(CalendarUnit::Year, 0), span("2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z"));
        assert_eq!(shanghai().next_unit(CalendarUnit::Day, now), ms("2026-11-23T16:00:00Z"));
    }

    #[test]
    fn a_date_alone_means_its_whole_day() {
        assert_eq!(shanghai().read("2026-11-11", false), Some(ms("2026-11-10T16:00:00Z")));
        assert_eq!(shanghai().read("2026-11-11", true), Some(ms("2026-11-11T16:00:00Z")));
        assert_eq!(shanghai().read("2026-11-11T08:00:00", true), Some(ms("2026-11-11T00:00:00Z")));
        assert_eq!(shanghai().read("soon", true), None);
    }

    #[test]
    fn a_day_of_a_clock_change_has_its_own_length() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let (from, to) = berlin.calendar(CalendarUnit::Day, 0, ms("2026-03-29T12:00:00Z"));
        assert_eq!(to - from, 23 * 3_600_000);
    }

    #[test]
    fn instants_at_the_ends_of_time_do_not_panic() {
        for now in [i64::MIN, i64::MAX, 0] {
            for unit in
                [CalendarUnit::Day, CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Quarter, CalendarUnit::Year]
            {
                shanghai().calendar(unit, u32::MAX, now);
            }
            shanghai().hour(now);
        }
    }
}
