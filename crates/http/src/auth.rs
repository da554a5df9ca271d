//! Who asks: a session cookie with its CSRF token, or a bearer key.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
pub use subtle_eq::same;
use throughline_app::App;
use throughline_app::team::Caller;
use throughline_base::{Problem, ProblemKind};

use crate::blocking;
use crate::problem::ApiError;

/// The session cookie.
pub const COOKIE: &str = "tl_session";

/// The address of the client's end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub Option<SocketAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0)))
    }
}

/// An authenticated caller. Rights are checked per route with [`Caller::need`].
#[derive(Debug, Clone)]
pub struct Auth(pub Caller);

mod subtle_eq {
    /// Compares without telling by time where the first difference is.
    pub fn same(a: &str, b: &str) -> bool {
        a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (x, y)| d | (x ^ y)) == 0
    }
}

/// The key or token of an `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let key = value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer "))?;
    Some(key.trim().to_owned())
}

/// The value of the session cookie.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

impl<S> FromRequestParts<S> for Auth
where
    Arc<App>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let app = Arc::<App>::from_ref(state);
        if let Some(key) = bearer(&parts.headers) {
            return blocking::run(move || app.caller_by_key(&key)).await.map(Self);
        }
        let Some(cookie) = cookie(&parts.headers) else {
            return Err(
                Problem::new(ProblemKind::Unauthenticated, "not_signed_in", "sign in, or send a bearer key").into()
            );
        };
        let caller = blocking::run(move || app.caller_by_cookie(&cookie)).await?;
        if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            let sent = parts.headers.get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
            if !caller.csrf.as_deref().is_some_and(|want| same(want, sent)) {
                return Err(Problem::new(
                    ProblemKind::Forbidden,
                    "csrf",
                    "the X-CSRF-Token header is missing or wrong; read it from GET /api/session",
                )
                .into());
            }
        }
        Ok(Self(caller))
    }
}
