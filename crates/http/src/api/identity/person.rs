//! One person: why it is one, what to take apart, whom to join it with, whom to keep it away from.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_app::identity::explain::{Link, Named, PersonExplain, Relation};
use throughline_app::identity::unmerge::UnmergeAsk;
use throughline_base::{PersonId, Problem};
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::person::IdentifierRef;
use crate::api::veil::Veil;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::{Body, Path, Query};
use crate::problem::{ApiResult, ProblemBody};
use crate::wording::Wording;

/// A row of the evidence log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evidence {
    /// Its number, as text: it is larger than what JavaScript's numbers hold exactly.
    seq: String,
    at: String,
    /// `assert`, `bind`, `alias`, `takeover`, `follow`, `must_link`, `match`, `rename` …
    kind: String,
    event_id: Option<String>,
    source_name: Option<String>,
    /// Version of the rules it was decided by.
    rule_version: u32,
    note: Option<String>,
    /// The note as codes and values, to say it in another language; empty when somebody wrote it.
    wording: Vec<Wording>,
    /// Who said it, when it was no event.
    actor: Option<String>,
}

/// A link between two identifiers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainEdge {
    a: IdentifierRef,
    b: IdentifierRef,
    /// Newest first, at most 20.
    evidence: Vec<Evidence>,
}

/// A claim that was kept out of linking.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainRefused {
    at: String,
    a: IdentifierRef,
    b: IdentifierRef,
    reason: String,
    /// The reason as codes and values, to say it in another language.
    wording: Vec<Wording>,
}

/// A span of a shared device, and whose events it has.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainSlice {
    identifier: IdentifierRef,
    from_at: String,
    to_at: Option<String>,
    person_id: String,
}

/// Two persons that became one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainMerge {
    at: String,
    kept: String,
    absorbed: String,
    /// An event, who decided it and why, or a version of the rules.
    cause: String,
    /// The cause as codes and values, to say it in another language; empty when it is an event or somebody.
    wording: Vec<Wording>,
}

/// Why this is one person; with `other`, why that one is or is not the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explain {
    edges: Vec<ExplainEdge>,
    refused: Vec<ExplainRefused>,
    slices: Vec<ExplainSlice>,
    merges: Vec<ExplainMerge>,
    /// Whether the other one is the same person. Absent when no other was asked for; so are `reason` and `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The shortest chain of links between the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Vec<ExplainEdge>>,
}

/// What to take apart.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UnmergeIn {
    /// Identifiers that leave, with whatever hangs on them alone.
    #[serde(default)]
    identifiers: Vec<IdentifierRef>,
    /// Numbers of rows of evidence that shall not count any more.
    #[serde(default)]
    evidence: Vec<String>,
    /// Keep the parts apart from now on. True when left out.
    #[serde(default = "yes")]
    #[schema(default = true)]
    block_future: bool,
    /// Always true: evidence and audit are append-only.
    #[serde(default = "yes")]
    #[schema(default = true)]
    keep_audit: bool,
    /// Why, for the log.
    #[serde(default)]
    note: String,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: Option<bool>,
}

const fn yes() -> bool {
    true
}

/// What became, or with `dry_run` would become, of the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unmerged {
    /// Who is there now; the part that stays comes first.
    persons: Vec<String>,
    /// Events that leave with the other parts.
    events_moved: i64,
    /// What else leaves with them: `events`, `orders`, `traits`, `consents`, `tags`.
    affected: BTreeMap<String, i64>,
}

/// Another person, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OtherPerson {
    /// Its id, present or former.
    other: String,
    /// Why, for the log.
    #[serde(default)]
    note: String,
}

/// Who the two are now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merged {
    person_id: String,
}

/// Whom to compare with.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExplainQuery {
    /// A person's id, present or former.
    other: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(person_explain))
        .routes(routes!(person_unmerge))
        .routes(routes!(person_merge))
        .routes(routes!(person_cannot_link))
}

fn person_id(text: &str) -> Result<PersonId, Problem> {
    text.trim().parse().map_err(|e| Problem::invalid("person_id", format!("`other` is {e}")))
}

fn explained(app: &App, found: PersonExplain, veil: Veil) -> Explain {
    let name = |n: &Named| veil.identifier(&n.0, &n.1);
    let links = |all: Vec<Link>| all.into_iter().map(|l| edge(app, l, veil)).collect::<Vec<_>>();
    let (same, reason, path) = match found.relation {
        Some(Relation { same, reason, path }) => (Some(same), Some(veil.text(&reason)), Some(links(path))),
        None => (None, None, None),
    };
    Explain {
        edges: links(found.links),
        refused: found
            .refused
            .into_iter()
            .map(|r| ExplainRefused {
                at: r.at.to_string(),
                a: name(&r.a),
                b: name(&r.b),
                wording: veil.wording(&r.reason),
                reason: veil.text(&r.reason),
            })
            .collect(),
        slices: found
            .spans
            .into_iter()
            .map(|s| ExplainSlice {
                identifier: name(&s.device),
                from_at: s.from_at.to_string(),
                to_at: s.to_at.map(|t| t.to_string()),
                person_id: s.person.to_string(),
            })
            .collect(),
        merges: found
            .merges
            .into_iter()
            .map(|m| ExplainMerge {
                at: m.at.to_string(),
                kept: m.kept.to_string(),
                absorbed: m.absorbed.to_string(),
                wording: veil.wording(&m.cause),
                cause: veil.text(&m.cause),
            })
            .collect(),
        same,
        reason,
        path,
    }
}

fn edge(app: &App, link: Link, veil: Veil) -> ExplainEdge {
    let text = |t: String| Some(t).filter(|t| !t.is_empty());
    let evidence = link.evidence.into_iter().map(|e| Evidence {
        seq: e.row.seq.to_string(),
        at: e.row.at.to_string(),
        kind: e.row.kind.as_str().into(),
        event_id: e.row.source_event.map(|id| id.to_string()),
        source_name: e.source.and_then(|s| text(app.registry.source_name(s))),
        rule_version: e.row.rule_version,
        wording: if e.row.actor.is_none() { veil.wording(&e.row.note) } else { Vec::new() },
        note: text(veil.text(&e.row.note)),
        actor: e.row.actor,
    });
    ExplainEdge {
        evidence: evidence.collect(),
        a: veil.identifier(&link.a.0, &link.a.1),
        b: veil.identifier(&link.b.0, &link.b.1),
    }
}

/// Why is this one person? With `other`: why is that one the same, or why not?
#[utoipa::path(get, path = "/api/people/{id}/explain", tag = "identity", params(("id" = String, Path), ExplainQuery),
    responses((status = 200, body = Explain), (status = 404, body = ProblemBody)))]
async fn person_explain(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Query(q): Query<ExplainQuery>,
) -> ApiResult<Json<Explain>> {
    caller.need(Scope::Read)?;
    let other = q.other.as_deref().filter(|t| !t.is_empty()).map(person_id).transpose()?;
    run(move || {
        let found = app.person_explain(id, other)?;
        Ok(Json(explained(&app, found, Veil::of(&caller))))
    })
    .await
}

/// Takes a person apart: each side gets its own events, traits, consents and orders back.
#[utoipa::path(post, path = "/api/people/{id}/unmerge", tag = "identity", params(("id" = String, Path)),
    request_body = UnmergeIn, responses((status = 200, body = Unmerged), (status = 400, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
async fn person_unmerge(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<UnmergeIn>,
) -> ApiResult<Json<Unmerged>> {
    caller.need(Scope::Write)?;
    if !body.keep_audit {
        let text = "evidence and audit are append-only: leave keep_audit out, or send true";
        return Err(Problem::invalid("keep_audit", text).into());
    }
    let number = |t: &String| {
        let text = || format!("`{t}` is no number of evidence; explain lists them as `seq`");
        t.trim().parse::<i64>().map_err(|_| Problem::invalid("evidence", text()))
    };
    let ask = UnmergeAsk {
        evidence: body.evidence.iter().map(number).collect::<Result<_, _>>()?,
        identifiers: body.identifiers.into_iter().map(|i| (i.namespace, i.value)).collect(),
        block_future: body.block_future,
        note: body.note.trim().to_owned(),
        dry_run: body.dry_run.unwrap_or_default(),
    };
    run(move || {
        let done = app.person_unmerge(&caller, id, &ask)?;
        Ok(Json(Unmerged {
            persons: done.persons.iter().map(ToString::to_string).collect(),
            events_moved: done.events_moved,
            affected: done.affected.into_iter().map(|(what, n)| (what.to_owned(), n)).collect(),
        }))
    })
    .await
}

/// Makes one person of two, whatever the limits say.
#[utoipa::path(post, path = "/api/people/{id}/merge", tag = "identity", params(("id" = String, Path)),
    request_body = OtherPerson, responses((status = 200, body = Merged), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody)))]
async fn person_merge(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<OtherPerson>,
) -> ApiResult<Json<Merged>> {
    caller.need(Scope::Write)?;
    let other = person_id(&body.other)?;
    run(move || {
        let kept = app.person_merge(&caller, id, other, body.note.trim())?;
        Ok(Json(Merged { person_id: kept.to_string() }))
    })
    .await
}

/// Keeps two people apart for ever; if they are one by a former id, parts them.
#[utoipa::path(post, path = "/api/people/{id}/cannot-link", tag = "identity", params(("id" = String, Path)),
    request_body = OtherPerson, responses((status = 204), (status = 404, body = ProblemBody)))]
async fn person_cannot_link(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Path(id): Path<PersonId>,
    Body(body): Body<OtherPerson>,
) -> ApiResult<StatusCode> {
    caller.need(Scope::Write)?;
    let other = person_id(&body.other)?;
    run(move || app.person_cannot_link(&caller, id, other, body.note.trim())).await?;
    Ok(StatusCode::NO_CONTENT)
}
