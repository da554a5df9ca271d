//! Server-sent events of what arrives.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::live::Arrival;
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{IdentifierRef, Veil};
use crate::auth::Auth;
use crate::extract::Query;
use crate::problem::{ApiResult, ProblemBody};

/// What to show.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LiveQuery {
    /// Only of this source.
    source_id: Option<String>,
    /// Only with this verdict.
    verdict: Option<String>,
    /// Part of the name.
    name: Option<String>,
    /// Only of this person.
    person_id: Option<String>,
}

/// An arrival, the data of an `event` message. Identifiers are masked for everybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveEvent {
    at: String,
    received_at: String,
    source_id: String,
    source_name: String,
    /// `track`, `page` …
    kind: &'static str,
    name: String,
    /// `accepted`, `corrected`, `duplicate`, `duplicate_conflict`, `quarantined`, `rejected`.
    verdict: &'static str,
    /// Why, when it was not simply accepted.
    reason: Option<String>,
    person_id: Option<String>,
    identifiers: Vec<IdentifierRef>,
    /// Milliseconds from receipt to commit.
    ms: i64,
}

/// The rates of the last seconds, the data of a `tick` message.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveTick {
    events_per_s: f64,
    quarantined_per_s: f64,
    /// Arrivals that this stream was too slow to show.
    missed: u64,
}

/// The message of a stream: one of both, as the event's name says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the stream in the OpenAPI file; messages are sent one by one")]
enum LiveMessage {
    Event(Box<LiveEvent>),
    Tick(LiveTick),
}

impl From<&Arrival> for LiveEvent {
    fn from(a: &Arrival) -> Self {
        Self {
            at: a.at.to_string(),
            received_at: a.received_at.to_string(),
            source_id: a.source_id.to_string(),
            source_name: a.source_name.clone(),
            kind: a.kind,
            // Identifiers are masked for everybody here, so names of pages are, too.
            name: Veil::closed().text(&a.name),
            verdict: a.verdict,
            reason: a.reason.clone(),
            person_id: a.person_id.map(|id| id.to_string()),
            identifiers: a
                .identifiers
                .iter()
                .map(|i| IdentifierRef { namespace: i.namespace.clone(), value: i.value.clone() })
                .collect(),
            ms: a.ms,
        }
    }
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(live))
}

/// Streams arrivals with their verdicts, and every second the rates, as server-sent events.
#[utoipa::path(get, path = "/api/live", tag = "live", params(LiveQuery),
    responses((status = 200, body = LiveMessage, content_type = "text/event-stream"), (status = 401, body = ProblemBody)))]
async fn live(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<LiveQuery>,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    caller.need(Scope::Read)?;
    let (tx, rx) = tokio::sync::mpsc::channel::<Event>(256);
    let mut watcher = app.live.watch();
    tokio::task::spawn_blocking(move || {
        let mut last_tick = 0;
        while !tx.is_closed() {
            let Some((arrivals, missed)) = watcher.take(200, Duration::from_millis(500)) else { return };
            for a in arrivals {
                let wanted = q.source_id.as_ref().is_none_or(|s| *s == a.source_id.to_string())
                    && q.verdict.as_ref().is_none_or(|v| v == a.verdict)
                    && q.name.as_ref().is_none_or(|n| a.name.to_lowercase().contains(&n.to_lowercase()))
                    && q.person_id.as_ref().is_none_or(|p| a.person_id.is_some_and(|id| id.to_string() == *p));
                let Ok(event) = Event::default().event("event").json_data(LiveEvent::from(&*a)) else { continue };
                if wanted && tx.blocking_send(event).is_err() {
                    return;
                }
            }
            let now = app.now();
            if now.ms() / 1_000 != last_tick {
                last_tick = now.ms() / 1_000;
                let (events, quarantined) = app.meter.rate(now, 5);
                let tick = LiveTick { events_per_s: events, quarantined_per_s: quarantined, missed };
                let Ok(event) = Event::default().event("tick").json_data(tick) else { continue };
                if tx.blocking_send(event).is_err() {
                    return;
                }
            }
        }
    });
    let stream = futures_util::stream::unfold(rx, |mut rx| async move { rx.recv().await.map(|e| (Ok(e), rx)) });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}
