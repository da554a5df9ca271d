//! Rows of file imports: progress that survives a kill, and the lines that were refused.

use throughline_base::{Cursor, ImportId, Page, SourceId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its id.
    pub id: ImportId,
    /// The file's name.
    pub file_name: String,
    /// Where the file lies.
    pub file_path: String,
    /// Hash of its contents, which keys the rows' message ids.
    pub file_hash: String,
    /// `events` or `ad_spend`.
    pub kind: String,
    /// `csv`, `tsv`, `jsonl`, `parquet`.
    pub format: String,
    /// `draft`, `running`, `paused`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// TOML of the mapping.
    pub mapping: String,
    /// The source its events belong to.
    pub source_id: Option<SourceId>,
    /// Rows in the file, once known.
    pub rows_total: Option<i64>,
    /// Rows read and committed.
    pub rows_done: i64,
    /// Events recorded.
    pub accepted: i64,
    /// Events recorded before.
    pub duplicates: i64,
    /// Events quarantined.
    pub quarantined: i64,
    /// Rows refused.
    pub rejected: i64,
    /// Since.
    pub started_at: Option<Timestamp>,
    /// Until.
    pub finished_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Why it failed.
    pub error: Option<String>,
}

const IMPORT: &str = "id, file_name, file_path, file_hash, kind, format, state, mapping, source_id, rows_total, rows_done, \
                      accepted, duplicates, quarantined, rejected, started_at, finished_at, created_at, error";

fn import(r: &Row<'_>) -> Result<ImportRow> {
    Ok(ImportRow {
        id: ImportId::new(r.i64(0)?),
        file_name: r.text(1)?,
        file_path: r.text(2)?,
        file_hash: r.text(3)?,
        kind: r.text(4)?,
        format: r.text(5)?,
        state: r.text(6)?,
        mapping: r.text(7)?,
        source_id: r.opt_i64(8)?.map(SourceId::new),
        rows_total: r.opt_i64(9)?,
        rows_done: r.i64(10)?,
        accepted: r.i64(11)?,
        duplicates: r.i64(12)?,
        quarantined: r.i64(13)?,
        rejected: r.i64(14)?,
        started_at: r.opt_at(15)?,
        finished_at: r.opt_at(16)?,
        created_at: r.at(17)?,
        error: r.opt_text(18)?,
    })
}

/// Adds or replaces an import.
pub fn put(tx: &mut Tx<'_>, i: &ImportRow) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO import (id, file_name, file_path, file_hash, kind, format, state, mapping, source_id, rows_total, \
         rows_done, accepted, duplicates, quarantined, rejected, started_at, finished_at, created_at, error) VALUES",
        [[
            v(i.id),
            v(&i.file_name),
            v(&i.file_path),
            v(&i.file_hash),
            v(&i.kind),
            v(&i.format),
            v(&i.state),
            v(&i.mapping),
            v(i.source_id),
            v(i.rows_total),
            v(i.rows_done),
            v(i.accepted),
            v(i.duplicates),
            v(i.quarantined),
            v(i.rejected),
            v(i.started_at),
            v(i.finished_at),
            v(i.created_at),
            v(&i.error),
        ]],
        "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, format = excluded.format, state = excluded.state, \
         mapping = excluded.mapping, source_id = excluded.source_id, rows_total = excluded.rows_total, \
         rows_done = excluded.rows_done, accepted = excluded.accepted, duplicates = excluded.duplicates, \
         quarantined = excluded.quarantined, rejected = excluded.rejected, started_at = excluded.started_at, \
         finished_at = excluded.finished_at, error = excluded.error",
    )
}

/// Removes an import that never began.
pub fn delete(tx: &mut Tx<'_>, id: ImportId) -> Result<u64> {
    tx.exec("DELETE FROM import WHERE id = $1", &[&id])
}

/// One import.
pub fn get(tx: &mut Tx<'_>, id: ImportId) -> Result<Option<ImportRow>> {
    tx.query_opt(&format!("SELECT {IMPORT} FROM import WHERE id = $1"), &[&id], import)
}

/// The newest import of a file with the same content and mapping, to go on with.
pub fn find_resumable(tx: &mut Tx<'_>, file_hash: &str, mapping: &str) -> Result<Option<ImportRow>> {
    tx.query_opt(
        &format!(
            "SELECT {IMPORT} FROM import WHERE file_hash = $1 AND mapping = $2 AND state IN ('running', 'paused', 'failed') \
             ORDER BY id DESC LIMIT 1"
        ),
        &[&file_hash, &mapping],
        import,
    )
}

/// Those in a state.
pub fn in_state(tx: &mut Tx<'_>, state: &str) -> Result<Vec<ImportRow>> {
    tx.query(&format!("SELECT {IMPORT} FROM import WHERE state = $1 ORDER BY id LIMIT 500"), &[&state], import)
}

/// A page, newest first.
pub fn list(tx: &mut Tx<'_>, cursor: Option<Cursor>, limit: u32) -> Result<Page<ImportRow>> {
    let before = cursor.map_or(i64::MAX, |c| c.id);
    let rows = tx.query(
        &format!("SELECT {IMPORT} FROM import WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        &[&before, &(i64::from(limit) + 1)],
        import,
    )?;
    Ok(Page::cut(rows, limit, |i| Cursor { key: i.id.get(), id: i.id.get() }))
}

/// A refused line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectRow {
    /// The import.
    pub import_id: ImportId,
    /// Line in the file (1 is the first), or row for Parquet.
    pub line: i64,
    /// Why.
    pub reason: String,
    /// The line as it stands there.
    pub raw: String,
}

/// Keeps refused lines.
pub fn rejects_insert(tx: &mut Tx<'_>, rows: &[RejectRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO import_reject (import_id, line, reason, raw) VALUES",
        rows.iter().map(|r| [v(r.import_id), v(r.line), v(&r.reason), v(&r.raw)]),
        "ON CONFLICT (import_id, line) DO NOTHING",
    )
}

/// Refused lines after `after`, in order.
pub fn rejects(tx: &mut Tx<'_>, id: ImportId, after: i64, limit: u32) -> Result<Vec<RejectRow>> {
    tx.query(
        "SELECT import_id, line, reason, raw FROM import_reject WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3",
        &[&id, &after, &i64::from(limit)],
        |r| {
            Ok(RejectRow {
                import_id: ImportId::new(r.i64(0)?),
                line: r.i64(1)?,
                reason: r.text(2)?,
                raw: r.text(3)?,
            })
        },
    )
}
