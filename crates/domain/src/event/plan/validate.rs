//! Checks a value against a compiled schema and says what differs, and where.

use serde_json::Value;

use super::schema::{Additional, Schema, Types};

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    UnknownProperty,
    WrongType,
    MissingRequired,
}

/// Something that differs, with its place below the event's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) difference: Difference,
    pub(super) steps: Vec<OwnedStep>,
    pub(super) place: String,
    pub(super) message: String,
}

/// A step of a path, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OwnedStep {
    Key(String),
    Index(usize),
}

/// Where a value stands; text is made of it only when there is something to say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

/// A step of a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) const fn root(name: &'a str) -> Self {
        Self { parent: None, step: Step::Key(name) }
    }

    pub(super) const fn down<'b>(&'b self, step: Step<'b>) -> Path<'b>
    where
        'a: 'b,
    {
        Path { parent: Some(self), step }
    }

    pub(super) fn text(&self) -> String {
        let mut out = self.parent.map(Path::text).unwrap_or_default();
        match self.step {
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Step::Index(i) => out.push_str(&format!("[{i}]")),
        }
        out
    }

    /// The steps below the root.
    fn steps(&self) -> Vec<OwnedStep> {
        let Some(parent) = self.parent else { return Vec::new() };
        let mut out = parent.steps();
        out.push(match self.step {
            Step::Key(key) => OwnedStep::Key(key.to_owned()),
            Step::Index(i) => OwnedStep::Index(i),
        });
        out
    }

    fn violation(&self, difference: Difference, message: impl Into<String>) -> Violation {
        Violation { difference, steps: self.steps(), place: self.text(), message: message.into() }
    }
}

/// Violations of one event beyond which no more are collected.
const MAX_VIOLATIONS: usize = 100;

/// Checks `value`; what differs is added to `out`.
pub(super) fn validate(schema: &Schema, value: &Value, at: &Path<'_>, out: &mut Vec<Violation>) {
    if out.len() >= MAX_VIOLATIONS {
        return;
    }
    if !schema.types.has(Types::of(value)) {
        out.push(at.violation(Difference::WrongType, format!("is not {}", schema.types.names())));
        return;
    }
    if let Some(allowed) = &schema.allowed
        && !allowed.iter().any(|a| same(a, value))
    {
        out.push(at.violation(Difference::WrongType, "is none of the planned values"));
    }
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(n) => number(schema, n.as_f64().unwrap_or(f64::NAN), at, out),
        Value::String(text) => string(schema, text, at, out),
        Value::Array(list) => array(schema, list, at, out),
        Value::Object(map) => object(schema, map, at, out),
    }
    combined(schema, value, at, out);
}

/// Whether a schema holds for a value as a whole.
fn holds(schema: &Schema, value: &Value, at: &Path<'_>) -> bool {
    let mut found = Vec::new();
    validate(schema, value, at, &mut found);
    found.is_empty()
}

fn combined(schema: &Schema, value: &Value, at: &Path<'_>, out: &mut Vec<Violation>) {
    for part in &schema.all_of {
        validate(part, value, at, out);
    }
    if !schema.any_of.is_empty() && !schema.any_of.iter().any(|s| holds(s, value, at)) {
        out.push(at.violation(Difference::WrongType, "is like none of the planned alternatives"));
    }
    if !schema.one_of.is_empty() {
        let count = schema.one_of.iter().filter(|s| holds(s, value, at)).count();
        if count != 1 {
            out.push(at.violation(
                Difference::WrongType,
                format!("is like {count} of the planned alternatives, not like one"),
            ));
        }
    }
    if let Some(not) = &schema.not
        && holds(not, value, at)
    {
        out.push(at.violation(Difference::WrongType, "is what the plan excludes"));
    }
}

fn number(schema: &Schema, n: f64, at: &Path<'_>, out: &mut Vec<Violation>) {
    let mut wrong = |message: String| out.push(at.violation(Difference::WrongType, message));
    if let Some(m) = schema.minimum.filter(|m| n < *m) {
        wrong(format!("is less than {m}"));
    }
    if let Some(m) = schema.maximum.filter(|m| n > *m) {
        wrong(format!("is more than {m}"));
    }
    if let Some(m) = schema.above.filter(|m| n <= *m) {
        wrong(format!("is not more than {m}"));
    }
    if let Some(m) = schema.below.filter(|m| n >= *m) {
        wrong(format!("is not less than {m}"));
    }
    if let Some(m) = schema.multiple_of {
        let times = n / m;
        // 0.3 / 0.1 is 2.9999999999999996: a step of decimals is judged to nine digits.
        if (times - times.round()).abs() > 1e-9 * times.abs().max(1.0) {
            wrong(format!("is no multiple of {m}"));
        }
    }
}

fn string(schema: &Schema, text: &str, at: &Path<'_>, out: &mut Vec<Violation>) {
    let mut wrong = |message: String| out.push(at.violation(Difference::WrongType, message));
    let (fewest, most) = schema.characters;
    if fewest > 0 || text.len() > most {
        let count = text.chars().count();
        if count < fewest {
            wrong(format!("has fewer than {fewest} characters"));
        }
        if count > most {
            wrong(format!("has more than {most} characters"));
        }
    }
    if schema.pattern.as_ref().is_some_and(|p| !p.is_match(text)) {
        wrong("does not match the planned pattern".to_owned());
    }
    if let Some(format) = schema.format.filter(|f| !f.holds(text)) {
        wrong(format!("is no {}", format.as_str()));
    }
}

fn counted(count: usize, bounds: (usize, usize), what: &str, at: &Path<'_>, out: &mut Vec<Violation>) {
    if count < bounds.0 {
        out.push(at.violation(Difference::WrongType, format!("has fewer than {} {what}", bounds.0)));
    }
    if count > bounds.1 {
        out.push(at.violation(Difference::WrongType, format!("has more than {} {what}", bounds.1)));
    }
}

fn array(schema: &Schema, list: &[Value], at: &Path<'_>, out: &mut Vec<Violation>) {
    counted(list.len(), schema.item_count, "items", at, out);
    if schema.unique_items
        && list.len() <= 1_000
        && list.iter().enumerate().any(|(i, a)| list[..i].iter().any(|b| same(a, b)))
    {
        out.push(at.violation(Difference::WrongType, "has an item twice"));
    }
    if let Some(items) = &schema.items {
        for (i, item) in list.iter().enumerate() {
            validate(items, item, &at.down(Step::Index(i)), out);
        }
    }
}

fn object(schema: &Schema, map: &crate::event::Object, at: &Path<'_>, out: &mut Vec<Violation>) {
    counted(map.len(), schema.property_count, "properties", at, out);
    for name in &schema.required {
        if map.get(name).is_none_or(Value::is_null) {
            out.push(at.down(Step::Key(name)).violation(Difference::MissingRequired, "is required"));
        }
    }
    for (key, inner) in map {
        let here = at.down(Step::Key(key));
        match (schema.property(key), &schema.additional) {
            (Some(planned), _) => validate(planned, inner, &here, out),
            (None, Additional::Schema(planned)) => validate(planned, inner, &here, out),
            (None, Additional::Denied) => {
                let folded = super::fold(key);
                let like = schema.properties.iter().map(|(name, _)| name).find(|name| super::fold(name) == folded);
                let message =
                    like.map_or("is not planned".to_owned(), |name| format!("is not planned: did you mean {name}?"));
                out.push(here.violation(Difference::UnknownProperty, message));
            }
            (None, Additional::Allowed) => {}
        }
    }
}

/// Equality as the standard has it: numbers by value, objects in any order.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(p, q)| same(p, q)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, p)| y.get(k).is_some_and(|q| same(p, q)))
        }
        _ => a == b,
    }
}
