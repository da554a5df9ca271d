//! Audiences over HTTP and at the command line, and a server that is killed while it builds one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use throughline_testkit::{API_KEY, TestApp, engines};

use crate::process::Place;

fn order(user: &str, n: u64, at: &str) -> Value {
    json!({ "type": "track", "event": "Order Completed", "userId": user, "messageId": format!("m{n}"), "timestamp": at,
            "properties": { "order_id": format!("o{n}"), "revenue": 10, "currency": "CNY" } })
}

/// Asks until the audience has a version in force.
fn live(t: &TestApp, key: &str) -> Value {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let a = t.get(&format!("/api/audiences/{key}"));
        assert_eq!(a.status, 200, "{}", a.body);
        if a.body["live"].is_object() && a.body["next"].is_null() {
            return a.body;
        }
        assert!(Instant::now() < until, "{}", a.body);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_audience_is_written_looked_at_made_opened_and_explained() {
    let t = TestApp::start();
    let now = t.app.now().to_string();
    let sent = t.batch(&json!([
        order("ann", 1, &now),
        order("bo", 2, &now),
        { "type": "identify", "userId": "cy", "messageId": "m3", "traits": { "email": "cy@example.com" } },
    ]));
    assert_eq!(sent.status, 200, "{}", sent.body);
    t.settle();
    let rule = json!({ "zone": "UTC", "rule": { "did": { "event": "Order Completed", "window": { "last": "30d" } } } });

    let checked = t.write("POST", "/api/audiences/check", &json!({ "definition": rule })).body;
    assert!(
        checked["ok"] == true && checked["shown"]["text"].as_str().unwrap().contains("Order Completed"),
        "{checked}"
    );
    let wrong = json!({ "definition": { "zone": "UTC", "rule": { "audience": "vipp" } } });
    let checked = t.write("POST", "/api/audiences/check", &wrong).body;
    assert!(checked["ok"] == false && checked["faults"][0]["path"].as_str().unwrap().starts_with("rule"), "{checked}");
    let text = t.write("POST", "/api/audiences/check", &json!({ "text": "did did" })).body;
    assert!(text["faults"][0]["line"] == 1, "{text}");
    let estimate = t.write("POST", "/api/audiences/estimate", &json!({ "definition": rule, "mode": "exact" }));
    assert_eq!((estimate.status, &estimate.body["size"]), (200, &json!(2)), "{}", estimate.body);

    let made = t.write("POST", "/api/audiences", &json!({ "key": "buyers", "name": "Buyers", "definition": rule }));
    assert_eq!(made.status, 201, "{}", made.body);
    let a = live(&t, "buyers");
    assert_eq!((&a["size"], &a["live"]["definition"]), (&json!(2), &rule), "{a}");
    let again = t.write("POST", "/api/audiences", &json!({ "key": "buyers", "definition": rule }));
    assert_eq!((again.status, &again.body["code"]), (409, &json!("key_taken")), "{}", again.body);

    let first = t.get("/api/audiences/buyers/members?limit=1").body;
    assert_eq!(first["items"].as_array().unwrap().len(), 1, "{first}");
    let rest = t.get(&format!("/api/audiences/buyers/members?limit=1&cursor={}", first["next"].as_str().unwrap())).body;
    assert!(rest["items"].as_array().unwrap().len() == 1 && rest["next"].is_null(), "{rest}");
    let csv = t.get("/api/audiences/buyers/members.csv");
    assert_eq!((csv.status, csv.text.lines().count()), (200, 3), "{}", csv.text);

    let cy = t.get("/api/people/by-identifier/user_id/cy").body["id"].as_str().unwrap().to_owned();
    assert_eq!(t.get(&format!("/api/people/{cy}/audiences")).body, json!([]));
    let why = t.get(&format!("/api/people/{cy}/audiences/buyers/why")).body;
    assert!(why["member"] == false && why["explanation"]["holds"] == false, "{why}");
    // An order brings the third one in, a moment after its commit.
    let sent = t.batch(&json!([order("cy", 4, &now)]));
    assert_eq!(sent.status, 200);
    let until = Instant::now() + Duration::from_secs(10);
    while t.get("/api/audiences/buyers").body["size"] != 3 {
        assert!(Instant::now() < until, "{}", t.get("/api/status").body);
        std::thread::sleep(Duration::from_millis(20));
    }
    let own = t.get(&format!("/api/people/{cy}/audiences")).body;
    assert_eq!((&own[0]["key"], &own[0]["cause"]), (&json!("buyers"), &json!("event")), "{own}");

    let changed = json!({ "definition": { "zone": "UTC", "rule": { "tag": "nobody" } }, "note": "fewer" });
    let changed = t.write("PATCH", "/api/audiences/buyers", &changed);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let until = Instant::now() + Duration::from_secs(20);
    while t.get("/api/audiences/buyers").body["next"]["state"] != "ready" {
        assert!(Instant::now() < until, "{}", t.get("/api/audiences/buyers").body);
        std::thread::sleep(Duration::from_millis(20));
    }
    let diff = t.get("/api/audiences/buyers/versions/2/diff").body;
    assert_eq!((&diff["leaving"], &diff["entering"]), (&json!(3), &json!(0)), "{diff}");
    let applied = t.write("POST", "/api/audiences/buyers/versions/2/apply", &json!({}));
    assert_eq!((applied.status, &applied.body["size"]), (200, &json!(0)), "{}", applied.body);
    let schema = t.get("/api/audiences/schema");
    assert!(schema.status == 200 && schema.body["$schema"].is_string(), "{}", schema.text);
    let status = t.get("/api/status").body;
    assert!(status["audiences"]["active"] == 1 && status["audiences"]["failed"] == 0, "{status}");
}

#[test]
fn a_list_is_uploaded_and_what_nobody_has_is_shown() {
    let t = TestApp::start();
    let sent = t.batch(&json!([
        { "type": "identify", "userId": "ann", "messageId": "m1", "traits": { "phone": "13911112222" } }]));
    assert_eq!(sent.status, 200, "{}", sent.body);
    let upload = json!({ "namespace": "phone", "text": "139 1111 2222\n13933334444\nx" });
    let up = t.write("PUT", "/api/audience-lists/fair", &upload);
    assert_eq!(up.status, 200, "{}", up.body);
    assert_eq!(
        (&up.body["entries"], &up.body["matched"], &up.body["refused"]),
        (&json!(2), &json!(1), &json!(1)),
        "{}",
        up.body
    );
    let nobody = t.get("/api/audience-lists/fair/unmatched").body;
    assert_eq!(nobody.as_array().unwrap().len(), 1, "{nobody}");
    let made = t.write(
        "POST",
        "/api/audiences",
        &json!({ "key": "fair", "definition": { "zone": "UTC", "rule": { "list": "fair" } } }),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(live(&t, "fair")["size"], 1);
    assert_eq!(t.write("DELETE", "/api/audience-lists/fair", &json!({})).status, 409);
}

#[test]
fn members_leave_the_house_only_with_the_right_to_take_data_out() {
    let t = TestApp::start();
    let made = t.write("POST", "/api/api-keys", &json!({ "name": "reader", "scopes": ["read"] }));
    let key = format!("Bearer {}", made.body["key"].as_str().unwrap());
    let made = t.write(
        "POST",
        "/api/audiences",
        &json!({ "key": "all", "definition": { "zone": "UTC", "rule": { "all": [] } } }),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    live(&t, "all");
    let as_reader =
        |method: &str, path: &str| t.send(method, path, &[("authorization", &key)], Some(&json!({}))).status;
    assert_eq!(as_reader("GET", "/api/audiences/all/members"), 200);
    assert_eq!(as_reader("GET", "/api/audiences/all/members.csv"), 403);
    assert_eq!(as_reader("PATCH", "/api/audiences/all"), 403);
    assert_eq!(as_reader("POST", "/api/audiences/all/versions/1/stop"), 403);
    assert!(!API_KEY.is_empty());
}

#[test]
fn building_that_is_killed_at_every_moment_comes_to_what_the_history_says() {
    for engine in engines() {
        let name = engine.name;
        let place = Place::new(engine, &[("LAKE_BUCKETS", "2")]);
        let node = place.serve();
        for first in (0..2_000_u64).step_by(100) {
            let events: Vec<Value> =
                (first..first + 100).map(|n| order(&format!("u{}", n % 700), n, "2026-06-01T08:00:00Z")).collect();
            let sent = node.send("POST", "/v1/batch", Some(&json!({ "batch": events }))).unwrap();
            assert_eq!(sent.status, 200, "{name}: {}", sent.body);
        }
        drop(node);
        place.run(&["lake", "seal"]);
        for (key, n) in [("twice", 2.0), ("thrice", 3.0)] {
            let file = place.folder.path().join(format!("{key}.json"));
            let rule =
                json!({ "zone": "UTC", "rule": { "did": { "event": "Order Completed", "test": { "gte": n } } } });
            std::fs::write(&file, rule.to_string()).unwrap();
            place.run(&["audience", "create", key, "--file", file.to_str().unwrap(), "--later"]);
        }
        let kills = place.kill_until_done(&["audience", "check"], Duration::from_millis(60));
        assert!(kills > 0, "{name}: it was killed at work");
        let said = |verb: &[&str]| String::from_utf8_lossy(&place.run(verb).stdout).trim().to_owned();
        assert_eq!(
            (said(&["audience", "size", "twice"]), said(&["audience", "size", "thrice"])),
            ("700".into(), "600".into()),
            "{name}"
        );
        assert!(said(&["audience", "check"]).contains("as the history says"), "{name}");
        assert_eq!(said(&["audience", "members", "thrice"]).lines().count(), 600, "{name}");
        assert!(said(&["audience", "why", "thrice", "user_id:u650"]).contains("not in thrice"), "{name}");
    }
}
