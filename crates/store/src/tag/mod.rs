//! Tags on lines, what is said of tags, and works on many people's tags.
//!
//! A tag that has ended is still a row until [`expire`] takes it away; whoever reads rows looks at `expires_at`.

mod definition;
mod work;
#[cfg(test)]
mod tests;

pub use definition::{
    CategoryRow, DefinitionRow, categories, category_delete, category_put, day_put, days_purge, definition,
    definition_delete, definition_put, definitions, sizes_on, synonym_add, synonym_delete, synonyms, synonyms_move,
    synonyms_of, synonyms_set, tag_of_synonym,
};
pub use work::{
    ChangeRow, WorkRow, changes, changes_delete, changes_put, work, work_insert, work_update, works, works_purge,
};

use throughline_base::{IdentifierId, PersonId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A tag on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRow {
    /// The line.
    pub line: IdentifierId,
    /// The tag.
    pub tag: String,
    /// Who put it there.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// From when on it counts no more.
    pub expires_at: Option<Timestamp>,
}

impl TagRow {
    /// Whether it counts.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

const TAG: &str = "line_id, tag, actor, at, expires_at";

fn tag(r: &Row<'_>) -> Result<TagRow> {
    Ok(TagRow { line: r.get(0)?, tag: r.text(1)?, actor: r.text(2)?, at: r.at(3)?, expires_at: r.opt_at(4)? })
}

/// Puts tags on lines; one that is there is replaced.
pub fn put(tx: &mut Tx<'_>, rows: &[TagRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO tag (line_id, tag, actor, at, expires_at) VALUES",
        rows.iter().map(|t| [v(t.line), v(&t.tag), v(&t.actor), v(t.at), v(t.expires_at)]),
        "ON CONFLICT (line_id, tag) DO UPDATE SET actor = excluded.actor, at = excluded.at, \
         expires_at = excluded.expires_at",
    )
}

/// Takes a tag off lines.
pub fn delete(tx: &mut Tx<'_>, lines: &[IdentifierId], tag: &str) -> Result<u64> {
    let mut n = 0;
    for line in lines {
        n += tx.exec("DELETE FROM tag WHERE line_id = $1 AND tag = $2", &[line, &tag])?;
    }
    Ok(n)
}

/// Tags of lines, by tag and line.
pub fn of_lines(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<TagRow>> {
    let mut all = tx.select_in(&format!("SELECT {TAG} FROM tag WHERE line_id IN ($list)"), &[], lines, tag)?;
    all.sort_by(|a, b| (&a.tag, a.line).cmp(&(&b.tag, b.line)));
    Ok(all)
}

/// Lines with a tag, after `after`, by line.
pub fn lines_with(tx: &mut Tx<'_>, name: &str, after: IdentifierId, limit: u32) -> Result<Vec<TagRow>> {
    tx.query(
        &format!("SELECT {TAG} FROM tag WHERE tag = $1 AND line_id > $2 ORDER BY line_id LIMIT $3"),
        &[&name, &after, &i64::from(limit)],
        tag,
    )
}

/// How many lines have a tag.
pub fn lines_count(tx: &mut Tx<'_>, name: &str) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM tag WHERE tag = $1", &[&name], |r| r.i64(0))
}

/// Takes away tags that have ended, the longest ended first; returns them.
pub fn expire(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<TagRow>> {
    let ended = tx.query(
        &format!("SELECT {TAG} FROM tag WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2"),
        &[&now, &i64::from(limit)],
        tag,
    )?;
    for t in &ended {
        delete(tx, &[t.line], &t.tag)?;
    }
    Ok(ended)
}

/// When the next tag ends.
pub fn expires_next(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    tx.query_one("SELECT MIN(expires_at) FROM tag WHERE expires_at IS NOT NULL", &[], |r| r.opt_at(0))
}

/// Every tag that somebody has by hand, with how many people, the most first.
pub fn people_counts(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<(String, i64)>> {
    tx.query(
        "SELECT t.tag, COUNT(DISTINCT i.person_id) AS people FROM tag t JOIN identifier i ON i.id = t.line_id \
         WHERE t.expires_at IS NULL OR t.expires_at > $1 GROUP BY t.tag ORDER BY people DESC, t.tag LIMIT 5000",
        &[&now],
        |r| Ok((r.text(0)?, r.i64(1)?)),
    )
}

/// How many people have a tag by hand or as members of a version of an audience, each counted once.
pub fn people_count(tx: &mut Tx<'_>, name: &str, version: i64, now: Timestamp) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) FROM (SELECT i.person_id FROM tag t JOIN identifier i ON i.id = t.line_id \
         WHERE t.tag = $1 AND (t.expires_at IS NULL OR t.expires_at > $3) \
         UNION SELECT person_id FROM audience_member WHERE version_id = $2) AS had",
        &[&name, &version, &now],
        |r| r.i64(0),
    )
}

/// Who stands behind lines.
pub fn persons_of(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<PersonId>> {
    let mut all: Vec<PersonId> =
        crate::identity::persons_of_lines(tx, lines)?.into_iter().map(|(_, person)| person).collect();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}
