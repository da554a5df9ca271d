//! The rows of a report.

use std::collections::HashMap;

use serde::Serialize;

use super::{Cost, Level, ReportQuery, narrow, per_head, ratio};
use crate::credit::accumulate::{Accumulator, CONVERSION_UNITS, Cell, Credit, Presence};
use crate::credit::model::Model;
use crate::touch::{Catalog, channel_info, channel_key};

/// A channel's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelLabel {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The channel's key; with campaign and touchpoint joined by `/` at those levels.
    pub key: String,
    /// The channel's key.
    pub channel: String,
    /// Its names; a channel of one's own is shown by its key.
    pub channel_label: ChannelLabel,
    /// The campaign, at that level and below; empty for touches without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The touchpoint, at that level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub touchpoint: Option<String>,
    /// The channel is an online one.
    pub online: bool,
    /// The channel is advertising.
    pub paid: bool,
    /// Touches made in the period.
    pub touches: u64,
    /// Conversions credited, in fractions.
    pub conversions: f64,
    /// Revenue credited, net of refunds, in minor units.
    pub revenue_minor: i64,
    /// New customers credited, in fractions.
    pub new_customers: f64,
    /// Spend; `None` when none is known. Spend is known by channel and campaign, never by touchpoint.
    pub cost_minor: Option<i64>,
    /// Spend for each new customer credited.
    pub cac_minor: Option<i64>,
    /// Revenue credited for each unit of spend.
    pub roas: Option<f64>,
    /// Conversions with this on the path, but not last.
    pub assisted_conversions: u64,
    /// Conversions with this on the path.
    pub any_conversions: u64,
    /// Conversions that began with it.
    pub first_conversions: u64,
    /// Conversions that ended with it.
    pub last_conversions: u64,
}

/// All models side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What a row stands for.
    pub by: Level,
    /// The rows, in the order of the linear model's revenue.
    pub rows: Vec<Compared>,
    /// Revenue that no model can give to anyone, in minor units.
    pub unattributed_minor: i64,
    /// Conversions without touch.
    pub unattributed_conversions: u64,
}

/// One key under all models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// As in [`Row::key`].
    pub key: String,
    /// The channel's key.
    pub channel: String,
    /// Its names.
    pub channel_label: ChannelLabel,
    /// By model, in the order of [`Model::ALL`].
    pub models: Vec<ModelCredit>,
}

/// What one model gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ModelCredit {
    /// The model.
    pub model: Model,
    /// Conversions credited.
    pub conversions: f64,
    /// Revenue credited, in minor units.
    pub revenue_minor: i64,
}

/// The sums of one key.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    cell: Cell,
    presence: Presence,
}

impl Sums {
    fn credit(&self, model: Model) -> Credit {
        if model.is_additive() {
            return self.cell.credit[model as usize];
        }
        let units = |n: u64| i128::from(n) * i128::from(CONVERSION_UNITS);
        Credit {
            value_minor: self.presence.value_minor,
            conversion_units: units(self.presence.conversions),
            new_customer_units: units(self.presence.new_customers),
        }
    }

    fn is_empty(&self) -> bool {
        self.cell == Cell::default() && self.presence == Presence::default()
    }
}

/// A row's place: key numbers resolved to text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    channel: String,
    campaign: Option<String>,
    touchpoint: Option<String>,
}

impl Place {
    fn key(&self) -> String {
        let parts = [Some(self.channel.as_str()), self.campaign.as_deref(), self.touchpoint.as_deref()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        parts.join("/")
    }

    fn label(&self) -> ChannelLabel {
        let own = || ChannelLabel { zh: self.channel.clone(), en: self.channel.clone() };
        channel_info(&self.channel).map_or_else(own, |c| ChannelLabel { zh: c.zh.into(), en: c.en.into() })
    }
}

pub(super) fn rows(sums: &Accumulator, catalog: &Catalog, costs: &[Cost], query: &ReportQuery) -> Vec<Row> {
    let mut spent = spent(costs, query.by);
    let mut rows: Vec<Row> = by_level(sums, catalog, query.by)
        .into_iter()
        .map(|(place, key)| {
            let cost = spent.remove(&place);
            row(&place, &key, cost, query.model)
        })
        .collect();
    // Spend that met nobody is a row too: money without touches is what its reader looks for.
    rows.extend(spent.into_iter().map(|(place, cost)| row(&place, &Sums::default(), Some(cost), query.model)));
    rows.sort_by(|a, b| {
        (b.revenue_minor.cmp(&a.revenue_minor))
            .then(b.conversions.total_cmp(&a.conversions))
            .then(b.cost_minor.cmp(&a.cost_minor))
            .then(a.key.cmp(&b.key))
    });
    rows
}

/// All models side by side, at one level.
#[must_use]
pub fn compare(sums: &Accumulator, catalog: &Catalog, by: Level) -> Comparison {
    let mut list = by_level(sums, catalog, by);
    list.sort_by(|a, b| {
        let linear = |s: &Sums| s.credit(Model::Linear).value_minor;
        linear(&b.1).cmp(&linear(&a.1)).then_with(|| a.0.key().cmp(&b.0.key()))
    });
    let rows = list.into_iter().map(|(place, key)| Compared {
        key: place.key(),
        channel_label: place.label(),
        channel: place.channel,
        models: Model::ALL
            .into_iter()
            .map(|model| {
                let credit = key.credit(model);
                ModelCredit {
                    model,
                    conversions: conversions(credit.conversion_units),
                    revenue_minor: narrow(credit.value_minor),
                }
            })
            .collect(),
    });
    Comparison {
        by,
        rows: rows.collect(),
        unattributed_minor: narrow(sums.totals.unattributed_minor),
        unattributed_conversions: sums.totals.unattributed_conversions,
    }
}

fn by_level(sums: &Accumulator, catalog: &Catalog, by: Level) -> Vec<(Place, Sums)> {
    let presence = &sums.presence[by as usize];
    let mut list: Vec<Sums> = presence.iter().map(|p| Sums { cell: Cell::default(), presence: *p }).collect();
    for (cell, fact) in sums.cells.iter().zip(catalog.facts()) {
        let key = match by {
            Level::Channel => fact.channel,
            Level::Campaign => fact.campaign,
            Level::Touchpoint => fact.touchpoint,
        };
        let Some(sum) = list.get_mut(key as usize) else { continue };
        sum.cell.touches += cell.touches;
        for (mine, theirs) in sum.cell.credit.iter_mut().zip(&cell.credit) {
            mine.add(*theirs);
        }
    }
    let filled = list.into_iter().enumerate().filter(|(_, s)| !s.is_empty());
    filled.map(|(i, s)| (place(catalog, by, i), s)).collect()
}

fn place(catalog: &Catalog, by: Level, number: usize) -> Place {
    let campaign_of = |n: usize| {
        let (channel, campaign) = &catalog.campaigns()[n];
        (catalog.channels()[*channel as usize].clone(), campaign.clone())
    };
    match by {
        Level::Channel => Place { channel: catalog.channels()[number].clone(), campaign: None, touchpoint: None },
        Level::Campaign => {
            let (channel, campaign) = campaign_of(number);
            Place { channel, campaign: Some(campaign), touchpoint: None }
        }
        Level::Touchpoint => {
            let (campaign, touchpoint) = &catalog.touchpoints()[number];
            let (channel, campaign) = campaign_of(*campaign as usize);
            Place { channel, campaign: Some(campaign), touchpoint: Some(touchpoint.clone()) }
        }
    }
}

fn spent(costs: &[Cost], by: Level) -> HashMap<Place, i64> {
    let mut spent: HashMap<Place, i64> = HashMap::new();
    for cost in costs {
        let channel = channel_key(&cost.channel).unwrap_or_else(|| cost.channel.trim().to_lowercase());
        let campaign = match by {
            Level::Channel => None,
            Level::Campaign => Some(cost.campaign.trim().to_lowercase()),
            Level::Touchpoint => continue,
        };
        let sum = spent.entry(Place { channel, campaign, touchpoint: None }).or_default();
        *sum = sum.saturating_add(cost.cost_minor);
    }
    spent
}

fn row(place: &Place, sums: &Sums, cost_minor: Option<i64>, model: Model) -> Row {
    let credit = sums.credit(model);
    let revenue_minor = narrow(credit.value_minor);
    let new_customers = conversions(credit.new_customer_units);
    let info = channel_info(&place.channel);
    let whole = |model: Model| (sums.credit(model).conversion_units / i128::from(CONVERSION_UNITS)) as u64;
    Row {
        key: place.key(),
        channel: place.channel.clone(),
        channel_label: place.label(),
        campaign: place.campaign.clone(),
        touchpoint: place.touchpoint.clone(),
        online: info.is_none_or(|c| c.online),
        paid: info.is_some_and(|c| c.paid),
        touches: sums.cell.touches,
        conversions: conversions(credit.conversion_units),
        revenue_minor,
        new_customers,
        cost_minor,
        cac_minor: cost_minor.and_then(|c| per_head(c, new_customers)),
        roas: cost_minor.and_then(|c| ratio(revenue_minor, c)),
        assisted_conversions: sums.presence.assisted,
        any_conversions: sums.presence.conversions,
        first_conversions: whole(Model::First),
        last_conversions: whole(Model::Last),
    }
}

fn conversions(units: i128) -> f64 {
    units as f64 / CONVERSION_UNITS as f64
}
