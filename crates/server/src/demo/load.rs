//! Loading the demo into the server that serves it, while it serves.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use throughline_app::App;
use throughline_app::source::SourceChange;
use throughline_app::team::Caller;
use throughline_base::{Problem, Timestamp};
use throughline_demo::{DemoBrand, DemoConfig, SpendRow};

use super::send::Sender;
use super::{expected_events, keyed, progress, truth_of, write_truth, write_with};

/// Batches between two looks at the progress.
const LOOK_EVERY: usize = 256;
/// Parts of the history after which the spend so far is shown.
const SPEND_PARTS: f64 = 12.0;

/// Loads the demo while the server serves; a second start finds it loaded, or goes on where it was cut short.
pub fn load_in_background(app: &Arc<App>, at: SocketAddr, people: u32, seed: u64) {
    let app = app.clone();
    let work = move || {
        if let Err(e) = load(&app, at, people, seed) {
            tracing::error!(error = %e, "the demo could not be loaded; start again to go on");
        }
    };
    if let Err(e) = std::thread::Builder::new().name("demo".into()).spawn(work) {
        tracing::error!(error = %e, "no thread for the demo");
    }
}

fn load(app: &Arc<App>, at: SocketAddr, people: u32, seed: u64) -> Result<(), Problem> {
    let folder = app.files_dir("demo");
    let done_file = folder.join("loaded");
    if done_file.is_file() {
        app.demo_progress_set(1, 1);
        return Ok(());
    }
    // The end of the history is the present day, and stays it when an interrupted load goes on.
    let until = kept_instant(&folder.join("until"), app.now())?;
    let brand = DemoBrand::new(DemoConfig { people, seed, ..DemoConfig::new(until) });
    make_sources(app, &brand)?;
    let total = expected_events(people);
    app.demo_progress_set(0, total);
    let bar = progress("loading the demo", total);
    let started = Instant::now();
    let sender = Sender::start(&format!("http://{at}"), true);
    let mut batches = brand.batches();
    let mut spend_parts = 0.0;
    for i in 0_usize.. {
        let Some(batch) = batches.next() else { break };
        sender.send(batch)?;
        if i.is_multiple_of(LOOK_EVERY) {
            let done = sender.sent();
            bar.set_position(done);
            app.demo_progress_set(done.min(total.saturating_sub(1)), total);
            if batches.progress() * SPEND_PARTS >= spend_parts + 1.0 {
                spend_parts += 1.0;
                put_spend(app, &batches.ad_spend())?;
            }
        }
    }
    let sent = sender.finish()?;
    put_spend(app, &batches.ad_spend())?;
    write_truth(&batches.truth(), &truth_of(app))?;
    bar.finish_and_clear();
    app.demo_progress_set(sent.events, sent.events);
    if let Some((n, why)) = sent.refused {
        tracing::warn!(requests = n, first = %why, "requests of the demo were refused");
    }
    write_with(&done_file, |_| Ok(()))?;
    // History that came at once need not wait for its time: reports read it fastest sealed.
    app.lake_seal_later(&Caller::cli())?;
    let seconds = started.elapsed().as_secs_f64();
    crate::say(&format!("demo loaded: {} events of {people} people in {seconds:.0} s", sent.events))
}

/// The brand's touchpoints as sources of this server, each with its write key and what it vouches for.
fn make_sources(app: &App, brand: &DemoBrand) -> Result<(), Problem> {
    let caller = Caller::cli();
    for (s, key) in keyed(brand) {
        let source = app.source_ensure_key(&caller, s.name_zh, s.kind.as_str(), &key)?;
        let mut settings = source.settings.clone();
        settings.verified = s.verified;
        settings.kiosk = s.kiosk;
        settings.openid_app = s.openid_app.map(str::to_owned);
        if settings != source.settings {
            app.source_update(
                &caller,
                source.id,
                &SourceChange { settings: Some(settings), ..SourceChange::default() },
            )?;
        }
    }
    Ok(())
}

fn put_spend(app: &App, rows: &[SpendRow]) -> Result<(), Problem> {
    let rows: Result<Vec<_>, Problem> = rows
        .iter()
        .filter(|s| s.impressions > 0)
        .map(|s| {
            let day = Timestamp::parse(&s.date)
                .ok_or_else(|| Problem::internal("demo", "a day of the demo's spend cannot be read"))?
                .day();
            let (impressions, clicks) = (s.impressions as i64, s.clicks as i64);
            let (channel, currency) = (s.channel.to_owned(), s.currency.to_owned());
            Ok((day, channel, s.campaign.clone(), currency, impressions, clicks, s.cost_minor))
        })
        .collect();
    app.spend_put_many(&rows?, None).map(drop)
}

fn kept_instant(file: &Path, now: Timestamp) -> Result<Timestamp, Problem> {
    if let Ok(text) = std::fs::read_to_string(file)
        && let Some(at) = Timestamp::parse(&text)
    {
        return Ok(at);
    }
    write_with(file, |out| std::io::Write::write_all(out, now.to_string().as_bytes()))?;
    Ok(now)
}
