//! Every admin route asks who is there; headers make browsers careful.

use serde_json::{Value, json};
use throughline_testkit::{TestApp, WRITE_KEY};

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
