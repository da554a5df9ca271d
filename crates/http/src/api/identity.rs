//! Identity review: what was refused, suspended, or needs a person's eye.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use throughline_app::App;
use throughline_app::store::ReviewRow;
use throughline_base::Problem;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::person::{IdentifierRef, Veil};

/// A person beside a review item.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewPerson {
    id: String,
    display_name: String,
    identifiers: Vec<IdentifierRef>,
    traits: Map<String, Value>,
    last_seen_at: Option<String>,
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
    event_id: Option<String>,
    state: String,
    decided_by: Option<String>,
    decision: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
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
                        traits: p.traits,
                        last_seen_at: Some(p.item.row.last_seen_at.to_string()),
                    })
                    .collect(),
                identifiers: context.identifiers.iter().map(|(n, v)| veil.identifier(n, v)).collect(),
                reason: r.reason,
                event_id: r.source_event.map(|e| e.to_string()),
                state: r.state,
                decided_by: r.decided_by,
                decision: r.decision,
            })
        })
        .collect()
}
