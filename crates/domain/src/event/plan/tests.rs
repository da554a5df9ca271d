//! What a plan does with events.

use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_base::{SourceId, Timestamp};

use super::*;
use crate::event::raw::{Client, QuarantineReason};
use crate::event::wire::{Limits, generic};
use crate::event::{Event, Prepared, SourceContext, prepare};

fn plan(value: &Value) -> CompiledPlan {
    compile(&serde_json::from_value(value.clone()).unwrap()).unwrap().0
}

fn send(plan: &CompiledPlan, event: &Value) -> Result<Event, (QuarantineReason, String)> {
    let raw = generic::decode(event.to_string().as_bytes(), Client::Generic, &Limits::default())
        .unwrap()
        .events
        .remove(0)
        .unwrap();
    let ctx = SourceContext { plan: Some(plan), ..SourceContext::new(SourceId::new(1), "web") };
    match prepare(raw, &ctx, Timestamp::from_ms(1_795_304_500_000)) {
        Prepared::Ready(e) => Ok(*e),
        Prepared::Quarantine { reason, detail, .. } => Err((reason, detail)),
    }
}

fn track(plan: &CompiledPlan, name: &str, properties: &Value) -> Result<Event, (QuarantineReason, String)> {
    send(plan, &json!({"event": name, "userId": "u", "properties": properties}))
}

fn shop(rules: &Value) -> CompiledPlan {
    plan(&json!({"rules": rules, "events": [{"name": "Gift Wrapped", "schema": {
    "type": "object", "required": ["paper"], "additionalProperties": false,
    "properties": {
        "paper": {"type": "string", "enum": ["red", "gold"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "note": {"type": "string", "maxLength": 5},
        "day": {"type": "string", "format": "date"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string", "pattern": "^[A-Z]\\d+$"}}}},
    }}}]}))
}

#[test]
fn each_rule_does_what_it_was_told() {
    let bad = json!({"paper": "red", "count": 12, "extra": 1, "lines": [{"sku": "A1"}, {"sku": "b"}]});
    let e = track(
        &shop(&json!({"unknown_property": "drop_property", "wrong_type": "drop_property"})),
        "Gift Wrapped",
        &bad,
    )
    .unwrap();
    assert_eq!(Value::Object(e.properties), json!({"paper": "red", "lines": [{"sku": "A1"}, {}]}));
    let dropped: Vec<_> = e.corrections.iter().map(|c| format!("{} {} {}", c.field, c.rule, c.raw)).collect();
    assert_eq!(
        dropped,
        [
            "properties.count plan_dropped 12",
            "properties.extra plan_dropped 1",
            "properties.lines[1].sku plan_dropped \"b\""
        ]
    );
    let e = track(&shop(&json!({"unknown_property": "warn", "wrong_type": "warn"})), "Gift Wrapped", &bad).unwrap();
    assert_eq!(
        e.warnings,
        [
            "properties.count is more than 9",
            "properties.extra is not planned",
            "properties.lines[1].sku does not match the planned pattern"
        ]
    );
    let (reason, detail) = track(&shop(&json!({"wrong_type": "quarantine"})), "Gift Wrapped", &bad).unwrap_err();
    assert_eq!(reason, QuarantineReason::WrongType);
    assert_eq!(detail, "properties.count is more than 9; properties.lines[1].sku does not match the planned pattern");
    let missing = track(&shop(&json!({"missing_required": "quarantine"})), "Gift Wrapped", &json!({})).unwrap_err();
    assert_eq!(missing, (QuarantineReason::MissingRequired, "properties.paper is required".to_owned()));
    assert!(track(&shop(&json!({})), "Gift Wrapped", &bad).unwrap().warnings.is_empty(), "pass is the default");
}

#[test]
fn a_required_property_that_was_dropped_is_missing() {
    let rules = json!({"wrong_type": "drop_property", "missing_required": "quarantine"});
    let verdict = track(&shop(&rules), "Gift Wrapped", &json!({"paper": "blue"})).unwrap_err();
    assert_eq!(verdict.0, QuarantineReason::MissingRequired);
}

#[test]
fn values_are_coerced_only_to_a_planned_type() {
    let p = shop(&json!({"wrong_type": "quarantine"}));
    let e = track(&p, "Gift Wrapped", &json!({"paper": "red", "count": "3", "note": 7, "day": "2026/11/1"})).unwrap();
    assert_eq!(Value::Object(e.properties), json!({"paper": "red", "count": 3, "note": "7", "day": "2026-11-01"}));
    let rules: Vec<_> = e.corrections.iter().map(|c| format!("{} {} {}", c.field, c.rule, c.raw)).collect();
    assert_eq!(
        rules,
        [
            "properties.count plan_number \"3\"",
            "properties.note plan_text 7",
            "properties.day plan_format \"2026/11/1\""
        ]
    );
    assert!(track(&p, "Gift Wrapped", &json!({"paper": "red", "count": "3.5"})).is_err());
    let e = track(&plan(&json!({})), "Anything", &json!({"count": "3"})).unwrap();
    assert_eq!(e.properties["count"], "3", "without a plan nothing is coerced");
}

#[test]
fn the_e_commerce_events_are_known_and_look_alikes_are_suggested() {
    let p = plan(&json!({"ecommerce": true, "mode": "quarantine"}));
    let e = track(
        &p,
        "Order Completed",
        &json!({"order_id": 7, "revenue": "12.50", "products": [{"sku": "a", "price": "3"}]}),
    )
    .unwrap();
    assert_eq!(
        Value::Object(e.properties),
        json!({"order_id": "7", "revenue": 12.5, "products": [{"sku": "a", "price": 3}]})
    );
    for name in ["order_completed", "OrderCompleted", "order completed", "ORDER-COMPLETED"] {
        let (reason, detail) = track(&p, name, &json!({})).unwrap_err();
        assert_eq!(reason, QuarantineReason::UnknownEvent);
        assert!(detail.ends_with("did you mean Order Completed?"), "{detail}");
    }
    assert_eq!(track(&p, "Order Completed", &json!({})).unwrap_err().0, QuarantineReason::MissingRequired);
    assert_eq!(track(&p, "Whatever", &json!({})).unwrap_err().1, "the event Whatever is not planned");
    assert_eq!(ecommerce_events().len(), 28);
    assert!(is_ecommerce_event("Order Completed") && !is_ecommerce_event("order completed"));
    let warn = plan(&json!({"ecommerce": true, "mode": "warn"}));
    assert_eq!(track(&warn, "Whatever", &json!({})).unwrap().warnings, ["the event Whatever is not planned"]);
}

#[test]
fn a_built_in_event_that_is_saved_as_shown_checks_as_before() {
    let (name, schema) = ecommerce_events().into_iter().find(|(name, _)| *name == "Order Refunded").unwrap();
    let names: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["order_id", "total", "value", "currency", "products"]);
    assert_eq!(schema["required"], json!(["order_id"]));
    let built_in = plan(&json!({"ecommerce": true, "mode": "quarantine"}));
    let saved = plan(&json!({"ecommerce": true, "mode": "quarantine", "events": [{"name": name, "schema": schema}]}));
    for properties in [
        json!({"order_id": 7, "value": "3", "products": [{"sku": "a", "price": "1"}]}),
        json!({"value": 3}),
        json!({"order_id": "a", "products": {"sku": "a"}}),
        json!({"order_id": "a", "whatever": true}),
    ] {
        let outcome = |p| track(p, name, &properties).map(|e| (e.properties, e.warnings));
        assert_eq!(outcome(&built_in), outcome(&saved), "{properties}");
    }
}

#[test]
fn traits_and_pages_have_schemas_of_their_own() {
    let p = plan(&json!({"mode": "quarantine", "events": [
        {"kind": "identify", "schema": {"properties": {"age": {"type": "integer"}}}},
        {"kind": "page", "name": "Home", "schema": {"required": ["title"]}},
    ]}));
    assert_eq!(
        send(&p, &json!({"type": "identify", "userId": "u", "traits": {"age": "old"}})).unwrap_err().1,
        "traits.age is not integer"
    );
    assert!(send(&p, &json!({"type": "page", "name": "Home", "userId": "u"})).is_err());
    assert!(send(&p, &json!({"type": "page", "name": "Other", "userId": "u"})).is_ok());
}

#[test]
fn alternatives_formats_and_bounds_follow_the_standard() {
    let check = |schema: Value, value: Value| {
        let p = plan(
            &json!({"rules": {"wrong_type": "quarantine", "unknown_property": "quarantine", "missing_required": "quarantine"},
            "events": [{"name": "E", "schema": {"properties": {"v": schema}}}]}),
        );
        track(&p, "E", &json!({"v": value})).is_ok()
    };
    let cases = [
        (json!({"anyOf": [{"type": "string"}, {"minimum": 5}]}), vec![json!("x"), json!(5)], vec![json!(4)]),
        (json!({"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}]}), vec![json!(3), json!(5)], vec![json!(15), json!(1)]),
        (json!({"allOf": [{"minimum": 1}, {"maximum": 3}]}), vec![json!(2)], vec![json!(0), json!(4)]),
        (json!({"not": {"type": "string"}}), vec![json!(1)], vec![json!("x")]),
        (json!({"exclusiveMinimum": 0, "exclusiveMaximum": 1}), vec![json!(0.5)], vec![json!(0), json!(1)]),
        (json!({"multipleOf": 0.1}), vec![json!(0.3), json!(1234.5)], vec![json!(0.35)]),
        (json!({"const": {"a": 1, "b": 2}}), vec![json!({"b": 2.0, "a": 1})], vec![json!({"a": 1})]),
        (
            json!({"type": ["integer", "boolean"]}),
            vec![json!(1), json!(2.0), json!(true)],
            vec![json!(1.5), json!([1])],
        ),
        (json!({"minLength": 2}), vec![json!("李雷")], vec![json!("李")]),
        (json!({"format": "email"}), vec![json!("a@b.co")], vec![json!("a@b")]),
        (json!({"format": "uri"}), vec![json!("https://s.cn/a?b=c")], vec![json!("s.cn/a"), json!("https://a b")]),
        (json!({"format": "date"}), vec![json!("2026-02-28")], vec![json!("2026-02-30")]),
        (json!({"format": "date-time"}), vec![json!("2026-02-28T01:02:03+08:00")], vec![json!("today")]),
        (json!({"format": "uuid"}), vec![json!("01a2007c-8e8d-754a-90c6-603decd7e2f9")], vec![json!("01a2007c")]),
        (
            json!({"minItems": 1, "maxItems": 2, "uniqueItems": true}),
            vec![json!([1, 2])],
            vec![json!([]), json!([1, 1.0]), json!([1, 2, 3])],
        ),
        (json!({"additionalProperties": {"type": "integer"}}), vec![json!({"x": 1})], vec![json!({"x": []})]),
        (json!({"maxProperties": 1}), vec![json!({"x": 1})], vec![json!({"x": 1, "y": 2})]),
        (json!(false), vec![], vec![json!(1)]),
    ];
    for (schema, good, bad) in cases {
        for value in good {
            assert!(check(schema.clone(), value.clone()), "{schema} should take {value}");
        }
        for value in bad {
            assert!(!check(schema.clone(), value.clone()), "{schema} should refuse {value}");
        }
    }
}

#[test]
fn a_plan_that_cannot_work_says_where_and_unknown_keywords_are_noted() {
    let problems = |value: Value| {
        let told = match compile(&serde_json::from_value(value).unwrap()) {
            Ok((_, notes)) => notes,
            Err(problems) => problems,
        };
        told.into_iter().map(|p| format!("{}{}", p.path, if p.fatal { "!" } else { "" })).collect::<Vec<_>>()
    };
    let schema = json!({"type": "text", "properties": {"a": {"minimun": 1, "format": "zip"}, "b": {"pattern": "(?=x)", "minimum": true}, "c": {"$ref": "#/x"}}, "required": "a"});
    assert_eq!(
        problems(
            json!({"rules": {"unknown_event": "drop_property"}, "events": [{"name": "E", "schema": schema}, {"name": "E"}, {"name": " "}]})
        ),
        [
            "rules.unknown_event!",
            "events[0].schema.type!",
            "events[0].schema.properties.a.minimun",
            "events[0].schema.properties.a.format",
            "events[0].schema.properties.b.pattern!",
            "events[0].schema.properties.b.minimum!",
            "events[0].schema.properties.c.$ref!",
            "events[0].schema.required!",
            "events[1].name!",
            "events[2].name!",
        ]
    );
    assert_eq!(problems(json!({"events": [{"name": "E", "schema": {"foo": 1}}]})), ["events[0].schema.foo"]);
    let mut deep = json!({});
    for _ in 0..40 {
        deep = json!({"items": deep});
    }
    assert_eq!(problems(json!({"events": [{"name": "E", "schema": deep}]})).len(), 1);
}

#[test]
fn a_schema_that_segment_exported_is_understood() {
    let p = plan(&json!({"mode": "quarantine", "events": [{"name": "E", "schema": {"type": "object", "properties": {
        "context": {}, "traits": {}, "properties": {"type": "object", "required": ["a"]}}}}]}));
    assert_eq!(track(&p, "E", &json!({})).unwrap_err().1, "properties.a is required");
}

fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!({"type": "string", "format": "date"})),
        Just(json!({"type": "number"})),
        Just(json!({"type": "boolean"})),
        Just(json!({"enum": [1, "a", null]})),
        Just(json!({"required": ["a"], "additionalProperties": false})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"properties": {"a": a, "b": b}})),
            inner.clone().prop_map(|s| json!({"items": s})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"anyOf": [a, b]})),
            inner.prop_map(|s| json!({"allOf": [s]})),
        ]
    })
}

fn any_properties() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(1)),
        Just(json!("1")),
        Just(json!("2026/1/2")),
        Just(json!(true)),
        Just(json!([1, "a"])),
        Just(json!({"a": "0"}))
    ];
    prop::collection::btree_map("[ab]", leaf, 0..3).prop_map(|m| json!(m))
}

proptest! {
    #[test]
    fn what_a_plan_has_passed_it_passes_again_unchanged(schema in any_schema(), properties in any_properties()) {
        for action in ["pass", "warn", "drop_property", "quarantine"] {
            let missing = if action == "drop_property" { "quarantine" } else { action };
            let p = plan(&json!({"rules": {"unknown_property": action, "wrong_type": action, "missing_required": missing},
                "events": [{"name": "E", "schema": schema}]}));
            if let Ok(once) = track(&p, "E", &properties) {
                let again = track(&p, "E", &Value::Object(once.properties.clone())).unwrap();
                prop_assert_eq!(again.properties, once.properties);
                prop_assert_eq!(again.corrections, vec![]);
            }
        }
    }
}
