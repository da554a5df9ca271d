//! The admin API: one file per group of endpoints, each with its types. The OpenAPI file is made from them.

mod audience;
mod closed;
mod computed;
mod credit;
mod destination;
mod document;
mod identity;
mod import;
mod lake;
mod person;
mod persona;
mod plan;
mod prediction;
mod privacy;
mod quarantine;
mod session;
mod snippet;
mod source;
mod status;
mod system;
mod tag;
mod team;
mod touch;
mod veil;

pub use person::IdentifierRef;
pub use veil::Veil;

use std::sync::Arc;

use axum::Router;
use throughline_app::App;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Throughline",
        description = "The admin API. Sign in for a session cookie (writes repeat the CSRF token), or send `Authorization: Bearer KEY`."
    ),
    components(schemas(crate::problem::ProblemBody))
)]
struct ApiDoc;

fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .merge(session::router())
        .merge(team::router())
        .merge(status::router())
        .merge(crate::live::router())
        .merge(source::router())
        .merge(plan::router())
        .merge(quarantine::router())
        .merge(person::router())
        .merge(audience::router())
        .merge(tag::router())
        .merge(computed::router())
        .merge(persona::router())
        .merge(touch::router())
        .merge(credit::router())
        .merge(prediction::router())
        .merge(destination::router())
        .merge(identity::router())
        .merge(import::router())
        .merge(privacy::router())
        .merge(lake::router())
        .merge(system::router())
}

/// The routes and their description.
pub fn router(_app: Arc<App>) -> (Router<Arc<App>>, Document) {
    routes().split_for_parts()
}

/// The OpenAPI file, as it is kept in the repository.
///
/// # Panics
/// Never: the document is plain data.
#[must_use]
pub fn openapi() -> String {
    let (_, mut document) = routes().split_for_parts();
    document.info.version = env!("CARGO_PKG_VERSION").into();
    let mut document = serde_json::to_value(document).expect("the document is plain data");
    document::exact(&mut document);
    format!("{document:#}\n")
}
