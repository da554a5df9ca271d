//! What an installation is and does right now.

use serde::Serialize;
use throughline_base::id::id_created_at;
use throughline_base::{EventId, Timestamp};
use throughline_store::{Tx, event as events, identity, job};

use crate::{App, Result, react};

/// Jobs by state.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct JobCounts {
    /// Waiting.
    pub ready: i64,
    /// Being worked on.
    pub leased: i64,
    /// Given up; somebody should look.
    pub dead: i64,
}

/// How far what follows the log (statistics, summaries of people) is, and whether it is stuck.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct FollowerState {
    /// Age of the oldest event not followed yet, seconds.
    pub lag_s: i64,
    /// Seconds since nothing could be committed any more; 0 when it can.
    pub failing_s: i64,
    /// Events passed over since the start, because the store refused what follows from them.
    pub skipped: u64,
}

/// The state of the installation.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Events recorded, hot and sealed.
    pub events: i64,
    /// People with more than devices.
    pub people: i64,
    /// People of whom only devices are known.
    pub anonymous_people: i64,
    /// Open quarantined events.
    pub quarantined: i64,
    /// Events in the history.
    pub sealed_events: i64,
    /// Events not sealed yet.
    pub hot_events: i64,
    /// Sources.
    pub sources: i64,
    /// Open items of the identity review.
    pub reviews: i64,
    /// Version of the product.
    pub version: &'static str,
    /// `sqlite` or `postgresql`.
    pub database: &'static str,
    /// Seconds since start.
    pub uptime_s: i64,
    /// Age of the oldest event not sealed, seconds.
    pub seal_lag_s: i64,
    /// Following the log.
    pub follower: FollowerState,
    /// Events a second over the last minute.
    pub events_per_s_1m: f64,
    /// 99th percentile of the time from request to answer, ms.
    pub p99_ms: f64,
    /// Jobs.
    pub jobs: JobCounts,
    /// Prediction models that people have drifted away from: they should not be relied upon until trained anew.
    pub drifting_models: i64,
    /// This is the demo.
    pub demo: bool,
}

impl App {
    /// The state of the installation.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn status(&self) -> Result<Status> {
        let now = self.now();
        let (counters, next, hot, (people, anonymous), quarantined, reviews, jobs) = self.db.read(|tx| {
            let after = events::sealed_through(tx)?;
            let cursor = react::cursor(tx)?;
            Ok((
                events::counters(tx)?,
                events::hot_after(tx, cursor, 1)?.first().map(|e| e.id),
                events::hot_extent(tx, after)?,
                throughline_store::person::counts(tx)?,
                events::quarantine_open(tx)?,
                identity::reviews_open(tx)?,
                job_counts(tx, now)?,
            ))
        })?;
        let age_s = |id: Option<EventId>| id.map_or(0, |id| now.since(id_created_at(id.get())).max(0) / 1_000);
        let counter = |name: &str| counters.iter().find(|(n, _)| n == name).map_or(0, |(_, v)| *v);
        Ok(Status {
            events: counter("events"),
            people,
            anonymous_people: anonymous,
            quarantined,
            sealed_events: counter("sealed_events"),
            hot_events: hot.count,
            sources: self.registry.get().sources.len() as i64,
            reviews,
            version: self.settings.version,
            database: match self.db.engine() {
                throughline_store::Engine::Sqlite => "sqlite",
                throughline_store::Engine::Postgres => "postgresql",
            },
            uptime_s: now.since(self.started_at) / 1_000,
            seal_lag_s: age_s(hot.first),
            follower: FollowerState {
                lag_s: age_s(next),
                failing_s: self.follower.failing_since().map_or(0, |t| (now.since(t) / 1_000).max(1)),
                skipped: self.follower.skipped(),
            },
            events_per_s_1m: self.meter.rate(now, 60).0,
            p99_ms: self.meter.ingest.quantile_ms(0.99),
            jobs,
            drifting_models: self.predictions_drifting()?,
            demo: self.settings.demo,
        })
    }
}

fn job_counts(tx: &mut Tx<'_>, now: Timestamp) -> throughline_store::Result<JobCounts> {
    let mut out = JobCounts::default();
    for queue in job::queues(tx)? {
        let c = job::counts(tx, &queue, now)?;
        out.ready += c.ready;
        out.leased += c.leased;
        out.dead += c.dead;
    }
    Ok(out)
}
