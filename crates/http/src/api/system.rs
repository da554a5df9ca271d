//! What an administrator sees of the machine: jobs and the configuration in force.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::jobs as stories;
use throughline_base::id::JobId;
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// Where a job stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its time, its turn or a worker.
    Ready,
    /// In the hands of a worker.
    Leased,
    /// Succeeded.
    Done,
    /// Given up; waits to be brought back.
    Dead,
}

impl From<stories::JobState> for JobState {
    fn from(s: stories::JobState) -> Self {
        match s {
            stories::JobState::Ready => Self::Ready,
            stories::JobState::Leased => Self::Leased,
            stories::JobState::Done => Self::Done,
            stories::JobState::Dead => Self::Dead,
        }
    }
}

/// A job of the background workers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    id: String,
    /// What it does: `lake.seal`, `privacy.erase` …
    kind: String,
    state: JobState,
    attempts: u32,
    max_attempts: u32,
    /// Not before.
    run_at: String,
    #[schema(required)]
    last_error: Option<String>,
    created_at: String,
}

impl From<stories::Job> for Job {
    fn from(j: stories::Job) -> Self {
        Self {
            id: j.id.to_string(),
            kind: j.kind,
            state: j.state.into(),
            attempts: j.attempts,
            max_attempts: j.max_attempts,
            run_at: j.run_at.to_string(),
            last_error: j.last_error,
            created_at: j.created_at.to_string(),
        }
    }
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobPage {
    items: Vec<Job>,
    #[schema(required)]
    next: Option<String>,
}

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct JobQuery {
    /// Rows a page, 1 to 500.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// `ready`, `leased`, `done` or `dead`; all when absent.
    state: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(job_list)).routes(routes!(job_requeue)).routes(routes!(settings_get))
}

/// Jobs of the background workers, the newest first.
#[utoipa::path(get, path = "/api/jobs", tag = "system", params(JobQuery),
    responses((status = 200, body = JobPage), (status = 400, body = ProblemBody)))]
async fn job_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<JobQuery>,
) -> ApiResult<Json<JobPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let (cursor, limit) = PageQuery { limit: q.limit, cursor: q.cursor }.read()?;
        let state = q.state.as_deref().filter(|s| !s.is_empty());
        let veil = Veil::of(&caller);
        let page = app.jobs(state, cursor, limit)?.map(|j| {
            let job = Job::from(j);
            Job { last_error: job.last_error.map(|e| veil.text(&e)), ..job }
        });
        Ok(Json(JobPage { items: page.items, next: page.next }))
    })
    .await
}

/// Brings a dead job back with all its attempts.
#[utoipa::path(post, path = "/api/jobs/{id}/requeue", tag = "system", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn job_requeue(State(app): State<Arc<App>>, Auth(caller): Auth, Path(id): Path<JobId>) -> ApiResult<Json<Job>> {
    caller.need(Scope::Admin)?;
    run(move || Ok(Json(app.job_requeue(&caller, id)?.into()))).await
}

/// The configuration in force by section and name, secrets masked. It comes from the file, the variables and the flags
/// the server was started with.
#[utoipa::path(get, path = "/api/settings", tag = "system",
    responses((status = 200, body = HashMap<String, HashMap<String, Value>>), (status = 403, body = ProblemBody)))]
async fn settings_get(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Map<String, Value>>> {
    caller.need(Scope::Admin)?;
    Ok(Json(app.settings.shown.clone()))
}
