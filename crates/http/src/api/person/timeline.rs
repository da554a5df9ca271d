//! The timeline: everything that happened to a person, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::person::timeline::{TimelineFilter, TimelineItem as Item};
use throughline_base::{PersonId, Problem, SourceId};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{IdentifierRef, instant};
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// How the customer came to an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineTouch {
    channel: String,
    campaign: Option<String>,
    touchpoint: Option<String>,
}

/// A field that cleaning changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionView {
    field: String,
    raw: Value,
    rule: String,
}

/// One event of the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineItem {
    id: String,
    event_at: String,
    received_at: String,
    kind: String,
    name: String,
    title: String,
    source_id: String,
    source_name: String,
    source_kind: String,
    touch: Option<TimelineTouch>,
    value_minor: Option<i64>,
    currency: Option<String>,
    order_id: Option<String>,
    message_id: String,
    #[schema(value_type = Object)]
    properties: Value,
    #[schema(value_type = Object)]
    context: Value,
    #[schema(value_type = Object)]
    traits: Value,
    line: IdentifierRef,
    corrections: Vec<CorrectionView>,
    replayed: bool,
    bot: bool,
    sealed: bool,
}

/// A page of the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelinePage {
    items: Vec<TimelineItem>,
    next: Option<String>,
}

/// Which events of the line.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    /// `track`, `page` …
    kind: Option<String>,
    /// Part of the name.
    name: Option<String>,
    /// Channel of the touch.
    channel: Option<String>,
    /// Source.
    source_id: Option<String>,
    /// Kind of the source.
    source_kind: Option<String>,
    /// Not before.
    from: Option<String>,
    /// Not after.
    to: Option<String>,
    /// Rows a page.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(person_timeline))
}

fn timeline_item(app: &App, i: Item, veil: Veil) -> TimelineItem {
    let registry = app.registry.get();
    let source = registry.sources.get(&i.source_id);
    let meta = i.context.get("$event");
    let corrections = meta
        .and_then(|m| m.get("corrections"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|c| CorrectionView {
            field: c.get("field").and_then(Value::as_str).unwrap_or_default().into(),
            raw: veil.field(
                c.get("field").and_then(Value::as_str).unwrap_or_default(),
                c.get("raw").unwrap_or(&Value::Null),
            ),
            rule: c.get("rule").and_then(Value::as_str).unwrap_or_default().into(),
        })
        .collect();
    let (namespace, value) = i.line_identifier.unwrap_or_default();
    TimelineItem {
        id: i.id.to_string(),
        event_at: i.event_at.to_string(),
        received_at: i.received_at.to_string(),
        title: if i.name.is_empty() { i.kind.clone() } else { veil.text(&i.name) },
        properties: veil.properties(&i.kind, &i.name, i.properties),
        kind: i.kind,
        name: veil.text(&i.name),
        source_id: i.source_id.to_string(),
        source_name: source.map_or_else(String::new, |s| s.name.to_string()),
        source_kind: source.map_or_else(String::new, |s| s.kind.clone()),
        touch: i.touch.map(|t| TimelineTouch {
            channel: t.channel,
            campaign: Some(t.campaign).filter(|c| !c.is_empty()),
            touchpoint: Some(t.touchpoint).filter(|c| !c.is_empty()),
        }),
        value_minor: i.value_minor,
        currency: i.currency,
        order_id: i.order_id.map(|id| veil.id(&id)),
        message_id: veil.id(&i.message_id),
        context: veil.json(i.context),
        traits: veil.json(i.traits),
        line: veil.identifier(&namespace, &value),
        corrections,
        replayed: i.replayed,
        bot: i.bot,
        sealed: i.sealed,
    }
}

/// The line itself, newest first, across all channels.
#[utoipa::path(get, path = "/api/people/{id}/timeline", tag = "person", params(("id" = String, Path), TimelineQuery),
    responses((status = 200, body = TimelinePage), (status = 404, body = ProblemBody)))]
async fn person_timeline(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Query(q): Query<TimelineQuery>,
) -> ApiResult<Json<TimelinePage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let (cursor, limit) = PageQuery { limit: q.limit, cursor: q.cursor }.read()?;
        let text = |t: Option<String>| t.filter(|t| !t.is_empty());
        let source_id = match text(q.source_id) {
            None => None,
            Some(t) => Some(t.parse::<SourceId>().map_err(|e| Problem::invalid("source_id", e.to_string()))?),
        };
        let filter = TimelineFilter {
            kind: text(q.kind),
            name: text(q.name),
            channel: text(q.channel),
            source_id,
            source_kind: text(q.source_kind),
            from: instant(q.from.as_deref(), "from")?,
            to: instant(q.to.as_deref(), "to")?,
        };
        let page = app.person_timeline(id, &filter, cursor, limit)?.map(|i| timeline_item(&app, i, veil));
        Ok(Json(TimelinePage { items: page.items, next: page.next }))
    })
    .await
}
