//! The tracking plan: what is planned, what arrives, and what nobody planned.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::plan::{PlanEventView, PlanView};
use throughline_domain::event::plan::PlanProblem;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};

/// An event of the plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanEvent {
    /// Exact name; `$identify`, `$page` … stand for all events of that kind.
    name: String,
    /// One of Segment's e-commerce events, known without being listed.
    builtin: bool,
    /// JSON Schema of the properties.
    #[schema(value_type = Object)]
    schema: Value,
    description: String,
    updated_at: Option<String>,
    /// Events recorded in the last 30 days.
    seen_30d: i64,
    /// Keywords of the schema that are not obeyed; only in the answer to a change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<PlanNote>,
}

/// A keyword that is not obeyed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanNote {
    /// Where in the schema.
    path: String,
    message: String,
}

/// A name that arrives and is not planned.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnplannedEvent {
    name: String,
    /// Events of the last 30 days, and those in quarantine because of the name.
    count: i64,
    /// The planned name it looks like.
    suggestion: Option<String>,
    /// Names of sources.
    sources: Vec<String>,
}

/// The tracking plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Plan {
    /// Grows with every change.
    version: i64,
    events: Vec<PlanEvent>,
    unplanned: Vec<UnplannedEvent>,
}

/// An event to plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanEventPut {
    /// JSON Schema (draft-07 / 2020-12) of the properties.
    #[schema(value_type = Object)]
    schema: Map<String, Value>,
    #[serde(default)]
    description: String,
}

/// A property as it was seen on an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanProperty {
    name: String,
    /// JSON type and how often.
    types: HashMap<String, i64>,
    /// Values as sent; masked without the right to see personal data.
    examples: Vec<Value>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(plan_get))
        .routes(routes!(plan_event_put, plan_event_delete))
        .routes(routes!(plan_event_properties))
}

fn event(e: PlanEventView, notes: Vec<PlanProblem>) -> PlanEvent {
    PlanEvent {
        name: e.name,
        builtin: e.builtin,
        schema: e.schema,
        description: e.description,
        updated_at: e.updated_at.map(|t| t.to_string()),
        seen_30d: e.seen_30d,
        notes: notes.into_iter().map(|n| PlanNote { path: n.path, message: n.message }).collect(),
    }
}

impl From<PlanView> for Plan {
    fn from(p: PlanView) -> Self {
        Self {
            version: p.version,
            events: p.events.into_iter().map(|e| event(e, Vec::new())).collect(),
            unplanned: p
                .unplanned
                .into_iter()
                .map(|u| UnplannedEvent { name: u.name, count: u.count, suggestion: u.suggestion, sources: u.sources })
                .collect(),
        }
    }
}

/// The plan and the names that arrive without one.
#[utoipa::path(get, path = "/api/plan", tag = "plan", responses((status = 200, body = Plan)))]
async fn plan_get(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Plan>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.plan()?.into()))).await
}

/// Plans an event, or changes one.
#[utoipa::path(put, path = "/api/plan/events/{name}", tag = "plan", request_body = PlanEventPut,
    params(("name" = String, Path)), responses((status = 200, body = PlanEvent), (status = 400, body = ProblemBody)))]
async fn plan_event_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(name): Path<String>,
    Body(body): Body<PlanEventPut>,
) -> ApiResult<Json<PlanEvent>> {
    caller.need(Scope::Write)?;
    run(move || {
        let (view, notes) = app.plan_put(&caller, &name, body.schema, &body.description)?;
        Ok(Json(event(view, notes)))
    })
    .await
}

/// Takes an event out of the plan; a built-in one becomes what it was.
#[utoipa::path(delete, path = "/api/plan/events/{name}", tag = "plan", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn plan_event_delete(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.plan_delete(&caller, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which properties an event really had.
#[utoipa::path(get, path = "/api/plan/events/{name}/properties", tag = "plan", params(("name" = String, Path)),
    responses((status = 200, body = Vec<PlanProperty>), (status = 404, body = ProblemBody)))]
async fn plan_event_properties(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(name): Path<String>,
) -> ApiResult<Json<Vec<PlanProperty>>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    run(move || {
        let properties = app.plan_properties(&name)?.into_iter().map(|p| PlanProperty {
            name: veil.text(&p.name),
            types: p.types.into_iter().collect(),
            examples: p.examples.into_iter().map(|e| veil.value(e)).collect(),
        });
        Ok(Json(properties.collect()))
    })
    .await
}
