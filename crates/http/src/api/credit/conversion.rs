//! Conversion definitions: what counts as a conversion, and what it is worth.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::credit::{Conversion as Defined, ConversionChange};
use throughline_base::{ConversionId, Problem};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{body_as, recast};
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};

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

/// Routes of this file.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(conversion_list, conversion_create))
        .routes(routes!(conversion_update, conversion_delete))
}

/// A field that is there, even as `null`.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}

fn conversion_dto(c: Defined) -> Result<Conversion, Problem> {
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
    Body(body): Body<Value>,
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
    Body(body): Body<Value>,
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
