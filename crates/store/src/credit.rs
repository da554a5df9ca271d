//! Rows of the room `credit`: conversion definitions and ad spend.

use throughline_base::{ConversionId, Cursor, ImportId, Page, Timestamp};

use crate::db::{Result, Row, Tx, v};

/// A conversion definition as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversionRow {
    /// Its id.
    pub id: ConversionId,
    /// Short name for programs, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// JSON of the definition.
    pub definition: String,
    /// The one reports begin with.
    pub is_default: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

fn conversion(r: &Row<'_>) -> Result<ConversionRow> {
    Ok(ConversionRow {
        id: ConversionId::new(r.i64(0)?),
        key: r.text(1)?,
        name: r.text(2)?,
        definition: r.text(3)?,
        is_default: r.bool(4)?,
        created_at: r.at(5)?,
    })
}

/// Every definition.
pub fn conversions(tx: &mut Tx<'_>) -> Result<Vec<ConversionRow>> {
    tx.query(
        "SELECT id, key, name, definition, is_default, created_at FROM conversion ORDER BY is_default DESC, created_at \
         LIMIT 500",
        &[],
        conversion,
    )
}

/// Adds a definition.
pub fn conversion_insert(tx: &mut Tx<'_>, c: &ConversionRow) -> Result<u64> {
    if c.is_default {
        tx.exec("UPDATE conversion SET is_default = 0", &[])?;
    }
    tx.exec(
        "INSERT INTO conversion (id, key, name, definition, is_default, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&c.id, &c.key, &c.name, &c.definition, &c.is_default, &c.created_at],
    )
}

/// Changes a definition.
pub fn conversion_update(tx: &mut Tx<'_>, c: &ConversionRow) -> Result<()> {
    if c.is_default {
        tx.exec("UPDATE conversion SET is_default = 0 WHERE id <> $1", &[&c.id])?;
    }
    tx.exec_one(
        "UPDATE conversion SET key = $2, name = $3, definition = $4, is_default = $5 WHERE id = $1",
        &[&c.id, &c.key, &c.name, &c.definition, &c.is_default],
    )
}

/// Removes a definition.
pub fn conversion_delete(tx: &mut Tx<'_>, id: ConversionId) -> Result<()> {
    tx.exec_one("DELETE FROM conversion WHERE id = $1", &[&id])
}

/// Spend of a day, channel and campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendRow {
    /// Its number.
    pub id: i64,
    /// Days since 1970.
    pub day: i64,
    /// Channel key.
    pub channel: String,
    /// Campaign; empty for the channel as a whole.
    pub campaign: String,
    /// Currency.
    pub currency: String,
    /// Impressions.
    pub impressions: i64,
    /// Clicks.
    pub clicks: i64,
    /// Cost in minor units.
    pub cost_minor: i64,
    /// The import it came by.
    pub import_id: Option<ImportId>,
}

/// Saves spend; a row of the same day, channel, campaign and currency is replaced.
pub fn spend_put(tx: &mut Tx<'_>, rows: &[SpendRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO ad_spend (id, day, channel, campaign, currency, impressions, clicks, cost_minor, import_id) VALUES",
        rows.iter().map(|s| {
            [
                v(s.id),
                v(s.day),
                v(&s.channel),
                v(&s.campaign),
                v(&s.currency),
                v(s.impressions),
                v(s.clicks),
                v(s.cost_minor),
                v(s.import_id),
            ]
        }),
        "ON CONFLICT (day, channel, campaign, currency) DO UPDATE SET impressions = excluded.impressions, \
         clicks = excluded.clicks, cost_minor = excluded.cost_minor, import_id = excluded.import_id",
    )
}

fn spend(r: &Row<'_>) -> Result<SpendRow> {
    Ok(SpendRow {
        id: r.i64(0)?,
        day: r.i64(1)?,
        channel: r.text(2)?,
        campaign: r.text(3)?,
        currency: r.text(4)?,
        impressions: r.i64(5)?,
        clicks: r.i64(6)?,
        cost_minor: r.i64(7)?,
        import_id: r.opt_i64(8)?.map(ImportId::new),
    })
}

const SPEND: &str = "id, day, channel, campaign, currency, impressions, clicks, cost_minor, import_id";

/// A page, newest day first.
pub fn spend_list(tx: &mut Tx<'_>, cursor: Option<Cursor>, limit: u32) -> Result<Page<SpendRow>> {
    let c = cursor.unwrap_or(Cursor { key: i64::MAX, id: i64::MAX });
    let rows = tx.query(
        &format!(
            "SELECT {SPEND} FROM ad_spend WHERE day < $1 OR (day = $1 AND id < $2) ORDER BY day DESC, id DESC LIMIT $3"
        ),
        &[&c.key, &c.id, &(i64::from(limit) + 1)],
        spend,
    )?;
    Ok(Page::cut(rows, limit, |s| Cursor { key: s.day, id: s.id }))
}

/// Sums by channel and campaign over days, both ends included: `(channel, campaign, currency, impressions, clicks, cost)`.
pub fn spend_sums(tx: &mut Tx<'_>, from_day: i64, to_day: i64) -> Result<Vec<SpendRow>> {
    tx.query(
        "SELECT 0, 0, channel, campaign, currency, CAST(SUM(impressions) AS BIGINT), CAST(SUM(clicks) AS BIGINT), \
         CAST(SUM(cost_minor) AS BIGINT), NULL FROM ad_spend WHERE day >= $1 AND day <= $2 \
         GROUP BY channel, campaign, currency ORDER BY channel, campaign, currency",
        &[&from_day, &to_day],
        |r| {
            Ok(SpendRow {
                id: 0,
                day: 0,
                channel: r.text(2)?,
                campaign: r.text(3)?,
                currency: r.text(4)?,
                impressions: r.i64(5)?,
                clicks: r.i64(6)?,
                cost_minor: r.i64(7)?,
                import_id: None,
            })
        },
    )
}

/// Removes the spend of an import.
pub fn spend_delete_import(tx: &mut Tx<'_>, import: ImportId) -> Result<u64> {
    tx.exec("DELETE FROM ad_spend WHERE import_id = $1", &[&import])
}

/// Removes one row of spend.
pub fn spend_delete(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    tx.exec_one("DELETE FROM ad_spend WHERE id = $1", &[&id])
}

/// What a report over the whole history depends on. Reports of equal marks are equal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct HistoryMark {
    /// The newest event, sealed or not.
    pub newest_event: i64,
    /// Files of the history and the newest of them.
    pub files: (i64, i64),
    /// Lines that moved since their events were written, and the version of the latest move.
    pub moves: (i64, i64),
    /// Erased lines.
    pub erased: i64,
    /// Merges, splits and refusals so far, and the latest.
    pub changes: (i64, i64),
    /// Version of the identity rules.
    pub rules: i64,
}

/// Where the history stands.
pub fn history_mark(tx: &mut Tx<'_>) -> Result<HistoryMark> {
    let sealed = crate::event::sealed_through(tx)?.get();
    let mut one = |sql: &str| tx.query_one(sql, &[], |r| Ok((r.i64(0)?, r.i64(1)?)));
    let (hot, rules) = one(
        "SELECT COALESCE((SELECT MAX(id) FROM event_hot), 0), COALESCE((SELECT MAX(version) FROM identity_rules), 0)",
    )?;
    Ok(HistoryMark {
        newest_event: hot.max(sealed),
        files: one("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM lake_file")?,
        moves: one("SELECT COUNT(*), COALESCE(MAX(version), 0) FROM line_override")?,
        erased: one("SELECT COUNT(*), 0 FROM line_erased")?.0,
        changes: one("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM identity_history")?,
        rules,
    })
}

/// Hot events with an amount in another currency, ascending.
pub fn hot_of_other_currency(tx: &mut Tx<'_>, currency: &str) -> Result<Vec<i64>> {
    tx.query("SELECT id FROM event_hot WHERE currency IS NOT NULL AND currency <> $1 ORDER BY id", &[&currency], |r| {
        r.i64(0)
    })
}

/// People of whom more than devices is known, ascending.
pub fn identified_people(tx: &mut Tx<'_>) -> Result<Vec<i64>> {
    tx.query("SELECT id FROM person WHERE identified = 1 ORDER BY id", &[], |r| r.i64(0))
}
