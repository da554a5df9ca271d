//! The rules, the simulator, and blocked values.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::identity::blocked::{BlockedKind, BlockedRule as Rule, BlockedSpec};
use throughline_app::identity::explain::Named;
use throughline_base::Problem;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::person::IdentifierRef;
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};
use crate::wording::{Wording, wording};

/// A version of the rules, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesHistory {
    version: i64,
    at: String,
    actor: String,
    note: String,
}

/// How far the latest change was applied to what was there before it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesProgress {
    version: u32,
    /// Identifiers looked at.
    done: i64,
    /// Identifiers there were when it began.
    total: i64,
    /// Identifiers whose person changed.
    moved: i64,
    finished: bool,
}

/// The rules in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesVersion {
    version: u32,
    /// Namespaces, blocked values, caps.
    #[schema(value_type = Object)]
    rules: Map<String, Value>,
    /// Newest first; empty while the built-in rules hold.
    history: Vec<RulesHistory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<RulesProgress>,
}

/// Rules to try or to put in force.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RulesIn {
    /// As GET shows them. With `version`, they are refused when another one is in force meanwhile.
    #[schema(value_type = Object)]
    pub(super) rules: Map<String, Value>,
    /// Why, for the history.
    #[serde(default)]
    note: Option<String>,
}

/// The new version, and the job that applies it to what is there already.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesAccepted {
    version: u32,
    job_id: String,
}

/// Events to try the rules on.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SimulatorIn {
    /// In the form Segment's SDKs send them, at most 1,000.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Map<String, Value>>,
    /// Other rules than those in force.
    #[schema(value_type = Option<Object>)]
    rules: Option<Map<String, Value>>,
}

/// A person that the events make.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulatedPerson {
    id: String,
    identifiers: Vec<IdentifierRef>,
}

/// What one event led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulatedDecision {
    /// Its place in the list, from 0.
    event: i64,
    /// The identifier it hangs on; empty when it has no usable one.
    line: IdentifierRef,
    /// `new_person`, `attached`, `merged`, `refused_limit`, `refused`, `no_usable_identifier`.
    reason: String,
    /// People that were absorbed.
    merges: Vec<String>,
    /// Claims that were kept out, with the reason.
    dropped: Vec<String>,
    /// The same, each as codes and values, to say it in another language.
    dropped_wording: Vec<Vec<Wording>>,
}

/// What the rules make of some events.
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulation {
    persons: Vec<SimulatedPerson>,
    decisions: Vec<SimulatedDecision>,
}

/// How a rule finds values.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockedRuleKind {
    /// This value.
    Exact,
    /// Values that the regular expression finds.
    Regex,
    /// Identifiers that were joined to more people than the number.
    SeenMoreThan,
}

/// A rule of your own.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedRule {
    id: String,
    namespace: Option<String>,
    kind: BlockedRuleKind,
    value: String,
    created_at: String,
    /// Claims of events that it kept out.
    hits: i64,
}

/// Values that link nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Blocked {
    built_in: Vec<String>,
    custom: Vec<BlockedRule>,
}

/// A rule to add.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BlockedIn {
    /// Every namespace when null; exact values only.
    namespace: Option<String>,
    kind: BlockedRuleKind,
    value: String,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(rules_get, rules_put))
        .routes(routes!(simulator))
        .routes(routes!(blocked_list, blocked_add))
        .routes(routes!(blocked_remove))
}

/// The rules with the values they block masked: these are identifiers of people.
fn veiled(mut rules: Map<String, Value>, veil: Veil) -> Map<String, Value> {
    let shown = |list: Option<&mut Value>, namespace: &str| {
        for v in list.and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::String(s) = v {
                *s = veil.identifier(namespace, s).value;
            }
        }
    };
    shown(rules.get_mut("blocked").and_then(|b| b.get_mut("values")), "");
    if let Some(patterns) = rules.get_mut("blocked").and_then(|b| b.get_mut("patterns")).and_then(Value::as_array_mut) {
        for p in patterns {
            *p = p.as_str().map_or(Value::Null, |text| veil.text(text).into());
        }
    }
    for rule in rules.get_mut("namespaces").and_then(Value::as_array_mut).into_iter().flatten() {
        let namespace = rule.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        shown(rule.get_mut("blocked"), &namespace);
    }
    rules
}

/// The identity rules in force.
#[utoipa::path(get, path = "/api/identity/rules", tag = "identity", responses((status = 200, body = RulesVersion)))]
async fn rules_get(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<RulesVersion>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let view = app.identity_rules()?;
        let rules = veiled(view.as_map(), veil);
        let progress = view.refold.map(|p| RulesProgress {
            version: p.version,
            done: p.done,
            total: p.total,
            moved: p.moved,
            finished: p.finished,
        });
        let history = view.history.into_iter();
        Ok(Json(RulesVersion {
            version: view.rules.version,
            rules,
            history: history
                .map(|h| RulesHistory {
                    version: h.version,
                    at: h.at.to_string(),
                    actor: h.actor,
                    note: veil.text(&h.note),
                })
                .collect(),
            progress,
        }))
    })
    .await
}

/// Puts rules in force: they decide from now on, and a job folds what is there already anew.
#[utoipa::path(put, path = "/api/identity/rules", tag = "identity", request_body = RulesIn,
    responses((status = 202, body = RulesAccepted), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn rules_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<RulesIn>,
) -> ApiResult<(StatusCode, Json<RulesAccepted>)> {
    caller.need(Scope::Admin)?;
    if !caller.has(Scope::Personal) && body.rules.values().any(|v| v.to_string().contains('•')) {
        let text = "the rules hold masked values: whoever may not see blocked values cannot put rules that have some";
        return Err(Problem::invalid("rules_masked", text).into());
    }
    run(move || {
        let note = body.note.unwrap_or_default();
        let (version, job) = app.identity_rules_put(&caller, &Value::Object(body.rules), note.trim())?;
        Ok((StatusCode::ACCEPTED, Json(RulesAccepted { version, job_id: job.to_string() })))
    })
    .await
}

/// Pasted events, and what the rules make of them step by step. Nothing is stored.
#[utoipa::path(post, path = "/api/identity/simulator", tag = "identity", request_body = SimulatorIn,
    responses((status = 200, body = Simulation), (status = 400, body = ProblemBody)))]
async fn simulator(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<SimulatorIn>,
) -> ApiResult<Json<Simulation>> {
    caller.need(Scope::Read)?;
    run(move || {
        let events: Vec<Value> = body.events.into_iter().map(Value::Object).collect();
        let done = app.identity_simulate(&events, body.rules.map(Value::Object).as_ref())?;
        // Whoever pasted the events has seen what is in them.
        let shown = |n: &Named| IdentifierRef { namespace: n.0.clone(), value: n.1.clone() };
        let persons = done.persons.iter();
        let decisions = done.steps.into_iter().map(|s| SimulatedDecision {
            event: s.event as i64,
            line: shown(&s.line.unwrap_or_default()),
            reason: s.reason.as_str().into(),
            merges: s.merges.iter().map(ToString::to_string).collect(),
            dropped_wording: s.dropped.iter().map(|text| wording(text)).collect(),
            dropped: s.dropped,
        });
        Ok(Json(Simulation {
            persons: persons
                .map(|(id, all)| SimulatedPerson { id: id.to_string(), identifiers: all.iter().map(shown).collect() })
                .collect(),
            decisions: decisions.collect(),
        }))
    })
    .await
}

fn blocked_rule(r: Rule, veil: Veil) -> BlockedRule {
    let (kind, value) = match r.spec.kind {
        BlockedKind::Exact => {
            let namespace = r.spec.namespace.as_deref().unwrap_or_default();
            (BlockedRuleKind::Exact, veil.identifier(namespace, &r.spec.value).value)
        }
        BlockedKind::Regex => (BlockedRuleKind::Regex, veil.text(&r.spec.value)),
        BlockedKind::SeenMoreThan => (BlockedRuleKind::SeenMoreThan, r.spec.value),
    };
    BlockedRule {
        id: r.id,
        namespace: r.spec.namespace,
        kind,
        value,
        created_at: r.created_at.to_string(),
        hits: r.hits,
    }
}

/// Values that link nothing.
#[utoipa::path(get, path = "/api/identity/blocked", tag = "identity", responses((status = 200, body = Blocked)))]
async fn blocked_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Blocked>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let view = app.blocked()?;
        Ok(Json(Blocked {
            built_in: view.built_in.into_iter().map(str::to_owned).collect(),
            custom: view.custom.into_iter().map(|r| blocked_rule(r, veil)).collect(),
        }))
    })
    .await
}

/// Blocks values from now on, and for what is there already by a job.
#[utoipa::path(post, path = "/api/identity/blocked", tag = "identity", request_body = BlockedIn,
    responses((status = 201, body = BlockedRule), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn blocked_add(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<BlockedIn>,
) -> ApiResult<(StatusCode, Json<BlockedRule>)> {
    caller.need(Scope::Admin)?;
    run(move || {
        let spec = BlockedSpec {
            namespace: body.namespace.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()),
            kind: match body.kind {
                BlockedRuleKind::Exact => BlockedKind::Exact,
                BlockedRuleKind::Regex => BlockedKind::Regex,
                BlockedRuleKind::SeenMoreThan => BlockedKind::SeenMoreThan,
            },
            value: body.value,
        };
        let rule = app.blocked_add(&caller, &spec)?;
        Ok((StatusCode::CREATED, Json(blocked_rule(rule, Veil::of(&caller)))))
    })
    .await
}

/// Takes a rule back. What it kept apart is linked again as the evidence says.
#[utoipa::path(delete, path = "/api/identity/blocked/{id}", tag = "identity", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn blocked_remove(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Admin)?;
    run(move || app.blocked_remove(&caller, &id)).await?;
    Ok::<_, crate::problem::ApiError>(StatusCode::NO_CONTENT)
}
