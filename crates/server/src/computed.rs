//! `throughline trait list|show|put|archive|packs|enable`: computed traits at the command line. What is made here is built
//! by a running server, or by the next one that starts.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};
use throughline_app::App;
use throughline_app::audience::ComputedDefinition;
use throughline_app::computed::{ComputedVersion, ComputedView};
use throughline_app::team::Caller;
use throughline_base::Problem;

use crate::{Common, say, settings};

/// What to do with computed traits.
#[derive(Debug, Subcommand)]
pub enum TraitVerb {
    /// Prints every computed trait with how many people have a value.
    List {
        /// Prints JSON, one trait a line.
        #[arg(long)]
        json: bool,
    },
    /// Prints a definition and which values people have, as JSON.
    Show {
        /// Its key.
        key: String,
    },
    /// Makes a computed trait, or changes it.
    Put {
        /// Its key.
        key: String,
        /// A file with the computation as JSON, `-` for standard input.
        file: PathBuf,
        /// Name for people.
        #[arg(long, default_value = "")]
        name: String,
        /// What it tells.
        #[arg(long, default_value = "")]
        description: String,
        /// Time zone of its calendar and clock times; the installation's when left out.
        #[arg(long)]
        zone: Option<String>,
    },
    /// Archives a computed trait: its values go away.
    Archive {
        /// Its key.
        key: String,
    },
    /// Prints packs of definitions that can be enabled.
    Packs,
    /// Enables packs of definitions.
    Enable {
        /// Their names.
        #[arg(required = true)]
        packs: Vec<String>,
        /// Language of names and descriptions.
        #[arg(long, default_value = "en", value_parser = ["en", "zh-CN"])]
        language: String,
    },
}

/// Runs the verb.
///
/// # Errors
/// When there is no database, no such trait, or the definition has faults.
pub fn run(common: &Common, verb: TraitVerb) -> Result<(), Problem> {
    let app = settings::open_existing(common)?;
    let done = act(&app, verb);
    app.close();
    done?.iter().try_for_each(|line| say(line))
}

fn act(app: &App, verb: TraitVerb) -> Result<Vec<String>, Problem> {
    let by = Caller::cli();
    match verb {
        TraitVerb::List { json } => {
            Ok(app.computed_traits()?.iter().map(|v| if json { as_json(v).to_string() } else { line(v) }).collect())
        }
        TraitVerb::Show { key } => {
            let view = app.computed_trait(&key)?;
            let mut shown = as_json(&view);
            if view.live.is_some() {
                let d = app.computed_trait_distribution(&key)?;
                let top: Vec<Value> = d.top.iter().map(|f| json!({ "value": f.value, "people": f.people })).collect();
                shown["values"] = json!({ "known": d.known, "different": d.different, "top": top,
                    "numbers": d.numbers });
            }
            Ok(vec![format!("{shown:#}")])
        }
        TraitVerb::Put { key, file, name, description, zone } => {
            let computation = serde_json::from_str(&read(&file)?)
                .map_err(|e| Problem::invalid("computation", format!("the computation cannot be read: {e}")))?;
            let zone = zone.unwrap_or_else(|| app.settings.time_zone.clone());
            let definition = ComputedDefinition { zone, computation };
            let made = app.computed_trait_put(&by, (&key, &name, &description), &definition)?;
            Ok(vec![line(&app.computed_trait(&made.key)?)])
        }
        TraitVerb::Archive { key } => {
            app.computed_trait_archive(&by, &key)?;
            Ok(vec![format!("{key} is archived")])
        }
        TraitVerb::Packs => {
            let packs = app.packs()?;
            let lines = packs.iter().flat_map(|p| {
                let head = format!("{}{}", p.name, if p.enabled { " (enabled)" } else { "" });
                let parts = p
                    .parts
                    .iter()
                    .map(|part| format!("  {:24}  {:8}  {}", part.builtin.key, part.state, part.builtin.name.en));
                std::iter::once(head).chain(parts)
            });
            Ok(lines.collect())
        }
        TraitVerb::Enable { packs, language } => {
            app.packs_enable(&by, &packs, language == "zh-CN")?;
            Ok(vec![format!("{} enabled; definitions are made as what they read comes into force", packs.join(", "))])
        }
    }
}

fn read(file: &std::path::Path) -> Result<String, Problem> {
    let text =
        if file.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    text.map_err(|e| Problem::invalid("file", format!("cannot read {}: {e}", file.display())))
}

fn version(v: &ComputedVersion) -> Value {
    json!({ "number": v.number, "state": v.state, "zone": v.definition.zone, "computation": v.definition.computation,
        "created_at": v.created_at, "error": v.error })
}

fn as_json(v: &ComputedView) -> Value {
    json!({ "key": v.row.key, "name": v.row.name, "description": v.row.description, "people": v.people,
        "share": v.share, "live": v.live.as_ref().map(version), "next": v.next.as_ref().map(version) })
}

fn line(v: &ComputedView) -> String {
    let state = match (&v.live, &v.next) {
        (None, Some(next)) => next.state,
        (Some(_), Some(_)) => "live, newer building",
        (Some(_), None) => "live",
        (None, None) => "stopped",
    };
    format!("{:28}  {:>10} people  {:5.1} %  {:20}  {}", v.row.key, v.people, v.share * 100.0, state, v.row.name)
}
