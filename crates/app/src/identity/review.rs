//! The review queue: what evidence would join and a rule does not, and what was suspended.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use throughline_base::{IdentifierId, PersonId};
use throughline_store::identity::{self as store, ReviewRow};

use crate::person::list::PersonItem;
use crate::{App, Result};

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
}

impl App {
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
