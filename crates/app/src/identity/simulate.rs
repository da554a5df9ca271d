//! What changed rules would make of the people there are, before they apply.

use std::collections::{BTreeMap, BTreeSet};

use throughline_base::{IdentifierId, PersonId};
use throughline_domain::identity::simulate::difference;
use throughline_domain::identity::{Graph, NodeState};
use throughline_store::person as people;

use super::explain::Named;
use super::part::{Part, Walk};
use crate::{App, Result};

/// Examples shown of each kind.
pub const SAMPLE: usize = 20;

/// A person that would fall apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The person.
    pub person: PersonId,
    /// The identifiers of each part.
    pub into: Vec<Vec<Named>>,
}

/// The difference between two sets of rules over the same evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RulesDiff {
    /// People before; devices that nobody owns do not count.
    pub people_before: i64,
    /// People after.
    pub people_after: i64,
    /// People that would fall apart.
    pub split: i64,
    /// People that would be joined out of several.
    pub joined: i64,
    /// Events whose person would be another one.
    pub events_affected: i64,
    /// Some that would fall apart, the oldest first.
    pub splits: Vec<Split>,
    /// Some that would be joined, each with the people it would be made of.
    pub joins: Vec<Vec<PersonId>>,
}

impl App {
    /// Folds the whole log under other rules and compares. Nothing is written.
    ///
    /// # Errors
    /// When the rules are not valid.
    pub fn rules_simulate(&self, rules: &serde_json::Value) -> Result<RulesDiff> {
        let rules = super::rules::checked(rules)?;
        Ok(self.db.read(|tx| {
            let (mut walk, mut out) = (Walk::default(), RulesDiff::default());
            while let Some(seeds) = walk.seeds(tx)? {
                let part = Part::around(tx, seeds)?;
                walk.note(&part);
                let after = part.refold(&rules, &mut || self.ids.next()).graph;
                let lines: Vec<IdentifierId> = part.moved(&after).into_iter().map(|(line, _, _)| line).collect();
                out.events_affected += people::line_stats(tx, &lines)?.iter().map(|s| s.events).sum::<i64>();
                out.add(&part.graph, &after);
            }
            Ok(out)
        })?)
    }
}

impl RulesDiff {
    fn add(&mut self, before: &Graph, after: &Graph) {
        let d = difference(before, after);
        self.people_before += d.persons_before as i64;
        self.people_after += d.persons_after as i64;
        self.split += d.split as i64;
        self.joined += d.joined as i64;
        let mut joined: BTreeMap<PersonId, BTreeSet<PersonId>> = BTreeMap::new();
        for person in d.affected {
            let mut into: BTreeMap<PersonId, Vec<Named>> = BTreeMap::new();
            for n in before.strong_members(person) {
                into.entry(after.person_of(n.id)).or_default().push(named(n));
                joined.entry(after.person_of(n.id)).or_default().insert(person);
            }
            if into.len() > 1 && self.splits.len() < SAMPLE {
                self.splits.push(Split { person, into: into.into_values().collect() });
            }
        }
        for of in joined.into_values().filter(|of| of.len() > 1) {
            if self.joins.len() < SAMPLE {
                self.joins.push(of.into_iter().collect());
            }
        }
    }
}

fn named(n: &NodeState) -> Named {
    (n.namespace.clone(), n.value.clone())
}
