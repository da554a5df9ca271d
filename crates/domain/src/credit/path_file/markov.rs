//! Markov chains of order k, exact (field note §3.2).
//!
//! States are windows of k successive touches, a shorter path is one state; equal successive states are one. The
//! removal effect of a channel is the share of the chain's converting walks that pass it: 1 - P without / P.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::Paths;
use super::linear::{Sparse, inverse, solve};

/// Up to so many channels a chain of order 1 is solved by one inverse.
const SMALL: usize = 600;
/// Most states of a chain.
const MAX_STATES: usize = 1_000_000;
/// Most (states + arrows) · channels, about two minutes of work.
const MAX_SIZE: usize = 2_000_000_000;

/// A chain and what it gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Markov {
    /// Touches to a state.
    pub order: usize,
    /// Whether paths without conversion took part.
    pub nulls: bool,
    /// States that paths run through.
    pub states: usize,
    /// Distinct arrows, those from the start and to the ends included.
    pub transitions: usize,
    /// Probability that a walk converts.
    pub p_conversion: f64,
    /// Value that a walk is worth.
    pub expected_value: f64,
    /// By channel name.
    pub channels: BTreeMap<String, MarkovRow>,
}

/// A channel's part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct MarkovRow {
    /// Share of conversions lost without the channel.
    pub removal_effect: f64,
    /// Conversions credited.
    pub conversions: f64,
    /// Value by the same shares.
    pub value: f64,
    /// Share of value lost without the channel, from the chain of values.
    pub value_removal_effect: f64,
    /// Value credited by that share.
    pub value_chain: f64,
}

/// The chain as counts.
struct Chain {
    /// Channels of each state, by number.
    states: Vec<Vec<u32>>,
    start: Vec<f64>,
    q: Sparse,
    /// By state: probability to convert there, value to be had there.
    r: Vec<[f64; 2]>,
    transitions: usize,
    /// All walks.
    walks: f64,
}

pub(super) fn markov(paths: &Paths, order: usize, nulls: bool) -> Result<Markov, String> {
    let chain = chain(paths, order, nulls)?;
    let everything = vec![true; chain.states.len()];
    let mean =
        if chain.walks > 0.0 { paths.rows.iter().map(|r| r.value.abs()).sum::<f64>() / chain.walks } else { 0.0 };
    let scale = [1.0, if mean > 0.0 { 1.0 / mean } else { 0.0 }];
    let channels = paths.channels.len();
    let (whole, effects) = if order == 1 && chain.states.len() <= SMALL {
        by_inverse(&chain, channels).ok_or(UNSETTLED)?
    } else {
        let x = solve(&chain.q, &chain.r, &everything, scale).ok_or(UNSETTLED)?;
        let whole = reached(&chain.start, &x);
        (whole, by_removal(&chain, whole, channels, scale)?)
    };
    // The empty path's conversions have no channel to go to.
    let attributed =
        |of: fn(&super::PathRow) -> f64| -> f64 { paths.rows.iter().filter(|r| !r.steps.is_empty()).map(of).sum() };
    let (conversions, value) = (attributed(|r| r.conversions), attributed(|r| r.value));
    let sums = effects.iter().fold([0.0; 2], |s, e| [s[0] + e[0], s[1] + e[1]]);
    let part = |effect: f64, sum: f64, total: f64| if sum > 0.0 { effect / sum * total } else { 0.0 };
    let row = |e: &[f64; 2]| MarkovRow {
        removal_effect: e[0],
        conversions: part(e[0], sums[0], conversions),
        value: part(e[0], sums[0], value),
        value_removal_effect: e[1],
        value_chain: part(e[1], sums[1], value),
    };
    Ok(Markov {
        order,
        nulls,
        states: chain.states.len(),
        transitions: chain.transitions,
        p_conversion: whole[0],
        expected_value: whole[1],
        channels: paths.channels.iter().cloned().zip(effects.iter().map(row)).collect(),
    })
}

const UNSETTLED: &str =
    "the chain does not settle to a solution; paths of thousands of steps do this: cut them to their newest touches";

fn chain(paths: &Paths, order: usize, nulls: bool) -> Result<Chain, String> {
    let mut numbers: HashMap<&[u32], u32> = HashMap::new();
    let mut states: Vec<Vec<u32>> = Vec::new();
    let mut start: Vec<f64> = Vec::new();
    let mut ends: Vec<[f64; 3]> = Vec::new();
    let mut arrows: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let mut walks = 0.0;
    for row in paths.rows.iter().filter(|r| !r.steps.is_empty()) {
        let lost = if nulls { row.nulls } else { 0.0 };
        let weight = row.conversions + lost;
        if weight <= 0.0 {
            continue;
        }
        walks += weight;
        let mut previous: Option<u32> = None;
        for window in row.steps.windows(order.min(row.steps.len())) {
            let state = *numbers.entry(window).or_insert_with(|| {
                let mut channels = window.to_vec();
                channels.sort_unstable();
                channels.dedup();
                states.push(channels);
                start.push(0.0);
                ends.push([0.0; 3]);
                states.len() as u32 - 1
            });
            match previous {
                None => start[state as usize] += weight,
                Some(from) if from == state => {}
                Some(from) => *arrows.entry((from, state)).or_default() += weight,
            }
            previous = Some(state);
        }
        if let Some(end) = previous {
            let end = &mut ends[end as usize];
            end[0] += row.conversions;
            end[1] += row.value;
            end[2] += lost;
        }
    }
    if states.len() > MAX_STATES || (states.len() + arrows.len()).saturating_mul(paths.channels.len()) > MAX_SIZE {
        return Err(format!("{} states are too many; use a lower order or fewer channels", states.len()));
    }
    Ok(normalised(states, start, &ends, &arrows, walks))
}

fn normalised(
    states: Vec<Vec<u32>>,
    mut start: Vec<f64>,
    ends: &[[f64; 3]],
    arrows: &BTreeMap<(u32, u32), f64>,
    walks: f64,
) -> Chain {
    let used = |of: usize| ends.iter().filter(|e| e[of] > 0.0).count();
    let transitions = arrows.len() + start.iter().filter(|s| **s > 0.0).count() + used(0) + used(2);
    let mut out: Vec<f64> = ends.iter().map(|e| e[0] + e[2]).collect();
    for ((from, _), weight) in arrows {
        out[*from as usize] += weight;
    }
    let mut q = Sparse { rows: vec![Vec::new(); states.len()] };
    for ((from, to), weight) in arrows {
        q.rows[*from as usize].push((*to, weight / out[*from as usize]));
    }
    let r = ends.iter().zip(&out).map(|(e, out)| [e[0] / out, e[1] / out]).collect();
    for s in &mut start {
        *s /= walks;
    }
    Chain { states, start, q, r, transitions, walks }
}

/// Conversion and value of a walk that starts so.
fn reached(start: &[f64], x: &[[f64; 2]]) -> [f64; 2] {
    start.iter().zip(x).fold([0.0; 2], |sum, (p, x)| [sum[0] + p * x[0], sum[1] + p * x[1]])
}

fn effect(lost: f64, whole: f64) -> f64 {
    if whole.abs() > 0.0 { lost / whole } else { 0.0 }
}

/// Order 1: with `N = (I - Q)⁻¹` a walk converts from `x = N r`, and passes state a with probability `(πN)_a / N_aa`.
fn by_inverse(chain: &Chain, channels: usize) -> Option<([f64; 2], Vec<[f64; 2]>)> {
    let n = chain.states.len();
    let inverse = inverse(&chain.q)?;
    let from = |s: usize| reached(&inverse[s * n..(s + 1) * n], &chain.r);
    let x: Vec<[f64; 2]> = (0..n).map(from).collect();
    let whole = reached(&chain.start, &x);
    let mut effects = vec![[0.0; 2]; channels];
    for a in 0..n {
        let visits: f64 = (0..n).map(|s| chain.start[s] * inverse[s * n + a]).sum();
        let passes = visits / inverse[a * n + a];
        let channel = *chain.states[a].first()? as usize;
        effects[channel] = [effect(passes * x[a][0], whole[0]), effect(passes * x[a][1], whole[1])];
    }
    Some((whole, effects))
}

/// Any order: every state that holds the channel is sent to null and the rest is solved anew.
fn by_removal(chain: &Chain, whole: [f64; 2], channels: usize, scale: [f64; 2]) -> Result<Vec<[f64; 2]>, String> {
    let mut effects = vec![[0.0; 2]; channels];
    for (channel, effect_of) in effects.iter_mut().enumerate() {
        let keep: Vec<bool> = chain.states.iter().map(|s| s.binary_search(&(channel as u32)).is_err()).collect();
        let x = solve(&chain.q, &chain.r, &keep, scale).ok_or(UNSETTLED)?;
        let left = reached(&chain.start, &x);
        // What is left of nothing lost is rounding.
        let untouched = keep.iter().all(|k| *k);
        for side in 0..2 {
            effect_of[side] = if untouched { 0.0 } else { effect(whole[side] - left[side], whole[side]) };
        }
    }
    Ok(effects)
}

/// The slow way for a chain of order 1, to hold the fast one against.
#[cfg(test)]
pub(super) fn by_removal_for_tests(paths: &Paths) -> Result<Vec<[f64; 2]>, String> {
    let chain = chain(paths, 1, true)?;
    let x = solve(&chain.q, &chain.r, &vec![true; chain.states.len()], [1.0, 1.0]).ok_or(UNSETTLED)?;
    by_removal(&chain, reached(&chain.start, &x), paths.channels.len(), [1.0, 1.0])
}
