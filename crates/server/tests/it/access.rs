//! Every admin route asks who is there; headers make browsers careful.

use std::sync::Arc;

use serde_json::{Value, json};
use throughline_base::SystemClock;
use throughline_testkit::{API_KEY, Answer, TestApp, WRITE_KEY};

/// Routes that answer without a caller, by design.
const OPEN: [&str; 2] = ["/api/setup", "/api/session"];

#[test]
fn every_admin_route_refuses_strangers_and_write_keys() {
    let t = TestApp::start();
    let document: Value = serde_json::from_str(&throughline_http::openapi()).unwrap();
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        if OPEN.contains(&path.as_str()) {
            continue;
        }
        for method in methods.as_object().unwrap().keys() {
            let mut path = path.clone();
            while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                path.replace_range(from..=to, "x");
            }
            let method = method.to_uppercase();
            let nobody = t.send(&method, &path, &[], Some(&json!({})));
            assert_eq!(nobody.status, 401, "{method} {path} without a caller: {}", nobody.body);
            let bearer = format!("Bearer {WRITE_KEY}");
            let writer = t.send(&method, &path, &[("authorization", &bearer)], Some(&json!({})));
            assert_eq!(writer.status, 401, "{method} {path} with a write key: {}", writer.body);
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} routes were tried");
}

#[test]
fn the_owner_is_made_once_signs_in_and_needs_the_csrf_token_to_write() {
    let t = TestApp::start();
    let owner =
        json!({ "email": "owner@example.com", "name": "Lin", "password": "violet harbour 19", "locale": "zh-CN" });
    assert_eq!(t.send("GET", "/api/setup", &[], None).body["needs_owner"], true);
    let made = t.send("POST", "/api/setup", &[], Some(&owner));
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(t.send("POST", "/api/setup", &[], Some(&owner)).status, 409);
    let wrong = json!({ "email": "owner@example.com", "password": "violet harbour 20" });
    assert_eq!(t.send("POST", "/api/session", &[], Some(&wrong)).status, 401);
    for _ in 0..8 {
        let _ = t.send("POST", "/api/session", &[], Some(&wrong));
    }
    let late = t.send("POST", "/api/session", &[], Some(&wrong));
    assert_eq!(late.status, 429, "the door closes after too many tries");
}

#[test]
fn who_may_not_change_sources_sees_no_whole_write_key() {
    let t = TestApp::start();
    let made = t.write("POST", "/api/api-keys", &json!({ "name": "reader", "scopes": ["read"] })).body;
    let reader = format!("Bearer {}", made["key"].as_str().unwrap());
    let sources = t.get("/api/sources").body;
    let source = format!("/api/sources/{}", sources["items"][0]["id"].as_str().unwrap());
    assert!(sources.to_string().contains(WRITE_KEY));
    for path in ["/api/sources".to_owned(), source.clone(), format!("{source}/snippet")] {
        let seen = t.send("GET", &path, &[("authorization", &reader)], None);
        assert_eq!(seen.status, 200, "{path}");
        let text = seen.body.to_string();
        assert!(!text.contains(WRITE_KEY) && text.contains("…-key"), "{path}: {text}");
    }
}

#[test]
fn nobody_on_the_way_keeps_what_the_api_says_and_browsers_stay_with_https() {
    let t = TestApp::start();
    for path in ["/api/people", "/api/status", "/api/people/xyz", "/metrics"] {
        assert_eq!(t.get(path).headers["cache-control"], "no-store", "{path}");
    }
    assert!(!t.get("/api/status").headers.contains_key("strict-transport-security"), "this server speaks http");
    let t = TestApp::with(|s| s.public_url = "https://data.example.com".into(), Arc::new(SystemClock), None);
    assert_eq!(t.get("/healthz").headers["strict-transport-security"], "max-age=31536000");
}

#[test]
fn how_many_customers_there_are_is_not_told_to_strangers() {
    let t = TestApp::start();
    let ask = |t: &TestApp, headers: &[(&str, &str)]| t.send("GET", "/metrics", headers, None);
    let own = ask(&t, &[]);
    assert!(own.status == 200 && own.text.contains("throughline_people"), "this machine may: {}", own.text);
    assert_eq!(
        ask(&t, &[("x-forwarded-for", "203.0.113.7")]).status,
        401,
        "somebody behind a proxy on this machine may not"
    );

    let t = TestApp::with(
        |s| {
            s.public_url = "http://data.example.com".into();
            s.metrics_token = "scraper-of-ours".into();
        },
        Arc::new(SystemClock),
        None,
    );
    let bearer = |key: &str| ask(&t, &[("authorization", &format!("Bearer {key}"))]).status;
    assert_eq!(ask(&t, &[]).status, 401);
    assert_eq!((bearer("scraper-of-ours"), bearer("scraper-of-theirs"), bearer(WRITE_KEY)), (200, 401, 401));
    let made = t.write("POST", "/api/api-keys", &json!({ "name": "reader", "scopes": ["read"] })).body;
    assert_eq!(bearer(made["key"].as_str().unwrap()), 200);
    let made = t.write("POST", "/api/api-keys", &json!({ "name": "eraser", "scopes": ["erase"] })).body;
    assert_eq!(bearer(made["key"].as_str().unwrap()), 403);
}

/// An error says what is wrong in the one shape of this API.
fn is_problem(a: &Answer, what: &str) {
    assert_eq!(
        a.headers.get("content-type").map(String::as_str),
        Some("application/problem+json"),
        "{what}: {}",
        a.text
    );
    assert_eq!(a.body["status"], a.status, "{what}: {}", a.text);
    for field in ["code", "detail"] {
        assert!(a.body[field].as_str().is_some_and(|t| !t.is_empty()), "{what}: {}", a.text);
    }
    let known = ["status", "code", "detail", "wording"];
    assert!(a.body.as_object().unwrap().keys().all(|k| known.contains(&k.as_str())), "{what}: {}", a.text);
}

#[test]
fn whatever_is_wrong_with_a_request_is_said_in_one_shape() {
    let t = TestApp::start();
    let document: Value = serde_json::from_str(&throughline_http::openapi()).unwrap();
    let mut refused = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let mut filled = path.clone();
        while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
            filled.replace_range(from..=to, "xyz");
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            // The stream is refused by its query alone; without one it would never end.
            let queries = ["?limit=abc", "?lookback_days=-1&days=x", "?nope=1"];
            let without = (path != "/api/live").then_some("");
            for query in queries.into_iter().chain(without) {
                if path == "/api/live" && query.contains("limit") && method != "GET" {
                    continue;
                }
                for body in [json!({}), json!([1]), json!("x"), json!({ "id": { "deep": 1 } })] {
                    // Bodies are tried once, and not on what takes none.
                    if body != json!({}) && (method == "GET" || !query.is_empty()) {
                        continue;
                    }
                    let sent = (method != "GET").then_some(&body);
                    let bearer = format!("Bearer {API_KEY}");
                    let a = t.send(method, &format!("{filled}{query}"), &[("authorization", &bearer)], sent);
                    let what = format!("{method} {filled}{query} {body}");
                    assert!(a.status < 500, "{what}: {}", a.text);
                    if a.status >= 400 {
                        is_problem(&a, &what);
                        refused += 1;
                    }
                    let has_query = methods[method.to_lowercase()]["parameters"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|p| p["in"] == "query"));
                    if has_query && query == "?nope=1" {
                        assert_eq!(a.status, 400, "{what}: nobody is told that `nope` is nothing: {}", a.text);
                    }
                }
            }
        }
    }
    assert!(refused > 300, "only {refused} requests were refused");
}

#[test]
fn an_error_says_where_and_how_to_mend_it() {
    let t = TestApp::start();
    for (method, path, body, status, words) in [
        ("GET", "/api/people/xyz", None, 400, &["xyz", "per_"][..]),
        ("GET", "/api/people?limit=abc", None, 400, &["limit", "whole number"]),
        ("GET", "/api/credit/report?lookback_days=-1", None, 400, &["lookback_days", "whole number"]),
        ("GET", "/api/credit/report?lookback_day=7", None, 400, &["lookback_day", "lookback_days"]),
        ("GET", "/api/people?identified=maybe", None, 400, &["identified", "true or false"]),
        ("GET", "/api/people/per_0000000000001/may-contact?purpose=marketing", None, 400, &["channel"]),
        ("POST", "/api/users", Some(json!({})), 400, &["email"]),
        ("POST", "/api/users", Some(json!({ "email": 7 })), 400, &["string"]),
        ("DELETE", "/api/people", None, 405, &["DELETE", "/api/people"]),
        ("POST", "/somewhere", Some(json!({})), 405, &["POST"]),
        ("GET", "/api/nothing", None, 404, &["/api/nothing"]),
    ] {
        let a = t.send(method, path, &[("authorization", &format!("Bearer {API_KEY}"))], body.as_ref());
        let what = format!("{method} {path}");
        assert_eq!(a.status, status, "{what}: {}", a.text);
        is_problem(&a, &what);
        let detail = a.body["detail"].as_str().unwrap();
        assert!(words.iter().all(|w| detail.contains(w)), "{what}: {detail}");
    }
}
