//! Tags.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_base::PersonId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};

/// A tag.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TagAdd {
    tag: String,
}

/// A tag with its count.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    name: String,
    count: i64,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(tag_add)).routes(routes!(tag_remove)).routes(routes!(tag_list))
}

/// Adds a tag.
#[utoipa::path(post, path = "/api/people/{id}/tags", tag = "person", params(("id" = String, Path)),
    request_body = TagAdd, responses((status = 204), (status = 404, body = ProblemBody)))]
async fn tag_add(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<TagAdd>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.person_tag_add(&caller, id, &body.tag)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a tag away.
#[utoipa::path(delete, path = "/api/people/{id}/tags/{tag}", tag = "person",
    params(("id" = String, Path), ("tag" = String, Path)), responses((status = 204), (status = 404, body = ProblemBody)))]
async fn tag_remove(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((id, tag)): Path<(PersonId, String)>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.person_tag_remove(&caller, id, &tag)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every tag with how often it is used.
#[utoipa::path(get, path = "/api/tags", tag = "person", responses((status = 200, body = Vec<Tag>)))]
async fn tag_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Tag>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.tags()?.into_iter().map(|(name, count)| Tag { name, count }).collect()))).await
}
