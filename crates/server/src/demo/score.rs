//! `throughline demo score`: how well the people were found and the revenue shared out, against the truth.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use throughline_app::credit::CreditQuery;
use throughline_base::Problem;
use throughline_demo::{
    BASELINE, CreditScore, IdentifierKey, IdentityScore, Quality, Truth, score_credit, score_identity,
};

use super::api::{Api, segment};
use super::truth_path;
use crate::{Common, say, settings};

/// What is measured, and how it is shown.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// A running server; the data folder is read when absent.
    #[arg(long)]
    url: Option<String>,
    /// API key of that server.
    #[arg(long, env = "THROUGHLINE_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// The truth; `demo/truth.jsonl` of the data folder when absent.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Look-back window of the credit models.
    #[arg(long, default_value_t = 30)]
    lookback_days: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What a system says about the demo.
struct Found {
    owners: BTreeMap<IdentifierKey, String>,
    orders: u64,
    revenue_minor: i64,
    /// Revenue by model and channel; without a touch under `unattributed`.
    models: BTreeMap<String, BTreeMap<String, f64>>,
}

/// Everything measured.
#[derive(Debug, Serialize)]
struct Score {
    identity: IdentityScore,
    orders: Orders,
    credit: BTreeMap<String, CreditScore>,
}

/// Orders, true and recorded. Recorded revenue is net of refunds.
#[derive(Debug, Serialize)]
struct Orders {
    truth: u64,
    found: u64,
    truth_net_minor: i64,
    found_net_minor: i64,
}

pub(super) fn run(common: &Common, args: &ScoreArgs) -> Result<(), Problem> {
    let (truth, found) = match &args.url {
        Some(url) => {
            let truth = read_truth(args.truth.as_deref().unwrap_or(Path::new("demo-truth.jsonl")))?;
            let key = args.api_key.as_deref().ok_or_else(|| Problem::invalid("demo", "--url needs --api-key"))?;
            let found = ask(&Api::new(url, key), &truth, args.lookback_days)?;
            (truth, found)
        }
        None => {
            let data = settings::config(common, &[])?.data.dir;
            let truth = read_truth(&args.truth.clone().unwrap_or_else(|| truth_path(&data)))?;
            (truth, read_data(common, args.lookback_days)?)
        }
    };
    let score = score(&truth, &found);
    if args.json {
        let text = serde_json::to_string_pretty(&score);
        return say(&text.map_err(|e| Problem::internal("demo", "the score is no JSON").caused_by(e))?);
    }
    say(table(&score).trim_end())
}

fn read_truth(file: &Path) -> Result<Truth, Problem> {
    let open = || Truth::read_jsonl(BufReader::new(std::fs::File::open(file)?));
    open().map_err(|e| {
        Problem::invalid(
            "demo_truth",
            format!("cannot read the truth {}: {e}; it is written when the demo has been loaded", file.display()),
        )
    })
}

/// What a data folder says. A server may go on working on it.
fn read_data(common: &Common, lookback_days: u32) -> Result<Found, Problem> {
    let app = settings::open(common, &[])?;
    let owners = app.identifier_owners()?.into_iter().map(|(key, person)| (key, person.to_string())).collect();
    let report = app.credit_report(&CreditQuery { lookback_days, ..CreditQuery::default() })?;
    app.close();
    let unattributed = report.unattributed.revenue_minor;
    Ok(Found {
        owners,
        orders: report.conversions,
        revenue_minor: report.revenue_minor,
        models: report
            .all_models
            .into_iter()
            .map(|(model, by_channel)| {
                let rows = by_channel.into_iter().map(|(channel, v)| (channel, v as f64));
                (model.to_owned(), rows.chain([("unattributed".to_owned(), unattributed as f64)]).collect())
            })
            .collect(),
    })
}

/// What a running server says. One answer tells all identifiers of a person, so most need no question.
fn ask(api: &Api, truth: &Truth, lookback_days: u32) -> Result<Found, Problem> {
    let mut owners: BTreeMap<IdentifierKey, String> = BTreeMap::new();
    for id in truth.people.iter().flat_map(|p| &p.identifiers) {
        if owners.contains_key(&(id.namespace.clone(), id.value.clone())) {
            continue;
        }
        let path = format!("/api/people/by-identifier/{}/{}", segment(&id.namespace), segment(&id.value));
        let Some(person) = api.find(&path)? else { continue };
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let open = person["identifiers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|i| !matches!(i["status"].as_str(), Some("ended" | "hint")));
        owners.extend(open.map(|i| ((text(&i["namespace"]), text(&i["value"])), text(&person["id"]))));
    }
    let report = api.get(&format!("/api/credit/report?by=channel&lookback_days={lookback_days}"))?;
    let unattributed = report["unattributed"]["revenue_minor"].as_f64().unwrap_or_default();
    let models = report["all_models"].as_object().into_iter().flatten().map(|(model, rows)| {
        let rows = rows.as_object().into_iter().flatten().map(|(c, v)| (c.clone(), v.as_f64().unwrap_or_default()));
        (model.clone(), rows.chain([("unattributed".to_owned(), unattributed)]).collect())
    });
    Ok(Found {
        owners,
        orders: report["total"]["conversions"].as_u64().unwrap_or_default(),
        revenue_minor: report["total"]["revenue_minor"].as_i64().unwrap_or_default(),
        models: models.collect(),
    })
}

fn score(truth: &Truth, found: &Found) -> Score {
    let shares = truth.revenue_by_channel();
    Score {
        identity: score_identity(truth, &found.owners),
        orders: Orders {
            truth: truth.orders.len() as u64,
            found: found.orders,
            truth_net_minor: truth.orders.iter().map(|o| o.revenue_minor - o.refunded_minor).sum(),
            found_net_minor: found.revenue_minor,
        },
        credit: found.models.iter().map(|(model, rows)| (model.clone(), score_credit(&shares, rows))).collect(),
    }
}

fn table(s: &Score) -> String {
    let mut out = String::new();
    let i = &s.identity;
    // Writing to a string never fails.
    let _ = writeln!(out, "identity                       precision   recall       F1");
    let mut quality = |name: &str, q: Quality| {
        let _ = writeln!(out, "{name:30} {:9.4} {:8.4} {:8.4}", q.precision, q.recall, q.f1);
    };
    quality("pairs of identifiers", i.pairs);
    quality("pairs with evidence", i.provable_pairs);
    quality("people (B-cubed)", i.clusters);
    let missed = (i.pairs.recall.mul_add(-(i.true_pairs as f64), i.true_pairs as f64)).round() as u64;
    let silent = i.true_pairs - i.evident_pairs;
    let _ = writeln!(
        out,
        "{} identifiers of {} people compared; {} people found, {} of them exact, {} hold several people, {} people lie in pieces",
        i.identifiers, i.people_true, i.people_found, i.people_exact, i.over_merged, i.under_merged
    );
    let _ = writeln!(
        out,
        "of {} true pairs {missed} were not found; {silent} are cookies and devices that no event ties to their owner",
        i.true_pairs
    );
    credit_table(&mut out, s);
    out
}

fn credit_table(out: &mut String, s: &Score) {
    let yuan = |minor: i64| minor as f64 / 100.0;
    let _ = writeln!(
        out,
        "\norders: {} true, {} found; net revenue {:.2} true, {:.2} found",
        s.orders.truth,
        s.orders.found,
        yuan(s.orders.truth_net_minor),
        yuan(s.orders.found_net_minor)
    );
    let _ = writeln!(out, "\ncredit: part of the money in the wrong place, and where it errs most");
    let _ = writeln!(out, "{:18} {:>9} {:>10}   most flattered         most wronged", "model", "all", "marketing");
    for (model, c) in &s.credit {
        let marketing = || c.rows.iter().filter(|r| r.channel != BASELINE);
        let most = marketing().max_by(|a, b| a.error.total_cmp(&b.error));
        let least = marketing().min_by(|a, b| a.error.total_cmp(&b.error));
        let shown = |r: Option<&throughline_demo::CreditRow>| {
            r.map_or_else(String::new, |r| format!("{} {:+.1} %", r.channel, 100.0 * r.error))
        };
        let _ = writeln!(
            out,
            "{model:18} {:8.1}% {:9.1}%   {:22} {}",
            100.0 * c.total_variation,
            100.0 * c.total_variation_marketing,
            shown(most),
            shown(least)
        );
    }
}
