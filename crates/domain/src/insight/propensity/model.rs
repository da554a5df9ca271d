//! The model as it is trained, kept and asked.

use serde::{Deserialize, Serialize};
use throughline_base::Problem;

use super::calibrate::Calibration;
use super::design::Design;
use super::drift::{Distribution, Tally};
use super::feature::{FeatureSet, FeatureUnit, Label};
use super::logistic::{Rows, Weights, fit, loss};
use super::measure::{Quality, auc};

/// A person at a cut-off: features, and what came after.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The person: decides on which side of the split they are.
    pub person: i64,
    /// As [`FeatureSet::of`] gives them.
    pub features: Vec<f32>,
    /// Whether it happened.
    pub label: bool,
}

/// What is needed to score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// What it predicts.
    pub label: Label,
    /// Within how many days.
    pub days: u32,
    /// The names behind the features.
    pub set: FeatureSet,
    design: Design,
    intercept: f64,
    weights: Vec<f64>,
    calibration: Calibration,
    /// By feature, of the people it was calibrated on.
    features: Vec<Distribution>,
    /// Of their chances.
    scores: Distribution,
}

/// A model and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The model.
    pub model: Model,
    /// How it did at the later cut-off.
    pub quality: Quality,
    /// AUC there of the days since the last order alone.
    pub recency_auc: f64,
    /// AUC there of the orders of a year alone.
    pub own_rate_auc: f64,
    /// Features that tell the answer nearly alone, which is suspicious, and are therefore left out.
    pub refused: Vec<String>,
    /// How strongly small effects are drawn to zero.
    pub ridge: f64,
    /// People at a cut-off it was fitted on.
    pub fitted_on: u64,
    /// People at a cut-off it was calibrated on.
    pub calibrated_on: u64,
}

/// What a feature brings to a person's score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// The feature's key.
    pub feature: String,
    /// The person's value; `None` when missing.
    pub value: Option<f64>,
    /// Log-odds more (or less) than the average person's.
    pub log_odds: f64,
}

/// Cases on either side without which nothing is learned.
const FEWEST_CASES: usize = 100;
/// A feature that ranks this well alone is taken for a leak of the answer.
const LEAK_AUC: f64 = 0.95;
/// Strengths of the ridge that are tried.
const RIDGES: [f64; 3] = [300.0, 30.0, 3.0];

/// Whether the person belongs to the quarter that calibrates. A person is on one side at every cut-off.
#[must_use]
pub fn calibrates(person: i64) -> bool {
    // Fibonacci hashing: ids are ordered by time, their hashes are not.
    (person as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 62 == 0
}

/// Trains on earlier cut-offs and judges at a later one. `earlier` holds the cut-offs from the latest to the oldest; the
/// windows of their labels end at or before the cut-off of `later`.
///
/// # Errors
/// When there are too few cases on either side.
pub fn train(
    label: Label,
    days: u32,
    set: &FeatureSet,
    earlier: &[Vec<Sample>],
    later: &[Sample],
) -> Result<Trained, Problem> {
    let described = set.features();
    let units: Vec<FeatureUnit> = described.iter().map(|(_, unit)| *unit).collect();
    let latest = earlier.first().map_or(&[][..], Vec::as_slice);
    let calibrating: Vec<&Sample> = latest.iter().filter(|s| calibrates(s.person)).collect();
    let fitting: Vec<&Sample> = earlier.iter().flatten().filter(|s| !calibrates(s.person)).collect();
    enough(&fitting, "to learn from")?;
    enough(&later.iter().collect::<Vec<_>>(), "to be judged by")?;
    let refused: Vec<bool> = (0..units.len()).map(|f| leaks(&fitting, f)).collect();
    let rows: Vec<Vec<f32>> = fitting.iter().map(|s| s.features.clone()).collect();
    let design = Design::new(&units, &rows, &refused);
    drop(rows);

    let mut regression = Rows::new(design.columns.len());
    let mut row = Vec::new();
    for sample in &fitting {
        design.row(&sample.features, &mut row);
        regression.push(&row, sample.label);
    }
    let mut best: Option<(f64, f64, Weights)> = None;
    let mut start: Option<Weights> = None;
    for ridge in RIDGES {
        let weights = fit(&regression, ridge, start.as_ref());
        let cost = |s: &&Sample| {
            let mut row = Vec::new();
            design.row(&s.features, &mut row);
            loss(weights.logit(&row), s.label)
        };
        let losses: f64 = calibrating.iter().map(cost).sum();
        if best.as_ref().is_none_or(|(least, _, _)| losses < *least) {
            best = Some((losses, ridge, weights.clone()));
        }
        start = Some(weights);
    }
    let (_, ridge, weights) = best.expect("there are ridges");
    let mut pairs = Vec::with_capacity(calibrating.len());
    for sample in &calibrating {
        design.row(&sample.features, &mut row);
        pairs.push((weights.logit(&row), sample.label));
    }
    let calibration = Calibration::learn(&pairs);
    let chances: Vec<f64> = pairs.iter().map(|(logit, _)| calibration.chance(*logit)).collect();
    let distribution =
        |f: usize| Distribution::of(&calibrating.iter().map(|s| f64::from(s.features[f])).collect::<Vec<_>>());
    let model = Model {
        label,
        days,
        set: set.clone(),
        design,
        intercept: weights.intercept,
        weights: weights.weights,
        calibration,
        features: (0..units.len()).map(distribution).collect(),
        scores: Distribution::of(&chances),
    };
    let judged: Vec<(f64, bool)> = later.iter().map(|s| (model.chance(&s.features), s.label)).collect();
    let alone = |key: &str, sign: f64| {
        let place = described.iter().position(|(k, _)| k == key);
        let value = |s: &Sample| place.map_or(f64::NAN, |f| f64::from(s.features[f]));
        // Never is longer ago than ever.
        let pairs = later.iter().map(|s| (sign * if value(s).is_nan() { 1e9 } else { value(s) }, s.label));
        auc(&pairs.collect::<Vec<_>>())
    };
    let toward = match label {
        Label::Purchase => 1.0,
        Label::Lapse => -1.0,
    };
    Ok(Trained {
        quality: Quality::of(&judged),
        recency_auc: alone("days_since_order", -toward),
        own_rate_auc: alone("orders_365d", toward),
        refused: described.into_iter().zip(&refused).filter(|(_, r)| **r).map(|((key, _), _)| key).collect(),
        ridge,
        fitted_on: fitting.len() as u64,
        calibrated_on: calibrating.len() as u64,
        model,
    })
}

fn enough(samples: &[&Sample], purpose: &str) -> Result<(), Problem> {
    let cases = samples.iter().filter(|s| s.label).count();
    let others = samples.len() - cases;
    if cases.min(others) >= FEWEST_CASES {
        return Ok(());
    }
    let detail = format!(
        "{purpose} there are {} people, with {cases} of whom it happened; at least {FEWEST_CASES} are needed either way",
        samples.len()
    );
    Err(Problem::invalid("prediction_too_rare", detail))
}

fn leaks(samples: &[&Sample], feature: usize) -> bool {
    let value = |s: &&Sample| f64::from(s.features[feature]);
    let pairs: Vec<(f64, bool)> =
        samples.iter().map(|s| (if value(s).is_nan() { -1.0 } else { value(s) }, s.label)).collect();
    let auc = auc(&pairs);
    auc.max(1.0 - auc) > LEAK_AUC
}

impl Model {
    /// The calibrated chance.
    #[must_use]
    pub fn chance(&self, features: &[f32]) -> f64 {
        let mut row = Vec::new();
        self.design.row(features, &mut row);
        self.calibration.chance(self.logit(&row))
    }

    fn logit(&self, row: &[f64]) -> f64 {
        self.intercept + self.weights.iter().zip(row).map(|(w, v)| w * v).sum::<f64>()
    }

    /// The chance, and what the features bring to it, the strongest first. All of them and the average's log-odds sum to
    /// the log-odds before calibration.
    #[must_use]
    pub fn explain(&self, features: &[f32], most: usize) -> (f64, Vec<Contribution>) {
        let mut row = Vec::new();
        self.design.row(features, &mut row);
        let mut by_feature = vec![0.0; features.len()];
        for ((column, weight), value) in self.design.columns.iter().zip(&self.weights).zip(&row) {
            by_feature[column.feature] += weight * value;
        }
        let mut order: Vec<usize> = (0..features.len()).filter(|f| by_feature[*f] != 0.0).collect();
        order.sort_by(|a, b| by_feature[*b].abs().total_cmp(&by_feature[*a].abs()));
        let names = if most > 0 { self.set.features() } else { Vec::new() };
        let contributions = order.into_iter().take(most).map(|f| Contribution {
            feature: names[f].0.clone(),
            value: Some(f64::from(features[f])).filter(|v| !v.is_nan()),
            log_odds: by_feature[f],
        });
        (self.calibration.chance(self.logit(&row)), contributions.collect())
    }

    /// Log-odds before calibration.
    #[must_use]
    pub fn log_odds(&self, features: &[f32]) -> f64 {
        let mut row = Vec::new();
        self.design.row(features, &mut row);
        self.logit(&row)
    }

    /// Log-odds of the average person.
    #[must_use]
    pub const fn average_log_odds(&self) -> f64 {
        self.intercept
    }

    /// Empty counts for [`Model::drift`].
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch { features: self.features.iter().map(Distribution::tally).collect(), scores: self.scores.tally() }
    }

    /// Counts a person who is scored.
    pub fn count(&self, watch: &mut Watch, features: &[f32], chance: f64) {
        for ((tally, of), value) in watch.features.iter_mut().zip(&self.features).zip(features) {
            tally.add(of, f64::from(*value));
        }
        watch.scores.add(&self.scores, chance);
    }

    /// The stability index of the scores and of every feature that the model uses, the largest first.
    #[must_use]
    pub fn drift(&self, watch: &Watch) -> Drift {
        let used = |f: usize| self.design.columns.iter().any(|c| c.feature == f);
        let names = self.set.features();
        let mut features: Vec<(String, f64)> = (0..names.len())
            .filter(|f| used(*f))
            .map(|f| (names[f].0.clone(), self.features[f].index(&watch.features[f])))
            .collect();
        features.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Drift { scores: self.scores.index(&watch.scores), features }
    }
}

/// Counts of the people scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    features: Vec<Tally>,
    scores: Tally,
}

impl Watch {
    /// Takes in another part's counts.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.features.iter_mut().zip(&other.features) {
            mine.merge(theirs);
        }
        self.scores.merge(&other.scores);
    }
}

/// Population stability indexes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Of the scores.
    pub scores: f64,
    /// By feature, the largest first.
    pub features: Vec<(String, f64)>,
}
