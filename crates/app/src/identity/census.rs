//! Who has which identifier today, all of them: to measure identity against a known truth.

use std::collections::BTreeMap;

use throughline_base::{IdentifierId, PersonId};
use throughline_store::identity as store;

use crate::{App, Result};

/// Identifiers read at a time.
const PAGE: u32 = 10_000;

impl App {
    /// The person of each `(namespace, value)` today. Values that nobody vouched for, and those that have no owner any
    /// more, are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn identifier_owners(&self) -> Result<BTreeMap<(String, String), PersonId>> {
        let mut owners = BTreeMap::new();
        let mut after = IdentifierId::new(0);
        loop {
            let nodes = self.db.read(|tx| store::nodes_after(tx, after, PAGE))?;
            let Some(last) = nodes.last() else { return Ok(owners) };
            after = last.id;
            // Generation 0 is the unverified hint; of the others one is open at a time.
            let open = nodes.into_iter().filter(|n| n.ended_at.is_none() && n.generation > 0);
            owners.extend(open.map(|n| ((n.namespace, n.value), n.person)));
        }
    }
}
