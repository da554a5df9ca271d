//! Fits of the lifetime models by maximum likelihood, and the choice between them.

use serde::{Deserialize, Serialize};
use throughline_base::Problem;

use super::likelihood::Data;
use super::summary::Cell;
use crate::insight::numeric::{Minimum, minimise, on_log_scale};

/// A model of how often customers buy and when they leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifetimeKind {
    /// Customers may leave after every repeat purchase.
    BgNbd,
    /// Customers may leave after every purchase, the first too.
    MbgNbd,
    /// Nobody leaves.
    Nbd,
}

impl LifetimeKind {
    /// Chances to leave that come with the first purchase; `None` where nobody leaves.
    pub(super) const fn first_chances(self) -> Option<u32> {
        match self {
            Self::BgNbd => Some(0),
            Self::MbgNbd => Some(1),
            Self::Nbd => None,
        }
    }

    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BgNbd => "bg_nbd",
            Self::MbgNbd => "mbg_nbd",
            Self::Nbd => "nbd",
        }
    }
}

/// A fitted model. Purchases follow a Poisson process whose rate is gamma distributed over customers; the chance to leave
/// is beta distributed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lifetime {
    /// Which it is.
    pub kind: LifetimeKind,
    /// Shape of the rates.
    pub r: f64,
    /// Their scale in days.
    pub alpha: f64,
    /// First parameter of the chance to leave; 0 in [`LifetimeKind::Nbd`].
    pub a: f64,
    /// Second parameter; 1 in [`LifetimeKind::Nbd`].
    pub b: f64,
}

/// A fit and what is known of its quality.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LifetimeFit {
    /// The parameters.
    pub model: Lifetime,
    /// Log-likelihood with time in days. With time in weeks it is larger by `Σ x · ln 7`.
    pub log_likelihood: f64,
    /// That of the model in which nobody leaves.
    pub nbd_log_likelihood: f64,
    /// Standard errors of `ln r`, `ln α`, `ln a`, `ln b`.
    pub log_errors: [f64; 4],
    /// Customers it was fitted on.
    pub customers: u64,
    /// Passes over the data.
    pub evaluations: usize,
    /// Whether the slope has vanished. Near the boundary where nobody leaves it may not; the likelihood is flat there.
    pub converged: bool,
}

impl LifetimeFit {
    /// Whether the data show that customers leave: not when the likelihood ratio is below its one-sided 5 % point (2.71,
    /// the parameter lies on the boundary) nor when the mean chance is below a millionth.
    #[must_use]
    pub fn shows_leaving(&self) -> bool {
        let Lifetime { a, b, .. } = self.model;
        2.0 * (self.log_likelihood - self.nbd_log_likelihood) >= 2.71 && a / (a + b) >= 1e-6
    }
}

/// Beyond this many cells, where to start is found out on a part of them.
const START_CELLS: usize = 8_000;

/// Fits one kind.
///
/// # Errors
/// When there is nothing to fit: no customers, or none who came back.
pub fn fit(cells: &[Cell], kind: LifetimeKind) -> Result<LifetimeFit, Problem> {
    let data = checked(cells)?;
    let nbd = fit_nbd(&data);
    Ok(match kind.first_chances() {
        None => nbd,
        Some(first) => fit_leaving(&data, kind, first, &nbd),
    })
}

/// Fits all kinds and takes the likeliest, or the NBD when leaving is not visible yet.
///
/// # Errors
/// As [`fit`].
pub fn fit_best(cells: &[Cell]) -> Result<LifetimeFit, Problem> {
    let data = checked(cells)?;
    let nbd = fit_nbd(&data);
    let fits = [LifetimeKind::BgNbd, LifetimeKind::MbgNbd].map(|kind| {
        let first = kind.first_chances().unwrap_or(0);
        fit_leaving(&data, kind, first, &nbd)
    });
    let [bg, mbg] = fits;
    let best = if mbg.log_likelihood > bg.log_likelihood { mbg } else { bg };
    Ok(if best.shows_leaving() { best } else { nbd })
}

fn checked(cells: &[Cell]) -> Result<Data, Problem> {
    if cells.is_empty() {
        return Err(Problem::invalid("prediction_no_buyers", "nobody has bought yet"));
    }
    if cells.iter().all(|c| c.repeats == 0) {
        return Err(Problem::invalid("prediction_no_repeats", "nobody has bought on a second day yet"));
    }
    Ok(Data::new(cells))
}

fn fit_nbd(data: &Data) -> LifetimeFit {
    let starts = [[0.0, 1.0], [-1.0, 2.0], [1.0, 3.0]];
    let minimum = best_of(&starts, |start| {
        minimise(start, |log: &[f64; 2]| {
            let p = data.parameters(log);
            on_log_scale(log, &p, data.customers, data.nbd(p))
        })
    });
    let [r, alpha] = data.parameters(&minimum.at);
    let (log_likelihood, _) = data.nbd([r, alpha]);
    let mut log_errors = [0.0; 4];
    for (i, error) in log_errors.iter_mut().take(2).enumerate() {
        *error = error_of(&minimum, i, data.customers);
    }
    LifetimeFit {
        model: Lifetime { kind: LifetimeKind::Nbd, r, alpha, a: 0.0, b: 1.0 },
        log_likelihood,
        nbd_log_likelihood: log_likelihood,
        log_errors,
        customers: data.customers as u64,
        evaluations: minimum.evaluations,
        converged: minimum.converged,
    }
}

fn fit_leaving(data: &Data, kind: LifetimeKind, first: u32, nbd: &LifetimeFit) -> LifetimeFit {
    let part = data.cells().len().div_ceil(START_CELLS);
    let thinned = data.thinned(part);
    let near = data.logs(&[nbd.model.r, nbd.model.alpha]);
    let starts = [
        [near[0], near[1], -2.0, 1.0],
        [-1.4, 1.5, -0.2, 0.9],
        [-0.5, 1.8, -0.1, 0.5],
        [0.0, 2.0, 0.5, 2.0],
        [-1.0, 0.5, -1.0, -0.5],
        [0.5, 3.0, 0.0, 0.0],
        [-2.0, 0.0, -2.0, 2.0],
    ];
    let descend = |data: &Data, start: [f64; 4]| {
        minimise(start, |log: &[f64; 4]| {
            let p = data.parameters(log);
            on_log_scale(log, &p, data.customers, data.beta_geometric(p, first))
        })
    };
    let mut minimum = best_of(&starts, |start| descend(&thinned, start));
    if part > 1 {
        let before = minimum.evaluations / part;
        minimum = descend(data, minimum.at);
        minimum.evaluations += before;
    }
    let [r, alpha, a, b] = data.parameters(&minimum.at);
    let (log_likelihood, _) = data.beta_geometric([r, alpha, a, b], first);
    LifetimeFit {
        model: Lifetime { kind, r, alpha, a, b },
        log_likelihood,
        nbd_log_likelihood: nbd.log_likelihood,
        log_errors: std::array::from_fn(|i| error_of(&minimum, i, data.customers)),
        customers: data.customers as u64,
        evaluations: minimum.evaluations,
        converged: minimum.converged,
    }
}

/// The least of several descents; evaluations add up.
fn best_of<const N: usize>(starts: &[[f64; N]], mut descend: impl FnMut([f64; N]) -> Minimum<N>) -> Minimum<N> {
    let mut evaluations = 0;
    let mut best: Option<Minimum<N>> = None;
    for start in starts {
        let found = descend(*start);
        evaluations += found.evaluations;
        if best.as_ref().is_none_or(|b| found.value < b.value) {
            best = Some(found);
        }
    }
    let best = best.expect("there is at least one start");
    Minimum { evaluations, ..best }
}

fn error_of<const N: usize>(minimum: &Minimum<N>, i: usize, customers: f64) -> f64 {
    (minimum.inverse_hessian[i][i].max(0.0) / customers).sqrt()
}
