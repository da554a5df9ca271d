//! Bodies that arrive too slowly. A body has some seconds, and more for every piece that comes; a client that stops in the
//! middle is answered 408 and does not hold a place.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use throughline_app::settings::ConnectionLimits;
use tokio::time::{Instant, Sleep};

use crate::problem::problem;

/// Bytes that a body must bring in a second, once its first seconds are over. A bad mobile line has twenty times as much.
const FLOOR_BYTES_PER_S: u64 = 1024;

/// Gives the body of every request its time.
pub async fn limit(State(limits): State<ConnectionLimits>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let is_late = Arc::new(AtomicBool::new(false));
    let flag = is_late.clone();
    let request =
        request.map(|inner| Body::new(Arriving { inner, limit: limits.body, clock: None, read: 0, is_late: flag }));
    let response = next.run(request).await;
    if !is_late.load(Ordering::Relaxed) || response.status().is_success() {
        return response;
    }
    let detail = format!(
        "the body did not arrive: it had {} s and a second more for every KiB; send it at once, or less of it",
        limits.body.as_secs_f64()
    );
    let mut late = problem(StatusCode::REQUEST_TIMEOUT, "request_late", detail);
    // What the endpoint said about who may read its answer holds for this one.
    let said = response.headers().iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
    late.headers_mut().extend(said.map(|(name, value)| (name.clone(), value.clone())));
    late.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    late
}

/// A body with a deadline that moves with what has come.
struct Arriving {
    inner: Body,
    limit: Duration,
    /// When somebody began to wait for it, and the alarm.
    clock: Option<(Instant, Pin<Box<Sleep>>)>,
    read: u64,
    is_late: Arc<AtomicBool>,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            if let Some(Ok(data)) = frame.as_ref().map(|f| f.as_ref().map(Frame::data_ref)) {
                this.read += data.map_or(0, |d| d.len() as u64);
            }
            return Poll::Ready(frame);
        }
        let (began, alarm) = this.clock.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(tokio::time::sleep_until(now + this.limit)))
        });
        let deadline = *began + this.limit + Duration::from_secs(this.read / FLOOR_BYTES_PER_S);
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        if alarm.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        this.is_late.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut)))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
