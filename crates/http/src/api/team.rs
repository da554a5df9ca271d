//! Users, API keys and the audit log.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::team::{User, UserChange};
use throughline_base::{ApiKeyId, Problem, UserId};
use throughline_domain::team::{Role, Scope};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closed;
use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// A user of the console.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserDto {
    id: String,
    email: String,
    name: String,
    #[schema(schema_with = closed::roles)]
    role: String,
    locale: String,
    disabled: bool,
    created_at: String,
    last_seen_at: Option<String>,
}

impl From<User> for UserDto {
    fn from(u: User) -> Self {
        Self {
            id: u.id.to_string(),
            email: u.email,
            name: u.name,
            role: u.role.as_str().into(),
            locale: u.locale,
            disabled: u.disabled,
            created_at: u.created_at.to_string(),
            last_seen_at: u.last_seen_at.map(|t| t.to_string()),
        }
    }
}

/// A new user.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewUser {
    email: String,
    name: String,
    #[schema(schema_with = closed::roles)]
    role: String,
    password: String,
    locale: Option<String>,
}

/// A change of a user.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UserPatch {
    name: Option<String>,
    #[schema(schema_with = closed::roles, required = false)]
    role: Option<String>,
    disabled: Option<bool>,
    password: Option<String>,
}

/// A key of the API, without the key.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    id: String,
    name: String,
    scopes: Vec<String>,
    hint: String,
    created_at: String,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewApiKey {
    name: String,
    scopes: Vec<String>,
}

/// A new key with the key itself, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyCreated {
    #[serde(flatten)]
    row: ApiKey,
    key: String,
}

/// A row of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRow {
    at: String,
    actor: String,
    action: String,
    object: String,
    detail: serde_json::Value,
}

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    items: Vec<AuditRow>,
    next: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(user_list, user_create))
        .routes(routes!(user_update, user_delete))
        .routes(routes!(api_key_list, api_key_create))
        .routes(routes!(api_key_revoke))
        .routes(routes!(audit_list))
}

fn role(text: &str) -> Result<Role, Problem> {
    Role::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|r| r.as_str()).collect();
        Problem::invalid("role", format!("there is no role `{text}`; expected one of {}", known.join(", ")))
    })
}

fn key_dto(k: throughline_app::team::ApiKeyInfo) -> ApiKey {
    ApiKey {
        id: k.id.to_string(),
        name: k.name,
        scopes: k.scopes.split(' ').map(str::to_owned).collect(),
        hint: k.hint,
        created_at: k.created_at.to_string(),
        last_used_at: k.last_used_at.map(|t| t.to_string()),
        revoked_at: k.revoked_at.map(|t| t.to_string()),
    }
}

/// Every user.
#[utoipa::path(get, path = "/api/users", tag = "team", responses((status = 200, body = Vec<UserDto>)))]
async fn user_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<UserDto>>> {
    caller.need(Scope::Admin)?;
    run(move || Ok(Json(app.users()?.into_iter().map(UserDto::from).collect()))).await
}

/// Adds a user.
#[utoipa::path(post, path = "/api/users", tag = "team", request_body = NewUser,
    responses((status = 201, body = UserDto), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn user_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<NewUser>,
) -> ApiResult<(StatusCode, Json<UserDto>)> {
    caller.need(Scope::Admin)?;
    run(move || {
        let change = UserChange {
            email: Some(body.email),
            name: Some(body.name),
            role: Some(role(&body.role)?),
            password: Some(body.password),
            locale: body.locale,
            disabled: None,
        };
        Ok((StatusCode::CREATED, Json(app.user_create(&caller, &change)?.into())))
    })
    .await
}

/// Changes a user.
#[utoipa::path(patch, path = "/api/users/{id}", tag = "team", request_body = UserPatch, params(("id" = String, Path)),
    responses((status = 200, body = UserDto), (status = 404, body = ProblemBody)))]
async fn user_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<UserId>,
    Body(body): Body<UserPatch>,
) -> ApiResult<Json<UserDto>> {
    caller.need(Scope::Admin)?;
    run(move || {
        let change = UserChange {
            name: body.name,
            role: body.role.as_deref().map(role).transpose()?,
            disabled: body.disabled,
            password: body.password,
            ..UserChange::default()
        };
        Ok(Json(app.user_update(&caller, id, &change)?.into()))
    })
    .await
}

/// Removes a user.
#[utoipa::path(delete, path = "/api/users/{id}", tag = "team", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn user_delete(State(app): State<Arc<App>>, Auth(caller): Auth, Path(id): Path<UserId>) -> ApiResult<StatusCode> {
    caller.need(Scope::Admin)?;
    run(move || app.user_delete(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every API key, without the keys.
#[utoipa::path(get, path = "/api/api-keys", tag = "team", responses((status = 200, body = Vec<ApiKey>)))]
async fn api_key_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<ApiKey>>> {
    caller.need(Scope::Admin)?;
    run(move || Ok(Json(app.api_keys()?.into_iter().map(key_dto).collect()))).await
}

/// Makes an API key; the key is in this answer and never again.
#[utoipa::path(post, path = "/api/api-keys", tag = "team", request_body = NewApiKey,
    responses((status = 201, body = ApiKeyCreated), (status = 400, body = ProblemBody)))]
async fn api_key_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<NewApiKey>,
) -> ApiResult<(StatusCode, Json<ApiKeyCreated>)> {
    caller.need(Scope::Admin)?;
    run(move || {
        let scopes = body
            .scopes
            .iter()
            .map(|s| Scope::parse(s).ok_or_else(|| Problem::invalid("scopes", format!("there is no right `{s}`"))))
            .collect::<Result<Vec<Scope>, Problem>>()?;
        let (row, key) = app.api_key_create(&caller, &body.name, &scopes)?;
        Ok((StatusCode::CREATED, Json(ApiKeyCreated { row: key_dto(row), key })))
    })
    .await
}

/// Revokes an API key.
#[utoipa::path(delete, path = "/api/api-keys/{id}", tag = "team", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn api_key_revoke(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ApiKeyId>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Admin)?;
    run(move || app.api_key_revoke(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Details with what people wrote as the caller may see it.
fn texts(detail: serde_json::Value, veil: Veil) -> serde_json::Value {
    match detail {
        serde_json::Value::String(s) => veil.text(&s).into(),
        serde_json::Value::Object(o) => o.into_iter().map(|(k, v)| (k, texts(v, veil))).collect(),
        other => other,
    }
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/audit", tag = "team", params(PageQuery), responses((status = 200, body = AuditPage)))]
async fn audit_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<AuditPage>> {
    caller.need(Scope::Admin)?;
    run(move || {
        let veil = Veil::of(&caller);
        let (cursor, limit) = page.read()?;
        let page = app.audit_page(cursor, limit)?.map(|r| AuditRow {
            at: r.at.to_string(),
            actor: r.actor,
            action: r.action,
            object: r.object,
            detail: texts(serde_json::from_str(&r.detail).unwrap_or_default(), veil),
        });
        Ok(Json(AuditPage { items: page.items, next: page.next }))
    })
    .await
}
