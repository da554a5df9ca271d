//! Identity over HTTP: who is one person and who is not.

use serde_json::{Value, json};
use throughline_base::id::JobId;
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

/// Two customers, the second with a phone, and their ids.
fn two_people(t: &TestApp) -> (String, String) {
    sent(
        t,
        &json!([
            { "type": "identify", "userId": "ann", "messageId": "1", "traits": { "name": "Ann" } },
            { "type": "track", "userId": "ann", "event": "Product Viewed", "messageId": "2" },
            { "type": "identify", "userId": "bob", "messageId": "3", "traits": { "name": "Bob" } },
            { "type": "track", "userId": "bob", "event": "Product Added", "messageId": "4" },
        ]),
    );
    t.settle();
    let id = |who: &str| person(t, &format!("user_id/{who}"))["id"].as_str().unwrap().to_owned();
    (id("ann"), id("bob"))
}

#[test]
fn a_merge_is_explained_shown_and_taken_apart_again() {
    let t = TestApp::start();
    let (ann, bob) = two_people(&t);
    let body = json!({ "other": bob, "note": "she said so" });
    let merged = t.write("POST", &format!("/api/people/{ann}/merge"), &body);
    assert_eq!((merged.status, &merged.body["person_id"]), (200, &json!(ann)), "{}", merged.body);
    assert_eq!(t.write("POST", &format!("/api/people/{ann}/merge"), &body).status, 409);
    let both = t.get(&format!("/api/people/{bob}")).body;
    assert_eq!((&both["id"], &both["aliases"]), (&json!(ann), &json!([bob])));
    let why = t.get(&format!("/api/people/{ann}/explain?other={bob}")).body;
    assert_eq!((&why["same"], why["path"].as_array().unwrap().len()), (&json!(true), 1), "{why}");
    let edge = &why["edges"][0];
    assert_eq!(
        (&edge["evidence"][0]["kind"], &edge["evidence"][0]["note"]),
        (&json!("must_link"), &json!("she said so"))
    );
    assert_eq!(why["merges"][0]["absorbed"], json!(bob));

    let path = format!("/api/people/{ann}/unmerge");
    let mut ask =
        json!({ "identifiers": [{ "namespace": "user_id", "value": "bob" }], "note": "two", "dry_run": true });
    let told = t.write("POST", &path, &ask);
    assert_eq!((told.status, &told.body["persons"]), (200, &json!([ann, bob])), "{}", told.body);
    assert_eq!(person(&t, "user_id/bob")["id"], json!(ann), "a dry run changes nothing");
    ask["dry_run"] = json!(false);
    let done = t.write("POST", &path, &ask);
    assert_eq!((done.status, &done.body), (200, &told.body));
    assert_eq!((&done.body["events_moved"], &done.body["affected"]["traits"]), (&json!(2), &json!(1)));
    let line = t.get(&format!("/api/people/{bob}/timeline")).body;
    assert_eq!(line["items"].as_array().unwrap().len(), 2);
    let why = t.get(&format!("/api/people/{ann}/explain?other={bob}")).body;
    assert_eq!((&why["same"], &why["path"]), (&json!(false), &json!([])));
    // By the number of a row of evidence, as text, it goes as well.
    assert_eq!(t.write("POST", &format!("/api/people/{ann}/merge"), &body).status, 200);
    let why = t.get(&format!("/api/people/{ann}/explain")).body;
    let seq = why["edges"][0]["evidence"][0]["seq"].as_str().unwrap().to_owned();
    let done = t.write("POST", &path, &json!({ "evidence": [seq], "block_future": false }));
    assert_eq!((done.status, &done.body["persons"]), (200, &json!([ann, bob])), "{}", done.body);
    let audit = t.write("POST", &path, &json!({ "evidence": ["1"], "keep_audit": false }));
    assert_eq!((audit.status, &audit.body["code"]), (400, &json!("keep_audit")));
}

#[test]
fn what_is_kept_apart_waits_for_a_decision_when_events_say_otherwise() {
    let t = TestApp::start();
    let (ann, bob) = two_people(&t);
    let keep = json!({ "other": bob, "note": "two sisters" });
    assert_eq!(t.write("POST", &format!("/api/people/{ann}/cannot-link"), &keep).status, 204);
    sent(
        &t,
        &json!([{ "type": "identify", "userId": "bob", "messageId": "5", "traits": { "email": "b@example.com" } }]),
    );
    sent(
        &t,
        &json!([{ "type": "identify", "userId": "ann", "messageId": "6", "traits": { "email": "b@example.com" } }]),
    );
    let open = t.get("/api/identity/reviews").body;
    let item = &open["items"][0];
    assert_eq!((&item["kind"], &item["state"]), (&json!("refused_merge"), &json!("open")), "{open}");
    assert_eq!(item["persons"].as_array().unwrap().len(), 2);
    let why = &item["wording"][0];
    assert_eq!(why["code"], json!("link.cannot_link_seq"), "the console says it in its own language: {open}");
    assert!(item["reason"].as_str().unwrap().contains(why["params"]["seq"].as_str().unwrap()), "{open}");
    let path = format!("/api/identity/reviews/{}", item["id"].as_str().unwrap());
    let wrong = t.write("POST", &path, &json!({ "decision": "perhaps", "note": "" }));
    assert_eq!((wrong.status, &wrong.body["code"]), (400, &json!("body")), "{}", wrong.body);
    let done = t.write("POST", &path, &json!({ "decision": "dismiss", "note": "known" }));
    assert_eq!((done.status, &done.body["decision"]), (200, &json!("dismiss")), "{}", done.body);
    assert_eq!(t.get("/api/identity/reviews").body["items"], json!([]));
    assert_eq!(t.get("/api/identity/reviews?state=done").body["items"].as_array().unwrap().len(), 1);
    assert_eq!(t.get("/api/identity/reviews?kind=nonsense").status, 400);
}

#[test]
fn rules_are_tried_before_they_apply_and_then_do_what_was_told() {
    let t = TestApp::start();
    sent(
        &t,
        &json!([
            { "type": "identify", "userId": "ann", "messageId": "1", "traits": { "email": "a@example.com" } },
            { "type": "identify", "userId": "bob", "messageId": "2", "traits": { "email": "a@example.com" } },
        ]),
    );
    t.settle();
    let shown = t.get("/api/identity/rules").body;
    assert_eq!((&shown["version"], &shown["history"]), (&json!(1), &json!([])), "{shown}");
    let mut rules = shown["rules"].clone();
    for n in rules["namespaces"].as_array_mut().unwrap() {
        if n["name"] == "user_id" {
            n["max_per_person"]["n"] = json!(2);
        }
    }
    let body = json!({ "rules": rules, "note": "two numbers are fine" });
    let begun = t.write("POST", "/api/identity/rules/simulations", &body);
    assert_eq!(begun.status, 202, "{}", begun.body);
    let trial = format!("/api/identity/rules/simulations/{}", begun.body["id"].as_str().unwrap());
    t.app.rules_simulate_all().unwrap();
    let told = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        Some(t.get(&trial).body).filter(|told| told["state"] == json!("done"))
    });
    let told = told.expect("a small trial is done at once");
    let counts = &told["result"]["counts"];
    assert_eq!((&counts["people_before"], &counts["people_after"]), (&json!(2), &json!(1)), "{counts}");
    assert_eq!(t.write("DELETE", &trial, &json!({})).status, 204, "stopping what is over changes nothing");
    assert_eq!(t.get(&trial).body["state"], json!("done"));
    let done = t.write("PUT", "/api/identity/rules", &body);
    assert_eq!((done.status, &done.body["version"]), (202, &json!(2)), "{}", done.body);
    t.app.identity_refold_all().unwrap();
    for _ in 0..100 {
        if t.get("/api/identity/rules").body["progress"]["finished"] == json!(true) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(person(&t, "user_id/ann")["id"], person(&t, "user_id/bob")["id"]);
    let stale = t.write("PUT", "/api/identity/rules", &body);
    assert_eq!((stale.status, &stale.body["code"]), (409, &json!("rules_changed")));
    let bad = t.write("PUT", "/api/identity/rules", &json!({ "rules": { "session_minutes": 0 } }));
    assert_eq!(bad.status, 400);
    assert!(bad.body["detail"].as_str().unwrap().contains("session_minutes"), "{}", bad.body);
}

#[test]
fn the_simulator_tells_step_by_step_what_the_rules_do() {
    let t = TestApp::start();
    let events = json!([
        { "type": "page", "anonymousId": "a1", "timestamp": "2026-03-01T09:00:00Z" },
        { "type": "identify", "anonymousId": "a1", "userId": "u1", "traits": { "phone": "13912345678" },
          "timestamp": "2026-03-01T09:02:00Z" },
        { "type": "identify", "userId": "u1", "traits": { "email": "lan@example.cn" }, "timestamp": "2026-03-02T10:00:00Z" },
        { "type": "identify", "anonymousId": "a1", "userId": "u2", "timestamp": "2026-03-02T11:00:00Z" },
        { "type": "identify", "userId": "u2", "traits": { "email": "lan@example.cn" }, "timestamp": "2026-03-02T12:00:00Z" },
        { "type": "track", "event": "x", "userId": "null", "timestamp": "2026-03-02T12:00:00Z" },
    ]);
    let done = t.write("POST", "/api/identity/simulator", &json!({ "events": events }));
    assert_eq!(done.status, 200, "{}", done.body);
    let reasons: Vec<&str> =
        done.body["decisions"].as_array().unwrap().iter().map(|d| d["reason"].as_str().unwrap()).collect();
    let told = ["new_person", "new_person", "attached", "new_person", "refused_limit", "no_usable_identifier"];
    assert_eq!(reasons, told, "{}", done.body);
    assert_eq!(t.get("/api/status").body["people"], json!(0), "nothing is stored");
    let wrong = t.write("POST", "/api/identity/simulator", &json!({ "events": [{ "type": "nonsense" }] }));
    assert_eq!(wrong.status, 400);
    assert!(wrong.body["detail"].as_str().unwrap().contains("events[0]"), "{}", wrong.body);
}

#[test]
fn blocked_values_are_listed_added_counted_and_removed() {
    let t = TestApp::start();
    let shown = t.get("/api/identity/blocked").body;
    assert!(shown["built_in"].as_array().unwrap().contains(&json!("anonymous")), "{shown}");
    let add = json!({ "namespace": "user_id", "kind": "exact", "value": "till-7" });
    let made = t.write("POST", "/api/identity/blocked", &add);
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(t.write("POST", "/api/identity/blocked", &add).status, 409);
    let sent_one = t.batch(&json!([{ "type": "track", "event": "x", "userId": "till-7", "messageId": "1" }]));
    assert_eq!(sent_one.status, 200, "{}", sent_one.body);
    assert_eq!(t.get("/api/people/by-identifier/user_id/till-7").status, 404);
    let rule = t.get("/api/identity/blocked").body["custom"][0].clone();
    assert_eq!((&rule["value"], &rule["hits"]), (&json!("till-7"), &json!(1)), "{rule}");
    let path = format!("/api/identity/blocked/{}", made.body["id"].as_str().unwrap());
    assert_eq!(t.send("DELETE", &path, &[("authorization", "Bearer test-api-key")], None).status, 204);
    assert_eq!(t.get("/api/identity/blocked").body["custom"], json!([]));
    let bad = json!({ "namespace": null, "kind": "regex", "value": "(" });
    assert_eq!(t.write("POST", "/api/identity/blocked", &bad).status, 400);
}

#[test]
fn who_may_only_read_changes_nobody_and_sees_no_values() {
    let t = TestApp::start();
    let (ann, bob) = two_people(&t);
    let merge = json!({ "other": bob, "note": "" });
    assert_eq!(t.write("POST", &format!("/api/people/{ann}/merge"), &merge).status, 200);
    let made = t.write("POST", "/api/api-keys", &json!({ "name": "reader", "scopes": ["read"] }));
    assert_eq!(made.status, 201, "{}", made.body);
    let bearer = format!("Bearer {}", made.body["key"].as_str().unwrap());
    let reader = [("authorization", bearer.as_str())];
    let rules = t.get("/api/identity/rules").body["rules"].clone();
    let item = "rev_0000000000001";
    let node = "idn_0000000000001";
    let refused = [
        ("POST", format!("/api/people/{ann}/unmerge"), json!({ "evidence": ["1"] })),
        ("POST", format!("/api/people/{ann}/merge"), merge.clone()),
        ("POST", format!("/api/people/{ann}/cannot-link"), merge),
        ("PUT", "/api/identity/rules".into(), json!({ "rules": rules })),
        ("POST", "/api/identity/rules/simulations".into(), json!({ "rules": rules })),
        ("GET", format!("/api/identity/rules/simulations/{}", JobId::new(1)), json!({})),
        ("DELETE", format!("/api/identity/rules/simulations/{}", JobId::new(1)), json!({})),
        ("POST", format!("/api/identity/reviews/{item}"), json!({ "decision": "dismiss", "note": "" })),
        ("POST", format!("/api/identity/suspended/{node}"), json!({ "action": "release" })),
        ("POST", "/api/identity/blocked".into(), json!({ "namespace": null, "kind": "exact", "value": "x1" })),
        ("DELETE", "/api/identity/blocked/blk_1".into(), json!({})),
    ];
    for (method, path, body) in refused {
        let answer = t.send(method, &path, &reader, Some(&body));
        assert_eq!((answer.status, &answer.body["code"]), (403, &json!("missing_scope")), "{method} {path}");
    }
    let why = t.send("GET", &format!("/api/people/{ann}/explain"), &reader, None);
    assert_eq!(why.status, 200, "{}", why.body);
    assert!(!why.body["edges"].to_string().contains("\"ann\""), "values are masked: {}", why.body);
    for path in ["/api/identity/reviews", "/api/identity/suspended", "/api/identity/blocked", "/api/identity/rules"] {
        assert_eq!(t.send("GET", path, &reader, None).status, 200, "{path}");
    }
}

#[test]
fn what_is_wrong_with_an_event_is_told_in_codes_too_so_that_it_can_be_said_in_chinese() {
    let t = TestApp::start();
    sent(&t, &json!([{ "type": "track", "event": "Visit", "messageId": "nobody" }]));
    let group = t.get("/api/quarantine/groups").body;
    assert_eq!(group[0]["samples"][0]["wording"], json!([{ "code": "event.nobody", "params": {} }]), "{group}");
}

#[test]
fn a_kind_of_identifier_that_does_not_exist_is_named_with_those_that_do() {
    let t = TestApp::start();
    let unknown = t.get("/api/people/by-identifier/fone/13912345678");
    assert_eq!((unknown.status, &unknown.body["code"]), (404, &json!("namespace_unknown")), "{}", unknown.body);
    let detail = unknown.body["detail"].as_str().unwrap();
    assert!(detail.contains("`fone`") && detail.contains("user_id, ") && detail.contains("phone"), "{detail}");
    assert_eq!(unknown.body["wording"][0]["params"]["namespace"], json!("fone"));
    // A kind of a known one, and a value that nobody has.
    for path in ["openid:wx1/o-1", "phone/13912345678"] {
        let nobody = t.get(&format!("/api/people/by-identifier/{path}"));
        assert_eq!((nobody.status, &nobody.body["code"]), (404, &json!("person_unknown")), "{}", nobody.body);
    }
}
