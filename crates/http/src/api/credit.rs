//! Credit: the report, the paths, the people behind a number; conversions and spend.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::credit as app_credit;
use throughline_app::credit::{ConversionChange, CreditQuery, Level, Model};
use throughline_base::{ConversionId, Problem};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::person::{PersonPage, Veil, person_row};
use crate::auth::Auth;
use crate::blocking::run;
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

/// How a property is compared.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// One of a list.
    In,
    /// Contains a text, or a list has an entry.
    Contains,
    /// Is there, or not.
    Exists,
}

/// One condition on the properties.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversionCondition {
    /// Path in the properties.
    path: String,
    #[schema(inline)]
    op: FilterOp,
    #[serde(default)]
    #[schema(required)]
    value: Value,
}

/// Conditions that must all hold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversionFilter {
    all: Vec<ConversionCondition>,
}

/// How often a person's conversions count.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversionCount {
    /// Every one.
    Every,
    /// The first ever.
    OncePerPerson,
    /// The first of a session.
    OncePerSession,
}

/// What makes two conversions one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversionDedupe {
    /// The same order id.
    OrderId,
    /// Nothing.
    None,
}

/// A named definition of a conversion.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversion {
    id: String,
    name: String,
    /// Short name for programs, unique.
    key: String,
    event: String,
    #[schema(required)]
    filter: Option<ConversionFilter>,
    /// `"revenue"`, `"none"`, `{"property": path}` or `{"fixed_minor": n}`.
    value: Value,
    #[schema(inline)]
    count: ConversionCount,
    #[schema(inline)]
    dedupe: ConversionDedupe,
    #[schema(required)]
    refund_event: Option<String>,
    currency: String,
    default: bool,
}

/// A new definition or a change of one. What is left out stays, or has its default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversionIn {
    #[schema(nullable = false)]
    name: Option<String>,
    #[schema(nullable = false)]
    key: Option<String>,
    #[schema(nullable = false)]
    event: Option<String>,
    /// `null` takes the filter away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<ConversionFilter>)]
    filter: Option<Option<ConversionFilter>>,
    #[schema(nullable = false)]
    value: Option<Value>,
    #[schema(inline, nullable = false)]
    count: Option<ConversionCount>,
    #[schema(inline, nullable = false)]
    dedupe: Option<ConversionDedupe>,
    /// `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    refund_event: Option<Option<String>>,
    #[schema(nullable = false)]
    currency: Option<String>,
    #[schema(nullable = false)]
    default: Option<bool>,
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

/// Spend of a day, channel and campaign.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SpendRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<String>,
    /// `YYYY-MM-DD`.
    date: String,
    channel: String,
    /// Empty for the channel as a whole.
    #[serde(default)]
    #[schema(required)]
    campaign: String,
    #[serde(default)]
    #[schema(required)]
    impressions: i64,
    #[serde(default)]
    #[schema(required)]
    clicks: i64,
    cost_minor: i64,
    #[serde(default)]
    #[schema(required)]
    currency: String,
    import_id: Option<String>,
}

/// A page of spend.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpendPage {
    items: Vec<SpendRow>,
    #[schema(required)]
    next: Option<String>,
}

/// What a report is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
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

/// Which spend is listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SpendParams {
    /// Rows a page, 1 to 500.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// First day.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// Channel.
    channel: Option<String>,
}

/// Which spend is removed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SpendDeleteParams {
    /// `YYYY-MM-DD`.
    date: Option<String>,
    /// Channel.
    channel: Option<String>,
    /// Campaign; empty or absent for the channel as a whole.
    campaign: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(conversion_list, conversion_create))
        .routes(routes!(conversion_update, conversion_delete))
        .routes(routes!(credit_report))
        .routes(routes!(credit_paths))
        .routes(routes!(credit_people))
        .routes(routes!(spend_list, spend_create, spend_delete))
}

/// A field that is there, even as `null`.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
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

fn conversion_dto(c: app_credit::Conversion) -> Result<Conversion, Problem> {
    let d = c.definition;
    Ok(Conversion {
        id: c.id.to_string(),
        name: c.name,
        key: c.key,
        event: d.event,
        filter: recast(&d.filter, "filter")?,
        value: recast(&d.value, "value")?,
        count: recast(&d.count, "count")?,
        dedupe: recast(&d.dedupe, "dedupe")?,
        refund_event: d.refund_event,
        currency: d.currency.to_string(),
        default: c.is_default,
    })
}

fn change(body: ConversionIn) -> Result<ConversionChange, Problem> {
    let value = |v: &Value| {
        recast(v, "value").map_err(|_| {
            let expected = "expected \"revenue\", \"none\", {\"property\": \"path\"} or {\"fixed_minor\": 100}";
            Problem::invalid("conversion", format!("value: {v} is no value; {expected}"))
        })
    };
    Ok(ConversionChange {
        name: body.name,
        key: body.key,
        event: body.event,
        filter: body.filter.map(|f| recast(&f, "filter")).transpose()?,
        value: body.value.as_ref().map(value).transpose()?,
        count: body.count.map(|c| recast(&c, "count")).transpose()?,
        dedupe: body.dedupe.map(|d| recast(&d, "dedupe")).transpose()?,
        refund_event: body.refund_event,
        currency: body.currency,
        is_default: body.default,
    })
}

fn spend_dto(s: app_credit::Spend) -> SpendRow {
    SpendRow {
        id: Some(s.id.to_string()),
        date: s.date,
        channel: s.channel,
        campaign: s.campaign,
        impressions: s.impressions,
        clicks: s.clicks,
        cost_minor: s.cost_minor,
        currency: s.currency,
        import_id: s.import_id.map(|i| i.to_string()),
    }
}

/// Every definition, the default one first.
#[utoipa::path(get, path = "/api/credit/conversions", tag = "credit", responses((status = 200, body = [Conversion])))]
async fn conversion_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Conversion>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.conversions()?.into_iter().map(conversion_dto).collect::<Result<_, _>>()?))).await
}

/// Adds a definition.
#[utoipa::path(post, path = "/api/credit/conversions", tag = "credit", request_body = ConversionIn,
    responses((status = 201, body = Conversion), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn conversion_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Json(body): Json<Value>,
) -> ApiResult<(StatusCode, Json<Conversion>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let new = app.conversion_create(&caller, change(body_as(body)?)?)?;
        Ok((StatusCode::CREATED, Json(conversion_dto(new)?)))
    })
    .await
}

/// Changes a definition.
#[utoipa::path(patch, path = "/api/credit/conversions/{id}", tag = "credit", request_body = ConversionIn,
    params(("id" = String, Path)),
    responses((status = 200, body = Conversion), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn conversion_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ConversionId>,
    Json(body): Json<Value>,
) -> ApiResult<Json<Conversion>> {
    caller.need(Scope::Write)?;
    run(move || Ok(Json(conversion_dto(app.conversion_update(&caller, id, change(body_as(body)?)?)?)?))).await
}

/// Removes a definition; events stay.
#[utoipa::path(delete, path = "/api/credit/conversions/{id}", tag = "credit", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn conversion_delete(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ConversionId>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.conversion_delete(&caller, id).map(|()| StatusCode::NO_CONTENT)).await
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

/// Spend, the newest day first.
#[utoipa::path(get, path = "/api/credit/spend", tag = "credit", params(SpendParams),
    responses((status = 200, body = SpendPage), (status = 400, body = ProblemBody)))]
async fn spend_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(p): Query<SpendParams>,
) -> ApiResult<Json<SpendPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let (cursor, limit) = PageQuery { limit: p.limit, cursor: p.cursor }.read()?;
        let filter = app_credit::SpendFilter { from: p.from, to: p.to, channel: p.channel };
        let page = app.spend_list(&filter, cursor, limit)?.map(spend_dto);
        Ok(Json(SpendPage { items: page.items, next: page.next }))
    })
    .await
}

/// Saves spend; that of the same day, channel, campaign and currency is replaced.
#[utoipa::path(post, path = "/api/credit/spend", tag = "credit", request_body = SpendRow,
    responses((status = 201, body = SpendRow), (status = 400, body = ProblemBody)))]
async fn spend_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Json(body): Json<Value>,
) -> ApiResult<(StatusCode, Json<SpendRow>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let s: SpendRow = body_as(body)?;
        let spend = app_credit::Spend {
            id: 0,
            date: s.date,
            channel: s.channel,
            campaign: s.campaign,
            impressions: s.impressions,
            clicks: s.clicks,
            cost_minor: s.cost_minor,
            currency: s.currency,
            import_id: None,
        };
        Ok((StatusCode::CREATED, Json(spend_dto(app.spend_put(&caller, &spend)?))))
    })
    .await
}

/// Removes the spend of a day, channel and campaign.
#[utoipa::path(delete, path = "/api/credit/spend", tag = "credit", params(SpendDeleteParams),
    responses((status = 204), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn spend_delete(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(p): Query<SpendDeleteParams>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || {
        let (Some(date), Some(channel)) = (p.date, p.channel) else {
            return Err(Problem::invalid(
                "spend",
                "say which spend: `date` and `channel`, and `campaign` unless it is empty",
            ));
        };
        app.spend_delete(&caller, &date, &channel, p.campaign.as_deref().unwrap_or_default())?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
