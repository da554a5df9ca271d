//! Tags: what is said of them, their categories, works on many people's tags.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::store::TagWorkRow;
use throughline_app::tag::work::{Verb, Whose, WorkState};
use throughline_app::tag::{TagSaid, TagView};
use throughline_base::{Problem, TagWorkId};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closed::one_of;
use super::person::instant;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// A tag with what is said of it and how many people have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    name: String,
    /// How many people have it, by hand or by rule.
    count: i64,
    /// Share of all people, 0 to 1.
    share: f64,
    /// How many more have it than 7 days ago; null when nobody counted then.
    change_7d: Option<i64>,
    /// How many more have it than 30 days ago; null when nobody counted then.
    change_30d: Option<i64>,
    /// Key of its category.
    category: Option<String>,
    description: String,
    /// Key of the audience whose members have it.
    audience: Option<String>,
    /// Put by hand it ends after so many days.
    valid_days: Option<i64>,
    /// Other names, in lower case and without spaces.
    synonyms: Vec<String>,
}

/// What is said of a tag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagPut {
    /// Key of its category.
    #[serde(default)]
    category: Option<String>,
    /// What it means.
    #[serde(default)]
    description: String,
    /// Key of an audience: its members have the tag, as long as they are in it.
    #[serde(default)]
    audience: Option<String>,
    /// Put by hand it ends after so many days, 1 to 3650.
    #[serde(default)]
    valid_days: Option<i64>,
    /// Other names; rules, imports and people that use one of them mean this tag.
    #[serde(default)]
    synonyms: Vec<String>,
}

/// A category of tags.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagCategory {
    key: String,
    name: String,
    /// Where it stands among the others.
    position: i64,
}

/// A category to make or change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagCategoryPut {
    name: String,
    /// Where it stands among the others.
    #[serde(default)]
    position: i64,
}

fn verbs() -> Object {
    one_of(Verb::ALL.map(Verb::as_str))
}

fn states() -> Object {
    one_of(WorkState::ALL.map(WorkState::as_str))
}

fn of_kinds() -> Object {
    one_of(["audience", "list", "tag"])
}

/// A work on many people's tags.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagWork {
    id: String,
    #[schema(schema_with = verbs)]
    verb: String,
    /// The tag that is put or taken; of a merge the one that stays.
    tag: String,
    /// Whose tags.
    #[schema(schema_with = of_kinds)]
    of: String,
    /// Key of the audience or list; the tag.
    key: String,
    expires_at: Option<String>,
    #[schema(schema_with = states)]
    state: String,
    /// People to look at; of a list at most.
    total: i64,
    done: i64,
    /// Tags put or taken.
    changed: i64,
    actor: String,
    created_at: String,
    finished_at: Option<String>,
    error: Option<String>,
}

/// A page of works, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagWorkPage {
    items: Vec<TagWork>,
    /// Give this back as `cursor`.
    next: Option<String>,
}

/// A work to begin. Exactly one of `audience`, `list` and `of_tag` says whose tags.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagWorkNew {
    #[schema(schema_with = verbs)]
    verb: String,
    /// The tag that is put or taken; of a merge the one that stays.
    tag: String,
    /// Key of an audience: everybody who is in it now.
    #[serde(default)]
    audience: Option<String>,
    /// Key of a list: everybody on it who is known.
    #[serde(default)]
    list: Option<String>,
    /// A tag: everybody who has it by hand. For `merge`, and to take a tag off everybody.
    #[serde(default)]
    of_tag: Option<String>,
    /// When the tags that are put end.
    #[serde(default)]
    expires_at: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(tag_list))
        .routes(routes!(tag_get))
        .routes(routes!(tag_put))
        .routes(routes!(tag_forget))
        .routes(routes!(category_list))
        .routes(routes!(category_put))
        .routes(routes!(category_delete))
        .routes(routes!(work_list))
        .routes(routes!(work_begin))
        .routes(routes!(work_get))
        .routes(routes!(work_undo))
}

fn tag(t: TagView) -> Tag {
    Tag {
        name: t.name,
        count: t.people,
        share: t.share,
        change_7d: t.change_7d,
        change_30d: t.change_30d,
        category: t.category,
        description: t.description,
        audience: t.audience,
        valid_days: t.valid_days,
        synonyms: t.synonyms,
    }
}

fn work(w: TagWorkRow) -> TagWork {
    TagWork {
        id: w.id.to_string(),
        verb: w.verb,
        tag: w.tag,
        of: w.of_kind,
        key: w.of_key,
        expires_at: w.expires_at.map(|t| t.to_string()),
        state: w.state,
        total: w.total,
        done: w.done,
        changed: w.changed,
        actor: w.actor,
        created_at: w.created_at.to_string(),
        finished_at: w.finished_at.map(|t| t.to_string()),
        error: w.error,
    }
}

/// Every tag with how many people have it, the most first.
#[utoipa::path(get, path = "/api/tags", tag = "tag", responses((status = 200, body = Vec<Tag>)))]
async fn tag_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Tag>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.tags()?.into_iter().map(tag).collect()))).await
}

/// One tag, by any of its names.
#[utoipa::path(get, path = "/api/tags/{tag}", tag = "tag", params(("tag" = String, Path)),
    responses((status = 200, body = Tag), (status = 404, body = ProblemBody)))]
async fn tag_get(State(app): State<Arc<App>>, Auth(caller): Auth, Path(name): Path<String>) -> ApiResult<Json<Tag>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(tag(app.tag(&name)?)))).await
}

/// Says what a tag means. Bound to an audience it is on everybody in it, by rule; who has it by hand keeps it.
#[utoipa::path(put, path = "/api/tags/{tag}", tag = "tag", params(("tag" = String, Path)), request_body = TagPut,
    responses((status = 200, body = Tag), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn tag_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(name): Path<String>,
    Body(body): Body<TagPut>,
) -> ApiResult<Json<Tag>> {
    caller.need(Scope::Write)?;
    let said = TagSaid {
        category: body.category.filter(|c| !c.is_empty()),
        description: body.description,
        audience: body.audience.filter(|a| !a.is_empty()),
        valid_days: body.valid_days,
        synonyms: body.synonyms,
    };
    run(move || Ok(Json(tag(app.tag_put(&caller, &name, &said)?)))).await
}

/// Says nothing more of a tag; who has it by hand keeps it. To take it off everybody, begin a work.
#[utoipa::path(delete, path = "/api/tags/{tag}", tag = "tag", params(("tag" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn tag_forget(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.tag_forget(&caller, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Categories of tags, in their order.
#[utoipa::path(get, path = "/api/tag-categories", tag = "tag", responses((status = 200, body = Vec<TagCategory>)))]
async fn category_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<TagCategory>>> {
    caller.need(Scope::Read)?;
    run(move || {
        let all = app.tag_categories()?.into_iter();
        Ok(Json(all.map(|c| TagCategory { key: c.key, name: c.name, position: c.position }).collect()))
    })
    .await
}

/// Makes or changes a category.
#[utoipa::path(put, path = "/api/tag-categories/{key}", tag = "tag", params(("key" = String, Path)),
    request_body = TagCategoryPut, responses((status = 200, body = TagCategory), (status = 400, body = ProblemBody)))]
async fn category_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Body(body): Body<TagCategoryPut>,
) -> ApiResult<Json<TagCategory>> {
    caller.need(Scope::Write)?;
    run(move || {
        let c = app.tag_category_put(&caller, &key, &body.name, body.position)?;
        Ok(Json(TagCategory { key: c.key, name: c.name, position: c.position }))
    })
    .await
}

/// Removes a category; its tags stay without one.
#[utoipa::path(delete, path = "/api/tag-categories/{key}", tag = "tag", params(("key" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn category_delete(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(key): Path<String>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.tag_category_delete(&caller, &key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Works on many people's tags, the newest first.
#[utoipa::path(get, path = "/api/tag-works", tag = "tag", params(PageQuery),
    responses((status = 200, body = TagWorkPage)))]
async fn work_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<PageQuery>,
) -> ApiResult<Json<TagWorkPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let (cursor, limit) = q.read()?;
        let page = app.tag_works(cursor, limit)?.map(work);
        Ok(Json(TagWorkPage { items: page.items, next: page.next }))
    })
    .await
}

/// Begins to put a tag on everybody in an audience or on a list, to take it off them, to merge another tag into it, or to
/// take it off everybody.
#[utoipa::path(post, path = "/api/tag-works", tag = "tag", request_body = TagWorkNew,
    responses((status = 202, body = TagWork), (status = 400, body = ProblemBody)))]
async fn work_begin(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<TagWorkNew>,
) -> ApiResult<(StatusCode, Json<TagWork>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let verb = Verb::ALL.into_iter().find(|v| v.as_str() == body.verb).ok_or_else(|| {
            Problem::invalid("tag_work", format!("there is no verb `{}`; expected add, remove or merge", body.verb))
        })?;
        let whose = match (body.audience, body.list, body.of_tag) {
            (Some(key), None, None) => Whose::Audience(key),
            (None, Some(key), None) => Whose::List(key),
            (None, None, Some(tag)) => Whose::Tag(tag),
            _ => return Err(Problem::invalid("tag_work", "give exactly one of audience, list and of_tag")),
        };
        let end = instant(body.expires_at.as_deref(), "expires_at")?;
        Ok((StatusCode::ACCEPTED, Json(work(app.tag_work_begin(&caller, verb, &body.tag, &whose, end)?))))
    })
    .await
}

/// A work on many people's tags, with how far it is.
#[utoipa::path(get, path = "/api/tag-works/{id}", tag = "tag", params(("id" = String, Path)),
    responses((status = 200, body = TagWork), (status = 404, body = ProblemBody)))]
async fn work_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<TagWorkId>,
) -> ApiResult<Json<TagWork>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(work(app.tag_work(id)?)))).await
}

/// Puts back what a work changed; what was changed again since stays as it is.
#[utoipa::path(post, path = "/api/tag-works/{id}/undo", tag = "tag", params(("id" = String, Path)),
    responses((status = 202, body = TagWork), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn work_undo(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<TagWorkId>,
) -> ApiResult<(StatusCode, Json<TagWork>)> {
    caller.need(Scope::Write)?;
    run(move || Ok((StatusCode::ACCEPTED, Json(work(app.tag_work_undo(&caller, id)?))))).await
}
