//! Households: who shares an address.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use throughline_app::App;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Path;
use crate::problem::{ApiResult, ProblemBody};

/// A member of a household.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    pub(super) id: String,
    pub(super) display_name: String,
}

/// A household.
#[derive(Debug, Serialize, ToSchema)]
pub struct Household {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) members: Vec<Member>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(household_get))
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
