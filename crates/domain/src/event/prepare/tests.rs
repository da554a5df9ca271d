//! From raw events to clean ones.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use throughline_base::SourceId;

use super::*;
use crate::event::raw::Client;
use crate::event::wire::{Limits, generic};
use crate::event::{Claim, TimeSource, TouchSignature};

const NOW: Timestamp = Timestamp::from_ms(1_795_304_500_000);

fn ctx() -> SourceContext<'static> {
    SourceContext::new(SourceId::new(7), "web")
}

fn raw(event: &Value) -> RawEvent {
    let text = event.to_string();
    let mut decoded = generic::decode(text.as_bytes(), Client::Generic, &Limits::default()).unwrap();
    decoded.events.remove(0).unwrap()
}

fn ready(event: &Value, ctx: &SourceContext<'_>) -> Event {
    match prepare(raw(event), ctx, NOW) {
        Prepared::Ready(event) => *event,
        Prepared::Quarantine { reason, detail, .. } => panic!("{reason:?}: {detail}"),
    }
}

fn reason(event: &Value) -> Option<QuarantineReason> {
    match prepare(raw(event), &ctx(), NOW) {
        Prepared::Ready(_) => None,
        Prepared::Quarantine { reason, .. } => Some(reason),
    }
}

fn claims(event: &Event) -> Vec<String> {
    let text = |c: &Claim| format!("{}={}{}", c.namespace, c.value, if c.verified { "" } else { "?" });
    event.claims.iter().map(text).collect()
}

fn corrections(event: &Event) -> Vec<(String, Value, String)> {
    event.corrections.iter().map(|c| (c.field.clone(), c.raw.clone(), c.rule.clone())).collect()
}

#[test]
fn claims_come_from_every_place_strongest_first_and_once() {
    let event = json!({
        "type": "identify", "userId": 42, "anonymousId": "a1", "messageId": "m1",
        "traits": {"email": " A@B.co", "mobile": "139 1234 5678", "memberNo": "M7", "openid": "o1", "phone_verified": true, "device_id": "x"},
        "context": {
            "traits": {"email": "a@b.co", "unionId": "un1"},
            "externalIds": [
                {"id": "M7", "type": "member_no", "collection": "users", "encoding": "none"},
                {"id": "acc", "type": "crm", "collection": "accounts", "encoding": "none"},
                {"id": "idfa-1", "type": "ios.idfa", "collection": "users", "encoding": "none"},
            ],
            "device": {"id": "d1", "token": "t1"},
            "ids": {"shop:1": ["b1", "b2"], "bad name": "x"},
        },
        "ids": {"external_userid": "wm1"},
    });
    let e = ready(&event, &SourceContext { openid_app: Some("wx9"), verified: true, ..ctx() });
    assert_eq!(
        claims(&e),
        [
            "user_id=42",
            "member_no=M7",
            "phone=+8613912345678",
            "email=a@b.co",
            "unionid=un1",
            "external_userid=wm1",
            "openid:wx9=o1",
            "shop:1=b1",
            "shop:1=b2",
            "device_id=idfa-1",
            "device_id=d1",
            "push_token=t1",
            "anonymous_id=a1"
        ]
    );
    assert_eq!(e.warnings, ["a name in context.ids is no namespace: letters, digits, _ - . and : only"]);
    assert_eq!(
        corrections(&e),
        [
            ("traits.email".into(), json!(" A@B.co"), "email".into()),
            ("traits.mobile".into(), json!("139 1234 5678"), "phone_e164".into())
        ]
    );
}

#[test]
fn a_source_can_vouch_and_an_event_can_take_it_back() {
    let event =
        json!({"type": "identify", "traits": {"email": "a@b.co", "phone": "13912345678", "emailVerified": false}});
    assert_eq!(claims(&ready(&event, &ctx())), ["phone=+8613912345678?", "email=a@b.co?"]);
    assert_eq!(
        claims(&ready(&event, &SourceContext { verified: true, ..ctx() })),
        ["phone=+8613912345678", "email=a@b.co?"]
    );
}

#[test]
fn a_web_page_cannot_make_a_strangers_phone_card_or_account_its_own() {
    let event = json!({
        "type": "identify", "userId": "attacker", "anonymousId": "a1",
        "traits": {"phone": "13911110001", "phone_verified": true, "email": "vip@shop.cn", "email_verified": true,
            "member_no": "M1", "unionid": "un1", "$set_once": {"mobile": "13911110002", "phoneVerified": true}},
        "context": {
            "traits": {"openid": "o1"},
            "externalIds": [{"id": "wm1", "type": "external_userid", "collection": "users", "encoding": "none"}],
            "device": {"id": "d1"},
            "ids": {"shop:1": "b1"},
        },
        "ids": {"buyer_id": "b2"},
    });
    let fields = [("traits.member_no".to_owned(), "crm".to_owned())];
    let web = SourceContext { identifier_fields: &fields, ..ctx() };
    let mut hints = claims(&ready(&event, &web));
    hints.retain(|c| c.ends_with('?'));
    assert_eq!(
        hints,
        [
            "member_no=M1?",
            "phone=+8613911110001?",
            "phone=+8613911110002?",
            "email=vip@shop.cn?",
            "unionid=un1?",
            "external_userid=wm1?",
            "openid=o1?",
            "buyer_id=b2?",
            "shop:1=b1?",
            "crm=M1?",
        ]
    );
    let rules = crate::identity::Rules::default();
    for claim in ready(&event, &web).claims {
        let own = matches!(claim.namespace.as_str(), "user_id" | "anonymous_id" | "device_id");
        assert_eq!(rules.is_hint(&claim.namespace, claim.verified), !own, "{}", claim.namespace);
    }
    let till = SourceContext { verified: true, ..web };
    assert!(ready(&event, &till).claims.iter().all(|c| c.verified), "a source that is vouched for is believed");
}

#[test]
fn further_fields_of_a_source_hold_identifiers() {
    let fields =
        [("properties.card.no".to_owned(), "member_no".to_owned()), ("properties.tel".to_owned(), "phone".to_owned())];
    let source = SourceContext { identifier_fields: &fields, ..ctx() };
    let e = ready(&json!({"event": "Sale", "properties": {"card": {"no": 77}, "tel": "13912345678"}}), &source);
    assert_eq!(claims(&e), ["member_no=77?", "phone=+8613912345678?"]);
}

#[test]
fn an_alias_claims_the_former_id() {
    let e = ready(&json!({"type": "alias", "userId": "u1", "previousId": "a1"}), &ctx());
    assert_eq!(claims(&e), ["user_id=u1", "anonymous_id=a1"]);
    let e = ready(
        &json!({"type": "alias", "userId": "u1", "previousId": "a1"}),
        &SourceContext { previous_id_namespace: "user_id", ..ctx() },
    );
    assert_eq!(claims(&e), ["user_id=u1", "user_id=a1"]);
}

#[test]
fn what_cannot_go_on_is_set_aside_with_its_reason() {
    assert_eq!(reason(&json!({"event": "X"})), Some(QuarantineReason::NoIdentifier));
    assert_eq!(reason(&json!({"event": "X", "userId": " \u{feff}"})), Some(QuarantineReason::NoIdentifier));
    assert_eq!(reason(&json!({"type": "track", "userId": "u"})), Some(QuarantineReason::MissingName));
    assert_eq!(
        reason(&json!({"event": "X", "userId": "u", "timestamp": "soon"})),
        Some(QuarantineReason::UnreadableTime)
    );
    assert_eq!(
        reason(&json!({"event": "X", "userId": "u", "timestamp": "2001-01-01"})),
        Some(QuarantineReason::TooOld)
    );
    assert_eq!(reason(&json!({"type": "dance", "userId": "u"})), Some(QuarantineReason::Malformed));
    assert_eq!(
        reason(&json!({"event": "X", "userId": "u", "groupId": "g".repeat(501)})),
        Some(QuarantineReason::OverLimit)
    );
    assert_eq!(reason(&json!({"event": "X", "userId": "u"})), None);
}

#[test]
fn an_event_without_an_id_has_the_hash_of_its_content_for_one() {
    let id = |v: Value| {
        let e = ready(&v, &ctx());
        (e.message_id, e.message_id_derived)
    };
    let first =
        id(json!({"event": "X", "userId": "u", "properties": {"a": 1, "b": 2}, "sentAt": "2026-11-21T23:41:00Z"}));
    assert_eq!(
        first,
        id(json!({"event": "X", "userId": "u", "properties": {"b": 2, "a": 1}, "sentAt": "2026-11-21T23:42:00Z"}))
    );
    assert_ne!(first, id(json!({"event": "X", "userId": "u", "properties": {"a": 2, "b": 1}})));
    assert_eq!((first.0.len(), first.1), (32, true));
    assert_eq!(id(json!({"event": "X", "userId": "u", "messageId": " m "})), ("m".to_owned(), false));
}

#[test]
fn a_landing_page_gives_the_touch_of_a_visit() {
    let page = |url: &str, referrer: &str| {
        let e = ready(
            &json!({"type": "page", "anonymousId": "a", "context": {"page": {"url": url, "referrer": referrer}}}),
            &ctx(),
        );
        e.touch.unwrap()
    };
    let t = page(
        "https://s.cn/?utm_source=XHS&utm_medium=cpc&utm_campaign=Spring%20Sale&clickid=9",
        "https://www.Xiaohongshu.com/explore",
    );
    let want = TouchSignature {
        source_kind: "web".into(),
        referrer_host: "xiaohongshu.com".into(),
        utm_source: "xhs".into(),
        utm_medium: "cpc".into(),
        utm_campaign: "spring sale".into(),
        click_id: "clickid".into(),
        ..TouchSignature::default()
    };
    assert_eq!(t, want);
    assert_eq!(page("https://www.s.cn/a", "https://s.cn/b").referrer_host, "", "its own host is no referrer");
}

#[test]
fn events_that_are_touches_and_those_that_are_none_are_told_apart() {
    let touch = |v: Value| ready(&v, &ctx()).touch;
    let t = touch(
        json!({"event": "Email Link Clicked", "userId": "u", "properties": {"campaign_name": "Nov", "store_id": 12}}),
    )
    .unwrap();
    assert_eq!((t.event.as_str(), t.campaign.as_str(), t.touchpoint.as_str()), ("email link clicked", "nov", "12"));
    assert!(
        touch(
            json!({"event": "Product Added", "userId": "u", "context": {"page": {"url": "https://s.cn/?utm_source=x"}}})
        )
        .is_none()
    );
    assert!(touch(json!({"event": "Application Opened", "userId": "u"})).is_some());
    assert!(touch(json!({"type": "identify", "userId": "u"})).is_none());
    let t = touch(json!({"event": "Store Visited", "userId": "u", "properties": {"channel": "Offline"}})).unwrap();
    assert_eq!(t.channel, "offline");
}

#[test]
fn the_channel_that_somebody_consents_to_is_not_one_they_came_through() {
    let properties = json!({"channel": "sms", "action": "grant"});
    let event = |name: &str| json!({"event": name, "userId": "u", "properties": properties.clone()});
    for name in ["Consent Updated", "Consent Granted", "SMS Unsubscribed", "Email Marked as Spam"] {
        assert!(ready(&event(name), &ctx()).touch.is_none(), "{name}");
        let claims = crate::person::consent::from_event(name, properties.as_object().unwrap(), &Map::new());
        assert_eq!(claims.len(), 1, "{name}");
    }
    assert!(ready(&event("Leaflet Handed Out"), &ctx()).touch.is_some());
}

#[test]
fn value_and_order_are_read_and_refunds_are_negative() {
    let e = ready(
        &json!({"event": "Order Completed", "userId": "u", "properties": {"order_id": 17, "total": "1,234.505", "currency": "rmb"}}),
        &ctx(),
    );
    assert_eq!((e.value.unwrap().minor, e.order_id.as_deref()), (123_451, Some("17")));
    assert_eq!(e.properties["currency"], "CNY");
    let fields: Vec<_> = e.corrections.iter().map(|c| (c.field.as_str(), c.rule.as_str())).collect();
    assert_eq!(fields, [("properties.currency", "currency"), ("properties.total", "money_rounded")]);
    let e = ready(&json!({"event": "Order Refunded", "userId": "u", "properties": {"total": 5, "value": 9}}), &ctx());
    assert_eq!(e.value.unwrap().minor, -500);
    let e = ready(&json!({"event": "X", "userId": "u", "properties": {"value": 5, "currency": "???"}}), &ctx());
    assert_eq!((e.value, e.warnings.len()), (None, 1));
    let jpy = "JPY".parse().unwrap();
    let e = ready(
        &json!({"event": "X", "userId": "u", "properties": {"revenue": 1200}}),
        &SourceContext { default_currency: jpy, ..ctx() },
    );
    assert_eq!(e.value.unwrap().minor, 1200);
}

#[test]
fn every_kind_of_field_is_cleaned_and_its_raw_text_kept() {
    let e = ready(
        &json!({"type": "identify", "userId": "u", "traits": {
            "name": "李  雷", "birthday": "1990/5/17", "gender": "女", "country": "中国", "province": "粤", "phone": 13_912_345_678_i64,
            "tel": " raw ", "nothing": null, "blank": "  ", "nested": {"note": "a\u{200b}b", "list": ["x\u{0}", null]}
        }, "context": {"page": {"url": "https://s.cn/?token=abc"}, "ip": "203.0.113.77", "userAgent": "Googlebot/2.1"}}),
        &ctx(),
    );
    assert_eq!(
        Value::Object(e.traits.clone()),
        json!({"name": "李 雷", "birthday": "1990-05-17", "gender": "female", "country": "CN", "province": "广东省", "phone": "+8613912345678",
            "tel": "raw", "nested": {"note": "ab", "list": ["x", null]}})
    );
    let rules: Vec<_> = e.corrections.iter().map(|c| format!("{} {} {}", c.field, c.rule, c.raw)).collect();
    assert_eq!(
        rules,
        [
            "traits.name person_name \"李  雷\"",
            "traits.birthday birthday \"1990/5/17\"",
            "traits.gender gender \"女\"",
            "traits.country country \"中国\"",
            "traits.province province \"粤\"",
            "traits.phone phone_e164 13912345678",
            "traits.tel text \" raw \"",
            "traits.blank empty \"  \"",
            "traits.nested.note text \"a\u{200b}b\"",
            "traits.nested.list[0] text \"x\\u0000\"",
            "context.page.url url_secret \"https://s.cn/?token=***\"",
        ]
    );
    assert_eq!((e.context["ip"].as_str(), e.bot), (Some("203.0.113.0"), true));
    assert_eq!(e.context["page"]["url"], "https://s.cn/?token=");
}

#[test]
fn what_is_no_address_number_or_birthday_is_left_out_of_the_traits_and_its_text_kept() {
    let e = ready(
        &json!({"type": "identify", "userId": "u", "traits": {
            "email": "nobody", "phone": "call me", "birthday": "1990-02-30", "dob": "1899-01-01", "gender": "保密", "mobile": 12,
            "$set_once": {"mail": "@"}, "emails": {"email": ["a@b.co", "none"]}
        }, "context": {"traits": {"phone": "bad"}}, "properties": {"email": "newsletter"}}),
        &ctx(),
    );
    assert_eq!(
        Value::Object(e.traits.clone()),
        json!({"gender": "保密", "$set_once": {}, "emails": {"email": ["a@b.co", null]}})
    );
    assert_eq!(Value::Object(e.properties.clone()), json!({"email": "newsletter"}), "elsewhere it is only text");
    let rules: Vec<_> = e.corrections.iter().map(|c| format!("{} {} {}", c.field, c.rule, c.raw)).collect();
    assert_eq!(
        rules,
        [
            "traits.email not_an_email \"nobody\"",
            "traits.phone not_a_phone \"call me\"",
            "traits.birthday not_a_birthday \"1990-02-30\"",
            "traits.dob not_a_birthday \"1899-01-01\"",
            "traits.mobile not_a_phone 12",
            "traits.$set_once.mail not_an_email \"@\"",
            "traits.emails.email[1] not_an_email \"none\"",
            "context.traits.phone not_a_phone \"bad\"",
        ]
    );
    assert_eq!(e.warnings.len(), 10, "{:?}", e.warnings);
    assert_eq!(e.warnings[1], "traits.email is not an e-mail address and was left out");
    assert!(e.warnings.contains(&"traits.gender is not a gender of the list".to_owned()));
    assert_eq!(claims(&e), ["user_id=u"]);
}

#[test]
fn names_of_fields_are_cleaned_as_texts_are_at_every_depth() {
    let e = ready(
        &json!({"type": "track", "event": "e", "userId": "u", "properties": {
            "k\u{0}": "v", "list": [{"a\u{feff}": 1}], "x\u{0}": 1, "x": 2, "caf\u{65}\u{301}": 3
        }, "traits": {"phone\u{0}": "139 1234 5678"}, "context": {"app": {" id": "1"}}}),
        &ctx(),
    );
    assert_eq!(Value::Object(e.properties.clone()), json!({"k": "v", "list": [{"a": 1}], "x": 1, "café": 3}));
    assert_eq!(
        Value::Object(e.traits.clone()),
        json!({"phone": "+8613912345678"}),
        "a name means what it says when clean"
    );
    assert_eq!(Value::Object(e.context.clone()), json!({"app": {"id": "1"}}));
    let rules: Vec<_> = e.corrections.iter().map(|c| format!("{} {} {}", c.field, c.rule, c.raw)).collect();
    assert_eq!(
        rules,
        [
            "properties.k name \"k\\u0000\"",
            "properties.x name \"x\\u0000\"",
            "properties.x name_taken {\"x\":2}",
            "properties.café name \"cafe\u{301}\"",
            "properties.list[0].a name \"a\u{feff}\"",
            "traits.phone name \"phone\\u0000\"",
            "traits.phone phone_e164 \"139 1234 5678\"",
            "context.app.id name \" id\"",
        ]
    );
    let ids = ready(&json!({"event": "e", "userId": "u", "ids": {"card\u{0}": "1"}}), &ctx());
    assert_eq!((claims(&ids), ids.warnings.len()), (vec!["user_id=u".to_owned()], 1));
}

#[test]
fn what_is_not_read_is_said_with_its_value() {
    let e = ready(
        &json!({"event": "K2", "messageId": "m", "userId": ["a"], "anonymousId": "x", "properties": [1], "context": "str", "foo": 1,
            "name": "n", "integrations": {"All": true}, "_metadata": {"a": 1}, "channel": "server", "traits": {}}),
        &ctx(),
    );
    let noted: Vec<_> = e.corrections.iter().map(|c| format!("{} {} {}", c.field, c.rule, c.raw)).collect();
    assert_eq!(
        noted,
        [
            "userId not_usable [\"a\"]",
            "properties not_usable [1]",
            "context not_usable \"str\"",
            "foo unknown_field 1",
            "name not_usable \"n\"",
        ]
    );
    let fields = [("extra.foo".to_owned(), "foo_id".to_owned())];
    let e = ready(
        &json!({"event": "e", "userId": "u", "foo": "f1", "ids": {"crm": "1"}}),
        &SourceContext { identifier_fields: &fields, ..ctx() },
    );
    assert_eq!((claims(&e).len(), corrections(&e)), (3, vec![]), "what a source has identifiers in is read");
}

#[test]
fn an_extension_is_kept_beside_its_number() {
    let e = ready(&json!({"type": "identify", "userId": "u", "traits": {"phone": "010-65529988转12"}}), &ctx());
    assert_eq!(Value::Object(e.traits), json!({"phone": "+861065529988", "phone_extension": "12"}));
}

#[test]
fn times_and_logout_are_set() {
    let e = ready(
        &json!({"event": "Signed Out", "userId": "u", "timestamp": NOW.ms() - 9_000, "sentAt": NOW.ms() - 5_000}),
        &ctx(),
    );
    assert_eq!((e.logout, e.time.event_at, e.time.time_source), (true, NOW.plus_ms(-4_000), TimeSource::Corrected));
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = "(\\PC|[ \u{200b}\u{feff}０１+@.男中国]){0,12}|1[3-9][0-9]{9}|[a-z]{1,4}@[a-zA-Z]{1,4}\\.co";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 1000.0)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = "email|phone|name|gender|birthday|country|province|currency|url|total|order_id|ids|[a-z]{1,3}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// The raw value a correction kept, put back where it came from.
fn restored(part: &mut Value, path: &str, raw: &Value) {
    let mut steps: Vec<String> = Vec::new();
    for step in path.split('.') {
        let mut pieces = step.split('[');
        steps.extend(pieces.next().map(str::to_owned));
        steps.extend(pieces.map(|p| p.trim_end_matches(']').to_owned()));
    }
    let Some((last, before)) = steps.split_last() else { return };
    let mut at = part;
    for step in before {
        at = match at {
            Value::Array(list) => &mut list[step.parse::<usize>().unwrap()],
            Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                &mut at[step.as_str()]
            }
        };
    }
    match at {
        Value::Array(list) => list[last.parse::<usize>().unwrap()] = raw.clone(),
        Value::Object(map) => drop(map.insert(last.clone(), raw.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            unreachable!("a path leads through containers")
        }
    }
}

/// Without what says nothing: null and empty text in objects.
fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Object(o) => {
            let said = o.iter().filter(|(_, v)| !v.is_null() && v.as_str() != Some(""));
            Value::Object(said.map(|(k, v)| (k.clone(), without_nothing(v))).collect())
        }
        Value::Array(a) => {
            a.iter().map(|v| if v.as_str() == Some("") { Value::Null } else { without_nothing(v) }).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

proptest! {
    #[test]
    fn cleaning_an_event_twice_changes_nothing_more(traits in any_json(), properties in any_json()) {
        let event = json!({"type": "identify", "userId": "u", "traits": traits, "properties": properties});
        let once = ready(&event, &ctx());
        let again = ready(&json!({"type": "identify", "userId": "u", "traits": once.traits, "properties": once.properties}), &ctx());
        prop_assert_eq!(&again.traits, &once.traits);
        prop_assert_eq!(&again.properties, &once.properties);
        prop_assert_eq!(again.corrections, vec![]);
    }

    #[test]
    fn the_raw_text_of_every_correction_gives_the_event_back(traits in any_json()) {
        prop_assume!(traits.is_object());
        prop_assume!(!traits.to_string().contains("ext"));
        let event = ready(&json!({"type": "identify", "userId": "u", "traits": traits}), &ctx());
        let mut back = json!({"traits": event.traits});
        for c in event.corrections.iter().filter(|c| c.rule != "url_secret") {
            restored(&mut back, &c.field, &c.raw);
        }
        prop_assert_eq!(without_nothing(&back["traits"]), without_nothing(&traits));
    }
}
