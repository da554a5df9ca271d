//! SIGKILL at any moment: what was acknowledged is there, once.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use throughline_base::Rng;
use throughline_testkit::engines;

use crate::process::{Node, Place};

const USERS: u64 = 8;
const BATCH: u64 = 10;

/// A batch of orders; the same every time, so that sending it again is a retry. Each is worth 1.00.
fn batch(number: u64) -> Value {
    let events: Vec<Value> = (number * BATCH..(number + 1) * BATCH)
        .map(|n| {
            json!({ "type": "track", "event": "Order Completed", "messageId": format!("m{n}"),
                    "userId": format!("u{}", n % USERS), "anonymousId": format!("a{}", n % USERS),
                    "timestamp": "2026-06-01T08:00:00Z",
                    "properties": { "n": n, "order_id": format!("o{n}"), "revenue": 1, "currency": "CNY" } })
        })
        .collect();
    json!({ "batch": events })
}

/// Sends a batch; its verdicts when it was acknowledged.
fn send(node: &Node, number: u64) -> Option<Vec<String>> {
    let reply = node.send("POST", "/v1/batch", Some(&batch(number)))?;
    if reply.status != 200 {
        assert!(matches!(reply.status, 429 | 503), "{}: {}", reply.status, reply.body);
        return None;
    }
    let verdicts = reply.body["events"].as_array().unwrap().iter();
    Some(verdicts.map(|v| v["verdict"].as_str().unwrap().to_owned()).collect())
}

/// Files give text where requests give numbers.
fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

/// The `n` of every event of a person, over all pages of the timeline.
fn timeline(node: &Node, user: u64) -> Vec<u64> {
    let id = node.get(&format!("/api/people/by-identifier/user_id/u{user}"))["id"].as_str().unwrap().to_owned();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = node.get(&format!("/api/people/{id}/timeline?limit=500{cursor}"));
        seen.extend(page["items"].as_array().unwrap().iter().map(|i| number(&i["properties"]["n"])));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

/// Every event of `batches` batches is there once: in the counters, on the timelines and in a scan of everything.
fn there_once(node: &Node, batches: u64, engine: &str) {
    let all = batches * BATCH;
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let status = node.get("/api/status");
        assert_eq!(status["events"].as_u64(), Some(all), "{engine}: {status}");
        // People are counted a moment after their events.
        if status["people"].as_u64() == Some(USERS) {
            break;
        }
        assert!(Instant::now() < until, "{engine}: {status}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut seen: Vec<u64> = (0..USERS).flat_map(|user| timeline(node, user)).collect();
    seen.sort_unstable();
    assert_eq!(seen.len() as u64, all, "{engine}: none twice");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), (0..all).collect(), "{engine}: none lost");
    let total = &node.get("/api/credit/report?lookback_days=30")["total"];
    assert_eq!(
        (total["conversions"].as_u64(), total["revenue_minor"].as_u64()),
        (Some(all), Some(all * 100)),
        "{engine}"
    );
}

/// What is still to be sent, and what is known to be there.
#[derive(Default)]
struct Sent {
    /// Batches whose answer never came.
    unsure: Vec<u64>,
    next: u64,
    acknowledged: BTreeSet<u64>,
}

/// Sends from several threads until the server is killed, `late` after some of it was acknowledged.
fn send_until_killed(node: &Node, sent: &Mutex<Sent>, late: Duration) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let number = {
                        let mut sent = sent.lock().unwrap();
                        sent.unsure.pop().unwrap_or_else(|| {
                            sent.next += 1;
                            sent.next - 1
                        })
                    };
                    let answer = send(node, number);
                    let mut sent = sent.lock().unwrap();
                    if answer.is_some() {
                        sent.acknowledged.insert(number);
                    } else {
                        sent.unsure.push(number);
                    }
                }
            });
        }
        let acknowledged = || sent.lock().unwrap().acknowledged.len();
        let (before, until) = (acknowledged(), Instant::now() + Duration::from_secs(10));
        while acknowledged() < before + 6 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(late);
        node.kill();
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_server_that_is_killed_while_it_records_seals_and_compacts_loses_and_doubles_nothing() {
    for engine in engines() {
        let name = engine.name;
        // Sealed all the time, in small steps, so that every kill finds it at work.
        let busy = [
            ("LAKE_SEAL_ROWS", "60"),
            ("LAKE_SEAL_AFTER_SECONDS", "0"),
            ("LAKE_COMPACT_FILES", "2"),
            ("LAKE_BUCKETS", "1"),
        ];
        let place = Place::new(engine, &busy);
        let sent = Mutex::new(Sent::default());
        let mut rng = Rng::seeded(9);
        for _ in 0..5 {
            send_until_killed(&place.serve(), &sent, Duration::from_millis(rng.below(400)));
        }
        let Sent { unsure, next, acknowledged } = sent.into_inner().unwrap();
        assert!(acknowledged.len() > 20, "{name}: enough was acknowledged to tell: {}", acknowledged.len());
        let node = place.serve();
        for number in unsure {
            assert!(send(&node, number).is_some(), "{name}");
        }
        for number in acknowledged {
            let again = send(&node, number).unwrap();
            assert!(again.iter().all(|v| v == "duplicate"), "{name}: what was acknowledged is known: {again:?}");
        }
        there_once(&node, next, name);
        assert!(node.get("/api/status")["sealed_events"].as_u64() > Some(0), "{name}: it sealed meanwhile");
        drop(node);
        place.run(&["lake", "verify"]);
    }
}

#[test]
fn sealing_and_compaction_killed_at_every_moment_leave_each_event_once() {
    for engine in engines() {
        let name = engine.name;
        let place = Place::new(engine, &[("LAKE_BUCKETS", "2")]);
        let batches = 60;
        for part in 0..3 {
            let node = place.serve();
            for number in part * 20..(part + 1) * 20 {
                assert!(send(&node, number).is_some());
            }
            drop(node);
            place.kill_until_done(&["lake", "seal"], Duration::from_millis(40));
        }
        place.kill_until_done(&["lake", "compact"], Duration::from_millis(40));
        let node = place.serve();
        there_once(&node, batches, name);
        assert_eq!(node.get("/api/status")["sealed_events"], json!(batches * BATCH), "{name}");
        drop(node);
        place.run(&["lake", "verify"]);
    }
}

#[test]
fn an_import_killed_at_every_moment_and_run_again_brings_each_row_once() {
    for engine in engines() {
        let name = engine.name;
        let place = Place::new(engine, &[]);
        let rows = 2_000;
        let file = place.folder.path().join("orders.csv");
        let lines = (0..rows).map(|n| format!("o{n},u{},2026-06-01 08:00:00,{n},1\n", n % USERS));
        std::fs::write(&file, format!("order_id,customer,paid_at,n,total\n{}", lines.collect::<String>())).unwrap();
        let map = place.folder.path().join("map.toml");
        let mapping = "kind = \"events\"\nname = \"orders\"\n[event]\ntype = \"track\"\nname = \"Order Completed\"\n[columns]\n\
                       order_id = \"properties.order_id\"\ncustomer = \"user_id\"\npaid_at = \"timestamp\"\nn = \"properties.n\"\n\
                       total = \"properties.revenue\"\n";
        std::fs::write(&map, mapping).unwrap();
        let verb = ["import", "--map", map.to_str().unwrap(), file.to_str().unwrap()];
        let kills = place.kill_until_done(&verb, Duration::from_millis(30));
        assert!(kills > 0, "{name}: it was killed at work");
        let again = place.run(&verb);
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(said.contains("0 accepted, 2000 duplicates"), "{name}: {said}");
        let node = place.serve();
        there_once(&node, rows / BATCH, name);
    }
}
