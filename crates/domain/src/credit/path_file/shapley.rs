//! Shapley values of the rate game: what a channel adds to the conversion rate of the paths that a set of channels can
//! make, averaged over all orders of joining (field note §3.3). The sum game needs no code of its own: its values are
//! the linear-distinct model.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Paths;

/// Most channels that are enumerated; 2^20 sets.
const MAX_CHANNELS: usize = 20;

/// The rate game.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shapley {
    /// Conversions by path of the whole file, the sum of all values.
    pub rate: f64,
    /// By channel name.
    pub channels: BTreeMap<String, ShapleyRow>,
}

/// A channel's part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ShapleyRow {
    /// Its Shapley value; negative when paths that hold it convert worse.
    pub phi: f64,
    /// Whether it was set to 0 for the division of conversions and value.
    pub negative: bool,
    /// Conversions credited.
    pub conversions: f64,
    /// Value credited.
    pub value: f64,
}

pub(super) fn shapley(paths: &Paths, nulls: bool) -> Result<Shapley, String> {
    let n = paths.channels.len();
    if n > MAX_CHANNELS {
        return Err(format!("{n} channels; all sets are enumerated up to {MAX_CHANNELS}: group the small ones"));
    }
    if !nulls {
        return Err("without paths that did not convert every rate is 1".to_owned());
    }
    let phi = values(n, &rates(paths));
    let rows = || paths.rows.iter().filter(|r| !r.steps.is_empty());
    let (conversions, value): (f64, f64) = (rows().map(|r| r.conversions).sum(), rows().map(|r| r.value).sum());
    let lost: f64 = rows().map(|r| r.nulls).sum();
    let positive: f64 = phi.iter().map(|p| p.max(0.0)).sum();
    let part = |p: f64, total: f64| if positive > 0.0 { p.max(0.0) / positive * total } else { 0.0 };
    let row =
        |p: f64| ShapleyRow { phi: p, negative: p < 0.0, conversions: part(p, conversions), value: part(p, value) };
    let rate = if conversions + lost > 0.0 { conversions / (conversions + lost) } else { 0.0 };
    Ok(Shapley { rate, channels: paths.channels.iter().cloned().zip(phi.into_iter().map(row)).collect() })
}

/// By set of channels (bit mask): conversions / paths among the paths made of these channels alone.
fn rates(paths: &Paths) -> Vec<f64> {
    let n = paths.channels.len();
    let mut sums = vec![[0.0_f64; 2]; 1 << n];
    for row in paths.rows.iter().filter(|r| !r.steps.is_empty()) {
        let set = row.steps.iter().fold(0_usize, |set, s| set | 1 << s);
        sums[set][0] += row.conversions;
        sums[set][1] += row.nulls;
    }
    // Zeta transform: each set takes in its subsets.
    for channel in 0..n {
        for set in 0..sums.len() {
            if set & (1 << channel) != 0 {
                let [c, z] = sums[set ^ (1 << channel)];
                sums[set][0] += c;
                sums[set][1] += z;
            }
        }
    }
    sums.iter().map(|[c, z]| if c + z > 0.0 { c / (c + z) } else { 0.0 }).collect()
}

/// `φ_a = Σ_S |S|! (n-|S|-1)! / n! · (v(S ∪ a) - v(S))` over the sets without a.
fn values(n: usize, v: &[f64]) -> Vec<f64> {
    // |S|! (n-|S|-1)! / n! = 1 / (n · C(n-1, |S|)).
    let mut weight = Vec::with_capacity(n);
    let mut choose = 1.0;
    for size in 0..n {
        weight.push(1.0 / (n as f64 * choose));
        choose = choose * (n - 1 - size) as f64 / (size + 1) as f64;
    }
    (0..n)
        .map(|a| {
            let without = (0..v.len()).filter(|set| set & (1 << a) == 0);
            without.map(|set| weight[set.count_ones() as usize] * (v[set | 1 << a] - v[set])).sum()
        })
        .collect()
}
