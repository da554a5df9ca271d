//! People: lists, search, the single customer view, the timeline and changes by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::person::edit::ConsentEntry;
use throughline_app::person::list::PersonItem;
use throughline_app::person::timeline::{TimelineFilter, TimelineItem as Item};
use throughline_app::person::view::{PersonView, TouchView};
use throughline_app::store::{PersonFilter, PersonSort};
use throughline_base::{PersonId, Problem, SourceId, Timestamp};
use throughline_domain::person::consent::{ConsentAction, LegalBasis};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closed;
use super::identity::{ReviewItem, review_items};
use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

/// Namespace and value; masked for callers without the right to see personal data.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IdentifierRef {
    /// Namespace.
    pub namespace: String,
    /// Value.
    pub value: String,
}

/// A row of a list of people.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonRow {
    id: String,
    display_name: String,
    identifiers: Vec<IdentifierRef>,
    stage: String,
    tags: Vec<String>,
    last_seen_at: Option<String>,
    first_seen_at: Option<String>,
    orders: i64,
    revenue_minor: i64,
    currency: String,
    channels: Vec<String>,
}

/// A page of people.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonPage {
    /// The rows.
    pub items: Vec<PersonRow>,
    /// Give this back as `cursor`.
    pub next: Option<String>,
}

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
    by: String,
    at: String,
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

/// A consent record with its proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentRecord {
    id: String,
    purpose: String,
    channel: String,
    #[schema(schema_with = closed::consent_actions)]
    action: String,
    #[schema(schema_with = closed::legal_bases)]
    legal_basis: String,
    notice_version: Option<String>,
    #[schema(value_type = Object)]
    evidence: Value,
    given_at: String,
    received_at: String,
    expires_at: Option<String>,
    source_name: String,
    identifier: Option<IdentifierRef>,
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

/// A member of a household.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    id: String,
    display_name: String,
}

/// A household.
#[derive(Debug, Serialize, ToSchema)]
pub struct Household {
    id: String,
    name: String,
    members: Vec<Member>,
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
    contact: Vec<ContactLight>,
    consents: Vec<ConsentRecord>,
    totals: PersonTotals,
    review: Vec<ReviewItem>,
    currency: String,
}

/// How the customer came to an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineTouch {
    channel: String,
    campaign: Option<String>,
    touchpoint: Option<String>,
}

/// A field that cleaning changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionView {
    field: String,
    raw: Value,
    rule: String,
}

/// One event of the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineItem {
    id: String,
    event_at: String,
    received_at: String,
    kind: String,
    name: String,
    title: String,
    source_id: String,
    source_name: String,
    source_kind: String,
    touch: Option<TimelineTouch>,
    value_minor: Option<i64>,
    currency: Option<String>,
    order_id: Option<String>,
    message_id: String,
    #[schema(value_type = Object)]
    properties: Value,
    #[schema(value_type = Object)]
    context: Value,
    #[schema(value_type = Object)]
    traits: Value,
    line: IdentifierRef,
    corrections: Vec<CorrectionView>,
    replayed: bool,
    bot: bool,
    sealed: bool,
}

/// A page of the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelinePage {
    items: Vec<TimelineItem>,
    next: Option<String>,
}

/// A value a trait had.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraitHistoryRow {
    value: Value,
    event_at: String,
    source_name: String,
    identifier: Option<String>,
}

/// A stage, or null to compute it again.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StagePut {
    stage: Option<String>,
}

/// A tag.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TagAdd {
    tag: String,
}

/// A tag with its count.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    name: String,
    count: i64,
}

/// The answer with its reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct MayContact {
    allowed: bool,
    reason: String,
    record_id: Option<String>,
    at: String,
}

/// A consent to record.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ConsentIn {
    purpose: String,
    channel: String,
    #[schema(schema_with = closed::consent_actions)]
    action: String,
    /// `consent` when absent.
    #[schema(schema_with = closed::legal_bases, required = false)]
    legal_basis: Option<String>,
    notice_version: Option<String>,
    /// Proof; needs `method`.
    #[schema(value_type = Object)]
    evidence: Value,
    given_at: Option<String>,
    expires_at: Option<String>,
}

/// Which people.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    /// Beginning of an identifier, a name, pinyin; or a person's id.
    q: Option<String>,
    /// Stage.
    stage: Option<String>,
    /// Tag.
    tag: Option<String>,
    /// Kind of a source that saw them.
    source_kind: Option<String>,
    /// `email`, `phone`, `order` or a namespace.
    has: Option<String>,
    /// Known or anonymous.
    identified: Option<bool>,
    /// `last_seen`, `created`, `revenue`.
    sort: Option<String>,
    /// Rows a page.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Which events of the line.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    /// `track`, `page` …
    kind: Option<String>,
    /// Part of the name.
    name: Option<String>,
    /// Channel of the touch.
    channel: Option<String>,
    /// Source.
    source_id: Option<String>,
    /// Kind of the source.
    source_kind: Option<String>,
    /// Not before.
    from: Option<String>,
    /// Not after.
    to: Option<String>,
    /// Rows a page.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Purpose and channel.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ContactQuery {
    /// Purpose.
    purpose: String,
    /// Channel.
    channel: String,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(people_list))
        .routes(routes!(person_by_identifier))
        .routes(routes!(person_get))
        .routes(routes!(person_timeline))
        .routes(routes!(trait_history))
        .routes(routes!(traits_set))
        .routes(routes!(stage_set))
        .routes(routes!(tag_add))
        .routes(routes!(tag_remove))
        .routes(routes!(tag_list))
        .routes(routes!(may_contact))
        .routes(routes!(consent_add))
        .routes(routes!(household_get))
}

/// A row for lists.
pub fn person_row(item: PersonItem, veil: Veil) -> PersonRow {
    PersonRow {
        id: item.row.id.to_string(),
        display_name: veil.name(item.row.display_name.as_deref().unwrap_or_default()),
        identifiers: item.identifiers.iter().map(|n| veil.identifier(&n.namespace, &n.value)).collect(),
        stage: item.row.stage,
        tags: item.tags,
        last_seen_at: Some(item.row.last_seen_at.to_string()),
        first_seen_at: Some(item.row.first_seen_at.to_string()),
        orders: item.row.orders,
        revenue_minor: item.row.revenue_minor,
        currency: item.row.currency.unwrap_or_else(|| "CNY".into()),
        channels: item.channels,
    }
}

fn touch(t: &TouchView) -> TouchRef {
    TouchRef {
        channel: t.channel.clone(),
        campaign: Some(t.campaign.clone()).filter(|c| !c.is_empty()),
        at: t.at.to_string(),
    }
}

/// A person as JSON.
pub fn person_dto(app: &App, v: PersonView, veil: Veil) -> Result<Person, Problem> {
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
            .map(|(n, by, at)| PersonTag { name: n.clone(), by: by.clone(), at: at.to_string() })
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

/// A page of people, or those found by a text.
#[utoipa::path(get, path = "/api/people", tag = "person", params(PeopleQuery),
    responses((status = 200, body = PersonPage), (status = 400, body = ProblemBody)))]
async fn people_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<PeopleQuery>,
) -> ApiResult<Json<PersonPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let (cursor, limit) = PageQuery { limit: q.limit, cursor: q.cursor }.read()?;
        if let Some(text) = q.q.filter(|t| !t.trim().is_empty()) {
            let items = app.people_search(&text, limit)?.into_iter().map(|i| person_row(i, veil)).collect();
            return Ok(Json(PersonPage { items, next: None }));
        }
        let sort = match q.sort.as_deref() {
            None | Some("last_seen" | "") => PersonSort::LastSeen,
            Some("created") => PersonSort::Created,
            Some("revenue") => PersonSort::Revenue,
            Some(_) => return Err(Problem::invalid("sort", "sort is last_seen, created or revenue")),
        };
        let text = |t: Option<String>| t.filter(|t| !t.is_empty());
        let has = text(q.has);
        let filter = PersonFilter {
            stage: text(q.stage),
            identified: q.identified,
            tag: text(q.tag),
            has_order: has.as_deref() == Some("order"),
            has_namespace: has.filter(|h| h != "order"),
            source_kind: text(q.source_kind),
        };
        let page = app.people(&filter, sort, cursor, limit)?.map(|i| person_row(i, veil));
        Ok(Json(PersonPage { items: page.items, next: page.next }))
    })
    .await
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

fn instant(text: Option<&str>, field: &str) -> Result<Option<Timestamp>, Problem> {
    text.filter(|t| !t.is_empty())
        .map(|t| {
            Timestamp::parse(t).ok_or_else(|| {
                Problem::invalid("instant", format!("`{field}` is no instant such as 2026-11-21T00:00:00Z"))
            })
        })
        .transpose()
}

fn timeline_item(app: &App, i: Item, veil: Veil) -> TimelineItem {
    let registry = app.registry.get();
    let source = registry.sources.get(&i.source_id);
    let meta = i.context.get("$event");
    let corrections = meta
        .and_then(|m| m.get("corrections"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|c| CorrectionView {
            field: c.get("field").and_then(Value::as_str).unwrap_or_default().into(),
            raw: veil.field(
                c.get("field").and_then(Value::as_str).unwrap_or_default(),
                c.get("raw").unwrap_or(&Value::Null),
            ),
            rule: c.get("rule").and_then(Value::as_str).unwrap_or_default().into(),
        })
        .collect();
    let (namespace, value) = i.line_identifier.unwrap_or_default();
    TimelineItem {
        id: i.id.to_string(),
        event_at: i.event_at.to_string(),
        received_at: i.received_at.to_string(),
        title: if i.name.is_empty() { i.kind.clone() } else { veil.text(&i.name) },
        properties: veil.properties(&i.kind, &i.name, i.properties),
        kind: i.kind,
        name: veil.text(&i.name),
        source_id: i.source_id.to_string(),
        source_name: source.map_or_else(String::new, |s| s.name.to_string()),
        source_kind: source.map_or_else(String::new, |s| s.kind.clone()),
        touch: i.touch.map(|t| TimelineTouch {
            channel: t.channel,
            campaign: Some(t.campaign).filter(|c| !c.is_empty()),
            touchpoint: Some(t.touchpoint).filter(|c| !c.is_empty()),
        }),
        value_minor: i.value_minor,
        currency: i.currency,
        order_id: i.order_id.map(|id| veil.id(&id)),
        message_id: veil.id(&i.message_id),
        context: veil.json(i.context),
        traits: veil.json(i.traits),
        line: veil.identifier(&namespace, &value),
        corrections,
        replayed: i.replayed,
        bot: i.bot,
        sealed: i.sealed,
    }
}

/// The line itself, newest first, across all channels.
#[utoipa::path(get, path = "/api/people/{id}/timeline", tag = "person", params(("id" = String, Path), TimelineQuery),
    responses((status = 200, body = TimelinePage), (status = 404, body = ProblemBody)))]
async fn person_timeline(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Query(q): Query<TimelineQuery>,
) -> ApiResult<Json<TimelinePage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let (cursor, limit) = PageQuery { limit: q.limit, cursor: q.cursor }.read()?;
        let text = |t: Option<String>| t.filter(|t| !t.is_empty());
        let source_id = match text(q.source_id) {
            None => None,
            Some(t) => Some(t.parse::<SourceId>().map_err(|e| Problem::invalid("source_id", e.to_string()))?),
        };
        let filter = TimelineFilter {
            kind: text(q.kind),
            name: text(q.name),
            channel: text(q.channel),
            source_id,
            source_kind: text(q.source_kind),
            from: instant(q.from.as_deref(), "from")?,
            to: instant(q.to.as_deref(), "to")?,
        };
        let page = app.person_timeline(id, &filter, cursor, limit)?.map(|i| timeline_item(&app, i, veil));
        Ok(Json(TimelinePage { items: page.items, next: page.next }))
    })
    .await
}

/// Every value a trait had, newest first.
#[utoipa::path(get, path = "/api/people/{id}/traits/{name}/history", tag = "person",
    params(("id" = String, Path), ("name" = String, Path)), responses((status = 200, body = Vec<TraitHistoryRow>)))]
async fn trait_history(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((id, name)): Path<(PersonId, String)>,
) -> ApiResult<Json<Vec<TraitHistoryRow>>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let rows = app.trait_history(id, &name)?;
        Ok(Json(
            rows.into_iter()
                .map(|(fact, identifier)| TraitHistoryRow {
                    value: veil.fact(&name, &fact.value),
                    event_at: fact.event_at.to_string(),
                    source_name: fact.source_name,
                    identifier: identifier.map(|(n, v)| {
                        let i = veil.identifier(&n, &v);
                        format!("{} {}", i.namespace, i.value)
                    }),
                })
                .collect(),
        ))
    })
    .await
}

/// Sets traits by hand; null takes one away.
#[utoipa::path(put, path = "/api/people/{id}/traits", tag = "person", params(("id" = String, Path)),
    request_body = Object, responses((status = 200, body = Person), (status = 404, body = ProblemBody)))]
async fn traits_set(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<Map<String, Value>>,
) -> ApiResult<Json<Person>> {
    caller.need(Scope::Write)?;
    caller.need(Scope::Personal)?;
    run(move || {
        let id = app.person_traits_set(&caller, id, &body)?;
        Ok(Json(person_dto(&app, app.person(id)?, Veil::of(&caller))?))
    })
    .await
}

/// Sets the stage by hand; null computes it again.
#[utoipa::path(put, path = "/api/people/{id}/stage", tag = "person", params(("id" = String, Path)),
    request_body = StagePut, responses((status = 200, body = Person), (status = 400, body = ProblemBody)))]
async fn stage_set(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<StagePut>,
) -> ApiResult<Json<Person>> {
    caller.need(Scope::Write)?;
    run(move || {
        let id = app.person_stage_set(&caller, id, body.stage.as_deref())?;
        Ok(Json(person_dto(&app, app.person(id)?, Veil::of(&caller))?))
    })
    .await
}

/// Adds a tag.
#[utoipa::path(post, path = "/api/people/{id}/tags", tag = "person", params(("id" = String, Path)),
    request_body = TagAdd, responses((status = 204), (status = 404, body = ProblemBody)))]
async fn tag_add(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<TagAdd>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.person_tag_add(&caller, id, &body.tag)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a tag away.
#[utoipa::path(delete, path = "/api/people/{id}/tags/{tag}", tag = "person",
    params(("id" = String, Path), ("tag" = String, Path)), responses((status = 204), (status = 404, body = ProblemBody)))]
async fn tag_remove(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path((id, tag)): Path<(PersonId, String)>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.person_tag_remove(&caller, id, &tag)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every tag with how often it is used.
#[utoipa::path(get, path = "/api/tags", tag = "person", responses((status = 200, body = Vec<Tag>)))]
async fn tag_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Tag>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.tags()?.into_iter().map(|(name, count)| Tag { name, count }).collect()))).await
}

/// May this person be contacted for a purpose over a channel, and why?
#[utoipa::path(get, path = "/api/people/{id}/may-contact", tag = "person", params(("id" = String, Path), ContactQuery),
    responses((status = 200, body = MayContact), (status = 404, body = ProblemBody)))]
async fn may_contact(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Query(q): Query<ContactQuery>,
) -> ApiResult<Json<MayContact>> {
    caller.need(Scope::Read)?;
    run(move || {
        let a = app.may_contact(id, &q.purpose, &q.channel)?;
        Ok(Json(MayContact {
            allowed: a.allowed,
            reason: a.reason.to_string(),
            record_id: a.record.map(|r| r.to_string()),
            at: app.now().to_string(),
        }))
    })
    .await
}

/// Records a consent with its proof.
#[utoipa::path(post, path = "/api/people/{id}/consents", tag = "person", params(("id" = String, Path)),
    request_body = ConsentIn, responses((status = 201, body = ConsentRecord), (status = 400, body = ProblemBody)))]
async fn consent_add(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<ConsentIn>,
) -> ApiResult<(StatusCode, Json<ConsentRecord>)> {
    caller.need(Scope::Write)?;
    caller.need(Scope::Personal)?;
    run(move || {
        let action = ConsentAction::parse(&body.action)
            .ok_or_else(|| Problem::invalid("action", "action is grant, deny, withdraw or object"))?;
        let legal_basis = match body.legal_basis.as_deref() {
            None => LegalBasis::Consent,
            Some(t) => LegalBasis::parse(t).ok_or_else(|| {
                Problem::invalid("legal_basis", "legal_basis is consent, contract, legal_duty or legitimate_interest")
            })?,
        };
        let entry = ConsentEntry {
            purpose: body.purpose.trim().to_lowercase(),
            channel: body.channel.trim().to_lowercase(),
            action,
            legal_basis,
            notice_version: body.notice_version,
            evidence: body.evidence,
            given_at: instant(body.given_at.as_deref(), "given_at")?,
            expires_at: instant(body.expires_at.as_deref(), "expires_at")?,
        };
        let r = app.person_consent_add(&caller, id, entry)?;
        let dto = ConsentRecord {
            id: r.id.to_string(),
            purpose: r.purpose,
            channel: r.channel,
            action: r.action.as_str().into(),
            legal_basis: r.legal_basis.as_str().into(),
            notice_version: r.notice_version,
            // Whoever may record it may see it.
            evidence: r.evidence,
            given_at: r.given_at.to_string(),
            received_at: r.received_at.to_string(),
            expires_at: r.expires_at.map(|t| t.to_string()),
            source_name: String::new(),
            identifier: None,
        };
        Ok((StatusCode::CREATED, Json(dto)))
    })
    .await
}

/// A household and its members. Never a merge: members share an address, not a line.
#[utoipa::path(get, path = "/api/households/{id}", tag = "person", params(("id" = String, Path)),
    responses((status = 200, body = Household), (status = 404, body = ProblemBody)))]
async fn household_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<throughline_base::HouseholdId>,
) -> ApiResult<Json<Household>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let (name, members) = app.household(id)?;
        Ok(Json(Household {
            id: id.to_string(),
            name: veil.name(&name),
            members: members
                .iter()
                .map(|m| Member {
                    id: m.id.to_string(),
                    display_name: veil.name(m.display_name.as_deref().unwrap_or_default()),
                })
                .collect(),
        }))
    })
    .await
}
