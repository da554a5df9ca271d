//! The published JSON Schema of the audience language (draft 2020-12): what other software writes audiences by.
//!
//! It says what the tree's own reading says, but for what a schema cannot know: references, limits, zones, expressions.

/// The schema of a definition; `#/$defs/computation` is that of a computed trait.
pub const SCHEMA: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::super::rule::{Computation, Definition};
    use super::super::text::tests::arbitrary;
    use super::SCHEMA;

    /// Validates by the part of JSON Schema that ours is written in; a keyword beyond it is a mistake.
    struct Schema(Value);

    impl Schema {
        fn read() -> Self {
            Self(serde_json::from_str(SCHEMA).unwrap())
        }

        fn definition(&self, value: &Value) -> bool {
            self.fits(&self.0, value)
        }

        fn computation(&self, value: &Value) -> bool {
            self.fits(&self.0["$defs"]["computation"], value)
        }

        fn fits(&self, schema: &Value, value: &Value) -> bool {
            let Value::Object(keywords) = schema else { return schema == &Value::Bool(true) };
            keywords.iter().all(|(keyword, says)| self.keyword(keywords, keyword, says, value))
        }

        fn keyword(&self, of: &Map<String, Value>, keyword: &str, says: &Value, value: &Value) -> bool {
            let all = || says.as_array().unwrap().iter();
            let least = || says.as_f64().unwrap();
            match keyword {
                "description" | "title" | "default" | "$schema" | "$id" | "$defs" => true,
                "$ref" => self.fits(&self.0["$defs"][says.as_str().unwrap().strip_prefix("#/$defs/").unwrap()], value),
                "oneOf" => all().filter(|s| self.fits(s, value)).count() == 1,
                "anyOf" => all().any(|s| self.fits(s, value)),
                "enum" => all().any(|v| v == value),
                "const" => says == value,
                "type" => match says.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("{other}"),
                },
                "properties" => value
                    .as_object()
                    .is_none_or(|o| o.iter().all(|(name, v)| says.get(name).is_none_or(|schema| self.fits(schema, v)))),
                "required" => value.as_object().is_none_or(|o| all().all(|n| o.contains_key(n.as_str().unwrap()))),
                "additionalProperties" => {
                    assert_eq!(says, &Value::Bool(false));
                    value.as_object().is_none_or(|o| o.keys().all(|name| of["properties"].get(name).is_some()))
                }
                "items" => value.as_array().is_none_or(|a| a.iter().all(|v| self.fits(says, v))),
                "minItems" => value.as_array().is_none_or(|a| a.len() as f64 >= least()),
                "maxItems" => value.as_array().is_none_or(|a| a.len() as f64 <= least()),
                "minimum" => value.as_f64().is_none_or(|n| n >= least()),
                "maximum" => value.as_f64().is_none_or(|n| n <= least()),
                "pattern" => {
                    let pattern = regex::Regex::new(says.as_str().unwrap()).unwrap();
                    value.as_str().is_none_or(|text| pattern.is_match(text))
                }
                other => panic!("{other} is not in the part of JSON Schema that ours is written in"),
            }
        }
    }

    thread_local! {
        static OURS: Schema = Schema::read();
    }

    /// Changes one place of a value: a member goes, comes or is called differently, or a value is another.
    fn damage(value: &mut Value, way: &mut impl Iterator<Item = u16>) {
        let mut next = || usize::from(way.next().unwrap_or(0));
        let (choice, other) = (next(), next());
        let goes_deeper = !choice.is_multiple_of(4);
        match value {
            Value::Object(members) if goes_deeper && !members.is_empty() => {
                let at = other % members.len();
                damage(members.values_mut().nth(at).unwrap(), way);
            }
            Value::Array(items) if goes_deeper && !items.is_empty() => {
                let at = other % items.len();
                damage(&mut items[at], way);
            }
            Value::Object(members) if !members.is_empty() => {
                let name = members.keys().nth(other / 4 % members.len()).unwrap().clone();
                match other % 4 {
                    0 => drop(members.remove(&name)),
                    1 => drop(members.insert("extra".to_owned(), json!(1))),
                    2 => {
                        let member = members.remove(&name).unwrap();
                        members.insert(format!("{name}x"), member);
                    }
                    _ => drop(members.insert(name, json!(true))),
                }
            }
            other_value => {
                let others = [json!("x"), json!(1.5), json!(true), json!("value"), json!("3d")];
                *other_value = others[other % others.len()].clone();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_rule_fits_the_schema_and_a_damaged_one_fits_when_it_is_read(
            rule in arbitrary::rule(),
            way in prop::collection::vec(any::<u16>(), 60),
        ) {
            let mut json = serde_json::to_value(Definition { zone: "UTC".to_owned(), rule }).unwrap();
            OURS.with(|schema| {
                prop_assert!(schema.definition(&json), "{}", json);
                damage(&mut json, &mut way.into_iter());
                let read = serde_json::from_value::<Definition>(json.clone());
                prop_assert_eq!(schema.definition(&json), read.is_ok(), "{}: {:?}", json, read.err());
                Ok(())
            })?;
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_rule() {
        let schema = Schema::read();
        for wrong in [
            json!({"rule": {"all": []}}),
            json!({"zone": "UTC", "rule": {}}),
            json!({"zone": "UTC", "rule": {"tag": "a", "list": "b"}}),
            json!({"zone": "UTC", "rule": {"did": {"event": "A", "window": {"last": "0d"}}}}),
            json!({"zone": "UTC", "rule": {"did": {"event": "A", "measure": {"sum": "colour"}}}}),
            json!({"zone": "UTC", "rule": {"sequence": {"steps": [{"event": "A", "with": "1d"}, {"event": "B"}]}}}),
            json!({"zone": "UTC", "rule": {"stage": "active"}}),
        ] {
            assert!(!schema.definition(&wrong), "{wrong}");
            assert!(serde_json::from_value::<Definition>(wrong.clone()).is_err(), "{wrong}");
        }
        // A sequence of one step is read, and refused where definitions are checked; the schema says so at once.
        let short = json!({"zone": "UTC", "rule": {"sequence": {"steps": [{"event": "A"}]}}});
        assert!(!schema.definition(&short) && serde_json::from_value::<Definition>(short).is_ok());
    }

    #[test]
    fn computations_fit_their_part_of_the_schema() {
        let schema = Schema::read();
        for (json, fits) in [
            (json!({"measure": {"event": "A", "measure": {"sum": "value"}, "window": {"last": "90d"}}}), true),
            (json!({"formula": "computed.a / computed.b"}), true),
            (json!({"cases": {"cases": [{"when": {"tag": "a"}, "value": 1}], "otherwise": "x"}}), true),
            (json!({"cases": {"cases": [{"when": {"tag": "a"}}]}}), false),
            (json!({"measure": {"event": "A", "test": {"gte": 1}}}), false),
            (json!({"average": "value"}), false),
        ] {
            assert_eq!(schema.computation(&json), fits, "{json}");
            assert_eq!(serde_json::from_value::<Computation>(json.clone()).is_ok(), fits, "{json}");
        }
    }
}
