//! Definitions that are refused, each with where, what and how to mend it.

use serde_json::{Value, json};

use super::super::rule::Rule;
use super::super::{Fault, Part, Program};
use super::{audience, computed, known, rule};

fn refused(parts: Vec<Part>) -> Vec<Fault> {
    Program::compile(parts, &known()).unwrap_err()
}

fn fault(json: Value) -> Fault {
    refused(vec![audience(1, "mine", rule(json))]).remove(0)
}

#[test]
fn a_fault_names_its_place_in_the_tree() {
    let f = fault(json!({"all": [
        {"tag": "x"},
        {"any": []},
        {"did": {"event": "A", "where": [{"field": {"name": "value", "test": {"within_last": "3d"}}}]}}
    ]}));
    assert_eq!(
        (f.part.as_str(), f.path.as_str(), f.code),
        ("mine", "rule.all[2].did.where[0].field.test", "filter_relative")
    );
    let f = fault(json!({"none": [{"trait": {"name": "x", "test": {"in": ["a", null]}}}]}));
    assert_eq!((f.path.as_str(), f.code), ("rule.none[0].trait.test.in[1]", "value_kind"));
    let f = fault(json!({"sequence": {"steps": [{"event": "A"}, {"event": "B", "absent": true}]}}));
    assert_eq!((f.path.as_str(), f.code), ("rule.sequence.steps[1]", "step"));
    let f = fault(json!({"did": {"event": "A", "where": [{"product": [{"name": "n", "test": {"matches": "("}}]}]}}));
    assert_eq!((f.path.as_str(), f.code), ("rule.did.where[0].product[0].test.matches", "pattern"));
}

#[test]
fn what_does_not_exist_is_told_with_what_was_meant() {
    let told = |json| {
        let f = refused(vec![
            audience(1, "mine", rule(json)),
            audience(2, "big_spenders", rule(json!({"all": []}))),
            computed(3, "orders_90d", serde_json::from_value(json!({"measure": {"event": "A"}})).unwrap()),
        ]);
        (f[0].code, f[0].suggestion.clone().unwrap_or_default(), f[0].detail.clone())
    };
    let (code, meant, _) = told(json!({"audience": "big_spender"}));
    assert_eq!((code, meant.as_str()), ("audience_unknown", "big_spenders"));
    let (code, meant, _) = told(json!({"computed": {"name": "order_90d", "test": {"gt": 1}}}));
    assert_eq!((code, meant.as_str()), ("computed_unknown", "orders_90d"));
    let (code, _, detail) = told(json!({"audience": "gala"}));
    assert!(code == "audience_unknown" && detail.contains("it is a list"), "{detail}");
    let (code, _, detail) = told(json!({"list": "big_spenders"}));
    assert!(code == "list_unknown" && detail.contains("it is an audience"), "{detail}");
    let mut part = audience(1, "mine", rule(json!({"all": []})));
    let super::super::What::Audience(d) = &mut part.what else { panic!() };
    d.zone = "Asia/Shangai".into();
    let f = refused(vec![part]).remove(0);
    assert_eq!((f.path.as_str(), f.code, f.suggestion.as_deref()), ("zone", "zone_unknown", Some("Asia/Shanghai")));
}

#[test]
fn a_cycle_is_refused_with_its_way() {
    let to = |key: &str| rule(json!({"any": [{"tag": "x"}, {"audience": key}]}));
    let f = refused(vec![
        audience(1, "a", to("b")),
        audience(2, "b", rule(json!({"computed": {"name": "c", "test": {"gt": 0}}}))),
        computed(
            3,
            "c",
            serde_json::from_value(json!({"cases": {"cases": [{"when": {"audience": "a"}, "value": 1}]}})).unwrap(),
        ),
    ]);
    assert_eq!(f[0].code, "cycle");
    assert!(f[0].detail.contains("a → b → c → a"), "{}", f[0].detail);
    assert!(refused(vec![audience(1, "a", to("a"))])[0].detail.contains("a → a"));
}

#[test]
fn a_long_chain_of_references_needs_no_deep_stack() {
    let n = 5_000;
    let part = |i: i64| {
        let json = if i == 0 { json!({"tag": "x"}) } else { json!({"audience": format!("k{}", i - 1)}) };
        audience(i, &format!("k{i}"), rule(json))
    };
    assert!(Program::compile((0..n).rev().map(part).collect(), &known()).is_ok());
    assert_eq!(refused((0..=n).map(part).collect())[0].code, "too_many");
}

#[test]
fn hostile_rules_are_refused_with_a_clear_message() {
    let mut deep = Rule::Tag("x".into());
    for _ in 0..100 {
        deep = Rule::All(vec![deep]);
    }
    let f = refused(vec![audience(1, "deep", deep)]).remove(0);
    assert_eq!((f.code, f.path.as_str()), ("too_deep", "rule"));
    let many = json!({"any": vec![json!({"tag": "x"}); 1_001]});
    assert_eq!(fault(many).code, "too_many");
    let did = |filters: Value| json!({"did": {"event": "A", "where": filters}});
    let one = json!({"field": {"name": "value", "test": {"gt": 1}}});
    assert_eq!(fault(did(json!(vec![one.clone(); 61]))).code, "too_many");
    let mut nested = one;
    for _ in 0..7 {
        nested = json!({"any": [nested]});
    }
    assert_eq!(fault(did(json!([nested]))).code, "too_many");
    let test = |t: Value| json!({"trait": {"name": "x", "test": t}});
    assert_eq!(fault(test(json!({"matches": "(a{1000}){1000}"}))).code, "pattern_too_large");
    assert_eq!(fault(test(json!({"matches": "(".repeat(900)}))).code, "pattern");
    assert_eq!(fault(test(json!({"eq": "x".repeat(1_001)}))).code, "text_too_long");
    assert_eq!(fault(test(json!({"in": vec![1; 10_001]}))).code, "too_many");
    assert_eq!(fault(test(json!({"in": []}))).code, "too_few");
    assert_eq!(fault(test(json!({"between": [2, 1]}))).code, "range_empty");
    assert_eq!(fault(test(json!({"before": "tomorrow"}))).code, "instant");
    assert_eq!(fault(test(json!({"anniversary": {"from_days": 0, "to_days": 365}}))).code, "range_empty");
    assert_eq!(fault(json!({"did": {"event": "A", "window": {"newest": 1_001}}})).code, "too_many");
    assert_eq!(
        fault(json!({"did": {"event": "A", "window": {"between": ["2026-02-01", "2026-01-01"]}}})).code,
        "range_empty"
    );
    assert_eq!(
        fault(json!({"did": {"event": "A", "window": {"calendar": {"unit": "year", "back": 4_000_000_000_u32}}}})).code,
        "too_many"
    );
    assert_eq!(fault(json!({"did": {"event": "Audience Entered"}})).code, "event_own");
    let steps = |n: usize| json!({"sequence": {"steps": vec![json!({"event": "A"}); n]}});
    assert_eq!((fault(steps(1)).code, fault(steps(11)).code), ("too_few", "too_many"));
}

#[test]
fn a_formula_is_told_where_it_goes_wrong() {
    let f = refused(vec![computed(1, "c", serde_json::from_value(json!({"formula": "1 + rond(trait.x)"})).unwrap())])
        .remove(0);
    assert_eq!((f.path.as_str(), f.code, f.suggestion.as_deref()), ("computation.formula", "formula", Some("round")));
    assert!(f.detail.starts_with("at character 5"), "{}", f.detail);
}

#[test]
fn a_key_stands_once() {
    let twice = vec![audience(1, "a", rule(json!({"all": []}))), audience(2, "a", rule(json!({"any": []})))];
    assert_eq!(refused(twice)[0].code, "key_twice");
}
