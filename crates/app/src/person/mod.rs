//! The single customer view: one person as the union of the lines of its cluster.
//!
//! Start reading at [`App::person`]; the timeline is in [`timeline`], changes by hand in [`edit`].

pub mod edit;
pub(crate) mod lapse;
pub mod list;
pub mod timeline;
pub mod view;

use std::collections::BTreeMap;

use throughline_base::{HouseholdId, IdentifierId, PersonId, Problem};
use throughline_domain::identity::{NodeState, Rules, SliceState};
use throughline_domain::person::traits::{self, Shown, TraitValue};
use throughline_store::person::{self as rows, TraitRow};
use throughline_store::{Tx, identity};

use crate::registry::Snapshot;
use crate::{App, Result};

/// A stored value as the fold takes it. What an operator said (source 0) counts as vouched for.
pub(crate) fn trait_fact(t: &TraitRow, registry: &Snapshot) -> TraitValue {
    TraitValue {
        name: t.name.clone(),
        value: serde_json::from_str(&t.value).unwrap_or(serde_json::Value::Null),
        event_at: t.event_at,
        event_id: t.event_id,
        source_id: t.source_id,
        verified: t.source_id.get() == 0 || registry.sources.get(&t.source_id).is_some_and(|s| s.settings.verified),
        line: t.line,
    }
}

/// The traits that lines show together.
pub(crate) fn shown_traits(
    tx: &mut Tx<'_>,
    app: &App,
    lines: &[IdentifierId],
) -> throughline_store::Result<BTreeMap<String, Shown>> {
    let registry = app.registry.get();
    let mut by_name: BTreeMap<String, Vec<TraitValue>> = BTreeMap::new();
    for t in rows::traits(tx, lines)? {
        by_name.entry(t.name.clone()).or_default().push(trait_fact(&t, &registry));
    }
    let mut out = BTreeMap::new();
    for (name, mut facts) in by_name {
        let rule = traits::precedence_of(&name, &[]);
        if matches!(rule, traits::Precedence::First | traits::Precedence::Max | traits::Precedence::List) {
            // These rules look at every value there ever was, not at the newest of each line.
            facts = rows::trait_history(tx, lines, Some(&name))?.iter().map(|t| trait_fact(t, &registry)).collect();
        }
        if let Some(shown) = traits::fold(facts, rule) {
            out.insert(name, shown);
        }
    }
    Ok(out)
}

/// The household that address and surname point to, if both are known. An entity of its own, never a merge.
pub(crate) fn household(
    tx: &mut Tx<'_>,
    app: &App,
    shown: impl Fn(&str) -> Option<String>,
) -> throughline_store::Result<Option<HouseholdId>> {
    use throughline_domain::identity::household::{HouseholdFacts, household_keys};
    let (address, landline, account) = (shown("address"), shown("landline"), shown("family_account"));
    if address.is_none() && landline.is_none() && account.is_none() {
        return Ok(None);
    }
    let surname = shown("last_name").or_else(|| shown("lastName")).or_else(|| {
        let name = shown("name")?;
        Some(throughline_domain::event::clean::name_keys(&name).surname).filter(|s| !s.is_empty())
    });
    let facts = HouseholdFacts {
        address: address.as_deref(),
        surname: surname.as_deref(),
        landline: landline.as_deref(),
        account: account.as_deref(),
    };
    let Some((_, key)) = household_keys(&facts).into_iter().next() else { return Ok(None) };
    let hash = xxhash_rust::xxh3::xxh3_64(key.as_bytes());
    let label = surname.unwrap_or_default();
    rows::household_intern(tx, HouseholdId::new(app.ids.next()), hash, &label, app.now()).map(Some)
}

/// The lines of a person: its nodes, and the spans of shared devices that are its.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    /// The nodes of the cluster.
    pub(crate) nodes: Vec<NodeState>,
    /// Spans of other lines' events that are this person's.
    pub(crate) gained: Vec<SliceState>,
    /// Spans of these nodes' events that are somebody else's.
    pub(crate) lost: Vec<SliceState>,
}

impl Lines {
    pub(crate) fn load(tx: &mut Tx<'_>, person: PersonId) -> throughline_store::Result<Self> {
        let nodes = identity::nodes_of_persons(tx, &[person])?;
        let ids: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
        let gained = identity::slices_of_lines(tx, &ids)?.into_iter().filter(|s| !ids.contains(&s.node)).collect();
        let lost = identity::slices_of_nodes(tx, &ids)?.into_iter().filter(|s| !ids.contains(&s.line)).collect();
        Ok(Self { nodes, gained, lost })
    }

    /// Ids of the cluster's nodes.
    pub(crate) fn ids(&self) -> Vec<IdentifierId> {
        self.nodes.iter().map(|n| n.id).collect()
    }

    /// Every line on which events of the person may stand.
    pub(crate) fn all(&self) -> Vec<IdentifierId> {
        let mut all = self.ids();
        all.extend(self.gained.iter().map(|s| s.node));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether an event on `line` at `at` is the person's.
    pub(crate) fn owns(&self, line: IdentifierId, at: throughline_base::Timestamp) -> bool {
        if self.nodes.iter().any(|n| n.id == line) {
            return !self.lost.iter().any(|s| s.node == line && s.covers(at));
        }
        self.gained.iter().any(|s| s.node == line && s.covers(at))
    }
}

impl App {
    /// The person an id leads to today, following aliases.
    ///
    /// # Errors
    /// When there never was such a person, or it was erased.
    pub fn person_find(&self, id: PersonId) -> Result<PersonId> {
        self.db
            .read(|tx| {
                if !rows::get(tx, &[id])?.is_empty() {
                    return Ok(Some(id));
                }
                rows::alias_of(tx, id)
            })?
            .ok_or_else(|| Problem::not_found("person_unknown", format!("there is no person {id}")))
    }

    /// The person who owns an identifier today. A hint leads to the person it came with.
    ///
    /// # Errors
    /// When nobody has it; `namespace_unknown` when moreover no rule speaks of such identifiers.
    pub fn person_by_identifier(&self, namespace: &str, value: &str) -> Result<PersonId> {
        let value = crate::identity::normalise(namespace, value);
        let found = self.db.read(|tx| {
            let nodes = identity::nodes_by_key(tx, &[identity::identifier_key(namespace, &value)])?;
            Ok(nodes
                .into_iter()
                .filter(|n| n.namespace == namespace && n.value == value)
                .max_by_key(|n| (n.ended_at.is_none(), n.generation))
                .map(|n| n.person))
        })?;
        if let Some(person) = found {
            return Ok(person);
        }
        let rules = self.db.read(|tx| crate::identity::rules::current(tx, self))?;
        Err(nobody_has(namespace, &rules))
    }
}

fn nobody_has(namespace: &str, rules: &Rules) -> Problem {
    // `openid:wx123` and `user_id@src_…` are kinds of what stands before the sign.
    let family = namespace.split([':', '@']).next().unwrap_or(namespace);
    let known: Vec<&str> = rules.namespaces.iter().map(|n| n.name.as_str()).collect();
    if known.contains(&family) || known.contains(&namespace) {
        let text = format!("nobody has this {namespace}; check spelling and country code");
        return Problem::not_found("person_unknown", text);
    }
    let text = format!(
        "the namespace `{namespace}` is unknown, and nobody has this value in it; known are {}",
        known.join(", ")
    );
    Problem::not_found("namespace_unknown", text)
}
