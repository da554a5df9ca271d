//! Logistic regression with a ridge, by Newton's method (iteratively reweighted least squares).

use crate::insight::numeric::{cholesky, cholesky_solve};

/// `1 / (1 + e^-x)`.
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// `-ln` of the chance given to what happened.
#[must_use]
pub fn loss(logit: f64, label: bool) -> f64 {
    let x = if label { -logit } else { logit };
    // ln(1 + e^x) without overflow.
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Rows of equal length, one after the other, with a label each.
#[derive(Debug)]
pub struct Rows {
    width: usize,
    values: Vec<f64>,
    labels: Vec<bool>,
}

impl Rows {
    /// No rows yet.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { width, values: Vec::new(), labels: Vec::new() }
    }

    /// One more.
    pub fn push(&mut self, row: &[f64], label: bool) {
        self.values.extend_from_slice(&row[..self.width]);
        self.labels.push(label);
    }

    fn iter(&self) -> impl Iterator<Item = (&[f64], bool)> {
        self.values.chunks_exact(self.width.max(1)).zip(self.labels.iter().copied())
    }
}

/// Intercept and weights of the columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Log-odds of the average row.
    pub intercept: f64,
    /// Log-odds by column.
    pub weights: Vec<f64>,
}

impl Weights {
    /// Log-odds of a row.
    #[must_use]
    pub fn logit(&self, row: &[f64]) -> f64 {
        self.intercept + self.weights.iter().zip(row).map(|(w, v)| w * v).sum::<f64>()
    }
}

/// Minimises the loss plus `ridge / 2` times the squared weights, starting from `start` where it is given. The intercept
/// is not drawn to zero.
#[must_use]
pub fn fit(rows: &Rows, ridge: f64, start: Option<&Weights>) -> Weights {
    let p = rows.width + 1;
    let n = rows.labels.len() as f64;
    let base = rows.labels.iter().filter(|l| **l).count() as f64;
    let odds = ((base + 0.5) / (n - base + 0.5)).ln();
    let mut at = start.cloned().unwrap_or_else(|| Weights { intercept: odds, weights: vec![0.0; rows.width] });
    let mut value = objective(rows, &at, ridge);
    for _ in 0..30 {
        let (gradient, mut hessian) = derivatives(rows, &at, ridge);
        if cholesky(&mut hessian, p).is_none() {
            break;
        }
        let mut step = gradient.clone();
        cholesky_solve(&hessian, p, &mut step);
        let decrease: f64 = step.iter().zip(&gradient).map(|(s, g)| s * g).sum();
        let mut length = 1.0;
        let next = loop {
            let trial = Weights {
                intercept: at.intercept - length * step[0],
                weights: at.weights.iter().zip(&step[1..]).map(|(w, s)| w - length * s).collect(),
            };
            let v = objective(rows, &trial, ridge);
            if v <= value - 1e-4 * length * decrease {
                break Some((trial, v));
            }
            length /= 2.0;
            if length < 1e-6 {
                break None;
            }
        };
        let Some((trial, v)) = next else { break };
        (at, value) = (trial, v);
        if decrease < 1e-7 * n.max(1.0) {
            break;
        }
    }
    at
}

fn objective(rows: &Rows, at: &Weights, ridge: f64) -> f64 {
    let losses: f64 = rows.iter().map(|(row, label)| loss(at.logit(row), label)).sum();
    losses + ridge / 2.0 * at.weights.iter().map(|w| w * w).sum::<f64>()
}

/// Gradient, and the lower half of the second derivatives; the intercept comes first.
fn derivatives(rows: &Rows, at: &Weights, ridge: f64) -> (Vec<f64>, Vec<f64>) {
    let p = rows.width + 1;
    let mut gradient = vec![0.0; p];
    let mut hessian = vec![0.0; p * p];
    let mut row = vec![1.0; p];
    for (values, label) in rows.iter() {
        row[1..].copy_from_slice(values);
        let chance = sigmoid(at.logit(values));
        let error = chance - if label { 1.0 } else { 0.0 };
        let weight = (chance * (1.0 - chance)).max(1e-12);
        for i in 0..p {
            gradient[i] += error * row[i];
            let scaled = weight * row[i];
            for (h, v) in hessian[i * p..=i * p + i].iter_mut().zip(&row) {
                *h += scaled * v;
            }
        }
    }
    for i in 1..p {
        gradient[i] += ridge * at.weights[i - 1];
        hessian[i * p + i] += ridge;
    }
    (gradient, hessian)
}
