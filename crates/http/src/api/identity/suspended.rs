//! Identifiers that joined too many people in a day.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::identity::suspend::SuspendedAction as Action;
use throughline_base::IdentifierId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};
use crate::wording::{Wording, wording};

/// A suspended identifier.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suspended {
    identifier_id: String,
    namespace: String,
    value: String,
    /// People it was joined to within the 24 hours before.
    persons_24h: i64,
    since: String,
    reason: String,
    /// The reason as codes and values, to say it in another language.
    wording: Vec<Wording>,
}

/// A page of them, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuspendedPage {
    items: Vec<Suspended>,
    /// Give this back as `cursor`.
    next: Option<String>,
}

/// What is done with it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspendedVerdict {
    /// It links again, from its next event on.
    Release,
    /// It links nothing, now, later and in the past.
    Block,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SuspendedAction {
    action: SuspendedVerdict,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(suspended_list)).routes(routes!(suspended_act))
}

/// Identifiers that link nothing until somebody decides.
#[utoipa::path(get, path = "/api/identity/suspended", tag = "identity", params(PageQuery),
    responses((status = 200, body = SuspendedPage)))]
async fn suspended_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<PageQuery>,
) -> ApiResult<Json<SuspendedPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let (cursor, limit) = q.read()?;
        let page = app.suspended(cursor, limit)?.map(|n| {
            let reason = format!("joined to {} people within 24 hours", n.joined_recent.len());
            Suspended {
                identifier_id: n.id.to_string(),
                value: veil.identifier(&n.namespace, &n.value).value,
                namespace: n.namespace,
                persons_24h: n.joined_recent.len() as i64,
                since: n.suspended_at.unwrap_or(n.created_at).to_string(),
                wording: wording(&reason),
                reason,
            }
        });
        Ok(Json(SuspendedPage { items: page.items, next: page.next }))
    })
    .await
}

/// Releases or blocks a suspended identifier.
#[utoipa::path(post, path = "/api/identity/suspended/{id}", tag = "identity", params(("id" = String, Path)),
    request_body = SuspendedAction, responses((status = 204), (status = 404, body = ProblemBody)))]
async fn suspended_act(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<IdentifierId>,
    Body(body): Body<SuspendedAction>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    let action = match body.action {
        SuspendedVerdict::Release => Action::Release,
        SuspendedVerdict::Block => Action::Block,
    };
    run(move || app.suspended_act(&caller, id, action)).await?;
    Ok(StatusCode::NO_CONTENT)
}
