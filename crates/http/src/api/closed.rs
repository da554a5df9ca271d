//! Closed sets of names that another crate owns, as the OpenAPI file shows them.

use throughline_domain::person::consent::{ConsentAction, LegalBasis};
use throughline_domain::team::Role;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// Text that is one of `names`.
pub fn one_of(names: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

/// Roles of users.
pub fn roles() -> Object {
    one_of(Role::ALL.map(Role::as_str))
}

/// What is done with a consent.
pub fn consent_actions() -> Object {
    one_of(ConsentAction::ALL.map(ConsentAction::as_str))
}

/// On what a use of personal data rests.
pub fn legal_bases() -> Object {
    one_of(LegalBasis::ALL.map(LegalBasis::as_str))
}

/// Where a life-cycle stage comes from.
pub fn stage_sources() -> Object {
    one_of(["computed", "manual"])
}

/// What an identifier may do.
pub fn identifier_states() -> Object {
    one_of(["active", "shared", "suspended", "blocked", "hint", "ended"])
}

/// Engines of the store.
pub fn databases() -> Object {
    one_of(["sqlite", "postgresql"])
}

/// How far the demo brand is.
pub fn demo_states() -> Object {
    one_of(["loading", "ready"])
}

/// What waits for a person.
pub fn attention_codes() -> Object {
    one_of(["quarantine_open", "reviews_open", "suspended_identifiers", "silent_sources", "dead_jobs"])
}
