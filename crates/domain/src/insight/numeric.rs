//! The numerics that the models stand on: a quasi-Newton minimiser for a handful of parameters, symmetric linear systems,
//! and the special functions that the standard library lacks.

/// Where a minimiser ended.
#[derive(Debug, Clone, Copy)]
pub struct Minimum<const N: usize> {
    /// The point.
    pub at: [f64; N],
    /// The function there.
    pub value: f64,
    /// How often the function was asked.
    pub evaluations: usize,
    /// Whether the slope has vanished.
    pub converged: bool,
    /// Inverse of the second derivatives there: for a mean negative log-likelihood, the covariance times the sample.
    pub inverse_hessian: [[f64; N]; N],
}

/// Largest slope that counts as none, for functions of the order of one per customer.
const FLAT: f64 = 1e-8;

/// Minimises a smooth function by BFGS with backtracking and polishes the end by Newton steps. `f` gives value and
/// gradient; a value that is no number counts as a wall.
pub fn minimise<const N: usize>(start: [f64; N], mut f: impl FnMut(&[f64; N]) -> (f64, [f64; N])) -> Minimum<N> {
    let mut evaluations = 1;
    let mut at = start;
    let (mut value, mut slope) = f(&at);
    let mut inverse = identity::<N>();
    let mut fresh = true;
    for _ in 0..200 {
        if steepest(&slope) < FLAT {
            break;
        }
        let mut step = product(&inverse, &slope).map(|d| -d);
        let mut descent = dot(&step, &slope);
        if descent.is_nan() || descent >= 0.0 {
            inverse = identity();
            step = slope.map(|d| -d);
            descent = -dot(&slope, &slope);
        }
        // No parameter on a log scale needs to move by more than a factor of e² at once.
        let long = step.iter().fold(0.0_f64, |m, s| m.max(s.abs()));
        let mut length = if long > 2.0 { 2.0 / long } else { 1.0 };
        let mut next = None;
        for _ in 0..40 {
            let mut trial = at;
            for i in 0..N {
                trial[i] += length * step[i];
            }
            let (v, g) = f(&trial);
            evaluations += 1;
            if v <= value + 1e-4 * length * descent {
                next = Some((trial, v, g));
                break;
            }
            length /= 2.0;
        }
        let Some((trial, v, g)) = next else {
            if fresh {
                break;
            }
            inverse = identity();
            fresh = true;
            continue;
        };
        let mut s = [0.0; N];
        let mut y = [0.0; N];
        for i in 0..N {
            s[i] = trial[i] - at[i];
            y[i] = g[i] - slope[i];
        }
        if fresh && dot(&s, &y) > 0.0 {
            let scale = dot(&s, &y) / dot(&y, &y);
            inverse = identity::<N>().map(|row| row.map(|v| v * scale));
        }
        fresh = false;
        update(&mut inverse, &s, &y);
        (at, value, slope) = (trial, v, g);
    }
    let mut minimum = Minimum { at, value, evaluations, converged: false, inverse_hessian: inverse };
    for _ in 0..3 {
        let hessian = second_derivatives(&minimum.at, &mut f);
        minimum.evaluations += 2 * N;
        let Some(inverse) = inverse_of(&hessian) else { break };
        minimum.inverse_hessian = inverse;
        let step = product(&inverse, &slope);
        let mut trial = minimum.at;
        for i in 0..N {
            trial[i] -= step[i];
        }
        let (v, g) = f(&trial);
        minimum.evaluations += 1;
        let better = v <= minimum.value + 1e-15 * minimum.value.abs() && steepest(&g) < steepest(&slope);
        if !better {
            break;
        }
        (minimum.at, minimum.value, slope) = (trial, v, g);
        if steepest(&slope) < FLAT * 1e-4 {
            break;
        }
    }
    minimum.converged = steepest(&slope) < FLAT * 100.0;
    minimum
}

/// What [`minimise`] takes to maximise a log-likelihood of positive parameters: the mean negative of it over `n`
/// observations with its gradient by `log`, the parameters' logarithms. `found` holds the likelihood and its derivatives by
/// the parameters themselves. A soft wall stands [`FAR`] units around: beyond, likelihoods are flat.
pub fn on_log_scale<const N: usize>(
    log: &[f64; N],
    parameters: &[f64; N],
    n: f64,
    found: (f64, [f64; N]),
) -> (f64, [f64; N]) {
    let (likelihood, by) = found;
    let mut value = -likelihood / n;
    let slope = std::array::from_fn(|i| {
        let over = (log[i].abs() - FAR).max(0.0);
        value += over * over / 2.0;
        -by[i] * parameters[i] / n + over * log[i].signum()
    });
    (value, slope)
}

const FAR: f64 = 14.0;

fn identity<const N: usize>() -> [[f64; N]; N] {
    let mut m = [[0.0; N]; N];
    for (i, row) in m.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    m
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn product<const N: usize>(m: &[[f64; N]; N], v: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| dot(&m[i], v))
}

fn steepest<const N: usize>(slope: &[f64; N]) -> f64 {
    slope.iter().fold(0.0_f64, |m, s| if s.is_nan() { f64::INFINITY } else { m.max(s.abs()) })
}

/// The BFGS update of the inverse; left out where the curvature is not positive.
fn update<const N: usize>(inverse: &mut [[f64; N]; N], s: &[f64; N], y: &[f64; N]) {
    let curvature = dot(s, y);
    if curvature <= 1e-12 * dot(y, y).sqrt() * dot(s, s).sqrt() {
        return;
    }
    let hy = product(inverse, y);
    let factor = (1.0 + dot(y, &hy) / curvature) / curvature;
    for i in 0..N {
        for j in 0..N {
            inverse[i][j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature;
        }
    }
}

/// By central differences of the gradient, made symmetric.
fn second_derivatives<const N: usize>(
    at: &[f64; N],
    f: &mut impl FnMut(&[f64; N]) -> (f64, [f64; N]),
) -> [[f64; N]; N] {
    const H: f64 = 1e-4;
    let mut rows = [[0.0; N]; N];
    for (i, row) in rows.iter_mut().enumerate() {
        let mut moved = |by: f64| {
            let mut point = *at;
            point[i] += by;
            f(&point).1
        };
        let (up, down) = (moved(H), moved(-H));
        for j in 0..N {
            row[j] = (up[j] - down[j]) / (2.0 * H);
        }
    }
    std::array::from_fn(|i| std::array::from_fn(|j| (rows[i][j] + rows[j][i]) / 2.0))
}

/// The inverse of a positive definite matrix; `None` for any other.
fn inverse_of<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut flat: Vec<f64> = matrix.iter().flatten().copied().collect();
    cholesky(&mut flat, N)?;
    let mut out = [[0.0; N]; N];
    for i in 0..N {
        let mut column = [0.0; N];
        column[i] = 1.0;
        cholesky_solve(&flat, N, &mut column);
        for j in 0..N {
            out[j][i] = column[j];
        }
    }
    Some(out)
}

/// Turns the lower half of a positive definite matrix (rows of `n`) into its Cholesky factor; `None` for any other.
#[must_use]
pub fn cholesky(matrix: &mut [f64], n: usize) -> Option<()> {
    for i in 0..n {
        for j in 0..=i {
            let mut sum = matrix[i * n + j];
            for k in 0..j {
                sum -= matrix[i * n + k] * matrix[j * n + k];
            }
            if i == j {
                if sum.is_nan() || sum <= 0.0 {
                    return None;
                }
                matrix[i * n + i] = sum.sqrt();
            } else {
                matrix[i * n + j] = sum / matrix[j * n + j];
            }
        }
    }
    Some(())
}

/// Solves the system whose factor [`cholesky`] made, in place.
pub fn cholesky_solve(factor: &[f64], n: usize, v: &mut [f64]) {
    for i in 0..n {
        let mut sum = v[i];
        for k in 0..i {
            sum -= factor[i * n + k] * v[k];
        }
        v[i] = sum / factor[i * n + i];
    }
    for i in (0..n).rev() {
        let mut sum = v[i];
        for k in i + 1..n {
            sum -= factor[k * n + i] * v[k];
        }
        v[i] = sum / factor[i * n + i];
    }
}

/// `ln Γ(x)` for `x > 0`.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// `ψ(x)`, the derivative of `ln Γ`, for `x > 0`: recurrence to 10, then the asymptotic series (Abramowitz and Stegun
/// 6.3.5, 6.3.18), whose first omitted term is below 1e-16 there.
#[must_use]
pub fn digamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let i = 1.0 / (x * x);
    let series = i
        * (1.0 / 12.0
            - i * (1.0 / 120.0 - i * (1.0 / 252.0 - i * (1.0 / 240.0 - i * (1.0 / 132.0 - i * 691.0 / 32_760.0)))));
    sum + x.ln() - 0.5 / x - series
}

/// The tail `G` of Gauss' hypergeometric function, `₂F₁(a, b; c; z) = 1 + (a·b·z / c)·G`, that is
/// `G = Σ_k (a+1)_k (b+1)_k / ((c+1)_k (2)_k) z^k`, for `0 ≤ z < 1` and `c > -1`. Unlike the function itself it has no pole
/// at `c = 0`, and where the function is near one it keeps its digits.
///
/// Terms may alternate while `k < |a|` or `k < |b|`; choose a form of the function (Euler: `₂F₁(a, b; c; z) =
/// (1-z)^(c-a-b) ₂F₁(c-a, c-b; c; z)`) that keeps both above about `-c`.
#[must_use]
pub fn gauss_tail(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut k = 0.0;
    // The ratio of terms goes to z, so the rest is at most about term / (1 - z).
    let enough = f64::EPSILON * (1.0 - z) / 4.0;
    while k < MOST_TERMS {
        k += 1.0;
        term *= (a + k) * (b + k) / ((c + k) * (1.0 + k)) * z;
        sum += term;
        if term.abs() <= enough * f64::abs(sum) && (a + k) * (b + k) < 2.0 * (c + k) * (1.0 + k) {
            break;
        }
    }
    sum
}

/// Enough for `z` up to one minus a hundred-thousandth; beyond it the sum is cut, too small by less than its last term
/// over `1 - z`.
const MOST_TERMS: f64 = 4_000_000.0;

/// The logarithm of [`gauss_tail`] for `a, b > 0`: all terms are positive, and the sum is rescaled on the way, so that it
/// neither overflows nor cancels.
#[must_use]
pub fn ln_gauss_tail_positive(a: f64, b: f64, c: f64, z: f64) -> f64 {
    const BIG: f64 = 1e200;
    let (mut term, mut sum, mut log) = (1.0_f64, 1.0_f64, 0.0);
    let enough = f64::EPSILON * (1.0 - z) / 4.0;
    let mut k = 0.0;
    while k < MOST_TERMS {
        k += 1.0;
        let ratio = (a + k) * (b + k) / ((c + k) * (1.0 + k)) * z;
        term *= ratio;
        sum += term;
        if ratio < 1.0 && term <= enough * sum {
            break;
        }
        if sum > BIG {
            term /= BIG;
            sum /= BIG;
            log += BIG.ln();
        }
    }
    log + sum.ln()
}

/// `ln(eᵃ + eᵇ)` and the share of `eᵇ` in it.
#[must_use]
pub fn log_sum(a: f64, b: f64) -> (f64, f64) {
    if a >= b {
        let e = (b - a).exp();
        (a + e.ln_1p(), e / (1.0 + e))
    } else {
        let e = (a - b).exp();
        (b + e.ln_1p(), 1.0 / (1.0 + e))
    }
}

/// Pearson's correlation; 0 when one side does not vary.
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len()) as f64;
    if n < 2.0 {
        return 0.0;
    }
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma) * (x - ma);
        bb += (y - mb) * (y - mb);
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

/// Spearman's rank correlation, equal values at their mean rank.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    pearson(&ranks(a), &ranks(b))
}

/// Ranks from 1, equal values at their mean rank.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]).then(a.cmp(b)));
    let mut out = vec![0.0; values.len()];
    let mut start = 0;
    for equal in order.chunk_by(|a, b| values[*a as usize] == values[*b as usize]) {
        let rank = start as f64 + (equal.len() as f64 + 1.0) / 2.0;
        for i in equal {
            out[*i as usize] = rank;
        }
        start += equal.len();
    }
    out
}

#[cfg(test)]
mod tests;
