//! What other rules would make of the same evidence, before they apply.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use throughline_base::{IdentifierId, PersonId};

use super::evidence::EvidenceGroup;
use super::fold::{Names, delta, fold};
use super::graph::Graph;
use super::resolution::Resolution;
use super::rules::Rules;

/// How many examples a difference shows.
const SAMPLE: usize = 20;

/// One person that would be cut differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The persons as they are.
    pub before: Vec<PersonId>,
    /// The persons as they would be.
    pub after: Vec<PersonId>,
    /// The identifiers of all of them.
    pub identifiers: Vec<IdentifierId>,
}

/// The difference between two sets of rules over the same evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Persons of person or account strength before.
    pub persons_before: usize,
    /// And after.
    pub persons_after: usize,
    /// Persons that would fall apart.
    pub split: usize,
    /// Persons that would be joined out of several.
    pub joined: usize,
    /// Present persons whose identifiers would change in any way.
    pub affected: Vec<PersonId>,
    /// Some of the changes, the oldest persons first.
    pub sample: Vec<Example>,
}

/// Compares two graphs over the same evidence. Only what makes persons counts, not devices.
#[must_use]
pub fn difference(before: &Graph, after: &Graph) -> Difference {
    let of = |graph: &Graph| -> BTreeMap<IdentifierId, PersonId> {
        graph.nodes().filter(|n| n.strength.is_strong()).map(|n| (n.id, n.person)).collect()
    };
    let (old, new) = (of(before), of(after));
    let mut becomes: BTreeMap<PersonId, BTreeSet<PersonId>> = BTreeMap::new();
    let mut comes_from: BTreeMap<PersonId, BTreeSet<PersonId>> = BTreeMap::new();
    for (id, was) in &old {
        if let Some(is) = new.get(id) {
            becomes.entry(*was).or_default().insert(*is);
            comes_from.entry(*is).or_default().insert(*was);
        }
    }
    let mut out = Difference {
        persons_before: old.values().collect::<BTreeSet<_>>().len(),
        persons_after: new.values().collect::<BTreeSet<_>>().len(),
        split: becomes.values().filter(|parts| parts.len() > 1).count(),
        joined: comes_from.values().filter(|parts| parts.len() > 1).count(),
        ..Difference::default()
    };
    let mut shown: BTreeSet<PersonId> = BTreeSet::new();
    for (person, parts) in &becomes {
        let joined_with: BTreeSet<PersonId> = parts.iter().flat_map(|p| &comes_from[p]).copied().collect();
        if parts.len() == 1 && joined_with.len() == 1 {
            continue;
        }
        out.affected.push(*person);
        if out.sample.len() < SAMPLE && !shown.contains(person) {
            let identifiers = old.iter().filter(|(_, p)| joined_with.contains(p)).map(|(id, _)| *id).collect();
            shown.extend(&joined_with);
            let before = joined_with.into_iter().collect();
            out.sample.push(Example { before, after: parts.iter().copied().collect(), identifiers });
        }
    }
    out
}

/// A dry run of new rules, and the rows that would apply it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulation {
    /// What people look at.
    pub difference: Difference,
    /// What to write if they agree. Ids come from `ids`.
    pub resolution: Resolution,
}

/// Folds the evidence under the new rules and compares it with the graph as it is.
pub fn simulate(
    now: &Graph,
    new_rules: &Rules,
    names: &Names,
    groups: impl IntoIterator<Item = EvidenceGroup>,
    ids: &mut dyn FnMut() -> i64,
) -> Simulation {
    let folded = fold(new_rules, names, groups, ids);
    Simulation { difference: difference(now, &folded.graph), resolution: delta(now, folded) }
}
