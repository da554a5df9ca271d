//! Erasing a person: hidden and kept out at once, removed stage by stage, each stage committed with its part of the
//! receipt. A server that dies goes on where it was.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;
use throughline_base::time::HOUR_MS;
use throughline_base::{EventId, IdentifierId, PersonId, Problem, RequestId, Timestamp};
use throughline_domain::person::search::{identifier_keys, is_searchable_trait, text_keys};
use throughline_lake::LakeRow;
use throughline_store::privacy::{self as rows, HeldOrder, RequestRow};
use throughline_store::{Tx, audience as audiences, history as lake_rows, identity, person as people};

use super::gate::ERASED;
use super::receipt::{LineState, Receipt, Stage, Work};
use super::subject::Subject;
use super::suppress::{bury, identifier};
use super::texts::Matcher;
use super::{RequestKind, RequestState, RequestView, archive, tombstone_hash, view};
use crate::audience::mark::{self, Cause, What};
use crate::destination::{erase_destinations, erase_persons};
use crate::jobs::{self, Chore};
use crate::react::summarise;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Event names whose rows a legal hold keeps.
const ORDER_EVENTS: [&str; 4] = ["Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"];
/// Longest reason kept, in characters.
const REASON_MAX: usize = 500;
/// Replaced files are looked for a little later than they go away.
const TRASH_MARGIN_MS: i64 = 1_000;
/// Lines of destinations in the receipt begin so.
const DESTINATION: &str = "destination.";

/// What to erase and why.
#[derive(Debug, Clone)]
pub struct EraseOrder {
    /// Namespace of any identifier of the person.
    pub namespace: String,
    /// Its value, as typed.
    pub value: String,
    /// Why, for the record; must not name the person.
    pub reason: String,
    /// The law or case that calls for keeping orders, if any.
    pub legal_hold: Option<String>,
}

/// The payload of the job.
#[derive(Debug, Deserialize)]
struct Payload {
    request: RequestId,
}

impl App {
    /// Erases a person by any identifier. From the answer on nothing new is recorded and no report sees the person; the
    /// rest goes on in the background. Asked again, the same request is given.
    ///
    /// # Errors
    /// `identifier` or `reason` when one is missing.
    pub fn privacy_erase(&self, caller: &Caller, order: &EraseOrder) -> Result<RequestView> {
        let (namespace, value) = identifier(&order.namespace, &order.value)?;
        let reason: String = order.reason.trim().chars().take(REASON_MAX).collect();
        if reason.is_empty() {
            return Err(Problem::invalid("reason", "say why, for the record; do not name the person there"));
        }
        let person = self.person_by_identifier(&namespace, &value).ok();
        if person.is_none()
            && let Some(known) = self.erased_before(&tombstone_hash(self, &namespace, &value))?
        {
            return view(known);
        }
        let subject = person.map(|p| self.db.read(|tx| Subject::load(tx, p))).transpose()?;
        let events = subject.as_ref().map(|s| self.subject_events(s)).transpose()?.unwrap_or_default();
        let hold = order.legal_hold.as_deref().map(str::trim).filter(|h| !h.is_empty());
        let mut receipt = Receipt {
            by: caller.actor.clone(),
            legal_hold: hold.map(|h| h.chars().take(REASON_MAX).collect()),
            ..Receipt::default()
        };
        let asked = (namespace, value);
        if subject.is_none() {
            self.erase_texts(&Matcher::new(std::slice::from_ref(&asked)), &mut receipt, None)?;
        }
        let now = self.now();
        let mut row = RequestRow {
            id: RequestId::new(self.ids.next()),
            kind: RequestKind::Erase.as_str().into(),
            state: RequestState::Running.as_str().into(),
            subject_hash: tombstone_hash(self, &asked.0, &asked.1),
            reason,
            created_at: now,
            done_at: None,
            receipt: String::new(),
            archive: None,
        };
        self.db.write(|tx| {
            // Whoever was joined with the person a moment ago is erased with them.
            let subject = person.map(|p| Subject::load(tx, p)).transpose()?;
            let mut values = subject.as_ref().map(|s| s.own_values(tx)).transpose()?.unwrap_or_default();
            values.push(asked.clone());
            receipt.tombstones = bury(tx, self, &values, ERASED, row.id)?;
            match &subject {
                Some(s) => {
                    self.hide(tx, s, row.id)?;
                    self.hold(tx, &events, &mut receipt, row.id)?;
                    let gone = gone_of(tx, s)?;
                    self.take_back(tx, &gone, &mut receipt, row.id)?;
                    receipt.work = Some(work_of(s));
                    jobs::enqueue(tx, self, Chore::PrivacyErase, &json!({ "request": row.id }), now)?;
                }
                None => finish(&mut row, &mut receipt, now),
            }
            row.receipt = receipt.text();
            rows::put(tx, &row)?;
            let detail = json!({ "identifiers": receipt.tombstones, "legal_hold": receipt.legal_hold.is_some() });
            audit(tx, self, &caller.actor, "privacy.erase", &row.id.to_string(), &detail)
        })?;
        archive::note_erasure(self, &row)?;
        self.tasks.ring();
        view(row)
    }

    /// The request that erased an identifier nobody has now.
    fn erased_before(&self, hash: &String) -> Result<Option<RequestRow>> {
        Ok(self.db.read(|tx| {
            let stone = rows::tombstones(tx, std::slice::from_ref(hash))?.into_iter().find(|t| t.kind == ERASED);
            stone.map_or(Ok(None), |t| rows::get(tx, t.request_id))
        })?)
    }

    /// Hides every line and span of a person from every read, hot events first of all.
    fn hide(&self, tx: &mut Tx<'_>, s: &Subject, request: RequestId) -> throughline_store::Result<()> {
        let now = self.now();
        crate::history::note_moves(tx, self, &s.all_lines().into_iter().collect())?;
        lake_rows::erased_insert(tx, &s.lines(), request, now)?;
        let spans: Vec<_> = s.spans.iter().map(|span| (self.ids.next(), *span)).collect();
        rows::spans_insert(tx, &spans, request, now)?;
        event_rows_delete(tx, s)?;
        // Nobody meets the person in an audience any more; the rows go again, and are counted, with the others.
        let left = identity::nodes_of_persons(tx, &s.persons())?;
        let erased: BTreeSet<IdentifierId> = s.lines().into_iter().collect();
        let (gone, stays): (Vec<PersonId>, Vec<PersonId>) = s
            .persons()
            .into_iter()
            .partition(|p| left.iter().filter(|n| n.person == *p).all(|n| erased.contains(&n.id)));
        audiences::people_forget(tx, &gone)?;
        let changed = stays.into_iter().chain(span_persons(tx, s)?).collect::<Vec<_>>();
        mark::people(tx, self, changed, What::Events, Cause::Erasure)
    }

    /// Leaves for every destination what takes people back, with an open line of the receipt for each.
    fn take_back(
        &self,
        tx: &mut Tx<'_>,
        gone: &[PersonId],
        receipt: &mut Receipt,
        request: RequestId,
    ) -> throughline_store::Result<()> {
        let (logged, waiting) = erase_persons(tx, self, gone, request)?;
        receipt.add(self, "store.export_log", logged, logged, 0);
        for (place, n) in waiting {
            receipt.add(self, &place, n, 0, 0);
            receipt.mark(self, &place, LineState::Open);
        }
        Ok(())
    }

    /// Notes the events that are there, and keeps orders without the person where a legal hold says so.
    fn hold(
        &self,
        tx: &mut Tx<'_>,
        events: &[(LakeRow, bool)],
        receipt: &mut Receipt,
        request: RequestId,
    ) -> throughline_store::Result<()> {
        let hot = events.iter().filter(|(_, sealed)| !sealed).count() as u64;
        let sealed = events.len() as u64 - hot;
        receipt.add(self, "store.event_hot", hot, hot, 0);
        if sealed > 0 {
            receipt.add(self, "lake.rows", sealed, 0, 0);
            receipt.mark(self, "lake.rows", LineState::Open);
        }
        if receipt.legal_hold.is_some() {
            let orders: Vec<HeldOrder> = events.iter().filter_map(|(e, _)| held(e)).collect();
            let n = rows::orders_hold(tx, &orders, request)?;
            receipt.add(self, "store.order_held", n, 0, n);
        }
        Ok(())
    }

    /// Removes quarantined events, texts of refused lines and warnings that name the person, page by page. With a row,
    /// each page commits with the receipt.
    fn erase_texts(&self, m: &Matcher, receipt: &mut Receipt, mut row: Option<&mut RequestRow>) -> Result<()> {
        let mut commit = |receipt: &mut Receipt, tx: &mut Tx<'_>| -> throughline_store::Result<()> {
            if let Some(row) = row.as_deref_mut() {
                row.receipt = receipt.text();
                rows::put(tx, row)?;
            }
            Ok(())
        };
        receipt.add(self, "store.quarantine", 0, 0, 0);
        self.texts_quarantined(m, |found| {
            let ids: Vec<_> = found.iter().map(|q| q.id).collect();
            Ok(self.db.write(|tx| {
                let n = rows::quarantine_delete(tx, &ids)?;
                receipt.add(self, "store.quarantine", n, n, 0);
                commit(receipt, tx)
            })?)
        })?;
        receipt.add(self, "store.import_reject", 0, 0, 0);
        self.texts_refused(m, |found| {
            let keys: Vec<_> = found.iter().map(|(key, _)| *key).collect();
            Ok(self.db.write(|tx| {
                let n = rows::rejects_empty(tx, &keys)?;
                receipt.add(self, "store.import_reject", n, n, 0);
                commit(receipt, tx)
            })?)
        })?;
        let warned = self.texts_warned(m)?;
        self.db.write(|tx| {
            let n = rows::warnings_delete(tx, &warned)?;
            receipt.add(self, "store.source_warning", n, n, 0);
            commit(receipt, tx)
        })?;
        Ok(())
    }
}

/// Works on a request until it is done or waits for replaced files to go away.
pub(crate) fn work(app: &App, payload: &str) -> Result<()> {
    let payload: Payload = serde_json::from_str(payload)
        .map_err(|e| Problem::invalid("job_payload", "the job names no privacy request").caused_by(e))?;
    loop {
        let mut row = app.privacy_row(payload.request)?;
        let mut receipt = Receipt::read(&row)?;
        let Some(work) = receipt.work.clone() else { return Ok(()) };
        match work.stage {
            Stage::Find => find(app, &mut row, receipt)?,
            Stage::Texts => {
                let values = app.db.read(|tx| subject_of(tx, &work)?.own_values(tx))?;
                app.erase_texts(&Matcher::new(&values), &mut receipt, Some(&mut row))?;
                app.erase_archives(&values, &mut receipt)?;
                next(app, &mut row, receipt, Stage::Rows)?;
            }
            Stage::Rows => {
                app.react_all()?;
                app.db.write(|tx| remove_rows(tx, app, &mut row, receipt, &work))?;
            }
            Stage::Lake => compact(app, &mut row, receipt)?,
            Stage::Trash => {
                if !trash(app, &mut row, receipt, &work)? {
                    return Ok(());
                }
            }
            Stage::Destinations => return destinations(app, &mut row, receipt),
            Stage::Done => return Ok(()),
        }
    }
}

/// Commits a stage that has no rows of its own.
fn next(app: &App, row: &mut RequestRow, mut receipt: Receipt, stage: Stage) -> Result<()> {
    Ok(app.db.write(|tx| {
        advance(app, row, &mut receipt, stage);
        rows::put(tx, row).map(drop)
    })?)
}

fn advance(app: &App, row: &mut RequestRow, receipt: &mut Receipt, stage: Stage) {
    if let Some(work) = &mut receipt.work {
        work.stage = stage;
    }
    match stage {
        Stage::Done => finish(row, receipt, app.now()),
        Stage::Trash | Stage::Destinations => row.state = RequestState::Open.as_str().into(),
        Stage::Find | Stage::Texts | Stage::Rows | Stage::Lake => {}
    }
    row.receipt = receipt.text();
}

fn finish(row: &mut RequestRow, receipt: &mut Receipt, now: Timestamp) {
    receipt.work = None;
    row.state = if receipt.is_closed() { RequestState::Done } else { RequestState::Open }.as_str().into();
    row.done_at = Some(now);
    row.receipt = receipt.text();
}

fn work_of(s: &Subject) -> Work {
    Work {
        persons: s.persons().into_iter().map(PersonId::get).collect(),
        lines: s.lines().into_iter().map(IdentifierId::get).collect(),
        spans: s.spans.clone(),
        ..Work::default()
    }
}

/// Of a subject's persons those who will not be there any more: nothing but what is erased belongs to them.
fn gone_of(tx: &mut Tx<'_>, s: &Subject) -> throughline_store::Result<Vec<PersonId>> {
    let all = identity::nodes_of_persons(tx, &s.persons())?;
    let erased: BTreeSet<IdentifierId> = s.lines().into_iter().collect();
    let is_gone = |p: &PersonId| all.iter().filter(|n| n.person == *p).all(|n| erased.contains(&n.id));
    Ok(s.persons().into_iter().filter(is_gone).collect())
}

/// The subject as it was when it was hidden.
fn subject_of(tx: &mut Tx<'_>, work: &Work) -> throughline_store::Result<Subject> {
    let lines: Vec<IdentifierId> = work.lines.iter().map(|l| IdentifierId::new(*l)).collect();
    let persons: Vec<PersonId> = work.persons.iter().map(|p| PersonId::new(*p)).collect();
    Ok(Subject {
        person: persons.first().copied().unwrap_or(PersonId::new(0)),
        aliases: persons,
        nodes: identity::nodes_by_id(tx, &lines)?,
        spans: work.spans.clone(),
    })
}

/// After a restore only hashes are known: looks through all identifiers for those that were erased, and hides them.
fn find(app: &App, row: &mut RequestRow, mut receipt: Receipt) -> Result<()> {
    let hashes: BTreeSet<String> = app.db.read(|tx| rows::tombstones_of(tx, row.id))?.into_iter().collect();
    let mut persons: BTreeSet<PersonId> = BTreeSet::new();
    let mut after = IdentifierId::new(0);
    loop {
        let page = app.db.read(|tx| identity::nodes_after(tx, after, 2_000))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let erased = page.iter().filter(|n| hashes.contains(&tombstone_hash(app, &n.namespace, &n.value)));
        persons.extend(erased.map(|n| n.person));
    }
    let mut events = Vec::new();
    for person in &persons {
        let subject = app.db.read(|tx| Subject::load(tx, *person))?;
        events.extend(app.subject_events(&subject)?);
    }
    Ok(app.db.write(|tx| {
        let mut work = Work::default();
        for person in &persons {
            let subject = Subject::load(tx, *person)?;
            let values = subject.own_values(tx)?;
            receipt.tombstones += bury(tx, app, &values, ERASED, row.id)?;
            app.hide(tx, &subject, row.id)?;
            let gone = gone_of(tx, &subject)?;
            app.take_back(tx, &gone, &mut receipt, row.id)?;
            let found = work_of(&subject);
            work.persons.extend(found.persons);
            work.lines.extend(found.lines);
            work.spans.extend(found.spans);
        }
        app.hold(tx, &events, &mut receipt, row.id)?;
        receipt.work = Some(work);
        advance(app, row, &mut receipt, Stage::Texts);
        rows::put(tx, row).map(drop)
    })?)
}

/// Hot events go at once: from here on no read of hot rows sees the person.
fn event_rows_delete(tx: &mut Tx<'_>, s: &Subject) -> throughline_store::Result<()> {
    rows::hot_delete(tx, &s.lines(), &s.spans).map(drop)
}

/// Removes everything that hangs on the person from the tables, in one transaction.
fn remove_rows(
    tx: &mut Tx<'_>,
    app: &App,
    row: &mut RequestRow,
    mut receipt: Receipt,
    work: &Work,
) -> throughline_store::Result<()> {
    let subject = subject_of(tx, work)?;
    let lines: Vec<IdentifierId> = work.lines.iter().map(|l| IdentifierId::new(*l)).collect();
    let proofs = rows::consents_prove(tx, &lines, row.id)?;
    let values = subject.own_values(tx)?;
    let listed = audiences::people_entries_delete(tx, &values)?;
    receipt.add(app, "store.audience_list_entry", listed, listed, 0);
    let mut removed = rows::lines_delete(tx, &lines)?;
    removed.extend(rows::spans_delete(tx, &subject.spans)?);
    let neighbours = span_persons(tx, &subject)?;
    removed.extend(rows::nodes_delete(tx, &lines)?);
    span_terms(tx, &subject)?;
    let left: BTreeSet<PersonId> =
        identity::nodes_of_persons(tx, &subject.persons())?.into_iter().map(|n| n.person).collect();
    let gone: Vec<PersonId> = subject.persons().into_iter().filter(|p| !left.contains(p)).collect();
    removed.extend(audiences::people_forget(tx, &gone)?);
    // What was on its way to a destination when the person was hidden.
    app.take_back(tx, &gone, &mut receipt, row.id)?;
    removed.extend(rows::persons_delete(tx, &gone)?);
    let remaining: Vec<PersonId> = left.into_iter().chain(neighbours).collect();
    summarise(tx, app, &remaining)?;
    mark::people(tx, app, remaining, What::Events, Cause::Erasure)?;
    removed.push(("household", rows::households_delete_empty(tx)?));
    for (table, n) in removed {
        let kept = if table == "consent" { proofs.min(n) } else { 0 };
        receipt.add(app, &format!("store.{table}"), n, n - kept, kept);
    }
    advance(app, row, &mut receipt, Stage::Lake);
    rows::put(tx, row).map(drop)
}

/// Whose the shared devices are otherwise.
fn span_persons(tx: &mut Tx<'_>, s: &Subject) -> throughline_store::Result<BTreeSet<PersonId>> {
    let devices: Vec<IdentifierId> = s.spans.iter().map(|span| span.line).collect();
    Ok(identity::persons_of_lines(tx, &devices)?.into_iter().map(|(_, p)| p).collect())
}

/// Search terms of a shared device are made anew from what is left on it.
fn span_terms(tx: &mut Tx<'_>, s: &Subject) -> throughline_store::Result<()> {
    let devices: Vec<IdentifierId> =
        s.spans.iter().map(|span| span.line).collect::<BTreeSet<_>>().into_iter().collect();
    let mut terms: BTreeSet<(String, IdentifierId)> = BTreeSet::new();
    for n in identity::nodes_by_id(tx, &devices)? {
        terms.extend(identifier_keys(&n.namespace, &n.value).into_iter().map(|t| (t, n.id)));
    }
    for t in people::trait_history(tx, &devices, None)?.into_iter().filter(|t| is_searchable_trait(&t.name)) {
        if let Ok(text) = serde_json::from_str::<String>(&t.value) {
            terms.extend(text_keys(&text).into_iter().map(|key| (key, t.line)));
        }
    }
    people::terms_insert(tx, &terms.into_iter().collect::<Vec<_>>()).map(drop)
}

/// Rewrites the files of the history that hold the person's rows.
fn compact(app: &App, row: &mut RequestRow, mut receipt: Receipt) -> Result<()> {
    let done = app.compact_erased()?;
    let Some(rows_line) = receipt.lines.iter().find(|l| l.place == "lake.rows").cloned() else {
        return next(app, row, receipt, Stage::Destinations);
    };
    receipt.add(app, "lake.rows", 0, rows_line.found - rows_line.removed, 0);
    receipt.mark(app, "lake.rows", LineState::Closed);
    receipt.add(app, "lake.files", done.replaced, 0, 0);
    receipt.mark(app, "lake.files", LineState::Open);
    let until = app.now().plus_ms(app.settings.trash_ms + TRASH_MARGIN_MS);
    if let Some(work) = &mut receipt.work {
        work.trash_until = Some(until);
    }
    next(app, row, receipt, Stage::Trash)
}

/// Replaced files stay for reports that still read them; says whether they are gone.
fn trash(app: &App, row: &mut RequestRow, mut receipt: Receipt, work: &Work) -> Result<bool> {
    let now = app.now();
    let until = work.trash_until.unwrap_or(now);
    if now >= until {
        app.trash_clear()?;
        if app.db.read(|tx| lake_rows::trash(tx, until.plus_ms(-app.settings.trash_ms)))?.is_empty() {
            let found = receipt.lines.iter().find(|l| l.place == "lake.files").map_or(0, |l| l.found);
            receipt.add(app, "lake.files", 0, found, 0);
            receipt.mark(app, "lake.files", LineState::Closed);
            next(app, row, receipt, Stage::Destinations)?;
            return Ok(true);
        }
    }
    settle_destinations(app, row.id, &mut receipt)?;
    next(app, row, receipt, Stage::Trash)?;
    again(app, row.id, until.max(now.plus_ms(TRASH_MARGIN_MS)))?;
    Ok(false)
}

/// The request is done when every destination has taken the person back. Each delivery calls this; the hour is for those
/// whose destination was mended otherwise.
fn destinations(app: &App, row: &mut RequestRow, mut receipt: Receipt) -> Result<()> {
    if settle_destinations(app, row.id, &mut receipt)? {
        return next(app, row, receipt, Stage::Done);
    }
    next(app, row, receipt, Stage::Destinations)?;
    again(app, row.id, app.now().plus_ms(HOUR_MS))
}

/// Brings the lines of destinations up to date; says whether all are closed.
fn settle_destinations(app: &App, request: RequestId, receipt: &mut Receipt) -> Result<bool> {
    let left = app.db.read(|tx| erase_destinations(tx, request))?;
    let open: Vec<(String, u64)> = receipt
        .lines
        .iter()
        .filter(|l| l.place.starts_with(DESTINATION) && l.state == LineState::Open)
        .map(|l| (l.place.clone(), l.found - l.removed))
        .collect();
    let mut all_closed = true;
    for (place, missing) in open {
        let waiting = left.iter().find(|(p, _)| *p == place).map_or(0, |(_, n)| *n);
        receipt.add(app, &place, 0, missing.saturating_sub(waiting), 0);
        if waiting == 0 {
            receipt.mark(app, &place, LineState::Closed);
        } else {
            all_closed = false;
        }
    }
    Ok(all_closed)
}

fn again(app: &App, request: RequestId, at: Timestamp) -> Result<()> {
    app.db.write(|tx| jobs::enqueue(tx, app, Chore::PrivacyErase, &json!({ "request": request }), at))?;
    Ok(())
}

fn held(e: &LakeRow) -> Option<HeldOrder> {
    ORDER_EVENTS.contains(&e.name.as_str()).then(|| HeldOrder {
        event_id: EventId::new(e.event_id),
        event_at: Timestamp::from_ms(e.event_at),
        name: e.name.clone(),
        order_id: e.order_id.clone(),
        value_minor: e.value_minor,
        currency: e.currency.clone(),
    })
}

/// Begins the erasures that are on record beside the database and not in it: a backup from before them was restored.
pub(crate) fn resume_restored(app: &App) -> Result<()> {
    for noted in archive::noted_erasures(app)? {
        let known = app.db.read(|tx| rows::get(tx, noted.request))?.is_some();
        if known {
            continue;
        }
        let now = app.now();
        let receipt = Receipt {
            by: noted.by.clone(),
            legal_hold: noted.legal_hold.clone(),
            work: Some(Work { stage: Stage::Find, ..Work::default() }),
            ..Receipt::default()
        };
        let row = RequestRow {
            id: noted.request,
            kind: RequestKind::Erase.as_str().into(),
            state: RequestState::Running.as_str().into(),
            subject_hash: noted.subject_hash.clone(),
            reason: noted.reason.clone(),
            created_at: noted.at,
            done_at: None,
            receipt: receipt.text(),
            archive: None,
        };
        app.db.write(|tx| {
            rows::put(tx, &row)?;
            rows::tombstones_insert(tx, &noted.tombstones())?;
            jobs::enqueue(tx, app, Chore::PrivacyErase, &json!({ "request": row.id }), now)?;
            audit(tx, app, "restore", "privacy.erase", &row.id.to_string(), &json!({ "after": "restore" }))
        })?;
        tracing::warn!(request = %noted.request, "the database is older than this erasure; it is done again");
    }
    Ok(())
}
