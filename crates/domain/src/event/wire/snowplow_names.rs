//! Snowplow's short parameter names and the places they mean here.

use super::body::{base64, form_pairs, form_text};
use crate::event::Object;
use serde_json::Value;

/// Parameters that go to a group of the context.
pub(super) const CONTEXT: [(&str, &str, &str); 11] = [
    ("url", "page", "url"),
    ("refr", "page", "referrer"),
    ("page", "page", "title"),
    ("aid", "app", "name"),
    ("res", "screen", "size"),
    ("vp", "screen", "viewport"),
    ("cd", "screen", "density"),
    ("tna", "library", "namespace"),
    ("tv", "library", "name"),
    ("fp", "device", "fingerprint"),
    ("vid", "session", "index"),
];

/// Parameters that go to the top of the context.
pub(super) const CONTEXT_TOP: [(&str, &str); 6] = [
    ("ua", "userAgent"),
    ("ip", "ip"),
    ("lang", "locale"),
    ("tz", "timezone"),
    ("p", "platform"),
    ("sid", "session_id"),
];

/// Parameters of a structured event.
pub(super) const STRUCTURED: [(&str, &str); 5] =
    [("se_ca", "category"), ("se_ac", "action"), ("se_la", "label"), ("se_pr", "property"), ("se_va", "value")];

/// Parameters of a transaction, named as in the e-commerce events.
pub(super) const TRANSACTION: [(&str, &str); 9] = [
    ("tr_id", "order_id"),
    ("tr_af", "affiliation"),
    ("tr_tt", "total"),
    ("tr_tx", "tax"),
    ("tr_sh", "shipping"),
    ("tr_ci", "city"),
    ("tr_st", "state"),
    ("tr_co", "country"),
    ("tr_cu", "currency"),
];

/// Parameters of one item of a transaction.
pub(super) const ITEM: [(&str, &str); 7] = [
    ("ti_id", "order_id"),
    ("ti_sk", "sku"),
    ("ti_nm", "name"),
    ("ti_ca", "category"),
    ("ti_pr", "price"),
    ("ti_qu", "quantity"),
    ("ti_cu", "currency"),
];

/// Parameters of a page ping: how far the visitor has scrolled, in pixels.
pub(super) const PING: [(&str, &str); 4] =
    [("pp_mix", "min_x"), ("pp_max", "max_x"), ("pp_miy", "min_y"), ("pp_may", "max_y")];

/// The parameters of a query as an object of texts.
pub(super) fn query_object(query: &str) -> Object {
    form_pairs(query.as_bytes()).map(|(k, v)| (form_text(k), Value::from(form_text(v)))).collect()
}

/// JSON inside a parameter: plain (`ue_pr`, `co`) or base64 (`ue_px`, `cx`). `None` when it cannot be read or is
/// nested too deep.
pub(super) fn inner_json(params: &mut Object, plain: &str, encoded: &str) -> Option<Result<Value, Value>> {
    if let Some(value) = params.shift_remove(plain) {
        let Value::String(text) = &value else { return Some(Ok(value)) };
        return Some(serde_json::from_str(text).map_err(|_| value));
    }
    let value = params.shift_remove(encoded)?;
    let parsed = value.as_str().and_then(|t| base64(t.as_bytes())).and_then(|b| serde_json::from_slice(&b).ok());
    Some(parsed.ok_or(value))
}

/// The name in an iglu address: `iglu:com.acme/link_click/jsonschema/1-0-0` → `link_click`.
pub(super) fn iglu_name(schema: &str) -> &str {
    schema.strip_prefix("iglu:").unwrap_or(schema).split('/').nth(1).unwrap_or(schema)
}
