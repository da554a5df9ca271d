//! Fixes for quarantined events: a list of operations that is saved, versioned and replayed.
//!
//! A fix works on the raw event, so that replay takes the normal path. Start reading at [`apply`].

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::prepare::{content_hash, derive_message_id};
use super::raw::{LimitName, QuarantineReason, RawEvent, read_time, read_time_in};

/// What a value is cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CastTo {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A whole number; decimals are cut.
    Integer,
    /// `true`, `1`, `yes`, `是` and their opposites.
    Boolean,
    /// RFC 3339 from any form the collector reads: in UTC, or without an offset when it had none.
    Time,
}

/// One operation. Paths name fields of [`RawEvent`] (`name`, `user_id`, `timestamp`, `properties.price`,
/// `context.page.url`); `[]` behind a name means each item of a list (`properties.products[].price`). The dedupe key
/// (`message_id`) cannot be changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum FixOp {
    /// Gives the event another name; only an event called `from`, when that is given.
    RenameEvent {
        /// The name it must have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The new name.
        to: String,
    },
    /// Moves a value to another path; what was there before is replaced.
    Rename {
        /// Where it is.
        from: String,
        /// Where it goes.
        to: String,
    },
    /// Replaces values by a table.
    MapValue {
        /// Where.
        path: String,
        /// Text of the old value and the new value.
        map: serde_json::Map<String, Value>,
    },
    /// Changes the type; a value that cannot be cast stays.
    Cast {
        /// Where.
        path: String,
        /// The type.
        to: CastTo,
    },
    /// Sets a value where there is none, or null.
    SetDefault {
        /// Where.
        path: String,
        /// The value.
        value: Value,
    },
    /// Takes a value out.
    Drop {
        /// Where.
        path: String,
    },
    /// Lets events of up to this size pass a limit.
    RaiseLimit {
        /// The limit.
        limit: LimitName,
        /// The new size.
        to: u64,
    },
}

/// Top fields of a raw event that a path may name.
const PARTS: [&str; 12] = [
    "kind",
    "name",
    "user_id",
    "anonymous_id",
    "previous_id",
    "group_id",
    "timestamp",
    "sent_at",
    "properties",
    "traits",
    "context",
    "extra",
];

impl FixOp {
    /// What is wrong with the operation, before it is saved; `None` when it can work.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let paths: Vec<&str> = match self {
            Self::RenameEvent { to, .. } => return to.trim().is_empty().then(|| "the new name is empty".to_owned()),
            Self::Rename { from, to } => vec![from, to],
            Self::MapValue { path, .. }
            | Self::Cast { path, .. }
            | Self::SetDefault { path, .. }
            | Self::Drop { path } => vec![path],
            Self::RaiseLimit { .. } => return None,
        };
        for path in &paths {
            let steps = steps(path);
            let first = match steps.first() {
                Some(Step::Key(key)) => *key,
                Some(Step::Each) | None => "",
            };
            if !PARTS.contains(&first) || steps.iter().any(|s| matches!(s, Step::Key(""))) {
                return Some(format!("the path {path} does not start with one of {}", PARTS.join(", ")));
            }
        }
        let moves_list = matches!(self, Self::Rename { .. }) && paths.iter().any(|p| p.contains("[]"));
        moves_list.then(|| "a rename moves one value: [] is not possible in its paths".to_owned())
    }
}

/// Applies operations in order. An operation that would make the event unreadable is left out. The event keeps its
/// dedupe key and the hash of what it said, so that the sender's retry is known as the same; a fault found at decoding goes when an operation mends it.
#[must_use]
pub fn apply(raw: &RawEvent, ops: &[FixOp]) -> RawEvent {
    let mut out = RawEvent { content_hash: Some(content_hash(raw)), ..raw.clone() };
    if out.message_id.is_none() {
        out.message_id = Some(derive_message_id(raw));
        out.message_id_derived = true;
    }
    for op in ops.iter().filter(|op| op.problem().is_none()) {
        out = changed(&out, op).unwrap_or(out);
    }
    out
}

fn changed(raw: &RawEvent, op: &FixOp) -> Option<RawEvent> {
    if let FixOp::RaiseLimit { limit, to } = op {
        let mended = raw.fault.as_ref().is_some_and(|f| f.limit == Some(*limit) && f.actual.is_some_and(|a| a <= *to));
        return mended.then(|| RawEvent { fault: None, ..raw.clone() });
    }
    let mut doc = serde_json::to_value(raw).ok()?;
    match op {
        FixOp::RenameEvent { from, to } => {
            if from.as_ref().is_none_or(|from| *from == raw.name) {
                doc["name"] = Value::from(to.as_str());
            }
        }
        FixOp::Rename { from, to } => {
            let value = taken(&mut doc, &steps(from))?;
            put(&mut doc, &steps(to), value)?;
        }
        FixOp::MapValue { path, map } => visit(&mut doc, &steps(path), &mut |value| {
            if let Some(new) = key_text(value).and_then(|text| map.get(&text)) {
                value.clone_from(new);
            }
        }),
        FixOp::Cast { path, to } => visit(&mut doc, &steps(path), &mut |value| {
            if let Some(new) = cast(value, *to) {
                *value = new;
            }
        }),
        FixOp::SetDefault { path, value } => set_default(&mut doc, &steps(path), value),
        FixOp::Drop { path } => drop_at(&mut doc, &steps(path)),
        FixOp::RaiseLimit { .. } => {}
    }
    text_ids(&mut doc);
    let fixed: RawEvent = serde_json::from_value(doc).ok()?;
    Some(without_mended_fault(fixed, raw, op))
}

/// A fault that the operation has mended is gone; whatever else is wrong, preparing finds again.
fn without_mended_fault(mut fixed: RawEvent, before: &RawEvent, op: &FixOp) -> RawEvent {
    let Some(fault) = &fixed.fault else { return fixed };
    let names_kind = match op {
        FixOp::Rename { to, .. } => to == "kind",
        FixOp::MapValue { path, .. } | FixOp::Cast { path, .. } | FixOp::SetDefault { path, .. } => path == "kind",
        FixOp::RenameEvent { .. } | FixOp::Drop { .. } | FixOp::RaiseLimit { .. } => false,
    };
    let mended = match fault.reason {
        QuarantineReason::Malformed => {
            names_kind || (fixed.name != before.name && !fixed.extra.contains_key("original"))
        }
        QuarantineReason::NotAPersonEvent => {
            fixed.user_id != before.user_id || fixed.anonymous_id != before.anonymous_id || fixed.ids != before.ids
        }
        QuarantineReason::OverLimit => match fault.limit {
            Some(LimitName::GroupId) => fixed.group_id != before.group_id,
            Some(LimitName::Traits) => fixed.traits.len() < before.traits.len(),
            Some(LimitName::Properties) => fixed.properties.len() < before.properties.len(),
            Some(LimitName::MessageId) | None => false,
        },
        QuarantineReason::NoIdentifier
        | QuarantineReason::MissingName
        | QuarantineReason::UnreadableTime
        | QuarantineReason::TooOld
        | QuarantineReason::UnknownEvent
        | QuarantineReason::UnknownProperty
        | QuarantineReason::WrongType
        | QuarantineReason::MissingRequired => true,
    };
    if mended {
        fixed.fault = None;
    }
    fixed
}

/// Ids are text; a number that was moved there is written out.
fn text_ids(doc: &mut Value) {
    for field in ["name", "user_id", "anonymous_id", "previous_id", "group_id"] {
        match doc.get(field) {
            Some(Value::Number(n)) => doc[field] = Value::from(n.to_string()),
            Some(Value::Null) if field == "name" => doc[field] = Value::from(""),
            Some(_) | None => {}
        }
    }
}

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Key(&'a str),
    Each,
}

fn steps(path: &str) -> Vec<Step<'_>> {
    let mut out = Vec::new();
    for part in path.split('.') {
        let mut name = part;
        let mut lists = 0;
        while let Some(head) = name.strip_suffix("[]") {
            name = head;
            lists += 1;
        }
        out.push(Step::Key(name));
        out.extend(std::iter::repeat_n(Step::Each, lists));
    }
    out
}

/// Calls `f` with every value at a path.
fn visit(value: &mut Value, steps: &[Step<'_>], f: &mut dyn FnMut(&mut Value)) {
    match steps {
        [] => f(value),
        [Step::Key(key), rest @ ..] => {
            if let Some(inner) = value.get_mut(*key) {
                visit(inner, rest, f);
            }
        }
        [Step::Each, rest @ ..] => {
            for item in value.as_array_mut().into_iter().flatten() {
                visit(item, rest, f);
            }
        }
    }
}

fn taken(value: &mut Value, steps: &[Step<'_>]) -> Option<Value> {
    let mut out = None;
    let Some((Step::Key(last), before)) = steps.split_last() else { return None };
    visit(value, before, &mut |parent| {
        out = parent.as_object_mut().and_then(|o| o.shift_remove(*last));
    });
    out
}

/// Puts a value at a path of keys, making the objects on the way. `None` when something that is no object stands there.
fn put(value: &mut Value, steps: &[Step<'_>], new: Value) -> Option<()> {
    let (last, before) = steps.split_last()?;
    let mut at = value;
    for step in before {
        let Step::Key(key) = step else { return None };
        at = at.as_object_mut()?.entry(*key).or_insert_with(|| Value::Object(serde_json::Map::new()));
    }
    let Step::Key(last) = last else { return None };
    at.as_object_mut()?.insert((*last).to_owned(), new);
    Some(())
}

fn set_default(doc: &mut Value, steps: &[Step<'_>], new: &Value) {
    if let Some(each) = steps.iter().rposition(|s| *s == Step::Each) {
        let (before, rest) = steps.split_at(each + 1);
        return visit(doc, before, &mut |item| default_below(item, rest, new));
    }
    default_below(doc, steps, new);
}

fn default_below(value: &mut Value, steps: &[Step<'_>], new: &Value) {
    let mut present = false;
    visit(value, steps, &mut |v| {
        if v.is_null() {
            v.clone_from(new);
        }
        present = true;
    });
    let is_empty_name = steps == [Step::Key("name")] && value.get("name").and_then(Value::as_str) == Some("");
    if (!present || is_empty_name) && !steps.is_empty() {
        let _placed = put(value, steps, new.clone());
    }
}

fn drop_at(doc: &mut Value, steps: &[Step<'_>]) {
    match steps.split_last() {
        Some((Step::Key(last), [])) => {
            // A whole part is emptied; `name` and `kind` have no absence.
            let empty = match *last {
                "properties" | "traits" | "context" | "extra" => Value::Object(serde_json::Map::new()),
                "kind" => return,
                "name" => Value::from(""),
                _ => Value::Null,
            };
            doc[*last] = empty;
        }
        Some((Step::Key(last), before)) => visit(doc, before, &mut |parent| {
            if let Some(object) = parent.as_object_mut() {
                object.shift_remove(*last);
            }
        }),
        Some((Step::Each, before)) => visit(doc, before, &mut |list| {
            if let Some(list) = list.as_array_mut() {
                list.clear();
            }
        }),
        None => {}
    }
}

/// The text a value is looked up by in a table.
fn key_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Number(n) => Some(n.to_string()),
        Value::String(s) => Some(s.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn cast(value: &Value, to: CastTo) -> Option<Value> {
    let text = key_text(value).filter(|_| !value.is_null())?;
    let plain = super::clean::id(&text).replace(',', "");
    match to {
        CastTo::Text => Some(Value::from(text)),
        CastTo::Number => match plain.parse::<i64>() {
            Ok(n) => Some(Value::from(n)),
            Err(_) => plain.parse().ok().and_then(Number::from_f64).map(Value::Number),
        },
        CastTo::Integer => match plain.parse::<i64>() {
            Ok(n) => Some(Value::from(n)),
            Err(_) => plain.parse::<f64>().ok().filter(|f| f.abs() < 9e15).map(|f| Value::from(f.trunc() as i64)),
        },
        CastTo::Boolean => match plain.to_lowercase().as_str() {
            "true" | "1" | "yes" | "y" | "on" | "是" => Some(Value::Bool(true)),
            "false" | "0" | "no" | "n" | "off" | "否" => Some(Value::Bool(false)),
            _ => None,
        },
        CastTo::Time => time(value, &plain),
    }
}

/// Also `2026/11/21 08:00`, which the collector itself does not take. A time without an offset stays without one: the
/// source says which zone it is in.
fn time(value: &Value, plain: &str) -> Option<Value> {
    let slashed = Value::from(plain.replace('/', "-"));
    [value, &slashed].into_iter().find_map(|value| {
        let at = read_time(value).ok()??;
        let on_the_wall = read_time_in(value, "Asia/Shanghai") != Ok(Some(at));
        let text = at.to_string();
        Some(Value::from(if on_the_wall { text.trim_end_matches('Z') } else { &text }))
    })
}

#[cfg(test)]
mod tests;
