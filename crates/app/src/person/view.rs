//! One person with everything beside it: identifiers, traits with their sources, tags, consents, totals.

use serde::Serialize;
use serde_json::Value;
use throughline_base::{ConsentId, EventId, HouseholdId, IdentifierId, PersonId, Problem, SourceId, Timestamp};
use throughline_domain::identity::{NodeState, Strength};
use throughline_domain::person::consent::{
    ConsentAction, ConsentRecord, ContactReason, LegalBasis, MayContact, PURPOSE_MARKETING, PURPOSE_SERVICE,
    may_contact,
};
use throughline_domain::person::traits::Precedence;
use throughline_store::Tx;
use throughline_store::identity::{self, ReviewRow};
use throughline_store::person::{self as rows, ConsentRow, LineStat, PersonRow};

use super::Lines;
use crate::privacy::gate::is_suppressed;
use crate::{App, Result};

/// One identifier of a person.
#[derive(Debug, Clone, Serialize)]
pub struct IdentifierView {
    /// The node.
    pub id: IdentifierId,
    /// Namespace.
    pub namespace: String,
    /// Value.
    pub value: String,
    /// Somebody vouched for it.
    pub verified: bool,
    /// The one the person's id comes from.
    pub primary: bool,
    /// `active`, `shared`, `suspended`, `blocked`, `hint`, `ended`.
    pub status: &'static str,
    /// First event.
    pub first_seen_at: Timestamp,
    /// Last event.
    pub last_seen_at: Timestamp,
    /// When its link ended.
    pub ended_at: Option<Timestamp>,
    /// The source that brought it.
    pub source_name: String,
    /// 1, 2 … for owners one after another.
    pub generation: u32,
}

/// A value with where it comes from.
#[derive(Debug, Clone, Serialize)]
pub struct TraitFact {
    /// Value.
    pub value: Value,
    /// When it was said.
    pub event_at: Timestamp,
    /// The event; absent when an operator said it.
    pub event_id: Option<EventId>,
    /// The source.
    pub source_id: SourceId,
    /// Its name.
    pub source_name: String,
    /// The identifier it hangs on.
    pub identifier_id: IdentifierId,
}

/// A trait with the values that lost.
#[derive(Debug, Clone, Serialize)]
pub struct TraitView {
    /// Name.
    pub name: String,
    /// The value shown.
    pub shown: TraitFact,
    /// The rule that chose it.
    pub rule: Precedence,
    /// The others, newest first.
    pub others: Vec<TraitFact>,
}

/// May this person be contacted?
#[derive(Debug, Clone, Serialize)]
pub struct ContactLight {
    /// Purpose.
    pub purpose: String,
    /// Channel.
    pub channel: String,
    /// The answer.
    pub answer: MayContact,
}

/// A touch, classified by the rules in force.
#[derive(Debug, Clone, Serialize)]
pub struct TouchView {
    /// Channel key.
    pub channel: String,
    /// Campaign.
    pub campaign: String,
    /// Touchpoint.
    pub touchpoint: String,
    /// When.
    pub at: Timestamp,
}

/// Everything about one person.
#[derive(Debug, Clone)]
pub struct PersonView {
    /// Summary.
    pub row: PersonRow,
    /// Net revenue in minor units by currency, the summary's among them.
    pub revenue: Vec<(String, i64)>,
    /// Former ids.
    pub aliases: Vec<PersonId>,
    /// Identifiers, strongest first.
    pub identifiers: Vec<IdentifierView>,
    /// Traits by name.
    pub traits: Vec<TraitView>,
    /// `(tag, by, at)`.
    pub tags: Vec<(String, String, Timestamp)>,
    /// `computed` or `manual`.
    pub stage_source: &'static str,
    /// May it be contacted?
    pub contact: Vec<ContactLight>,
    /// Consent records, newest first, with the name of their source.
    pub consents: Vec<(ConsentRecord, String)>,
    /// First touch.
    pub first_touch: Option<TouchView>,
    /// Last touch.
    pub last_touch: Option<TouchView>,
    /// Events by source, most first.
    pub sources: Vec<(SourceId, i64)>,
    /// Members of the household.
    pub household: Option<(HouseholdId, String, Vec<PersonRow>)>,
    /// Open items of the review queue.
    pub reviews: Vec<ReviewRow>,
}

/// Channels whose lights are shown, with the namespace of their address.
pub const CONTACT_CHANNELS: [(&str, &[&str]); 5] = [
    ("email", &["email"]),
    ("sms", &["phone"]),
    ("phone", &["phone"]),
    ("push", &["push_token"]),
    ("wechat", &["openid", "unionid", "external_userid"]),
];

impl App {
    /// Everything about a person; `id` may be a former id.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn person(&self, id: PersonId) -> Result<PersonView> {
        let id = self.person_find(id)?;
        let touches = self.touch_names()?;
        self.db
            .read(|tx| self.person_in(tx, id, &touches))?
            .ok_or_else(|| Problem::not_found("person_unknown", format!("there is no person {id}")))
    }

    fn person_in(
        &self,
        tx: &mut Tx<'_>,
        id: PersonId,
        touches: &crate::touch::TouchNames,
    ) -> throughline_store::Result<Option<PersonView>> {
        let Some(row) = rows::get(tx, &[id])?.into_iter().next() else { return Ok(None) };
        let lines = Lines::load(tx, id)?;
        let ids = lines.ids();
        let shown = super::shown_traits(tx, self, &ids)?;
        let fact = |t: &throughline_domain::person::traits::TraitValue| TraitFact {
            value: t.value.clone(),
            event_at: t.event_at,
            event_id: Some(t.event_id).filter(|e| e.get() != 0),
            source_id: t.source_id,
            source_name: self.registry.source_name(t.source_id),
            identifier_id: t.line,
        };
        let traits = shown
            .into_iter()
            .map(|(name, s)| TraitView {
                name,
                shown: TraitFact { value: s.value.clone(), ..fact(&s.from) },
                rule: s.rule,
                others: s.others.iter().map(fact).collect(),
            })
            .collect();
        let stats = rows::line_stats(tx, &ids)?;
        let mut sources: Vec<(SourceId, i64)> = Vec::new();
        for (_, source, n, _) in rows::line_sources(tx, &ids)? {
            match sources.iter_mut().find(|(s, _)| *s == source) {
                Some(slot) => slot.1 += n,
                None => sources.push((source, n)),
            }
        }
        sources.sort_by_key(|(s, n)| (std::cmp::Reverse(*n), *s));
        let records = records(rows::consents(tx, &ids)?);
        let household = match row.household_id {
            Some(h) => Some((h, rows::household_label(tx, h)?.unwrap_or_default(), rows::household_members(tx, h)?)),
            None => None,
        };
        let mut tags: Vec<(String, String, Timestamp)> =
            rows::tags(tx, &ids)?.into_iter().map(|(_, t, by, at)| (t, by, at)).collect();
        tags.dedup_by(|a, b| a.0 == b.0);
        let paid = rows::line_revenues(tx, &ids)?;
        let revenue = crate::react::revenue_by_currency(paid.iter());
        Ok(Some(PersonView {
            revenue: revenue.into_iter().map(|(currency, minor)| (currency.to_owned(), minor)).collect(),
            aliases: rows::aliases_of(tx, id)?,
            identifiers: self.identifier_views(tx, id, &lines.nodes)?,
            traits,
            tags,
            stage_source: if rows::stages_by_line(tx, &ids)?.is_empty() { "computed" } else { "manual" },
            contact: self.lights(tx, id, &lines.nodes, &records)?,
            consents: records.iter().rev().map(|(r, s)| (r.clone(), self.registry.source_name(*s))).collect(),
            first_touch: touch_of(&stats, touches, true),
            last_touch: touch_of(&stats, touches, false),
            sources,
            household,
            reviews: identity::reviews_of_nodes(tx, &ids)?,
            row,
        }))
    }

    fn identifier_views(
        &self,
        tx: &mut Tx<'_>,
        person: PersonId,
        nodes: &[NodeState],
    ) -> throughline_store::Result<Vec<IdentifierView>> {
        let ids: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
        let sources = identity::node_sources(tx, &ids)?;
        let rules = self.identity_rules.read().clone();
        let mut ordered: Vec<&NodeState> = nodes.iter().collect();
        ordered.sort_by_key(|n| (n.ended_at.is_some(), rules.of(&n.namespace).priority, n.id));
        Ok(ordered
            .into_iter()
            .map(|n| IdentifierView {
                id: n.id,
                namespace: n.namespace.clone(),
                value: n.value.clone(),
                verified: n.strength != Strength::Hint,
                primary: n.id.get() == person.get(),
                status: status_of(n),
                first_seen_at: n.first_at,
                last_seen_at: n.last_at,
                ended_at: n.ended_at,
                source_name: sources
                    .iter()
                    .find(|(id, _)| *id == n.id)
                    .map_or_else(String::new, |(_, s)| self.registry.source_name(*s)),
                generation: n.generation,
            })
            .collect())
    }

    fn lights(
        &self,
        tx: &mut Tx<'_>,
        id: PersonId,
        nodes: &[NodeState],
        records: &[(ConsentRecord, SourceId)],
    ) -> throughline_store::Result<Vec<ContactLight>> {
        let joined = joined_at(tx, id)?;
        let suppressed = is_suppressed(tx, self, nodes)?;
        let records: Vec<ConsentRecord> = records.iter().map(|(r, _)| r.clone()).collect();
        Ok(CONTACT_CHANNELS
            .iter()
            .map(|(channel, namespaces)| ContactLight {
                purpose: PURPOSE_MARKETING.into(),
                channel: (*channel).into(),
                answer: held_back(
                    answer(&records, nodes, PURPOSE_MARKETING, channel, namespaces, joined, self.now()),
                    suppressed,
                    PURPOSE_MARKETING,
                ),
            })
            .collect())
    }

    /// Every value a trait had, newest first, with the identifier it hangs on.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn trait_history(&self, id: PersonId, name: &str) -> Result<Vec<(TraitFact, Option<(String, String)>)>> {
        let id = self.person_find(id)?;
        let registry = self.registry.get();
        Ok(self.db.read(|tx| {
            let lines = Lines::load(tx, id)?;
            let mut rows = rows::trait_history(tx, &lines.ids(), Some(name))?;
            rows.reverse();
            Ok(rows
                .iter()
                .map(|t| {
                    let fact = super::trait_fact(t, &registry);
                    let node = lines.nodes.iter().find(|n| n.id == t.line);
                    let fact = TraitFact {
                        value: fact.value,
                        event_at: fact.event_at,
                        event_id: Some(fact.event_id).filter(|e| e.get() != 0),
                        source_id: fact.source_id,
                        source_name: self.registry.source_name(fact.source_id),
                        identifier_id: fact.line,
                    };
                    (fact, node.map(|n| (n.namespace.clone(), n.value.clone())))
                })
                .collect())
        })?)
    }

    /// A household: its name and members.
    ///
    /// # Errors
    /// When there is no such household.
    pub fn household(&self, id: HouseholdId) -> Result<(String, Vec<PersonRow>)> {
        let (label, members) =
            self.db.read(|tx| Ok((rows::household_label(tx, id)?, rows::household_members(tx, id)?)))?;
        let label =
            label.ok_or_else(|| Problem::not_found("household_unknown", format!("there is no household {id}")))?;
        Ok((label, members))
    }

    /// May this person be contacted for a purpose over a channel? With the reason.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn may_contact(&self, id: PersonId, purpose: &str, channel: &str) -> Result<MayContact> {
        let id = self.person_find(id)?;
        let now = self.now();
        Ok(self.db.read(|tx| {
            let lines = Lines::load(tx, id)?;
            let records: Vec<ConsentRecord> =
                records(rows::consents(tx, &lines.ids())?).into_iter().map(|(r, _)| r).collect();
            let namespaces = CONTACT_CHANNELS.iter().find(|(c, _)| *c == channel).map_or(&[][..], |(_, n)| n);
            let answer = answer(&records, &lines.nodes, purpose, channel, namespaces, joined_at(tx, id)?, now);
            Ok(held_back(answer, is_suppressed(tx, self, &lines.nodes)?, purpose))
        })?)
    }
}

/// Consent first, then whether there is an address at all.
fn answer(
    records: &[ConsentRecord],
    nodes: &[NodeState],
    purpose: &str,
    channel: &str,
    namespaces: &[&str],
    joined: Option<Timestamp>,
    now: Timestamp,
) -> MayContact {
    let mut a = may_contact(records, purpose, channel, joined, now);
    let has_address = namespaces.is_empty()
        || nodes.iter().any(|n| {
            n.ended_at.is_none() && namespaces.contains(&throughline_domain::identity::rules::family(&n.namespace))
        });
    if a.allowed && !has_address {
        a.allowed = false;
        a.reason = ContactReason::NoAddress;
    }
    a
}

/// Suppression stands above every consent; only what a contract calls for may still be said.
fn held_back(answer: MayContact, suppressed: bool, purpose: &str) -> MayContact {
    if suppressed && purpose != PURPOSE_SERVICE {
        return MayContact { allowed: false, reason: ContactReason::Suppressed, ..answer };
    }
    answer
}

/// When the person's lines were last joined. A merge that was taken apart again counts as never made.
pub(crate) fn joined_at(tx: &mut Tx<'_>, id: PersonId) -> throughline_store::Result<Option<Timestamp>> {
    let mut left: Vec<PersonId> = Vec::new();
    for h in identity::history_of(tx, &[id], 200)? {
        let Some(other) = h.other_id.filter(|_| h.person_id == id) else { continue };
        match (h.kind.as_str(), left.iter().position(|p| *p == other)) {
            ("split", _) => left.push(other),
            ("merge", Some(undone)) => {
                left.swap_remove(undone);
            }
            ("merge", None) => return Ok(Some(h.at)),
            (_, _) => {}
        }
    }
    Ok(None)
}

/// The domain's form of stored records, with their sources.
pub(crate) fn records(stored: Vec<ConsentRow>) -> Vec<(ConsentRecord, SourceId)> {
    stored
        .into_iter()
        .filter_map(|c| {
            let record = ConsentRecord {
                id: ConsentId::new(c.id.get()),
                line: c.line,
                action: ConsentAction::parse(&c.action)?,
                legal_basis: LegalBasis::parse(&c.legal_basis)?,
                purpose: c.purpose,
                channel: c.channel,
                notice_version: c.notice_version,
                evidence: serde_json::from_str(&c.evidence).unwrap_or(Value::Null),
                given_at: c.given_at,
                received_at: c.received_at,
                expires_at: c.expires_at,
            };
            Some((record, c.source_id.unwrap_or(SourceId::new(0))))
        })
        .collect()
}

fn status_of(n: &NodeState) -> &'static str {
    if n.ended_at.is_some() {
        "ended"
    } else if n.blocked {
        "blocked"
    } else if n.suspended_at.is_some() {
        "suspended"
    } else if n.shared {
        "shared"
    } else if n.strength == Strength::Hint {
        "hint"
    } else {
        "active"
    }
}

fn touch_of(stats: &[LineStat], names: &crate::touch::TouchNames, first: bool) -> Option<TouchView> {
    let with_touch = stats.iter().filter(|s| s.first_touch_id != 0);
    let (id, at) = if first {
        with_touch.map(|s| (s.first_touch_id, s.first_touch_at)).min_by_key(|(_, at)| *at)?
    } else {
        with_touch.map(|s| (s.last_touch_id, s.last_touch_at)).max_by_key(|(_, at)| *at)?
    };
    names.view(id, at)
}
