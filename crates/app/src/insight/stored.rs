//! What is kept of a version: the model itself, how it did, how scoring with it went. All of it is the stored JSON.

use serde::{Deserialize, Serialize};
use throughline_base::{Problem, Timestamp};
use throughline_domain::insight::clv::value::Horizon;
use throughline_domain::insight::clv::{Holdout, Lifetime, LifetimeFit, SpendFit, SpendModel};
use throughline_domain::insight::next_category::{self, HitRates};
use throughline_domain::insight::propensity::model::Drift;
use throughline_domain::insight::propensity::{self, Quality, drift};

use crate::Result;

/// A model, ready to score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Parameters {
    /// Chance to buy or to lapse.
    Chance(Box<propensity::Model>),
    /// Value to come.
    Value { lifetime: Lifetime, spend: SpendModel, horizon: Horizon },
    /// The next category.
    Category(Box<next_category::Model>),
}

/// What a version was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Key of the conversion that counts as a purchase.
    pub conversion: String,
    /// Currency of the values.
    pub currency: String,
    /// People of the history.
    pub people: u64,
    /// Those of them with a purchase.
    pub buyers: u64,
    /// Part of the people the model learned from.
    pub sampled: f64,
    /// Events read.
    pub events: u64,
    /// Days from the first purchase to the training.
    pub history_days: i64,
    /// Where learning and judging were cut, the latest first.
    pub cut_offs: Vec<Timestamp>,
    /// Purchases in other currencies, which are left out.
    pub other_currency: u64,
}

/// How chances to buy or to lapse did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChanceMetrics {
    /// At the latest cut-off, with the days after it.
    pub quality: Quality,
    /// AUC there of days since the last order alone.
    pub recency_auc: f64,
    /// AUC there of the orders of a year alone.
    pub own_rate_auc: f64,
    /// Features left out because they tell the answer nearly alone.
    pub refused_features: Vec<String>,
    /// Strength with which small effects are drawn to zero.
    pub ridge: f64,
    /// People, at a cut-off each, the model was fitted on.
    pub fitted_on: u64,
    /// People it was calibrated on.
    pub calibrated_on: u64,
}

/// How value to come did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueMetrics {
    /// The model of how often, on the whole history.
    pub lifetime: LifetimeFit,
    /// The model of how much, on the whole history.
    pub spend: SpendFit,
    /// The same kind of models fitted up to a cut-off, against purchase days after it.
    pub purchases: Holdout,
    /// And against the money after it.
    pub value: Holdout,
}

/// Why no model could be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// For programs.
    pub code: String,
    /// For people.
    pub detail: String,
}

/// How a version did, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionMetrics {
    /// Chance to buy or to lapse.
    Chance(ChanceMetrics),
    /// Value to come.
    Value(Box<ValueMetrics>),
    /// The next category, beside the best-sellers.
    Category(HitRates),
    /// It was tried.
    Refused(Refusal),
}

/// Whether the people scored are still like those the model was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// They are.
    None,
    /// Worth a look (index of .1 and more).
    Warn,
    /// Not to be relied upon (.25 and more).
    Stop,
}

/// How scoring went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scoring {
    /// People scored.
    pub people: u64,
    /// Those whose score is another than before.
    pub changed: u64,
    /// Population stability indexes; absent for what has no chances.
    pub drift: Option<Drift>,
    /// By the index of the scores.
    pub alarm: Alarm,
}

impl Alarm {
    /// The alarm of a stability index.
    #[must_use]
    pub fn of(index: f64) -> Self {
        if index >= drift::STOP {
            Self::Stop
        } else if index >= drift::WARN {
            Self::Warn
        } else {
            Self::None
        }
    }
}

pub(super) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data becomes JSON")
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(json: &str, what: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|e| Problem::internal("prediction_stored", format!("the stored {what} cannot be read")).caused_by(e))
}
