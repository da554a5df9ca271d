//! One person: everything known of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::person::view::{PersonView, TouchView};
use throughline_base::{PersonId, Problem};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::consent::ConsentRecord;
use super::household::{Household, Member};
use crate::api::closed;
use crate::api::identity::{ReviewItem, review_items};
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Path;
use crate::problem::{ApiResult, ProblemBody};

/// An identifier of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identifier {
    id: String,
    namespace: String,
    value: String,
    /// Somebody vouched for it.
    verified: bool,
    /// The person's id comes from it.
    primary: bool,
    #[schema(schema_with = closed::identifier_states)]
    status: String,
    first_seen_at: String,
    last_seen_at: String,
    ended_at: Option<String>,
    source_name: String,
    generation: u32,
}

/// A value that lost.
#[derive(Debug, Serialize, ToSchema)]
pub struct OtherValue {
    value: Value,
    event_at: String,
    source_name: String,
}

/// A trait with where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraitDetail {
    name: String,
    value: Value,
    event_at: String,
    source_id: String,
    source_name: String,
    identifier_id: Option<String>,
    rule: String,
    others: Vec<OtherValue>,
}

/// A tag of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonTag {
    name: String,
    /// Who put it there; null when a rule did.
    by: Option<String>,
    at: String,
    expires_at: Option<String>,
}

/// The value of a computed trait.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonComputedTrait {
    key: String,
    name: String,
    value: Value,
}

/// May the person be contacted?
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactLight {
    purpose: String,
    channel: String,
    allowed: bool,
    reason: String,
    record_id: Option<String>,
}

/// A touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchRef {
    channel: String,
    campaign: Option<String>,
    at: String,
}

/// Events by source kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelEvents {
    key: String,
    events: i64,
}

/// Net revenue in a currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrencyRevenue {
    currency: String,
    revenue_minor: i64,
}

/// Sums over the person's line.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonTotals {
    events: i64,
    orders: i64,
    revenue_minor: i64,
    currency: String,
    /// What was paid in other currencies; `revenue_minor` leaves it out.
    other_revenue: Vec<CurrencyRevenue>,
    first_touch: Option<TouchRef>,
    last_touch: Option<TouchRef>,
    channels: Vec<ChannelEvents>,
}

/// Everything about one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    id: String,
    /// Former ids.
    aliases: Vec<String>,
    display_name: String,
    stage: String,
    #[schema(schema_with = closed::stage_sources)]
    stage_source: String,
    created_at: String,
    first_seen_at: Option<String>,
    last_seen_at: Option<String>,
    household: Option<Household>,
    identifiers: Vec<Identifier>,
    #[schema(value_type = Object)]
    traits: Map<String, Value>,
    trait_details: Vec<TraitDetail>,
    tags: Vec<PersonTag>,
    /// Values of computed traits, by key.
    computed: Vec<PersonComputedTrait>,
    contact: Vec<ContactLight>,
    consents: Vec<ConsentRecord>,
    totals: PersonTotals,
    review: Vec<ReviewItem>,
    currency: String,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(person_by_identifier)).routes(routes!(person_get))
}

fn touch(t: &TouchView) -> TouchRef {
    TouchRef {
        channel: t.channel.clone(),
        campaign: Some(t.campaign.clone()).filter(|c| !c.is_empty()),
        at: t.at.to_string(),
    }
}

/// A person as JSON.
pub(super) fn person_dto(app: &App, v: PersonView, veil: Veil) -> Result<Person, Problem> {
    let currency = v.row.currency.clone().unwrap_or_else(|| app.settings.currency.to_string());
    let registry = app.registry.get();
    let mut channels: Vec<ChannelEvents> = Vec::new();
    for (source, n) in &v.sources {
        let key = registry.sources.get(source).map_or("", |s| s.kind.as_str()).to_owned();
        match channels.iter_mut().find(|c| c.key == key) {
            Some(c) => c.events += n,
            None => channels.push(ChannelEvents { key, events: *n }),
        }
    }
    let by_line = |line: throughline_base::IdentifierId| {
        v.identifiers.iter().find(|i| i.id == line).map(|i| veil.identifier(&i.namespace, &i.value))
    };
    let consents = v
        .consents
        .iter()
        .map(|(r, source)| ConsentRecord {
            id: r.id.to_string(),
            purpose: r.purpose.clone(),
            channel: r.channel.clone(),
            action: r.action.as_str().into(),
            legal_basis: r.legal_basis.as_str().into(),
            notice_version: r.notice_version.clone(),
            evidence: veil.json(r.evidence.clone()),
            given_at: r.given_at.to_string(),
            received_at: r.received_at.to_string(),
            expires_at: r.expires_at.map(|t| t.to_string()),
            source_name: source.clone(),
            identifier: by_line(r.line),
        })
        .collect();
    Ok(Person {
        id: v.row.id.to_string(),
        aliases: v.aliases.iter().map(ToString::to_string).collect(),
        display_name: veil.name(v.row.display_name.as_deref().unwrap_or_default()),
        stage: v.row.stage.clone(),
        stage_source: v.stage_source.into(),
        created_at: v.row.created_at.to_string(),
        first_seen_at: Some(v.row.first_seen_at.to_string()),
        last_seen_at: Some(v.row.last_seen_at.to_string()),
        household: v.household.as_ref().map(|(id, name, members)| Household {
            id: id.to_string(),
            name: veil.name(name),
            members: members
                .iter()
                .map(|m| Member {
                    id: m.id.to_string(),
                    display_name: veil.name(m.display_name.as_deref().unwrap_or_default()),
                })
                .collect(),
        }),
        identifiers: v
            .identifiers
            .iter()
            .map(|i| Identifier {
                id: i.id.to_string(),
                namespace: i.namespace.clone(),
                value: veil.identifier(&i.namespace, &i.value).value,
                verified: i.verified,
                primary: i.primary,
                status: i.status.into(),
                first_seen_at: i.first_seen_at.to_string(),
                last_seen_at: i.last_seen_at.to_string(),
                ended_at: i.ended_at.map(|t| t.to_string()),
                source_name: i.source_name.clone(),
                generation: i.generation,
            })
            .collect(),
        traits: v.traits.iter().map(|t| (t.name.clone(), veil.fact(&t.name, &t.shown.value))).collect(),
        trait_details: v
            .traits
            .iter()
            .map(|t| TraitDetail {
                name: t.name.clone(),
                value: veil.fact(&t.name, &t.shown.value),
                event_at: t.shown.event_at.to_string(),
                source_id: t.shown.source_id.to_string(),
                source_name: t.shown.source_name.clone(),
                identifier_id: Some(t.shown.identifier_id.to_string()),
                rule: t.rule.as_str().into(),
                others: t
                    .others
                    .iter()
                    .map(|o| OtherValue {
                        value: veil.fact(&t.name, &o.value),
                        event_at: o.event_at.to_string(),
                        source_name: o.source_name.clone(),
                    })
                    .collect(),
            })
            .collect(),
        tags: v
            .tags
            .iter()
            .map(|t| PersonTag {
                name: t.tag.clone(),
                by: t.by.clone(),
                at: t.at.to_string(),
                expires_at: t.expires_at.map(|end| end.to_string()),
            })
            .collect(),
        computed: v
            .computed
            .iter()
            .map(|c| PersonComputedTrait {
                key: c.key.clone(),
                name: c.name.clone(),
                value: veil.fact(&c.key, &c.value),
            })
            .collect(),
        contact: v
            .contact
            .iter()
            .map(|c| ContactLight {
                purpose: c.purpose.clone(),
                channel: c.channel.clone(),
                allowed: c.answer.allowed,
                reason: c.answer.reason.to_string(),
                record_id: c.answer.record.map(|r| r.to_string()),
            })
            .collect(),
        consents,
        totals: PersonTotals {
            events: v.row.events,
            orders: v.row.orders,
            revenue_minor: v.row.revenue_minor,
            currency: currency.clone(),
            other_revenue: v
                .revenue
                .into_iter()
                .filter(|(other, _)| *other != currency)
                .map(|(currency, revenue_minor)| CurrencyRevenue { currency, revenue_minor })
                .collect(),
            first_touch: v.first_touch.as_ref().map(touch),
            last_touch: v.last_touch.as_ref().map(touch),
            channels,
        },
        review: review_items(app, v.reviews, veil)?,
        currency,
    })
}

/// The person who has an identifier.
#[utoipa::path(get, path = "/api/people/by-identifier/{namespace}/{value}", tag = "person",
    params(("namespace" = String, Path), ("value" = String, Path)),
    responses((status = 200, body = Person), (status = 404, body = ProblemBody)))]
async fn person_by_identifier(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((namespace, value)): Path<(String, String)>,
) -> ApiResult<Json<Person>> {
    caller.need(Scope::Read)?;
    run(move || {
        let id = app.person_by_identifier(&namespace, &value)?;
        Ok(Json(person_dto(&app, app.person(id)?, Veil::of(&caller))?))
    })
    .await
}

/// One person; a former id leads to who it is today.
#[utoipa::path(get, path = "/api/people/{id}", tag = "person", params(("id" = String, Path)),
    responses((status = 200, body = Person), (status = 404, body = ProblemBody)))]
async fn person_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
) -> ApiResult<Json<Person>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(person_dto(&app, app.person(id)?, Veil::of(&caller))?))).await
}
