//! What a hostile or mistaken definition may not do, and where in the tree it does it.

use serde_json::Value;

use super::fault::Fault;
use super::rule::Rule;

/// Deepest nesting of `all`, `any` and `none`.
const MAX_DEPTH: usize = 24;
/// Most conditions of one rule.
const MAX_CONDITIONS: usize = 1_000;
/// Longest name, key or value.
const MAX_CHARS: usize = 1_000;
/// Most values of a list.
const MAX_LIST: usize = 10_000;
/// Faults that are told of one program; whoever has more mends these first.
const MAX_FAULTS: usize = 100;

/// Collects faults with their places.
#[derive(Debug, Default)]
pub(super) struct Checker {
    part: String,
    path: Vec<String>,
    pub faults: Vec<Fault>,
}

impl Checker {
    /// What follows is about this part.
    pub(super) fn begin(&mut self, part: &str) {
        self.part = super::given::cut(part, 200).to_owned();
        self.path.clear();
    }

    pub(super) fn push(&mut self, step: &str) {
        self.path.push(step.to_owned());
    }

    pub(super) fn pop(&mut self) {
        self.path.pop();
    }

    /// Does something one step deeper in the tree.
    pub(super) fn inside<T>(&mut self, step: &str, body: impl FnOnce(&mut Self) -> T) -> T {
        self.push(step);
        let out = body(self);
        self.pop();
        out
    }

    pub(super) fn say(&mut self, code: &'static str, detail: impl Into<String>) {
        self.say_meant(code, detail, None);
    }

    pub(super) fn say_meant(&mut self, code: &'static str, detail: impl Into<String>, suggestion: Option<String>) {
        if self.faults.len() < MAX_FAULTS {
            let (part, path) = (self.part.clone(), self.path.concat());
            self.faults.push(Fault { part, path, code, detail: detail.into(), suggestion });
        }
    }

    /// `None`, after saying what is wrong at a step below.
    pub(super) fn refuse<T>(&mut self, step: &str, code: &'static str, detail: impl Into<String>) -> Option<T> {
        self.inside(step, |c| c.say(code, detail));
        None
    }

    /// A name or a value that is text.
    pub(super) fn text(&mut self, step: &str, text: &str) -> Option<()> {
        if text.is_empty() {
            return self.refuse(step, "text_empty", "is empty; write what it must be");
        }
        if text.chars().count() > MAX_CHARS {
            return self.refuse(step, "text_too_long", format!("longer than {MAX_CHARS} characters; shorten it"));
        }
        Some(())
    }

    pub(super) fn texts(&mut self, step: &str, texts: &[String]) -> Option<()> {
        self.count(step, texts.len(), 1, MAX_LIST)?;
        texts.iter().enumerate().try_for_each(|(i, t)| self.text(&format!("{step}[{i}]"), t))
    }

    /// The number of something.
    pub(super) fn count(&mut self, step: &str, n: usize, least: usize, most: usize) -> Option<()> {
        if n < least {
            return self.refuse(step, "too_few", format!("{n} given; at least {least} needed"));
        }
        if n > most {
            return self.refuse(step, "too_many", format!("{n} given; at most {most}"));
        }
        Some(())
    }

    /// A value that is compared or given: text, a number, true or false.
    pub(super) fn value(&mut self, step: &str, value: &Value) -> Option<()> {
        match value {
            Value::String(t) if t.chars().count() > MAX_CHARS => {
                self.refuse(step, "text_too_long", format!("longer than {MAX_CHARS} characters; shorten it"))
            }
            Value::String(_) | Value::Bool(_) => Some(()),
            Value::Number(n) if n.as_f64().is_some_and(f64::is_finite) => Some(()),
            Value::Number(_) | Value::Null | Value::Array(_) | Value::Object(_) => {
                self.refuse(step, "value_kind", "must be text, a number, true or false")
            }
        }
    }

    pub(super) fn values(&mut self, step: &str, values: &[Value]) -> Option<()> {
        self.count(step, values.len(), 1, MAX_LIST)?;
        values.iter().enumerate().try_for_each(|(i, v)| self.value(&format!("{step}[{i}]"), v))
    }

    /// A number that is tested against.
    pub(super) fn number(&mut self, step: &str, n: f64) -> Option<()> {
        if n.is_finite() { Some(()) } else { self.refuse(step, "value_kind", "must be a finite number") }
    }

    /// That a rule is neither too deep nor too large, before anything walks it.
    pub(super) fn rule_size(&mut self, rule: &Rule) -> Option<()> {
        let mut open = vec![(rule, 1)];
        let mut conditions = 0_usize;
        while let Some((rule, depth)) = open.pop() {
            conditions += 1;
            if depth > MAX_DEPTH {
                self.say("too_deep", format!("nested deeper than {MAX_DEPTH}; make an audience of the inner part"));
                return None;
            }
            if let Rule::All(of) | Rule::Any(of) | Rule::None(of) = rule {
                open.extend(of.iter().map(|r| (r, depth + 1)));
            }
            if conditions + open.len() > MAX_CONDITIONS {
                let detail =
                    format!("more than {MAX_CONDITIONS} conditions; use lists of values, or several audiences");
                self.say("too_many", detail);
                return None;
            }
        }
        Some(())
    }
}
