//! Identity over HTTP: who is one person and who is not.

use serde_json::{Value, json};
use throughline_testkit::TestApp;

fn sent(t: &TestApp, events: &Value) {
    let answer = t.batch(events);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn person(t: &TestApp, path: &str) -> Value {
    t.get(&format!("/api/people/by-identifier/{path}")).body
}

#[test]
fn two_customer_numbers_are_never_one_person_whatever_they_share() {
    let t = TestApp::start();
    let answer = t.batch(&json!([
        { "type": "identify", "userId": "u1", "messageId": "1", "traits": { "phone": "+8613911112222" } },
        { "type": "identify", "userId": "u2", "messageId": "2", "traits": { "phone": "+8613911112222" } },
    ]));
    assert_eq!(answer.status, 200);
    let (one, two) = (person(&t, "user_id/u1"), person(&t, "user_id/u2"));
    assert_ne!(one["id"], two["id"]);
}

#[test]
fn a_shared_browser_keeps_two_people_apart() {
    let t = TestApp::start();
    sent(
        &t,
        &json!([
            { "type": "page", "anonymousId": "b", "messageId": "1", "timestamp": "2026-01-01T10:00:00Z" },
            { "type": "identify", "anonymousId": "b", "userId": "ann", "messageId": "2", "timestamp": "2026-01-01T10:01:00Z" },
            { "type": "identify", "anonymousId": "b", "userId": "bob", "messageId": "3", "timestamp": "2026-01-03T10:00:00Z" },
        ]),
    );
    t.settle();
    let (ann, bob) = (person(&t, "user_id/ann"), person(&t, "user_id/bob"));
    assert_ne!(ann["id"], bob["id"]);
    let count = |p: &Value| {
        t.get(&format!("/api/people/{}/timeline", p["id"].as_str().unwrap())).body["items"].as_array().unwrap().len()
    };
    assert_eq!((count(&ann), count(&bob)), (2, 1), "the page before the first login is hers");
}

#[test]
fn anonymous_history_follows_its_only_owner() {
    let t = TestApp::start();
    sent(
        &t,
        &json!([
            { "type": "track", "anonymousId": "x", "event": "Product Viewed", "messageId": "1" },
            { "type": "track", "anonymousId": "x", "event": "Product Added", "messageId": "2" },
        ]),
    );
    t.app.seal_all().unwrap();
    sent(&t, &json!([{ "type": "identify", "anonymousId": "x", "userId": "late", "messageId": "3" }]));
    let p = person(&t, "user_id/late");
    let line = t.get(&format!("/api/people/{}/timeline", p["id"].as_str().unwrap())).body;
    assert_eq!(line["items"].as_array().unwrap().len(), 3, "{line}");
    t.app.compact_all().unwrap();
    let line = t.get(&format!("/api/people/{}/timeline", p["id"].as_str().unwrap())).body;
    assert_eq!(line["items"].as_array().unwrap().len(), 3, "{line}");
}
