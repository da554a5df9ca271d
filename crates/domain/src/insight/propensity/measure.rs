//! How good chances are: whether they rank (AUC, lift), whether they come true (Brier, calibration error), both (log loss).

use serde::{Deserialize, Serialize};

use crate::insight::numeric::ranks;

/// A tenth of the people, best chances first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tenth {
    /// How many people.
    pub people: u64,
    /// Their mean chance.
    pub predicted: f64,
    /// The part of them with whom it happened.
    pub actual: f64,
    /// That over the part of everybody.
    pub lift: f64,
    /// Part of all cases that lie in this tenth and those before it.
    pub captured: f64,
}

/// The quality of predictions on people and a time they were not made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// How many people.
    pub people: u64,
    /// With how many of them it happened.
    pub cases: u64,
    /// Chance that one with whom it happened ranks before one with whom it did not; equals count half.
    pub auc: f64,
    /// Mean of `-ln` of the chance given to what happened.
    pub log_loss: f64,
    /// Mean squared error of the chances.
    pub brier: f64,
    /// Expected calibration error: mean over tenths of how far the mean chance is from the part.
    pub calibration_error: f64,
    /// By tenth, best first.
    pub tenths: Vec<Tenth>,
}

impl Quality {
    /// Measures pairs of chance and what happened.
    #[must_use]
    pub fn of(pairs: &[(f64, bool)]) -> Self {
        let n = pairs.len();
        let cases = pairs.iter().filter(|(_, label)| *label).count();
        let mean = |each: fn(&(f64, bool)) -> f64| pairs.iter().map(each).sum::<f64>() / n.max(1) as f64;
        let mut order: Vec<u32> = (0..n as u32).collect();
        order.sort_unstable_by(|a, b| pairs[*b as usize].0.total_cmp(&pairs[*a as usize].0).then(a.cmp(b)));
        let base = cases as f64 / n.max(1) as f64;
        let mut tenths = Vec::new();
        let mut seen = 0;
        for i in 0..10 {
            let part = &order[n * i / 10..n * (i + 1) / 10];
            if part.is_empty() {
                continue;
            }
            let people = part.len() as f64;
            let hits = part.iter().filter(|i| pairs[**i as usize].1).count();
            let predicted = part.iter().map(|i| pairs[*i as usize].0).sum::<f64>() / people;
            let actual = hits as f64 / people;
            seen += hits;
            tenths.push(Tenth {
                people: part.len() as u64,
                predicted,
                actual,
                lift: if base > 0.0 { actual / base } else { 0.0 },
                captured: if cases > 0 { seen as f64 / cases as f64 } else { 0.0 },
            });
        }
        let off = |t: &Tenth| t.people as f64 * (t.predicted - t.actual).abs();
        Self {
            people: n as u64,
            cases: cases as u64,
            auc: auc(pairs),
            log_loss: mean(|(p, label)| -(if *label { *p } else { 1.0 - p }).max(1e-12).ln()),
            brier: mean(|(p, label)| (p - if *label { 1.0 } else { 0.0 }).powi(2)),
            calibration_error: tenths.iter().map(off).sum::<f64>() / n.max(1) as f64,
            tenths,
        }
    }
}

/// Area under the curve of hits over false alarms, by mid-ranks; a half when one side is empty.
#[must_use]
pub fn auc(pairs: &[(f64, bool)]) -> f64 {
    let values: Vec<f64> = pairs.iter().map(|(p, _)| *p).collect();
    let hits = pairs.iter().filter(|(_, label)| *label).count() as f64;
    let others = pairs.len() as f64 - hits;
    if hits == 0.0 || others == 0.0 {
        return 0.5;
    }
    let sum: f64 = ranks(&values).into_iter().zip(pairs).filter(|(_, (_, label))| *label).map(|(rank, _)| rank).sum();
    (sum - hits * (hits + 1.0) / 2.0) / (hits * others)
}
