//! What must hold of the language as a whole.

mod facts;
mod faults;
mod incremental;
mod oracle;
mod random;
mod scan;
mod semantics;

use proptest::prelude::ProptestConfig;
use serde_json::Value;
use throughline_base::Timestamp;

use super::rule::{Computation, Definition, Rule};
use super::{EventFacts, Known, Part, Program, TouchFacts, What};
use crate::event::{EventKind, EventValue};

/// So many cases, unless the environment asks for another number (`PROPTEST_CASES`).
pub fn config(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig { cases: 256, ..ProptestConfig::default() };
    let asked = ProptestConfig::default().cases;
    ProptestConfig { cases: if asked == usual.cases { cases } else { asked }, failure_persistence: None, ..usual }
}

pub const ZONE: &str = "Asia/Shanghai";
/// 2026-02-01T00:00:00Z.
pub const START: i64 = 1_769_904_000_000;

/// An event that owns its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    pub id: i64,
    pub at: i64,
    pub name: &'static str,
    pub page: Option<&'static str>,
    pub minor: Option<i64>,
    pub order: Option<String>,
    pub channel: &'static str,
    pub properties: String,
}

impl Deed {
    pub fn new(id: i64, at: i64, name: &'static str) -> Self {
        let properties = String::new();
        Self { id, at, name, page: None, minor: None, order: None, channel: "", properties }
    }

    pub fn with(mut self, properties: Value) -> Self {
        self.properties = properties.to_string();
        self
    }

    pub fn worth(mut self, minor: i64, order: &str) -> Self {
        self.minor = Some(minor);
        self.order = Some(order.to_owned()).filter(|o| !o.is_empty());
        self
    }

    pub fn facts(&self) -> EventFacts<'_> {
        EventFacts {
            id: self.id,
            at: Timestamp::from_ms(self.at),
            kind: if self.name == super::PAGE { EventKind::Page } else { EventKind::Track },
            name: self.name,
            page: self.page,
            value: self.minor.map(|minor| EventValue { minor, currency: "CNY".parse().unwrap() }),
            order_id: self.order.as_deref(),
            touch: TouchFacts { channel: self.channel, ..TouchFacts::default() },
            source: "shop",
            source_kind: "web",
            properties: &self.properties,
        }
    }
}

pub fn known() -> Known {
    Known { lists: ["gala".to_owned()].into(), predictions: ["churn".to_owned()].into() }
}

pub fn audience(id: i64, key: &str, rule: Rule) -> Part {
    Part { id, key: key.to_owned(), what: What::Audience(Definition { zone: ZONE.to_owned(), rule }) }
}

pub fn computed(id: i64, key: &str, computation: Computation) -> Part {
    Part { id, key: key.to_owned(), what: What::Computed { zone: ZONE.to_owned(), computation } }
}

/// An audience written as JSON.
pub fn rule(json: Value) -> Rule {
    serde_json::from_value(json).unwrap()
}

pub fn program(parts: Vec<Part>) -> Program {
    Program::compile(parts, &known()).unwrap()
}
