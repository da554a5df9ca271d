//! The demo's verbs, run as an operator runs them: the binary, its output, its files.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

const UNTIL: &str = "2026-11-20T16:00:00Z";

fn throughline(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.args(args).env("THROUGHLINE_LOG_LEVEL", "error").env_remove("THROUGHLINE_API_KEY");
    command
}

/// What a verb prints; it must succeed.
fn output(args: &[&str]) -> String {
    let out = throughline(args).output().unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// A server in a process of its own, killed when dropped.
struct Served {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Served {
    fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = throughline(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
        command.args(more).env("THROUGHLINE_BOOTSTRAP_API_KEY", "key").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().unwrap().unwrap();
        let url = ready.rsplit(' ').next().unwrap().to_owned();
        Self { child, lines, url }
    }

    fn says(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn score(args: &[&str]) -> Value {
    serde_json::from_str(&output(args)).unwrap()
}

/// Nobody is taken for somebody else, what events prove is found, no order is lost, and credit is measured.
fn assert_good(s: &Value) {
    let number = |path: &str| s.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} of {s}"));
    assert!(number("/identity/pairs/precision") >= 0.99, "{s}");
    assert!(number("/identity/provable_pairs/recall") >= 0.97, "{s}");
    assert!(number("/identity/people_true") > 30.0, "{s}");
    assert!(number("/orders/truth") > 10.0, "{s}");
    assert_eq!(s["orders"]["truth"], s["orders"]["found"]);
    assert_eq!(s["orders"]["truth_net_minor"], s["orders"]["found_net_minor"]);
    let models: Vec<&String> = s["credit"].as_object().unwrap().keys().collect();
    assert_eq!(models, ["first", "last", "last_non_direct", "linear", "position", "time_decay"]);
    assert!(number("/credit/linear/total_variation") < 0.5, "{s}");
}

#[test]
fn the_demo_serves_itself_is_measured_and_is_not_loaded_twice() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let demo = ["--demo", "--demo-people", "60"];
    let mut server = Served::start(folder.path(), &demo);
    let loaded = server.says();
    assert!(loaded.starts_with("demo loaded: ") && loaded.contains("of 60 people"), "{loaded}");
    let truth = folder.path().join("demo/truth.jsonl");
    let by_url =
        ["demo", "score", "--json", "--url", &server.url, "--api-key", "key", "--truth", truth.to_str().unwrap()];
    let asked = score(&by_url);
    assert_good(&asked);
    drop(server);
    let mut read = score(&["demo", "score", "--json", "--data", data]);
    // Asking leads only to identifiers that the truth knows, reading finds the typing errors too.
    assert!(read["identity"]["unknown_identifiers"].as_u64() >= asked["identity"]["unknown_identifiers"].as_u64());
    read["identity"]["unknown_identifiers"] = asked["identity"]["unknown_identifiers"].clone();
    assert_eq!(read, asked, "the folder tells what the server told");
    let table = output(&["demo", "score", "--data", data]);
    for word in ["precision", "recall", "last_non_direct", "no event ties to their owner"] {
        assert!(table.contains(word), "{table}");
    }

    let again = Served::start(folder.path(), &demo);
    let status = || {
        let asked = ureq::get(format!("{}/api/status", again.url)).header("authorization", "Bearer key").call();
        asked.unwrap().body_mut().read_json::<Value>().unwrap()
    };
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while status()["demo"]["state"] != "ready" {
        assert!(std::time::Instant::now() < patience, "{}", status());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(status()["sources"], 16);
}

#[test]
fn the_demo_is_sent_to_a_server_that_knows_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let truth = folder.path().join("truth.jsonl");
    let truth = truth.to_str().unwrap();
    let server = Served::start(&folder.path().join("data"), &[]);
    let refused =
        throughline(&["demo", "--people", "5", "--to", &server.url, "--write-key", "wrong", "--truth", truth]);
    let refused = { refused }.output().unwrap();
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("answered 401"), "{why}");

    let to = ["demo", "--people", "60", "--to", &server.url, "--api-key", "key", "--truth", truth];
    let said = output(&to);
    assert!(said.contains("of 60 people sent in"), "{said}");
    let by_url = ["demo", "score", "--json", "--url", &server.url, "--api-key", "key", "--truth", truth];
    let first = score(&by_url);
    assert_good(&first);
}

#[test]
fn the_demo_as_files_is_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let out = folder.path().join(name);
        output(&["demo", "--people", "20", "--seed", "7", "--until", UNTIL, "--out", out.to_str().unwrap()]);
        ["requests.jsonl", "sources.jsonl", "spend.csv", "truth.jsonl"]
            .map(|file| std::fs::read_to_string(out.join(file)).unwrap())
    };
    let first = write("a");
    assert_eq!(first, write("b"));
    let requests: Vec<Value> = first[0].lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(requests.len() > 50, "{}", requests.len());
    let sources: HashSet<String> = first[1]
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["key"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(sources.len(), 16);
    for r in &requests {
        assert!(sources.contains(r["source"].as_str().unwrap()), "{r}");
        assert!(r["body"].is_string() != r["body_base64"].is_string(), "{r}");
    }
    assert!(first[2].lines().count() > 500 && first[2].starts_with("date,channel,campaign,"), "{}", &first[2][..200]);
}
