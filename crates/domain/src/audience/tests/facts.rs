//! Conditions on the state of a person, and when they turn.

use serde_json::{Value, json};
use throughline_base::time::DAY_MS;
use throughline_base::{ConsentId, IdentifierId, Timestamp};

use super::super::{Behaviour, Facts, IdentifierFact, StageFact, TagFact, Touched};
use super::{START, audience, computed, program, rule};
use crate::person::consent::{ConsentAction, ConsentRecord, LegalBasis};

fn ask(json: Value, facts: &Facts, now: i64) -> (bool, Option<i64>) {
    let out =
        program(vec![audience(1, "a", rule(json))]).evaluate(facts, &Behaviour::default(), Timestamp::from_ms(now));
    (out.members[0].1, out.changes_at.map(Timestamp::ms))
}

fn consent(channel: &str, action: ConsentAction, at: i64, ends: Option<i64>) -> ConsentRecord {
    ConsentRecord {
        id: ConsentId::new(at),
        line: IdentifierId::new(1),
        purpose: "marketing".into(),
        channel: channel.into(),
        action,
        legal_basis: LegalBasis::Consent,
        notice_version: None,
        evidence: Value::Null,
        given_at: Timestamp::from_ms(at),
        received_at: Timestamp::from_ms(at),
        expires_at: ends.map(Timestamp::from_ms),
    }
}

#[test]
fn a_tag_is_carried_until_it_ends() {
    let facts =
        Facts { tags: vec![TagFact { tag: "vip".into(), ends_at: Some(Timestamp::from_ms(100)) }], ..Facts::default() };
    assert_eq!(ask(json!({"tag": "vip"}), &facts, 99), (true, Some(100)));
    assert_eq!(ask(json!({"tag": "vip"}), &facts, 100), (false, None));
    assert_eq!(ask(json!({"none": [{"tag": "vip"}]}), &facts, 99), (false, Some(100)));
}

#[test]
fn a_consent_turns_when_it_ends_and_contact_with_it() {
    let mut facts = Facts {
        consents: vec![consent("any", ConsentAction::Grant, 10, Some(500))],
        identifiers: vec![IdentifierFact { namespace: "phone".into(), value: "+86139".into(), verified: true }],
        ..Facts::default()
    };
    let state = |s| json!({"consent": {"purpose": "marketing", "channel": "sms", "state": s}});
    let contact = |c| json!({"contactable": {"purpose": "marketing", "channel": c}});
    assert_eq!(ask(state("unknown"), &facts, 9), (true, Some(10)));
    assert_eq!(ask(state("granted"), &facts, 10), (true, Some(500)));
    assert_eq!(ask(state("unknown"), &facts, 500), (true, None));
    assert_eq!(ask(contact("sms"), &facts, 10), (true, Some(500)));
    // No address for e-mail, so its end changes nothing.
    assert_eq!(ask(contact("email"), &facts, 10), (false, None));
    facts.suppressed = true;
    assert_eq!(ask(contact("sms"), &facts, 10), (false, None));
    facts.consents.push(consent("sms", ConsentAction::Withdraw, 20, None));
    assert_eq!(ask(state("refused"), &facts, 20), (true, None));
}

#[test]
fn a_stage_turns_when_it_is_foretold() {
    let facts = Facts {
        stage: StageFact::Computed { identified: true, orders: 2, last_order_at: Some(Timestamp::from_ms(START)) },
        ..Facts::default()
    };
    let at = START + 365 * DAY_MS + 1;
    assert_eq!(ask(json!({"stage": ["repeat", "customer"]}), &facts, START), (true, Some(at)));
    assert_eq!(ask(json!({"stage": ["lapsed"]}), &facts, at), (true, None));
}

#[test]
fn an_identifier_is_found_by_its_family_too() {
    let facts = Facts {
        identifiers: vec![
            IdentifierFact { namespace: "openid:wx1".into(), value: "o1".into(), verified: true },
            IdentifierFact { namespace: "email".into(), value: "ann@example.com".into(), verified: false },
        ],
        ..Facts::default()
    };
    let has = |j: Value| ask(json!({"identifier": j}), &facts, 0).0;
    assert!(has(json!({"namespace": "openid"})) && has(json!({"namespace": "openid:wx1", "verified": true})));
    assert!(!has(json!({"namespace": "openid:wx2"})) && !has(json!({"namespace": "email", "verified": true})));
    assert!(has(json!({"namespace": "email", "test": {"ends_with": "@Example.com"}})));
}

#[test]
fn traits_lists_predictions_and_formulas_are_looked_at() {
    let facts = Facts {
        traits: [("age".to_owned(), json!("34")), ("address".to_owned(), json!({"city": "上海"}))].into(),
        lists: ["gala".to_owned()].into(),
        predictions: [("churn".to_owned(), json!(0.7))].into(),
        ..Facts::default()
    };
    let formula = |t: &str| serde_json::from_value(json!({"formula": t})).unwrap();
    let parts = vec![
        audience(
            1,
            "a",
            rule(json!({"all": [
                {"trait": {"name": "address.city", "test": {"in": ["上海", "北京"]}}},
                {"list": "gala"},
                {"computed": {"name": "churn", "test": {"gt": 0.5}}},
                {"computed": {"name": "decade", "test": {"eq": 30}}},
                {"computed": {"name": "risk", "test": {"between": [2.1, 2.2]}}},
            ]})),
        ),
        computed(2, "risk", formula("round(computed.churn * computed.decade / 10, 1)")),
        computed(3, "decade", formula("floor(trait.age / 10) * 10")),
    ];
    let p = program(parts);
    let mut facts = facts;
    let now = Timestamp::from_ms(0);
    let out = p.evaluate(&facts, &Behaviour::default(), now);
    assert_eq!(out.members, [(1, true)]);
    assert_eq!(out.computed, [(2, Some(json!(2.1))), (3, Some(json!(30)))]);
    // Only what looks at a trait is evaluated when it changes, and what looks at that.
    facts.traits.insert("age".into(), json!(45));
    let touched = Touched { traits: ["age".to_owned()].into(), ..Touched::default() };
    let out = p.evaluate_touched(&touched, &facts, &Behaviour::default(), now);
    assert_eq!((out.members.len(), out.computed.len()), (1, 2));
    let touched = Touched { predictions: ["churn".to_owned()].into(), ..Touched::default() };
    let out = p.evaluate_touched(&touched, &facts, &Behaviour::default(), now);
    assert_eq!(out.computed, [(2, Some(json!(2.8)))]);
    let touched = Touched { tags: ["x".to_owned()].into(), ..Touched::default() };
    assert_eq!(p.evaluate_touched(&touched, &facts, &Behaviour::default(), now), super::super::Outcome::default());
}

#[test]
fn what_a_touched_part_refers_to_is_looked_at_however_far_it_is() {
    let p = program(vec![
        audience(1, "first", rule(json!({"did": {"event": "A", "test": {"lt": 1}}}))),
        audience(2, "second", rule(json!({"none": [{"audience": "first"}]}))),
        audience(3, "third", rule(json!({"none": [{"tag": "x"}, {"audience": "second"}]}))),
    ]);
    let touched = Touched { tags: ["x".to_owned()].into(), ..Touched::default() };
    let out = p.evaluate_touched(&touched, &Facts::default(), &Behaviour::default(), Timestamp::from_ms(0));
    assert_eq!(out.members, [(3, true)]);
}
