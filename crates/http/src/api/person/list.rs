//! Lists of people, and search.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::person::list::PersonItem;
use throughline_app::store::{PersonFilter, PersonSort};
use throughline_base::Problem;
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::IdentifierRef;
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Query;
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};

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

impl PersonRow {
    /// The person.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name, as the caller may see it.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// Some identifiers, as the caller may see them.
    pub fn identifiers(&self) -> &[IdentifierRef] {
        &self.identifiers
    }
}

/// A page of people.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonPage {
    /// The rows.
    pub items: Vec<PersonRow>,
    /// Give this back as `cursor`.
    pub next: Option<String>,
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

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(people_list))
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
