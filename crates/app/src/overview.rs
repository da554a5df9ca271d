//! The figures of the first page.

use std::sync::Arc;
use std::time::Duration;

use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;
use throughline_domain::credit::paths::PathOptions;
use throughline_domain::credit::report::{ReportQuery, report};

use crate::credit::{Conversion, Level, Model, Pass, Period, channel_label};
use crate::source::SourceView;
use crate::{App, Result};

/// Figures of a period.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Net revenue.
    pub revenue_minor: i64,
    /// Orders.
    pub orders: i64,
    /// People who ordered.
    pub buyers: i64,
    /// People first seen.
    pub new_people: i64,
}

/// The first page.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// This period.
    pub now: Figures,
    /// The period before.
    pub before: Figures,
    /// Currency.
    pub currency: String,
    /// Merges in the period.
    pub merged_people: i64,
    /// `(day, events, quarantined)`.
    pub days: Vec<(String, i64, i64)>,
    /// Sources, most events first.
    pub touchpoints: Vec<SourceView>,
    /// `(key, label, revenue, conversions)`.
    pub top_channels: Vec<(String, String, i64, f64)>,
    /// `(code, count, link)`.
    pub attention: Vec<(&'static str, i64, &'static str)>,
}

/// So long the figures of one question are kept: the console asks often, also while the demo loads.
const KEEP: Duration = Duration::from_secs(5);
/// Channels shown.
const TOP_CHANNELS: usize = 8;

impl App {
    /// The figures of the last `days` days, today included.
    ///
    /// # Errors
    /// When store or history cannot be read.
    pub fn overview(&self, days: u32, locale: &str) -> Result<Overview> {
        let now = self.now();
        let since = now.day() - i64::from(days) + 1;
        let (counts, merges) = self.db.read(|tx| {
            let from = Timestamp::from_ms(since * DAY_MS);
            Ok((throughline_store::event::days_since(tx, since)?, throughline_store::identity::merges_since(tx, from)?))
        })?;
        let mut touchpoints = self.sources()?;
        touchpoints.sort_by_key(|s| std::cmp::Reverse(s.counts.events));
        let by_day = (since..=now.day()).map(|day| {
            let of_day = counts.iter().filter(|c| c.day == day);
            let (events, waiting) = of_day.fold((0, 0), |(e, q), c| (e + c.events, q + c.quarantined));
            let label = Timestamp::from_ms(day * DAY_MS).to_string();
            (label.split('T').next().unwrap_or_default().to_owned(), events, waiting)
        });
        let mut overview = Overview {
            currency: self.settings.currency.to_string(),
            merged_people: merges,
            days: by_day.collect(),
            attention: self.attention(&touchpoints, now)?,
            touchpoints,
            ..Overview::default()
        };
        self.figures(&mut overview, since, days, locale)?;
        Ok(overview)
    }

    /// Revenue, orders and people of this period and the one before, from the default conversion.
    fn figures(&self, overview: &mut Overview, since: i64, days: u32, locale: &str) -> Result<()> {
        let conversion = self.conversion(None)?;
        overview.currency = conversion.definition.currency.to_string();
        let pass = self.overview_pass(&conversion, since, days)?;
        let [now, before] = &pass.periods[..] else { return Ok(()) };
        overview.now = figures_of(now);
        overview.before = figures_of(before);
        let query = ReportQuery { model: Model::Linear, by: Level::Channel, top_paths: 0 };
        let rows = report(&now.sums, &pass.touches.catalog, &[], &query).rows.into_iter();
        let earning = rows.filter(|r| r.revenue_minor > 0 || r.conversions > 0.0).take(TOP_CHANNELS);
        overview.top_channels =
            earning.map(|r| (r.key.clone(), channel_label(&r.key, locale), r.revenue_minor, r.conversions)).collect();
        Ok(())
    }

    fn overview_pass(&self, conversion: &Conversion, since: i64, days: u32) -> Result<Arc<Pass>> {
        let recent = self.touch_names()?.recent.clone();
        let asked = format!("{since} {days} {} {:?}", conversion.id, conversion.definition);
        if let Some(pass) = recent.overview(&asked, KEEP) {
            return Ok(pass);
        }
        let _turn = recent.turn();
        if let Some(pass) = recent.overview(&asked, KEEP) {
            return Ok(pass);
        }
        let from = since * DAY_MS;
        let period = |from_ms: i64, to_ms: i64| PathOptions {
            from_ms,
            to_ms,
            count: conversion.definition.count,
            lookback_days: Some(30),
            ..PathOptions::default()
        };
        let periods = [period(from, i64::MAX), period(from - i64::from(days) * DAY_MS, from)];
        let pass = Arc::new(self.credit_pass(&conversion.definition, &periods)?);
        recent.overview_keep(asked, pass.clone());
        Ok(pass)
    }

    /// What waits for a person, each with the page where it is settled.
    fn attention(&self, sources: &[SourceView], now: Timestamp) -> Result<Vec<(&'static str, i64, &'static str)>> {
        let (reviews, suspended) = self.db.read(|tx| {
            Ok((throughline_store::identity::reviews_open(tx)?, throughline_store::identity::suspended_count(tx)?))
        })?;
        let dead = self.status()?.jobs.dead;
        let quarantined: i64 = sources.iter().map(|s| s.counts.quarantined_open).sum();
        let silent = |s: &&SourceView| s.source.active && s.counts.last_at.is_some_and(|at| now.since(at) > DAY_MS);
        let silent = sources.iter().filter(silent).count() as i64;
        let all = [
            ("quarantine_open", quarantined, "/plan?tab=quarantine"),
            ("reviews_open", reviews, "/identity"),
            ("suspended_identifiers", suspended, "/identity?tab=suspended"),
            ("silent_sources", silent, "/sources"),
            ("dead_jobs", dead, "/settings/jobs"),
        ];
        Ok(all.into_iter().filter(|(_, n, _)| *n > 0).collect())
    }
}

fn figures_of(period: &Period) -> Figures {
    let totals = &period.sums.totals;
    Figures {
        revenue_minor: i64::try_from(totals.value_minor).unwrap_or(i64::MAX),
        orders: totals.conversions as i64,
        buyers: period.buyers as i64,
        new_people: period.new_people as i64,
    }
}
