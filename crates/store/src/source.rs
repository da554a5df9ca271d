//! Rows of sources: who may send events, with which keys, and what was odd about what they sent.

use throughline_base::{SourceId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A source as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its id.
    pub id: SourceId,
    /// Its name, unique.
    pub name: String,
    /// `web`, `pos` …
    pub kind: String,
    /// `active` or `disabled`.
    pub state: String,
    /// JSON of its settings.
    pub settings: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A write key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceKey {
    /// Its number.
    pub id: i64,
    /// The source.
    pub source_id: SourceId,
    /// The key. It can only write, and stands in web pages; so it is kept readable.
    pub write_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

fn source(r: &Row<'_>) -> Result<SourceRow> {
    Ok(SourceRow {
        id: SourceId::new(r.i64(0)?),
        name: r.text(1)?,
        kind: r.text(2)?,
        state: r.text(3)?,
        settings: r.text(4)?,
        created_at: r.at(5)?,
    })
}

/// Every source.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<SourceRow>> {
    tx.query(
        "SELECT id, name, kind, state, settings, created_at FROM source ORDER BY created_at, id LIMIT 5000",
        &[],
        source,
    )
}

/// One source.
pub fn get(tx: &mut Tx<'_>, id: SourceId) -> Result<Option<SourceRow>> {
    tx.query_opt("SELECT id, name, kind, state, settings, created_at FROM source WHERE id = $1", &[&id], source)
}

/// One source by name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<SourceRow>> {
    tx.query_opt("SELECT id, name, kind, state, settings, created_at FROM source WHERE name = $1", &[&name], source)
}

/// Adds a source.
pub fn insert(tx: &mut Tx<'_>, s: &SourceRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO source (id, name, kind, state, settings, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&s.id, &s.name, &s.kind, &s.state, &s.settings, &s.created_at],
    )
}

/// Changes a source.
pub fn update(tx: &mut Tx<'_>, s: &SourceRow) -> Result<()> {
    tx.exec_one(
        "UPDATE source SET name = $2, kind = $3, state = $4, settings = $5 WHERE id = $1",
        &[&s.id, &s.name, &s.kind, &s.state, &s.settings],
    )
}

/// Every key of every source.
pub fn keys(tx: &mut Tx<'_>) -> Result<Vec<SourceKey>> {
    tx.query(
        "SELECT id, source_id, write_key, created_at, expires_at FROM source_key ORDER BY created_at, id LIMIT 20000",
        &[],
        |r| {
            Ok(SourceKey {
                id: r.i64(0)?,
                source_id: SourceId::new(r.i64(1)?),
                write_key: r.text(2)?,
                created_at: r.at(3)?,
                expires_at: r.opt_at(4)?,
            })
        },
    )
}

/// Adds a key.
pub fn key_insert(tx: &mut Tx<'_>, k: &SourceKey) -> Result<u64> {
    tx.exec(
        "INSERT INTO source_key (id, source_id, write_key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (write_key) DO NOTHING",
        &[&k.id, &k.source_id, &k.write_key, &k.created_at, &k.expires_at],
    )
}

/// Lets the open-ended keys of a source end at `at`.
pub fn keys_end(tx: &mut Tx<'_>, source_id: SourceId, at: Timestamp) -> Result<u64> {
    tx.exec("UPDATE source_key SET expires_at = $2 WHERE source_id = $1 AND expires_at IS NULL", &[&source_id, &at])
}

/// Total events and the last one, by source.
pub fn stats(tx: &mut Tx<'_>) -> Result<Vec<(SourceId, i64, Timestamp)>> {
    tx.query("SELECT source_id, events, last_at FROM source_stat", &[], |r| {
        Ok((SourceId::new(r.i64(0)?), r.i64(1)?, r.at(2)?))
    })
}

/// People seen by each source, and open quarantined events.
pub fn people(tx: &mut Tx<'_>) -> Result<Vec<(SourceId, i64)>> {
    tx.query("SELECT source_id, COUNT(*) FROM line_source GROUP BY source_id", &[], |r| {
        Ok((SourceId::new(r.i64(0)?), r.i64(1)?))
    })
}

/// Open quarantined events by source.
pub fn quarantined(tx: &mut Tx<'_>) -> Result<Vec<(SourceId, i64)>> {
    tx.query("SELECT source_id, COUNT(*) FROM quarantine WHERE state = 'open' GROUP BY source_id", &[], |r| {
        Ok((SourceId::new(r.i64(0)?), r.i64(1)?))
    })
}

/// A repeated oddity of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceWarning {
    /// The source.
    pub source_id: SourceId,
    /// Stable code.
    pub code: String,
    /// What was odd. No personal data.
    pub detail: String,
    /// How often.
    pub count: i64,
    /// First time.
    pub first_at: Timestamp,
    /// Last time.
    pub last_at: Timestamp,
}

/// Counts warnings.
pub fn warnings_count(tx: &mut Tx<'_>, warnings: &[SourceWarning]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO source_warning (source_id, code, detail, count, first_at, last_at) VALUES",
        warnings.iter().map(|w| [v(w.source_id), v(&w.code), v(&w.detail), v(w.count), v(w.first_at), v(w.last_at)]),
        "ON CONFLICT (source_id, code, detail) DO UPDATE SET count = source_warning.count + excluded.count, \
         last_at = excluded.last_at",
    )
}

/// Warnings of a source, the newest first.
pub fn warnings(tx: &mut Tx<'_>, source_id: SourceId, limit: u32) -> Result<Vec<SourceWarning>> {
    tx.query(
        "SELECT source_id, code, detail, count, first_at, last_at FROM source_warning WHERE source_id = $1 \
         ORDER BY last_at DESC, code, detail LIMIT $2",
        &[&source_id, &i64::from(limit)],
        |r| {
            Ok(SourceWarning {
                source_id: SourceId::new(r.i64(0)?),
                code: r.text(1)?,
                detail: r.text(2)?,
                count: r.i64(3)?,
                first_at: r.at(4)?,
                last_at: r.at(5)?,
            })
        },
    )
}

/// Warnings since an instant, by source.
pub fn warnings_since(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<(SourceId, i64)>> {
    tx.query(
        "SELECT source_id, CAST(SUM(count) AS BIGINT) FROM source_warning WHERE last_at >= $1 GROUP BY source_id",
        &[&since],
        |r| Ok((SourceId::new(r.i64(0)?), r.i64(1)?)),
    )
}
