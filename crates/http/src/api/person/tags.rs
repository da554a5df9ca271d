//! Tags of a person, put by hand.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use throughline_app::App;
use throughline_base::PersonId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};

/// A tag.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TagAdd {
    tag: String,
    /// When it ends; when its definition says, or never, when left out.
    expires_at: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(tag_add)).routes(routes!(tag_remove))
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
    run(move || {
        let end = instant(body.expires_at.as_deref(), "expires_at")?;
        app.person_tag_add(&caller, id, &body.tag, end)
    })
    .await?;
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
