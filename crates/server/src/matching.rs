//! `throughline match FILE…`: which rows are one person? `throughline match --database`: which people are?

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use throughline_app::matching::{MatchMapping, MatchReport, MatchRequest, match_files};
use throughline_base::Problem;

use crate::{Common, say, settings};

/// Links rows of files that are one person.
///
/// Columns are understood by their names and contents, or as a mapping says. Without labels a model is fitted, a threshold
/// chosen and clusters are made; docs/identity.md tells how.
#[derive(Debug, Args)]
pub struct MatchArgs {
    /// A TOML file that says what columns mean; guessed when absent.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// A column that tells which rows are one person: it is not matched by, and the answer is measured against it.
    #[arg(long, value_name = "COLUMN")]
    truth: Option<String>,
    /// The part of the truth column that counts: the first group of a regular expression. `rec-N-org` and `rec-N-dup-K` of
    /// FEBRL are recognised without.
    #[arg(long, value_name = "REGEX", requires = "truth")]
    truth_pattern: Option<String>,
    /// Links pairs from this probability on, instead of the one chosen.
    #[arg(long, value_name = "PROBABILITY", value_parser = probability)]
    threshold: Option<f64>,
    /// Every file holds everybody once: no cluster has two rows of one file.
    #[arg(long)]
    one_per_file: bool,
    /// Writes cluster, file, line and id of every row.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Writes the pairs that are linked and those to look at, with their probability.
    #[arg(long, value_name = "FILE")]
    pairs_out: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Matches the people of the database instead: probable pairs go to the review queue, or are linked where that is set.
    #[arg(long, conflicts_with_all = ["files", "map", "truth", "threshold", "one_per_file", "out", "pairs_out"])]
    database: bool,
    /// With `--database`: fits a new model.
    #[arg(long, requires = "database")]
    fit: bool,
    /// The files: CSV, TSV, JSON Lines, Parquet.
    #[arg(required_unless_present = "database")]
    files: Vec<PathBuf>,
}

fn probability(text: &str) -> Result<f64, String> {
    let p: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if p > 0.0 && p < 1.0 { Ok(p) } else { Err("a probability lies between 0 and 1".to_owned()) }
}

/// Runs the verb.
///
/// # Errors
/// As [`match_files`]; when there is no database, or it is being moved.
pub fn run(common: &Common, args: MatchArgs) -> Result<(), Problem> {
    if args.database {
        return run_database(common, &args);
    }
    let mapping = match &args.map {
        None => MatchMapping::guessed(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| {
                Problem::invalid("match_mapping", format!("cannot read the mapping {}: {e}", path.display()))
            })?;
            MatchMapping::parse(&text)?
        }
    };
    let as_json = args.json;
    let mut report = match_files(&MatchRequest {
        files: args.files,
        mapping,
        truth: args.truth,
        truth_pattern: args.truth_pattern,
        threshold: args.threshold,
        one_per_file: args.one_per_file,
        out: args.out,
        pairs_out: args.pairs_out,
    })?;
    report.cpu_seconds = cpu_seconds();
    report.peak_memory_mb = peak_memory_mb();
    if as_json {
        let text = serde_json::to_string_pretty(&json!(report))
            .map_err(|e| Problem::internal("match", "the report is no JSON").caused_by(e))?;
        return say(&text);
    }
    print(&report)
}

fn run_database(common: &Common, args: &MatchArgs) -> Result<(), Problem> {
    let app = settings::open_existing(common)?;
    let run = app.matching_run(args.fit)?;
    app.close();
    if args.json {
        return say(&json!(run).to_string());
    }
    let how = if run.fitted { "fitted to them" } else { "fitted before" };
    say(&format!("{} people, {} of them matched, by model {} {how}", run.people, run.changed, run.model_version))?;
    say(&format!(
        "{} pairs compared: {} new ones to look at, {} linked, {} refused by limits, {} not probable any more",
        run.compared, run.review, run.linked, run.refused, run.withdrawn
    ))
}

fn print(r: &MatchReport) -> Result<(), Problem> {
    for f in &r.files {
        let columns: Vec<String> =
            f.columns.iter().map(|(c, m)| format!("{c} = {}", m.as_str().unwrap_or_default())).collect();
        say(&format!("{}: {}", f.file, columns.join(", ")))?;
    }
    let percent = |x: f64| format!("{:.2} %", x * 100.0);
    say(&format!(
        "{} records, {} pairs compared; {} records in {} clusters, {} pairs to look at",
        r.records, r.blocking.compared, r.clustered, r.cluster_count, r.zones.review
    ))?;
    say(&format!(
        "linked from a probability of {:.4}; expected precision {}, recall {}",
        r.threshold,
        percent(r.expected.precision),
        percent(r.expected.recall)
    ))?;
    for (what, score) in [("pairs", &r.pairs), ("clusters", &r.clusters)] {
        if let Some(s) = score {
            let (p, rec) = (percent(s.precision), percent(s.recall));
            say(&format!("{what}: precision {p}, recall {rec}, F1 {:.4}", s.f1))?;
        }
    }
    if r.unreadable_count > 0 {
        say(&format!("{} rows could not be read:", r.unreadable_count))?;
        r.unreadable.iter().try_for_each(|line| say(&format!("  {line}")))?;
    }
    say(&format!("{:.2} s of processor time, {:.0} MB", r.cpu_seconds, r.peak_memory_mb))
}

/// Processor time of this process with all its threads, in seconds; 0 where `/proc` is missing.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold blanks; utime and stime are the 14th and 15th field of all.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// The most memory this process held, in MB; 0 where `/proc` is missing.
fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
