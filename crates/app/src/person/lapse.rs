//! Moves people whose life-cycle stage changes by the passing of time alone, at the instant it does.

use std::sync::Arc;
use std::time::Duration;

use throughline_store::person as rows;

use crate::background::Watch;
use crate::{App, Result};

/// People of one transaction.
const STEP: u32 = 200;
/// The longest sleep: a clock that was set, or a stage that another process computed, is noticed after this.
const AT_MOST: Duration = Duration::from_secs(30);

/// Follows the clock until the process stops.
pub(crate) fn follow(app: &Arc<App>, mut watch: Watch) {
    while !watch.is_stopping() {
        match app.stages_once().and_then(|n| Ok((n, app.next_stage()?))) {
            Ok((n, _)) if n == STEP as usize => {}
            Ok((_, next)) => watch.rest(next),
            Err(e) => {
                tracing::warn!(error = %e, "life-cycle stages could not be brought up to date; trying again");
                watch.rest(AT_MOST);
            }
        }
    }
}

impl App {
    /// Brings the stages up to date whose time has come; answers how many.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn stages_once(&self) -> Result<usize> {
        let now = self.now();
        if self.db.read(|tx| rows::stages_due(tx, now, 1))?.is_empty() {
            return Ok(0);
        }
        Ok(self.db.write(|tx| {
            let due = rows::stages_due(tx, now, STEP)?;
            crate::react::summarise(tx, self, &due)?;
            Ok(due.len())
        })?)
    }

    fn next_stage(&self) -> Result<Duration> {
        let next = self.db.read(rows::next_stage_due)?;
        let ms = next.map_or(i64::MAX, |at| at.since(self.now()).max(1));
        Ok(Duration::from_millis(u64::try_from(ms).unwrap_or(1)).min(AT_MOST))
    }
}
