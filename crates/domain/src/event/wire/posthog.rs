//! PostHog: `/batch/`, `/capture/`, `/e/`, `/i/v0/e/`, `/track/`; one event, an array, or `{api_key, batch}`.

use serde_json::Value;

use super::fields::{self, is_true, keep, put, str_of, take, take_object, text, text_or_keep};
use super::json::{Budget, Fields, reading};
use super::{Decoded, Limits, WireError, WireRequest, body, key};
use crate::event::raw::{Client, QuarantineReason, RawEvent, read_time};
use crate::event::{EventKind, Object, traits_op};

/// Decodes a request of a PostHog client.
pub(super) fn decode(req: &WireRequest<'_>, limits: &Limits) -> Result<Decoded, WireError> {
    let bytes = body::json_text(req, limits)?;
    reading(&bytes, "batch", limits, |body_text, top| {
        let mut sent_at = top.scalar("sent_at");
        if sent_at.is_null() {
            sent_at = query_sent_at(req.query);
        }
        let mut budget = Budget::new(limits);
        let make = |f: Fields<'_>| event(f, &sent_at);
        let events = match top.entries()? {
            Some(entries) => budget.batch(entries, make),
            None => vec![budget.event(body_text, make)],
        };
        let body_key =
            ["api_key", "token"].iter().find_map(|name| text(top.scalar(name)).as_deref().and_then(key::usable));
        let of_event = || events.iter().flatten().find_map(|e| str_of(&e.extra, "token").and_then(key::usable));
        let write_key = body_key.or_else(of_event);
        Ok(Decoded { write_key, client: Client::Posthog, events, sent_at: read_time(&sent_at).ok().flatten() })
    })
}

/// posthog-js puts the time of sending, in milliseconds, in the query (`_=1795304490076`).
fn query_sent_at(query: Option<&str>) -> Value {
    let pairs = body::form_pairs(query.unwrap_or_default().as_bytes());
    let ms = pairs
        .take(32)
        .find(|(name, _)| *name == b"_")
        .and_then(|(_, v)| std::str::from_utf8(v).ok()?.parse::<i64>().ok());
    ms.filter(|ms| *ms > 100_000_000_000).map_or(Value::Null, Value::from)
}

fn event(fields: Fields<'_>, sent_at: &Value) -> RawEvent {
    let mut raw = fields::blank(Client::Posthog);
    raw.sent_at.clone_from(sent_at);
    let mut distinct_id = None;
    let mut top_ops = Object::new();
    for (field, value) in fields {
        let mut text = |value| text_or_keep(value, &field, &mut raw.extra);
        match &*field {
            "event" => raw.name = text(value).unwrap_or_default(),
            "distinct_id" | "$distinct_id" => distinct_id = text(value),
            "uuid" => raw.message_id = text(value),
            "timestamp" => raw.timestamp = value,
            "sent_at" if !value.is_null() => raw.sent_at = value,
            "api_key" | "token" => fields_token(&mut raw, value),
            "$set" | "$set_once" | "$unset" => drop(top_ops.insert(field.into_owned(), value)),
            _ => match (&*field, value) {
                ("properties", Value::Object(o)) => raw.properties = o,
                (_, value) => keep(&mut raw.extra, &field, value),
            },
        }
    }
    for (field, value) in top_ops {
        raw.properties.entry(field).or_insert(value);
    }
    if let token @ Value::String(_) = take(&mut raw.properties, "token") {
        fields_token(&mut raw, token);
    }
    let distinct_id = distinct_id.or_else(|| taken(&mut raw, "distinct_id"));
    set_kind(&mut raw);
    set_ids(&mut raw, distinct_id);
    lift_traits(&mut raw);
    lift_context(&mut raw);
    raw
}

/// The text of a property that is taken out; what is no text is kept beside the event.
fn taken(raw: &mut RawEvent, name: &str) -> Option<String> {
    text_or_keep(take(&mut raw.properties, name), name, &mut raw.extra)
}

fn fields_token(raw: &mut RawEvent, value: Value) {
    if raw.extra.get("token").is_none() && value.is_string() {
        raw.extra.insert("token".to_owned(), value);
    }
}

fn set_kind(raw: &mut RawEvent) {
    raw.kind = match raw.name.as_str() {
        "$identify" | "$set" | "$set_once" | "$unset" => EventKind::Identify,
        "$create_alias" | "$merge_dangerously" => EventKind::Alias,
        "$groupidentify" => EventKind::Group,
        "$pageview" => EventKind::Page,
        "$screen" => EventKind::Screen,
        _ => return,
    };
    raw.name = match raw.kind {
        EventKind::Screen => str_of(&raw.properties, "$screen_name").unwrap_or_default().to_owned(),
        EventKind::Track
        | EventKind::Page
        | EventKind::Identify
        | EventKind::Group
        | EventKind::Alias
        | EventKind::Bind
        | EventKind::Unbind => String::new(),
    };
}

/// PostHog has one id for known and unknown people; what it is for shows in the properties beside it.
fn set_ids(raw: &mut RawEvent, distinct_id: Option<String>) {
    let device_id = taken(raw, "$device_id");
    let before = taken(raw, "$anon_distinct_id");
    let named = taken(raw, "$user_id");
    let is_identified = raw.properties.get("$is_identified").and_then(Value::as_bool);
    match raw.kind {
        EventKind::Alias => {
            raw.previous_id = taken(raw, "alias");
            raw.properties.shift_remove("distinct_id");
            raw.user_id = distinct_id;
        }
        EventKind::Group => {
            raw.group_id = taken(raw, "$group_key");
            // Server SDKs make up a person of the name `$type_key` for group events.
            raw.user_id = distinct_id.filter(|d| !d.starts_with('$'));
        }
        EventKind::Identify => raw.user_id = distinct_id,
        EventKind::Track | EventKind::Page | EventKind::Screen | EventKind::Bind | EventKind::Unbind => {
            let anonymous = match &distinct_id {
                Some(id) if named.as_ref() == Some(id) => false,
                Some(id) => is_identified == Some(false) || device_id.as_ref() == Some(id),
                None => false,
            };
            if anonymous {
                raw.anonymous_id = distinct_id;
                raw.user_id = named;
            } else {
                raw.user_id = named.or(distinct_id);
            }
        }
    }
    if raw.anonymous_id.is_none() {
        raw.anonymous_id = before.clone().or_else(|| device_id.clone()).filter(|id| raw.user_id.as_ref() != Some(id));
    }
    for other in [before, device_id].into_iter().flatten() {
        let known = [&raw.anonymous_id, &raw.user_id].into_iter().flatten().any(|id| *id == other);
        if !known {
            raw.ids.push(fields::raw_id("anonymous_id", other));
        }
    }
    if raw.kind == EventKind::Group && raw.user_id.is_none() && raw.anonymous_id.is_none() {
        raw.fault = Some(fields::fault(QuarantineReason::NotAPersonEvent, "a $groupidentify event names no person"));
    }
}

/// `$set` becomes traits; the other operations keep their names among the traits.
fn lift_traits(raw: &mut RawEvent) {
    if raw.kind == EventKind::Group {
        raw.traits = take_object(&mut raw.properties, "$group_set");
        return;
    }
    raw.traits = take_object(&mut raw.properties, "$set");
    let once = take_object(&mut raw.properties, "$set_once");
    if !once.is_empty() {
        raw.traits.insert(traits_op::SET_ONCE.to_owned(), Value::Object(once));
    }
    if matches!(raw.properties.get("$unset"), Some(Value::Array(_))) {
        raw.traits.insert(traits_op::UNSET.to_owned(), take(&mut raw.properties, "$unset"));
    }
}

/// Page, library, device and campaign go where Segment's clients put them, so that one rule reads them all.
fn lift_context(raw: &mut RawEvent) {
    const MOVED: [(&str, &str, &str); 19] = [
        ("$current_url", "page", "url"),
        ("$pathname", "page", "path"),
        ("$referrer", "page", "referrer"),
        ("title", "page", "title"),
        ("$lib", "library", "name"),
        ("$lib_version", "library", "version"),
        ("$os", "os", "name"),
        ("$os_version", "os", "version"),
        ("$device_type", "device", "type"),
        ("$device_model", "device", "model"),
        ("$device_manufacturer", "device", "manufacturer"),
        ("$app_name", "app", "name"),
        ("$app_version", "app", "version"),
        ("$app_build", "app", "build"),
        ("utm_source", "campaign", "source"),
        ("utm_medium", "campaign", "medium"),
        ("utm_campaign", "campaign", "name"),
        ("utm_content", "campaign", "content"),
        ("utm_term", "campaign", "term"),
    ];
    for (from, group, to) in MOVED {
        if from == "title" && raw.kind != EventKind::Page {
            continue;
        }
        let value = take(&mut raw.properties, from);
        let value = if value.as_str() == Some("$direct") { Value::Null } else { value };
        put(&mut raw.context, group, to, value);
    }
    let names = [("$ip", "ip"), ("$raw_user_agent", "userAgent"), ("$locale", "locale"), ("$timezone", "timezone")];
    fields::lift_text(&mut raw.properties, &mut raw.context, &names);
    if is_true(&raw.properties, "$is_server") {
        raw.properties.shift_remove("$is_server");
        put(&mut raw.context, "library", "server", Value::Bool(true));
    }
}
