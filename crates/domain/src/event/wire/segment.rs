//! Segment's shape, which Rudder, Jitsu and our own tag share: `/v1/batch`, `/v1/t` …, `/api/s/{type}`.

use serde_json::Value;
use serde_json::value::RawValue;

use super::json::{Budget, Fields, Top, reading};
use super::{Decoded, Limits, WireError, WireRequest, body, fields, key};
use crate::event::EventKind;
use crate::event::raw::{Client, QuarantineReason, RawEvent, Rejected, read_time};

/// Last part of a path and the kind it stands for; `None` when the events say it themselves.
const HINTS: [(&str, Option<EventKind>); 17] = [
    ("batch", None),
    ("b", None),
    ("import", None),
    ("track", Some(EventKind::Track)),
    ("t", Some(EventKind::Track)),
    ("identify", Some(EventKind::Identify)),
    ("i", Some(EventKind::Identify)),
    ("page", Some(EventKind::Page)),
    ("p", Some(EventKind::Page)),
    ("screen", Some(EventKind::Screen)),
    ("s", Some(EventKind::Screen)),
    ("group", Some(EventKind::Group)),
    ("g", Some(EventKind::Group)),
    ("alias", Some(EventKind::Alias)),
    ("a", Some(EventKind::Alias)),
    ("event", None),
    ("events", None),
];

/// Whether the last part of a `/v1/` path is one of Segment's.
pub(super) fn known_hint(hint: &str) -> bool {
    HINTS.iter().any(|(h, _)| *h == hint)
}

/// Decodes a request in Segment's shape.
pub(super) fn decode(req: &WireRequest<'_>, hint: &str, client: Client, limits: &Limits) -> Result<Decoded, WireError> {
    let bytes = body::json_text(req, limits)?;
    decode_text(&bytes, hint, client, limits)
}

/// Decodes the JSON text of a request: an envelope with `batch`, a single event, or an array of events.
pub(super) fn decode_text(bytes: &[u8], hint: &str, client: Client, limits: &Limits) -> Result<Decoded, WireError> {
    reading(bytes, "batch", limits, |text, top| {
        let sent_at = top.scalar("sentAt");
        let write_key = fields::text(top.scalar("writeKey")).as_deref().and_then(key::usable);
        let hinted = HINTS.iter().find(|(h, _)| *h == hint).and_then(|(_, kind)| *kind);
        let mut budget = Budget::new(limits);
        let shape = Shape { hinted, client, sent_at: &sent_at };
        let events = match top.entries()? {
            Some(entries) => batch_events(entries, top, &mut budget, &shape),
            None => vec![budget.event(text, |f| shape.event(f))],
        };
        let rudder = |e: &RawEvent| e.client == Client::Rudder;
        let client = if events.iter().flatten().any(rudder) { Client::Rudder } else { client };
        Ok(Decoded { write_key, client, events, sent_at: read_time(&sent_at).ok().flatten() })
    })
}

fn batch_events(
    entries: &[&RawValue],
    top: &Top<'_>,
    budget: &mut Budget<'_>,
    shape: &Shape<'_>,
) -> Vec<Result<RawEvent, Rejected>> {
    // The HTTP API allows a context on the envelope that holds for all of its events.
    let shared = top.field("context").and_then(|raw| budget.object(raw.get())).unwrap_or_default();
    budget.batch(entries, |fields| {
        let mut raw = shape.event(fields);
        for (key, value) in &shared {
            if !raw.context.contains_key(key) {
                raw.context.insert(key.clone(), value.clone());
            }
        }
        raw
    })
}

/// What the request says about each of its events.
struct Shape<'a> {
    hinted: Option<EventKind>,
    client: Client,
    sent_at: &'a Value,
}

impl Shape<'_> {
    fn event(&self, fields: Fields<'_>) -> RawEvent {
        let mut raw = fields::blank(self.client);
        let mut kind = Value::Null;
        let (mut event, mut name) = (None, None);
        let mut original = Value::Null;
        for (field, value) in fields {
            let mut text = |value| fields::text_or_keep(value, &field, &mut raw.extra);
            match &*field {
                "type" => kind = value,
                "event" => event = text(value),
                "name" => name = text(value),
                "userId" => raw.user_id = text(value),
                "anonymousId" => raw.anonymous_id = text(value),
                "previousId" => raw.previous_id = text(value),
                "groupId" => raw.group_id = text(value),
                "messageId" => raw.message_id = text(value),
                "timestamp" => raw.timestamp = value,
                "originalTimestamp" => original = value,
                "sentAt" => raw.sent_at = value,
                "writeKey" => {}
                _ => keep(&mut raw, &field, value),
            }
        }
        if !original.is_null() {
            raw.timestamp = original;
            if self.client == Client::Segment {
                raw.client = Client::Rudder;
            }
        }
        if raw.sent_at.is_null() {
            raw.sent_at.clone_from(self.sent_at);
        }
        self.set_kind(&mut raw, &kind, event.is_some());
        if raw.kind == EventKind::Identify && raw.traits.is_empty() {
            // Rudder's SDK for Python puts them there and nowhere else.
            raw.traits = fields::take_object(&mut raw.context, "traits");
        }
        let (event, name) = (event.unwrap_or_default(), name.unwrap_or_default());
        let beside = match raw.kind {
            EventKind::Track => {
                raw.name = event;
                [("name", name), ("event", String::new())]
            }
            EventKind::Page | EventKind::Screen => {
                raw.name = name;
                if raw.name.is_empty() {
                    raw.name = fields::text_ref(raw.properties.get("name")).unwrap_or_default();
                }
                if raw.extra.get("category").is_some_and(Value::is_string) && !raw.properties.contains_key("category") {
                    raw.properties.insert("category".to_owned(), fields::take(&mut raw.extra, "category"));
                }
                [("name", String::new()), ("event", event)]
            }
            EventKind::Identify | EventKind::Group | EventKind::Alias | EventKind::Bind | EventKind::Unbind => {
                [("name", name), ("event", event)]
            }
        };
        for (field, text) in beside.into_iter().filter(|(_, text)| !text.is_empty()) {
            raw.extra.insert(field.to_owned(), Value::String(text));
        }
        raw
    }

    fn set_kind(&self, raw: &mut RawEvent, sent: &Value, named: bool) {
        let text = sent.as_str().unwrap_or_default();
        let said = EventKind::parse(text).or_else(|| EventKind::parse(&text.to_ascii_lowercase()));
        match said.or(self.hinted.filter(|_| text.is_empty())) {
            Some(kind) => {
                raw.kind = kind;
                if !sent.is_string() {
                    fields::keep(&mut raw.extra, "type", sent.clone());
                }
            }
            None if sent.is_null() && named => raw.kind = EventKind::Track,
            None => {
                raw.extra.insert("type".to_owned(), sent.clone());
                raw.fault = Some(fields::fault(
                    QuarantineReason::Malformed,
                    "the field type is none of track, identify, page, screen, group, alias",
                ));
            }
        }
    }
}

/// Objects go to their places, the rest is kept beside them.
fn keep(raw: &mut RawEvent, field: &str, value: Value) {
    match (field, value) {
        ("properties", Value::Object(o)) => raw.properties = o,
        ("traits", Value::Object(o)) => raw.traits = o,
        ("context", Value::Object(o)) => raw.context = o,
        (_, value) => fields::keep(&mut raw.extra, field, value),
    }
}
