//! The verb `credit`: attribution models over a file of paths, without a server.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use throughline_app::credit::{PathFileOptions, path_file};
use throughline_base::Problem;
use throughline_domain::credit::PositionWeights;

/// Computes attribution models.
#[derive(Debug, Args)]
pub struct CreditArgs {
    #[command(subcommand)]
    verb: CreditVerb,
}

#[derive(Debug, Subcommand)]
enum CreditVerb {
    /// Prints the models over an aggregated path file as JSON.
    ///
    /// The file is CSV, plain or gzip-compressed, with a column `path` (steps joined by ` > `), `conversions` and, if
    /// known, `value` and `null` (paths without conversion). Such paths have no times, so `time_decay` is null.
    Paths(PathsArgs),
}

#[derive(Debug, Args)]
struct PathsArgs {
    /// The file.
    file: PathBuf,
    /// Share of the first touch in the position model.
    #[arg(long, default_value_t = 0.4, value_name = "SHARE")]
    position_first: f64,
    /// Share of the last touch in the position model.
    #[arg(long, default_value_t = 0.4, value_name = "SHARE")]
    position_last: f64,
    /// Order of the Markov chain; give it again for further chains.
    #[arg(long = "markov-order", default_values_t = [1], value_name = "ORDER")]
    markov_orders: Vec<usize>,
    /// Leaves paths without conversion out of Markov chains and Shapley values.
    #[arg(long)]
    no_nulls: bool,
    /// A channel of the file that means a direct visit, beside the usual names; give it again for further ones.
    #[arg(long, value_name = "CHANNEL")]
    direct: Vec<String>,
    /// Prints JSON on one line.
    #[arg(long)]
    compact: bool,
}

/// Runs the verb.
///
/// # Errors
/// When the file cannot be read as a path file (where, and how to mend it), or an option is out of range.
pub fn run(args: CreditArgs) -> Result<(), Problem> {
    match args.verb {
        CreditVerb::Paths(args) => paths(args),
    }
}

fn paths(args: PathsArgs) -> Result<(), Problem> {
    let options = PathFileOptions {
        position: PositionWeights { first: args.position_first, last: args.position_last },
        markov_orders: args.markov_orders,
        nulls: !args.no_nulls,
        direct: args.direct.iter().map(|d| d.trim().to_lowercase()).collect(),
    };
    let report = path_file(&args.file, &options)?;
    let text = if args.compact { serde_json::to_string(&report) } else { serde_json::to_string_pretty(&report) };
    let text =
        text.map_err(|e| Problem::internal("credit_paths", "the result cannot be written as JSON").caused_by(e))?;
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    match written {
        // Whoever reads has seen enough, as `head` has.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(Problem::unavailable("stdout", format!("the result cannot be printed: {e}"))),
        Ok(()) => Ok(()),
    }
}
