//! Predictions: the kinds with how their live versions do, versions, training, settings, what is said of a person.

mod dto;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use throughline_app::App;
use throughline_base::PersonId;
use throughline_domain::team::Scope;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::lake::{JobAccepted, accepted};
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};
use dto::{PersonPrediction, Prediction, PredictionSettings, PredictionVersion};

/// Routes of this folder.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(prediction_list))
        .routes(routes!(prediction_settings_get, prediction_settings_put))
        .routes(routes!(prediction_versions))
        .routes(routes!(prediction_train))
        .routes(routes!(person_predictions))
}

/// Every kind with its live version, how it did on days it was not made from, and whether people drifted away from it.
#[utoipa::path(get, path = "/api/predictions", tag = "prediction",
    responses((status = 200, body = [Prediction]), (status = 401, body = ProblemBody)))]
async fn prediction_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Prediction>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.predictions()?.into_iter().map(Prediction::of).collect()))).await
}

/// What is predicted, how far ahead, and how often models are made anew.
#[utoipa::path(get, path = "/api/predictions/settings", tag = "prediction",
    responses((status = 200, body = PredictionSettings), (status = 401, body = ProblemBody)))]
async fn prediction_settings_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
) -> ApiResult<Json<PredictionSettings>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(PredictionSettings::of(app.prediction_settings()?)))).await
}

/// Changes the settings. A prediction with another horizon is another prediction: scores of the old one go.
#[utoipa::path(put, path = "/api/predictions/settings", tag = "prediction", request_body = PredictionSettings,
    responses((status = 200, body = PredictionSettings), (status = 400, body = ProblemBody)))]
async fn prediction_settings_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<PredictionSettings>,
) -> ApiResult<Json<PredictionSettings>> {
    caller.need(Scope::Write)?;
    run(move || Ok(Json(PredictionSettings::of(app.prediction_settings_set(&caller, body.read())?)))).await
}

/// Versions of a kind, the newest first; trials that were refused say why.
#[utoipa::path(get, path = "/api/predictions/{kind}/versions", tag = "prediction", params(("kind" = String, Path)),
    responses((status = 200, body = [PredictionVersion]), (status = 404, body = ProblemBody)))]
async fn prediction_versions(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(kind): Path<String>,
) -> ApiResult<Json<Vec<PredictionVersion>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.prediction_versions(&kind)?.into_iter().map(PredictionVersion::of).collect()))).await
}

/// Trains a kind in the background from the history as it is, then scores everybody.
#[utoipa::path(post, path = "/api/predictions/{kind}/train", tag = "prediction", params(("kind" = String, Path)),
    responses((status = 202, body = JobAccepted), (status = 404, body = ProblemBody)))]
async fn prediction_train(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(kind): Path<String>,
) -> ApiResult<(StatusCode, Json<JobAccepted>)> {
    caller.need(Scope::Write)?;
    run(move || Ok(accepted(app.prediction_train_later(&caller, &kind)?))).await
}

/// What is predicted of a person, and what it is made of.
#[utoipa::path(get, path = "/api/people/{id}/predictions", tag = "person", params(("id" = String, Path)),
    responses((status = 200, body = [PersonPrediction]), (status = 404, body = ProblemBody)))]
async fn person_predictions(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
) -> ApiResult<Json<Vec<PersonPrediction>>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.person_predictions(id)?.into_iter().map(PersonPrediction::of).collect()))).await
}
