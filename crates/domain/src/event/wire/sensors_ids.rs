//! Sensors' identity keys (`$identity_*`) and the namespaces they mean here.

use serde_json::Value;

use super::fields::{raw_id, text_or_keep};
use crate::event::Object;
use crate::event::raw::RawEvent;

/// Key after `$identity_` and our namespace. Keys that are not listed keep their name as namespace.
const NAMESPACES: [(&str, &str); 25] = [
    ("login_id", "user_id"),
    ("mobile", "phone"),
    ("phone", "phone"),
    ("email", "email"),
    ("anonymous_id", "anonymous_id"),
    ("cookie_id", "anonymous_id"),
    ("harmony_uuid", "device_id"),
    ("android_id", "device_id"),
    ("android_uuid", "device_id"),
    ("idfv", "device_id"),
    ("ios_uuid", "device_id"),
    ("imei", "device_id"),
    ("mac", "device_id"),
    ("oaid", "advertising_id"),
    ("idfa", "advertising_id"),
    ("wechat_unionid", "unionid"),
    ("mp_unionid", "unionid"),
    ("unionid", "unionid"),
    ("mp_openid", "openid"),
    ("wechat_openid", "openid"),
    ("mp_wechat_openid", "openid"),
    ("openid", "openid"),
    ("wecom_external_userid", "external_userid"),
    ("qy_wechat_external_userid", "external_userid"),
    ("member_id", "member_no"),
];

/// Our namespace of a Sensors identity key, with or without its prefix.
pub(super) fn namespace(key: &str) -> String {
    let bare = key.strip_prefix("$identity_").unwrap_or(key);
    match NAMESPACES.iter().find(|(k, _)| *k == bare) {
        Some((_, namespace)) => (*namespace).to_owned(),
        // An openid of an app the key itself names: `$identity_mp_wx123_openid`.
        None => match bare.strip_prefix("mp_").unwrap_or(bare).strip_suffix("_openid").filter(|app| !app.is_empty()) {
            Some(app) => format!("openid:{app}"),
            None => bare.trim_start_matches('$').to_owned(),
        },
    }
}

/// Puts an identity where it belongs: the first user and anonymous id have fields of their own.
pub(super) fn add(raw: &mut RawEvent, namespace: &str, value: String) {
    let field = match namespace {
        "user_id" => &mut raw.user_id,
        "anonymous_id" => &mut raw.anonymous_id,
        _ => return push(raw, namespace, value),
    };
    match field {
        None => *field = Some(value),
        Some(known) if *known == value => {}
        Some(_) => push(raw, namespace, value),
    }
}

fn push(raw: &mut RawEvent, namespace: &str, value: String) {
    if !raw.ids.iter().any(|i| i.namespace == namespace && i.value == value) {
        raw.ids.push(raw_id(namespace, value));
    }
}

/// Reads the object `identities`: each value is one id or a list of ids. What is neither is kept under its key.
pub(super) fn add_all(raw: &mut RawEvent, identities: Object) {
    for (key, value) in identities {
        let namespace = namespace(&key);
        let list = match value {
            Value::Array(list) => list,
            one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => vec![one],
        };
        for value in list {
            let beside = &mut raw.extra;
            if let Some(id) = text_or_keep(value, &key, beside) {
                add(raw, &namespace, id);
            }
        }
    }
}

/// Splits a `distinct_id` of the form `$identity_mobile+138…`.
pub(super) fn split_distinct(distinct_id: &str) -> Option<(String, String)> {
    let (key, value) = distinct_id.split_once('+')?;
    (key.starts_with("$identity_") && !value.is_empty()).then(|| (namespace(key), value.to_owned()))
}
