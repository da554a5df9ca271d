//! Sources: who may send events, with which keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::registry::SourceSettings;
use throughline_app::source::{SourceChange, SourceView};
use throughline_base::{Problem, SourceId};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::snippet::{Snippets, snippets};
use crate::auth::Auth;
use crate::blocking::run;
use crate::problem::{ApiResult, ProblemBody};

/// A write key. It can only write.
#[derive(Debug, Serialize, ToSchema)]
pub struct WriteKey {
    key: String,
    created_at: String,
    expires_at: Option<String>,
}

/// What a source brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceCounts {
    events: i64,
    people: i64,
    quarantined_open: i64,
    warnings_24h: i64,
    last_at: Option<String>,
}

/// A source of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    id: String,
    name: String,
    kind: String,
    /// `active` or `disabled`.
    state: String,
    write_keys: Vec<WriteKey>,
    settings: serde_json::Value,
    counts: SourceCounts,
    created_at: String,
}

/// Every source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourcePage {
    items: Vec<Source>,
    next: Option<String>,
}

/// A new source.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewSource {
    name: String,
    /// `web`, `app`, `mini_program`, `server`, `pos`, `marketplace`, `ads`, `email`, `sms`, `social`, `service`,
    /// `webhook`, `import`.
    kind: String,
    settings: Option<serde_json::Value>,
}

/// A change of a source. Settings that are left out stay.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SourcePatch {
    name: Option<String>,
    state: Option<String>,
    settings: Option<serde_json::Value>,
}

/// How long the old key still works.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Rotate {
    grace_hours: Option<u32>,
}

/// A repeated oddity.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceWarning {
    at: String,
    code: String,
    detail: String,
    count: i64,
    first_at: String,
}

/// Warnings of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceWarningPage {
    items: Vec<SourceWarning>,
    next: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(source_list, source_create))
        .routes(routes!(source_get, source_update))
        .routes(routes!(source_rotate))
        .routes(routes!(source_snippets))
        .routes(routes!(source_warnings))
}

impl From<SourceView> for Source {
    fn from(v: SourceView) -> Self {
        let mut settings = serde_json::to_value(&v.source.settings).unwrap_or_default();
        if let Some(hook) = settings.get_mut("webhook").and_then(|w| w.as_object_mut())
            && let Some(secret) = hook.remove("secret")
        {
            let text = secret.as_str().unwrap_or_default();
            hook.insert("secret_hint".into(), format!("…{}", &text[text.len().saturating_sub(4)..]).into());
        }
        Self {
            id: v.source.id.to_string(),
            name: v.source.name.to_string(),
            kind: v.source.kind.clone(),
            state: if v.source.active { "active" } else { "disabled" }.into(),
            write_keys: v
                .keys
                .into_iter()
                .map(|k| WriteKey {
                    key: k.key,
                    created_at: k.created_at.to_string(),
                    expires_at: k.expires_at.map(|t| t.to_string()),
                })
                .collect(),
            settings,
            counts: SourceCounts {
                events: v.counts.events,
                people: v.counts.people,
                quarantined_open: v.counts.quarantined_open,
                warnings_24h: v.counts.warnings_24h,
                last_at: v.counts.last_at.map(|t| t.to_string()),
            },
            created_at: v.source.created_at.to_string(),
        }
    }
}

/// `patch` laid over `base`, read as settings; an unknown or wrong setting is named.
fn settings(base: &SourceSettings, patch: &serde_json::Value) -> Result<SourceSettings, Problem> {
    let mut all = serde_json::to_value(base).unwrap_or_default();
    let Some(fields) = patch.as_object() else {
        return Err(Problem::invalid("settings", "settings are an object of names and values"));
    };
    for (name, value) in fields {
        let Some(slot) = all.get_mut(name) else {
            return Err(Problem::invalid("settings", format!("a source has no setting `{name}`")));
        };
        *slot = value.clone();
    }
    serde_json::from_value(all).map_err(|e| Problem::invalid("settings", format!("a setting has a wrong value: {e}")))
}

/// Every source with its keys and counts.
#[utoipa::path(get, path = "/api/sources", tag = "source", responses((status = 200, body = SourcePage)))]
async fn source_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<SourcePage>> {
    caller.need(Scope::Read)?;
    run(move || {
        Ok(Json(SourcePage { items: app.sources()?.into_iter().map(Source::from).collect(), next: None }))
    })
    .await
}

/// Makes a source with a write key.
#[utoipa::path(post, path = "/api/sources", tag = "source", request_body = NewSource,
    responses((status = 201, body = Source), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn source_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Json(body): Json<NewSource>,
) -> ApiResult<(StatusCode, Json<Source>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let given = match &body.settings {
            Some(patch) => Some(settings(&SourceSettings::of_kind(&body.kind), patch)?),
            None => None,
        };
        let view = app.source_create(&caller, &body.name, &body.kind, given)?;
        Ok((StatusCode::CREATED, Json(view.into())))
    })
    .await
}

/// One source.
#[utoipa::path(get, path = "/api/sources/{id}", tag = "source", params(("id" = String, Path)),
    responses((status = 200, body = Source), (status = 404, body = ProblemBody)))]
async fn source_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
) -> ApiResult<Json<Source>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.source_get(id)?.into()))).await
}

/// Changes a source.
#[utoipa::path(patch, path = "/api/sources/{id}", tag = "source", request_body = SourcePatch,
    params(("id" = String, Path)), responses((status = 200, body = Source), (status = 404, body = ProblemBody)))]
async fn source_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
    Json(body): Json<SourcePatch>,
) -> ApiResult<Json<Source>> {
    caller.need(Scope::Write)?;
    run(move || {
        let old = app.source_get(id)?;
        let active = match body.state.as_deref() {
            None => None,
            Some("active") => Some(true),
            Some("disabled") => Some(false),
            Some(_) => return Err(Problem::invalid("state", "state is `active` or `disabled`")),
        };
        let change = SourceChange {
            name: body.name,
            active,
            settings: body.settings.map(|p| settings(&old.source.settings, &p)).transpose()?,
        };
        Ok(Json(app.source_update(&caller, id, &change)?.into()))
    })
    .await
}

/// Gives a source a new key; the present ones end after the grace.
#[utoipa::path(post, path = "/api/sources/{id}/rotate", tag = "source", request_body = Rotate,
    params(("id" = String, Path)), responses((status = 200, body = Source), (status = 404, body = ProblemBody)))]
async fn source_rotate(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
    Json(body): Json<Rotate>,
) -> ApiResult<Json<Source>> {
    caller.need(Scope::Write)?;
    run(move || Ok(Json(app.source_rotate(&caller, id, body.grace_hours.unwrap_or(24))?.into()))).await
}

/// Ready-made code for the SDKs with this source's address and key.
#[utoipa::path(get, path = "/api/sources/{id}/snippet", tag = "source", params(("id" = String, Path)),
    responses((status = 200, body = Snippets), (status = 404, body = ProblemBody)))]
async fn source_snippets(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    headers: HeaderMap,
    Path(id): Path<SourceId>,
) -> ApiResult<Json<Snippets>> {
    caller.need(Scope::Read)?;
    run(move || {
        let view = app.source_get(id)?;
        let host = if app.settings.public_url.is_empty() {
            let name = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or("localhost:8080");
            format!("http://{name}")
        } else {
            app.settings.public_url.trim_end_matches('/').to_owned()
        };
        let key = view.keys.first().map_or("", |k| k.key.as_str());
        Ok(Json(snippets(&host, key, &id.to_string())))
    })
    .await
}

/// What was odd about this source's events, the newest first.
#[utoipa::path(get, path = "/api/sources/{id}/warnings", tag = "source", params(("id" = String, Path)),
    responses((status = 200, body = SourceWarningPage)))]
async fn source_warnings(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
) -> ApiResult<Json<SourceWarningPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let items = app
            .source_warnings(id, 200)?
            .into_iter()
            .map(|w| SourceWarning {
                at: w.last_at.to_string(),
                code: w.code,
                detail: w.detail,
                count: w.count,
                first_at: w.first_at.to_string(),
            })
            .collect();
        Ok(Json(SourceWarningPage { items, next: None }))
    })
    .await
}
