//! How well predictions met what came: fitted up to a day, compared with what followed it.

use serde::{Deserialize, Serialize};

use crate::insight::numeric::{pearson, spearman};

/// Means of customers who were alike in the calibration period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ByRepeats {
    /// Repeats in the calibration period; the last row holds all with that many or more.
    pub repeats: u32,
    /// How many customers.
    pub customers: u64,
    /// What they did on average.
    pub actual: f64,
    /// What was predicted on average.
    pub predicted: f64,
}

/// A comparison, in purchase days or in money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Holdout {
    /// Days after the calibration period.
    pub days: u32,
    /// Customers compared.
    pub customers: u64,
    /// What they did in all.
    pub actual_total: f64,
    /// What was predicted in all.
    pub predicted_total: f64,
    /// Mean absolute error of a customer.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Pearson's correlation.
    pub correlation: f64,
    /// Spearman's.
    pub rank_correlation: f64,
    /// Share of the total that the tenth with the highest predictions brought.
    pub top_tenth_share: f64,
    /// Mean absolute error of predicting zero for everybody.
    pub zero_mae: f64,
    /// Mean absolute error of everybody going on at their own past rate.
    pub own_rate_mae: f64,
    /// By repeats 0 to 7 and more.
    pub by_repeats: Vec<ByRepeats>,
}

/// One customer of a comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compared {
    /// Repeats in the calibration period.
    pub repeats: u32,
    /// What was predicted.
    pub predicted: f64,
    /// What came.
    pub actual: f64,
    /// What their own past rate would have given.
    pub own_rate: f64,
}

/// Rows of [`Holdout::by_repeats`].
const MOST_REPEATS: u32 = 7;

impl Holdout {
    /// Compares.
    #[must_use]
    pub fn of(days: u32, rows: &[Compared]) -> Self {
        let n = rows.len().max(1) as f64;
        let predicted: Vec<f64> = rows.iter().map(|r| r.predicted).collect();
        let actual: Vec<f64> = rows.iter().map(|r| r.actual).collect();
        let mean = |error: fn(&Compared) -> f64| rows.iter().map(error).sum::<f64>() / n;
        let actual_total: f64 = actual.iter().sum();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| predicted[*b].total_cmp(&predicted[*a]));
        let top: f64 = order.iter().take(rows.len().div_ceil(10)).map(|i| actual[*i]).sum();
        Self {
            days,
            customers: rows.len() as u64,
            actual_total,
            predicted_total: predicted.iter().sum(),
            mae: mean(|r| (r.predicted - r.actual).abs()),
            rmse: mean(|r| (r.predicted - r.actual).powi(2)).sqrt(),
            correlation: pearson(&predicted, &actual),
            rank_correlation: spearman(&predicted, &actual),
            top_tenth_share: if actual_total > 0.0 { top / actual_total } else { 0.0 },
            zero_mae: mean(|r| r.actual.abs()),
            own_rate_mae: mean(|r| (r.own_rate - r.actual).abs()),
            by_repeats: (0..=MOST_REPEATS).filter_map(|x| by_repeats(rows, x)).collect(),
        }
    }

    /// How far the total was off, as a share of what came.
    #[must_use]
    pub fn bias(&self) -> f64 {
        if self.actual_total > 0.0 { self.predicted_total / self.actual_total - 1.0 } else { 0.0 }
    }
}

fn by_repeats(rows: &[Compared], repeats: u32) -> Option<ByRepeats> {
    let alike = || rows.iter().filter(|r| r.repeats.min(MOST_REPEATS) == repeats);
    let customers = alike().count();
    let mean = |sum: f64| sum / customers as f64;
    (customers > 0).then(|| ByRepeats {
        repeats,
        customers: customers as u64,
        actual: mean(alike().map(|r| r.actual).sum()),
        predicted: mean(alike().map(|r| r.predicted).sum()),
    })
}
