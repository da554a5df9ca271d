//! Values of a computed trait over everybody: pages, frequencies, even samples.

use throughline_base::{AudienceVersionId, PersonId};

use crate::db::{Result, Tx};
use crate::persona::SPREAD;

/// A page of values as `(person, JSON)`, by person.
pub fn values(
    tx: &mut Tx<'_>,
    version: AudienceVersionId,
    after: PersonId,
    limit: u32,
) -> Result<Vec<(PersonId, String)>> {
    tx.query(
        "SELECT person_id, value FROM computed_value WHERE version_id = $1 AND person_id > $2 ORDER BY person_id LIMIT $3",
        &[&version, &after, &i64::from(limit)],
        |r| Ok((r.get(0)?, r.text(1)?)),
    )
}

/// How many people have a value.
pub fn known(tx: &mut Tx<'_>, version: AudienceVersionId) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM computed_value WHERE version_id = $1", &[&version], |r| r.i64(0))
}

/// The most frequent values as `(JSON, people)`, and how many different ones there are.
pub fn frequent(tx: &mut Tx<'_>, version: AudienceVersionId, limit: u32) -> Result<(Vec<(String, i64)>, i64)> {
    let top = tx.query(
        "SELECT value, COUNT(*) AS people FROM computed_value WHERE version_id = $1 GROUP BY value \
         ORDER BY people DESC, value LIMIT $2",
        &[&version, &i64::from(limit)],
        |r| Ok((r.text(0)?, r.i64(1)?)),
    )?;
    let different =
        tx.query_one("SELECT COUNT(DISTINCT value) FROM computed_value WHERE version_id = $1", &[&version], |r| {
            r.i64(0)
        })?;
    Ok((top, different))
}

/// About `wanted` of the `of` values, of people evenly chosen.
pub fn sample(tx: &mut Tx<'_>, version: AudienceVersionId, wanted: i64, of: i64) -> Result<Vec<String>> {
    let below = if of <= wanted { SPREAD } else { SPREAD * wanted / of.max(1) };
    tx.query(
        &format!(
            "SELECT value FROM computed_value WHERE version_id = $1 AND person_id % {SPREAD} < $2 \
             ORDER BY person_id LIMIT $3"
        ),
        &[&version, &below, &(wanted * 2)],
        |r| r.text(0),
    )
}
