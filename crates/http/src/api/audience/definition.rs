//! How a definition is sent and shown: as JSON or as text, always both in answers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_base::Problem;
use throughline_domain::audience::rule::Definition;
use throughline_domain::audience::{schema, text};
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Body;
use crate::problem::{ApiResult, ProblemBody};

/// A definition in both its forms.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shown {
    /// As JSON; `GET /api/audiences/schema` describes it.
    #[schema(value_type = Object)]
    definition: Value,
    /// As text.
    text: String,
}

impl Shown {
    pub(super) fn of(definition: &Definition) -> Self {
        Self { definition: serde_json::to_value(definition).unwrap_or_default(), text: text::print(definition) }
    }
}

/// A definition as it was sent.
pub(super) struct DefinitionIn {
    pub(super) definition: Option<Value>,
    pub(super) text: Option<String>,
}

impl DefinitionIn {
    /// The definition, if there is one.
    pub(super) fn read(self, app: &App) -> Result<Option<Definition>, Problem> {
        match (self.definition, self.text) {
            (Some(_), Some(_)) => {
                Err(Problem::invalid("definition_twice", "send the definition as JSON or as text, not as both"))
            }
            (Some(json), None) => serde_json::from_value(json)
                .map(Some)
                .map_err(|e| Problem::invalid("definition", format!("the definition cannot be read: {e}"))),
            (None, Some(t)) => text::parse(&t, &app.settings.time_zone)
                .map(Some)
                .map_err(|fault| Problem::invalid("definition_text", fault.to_string())),
            (None, None) => Ok(None),
        }
    }

    /// The definition; there must be one.
    pub(super) fn needed(self, app: &App) -> Result<Definition, Problem> {
        self.read(app)?
            .ok_or_else(|| Problem::invalid("definition_missing", "say who is in it: `definition` as JSON, or `text`"))
    }
}

/// A definition to be checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// As JSON; or `text`.
    #[schema(value_type = Option<Object>, nullable = false)]
    definition: Option<Value>,
    /// As text; or `definition`.
    #[schema(nullable = false)]
    text: Option<String>,
    /// Key of the audience it is for: one that refers to itself is found.
    #[schema(nullable = false)]
    key: Option<String>,
}

/// What is wrong with a definition, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionFault {
    /// Stable, for programs.
    code: String,
    /// What is wrong and how to mend it.
    detail: String,
    /// Where in the tree, for instance `rule.all[2].did`.
    path: Option<String>,
    /// What was probably meant.
    suggestion: Option<String>,
    /// Line in the text, from 1.
    line: Option<usize>,
    /// Column in the text, from 1.
    column: Option<usize>,
    /// Offset in the text in bytes, from 0.
    offset: Option<usize>,
    /// Length in bytes of what is wrong.
    length: Option<usize>,
    /// What may stand there instead.
    expected: Vec<String>,
}

/// A checked definition.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckOut {
    /// It can be used.
    ok: bool,
    faults: Vec<DefinitionFault>,
    /// In both forms, when it could be read.
    shown: Option<Shown>,
}

/// Routes of this file.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(audience_check)).routes(routes!(audience_schema))
}

fn of_text(f: text::TextFault) -> DefinitionFault {
    DefinitionFault {
        code: f.code.into(),
        detail: f.detail,
        path: None,
        suggestion: f.suggestion,
        line: Some(f.line),
        column: Some(f.column),
        offset: Some(f.offset),
        length: Some(f.length),
        expected: f.expected,
    }
}

fn of_tree(code: &str, detail: String, path: Option<String>, suggestion: Option<String>) -> DefinitionFault {
    DefinitionFault {
        code: code.into(),
        detail,
        path,
        suggestion,
        line: None,
        column: None,
        offset: None,
        length: None,
        expected: Vec::new(),
    }
}

/// Checks a definition, and shows it in both forms.
#[utoipa::path(post, path = "/api/audiences/check", tag = "audience", request_body = CheckIn,
    responses((status = 200, body = CheckOut), (status = 400, body = ProblemBody)))]
async fn audience_check(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<CheckIn>,
) -> ApiResult<Json<CheckOut>> {
    caller.need(Scope::Read)?;
    run(move || {
        let refused = |fault| Ok(Json(CheckOut { ok: false, faults: vec![fault], shown: None }));
        let definition = match (body.definition, body.text) {
            (None, Some(t)) => match text::parse(&t, &app.settings.time_zone) {
                Ok(definition) => definition,
                Err(fault) => return refused(of_text(fault)),
            },
            (Some(json), None) => match serde_json::from_value(json) {
                Ok(definition) => definition,
                Err(e) => return refused(of_tree("definition", e.to_string(), None, None)),
            },
            (definition, text) => DefinitionIn { definition, text }.needed(&app)?,
        };
        let checked = app.audience_check(body.key.as_deref(), &definition)?;
        let faults: Vec<DefinitionFault> =
            checked.faults.into_iter().map(|f| of_tree(f.code, f.detail, Some(f.path), f.suggestion)).collect();
        Ok(Json(CheckOut { ok: faults.is_empty(), faults, shown: Some(Shown::of(&definition)) }))
    })
    .await
}

/// The JSON Schema of definitions.
#[utoipa::path(get, path = "/api/audiences/schema", tag = "audience",
    responses((status = 200, body = Object, content_type = "application/schema+json")))]
async fn audience_schema(Auth(caller): Auth) -> ApiResult<impl IntoResponse> {
    caller.need(Scope::Read)?;
    Ok(([(header::CONTENT_TYPE, "application/schema+json")], schema::SCHEMA))
}
