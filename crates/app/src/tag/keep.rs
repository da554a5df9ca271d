//! What time does to tags: those that end are taken away at that instant, and once a day it is noted how many people have
//! each.

use std::sync::Arc;
use std::time::Duration;

use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;
use throughline_store::tag as rows;

use crate::background::Watch;
use crate::{App, Result};

/// Tags of one transaction.
const STEP: u32 = 500;
/// The longest sleep.
const AT_MOST: Duration = Duration::from_secs(30);
/// Days for which sizes are kept.
const KEEP_DAYS: i64 = 400;
/// How long works can be undone.
const KEEP_WORKS_MS: i64 = 90 * DAY_MS;
const NOTED: &str = "tag_day";

/// Follows the clock until the process stops.
pub(crate) fn follow(app: &Arc<App>, mut watch: Watch) {
    while !watch.is_stopping() {
        match app.tags_day().and_then(|()| app.tags_expire()).and_then(|n| Ok((n, app.tag_next()?))) {
            Ok((n, _)) if n == STEP as usize => {}
            Ok((_, next)) => watch.rest(next),
            Err(e) => {
                tracing::warn!(error = %e, "tags could not be brought up to date; trying again");
                watch.rest(AT_MOST);
            }
        }
    }
}

/// The day of an instant in a zone, counted from 1970.
pub(super) fn day_of(at: Timestamp, zone: &str) -> i64 {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let offset = jiff::Timestamp::from_millisecond(at.ms()).map_or(0, |t| zone.to_offset(t).seconds());
    (at.ms() + i64::from(offset) * 1_000).div_euclid(DAY_MS)
}

impl App {
    /// Takes tags away that have ended; answers how many.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn tags_expire(&self) -> Result<usize> {
        let now = self.now();
        if self.db.read(rows::expires_next)?.is_none_or(|at| at > now) {
            return Ok(0);
        }
        Ok(self.db.write(|tx| {
            let ended = rows::expire(tx, now, STEP)?;
            Ok(ended.len())
        })?)
    }

    /// Notes sizes when a day has begun since they were last noted.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn tags_day(&self) -> Result<()> {
        let now = self.now();
        let today = day_of(now, &self.settings.time_zone);
        let noted = self.db.read(|tx| throughline_store::event::setting_get(tx, NOTED))?;
        if noted.and_then(|t| t.parse().ok()).is_some_and(|day: i64| day >= today) {
            return Ok(());
        }
        let sizes: Vec<(String, i64)> = self.db.read(|tx| super::sizes(tx, now))?.into_iter().collect();
        Ok(self.db.write(|tx| {
            rows::day_put(tx, today, &sizes)?;
            rows::days_purge(tx, today - KEEP_DAYS)?;
            rows::works_purge(tx, now.plus_ms(-KEEP_WORKS_MS), 50)?;
            throughline_store::event::setting_put(tx, NOTED, &today.to_string())?;
            Ok(())
        })?)
    }

    fn tag_next(&self) -> Result<Duration> {
        let next = self.db.read(rows::expires_next)?;
        let ms = next.map_or(i64::MAX, |at| at.since(self.now()).max(1));
        Ok(Duration::from_millis(u64::try_from(ms).unwrap_or(1)).min(AT_MOST))
    }
}
