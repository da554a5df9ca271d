//! Exporting a person: everything that hangs on them, one file a room, packed into an archive that expires.

use serde::Deserialize;
use serde_json::{Value, json};
use throughline_base::time::DAY_MS;
use throughline_base::{EventId, IdentifierId, PersonId, Problem, RequestId, Timestamp};
use throughline_lake::{LakeRow, PersonRead};
use throughline_store::event as events;
use throughline_store::event::Quarantined;
use throughline_store::privacy::{self as rows, RequestRow};
use throughline_store::{Tx, audience as audiences, identity, person as people};

use super::archive::{self, Entry};
use super::receipt::{Receipt, Work};
use super::subject::Subject;
use super::suppress::identifier;
use super::texts::Matcher;
use super::{RequestKind, RequestState, RequestView, keyed, tombstone_hash, view};
use crate::jobs::{self, Chore};
use crate::person::timeline::lake_row;
use crate::person::view::records;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// How long an archive can be fetched.
pub(super) const KEEP_MS: i64 = 7 * DAY_MS;
/// Sealed rows read at once.
const READ: usize = 5_000;

const README_EN: &str = include_str!("readme.en.md");
const README_ZH: &str = include_str!("readme.zh-CN.md");

#[derive(Debug, Deserialize)]
struct Payload {
    request: RequestId,
}

impl App {
    /// Packs everything about a person into an archive, in the background.
    ///
    /// # Errors
    /// `identifier` when none is named, `person_unknown` when nobody has it.
    pub fn privacy_export(&self, caller: &Caller, namespace: &str, value: &str) -> Result<RequestView> {
        let (namespace, value) = identifier(namespace, value)?;
        let person = self.person_by_identifier(&namespace, &value)?;
        let now = self.now();
        let receipt = Receipt {
            by: caller.actor.clone(),
            work: Some(Work { persons: vec![person.get()], ..Work::default() }),
            ..Receipt::default()
        };
        let row = RequestRow {
            id: RequestId::new(self.ids.next()),
            kind: RequestKind::Export.as_str().into(),
            state: RequestState::Running.as_str().into(),
            subject_hash: tombstone_hash(self, &namespace, &value),
            reason: String::new(),
            created_at: now,
            done_at: None,
            receipt: receipt.text(),
            archive: None,
        };
        self.db.write(|tx| {
            rows::put(tx, &row)?;
            jobs::enqueue(tx, self, Chore::PrivacyExport, &json!({ "request": row.id }), now)?;
            audit(tx, self, &caller.actor, "privacy.export", &row.id.to_string(), &json!({ "person": person }))
        })?;
        self.tasks.ring();
        view(row)
    }

    /// The archive of a finished export.
    ///
    /// # Errors
    /// `archive_unready` while it is packed, `archive_expired` when it is gone.
    pub fn privacy_archive(&self, caller: &Caller, id: RequestId) -> Result<Vec<u8>> {
        let row = self.privacy_row(id)?;
        let expired = || {
            let detail = "the archive is no longer kept: it expired or the person was erased; ask for a new export";
            Problem::not_found("archive_expired", detail)
        };
        if row.kind != RequestKind::Export.as_str() {
            return Err(Problem::not_found("archive_unknown", "only an export has an archive"));
        }
        let Some(done_at) = row.done_at else {
            return Err(Problem::conflict("archive_unready", "the archive is being packed; try again in a moment"));
        };
        if row.archive.is_none() || done_at.plus_ms(KEEP_MS) <= self.now() {
            return Err(expired());
        }
        let bytes = std::fs::read(archive::path_of(self, id)).map_err(|_| expired())?;
        self.db.write(|tx| audit(tx, self, &caller.actor, "privacy.download", &id.to_string(), &json!({})))?;
        Ok(bytes)
    }

    /// Every event of the subject, oldest first, with whether it is sealed.
    pub(super) fn subject_events(&self, s: &Subject) -> Result<Vec<(LakeRow, bool)>> {
        let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
        let (hot, snapshot) = self.db.read(|tx| {
            Ok((
                events::hot_of_lines(tx, &s.all_lines(), from, (to, EventId::new(i64::MAX)), u32::MAX)?,
                self.sealed_snapshot(tx)?,
            ))
        })?;
        let owns = |r: &LakeRow| s.owns(IdentifierId::new(r.line_id), Timestamp::from_ms(r.event_at));
        let mut all: Vec<(LakeRow, bool)> = hot.into_iter().map(|e| (lake_row(e, s.person), false)).collect();
        for person in s.persons() {
            let mut after = None;
            loop {
                let read = PersonRead { after, newest_first: false, ..PersonRead::newest(person.get(), READ) };
                let page = self.lake.read_person(&snapshot, &read)?;
                let full = page.len() == READ;
                after = page.last().map(|r| (r.event_at, r.event_id));
                all.extend(page.into_iter().map(|r| (r, true)));
                if !full {
                    break;
                }
            }
        }
        all.retain(|(r, _)| owns(r));
        all.sort_by_key(|(r, _)| (r.event_at, r.event_id));
        all.dedup_by_key(|(r, _)| r.event_id);
        Ok(all)
    }

    /// Removes the archives about a person who is erased.
    pub(super) fn erase_archives(&self, values: &[(String, String)], receipt: &mut Receipt) -> Result<()> {
        let hashes: Vec<String> = values.iter().map(|(n, v)| tombstone_hash(self, n, v)).collect();
        let found = self.db.read(|tx| rows::archives_of(tx, &hashes))?;
        self.archives_remove(&found)?;
        receipt.add(self, "files.export", found.len() as u64, found.len() as u64, 0);
        Ok(())
    }

    /// Removes archives that are no longer kept.
    ///
    /// # Errors
    /// When the store or the folder cannot be written.
    pub(crate) fn archives_expire(&self) -> Result<()> {
        let before = self.now().plus_ms(-KEEP_MS);
        let old = self.db.read(|tx| rows::archives_before(tx, before))?;
        self.archives_remove(&old)
    }

    fn archives_remove(&self, found: &[RequestRow]) -> Result<()> {
        for row in found {
            let path = archive::path_of(self, row.id);
            if let Err(e) = std::fs::remove_file(&path)
                && e.kind() != std::io::ErrorKind::NotFound
            {
                return Err(Problem::unavailable("data_dir", format!("cannot remove {}: {e}", path.display())));
            }
            let row = RequestRow { archive: None, ..row.clone() };
            self.db.write(|tx| rows::put(tx, &row))?;
        }
        Ok(())
    }
}

/// Packs the archive of a request.
pub(crate) fn work(app: &App, payload: &str) -> Result<()> {
    let payload: Payload = serde_json::from_str(payload)
        .map_err(|e| Problem::invalid("job_payload", "the job names no privacy request").caused_by(e))?;
    let mut row = app.privacy_row(payload.request)?;
    let mut receipt = Receipt::read(&row)?;
    let Some(person) = receipt.work.as_ref().and_then(|w| w.persons.first()).map(|p| PersonId::new(*p)) else {
        return Ok(());
    };
    let person = app.person_find(person)?;
    let subject = app.db.read(|tx| Subject::load(tx, person))?;
    let mut entries = app.export_rooms(&subject)?;
    entries.push(app.export_events(&subject)?);
    let mut packed = vec![manifest(app, &row, &subject, &entries)];
    packed.extend(entries);
    for (name, text) in [("README.md", README_EN), ("README.zh-CN.md", README_ZH)] {
        packed.push(Entry { name, rows: 1, bytes: text.as_bytes().to_vec() });
    }
    let path = archive::path_of(app, row.id);
    archive::write(&path, &packed)?;
    let now = app.now();
    let settled = app.db.write(|tx| {
        // A person who was erased meanwhile is not exported any more.
        if !throughline_store::history::erased_among(tx, &subject.lines())?.is_empty() {
            return Err(Problem::not_found("person_unknown", "the person was erased").into());
        }
        for e in &packed {
            receipt.add(app, &format!("archive.{}", e.name), e.rows, 0, 0);
        }
        receipt.work = None;
        row.state = RequestState::Done.as_str().into();
        row.done_at = Some(now);
        row.receipt = receipt.text();
        row.archive = Some(format!("{}.zip", row.id));
        rows::put(tx, &row).map(drop)
    });
    if settled.is_err() {
        // An archive that no request leads to must not stay; a removal that fails says why the next time.
        let _ = std::fs::remove_file(&path);
    }
    Ok(settled?)
}

/// What the archive holds, with counts and hashes, under a keyed seal.
fn manifest(app: &App, row: &RequestRow, s: &Subject, entries: &[Entry]) -> Entry {
    let files: Vec<Value> = entries
        .iter()
        .map(|e| json!({ "name": e.name, "rows": e.rows, "bytes": e.bytes.len(), "sha256": e.checksum() }))
        .collect();
    let sums: Vec<String> = entries.iter().map(Entry::checksum).collect();
    let text = json!({
        "request": row.id,
        "person": s.person,
        "former_ids": s.aliases,
        "asked_at": row.created_at,
        "made_at": app.now(),
        "product": "throughline",
        "version": app.settings.version,
        "files": files,
        "seal": keyed(app, &["manifest", &sums.concat()]),
    });
    json_entry("manifest.json", 1, &text)
}

fn json_entry(name: &'static str, rows: usize, value: &Value) -> Entry {
    Entry { name, rows: rows as u64, bytes: serde_json::to_vec_pretty(value).expect("plain data becomes JSON") }
}

/// A stored JSON text as JSON.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

impl App {
    /// The files of the rooms that keep tables.
    fn export_rooms(&self, s: &Subject) -> Result<Vec<Entry>> {
        let values = self.db.read(|tx| s.own_values(tx))?;
        let mut texts: Vec<Quarantined> = Vec::new();
        let mut refused: Vec<Value> = Vec::new();
        let m = Matcher::new(&values);
        self.texts_quarantined(&m, |found| {
            texts.extend_from_slice(found);
            Ok(())
        })?;
        self.texts_refused(&m, |found| {
            refused.extend(
                found.iter().map(|((import, line), text)| json!({ "import": import, "line": line, "text": text })),
            );
            Ok(())
        })?;
        let quarantined: Vec<Value> = texts.iter().map(|q| self.quarantined_json(q)).collect();
        let event = json!({ "quarantined": quarantined, "refused_lines_of_imports": refused });
        let (identity, person, requests, audience, sent) = self.db.read(|tx| {
            Ok((
                identity_room(tx, s)?,
                self.person_room(tx, s)?,
                request_room(tx, self, &values)?,
                self.audience_room(tx, s, &values)?,
                crate::destination::export_room(tx, &s.persons())?,
            ))
        })?;
        Ok(vec![
            json_entry("identity.json", s.nodes.len(), &identity),
            json_entry("person.json", 1, &person),
            json_entry("audience.json", 1, &audience),
            json_entry("event.json", quarantined.len() + refused.len(), &event),
            json_entry("destination.json", sent.0, &sent.1),
            json_entry("privacy.json", requests.as_array().map_or(0, Vec::len), &requests),
        ])
    }

    fn quarantined_json(&self, q: &Quarantined) -> Value {
        json!({
            "id": q.id, "source": self.registry.source_name(q.source_id), "received_at": q.received_at,
            "reason": q.reason, "detail": q.detail, "state": q.state, "event": parsed(&q.raw),
        })
    }

    fn person_room(&self, tx: &mut Tx<'_>, s: &Subject) -> throughline_store::Result<Value> {
        let lines = s.all_lines();
        let source = |id| self.registry.source_name(id);
        let paid = people::line_revenues(tx, &lines)?;
        let revenue = crate::react::revenue_by_currency(paid.iter());
        let summary: Vec<Value> = people::get(tx, &[s.person])?
            .into_iter()
            .map(|p| {
                json!({
                    "display_name": p.display_name, "stage": p.stage, "first_seen_at": p.first_seen_at,
                    "last_seen_at": p.last_seen_at, "events": p.events, "orders": p.orders,
                    "revenue_minor": p.revenue_minor, "currency": p.currency, "revenue_by_currency": revenue,
                    "household": p.household_id,
                })
            })
            .collect();
        let traits: Vec<Value> = people::trait_history(tx, &lines, None)?
            .into_iter()
            .filter(|t| s.owns(t.line, t.event_at))
            .map(|t| {
                json!({
                    "name": t.name, "value": parsed(&t.value), "said_at": t.event_at, "source": source(t.source_id),
                    "identifier": t.line,
                })
            })
            .collect();
        let tags: Vec<Value> = throughline_store::tag::of_lines(tx, &s.lines())?
            .into_iter()
            .map(|t| {
                json!({ "tag": t.tag, "by": t.actor, "at": t.at, "expires_at": t.expires_at, "identifier": t.line })
            })
            .collect();
        let consents: Vec<Value> = records(people::consents(tx, &lines)?)
            .into_iter()
            .filter(|(r, _)| s.owns(r.line, r.given_at))
            .map(|(r, id)| json!({ "record": r, "source": source(id) }))
            .collect();
        let sources: Vec<Value> = people::line_sources(tx, &s.lines())?
            .into_iter()
            .map(|(line, id, n, at)| json!({ "identifier": line, "source": source(id), "events": n, "last_at": at }))
            .collect();
        let stages: Vec<Value> = people::stages_by_line(tx, &s.lines())?
            .into_iter()
            .map(|(line, (stage, at))| json!({ "identifier": line, "stage": stage, "at": at }))
            .collect();
        let mut predictions: Vec<Value> = Vec::new();
        for person in s.persons() {
            predictions.extend(throughline_store::prediction::scores_of(tx, person)?.into_iter().map(|p| {
                json!({
                    "what": p.kind, "value": p.value, "category": p.label, "made_of": parsed(&p.contributions),
                    "since": p.scored_at,
                })
            }));
        }
        Ok(json!({
            "summary": summary.into_iter().next(), "traits": traits, "tags": tags, "stages_set_by_hand": stages,
            "consents": consents, "sources": sources, "predictions": predictions,
        }))
    }

    /// What the person was put into, what was computed of it, and the lists it stands on.
    fn audience_room(
        &self,
        tx: &mut Tx<'_>,
        s: &Subject,
        values: &[(String, String)],
    ) -> throughline_store::Result<Value> {
        let own = audiences::memberships_of(tx, &[s.person])?;
        let mut members: Vec<Value> = Vec::new();
        for a in audiences::all(tx)? {
            if let Some(m) = own.iter().find(|m| Some(m.version) == a.live_version) {
                members.push(json!({ "audience": a.key, "name": a.name, "since": m.since_at, "cause": m.cause }));
            }
        }
        let computed: serde_json::Map<String, Value> =
            crate::audience::view::computed_in(tx, s.person)?.into_iter().collect();
        let lists: Vec<Value> = audiences::lists_with(tx, values)?
            .into_iter()
            .map(|(list, e)| json!({ "list": list, "namespace": e.namespace, "value": e.value }))
            .collect();
        Ok(json!({ "audiences": members, "computed_traits": computed, "lists": lists }))
    }

    /// The events as a table, oldest first.
    fn export_events(&self, s: &Subject) -> Result<Entry> {
        let touches = self.touch_names()?;
        let all = self.subject_events(s)?;
        let failed = |e: csv::Error| Problem::internal("export_csv", "the events could not be written").caused_by(e);
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record([
            "event_id",
            "happened_at",
            "received_at",
            "source",
            "kind",
            "name",
            "channel",
            "campaign",
            "touchpoint",
            "value_minor",
            "currency",
            "order_id",
            "message_id",
            "identifier",
            "properties",
            "traits",
            "context",
        ])
        .map_err(failed)?;
        for (e, _) in &all {
            let at = Timestamp::from_ms(e.event_at);
            let touch = touches.view(i64::from(e.touch_id), at);
            let (channel, campaign, touchpoint) =
                touch.map_or_else(Default::default, |t| (t.channel, t.campaign, t.touchpoint));
            let value = e.value_minor.map(|v| v.to_string()).unwrap_or_default();
            out.write_record([
                &throughline_base::EventId::new(e.event_id).to_string(),
                &at.to_string(),
                &Timestamp::from_ms(e.received_at).to_string(),
                &self.registry.source_name(throughline_base::SourceId::new(e.source_id)),
                e.kind.as_ref(),
                &e.name,
                &channel,
                &campaign,
                &touchpoint,
                &value,
                e.currency.as_deref().unwrap_or_default(),
                e.order_id.as_deref().unwrap_or_default(),
                &e.message_id,
                &IdentifierId::new(e.line_id).to_string(),
                &e.properties,
                &e.traits,
                &e.context,
            ])
            .map_err(failed)?;
        }
        let bytes = out.into_inner().map_err(|e| failed(e.into_error().into()))?;
        Ok(Entry { name: "events.csv", rows: all.len() as u64, bytes })
    }
}

fn identity_room(tx: &mut Tx<'_>, s: &Subject) -> throughline_store::Result<Value> {
    let lines = s.lines();
    let nodes: Vec<Value> = s
        .nodes
        .iter()
        .map(|n| {
            json!({
                "id": n.id, "namespace": n.namespace, "value": n.value, "generation": n.generation,
                "strength": n.strength, "first_seen_at": n.first_at, "last_seen_at": n.last_at,
                "ended_at": n.ended_at, "suspended_at": n.suspended_at, "blocked": n.blocked, "shared": n.shared,
            })
        })
        .collect();
    let history: Vec<Value> = identity::history_of(tx, &s.persons(), 10_000)?
        .into_iter()
        .map(|h| json!({ "at": h.at, "what": h.kind, "person": h.person_id, "other": h.other_id, "detail": parsed(&h.detail) }))
        .collect();
    let reviews: Vec<Value> = identity::reviews_of_nodes(tx, &lines)?
        .into_iter()
        .map(|r| json!({ "at": r.at, "kind": r.kind, "reason": r.reason, "state": r.state }))
        .collect();
    Ok(json!({
        "identifiers": nodes,
        "spans_of_shared_devices": s.spans,
        "evidence": identity::evidence_of_nodes(tx, &lines)?,
        "history": history,
        "reviews": reviews,
    }))
}

/// Earlier privacy requests about the same person.
fn request_room(tx: &mut Tx<'_>, app: &App, values: &[(String, String)]) -> throughline_store::Result<Value> {
    let hashes: Vec<String> = values.iter().map(|(n, v)| tombstone_hash(app, n, v)).collect();
    let all: Vec<Value> = rows::requests_of(tx, &hashes)?
        .into_iter()
        .map(
            |r| json!({ "id": r.id, "kind": r.kind, "state": r.state, "asked_at": r.created_at, "done_at": r.done_at }),
        )
        .collect();
    Ok(Value::Array(all))
}
