//! Computed traits: definitions, how many people have a value and which. They are built, kept current and put in force as
//! audiences are (see [`crate::audience`]).
//!
//! Start reading at [`App::computed_traits`]. Definitions ready to be enabled are in [`pack`]; the cuts of recency,
//! frequency and money in [`rfm`].

pub mod pack;
pub mod rfm;

use serde::Serialize;
use serde_json::Value;
use throughline_base::{AudienceVersionId, PersonId, Problem, Timestamp};
use throughline_store::audience::{self as rows, ComputedTraitRow, VersionRow, VersionState};
use throughline_store::{Tx, computed, person};

use crate::audience::ComputedDefinition;
use crate::{App, Result};

/// Frequent values shown.
const TOP: u32 = 20;
/// Values that quantiles are worked out from; of more an even sample.
const SAMPLE: i64 = 100_000;

/// A version of a computed trait.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputedVersion {
    /// Counts up from 1.
    pub number: i64,
    /// `building`, `failed`, `stopped`, `ready`, `live`, `retired`.
    pub state: &'static str,
    /// The definition.
    pub definition: ComputedDefinition,
    /// By whom.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
    /// When it came into force.
    pub applied_at: Option<Timestamp>,
    /// Why building failed.
    pub error: Option<String>,
}

/// A computed trait.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputedView {
    /// As stored.
    pub row: ComputedTraitRow,
    /// The version in force.
    pub live: Option<ComputedVersion>,
    /// A newer version that is being built.
    pub next: Option<ComputedVersion>,
    /// How many people have a value.
    pub people: i64,
    /// How large a share of all people that is.
    pub share: f64,
}

/// Quantiles of values that are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantiles {
    /// How many numbers were looked at.
    pub looked_at: i64,
    /// Mean.
    pub mean: f64,
    /// Smallest, 10 %, 25 %, median, 75 %, 90 %, largest.
    pub at: [f64; 7],
}

/// A value and how many have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Frequent {
    /// The value.
    pub value: Value,
    /// People.
    pub people: i64,
}

/// Which values people have.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// How many people have one.
    pub known: i64,
    /// How many different ones there are.
    pub different: i64,
    /// The most frequent ones, the most first.
    pub top: Vec<Frequent>,
    /// Of numbers.
    pub numbers: Option<Quantiles>,
}

/// A computed trait of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonComputed {
    /// Key.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Its value now.
    pub value: Value,
}

fn version(v: &VersionRow) -> Option<ComputedVersion> {
    Some(ComputedVersion {
        number: v.number,
        state: v.state.as_str(),
        definition: serde_json::from_str(&v.definition).ok()?,
        actor: v.actor.clone(),
        created_at: v.created_at,
        applied_at: v.applied_at,
        error: v.error.clone(),
    })
}

fn view(tx: &mut Tx<'_>, row: ComputedTraitRow, everybody: i64) -> throughline_store::Result<ComputedView> {
    let versions = rows::versions(tx, row.id.get())?;
    let live = versions.iter().find(|v| Some(v.id) == row.live_version);
    let next = versions
        .iter()
        .find(|v| matches!(v.state, VersionState::Building | VersionState::Failed | VersionState::Ready));
    let people = row.live_version.map(|v| computed::known(tx, v)).transpose()?.unwrap_or(0);
    Ok(ComputedView {
        live: live.and_then(version),
        next: next.and_then(version),
        people,
        share: people as f64 / everybody.max(1) as f64,
        row,
    })
}

fn everybody(tx: &mut Tx<'_>) -> throughline_store::Result<i64> {
    let (identified, anonymous) = person::counts(tx)?;
    Ok(identified + anonymous)
}

fn unknown(key: &str) -> Problem {
    Problem::not_found("computed_trait_unknown", format!("there is no computed trait `{key}`"))
}

/// The values that a person has of the traits in force, by key.
pub(crate) fn of_person(tx: &mut Tx<'_>, id: PersonId) -> throughline_store::Result<Vec<PersonComputed>> {
    let values = rows::computed_of(tx, &[id])?;
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let traits = rows::computed_traits(tx)?;
    let shown = traits.into_iter().filter_map(|t| {
        let (_, _, text) = values.iter().find(|(_, version, _)| Some(*version) == t.live_version)?;
        Some(PersonComputed { key: t.key, name: t.name, value: serde_json::from_str(text).ok()? })
    });
    Ok(shown.collect())
}

impl App {
    /// Every computed trait that is not archived, by key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn computed_traits(&self) -> Result<Vec<ComputedView>> {
        Ok(self.db.read(|tx| {
            let all = everybody(tx)?;
            let traits = rows::computed_traits(tx)?.into_iter().filter(|t| t.state == "active");
            traits.map(|t| view(tx, t, all)).collect()
        })?)
    }

    /// One computed trait.
    ///
    /// # Errors
    /// `computed_trait_unknown` when there is none.
    pub fn computed_trait(&self, key: &str) -> Result<ComputedView> {
        let found = self.db.read(|tx| {
            let all = everybody(tx)?;
            let row = rows::trait_by_key(tx, key)?.filter(|t| t.state == "active");
            row.map(|t| view(tx, t, all)).transpose()
        })?;
        found.ok_or_else(|| unknown(key))
    }

    /// Every version of a computed trait, the newest first.
    ///
    /// # Errors
    /// `computed_trait_unknown` when there is none.
    pub fn computed_trait_versions(&self, key: &str) -> Result<Vec<ComputedVersion>> {
        Ok(self.db.read(|tx| {
            let row = rows::trait_by_key(tx, key)?.ok_or_else(|| unknown(key))?;
            Ok(rows::versions(tx, row.id.get())?.iter().filter_map(version).collect())
        })?)
    }

    /// Which values people have of a computed trait.
    ///
    /// # Errors
    /// When there is none, or it is not built yet.
    pub fn computed_trait_distribution(&self, key: &str) -> Result<Distribution> {
        Ok(self.db.read(|tx| {
            let row = rows::trait_by_key(tx, key)?.ok_or_else(|| unknown(key))?;
            let detail = || format!("the computed trait `{key}` is not built yet");
            let live = row.live_version.ok_or_else(|| Problem::conflict("computed_trait_not_built", detail()))?;
            distribution(tx, live)
        })?)
    }
}

fn distribution(tx: &mut Tx<'_>, version: AudienceVersionId) -> throughline_store::Result<Distribution> {
    let known = computed::known(tx, version)?;
    let (top, different) = computed::frequent(tx, version, TOP)?;
    let sample = computed::sample(tx, version, SAMPLE, known)?;
    let top = top
        .into_iter()
        .filter_map(|(text, people)| Some(Frequent { value: serde_json::from_str(&text).ok()?, people }));
    Ok(Distribution { known, different, top: top.collect(), numbers: quantiles(&sample) })
}

/// `None` when no value is a number.
fn quantiles(values: &[String]) -> Option<Quantiles> {
    let mut numbers: Vec<f64> = values.iter().filter_map(|v| v.parse().ok()).filter(|n: &f64| n.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len().checked_sub(1)?;
    let at = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0].map(|q| {
        let place = q * last as f64;
        let below = place.floor() as usize;
        numbers[below] + (numbers[(below + 1).min(last)] - numbers[below]) * (place - below as f64)
    });
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    Some(Quantiles { looked_at: numbers.len() as i64, mean, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_numbers_alone() {
        let values = ["1", "\"x\"", "3", "2.5", "null", "10"].map(str::to_owned);
        let q = quantiles(&values).unwrap();
        assert_eq!((q.looked_at, q.mean, q.at[0], q.at[3], q.at[6]), (4, 4.125, 1.0, 2.75, 10.0));
        assert_eq!(quantiles(&["\"x\"".to_owned()]), None);
    }
}
