//! What the words mean, one example each, at the edges.

use serde_json::{Value, json};
use throughline_base::Timestamp;
use throughline_base::time::{DAY_MS, HOUR_MS};

use super::super::{Behaviour, Facts, Touched};
use super::{Deed, START, audience, computed, program, rule};

/// Whether a person who did this is in at `now`, and when that changes.
fn ask(json: Value, deeds: &[Deed], now: i64) -> (bool, Option<i64>) {
    let p = program(vec![audience(1, "a", rule(json))]);
    let mut b = Behaviour::default();
    for d in deeds {
        p.occur(&d.facts(), &mut b, &mut Touched::default());
    }
    let out = p.evaluate(&Facts::default(), &b, Timestamp::from_ms(now));
    (out.members[0].1, out.changes_at.map(Timestamp::ms))
}

fn value(json: Value, deeds: &[Deed], now: i64) -> Option<Value> {
    let p = program(vec![computed(1, "c", serde_json::from_value(json).unwrap())]);
    let mut b = Behaviour::default();
    for d in deeds {
        p.occur(&d.facts(), &mut b, &mut Touched::default());
    }
    p.evaluate(&Facts::default(), &b, Timestamp::from_ms(now)).computed.remove(0).1
}

#[test]
fn a_window_is_open_at_its_far_end_and_closed_at_now() {
    let twice = json!({"did": {"event": "A", "window": {"last": "2d"}, "test": {"gte": 2}}});
    let deeds: Vec<Deed> = [0, 10, 20].iter().map(|h| Deed::new(*h, START + h * HOUR_MS, "A")).collect();
    // Out when the second newest leaves, not before: the oldest leaving changes nothing.
    let leaves = START + 10 * HOUR_MS + 2 * DAY_MS;
    assert_eq!(ask(twice.clone(), &deeds, START + 20 * HOUR_MS), (true, Some(leaves)));
    assert_eq!(ask(twice.clone(), &deeds, leaves - 1), (true, Some(leaves)));
    assert_eq!(ask(twice.clone(), &deeds, leaves), (false, None));
    // What lies ahead counts from its instant on.
    assert_eq!(ask(twice, &deeds[..2], START + 9 * HOUR_MS), (false, Some(START + 10 * HOUR_MS)));
}

#[test]
fn not_for_so_long_turns_true_by_the_timer() {
    let quiet = json!({"none": [{"did": {"event": "A", "window": {"last": "30d"}}}]});
    let deeds = [Deed::new(1, START, "A")];
    assert_eq!(ask(quiet.clone(), &deeds, START), (false, Some(START + 30 * DAY_MS)));
    assert_eq!(ask(quiet, &deeds, START + 30 * DAY_MS), (true, None));
}

#[test]
fn an_order_counts_once_and_its_first_amount_holds() {
    let deeds = [
        Deed::new(1, START, "Order Completed").worth(10_000, "o1"),
        Deed::new(2, START + 1_000, "Order Completed").worth(9_900, "o1"),
        Deed::new(3, START + 2_000, "Order Completed").worth(5_000, "o2"),
        Deed::new(4, START + 3_000, "Order Completed").worth(700, ""),
    ];
    let now = START + DAY_MS;
    let of = |m: Value, w: &str| {
        value(json!({"measure": {"event": "Order Completed", "measure": m, "window": {"last": w}}}), &deeds, now)
    };
    assert_eq!(of(json!("count"), "30d"), Some(json!(3)));
    assert_eq!(of(json!({"sum": "value"}), "30d"), Some(json!(157)));
    assert_eq!(of(json!({"max": "value"}), "30d"), Some(json!(100)));
    assert_eq!(of(json!({"average": "value"}), "30d"), Some(json!(157.0 / 3.0)));
    // Of the order told twice the second alone is in this window.
    assert_eq!(of(json!({"sum": "value"}), "1d"), Some(json!(156)));
    let refunds = [
        Deed::new(1, START, "Order Refunded").worth(-500, "o1"),
        Deed::new(2, START, "Order Refunded").worth(-500, "o1"),
    ];
    let sum = json!({"measure": {"event": "Order Refunded", "measure": {"sum": "value"}}});
    assert_eq!(value(sum, &refunds, now), Some(json!(-10)));
}

#[test]
fn sums_of_money_have_no_stray_digits() {
    let deeds: Vec<Deed> = (0..10).map(|i| Deed::new(i, START + i, "A").worth(10, "")).collect();
    let sum = json!({"measure": {"event": "A", "measure": {"sum": "value"}}});
    assert_eq!(value(sum, &deeds, START + DAY_MS), Some(json!(1)));
}

#[test]
fn one_item_of_an_order_must_pass_all_tests() {
    let products = json!({"did": {"event": "A", "where": [{"product": [
        {"name": "category", "test": {"eq": "护肤"}}, {"name": "price", "test": {"gte": 100}}
    ]}]}});
    let is_in = |p: Value| ask(products.clone(), &[Deed::new(1, START, "A").with(p)], START).0;
    assert!(is_in(json!({"products": [{"category": "彩妆", "price": 10}, {"category": "护肤", "price": "120"}]})));
    assert!(!is_in(json!({"products": [{"category": "彩妆", "price": 200}, {"category": "护肤", "price": 50}]})));
    assert!(is_in(json!({"category": "护肤", "price": 100})));
    assert!(!is_in(json!({"products": [], "category": "护肤", "price": 100})));
}

#[test]
fn the_newest_events_are_chosen_before_the_filters() {
    let both = json!({"did": {"event": "A", "where": [{"field": {"name": "properties.x", "test": {"eq": 1}}}], "window": {"newest": 2}, "test": {"gte": 2}}});
    let deed = |id: i64, x: i64| Deed::new(id, START + id, "A").with(json!({"x": x}));
    assert!(ask(both.clone(), &[deed(1, 1), deed(2, 1)], START + 9).0);
    assert!(!ask(both.clone(), &[deed(1, 1), deed(2, 1), deed(3, 2)], START + 9).0);
    assert!(ask(both, &[deed(1, 2), deed(2, 1), deed(3, 1)], START + 9).0);
}

#[test]
fn the_most_frequent_value_is_the_later_seen_of_equals() {
    let deeds: Vec<Deed> = ["red", "blue", "blue", "red"]
        .iter()
        .enumerate()
        .map(|(i, c)| Deed::new(i as i64, START + i as i64, "A").with(json!({"c": c})))
        .collect();
    let most = json!({"measure": {"event": "A", "measure": {"most_frequent": "properties.c"}}});
    assert_eq!(value(most.clone(), &deeds, START + 9), Some(json!("red")));
    assert_eq!(value(most.clone(), &deeds[..3], START + 9), Some(json!("blue")));
    assert_eq!(value(most, &[], START + 9), None);
    let hour = json!({"measure": {"event": "A", "measure": {"most_frequent": "hour"}}});
    // Midnight in UTC is eight in the morning in Shanghai.
    assert_eq!(value(hour, &deeds, START + 9), Some(json!(8)));
}

#[test]
fn values_inside_lists_are_measured_one_by_one() {
    let deeds =
        [Deed::new(1, START, "A").with(json!({"products": [{"q": 2, "c": "a"}, {"q": 3, "c": "b"}, {"c": "a"}]}))];
    let of = |m: Value| value(json!({"measure": {"event": "A", "measure": m}}), &deeds, START);
    assert_eq!(of(json!({"sum": "properties.products.q"})), Some(json!(5)));
    assert_eq!(of(json!({"distinct": "properties.products.c"})), Some(json!(2)));
    assert_eq!(of(json!({"first": "properties.products.c"})), Some(json!("a")));
    assert_eq!(of(json!({"most_frequent": "properties.products.c"})), Some(json!("a")));
    assert_eq!(of(json!("count")), Some(json!(1)));
}

#[test]
fn a_cart_left_alone_is_told_when_the_time_is_over() {
    let left = json!({"sequence": {"steps": [
        {"event": "Product Added"}, {"event": "Order Completed", "within": "24h", "absent": true}
    ], "window": {"last": "7d"}}});
    let added = Deed::new(1, START, "Product Added");
    let ordered = |h: i64| Deed::new(2, START + h * HOUR_MS, "Order Completed");
    let over = START + DAY_MS;
    assert_eq!(ask(left.clone(), std::slice::from_ref(&added), START), (false, Some(over)));
    assert_eq!(ask(left.clone(), std::slice::from_ref(&added), over), (true, Some(START + 7 * DAY_MS)));
    assert_eq!(ask(left.clone(), &[added.clone(), ordered(23)], over), (false, None));
    // Just when the time is over is too late.
    assert!(ask(left.clone(), &[added.clone(), ordered(24)], over).0);
    assert!(!ask(left, &[added], START + 7 * DAY_MS).0);
}

#[test]
fn steps_follow_each_other_in_the_order_of_arrival_within_a_millisecond() {
    let ab = json!({"sequence": {"steps": [{"event": "A"}, {"event": "B", "within": "1h"}]}});
    let deeds = |a: i64, b: i64| [Deed::new(a, START, "A"), Deed::new(b, START, "B")];
    assert!(ask(ab.clone(), &deeds(1, 2), START).0 && !ask(ab, &deeds(2, 1), START).0);
    let aa = json!({"sequence": {"steps": [{"event": "A"}, {"event": "*"}]}});
    assert!(!ask(aa, &[Deed::new(1, START, "A")], START).0, "one event is not two steps");
}

#[test]
fn what_the_platform_notes_is_nothing_a_person_did() {
    let any = json!({"did": {"event": "*"}});
    assert!(!ask(any.clone(), &[Deed::new(1, START, "Audience Entered")], START).0);
    assert!(ask(any, &[Deed::new(1, START, "$page")], START).0);
}

#[test]
fn equal_matchers_share_a_track_and_the_key_stays() {
    let did = |w: &str, filters: Value| rule(json!({"did": {"event": "A", "where": filters, "window": {"last": w}}}));
    let f = |n: Value| json!({"field": {"name": "value", "test": {"gte": n}}});
    let p = program(vec![
        audience(1, "a", did("10d", json!([f(json!(1)), f(json!(2))]))),
        audience(2, "b", did("30d", json!([f(json!(2.0)), f(json!(1)), f(json!(1))]))),
        audience(3, "c", did("60d", json!([f(json!(1)), f(json!(2))]))),
    ]);
    let tracks: Vec<_> = p.tracks().map(|t| (t.parts, t.folds)).collect();
    assert_eq!(tracks.iter().map(|t| t.0).sum::<usize>(), 3);
    assert_eq!(tracks.len(), 2);
    assert_eq!(p.tracks_of(0), p.tracks_of(1));
    let count = program(vec![audience(1, "a", rule(json!({"did": {"event": "Order Completed"}})))]);
    // A stored state is found by this number: it must never change.
    assert_eq!(count.tracks().next().unwrap().key, 4_943_762_128_149_460_889);
    assert!(count.tracks().next().unwrap().folds);
}

#[test]
fn an_explanation_tells_what_was_found_at_each_condition() {
    let p = program(vec![audience(
        1,
        "a",
        rule(json!({"all": [
            {"trait": {"name": "city", "test": {"eq": "上海"}}},
            {"none": [{"did": {"event": "A", "window": {"last": "2d"}, "test": {"gte": 2}}}]},
        ]})),
    )]);
    let mut b = Behaviour::default();
    for h in [1, 2] {
        p.occur(&Deed::new(h, START + h * HOUR_MS, "A").facts(), &mut b, &mut Touched::default());
    }
    let facts = Facts { traits: [("city".to_owned(), json!("北京"))].into(), ..Facts::default() };
    let e = p.explain(0, &facts, &b, Timestamp::from_ms(START + 3 * HOUR_MS)).unwrap();
    assert_eq!((e.path.as_str(), e.code, e.holds), ("rule.all", "all", false));
    let city = &e.inside[0];
    assert_eq!((city.path.as_str(), city.found.clone(), city.holds), ("rule.all[0].trait", Some(json!("北京")), false));
    let did = &e.inside[1].inside[0];
    assert_eq!((did.path.as_str(), did.found.clone(), did.holds), ("rule.all[1].none[0].did", Some(json!(2)), true));
    assert_eq!(did.changes_at, Some(Timestamp::from_ms(START + HOUR_MS + 2 * DAY_MS)));
    assert_eq!(did.params["last_at"], json!(Timestamp::from_ms(START + 2 * HOUR_MS)));
    assert_eq!(did.params["asks"]["event"], json!("A"));
}

#[test]
fn a_robot_does_not_fill_the_store() {
    let p = program(vec![audience(
        1,
        "a",
        rule(json!({"did": {"event": "A", "window": {"last": "30d"}, "test": {"gte": 8000}}})),
    )]);
    let mut b = Behaviour::default();
    for i in 0..30_000 {
        // Received a second later: what ids are made of.
        let id = (START + i * 1_000 + 1_000 - throughline_base::id::ID_EPOCH_MS) << 22;
        p.occur(&Deed::new(id, START + i * 1_000, "A").facts(), &mut b, &mut Touched::default());
    }
    let now = Timestamp::from_ms(START + DAY_MS);
    assert!(p.evaluate(&Facts::default(), &b, now).members[0].1);
    let bytes = b.encode();
    assert!(bytes.len() < 70_000, "{} bytes", bytes.len());
}
