//! Works on many people's tags, and what they changed, to undo it.

use throughline_base::{Cursor, IdentifierId, Page, TagWorkId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkRow {
    /// Its id.
    pub id: TagWorkId,
    /// `add`, `remove`, `merge`.
    pub verb: String,
    /// The tag that is put or taken; of a merge the one that stays.
    pub tag: String,
    /// Whose: `audience`, `list`, `tag`.
    pub of_kind: String,
    /// Key of the audience or list; the tag.
    pub of_key: String,
    /// When the tags that are put end.
    pub expires_at: Option<Timestamp>,
    /// `waiting`, `running`, `done`, `failed`, `undoing`, `undone`.
    pub state: String,
    /// People, or lines, to look at.
    pub total: i64,
    /// Looked at.
    pub done: i64,
    /// Tags put or taken.
    pub changed: i64,
    /// The last person, or line, that was looked at.
    pub after: i64,
    /// By whom.
    pub actor: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

const WORK: &str = "id, verb, tag, of_kind, of_key, expires_at, state, total, done, changed, after_id, actor, created_at, \
                    finished_at, error";

fn read(r: &Row<'_>) -> Result<WorkRow> {
    Ok(WorkRow {
        id: r.get(0)?,
        verb: r.text(1)?,
        tag: r.text(2)?,
        of_kind: r.text(3)?,
        of_key: r.text(4)?,
        expires_at: r.opt_at(5)?,
        state: r.text(6)?,
        total: r.i64(7)?,
        done: r.i64(8)?,
        changed: r.i64(9)?,
        after: r.i64(10)?,
        actor: r.text(11)?,
        created_at: r.at(12)?,
        finished_at: r.opt_at(13)?,
        error: r.opt_text(14)?,
    })
}

/// Adds a work.
pub fn work_insert(tx: &mut Tx<'_>, w: &WorkRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO tag_work (id, verb, tag, of_kind, of_key, expires_at, state, total, done, changed, after_id, actor, \
         created_at, finished_at, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &[
            &w.id,
            &w.verb,
            &w.tag,
            &w.of_kind,
            &w.of_key,
            &w.expires_at,
            &w.state,
            &w.total,
            &w.done,
            &w.changed,
            &w.after,
            &w.actor,
            &w.created_at,
            &w.finished_at,
            &w.error,
        ],
    )
}

/// Writes how far a work is.
pub fn work_update(tx: &mut Tx<'_>, w: &WorkRow) -> Result<()> {
    tx.exec_one(
        "UPDATE tag_work SET state = $2, total = $3, done = $4, changed = $5, after_id = $6, finished_at = $7, error = $8 \
         WHERE id = $1",
        &[&w.id, &w.state, &w.total, &w.done, &w.changed, &w.after, &w.finished_at, &w.error],
    )
}

/// One work.
pub fn work(tx: &mut Tx<'_>, id: TagWorkId) -> Result<Option<WorkRow>> {
    tx.query_opt(&format!("SELECT {WORK} FROM tag_work WHERE id = $1"), &[&id], read)
}

/// A page of works, the newest first.
pub fn works(tx: &mut Tx<'_>, cursor: Option<Cursor>, limit: u32) -> Result<Page<WorkRow>> {
    let before = cursor.map_or(i64::MAX, |c| c.id);
    let rows = tx.query(
        &format!("SELECT {WORK} FROM tag_work WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        &[&before, &(i64::from(limit) + 1)],
        read,
    )?;
    Ok(Page::cut(rows, limit, |w| Cursor { key: 0, id: w.id.get() }))
}

/// Forgets at most `limit` works that ended before `end`, with what they changed.
pub fn works_purge(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64> {
    let old: Vec<TagWorkId> = tx.query(
        "SELECT id FROM tag_work WHERE finished_at < $1 ORDER BY id LIMIT $2",
        &[&end, &i64::from(limit)],
        |r| r.get(0),
    )?;
    for id in &old {
        tx.exec("DELETE FROM tag_change WHERE work_id = $1", &[id])?;
        tx.exec("DELETE FROM tag_work WHERE id = $1", &[id])?;
    }
    Ok(old.len() as u64)
}

/// What a work changed on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The line.
    pub line: IdentifierId,
    /// The tag.
    pub tag: String,
    /// When it put the tag; `None` when it took it.
    pub put_at: Option<Timestamp>,
    /// What was there before: by whom, when, until when.
    pub old: Option<(String, Timestamp, Option<Timestamp>)>,
}

fn change(r: &Row<'_>) -> Result<ChangeRow> {
    let old = match (r.opt_text(3)?, r.opt_at(4)?) {
        (Some(actor), Some(at)) => Some((actor, at, r.opt_at(5)?)),
        (None, _) | (_, None) => None,
    };
    Ok(ChangeRow { line: r.get(0)?, tag: r.text(1)?, put_at: r.opt_at(2)?, old })
}

/// Notes changes. Of a line and tag the first change counts: what was there before the work.
pub fn changes_put(tx: &mut Tx<'_>, work: TagWorkId, rows: &[ChangeRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO tag_change (work_id, line_id, tag, put_at, old_actor, old_at, old_expires_at) VALUES",
        rows.iter().map(|c| {
            let old = c.old.as_ref();
            [
                v(work),
                v(c.line),
                v(&c.tag),
                v(c.put_at),
                v(old.map(|o| o.0.as_str())),
                v(old.map(|o| o.1)),
                v(old.and_then(|o| o.2)),
            ]
        }),
        "ON CONFLICT (work_id, line_id, tag) DO NOTHING",
    )
}

/// Changes of a work, by line.
pub fn changes(tx: &mut Tx<'_>, work: TagWorkId, limit: u32) -> Result<Vec<ChangeRow>> {
    tx.query(
        "SELECT line_id, tag, put_at, old_actor, old_at, old_expires_at FROM tag_change WHERE work_id = $1 \
         ORDER BY line_id, tag LIMIT $2",
        &[&work, &i64::from(limit)],
        change,
    )
}

/// Forgets changes of a work.
pub fn changes_delete(tx: &mut Tx<'_>, work: TagWorkId, rows: &[ChangeRow]) -> Result<u64> {
    let mut n = 0;
    for c in rows {
        n += tx.exec(
            "DELETE FROM tag_change WHERE work_id = $1 AND line_id = $2 AND tag = $3",
            &[&work, &c.line, &c.tag],
        )?;
    }
    Ok(n)
}
