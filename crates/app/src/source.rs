//! Sources: made, changed, rotated; what the console shows of them.

use std::sync::Arc;

use serde::Serialize;
use throughline_base::{Problem, Rng, SourceId, Timestamp};
use throughline_domain::person::consent::hex;
use throughline_store::source::{self, SourceKey, SourceWarning};

use crate::registry::{SOURCE_KINDS, Source, SourceSettings, WebhookSettings};
use crate::team::{Caller, audit};
use crate::{App, Result};

/// A write key as shown.
#[derive(Debug, Clone, Serialize)]
pub struct WriteKey {
    /// Its number.
    pub id: i64,
    /// The key; it can only write.
    pub key: String,
    /// Since.
    pub created_at: Timestamp,
    /// Until.
    pub expires_at: Option<Timestamp>,
}

/// What a source brought.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SourceCounts {
    /// Events recorded.
    pub events: i64,
    /// Lines (identifiers that events hang on) seen.
    pub people: i64,
    /// Open quarantined events.
    pub quarantined_open: i64,
    /// Warnings of the last day.
    pub warnings_24h: i64,
    /// Last event.
    pub last_at: Option<Timestamp>,
}

/// A source with its keys and counts.
#[derive(Debug, Clone)]
pub struct SourceView {
    /// The source.
    pub source: Arc<Source>,
    /// Its keys, the current one first.
    pub keys: Vec<WriteKey>,
    /// What it brought.
    pub counts: SourceCounts,
}

/// A change of a source. Absent fields stay.
#[derive(Debug, Clone, Default)]
pub struct SourceChange {
    /// New name.
    pub name: Option<String>,
    /// `true` takes events.
    pub active: Option<bool>,
    /// New settings.
    pub settings: Option<SourceSettings>,
}

impl App {
    /// Every source, as the console shows them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sources(&self) -> Result<Vec<SourceView>> {
        let day_ago = self.now().plus_ms(-throughline_base::time::DAY_MS);
        let (stats, people, quarantined, warnings) = self.db.read(|tx| {
            Ok((
                source::stats(tx)?,
                source::people(tx)?,
                source::quarantined(tx)?,
                source::warnings_since(tx, day_ago)?,
            ))
        })?;
        let registry = self.registry.get();
        let count = |list: &[(SourceId, i64)], id: SourceId| list.iter().find(|(s, _)| *s == id).map_or(0, |(_, n)| *n);
        let mut out: Vec<SourceView> = registry
            .sources
            .values()
            .map(|s| {
                let mut keys: Vec<&SourceKey> = registry.keys.values().filter(|k| k.source_id == s.id).collect();
                keys.sort_by_key(|k| (k.expires_at.is_some(), std::cmp::Reverse(k.created_at)));
                let stat = stats.iter().find(|(id, _, _)| *id == s.id);
                SourceView {
                    source: s.clone(),
                    keys: keys
                        .into_iter()
                        .map(|k| WriteKey {
                            id: k.id,
                            key: k.write_key.clone(),
                            created_at: k.created_at,
                            expires_at: k.expires_at,
                        })
                        .collect(),
                    counts: SourceCounts {
                        events: stat.map_or(0, |s| s.1),
                        last_at: stat.map(|s| s.2),
                        people: count(&people, s.id),
                        quarantined_open: count(&quarantined, s.id),
                        warnings_24h: count(&warnings, s.id),
                    },
                }
            })
            .collect();
        out.sort_by_key(|v| (v.source.created_at, v.source.id));
        Ok(out)
    }

    /// One source.
    ///
    /// # Errors
    /// When there is no such source.
    pub fn source_get(&self, id: SourceId) -> Result<SourceView> {
        self.sources()?
            .into_iter()
            .find(|v| v.source.id == id)
            .ok_or_else(|| Problem::not_found("source_unknown", format!("there is no source {id}")))
    }

    /// Makes a source with a write key.
    ///
    /// # Errors
    /// When the name is taken or empty, or the kind is unknown.
    pub fn source_create(
        &self,
        caller: &Caller,
        name: &str,
        kind: &str,
        settings: Option<SourceSettings>,
    ) -> Result<SourceView> {
        let kinds: Vec<&str> = SOURCE_KINDS.iter().map(|(k, _)| *k).collect();
        if !kinds.contains(&kind) {
            return Err(Problem::invalid(
                "source_kind",
                format!("there is no kind of source `{kind}`; expected one of {}", kinds.join(", ")),
            ));
        }
        let mut settings = settings.unwrap_or_else(|| SourceSettings::of_kind(kind));
        if kind == "webhook" && settings.webhook.is_none() {
            settings.webhook = Some(WebhookSettings::fresh());
        }
        let s = Source {
            id: SourceId::new(self.ids.next()),
            name: clean_name(name)?.into(),
            kind: kind.into(),
            active: true,
            settings: checked(kind, settings)?,
            created_at: self.now(),
        };
        self.db
            .write(|tx| {
                source::insert(tx, &s.to_row())?;
                source::key_insert(tx, &self.new_key(s.id))?;
                let detail = serde_json::json!({ "kind": kind });
                audit(tx, self, &caller.actor, "source.create", &s.id.to_string(), &detail)
            })
            .map_err(name_taken)?;
        self.registry.refresh(&self.db)?;
        self.source_get(s.id)
    }

    /// Changes a source.
    ///
    /// # Errors
    /// When there is no such source or the name is taken.
    pub fn source_update(&self, caller: &Caller, id: SourceId, change: &SourceChange) -> Result<SourceView> {
        let mut s = (*self.source_get(id)?.source).clone();
        if let Some(name) = &change.name {
            s.name = clean_name(name)?.into();
        }
        s.active = change.active.unwrap_or(s.active);
        if let Some(settings) = &change.settings {
            s.settings = checked(&s.kind, settings.clone())?;
        }
        self.db
            .write(|tx| {
                source::update(tx, &s.to_row())?;
                let detail = serde_json::json!({ "active": s.active, "settings": change.settings.is_some() });
                audit(tx, self, &caller.actor, "source.update", &id.to_string(), &detail)
            })
            .map_err(name_taken)?;
        self.registry.refresh(&self.db)?;
        self.source_get(id)
    }

    /// Gives a source a new key, and a webhook a new secret; the present ones end after `grace_hours`.
    ///
    /// # Errors
    /// When there is no such source.
    pub fn source_rotate(&self, caller: &Caller, id: SourceId, grace_hours: u32) -> Result<SourceView> {
        let mut s = (*self.source_get(id)?.source).clone();
        let end = self.now().plus_ms(i64::from(grace_hours) * throughline_base::time::HOUR_MS);
        s.renew_secret(end);
        self.db.write(|tx| {
            source::update(tx, &s.to_row())?;
            source::keys_end(tx, id, end)?;
            source::key_insert(tx, &self.new_key(id))?;
            let detail = serde_json::json!({ "grace_hours": grace_hours });
            audit(tx, self, &caller.actor, "source.rotate", &id.to_string(), &detail)
        })?;
        self.registry.refresh(&self.db)?;
        self.source_get(id)
    }

    /// Lets a source take nothing any more: it is disabled, its keys and its secret end now. What it brought stays.
    ///
    /// # Errors
    /// When there is no such source.
    pub fn source_retire(&self, caller: &Caller, id: SourceId) -> Result<()> {
        let mut s = (*self.source_get(id)?.source).clone();
        let now = self.now();
        s.active = false;
        s.renew_secret(now);
        self.db.write(|tx| {
            source::update(tx, &s.to_row())?;
            source::keys_end(tx, id, now)?;
            audit(tx, self, &caller.actor, "source.retire", &id.to_string(), &serde_json::json!({}))
        })?;
        self.registry.refresh(&self.db)
    }

    /// The source with a name, made with a kind if it is not there. For imports and the demo.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn source_ensure(&self, caller: &Caller, name: &str, kind: &str) -> Result<Arc<Source>> {
        if let Some(s) = self.registry.get().sources.values().find(|s| &*s.name == name) {
            return Ok(s.clone());
        }
        Ok(self.source_create(caller, name, kind, None)?.source)
    }

    /// As [`App::source_ensure`], with a write key given from outside, for the demo.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn source_ensure_key(&self, caller: &Caller, name: &str, kind: &str, key: &str) -> Result<Arc<Source>> {
        let s = self.source_ensure(caller, name, kind)?;
        if !self.registry.get().keys.contains_key(key) {
            let row = SourceKey { write_key: key.into(), ..self.new_key(s.id) };
            self.db.write(|tx| source::key_insert(tx, &row))?;
            self.registry.refresh(&self.db)?;
        }
        Ok(s)
    }

    /// Repeated oddities of a source, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn source_warnings(&self, id: SourceId, limit: u32) -> Result<Vec<SourceWarning>> {
        Ok(self.db.read(|tx| source::warnings(tx, id, limit))?)
    }

    fn new_key(&self, source_id: SourceId) -> SourceKey {
        SourceKey {
            id: self.ids.next(),
            source_id,
            write_key: format!("wk_{}", hex(&Rng::secret(16))),
            created_at: self.now(),
            expires_at: None,
        }
    }
}

impl Source {
    /// Gives a webhook another secret; the present one works until `end`.
    fn renew_secret(&mut self, end: Timestamp) {
        if self.kind == "webhook" {
            self.settings.webhook.get_or_insert_with(WebhookSettings::fresh).rotate(end);
        }
    }
}

/// Refuses settings that cannot work, naming the one that is wrong.
fn checked(kind: &str, s: SourceSettings) -> Result<SourceSettings> {
    let wrong = |text: String| Err(Problem::invalid("settings", text));
    if s.default_region.len() != 2 || !s.default_region.bytes().all(|b| b.is_ascii_uppercase()) {
        return wrong(format!(
            "settings.default_region: `{}` is no region; write two letters such as CN",
            s.default_region
        ));
    }
    if jiff::tz::TimeZone::get(&s.time_zone).is_err() {
        return wrong(format!("settings.time_zone: `{}` is no zone; write one such as Asia/Shanghai", s.time_zone));
    }
    if !(1..=36_500).contains(&s.acceptance_days) {
        return wrong(format!("settings.acceptance_days: {} is not between 1 and 36500", s.acceptance_days));
    }
    if s.identifier_fields.len() > 100 || s.identifier_fields.iter().any(|(p, n)| p.is_empty() || n.is_empty()) {
        return wrong("settings.identifier_fields: at most 100 pairs of path and namespace, none of them empty".into());
    }
    let plan = throughline_domain::event::plan::Plan { rules: s.plan_rules, ..Default::default() };
    if let Err(problems) = throughline_domain::event::plan::compile(&plan) {
        let text: Vec<String> = problems.into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
        return wrong(format!("settings.plan_{}", text.join("; ")));
    }
    match &s.webhook {
        Some(_) if kind != "webhook" => wrong("settings.webhook: only a source of kind webhook is one".into()),
        Some(hook) => hook.checked().map(|()| s),
        None => Ok(s),
    }
}

fn clean_name(name: &str) -> Result<String> {
    let name: String = name.trim().chars().take(100).collect();
    if name.is_empty() {
        return Err(Problem::invalid("source_name", "a source needs a name"));
    }
    Ok(name)
}

fn name_taken(e: throughline_store::StoreError) -> Problem {
    match e {
        throughline_store::StoreError::Conflict(_) => {
            Problem::conflict("source_name_taken", "there is a source with this name already")
        }
        other => other.into(),
    }
}
