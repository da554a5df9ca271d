//! Who is in what: members, values of computed traits, sizes over time, and how versions differ.

use throughline_base::{AudienceVersionId, PersonId, Timestamp};

use crate::db::{Result, Tx, v};

/// A member of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub since_at: Timestamp,
    /// What made it one.
    pub cause: String,
}

/// A person's membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The version.
    pub version: AudienceVersionId,
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub since_at: Timestamp,
    /// What made it one: `event`, `timer`, `trait` …
    pub cause: String,
}

/// A page of members, by person; `after` is the last one of the page before.
pub fn members(tx: &mut Tx<'_>, version: AudienceVersionId, after: PersonId, limit: u32) -> Result<Vec<Member>> {
    tx.query(
        "SELECT person_id, since_at, cause FROM audience_member WHERE version_id = $1 AND person_id > $2 \
         ORDER BY person_id LIMIT $3",
        &[&version, &after, &i64::from(limit)],
        |r| Ok(Member { person: r.get(0)?, since_at: r.at(1)?, cause: r.text(2)? }),
    )
}

/// The versions that people are in, also those that are not in force.
pub fn memberships_of(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<Membership>> {
    let mut all = tx.select_in(
        "SELECT version_id, person_id, since_at, cause FROM audience_member WHERE person_id IN ($list)",
        &[],
        persons,
        |r| Ok(Membership { version: r.get(0)?, person: r.get(1)?, since_at: r.at(2)?, cause: r.text(3)? }),
    )?;
    all.sort_by_key(|m| (m.person, m.version));
    Ok(all)
}

/// How many members there are, counted.
pub fn members_count(tx: &mut Tx<'_>, version: AudienceVersionId) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM audience_member WHERE version_id = $1", &[&version], |r| r.i64(0))
}

/// Adds members; who is one already stays as it is.
pub fn members_put(tx: &mut Tx<'_>, rows: &[Membership]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO audience_member (version_id, person_id, since_at, cause) VALUES",
        rows.iter().map(|m| [v(m.version), v(m.person), v(m.since_at), v(&m.cause)]),
        "ON CONFLICT (version_id, person_id) DO NOTHING",
    )
}

/// Removes members.
pub fn members_delete(tx: &mut Tx<'_>, rows: &[(AudienceVersionId, PersonId)]) -> Result<u64> {
    let mut n = 0;
    for (version, person) in rows {
        n += tx.exec("DELETE FROM audience_member WHERE version_id = $1 AND person_id = $2", &[version, person])?;
    }
    Ok(n)
}

/// Removes at most `limit` members of a version; returns how many.
pub fn members_clear(tx: &mut Tx<'_>, version: AudienceVersionId, limit: u32) -> Result<u64> {
    tx.exec(
        "DELETE FROM audience_member WHERE version_id = $1 AND person_id IN \
         (SELECT person_id FROM audience_member WHERE version_id = $1 ORDER BY person_id LIMIT $2)",
        &[&version, &i64::from(limit)],
    )
}

/// Adds to the size of a version; returns the new size, 0 when there is no such version.
pub fn size_add(tx: &mut Tx<'_>, version: AudienceVersionId, n: i64) -> Result<i64> {
    let sql = "UPDATE audience_version SET size = size + $2 WHERE id = $1 RETURNING size";
    Ok(tx.query_opt(sql, &[&version, &n], |r| r.i64(0))?.unwrap_or(0))
}

/// Sets the size of a version.
pub fn size_set(tx: &mut Tx<'_>, version: AudienceVersionId, n: i64) -> Result<u64> {
    tx.exec("UPDATE audience_version SET size = $2 WHERE id = $1", &[&version, &n])
}

/// Values of the computed traits of people as `(person, version, JSON)`.
pub fn computed_of(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<(PersonId, AudienceVersionId, String)>> {
    let mut all = tx.select_in(
        "SELECT person_id, version_id, value FROM computed_value WHERE person_id IN ($list)",
        &[],
        persons,
        |r| Ok((r.get(0)?, r.get(1)?, r.text(2)?)),
    )?;
    all.sort_by_key(|(p, x, _)| (*p, *x));
    Ok(all)
}

/// Writes values as `(person, version, JSON)`.
pub fn computed_put(tx: &mut Tx<'_>, rows: &[(PersonId, AudienceVersionId, String)]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO computed_value (person_id, version_id, value) VALUES",
        rows.iter().map(|(p, x, value)| [v(*p), v(*x), v(value)]),
        "ON CONFLICT (person_id, version_id) DO UPDATE SET value = excluded.value",
    )
}

/// Removes values.
pub fn computed_delete(tx: &mut Tx<'_>, rows: &[(PersonId, AudienceVersionId)]) -> Result<u64> {
    let mut n = 0;
    for (person, version) in rows {
        n += tx.exec("DELETE FROM computed_value WHERE person_id = $1 AND version_id = $2", &[person, version])?;
    }
    Ok(n)
}

/// Removes at most `limit` values of a version; returns how many.
pub fn computed_clear(tx: &mut Tx<'_>, version: AudienceVersionId, limit: u32) -> Result<u64> {
    tx.exec(
        "DELETE FROM computed_value WHERE version_id = $1 AND person_id IN \
         (SELECT person_id FROM computed_value WHERE version_id = $1 LIMIT $2)",
        &[&version, &i64::from(limit)],
    )
}

/// The size of an audience at the end of an hour, and how many came and went in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// The hour's number since 1970.
    pub hour: i64,
    /// Members after the last change in it.
    pub size: i64,
    /// Came.
    pub entered: i64,
    /// Went.
    pub exited: i64,
}

/// Counts changes into their hour.
pub fn hours_add(tx: &mut Tx<'_>, owner: i64, h: Hour) -> Result<u64> {
    tx.exec(
        "INSERT INTO audience_size (owner_id, hour, size, entered, exited) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (owner_id, hour) DO UPDATE SET size = excluded.size, \
         entered = audience_size.entered + excluded.entered, exited = audience_size.exited + excluded.exited",
        &[&owner, &h.hour, &h.size, &h.entered, &h.exited],
    )
}

/// The hours of an audience from `from` on, in order; hours without a change are left out.
pub fn hours(tx: &mut Tx<'_>, owner: i64, from: i64) -> Result<Vec<Hour>> {
    tx.query(
        "SELECT hour, size, entered, exited FROM audience_size WHERE owner_id = $1 AND hour >= $2 ORDER BY hour LIMIT 10000",
        &[&owner, &from],
        |r| Ok(Hour { hour: r.i64(0)?, size: r.i64(1)?, entered: r.i64(2)?, exited: r.i64(3)? }),
    )
}

/// How the members of one version differ from those of another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// In the new one alone.
    pub entering: i64,
    /// In the old one alone.
    pub leaving: i64,
    /// In both.
    pub staying: i64,
}

/// Compares two versions; without an old one everybody enters.
pub fn difference(tx: &mut Tx<'_>, old: Option<AudienceVersionId>, new: AudienceVersionId) -> Result<Difference> {
    let all = members_count(tx, new)?;
    let Some(old) = old else { return Ok(Difference { entering: all, leaving: 0, staying: 0 }) };
    let staying = overlap(tx, old, new)?;
    Ok(Difference { entering: all - staying, leaving: members_count(tx, old)? - staying, staying })
}

/// How many people are in both versions.
pub fn overlap(tx: &mut Tx<'_>, a: AudienceVersionId, b: AudienceVersionId) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) FROM audience_member x JOIN audience_member y ON y.version_id = $2 AND y.person_id = x.person_id \
         WHERE x.version_id = $1",
        &[&a, &b],
        |r| r.i64(0),
    )
}

/// People in `of` and not in `other`, after `after`, by person.
pub fn difference_page(
    tx: &mut Tx<'_>,
    of: AudienceVersionId,
    other: AudienceVersionId,
    after: PersonId,
    limit: u32,
) -> Result<Vec<PersonId>> {
    tx.query(
        "SELECT x.person_id FROM audience_member x WHERE x.version_id = $1 AND x.person_id > $3 AND NOT EXISTS \
         (SELECT 1 FROM audience_member y WHERE y.version_id = $2 AND y.person_id = x.person_id) \
         ORDER BY x.person_id LIMIT $4",
        &[&of, &other, &after, &i64::from(limit)],
        |r| r.get(0),
    )
}

/// Marks everybody who is in one of both versions alone as to be looked at, for what depends on the audience.
pub fn differing_mark(
    tx: &mut Tx<'_>,
    (of, other): (AudienceVersionId, AudienceVersionId),
    seq: i64,
    cause: &str,
) -> Result<u64> {
    let mut n = 0;
    for (a, b) in [(of, other), (other, of)] {
        n += tx.exec(
            "INSERT INTO audience_dirty (person_id, seq, what, cause) \
             SELECT x.person_id, CAST($3 AS BIGINT), 0, CAST($4 AS TEXT) FROM audience_member x WHERE x.version_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM audience_member y WHERE y.version_id = $2 AND y.person_id = x.person_id) \
             ON CONFLICT (person_id) DO UPDATE SET seq = excluded.seq",
            &[&a, &b, &seq, &cause],
        )?;
    }
    Ok(n)
}
