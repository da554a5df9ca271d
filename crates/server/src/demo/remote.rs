//! `throughline demo --to URL`: the brand sent to a running server.
//!
//! With an API key each touchpoint becomes a source with its own settings, and the spend is saved. With a write key alone
//! everything goes to that one source, which then must vouch for phones and e-mails by itself. The requests do not say
//! when they were sent, because the history arrives late: the events keep their own times.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use throughline_base::Problem;
use throughline_demo::{DemoBrand, DemoConfig, DemoSource, SpendRow};

use super::api::Api;
use super::send::Sender;
use super::{expected_events, progress, write_truth};

/// Where to, and by which right.
#[derive(Debug, Args)]
pub(super) struct ToArgs {
    /// A running server, for instance http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    pub(super) to: Option<String>,
    /// API key: makes the touchpoints as sources and saves the spend.
    #[arg(long, env = "THROUGHLINE_API_KEY", hide_env_values = true, requires = "to")]
    api_key: Option<String>,
    /// Write key: everything goes to its source.
    #[arg(long, requires = "to", conflicts_with = "api_key")]
    write_key: Option<String>,
    /// Where the truth is written, for `throughline demo score`.
    #[arg(long, value_name = "FILE", default_value = "demo-truth.jsonl")]
    truth: PathBuf,
}

/// Generates and sends everything.
pub(super) fn send_all(config: DemoConfig, url: &str, args: &ToArgs) -> Result<(), Problem> {
    let people = config.people;
    let brand = DemoBrand::new(DemoConfig { sending_times: false, ..config });
    Api::new(url, "").is_there()?;
    let api = args.api_key.as_deref().map(|key| Api::new(url, key));
    let keys = match (&api, &args.write_key) {
        (Some(api), _) => source_keys(api, &brand.sources())?,
        (None, Some(key)) => vec![key.clone(); brand.sources().len()],
        (None, None) => {
            return Err(Problem::invalid("demo", "--to needs --api-key, or --write-key of one source"));
        }
    };
    let brand = brand.with_write_keys(keys);
    let bar = progress("sending the demo", expected_events(people));
    let started = Instant::now();
    let sender = Sender::start(url, false);
    let mut batches = brand.batches();
    for batch in batches.by_ref() {
        sender.send(batch)?;
        bar.set_position(sender.sent());
        if sender.refused().is_some() {
            break;
        }
    }
    let sent = sender.finish()?;
    bar.finish_and_clear();
    if let Some((n, why)) = sent.refused {
        return Err(Problem::invalid("demo", format!("the server refused {n} requests; the first: {why}")));
    }
    if let Some(api) = &api {
        put_spend(api, &batches.ad_spend())?;
    }
    write_truth(&batches.truth(), &args.truth)?;
    let seconds = started.elapsed().as_secs_f64();
    crate::say(&format!("{} events of {people} people sent in {seconds:.0} s", sent.events))?;
    crate::say(&format!("the truth is in {}", args.truth.display()))
}

/// The write key of each touchpoint's source, made where it is missing.
fn source_keys(api: &Api, sources: &[DemoSource]) -> Result<Vec<String>, Problem> {
    let key_of = |source: &Value| source["write_keys"][0]["key"].as_str().map(str::to_owned);
    let list = api.get("/api/sources?limit=500")?;
    let known: HashMap<&str, &Value> =
        list["items"].as_array().into_iter().flatten().filter_map(|s| Some((s["name"].as_str()?, s))).collect();
    sources
        .iter()
        .map(|s| {
            let made = match known.get(s.name_zh) {
                Some(source) => (*source).clone(),
                None => api.post("/api/sources", &new_source(s))?,
            };
            key_of(&made).ok_or_else(|| {
                Problem::invalid("demo", format!("the source {} has no write key; rotate it", s.name_zh))
            })
        })
        .collect()
}

fn new_source(s: &DemoSource) -> Value {
    let mut settings = json!({ "verified": s.verified, "kiosk": s.kiosk });
    if let Some(app) = s.openid_app {
        settings["openid_app"] = app.into();
    }
    json!({ "name": s.name_zh, "kind": s.kind.as_str(), "settings": settings })
}

fn put_spend(api: &Api, rows: &[SpendRow]) -> Result<(), Problem> {
    for s in rows.iter().filter(|s| s.clicks > 0) {
        let row = json!({ "date": s.date, "channel": s.channel, "campaign": s.campaign, "currency": s.currency,
            "impressions": s.impressions, "clicks": s.clicks, "cost_minor": s.cost_minor });
        api.post("/api/credit/spend", &row)?;
    }
    Ok(())
}
