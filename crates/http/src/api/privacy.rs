//! Requests of people about their own data: erase, export, suppress, and letting somebody in again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::privacy as stories;
use throughline_base::RequestId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// Any identifier of a person.
#[derive(Debug, Deserialize, ToSchema)]
pub struct IdentifierIn {
    /// `phone`, `email`, `user_id` …
    namespace: String,
    value: String,
}

/// What to erase and why.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EraseIn {
    /// `phone`, `email`, `user_id` …
    namespace: String,
    value: String,
    /// For the record; must not name the person.
    reason: String,
    /// The law or case that calls for keeping orders. They are kept without the person.
    legal_hold: Option<String>,
}

/// A consent with which collecting begins again.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LiftIn {
    /// `phone`, `email`, `user_id` …
    namespace: String,
    value: String,
    /// Marketing when absent.
    purpose: Option<String>,
    /// Any when absent.
    channel: Option<String>,
    /// Text the person saw.
    notice_version: Option<String>,
    /// Proof; `method` is required.
    #[schema(value_type = HashMap<String, Value>)]
    evidence: Map<String, Value>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyKind {
    /// Remove what is known.
    Erase,
    /// Hand over what is known.
    Export,
    /// Collect no more.
    Suppress,
    /// Collect again, with a consent.
    Lift,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyState {
    /// Being worked on.
    Running,
    /// Worked off but for lines that close by themselves later.
    Open,
    /// Done.
    Done,
}

/// Whether a line of a receipt is settled.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// Something is still to be done.
    Open,
    /// Settled.
    Closed,
}

/// One place where something may have been.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptLine {
    /// `store.consent`, `lake.rows` …
    place: String,
    found: u64,
    removed: u64,
    /// Kept without the person: as proof of consent or under a legal hold.
    restricted: u64,
    at: String,
    /// Keyed checksum of the line.
    checksum: String,
    state: ReceiptState,
}

/// What was done where.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// Who asked: `usr_…`, `key_…`, `cli`.
    by: String,
    #[schema(required)]
    legal_hold: Option<String>,
    lines: Vec<ReceiptLine>,
    /// Identifiers kept out by a keyed hash.
    tombstones: u64,
}

/// A request with its receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrivacyRequest {
    id: String,
    kind: PrivacyKind,
    state: PrivacyState,
    /// Keyed hash of the identifier it was asked by.
    subject_hash: String,
    reason: String,
    created_at: String,
    #[schema(required)]
    done_at: Option<String>,
    #[schema(required)]
    receipt: Option<Receipt>,
    /// Until when the archive of an export can be fetched.
    #[schema(required)]
    expires_at: Option<String>,
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrivacyRequestPage {
    items: Vec<PrivacyRequest>,
    #[schema(required)]
    next: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(privacy_erase))
        .routes(routes!(privacy_export))
        .routes(routes!(privacy_suppress))
        .routes(routes!(privacy_lift))
        .routes(routes!(privacy_list))
        .routes(routes!(privacy_get))
        .routes(routes!(privacy_archive))
}

fn dto(v: stories::RequestView) -> PrivacyRequest {
    let lines = v.receipt.lines.into_iter().map(|l| ReceiptLine {
        place: l.place,
        found: l.found,
        removed: l.removed,
        restricted: l.restricted,
        at: l.at.to_string(),
        checksum: l.checksum,
        state: match l.state {
            stories::LineState::Open => ReceiptState::Open,
            stories::LineState::Closed => ReceiptState::Closed,
        },
    });
    PrivacyRequest {
        id: v.id.to_string(),
        kind: match v.kind {
            stories::RequestKind::Erase => PrivacyKind::Erase,
            stories::RequestKind::Export => PrivacyKind::Export,
            stories::RequestKind::Suppress => PrivacyKind::Suppress,
            stories::RequestKind::Lift => PrivacyKind::Lift,
        },
        state: match v.state {
            stories::RequestState::Running => PrivacyState::Running,
            stories::RequestState::Open => PrivacyState::Open,
            stories::RequestState::Done => PrivacyState::Done,
        },
        subject_hash: v.subject_hash,
        reason: v.reason,
        created_at: v.created_at.to_string(),
        done_at: v.done_at.map(|t| t.to_string()),
        receipt: Some(Receipt {
            by: v.receipt.by,
            legal_hold: v.receipt.legal_hold,
            lines: lines.collect(),
            tombstones: v.receipt.tombstones,
        }),
        expires_at: v.expires_at.map(|t| t.to_string()),
    }
}

/// Erases a person by any identifier. Nothing new is recorded from the answer on; the rest goes on in the background.
#[utoipa::path(post, path = "/api/privacy/erase", tag = "privacy", request_body = EraseIn,
    responses((status = 202, body = PrivacyRequest), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn privacy_erase(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<EraseIn>,
) -> ApiResult<(StatusCode, Json<PrivacyRequest>)> {
    caller.need(Scope::Erase)?;
    run(move || {
        let order = stories::EraseOrder {
            namespace: body.namespace,
            value: body.value,
            reason: body.reason,
            legal_hold: body.legal_hold,
        };
        Ok((StatusCode::ACCEPTED, Json(dto(app.privacy_erase(&caller, &order)?))))
    })
    .await
}

/// Packs everything about a person into an archive, which can be fetched for seven days.
#[utoipa::path(post, path = "/api/privacy/export", tag = "privacy", request_body = IdentifierIn,
    responses((status = 202, body = PrivacyRequest), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn privacy_export(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<IdentifierIn>,
) -> ApiResult<(StatusCode, Json<PrivacyRequest>)> {
    caller.need(Scope::Export)?;
    run(move || Ok((StatusCode::ACCEPTED, Json(dto(app.privacy_export(&caller, &body.namespace, &body.value)?))))).await
}

/// Collects nothing more about a person. What is recorded stays.
#[utoipa::path(post, path = "/api/privacy/suppress", tag = "privacy", request_body = IdentifierIn,
    responses((status = 204), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn privacy_suppress(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<IdentifierIn>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Erase)?;
    run(move || app.privacy_suppress(&caller, &body.namespace, &body.value)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets somebody in again who was suppressed or erased, with the proof of a new consent.
#[utoipa::path(post, path = "/api/privacy/lift", tag = "privacy", request_body = LiftIn,
    responses((status = 204), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn privacy_lift(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<LiftIn>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Erase)?;
    run(move || {
        let order = stories::LiftOrder {
            namespace: body.namespace,
            value: body.value,
            purpose: body.purpose,
            channel: body.channel,
            notice_version: body.notice_version,
            evidence: Value::Object(body.evidence),
        };
        app.privacy_lift(&caller, &order)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Requests, the newest first.
#[utoipa::path(get, path = "/api/privacy/requests", tag = "privacy", params(PageQuery),
    responses((status = 200, body = PrivacyRequestPage), (status = 403, body = ProblemBody)))]
async fn privacy_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<PrivacyRequestPage>> {
    need_any(&caller)?;
    run(move || {
        let (cursor, limit) = page.read()?;
        let page = app.privacy_requests(cursor, limit)?.map(dto);
        Ok(Json(PrivacyRequestPage { items: page.items, next: page.next }))
    })
    .await
}

/// One request with its receipt.
#[utoipa::path(get, path = "/api/privacy/requests/{id}", tag = "privacy", params(("id" = String, Path)),
    responses((status = 200, body = PrivacyRequest), (status = 404, body = ProblemBody)))]
async fn privacy_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<RequestId>,
) -> ApiResult<Json<PrivacyRequest>> {
    need_any(&caller)?;
    run(move || Ok(Json(dto(app.privacy_request(id)?)))).await
}

/// The archive of an export: a zip file.
#[utoipa::path(get, path = "/api/privacy/requests/{id}/archive", tag = "privacy", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/zip"),
        (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn privacy_archive(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<RequestId>,
) -> ApiResult<([(HeaderName, String); 3], Vec<u8>)> {
    caller.need(Scope::Export)?;
    let bytes = run(move || app.privacy_archive(&caller, id)).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.zip\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes))
}

/// Whoever may ask for something may see what became of it.
fn need_any(caller: &throughline_app::team::Caller) -> Result<(), throughline_base::Problem> {
    if caller.has(Scope::Export) { Ok(()) } else { caller.need(Scope::Erase) }
}
