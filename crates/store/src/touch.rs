//! Rows of the room `touch`: interned signatures and the rule table.

use throughline_base::Timestamp;

use crate::db::{Result, Tx};

/// All interned signatures as `(id, fingerprint, JSON)`.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<(i64, i64, String)>> {
    tx.query("SELECT id, fingerprint, signature FROM touch ORDER BY id", &[], |r| {
        Ok((r.i64(0)?, r.i64(1)?, r.text(2)?))
    })
}

/// Interns a signature by its fingerprint; returns its number.
pub fn intern(tx: &mut Tx<'_>, fingerprint: i64, signature: &str, now: Timestamp) -> Result<i64> {
    if let Some(id) = tx.query_opt("SELECT id FROM touch WHERE fingerprint = $1", &[&fingerprint], |r| r.i64(0))? {
        return Ok(id);
    }
    let next = tx.query_one("SELECT COALESCE(MAX(id), 0) + 1 FROM touch", &[], |r| r.i64(0))?;
    tx.exec(
        "INSERT INTO touch (id, fingerprint, signature, first_at) VALUES ($1, $2, $3, $4)",
        &[&next, &fingerprint, &signature, &now],
    )?;
    Ok(next)
}

/// The newest rule table as `(version, JSON, at, actor)`.
pub fn rules_latest(tx: &mut Tx<'_>) -> Result<Option<(i64, String, Timestamp, String)>> {
    tx.query_opt("SELECT version, rules, at, actor FROM touch_rules ORDER BY version DESC LIMIT 1", &[], |r| {
        Ok((r.i64(0)?, r.text(1)?, r.at(2)?, r.text(3)?))
    })
}

/// Saves a rule table under the next version.
pub fn rules_insert(tx: &mut Tx<'_>, rules: &str, actor: &str, now: Timestamp) -> Result<i64> {
    let version = tx.query_one("SELECT COALESCE(MAX(version), 0) + 1 FROM touch_rules", &[], |r| r.i64(0))?;
    tx.exec(
        "INSERT INTO touch_rules (version, rules, at, actor) VALUES ($1, $2, $3, $4)",
        &[&version, &rules, &now, &actor],
    )?;
    Ok(version)
}
