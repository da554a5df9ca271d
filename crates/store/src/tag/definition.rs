//! What is said of tags: categories, definitions, other names, sizes day by day.

use throughline_base::{AudienceId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A category of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRow {
    /// Short name for programs, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Where it stands among the others.
    pub position: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Adds or replaces a category.
pub fn category_put(tx: &mut Tx<'_>, c: &CategoryRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO tag_category (key, name, position, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (key) DO UPDATE SET name = excluded.name, position = excluded.position, \
         updated_at = excluded.updated_at",
        &[&c.key, &c.name, &c.position, &c.updated_at],
    )
}

/// Every category in its place.
pub fn categories(tx: &mut Tx<'_>) -> Result<Vec<CategoryRow>> {
    tx.query("SELECT key, name, position, updated_at FROM tag_category ORDER BY position, key LIMIT 1000", &[], |r| {
        Ok(CategoryRow { key: r.text(0)?, name: r.text(1)?, position: r.i64(2)?, updated_at: r.at(3)? })
    })
}

/// Removes a category; its tags stay, without one.
pub fn category_delete(tx: &mut Tx<'_>, key: &str) -> Result<u64> {
    tx.exec("UPDATE tag_definition SET category = NULL WHERE category = $1", &[&key])?;
    tx.exec("DELETE FROM tag_category WHERE key = $1", &[&key])
}

/// What is said of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionRow {
    /// The tag.
    pub tag: String,
    /// Key of its category.
    pub category: Option<String>,
    /// What it means.
    pub description: String,
    /// Whoever is in this audience has it.
    pub audience: Option<AudienceId>,
    /// Put by hand it ends after so many days.
    pub valid_days: Option<i64>,
    /// Who said so first.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

const DEFINITION: &str = "tag, category, description, audience_id, valid_days, actor, created_at, updated_at";

fn read(r: &Row<'_>) -> Result<DefinitionRow> {
    Ok(DefinitionRow {
        tag: r.text(0)?,
        category: r.opt_text(1)?,
        description: r.text(2)?,
        audience: r.opt_i64(3)?.map(AudienceId::new),
        valid_days: r.opt_i64(4)?,
        actor: r.text(5)?,
        created_at: r.at(6)?,
        updated_at: r.at(7)?,
    })
}

/// Adds a definition, or writes all of it but who made it and when.
pub fn definition_put(tx: &mut Tx<'_>, d: &DefinitionRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO tag_definition (tag, category, description, audience_id, valid_days, actor, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tag) DO UPDATE SET category = excluded.category, \
         description = excluded.description, audience_id = excluded.audience_id, valid_days = excluded.valid_days, \
         updated_at = excluded.updated_at",
        &[
            &d.tag,
            &d.category,
            &d.description,
            &d.audience,
            &d.valid_days,
            &d.actor,
            &d.created_at,
            &d.updated_at,
        ],
    )
}

/// Every definition, by tag.
pub fn definitions(tx: &mut Tx<'_>) -> Result<Vec<DefinitionRow>> {
    tx.query(&format!("SELECT {DEFINITION} FROM tag_definition ORDER BY tag LIMIT 5000"), &[], read)
}

/// What is said of one tag.
pub fn definition(tx: &mut Tx<'_>, tag: &str) -> Result<Option<DefinitionRow>> {
    tx.query_opt(&format!("SELECT {DEFINITION} FROM tag_definition WHERE tag = $1"), &[&tag], read)
}

/// Removes what is said of a tag, with its sizes; other names stay.
pub fn definition_delete(tx: &mut Tx<'_>, tag: &str) -> Result<u64> {
    tx.exec("DELETE FROM tag_day WHERE tag = $1", &[&tag])?;
    tx.exec("DELETE FROM tag_definition WHERE tag = $1", &[&tag])
}

/// Every other name as `(name, tag)`, by tag and name.
pub fn synonyms(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>> {
    tx.query("SELECT name, tag FROM tag_synonym ORDER BY tag, name LIMIT 20000", &[], |r| Ok((r.text(0)?, r.text(1)?)))
}

/// The tag that a folded name stands for.
pub fn tag_of_synonym(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    tx.query_opt("SELECT tag FROM tag_synonym WHERE name = $1", &[&name], |r| r.text(0))
}

/// The other names of a tag, sorted.
pub fn synonyms_of(tx: &mut Tx<'_>, tag: &str) -> Result<Vec<String>> {
    tx.query("SELECT name FROM tag_synonym WHERE tag = $1 ORDER BY name LIMIT 1000", &[&tag], |r| r.text(0))
}

/// Adds another name of a tag, taking it from the tag that had it.
pub fn synonym_add(tx: &mut Tx<'_>, name: &str, tag: &str) -> Result<u64> {
    tx.exec(
        "INSERT INTO tag_synonym (name, tag) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET tag = excluded.tag",
        &[&name, &tag],
    )
}

/// Takes another name away.
pub fn synonym_delete(tx: &mut Tx<'_>, name: &str) -> Result<u64> {
    tx.exec("DELETE FROM tag_synonym WHERE name = $1", &[&name])
}

/// Gives the other names of a tag to a second one.
pub fn synonyms_move(tx: &mut Tx<'_>, from: &str, into: &str) -> Result<u64> {
    tx.exec("UPDATE tag_synonym SET tag = $2 WHERE tag = $1", &[&from, &into])
}

/// Makes these the other names of a tag, and no others.
pub fn synonyms_set(tx: &mut Tx<'_>, tag: &str, names: &[String]) -> Result<()> {
    tx.exec("DELETE FROM tag_synonym WHERE tag = $1", &[&tag])?;
    tx.insert_many(
        "INSERT INTO tag_synonym (name, tag) VALUES",
        names.iter().map(|n| [v(n), v(tag)]),
        "ON CONFLICT (name) DO UPDATE SET tag = excluded.tag",
    )?;
    Ok(())
}

/// Notes how many people have tags at the beginning of a day.
pub fn day_put(tx: &mut Tx<'_>, day: i64, sizes: &[(String, i64)]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO tag_day (tag, day, people) VALUES",
        sizes.iter().map(|(tag, people)| [v(tag), v(day), v(*people)]),
        "ON CONFLICT (tag, day) DO UPDATE SET people = excluded.people",
    )
}

/// How many people had tags on the last day noted from `from` to `day`, as `(tag, people)`; a tag that nobody had then is
/// missing, and so are all when no day was noted.
pub fn sizes_on(tx: &mut Tx<'_>, from: i64, day: i64) -> Result<Option<Vec<(String, i64)>>> {
    let noted =
        tx.query_one("SELECT MAX(day) FROM tag_day WHERE day BETWEEN $1 AND $2", &[&from, &day], |r| r.opt_i64(0))?;
    let Some(noted) = noted else { return Ok(None) };
    tx.query("SELECT tag, people FROM tag_day WHERE day = $1 ORDER BY tag LIMIT 10000", &[&noted], |r| {
        Ok((r.text(0)?, r.i64(1)?))
    })
    .map(Some)
}

/// Forgets sizes of days before `day`.
pub fn days_purge(tx: &mut Tx<'_>, day: i64) -> Result<u64> {
    tx.exec("DELETE FROM tag_day WHERE day < $1", &[&day])
}
