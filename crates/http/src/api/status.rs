//! What the installation does right now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use throughline_app::App;
use throughline_domain::team::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closed;
use crate::auth::Auth;
use crate::blocking::run;
use crate::extract::Query;
use crate::problem::{ApiResult, ProblemBody};

/// Rates and latency of the collect endpoints.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ingest {
    events_per_s_1m: f64,
    p99_ms: f64,
}

/// How far the demo's loading is.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoState {
    #[schema(schema_with = closed::demo_states)]
    state: String,
    done: u64,
    total: u64,
}

/// Jobs by state.
#[derive(Debug, Serialize, ToSchema)]
pub struct Jobs {
    ready: i64,
    leased: i64,
    dead: i64,
}

/// How far what follows the log (statistics, summaries of people) is, and whether it is stuck.
#[derive(Debug, Serialize, ToSchema)]
pub struct Follower {
    /// Age of the oldest event not followed yet, seconds.
    lag_s: i64,
    /// Seconds since nothing could be committed any more; 0 when it can.
    failing_s: i64,
    /// Events passed over since the start, because the store refused what follows from them.
    skipped: u64,
}

/// A stored definition that cannot be used; members stay as they were.
#[derive(Debug, Serialize, ToSchema)]
pub struct BrokenDefinition {
    /// Key, with the number of the version when it is not the one in force.
    key: String,
    /// Why.
    detail: String,
}

/// How the evaluation of audiences fares.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudienceState {
    /// Audiences that are kept current.
    active: i64,
    /// Versions that are being built.
    building: i64,
    /// Versions whose last attempt failed; they are tried again.
    failed: i64,
    /// Definitions that cannot be used.
    broken: Vec<BrokenDefinition>,
    /// People still to be looked at.
    marked: i64,
    /// People with an instant at which something changes by the passing of time.
    armed: i64,
    /// Seconds that the earliest such instant is overdue; 0 when none is.
    overdue_s: i64,
}

/// The state of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// Events recorded, hot and sealed.
    events: i64,
    /// People with more than devices.
    people: i64,
    anonymous_people: i64,
    /// Open quarantined events.
    quarantined: i64,
    sealed_events: i64,
    hot_events: i64,
    sources: i64,
    /// Open items of the identity review.
    reviews: i64,
    version: String,
    #[schema(schema_with = closed::databases)]
    database: String,
    uptime_s: i64,
    seal_lag_s: i64,
    follower: Follower,
    audiences: AudienceState,
    ingest: Ingest,
    demo: Option<DemoState>,
    jobs: Jobs,
    /// Prediction models that people have drifted away from; see `/api/predictions`.
    drifting_models: i64,
}

/// Events of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayCount {
    day: String,
    events: i64,
    quarantined: i64,
}

/// A source on the overview.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchpointCount {
    source_id: String,
    name: String,
    kind: String,
    events: i64,
    people: i64,
    last_at: Option<String>,
}

/// A channel by what it brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopChannel {
    key: String,
    label: String,
    revenue_minor: i64,
    conversions: f64,
}

/// Something to look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attention {
    #[schema(schema_with = closed::attention_codes)]
    code: String,
    count: i64,
    /// Path of the console where it is settled.
    link: String,
}

/// Figures of the period before.
#[derive(Debug, Serialize, ToSchema)]
pub struct Compare {
    revenue_minor: i64,
    orders: i64,
    buyers: i64,
    new_people: i64,
}

/// The first page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    revenue_minor: i64,
    currency: String,
    orders: i64,
    buyers: i64,
    new_people: i64,
    merged_people: i64,
    events_per_day: Vec<DayCount>,
    touchpoints: Vec<TouchpointCount>,
    top_channels: Vec<TopChannel>,
    attention: Vec<Attention>,
    compare: Compare,
}

/// The period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OverviewQuery {
    /// Days back from now, 1 to 730; 30 when absent.
    days: Option<u32>,
    /// Language of labels: `en` or `zh-CN`.
    locale: Option<String>,
}

/// Routes of this file.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(status_get)).routes(routes!(overview_get))
}

/// Counts, rates and lag.
#[utoipa::path(get, path = "/api/status", tag = "status",
    responses((status = 200, body = Status), (status = 401, body = ProblemBody)))]
async fn status_get(State(app): State<Arc<App>>, Auth(caller): Auth) -> ApiResult<Json<Status>> {
    caller.need(Scope::Read)?;
    run(move || {
        let s = app.status()?;
        let a = app.audience_health()?;
        Ok(Json(Status {
            events: s.events,
            people: s.people,
            anonymous_people: s.anonymous_people,
            quarantined: s.quarantined,
            sealed_events: s.sealed_events,
            hot_events: s.hot_events,
            sources: s.sources,
            reviews: s.reviews,
            version: s.version.into(),
            database: s.database.into(),
            uptime_s: s.uptime_s,
            seal_lag_s: s.seal_lag_s,
            follower: Follower {
                lag_s: s.follower.lag_s,
                failing_s: s.follower.failing_s,
                skipped: s.follower.skipped,
            },
            audiences: AudienceState {
                active: a.active,
                building: a.building,
                failed: a.failed,
                broken: a.broken.into_iter().map(|b| BrokenDefinition { key: b.key, detail: b.detail }).collect(),
                marked: a.marked,
                armed: a.armed,
                overdue_s: a.overdue_s,
            },
            ingest: Ingest { events_per_s_1m: s.events_per_s_1m, p99_ms: s.p99_ms },
            demo: s.demo.then(|| {
                let (done, total) = app.demo_progress();
                let state = if total > 0 && done >= total { "ready" } else { "loading" };
                DemoState { state: state.into(), done, total }
            }),
            jobs: Jobs { ready: s.jobs.ready, leased: s.jobs.leased, dead: s.jobs.dead },
            drifting_models: s.drifting_models,
        }))
    })
    .await
}

/// The figures of the first page.
#[utoipa::path(get, path = "/api/overview", tag = "status", params(OverviewQuery),
    responses((status = 200, body = Overview), (status = 401, body = ProblemBody)))]
async fn overview_get(
    State(app): State<Arc<App>>,
    Auth(caller): Auth,
    Query(q): Query<OverviewQuery>,
) -> ApiResult<Json<Overview>> {
    caller.need(Scope::Read)?;
    run(move || {
        let o = app.overview(q.days.unwrap_or(30).clamp(1, 730), q.locale.as_deref().unwrap_or("en"))?;
        Ok(Json(Overview {
            revenue_minor: o.now.revenue_minor,
            currency: o.currency,
            orders: o.now.orders,
            buyers: o.now.buyers,
            new_people: o.now.new_people,
            merged_people: o.merged_people,
            events_per_day: o.days.into_iter().map(|d| DayCount { day: d.0, events: d.1, quarantined: d.2 }).collect(),
            touchpoints: o
                .touchpoints
                .into_iter()
                .map(|v| TouchpointCount {
                    source_id: v.source.id.to_string(),
                    name: v.source.name.to_string(),
                    kind: v.source.kind.clone(),
                    events: v.counts.events,
                    people: v.counts.people,
                    last_at: v.counts.last_at.map(|t| t.to_string()),
                })
                .collect(),
            top_channels: o
                .top_channels
                .into_iter()
                .map(|c| TopChannel { key: c.0, label: c.1, revenue_minor: c.2, conversions: c.3 })
                .collect(),
            attention: o
                .attention
                .into_iter()
                .map(|(code, count, link)| Attention { code: code.into(), count, link: link.into() })
                .collect(),
            compare: Compare {
                revenue_minor: o.before.revenue_minor,
                orders: o.before.orders,
                buyers: o.before.buyers,
                new_people: o.before.new_people,
            },
        }))
    })
    .await
}
