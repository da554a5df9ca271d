//! One thing after another.
//!
//! One walk over the occurrences in their order is enough. For each step the walk remembers the latest occurrence that
//! completes the steps up to it, with the beginning of that chain: a later one is at least as good in every respect,
//! because its chain begins no earlier and what follows must not lie too far behind it.

use super::rule::CalendarUnit;
use super::time::{NEVER, Zone};
use super::track::{LOOKED_AT, Track};

/// A sequence made ready.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// For each step, how long after the step before it must happen: less than so many milliseconds.
    pub within: Vec<Option<i64>>,
    /// The last step must not happen.
    pub absent: bool,
    pub window: StartWindow,
}

/// When the first step must have happened.
#[derive(Debug, Clone, Copy)]
pub(super) enum StartWindow {
    Ever,
    Last(i64),
    Between(i64, i64),
    Calendar(CalendarUnit, u32),
}

/// Whether a sequence has happened, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chained {
    pub holds: bool,
    /// The next instant at which that can change by the passing of time alone.
    pub changes_at: i64,
    /// When the newest chain that holds began.
    pub began_at: Option<i64>,
    /// How many steps of it happened at most.
    pub reached: usize,
}

/// The latest occurrence that completes the steps up to one.
#[derive(Clone, Copy)]
struct Link {
    at: i64,
    began: i64,
}

impl Chain {
    pub(super) fn evaluate(&self, track: Option<&Track>, zone: &Zone, now: i64) -> Chained {
        let list = track.map_or(&[][..], |t| &t.list);
        let past = list.partition_point(|o| o.at <= now);
        let ahead = list.get(past).map_or(NEVER, |o| o.at);
        let (from, to, turn) = match self.window {
            StartWindow::Ever => (i64::MIN, i64::MAX, NEVER),
            StartWindow::Last(d) => (now.saturating_sub(d).saturating_add(1), i64::MAX, NEVER),
            StartWindow::Between(a, b) => (a, b, NEVER),
            StartWindow::Calendar(unit, back) => {
                let (a, b) = zone.calendar(unit, back, now);
                (a, b, if past == 0 { NEVER } else { zone.next_unit(unit, now) })
            }
        };
        let steps = self.within.len();
        let real = if self.absent { steps - 1 } else { steps };
        let last_within = self.within[steps - 1].unwrap_or(NEVER);
        let mut links: Vec<Option<Link>> = vec![None; real];
        // Chains that wait for the time in which the last step must not happen.
        let mut waiting: Vec<Link> = Vec::new();
        let mut matured: Option<i64> = None;
        for o in &list[past.saturating_sub(LOOKED_AT)..past] {
            if self.absent && o.key & (1 << real) != 0 && !waiting.is_empty() {
                for link in waiting.drain(..) {
                    if o.at.saturating_sub(link.at) >= last_within {
                        matured = matured.max(Some(link.began));
                    }
                }
            }
            for step in (0..real).rev().filter(|s| o.key & (1 << s) != 0) {
                let link = if step == 0 {
                    (from <= o.at && o.at < to).then_some(Link { at: o.at, began: o.at })
                } else {
                    let in_time = |l: &Link| self.within[step].is_none_or(|w| o.at.saturating_sub(l.at) < w);
                    links[step - 1].filter(in_time).map(|l| Link { at: o.at, began: l.began })
                };
                if link.is_some() {
                    links[step] = link;
                    if self.absent && step == real - 1 {
                        waiting.extend(link);
                    }
                }
            }
        }
        let mut matures = NEVER;
        for link in &waiting {
            let at = link.at.saturating_add(last_within);
            if at <= now {
                matured = matured.max(Some(link.began));
            } else {
                matures = matures.min(at);
            }
        }
        let began_at = if self.absent { matured } else { links[real - 1].map(|l| l.began) };
        let leaves = match (self.window, began_at) {
            (StartWindow::Last(d), Some(began)) => began.saturating_add(d),
            (StartWindow::Last(_) | StartWindow::Ever | StartWindow::Between(..) | StartWindow::Calendar(..), _) => {
                NEVER
            }
        };
        let moves = if began_at.is_some() { leaves } else { matures };
        let reached = links.iter().rposition(Option::is_some).map_or(0, |i| i + 1);
        Chained { holds: began_at.is_some(), changes_at: moves.min(ahead).min(turn), began_at, reached }
    }
}
