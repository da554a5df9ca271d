//! JSON Schema, compiled: every keyword read once, with the place of what is wrong.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::PlanProblem;
use super::format::Format;

/// Deepest nesting of a schema.
const MAX_DEPTH: usize = 32;
/// Most parts of all schemas of a plan.
const MAX_PARTS: usize = 50_000;
/// Bytes a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Which types a value may have, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const ANY: Self = Self(0x7f);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    pub(super) const NUMBER: Self = Self(8 | 4);
    pub(super) const STRING: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);
    pub(super) const OBJECT: Self = Self(64);

    const NAMES: [(&'static str, Self); 7] = [
        ("null", Self::NULL),
        ("boolean", Self::BOOLEAN),
        ("integer", Self::INTEGER),
        ("number", Self::NUMBER),
        ("string", Self::STRING),
        ("array", Self::ARRAY),
        ("object", Self::OBJECT),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, t)| *t)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The narrowest type of a value. A number without fraction is an integer, as the standard says.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(n) if n.is_f64() => {
                let whole = n.as_f64().is_some_and(|f| f.fract() == 0.0);
                if whole { Self::INTEGER } else { Self(8) }
            }
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    /// The names, for messages.
    pub(super) fn names(self) -> String {
        let all =
            Self::NAMES.iter().filter(|(name, t)| self.has(*t) && !(*name == "integer" && self.has(Self::NUMBER)));
        all.map(|(name, _)| *name).collect::<Vec<_>>().join(" or ")
    }
}

/// What properties that are not listed must be.
#[derive(Debug, Clone, Default)]
pub(super) enum Additional {
    #[default]
    Allowed,
    Denied,
    Schema(Box<Schema>),
}

/// A compiled schema.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    pub(super) types: Types,
    /// Sorted by name.
    pub(super) properties: Vec<(String, Schema)>,
    pub(super) required: Vec<String>,
    pub(super) additional: Additional,
    pub(super) allowed: Option<Vec<Value>>,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
    pub(super) multiple_of: Option<f64>,
    /// Fewest and most characters, items or properties.
    pub(super) characters: (usize, usize),
    pub(super) item_count: (usize, usize),
    pub(super) property_count: (usize, usize),
    pub(super) unique_items: bool,
    pub(super) pattern: Option<Regex>,
    pub(super) format: Option<Format>,
    pub(super) items: Option<Box<Schema>>,
    pub(super) any_of: Vec<Schema>,
    pub(super) one_of: Vec<Schema>,
    pub(super) all_of: Vec<Schema>,
    pub(super) not: Option<Box<Schema>>,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            types: Types::ANY,
            properties: Vec::new(),
            required: Vec::new(),
            additional: Additional::Allowed,
            allowed: None,
            minimum: None,
            maximum: None,
            above: None,
            below: None,
            multiple_of: None,
            characters: (0, usize::MAX),
            item_count: (0, usize::MAX),
            property_count: (0, usize::MAX),
            unique_items: false,
            pattern: None,
            format: None,
            items: None,
            any_of: Vec::new(),
            one_of: Vec::new(),
            all_of: Vec::new(),
            not: None,
        }
    }
}

impl Schema {
    pub(super) fn property(&self, name: &str) -> Option<&Self> {
        let at = self.properties.binary_search_by(|(n, _)| n.as_str().cmp(name)).ok()?;
        Some(&self.properties[at].1)
    }
}

/// Compiles schemas and collects what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Compiler {
    pub(super) problems: Vec<PlanProblem>,
    depth: usize,
    parts: usize,
}

impl Compiler {
    pub(super) fn fatal(&mut self, path: &str, message: &str) {
        self.problems.push(PlanProblem { path: path.to_owned(), message: message.to_owned(), fatal: true });
    }

    fn note(&mut self, path: &str, message: &str) {
        self.problems.push(PlanProblem { path: path.to_owned(), message: message.to_owned(), fatal: false });
    }

    /// Compiles one schema; a broken one is reported and allows anything.
    pub(super) fn schema(&mut self, schema: &Value, at: &str) -> Schema {
        self.parts += 1;
        if self.depth == MAX_DEPTH || self.parts > MAX_PARTS {
            if self.parts <= MAX_PARTS + 1 {
                self.fatal(
                    at,
                    &format!("schemas are nested at most {MAX_DEPTH} deep and have at most {MAX_PARTS} parts"),
                );
            }
            return Schema::default();
        }
        match schema {
            Value::Null | Value::Bool(true) => Schema::default(),
            Value::Bool(false) => Schema { not: Some(Box::default()), ..Schema::default() },
            Value::Object(keywords) => {
                self.depth += 1;
                let mut out = Schema::default();
                for (keyword, value) in keywords {
                    self.keyword(&mut out, keyword, value, &format!("{at}.{keyword}"));
                }
                self.depth -= 1;
                out
            }
            Value::Number(_) | Value::String(_) | Value::Array(_) => {
                self.fatal(at, "a schema is an object, true or false");
                Schema::default()
            }
        }
    }

    fn keyword(&mut self, out: &mut Schema, keyword: &str, value: &Value, at: &str) {
        match keyword {
            "type" => out.types = self.types(value, at),
            "properties" => out.properties = self.properties(value, at),
            "required" => out.required = self.names(value, at),
            "additionalProperties" => {
                out.additional = match value.as_bool() {
                    Some(true) => Additional::Allowed,
                    Some(false) => Additional::Denied,
                    None => Additional::Schema(Box::new(self.schema(value, at))),
                }
            }
            "enum" => match value.as_array() {
                Some(list) => out.allowed = Some(list.clone()),
                None => self.fatal(at, "enum is a list of values"),
            },
            "const" => out.allowed = Some(vec![value.clone()]),
            "minimum" => out.minimum = self.number(value, at),
            "maximum" => out.maximum = self.number(value, at),
            "exclusiveMinimum" => out.above = self.number(value, at),
            "exclusiveMaximum" => out.below = self.number(value, at),
            "multipleOf" => match self.number(value, at) {
                Some(n) if n > 0.0 => out.multiple_of = Some(n),
                Some(_) => self.fatal(at, "multipleOf is greater than zero"),
                None => {}
            },
            "minLength" => out.characters.0 = self.count(value, at),
            "maxLength" => out.characters.1 = self.count(value, at),
            "minItems" => out.item_count.0 = self.count(value, at),
            "maxItems" => out.item_count.1 = self.count(value, at),
            "minProperties" => out.property_count.0 = self.count(value, at),
            "maxProperties" => out.property_count.1 = self.count(value, at),
            "uniqueItems" => out.unique_items = value == &Value::Bool(true),
            "pattern" => out.pattern = self.pattern(value, at),
            "format" => out.format = self.format(value, at),
            "items" if value.is_array() => {
                self.fatal(at, "a list of schemas for single places is not supported: give one schema for all items");
            }
            "items" => out.items = Some(Box::new(self.schema(value, at))),
            "anyOf" => out.any_of = self.list(value, at),
            "oneOf" => out.one_of = self.list(value, at),
            "allOf" => out.all_of = self.list(value, at),
            "not" => out.not = Some(Box::new(self.schema(value, at))),
            "$ref" | "$dynamicRef" => self.fatal(at, "references are not supported: write the schema out"),
            "title" | "description" | "default" | "examples" | "$schema" | "$id" | "id" | "$comment" | "deprecated"
            | "readOnly" | "writeOnly" | "labels" => {}
            _ => self.note(at, "unknown keyword: it is ignored"),
        }
    }

    fn types(&mut self, value: &Value, at: &str) -> Types {
        let names = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let mut out = None;
        for name in names {
            match name.as_str().and_then(Types::named) {
                Some(t) => out = Some(out.map_or(t, |o: Types| o.or(t))),
                None => self.fatal(at, "a type is one of null, boolean, integer, number, string, array, object"),
            }
        }
        out.unwrap_or(Types::ANY)
    }

    fn properties(&mut self, value: &Value, at: &str) -> Vec<(String, Schema)> {
        let Value::Object(map) = value else {
            self.fatal(at, "properties is an object of schemas");
            return Vec::new();
        };
        let mut out: Vec<(String, Schema)> =
            map.iter().map(|(name, schema)| (name.clone(), self.schema(schema, &format!("{at}.{name}")))).collect();
        out.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        out
    }

    fn names(&mut self, value: &Value, at: &str) -> Vec<String> {
        let list =
            value.as_array().map(|l| l.iter().map(|n| n.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
        if let Some(Some(names)) = list {
            return names;
        }
        self.fatal(at, "required is a list of names of properties");
        Vec::new()
    }

    fn list(&mut self, value: &Value, at: &str) -> Vec<Schema> {
        let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
            self.fatal(at, "a list of at least one schema is expected");
            return Vec::new();
        };
        list.iter().enumerate().map(|(i, s)| self.schema(s, &format!("{at}[{i}]"))).collect()
    }

    fn number(&mut self, value: &Value, at: &str) -> Option<f64> {
        let number = value.as_f64();
        if number.is_none() {
            self.fatal(at, "a number is expected (true and false were an older draft's)");
        }
        number
    }

    fn count(&mut self, value: &Value, at: &str) -> usize {
        match value.as_u64() {
            Some(n) => usize::try_from(n).unwrap_or(usize::MAX),
            None => {
                self.fatal(at, "a whole number of zero or more is expected");
                0
            }
        }
    }

    fn pattern(&mut self, value: &Value, at: &str) -> Option<Regex> {
        let Some(text) = value.as_str() else {
            self.fatal(at, "a pattern is a text");
            return None;
        };
        match RegexBuilder::new(text).size_limit(MAX_PATTERN_BYTES).nest_limit(64).build() {
            Ok(regex) => Some(regex),
            Err(e) => {
                let reason = e.to_string();
                let last = reason.lines().last().unwrap_or_default();
                self.fatal(
                    at,
                    &format!("the pattern cannot be used (look-around and back-references are not supported): {last}"),
                );
                None
            }
        }
    }

    fn format(&mut self, value: &Value, at: &str) -> Option<Format> {
        let format = value.as_str().and_then(Format::named);
        if format.is_none() {
            self.note(at, "unknown format: it is ignored (known: email, uri, date, date-time, uuid)");
        }
        format
    }
}
