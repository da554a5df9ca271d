//! Connections: how many clients there may be, and how long a request may take to arrive.
//!
//! A client that says nothing, or says its head byte by byte, is answered 408 and cut; one beyond the limit is told 503.
//! Bodies have a limit of their own in [`crate::arrival`]. Answers have none: streams and downloads last as long as they
//! need.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use throughline_app::settings::ConnectionLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::timeout;
use tower::ServiceExt as _;

/// What a client of HTTP/2 says first (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often the first bytes are looked at again while they may still be the preface.
const PEEK_AGAIN: Duration = Duration::from_millis(10);
/// How long whoever is sent away has to read why.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long an idle connection of HTTP/2 may leave a ping unanswered.
const PING: Duration = Duration::from_secs(20);
/// Wait after the machine could not accept a connection, for instance because it has no file handles left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

enum Protocol {
    Http1,
    Http2,
}

/// Serves on `listener` until `stop` resolves, then lets open requests end.
pub async fn serve(router: Router, listener: TcpListener, limits: ConnectionLimits, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(limits.most));
    let (ending, end) = watch::channel(false);
    // Every connection holds a sender; when all are gone, so are the connections.
    let (alive, mut all_gone) = mpsc::channel::<()>(1);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(pair) => pair,
            Err(e) => {
                tracing::warn!(error = %e, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            let text = farewell(503, "Service Unavailable", "connections", "too many connections are open; try again");
            tokio::spawn(say_and_close(stream, text));
            continue;
        };
        let (router, end, alive) = (router.clone(), end.clone(), alive.clone());
        tokio::spawn(async move {
            connection(stream, peer, router, limits.head, end).await;
            drop((place, alive));
        });
    }
    drop((listener, alive, end));
    // Nobody may be listening any more; then there is nothing to end.
    let _ = ending.send(true);
    let _ = all_gone.recv().await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head: Duration,
    mut end: watch::Receiver<bool>,
) {
    let (mut is_silent, mut stopping) = (true, end.clone());
    let first = tokio::select! {
        first = timeout(head, protocol(&stream, &mut is_silent)) => first,
        // Nothing was asked yet.
        _ = stopping.wait_for(|is_ending| *is_ending) => return,
    };
    match first {
        Ok(Ok(Some(Protocol::Http1))) => first_version(stream, peer, router, head, &mut end).await,
        Ok(Ok(Some(Protocol::Http2))) => second_version(stream, peer, router, &mut end).await,
        Ok(Ok(None) | Err(_)) => {}
        Err(_) if is_silent => {}
        Err(_) => say_and_close(stream, late(head)).await,
    }
}

/// Which protocol the client speaks by its first bytes; none when it hung up.
async fn protocol(stream: &TcpStream, is_silent: &mut bool) -> std::io::Result<Option<Protocol>> {
    let mut seen = [0; PREFACE.len()];
    loop {
        let n = stream.peek(&mut seen).await?;
        *is_silent = n == 0;
        match n {
            0 => return Ok(None),
            n if seen[..n] != PREFACE[..n] => return Ok(Some(Protocol::Http1)),
            n if n == PREFACE.len() => return Ok(Some(Protocol::Http2)),
            _ => tokio::time::sleep(PEEK_AGAIN).await,
        }
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response, std::convert::Infallible>> + Send>>;

async fn first_version(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head: Duration,
    end: &mut watch::Receiver<bool>,
) {
    let service = service_fn(move |request| answer(&router, peer, request));
    let mut builder = http1::Builder::new();
    // The limit holds for a connection that waits for its next request, too.
    builder.timer(TokioTimer::new()).header_read_timeout(head);
    let mut connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut is_ending = false;
    let outcome = loop {
        tokio::select! {
            outcome = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx)) => break outcome,
            _ = end.wait_for(|is_ending| *is_ending), if !is_ending => {
                is_ending = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    match outcome {
        Err(e) if e.is_timeout() && !parts.read_buf.is_empty() => say_and_close(stream, late(head)).await,
        // Whoever broke off is not told.
        Ok(()) | Err(_) => drop(stream.shutdown().await),
    }
}

async fn second_version(stream: TcpStream, peer: SocketAddr, router: Router, end: &mut watch::Receiver<bool>) {
    let service = service_fn(move |request| answer(&router, peer, request));
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut is_ending = false;
    loop {
        tokio::select! {
            // Whoever broke off is not told.
            _ = connection.as_mut() => break,
            _ = end.wait_for(|is_ending| *is_ending), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn answer(router: &Router, peer: SocketAddr, mut request: Request<Incoming>) -> Answering {
    request.extensions_mut().insert(ConnectInfo(peer));
    Box::pin(router.clone().oneshot(request.map(Body::new)))
}

fn late(head: Duration) -> String {
    let detail = format!("the head of the request did not arrive within {} s; send it at once", head.as_secs_f64());
    farewell(408, "Request Timeout", "request_late", &detail)
}

/// An answer for a client that no request of could be read.
fn farewell(status: u16, reason: &str, code: &str, detail: &str) -> String {
    let body = serde_json::json!({ "status": status, "code": code, "detail": detail }).to_string();
    format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Says why and closes. What the client still sends is read for a moment: a connection closed over unread bytes is reset,
/// and the answer with it.
async fn say_and_close(mut stream: TcpStream, text: String) {
    let said = async {
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await?;
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Whoever does not want to know is not told.
    let _ = timeout(FAREWELL, said).await;
}
