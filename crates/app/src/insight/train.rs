//! From the history to a version of each model: one pass counts what there is, one gathers what people did at the
//! cut-offs, then each kind is trained and judged by itself. What cannot be trained is kept as a refusal with its reason.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use throughline_base::time::DAY_MS;
use throughline_base::{PredictionModelId, Problem, ProblemKind, Timestamp};
use throughline_domain::insight::clv::expect::Forecast;
use throughline_domain::insight::clv::holdout::{Compared, Holdout};
use throughline_domain::insight::clv::lifetime::fit_best;
use throughline_domain::insight::clv::value::{Horizon, fit_spend};
use throughline_domain::insight::clv::{Purchase, Summary, cells, summarise};
use throughline_domain::insight::propensity::feature::MEMORY_DAYS;
use throughline_domain::insight::propensity::{Act, FeatureSet, Label, Sample, model};
use throughline_domain::insight::{PredictionKind, next_category};
use throughline_lake::{PersonRows, PersonVisitor};
use throughline_store::prediction::{self as rows, ModelRow};
use xxhash_rust::xxh3::xxh3_64;

use super::acts::{Reader, Renumber, Source};
use super::settings::PredictionSettings;
use super::stored::{ChanceMetrics, Definition, Parameters, Refusal, ValueMetrics, VersionMetrics, read, text};
use super::{prediction_changed, schedule};
use crate::{App, Result};

/// Buyers without whom nothing is trained.
pub(super) const FEWEST_BUYERS: u64 = 200;
/// People a model learns from at most: more of them change the weights by less than the next week does.
const MOST_PEOPLE: f64 = 60_000.0;
/// Days of history before the oldest cut-off, so that its features have something to look at.
const RUN_UP_DAYS: i64 = 30;
/// Channels and categories with a feature of their own.
const SHARES: usize = 8;
/// Categories that can be predicted.
const MOST_CATEGORIES: usize = 200;
/// Versions kept of a kind beside the live one.
const KEEP_VERSIONS: i64 = 60;

/// The payload of the job.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Payload {
    /// Every kind when absent.
    pub(super) kind: Option<String>,
}

/// Trains what the payload names, then has everybody scored.
pub(crate) fn work(app: &App, payload: &str) -> Result<()> {
    let payload: Payload = read(payload, "job")?;
    let all = app.prediction_settings()?.kinds();
    let kinds: Vec<PredictionKind> = match &payload.kind {
        None => all.to_vec(),
        Some(kind) => all.into_iter().filter(|k| k.to_string() == *kind).collect(),
    };
    app.predictions_train(&kinds)?;
    schedule::score_soon(app)
}

/// What a pass over the history gathers for one kind at one cut-off.
#[derive(Debug, Clone, Copy)]
struct Cut {
    kind: PredictionKind,
    at_ms: i64,
    days: u32,
}

/// What the history holds.
#[derive(Debug, Default)]
struct Census {
    people: u64,
    buyers: u64,
    events: u64,
    other_currency: u64,
    first_day: Option<i32>,
    channels: Vec<u64>,
    categories: BTreeMap<String, u64>,
    bought: BTreeMap<String, u64>,
}

/// What people did at the cut-offs.
#[derive(Debug, Default)]
struct Gathered {
    /// By cut.
    chances: Vec<Vec<Sample>>,
    categories: Vec<Vec<next_category::Sample>>,
    purchases: Vec<Purchase>,
}

/// Everything a kind is trained from.
struct Ground<'a> {
    settings: PredictionSettings,
    /// Local day since 1970; what happens on it is not over yet.
    today: i32,
    history_days: i64,
    cuts: &'a [Cut],
    set: &'a FeatureSet,
    names: &'a [String],
}

impl App {
    /// Trains versions of `kinds` from the history as it is.
    ///
    /// # Errors
    /// When the history or the store fails; what there is too little data for is kept as a refusal.
    pub(super) fn predictions_train(&self, kinds: &[PredictionKind]) -> Result<()> {
        let now = self.now();
        let settings = self.prediction_settings()?;
        let source = self.prediction_source()?;
        let today = source.midnight(now);
        let census = self.census(&source, today)?;
        let first = census.first_day.unwrap_or(source.day(today));
        let history_days = i64::from(source.day(today) - first);
        let cuts: Vec<Cut> = kinds.iter().flat_map(|k| cuts_of(*k, &settings, today, history_days)).collect();
        let set = FeatureSet {
            channels: frequent(source.channels.iter().zip(&census.channels).map(|(n, c)| (n, *c)), SHARES),
            sources: source.kinds.clone(),
            categories: frequent(census.categories.iter().map(|(n, c)| (n, *c)), SHARES),
        };
        let names = frequent(census.bought.iter().map(|(n, c)| (n, *c)), MOST_CATEGORIES);
        let share = (MOST_PEOPLE / census.people.max(1) as f64).min(1.0);
        let mut gathered = self.gather(&source, &cuts, &set, &names, share, today)?;
        let ground = Ground { settings, today: source.day(today), history_days, cuts: &cuts, set: &set, names: &names };
        for kind in kinds {
            let own: Vec<i64> = cuts.iter().filter(|c| c.kind == *kind).map(|c| c.at_ms).collect();
            let definition = Definition {
                conversion: source.conversion.key.clone(),
                currency: source.conversion.definition.currency.to_string(),
                people: census.people,
                buyers: census.buyers,
                sampled: share,
                events: census.events,
                history_days,
                cut_offs: own.into_iter().map(Timestamp::from_ms).collect(),
                other_currency: census.other_currency,
            };
            let made = if census.buyers < FEWEST_BUYERS {
                let detail = format!("there are {} buyers; {FEWEST_BUYERS} are needed at least", census.buyers);
                Err(Problem::invalid("prediction_few_buyers", detail))
            } else {
                ground.train(*kind, &mut gathered)
            };
            self.keep_version(*kind, &definition, made)?;
        }
        Ok(())
    }

    fn keep_version(
        &self,
        kind: PredictionKind,
        definition: &Definition,
        made: Result<(Parameters, VersionMetrics)>,
    ) -> Result<()> {
        let (state, parameters, metrics) = match made {
            Ok((parameters, metrics)) => ("live", text(&parameters), metrics),
            Err(p) if p.kind == ProblemKind::Invalid => {
                let refusal = Refusal { code: p.code.to_string(), detail: p.detail };
                ("refused", String::new(), VersionMetrics::Refused(refusal))
            }
            Err(p) => return Err(p),
        };
        let kind = kind.to_string();
        let row = ModelRow {
            id: PredictionModelId::new(self.ids.next()),
            kind: kind.clone(),
            version: 0,
            state: state.to_owned(),
            trained_at: self.now(),
            definition: text(definition),
            parameters,
            metrics: text(&metrics),
            scored_at: None,
            scoring: None,
        };
        let version = self.db.write(|tx| {
            let version = rows::model_insert(tx, &row)?;
            rows::models_trim(tx, &kind, KEEP_VERSIONS)?;
            // The settings may have changed meanwhile.
            let kept: Vec<String> = super::settings::read(tx)?.kinds().iter().map(ToString::to_string).collect();
            let changed = rows::kinds_retire(tx, &kept)?;
            prediction_changed(tx, self, &changed)?;
            Ok(version)
        })?;
        tracing::info!(kind, version, state, "a prediction was trained");
        Ok(())
    }

    fn census(&self, source: &Source, today: i64) -> Result<Census> {
        let since = today - MEMORY_DAYS * DAY_MS;
        let counters = self.prediction_scan(source, |_| Counter {
            reader: Reader::new(source),
            since,
            census: Census { channels: vec![0; source.channels.len()], ..Census::default() },
            categories: Vec::new(),
            bought: Vec::new(),
        })?;
        let mut all = Census { channels: vec![0; source.channels.len()], ..Census::default() };
        for c in counters {
            all.people += c.census.people;
            all.buyers += c.census.buyers;
            all.events += c.reader.events;
            all.other_currency += c.reader.other_currency;
            all.first_day = [all.first_day, c.census.first_day].into_iter().flatten().min();
            for (sum, n) in all.channels.iter_mut().zip(&c.census.channels) {
                *sum += n;
            }
            for (name, n) in c.reader.categories.iter().zip(c.categories) {
                *all.categories.entry(name.clone()).or_default() += n;
            }
            for (name, n) in c.reader.categories.iter().zip(c.bought).filter(|(_, n)| *n > 0) {
                *all.bought.entry(name.clone()).or_default() += n;
            }
        }
        Ok(all)
    }

    fn gather(
        &self,
        source: &Source,
        cuts: &[Cut],
        set: &FeatureSet,
        names: &[String],
        share: f64,
        today: i64,
    ) -> Result<Gathered> {
        let gatherers = self.prediction_scan(source, |_| Gatherer {
            reader: Reader::new(source),
            features: Renumber::new(source, &set.channels, &set.sources, &set.categories),
            named: Renumber::new(source, &[], &[], names),
            cuts,
            set,
            categories: names.len(),
            share,
            today: source.day(today),
            acts: Vec::new(),
            out: Gathered {
                chances: vec![Vec::new(); cuts.len()],
                categories: vec![Vec::new(); cuts.len()],
                purchases: Vec::new(),
            },
        })?;
        let mut all = Gathered {
            chances: vec![Vec::new(); cuts.len()],
            categories: vec![Vec::new(); cuts.len()],
            purchases: Vec::new(),
        };
        for mut g in gatherers {
            for (sum, own) in all.chances.iter_mut().zip(&mut g.out.chances) {
                sum.append(own);
            }
            for (sum, own) in all.categories.iter_mut().zip(&mut g.out.categories) {
                sum.append(own);
            }
            all.purchases.append(&mut g.out.purchases);
        }
        // Which thread met whom is not fixed; a model must be.
        for samples in &mut all.chances {
            samples.sort_unstable_by_key(|s| s.person);
        }
        for samples in &mut all.categories {
            samples.sort_unstable_by_key(|s| s.person);
        }
        Ok(all)
    }
}

/// Where a kind is cut, the latest first: judged at the first, learned from at the others. Days after a cut-off end where
/// the cut-off before it in this list stands.
fn cuts_of(kind: PredictionKind, settings: &PredictionSettings, today: i64, history_days: i64) -> Vec<Cut> {
    let days = match kind {
        PredictionKind::Purchase(days) | PredictionKind::Lapse(days) => days,
        PredictionKind::NextCategory => settings.purchase_days,
        PredictionKind::Value(_) => return Vec::new(),
    };
    let ago = |n: i64| n * i64::from(days);
    let fits = (1..=3).filter(|n| ago(*n) + RUN_UP_DAYS <= history_days);
    fits.map(|n| Cut { kind, at_ms: today - ago(n) * DAY_MS, days }).collect()
}

/// The names counted most, the most first.
fn frequent<'a>(counted: impl Iterator<Item = (&'a String, u64)>, most: usize) -> Vec<String> {
    let mut counted: Vec<(&String, u64)> = counted.filter(|(_, n)| *n > 0).collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    counted.into_iter().take(most).map(|(name, _)| name.clone()).collect()
}

struct Counter<'a> {
    reader: Reader<'a>,
    since: i64,
    census: Census,
    /// By number of the reader.
    categories: Vec<u64>,
    bought: Vec<u64>,
}

impl PersonVisitor for Counter<'_> {
    fn person(&mut self, rows: PersonRows<'_>) {
        self.reader.read(&rows, true);
        self.census.people += 1;
        if let Some(day) = self.reader.orders.iter().map(|o| o.day).min() {
            self.census.buyers += 1;
            self.census.first_day = Some(self.census.first_day.map_or(day, |d| d.min(day)));
        }
        self.categories.resize(self.reader.categories.len(), 0);
        self.bought.resize(self.reader.categories.len(), 0);
        for act in self.reader.acts.iter().filter(|a| a.at_ms >= self.since) {
            if let Some(n) = self.census.channels.get_mut(usize::from(act.channel)) {
                *n += 1;
            }
            if let Some(n) = self.categories.get_mut(usize::from(act.category)) {
                *n += 1;
            }
            if act.kind == throughline_domain::insight::propensity::ActKind::Item
                && let Some(n) = self.bought.get_mut(usize::from(act.category))
            {
                *n += 1;
            }
        }
    }
}

struct Gatherer<'a> {
    reader: Reader<'a>,
    features: Renumber,
    named: Renumber,
    cuts: &'a [Cut],
    set: &'a FeatureSet,
    categories: usize,
    share: f64,
    today: i32,
    acts: Vec<Act>,
    out: Gathered,
}

impl PersonVisitor for Gatherer<'_> {
    fn person(&mut self, rows: PersonRows<'_>) {
        let person = rows.person_id();
        let sampled = is_sampled(person, self.share);
        self.reader.read(&rows, sampled);
        let today = self.today;
        let orders = self.reader.orders.iter().filter(|o| o.day < today);
        self.out.purchases.extend(orders.map(|o| Purchase { customer: person, day: o.day, value: o.value }));
        if !sampled {
            return;
        }
        self.features.acts(&self.reader.acts, &self.reader.categories, &mut self.acts);
        for (cut, out) in self.cuts.iter().zip(&mut self.out.chances) {
            let Some(label) = label_of(cut.kind).and_then(|l| l.of(&self.acts, cut.at_ms, cut.days)) else { continue };
            out.push(Sample { person, features: self.set.of(&self.acts, cut.at_ms), label });
        }
        if self.categories == 0 {
            return;
        }
        self.named.acts(&self.reader.acts, &self.reader.categories, &mut self.acts);
        for (cut, out) in self.cuts.iter().zip(&mut self.out.categories) {
            if cut.kind == PredictionKind::NextCategory {
                out.extend(next_category::sample(person, &self.acts, cut.at_ms, cut.days, self.categories));
            }
        }
    }
}

fn label_of(kind: PredictionKind) -> Option<Label> {
    match kind {
        PredictionKind::Purchase(_) => Some(Label::Purchase),
        PredictionKind::Lapse(_) => Some(Label::Lapse),
        PredictionKind::Value(_) | PredictionKind::NextCategory => None,
    }
}

/// Whether the person is in the sample; another hash than the one that decides who calibrates.
fn is_sampled(person: i64, share: f64) -> bool {
    (xxh3_64(&person.to_le_bytes()) as f64) < share * u64::MAX as f64 || share >= 1.0
}

impl Ground<'_> {
    fn train(&self, kind: PredictionKind, gathered: &mut Gathered) -> Result<(Parameters, VersionMetrics)> {
        let own: Vec<usize> = (0..self.cuts.len()).filter(|i| self.cuts[*i].kind == kind).collect();
        match kind {
            PredictionKind::Purchase(days) | PredictionKind::Lapse(days) => {
                let label = label_of(kind).unwrap_or(Label::Purchase);
                self.long_enough(&own, days)?;
                let mut samples: Vec<Vec<Sample>> =
                    own.iter().map(|i| std::mem::take(&mut gathered.chances[*i])).collect();
                let later = samples.remove(0);
                let t = model::train(label, days, self.set, &samples, &later)?;
                let metrics = ChanceMetrics {
                    quality: t.quality,
                    recency_auc: t.recency_auc,
                    own_rate_auc: t.own_rate_auc,
                    refused_features: t.refused,
                    ridge: t.ridge,
                    fitted_on: t.fitted_on,
                    calibrated_on: t.calibrated_on,
                };
                Ok((Parameters::Chance(Box::new(t.model)), VersionMetrics::Chance(metrics)))
            }
            PredictionKind::NextCategory => {
                self.long_enough(&own, self.settings.purchase_days)?;
                let mut samples: Vec<Vec<next_category::Sample>> =
                    own.iter().map(|i| std::mem::take(&mut gathered.categories[*i])).collect();
                let later = samples.remove(0);
                let model = next_category::train(self.names, &samples.concat())?;
                let rates = model.hit_rates(&later);
                Ok((Parameters::Category(Box::new(model)), VersionMetrics::Category(rates)))
            }
            PredictionKind::Value(days) => self.value(days, &mut gathered.purchases),
        }
    }

    fn long_enough(&self, cuts: &[usize], days: u32) -> Result<()> {
        if cuts.len() >= 2 {
            return Ok(());
        }
        let needed = 2 * i64::from(days) + RUN_UP_DAYS;
        let detail = format!(
            "the first purchase is {} days ago; {needed} days are needed to learn and to be judged on other days",
            self.history_days
        );
        Err(Problem::invalid("prediction_short_history", detail))
    }

    fn value(&self, days: u32, purchases: &mut [Purchase]) -> Result<(Parameters, VersionMetrics)> {
        const SHORTEST: i64 = 90;
        if self.history_days < SHORTEST {
            let detail =
                format!("the first purchase is {} days ago; {SHORTEST} are needed at least", self.history_days);
            return Err(Problem::invalid("prediction_short_history", detail));
        }
        let horizon = Horizon { days, margin: self.settings.margin, yearly_discount: self.settings.yearly_discount };
        // The latest half of the history at most is held out.
        let held = i64::from(days).min(self.history_days / 2) as i32;
        let end = self.today - 1 - held;
        let (purchases_held, value_held) = judge(purchases, end, held, &horizon)?;
        let known: Vec<Summary> = summarise(purchases, self.today - 1).into_iter().map(|(_, s)| s).collect();
        let lifetime = fit_best(&cells(known.iter().copied()))?;
        let spend = fit_spend(&known)?;
        let metrics = ValueMetrics { lifetime, spend, purchases: purchases_held, value: value_held };
        let parameters = Parameters::Value { lifetime: lifetime.model, spend: spend.model, horizon };
        Ok((parameters, VersionMetrics::Value(Box::new(metrics))))
    }
}

/// Fits on the days up to `end` and compares with the `held` days after it.
fn judge(purchases: &mut [Purchase], end: i32, held: i32, horizon: &Horizon) -> Result<(Holdout, Holdout)> {
    let before = summarise(purchases, end);
    let known: Vec<Summary> = before.iter().map(|(_, s)| *s).collect();
    let lifetime = fit_best(&cells(known.iter().copied()))?.model;
    let spend = fit_spend(&known)?.model;
    let mut after: HashMap<i64, (BTreeSet<i32>, f64)> = HashMap::new();
    for p in purchases.iter().filter(|p| p.day > end && p.day <= end + held) {
        let (days, value) = after.entry(p.customer).or_default();
        days.insert(p.day);
        *value += p.value;
    }
    let days = held.unsigned_abs();
    let held_out = Horizon { days, ..*horizon };
    let values = held_out.values(&lifetime, &spend, &known);
    let mut forecast = Forecast::new(&lifetime, f64::from(days));
    let (mut counts, mut money) = (Vec::with_capacity(known.len()), Vec::with_capacity(known.len()));
    for ((customer, s), predicted) in before.iter().zip(values) {
        let (bought, paid) = after.get(customer).map_or((0.0, 0.0), |(days, value)| (days.len() as f64, *value));
        let rate = f64::from(s.repeats) / f64::from(s.age_days.max(1)) * f64::from(days);
        let row = Compared { repeats: s.repeats, predicted: forecast.expected(s), actual: bought, own_rate: rate };
        counts.push(row);
        money.push(Compared {
            predicted,
            actual: paid * horizon.margin,
            own_rate: rate * s.repeat_mean * horizon.margin,
            ..row
        });
    }
    Ok((Holdout::of(days, &counts), Holdout::of(days, &money)))
}
