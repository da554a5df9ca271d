//! From sums and ad spend to the rows that people read.
//!
//! Everything additive is an exact integer until the last step; what is a fraction by nature (a third of a conversion,
//! a return on spend) becomes a float here and nowhere earlier.

mod rows;
mod shape;
#[cfg(test)]
mod tests;

pub use rows::{ChannelLabel, Compared, Comparison, ModelCredit, Row, compare};
pub use shape::{Crossing, LagRow, LengthRow, PathShape, TopPath, shape};

use serde::{Deserialize, Serialize};

use super::accumulate::Accumulator;
use super::model::Model;
use crate::touch::Catalog;

/// What a row stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A channel.
    #[default]
    Channel,
    /// A campaign of a channel.
    Campaign,
    /// A touchpoint of a campaign of a channel.
    Touchpoint,
}

impl Level {
    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "channel" => Some(Self::Channel),
            "campaign" => Some(Self::Campaign),
            "touchpoint" => Some(Self::Touchpoint),
            _ => None,
        }
    }
}

/// What was spent in the report's period and currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The channel, as a key or as somebody wrote it (see [`crate::touch::channel_key`]).
    pub channel: String,
    /// The campaign; empty for spend of the channel as a whole.
    #[serde(default)]
    pub campaign: String,
    /// Minor units.
    pub cost_minor: i64,
}

/// What a report is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportQuery {
    /// The model.
    pub model: Model,
    /// What a row stands for.
    pub by: Level,
    /// Most top paths.
    pub top_paths: usize,
}

impl Default for ReportQuery {
    fn default() -> Self {
        Self { model: Model::LastNonDirect, by: Level::Channel, top_paths: 50 }
    }
}

/// The report of one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreditReport {
    /// The model.
    pub model: Model,
    /// What a row stands for.
    pub by: Level,
    /// Whether rows and unattributed sum to the total. `any` counts a conversion once for each key on its path.
    pub additive: bool,
    /// The rows, most revenue first.
    pub rows: Vec<Row>,
    /// What no touch earned.
    pub unattributed: Unattributed,
    /// The sums of the period.
    pub totals: ReportTotals,
    /// Path lengths, time lags, top paths, crossings.
    pub paths: PathShape,
}

/// Conversions without any eligible touch, and refunds of unknown orders.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Unattributed {
    /// Conversions.
    pub conversions: u64,
    /// Their revenue in minor units.
    pub revenue_minor: i64,
    /// New customers among them.
    pub new_customers: u64,
    /// Share of the total revenue; `None` when that is not positive.
    pub revenue_share: Option<f64>,
}

/// Sums of the period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReportTotals {
    /// Conversions.
    pub conversions: u64,
    /// Net revenue in minor units.
    pub revenue_minor: i64,
    /// Before refunds.
    pub gross_minor: i64,
    /// Refunds, as a positive number.
    pub refunds_minor: i64,
    /// People whose first conversion it was.
    pub new_customers: u64,
    /// All spend; `None` when none is known.
    pub cost_minor: Option<i64>,
    /// Spend for each new customer, all channels together.
    pub cac_minor: Option<i64>,
    /// Revenue for each unit of spend, all channels together.
    pub roas: Option<f64>,
    /// Touches made.
    pub touches: u64,
    /// Sessions begun.
    pub sessions: u64,
    /// People seen, converted or not.
    pub people: u64,
    /// Events read.
    pub events: u64,
    /// Conversions whose path was cut to the newest 100 touches.
    pub shortened: u64,
    /// Conversions whose window reaches before the stored history.
    pub left_truncated: u64,
    /// Repeated reports of an order, and repeats recognised without order id.
    pub duplicates: u64,
    /// Refunds of orders nobody knows.
    pub refunds_unknown: u64,
    /// Refunds of other orders, or beyond what an order was worth.
    pub refunds_ignored: u64,
}

/// The report of one model.
#[must_use]
pub fn report(sums: &Accumulator, catalog: &Catalog, costs: &[Cost], query: &ReportQuery) -> CreditReport {
    let t = &sums.totals;
    let revenue_minor = narrow(t.value_minor);
    let cost_minor = (!costs.is_empty()).then(|| narrow(costs.iter().map(|c| i128::from(c.cost_minor)).sum()));
    CreditReport {
        model: query.model,
        by: query.by,
        additive: query.model.is_additive(),
        rows: rows::rows(sums, catalog, costs, query),
        unattributed: Unattributed {
            conversions: t.unattributed_conversions,
            revenue_minor: narrow(t.unattributed_minor),
            new_customers: t.unattributed_new_customers,
            revenue_share: ratio(narrow(t.unattributed_minor), revenue_minor),
        },
        totals: ReportTotals {
            conversions: t.conversions,
            revenue_minor,
            gross_minor: narrow(t.gross_minor),
            refunds_minor: narrow(t.refunds_minor),
            new_customers: t.new_customers,
            cost_minor,
            cac_minor: cost_minor.and_then(|c| per_head(c, t.new_customers as f64)),
            roas: cost_minor.and_then(|c| ratio(revenue_minor, c)),
            touches: t.touches,
            sessions: t.sessions,
            people: t.people,
            events: t.events,
            shortened: t.shortened,
            left_truncated: t.left_truncated,
            duplicates: t.duplicates + t.soft_duplicates,
            refunds_unknown: t.refunds_unknown,
            refunds_ignored: t.refunds_ignored,
        },
        paths: shape(sums, catalog, query.top_paths),
    }
}

/// Sums are kept wide so that they cannot overflow on the way; the end fits for any currency in use.
fn narrow(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

/// `part / whole`; `None` unless `whole` is positive.
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// `cost / heads`, rounded to the minor unit; `None` without heads.
fn per_head(cost: i64, heads: f64) -> Option<i64> {
    (heads > 0.0).then(|| (cost as f64 / heads).round() as i64)
}
