//! What handlers take from a request. Whatever cannot be read is told as a problem that says what, where, and how to mend
//! it, as every other error of the API.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use throughline_base::{Problem, ProblemKind};

use crate::problem::ApiError;

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// The variable parts of the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// The query. Whoever takes it refuses parameters it does not know: a report over a misspelt period would be a wrong one.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(req: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(req, state).await.map_err(|e| {
            if e.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(
                    ProblemKind::TooLarge,
                    "too_large",
                    "the body is larger than this takes; send less at once",
                )
            } else {
                Problem::invalid("unreadable", "the body broke off before its end; send it again")
            }
        })?;
        let read = serde_json::from_slice(&bytes);
        Ok(Self(read.map_err(|e| Problem::invalid("body", format!("the body is not what this takes: {e}")))?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value)).map_err(|e| {
            let text = e.body_text();
            let what = text.strip_prefix("Invalid URL: ").unwrap_or(&text);
            let path = parts.uri.path();
            Problem::invalid(
                "path",
                format!("the path {path} cannot be read: {what}; copy ids from answers of the API"),
            )
            .into()
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(value)| Self(value)).map_err(|e| {
            let text = e.body_text();
            let what = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            Problem::invalid("query", format!("the query cannot be read: {}", plain(what))).into()
        })
    }
}

/// What the parser says, in words that say what is expected.
fn plain(what: &str) -> String {
    const WORDS: [(&str, &str); 4] = [
        ("invalid digit found in string", "expected a whole number, 0 or more"),
        ("number too large to fit in target type", "the number is too large"),
        ("invalid float literal", "expected a number"),
        ("provided string was not `true` or `false`", "expected true or false"),
    ];
    WORDS.into_iter().fold(what.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_says_becomes_what_is_expected() {
        assert_eq!(plain("limit: invalid digit found in string"), "limit: expected a whole number, 0 or more");
    }
}
