//! Quarantine: what waits, mended by fixes and replayed on the normal path.
//!
//! A replay keeps the dedupe key and the time of receipt of each event, so it lands where it would have landed had it
//! been right from the start; the row in quarantine is decided in the transaction that records the event, so no event
//! is recorded twice. Start reading at [`App::quarantine_replay`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::mpsc;

use serde_json::Value;
use throughline_base::{Cursor, FixId, Page, Problem, QuarantineId, SourceId, Timestamp};
use throughline_domain::event::fix::{self, FixOp};
use throughline_domain::event::{QuarantineReason, RawEvent};
use throughline_store::event as rows;

pub use throughline_store::event::{Fix, QuarantineFilter, QuarantineGroup, Quarantined};

use crate::collect::{EventVerdict, FixFilter, Item, Verdict};
use crate::registry::Source;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Events prepared and submitted at a time, which bounds memory.
const CHUNK: usize = 500;
/// Events one call replays; the answer says where to go on.
pub const REPLAY_MAX: usize = 20_000;
/// Ids one call takes.
pub const IDS_MAX: usize = 20_000;
/// Events of a preview.
pub const PREVIEW_MAX: u32 = 100;
/// Operations of a fix.
const OPS_MAX: usize = 50;
/// Errors spelled out in an answer.
const ERRORS_MAX: usize = 100;
/// Samples of a group.
const SAMPLES: i64 = 3;

/// Which quarantined events are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These.
    Ids(Vec<QuarantineId>),
    /// Every open one that matches; `state` of the filter is not looked at.
    Filter(QuarantineFilter),
}

/// A group with its newest events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Reason, name, source and counts.
    pub group: QuarantineGroup,
    /// At most three, the newest first.
    pub samples: Vec<Quarantined>,
}

/// What a fix would do to an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The event.
    pub id: QuarantineId,
    /// As it waits.
    pub before: Value,
    /// After the fix.
    pub after: Value,
    /// What replay would say.
    pub verdict: Verdict,
    /// Why, when it would stay.
    pub reason: Option<String>,
    /// What is still wrong.
    pub detail: Option<String>,
}

/// A fix to be applied, and saved if wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewFix {
    /// A name for people.
    pub name: String,
    /// The operations.
    pub ops: Vec<FixOp>,
    /// Whether new events pass through it from now on.
    pub save: bool,
}

/// What became of the replayed events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Recorded as they were.
    pub accepted: u64,
    /// Recorded after cleaning.
    pub corrected: u64,
    /// Replayed before; nothing changed.
    pub duplicate: u64,
    /// Still waiting.
    pub quarantined: u64,
    /// Refused for good: their person was erased. They are discarded.
    pub rejected: u64,
    /// What kept events from being tried, at most a hundred lines. No personal data.
    pub errors: Vec<String>,
    /// The saved fix.
    pub fix_id: Option<FixId>,
    /// Where the next call goes on, when more match than one call replays.
    pub next: Option<QuarantineId>,
}

impl Replayed {
    fn count(&mut self, v: &EventVerdict) {
        match v.verdict {
            Verdict::Accepted => self.accepted += 1,
            Verdict::Corrected => self.corrected += 1,
            Verdict::Duplicate => self.duplicate += 1,
            Verdict::DuplicateConflict | Verdict::Quarantined => self.quarantined += 1,
            Verdict::Rejected => self.rejected += 1,
        }
    }

    fn error(&mut self, text: String) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(text);
        }
    }
}

impl App {
    /// Open events by reason, name and source, the largest group first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn quarantine_groups(&self) -> Result<Vec<GroupView>> {
        let (groups, samples) = self.db.read(|tx| {
            let ids = rows::quarantine_sample_ids(tx, SAMPLES)?;
            Ok((rows::quarantine_groups(tx)?, rows::quarantine_get(tx, &ids)?))
        })?;
        let mut by_group: HashMap<(String, String, SourceId), Vec<Quarantined>> = HashMap::new();
        for s in samples {
            by_group.entry((s.reason.clone(), s.event_name.clone(), s.source_id)).or_default().push(s);
        }
        Ok(groups
            .into_iter()
            .map(|group| {
                let key = (group.reason.clone(), group.event_name.clone(), group.source_id);
                let mut samples = by_group.remove(&key).unwrap_or_default();
                samples.sort_by_key(|s| std::cmp::Reverse(s.id));
                GroupView { group, samples }
            })
            .collect())
    }

    /// A page, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn quarantine_list(
        &self,
        f: &QuarantineFilter,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<Quarantined>> {
        Ok(self.db.read(|tx| rows::quarantine_list(tx, f, cursor, limit))?)
    }

    /// One quarantined event.
    ///
    /// # Errors
    /// When there is no such event.
    pub fn quarantine_get(&self, id: QuarantineId) -> Result<Quarantined> {
        let mut found = self.db.read(|tx| rows::quarantine_get(tx, &[id]))?;
        found
            .pop()
            .ok_or_else(|| Problem::not_found("quarantine_unknown", format!("there is no quarantined event {id}")))
    }

    /// Applies a fix to the oldest of the chosen events without recording anything.
    ///
    /// # Errors
    /// `fix` when an operation cannot work, `selection` when it names too many events.
    pub fn quarantine_preview(&self, selection: &Selection, ops: &[FixOp], limit: u32) -> Result<Vec<Preview>> {
        check_ops(ops)?;
        let limit = limit.clamp(1, PREVIEW_MAX);
        let mut chosen = match selection {
            Selection::Ids(ids) => {
                let ids = checked_ids(ids)?;
                self.db.read(|tx| rows::quarantine_get(tx, &ids[..ids.len().min(limit as usize)]))?
            }
            Selection::Filter(f) => {
                self.db.read(|tx| rows::quarantine_batch(tx, &open(f), QuarantineId::new(0), limit))?
            }
        };
        chosen.sort_by_key(|q| q.id);
        chosen.into_iter().map(|q| self.preview_one(&q, ops)).collect()
    }

    fn preview_one(&self, q: &Quarantined, ops: &[FixOp]) -> Result<Preview> {
        let (raw, source) = self.replayable(q).map_err(|e| Problem::invalid("quarantine_unreadable", e))?;
        let fixed = fix::apply(&raw, ops);
        let after = serde_json::to_value(&fixed).unwrap_or_default();
        // The same way as a replay: through the saved fixes and the present plan.
        let item = self.collect_raw(&source, vec![fixed], q.received_at).items.pop();
        let (verdict, reason, detail) = match item {
            Some(Item::Ready(e, _)) if e.corrections.is_empty() => (Verdict::Accepted, None, None),
            Some(Item::Ready(_, _)) => (Verdict::Corrected, None, None),
            Some(Item::Quarantine { reason, detail, .. }) => {
                (Verdict::Quarantined, Some(reason.to_owned()), Some(detail))
            }
            Some(Item::Rejected(r)) => (Verdict::Rejected, Some(r.reason.as_str().to_owned()), Some(r.detail)),
            None => (Verdict::Rejected, None, None),
        };
        let before = serde_json::to_value(&raw).unwrap_or_default();
        Ok(Preview { id: q.id, before, after, verdict, reason, detail })
    }

    /// Sends chosen events the normal way again, through a fix if one is given. Each keeps its dedupe key and its time
    /// of receipt, and is recorded at most once however often this runs. At most [`REPLAY_MAX`] a call: `next` of the
    /// answer is the `after` of the following one.
    ///
    /// # Errors
    /// `fix` or `selection` when they cannot be used; the store's when it fails. What was recorded before stays.
    pub fn quarantine_replay(
        &self,
        caller: &Caller,
        selection: &Selection,
        new_fix: Option<&NewFix>,
        after: Option<QuarantineId>,
    ) -> Result<Replayed> {
        let ops = new_fix.map_or(&[][..], |f| &f.ops);
        check_ops(ops)?;
        let mut out = Replayed::default();
        if let Some(f) = new_fix.filter(|f| f.save) {
            out.fix_id = Some(self.fix_save(caller, selection, f)?);
        }
        match selection {
            Selection::Ids(ids) => {
                for ids in checked_ids(ids)?.chunks(CHUNK) {
                    let found = self.db.read(|tx| rows::quarantine_get(tx, ids))?;
                    let known: std::collections::HashSet<_> = found.iter().map(|q| q.id).collect();
                    for id in ids.iter().filter(|id| !known.contains(id)) {
                        out.error(format!("{id}: there is no such quarantined event"));
                    }
                    self.replay_chunk(found, ops, &mut out)?;
                }
            }
            Selection::Filter(f) => {
                let mut after = after.unwrap_or(QuarantineId::new(0));
                let mut tried = 0;
                loop {
                    let chunk = self.db.read(|tx| rows::quarantine_batch(tx, &open(f), after, CHUNK as u32))?;
                    let Some(last) = chunk.last() else { break };
                    if tried >= REPLAY_MAX {
                        out.next = Some(after);
                        break;
                    }
                    // Going on behind the last one, not at the first open one: those that stay are not tried again.
                    after = last.id;
                    tried += chunk.len();
                    self.replay_chunk(chunk, ops, &mut out)?;
                }
            }
        }
        let recorded = out.accepted + out.corrected;
        let object = out.fix_id.map(|id| id.to_string()).unwrap_or_default();
        self.db.write(|tx| {
            if let Some(id) = out.fix_id {
                rows::fix_applied(tx, id, recorded as i64)?;
            }
            let detail = serde_json::json!({
                "recorded": recorded, "duplicate": out.duplicate, "quarantined": out.quarantined, "rejected": out.rejected,
                "operations": ops.len(),
            });
            audit(tx, self, &caller.actor, "quarantine.replay", &object, &detail)
        })?;
        Ok(out)
    }

    /// Replays a chunk: one batch for each source and time of receipt, all of them queued before the first is waited
    /// for, so that they share commits.
    fn replay_chunk(&self, chunk: Vec<Quarantined>, ops: &[FixOp], out: &mut Replayed) -> Result<()> {
        let mut groups: BTreeMap<(SourceId, Timestamp), (Arc<Source>, Vec<QuarantineId>, Vec<RawEvent>)> =
            BTreeMap::new();
        for q in chunk {
            match q.state.as_str() {
                "replayed" => {
                    out.duplicate += 1;
                    continue;
                }
                "discarded" => {
                    out.error(format!("{}: it was discarded", q.id));
                    continue;
                }
                _ => {}
            }
            match self.replayable(&q) {
                Ok((raw, source)) => {
                    let group =
                        groups.entry((q.source_id, q.received_at)).or_insert_with(|| (source, Vec::new(), Vec::new()));
                    group.1.push(q.id);
                    group.2.push(fix::apply(&raw, ops));
                }
                Err(e) => out.error(format!("{}: {e}", q.id)),
            }
        }
        let (tx, rx) = mpsc::channel();
        for ((_, received_at), (source, ids, raws)) in groups {
            let mut batch = self.collect_raw(&source, raws, received_at);
            batch.replay = Some(ids.clone());
            let tx = tx.clone();
            batch.done = Some(Box::new(move |outcome| {
                // The receiver below waits for every batch.
                let _ = tx.send((ids, outcome));
            }));
            self.collector.push_blocking(batch)?;
        }
        drop(tx);
        let mut refused = Vec::new();
        for (ids, outcome) in rx {
            match outcome {
                Ok(verdicts) => {
                    for (id, v) in ids.iter().zip(&verdicts) {
                        out.count(v);
                        if v.verdict == Verdict::Rejected {
                            refused.push((*id, v.reason.clone().unwrap_or_default()));
                        }
                    }
                }
                Err(e) => out.error(format!("{} and {} more: {}", ids[0], ids.len() - 1, e.detail)),
            }
        }
        if !refused.is_empty() {
            let now = self.now();
            self.db.write(|tx| {
                for (id, reason) in &refused {
                    rows::quarantine_decide(tx, *id, "discarded", Some(reason.as_str()), now)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The raw event and its source, or why it cannot be tried.
    fn replayable(&self, q: &Quarantined) -> Result<(RawEvent, Arc<Source>), String> {
        let raw = serde_json::from_str(&q.raw).map_err(|e| format!("its raw form cannot be read: {e}"))?;
        let source = self.registry.get().sources.get(&q.source_id).cloned();
        Ok((raw, source.ok_or_else(|| format!("its source {} is gone", q.source_id))?))
    }

    /// Gives chosen events up; they stay readable. Says how many were open.
    ///
    /// # Errors
    /// `selection` when it names nothing or too much, `discard_reason` without a reason.
    pub fn quarantine_discard(&self, caller: &Caller, selection: &Selection, reason: &str) -> Result<u64> {
        let reason: String = reason.trim().chars().take(500).collect();
        if reason.is_empty() {
            return Err(Problem::invalid("discard_reason", "say why the events are discarded; others will read it"));
        }
        let now = self.now();
        Ok(self.db.write(|tx| {
            let n = match selection {
                Selection::Ids(ids) => {
                    let mut n = 0;
                    for id in checked_ids(ids)? {
                        n += u64::from(rows::quarantine_decide(tx, id, "discarded", Some(reason.as_str()), now)?);
                    }
                    n
                }
                Selection::Filter(f) if f.reason.is_none() && f.source_id.is_none() && f.event_name.is_none() => {
                    let detail = "an empty filter would discard everything; name a reason, a source or an event";
                    return Err(Problem::invalid("selection", detail).into());
                }
                Selection::Filter(f) => rows::quarantine_discard(tx, f, &reason, now)?,
            };
            audit(tx, self, &caller.actor, "quarantine.discard", "", &serde_json::json!({ "discarded": n }))?;
            Ok(n)
        })?)
    }

    /// Saved fixes, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn fixes(&self) -> Result<Vec<Fix>> {
        Ok(self.db.read(rows::fix_list)?)
    }

    /// Removes a fix: new events no longer pass through it. What it mended stays.
    ///
    /// # Errors
    /// When there is no such fix.
    pub fn fix_delete(&self, caller: &Caller, id: FixId) -> Result<()> {
        self.db.write(|tx| {
            if !rows::fix_delete(tx, id)? {
                return Err(Problem::not_found("fix_unknown", format!("there is no fix {id}")).into());
            }
            audit(tx, self, &caller.actor, "fix.delete", &id.to_string(), &serde_json::json!({}))
        })?;
        self.registry.refresh(&self.db)
    }

    /// Saves a fix for events like the chosen ones.
    fn fix_save(&self, caller: &Caller, selection: &Selection, f: &NewFix) -> Result<FixId> {
        let name: String = f.name.trim().chars().take(100).collect();
        if name.is_empty() || f.ops.is_empty() {
            return Err(Problem::invalid("fix", "a fix that is saved needs a name and at least one operation"));
        }
        let common = match selection {
            Selection::Filter(filter) => filter.clone(),
            Selection::Ids(ids) => common(&self.db.read(|tx| rows::quarantine_get(tx, &checked_ids(ids)?))?),
        };
        if common.reason.is_none() && common.source_id.is_none() && common.event_name.is_none() {
            let detail = "the chosen events share no reason, source or name; save the fix for one group of them";
            return Err(Problem::invalid("fix", detail));
        }
        if let Some(reason) = common.reason.as_deref().filter(|r| QuarantineReason::parse(r).is_none()) {
            let detail = format!(
                "`{reason}` is found when an event is recorded, after fixes; replay these events without saving the fix"
            );
            return Err(Problem::invalid("fix", detail));
        }
        let filter = FixFilter {
            reason: common.reason,
            event_name: common.event_name.and_then(|n| arriving_name(&n).map(str::to_owned)),
        };
        let row = Fix {
            id: FixId::new(self.ids.next()),
            version: 0,
            name,
            source_id: common.source_id,
            filter: serde_json::to_string(&filter).expect("a filter is plain data"),
            ops: serde_json::to_string(&f.ops).expect("operations are plain data"),
            active: true,
            applied: 0,
            created_at: self.now(),
        };
        self.db.write(|tx| {
            let version = rows::fix_insert(tx, &row)?;
            let detail = serde_json::json!({ "version": version, "operations": f.ops.len() });
            audit(tx, self, &caller.actor, "fix.create", &row.id.to_string(), &detail)
        })?;
        self.registry.refresh(&self.db)?;
        Ok(row.id)
    }
}

fn open(f: &QuarantineFilter) -> QuarantineFilter {
    QuarantineFilter { state: Some("open".into()), ..f.clone() }
}

/// Ids without repetition, in order.
fn checked_ids(ids: &[QuarantineId]) -> Result<Vec<QuarantineId>> {
    if ids.is_empty() || ids.len() > IDS_MAX {
        let detail = format!("{} ids were given; name 1 to {IDS_MAX}, or choose by filter", ids.len());
        return Err(Problem::invalid("selection", detail));
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn check_ops(ops: &[FixOp]) -> Result<()> {
    if ops.len() > OPS_MAX {
        return Err(Problem::invalid(
            "fix",
            format!("a fix has at most {OPS_MAX} operations; this one has {}", ops.len()),
        ));
    }
    match ops.iter().enumerate().find_map(|(i, op)| Some((i, op.problem()?))) {
        Some((i, what)) => Err(Problem::invalid("fix", format!("fix.ops[{i}]: {what}"))),
        None => Ok(()),
    }
}

/// What all of them have in common.
fn common(chosen: &[Quarantined]) -> QuarantineFilter {
    let Some(first) = chosen.first() else { return QuarantineFilter::default() };
    let all = |same: fn(&Quarantined, &Quarantined) -> bool| chosen.iter().all(|q| same(first, q));
    QuarantineFilter {
        reason: all(|a, b| a.reason == b.reason).then(|| first.reason.clone()),
        source_id: all(|a, b| a.source_id == b.source_id).then_some(first.source_id),
        event_name: all(|a, b| a.event_name == b.event_name).then(|| first.event_name.clone()),
        state: None,
    }
}

/// The name an event arrives with, from the one it is listed under: identify and the like have none, and those of
/// pages and screens are free.
fn arriving_name(listed: &str) -> Option<&str> {
    match listed {
        "$page" | "$screen" => None,
        "$identify" | "$group" | "$alias" | "$bind" | "$unbind" => Some(""),
        name => Some(name),
    }
}

#[cfg(test)]
mod tests;
