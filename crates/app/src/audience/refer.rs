//! What a definition refers to beside the person: other audiences, computed traits, lists, and the touch rules.

use std::collections::BTreeSet;

use throughline_domain::audience::rule::{Computation, Events, Field, Filter, Measure, Rule};
use throughline_domain::audience::{Part, What};

/// What a definition refers to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct References {
    /// Keys of audiences.
    pub(super) audiences: BTreeSet<String>,
    /// Keys of computed traits and predictions.
    pub(super) computed: BTreeSet<String>,
    /// Keys of lists.
    pub(super) lists: BTreeSet<String>,
    /// It reads what the touch rules make of events.
    pub(super) touch: bool,
}

impl References {
    pub(super) fn of_part(part: &Part) -> Self {
        let mut out = Self::default();
        match &part.what {
            What::Audience(d) => out.rule(&d.rule),
            What::Computed { computation, .. } => out.computation(computation),
        }
        out
    }

    fn computation(&mut self, c: &Computation) {
        match c {
            Computation::Measure { events, measure, .. } => {
                self.events(events);
                self.measure(measure);
            }
            Computation::Formula(text) => {
                // Names in a formula are `computed.KEY`; what only looks like one does no harm here.
                let names = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-')));
                self.computed.extend(names.filter_map(|n| n.strip_prefix("computed.")).map(str::to_owned));
            }
            Computation::Cases { cases, .. } => cases.iter().for_each(|c| self.rule(&c.when)),
        }
    }

    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::All(of) | Rule::Any(of) | Rule::None(of) => of.iter().for_each(|r| self.rule(r)),
            Rule::Computed(t) => {
                self.computed.insert(t.name.clone());
            }
            Rule::Audience(key) => {
                self.audiences.insert(key.clone());
            }
            Rule::List(key) => {
                self.lists.insert(key.clone());
            }
            Rule::Did(b) => {
                self.events(&b.events);
                self.measure(&b.measure);
            }
            Rule::Sequence(s) => s.steps.iter().for_each(|s| self.events(&s.events)),
            Rule::Trait(_)
            | Rule::Tag(_)
            | Rule::Stage(_)
            | Rule::Consent(_)
            | Rule::Contactable(_)
            | Rule::Identifier(_) => {}
        }
    }

    fn events(&mut self, e: &Events) {
        e.filters.iter().for_each(|f| self.filter(f));
    }

    fn filter(&mut self, f: &Filter) {
        match f {
            Filter::Field { name, .. } => self.field(name),
            Filter::All(of) | Filter::Any(of) | Filter::None(of) => of.iter().for_each(|f| self.filter(f)),
            Filter::Product(_) => {}
        }
    }

    fn field(&mut self, f: &Field) {
        self.touch |= matches!(f, Field::Channel | Field::Campaign | Field::Touchpoint);
    }

    fn measure(&mut self, m: &Measure) {
        match m {
            Measure::Sum(f)
            | Measure::Average(f)
            | Measure::Min(f)
            | Measure::Max(f)
            | Measure::Distinct(f)
            | Measure::MostFrequent(f)
            | Measure::First(f)
            | Measure::Last(f) => self.field(f),
            Measure::Count | Measure::FirstAt | Measure::LastAt | Measure::DaysSinceLast | Measure::DaysSinceFirst => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refers(rule: serde_json::Value) -> References {
        let definition = serde_json::from_value(json!({ "zone": "UTC", "rule": rule })).unwrap();
        References::of_part(&Part { id: 1, key: "x".into(), what: What::Audience(definition) })
    }

    #[test]
    fn references_are_found_however_deep() {
        let r = refers(json!({"none": [{"any": [{"audience": "vip"}, {"list": "fair"}]},
            {"did": {"event": "A", "where": [{"none": [{"field": {"name": "channel", "test": {"eq": "x"}}}]}]}},
            {"computed": {"name": "ltv", "test": {"gt": 1.0}}}]}));
        let one = |t: &str| BTreeSet::from([t.to_owned()]);
        assert_eq!((r.audiences, r.lists, r.computed, r.touch), (one("vip"), one("fair"), one("ltv"), true));
        assert!(!refers(json!({"did": {"event": "A", "measure": {"sum": "value"}}})).touch);
        assert!(refers(json!({"did": {"event": "A", "measure": {"distinct": "campaign"}}})).touch);
    }
}
