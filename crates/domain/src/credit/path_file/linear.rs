//! Systems `x = Q x + r` of a chain that is absorbed sooner or later.

/// A substochastic matrix by rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Sparse {
    /// By row: (column, probability), columns ascending.
    pub(super) rows: Vec<Vec<(u32, f64)>>,
}

/// Sweeps after which a chain is given up; each takes time in the number of arrows.
const MAX_SWEEPS: usize = 200_000;
/// Most multiplications spent on one system.
const MAX_WORK: usize = 20_000_000_000;
/// A change smaller than this in a probability is rounding.
const TINY: f64 = 1e-15;

/// Solves `x = Q x + r` over the states that `keep` holds, all others being 0, for two right sides at once.
/// Gauss–Seidel from zero: `Q` is substochastic, so the iterates rise to the solution. `None` when they do not settle.
pub(super) fn solve(q: &Sparse, r: &[[f64; 2]], keep: &[bool], scale: [f64; 2]) -> Option<Vec<[f64; 2]>> {
    let n = q.rows.len();
    let arrows: usize = q.rows.iter().map(Vec::len).sum::<usize>() + n;
    let sweeps = MAX_SWEEPS.min(MAX_WORK / arrows.max(1));
    let mut x = vec![[0.0_f64; 2]; n];
    let mut before = f64::INFINITY;
    for _ in 0..sweeps {
        let mut change = 0.0_f64;
        // States of long paths feed later ones, so going down through them settles a path in few sweeps.
        for s in (0..n).rev().filter(|s| keep[*s]) {
            let mut sum = r[s];
            let mut stay = 0.0;
            for (to, p) in &q.rows[s] {
                let to = *to as usize;
                if to == s {
                    stay += p;
                } else {
                    sum[0] += p * x[to][0];
                    sum[1] += p * x[to][1];
                }
            }
            for side in 0..2 {
                let new = sum[side] / (1.0 - stay);
                change = change.max((new - x[s][side]).abs() * scale[side]);
                x[s][side] = new;
            }
        }
        // The error left is change · rate / (1 - rate); the rate is read from the last two sweeps.
        let rate = (change / before).min(1.0 - 1e-9);
        if change <= TINY || (before.is_finite() && change * rate / (1.0 - rate) <= TINY) {
            return Some(x);
        }
        before = change;
    }
    None
}

/// The inverse of `I - Q` for a small chain, by Gauss–Jordan with pivots. `None` when it is singular.
pub(super) fn inverse(q: &Sparse) -> Option<Vec<f64>> {
    let n = q.rows.len();
    let mut a = vec![0.0; n * n];
    let mut inverse = vec![0.0; n * n];
    for (s, row) in q.rows.iter().enumerate() {
        a[s * n + s] = 1.0;
        inverse[s * n + s] = 1.0;
        for (to, p) in row {
            a[s * n + *to as usize] -= p;
        }
    }
    for c in 0..n {
        let pivot = (c..n).max_by(|i, j| a[i * n + c].abs().total_cmp(&a[j * n + c].abs()))?;
        let value = a[pivot * n + c];
        if value.abs() < 1e-300 {
            return None;
        }
        for k in 0..n {
            a.swap(c * n + k, pivot * n + k);
            inverse.swap(c * n + k, pivot * n + k);
        }
        for k in 0..n {
            a[c * n + k] /= value;
            inverse[c * n + k] /= value;
        }
        for i in (0..n).filter(|i| *i != c) {
            let factor = a[i * n + c];
            if factor == 0.0 {
                continue;
            }
            for k in 0..n {
                a[i * n + k] -= factor * a[c * n + k];
                inverse[i * n + k] -= factor * inverse[c * n + k];
            }
        }
    }
    Some(inverse)
}
