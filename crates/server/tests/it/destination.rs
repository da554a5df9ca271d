//! Destinations over HTTP and at the command line: who may make them, what they tell, and that they work.

use std::process::Command;

use serde_json::{Value, json};
use throughline_testkit::{TestApp, engines};

use crate::process::Place;

fn key(t: &TestApp, scopes: &[&str]) -> String {
    let made = t.write("POST", "/api/api-keys", &json!({ "name": "k", "scopes": scopes })).body;
    format!("Bearer {}", made["key"].as_str().unwrap())
}

fn sftp() -> Value {
    json!({
        "name": "partner",
        "settings": { "kind": "sftp", "host": "sftp.example.com", "user": "brand", "folder": "in" },
        "secrets": { "password": "hunter2-hunter2" },
    })
}

#[test]
fn only_who_may_take_data_out_makes_destinations_and_nobody_reads_their_secrets() {
    let t = TestApp::start();
    let (writer, exporter) = (key(&t, &["read", "write", "personal"]), key(&t, &["read", "export"]));
    let post =
        |bearer: &str, body: &Value| t.send("POST", "/api/destinations", &[("authorization", bearer)], Some(body));
    assert_eq!(post(&writer, &sftp()).status, 403);
    let made = post(&exporter, &sftp());
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(post(&exporter, &sftp()).body["code"], "destination_name");
    assert_eq!(made.body["secrets"], json!(["password"]));
    let path = format!("/api/destinations/{}", made.body["id"].as_str().unwrap());
    for (method, path) in [("DELETE", path.clone()), ("PATCH", path.clone()), ("POST", format!("{path}/test"))] {
        let refused = t.send(method, &path, &[("authorization", &writer)], Some(&json!({})));
        assert_eq!(refused.status, 403, "{method} {path}");
    }
    let hook = json!({
        "name": "crm", "settings": { "kind": "webhook" },
        "secrets": { "url": "https://crm.example.com/in?token=verysecret", "headers": { "Authorization": "Bearer verysecret" } },
    });
    let made = post(&exporter, &hook);
    let secret = made.body["signing_secret"].as_str().unwrap().to_owned();
    assert_eq!(made.body["settings"]["host"], "crm.example.com");
    for path in ["/api/destinations".to_owned(), path, "/api/syncs".to_owned()] {
        let seen = t.send("GET", &path, &[("authorization", &writer)], None);
        assert_eq!(seen.status, 200, "{path}: {}", seen.text);
        for hidden in ["hunter2", "verysecret", secret.as_str()] {
            assert!(!seen.text.contains(hidden), "{path}: {}", seen.text);
        }
    }
}

#[test]
fn addresses_inside_the_network_are_refused_with_the_setting_that_allows_them() {
    let t = TestApp::start();
    let hook = |url: &str| json!({ "name": url, "settings": { "kind": "webhook" }, "secrets": { "url": url } });
    for url in ["https://169.254.169.254/latest", "https://[::1]/", "http://crm.example.com/"] {
        let a = t.write("POST", "/api/destinations", &hook(url));
        assert_eq!((a.status, &a.body["code"]), (400, &json!("destination")), "{}", a.text);
        assert!(a.body["detail"].as_str().unwrap().contains("destination.allow_private"), "{}", a.text);
    }
    // A name is looked up when it is used.
    let made = t.write("POST", "/api/destinations", &hook("https://localhost:1/"));
    let test = t.write("POST", &format!("/api/destinations/{}/test", made.body["id"].as_str().unwrap()), &json!({}));
    assert_eq!(test.body["ok"], false);
    assert!(test.body["detail"].as_str().unwrap().contains("private network"), "{}", test.text);
}

#[test]
fn a_sync_that_cannot_work_says_what_is_wrong() {
    let t = TestApp::start();
    let folder = json!({ "name": "desk", "settings": { "kind": "file", "folder": "desk" } });
    let made = t.write("POST", "/api/destinations", &folder);
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/api/destinations/{}/syncs", made.body["id"].as_str().unwrap());
    let base = json!({
        "audience_id": "aud_0000000000001", "purpose": "marketing", "format": { "kind": "meta_customers" },
        "mode": "scheduled", "schedule": { "daily": { "hour": 3, "minute": 0 } },
    });
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = base.clone();
        change(&mut body);
        t.write("POST", &path, &body)
    };
    assert_eq!(with(&|_| {}).body["code"], "audience_unknown");
    assert_eq!(with(&|b| b["schedule"] = Value::Null).body["code"], "schedule");
    assert_eq!(with(&|b| b["schedule"] = json!({ "daily": { "hour": 30, "minute": 0 } })).body["code"], "schedule");
    assert_eq!(
        with(&|b| b["format"] = json!({ "kind": "csv", "columns": [{ "name": "person_id", "source": "tags" }] })).body
            ["code"],
        "columns"
    );
    assert_eq!(with(&|b| b["format"] = json!({ "kind": "fax" })).status, 400);
    let test = t.write("POST", &path.replace("/syncs", "/test"), &json!({}));
    assert_eq!(test.body["ok"], true, "{}", test.text);
}

#[test]
fn destinations_are_listed_tested_and_given_a_new_key_at_the_command_line() {
    for engine in engines() {
        let place = Place::new(engine, &[]);
        let node = place.serve();
        let folder = json!({ "name": "desk", "settings": { "kind": "file", "folder": "desk" } });
        for body in [&folder, &sftp()] {
            assert_eq!(node.send("POST", "/api/destinations", Some(body)).unwrap().status, 201);
        }
        let run = |verb: &[&str]| String::from_utf8(place.run(verb).stdout).unwrap();
        assert!(run(&["destination", "test", "desk"]).contains("it works"));
        node.kill();
        let file = place.data().join("credentials.key");
        let before = std::fs::read_to_string(&file).unwrap();
        assert!(run(&["destination", "rotate-key"]).contains("new key"));
        let after = std::fs::read_to_string(&file).unwrap();
        assert!(after.lines().nth(1) == before.lines().next(), "the old key stays, behind the new one");
        // Only the new key opens now.
        std::fs::write(&file, after.lines().next().unwrap()).unwrap();
        let listed = run(&["destination", "list", "--json"]);
        let partner =
            listed.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()).find(|d| d["name"] == "partner");
        assert_eq!(partner.unwrap()["secrets"], json!(["password"]), "{listed}");
        #[cfg(unix)]
        {
            let mode = Command::new("stat").args(["-c", "%a"]).arg(&file).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&mode.stdout).trim(), "600");
        }
    }
}
