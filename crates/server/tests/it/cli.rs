//! The command line, as a person at a terminal uses it.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use throughline_testkit::{WRITE_KEY, engines};

use crate::process::Place;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn refused(out: &Output) -> String {
    assert!(!out.status.success(), "{}", text(&out.stdout));
    text(&out.stderr)
}

/// A verb without anything around it.
fn bare(folder: &Path, verb: &[&str], env: &[(&str, &str)]) -> Output {
    let mut c = Command::new(env!("CARGO_BIN_EXE_throughline"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("THROUGHLINE_")) {
        c.env_remove(name);
    }
    c.args(verb).current_dir(folder).envs(env.iter().copied()).output().unwrap()
}

#[test]
fn sources_are_made_rotated_and_disabled_at_the_command_line_beside_a_server() {
    for engine in engines() {
        let place = Place::new(engine, &[]);
        let node = place.serve();
        let run = |verb: &[&str]| text(&place.run(verb).stdout);
        let key_of = |said: &str| {
            said.lines().find_map(|l| l.strip_prefix("write key: ")).unwrap_or_else(|| panic!("{said}")).to_owned()
        };
        let old = key_of(&run(&["source", "add", "web shop", "--kind", "web"]));
        let sent = std::cell::Cell::new(0);
        let sends = |key: &str| {
            sent.set(sent.get() + 1);
            let id = format!("m{}", sent.get());
            let event = json!({ "type": "track", "event": "Product Viewed", "userId": "u1", "messageId": id });
            let reply = node.send_with_key("/v1/batch", key, &json!({ "batch": [event] }));
            reply.is_some_and(|r| r.status == 200 && r.body["events"][0]["verdict"] == "accepted")
        };
        let until = |what: &str, holds: &dyn Fn() -> bool| {
            let end = Instant::now() + Duration::from_secs(30);
            while !holds() {
                assert!(Instant::now() < end, "{what}");
                std::thread::sleep(Duration::from_millis(200));
            }
        };
        until("the server hears of a new source", &|| sends(&old));
        let new = key_of(&run(&["source", "rotate", "web shop", "--grace-hours", "1"]));
        assert_ne!(new, old);
        until("the server hears of the new key", &|| sends(&new));
        assert!(sends(&old), "the old key works on");

        let listed = run(&["source", "list", "--json"]);
        let shop: Value =
            listed.lines().map(|l| serde_json::from_str(l).unwrap()).find(|v: &Value| v["name"] == "web shop").unwrap();
        assert_eq!(
            (&shop["kind"], &shop["state"], &shop["write_keys"][0]["key"]),
            (&json!("web"), &json!("active"), &json!(new))
        );
        assert!(run(&["source", "list"]).contains("web shop"));
        let id = shop["id"].as_str().unwrap();
        assert!(run(&["source", "disable", id]).contains("disabled"));
        until("the server hears that the source is disabled", &|| !sends(&new));
        assert!(run(&["source", "enable", id]).contains("active"));
        until("the server hears that the source is back", &|| sends(&new));
        assert!(sends(WRITE_KEY), "other sources do not care");
        let unknown = refused(&place.command(&place.data(), &["source", "rotate", "web shpo"]).output().unwrap());
        assert!(unknown.contains("web shpo") && unknown.contains("web shop"), "{unknown}");
    }
}

#[test]
fn a_mistyped_folder_or_file_is_told_and_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    for verb in [
        &["lake", "status", "--data", "typo"][..],
        &["lake", "path", "--data", "typo"],
        &["lake", "verify", "--data", "typo"],
        &["audit", "--data", "typo"],
        &["source", "list", "--data", "typo"],
        &["source", "add", "shop", "--kind", "web", "--data", "typo"],
        &["backup", "--data", "typo", "x.db"],
        &["backup", "--database-url", "sqlite://typo.db", "x.db"],
        &["move", "--from", "typo.db", "--to", "other.db"],
    ] {
        let said = refused(&bare(folder.path(), verb, &[]));
        assert!(said.contains("there is no database") && said.contains("typo"), "{verb:?}: {said}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty(), "{verb:?} leaves {left:?}");
    }
}

#[test]
fn a_setting_that_cannot_be_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value, words) in [
        ("THROUGHLINE_LAEK_URL", "x", &["THROUGHLINE_LAEK_URL", "THROUGHLINE_LAKE_URL"][..]),
        ("THROUGHLINE_SERVER_LISTENS", "x", &["THROUGHLINE_SERVER_LISTENS", "THROUGHLINE_SERVER_LISTEN"]),
        ("THROUGHLINE_REPORT_TIME_ZONE", "Mars", &["report.time_zone", "Mars"]),
        ("THROUGHLINE_REPORT_CURRENCY", "coins", &["report.currency"]),
        ("THROUGHLINE_COLLECT_MAX_BODY_KB", "0", &["collect.max_body_kb"]),
        ("THROUGHLINE_COLLECT_QUEUE_EVENTS", "-5", &["collect.queue_events"]),
        ("THROUGHLINE_SERVER_HEAD_SECONDS", "0", &["server.head_seconds"]),
        ("THROUGHLINE_SERVER_MAX_CONNECTIONS", "0", &["server.max_connections"]),
        ("THROUGHLINE_SERVER_LISTEN", "here", &["server.listen", "here"]),
        ("THROUGHLINE_SERVER_PUBLIC_URL", "data.example.com", &["server.public_url", "https://"]),
        ("THROUGHLINE_LAKE_BUCKETS", "0", &["lake.buckets"]),
        ("THROUGHLINE_LOG_FORMAT", "xml", &["log.format", "json"]),
        ("THROUGHLINE_LOG_LEVEL", "loud=very=", &["log.level"]),
        ("THROUGHLINE_SECURITY_SESSION_DAYS", "0", &["security.session_days"]),
    ] {
        for verb in [&["serve", "--data", "d"][..], &["config"]] {
            let said = refused(&bare(folder.path(), verb, &[(name, value)]));
            assert!(words.iter().all(|w| said.contains(w)), "{name}={value}: {said}");
        }
        assert!(!folder.path().join("d").exists(), "{name}={value} is noticed before anything is made");
    }
    let fine =
        [("THROUGHLINE_BOOTSTRAP_API_KEY", "k"), ("THROUGHLINE_SHARED", "/s"), ("THROUGHLINE_LAKE_BUCKETS", "8")];
    let out = bare(folder.path(), &["config"], &fine);
    assert!(out.status.success() && text(&out.stdout).contains("buckets = 8"), "{}", text(&out.stderr));
}

#[test]
fn a_database_is_not_moved_away_under_a_running_server() {
    for engine in engines() {
        let (name, url) = (engine.name, engine.url.clone());
        let place = Place::new(engine, &[]);
        let node = place.serve();
        let from = match name {
            "sqlite" => place.data().join("throughline.db").to_str().unwrap().to_owned(),
            _ => url,
        };
        let to = place.folder.path().join("other.db");
        let verb = ["move", "--from", &from, "--to", to.to_str().unwrap()];
        let said = refused(&bare(place.folder.path(), &verb, &[]));
        assert!(said.contains("in use by a server"), "{said}");
        assert!(!to.exists(), "nothing was begun");
        node.kill();
        // PostgreSQL needs a moment to see that the process died.
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let moved = bare(place.folder.path(), &verb, &[]);
            if moved.status.success() {
                break;
            }
            let said = refused(&moved);
            assert!(name == "postgres" && said.contains("in use"), "a server that died holds nothing: {said}");
            assert!(Instant::now() < until, "{said}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
