//! Server-sent events of what arrives.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use serde::Deserialize;
use throughline_app::App;
use throughline_domain::team::Scope;

use crate::auth::Auth;
use crate::problem::ApiResult;

/// What to show.
#[derive(Debug, Default, Deserialize)]
pub struct LiveQuery {
    source_id: Option<String>,
    verdict: Option<String>,
    name: Option<String>,
    person_id: Option<String>,
}

/// Streams arrivals with their verdicts, and every second the rates.
pub async fn stream(
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
                let Ok(event) = Event::default().event("event").json_data(&*a) else { continue };
                if wanted && tx.blocking_send(event).is_err() {
                    return;
                }
            }
            let now = app.now();
            if now.ms() / 1_000 != last_tick {
                last_tick = now.ms() / 1_000;
                let (events, quarantined) = app.meter.rate(now, 5);
                let tick = serde_json::json!({
                    "events_per_s": events, "quarantined_per_s": quarantined, "missed": missed
                });
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
