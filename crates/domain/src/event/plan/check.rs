//! What the plan does with one event.

use serde_json::Value;

use super::validate::{Difference, OwnedStep, Path, Violation, validate};
use super::{Action, CompiledPlan, coerce::coerce, schema::Schema};
use crate::event::raw::QuarantineReason;
use crate::event::{Correction, Event, EventKind};

/// Differences a quarantine reason spells out.
const TOLD: usize = 3;

impl CompiledPlan {
    /// Checks an event: coerces what the plan gives a type, drops what its rules drop (both noted as corrections), adds
    /// warnings. Gives the reason when the event must be quarantined.
    pub fn check(&self, event: &mut Event) -> Option<(QuarantineReason, String)> {
        let Some(schema) = self.schema_of(event) else { return self.unknown(event) };
        let (name, part) = match event.kind {
            EventKind::Identify | EventKind::Group => ("traits", &mut event.traits),
            EventKind::Track
            | EventKind::Page
            | EventKind::Screen
            | EventKind::Alias
            | EventKind::Bind
            | EventKind::Unbind => ("properties", &mut event.properties),
        };
        let mut value = Value::Object(std::mem::take(part));
        let at = Path::root(name);
        coerce(schema, &mut value, &at, &mut event.corrections);
        let mut found = Vec::new();
        validate(schema, &value, &at, &mut found);
        let mut verdict = self.apply(&found, &mut value, &mut event.corrections, &mut event.warnings);
        if verdict.is_none() && found.iter().any(|v| self.action(v.difference) == Action::DropProperty) {
            // A required property that was dropped is missing now.
            let before: Vec<String> =
                found.into_iter().filter(|v| v.difference == Difference::MissingRequired).map(|v| v.place).collect();
            let mut after = Vec::new();
            validate(schema, &value, &at, &mut after);
            after.retain(|v| v.difference == Difference::MissingRequired && !before.contains(&v.place));
            verdict = self.apply(&after, &mut value, &mut event.corrections, &mut event.warnings);
        }
        if let Value::Object(map) = value {
            *part = map;
        }
        verdict
    }

    /// The schema of an event by its name, else (not for track events) of its kind.
    fn schema_of(&self, event: &Event) -> Option<&Schema> {
        let named = self.events.get(&(event.kind, event.name.clone()));
        named.or_else(
            || if event.kind == EventKind::Track { None } else { self.events.get(&(event.kind, String::new())) },
        )
    }

    /// A track event without a plan. Other kinds need none.
    fn unknown(&self, event: &mut Event) -> Option<(QuarantineReason, String)> {
        if event.kind != EventKind::Track {
            return None;
        }
        let like = self.suggestion(&event.name).map(|s| format!(": did you mean {s}?")).unwrap_or_default();
        let name: String = event.name.chars().take(100).collect();
        let detail = format!("the event {name} is not planned{like}");
        match self.rules.unknown_event {
            Action::Pass => None,
            Action::Warn | Action::DropProperty => {
                event.warnings.push(detail);
                None
            }
            Action::Quarantine => Some((QuarantineReason::UnknownEvent, detail)),
        }
    }

    const fn action(&self, difference: Difference) -> Action {
        match difference {
            Difference::UnknownProperty => self.rules.unknown_property,
            Difference::WrongType => self.rules.wrong_type,
            Difference::MissingRequired => self.rules.missing_required,
        }
    }

    fn apply(
        &self,
        found: &[Violation],
        value: &mut Value,
        corrections: &mut Vec<Correction>,
        warnings: &mut Vec<String>,
    ) -> Option<(QuarantineReason, String)> {
        let grave = || found.iter().filter(|v| self.action(v.difference) == Action::Quarantine);
        if let Some(first) = grave().next() {
            let told: Vec<String> = grave().take(TOLD).map(|v| format!("{} {}", v.place, v.message)).collect();
            let more = grave().count().saturating_sub(TOLD);
            let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
            return Some((first.difference.reason(), format!("{}{rest}", told.join("; "))));
        }
        for v in found {
            match self.action(v.difference) {
                Action::Pass | Action::Quarantine => {}
                Action::Warn => warnings.push(format!("{} {}", v.place, v.message)),
                Action::DropProperty => {
                    if let Some((place, raw)) = removed(value, v) {
                        corrections.push(Correction { field: place, raw, rule: "plan_dropped".to_owned() });
                    }
                }
            }
        }
        None
    }
}

impl Difference {
    const fn reason(self) -> QuarantineReason {
        match self {
            Self::UnknownProperty => QuarantineReason::UnknownProperty,
            Self::WrongType => QuarantineReason::WrongType,
            Self::MissingRequired => QuarantineReason::MissingRequired,
        }
    }
}

/// Takes the property of a violation out. An item of a list cannot go alone: the property that holds the list goes.
fn removed(value: &mut Value, violation: &Violation) -> Option<(String, Value)> {
    let end = violation.steps.iter().rposition(|s| matches!(s, OwnedStep::Key(_)))?;
    let (OwnedStep::Key(last), before) = (&violation.steps[end], &violation.steps[..end]) else { return None };
    let mut at = value;
    for step in before {
        at = match step {
            OwnedStep::Key(key) => at.get_mut(key.as_str())?,
            OwnedStep::Index(i) => at.get_mut(*i)?,
        };
    }
    let raw = at.as_object_mut()?.shift_remove(last)?;
    let cut = violation.steps.len() - 1 - end;
    let mut place = violation.place.as_str();
    for _ in 0..cut {
        place = place.rsplit_once('[').map_or(place, |(head, _)| head);
    }
    Some((place.to_owned(), raw))
}
