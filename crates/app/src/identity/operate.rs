//! What operators do to people: merge, keep apart, block. Each is load → decide → write → audit in one transaction of the
//! one writer, so that no decision is made on rows that change under it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use throughline_base::{IdentifierId, PersonId, Problem};
use throughline_domain::identity::operate::needed_nodes;
use throughline_domain::identity::{
    Act, Graph, NodeState, Operation, OperationError, Resolution, Unmerge, load, operate,
};
use throughline_store::{Tx, identity as store};

use super::review::{self, Decision};
use super::rows::Tables;
use super::rules;
use super::write::{self, Cause};
use crate::react::summarise;
use crate::team::{Caller, audit};
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// An operation, decided and not yet written.
pub(crate) struct Decided {
    /// What to write.
    pub(crate) resolution: Resolution,
    /// The graph around it, as it will be.
    pub(crate) graph: Graph,
    /// Whose each identifier was.
    pub(crate) before: BTreeMap<IdentifierId, PersonId>,
}

/// Who does it, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By<'a> {
    /// Who.
    pub(crate) caller: &'a Caller,
    /// Why.
    pub(crate) note: &'a str,
}

impl By<'_> {
    fn act(self, app: &App) -> Act {
        Act { at: app.now(), actor: self.caller.actor.clone(), note: self.note.to_owned() }
    }
}

/// What keeps an operation from being done, with how to mend it.
pub(super) fn problem(e: &OperationError) -> Problem {
    let text = e.to_string();
    match e {
        OperationError::UnknownIdentifier(_) => Problem::not_found("identifier_unknown", text),
        OperationError::SameIdentifier => Problem::invalid("same_identifier", text),
        OperationError::Weak(_) => Problem::conflict("weak_identifier", text),
        OperationError::NotOfPerson(_) => Problem::invalid("identifier_of_another", text),
        OperationError::NothingNamed => Problem::invalid("nothing_named", text),
        OperationError::NoSuchEvidence => Problem::not_found("evidence_unknown", text),
        OperationError::NobodyStays => Problem::invalid("nobody_stays", text),
        OperationError::Taken(_) => Problem::conflict("identifier_taken", text),
        OperationError::Blocked(_) => Problem::invalid("identifier_blocked", text),
        OperationError::Ended(_) => Problem::conflict("identifier_ended", text),
    }
}

/// Decides an operation on what the transaction sees. Nothing is written.
pub(super) fn decide(tx: &mut Tx<'_>, app: &App, by: By<'_>, operation: &Operation) -> Stored<Decided> {
    let rules = rules::current(tx, app)?;
    let mut ids = needed_nodes(operation);
    if let Operation::Retract { evidence } | Operation::Unmerge { unmerge: Unmerge { evidence, .. }, .. } = operation {
        ids.extend(store::evidence_by_seq(tx, evidence)?.iter().flat_map(|e| [Some(e.a), e.b]).flatten());
    }
    let mut stored = Tables { tx };
    let mut graph = match operation {
        Operation::Rename { from, to } => load::for_rename(&mut stored, *from, to)?,
        Operation::MustLink { .. }
        | Operation::CannotLink { .. }
        | Operation::Match { .. }
        | Operation::Block { .. }
        | Operation::Unblock { .. }
        | Operation::Retract { .. }
        | Operation::Unmerge { .. } => load::for_nodes(&mut stored, &ids)?,
    };
    let before = graph.nodes().map(|n| (n.id, n.person)).collect();
    let mut next = || app.ids.next();
    let resolution = operate(&mut graph, &rules, operation, &by.act(app), &mut next).map_err(|e| problem(&e))?;
    Ok(Decided { resolution, graph, before })
}

/// Writes a decided operation and what follows for the people it touches.
pub(super) fn write(tx: &mut Tx<'_>, app: &App, by: By<'_>, decided: &Decided) -> Stored<()> {
    let r = &decided.resolution;
    write::delta(tx, app, r, Cause::Operator { actor: &by.caller.actor, note: by.note })?;
    let touched: BTreeSet<PersonId> = r
        .new_nodes
        .iter()
        .chain(&r.changed_nodes)
        .flat_map(|n| [Some(n.person), decided.before.get(&n.id).copied()])
        .flatten()
        .collect();
    summarise(tx, app, &touched.into_iter().collect::<Vec<_>>())
}

/// Decides and writes.
pub(crate) fn act(tx: &mut Tx<'_>, app: &App, by: By<'_>, operation: &Operation) -> Stored<Decided> {
    let decided = decide(tx, app, by, operation)?;
    write(tx, app, by, &decided)?;
    Ok(decided)
}

/// The identifier that a person's id, present or former, comes from.
pub(super) fn own_node(tx: &mut Tx<'_>, id: PersonId) -> Stored<NodeState> {
    let node = store::nodes_by_id(tx, &[IdentifierId::new(id.get())])?.into_iter().next();
    Ok(node.ok_or_else(|| Problem::not_found("person_unknown", format!("there is no person {id}")))?)
}

impl App {
    /// Makes one person of two; returns who that is. What was refused between them before is settled.
    ///
    /// # Errors
    /// When one of them is unknown, both are one already, or one is anonymous.
    pub fn person_merge(&self, caller: &Caller, id: PersonId, other: PersonId, note: &str) -> Result<PersonId> {
        let by = By { caller, note };
        let kept = self.db.write(|tx| {
            let (a, b) = (own_node(tx, id)?, own_node(tx, other)?);
            if a.person == b.person {
                let text = format!("{id} and {other} are one person already, as {}", a.person);
                return Err(Problem::conflict("already_one_person", text).into());
            }
            let decided = act(tx, self, by, &Operation::MustLink { a: a.id, b: b.id })?;
            let kept = decided.graph.person_of(a.id);
            review::settle(tx, self, by, Decision::Merge, &|x, y| x == kept && y == kept, &[kept])?;
            let detail = json!({ "of": [a.person, b.person], "note": note });
            audit(tx, self, &caller.actor, "person.merge", &kept.to_string(), &detail)?;
            Ok(kept)
        })?;
        self.tasks.ring();
        Ok(kept)
    }

    /// Keeps two people apart for ever. If they are one person now, as a former id leads to, the youngest ties between
    /// the two identifiers go.
    ///
    /// # Errors
    /// When one of them is unknown, or both ids mean the same identifier.
    pub fn person_cannot_link(&self, caller: &Caller, id: PersonId, other: PersonId, note: &str) -> Result<()> {
        let by = By { caller, note };
        self.db.write(|tx| {
            let (a, b) = (own_node(tx, id)?, own_node(tx, other)?);
            let decided = act(tx, self, by, &Operation::CannotLink { a: a.id, b: b.id })?;
            let pair = [decided.graph.person_of(a.id), decided.graph.person_of(b.id)];
            let between = |x: PersonId, y: PersonId| x != y && pair.contains(&x) && pair.contains(&y);
            review::settle(tx, self, by, Decision::KeepApart, &between, &pair)?;
            let detail = json!({ "other": pair[1], "note": note });
            audit(tx, self, &caller.actor, "person.cannot_link", &pair[0].to_string(), &detail)
        })?;
        self.tasks.ring();
        Ok(())
    }
}
