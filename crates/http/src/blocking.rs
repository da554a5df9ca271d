//! Handlers are async, stories are not: each story runs on a blocking thread.

use throughline_base::Problem;

use crate::problem::{ApiError, ApiResult};

/// Runs a story off the event loop.
pub async fn run<T: Send + 'static>(f: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> ApiResult<T> {
    match tokio::task::spawn_blocking(f).await {
        Ok(result) => result.map_err(ApiError),
        Err(e) => Err(ApiError(Problem::internal("panic", "a story panicked").caused_by(e))),
    }
}
