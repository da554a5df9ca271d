//! The console, embedded as brotli files: hashed names for ever, the page itself always asked anew.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use throughline_app::App;
use throughline_base::Problem;

use crate::problem::ApiError;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|a| a.path.cmp(path)).ok().map(|i| &ASSETS[i])
}

/// Serves a file, or the page for every path of the console.
pub async fn serve(State(_app): State<Arc<App>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return ApiError(Problem::not_found("unknown_route", format!("there is no {method} /{path}"))).into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let asset = match find(path) {
        Some(a) => a,
        // A missing file is missing; every other path is a page of the console.
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            return StatusCode::NOT_FOUND.into_response();
        }
        None => match find("index.html") {
            Some(a) => a,
            None => {
                return (StatusCode::OK, "the console is not part of this build; the API is at /api\n").into_response();
            }
        },
    };
    if headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()) == Some(asset.etag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, asset.etag)]).into_response();
    }
    let cache = if asset.path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let brotli = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .any(|v| v.split(',').any(|e| e.trim().starts_with("br")));
    let common = [(header::CONTENT_TYPE, asset.mime), (header::CACHE_CONTROL, cache), (header::ETAG, asset.etag)];
    if brotli && !asset.brotli.is_empty() {
        let encoding = [(header::CONTENT_ENCODING, "br"), (header::VARY, "accept-encoding")];
        return (StatusCode::OK, common, encoding, asset.brotli).into_response();
    }
    if asset.plain.is_empty() {
        // Every browser of this decade takes brotli over loopback or TLS; the rare client is told so.
        return (StatusCode::NOT_ACCEPTABLE, "this file is served as brotli only; send Accept-Encoding: br\n")
            .into_response();
    }
    (StatusCode::OK, common, asset.plain).into_response()
}
