//! Quarantine: what waits, why, and how it is mended, replayed or given up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::quarantine::QuarantineFilter as RowFilter;
use throughline_app::quarantine::{Fix as FixRow, NewFix, PREVIEW_MAX, Quarantined, Selection};
use throughline_base::{FixId, Problem, QuarantineId, SourceId};
use throughline_domain::event::fix::{CastTo, FixOp as Op};
use throughline_domain::event::raw::LimitName;
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};
use crate::wording::Wording;

/// What became of a quarantined event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    /// It waits.
    Open,
    /// It was recorded.
    Replayed,
    /// It was given up.
    Discarded,
}

/// A quarantined event.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineItem {
    id: String,
    received_at: String,
    source_id: String,
    source_name: String,
    reason: String,
    detail: String,
    /// The detail as codes and values, to say it in another language.
    wording: Vec<Wording>,
    event_name: String,
    /// As sent; values are masked without the right to see personal data.
    #[schema(value_type = Object)]
    raw: Value,
    state: QuarantineState,
    replayed_at: Option<String>,
    /// When it was discarded.
    discarded_at: Option<String>,
    /// Why it was discarded.
    note: Option<String>,
}

/// A page of quarantined events.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantinePage {
    items: Vec<QuarantineItem>,
    next: Option<String>,
}

/// Open events of one reason, name and source.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineGroup {
    reason: String,
    event_name: String,
    source_id: String,
    source_name: String,
    count: i64,
    first_at: String,
    last_at: String,
    sample_detail: String,
    /// At most three, the newest first.
    samples: Vec<QuarantineItem>,
}

/// Which open events are meant; absent fields match all.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantineFilter {
    reason: Option<String>,
    #[schema(value_type = Option<String>)]
    source_id: Option<SourceId>,
    event_name: Option<String>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixOpKind {
    /// Gives the event the name `to`.
    RenameEvent,
    /// Moves the value at `path` to the path `to`.
    Rename,
    /// Replaces the value at `path` by the table `map`.
    MapValue,
    /// Makes the value at `path` a `type`.
    Cast,
    /// Sets `value` at `path` where there is none.
    SetDefault,
    /// Takes the value at `path` out.
    Drop,
    /// Raises `limit` to `value`.
    RaiseLimit,
}

/// What a value is cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixCast {
    /// A number.
    Number,
    /// A whole number; decimals are cut.
    Integer,
    /// Text.
    String,
    /// `true`, `1`, `yes`, `是` and their opposites.
    Boolean,
    /// A time in UTC.
    Date,
}

/// An operation of a fix. Paths name fields of the raw event: `properties.price`, `properties.products[].price`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FixOp {
    op: FixOpKind,
    /// With `rename_event`: only events of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Object>)]
    map: Option<Map<String, Value>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    to_type: Option<FixCast>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    value: Option<Value>,
    /// `message_id`, `group_id`, `traits`, `properties`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<String>,
}

/// The operations of a preview.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FixOps {
    ops: Vec<FixOp>,
}

/// A fix with a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedFix {
    #[serde(default)]
    name: String,
    ops: Vec<FixOp>,
}

/// What to preview: either `ids` or `filter`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantinePreviewIn {
    #[schema(value_type = Option<Vec<String>>)]
    ids: Option<Vec<QuarantineId>>,
    filter: Option<QuarantineFilter>,
    fix: FixOps,
    /// 1 to 100; 20 when absent.
    limit: Option<u32>,
}

/// What a fix would do to an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantinePreview {
    id: String,
    #[schema(value_type = Object)]
    before: Value,
    #[schema(value_type = Object)]
    after: Value,
    /// `accepted`, `corrected`, `quarantined`, `rejected`.
    verdict: String,
    /// Why it would stay.
    reason: Option<String>,
    /// What is still wrong.
    detail: Option<String>,
    /// The detail as codes and values, to say it in another language.
    wording: Vec<Wording>,
}

/// What to replay: either `ids` or `filter`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantineReplayIn {
    #[schema(value_type = Option<Vec<String>>)]
    ids: Option<Vec<QuarantineId>>,
    filter: Option<QuarantineFilter>,
    fix: Option<NamedFix>,
    /// New events pass through the fix from now on.
    #[serde(default)]
    save_fix: bool,
    /// `next` of the answer before, to go on with the same filter.
    #[schema(value_type = Option<String>)]
    after: Option<QuarantineId>,
}

/// What became of the replayed events. It is complete: the answer comes after the commit.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineReplay {
    accepted: u64,
    corrected: u64,
    /// Replayed before; nothing changed.
    duplicate: u64,
    /// Still waiting.
    quarantined: u64,
    /// Refused because their person was erased; they are discarded.
    rejected: u64,
    errors: Vec<String>,
    /// The saved fix.
    fix_id: Option<String>,
    /// More match than one call replays (20,000): send the request again with this as `after`.
    next: Option<String>,
}

/// What to give up: either `ids` or `filter`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantineDiscardIn {
    #[schema(value_type = Option<Vec<String>>)]
    ids: Option<Vec<QuarantineId>>,
    filter: Option<QuarantineFilter>,
    reason: String,
}

/// How many were given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct Discarded {
    discarded: u64,
}

/// A saved fix.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fix {
    id: String,
    version: i64,
    name: String,
    source_id: Option<String>,
    #[schema(value_type = Object)]
    filter: Value,
    ops: Vec<FixOp>,
    active: bool,
    created_at: String,
    /// Quarantined events it mended.
    applied: i64,
}

/// The query of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct QuarantineQuery {
    /// Only with this reason.
    reason: Option<String>,
    /// Only of this source.
    #[param(value_type = Option<String>)]
    source_id: Option<SourceId>,
    /// Only in this state; all when absent.
    state: Option<QuarantineState>,
    /// Only of this name.
    event_name: Option<String>,
    /// Rows a page, 1 to 500.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(quarantine_groups))
        .routes(routes!(quarantine_list))
        .routes(routes!(quarantine_get))
        .routes(routes!(quarantine_preview))
        .routes(routes!(quarantine_replay))
        .routes(routes!(quarantine_discard))
        .routes(routes!(fix_list))
        .routes(routes!(fix_delete))
}

impl QuarantineState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }
}

fn item(app: &App, q: Quarantined, veil: Veil) -> QuarantineItem {
    let state = match q.state.as_str() {
        "replayed" => QuarantineState::Replayed,
        "discarded" => QuarantineState::Discarded,
        _ => QuarantineState::Open,
    };
    let decided = q.decided_at.map(|t| t.to_string());
    QuarantineItem {
        id: q.id.to_string(),
        received_at: q.received_at.to_string(),
        source_id: q.source_id.to_string(),
        source_name: app.registry.source_name(q.source_id),
        reason: q.reason,
        wording: veil.wording(&q.detail),
        detail: veil.text(&q.detail),
        event_name: q.event_name,
        raw: raw(serde_json::from_str(&q.raw).unwrap_or_default(), veil),
        state,
        replayed_at: decided.clone().filter(|_| state == QuarantineState::Replayed),
        discarded_at: decided.filter(|_| state == QuarantineState::Discarded),
        note: q.note.map(|n| veil.text(&n)),
    }
}

/// The raw event; without the right to see personal data only what it is, not whom it is about, stays readable.
fn raw(value: Value, veil: Veil) -> Value {
    const SAFE: [&str; 7] = ["client", "kind", "name", "message_id_derived", "timestamp", "sent_at", "fault"];
    match value {
        Value::Object(o) => Value::Object(
            o.into_iter()
                .map(|(k, v)| if SAFE.contains(&k.as_str()) { (k, veil.plain(v)) } else { (k, veil.value(v)) })
                .collect(),
        ),
        other => veil.value(other),
    }
}

fn selection(ids: Option<Vec<QuarantineId>>, filter: Option<QuarantineFilter>) -> Result<Selection, Problem> {
    match (ids, filter) {
        (Some(ids), None) => Ok(Selection::Ids(ids)),
        (None, Some(f)) => Ok(Selection::Filter(RowFilter {
            reason: f.reason,
            source_id: f.source_id,
            event_name: f.event_name,
            state: None,
        })),
        (Some(_), Some(_)) | (None, None) => {
            Err(Problem::invalid("selection", "say which events are meant: either `ids` or `filter`, not both"))
        }
    }
}

fn ops(given: Vec<FixOp>) -> Result<Vec<Op>, Problem> {
    given.into_iter().enumerate().map(|(i, op)| op.read(i)).collect()
}

impl FixOp {
    /// The operation, with what is missing named.
    fn read(self, i: usize) -> Result<Op, Problem> {
        let missing = |field: &str, form: &str| {
            Problem::invalid("fix", format!("fix.ops[{i}].{field}: this operation needs it; write {form}"))
        };
        let path = |p: Option<String>| p.ok_or_else(|| missing("path", "a path such as properties.price"));
        Ok(match self.op {
            FixOpKind::RenameEvent => {
                Op::RenameEvent { from: self.from, to: self.to.ok_or_else(|| missing("to", "the new name"))? }
            }
            FixOpKind::Rename => Op::Rename {
                from: path(self.path)?,
                to: self.to.ok_or_else(|| missing("to", "the path the value goes to"))?,
            },
            FixOpKind::MapValue => Op::MapValue {
                path: path(self.path)?,
                map: self.map.ok_or_else(|| missing("map", "old values and new ones"))?,
            },
            FixOpKind::Cast => Op::Cast {
                path: path(self.path)?,
                to: match self.to_type.ok_or_else(|| missing("type", "number, integer, string, boolean or date"))? {
                    FixCast::Number => CastTo::Number,
                    FixCast::Integer => CastTo::Integer,
                    FixCast::String => CastTo::Text,
                    FixCast::Boolean => CastTo::Boolean,
                    FixCast::Date => CastTo::Time,
                },
            },
            FixOpKind::SetDefault => Op::SetDefault {
                path: path(self.path)?,
                value: self.value.ok_or_else(|| missing("value", "the value to set"))?,
            },
            FixOpKind::Drop => Op::Drop { path: path(self.path)? },
            FixOpKind::RaiseLimit => Op::RaiseLimit {
                limit: self
                    .limit
                    .and_then(|l| serde_json::from_value::<LimitName>(Value::String(l)).ok())
                    .ok_or_else(|| missing("limit", "message_id, group_id, traits or properties"))?,
                to: self.value.as_ref().and_then(Value::as_u64).ok_or_else(|| missing("value", "the new size"))?,
            },
        })
    }

    fn show(op: Op) -> Self {
        let plain =
            |op| Self { op, from: None, path: None, to: None, map: None, to_type: None, value: None, limit: None };
        match op {
            Op::RenameEvent { from, to } => Self { from, to: Some(to), ..plain(FixOpKind::RenameEvent) },
            Op::Rename { from, to } => Self { path: Some(from), to: Some(to), ..plain(FixOpKind::Rename) },
            Op::MapValue { path, map } => Self { path: Some(path), map: Some(map), ..plain(FixOpKind::MapValue) },
            Op::Cast { path, to } => Self {
                path: Some(path),
                to_type: Some(match to {
                    CastTo::Number => FixCast::Number,
                    CastTo::Integer => FixCast::Integer,
                    CastTo::Text => FixCast::String,
                    CastTo::Boolean => FixCast::Boolean,
                    CastTo::Time => FixCast::Date,
                }),
                ..plain(FixOpKind::Cast)
            },
            Op::SetDefault { path, value } => {
                Self { path: Some(path), value: Some(value), ..plain(FixOpKind::SetDefault) }
            }
            Op::Drop { path } => Self { path: Some(path), ..plain(FixOpKind::Drop) },
            Op::RaiseLimit { limit, to } => Self {
                limit: serde_json::to_value(limit).ok().and_then(|v| v.as_str().map(str::to_owned)),
                value: Some(to.into()),
                ..plain(FixOpKind::RaiseLimit)
            },
        }
    }
}

impl From<FixRow> for Fix {
    fn from(f: FixRow) -> Self {
        let ops: Vec<Op> = serde_json::from_str(&f.ops).unwrap_or_default();
        Self {
            id: f.id.to_string(),
            version: f.version,
            name: f.name,
            source_id: f.source_id.map(|s| s.to_string()),
            filter: serde_json::from_str(&f.filter).unwrap_or_default(),
            ops: ops.into_iter().map(FixOp::show).collect(),
            active: f.active,
            created_at: f.created_at.to_string(),
            applied: f.applied,
        }
    }
}

/// Open events by reason, name and source, the largest group first.
#[utoipa::path(get, path = "/api/quarantine/groups", tag = "quarantine",
    responses((status = 200, body = Vec<QuarantineGroup>)))]
async fn quarantine_groups(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<QuarantineGroup>>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    run(move || {
        let groups = app.quarantine_groups()?.into_iter().map(|g| QuarantineGroup {
            reason: g.group.reason,
            event_name: g.group.event_name,
            source_id: g.group.source_id.to_string(),
            source_name: app.registry.source_name(g.group.source_id),
            count: g.group.count,
            first_at: g.group.first_at.to_string(),
            last_at: g.group.last_at.to_string(),
            sample_detail: g.samples.first().map(|s| veil.text(&s.detail)).unwrap_or_default(),
            samples: g.samples.into_iter().map(|s| item(&app, s, veil)).collect(),
        });
        Ok(Json(groups.collect()))
    })
    .await
}

/// Quarantined events, the newest first.
#[utoipa::path(get, path = "/api/quarantine", tag = "quarantine", params(QuarantineQuery),
    responses((status = 200, body = QuarantinePage), (status = 400, body = ProblemBody)))]
async fn quarantine_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<QuarantineQuery>,
) -> ApiResult<Json<QuarantinePage>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    let (cursor, limit) = PageQuery { limit: q.limit, cursor: q.cursor }.read()?;
    let filter = RowFilter {
        reason: q.reason,
        source_id: q.source_id,
        event_name: q.event_name,
        state: q.state.map(|s| s.as_str().into()),
    };
    run(move || {
        let page = app.quarantine_list(&filter, cursor, limit)?;
        let items = page.items.into_iter().map(|i| item(&app, i, veil)).collect();
        Ok(Json(QuarantinePage { items, next: page.next }))
    })
    .await
}

/// One quarantined event.
#[utoipa::path(get, path = "/api/quarantine/{id}", tag = "quarantine", params(("id" = String, Path)),
    responses((status = 200, body = QuarantineItem), (status = 404, body = ProblemBody)))]
async fn quarantine_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<QuarantineId>,
) -> ApiResult<Json<QuarantineItem>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    run(move || {
        let q = app.quarantine_get(id)?;
        Ok(Json(item(&app, q, veil)))
    })
    .await
}

/// What a fix would do, without recording anything.
#[utoipa::path(post, path = "/api/quarantine/preview", tag = "quarantine", request_body = QuarantinePreviewIn,
    responses((status = 200, body = Vec<QuarantinePreview>), (status = 400, body = ProblemBody)))]
async fn quarantine_preview(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<QuarantinePreviewIn>,
) -> ApiResult<Json<Vec<QuarantinePreview>>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    run(move || {
        let chosen = selection(body.ids, body.filter)?;
        let limit = body.limit.unwrap_or(20).min(PREVIEW_MAX);
        let found = app.quarantine_preview(&chosen, &ops(body.fix.ops)?, limit)?;
        let shown = found.into_iter().map(|p| QuarantinePreview {
            id: p.id.to_string(),
            before: raw(p.before, veil),
            after: raw(p.after, veil),
            verdict: p.verdict.as_str().into(),
            reason: p.reason,
            wording: p.detail.as_deref().map(|d| veil.wording(d)).unwrap_or_default(),
            detail: p.detail.map(|d| veil.text(&d)),
        });
        Ok(Json(shown.collect()))
    })
    .await
}

/// Sends events the normal way again, through a fix if one is given. Each is recorded at most once, with its old id and
/// time of receipt.
#[utoipa::path(post, path = "/api/quarantine/replay", tag = "quarantine", request_body = QuarantineReplayIn,
    responses((status = 200, body = QuarantineReplay), (status = 400, body = ProblemBody)))]
async fn quarantine_replay(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<QuarantineReplayIn>,
) -> ApiResult<Json<QuarantineReplay>> {
    caller.need(Scope::Write)?;
    run(move || {
        let chosen = selection(body.ids, body.filter)?;
        let fix = match body.fix {
            Some(f) => Some(NewFix { name: f.name, ops: ops(f.ops)?, save: body.save_fix }),
            None if body.save_fix => {
                return Err(Problem::invalid("fix", "`save_fix` is set and there is no `fix` to save"));
            }
            None => None,
        };
        let done = app.quarantine_replay(&caller, &chosen, fix.as_ref(), body.after)?;
        Ok(Json(QuarantineReplay {
            accepted: done.accepted,
            corrected: done.corrected,
            duplicate: done.duplicate,
            quarantined: done.quarantined,
            rejected: done.rejected,
            errors: done.errors,
            fix_id: done.fix_id.map(|id| id.to_string()),
            next: done.next.map(|id| id.to_string()),
        }))
    })
    .await
}

/// Gives events up; they stay readable.
#[utoipa::path(post, path = "/api/quarantine/discard", tag = "quarantine", request_body = QuarantineDiscardIn,
    responses((status = 200, body = Discarded), (status = 400, body = ProblemBody)))]
async fn quarantine_discard(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<QuarantineDiscardIn>,
) -> ApiResult<Json<Discarded>> {
    caller.need(Scope::Write)?;
    run(move || {
        let chosen = selection(body.ids, body.filter)?;
        Ok(Json(Discarded { discarded: app.quarantine_discard(&caller, &chosen, &body.reason)? }))
    })
    .await
}

/// Saved fixes, the newest first.
#[utoipa::path(get, path = "/api/fixes", tag = "quarantine", responses((status = 200, body = Vec<Fix>)))]
async fn fix_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Fix>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.fixes()?.into_iter().map(Fix::from).collect()))).await
}

/// Removes a fix: new events no longer pass through it.
#[utoipa::path(delete, path = "/api/fixes/{id}", tag = "quarantine", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn fix_delete(State(app): State<Arc<App>>, Auth(caller): Auth, Path(id): Path<FixId>) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.fix_delete(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
