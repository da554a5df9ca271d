//! The collect endpoints of every client, under one CORS rule: any origin, no credentials.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde::Serialize;
use throughline_app::App;
use throughline_app::collect::EventVerdict;
use throughline_base::{Problem, Timestamp};
use throughline_domain::event::wire::{Headers, WireRequest};

use crate::auth::Peer;
use crate::problem::{ApiError, ApiResult};

/// JSON up to this is cleaned on the event loop, which takes less than handing it to another thread. What is packed is
/// not: nobody knows how much comes out of it.
const INLINE_BYTES: usize = 4 * 1024;

/// Paths that SDKs send to. A path of the same shape that is not listed is answered 404 with the list.
const PATHS: [&str; 18] = [
    "/v1/{*rest}",
    "/batch",
    "/batch/",
    "/capture",
    "/capture/",
    "/e",
    "/e/",
    "/track",
    "/track/",
    "/engage",
    "/engage/",
    "/i/v0/e",
    "/i/v0/e/",
    "/sa",
    "/sa.gif",
    "/i",
    "/com.snowplowanalytics.snowplow/{*rest}",
    "/api/s/{*rest}",
];

/// The answer to a request whose events were dealt with.
#[derive(Debug, Serialize)]
struct Answer {
    success: bool,
    /// PostHog's SDKs look for it.
    status: u8,
    events: Vec<EventVerdict>,
}

/// Routes of the collect endpoints.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let mut r = Router::new();
    for path in PATHS {
        r = r.route(path, any(collect));
    }
    // One byte more than the limit, so that our own answer says which limit it is.
    r.layer(DefaultBodyLimit::max(app.settings.limits.body_bytes + 1))
}

fn cors(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

async fn collect(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    peer: Peer,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let mut response = match method {
        Method::OPTIONS => preflight(),
        Method::POST | Method::GET => match accept(app, &uri, peer, &headers, body).await {
            Ok(r) => r,
            Err(e) => e.into_response(),
        },
        _ => ApiError(Problem::invalid("method", "send events with POST")).into_response(),
    };
    cors(&mut response);
    response
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let h = response.headers_mut();
    h.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, OPTIONS"));
    h.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "authorization, content-type, content-encoding, x-write-key, x-retry-count, anonymousid, sp-anonymous",
        ),
    );
    h.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

async fn accept(
    app: Arc<App>,
    uri: &Uri,
    peer: Peer,
    headers: &HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> ApiResult<Response> {
    let body = body.map_err(|e| {
        if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::new(
                throughline_base::ProblemKind::TooLarge,
                "too_large",
                format!("the body is larger than {} bytes; send smaller batches", app.settings.limits.body_bytes),
            )
        } else {
            Problem::invalid("unreadable", "the body broke off before its end")
        }
    })?;
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let owned = (
        text("authorization"),
        text("x-write-key"),
        text("content-type"),
        text("content-encoding"),
        text("user-agent"),
    );
    let ip = client_ip(&app, headers, peer);
    // Only the demo plays history back; elsewhere the header is not looked at.
    let received_at = text("x-throughline-received-at").and_then(|t| Timestamp::parse(&t));
    let (path, query) = (uri.path().to_owned(), uri.query().map(str::to_owned));
    let is_gif = path.ends_with(".gif") || path == "/i";
    let (tx, rx) = tokio::sync::oneshot::channel();
    let submitter = app.clone();
    let inline = body.len() <= INLINE_BYTES && matches!(body.first(), Some(b'{' | b'['));
    let work = move || {
        let request = WireRequest {
            path: &path,
            query: query.as_deref(),
            headers: Headers {
                authorization: owned.0.as_deref(),
                write_key: owned.1.as_deref(),
                content_type: owned.2.as_deref(),
                content_encoding: owned.3.as_deref(),
                user_agent: owned.4.as_deref(),
                client_ip: ip.as_deref(),
            },
            body: &body,
        };
        let batch = submitter.collect_prepare(&request, received_at)?;
        submitter.collect_submit(
            batch,
            Box::new(move |outcome| {
                // Nobody waits any more when the client hung up; the events are recorded all the same.
                let _ = tx.send(outcome);
            }),
        )
    };
    if inline {
        work()?;
    } else {
        crate::blocking::run(work).await?;
    }
    let events = rx
        .await
        .map_err(|_| Problem::unavailable("writer_stopped", "the writer stopped before the commit; send again"))??;
    if is_gif {
        return Ok(pixel());
    }
    Ok(Json(Answer { success: true, status: 1, events }).into_response())
}

/// The address of the client, for geo and abuse; cleaning cuts it as the source says.
fn client_ip(app: &App, headers: &HeaderMap, peer: Peer) -> Option<String> {
    if app.settings.trust_proxy
        && let Some(forwarded) = headers.get("x-forwarded-for").and_then(|v| v.to_str().ok())
        && let Some(first) = forwarded.split(',').next()
    {
        return Some(first.trim().to_owned());
    }
    peer.0.map(|p| p.ip().to_string())
}

/// A transparent pixel of one by one.
fn pixel() -> Response {
    const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\
                         \x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
    ([(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store")], GIF).into_response()
}
