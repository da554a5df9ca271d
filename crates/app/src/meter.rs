//! Counters and timings, read by `/metrics` and `/api/status`. Plain atomics: the hot path only adds.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use throughline_base::Timestamp;

/// Upper bounds of the buckets of a [`Histogram`], in microseconds.
pub const BUCKETS_US: [u64; 14] = [
    250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000, 30_000_000,
];

/// How long something took, in fixed buckets.
#[derive(Debug, Default)]
pub struct Histogram {
    counts: [AtomicU64; BUCKETS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    /// Adds one duration.
    pub fn record_us(&self, us: u64) {
        let i = BUCKETS_US.iter().position(|b| us <= *b).unwrap_or(BUCKETS_US.len());
        self.counts[i].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// Counts per bucket (the last one is above all bounds) and the sum in microseconds.
    #[must_use]
    pub fn snapshot(&self) -> ([u64; BUCKETS_US.len() + 1], u64) {
        let mut out = [0; BUCKETS_US.len() + 1];
        for (o, c) in out.iter_mut().zip(&self.counts) {
            *o = c.load(Ordering::Relaxed);
        }
        (out, self.sum_us.load(Ordering::Relaxed))
    }

    /// The upper bound of the bucket that holds quantile `q`, in milliseconds; 0 when nothing was recorded.
    #[must_use]
    pub fn quantile_ms(&self, q: f64) -> f64 {
        let (counts, _) = self.snapshot();
        let total: u64 = counts.iter().sum();
        let rank = (total as f64 * q).ceil() as u64;
        let mut seen = 0;
        for (i, c) in counts.iter().enumerate() {
            seen += c;
            if seen >= rank && total > 0 {
                return BUCKETS_US.get(i).copied().unwrap_or(u64::MAX / 1_000) as f64 / 1_000.0;
            }
        }
        0.0
    }
}

/// Seconds kept for rates.
const RATE_SECONDS: usize = 64;

/// Events per second over the last minute.
#[derive(Debug)]
struct Rate {
    slots: [(i64, u64, u64); RATE_SECONDS],
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Meter {
    /// Requests to the collect endpoints.
    pub requests: AtomicU64,
    /// Events recorded.
    pub accepted: AtomicU64,
    /// Events recorded with corrections.
    pub corrected: AtomicU64,
    /// Events that were there.
    pub duplicates: AtomicU64,
    /// Events quarantined.
    pub quarantined: AtomicU64,
    /// Events rejected.
    pub rejected: AtomicU64,
    /// Requests told to come back later.
    pub busy: AtomicU64,
    /// Events refused because the person was erased.
    pub erased: AtomicU64,
    /// Commits of the writer.
    pub commits: AtomicU64,
    /// Events sealed into the history.
    pub sealed: AtomicU64,
    /// Time from the whole request read to its answer.
    pub ingest: Histogram,
    /// Time of the writer's transactions.
    pub commit: Histogram,
    rate: Mutex<Rate>,
    /// When the process started.
    pub started_at: Timestamp,
}

impl Meter {
    /// All zero.
    #[must_use]
    pub fn new(started_at: Timestamp) -> Self {
        Self {
            requests: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            corrected: AtomicU64::new(0),
            duplicates: AtomicU64::new(0),
            quarantined: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            erased: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            sealed: AtomicU64::new(0),
            ingest: Histogram::default(),
            commit: Histogram::default(),
            rate: Mutex::new(Rate { slots: [(0, 0, 0); RATE_SECONDS] }),
            started_at,
        }
    }

    /// Counts `events` recorded and `quarantined` events at `now` towards the rates.
    pub fn tick(&self, now: Timestamp, events: u64, quarantined: u64) {
        let second = now.ms() / 1_000;
        let mut rate = self.rate.lock();
        let slot = &mut rate.slots[second as usize % RATE_SECONDS];
        if slot.0 != second {
            *slot = (second, 0, 0);
        }
        slot.1 += events;
        slot.2 += quarantined;
    }

    /// Recorded and quarantined events per second over the `seconds` full seconds before `now`.
    #[must_use]
    pub fn rate(&self, now: Timestamp, seconds: i64) -> (f64, f64) {
        let second = now.ms() / 1_000;
        let rate = self.rate.lock();
        let (events, quarantined) = rate
            .slots
            .iter()
            .filter(|(s, _, _)| *s < second && *s >= second - seconds)
            .fold((0, 0), |(e, q), (_, a, b)| (e + a, q + b));
        (events as f64 / seconds.max(1) as f64, quarantined as f64 / seconds.max(1) as f64)
    }

    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_the_bound_of_its_bucket() {
        let h = Histogram::default();
        for us in [100, 100, 100, 40_000] {
            h.record_us(us);
        }
        assert!((h.quantile_ms(0.5) - 0.25).abs() < 1e-9);
        assert!((h.quantile_ms(0.99) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn the_rate_forgets_what_is_over_a_minute_old() {
        let m = Meter::new(Timestamp::from_ms(0));
        m.tick(Timestamp::from_ms(10_000), 50, 0);
        assert!((m.rate(Timestamp::from_ms(15_000), 10).0 - 5.0).abs() < 1e-9);
        assert!(m.rate(Timestamp::from_ms(200_000), 60).0 < 1e-9);
    }
}
