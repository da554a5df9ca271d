//! `throughline demo --out DIR`: the requests of the brand as files, to be looked at or sent by something else.
//!
//! | file | holds |
//! |---|---|
//! | `requests.jsonl` | one request a line, in the order of arrival: source, when, method, path, headers, body |
//! | `sources.jsonl` | the touchpoints and the write keys inside the requests |
//! | `spend.csv` | what advertising cost by day, channel and campaign |
//! | `truth.jsonl` | who is who, and what each touch really caused |

use std::io::Write;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use throughline_base::Problem;
use throughline_demo::{DemoBatch, DemoBrand, DemoConfig, SpendRow};

use super::{expected_events, keyed, progress, write_truth, write_with};

/// Generates everything into `folder`.
pub(super) fn write_all(config: DemoConfig, folder: &Path) -> Result<(), Problem> {
    let people = config.people;
    let brand = DemoBrand::new(config);
    write_with(&folder.join("sources.jsonl"), |out| {
        keyed(&brand).try_for_each(|(s, write_key)| {
            let settings = json!({ "verified": s.verified, "kiosk": s.kiosk, "openid_app": s.openid_app });
            let line = json!({ "key": s.key, "name": { "zh-CN": s.name_zh, "en": s.name_en }, "kind": s.kind.as_str(),
                "write_key": write_key, "settings": settings });
            writeln!(out, "{line}")
        })
    })?;
    let names: Vec<&str> = brand.sources().iter().map(|s| s.key).collect();
    let bar = progress("writing the demo", expected_events(people));
    let mut batches = brand.batches();
    let mut events = 0;
    write_with(&folder.join("requests.jsonl"), |out| {
        for batch in batches.by_ref() {
            events += batch.requests.iter().map(|r| u64::from(r.events)).sum::<u64>();
            write_batch(out, names[batch.source], &batch)?;
            bar.set_position(events);
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    write_with(&folder.join("spend.csv"), |out| write_spend(out, &batches.ad_spend()))?;
    write_truth(&batches.truth(), &folder.join("truth.jsonl"))?;
    crate::say(&format!("{}: {events} events of {people} people", folder.display()))
}

fn write_batch(out: &mut impl Write, source: &str, batch: &DemoBatch) -> std::io::Result<()> {
    for r in &batch.requests {
        let headers: serde_json::Map<String, serde_json::Value> =
            r.headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        let mut line = json!({ "source": source, "received_at": batch.received_at.to_string(), "events": r.events,
            "method": r.method, "path": r.path, "headers": headers });
        // Compressed bodies are no text.
        match std::str::from_utf8(&r.body) {
            Ok(text) => line["body"] = text.into(),
            Err(_) => line["body_base64"] = STANDARD.encode(&r.body).into(),
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// In the columns that `throughline import` takes for spend. Nothing in it needs quoting.
fn write_spend(out: &mut impl Write, rows: &[SpendRow]) -> std::io::Result<()> {
    writeln!(out, "date,channel,campaign,impressions,clicks,cost,currency")?;
    for s in rows.iter().filter(|s| s.impressions > 0) {
        let (whole, cents) = (s.cost_minor / 100, s.cost_minor % 100);
        writeln!(
            out,
            "{},{},{},{},{},{whole}.{cents:02},{}",
            s.date, s.channel, s.campaign, s.impressions, s.clicks, s.currency
        )?;
    }
    Ok(())
}
