//! Everybody a sync may concern, page by page: who is in the audience, and who is at the destination.

use throughline_base::{AudienceVersionId, PersonId};
use throughline_store::{Tx, audience, destination as rows};

use super::Sync;

/// The people after `after`, at most about twice `limit`; none at the end.
pub(super) fn everybody(
    tx: &mut Tx<'_>,
    sync: &Sync,
    version: Option<AudienceVersionId>,
    after: PersonId,
    limit: u32,
) -> throughline_store::Result<Vec<PersonId>> {
    let members: Vec<PersonId> = match version {
        Some(version) => audience::members(tx, version, after, limit)?.into_iter().map(|m| m.person).collect(),
        None => Vec::new(),
    };
    let held = rows::held_page(tx, sync.id, after, limit)?;
    Ok(merged(members, held, limit as usize))
}

/// Both lists in order, cut where the shorter-sighted one ends: beyond it the other knows people that it may know too.
fn merged(a: Vec<PersonId>, b: Vec<PersonId>, limit: usize) -> Vec<PersonId> {
    let end = |list: &[PersonId]| if list.len() == limit { list.last().copied() } else { None };
    let bound = [end(&a), end(&b)].into_iter().flatten().min();
    let mut out = a;
    out.extend(b);
    out.sort_unstable();
    out.dedup();
    if let Some(bound) = bound {
        out.retain(|p| *p <= bound);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn slice(all: &BTreeSet<i64>, after: i64, limit: usize) -> Vec<PersonId> {
        all.iter().filter(|p| **p > after).take(limit).map(|p| PersonId::new(*p)).collect()
    }

    proptest! {
        #[test]
        fn everybody_of_either_list_comes_once(
            a in proptest::collection::btree_set(1_i64..60, 0..40),
            b in proptest::collection::btree_set(1_i64..60, 0..40),
            limit in 1_usize..7,
        ) {
            let mut seen = Vec::new();
            let mut after = 0;
            loop {
                let page = merged(slice(&a, after, limit), slice(&b, after, limit), limit);
                let Some(last) = page.last() else { break };
                after = last.get();
                seen.extend(page.iter().map(|p| p.get()));
            }
            prop_assert_eq!(seen, a.union(&b).copied().collect::<Vec<_>>());
        }
    }
}
