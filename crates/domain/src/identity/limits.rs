//! What a person may grow to: limits per namespace, cannot-links and caps (field note §3.2 step 3, §3.4).

use std::collections::{BTreeMap, BTreeSet};

use throughline_base::{IdentifierId, PersonId, Timestamp};

use super::decide::count_active;
use super::graph::Graph;
use super::resolution::DropReason;
use super::rules::{OnLimit, Rules};

/// Whether these persons may be one. `existing` are those among them that were there before the observation: joining
/// them is a merge, the others only bring a new identifier.
///
/// A limit that a person exceeds already (by an operator's link, or an older rule) refuses only what makes it worse.
/// The limit of the namespace `waived` does not count.
pub(super) fn may_be_one(
    graph: &Graph,
    rules: &Rules,
    persons: &BTreeSet<PersonId>,
    existing: &BTreeSet<PersonId>,
    waived: Option<&str>,
    at: Timestamp,
) -> Result<(), DropReason> {
    if persons.len() < 2 {
        return Ok(());
    }
    if let Some(seq) = cannot_link_within(graph, persons) {
        return Err(DropReason::CannotLink { seq });
    }
    per_person(graph, rules, persons, existing, waived, at)?;
    let cap = rules.caps.identifiers;
    let alone = persons.iter().map(|p| size_of(graph, &BTreeSet::from([*p]))).max().unwrap_or(0);
    let together = size_of(graph, persons);
    if together > cap && together > alone {
        return Err(DropReason::IdentifierCap { max: cap });
    }
    if existing.len() < 2 {
        return Ok(());
    }
    let new_merges = existing.len() as u32 - 1;
    let (ever, today) = existing.iter().map(|p| graph.merges_of(*p, at)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    if ever + new_merges > rules.caps.merges {
        return Err(DropReason::MergeCap { max: rules.caps.merges, daily: false });
    }
    if today + new_merges > rules.caps.merges_per_day {
        return Err(DropReason::MergeCap { max: rules.caps.merges_per_day, daily: true });
    }
    Ok(())
}

fn cannot_link_within(graph: &Graph, persons: &BTreeSet<PersonId>) -> Option<i64> {
    let members: BTreeSet<IdentifierId> = persons.iter().flat_map(|p| graph.strong_members(*p).map(|n| n.id)).collect();
    // The oldest one is named, so that the reason does not depend on the order of iteration.
    let links = members.iter().flat_map(|id| graph.cannot_links_of(*id));
    links
        .filter(|link| members.contains(&link.a) && members.contains(&link.b))
        .filter(|link| graph.person_of(link.a) != graph.person_of(link.b))
        .map(|link| link.seq)
        .min()
}

fn per_person(
    graph: &Graph,
    rules: &Rules,
    persons: &BTreeSet<PersonId>,
    existing: &BTreeSet<PersonId>,
    waived: Option<&str>,
    at: Timestamp,
) -> Result<(), DropReason> {
    let mut namespaces: BTreeMap<(u8, &str), ()> = BTreeMap::new();
    for node in persons.iter().flat_map(|p| graph.strong_members(*p)) {
        namespaces.insert((rules.of(&node.namespace).priority, &node.namespace), ());
    }
    for (_, namespace) in namespaces.into_keys() {
        let rule = rules.of(namespace);
        let Some(limit) = rule.max_per_person.filter(|_| waived != Some(namespace)) else { continue };
        if rule.on_limit == OnLimit::EndOldest && existing.len() < 2 {
            continue;
        }
        let count = |persons: &BTreeSet<PersonId>| count_active(graph, persons, namespace, limit.window_days, at);
        let together = count(persons);
        let alone = persons.iter().map(|p| count(&BTreeSet::from([*p]))).max().unwrap_or(0);
        if together > limit.n && together > alone {
            return Err(DropReason::MaxPerPerson { namespace: namespace.to_owned(), max: limit.n });
        }
    }
    Ok(())
}

/// How many identifiers the persons have together, weak ones included.
pub(super) fn size_of(graph: &Graph, persons: &BTreeSet<PersonId>) -> u32 {
    let strong: usize = persons.iter().map(|p| graph.strong_members(*p).count()).sum();
    let weak: BTreeSet<IdentifierId> = persons.iter().flat_map(|p| graph.weak_of(*p)).collect();
    (strong + weak.len()) as u32
}

/// Whether a weak node may be tied to a person.
pub(super) fn may_follow(
    graph: &Graph,
    rules: &Rules,
    weak: IdentifierId,
    person: PersonId,
    at: Timestamp,
) -> Result<(), DropReason> {
    let apart = graph.cannot_links_of(weak).filter(|link| {
        let other = if link.a == weak { link.b } else { link.a };
        graph.person_of(other) == person && other != weak
    });
    if let Some(seq) = apart.map(|link| link.seq).min() {
        return Err(DropReason::CannotLink { seq });
    }
    let Some(node) = graph.node(weak) else { return Ok(()) };
    let rule = rules.of(&node.namespace);
    if rule.max_owners.is_some_and(|max| !node.strength.is_strong() && graph.owners_of(weak).len() as u32 >= max) {
        return Err(DropReason::MaxOwners { max: rule.max_owners.unwrap_or(0) });
    }
    let tied = graph.weak_of(person);
    if let Some(limit) = rule.max_per_person {
        let window_ms = limit.window_days.map(|days| i64::from(days) * throughline_base::time::DAY_MS);
        let counted = tied.iter().filter_map(|id| graph.node(*id)).filter(|n| {
            n.namespace == node.namespace
                && n.generation.min(1) == node.generation.min(1)
                && window_ms.is_none_or(|window| at.since(n.created_at) < window)
        });
        if counted.count() as u32 >= limit.n {
            return Err(DropReason::MaxPerPerson { namespace: node.namespace.clone(), max: limit.n });
        }
    }
    if size_of(graph, &BTreeSet::from([person])) >= rules.caps.identifiers {
        return Err(DropReason::IdentifierCap { max: rules.caps.identifiers });
    }
    Ok(())
}
