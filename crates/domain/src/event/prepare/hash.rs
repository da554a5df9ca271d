//! A hash of what an event says, the same for every order of keys and for every time of sending.

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::event::Object;
use crate::event::raw::RawEvent;

/// Hash of the event without `sentAt` and without what SDKs add for themselves.
pub(super) fn content(raw: &RawEvent, seed: u64) -> u64 {
    let hasher = Hasher { seed };
    let mut sum = hasher.text(0, raw.kind.as_str());
    let texts = [&raw.user_id, &raw.anonymous_id, &raw.previous_id, &raw.group_id];
    sum = hasher.mix(sum, hasher.text(1, &raw.name));
    for (i, text) in texts.into_iter().enumerate() {
        sum = hasher.mix(sum, text.as_deref().map_or(0, |t| hasher.text(2 + i as u64, t)));
    }
    for id in &raw.ids {
        sum = hasher.mix(sum, hasher.text(hasher.text(7, &id.namespace), &id.value));
    }
    sum = hasher.mix(sum, hasher.value(&raw.timestamp));
    for object in [&raw.properties, &raw.traits, &raw.context] {
        sum = hasher.mix(sum, hasher.object(object));
    }
    sum
}

/// The seed of an event's hashes. What could not be read says nothing in its fields; its remains tell it from others.
pub(super) fn seed(raw: &RawEvent, faulty: bool) -> u64 {
    if faulty { Hasher { seed: 0 }.object(&raw.extra) } else { 0 }
}

/// A message id for an event that brings none: 128 bits of its content, hashed with `seed`.
pub(super) fn derived_message_id(raw: &RawEvent, content_hash: u64, seed: u64) -> String {
    format!("{content_hash:016x}{:016x}", content(raw, seed ^ 0x9e37_79b9_7f4a_7c15))
}

struct Hasher {
    seed: u64,
}

impl Hasher {
    fn text(&self, tag: u64, text: &str) -> u64 {
        xxh3_64_with_seed(text.as_bytes(), self.seed ^ tag.wrapping_mul(0xff51_afd7_ed55_8ccd))
    }

    fn mix(&self, a: u64, b: u64) -> u64 {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&a.to_le_bytes());
        bytes[8..].copy_from_slice(&b.to_le_bytes());
        xxh3_64_with_seed(&bytes, self.seed)
    }

    /// Entries are summed, so their order does not matter.
    fn object(&self, object: &Object) -> u64 {
        let entries = object.iter().map(|(k, v)| self.mix(self.text(8, k), self.value(v)));
        entries.fold(object.len() as u64 + 1, u64::wrapping_add)
    }

    fn value(&self, value: &Value) -> u64 {
        match value {
            Value::Null => 9,
            Value::Bool(b) => 10 + u64::from(*b),
            Value::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(i), _) => self.mix(12, i as u64),
                (None, Some(f)) => self.mix(13, f.to_bits()),
                (None, None) => 13,
            },
            Value::String(s) => self.text(14, s),
            Value::Array(a) => a.iter().fold(15, |sum, v| self.mix(sum, self.value(v))),
            Value::Object(o) => self.mix(16, self.object(o)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(properties: Value, sent: Value) -> RawEvent {
        let Value::Object(properties) = properties else { unreachable!("an object") };
        RawEvent { name: "X".into(), properties, sent_at: sent, ..RawEvent::default() }
    }

    #[test]
    fn order_of_keys_and_time_of_sending_do_not_change_the_hash_but_content_does() {
        let a = content(&raw(json!({"a": 1, "b": [1, 2]}), json!(1)), 0);
        assert_eq!(a, content(&raw(json!({"b": [1, 2], "a": 1}), json!(2)), 0));
        for other in [
            json!({"a": 1, "b": [2, 1]}),
            json!({"b": 1, "a": [1, 2]}),
            json!({"a": "1", "b": [1, 2]}),
            json!({"a": 1}),
        ] {
            assert_ne!(a, content(&raw(other, json!(1)), 0));
        }
    }
}
