//! The rule models: how one conversion is divided over its touches (field note §3.1).

use serde::{Deserialize, Serialize};
use throughline_base::Problem;
use throughline_base::time::DAY_MS;

/// A rule model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// All to the last touch that is not direct; to direct when all are.
    LastNonDirect,
    /// All to the last paid touch; without one, as [`Self::LastNonDirect`].
    LastPaid,
    /// Equal shares.
    Linear,
    /// Shares halve with every half-life before the conversion.
    TimeDecay,
    /// Fixed shares to the first and the last touch, the rest equally to those between (40-20-40).
    Position,
    /// One whole conversion to everything on the path. Not additive: never sum it.
    Any,
}

impl Model {
    /// All models, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::First,
        Self::Last,
        Self::LastNonDirect,
        Self::LastPaid,
        Self::Linear,
        Self::TimeDecay,
        Self::Position,
        Self::Any,
    ];

    /// How many models divide what they are given; they come first in [`Self::ALL`].
    pub const ADDITIVE: usize = 7;

    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::LastNonDirect => "last_non_direct",
            Self::LastPaid => "last_paid",
            Self::Linear => "linear",
            Self::TimeDecay => "time_decay",
            Self::Position => "position",
            Self::Any => "any",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == text)
    }

    /// Whether the credits of a report sum to its total.
    #[must_use]
    pub const fn is_additive(self) -> bool {
        !matches!(self, Self::Any)
    }
}

/// Shares of the first and the last touch; those between share the rest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionWeights {
    /// Share of the first touch, 0 to 1.
    pub first: f64,
    /// Share of the last touch, 0 to 1.
    pub last: f64,
}

impl Default for PositionWeights {
    fn default() -> Self {
        Self { first: 0.4, last: 0.4 }
    }
}

/// Settings of the models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// Half-life of [`Model::TimeDecay`] in days.
    pub half_life_days: f64,
    /// Shares of [`Model::Position`].
    pub position: PositionWeights,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self { half_life_days: 7.0, position: PositionWeights::default() }
    }
}

/// Parts of a million: settings become integers so that every machine divides alike.
const MILLION: u64 = 1_000_000;

/// Settings, checked and as integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weigher {
    half_life_ms: u64,
    first: u64,
    middle: u64,
    last: u64,
}

impl ModelSettings {
    /// Checks the settings.
    pub(super) fn weigher(self) -> Result<Weigher, Problem> {
        let ms = self.half_life_days * DAY_MS as f64;
        if !(1.0..=3_650.0 * DAY_MS as f64).contains(&ms) {
            let detail = format!("half_life_days is {}; choose more than 0 and at most 3650 days", self.half_life_days);
            return Err(Problem::invalid("credit_half_life", detail));
        }
        let PositionWeights { first, last } = self.position;
        let share = |s: f64| (0.0..=1.0).contains(&s);
        if !share(first) || !share(last) || first + last > 1.0 + 1e-9 {
            let detail = format!("position shares are {first} and {last}; each is 0 to 1 and both together at most 1");
            return Err(Problem::invalid("credit_position", detail));
        }
        let first = (first * MILLION as f64).round() as u64;
        let last = ((last * MILLION as f64).round() as u64).min(MILLION - first);
        Ok(Weigher { half_life_ms: ms.round() as u64, first, middle: MILLION - first - last, last })
    }
}

impl Weigher {
    /// Position weights of a path of `n` touches. Two touches share by first : last, one takes all.
    pub(super) fn position(&self, n: usize, weights: &mut Vec<u64>) {
        weights.clear();
        match n {
            0 => {}
            1 => weights.push(1),
            2 => weights.extend([self.first, self.last]),
            _ => {
                // Times (n - 2), so that the middle divides without rounding.
                let between = n as u64 - 2;
                weights.push(self.first * between);
                weights.extend(std::iter::repeat_n(self.middle, n - 2));
                weights.push(self.last * between);
            }
        }
    }

    /// Time-decay weights from the gaps to the conversion in milliseconds. The smallest gap is taken off first, so
    /// that old paths do not underflow.
    pub(super) fn time_decay(&self, gaps_ms: impl Iterator<Item = u64> + Clone, weights: &mut Vec<u64>) {
        weights.clear();
        let least = gaps_ms.clone().min().unwrap_or(0);
        weights.extend(gaps_ms.map(|gap| halved(gap - least, self.half_life_ms)));
    }
}

/// Weight of a touch with no more gap than the newest one.
const FULL: u64 = 1 << 52;

/// `2^52 · 2^(-gap / half_life)` by additions and multiplications alone: the system's `exp2` differs between machines
/// in the last bit, and reports must not.
fn halved(gap: u64, half_life: u64) -> u64 {
    let halvings = gap / half_life;
    if halvings >= 52 {
        return 0;
    }
    let x = -std::f64::consts::LN_2 * ((gap % half_life) as f64 / half_life as f64);
    // Taylor series of e^x; |x| < 0.7, so the 19th term is below 2^-60.
    let mut sum = 1.0;
    for k in (1..20_u32).rev() {
        sum = 1.0 + sum * x / f64::from(k);
    }
    ((sum * FULL as f64) as u64) >> halvings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_touch_loses_half_its_weight_with_every_half_life() {
        let week = 7 * DAY_MS as u64;
        assert_eq!(halved(0, week), FULL);
        assert_eq!(halved(week, week), FULL / 2);
        assert_eq!(halved(3 * week, week), FULL / 8);
        assert_eq!(halved(u64::MAX, week), 0);
        for gap in (0..week * 9).step_by(12_345_678) {
            let want = (-(gap as f64) / week as f64).exp2();
            assert!((halved(gap, week) as f64 / FULL as f64 - want).abs() < 1e-15, "{gap}");
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_with_a_reason() {
        let settings = |half_life_days, first, last| {
            ModelSettings { half_life_days, position: PositionWeights { first, last } }.weigher()
        };
        assert!(settings(7.0, 0.4, 0.4).is_ok());
        assert!(settings(7.0, 1.0, 0.0).is_ok());
        for bad in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            assert_eq!(settings(bad, 0.4, 0.4).unwrap_err().code, "credit_half_life");
        }
        for (first, last) in [(0.6, 0.6), (-0.1, 0.4), (f64::NAN, 0.1), (0.4, 1.1)] {
            assert_eq!(settings(7.0, first, last).unwrap_err().code, "credit_position");
        }
    }

    #[test]
    fn model_names_read_back() {
        for model in Model::ALL {
            assert_eq!(Model::parse(model.as_str()), Some(model));
            assert_eq!(serde_json::to_string(&model).unwrap(), format!("\"{}\"", model.as_str()));
        }
        assert_eq!(Model::ALL.iter().filter(|m| m.is_additive()).count(), Model::ADDITIVE);
    }
}
