//! The report: one pass over the history, all models, one of them in rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use jiff::tz::TimeZone;
use throughline_base::{Problem, Timestamp};
use throughline_domain::credit::Model;
use throughline_domain::credit::model::ModelSettings;
use throughline_domain::credit::paths::PathOptions;
use throughline_domain::credit::report::{self as domain, Cost, Level, ReportQuery, Row};
use throughline_domain::touch::{channel_info, channel_key};
use throughline_store::credit::{self as rows, SpendRow};

use super::conversion::Conversion;
use super::recent::Key;
use super::scan::Pass;
use crate::{App, Result};

/// The models of reports, in their order.
pub const MODELS: [Model; 6] =
    [Model::First, Model::Last, Model::LastNonDirect, Model::Linear, Model::TimeDecay, Model::Position];

/// Top paths shown.
const TOP_PATHS: usize = 50;

/// What a report is asked.
#[derive(Debug, Clone)]
pub struct CreditQuery {
    /// Key or id of the conversion; the default one when absent.
    pub conversion: Option<String>,
    /// The model of the rows.
    pub model: Model,
    /// What a row stands for.
    pub by: Level,
    /// First instant of the period; the beginning of the history when absent.
    pub from: Option<Timestamp>,
    /// First instant after the period; now when absent.
    pub to: Option<Timestamp>,
    /// How long before a conversion a touch may lie.
    pub lookback_days: u32,
    /// Half-life of the time-decay model.
    pub half_life_days: f64,
    /// Only rows of this channel.
    pub channel: Option<String>,
    /// Language of labels: `zh…` for Chinese, English otherwise.
    pub locale: String,
}

impl Default for CreditQuery {
    fn default() -> Self {
        Self {
            conversion: None,
            model: Model::Linear,
            by: Level::Channel,
            from: None,
            to: None,
            lookback_days: 30,
            half_life_days: 7.0,
            channel: None,
            locale: "en".into(),
        }
    }
}

impl CreditQuery {
    pub(super) fn options(&self, conversion: &Conversion) -> PathOptions {
        PathOptions {
            from_ms: self.from.map_or(i64::MIN, Timestamp::ms),
            to_ms: self.to.map_or(i64::MAX, Timestamp::ms),
            count: conversion.definition.count,
            lookback_days: Some(self.lookback_days),
            models: ModelSettings { half_life_days: self.half_life_days, ..ModelSettings::default() },
            ..PathOptions::default()
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditRow {
    /// As the models count it.
    pub row: Row,
    /// Name for people, in the language asked for.
    pub label: String,
    /// Impressions of its spend.
    pub impressions: i64,
    /// Clicks of its spend.
    pub clicks: i64,
    /// Share of the total revenue; of the conversions when there is no revenue.
    pub share: f64,
}

/// The report.
#[derive(Debug, Clone)]
pub struct CreditReport {
    /// The conversion.
    pub conversion: Conversion,
    /// First instant; the epoch when the whole history was asked for.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
    /// When it was made.
    pub as_of: Timestamp,
    /// How often identity had changed by then: reports of different versions may place events with different people.
    pub identity_version: i64,
    /// The rows, most revenue first.
    pub rows: Vec<CreditRow>,
    /// What no touch earned.
    pub unattributed: domain::Unattributed,
    /// Its share of the revenue; of the conversions when there is no revenue.
    pub unattributed_share: f64,
    /// Conversions in the period.
    pub conversions: u64,
    /// Net revenue in the period.
    pub revenue_minor: i64,
    /// People who converted.
    pub buyers: u64,
    /// Revenue by model and key.
    pub all_models: BTreeMap<&'static str, BTreeMap<String, i64>>,
    /// How long it took.
    pub elapsed_ms: f64,
    /// Events read.
    pub events_scanned: u64,
    /// What a reader must know: left-out currencies, refunds of unknown orders and the like.
    pub notes: Vec<String>,
}

/// Path lengths, time lags, top paths and crossings.
#[derive(Debug, Clone)]
pub struct CreditPaths {
    /// The shape of the paths.
    pub shape: domain::PathShape,
}

impl App {
    /// The report of one model over the history as it is now.
    ///
    /// # Errors
    /// When the conversion is unknown, an option is out of range, or the history cannot be read.
    pub fn credit_report(&self, query: &CreditQuery) -> Result<CreditReport> {
        let started = Instant::now();
        if !MODELS.contains(&query.model) {
            let known: Vec<&str> = MODELS.iter().map(|m| m.as_str()).collect();
            return Err(Problem::invalid("credit_model", format!("model is one of {}", known.join(", "))));
        }
        let conversion = self.conversion(query.conversion.as_deref())?;
        let (pass, identity_version) = self.credit_sums(&conversion, &query.options(&conversion))?;
        let period = pass.periods.first().ok_or_else(no_period)?;
        let catalog = &pass.touches.catalog;
        let spend = self.spend_of(query, &conversion)?;
        let asked = ReportQuery { model: query.model, by: query.by, top_paths: 0 };
        let report = domain::report(&period.sums, catalog, &spend.costs, &asked);
        let mut all_models: BTreeMap<&'static str, BTreeMap<String, i64>> = BTreeMap::new();
        for compared in domain::compare(&period.sums, catalog, query.by).rows {
            for credit in compared.models.iter().filter(|c| MODELS.contains(&c.model)) {
                all_models.entry(credit.model.as_str()).or_default().insert(compared.key.clone(), credit.revenue_minor);
            }
        }
        let totals = report.totals;
        let share = |revenue: i64, conversions: f64| {
            if totals.revenue_minor > 0 {
                revenue as f64 / totals.revenue_minor as f64
            } else if totals.conversions > 0 {
                conversions / totals.conversions as f64
            } else {
                0.0
            }
        };
        let wanted = query.channel.as_deref().filter(|c| !c.is_empty());
        let credit_rows = report.rows.into_iter().filter(|r| wanted.is_none_or(|c| r.channel == c)).map(|row| {
            let (impressions, clicks) = spend.seen.get(&row.key).copied().unwrap_or_default();
            let share = share(row.revenue_minor, row.conversions);
            CreditRow { label: label(&row, &query.locale), row, impressions, clicks, share }
        });
        let now = self.now();
        Ok(CreditReport {
            from: query.from.unwrap_or(Timestamp::from_ms(0)),
            to: query.to.unwrap_or(now),
            as_of: now,
            identity_version,
            rows: credit_rows.collect(),
            unattributed_share: share(report.unattributed.revenue_minor, report.unattributed.conversions as f64),
            unattributed: report.unattributed,
            conversions: totals.conversions,
            revenue_minor: totals.revenue_minor,
            buyers: period.buyers,
            all_models,
            elapsed_ms: started.elapsed().as_secs_f64() * 1_000.0,
            events_scanned: pass.events,
            notes: notes(&pass, &totals, &spend, &conversion),
            conversion,
        })
    }

    /// How long paths are, how long they take, which are frequent, who crosses over.
    ///
    /// # Errors
    /// As [`App::credit_report`].
    pub fn credit_paths(&self, query: &CreditQuery) -> Result<CreditPaths> {
        let conversion = self.conversion(query.conversion.as_deref())?;
        let (pass, _) = self.credit_sums(&conversion, &query.options(&conversion))?;
        let period = pass.periods.first().ok_or_else(no_period)?;
        Ok(CreditPaths { shape: domain::shape(&period.sums, &pass.touches.catalog, TOP_PATHS) })
    }

    /// The sums of a period: those kept when nothing has changed, else from a pass over the history. Also how often
    /// identity has changed.
    pub(super) fn credit_sums(&self, conversion: &Conversion, options: &PathOptions) -> Result<(Arc<Pass>, i64)> {
        let (key, changes) = self.credit_key(conversion, options)?;
        let recent = self.touch_names()?.recent.clone();
        if let Some(pass) = recent.pass(&key) {
            return Ok((pass, changes));
        }
        let _turn = recent.turn();
        if let Some(pass) = recent.pass(&key) {
            return Ok((pass, changes));
        }
        let pass = Arc::new(self.credit_pass(&conversion.definition, std::slice::from_ref(options))?);
        recent.pass_keep(key, pass.clone());
        Ok((pass, changes))
    }

    /// What a result depends on, read before the history is: what comes in between only makes a result newer than it
    /// says, and the next one looks again.
    pub(super) fn credit_key(&self, conversion: &Conversion, options: &PathOptions) -> Result<(Key, i64)> {
        let rules = self.touch_names()?.version;
        let history = self.db.read(rows::history_mark)?;
        let definition = serde_json::to_string(&conversion.definition).unwrap_or_default();
        let asked = serde_json::to_string(options).unwrap_or_default();
        let key = Key { conversion: conversion.id, asked: format!("{definition}{asked}"), history, rules };
        Ok((key, history.changes.0))
    }

    fn spend_of(&self, query: &CreditQuery, conversion: &Conversion) -> Result<Spend> {
        let zone = TimeZone::get(&self.settings.time_zone).unwrap_or(TimeZone::UTC);
        let from = query.from.map_or(i64::MIN, |t| local_day(t, &zone));
        let to = query.to.map_or(i64::MAX, |t| local_day(t.plus_ms(-1), &zone));
        let sums = self.db.read(|tx| rows::spend_sums(tx, from, to))?;
        Ok(Spend::of(sums, conversion.definition.currency.as_str(), query.by))
    }
}

fn no_period() -> Problem {
    Problem::internal("credit", "a pass came back without its period")
}

impl App {
    /// Reads an end of a period: an instant, or a date in the zone of reports. A date that ends the period is its last
    /// day.
    ///
    /// # Errors
    /// When it is neither.
    pub fn credit_instant(&self, text: Option<&str>, field: &str, ends: bool) -> Result<Option<Timestamp>> {
        let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
        let wrong = || {
            let detail =
                format!("{field}: `{text}` is no instant; expected one such as 2026-11-21 or 2026-11-21T08:00:00Z");
            Problem::invalid("credit_period", detail)
        };
        let Ok(date) = text.parse::<jiff::civil::Date>().map(|d| if ends { d.tomorrow() } else { Ok(d) }) else {
            return Timestamp::parse(text).map(Some).ok_or_else(wrong);
        };
        if text.len() > "2026-11-21".len() {
            return Timestamp::parse(text).map(Some).ok_or_else(wrong);
        }
        let zone = TimeZone::get(&self.settings.time_zone).unwrap_or(TimeZone::UTC);
        let start = date.and_then(|d| d.to_zoned(zone)).map_err(|_| wrong())?;
        Ok(Some(Timestamp::from_ms(start.timestamp().as_millisecond())))
    }
}

/// Days since 1970 of the local date.
fn local_day(at: Timestamp, zone: &TimeZone) -> i64 {
    let Ok(instant) = jiff::Timestamp::from_millisecond(at.ms()) else { return at.day() };
    let civil = instant.to_zoned(zone.clone()).date().at(0, 0, 0, 0);
    civil.to_zoned(TimeZone::UTC).map_or(at.day(), |z| Timestamp::from_ms(z.timestamp().as_millisecond()).day())
}

/// Spend of the period, as far as its currency is the report's.
#[derive(Debug, Default)]
struct Spend {
    costs: Vec<Cost>,
    /// Impressions and clicks by key of the row.
    seen: HashMap<String, (i64, i64)>,
    /// Currencies left out.
    other_currencies: Vec<String>,
}

impl Spend {
    fn of(sums: Vec<SpendRow>, currency: &str, by: Level) -> Self {
        let mut spend = Self::default();
        for s in sums {
            // Clicks and impressions have no currency.
            let channel = channel_key(&s.channel).unwrap_or_else(|| s.channel.trim().to_lowercase());
            let key = match by {
                Level::Channel => Some(channel),
                Level::Campaign => Some(format!("{channel}/{}", s.campaign.trim().to_lowercase())),
                Level::Touchpoint => None,
            };
            if let Some(key) = key {
                let seen = spend.seen.entry(key).or_default();
                *seen = (seen.0.saturating_add(s.impressions), seen.1.saturating_add(s.clicks));
            }
            if s.currency == currency {
                spend.costs.push(Cost { channel: s.channel, campaign: s.campaign, cost_minor: s.cost_minor });
            } else if !spend.other_currencies.contains(&s.currency) {
                spend.other_currencies.push(s.currency);
            }
        }
        spend
    }
}

/// The row's name for people.
fn label(row: &Row, locale: &str) -> String {
    let chinese = is_chinese(locale);
    let text = |part: &Option<String>, zh: &str, en: &str| match part.as_deref() {
        None => None,
        Some("") => Some(if chinese { zh.to_owned() } else { en.to_owned() }),
        Some(text) => Some(text.to_owned()),
    };
    let channel = if chinese { row.channel_label.zh.clone() } else { row.channel_label.en.clone() };
    let campaign = text(&row.campaign, "无活动", "no campaign");
    let touchpoint = text(&row.touchpoint, "无触点", "no touchpoint");
    [Some(channel), campaign, touchpoint].into_iter().flatten().collect::<Vec<_>>().join(" / ")
}

/// A channel's name in a language.
pub(crate) fn channel_label(key: &str, locale: &str) -> String {
    channel_info(key).map_or(key, |c| if is_chinese(locale) { c.zh } else { c.en }).to_owned()
}

fn is_chinese(locale: &str) -> bool {
    locale.to_lowercase().starts_with("zh")
}

fn notes(pass: &Pass, totals: &domain::ReportTotals, spend: &Spend, conversion: &Conversion) -> Vec<String> {
    let currency = conversion.definition.currency;
    let mut notes = Vec::new();
    let mut note = |n: u64, text: String| {
        if n > 0 {
            notes.push(text);
        }
    };
    let n = pass.other_currency;
    note(n, format!("{n} conversions in other currencies than {currency} are left out"));
    let others = spend.other_currencies.join(", ");
    note(spend.other_currencies.len() as u64, format!("spend in {others} is left out: the report is in {currency}"));
    let n = totals.refunds_unknown;
    note(n, format!("{n} refunds of orders nobody knows are taken off the unattributed revenue"));
    let n = totals.shortened;
    note(n, format!("{n} conversions had more than 100 touches; the newest 100 count"));
    notes
}
