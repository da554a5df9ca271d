//! The captured requests of real SDKs, decoded to the last identifier.

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;

/// A captured request.
pub(crate) struct Captured {
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Captured {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn request(&self) -> WireRequest<'_> {
        WireRequest {
            path: &self.path,
            query: self.query.as_deref(),
            headers: Headers {
                authorization: self.header("authorization"),
                write_key: self.header("x-write-key"),
                content_type: self.header("content-type"),
                content_encoding: self.header("content-encoding"),
                user_agent: self.header("user-agent"),
                client_ip: None,
            },
            body: &self.body,
        }
    }
}

fn shared() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    PathBuf::from(std::env::var("THROUGHLINE_SHARED").unwrap_or_else(|_| default.to_owned()))
}

pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut z = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    z.write_all(data).unwrap();
    z.finish().unwrap()
}

/// The requests of one file, or none (with a message) when the shared data are not there.
pub(crate) fn captured(file: &str) -> Vec<Captured> {
    let path = shared().join("data/wire").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there; set THROUGHLINE_SHARED", path.display());
        return Vec::new();
    };
    let lines = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let url = line["url"].as_str().unwrap();
        let (path, query) = url.split_once('?').map_or((url, None), |(p, q)| (p, Some(q.to_owned())));
        let headers: Vec<(String, String)> = line["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned()))
            .collect();
        let body = line["body"].as_str().unwrap().as_bytes().to_vec();
        let zipped = headers.iter().any(|(k, v)| k == "content-encoding" && v == "gzip");
        Captured { path: path.to_owned(), query, headers, body: if zipped { gzip(&body) } else { body } }
    });
    lines.collect()
}

/// One line per event: what it is, who, when, and its key.
fn brief(decoded: &Decoded) -> Vec<String> {
    let event = |e: &RawEvent| {
        let mut out = format!("{} {:?}", e.kind.as_str(), e.name);
        let ids = [("user", &e.user_id), ("anon", &e.anonymous_id), ("prev", &e.previous_id), ("group", &e.group_id)];
        for (name, id) in ids {
            if let Some(id) = id {
                out += &format!(" {name}={id}");
            }
        }
        for id in &e.ids {
            out += &format!(" {}={}", id.namespace, id.value);
        }
        out += &format!(" id={} at={} sent={}", e.message_id.as_deref().unwrap_or("-"), e.timestamp, e.sent_at);
        if let Some(fault) = &e.fault {
            out += &format!(" fault={}", fault.reason.as_str());
        }
        out
    };
    let verdict =
        |e: &Result<RawEvent, Rejected>| e.as_ref().map_or_else(|r| format!("rejected {}", r.reason.as_str()), event);
    let mut out = vec![format!(
        "{} key={} sent={}",
        decoded.client.as_str(),
        decoded.write_key.as_deref().unwrap_or("-"),
        decoded.sent_at.map_or("-".to_owned(), |t| t.to_string())
    )];
    out.extend(decoded.events.iter().map(verdict));
    out
}

/// What the three files hold, in their order.
const GOLDEN: [&[&str]; 21] = [
    &[
        r#"segment key=WK_segnode sent=2026-11-21T23:41:30.083Z"#,
        r#"identify "" user=u1 id=node-next-1795304490076-e92ee79e-dc73-46b5-bdf6-3662ecd829b1 at="2026-11-21T23:41:30.076Z" sent="2026-11-21T23:41:30.083Z""#,
        r#"track "Item Purchased" user=u1 id=node-next-1795304490077-e79edc73-d6b5-4df6-b662-ecd829b19c2d at="2026-11-21T23:41:30.077Z" sent="2026-11-21T23:41:30.083Z""#,
        r#"page "Home" anon=anon1 id=node-next-1795304490078-dc73d6b5-3df6-4662-acd8-29b19c2dba0b at="2026-11-21T23:41:30.078Z" sent="2026-11-21T23:41:30.083Z""#,
    ],
    &[
        r#"segment key=WK_segnode sent=2026-11-21T23:41:30.113Z"#,
        r#"group "" user=u1 group=g1 id=node-next-1795304490078-d6b53df6-3662-4cd8-a9b1-9c2dba0b1478 at="2026-11-21T23:41:30.078Z" sent="2026-11-21T23:41:30.113Z""#,
        r#"alias "" user=u1 prev=anon1 id=node-next-1795304490078-3df63662-ecd8-49b1-9c2d-ba0b147863a3 at="2026-11-21T23:41:30.078Z" sent="2026-11-21T23:41:30.113Z""#,
        r#"screen "S" user=u1 id=node-next-1795304490078-3662ecd8-29b1-4c2d-ba0b-147863a31f7c at="2026-11-21T23:41:30.078Z" sent="2026-11-21T23:41:30.113Z""#,
    ],
    &[
        r#"segment key=WK_old sent=2026-11-21T23:41:30.312Z"#,
        r#"track "Old" user=u1 id=node-ca1fdbc89fb6544a262c9b7e91882900-008f1255-5b8d-4a06-b0bf-01fd6f09f252 at="2026-11-21T23:41:30.307Z" sent="2026-11-21T23:41:30.312Z""#,
    ],
    &[
        r#"rudder key=WK_rud sent=2026-11-21T23:41:31.052Z"#,
        r#"track "Rud" user=u1 id=34e6970c-2bcc-40bd-9c5e-a5d5a8b5b12f at="2026-11-21T23:41:31.052Z" sent="2026-11-21T23:41:31.052Z""#,
    ],
    &[
        r#"rudder key=WK_rud sent=2026-11-21T23:41:31.093Z"#,
        r#"identify "" user=u1 id=37bf2d56-dc88-4fa1-9387-d62cb3ed6c5c at="2026-11-21T23:41:31.054Z" sent="2026-11-21T23:41:31.093Z""#,
    ],
    &[
        r#"posthog key=phc_test sent=2026-11-21T23:41:32.686Z"#,
        r#"track "Ph" user=u1 id=01a2007c-8e8d-754a-90c6-603decd7e2f9 at="2026-11-21T23:41:32.685Z" sent="2026-11-21T23:41:32.686Z""#,
        r#"identify "" user=u1 id=01a2007c-8e8d-754a-90c6-603f8bca0a97 at="2026-11-21T23:41:32.685Z" sent="2026-11-21T23:41:32.686Z""#,
        r#"alias "" user=u1 prev=anon1 id=01a2007c-8e8e-790e-bb7b-8c99d0ad9a92 at="2026-11-21T23:41:32.686Z" sent="2026-11-21T23:41:32.686Z""#,
    ],
    &[
        r#"sensors key=default sent=-"#,
        r#"track "ViewProduct" anon=u1 id=7954001371-1795304492933-u1-ViewProduct at=1795304492933 sent=null"#,
    ],
    &[
        r#"sensors key=default sent=-"#,
        r#"alias "" user=u1 prev=anon1 id=4942083249-1795304492940-u1-$SignUp at=1795304492940 sent=null"#,
    ],
    &[
        r#"sensors key=default sent=-"#,
        r#"identify "" anon=u1 id=3906822457-1795304492941-u1- at=1795304492941 sent=null"#,
    ],
    &[
        r#"sensors key=default sent=-"#,
        r#"track "$item_set" id=9493943145-1795304492941-- at=1795304492941 sent=null fault=not_a_person_event"#,
    ],
    &[
        r#"snowplow key=app sent=2026-11-21T23:41:33.769Z"#,
        r#"page "" user=u1 id=10a0f4c5-ac06-4f50-8701-d6f720927b3d at="1795304493768" sent="1795304493769""#,
    ],
    &[
        r#"jitsu key=k:s sent=2026-11-21T23:41:34.718Z"#,
        r#"track "JitsuEv" anon=6b3d4028-5983-4966-a030-a31a82c2304e id=4eeonre4dw1tptpjkj4rn at="2026-11-21T23:41:34.718Z" sent="2026-11-21T23:41:34.718Z""#,
    ],
    &[
        r#"jitsu key=k:s sent=2026-11-21T23:41:34.739Z"#,
        r#"identify "" user=u1 anon=6b3d4028-5983-4966-a030-a31a82c2304e id=4ddr3kej7a1lkmgticip5 at="2026-11-21T23:41:34.739Z" sent="2026-11-21T23:41:34.739Z""#,
    ],
    &[
        r#"segment key=WK_py sent=2026-11-21T23:41:36.378Z"#,
        r#"identify "" user=u1 id=1effc76f-6767-4f27-8d09-00dfb8f42ffd at="2026-11-21T23:41:35.873+00:00" sent="2026-11-21T23:41:36.378177+00:00""#,
        r#"track "PyEvent" user=u1 id=5c8e32b5-bfa4-4a52-af66-86d21872213c at="2026-11-21T23:41:35.873+00:00" sent="2026-11-21T23:41:36.378177+00:00""#,
    ],
    &[
        r#"segment key=WK_rpy sent=2026-11-21T23:41:37.046Z"#,
        r#"track "RPy" user=u1 id=793752c2-bd42-42b3-8703-3ea09addac43 at="2026-11-21T23:41:36.545755+00:00" sent="2026-11-21T23:41:37.046302+00:00""#,
    ],
    &[r#"sensors key=default sent=-"#, r#"track "PyView" user=u1 id=- at=1795304497078 sent=null"#],
    &[r#"sensors key=default sent=-"#, r#"bind "" user=u1 phone=13800000000 id=- at=1795304655503 sent=null"#],
    &[r#"sensors key=default sent=-"#, r#"unbind "" phone=13800000000 id=- at=1795304655519 sent=null"#],
    &[
        r#"segment key=WK_web sent=2026-11-21T23:44:24.447Z"#,
        r#"page "Home" anon=f07def16-84d4-4cac-bdd5-923155550c69 id=ajs-next-1795304664370-15f07def-1684-449c-ac7d-d5923155550c at="2026-11-21T23:44:24.370Z" sent="2026-11-21T23:44:24.447Z""#,
    ],
    &[
        r#"segment key=WK_web sent=2026-11-21T23:44:24.704Z"#,
        r#"identify "" user=u1 anon=f07def16-84d4-4cac-bdd5-923155550c69 id=ajs-next-1795304664690-ef1684d4-9cac-4dd5-9231-55550c695c71 at="2026-11-21T23:44:24.690Z" sent="2026-11-21T23:44:24.704Z""#,
    ],
    &[
        r#"segment key=WK_web sent=2026-11-21T23:44:24.753Z"#,
        r#"track "Clicked" user=u1 anon=f07def16-84d4-4cac-bdd5-923155550c69 id=ajs-next-1795304664733-84d49cac-7dd5-4231-9555-0c695c71cbc4 at="2026-11-21T23:44:24.733Z" sent="2026-11-21T23:44:24.753Z""#,
    ],
];

#[test]
fn every_captured_request_decodes_to_its_events_identifiers_and_times() {
    let all: Vec<Captured> = ["wire.jsonl", "wire2.jsonl", "wire3.jsonl"].iter().flat_map(|f| captured(f)).collect();
    assert!(all.is_empty() || all.len() == GOLDEN.len());
    for (request, golden) in all.iter().zip(GOLDEN) {
        let decoded = decode(&request.request(), &Limits::default()).unwrap();
        assert_eq!(brief(&decoded), golden);
    }
}

/// Decodes a body posted to a path.
fn post(path: &str, body: &str) -> Decoded {
    decode(&WireRequest { path, body: body.as_bytes(), ..WireRequest::default() }, &Limits::default()).unwrap()
}

/// The only event of a body, in its JSON form.
fn only(path: &str, body: &str) -> Value {
    let mut decoded = post(path, body);
    assert_eq!(decoded.events.len(), 1);
    serde_json::to_value(decoded.events.remove(0).unwrap()).unwrap()
}

#[test]
fn one_bad_event_never_fails_its_neighbours() {
    let decoded = post("/v1/batch", r#"{"batch":[7,{"type":"dance","userId":"u"},{"event":"Ok","userId":"u","n":1}]}"#);
    assert_eq!(
        brief(&decoded)[1..],
        [
            r#"track "" id=- at=null sent=null fault=malformed"#,
            r#"track "" user=u id=- at=null sent=null fault=malformed"#,
            r#"track "Ok" user=u id=- at=null sent=null"#,
        ]
    );
    let kept = decoded.events[0].as_ref().unwrap();
    assert_eq!(kept.extra["original"], json!(7), "what cannot be used is kept");
}

#[test]
fn events_over_the_limits_get_verdicts_of_their_own() {
    let limits = Limits { batch_events: 2, event_bytes: 90, properties: 2, message_id_chars: 5, ..Limits::default() };
    let long = "x".repeat(80);
    let body = format!(r#"{{"batch":[{{"event":"a","messageId":"12345"}},{{"event":"{long}"}},{{"event":"c"}}]}}"#);
    let req = WireRequest { path: "/v1/batch", body: body.as_bytes(), ..WireRequest::default() };
    let decoded = decode(&req, &limits).unwrap();
    assert_eq!(
        brief(&decoded)[1..],
        [r#"track "a" id=12345 at=null sent=null fault=over_limit"#, "rejected over_limit", "rejected over_limit"]
    );
    let tiny = Limits { batch_entries: 2, ..limits };
    assert_eq!(decode(&req, &tiny).unwrap_err().kind, WireErrorKind::TooLarge);
    let small = Limits { body_bytes: 10, ..Limits::default() };
    assert_eq!(decode(&req, &small).unwrap_err().kind, WireErrorKind::TooLarge);
}

#[test]
fn a_request_of_very_many_values_is_cut_at_its_budget() {
    let many = format!(r#"{{"event":"a","properties":{{"list":[{}0]}}}}"#, "0,".repeat(9_000));
    let body = format!("[{}]", vec![many; 20].join(","));
    let req = WireRequest { path: "/v1/batch", body: body.as_bytes(), ..WireRequest::default() };
    let decoded = decode(&req, &Limits { request_values: 50_000, ..Limits::default() }).unwrap();
    let taken = decoded.events.iter().filter(|e| e.is_ok()).count();
    assert_eq!((decoded.events.len(), taken), (20, 5));
}

#[test]
fn names_of_paths_give_the_type_that_an_event_leaves_out() {
    for (path, kind) in [
        ("/v1/t", "track"),
        ("/v1/i", "identify"),
        ("/v1/page", "page"),
        ("/v1/s", "screen"),
        ("/v1/g", "group"),
        ("/v1/a", "alias"),
    ] {
        assert_eq!(only(path, r#"{"userId":"u","event":"E"}"#)["kind"], kind, "{path}");
    }
    assert_eq!(only("/api/s/s2s/identify", r#"{"userId":"u"}"#)["kind"], "identify");
    assert_eq!(only("/v1/pixel/track", "data=eyJldmVudCI6IkUifQ")["name"], "E");
    let unknown = WireRequest { path: "/v1/secret", body: b"{}", ..WireRequest::default() };
    assert_eq!(decode(&unknown, &Limits::default()).unwrap_err().kind, WireErrorKind::UnknownPath);
}

#[test]
fn an_event_with_a_field_called_data_is_still_one_event() {
    assert_eq!(only("/v1/t", r#"{"event":"E","userId":"u","data":{"a":1}}"#)["extra"]["data"], json!({"a": 1}));
    let odd = WireRequest { path: "/v1/batch", body: br#"{"batch":{}}"#, ..WireRequest::default() };
    assert_eq!(decode(&odd, &Limits::default()).unwrap_err().kind, WireErrorKind::Unreadable);
}

#[test]
fn a_context_on_the_envelope_holds_for_its_events() {
    let decoded = post(
        "/v1/batch",
        r#"{"context":{"locale":"zh","app":{"name":"A"}},"batch":[{"event":"a","context":{"locale":"en"}}]}"#,
    );
    assert_eq!(
        Value::Object(decoded.events[0].as_ref().unwrap().context.clone()),
        json!({"locale": "en", "app": {"name": "A"}})
    );
}

#[test]
fn a_browser_lends_its_user_agent_and_address_to_events_without() {
    let headers = Headers { user_agent: Some("Mozilla/5.0 x"), client_ip: Some("203.0.113.7"), ..Headers::default() };
    let req = WireRequest {
        path: "/sa.gif",
        query: Some("data=eyJ0eXBlIjoidHJhY2siLCJldmVudCI6ImEifQ%3D%3D&token=k1"),
        headers,
        body: b"",
    };
    let decoded = decode(&req, &Limits::default()).unwrap();
    let event = decoded.events[0].as_ref().unwrap();
    assert_eq!((decoded.write_key.as_deref(), event.name.as_str()), (Some("k1"), "a"));
    assert_eq!(event.context["userAgent"], "Mozilla/5.0 x");
    assert_eq!(event.context["ip"], "203.0.113.7");
}

#[test]
fn traits_of_an_identify_are_found_in_its_context_when_they_are_nowhere_else() {
    let e = only("/v1/i", r#"{"userId":"u","traits":{},"context":{"traits":{"city":"上海"}}}"#);
    assert_eq!((&e["traits"], &e["context"]), (&json!({"city": "上海"}), &json!({})));
    let e = only("/v1/i", r#"{"userId":"u","traits":{"city":"北京"},"context":{"traits":{"city":"上海"}}}"#);
    assert_eq!((&e["traits"]["city"], &e["context"]["traits"]["city"]), (&json!("北京"), &json!("上海")));
}

#[test]
fn posthog_tells_known_from_unknown_people() {
    let event = |props: &str| only("/e/", &format!(r#"{{"event":"$pageview","api_key":"k","properties":{props}}}"#));
    let e = event(r#"{"distinct_id":"d1","$device_id":"d1","$current_url":"https://s.cn/?utm_source=x","token":"k"}"#);
    assert_eq!((&e["kind"], &e["anonymous_id"], &e["user_id"]), (&json!("page"), &json!("d1"), &Value::Null));
    assert_eq!(e["context"]["page"]["url"], "https://s.cn/?utm_source=x");
    let e = event(r#"{"distinct_id":"u1","$device_id":"d1","$is_identified":true}"#);
    assert_eq!((&e["anonymous_id"], &e["user_id"]), (&json!("d1"), &json!("u1")));
    let e = only(
        "/capture/",
        r#"{"event":"$identify","distinct_id":"u1","$set":{"name":"n"},"properties":{"$anon_distinct_id":"d1","$set_once":{"a":1}}}"#,
    );
    assert_eq!((&e["kind"], &e["anonymous_id"], &e["user_id"]), (&json!("identify"), &json!("d1"), &json!("u1")));
    assert_eq!(e["traits"], json!({"name": "n", "$set_once": {"a": 1}}));
    let e = only(
        "/batch/",
        r#"{"api_key":"k","batch":[{"event":"$set_once","distinct_id":"u1","$set_once":{"a":1},"properties":{}}]}"#,
    );
    assert_eq!(
        (&e["kind"], &e["traits"]),
        (&json!("identify"), &json!({"$set_once": {"a": 1}})),
        "as Python's SDK says it"
    );
    let e = only(
        "/i/v0/e/",
        r#"{"event":"$groupidentify","distinct_id":"$company_7","properties":{"$group_type":"company","$group_key":"7","$group_set":{"n":1}}}"#,
    );
    assert_eq!(
        (&e["kind"], &e["group_id"], &e["fault"]["reason"]),
        (&json!("group"), &json!("7"), &json!("not_a_person_event"))
    );
    let e = only("/e/", r#"{"event":"x","distinct_id":"u","properties":{"$screen_name":"s"},"offset":1500}"#);
    assert_eq!(e["extra"]["offset"], 1500);
    assert_eq!(post("/e/", r#"[{"event":"a","properties":{"token":"phc_1"}}]"#).write_key.as_deref(), Some("phc_1"));
}

#[test]
fn sensors_identities_become_namespaces() {
    let e = only(
        "/sa",
        r#"data={"type":"track","event":"E","distinct_id":"u1","_track_id":5,"time":1,"_flush_time":2,"identities":{"$identity_login_id":"u1","$identity_mobile":["13912345678","13912345679"],
        "$identity_email":"a@b.co","$identity_cookie_id":"c1","$identity_android_id":"d1","$identity_mp_unionid":"un","$identity_mp_openid":"o1","$identity_mp_wx12_openid":"o2","shop_id":9}}"#,
    );
    assert_eq!((&e["user_id"], &e["anonymous_id"], &e["sent_at"]), (&json!("u1"), &json!("c1"), &json!(2)));
    let ids: Vec<String> = e["ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| format!("{}={}", i["namespace"].as_str().unwrap(), i["value"].as_str().unwrap()))
        .collect();
    assert_eq!(
        ids,
        [
            "phone=13912345678",
            "phone=13912345679",
            "email=a@b.co",
            "device_id=d1",
            "unionid=un",
            "openid=o1",
            "openid:wx12=o2",
            "shop_id=9"
        ]
    );
    assert_eq!(e["message_id"], "5-1-u1-E");
}

#[test]
fn sensors_profile_operations_become_operations_on_traits() {
    let traits = |body: &str| only("/sa", &format!("data={body}"))["traits"].clone();
    assert_eq!(traits(r#"{"type":"profile_set","distinct_id":"u","properties":{"a":1,"$lib":"x"}}"#), json!({"a": 1}));
    assert_eq!(
        traits(r#"{"type":"profile_set","distinct_id":"u","properties":{"$name":"王","$city":"杭州","city":"宁波"}}"#),
        json!({"city": "宁波", "name": "王"}),
        "preset names lose their mark, a shop's own name goes before"
    );
    assert_eq!(
        traits(r#"{"type":"profile_set_once","distinct_id":"u","properties":{"a":1}}"#),
        json!({"$set_once": {"a": 1}})
    );
    assert_eq!(
        traits(r#"{"type":"profile_increment","distinct_id":"u","properties":{"a":1}}"#),
        json!({"$add": {"a": 1}})
    );
    assert_eq!(
        traits(r#"{"type":"profile_append","distinct_id":"u","properties":{"a":["x"]}}"#),
        json!({"$append": {"a": ["x"]}})
    );
    assert_eq!(
        traits(r#"{"type":"profile_unset","distinct_id":"u","properties":{"a":null}}"#),
        json!({"$unset": ["a"]})
    );
    assert_eq!(traits(r#"{"type":"profile_delete","distinct_id":"u"}"#), json!({"$delete": true}));
    let odd = only("/sa", r#"data={"type":"profile_dance","distinct_id":"u","properties":{"a":1}}"#);
    assert_eq!((&odd["fault"]["reason"], &odd["properties"]["a"]), (&json!("malformed"), &json!(1)));
}

#[test]
fn snowplow_events_of_every_type_are_unwrapped() {
    let query = "e=ue&eid=i1&duid=c1&nuid=n1&uid=u1&dtm=1795304493768&stm=1795304493769&aid=shop&url=https%3A%2F%2Fs.cn%2Fp&refr=https%3A%2F%2Fwww.baidu.com\
                 &ue_px=eyJzY2hlbWEiOiJpZ2x1OmNvbS5zbm93cGxvd2FuYWx5dGljcy5zbm93cGxvdy91bnN0cnVjdF9ldmVudC9qc29uc2NoZW1hLzEtMC0wIiwiZGF0YSI6eyJzY2hlbWEiOiJpZ2x1OmNvbS5hY21lL2FkZF90b19jYXJ0L2pzb25zY2hlbWEvMS0wLTAiLCJkYXRhIjp7InNrdSI6IkExIn19fQ";
    let req = WireRequest { path: "/i", query: Some(query), ..WireRequest::default() };
    let decoded = decode(&req, &Limits::default()).unwrap();
    assert_eq!(
        brief(&decoded),
        [
            "snowplow key=shop sent=2026-11-21T23:41:33.769Z",
            r#"track "add_to_cart" user=u1 anon=c1 anonymous_id=n1 id=i1 at="1795304493768" sent="1795304493769""#
        ]
    );
    let event = decoded.events[0].as_ref().unwrap();
    assert_eq!(
        (&event.properties["sku"], &event.context["page"]["referrer"]),
        (&json!("A1"), &json!("https://www.baidu.com"))
    );

    let tp2 = |data: &str| {
        only(
            "/com.snowplowanalytics.snowplow/tp2",
            &format!(r#"{{"schema":"iglu:x/payload_data/jsonschema/1-0-4","data":[{data}]}}"#),
        )
    };
    let e = tp2(r#"{"e":"se","se_ca":"shop","se_ac":"add","se_va":"3","sid":"s1"}"#);
    assert_eq!(
        (&e["name"], &e["properties"], &e["context"]["session_id"]),
        (&json!("add"), &json!({"category":"shop","action":"add","value":"3"}), &json!("s1"))
    );
    let e = tp2(r#"{"e":"tr","tr_id":"o1","tr_tt":"12.5","tr_cu":"CNY"}"#);
    assert_eq!(
        (&e["name"], &e["properties"]),
        (&json!("Order Completed"), &json!({"order_id":"o1","total":"12.5","currency":"CNY"}))
    );
    let e = tp2(r#"{"e":"ti","ti_id":"o1","ti_sk":"A1"}"#);
    assert_eq!(e["name"], "Transaction Item");
    assert_eq!(tp2(r#"{"e":"pp","pp_may":"9"}"#)["properties"]["max_y"], "9");
    assert_eq!(tp2(r#"{"e":"ue","ue_pr":"{\"schema\":1}"}"#)["fault"]["reason"], "malformed");
    let co = r#"{"data":[{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"m1"}}]}"#;
    let e = tp2(&json!({"e":"ue","ttm":"5","co":co,"ue_pr":{"data":{"schema":"iglu:com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0","data":{"name":"Home"}}}}).to_string());
    assert_eq!(
        (&e["kind"], &e["name"], &e["ids"][0]["value"], &e["timestamp"]),
        (&json!("screen"), &json!("Home"), &json!("m1"), &json!("5"))
    );
}

#[test]
fn a_value_that_its_field_cannot_hold_is_kept_beside_the_event() {
    let extra = |path: &str, body: &str| only(path, body)["extra"].clone();
    assert_eq!(
        extra(
            "/v1/t",
            r#"{"event":"K2","userId":["a"],"anonymousId":{"b":1},"messageId":true,"properties":[1],"context":"s","groupId":{}}"#
        ),
        json!({"userId": ["a"], "anonymousId": {"b": 1}, "messageId": true, "properties": [1], "context": "s"})
    );
    assert_eq!(extra("/v1/t", r#"{"event":"E","type":["track"],"userId":"u"}"#), json!({"type": ["track"]}));
    let page = only("/v1/p", r#"{"type":"page","name":"N","category":"C","event":"E","userId":"u"}"#);
    assert_eq!((&page["properties"], &page["extra"]), (&json!({"category": "C"}), &json!({"event": "E"})));
    assert_eq!(
        extra(
            "/e/",
            r#"{"event":"E","distinct_id":["a"],"uuid":{"u":1},"properties":{"$device_id":[1],"$ip":[2],"$unset":3}}"#
        ),
        json!({"distinct_id": ["a"], "uuid": {"u": 1}, "$device_id": [1]})
    );
    assert_eq!(
        extra(
            "/sa",
            r#"data={"type":"track","event":"E","distinct_id":["a"],"properties":7,"identities":{"$identity_mobile":[{"x":1}],"$identity_email":"a@b.co"},"original_id":"o"}"#
        ),
        json!({"distinct_id": ["a"], "properties": 7, "$identity_mobile": {"x": 1}, "original_id": "o"})
    );
    assert_eq!(
        extra("/com.snowplowanalytics.snowplow/tp2", r#"{"data":[{"e":"pv","uid":["a"],"co":"nonsense"}]}"#),
        json!({"uid": ["a"], "cx": "nonsense"})
    );
}

#[test]
fn the_key_of_a_request_is_not_stored_with_its_events() {
    let body = r#"{"schema":"iglu:x/payload_data/jsonschema/1-0-4","data":[{"e":"pv","aid":"wk_1","uid":"u"},{"e":"pv","aid":"shop","uid":"u"}]}"#;
    let decoded = post("/com.snowplowanalytics.snowplow/tp2", body);
    assert_eq!(decoded.write_key.as_deref(), Some("wk_1"));
    let contexts: Vec<_> = decoded.events.iter().map(|e| Value::Object(e.as_ref().unwrap().context.clone())).collect();
    assert_eq!(contexts, [json!({}), json!({"app": {"name": "shop"}})], "only the key goes; an application has a name");
    let decoded = post("/e/", r#"{"event":"a","distinct_id":"u","properties":{"token":"phc_1"}}"#);
    assert_eq!(decoded.write_key.as_deref(), Some("phc_1"));
    assert!(!serde_json::to_string(&decoded.events[0].as_ref().unwrap()).unwrap().contains("phc_1"));
    let req = WireRequest {
        path: "/com.snowplowanalytics.snowplow/tp2",
        headers: Headers { write_key: Some("wk_2"), ..Headers::default() },
        body: body.as_bytes(),
        ..WireRequest::default()
    };
    let decoded = decode(&req, &Limits::default()).unwrap();
    assert_eq!(decoded.events[0].as_ref().unwrap().context["app"]["name"], "wk_1", "here it is a name, not the key");
}

#[test]
fn a_raw_event_reads_back_from_its_json_without_loss() {
    for request in ["wire.jsonl", "wire2.jsonl", "wire3.jsonl"].iter().flat_map(|f| captured(f)) {
        for event in decode(&request.request(), &Limits::default()).unwrap().events.into_iter().flatten() {
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<RawEvent>(&text).unwrap(), event);
        }
    }
}
