//! Personas, and audiences side by side.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::persona::{self as app_persona, PersonaView};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};

/// A named description of customers, bound to an audience.
#[derive(Debug, Serialize, ToSchema)]
pub struct Persona {
    key: String,
    name: String,
    description: String,
    /// Key of its audience.
    audience: String,
    /// How many people are in it; null until it is built.
    people: Option<i64>,
    updated_at: String,
}

/// A persona to make or change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonaPut {
    name: String,
    #[serde(default)]
    description: String,
    /// Key of its audience.
    audience: String,
}

/// How many have a value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileShare {
    value: String,
    people: i64,
    /// Share of those of whom it is known, 0 to 1.
    share: f64,
}

/// Values of one kind, the most frequent first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileSpread {
    /// People of whom it is known.
    known: i64,
    top: Vec<ProfileShare>,
}

/// What people are worth, in the report's currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileWorth {
    /// Share of those who bought.
    buyers: f64,
    /// Orders a person.
    orders: f64,
    /// Net revenue a person, minor units.
    revenue_minor: f64,
    /// Net revenue an order, minor units; null without orders.
    order_minor: Option<f64>,
    currency: String,
}

/// Who some people are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Profile {
    people: i64,
    /// How many were looked at: fewer than `people` when an even sample stands for all.
    looked_at: i64,
    gender: ProfileSpread,
    age: ProfileSpread,
    city: ProfileSpread,
    province: ProfileSpread,
    stage: ProfileSpread,
    /// Kinds of sources that saw them; somebody can be seen by several.
    channel: ProfileSpread,
    /// What they buy most; known when the computed trait `favourite_category` is enabled.
    category: ProfileSpread,
    value: ProfileWorth,
}

/// A persona's people beside the average customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonaProfile {
    persona: Profile,
    everybody: Profile,
}

/// Audiences to lay side by side.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudiencesCompare {
    /// Keys, 1 to 8.
    audiences: Vec<String>,
}

/// An audience among others.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceCompared {
    key: String,
    name: String,
    /// How many people are in both this audience and each of the audiences, in their order.
    overlap: Vec<i64>,
    profile: Profile,
}

/// Audiences side by side.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudiencesCompared {
    audiences: Vec<AudienceCompared>,
    everybody: Profile,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(persona_list))
        .routes(routes!(persona_get))
        .routes(routes!(persona_put))
        .routes(routes!(persona_delete))
        .routes(routes!(persona_profile))
        .routes(routes!(audiences_compare))
}

fn persona(v: PersonaView) -> Persona {
    Persona {
        key: v.row.key,
        name: v.row.name,
        description: v.row.description,
        audience: v.audience,
        people: v.people,
        updated_at: v.row.updated_at.to_string(),
    }
}

fn spread(s: app_persona::Spread) -> ProfileSpread {
    let top = s.top.into_iter().map(|t| ProfileShare { value: t.value, people: t.people, share: t.share });
    ProfileSpread { known: s.known, top: top.collect() }
}

fn profile(app: &App, p: app_persona::Profile) -> Profile {
    Profile {
        people: p.people,
        looked_at: p.looked_at,
        gender: spread(p.gender),
        age: spread(p.age),
        city: spread(p.city),
        province: spread(p.province),
        stage: spread(p.stage),
        channel: spread(p.channel),
        category: spread(p.category),
        value: ProfileWorth {
            buyers: p.value.buyers,
            orders: p.value.orders,
            revenue_minor: p.value.revenue_minor,
            order_minor: p.value.order_minor,
            currency: app.settings.currency.to_string(),
        },
    }
}

/// Every persona.
#[utoipa::path(get, path = "/api/personas", tag = "persona", responses((status = 200, body = Vec<Persona>)))]
async fn persona_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Persona>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.personas()?.into_iter().map(persona).collect()))).await
}

/// One persona.
#[utoipa::path(get, path = "/api/personas/{key}", tag = "persona", params(("key" = String, Path)),
    responses((status = 200, body = Persona), (status = 404, body = ProblemBody)))]
async fn persona_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<Json<Persona>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(persona(app.persona(&key)?)))).await
}

/// Makes or changes a persona.
#[utoipa::path(put, path = "/api/personas/{key}", tag = "persona", params(("key" = String, Path)),
    request_body = PersonaPut,
    responses((status = 200, body = Persona), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn persona_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Body(body): Body<PersonaPut>,
) -> ApiResult<Json<Persona>> {
    caller.need(Scope::Write)?;
    run(move || Ok(Json(persona(app.persona_put(&caller, &key, &body.name, &body.description, &body.audience)?)))).await
}

/// Removes a persona; its audience stays.
#[utoipa::path(delete, path = "/api/personas/{key}", tag = "persona", params(("key" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn persona_delete(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.persona_delete(&caller, &key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who a persona's people are now, beside the average customer.
#[utoipa::path(get, path = "/api/personas/{key}/profile", tag = "persona", params(("key" = String, Path)),
    responses((status = 200, body = PersonaProfile), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
async fn persona_profile(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<Json<PersonaProfile>> {
    caller.need(Scope::Read)?;
    run(move || {
        let (own, everybody) = app.persona_profile(&key)?;
        Ok(Json(PersonaProfile { persona: profile(&app, own), everybody: profile(&app, everybody) }))
    })
    .await
}

/// Audiences side by side: how they overlap, and who is in them, beside the average customer.
#[utoipa::path(post, path = "/api/audiences/compare", tag = "persona", request_body = AudiencesCompare,
    responses((status = 200, body = AudiencesCompared), (status = 400, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audiences_compare(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<AudiencesCompare>,
) -> ApiResult<Json<AudiencesCompared>> {
    caller.need(Scope::Read)?;
    run(move || {
        let compared = app.audiences_compare(&body.audiences)?;
        let each = compared.keys.into_iter().zip(compared.names).zip(compared.overlap).zip(compared.profiles);
        let audiences = each
            .map(|(((key, name), overlap), own)| AudienceCompared { key, name, overlap, profile: profile(&app, own) })
            .collect();
        Ok(Json(AudiencesCompared { audiences, everybody: profile(&app, compared.everybody) }))
    })
    .await
}
