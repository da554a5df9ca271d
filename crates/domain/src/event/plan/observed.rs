//! Types of properties that no plan fixes: learnt from the first values, then held against later ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Object;

/// Values of a property after which its type is settled.
pub const SETTLED_AFTER: u32 = 1_000;
/// Share of those values that must have one type, in percent, for a clear majority.
const MAJORITY_PERCENT: u32 = 90;
/// Properties of one event name that are learnt; a client that makes up names must not fill the store.
const MAX_PROPERTIES: usize = 2_000;

/// What was seen of one property.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// How many values of each type were seen while learning.
    pub counts: BTreeMap<String, u32>,
    /// The type, once settled; empty when settled without a clear majority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
}

/// What was seen of the properties of one event name. It is state: load it, observe events in order, store it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedTypes {
    /// By name of the property.
    pub properties: BTreeMap<String, Observation>,
}

impl ObservedTypes {
    /// Learns from an event's properties and returns a warning for each that clashes with its settled type.
    pub fn observe(&mut self, properties: &Object) -> Vec<String> {
        let mut warnings = Vec::new();
        for (name, value) in properties {
            let Some(kind) = type_name(value) else { continue };
            if !self.properties.contains_key(name) && self.properties.len() == MAX_PROPERTIES {
                continue;
            }
            let seen = self.properties.entry(name.clone()).or_default();
            match &seen.settled {
                Some(settled) if settled.is_empty() || settled == kind => {}
                Some(settled) => warnings.push(format!("properties.{name} is {kind}, but was {settled} until now")),
                None => seen.count(kind),
            }
        }
        warnings
    }
}

impl Observation {
    fn count(&mut self, kind: &str) {
        *self.counts.entry(kind.to_owned()).or_default() += 1;
        let sum: u32 = self.counts.values().sum();
        if sum < SETTLED_AFTER {
            return;
        }
        let clear = self.counts.iter().find(|(_, n)| **n * 100 >= sum * MAJORITY_PERCENT);
        self.settled = Some(clear.map(|(kind, _)| kind.clone()).unwrap_or_default());
    }
}

/// Null says nothing about a type.
fn type_name(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(_) => Some("number"),
        Value::String(_) => Some("text"),
        Value::Array(_) => Some("list"),
        Value::Object(_) => Some("object"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(value: Value) -> Object {
        [("size".to_owned(), value)].into_iter().collect()
    }

    #[test]
    fn a_type_is_settled_by_a_clear_majority_and_later_clashes_are_warned_about() {
        let mut seen = ObservedTypes::default();
        for i in 0..SETTLED_AFTER {
            let value = if i % 20 == 0 { json!("L") } else { json!(i) };
            assert!(seen.observe(&properties(value)).is_empty());
        }
        assert_eq!(seen.properties["size"].settled.as_deref(), Some("number"));
        assert_eq!(seen.observe(&properties(json!("L"))), ["properties.size is text, but was number until now"]);
        assert!(seen.observe(&properties(json!(1.5))).is_empty());
        assert!(seen.observe(&properties(json!(null))).is_empty());
    }

    #[test]
    fn mixed_values_settle_nothing() {
        let mut seen = ObservedTypes::default();
        for i in 0..=SETTLED_AFTER {
            let value = if i % 2 == 0 { json!("L") } else { json!(i) };
            assert!(seen.observe(&properties(value)).is_empty());
        }
        assert_eq!(seen.properties["size"].settled.as_deref(), Some(""));
    }
}
