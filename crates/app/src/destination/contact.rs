//! Who may be sent, and what of them: consent, identifiers and traits of many people at once, as they are at this moment.

use std::collections::{BTreeSet, HashMap, HashSet};

use throughline_base::{AudienceVersionId, IdentifierId, PersonId, Timestamp};
use throughline_domain::audience::export::{Contact, Refusal, Wanted};
use throughline_domain::identity::{NodeState, Strength};
use throughline_domain::person::consent::{ConsentRecord, ContactReason, PURPOSE_SERVICE, may_contact};
use throughline_domain::person::traits::{self, Precedence, TraitValue};
use throughline_store::person::{self as people, TraitRow};
use throughline_store::{Tx, audience, identity};

use super::{ByPerson, Sync};
use crate::App;
use crate::person::trait_fact;
use crate::person::view::{joined_at, records};
use crate::privacy::gate::suppressed_among;

/// One person against a sync.
#[derive(Debug)]
pub(super) struct Assessed {
    /// What the destination should hold.
    pub(super) wanted: Wanted,
    /// The person is in the audience.
    pub(super) is_member: bool,
    /// When that may change by time alone: a consent ends, or begins.
    pub(super) again_at: Option<Timestamp>,
}

/// What the facts of some people are.
struct Facts {
    nodes: ByPerson<Vec<NodeState>>,
    consents: ByPerson<Vec<ConsentRecord>>,
    suppressed: HashSet<IdentifierId>,
}

/// Compares people with what a sync asks of them: membership, consent for its purpose and channel, an identifier that its
/// format knows.
pub(super) fn assess(
    tx: &mut Tx<'_>,
    app: &App,
    sync: &Sync,
    version: Option<AudienceVersionId>,
    persons: &[PersonId],
) -> throughline_store::Result<ByPerson<Assessed>> {
    let now = app.now();
    let since: HashMap<PersonId, Timestamp> = match version {
        Some(version) => audience::memberships_of(tx, persons)?
            .into_iter()
            .filter(|m| m.version == version)
            .map(|m| (m.person, m.since_at))
            .collect(),
        None => HashMap::new(),
    };
    let members: Vec<PersonId> = persons.iter().copied().filter(|p| since.contains_key(p)).collect();
    let facts = Facts::load(tx, app, &members)?;
    let mut allowed: Vec<PersonId> = Vec::new();
    let mut out: ByPerson<Assessed> = ByPerson::new();
    for person in persons {
        let Some(_) = since.get(person) else {
            out.insert(*person, Assessed { wanted: Wanted::Outside, is_member: false, again_at: None });
            continue;
        };
        let (verdict, again_at) = facts.may_be_sent(tx, sync, *person, now)?;
        let wanted = match verdict {
            Ok(()) => {
                allowed.push(*person);
                // Replaced below, once the records are made.
                Wanted::Refused(Refusal::NoAddress)
            }
            Err(reason) => Wanted::Refused(Refusal::Consent(reason)),
        };
        out.insert(*person, Assessed { wanted, is_member: true, again_at });
    }
    for (person, contact) in contacts(tx, app, &facts, &allowed, &since)? {
        let made = sync.format.records(&contact);
        if let Some(assessed) = out.get_mut(&person).filter(|_| !made.is_empty()) {
            assessed.wanted = Wanted::Present(made);
        }
    }
    Ok(out)
}

impl Facts {
    fn load(tx: &mut Tx<'_>, app: &App, persons: &[PersonId]) -> throughline_store::Result<Self> {
        let all = identity::nodes_of_persons(tx, persons)?;
        let suppressed = suppressed_among(tx, app, &all)?;
        let owner: HashMap<IdentifierId, PersonId> = all.iter().map(|n| (n.id, n.person)).collect();
        let lines: Vec<IdentifierId> = all.iter().map(|n| n.id).collect();
        let mut consents: ByPerson<Vec<ConsentRecord>> = ByPerson::new();
        for (record, _) in records(people::consents(tx, &lines)?) {
            if let Some(person) = owner.get(&record.line) {
                consents.entry(*person).or_default().push(record);
            }
        }
        let mut nodes: ByPerson<Vec<NodeState>> = ByPerson::new();
        for node in all {
            nodes.entry(node.person).or_default().push(node);
        }
        Ok(Self { nodes, consents, suppressed })
    }

    /// Whether a person may be sent now, and when that may change by itself.
    fn may_be_sent(
        &self,
        tx: &mut Tx<'_>,
        sync: &Sync,
        person: PersonId,
        now: Timestamp,
    ) -> throughline_store::Result<(Result<(), ContactReason>, Option<Timestamp>)> {
        let nodes = self.nodes.get(&person).map_or(&[][..], Vec::as_slice);
        let none = Vec::new();
        let given = self.consents.get(&person).unwrap_or(&none);
        let of_purpose = given.iter().filter(|r| r.purpose == sync.purpose);
        let lines: BTreeSet<IdentifierId> = of_purpose.clone().map(|r| r.line).collect();
        // When the lines were joined matters only where more than one of them says something.
        let joined = if lines.len() > 1 { joined_at(tx, person)? } else { None };
        let answer = may_contact(given, &sync.purpose, &sync.channel, joined, now);
        // The next instant at which a record begins or ends to count.
        let again_at = of_purpose.flat_map(|r| [Some(r.given_at), r.expires_at]).flatten().filter(|at| *at > now).min();
        let suppressed = nodes.iter().any(|n| self.suppressed.contains(&n.id));
        let verdict = if suppressed && sync.purpose != PURPOSE_SERVICE {
            Err(ContactReason::Suppressed)
        } else if answer.allowed {
            Ok(())
        } else {
            Err(answer.reason)
        };
        Ok((verdict, again_at))
    }
}

/// Whether an identifier may leave: nobody's hint, and nothing that was blocked, suspended or has ended.
fn may_leave(n: &NodeState) -> bool {
    n.ended_at.is_none() && !n.blocked && n.suspended_at.is_none() && n.strength != Strength::Hint
}

fn contacts(
    tx: &mut Tx<'_>,
    app: &App,
    facts: &Facts,
    persons: &[PersonId],
    since: &HashMap<PersonId, Timestamp>,
) -> throughline_store::Result<Vec<(PersonId, Contact)>> {
    let own = |p: &PersonId| facts.nodes.get(p).map_or(&[][..], Vec::as_slice);
    let lines: Vec<IdentifierId> = persons.iter().flat_map(own).map(|n| n.id).collect();
    let owner: HashMap<IdentifierId, PersonId> = persons.iter().flat_map(own).map(|n| (n.id, n.person)).collect();
    let mut shown = shown_many(tx, app, &lines, &owner)?;
    let mut tags: ByPerson<Vec<String>> = ByPerson::new();
    let now = app.now();
    for row in throughline_store::tag::of_lines(tx, &lines)?.into_iter().filter(|t| t.holds(now)) {
        if let Some(person) = owner.get(&row.line) {
            tags.entry(*person).or_default().push(row.tag);
        }
    }
    let mut stages: HashMap<PersonId, String> =
        people::get(tx, persons)?.into_iter().map(|row| (row.id, row.stage)).collect();
    let rules = app.identity_rules.read().clone();
    let mut out = Vec::with_capacity(persons.len());
    for person in persons {
        // Who is gone since is in no table of people any more.
        let Some(stage) = stages.remove(person) else { continue };
        let mut nodes: Vec<&NodeState> = own(person).iter().filter(|n| may_leave(n)).collect();
        nodes.sort_by_key(|n| (rules.of(&n.namespace).priority, n.id));
        let mut contact = Contact {
            person: Some(*person),
            traits: shown.remove(person).unwrap_or_default(),
            tags: tags.remove(person).unwrap_or_default(),
            stage,
            entered_at: since.get(person).copied(),
            ..Contact::default()
        };
        contact.tags.dedup();
        for node in nodes {
            contact.identify(&node.namespace, &node.value);
        }
        out.push((*person, contact));
    }
    Ok(out)
}

/// The traits that many people show.
fn shown_many(
    tx: &mut Tx<'_>,
    app: &App,
    lines: &[IdentifierId],
    owner: &HashMap<IdentifierId, PersonId>,
) -> throughline_store::Result<ByPerson<std::collections::BTreeMap<String, serde_json::Value>>> {
    let registry = app.registry.get();
    let mut facts: HashMap<(PersonId, String), Vec<TraitValue>> = HashMap::new();
    let mut sort = |rows: Vec<TraitRow>| {
        for t in rows {
            if let Some(person) = owner.get(&t.line) {
                facts.entry((*person, t.name.clone())).or_default().push(trait_fact(&t, &registry));
            }
        }
    };
    let newest = people::traits(tx, lines)?;
    let whole: BTreeSet<String> =
        newest.iter().map(|t| &t.name).filter(|name| looks_back(traits::precedence_of(name, &[]))).cloned().collect();
    sort(newest.into_iter().filter(|t| !whole.contains(&t.name)).collect());
    for name in &whole {
        sort(people::trait_history(tx, lines, Some(name))?);
    }
    let mut out: ByPerson<std::collections::BTreeMap<String, serde_json::Value>> = ByPerson::new();
    for ((person, name), values) in facts {
        let rule = traits::precedence_of(&name, &[]);
        if let Some(shown) = traits::fold(values, rule) {
            out.entry(person).or_default().insert(name, shown.value);
        }
    }
    Ok(out)
}

/// These rules look at every value there ever was, not at the newest of each line.
const fn looks_back(rule: Precedence) -> bool {
    match rule {
        Precedence::First | Precedence::Max | Precedence::List => true,
        Precedence::Last | Precedence::VerifiedSource => false,
    }
}
