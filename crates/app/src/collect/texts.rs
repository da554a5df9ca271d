//! The objects of an event as the JSON that is stored. Written where the event is cleaned, beside others, so that the one
//! writer has it ready.

use serde_json::{Map, Value};
use throughline_domain::event::{Event, Object};

/// Properties, traits and context of an event as JSON texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Texts {
    pub(crate) properties: String,
    pub(crate) traits: String,
    /// With what we know beside it under `$event`: times, group, corrections.
    pub(crate) context: String,
}

/// What we add to the context.
const OURS: &str = "$event";

impl Texts {
    /// The texts of an event.
    pub(crate) fn of(e: &Event) -> Self {
        Self { properties: text(&e.properties), traits: text(&e.traits), context: joined(&e.context, beside(e)) }
    }
}

fn text(o: &Object) -> String {
    if o.is_empty() { "{}".to_owned() } else { serde_json::to_string(o).unwrap_or_else(|_| "{}".into()) }
}

fn joined(context: &Object, beside: Object) -> String {
    let ours = Map::from_iter([(OURS.to_owned(), Value::Object(beside))]);
    if context.is_empty() {
        return text(&ours);
    }
    if context.contains_key(OURS) {
        // Ours wins.
        return text(&context.iter().chain(&ours).map(|(k, v)| (k.clone(), v.clone())).collect());
    }
    // Neither object is empty: `{a}` and `{b}` are `{a,b}`.
    let (mut all, ours) = (text(context), text(&ours));
    all.pop();
    all.push(',');
    all.push_str(&ours[1..]);
    all
}

fn beside(e: &Event) -> Object {
    let mut out = Map::new();
    if let Some(t) = e.time.original_at {
        out.insert("original_at".into(), t.to_string().into());
    }
    if let Some(t) = e.time.sent_at {
        out.insert("sent_at".into(), t.to_string().into());
    }
    out.insert("time_source".into(), serde_json::to_value(e.time.time_source).unwrap_or_default());
    if let Some(g) = &e.group_id {
        out.insert("group_id".into(), g.as_str().into());
    }
    if !e.corrections.is_empty() {
        out.insert("corrections".into(), serde_json::to_value(&e.corrections).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_we_know_stands_beside_what_was_sent_and_wins() {
        let object = |v: Value| v.as_object().cloned().expect("an object");
        let read = |context: Value| {
            let text = joined(&object(context), object(json!({"group_id": "g1"})));
            serde_json::from_str::<Value>(&text).expect("JSON")
        };
        assert_eq!(read(json!({})), json!({"$event": {"group_id": "g1"}}));
        let both = read(json!({"page": {"path": "/}"}, "ip": "203.0.113.1"}));
        let expected = json!({"page": {"path": "/}"}, "ip": "203.0.113.1", "$event": {"group_id": "g1"}});
        assert_eq!(both, expected);
        assert_eq!(
            read(json!({"$event": {"group_id": "forged"}, "a": 1})),
            json!({"$event": {"group_id": "g1"}, "a": 1})
        );
    }
}
