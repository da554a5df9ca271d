//! Audiences: who is in what, kept current. Definitions and versions are here; [`definition`] says how a definition is
//! sent and shown, [`people`] who is in and why, [`estimate`] how many a definition would find, [`list`] uploaded lists.

mod definition;
mod estimate;
mod list;
mod people;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::audience::{
    AudienceChange, AudienceDetail, AudienceItem, AudienceNew, AudienceVersion as Version, BuildRun, Phase,
    SetOperation,
};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::definition::{DefinitionIn, Shown};
use super::person::{PersonRow, person_row};
use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::problem::{ApiResult, ProblemBody};

/// Where a version stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Its history is being read.
    Building,
    /// The last attempt to build it failed; it is tried again.
    Failed,
    /// Somebody stopped it, or a newer one took its place before it was built.
    Stopped,
    /// Built and kept current; waits to be put in force.
    Ready,
    /// In force.
    Live,
    /// It was in force.
    Retired,
}

/// A version of an audience.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceVersion {
    number: i64,
    #[schema(inline)]
    state: VersionState,
    #[serde(flatten)]
    shown: Shown,
    /// Members.
    size: i64,
    /// Why it was made.
    note: String,
    /// By whom.
    actor: String,
    /// Everybody is still to be looked at; until then its members stay as they are.
    settling: bool,
    /// Comes into force by itself.
    auto_apply: bool,
    /// Why building failed.
    error: Option<String>,
    created_at: String,
    built_at: Option<String>,
    applied_at: Option<String>,
}

/// The size of an audience at the end of an hour in which somebody came or went.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceHour {
    /// Begin of the hour.
    at: String,
    size: i64,
    entered: i64,
    exited: i64,
}

/// An audience.
#[derive(Debug, Serialize, ToSchema)]
pub struct Audience {
    id: String,
    /// Short name for programs and rules, unique.
    key: String,
    name: String,
    description: String,
    /// `active`, `paused` or `archived`.
    state: String,
    /// Members now; 0 until a version is in force.
    size: i64,
    /// The version in force.
    live: Option<AudienceVersion>,
    /// A version that is being built or waits to be put in force.
    next: Option<AudienceVersion>,
    /// The last 30 days.
    trend: Vec<AudienceHour>,
    /// The stored definition cannot be used: why. Its members stay as they were.
    broken: Option<String>,
    created_at: String,
    updated_at: String,
}

/// What building is at.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuildPhase {
    /// The history is read.
    History,
    /// People whose identifiers moved meanwhile are read anew.
    Moved,
    /// Everybody is looked at.
    People,
}

/// How far building is. One run builds everything that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceBuild {
    #[schema(inline)]
    phase: BuildPhase,
    /// People done in this phase.
    done: i64,
    /// People in all.
    total: i64,
}

/// An audience with its versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceFull {
    #[serde(flatten)]
    audience: Audience,
    /// The newest first.
    versions: Vec<AudienceVersion>,
    /// What is being built now.
    build: Option<AudienceBuild>,
}

/// A new audience.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceIn {
    key: String,
    /// The key when left out.
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    /// As JSON; or `text`.
    #[schema(value_type = Option<Object>, nullable = false)]
    definition: Option<serde_json::Value>,
    /// As text; or `definition`.
    #[schema(nullable = false)]
    text: Option<String>,
    /// Whoever is in it from the start has an event of it.
    #[serde(default)]
    announce: bool,
}

/// A change of an audience. What is left out stays. A changed definition becomes a version beside the one in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudiencePatch {
    #[schema(nullable = false)]
    name: Option<String>,
    #[schema(nullable = false)]
    description: Option<String>,
    /// As JSON; or `text`.
    #[schema(value_type = Option<Object>, nullable = false)]
    definition: Option<serde_json::Value>,
    /// As text; or `definition`.
    #[schema(nullable = false)]
    text: Option<String>,
    /// Why.
    #[serde(default)]
    note: String,
    /// Put the new version in force as soon as it is built.
    #[serde(default)]
    auto_apply: bool,
    /// `active`, `paused` or `archived`.
    #[schema(nullable = false)]
    state: Option<String>,
}

/// How a version differs from the one in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceDiff {
    entering: i64,
    leaving: i64,
    staying: i64,
    /// Some who would come.
    entering_sample: Vec<PersonRow>,
    /// Some who would go.
    leaving_sample: Vec<PersonRow>,
}

/// How a version is put in force.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AudienceApply {
    /// Whoever comes or goes with it has an event of it.
    announce: bool,
}

/// Audiences made one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceCombine {
    #[schema(inline)]
    operation: CombineOperation,
    /// Keys of the audiences, two at least; of `minus` the first is the one that the others are taken from.
    audiences: Vec<String>,
}

/// How audiences are made one.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CombineOperation {
    /// In at least one of them.
    Union,
    /// In all of them.
    Intersect,
    /// In the first and in none of the others.
    Minus,
}

/// Which audiences.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AudienceQuery {
    /// With archived ones.
    #[serde(default)]
    archived: bool,
}

/// Routes of this file.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(audience_list, audience_create))
        .routes(routes!(audience_get, audience_update))
        .routes(routes!(audience_compare))
        .routes(routes!(audience_apply))
        .routes(routes!(audience_stop))
        .routes(routes!(audience_combine))
        .merge(definition::router())
        .merge(estimate::router())
        .merge(people::router())
        .merge(list::router())
}

fn version(v: Version) -> AudienceVersion {
    use throughline_app::audience::VersionState as S;
    AudienceVersion {
        number: v.number,
        state: match v.state {
            S::Building => VersionState::Building,
            S::Failed => VersionState::Failed,
            S::Stopped => VersionState::Stopped,
            S::Ready => VersionState::Ready,
            S::Live => VersionState::Live,
            S::Retired => VersionState::Retired,
        },
        shown: Shown::of(&v.definition),
        size: v.size,
        note: v.note,
        actor: v.actor,
        settling: v.unsettled,
        auto_apply: v.auto_apply,
        error: v.error,
        created_at: v.created_at.to_string(),
        built_at: v.built_at.map(|t| t.to_string()),
        applied_at: v.applied_at.map(|t| t.to_string()),
    }
}

fn audience(a: AudienceItem) -> Audience {
    let hour = |h: &throughline_app::audience::Hour| AudienceHour {
        at: throughline_base::Timestamp::from_ms(h.hour * throughline_base::time::HOUR_MS).to_string(),
        size: h.size,
        entered: h.entered,
        exited: h.exited,
    };
    Audience {
        id: a.row.id.to_string(),
        key: a.row.key,
        name: a.row.name,
        description: a.row.description,
        state: a.row.state,
        size: a.live.as_ref().map_or(0, |v| v.size),
        live: a.live.map(version),
        next: a.next.map(version),
        trend: a.trend.iter().map(hour).collect(),
        broken: a.broken,
        created_at: a.row.created_at.to_string(),
        updated_at: a.row.updated_at.to_string(),
    }
}

fn build(b: &BuildRun) -> AudienceBuild {
    let phase = match b.phase {
        Phase::History => BuildPhase::History,
        Phase::Moved => BuildPhase::Moved,
        Phase::People => BuildPhase::People,
    };
    AudienceBuild { phase, done: b.done, total: b.total }
}

fn full(d: AudienceDetail) -> AudienceFull {
    AudienceFull {
        audience: audience(d.item),
        versions: d.versions.into_iter().map(version).collect(),
        build: d.build.as_ref().map(build),
    }
}

/// Every audience with its size now and over the last 30 days.
#[utoipa::path(get, path = "/api/audiences", tag = "audience", params(AudienceQuery),
    responses((status = 200, body = [Audience])))]
async fn audience_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<AudienceQuery>,
) -> ApiResult<Json<Vec<Audience>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.audience_list(q.archived)?.into_iter().map(audience).collect()))).await
}

/// Makes an audience. It is built in the background and comes into force by itself.
#[utoipa::path(post, path = "/api/audiences", tag = "audience", request_body = AudienceIn,
    responses((status = 201, body = AudienceFull), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audience_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<AudienceIn>,
) -> ApiResult<(StatusCode, Json<AudienceFull>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let AudienceIn { key, name, description, definition, text, announce } = body;
        let definition = DefinitionIn { definition, text }.needed(&app)?;
        let made = app.audience_create(&caller, &AudienceNew { key, name, description, definition, announce })?;
        Ok((StatusCode::CREATED, Json(full(app.audience(&made.key)?))))
    })
    .await
}

/// One audience with its versions and how far building is.
#[utoipa::path(get, path = "/api/audiences/{key}", tag = "audience", params(("key" = String, Path)),
    responses((status = 200, body = AudienceFull), (status = 404, body = ProblemBody)))]
async fn audience_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<Json<AudienceFull>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(full(app.audience(&key)?)))).await
}

/// Changes an audience.
#[utoipa::path(patch, path = "/api/audiences/{key}", tag = "audience", request_body = AudiencePatch,
    params(("key" = String, Path)),
    responses((status = 200, body = AudienceFull), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
async fn audience_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Body(body): Body<AudiencePatch>,
) -> ApiResult<Json<AudienceFull>> {
    caller.need(Scope::Write)?;
    run(move || {
        let change = AudienceChange {
            definition: DefinitionIn { definition: body.definition, text: body.text }.read(&app)?,
            name: body.name,
            description: body.description,
            note: body.note,
            auto_apply: body.auto_apply,
            state: body.state,
        };
        app.audience_update(&caller, &key, &change)?;
        Ok(Json(full(app.audience(&key)?)))
    })
    .await
}

/// How a built version differs from the one in force: who would come, who would go.
#[utoipa::path(get, path = "/api/audiences/{key}/versions/{number}/diff", tag = "audience",
    params(("key" = String, Path), ("number" = i64, Path)),
    responses((status = 200, body = AudienceDiff), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audience_compare(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((key, number)): Path<(String, i64)>,
) -> ApiResult<Json<AudienceDiff>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    run(move || {
        let c = app.audience_compare(&key, number)?;
        let people = |all: Vec<_>| all.into_iter().map(|p| person_row(p, veil)).collect();
        Ok(Json(AudienceDiff {
            entering: c.difference.entering,
            leaving: c.difference.leaving,
            staying: c.difference.staying,
            entering_sample: people(c.entering),
            leaving_sample: people(c.leaving),
        }))
    })
    .await
}

/// Puts a built version in force, in one step.
#[utoipa::path(post, path = "/api/audiences/{key}/versions/{number}/apply", tag = "audience", request_body = AudienceApply,
    params(("key" = String, Path), ("number" = i64, Path)),
    responses((status = 200, body = AudienceFull), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audience_apply(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((key, number)): Path<(String, i64)>,
    Body(body): Body<AudienceApply>,
) -> ApiResult<Json<AudienceFull>> {
    caller.need(Scope::Write)?;
    run(move || {
        app.audience_apply(&caller, &key, number, body.announce)?;
        Ok(Json(full(app.audience(&key)?)))
    })
    .await
}

/// Stops building a version, or drops one that is built and not in force.
#[utoipa::path(post, path = "/api/audiences/{key}/versions/{number}/stop", tag = "audience",
    params(("key" = String, Path), ("number" = i64, Path)),
    responses((status = 200, body = AudienceFull), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audience_stop(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((key, number)): Path<(String, i64)>,
) -> ApiResult<Json<AudienceFull>> {
    caller.need(Scope::Write)?;
    run(move || {
        app.audience_stop(&caller, &key, number)?;
        Ok(Json(full(app.audience(&key)?)))
    })
    .await
}

/// The definition of a set operation on audiences, to be made an audience or looked at first.
#[utoipa::path(post, path = "/api/audiences/combine", tag = "audience", request_body = AudienceCombine,
    responses((status = 200, body = Shown), (status = 400, body = ProblemBody)))]
async fn audience_combine(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<AudienceCombine>,
) -> ApiResult<Json<Shown>> {
    caller.need(Scope::Read)?;
    let operation = match body.operation {
        CombineOperation::Union => SetOperation::Union,
        CombineOperation::Intersect => SetOperation::Intersect,
        CombineOperation::Minus => SetOperation::Minus,
    };
    run(move || Ok(Json(Shown::of(&operation.definition(&body.audiences, &app.settings.time_zone)?)))).await
}
