//! Clients that take their time, by raw sockets: they are told and cut, and whoever listens long is not.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use throughline_app::settings::ConnectionLimits;
use throughline_base::SystemClock;
use throughline_testkit::{API_KEY, TestApp, WRITE_KEY};

const SHORT: Duration = Duration::from_millis(400);
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(15);

fn server(most: usize) -> TestApp {
    let limits = ConnectionLimits { most, head: SHORT, body: SHORT };
    TestApp::with(|s| s.connections = limits, Arc::new(SystemClock), None)
}

fn connect(t: &TestApp) -> TcpStream {
    let stream = TcpStream::connect(t.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Everything until the server closes.
fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    match stream.read_to_end(&mut text) {
        Ok(_) => {}
        Err(e) if e.kind() == ErrorKind::ConnectionReset => {}
        Err(e) => panic!("the server does not close: {e}: {}", String::from_utf8_lossy(&text)),
    }
    String::from_utf8(text).unwrap()
}

fn told(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-type: application/problem+json"), "{answer}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((body["status"].as_u64(), body["code"].as_str()), (Some(u64::from(status)), Some(code)), "{answer}");
    assert!(!body["detail"].as_str().unwrap().is_empty());
}

#[test]
fn a_body_that_stops_in_the_middle_is_answered_and_cut() {
    let t = server(100);
    for path in ["/v1/batch", "/api/sources", "/api/imports?file_name=x.csv", "/v1/webhook/src_0000000000001"] {
        let mut s = connect(&t);
        let keys = format!("authorization: Bearer {API_KEY}\r\nx-write-key: {WRITE_KEY}");
        write!(s, "POST {path} HTTP/1.1\r\nhost: t\r\n{keys}\r\ncontent-length: 100000\r\n\r\n{{").unwrap();
        let began = Instant::now();
        told(&rest(&mut s), 408, "request_late");
        assert!(began.elapsed() >= SHORT, "{path}: a body has its time");
    }
    assert_eq!(t.get("/api/imports").body["items"].as_array().unwrap().len(), 0, "half an upload is none");
}

#[test]
fn a_head_that_stops_in_the_middle_is_answered_and_silence_is_cut() {
    let t = server(100);
    // The first letter alone could still become another protocol.
    for begun in ["P", "POST /v1/ba", "GET /healthz HTTP/1.1\r\nhost: t\r\nx-slow: "] {
        let mut s = connect(&t);
        s.write_all(begun.as_bytes()).unwrap();
        told(&rest(&mut s), 408, "request_late");
    }
    let mut silent = connect(&t);
    assert_eq!(rest(&mut silent), "", "who said nothing is told nothing");
    let mut idle = connect(&t);
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n").unwrap();
    let seen = rest(&mut idle);
    assert!(seen.starts_with("HTTP/1.1 200 ") && !seen.contains("408"), "{seen}");
}

#[test]
fn a_body_that_keeps_coming_is_taken_however_long_it_lasts() {
    let t = server(100);
    let event =
        format!(r#"{{"type":"track","event":"Slow","userId":"u1","properties":{{"x":"{}"}}}}"#, "y".repeat(6_000));
    let body = format!(r#"{{"batch":[{event}]}}"#);
    let mut s = connect(&t);
    let length = body.len();
    write!(s, "POST /v1/batch HTTP/1.1\r\nhost: t\r\nx-write-key: {WRITE_KEY}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
        .unwrap();
    for piece in body.as_bytes().chunks(1_100) {
        s.write_all(piece).unwrap();
        std::thread::sleep(SHORT / 2);
    }
    let answer = rest(&mut s);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("accepted"), "{answer}");
}

#[test]
fn a_stream_of_arrivals_lasts_longer_than_any_limit() {
    let t = server(100);
    let mut s = connect(&t);
    write!(s, "GET /api/live HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {API_KEY}\r\n\r\n").unwrap();
    let (mut seen, began) = (String::new(), Instant::now());
    while seen.matches("event: tick").count() < 4 {
        let mut piece = [0; 4096];
        let n = s.read(&mut piece).unwrap();
        assert!(n > 0, "the stream ended after {:?}: {seen}", began.elapsed());
        seen.push_str(&String::from_utf8_lossy(&piece[..n]));
    }
    assert!(began.elapsed() > SHORT * 3);
}

#[test]
fn one_connection_too_many_is_told_so_and_has_its_turn_later() {
    let t = server(2);
    let held = [connect(&t), connect(&t)];
    let mut third = connect(&t);
    told(&rest(&mut third), 503, "connections");
    drop(held);
    let until = Instant::now() + PATIENCE;
    loop {
        let mut s = connect(&t);
        // A server that is still full may close before it has read this.
        let _ = s.write_all(b"GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
        if rest(&mut s).starts_with("HTTP/1.1 200 ") {
            return;
        }
        assert!(Instant::now() < until, "no place becomes free");
        std::thread::sleep(Duration::from_millis(50));
    }
}
