//! `throughline move`, `backup`, `restore`.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use throughline_app::maintenance::{self, Progress, Stage};
use throughline_base::{Problem, SystemClock};

use crate::{Common, say, settings};

/// From where to where.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// The database that is read: a path, sqlite:///… or postgres://…
    #[arg(long)]
    from: String,
    /// The database that is filled; it must be empty or hold what an interrupted move left.
    #[arg(long)]
    to: String,
}

/// Where to.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file that is written; it must not exist.
    file: PathBuf,
}

/// Where from.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// A file that `backup` wrote.
    file: PathBuf,
}

fn bar() -> (ProgressBar, impl FnMut(&Progress<'_>)) {
    let bar = ProgressBar::new(0);
    let style =
        ProgressStyle::with_template("{prefix:8} {msg:22} [{bar:30}] {human_pos}/{human_len} {per_sec} {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    let shown = bar.clone();
    (bar, move |p: &Progress<'_>| {
        shown.set_prefix(match p.stage {
            Stage::Copy => "copying",
            Stage::Verify => "proving",
        });
        shown.set_message(p.table.to_owned());
        shown.set_length(p.total);
        shown.set_position(p.done);
    })
}

pub fn move_all(args: &MoveArgs) -> Result<(), Problem> {
    maintenance::require(&args.from)?;
    let (bar, mut progress) = bar();
    let sums = maintenance::move_all(&args.from, &args.to, &SystemClock, &mut progress)?;
    bar.finish_and_clear();
    for s in &sums {
        say(&format!("{:24} {:>12} rows  {:016x}", s.table, s.rows, s.checksum))?;
    }
    say(&format!("{} tables moved, both sides hold the same", sums.len()))
}

pub fn backup(common: &Common, args: &BackupArgs) -> Result<(), Problem> {
    let c = settings::config(common, &[])?;
    settings::existing(&c)?;
    let s = settings::settings(&c)?;
    let (bar, mut progress) = bar();
    let bytes = maintenance::backup(&s.database_url(), &args.file, &SystemClock, &mut progress)?;
    bar.finish_and_clear();
    say(&format!("{}: {bytes} bytes, checked", args.file.display()))
}

pub fn restore(common: &Common, args: &RestoreArgs) -> Result<(), Problem> {
    let c = settings::config(common, &[])?;
    let s = settings::settings(&c)?;
    let (bar, mut progress) = bar();
    maintenance::restore(&args.file, &s.database_url(), &SystemClock, &mut progress)?;
    bar.finish_and_clear();
    say("restored; start the server on it")
}
