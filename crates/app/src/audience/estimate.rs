//! How many a definition would find, while it is being written: from a sample of people first, from everybody a moment
//! later.
//!
//! People lie in buckets by a hash of their id, and a bucket is as good a sample as any. The behaviour that the definition
//! looks at is read from the history for this question alone; nothing is stored.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use throughline_base::{AudienceVersionId, PersonId, Problem};
use throughline_domain::audience::rule::Definition;
use throughline_domain::audience::{Behaviour, FactNeeds, Facts, Part, Program, What};
use throughline_domain::person::consent::{CONTACT_CHANNELS, PURPOSE_MARKETING, may_contact, may_reach};
use throughline_lake::partition::bucket_of;
use throughline_store::audience::{self as rows, VersionState};
use throughline_store::{Tx, person as people};

use super::scan::{self, Pass};
use super::{Stored, facts, force};
use crate::person::list::PersonItem;
use crate::{App, Result};

/// People shown of an estimate.
const SAMPLE: usize = 8;
/// People looked at in one transaction.
const STEP: u32 = 1_000;
/// With so many people or fewer, everybody is looked at at once.
const FEW: i64 = 20_000;
/// Buckets of a sample.
const BUCKETS: u16 = 1;

/// What is asked.
#[derive(Debug, Clone)]
pub struct EstimateAsk {
    /// The definition.
    pub definition: Definition,
    /// Look at everybody; else at a sample.
    pub exact: bool,
    /// Keys of audiences to compare with; all of them when empty.
    pub compare: Vec<String>,
    /// Purpose of contact; marketing when empty.
    pub purpose: String,
}

/// How many members may be contacted on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Channel.
    pub channel: &'static str,
    /// Members who may.
    pub people: i64,
}

/// How many members are in another audience as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The other audience.
    pub key: String,
    /// Members in both.
    pub both: i64,
    /// Members of the other, all in all.
    pub other: i64,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// Everybody was looked at.
    pub exact: bool,
    /// Members; of a sample scaled up.
    pub size: i64,
    /// With a probability of 95 % it is not less …
    pub low: i64,
    /// … nor more.
    pub high: i64,
    /// People in all.
    pub people: i64,
    /// People looked at.
    pub looked_at: i64,
    /// Some members.
    pub sample: Vec<PersonItem>,
    /// Members by channel on which they may be contacted, after consent.
    pub reach: Vec<Reach>,
    /// Members of other audiences among them.
    pub overlap: Vec<Overlap>,
}

/// The share of a sample with its bounds, after Wilson: right for small samples and for shares near nothing, too.
fn wilson(found: i64, of: i64) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    const Z: f64 = 1.96;
    let (n, p) = (of as f64, found as f64 / of as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// What is counted.
struct Count {
    looked_at: i64,
    members: Vec<PersonId>,
    reach: HashMap<&'static str, i64>,
}

impl App {
    /// How many people a definition finds. `stop` ends it early: nobody waits for the answer any more.
    ///
    /// # Errors
    /// `audience_definition` with every fault, `stopped` when it was ended.
    pub fn audience_estimate(&self, ask: &EstimateAsk, stop: &AtomicBool) -> Result<Estimate> {
        let (program, buckets, all) = self.db.read(|tx| {
            let program = self.program_for(tx, &ask.definition)?;
            let (known, anonymous) = people::counts(tx)?;
            Ok((program, self.lake.buckets(), known + anonymous))
        })?;
        let exact = ask.exact || all <= FEW || buckets <= BUCKETS;
        let only: Option<Vec<u16>> = (!exact).then(|| (0..BUCKETS).collect());
        let found = self.found(&program, only.as_deref(), stop)?;
        let purpose = if ask.purpose.trim().is_empty() { PURPOSE_MARKETING } else { ask.purpose.trim() };
        let share = if exact { 1 } else { i64::from(buckets / BUCKETS) };
        let mut count = Count { looked_at: all / share, members: found, reach: HashMap::new() };
        for page in count.members.chunks(STEP as usize) {
            if stop.load(Ordering::Relaxed) {
                return Err(stopped());
            }
            self.db.read(|tx| self.reached(tx, page, purpose, &mut count.reach))?;
        }
        let overlap = self.db.read(|tx| overlaps(tx, ask, &count.members))?;
        let scale = |n: i64| if exact || count.looked_at == 0 { n } else { n * all / count.looked_at };
        let found = count.members.len() as i64;
        let (low, high) = if exact {
            (found, found)
        } else {
            let (low, high) = wilson(found, count.looked_at);
            ((low * all as f64).floor() as i64, (high * all as f64).ceil() as i64)
        };
        let shown: Vec<PersonId> = count.members.iter().take(SAMPLE).copied().collect();
        Ok(Estimate {
            exact,
            size: scale(found),
            low,
            high,
            people: all,
            looked_at: count.looked_at,
            sample: self.people_by_id(&shown)?,
            reach: CONTACT_CHANNELS
                .into_iter()
                .map(|(channel, _)| Reach { channel, people: scale(count.reach.get(channel).copied().unwrap_or(0)) })
                .collect(),
            overlap: overlap.into_iter().map(|o| Overlap { both: scale(o.both), ..o }).collect(),
        })
    }

    /// A program of a definition and what it refers to.
    fn program_for(&self, tx: &mut Tx<'_>, definition: &Definition) -> Stored<Program> {
        let mut parts = vec![Part { id: 0, key: "new#0".into(), what: What::Audience(definition.clone()) }];
        let all: Vec<Part> = force::followed(tx)?
            .into_iter()
            .filter(|(v, _)| v.state == VersionState::Live)
            .filter_map(|(v, key)| force::part(&v, key).ok())
            .collect();
        // Only what it needs, so that nothing else is read.
        let mut next = 0;
        while let Some(part) = parts.get(next) {
            let refers = super::refer::References::of_part(part);
            next += 1;
            for p in &all {
                let wanted = match p.what {
                    What::Audience(_) => refers.audiences.contains(&p.key),
                    What::Computed { .. } => refers.computed.contains(&p.key),
                };
                if wanted && !parts.iter().any(|q| q.id == p.id) {
                    parts.push(p.clone());
                }
            }
        }
        Program::compile(parts, &force::known(tx)?)
            .map_err(|faults| Problem::invalid("audience_definition", force::told(&faults)).into())
    }

    /// Everybody of whom a definition is true now, from the whole history.
    ///
    /// # Errors
    /// `audience_definition` with every fault.
    pub fn audience_find(&self, definition: &Definition) -> Result<Vec<PersonId>> {
        let program = self.db.read(|tx| self.program_for(tx, definition))?;
        self.found(&program, None, &AtomicBool::new(false))
    }

    /// Whom the part 0 of a program finds, of some buckets or of all, by person.
    fn found(&self, program: &Program, only: Option<&[u16]>, stop: &AtomicBool) -> Result<Vec<PersonId>> {
        let now = self.now();
        let buckets = self.lake.buckets();
        let is_in = |facts: &Facts, behaviour: &Behaviour| {
            let outcome = program.evaluate(facts, behaviour, now);
            outcome.members.iter().any(|(id, holds)| *id == 0 && *holds)
        };
        let nobody = Facts::default();
        let place = program.place(0).unwrap_or(0);
        let ask = Pass { program, place, buckets: only.map(<[u16]>::to_vec), up_to: None, stop: Some(stop) };
        let by_deeds = program.needs().facts == FactNeeds::default() && !is_in(&nobody, &Behaviour::default());
        if by_deeds {
            // Whoever did nothing is not in, and nothing else is looked at: the pass itself finds them.
            let mut found = scan::scan(self, &ask, |person, scan| scan.is_in(&nobody, now).then_some(person))?;
            if stop.load(Ordering::Relaxed) {
                return Err(stopped());
            }
            found.sort_unstable();
            return Ok(found);
        }
        let mut states: HashMap<PersonId, Vec<u8>> = scan::scan(self, &ask, |person, scan| {
            let state = scan.behaviour(now).encode();
            scan.is_in(&nobody, now);
            Some((person, state))
        })?
        .into_iter()
        .collect();
        let mut found = Vec::new();
        let mut after = PersonId::new(0);
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(stopped());
            }
            let mut page = self.db.read(|tx| rows::people_after(tx, after, STEP))?;
            let Some(last) = page.last() else { return Ok(found) };
            after = *last;
            page.retain(|p| only.is_none_or(|o| o.contains(&bucket_of(p.get(), buckets))));
            let known = self.db.read(|tx| facts::load(tx, self, &program.needs().facts, &page))?;
            for person in page {
                let state =
                    states.remove(&person).map(|s| Behaviour::decode(&s).unwrap_or_default()).unwrap_or_default();
                if is_in(known.get(&person).unwrap_or(&nobody), &state) {
                    found.push(person);
                }
            }
        }
    }

    /// Counts of some people, by channel, who may be contacted.
    fn reached(
        &self,
        tx: &mut Tx<'_>,
        people: &[PersonId],
        purpose: &str,
        reach: &mut HashMap<&'static str, i64>,
    ) -> Stored<()> {
        let now = self.now();
        let needs = FactNeeds { consents: true, identifiers: true, suppressed: true, ..FactNeeds::default() };
        for f in facts::load(tx, self, &needs, people)?.values() {
            for (channel, _) in CONTACT_CHANNELS {
                let consent = may_contact(&f.consents, purpose, channel, f.joined_at, now);
                let addresses = f.identifiers.iter().map(|i| i.namespace.as_str());
                if may_reach(consent, addresses, f.suppressed, purpose, channel).allowed {
                    *reach.entry(channel).or_insert(0) += 1;
                }
            }
        }
        Ok(())
    }

    /// How many members of an audience in force may be contacted, by channel.
    ///
    /// # Errors
    /// When there is no such audience, or it is not in force.
    pub fn audience_reach(&self, key: &str, purpose: &str) -> Result<Vec<Reach>> {
        let purpose = if purpose.trim().is_empty() { PURPOSE_MARKETING } else { purpose.trim() };
        let version = self.db.read(|tx| super::view::version_of(tx, key, None))?;
        let mut reach: HashMap<&'static str, i64> = HashMap::new();
        let mut after = PersonId::new(0);
        loop {
            let page = self.db.read(|tx| {
                let page: Vec<PersonId> =
                    rows::members(tx, version, after, STEP)?.into_iter().map(|m| m.person).collect();
                self.reached(tx, &page, purpose, &mut reach)?;
                Ok(page)
            })?;
            let Some(last) = page.last() else { break };
            after = *last;
        }
        let of = |channel: &'static str| Reach { channel, people: reach.get(channel).copied().unwrap_or(0) };
        Ok(CONTACT_CHANNELS.into_iter().map(|(channel, _)| of(channel)).collect())
    }
}

fn stopped() -> Problem {
    Problem::conflict("stopped", "the estimate was ended before it was complete")
}

/// How many of some people are in other audiences.
fn overlaps(tx: &mut Tx<'_>, ask: &EstimateAsk, members: &[PersonId]) -> Stored<Vec<Overlap>> {
    let wanted = |key: &String| ask.compare.is_empty() || ask.compare.contains(key);
    let mut others: Vec<(AudienceVersionId, String, i64)> = Vec::new();
    for a in rows::all(tx)?.into_iter().filter(|a| wanted(&a.key)) {
        if let Some(v) = a.live_version.map(|v| rows::version(tx, v)).transpose()?.flatten() {
            others.push((v.id, a.key, v.size));
        }
    }
    let mut both: HashMap<AudienceVersionId, i64> = HashMap::new();
    if !others.is_empty() {
        for m in rows::memberships_of(tx, members)? {
            *both.entry(m.version).or_insert(0) += 1;
        }
    }
    let of = |(id, key, other)| Overlap { both: both.get(&id).copied().unwrap_or(0), key, other };
    Ok(others.into_iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_hold_the_share_and_narrow_with_the_sample() {
        let (low, high) = wilson(50, 100);
        assert!(low < 0.5 && high > 0.5);
        let (a, b) = wilson(5_000, 10_000);
        assert!(b - a < high - low);
        let (none, some) = wilson(0, 1_000);
        assert!(none < 1e-9 && some > 0.0 && some < 0.01);
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }
}
