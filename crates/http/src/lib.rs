//! Collect API, admin API with OpenAPI, the embedded console.
//!
//! A handler extracts, authorises, calls `app`, renders. No rules, no SQL. Start reading at [`router`]; each endpoint
//! group is a file in `api`.

pub mod api;
mod auth;
mod blocking;
mod collect;
mod console;
mod headers;
mod live;
mod metrics;
mod page;
mod problem;
mod webhook;
mod wording;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use throughline_app::App;

pub use api::openapi;

/// What handlers share.
pub type AppState = axum::extract::State<Arc<App>>;

/// Serves on `listener` until `stop` resolves, then finishes open requests.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    app: Arc<App>,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(app).into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

/// The whole service: collect endpoints, admin API, health, metrics and the console.
pub fn router(app: Arc<App>) -> Router {
    let (api, _) = api::router(app.clone());
    Router::new()
        .merge(api)
        .merge(webhook::router(&app))
        .merge(collect::router(&app))
        .route("/healthz", get(metrics::healthz))
        .route("/readyz", get(metrics::readyz))
        .route("/metrics", get(metrics::metrics))
        .fallback(console::serve)
        .layer(axum::middleware::from_fn(headers::security))
        .layer(tower_http::catch_panic::CatchPanicLayer::new())
        .with_state(app)
}
