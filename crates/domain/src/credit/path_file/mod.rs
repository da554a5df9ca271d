//! Models over an aggregated path file: one row a path, with how often it ended in a conversion, what these were worth
//! and how often it ended in nothing.
//!
//! Paths have no times, so there is no time decay; sums are floats, because such files hold fractions. Start reading at
//! [`compute`]; `read` is the file, `rules` the rule models, `markov` and `shapley` the ones that learn.

mod linear;
mod markov;
mod read;
mod rules;
mod shapley;
#[cfg(test)]
mod tests;

pub use markov::{Markov, MarkovRow};
pub use read::PathFileError;
pub use rules::{ByChannel, ChannelCredit, RuleModels};
pub use shapley::{Shapley, ShapleyRow};

use std::io::Read;

use serde::{Deserialize, Serialize};
use throughline_base::Problem;

use super::model::PositionWeights;
use super::path_table::{ELLIPSIS, PathTable};
use crate::touch::{Catalog, channel_key};

/// Highest order of the Markov chain: beyond it states are whole paths for any real file.
pub const MAX_ORDER: usize = 10;

/// What is asked of a path file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PathFileOptions {
    /// Shares of the position model.
    pub position: PositionWeights,
    /// Orders of the Markov chains, each 1 to 10.
    pub markov_orders: Vec<usize>,
    /// Let paths without conversion take part in Markov chains and the rate game.
    pub nulls: bool,
    /// Names that mean a direct visit, beside those of the channel table. Lower-case.
    pub direct: Vec<String>,
}

impl Default for PathFileOptions {
    fn default() -> Self {
        Self { position: PositionWeights::default(), markov_orders: vec![1], nulls: true, direct: Vec::new() }
    }
}

impl PathFileOptions {
    fn check(&self) -> Result<(), Problem> {
        super::ModelSettings { position: self.position, ..super::ModelSettings::default() }.weigher()?;
        match self.markov_orders.iter().find(|k| !(1..=MAX_ORDER).contains(*k)) {
            Some(k) => Err(Problem::invalid("markov_order", format!("a Markov order of {k}; use 1 to {MAX_ORDER}"))),
            None => Ok(()),
        }
    }
}

/// One distinct path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathRow {
    /// Channel numbers in order.
    pub steps: Vec<u32>,
    /// Conversions.
    pub conversions: f64,
    /// Their value.
    pub value: f64,
    /// Times it ended without conversion.
    pub nulls: f64,
}

/// Distinct paths, in an order that does not depend on the file's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paths {
    /// Channel names, sorted.
    pub channels: Vec<String>,
    /// Distinct paths, sorted. The empty path holds what came without any touch.
    pub rows: Vec<PathRow>,
    /// Rows read.
    pub read: u64,
    /// The source tells values.
    pub has_value: bool,
    /// The source tells paths without conversion.
    pub has_nulls: bool,
}

impl Paths {
    /// The paths of a live pass. Values are minor units; folded paths keep only their known steps.
    #[must_use]
    pub fn from_table(table: &PathTable, catalog: &Catalog) -> Self {
        let mut channels: Vec<String> = catalog.channels().to_vec();
        channels.sort_unstable();
        let number = |n: &u32| {
            let name = catalog.channels().get(*n as usize)?;
            channels.binary_search(name).ok().map(|i| i as u32)
        };
        let sorted = table.sorted();
        let rows = sorted.iter().map(|(path, tally)| PathRow {
            steps: path.iter().filter(|n| **n != ELLIPSIS).filter_map(number).collect(),
            conversions: tally.conversions as f64,
            value: tally.value_minor as f64,
            nulls: tally.nulls as f64,
        });
        let mut rows: Vec<PathRow> = rows.collect();
        rows.sort_by(|a, b| a.steps.cmp(&b.steps));
        let has_nulls = rows.iter().any(|r| r.nulls > 0.0);
        Self { channels, read: sorted.len() as u64, rows, has_value: true, has_nulls }
    }

    fn total(&self, of: impl Fn(&PathRow) -> f64) -> f64 {
        self.rows.iter().map(of).sum()
    }
}

/// All models over one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathReport {
    /// Rows read.
    pub rows: u64,
    /// Distinct paths among them.
    pub distinct_paths: usize,
    /// Channel names, sorted.
    pub channels: Vec<String>,
    /// Touches of the longest path.
    pub longest_path: usize,
    /// All conversions.
    pub total_conversions: f64,
    /// All value.
    pub total_value: f64,
    /// All paths without conversion.
    pub total_null: f64,
    /// Conversions and value of empty paths.
    pub unattributed: ChannelCredit,
    /// The rule models.
    pub models: RuleModels,
    /// The Markov chains asked for.
    pub markov: Vec<Markov>,
    /// Shapley values of the rate game; absent beyond 20 channels, see `notes`.
    pub shapley: Option<Shapley>,
    /// What a reader must know: what is missing and why, what was left out.
    pub notes: Vec<String>,
}

/// Reads a path file and computes all models over it.
///
/// # Errors
/// When the file cannot be read as one (where, and how to mend it), or an option is out of range.
pub fn compute(reader: impl Read, options: &PathFileOptions) -> Result<PathReport, PathFileError> {
    options.check().map_err(|p| PathFileError::option(p.detail))?;
    let paths = read::read(reader)?;
    Ok(models(&paths, options))
}

/// All models over paths that are known already.
#[must_use]
pub fn models(paths: &Paths, options: &PathFileOptions) -> PathReport {
    let mut notes = vec!["time_decay is null: an aggregated path has no times".to_owned()];
    if !paths.has_value {
        notes.push("the file has no column of values: every value is 0".to_owned());
    }
    let nulls = options.nulls && paths.has_nulls;
    if !nulls {
        let why = if paths.has_nulls { "were left out as asked" } else { "are not in the file" };
        notes.push(format!("paths without conversion {why}: Markov figures differ from those with them"));
    }
    let markov = options.markov_orders.iter().filter_map(|order| match markov::markov(paths, *order, nulls) {
        Ok(chain) => Some(chain),
        Err(why) => {
            notes.push(format!("markov of order {order}: {why}"));
            None
        }
    });
    let markov = markov.collect();
    let shapley = shapley::shapley(paths, nulls).map_err(|why| notes.push(format!("shapley: {why}"))).ok();
    let is_direct = |name: &String| {
        let name = name.to_lowercase();
        channel_key(&name).as_deref() == Some("direct") || options.direct.contains(&name)
    };
    let direct: Vec<bool> = paths.channels.iter().map(is_direct).collect();
    let empty = paths.rows.first().filter(|r| r.steps.is_empty());
    PathReport {
        rows: paths.read,
        distinct_paths: paths.rows.len(),
        channels: paths.channels.clone(),
        longest_path: paths.rows.iter().map(|r| r.steps.len()).max().unwrap_or(0),
        total_conversions: paths.total(|r| r.conversions),
        total_value: paths.total(|r| r.value),
        total_null: paths.total(|r| r.nulls),
        unattributed: empty
            .map_or_else(ChannelCredit::default, |r| ChannelCredit { conversions: r.conversions, value: r.value }),
        models: rules::rules(paths, options.position, &direct),
        markov,
        shapley,
        notes,
    }
}
