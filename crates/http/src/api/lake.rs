//! The event history: what it holds, and sealing, compacting and verifying in the background.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use throughline_app::App;
use throughline_app::history::LakeStatus as Stored;
use throughline_base::id::JobId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::blocking::run;
use crate::problem::{ApiResult, ProblemBody};

/// A month of the history.
#[derive(Debug, Serialize, ToSchema)]
pub struct LakeMonth {
    /// `2026-11`, UTC.
    month: String,
    files: u64,
    rows: i64,
    bytes: i64,
}

/// The state of the history.
#[derive(Debug, Serialize, ToSchema)]
pub struct LakeStatus {
    /// A folder or `s3://bucket/prefix`; the files are `events/**/*.parquet` below.
    url: String,
    files: u64,
    /// Sealed events.
    rows: i64,
    bytes: i64,
    /// Events not sealed yet.
    hot_events: i64,
    months: Vec<LakeMonth>,
    /// Lines that moved since their events were written; the next compaction writes them down.
    overrides: u64,
    #[schema(required)]
    last_seal_at: Option<String>,
    /// When the waiting events are sealed at the latest.
    #[schema(required)]
    next_seal_at: Option<String>,
}

/// Work that goes on in the background; see `/api/jobs`.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobAccepted {
    job_id: String,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(lake_get))
        .routes(routes!(lake_seal))
        .routes(routes!(lake_compact))
        .routes(routes!(lake_verify))
}

fn dto(s: Stored) -> LakeStatus {
    let months = s.months.into_iter().map(|m| LakeMonth {
        month: format!("{:04}-{:02}", m.month / 100, m.month % 100),
        files: m.files,
        rows: m.rows,
        bytes: m.bytes,
    });
    LakeStatus {
        url: s.url,
        files: s.files,
        rows: s.rows,
        bytes: s.bytes,
        hot_events: s.hot_events,
        months: months.collect(),
        overrides: s.overrides,
        last_seal_at: s.last_seal_at.map(|t| t.to_string()),
        next_seal_at: s.next_seal_at.map(|t| t.to_string()),
    }
}

pub(super) fn accepted(id: JobId) -> (StatusCode, Json<JobAccepted>) {
    (StatusCode::ACCEPTED, Json(JobAccepted { job_id: id.to_string() }))
}

/// The state of the event history.
#[utoipa::path(get, path = "/api/lake", tag = "lake",
    responses((status = 200, body = LakeStatus), (status = 401, body = ProblemBody)))]
async fn lake_get(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<LakeStatus>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(dto(app.lake_status()?)))).await
}

/// Seals every event now.
#[utoipa::path(post, path = "/api/lake/seal", tag = "lake",
    responses((status = 202, body = JobAccepted), (status = 403, body = ProblemBody)))]
async fn lake_seal(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<(StatusCode, Json<JobAccepted>)> {
    caller.need(Scope::Admin)?;
    run(move || Ok(accepted(app.lake_seal_later(&caller)?))).await
}

/// Merges small files and writes merges, splits and erasures down for good.
#[utoipa::path(post, path = "/api/lake/compact", tag = "lake",
    responses((status = 202, body = JobAccepted), (status = 403, body = ProblemBody)))]
async fn lake_compact(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<(StatusCode, Json<JobAccepted>)> {
    caller.need(Scope::Admin)?;
    run(move || Ok(accepted(app.lake_compact_later(&caller)?))).await
}

/// Reads every file and compares it with the manifest; the job fails with what it finds.
#[utoipa::path(post, path = "/api/lake/verify", tag = "lake",
    responses((status = 202, body = JobAccepted), (status = 403, body = ProblemBody)))]
async fn lake_verify(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<(StatusCode, Json<JobAccepted>)> {
    caller.need(Scope::Admin)?;
    run(move || Ok(accepted(app.lake_verify_later(&caller)?))).await
}
