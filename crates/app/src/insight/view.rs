//! What is asked of predictions: the kinds with their live versions, the versions of a kind, what is said of a person.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use throughline_base::{JobId, PersonId, Problem, Timestamp};
use throughline_domain::insight::PredictionKind;
use throughline_store::prediction::{self as rows, ModelRow};

use super::schedule::enqueue;
use super::stored::{Alarm, Definition, Scoring, VersionMetrics, read};
use super::train::{FEWEST_BUYERS, Payload};
use crate::jobs::Chore;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Versions listed of a kind.
const LISTED: u32 = 100;

/// A version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Version {
    /// Counts up from 1 within the kind.
    pub version: i64,
    /// `live`, `retired` or `refused`.
    pub state: String,
    /// When.
    pub trained_at: Timestamp,
    /// What it was made from.
    pub definition: Definition,
    /// How it did, or why there is none.
    pub metrics: VersionMetrics,
    /// When people were last scored with it.
    pub scored_at: Option<Timestamp>,
    /// How that went.
    pub scoring: Option<Scoring>,
}

/// A kind of prediction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindView {
    /// Its name.
    pub kind: String,
    /// The version people are scored with.
    pub live: Option<Version>,
    /// What was tried since and refused, or tried at all.
    pub refused: Option<Version>,
    /// Why it waits, when it was never tried.
    pub waits: Option<String>,
    /// Whether the people scored are still like those the model was made from.
    pub alarm: Alarm,
}

/// What is predicted of a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonPrediction {
    /// What.
    pub kind: String,
    /// A chance, or minor units.
    pub value: f64,
    /// The category of what predicts one.
    pub label: Option<String>,
    /// What it is made of: a list for chances, an object for the others.
    pub contributions: Value,
    /// Number of the version that said it.
    pub version: Option<i64>,
    /// Since when it is so.
    pub scored_at: Timestamp,
}

fn version(m: ModelRow) -> Result<Version> {
    Ok(Version {
        version: m.version,
        state: m.state,
        trained_at: m.trained_at,
        definition: read(&m.definition, "definition")?,
        metrics: read(&m.metrics, "metrics")?,
        scored_at: m.scored_at,
        scoring: m.scoring.as_deref().map(|s| read(s, "scoring")).transpose()?,
    })
}

impl App {
    /// Every kind with its live version.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn predictions(&self) -> Result<Vec<KindView>> {
        let settings = self.prediction_settings()?;
        let (models, buyers) =
            self.db.read(|tx| Ok((rows::models_current(tx)?, rows::buyers_up_to(tx, FEWEST_BUYERS as i64)?)))?;
        let mut by_kind: BTreeMap<String, Vec<ModelRow>> = BTreeMap::new();
        for m in models {
            by_kind.entry(m.kind.clone()).or_default().push(m);
        }
        let mut out = Vec::new();
        for kind in settings.kinds() {
            let kind = kind.to_string();
            let (mut live, mut refused) = (None, None);
            for m in by_kind.remove(&kind).unwrap_or_default() {
                match m.state.as_str() {
                    "live" => live = Some(version(m)?),
                    "refused" => refused = Some(version(m)?),
                    _ => {}
                }
            }
            let waits = (live.is_none() && refused.is_none()).then(|| {
                if buyers < FEWEST_BUYERS as i64 {
                    format!("there are {buyers} buyers; {FEWEST_BUYERS} are needed at least")
                } else {
                    "it is trained with the next training".to_owned()
                }
            });
            let alarm = live.as_ref().and_then(|l| l.scoring.as_ref()).map_or(Alarm::None, |s| s.alarm);
            out.push(KindView { kind, live, refused, waits, alarm });
        }
        Ok(out)
    }

    /// How many live models people have drifted away from.
    pub(crate) fn predictions_drifting(&self) -> Result<i64> {
        let models = self.db.read(rows::models_current)?;
        let stops = |m: &ModelRow| {
            let scoring = m.scoring.as_deref().and_then(|s| serde_json::from_str::<Scoring>(s).ok());
            m.state == "live" && scoring.is_some_and(|s| s.alarm == Alarm::Stop)
        };
        Ok(models.iter().filter(|m| stops(m)).count() as i64)
    }

    /// Versions of a kind, the newest first.
    ///
    /// # Errors
    /// `prediction_kind` when there is no such kind.
    pub fn prediction_versions(&self, kind: &str) -> Result<Vec<Version>> {
        let kind = self.known_kind(kind)?.to_string();
        self.db.read(|tx| rows::models_of(tx, &kind, LISTED))?.into_iter().map(version).collect()
    }

    /// A kind that is predicted, or was.
    fn known_kind(&self, kind: &str) -> Result<PredictionKind> {
        let kinds = self.prediction_settings()?.kinds();
        PredictionKind::parse(kind).ok_or_else(|| {
            let known: Vec<String> = kinds.iter().map(ToString::to_string).collect();
            let detail = format!("there is no prediction `{kind}`; there are {}", known.join(", "));
            Problem::not_found("prediction_kind", detail)
        })
    }

    /// Trains a kind in the background, then scores everybody.
    ///
    /// # Errors
    /// `prediction_kind` when it is not predicted.
    pub fn prediction_train_later(&self, caller: &Caller, kind: &str) -> Result<JobId> {
        let kinds = self.prediction_settings()?.kinds();
        let known = self.known_kind(kind)?;
        if !kinds.contains(&known) {
            let detail = format!("`{kind}` is not predicted with the settings in force");
            return Err(Problem::not_found("prediction_kind", detail));
        }
        let payload = Payload { kind: Some(kind.to_owned()) };
        let id = self.db.write(|tx| {
            let id = enqueue(tx, self, Chore::PredictionTrain, &payload, None)?;
            let id = id.expect("a job without a dedupe key is always enqueued");
            audit(tx, self, &caller.actor, "prediction.train", kind, &json!({ "job": id }))?;
            Ok(id)
        })?;
        self.tasks.ring();
        Ok(id)
    }

    /// What is predicted of a person, by kind.
    ///
    /// # Errors
    /// `person_unknown` when there is no such person.
    pub fn person_predictions(&self, id: PersonId) -> Result<Vec<PersonPrediction>> {
        let person = self.person_find(id)?;
        let (scores, models) = self.db.read(|tx| Ok((rows::scores_of(tx, person)?, rows::models_current(tx)?)))?;
        scores
            .into_iter()
            .map(|s| {
                let version = models.iter().find(|m| m.id == s.model_id).map(|m| m.version);
                Ok(PersonPrediction {
                    contributions: read(&s.contributions, "contributions")?,
                    kind: s.kind,
                    value: s.value,
                    label: s.label,
                    version,
                    scored_at: s.scored_at,
                })
            })
            .collect()
    }
}
