//! What is shown of audiences: lists, versions with how they differ, members, what somebody is in.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::json;
use throughline_base::time::HOUR_MS;
use throughline_base::{Cursor, Page, PersonId, Problem, Timestamp};
use throughline_domain::audience::rule::Definition;
use throughline_store::Tx;
use throughline_store::audience::{self as rows, AudienceRow, Difference, Hour, PartKind, VersionRow, VersionState};

use super::Stored;
use super::build::BuildRun;
use super::define::{owned, unknown};
use super::force::{Broken, ComputedDefinition};
use crate::person::list::PersonItem;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Hours of the trend in a list.
const TREND_HOURS: i64 = 24 * 30;
/// People shown of a difference.
const SAMPLE: u32 = 10;

/// A version, as shown.
#[derive(Debug, Clone)]
pub struct AudienceVersion {
    /// Number.
    pub number: i64,
    /// Where it stands.
    pub state: VersionState,
    /// Who is in it.
    pub definition: Definition,
    /// Members.
    pub size: i64,
    /// Why it was made.
    pub note: String,
    /// By whom.
    pub actor: String,
    /// Everybody is still to be looked at.
    pub unsettled: bool,
    /// Comes into force by itself.
    pub auto_apply: bool,
    /// Why building failed.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was built.
    pub built_at: Option<Timestamp>,
    /// When it was put in force.
    pub applied_at: Option<Timestamp>,
}

/// An audience in a list.
#[derive(Debug, Clone)]
pub struct AudienceItem {
    /// The audience.
    pub row: AudienceRow,
    /// The version in force.
    pub live: Option<AudienceVersion>,
    /// The newest version that is not in force and not over.
    pub next: Option<AudienceVersion>,
    /// Sizes at the ends of hours in which somebody came or went, the last 30 days.
    pub trend: Vec<Hour>,
    /// A stored definition cannot be used: why.
    pub broken: Option<String>,
}

/// An audience with its versions and how far building is.
#[derive(Debug, Clone)]
pub struct AudienceDetail {
    /// The audience.
    pub item: AudienceItem,
    /// Every version, the newest first.
    pub versions: Vec<AudienceVersion>,
    /// What is being built, if anything.
    pub build: Option<BuildRun>,
}

/// How a version differs from the one in force.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Counts.
    pub difference: Difference,
    /// Some who would come.
    pub entering: Vec<PersonItem>,
    /// Some who would go.
    pub leaving: Vec<PersonItem>,
}

/// A member.
#[derive(Debug, Clone)]
pub struct MemberItem {
    /// Who.
    pub person: PersonItem,
    /// Since when.
    pub since_at: Timestamp,
    /// What made it one.
    pub cause: String,
}

/// An audience that a person is in.
#[derive(Debug, Clone)]
pub struct PersonAudience {
    /// Key.
    pub key: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: i64,
    /// Since when.
    pub since_at: Timestamp,
    /// What made the person a member.
    pub cause: String,
}

/// How evaluation fares.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AudienceHealth {
    /// Audiences that are kept current.
    pub active: i64,
    /// Versions that are being built.
    pub building: i64,
    /// Versions whose last attempt failed.
    pub failed: i64,
    /// Definitions that cannot be used, by key.
    pub broken: Vec<Broken>,
    /// People still to be looked at.
    pub marked: i64,
    /// People with an instant at which something changes by the passing of time.
    pub armed: i64,
    /// Seconds that the earliest such instant is overdue.
    pub overdue_s: i64,
}

fn version_view(v: &VersionRow) -> Option<AudienceVersion> {
    Some(AudienceVersion {
        number: v.number,
        state: v.state,
        definition: serde_json::from_str(&v.definition).ok()?,
        size: v.size,
        note: v.note.clone(),
        actor: v.actor.clone(),
        unsettled: v.unsettled,
        auto_apply: v.auto_apply,
        error: v.error.clone(),
        created_at: v.created_at,
        built_at: v.built_at,
        applied_at: v.applied_at,
    })
}

/// Whether a version is neither in force nor over.
const fn is_coming(state: VersionState) -> bool {
    matches!(state, VersionState::Building | VersionState::Failed | VersionState::Ready)
}

impl App {
    /// Every audience; archived ones only when asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audience_list(&self, archived: bool) -> Result<Vec<AudienceItem>> {
        let from = self.now().ms().div_euclid(HOUR_MS) - TREND_HOURS;
        Ok(self.db.read(|tx| {
            let mut out = Vec::new();
            for row in rows::all(tx)?.into_iter().filter(|a| archived || a.state != super::define::ARCHIVED) {
                out.push(self.audience_item(tx, row, from)?);
            }
            Ok(out)
        })?)
    }

    fn audience_item(&self, tx: &mut Tx<'_>, row: AudienceRow, from: i64) -> Stored<AudienceItem> {
        let versions = rows::versions(tx, row.id.get())?;
        let live = versions.iter().find(|v| Some(v.id) == row.live_version).and_then(version_view);
        let next = versions.iter().find(|v| is_coming(v.state)).and_then(version_view);
        let force = self.audiences_in(tx)?;
        let broken = force.broken.iter().find(|b| b.key == row.key).map(|b| b.detail.clone());
        let trend = rows::hours(tx, row.id.get(), from)?;
        Ok(AudienceItem { row, live, next, trend, broken })
    }

    /// One audience with its versions.
    ///
    /// # Errors
    /// When there is none of that key.
    pub fn audience(&self, key: &str) -> Result<AudienceDetail> {
        let from = self.now().ms().div_euclid(HOUR_MS) - TREND_HOURS;
        let build = self.audience_build_progress()?;
        Ok(self.db.read(|tx| {
            let Some(row) = rows::by_key(tx, key)? else { return Err(unknown(key).into()) };
            let versions = rows::versions(tx, row.id.get())?.iter().filter_map(version_view).collect();
            Ok(AudienceDetail { item: self.audience_item(tx, row, from)?, versions, build: build.clone() })
        })?)
    }

    /// How a version differs from the one in force, with some people of each side.
    ///
    /// # Errors
    /// `audience_unknown`, `version_unknown`, `version_state` while it is built.
    pub fn audience_compare(&self, key: &str, number: i64) -> Result<Comparison> {
        Ok(self.db.read(|tx| {
            let (a, v) = owned(tx, key, number)?;
            if v.unsettled {
                let detail = format!("version {number} is being built; compare it when it is ready");
                return Err(Problem::conflict("version_state", detail).into());
            }
            let difference = rows::difference(tx, a.live_version, v.id)?;
            let old = a.live_version.unwrap_or(throughline_base::AudienceVersionId::new(0));
            let entering = rows::difference_page(tx, v.id, old, PersonId::new(0), SAMPLE)?;
            let leaving = rows::difference_page(tx, old, v.id, PersonId::new(0), SAMPLE)?;
            Ok(Comparison {
                difference,
                entering: self.people_in(tx, &entering)?,
                leaving: self.people_in(tx, &leaving)?,
            })
        })?)
    }

    pub(super) fn people_in(&self, tx: &mut Tx<'_>, ids: &[PersonId]) -> Stored<Vec<PersonItem>> {
        let mut found = throughline_store::person::get(tx, ids)?;
        found.sort_by_key(|p| ids.iter().position(|id| *id == p.id));
        self.person_items(tx, found)
    }

    /// A page of the members of a version, by default of the one in force.
    ///
    /// # Errors
    /// `audience_unknown`, `version_unknown`, `audience_not_in_force` when there is no version in force yet.
    pub fn audience_members(
        &self,
        key: &str,
        number: Option<i64>,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<MemberItem>> {
        Ok(self.db.read(|tx| {
            let version = version_of(tx, key, number)?;
            let after = PersonId::new(cursor.map_or(0, |c| c.id));
            let members = rows::members(tx, version, after, limit + 1)?;
            let ids: Vec<PersonId> = members.iter().map(|m| m.person).collect();
            let mut people: HashMap<PersonId, PersonItem> =
                self.people_in(tx, &ids)?.into_iter().map(|p| (p.row.id, p)).collect();
            let more = members.len() > limit as usize;
            let shown: Vec<_> = members.into_iter().take(limit as usize).collect();
            let next = shown.last().filter(|_| more).map(|m| Cursor { key: 0, id: m.person.get() }.encode());
            let items = shown
                .into_iter()
                .filter_map(|m| {
                    let person = people.remove(&m.person)?;
                    Some(MemberItem { person, since_at: m.since_at, cause: m.cause })
                })
                .collect();
            Ok(Page { items, next })
        })?)
    }

    /// Notes that the members of an audience are taken out of the installation.
    ///
    /// # Errors
    /// When there is no such audience, or it is not in force.
    pub fn audience_exported(&self, caller: &Caller, key: &str) -> Result<()> {
        Ok(self.db.write(|tx| {
            let version = version_of(tx, key, None)?;
            let size = rows::version(tx, version)?.map_or(0, |v| v.size);
            audit(tx, self, &caller.actor, "audience.export", key, &json!({ "people": size }))
        })?)
    }

    /// The audiences in force that a person is in.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn person_audiences(&self, id: PersonId) -> Result<Vec<PersonAudience>> {
        let id = self.person_find(id)?;
        Ok(self.db.read(|tx| {
            let own = rows::memberships_of(tx, &[id])?;
            let mut out = Vec::new();
            for a in rows::all(tx)?.into_iter().filter(|a| a.state != super::define::ARCHIVED) {
                let Some(m) = own.iter().find(|m| Some(m.version) == a.live_version) else { continue };
                let number = rows::version(tx, m.version)?.map_or(0, |v| v.number);
                out.push(PersonAudience {
                    key: a.key,
                    name: a.name,
                    version: number,
                    since_at: m.since_at,
                    cause: m.cause.clone(),
                });
            }
            Ok(out)
        })?)
    }

    /// The computed traits of a person, by key.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn person_computed(&self, id: PersonId) -> Result<Vec<(String, serde_json::Value)>> {
        let id = self.person_find(id)?;
        Ok(self.db.read(|tx| computed_in(tx, id))?)
    }

    /// The definition of a computed trait that is in force, else of the newest version.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn computed_trait_definition(&self, key: &str) -> Result<Option<ComputedDefinition>> {
        Ok(self.db.read(|tx| {
            let Some(t) = rows::trait_by_key(tx, key)? else { return Ok(None) };
            let versions = rows::versions(tx, t.id.get())?;
            let v = versions.iter().find(|v| Some(v.id) == t.live_version).or(versions.first());
            Ok(v.filter(|v| v.kind == PartKind::Computed).and_then(|v| serde_json::from_str(&v.definition).ok()))
        })?)
    }

    /// How evaluation fares.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audience_health(&self) -> Result<AudienceHealth> {
        let now = self.now();
        Ok(self.db.read(|tx| {
            let force = self.audiences_in(tx)?;
            if force.generation == 0 {
                return Ok(AudienceHealth::default());
            }
            let count = |tx: &mut Tx<'_>, s| Stored::Ok(rows::versions_in(tx, &[s])?.len() as i64);
            Ok(AudienceHealth {
                active: force.parts.values().filter(|p| p.live && p.kind == PartKind::Audience).count() as i64,
                building: count(tx, VersionState::Building)?,
                failed: count(tx, VersionState::Failed)?,
                broken: force.broken.clone(),
                marked: rows::dirty_count(tx)?,
                armed: rows::due_count(tx)?,
                overdue_s: rows::due_next(tx)?.map_or(0, |at| (now.since(at) / 1_000).max(0)),
            })
        })?)
    }
}

/// The computed traits of a person, by key.
pub(crate) fn computed_in(tx: &mut Tx<'_>, id: PersonId) -> Stored<Vec<(String, serde_json::Value)>> {
    let values = rows::computed_of(tx, &[id])?;
    let mut out = Vec::new();
    for t in rows::computed_traits(tx)? {
        let own = values.iter().find(|(_, v, _)| Some(*v) == t.live_version);
        if let Some((_, _, text)) = own {
            out.push((t.key, serde_json::from_str(text).unwrap_or_default()));
        }
    }
    Ok(out)
}

/// A version of an audience: the one of a number, or the one in force.
pub(super) fn version_of(
    tx: &mut Tx<'_>,
    key: &str,
    number: Option<i64>,
) -> Stored<throughline_base::AudienceVersionId> {
    if let Some(number) = number {
        return Ok(owned(tx, key, number)?.1.id);
    }
    let Some(a) = rows::by_key(tx, key)? else { return Err(unknown(key).into()) };
    a.live_version.ok_or_else(|| {
        let detail = format!("the audience `{key}` has no version in force yet; it is being built");
        Problem::conflict("audience_not_in_force", detail).into()
    })
}
