//! Sources: who may send events, with which keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::registry::{IpSetting, PlanMode, SourceSettings as Settings, WebhookSettings};
use throughline_app::source::{SourceChange, SourceView};
use throughline_app::team::Caller;
use throughline_base::{Currency, SourceId};
use throughline_domain::event::plan::{Action, Rules};
use throughline_domain::identity::Stitching;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closed::one_of;
use super::snippet::{Snippets, snippets};
use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, ProblemBody};
use crate::wording::Wording;

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A web shop or site.
    Web,
    /// A mobile app.
    App,
    /// A mini program.
    MiniProgram,
    /// A server of the shop.
    Server,
    /// Tills.
    Pos,
    /// A marketplace.
    Marketplace,
    /// An advertising platform.
    Ads,
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// Social media.
    Social,
    /// Customer service.
    Service,
    /// A signed webhook.
    Webhook,
    /// Files.
    Import,
}

impl SourceKind {
    const ALL: [Self; 13] = [
        Self::Web,
        Self::App,
        Self::MiniProgram,
        Self::Server,
        Self::Pos,
        Self::Marketplace,
        Self::Ads,
        Self::Email,
        Self::Sms,
        Self::Social,
        Self::Service,
        Self::Webhook,
        Self::Import,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::App => "app",
            Self::MiniProgram => "mini_program",
            Self::Server => "server",
            Self::Pos => "pos",
            Self::Marketplace => "marketplace",
            Self::Ads => "ads",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Social => "social",
            Self::Service => "service",
            Self::Webhook => "webhook",
            Self::Import => "import",
        }
    }
}

/// Whether a source takes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// It takes events.
    Active,
    /// It takes none.
    Disabled,
}

/// A write key. It can only write.
#[derive(Debug, Serialize, ToSchema)]
pub struct WriteKey {
    id: String,
    key: String,
    created_at: String,
    expires_at: Option<String>,
}

/// What a source brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceCounts {
    events: i64,
    people: i64,
    quarantined_open: i64,
    warnings_24h: i64,
    last_at: Option<String>,
}

/// What happens to each kind of deviation from the plan, with `plan_mode` `custom`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRules {
    #[schema(schema_with = plan_actions)]
    unknown_event: Action,
    #[schema(schema_with = plan_actions)]
    unknown_property: Action,
    #[schema(schema_with = plan_actions)]
    wrong_type: Action,
    #[schema(schema_with = plan_actions)]
    missing_required: Action,
}

/// A further place of an identifier.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierField {
    /// Path in the event, for instance `properties.card_no`.
    path: String,
    /// Namespace, for instance `member_no`.
    namespace: String,
}

/// A signed webhook as shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// The end of the secret.
    secret_hint: String,
    /// Field of the event and its path in the body; empty when the body is in Segment's shape.
    mapping: BTreeMap<String, String>,
}

/// Settings of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceSettings {
    /// It vouches for phones and e-mails.
    verified: bool,
    /// Region of phone numbers without a country code.
    default_region: String,
    #[schema(value_type = String)]
    default_currency: Currency,
    time_zone: String,
    /// How much anonymous history a login takes along.
    #[schema(schema_with = stitchings)]
    stitching: Stitching,
    /// Its devices speak for nobody.
    kiosk: bool,
    #[schema(schema_with = plan_modes)]
    plan_mode: PlanMode,
    plan_rules: PlanRules,
    /// Oldest age accepted.
    acceptance_days: u32,
    #[schema(schema_with = ip_settings)]
    ip: IpSetting,
    identifier_fields: Vec<IdentifierField>,
    /// The app whose openids it sends.
    openid_app: Option<String>,
    /// Only of sources of kind `webhook`.
    webhook: Option<WebhookView>,
}

/// A change of a signed webhook.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookPatch {
    /// A secret given by the sending system; at least 16 characters. The present one ends at once.
    secret: Option<String>,
    /// Replaces the whole mapping.
    mapping: Option<BTreeMap<String, String>>,
}

/// A change of settings. What is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSettingsPatch {
    verified: Option<bool>,
    default_region: Option<String>,
    #[schema(value_type = Option<String>)]
    default_currency: Option<Currency>,
    time_zone: Option<String>,
    #[serde(default)]
    #[schema(schema_with = stitchings, required = false)]
    stitching: Option<Stitching>,
    kiosk: Option<bool>,
    #[serde(default)]
    #[schema(schema_with = plan_modes, required = false)]
    plan_mode: Option<PlanMode>,
    plan_rules: Option<PlanRules>,
    acceptance_days: Option<u32>,
    #[serde(default)]
    #[schema(schema_with = ip_settings, required = false)]
    ip: Option<IpSetting>,
    identifier_fields: Option<Vec<IdentifierField>>,
    /// Empty text takes it away.
    openid_app: Option<String>,
    webhook: Option<WebhookPatch>,
}

/// A source of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    id: String,
    name: String,
    kind: SourceKind,
    state: SourceState,
    write_keys: Vec<WriteKey>,
    settings: SourceSettings,
    counts: SourceCounts,
    created_at: String,
    /// The secret of a webhook, shown this once: when it was made or rotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    webhook_secret: Option<String>,
}

/// Every source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourcePage {
    items: Vec<Source>,
    next: Option<String>,
}

/// A new source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    name: String,
    kind: SourceKind,
    settings: Option<SourceSettingsPatch>,
}

/// A change of a source. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourcePatch {
    name: Option<String>,
    state: Option<SourceState>,
    settings: Option<SourceSettingsPatch>,
}

/// How long the old key still works.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Rotate {
    grace_hours: Option<u32>,
}

/// A repeated oddity.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceWarning {
    at: String,
    code: String,
    detail: String,
    /// The detail as codes and values, to say it in another language.
    wording: Vec<Wording>,
    count: i64,
    first_at: String,
}

/// Warnings of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceWarningPage {
    items: Vec<SourceWarning>,
    next: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(source_list, source_create))
        .routes(routes!(source_get, source_update, source_delete))
        .routes(routes!(source_rotate))
        .routes(routes!(source_snippets))
        .routes(routes!(source_warnings))
}

fn plan_actions() -> Object {
    one_of(["pass", "warn", "drop_property", "quarantine"])
}

fn plan_modes() -> Object {
    one_of(["allow", "warn", "quarantine", "custom"])
}

fn stitchings() -> Object {
    one_of(["auto", "session", "since_logout", "all", "off"])
}

fn ip_settings() -> Object {
    one_of(["truncate", "full", "drop"])
}

impl From<Rules> for PlanRules {
    fn from(r: Rules) -> Self {
        Self {
            unknown_event: r.unknown_event,
            unknown_property: r.unknown_property,
            wrong_type: r.wrong_type,
            missing_required: r.missing_required,
        }
    }
}

impl From<PlanRules> for Rules {
    fn from(r: PlanRules) -> Self {
        Self {
            unknown_event: r.unknown_event,
            unknown_property: r.unknown_property,
            wrong_type: r.wrong_type,
            missing_required: r.missing_required,
        }
    }
}

impl From<&Settings> for SourceSettings {
    fn from(s: &Settings) -> Self {
        let fields = s.identifier_fields.iter();
        Self {
            verified: s.verified,
            default_region: s.default_region.clone(),
            default_currency: s.default_currency,
            time_zone: s.time_zone.clone(),
            stitching: s.stitching,
            kiosk: s.kiosk,
            plan_mode: s.plan_mode,
            plan_rules: s.plan_rules.into(),
            acceptance_days: s.acceptance_days,
            ip: s.ip,
            identifier_fields: fields
                .map(|(path, namespace)| IdentifierField { path: path.clone(), namespace: namespace.clone() })
                .collect(),
            openid_app: s.openid_app.clone(),
            webhook: s
                .webhook
                .as_ref()
                .map(|w| WebhookView { secret_hint: hint(&w.secret), mapping: w.mapping.iter().cloned().collect() }),
        }
    }
}

/// The last four characters.
fn hint(secret: &str) -> String {
    let start = secret.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    format!("…{}", &secret[start..])
}

impl SourceSettingsPatch {
    /// The settings after the change.
    fn over(self, base: &Settings) -> Settings {
        let mut s = base.clone();
        let set = |flag: &mut bool, new: Option<bool>| *flag = new.unwrap_or(*flag);
        set(&mut s.verified, self.verified);
        set(&mut s.kiosk, self.kiosk);
        s.default_region = self.default_region.unwrap_or(s.default_region);
        s.default_currency = self.default_currency.unwrap_or(s.default_currency);
        s.time_zone = self.time_zone.unwrap_or(s.time_zone);
        s.stitching = self.stitching.unwrap_or(s.stitching);
        s.plan_mode = self.plan_mode.unwrap_or(s.plan_mode);
        s.plan_rules = self.plan_rules.map_or(s.plan_rules, Rules::from);
        s.acceptance_days = self.acceptance_days.unwrap_or(s.acceptance_days);
        s.ip = self.ip.unwrap_or(s.ip);
        if let Some(fields) = self.identifier_fields {
            s.identifier_fields = fields.into_iter().map(|f| (f.path, f.namespace)).collect();
        }
        if let Some(app) = self.openid_app {
            s.openid_app = Some(app).filter(|a| !a.is_empty());
        }
        if let Some(patch) = self.webhook {
            let hook = s.webhook.get_or_insert_with(WebhookSettings::fresh);
            if let Some(secret) = patch.secret {
                hook.secret = secret;
                hook.previous = None;
            }
            if let Some(mapping) = patch.mapping {
                hook.mapping = mapping.into_iter().collect();
            }
        }
        s
    }
}

impl From<SourceView> for Source {
    fn from(v: SourceView) -> Self {
        let kind = SourceKind::ALL.into_iter().find(|k| k.as_str() == v.source.kind);
        Self {
            id: v.source.id.to_string(),
            name: v.source.name.to_string(),
            // Kinds are checked when a source is made; only a newer version knows others.
            kind: kind.unwrap_or(SourceKind::Server),
            state: if v.source.active { SourceState::Active } else { SourceState::Disabled },
            write_keys: v
                .keys
                .into_iter()
                .map(|k| WriteKey {
                    id: k.id.to_string(),
                    key: k.key,
                    created_at: k.created_at.to_string(),
                    expires_at: k.expires_at.map(|t| t.to_string()),
                })
                .collect(),
            settings: (&v.source.settings).into(),
            counts: SourceCounts {
                events: v.counts.events,
                people: v.counts.people,
                quarantined_open: v.counts.quarantined_open,
                warnings_24h: v.counts.warnings_24h,
                last_at: v.counts.last_at.map(|t| t.to_string()),
            },
            created_at: v.source.created_at.to_string(),
            webhook_secret: None,
        }
    }
}

/// A source with the secret of its webhook, for the answers that show it.
fn with_secret(v: SourceView) -> Source {
    let secret = v.source.settings.webhook.as_ref().map(|w| w.secret.clone());
    Source { webhook_secret: secret, ..v.into() }
}

/// A source as the caller may see it: whoever cannot change sources sees the end of a write key, enough to tell it.
fn seen_by(caller: &Caller, v: SourceView) -> Source {
    let mut source = Source::from(v);
    if !caller.has(Scope::Write) {
        source.write_keys.iter_mut().for_each(|k| k.key = masked(&k.key));
    }
    source
}

fn masked(key: &str) -> String {
    let end: Vec<char> = key.chars().rev().take(4).collect();
    format!("…{}", end.iter().rev().collect::<String>())
}

/// Every source with its keys and counts.
#[utoipa::path(get, path = "/api/sources", tag = "source", responses((status = 200, body = SourcePage)))]
async fn source_list(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<SourcePage>> {
    caller.need(Scope::Read)?;
    run(move || {
        Ok(Json(SourcePage { items: app.sources()?.into_iter().map(|v| seen_by(&caller, v)).collect(), next: None }))
    })
    .await
}

/// Makes a source with a write key.
#[utoipa::path(post, path = "/api/sources", tag = "source", request_body = NewSource,
    responses((status = 201, body = Source), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn source_create(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<NewSource>,
) -> ApiResult<(StatusCode, Json<Source>)> {
    caller.need(Scope::Write)?;
    run(move || {
        let kind = body.kind.as_str();
        let given = body.settings.map(|patch| patch.over(&Settings::of_kind(kind)));
        let view = app.source_create(&caller, &body.name, kind, given)?;
        Ok((StatusCode::CREATED, Json(with_secret(view))))
    })
    .await
}

/// One source.
#[utoipa::path(get, path = "/api/sources/{id}", tag = "source", params(("id" = String, Path)),
    responses((status = 200, body = Source), (status = 404, body = ProblemBody)))]
async fn source_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
) -> ApiResult<Json<Source>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(seen_by(&caller, app.source_get(id)?)))).await
}

/// Changes a source.
#[utoipa::path(patch, path = "/api/sources/{id}", tag = "source", request_body = SourcePatch,
    params(("id" = String, Path)), responses((status = 200, body = Source), (status = 404, body = ProblemBody)))]
async fn source_update(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
    Body(body): Body<SourcePatch>,
) -> ApiResult<Json<Source>> {
    caller.need(Scope::Write)?;
    run(move || {
        let old = app.source_get(id)?;
        // A webhook of an older version has no secret yet; the one made here must be shown.
        let is_new = old.source.settings.webhook.is_none();
        let change = SourceChange {
            name: body.name,
            active: body.state.map(|s| s == SourceState::Active),
            settings: body.settings.map(|patch| patch.over(&old.source.settings)),
        };
        let view = app.source_update(&caller, id, &change)?;
        Ok(Json(if is_new { with_secret(view) } else { view.into() }))
    })
    .await
}

/// Disables a source and ends its keys. What it brought stays.
#[utoipa::path(delete, path = "/api/sources/{id}", tag = "source", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn source_delete(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    run(move || app.source_retire(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a source a new key, and a webhook a new secret; the present ones end after the grace.
#[utoipa::path(post, path = "/api/sources/{id}/rotate", tag = "source", request_body = Rotate,
    params(("id" = String, Path)), responses((status = 200, body = Source), (status = 404, body = ProblemBody)))]
async fn source_rotate(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
    Body(body): Body<Rotate>,
) -> ApiResult<Json<Source>> {
    caller.need(Scope::Write)?;
    run(move || Ok(Json(with_secret(app.source_rotate(&caller, id, body.grace_hours.unwrap_or(24))?)))).await
}

/// Ready-made code for the SDKs with this source's address and key.
#[utoipa::path(get, path = "/api/sources/{id}/snippet", tag = "source", params(("id" = String, Path)),
    responses((status = 200, body = Snippets), (status = 404, body = ProblemBody)))]
async fn source_snippets(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    headers: HeaderMap,
    Path(id): Path<SourceId>,
) -> ApiResult<Json<Snippets>> {
    caller.need(Scope::Read)?;
    run(move || {
        let view = app.source_get(id)?;
        let host = if app.settings.public_url.is_empty() {
            let name = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or("localhost:8080");
            format!("http://{name}")
        } else {
            app.settings.public_url.trim_end_matches('/').to_owned()
        };
        let key = view.keys.first().map_or("", |k| k.key.as_str());
        let key = if caller.has(Scope::Write) { key.to_owned() } else { masked(key) };
        Ok(Json(snippets(&host, &key, &id.to_string())))
    })
    .await
}

/// What was odd about this source's events, the newest first.
#[utoipa::path(get, path = "/api/sources/{id}/warnings", tag = "source", params(("id" = String, Path)),
    responses((status = 200, body = SourceWarningPage)))]
async fn source_warnings(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<SourceId>,
) -> ApiResult<Json<SourceWarningPage>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let items = app
            .source_warnings(id, 200)?
            .into_iter()
            .map(|w| SourceWarning {
                at: w.last_at.to_string(),
                code: w.code,
                wording: veil.wording(&w.detail),
                detail: veil.text(&w.detail),
                count: w.count,
                first_at: w.first_at.to_string(),
            })
            .collect();
        Ok(Json(SourceWarningPage { items, next: None }))
    })
    .await
}
