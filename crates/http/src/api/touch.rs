//! Touch rules: what a visit, a click or a scan is called in reports.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_app::App;
use throughline_app::touch::TouchTable;
use throughline_base::Problem;
use throughline_domain::event::TouchSignature;
use throughline_domain::team::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::credit::{body_as, recast};
use super::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Body;
use crate::problem::{ApiResult, ProblemBody};

/// A field of the signature.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TouchFieldName {
    /// Kind of the source.
    SourceKind,
    /// Name of an event that is a touch by itself.
    Event,
    /// Host of the referrer; subdomains included.
    ReferrerHost,
    /// `utm_source`.
    UtmSource,
    /// `utm_medium`.
    UtmMedium,
    /// `utm_campaign`.
    UtmCampaign,
    /// `utm_content`.
    UtmContent,
    /// `utm_term`.
    UtmTerm,
    /// Name of the click id, never its value.
    ClickId,
    /// The channel that the source names.
    Channel,
    /// The campaign that the source names.
    Campaign,
    /// Store, page, placement or note.
    Touchpoint,
}

/// How a field is compared. Case does not matter.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TouchOp {
    /// One of the values.
    Equals,
    /// None of the values.
    NotEquals,
    /// Contains one of the values.
    Contains,
    /// Begins with one of the values.
    Prefix,
    /// Holds something.
    Present,
    /// Is empty.
    Absent,
}

/// One condition of a rule.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TouchCondition {
    #[schema(inline)]
    field: TouchFieldName,
    #[schema(inline)]
    op: TouchOp,
    /// With what; empty for `present` and `absent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    values: Option<Vec<String>>,
}

/// What a matching signature becomes. Texts may hold fields in braces: `{utm_campaign|campaign}`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TouchOutcome {
    /// It is no touch at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ignore: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    campaign: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    touchpoint: Option<String>,
    /// Kind of the touch; the channel's usual one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

/// A rule. The first enabled one whose conditions all hold decides.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TouchRule {
    /// Stable name.
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    enabled: Option<bool>,
    /// Why it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    note: Option<String>,
    /// All must hold.
    when: Vec<TouchCondition>,
    then: TouchOutcome,
}

/// Names of a channel by language.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelLabel {
    en: String,
    #[serde(rename = "zh-CN")]
    zh: String,
}

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Channel {
    key: String,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    label: ChannelLabel,
    online: bool,
    paid: bool,
}

/// The rule table in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchRules {
    version: i64,
    rules: Vec<TouchRule>,
    channels: Vec<Channel>,
    /// These are the built-in rules.
    defaults: bool,
}

/// A new rule table.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TouchRulesPut {
    rules: Vec<TouchRule>,
}

/// What is tried: signatures, or the address of a page with its referrer.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TouchTestIn {
    #[schema(nullable = false, value_type = Option<Vec<std::collections::HashMap<String, Value>>>)]
    signatures: Option<Vec<Value>>,
    #[schema(nullable = false)]
    url: Option<String>,
    #[schema(nullable = false)]
    referrer: Option<String>,
}

/// What the rules make of it. Without a channel it is no touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchTested {
    channel: String,
    #[schema(required)]
    campaign: Option<String>,
    #[schema(required)]
    touchpoint: Option<String>,
    kind: String,
    /// The rule that decided; null when none matched.
    #[schema(required)]
    rule_id: Option<String>,
}

/// A signature that no rule gives a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unclassified {
    /// Its fields, those that hold something.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    signature: Value,
    events: u64,
    last_at: String,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(touch_rules_get, touch_rules_put))
        .routes(routes!(touch_rules_test))
        .routes(routes!(touch_unclassified))
}

fn table(t: TouchTable) -> Result<TouchRules, Problem> {
    let channel = |c: throughline_app::touch::ChannelName| Channel {
        key: c.key,
        label: ChannelLabel { en: c.en, zh: c.zh },
        online: c.online,
        paid: c.paid,
    };
    Ok(TouchRules {
        version: t.version,
        rules: recast(&t.rules, "rules")?,
        channels: t.channels.into_iter().map(channel).collect(),
        defaults: t.version == 0,
    })
}

/// The rules in force, and the channels they may name.
#[utoipa::path(get, path = "/api/touch/rules", tag = "touch", responses((status = 200, body = TouchRules)))]
async fn touch_rules_get(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<TouchRules>> {
    caller.need(Scope::Read)?;
    run(move || Ok(Json(table(app.touch_table()?)?))).await
}

/// Puts a rule table into force. Reports classify past touches anew.
#[utoipa::path(put, path = "/api/touch/rules", tag = "touch", request_body = TouchRulesPut,
    responses((status = 200, body = TouchRules), (status = 400, body = ProblemBody)))]
async fn touch_rules_put(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<Value>,
) -> ApiResult<Json<TouchRules>> {
    caller.need(Scope::Write)?;
    run(move || {
        let put: TouchRulesPut = body_as(body)?;
        let rules: Vec<throughline_domain::touch::TouchRule> = recast(&put.rules, "rules")?;
        Ok(Json(table(app.touch_rules_put(&caller, &rules)?)?))
    })
    .await
}

/// What the rules in force make of signatures or of an address.
#[utoipa::path(post, path = "/api/touch/rules/test", tag = "touch", request_body = TouchTestIn,
    responses((status = 200, body = [TouchTested]), (status = 400, body = ProblemBody)))]
async fn touch_rules_test(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Body(body): Body<Value>,
) -> ApiResult<Json<Vec<TouchTested>>> {
    caller.need(Scope::Read)?;
    run(move || {
        let test: TouchTestIn = body_as(body)?;
        let mut signatures: Vec<TouchSignature> =
            test.signatures.map_or(Ok(Vec::new()), |s| recast(&s, "signatures"))?;
        if let Some(url) = test.url.as_deref().filter(|u| !u.trim().is_empty()) {
            signatures.push(app.touch_signature(url, test.referrer.as_deref().unwrap_or_default())?);
        }
        if signatures.is_empty() {
            return Err(Problem::invalid("touch_test", "send `signatures`, or the `url` of a landing page"));
        }
        let some = |text: String| Some(text).filter(|t| !t.is_empty());
        let tested = app.touch_test(&signatures)?.into_iter().map(|t| match t.touch {
            Some(touch) => TouchTested {
                channel: touch.channel,
                campaign: some(touch.campaign),
                touchpoint: some(touch.touchpoint),
                kind: touch.kind.as_str().into(),
                rule_id: t.rule_id,
            },
            None => TouchTested {
                channel: String::new(),
                campaign: None,
                touchpoint: None,
                kind: if t.rule_id.is_some() { "ignored" } else { "none" }.into(),
                rule_id: t.rule_id,
            },
        });
        Ok(Json(tested.collect()))
    })
    .await
}

/// Signatures that no rule gives a channel, the most frequent first.
#[utoipa::path(get, path = "/api/touch/unclassified", tag = "touch", responses((status = 200, body = [Unclassified])))]
async fn touch_unclassified(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Vec<Unclassified>>> {
    caller.need(Scope::Read)?;
    run(move || {
        let veil = Veil::of(&caller);
        let found = app.touch_unclassified()?.into_iter().map(|u| {
            let mut signature = serde_json::to_value(&u.signature).unwrap_or_default();
            if let Some(fields) = signature.as_object_mut() {
                fields.retain(|_, v| v.as_str().is_none_or(|s| !s.is_empty()));
                for v in fields.values_mut() {
                    if let Value::String(s) = v {
                        *s = veil.text(s);
                    }
                }
            }
            Unclassified { signature, events: u.events, last_at: u.last_at.to_string() }
        });
        Ok(Json(found.collect()))
    })
    .await
}
