//! Uploaded lists of identifiers.

use std::sync::Arc;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::audience::{ListEntry, ListUpload, ListView};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::IdentifierRef;
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::problem::{ApiResult, ProblemBody};

/// Bytes of an upload.
const UPLOAD_BYTES: usize = 64 << 20;

/// A list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceList {
    id: String,
    /// Short name for programs and rules, unique.
    key: String,
    name: String,
    /// Identifiers on it.
    entries: i64,
    /// Of these, somebody has.
    matched: i64,
    /// Of these, nobody has yet; they count as soon as somebody does.
    unmatched: i64,
    created_at: String,
    updated_at: String,
}

/// A line that is no identifier.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedLine {
    line: usize,
    reason: String,
}

/// What an upload did.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceListUploaded {
    #[serde(flatten)]
    list: AudienceList,
    /// Identifiers that are new on it.
    added: u64,
    /// Lines that are no identifier.
    refused: usize,
    /// The first hundred of them.
    refused_lines: Vec<RefusedLine>,
}

/// Identifiers for a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceListIn {
    /// Name for people; what it was, or the key, when left out.
    #[serde(default)]
    name: String,
    /// Namespace of lines that are no `namespace,value`, for instance `phone`.
    #[serde(default)]
    namespace: String,
    /// One identifier a line: `value`, or `namespace,value`.
    text: String,
    /// Takes the place of what is on the list; else it is added.
    #[serde(default)]
    replace: bool,
}

/// Where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UnmatchedQuery {
    /// Namespace of the last one seen.
    after_namespace: Option<String>,
    /// Value of the last one seen.
    after_value: Option<String>,
    /// Rows, 1 to 500.
    limit: Option<u32>,
}

/// Routes of this file.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(audience_list_list))
        .routes(routes!(audience_list_upload, audience_list_delete))
        .routes(routes!(audience_list_unmatched))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES))
}

fn list(v: &ListView) -> AudienceList {
    AudienceList {
        id: v.row.id.to_string(),
        key: v.row.key.clone(),
        name: v.row.name.clone(),
        entries: v.row.entries,
        matched: v.matched,
        unmatched: v.row.entries - v.matched,
        created_at: v.row.created_at.to_string(),
        updated_at: v.row.updated_at.to_string(),
    }
}

/// Every uploaded list.
#[utoipa::path(get, path = "/api/audience-lists", tag = "audience", responses((status = 200, body = [AudienceList])))]
async fn audience_list_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<AudienceList>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.audience_lists()?.iter().map(list).collect()))).await
}

/// Makes a list, or adds to it; what cannot be read is told line by line.
#[utoipa::path(put, path = "/api/audience-lists/{key}", tag = "audience", request_body = AudienceListIn,
    params(("key" = String, Path)),
    responses((status = 200, body = AudienceListUploaded), (status = 400, body = ProblemBody)))]
async fn audience_list_upload(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Body(body): Body<AudienceListIn>,
) -> ApiResult<Json<AudienceListUploaded>> {
    caller.need(Scope::Write)?;
    run(move || {
        let upload =
            ListUpload { key, name: body.name, namespace: body.namespace, text: body.text, replace: body.replace };
        let v = app.audience_list_upload(&caller, &upload)?;
        let refused = v.refused.iter().map(|(line, reason)| RefusedLine { line: *line, reason: reason.clone() });
        Ok(Json(AudienceListUploaded {
            list: list(&v),
            added: v.added,
            refused: v.refused_count,
            refused_lines: refused.collect(),
        }))
    })
    .await
}

/// Removes a list that no audience refers to.
#[utoipa::path(delete, path = "/api/audience-lists/{key}", tag = "audience", params(("key" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audience_list_delete(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.audience_list_delete(&caller, &key).map(|()| StatusCode::NO_CONTENT)).await
}

/// Identifiers on a list that nobody has yet.
#[utoipa::path(get, path = "/api/audience-lists/{key}/unmatched", tag = "audience",
    params(("key" = String, Path), UnmatchedQuery),
    responses((status = 200, body = [IdentifierRef]), (status = 404, body = ProblemBody)))]
async fn audience_list_unmatched(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Query(q): Query<UnmatchedQuery>,
) -> ApiResult<Json<Vec<IdentifierRef>>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    run(move || {
        let after = q.after_value.map(|value| ListEntry { namespace: q.after_namespace.unwrap_or_default(), value });
        let limit = q.limit.unwrap_or(50).clamp(1, throughline_base::page::PAGE_MAX);
        let all = app.audience_list_unmatched(&key, after.as_ref(), limit)?;
        Ok(Json(all.iter().map(|e| veil.identifier(&e.namespace, &e.value)).collect()))
    })
    .await
}
