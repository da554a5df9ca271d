//! A [`Problem`] as an answer: `application/problem+json` (RFC 9457) with a stable code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
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
        let body = ProblemBody { status: status.as_u16(), code: p.code.into(), wording: wording(&detail), detail };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(p.kind, ProblemKind::Busy | ProblemKind::Unavailable) {
            let seconds = if p.code == "too_many_attempts" { "900" } else { "1" };
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}
