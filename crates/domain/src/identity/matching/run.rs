//! A whole run over records: model, pairs, threshold, clusters.

use super::block::Yield;
use super::cluster::{Odds, Question, clusters};
use super::link::{Linker, Spread, all_new};
use super::model::{Model, odds_bits, probability};
use super::record::Records;

/// What may be said about a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Seed of what is drawn at random.
    pub seed: u64,
    /// Version of the model that is fitted.
    pub version: u32,
    /// Pairs at or above this probability are linked; chosen from the pairs when absent.
    pub threshold: Option<f64>,
    /// Pairs at or above this probability that are not linked are for a person to look at.
    pub review_from: f64,
    /// Each source holds everybody once: no cluster has two records of one source.
    pub one_per_source: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, version: 1, threshold: None, review_from: 0.1, one_per_source: false }
    }
}

/// What a run found.
#[derive(Debug)]
pub struct Outcome {
    /// The model with its threshold.
    pub model: Model,
    /// Pairs that are possible at all, with their odds, by record numbers.
    pub pairs: Vec<Odds>,
    /// Clusters of two records and more.
    pub clusters: Vec<Vec<u32>>,
    /// What each blocking rule came to.
    pub yields: Vec<Yield>,
    /// What the model expects of itself at the threshold.
    pub expected: Expected,
}

/// Precision, recall and F1 that a model expects: it knows how likely each pair is.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Expected {
    /// Share of the linked pairs that are one person.
    pub precision: f64,
    /// Share of the pairs that are one person that are linked.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// A threshold is as good as the best when its expected F1 is no further below.
const AS_GOOD: f64 = 0.0001;

/// The probability from which pairs are linked, without labels, and what is expected of it.
///
/// A pair of probability `p` is right `p` times: so linking all pairs from `t` on finds `Σ p` of the `Σ p` that there are.
/// The best `t` has the largest expected F1; among those as good, the highest is taken, because a wrong link costs more than
/// a missed one. What is likelier wrong than right is never linked.
#[must_use]
pub fn threshold(pairs: &[Odds]) -> (f64, Expected) {
    let mut chances: Vec<f64> = pairs.iter().map(|e| probability(e.bits)).collect();
    chances.sort_by(|a, b| b.total_cmp(a));
    let all: f64 = chances.iter().sum();
    let mut found = 0.0;
    let curve: Vec<Expected> = chances
        .iter()
        .enumerate()
        .map(|(i, p)| {
            found += p;
            let n = (i + 1) as f64;
            Expected { precision: found / n, recall: found / all, f1: 2.0 * found / (n + all) }
        })
        .collect();
    let likely = chances.iter().filter(|p| **p >= 0.5).count();
    let best = curve[..likely].iter().map(|e| e.f1).fold(0.0, f64::max);
    let at = curve[..likely].iter().enumerate().position(|(i, e)| {
        // Pairs of equal probability go together.
        e.f1 >= best - AS_GOOD && chances.get(i + 1).is_none_or(|next| *next < chances[i])
    });
    at.map_or((0.5, Expected::default()), |i| {
        // Halfway to the next pair, so that what is computed once more stays on its side.
        let bits = odds_bits(chances[i].min(1.0 - 1e-12));
        let below = chances.get(i + 1).map_or(bits - 1.0, |p| odds_bits(p.min(1.0 - 1e-12)));
        (probability(f64::midpoint(bits, below)).max(0.5), curve[i])
    })
}

impl Outcome {
    /// Fits a model to records and links them.
    #[must_use]
    pub fn of(records: &Records, options: &Options, spread: Spread<'_>) -> Self {
        Self::with_linker(records, options, spread).0
    }

    /// The same, with what can score further pairs.
    #[must_use]
    pub fn with_linker<'a>(records: &'a Records, options: &Options, spread: Spread<'_>) -> (Self, Linker<'a>) {
        let mut linker = Linker::fit(records, options.seed, options.version, spread);
        let (edges, yields) = linker.score(&all_new, spread);
        linker.refine_priors(&edges);
        let pairs: Vec<Odds> = edges.iter().map(|e| Odds { a: e.a, b: e.b, bits: linker.bits(e) }).collect();
        let (chosen, expected) = threshold(&pairs);
        linker.model_mut().threshold = options.threshold.unwrap_or(chosen);
        let clusters = cluster(&linker, &pairs, options.one_per_source, &|_, _| false);
        (Self { model: linker.model().clone(), pairs, clusters, yields, expected }, linker)
    }
}

/// The clusters of scored pairs under a linker's model. `apart` names pairs that are known to be two persons.
#[must_use]
pub fn cluster(
    linker: &Linker<'_>,
    pairs: &[Odds],
    one_per_source: bool,
    apart: &dyn Fn(u32, u32) -> bool,
) -> Vec<Vec<u32>> {
    let records = linker.records();
    let single = linker.pairs();
    let question = Question {
        bits: &|a, b| {
            let prior = linker.model().prior_bits(records.source(a), records.source(b));
            linker.model().calibration.of(single.evidence(a, b) + prior)
        },
        order: &|record| records.content(record),
        apart: &|a, b| (one_per_source && records.source(a) == records.source(b)) || apart(a, b),
    };
    clusters(pairs, odds_bits(linker.model().threshold), &question)
}
