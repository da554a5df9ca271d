//! Connections that send the demo's requests side by side, as the SDKs would: what a device sends stays in order, 429 and
//! 5xx are tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use throughline_base::{Problem, Timestamp};
use throughline_demo::{DemoBatch, DemoRequest};

/// Connections. What waits on them together shares a commit of the server.
const CONNECTIONS: usize = 192;
/// Requests a connection may be behind.
const BACKLOG: usize = 8;
/// How often a request is sent before it is given up.
const TRIES: u32 = 20;

/// One request with the instant it is played at.
struct Parcel {
    request: DemoRequest,
    received_at: Timestamp,
}

/// What the connections share.
#[derive(Default)]
struct Shared {
    /// Events sent, whatever became of them.
    sent: AtomicU64,
    /// Requests the server would not take.
    refused: AtomicU64,
    /// Why the first of them was refused.
    first: Mutex<Option<String>>,
}

/// The open connections.
pub(super) struct Sender {
    lanes: Vec<SyncSender<Parcel>>,
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// What became of everything sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    /// Events.
    pub(super) events: u64,
    /// Requests the server would not take, and why the first was refused.
    pub(super) refused: Option<(u64, String)>,
}

impl Sender {
    /// Connects to `url`. With `playback` each request says when it is to have arrived, which a server with the demo
    /// takes from anybody and every other server ignores.
    pub(super) fn start(url: &str, playback: bool) -> Self {
        let shared = Arc::new(Shared::default());
        let (lanes, threads) = (0..CONNECTIONS)
            .map(|_| {
                let (tx, rx) = sync_channel(BACKLOG);
                let (shared, url) = (shared.clone(), url.trim_end_matches('/').to_owned());
                (tx, std::thread::spawn(move || send_all(&url, playback, &rx, &shared)))
            })
            .unzip();
        Self { lanes, threads, shared }
    }

    /// Hands a batch to the connection of its device; waits while that is behind.
    pub(super) fn send(&self, batch: DemoBatch) -> Result<(), Problem> {
        let lane = (batch.lane.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % CONNECTIONS;
        for request in batch.requests {
            self.lanes[lane]
                .send(Parcel { request, received_at: batch.received_at })
                .map_err(|_| Problem::unavailable("demo", "a connection of the demo ended early"))?;
        }
        Ok(())
    }

    /// Events sent so far.
    pub(super) fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// Why requests were refused, if one was.
    pub(super) fn refused(&self) -> Option<(u64, String)> {
        let first = self.shared.first.lock().clone()?;
        Some((self.shared.refused.load(Ordering::Relaxed), first))
    }

    /// Waits until everything is answered.
    pub(super) fn finish(mut self) -> Result<Sent, Problem> {
        self.lanes.clear();
        for t in std::mem::take(&mut self.threads) {
            t.join().map_err(|_| Problem::internal("demo", "a connection of the demo panicked"))?;
        }
        Ok(Sent { events: self.sent(), refused: self.refused() })
    }
}

fn send_all(url: &str, playback: bool, parcels: &Receiver<Parcel>, shared: &Shared) {
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
    for p in parcels {
        if let Err(why) = send_one(&agent, url, playback, &p) {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            shared.first.lock().get_or_insert(why);
        }
        shared.sent.fetch_add(u64::from(p.request.events), Ordering::Relaxed);
    }
}

/// Sends a request until it is taken; the error says why it never will be.
fn send_one(agent: &ureq::Agent, url: &str, playback: bool, p: &Parcel) -> Result<(), String> {
    let mut pause = Duration::from_millis(50);
    let mut why = String::new();
    for _ in 0..TRIES {
        let mut request = agent.post(format!("{url}{}", p.request.path));
        if playback {
            request = request.header("x-throughline-received-at", p.received_at.to_string());
        }
        for (name, value) in &p.request.headers {
            request = request.header(*name, value);
        }
        match request.send(&p.request.body[..]) {
            Ok(mut r) => {
                // The body is read so that the connection can be used again.
                let body = r.body_mut().read_to_string().unwrap_or_default();
                let status = r.status().as_u16();
                if status < 400 {
                    return Ok(());
                }
                // The path may carry a write key.
                let path = p.request.path.split('?').next().unwrap_or_default();
                why = format!("{path} answered {status}: {}", body.chars().take(300).collect::<String>());
                if status < 500 && status != 429 {
                    return Err(why);
                }
            }
            Err(e) => why = e.to_string(),
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_secs(5));
    }
    Err(why)
}
