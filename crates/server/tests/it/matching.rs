//! Matching of the database over HTTP: probable pairs wait in the review queue with their reasons, answers are kept and
//! learnt from, links are evidence that can be taken back.

use serde_json::{Value, json};
use throughline_testkit::TestApp;

const GIVEN: [&str; 10] = ["伟", "敏", "静", "丽娜", "志强", "磊", "雨桐", "勇", "艳红", "杰"];
const SURNAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "欧阳", "赵", "黄", "周", "吴"];

/// A customer of the web shop, by number.
fn customer(i: usize) -> Value {
    json!({
        "name": format!("{}{}", SURNAMES[i % 10], GIVEN[(i / 10 + i) % 10]),
        "birthday": format!("{}-{:02}-{:02}", 1960 + i * 7 % 45, 1 + i % 12, 1 + i * 5 % 28),
        "address": format!("杭州市西湖区文三路{}号{}幢{}室", 10 + i * 3, 1 + i % 7, 101 + i * 13 % 900),
        "city": "杭州",
    })
}

fn with(mut traits: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        traits[name] = value.clone();
    }
    traits
}

/// Customers with a number and a phone; the first `doubles` of them also as they bought at a till, by e-mail.
fn shop(t: &TestApp, customers: usize, doubles: usize) {
    let mut events = Vec::new();
    for i in 0..customers {
        let phone = format!("+861391000{:04}", i * 7);
        let traits = with(customer(i), &json!({ "phone": phone }));
        events.push(
            json!({ "type": "identify", "userId": format!("u{i}"), "messageId": format!("a{i}"), "traits": traits }),
        );
    }
    events.extend((0..doubles).map(till));
    for chunk in events.chunks(100) {
        assert_eq!(t.batch(&json!(chunk)).status, 200);
    }
    t.settle();
}

/// The same customer without a number.
fn till(i: usize) -> Value {
    let traits = with(customer(i), &json!({ "email": format!("till{i}@mail.example") }));
    json!({ "type": "identify", "anonymousId": format!("t{i}"), "messageId": format!("b{i}"), "traits": traits })
}

fn run(t: &TestApp, body: &Value) -> Value {
    let begun = t.write("POST", "/api/matching/run", body);
    assert_eq!(begun.status, 202, "{}", begun.body);
    for _ in 0..600 {
        t.app.jobs_run().unwrap();
        let status = t.get("/api/matching/status").body;
        if status["running"] == json!(false) && status["last_run"].is_object() {
            return status;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the run does not end: {}", t.get("/api/matching/status").body);
}

fn probable(t: &TestApp) -> Vec<Value> {
    t.get("/api/identity/reviews?kind=probable&limit=100").body["items"].as_array().unwrap().clone()
}

fn person_of(t: &TestApp, path: &str) -> String {
    t.get(&format!("/api/people/by-identifier/{path}")).body["id"].as_str().unwrap().to_owned()
}

#[test]
fn probable_pairs_wait_with_their_reasons_and_answers_are_kept() {
    let t = TestApp::start();
    shop(&t, 80, 12);
    let before = t.get("/api/matching/status").body;
    assert_eq!((&before["model"], &before["last_run"]), (&Value::Null, &Value::Null));
    assert_eq!(before["settings"]["auto_link"], json!(false), "nothing is linked unless somebody wants it");
    let status = run(&t, &json!({}));
    let last = &status["last_run"];
    assert_eq!((&last["people"], &last["linked"], &last["fitted"]), (&json!(92), &json!(0), &json!(true)), "{last}");
    let items = probable(&t);
    assert_eq!(items.len(), 12, "{last}");
    for item in &items {
        let c = &item["comparison"];
        let number = |v: &Value| v.as_f64().unwrap();
        let fields: f64 = c["fields"].as_array().unwrap().iter().map(|f| number(&f["bits"])).sum();
        let sum = number(&c["prior_bits"]) + fields + number(&c["household_bits"]) + number(&c["answers_bits"]);
        assert!((sum - number(&c["bits"])).abs() < 0.01, "what is shown adds up: {c}");
        assert!(number(&c["probability"]) >= 0.8);
        let born = c["fields"].as_array().unwrap().iter().find(|f| f["kind"] == "birthday").unwrap();
        assert_eq!((&born["level"], &born["a"]), (&json!("exact"), &born["b"]));
        assert_eq!(item["wording"][0]["code"], json!("match.probable"), "{item}");
    }
    // Whoever may not see personal data sees none in the comparison either.
    let made = t.write("POST", "/api/api-keys", &json!({ "name": "reader", "scopes": ["read"] })).body;
    let reader = format!("Bearer {}", made["key"].as_str().unwrap());
    let veiled = t.send("GET", "/api/identity/reviews?kind=probable", &[("authorization", &reader)], None);
    assert!(!veiled.body.to_string().contains("文三路"), "{}", veiled.body["items"][0]["comparison"]);
    // One is answered yes, one no.
    let decide = |item: &Value, decision: &str| {
        let path = format!("/api/identity/reviews/{}", item["id"].as_str().unwrap());
        let done = t.write("POST", &path, &json!({ "decision": decision }));
        assert_eq!(done.status, 200, "{}", done.body);
    };
    decide(&items[0], "merge");
    decide(&items[1], "keep_apart");
    assert_eq!(t.get("/api/matching/status").body["answers"], json!(2));
    let status = run(&t, &json!({ "fit": true }));
    assert_eq!(status["last_run"]["people"], json!(91));
    assert_eq!(probable(&t).len(), 10, "nobody is asked twice");
    assert_eq!(status["model"]["version"], json!(2));
}

#[test]
fn only_who_says_something_new_is_matched_again() {
    let t = TestApp::start();
    shop(&t, 80, 5);
    run(&t, &json!({}));
    let again = run(&t, &json!({}))["last_run"].clone();
    assert_eq!((&again["changed"], &again["compared"], &again["fitted"]), (&json!(0), &json!(0), &json!(false)));
    assert_eq!(t.batch(&json!([till(40)])).status, 200);
    t.settle();
    let third = run(&t, &json!({}))["last_run"].clone();
    assert_eq!(
        (&third["changed"], &third["review"], &third["fitted"]),
        (&json!(1), &json!(1), &json!(false)),
        "{third}"
    );
    assert_eq!(probable(&t).len(), 6);
    // A run over everything finds the same.
    let all = run(&t, &json!({ "fit": true }))["last_run"].clone();
    assert_eq!((&all["review"], &all["withdrawn"]), (&json!(0), &json!(0)), "{all}");
    // Who turns out to be somebody else is not asked about any more.
    let other = json!([{ "type": "identify", "anonymousId": "t40", "messageId": "c1", "traits":
        { "email": "till40@mail.example", "name": "Ada Byron", "birthday": "1815-12-10", "address": "12 St James Square", "city": "London" } }]);
    assert_eq!(t.batch(&other).status, 200);
    t.settle();
    let changed = run(&t, &json!({}))["last_run"].clone();
    assert_eq!((&changed["withdrawn"], probable(&t).len()), (&json!(1), 5), "{changed}");
}

#[test]
fn links_of_the_matcher_are_evidence_and_can_be_taken_back() {
    let t = TestApp::start();
    shop(&t, 80, 8);
    let bad = json!({ "auto_link": true, "link_from": 0.4, "review_from": 0.3, "every_minutes": 0 });
    assert_eq!(t.write("PUT", "/api/matching/settings", &bad).status, 400);
    let on = json!({ "auto_link": true, "link_from": 0.95, "review_from": 0.8, "every_minutes": 0 });
    assert_eq!(t.write("PUT", "/api/matching/settings", &on).status, 200);
    let last = run(&t, &json!({}))["last_run"].clone();
    assert_eq!(last["linked"], json!(8), "{last}");
    let (a, b) = (person_of(&t, "user_id/u3"), person_of(&t, "email/till3@mail.example"));
    assert_eq!(a, b);
    let why = t.get(&format!("/api/people/{a}/explain")).body;
    let text = why.to_string();
    assert!(text.contains("\"match\"") && text.contains("matcher"), "{why}");
    let path = format!("/api/people/{a}/unmerge");
    let apart = json!({ "identifiers": [{ "namespace": "email", "value": "till3@mail.example" }], "note": "two" });
    assert_eq!(t.write("POST", &path, &apart).status, 200);
    t.settle();
    let last = run(&t, &json!({ "fit": true }))["last_run"].clone();
    assert_eq!(last["linked"], json!(0), "what somebody took apart is not linked again: {last}");
    assert_ne!(person_of(&t, "user_id/u3"), person_of(&t, "email/till3@mail.example"));
}
