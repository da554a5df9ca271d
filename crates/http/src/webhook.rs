//! `POST /v1/webhook/{source_id}`: signed JSON of any system. The answer has a verdict for each event, after the commit.

use std::sync::Arc;

use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde::Serialize;
use throughline_app::App;
use throughline_app::collect::EventVerdict;
use throughline_app::webhook::WebhookRequest;
use throughline_base::{Problem, ProblemKind, SourceId};

use crate::blocking::run;
use crate::extract::Path;
use crate::problem::ApiResult;

/// The answer to a request whose events were dealt with.
#[derive(Debug, Serialize)]
struct Answer {
    success: bool,
    events: Vec<EventVerdict>,
}

/// The route. It is more exact than `/v1/{*rest}` of the collect endpoints, so it wins.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v1/webhook/{source_id}", post(receive))
        .layer(DefaultBodyLimit::max(app.settings.limits.body_bytes))
}

async fn receive(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<Answer>> {
    let id: SourceId = id.parse().map_err(|_| {
        Problem::not_found("webhook_unknown", "there is no webhook at this address; copy it from the source's page")
    })?;
    let body = body.map_err(|e| {
        if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let most = app.settings.limits.body_bytes;
            Problem::new(
                ProblemKind::TooLarge,
                "too_large",
                format!("the body is larger than {most} bytes; send smaller batches"),
            )
        } else {
            Problem::invalid("unreadable", "the body broke off before its end")
        }
    })?;
    let (tx, rx) = tokio::sync::oneshot::channel();
    run(move || {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let request = WebhookRequest {
            signature: text("x-throughline-signature"),
            timestamp: text("x-throughline-timestamp"),
            shopify_signature: text("x-shopify-hmac-sha256"),
            body: &body,
        };
        let batch = app.webhook_prepare(id, &request)?;
        app.collect_submit(
            batch,
            Box::new(move |outcome| {
                // Nobody waits any more when the client hung up; the events are recorded all the same.
                let _ = tx.send(outcome);
            }),
        )
    })
    .await?;
    let events = rx
        .await
        .map_err(|_| Problem::unavailable("writer_stopped", "the writer stopped before the commit; send again"))??;
    Ok(Json(Answer { success: true, events }))
}
