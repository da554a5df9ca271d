//! The bounded queue between requests and the writer: it refuses before memory grows.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};
use throughline_base::{Problem, ProblemKind};

use super::Batch;
use crate::Result;

#[derive(Debug, Default)]
struct State {
    batches: VecDeque<Batch>,
    /// Events in `batches` and in the group being written.
    events: usize,
    closed: bool,
    running: bool,
}

/// The queue. One writer takes, everybody else puts.
#[derive(Debug)]
pub struct Collector {
    state: Mutex<State>,
    work: Condvar,
    room: Condvar,
    limit: usize,
}

impl Collector {
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), work: Condvar::new(), room: Condvar::new(), limit: limit.max(1) }
    }

    /// Events that wait or are being written.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.state.lock().events
    }

    /// Whether the writer is there.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state.lock().running
    }

    pub(crate) fn push(&self, batch: Batch) -> Result<()> {
        let mut s = self.state.lock();
        if s.closed {
            return Err(stopping());
        }
        // A batch larger than the whole limit passes when nothing else waits; else it could never be sent.
        if s.events + batch.len() > self.limit && s.events > 0 {
            return Err(Problem::new(
                ProblemKind::Busy,
                "busy",
                format!("{} events wait to be written; send again after a pause", s.events),
            ));
        }
        s.events += batch.len();
        s.batches.push_back(batch);
        self.work.notify_one();
        Ok(())
    }

    pub(crate) fn push_blocking(&self, batch: Batch) -> Result<()> {
        let mut s = self.state.lock();
        while !s.closed && s.events > 0 && s.events + batch.len() > self.limit {
            self.room.wait(&mut s);
        }
        if s.closed {
            return Err(stopping());
        }
        s.events += batch.len();
        s.batches.push_back(batch);
        self.work.notify_one();
        Ok(())
    }

    /// Takes batches of at most `max_events` together (at least one). Waits for work; `None` when closed and empty.
    pub(super) fn take(&self, max_events: usize) -> Option<Vec<Batch>> {
        let mut s = self.state.lock();
        s.running = true;
        while s.batches.is_empty() {
            if s.closed {
                s.running = false;
                return None;
            }
            self.work.wait(&mut s);
        }
        let mut out = Vec::new();
        let mut events = 0;
        while let Some(next) = s.batches.front() {
            if !out.is_empty() && events + next.len() > max_events {
                break;
            }
            events += next.len();
            out.extend(s.batches.pop_front());
        }
        Some(out)
    }

    /// Says that `events` taken events are dealt with.
    pub(super) fn finished(&self, events: usize) {
        self.state.lock().events -= events;
        self.room.notify_all();
    }

    /// Refuses new batches and waits until the writer has dealt with the queued ones.
    pub(crate) fn close(&self) {
        let mut s = self.state.lock();
        s.closed = true;
        self.work.notify_all();
        self.room.notify_all();
        while s.running {
            self.room.wait_for(&mut s, std::time::Duration::from_millis(20));
        }
    }
}

fn stopping() -> Problem {
    Problem::unavailable("stopping", "the server is stopping; send again to its successor")
}
