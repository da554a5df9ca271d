//! The demo brand: loaded by `serve --demo`, sent to another server or written to files by `throughline demo`, and
//! measured against its truth by `throughline demo score`.
//!
//! Everything goes through the real collect endpoints. Start reading at [`load`], then [`send`].

mod api;
mod files;
mod load;
mod remote;
mod score;
mod send;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use throughline_app::App;
use throughline_base::{Clock, Problem, SystemClock, Timestamp};
use throughline_demo::{CustomerConfig, DemoBrand, DemoConfig, DemoSource, Truth, write_customers};

use crate::Common;

pub use load::load_in_background;

/// Sends the demo brand to a running server, or writes it to files.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArgs {
    #[command(subcommand)]
    verb: Option<DemoVerb>,
    #[command(flatten)]
    brand: BrandArgs,
    #[command(flatten)]
    to: remote::ToArgs,
    /// Writes requests, sources, spend and truth into this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "to")]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum DemoVerb {
    /// Measures identity and credit against the truth.
    Score(score::ScoreArgs),
    /// Writes customer records of Chinese shops with a known truth, for `throughline match --truth person`.
    Customers(CustomersArgs),
}

/// How many records, and where to.
#[derive(Debug, Args)]
struct CustomersArgs {
    /// Records.
    #[arg(long, default_value_t = 100_000)]
    records: u32,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The CSV file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What is generated.
#[derive(Debug, Args)]
pub struct BrandArgs {
    /// People; 20,000 give about half a million events.
    #[arg(long, default_value_t = 20_000)]
    people: u32,
    /// The same seed and end give the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// End of the 18 months of history; now when absent.
    #[arg(long, value_name = "INSTANT")]
    until: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// When the server or the disk refuses.
pub fn run(common: &Common, args: DemoArgs) -> Result<(), Problem> {
    match &args.verb {
        Some(DemoVerb::Score(args)) => return score::run(common, args),
        Some(DemoVerb::Customers(args)) => {
            let config = CustomerConfig { records: args.records, seed: args.seed };
            return write_with(&args.out, |out| write_customers(config, out).map(|_| ()));
        }
        None => {}
    }
    let config = args.brand.config()?;
    match (&args.out, &args.to.to) {
        (Some(folder), _) => files::write_all(config, folder),
        (None, Some(url)) => remote::send_all(config, url, &args.to),
        (None, None) => Err(Problem::invalid(
            "demo",
            "say where the demo goes: --to URL with --api-key or --write-key, or --out DIR; \
             `throughline serve --demo` loads it by itself",
        )),
    }
}

impl BrandArgs {
    fn config(&self) -> Result<DemoConfig, Problem> {
        let until = match self.until.as_deref() {
            None => SystemClock.now(),
            Some(text) => Timestamp::parse(text).ok_or_else(|| {
                Problem::invalid(
                    "demo",
                    format!("--until: `{text}` is no instant; write one such as 2026-11-20T16:00:00Z"),
                )
            })?,
        };
        Ok(DemoConfig { people: self.people, seed: self.seed, ..DemoConfig::new(until) })
    }
}

/// Where the truth of a server's own demo is kept: who is who, and what each touch really caused.
fn truth_path(data: &Path) -> PathBuf {
    data.join("demo").join("truth.jsonl")
}

/// Events a brand of so many people sends, roughly: for progress.
fn expected_events(people: u32) -> u64 {
    u64::from(people) * 26
}

fn progress(what: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template("{msg} [{bar:30}] {human_pos}/{human_len} events, {per_sec}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(what.to_owned());
    bar
}

fn write_truth(truth: &Truth, file: &Path) -> Result<(), Problem> {
    write_with(file, |out| truth.write_jsonl(out))
}

/// Writes a file, making its folder.
fn write_with(
    file: &Path,
    f: impl FnOnce(&mut std::io::BufWriter<std::fs::File>) -> std::io::Result<()>,
) -> Result<(), Problem> {
    let written = || {
        if let Some(dir) = file.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
        f(&mut out)?;
        std::io::Write::flush(&mut out)
    };
    written().map_err(|e| Problem::unavailable("demo", format!("cannot write {}: {e}", file.display())))
}

/// The sources of a brand with the keys they write with.
fn keyed(brand: &DemoBrand) -> impl Iterator<Item = (DemoSource, String)> + use<> {
    brand.sources().into_iter().zip(brand.write_keys().to_vec())
}

/// Where an app keeps its truth.
fn truth_of(app: &App) -> PathBuf {
    truth_path(&app.settings.data_dir)
}
