//! Rows of privacy requests: tombstones, receipts, what is erased, and what of a person is kept as proof.

use throughline_base::{Cursor, EventId, IdentifierId, ImportId, Page, PersonId, QuarantineId, RequestId, Timestamp};

use crate::db::{Result, Row, Tx, v};
use crate::event::Quarantined;

/// Why an identifier may not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Keyed hash of namespace and value.
    pub hash: String,
    /// `erased` or `suppressed`.
    pub kind: String,
    /// The request that put it there.
    pub request_id: RequestId,
    /// When.
    pub at: Timestamp,
}

/// Puts tombstones up.
pub fn tombstones_insert(tx: &mut Tx<'_>, rows: &[Tombstone]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO tombstone (hash, kind, request_id, at, refused) VALUES",
        rows.iter().map(|t| [v(&t.hash), v(&t.kind), v(t.request_id), v(t.at), v(0_i64)]),
        "ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, request_id = excluded.request_id, at = excluded.at",
    )
}

/// Which of these hashes have a tombstone.
pub fn tombstones(tx: &mut Tx<'_>, hashes: &[String]) -> Result<Vec<Tombstone>> {
    tx.select_in("SELECT hash, kind, request_id, at FROM tombstone WHERE hash IN ($list)", &[], hashes, |r| {
        Ok(Tombstone { hash: r.text(0)?, kind: r.text(1)?, request_id: RequestId::new(r.i64(2)?), at: r.at(3)? })
    })
}

/// Whether there is any tombstone at all, so that the hot path may skip hashing.
pub fn tombstones_any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_opt("SELECT 1 FROM tombstone LIMIT 1", &[], |r| r.i64(0))?.is_some())
}

/// Counts refused events.
pub fn tombstone_refused(tx: &mut Tx<'_>, hash: &str, events: i64) -> Result<u64> {
    tx.exec("UPDATE tombstone SET refused = refused + $2 WHERE hash = $1", &[&hash, &events])
}

/// Lifts a tombstone.
pub fn tombstone_lift(tx: &mut Tx<'_>, hash: &str) -> Result<u64> {
    tx.exec("DELETE FROM tombstone WHERE hash = $1", &[&hash])
}

/// Lifts every tombstone that a request put up.
pub fn tombstones_lift_request(tx: &mut Tx<'_>, request: RequestId) -> Result<u64> {
    tx.exec("DELETE FROM tombstone WHERE request_id = $1", &[&request])
}

/// Tombstones that a request put up.
pub fn tombstones_of(tx: &mut Tx<'_>, request: RequestId) -> Result<Vec<String>> {
    tx.query("SELECT hash FROM tombstone WHERE request_id = $1 ORDER BY hash", &[&request], |r| r.text(0))
}

/// A privacy request with its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its id.
    pub id: RequestId,
    /// `erase`, `export`, `suppress`, `lift`.
    pub kind: String,
    /// `running`, `done`, `open`.
    pub state: String,
    /// Keyed hash of the identifier it was asked by.
    pub subject_hash: String,
    /// Reason given.
    pub reason: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// JSON.
    pub receipt: String,
    /// Where the archive lies.
    pub archive: Option<String>,
}

/// Adds or replaces a request.
pub fn put(tx: &mut Tx<'_>, p: &RequestRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO privacy_request (id, kind, state, subject_hash, reason, created_at, done_at, receipt, archive) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET state = excluded.state, \
         done_at = excluded.done_at, receipt = excluded.receipt, archive = excluded.archive",
        &[&p.id, &p.kind, &p.state, &p.subject_hash, &p.reason, &p.created_at, &p.done_at, &p.receipt, &p.archive],
    )
}

const REQUEST: &str = "id, kind, state, subject_hash, reason, created_at, done_at, receipt, archive";

fn request(r: &Row<'_>) -> Result<RequestRow> {
    Ok(RequestRow {
        id: RequestId::new(r.i64(0)?),
        kind: r.text(1)?,
        state: r.text(2)?,
        subject_hash: r.text(3)?,
        reason: r.text(4)?,
        created_at: r.at(5)?,
        done_at: r.opt_at(6)?,
        receipt: r.text(7)?,
        archive: r.opt_text(8)?,
    })
}

/// One request.
pub fn get(tx: &mut Tx<'_>, id: RequestId) -> Result<Option<RequestRow>> {
    tx.query_opt(&format!("SELECT {REQUEST} FROM privacy_request WHERE id = $1"), &[&id], request)
}

/// A page, newest first.
pub fn list(tx: &mut Tx<'_>, cursor: Option<Cursor>, limit: u32) -> Result<Page<RequestRow>> {
    let before = cursor.map_or(i64::MAX, |c| c.id);
    let rows = tx.query(
        &format!("SELECT {REQUEST} FROM privacy_request WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        &[&before, &(i64::from(limit) + 1)],
        request,
    )?;
    Ok(Page::cut(rows, limit, |p| Cursor { key: p.id.get(), id: p.id.get() }))
}

/// Requests of a kind that are not done, the oldest first.
pub fn unfinished(tx: &mut Tx<'_>, kind: &str) -> Result<Vec<RequestRow>> {
    tx.query(
        &format!("SELECT {REQUEST} FROM privacy_request WHERE kind = $1 AND state <> 'done' ORDER BY id LIMIT 1000"),
        &[&kind],
        request,
    )
}

/// Requests with an archive, made before `before`.
pub fn archives_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<RequestRow>> {
    tx.query(
        &format!(
            "SELECT {REQUEST} FROM privacy_request WHERE archive IS NOT NULL AND done_at < $1 ORDER BY id LIMIT 500"
        ),
        &[&before],
        request,
    )
}

/// Requests about the subject with one of these hashes.
pub fn requests_of(tx: &mut Tx<'_>, subjects: &[String]) -> Result<Vec<RequestRow>> {
    tx.select_in(
        &format!("SELECT {REQUEST} FROM privacy_request WHERE subject_hash IN ($list)"),
        &[],
        subjects,
        request,
    )
}

/// Requests with an archive about the subject with one of these hashes.
pub fn archives_of(tx: &mut Tx<'_>, subjects: &[String]) -> Result<Vec<RequestRow>> {
    tx.select_in(
        &format!("SELECT {REQUEST} FROM privacy_request WHERE archive IS NOT NULL AND subject_hash IN ($list)"),
        &[],
        subjects,
        request,
    )
}

/// A span of a shared device's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// The line.
    pub line: IdentifierId,
    /// From, inclusive; `None`: since ever.
    pub from_at: Option<Timestamp>,
    /// To, exclusive; `None`: until further notice.
    pub to_at: Option<Timestamp>,
}

impl Span {
    /// Whether `at` lies in it.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from_at.is_none_or(|from| from <= at) && self.to_at.is_none_or(|to| at < to)
    }
}

/// Hides spans from every read; `ids` are the rows', one each.
pub fn spans_insert(tx: &mut Tx<'_>, spans: &[(i64, Span)], request: RequestId, now: Timestamp) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO span_erased (id, line_id, from_at, to_at, request_id, at) VALUES",
        spans.iter().map(|(id, s)| [v(*id), v(s.line), v(s.from_at), v(s.to_at), v(request), v(now)]),
        "ON CONFLICT (id) DO NOTHING",
    )
}

/// Hidden spans of lines with sealed events that are to be looked for.
pub fn spans_pending(tx: &mut Tx<'_>) -> Result<Vec<Span>> {
    tx.query(
        "SELECT DISTINCT s.line_id, s.from_at, s.to_at FROM span_erased s JOIN line_override o ON o.line_id = s.line_id \
         ORDER BY s.line_id, s.from_at",
        &[],
        span,
    )
}

/// Hidden spans of some lines.
pub fn spans_of(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<Span>> {
    tx.select_in("SELECT line_id, from_at, to_at FROM span_erased WHERE line_id IN ($list)", &[], lines, span)
}

fn span(r: &Row<'_>) -> Result<Span> {
    Ok(Span { line: IdentifierId::new(r.i64(0)?), from_at: r.opt_at(1)?, to_at: r.opt_at(2)? })
}

/// Rows removed from a table.
pub type Removed = (&'static str, u64);

/// Removes hot events of lines and spans.
pub fn hot_delete(tx: &mut Tx<'_>, lines: &[IdentifierId], spans: &[Span]) -> Result<u64> {
    let mut n = 0;
    for line in lines {
        n += tx.exec("DELETE FROM event_hot WHERE line_id = $1", &[line])?;
    }
    for s in spans {
        n += span_delete(tx, "event_hot", "event_at", s)?;
    }
    Ok(n)
}

fn span_delete(tx: &mut Tx<'_>, table: &str, at: &str, s: &Span) -> Result<u64> {
    let sql = format!(
        "DELETE FROM {table} WHERE line_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR {at} >= $2) \
         AND (CAST($3 AS BIGINT) IS NULL OR {at} < $3)"
    );
    tx.exec(&sql, &[&s.line, &s.from_at, &s.to_at])
}

/// Removes what hangs on lines as a whole.
pub fn lines_delete(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<Removed>> {
    const TABLES: [&str; 11] = [
        "event_hot",
        "line_stat",
        "line_revenue",
        "line_source",
        "trait_value",
        "trait_history",
        "tag",
        "tag_change",
        "stage_override",
        "consent",
        "search_term",
    ];
    TABLES
        .into_iter()
        .map(|table| {
            let sql = format!("DELETE FROM {table} WHERE line_id = $1");
            let mut n = 0;
            for line in lines {
                n += tx.exec(&sql, &[line])?;
            }
            Ok((table, n))
        })
        .collect()
}

/// Removes what was said on shared devices during spans. Search terms of such a line are removed as a whole.
pub fn spans_delete(tx: &mut Tx<'_>, spans: &[Span]) -> Result<Vec<Removed>> {
    const TABLES: [(&str, &str); 4] = [
        ("event_hot", "event_at"),
        ("trait_value", "event_at"),
        ("trait_history", "event_at"),
        ("consent", "given_at"),
    ];
    let mut out = Vec::with_capacity(TABLES.len() + 1);
    for (table, at) in TABLES {
        let mut n = 0;
        for s in spans {
            n += span_delete(tx, table, at, s)?;
        }
        out.push((table, n));
    }
    let mut n = 0;
    for s in spans {
        n += tx.exec("DELETE FROM search_term WHERE line_id = $1", &[&s.line])?;
    }
    out.push(("search_term", n));
    Ok(out)
}

/// Keeps of the consent records of lines what proves them and says nothing of the person; returns how many.
pub fn consents_prove(tx: &mut Tx<'_>, lines: &[IdentifierId], request: RequestId) -> Result<u64> {
    let mut n = 0;
    for line in lines {
        n += tx.exec(
            "INSERT INTO consent_proof (id, request_id, purpose, channel, action, legal_basis, notice_version, \
             given_at, expires_at, hash) SELECT id, $2, purpose, channel, action, legal_basis, notice_version, \
             given_at, expires_at, hash FROM consent WHERE line_id = $1 ON CONFLICT (id) DO NOTHING",
            &[line, &request],
        )?;
    }
    Ok(n)
}

/// An order kept under a legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOrder {
    /// The event.
    pub event_id: EventId,
    /// When.
    pub event_at: Timestamp,
    /// The event's name.
    pub name: String,
    /// Order id.
    pub order_id: Option<String>,
    /// Value.
    pub value_minor: Option<i64>,
    /// Its currency.
    pub currency: Option<String>,
}

/// Keeps orders without the person.
pub fn orders_hold(tx: &mut Tx<'_>, orders: &[HeldOrder], request: RequestId) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO order_held (event_id, request_id, event_at, name, order_id, value_minor, currency) VALUES",
        orders.iter().map(|o| {
            [v(o.event_id), v(request), v(o.event_at), v(&o.name), v(&o.order_id), v(o.value_minor), v(&o.currency)]
        }),
        "ON CONFLICT (event_id) DO NOTHING",
    )
}

/// Removes nodes and everything of log and graph about them; what others' rows say of them is cleared.
pub fn nodes_delete(tx: &mut Tx<'_>, nodes: &[IdentifierId]) -> Result<Vec<Removed>> {
    const TABLES: [(&str, &str); 8] = [
        ("identity_evidence", "a = $1 OR b = $1"),
        ("identity_edge", "a = $1 OR b = $1"),
        ("identity_slice", "node = $1 OR line = $1"),
        ("identity_cannot_link", "a = $1 OR b = $1"),
        ("identity_review", "a = $1 OR b = $1"),
        ("match_pair", "a = $1 OR b = $1"),
        ("match_record", "person_id = $1"),
        ("identifier", "id = $1"),
    ];
    for node in nodes {
        tx.exec("UPDATE identifier SET current_line = NULL WHERE current_line = $1", &[node])?;
        tx.exec("UPDATE identifier SET parent_id = NULL WHERE parent_id = $1", &[node])?;
    }
    TABLES
        .into_iter()
        .map(|(table, which)| {
            let sql = format!("DELETE FROM {table} WHERE {which}");
            let mut n = 0;
            for node in nodes {
                n += tx.exec(&sql, &[node])?;
            }
            Ok((table, n))
        })
        .collect()
}

/// Removes summaries, scores, former ids and history of persons.
pub fn persons_delete(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<Removed>> {
    const TABLES: [(&str, &str); 4] = [
        ("person", "id = $1"),
        ("prediction_score", "person_id = $1"),
        ("person_alias", "old_id = $1 OR new_id = $1"),
        ("identity_history", "person_id = $1 OR other_id = $1"),
    ];
    TABLES
        .into_iter()
        .map(|(table, which)| {
            let sql = format!("DELETE FROM {table} WHERE {which}");
            let mut n = 0;
            for person in persons {
                n += tx.exec(&sql, &[person])?;
            }
            Ok((table, n))
        })
        .collect()
}

/// Removes households without members.
pub fn households_delete_empty(tx: &mut Tx<'_>) -> Result<u64> {
    tx.exec("DELETE FROM household WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.household_id = household.id)", &[])
}

/// Quarantined events of every state after `after`, in order.
pub fn quarantine_after(tx: &mut Tx<'_>, after: QuarantineId, limit: u32) -> Result<Vec<Quarantined>> {
    crate::event::quarantine_batch(tx, &crate::event::QuarantineFilter::default(), after, limit)
}

/// Removes quarantined events.
pub fn quarantine_delete(tx: &mut Tx<'_>, ids: &[QuarantineId]) -> Result<u64> {
    let mut n = 0;
    for id in ids {
        n += tx.exec("DELETE FROM quarantine WHERE id = $1", &[id])?;
    }
    Ok(n)
}

/// A refused line of an import: its key and text.
pub type RejectText = ((ImportId, i64), String);

/// Refused lines of imports after a key, in order.
pub fn rejects_after(tx: &mut Tx<'_>, after: (ImportId, i64), limit: u32) -> Result<Vec<RejectText>> {
    tx.query(
        "SELECT import_id, line, reason, raw FROM import_reject \
         WHERE import_id > $1 OR (import_id = $1 AND line > $2) ORDER BY import_id, line LIMIT $3",
        &[&after.0, &after.1, &i64::from(limit)],
        |r| Ok(((ImportId::new(r.i64(0)?), r.i64(1)?), format!("{} {}", r.str(2)?, r.str(3)?))),
    )
}

/// Empties the text of refused lines; the line and its number stay, so that an import's counts stay right.
pub fn rejects_empty(tx: &mut Tx<'_>, keys: &[(ImportId, i64)]) -> Result<u64> {
    let mut n = 0;
    for (import, line) in keys {
        n += tx.exec(
            "UPDATE import_reject SET raw = '', reason = 'erased' WHERE import_id = $1 AND line = $2",
            &[import, line],
        )?;
    }
    Ok(n)
}

/// Warnings of sources as `(source, code, detail)`.
pub fn warnings(tx: &mut Tx<'_>) -> Result<Vec<(i64, String, String)>> {
    tx.query("SELECT source_id, code, detail FROM source_warning ORDER BY source_id, code, detail", &[], |r| {
        Ok((r.i64(0)?, r.text(1)?, r.text(2)?))
    })
}

/// Removes warnings.
pub fn warnings_delete(tx: &mut Tx<'_>, keys: &[(i64, String, String)]) -> Result<u64> {
    let mut n = 0;
    for (source, code, detail) in keys {
        n += tx.exec(
            "DELETE FROM source_warning WHERE source_id = $1 AND code = $2 AND detail = $3",
            &[source, code, detail],
        )?;
    }
    Ok(n)
}
