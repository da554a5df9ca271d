//! Requests of people about their own data over HTTP: who may ask, what is answered, and how a receipt closes.

use serde_json::{Value, json};
use throughline_testkit::{API_KEY, Answer, TestApp};

const PHONE: &str = "+8613911112222";

fn ann() -> Value {
    json!({ "namespace": "phone", "value": "139 1111 2222" })
}

fn filled() -> TestApp {
    let t = TestApp::with(|s| s.trash_ms = 0, std::sync::Arc::new(throughline_base::SystemClock), None);
    let sent = t.batch(&json!([
        { "type": "identify", "userId": "cust-ann-7", "messageId": "1", "traits": { "phone": PHONE, "name": "李安然" } },
        { "type": "track", "userId": "cust-ann-7", "event": "Product Viewed", "messageId": "2" },
        { "type": "identify", "userId": "cust-bob-8", "messageId": "3", "traits": { "name": "王博" } },
    ]));
    assert_eq!(sent.status, 200, "{}", sent.body);
    t.app.seal_all().unwrap();
    t
}

fn key(t: &TestApp, scope: &str) -> String {
    let made = t.write("POST", "/api/api-keys", &json!({ "name": scope, "scopes": ["read", scope] }));
    format!("Bearer {}", made.body["key"].as_str().unwrap())
}

fn until(t: &TestApp, id: &str, state: &str) -> Value {
    for _ in 0..300 {
        let found = t.get(&format!("/api/privacy/requests/{id}"));
        assert_eq!(found.status, 200, "{}", found.body);
        if found.body["state"] == state {
            return found.body;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{}", t.get(&format!("/api/privacy/requests/{id}")).body);
}

fn audited(t: &TestApp) -> Vec<String> {
    let rows = t.get("/api/audit?limit=100").body;
    rows["items"].as_array().unwrap().iter().map(|r| r["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_erasure_is_answered_at_once_and_its_receipt_closes_line_by_line() {
    let t = filled();
    let refused =
        t.write("POST", "/api/privacy/erase", &json!({ "namespace": "phone", "value": PHONE, "reason": " " }));
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("reason")), "{}", refused.body);
    let mut order = ann();
    order["reason"] = json!("asked by letter");
    let asked = t.write("POST", "/api/privacy/erase", &order);
    assert_eq!((asked.status, &asked.body["kind"]), (202, &json!("erase")), "{}", asked.body);
    let id = asked.body["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("dsr_"));

    let done = until(&t, &id, "done");
    assert!(done["done_at"].is_string(), "{done}");
    assert_eq!(done["receipt"]["by"], "bootstrap", "{done}");
    assert_eq!(done["receipt"]["tombstones"], 2, "{done}");
    for line in done["receipt"]["lines"].as_array().unwrap() {
        assert_eq!(line["state"], "closed", "{line}");
        assert_eq!(line["checksum"].as_str().unwrap().len(), 16, "{line}");
    }
    assert_eq!(t.get(&format!("/api/people/by-identifier/phone/{PHONE}")).status, 404);
    assert_eq!(t.get("/api/people/by-identifier/user_id/cust-bob-8").status, 200);
    let again =
        t.batch(&json!([{ "type": "track", "userId": "cust-ann-7", "event": "Product Viewed", "messageId": "2" }]));
    let verdict = &again.body["events"][0];
    assert_eq!((&verdict["verdict"], &verdict["reason"]), (&json!("rejected"), &json!("erased")), "{}", again.body);
    assert_eq!(t.write("POST", "/api/privacy/erase", &order).body["id"], json!(id), "asked again, the same receipt");
    let list = t.get("/api/privacy/requests").body;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert!(!list.to_string().contains("1111"), "a request does not name the person: {list}");
    assert!(audited(&t).contains(&"privacy.erase".to_owned()));
    let jobs = t.get("/api/jobs").body;
    assert!(jobs["items"].as_array().unwrap().iter().any(|j| j["kind"] == "privacy.erase"), "{jobs}");
}

#[test]
fn an_archive_is_fetched_by_those_who_may_and_by_nobody_else() {
    let t = filled();
    let asked = t.write("POST", "/api/privacy/export", &ann());
    assert_eq!((asked.status, &asked.body["kind"]), (202, &json!("export")), "{}", asked.body);
    let id = asked.body["id"].as_str().unwrap().to_owned();
    let done = until(&t, &id, "done");
    assert!(done["expires_at"].is_string(), "{done}");
    let path = format!("/api/privacy/requests/{id}/archive");
    let reader = key(&t, "personal");
    assert_eq!(t.send("GET", &path, &[("authorization", &reader)], None).status, 403);
    assert_eq!(t.send("GET", &path, &[], None).status, 401);
    let exporter = key(&t, "export");
    assert_eq!(t.send("GET", &path, &[("authorization", &exporter)], None).status, 200);
    assert_eq!(t.send("GET", &path, &[("authorization", &format!("Bearer {API_KEY}"))], None).status, 200);
    let actions = audited(&t);
    assert_eq!(actions.iter().filter(|a| *a == "privacy.download").count(), 2, "{actions:?}");
    let unknown = json!({ "namespace": "phone", "value": "+8613900000000" });
    assert_eq!(t.write("POST", "/api/privacy/export", &unknown).status, 404);
}

#[test]
fn suppressing_and_lifting_are_answered_without_content() {
    let t = filled();
    let id = t.get(&format!("/api/people/by-identifier/phone/{PHONE}")).body["id"].as_str().unwrap().to_owned();
    let sent = |n: u32| -> Answer {
        t.batch(&json!([{ "type": "track", "userId": "cust-ann-7", "event": "Product Viewed", "messageId": format!("n{n}") }]))
    };
    assert_eq!(t.write("POST", "/api/privacy/suppress", &ann()).status, 204);
    assert_eq!(sent(1).body["events"][0]["reason"], "suppressed");
    let may = t.get(&format!("/api/people/{id}/may-contact?purpose=marketing&channel=sms")).body;
    assert_eq!((&may["allowed"], &may["reason"]), (&json!(false), &json!("suppressed")), "{may}");
    let mut lift = ann();
    lift["channel"] = json!("sms");
    lift["evidence"] = json!({});
    assert_eq!(t.write("POST", "/api/privacy/lift", &lift).status, 400);
    lift["evidence"] = json!({ "method": "paper" });
    let lifted = t.write("POST", "/api/privacy/lift", &lift);
    assert_eq!(lifted.status, 204, "{}", lifted.body);
    assert_eq!(sent(2).body["events"][0]["verdict"], "accepted");
    let may = t.get(&format!("/api/people/{id}/may-contact?purpose=marketing&channel=sms")).body;
    assert_eq!(may["allowed"], true, "{may}");
    assert_eq!(t.write("POST", "/api/privacy/lift", &lift).status, 404);
    let kinds: Vec<String> = t.get("/api/privacy/requests").body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["lift", "suppress"]);
}

#[test]
fn each_verb_needs_its_own_right() {
    let t = filled();
    let (reader, writer, exporter, eraser) =
        (key(&t, "personal"), key(&t, "write"), key(&t, "export"), key(&t, "erase"));
    let ask = |method: &str, path: &str, bearer: &str| {
        let mut body = ann();
        body["reason"] = json!("test");
        body["evidence"] = json!({ "method": "paper" });
        t.send(method, path, &[("authorization", bearer)], (method == "POST").then_some(&body)).status
    };
    for path in ["/api/privacy/erase", "/api/privacy/suppress", "/api/privacy/lift"] {
        for bearer in [&reader, &writer, &exporter] {
            assert_eq!(ask("POST", path, bearer), 403, "{path}");
        }
    }
    for bearer in [&reader, &writer, &eraser] {
        assert_eq!(ask("POST", "/api/privacy/export", bearer), 403);
    }
    for bearer in [&reader, &writer] {
        assert_eq!(ask("GET", "/api/privacy/requests", bearer), 403);
        assert_eq!(ask("GET", "/api/privacy/requests/dsr_0000000000001", bearer), 403);
    }
    assert_eq!(ask("GET", "/api/privacy/requests", &exporter), 200);
    assert_eq!(ask("GET", "/api/privacy/requests/dsr_0000000000001", &eraser), 404);
    assert_eq!(ask("POST", "/api/privacy/suppress", &eraser), 204);
}
