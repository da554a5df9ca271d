//! Destinations: where audiences are sent, the syncs that keep them there, and where each person's data went.
//!
//! No answer holds a secret but the one that makes it. [`shape`] describes what the rules' own types look like on the wire.

mod log;
mod shape;
mod sync;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::destination::{DestinationView, Place, SecretsPatch};
use throughline_base::DestinationId;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};
use shape::DestinationSettings;

/// A destination as shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct Destination {
    id: String,
    name: String,
    #[schema(value_type = DestinationSettings)]
    settings: Place,
    /// Names of the secrets that are set; none is ever shown.
    secrets: Vec<String>,
    /// Syncs that are not ended.
    syncs: u64,
    /// Syncs whose last attempt failed.
    failing: u64,
    created_at: String,
    updated_at: String,
    /// The key of a webhook's signature, shown this once: when it was made here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    signing_secret: Option<String>,
}

/// Every destination in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct DestinationPage {
    items: Vec<Destination>,
    next: Option<String>,
}

/// Secrets of a destination. In a change what is left out stays, and empty text takes one away.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DestinationSecrets {
    /// Of an S3 access key.
    secret_access_key: Option<String>,
    /// Of an SFTP account.
    password: Option<String>,
    /// Of an SFTP account; Ed25519 or ECDSA.
    private_key: Option<String>,
    /// Of the private key.
    passphrase: Option<String>,
    /// Address of a webhook.
    url: Option<String>,
    /// Key of a webhook's signature; one is made when it is left out.
    signing_secret: Option<String>,
    /// Further headers of a webhook; all of them.
    headers: Option<BTreeMap<String, String>>,
}

impl std::fmt::Debug for DestinationSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DestinationSecrets").finish_non_exhaustive()
    }
}

impl From<DestinationSecrets> for SecretsPatch {
    fn from(s: DestinationSecrets) -> Self {
        Self {
            secret_access_key: s.secret_access_key,
            password: s.password,
            private_key: s.private_key,
            passphrase: s.passphrase,
            url: s.url,
            signing_secret: s.signing_secret,
            headers: s.headers,
        }
    }
}

/// A destination to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDestination {
    name: String,
    #[schema(value_type = DestinationSettings)]
    settings: Place,
    #[serde(default)]
    secrets: DestinationSecrets,
}

/// A change of a destination. What is left out stays; the kind does.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DestinationPatch {
    name: Option<String>,
    /// All settings.
    #[schema(value_type = Option<DestinationSettings>)]
    settings: Option<Place>,
    #[serde(default)]
    secrets: DestinationSecrets,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct DestinationTest {
    /// It works.
    ok: bool,
    /// Where the test went, or what is wrong and how to mend it.
    detail: String,
}

/// Routes of this folder.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(destination_list, destination_create))
        .routes(routes!(destination_get, destination_update, destination_end))
        .routes(routes!(destination_test))
        .merge(sync::router())
        .merge(log::router())
}

fn dto(v: DestinationView) -> Destination {
    Destination {
        id: v.id.to_string(),
        name: v.name,
        settings: v.place,
        secrets: v.secrets,
        syncs: v.syncs,
        failing: v.failing,
        created_at: v.created_at.to_string(),
        updated_at: v.updated_at.to_string(),
        signing_secret: None,
    }
}

/// Destinations in use.
#[utoipa::path(get, path = "/api/destinations", tag = "destination",
    responses((status = 200, body = DestinationPage)))]
async fn destination_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<DestinationPage>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(DestinationPage { items: app.destinations()?.into_iter().map(dto).collect(), next: None })))
        .await
}

/// Makes a destination.
#[utoipa::path(post, path = "/api/destinations", tag = "destination", request_body = NewDestination,
    responses((status = 201, body = Destination), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn destination_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<NewDestination>,
) -> ApiResult<(StatusCode, Json<Destination>)> {
    caller.need(Scope::Export)?;
    run(move || {
        let (view, made) = app.destination_create(&caller, &body.name, body.settings, body.secrets.into())?;
        Ok((StatusCode::CREATED, Json(Destination { signing_secret: made, ..dto(view) })))
    })
    .await
}

/// One destination.
#[utoipa::path(get, path = "/api/destinations/{id}", tag = "destination", params(("id" = String, Path)),
    responses((status = 200, body = Destination), (status = 404, body = ProblemBody)))]
async fn destination_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<DestinationId>,
) -> ApiResult<Json<Destination>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(dto(app.destination(id)?)))).await
}

/// Changes a destination. What was refused is tried again at once.
#[utoipa::path(patch, path = "/api/destinations/{id}", tag = "destination", request_body = DestinationPatch,
    params(("id" = String, Path)),
    responses((status = 200, body = Destination), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
async fn destination_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<DestinationId>,
    Body(body): Body<DestinationPatch>,
) -> ApiResult<Json<Destination>> {
    caller.need(Scope::Export)?;
    run(move || {
        let patch = body.secrets.into();
        Ok(Json(dto(app.destination_update(&caller, id, body.name.as_deref(), body.settings, patch)?)))
    })
    .await
}

/// Ends a destination whose syncs are ended. Its secrets are forgotten; its name stays for the logs.
#[utoipa::path(delete, path = "/api/destinations/{id}", tag = "destination", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn destination_end(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<DestinationId>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Export)?;
    run(move || app.destination_end(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries a destination with something that holds nobody's data.
#[utoipa::path(post, path = "/api/destinations/{id}/test", tag = "destination", params(("id" = String, Path)),
    responses((status = 200, body = DestinationTest), (status = 404, body = ProblemBody)))]
async fn destination_test(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<DestinationId>,
) -> ApiResult<Json<DestinationTest>> {
    caller.need(Scope::Export)?;
    run(move || {
        let answer = app.destination_test(&caller, id)?;
        Ok(Json(DestinationTest { ok: answer.ok, detail: answer.detail }))
    })
    .await
}
