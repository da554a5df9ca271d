//! Coercion, only where the plan says the type: `"14.99"` is a number when the plan says so, never otherwise.

use serde_json::{Number, Value};

use super::schema::{Additional, Schema, Types};
use super::validate::{Path, Step};
use crate::event::Correction;

/// Coerces the parts of a value, noting each under the path `at`.
pub(super) fn coerce(schema: &Schema, value: &mut Value, at: &Path<'_>, notes: &mut Vec<Correction>) {
    if let Some((better, rule)) = coerced(schema, value) {
        let raw = std::mem::replace(value, better);
        notes.push(Correction { field: at.text(), raw, rule: rule.to_owned() });
    }
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                let schema = match (schema.property(key), &schema.additional) {
                    (Some(schema), _) => schema,
                    (None, Additional::Schema(schema)) => schema,
                    (None, Additional::Allowed | Additional::Denied) => continue,
                };
                coerce(schema, inner, &at.down(Step::Key(key)), notes);
            }
        }
        Value::Array(list) => {
            let Some(items) = &schema.items else { return };
            for (i, inner) in list.iter_mut().enumerate() {
                coerce(items, inner, &at.down(Step::Index(i)), notes);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    for part in &schema.all_of {
        coerce(part, value, at, notes);
    }
}

/// The value in the type that the schema says, if it says one and the value can be read as one.
fn coerced(schema: &Schema, value: &Value) -> Option<(Value, &'static str)> {
    let types = schema.types;
    if types.has(Types::of(value)) {
        // The right type in another form: `2026/11/21` where a date is planned.
        let format = schema.format?;
        let text = value.as_str().filter(|text| !format.holds(text))?;
        return format.coerced(&Value::from(text)).map(|t| (Value::from(t), "plan_format"));
    }
    match value {
        Value::String(text) => {
            let text = text.trim();
            if types.has(Types::INTEGER)
                && let Ok(n) = text.parse::<i64>()
            {
                return Some((Value::from(n), "plan_number"));
            }
            if types.has(Types::NUMBER) && is_decimal(text) {
                return text.parse().ok().and_then(Number::from_f64).map(|n| (Value::Number(n), "plan_number"));
            }
            if types.has(Types::BOOLEAN) {
                let flag = match text.to_ascii_lowercase().as_str() {
                    "true" | "1" => true,
                    "false" | "0" => false,
                    _ => return None,
                };
                return Some((Value::Bool(flag), "plan_boolean"));
            }
            None
        }
        Value::Number(n) => {
            if types.has(Types::BOOLEAN) && matches!(n.as_i64(), Some(0 | 1)) {
                return Some((Value::Bool(n.as_i64() == Some(1)), "plan_boolean"));
            }
            if !types.has(Types::STRING) {
                return None;
            }
            match schema.format {
                Some(format) => format.coerced(value).map(|t| (Value::from(t), "plan_format")),
                None => Some((Value::from(n.to_string()), "plan_text")),
            }
        }
        Value::Bool(b) if types.has(Types::STRING) => Some((Value::from(b.to_string()), "plan_text")),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Digits with a sign, a point and an exponent; not `inf` or `nan`, which Rust reads too.
fn is_decimal(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
}
