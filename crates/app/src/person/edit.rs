//! What an operator changes by hand: traits, stage, tags, consent. All of it hangs on the person's own line and is
//! audited.

use serde_json::{Map, Value, json};
use throughline_base::{ConsentId, EventId, IdentifierId, PersonId, Problem, SourceId, Timestamp};
use throughline_domain::person::consent::{ConsentAction, ConsentRecord, LegalBasis, chain_hash};
use throughline_domain::person::search::{is_searchable_trait, text_keys};
use throughline_domain::person::stage::Stage;
use throughline_store::person::{self as rows, TraitRow};
use throughline_store::tag::{self as tags, TagRow};

use crate::audience::mark::{self, Cause, What};
use crate::collect::consent_row;
use crate::destination::touched;
use crate::react::summarise;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// A consent an operator records.
#[derive(Debug, Clone)]
pub struct ConsentEntry {
    /// Purpose.
    pub purpose: String,
    /// Channel.
    pub channel: String,
    /// Decision.
    pub action: ConsentAction,
    /// Legal basis.
    pub legal_basis: LegalBasis,
    /// Text the person saw.
    pub notice_version: Option<String>,
    /// Proof; needs a `method`.
    pub evidence: Value,
    /// When the person decided; now when absent.
    pub given_at: Option<Timestamp>,
    /// When a grant ends.
    pub expires_at: Option<Timestamp>,
}

/// The line that stands for a person: the identifier its id comes from.
const fn own_line(id: PersonId) -> IdentifierId {
    IdentifierId::new(id.get())
}

impl App {
    /// Sets traits by hand; null takes one away.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn person_traits_set(&self, caller: &Caller, id: PersonId, traits: &Map<String, Value>) -> Result<PersonId> {
        let id = self.person_find(id)?;
        let now = self.now();
        self.db.write(|tx| {
            let lines = super::Lines::load(tx, id)?.ids();
            let current = rows::traits(tx, &lines)?;
            let mut out = Vec::new();
            for (name, value) in traits {
                // The operator's word is the newest on every line that says something about the trait.
                let mut on: Vec<IdentifierId> = current.iter().filter(|t| t.name == *name).map(|t| t.line).collect();
                if on.is_empty() {
                    on.push(own_line(id));
                }
                for line in on {
                    out.push(TraitRow {
                        line,
                        name: name.clone(),
                        value: value.to_string(),
                        event_at: now,
                        event_id: EventId::new(0),
                        source_id: SourceId::new(0),
                    });
                }
                if is_searchable_trait(name)
                    && let Some(text) = value.as_str()
                {
                    let terms: Vec<_> = text_keys(text).into_iter().map(|t| (t, own_line(id))).collect();
                    rows::terms_insert(tx, &terms)?;
                }
            }
            rows::traits_put(tx, &out)?;
            let numbered: Vec<(i64, &TraitRow)> = out.iter().map(|t| (self.ids.next(), t)).collect();
            rows::trait_history_insert(tx, &numbered)?;
            summarise(tx, self, &[id])?;
            mark::people(tx, self, [id], What::Facts, Cause::Trait)?;
            let names: Vec<&String> = traits.keys().collect();
            audit(tx, self, &caller.actor, "person.traits", &id.to_string(), &json!({ "traits": names }))
        })?;
        Ok(id)
    }

    /// Sets the stage by hand, or gives it back to the computation.
    ///
    /// # Errors
    /// When there is no such person or stage.
    pub fn person_stage_set(&self, caller: &Caller, id: PersonId, stage: Option<&str>) -> Result<PersonId> {
        let id = self.person_find(id)?;
        if let Some(s) = stage
            && !Stage::ALL.iter().any(|k| k.as_str() == s)
        {
            let known: Vec<&str> = Stage::ALL.iter().map(|k| k.as_str()).collect();
            return Err(Problem::invalid(
                "stage",
                format!("there is no stage `{s}`; expected one of {}", known.join(", ")),
            ));
        }
        self.db.write(|tx| {
            let lines = super::Lines::load(tx, id)?.ids();
            rows::stage_delete(tx, &lines)?;
            if let Some(s) = stage {
                rows::stage_put(tx, own_line(id), s, &caller.actor, self.now())?;
            }
            summarise(tx, self, &[id])?;
            mark::people(tx, self, [id], What::Facts, Cause::Stage)?;
            audit(tx, self, &caller.actor, "person.stage", &id.to_string(), &json!({ "stage": stage }))
        })?;
        Ok(id)
    }

    /// Puts a tag on a person, or prolongs it. It ends at `expires_at`, else when its definition says, else never.
    ///
    /// # Errors
    /// When there is no such person, the tag is empty or would have ended already.
    pub fn person_tag_add(
        &self,
        caller: &Caller,
        id: PersonId,
        tag: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<PersonId> {
        let id = self.person_find(id)?;
        let now = self.now();
        self.db.write(|tx| {
            let tag = crate::tag::meant(tx, tag)?;
            let expires_at = crate::tag::end_of(tx, &tag, expires_at, now)?;
            let row = TagRow { line: own_line(id), tag, actor: caller.actor.clone(), at: now, expires_at };
            // What other lines of the person say of the tag is replaced, or the longest would hold.
            let lines = super::Lines::load(tx, id)?.ids();
            tags::delete(tx, &lines, &row.tag)?;
            tags::put(tx, std::slice::from_ref(&row))?;
            crate::tag::changed(tx, self, &[id])?;
            touched(tx, self, &[id])?;
            let detail = json!({ "add": row.tag, "expires_at": expires_at });
            audit(tx, self, &caller.actor, "person.tag", &id.to_string(), &detail)
        })?;
        Ok(id)
    }

    /// Takes a tag that was put by hand away.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn person_tag_remove(&self, caller: &Caller, id: PersonId, tag: &str) -> Result<PersonId> {
        let id = self.person_find(id)?;
        self.db.write(|tx| {
            let tag = crate::tag::meant(tx, tag)?;
            let lines = super::Lines::load(tx, id)?.ids();
            tags::delete(tx, &lines, &tag)?;
            crate::tag::changed(tx, self, &[id])?;
            touched(tx, self, &[id])?;
            audit(tx, self, &caller.actor, "person.tag", &id.to_string(), &json!({ "remove": tag }))
        })?;
        Ok(id)
    }

    /// Records a consent with its proof.
    ///
    /// # Errors
    /// When there is no such person, or the proof names no method.
    pub fn person_consent_add(&self, caller: &Caller, id: PersonId, entry: ConsentEntry) -> Result<ConsentRecord> {
        let id = self.person_find(id)?;
        if entry.evidence.get("method").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(Problem::invalid(
                "consent_evidence",
                "a consent needs its proof: evidence.method, for instance checkbox, paper, voice or double_opt_in",
            ));
        }
        let now = self.now();
        let mut record = ConsentRecord {
            id: ConsentId::new(0),
            line: own_line(id),
            purpose: entry.purpose,
            channel: entry.channel,
            action: entry.action,
            legal_basis: entry.legal_basis,
            notice_version: entry.notice_version,
            evidence: entry.evidence,
            given_at: entry.given_at.unwrap_or(now),
            received_at: now,
            expires_at: entry.expires_at,
        };
        self.db.write(|tx| {
            record.id = ConsentId::new(self.ids.next());
            let prev = rows::consent_head(tx, record.line)?;
            let hash = chain_hash(&prev, &record);
            rows::consents_insert(tx, &[consent_row(&record, None, None, prev, hash)])?;
            mark::people(tx, self, [id], What::Facts, Cause::Consent)?;
            touched(tx, self, &[id])?;
            let detail = json!({
                "purpose": record.purpose, "channel": record.channel, "action": record.action.as_str()
            });
            audit(tx, self, &caller.actor, "person.consent", &id.to_string(), &detail)
        })?;
        // Somebody who has just withdrawn is taken back within seconds.
        self.tasks.ring();
        Ok(record)
    }
}
