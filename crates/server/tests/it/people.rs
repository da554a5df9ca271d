//! What a person's line adds up to, over HTTP.

use serde_json::{Value, json};
use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;
use throughline_testkit::TestApp;

/// 2026-11-01T00:00:00Z
const NOW: i64 = 1_793_491_200_000;

fn order(user: &str, id: &str, properties: Value) -> Value {
    let mut properties = properties;
    properties["order_id"] = id.into();
    json!({ "type": "track", "event": "Order Completed", "userId": user, "messageId": format!("{user}-{id}"),
        "timestamp": "2026-10-31T12:00:00Z", "properties": properties })
}

fn person(t: &TestApp, user: &str) -> Value {
    t.settle();
    t.get(&format!("/api/people/by-identifier/user_id/{user}")).body
}

#[test]
fn money_of_different_currencies_is_never_added_up() {
    let t = TestApp::at(NOW);
    let paid =
        |id: &str, revenue: f64, currency: &str| order("u", id, json!({"revenue": revenue, "currency": currency}));
    let all =
        json!([paid("1", 100.0, "USD"), paid("2", 1_000.0, "JPY"), paid("3", 100.0, "CNY"), paid("4", 1.5, "CNY")]);
    assert_eq!(t.batch(&all).status, 200);
    let totals = &person(&t, "u")["totals"];
    assert_eq!(
        (&totals["orders"], &totals["revenue_minor"], &totals["currency"]),
        (&json!(4), &json!(10_150), &json!("CNY"))
    );
    let other = json!([{"currency": "JPY", "revenue_minor": 1_000}, {"currency": "USD", "revenue_minor": 10_000}]);
    assert_eq!(totals["other_revenue"], other);
    // Who never paid in the report's currency is shown in the one it paid in.
    let refund = json!({ "type": "track", "event": "Order Refunded", "userId": "us", "messageId": "r",
        "properties": {"order_id": "9", "revenue": 5, "currency": "USD"} });
    let dollars = order("us", "9", json!({"revenue": 20, "currency": "USD"}));
    assert_eq!(t.batch(&json!([dollars, refund])).status, 200);
    let totals = &person(&t, "us")["totals"];
    assert_eq!(
        (&totals["orders"], &totals["revenue_minor"], &totals["currency"]),
        (&json!(1), &json!(1_500), &json!("USD"))
    );
}

#[test]
fn two_shops_may_number_their_orders_alike() {
    let t = TestApp::at(NOW);
    assert_eq!(t.batch(&json!([order("ann", "1001", json!({"revenue": 10}))])).status, 200);
    let other = t.write("POST", "/api/sources", &json!({"name": "Outlet", "kind": "server"})).body;
    let key = other["write_keys"][0]["key"].as_str().expect("a write key").to_owned();
    let body = json!({"batch": [order("bob", "1001", json!({"revenue": 30}))]});
    assert_eq!(t.send("POST", "/v1/batch", &[("x-write-key", &key)], Some(&body)).status, 200);
    // The till tells of ann's order once more, under an id of its own.
    let mut again = order("ann", "1001", json!({"revenue": 10}));
    again["messageId"] = "till-7".into();
    assert_eq!(t.batch(&json!([again])).status, 200);
    let sums = |p: &Value| (p["totals"]["orders"].clone(), p["totals"]["revenue_minor"].clone());
    assert_eq!(sums(&person(&t, "ann")), (json!(1), json!(1_000)));
    assert_eq!(sums(&person(&t, "bob")), (json!(1), json!(3_000)));
}

#[test]
fn an_order_without_a_value_is_an_order() {
    let t = TestApp::at(NOW);
    assert_eq!(t.batch(&json!([order("eve", "7", json!({}))])).status, 200);
    let p = person(&t, "eve");
    assert_eq!((&p["totals"]["orders"], &p["stage"]), (&json!(1), &json!("customer")));
}

#[test]
fn who_stays_away_lapses_at_that_instant_though_nothing_happens() {
    let t = TestApp::at(NOW);
    assert_eq!(
        t.batch(&json!([order("u", "1", json!({"revenue": 10})), order("u", "2", json!({"revenue": 10}))])).status,
        200
    );
    assert_eq!(person(&t, "u")["stage"], "repeat");
    let clock = t.clock.as_ref().expect("a clock of our own");
    let last_order = Timestamp::parse("2026-10-31T12:00:00Z").expect("an instant");
    let stage = || {
        while t.app.stages_once().expect("the store answers") > 0 {}
        person(&t, "u")["stage"].clone()
    };
    clock.set(last_order.plus_ms(365 * DAY_MS));
    assert_eq!(stage(), "repeat", "not a moment too early");
    clock.advance_ms(1);
    assert_eq!(stage(), "lapsed");
    // The next order wins them back, until that one is as old.
    let mut back = order("u", "3", json!({"revenue": 10}));
    back["timestamp"] = t.app.now().to_string().into();
    assert_eq!(t.batch(&json!([back])).status, 200);
    assert_eq!(stage(), "repeat");
    clock.advance_ms(365 * DAY_MS + 1);
    assert_eq!(stage(), "lapsed");
}
