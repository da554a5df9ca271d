//! What is predicted, how far ahead, and how often models are made anew.

use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline_base::Problem;
use throughline_domain::insight::PredictionKind;
use throughline_domain::insight::kind::HORIZON_DAYS;
use throughline_store::{Tx, event, prediction as rows};

use super::prediction_changed;
use crate::team::{Caller, audit};
use crate::{App, Result};

const NAME: &str = "predictions";

/// The settings of predictions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PredictionSettings {
    /// Days within which a purchase counts; also those of the next category.
    pub purchase_days: u32,
    /// Days without a purchase that count as lapsed.
    pub lapse_days: u32,
    /// Days ahead over which value is expected.
    pub value_days: u32,
    /// Days between trainings; 0 for none but those asked for.
    pub retrain_days: u32,
    /// Part of the revenue that is margin; 1 predicts revenue.
    pub margin: f64,
    /// Interest of a year by which later purchases count less; 0 for none.
    pub yearly_discount: f64,
}

impl Default for PredictionSettings {
    fn default() -> Self {
        Self { purchase_days: 30, lapse_days: 90, value_days: 365, retrain_days: 7, margin: 1.0, yearly_discount: 0.0 }
    }
}

impl PredictionSettings {
    /// What is predicted.
    #[must_use]
    pub fn kinds(&self) -> [PredictionKind; 4] {
        [
            PredictionKind::Purchase(self.purchase_days),
            PredictionKind::Lapse(self.lapse_days),
            PredictionKind::Value(self.value_days),
            PredictionKind::NextCategory,
        ]
    }

    fn check(&self) -> Result<()> {
        let days = [self.purchase_days, self.lapse_days, self.value_days];
        let wrong = |detail: &str| Err(Problem::invalid("prediction_settings", detail));
        if days.iter().any(|d| !HORIZON_DAYS.contains(d)) {
            return wrong("purchase_days, lapse_days and value_days are 1 to 1095 days");
        }
        if self.retrain_days > 365 {
            return wrong("retrain_days is at most 365, or 0 for never");
        }
        if !(self.margin > 0.0 && self.margin <= 1.0) {
            return wrong("margin is a part of the revenue: more than 0 and at most 1");
        }
        if !(0.0..=1.0).contains(&self.yearly_discount) {
            return wrong("yearly_discount is 0 to 1, for instance 0.1");
        }
        Ok(())
    }
}

pub(super) fn read(tx: &mut Tx<'_>) -> throughline_store::Result<PredictionSettings> {
    Ok(event::setting_get(tx, NAME)?.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
}

impl App {
    /// The settings in force.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn prediction_settings(&self) -> Result<PredictionSettings> {
        Ok(self.db.read(read)?)
    }

    /// Changes the settings. A prediction whose horizon changes is another one: the old one's scores go, the new one is
    /// trained with the next training.
    ///
    /// # Errors
    /// `prediction_settings` when they make no sense.
    pub fn prediction_settings_set(&self, caller: &Caller, new: PredictionSettings) -> Result<PredictionSettings> {
        new.check()?;
        self.db.write(|tx| {
            let text = serde_json::to_string(&new).expect("settings are plain data");
            event::setting_put(tx, NAME, &text)?;
            let kept: Vec<String> = new.kinds().iter().map(ToString::to_string).collect();
            let changed = rows::kinds_retire(tx, &kept)?;
            prediction_changed(tx, self, &changed)?;
            audit(tx, self, &caller.actor, "prediction.settings", NAME, &json!(new))
        })?;
        self.tasks.ring();
        Ok(new)
    }
}
