//! The review queue: what evidence would join and a rule does not, and what was suspended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use throughline_base::{Cursor, IdentifierId, Page, PersonId, Problem, ReviewId};
use throughline_domain::identity::{Operation, ReviewKind};
use throughline_store::Tx;
use throughline_store::identity::{self as store, ReviewRow};

use super::operate::{By, act};
use crate::matching::database::{Compared, compared};
use crate::person::list::PersonItem;
use crate::team::{Caller, audit};
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// What a person decides about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The two are one person.
    Merge,
    /// They are two, now and later.
    KeepApart,
    /// Nothing follows.
    Dismiss,
}

impl Decision {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::KeepApart => "keep_apart",
            Self::Dismiss => "dismiss",
        }
    }
}

/// A person beside an item, with its traits.
#[derive(Debug, Clone)]
pub struct ReviewPerson {
    /// Summary and identifiers.
    pub item: PersonItem,
    /// Traits shown.
    pub traits: Map<String, Value>,
}

/// What an item is about.
#[derive(Debug, Clone, Default)]
pub struct ReviewContext {
    /// The persons on its sides.
    pub persons: Vec<ReviewPerson>,
    /// The identifiers in question.
    pub identifiers: Vec<(String, String)>,
    /// For a probable pair: how its fields compare.
    pub comparison: Option<Compared>,
}

impl App {
    /// Items in a state, newest first.
    ///
    /// # Errors
    /// When there is no such state or kind.
    pub fn reviews(
        &self,
        state: &str,
        kind: Option<&str>,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<ReviewRow>> {
        if !["open", "done"].contains(&state) {
            return Err(Problem::invalid("state", format!("there is no state `{state}`; it is open or done")));
        }
        if let Some(kind) = kind
            && ReviewKind::parse(kind).is_none()
        {
            let text = format!(
                "there is no kind `{kind}`; it is refused_merge, equal_rank, suspended, family_phone, contested or probable"
            );
            return Err(Problem::invalid("kind", text));
        }
        Ok(self.db.read(|tx| store::review_list(tx, state, kind, cursor, limit))?)
    }

    /// Decides an item: joins its two sides, keeps them apart, or leaves all as it is.
    ///
    /// # Errors
    /// When there is no such item, it is decided already, or it has no two sides to join or keep apart.
    pub fn review_decide(&self, caller: &Caller, id: ReviewId, decision: Decision, note: &str) -> Result<ReviewRow> {
        let by = By { caller, note };
        let row = self.db.write(|tx| {
            let row = store::review_get(tx, id)?.ok_or_else(|| unknown(id))?;
            if row.state != "open" {
                let text = format!("{id} was decided already ({})", row.decision.unwrap_or_default());
                return Err(Problem::conflict("review_decided", text).into());
            }
            store::review_decide(tx, id, decision.as_str(), &caller.actor, note, self.now())?;
            if decision != Decision::Dismiss {
                carry_out(tx, self, by, &row, decision)?;
            }
            let detail = json!({ "decision": decision.as_str(), "kind": row.kind, "note": note });
            audit(tx, self, &caller.actor, "review.decide", &id.to_string(), &detail)?;
            Ok(store::review_get(tx, id)?.ok_or_else(|| unknown(id))?)
        })?;
        self.tasks.ring();
        Ok(row)
    }

    /// What each of these items is about.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn review_context(&self, rows: &[ReviewRow]) -> Result<Vec<ReviewContext>> {
        let mut ids: Vec<IdentifierId> = rows.iter().flat_map(|r| [Some(r.a), r.b]).flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(self.db.read(|tx| {
            let nodes = store::nodes_by_id(tx, &ids)?;
            let mut out = Vec::with_capacity(rows.len());
            for r in rows {
                let about: Vec<_> =
                    [Some(r.a), r.b].into_iter().flatten().filter_map(|id| nodes.iter().find(|n| n.id == id)).collect();
                let persons: BTreeSet<PersonId> = about.iter().map(|n| n.person).collect();
                let persons: Vec<PersonId> = persons.into_iter().collect();
                let found = throughline_store::person::get(tx, &persons)?;
                let mut context = ReviewContext {
                    identifiers: about.iter().map(|n| (n.namespace.clone(), n.value.clone())).collect(),
                    persons: Vec::new(),
                    comparison: compared(tx, r)?,
                };
                for item in self.person_items(tx, found)? {
                    let lines: Vec<IdentifierId> =
                        store::nodes_of_persons(tx, &[item.row.id])?.iter().map(|n| n.id).collect();
                    let traits = crate::person::shown_traits(tx, self, &lines)?
                        .into_iter()
                        .map(|(name, s)| (name, s.value))
                        .collect();
                    context.persons.push(ReviewPerson { item, traits });
                }
                out.push(context);
            }
            Ok(out)
        })?)
    }
}

fn unknown(id: ReviewId) -> Problem {
    Problem::not_found("review_unknown", format!("there is no item {id} in the review queue"))
}

/// Does what was decided about the two sides of an item.
fn carry_out(tx: &mut Tx<'_>, app: &App, by: By<'_>, row: &ReviewRow, decision: Decision) -> Stored<()> {
    let Some(b) = row.b else {
        let text = "this item is about one identifier only; release or block it, or dismiss the item";
        return Err(Problem::invalid("review_one_sided", text).into());
    };
    let persons: BTreeSet<PersonId> = store::persons_of_lines(tx, &[row.a, b])?.into_iter().map(|(_, p)| p).collect();
    if decision == Decision::Merge && persons.len() == 1 {
        return Ok(());
    }
    let operation = match decision {
        Decision::Merge => Operation::MustLink { a: row.a, b },
        Decision::KeepApart | Decision::Dismiss => Operation::CannotLink { a: row.a, b },
    };
    let decided = act(tx, app, by, &operation)?;
    let pair = [decided.graph.person_of(row.a), decided.graph.person_of(b)];
    let settled = |x: PersonId, y: PersonId| match decision {
        Decision::Merge => x == y,
        Decision::KeepApart | Decision::Dismiss => x != y && pair.contains(&x) && pair.contains(&y),
    };
    settle(tx, app, by, decision, &settled, &pair)
}

/// Closes the open items of some persons whose two sides the decision speaks of.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    app: &App,
    by: By<'_>,
    decision: Decision,
    speaks_of: &dyn Fn(PersonId, PersonId) -> bool,
    persons: &[PersonId],
) -> Stored<()> {
    let lines: Vec<IdentifierId> = store::nodes_of_persons(tx, persons)?.iter().map(|n| n.id).collect();
    let rows = store::reviews_of_nodes(tx, &lines)?;
    let sides: Vec<IdentifierId> = rows.iter().flat_map(|r| [Some(r.a), r.b]).flatten().collect();
    let person: BTreeMap<IdentifierId, PersonId> = store::persons_of_lines(tx, &sides)?.into_iter().collect();
    for row in rows {
        let pair = row.b.and_then(|b| Some((*person.get(&row.a)?, *person.get(&b)?)));
        if pair.is_some_and(|(a, b)| speaks_of(a, b)) {
            store::review_decide(tx, row.id, decision.as_str(), &by.caller.actor, by.note, app.now())?;
        }
    }
    Ok(())
}
