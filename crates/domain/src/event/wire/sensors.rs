//! 神策 (Sensors Analytics): `/sa` and `/sa.gif`, a form with `data` or `data_list`.

use serde_json::Value;

use super::fields::{self, is_true, keep, put, str_of, take, text_or_keep, text_ref};
use super::json::{Budget, Fields, reading};
use super::{Decoded, Limits, WireError, WireRequest, body, sensors_ids as ids};
use crate::event::raw::{Client, QuarantineReason, RawEvent, read_time};
use crate::event::{EventKind, Object, traits_op};

/// Decodes a request of a Sensors client.
pub(super) fn decode(req: &WireRequest<'_>, limits: &Limits) -> Result<Decoded, WireError> {
    let bytes = body::json_text(req, limits)?;
    reading(&bytes, "", limits, |text, top| {
        let mut budget = Budget::new(limits);
        let events = match top.entries()? {
            Some(entries) => budget.batch(entries, event),
            None => vec![budget.event(text, event)],
        };
        let sent_at = events.iter().flatten().find_map(|e| read_time(&e.sent_at).ok().flatten());
        Ok(Decoded { write_key: None, client: Client::Sensors, events, sent_at })
    })
}

/// Fields at the top of a Sensors event.
#[derive(Default)]
struct Top1 {
    kind: String,
    distinct_id: Option<String>,
    original_id: Option<String>,
    login_id: Option<String>,
    anonymous_id: Option<String>,
    track_id: Option<String>,
    identities: Object,
    lib: Object,
    item: Object,
}

fn event(fields: Fields<'_>) -> RawEvent {
    let mut raw = fields::blank(Client::Sensors);
    let mut top = Top1::default();
    for (field, value) in fields {
        let mut text = |value| text_or_keep(value, &field, &mut raw.extra);
        match (&*field, value) {
            (_, Value::Null) => {}
            ("type", value) => top.kind = text(value).unwrap_or_default(),
            ("event", value) => raw.name = text(value).unwrap_or_default(),
            ("time", value) => raw.timestamp = value,
            ("_flush_time", value) => raw.sent_at = value,
            ("distinct_id", value) => top.distinct_id = text(value),
            ("original_id", value) => top.original_id = text(value),
            ("login_id", value) => top.login_id = text(value),
            ("anonymous_id", value) => top.anonymous_id = text(value),
            ("_track_id", value) => top.track_id = text(value),
            ("identities", Value::Object(o)) => top.identities = o,
            ("properties", Value::Object(o)) => raw.properties = o,
            ("lib", Value::Object(o)) => top.lib = o,
            ("item_type" | "item_id", value) => drop(top.item.insert(field.into_owned(), value)),
            (_, value) => keep(&mut raw.extra, &field, value),
        }
    }
    raw.message_id = message_id(&top, &raw);
    set_kind(&mut raw, &mut top);
    set_ids(&mut raw, &mut top);
    if let Some(id) = top.original_id.take() {
        raw.extra.insert("original_id".to_owned(), Value::String(id));
    }
    raw.extra.extend(top.item);
    lift_context(&mut raw, top.lib);
    raw
}

/// `(_track_id, time, distinct_id, event)`. Python's SDK sends no `_track_id`: then the content is the key.
fn message_id(top: &Top1, raw: &RawEvent) -> Option<String> {
    let track_id = top.track_id.as_deref()?;
    let time = text_ref(Some(&raw.timestamp)).unwrap_or_default();
    let distinct_id = top.distinct_id.as_deref().unwrap_or_default();
    let id = format!("{track_id}-{time}-{distinct_id}-{}", raw.name);
    if id.chars().count() < 100 {
        return Some(id);
    }
    // Long ids and names are hashed, so that the key stays as short as those of other wires.
    let rest = format!("{distinct_id}\n{}", raw.name);
    Some(format!("{:.40}-{:.40}-{:016x}", track_id, time, xxhash_rust::xxh3::xxh3_64(rest.as_bytes())))
}

fn set_kind(raw: &mut RawEvent, top: &mut Top1) {
    match top.kind.as_str() {
        "track" => match raw.name.as_str() {
            "$pageview" => {
                raw.kind = EventKind::Page;
                raw.name.clear();
            }
            "$AppViewScreen" | "$MPViewScreen" => {
                raw.kind = EventKind::Screen;
                let name = ["$title", "$screen_name", "$url_path"].iter().find_map(|k| str_of(&raw.properties, k));
                raw.name = name.unwrap_or_default().to_owned();
            }
            _ => raw.kind = EventKind::Track,
        },
        "track_signup" => raw.kind = EventKind::Alias,
        "track_id_bind" => raw.kind = EventKind::Bind,
        "track_id_unbind" => raw.kind = EventKind::Unbind,
        kind @ ("item_set" | "item_delete") => {
            raw.name = format!("${kind}");
            for (field, value) in std::mem::take(&mut top.item) {
                raw.properties.insert(field, value);
            }
            raw.fault = Some(fields::fault(QuarantineReason::NotAPersonEvent, "an item event names no person"));
        }
        kind if kind.starts_with("profile_") => profile(raw, kind.to_owned().as_str()),
        kind => {
            let detail =
                "the field type is none of track, track_signup, track_id_bind, track_id_unbind, profile_*, item_*";
            raw.extra.insert("type".to_owned(), Value::from(kind));
            raw.fault = Some(fields::fault(QuarantineReason::Malformed, detail));
        }
    }
    if !matches!(raw.kind, EventKind::Track | EventKind::Page | EventKind::Screen) {
        raw.name.clear();
    }
}

/// Profile operations become traits; all but plain setting keep their operation's key.
fn profile(raw: &mut RawEvent, kind: &str) {
    raw.kind = EventKind::Identify;
    let is_ours = |k: &str| matches!(k, "$lib" | "$lib_version" | "$is_login_id");
    let (own, values): (Object, Object) =
        std::mem::take(&mut raw.properties).into_iter().partition(|(k, _)| is_ours(k));
    raw.properties = own;
    let values = plain_names(values);
    let op = match kind {
        "profile_set" => {
            raw.traits = values;
            return;
        }
        "profile_set_once" => traits_op::SET_ONCE,
        "profile_increment" => traits_op::ADD,
        "profile_append" => traits_op::APPEND,
        "profile_unset" => {
            let names: Vec<Value> = values.into_iter().map(|(k, _)| Value::from(k)).collect();
            raw.traits.insert(traits_op::UNSET.to_owned(), Value::Array(names));
            return;
        }
        "profile_delete" => {
            raw.traits.insert(traits_op::DELETE.to_owned(), Value::Bool(true));
            return;
        }
        _ => {
            raw.extra.insert("type".to_owned(), Value::from(kind));
            raw.properties.extend(values);
            raw.fault = Some(fields::fault(QuarantineReason::Malformed, "an unknown profile operation"));
            return;
        }
    };
    raw.traits.insert(op.to_owned(), Value::Object(values));
}

/// Preset properties (`$name`, `$city`) lose their mark; one of the shop's own under the same name goes before.
fn plain_names(values: Object) -> Object {
    let (preset, mut out): (Object, Object) = values.into_iter().partition(|(k, _)| k.starts_with('$'));
    for (key, value) in preset {
        out.entry(key.trim_start_matches('$')).or_insert(value);
    }
    out
}

fn set_ids(raw: &mut RawEvent, top: &mut Top1) {
    let is_login = is_true(&raw.properties, "$is_login_id");
    raw.properties.shift_remove("$is_login_id");
    let identities = std::mem::take(&mut top.identities);
    let named = !identities.is_empty();
    ids::add_all(raw, identities);
    for (namespace, id) in [("user_id", top.login_id.take()), ("anonymous_id", top.anonymous_id.take())] {
        if let Some(id) = id {
            ids::add(raw, namespace, id);
        }
    }
    let Some(distinct_id) = top.distinct_id.take() else { return };
    if let Some((namespace, id)) = ids::split_distinct(&distinct_id) {
        ids::add(raw, &namespace, id);
    } else if raw.kind == EventKind::Alias {
        raw.user_id = Some(distinct_id);
        raw.previous_id = top.original_id.take();
    } else if is_login {
        ids::add(raw, "user_id", distinct_id);
    } else if !named && raw.user_id.as_deref() != Some(distinct_id.as_str()) {
        // Without a mark a distinct_id is a device or cookie id. With identities it only repeats one of them.
        ids::add(raw, "anonymous_id", distinct_id);
    }
}

/// Page, device and campaign go where Segment's clients put them, so that one rule reads them all.
fn lift_context(raw: &mut RawEvent, lib: Object) {
    const MOVED: [(&str, &str, &str); 19] = [
        ("$lib", "library", "name"),
        ("$lib_version", "library", "version"),
        ("$url", "page", "url"),
        ("$url_path", "page", "path"),
        ("$referrer", "page", "referrer"),
        ("$title", "page", "title"),
        ("$utm_source", "campaign", "source"),
        ("$utm_medium", "campaign", "medium"),
        ("$utm_campaign", "campaign", "name"),
        ("$utm_content", "campaign", "content"),
        ("$utm_term", "campaign", "term"),
        ("$os", "os", "name"),
        ("$os_version", "os", "version"),
        ("$model", "device", "model"),
        ("$manufacturer", "device", "manufacturer"),
        ("$app_version", "app", "version"),
        ("$app_id", "app", "id"),
        ("$app_name", "app", "name"),
        ("$network_type", "network", "type"),
    ];
    for (from, group, to) in MOVED {
        let value = take(&mut raw.properties, from);
        put(&mut raw.context, group, to, value);
    }
    for (from, to) in [("$lib", "name"), ("$lib_version", "version")] {
        put(&mut raw.context, "library", to, lib.get(from).cloned().unwrap_or_default());
    }
    fields::lift_text(&mut raw.properties, &mut raw.context, &[("$ip", "ip"), ("$user_agent", "userAgent")]);
    if !lib.is_empty() {
        raw.extra.insert("lib".to_owned(), Value::Object(lib));
    }
}
