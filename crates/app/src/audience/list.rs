//! Uploaded lists of identifiers, cleaned as those of events are. An entry that nobody has counts from the moment
//! somebody has it.

use serde_json::json;
use throughline_base::{AudienceListId, PersonId, Problem};
use throughline_store::audience::{self as rows, ListEntry, ListRow};

use super::define::{key_of, name_of, refuse_referred};
use super::mark::{self, Cause, What};
use super::{Stored, define, force};
use crate::team::{Caller, audit};
use crate::{App, Result, identity};

/// Most identifiers of one upload.
const UPLOAD_MAX: usize = 1_000_000;
/// Refused lines that are shown.
const SHOWN: usize = 100;
/// Entries of one transaction.
const STEP: usize = 5_000;

/// An upload.
#[derive(Debug, Clone)]
pub struct ListUpload {
    /// Short name for programs and rules, unique.
    pub key: String,
    /// Name for people; that of before, or the key, when empty.
    pub name: String,
    /// Namespace of lines that are no `namespace,value`.
    pub namespace: String,
    /// One identifier a line.
    pub text: String,
    /// Takes the place of what is on the list.
    pub replace: bool,
}

/// A list with how much of it is known.
#[derive(Debug, Clone)]
pub struct ListView {
    /// The list.
    pub row: ListRow,
    /// Entries that somebody has.
    pub matched: i64,
    /// Of an upload: entries that are new.
    pub added: u64,
    /// Of an upload: lines that are no identifier, with why.
    pub refused: Vec<(usize, String)>,
    /// Of an upload: how many of them there are.
    pub refused_count: usize,
}

fn unknown(key: &str) -> Problem {
    Problem::not_found("list_unknown", format!("there is no list `{key}`; GET /api/audience-lists shows them"))
}

/// The identifier on a line: `value`, or `namespace,value`.
fn entry(line: &str, namespace: &str) -> Result<ListEntry, String> {
    let line = line.trim().trim_matches('"');
    let (own, value) = match line.split_once([',', '\t', ';']) {
        Some((n, v)) if !n.trim().is_empty() => (n.trim().trim_matches('"'), v.trim().trim_matches('"')),
        Some((_, v)) => (namespace, v.trim()),
        None => (namespace, line),
    };
    if own.is_empty() {
        return Err("no namespace: write namespace,value, or say which namespace the lines are of".into());
    }
    let cleaned = identity::normalise(own, value);
    let sound = match own {
        "phone" => cleaned.starts_with('+'),
        "email" => cleaned.contains('@'),
        _ => true,
    };
    if value.is_empty() || cleaned.len() > 512 || !sound {
        return Err(format!("this is no {own}"));
    }
    Ok(ListEntry { namespace: own.to_owned(), value: cleaned })
}

impl App {
    /// Every list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audience_lists(&self) -> Result<Vec<ListView>> {
        Ok(self.db.read(|tx| {
            let mut out = Vec::new();
            for row in rows::lists(tx)? {
                let matched = rows::list_known(tx, row.id)?;
                out.push(ListView { row, matched, added: 0, refused: Vec::new(), refused_count: 0 });
            }
            Ok(out)
        })?)
    }

    /// Adds identifiers to a list, or makes it.
    ///
    /// # Errors
    /// `list_text` when there is nothing to take, or too much of it.
    pub fn audience_list_upload(&self, caller: &Caller, upload: &ListUpload) -> Result<ListView> {
        let key = key_of(&upload.key)?;
        let mut entries: Vec<ListEntry> = Vec::new();
        let mut refused: Vec<(usize, String)> = Vec::new();
        let mut refused_count = 0;
        for (i, line) in upload.text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            match entry(line, upload.namespace.trim()) {
                Ok(e) => entries.push(e),
                Err(why) => {
                    refused_count += 1;
                    if refused.len() < SHOWN {
                        refused.push((i + 1, why));
                    }
                }
            }
        }
        if entries.len() > UPLOAD_MAX {
            let detail = format!("{} identifiers; at most {UPLOAD_MAX} at once", entries.len());
            return Err(Problem::invalid("list_text", detail));
        }
        if entries.is_empty() && !upload.replace {
            let why = refused.first().map_or("it is empty".to_owned(), |(n, why)| format!("line {n}: {why}"));
            return Err(Problem::invalid("list_text", format!("no line is an identifier: {why}")));
        }
        entries.sort();
        entries.dedup();
        let now = self.now();
        let held = self.db.read(|tx| rows::list_by_key(tx, &key))?;
        let fallback = held.as_ref().map_or(key.as_str(), |l| l.name.as_str());
        let row = ListRow {
            id: held.as_ref().map_or_else(|| AudienceListId::new(self.ids.next()), |l| l.id),
            name: name_of(if upload.name.trim().is_empty() { fallback } else { &upload.name })?,
            entries: held.as_ref().map_or(0, |l| l.entries),
            actor: caller.actor.clone(),
            created_at: held.as_ref().map_or(now, |l| l.created_at),
            updated_at: now,
            key,
        };
        self.db.write(|tx| {
            rows::list_put(tx, &row)?;
            if upload.replace && held.is_some() {
                mark_listed(tx, self, row.id)?;
                rows::list_entries_clear(tx, row.id)?;
            }
            if held.is_none() {
                // Rules may name it from now on.
                define::registered(tx, self)?;
            }
            audit(tx, self, &caller.actor, "audience_list.upload", &row.key, &json!({ "entries": entries.len() }))
        })?;
        let mut added = 0;
        // In steps, so that the writer never waits long; what is on the list already stays.
        for step in entries.chunks(STEP) {
            added += self.db.write(|tx| rows::list_entries_add(tx, row.id, step))?;
        }
        self.db.write(|tx| {
            rows::list_refresh(tx, row.id)?;
            mark_listed(tx, self, row.id)
        })?;
        self.tasks.ring();
        let view = self.audience_lists()?.into_iter().find(|l| l.row.id == row.id).ok_or_else(|| unknown(&row.key))?;
        Ok(ListView { added, refused, refused_count, ..view })
    }

    /// Entries that nobody has, after `after`.
    ///
    /// # Errors
    /// When there is no such list.
    pub fn audience_list_unmatched(&self, key: &str, after: Option<&ListEntry>, limit: u32) -> Result<Vec<ListEntry>> {
        Ok(self.db.read(|tx| {
            let Some(l) = rows::list_by_key(tx, key)? else { return Err(unknown(key).into()) };
            rows::list_unmatched(tx, l.id, after, limit)
        })?)
    }

    /// Removes a list.
    ///
    /// # Errors
    /// When there is no such list, or `referred_to` when an audience needs it.
    pub fn audience_list_delete(&self, caller: &Caller, key: &str) -> Result<()> {
        self.db.write(|tx| {
            let Some(l) = rows::list_by_key(tx, key)? else { return Err(unknown(key).into()) };
            refuse_referred(tx, &format!("the list `{key}`"), |r| r.lists.contains(key))?;
            mark_listed(tx, self, l.id)?;
            rows::list_delete(tx, l.id)?;
            forget_known(tx)?;
            audit(tx, self, &caller.actor, "audience_list.delete", key, &json!({ "entries": l.entries }))
        })?;
        Ok(())
    }
}

/// Marks everybody on a list.
fn mark_listed(tx: &mut throughline_store::Tx<'_>, app: &App, list: AudienceListId) -> Stored<()> {
    let mut after = PersonId::new(0);
    loop {
        let page = rows::list_people(tx, list, after, STEP as u32)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = *last;
        mark::people(tx, app, page, What::Facts, Cause::List)?;
    }
}

/// What rules may refer to is read again.
fn forget_known(tx: &mut throughline_store::Tx<'_>) -> Stored<()> {
    force::register(tx).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cleaned_as_events_are_and_what_is_none_is_refused() {
        let of = |line, ns| entry(line, ns).map(|e| (e.namespace, e.value));
        let ok = |n: &str, v: &str| Ok((n.to_owned(), v.to_owned()));
        assert_eq!(of(" 139 1111 2222 ", "phone"), ok("phone", "+8613911112222"));
        assert_eq!(of("email,Ann@Example.com", "phone"), ok("email", "ann@example.com"));
        assert_eq!(of("\"user_id\";\"u-7\"", ""), ok("user_id", "u-7"));
        assert!(of("not a phone", "phone").is_err());
        assert!(of("u-7", "").unwrap_err().contains("namespace"));
        assert!(of("", "user_id").is_err());
    }
}
