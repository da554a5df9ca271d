//! The binary `throughline`: verbs, wiring, configuration.
//!
//! Start reading at [`Verb`]; each verb is a module.

mod audience;
mod check;
mod computed;
mod config;
mod credit;
mod demo;
mod destination;
mod import;
mod lake;
mod matching;
mod serve;
mod settings;
mod source;
mod store;
mod tag;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use throughline_base::{Problem, ProblemKind};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Throughline joins what customers do in stores, shops, apps and channels into one line each.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Debug, Clone, Args)]
struct Common {
    /// Configuration file.
    #[arg(long, global = true, env = "THROUGHLINE_CONFIG")]
    config: Option<PathBuf>,
    /// Data folder.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// Database: postgres://… or sqlite:///…; SQLite in the data folder when absent.
    #[arg(long, global = true)]
    database_url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Starts the server; prints its address when it is ready.
    Serve(serve::ServeArgs),
    /// Prints the effective configuration with secrets masked.
    Config {
        /// Prints the commented default file instead.
        #[arg(long)]
        default: bool,
    },
    /// The demo brand: sent to a server, written to files, measured against its truth.
    Demo(demo::DemoArgs),
    /// The event history: path, status, seal, compact, verify.
    Lake {
        #[command(subcommand)]
        verb: lake::LakeVerb,
    },
    /// Sources of events and their write keys: list, add, rotate, disable, enable.
    Source {
        #[command(subcommand)]
        verb: source::SourceVerb,
    },
    /// Audiences: list, show, create, edit, size, members, why, check.
    Audience {
        #[command(subcommand)]
        verb: audience::AudienceVerb,
    },
    /// Tags: list, add, remove, merge, undo.
    Tag {
        #[command(subcommand)]
        verb: tag::TagVerb,
    },
    /// Computed traits: list, show, put, archive, packs, enable.
    Trait {
        #[command(subcommand)]
        verb: computed::TraitVerb,
    },
    /// Destinations of audiences: list, test, run, rotate-key.
    Destination {
        #[command(subcommand)]
        verb: destination::DestinationVerb,
    },
    /// Credit: models over a path file.
    Credit(credit::CreditArgs),
    /// Imports files: CSV, TSV, JSON Lines, Parquet.
    Import(import::ImportArgs),
    /// Links rows of files, or people of the database, that are one person.
    Match(matching::MatchArgs),
    /// Copies everything from one database to another and proves it.
    Move(store::MoveArgs),
    /// Copies the database into a file while the server goes on.
    Backup(store::BackupArgs),
    /// Brings a backup back into an empty database.
    Restore(store::RestoreArgs),
    /// Walks the audit chain.
    Audit,
    /// Measures this machine: ingest, reads, identity, the event history, credit, memory.
    Bench(throughline_bench::BenchArgs),
    /// Prints the OpenAPI description of the admin API.
    Openapi,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(p) => {
            say_error(&p);
            ExitCode::from(match p.kind {
                ProblemKind::Invalid | ProblemKind::NotFound => 2,
                ProblemKind::Unavailable | ProblemKind::Busy => 75,
                ProblemKind::Unauthenticated
                | ProblemKind::Forbidden
                | ProblemKind::Conflict
                | ProblemKind::TooLarge
                | ProblemKind::Internal => 1,
            })
        }
    }
}

fn run(cli: Cli) -> Result<(), Problem> {
    match cli.verb {
        Verb::Serve(args) => serve::run(&cli.common, args),
        Verb::Config { default: true } => say(config::DEFAULT.trim_end()),
        Verb::Config { default: false } => {
            let table = settings::table(&cli.common, &[])?;
            config::typed(table.clone())?;
            say(config::masked(table).to_string().trim_end())
        }
        Verb::Demo(args) => demo::run(&cli.common, args),
        Verb::Source { verb } => source::run(&cli.common, verb),
        Verb::Tag { verb } => tag::run(&cli.common, verb),
        Verb::Trait { verb } => computed::run(&cli.common, verb),
        Verb::Destination { verb } => destination::run(&cli.common, verb),
        Verb::Lake { verb } => lake::run(&cli.common, verb),
        Verb::Audience { verb } => audience::run(&cli.common, verb),
        Verb::Credit(args) => credit::run(args),
        Verb::Import(args) => import::run(&cli.common, &args),
        Verb::Match(args) => matching::run(&cli.common, args),
        Verb::Move(args) => store::move_all(&args),
        Verb::Backup(args) => store::backup(&cli.common, &args),
        Verb::Restore(args) => store::restore(&cli.common, &args),
        Verb::Audit => {
            let app = settings::open_existing(&cli.common)?;
            let (good, bad) = app.audit_verify()?;
            app.close();
            match bad {
                None => say(&format!("{good} rows, the chain holds")),
                Some(id) => Err(Problem::internal(
                    "audit_broken",
                    format!("{good} rows hold, row {id} does not: it was changed"),
                )),
            }
        }
        Verb::Bench(args) => throughline_bench::run(&args),
        Verb::Openapi => say(throughline_http::openapi().trim_end()),
    }
}

/// Prints a line for whoever runs the command. A closed pipe is no error.
#[expect(clippy::unnecessary_wraps, reason = "it ends verbs that return a result")]
fn say(text: &str) -> Result<(), Problem> {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}

fn say_error(p: &Problem) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "throughline: {}", p.detail);
    if let Some(source) = &p.source {
        let _ = writeln!(std::io::stderr(), "  because: {source}");
    }
}
