//! `throughline lake path|status|seal|compact|verify`. Seal and compact may run beside a server: it takes turns
//! through the store.

use clap::Subcommand;
use throughline_base::Problem;

use crate::{Common, say, settings};

/// What to do with the event history.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum LakeVerb {
    /// Prints where the files are, for DuckDB, Spark and others.
    Path,
    /// Prints files, events and bytes by month as JSON.
    Status,
    /// Seals every event now.
    Seal,
    /// Merges small files and applies merges, splits and erasures for good.
    Compact,
    /// Reads every file and compares it with the manifest.
    Verify,
}

pub fn run(common: &Common, verb: LakeVerb) -> Result<(), Problem> {
    let app = settings::open_existing(common)?;
    let text = match verb {
        LakeVerb::Path => Ok(app.lake_path()),
        LakeVerb::Status => app.lake_status().map(|s| pretty(&s)),
        LakeVerb::Seal => app.seal_all().map(|s| pretty(&s)),
        LakeVerb::Compact => app.compact_all().map(|s| pretty(&s)),
        LakeVerb::Verify => app.lake_verify().and_then(|r| {
            if r.is_sound() {
                Ok(format!("{} files, {} events, {} bytes: sound", r.files, r.rows, r.bytes))
            } else {
                let list: Vec<String> =
                    r.findings.iter().map(|f| format!("  {}: {:?}: {}", f.path, f.fault, f.detail)).collect();
                Err(Problem::internal("lake_unsound", format!("the history is not sound:\n{}", list.join("\n"))))
            }
        }),
    };
    app.close();
    say(&text?)
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("plain data becomes JSON")
}
