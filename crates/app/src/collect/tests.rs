//! What becomes of events that are odd, seen from the sender and from what is kept.

use serde_json::{Value, json};
use throughline_base::FixedClock;
use throughline_domain::event::wire::Headers;
use throughline_store::event::{self as rows, QuarantineFilter, Quarantined};

use super::*;
use crate::Settings;
use crate::team::Caller;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;

struct Shop {
    app: Arc<App>,
    _folder: tempfile::TempDir,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.app.close();
    }
}

impl Shop {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Settings::new(folder.path()), Arc::new(FixedClock::at_ms(NOW))).unwrap();
        Self { app, _folder: folder }
    }

    /// A source and its key.
    fn source(&self, kind: &str) -> (Arc<Source>, String) {
        let made = self.app.source_create(&Caller::cli(), kind, kind, None).unwrap();
        (made.source, made.keys[0].key.clone())
    }

    fn prepared(&self, path: &str, key: &str, body: &str) -> Batch {
        let headers = Headers { write_key: Some(key), ..Headers::default() };
        let req = WireRequest { path, headers, body: body.as_bytes(), ..WireRequest::default() };
        self.app.collect_prepare(&req, None).unwrap()
    }

    fn send(&self, key: &str, events: &Value) -> Vec<EventVerdict> {
        let batch = self.prepared("/v1/batch", key, &json!({ "batch": events }).to_string());
        self.app.collect_wait(batch).unwrap()
    }

    fn quarantined(&self) -> Vec<Quarantined> {
        self.app.quarantine_list(&QuarantineFilter::default(), None, 100).unwrap().items
    }

    fn events(&self) -> i64 {
        self.app.status().unwrap().events
    }
}

fn verdicts(of: &[EventVerdict]) -> Vec<&'static str> {
    of.iter().map(|v| v.verdict.as_str()).collect()
}

#[test]
fn a_nul_anywhere_in_an_event_fails_neither_its_neighbours_nor_what_follows() {
    let shop = Shop::open();
    let (_, key) = shop.source("web");
    let good = json!({"type": "track", "event": "good", "userId": "z"});
    let events = json!([
        good,
        {"type": "track", "event": "e", "userId": "z", "properties": {"k\u{0}": "v", "d": {"\u{0}k": "\u{0}"}}},
        {"type": "identify", "userId": "z", "traits": {"na\u{0}me": "x", "$unset": ["a\u{0}"]}},
        {"type": "identify", "userId": "z", "traits": {"phone\u{0}": "bad", "email": "a\u{0}@"}},
        {"type": "track", "event": "\u{0}odd\u{0}", "messageId": "m\u{0}"},
        {"type": "track", "event": "e", "userId": "z\u{0}", "ids": {"card\u{0}": "1"}, "fo\u{0}o": "\u{0}"},
        {"type": "group", "userId": "z", "groupId": "g\u{0}", "context": {"app\u{0}": {"\u{0}": 1}, "ip": "\u{0}", "userAgent": "\u{0}"}},
        {"type": "dance\u{0}", "userId": "z"},
        {"type": "page", "userId": "z", "name": "p\u{0}", "properties": {"url": "https://s.cn/?utm_source=%00x&clickid=\u{0}"}},
        {"type": "track", "event": "Order Completed", "userId": "z", "properties": {"order_id": "o\u{0}", "total": "1\u{0}2", "currency": "C\u{0}"}},
    ]);
    let got = shop.send(&key, &events);
    let expected = [
        "accepted",
        "corrected",
        "corrected",
        "corrected",
        "quarantined",
        "corrected",
        "corrected",
        "quarantined",
        "corrected",
        "corrected",
    ];
    assert_eq!(verdicts(&got), expected);
    assert_eq!(got[1].corrected, ["properties.k", "properties.d.k"]);
    let names: Vec<_> = shop.quarantined().into_iter().map(|q| (q.event_name, q.reason)).collect();
    assert!(names.contains(&("odd".into(), "no_identifier".into())), "{names:?}");
    shop.app.react_all().unwrap();
    assert_eq!((shop.events(), shop.app.follower.skipped()), (8, 0));
    assert_eq!(shop.app.seal_all().unwrap().events, 8);
}

#[test]
fn an_event_that_the_store_refuses_is_kept_in_quarantine_and_its_neighbours_are_recorded() {
    let shop = Shop::open();
    let (source, key) = shop.source("server");
    let events: Vec<Value> = (0..5)
        .map(|i| json!({"event": "E", "userId": "u", "messageId": format!("m{i}"), "properties": {"n\u{0}": i}}))
        .collect();
    let body = json!({ "batch": events }).to_string();
    let spoilt = || {
        let mut batch = shop.prepared("/v1/batch", &key, &body);
        // What cleaning might one day forget.
        let Item::Ready(event, _) = &mut batch.items[2] else { unreachable!("it is ready") };
        event.name = "E\u{0}".into();
        batch
    };
    let got = shop.app.collect_wait(spoilt()).unwrap();
    assert_eq!(verdicts(&got), ["corrected", "corrected", "quarantined", "corrected", "corrected"]);
    assert_eq!(got[2].reason.as_deref(), Some("unstorable"));
    assert_eq!(shop.events(), 4);
    let kept = shop.quarantined().remove(0);
    assert_eq!((kept.reason.as_str(), kept.event_name.as_str(), kept.source_id), ("unstorable", "E", source.id));
    let raw: RawEvent = serde_json::from_str(&kept.raw).unwrap();
    assert_eq!((raw.message_id.as_deref(), &raw.properties["n\u{0}"]), (Some("m2"), &json!(2)), "as it was sent");
    let again = shop.app.collect_wait(spoilt()).unwrap();
    assert_eq!(verdicts(&again), ["duplicate"; 5], "sending it again changes nothing");
    // A group of requests in which one holds such an event; the others have what they want along with them.
    let (tx, rx) = std::sync::mpsc::channel();
    let along = |n: usize| {
        let tx = tx.clone();
        let said: AlongFn = Box::new(move |_, verdicts| {
            let _ = tx.send((n, verdicts.len()));
            Ok(())
        });
        said
    };
    let good = shop.prepared("/v1/batch", &key, r#"{"batch":[{"event":"E","userId":"v"}]}"#);
    let mut caches = record::Caches::load(&shop.app).unwrap();
    let mut fresh = spoilt();
    let Item::Ready(event, _) = &mut fresh.items[0] else { unreachable!("it is ready") };
    event.message_id = "m9".into();
    let mut group = [good.along(along(0)), fresh.along(along(1))];
    writer::write_group(&shop.app, &mut caches, &mut group);
    let mut said: Vec<_> = rx.try_iter().collect();
    said.sort_unstable();
    said.dedup();
    assert_eq!((said, shop.events()), (vec![(0, 1), (1, 5)], 6));
}

#[test]
fn a_refusal_of_the_store_is_answered_with_try_again_and_never_with_drop_it() {
    let shop = Shop::open();
    let (_, key) = shop.source("server");
    let batch = shop.prepared("/v1/batch", &key, r#"{"event":"E","userId":"u"}"#);
    let refuse: AlongFn = Box::new(|_, _| Err(throughline_store::StoreError::invalid("nul_in_text", "refused")));
    let answer = shop.app.collect_wait(batch.along(refuse)).unwrap_err();
    assert_eq!(answer.kind, ProblemKind::Unavailable);
}

#[test]
fn a_conflict_keeps_what_was_sent() {
    let shop = Shop::open();
    let (_, key) = shop.source("server");
    let event = |phone: &str| json!([{"type": "identify", "userId": "u", "messageId": "m", "traits": {"phone": phone}, "extra_field": [1]}]);
    assert_eq!(verdicts(&shop.send(&key, &event("139 1234 5678"))), ["corrected"]);
    assert_eq!(verdicts(&shop.send(&key, &event("139 8765 4321"))), ["duplicate_conflict"]);
    let kept = shop.quarantined().remove(0);
    let raw: RawEvent = serde_json::from_str(&kept.raw).unwrap();
    assert_eq!(raw.client, throughline_domain::event::Client::Segment);
    assert_eq!((&raw.traits["phone"], raw.user_id.as_deref()), (&json!("139 8765 4321"), Some("u")));
    assert_eq!(raw.extra["extra_field"], json!([1]));
    // Also when most of the request is no event.
    let padded = format!(r#"{{"pad":"{}","batch":{}}}"#, "x".repeat(40_000), event("139 0000 4321"));
    let batch = shop.prepared("/v1/batch", &key, &padded);
    assert_eq!(verdicts(&shop.app.collect_wait(batch).unwrap()), ["duplicate_conflict"]);
    assert!(shop.quarantined().iter().any(|q| q.raw.contains("139 0000 4321")));
}

#[test]
fn values_that_cannot_be_used_are_in_the_verdict_or_in_quarantine() {
    let shop = Shop::open();
    let (source, key) = shop.source("server");
    let got = shop.send(
        &key,
        &json!([
            {"event": "K1", "anonymousId": "a", "properties": [1], "context": "str", "foo": 1, "userId": ["a"]},
            {"event": "K2", "userId": ["a"]},
            {"event": "K3", "userId": "u", "properties": {"long": "x".repeat(40_000)}},
        ]),
    );
    assert_eq!(verdicts(&got), ["corrected", "quarantined", "rejected"]);
    assert_eq!(got[0].corrected, ["properties", "context", "foo", "userId"]);
    let hot = shop.app.db.read(|tx| rows::hot_after(tx, throughline_base::EventId::new(0), 10)).unwrap();
    let context: Value = serde_json::from_str(&hot[0].context).unwrap();
    assert_eq!(context["$event"]["corrections"][3], json!({"field": "userId", "raw": ["a"], "rule": "not_usable"}));
    let kept: Value = serde_json::from_str(&shop.quarantined()[0].raw).unwrap();
    assert_eq!(kept["extra"]["userId"], json!(["a"]));
    let warned = shop.app.source_warnings(source.id, 10).unwrap();
    let over: Vec<_> = warned.iter().filter(|w| w.code == "over_limit").collect();
    assert_eq!((over.len(), over[0].count), (1, 1), "{warned:?}");
}

#[test]
fn a_web_page_takes_neither_a_phone_nor_a_card_from_its_owner() {
    let shop = Shop::open();
    let ((_, till), (_, web)) = (shop.source("server"), shop.source("web"));
    let owner = json!([{"type": "identify", "userId": "owner", "traits": {"phone": "13911110001", "member_no": "M1", "unionid": "un1"}}]);
    shop.send(&till, &owner);
    let of = |namespace: &str, value: &str| shop.app.person_by_identifier(namespace, value).unwrap();
    let before = of("user_id", "owner");
    let event = json!({"type": "identify", "userId": "attacker", "traits": {"phone": "13911110001", "phone_verified": true,
        "member_no": "M1", "unionid": "un1"}});
    assert_eq!(verdicts(&shop.send(&web, &json!([event]))), ["corrected"], "the phone in its common form");
    // A card alone, and a card with the owner's own.
    shop.send(
        &web,
        &json!([{"type": "identify", "anonymousId": "x", "traits": {"member_no": "M1", "unionid": "un2"}}]),
    );
    for (namespace, value) in
        [("phone", "+8613911110001"), ("member_no", "M1"), ("unionid", "un1"), ("user_id", "owner")]
    {
        assert_eq!(of(namespace, value), before, "{namespace}");
    }
    assert_ne!(of("user_id", "attacker"), before);
    let ids = shop.app.person(of("user_id", "owner")).unwrap().identifiers;
    assert_eq!(ids.len(), 4, "{ids:?}");
}
