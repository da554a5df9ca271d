//! What is known of people, in the form rules look at it; only what the program in force looks at is read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use throughline_base::{IdentifierId, PersonId, Timestamp};
use throughline_domain::audience::{FactNeeds, Facts, IdentifierFact, StageFact, TagFact};
use throughline_domain::identity::{NodeState, Strength};
use throughline_domain::person::traits::{self, Precedence, TraitValue};
use throughline_store::audience as rows;
use throughline_store::person::{self as people, TraitRow};
use throughline_store::{Tx, identity};

use super::Stored;
use crate::App;
use crate::person::trait_fact;
use crate::person::view::{joined_at, records};
use crate::privacy::gate::is_suppressed;

/// Facts of people; who is no person any more is left out.
pub(crate) fn load(
    tx: &mut Tx<'_>,
    app: &App,
    needs: &FactNeeds,
    persons: &[PersonId],
) -> Stored<HashMap<PersonId, Facts>> {
    let mut all: HashMap<PersonId, Facts> = HashMap::with_capacity(persons.len());
    if *needs == FactNeeds::default() {
        all.extend(persons.iter().map(|p| (*p, Facts::default())));
        return Ok(all);
    }
    let nodes = identity::nodes_of_persons(tx, persons)?;
    let owner: HashMap<IdentifierId, PersonId> = nodes.iter().map(|n| (n.id, n.person)).collect();
    let lines: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
    for n in &nodes {
        let facts = all.entry(n.person).or_default();
        if (needs.identifiers || needs.consents) && is_in_force(n) {
            facts.identifiers.push(IdentifierFact {
                namespace: n.namespace.clone(),
                value: n.value.clone(),
                verified: n.strength != Strength::Hint,
            });
        }
    }
    if !needs.traits.is_empty() {
        for (person, traits) in shown(tx, app, &needs.traits, &lines, &owner)? {
            all.entry(person).or_default().traits = traits;
        }
    }
    if !needs.tags.is_empty() {
        for t in throughline_store::tag::of_lines(tx, &lines)? {
            if let Some(facts) = owner.get(&t.line).and_then(|p| all.get_mut(p)) {
                facts.tags.push(TagFact { tag: t.tag, ends_at: t.expires_at });
            }
        }
    }
    if needs.stage {
        stages(tx, &nodes, &lines, &mut all)?;
    }
    if needs.consents {
        for (record, _) in records(people::consents(tx, &lines)?) {
            if let Some(facts) = owner.get(&record.line).and_then(|p| all.get_mut(p)) {
                facts.consents.push(record);
            }
        }
        for (person, facts) in all.iter_mut().filter(|(_, f)| !f.consents.is_empty()) {
            facts.joined_at = joined_at(tx, *person)?;
        }
    }
    if needs.suppressed || needs.consents {
        suppressions(tx, app, &nodes, &mut all)?;
    }
    if !needs.lists.is_empty() {
        for (person, key) in rows::lists_of(tx, persons)? {
            if let Some(facts) = all.get_mut(&person) {
                facts.lists.insert(key);
            }
        }
    }
    if !needs.predictions.is_empty() {
        predictions(tx, app, needs, persons, &mut all)?;
    }
    Ok(all)
}

/// What is predicted: a chance, a category, or money in major units, as rules compare money.
fn predictions(
    tx: &mut Tx<'_>,
    app: &App,
    needs: &FactNeeds,
    persons: &[PersonId],
    all: &mut HashMap<PersonId, Facts>,
) -> Stored<()> {
    let minor_units = 10_f64.powi(app.settings.currency.exponent() as i32);
    for p in throughline_store::prediction::predictions_of(tx, persons)? {
        let Some(facts) = all.get_mut(&p.person).filter(|_| needs.predictions.contains(&p.kind)) else { continue };
        let value = match p.label {
            Some(label) => label.into(),
            None if crate::insight::is_money(&p.kind) => (p.value / minor_units).into(),
            None => p.value.into(),
        };
        facts.predictions.insert(p.kind, value);
    }
    Ok(())
}

/// Ended, blocked and suspended identifiers say nothing of a person.
fn is_in_force(n: &NodeState) -> bool {
    n.ended_at.is_none() && !n.is_mute()
}

fn suppressions(tx: &mut Tx<'_>, app: &App, nodes: &[NodeState], all: &mut HashMap<PersonId, Facts>) -> Stored<()> {
    if !throughline_store::privacy::tombstones_any(tx)? {
        return Ok(());
    }
    let mut by_person: HashMap<PersonId, Vec<NodeState>> = HashMap::new();
    for n in nodes {
        by_person.entry(n.person).or_default().push(n.clone());
    }
    for (person, own) in by_person {
        if is_suppressed(tx, app, &own)?
            && let Some(facts) = all.get_mut(&person)
        {
            facts.suppressed = true;
        }
    }
    Ok(())
}

fn stages(
    tx: &mut Tx<'_>,
    nodes: &[NodeState],
    lines: &[IdentifierId],
    all: &mut HashMap<PersonId, Facts>,
) -> Stored<()> {
    let stats: HashMap<IdentifierId, people::LineStat> =
        people::line_stats(tx, lines)?.into_iter().map(|s| (s.line, s)).collect();
    let by_hand = people::stages_by_line(tx, lines)?;
    let mut named: HashMap<PersonId, (&String, Timestamp)> = HashMap::new();
    for n in nodes {
        let facts = all.entry(n.person).or_default();
        let StageFact::Computed { identified, orders, last_order_at } = &mut facts.stage else { continue };
        *identified |= n.strength.is_strong();
        if let Some(s) = stats.get(&n.id) {
            *orders += s.orders;
            *last_order_at = (*last_order_at).max(s.last_order_at);
        }
        if let Some((stage, at)) = by_hand.get(&n.id)
            && named.get(&n.person).is_none_or(|(_, other)| at >= other)
        {
            named.insert(n.person, (stage, *at));
        }
    }
    for (person, (stage, _)) in named {
        if let Some(facts) = all.get_mut(&person) {
            facts.stage = StageFact::Named(stage.clone());
        }
    }
    Ok(())
}

/// Whether a trait is looked at: by its name, or by the first step of a path.
fn is_wanted(wanted: &BTreeSet<String>, name: &str) -> bool {
    wanted.contains(name) || name.split_once('.').is_some_and(|(first, _)| wanted.contains(first))
}

type Shown = HashMap<PersonId, BTreeMap<String, serde_json::Value>>;

/// The wanted traits as people show them.
fn shown(
    tx: &mut Tx<'_>,
    app: &App,
    wanted: &BTreeSet<String>,
    lines: &[IdentifierId],
    owner: &HashMap<IdentifierId, PersonId>,
) -> Stored<Shown> {
    let registry = app.registry.get();
    let mut said: BTreeMap<(PersonId, String), Vec<TraitValue>> = BTreeMap::new();
    let mut long: BTreeSet<String> = BTreeSet::new();
    let mut take = |t: &TraitRow| {
        if let Some(person) = owner.get(&t.line) {
            said.entry((*person, t.name.clone())).or_default().push(trait_fact(t, &registry));
        }
    };
    for t in people::traits(tx, lines)?.iter().filter(|t| is_wanted(wanted, &t.name)) {
        // These rules look at every value there ever was, not at the newest of each line.
        if matches!(traits::precedence_of(&t.name, &[]), Precedence::First | Precedence::Max | Precedence::List) {
            long.insert(t.name.clone());
        } else {
            take(t);
        }
    }
    for name in &long {
        people::trait_history(tx, lines, Some(name))?.iter().for_each(&mut take);
    }
    let mut out = Shown::new();
    for ((person, name), facts) in said {
        let rule = traits::precedence_of(&name, &[]);
        if let Some(shown) = traits::fold(facts, rule) {
            out.entry(person).or_default().insert(name, shown.value);
        }
    }
    Ok(out)
}
