//! A story for each paragraph of the field note (§3.1–3.5) and for the threads people opened about others (§9).

use super::explain::{Explanation, explain};
use super::simulate::simulate;
use super::*;

fn store() -> Store {
    Store::new(Rules::default())
}

// ---- §3.1, §3.2 ----

#[test]
fn an_event_that_names_two_known_identifiers_makes_one_person_and_the_oldest_id_stays() {
    let mut s = store();
    let ann = s.see(&obs(0, &["user_id:ann"])).person.unwrap();
    let wechat = s.see(&obs(1, &["unionid:x", "phone:p7"])).person.unwrap();
    let out = s.see(&obs(2, &["user_id:ann", "phone:p7"]));
    assert_eq!(out.person, Some(ann));
    assert_eq!(out.merges, vec![PersonMerge { kept: ann, absorbed: wechat }]);
    assert_eq!(out.line, Some(s.id("user_id", "ann")));
    s.check();
}

#[test]
fn an_email_whose_owner_has_another_user_id_gives_a_new_profile_and_a_review() {
    let mut s = store();
    let jane = s.see(&obs(0, &["user_id:jane1", "email:jane@x.cn"])).person;
    let out = s.see(&obs(1, &["user_id:abc456", "email:jane@x.cn"]));
    assert_ne!(out.person, jane);
    assert_eq!(s.person("email", "jane@x.cn"), jane.unwrap(), "it stays with its present owner");
    assert!(
        matches!(out.dropped[0].reason, DropReason::MaxPerPerson { ref namespace, max: 1 } if namespace == "user_id")
    );
    assert_eq!(out.reviews[0].kind, ReviewKind::RefusedMerge);
    let graph = s.graph();
    let why = explain(&graph, s.id("user_id", "jane1"), s.id("user_id", "abc456"), &s.evidence);
    assert!(matches!(why, Explanation::Refused { ref evidence } if evidence.len() == 1), "{why:?}");
}

#[test]
fn two_user_ids_in_one_event_link_nothing_and_go_to_review() {
    let mut s = store();
    let out = s.see(&obs(0, &["user_id:a", "user_id:b", "phone:p7"]));
    assert_eq!(out.reviews[0].kind, ReviewKind::EqualRank);
    assert_ne!(s.person("user_id", "a"), s.person("user_id", "b"));
    assert_ne!(s.person("phone", "p7"), s.person("user_id", "a"));
}

#[test]
fn a_bystander_that_conflicts_with_nobody_stays_linked() {
    let mut s = store();
    s.see(&obs(0, &["user_id:old", "unionid:x"]));
    let out = s.see(&obs(1, &["user_id:new", "unionid:x", "openid:app:o"]));
    assert_eq!(out.dropped.len(), 1);
    assert_eq!(s.person("openid:app", "o"), s.person("user_id", "new"));
}

#[test]
fn a_fourth_phone_is_not_linked_and_says_why() {
    let mut s = store();
    for phone in ["phone:1a", "phone:2a", "phone:3a"] {
        s.see(&obs(0, &["user_id:ann", phone]));
    }
    let out = s.see(&obs(1, &["user_id:ann", "phone:4a"]));
    assert_eq!(out.dropped[0].reason, DropReason::MaxPerPerson { namespace: "phone".to_owned(), max: 3 });
    assert_ne!(s.person("phone", "4a"), s.person("user_id", "ann"));
}

#[test]
fn a_recycled_phone_goes_to_its_new_verified_owner_and_the_old_link_ends_with_a_date() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann", "phone:p7"]));
    let old = s.id("phone", "p7");
    let out = s.see(&obs(1_000, &["user_id:bob", "phone:p7"]));
    assert_eq!(s.nodes[&old].ended_at, Some(at_minute(1_000)));
    assert_eq!(s.nodes[&old].person, s.person("user_id", "ann"), "what was, was");
    assert_eq!(s.person("phone", "p7"), s.person("user_id", "bob"));
    assert_eq!(s.nodes[&s.id("phone", "p7")].generation, 2);
    assert!(out.new_evidence.iter().any(|e| e.kind == EvidenceKind::Takeover));
    let late = s.see(&obs(500, &["phone:p7"]));
    assert_eq!(late.line, Some(old), "a late event belongs to the owner of its time");
    let again = s.see(&obs(1_001, &["user_id:ann", "phone:p7"]));
    assert_eq!(again.reviews[0].kind, ReviewKind::Contested, "it does not go back and forth");
    assert_eq!(s.person("phone", "p7"), s.person("user_id", "bob"));
    s.check();
}

#[test]
fn an_unverified_email_is_a_hint_that_merges_nobody_and_is_still_found() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann", "email:a@x.cn"]));
    s.see(&obs(1, &["user_id:bob", "?email:a@x.cn"]));
    let hint = s.nodes.values().find(|n| n.namespace == "email" && n.generation == 0).unwrap();
    assert_eq!(hint.person, s.person("user_id", "bob"));
    assert_ne!(s.person("user_id", "ann"), s.person("user_id", "bob"));
}

#[test]
fn a_user_id_changes_only_by_a_rename() {
    let mut s = store();
    s.see(&obs(0, &["user_id:old", "phone:p7"]));
    let from = s.id("user_id", "old");
    s.act(&Operation::Rename { from, to: "new".to_owned() }, at_minute(1)).unwrap();
    assert_eq!(s.person("user_id", "new"), s.person("phone", "p7"));
    assert!(s.nodes[&from].ended_at.is_some());
    let taken = s.act(&Operation::Rename { from, to: "x".to_owned() }, at_minute(2));
    assert_eq!(taken, Err(OperationError::Ended(from)));
    s.check();
}

#[test]
fn an_alias_gives_a_person_another_user_id_when_one_of_the_two_stands_alone() {
    let mut s = store();
    let alias = |minute, claims: &[&str]| Observation { kind: ObservationKind::Alias, ..obs(minute, claims) };
    s.see(&obs(0, &["user_id:before", "anonymous_id:c"]));
    s.see(&obs(1, &["user_id:known", "phone:p7"]));
    s.see(&alias(2, &["user_id:known", "user_id:before"]));
    assert_eq!(s.person("user_id", "before"), s.person("user_id", "known"));
    s.see(&obs(3, &["user_id:known", "email:a@x.cn"]));
    assert_eq!(s.person("email", "a@x.cn"), s.person("user_id", "before"), "the second id is in nobody's way");
    s.check();
}

#[test]
fn an_alias_does_not_join_two_user_ids_that_both_have_other_identifiers() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann", "phone:p7"]));
    s.see(&obs(1, &["user_id:bob", "phone:p8"]));
    let out = s.see(&Observation { kind: ObservationKind::Alias, ..obs(2, &["user_id:ann", "user_id:bob"]) });
    assert_eq!(out.reviews[0].kind, ReviewKind::EqualRank);
    assert_ne!(s.person("user_id", "ann"), s.person("user_id", "bob"));
    s.check();
}

#[test]
fn unbinding_a_unionid_unbinds_its_openids() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann", "unionid:x", "openid:app1:o1", "openid:app2:o2"]));
    s.see(&Observation { kind: ObservationKind::Unbind, ..obs(5, &["user_id:ann", "unionid:x"]) });
    for (namespace, value) in [("unionid", "x"), ("openid:app1", "o1"), ("openid:app2", "o2")] {
        let node = s.nodes.values().find(|n| n.namespace == namespace && n.value == value).unwrap();
        assert_eq!(node.ended_at, Some(at_minute(5)), "{namespace}");
    }
    let out = s.see(&obs(6, &["user_id:bob", "unionid:x"]));
    assert_eq!(out.person, Some(s.person("user_id", "bob")));
    assert_eq!(s.person("unionid", "x"), s.person("user_id", "bob"));
    s.check();
}

#[test]
fn an_unknown_namespace_loses_no_data_and_no_conflict_of_a_known_one() {
    let mut s = store();
    s.see(&obs(0, &["erp:7", "user_id:ann"]));
    s.see(&obs(1, &["erp:7", "user_id:bob"]));
    assert_eq!(s.person("erp", "7"), s.person("user_id", "ann"));
    assert_ne!(s.person("user_id", "bob"), s.person("user_id", "ann"));
}

// ---- §3.3, §3.4 ----

#[test]
fn a_blocked_value_links_nothing_and_warns() {
    let mut s = store();
    s.see(&obs(0, &["user_id:null", "phone:p7"]));
    let out = s.see(&obs(1, &["user_id:null", "email:a@x.cn"]));
    assert!(matches!(out.warnings[0], Warning::BlockedValue { .. }));
    assert_ne!(s.person("phone", "p7"), s.person("email", "a@x.cn"));
    assert_eq!(s.see(&obs(2, &["user_id:null"])).line, None);
}

#[test]
fn an_identifier_that_joins_more_than_ten_persons_in_a_day_is_suspended_and_listed() {
    let mut s = store();
    let mut suspended = Vec::new();
    for i in 0..12 {
        let out = s.see(&obs(i, &[&format!("user_id:u{i}"), "device_id:till"]));
        suspended.extend(out.reviews.into_iter().filter(|r| r.kind == ReviewKind::Suspended));
    }
    let till = s.id("device_id", "till");
    assert_eq!(suspended.len(), 1);
    assert_eq!(s.nodes[&till].suspended_at, Some(at_minute(10)));
    assert_eq!(s.graph().owners_of(till).len(), 10);
    s.act(&Operation::Unblock { node: till }, at_minute(20)).unwrap();
    assert_eq!(s.nodes[&till].suspended_at, None);
    s.check();
}

#[test]
fn an_operators_block_holds_for_the_past_too() {
    let mut s = store();
    merge_by_phone(&mut s);
    let phone = s.id("phone", "p7");
    s.act(&Operation::Block { node: phone }, at_minute(3)).unwrap();
    assert_ne!(s.person("user_id", "ann"), s.person("unionid", "x"));
    let out = s.see(&obs(4, &["user_id:ann", "phone:p7"]));
    assert!(matches!(out.dropped[0].reason, DropReason::Blocked { .. }));
    s.check();
}

#[test]
fn a_person_stops_growing_at_the_caps_after_a_warning_and_the_event_is_recorded() {
    let mut rules = Rules { caps: Caps { identifiers: 6, ..Caps::default() }, ..Rules::default() };
    rules.namespaces.iter_mut().for_each(|r| r.max_per_person = None);
    let mut s = Store::new(rules);
    let mut warned = false;
    for i in 0..9 {
        let out = s.see(&obs(i, &["user_id:ann", &format!("email:{i}@x.cn")]));
        assert_eq!(out.person, Some(s.person("user_id", "ann")));
        warned |= out.warnings.iter().any(|w| matches!(w, Warning::IdentifiersHalfway { .. }));
        assert_eq!(out.dropped.is_empty(), i < 5);
    }
    assert!(warned);
    assert_eq!(s.graph().strong_members(s.person("user_id", "ann")).count(), 6);
}

#[test]
fn twenty_merges_a_day_are_enough() {
    let mut rules = Rules::default();
    rules.namespaces.iter_mut().for_each(|r| r.max_per_person = None);
    let mut s = Store::new(rules);
    for i in 0..25 {
        s.see(&obs(0, &[&format!("email:{i}@x.cn")]));
    }
    let mut refused = 0;
    for i in 0..25 {
        let out = s.see(&obs(1, &["user_id:ann", &format!("email:{i}@x.cn")]));
        refused += out.dropped.iter().filter(|d| d.reason == DropReason::MergeCap { max: 20, daily: true }).count();
    }
    assert_eq!(refused, 4, "the first email is not a merge but the person's own beginning");
}

// ---- §3.5 ----

#[test]
fn anonymous_history_moves_to_the_one_owner_a_device_ever_had() {
    let mut s = store();
    let anonymous = s.see(&obs(0, &["anonymous_id:c"]));
    let out = s.see(&obs(60, &["user_id:ann", "anonymous_id:c"]));
    let ann = out.person.unwrap();
    assert_eq!(s.person("anonymous_id", "c"), ann);
    assert!(out.merges.contains(&PersonMerge { kept: ann, absorbed: anonymous.person.unwrap() }));
    assert_eq!(s.see(&obs(5_000, &["anonymous_id:c"])).person, Some(ann));
}

#[test]
fn a_device_of_two_persons_is_sliced_by_session_login_and_logout() {
    let mut s = store();
    s.see(&obs(0, &["anonymous_id:c"]));
    s.see(&obs(5, &["user_id:ann", "anonymous_id:c"]));
    s.see(&Observation { logout: true, ..obs(10, &["user_id:ann", "anonymous_id:c"]) });
    s.see(&obs(12, &["anonymous_id:c"]));
    s.see(&obs(15, &["user_id:bob", "anonymous_id:c"]));
    let (c, ann, bob) = (s.id("anonymous_id", "c"), s.id("user_id", "ann"), s.id("user_id", "bob"));
    let spans = |s: &Store| s.slices(c).iter().map(|x| (x.line, x.from_at, x.to_at)).collect::<Vec<_>>();
    assert_eq!(spans(&s), vec![(ann, None, Some(at_minute(12))), (bob, Some(at_minute(12)), None)]);
    assert_eq!(s.see(&obs(20, &["anonymous_id:c"])).line, Some(bob), "signed in");
    s.see(&Observation { logout: true, ..obs(25, &["anonymous_id:c"]) });
    assert_eq!(s.see(&obs(26, &["anonymous_id:c"])).line, Some(c), "signed out: the anonymous person of the browser");
    s.see(&obs(30, &["user_id:ann", "anonymous_id:c"]));
    assert_eq!(s.see(&obs(31, &["anonymous_id:c"])).line, Some(ann));
    assert_eq!(s.see(&obs(90, &["anonymous_id:c"])).line, Some(c), "the session ran out");
    assert_eq!(s.slices(c).last().unwrap().to_at, Some(at_minute(61)));
    assert_ne!(s.person("user_id", "ann"), s.person("user_id", "bob"));
    s.check();
}

#[test]
fn without_a_logout_the_first_persons_session_ends_at_the_second_ones_login() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann", "anonymous_id:c"]));
    s.see(&obs(3, &["anonymous_id:c"]));
    s.see(&obs(5, &["user_id:bob", "anonymous_id:c"]));
    let c = s.id("anonymous_id", "c");
    assert_eq!(s.graph().line_at(c, at_minute(4)), s.id("user_id", "ann"));
    assert_eq!(s.graph().line_at(c, at_minute(5)), s.id("user_id", "bob"));
}

#[test]
fn a_source_may_limit_what_a_login_takes_along() {
    for (stitching, at_0, at_50) in
        [(Stitching::Session, false, true), (Stitching::All, true, true), (Stitching::SinceLogout, false, true)]
    {
        let mut s = store();
        s.see(&Observation { logout: true, ..obs(0, &["anonymous_id:c"]) });
        s.see(&obs(50, &["anonymous_id:c"]));
        s.see(&Observation { stitching, ..obs(55, &["user_id:ann", "anonymous_id:c"]) });
        let (c, ann) = (s.id("anonymous_id", "c"), s.id("user_id", "ann"));
        let graph = s.graph();
        let anns = |minute: i64| graph.person_of(graph.line_at(c, at_minute(minute))) == graph.person_of(ann);
        assert_eq!((anns(-1), anns(50)), (at_0, at_50), "{stitching:?}");
        s.check();
    }
}

#[test]
fn the_devices_of_a_kiosk_speak_for_nobody() {
    let mut s = store();
    for user in ["user_id:ann", "user_id:bob"] {
        let out = s.see(&Observation { kiosk: true, ..obs(0, &[user, "device_id:tablet"]) });
        assert_eq!(out.dropped[0].reason, DropReason::Kiosk);
    }
    let out = s.see(&Observation { kiosk: true, ..obs(1, &["device_id:tablet"]) });
    assert_eq!(out.line, Some(s.id("device_id", "tablet")));
    assert_eq!(s.graph().owners_of(s.id("device_id", "tablet")).len(), 0);
    s.check();
}

#[test]
fn a_family_phone_of_two_memberships_goes_to_review_and_not_to_merge() {
    let mut s = store();
    let hint = |name: &str, birthday: &str| ProfileHint { name: Some(name.into()), birthday: Some(birthday.into()) };
    let mother = s.see(&obs(0, &["member_no:m1", "phone:p7"])).person.unwrap();
    let out = s.see(&Observation {
        profile: Some(hint("王小明", "2008-02-03")),
        known_profiles: vec![(mother, hint("李芳", "1979-11-30"))],
        ..obs(1, &["member_no:m2", "phone:p7"])
    });
    assert_eq!(out.reviews[0].kind, ReviewKind::FamilyPhone);
    assert_eq!(s.person("phone", "p7"), mother);
    assert_ne!(out.person, Some(mother));
    s.check();
}

// ---- changed rules ----

#[test]
fn a_rule_change_is_shown_before_it_applies_and_refolds_exactly_after() {
    let mut s = store();
    merge_by_phone(&mut s);
    s.see(&obs(3, &["user_id:bob", "email:b@x.cn"]));
    let mut rules = Rules { version: 2, ..Rules::default() };
    rules.namespaces.iter_mut().filter(|r| r.name == "phone").for_each(|r| r.blocked.push("p7".to_owned()));
    let names = Names::of(s.nodes.values());
    let mut next = 50_000;
    let mut ids = || {
        next += 1;
        next
    };
    let simulation = simulate(&s.graph(), &rules, &names, groups(s.evidence.clone()), &mut ids);
    assert_eq!((simulation.difference.split, simulation.difference.joined), (1, 0));
    assert_eq!(simulation.difference.affected.len(), 1);
    s.write(&simulation.resolution);
    s.rules = rules;
    assert_ne!(s.person("user_id", "ann"), s.person("unionid", "x"));
    assert_eq!(s.person("user_id", "bob"), s.person("email", "b@x.cn"), "who is not touched stays");
    s.check();
}

#[test]
fn every_rule_problem_is_named_with_its_place() {
    let mut rules = Rules::default();
    assert_eq!(rules.validate(), Ok(()));
    rules.namespaces[1].name = "user_id".to_owned();
    rules.namespaces[2].max_owners = None;
    rules.namespaces[6].parent = Some("nobody".to_owned());
    rules.session_minutes = 0;
    assert_eq!(rules.validate().unwrap_err().len(), 4);
    let text = toml::to_string(&Rules::default()).unwrap();
    assert_eq!(toml::from_str::<Rules>(&text).unwrap(), Rules::default());
}

#[test]
fn a_fold_raises_what_was_raised_live_and_other_rules_what_they_refuse() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann", "email:e"]));
    let live = s.see(&obs(1, &["user_id:bob", "email:e"])).reviews;
    assert_eq!(live.len(), 1);
    let folded = |s: &Store, rules: &Rules| {
        let mut last = 1_000_000;
        fold(
            rules,
            &Names::of(s.nodes.values()),
            super::super::evidence::groups(s.evidence.iter().cloned()),
            &mut || {
                last += 1;
                last
            },
        )
    };
    assert_eq!(folded(&s, &s.rules).reviews, live);
    let mut two = s.rules.clone();
    two.namespaces.iter_mut().find(|n| n.name == "user_id").unwrap().max_per_person =
        Some(Limit { n: 2, window_days: None });
    assert_eq!(folded(&s, &two).reviews, Vec::new());
}

#[test]
fn new_evidence_against_a_cannot_link_is_worth_a_look() {
    let mut s = store();
    s.see(&obs(0, &["user_id:ann"]));
    s.see(&obs(1, &["user_id:bob", "email:e"]));
    let (a, b) = (s.id("user_id", "ann"), s.id("user_id", "bob"));
    s.act(&Operation::CannotLink { a, b }, at_minute(2)).unwrap();
    let out = s.see(&obs(3, &["user_id:ann", "email:e"]));
    assert_eq!(out.reviews.iter().map(|r| r.kind).collect::<Vec<_>>(), [ReviewKind::RefusedMerge]);
    let again = s.see(&obs(4, &["user_id:ann", "email:e"]));
    assert_eq!(again.reviews, Vec::new(), "once is enough");
    s.check();
}
