//! Drift: how far the people scored now differ from those a model was made from, by the population stability index
//! `Σ (p - q) ln(p / q)` over the tenths of then.

use serde::{Deserialize, Serialize};

/// From here on it is worth a look.
pub const WARN: f64 = 0.1;
/// From here on a model should not be relied upon.
pub const STOP: f64 = 0.25;

/// How a quantity was distributed: bins of about a tenth each, and one for what is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Upper ends of all bins but the last, rising.
    edges: Vec<f64>,
    /// Share of each bin, and of what is missing.
    shares: Vec<f64>,
}

impl Distribution {
    /// The distribution of values, NaN for missing.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut edges: Vec<f64> = (1..10).filter_map(|i| sorted.get(sorted.len() * i / 10).copied()).collect();
        edges.dedup();
        edges.retain(|e| Some(e) != sorted.last());
        let mut tally = Tally::new(edges.len());
        let mut out = Self { edges, shares: Vec::new() };
        for value in values {
            tally.add(&out, *value);
        }
        out.shares = tally.shares();
        out
    }

    fn bin(&self, value: f64) -> usize {
        if value.is_nan() { self.edges.len() + 1 } else { self.edges.partition_point(|e| *e < value) }
    }

    /// An empty tally of its bins.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::new(self.edges.len())
    }

    /// The population stability index of what was counted; 0 when nothing was.
    #[must_use]
    pub fn index(&self, tally: &Tally) -> f64 {
        // A bin that is empty on one side counts as one in ten thousand: the logarithm has no value at zero.
        let floor = |share: f64| share.max(1e-4);
        if tally.people() == 0 {
            return 0.0;
        }
        let pairs = self.shares.iter().zip(tally.shares()).map(|(q, p)| (floor(p), floor(*q)));
        pairs.map(|(p, q)| (p - q) * (p / q).ln()).sum()
    }
}

/// Counts by bin of a [`Distribution`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally(Vec<u64>);

impl Tally {
    fn new(edges: usize) -> Self {
        Self(vec![0; edges + 2])
    }

    /// Counts a value.
    pub fn add(&mut self, of: &Distribution, value: f64) {
        self.0[of.bin(value)] += 1;
    }

    /// Takes in another part's counts.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }

    /// How many were counted.
    #[must_use]
    pub fn people(&self) -> u64 {
        self.0.iter().sum()
    }

    fn shares(&self) -> Vec<f64> {
        let n = self.people().max(1) as f64;
        self.0.iter().map(|c| *c as f64 / n).collect()
    }
}
