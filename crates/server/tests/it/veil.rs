//! What somebody without the right to see personal data gets to see: every GET route is asked and read.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use throughline_app::team::Caller;
use throughline_testkit::{API_KEY, TestApp, WRITE_KEY};

/// What must not be read, in lower case.
const ANN: [&str; 9] = [
    "13911112222",
    "139 1111 2222",
    "139-1111-2222",
    "13911113333",
    "ann.li@example.com",
    "ann.li%40example.com",
    "李安然",
    "ann margaret",
    "happy road 17",
];
const PHONE: &str = "+8613911112222";

fn filled() -> TestApp {
    let t = TestApp::start();
    let address = json!({ "street": "Happy Road 17", "city": "Hangzhou", "phone": "139-1111-2222" });
    let traits = json!({
        "phone": "139 1111 2222", "email": "Ann.Li@example.com", "name": "李安然", "nickname": "Ann Margaret",
        "address": "Happy Road 17", "addresses": [address], "mobile_number": 13_911_112_222_i64,
    });
    let properties = json!({
        "order_id": "O-20260301001234", "total": 1280.5, "currency": "CNY", "coupon": "SPRING", "quantity": 2,
        "receiver": { "name": "李安然", "phone": "13911112222", "address": address }, "name": "Ann Margaret",
        "note": "call 139 1111 2222", "contact": 13_911_112_222_i64, "mail": "ann.li@example.com",
        "products": [{ "product_id": "p-1", "name": "Long coat", "price": 1280.5, "engraving": "Ann Margaret" }],
        "13911112222": true,
    });
    let url = "https://shop.example/u/13911112222?mail=ann.li%40example.com&utm_source=newmedium&utm_medium=odd";
    let context = json!({ "ip": "203.0.113.7", "traits": traits, "page": { "url": url, "referrer": url } });
    let sent = t.batch(&json!([
        { "type": "identify", "userId": "cust-ann-7", "anonymousId": "dev-ann", "messageId": "1", "traits": traits, "context": context },
        { "type": "page", "userId": "cust-ann-7", "messageId": "2", "name": "Account of 13911112222",
          "properties": { "url": url, "title": "ann.li@example.com", "path": "/u/13911112222" }, "context": context },
        { "type": "track", "event": "Order Completed", "userId": "cust-ann-7", "messageId": "13911112222", "properties": properties, "context": context },
        { "type": "track", "event": "Form Sent", "userId": "cust-ann-7", "messageId": "4", "properties": properties, "context": context },
        { "type": "track", "event": "Consent Updated", "userId": "cust-ann-7", "messageId": "5", "properties": {
            "purpose": "marketing", "channel": "sms", "action": "grant", "method": "paper", "evidence": { "typed": "李安然" } } },
        { "type": "identify", "userId": "cust-ann-9", "messageId": "6", "traits": traits },
        // Without a name it waits in quarantine.
        { "type": "track", "userId": "cust-ann-7", "messageId": "7", "properties": properties, "context": context },
        { "type": "track", "event": "Form Sent", "userId": "cust-ann-7", "messageId": "8", "timestamp": "ann.li@example.com", "properties": properties },
    ]));
    assert_eq!(sent.status, 200, "{}", sent.text);
    let blocked = json!({ "namespace": "phone", "kind": "exact", "value": "+8613911113333" });
    let made = t.write("POST", "/api/identity/blocked", &blocked);
    assert_eq!(made.status, 201, "{}", made.text);
    let noted = json!({ "other": person(&t, "cust-ann-9"), "note": "not 139 1111 2222, says ann.li@example.com" });
    let apart = t.write("POST", &format!("/api/people/{}/cannot-link", person(&t, "cust-ann-7")), &noted);
    assert_eq!(apart.status, 204, "{}", apart.text);
    import(&t);
    t.settle();
    t
}

/// A file with a row that is refused.
fn import(t: &TestApp) {
    let path = t.app.import_upload_path().unwrap();
    let rows = "phone,email,name,event,timestamp\n\
                13911112222,ann.li@example.com,李安然,Order Completed,2026-03-01T10:00:00Z\n\
                13911112222,ann.li@example.com,李安然,Order Completed,ann.li@example.com 13911112222\n";
    std::fs::write(&path, rows).unwrap();
    let (view, guess) = t.app.import_add(&Caller::cli(), "people.csv", &path).unwrap();
    // Another one that stays a draft.
    let path = t.app.import_upload_path().unwrap();
    std::fs::write(&path, rows).unwrap();
    t.app.import_add(&Caller::cli(), "more.csv", &path).unwrap();
    let started = t.write("POST", &format!("/api/imports/{}/start", view.row.id), &json!({ "mapping": guess.toml }));
    assert_eq!(started.status, 200, "{}", started.text);
    let until = Instant::now() + Duration::from_secs(20);
    while t.get(&format!("/api/imports/{}", view.row.id)).body["state"] == "running" {
        assert!(Instant::now() < until, "the import does not end");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn person(t: &TestApp, user: &str) -> String {
    let found = t.get(&format!("/api/people/by-identifier/user_id/{user}"));
    found.body["id"].as_str().unwrap_or_else(|| panic!("{}", found.text)).to_owned()
}

fn key(t: &TestApp, scopes: &[&str]) -> String {
    let made = t.write("POST", "/api/api-keys", &json!({ "name": scopes.join(" "), "scopes": scopes }));
    format!("Bearer {}", made.body["key"].as_str().unwrap())
}

/// Every GET route with what it is asked, ready to send; the stream is read by a test of its own.
fn questions(t: &TestApp) -> Vec<String> {
    let ann = person(t, "cust-ann-7");
    let view = t.get(&format!("/api/people/{ann}")).body;
    let all = |list: &str| {
        let body = t.get(list).body;
        let rows = if body.is_array() { body } else { body["items"].clone() };
        let ids: Vec<String> =
            rows.as_array().into_iter().flatten().map(|r| r["id"].as_str().unwrap().to_owned()).collect();
        if ids.is_empty() { vec!["none".to_owned()] } else { ids }
    };
    let traits: Vec<String> = view["traits"].as_object().unwrap().keys().cloned().collect();
    let document: Value = serde_json::from_str(&throughline_http::openapi()).unwrap();
    let mut out = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_none() || path == "/api/live" {
            continue;
        }
        let ids = match path.split("/{").next().unwrap() {
            "/api/people" => vec![ann.clone()],
            "/api/households" => vec![view["household"]["id"].as_str().unwrap_or("none").to_owned()],
            list if path.contains("{id}") => all(list),
            _ => vec![String::new()],
        };
        let path = path.replace("{namespace}", "phone").replace("{value}", "%2B8613911112222");
        let mut paths: Vec<String> = ids.iter().map(|id| path.replace("{id}", id)).collect();
        if path.contains("{name}") {
            let names: Vec<String> = if path.contains("/traits/") {
                traits.clone()
            } else {
                vec!["Form Sent".into(), "Order Completed".into()]
            };
            paths = names.iter().map(|n| paths[0].replace("{name}", &n.replace(' ', "%20"))).collect();
        }
        if path == "/api/people" {
            paths.extend(["李安然", "13911112222", "ann.li%40example.com"].map(|q| format!("{path}?q={q}")));
        }
        if path.ends_with("/may-contact") {
            paths = vec![format!("{}?purpose=marketing&channel=sms", paths[0])];
        }
        if path.ends_with("/explain") {
            paths.push(format!("{}?other={}", paths[0], person(t, "cust-ann-9")));
        }
        if path == "/api/identity/reviews" {
            paths.push(format!("{path}?state=done"));
        }
        out.extend(paths);
    }
    out
}

/// Routes whose answer holds something of Ann's.
fn telling(t: &TestApp, bearer: &str, questions: &[String]) -> (Vec<String>, usize) {
    let mut found = Vec::new();
    let mut answered = 0;
    for q in questions {
        let seen = t.send("GET", q, &[("authorization", bearer)], None);
        assert!(seen.status < 500, "{q}: {}", seen.text);
        answered += usize::from(seen.status == 200);
        let low = seen.text.to_lowercase();
        if seen.status == 200
            && let Some(n) = ANN.iter().find(|n| low.contains(**n))
        {
            found.push(format!("{q}: {n}: {}", seen.text));
        }
    }
    (found, answered)
}

#[test]
fn without_the_right_to_see_personal_data_no_answer_holds_any() {
    let t = filled();
    let asked = questions(&t);
    let (open, _) = telling(&t, &format!("Bearer {API_KEY}"), &asked);
    for route in [
        "/api/people?",
        "/timeline",
        "/traits/",
        "/explain",
        "/api/quarantine",
        "/api/plan/events",
        "/rejects",
        "/draft",
        "/api/identity/rules",
        "/api/audit",
    ] {
        assert!(open.iter().any(|q| q.contains(route)), "the test proves nothing without {route}: {open:#?}");
    }
    for scopes in [&["read"][..], &["read", "write", "admin"]] {
        let (leaks, answered) = telling(&t, &key(&t, scopes), &asked);
        assert!(answered > 35, "{scopes:?}: only {answered} of {} were answered", asked.len());
        assert!(leaks.is_empty(), "{scopes:?}: {leaks:#?}");
    }
}

#[test]
fn what_is_no_personal_data_stays_readable_on_the_line() {
    let t = filled();
    let path = format!("/api/people/{}/timeline?name=Order", person(&t, "cust-ann-7"));
    let seen = t.send("GET", &path, &[("authorization", &key(&t, &["read"]))], None);
    let order = seen.body["items"].as_array().unwrap().iter().find(|i| i["order_id"] == "O-20260301001234").unwrap();
    let p = &order["properties"];
    assert_eq!(
        (&p["order_id"], &p["coupon"], &p["quantity"]),
        (&json!("O-20260301001234"), &json!("SPRING"), &json!(2))
    );
    assert_eq!((&p["products"][0]["name"], &p["products"][0]["price"]), (&json!("Long coat"), &json!(1280.5)), "{p}");
    assert_eq!(p["receiver"]["name"], "李••", "the shape stays: {p}");
    let open = t.get(&path);
    assert!(open.text.contains("happy") || open.text.contains("Happy Road 17"), "whoever may sees everything");
}

#[test]
fn the_stream_of_arrivals_masks_identifiers() {
    let t = filled();
    let mut stream = TcpStream::connect(t.url.trim_start_matches("http://")).unwrap();
    let bearer = key(&t, &["read"]);
    write!(stream, "GET /api/live HTTP/1.1\r\nhost: t\r\nauthorization: {bearer}\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let (mut seen, until) = (String::new(), Instant::now() + Duration::from_secs(10));
    let mut buffer = [0; 4096];
    while !seen.contains("Coat Tried") {
        assert!(Instant::now() < until, "the arrival is not shown: {seen}");
        let event = json!({ "type": "track", "event": "Coat Tried", "userId": "cust-ann-7", "context": { "traits": { "phone": PHONE, "email": "ann.li@example.com" } } });
        let sent = t.send("POST", "/v1/batch", &[("x-write-key", WRITE_KEY)], Some(&json!({ "batch": [event] })));
        assert_eq!(sent.status, 200);
        if let Ok(n) = stream.read(&mut buffer) {
            seen.push_str(&String::from_utf8_lossy(&buffer[..n]));
        }
    }
    let low = seen.to_lowercase();
    assert!(ANN.iter().all(|n| !low.contains(n)), "{seen}");
}
