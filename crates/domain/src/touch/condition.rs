//! Conditions made ready to run.

use super::{Condition, Op, TouchField};
use crate::event::TouchSignature;

/// Endings of two labels that `google.*` may stand for, beside any single label.
const SECOND_LEVEL: [&str; 8] = ["co", "com", "net", "org", "gov", "edu", "ac", "ne"];

/// A condition whose values are lower-case and trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ready {
    field: TouchField,
    op: Op,
    values: Vec<String>,
}

impl Ready {
    pub(super) fn new(condition: &Condition) -> Self {
        let mut values: Vec<String> = condition.values.iter().map(|v| v.trim().to_lowercase()).collect();
        values.sort_unstable();
        values.dedup();
        Self { field: condition.field, op: condition.op, values }
    }

    pub(super) fn holds(&self, signature: &TouchSignature) -> bool {
        let text = self.field.of(signature);
        match self.op {
            Op::Present => !text.is_empty(),
            Op::Absent => text.is_empty(),
            Op::Equals => !text.is_empty() && self.is_one_of(text),
            Op::NotEquals => text.is_empty() || !self.is_one_of(text),
            Op::Contains => self.values.iter().any(|v| text.contains(v.as_str())),
            Op::Prefix => self.values.iter().any(|v| text.starts_with(v.as_str())),
        }
    }

    fn is_one_of(&self, text: &str) -> bool {
        match self.field {
            TouchField::ReferrerHost => self.values.iter().any(|v| host_is(text, v)),
            TouchField::SourceKind
            | TouchField::Event
            | TouchField::UtmSource
            | TouchField::UtmMedium
            | TouchField::UtmCampaign
            | TouchField::UtmContent
            | TouchField::UtmTerm
            | TouchField::ClickId
            | TouchField::Channel
            | TouchField::Campaign
            | TouchField::Touchpoint => self.values.iter().any(|v| v == text),
        }
    }
}

/// Whether `host` is `domain` or lies beneath it. `name.*` stands for `name` under one more label (`google.de`) or
/// under a country's second level (`google.co.uk`), not for `google.shop.example`.
pub(super) fn host_is(host: &str, domain: &str) -> bool {
    if let Some(name) = domain.strip_suffix(".*") {
        let Some((front, last)) = host.rsplit_once('.') else { return false };
        if beneath(front, name) {
            return !last.is_empty();
        }
        return front.rsplit_once('.').is_some_and(|(f, second)| SECOND_LEVEL.contains(&second) && beneath(f, name));
    }
    beneath(host, domain)
}

fn beneath(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}
