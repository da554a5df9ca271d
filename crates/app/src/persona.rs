//! Personas: named descriptions of customers, each bound to an audience, with a profile of who is in it now beside that of
//! the average customer. The same profile compares audiences.
//!
//! Start reading at [`profile`].

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::{Value, json};
use throughline_base::{AudienceVersionId, IdentifierId, PersonId, PersonaId, Problem, Timestamp};
use throughline_domain::audience::{FactNeeds, Facts};
use throughline_store::person::{self as people, PersonRow};
use throughline_store::persona::{self as rows, PersonaRow};
use throughline_store::{Tx, audience, identity};

use crate::audience::facts;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// People that are looked at for a profile; of more an even sample.
const LOOKED_AT: i64 = 20_000;
/// People read at once.
const PAGE: usize = 500;
/// Values shown of each kind.
const TOP: usize = 8;
/// Audiences that can be compared at once.
const COMPARED_MAX: usize = 8;
/// Traits that say who somebody is.
const TRAITS: [&str; 4] = ["gender", "birthday", "city", "province"];
/// The computed trait whose values are the categories of a profile.
const CATEGORY: &str = "favourite_category";
/// Ages from which groups begin.
const AGES: [(i64, &str); 7] =
    [(0, "0-17"), (18, "18-24"), (25, "25-34"), (35, "35-44"), (45, "45-54"), (55, "55-64"), (65, "65+")];

/// How many have a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// The value.
    pub value: String,
    /// People who have it.
    pub people: i64,
    /// Their share of those of whom it is known.
    pub share: f64,
}

/// Values of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// People of whom it is known.
    pub known: i64,
    /// The most frequent values, the most first.
    pub top: Vec<Share>,
}

/// Who some people are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// How many people there are.
    pub people: i64,
    /// How many were looked at: fewer when a sample stands for all.
    pub looked_at: i64,
    /// Genders.
    pub gender: Spread,
    /// Groups of age.
    pub age: Spread,
    /// Cities.
    pub city: Spread,
    /// Provinces.
    pub province: Spread,
    /// Life-cycle stages.
    pub stage: Spread,
    /// Kinds of sources that saw them; somebody can be seen by several.
    pub channel: Spread,
    /// What they buy most; known when the computed trait `favourite_category` is enabled.
    pub category: Spread,
    /// What they are worth.
    pub value: Worth,
}

/// What people are worth, in the report's currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worth {
    /// Share of those who bought.
    pub buyers: f64,
    /// Orders a person.
    pub orders: f64,
    /// Net revenue a person, minor units.
    pub revenue_minor: f64,
    /// Net revenue an order, minor units; `None` without orders.
    pub order_minor: Option<f64>,
}

/// Several audiences side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Keys, in the order asked for.
    pub keys: Vec<String>,
    /// Names.
    pub names: Vec<String>,
    /// How many people are in both the row's and the column's audience.
    pub overlap: Vec<Vec<i64>>,
    /// A profile of each.
    pub profiles: Vec<Profile>,
    /// The profile of the average customer.
    pub everybody: Profile,
}

#[derive(Default)]
struct Count {
    known: i64,
    values: BTreeMap<String, i64>,
}

impl Count {
    fn add(&mut self, value: impl Into<String>) {
        *self.values.entry(value.into()).or_insert(0) += 1;
    }

    fn know(&mut self, value: Option<String>) {
        if let Some(value) = value {
            self.known += 1;
            self.add(value);
        }
    }

    fn spread(self) -> Spread {
        let known = self.known;
        let mut top: Vec<Share> = self
            .values
            .into_iter()
            .map(|(value, people)| Share { value, people, share: people as f64 / known.max(1) as f64 })
            .collect();
        top.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.value.cmp(&b.value)));
        top.truncate(TOP);
        Spread { known, top }
    }
}

#[derive(Default)]
struct Counts {
    looked_at: i64,
    gender: Count,
    age: Count,
    city: Count,
    province: Count,
    stage: Count,
    channel: Count,
    category: Count,
    buyers: i64,
    orders: i64,
    revenue_minor: i64,
}

impl Counts {
    fn person(&mut self, row: &PersonRow, facts: Option<&Facts>, now: Timestamp, currency: &str) {
        self.looked_at += 1;
        self.stage.know(Some(row.stage.clone()));
        self.buyers += i64::from(row.orders > 0);
        self.orders += row.orders;
        if row.currency.as_deref().is_none_or(|c| c == currency) {
            self.revenue_minor += row.revenue_minor;
        }
        let said = |name: &str| facts.and_then(|f| f.traits.get(name)).and_then(plain);
        self.gender.know(said("gender"));
        self.city.know(said("city"));
        self.province.know(said("province"));
        self.age.know(said("birthday").and_then(|b| age_group(&b, now)).map(str::to_owned));
    }

    fn profile(self, people: i64) -> Profile {
        let each = |n: i64| n as f64 / self.looked_at.max(1) as f64;
        let value = Worth {
            buyers: each(self.buyers),
            orders: each(self.orders),
            revenue_minor: each(self.revenue_minor),
            order_minor: (self.orders > 0).then(|| self.revenue_minor as f64 / self.orders as f64),
        };
        Profile {
            people,
            looked_at: self.looked_at,
            gender: self.gender.spread(),
            age: self.age.spread(),
            city: self.city.spread(),
            province: self.province.spread(),
            stage: self.stage.spread(),
            channel: self.channel.spread(),
            category: self.category.spread(),
            value,
        }
    }
}

/// A value as text; lists and objects say nothing here.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(s) if !s.is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The group of age of a birthday; `None` when the year is unknown or impossible.
fn age_group(birthday: &str, now: Timestamp) -> Option<&'static str> {
    let born: jiff::civil::Date = birthday.get(..10)?.parse().ok()?;
    let today = jiff::Timestamp::from_millisecond(now.ms()).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    let had = (today.month(), today.day()) >= (born.month(), born.day());
    let age = i64::from(today.year()) - i64::from(born.year()) - i64::from(!had);
    let group = AGES.iter().rev().find(|(from, _)| age >= *from)?;
    (age <= 120).then_some(group.1)
}

/// Looks at people, a page at a time.
fn profile(tx: &mut Tx<'_>, app: &App, chosen: &[PersonId], people_in_all: i64) -> throughline_store::Result<Profile> {
    let now = app.now();
    let currency = app.settings.currency.to_string();
    let registry = app.registry.get();
    let category = audience::trait_by_key(tx, CATEGORY)?.and_then(|t| t.live_version);
    let needs = FactNeeds { traits: TRAITS.map(str::to_owned).into(), ..FactNeeds::default() };
    let mut counts = Counts::default();
    for page in chosen.chunks(PAGE) {
        let said = facts::load(tx, app, &needs, page)?;
        for row in people::get(tx, page)? {
            counts.person(&row, said.get(&row.id), now, &currency);
        }
        let nodes = identity::nodes_of_persons(tx, page)?;
        let owner: HashMap<IdentifierId, PersonId> = nodes.iter().map(|n| (n.id, n.person)).collect();
        let lines: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
        let mut seen: Vec<(PersonId, &str)> = Vec::new();
        for (line, source, _, _) in people::line_sources(tx, &lines)? {
            let kind = registry.sources.get(&source).map(|s| s.kind.as_str());
            seen.extend(owner.get(&line).copied().zip(kind));
        }
        seen.sort_unstable();
        seen.dedup();
        seen.iter().for_each(|(_, kind)| counts.channel.add(*kind));
        seen.dedup_by_key(|(person, _)| *person);
        counts.channel.known += seen.len() as i64;
        for (_, version, value) in audience::computed_of(tx, page)? {
            if Some(version) == category {
                counts.category.know(serde_json::from_str(&value).ok().as_ref().and_then(plain));
            }
        }
    }
    Ok(counts.profile(people_in_all))
}

/// The profile of the members of a version.
fn of_version(tx: &mut Tx<'_>, app: &App, version: AudienceVersionId) -> throughline_store::Result<Profile> {
    let size = audience::members_count(tx, version)?;
    let chosen = rows::sample_members(tx, version, LOOKED_AT, size)?;
    profile(tx, app, &chosen, size)
}

/// The profile of the average customer: of everybody who is more than a device.
fn of_everybody(tx: &mut Tx<'_>, app: &App) -> throughline_store::Result<Profile> {
    let (identified, _) = people::counts(tx)?;
    let chosen = rows::sample_people(tx, LOOKED_AT, identified)?;
    profile(tx, app, &chosen, identified)
}

fn shown_version(a: &audience::AudienceRow) -> Result<AudienceVersionId> {
    let detail = || format!("the audience `{}` is not built yet", a.key);
    a.live_version.ok_or_else(|| Problem::conflict("audience_not_built", detail()))
}

fn found(tx: &mut Tx<'_>, key: &str) -> throughline_store::Result<audience::AudienceRow> {
    let unknown = || Problem::not_found("audience_unknown", format!("there is no audience `{key}`"));
    Ok(audience::by_key(tx, key)?.ok_or_else(unknown)?)
}

/// A persona with the key and size of its audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonaView {
    /// As stored.
    pub row: PersonaRow,
    /// Key of its audience.
    pub audience: String,
    /// How many people are in it; `None` until it is built.
    pub people: Option<i64>,
}

impl App {
    /// Every persona.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn personas(&self) -> Result<Vec<PersonaView>> {
        Ok(self.db.read(|tx| {
            let mut out = Vec::new();
            for row in rows::all(tx)? {
                out.extend(view(tx, row)?);
            }
            Ok(out)
        })?)
    }

    /// One persona.
    ///
    /// # Errors
    /// `persona_unknown` when there is none.
    pub fn persona(&self, key: &str) -> Result<PersonaView> {
        let unknown = || Problem::not_found("persona_unknown", format!("there is no persona `{key}`"));
        let found = self.db.read(|tx| match rows::by_key(tx, key)? {
            Some(row) => view(tx, row),
            None => Ok(None),
        })?;
        found.ok_or_else(unknown)
    }

    /// Adds or changes a persona.
    ///
    /// # Errors
    /// When the key or name is unfit, or the audience does not exist.
    pub fn persona_put(
        &self,
        caller: &Caller,
        key: &str,
        name: &str,
        description: &str,
        audience_key: &str,
    ) -> Result<PersonaView> {
        let now = self.now();
        let is_key = !key.is_empty()
            && key.len() <= 64
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if !is_key {
            let detail = format!("`{key}` is no key: lower-case letters, digits, `_` and `-`, at most 64");
            return Err(Problem::invalid("persona_key", detail));
        }
        let name: String = name.trim().chars().take(120).collect();
        if name.is_empty() {
            return Err(Problem::invalid("persona_name", "a persona needs a name"));
        }
        self.db.write(|tx| {
            let audience = found(tx, audience_key)?;
            let old = rows::by_key(tx, key)?;
            let row = PersonaRow {
                id: old.as_ref().map_or_else(|| PersonaId::new(self.ids.next()), |o| o.id),
                key: key.to_owned(),
                name,
                description: description.trim().chars().take(4_000).collect(),
                audience: audience.id,
                created_at: old.map_or(now, |o| o.created_at),
                updated_at: now,
            };
            rows::put(tx, &row)?;
            audit(tx, self, &caller.actor, "persona.put", key, &json!({ "audience": audience_key }))
        })?;
        self.persona(key)
    }

    /// Removes a persona; its audience stays.
    ///
    /// # Errors
    /// `persona_unknown` when there is none.
    pub fn persona_delete(&self, caller: &Caller, key: &str) -> Result<()> {
        let found = self.persona(key)?;
        Ok(self.db.write(|tx| {
            rows::delete(tx, found.row.id)?;
            audit(tx, self, &caller.actor, "persona.delete", key, &json!({}))
        })?)
    }

    /// Who a persona's people are now, and who the average customer is.
    ///
    /// # Errors
    /// When there is no such persona, or its audience is not built yet.
    pub fn persona_profile(&self, key: &str) -> Result<(Profile, Profile)> {
        let persona = self.persona(key)?;
        let compared = self.audiences_compare(&[persona.audience])?;
        let own = compared.profiles.into_iter().next();
        Ok((own.ok_or_else(|| Problem::internal("persona", "no profile was made"))?, compared.everybody))
    }

    /// Audiences side by side: how they overlap, and who is in them.
    ///
    /// # Errors
    /// When one of them does not exist or is not built yet, or they are too many.
    pub fn audiences_compare(&self, keys: &[String]) -> Result<Compared> {
        if keys.is_empty() || keys.len() > COMPARED_MAX {
            let detail = format!("{} audiences given; 1 to {COMPARED_MAX} can be compared", keys.len());
            return Err(Problem::invalid("audiences_compared", detail));
        }
        Ok(self.db.read(|tx| {
            let mut versions = Vec::new();
            let mut names = Vec::new();
            for key in keys {
                let a = found(tx, key)?;
                versions.push(shown_version(&a)?);
                names.push(a.name);
            }
            let mut overlap = vec![vec![0; keys.len()]; keys.len()];
            for (i, a) in versions.iter().enumerate() {
                for (j, b) in versions.iter().enumerate().take(i + 1) {
                    let both = if i == j { audience::members_count(tx, *a)? } else { audience::overlap(tx, *a, *b)? };
                    (overlap[i][j], overlap[j][i]) = (both, both);
                }
            }
            let mut profiles = Vec::new();
            for version in versions {
                profiles.push(of_version(tx, self, version)?);
            }
            let everybody = of_everybody(tx, self)?;
            Ok(Compared { keys: keys.to_vec(), names, overlap, profiles, everybody })
        })?)
    }
}

fn view(tx: &mut Tx<'_>, row: PersonaRow) -> throughline_store::Result<Option<PersonaView>> {
    let Some(bound) = audience::get(tx, row.audience)? else { return Ok(None) };
    let people = match bound.live_version {
        Some(version) => audience::version(tx, version)?.map(|v| v.size),
        None => None,
    };
    Ok(Some(PersonaView { row, audience: bound.key, people }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_counts_from_the_birthday_on() {
        let now = Timestamp::parse("2026-11-30T12:00:00Z").unwrap();
        assert_eq!(age_group("2008-11-30", now), Some("18-24"));
        assert_eq!(age_group("2008-12-01", now), Some("0-17"));
        assert_eq!(age_group("1950-01-01T00:00:00Z", now), Some("65+"));
        for unknown in ["--05-03", "2030-01-01", "1850-01-01", "soon"] {
            assert_eq!(age_group(unknown, now), None, "{unknown}");
        }
    }
}
