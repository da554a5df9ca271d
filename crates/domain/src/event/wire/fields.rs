//! Small tools that every wire format uses: scalars to text, objects, limits on contents.

use serde_json::Value;

use super::{Headers, Limits};
use crate::event::raw::{Client, Fault, LimitName, QuarantineReason, RawEvent, RawId, Rejected};
use crate::event::{EventKind, Object};

/// Text of a scalar; null, empty text and containers are absent.
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::String(s) => (!s.is_empty()).then_some(s),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Like [`text`]; what is no text and says something is kept beside the event under the field's name.
pub(super) fn text_or_keep(value: Value, field: &str, extra: &mut Object) -> Option<String> {
    match value {
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            keep(extra, field, value);
            None
        }
        Value::String(_) | Value::Number(_) | Value::Null => text(value),
    }
}

/// Keeps what an event has no place for. Null and empty containers say nothing.
pub(super) fn keep(extra: &mut Object, field: &str, value: Value) {
    let silent = match &value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    if !silent {
        extra.insert(field.to_owned(), value);
    }
}

/// Moves text fields of an object to the top of the context; what is no text stays where it is.
pub(super) fn lift_text(from: &mut Object, context: &mut Object, names: &[(&str, &str)]) {
    for (name, to) in names {
        if matches!(from.get(*name), Some(Value::String(_))) {
            context.insert((*to).to_owned(), take(from, name));
        }
    }
}

/// Names of fields in which an event may carry the key of its request.
const KEY_FIELDS: [&str; 6] = ["token", "api_key", "project", "writeKey", "write_key", "aid"];

/// Takes the key of the request out of its events: it opens the door, and is nothing that happened.
pub(super) fn without_key(events: &mut [Result<RawEvent, Rejected>], key: &str) {
    for raw in events.iter_mut().flatten() {
        raw.extra.retain(|name, value| !(KEY_FIELDS.contains(&name.as_str()) && value.as_str().is_some_and(is(key))));
        if raw.client == Client::Snowplow
            && let Some(Value::Object(app)) = raw.context.get_mut("app")
            && app.get("name").and_then(Value::as_str).is_some_and(is(key))
        {
            app.shift_remove("name");
            if app.is_empty() {
                raw.context.shift_remove("app");
            }
        }
    }
}

/// Keys are compared as they are looked up: without blanks around them.
fn is(key: &str) -> impl Fn(&str) -> bool {
    move |text| text.trim() == key
}

/// Like [`text`], of a borrowed value.
pub(super) fn text_ref(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(s) => (!s.is_empty()).then(|| s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Borrowed text of a field.
pub(super) fn str_of<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|s| !s.is_empty())
}

/// Whether a field is `true`.
pub(super) fn is_true(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool) == Some(true)
}

/// Takes a field out of an object, keeping the order of the others.
pub(super) fn take(object: &mut Object, key: &str) -> Value {
    object.shift_remove(key).unwrap_or(Value::Null)
}

/// Takes an object field out; what is no object stays where it is.
pub(super) fn take_object(object: &mut Object, key: &str) -> Object {
    match object.get(key) {
        Some(Value::Object(_)) => match object.shift_remove(key) {
            Some(Value::Object(o)) => o,
            Some(_) | None => Object::new(),
        },
        Some(_) | None => Object::new(),
    }
}

/// Puts `value` at `path` (two steps) of an object unless it is null or something is there already.
pub(super) fn put(object: &mut Object, group: &str, key: &str, value: Value) {
    if value.is_null() || value.as_str() == Some("") {
        return;
    }
    let entry = object.entry(group).or_insert_with(|| Value::Object(Object::new()));
    if let Value::Object(inner) = entry
        && !inner.contains_key(key)
    {
        inner.insert(key.to_owned(), value);
    }
}

/// An identifier named by the wire.
pub(super) fn raw_id(namespace: &str, value: String) -> RawId {
    RawId { namespace: namespace.to_owned(), value, verified: None }
}

/// An event that cannot go on as it is.
pub(super) fn fault(reason: QuarantineReason, detail: impl Into<String>) -> Fault {
    Fault { reason, detail: detail.into(), limit: None, actual: None }
}

/// Marks an event that breaks a limit on its contents.
pub(super) fn within(mut raw: RawEvent, limits: &Limits) -> RawEvent {
    if raw.fault.is_some() {
        return raw;
    }
    let chars = |t: &Option<String>, most: usize| match t {
        // A text of fewer bytes has fewer characters.
        Some(t) if t.len() > most => t.chars().count(),
        Some(_) | None => 0,
    };
    let checks = [
        (
            LimitName::MessageId,
            chars(&raw.message_id, limits.message_id_chars.saturating_sub(1)),
            limits.message_id_chars.saturating_sub(1),
            "messageId has",
            "characters",
        ),
        (
            LimitName::GroupId,
            chars(&raw.group_id, limits.group_id_chars),
            limits.group_id_chars,
            "groupId has",
            "characters",
        ),
        (LimitName::Traits, raw.traits.len(), limits.traits, "the event has", "traits"),
        (LimitName::Properties, raw.properties.len(), limits.properties, "the event has", "properties"),
    ];
    if let Some((name, actual, most, what, unit)) = checks.into_iter().find(|(_, actual, most, ..)| actual > most) {
        raw.fault = Some(Fault {
            reason: QuarantineReason::OverLimit,
            detail: format!("{what} {actual} {unit}, at most {most} are taken"),
            limit: Some(name),
            actual: Some(actual as u64),
        });
    }
    raw
}

/// Gives events of a browser that bring no user agent or address those of the request.
pub(super) fn add_browser(events: &mut [Result<RawEvent, Rejected>], headers: &Headers<'_>) {
    let Some(agent) = headers.user_agent.filter(|a| a.starts_with("Mozilla/") && a.len() <= 1000) else { return };
    for raw in events.iter_mut().flatten() {
        if !raw.context.contains_key("userAgent") {
            raw.context.insert("userAgent".to_owned(), Value::from(agent));
        }
        if let Some(ip) = headers.client_ip
            && !raw.context.contains_key("ip")
        {
            raw.context.insert("ip".to_owned(), Value::from(ip));
        }
    }
}

/// An event of `client` whose kind will be set later.
pub(super) fn blank(client: Client) -> RawEvent {
    RawEvent::new(client, EventKind::Track)
}
