//! What the live models say of everybody: one pass over the history, scores written as they come, those that did not
//! change left alone.

use std::collections::HashMap;

use serde_json::json;
use throughline_base::{PersonId, PredictionModelId, Timestamp};
use throughline_domain::insight::clv::expect::Forecast;
use throughline_domain::insight::clv::summary::{merge_day, summary_of};
use throughline_domain::insight::clv::value::Horizon;
use throughline_domain::insight::clv::{Lifetime, SpendModel};
use throughline_domain::insight::propensity::feature::MEMORY_DAYS;
use throughline_domain::insight::propensity::model::Watch;
use throughline_domain::insight::propensity::{Act, ActKind, Label};
use throughline_domain::insight::{PredictionKind, next_category, propensity};
use throughline_lake::{PersonRows, PersonVisitor};
use throughline_store::prediction::{self as rows, ScoreRow};

use super::acts::{Reader, Renumber, Source};
use super::stored::{Alarm, Parameters, Scoring, read, text};
use super::{PredictionSettings, prediction_changed};
use crate::{App, Result};

/// Scores of one transaction.
const STEP: usize = 1_000;
/// What a chance is made of, shown of each person.
const REASONS: usize = 5;
/// Categories shown beside the first.
const CATEGORIES: usize = 3;

/// Scores everybody.
pub(crate) fn work(app: &App) -> Result<()> {
    app.predictions_score().map(drop)
}

/// A live version.
struct Live {
    id: PredictionModelId,
    kind: String,
    parameters: Parameters,
}

impl App {
    /// Scores everybody with the live versions; answers how many scores changed.
    ///
    /// # Errors
    /// When the history or the store fails.
    pub(super) fn predictions_score(&self) -> Result<u64> {
        let now = self.now();
        let mut live = Vec::new();
        for row in self.db.read(rows::models_live)? {
            // A kind that this version of the product does not know is left alone.
            if PredictionKind::parse(&row.kind).is_some() {
                let parameters = read(&row.parameters, "model")?;
                live.push(Live { id: row.id, kind: row.kind, parameters });
            }
        }
        if live.is_empty() {
            return Ok(0);
        }
        let source = self.prediction_source()?;
        let today = source.midnight(now);
        let scorers = self.prediction_scan(&source, |_| Scorer {
            app: self,
            today,
            today_number: source.day(today),
            now,
            reader: Reader::new(&source),
            kinds: live.iter().map(|l| Scored::new(l, &source)).collect(),
            acts: Vec::new(),
            days: Vec::new(),
            waiting: Vec::new(),
            failed: None,
        })?;
        let mut all: Vec<Option<(Vec<i64>, u64, Option<Watch>)>> = live.iter().map(|_| None).collect();
        for mut scorer in scorers {
            scorer.flush();
            if let Some(e) = scorer.failed {
                return Err(e);
            }
            for (sum, kind) in all.iter_mut().zip(scorer.kinds) {
                match sum {
                    None => *sum = Some((kind.people, kind.changed, kind.watch)),
                    Some((people, changed, watch)) => {
                        people.extend(kind.people);
                        *changed += kind.changed;
                        if let (Some(watch), Some(more)) = (watch, &kind.watch) {
                            watch.merge(more);
                        }
                    }
                }
            }
        }
        let mut total = 0;
        for (live, found) in live.iter().zip(all) {
            let (mut people, mut changed, watch) = found.unwrap_or_default();
            people.sort_unstable();
            changed += self.scores_forget(&live.kind, &people)?;
            let drift = match (&live.parameters, &watch) {
                (Parameters::Chance(model), Some(watch)) => Some(model.drift(watch)),
                (Parameters::Chance(_) | Parameters::Value { .. } | Parameters::Category(_), _) => None,
            };
            let alarm = drift.as_ref().map_or(Alarm::None, |d| Alarm::of(d.scores));
            if alarm == Alarm::Stop {
                tracing::warn!(kind = live.kind, "the people scored are not those the model was made from");
            }
            let scoring = Scoring { people: people.len() as u64, changed, drift, alarm };
            self.db.write(|tx| rows::model_scored(tx, live.id, now, &text(&scoring)))?;
            total += changed;
        }
        tracing::info!(changed = total, "people were scored");
        Ok(total)
    }

    /// Takes away the scores of a kind of those who are not among `people`, who come ascending.
    fn scores_forget(&self, kind: &str, people: &[i64]) -> Result<u64> {
        let mut after = PersonId::new(0);
        let mut n = 0;
        loop {
            let page = self.db.read(|tx| rows::scored_after(tx, kind, after, STEP as u32))?;
            let Some(last) = page.last() else { return Ok(n) };
            after = *last;
            let gone: Vec<PersonId> = page.into_iter().filter(|p| people.binary_search(&p.get()).is_err()).collect();
            if !gone.is_empty() {
                n += self.db.write(|tx| {
                    prediction_changed(tx, self, &gone)?;
                    rows::scores_delete(tx, kind, &gone)
                })?;
            }
        }
    }
}

/// A live version at work in one thread.
struct Scored<'a> {
    live: &'a Live,
    renumber: Option<Renumber>,
    forecast: Option<Forecast<'a>>,
    watch: Option<Watch>,
    people: Vec<i64>,
    changed: u64,
}

impl<'a> Scored<'a> {
    fn new(live: &'a Live, source: &Source) -> Self {
        let (renumber, forecast, watch) = match &live.parameters {
            Parameters::Chance(model) => {
                let set = &model.set;
                let renumber = Renumber::new(source, &set.channels, &set.sources, &set.categories);
                (Some(renumber), None, Some(model.watch()))
            }
            Parameters::Category(model) => (Some(Renumber::new(source, &[], &[], &model.categories)), None, None),
            Parameters::Value { lifetime, horizon, .. } => {
                (None, Some(Forecast::new(lifetime, f64::from(horizon.days))), None)
            }
        };
        Self { live, renumber, forecast, watch, people: Vec::new(), changed: 0 }
    }

    fn row(
        &self,
        person: i64,
        value: f64,
        label: Option<String>,
        why: &impl serde::Serialize,
        now: Timestamp,
    ) -> ScoreRow {
        ScoreRow {
            person_id: PersonId::new(person),
            kind: self.live.kind.clone(),
            value,
            label,
            contributions: text(why),
            model_id: self.live.id,
            scored_at: now,
        }
    }
}

/// A chance as it is kept: to a thousandth. Finer differences mean nothing, and would be written every day.
fn thousandths(chance: f64) -> f64 {
    (chance * 1_000.0).round() / 1_000.0
}

struct Scorer<'a> {
    app: &'a App,
    today: i64,
    today_number: i32,
    now: Timestamp,
    reader: Reader<'a>,
    kinds: Vec<Scored<'a>>,
    acts: Vec<Act>,
    days: Vec<(i32, f64)>,
    waiting: Vec<ScoreRow>,
    failed: Option<throughline_base::Problem>,
}

impl PersonVisitor for Scorer<'_> {
    fn person(&mut self, rows: PersonRows<'_>) {
        if self.failed.is_some() {
            return;
        }
        let person = rows.person_id();
        self.reader.read(&rows, true);
        for kind in &mut self.kinds {
            let row = match &kind.live.parameters {
                Parameters::Chance(model) => {
                    if let Some(renumber) = &mut kind.renumber {
                        renumber.acts(&self.reader.acts, &self.reader.categories, &mut self.acts);
                    }
                    chance(kind, model, person, &self.acts, self.today, self.now)
                }
                Parameters::Category(model) => {
                    if let Some(renumber) = &mut kind.renumber {
                        renumber.acts(&self.reader.acts, &self.reader.categories, &mut self.acts);
                    }
                    category(kind, model, person, &self.acts, self.today, self.now)
                }
                Parameters::Value { lifetime, spend, horizon } => {
                    self.days.clear();
                    for order in self.reader.orders.iter().filter(|o| o.day < self.today_number) {
                        merge_day(&mut self.days, order.day, order.value);
                    }
                    value(kind, (lifetime, spend, horizon), person, (&self.days, self.today_number - 1), self.now)
                }
            };
            if let Some(row) = row {
                kind.people.push(person);
                self.waiting.push(row);
            }
        }
        if self.waiting.len() >= STEP {
            self.flush();
        }
    }
}

impl Scorer<'_> {
    /// Writes what is waiting, as far as it differs from what is stored.
    fn flush(&mut self) {
        if self.waiting.is_empty() || self.failed.is_some() {
            return;
        }
        match self.written() {
            Ok(changed) => {
                for kind in &mut self.kinds {
                    kind.changed += changed.get(&kind.live.kind).copied().unwrap_or(0);
                }
                self.waiting.clear();
            }
            Err(e) => self.failed = Some(e),
        }
    }

    fn written(&self) -> Result<HashMap<String, u64>> {
        let mut persons: Vec<PersonId> = self.waiting.iter().map(|r| r.person_id).collect();
        persons.dedup();
        let known = self.app.db.read(|tx| rows::scores_known(tx, &persons))?;
        let known: HashMap<(PersonId, &str), &ScoreRow> =
            known.iter().map(|r| ((r.person_id, r.kind.as_str()), r)).collect();
        let mut put = Vec::new();
        let mut people = Vec::new();
        let mut changed: HashMap<String, u64> = HashMap::new();
        for row in &self.waiting {
            let before = known.get(&(row.person_id, row.kind.as_str()));
            let same = before.is_some_and(|b| b.value.to_bits() == row.value.to_bits() && b.label == row.label);
            if same && before.is_some_and(|b| b.model_id == row.model_id) {
                continue;
            }
            put.push(row.clone());
            if !same {
                people.push(row.person_id);
                *changed.entry(row.kind.clone()).or_default() += 1;
            }
        }
        people.dedup();
        if !put.is_empty() {
            self.app.db.write(|tx| {
                rows::scores_put(tx, &put)?;
                prediction_changed(tx, self.app, &people)
            })?;
        }
        Ok(changed)
    }
}

fn chance(
    kind: &mut Scored<'_>,
    model: &propensity::Model,
    person: i64,
    acts: &[Act],
    today: i64,
    now: Timestamp,
) -> Option<ScoreRow> {
    // Whoever the model would not have been asked about is not scored; what comes after today decides nothing.
    Label::of(model.label, acts, today, 0)?;
    let features = model.set.of(acts, today);
    let (chance, why) = model.explain(&features, REASONS);
    if let Some(watch) = &mut kind.watch {
        model.count(watch, &features, chance);
    }
    Some(kind.row(person, thousandths(chance), None, &why, now))
}

fn category(
    kind: &Scored<'_>,
    model: &next_category::Model,
    person: i64,
    acts: &[Act],
    today: i64,
    now: Timestamp,
) -> Option<ScoreRow> {
    let recent = |a: &&Act| a.at_ms < today && a.at_ms >= today - MEMORY_DAYS * throughline_base::time::DAY_MS;
    acts.iter().find(recent).filter(|a| a.kind != ActKind::Refund)?;
    let profile = next_category::profile(acts, today, model.half_life_days, model.categories.len());
    let chances = model.chances(&profile);
    let order = next_category::first(&chances, CATEGORIES);
    let name = |c: u16| model.categories[usize::from(c)].clone();
    let first = *order.first()?;
    let alternatives: Vec<_> = order
        .iter()
        .map(|c| json!({ "category": name(*c), "chance": thousandths(chances[usize::from(*c)]) }))
        .collect();
    let interest: Vec<_> = model
        .reasons(&profile, first, CATEGORIES)
        .into_iter()
        .map(|(c, part)| json!({ "category": name(c), "chance": thousandths(part) }))
        .collect();
    let why = json!({ "first": alternatives, "interest": interest });
    Some(kind.row(person, thousandths(chances[usize::from(first)]), Some(name(first)), &why, now))
}

fn value(
    kind: &mut Scored<'_>,
    (lifetime, spend, horizon): (&Lifetime, &SpendModel, &Horizon),
    person: i64,
    (days, end): (&[(i32, f64)], i32),
    now: Timestamp,
) -> Option<ScoreRow> {
    let customer = summary_of(days, end)?;
    let purchases = kind.forecast.as_mut().map_or(0.0, |f| f.expected(&customer));
    let each = spend.expected(&customer);
    let value = if horizon.yearly_discount > 0.0 {
        horizon.values(lifetime, spend, &[customer])[0]
    } else {
        purchases * each * horizon.margin
    };
    let why = json!({
        "repeats": customer.repeats,
        "days_as_buyer": customer.age_days,
        "days_since_order": customer.age_days - customer.last_days,
        "p_alive": thousandths(lifetime.p_alive(&customer)),
        "expected_purchases": thousandths(purchases),
        "expected_value_minor": each.round(),
    });
    Some(kind.row(person, value.round(), None, &why, now))
}

impl App {
    /// What is scored now, for tests and tools: trains everything and scores everybody.
    ///
    /// # Errors
    /// When the history or the store fails.
    pub fn predictions_renew(&self, settings: &PredictionSettings) -> Result<u64> {
        self.predictions_train(&settings.kinds())?;
        self.predictions_score()
    }
}
