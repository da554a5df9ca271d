//! `throughline destination list|test|run|rotate-key`: audiences at destinations, without a browser. It may run beside a
//! server, which does what is asked for.

use clap::Subcommand;
use serde_json::json;
use throughline_app::App;
use throughline_app::destination::{DestinationView, SyncView};
use throughline_app::team::Caller;
use throughline_base::{DestinationId, Problem, ProblemKind};

use crate::{Common, say, settings};

/// What to do with destinations.
#[derive(Debug, Subcommand)]
pub enum DestinationVerb {
    /// Prints every destination with its syncs.
    List {
        /// Prints JSON, one destination a line.
        #[arg(long)]
        json: bool,
    },
    /// Tries a destination with something that holds nobody's data.
    Test {
        /// Its name or id.
        destination: String,
    },
    /// Has every sync of a destination run now; the server does it.
    Run {
        /// Its name or id.
        destination: String,
    },
    /// Makes a new key of credentials and encrypts all of them with it. Stop the server first: it knows the old key alone.
    RotateKey,
}

/// Runs the verb.
///
/// # Errors
/// When there is no database, no such destination, or the test fails.
pub fn run(common: &Common, verb: DestinationVerb) -> Result<(), Problem> {
    if matches!(verb, DestinationVerb::RotateKey) {
        return rotate_key(common);
    }
    let app = settings::open_existing(common)?;
    let done = act(&app, verb);
    app.close();
    done?.iter().try_for_each(|line| say(line))
}

fn act(app: &App, verb: DestinationVerb) -> Result<Vec<String>, Problem> {
    let by = Caller::cli();
    match verb {
        DestinationVerb::List { json } => {
            let mut out = Vec::new();
            for d in app.destinations()? {
                let syncs = app.syncs(Some(d.id), None)?;
                if json {
                    out.push(as_json(&d, &syncs));
                } else {
                    out.push(format!("{}  {:20}  {}", d.id, d.name, d.place.kind()));
                    out.extend(syncs.iter().map(line));
                }
            }
            Ok(out)
        }
        DestinationVerb::Test { destination } => {
            let answer = app.destination_test(&by, found(app, &destination)?)?;
            if answer.ok {
                return Ok(vec![format!("it works: {}", answer.detail)]);
            }
            Err(Problem::new(ProblemKind::Unavailable, "destination_test", answer.detail))
        }
        DestinationVerb::Run { destination } => {
            let id = found(app, &destination)?;
            let mut out = Vec::new();
            for sync in app.syncs(Some(id), None)? {
                out.push(line(&app.sync_run(&by, sync.sync.id)?));
            }
            Ok(out)
        }
        DestinationVerb::RotateKey => Ok(Vec::new()),
    }
}

/// The new key is first in the file before anything is encrypted with it; opening the database encrypts what is not.
fn rotate_key(common: &Common) -> Result<(), Problem> {
    let c = settings::config(common, &[])?;
    settings::existing(&c)?;
    if !c.secret.key.is_empty() {
        let detail = "the key is set by THROUGHLINE_SECRET_KEY: set a new one there, the present one as THROUGHLINE_SECRET_PREVIOUS, and start the server once";
        return Err(Problem::invalid("secret_key", detail));
    }
    settings::credential_key_add(&c.data.dir)?;
    let app = settings::open_existing(common)?;
    app.close();
    say(&format!(
        "credentials are encrypted with a new key; the old one is still in {}, for backups made before",
        c.data.dir.join(settings::CREDENTIALS_FILE).display()
    ))
}

/// The destination with a name or an id.
fn found(app: &App, text: &str) -> Result<DestinationId, Problem> {
    let all = app.destinations()?;
    let id = text.parse::<DestinationId>().ok();
    let found = all.iter().find(|d| Some(d.id) == id || d.name == text.trim());
    found.map(|d| d.id).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|d| d.name.as_str()).collect();
        let detail = format!("there is no destination `{text}`; there are: {}", names.join(", "));
        Problem::not_found("destination_unknown", detail)
    })
}

fn line(v: &SyncView) -> String {
    let trouble = v.error.as_deref().map(|e| format!("  {e}")).unwrap_or_default();
    let audience = v.audience.as_ref().map_or("", |(key, _)| key.as_str());
    format!(
        "  {}  {:20}  {:20}  {:10}  {:8}  {:>8} people{trouble}",
        v.sync.id,
        v.sync.name,
        audience,
        v.sync.mode.as_str(),
        v.sync.state.as_str(),
        v.held
    )
}

fn as_json(d: &DestinationView, syncs: &[SyncView]) -> String {
    let syncs: Vec<_> = syncs
        .iter()
        .map(|v| {
            json!({
                "id": v.sync.id, "name": v.sync.name, "audience": v.audience.as_ref().map(|(key, _)| key),
                "purpose": v.sync.purpose, "channel": v.sync.channel, "format": v.sync.format.name(),
                "mode": v.sync.mode.as_str(), "state": v.sync.state.as_str(), "held": v.held, "error": v.error,
            })
        })
        .collect();
    json!({ "id": d.id, "name": d.name, "settings": d.place, "secrets": d.secrets, "syncs": syncs }).to_string()
}
