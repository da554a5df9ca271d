//! Probabilistic matching of people: how it stands, its settings, a run on demand. What it finds is in the review queue.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::matching::database::{MatchRun, MatchSettings, MatchStatus};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Body;
use crate::problem::{ApiResult, ProblemBody};

/// How pairs are treated, and how often they are looked for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchingSettings {
    /// Whether pairs from `link_from` on are linked without asking.
    auto_link: bool,
    /// The probability from which a pair may be linked without asking, at least 0.5.
    link_from: f64,
    /// The probability from which a pair is put into the review queue.
    review_from: f64,
    /// Minutes between two runs; 0 for runs on demand only.
    every_minutes: u32,
}

/// What a run came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchingRun {
    started_at: String,
    finished_at: String,
    /// People read.
    people: u64,
    /// Those who say another thing than when they were last matched; everybody after a new model.
    changed: u64,
    /// Pairs compared.
    compared: u64,
    /// Items added to the review queue.
    review: u64,
    /// Pairs linked.
    linked: u64,
    /// Links that limits refused.
    refused: u64,
    /// Items taken out of the review queue, because the two are not probable any more.
    withdrawn: u64,
    model_version: i64,
    /// Whether the run fitted that model.
    fitted: bool,
}

/// The model in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchingModel {
    version: i64,
    at: String,
    /// People it was fitted to.
    people: i64,
}

/// How matching stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchingStatus {
    settings: MatchingSettings,
    /// Whether a run is under way or about to begin.
    running: bool,
    next_run_at: Option<String>,
    last_run: Option<MatchingRun>,
    model: Option<MatchingModel>,
    /// Answers in the review queue that the next model learns from.
    answers: u64,
}

/// A run on demand.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MatchingRequest {
    /// Whether a new model is fitted. Else one is only where there is none, there are a quarter more people, or 20 new
    /// answers.
    fit: bool,
}

/// The job that does it; see `/api/jobs`.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchingAccepted {
    job_id: String,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(matching_status))
        .routes(routes!(matching_settings))
        .routes(routes!(matching_run))
}

fn settings(s: MatchSettings) -> MatchingSettings {
    MatchingSettings {
        auto_link: s.auto_link,
        link_from: s.link_from,
        review_from: s.review_from,
        every_minutes: s.every_minutes,
    }
}

fn of_run(r: MatchRun) -> MatchingRun {
    MatchingRun {
        started_at: r.started_at.to_string(),
        finished_at: r.finished_at.to_string(),
        people: r.people,
        changed: r.changed,
        compared: r.compared,
        review: r.review,
        linked: r.linked,
        refused: r.refused,
        withdrawn: r.withdrawn,
        model_version: r.model_version,
        fitted: r.fitted,
    }
}

fn status(s: MatchStatus) -> MatchingStatus {
    MatchingStatus {
        settings: settings(s.settings),
        running: s.running,
        next_run_at: s.next_run_at.map(|at| at.to_string()),
        last_run: s.last_run.map(of_run),
        model: s.model.map(|(version, at, people)| MatchingModel { version, at: at.to_string(), people }),
        answers: s.answers,
    }
}

/// How matching stands: settings, the last run, the model.
#[utoipa::path(get, path = "/api/matching/status", tag = "identity", responses((status = 200, body = MatchingStatus)))]
async fn matching_status(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<MatchingStatus>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(status(app.matching_status()?)))).await
}

/// Changes the settings.
#[utoipa::path(put, path = "/api/matching/settings", tag = "identity", request_body = MatchingSettings,
    responses((status = 200, body = MatchingSettings), (status = 400, body = ProblemBody)))]
async fn matching_settings(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<MatchingSettings>,
) -> ApiResult<Json<MatchingSettings>> {
    caller.need(Scope::Admin)?;
    run(move || {
        let wanted = MatchSettings {
            auto_link: body.auto_link,
            link_from: body.link_from,
            review_from: body.review_from,
            every_minutes: body.every_minutes,
        };
        Ok(Json(settings(app.matching_settings_put(&caller, wanted)?)))
    })
    .await
}

/// Looks for people who are probably one, in the background.
#[utoipa::path(post, path = "/api/matching/run", tag = "identity", request_body = MatchingRequest,
    responses((status = 202, body = MatchingAccepted), (status = 409, body = ProblemBody)))]
async fn matching_run(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<MatchingRequest>,
) -> ApiResult<(StatusCode, Json<MatchingAccepted>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let id = app.matching_start(&caller, body.fit)?;
        Ok((StatusCode::ACCEPTED, Json(MatchingAccepted { job_id: id.to_string() })))
    })
    .await
}
