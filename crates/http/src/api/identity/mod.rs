//! Identity: why somebody is one person, merging and taking apart, what waits for a decision, the rules,
//! probabilistic matching.

mod matching;
mod person;
mod review;
mod rules;
mod simulation;
mod suspended;

use std::sync::Arc;

use throughline_app::App;
use utoipa_axum::router::OpenApiRouter;

pub use review::{ReviewItem, review_items};

/// Routes of this room.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(person::router())
        .merge(review::router())
        .merge(suspended::router())
        .merge(rules::router())
        .merge(simulation::router())
        .merge(matching::router())
}
