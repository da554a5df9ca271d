//! First run, sign-in, one's own profile.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::team::{Caller, SignedIn, User};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closed;
use crate::auth::{Auth, COOKIE, Peer, cookie};
use crate::blocking::run;
use crate::extract::Body;
use crate::problem::{ApiResult, ProblemBody};

/// What set-up still needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Setup {
    needs_owner: bool,
    product_version: String,
    demo: bool,
}

/// The owner account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOwner {
    email: String,
    name: String,
    password: String,
    #[serde(default)]
    locale: String,
}

/// Address and password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SignIn {
    email: String,
    password: String,
}

/// The signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    id: String,
    email: String,
    name: String,
    locale: String,
    #[schema(schema_with = closed::roles)]
    role: String,
}

impl From<&User> for Me {
    fn from(u: &User) -> Self {
        Self {
            id: u.id.to_string(),
            email: u.email.clone(),
            name: u.name.clone(),
            locale: u.locale.clone(),
            role: u.role.as_str().into(),
        }
    }
}

/// A session: who, the token that writes must repeat, and what may be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    user: Me,
    csrf_token: String,
    scopes: Vec<String>,
}

/// A change of one's own profile.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MePatch {
    name: Option<String>,
    locale: Option<String>,
    password: Option<PasswordChange>,
}

/// The present password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PasswordChange {
    current: String,
    new: String,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(setup_get, owner_create))
        .routes(routes!(session_get, session_open, session_close))
        .routes(routes!(me_update))
}

fn scopes(caller: &Caller) -> Vec<String> {
    caller.scopes.iter().map(|s| s.as_str().to_owned()).collect()
}

fn signed_in(app: &App, s: &SignedIn, headers: &HeaderMap, status: StatusCode) -> Response {
    let https = app.settings.public_url.starts_with("https://")
        || (app.settings.trust_proxy
            && headers.get("x-forwarded-proto").and_then(|v| v.to_str().ok()) == Some("https"));
    let secure = if https { "; Secure" } else { "" };
    let value = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        s.token,
        app.settings.session_ms / 1_000
    );
    let body = Session {
        user: Me::from(&s.user),
        csrf_token: s.csrf.clone(),
        scopes: s.user.role.scopes().iter().map(|s| s.as_str().to_owned()).collect(),
    };
    (status, [(header::SET_COOKIE, value)], Json(body)).into_response()
}

/// What set-up still needs.
#[utoipa::path(get, path = "/api/setup", tag = "session", responses((status = 200, body = Setup)))]
async fn setup_get(State(app): State<Arc<App>>) -> ApiResult<Json<Setup>> {
    run(move || {
        Ok(Json(Setup {
            needs_owner: app.needs_owner()?,
            product_version: app.settings.version.into(),
            demo: app.settings.demo,
        }))
    })
    .await
}

/// Makes the owner account at first run and signs in.
#[utoipa::path(post, path = "/api/setup", tag = "session", request_body = NewOwner,
    responses((status = 201, body = Session), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn owner_create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(body): Body<NewOwner>,
) -> ApiResult<Response> {
    run(move || {
        let s = app.owner_create(&body.email, &body.name, &body.password, &body.locale)?;
        Ok(signed_in(&app, &s, &headers, StatusCode::CREATED))
    })
    .await
}

/// Signs in.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Session), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
async fn session_open(
    State(app): State<Arc<App>>,
    peer: Peer,
    headers: HeaderMap,
    Body(body): Body<SignIn>,
) -> ApiResult<Response> {
    let client = peer.0.map_or_else(String::new, |p| p.ip().to_string());
    run(move || {
        let s = app.sign_in(&body.email, &body.password, &client)?;
        Ok(signed_in(&app, &s, &headers, StatusCode::OK))
    })
    .await
}

/// Who is signed in, and the token that writes must repeat.
#[utoipa::path(get, path = "/api/session", tag = "session",
    responses((status = 200, body = Session), (status = 401, body = ProblemBody)))]
async fn session_get(Auth(caller): Auth) -> ApiResult<Json<Session>> {
    let user = match &caller.user {
        Some(u) => Me::from(u),
        None => Me {
            id: caller.actor.clone(),
            email: String::new(),
            name: caller.actor.clone(),
            locale: "en".into(),
            role: "key".into(),
        },
    };
    let scopes = scopes(&caller);
    Ok(Json(Session { user, csrf_token: caller.csrf.unwrap_or_default(), scopes }))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204)))]
async fn session_close(State(app): State<Arc<App>>, Auth(_caller): Auth, headers: HeaderMap) -> ApiResult<Response> {
    run(move || {
        if let Some(c) = cookie(&headers) {
            app.sign_out(&c)?;
        }
        let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
        Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
    })
    .await
}

/// Changes one's own name, language or password.
#[utoipa::path(patch, path = "/api/me", tag = "session", request_body = MePatch,
    responses((status = 200, body = Me), (status = 400, body = ProblemBody)))]
async fn me_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    headers: HeaderMap,
    Body(body): Body<MePatch>,
) -> ApiResult<Json<Me>> {
    run(move || {
        if let Some(p) = &body.password {
            app.password_change(&caller, &p.current, &p.new, &cookie(&headers).unwrap_or_default())?;
        }
        let user = app.profile_change(&caller, body.name, body.locale)?;
        Ok(Json(Me::from(&user)))
    })
    .await
}
