//! What stands beside the models: how long paths are, how long they take, which are frequent, who crosses over.

use serde::Serialize;

use super::narrow;
use crate::credit::accumulate::{Accumulator, LAG_DAYS};
use crate::credit::path_table::ELLIPSIS;
use crate::touch::Catalog;

/// Everything about the paths.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathShape {
    /// Conversions by number of touches, empty lengths left out.
    pub lengths: Vec<LengthRow>,
    /// Mean number of touches; `None` without conversions that have one.
    pub mean_length: Option<f64>,
    /// Conversions by whole days from the first touch, empty days left out.
    pub lags: Vec<LagRow>,
    /// The most frequent paths.
    pub top: Vec<TopPath>,
    /// How many distinct paths there are, folded ones counted once.
    pub distinct: usize,
    /// Paths longer than this were counted by their last steps, because there were too many distinct ones; `None` when
    /// every path is kept whole.
    pub folded_to: Option<usize>,
    /// Paths without conversion.
    pub null_paths: u64,
    /// Those that may still convert.
    pub open_paths: u64,
    /// Store buyers who were touched online shortly before.
    pub online_to_store: Crossing,
    /// Online buyers who were touched in the world shortly before.
    pub store_to_online: Crossing,
}

/// Conversions with so many touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LengthRow {
    /// Touches.
    pub touches: usize,
    /// Conversions.
    pub conversions: u64,
    /// Their net revenue in minor units.
    pub revenue_minor: i64,
}

/// Conversions so many days after their first touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LagRow {
    /// Whole days (of 24 hours).
    pub days: usize,
    /// These days or more.
    pub or_more: bool,
    /// Conversions.
    pub conversions: u64,
    /// Their net revenue in minor units.
    pub revenue_minor: i64,
}

/// One path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopPath {
    /// Channel keys in order.
    pub channels: Vec<String>,
    /// Older steps came before these and differ from case to case.
    pub folded: bool,
    /// Conversions.
    pub conversions: u64,
    /// Their net revenue in minor units.
    pub revenue_minor: i64,
    /// Times it ended without conversion, when null paths were kept.
    pub nulls: u64,
}

/// Buyers on one side who were touched on the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Crossing {
    /// Identified buyers.
    pub buyers: u64,
    /// Those touched on the other side within the days before.
    pub touched: u64,
    /// Their share; `None` without buyers.
    pub share: Option<f64>,
}

impl Crossing {
    fn new(buyers: u64, touched: u64) -> Self {
        Self { buyers, touched, share: (buyers > 0).then(|| touched as f64 / buyers as f64) }
    }
}

/// The shape of the paths, with at most `top` of them.
#[must_use]
pub fn shape(sums: &Accumulator, catalog: &Catalog, top: usize) -> PathShape {
    let lengths = sums.path_lengths.iter().enumerate().filter(|(_, b)| b.conversions > 0 || b.value_minor != 0);
    let lengths: Vec<_> = lengths
        .map(|(touches, b)| LengthRow { touches, conversions: b.conversions, revenue_minor: narrow(b.value_minor) })
        .collect();
    let paths: u64 = lengths.iter().map(|l| l.conversions).sum();
    let steps: u64 = lengths.iter().map(|l| l.conversions * l.touches as u64).sum();
    let lags = sums.lag_days.iter().enumerate().filter(|(_, b)| b.conversions > 0 || b.value_minor != 0);
    let lags = lags.map(|(days, b)| LagRow {
        days,
        or_more: days == LAG_DAYS,
        conversions: b.conversions,
        revenue_minor: narrow(b.value_minor),
    });
    let name = |n: &u32| catalog.channels().get(*n as usize).cloned();
    let best = sums.paths.sorted().into_iter().take(top).map(|(path, tally)| TopPath {
        channels: path.iter().filter_map(name).collect(),
        folded: path.first() == Some(&ELLIPSIS),
        conversions: tally.conversions,
        revenue_minor: narrow(tally.value_minor),
        nulls: tally.nulls,
    });
    let t = &sums.totals;
    PathShape {
        mean_length: (paths > 0).then(|| steps as f64 / paths as f64),
        lengths,
        lags: lags.collect(),
        top: best.collect(),
        distinct: sums.paths.len(),
        folded_to: sums.paths.folded_to(),
        null_paths: t.null_paths,
        open_paths: t.open_paths,
        online_to_store: Crossing::new(t.store_buyers, t.store_buyers_touched_online),
        store_to_online: Crossing::new(t.online_buyers, t.online_buyers_touched_in_store),
    }
}
