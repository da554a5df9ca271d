//! Tags: what is said of them, who has them, how that changes. A tag is on a person by hand, until it ends or is taken
//! away, or by rule, as long as the person is in the audience that the tag is bound to.
//!
//! Start reading at [`App::tags`]; changes of many people's tags are in [`work`], what time does to tags in [`keep`].

pub(crate) mod keep;
pub mod work;

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use throughline_base::time::DAY_MS;
use throughline_base::{AudienceVersionId, PersonId, Problem, Timestamp};
use throughline_domain::audience::tag_book::TagBook;
use throughline_domain::person::tag::{clean, fold};
use throughline_store::tag::{self as rows, CategoryRow, DefinitionRow};
use throughline_store::{Tx, audience, person};

use crate::audience::define;
use crate::audience::mark::{self, Cause, What};
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Most other names of a tag.
const SYNONYMS_MAX: usize = 50;

/// A tag with what is said of it and how many people have it.
#[derive(Debug, Clone, PartialEq)]
pub struct TagView {
    /// Its name.
    pub name: String,
    /// Key of its category.
    pub category: Option<String>,
    /// What it means.
    pub description: String,
    /// Key of the audience whose members have it.
    pub audience: Option<String>,
    /// Put by hand it ends after so many days.
    pub valid_days: Option<i64>,
    /// Other names.
    pub synonyms: Vec<String>,
    /// How many people have it.
    pub people: i64,
    /// How large a share of all people that is.
    pub share: f64,
    /// How many more have it than 7 days ago; `None` when nobody counted then.
    pub change_7d: Option<i64>,
    /// As above, 30 days ago.
    pub change_30d: Option<i64>,
}

/// What is said of a tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagSaid {
    /// Key of its category.
    pub category: Option<String>,
    /// What it means.
    pub description: String,
    /// Key of the audience whose members have it.
    pub audience: Option<String>,
    /// Put by hand it ends after so many days.
    pub valid_days: Option<i64>,
    /// Other names.
    pub synonyms: Vec<String>,
}

/// A tag that is put by rule, and the version of the audience that says who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByRule {
    pub tag: String,
    pub version: AudienceVersionId,
}

/// The tags that are put by rule now.
pub(crate) fn by_rule(tx: &mut Tx<'_>) -> throughline_store::Result<Vec<ByRule>> {
    let bound: Vec<DefinitionRow> = rows::definitions(tx)?.into_iter().filter(|d| d.audience.is_some()).collect();
    if bound.is_empty() {
        return Ok(Vec::new());
    }
    let live = audience::all(tx)?.into_iter().filter(|a| a.state == "active");
    let live: HashMap<_, _> = live.filter_map(|a| Some((a.id, a.live_version?))).collect();
    let version = |d: &DefinitionRow| d.audience.and_then(|id| live.get(&id).copied());
    Ok(bound.iter().filter_map(|d| Some(ByRule { tag: d.tag.clone(), version: version(d)? })).collect())
}

/// The tags that people have by rule, with since when.
pub(crate) fn by_rule_of(
    tx: &mut Tx<'_>,
    persons: &[PersonId],
) -> throughline_store::Result<Vec<(PersonId, String, Timestamp)>> {
    let rules = by_rule(tx)?;
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    for m in audience::memberships_of(tx, persons)? {
        out.extend(rules.iter().filter(|r| r.version == m.version).map(|r| (m.person, r.tag.clone(), m.since_at)));
    }
    Ok(out)
}

/// What rules about tags mean now. An audience that is not shown yet gives nobody a tag.
pub(crate) fn book(tx: &mut Tx<'_>) -> throughline_store::Result<TagBook> {
    let keys: HashMap<_, _> = audience::all(tx)?
        .into_iter()
        .filter(|a| a.live_version.is_some() && a.state == "active")
        .map(|a| (a.id, a.key))
        .collect();
    let bound = rows::definitions(tx)?;
    let bound = bound.into_iter().filter_map(|d| Some((d.tag, keys.get(&d.audience?)?.clone())));
    Ok(TagBook::new(rows::synonyms(tx)?, bound))
}

/// The tag that somebody means by a name: cleaned, and by its one name.
///
/// # Errors
/// `tag` when nothing is left of it.
pub(crate) fn meant(tx: &mut Tx<'_>, name: &str) -> throughline_store::Result<String> {
    let name = clean(name).ok_or_else(|| Problem::invalid("tag", "a tag needs a name"))?;
    Ok(rows::tag_of_synonym(tx, &fold(&name))?.unwrap_or(name))
}

/// When a tag put by hand at `now` ends: as asked for, else as its definition says.
pub(crate) fn end_of(
    tx: &mut Tx<'_>,
    tag: &str,
    asked: Option<Timestamp>,
    now: Timestamp,
) -> throughline_store::Result<Option<Timestamp>> {
    if let Some(end) = asked {
        if end <= now {
            return Err(Problem::invalid("tag_end", "the tag would have ended already; give an instant to come").into());
        }
        return Ok(asked);
    }
    let days = rows::definition(tx, tag)?.and_then(|d| d.valid_days);
    Ok(days.map(|days| now.plus_ms(days * DAY_MS)))
}

/// The tags of people changed: what asks for tags is evaluated again.
pub(crate) fn changed(tx: &mut Tx<'_>, app: &App, people: &[PersonId]) -> throughline_store::Result<()> {
    mark::people(tx, app, people.iter().copied(), What::Facts, Cause::Tag)
}

/// A tag becomes another name of a second one, with its own other names; what was said of it is forgotten, but for the
/// audience that puts it on people, which goes along when the second has none.
pub(crate) fn merged(tx: &mut Tx<'_>, app: &App, from: &str, into: &str) -> throughline_store::Result<()> {
    let (gone, stays) = (rows::definition(tx, from)?, rows::definition(tx, into)?);
    let bound = gone.as_ref().and_then(|d| d.audience);
    if bound.is_some() && stays.as_ref().is_some_and(|d| d.audience.is_some()) {
        let detail = format!("both `{from}` and `{into}` are put on people by rule; unbind one of them first");
        return Err(Problem::conflict("tag_merge", detail).into());
    }
    if let (Some(gone), Some(_)) = (&gone, bound) {
        let stays = stays.unwrap_or_else(|| DefinitionRow { tag: into.to_owned(), ..gone.clone() });
        rows::definition_put(tx, &DefinitionRow { audience: bound, updated_at: app.now(), ..stays })?;
    }
    rows::definition_delete(tx, from)?;
    rows::synonyms_move(tx, from, into)?;
    rows::synonym_add(tx, &fold(from), into)?;
    define::tags_rebound(tx, app)
}

impl App {
    /// Every tag, the most frequent first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tags(&self) -> Result<Vec<TagView>> {
        let now = self.now();
        Ok(self.db.read(|tx| {
            let mut views: BTreeMap<String, TagView> = BTreeMap::new();
            let (identified, anonymous) = person::counts(tx)?;
            let everybody = (identified + anonymous).max(1) as f64;
            let audiences: HashMap<_, _> = audience::all(tx)?.into_iter().map(|a| (a.id, a.key)).collect();
            for d in rows::definitions(tx)? {
                let view = TagView {
                    category: d.category,
                    description: d.description,
                    audience: d.audience.and_then(|id| audiences.get(&id).cloned()),
                    valid_days: d.valid_days,
                    ..bare(&d.tag)
                };
                views.insert(d.tag, view);
            }
            for (tag, people) in sizes(tx, now)? {
                views.entry(tag.clone()).or_insert_with(|| bare(&tag)).people = people;
            }
            for (name, tag) in rows::synonyms(tx)? {
                views.entry(tag.clone()).or_insert_with(|| bare(&tag)).synonyms.push(name);
            }
            let today = keep::day_of(now, &self.settings.time_zone);
            let before = [7, 30].map(|days| rows::sizes_on(tx, today - days - 3, today - days));
            let [week, month] = before;
            let (week, month) = (week?, month?);
            let mut out: Vec<TagView> = views
                .into_values()
                .map(|mut t| {
                    t.share = t.people as f64 / everybody;
                    t.change_7d = change(week.as_deref(), &t.name, t.people);
                    t.change_30d = change(month.as_deref(), &t.name, t.people);
                    t
                })
                .collect();
            out.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.name.cmp(&b.name)));
            Ok(out)
        })?)
    }

    /// One tag.
    ///
    /// # Errors
    /// `tag_unknown` when nobody has it and nothing is said of it.
    pub fn tag(&self, name: &str) -> Result<TagView> {
        let tag = self.db.read(|tx| meant(tx, name))?;
        self.tags()?.into_iter().find(|t| t.name == tag).ok_or_else(|| unknown(name))
    }

    /// Says what a tag means; who has it by hand keeps it.
    ///
    /// # Errors
    /// When the category or audience does not exist, or another name belongs to another tag.
    pub fn tag_put(&self, caller: &Caller, name: &str, said: &TagSaid) -> Result<TagView> {
        let now = self.now();
        let tag = self.db.write(|tx| {
            let tag = meant(tx, name)?;
            let old = rows::definition(tx, &tag)?;
            if let Some(key) = &said.category
                && !rows::categories(tx)?.iter().any(|c| c.key == *key)
            {
                let detail = format!("there is no category `{key}`; make it first");
                return Err(Problem::invalid("tag_category_unknown", detail).into());
            }
            if said.valid_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
                return Err(Problem::invalid("tag_days", "valid_days is a number from 1 to 3650").into());
            }
            let bound = match &said.audience {
                Some(key) => Some(
                    audience::by_key(tx, key)?
                        .ok_or_else(|| Problem::invalid("audience_unknown", format!("there is no audience `{key}`")))?,
                ),
                None => None,
            };
            let synonyms = synonyms_of(tx, &tag, &said.synonyms)?;
            let new = DefinitionRow {
                tag: tag.clone(),
                category: said.category.clone(),
                description: said.description.trim().chars().take(1_000).collect(),
                audience: bound.as_ref().map(|a| a.id),
                valid_days: said.valid_days,
                actor: caller.actor.clone(),
                created_at: now,
                updated_at: now,
            };
            let had = rows::synonyms_of(tx, &tag)?;
            rows::definition_put(tx, &new)?;
            rows::synonyms_set(tx, &tag, &synonyms)?;
            let detail = json!({ "category": new.category, "audience": said.audience, "valid_days": new.valid_days,
                "synonyms": synonyms });
            audit(tx, self, &caller.actor, "tag.put", &tag, &detail)?;
            let was = old.and_then(|d| d.audience);
            if was != new.audience || synonyms != had {
                define::tags_rebound(tx, self)?;
            }
            Ok(tag)
        })?;
        self.tag(&tag)
    }

    /// Says nothing more of a tag; who has it by hand keeps it.
    ///
    /// # Errors
    /// `tag_unknown` when nothing was said of it.
    pub fn tag_forget(&self, caller: &Caller, name: &str) -> Result<()> {
        Ok(self.db.write(|tx| {
            let tag = meant(tx, name)?;
            rows::definition(tx, &tag)?.ok_or_else(|| unknown(name))?;
            rows::definition_delete(tx, &tag)?;
            rows::synonyms_set(tx, &tag, &[])?;
            define::tags_rebound(tx, self)?;
            audit(tx, self, &caller.actor, "tag.forget", &tag, &json!({}))
        })?)
    }

    /// Categories in their order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tag_categories(&self) -> Result<Vec<CategoryRow>> {
        Ok(self.db.read(rows::categories)?)
    }

    /// Adds or changes a category.
    ///
    /// # Errors
    /// When the key or name is unfit.
    pub fn tag_category_put(&self, caller: &Caller, key: &str, name: &str, position: i64) -> Result<CategoryRow> {
        let is_key = !key.is_empty()
            && key.len() <= 64
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if !is_key {
            let detail = format!("`{key}` is no key: lower-case letters, digits, `_` and `-`, at most 64");
            return Err(Problem::invalid("tag_category", detail));
        }
        let name = clean(name).ok_or_else(|| Problem::invalid("tag_category", "a category needs a name"))?;
        let row = CategoryRow { key: key.to_owned(), name, position, updated_at: self.now() };
        self.db.write(|tx| {
            rows::category_put(tx, &row)?;
            audit(tx, self, &caller.actor, "tag_category.put", key, &json!({ "name": row.name }))
        })?;
        Ok(row)
    }

    /// Removes a category; its tags stay without one.
    ///
    /// # Errors
    /// `tag_category_unknown` when there is none.
    pub fn tag_category_delete(&self, caller: &Caller, key: &str) -> Result<()> {
        Ok(self.db.write(|tx| {
            if rows::category_delete(tx, key)? == 0 {
                return Err(Problem::not_found("tag_category_unknown", format!("there is no category `{key}`")).into());
            }
            audit(tx, self, &caller.actor, "tag_category.delete", key, &json!({}))
        })?)
    }
}

fn unknown(name: &str) -> Problem {
    Problem::not_found("tag_unknown", format!("there is no tag `{name}`"))
}

fn bare(tag: &str) -> TagView {
    TagView {
        name: tag.to_owned(),
        category: None,
        description: String::new(),
        audience: None,
        valid_days: None,
        synonyms: Vec::new(),
        people: 0,
        share: 0.0,
        change_7d: None,
        change_30d: None,
    }
}

/// How many people have each tag, by hand or by rule.
pub(crate) fn sizes(tx: &mut Tx<'_>, now: Timestamp) -> throughline_store::Result<BTreeMap<String, i64>> {
    let mut sizes: BTreeMap<String, i64> = rows::people_counts(tx, now)?.into_iter().collect();
    for r in by_rule(tx)? {
        let people = rows::people_count(tx, &r.tag, r.version.get(), now)?;
        sizes.insert(r.tag, people);
    }
    Ok(sizes)
}

/// Against a day's sizes; a tag that nobody had that day is missing from them.
fn change(then: Option<&[(String, i64)]>, tag: &str, people: i64) -> Option<i64> {
    let then = then?;
    let before = then.binary_search_by(|(t, _)| t.as_str().cmp(tag)).map_or(0, |at| then[at].1);
    Some(people - before)
}

/// Other names of a tag, folded; refused when one is another tag or belongs to one.
fn synonyms_of(tx: &mut Tx<'_>, tag: &str, names: &[String]) -> throughline_store::Result<Vec<String>> {
    let mut out: Vec<String> = names.iter().map(|n| fold(n)).filter(|n| !n.is_empty() && *n != fold(tag)).collect();
    out.sort();
    out.dedup();
    if out.len() > SYNONYMS_MAX {
        let detail = format!("{} other names given; at most {SYNONYMS_MAX}", out.len());
        return Err(Problem::invalid("tag_synonym", detail).into());
    }
    for name in &out {
        if let Some(other) = rows::tag_of_synonym(tx, name)?.filter(|other| other != tag) {
            let detail = format!("`{name}` is another name of the tag `{other}`; take it from there first");
            return Err(Problem::conflict("tag_synonym", detail).into());
        }
    }
    let taken = rows::definitions(tx)?.into_iter().find(|d| d.tag != tag && out.contains(&fold(&d.tag)));
    if let Some(other) = taken {
        let detail = format!("`{}` is a tag of its own; merge it into `{tag}` instead", other.tag);
        return Err(Problem::conflict("tag_synonym", detail).into());
    }
    Ok(out)
}
