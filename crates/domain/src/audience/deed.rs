//! What a person did within a window, measured and tested, and when that changes by the passing of time alone.

use super::given::Given;
use super::measure::{Gauge, Reading, Tally};
use super::predicate::Predicate;
use super::rule::CalendarUnit;
use super::time::{NEVER, Zone};
use super::total::Total;
use super::track::{LOOKED_AT, Occurrence, Track, newest};

/// A measure made ready.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    /// Key of the track.
    pub track: u64,
    pub window: Scope,
    pub gauge: Gauge,
}

/// Which occurrences of the track count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    /// All: those that were folded too.
    All,
    /// In `(now - d, now]`.
    Last(i64),
    /// In a calendar unit so many units back.
    Calendar(CalendarUnit, u32),
    /// Among the newest so many events.
    Newest(u32),
}

/// A measure at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured<'a> {
    /// The value; days where days are measured.
    pub value: Reading<'a>,
    /// Whether it passes the test; true without one.
    pub holds: bool,
    /// When the answer (the value, without a test) can change next by the passing of time alone.
    pub changes_at: i64,
}

/// What is compared to find the next change: the answer where it decides, else the value.
#[derive(Clone, Copy, PartialEq)]
enum Sign<'a> {
    Answer(bool),
    Value(Reading<'a>),
}

static NOTHING: [Occurrence; 0] = [];

impl Deed {
    /// Measures at `now`. Without `foresee` the next change is not looked for.
    pub(super) fn measure<'a>(
        &self,
        track: Option<&'a Track>,
        test: Option<&Predicate>,
        zone: &Zone,
        now: i64,
        foresee: bool,
    ) -> Measured<'a> {
        let list: &'a [Occurrence] = track.map_or(&NOTHING, |t| &t.list);
        let past = &list[..list.partition_point(|o| o.at <= now)];
        let seen = self.seen(past, zone, now);
        if !foresee {
            let reading = self.tally(track, seen).value();
            return self.measured(reading, test, now, NEVER);
        }
        let ahead = list.get(past.len()).map_or(NEVER, |o| o.at);
        let (reading, moves) = match self.window {
            Scope::Last(d) => self.slide(seen, test, now, d),
            Scope::Calendar(unit, back) => {
                let reading = self.tally(track, seen).value();
                (reading, self.turn(past, reading, test, zone, now, unit, back))
            }
            Scope::All | Scope::Newest(_) => (self.tally(track, seen).value(), NEVER),
        };
        self.measured(reading, test, now, moves.min(ahead))
    }

    /// The occurrences that count at `now`, of those in the past.
    pub(super) fn seen<'a>(&self, past: &'a [Occurrence], zone: &Zone, now: i64) -> &'a [Occurrence] {
        let looked_at = &past[past.len().saturating_sub(LOOKED_AT)..];
        match self.window {
            Scope::All => past,
            Scope::Last(d) => &looked_at[looked_at.partition_point(|o| o.at <= now.saturating_sub(d))..],
            Scope::Calendar(unit, back) => {
                let (from, to) = zone.calendar(unit, back, now);
                let start = looked_at.partition_point(|o| o.at < from);
                let end = looked_at.partition_point(|o| o.at < to);
                &looked_at[start..end.max(start)]
            }
            Scope::Newest(n) => &looked_at[newest(looked_at, n)..],
        }
    }

    fn tally<'a>(&self, track: Option<&'a Track>, seen: &'a [Occurrence]) -> Tally<'a> {
        let folded: Option<&'a Total> = match self.window {
            Scope::All => track.map(|t| &t.total),
            Scope::Last(_) | Scope::Calendar(..) | Scope::Newest(_) => None,
        };
        let mut tally = Tally::new(self.gauge, folded);
        for o in seen.iter().rev() {
            tally.take(o);
        }
        tally
    }

    fn measured<'a>(&self, reading: Reading<'a>, test: Option<&Predicate>, now: i64, moves: i64) -> Measured<'a> {
        let value = if self.gauge.is_days() { reading.days(now) } else { reading };
        let Some(test) = test else {
            let day = match (self.gauge.is_days(), reading, value) {
                (true, Reading::Time(since), Reading::Number(days)) => {
                    since.saturating_add((days as i64 + 1).saturating_mul(throughline_base::time::DAY_MS))
                }
                _ => NEVER,
            };
            return Measured { value, holds: true, changes_at: moves.min(day) };
        };
        let (holds, own) = value.given(|g: &Given<'_>| (test.holds(g, now), test.changes_at(g, now)));
        let own = match reading {
            Reading::Time(since) if self.gauge.is_days() => own.min(test.days_turn(since, now)),
            Reading::Missing | Reading::Number(_) | Reading::Time(_) | Reading::Json(_) => own,
        };
        Measured { value, holds, changes_at: moves.min(own) }
    }

    /// What is compared: an answer that moves with the clock says nothing of a later instant, a value does.
    fn sign<'a>(&self, reading: Reading<'a>, test: Option<&Predicate>, now: i64) -> Sign<'a> {
        match test {
            Some(t) if !t.is_relative() && !self.gauge.is_days() => Sign::Answer(reading.given(|g| t.holds(g, now))),
            Some(_) | None => Sign::Value(reading),
        }
    }

    /// A sliding window loses its oldest occurrences one after another. Walking from the newest back gives the value of
    /// every window that is to come; the nearest that differs from the present one is the next change.
    fn slide<'a>(&self, seen: &'a [Occurrence], test: Option<&Predicate>, now: i64, d: i64) -> (Reading<'a>, i64) {
        let mut tally = Tally::new(self.gauge, None);
        let mut sign = self.sign(tally.value(), test, now);
        // Index of the first occurrence of the nearest window, counted from the present, that differs from `sign`.
        let mut differs: Option<usize> = None;
        for i in (0..seen.len()).rev() {
            tally.take(&seen[i]);
            // Occurrences of one instant leave together.
            if i > 0 && seen[i - 1].at == seen[i].at {
                continue;
            }
            let next = self.sign(tally.value(), test, now);
            if next != sign {
                let end = seen[i..].partition_point(|o| o.at == seen[i].at);
                differs = Some(i + end);
                sign = next;
            }
        }
        let moves = differs.map_or(NEVER, |i| seen[i - 1].at.saturating_add(d));
        (tally.value(), moves)
    }

    /// A calendar window jumps. The value after each jump is known until all that happened lies behind the window.
    #[expect(clippy::too_many_arguments, reason = "the window's parts, and what `measure` was given")]
    fn turn(
        &self,
        past: &[Occurrence],
        reading: Reading<'_>,
        test: Option<&Predicate>,
        zone: &Zone,
        now: i64,
        unit: CalendarUnit,
        back: u32,
    ) -> i64 {
        /// Jumps that are looked ahead; beyond them the next evaluation looks on.
        const JUMPS: u32 = 40;
        let (from, _) = zone.calendar(unit, back, now);
        if past.last().is_none_or(|o| o.at < from) {
            return NEVER;
        }
        let present = self.sign(reading, test, now);
        let mut at = now;
        for _ in 0..JUMPS {
            at = zone.next_unit(unit, at);
            if at == NEVER {
                return NEVER;
            }
            let then = self.tally(None, self.seen(past, zone, at)).value();
            if self.sign(then, test, at) != present {
                return at;
            }
            if past.last().is_none_or(|o| o.at < zone.calendar(unit, back, at).0) {
                return NEVER;
            }
        }
        at
    }
}
