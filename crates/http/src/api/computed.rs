//! Computed traits: definitions, who has which value, packs of definitions ready to be enabled.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::audience::ComputedDefinition;
use throughline_app::computed::pack::Pack;
use throughline_app::computed::rfm::RfmCuts;
use throughline_app::computed::{ComputedVersion, ComputedView, Distribution};
use throughline_base::Problem;
use throughline_domain::audience::builtin::Gives;
use throughline_domain::audience::rule::Computation;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closed::one_of;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};

fn version_states() -> Object {
    one_of(["building", "failed", "stopped", "ready", "live", "retired"])
}

fn part_states() -> Object {
    one_of(["missing", "building", "live", "archived"])
}

fn part_kinds() -> Object {
    one_of(["audience", "computed"])
}

/// A version of a computed trait.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedTraitVersion {
    number: i64,
    #[schema(schema_with = version_states)]
    state: String,
    /// IANA name of the zone of its calendar and clock times.
    zone: String,
    /// See `#/$defs/computation` of `GET /api/audiences/schema`.
    #[schema(value_type = Object)]
    computation: Value,
    actor: String,
    created_at: String,
    applied_at: Option<String>,
    /// Why building failed.
    error: Option<String>,
}

/// A computed trait.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedTrait {
    key: String,
    name: String,
    description: String,
    /// The version in force; null until the first is built.
    live: Option<ComputedTraitVersion>,
    /// A newer version that is being built.
    next: Option<ComputedTraitVersion>,
    /// How many people have a value.
    people: i64,
    /// Share of all people, 0 to 1.
    share: f64,
    created_at: String,
    updated_at: String,
}

/// A computed trait to make or change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComputedTraitPut {
    /// Name for people; the key when left out.
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    /// IANA name of the zone of its calendar and clock times; the installation's when left out.
    #[serde(default)]
    zone: Option<String>,
    /// See `#/$defs/computation` of `GET /api/audiences/schema`.
    #[schema(value_type = Object)]
    computation: Value,
}

/// A value and how many have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedFrequent {
    value: Value,
    people: i64,
}

/// Quantiles of values that are numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedNumbers {
    /// How many numbers were looked at; of very many an even sample.
    looked_at: i64,
    mean: f64,
    min: f64,
    p10: f64,
    p25: f64,
    median: f64,
    p75: f64,
    p90: f64,
    max: f64,
}

/// Which values people have.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedDistribution {
    /// How many people have one.
    known: i64,
    /// How many different ones there are.
    different: i64,
    /// The most frequent ones, the most first.
    top: Vec<ComputedFrequent>,
    /// Null when no value is a number.
    numbers: Option<ComputedNumbers>,
}

/// A text by language.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackText {
    en: String,
    #[serde(rename = "zh-CN")]
    zh: String,
}

/// A definition of a pack.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedPackPart {
    key: String,
    #[schema(schema_with = part_kinds)]
    kind: String,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    name: PackText,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    description: PackText,
    #[schema(schema_with = part_states)]
    state: String,
}

/// Definitions that are enabled together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedPack {
    name: String,
    enabled: bool,
    parts: Vec<ComputedPackPart>,
}

/// Packs to enable.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComputedPacksEnable {
    /// Their names.
    packs: Vec<String>,
    /// Language of names and descriptions: `en` or `zh-CN`.
    #[serde(default)]
    language: Option<String>,
}

/// Where the five steps of recency, frequency and money part.
#[derive(Debug, Serialize, ToSchema)]
pub struct RfmCutsView {
    at: String,
    /// How many buyers they were worked out from.
    people: i64,
    /// Days since the last order.
    recency: Vec<f64>,
    /// Orders.
    frequency: Vec<f64>,
    /// Money net of what was given back, in major units.
    monetary: Vec<f64>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(trait_list))
        .routes(routes!(trait_get))
        .routes(routes!(trait_put))
        .routes(routes!(trait_archive))
        .routes(routes!(trait_versions))
        .routes(routes!(trait_distribution))
        .routes(routes!(pack_list))
        .routes(routes!(pack_enable))
        .routes(routes!(rfm_cuts))
        .routes(routes!(rfm_renew))
}

fn version(v: ComputedVersion) -> ComputedTraitVersion {
    ComputedTraitVersion {
        number: v.number,
        state: v.state.into(),
        computation: serde_json::to_value(&v.definition.computation).unwrap_or_default(),
        zone: v.definition.zone,
        actor: v.actor,
        created_at: v.created_at.to_string(),
        applied_at: v.applied_at.map(|t| t.to_string()),
        error: v.error,
    }
}

fn view(v: ComputedView) -> ComputedTrait {
    ComputedTrait {
        live: v.live.map(version),
        next: v.next.map(version),
        people: v.people,
        share: v.share,
        created_at: v.row.created_at.to_string(),
        updated_at: v.row.updated_at.to_string(),
        key: v.row.key,
        name: v.row.name,
        description: v.row.description,
    }
}

fn distribution(d: Distribution) -> ComputedDistribution {
    let numbers = d.numbers.map(|q| {
        let [min, p10, p25, median, p75, p90, max] = q.at;
        ComputedNumbers { looked_at: q.looked_at, mean: q.mean, min, p10, p25, median, p75, p90, max }
    });
    let top = d.top.into_iter().map(|f| ComputedFrequent { value: f.value, people: f.people });
    ComputedDistribution { known: d.known, different: d.different, top: top.collect(), numbers }
}

fn pack(p: Pack) -> ComputedPack {
    let parts = p.parts.into_iter().map(|part| {
        let b = part.builtin;
        let kind = match b.gives {
            Gives::Audience(_) => "audience",
            Gives::Computed(_) => "computed",
        };
        ComputedPackPart {
            key: b.key.clone(),
            kind: kind.into(),
            name: PackText { en: b.name.en.clone(), zh: b.name.zh.clone() },
            description: PackText { en: b.about.en.clone(), zh: b.about.zh.clone() },
            state: part.state.into(),
        }
    });
    ComputedPack { name: p.name.into(), enabled: p.enabled, parts: parts.collect() }
}

fn cuts(c: RfmCuts) -> RfmCutsView {
    RfmCutsView {
        at: c.at.to_string(),
        people: c.people,
        recency: c.recency.into(),
        frequency: c.frequency.into(),
        monetary: c.monetary.into(),
    }
}

/// Every computed trait, by key.
#[utoipa::path(get, path = "/api/computed-traits", tag = "computed",
    responses((status = 200, body = Vec<ComputedTrait>)))]
async fn trait_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<ComputedTrait>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.computed_traits()?.into_iter().map(view).collect()))).await
}

/// One computed trait.
#[utoipa::path(get, path = "/api/computed-traits/{key}", tag = "computed", params(("key" = String, Path)),
    responses((status = 200, body = ComputedTrait), (status = 404, body = ProblemBody)))]
async fn trait_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<Json<ComputedTrait>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(view(app.computed_trait(&key)?)))).await
}

/// Makes a computed trait or changes it: a new version is built in the background and comes into force by itself.
#[utoipa::path(put, path = "/api/computed-traits/{key}", tag = "computed", params(("key" = String, Path)),
    request_body = ComputedTraitPut,
    responses((status = 202, body = ComputedTrait), (status = 400, body = ProblemBody)))]
async fn trait_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Body(body): Body<ComputedTraitPut>,
) -> ApiResult<(StatusCode, Json<ComputedTrait>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let computation: Computation = serde_json::from_value(body.computation)
            .map_err(|e| Problem::invalid("computation", format!("the computation cannot be read: {e}")))?;
        let zone = body.zone.filter(|z| !z.is_empty()).unwrap_or_else(|| app.settings.time_zone.clone());
        let definition = ComputedDefinition { zone, computation };
        let made = app.computed_trait_put(&caller, (&key, &body.name, &body.description), &definition)?;
        Ok((StatusCode::ACCEPTED, Json(view(app.computed_trait(&made.key)?))))
    })
    .await
}

/// Archives a computed trait: its values go away.
#[utoipa::path(delete, path = "/api/computed-traits/{key}", tag = "computed", params(("key" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn trait_archive(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.computed_trait_archive(&caller, &key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every version of a computed trait, the newest first.
#[utoipa::path(get, path = "/api/computed-traits/{key}/versions", tag = "computed", params(("key" = String, Path)),
    responses((status = 200, body = Vec<ComputedTraitVersion>), (status = 404, body = ProblemBody)))]
async fn trait_versions(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<Json<Vec<ComputedTraitVersion>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.computed_trait_versions(&key)?.into_iter().map(version).collect()))).await
}

/// Which values people have of a computed trait.
#[utoipa::path(get, path = "/api/computed-traits/{key}/distribution", tag = "computed",
    params(("key" = String, Path)),
    responses((status = 200, body = ComputedDistribution), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
async fn trait_distribution(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<Json<ComputedDistribution>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(distribution(app.computed_trait_distribution(&key)?)))).await
}

/// Packs of definitions that can be enabled, with where each of them stands.
#[utoipa::path(get, path = "/api/computed-packs", tag = "computed", responses((status = 200, body = Vec<ComputedPack>)))]
async fn pack_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<ComputedPack>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.packs()?.into_iter().map(pack).collect()))).await
}

/// Enables packs: their definitions are made one after the other, as what they read comes into force.
#[utoipa::path(post, path = "/api/computed-packs", tag = "computed", request_body = ComputedPacksEnable,
    responses((status = 202, body = Vec<ComputedPack>), (status = 404, body = ProblemBody)))]
async fn pack_enable(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<ComputedPacksEnable>,
) -> ApiResult<(StatusCode, Json<Vec<ComputedPack>>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let chinese = match body.language.as_deref() {
            None | Some("en" | "") => false,
            Some("zh-CN") => true,
            Some(other) => {
                let detail = format!("there is no language `{other}`; expected en or zh-CN");
                return Err(Problem::invalid("language", detail));
            }
        };
        app.packs_enable(&caller, &body.packs, chinese)?;
        Ok((StatusCode::ACCEPTED, Json(app.packs()?.into_iter().map(pack).collect())))
    })
    .await
}

/// The cuts of recency, frequency and money that were in force, the newest first.
#[utoipa::path(get, path = "/api/rfm/cuts", tag = "computed", responses((status = 200, body = Vec<RfmCutsView>)))]
async fn rfm_cuts(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<RfmCutsView>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.rfm_cuts()?.into_iter().map(cuts).collect()))).await
}

/// Works the cuts out anew, before the week is over; null when nobody has bought.
#[utoipa::path(post, path = "/api/rfm/cuts", tag = "computed",
    responses((status = 200, body = Option<RfmCutsView>), (status = 409, body = ProblemBody)))]
async fn rfm_renew(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Option<RfmCutsView>>> {
    caller.need(Scope::Write)?;
    run(move || Ok(Json(app.rfm_renew(&caller)?.map(cuts)))).await
}
