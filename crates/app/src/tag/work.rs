//! Works on many people's tags: put on or taken off everybody in an audience or on a list, merged into another tag, taken
//! off everybody. A work goes on in steps of a transaction each, remembers what it changed, and can be undone.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use throughline_base::{Cursor, IdentifierId, Page, PersonId, Problem, TagWorkId, Timestamp};
use throughline_domain::person::tag::fold;
use throughline_store::tag::{self as rows, ChangeRow, TagRow, WorkRow};
use throughline_store::{Tx, audience, identity};

use super::{end_of, meant};
use crate::audience::define;
use crate::jobs::{self, Chore};
use crate::team::{Caller, audit};
use crate::{App, Result};

/// People, or lines, of one transaction.
const STEP: u32 = 500;

/// What a work does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Puts the tag on people.
    Add,
    /// Takes it off people.
    Remove,
    /// Gives everybody who has another tag this one instead.
    Merge,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 3] = [Self::Add, Self::Remove, Self::Merge];

    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Merge => "merge",
        }
    }
}

/// Whose tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Everybody in an audience now, by its key.
    Audience(String),
    /// Everybody on a list, by its key.
    List(String),
    /// Everybody who has a tag by hand.
    Tag(String),
}

impl Whose {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Audience(_) => "audience",
            Self::List(_) => "list",
            Self::Tag(_) => "tag",
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Audience(key) | Self::List(key) | Self::Tag(key) => key,
        }
    }
}

/// Where a work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkState {
    /// It has not begun, or goes on.
    Running,
    /// Done.
    Done,
    /// It could not go on.
    Failed,
    /// What it changed is being put back.
    Undoing,
    /// What it changed is put back.
    Undone,
}

impl WorkState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Running, Self::Done, Self::Failed, Self::Undoing, Self::Undone];

    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    fn is(self, w: &WorkRow) -> bool {
        w.state == self.as_str()
    }
}

impl App {
    /// Begins a work.
    ///
    /// # Errors
    /// When the tag, audience or list does not exist, or nothing would be done.
    pub fn tag_work_begin(
        &self,
        caller: &Caller,
        verb: Verb,
        tag: &str,
        whose: &Whose,
        expires_at: Option<Timestamp>,
    ) -> Result<WorkRow> {
        let now = self.now();
        let begun = self.db.write(|tx| {
            let tag = meant(tx, tag)?;
            let whose = match whose {
                Whose::Tag(other) => Whose::Tag(meant(tx, other)?),
                Whose::Audience(_) | Whose::List(_) => whose.clone(),
            };
            check(verb, &tag, &whose)?;
            let total = total(tx, &whose)?;
            let expires_at = if verb == Verb::Add { end_of(tx, &tag, expires_at, now)? } else { None };
            let row = WorkRow {
                id: TagWorkId::new(self.ids.next()),
                verb: verb.as_str().to_owned(),
                of_kind: whose.kind().to_owned(),
                of_key: whose.key().to_owned(),
                tag,
                expires_at,
                state: WorkState::Running.as_str().to_owned(),
                total,
                done: 0,
                changed: 0,
                after: 0,
                actor: caller.actor.clone(),
                created_at: now,
                finished_at: None,
                error: None,
            };
            rows::work_insert(tx, &row)?;
            if verb == Verb::Merge {
                super::merged(tx, self, whose.key(), &row.tag)?;
            }
            jobs::enqueue(tx, self, Chore::TagWork, &json!({ "work": row.id }), now)?;
            let detail = json!({ "tag": row.tag, "of": row.of_kind, "key": row.of_key });
            audit(tx, self, &caller.actor, &format!("tag.{}", row.verb), &row.id.to_string(), &detail)?;
            Ok(row)
        })?;
        self.tasks.ring();
        Ok(begun)
    }

    /// A work.
    ///
    /// # Errors
    /// `tag_work_unknown` when there is none.
    pub fn tag_work(&self, id: TagWorkId) -> Result<WorkRow> {
        self.db.read(|tx| rows::work(tx, id))?.ok_or_else(|| unknown(id))
    }

    /// Works, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tag_works(&self, cursor: Option<Cursor>, limit: u32) -> Result<Page<WorkRow>> {
        Ok(self.db.read(|tx| rows::works(tx, cursor, limit))?)
    }

    /// Puts back what a work changed. What was changed again since stays as it is.
    ///
    /// # Errors
    /// When the work is not over, or undone already.
    pub fn tag_work_undo(&self, caller: &Caller, id: TagWorkId) -> Result<WorkRow> {
        let now = self.now();
        let undoing = self.db.write(|tx| {
            let mut row = rows::work(tx, id)?.ok_or_else(|| unknown(id))?;
            if !(WorkState::Done.is(&row) || WorkState::Failed.is(&row)) {
                let detail = format!("work {id} is {}; only one that is over can be undone", row.state);
                return Err(Problem::conflict("tag_work_state", detail).into());
            }
            row.state = WorkState::Undoing.as_str().to_owned();
            row.total = row.changed;
            row.done = 0;
            row.finished_at = None;
            rows::work_update(tx, &row)?;
            if row.verb == Verb::Merge.as_str() {
                // The name means a tag of its own again.
                rows::synonym_delete(tx, &fold(&row.of_key))?;
                define::tags_rebound(tx, self)?;
            }
            jobs::enqueue(tx, self, Chore::TagWork, &json!({ "work": id }), now)?;
            audit(tx, self, &caller.actor, "tag.undo", &id.to_string(), &json!({ "tag": row.tag }))?;
            Ok(row)
        })?;
        self.tasks.ring();
        Ok(undoing)
    }
}

/// Goes on with the work that a job names, to its end.
pub(crate) fn run(app: &App, payload: &str) -> Result<()> {
    let named = serde_json::from_str::<Value>(payload).ok();
    let id = named.and_then(|v| v["work"].as_str()?.parse::<TagWorkId>().ok());
    let id = id.ok_or_else(|| Problem::invalid("tag_work", "the job names no work"))?;
    loop {
        match app.db.write(|tx| step(tx, app, id)) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(e) => {
                let problem = Problem::from(e);
                if matches!(problem.kind, throughline_base::ProblemKind::Invalid) {
                    app.db.write(|tx| fail(tx, app, id, &problem))?;
                }
                return Err(problem);
            }
        }
    }
}

fn fail(tx: &mut Tx<'_>, app: &App, id: TagWorkId, p: &Problem) -> throughline_store::Result<()> {
    let Some(mut row) = rows::work(tx, id)? else { return Ok(()) };
    row.state = WorkState::Failed.as_str().to_owned();
    row.error = Some(p.detail.clone());
    row.finished_at = Some(app.now());
    rows::work_update(tx, &row)
}

/// One step; says whether there is more to do.
fn step(tx: &mut Tx<'_>, app: &App, id: TagWorkId) -> throughline_store::Result<bool> {
    let Some(mut row) = rows::work(tx, id)? else { return Ok(false) };
    let more = if WorkState::Undoing.is(&row) {
        undo_step(tx, app, &mut row)?
    } else if WorkState::Running.is(&row) {
        if row.of_kind == "tag" { lines_step(tx, app, &mut row)? } else { people_step(tx, app, &mut row)? }
    } else {
        return Ok(false);
    };
    if !more {
        let end = if WorkState::Undoing.is(&row) { WorkState::Undone } else { WorkState::Done };
        row.state = end.as_str().to_owned();
        row.finished_at = Some(app.now());
    }
    rows::work_update(tx, &row)?;
    Ok(more)
}

/// Puts a tag on people of an audience or list, or takes it off them.
fn people_step(tx: &mut Tx<'_>, app: &App, row: &mut WorkRow) -> throughline_store::Result<bool> {
    let now = app.now();
    let people = people_after(tx, row)?;
    let Some(last) = people.last() else { return Ok(false) };
    row.after = last.get();
    row.done += people.len() as i64;
    let nodes = identity::nodes_of_persons(tx, &people)?;
    let lines: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
    let person_of: HashMap<IdentifierId, PersonId> = nodes.iter().map(|n| (n.id, n.person)).collect();
    let there: Vec<TagRow> = rows::of_lines(tx, &lines)?.into_iter().filter(|t| t.tag == row.tag).collect();
    let (puts, takes) = if row.verb == Verb::Remove.as_str() {
        (Vec::new(), there)
    } else {
        // Who has it at least as long already is left alone.
        let lasts =
            |t: &&TagRow| t.expires_at.is_none() || (row.expires_at.is_some() && t.expires_at >= row.expires_at);
        let has: HashSet<PersonId> = there
            .iter()
            .filter(lasts)
            .filter(|t| t.holds(now))
            .filter_map(|t| person_of.get(&t.line).copied())
            .collect();
        let new = people.iter().filter(|p| !has.contains(p)).map(|p| TagRow {
            line: IdentifierId::new(p.get()),
            tag: row.tag.clone(),
            actor: row.actor.clone(),
            at: now,
            expires_at: row.expires_at,
        });
        (new.collect(), Vec::new())
    };
    change(tx, app, row, &puts, &takes)?;
    Ok(people.len() == STEP as usize)
}

/// Takes a tag off lines, and puts the one it is merged into in its place.
fn lines_step(tx: &mut Tx<'_>, app: &App, row: &mut WorkRow) -> throughline_store::Result<bool> {
    let takes = rows::lines_with(tx, &row.of_key, IdentifierId::new(row.after), STEP)?;
    let Some(last) = takes.last() else { return Ok(false) };
    row.after = last.line.get();
    row.done += takes.len() as i64;
    let mut puts = Vec::new();
    if row.verb == Verb::Merge.as_str() {
        let lines: Vec<IdentifierId> = takes.iter().map(|t| t.line).collect();
        let there: HashMap<IdentifierId, TagRow> =
            rows::of_lines(tx, &lines)?.into_iter().filter(|t| t.tag == row.tag).map(|t| (t.line, t)).collect();
        // Of two ends the later one holds.
        let lasts = |old: &TagRow, new: &TagRow| {
            old.expires_at.is_none() || (new.expires_at.is_some() && old.expires_at >= new.expires_at)
        };
        puts = takes.iter().filter(|t| !there.get(&t.line).is_some_and(|old| lasts(old, t))).cloned().collect();
        puts.iter_mut().for_each(|t| t.tag.clone_from(&row.tag));
    }
    let more = takes.len() == STEP as usize;
    change(tx, app, row, &puts, &takes)?;
    Ok(more)
}

/// Writes changes, with what they replace.
fn change(
    tx: &mut Tx<'_>,
    app: &App,
    row: &mut WorkRow,
    puts: &[TagRow],
    takes: &[TagRow],
) -> throughline_store::Result<()> {
    let lines: Vec<IdentifierId> = puts.iter().map(|t| t.line).collect();
    let old: HashMap<(IdentifierId, String), TagRow> =
        rows::of_lines(tx, &lines)?.into_iter().map(|t| ((t.line, t.tag.clone()), t)).collect();
    let kept = |t: &TagRow| (t.actor.clone(), t.at, t.expires_at);
    let mut changes: Vec<ChangeRow> = puts
        .iter()
        .map(|t| ChangeRow {
            line: t.line,
            tag: t.tag.clone(),
            put_at: Some(t.at),
            old: old.get(&(t.line, t.tag.clone())).map(kept),
        })
        .collect();
    changes.extend(takes.iter().map(|t| ChangeRow {
        line: t.line,
        tag: t.tag.clone(),
        put_at: None,
        old: Some(kept(t)),
    }));
    rows::changes_put(tx, row.id, &changes)?;
    rows::put(tx, puts)?;
    for t in takes {
        rows::delete(tx, &[t.line], &t.tag)?;
    }
    row.changed += changes.len() as i64;
    touched(tx, app, &changes)
}

/// Puts back some of what a work changed, unless it was changed again since.
fn undo_step(tx: &mut Tx<'_>, app: &App, row: &mut WorkRow) -> throughline_store::Result<bool> {
    let changes = rows::changes(tx, row.id, STEP)?;
    let lines: Vec<IdentifierId> = changes.iter().map(|c| c.line).collect();
    let now_there: HashMap<(IdentifierId, String), TagRow> =
        rows::of_lines(tx, &lines)?.into_iter().map(|t| ((t.line, t.tag.clone()), t)).collect();
    let mut back = Vec::new();
    for c in &changes {
        let there = now_there.get(&(c.line, c.tag.clone()));
        let is_as_left = match c.put_at {
            Some(at) => there.is_some_and(|t| t.at == at),
            None => there.is_none(),
        };
        if !is_as_left {
            continue;
        }
        match &c.old {
            Some((actor, at, expires_at)) => back.push(TagRow {
                line: c.line,
                tag: c.tag.clone(),
                actor: actor.clone(),
                at: *at,
                expires_at: *expires_at,
            }),
            None => drop(rows::delete(tx, &[c.line], &c.tag)?),
        }
    }
    rows::put(tx, &back)?;
    rows::changes_delete(tx, row.id, &changes)?;
    row.done += changes.len() as i64;
    touched(tx, app, &changes)?;
    Ok(changes.len() == STEP as usize)
}

fn touched(tx: &mut Tx<'_>, app: &App, changes: &[ChangeRow]) -> throughline_store::Result<()> {
    let lines: Vec<IdentifierId> = changes.iter().map(|c| c.line).collect();
    let people = rows::persons_of(tx, &lines)?;
    super::changed(tx, app, &people)
}

fn people_after(tx: &mut Tx<'_>, row: &WorkRow) -> throughline_store::Result<Vec<PersonId>> {
    let after = PersonId::new(row.after);
    match row.of_kind.as_str() {
        "audience" => {
            let version = version_of(tx, &row.of_key)?;
            Ok(audience::members(tx, version, after, STEP)?.into_iter().map(|m| m.person).collect())
        }
        _ => {
            let list = list_of(tx, &row.of_key)?;
            audience::list_people(tx, list, after, STEP)
        }
    }
}

fn version_of(tx: &mut Tx<'_>, key: &str) -> throughline_store::Result<throughline_base::AudienceVersionId> {
    let found = audience::by_key(tx, key)?
        .ok_or_else(|| Problem::invalid("audience_unknown", format!("there is no audience `{key}`")))?;
    let detail = || Problem::invalid("audience_not_built", format!("the audience `{key}` is not built yet"));
    Ok(found.live_version.ok_or_else(detail)?)
}

fn list_of(tx: &mut Tx<'_>, key: &str) -> throughline_store::Result<throughline_base::AudienceListId> {
    let unknown = || Problem::invalid("list_unknown", format!("there is no list `{key}`"));
    Ok(audience::list_by_key(tx, key)?.ok_or_else(unknown)?.id)
}

/// How many people, or lines, there are to look at; of a list at most, since not everybody on it is known.
fn total(tx: &mut Tx<'_>, whose: &Whose) -> throughline_store::Result<i64> {
    match whose {
        Whose::Audience(key) => {
            let version = version_of(tx, key)?;
            audience::members_count(tx, version)
        }
        Whose::List(key) => {
            list_of(tx, key)?;
            Ok(audience::list_by_key(tx, key)?.map_or(0, |l| l.entries))
        }
        Whose::Tag(tag) => rows::lines_count(tx, tag),
    }
}

fn check(verb: Verb, tag: &str, whose: &Whose) -> throughline_store::Result<()> {
    match (verb, whose) {
        (Verb::Add | Verb::Remove, Whose::Audience(_) | Whose::List(_)) => Ok(()),
        (Verb::Merge, Whose::Tag(other)) if other != tag => Ok(()),
        (Verb::Merge, Whose::Tag(_)) => Err(Problem::invalid("tag_merge", "a tag cannot be merged into itself").into()),
        (Verb::Remove, Whose::Tag(other)) if other == tag => Ok(()),
        (Verb::Add | Verb::Remove, Whose::Tag(_)) | (Verb::Merge, Whose::Audience(_) | Whose::List(_)) => {
            let detail = "add takes an audience or a list, remove one of them or the tag itself, merge another tag";
            Err(Problem::invalid("tag_work", detail).into())
        }
    }
}

fn unknown(id: TagWorkId) -> Problem {
    Problem::not_found("tag_work_unknown", format!("there is no work {id} on tags"))
}
