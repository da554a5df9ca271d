//! The identity graph folded from scratch: what a change of rules costs.

use std::path::Path;

use throughline_app::Settings;
use throughline_base::{IdentifierId, Problem};
use throughline_domain::identity::{Evidence, Rules};
use throughline_domain::identity::{evidence, fold};
use throughline_store::{Db, DbOptions, identity as rows};

use crate::machine::timed;
use crate::{Bench, broken};

impl Bench {
    /// Folds the evidence that a server left in `data`.
    pub(crate) fn identity(&mut self, data: &Path) -> Result<(), Problem> {
        let db = Db::open(&Settings::new(data).database_url(), &DbOptions::default())?;
        let mut all: Vec<Evidence> = Vec::new();
        let nodes = db.read(|tx| {
            all.clear();
            rows::evidence_each(tx, |e| {
                all.push(e);
                Ok(())
            })?;
            rows::nodes_after(tx, IdentifierId::new(0), u32::MAX)
        })?;
        db.close()?;
        let (count, known) = (all.len(), nodes.len());
        let names = fold::Names::of(&nodes);
        let groups = evidence::groups(all);
        let mut next = i64::MAX / 2;
        let mut ids = || {
            next += 1;
            next
        };
        let rules = Rules::default();
        let (folded, took) = timed(|| fold::fold(&rules, &names, groups, &mut ids));
        if !folded.minted.is_empty() || folded.graph.nodes().count() != known {
            return Err(broken("the fold does not give the graph that the server has"));
        }
        self.table.part("identity", &format!("{count} rows of evidence, {known} identifiers"));
        self.table.figure("fold from scratch, one thread", count as f64 / took.wall, "evidence/s");
        Ok(())
    }
}
