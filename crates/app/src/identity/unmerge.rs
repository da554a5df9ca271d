//! Taking a person apart: each side gets back what hangs on its identifiers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use throughline_base::{IdentifierId, PersonId, Problem};
use throughline_domain::identity::{Operation, Unmerge};
use throughline_store::{Tx, identity as store, person as people};

use super::operate::{By, Decided, decide, own_node, write};
use super::review::{self, Decision};
use crate::team::{Caller, audit};
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// What to take apart.
#[derive(Debug, Clone, Default)]
pub struct UnmergeAsk {
    /// Namespace and value of identifiers that shall leave, with whatever hangs on them alone.
    pub identifiers: Vec<(String, String)>,
    /// Rows of evidence that shall not count any more.
    pub evidence: Vec<i64>,
    /// Keep the parts apart from now on.
    pub block_future: bool,
    /// Why.
    pub note: String,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What became, or would become, of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmerged {
    /// Who is there now: the part that stays first.
    pub persons: Vec<PersonId>,
    /// Events that leave with the other parts.
    pub events_moved: i64,
    /// What else leaves with them: `events`, `orders`, `traits`, `consents`, `tags`.
    pub affected: BTreeMap<&'static str, i64>,
}

impl App {
    /// Takes a person apart, or says what that would do.
    ///
    /// # Errors
    /// When the person is unknown, an identifier or a row of evidence is not its, or nobody would stay.
    pub fn person_unmerge(&self, caller: &Caller, id: PersonId, ask: &UnmergeAsk) -> Result<Unmerged> {
        let by = By { caller, note: &ask.note };
        if ask.dry_run {
            return Ok(self.db.read(|tx| Ok(self.unmerge_decide(tx, by, id, ask)?.2))?);
        }
        let outcome = self.db.write(|tx| {
            let (person, decided, outcome) = self.unmerge_decide(tx, by, id, ask)?;
            write(tx, self, by, &decided)?;
            if ask.block_future
                && let Some((stays, left)) = outcome.persons.split_first()
            {
                let across = |x: PersonId, y: PersonId| {
                    (x == *stays) != (y == *stays) && (left.contains(&x) || left.contains(&y))
                };
                review::settle(tx, self, by, Decision::KeepApart, &across, &outcome.persons)?;
            }
            let detail = json!({
                "persons": outcome.persons, "events_moved": outcome.events_moved,
                "evidence": ask.evidence, "block_future": ask.block_future, "note": ask.note,
            });
            audit(tx, self, &caller.actor, "person.unmerge", &person.to_string(), &detail)?;
            Ok(outcome)
        })?;
        self.tasks.ring();
        Ok(outcome)
    }

    fn unmerge_decide(
        &self,
        tx: &mut Tx<'_>,
        by: By<'_>,
        id: PersonId,
        ask: &UnmergeAsk,
    ) -> Stored<(PersonId, Decided, Unmerged)> {
        let person = own_node(tx, id)?.person;
        let identifiers = named(tx, person, &ask.identifiers)?;
        only_of(tx, person, &ask.evidence)?;
        let unmerge = Unmerge {
            evidence: ask.evidence.clone(),
            identifiers: identifiers.clone(),
            block_future: ask.block_future,
        };
        let decided = decide(tx, self, by, &Operation::Unmerge { person, unmerge })?;
        let outcome = outcome(tx, person, &identifiers, &decided)?;
        Ok((person, decided, outcome))
    }
}

/// The identifiers meant by namespace and value: those of the person, else the devices it shares.
fn named(tx: &mut Tx<'_>, person: PersonId, wanted: &[(String, String)]) -> Stored<Vec<IdentifierId>> {
    let mut out = Vec::new();
    for (namespace, value) in wanted {
        let value = super::normalise(namespace, value);
        let mut found = store::nodes_by_key(tx, &[store::identifier_key(namespace, &value)])?;
        found.retain(|n| n.namespace == *namespace && n.value == value);
        if found.iter().any(|n| n.person == person) {
            found.retain(|n| n.person == person);
        } else {
            found.retain(|n| n.shared);
        }
        if found.is_empty() {
            let text =
                format!("{person} has no {namespace} of this value; send namespace and value as the person shows them");
            return Err(Problem::not_found("identifier_unknown", text).into());
        }
        out.extend(found.iter().map(|n| n.id));
    }
    Ok(out)
}

/// Refuses evidence that does not speak of the person.
fn only_of(tx: &mut Tx<'_>, person: PersonId, evidence: &[i64]) -> Stored<()> {
    let rows = store::evidence_by_seq(tx, evidence)?;
    let about: Vec<IdentifierId> = rows.iter().flat_map(|e| [Some(e.a), e.b]).flatten().collect();
    let own: BTreeSet<IdentifierId> =
        store::persons_of_lines(tx, &about)?.into_iter().filter(|(_, p)| *p == person).map(|(line, _)| line).collect();
    let is_own =
        |seq: &i64| rows.iter().any(|e| e.seq == *seq && (own.contains(&e.a) || e.b.is_some_and(|b| own.contains(&b))));
    match evidence.iter().find(|seq| !is_own(seq)) {
        None => Ok(()),
        Some(seq) => {
            let text =
                format!("evidence {seq} does not speak of {person}; its own is listed by /api/people/{person}/explain");
            Err(Problem::not_found("evidence_unknown", text).into())
        }
    }
}

fn outcome(tx: &mut Tx<'_>, person: PersonId, leaving: &[IdentifierId], decided: &Decided) -> Stored<Unmerged> {
    let members: Vec<IdentifierId> =
        decided.before.iter().filter(|(_, was)| **was == person).map(|(line, _)| *line).collect();
    let strong = |id: &&IdentifierId| decided.graph.node(**id).is_some_and(|n| n.strength.is_strong());
    let stays = members.iter().filter(strong).find(|id| !leaving.contains(id)).or_else(|| members.first());
    let stays = stays.map_or(person, |id| decided.graph.person_of(*id));
    let left: Vec<IdentifierId> = members.iter().copied().filter(|id| decided.graph.person_of(*id) != stays).collect();
    let others: BTreeSet<PersonId> = left.iter().map(|id| decided.graph.person_of(*id)).collect();
    let stats = people::line_stats(tx, &left)?;
    let events_moved = stats.iter().map(|s| s.events).sum();
    let affected = BTreeMap::from([
        ("events", events_moved),
        ("orders", stats.iter().map(|s| s.orders).sum()),
        ("traits", people::traits(tx, &left)?.len() as i64),
        ("consents", people::consents(tx, &left)?.len() as i64),
        ("tags", throughline_store::tag::of_lines(tx, &left)?.len() as i64),
    ]);
    Ok(Unmerged { persons: [stays].into_iter().chain(others).collect(), events_moved, affected })
}
