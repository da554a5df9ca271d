//! What fixes do to quarantined events.

use serde_json::{Value, json};
use throughline_base::{SourceId, Timestamp};

use super::*;
use crate::event::raw::Client;
use crate::event::wire::{Limits, generic};
use crate::event::{Event, Prepared, SourceContext, prepare};

const NOW: Timestamp = Timestamp::from_ms(1_795_304_500_000);

fn raw(event: &Value) -> RawEvent {
    generic::decode(event.to_string().as_bytes(), Client::Generic, &Limits::default())
        .unwrap()
        .events
        .remove(0)
        .unwrap()
}

fn ops(list: &Value) -> Vec<FixOp> {
    serde_json::from_value(list.clone()).unwrap()
}

fn prepared(raw: RawEvent) -> Result<Event, QuarantineReason> {
    match prepare(raw, &SourceContext::new(SourceId::new(1), "web"), NOW) {
        Prepared::Ready(e) => Ok(*e),
        Prepared::Quarantine { reason, .. } => Err(reason),
    }
}

#[test]
fn every_operation_does_its_work() {
    let before = raw(&json!({"event": "buy", "userId": "u", "messageId": "m", "properties": {
        "cost": "1,200", "when": "2026/11/21 08:00", "ok": "yes", "state": "P", "secret": 1, "lines": [{"q": "1"}, {"q": "2", "unit": null}]}}));
    let fix = ops(&json!([
        {"op": "rename_event", "from": "buy", "to": "Order Completed"},
        {"op": "rename_event", "from": "sell", "to": "Never"},
        {"op": "rename", "from": "properties.cost", "to": "properties.money.total"},
        {"op": "cast", "path": "properties.money.total", "to": "number"},
        {"op": "cast", "path": "properties.when", "to": "time"},
        {"op": "rename", "from": "properties.when", "to": "timestamp"},
        {"op": "cast", "path": "properties.ok", "to": "boolean"},
        {"op": "map_value", "path": "properties.state", "map": {"P": "paid"}},
        {"op": "cast", "path": "properties.lines[].q", "to": "integer"},
        {"op": "set_default", "path": "properties.lines[].unit", "value": "pcs"},
        {"op": "set_default", "path": "properties.currency", "value": "CNY"},
        {"op": "set_default", "path": "properties.state", "value": "no"},
        {"op": "drop", "path": "properties.secret"},
    ]));
    assert!(fix.iter().all(|op| op.problem().is_none()));
    let after = apply(&before, &fix);
    assert_eq!((after.name.as_str(), &after.timestamp), ("Order Completed", &json!("2026-11-21T08:00:00.000")));
    assert_eq!(
        Value::Object(after.properties),
        json!({"ok": true, "state": "paid", "lines": [{"q": 1, "unit": "pcs"}, {"q": 2, "unit": "pcs"}], "money": {"total": 1200}, "currency": "CNY"})
    );
}

#[test]
fn an_event_without_an_id_keeps_the_key_of_its_first_form() {
    let event = raw(&json!({"event": "x", "properties": {"uid": 7}}));
    let fixed = apply(&event, &ops(&json!([{"op": "rename", "from": "properties.uid", "to": "user_id"}])));
    assert_eq!(prepared(event.clone()), Err(QuarantineReason::NoIdentifier));
    let Prepared::Quarantine { event: Some(first), .. } =
        prepare(event, &SourceContext::new(SourceId::new(1), "web"), NOW)
    else {
        panic!("quarantined")
    };
    let ready = prepared(fixed.clone()).unwrap();
    assert_eq!((ready.message_id, ready.message_id_derived), (first.message_id, true));
    assert_eq!(apply(&fixed, &[]).message_id, fixed.message_id);
}

#[test]
fn faults_of_decoding_go_when_they_are_mended() {
    let odd = raw(&json!({"type": "dance", "event": "x", "userId": "u"}));
    let named = ops(
        &json!([{"op": "rename", "from": "extra.type", "to": "extra.old"}, {"op": "set_default", "path": "kind", "value": "track"},
        {"op": "rename_event", "to": "Danced"}]),
    );
    assert_eq!(prepared(odd.clone()), Err(QuarantineReason::Malformed));
    assert_eq!(prepared(apply(&odd, &named)).unwrap().name, "Danced");
    let mapped = ops(
        &json!([{"op": "map_value", "path": "extra.type", "map": {"dance": "page"}}, {"op": "rename", "from": "extra.type", "to": "kind"}]),
    );
    assert_eq!(prepared(apply(&odd, &mapped)).unwrap().kind.as_str(), "page");

    let long = raw(&json!({"event": "x", "userId": "u", "messageId": "m".repeat(150)}));
    let raise = |to: u64| ops(&json!([{"op": "raise_limit", "limit": "message_id", "to": to}]));
    assert_eq!(prepared(apply(&long, &raise(149))), Err(QuarantineReason::OverLimit));
    assert!(prepared(apply(&long, &raise(150))).is_ok());
}

#[test]
fn operations_that_cannot_work_are_told_and_left_out() {
    let told = |op: Value| serde_json::from_value::<FixOp>(op).unwrap().problem();
    for bad in [
        json!({"op": "drop", "path": "message_id"}),
        json!({"op": "drop", "path": "properties..x"}),
        json!({"op": "drop", "path": ""}),
        json!({"op": "rename", "from": "properties.a[].b", "to": "properties.c"}),
        json!({"op": "rename_event", "to": " "}),
    ] {
        assert!(told(bad.clone()).is_some(), "{bad}");
    }
    let event = raw(&json!({"event": "x", "userId": "u", "messageId": "m", "properties": {"a": {"b": 1}}}));
    let unreadable = ops(&json!([
        {"op": "rename", "from": "properties.a", "to": "kind"},
        {"op": "rename", "from": "properties.a", "to": "user_id"},
        {"op": "rename", "from": "properties.none", "to": "name"},
        {"op": "cast", "path": "properties.a", "to": "number"},
    ]));
    assert_eq!(apply(&event, &unreadable), apply(&event, &[]));
}
