//! Proves that what is kept current is what a look at the whole history gives: person by person, from nothing.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;
use throughline_base::{PersonId, Rng};
use throughline_domain::audience::Facts;
use throughline_store::audience as rows;

use super::deed::Lookup;
use super::{facts, rebuild};
use crate::{App, Result};

/// People looked at in one go.
const STEP: u32 = 200;
/// How often somebody is looked at again before a difference counts: what is under way settles meanwhile.
const TRIES: usize = 3;

/// A difference between what is stored and what the history gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Divergence {
    /// Who.
    pub person: PersonId,
    /// The audience or computed trait.
    pub key: String,
    /// What is stored: membership, or the value.
    pub stored: Value,
    /// What the history gives.
    pub fresh: Value,
}

/// What a check came to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verified {
    /// People looked at.
    pub people: u64,
    /// What differs.
    pub divergences: Vec<Divergence>,
}

impl App {
    /// Compares what is kept of people with a look at their whole history. `share` is that of people looked at, from 0 to 1.
    ///
    /// # Errors
    /// When the store or the history cannot be read.
    pub fn audience_verify(&self, share: f64, seed: u64) -> Result<Verified> {
        let mut rng = Rng::seeded(seed);
        let mut out = Verified::default();
        let mut after = PersonId::new(0);
        loop {
            let page = self.db.read(|tx| rows::people_after(tx, after, STEP))?;
            let Some(last) = page.last() else { return Ok(out) };
            after = *last;
            let chosen: Vec<PersonId> = page.into_iter().filter(|_| share >= 1.0 || rng.unit() < share).collect();
            out.people += chosen.len() as u64;
            let mut left = chosen;
            let mut found = Vec::new();
            for _ in 0..TRIES {
                if left.is_empty() {
                    break;
                }
                found = self.diverging(&left)?;
                left = found.iter().map(|d| d.person).collect();
                left.dedup();
            }
            out.divergences.extend(found);
        }
    }

    fn diverging(&self, persons: &[PersonId]) -> Result<Vec<Divergence>> {
        let force = self.audiences_now()?;
        let lookup = Lookup::new(self)?;
        let mut fresh = rebuild::read(self, &force, &lookup, persons)?.people;
        let now = self.now();
        Ok(self.db.read(|tx| {
            let known = facts::load(tx, self, &force.program.needs().facts, persons)?;
            let members = rows::memberships_of(tx, persons)?;
            let values: HashMap<_, String> =
                rows::computed_of(tx, persons)?.into_iter().map(|(p, v, text)| ((p, v), text)).collect();
            let nobody = Facts::default();
            let mut out = Vec::new();
            for person in persons {
                let mut behaviour = fresh.remove(person).unwrap_or_default();
                behaviour.prune(&force.program, now);
                let outcome = force.program.evaluate(known.get(person).unwrap_or(&nobody), &behaviour, now);
                let mut said: BTreeMap<i64, (Value, Value)> = BTreeMap::new();
                for (id, holds) in outcome.members {
                    let is = members.iter().any(|m| m.person == *person && m.version.get() == id);
                    said.insert(id, (is.into(), holds.into()));
                }
                for (id, value) in outcome.computed {
                    let version = throughline_base::AudienceVersionId::new(id);
                    let is = values.get(&(*person, version)).and_then(|t| serde_json::from_str(t).ok());
                    said.insert(id, (is.unwrap_or_default(), value.unwrap_or_default()));
                }
                for (id, (stored, fresh)) in said.into_iter().filter(|(_, (a, b))| a != b) {
                    if let Some(part) = force.parts.get(&id).filter(|p| p.complete && !p.unsettled) {
                        out.push(Divergence { person: *person, key: part.key.clone(), stored, fresh });
                    }
                }
            }
            Ok(out)
        })?)
    }
}
