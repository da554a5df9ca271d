//! Credit: the report, the paths, the people behind a number; conversions and spend.

mod conversion;
mod spend;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::credit as app_credit;
use throughline_app::credit::{CreditQuery, Level, Model};
use throughline_base::Problem;
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::person::{PersonPage, person_row};
use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Query;
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// How credit is divided.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditModelName {
    /// All to the first touch.
    First,
    /// All to the last.
    Last,
    /// All to the last that is not direct.
    LastNonDirect,
    /// Equal shares.
    Linear,
    /// Halved with every half-life before the conversion.
    TimeDecay,
    /// 40 % first, 40 % last, the rest between.
    Position,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditBy {
    /// A channel.
    Channel,
    /// A campaign of a channel.
    Campaign,
    /// A touchpoint of a campaign.
    Touchpoint,
}

/// A row of the report.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditRow {
    /// `channel`, `channel/campaign` or `channel/campaign/touchpoint`.
    key: String,
    label: String,
    channel: String,
    #[schema(required)]
    campaign: Option<String>,
    touches: u64,
    conversions: f64,
    revenue_minor: i64,
    #[schema(required)]
    cost_minor: Option<i64>,
    impressions: i64,
    clicks: i64,
    /// Cost of a new customer.
    #[schema(required)]
    cac_minor: Option<i64>,
    #[schema(required)]
    roas: Option<f64>,
    assisted_conversions: u64,
    share: f64,
}

/// What no touch earned.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditUnattributed {
    conversions: u64,
    revenue_minor: i64,
    share: f64,
}

/// Sums of the period.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditTotal {
    conversions: u64,
    revenue_minor: i64,
    buyers: u64,
}

/// The report. Rows and unattributed sum to the total, to the minor unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditReport {
    conversion: String,
    #[schema(inline)]
    model: CreditModelName,
    lookback_days: u32,
    #[schema(inline)]
    by: CreditBy,
    from: String,
    to: String,
    as_of: String,
    /// How often identity had changed when the report was made.
    identity_version: i64,
    currency: String,
    rows: Vec<CreditRow>,
    unattributed: CreditUnattributed,
    total: CreditTotal,
    /// Revenue by model and key.
    all_models: BTreeMap<String, BTreeMap<String, i64>>,
    elapsed_ms: f64,
    events_scanned: u64,
    /// What was left out, and why.
    notes: Vec<String>,
}

/// Conversions with so many touches.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathLength {
    touches: usize,
    conversions: u64,
}

/// Conversions so many days after their first touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathLag {
    days: usize,
    conversions: u64,
}

/// A frequent path.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathTop {
    /// Channel keys in order.
    path: Vec<String>,
    conversions: u64,
    revenue_minor: i64,
}

/// Buyers on one side, and how many of them were touched on the other in the seven days before.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathCrossing {
    /// Touched on the other side.
    buyers: u64,
    /// All identified buyers of this side.
    of: u64,
    share: f64,
}

/// Both crossings.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathCross {
    online_to_store: PathCrossing,
    store_to_online: PathCrossing,
}

/// Path lengths, time lags, top paths, crossings.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditPaths {
    length: Vec<PathLength>,
    lag_days: Vec<PathLag>,
    top: Vec<PathTop>,
    cross: PathCross,
}

/// What a report is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CreditParams {
    /// Key or id of the conversion; the default one when absent.
    conversion: Option<String>,
    /// `first`, `last`, `last_non_direct`, `linear` (default), `time_decay`, `position`.
    model: Option<String>,
    /// How long before a conversion a touch may lie, 1 to 3650; 30 when absent.
    lookback_days: Option<u32>,
    /// `channel` (default), `campaign`, `touchpoint`.
    by: Option<String>,
    /// First instant (RFC 3339) or day of the period; the beginning of the history when absent.
    from: Option<String>,
    /// First instant after the period, or its last day; now when absent.
    to: Option<String>,
    /// Half-life of `time_decay`; 7 when absent.
    half_life_days: Option<f64>,
    /// Only rows of this channel.
    channel: Option<String>,
    /// Language of labels: `en` or `zh-CN`; the caller's when absent.
    locale: Option<String>,
}

/// The people behind a number.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CreditPeopleParams {
    /// Rows a page, 1 to 500.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// As in the report.
    conversion: Option<String>,
    /// As in the report.
    model: Option<String>,
    /// As in the report.
    by: Option<String>,
    /// A row's key, or `unattributed`; everyone who converted when absent.
    key: Option<String>,
    /// As in the report.
    from: Option<String>,
    /// As in the report.
    to: Option<String>,
    /// As in the report.
    lookback_days: Option<u32>,
    /// As in the report.
    half_life_days: Option<f64>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(conversion::router())
        .routes(routes!(credit_report))
        .routes(routes!(credit_paths))
        .routes(routes!(credit_people))
        .merge(spend::router())
}

/// A body read as `T`; the problem says what is wrong where.
pub(super) fn body_as<T: DeserializeOwned>(body: Value) -> Result<T, Problem> {
    serde_json::from_value(body).map_err(|e| Problem::invalid("body", format!("the body cannot be read: {e}")))
}

/// One JSON shape as another type of the same shape.
pub(super) fn recast<T: DeserializeOwned>(from: &impl Serialize, field: &str) -> Result<T, Problem> {
    serde_json::to_value(from)
        .and_then(serde_json::from_value)
        .map_err(|e| Problem::invalid("body", format!("{field}: {e}")))
}

impl CreditParams {
    fn read(&self, app: &App, locale: &str) -> Result<CreditQuery, Problem> {
        let model = self.model.as_deref().filter(|m| !m.is_empty()).unwrap_or("linear");
        let model = Model::parse(model).filter(|m| app_credit::MODELS.contains(m)).ok_or_else(|| {
            let known: Vec<&str> = app_credit::MODELS.iter().map(|m| m.as_str()).collect();
            Problem::invalid("credit_model", format!("model: `{model}` is none; expected one of {}", known.join(", ")))
        })?;
        let by = self.by.as_deref().filter(|b| !b.is_empty()).unwrap_or("channel");
        let by = Level::parse(by).ok_or_else(|| {
            Problem::invalid("credit_by", format!("by: `{by}` is none; expected channel, campaign or touchpoint"))
        })?;
        Ok(CreditQuery {
            conversion: self.conversion.clone(),
            model,
            by,
            from: app.credit_instant(self.from.as_deref(), "from", false)?,
            to: app.credit_instant(self.to.as_deref(), "to", true)?,
            lookback_days: self.lookback_days.unwrap_or(30),
            half_life_days: self.half_life_days.unwrap_or(7.0),
            channel: self.channel.clone(),
            locale: self.locale.clone().unwrap_or_else(|| locale.to_owned()),
        })
    }
}

fn model_name(model: Model) -> Result<CreditModelName, Problem> {
    recast(&model, "model")
}

fn by_name(by: Level) -> CreditBy {
    match by {
        Level::Channel => CreditBy::Channel,
        Level::Campaign => CreditBy::Campaign,
        Level::Touchpoint => CreditBy::Touchpoint,
    }
}

/// Who earned the conversions of a period, by one model, beside all others.
#[utoipa::path(get, path = "/api/credit/report", tag = "credit", params(CreditParams),
    responses((status = 200, body = CreditReport), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn credit_report(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(params): Query<CreditParams>,
) -> ApiResult<Json<CreditReport>> {
    caller.need(Scope::Read)?;
    run(move || {
        let locale = caller.user.as_ref().map_or("en", |u| u.locale.as_str());
        let query = params.read(&app, locale)?;
        let r = app.credit_report(&query)?;
        let all_models = r.all_models.into_iter().map(|(model, keys)| (model.to_owned(), keys));
        Ok(Json(CreditReport {
            conversion: r.conversion.key,
            model: model_name(query.model)?,
            lookback_days: query.lookback_days,
            by: by_name(query.by),
            from: r.from.to_string(),
            to: r.to.to_string(),
            as_of: r.as_of.to_string(),
            identity_version: r.identity_version,
            currency: r.conversion.definition.currency.to_string(),
            rows: r.rows.into_iter().map(row).collect(),
            unattributed: CreditUnattributed {
                conversions: r.unattributed.conversions,
                revenue_minor: r.unattributed.revenue_minor,
                share: r.unattributed_share,
            },
            total: CreditTotal { conversions: r.conversions, revenue_minor: r.revenue_minor, buyers: r.buyers },
            all_models: all_models.collect(),
            elapsed_ms: r.elapsed_ms,
            events_scanned: r.events_scanned,
            notes: r.notes,
        }))
    })
    .await
}

fn row(r: app_credit::CreditRow) -> CreditRow {
    CreditRow {
        key: r.row.key,
        label: r.label,
        channel: r.row.channel,
        campaign: r.row.campaign,
        touches: r.row.touches,
        conversions: r.row.conversions,
        revenue_minor: r.row.revenue_minor,
        cost_minor: r.row.cost_minor,
        impressions: r.impressions,
        clicks: r.clicks,
        cac_minor: r.row.cac_minor,
        roas: r.row.roas,
        assisted_conversions: r.row.assisted_conversions,
        share: r.share,
    }
}

/// How long paths are, how long they take, which are frequent, who crosses between shop and store.
#[utoipa::path(get, path = "/api/credit/paths", tag = "credit", params(CreditParams),
    responses((status = 200, body = CreditPaths), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn credit_paths(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(params): Query<CreditParams>,
) -> ApiResult<Json<CreditPaths>> {
    caller.need(Scope::Read)?;
    run(move || {
        let shape = app.credit_paths(&params.read(&app, "en")?)?.shape;
        let length = shape.lengths.iter().map(|l| PathLength { touches: l.touches, conversions: l.conversions });
        let lag_days = shape.lags.iter().map(|l| PathLag { days: l.days, conversions: l.conversions });
        let top = shape.top.into_iter().map(|t| PathTop {
            path: t.channels,
            conversions: t.conversions,
            revenue_minor: t.revenue_minor,
        });
        let crossing = |buyers: u64, touched: u64, share: Option<f64>| PathCrossing {
            buyers: touched,
            of: buyers,
            share: share.unwrap_or(0.0),
        };
        let (to_store, to_online) = (shape.online_to_store, shape.store_to_online);
        Ok(Json(CreditPaths {
            length: length.collect(),
            lag_days: lag_days.collect(),
            top: top.collect(),
            cross: PathCross {
                online_to_store: crossing(to_store.buyers, to_store.touched, to_store.share),
                store_to_online: crossing(to_online.buyers, to_online.touched, to_online.share),
            },
        }))
    })
    .await
}

/// The people behind a number of the report, most value first.
#[utoipa::path(get, path = "/api/credit/people", tag = "credit", params(CreditPeopleParams),
    responses((status = 200, body = PersonPage), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn credit_people(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(p): Query<CreditPeopleParams>,
) -> ApiResult<Json<PersonPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let (cursor, limit) = PageQuery { limit: p.limit, cursor: p.cursor }.read()?;
        let params = CreditParams {
            conversion: p.conversion,
            model: p.model,
            by: p.by,
            from: p.from,
            to: p.to,
            lookback_days: p.lookback_days,
            half_life_days: p.half_life_days,
            ..CreditParams::default()
        };
        let page = app.credit_people(&params.read(&app, "en")?, p.key.as_deref(), cursor, limit)?;
        let veil = Veil::of(&caller);
        let items = page.items.into_iter().map(|i| person_row(i, veil)).collect();
        Ok(Json(PersonPage { items, next: page.next }))
    })
    .await
}
