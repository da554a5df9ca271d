//! Why somebody is in an audience or not: the tree of conditions with what was found at each, and when that can change.

use throughline_base::{PersonId, Problem, Timestamp};
pub use throughline_domain::audience::Explanation;
use throughline_store::audience as rows;

use super::facts;
use crate::{App, Result};

/// The answer to "why is this person in, or not?".
#[derive(Debug, Clone)]
pub struct Why {
    /// Who.
    pub person: PersonId,
    /// Whether the person is a member of the version in force.
    pub member: bool,
    /// Since when.
    pub since_at: Option<Timestamp>,
    /// What made it one.
    pub cause: Option<String>,
    /// The conditions, as they are now.
    pub explanation: Explanation,
    /// Something about the person is still to be looked at: the answer may change in a moment.
    pub pending: bool,
}

impl App {
    /// Why a person is in an audience or not.
    ///
    /// # Errors
    /// When there is no such person or audience, or the audience has no version in force yet.
    pub fn audience_why(&self, id: PersonId, key: &str) -> Result<Why> {
        let id = self.person_find(id)?;
        let now = self.now();
        Ok(self.db.read(|tx| {
            let Some(a) = rows::by_key(tx, key)? else { return Err(super::define::unknown(key).into()) };
            let force = self.audiences_in(tx)?;
            let place = a.live_version.and_then(|v| force.program.place(v.get()));
            let (Some(version), Some(place)) = (a.live_version, place) else {
                let detail = format!("the audience `{key}` is not evaluated: it is being built, paused or archived");
                return Err(Problem::conflict("audience_not_in_force", detail).into());
            };
            let known = facts::load(tx, self, &force.program.needs().facts, &[id])?.remove(&id).unwrap_or_default();
            let behaviour = rows::behaviours(tx, &[id])?.first().and_then(|row| force.read(row)).unwrap_or_default();
            let explanation = force
                .program
                .explain(place, &known, &behaviour, now)
                .ok_or_else(|| Problem::internal("audience_explain", "a part of the program is not there"))?;
            let own = rows::memberships_of(tx, &[id])?.into_iter().find(|m| m.version == version);
            let incomplete = force.parts.get(&version.get()).is_some_and(|p| !p.complete || p.unsettled);
            let pending = incomplete || !rows::dirty_of(tx, &[id])?.is_empty();
            Ok(Why {
                person: id,
                member: own.is_some(),
                since_at: own.as_ref().map(|m| m.since_at),
                cause: own.map(|m| m.cause),
                explanation,
                pending,
            })
        })?)
    }
}
