//! The tracking plan: which events a source may send, what their properties look like, and what happens to those
//! that differ.
//!
//! A plan is written as JSON ([`Plan`]), compiled once ([`compile`]) and then checks events ([`CompiledPlan::check`]).
//! It knows nothing of where plans are kept.

mod check;
mod coerce;
mod ecommerce;
mod format;
mod observed;
mod schema;
mod validate;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use observed::{Observation, ObservedTypes, SETTLED_AFTER};

use super::EventKind;
use schema::{Compiler, Schema};

/// What happens to an event, or to one property of it, that differs from the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    #[default]
    Pass,
    /// It goes on with a warning.
    Warn,
    /// The property is taken out and kept as a correction. Only for unknown properties and wrong types.
    DropProperty,
    /// The event waits in quarantine.
    Quarantine,
}

/// An [`Action`] for all four rules at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything passes.
    Allow,
    /// Everything goes on with warnings.
    Warn,
    /// Everything that differs is set aside.
    Quarantine,
}

/// What happens when an event differs, chosen per rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The plan has no event of that name.
    pub unknown_event: Action,
    /// The schema says `additionalProperties: false` and has no property of that name.
    pub unknown_property: Action,
    /// A value has another type, form or range than the schema says, and cannot be coerced.
    pub wrong_type: Action,
    /// A property that the schema requires is absent.
    pub missing_required: Action,
}

impl From<Mode> for Rules {
    fn from(mode: Mode) -> Self {
        let action = match mode {
            Mode::Allow => Action::Pass,
            Mode::Warn => Action::Warn,
            Mode::Quarantine => Action::Quarantine,
        };
        Self { unknown_event: action, unknown_property: action, wrong_type: action, missing_required: action }
    }
}

/// One event of a plan.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlannedEvent {
    /// The event's exact name. For page and screen the page's name, or empty for all; for identify and group empty.
    pub name: String,
    /// Its kind.
    pub kind: EventKind,
    /// What it means, for people.
    pub description: String,
    /// JSON Schema (draft-07 / 2020-12, the subset of [`compile`]) of its properties; of its traits for identify and
    /// group. Segment's exported form, with `properties.properties` inside, is understood too. Null allows anything.
    pub schema: Value,
}

/// A tracking plan as it is written and stored.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Sets all rules at once; `rules` is ignored then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// What happens to what differs.
    pub rules: Rules,
    /// Whether Segment's e-commerce events are known without being listed. A listed event of the same name wins.
    pub ecommerce: bool,
    /// The events.
    pub events: Vec<PlannedEvent>,
}

/// Something in a plan that is wrong or will not be obeyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanProblem {
    /// Where, for instance `events[3].schema.properties.total.minimun`.
    pub path: String,
    /// What is wrong and how to mend it.
    pub message: String,
    /// True: the plan cannot be used. False: the keyword is unknown and is ignored.
    pub fatal: bool,
}

/// A plan that checks events.
#[derive(Debug, Clone, Default)]
pub struct CompiledPlan {
    rules: Rules,
    /// By kind and name; schemas of identify and group have an empty name.
    events: HashMap<(EventKind, String), Schema>,
    /// Folded names of track events and the names themselves, for suggestions.
    folded: HashMap<String, String>,
}

/// Compiles a plan. The keywords that work: `type` `enum` `const` `properties` `required` `additionalProperties`
/// `items` `minimum` `maximum` `exclusiveMinimum` `exclusiveMaximum` `multipleOf` `minLength` `maxLength` `pattern`
/// `format` (email, uri, date, date-time, uuid) `minItems` `maxItems` `uniqueItems` `minProperties` `maxProperties`
/// `anyOf` `oneOf` `allOf` `not`. With the plan come notes on the keywords it does not know.
///
/// # Errors
/// Every fatal problem and every note, when at least one problem is fatal.
pub fn compile(plan: &Plan) -> Result<(CompiledPlan, Vec<PlanProblem>), Vec<PlanProblem>> {
    let mut compiler = Compiler::default();
    let rules = plan.mode.map_or(plan.rules, Rules::from);
    for (name, action) in [("unknown_event", rules.unknown_event), ("missing_required", rules.missing_required)] {
        if action == Action::DropProperty {
            compiler.fatal(&format!("rules.{name}"), "there is no property to drop: choose pass, warn or quarantine");
        }
    }
    let mut out = CompiledPlan { rules, ..CompiledPlan::default() };
    if plan.ecommerce {
        for (name, schema) in ecommerce::events() {
            out.add(EventKind::Track, name, compiler.schema(&schema, name));
        }
    }
    let mut seen = HashMap::new();
    for (i, event) in plan.events.iter().enumerate() {
        let at = format!("events[{i}]");
        if event.kind == EventKind::Track && event.name.trim().is_empty() {
            compiler.fatal(&format!("{at}.name"), "a track event needs a name");
        }
        if let Some(first) = seen.insert((event.kind, event.name.as_str()), i) {
            compiler.fatal(&format!("{at}.name"), &format!("the same event as events[{first}]"));
        }
        let (schema, at) = unwrapped(&event.schema, event.kind, format!("{at}.schema"));
        let schema = compiler.schema(schema, &at);
        out.add(event.kind, &event.name, schema);
    }
    let problems = compiler.problems;
    if problems.iter().any(|p| p.fatal) { Err(problems) } else { Ok((out, problems)) }
}

impl CompiledPlan {
    fn add(&mut self, kind: EventKind, name: &str, schema: Schema) {
        if kind == EventKind::Track {
            self.folded.insert(fold(name), name.to_owned());
        }
        self.events.insert((kind, name.to_owned()), schema);
    }

    /// The planned name that looks like `name` (other case, blanks, `snake_case`, `camelCase`); `None` when `name`
    /// itself is planned or nothing looks like it.
    #[must_use]
    pub fn suggestion(&self, name: &str) -> Option<&str> {
        let known = self.folded.get(&fold(name))?;
        (known != name).then_some(known.as_str())
    }

    /// Names of the track events that are planned, sorted.
    #[must_use]
    pub fn event_names(&self) -> Vec<&str> {
        let tracks = self.events.keys().filter(|(kind, _)| *kind == EventKind::Track);
        let mut names: Vec<&str> = tracks.map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// Segment's e-commerce events, which a plan knows with [`Plan::ecommerce`], with the JSON Schema of their properties.
#[must_use]
pub fn ecommerce_events() -> Vec<(&'static str, Value)> {
    ecommerce::events().collect()
}

/// Whether `name` is one of [`ecommerce_events`].
#[must_use]
pub fn is_ecommerce_event(name: &str) -> bool {
    ecommerce::names().any(|known| known == name)
}

/// A name without case, blanks and separators.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric() || *c == '$').flat_map(char::to_lowercase).collect()
}

/// The schema of the properties (or traits) inside a schema that Segment exported for the whole event.
fn unwrapped(schema: &Value, kind: EventKind, at: String) -> (&Value, String) {
    let part = match kind {
        EventKind::Identify | EventKind::Group => "traits",
        EventKind::Track
        | EventKind::Page
        | EventKind::Screen
        | EventKind::Alias
        | EventKind::Bind
        | EventKind::Unbind => "properties",
    };
    let parts = schema.get("properties").and_then(Value::as_object);
    let is_export = parts.is_some_and(|p| p.contains_key("context") && p.get(part).is_some_and(Value::is_object));
    match parts.and_then(|p| p.get(part)).filter(|_| is_export) {
        Some(inner) => (inner, format!("{at}.properties.{part}")),
        None => (schema, at),
    }
}

#[cfg(test)]
mod tests;
