//! The review queue: what was refused, suspended, or needs a person's eye.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::identity::review::Decision;
use throughline_app::matching::database::Compared;
use throughline_app::store::ReviewRow;
use throughline_base::{Problem, ReviewId};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::person::IdentifierRef;
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};
use crate::wording::Wording;

/// A person beside a review item.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewPerson {
    id: String,
    display_name: String,
    identifiers: Vec<IdentifierRef>,
    #[schema(value_type = Object)]
    traits: Map<String, Value>,
    last_seen_at: Option<String>,
}

/// How one field of a probable pair compares.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewField {
    /// `given_name`, `middle_name`, `surname`, `birthday`, `phone`, `email`, `number`, `address`, `place`, `text`, `category`.
    kind: String,
    /// The level reached, for instance `exact` or `one_edit`; none where a side says nothing.
    level: Option<String>,
    /// For one person, in bits; below zero against it.
    bits: f64,
    /// What of it is due to the value being rare or frequent.
    frequency_bits: f64,
    /// What one side says now, as far as the caller may see it.
    a: Vec<String>,
    /// What the other says now.
    b: Vec<String>,
}

/// Why a pair is probable. `prior_bits`, those of the fields, `household_bits` and `answers_bits` add up to `bits`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewComparison {
    /// Of one person: `1 / (1 + 2^-bits)`.
    probability: f64,
    bits: f64,
    /// How rare pairs of one person are.
    prior_bits: f64,
    /// What being of one household explains; never above zero.
    household_bits: f64,
    /// What people's answers to other pairs say.
    answers_bits: f64,
    model_version: i64,
    fields: Vec<ReviewField>,
}

/// An item of the review queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewItem {
    id: String,
    /// `refused_merge`, `equal_rank`, `suspended`, `family_phone`, `contested`, `probable`.
    kind: String,
    at: String,
    persons: Vec<ReviewPerson>,
    identifiers: Vec<IdentifierRef>,
    reason: String,
    /// The reason as codes and values, to say it in another language.
    wording: Vec<Wording>,
    event_id: Option<String>,
    /// For `probable`: how the two compare.
    comparison: Option<ReviewComparison>,
    state: String,
    decided_by: Option<String>,
    decision: Option<String>,
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewPage {
    items: Vec<ReviewItem>,
    /// Give this back as `cursor`.
    next: Option<String>,
}

/// What is decided about an item.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// The two are one person.
    Merge,
    /// They are two, now and later.
    KeepApart,
    /// Nothing follows.
    Dismiss,
}

/// A decision, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewDecision {
    decision: ReviewVerdict,
    #[serde(default)]
    note: String,
}

/// Which items.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReviewQuery {
    /// `open` (when left out) or `done`.
    state: Option<String>,
    /// `refused_merge`, `equal_rank`, `suspended`, `family_phone`, `contested`, `probable`.
    kind: Option<String>,
    /// Rows a page.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(review_list)).routes(routes!(review_decide))
}

/// What waits for a person's decision, newest first.
#[utoipa::path(get, path = "/api/identity/reviews", tag = "identity", params(ReviewQuery),
    responses((status = 200, body = ReviewPage), (status = 400, body = ProblemBody)))]
async fn review_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<ReviewQuery>,
) -> ApiResult<Json<ReviewPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let (cursor, limit) = PageQuery { limit: q.limit, cursor: q.cursor }.read()?;
        let text = |t: Option<String>| t.filter(|t| !t.is_empty());
        let (state, kind) = (text(q.state), text(q.kind));
        let page = app.reviews(state.as_deref().unwrap_or("open"), kind.as_deref(), cursor, limit)?;
        Ok(Json(ReviewPage { items: review_items(&app, page.items, Veil::of(&caller))?, next: page.next }))
    })
    .await
}

/// Decides an item: joins its two sides, keeps them apart, or leaves all as it is.
#[utoipa::path(post, path = "/api/identity/reviews/{id}", tag = "identity", params(("id" = String, Path)),
    request_body = ReviewDecision, responses((status = 200, body = ReviewItem), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody)))]
async fn review_decide(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ReviewId>,
    Body(body): Body<ReviewDecision>,
) -> ApiResult<Json<ReviewItem>> {
    caller.need(Scope::Write)?;
    run(move || {
        let decision = match body.decision {
            ReviewVerdict::Merge => Decision::Merge,
            ReviewVerdict::KeepApart => Decision::KeepApart,
            ReviewVerdict::Dismiss => Decision::Dismiss,
        };
        let row = app.review_decide(&caller, id, decision, body.note.trim())?;
        let item = review_items(&app, vec![row], Veil::of(&caller))?.pop();
        item.map(Json).ok_or_else(|| Problem::not_found("review_unknown", format!("there is no item {id}")))
    })
    .await
}

/// Items with the persons and identifiers they are about.
pub fn review_items(app: &App, rows: Vec<ReviewRow>, veil: Veil) -> Result<Vec<ReviewItem>, Problem> {
    app.review_context(&rows)?
        .into_iter()
        .zip(rows)
        .map(|(context, r)| {
            Ok(ReviewItem {
                id: r.id.to_string(),
                kind: r.kind,
                at: r.at.to_string(),
                persons: context
                    .persons
                    .into_iter()
                    .map(|p| ReviewPerson {
                        id: p.item.row.id.to_string(),
                        display_name: veil
                            .identifier("name", p.item.row.display_name.as_deref().unwrap_or_default())
                            .value,
                        identifiers: p
                            .item
                            .identifiers
                            .iter()
                            .map(|n| veil.identifier(&n.namespace, &n.value))
                            .collect(),
                        traits: p
                            .traits
                            .into_iter()
                            .map(|(name, value)| {
                                let value = veil.fact(&name, &value);
                                (name, value)
                            })
                            .collect(),
                        last_seen_at: Some(p.item.row.last_seen_at.to_string()),
                    })
                    .collect(),
                identifiers: context.identifiers.iter().map(|(n, v)| veil.identifier(n, v)).collect(),
                comparison: context.comparison.map(|c| comparison(c, veil)),
                wording: veil.wording(&r.reason),
                reason: veil.text(&r.reason),
                event_id: r.source_event.map(|e| e.to_string()),
                state: r.state,
                decided_by: r.decided_by,
                decision: r.decision,
            })
        })
        .collect()
}

/// The comparison as the caller may see it.
fn comparison(c: Compared, veil: Veil) -> ReviewComparison {
    let shown = |kind: &str, texts: Vec<String>| -> Vec<String> {
        let one = |text: String| match kind {
            "phone" | "email" => veil.identifier(kind, &text).value,
            "given_name" | "middle_name" | "surname" => veil.name(&text),
            other => match veil.fact(other, &Value::String(text)) {
                Value::String(text) => text,
                hidden => hidden.to_string(),
            },
        };
        texts.into_iter().map(one).collect()
    };
    ReviewComparison {
        probability: c.probability,
        bits: c.bits,
        prior_bits: c.prior_bits,
        household_bits: c.household_bits,
        answers_bits: c.answers_bits,
        model_version: c.model_version,
        fields: c
            .fields
            .into_iter()
            .map(|f| ReviewField {
                level: f.level,
                bits: f.bits,
                frequency_bits: f.frequency_bits,
                a: shown(&f.kind, f.a),
                b: shown(&f.kind, f.b),
                kind: f.kind,
            })
            .collect(),
    }
}
