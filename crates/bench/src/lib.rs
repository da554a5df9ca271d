//! What `throughline bench` measures, each figure beside its aim or a yardstick on the same bytes and machine.
//!
//! The server under test is this binary in a process of its own, so that its processor time and memory are its alone.
//! It knows the whole product and nothing knows it but the binary. Start reading at [`run`]; each part is a module.

mod audience;
mod generate;
mod history;
mod identity;
mod ingest;
mod load;
mod machine;
mod memory;
mod server;
mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use throughline_base::Problem;

use table::Table;

/// Measures this machine.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// What to measure; everything but `memory` when absent.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Events sent to the server.
    #[arg(long, default_value_t = 240_000)]
    events: usize,
    /// Events of the history that is scanned.
    #[arg(long, default_value_t = 10_000_000)]
    history_events: usize,
    /// People of the part `memory`.
    #[arg(long, default_value_t = 1_000_000)]
    people: usize,
    /// Connections that send at once.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// A hundredth of everything: shows that it works, measures nothing.
    #[arg(long)]
    quick: bool,
    /// Folder for the data, removed in the end; it should lie on the disk that is to be measured.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Prints JSON at the end.
    #[arg(long)]
    json: bool,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Durable ingest over HTTP, latency at half load, reads meanwhile; then identity and sealing of what came in.
    Ingest,
    /// Scans and credit reports over a generated history.
    History,
    /// What audiences cost, how soon they are right, and a full evaluation beside DuckDB.
    Audiences,
    /// Resident memory with many people.
    Memory,
}

/// Where, how much and how.
struct Bench {
    dir: PathBuf,
    events: usize,
    history_events: usize,
    people: usize,
    connections: usize,
    table: Table,
}

/// Runs the parts asked for.
///
/// # Errors
/// When a server does not start, an answer is not what it should be, or the folder cannot be written.
pub fn run(args: &BenchArgs) -> Result<(), Problem> {
    let dir = args.dir.clone().unwrap_or_else(std::env::temp_dir).join(format!("bench-{}", std::process::id()));
    let scale = |n: usize| if args.quick { (n / 100).max(2_000) } else { n };
    let mut bench = Bench {
        dir,
        events: scale(args.events),
        history_events: scale(args.history_events),
        people: scale(args.people),
        connections: args.connections.max(1),
        table: Table::new(args.json),
    };
    let parts =
        if args.parts.is_empty() { vec![Part::Ingest, Part::History, Part::Audiences] } else { args.parts.clone() };
    let done = bench.measure(&parts);
    // Whatever happened, gigabytes must not stay behind.
    let removed = std::fs::remove_dir_all(&bench.dir);
    done?;
    if let Err(e) = removed.or_else(|e| if e.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(e) }) {
        return Err(Problem::unavailable("bench", format!("cannot remove {}: {e}", bench.dir.display())));
    }
    bench.table.finish()
}

impl Bench {
    fn measure(&mut self, parts: &[Part]) -> Result<(), Problem> {
        std::fs::create_dir_all(&self.dir).map_err(|e| self.cannot_write(&e))?;
        machine::describe(&mut self.table, &self.dir).map_err(|e| self.cannot_write(&e))?;
        for part in parts {
            match part {
                Part::Ingest => self.ingest()?,
                Part::History => self.history()?,
                Part::Audiences => self.audiences()?,
                Part::Memory => self.memory()?,
            }
        }
        Ok(())
    }

    fn cannot_write(&self, e: &std::io::Error) -> Problem {
        Problem::unavailable("bench", format!("cannot write into {}: {e}", self.dir.display()))
    }
}

/// Something that must hold and does not: the figures would mean nothing.
fn broken(what: impl Into<String>) -> Problem {
    Problem::internal("bench", what)
}
