//! The rule models over distinct paths.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{PathRow, Paths};
use crate::credit::model::PositionWeights;

/// What a model gives one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ChannelCredit {
    /// Conversions.
    pub conversions: f64,
    /// Value.
    pub value: f64,
}

/// Credit by channel name.
pub type ByChannel = BTreeMap<String, ChannelCredit>;

/// The rule models. All but `any` sum to the attributed total.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleModels {
    /// All to the first touch.
    pub first: ByChannel,
    /// All to the last touch.
    pub last: ByChannel,
    /// All to the last touch that is not direct.
    pub last_non_direct: ByChannel,
    /// Equal shares for each touch.
    pub linear: ByChannel,
    /// Equal shares for each distinct channel; the Shapley values of the sum game.
    pub linear_distinct: ByChannel,
    /// Not defined without times.
    pub time_decay: Option<ByChannel>,
    /// Fixed shares to first and last touch.
    pub position: ByChannel,
    /// Once for each channel on the path; never sum it.
    pub any: ByChannel,
}

struct Table(Vec<ChannelCredit>);

impl Table {
    fn new(channels: usize) -> Self {
        Self(vec![ChannelCredit::default(); channels])
    }

    fn give(&mut self, channel: u32, share: f64, row: &PathRow) {
        let cell = &mut self.0[channel as usize];
        cell.conversions += row.conversions * share;
        cell.value += row.value * share;
    }

    fn named(self, channels: &[String]) -> ByChannel {
        channels.iter().cloned().zip(self.0).collect()
    }
}

pub(super) fn rules(paths: &Paths, position: PositionWeights, direct: &[bool]) -> RuleModels {
    let table = || Table::new(paths.channels.len());
    let (mut first, mut last, mut last_non_direct) = (table(), table(), table());
    let (mut linear, mut linear_distinct, mut by_position, mut any) = (table(), table(), table(), table());
    let mut distinct = Vec::new();
    for row in &paths.rows {
        let (Some(head), Some(tail)) = (row.steps.first(), row.steps.last()) else { continue };
        first.give(*head, 1.0, row);
        last.give(*tail, 1.0, row);
        let non_direct = row.steps.iter().rev().find(|s| !direct[**s as usize]);
        last_non_direct.give(*non_direct.unwrap_or(tail), 1.0, row);
        let n = row.steps.len();
        for (i, step) in row.steps.iter().enumerate() {
            linear.give(*step, 1.0 / n as f64, row);
            by_position.give(*step, position_share(position, i, n), row);
        }
        distinct.clear();
        distinct.extend_from_slice(&row.steps);
        distinct.sort_unstable();
        distinct.dedup();
        for step in &distinct {
            linear_distinct.give(*step, 1.0 / distinct.len() as f64, row);
            any.give(*step, 1.0, row);
        }
    }
    let named = |table: Table| table.named(&paths.channels);
    RuleModels {
        first: named(first),
        last: named(last),
        last_non_direct: named(last_non_direct),
        linear: named(linear),
        linear_distinct: named(linear_distinct),
        time_decay: None,
        position: named(by_position),
        any: named(any),
    }
}

/// Share of step `i` of `n`; two steps share by first : last, equally when both are 0.
fn position_share(weights: PositionWeights, i: usize, n: usize) -> f64 {
    let PositionWeights { first, last } = weights;
    match n {
        0 | 1 => 1.0,
        2 if first + last <= 0.0 => 0.5,
        2 => (if i == 0 { first } else { last }) / (first + last),
        _ if i == 0 => first,
        _ if i == n - 1 => last,
        _ => (1.0 - first - last).max(0.0) / (n - 2) as f64,
    }
}
