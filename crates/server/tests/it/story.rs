//! The whole path, from several touchpoints to one person to the history.

use serde_json::json;
use throughline_testkit::TestApp;

#[test]
fn a_customer_met_in_four_places_becomes_one_line() {
    let t = TestApp::start();
    // A browser, then a login, then a till, then e-mail.
    let answer = t.batch(&json!([
        { "type": "page", "anonymousId": "a-1", "messageId": "s1",
          "context": { "page": { "url": "https://shop.example/?utm_source=baidu&utm_medium=cpc&utm_campaign=spring" } } },
        { "type": "identify", "anonymousId": "a-1", "userId": "u-1", "messageId": "s2",
          "traits": { "name": "欧阳小明", "email": "Xiao.Ming@Example.com" } },
        { "type": "identify", "userId": "u-1", "messageId": "s3", "traits": { "phone": "139 1234 5678" } },
        { "type": "track", "event": "Order Completed", "messageId": "s4", "context": { "traits": { "phone": "13912345678" } },
          "properties": { "order_id": "o-1", "revenue": 398.00, "currency": "CNY" } },
        { "type": "track", "event": "Email Opened", "messageId": "s5", "context": { "traits": { "email": "xiao.ming@example.com" } } }
    ]));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let verdicts: Vec<&str> =
        answer.body["events"].as_array().unwrap().iter().map(|v| v["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["accepted", "corrected", "corrected", "corrected", "accepted"]);
    t.settle();

    let by_mail = t.get("/api/people/by-identifier/email/xiao.ming@example.com");
    assert_eq!(by_mail.status, 200, "{}", by_mail.body);
    let id = by_mail.body["id"].as_str().unwrap().to_owned();
    for path in ["user_id/u-1", "phone/+8613912345678", "anonymous_id/a-1"] {
        let found = t.get(&format!("/api/people/by-identifier/{path}"));
        assert_eq!(found.body["id"], json!(id), "{path}: {}", found.body);
    }
    assert_eq!(by_mail.body["traits"]["name"], "欧阳小明");
    assert_eq!(by_mail.body["display_name"], "欧阳小明");
    assert_eq!(by_mail.body["totals"]["orders"], 1);
    assert_eq!(by_mail.body["totals"]["revenue_minor"], 39_800);
    assert_eq!(by_mail.body["stage"], "customer");

    let line = t.get(&format!("/api/people/{id}/timeline"));
    assert_eq!(line.body["items"].as_array().unwrap().len(), 5, "{}", line.body);
    // The same line after the events moved into the history.
    t.app.seal_all().unwrap();
    let sealed = t.get(&format!("/api/people/{id}/timeline"));
    let ids = |a: &serde_json::Value| -> Vec<String> {
        a["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&line.body), ids(&sealed.body));
    assert!(sealed.body["items"].as_array().unwrap().iter().all(|i| i["sealed"] == true));

    for typed in ["欧阳", "小明", "ouyang", "oyxm", "139 1234", "xiao.ming@"] {
        let found = t.get(&format!("/api/people?q={}", typed.replace(' ', "%20")));
        assert_eq!(found.body["items"][0]["id"], json!(id), "{typed}: {}", found.body);
    }
    let status = t.get("/api/status");
    assert_eq!((&status.body["events"], &status.body["people"]), (&json!(5), &json!(1)), "{}", status.body);
    assert_eq!(status.body["sealed_events"], 5);
}

#[test]
fn a_timeline_is_read_to_its_end_though_everything_happened_at_once() {
    let t = TestApp::start();
    for batch in 0..13 {
        let event = |n| {
            json!({ "type": "track", "userId": "u1", "event": "Ticked", "messageId": format!("m{batch}-{n}"),
                    "timestamp": "2026-06-01T08:00:00Z" })
        };
        assert_eq!(t.batch(&(0..100).map(event).collect()).status, 200);
    }
    let ids = || {
        let person = t.get("/api/people/by-identifier/user_id/u1").body["id"].as_str().unwrap().to_owned();
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = t.get(&format!("/api/people/{person}/timeline?limit=500{cursor}")).body;
            let items = page["items"].as_array().unwrap();
            assert!(!items.is_empty(), "a page shows something: {page}");
            ids.extend(items.iter().map(|i| i["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { return ids };
            cursor = format!("&cursor={next}");
        }
    };
    let hot = ids();
    assert_eq!(hot.iter().collect::<std::collections::BTreeSet<_>>().len(), 1_300);
    assert_eq!(hot.len(), 1_300, "none twice");
    t.app.seal_all().unwrap();
    assert_eq!(ids(), hot, "sealed as well");
}
