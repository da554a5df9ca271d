//! Matching of the database: people who are probably one person are put in front of somebody, or linked.
//!
//! A run ([`run`]) reads every known person ([`people`]), scores those who say another thing than when they were last
//! matched against everybody, and keeps what it finds. Links are evidence like any other and can be taken back; answers
//! in the review queue are what the next model learns from. Start reading at [`App::matching_run`].

mod people;
mod run;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_base::time::MINUTE_MS;
use throughline_base::{IdentifierId, JobId, PersonId, Problem, Timestamp};
use throughline_store::identity::ReviewRow;
use throughline_store::job;
use throughline_store::matching as rows;
use throughline_store::{Tx, event};

use crate::jobs::{self, Chore};
use crate::team::{Caller, audit};
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

const SETTINGS: &str = "matching";
const LAST_RUN: &str = "matching_run";

/// How pairs are treated, and how often they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MatchSettings {
    /// Whether pairs from `link_from` on are linked without asking.
    pub auto_link: bool,
    /// The probability from which a pair may be linked without asking.
    pub link_from: f64,
    /// The probability from which a pair is put in front of somebody.
    pub review_from: f64,
    /// Minutes between two runs; 0 for runs on demand only.
    pub every_minutes: u32,
}

impl Default for MatchSettings {
    fn default() -> Self {
        Self { auto_link: false, link_from: 0.99, review_from: 0.8, every_minutes: 0 }
    }
}

impl MatchSettings {
    fn check(&self) -> Result<()> {
        let wrong = |text: &str| Err(Problem::invalid("matching_probability", text));
        let within = |p: f64| p > 0.0 && p < 1.0;
        if !within(self.link_from) || !within(self.review_from) {
            return wrong("link_from and review_from are probabilities between 0 and 1");
        }
        if self.review_from > self.link_from {
            return wrong("review_from is above link_from: nothing would be left to look at");
        }
        if self.link_from < 0.5 {
            return wrong("link_from is below 0.5: more links would be wrong than right");
        }
        Ok(())
    }
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchRun {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// People read.
    pub people: u64,
    /// Those who said another thing than before, or everybody after a new model.
    pub changed: u64,
    /// Pairs compared.
    pub compared: u64,
    /// Pairs put in front of somebody, beside those that were there.
    pub review: u64,
    /// Pairs linked.
    pub linked: u64,
    /// Links that limits refused; they are in the review queue.
    pub refused: u64,
    /// Open items that are not probable any more.
    pub withdrawn: u64,
    /// The model used.
    pub model_version: i64,
    /// Whether the run fitted it.
    pub fitted: bool,
}

/// How matching stands.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchStatus {
    /// Settings in force.
    pub settings: MatchSettings,
    /// Whether a run is under way or waits for its turn.
    pub running: bool,
    /// When the next run is due.
    pub next_run_at: Option<Timestamp>,
    /// The last run that ended.
    pub last_run: Option<MatchRun>,
    /// Version, instant and people of the model in force.
    pub model: Option<(i64, Timestamp, i64)>,
    /// Answers that the next model learns from.
    pub answers: u64,
}

/// Answers looked at, the newest first.
const ANSWERS: u32 = 5_000;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Payload {
    /// Whether a new model is fitted.
    fit: bool,
    /// Whether the clock asked, not a person.
    scheduled: bool,
}

fn enqueue(tx: &mut Tx<'_>, app: &App, payload: &Payload, run_at: Timestamp) -> Stored<JobId> {
    jobs::enqueue(tx, app, Chore::Match, &json!(payload), run_at)
}

/// Has the next run done in its time, where there is a time and none waits.
fn schedule(tx: &mut Tx<'_>, app: &App) -> Stored<()> {
    let every = settings(tx)?.every_minutes;
    let now = app.now();
    let waits = |(_, leased, at): &(JobId, bool, Timestamp)| !leased && *at > now;
    if every > 0 && !job::unfinished(tx, jobs::QUEUE, Chore::Match.as_str())?.iter().any(waits) {
        let payload = Payload { fit: false, scheduled: true };
        enqueue(tx, app, &payload, now.plus_ms(i64::from(every) * MINUTE_MS))?;
    }
    Ok(())
}

impl App {
    /// Settings in force.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn matching_settings(&self) -> Result<MatchSettings> {
        Ok(self.db.read(settings)?)
    }

    /// Changes the settings. With `every_minutes`, the next run is due then.
    ///
    /// # Errors
    /// `matching_probability` when the probabilities make no sense.
    pub fn matching_settings_put(&self, caller: &Caller, new: MatchSettings) -> Result<MatchSettings> {
        new.check()?;
        let text = serde_json::to_string(&new).expect("settings are plain data");
        self.db.write(|tx| {
            event::setting_put(tx, SETTINGS, &text)?;
            audit(tx, self, &caller.actor, "matching.settings", SETTINGS, &json!(new))?;
            schedule(tx, self)
        })?;
        self.tasks.ring();
        Ok(new)
    }

    /// Has a run done in the background, with a new model if `fit`.
    ///
    /// # Errors
    /// `matching_running` while one is under way.
    pub fn matching_start(&self, caller: &Caller, fit: bool) -> Result<JobId> {
        let id = self.db.write(|tx| {
            let now = self.now();
            let unfinished = job::unfinished(tx, jobs::QUEUE, Chore::Match.as_str())?;
            if unfinished.iter().any(|(_, leased, at)| *leased || *at <= now) {
                let text = "a run is under way; ask again when it is over";
                return Err(Problem::conflict("matching_running", text).into());
            }
            let id = enqueue(tx, self, &Payload { fit, scheduled: false }, now)?;
            audit(tx, self, &caller.actor, Chore::Match.as_str(), &id.to_string(), &json!({ "fit": fit }))?;
            Ok(id)
        })?;
        self.tasks.ring();
        Ok(id)
    }

    /// How matching stands.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn matching_status(&self) -> Result<MatchStatus> {
        let now = self.now();
        Ok(self.db.read(|tx| {
            let unfinished = job::unfinished(tx, jobs::QUEUE, Chore::Match.as_str())?;
            Ok(MatchStatus {
                settings: settings(tx)?,
                running: unfinished.iter().any(|(_, leased, at)| *leased || *at <= now),
                next_run_at: unfinished.iter().map(|(_, _, at)| *at).find(|at| *at > now),
                last_run: event::setting_get(tx, LAST_RUN)?.and_then(|t| serde_json::from_str(&t).ok()),
                model: rows::model_head(tx)?,
                answers: rows::answers(tx, ANSWERS)?.len() as u64,
            })
        })?)
    }
}

fn settings(tx: &mut Tx<'_>) -> Stored<MatchSettings> {
    Ok(event::setting_get(tx, SETTINGS)?.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
}

/// Does the work of the job, and has the next one done in its time.
pub(crate) fn work(app: &App, payload: &str) -> Result<()> {
    let payload: Payload = serde_json::from_str(payload).unwrap_or_default();
    if payload.scheduled && app.matching_settings()?.every_minutes == 0 {
        return Ok(());
    }
    app.matching_run(payload.fit)?;
    Ok(app.db.write(|tx| schedule(tx, app))?)
}

/// Both sides of a field with how it weighs.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedField {
    /// What was compared: `given_name`, `phone`, ….
    pub kind: String,
    /// The level reached; none where a side says nothing.
    pub level: Option<String>,
    /// For one person, in bits; below zero against it.
    pub bits: f64,
    /// What of it is due to the value being rare or frequent.
    pub frequency_bits: f64,
    /// What one side says now.
    pub a: Vec<String>,
    /// What the other says now.
    pub b: Vec<String>,
}

/// Why a pair is probable: everything adds up to `bits`.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The probability of one person.
    pub probability: f64,
    /// The sum.
    pub bits: f64,
    /// How rare pairs of one person are.
    pub prior_bits: f64,
    /// What being of one household explains.
    pub household_bits: f64,
    /// What people's answers to other pairs say.
    pub answers_bits: f64,
    /// The model that scored it.
    pub model_version: i64,
    /// By field.
    pub fields: Vec<ComparedField>,
}

/// The comparison behind an item of the review queue; none where the matcher did not raise it.
pub(crate) fn compared(tx: &mut Tx<'_>, row: &ReviewRow) -> Stored<Option<Compared>> {
    let Some(b) = row.b.filter(|_| row.kind == "probable") else { return Ok(None) };
    let Some(pair) = rows::pair_get(tx, row.a, b)? else { return Ok(None) };
    let detail: Value = serde_json::from_str(&pair.detail).unwrap_or_default();
    let of = |side: IdentifierId| PersonId::new(side.get());
    let sides = people::facts(tx, &[of(row.a), of(b)])?;
    let side = |id: IdentifierId| sides.iter().find(|f| f.person == of(id));
    let number = |v: &Value, name: &str| v[name].as_f64().unwrap_or_default();
    let fields = detail["weights"].as_array().into_iter().flatten().map(|w| {
        let kind = w["kind"].as_str().unwrap_or_default();
        let texts = |id| side(id).map(|f| f.texts(kind)).unwrap_or_default();
        ComparedField {
            kind: kind.to_owned(),
            level: w["level"].as_str().map(str::to_owned),
            bits: number(w, "bits"),
            frequency_bits: number(w, "frequency_bits"),
            a: texts(row.a),
            b: texts(b),
        }
    });
    Ok(Some(Compared {
        probability: pair.probability as f64 / 1e6,
        bits: number(&detail, "bits"),
        prior_bits: number(&detail, "prior_bits"),
        household_bits: number(&detail, "household_bits"),
        answers_bits: number(&detail, "answers_bits"),
        model_version: pair.version,
        fields: fields.collect(),
    }))
}
