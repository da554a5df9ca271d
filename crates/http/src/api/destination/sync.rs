//! Syncs: audiences kept at destinations, and their runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::destination::{self as stories, Mode, RunView, SyncState as Standing, SyncView};
use throughline_base::{AudienceId, DestinationId, Problem, RunId, SyncId};
use throughline_domain::audience::export::{Format, Schedule};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shape::{ExportFormat, ExportSchedule};
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// When a sync runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// Everybody, at set times.
    Scheduled,
    /// Who comes, changes and goes, within seconds.
    Continuous,
}

/// Where a sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// It runs.
    Active,
    /// It waits for a person.
    Paused,
    /// Everybody is being taken back.
    Ending,
    /// Nothing more happens.
    Ended,
}

/// How many people went which way in a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunCounts {
    /// People of the audience that were looked at.
    members: u64,
    /// Sent who were not there.
    sent: u64,
    /// Sent anew.
    updated: u64,
    /// Taken back.
    removed: u64,
    /// Left as they were.
    unchanged: u64,
    /// Not sent: nothing allows it for this purpose and channel.
    no_consent: u64,
    /// Not sent: the format has nothing to recognise them by.
    no_address: u64,
    /// Not sent: nothing may be collected about them.
    suppressed: u64,
}

/// What was delivered.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunFile {
    /// Name of the file, or of the first request of a webhook.
    name: String,
    /// Where it lies.
    place: String,
    /// `all`, `added`, `removed`; of a webhook `all` or `changes`.
    holds: String,
    /// Records.
    rows: u64,
    bytes: u64,
    /// Hexadecimal; empty for a webhook.
    sha256: String,
}

/// One run.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncRun {
    id: String,
    /// `snapshot` or `delta`.
    kind: String,
    /// `running`, `retrying`, `done`, `failed`.
    state: String,
    started_at: String,
    finished_at: Option<String>,
    /// Attempts begun.
    attempts: u32,
    counts: RunCounts,
    files: Vec<RunFile>,
    /// What went wrong and how to mend it.
    error: Option<String>,
}

/// Runs, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncRunPage {
    items: Vec<SyncRun>,
    next: Option<String>,
}

/// An audience kept at a destination.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceSync {
    id: String,
    destination_id: String,
    audience_id: String,
    /// Absent when the audience is gone.
    audience_key: Option<String>,
    audience_name: Option<String>,
    /// What its files are called.
    name: String,
    /// Purpose of the consent that is asked for.
    purpose: String,
    /// Channel of it.
    channel: String,
    #[schema(value_type = ExportFormat)]
    format: Format,
    mode: SyncMode,
    #[schema(value_type = Option<ExportSchedule>)]
    schedule: Option<Schedule>,
    state: SyncState,
    /// People at the destination.
    held: i64,
    /// A run waits or is under way.
    queued: bool,
    /// When it runs next by itself.
    next_at: Option<String>,
    last_run: Option<SyncRun>,
    /// What went wrong last and how to mend it.
    error: Option<String>,
    created_at: String,
}

/// Syncs that are not ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceSyncPage {
    items: Vec<AudienceSync>,
    next: Option<String>,
}

/// A sync to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAudienceSync {
    #[schema(value_type = String)]
    audience_id: AudienceId,
    /// What its files are called; the audience's key when left out.
    name: Option<String>,
    /// Purpose of the consent that is asked for, for instance `marketing`.
    purpose: String,
    /// Channel of it; `ads` when left out.
    channel: Option<String>,
    #[schema(value_type = ExportFormat)]
    format: Format,
    mode: SyncMode,
    /// Of a scheduled one.
    #[schema(value_type = Option<ExportSchedule>)]
    schedule: Option<Schedule>,
}

/// A change of a sync. What is left out stays. Everybody is compared anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceSyncPatch {
    name: Option<String>,
    purpose: Option<String>,
    channel: Option<String>,
    #[schema(value_type = Option<ExportFormat>)]
    format: Option<Format>,
    mode: Option<SyncMode>,
    #[schema(value_type = Option<ExportSchedule>)]
    schedule: Option<Schedule>,
}

/// Which syncs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SyncQuery {
    /// Of one destination.
    #[param(value_type = Option<String>)]
    destination: Option<DestinationId>,
    /// Of one audience.
    #[param(value_type = Option<String>)]
    audience: Option<AudienceId>,
}

/// How a sync ends.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EndQuery {
    /// Remove everybody from the destination first; yes when left out.
    take_back: Option<bool>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(sync_list))
        .routes(routes!(sync_create))
        .routes(routes!(sync_get, sync_update, sync_end))
        .routes(routes!(sync_pause))
        .routes(routes!(sync_resume))
        .routes(routes!(sync_run))
        .routes(routes!(sync_runs))
        .routes(routes!(run_file))
}

fn mode_of(mode: SyncMode, schedule: Option<Schedule>) -> Result<Mode, Problem> {
    match (mode, schedule) {
        (SyncMode::Continuous, None) => Ok(Mode::Continuous),
        (SyncMode::Continuous, Some(_)) => {
            Err(Problem::invalid("schedule", "a continuous sync has no schedule; leave it out"))
        }
        (SyncMode::Scheduled, Some(schedule)) => Ok(Mode::Scheduled(schedule)),
        (SyncMode::Scheduled, None) => Err(Problem::invalid(
            "schedule",
            "a scheduled sync needs a schedule, for instance {\"daily\": {\"hour\": 3, \"minute\": 0}}",
        )),
    }
}

fn run_dto(v: RunView) -> SyncRun {
    let c = v.counts;
    SyncRun {
        id: v.id.to_string(),
        kind: v.kind,
        state: v.state,
        started_at: v.started_at.to_string(),
        finished_at: v.finished_at.map(|t| t.to_string()),
        attempts: v.attempts,
        counts: RunCounts {
            members: c.members,
            sent: c.sent,
            updated: c.updated,
            removed: c.removed,
            unchanged: c.unchanged,
            no_consent: c.no_consent,
            no_address: c.no_address,
            suppressed: c.suppressed,
        },
        files: v
            .files
            .into_iter()
            .map(|f| RunFile {
                name: f.name,
                place: f.place,
                holds: f.holds,
                rows: f.rows,
                bytes: f.bytes,
                sha256: f.sha256,
            })
            .collect(),
        error: v.error,
    }
}

fn dto(v: SyncView) -> AudienceSync {
    let (key, name) = v.audience.map_or((None, None), |(k, n)| (Some(k), Some(n)));
    let (mode, schedule) = match v.sync.mode {
        Mode::Continuous => (SyncMode::Continuous, None),
        Mode::Scheduled(s) => (SyncMode::Scheduled, Some(s)),
    };
    AudienceSync {
        id: v.sync.id.to_string(),
        destination_id: v.sync.destination_id.to_string(),
        audience_id: v.sync.audience_id.to_string(),
        audience_key: key,
        audience_name: name,
        name: v.sync.name,
        purpose: v.sync.purpose,
        channel: v.sync.channel,
        format: v.sync.format,
        mode,
        schedule,
        state: match v.sync.state {
            Standing::Active => SyncState::Active,
            Standing::Paused => SyncState::Paused,
            Standing::Ending => SyncState::Ending,
            Standing::Ended => SyncState::Ended,
        },
        held: v.held,
        queued: v.queued,
        next_at: v.next_at.map(|t| t.to_string()),
        last_run: v.last_run.map(run_dto),
        error: v.error,
        created_at: v.created_at.to_string(),
    }
}

/// Syncs that are not ended.
#[utoipa::path(get, path = "/api/syncs", tag = "destination", params(SyncQuery),
    responses((status = 200, body = AudienceSyncPage)))]
async fn sync_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(query): Query<SyncQuery>,
) -> ApiResult<Json<AudienceSyncPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let items = app.syncs(query.destination, query.audience)?.into_iter().map(dto).collect();
        Ok(Json(AudienceSyncPage { items, next: None }))
    })
    .await
}

/// Keeps an audience at a destination. A continuous one begins at once.
#[utoipa::path(post, path = "/api/destinations/{id}/syncs", tag = "destination", request_body = NewAudienceSync,
    params(("id" = String, Path)),
    responses((status = 201, body = AudienceSync), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
async fn sync_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<DestinationId>,
    Body(body): Body<NewAudienceSync>,
) -> ApiResult<(StatusCode, Json<AudienceSync>)> {
    caller.need(Scope::Export)?;
    run(move || {
        let new = stories::NewSync {
            audience_id: body.audience_id,
            name: body.name,
            purpose: body.purpose,
            channel: body.channel,
            format: body.format,
            mode: mode_of(body.mode, body.schedule)?,
        };
        Ok((StatusCode::CREATED, Json(dto(app.sync_create(&caller, id, new)?))))
    })
    .await
}

/// One sync.
#[utoipa::path(get, path = "/api/syncs/{id}", tag = "destination", params(("id" = String, Path)),
    responses((status = 200, body = AudienceSync), (status = 404, body = ProblemBody)))]
async fn sync_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SyncId>,
) -> ApiResult<Json<AudienceSync>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(dto(app.sync(id)?)))).await
}

/// Changes a sync. What the change no longer allows is taken back.
#[utoipa::path(patch, path = "/api/syncs/{id}", tag = "destination", request_body = AudienceSyncPatch,
    params(("id" = String, Path)),
    responses((status = 200, body = AudienceSync), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
async fn sync_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SyncId>,
    Body(body): Body<AudienceSyncPatch>,
) -> ApiResult<Json<AudienceSync>> {
    caller.need(Scope::Export)?;
    run(move || {
        let mode = match (body.mode, body.schedule) {
            (None, None) => None,
            (None, Some(schedule)) => Some(Mode::Scheduled(schedule)),
            (Some(mode), schedule) => Some(mode_of(mode, schedule)?),
        };
        let patch = stories::SyncPatch {
            name: body.name,
            purpose: body.purpose,
            channel: body.channel,
            format: body.format,
            mode,
        };
        Ok(Json(dto(app.sync_update(&caller, id, patch)?)))
    })
    .await
}

/// Ends a sync, after everybody was removed from the destination.
#[utoipa::path(delete, path = "/api/syncs/{id}", tag = "destination", params(("id" = String, Path), EndQuery),
    responses((status = 200, body = AudienceSync), (status = 404, body = ProblemBody)))]
async fn sync_end(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SyncId>,
    Query(query): Query<EndQuery>,
) -> ApiResult<Json<AudienceSync>> {
    caller.need(Scope::Export)?;
    run(move || Ok(Json(dto(app.sync_end(&caller, id, query.take_back.unwrap_or(true))?)))).await
}

/// Pauses a sync. Erased people are taken back all the same.
#[utoipa::path(post, path = "/api/syncs/{id}/pause", tag = "destination", params(("id" = String, Path)),
    responses((status = 200, body = AudienceSync), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn sync_pause(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SyncId>,
) -> ApiResult<Json<AudienceSync>> {
    caller.need(Scope::Export)?;
    run(move || Ok(Json(dto(app.sync_pause(&caller, id, true)?)))).await
}

/// Lets a paused sync go on.
#[utoipa::path(post, path = "/api/syncs/{id}/resume", tag = "destination", params(("id" = String, Path)),
    responses((status = 200, body = AudienceSync), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn sync_resume(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SyncId>,
) -> ApiResult<Json<AudienceSync>> {
    caller.need(Scope::Export)?;
    run(move || Ok(Json(dto(app.sync_pause(&caller, id, false)?)))).await
}

/// Runs a sync now, with everybody compared.
#[utoipa::path(post, path = "/api/syncs/{id}/run", tag = "destination", params(("id" = String, Path)),
    responses((status = 202, body = AudienceSync), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn sync_run(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SyncId>,
) -> ApiResult<(StatusCode, Json<AudienceSync>)> {
    caller.need(Scope::Export)?;
    run(move || Ok((StatusCode::ACCEPTED, Json(dto(app.sync_run(&caller, id)?))))).await
}

/// Runs of a sync, the newest first.
#[utoipa::path(get, path = "/api/syncs/{id}/runs", tag = "destination", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = SyncRunPage), (status = 404, body = ProblemBody)))]
async fn sync_runs(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SyncId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<SyncRunPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let (cursor, limit) = page.read()?;
        let page = app.sync_runs(id, cursor, limit)?.map(run_dto);
        Ok(Json(SyncRunPage { items: page.items, next: page.next }))
    })
    .await
}

/// A file of a run that lies in a folder of this server.
#[utoipa::path(get, path = "/api/runs/{id}/files/{name}", tag = "destination",
    params(("id" = String, Path), ("name" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404, body = ProblemBody)))]
async fn run_file(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((id, name)): Path<(RunId, String)>,
) -> ApiResult<([(HeaderName, String); 3], Vec<u8>)> {
    caller.need(Scope::Export)?;
    let (file, bytes) = run(move || app.run_file(&caller, id, &name)).await?;
    // Names are letters, digits, dashes and underscores; those beyond ASCII go in the extended form (RFC 6266).
    let ascii: String = file.name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let extended: String = file.name.bytes().map(|b| format!("%{b:02X}")).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{extended}")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes))
}
