//! May somebody be contacted, and the consents that say so.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::person::edit::ConsentEntry;
use throughline_base::{PersonId, Problem};
use throughline_domain::person::consent::{ConsentAction, LegalBasis};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{IdentifierRef, instant};
use crate::api::closed;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::problem::{ApiResult, ProblemBody};

/// A consent record with its proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentRecord {
    pub(super) id: String,
    pub(super) purpose: String,
    pub(super) channel: String,
    #[schema(schema_with = closed::consent_actions)]
    pub(super) action: String,
    #[schema(schema_with = closed::legal_bases)]
    pub(super) legal_basis: String,
    pub(super) notice_version: Option<String>,
    #[schema(value_type = Object)]
    pub(super) evidence: Value,
    pub(super) given_at: String,
    pub(super) received_at: String,
    pub(super) expires_at: Option<String>,
    pub(super) source_name: String,
    pub(super) identifier: Option<IdentifierRef>,
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

/// The answer with its reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct MayContact {
    allowed: bool,
    reason: String,
    record_id: Option<String>,
    at: String,
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
    OpenApiRouter::new().routes(routes!(may_contact)).routes(routes!(consent_add))
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
