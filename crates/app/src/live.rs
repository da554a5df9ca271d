//! Who watches events arrive. Watchers never slow the writer: one that lags loses its oldest events and is told so.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use throughline_base::{PersonId, SourceId, Timestamp};

/// Events a lagging watcher may be behind.
const BUFFER: usize = 1_024;

/// One arrival with its verdict. Identifiers are masked.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When it happened.
    pub at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// The source.
    pub source_id: SourceId,
    /// Its name.
    pub source_name: String,
    /// `track`, `page` …
    pub kind: &'static str,
    /// The event's name.
    pub name: String,
    /// `accepted` …
    pub verdict: &'static str,
    /// Why, when it was not simply accepted.
    pub reason: Option<String>,
    /// Who.
    pub person_id: Option<PersonId>,
    /// `(namespace, masked value)`.
    pub identifiers: Vec<ArrivalId>,
    /// Milliseconds from receipt to commit.
    pub ms: i64,
}

/// A masked identifier.
#[derive(Debug, Clone)]
pub struct ArrivalId {
    /// Namespace.
    pub namespace: String,
    /// Masked value.
    pub value: String,
}

#[derive(Debug, Default)]
struct State {
    /// Number of the first event in `events`.
    first: u64,
    events: VecDeque<Arc<Arrival>>,
    watchers: usize,
    closed: bool,
}

/// The ring that all watchers read from.
#[derive(Debug, Default, Clone)]
pub struct LiveHub(Arc<(Mutex<State>, Condvar)>);

/// A position in the ring.
#[derive(Debug)]
pub struct Watcher {
    hub: LiveHub,
    next: u64,
}

impl LiveHub {
    /// Whether anybody watches: nothing is built for nobody.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.0.0.lock().watchers > 0
    }

    /// Publishes arrivals.
    pub fn publish(&self, arrivals: impl IntoIterator<Item = Arrival>) {
        let (lock, wake) = &*self.0;
        let mut s = lock.lock();
        for a in arrivals {
            if s.events.len() == BUFFER {
                s.events.pop_front();
                s.first += 1;
            }
            s.events.push_back(Arc::new(a));
        }
        wake.notify_all();
    }

    /// Watches from now on.
    #[must_use]
    pub fn watch(&self) -> Watcher {
        let mut s = self.0.0.lock();
        s.watchers += 1;
        Watcher { next: s.first + s.events.len() as u64, hub: self.clone() }
    }

    /// Ends every watcher's wait.
    pub fn close(&self) {
        self.0.0.lock().closed = true;
        self.0.1.notify_all();
    }
}

impl Watcher {
    /// What arrived since the last call, at most `max`, and how many were missed. Waits up to `wait` when nothing did.
    /// `None` when the hub was closed.
    pub fn take(&mut self, max: usize, wait: std::time::Duration) -> Option<(Vec<Arc<Arrival>>, u64)> {
        let (lock, wake) = &*self.hub.0;
        let mut s = lock.lock();
        if s.first + s.events.len() as u64 == self.next && !s.closed {
            wake.wait_for(&mut s, wait);
        }
        if s.closed {
            return None;
        }
        let missed = s.first.saturating_sub(self.next);
        let from = self.next.max(s.first);
        let out: Vec<_> = s.events.iter().skip((from - s.first) as usize).take(max).cloned().collect();
        self.next = from + out.len() as u64;
        Some((out, missed))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.hub.0.0.lock().watchers -= 1;
    }
}
