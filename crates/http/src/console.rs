//! The console, embedded as compressed files: hashed names for ever, the page itself always asked anew.

use std::borrow::Cow;
use std::io::Read as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use throughline_app::App;
use throughline_base::Problem;

use crate::problem::{ApiError, method_not_allowed};

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
        return method_not_allowed(method, uri).await;
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
    let common = [(header::CONTENT_TYPE, asset.mime), (header::CACHE_CONTROL, cache), (header::ETAG, asset.etag)];
    let vary = (header::VARY, "accept-encoding");
    let packed = [("br", asset.brotli), ("gzip", asset.gzip)];
    if let Some((name, bytes)) = packed.into_iter().find(|(name, bytes)| !bytes.is_empty() && accepts(&headers, name)) {
        return (StatusCode::OK, common, [(header::CONTENT_ENCODING, name), vary], bytes).into_response();
    }
    (StatusCode::OK, common, [vary], plain(asset)).into_response()
}

/// Whether the client takes an encoding (RFC 9110, 12.5.3): it is named, and not with a weight of zero.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    lists.flat_map(|v| v.split(',')).any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0)));
        named && !refused
    })
}

/// The bytes themselves, for clients that take no compressed copy.
fn plain(asset: &'static Asset) -> Cow<'static, [u8]> {
    if asset.gzip.is_empty() {
        return Cow::Borrowed(asset.plain);
    }
    let mut bytes = Vec::new();
    GzDecoder::new(asset.gzip).read_to_end(&mut bytes).expect("the copy was packed when this was built");
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())])
    }

    #[test]
    fn an_encoding_counts_when_it_is_named_with_a_weight() {
        assert!(accepts(&asking("gzip, deflate, br, zstd"), "br"));
        assert!(accepts(&asking("GZIP;q=0.5"), "gzip"));
        assert!(!accepts(&asking("gzip, deflate"), "br"));
        assert!(!accepts(&asking("br;q=0, gzip"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }
}
