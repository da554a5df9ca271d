//! `throughline source list|add|rotate|disable|enable`: who may send events, without a browser. It may run beside a
//! server, which hears of it within some seconds.

use clap::Subcommand;
use serde_json::json;
use throughline_app::App;
use throughline_app::source::{SourceChange, SourceView};
use throughline_app::team::Caller;
use throughline_base::{Problem, SourceId};

use crate::{Common, say, settings};

/// What to do with sources.
#[derive(Debug, Subcommand)]
pub enum SourceVerb {
    /// Prints every source with its keys.
    List {
        /// Prints JSON, one source a line.
        #[arg(long)]
        json: bool,
    },
    /// Makes a source and prints its write key.
    Add {
        /// Its name.
        name: String,
        /// What it is: web, app, mini_program, server, pos, marketplace, ads, email, sms, social, service, webhook, import.
        #[arg(long)]
        kind: String,
    },
    /// Gives a source a new write key, and a webhook a new secret; the present ones work on for a while.
    Rotate {
        /// Its name or id.
        source: String,
        /// Hours for which the present key works on; 0 ends it now.
        #[arg(long, default_value_t = 24, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(0..=8_760))]
        grace_hours: u32,
    },
    /// Lets a source take no events until it is enabled again.
    Disable {
        /// Its name or id.
        source: String,
    },
    /// Lets a disabled source take events again.
    Enable {
        /// Its name or id.
        source: String,
    },
}

/// Runs the verb.
///
/// # Errors
/// When there is no database, no such source, or the name is taken.
pub fn run(common: &Common, verb: SourceVerb) -> Result<(), Problem> {
    let app = settings::open_existing(common)?;
    let done = act(&app, verb);
    app.close();
    done?.iter().try_for_each(|line| say(line))
}

fn act(app: &App, verb: SourceVerb) -> Result<Vec<String>, Problem> {
    let by = Caller::cli();
    match verb {
        SourceVerb::List { json } => {
            Ok(app.sources()?.iter().map(|v| if json { as_json(v) } else { line(v) }).collect())
        }
        SourceVerb::Add { name, kind } => Ok(with_key(&app.source_create(&by, &name, &kind, None)?)),
        SourceVerb::Rotate { source, grace_hours } => {
            Ok(with_key(&app.source_rotate(&by, found(app, &source)?, grace_hours)?))
        }
        SourceVerb::Disable { source } => Ok(vec![line(&switch(app, &by, &source, false)?)]),
        SourceVerb::Enable { source } => Ok(vec![line(&switch(app, &by, &source, true)?)]),
    }
}

fn switch(app: &App, by: &Caller, source: &str, active: bool) -> Result<SourceView, Problem> {
    let change = SourceChange { active: Some(active), ..SourceChange::default() };
    app.source_update(by, found(app, source)?, &change)
}

/// The source with a name or an id.
fn found(app: &App, text: &str) -> Result<SourceId, Problem> {
    let all = app.sources()?;
    let id = text.parse::<SourceId>().ok();
    let found = all.iter().find(|v| Some(v.source.id) == id || &*v.source.name == text.trim());
    found.map(|v| v.source.id).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|v| &*v.source.name).collect();
        Problem::not_found("source_unknown", format!("there is no source `{text}`; there are: {}", names.join(", ")))
    })
}

fn state(v: &SourceView) -> &'static str {
    if v.source.active { "active" } else { "disabled" }
}

fn line(v: &SourceView) -> String {
    let keys: Vec<String> = v
        .keys
        .iter()
        .map(|k| k.expires_at.map_or_else(|| k.key.clone(), |end| format!("{} (until {end})", k.key)))
        .collect();
    format!(
        "{}  {:20}  {:12}  {:8}  {:>10} events  {}",
        v.source.id,
        v.source.name,
        v.source.kind,
        state(v),
        v.counts.events,
        keys.join(", ")
    )
}

fn as_json(v: &SourceView) -> String {
    json!({
        "id": v.source.id, "name": &*v.source.name, "kind": v.source.kind, "state": state(v), "write_keys": v.keys,
        "events": v.counts.events, "last_at": v.counts.last_at,
    })
    .to_string()
}

/// The source, then its new key on a line of its own, and the secret of a webhook, which is shown this once.
fn with_key(v: &SourceView) -> Vec<String> {
    let key = v.keys.iter().find(|k| k.expires_at.is_none()).map(|k| format!("write key: {}", k.key));
    let secret = v.source.settings.webhook.as_ref().map(|w| format!("webhook secret: {}", w.secret));
    std::iter::once(line(v)).chain(key).chain(secret).collect()
}
