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

use throughline_base::PersonId;
use throughline_store::Tx;

/// Called in the transaction that changes what is predicted of people (scored anew, or not scored any more), with those
/// whose values changed: whatever rests on predictions, audiences above all, is told here and reads
/// [`throughline_store::prediction::predictions_of`].
pub(crate) fn prediction_changed(tx: &mut Tx<'_>, persons: &[PersonId]) -> throughline_store::Result<()> {
    tracing::trace!(engine = ?tx.engine(), people = persons.len(), "predictions changed");
    Ok(())
}
