//! Rows of the event history: the manifest of lake files, what waits to be removed, and which lines moved since.

use throughline_base::{IdentifierId, LakeFileId, PersonId, RequestId, Timestamp};

use crate::db::{Result, Tx, v};

/// A lake file in the manifest. `entry` is the lake's own description, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its id.
    pub id: LakeFileId,
    /// Its path below the lake's root.
    pub path: String,
    /// JSON.
    pub entry: String,
    /// Events in it.
    pub rows: i64,
    /// Bytes.
    pub bytes: i64,
    /// `year * 100 + month`.
    pub month: i64,
    /// Person bucket.
    pub bucket: i64,
    /// When it was written.
    pub sealed_at: Timestamp,
}

/// The manifest.
pub fn files(tx: &mut Tx<'_>) -> Result<Vec<FileRow>> {
    tx.query(
        "SELECT id, path, entry, rows, bytes, month, bucket, sealed_at FROM lake_file ORDER BY month, bucket, id",
        &[],
        |r| {
            Ok(FileRow {
                id: LakeFileId::new(r.i64(0)?),
                path: r.text(1)?,
                entry: r.text(2)?,
                rows: r.i64(3)?,
                bytes: r.i64(4)?,
                month: r.i64(5)?,
                bucket: r.i64(6)?,
                sealed_at: r.at(7)?,
            })
        },
    )
}

/// Adds files.
pub fn files_insert(tx: &mut Tx<'_>, files: &[FileRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO lake_file (id, path, entry, rows, bytes, month, bucket, sealed_at) VALUES",
        files.iter().map(|f| {
            [v(f.id), v(&f.path), v(&f.entry), v(f.rows), v(f.bytes), v(f.month), v(f.bucket), v(f.sealed_at)]
        }),
        "",
    )
}

/// Takes files out of the manifest; they are removed from storage once no report can be reading them. Returns how
/// many were there.
pub fn files_replace(tx: &mut Tx<'_>, paths: &[String], now: Timestamp) -> Result<u64> {
    let mut n = 0;
    for path in paths {
        n += tx.exec("DELETE FROM lake_file WHERE path = $1", &[path])?;
        tx.exec("INSERT INTO lake_trash (path, since) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING", &[path, &now])?;
    }
    Ok(n)
}

/// Paths that wait to be removed since before `before`.
pub fn trash(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<String>> {
    tx.query("SELECT path FROM lake_trash WHERE since < $1 ORDER BY since, path LIMIT 1000", &[&before], |r| r.text(0))
}

/// Forgets removed paths.
pub fn trash_forget(tx: &mut Tx<'_>, paths: &[String]) -> Result<u64> {
    let mut n = 0;
    for path in paths {
        n += tx.exec("DELETE FROM lake_trash WHERE path = $1", &[path])?;
    }
    Ok(n)
}

/// Every path on record, also of files that wait to be removed.
pub fn known_paths(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    tx.query("SELECT path FROM lake_file UNION SELECT path FROM lake_trash", &[], |r| r.text(0))
}

/// Notes that sealed events of `lines` may stand under these persons.
pub fn overrides_insert(tx: &mut Tx<'_>, moved: &[(IdentifierId, PersonId)], version: i64) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO line_override (line_id, written_person, version) VALUES",
        moved.iter().map(|(line, person)| [v(*line), v(*person), v(version)]),
        "ON CONFLICT (line_id, written_person) DO UPDATE SET version = excluded.version",
    )
}

/// Lines that moved, as `(line, written person, version)`.
pub fn overrides(tx: &mut Tx<'_>) -> Result<Vec<(IdentifierId, PersonId, i64)>> {
    tx.query("SELECT line_id, written_person, version FROM line_override ORDER BY line_id, written_person", &[], |r| {
        Ok((IdentifierId::new(r.i64(0)?), PersonId::new(r.i64(1)?), r.i64(2)?))
    })
}

/// Forgets those at most at `version`: every file written before has been rewritten.
pub fn overrides_forget(tx: &mut Tx<'_>, done: &[(IdentifierId, PersonId)], version: i64) -> Result<u64> {
    let mut n = 0;
    for (line, person) in done {
        n += tx.exec(
            "DELETE FROM line_override WHERE line_id = $1 AND written_person = $2 AND version <= $3",
            &[line, person, &version],
        )?;
    }
    Ok(n)
}

/// Marks lines as erased in the history.
pub fn erased_insert(tx: &mut Tx<'_>, lines: &[IdentifierId], request: RequestId, now: Timestamp) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO line_erased (line_id, request_id, at) VALUES",
        lines.iter().map(|l| [v(*l), v(request), v(now)]),
        "ON CONFLICT (line_id) DO NOTHING",
    )
}

/// Erased lines with sealed events that are to be looked for.
pub fn erased_pending(tx: &mut Tx<'_>) -> Result<Vec<IdentifierId>> {
    tx.query(
        "SELECT DISTINCT e.line_id FROM line_erased e JOIN line_override o ON o.line_id = e.line_id ORDER BY e.line_id",
        &[],
        |r| Ok(IdentifierId::new(r.i64(0)?)),
    )
}

/// Which of these lines are erased.
pub fn erased_among(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<IdentifierId>> {
    tx.select_in("SELECT line_id FROM line_erased WHERE line_id IN ($list)", &[], lines, |r| {
        Ok(IdentifierId::new(r.i64(0)?))
    })
}
