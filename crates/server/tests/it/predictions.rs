//! Predictions over HTTP: from a history that was sent to what is said of a person.

use std::sync::OnceLock;

use serde_json::{Value, json};
use throughline_base::time::DAY_MS;
use throughline_base::{Rng, Timestamp};
use throughline_testkit::TestApp;

/// 2026-11-01T00:00:00Z
const NOW: i64 = 1_793_491_200_000;
/// Days of the made-up shop.
const DAYS: i64 = 380;
const PEOPLE: u64 = 1_200;
const CATEGORIES: [&str; 4] = ["tea", "cups", "lamps", "wool"];

/// Somebody who comes in phases, mostly for one category, and buys some of what they look at.
fn life(user: u64, rng: &mut Rng) -> Vec<Value> {
    let (keen, favourite) = (0.1 + 0.4 * rng.unit(), rng.below(4) as usize);
    let mut interested = rng.chance(0.5);
    let mut out = Vec::new();
    for day in rng.below(DAYS as u64 / 2) as i64..DAYS {
        if rng.chance(0.03) {
            interested = !interested;
        }
        if !rng.chance(if interested { 0.25 } else { 0.01 }) {
            continue;
        }
        let at = NOW - (DAYS - day) * DAY_MS + rng.below(DAY_MS as u64 / 2) as i64;
        let category = CATEGORIES[if rng.chance(0.8) { favourite } else { rng.below(4) as usize }];
        let mut say = |event: &str, later: i64, properties: Value| {
            out.push(json!({
                "type": "track", "event": event, "userId": format!("u{user}"),
                "messageId": format!("{user}-{day}-{event}"),
                "timestamp": Timestamp::from_ms(at + later).to_string(), "properties": properties,
            }));
        };
        say("Product Viewed", 0, json!({ "category": category, "price": 20 }));
        if rng.chance(keen) {
            let revenue = 10 + rng.below(60);
            let properties = json!({
                "order_id": format!("{user}-{day}"), "revenue": revenue, "currency": "CNY",
                "products": [{ "product_id": "p", "category": category }],
            });
            say("Order Completed", 60_000, properties);
        }
    }
    out
}

/// The history, made once for all tests.
fn history() -> &'static [Value] {
    static MADE: OnceLock<Vec<Value>> = OnceLock::new();
    MADE.get_or_init(|| {
        let rng = Rng::seeded(21);
        (0..PEOPLE).flat_map(|u| life(u, &mut rng.fork(u))).collect()
    })
}

fn shop() -> TestApp {
    let t = TestApp::at(NOW);
    for part in history().chunks(500) {
        let sent = t.batch(&json!(part));
        assert_eq!(sent.status, 200, "{}", sent.text);
    }
    t.settle();
    t
}

fn train_all(t: &TestApp) {
    for p in t.get("/api/predictions").body.as_array().unwrap() {
        let started = t.write("POST", &format!("/api/predictions/{}/train", p["kind"].as_str().unwrap()), &json!({}));
        assert_eq!(started.status, 202, "{}", started.text);
    }
    settle(t);
}

/// Waits until no training and no scoring is left.
fn settle(t: &TestApp) {
    for _ in 0..600 {
        t.app.jobs_run().unwrap();
        let open = ["ready", "leased"].iter().any(|state| {
            let jobs = t.get(&format!("/api/jobs?state={state}")).body;
            jobs["items"].as_array().is_some_and(|j| !j.is_empty())
        });
        if !open {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("jobs are left: {}", t.get("/api/jobs").text);
}

fn kind(t: &TestApp, name: &str) -> Value {
    let all = t.get("/api/predictions").body;
    all.as_array().unwrap().iter().find(|k| k["kind"] == name).cloned().unwrap_or_else(|| panic!("{all}"))
}

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("{v} is no number"))
}

fn id_of(t: &TestApp, user: u64) -> String {
    let person = t.get(&format!("/api/people/by-identifier/user_id/u{user}")).body;
    person["id"].as_str().unwrap_or_else(|| panic!("{person}")).to_owned()
}

#[test]
fn a_history_becomes_models_that_are_measured_and_scores_that_say_why() {
    let t = shop();
    let sealed = t.app.seal_all().unwrap();
    assert!(sealed.events > 5_000, "{sealed:?}");
    train_all(&t);

    let purchase = kind(&t, "purchase_30d");
    let live = &purchase["live"];
    assert!(live["chance"].is_object(), "{purchase} {}", t.get("/api/jobs").text);
    let chance = &live["chance"];
    // Of 1,200 people the AUC has a standard error of .017, so it says: surely better than chance, and no worse than recency
    // alone by more than two of them. A tenth is 120 people, and some 300 calibrate: chance makes a few hundredths.
    assert!(number(&chance["auc"]) > number(&chance["recency_auc"]) - 0.034, "{live}");
    assert!(number(&chance["auc"]) > 0.5 + 4.0 * 0.017 && number(&chance["calibration_error"]) < 0.12, "{live}");
    assert_eq!(chance["tenths"].as_array().unwrap().len(), 10);
    assert_eq!(
        (&live["state"], &purchase["refused"], &purchase["waits"]),
        (&json!("live"), &Value::Null, &Value::Null)
    );
    assert_eq!(live["cut_offs"][0], "2026-10-01T16:00:00.000Z", "thirty days before the local midnight");
    assert!(number(&live["scoring"]["people"]) > 700.0, "{live}");
    let lapse = kind(&t, "lapse_90d");
    assert!(lapse["live"]["chance"]["auc"].is_number(), "{lapse}");
    assert!(number(&lapse["live"]["chance"]["auc"]) > 0.6, "{lapse}");

    let value = &kind(&t, "clv_365d")["live"]["value"];
    let held = &value["purchases"];
    assert!((-0.5..0.5).contains(&number(&held["bias"])), "{value}");
    assert!(number(&held["mae"]) < number(&held["zero_mae"]), "{value}");
    assert!(number(&held["rank_correlation"]) > 0.2, "{value}");

    let category = &kind(&t, "next_category")["live"]["category"];
    assert!(number(&category["hit_1"]) > number(&category["popular_1"]) + 0.2, "{category}");

    let mut by_kind = std::collections::BTreeMap::<String, usize>::new();
    for user in 0..60 {
        for p in t.get(&format!("/api/people/{}/predictions", id_of(&t, user))).body.as_array().unwrap() {
            let name = p["kind"].as_str().unwrap();
            *by_kind.entry(name.to_owned()).or_default() += 1;
            let said = number(&p["value"]);
            assert_eq!(p["version"], 1, "{p}");
            match name {
                "purchase_30d" | "lapse_90d" => {
                    assert!((0.0..=1.0).contains(&said), "{p}");
                    let why = p["contributions"].as_array().unwrap();
                    assert!(!why.is_empty() && why.len() <= 5 && why[0]["feature"].is_string(), "{p}");
                }
                "clv_365d" => {
                    let alive = number(&p["contributions"]["p_alive"]);
                    assert!(said >= 0.0 && (0.0..=1.0).contains(&alive), "{p}");
                }
                "next_category" => assert!(CATEGORIES.contains(&p["label"].as_str().unwrap()), "{p}"),
                other => panic!("{other} is not predicted"),
            }
        }
    }
    assert!(by_kind.len() == 4 && by_kind.values().all(|n| *n > 30), "{by_kind:?}");
    assert_eq!(t.get("/api/status").body["drifting_models"], 0);
}

#[test]
fn scoring_again_changes_nothing_and_a_later_day_something() {
    let t = shop();
    train_all(&t);
    let before = kind(&t, "purchase_30d")["live"]["scoring"].clone();
    let score = |t: &TestApp| {
        assert_eq!(t.write("POST", "/api/predictions/purchase_30d/train", &json!({})).status, 202);
        settle(t);
        kind(t, "purchase_30d")["live"]["scoring"].clone()
    };
    assert!(number(&before["people"]) > 700.0);
    let again = score(&t);
    assert_eq!(again["changed"], 0, "the same history makes the same model and the same scores");
    assert_eq!(again["people"], before["people"]);
    let versions = t.get("/api/predictions/purchase_30d/versions").body;
    assert_eq!(versions.as_array().unwrap().len(), 2);
    assert_eq!((&versions[0]["state"], &versions[1]["state"]), (&json!("live"), &json!("retired")));
    assert_eq!(versions[0]["chance"], versions[1]["chance"]);
    t.clock.as_ref().unwrap().advance_ms(3 * DAY_MS);
    t.app.predictions_due().unwrap();
    settle(&t);
    let later = kind(&t, "purchase_30d")["live"].clone();
    assert!(number(&later["scoring"]["changed"]) > 50.0, "days went by: {later}");
    assert_eq!(later["version"], 2, "a week has not gone by");
    t.clock.as_ref().unwrap().advance_ms(5 * DAY_MS);
    t.app.predictions_due().unwrap();
    settle(&t);
    assert_eq!(kind(&t, "purchase_30d")["live"]["version"], 3);
}

#[test]
fn too_little_data_are_refused_with_the_reason() {
    let t = TestApp::at(NOW);
    assert_eq!(kind(&t, "clv_365d")["waits"], "there are 0 buyers; 200 are needed at least");
    t.app.predictions_due().unwrap();
    assert_eq!(t.get("/api/jobs").body["items"], json!([]), "nothing is tried in vain");
    assert_eq!(t.write("POST", "/api/predictions/clv_365d/train", &json!({})).status, 202);
    settle(&t);
    let refused = &kind(&t, "clv_365d")["refused"];
    assert_eq!((&refused["refused"]["code"], &refused["state"]), (&json!("prediction_few_buyers"), &json!("refused")));
    assert_eq!(kind(&t, "clv_365d")["live"], Value::Null);
    assert_eq!(t.write("POST", "/api/predictions/churn/train", &json!({})).status, 404);
    assert_eq!(t.get("/api/predictions/churn/versions").status, 404);
}

#[test]
fn another_horizon_is_another_prediction() {
    let t = shop();
    train_all(&t);
    let person = format!("/api/people/{}/predictions", id_of(&t, 0));
    let kinds = |t: &TestApp| {
        let all = t.get(&person).body;
        all.as_array().unwrap().iter().map(|p| p["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(kinds(&t).contains(&"purchase_30d".to_owned()), "{:?}", kinds(&t));
    let mut settings = t.get("/api/predictions/settings").body;
    assert_eq!((&settings["purchase_days"], &settings["retrain_days"]), (&json!(30), &json!(7)));
    settings["purchase_days"] = json!(0);
    assert_eq!(t.write("PUT", "/api/predictions/settings", &settings).body["code"], "prediction_settings");
    settings["purchase_days"] = json!(14);
    assert_eq!(t.write("PUT", "/api/predictions/settings", &settings).body["purchase_days"], 14);
    assert!(!kinds(&t).contains(&"purchase_30d".to_owned()), "{:?}", kinds(&t));
    assert_eq!(t.write("POST", "/api/predictions/purchase_30d/train", &json!({})).status, 404);
    assert_eq!(t.write("POST", "/api/predictions/purchase_14d/train", &json!({})).status, 202);
    settle(&t);
    assert!(kinds(&t).contains(&"purchase_14d".to_owned()), "{:?}", kinds(&t));
    let reader = t.write("POST", "/api/api-keys", &json!({ "name": "reader", "scopes": ["read"] })).body;
    let bearer = format!("Bearer {}", reader["key"].as_str().unwrap());
    let asked = |method: &str, path: &str, body: Option<&Value>| {
        t.send(method, path, &[("authorization", bearer.as_str())], body).status
    };
    assert_eq!(asked("GET", &person, None), 200);
    assert_eq!(asked("POST", "/api/predictions/purchase_14d/train", Some(&json!({}))), 403);
    assert_eq!(asked("PUT", "/api/predictions/settings", Some(&settings)), 403);
}
