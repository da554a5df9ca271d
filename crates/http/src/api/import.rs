//! Imports: upload, draft, dry run, run, rejects. Rows of a file are personal data: samples, dry runs and the text of
//! refused rows are masked or left out for those who may not see it.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::import as stories;
use throughline_base::{ImportId, Problem, ProblemKind, SourceId};
use throughline_domain::person::search::mask;
use throughline_domain::team::Scope;
use tokio::io::AsyncWriteExt as _;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body as JsonBody, Path, Query};
use crate::page::PageQuery;
use crate::problem::{ApiResult, ProblemBody};
use crate::wording::{Wording, wording};

/// Largest upload, in bytes.
const MAX_UPLOAD: u64 = 2 * 1024 * 1024 * 1024;
/// Refused rows of one piece of the download.
const REJECTS_PIECE: u32 = 1_000;

/// What the rows of a file become.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Events and people.
    Events,
    /// What advertising cost.
    AdSpend,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Uploaded, not started.
    Draft,
    /// Running.
    Running,
    /// Paused; it can go on.
    Paused,
    /// Done.
    Done,
    /// Stopped by a fault; it can go on when that is mended.
    Failed,
    /// Stopped for good.
    Cancelled,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct Import {
    id: String,
    file_name: String,
    /// `csv`, `tsv`, `jsonl`, `parquet`.
    format: String,
    kind: ImportKind,
    state: ImportState,
    #[schema(required)]
    rows_total: Option<i64>,
    rows_done: i64,
    accepted: i64,
    duplicates: i64,
    quarantined: i64,
    rejected: i64,
    /// Rows a second while it runs.
    rate: f64,
    #[schema(required)]
    remaining_s: Option<f64>,
    #[schema(required)]
    started_at: Option<String>,
    #[schema(required)]
    finished_at: Option<String>,
    #[schema(required)]
    error: Option<String>,
    /// The error as codes and values, to say it in another language.
    wording: Vec<Wording>,
    #[schema(required)]
    mapping_name: Option<String>,
    #[schema(required)]
    source_id: Option<String>,
}

/// A page of imports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPage {
    items: Vec<Import>,
    #[schema(required)]
    next: Option<String>,
}

/// A column with what it seems to be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportColumn {
    name: String,
    sample: Vec<String>,
    #[schema(required)]
    guess: Option<String>,
}

/// A drafted mapping.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportGuess {
    /// The mapping as text.
    toml: String,
    /// The same as an object.
    #[schema(value_type = HashMap<String, Value>)]
    mapping: Value,
    encoding: String,
    #[schema(required)]
    delimiter: Option<String>,
    columns: Vec<ImportColumn>,
}

/// A new import with its drafted mapping.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportCreated {
    #[serde(flatten)]
    import: Import,
    guess: ImportGuess,
}

/// A mapping that comes with the product.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippedMapping {
    name: String,
    description: String,
    toml: String,
}

/// The mapping to try.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DryRunIn {
    /// TOML.
    mapping: String,
}

/// A row, or the rows of a group, and what it becomes.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunRow {
    line: u64,
    #[schema(value_type = Vec<HashMap<String, Value>>)]
    events: Vec<Value>,
    #[schema(required)]
    error: Option<String>,
    /// The error as codes and values, to say it in another language.
    wording: Vec<Wording>,
}

/// An identifier of a dry run.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunIdentifier {
    namespace: String,
    value: String,
}

/// A person as the rows tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunPerson {
    identifiers: Vec<DryRunIdentifier>,
    #[schema(value_type = HashMap<String, Value>)]
    traits: Value,
}

/// A refused row.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunError {
    line: u64,
    #[schema(required)]
    column: Option<String>,
    message: String,
    /// The message as codes and values, to say it in another language.
    wording: Vec<Wording>,
}

/// The first rows as events and people.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRun {
    rows: Vec<DryRunRow>,
    people: Vec<DryRunPerson>,
    errors: Vec<DryRunError>,
}

/// How to start.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ImportStart {
    /// TOML.
    mapping: String,
    /// The source of the events; the mapping's when absent.
    source_id: Option<String>,
}

/// The name of an upload.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// The file's name.
    file_name: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(import_list, import_upload))
        .routes(routes!(import_mappings))
        .routes(routes!(import_get))
        .routes(routes!(import_draft))
        .routes(routes!(import_dry_run))
        .routes(routes!(import_start))
        .routes(routes!(import_pause))
        .routes(routes!(import_resume))
        .routes(routes!(import_cancel))
        .routes(routes!(import_rejects))
}

impl From<stories::ImportView> for Import {
    fn from(v: stories::ImportView) -> Self {
        let r = v.row;
        Self {
            id: r.id.to_string(),
            file_name: r.file_name,
            format: r.format,
            kind: if r.kind == stories::Kind::AdSpend.as_str() { ImportKind::AdSpend } else { ImportKind::Events },
            state: match r.state.as_str() {
                "draft" => ImportState::Draft,
                "running" => ImportState::Running,
                "paused" => ImportState::Paused,
                "done" => ImportState::Done,
                "cancelled" => ImportState::Cancelled,
                _ => ImportState::Failed,
            },
            rows_total: r.rows_total,
            rows_done: r.rows_done,
            accepted: r.accepted,
            duplicates: r.duplicates,
            quarantined: r.quarantined,
            rejected: r.rejected,
            rate: v.rate,
            remaining_s: v.remaining_s,
            started_at: r.started_at.map(|t| t.to_string()),
            finished_at: r.finished_at.map(|t| t.to_string()),
            wording: r.error.as_deref().map(|e| Veil::closed().wording(e)).unwrap_or_default(),
            // A fault of the file as a whole; it need not quote anybody.
            error: r.error.map(|e| Veil::closed().text(&e)),
            mapping_name: v.mapping_name,
            source_id: r.source_id.map(|id| id.to_string()),
        }
    }
}

fn guess_dto(g: stories::Guess, personal: bool) -> Result<ImportGuess, Problem> {
    let mapping = stories::table(&g.toml)?;
    let shown = |text: String| if personal { text } else { mask("name", &text) };
    Ok(ImportGuess {
        toml: g.toml,
        mapping,
        encoding: g.encoding,
        delimiter: g.delimiter.map(String::from),
        columns: g
            .columns
            .into_iter()
            .map(|c| ImportColumn { name: c.name, sample: c.sample.into_iter().map(shown).collect(), guess: c.guess })
            .collect(),
    })
}

/// Imports, the newest first.
#[utoipa::path(get, path = "/api/imports", tag = "import", params(PageQuery),
    responses((status = 200, body = ImportPage)))]
async fn import_list(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<ImportPage>> {
    caller.need(Scope::Read)?;
    let (cursor, limit) = page.read()?;
    run(move || {
        let page = app.imports(cursor, limit)?;
        Ok(Json(ImportPage { items: page.items.into_iter().map(Import::from).collect(), next: page.next }))
    })
    .await
}

/// Uploads a file (its bytes are the body, at most 2 GiB) as a draft with a guessed mapping.
#[utoipa::path(post, path = "/api/imports", tag = "import", params(UploadQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, body = ImportCreated), (status = 400, body = ProblemBody), (status = 413, body = ProblemBody)))]
async fn import_upload(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(query): Query<UploadQuery>,
    body: Body,
) -> ApiResult<(StatusCode, Json<ImportCreated>)> {
    caller.need(Scope::Write)?;
    let place = app.clone();
    let path = run(move || place.import_upload_path()).await?;
    let saved = save(body, &path).await;
    run(move || {
        let added = saved.and_then(|()| {
            let name = query.file_name.as_deref().unwrap_or_default();
            app.import_add(&caller, name, &path)
        });
        let (view, guess) = added.inspect_err(|_| {
            // A refused upload leaves nothing behind; that it cannot be removed changes nothing about the refusal.
            let _ = std::fs::remove_file(&path);
        })?;
        let guess = guess_dto(guess, caller.has(Scope::Personal))?;
        Ok((StatusCode::CREATED, Json(ImportCreated { import: view.into(), guess })))
    })
    .await
}

/// Writes a body to a file as it comes.
async fn save(body: Body, path: &std::path::Path) -> Result<(), Problem> {
    let cannot = |e: std::io::Error| {
        Problem::unavailable("import_upload", format!("the upload cannot be kept: {e}; see that the disk has room"))
    };
    let mut file = tokio::fs::File::create(path).await.map_err(cannot)?;
    let mut parts = body.into_data_stream();
    let mut size = 0_u64;
    while let Some(part) = parts.next().await {
        let part =
            part.map_err(|e| Problem::invalid("import_upload", "the upload broke off; send it again").caused_by(e))?;
        size += part.len() as u64;
        if size > MAX_UPLOAD {
            let advice = "split it, pack it with gzip or zstd, or use `throughline import` on the server";
            let detail = format!("the file is larger than 2 GiB; {advice}");
            return Err(Problem::new(ProblemKind::TooLarge, "import_upload", detail));
        }
        file.write_all(&part).await.map_err(cannot)?;
    }
    file.flush().await.map_err(cannot)?;
    file.sync_all().await.map_err(cannot)
}

/// Mappings that come with the product.
#[utoipa::path(get, path = "/api/imports/mappings", tag = "import", responses((status = 200, body = Vec<ShippedMapping>)))]
async fn import_mappings(Auth(caller): Auth) -> ApiResult<Json<Vec<ShippedMapping>>> {
    caller.need(Scope::Read)?;
    let all = stories::shipped()?.into_iter().map(|s| ShippedMapping {
        name: s.mapping.name,
        description: s.mapping.description,
        toml: s.toml.to_owned(),
    });
    Ok(Json(all.collect()))
}

/// One import.
#[utoipa::path(get, path = "/api/imports/{id}", tag = "import", params(("id" = String, Path)),
    responses((status = 200, body = Import), (status = 404, body = ProblemBody)))]
async fn import_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ImportId>,
) -> ApiResult<Json<Import>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(app.import_get(id)?.into()))).await
}

/// The guessed mapping of an upload.
#[utoipa::path(get, path = "/api/imports/{id}/draft", tag = "import", params(("id" = String, Path)),
    responses((status = 200, body = ImportGuess), (status = 404, body = ProblemBody)))]
async fn import_draft(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ImportId>,
) -> ApiResult<Json<ImportGuess>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(guess_dto(app.import_draft(id)?, caller.has(Scope::Personal))?))).await
}

/// The first rows as events and people; nothing is recorded.
#[utoipa::path(post, path = "/api/imports/{id}/dry-run", tag = "import", request_body = DryRunIn,
    params(("id" = String, Path)),
    responses((status = 200, body = DryRun), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn import_dry_run(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ImportId>,
    JsonBody(body): JsonBody<DryRunIn>,
) -> ApiResult<Json<DryRun>> {
    caller.need(Scope::Write)?;
    run(move || {
        let personal = caller.has(Scope::Personal);
        let d = app.import_dry_run(id, &body.mapping)?;
        let rows = d.rows.into_iter().map(|r| {
            let error = r.error.map(|m| message(m, personal));
            DryRunRow {
                line: r.line,
                events: r.events.into_iter().map(|e| veiled(e, personal)).collect(),
                wording: error.as_deref().map(wording).unwrap_or_default(),
                error,
            }
        });
        let people = d.people.into_iter().map(|p| DryRunPerson {
            identifiers: p
                .identifiers
                .into_iter()
                .map(|(namespace, value)| {
                    let value = if personal { value } else { mask(&namespace, &value) };
                    DryRunIdentifier { namespace, value }
                })
                .collect(),
            traits: if personal { Value::Object(p.traits) } else { Value::Object(serde_json::Map::new()) },
        });
        let errors = d.errors.into_iter().map(|f| {
            let message = message(f.message, personal);
            DryRunError { line: f.line, column: f.column, wording: wording(&message), message }
        });
        Ok(Json(DryRun { rows: rows.collect(), people: people.collect(), errors: errors.collect() }))
    })
    .await
}

/// Who an event is about is masked, and traits and context are left out.
fn veiled(mut event: Value, personal: bool) -> Value {
    if !personal && let Some(o) = event.as_object_mut() {
        for key in ["userId", "anonymousId"] {
            if let Some(Value::String(id)) = o.get_mut(key) {
                *id = mask("user_id", id);
            }
        }
        for key in ["ids", "traits", "context"] {
            o.remove(key);
        }
    }
    event
}

/// A message may quote a cell between backticks.
fn message(text: String, personal: bool) -> String {
    if personal {
        return text;
    }
    let parts: Vec<&str> = text.split('`').collect();
    let shown: Vec<&str> = parts.iter().enumerate().map(|(i, p)| if i % 2 == 1 { "••••" } else { p }).collect();
    Veil::closed().text(&shown.join("`"))
}

/// Starts an upload with a mapping.
#[utoipa::path(post, path = "/api/imports/{id}/start", tag = "import", request_body = ImportStart,
    params(("id" = String, Path)),
    responses((status = 200, body = Import), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn import_start(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ImportId>,
    JsonBody(body): JsonBody<ImportStart>,
) -> ApiResult<Json<Import>> {
    caller.need(Scope::Write)?;
    let source = match body.source_id.as_deref().filter(|s| !s.is_empty()) {
        None => None,
        Some(text) => Some(text.parse::<SourceId>().map_err(|_| {
            Problem::invalid("source_id", "source_id is no id of a source; copy it from GET /api/sources")
        })?),
    };
    run(move || Ok(Json(app.import_start(&caller, id, &body.mapping, source)?.into()))).await
}

async fn moved(app: Arc<App>, auth: Auth, id: ImportId, what: stories::Move) -> ApiResult<Json<Import>> {
    let caller = auth.0;
    caller.need(Scope::Write)?;
    run(move || Ok(Json(app.import_move(&caller, id, what)?.into()))).await
}

/// Pauses a running import after its present batch.
#[utoipa::path(post, path = "/api/imports/{id}/pause", tag = "import", params(("id" = String, Path)),
    responses((status = 200, body = Import), (status = 409, body = ProblemBody)))]
async fn import_pause(State(app): State<Arc<App>>, auth: Auth, Path(id): Path<ImportId>) -> ApiResult<Json<Import>> {
    moved(app, auth, id, stories::Move::Pause).await
}

/// Goes on with a paused or failed import.
#[utoipa::path(post, path = "/api/imports/{id}/resume", tag = "import", params(("id" = String, Path)),
    responses((status = 200, body = Import), (status = 409, body = ProblemBody)))]
async fn import_resume(State(app): State<Arc<App>>, auth: Auth, Path(id): Path<ImportId>) -> ApiResult<Json<Import>> {
    moved(app, auth, id, stories::Move::Resume).await
}

/// Stops an import for good; what it recorded stays, its file is removed.
#[utoipa::path(post, path = "/api/imports/{id}/cancel", tag = "import", params(("id" = String, Path)),
    responses((status = 200, body = Import), (status = 409, body = ProblemBody)))]
async fn import_cancel(State(app): State<Arc<App>>, auth: Auth, Path(id): Path<ImportId>) -> ApiResult<Json<Import>> {
    moved(app, auth, id, stories::Move::Cancel).await
}

/// Refused rows as CSV: line, reason and the row as it stands in the file (empty for those who may not see personal
/// data).
#[utoipa::path(get, path = "/api/imports/{id}/rejects", tag = "import", params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 404, body = ProblemBody)))]
async fn import_rejects(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<ImportId>,
) -> ApiResult<Response> {
    caller.need(Scope::Read)?;
    let personal = caller.has(Scope::Personal);
    let known = app.clone();
    let name = run(move || Ok(known.import_get(id)?.row.file_name)).await?;
    let pieces = stream::unfold(Some((app, i64::MIN)), move |state| async move {
        let (app, after) = state?;
        let piece = tokio::task::spawn_blocking(move || {
            let rows = app.import_rejects(id, after, REJECTS_PIECE)?;
            let mut text = if after == i64::MIN { "\u{feff}line,reason,row\r\n".to_owned() } else { String::new() };
            for r in &rows {
                let (reason, raw) = (message(r.reason.clone(), personal), if personal { r.raw.as_str() } else { "" });
                let _ = write!(text, "{},{},{}\r\n", r.line, quoted(&reason), quoted(raw));
            }
            let next = rows.last().filter(|_| rows.len() == REJECTS_PIECE as usize).map(|r| (app, r.line));
            Ok::<_, Problem>((text, next))
        });
        match piece.await.map_err(std::io::Error::other).and_then(|p| p.map_err(std::io::Error::other)) {
            Ok((text, next)) => Some((Ok(Bytes::from(text)), next)),
            Err(e) => Some((Err(e), None)),
        }
    });
    let safe: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"rejects-{safe}.csv\"")),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// A field of CSV. What a spreadsheet would take for a formula is made text.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
