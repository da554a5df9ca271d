use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use throughline_base::FixedClock;
use throughline_base::time::HOUR_MS;

use super::*;
use crate::Settings;
use crate::collect::Verdict;
use crate::team::Caller;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;
const BODY: &[u8] =
    br#"{"type":"track","event":"Order Completed","userId":"u1","messageId":"m1","properties":{"order_id":"o1"}}"#;

fn sign(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn hook(mapping: &[(&str, &str)]) -> WebhookSettings {
    let mapping = mapping.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    WebhookSettings { mapping, ..WebhookSettings::fresh() }
}

fn verdict(hook: &WebhookSettings, req: WebhookRequest<'_>) -> Result<(), &'static str> {
    check(hook, &req, Timestamp::from_ms(NOW)).map_err(|e| e.code)
}

#[test]
fn a_body_signed_with_the_secret_passes_and_any_other_does_not() {
    let hook = hook(&[]);
    let good = format!("sha256={}", hex(&sign(&hook.secret, &[BODY])));
    let other = format!("sha256={}", hex(&sign("another secret", &[BODY])));
    let upper = good.to_uppercase().replace("SHA256", "sha256");
    let signed = |signature| WebhookRequest { signature, body: BODY, ..WebhookRequest::default() };
    assert_eq!(verdict(&hook, signed(Some(&good))), Ok(()));
    assert_eq!(verdict(&hook, signed(Some(&upper))), Ok(()));
    assert_eq!(verdict(&hook, signed(Some(&other))), Err("bad_signature"));
    assert_eq!(verdict(&hook, signed(Some(&good[..good.len() - 2]))), Err("bad_signature"));
    assert_eq!(verdict(&hook, signed(Some("sha256=你好"))), Err("bad_signature"));
    assert_eq!(verdict(&hook, signed(None)), Err("no_signature"));
    let changed = WebhookRequest { signature: Some(&good), body: b"{}", ..WebhookRequest::default() };
    assert_eq!(verdict(&hook, changed), Err("bad_signature"));
}

#[test]
fn a_timestamp_is_part_of_what_is_signed_and_old_requests_are_refused() {
    let hook = hook(&[]);
    let seconds = NOW / 1_000;
    let with = |timestamp: i64, signed: i64| {
        let signature = hex(&sign(&hook.secret, &[signed.to_string().as_bytes(), b".", BODY]));
        let (signature, timestamp) = (format!("sha256={signature}"), timestamp.to_string());
        let req = WebhookRequest {
            signature: Some(&signature),
            timestamp: Some(&timestamp),
            body: BODY,
            ..WebhookRequest::default()
        };
        verdict(&hook, req)
    };
    assert_eq!(with(seconds, seconds), Ok(()));
    assert_eq!(with(seconds - 300, seconds - 300), Ok(()));
    assert_eq!(with(seconds - 301, seconds - 301), Err("stale_signature"));
    assert_eq!(with(seconds + 301, seconds + 301), Err("stale_signature"));
    assert_eq!(with(i64::MAX, i64::MAX), Err("stale_signature"));
    assert_eq!(with(seconds, seconds - 301), Err("bad_signature"), "an old signature under a new time");
}

#[test]
fn shopify_signs_in_base_64() {
    let hook = hook(&[]);
    let signature = BASE64.encode(sign(&hook.secret, &[BODY]));
    let req = WebhookRequest { shopify_signature: Some(&signature), body: BODY, ..WebhookRequest::default() };
    assert_eq!(verdict(&hook, req), Ok(()));
    assert_eq!(verdict(&hook, WebhookRequest { body: b"[]", ..req }), Err("bad_signature"));
}

#[test]
fn after_rotation_both_secrets_work_until_the_old_one_ends() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::at_ms(NOW));
    let app = App::open(Settings::new(folder.path()), clock.clone()).unwrap();
    let made = app.source_create(&Caller::cli(), "erp", "webhook", None).unwrap();
    let id = made.source.id;
    let old = made.source.settings.webhook.as_ref().unwrap().secret.clone();
    let fresh = app.source_rotate(&Caller::cli(), id, 24).unwrap().source.settings.webhook.clone().unwrap().secret;
    assert_ne!(old, fresh);
    let send = |secret: &str, body: &[u8]| {
        let signature = hex(&sign(secret, &[body]));
        let req = WebhookRequest { signature: Some(&signature), body, ..WebhookRequest::default() };
        app.webhook_prepare(id, &req).and_then(|batch| app.collect_wait(batch)).map_err(|e| e.code)
    };
    assert_eq!(send(&fresh, BODY).unwrap()[0].verdict, Verdict::Accepted);
    assert_eq!(send(&old, BODY).unwrap()[0].verdict, Verdict::Duplicate, "the same event again is known");
    clock.advance_ms(25 * HOUR_MS);
    assert_eq!(send(&old, BODY), Err("bad_signature"));
    assert_eq!(send(&fresh, b"{"), Err("unreadable_body"));
    app.source_retire(&Caller::cli(), id).unwrap();
    assert_eq!(send(&fresh, BODY), Err("bad_signature"), "its secret ended");
    let web = app.source_create(&Caller::cli(), "web", "web", None).unwrap().source.id;
    let unsigned = WebhookRequest::default();
    assert_eq!(app.webhook_prepare(web, &unsigned).unwrap_err().code, "webhook_unknown");
    app.close();
}

#[test]
fn a_mapping_makes_events_of_any_json() {
    let hook = hook(&[
        ("event", "=Order Completed"),
        ("user_id", "customer.id"),
        ("message_id", "id"),
        ("properties.order_id", "name"),
        ("properties.total", "total_price"),
        ("properties.first", "lines.0.sku"),
        ("traits.phone", "customer.phone"),
    ]);
    hook.checked().unwrap();
    let body = json!([{"id": 7, "name": "#1001", "total_price": "12.50", "customer": {"id": 9, "phone": null},
                       "lines": [{"sku": "A"}]}, 3]);
    let out = mapped(&hook.mapping, body.to_string().as_bytes(), 10_000).unwrap();
    let events: Value = serde_json::from_slice(&out).unwrap();
    let want = json!({"event": "Order Completed", "userId": 9, "messageId": 7,
                      "properties": {"order_id": "#1001", "total": "12.50", "first": "A"}});
    assert_eq!(events[0], want);
    let decoded = generic::decode(&out, Client::Webhook, &Settings::new("x").limits).unwrap();
    let first = decoded.events[0].as_ref().unwrap();
    assert_eq!((first.name.as_str(), first.user_id.as_deref()), ("Order Completed", Some("9")));
}

#[test]
fn a_mapping_that_cannot_work_is_refused_and_copying_has_a_limit() {
    for (field, path) in [("secret", "a"), ("user_id.x", "a"), ("properties..a", "b"), ("event", "a..b")] {
        assert_eq!(hook(&[(field, path)]).checked().unwrap_err().code, "webhook_mapping", "{field} {path}");
    }
    let hook = hook(&[("properties.a", "x"), ("properties.b", "x"), ("traits.c", "x")]);
    let body = json!({"x": "y".repeat(400)}).to_string();
    assert_eq!(mapped(&hook.mapping, body.as_bytes(), 1_000).unwrap_err().code, "too_large");
}

proptest! {
    #[test]
    fn no_header_or_body_makes_it_panic(signature in ".{0,80}", timestamp in ".{0,20}", body in ".{0,60}", path in ".{0,20}") {
        let hook = hook(&[("event", path.as_str()), ("properties.a.b", path.as_str()), ("properties.a", path.as_str())]);
        let req = WebhookRequest {
            signature: Some(&signature),
            timestamp: Some(&timestamp),
            shopify_signature: Some(&signature),
            body: body.as_bytes(),
        };
        prop_assert!(verdict(&hook, req).is_err());
        let _ = hook.checked();
        let _ = mapped(&hook.mapping, body.as_bytes(), 1_000);
    }
}
