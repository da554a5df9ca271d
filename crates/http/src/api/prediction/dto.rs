//! The shapes of predictions as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::insight::{
    Alarm, ChanceMetrics, HitRates, Holdout, KindView, PersonPrediction as Said, PredictionSettings as Settings,
    ValueMetrics, Version, VersionMetrics,
};
use utoipa::ToSchema;

/// A tenth of the people, best chances first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionTenth {
    people: u64,
    /// Mean chance.
    predicted: f64,
    /// The part of them with whom it happened.
    actual: f64,
    /// That over the part of everybody.
    lift: f64,
    /// Part of all cases in this tenth and those before it.
    captured: f64,
}

/// How chances did at a later cut-off than those they were learned at.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionChance {
    people: u64,
    cases: u64,
    auc: f64,
    log_loss: f64,
    brier: f64,
    /// Mean distance of predicted and actual part over the tenths.
    calibration_error: f64,
    tenths: Vec<PredictionTenth>,
    /// AUC of days since the last order alone.
    recency_auc: f64,
    /// AUC of the orders of a year alone.
    own_rate_auc: f64,
    /// Left out because they tell the answer nearly alone.
    refused_features: Vec<String>,
    fitted_on: u64,
    calibrated_on: u64,
}

/// Customers with the same number of repeats.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionByRepeats {
    /// The last row holds all with that many or more.
    repeats: u32,
    customers: u64,
    actual: f64,
    predicted: f64,
}

/// Predictions against what came in the days held out.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionHoldout {
    days: u32,
    customers: u64,
    actual_total: f64,
    predicted_total: f64,
    /// How far the total was off, as a part of what came.
    bias: f64,
    mae: f64,
    rmse: f64,
    correlation: f64,
    rank_correlation: f64,
    /// Part of the total that the tenth with the highest predictions brought.
    top_tenth_share: f64,
    zero_mae: f64,
    own_rate_mae: f64,
    by_repeats: Vec<PredictionByRepeats>,
}

/// The models behind value to come, and how they did.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionValue {
    /// `bg_nbd`, `mbg_nbd` or `nbd` (no leaving visible yet).
    model: String,
    r: f64,
    /// In days.
    alpha: f64,
    a: f64,
    b: f64,
    log_likelihood: f64,
    nbd_log_likelihood: f64,
    /// Standard errors of the logarithms of r, alpha, a and b.
    log_errors: [f64; 4],
    customers: u64,
    p: f64,
    q: f64,
    /// In minor units.
    v: f64,
    spend_customers: u64,
    /// Of how often and how much; the model takes it for none.
    spend_correlation: f64,
    purchases: PredictionHoldout,
    /// In minor units.
    value: PredictionHoldout,
}

/// How often the next category was right.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionCategory {
    people: u64,
    hit_1: f64,
    hit_3: f64,
    /// The same for the best-sellers.
    popular_1: f64,
    popular_3: f64,
    log_gain: f64,
}

/// Why there is no version.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionRefusal {
    code: String,
    detail: String,
}

/// The population stability index of a feature.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionDrift {
    feature: String,
    index: f64,
}

/// How scoring went.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionScoring {
    people: u64,
    /// Those whose score is another than before.
    changed: u64,
    /// Population stability index of the scores.
    #[schema(required)]
    drift: Option<f64>,
    /// Of the features, the largest first.
    features: Vec<PredictionDrift>,
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredictionVersion {
    version: i64,
    /// `live`, `retired` or `refused`.
    state: String,
    trained_at: String,
    conversion: String,
    currency: String,
    people: u64,
    buyers: u64,
    events: u64,
    history_days: i64,
    /// Part of the people it learned from.
    sampled: f64,
    /// Where learning and judging were cut, the latest first.
    cut_offs: Vec<String>,
    /// Purchases in other currencies, left out.
    other_currency: u64,
    #[schema(required)]
    chance: Option<PredictionChance>,
    #[schema(required)]
    value: Option<PredictionValue>,
    #[schema(required)]
    category: Option<PredictionCategory>,
    #[schema(required)]
    refused: Option<PredictionRefusal>,
    #[schema(required)]
    scored_at: Option<String>,
    #[schema(required)]
    scoring: Option<PredictionScoring>,
}

/// A kind of prediction.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prediction {
    /// `purchase_30d`, `lapse_90d`, `clv_365d`, `next_category`.
    kind: String,
    #[schema(required)]
    live: Option<PredictionVersion>,
    /// What was tried since the live version, and refused.
    #[schema(required)]
    refused: Option<PredictionVersion>,
    /// Why it waits, when it was never tried.
    #[schema(required)]
    waits: Option<String>,
    /// `none`, `warn` (stability index of .1) or `stop` (.25): whether people drifted away from the live version.
    alarm: String,
}

/// What is predicted of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonPrediction {
    kind: String,
    /// A chance, or minor units.
    value: f64,
    /// The category of what predicts one.
    #[schema(required)]
    label: Option<String>,
    /// Of chances a list of `{feature, value, log_odds}`, the strongest first; of value and category an object.
    contributions: Value,
    #[schema(required)]
    version: Option<i64>,
    /// Since when it is so.
    scored_at: String,
}

/// The settings of predictions.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictionSettings {
    /// Days within which a purchase counts; also those of the next category.
    purchase_days: u32,
    /// Days without a purchase that count as lapsed.
    lapse_days: u32,
    /// Days ahead over which value is expected.
    value_days: u32,
    /// Days between trainings; 0 for none but those asked for.
    retrain_days: u32,
    /// Part of the revenue that is margin; 1 predicts revenue.
    margin: f64,
    /// Interest of a year by which later purchases count less; 0 for none.
    yearly_discount: f64,
}

impl PredictionSettings {
    pub(super) const fn of(s: Settings) -> Self {
        Self {
            purchase_days: s.purchase_days,
            lapse_days: s.lapse_days,
            value_days: s.value_days,
            retrain_days: s.retrain_days,
            margin: s.margin,
            yearly_discount: s.yearly_discount,
        }
    }

    pub(super) const fn read(&self) -> Settings {
        Settings {
            purchase_days: self.purchase_days,
            lapse_days: self.lapse_days,
            value_days: self.value_days,
            retrain_days: self.retrain_days,
            margin: self.margin,
            yearly_discount: self.yearly_discount,
        }
    }
}

impl Prediction {
    pub(super) fn of(k: KindView) -> Self {
        let alarm = match k.alarm {
            Alarm::None => "none",
            Alarm::Warn => "warn",
            Alarm::Stop => "stop",
        };
        Self {
            kind: k.kind,
            live: k.live.map(PredictionVersion::of),
            refused: k.refused.map(PredictionVersion::of),
            waits: k.waits,
            alarm: alarm.to_owned(),
        }
    }
}

impl PersonPrediction {
    pub(super) fn of(s: Said) -> Self {
        Self {
            kind: s.kind,
            value: s.value,
            label: s.label,
            contributions: s.contributions,
            version: s.version,
            scored_at: s.scored_at.to_string(),
        }
    }
}

impl PredictionVersion {
    pub(super) fn of(v: Version) -> Self {
        let d = v.definition;
        let (mut chance, mut value, mut category, mut refused) = (None, None, None, None);
        match v.metrics {
            VersionMetrics::Chance(m) => chance = Some(PredictionChance::of(m)),
            VersionMetrics::Value(m) => value = Some(PredictionValue::of(*m)),
            VersionMetrics::Category(m) => category = Some(PredictionCategory::of(m)),
            VersionMetrics::Refused(r) => refused = Some(PredictionRefusal { code: r.code, detail: r.detail }),
        }
        Self {
            version: v.version,
            state: v.state,
            trained_at: v.trained_at.to_string(),
            conversion: d.conversion,
            currency: d.currency,
            people: d.people,
            buyers: d.buyers,
            events: d.events,
            history_days: d.history_days,
            sampled: d.sampled,
            cut_offs: d.cut_offs.iter().map(ToString::to_string).collect(),
            other_currency: d.other_currency,
            chance,
            value,
            category,
            refused,
            scored_at: v.scored_at.map(|t| t.to_string()),
            scoring: v.scoring.map(|s| PredictionScoring {
                people: s.people,
                changed: s.changed,
                drift: s.drift.as_ref().map(|d| d.scores),
                features: s
                    .drift
                    .map(|d| d.features)
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(feature, index)| PredictionDrift { feature, index })
                    .collect(),
            }),
        }
    }
}

impl PredictionChance {
    fn of(m: ChanceMetrics) -> Self {
        let q = m.quality;
        let tenths = q.tenths.into_iter().map(|t| PredictionTenth {
            people: t.people,
            predicted: t.predicted,
            actual: t.actual,
            lift: t.lift,
            captured: t.captured,
        });
        Self {
            people: q.people,
            cases: q.cases,
            auc: q.auc,
            log_loss: q.log_loss,
            brier: q.brier,
            calibration_error: q.calibration_error,
            tenths: tenths.collect(),
            recency_auc: m.recency_auc,
            own_rate_auc: m.own_rate_auc,
            refused_features: m.refused_features,
            fitted_on: m.fitted_on,
            calibrated_on: m.calibrated_on,
        }
    }
}

impl PredictionValue {
    fn of(m: ValueMetrics) -> Self {
        let (fit, spend) = (m.lifetime, m.spend);
        Self {
            model: fit.model.kind.as_str().to_owned(),
            r: fit.model.r,
            alpha: fit.model.alpha,
            a: fit.model.a,
            b: fit.model.b,
            log_likelihood: fit.log_likelihood,
            nbd_log_likelihood: fit.nbd_log_likelihood,
            log_errors: fit.log_errors,
            customers: fit.customers,
            p: spend.model.p,
            q: spend.model.q,
            v: spend.model.v,
            spend_customers: spend.customers,
            spend_correlation: spend.correlation,
            purchases: PredictionHoldout::of(m.purchases),
            value: PredictionHoldout::of(m.value),
        }
    }
}

impl PredictionHoldout {
    fn of(h: Holdout) -> Self {
        let rows = h.by_repeats.iter().map(|r| PredictionByRepeats {
            repeats: r.repeats,
            customers: r.customers,
            actual: r.actual,
            predicted: r.predicted,
        });
        Self {
            by_repeats: rows.collect(),
            bias: h.bias(),
            days: h.days,
            customers: h.customers,
            actual_total: h.actual_total,
            predicted_total: h.predicted_total,
            mae: h.mae,
            rmse: h.rmse,
            correlation: h.correlation,
            rank_correlation: h.rank_correlation,
            top_tenth_share: h.top_tenth_share,
            zero_mae: h.zero_mae,
            own_rate_mae: h.own_rate_mae,
        }
    }
}

impl PredictionCategory {
    const fn of(m: HitRates) -> Self {
        Self {
            people: m.people,
            hit_1: m.hit_1,
            hit_3: m.hit_3,
            popular_1: m.popular_1,
            popular_3: m.popular_3,
            log_gain: m.log_gain,
        }
    }
}
