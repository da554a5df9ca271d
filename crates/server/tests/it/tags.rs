//! Tags, computed traits and personas over HTTP.

use serde_json::{Value, json};
use throughline_base::time::DAY_MS;
use throughline_testkit::TestApp;

/// 2026-11-01T00:00:00Z
const NOW: i64 = 1_793_491_200_000;

fn id_of(t: &TestApp, user: &str) -> String {
    t.get(&format!("/api/people/by-identifier/user_id/{user}")).body["id"].as_str().unwrap().to_owned()
}

fn people(t: &TestApp, users: &[&str]) {
    let events: Vec<Value> = users
        .iter()
        .map(|u| json!({ "type": "identify", "userId": u, "messageId": format!("i-{u}"), "traits": {"city": "上海", "gender": "female"} }))
        .collect();
    assert_eq!(t.batch(&json!(events)).status, 200);
    settle(t);
}

fn order(user: &str, n: u32, value: f64, days_ago: i64) -> Value {
    let at = throughline_base::Timestamp::from_ms(NOW - days_ago * DAY_MS).to_string();
    json!({ "type": "track", "event": "Order Completed", "userId": user, "messageId": format!("{user}-{n}"),
        "timestamp": at, "properties": {"order_id": format!("{user}-{n}"), "revenue": value, "currency": "CNY",
        "discount": if n == 1 { 0 } else { 10 }, "products": [{"category": "护肤", "price": value}]} })
}

/// Everything that waits is done: the log followed, definitions built, works run.
fn settle(t: &TestApp) {
    for _ in 0..40 {
        t.settle();
        t.app.jobs_run().unwrap();
        if !t.app.packs_step().unwrap() {
            break;
        }
    }
    t.settle();
    t.app.jobs_run().unwrap();
    assert!(t.app.audience_build_wait(std::time::Duration::from_secs(60)).unwrap(), "what waits to be built is built");
    t.settle();
}

fn tags_of(t: &TestApp, user: &str) -> Vec<String> {
    let person = t.get(&format!("/api/people/{}", id_of(t, user))).body;
    person["tags"].as_array().unwrap().iter().map(|x| x["name"].as_str().unwrap().to_owned()).collect()
}

fn audience(t: &TestApp, key: &str, rule: &Value) {
    let body = json!({ "key": key, "name": key, "definition": {"zone": "UTC", "rule": rule} });
    let made = t.write("POST", "/api/audiences", &body);
    assert!(made.status < 300, "{}", made.text);
    settle(t);
}

fn done(t: &TestApp, work: &Value) -> Value {
    settle(t);
    t.get(&format!("/api/tag-works/{}", work["id"].as_str().unwrap())).body
}

#[test]
fn a_tag_put_by_hand_ends_when_its_definition_says() {
    let t = TestApp::at(NOW);
    people(&t, &["ann"]);
    assert_eq!(t.write("PUT", "/api/tags/invited", &json!({"valid_days": 7, "synonyms": ["Eingeladen"]})).status, 200);
    let path = format!("/api/people/{}/tags", id_of(&t, "ann"));
    assert_eq!(t.write("POST", &path, &json!({"tag": "EINGELADEN"})).status, 204);
    assert_eq!(tags_of(&t, "ann"), ["invited"], "another name means the tag");
    let past = t.write("POST", &path, &json!({"tag": "x", "expires_at": "2026-01-01T00:00:00Z"}));
    assert_eq!((past.status, &past.body["code"]), (400, &json!("tag_end")));
    let clock = t.clock.as_ref().unwrap();
    clock.advance_ms(7 * DAY_MS - 1);
    assert_eq!(tags_of(&t, "ann"), ["invited"]);
    clock.advance_ms(1);
    assert!(tags_of(&t, "ann").is_empty(), "in that millisecond");
    assert_eq!(t.get("/api/people?tag=invited").body["items"], json!([]));
    t.app.tags_expire().unwrap();
    assert_eq!(t.get("/api/tags/invited").body["count"], 0);
}

#[test]
fn a_tag_bound_to_an_audience_is_on_whoever_is_in_it() {
    let t = TestApp::at(NOW);
    people(&t, &["ann", "bob"]);
    audience(&t, "buyers", &json!({"did": {"event": "Order Completed"}}));
    let bound = t.write("PUT", "/api/tags/buyer", &json!({"audience": "buyers", "category": null}));
    assert_eq!((bound.status, &bound.body["count"]), (200, &json!(0)), "{}", bound.text);
    audience(&t, "tagged", &json!({"tag": "buyer"}));
    assert_eq!(t.batch(&json!([order("ann", 1, 10.0, 0)])).status, 200);
    settle(&t);
    assert_eq!(tags_of(&t, "ann"), ["buyer"]);
    let tag = t.get("/api/tags/buyer").body;
    assert_eq!((&tag["count"], &tag["share"]), (&json!(1), &json!(0.5)));
    assert_eq!(t.get("/api/people?tag=buyer").body["items"].as_array().unwrap().len(), 1);
    let in_tagged = |t: &TestApp| t.get("/api/audiences/tagged/members").body["items"].as_array().unwrap().len();
    assert_eq!(in_tagged(&t), 1, "a rule about the tag finds who has it by rule");
    // By hand as well, it is counted once.
    assert_eq!(
        t.write("POST", &format!("/api/people/{}/tags", id_of(&t, "ann")), &json!({"tag": "buyer"})).status,
        204
    );
    assert_eq!(t.get("/api/tags/buyer").body["count"], 1);
    // A tag cannot be put by an audience that asks for the tag.
    let circle = t.write("PUT", "/api/tags/buyer", &json!({"audience": "tagged"}));
    assert_eq!(circle.status, 400, "{}", circle.text);
    assert_eq!(t.write("DELETE", "/api/tags/buyer", &json!({})).status, 204);
    settle(&t);
    assert_eq!(in_tagged(&t), 1, "by hand it stays");
}

#[test]
fn a_work_on_many_people_is_undone_but_for_what_changed_since() {
    let t = TestApp::at(NOW);
    people(&t, &["ann", "bob", "cleo"]);
    audience(&t, "all", &json!({"all": []}));
    let of = |user: &str| format!("/api/people/{}/tags", id_of(&t, user));
    assert_eq!(t.write("POST", &of("ann"), &json!({"tag": "spring"})).status, 204);
    t.clock.as_ref().unwrap().advance_ms(1_000);
    let begun = t.write("POST", "/api/tag-works", &json!({"verb": "add", "tag": "spring", "audience": "all"}));
    assert_eq!(begun.status, 202, "{}", begun.text);
    let work = done(&t, &begun.body);
    assert_eq!((&work["state"], &work["total"], &work["changed"]), (&json!("done"), &json!(3), &json!(2)), "{work}");
    t.clock.as_ref().unwrap().advance_ms(1_000);
    assert_eq!(t.write("POST", &of("bob"), &json!({"tag": "spring"})).status, 204);
    let undo = format!("/api/tag-works/{}/undo", work["id"].as_str().unwrap());
    assert_eq!(t.write("POST", &undo, &json!({})).status, 202);
    assert_eq!(done(&t, &work)["state"], "undone");
    let have: Vec<bool> = ["ann", "bob", "cleo"].iter().map(|u| !tags_of(&t, u).is_empty()).collect();
    assert_eq!(have, [true, true, false], "ann had it before, bob was given it since");
    assert_eq!(t.write("POST", &undo, &json!({})).status, 409);
}

#[test]
fn a_merged_tag_goes_on_under_its_old_name() {
    let t = TestApp::at(NOW);
    people(&t, &["ann", "bob"]);
    for (user, tag) in [("ann", "whale"), ("bob", "vip"), ("ann", "staff")] {
        assert_eq!(t.write("POST", &format!("/api/people/{}/tags", id_of(&t, user)), &json!({"tag": tag})).status, 204);
    }
    audience(&t, "whales", &json!({"tag": "whale"}));
    let merge = t.write("POST", "/api/tag-works", &json!({"verb": "merge", "tag": "vip", "of_tag": "whale"}));
    assert_eq!(merge.status, 202, "{}", merge.text);
    let work = done(&t, &merge.body);
    assert_eq!(work["state"], "done", "{work}");
    assert_eq!((tags_of(&t, "ann"), tags_of(&t, "bob")), (vec!["staff".into(), "vip".into()], vec!["vip".into()]));
    let members = |t: &TestApp| t.get("/api/audiences/whales/members").body["items"].as_array().unwrap().len();
    assert_eq!(members(&t), 2, "the rule means the tag by its old name");
    assert_eq!(
        t.write("POST", &format!("/api/tag-works/{}/undo", work["id"].as_str().unwrap()), &json!({})).status,
        202
    );
    settle(&t);
    assert_eq!((tags_of(&t, "ann"), members(&t)), (vec!["staff".into(), "whale".into()], 1));
}

#[test]
fn packs_are_made_one_after_the_other_and_scores_follow_the_cuts() {
    let t = TestApp::at(NOW);
    let users = ["u1", "u2", "u3", "u4", "u5"];
    people(&t, &users);
    let mut events = Vec::new();
    for (i, user) in users.iter().enumerate() {
        // u1 bought once, long ago and for little; u5 five times, lately and for much.
        events.extend((1..=i as u32 + 1).map(|n| order(user, n, 100.0 * f64::from(n), 200 - 40 * i as i64)));
    }
    assert_eq!(t.batch(&json!(events)).status, 200);
    settle(&t);
    let packs = t.write(
        "POST",
        "/api/computed-packs",
        &json!({"packs": ["rfm", "promotion", "taste", "lifecycle"], "language": "zh-CN"}),
    );
    assert_eq!(packs.status, 202, "{}", packs.text);
    settle(&t);
    let cuts = t.write("POST", "/api/rfm/cuts", &json!({}));
    assert_eq!((cuts.status, &cuts.body["people"]), (200, &json!(5)), "{}", cuts.text);
    settle(&t);
    let computed = |user: &str| -> Value {
        let all = t.get(&format!("/api/people/{}", id_of(&t, user))).body["computed"].clone();
        all.as_array()
            .unwrap()
            .iter()
            .map(|c| (c["key"].as_str().unwrap().to_owned(), c["value"].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    for (user, score, group, stage) in
        [("u1", 1, "hibernating", "lapsed"), ("u3", 3, "need_attention", "at_risk"), ("u5", 5, "champions", "active")]
    {
        let c = computed(user);
        assert_eq!(
            (&c["rfm_r"], &c["rfm_f"], &c["rfm_m"]),
            (&json!(score), &json!(score), &json!(score)),
            "{user}: {c}"
        );
        assert_eq!((&c["rfm_group"], &c["lifecycle"]), (&json!(group), &json!(stage)), "{user}: {c}");
        assert_eq!(c["favourite_category"], "护肤");
    }
    assert_eq!(computed("u5")["price_sensitivity"], 0.8, "four of five orders with a discount");
    let trait_ = t.get("/api/computed-traits/rfm_group").body;
    assert_eq!((&trait_["name"], &trait_["people"]), (&json!("RFM 分组"), &json!(5)));
    let spread = t.get("/api/computed-traits/rfm_frequency/distribution").body;
    assert_eq!((&spread["known"], &spread["numbers"]["median"]), (&json!(5), &json!(3.0)), "{spread}");
    assert_eq!(t.get("/api/rfm/cuts").body.as_array().unwrap().len(), 1);
    // What others read cannot be taken away, what an operator archived is not made again.
    assert_eq!(t.write("DELETE", "/api/computed-traits/rfm_r", &json!({})).status, 409);
    assert_eq!(t.write("DELETE", "/api/computed-traits/rfm_class", &json!({})).status, 204);
    settle(&t);
    assert_eq!(t.get("/api/computed-traits/rfm_class").status, 404);
}

#[test]
fn a_persona_is_shown_beside_the_average_customer() {
    let t = TestApp::at(NOW);
    people(&t, &["ann", "bob", "cleo", "dan"]);
    assert_eq!(t.batch(&json!([order("ann", 1, 100.0, 5), order("ann", 2, 300.0, 3)])).status, 200);
    settle(&t);
    audience(&t, "buyers", &json!({"did": {"event": "Order Completed"}}));
    audience(&t, "everyone", &json!({"all": []}));
    let persona = json!({"name": "Skin-care lover", "description": "buys often", "audience": "buyers"});
    assert_eq!(t.write("PUT", "/api/personas/lover", &persona).status, 200);
    assert_eq!(t.get("/api/personas/lover").body["people"], 1);
    let p = t.get("/api/personas/lover/profile").body;
    assert_eq!((&p["persona"]["people"], &p["everybody"]["people"]), (&json!(1), &json!(4)), "{p}");
    assert_eq!((&p["persona"]["value"]["buyers"], &p["everybody"]["value"]["buyers"]), (&json!(1.0), &json!(0.25)));
    assert_eq!(p["persona"]["value"]["order_minor"], 20_000.0);
    assert_eq!(p["everybody"]["city"]["top"][0], json!({"value": "上海", "people": 4, "share": 1.0}));
    let both = t.write("POST", "/api/audiences/compare", &json!({"audiences": ["everyone", "buyers"]})).body;
    assert_eq!(both["audiences"][0]["overlap"], json!([4, 1]), "{both}");
    assert_eq!(both["audiences"][1]["overlap"], json!([1, 1]));
    assert_eq!(t.write("POST", "/api/audiences/compare", &json!({"audiences": []})).status, 400);
    assert_eq!(t.write("DELETE", "/api/personas/lover", &json!({})).status, 204);
    assert_eq!(t.get("/api/personas/lover/profile").status, 404);
}
