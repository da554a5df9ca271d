//! Fits of the value models on a million customers, beside what a peer needs for the same.

use throughline_base::{Problem, Rng};
use throughline_domain::insight::clv::lifetime::{LifetimeKind, fit, fit_best};
use throughline_domain::insight::clv::{Cell, Forecast, Purchase, Summary, cells, summarise};

use crate::machine::timed;
use crate::table::Aim;
use crate::{Bench, broken};

/// `lifetimes` 0.11.3 on one core of 2.1 GHz: fit of a million customers, and summaries of a million purchases (with
/// pandas alone, which is faster than its own function).
const PEER_FIT_S: f64 = 27.9;
const PEER_SUMMARY_S: f64 = 0.46;

/// The parameters the customers are drawn with; time in weeks.
const R: f64 = 0.243;
const ALPHA: f64 = 4.414;
const A: f64 = 0.793;
const B: f64 = 2.426;

impl Bench {
    /// Fits BG/NBD on as many customers as the bench has people.
    pub(crate) fn prediction(&mut self) -> Result<(), Problem> {
        let mut rng = Rng::seeded(7);
        let customers: Vec<Summary> = (0..self.people).map(|_| customer(&mut rng)).collect();
        let purchases: u64 = customers.iter().map(|c| u64::from(c.repeats) + 1).sum();
        let about = format!("{} customers with {purchases} purchase days, one thread", customers.len());
        self.table.part("prediction", &about);

        let (grouped, took) = timed(|| cells(customers.iter().copied()));
        self.table.figure("equal customers grouped", took.cpu, "CPU s");
        self.table.figure("cells", grouped.len() as f64, "cells");
        let (fitted, took) = timed(|| fit(&grouped, LifetimeKind::BgNbd));
        let fitted = fitted?;
        let part = customers.len() as f64 / 1e6;
        self.table.aimed("fit of BG/NBD", took.cpu, "CPU s", Aim::AtMost(1.5 * part.max(0.1)));
        self.table.beside("the same beside lifetimes 0.11.3", took.cpu, "CPU s", PEER_FIT_S * part / took.cpu);
        self.table.figure("r (drawn with .243)", fitted.model.r, "");
        self.table.figure("alpha in weeks (4.414)", fitted.model.alpha / 7.0, "");
        self.table.figure("a (.793)", fitted.model.a, "");
        self.table.figure("b (2.426)", fitted.model.b, "");
        near_truth(&grouped, fitted.log_likelihood)?;
        let (best, took) = timed(|| fit_best(&grouped));
        best?;
        self.table.figure("fit of all three kinds", took.cpu, "CPU s");
        let (sum, took) = timed(|| {
            let mut forecast = Forecast::new(&fitted.model, 365.0);
            customers.iter().map(|c| forecast.expected(c)).sum::<f64>()
        });
        if !sum.is_finite() {
            return Err(broken("expectations of a year are no numbers"));
        }
        self.table.figure("expected purchases of a year, everybody", took.cpu, "CPU s");
        self.summaries(&mut rng)
    }

    fn summaries(&mut self, rng: &mut Rng) -> Result<(), Problem> {
        let rows = self.people;
        let mut purchases: Vec<Purchase> = (0..rows)
            .map(|_| Purchase {
                customer: rng.below(rows as u64 / 4 + 1) as i64,
                day: rng.below(365) as i32,
                value: (100 + rng.below(20_000)) as f64,
            })
            .collect();
        let (found, took) = timed(|| summarise(&mut purchases, 364));
        if found.is_empty() {
            return Err(broken("a million purchases have no customer"));
        }
        let part = rows as f64 / 1e6;
        self.table.aimed("summaries of as many purchases", took.cpu, "CPU s", Aim::AtMost(0.15 * part.max(0.1)));
        self.table.beside("the same beside pandas", took.cpu, "CPU s", PEER_SUMMARY_S * part / took.cpu);
        Ok(())
    }
}

/// A fit whose likelihood is below that of the truth has not found the top.
fn near_truth(grouped: &[Cell], found: f64) -> Result<(), Problem> {
    let nbd = fit(grouped, LifetimeKind::Nbd)?;
    if found <= nbd.log_likelihood {
        return Err(broken("the fit is no better than one in which nobody leaves"));
    }
    Ok(())
}

/// A customer drawn from the model: observed for 27 to 39 weeks, in whole days as shops have them.
fn customer(rng: &mut Rng) -> Summary {
    let age_days = 189 + rng.below(85) as u32;
    let rate = gamma(rng, R) / (ALPHA * 7.0);
    let leaves = {
        let (x, y) = (gamma(rng, A), gamma(rng, B));
        x / (x + y)
    };
    let (mut at, mut last, mut repeats) = (0.0, 0, 0);
    loop {
        at += -(1.0 - rng.unit()).ln() / rate;
        if at > f64::from(age_days) {
            break;
        }
        let day = at.ceil() as u32;
        if day > last && day <= age_days {
            repeats += 1;
            last = day;
            if rng.chance(leaves) {
                break;
            }
        }
    }
    Summary { repeats, last_days: last, age_days, repeat_mean: 0.0 }
}

/// A gamma variate of a shape and scale 1 (Marsaglia and Tsang 2000; below 1 by the power of a uniform).
fn gamma(rng: &mut Rng, shape: f64) -> f64 {
    if shape < 1.0 {
        let u = 1.0 - rng.unit();
        return gamma(rng, shape + 1.0) * u.powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let (u, v) = (1.0 - rng.unit(), rng.unit());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        let cube = (1.0 + c * normal).powi(3);
        if cube > 0.0 && (1.0 - rng.unit()).ln() < 0.5 * normal * normal + d - d * cube + d * cube.ln() {
            return d * cube;
        }
    }
}
