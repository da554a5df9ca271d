//! Rows of the room `person`. What follows the identifier is keyed by line; `person` itself is a summary.

use throughline_base::{ConsentId, Cursor, EventId, HouseholdId, IdentifierId, Page, PersonId, SourceId, Timestamp};

use crate::db::{Result, Row, Tx, prefix_range, v};

/// The summary of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Its id.
    pub id: PersonId,
    /// More than devices is known.
    pub identified: bool,
    /// When its first identifier was seen by us.
    pub created_at: Timestamp,
    /// First event.
    pub first_seen_at: Timestamp,
    /// Last event.
    pub last_seen_at: Timestamp,
    /// Name to show.
    pub display_name: Option<String>,
    /// Life-cycle stage.
    pub stage: String,
    /// Events.
    pub events: i64,
    /// Orders.
    pub orders: i64,
    /// Net revenue in its currency; of other currencies [`line_revenues`] knows.
    pub revenue_minor: i64,
    /// The report's currency, or the one the person paid most in when it never paid in that.
    pub currency: Option<String>,
    /// Household.
    pub household_id: Option<HouseholdId>,
    /// When the stage changes though nothing happens.
    pub stage_until: Option<Timestamp>,
}

const PERSON: &str = "id, identified, created_at, first_seen_at, last_seen_at, display_name, stage, events, orders, \
                      revenue_minor, currency, household_id, stage_until";

fn person(r: &Row<'_>) -> Result<PersonRow> {
    Ok(PersonRow {
        id: PersonId::new(r.i64(0)?),
        identified: r.bool(1)?,
        created_at: r.at(2)?,
        first_seen_at: r.at(3)?,
        last_seen_at: r.at(4)?,
        display_name: r.opt_text(5)?,
        stage: r.text(6)?,
        events: r.i64(7)?,
        orders: r.i64(8)?,
        revenue_minor: r.i64(9)?,
        currency: r.opt_text(10)?,
        household_id: r.opt_i64(11)?.map(HouseholdId::new),
        stage_until: r.opt_at(12)?,
    })
}

/// Adds or replaces summaries.
pub fn put(tx: &mut Tx<'_>, rows: &[PersonRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO person (id, identified, created_at, first_seen_at, last_seen_at, display_name, stage, events, \
         orders, revenue_minor, currency, household_id, stage_until) VALUES",
        rows.iter().map(|p| {
            [
                v(p.id),
                v(p.identified),
                v(p.created_at),
                v(p.first_seen_at),
                v(p.last_seen_at),
                v(&p.display_name),
                v(&p.stage),
                v(p.events),
                v(p.orders),
                v(p.revenue_minor),
                v(&p.currency),
                v(p.household_id),
                v(p.stage_until),
            ]
        }),
        "ON CONFLICT (id) DO UPDATE SET identified = excluded.identified, created_at = excluded.created_at, \
         first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, \
         display_name = excluded.display_name, stage = excluded.stage, events = excluded.events, \
         orders = excluded.orders, revenue_minor = excluded.revenue_minor, currency = excluded.currency, \
         household_id = excluded.household_id, stage_until = excluded.stage_until",
    )
}

/// Adds summaries of persons that just came to be; those that are there stay as they are.
pub fn insert_new(tx: &mut Tx<'_>, rows: &[PersonRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO person (id, identified, created_at, first_seen_at, last_seen_at, display_name, stage, events, \
         orders, revenue_minor, currency, household_id, stage_until) VALUES",
        rows.iter().map(|p| {
            [
                v(p.id),
                v(p.identified),
                v(p.created_at),
                v(p.first_seen_at),
                v(p.last_seen_at),
                v(&p.display_name),
                v(&p.stage),
                v(p.events),
                v(p.orders),
                v(p.revenue_minor),
                v(&p.currency),
                v(p.household_id),
                v(p.stage_until),
            ]
        }),
        "ON CONFLICT (id) DO NOTHING",
    )
}

/// Removes summaries.
pub fn delete(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<u64> {
    let mut n = 0;
    for id in ids {
        n += tx.exec("DELETE FROM person WHERE id = $1", &[id])?;
    }
    Ok(n)
}

/// Summaries by id, in no given order.
pub fn get(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<Vec<PersonRow>> {
    tx.select_in(&format!("SELECT {PERSON} FROM person WHERE id IN ($list)"), &[], ids, person)
}

/// Counts of people: `(identified, anonymous)`.
pub fn counts(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    let mut out = (0, 0);
    tx.each("SELECT identified, COUNT(*) FROM person GROUP BY identified", &[], |r| {
        if r.bool(0)? {
            out.0 = r.i64(1)?;
        } else {
            out.1 = r.i64(1)?;
        }
        Ok(true)
    })?;
    Ok(out)
}

/// By what a list of people is ordered, always the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PersonSort {
    /// Last event.
    #[default]
    LastSeen,
    /// First known.
    Created,
    /// Net revenue.
    Revenue,
}

impl PersonSort {
    const fn column(self) -> &'static str {
        match self {
            Self::LastSeen => "last_seen_at",
            Self::Created => "created_at",
            Self::Revenue => "revenue_minor",
        }
    }

    /// The sort key of a row.
    #[must_use]
    pub const fn key(self, p: &PersonRow) -> i64 {
        match self {
            Self::LastSeen => p.last_seen_at.ms(),
            Self::Created => p.created_at.ms(),
            Self::Revenue => p.revenue_minor,
        }
    }
}

/// Which people are listed. Absent fields match all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFilter {
    /// Stage.
    pub stage: Option<String>,
    /// Known or anonymous.
    pub identified: Option<bool>,
    /// Has a tag, by hand or by rule.
    pub tag: Option<String>,
    /// Has an identifier of a namespace.
    pub has_namespace: Option<String>,
    /// Has bought.
    pub has_order: bool,
    /// Was seen by a source of a kind.
    pub source_kind: Option<String>,
}

/// A page of people.
pub fn list(
    tx: &mut Tx<'_>,
    f: &PersonFilter,
    sort: PersonSort,
    cursor: Option<Cursor>,
    limit: u32,
    now: Timestamp,
) -> Result<Page<PersonRow>> {
    let c = cursor.unwrap_or(Cursor { key: i64::MAX, id: i64::MAX });
    let column = sort.column();
    let rows = tx.query(
        &format!(
            "SELECT {PERSON} FROM person p WHERE ({column} < $1 OR ({column} = $1 AND id < $2)) \
             AND (CAST($3 AS TEXT) IS NULL OR stage = $3) \
             AND (CAST($4 AS BIGINT) IS NULL OR identified = $4) \
             AND (CAST($5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM tag t JOIN identifier i ON i.id = t.line_id \
                  WHERE i.person_id = p.id AND t.tag = $5 AND (t.expires_at IS NULL OR t.expires_at > $10)) \
                  OR EXISTS (SELECT 1 FROM tag_definition d JOIN audience a ON a.id = d.audience_id \
                  JOIN audience_member m ON m.version_id = a.live_version \
                  WHERE a.state = 'active' AND d.tag = $5 AND m.person_id = p.id)) \
             AND (CAST($6 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM identifier i WHERE i.person_id = p.id \
                  AND i.namespace = $6)) \
             AND ($7 = 0 OR orders > 0) \
             AND (CAST($8 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM identifier i \
                  JOIN line_source ls ON ls.line_id = i.id JOIN source s ON s.id = ls.source_id \
                  WHERE i.person_id = p.id AND s.kind = $8)) \
             ORDER BY {column} DESC, id DESC LIMIT $9"
        ),
        &[
            &c.key,
            &c.id,
            &f.stage,
            &f.identified.map(i64::from),
            &f.tag,
            &f.has_namespace,
            &i64::from(f.has_order),
            &f.source_kind,
            &(i64::from(limit) + 1),
            &now,
        ],
        person,
    )?;
    Ok(Page::cut(rows, limit, |p| Cursor { key: sort.key(p), id: p.id.get() }))
}

/// Notes that persons live on under other ids. `version` grows, so that a later split wins over an earlier merge.
pub fn aliases_put(tx: &mut Tx<'_>, pairs: &[(PersonId, PersonId)], version: i64, now: Timestamp) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO person_alias (old_id, new_id, version, at) VALUES",
        pairs.iter().map(|(old, new)| [v(*old), v(*new), v(version), v(now)]),
        "ON CONFLICT (old_id) DO UPDATE SET new_id = excluded.new_id, version = excluded.version, at = excluded.at",
    )
}

/// Leads aliases of ids that are aliases themselves now to where those lead.
pub fn aliases_repoint(tx: &mut Tx<'_>, pairs: &[(PersonId, PersonId)], version: i64) -> Result<u64> {
    let mut n = 0;
    for (old, new) in pairs {
        n += tx.exec(
            "UPDATE person_alias SET new_id = $2, version = $3 WHERE new_id = $1 AND old_id <> $2",
            &[old, new, &version],
        )?;
    }
    Ok(n)
}

/// Leads former ids to where their identifiers are now; ids that are no former ones stay as they are.
pub fn aliases_follow(tx: &mut Tx<'_>, pairs: &[(PersonId, PersonId)], version: i64) -> Result<u64> {
    let mut n = 0;
    for (old, new) in pairs {
        n += tx.exec(
            "UPDATE person_alias SET new_id = $2, version = $3 WHERE old_id = $1 AND new_id <> $2",
            &[old, new, &version],
        )?;
    }
    Ok(n)
}

/// Where an id lives on.
pub fn alias_of(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<PersonId>> {
    tx.query_opt("SELECT new_id FROM person_alias WHERE old_id = $1", &[&id], |r| Ok(PersonId::new(r.i64(0)?)))
}

/// Forgets aliases of ids that are persons again.
pub fn aliases_delete(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<u64> {
    let mut n = 0;
    for id in ids {
        n += tx.exec("DELETE FROM person_alias WHERE old_id = $1", &[id])?;
    }
    Ok(n)
}

/// Former ids of a person.
pub fn aliases_of(tx: &mut Tx<'_>, id: PersonId) -> Result<Vec<PersonId>> {
    tx.query("SELECT old_id FROM person_alias WHERE new_id = $1 ORDER BY old_id LIMIT 500", &[&id], |r| {
        Ok(PersonId::new(r.i64(0)?))
    })
}

/// What statistics a line has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineStat {
    /// The line.
    pub line: IdentifierId,
    /// First event.
    pub first_at: Timestamp,
    /// Last event.
    pub last_at: Timestamp,
    /// Events.
    pub events: i64,
    /// Orders.
    pub orders: i64,
    /// Last order.
    pub last_order_at: Option<Timestamp>,
    /// Interned touch of the first event with one; 0 for none.
    pub first_touch_id: i64,
    /// When.
    pub first_touch_at: Timestamp,
    /// Interned touch of the last event with one; 0 for none.
    pub last_touch_id: i64,
    /// When.
    pub last_touch_at: Timestamp,
}

/// Adds to the statistics of lines.
pub fn line_stats_add(tx: &mut Tx<'_>, rows: &[LineStat]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO line_stat (line_id, first_at, last_at, events, orders, last_order_at, \
         first_touch_id, first_touch_at, last_touch_id, last_touch_at) VALUES",
        rows.iter().map(|s| {
            [
                v(s.line),
                v(s.first_at),
                v(s.last_at),
                v(s.events),
                v(s.orders),
                v(s.last_order_at),
                v(s.first_touch_id),
                v(s.first_touch_at),
                v(s.last_touch_id),
                v(s.last_touch_at),
            ]
        }),
        "ON CONFLICT (line_id) DO UPDATE SET \
         first_at = CASE WHEN excluded.first_at < line_stat.first_at THEN excluded.first_at ELSE line_stat.first_at END, \
         last_at = CASE WHEN excluded.last_at > line_stat.last_at THEN excluded.last_at ELSE line_stat.last_at END, \
         events = line_stat.events + excluded.events, \
         orders = line_stat.orders + excluded.orders, \
         last_order_at = CASE WHEN line_stat.last_order_at IS NULL OR excluded.last_order_at > line_stat.last_order_at \
           THEN COALESCE(excluded.last_order_at, line_stat.last_order_at) ELSE line_stat.last_order_at END, \
         first_touch_id = CASE WHEN line_stat.first_touch_id = 0 OR (excluded.first_touch_id <> 0 \
           AND excluded.first_touch_at < line_stat.first_touch_at) THEN excluded.first_touch_id \
           ELSE line_stat.first_touch_id END, \
         first_touch_at = CASE WHEN line_stat.first_touch_id = 0 OR (excluded.first_touch_id <> 0 \
           AND excluded.first_touch_at < line_stat.first_touch_at) THEN excluded.first_touch_at \
           ELSE line_stat.first_touch_at END, \
         last_touch_id = CASE WHEN excluded.last_touch_id <> 0 AND (line_stat.last_touch_id = 0 \
           OR excluded.last_touch_at >= line_stat.last_touch_at) THEN excluded.last_touch_id \
           ELSE line_stat.last_touch_id END, \
         last_touch_at = CASE WHEN excluded.last_touch_id <> 0 AND (line_stat.last_touch_id = 0 \
           OR excluded.last_touch_at >= line_stat.last_touch_at) THEN excluded.last_touch_at \
           ELSE line_stat.last_touch_at END",
    )
}

/// Statistics of lines.
pub fn line_stats(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<LineStat>> {
    let mut all = tx.select_in(
        "SELECT line_id, first_at, last_at, events, orders, last_order_at, first_touch_id, first_touch_at, \
         last_touch_id, last_touch_at FROM line_stat WHERE line_id IN ($list)",
        &[],
        lines,
        |r| {
            Ok(LineStat {
                line: IdentifierId::new(r.i64(0)?),
                first_at: r.at(1)?,
                last_at: r.at(2)?,
                events: r.i64(3)?,
                orders: r.i64(4)?,
                last_order_at: r.opt_at(5)?,
                first_touch_id: r.i64(6)?,
                first_touch_at: r.at(7)?,
                last_touch_id: r.i64(8)?,
                last_touch_at: r.at(9)?,
            })
        },
    )?;
    all.sort_by_key(|s| s.line);
    Ok(all)
}

/// Net revenue of a line in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRevenue {
    /// The line.
    pub line: IdentifierId,
    /// ISO 4217.
    pub currency: String,
    /// In minor units of the currency.
    pub revenue_minor: i64,
}

/// Adds to the revenue of lines.
pub fn line_revenues_add(tx: &mut Tx<'_>, rows: &[LineRevenue]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO line_revenue (line_id, currency, revenue_minor) VALUES",
        rows.iter().map(|r| [v(r.line), v(&r.currency), v(r.revenue_minor)]),
        "ON CONFLICT (line_id, currency) DO UPDATE SET \
         revenue_minor = line_revenue.revenue_minor + excluded.revenue_minor",
    )
}

/// Revenue of lines, by line and currency.
pub fn line_revenues(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<LineRevenue>> {
    let mut all = tx.select_in(
        "SELECT line_id, currency, revenue_minor FROM line_revenue WHERE line_id IN ($list)",
        &[],
        lines,
        |r| Ok(LineRevenue { line: IdentifierId::new(r.i64(0)?), currency: r.text(1)?, revenue_minor: r.i64(2)? }),
    )?;
    all.sort_by(|a, b| (a.line, &a.currency).cmp(&(b.line, &b.currency)));
    Ok(all)
}

/// People whose stage has changed by the passing of time, the longest due first.
pub fn stages_due(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<PersonId>> {
    tx.query(
        "SELECT id FROM person WHERE stage_until <= $1 ORDER BY stage_until, id LIMIT $2",
        &[&now, &i64::from(limit)],
        |r| Ok(PersonId::new(r.i64(0)?)),
    )
}

/// When the next stage changes by the passing of time.
pub fn next_stage_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    tx.query_one("SELECT MIN(stage_until) FROM person WHERE stage_until IS NOT NULL", &[], |r| r.opt_at(0))
}

/// Adds to the events of a line by source: `(line, source, events, last_at)`.
pub fn line_sources_add(tx: &mut Tx<'_>, rows: &[(IdentifierId, SourceId, i64, Timestamp)]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO line_source (line_id, source_id, events, last_at) VALUES",
        rows.iter().map(|(l, s, n, at)| [v(*l), v(*s), v(*n), v(*at)]),
        "ON CONFLICT (line_id, source_id) DO UPDATE SET events = line_source.events + excluded.events, \
         last_at = CASE WHEN excluded.last_at > line_source.last_at THEN excluded.last_at ELSE line_source.last_at END",
    )
}

/// Events of lines by source.
pub fn line_sources(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<(IdentifierId, SourceId, i64, Timestamp)>> {
    tx.select_in(
        "SELECT line_id, source_id, events, last_at FROM line_source WHERE line_id IN ($list)",
        &[],
        lines,
        |r| Ok((IdentifierId::new(r.i64(0)?), SourceId::new(r.i64(1)?), r.i64(2)?, r.at(3)?)),
    )
}

/// A trait value of a line, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitRow {
    /// The line.
    pub line: IdentifierId,
    /// The trait.
    pub name: String,
    /// JSON.
    pub value: String,
    /// When it was said.
    pub event_at: Timestamp,
    /// The event; 0 when an operator said it.
    pub event_id: EventId,
    /// The source; 0 when an operator said it.
    pub source_id: SourceId,
}

fn trait_row(r: &Row<'_>) -> Result<TraitRow> {
    Ok(TraitRow {
        line: IdentifierId::new(r.i64(0)?),
        name: r.text(1)?,
        value: r.text(2)?,
        event_at: r.at(3)?,
        event_id: EventId::new(r.i64(4)?),
        source_id: SourceId::new(r.i64(5)?),
    })
}

/// Newest values a line has.
pub fn traits(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<TraitRow>> {
    let mut all = tx.select_in(
        "SELECT line_id, name, value, event_at, event_id, source_id FROM trait_value WHERE line_id IN ($list)",
        &[],
        lines,
        trait_row,
    )?;
    all.sort_by(|a, b| (&a.name, a.line).cmp(&(&b.name, b.line)));
    Ok(all)
}

/// Writes values; an older one than is there changes nothing.
pub fn traits_put(tx: &mut Tx<'_>, rows: &[TraitRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO trait_value (line_id, name, value, event_at, event_id, source_id) VALUES",
        rows.iter().map(|t| [v(t.line), v(&t.name), v(&t.value), v(t.event_at), v(t.event_id), v(t.source_id)]),
        "ON CONFLICT (line_id, name) DO UPDATE SET value = excluded.value, event_at = excluded.event_at, \
         event_id = excluded.event_id, source_id = excluded.source_id \
         WHERE excluded.event_at > trait_value.event_at \
         OR (excluded.event_at = trait_value.event_at AND excluded.event_id >= trait_value.event_id)",
    )
}

/// Appends to the history of values; `id` is the caller's.
pub fn trait_history_insert(tx: &mut Tx<'_>, rows: &[(i64, &TraitRow)]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO trait_history (id, line_id, name, value, event_at, event_id, source_id) VALUES",
        rows.iter()
            .map(|(id, t)| [v(*id), v(t.line), v(&t.name), v(&t.value), v(t.event_at), v(t.event_id), v(t.source_id)]),
        "",
    )
}

/// All values lines ever had, of one trait or of all, oldest first.
pub fn trait_history(tx: &mut Tx<'_>, lines: &[IdentifierId], name: Option<&str>) -> Result<Vec<TraitRow>> {
    let mut all = tx.select_in(
        "SELECT line_id, name, value, event_at, event_id, source_id FROM trait_history \
         WHERE (CAST($1 AS TEXT) IS NULL OR name = $1) AND line_id IN ($list)",
        &[&name],
        lines,
        trait_row,
    )?;
    all.sort_by(|a, b| (&a.name, a.event_at, a.event_id).cmp(&(&b.name, b.event_at, b.event_id)));
    Ok(all)
}

/// Sets a stage by hand.
pub fn stage_put(tx: &mut Tx<'_>, line: IdentifierId, stage: &str, actor: &str, now: Timestamp) -> Result<u64> {
    tx.exec(
        "INSERT INTO stage_override (line_id, stage, actor, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (line_id) DO UPDATE SET stage = excluded.stage, actor = excluded.actor, at = excluded.at",
        &[&line, &stage, &actor, &now],
    )
}

/// Takes stages set by hand off lines.
pub fn stage_delete(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<u64> {
    let mut n = 0;
    for line in lines {
        n += tx.exec("DELETE FROM stage_override WHERE line_id = $1", &[line])?;
    }
    Ok(n)
}

/// Stages set by hand, by line.
pub fn stages_by_line(
    tx: &mut Tx<'_>,
    lines: &[IdentifierId],
) -> Result<std::collections::HashMap<IdentifierId, (String, Timestamp)>> {
    let all =
        tx.select_in("SELECT line_id, stage, at FROM stage_override WHERE line_id IN ($list)", &[], lines, |r| {
            Ok((IdentifierId::new(r.i64(0)?), (r.text(1)?, r.at(2)?)))
        })?;
    Ok(all.into_iter().collect())
}

/// A consent record as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    /// Its id.
    pub id: ConsentId,
    /// The line.
    pub line: IdentifierId,
    /// Purpose.
    pub purpose: String,
    /// Channel.
    pub channel: String,
    /// Action.
    pub action: String,
    /// Legal basis.
    pub legal_basis: String,
    /// Notice version.
    pub notice_version: Option<String>,
    /// JSON.
    pub evidence: String,
    /// When it was given.
    pub given_at: Timestamp,
    /// When we learned of it.
    pub received_at: Timestamp,
    /// When a grant ends.
    pub expires_at: Option<Timestamp>,
    /// The source.
    pub source_id: Option<SourceId>,
    /// The event.
    pub event_id: Option<EventId>,
    /// Hash of the record before on the same line.
    pub prev_hash: String,
    /// Hash of this record.
    pub hash: String,
}

/// Appends records.
pub fn consents_insert(tx: &mut Tx<'_>, rows: &[ConsentRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO consent (id, line_id, purpose, channel, action, legal_basis, notice_version, evidence, given_at, \
         received_at, expires_at, source_id, event_id, prev_hash, hash) VALUES",
        rows.iter().map(|c| {
            [
                v(c.id),
                v(c.line),
                v(&c.purpose),
                v(&c.channel),
                v(&c.action),
                v(&c.legal_basis),
                v(&c.notice_version),
                v(&c.evidence),
                v(c.given_at),
                v(c.received_at),
                v(c.expires_at),
                v(c.source_id),
                v(c.event_id),
                v(&c.prev_hash),
                v(&c.hash),
            ]
        }),
        "",
    )
}

/// Records of lines, oldest first.
pub fn consents(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<ConsentRow>> {
    let mut all = tx.select_in(
        "SELECT id, line_id, purpose, channel, action, legal_basis, notice_version, evidence, given_at, received_at, \
         expires_at, source_id, event_id, prev_hash, hash FROM consent WHERE line_id IN ($list)",
        &[],
        lines,
        |r| {
            Ok(ConsentRow {
                id: ConsentId::new(r.i64(0)?),
                line: IdentifierId::new(r.i64(1)?),
                purpose: r.text(2)?,
                channel: r.text(3)?,
                action: r.text(4)?,
                legal_basis: r.text(5)?,
                notice_version: r.opt_text(6)?,
                evidence: r.text(7)?,
                given_at: r.at(8)?,
                received_at: r.at(9)?,
                expires_at: r.opt_at(10)?,
                source_id: r.opt_i64(11)?.map(SourceId::new),
                event_id: r.opt_i64(12)?.map(EventId::new),
                prev_hash: r.text(13)?,
                hash: r.text(14)?,
            })
        },
    )?;
    all.sort_by_key(|c| c.id);
    Ok(all)
}

/// The hash of the newest record of a line; empty when it has none.
pub fn consent_head(tx: &mut Tx<'_>, line: IdentifierId) -> Result<String> {
    let head =
        tx.query_opt("SELECT hash FROM consent WHERE line_id = $1 ORDER BY id DESC LIMIT 1", &[&line], |r| r.text(0))?;
    Ok(head.unwrap_or_default())
}

/// Adds search terms of lines.
pub fn terms_insert(tx: &mut Tx<'_>, terms: &[(String, IdentifierId)]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO search_term (term, line_id) VALUES",
        terms.iter().map(|(t, l)| [v(t), v(*l)]),
        "ON CONFLICT (term, line_id) DO NOTHING",
    )
}

/// People one of whose terms begins with `prefix`, at most `limit`, in the order of the terms.
pub fn search(tx: &mut Tx<'_>, prefix: &str, limit: u32) -> Result<Vec<PersonId>> {
    let (from, to) = prefix_range(prefix);
    let mut out: Vec<PersonId> = Vec::new();
    tx.each(
        "SELECT i.person_id FROM search_term s JOIN identifier i ON i.id = s.line_id \
         WHERE s.term >= $1 AND s.term < $2 ORDER BY s.term, s.line_id LIMIT 5000",
        &[&from, &to],
        |r| {
            let id = PersonId::new(r.i64(0)?);
            if !out.contains(&id) {
                out.push(id);
            }
            Ok(out.len() < limit as usize)
        },
    )?;
    Ok(out)
}

/// The household with a key, made if it is not there.
pub fn household_intern(
    tx: &mut Tx<'_>,
    id: HouseholdId,
    key: u64,
    label: &str,
    now: Timestamp,
) -> Result<HouseholdId> {
    tx.exec(
        "INSERT INTO household (id, key, label, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING",
        &[&id, &(key as i64), &label, &now],
    )?;
    tx.query_one("SELECT id FROM household WHERE key = $1", &[&(key as i64)], |r| Ok(HouseholdId::new(r.i64(0)?)))
}

/// The label of a household.
pub fn household_label(tx: &mut Tx<'_>, id: HouseholdId) -> Result<Option<String>> {
    tx.query_opt("SELECT label FROM household WHERE id = $1", &[&id], |r| r.text(0))
}

/// Members of a household.
pub fn household_members(tx: &mut Tx<'_>, id: HouseholdId) -> Result<Vec<PersonRow>> {
    tx.query(&format!("SELECT {PERSON} FROM person WHERE household_id = $1 ORDER BY id LIMIT 100"), &[&id], person)
}
