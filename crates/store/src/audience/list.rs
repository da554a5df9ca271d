//! Uploaded lists of identifiers. An entry that nobody has yet counts from the moment somebody has it.

use throughline_base::{AudienceListId, PersonId, Timestamp};

use crate::db::{Result, Row, Tx, v};
use crate::identity::identifier_key;

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Its id.
    pub id: AudienceListId,
    /// Short name for programs and rules, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// How many identifiers it holds.
    pub entries: i64,
    /// Who uploaded it.
    pub actor: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An identifier on a list, cleaned as those of events are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListEntry {
    /// Namespace.
    pub namespace: String,
    /// Value.
    pub value: String,
}

const LIST: &str = "id, key, name, entries, actor, created_at, updated_at";

fn list(r: &Row<'_>) -> Result<ListRow> {
    Ok(ListRow {
        id: r.get(0)?,
        key: r.text(1)?,
        name: r.text(2)?,
        entries: r.i64(3)?,
        actor: r.text(4)?,
        created_at: r.at(5)?,
        updated_at: r.at(6)?,
    })
}

/// Adds a list, or writes all of it but when it was made.
pub fn list_put(tx: &mut Tx<'_>, l: &ListRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO audience_list (id, key, name, entries, actor, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET key = excluded.key, name = excluded.name, \
         entries = excluded.entries, actor = excluded.actor, updated_at = excluded.updated_at",
        &[&l.id, &l.key, &l.name, &l.entries, &l.actor, &l.created_at, &l.updated_at],
    )
}

/// Every list, by key.
pub fn lists(tx: &mut Tx<'_>) -> Result<Vec<ListRow>> {
    tx.query(&format!("SELECT {LIST} FROM audience_list ORDER BY key LIMIT 5000"), &[], list)
}

/// The list with a key.
pub fn list_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<ListRow>> {
    tx.query_opt(&format!("SELECT {LIST} FROM audience_list WHERE key = $1"), &[&key], list)
}

/// Removes a list with its entries.
pub fn list_delete(tx: &mut Tx<'_>, id: AudienceListId) -> Result<u64> {
    list_entries_clear(tx, id)?;
    tx.exec("DELETE FROM audience_list WHERE id = $1", &[&id])
}

/// Adds entries; those that are there stay. Returns how many are new.
pub fn list_entries_add(tx: &mut Tx<'_>, id: AudienceListId, entries: &[ListEntry]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO audience_list_entry (list_id, namespace, value, key) VALUES",
        entries.iter().map(|e| [v(id), v(&e.namespace), v(&e.value), v(identifier_key(&e.namespace, &e.value))]),
        "ON CONFLICT (list_id, namespace, value) DO NOTHING",
    )
}

/// Empties a list.
pub fn list_entries_clear(tx: &mut Tx<'_>, id: AudienceListId) -> Result<u64> {
    tx.exec("DELETE FROM audience_list_entry WHERE list_id = $1", &[&id])
}

/// Counts the entries of a list anew.
pub fn list_refresh(tx: &mut Tx<'_>, id: AudienceListId) -> Result<u64> {
    tx.exec(
        "UPDATE audience_list SET entries = (SELECT COUNT(*) FROM audience_list_entry e WHERE e.list_id = audience_list.id) \
         WHERE id = $1",
        &[&id],
    )
}

/// Entries of a list that somebody has.
pub fn list_known(tx: &mut Tx<'_>, id: AudienceListId) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) FROM audience_list_entry e WHERE e.list_id = $1 AND EXISTS (SELECT 1 FROM identifier i \
         WHERE i.key = e.key AND i.namespace = e.namespace AND i.value = e.value AND i.ended_at IS NULL)",
        &[&id],
        |r| r.i64(0),
    )
}

/// Entries of a list that nobody has, after `after`, in order.
pub fn list_unmatched(
    tx: &mut Tx<'_>,
    id: AudienceListId,
    after: Option<&ListEntry>,
    limit: u32,
) -> Result<Vec<ListEntry>> {
    let (namespace, value) = after.map_or(("", ""), |e| (&e.namespace, &e.value));
    tx.query(
        "SELECT namespace, value FROM audience_list_entry e WHERE e.list_id = $1 \
         AND (e.namespace > $2 OR (e.namespace = $2 AND e.value > $3)) AND NOT EXISTS (SELECT 1 FROM identifier i \
         WHERE i.key = e.key AND i.namespace = e.namespace AND i.value = e.value AND i.ended_at IS NULL) \
         ORDER BY e.namespace, e.value LIMIT $4",
        &[&id, &namespace, &value, &i64::from(limit)],
        |r| Ok(ListEntry { namespace: r.text(0)?, value: r.text(1)? }),
    )
}

/// People with an identifier on a list.
pub fn list_people(tx: &mut Tx<'_>, id: AudienceListId) -> Result<Vec<PersonId>> {
    tx.query(
        "SELECT DISTINCT i.person_id FROM audience_list_entry e JOIN identifier i ON i.key = e.key \
         AND i.namespace = e.namespace AND i.value = e.value AND i.ended_at IS NULL WHERE e.list_id = $1",
        &[&id],
        |r| r.get(0),
    )
}

/// The keys of the lists that people are on, as `(person, key)`.
pub fn lists_of(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<(PersonId, String)>> {
    let mut all = tx.select_in(
        "SELECT DISTINCT i.person_id, l.key FROM identifier i JOIN audience_list_entry e ON e.key = i.key \
         AND e.namespace = i.namespace AND e.value = i.value JOIN audience_list l ON l.id = e.list_id \
         WHERE i.ended_at IS NULL AND i.person_id IN ($list)",
        &[],
        persons,
        |r| Ok((r.get(0)?, r.text(1)?)),
    )?;
    all.sort();
    Ok(all)
}

/// The entries of identifiers on any list, with the lists' keys.
pub fn lists_with(tx: &mut Tx<'_>, values: &[(String, String)]) -> Result<Vec<(String, ListEntry)>> {
    let keys: Vec<i64> = values.iter().map(|(n, value)| identifier_key(n, value)).collect();
    let mut all = tx.select_in(
        "SELECT l.key, e.namespace, e.value FROM audience_list_entry e JOIN audience_list l ON l.id = e.list_id \
         WHERE e.key IN ($list)",
        &[],
        &keys,
        |r| Ok((r.text(0)?, ListEntry { namespace: r.text(1)?, value: r.text(2)? })),
    )?;
    all.retain(|(_, e)| values.iter().any(|(n, value)| *n == e.namespace && *value == e.value));
    all.sort();
    Ok(all)
}

/// Takes identifiers off every list; returns how many entries went.
pub fn people_entries_delete(tx: &mut Tx<'_>, values: &[(String, String)]) -> Result<u64> {
    let mut n = 0;
    for (namespace, value) in values {
        n += tx.exec(
            "DELETE FROM audience_list_entry WHERE key = $1 AND namespace = $2 AND value = $3",
            &[&identifier_key(namespace, value), namespace, value],
        )?;
    }
    if n > 0 {
        for l in lists(tx)? {
            list_refresh(tx, l.id)?;
        }
    }
    Ok(n)
}
