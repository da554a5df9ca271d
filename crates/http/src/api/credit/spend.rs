//! Ad spend: listed, saved, removed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::credit::{Spend, SpendFilter};
use throughline_base::Problem;
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body_as;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

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

/// Which spend is listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct SpendDeleteParams {
    /// `YYYY-MM-DD`.
    date: Option<String>,
    /// Channel.
    channel: Option<String>,
    /// Campaign; empty or absent for the channel as a whole.
    campaign: Option<String>,
}

/// Routes of this file.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(spend_list, spend_create, spend_delete))
}

fn spend_dto(s: Spend) -> SpendRow {
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
        let filter = SpendFilter { from: p.from, to: p.to, channel: p.channel };
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
    Body(body): Body<Value>,
) -> ApiResult<(StatusCode, Json<SpendRow>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let s: SpendRow = body_as(body)?;
        let spend = Spend {
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
