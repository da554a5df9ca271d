//! The OpenAPI file: the description that the routes give, made exact where the types alone cannot say it.
//!
//! * An answer leaves nothing out: what has no value is `null`. So everything that may be null is required, except in
//!   what is sent.
//! * An object without listed properties may hold any.

use std::collections::BTreeSet;

use serde_json::{Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Makes the document exact.
pub fn exact(document: &mut Value) {
    visit(document, &mut open);
    let sent = sent(document);
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| !sent.contains(name.as_str())) {
        visit(schema, &mut complete);
    }
}

fn visit(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    change(value);
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| visit(v, change)),
        Value::Object(map) => map.values_mut().for_each(|v| visit(v, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Names of the schemas that a request may hold.
fn sent(document: &Value) -> BTreeSet<String> {
    let methods = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let routes = methods.filter_map(Value::as_object).flat_map(|methods| methods.values());
    let mut open: Vec<String> = routes.flat_map(|route| references(&route["requestBody"])).collect();
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        if found.insert(name.clone()) {
            open.extend(references(&document["components"]["schemas"][&name]));
        }
    }
    found
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(references).collect(),
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix(SCHEMAS));
            own.map(str::to_owned).into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn is_type(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::String(one) => one == name,
        Value::Array(several) => several.iter().any(|t| t == name),
        _ => false,
    }
}

fn is_nullable(schema: &Value) -> bool {
    let alternatives = schema["oneOf"].as_array();
    is_type(schema, "null") || alternatives.is_some_and(|all| all.iter().any(|one| is_type(one, "null")))
}

/// Lets an object without listed properties hold any.
fn open(schema: &mut Value) {
    if !is_type(schema, "object") || schema.get("properties").is_some() {
        return;
    }
    if let Some(keywords) = schema.as_object_mut() {
        keywords.entry("additionalProperties").or_insert(json!(true));
    }
}

/// Requires every property that may be null.
fn complete(schema: &mut Value) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    // In the order of the properties, so that the file changes only where the types do.
    let all = properties.iter().filter(|(name, p)| is_nullable(p) || required.iter().any(|r| r == *name));
    let all: Vec<&String> = all.map(|(name, _)| name).collect();
    if !all.is_empty() {
        schema["required"] = json!(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_complete_and_requests_may_leave_out_what_is_optional() {
        let thing = json!({
            "type": "object", "required": ["id"],
            "properties": { "id": { "type": "string" }, "note": { "type": ["string", "null"] }, "hint": { "type": "string" },
                "other": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Sent" }] }, "any": { "type": "object" } }
        });
        let mut document = json!({
            "paths": { "/x": { "post": { "requestBody": { "schema": { "$ref": "#/components/schemas/Sent" } } } } },
            "components": { "schemas": { "Answer": thing, "Sent": thing } }
        });
        exact(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Answer"]["required"], json!(["id", "note", "other"]));
        assert_eq!(schemas["Sent"]["required"], json!(["id"]));
        assert_eq!(schemas["Answer"]["properties"]["any"]["additionalProperties"], json!(true));
    }
}
