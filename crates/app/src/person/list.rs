//! Lists of people and search.

use throughline_base::{Cursor, Page, PersonId};
use throughline_domain::identity::NodeState;
use throughline_domain::person::search::fold;
use throughline_store::person::{self as rows, PersonFilter, PersonRow, PersonSort};
use throughline_store::{Tx, identity};

use crate::{App, Result};

/// One row of a list.
#[derive(Debug, Clone)]
pub struct PersonItem {
    /// Summary.
    pub row: PersonRow,
    /// Up to three identifiers, strongest first.
    pub identifiers: Vec<NodeState>,
    /// Tags.
    pub tags: Vec<String>,
    /// Kinds of sources that saw the person.
    pub channels: Vec<String>,
}

impl App {
    /// A page of people.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn people(
        &self,
        filter: &PersonFilter,
        sort: PersonSort,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<PersonItem>> {
        Ok(self.db.read(|tx| {
            let page = rows::list(tx, filter, sort, cursor, limit, self.now())?;
            let items = self.person_items(tx, page.items)?;
            Ok(Page { items, next: page.next })
        })?)
    }

    /// People found by a text: an identifier, a name in Chinese or Latin script, pinyin, or their beginning; also a
    /// person's id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn people_search(&self, text: &str, limit: u32) -> Result<Vec<PersonItem>> {
        let by_id: Option<PersonId> = text.trim().parse().ok();
        Ok(self.db.read(|tx| {
            let ids = match by_id {
                Some(id) => vec![rows::alias_of(tx, id)?.unwrap_or(id)],
                None => {
                    let prefix = fold(text);
                    if prefix.is_empty() { Vec::new() } else { rows::search(tx, &prefix, limit)? }
                }
            };
            let mut found = rows::get(tx, &ids)?;
            found.sort_by_key(|p| ids.iter().position(|id| *id == p.id));
            self.person_items(tx, found)
        })?)
    }

    /// Rows for people by id, in that order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn people_by_id(&self, ids: &[PersonId]) -> Result<Vec<PersonItem>> {
        Ok(self.db.read(|tx| {
            let mut found = rows::get(tx, ids)?;
            found.sort_by_key(|p| ids.iter().position(|id| *id == p.id));
            self.person_items(tx, found)
        })?)
    }

    pub(crate) fn person_items(
        &self,
        tx: &mut Tx<'_>,
        people: Vec<PersonRow>,
    ) -> throughline_store::Result<Vec<PersonItem>> {
        let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
        let nodes = identity::nodes_of_persons(tx, &ids)?;
        let lines: Vec<_> = nodes.iter().map(|n| n.id).collect();
        let now = self.now();
        let by_hand: Vec<_> =
            throughline_store::tag::of_lines(tx, &lines)?.into_iter().filter(|t| t.holds(now)).collect();
        let by_rule = crate::tag::by_rule_of(tx, &ids)?;
        let sources = rows::line_sources(tx, &lines)?;
        let registry = self.registry.get();
        let rules = self.identity_rules.read().clone();
        Ok(people
            .into_iter()
            .map(|row| {
                let mut own: Vec<&NodeState> = nodes.iter().filter(|n| n.person == row.id).collect();
                own.sort_by_key(|n| (n.ended_at.is_some(), rules.of(&n.namespace).priority, n.id));
                let mine = |line| own.iter().any(|n| n.id == line);
                let own_tags = by_hand.iter().filter(|t| mine(t.line)).map(|t| t.tag.clone());
                let ruled = by_rule.iter().filter(|(p, _, _)| *p == row.id).map(|(_, tag, _)| tag.clone());
                let mut row_tags: Vec<String> = own_tags.chain(ruled).collect();
                row_tags.sort();
                row_tags.dedup();
                let mut channels: Vec<String> = sources
                    .iter()
                    .filter(|(l, _, _, _)| mine(*l))
                    .filter_map(|(_, s, _, _)| registry.sources.get(s))
                    .map(|s| s.kind.clone())
                    .collect();
                channels.sort();
                channels.dedup();
                PersonItem {
                    identifiers: own.iter().take(3).map(|n| (*n).clone()).collect(),
                    tags: row_tags,
                    channels,
                    row,
                }
            })
            .collect())
    }
}
