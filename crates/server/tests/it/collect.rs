//! The collect endpoints: verdicts, dedupe, limits, back-pressure.

use serde_json::json;
use throughline_testkit::{TestApp, WRITE_KEY};

#[test]
fn a_resent_batch_changes_nothing_and_a_clash_of_ids_is_kept_apart() {
    let t = TestApp::start();
    let first = json!([{ "type": "track", "userId": "u1", "event": "A", "messageId": "m1" }]);
    assert_eq!(t.batch(&first).body["events"][0]["verdict"], "accepted");
    assert_eq!(t.batch(&first).body["events"][0]["verdict"], "duplicate");
    let other = json!([{ "type": "track", "userId": "u1", "event": "B", "messageId": "m1" }]);
    assert_eq!(t.batch(&other).body["events"][0]["verdict"], "duplicate_conflict");
    let status = t.get("/api/status").body;
    assert_eq!((&status["events"], &status["quarantined"]), (&json!(1), &json!(1)));
}

#[test]
fn one_bad_event_never_fails_its_neighbours() {
    let t = TestApp::start();
    let answer = t.batch(&json!([
        { "type": "track", "event": "Nobody", "messageId": "n1" },
        { "type": "track", "userId": "u1", "event": "Fine", "messageId": "n2" },
        { "type": "track", "userId": "undefined", "event": "Blocked", "messageId": "n3" },
        17
    ]));
    assert_eq!(answer.status, 200);
    let verdicts: Vec<_> =
        answer.body["events"].as_array().unwrap().iter().map(|v| v["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["quarantined", "accepted", "quarantined", "quarantined"], "{}", answer.body);
    assert_eq!(answer.body["events"][0]["reason"], "no_identifier");
}

#[test]
fn every_unreadable_event_is_kept_for_itself() {
    let t = TestApp::start();
    let answer = t.batch(&json!([{ "type": "track" }, 17, 18, [], null, 17]));
    let verdicts: Vec<_> =
        answer.body["events"].as_array().unwrap().iter().map(|v| v["verdict"].as_str().unwrap()).collect();
    let kept = ["quarantined", "quarantined", "quarantined", "quarantined", "quarantined", "duplicate"];
    assert_eq!(verdicts, kept, "{}", answer.body);
    assert_eq!(t.get("/api/status").body["quarantined"], 5);
}

#[test]
fn a_batch_without_events_is_answered_like_any_other() {
    let t = TestApp::start();
    let answer = t.batch(&json!([]));
    assert_eq!((answer.status, &answer.body["events"]), (200, &json!([])));
}

#[test]
fn a_time_in_the_future_is_cut_to_the_arrival_and_said_so() {
    let t = TestApp::start();
    let event = json!({ "type": "track", "userId": "u1", "event": "A", "timestamp": "2999-01-01T00:00:00Z" });
    let verdict = t.batch(&json!([event])).body["events"][0].clone();
    assert_eq!((&verdict["verdict"], &verdict["corrected"]), (&json!("corrected"), &json!(["timestamp"])));
}

#[test]
fn an_unknown_key_is_401_and_an_unreadable_body_400() {
    let t = TestApp::start();
    let body = json!({ "batch": [] });
    assert_eq!(t.send("POST", "/v1/batch", &[("x-write-key", "nope")], Some(&body)).status, 401);
    assert_eq!(t.send("POST", "/v1/batch", &[("x-write-key", WRITE_KEY)], None).status, 400);
}

#[test]
fn a_full_queue_says_429_with_retry_after_and_loses_nothing() {
    let t = TestApp::with(|s| s.queue_events = 50, std::sync::Arc::new(throughline_base::SystemClock), None);
    let sent = std::sync::atomic::AtomicUsize::new(0);
    let busy = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (t, sent, busy) = (&t, &sent, &busy);
            scope.spawn(move || {
                for n in 0..20 {
                    let events: Vec<_> = (0..25)
                        .map(|i| {
                            json!({ "type": "track", "userId": format!("u{i}"), "event": "E",
                                         "messageId": format!("{thread}-{n}-{i}") })
                        })
                        .collect();
                    let answer = t.batch(&json!(events));
                    match answer.status {
                        200 => sent.fetch_add(25, std::sync::atomic::Ordering::Relaxed),
                        429 => {
                            assert!(answer.retry_after.is_some());
                            busy.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
                        }
                        other => panic!("{other}: {}", answer.body),
                    };
                }
            });
        }
    });
    assert_eq!(t.get("/api/status").body["events"], json!(sent.into_inner()));
}
