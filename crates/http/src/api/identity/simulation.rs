//! What changed rules would make of the people there are: a job that is begun, looked at and stopped.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use throughline_app::App;
use throughline_app::identity::simulate::{RulesDiff, SAMPLE, Simulation, Stage};
use throughline_base::IdentifierId;
use throughline_base::id::JobId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rules::RulesIn;
use crate::api::person::IdentifierRef;
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiError, ApiResult, ProblemBody};

/// A person that would fall apart.
#[derive(Debug, Serialize, ToSchema)]
pub struct SplitExample {
    person_id: String,
    /// The identifiers of each part.
    into: Vec<Vec<IdentifierRef>>,
}

/// People that would become one.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinExample {
    person_ids: Vec<String>,
}

/// The difference in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesCounts {
    people_before: i64,
    people_after: i64,
    /// People that would fall apart.
    split: i64,
    /// People that would be made of several.
    joined: i64,
    /// Events whose person would be another one.
    events_affected: i64,
}

/// What changed rules would make of the people there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesDifference {
    split: Vec<SplitExample>,
    joined: Vec<JoinExample>,
    counts: RulesCounts,
    /// Examples shown of each kind, at most.
    sample_limit: i64,
}

/// Where a simulation stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SimulationState {
    /// Begun; nobody works on it yet.
    Waiting,
    /// Under way.
    Running,
    /// Over, with its result.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// It broke; begin it again.
    Failed,
}

/// A simulation of changed rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesSimulation {
    id: String,
    state: SimulationState,
    /// Identifiers looked at.
    done: i64,
    /// Identifiers there are.
    total: i64,
    /// Once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<RulesDifference>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(simulation_begin)).routes(routes!(simulation_get, simulation_stop))
}

fn shown(it: Simulation, veil: Veil) -> RulesSimulation {
    let named = |id: &IdentifierId| it.names.get(id).map(|(namespace, value)| veil.identifier(namespace, value));
    let result = |d: RulesDiff| RulesDifference {
        split: d
            .splits
            .iter()
            .map(|s| SplitExample {
                person_id: s.person.to_string(),
                into: s.into.iter().map(|part| part.iter().filter_map(named).collect()).collect(),
            })
            .collect(),
        joined: d
            .joins
            .iter()
            .map(|of| JoinExample { person_ids: of.iter().map(ToString::to_string).collect() })
            .collect(),
        counts: RulesCounts {
            people_before: d.people_before,
            people_after: d.people_after,
            split: d.split,
            joined: d.joined,
            events_affected: d.events_affected,
        },
        sample_limit: SAMPLE as i64,
    };
    RulesSimulation {
        id: it.id.to_string(),
        state: match it.stage {
            Stage::Waiting => SimulationState::Waiting,
            Stage::Running => SimulationState::Running,
            Stage::Done => SimulationState::Done,
            Stage::Stopped => SimulationState::Stopped,
            Stage::Failed => SimulationState::Failed,
        },
        done: it.done,
        total: it.total,
        result: it.diff.map(result),
    }
}

/// Begins to simulate changed rules on the people there are. Nothing is changed. It takes the place of the one before.
#[utoipa::path(post, path = "/api/identity/rules/simulations", tag = "identity", request_body = RulesIn,
    responses((status = 202, body = RulesSimulation), (status = 400, body = ProblemBody)))]
async fn simulation_begin(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<RulesIn>,
) -> ApiResult<(StatusCode, Json<RulesSimulation>)> {
    caller.need(Scope::Admin)?;
    run(move || {
        let begun = app.rules_simulate(&Value::Object(body.rules))?;
        Ok((StatusCode::ACCEPTED, Json(shown(begun, Veil::of(&caller)))))
    })
    .await
}

/// How far a simulation is, and what it found.
#[utoipa::path(get, path = "/api/identity/rules/simulations/{id}", tag = "identity", params(("id" = String, Path)),
    responses((status = 200, body = RulesSimulation), (status = 404, body = ProblemBody)))]
async fn simulation_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<JobId>,
) -> ApiResult<Json<RulesSimulation>> {
    caller.need(Scope::Admin)?;
    run(move || Ok(Json(shown(app.rules_simulation(id)?, Veil::of(&caller))))).await
}

/// Stops a simulation.
#[utoipa::path(delete, path = "/api/identity/rules/simulations/{id}", tag = "identity", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn simulation_stop(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<JobId>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Admin)?;
    run(move || app.rules_simulation_stop(id)).await?;
    Ok::<_, ApiError>(StatusCode::NO_CONTENT)
}
