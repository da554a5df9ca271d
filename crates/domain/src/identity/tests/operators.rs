//! Stories of what operators do: taking apart, keeping apart, blocking (field note §4 and the threads of §9).

use super::explain::{Explanation, explain};
use super::*;

fn store() -> Store {
    Store::new(Rules::default())
}

#[test]
fn an_unmerge_restores_both_sides_and_blocks_the_future() {
    let mut s = store();
    let ann = s.see(&obs(0, &["user_id:ann"])).person.unwrap();
    let wechat = s.see(&obs(1, &["unionid:x", "phone:p7"])).person.unwrap();
    s.see(&obs(2, &["user_id:ann", "phone:p7"]));
    let identifiers = vec![s.id("phone", "p7")];
    let what = Unmerge { identifiers, block_future: true, ..Unmerge::default() };
    let out = s.act(&Operation::Unmerge { person: ann, unmerge: what }, at_minute(3)).unwrap();
    assert_eq!(out.splits, vec![PersonSplit { from: ann, into: wechat }]);
    assert_eq!(s.person("unionid", "x"), wechat, "what hung on the leaving identifier leaves with it");
    let again = s.see(&obs(4, &["user_id:ann", "phone:p7"]));
    assert!(matches!(again.dropped[0].reason, DropReason::CannotLink { .. }));
    assert_eq!(s.person("phone", "p7"), wechat);
    let why = explain(&s.graph(), s.id("user_id", "ann"), s.id("phone", "p7"), &s.evidence);
    assert!(matches!(why, Explanation::KeptApart { ref evidence, .. } if evidence.len() == 1), "{why:?}");
    s.check();
}

#[test]
fn why_are_these_one_person_reads_the_evidence_back() {
    let mut s = store();
    merge_by_phone(&mut s);
    let why = explain(&s.graph(), s.id("user_id", "ann"), s.id("unionid", "x"), &s.evidence);
    let Explanation::Same { steps, .. } = why else { panic!("{why:?}") };
    assert_eq!(steps.len(), 2);
    assert!(steps.iter().all(|step| step.evidence.as_ref().is_some_and(|e| e.source_event.is_some())));
    let nothing = explain(&s.graph(), s.id("user_id", "ann"), IdentifierId::new(1), &s.evidence);
    assert_eq!(nothing, Explanation::Unknown);
}

#[test]
fn reset_that_keeps_the_anonymous_id_does_not_merge_two_people_for_ever() {
    // rudder-transformer#1180, rudder-sdk-js#206
    let mut s = store();
    for i in 0..6 {
        s.see(&obs(i * 10, &[if i % 2 == 0 { "user_id:ann" } else { "user_id:bob" }, "anonymous_id:same"]));
    }
    assert_ne!(s.person("user_id", "ann"), s.person("user_id", "bob"));
    s.check();
}

#[test]
fn what_was_done_under_a_second_device_id_before_the_login_is_found_too() {
    // Jitsu#25: history that arrived under another id of the same visitor was left behind
    let mut s = store();
    s.see(&obs(0, &["device_id:phone", "anonymous_id:web"]));
    s.see(&obs(1, &["device_id:phone"]));
    let out = s.see(&obs(2, &["user_id:ann", "anonymous_id:web"]));
    assert_eq!(s.person("device_id", "phone"), out.person.unwrap());
    s.check();
}

#[test]
fn the_event_that_causes_a_merge_sees_its_own_merge() {
    // UNOMI-440
    let mut s = store();
    s.see(&obs(0, &["user_id:ann"]));
    s.see(&obs(1, &["unionid:x", "phone:p7"]));
    let out = s.see(&obs(2, &["user_id:ann", "phone:p7"]));
    assert_eq!(out.person, Some(s.person("unionid", "x")));
}

#[test]
fn partial_and_bulk_unmerges_take_only_what_they_name() {
    // hatstall#78, PostHog PR 55691
    let mut s = store();
    for i in 0..4 {
        s.see(&obs(i, &["user_id:ann", &format!("email:{i}@x.cn")]));
    }
    let person = s.person("user_id", "ann");
    let identifiers = vec![s.id("email", "1@x.cn"), s.id("email", "2@x.cn")];
    let unmerge = Unmerge { identifiers, block_future: true, ..Unmerge::default() };
    s.act(&Operation::Unmerge { person, unmerge }, at_minute(9)).unwrap();
    assert_eq!(s.graph().strong_members(person).count(), 3);
    assert_ne!(s.person("email", "1@x.cn"), person);
    s.check();
}

#[test]
fn an_operation_that_makes_no_sense_is_refused_with_a_reason() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann", "anonymous_id:c"]));
    let (ann, c) = (s.id("user_id", "ann"), s.id("anonymous_id", "c"));
    let at = at_minute(1);
    assert_eq!(s.act(&Operation::MustLink { a: ann, b: c }, at), Err(OperationError::Weak(c)));
    assert_eq!(s.act(&Operation::MustLink { a: ann, b: ann }, at), Err(OperationError::SameIdentifier));
    assert_eq!(s.act(&Operation::Retract { evidence: vec![7] }, at), Err(OperationError::NoSuchEvidence));
    let unmerge = Unmerge { identifiers: vec![ann], ..Unmerge::default() };
    let person = s.person("user_id", "ann");
    assert_eq!(s.act(&Operation::Unmerge { person, unmerge }, at), Err(OperationError::NobodyStays));
    s.check();
}

#[test]
fn a_match_below_no_limit_links_and_can_be_retracted_alone() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann"]));
    s.see(&obs(0, &["email:a@x.cn"]));
    s.see(&obs(0, &["user_id:bob"]));
    let (ann, mail, bob) = (s.id("user_id", "ann"), s.id("email", "a@x.cn"), s.id("user_id", "bob"));
    let linked = s.act(&Operation::Match { a: ann, b: mail, score: 994 }, at_minute(1)).unwrap();
    assert_eq!(s.person("email", "a@x.cn"), s.person("user_id", "ann"));
    let refused = s.act(&Operation::Match { a: mail, b: bob, score: 992 }, at_minute(2)).unwrap();
    assert_eq!(refused.reviews[0].kind, ReviewKind::RefusedMerge);
    s.act(&Operation::Retract { evidence: vec![linked.new_evidence[0].seq] }, at_minute(3)).unwrap();
    assert_ne!(s.person("email", "a@x.cn"), s.person("user_id", "ann"));
    s.check();
}

#[test]
fn blocking_a_device_that_several_members_used_takes_none_of_them_apart() {
    let mut s = store();
    s.see(&obs(0, &["member_no:m0", "email:a@x.cn"]));
    s.see(&obs(1, &["email:a@x.cn", "email:b@x.cn"]));
    let owner = s.person("member_no", "m0");
    s.see(&obs(2, &["user_id:bob", "device_id:tablet"]));
    // The tablet hangs on an identifier in the middle of the person, which alone is loaded with it.
    s.see(&obs(3, &["email:a@x.cn", "device_id:tablet"]));
    let tablet = s.id("device_id", "tablet");
    let out = s.act(&Operation::Block { node: tablet }, at_minute(4)).unwrap();
    assert_eq!(out.splits, Vec::new());
    assert_eq!([s.person("email", "a@x.cn"), s.person("email", "b@x.cn")], [owner; 2]);
    assert_eq!(s.graph().owners_of(tablet).len(), 0, "and it is nobody's");
    s.check();
}
