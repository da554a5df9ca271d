//! Collect API, admin API with OpenAPI, the embedded console.
//!
//! A handler extracts, authorises, calls `app`, renders. No rules, no SQL. Start reading at [`router`]; each endpoint
//! group is a file in `api`.

pub mod api;
mod arrival;
mod auth;
mod blocking;
mod collect;
mod console;
mod extract;
mod headers;
mod listen;
mod live;
mod metrics;
mod page;
mod problem;
mod webhook;
mod wording;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use throughline_app::App;
use tower_http::catch_panic::CatchPanicLayer;

pub use api::openapi;

/// What handlers share.
pub type AppState = axum::extract::State<Arc<App>>;

/// Serves on `listener` until `stop` resolves, then finishes open requests.
///
/// # Errors
/// None today; a listener that fails is tried again.
pub async fn serve(
    app: Arc<App>,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let limits = app.settings.connections;
    listen::serve(router(app), listener, limits, stop).await;
    Ok(())
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
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(app.settings.connections, arrival::limit))
        .layer(from_fn_with_state(app.clone(), headers::security))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .with_state(app)
}
