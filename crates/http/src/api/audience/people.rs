//! Who is in an audience, since when, and why; what a person is in.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::audience::{MemberItem, Why};
use throughline_base::page::PAGE_MAX;
use throughline_base::{Cursor, PersonId, Problem};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::estimate::{AudienceReach, reach};
use crate::api::person::{PersonRow, person_row};
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// Members a piece of a download holds.
const PIECE: u32 = PAGE_MAX;

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceMember {
    person: PersonRow,
    since_at: String,
    /// What made the person a member: `event`, `timer`, `trait`, `tag`, `stage`, `consent`, `merge`, `unmerge`,
    /// `erasure`, `list`, `prediction`, `definition` or `replay`.
    cause: String,
}

/// A page of members.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceMembers {
    items: Vec<AudienceMember>,
    /// `cursor` of the next page.
    next: Option<String>,
}

/// Which members.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MembersQuery {
    /// Of this version; of the one in force when left out.
    version: Option<i64>,
    /// Rows a page, 1 to 500.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// For which purpose.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReachQuery {
    /// Marketing when left out.
    #[serde(default)]
    purpose: String,
}

/// An audience that a person is in.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonAudience {
    key: String,
    name: String,
    version: i64,
    since_at: String,
    cause: String,
}

/// Why a person is in an audience, or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceWhy {
    person_id: String,
    /// A member of the version in force.
    member: bool,
    since_at: Option<String>,
    /// What made the person a member.
    cause: Option<String>,
    /// The conditions as a tree: `path`, `code`, `params`, `found`, `holds`, `changes_at`, `inside`.
    #[schema(value_type = Object)]
    explanation: Value,
    /// Something about the person is still to be looked at: the answer may change in a moment.
    pending: bool,
}

/// Routes of this file.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(audience_members))
        .routes(routes!(audience_export))
        .routes(routes!(audience_reach))
        .routes(routes!(person_audiences))
        .routes(routes!(audience_why))
}

fn member(m: MemberItem, veil: Veil) -> AudienceMember {
    AudienceMember { person: person_row(m.person, veil), since_at: m.since_at.to_string(), cause: m.cause }
}

/// A page of members.
#[utoipa::path(get, path = "/api/audiences/{key}/members", tag = "audience", params(("key" = String, Path), MembersQuery),
    responses((status = 200, body = AudienceMembers), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audience_members(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Query(q): Query<MembersQuery>,
) -> ApiResult<Json<AudienceMembers>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    let (cursor, limit) = PageQuery { limit: q.limit, cursor: q.cursor }.read()?;
    run(move || {
        let page = app.audience_members(&key, q.version, cursor, limit)?;
        Ok(Json(AudienceMembers { items: page.items.into_iter().map(|m| member(m, veil)).collect(), next: page.next }))
    })
    .await
}

/// Every member as CSV: the person's id, name, identifiers, since when and why.
#[utoipa::path(get, path = "/api/audiences/{key}/members.csv", tag = "audience", params(("key" = String, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 404, body = ProblemBody)))]
async fn audience_export(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<Response> {
    caller.need(Scope::Export)?;
    let veil = Veil::of(&caller);
    let known = app.clone();
    let asked = key.clone();
    let by = caller.clone();
    run(move || known.audience_exported(&by, &asked)).await?;
    let name: String =
        key.chars().map(|c| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '_' }).collect();
    let pieces = stream::unfold(Some((app, key, None::<Cursor>)), move |state| async move {
        let (app, key, cursor) = state?;
        let piece = tokio::task::spawn_blocking(move || {
            let first = cursor.is_none();
            let page = app.audience_members(&key, None, cursor, PIECE)?;
            let mut text =
                if first { "\u{feff}person_id,name,identifiers,since,cause\r\n".to_owned() } else { String::new() };
            for m in page.items {
                let m = member(m, veil);
                let ids: Vec<String> =
                    m.person.identifiers().iter().map(|i| format!("{}:{}", i.namespace, i.value)).collect();
                let _ = write!(
                    text,
                    "{},{},{},{},{}\r\n",
                    m.person.id(),
                    quoted(m.person.display_name()),
                    quoted(&ids.join(" ")),
                    m.since_at,
                    m.cause
                );
            }
            let next = page.next.as_deref().and_then(Cursor::decode);
            Ok::<_, Problem>((text, next.map(|next| (app, key, Some(next)))))
        });
        match piece.await.map_err(std::io::Error::other).and_then(|p| p.map_err(std::io::Error::other)) {
            Ok((text, next)) => Some((Ok(Bytes::from(text)), next)),
            Err(e) => Some((Err(e), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"audience-{name}.csv\"")),
    ];
    Ok((headers, axum::body::Body::from_stream(pieces)).into_response())
}

/// A field of CSV. What a spreadsheet would take for a formula is made text.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// How many members may be contacted, by channel, after consent.
#[utoipa::path(get, path = "/api/audiences/{key}/reach", tag = "audience", params(("key" = String, Path), ReachQuery),
    responses((status = 200, body = [AudienceReach]), (status = 404, body = ProblemBody)))]
async fn audience_reach(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Query(q): Query<ReachQuery>,
) -> ApiResult<Json<Vec<AudienceReach>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(reach(app.audience_reach(&key, &q.purpose)?)))).await
}

/// The audiences that a person is in.
#[utoipa::path(get, path = "/api/people/{id}/audiences", tag = "audience", params(("id" = String, Path)),
    responses((status = 200, body = [PersonAudience]), (status = 404, body = ProblemBody)))]
async fn person_audiences(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
) -> ApiResult<Json<Vec<PersonAudience>>> {
    caller.need(Scope::Read)?;
    run(move || {
        let all = app.person_audiences(id)?.into_iter().map(|a| PersonAudience {
            key: a.key,
            name: a.name,
            version: a.version,
            since_at: a.since_at.to_string(),
            cause: a.cause,
        });
        Ok(Json(all.collect()))
    })
    .await
}

/// Why a person is in an audience, or not: each condition with what was found, and when that can change next.
#[utoipa::path(get, path = "/api/people/{id}/audiences/{key}/why", tag = "audience",
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 200, body = AudienceWhy), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn audience_why(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((id, key)): Path<(PersonId, String)>,
) -> ApiResult<Json<AudienceWhy>> {
    caller.need(Scope::Read)?;
    // What is found are traits and properties of the person.
    let shown = caller.has(Scope::Personal);
    run(move || Ok(Json(why(app.audience_why(id, &key)?, shown)))).await
}

fn why(w: Why, shown: bool) -> AudienceWhy {
    let mut explanation = serde_json::to_value(&w.explanation).unwrap_or_default();
    if !shown {
        veil_found(&mut explanation);
    }
    AudienceWhy {
        person_id: w.person.to_string(),
        member: w.member,
        since_at: w.since_at.map(|t| t.to_string()),
        cause: w.cause,
        explanation,
        pending: w.pending,
    }
}

/// Takes texts out of what was found: they may name or reach the person. Numbers, times and yes or no stay.
fn veil_found(e: &mut Value) {
    let Some(map) = e.as_object_mut() else { return };
    if let Some(found) = map.get_mut("found")
        && !(found.is_number() || found.is_boolean())
    {
        *found = Value::String("••••".into());
    }
    if let Some(inside) = map.get_mut("inside").and_then(Value::as_array_mut) {
        inside.iter_mut().for_each(veil_found);
    }
}
