//! Definitions made, changed, put in force, paused and archived. A definition that is in force is never changed: a change
//! is a new version, which is built beside it and takes its place in one step.

use std::collections::BTreeSet;

use serde_json::json;
use throughline_base::{AudienceId, AudienceVersionId, PersonId, Problem};
use throughline_domain::audience::rule::{Definition, Rule};
use throughline_domain::audience::{Fault, Part, Program, What};
use throughline_store::audience::{
    self as rows, AudienceRow, ComputedTraitRow, Hour, PartKind, VersionRow, VersionState,
};
use throughline_store::{Tx, touch};

use super::force::{self, ComputedDefinition};
use super::mark::Cause;
use super::refer::References;
use super::settle::{self, Note};
use super::{OWN_SOURCE, Stored, build};
use crate::team::{Caller, audit};
use crate::{App, Result};

const ACTIVE: &str = "active";
const PAUSED: &str = "paused";
/// The state of what is kept for the record only.
pub(super) const ARCHIVED: &str = "archived";
/// Longest key, in characters.
const KEY_MAX: usize = 64;
/// Longest name and description, in characters.
const NAME_MAX: usize = 200;
const DESCRIPTION_MAX: usize = 2_000;
/// Most people whose coming and going with a definition is told to each of them, in the step that puts it in force.
const ANNOUNCED_MAX: i64 = 100_000;

/// A new audience.
#[derive(Debug, Clone)]
pub struct AudienceNew {
    /// Short name for programs and rules, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who is in it.
    pub definition: Definition,
    /// Whoever is in it from the start has an event of it.
    pub announce: bool,
}

/// A change of an audience. What is left out stays.
#[derive(Debug, Clone, Default)]
pub struct AudienceChange {
    /// Name for people.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who is in it: makes a new version, which is built and waits to be put in force.
    pub definition: Option<Definition>,
    /// Why.
    pub note: String,
    /// Put the new version in force as soon as it is built, without anybody looking at the difference.
    pub auto_apply: bool,
    /// `active`, `paused` or `archived`.
    pub state: Option<String>,
}

/// What checking a definition came to.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What is wrong with it; empty when it can be used.
    pub faults: Vec<Fault>,
}

/// How two audiences make a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperation {
    /// In at least one of them.
    Union,
    /// In all of them.
    Intersect,
    /// In the first and in none of the others.
    Minus,
}

impl SetOperation {
    /// The definition that says so.
    ///
    /// # Errors
    /// When there are fewer than two.
    pub fn definition(self, keys: &[String], zone: &str) -> Result<Definition> {
        let [first, rest @ ..] = keys else { return Err(too_few()) };
        if rest.is_empty() {
            return Err(too_few());
        }
        let audience = |key: &String| Rule::Audience(key.clone());
        let all = || keys.iter().map(audience).collect();
        let rule = match self {
            Self::Union => Rule::Any(all()),
            Self::Intersect => Rule::All(all()),
            Self::Minus => Rule::All(vec![audience(first), Rule::None(rest.iter().map(audience).collect())]),
        };
        Ok(Definition { zone: zone.to_owned(), rule })
    }
}

fn too_few() -> Problem {
    Problem::invalid("audiences", "name two audiences at least, by their keys")
}

pub(super) fn unknown(key: &str) -> Problem {
    Problem::not_found("audience_unknown", format!("there is no audience `{key}`; GET /api/audiences lists them"))
}

/// A key as it can be stored and written in rules.
pub(super) fn key_of(text: &str) -> Result<String> {
    let key = text.trim();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if key.is_empty() || key.chars().count() > KEY_MAX || !key.chars().all(fits) {
        let detail = format!("`{key}` is no key: write 1 to {KEY_MAX} letters, digits, _ or -");
        return Err(Problem::invalid("key", detail));
    }
    Ok(key.to_owned())
}

pub(super) fn name_of(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(Problem::invalid("name", format!("a name has 1 to {NAME_MAX} characters")));
    }
    Ok(name.to_owned())
}

fn description_of(text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION_MAX {
        return Err(Problem::invalid("description", format!("a description has at most {DESCRIPTION_MAX} characters")));
    }
    Ok(text.to_owned())
}

/// Faults of a definition were it in force under `key`, in place of what is.
fn faults(tx: &mut Tx<'_>, key: &str, what: What) -> Stored<Vec<Fault>> {
    let kind = match what {
        What::Audience(_) => PartKind::Audience,
        What::Computed { .. } => PartKind::Computed,
    };
    let mut parts = vec![Part { id: 0, key: key.to_owned(), what }];
    for (v, own) in force::followed(tx)? {
        if v.state == VersionState::Live && (own != key || v.kind != kind) {
            parts.extend(force::part(&v, own).ok());
        }
    }
    // What is wrong with others is not this one's fault, unless it closes a circle with them.
    let found = Program::compile(parts, &force::known(tx)?).err().unwrap_or_default();
    Ok(found.into_iter().filter(|f| f.part == key || f.code == "cycle").collect())
}

/// Refuses a definition that cannot be used.
fn check(tx: &mut Tx<'_>, key: &str, what: What) -> Stored<()> {
    let faults = faults(tx, key, what)?;
    if faults.is_empty() {
        return Ok(());
    }
    Err(Problem::invalid("audience_definition", force::told(&faults)).into())
}

/// Who refers to an audience.
fn referring(tx: &mut Tx<'_>, wanted: impl Fn(&References) -> bool) -> Stored<BTreeSet<String>> {
    let mut out = BTreeSet::new();
    for (v, key) in force::followed(tx)? {
        if let Ok(part) = force::part(&v, key.clone())
            && wanted(&References::of_part(&part))
        {
            out.insert(key);
        }
    }
    Ok(out)
}

pub(super) fn refuse_referred(tx: &mut Tx<'_>, what: &str, wanted: impl Fn(&References) -> bool) -> Stored<()> {
    let by: Vec<String> = referring(tx, wanted)?.into_iter().collect();
    if by.is_empty() {
        return Ok(());
    }
    let detail = format!("{what} is referred to by {}; change these first", by.join(", "));
    Err(Problem::conflict("referred_to", detail).into())
}

/// A version to be built.
fn new_version(tx: &mut Tx<'_>, app: &App, owner: i64, kind: PartKind, definition: String) -> Stored<VersionRow> {
    Ok(VersionRow {
        id: AudienceVersionId::new(app.ids.next()),
        owner,
        kind,
        number: rows::version_number_next(tx, owner)?,
        definition,
        note: String::new(),
        actor: String::new(),
        state: VersionState::Building,
        unsettled: true,
        size: 0,
        auto_apply: false,
        announce: false,
        touch_rules: touch::rules_latest(tx)?.map_or(0, |r| r.0),
        replaces: None,
        error: None,
        failed_at: None,
        created_at: app.now(),
        built_at: None,
        applied_at: None,
        retired_at: None,
    })
}

/// Takes a change of definitions in, and leaves to the background what is to be built.
pub(super) fn registered(tx: &mut Tx<'_>, app: &App) -> Stored<()> {
    if force::register(tx)? {
        build::enqueue(tx, app)?;
    }
    Ok(())
}

/// Puts a built version in force, in place of the one that is.
pub(super) fn put_in_force(tx: &mut Tx<'_>, app: &App, v: VersionRow) -> Stored<()> {
    let now = app.now();
    let (old, key) = match v.kind {
        PartKind::Audience => {
            let Some(a) = rows::get(tx, AudienceId::new(v.owner))? else { return Ok(()) };
            let (old, key) = (a.live_version, a.key.clone());
            rows::update(tx, &AudienceRow { live_version: Some(v.id), updated_at: now, ..a })?;
            (old, key)
        }
        PartKind::Computed => {
            let Some(t) = rows::trait_get(tx, throughline_base::ComputedTraitId::new(v.owner))? else { return Ok(()) };
            let (old, key) = (t.live_version, t.key.clone());
            rows::trait_put(tx, &ComputedTraitRow { live_version: Some(v.id), updated_at: now, ..t })?;
            (old, key)
        }
    };
    let old = old.filter(|o| *o != v.id);
    if let Some(old) = old.map(|o| rows::version(tx, o)).transpose()?.flatten() {
        rows::version_update(tx, &VersionRow { state: VersionState::Retired, retired_at: Some(now), ..old })?;
    }
    let difference = rows::difference(tx, old, v.id)?;
    let number = v.number;
    let announce = v.announce;
    let id = v.id;
    let size = rows::members_count(tx, id)?;
    rows::version_update(
        tx,
        &VersionRow { state: VersionState::Live, applied_at: Some(now), replaces: old, ..v.clone() },
    )?;
    if v.kind == PartKind::Audience {
        let hour = now.ms().div_euclid(throughline_base::time::HOUR_MS);
        let changed = Hour { hour, size, entered: difference.entering, exited: difference.leaving };
        rows::hours_add(tx, v.owner, changed)?;
        if announce {
            let source = throughline_store::source::list(tx)?.into_iter().find(|s| s.name == OWN_SOURCE).map(|s| s.id);
            let all = announced(tx, app, (old, id), &key, number)?;
            settle::notes(tx, app, source, &all)?;
        }
    }
    // Whoever is in what refers to this one may change with it.
    let refers = |r: &References| r.audiences.contains(&key) || r.computed.contains(&key);
    if !referring(tx, refers)?.is_empty() {
        match v.kind {
            PartKind::Audience => {
                let cause = Cause::Definition.as_str();
                // Against nobody, everybody differs.
                let other = old.unwrap_or(AudienceVersionId::new(0));
                rows::differing_mark(tx, (id, other), app.ids.next(), cause)?;
            }
            PartKind::Computed => unsettle(tx, refers)?,
        }
    }
    Ok(())
}

/// Has everybody looked at again for versions that refer to something.
fn unsettle(tx: &mut Tx<'_>, wanted: impl Fn(&References) -> bool) -> Stored<()> {
    for (v, key) in force::followed(tx)? {
        if let Ok(part) = force::part(&v, key)
            && wanted(&References::of_part(&part))
        {
            rows::version_update(tx, &VersionRow { unsettled: true, ..v })?;
        }
    }
    Ok(())
}

/// A note for each person who comes or goes with a version.
fn announced(
    tx: &mut Tx<'_>,
    app: &App,
    (old, new): (Option<AudienceVersionId>, AudienceVersionId),
    key: &str,
    number: i64,
) -> Stored<Vec<Note>> {
    let none = AudienceVersionId::new(0);
    let old = old.unwrap_or(none);
    let at = app.now();
    let note = |entered| {
        move |person: PersonId| Note { person, entered, key: key.to_owned(), number, cause: Cause::Definition, at }
    };
    let limit = ANNOUNCED_MAX as u32;
    let mut all: Vec<Note> =
        rows::difference_page(tx, new, old, PersonId::new(0), limit)?.into_iter().map(note(true)).collect();
    all.extend(rows::difference_page(tx, old, new, PersonId::new(0), limit)?.into_iter().map(note(false)));
    Ok(all)
}

/// The touch rules changed: what reads channels, campaigns or touchpoints is read anew. To be called in the transaction
/// of the change.
pub(crate) fn touch_rules_changed(tx: &mut Tx<'_>, app: &App) -> Stored<()> {
    if !force::is_any(tx)? {
        return Ok(());
    }
    let in_force = app.audiences_in(tx)?;
    let mut keys: BTreeSet<u64> = BTreeSet::new();
    for (v, key) in force::followed(tx)? {
        let Ok(part) = force::part(&v, key) else { continue };
        if References::of_part(&part).touch
            && let Some(place) = in_force.program.place(v.id.get())
        {
            keys.extend(in_force.program.tracks_of(place));
        }
    }
    if keys.is_empty() {
        return Ok(());
    }
    let since = force::generation(tx)? + 1;
    let tracks: Vec<rows::Track> =
        keys.into_iter().map(|key| rows::Track { key: key as i64, since, complete: false }).collect();
    rows::tracks_put(tx, &tracks)?;
    registered(tx, app)
}

impl App {
    /// The faults a definition has; none when it can be used. `key` is that of the audience it is for, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audience_check(&self, key: Option<&str>, definition: &Definition) -> Result<Checked> {
        let key = key.filter(|k| !k.is_empty()).unwrap_or("new#0");
        let faults = self.db.read(|tx| faults(tx, key, What::Audience(definition.clone())))?;
        Ok(Checked { faults })
    }

    /// Makes an audience. It is built in the background and comes into force by itself.
    ///
    /// # Errors
    /// `audience_definition` with every fault, `key_taken` when there is one of that key.
    pub fn audience_create(&self, caller: &Caller, new: &AudienceNew) -> Result<AudienceRow> {
        let key = key_of(&new.key)?;
        let now = self.now();
        let a = AudienceRow {
            id: AudienceId::new(self.ids.next()),
            name: name_of(if new.name.trim().is_empty() { &key } else { &new.name })?,
            description: description_of(&new.description)?,
            state: ACTIVE.into(),
            live_version: None,
            created_at: now,
            updated_at: now,
            key,
        };
        // What follows from a definition is recorded under a source of its own.
        self.source_ensure(caller, OWN_SOURCE, "service")?;
        self.db.write(|tx| {
            if rows::by_key(tx, &a.key)?.is_some() {
                let detail = format!("there is an audience `{}` already; choose another key", a.key);
                return Err(Problem::conflict("key_taken", detail).into());
            }
            check(tx, &a.key, What::Audience(new.definition.clone()))?;
            rows::insert(tx, &a)?;
            let text = serde_json::to_string(&new.definition).expect("a definition is plain data");
            let v = new_version(tx, self, a.id.get(), PartKind::Audience, text)?;
            let v = VersionRow { actor: caller.actor.clone(), auto_apply: true, announce: new.announce, ..v };
            rows::version_insert(tx, &v)?;
            registered(tx, self)?;
            audit(tx, self, &caller.actor, "audience.create", &a.key, &json!({ "version": v.number }))
        })?;
        self.tasks.ring();
        Ok(a)
    }

    /// Changes an audience. A changed definition becomes a version beside the one in force.
    ///
    /// # Errors
    /// `audience_unknown`, `audience_definition` with every fault, `referred_to` when others need it.
    pub fn audience_update(&self, caller: &Caller, key: &str, change: &AudienceChange) -> Result<AudienceRow> {
        let changed = self.db.write(|tx| {
            let Some(mut a) = rows::by_key(tx, key)? else { return Err(unknown(key).into()) };
            if let Some(name) = &change.name {
                a.name = name_of(name)?;
            }
            if let Some(description) = &change.description {
                a.description = description_of(description)?;
            }
            a.updated_at = self.now();
            let state = change.state.as_deref().map(|s| turn(tx, &mut a, s)).transpose()?.unwrap_or(false);
            rows::update(tx, &a)?;
            let mut detail = json!({ "state": a.state, "note": change.note });
            if let Some(definition) = &change.definition {
                check(tx, &a.key, What::Audience(definition.clone()))?;
                let text = serde_json::to_string(definition).expect("a definition is plain data");
                supersede(tx, a.id.get())?;
                let v = new_version(tx, self, a.id.get(), PartKind::Audience, text)?;
                let auto_apply = change.auto_apply || a.live_version.is_none();
                let v = VersionRow { actor: caller.actor.clone(), note: change.note.clone(), auto_apply, ..v };
                rows::version_insert(tx, &v)?;
                detail["version"] = json!(v.number);
            }
            if state || change.definition.is_some() {
                registered(tx, self)?;
            }
            audit(tx, self, &caller.actor, "audience.update", &a.key, &detail)?;
            Ok(a)
        })?;
        self.tasks.ring();
        Ok(changed)
    }

    /// Puts a built version in force. With `announce`, whoever comes or goes with it has an event of it.
    ///
    /// # Errors
    /// `version_unknown`, `version_state` when it is not built, `too_many_to_announce`.
    pub fn audience_apply(&self, caller: &Caller, key: &str, number: i64, announce: bool) -> Result<()> {
        self.db.write(|tx| {
            let (a, v) = owned(tx, key, number)?;
            if v.state != VersionState::Ready {
                let detail = format!("version {number} is {}; only a ready one can be put in force", v.state.as_str());
                return Err(Problem::conflict("version_state", detail).into());
            }
            let part =
                force::part(&v, a.key.clone()).map_err(|b| Problem::internal("audience_definition", b.detail))?;
            // What it refers to may be gone since.
            check(tx, &a.key, part.what)?;
            let d = rows::difference(tx, a.live_version, v.id)?;
            if announce && d.entering + d.leaving > ANNOUNCED_MAX {
                let detail = format!(
                    "{} people come or go; at most {ANNOUNCED_MAX} can be told one by one; apply it without `announce`",
                    d.entering + d.leaving
                );
                return Err(Problem::conflict("too_many_to_announce", detail).into());
            }
            put_in_force(tx, self, VersionRow { announce, ..v })?;
            registered(tx, self)?;
            let detail =
                json!({ "version": number, "announce": announce, "entering": d.entering, "leaving": d.leaving });
            audit(tx, self, &caller.actor, "audience.apply", key, &detail)
        })?;
        self.tasks.ring();
        Ok(())
    }

    /// Stops building a version, or drops one that is built and not in force.
    ///
    /// # Errors
    /// `version_unknown`, `version_state` when it is in force or over.
    pub fn audience_stop(&self, caller: &Caller, key: &str, number: i64) -> Result<()> {
        self.db.write(|tx| {
            let (_, v) = owned(tx, key, number)?;
            if !matches!(v.state, VersionState::Building | VersionState::Failed | VersionState::Ready) {
                let detail = format!("version {number} is {}; there is nothing to stop", v.state.as_str());
                return Err(Problem::conflict("version_state", detail).into());
            }
            rows::version_update(tx, &VersionRow { state: VersionState::Stopped, unsettled: false, ..v })?;
            registered(tx, self)?;
            audit(tx, self, &caller.actor, "audience.stop", key, &json!({ "version": number }))
        })?;
        self.tasks.ring();
        Ok(())
    }
}

/// Ends building of versions that a newer one takes the place of.
fn supersede(tx: &mut Tx<'_>, owner: i64) -> Stored<()> {
    for v in rows::versions(tx, owner)? {
        if matches!(v.state, VersionState::Building | VersionState::Failed | VersionState::Ready) {
            rows::version_update(tx, &VersionRow { state: VersionState::Stopped, unsettled: false, ..v })?;
        }
    }
    Ok(())
}

/// An audience and one of its versions.
pub(super) fn owned(tx: &mut Tx<'_>, key: &str, number: i64) -> Stored<(AudienceRow, VersionRow)> {
    let Some(a) = rows::by_key(tx, key)? else { return Err(unknown(key).into()) };
    let found = rows::versions(tx, a.id.get())?.into_iter().find(|v| v.number == number);
    let v = found.ok_or_else(|| {
        Problem::not_found("version_unknown", format!("the audience `{key}` has no version {number}"))
    })?;
    Ok((a, v))
}

/// Changes the state of an audience; says whether that changes what is followed.
fn turn(tx: &mut Tx<'_>, a: &mut AudienceRow, state: &str) -> Stored<bool> {
    if ![ACTIVE, PAUSED, ARCHIVED].contains(&state) {
        let detail = format!("there is no state `{state}`; expected {ACTIVE}, {PAUSED} or {ARCHIVED}");
        return Err(Problem::invalid("state", detail).into());
    }
    if a.state == state {
        return Ok(false);
    }
    if state == ACTIVE {
        // While nobody looked, anything may have happened.
        if let Some(v) = a.live_version.map(|v| rows::version(tx, v)).transpose()?.flatten() {
            rows::version_update(tx, &VersionRow { unsettled: true, ..v })?;
        }
    } else {
        let key = a.key.clone();
        refuse_referred(tx, &format!("the audience `{key}`"), |r| r.audiences.contains(&key))?;
    }
    state.clone_into(&mut a.state);
    Ok(true)
}

/// A computed trait's definition as a part, for those who define them.
impl App {
    /// Makes a computed trait, or changes the definition of the one with that key. It is built in the background and comes
    /// into force by itself.
    ///
    /// # Errors
    /// `audience_definition` with every fault.
    pub fn computed_trait_put(
        &self,
        caller: &Caller,
        (key, name, description): (&str, &str, &str),
        definition: &ComputedDefinition,
    ) -> Result<ComputedTraitRow> {
        let key = key_of(key)?;
        let name = name_of(if name.trim().is_empty() { &key } else { name })?;
        let description = description_of(description)?;
        let now = self.now();
        self.source_ensure(caller, OWN_SOURCE, "service")?;
        let made = self.db.write(|tx| {
            let what = What::Computed { zone: definition.zone.clone(), computation: definition.computation.clone() };
            check(tx, &key, what)?;
            let held = rows::trait_by_key(tx, &key)?;
            let t = ComputedTraitRow {
                id: held.as_ref().map_or_else(|| throughline_base::ComputedTraitId::new(self.ids.next()), |t| t.id),
                key: key.clone(),
                name: name.clone(),
                description: description.clone(),
                state: ACTIVE.into(),
                live_version: held.as_ref().and_then(|t| t.live_version),
                created_at: held.as_ref().map_or(now, |t| t.created_at),
                updated_at: now,
            };
            rows::trait_put(tx, &t)?;
            let text = serde_json::to_string(definition).expect("a definition is plain data");
            let current = t.live_version.map(|v| rows::version(tx, v)).transpose()?.flatten();
            if current.is_none_or(|v| v.definition != text) {
                supersede(tx, t.id.get())?;
                let v = new_version(tx, self, t.id.get(), PartKind::Computed, text)?;
                rows::version_insert(tx, &VersionRow { actor: caller.actor.clone(), auto_apply: true, ..v })?;
                registered(tx, self)?;
            }
            audit(tx, self, &caller.actor, "computed_trait.put", &key, &json!({}))?;
            Ok(t)
        })?;
        self.tasks.ring();
        Ok(made)
    }

    /// Archives a computed trait: its values go away.
    ///
    /// # Errors
    /// When there is none of that key, or `referred_to` when others need it.
    pub fn computed_trait_archive(&self, caller: &Caller, key: &str) -> Result<()> {
        self.db.write(|tx| {
            let Some(t) = rows::trait_by_key(tx, key)? else {
                let detail = format!("there is no computed trait `{key}`");
                return Err(Problem::not_found("computed_trait_unknown", detail).into());
            };
            refuse_referred(tx, &format!("the computed trait `{key}`"), |r| r.computed.contains(key))?;
            supersede(tx, t.id.get())?;
            if let Some(v) = t.live_version.map(|v| rows::version(tx, v)).transpose()?.flatten() {
                rows::version_update(
                    tx,
                    &VersionRow { state: VersionState::Retired, retired_at: Some(self.now()), ..v },
                )?;
            }
            rows::trait_put(tx, &ComputedTraitRow { state: ARCHIVED.into(), live_version: None, ..t })?;
            registered(tx, self)?;
            audit(tx, self, &caller.actor, "computed_trait.archive", key, &json!({}))
        })?;
        self.tasks.ring();
        Ok(())
    }
}
