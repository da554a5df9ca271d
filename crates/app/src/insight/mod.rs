//! Predictions: trained on this installation's own history, measured on a part of it they have not seen, kept version by
//! version, and said of every person once a day.
//!
//! The models are [`throughline_domain::insight`]'s; here the history becomes what they learn from. Traits are never
//! read, so none that is sensitive can enter. Start reading at `train` (history to a version), then `score` (a version to
//! people) and `view` (what the console asks).

mod acts;
mod schedule;
mod score;
mod settings;
mod stored;
mod train;
mod view;

pub use settings::PredictionSettings;
pub use stored::{Alarm, ChanceMetrics, Refusal, Scoring, ValueMetrics, VersionMetrics};
pub use throughline_domain::insight::PredictionKind;
pub use throughline_domain::insight::clv::Holdout;
pub use throughline_domain::insight::next_category::HitRates;
pub use throughline_domain::insight::propensity::Quality;
pub use view::{KindView, PersonPrediction, Version};

pub(crate) use schedule::keep;
pub(crate) use score::work as score_work;
pub(crate) use train::work as train_work;

use std::collections::BTreeSet;

use throughline_base::PersonId;
use throughline_store::Tx;

use crate::App;
use crate::audience::mark::{self, Cause, What};

/// Called in the transaction that changes what is predicted of people (scored anew, or not scored any more), with those
/// whose values changed: audiences that ask for predictions look at them again.
pub(crate) fn prediction_changed(tx: &mut Tx<'_>, app: &App, persons: &[PersonId]) -> throughline_store::Result<()> {
    // Scores of everybody change every day; nobody is looked at again when no rule asks for them.
    if persons.is_empty() || !app.audiences_in(tx)?.asks_for_predictions() {
        return Ok(());
    }
    mark::people(tx, app, persons.iter().copied(), What::Facts, Cause::Prediction)
}

/// The kinds that rules may name.
pub(crate) fn kinds(tx: &mut Tx<'_>) -> throughline_store::Result<BTreeSet<String>> {
    Ok(settings::read(tx)?.kinds().iter().map(ToString::to_string).collect())
}

/// Whether a kind predicts money, in minor units.
pub(crate) fn is_money(kind: &str) -> bool {
    kind.starts_with("clv_")
}
