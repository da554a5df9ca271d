//! Who is at a destination, who must be compared again, and the log of where each person's data went.

use throughline_base::{AudienceVersionId, DestinationId, PersonId, RequestId, RunId, SyncId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A person as delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// Who.
    pub person: PersonId,
    /// Of the records as delivered.
    pub fingerprint: i64,
    /// JSON: what takes the person back.
    pub kept: String,
}

fn held_row(r: &Row<'_>) -> Result<HeldRow> {
    Ok(HeldRow { person: r.get(0)?, fingerprint: r.i64(1)?, kept: r.text(2)? })
}

/// What a destination holds of some people.
pub fn held(tx: &mut Tx<'_>, sync: SyncId, persons: &[PersonId]) -> Result<Vec<HeldRow>> {
    tx.select_in(
        "SELECT person_id, fingerprint, kept FROM export_member WHERE sync_id = $1 AND person_id IN ($list)",
        &[&sync],
        persons,
        held_row,
    )
}

/// A page of those whom a destination holds, by person; `after` is the last one of the page before.
pub fn held_page(tx: &mut Tx<'_>, sync: SyncId, after: PersonId, limit: u32) -> Result<Vec<PersonId>> {
    tx.query(
        "SELECT person_id FROM export_member WHERE sync_id = $1 AND person_id > $2 ORDER BY person_id LIMIT $3",
        &[&sync, &after, &i64::from(limit)],
        |r| r.get(0),
    )
}

/// How many people a destination holds by a sync.
pub fn held_count(tx: &mut Tx<'_>, sync: SyncId) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM export_member WHERE sync_id = $1", &[&sync], |r| r.i64(0))
}

/// Whether anything is left at the destination, or still to be taken back.
pub fn held_any(tx: &mut Tx<'_>, sync: SyncId) -> Result<bool> {
    let found = tx.query_opt(
        "SELECT 1 FROM export_member WHERE sync_id = $1 UNION ALL SELECT 1 FROM export_removal WHERE sync_id = $1 LIMIT 1",
        &[&sync],
        |r| r.i64(0),
    )?;
    Ok(found.is_some())
}

/// What happened to a person at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Sent for the first time, or again after having been removed.
    Sent,
    /// Sent anew, because something that was sent had changed.
    Updated,
    /// Taken back.
    Removed,
}

impl What {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Updated => "updated",
            Self::Removed => "removed",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Sent, Self::Updated, Self::Removed].into_iter().find(|w| w.as_str() == text)
    }
}

/// A delivered change. `id` is the log's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Id of its row in the log.
    pub id: i64,
    /// Who.
    pub person: PersonId,
    /// What.
    pub what: What,
    /// Of the records as delivered; 0 for who was taken back.
    pub fingerprint: i64,
    /// JSON: what takes the person back.
    pub kept: String,
    /// Whether there is a person to keep a log for: not of one who was erased meanwhile.
    pub logged: bool,
}

/// Notes delivered changes: who is at the destination now, and in each person's log.
pub fn members_apply(tx: &mut Tx<'_>, sync: SyncId, run: RunId, changes: &[Change], now: Timestamp) -> Result<()> {
    tx.insert_many(
        "INSERT INTO export_member (sync_id, person_id, fingerprint, kept, run_id, at) VALUES",
        changes
            .iter()
            .filter(|c| c.what != What::Removed)
            .map(|c| [v(sync), v(c.person), v(c.fingerprint), v(&c.kept), v(run), v(now)]),
        "ON CONFLICT (sync_id, person_id) DO UPDATE SET fingerprint = excluded.fingerprint, kept = excluded.kept, \
         run_id = excluded.run_id, at = excluded.at",
    )?;
    for c in changes.iter().filter(|c| c.what == What::Removed) {
        tx.exec("DELETE FROM export_member WHERE sync_id = $1 AND person_id = $2", &[&sync, &c.person])?;
    }
    tx.insert_many(
        "INSERT INTO export_log (id, person_id, sync_id, run_id, what, at) VALUES",
        changes
            .iter()
            .filter(|c| c.logged)
            .map(|c| [v(c.id), v(c.person), v(sync), v(run), v(c.what.as_str()), v(now)]),
        "ON CONFLICT (id) DO NOTHING",
    )?;
    Ok(())
}

/// Who is to be compared again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dirty {
    /// Who.
    pub person: PersonId,
    /// Which touch; a later one has a larger number.
    pub seq: i64,
}

/// Marks people for the syncs whose audience they are in or whose destination holds them; `live` are the syncs with the
/// version in force.
pub fn dirty_touch(
    tx: &mut Tx<'_>,
    live: &[(SyncId, Option<AudienceVersionId>)],
    persons: &[PersonId],
    seq: i64,
    now: Timestamp,
) -> Result<()> {
    for (sync, version) in live {
        let mut found: Vec<PersonId> = tx.select_in(
            "SELECT person_id FROM export_member WHERE sync_id = $1 AND person_id IN ($list)",
            &[sync],
            persons,
            |r| r.get(0),
        )?;
        if let Some(version) = version {
            found.extend(tx.select_in(
                "SELECT person_id FROM audience_member WHERE version_id = $1 AND person_id IN ($list)",
                &[version],
                persons,
                |r| r.get::<PersonId>(0),
            )?);
        }
        found.sort_unstable();
        found.dedup();
        let rows: Vec<(PersonId, Timestamp)> = found.into_iter().map(|p| (p, now)).collect();
        dirty_put(tx, *sync, &rows, seq)?;
    }
    Ok(())
}

/// Marks people to be compared at a time; an earlier time that stands already stays.
pub fn dirty_put(tx: &mut Tx<'_>, sync: SyncId, rows: &[(PersonId, Timestamp)], seq: i64) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO export_dirty (sync_id, person_id, seq, due_at) VALUES",
        rows.iter().map(|(person, due)| [v(sync), v(*person), v(seq), v(*due)]),
        "ON CONFLICT (sync_id, person_id) DO UPDATE SET seq = excluded.seq, \
         due_at = CASE WHEN excluded.due_at < export_dirty.due_at THEN excluded.due_at ELSE export_dirty.due_at END",
    )
}

/// Those who are due, the longest first.
pub fn dirty_due(tx: &mut Tx<'_>, sync: SyncId, now: Timestamp, limit: u32) -> Result<Vec<Dirty>> {
    tx.query(
        "SELECT person_id, seq FROM export_dirty WHERE sync_id = $1 AND due_at <= $2 ORDER BY due_at, person_id LIMIT $3",
        &[&sync, &now, &i64::from(limit)],
        |r| Ok(Dirty { person: r.get(0)?, seq: r.i64(1)? }),
    )
}

/// When the next one of a sync is due.
pub fn dirty_next(tx: &mut Tx<'_>, sync: SyncId) -> Result<Option<Timestamp>> {
    tx.query_one("SELECT MIN(due_at) FROM export_dirty WHERE sync_id = $1", &[&sync], |r| r.opt_at(0))
}

/// Unmarks those who were compared and not touched since.
pub fn dirty_clear(tx: &mut Tx<'_>, sync: SyncId, done: &[Dirty]) -> Result<()> {
    for d in done {
        tx.exec(
            "DELETE FROM export_dirty WHERE sync_id = $1 AND person_id = $2 AND seq = $3",
            &[&sync, &d.person, &d.seq],
        )?;
    }
    Ok(())
}

/// Unmarks everybody who was due by `started` and not touched after `seq`: all were compared.
pub fn dirty_clear_all(tx: &mut Tx<'_>, sync: SyncId, seq: i64, started: Timestamp) -> Result<u64> {
    tx.exec("DELETE FROM export_dirty WHERE sync_id = $1 AND seq <= $2 AND due_at <= $3", &[&sync, &seq, &started])
}

/// What takes an erased person back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Its id.
    pub id: i64,
    /// The erasure.
    pub request: RequestId,
    /// JSON.
    pub kept: String,
}

/// What a sync still has to take back of erased people, the oldest first.
pub fn removals(tx: &mut Tx<'_>, sync: SyncId, limit: u32) -> Result<Vec<Removal>> {
    tx.query(
        "SELECT id, request_id, kept FROM export_removal WHERE sync_id = $1 ORDER BY id LIMIT $2",
        &[&sync, &i64::from(limit)],
        |r| Ok(Removal { id: r.i64(0)?, request: r.get(1)?, kept: r.text(2)? }),
    )
}

/// Forgets what was taken back.
pub fn removals_clear(tx: &mut Tx<'_>, ids: &[i64]) -> Result<()> {
    for id in ids {
        tx.exec("DELETE FROM export_removal WHERE id = $1", &[id])?;
    }
    Ok(())
}

/// Whether an erasure waits for anything to be taken back.
pub fn removals_left(tx: &mut Tx<'_>, request: RequestId) -> Result<bool> {
    Ok(tx.query_opt("SELECT 1 FROM export_removal WHERE request_id = $1 LIMIT 1", &[&request], |r| r.i64(0))?.is_some())
}

/// How much each destination still has to take back for an erasure, by destination.
pub fn removals_of_request(tx: &mut Tx<'_>, request: RequestId) -> Result<Vec<(DestinationId, i64)>> {
    tx.query(
        "SELECT s.destination_id, COUNT(*) FROM export_removal m JOIN export_sync s ON s.id = m.sync_id \
         WHERE m.request_id = $1 GROUP BY s.destination_id ORDER BY s.destination_id",
        &[&request],
        |r| Ok((r.get(0)?, r.i64(1)?)),
    )
}

/// Forgets people: their log goes, and what destinations hold of them waits to be taken back without saying whose it was.
/// `next_id` numbers what waits. Returns rows of the log removed, and the syncs that have something to take back.
pub fn forget_persons(
    tx: &mut Tx<'_>,
    persons: &[PersonId],
    request: RequestId,
    mut next_id: impl FnMut() -> i64,
    now: Timestamp,
) -> Result<(u64, Vec<(SyncId, i64)>)> {
    let mut waiting: Vec<(SyncId, i64)> = Vec::new();
    let mut logged = 0;
    for person in persons {
        let held = tx.query("SELECT sync_id, kept FROM export_member WHERE person_id = $1", &[person], |r| {
            Ok((r.get::<SyncId>(0)?, r.text(1)?))
        })?;
        for (sync, kept) in held {
            tx.exec_one(
                "INSERT INTO export_removal (id, sync_id, request_id, kept, at) VALUES ($1, $2, $3, $4, $5)",
                &[&next_id(), &sync, &request, &kept, &now],
            )?;
            match waiting.iter_mut().find(|(s, _)| *s == sync) {
                Some(slot) => slot.1 += 1,
                None => waiting.push((sync, 1)),
            }
        }
        tx.exec("DELETE FROM export_member WHERE person_id = $1", &[person])?;
        tx.exec("DELETE FROM export_dirty WHERE person_id = $1", &[person])?;
        logged += tx.exec("DELETE FROM export_log WHERE person_id = $1", &[person])?;
    }
    Ok((logged, waiting))
}

/// A line of a person's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its id.
    pub id: i64,
    /// The person's id at that time.
    pub person: PersonId,
    /// By which sync.
    pub sync: SyncId,
    /// In which run.
    pub run: RunId,
    /// What.
    pub what: What,
    /// When it was delivered.
    pub at: Timestamp,
}

/// Where the data of some people went, the newest first, at most `limit` after `before`.
pub fn log_of(tx: &mut Tx<'_>, persons: &[PersonId], before: i64, limit: u32) -> Result<Vec<LogRow>> {
    let mut rows = Vec::new();
    for person in persons {
        rows.extend(tx.query(
            "SELECT id, person_id, sync_id, run_id, what, at FROM export_log WHERE person_id = $1 AND id < $2 \
             ORDER BY id DESC LIMIT $3",
            &[person, &before, &i64::from(limit)],
            |r| {
                let what = What::parse(r.str(4)?);
                let what = what.ok_or_else(|| crate::StoreError::internal("an unknown word in the log of exports"))?;
                Ok(LogRow { id: r.i64(0)?, person: r.get(1)?, sync: r.get(2)?, run: r.get(3)?, what, at: r.at(5)? })
            },
        )?);
    }
    rows.sort_by_key(|r| std::cmp::Reverse(r.id));
    rows.truncate(limit as usize);
    Ok(rows)
}
