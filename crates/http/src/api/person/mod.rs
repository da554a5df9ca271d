//! People: lists, search, the single customer view, the timeline and changes by hand. Start reading at [`view`].

mod consent;
mod household;
mod list;
mod tags;
mod timeline;
mod traits;
mod view;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_base::{Problem, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub use list::{PersonPage, PersonRow, person_row};

/// Namespace and value; masked for callers without the right to see personal data.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IdentifierRef {
    /// Namespace.
    pub namespace: String,
    /// Value.
    pub value: String,
}

/// Routes of this room.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(list::router())
        .merge(view::router())
        .merge(timeline::router())
        .merge(traits::router())
        .merge(tags::router())
        .merge(consent::router())
        .merge(household::router())
}

pub(super) fn instant(text: Option<&str>, field: &str) -> Result<Option<Timestamp>, Problem> {
    text.filter(|t| !t.is_empty())
        .map(|t| {
            Timestamp::parse(t).ok_or_else(|| {
                Problem::invalid("instant", format!("`{field}` is no instant such as 2026-11-21T00:00:00Z"))
            })
        })
        .transpose()
}
