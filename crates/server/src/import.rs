//! `throughline import --map mapping.toml FILE…`: files become events, people and ad spend. Stopped and run again, it
//! goes on where it was.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use throughline_app::import::{Mapping, shipped};
use throughline_app::team::Caller;
use throughline_base::Problem;

use crate::{Common, say, settings};

/// What to import, and how.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A mapping: a TOML file, or the name of one that comes with the product; guessed when absent.
    #[arg(long)]
    map: Option<String>,
    /// Prints the first rows as events and people; nothing is recorded.
    #[arg(long)]
    dry_run: bool,
    /// Prints a mapping drafted for the file.
    #[arg(long)]
    guess: bool,
    /// Name of the source of the events; the mapping's when absent.
    #[arg(long)]
    source: Option<String>,
    /// The files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

fn mapping(name: &str) -> Result<String, Problem> {
    if let Some(s) = shipped()?.into_iter().find(|s| s.mapping.name == name) {
        return Ok(s.toml.to_owned());
    }
    std::fs::read_to_string(name)
        .map_err(|e| Problem::invalid("mapping", format!("cannot read the mapping {name}: {e}")))
}

pub fn run(common: &Common, args: &ImportArgs) -> Result<(), Problem> {
    let text = args.map.as_deref().map(mapping).transpose()?;
    if let Some(text) = &text {
        Mapping::parse(text)?;
    }
    let app = settings::open(common, &[])?;
    for file in &args.files {
        let text = match &text {
            Some(text) => text.clone(),
            None => app.import_guess(file)?.toml,
        };
        if args.guess {
            say(&app.import_guess(file)?.toml)?;
            continue;
        }
        if args.dry_run {
            let d = app.import_dry_run_file(file, &text)?;
            for row in d.rows {
                row.events.iter().try_for_each(|e| say(&format!("line {}: {e}", row.line)))?;
            }
            for p in d.people {
                let ids: Vec<_> = p.identifiers.iter().map(|(n, v)| json!({ "namespace": n, "value": v })).collect();
                say(&format!("person: {}", json!({ "identifiers": ids, "traits": p.traits })))?;
            }
            d.errors.iter().try_for_each(|f| say(&format!("line {}: {}", f.line, f.reason())))?;
            continue;
        }
        let begun = app.import_begin(&Caller::cli(), file, &text, args.source.as_deref())?;
        let bar = ProgressBar::new(0);
        let style = "{bar:30} {human_pos}/{human_len} rows  {per_sec}  {eta} left";
        bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let done = app.import_run(begun.row.id, &|| false, &mut |row| {
            bar.set_length(row.rows_total.unwrap_or_default().unsigned_abs());
            bar.set_position(row.rows_done.unsigned_abs());
        })?;
        bar.finish_and_clear();
        say(&format!(
            "{}: {} rows, {} accepted, {} duplicates, {} quarantined, {} rejected ({})",
            done.file_name, done.rows_done, done.accepted, done.duplicates, done.quarantined, done.rejected, done.state
        ))?;
    }
    app.close();
    Ok(())
}
