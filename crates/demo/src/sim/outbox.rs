//! Between an event and its arrival: connectors that send every so often, tills and phones without a network, requests
//! that are sent twice.

use throughline_base::Rng;
use throughline_base::Timestamp;
use throughline_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use crate::source::at;
use crate::text::mix;
use crate::wire::{Fragment, Gzip, requests};
use crate::{DemoBatch, DemoConfig, DemoRequest};

/// A connector sends at most this many events in one request.
const CHUNK: usize = 100;

/// One per cent of the requests is sent again with the same bytes.
const SENT_TWICE: f64 = 0.01;

struct Arrival {
    at: i64,
    seq: u64,
    source: usize,
    lane: u64,
    requests: Vec<DemoRequest>,
    again: bool,
}

struct Waiting {
    flush_at: i64,
    source: usize,
    at: i64,
    seq: u64,
    fragment: Fragment,
}

#[derive(Default)]
struct Day {
    arrivals: Vec<Arrival>,
    waiting: Vec<Waiting>,
}

/// What has been said but has not arrived.
pub(super) struct Outbox {
    seed: u64,
    from: i64,
    until: i64,
    keys: Vec<String>,
    sending_times: bool,
    gzip: Gzip,
    days: Vec<Day>,
    rng: Rng,
    seq: u64,
}

/// How often the connector of a source sends.
const fn period(source: usize) -> i64 {
    match source {
        at::SMS | at::SERVICE => 15 * MINUTE_MS,
        at::EMAIL | at::TMALL | at::WECHAT => HOUR_MS,
        at::XHS_NOTES | at::XHS_ADS | at::SEARCH_ADS => 6 * HOUR_MS,
        _ => 2 * HOUR_MS,
    }
}

impl Outbox {
    pub(super) fn new(config: &DemoConfig, keys: Vec<String>) -> Self {
        let (from, until) = (config.from().ms(), config.until.ms());
        let days = ((until - from) / DAY_MS + 1).max(1) as usize;
        Self {
            seed: config.seed,
            from,
            until,
            keys,
            sending_times: config.sending_times,
            gzip: Gzip::new(),
            days: (0..days).map(|_| Day::default()).collect(),
            rng: Rng::seeded(mix(&[config.seed, 91])),
            seq: 0,
        }
    }

    fn day_of(&self, at: i64) -> Option<usize> {
        if at > self.until || at < self.from {
            return None;
        }
        Some(((at - self.from) / DAY_MS) as usize)
    }

    /// When an event of a connector arrives. A store whose line is down (three days in a hundred) sends a day late.
    pub(super) fn flush_at(&self, source: usize, at: i64, place: u64) -> i64 {
        let period = period(source);
        let flush = (at / period + 1) * period + (mix(&[self.seed, source as u64]) % 90_000) as i64;
        let down = source == at::STORES && mix(&[self.seed, place, (at / DAY_MS) as u64, 5]).is_multiple_of(33);
        if down { flush + DAY_MS + (mix(&[self.seed, place]) % 14_400_000) as i64 } else { flush }
    }

    /// Queues an event of a connector; it arrives at `flush_at`. False when that is after the end.
    pub(super) fn connector(&mut self, source: usize, at: i64, flush_at: i64, fragment: Fragment) -> bool {
        let Some(day) = self.day_of(flush_at) else { return false };
        self.seq += 1;
        self.days[day].waiting.push(Waiting { flush_at, source, at, seq: self.seq, fragment });
        true
    }

    /// Queues the requests of a device.
    pub(super) fn device(&mut self, source: usize, received_at: i64, lane: u64, requests: Vec<DemoRequest>) -> bool {
        let Some(day) = self.day_of(received_at) else { return false };
        self.push(day, Arrival { at: received_at, seq: 0, source, lane, requests, again: false });
        true
    }

    /// The requests a source makes of these events, see [`requests`].
    pub(super) fn write(&mut self, source: usize, sent_at: i64, events: &[Fragment], single: bool) -> Vec<DemoRequest> {
        let sent_at = self.sending_times.then_some(sent_at);
        requests(&mut self.gzip, source, &self.keys[source], sent_at, events, single)
    }

    fn push(&mut self, day: usize, arrival: Arrival) {
        self.seq += 1;
        self.days[day].arrivals.push(Arrival { seq: self.seq, ..arrival });
    }

    /// Everything that arrives on a day of the history, in order.
    pub(super) fn close(&mut self, day: usize) -> impl Iterator<Item = DemoBatch> + use<> {
        self.flush(day);
        self.send_again(day);
        let mut arrivals = std::mem::take(&mut self.days[day].arrivals);
        arrivals.sort_unstable_by_key(|a| (a.at, a.seq));
        arrivals.into_iter().map(|a| DemoBatch {
            source: a.source,
            received_at: Timestamp::from_ms(a.at),
            lane: a.lane,
            requests: a.requests,
        })
    }

    /// Turns what waits at connectors into requests.
    fn flush(&mut self, day: usize) {
        let mut waiting = std::mem::take(&mut self.days[day].waiting);
        waiting.sort_unstable_by_key(|w| (w.flush_at, w.source, w.at, w.seq));
        let mut group: Vec<Fragment> = Vec::new();
        let mut head = None;
        for w in waiting {
            if head != Some((w.flush_at, w.source)) || group.len() == CHUNK {
                self.flush_group(day, head, &mut group);
                head = Some((w.flush_at, w.source));
            }
            group.push(w.fragment);
        }
        self.flush_group(day, head, &mut group);
    }

    fn flush_group(&mut self, day: usize, head: Option<(i64, usize)>, group: &mut Vec<Fragment>) {
        let Some((at, source)) = head.filter(|_| !group.is_empty()) else { return };
        let sent_at = at - 80 - self.rng.below(700) as i64;
        let requests = self.write(source, sent_at, group, false);
        group.clear();
        self.push(day, Arrival { at, seq: 0, source, lane: source as u64, requests, again: false });
    }

    /// Lost answers: the client sends the very same bytes once more, seconds or hours later.
    fn send_again(&mut self, day: usize) {
        let mut copies = Vec::new();
        for a in &self.days[day].arrivals {
            if a.again || !self.rng.chance(SENT_TWICE) {
                continue;
            }
            let wait = if self.rng.chance(0.7) { 1_000 + self.rng.below(60_000) } else { self.rng.below(72_000_000) };
            let mut requests = a.requests.clone();
            for r in &mut requests {
                r.headers.push(("x-retry-count", "1".to_owned()));
            }
            copies.push(Arrival {
                at: a.at + wait as i64,
                seq: 0,
                source: a.source,
                lane: a.lane,
                requests,
                again: true,
            });
        }
        for copy in copies {
            if let Some(later) = self.day_of(copy.at) {
                self.push(later, copy);
            }
        }
    }
}
