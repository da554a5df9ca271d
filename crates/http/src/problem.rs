//! A [`Problem`] as an answer: `application/problem+json` (RFC 9457) with a stable code.

use std::any::Any;

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use throughline_base::{Problem, ProblemKind};
use utoipa::ToSchema;

use crate::wording::{Wording, wording};

/// What every error answer looks like.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// HTTP status.
    pub status: u16,
    /// Stable, for programs.
    pub code: String,
    /// What is wrong, where and how to mend it.
    pub detail: String,
    /// The detail as codes and values, to say it in another language; absent when it is not known by its form.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub wording: Vec<Wording>,
}

/// The error type of handlers.
#[derive(Debug)]
pub struct ApiError(pub Problem);

/// The result of handlers.
pub type ApiResult<T> = Result<T, ApiError>;

impl<E: Into<Problem>> From<E> for ApiError {
    fn from(e: E) -> Self {
        Self(e.into())
    }
}

/// The status of a kind.
pub const fn status_of(kind: ProblemKind) -> StatusCode {
    match kind {
        ProblemKind::Invalid => StatusCode::BAD_REQUEST,
        ProblemKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ProblemKind::Forbidden => StatusCode::FORBIDDEN,
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::Conflict => StatusCode::CONFLICT,
        ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemKind::Busy => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error answer.
pub fn problem(status: StatusCode, code: &str, detail: String) -> Response {
    let body = ProblemBody { status: status.as_u16(), code: code.to_owned(), wording: wording(&detail), detail };
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The answer to a method that a path does not have.
pub async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let detail = format!("{} does not take {method}; the description of the API lists what it takes", uri.path());
    problem(StatusCode::METHOD_NOT_ALLOWED, "method", detail)
}

/// The answer of a handler that panicked. What it said is told by the panic itself.
pub fn panicked(_said: Box<dyn Any + Send>) -> Response {
    ApiError(Problem::internal("panic", "a handler panicked")).into_response()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let p = self.0;
        let status = status_of(p.kind);
        let detail = if p.kind == ProblemKind::Internal {
            // The cause goes to the log; whoever asked can do nothing with it.
            tracing::error!(code = p.code, error = %p, "internal problem");
            "something went wrong on our side; the log of the server has the cause".to_owned()
        } else {
            p.detail
        };
        let mut response = problem(status, p.code, detail);
        let headers = response.headers_mut();
        if matches!(p.kind, ProblemKind::Busy | ProblemKind::Unavailable) {
            let seconds = if p.code == "too_many_attempts" { "900" } else { "1" };
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}
