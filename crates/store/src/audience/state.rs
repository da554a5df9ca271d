//! What evaluation keeps and what it has still to look at: behaviour, marks, due times.

use throughline_base::{PersonId, Timestamp};

use crate::db::{Result, Tx, v};
use crate::privacy::Removed;

/// What is kept of a person's behaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehaviourRow {
    /// Whose.
    pub person: PersonId,
    /// The generation of the set of definitions it was last written with.
    pub generation: i64,
    /// As the evaluation encodes it.
    pub state: Vec<u8>,
}

/// What is kept of people, in no given order.
pub fn behaviours(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<BehaviourRow>> {
    tx.select_in(
        "SELECT person_id, generation, state FROM person_behaviour WHERE person_id IN ($list)",
        &[],
        persons,
        |r| Ok(BehaviourRow { person: r.get(0)?, generation: r.i64(1)?, state: r.blob(2)?.to_vec() }),
    )
}

/// Writes it.
pub fn behaviours_put(tx: &mut Tx<'_>, rows: &[BehaviourRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO person_behaviour (person_id, generation, state) VALUES",
        rows.iter().map(|b| [v(b.person), v(b.generation), v(&b.state)]),
        "ON CONFLICT (person_id) DO UPDATE SET generation = excluded.generation, state = excluded.state",
    )
}

/// Removes it.
pub fn behaviours_delete(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<u64> {
    let mut n = 0;
    for person in persons {
        n += tx.exec("DELETE FROM person_behaviour WHERE person_id = $1", &[person])?;
    }
    Ok(n)
}

/// Something that is followed of behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Track {
    /// What, as the evaluation numbers it.
    pub key: i64,
    /// The generation that began to follow it: states written before have nothing of it that counts.
    pub since: i64,
    /// Whether the history before that was read.
    pub complete: bool,
}

/// Everything that is followed.
pub fn tracks(tx: &mut Tx<'_>) -> Result<Vec<Track>> {
    tx.query("SELECT key, since, complete FROM audience_track ORDER BY key", &[], |r| {
        Ok(Track { key: r.i64(0)?, since: r.i64(1)?, complete: r.bool(2)? })
    })
}

/// Adds or changes what is followed.
pub fn tracks_put(tx: &mut Tx<'_>, rows: &[Track]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO audience_track (key, since, complete) VALUES",
        rows.iter().map(|t| [v(t.key), v(t.since), v(t.complete)]),
        "ON CONFLICT (key) DO UPDATE SET since = excluded.since, complete = excluded.complete",
    )
}

/// Follows some things no more.
pub fn tracks_drop(tx: &mut Tx<'_>, keys: &[i64]) -> Result<u64> {
    let mut n = 0;
    for key in keys {
        n += tx.exec("DELETE FROM audience_track WHERE key = $1", &[key])?;
    }
    Ok(n)
}

/// A person to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirty {
    /// Who.
    pub person: PersonId,
    /// Grows with each mark: a mark that came while another was worked off is not taken for it.
    pub seq: i64,
    /// How much: 0 facts changed, 1 its identifiers went to another person as a whole, 2 its events are other ones now.
    pub what: i64,
    /// Why.
    pub cause: String,
}

/// Marks people. Of several marks the one that asks for most stays, with the newest number.
pub fn dirty_mark(tx: &mut Tx<'_>, rows: &[Dirty]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO audience_dirty (person_id, seq, what, cause) VALUES",
        rows.iter().map(|d| [v(d.person), v(d.seq), v(d.what), v(&d.cause)]),
        "ON CONFLICT (person_id) DO UPDATE SET seq = excluded.seq, \
         cause = CASE WHEN excluded.what >= audience_dirty.what THEN excluded.cause ELSE audience_dirty.cause END, \
         what = CASE WHEN excluded.what > audience_dirty.what THEN excluded.what ELSE audience_dirty.what END",
    )
}

/// The longest marked people.
pub fn dirty(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Dirty>> {
    tx.query(
        "SELECT person_id, seq, what, cause FROM audience_dirty ORDER BY seq, person_id LIMIT $1",
        &[&i64::from(limit)],
        |r| Ok(Dirty { person: r.get(0)?, seq: r.i64(1)?, what: r.i64(2)?, cause: r.text(3)? }),
    )
}

/// The marks of some people.
pub fn dirty_of(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<Dirty>> {
    tx.select_in(
        "SELECT person_id, seq, what, cause FROM audience_dirty WHERE person_id IN ($list)",
        &[],
        persons,
        |r| Ok(Dirty { person: r.get(0)?, seq: r.i64(1)?, what: r.i64(2)?, cause: r.text(3)? }),
    )
}

/// Whether anybody is marked.
pub fn dirty_any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_opt("SELECT 1 FROM audience_dirty LIMIT 1", &[], |r| r.i64(0))?.is_some())
}

/// Whether anybody waits whose events are other ones than before.
pub fn dirty_events_any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_opt("SELECT 1 FROM audience_dirty WHERE what > 0 LIMIT 1", &[], |r| r.i64(0))?.is_some())
}

/// How many are marked.
pub fn dirty_count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM audience_dirty", &[], |r| r.i64(0))
}

/// Takes marks off that were worked off, unless they were put on again since.
pub fn dirty_clear(tx: &mut Tx<'_>, done: &[(PersonId, i64)]) -> Result<u64> {
    let mut n = 0;
    for (person, seq) in done {
        n += tx.exec("DELETE FROM audience_dirty WHERE person_id = $1 AND seq = $2", &[person, seq])?;
    }
    Ok(n)
}

/// Notes people whose identifiers moved while a history is read.
pub fn moved_add(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO audience_moved (person_id) VALUES",
        persons.iter().map(|p| [v(*p)]),
        "ON CONFLICT (person_id) DO NOTHING",
    )
}

/// Which of these are noted.
pub fn moved_of(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<PersonId>> {
    tx.select_in("SELECT person_id FROM audience_moved WHERE person_id IN ($list)", &[], persons, |r| r.get(0))
}

/// Noted people after `after`, in order.
pub fn moved(tx: &mut Tx<'_>, after: PersonId, limit: u32) -> Result<Vec<PersonId>> {
    tx.query(
        "SELECT person_id FROM audience_moved WHERE person_id > $1 ORDER BY person_id LIMIT $2",
        &[&after, &i64::from(limit)],
        |r| r.get(0),
    )
}

/// Forgets them all.
pub fn moved_clear(tx: &mut Tx<'_>) -> Result<u64> {
    tx.exec("DELETE FROM audience_moved", &[])
}

/// When people change next though nothing happens.
pub fn due_of(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<(PersonId, Timestamp)>> {
    tx.select_in("SELECT person_id, due_at FROM audience_due WHERE person_id IN ($list)", &[], persons, |r| {
        Ok((r.get(0)?, r.at(1)?))
    })
}

/// Sets it, or takes it away.
pub fn due_put(tx: &mut Tx<'_>, rows: &[(PersonId, Option<Timestamp>)]) -> Result<u64> {
    let mut n = 0;
    for (person, _) in rows.iter().filter(|(_, at)| at.is_none()) {
        n += tx.exec("DELETE FROM audience_due WHERE person_id = $1", &[person])?;
    }
    n += tx.insert_many(
        "INSERT INTO audience_due (person_id, due_at) VALUES",
        rows.iter().filter_map(|(person, at)| Some([v(*person), v((*at)?)])),
        "ON CONFLICT (person_id) DO UPDATE SET due_at = excluded.due_at",
    )?;
    Ok(n)
}

/// People whose time has come, the longest due first.
pub fn due(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<(PersonId, Timestamp)>> {
    tx.query(
        "SELECT person_id, due_at FROM audience_due WHERE due_at <= $1 ORDER BY due_at, person_id LIMIT $2",
        &[&now, &i64::from(limit)],
        |r| Ok((r.get(0)?, r.at(1)?)),
    )
}

/// The next time that comes.
pub fn due_next(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    tx.query_opt("SELECT due_at FROM audience_due ORDER BY due_at LIMIT 1", &[], |r| r.at(0))
}

/// How many times are set.
pub fn due_count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM audience_due", &[], |r| r.i64(0))
}

/// People after `after`, in order.
pub fn people_after(tx: &mut Tx<'_>, after: PersonId, limit: u32) -> Result<Vec<PersonId>> {
    tx.query("SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2", &[&after, &i64::from(limit)], |r| r.get(0))
}

/// Removes everything that is kept of people; the sizes of what they were in shrink with it.
pub fn people_forget(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<Removed>> {
    const TABLES: [&str; 6] =
        ["audience_member", "computed_value", "person_behaviour", "audience_due", "audience_dirty", "audience_moved"];
    for m in super::memberships_of(tx, persons)? {
        super::size_add(tx, m.version, -1)?;
    }
    for (_, version, _) in super::computed_of(tx, persons)? {
        super::size_add(tx, version, -1)?;
    }
    TABLES
        .into_iter()
        .map(|table| {
            let sql = format!("DELETE FROM {table} WHERE person_id = $1");
            let mut n = 0;
            for person in persons {
                n += tx.exec(&sql, &[person])?;
            }
            Ok((table, n))
        })
        .collect()
}

/// How many people have a stored state, and how many bytes those take.
pub fn behaviour_size(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    tx.query_one("SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(state)), 0) AS BIGINT) FROM person_behaviour", &[], |r| {
        Ok((r.i64(0)?, r.i64(1)?))
    })
}
