//! What the server writes down while it works: no personal value and no secret, whatever is asked and however it fails.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

/// A secret of each kind and every form of a person's data that is sent, in lower case.
const KEPT_OUT: [&str; 14] = [
    "13911112222",
    "139 1111 2222",
    "ann.li@example.com",
    "李安然",
    "cust-ann-7",
    "dev-ann-cookie",
    "幸福路",
    "owner@example.com",
    "violet harbour 19",
    "wrong harbour 20",
    "log-test-api-key",
    "log-test-write-key",
    "log-test-wrong-key",
    "tl_session=",
];

struct Server {
    child: Child,
    url: String,
    agent: ureq::Agent,
    said: std::thread::JoinHandle<String>,
    errors: std::thread::JoinHandle<String>,
    _folder: tempfile::TempDir,
}

fn all_of(mut from: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        from.read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    })
}

impl Server {
    fn start(database_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_throughline"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .env("THROUGHLINE_STORE_DATABASE_URL", database_url)
            // The most talkative there is.
            .env("THROUGHLINE_LOG_LEVEL", "trace")
            .env("THROUGHLINE_BOOTSTRAP_API_KEY", "log-test-api-key")
            .env("THROUGHLINE_BOOTSTRAP_WRITE_KEY", "log-test-write-key")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = all_of(child.stderr.take().unwrap());
        let (told, address) = mpsc::channel();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let said = std::thread::spawn(move || {
            let mut first = String::new();
            out.read_line(&mut first).unwrap();
            told.send(first.clone()).unwrap();
            let mut rest = String::new();
            out.read_to_string(&mut rest).unwrap();
            first + &rest
        });
        let first = address.recv_timeout(Duration::from_secs(60)).expect("the server says where it is");
        let url = first.trim().rsplit(' ').next().unwrap().to_owned();
        let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
        Self { child, url, agent, said, errors, _folder: folder }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", "application/json").body(body.to_owned()).unwrap();
        let mut answer = self.agent.run(request).expect("the server answers");
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
    }

    fn collect(&self, key: &str, body: &str) -> u16 {
        self.send("POST", "/v1/batch", &[("x-write-key", key)], body).0
    }

    fn admin(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.send(method, path, &[("authorization", "Bearer log-test-api-key")], &body.to_string())
    }

    /// Waits until a privacy request is no longer being worked on.
    fn settled(&self, asked: &Value) {
        let path = format!("/api/privacy/requests/{}", asked["id"].as_str().unwrap());
        for _ in 0..200 {
            if self.admin("GET", &path, &Value::Null).1["state"] != "running" {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{asked} does not end");
    }

    /// Stops it and gives everything it wrote.
    fn output(mut self) -> String {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        assert!(self.child.wait().unwrap().success());
        self.said.join().unwrap() + &self.errors.join().unwrap()
    }
}

fn events() -> String {
    json!({ "batch": [
        { "type": "identify", "userId": "cust-ann-7", "anonymousId": "dev-ann-cookie", "messageId": "1",
          "traits": { "phone": "139 1111 2222", "email": "Ann.Li@example.com", "name": "李安然", "address": "幸福路 1 号" } },
        { "type": "track", "event": "Order Completed", "userId": "cust-ann-7", "messageId": "2",
          "properties": { "order_id": "o-1", "revenue": 10, "receiver": "李安然" } },
        // Without a name, with a broken time, with another content under a known id, naming nobody, no event at all.
        { "type": "track", "userId": "cust-ann-7", "context": { "traits": { "phone": "139 1111 2222" } } },
        { "type": "track", "event": "A", "userId": "cust-ann-7", "timestamp": "ann.li@example.com", "messageId": "3" },
        { "type": "track", "event": "B 李安然", "userId": "cust-ann-7", "messageId": "2" },
        { "type": "track", "event": "C", "properties": { "phone": "139 1111 2222" } },
        "ann.li@example.com",
    ] })
    .to_string()
}

#[test]
fn neither_personal_data_nor_secrets_reach_the_log() {
    nothing_is_told(Server::start(""));
}

/// The driver of PostgreSQL would tell the parameters of every statement.
#[test]
fn nor_on_postgresql() {
    let Ok(url) = std::env::var("THROUGHLINE_TEST_POSTGRES_URL") else {
        assert!(std::env::var("THROUGHLINE_REQUIRE_POSTGRES").is_err(), "no url of PostgreSQL is set");
        return;
    };
    let schema = format!("tl_logs_{}", std::process::id());
    let psql = |statement: &str| {
        let done = Command::new("psql").args(["-q", "-d", &url, "-c", statement]).status().unwrap();
        assert!(done.success(), "{statement}");
    };
    psql(&format!("CREATE SCHEMA {schema}"));
    let sign = if url.contains('?') { '&' } else { '?' };
    nothing_is_told(Server::start(&format!("{url}{sign}options=-csearch_path%3D{schema}")));
    psql(&format!("DROP SCHEMA {schema} CASCADE"));
}

fn nothing_is_told(s: Server) {
    // Good and bad input, with a good key, a wrong one, and bytes that are cut off.
    assert_eq!(s.collect("log-test-write-key", &events()), 200);
    assert_eq!(s.collect("log-test-wrong-key", &events()), 401);
    assert_eq!(s.collect("log-test-write-key", &events()[..200]), 400);
    assert!(s.send("GET", "/v1/pixel?phone=13911112222&write_key=log-test-wrong-key", &[], "").0 >= 400);
    // Set-up, sign-in good and bad, keys wrong and right.
    let owner =
        json!({ "email": "owner@example.com", "name": "李安然", "password": "violet harbour 19", "locale": "zh-CN" });
    assert_eq!(s.send("POST", "/api/setup", &[], &owner.to_string()).0, 201);
    let sign_in = |password: &str| json!({ "email": "owner@example.com", "password": password }).to_string();
    assert_eq!(s.send("POST", "/api/session", &[], &sign_in("wrong harbour 20")).0, 401);
    assert_eq!(s.send("POST", "/api/session", &[], &sign_in("violet harbour 19")).0, 200);
    let wrong = [("authorization", "Bearer log-test-wrong-key")];
    assert_eq!(s.send("GET", "/api/people/by-identifier/phone/13911112222", &wrong, "").0, 401);
    assert_eq!(s.send("GET", "/api/status", &[("cookie", "tl_session=log-test-wrong-key")], "").0, 401);
    // Looking people up, with and without success, and forms that cannot be read.
    for path in [
        "/api/people/by-identifier/phone/13911112222",
        "/api/people/by-identifier/email/ann.li@example.com",
        "/api/people?q=%E6%9D%8E%E5%AE%89%E7%84%B6",
        "/api/people/ann.li@example.com",
        "/api/quarantine?limit=10",
    ] {
        s.admin("GET", path, &Value::Null);
    }
    s.admin("POST", "/api/privacy/erase", &json!({ "phone": "139 1111 2222" }));
    s.admin("POST", "/api/privacy/erase", &json!("ann.li@example.com"));
    // Sealing, export, suppression, erasure, and everything sent again.
    s.admin("POST", "/api/lake/seal", &json!({}));
    let who = json!({ "namespace": "phone", "value": "139 1111 2222" });
    let (status, exported) = s.admin("POST", "/api/privacy/export", &who);
    assert_eq!(status, 202, "{exported}");
    s.settled(&exported);
    let archive = format!("/api/privacy/requests/{}/archive", exported["id"].as_str().unwrap());
    assert_eq!(s.admin("GET", &archive, &Value::Null).0, 200);
    let order = json!({ "namespace": "email", "value": "ann.li@example.com", "reason": "asked by letter" });
    let (status, erased) = s.admin("POST", "/api/privacy/erase", &order);
    assert_eq!(status, 202, "{erased}");
    s.settled(&erased);
    assert_eq!(s.collect("log-test-write-key", &events()), 200);
    assert_eq!(s.admin("POST", "/api/privacy/suppress", &who).0, 204);

    let output = s.output().to_lowercase();
    assert!(output.contains("throughline is ready at") && output.contains("privacy.erase"), "too quiet: {output}");
    for needle in KEPT_OUT {
        if let Some(line) = output.lines().find(|l| l.contains(needle)) {
            panic!("`{needle}` was logged: {line}");
        }
    }
}
