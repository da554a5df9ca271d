//! Personas, and even samples of people to profile.

use throughline_base::{AudienceId, AudienceVersionId, PersonId, PersonaId, Timestamp};

use crate::db::{Result, Row, Tx};

/// A persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonaRow {
    /// Its id.
    pub id: PersonaId,
    /// Short name for programs, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Who that is, in words.
    pub description: String,
    /// The audience it stands for.
    pub audience: AudienceId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

const PERSONA: &str = "id, key, name, description, audience_id, created_at, updated_at";

fn read(r: &Row<'_>) -> Result<PersonaRow> {
    Ok(PersonaRow {
        id: r.get(0)?,
        key: r.text(1)?,
        name: r.text(2)?,
        description: r.text(3)?,
        audience: r.get(4)?,
        created_at: r.at(5)?,
        updated_at: r.at(6)?,
    })
}

/// Adds a persona, or writes all of it but when it was made.
pub fn put(tx: &mut Tx<'_>, p: &PersonaRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO persona (id, key, name, description, audience_id, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET key = excluded.key, name = excluded.name, \
         description = excluded.description, audience_id = excluded.audience_id, updated_at = excluded.updated_at",
        &[&p.id, &p.key, &p.name, &p.description, &p.audience, &p.created_at, &p.updated_at],
    )
}

/// Every persona, by key.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<PersonaRow>> {
    tx.query(&format!("SELECT {PERSONA} FROM persona ORDER BY key LIMIT 1000"), &[], read)
}

/// The persona with a key.
pub fn by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<PersonaRow>> {
    tx.query_opt(&format!("SELECT {PERSONA} FROM persona WHERE key = $1"), &[&key], read)
}

/// Removes a persona.
pub fn delete(tx: &mut Tx<'_>, id: PersonaId) -> Result<u64> {
    tx.exec("DELETE FROM persona WHERE id = $1", &[&id])
}

/// A prime: what ids leave when divided by it is spread evenly, though ids carry the time in their high bits.
pub(crate) const SPREAD: i64 = 1_000_003;

/// About `wanted` of the `of` members of a version, evenly chosen and the same ones each time; all of them when there are
/// no more.
pub fn sample_members(tx: &mut Tx<'_>, version: AudienceVersionId, wanted: i64, of: i64) -> Result<Vec<PersonId>> {
    tx.query(
        &format!(
            "SELECT person_id FROM audience_member WHERE version_id = $1 AND person_id % {SPREAD} < $2 \
             ORDER BY person_id LIMIT $3"
        ),
        &[&version, &below(wanted, of), &(wanted * 2)],
        |r| r.get(0),
    )
}

/// As [`sample_members`], of everybody who is identified.
pub fn sample_people(tx: &mut Tx<'_>, wanted: i64, of: i64) -> Result<Vec<PersonId>> {
    tx.query(
        &format!("SELECT id FROM person WHERE identified = 1 AND id % {SPREAD} < $1 ORDER BY id LIMIT $2"),
        &[&below(wanted, of), &(wanted * 2)],
        |r| r.get(0),
    )
}

fn below(wanted: i64, of: i64) -> i64 {
    if of <= wanted { SPREAD } else { SPREAD * wanted / of.max(1) }
}
