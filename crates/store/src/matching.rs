//! Models of probabilistic matching, what was matched, and the pairs found.

use throughline_base::{IdentifierId, PersonId, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A stored model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Its number; grows.
    pub version: i64,
    /// When it was fitted.
    pub at: Timestamp,
    /// To how many records.
    pub records: i64,
    /// The model as JSON.
    pub model: String,
}

/// Stores a model.
pub fn model_insert(tx: &mut Tx<'_>, m: &ModelRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO match_model (version, at, records, model) VALUES ($1, $2, $3, $4)",
        &[&m.version, &m.at, &m.records, &m.model],
    )
}

/// The model in force.
pub fn model_newest(tx: &mut Tx<'_>) -> Result<Option<ModelRow>> {
    tx.query_opt("SELECT version, at, records, model FROM match_model ORDER BY version DESC LIMIT 1", &[], |r| {
        Ok(ModelRow { version: r.i64(0)?, at: r.at(1)?, records: r.i64(2)?, model: r.text(3)? })
    })
}

/// Version, instant and records of the model in force, without the model.
pub fn model_head(tx: &mut Tx<'_>) -> Result<Option<(i64, Timestamp, i64)>> {
    tx.query_opt("SELECT version, at, records FROM match_model ORDER BY version DESC LIMIT 1", &[], |r| {
        Ok((r.i64(0)?, r.at(1)?, r.i64(2)?))
    })
}

/// Takes the text of models away that are older than `version`: their numbers stay.
pub fn models_thin(tx: &mut Tx<'_>, version: i64) -> Result<u64> {
    tx.exec("UPDATE match_model SET model = '' WHERE version < $1 AND model <> ''", &[&version])
}

/// People that are known, by id, from after `after` on.
pub fn people_after(tx: &mut Tx<'_>, after: PersonId, limit: u32) -> Result<Vec<PersonId>> {
    tx.query(
        "SELECT id FROM person WHERE identified = 1 AND id > $1 ORDER BY id LIMIT $2",
        &[&after, &i64::from(limit)],
        |r| Ok(PersonId::new(r.i64(0)?)),
    )
}

/// What each person said when last matched.
pub fn records(tx: &mut Tx<'_>) -> Result<Vec<(PersonId, i64)>> {
    let mut out = Vec::new();
    tx.each("SELECT person_id, content FROM match_record", &[], |r| {
        out.push((PersonId::new(r.i64(0)?), r.i64(1)?));
        Ok(true)
    })?;
    Ok(out)
}

/// Notes what people said.
pub fn records_put(tx: &mut Tx<'_>, rows: &[(PersonId, i64)]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO match_record (person_id, content) VALUES",
        rows.iter().map(|(person, content)| [v(*person), v(*content)]),
        "ON CONFLICT (person_id) DO UPDATE SET content = excluded.content",
    )
}

/// Forgets people who are nobody's any more.
pub fn records_delete(tx: &mut Tx<'_>, people: &[PersonId]) -> Result<u64> {
    let mut n = 0;
    for person in people {
        n += tx.exec("DELETE FROM match_record WHERE person_id = $1", &[person])?;
    }
    Ok(n)
}

/// A pair that may be one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairRow {
    /// The identifier one person's id comes from, the smaller one.
    pub a: IdentifierId,
    /// The other's.
    pub b: IdentifierId,
    /// The model that scored it.
    pub version: i64,
    /// The odds before what answers have taught, in thousandths of a bit.
    pub odds: i64,
    /// The probability of one person, in millionths.
    pub probability: i64,
    /// By which fields, as JSON.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

const PAIR: &str = "a, b, version, odds, probability, detail, at";

fn pair(r: &Row<'_>) -> Result<PairRow> {
    Ok(PairRow {
        a: IdentifierId::new(r.i64(0)?),
        b: IdentifierId::new(r.i64(1)?),
        version: r.i64(2)?,
        odds: r.i64(3)?,
        probability: r.i64(4)?,
        detail: r.text(5)?,
        at: r.at(6)?,
    })
}

/// Adds or replaces pairs.
pub fn pairs_put(tx: &mut Tx<'_>, rows: &[PairRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO match_pair (a, b, version, odds, probability, detail, at) VALUES",
        rows.iter().map(|p| [v(p.a), v(p.b), v(p.version), v(p.odds), v(p.probability), v(&p.detail), v(p.at)]),
        "ON CONFLICT (a, b) DO UPDATE SET version = excluded.version, odds = excluded.odds, \
         probability = excluded.probability, detail = excluded.detail, at = excluded.at",
    )
}

/// One pair.
pub fn pair_get(tx: &mut Tx<'_>, a: IdentifierId, b: IdentifierId) -> Result<Option<PairRow>> {
    tx.query_opt(&format!("SELECT {PAIR} FROM match_pair WHERE a = $1 AND b = $2"), &[&a, &b], pair)
}

/// The keys of all pairs nobody decided about.
pub fn pairs_open(tx: &mut Tx<'_>) -> Result<Vec<(IdentifierId, IdentifierId)>> {
    tx.query(
        "SELECT p.a, p.b FROM match_pair p WHERE NOT EXISTS (SELECT 1 FROM identity_review r \
         WHERE r.kind = 'probable' AND r.a = p.a AND r.b = p.b AND r.state = 'done') ORDER BY p.a, p.b",
        &[],
        |r| Ok((IdentifierId::new(r.i64(0)?), IdentifierId::new(r.i64(1)?))),
    )
}

/// Takes pairs away.
pub fn pairs_delete(tx: &mut Tx<'_>, pairs: &[(IdentifierId, IdentifierId)]) -> Result<u64> {
    let mut n = 0;
    for (a, b) in pairs {
        n += tx.exec("DELETE FROM match_pair WHERE a = $1 AND b = $2", &[a, b])?;
    }
    Ok(n)
}

/// What people answered about pairs: the odds the pair had, and whether it is one person. The newest first.
pub fn answers(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<(i64, bool)>> {
    tx.query(
        "SELECT p.odds, r.decision FROM identity_review r JOIN match_pair p ON p.a = r.a AND p.b = r.b \
         WHERE r.kind = 'probable' AND r.state = 'done' AND r.decision IN ('merge', 'keep_apart') \
         AND r.decided_by <> 'matcher' ORDER BY r.decided_at DESC, r.id DESC LIMIT $1",
        &[&i64::from(limit)],
        |r| Ok((r.i64(0)?, r.text(1)? == "merge")),
    )
}
