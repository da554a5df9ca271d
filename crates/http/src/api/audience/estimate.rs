//! How many a definition would find, while it is being written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::audience::{Estimate as Found, EstimateAsk, Reach};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::definition::DefinitionIn;
use crate::api::person::{PersonRow, person_row};
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Body;
use crate::problem::{ApiResult, ProblemBody};

/// How thoroughly people are looked at.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstimateMode {
    /// A sample: at once.
    #[default]
    Sample,
    /// Everybody: a moment later.
    Exact,
}

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateIn {
    /// As JSON; or `text`.
    #[schema(value_type = Option<Object>, nullable = false)]
    definition: Option<Value>,
    /// As text; or `definition`.
    #[schema(nullable = false)]
    text: Option<String>,
    #[serde(default)]
    #[schema(inline)]
    mode: EstimateMode,
    /// Keys of audiences to compare with; all when left out.
    #[serde(default)]
    compare: Vec<String>,
    /// Purpose of contact; marketing when left out.
    #[serde(default)]
    purpose: String,
}

/// Members who may be contacted on a channel, after consent.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceReach {
    /// `email`, `sms` …
    channel: String,
    people: i64,
}

/// Members who are in another audience as well.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceOverlap {
    /// The other audience.
    key: String,
    /// Members in both.
    both: i64,
    /// Members of the other.
    other: i64,
}

/// How many a definition finds.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceEstimate {
    /// Everybody was looked at; else `low` to `high` holds the size with a probability of 95 %.
    exact: bool,
    size: i64,
    low: i64,
    high: i64,
    /// People in all.
    people: i64,
    /// People looked at.
    looked_at: i64,
    /// Some members.
    sample: Vec<PersonRow>,
    reach: Vec<AudienceReach>,
    overlap: Vec<AudienceOverlap>,
}

/// Routes of this file.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(audience_estimate))
}

pub(super) fn reach(all: Vec<Reach>) -> Vec<AudienceReach> {
    all.into_iter().map(|r| AudienceReach { channel: r.channel.into(), people: r.people }).collect()
}

fn estimate(f: Found, veil: Veil) -> AudienceEstimate {
    AudienceEstimate {
        exact: f.exact,
        size: f.size,
        low: f.low,
        high: f.high,
        people: f.people,
        looked_at: f.looked_at,
        sample: f.sample.into_iter().map(|p| person_row(p, veil)).collect(),
        reach: reach(f.reach),
        overlap: f.overlap.into_iter().map(|o| AudienceOverlap { key: o.key, both: o.both, other: o.other }).collect(),
    }
}

/// Ends the work when the request is dropped because the client went away.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many people a definition finds, some of them, whom of them may be contacted, and who is in other audiences too.
#[utoipa::path(post, path = "/api/audiences/estimate", tag = "audience", request_body = EstimateIn,
    responses((status = 200, body = AudienceEstimate), (status = 400, body = ProblemBody)))]
async fn audience_estimate(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<EstimateIn>,
) -> ApiResult<Json<AudienceEstimate>> {
    caller.need(Scope::Read)?;
    let veil = Veil::of(&caller);
    let stop = Arc::new(AtomicBool::new(false));
    let _gone = Gone(stop.clone());
    run(move || {
        let ask = EstimateAsk {
            definition: DefinitionIn { definition: body.definition, text: body.text }.needed(&app)?,
            exact: matches!(body.mode, EstimateMode::Exact),
            compare: body.compare,
            purpose: body.purpose,
        };
        Ok(Json(estimate(app.audience_estimate(&ask, &stop)?, veil)))
    })
    .await
}
