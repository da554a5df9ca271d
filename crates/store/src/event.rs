//! Rows of the room `event`: hot events, dedupe keys, interned names, counters, quarantine and its fixes.

use throughline_base::{Cursor, EventId, FixId, IdentifierId, Page, QuarantineId, SourceId, Timestamp};

use crate::db::{Bind, Result, Row, Tx, v};

/// An event that is not sealed yet, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotEvent {
    /// Its id, also arrival order.
    pub id: EventId,
    /// The identifier node it hangs on.
    pub line: IdentifierId,
    /// When it happened.
    pub event_at: Timestamp,
    /// When we received it.
    pub received_at: Timestamp,
    /// The source.
    pub source_id: SourceId,
    /// `track`, `page` …
    pub kind: String,
    /// The event's or page's name.
    pub name: String,
    /// Interned name.
    pub name_id: i64,
    /// Interned touch signature; 0 for none.
    pub touch_id: i64,
    /// Value in minor units.
    pub value_minor: Option<i64>,
    /// Currency of the value.
    pub currency: Option<String>,
    /// Order id.
    pub order_id: Option<String>,
    /// Dedupe key.
    pub message_id: String,
    /// [`FLAG_BOT`] and others.
    pub flags: i64,
    /// JSON.
    pub properties: String,
    /// JSON.
    pub traits: String,
    /// JSON.
    pub context: String,
}

/// The event came from a known robot.
pub const FLAG_BOT: i64 = 1;
/// The event came out of quarantine.
pub const FLAG_REPLAYED: i64 = 2;

const HOT_COLUMNS: &str = "id, line_id, event_at, received_at, source_id, kind, name, name_id, touch_id, value_minor, \
                           currency, order_id, message_id, flags, properties, traits, context";

fn hot_event(r: &Row<'_>) -> Result<HotEvent> {
    Ok(HotEvent {
        id: EventId::new(r.i64(0)?),
        line: IdentifierId::new(r.i64(1)?),
        event_at: r.at(2)?,
        received_at: r.at(3)?,
        source_id: SourceId::new(r.i64(4)?),
        kind: r.text(5)?,
        name: r.text(6)?,
        name_id: r.i64(7)?,
        touch_id: r.i64(8)?,
        value_minor: r.opt_i64(9)?,
        currency: r.opt_text(10)?,
        order_id: r.opt_text(11)?,
        message_id: r.text(12)?,
        flags: r.i64(13)?,
        properties: r.text(14)?,
        traits: r.text(15)?,
        context: r.text(16)?,
    })
}

/// Appends events.
pub fn hot_insert(tx: &mut Tx<'_>, events: &[HotEvent]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO event_hot (id, line_id, event_at, received_at, source_id, kind, name, name_id, touch_id, \
         value_minor, currency, order_id, message_id, flags, properties, traits, context) VALUES",
        events.iter().map(|e| {
            [
                v(e.id),
                v(e.line),
                v(e.event_at),
                v(e.received_at),
                v(e.source_id),
                v(&e.kind),
                v(&e.name),
                v(e.name_id),
                v(e.touch_id),
                v(e.value_minor),
                v(&e.currency),
                v(&e.order_id),
                v(&e.message_id),
                v(e.flags),
                v(&e.properties),
                v(&e.traits),
                v(&e.context),
            ]
        }),
        "",
    )
}

/// Hot events of some lines, newest first, at most `limit` a line. Those of the instant `to` only with ids below `before`.
pub fn hot_of_lines(
    tx: &mut Tx<'_>,
    lines: &[IdentifierId],
    from: Timestamp,
    (to, before): (Timestamp, EventId),
    limit: u32,
) -> Result<Vec<HotEvent>> {
    let sql = format!(
        "SELECT {HOT_COLUMNS} FROM event_hot WHERE line_id = $1 AND event_at >= $2 AND event_at <= $3 \
         AND (event_at < $3 OR id < $4) AND id > $5 ORDER BY event_at DESC, id DESC LIMIT $6"
    );
    let sealed = sealed_through(tx)?;
    let mut all = Vec::new();
    for line in lines {
        all.extend(tx.query(&sql, &[line, &from, &to, &before, &sealed, &i64::from(limit)], hot_event)?);
    }
    all.sort_by_key(|e| std::cmp::Reverse((e.event_at, e.id)));
    Ok(all)
}

/// The sources of those of these events that are hot.
pub fn hot_sources(tx: &mut Tx<'_>, ids: &[EventId]) -> Result<Vec<(EventId, SourceId)>> {
    tx.select_in("SELECT id, source_id FROM event_hot WHERE id IN ($list)", &[], ids, |r| {
        Ok((EventId::new(r.i64(0)?), SourceId::new(r.i64(1)?)))
    })
}

/// Hot events after `after` in arrival order.
pub fn hot_after(tx: &mut Tx<'_>, after: EventId, limit: u32) -> Result<Vec<HotEvent>> {
    let sql = format!("SELECT {HOT_COLUMNS} FROM event_hot WHERE id > $1 ORDER BY id LIMIT $2");
    tx.query(&sql, &[&after, &i64::from(limit)], hot_event)
}

/// Gives every hot event after the watermark to `each`, in arrival order.
pub fn hot_each(tx: &mut Tx<'_>, after: EventId, mut each: impl FnMut(HotEvent) -> Result<()>) -> Result<()> {
    tx.each(&format!("SELECT {HOT_COLUMNS} FROM event_hot WHERE id > $1 ORDER BY id"), &[&after], |r| {
        each(hot_event(r)?)?;
        Ok(true)
    })
}

/// The few columns of hot events that reports scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotScan {
    /// Its id.
    pub id: i64,
    /// The line.
    pub line: i64,
    /// When it happened, ms.
    pub event_at: i64,
    /// The source.
    pub source_id: i64,
    /// Interned name.
    pub name_id: i64,
    /// Interned touch.
    pub touch_id: i64,
    /// Value.
    pub value_minor: Option<i64>,
    /// Flags.
    pub flags: i64,
}

/// Gives every hot event after the watermark to `each`: the columns of [`HotScan`], the order id and the properties.
pub fn hot_scan(
    tx: &mut Tx<'_>,
    after: EventId,
    mut each: impl FnMut(HotScan, Option<&str>, &str) -> Result<()>,
) -> Result<()> {
    tx.each(
        "SELECT id, line_id, event_at, source_id, name_id, touch_id, value_minor, flags, order_id, properties \
         FROM event_hot WHERE id > $1",
        &[&after],
        |r| {
            let row = HotScan {
                id: r.i64(0)?,
                line: r.i64(1)?,
                event_at: r.i64(2)?,
                source_id: r.i64(3)?,
                name_id: r.i64(4)?,
                touch_id: r.i64(5)?,
                value_minor: r.opt_i64(6)?,
                flags: r.i64(7)?,
            };
            each(row, r.opt_str(8)?, r.str(9)?)?;
            Ok(true)
        },
    )
}

/// How many events are hot, and the oldest and newest id and time of receipt among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotExtent {
    /// How many.
    pub count: i64,
    /// Oldest id.
    pub first: Option<EventId>,
    /// Time of receipt of the oldest.
    pub first_received_at: Option<Timestamp>,
}

/// See [`HotExtent`]; of the events after the watermark.
pub fn hot_extent(tx: &mut Tx<'_>, after: EventId) -> Result<HotExtent> {
    // Counting all rows reads the small index; a bound on the id would read every event whole. Few wait to be deleted.
    let all = tx.query_one("SELECT COUNT(*) FROM event_hot", &[], |r| r.i64(0))?;
    let sealed = tx.query_one("SELECT COUNT(*) FROM event_hot WHERE id <= $1", &[&after], |r| r.i64(0))?;
    let count = all - sealed;
    let first =
        tx.query_opt("SELECT id, received_at FROM event_hot WHERE id > $1 ORDER BY id LIMIT 1", &[&after], |r| {
            Ok((EventId::new(r.i64(0)?), r.at(1)?))
        })?;
    Ok(HotExtent { count, first: first.map(|f| f.0), first_received_at: first.map(|f| f.1) })
}

/// The watermark: hot rows up to and including it are sealed and invisible, and wait to be deleted.
pub fn sealed_through(tx: &mut Tx<'_>) -> Result<EventId> {
    Ok(EventId::new(setting_get(tx, "sealed_through")?.and_then(|t| t.parse().ok()).unwrap_or(0)))
}

/// The newest recorded event, sealed or not.
pub fn newest(tx: &mut Tx<'_>) -> Result<EventId> {
    let hot = tx.query_one("SELECT COALESCE(MAX(id), 0) FROM event_hot", &[], |r| r.i64(0))?;
    Ok(EventId::new(hot).max(sealed_through(tx)?))
}

/// Deletes at most `limit` hot rows at or below the watermark.
pub fn hot_delete_sealed(tx: &mut Tx<'_>, through: EventId, limit: u32) -> Result<u64> {
    let end = tx.query_opt(
        "SELECT id FROM event_hot WHERE id <= $1 ORDER BY id LIMIT 1 OFFSET $2",
        &[&through, &i64::from(limit)],
        |r| r.i64(0),
    )?;
    match end {
        Some(end) => tx.exec("DELETE FROM event_hot WHERE id < $1", &[&end]),
        None => tx.exec("DELETE FROM event_hot WHERE id <= $1", &[&through]),
    }
}

/// A dedupe key and what it must agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventKey {
    /// Hash of (source, message id).
    pub key: i64,
    /// Another, independent hash of the same.
    pub id_check: i64,
    /// Hash of the content.
    pub body_check: i64,
}

/// Whether an event was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Never.
    New,
    /// With the same content.
    Duplicate,
    /// With other content.
    Conflict,
}

/// Records the keys that are new and says which were not. A clash of `key` between different ids moves on to the next
/// number, so the answer is exact.
pub fn keys_claim(tx: &mut Tx<'_>, keys: &[EventKey]) -> Result<Vec<Seen>> {
    let rows: Vec<_> = keys.iter().map(|k| [v(k.key), v(k.id_check), v(k.body_check)]).collect();
    let new = tx.insert_new("event_key", ["key", "id_check", "body_check"], &["key"], &rows)?;
    let mut seen = Vec::with_capacity(keys.len());
    for (k, new) in keys.iter().zip(new) {
        seen.push(if new { Seen::New } else { key_claim_slow(tx, *k)? });
    }
    Ok(seen)
}

fn key_claim_slow(tx: &mut Tx<'_>, k: EventKey) -> Result<Seen> {
    let mut key = k.key;
    loop {
        let there = tx.query_opt("SELECT id_check, body_check FROM event_key WHERE key = $1", &[&key], |r| {
            Ok((r.i64(0)?, r.i64(1)?))
        })?;
        match there {
            Some((id, body)) if id == k.id_check => {
                return Ok(if body == k.body_check { Seen::Duplicate } else { Seen::Conflict });
            }
            Some(_) => key = key.wrapping_add(1),
            None => {
                tx.exec(
                    "INSERT INTO event_key (key, id_check, body_check) VALUES ($1, $2, $3)",
                    &[&key, &k.id_check, &k.body_check],
                )?;
                return Ok(Seen::New);
            }
        }
    }
}

/// All interned names as `(id, name, events, last_at)`.
pub fn names(tx: &mut Tx<'_>) -> Result<Vec<(i64, String, i64, Timestamp)>> {
    tx.query("SELECT id, name, events, last_at FROM event_name ORDER BY id", &[], |r| {
        Ok((r.i64(0)?, r.text(1)?, r.i64(2)?, r.at(3)?))
    })
}

/// Interns a name; returns its number.
pub fn name_intern(tx: &mut Tx<'_>, name: &str) -> Result<i64> {
    if let Some(id) = tx.query_opt("SELECT id FROM event_name WHERE name = $1", &[&name], |r| r.i64(0))? {
        return Ok(id);
    }
    let next = tx.query_one("SELECT COALESCE(MAX(id), 0) + 1 FROM event_name", &[], |r| r.i64(0))?;
    tx.exec("INSERT INTO event_name (id, name, events, last_at) VALUES ($1, $2, 0, 0)", &[&next, &name])?;
    Ok(next)
}

/// Adds to the counts of names: `(id, events, last_at)`.
pub fn names_count(tx: &mut Tx<'_>, counts: &[(i64, i64, i64)]) -> Result<()> {
    for (id, n, at) in counts {
        tx.exec(
            "UPDATE event_name SET events = events + $2, last_at = CASE WHEN last_at > $3 THEN last_at ELSE $3 END \
             WHERE id = $1",
            &[id, n, at],
        )?;
    }
    Ok(())
}

/// A property type seen on a named event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertySeen {
    /// The event's interned name.
    pub name_id: i64,
    /// The property.
    pub property: String,
    /// JSON type.
    pub kind: String,
    /// How often.
    pub count: i64,
    /// One example, cut short.
    pub example: String,
}

/// Adds to the counts of properties.
pub fn properties_count(tx: &mut Tx<'_>, seen: &[PropertySeen]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO event_property (name_id, property, type, count, example) VALUES",
        seen.iter().map(|p| [v(p.name_id), v(&p.property), v(&p.kind), v(p.count), v(&p.example)]),
        "ON CONFLICT (name_id, property, type) DO UPDATE SET count = event_property.count + excluded.count",
    )
}

/// Properties seen on an event.
pub fn properties_of(tx: &mut Tx<'_>, name: &str) -> Result<Vec<PropertySeen>> {
    tx.query(
        "SELECT p.name_id, p.property, p.type, p.count, p.example FROM event_property p \
         JOIN event_name n ON n.id = p.name_id WHERE n.name = $1 ORDER BY p.property, p.type LIMIT 2000",
        &[&name],
        |r| {
            Ok(PropertySeen {
                name_id: r.i64(0)?,
                property: r.text(1)?,
                kind: r.text(2)?,
                count: r.i64(3)?,
                example: r.text(4)?,
            })
        },
    )
}

/// Events and quarantined events a day and source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceDay {
    /// Days since 1970.
    pub day: i64,
    /// The source.
    pub source_id: SourceId,
    /// Recorded events.
    pub events: i64,
    /// Quarantined events.
    pub quarantined: i64,
}

/// Adds to the daily counts and to the totals of sources.
pub fn days_count(tx: &mut Tx<'_>, days: &[SourceDay], last_at: Timestamp) -> Result<()> {
    tx.insert_many(
        "INSERT INTO source_day (day, source_id, events, quarantined) VALUES",
        days.iter().map(|d| [v(d.day), v(d.source_id), v(d.events), v(d.quarantined)]),
        "ON CONFLICT (day, source_id) DO UPDATE SET events = source_day.events + excluded.events, \
         quarantined = source_day.quarantined + excluded.quarantined",
    )?;
    tx.insert_many(
        "INSERT INTO source_stat (source_id, events, last_at) VALUES",
        days.iter().filter(|d| d.events > 0).map(|d| [v(d.source_id), v(d.events), v(last_at)]),
        "ON CONFLICT (source_id) DO UPDATE SET events = source_stat.events + excluded.events, \
         last_at = excluded.last_at",
    )?;
    Ok(())
}

/// Daily counts since `day`.
pub fn days_since(tx: &mut Tx<'_>, day: i64) -> Result<Vec<SourceDay>> {
    tx.query(
        "SELECT day, source_id, events, quarantined FROM source_day WHERE day >= $1 ORDER BY day, source_id",
        &[&day],
        |r| {
            Ok(SourceDay {
                day: r.i64(0)?,
                source_id: SourceId::new(r.i64(1)?),
                events: r.i64(2)?,
                quarantined: r.i64(3)?,
            })
        },
    )
}

/// A quarantined event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its id.
    pub id: QuarantineId,
    /// The source it came by.
    pub source_id: SourceId,
    /// When it was received.
    pub received_at: Timestamp,
    /// Why it waits.
    pub reason: String,
    /// What is wrong, where.
    pub detail: String,
    /// The event's name.
    pub event_name: String,
    /// The raw event as JSON.
    pub raw: String,
    /// `open`, `replayed`, `discarded`.
    pub state: String,
    /// When it was replayed or discarded.
    pub decided_at: Option<Timestamp>,
    /// Why it was discarded.
    pub note: Option<String>,
}

const QUARANTINE_COLUMNS: &str = "id, source_id, received_at, reason, detail, event_name, raw, state, decided_at, note";

fn quarantined(r: &Row<'_>) -> Result<Quarantined> {
    Ok(Quarantined {
        id: QuarantineId::new(r.i64(0)?),
        source_id: SourceId::new(r.i64(1)?),
        received_at: r.at(2)?,
        reason: r.text(3)?,
        detail: r.text(4)?,
        event_name: r.text(5)?,
        raw: r.text(6)?,
        state: r.text(7)?,
        decided_at: r.opt_at(8)?,
        note: r.opt_text(9)?,
    })
}

/// Puts events into quarantine.
pub fn quarantine_insert(tx: &mut Tx<'_>, items: &[Quarantined]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO quarantine (id, source_id, received_at, reason, detail, event_name, raw, state, decided_at, note) \
         VALUES",
        items.iter().map(|q| {
            [
                v(q.id),
                v(q.source_id),
                v(q.received_at),
                v(&q.reason),
                v(&q.detail),
                v(&q.event_name),
                v(&q.raw),
                v(&q.state),
                v(q.decided_at),
                v(&q.note),
            ]
        }),
        "",
    )
}

/// Which quarantined events are meant. Absent fields match all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// The reason.
    pub reason: Option<String>,
    /// The source.
    pub source_id: Option<SourceId>,
    /// The event's name.
    pub event_name: Option<String>,
    /// `open`, `replayed`, `discarded`.
    pub state: Option<String>,
}

const QUARANTINE_WHERE: &str = "(CAST($1 AS TEXT) IS NULL OR reason = $1) \
     AND (CAST($2 AS BIGINT) IS NULL OR source_id = $2) \
     AND (CAST($3 AS TEXT) IS NULL OR event_name = $3) \
     AND (CAST($4 AS TEXT) IS NULL OR state = $4)";

/// A page, newest first.
pub fn quarantine_list(
    tx: &mut Tx<'_>,
    f: &QuarantineFilter,
    cursor: Option<Cursor>,
    limit: u32,
) -> Result<Page<Quarantined>> {
    let before = cursor.map_or(i64::MAX, |c| c.id);
    let rows = tx.query(
        &format!(
            "SELECT {QUARANTINE_COLUMNS} FROM quarantine WHERE {QUARANTINE_WHERE} AND id < $5 ORDER BY id DESC LIMIT $6"
        ),
        &[&f.reason, &f.source_id, &f.event_name, &f.state, &before, &(i64::from(limit) + 1)],
        quarantined,
    )?;
    Ok(Page::cut(rows, limit, |q| Cursor { key: q.id.get(), id: q.id.get() }))
}

/// The oldest open ones after `after` that match, for replay in batches.
pub fn quarantine_batch(
    tx: &mut Tx<'_>,
    f: &QuarantineFilter,
    after: QuarantineId,
    limit: u32,
) -> Result<Vec<Quarantined>> {
    tx.query(
        &format!(
            "SELECT {QUARANTINE_COLUMNS} FROM quarantine WHERE {QUARANTINE_WHERE} AND id > $5 ORDER BY id LIMIT $6"
        ),
        &[&f.reason, &f.source_id, &f.event_name, &f.state, &after, &i64::from(limit)],
        quarantined,
    )
}

/// Those with the given ids.
pub fn quarantine_get(tx: &mut Tx<'_>, ids: &[QuarantineId]) -> Result<Vec<Quarantined>> {
    tx.select_in(&format!("SELECT {QUARANTINE_COLUMNS} FROM quarantine WHERE id IN ($list)"), &[], ids, quarantined)
}

/// A group of open quarantined events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineGroup {
    /// The reason.
    pub reason: String,
    /// The event's name.
    pub event_name: String,
    /// The source.
    pub source_id: SourceId,
    /// How many.
    pub count: i64,
    /// The oldest.
    pub first_at: Timestamp,
    /// The newest.
    pub last_at: Timestamp,
}

/// Open events by reason, name and source, the largest group first.
pub fn quarantine_groups(tx: &mut Tx<'_>) -> Result<Vec<QuarantineGroup>> {
    tx.query(
        "SELECT reason, event_name, source_id, COUNT(*), MIN(received_at), MAX(received_at) FROM quarantine \
         WHERE state = 'open' GROUP BY reason, event_name, source_id ORDER BY COUNT(*) DESC, reason, event_name LIMIT 500",
        &[],
        |r| {
            Ok(QuarantineGroup {
                reason: r.text(0)?,
                event_name: r.text(1)?,
                source_id: SourceId::new(r.i64(2)?),
                count: r.i64(3)?,
                first_at: r.at(4)?,
                last_at: r.at(5)?,
            })
        },
    )
}

/// Ids of the newest `samples` open ones of every group.
pub fn quarantine_sample_ids(tx: &mut Tx<'_>, samples: i64) -> Result<Vec<QuarantineId>> {
    tx.query(
        "SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY reason, event_name, source_id ORDER BY id DESC) AS n \
         FROM quarantine WHERE state = 'open') AS ranked WHERE n <= $1",
        &[&samples],
        |r| Ok(QuarantineId::new(r.i64(0)?)),
    )
}

/// Marks an open one as decided; says whether it was open.
pub fn quarantine_decide(
    tx: &mut Tx<'_>,
    id: QuarantineId,
    state: &str,
    note: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let n = tx.exec(
        "UPDATE quarantine SET state = $2, note = $3, decided_at = $4 WHERE id = $1 AND state = 'open'",
        &[&id, &state, &note, &now],
    )?;
    Ok(n == 1)
}

/// Keeps an event that a replay left in quarantine, with its new reason.
pub fn quarantine_update_reason(tx: &mut Tx<'_>, id: QuarantineId, reason: &str, detail: &str) -> Result<u64> {
    tx.exec("UPDATE quarantine SET reason = $2, detail = $3 WHERE id = $1 AND state = 'open'", &[&id, &reason, &detail])
}

/// Discards every open one that matches; returns how many.
pub fn quarantine_discard(tx: &mut Tx<'_>, f: &QuarantineFilter, note: &str, now: Timestamp) -> Result<u64> {
    tx.exec(
        "UPDATE quarantine SET state = 'discarded', note = $4, decided_at = $5 WHERE state = 'open' \
         AND (CAST($1 AS TEXT) IS NULL OR reason = $1) AND (CAST($2 AS BIGINT) IS NULL OR source_id = $2) \
         AND (CAST($3 AS TEXT) IS NULL OR event_name = $3)",
        &[&f.reason, &f.source_id, &f.event_name, &note, &now],
    )
}

/// How many are open.
pub fn quarantine_open(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM quarantine WHERE state = 'open'", &[], |r| r.i64(0))
}

/// A saved fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Its id.
    pub id: FixId,
    /// Version, growing over all fixes.
    pub version: i64,
    /// A name for people.
    pub name: String,
    /// The source it is for; `None` for all.
    pub source_id: Option<SourceId>,
    /// JSON of the filter.
    pub filter: String,
    /// JSON of the operations.
    pub ops: String,
    /// Whether new events pass through it.
    pub active: bool,
    /// How many events it mended.
    pub applied: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Saves a fix under the next version.
pub fn fix_insert(tx: &mut Tx<'_>, f: &Fix) -> Result<i64> {
    let version = tx.query_one("SELECT COALESCE(MAX(version), 0) + 1 FROM fix", &[], |r| r.i64(0))?;
    tx.exec(
        "INSERT INTO fix (id, version, name, source_id, filter, ops, active, applied, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[&f.id, &version, &f.name, &f.source_id, &f.filter, &f.ops, &f.active, &f.applied, &f.created_at],
    )?;
    Ok(version)
}

/// All fixes, newest first.
pub fn fix_list(tx: &mut Tx<'_>) -> Result<Vec<Fix>> {
    tx.query(
        "SELECT id, version, name, source_id, filter, ops, active, applied, created_at FROM fix ORDER BY version DESC \
         LIMIT 500",
        &[],
        |r| {
            Ok(Fix {
                id: FixId::new(r.i64(0)?),
                version: r.i64(1)?,
                name: r.text(2)?,
                source_id: r.opt_i64(3)?.map(SourceId::new),
                filter: r.text(4)?,
                ops: r.text(5)?,
                active: r.bool(6)?,
                applied: r.i64(7)?,
                created_at: r.at(8)?,
            })
        },
    )
}

/// Removes a fix.
pub fn fix_delete(tx: &mut Tx<'_>, id: FixId) -> Result<bool> {
    Ok(tx.exec("DELETE FROM fix WHERE id = $1", &[&id])? == 1)
}

/// Counts what a fix mended.
pub fn fix_applied(tx: &mut Tx<'_>, id: FixId, n: i64) -> Result<u64> {
    tx.exec("UPDATE fix SET applied = applied + $2 WHERE id = $1", &[&id, &n])
}

/// An event of the tracking plan as saved (built-in ones are not).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEvent {
    /// The event's name.
    pub name: String,
    /// JSON Schema.
    pub schema: String,
    /// For people.
    pub description: String,
    /// When it was saved.
    pub updated_at: Timestamp,
}

/// The saved plan.
pub fn plan_list(tx: &mut Tx<'_>) -> Result<Vec<PlanEvent>> {
    tx.query("SELECT name, schema, description, updated_at FROM plan_event ORDER BY name LIMIT 5000", &[], |r| {
        Ok(PlanEvent { name: r.text(0)?, schema: r.text(1)?, description: r.text(2)?, updated_at: r.at(3)? })
    })
}

/// Saves an event of the plan.
pub fn plan_put(tx: &mut Tx<'_>, e: &PlanEvent) -> Result<u64> {
    tx.exec(
        "INSERT INTO plan_event (name, schema, description, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET schema = excluded.schema, description = excluded.description, \
         updated_at = excluded.updated_at",
        &[&e.name, &e.schema, &e.description, &e.updated_at],
    )
}

/// Takes an event out of the saved plan.
pub fn plan_delete(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    Ok(tx.exec("DELETE FROM plan_event WHERE name = $1", &[&name])? == 1)
}

/// Adds to a named counter.
pub fn counter_add(tx: &mut Tx<'_>, name: &str, n: i64) -> Result<u64> {
    tx.exec(
        "INSERT INTO counter (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value",
        &[&name, &n],
    )
}

/// All counters.
pub fn counters(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>> {
    tx.query("SELECT name, value FROM counter ORDER BY name", &[], |r| Ok((r.text(0)?, r.i64(1)?)))
}

/// A setting of the installation.
pub fn setting_get(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    tx.query_opt("SELECT value FROM setting WHERE name = $1", &[&name], |r| r.text(0))
}

/// Sets it.
pub fn setting_put(tx: &mut Tx<'_>, name: &str, value: &dyn Bind) -> Result<u64> {
    tx.exec(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[&name, value],
    )
}

/// The newest id that was given out, as far as the tables show: later ids must exceed it even if the clock stepped back.
pub fn newest_id(tx: &mut Tx<'_>) -> Result<i64> {
    let mut newest = 0;
    for (table, column) in [
        ("event_hot", "id"),
        ("identifier", "id"),
        ("identity_evidence", "seq"),
        ("quarantine", "id"),
        ("consent", "id"),
        ("lake_file", "id"),
        ("audit", "id"),
        ("audience_version", "id"),
    ] {
        let max = tx.query_one(&format!("SELECT COALESCE(MAX({column}), 0) FROM {table}"), &[], |r| r.i64(0))?;
        newest = newest.max(max);
    }
    Ok(newest)
}
