//! Suppress: collect nothing more. Lift: collect again, because the person consented anew.

use serde_json::{Value, json};
use throughline_base::{Problem, RequestId};
use throughline_domain::event::{Client, EventKind, RawEvent, RawId};
use throughline_domain::person::consent::{CHANNEL_ANY, PURPOSE_MARKETING};
use throughline_store::Tx;
use throughline_store::privacy::{self as rows, RequestRow, Tombstone};

use super::gate::{ERASED, SUPPRESSED};
use super::receipt::Receipt;
use super::subject::Subject;
use super::{RequestKind, RequestState, tombstone_hash};
use crate::audience::mark::{self, Cause, What};
use crate::collect::Verdict;
use crate::team::{Caller, audit};
use crate::{App, Result, identity};

/// The source of what operators enter by hand as events.
const CONSOLE_SOURCE: &str = "console";

/// A consent with which collecting begins again.
#[derive(Debug, Clone)]
pub struct LiftOrder {
    /// Namespace of the identifier.
    pub namespace: String,
    /// Its value, as typed.
    pub value: String,
    /// Purpose consented to; marketing when absent.
    pub purpose: Option<String>,
    /// Channel; any when absent.
    pub channel: Option<String>,
    /// Text the person saw.
    pub notice_version: Option<String>,
    /// Proof; needs a `method`.
    pub evidence: Value,
}

/// The identifier as it is stored.
pub(super) fn identifier(namespace: &str, value: &str) -> Result<(String, String)> {
    let (namespace, value) = (namespace.trim(), identity::normalise(namespace.trim(), value));
    if namespace.is_empty() || value.is_empty() {
        let detail = "name an identifier by namespace and value, for instance phone and +8613912345678";
        return Err(Problem::invalid("identifier", detail));
    }
    Ok((namespace.to_owned(), value))
}

impl App {
    /// Stops collecting about a person by any identifier: events with it, or with any other that is the person's alone,
    /// are refused from now on. What is recorded stays.
    ///
    /// # Errors
    /// `identifier` when none is named.
    pub fn privacy_suppress(&self, caller: &Caller, namespace: &str, value: &str) -> Result<RequestId> {
        let (namespace, value) = identifier(namespace, value)?;
        let person = self.person_by_identifier(&namespace, &value).ok();
        let id = RequestId::new(self.ids.next());
        self.db.write(|tx| {
            let mut values = match person {
                Some(p) => Subject::load(tx, p)?.own_values(tx)?,
                None => Vec::new(),
            };
            values.push((namespace.clone(), value.clone()));
            let n = bury(tx, self, &values, SUPPRESSED, id)?;
            mark::people(tx, self, person, What::Facts, Cause::Consent)?;
            if let Some(person) = person {
                crate::destination::touched(tx, self, &[person])?;
            }
            let row = RequestRow {
                id,
                kind: RequestKind::Suppress.as_str().into(),
                state: RequestState::Done.as_str().into(),
                subject_hash: tombstone_hash(self, &namespace, &value),
                reason: String::new(),
                created_at: self.now(),
                done_at: Some(self.now()),
                receipt: Receipt { by: caller.actor.clone(), tombstones: n, ..Receipt::default() }.text(),
                archive: None,
            };
            rows::put(tx, &row)?;
            audit(tx, self, &caller.actor, "privacy.suppress", &id.to_string(), &json!({ "identifiers": n }))
        })?;
        Ok(id)
    }

    /// Lets an identifier in again, of somebody erased or suppressed, with a consent record that goes the way of every
    /// event. Somebody erased begins anew.
    ///
    /// # Errors
    /// `consent_evidence` without a method, `not_suppressed` when nothing keeps the identifier out.
    pub fn privacy_lift(&self, caller: &Caller, order: &LiftOrder) -> Result<()> {
        let (namespace, value) = identifier(&order.namespace, &order.value)?;
        if order.evidence.get("method").and_then(Value::as_str).is_none_or(str::is_empty) {
            let detail =
                "letting somebody in again needs the proof of their consent: evidence.method, for instance paper";
            return Err(Problem::invalid("consent_evidence", detail));
        }
        let hash = tombstone_hash(self, &namespace, &value);
        if self.db.read(|tx| rows::tombstones(tx, std::slice::from_ref(&hash)))?.is_empty() {
            let detail = format!("nothing keeps this {namespace} out; check spelling and country code");
            return Err(Problem::not_found("not_suppressed", detail));
        }
        let source = self.source_ensure(caller, CONSOLE_SOURCE, "server")?;
        let batch = self.collect_raw(&source, vec![self.consent_event(&namespace, &value, order)], self.now());
        let verdicts = self.collect_wait(batch)?;
        let recorded = verdicts.iter().all(|v| matches!(v.verdict, Verdict::Accepted | Verdict::Corrected));
        if !recorded {
            let why = verdicts.into_iter().find_map(|v| v.detail).unwrap_or_default();
            return Err(Problem::invalid("lift", format!("the consent could not be recorded: {why}")));
        }
        let id = RequestId::new(self.ids.next());
        let now = self.now();
        let row = RequestRow {
            id,
            kind: RequestKind::Lift.as_str().into(),
            state: RequestState::Done.as_str().into(),
            subject_hash: hash,
            reason: String::new(),
            created_at: now,
            done_at: Some(now),
            receipt: Receipt { by: caller.actor.clone(), ..Receipt::default() }.text(),
            archive: None,
        };
        self.db.write(|tx| {
            rows::put(tx, &row)?;
            audit(tx, self, &caller.actor, "privacy.lift", &id.to_string(), &json!({}))
        })?;
        Ok(())
    }

    fn consent_event(&self, namespace: &str, value: &str, order: &LiftOrder) -> RawEvent {
        let mut raw = RawEvent::new(Client::Generic, EventKind::Track);
        raw.name = "Consent Updated".into();
        raw.ids = vec![RawId { namespace: namespace.into(), value: value.into(), verified: Some(true) }];
        raw.timestamp = json!(self.now().to_string());
        let mut say = |key: &str, value: Value| raw.properties.insert(key.to_owned(), value);
        say("action", json!("grant"));
        say("purpose", json!(order.purpose.as_deref().unwrap_or(PURPOSE_MARKETING)));
        say("channel", json!(order.channel.as_deref().unwrap_or(CHANNEL_ANY)));
        say("evidence", order.evidence.clone());
        if let Some(notice) = &order.notice_version {
            say("notice_version", json!(notice));
        }
        raw
    }
}

/// Puts tombstones up; one of the erased stays one of the erased. Returns how many identifiers they are.
pub(super) fn bury(
    tx: &mut Tx<'_>,
    app: &App,
    values: &[(String, String)],
    kind: &str,
    request: RequestId,
) -> throughline_store::Result<u64> {
    let mut hashes: Vec<String> = values.iter().map(|(n, v)| tombstone_hash(app, n, v)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let standing = rows::tombstones(tx, &hashes)?;
    let is_erased = |hash: &String| standing.iter().any(|t| t.hash == *hash && t.kind == ERASED);
    let at = app.now();
    let stones: Vec<Tombstone> = hashes
        .iter()
        .filter(|h| kind == ERASED || !is_erased(h))
        .map(|hash| Tombstone { hash: hash.clone(), kind: kind.into(), request_id: request, at })
        .collect();
    rows::tombstones_insert(tx, &stones)?;
    Ok(hashes.len() as u64)
}
