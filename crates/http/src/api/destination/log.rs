//! Where a person's data went.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use throughline_app::App;
use throughline_base::PersonId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::closed::one_of;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Path;
use crate::problem::{ApiResult, ProblemBody};

/// One delivery of something about a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonExport {
    #[schema(schema_with = whats)]
    what: &'static str,
    at: String,
    destination_id: String,
    destination: String,
    /// Kind of the destination.
    kind: String,
    sync_id: String,
    /// Name of the sync.
    sync: String,
    /// For which purpose, as the sync asks today.
    purpose: String,
    run_id: String,
}

/// Where a person's data went, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonExports {
    items: Vec<PersonExport>,
    /// Syncs whose destination holds the person now.
    held: Vec<String>,
}

fn whats() -> Object {
    one_of(["sent", "updated", "removed"])
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(person_exports))
}

/// Where a person's data went. Who was sent is in every later file until removed.
#[utoipa::path(get, path = "/api/people/{id}/exports", tag = "destination", params(("id" = String, Path)),
    responses((status = 200, body = PersonExports), (status = 404, body = ProblemBody)))]
async fn person_exports(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
) -> ApiResult<Json<PersonExports>> {
    caller.need(Scope::Read)?;
    run(move || {
        let found = app.person_exports(id)?;
        let items = found
            .log
            .into_iter()
            .map(|e| PersonExport {
                what: e.what,
                at: e.at.to_string(),
                destination_id: e.destination_id.to_string(),
                destination: e.destination,
                kind: e.kind,
                sync_id: e.sync_id.to_string(),
                sync: e.sync,
                purpose: e.purpose,
                run_id: e.run_id.to_string(),
            })
            .collect();
        Ok(Json(PersonExports { items, held: found.held.iter().map(ToString::to_string).collect() }))
    })
    .await
}
