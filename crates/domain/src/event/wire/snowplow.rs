//! Snowplow's tracker protocol: POST `…/tp2` with a payload of texts, GET `/i?…` with the same names.

use serde_json::Value;

use super::fields::{self, put, raw_id, str_of, take, text, text_or_keep};
use super::json::{Budget, Fields, reading};
use super::snowplow_names::{
    CONTEXT, CONTEXT_TOP, ITEM, PING, STRUCTURED, TRANSACTION, iglu_name, inner_json, query_object,
};
use super::{Decoded, Limits, WireError, WireRequest, body, key};
use crate::event::raw::{Client, QuarantineReason, RawEvent, Rejected, read_time};
use crate::event::{EventKind, Object};

/// Decodes a request of a Snowplow tracker.
pub(super) fn decode(req: &WireRequest<'_>, limits: &Limits) -> Result<Decoded, WireError> {
    let events = match req.query {
        Some(query) if req.body.is_empty() => vec![from_query(query, limits)?],
        Some(_) | None => from_body(req, limits)?,
    };
    let good = || events.iter().flatten();
    let write_key = good().find_map(|e| {
        let app = e.context.get("app").and_then(Value::as_object)?;
        str_of(app, "name").and_then(key::usable)
    });
    let sent_at = good().find_map(|e| read_time(&e.sent_at).ok().flatten());
    Ok(Decoded { write_key, client: Client::Snowplow, events, sent_at })
}

fn from_query(query: &str, limits: &Limits) -> Result<Result<RawEvent, Rejected>, WireError> {
    if query.len() > limits.event_bytes {
        return Ok(Err(Rejected::over_limit(format!("the query has more than {} bytes", limits.event_bytes))));
    }
    let params = query_object(query);
    if !params.contains_key("e") {
        return Err(WireError::unreadable("the query has no parameter e (the type of event)"));
    }
    Ok(Ok(fields::within(event(params, limits), limits)))
}

fn from_body(req: &WireRequest<'_>, limits: &Limits) -> Result<Vec<Result<RawEvent, Rejected>>, WireError> {
    let bytes = body::json_text(req, limits)?;
    reading(&bytes, "data", limits, |_, top| {
        let make = |f: Fields<'_>| event(f.into_iter().map(|(k, v)| (k.into_owned(), v)).collect(), limits);
        match top.entries()? {
            Some(entries) => Ok(Budget::new(limits).batch(entries, make)),
            None => Err(WireError::unreadable("the payload has no field data")),
        }
    })
}

fn event(mut params: Object, limits: &Limits) -> RawEvent {
    let mut raw = fields::blank(Client::Snowplow);
    params.retain(|_, v| !v.is_null());
    let mut odd = Object::new();
    let mut text_of = |name: &str| text_or_keep(take(&mut params, name), name, &mut odd);
    raw.message_id = text_of("eid");
    raw.user_id = text_of("uid");
    let anonymous: Vec<String> = ["duid", "tnuid", "nuid"].into_iter().filter_map(text_of).collect();
    let mut anonymous = anonymous.into_iter();
    raw.anonymous_id = anonymous.next();
    raw.ids.extend(anonymous.map(|id| raw_id("anonymous_id", id)));
    set_times(&mut raw, &mut params);
    for (from, group, to) in CONTEXT {
        put(&mut raw.context, group, to, take(&mut params, from));
    }
    for (from, to) in CONTEXT_TOP {
        let value = take(&mut params, from);
        if !value.is_null() {
            raw.context.insert(to.to_owned(), value);
        }
    }
    add_entities(&mut raw, &mut params, limits);
    let kind = text(take(&mut params, "e")).unwrap_or_default();
    set_kind(&mut raw, &kind, &mut params, limits);
    odd.extend(std::mem::take(&mut raw.extra));
    odd.extend(params);
    raw.extra = odd;
    raw
}

/// `ttm` is true by declaration and is not corrected; else `dtm` and `stm` are the device's clock.
fn set_times(raw: &mut RawEvent, params: &mut Object) {
    let (dtm, stm, ttm) = (take(params, "dtm"), take(params, "stm"), take(params, "ttm"));
    if ttm.is_null() {
        raw.timestamp = dtm;
        raw.sent_at = stm;
    } else {
        raw.timestamp = ttm;
    }
}

fn set_kind(raw: &mut RawEvent, kind: &str, params: &mut Object, limits: &Limits) {
    let name = match kind {
        "pv" => {
            raw.kind = EventKind::Page;
            return;
        }
        "pp" => {
            rename(raw, params, &PING);
            "Page Ping"
        }
        "se" => {
            rename(raw, params, &STRUCTURED);
            raw.name = str_of(&raw.properties, "action").unwrap_or("Structured Event").to_owned();
            return;
        }
        "tr" => {
            rename(raw, params, &TRANSACTION);
            "Order Completed"
        }
        "ti" => {
            rename(raw, params, &ITEM);
            "Transaction Item"
        }
        "ue" => return self_describing(raw, params, limits),
        _ => {
            raw.extra.insert("e".to_owned(), Value::from(kind));
            raw.fault =
                Some(fields::fault(QuarantineReason::Malformed, "the parameter e is none of pv, pp, se, ue, tr, ti"));
            return;
        }
    };
    raw.name = name.to_owned();
}

fn rename(raw: &mut RawEvent, params: &mut Object, names: &[(&str, &str)]) {
    for (from, to) in names {
        let value = take(params, from);
        if !value.is_null() {
            raw.properties.insert((*to).to_owned(), value);
        }
    }
}

/// An event of a schema: `{schema: unstruct_event, data: {schema: iglu:…, data: {…}}}`.
fn self_describing(raw: &mut RawEvent, params: &mut Object, limits: &Limits) {
    let bad = |raw: &mut RawEvent, original: Option<Value>| {
        if let Some(value) = original {
            params_back(raw, value);
        }
        raw.fault = Some(fields::fault(QuarantineReason::Malformed, "ue_pr or ue_px holds no event of an iglu schema"));
    };
    let outer = match inner_json(params, "ue_pr", "ue_px") {
        Some(Ok(Value::Object(outer))) if values_within(outer.values(), limits) => outer,
        Some(Ok(other)) | Some(Err(other)) => return bad(raw, Some(other)),
        None => return bad(raw, None),
    };
    let mut outer = outer;
    let Value::Object(mut inner) = take(&mut outer, "data") else { return bad(raw, Some(Value::Object(outer))) };
    let Some(schema) = text(take(&mut inner, "schema")) else { return bad(raw, Some(Value::Object(inner))) };
    match take(&mut inner, "data") {
        Value::Object(data) => raw.properties = data,
        other => fields::keep(&mut raw.extra, "ue", other),
    }
    let name = iglu_name(&schema);
    if name == "screen_view" {
        raw.kind = EventKind::Screen;
        raw.name = str_of(&raw.properties, "name").unwrap_or_default().to_owned();
    } else {
        raw.name = name.to_owned();
    }
    raw.context.insert("schema".to_owned(), Value::from(schema));
}

fn params_back(raw: &mut RawEvent, value: Value) {
    raw.properties.insert("ue".to_owned(), value);
}

/// JSON inside a text escapes the measuring of its event, so it is measured here.
fn values_within<'a>(values: impl Iterator<Item = &'a Value>, limits: &Limits) -> bool {
    fn depth(v: &Value) -> usize {
        match v {
            Value::Array(a) => 1 + a.iter().map(depth).max().unwrap_or(0),
            Value::Object(o) => 1 + o.values().map(depth).max().unwrap_or(0),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }
    values.map(depth).max().unwrap_or(0) < limits.depth
}

/// Entities (`co`, `cx`) go to `context.contexts`; the ids of the mobile trackers among them are identifiers.
fn add_entities(raw: &mut RawEvent, params: &mut Object, limits: &Limits) {
    let entities = match inner_json(params, "co", "cx") {
        Some(Ok(Value::Object(mut outer))) if values_within(outer.values(), limits) => take(&mut outer, "data"),
        Some(Ok(other)) | Some(Err(other)) => {
            raw.extra.insert("cx".to_owned(), other);
            return;
        }
        None => return,
    };
    let entities = match entities {
        Value::Array(entities) => entities,
        other => return fields::keep(&mut raw.extra, "cx", other),
    };
    for entity in &entities {
        let Some(data) = entity.get("data").and_then(Value::as_object) else { continue };
        let named: &[(&str, &str)] = match iglu_name(entity.get("schema").and_then(Value::as_str).unwrap_or_default()) {
            "client_session" => &[("userId", "anonymous_id")],
            "mobile_context" => &[
                ("appleIdfv", "device_id"),
                ("openIdfa", "device_id"),
                ("appleIdfa", "advertising_id"),
                ("androidIdfa", "advertising_id"),
            ],
            _ => continue,
        };
        for (field, namespace) in named {
            if let Some(id) = str_of(data, field) {
                raw.ids.push(raw_id(namespace, id.to_owned()));
            }
        }
    }
    raw.context.insert("contexts".to_owned(), Value::Array(entities));
}
