//! The likelihood of the lifetime models and its gradient, over [`Cell`]s (field note "lifetime value"; Fader, Hardie and
//! Lee 2005; Batislam, Denizel and Filiztekin 2007 for the modified form; Ehrenberg 1959 for the NBD).
//!
//! With `n` the number of times a customer could have left (`x` in BG/NBD, where nobody leaves before the first repeat,
//! `x + 1` in MBG/NBD) all gamma functions of the literature's form become sums over `k < x` and `k < n`:
//! `ln Γ(r+x) - ln Γ(r) = Σ ln(r+k)` and `ln B(a, b+n) - ln B(a, b) = -Σ ln(1 + a/(b+k))`. They keep all digits where
//! `a/(a+b)` goes to zero, and their totals need only how many customers have more than `k`.

use super::summary::Cell;
use crate::insight::numeric::log_sum;

/// Cells made ready for many evaluations.
#[derive(Debug)]
pub(super) struct Data {
    cells: Vec<Cell>,
    /// Customers.
    pub(super) customers: f64,
    /// Customers with more than `k` repeats, by `k`.
    more_than: Vec<f64>,
    longest: u32,
    /// Days that stand for one on the log scale: a thirtieth of the median age.
    scale: f64,
}

/// `ln(α + d)` and `1 / (α + d)` by days.
struct Logs(Vec<(f64, f64)>);

impl Logs {
    fn of(alpha: f64, longest: u32) -> Self {
        let at = |d: u32| {
            let sum = alpha + f64::from(d);
            (sum.ln(), 1.0 / sum)
        };
        Self((0..=longest).map(at).collect())
    }

    fn at(&self, days: u32) -> (f64, f64) {
        self.0[days as usize]
    }
}

impl Data {
    pub(super) fn new(cells: &[Cell]) -> Self {
        let customers: u64 = cells.iter().map(|c| u64::from(c.customers)).sum();
        let most = cells.iter().map(|c| c.repeats).max().unwrap_or(0) as usize;
        let mut more_than = vec![0.0; most + 1];
        for c in cells.iter().filter(|c| c.repeats > 0) {
            more_than[c.repeats as usize - 1] += f64::from(c.customers);
        }
        for k in (0..most).rev() {
            more_than[k] += more_than[k + 1];
        }
        let mut ages: Vec<(u32, u64)> = cells.iter().map(|c| (c.age_days, u64::from(c.customers))).collect();
        ages.sort_unstable();
        let mut seen = 0;
        let median = ages.iter().find_map(|(age, n)| {
            seen += n;
            (2 * seen >= customers).then_some(*age)
        });
        let longest = cells.iter().map(|c| c.age_days.max(c.last_days)).max().unwrap_or(0);
        Self {
            cells: cells.to_vec(),
            customers: customers as f64,
            more_than,
            longest,
            scale: f64::from(median.unwrap_or(30).max(1)) / 30.0,
        }
    }

    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Every `step`-th cell: enough to find out where a fit should start.
    pub(super) fn thinned(&self, step: usize) -> Self {
        let cells: Vec<Cell> = self.cells.iter().step_by(step.max(1)).copied().collect();
        Self { scale: self.scale, ..Self::new(&cells) }
    }

    /// Parameters from the log scale: `r`, `α` in days, and for the models with drop-out `a` and `b`.
    pub(super) fn parameters<const N: usize>(&self, log: &[f64; N]) -> [f64; N] {
        std::array::from_fn(|i| if i == 1 { log[i].exp() * self.scale } else { log[i].exp() })
    }

    /// The reverse of [`Data::parameters`].
    pub(super) fn logs<const N: usize>(&self, parameters: &[f64; N]) -> [f64; N] {
        std::array::from_fn(|i| if i == 1 { (parameters[i] / self.scale).ln() } else { parameters[i].ln() })
    }

    /// Log-likelihood of the NBD and its derivatives by `r` and `α`.
    pub(super) fn nbd(&self, [r, alpha]: [f64; 2]) -> (f64, [f64; 2]) {
        let logs = Logs::of(alpha, self.longest);
        let (mut ll, mut by_r) = self.repeats_part(r);
        let mut by_alpha = 0.0;
        for c in &self.cells {
            let (n, s) = (f64::from(c.customers), r + f64::from(c.repeats));
            let (ln, inverse) = logs.at(c.age_days);
            ll -= n * s * ln;
            by_r -= n * ln;
            by_alpha -= n * s * inverse;
        }
        ll += self.customers * r * alpha.ln();
        by_r += self.customers * alpha.ln();
        by_alpha += self.customers * r / alpha;
        (ll, [by_r, by_alpha])
    }

    /// `Σ ln Γ(r+x) - ln Γ(r)` over customers, and its derivative.
    fn repeats_part(&self, r: f64) -> (f64, f64) {
        let (mut ll, mut by_r) = (0.0, 0.0);
        for (k, n) in self.more_than.iter().enumerate().filter(|(_, n)| **n > 0.0) {
            let sum = r + k as f64;
            ll += n * sum.ln();
            by_r += n / sum;
        }
        (ll, by_r)
    }

    /// Log-likelihood of BG/NBD (`first` 0) or MBG/NBD (`first` 1) and its derivatives by `r`, `α`, `a`, `b`.
    pub(super) fn beta_geometric(&self, [r, alpha, a, b]: [f64; 4], first: u32) -> (f64, [f64; 4]) {
        let logs = Logs::of(alpha, self.longest);
        let ln_a = a.ln();
        let (mut ll, mut by_r) = self.repeats_part(r);
        let (mut by_alpha, mut by_a, mut by_b) = (0.0, 0.0, 0.0);
        let chances = std::iter::repeat_n(&self.customers, first as usize).chain(&self.more_than);
        for (k, n) in chances.enumerate().filter(|(_, n)| **n > 0.0) {
            let stays = b + k as f64;
            ll -= n * (a / stays).ln_1p();
            by_a -= n / (a + stays);
            by_b += n * a / (stays * (a + stays));
        }
        for c in &self.cells {
            let (count, s) = (f64::from(c.customers), r + f64::from(c.repeats));
            let (ln_age, inverse_age) = logs.at(c.age_days);
            let chances = c.repeats + first;
            if chances == 0 {
                ll -= count * s * ln_age;
                by_r -= count * ln_age;
                by_alpha -= count * s * inverse_age;
                continue;
            }
            let (ln_last, inverse_last) = logs.at(c.last_days);
            let stayed = b + f64::from(chances) - 1.0;
            let (sum, left) = log_sum(-s * ln_age, ln_a - stayed.ln() - s * ln_last);
            ll += count * sum;
            by_r -= count * ((1.0 - left) * ln_age + left * ln_last);
            by_alpha -= count * s * ((1.0 - left) * inverse_age + left * inverse_last);
            by_a += count * left / a;
            by_b -= count * left / stayed;
        }
        ll += self.customers * r * alpha.ln();
        by_r += self.customers * alpha.ln();
        by_alpha += self.customers * r / alpha;
        (ll, [by_r, by_alpha, by_a, by_b])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::numeric::ln_gamma;

    fn data() -> Data {
        let cell = |repeats, last_days, age_days, customers| Cell { repeats, last_days, age_days, customers };
        Data::new(&[cell(0, 0, 200, 40), cell(1, 12, 250, 9), cell(2, 180, 200, 5), cell(17, 240, 250, 2)])
    }

    #[test]
    fn the_sums_are_the_gamma_functions_of_the_literature() {
        let data = data();
        let [r, alpha, a, b] = [0.3, 31.0, 0.8, 2.4];
        for first in [0, 1] {
            let mut want = 0.0;
            for c in data.cells() {
                let (x, last, age) = (f64::from(c.repeats), f64::from(c.last_days), f64::from(c.age_days));
                let n = x + f64::from(first);
                let stayed = (b + n - 1.0).ln();
                let left = if n > 0.0 { (a.ln() - stayed - (r + x) * (alpha + last).ln()).exp() } else { 0.0 };
                want += f64::from(c.customers)
                    * (ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() + ln_gamma(a + b) + ln_gamma(b + n)
                        - ln_gamma(b)
                        - ln_gamma(a + b + n)
                        + ((-(r + x) * (alpha + age).ln()).exp() + left).ln());
            }
            let (got, _) = data.beta_geometric([r, alpha, a, b], first);
            assert!((got / want - 1.0).abs() < 1e-12, "{first}: {got} {want}");
        }
    }

    #[test]
    fn gradients_are_the_differences() {
        let data = data();
        check([0.33, 45.0], |p| data.nbd(p));
        for first in [0, 1] {
            check([0.33, 45.0, 0.8, 2.4], |p| data.beta_geometric(p, first));
        }
    }

    fn check<const N: usize>(at: [f64; N], likelihood: impl Fn([f64; N]) -> (f64, [f64; N])) {
        let (_, slope) = likelihood(at);
        for i in 0..N {
            let value = |by: f64| {
                let mut point = at;
                point[i] += by;
                likelihood(point).0
            };
            let h = at[i] * 1e-5;
            let want = (value(h) - value(-h)) / (2.0 * h);
            assert!((slope[i] - want).abs() < 1e-6 * want.abs().max(1.0), "{i}: {} {want}", slope[i]);
        }
    }
}
