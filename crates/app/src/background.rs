//! Threads that work beside requests: react, seal, jobs. Each stops when asked, between two transactions.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::App;

/// The running threads and the bell that stops or wakes them.
#[derive(Debug, Default)]
pub struct Tasks {
    bell: Arc<Bell>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Bell {
    state: Mutex<BellState>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct BellState {
    stopping: bool,
    rings: u64,
    nudges: u64,
}

/// What a task sees of the bell.
#[derive(Debug, Clone)]
pub struct Watch {
    bell: Arc<Bell>,
    heard: u64,
    nudged: u64,
}

impl Watch {
    /// Whether the process is stopping.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.bell.state.lock().stopping
    }

    /// Waits until somebody rings, the process stops or `at_most` has passed.
    pub fn wait(&mut self, at_most: Duration) {
        let mut s = self.bell.state.lock();
        if !s.stopping && s.rings == self.heard {
            self.bell.rung.wait_for(&mut s, at_most);
        }
        self.heard = s.rings;
    }

    /// Waits until somebody nudges, the process stops or `at_most` has passed: for what waits for an instant, and is told
    /// of an earlier one.
    pub fn sleep(&mut self, at_most: Duration) {
        let until = Instant::now() + at_most;
        let mut s = self.bell.state.lock();
        while !s.stopping && s.nudges == self.nudged && !self.bell.rung.wait_until(&mut s, until).timed_out() {}
        self.nudged = s.nudges;
    }

    /// Waits until the process stops or `at_most` has passed, whoever rings: for what is rare and need not be prompt.
    pub fn rest(&mut self, at_most: Duration) {
        let until = Instant::now() + at_most;
        let mut s = self.bell.state.lock();
        while !s.stopping && !self.bell.rung.wait_until(&mut s, until).timed_out() {}
        self.heard = s.rings;
    }
}

impl Tasks {
    /// Starts a thread that runs `work` with the app until it returns.
    ///
    /// # Panics
    /// When the operating system gives no thread.
    pub fn spawn(&self, app: &Arc<App>, name: &str, work: impl FnOnce(&Arc<App>, Watch) + Send + 'static) {
        let app = app.clone();
        let watch = Watch { bell: self.bell.clone(), heard: 0, nudged: 0 };
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&app, watch))
            .expect("the operating system gives a thread");
        self.threads.lock().push(thread);
    }

    /// Wakes every waiting task: there is work.
    pub fn ring(&self) {
        self.bell.state.lock().rings += 1;
        self.bell.rung.notify_all();
    }

    /// Wakes those that wait for an instant: there is an earlier one.
    pub fn nudge(&self) {
        self.bell.state.lock().nudges += 1;
        self.bell.rung.notify_all();
    }

    /// Asks every task to stop and waits for it.
    pub fn stop(&self) {
        self.bell.state.lock().stopping = true;
        self.bell.rung.notify_all();
        for t in self.threads.lock().drain(..) {
            if t.join().is_err() {
                tracing::error!("a background thread had panicked");
            }
        }
    }
}
