//! Calibration: from log-odds to chances that come true, learned on people the weights were not fitted on.

use serde::{Deserialize, Serialize};

use super::logistic::{Rows, fit, sigmoid};

/// Positives from which on the data may draw the curve themselves.
const ISOTONIC_POSITIVES: usize = 1_000;

/// A rising curve from log-odds to a chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// Platt's: a straight line on the log-odds.
    Platt {
        /// Its slope.
        slope: f64,
        /// Its intercept.
        intercept: f64,
    },
    /// Isotonic (pool adjacent violators), straight between the middles of the pools, so that people within a pool keep
    /// their order.
    Isotonic {
        /// Log-odds and chance, both rising.
        points: Vec<(f64, f64)>,
    },
}

impl Calibration {
    /// Learns the curve: isotonic from 1,000 positives (and as many negatives) on, else Platt's.
    #[must_use]
    pub fn learn(pairs: &[(f64, bool)]) -> Self {
        let positives = pairs.iter().filter(|(_, label)| *label).count();
        if positives.min(pairs.len() - positives) >= ISOTONIC_POSITIVES { isotonic(pairs) } else { platt(pairs) }
    }

    /// The chance.
    #[must_use]
    pub fn chance(&self, logit: f64) -> f64 {
        match self {
            Self::Platt { slope, intercept } => sigmoid(slope * logit + intercept),
            Self::Isotonic { points } => between(points, logit),
        }
    }
}

fn platt(pairs: &[(f64, bool)]) -> Calibration {
    let mut rows = Rows::new(1);
    for (logit, label) in pairs {
        rows.push(&[*logit], *label);
    }
    let found = fit(&rows, 1e-3, None);
    // A falling line would turn the order of people around; then there is nothing to learn but the level.
    let slope = found.weights[0].max(1e-3);
    Calibration::Platt { slope, intercept: found.intercept }
}

fn isotonic(pairs: &[(f64, bool)]) -> Calibration {
    struct Pool {
        logits: f64,
        hits: f64,
        n: f64,
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut pools: Vec<Pool> = Vec::new();
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let hits = equal.iter().filter(|(_, label)| *label).count() as f64;
        let n = equal.len() as f64;
        pools.push(Pool { logits: equal[0].0 * n, hits, n });
        while let [.., before, last] = pools.as_mut_slice() {
            if before.hits * last.n < last.hits * before.n {
                break;
            }
            before.logits += last.logits;
            before.hits += last.hits;
            before.n += last.n;
            pools.pop();
        }
    }
    // One hit in all or none is no reason for certainty: each pool gets half of one each way.
    let points = pools.iter().map(|p| (p.logits / p.n, (p.hits + 0.5) / (p.n + 1.0)));
    let mut rising: Vec<(f64, f64)> = Vec::with_capacity(pools.len());
    for (logit, chance) in points {
        let least = rising.last().map_or(0.0, |(_, c)| *c);
        rising.push((logit, chance.max(least)));
    }
    Calibration::Isotonic { points: rising }
}

fn between(points: &[(f64, f64)], logit: f64) -> f64 {
    let after = points.partition_point(|(x, _)| *x <= logit);
    match (points.get(after.wrapping_sub(1)), points.get(after)) {
        (Some((x0, y0)), Some((x1, y1))) if x1 > x0 => y0 + (y1 - y0) * (logit - x0) / (x1 - x0),
        (Some((_, y)), Some(_) | None) | (None, Some((_, y))) => *y,
        (None, None) => 0.5,
    }
}
