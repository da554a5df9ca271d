//! Traits with their history, and the stage, set by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_base::PersonId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{Person, person_dto};
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};

/// A value a trait had.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraitHistoryRow {
    value: Value,
    event_at: String,
    source_name: String,
    identifier: Option<String>,
}

/// A stage, or null to compute it again.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StagePut {
    stage: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(trait_history)).routes(routes!(traits_set)).routes(routes!(stage_set))
}

/// Every value a trait had, newest first.
#[utoipa::path(get, path = "/api/people/{id}/traits/{name}/history", tag = "person",
    params(("id" = String, Path), ("name" = String, Path)), responses((status = 200, body = Vec<TraitHistoryRow>)))]
async fn trait_history(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((id, name)): Path<(PersonId, String)>,
) -> ApiResult<Json<Vec<TraitHistoryRow>>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let rows = app.trait_history(id, &name)?;
        Ok(Json(
            rows.into_iter()
                .map(|(fact, identifier)| TraitHistoryRow {
                    value: veil.fact(&name, &fact.value),
                    event_at: fact.event_at.to_string(),
                    source_name: fact.source_name,
                    identifier: identifier.map(|(n, v)| {
                        let i = veil.identifier(&n, &v);
                        format!("{} {}", i.namespace, i.value)
                    }),
                })
                .collect(),
        ))
    })
    .await
}

/// Sets traits by hand; null takes one away.
#[utoipa::path(put, path = "/api/people/{id}/traits", tag = "person", params(("id" = String, Path)),
    request_body = Object, responses((status = 200, body = Person), (status = 404, body = ProblemBody)))]
async fn traits_set(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<Map<String, Value>>,
) -> ApiResult<Json<Person>> {
    caller.need(Scope::Write)?;
    caller.need(Scope::Personal)?;
    run(move || {
        let id = app.person_traits_set(&caller, id, &body)?;
        Ok(Json(person_dto(&app, app.person(id)?, Veil::of(&caller))?))
    })
    .await
}

/// Sets the stage by hand; null computes it again.
#[utoipa::path(put, path = "/api/people/{id}/stage", tag = "person", params(("id" = String, Path)),
    request_body = StagePut, responses((status = 200, body = Person), (status = 400, body = ProblemBody)))]
async fn stage_set(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<StagePut>,
) -> ApiResult<Json<Person>> {
    caller.need(Scope::Write)?;
    run(move || {
        let id = app.person_stage_set(&caller, id, body.stage.as_deref())?;
        Ok(Json(person_dto(&app, app.person(id)?, Veil::of(&caller))?))
    })
    .await
}
