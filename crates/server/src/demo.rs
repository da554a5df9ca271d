//! The demo brand: sources, spend and eighteen months of events, sent through the real collect endpoints.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use throughline_app::App;
use throughline_app::team::Caller;
use throughline_base::{Problem, Timestamp};
use throughline_demo::{DemoBrand, DemoConfig, DemoRequest};

/// Connections that send side by side. Requests of one device always take the same one, so their order holds.
const CONNECTIONS: usize = 48;
/// Requests a connection may be behind.
const BACKLOG: usize = 16;

/// One request with the instant it is played at.
struct Parcel {
    request: DemoRequest,
    received_at: Timestamp,
}

/// Loads the demo while the server serves; a second start finds it loaded.
pub fn load_in_background(app: &Arc<App>, at: SocketAddr, people: u32, seed: u64) {
    let app = app.clone();
    let work = move || {
        if let Err(e) = load(&app, at, people, seed) {
            tracing::error!(error = %e, "the demo could not be loaded");
        }
    };
    if let Err(e) = std::thread::Builder::new().name("demo".into()).spawn(work) {
        tracing::error!(error = %e, "no thread for the demo");
    }
}

/// Where the truth of the demo is kept: who is who, and what each touch really caused.
pub fn truth_path(app: &App) -> PathBuf {
    app.files_dir("demo").join("truth.jsonl")
}

fn load(app: &Arc<App>, at: SocketAddr, people: u32, seed: u64) -> Result<(), Problem> {
    let truth_file = truth_path(app);
    let done_file = app.files_dir("demo").join("loaded");
    if done_file.is_file() {
        app.demo_progress_set(1, 1);
        return Ok(());
    }
    // The end of the history is the present day, and stays it when an interrupted load goes on.
    let until_file = app.files_dir("demo").join("until");
    let until = kept_instant(&until_file, app.now())?;
    let brand = DemoBrand::new(DemoConfig { people, seed, ..DemoConfig::new(until) });
    let caller = Caller::cli();
    for (s, key) in brand.sources().iter().zip(brand.write_keys()) {
        app.source_ensure_key(&caller, s.name_zh, s.kind.as_str(), key)?;
    }
    app.spend_put_many(&spend(&brand)?, None)?;
    let total = u64::from(people) * 26;
    app.demo_progress_set(0, total);
    let bar = progress(total);
    let started = Instant::now();
    let sent = Arc::new(AtomicU64::new(0));
    let (lanes, threads) = lanes(at, &sent);
    for batch in brand.batches() {
        for request in batch.requests {
            let lane = lane_of(batch.source, &request.body);
            let parcel = Parcel { request, received_at: batch.received_at };
            lanes[lane]
                .send(parcel)
                .map_err(|_| Problem::unavailable("demo", "a connection of the demo ended early"))?;
        }
        let done = sent.load(Ordering::Relaxed);
        bar.set_position(done);
        app.demo_progress_set(done.min(total.saturating_sub(1)), total);
    }
    drop(lanes);
    for t in threads {
        t.join().map_err(|_| Problem::internal("demo", "a connection of the demo panicked"))?;
    }
    write_truth(&brand, &truth_file)?;
    let done = sent.load(Ordering::Relaxed);
    bar.finish_and_clear();
    app.demo_progress_set(done, done);
    write(&done_file, b"")?;
    crate::say(&format!("demo loaded: {done} events of {people} people in {:.0} s", started.elapsed().as_secs_f64()))
}

fn spend(brand: &DemoBrand) -> Result<Vec<(i64, String, String, String, i64, i64, i64)>, Problem> {
    brand
        .ad_spend()
        .into_iter()
        .map(|s| {
            let day = Timestamp::parse(&s.date)
                .ok_or_else(|| Problem::internal("demo", "a day of the demo's spend cannot be read"))?
                .day();
            let (impressions, clicks) = (s.impressions as i64, s.clicks as i64);
            Ok((day, s.channel.to_owned(), s.campaign, s.currency.to_owned(), impressions, clicks, s.cost_minor))
        })
        .collect()
}

fn kept_instant(file: &Path, now: Timestamp) -> Result<Timestamp, Problem> {
    if let Ok(text) = std::fs::read_to_string(file)
        && let Some(at) = Timestamp::parse(&text)
    {
        return Ok(at);
    }
    write(file, now.to_string().as_bytes())?;
    Ok(now)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let cannot = |e: std::io::Error| Problem::unavailable("demo", format!("cannot write {}: {e}", file.display()));
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir).map_err(cannot)?;
    }
    std::fs::write(file, bytes).map_err(cannot)
}

fn write_truth(brand: &DemoBrand, file: &Path) -> Result<(), Problem> {
    write(file, b"")?;
    let cannot = |e: std::io::Error| Problem::unavailable("demo", format!("cannot write {}: {e}", file.display()));
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).map_err(cannot)?);
    brand.truth().write_jsonl(&mut out).map_err(cannot)?;
    out.flush().map_err(cannot)
}

fn progress(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template(
        "loading the demo [{bar:30}] {human_pos}/{human_len} events, {per_sec}, {eta} left",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar
}

/// Which connection a request takes: by the device or user it begins with, so that one device's events stay in order.
fn lane_of(source: usize, body: &[u8]) -> usize {
    const KEYS: [&[u8]; 4] = [b"\"anonymousId\":\"", b"\"distinct_id\":\"", b"\"duid\":\"", b"\"userId\":\""];
    let mut hash = source as u64 + 1;
    for key in KEYS {
        if let Some(at) = body.windows(key.len()).position(|w| w == key) {
            let value = body[at + key.len()..].iter().take_while(|b| **b != b'"');
            hash = value.fold(hash, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3));
            break;
        }
    }
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % CONNECTIONS
}

fn lanes(at: SocketAddr, sent: &Arc<AtomicU64>) -> (Vec<SyncSender<Parcel>>, Vec<JoinHandle<()>>) {
    (0..CONNECTIONS)
        .map(|_| {
            let (tx, rx) = sync_channel(BACKLOG);
            let sent = sent.clone();
            (tx, std::thread::spawn(move || send_all(at, &rx, &sent)))
        })
        .unzip()
}

fn send_all(at: SocketAddr, parcels: &Receiver<Parcel>, sent: &AtomicU64) {
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
    for p in parcels {
        let url = format!("http://{at}{}", p.request.path);
        let mut pause = Duration::from_millis(50);
        // As an SDK would: 429 and 5xx are tried again, everything else is done with.
        for _ in 0..20 {
            let mut request = agent.post(&url).header("x-throughline-received-at", p.received_at.to_string());
            for (name, value) in &p.request.headers {
                request = request.header(*name, value);
            }
            match request.send(&p.request.body[..]) {
                Ok(mut r) => {
                    // The body is read so that the connection can be used again.
                    let _ = r.body_mut().read_to_string();
                    if r.status().as_u16() < 500 && r.status().as_u16() != 429 {
                        break;
                    }
                }
                Err(e) => tracing::debug!(error = %e, "the demo sends again"),
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(5));
        }
        sent.fetch_add(u64::from(p.request.events), Ordering::Relaxed);
    }
}
