//! When models are made anew and people scored: trained after so many days, and as soon as the history has grown by
//! half; scored once a day and after each training. Both are jobs of a queue of their own, so that no other chore waits
//! for them.

use std::sync::Arc;
use std::time::Duration;

use throughline_base::time::DAY_MS;
use throughline_base::{JobId, Timestamp};
use throughline_store::job::{self, JobState, NewJob};
use throughline_store::{Tx, event, prediction as rows};

use super::stored::{Definition, text};
use super::train::{FEWEST_BUYERS, Payload};
use crate::background::Watch;
use crate::jobs::{Chore, PREDICTION_QUEUE};
use crate::{App, Result};

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Attempts of a job: what the data are too few for is no failure.
const ATTEMPTS: u32 = 3;

/// Follows the clock until the process stops.
pub(crate) fn keep(app: &Arc<App>, mut watch: Watch) {
    while !watch.is_stopping() {
        // The first look comes after the first rest: a server that just started has better things to do.
        watch.rest(LOOK_EVERY);
        if watch.is_stopping() {
            return;
        }
        if let Err(e) = app.predictions_due() {
            tracing::warn!(error = %e, "it could not be seen whether predictions are due; trying again");
        }
    }
}

/// Leaves a job; one with the same key that is not cleared away yet stands for it.
pub(super) fn enqueue(
    tx: &mut Tx<'_>,
    app: &App,
    chore: Chore,
    payload: &Payload,
    key: Option<&str>,
) -> throughline_store::Result<Option<JobId>> {
    let payload = text(payload);
    let now = app.now();
    let new = NewJob {
        max_attempts: ATTEMPTS,
        dedupe_key: key,
        partition_key: Some("prediction"),
        ..NewJob::new(PREDICTION_QUEUE, chore.as_str(), &payload, now)
    };
    job::enqueue(tx, &app.ids, &new, now)
}

/// Has everybody scored as soon as may be. A scoring that still waits will see what was trained: jobs run in their order.
pub(super) fn score_soon(app: &App) -> Result<()> {
    app.db.write(|tx| {
        let waiting = job::list(tx, PREDICTION_QUEUE, JobState::Ready, None, 100)?;
        if waiting.items.iter().any(|j| j.kind == Chore::PredictionScore.as_str()) {
            return Ok(());
        }
        enqueue(tx, app, Chore::PredictionScore, &Payload::default(), None).map(drop)
    })?;
    app.tasks.ring();
    Ok(())
}

impl App {
    /// Leaves the jobs that are due.
    ///
    /// # Errors
    /// When the store fails.
    pub fn predictions_due(&self) -> Result<()> {
        let (loaded, whole) = self.demo_progress();
        if loaded < whole {
            return Ok(());
        }
        let now = self.now();
        let settings = self.prediction_settings()?;
        let (models, buyers, counters) = self.db.read(|tx| {
            Ok((rows::models_current(tx)?, rows::buyers_up_to(tx, FEWEST_BUYERS as i64)?, event::counters(tx)?))
        })?;
        let events = counters.iter().find(|(n, _)| n == "events").map_or(0, |(_, v)| *v);
        let day = now.day();
        let newest = models.iter().max_by_key(|m| m.trained_at);
        let due = match newest {
            _ if settings.retrain_days == 0 || buyers < FEWEST_BUYERS as i64 => false,
            None => true,
            Some(m) => {
                let read = serde_json::from_str::<Definition>(&m.definition).map_or(0, |d| d.events);
                let grown = events as f64 > 1.5 * read as f64;
                grown || now.since(m.trained_at) >= i64::from(settings.retrain_days) * DAY_MS
            }
        };
        if due {
            // A training that grew out of date within the day it was made is the next one's reason.
            let key = format!("prediction.train/{day}/{}", newest.map_or(0, |m| m.trained_at.ms()));
            self.db.write(|tx| enqueue(tx, self, Chore::PredictionTrain, &Payload::default(), Some(&key)))?;
            self.tasks.ring();
            return Ok(());
        }
        let stale = |at: Option<Timestamp>| at.is_none_or(|t| t.day() < day);
        if models.iter().any(|m| m.state == "live" && stale(m.scored_at)) {
            let key = format!("prediction.score/{day}");
            self.db.write(|tx| enqueue(tx, self, Chore::PredictionScore, &Payload::default(), Some(&key)))?;
            self.tasks.ring();
        }
        Ok(())
    }
}
