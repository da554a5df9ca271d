//! The event history, jobs and the configuration over HTTP.

use serde_json::{Value, json};
use throughline_testkit::TestApp;

fn job(t: &TestApp, path: &str) -> Value {
    let accepted = t.write("POST", path, &json!({}));
    assert_eq!(accepted.status, 202, "{path}: {}", accepted.body);
    let id = accepted.body["job_id"].clone();
    for _ in 0..200 {
        let jobs = t.get("/api/jobs").body;
        let found = jobs["items"].as_array().unwrap().iter().find(|j| j["id"] == id).unwrap().clone();
        if found["state"] == "done" || found["state"] == "dead" {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{path}: the job does not end: {}", t.get("/api/jobs").body);
}

#[test]
fn the_history_is_sealed_compacted_and_verified_from_the_console() {
    let t = TestApp::start();
    for n in 0..3 {
        let sent = t.batch(&json!([
            { "type": "track", "userId": "u", "event": "Product Viewed", "messageId": format!("m{n}") },
        ]));
        assert_eq!(sent.status, 200, "{}", sent.body);
        let before = t.get("/api/lake").body;
        assert_eq!((&before["rows"], &before["hot_events"]), (&json!(n), &json!(1)), "{before}");
        assert!(before["next_seal_at"].is_string(), "{before}");
        assert_eq!(job(&t, "/api/lake/seal")["state"], "done");
    }
    let sealed = t.get("/api/lake").body;
    assert_eq!((&sealed["rows"], &sealed["files"], &sealed["hot_events"]), (&json!(3), &json!(3), &json!(0)));
    assert!(sealed["last_seal_at"].is_string() && sealed["next_seal_at"].is_null(), "{sealed}");
    let month = &sealed["months"][0];
    assert_eq!((month["month"].as_str().unwrap().len(), &month["rows"]), (7, &json!(3)), "{sealed}");
    assert_eq!(job(&t, "/api/lake/compact")["state"], "done");
    assert_eq!(t.get("/api/lake").body["files"], 1);
    assert_eq!(job(&t, "/api/lake/verify")["state"], "done");
}

#[test]
fn a_damaged_file_kills_the_verifying_job_which_can_be_brought_back() {
    let t = TestApp::start();
    let sent = t.batch(&json!([{ "type": "track", "userId": "u", "event": "Product Viewed", "messageId": "m" }]));
    assert_eq!(sent.status, 200);
    t.app.seal_all().unwrap();
    let file = walk(std::path::Path::new(&t.app.lake_path())).pop().unwrap();
    let whole = std::fs::read(&file).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&file, &bytes).unwrap();

    let dead = job(&t, "/api/lake/verify");
    assert_eq!(dead["state"], "dead", "{dead}");
    assert!(dead["last_error"].as_str().unwrap().contains("lake_unsound"), "{dead}");
    let listed = t.get("/api/jobs?state=dead").body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(t.get("/api/jobs?state=lost").status, 400);

    std::fs::write(&file, &whole).unwrap();
    let back = t.write("POST", &format!("/api/jobs/{}/requeue", dead["id"].as_str().unwrap()), &json!({}));
    assert_eq!((back.status, &back.body["state"]), (200, &json!("ready")), "{}", back.body);
    for _ in 0..200 {
        if t.get("/api/jobs?state=done").body["items"].as_array().unwrap().len() == 1 {
            let again = t.write("POST", &format!("/api/jobs/{}/requeue", dead["id"].as_str().unwrap()), &json!({}));
            assert_eq!(again.status, 409, "a job that is done is not brought back: {}", again.body);
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{}", t.get("/api/jobs").body);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => out.extend(walk(&entry.path())),
            false if entry.path().extension().is_some_and(|e| e == "parquet") => out.push(entry.path()),
            false => {}
        }
    }
    out
}

#[test]
fn the_configuration_is_for_administrators() {
    let mut shown = serde_json::Map::new();
    shown.insert("security".into(), json!({ "session_days": 14, "secret": "***" }));
    let t = TestApp::with(|s| s.shown = shown, std::sync::Arc::new(throughline_base::SystemClock), None);
    let answer = t.get("/api/settings");
    assert_eq!((answer.status, &answer.body["security"]["secret"]), (200, &json!("***")), "{}", answer.body);
    let key = t.write("POST", "/api/api-keys", &json!({ "name": "reader", "scopes": ["read"] })).body;
    let bearer = format!("Bearer {}", key["key"].as_str().unwrap());
    for (method, path) in [
        ("GET", "/api/settings"),
        ("POST", "/api/lake/seal"),
        ("POST", "/api/lake/compact"),
        ("POST", "/api/lake/verify"),
        ("POST", "/api/jobs/job_0000000000001/requeue"),
    ] {
        let refused = t.send(method, path, &[("authorization", &bearer)], Some(&json!({})));
        assert_eq!(refused.status, 403, "{method} {path}: {}", refused.body);
    }
    for path in ["/api/lake", "/api/jobs"] {
        assert_eq!(t.send("GET", path, &[("authorization", &bearer)], None).status, 200, "{path}");
    }
}
