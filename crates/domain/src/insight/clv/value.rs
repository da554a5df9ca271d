//! What a purchase day is worth: the Gamma-Gamma model (Fader and Hardie 2013), and the value of a customer over a horizon.
//!
//! It supposes that how much somebody spends has nothing to do with how often; [`SpendFit::correlation`] says how far
//! that holds.

use serde::{Deserialize, Serialize};
use throughline_base::Problem;

use super::expect::Forecast;
use super::lifetime::Lifetime;
use super::summary::Summary;
use crate::insight::numeric::{digamma, ln_gamma, minimise, on_log_scale, pearson};

/// The Gamma-Gamma model: values of a customer are gamma distributed around a mean that varies over customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpendModel {
    /// Shape of a customer's values.
    pub p: f64,
    /// Shape of what varies over customers.
    pub q: f64,
    /// Its scale, in the unit of the values.
    pub v: f64,
}

/// A fit and what is known of its quality.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpendFit {
    /// The parameters.
    pub model: SpendModel,
    /// Log-likelihood of the mean values.
    pub log_likelihood: f64,
    /// Customers with a repeat purchase of some value.
    pub customers: u64,
    /// Correlation of how often and how much, which the model takes for zero.
    pub correlation: f64,
    /// Whether the slope has vanished.
    pub converged: bool,
}

/// Fits the model on the customers who came back and spent something.
///
/// # Errors
/// When fewer than three did, or when so few spend so much that the mean does not exist (`q ≤ 1`).
pub fn fit_spend(summaries: &[Summary]) -> Result<SpendFit, Problem> {
    let data = SpendData::of(summaries);
    if data.rows.len() < 3 {
        let detail = format!("{} buyers came back and paid; three are needed at least", data.rows.len());
        return Err(Problem::invalid("prediction_no_repeats", detail));
    }
    let customers = data.rows.len() as f64;
    let objective = |log: &[f64; 3]| {
        let [p, q, v] = data.parameters(log);
        on_log_scale(log, &[p, q, v], customers, data.log_likelihood(p, q, v))
    };
    let starts = [[1.5, 1.3, 0.0], [0.5, 1.0, 0.5], [3.0, 2.0, -2.0]];
    let found = starts.map(|start| minimise(start, objective));
    let best = found.into_iter().min_by(|a, b| a.value.total_cmp(&b.value)).expect("there are starts");
    let [p, q, v] = data.parameters(&best.at);
    if q <= 1.0 {
        let detail = "a few buyers spend so much that the others say nothing of a mean; leave out what is no purchase of a \
                      consumer";
        return Err(Problem::invalid("prediction_no_mean", detail));
    }
    let (often, much): (Vec<f64>, Vec<f64>) = data.rows.iter().map(|r| (r.x, r.mean)).unzip();
    Ok(SpendFit {
        model: SpendModel { p, q, v },
        log_likelihood: data.log_likelihood(p, q, v).0,
        customers: data.rows.len() as u64,
        correlation: pearson(&often, &much),
        converged: best.converged,
    })
}

struct SpendRow {
    x: f64,
    mean: f64,
}

/// Customers who came back, the equal numbers of repeats together.
struct SpendData {
    rows: Vec<SpendRow>,
    /// Repeats, customers, `Σ ln m`; the rows follow in this order.
    groups: Vec<(f64, f64, f64)>,
    /// The mean of the means: the unit of `v` on the log scale.
    scale: f64,
}

impl SpendData {
    fn of(summaries: &[Summary]) -> Self {
        let came_back = summaries.iter().filter(|s| s.repeats > 0 && s.repeat_mean > 0.0);
        let mut rows: Vec<SpendRow> =
            came_back.map(|s| SpendRow { x: f64::from(s.repeats), mean: s.repeat_mean }).collect();
        rows.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.mean.total_cmp(&b.mean)));
        let group = |equal: &[SpendRow]| {
            let logs = equal.iter().map(|r| r.mean.ln()).sum();
            (equal[0].x, equal.len() as f64, logs)
        };
        let groups = rows.chunk_by(|a, b| a.x == b.x).map(group).collect();
        let scale = rows.iter().map(|r| r.mean).sum::<f64>() / rows.len().max(1) as f64;
        Self { rows, groups, scale: scale.max(f64::MIN_POSITIVE) }
    }

    fn parameters(&self, log: &[f64; 3]) -> [f64; 3] {
        [log[0].exp(), log[1].exp(), log[2].exp() * self.scale]
    }

    /// `Σ ln Γ(px+q) - ln Γ(px) - ln Γ(q) + q ln v + (px-1) ln m + px ln x - (px+q) ln(xm+v)` and its derivatives.
    fn log_likelihood(&self, p: f64, q: f64, v: f64) -> (f64, [f64; 3]) {
        let (ln_v, ln_gamma_q, psi_q) = (v.ln(), ln_gamma(q), digamma(q));
        let (mut ll, mut by_p, mut by_q, mut by_v) = (0.0, 0.0, 0.0, 0.0);
        let mut rows = self.rows.iter();
        for (x, n, logs) in &self.groups {
            let (px, ln_x) = (p * x, x.ln());
            let (psi_sum, psi_px) = (digamma(px + q), digamma(px));
            let fixed = ln_gamma(px + q) - ln_gamma(px) - ln_gamma_q + q * ln_v + px * ln_x;
            let (mut ln_total, mut inverse_total) = (0.0, 0.0);
            for row in rows.by_ref().take(*n as usize) {
                let total = x * row.mean + v;
                ln_total += total.ln();
                inverse_total += 1.0 / total;
            }
            ll += n * fixed + (px - 1.0) * logs - (px + q) * ln_total;
            by_p += x * (n * (psi_sum - psi_px + ln_x) + logs - ln_total);
            by_q += n * (psi_sum - psi_q + ln_v) - ln_total;
            by_v += n * q / v - (px + q) * inverse_total;
        }
        (ll, [by_p, by_q, by_v])
    }
}

impl SpendModel {
    /// Mean value of a purchase day of the customer: their own mean drawn towards everybody's, the more the fewer
    /// repeats it rests on.
    #[must_use]
    pub fn expected(&self, customer: &Summary) -> f64 {
        let Self { p, q, v } = *self;
        if customer.repeats == 0 || customer.repeat_mean <= 0.0 {
            return self.mean();
        }
        let x = f64::from(customer.repeats);
        p * (v + x * customer.repeat_mean) / (p * x + q - 1.0)
    }

    /// Mean over all customers.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.p * self.v / (self.q - 1.0)
    }
}

/// How value to come is counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Horizon {
    /// Days ahead.
    pub days: u32,
    /// Part of the revenue that is margin; 1 for revenue itself.
    pub margin: f64,
    /// Interest of a year by which later purchases count less; 0 for none.
    pub yearly_discount: f64,
}

impl Horizon {
    /// The value of every customer over the horizon, in the unit of the spend model. With discount, purchases count from
    /// the end of the month (a twelfth of a year) they are expected in.
    #[must_use]
    pub fn values(&self, lifetime: &Lifetime, spend: &SpendModel, customers: &[Summary]) -> Vec<f64> {
        let steps =
            if self.yearly_discount > 0.0 { (f64::from(self.days) / MONTH_DAYS).ceil().max(1.0) as u32 } else { 1 };
        let mut out = vec![0.0; customers.len()];
        let mut before = vec![0.0; customers.len()];
        for step in 1..=steps {
            let end = if step == steps { f64::from(self.days) } else { f64::from(step) * MONTH_DAYS };
            let weight = (1.0 + self.yearly_discount).powf(-end / 365.25);
            let weight = if steps == 1 { 1.0 } else { weight };
            let mut forecast = Forecast::new(lifetime, end);
            for (i, customer) in customers.iter().enumerate() {
                let expected = forecast.expected(customer);
                out[i] += (expected - before[i]) * weight;
                before[i] = expected;
            }
        }
        for (value, customer) in out.iter_mut().zip(customers) {
            *value *= spend.expected(customer) * self.margin;
        }
        out
    }
}

const MONTH_DAYS: f64 = 365.25 / 12.0;
