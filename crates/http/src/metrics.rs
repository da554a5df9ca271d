//! Health and Prometheus metrics.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use throughline_app::App;
use throughline_app::meter::{BUCKETS_US, Histogram};

use throughline_domain::team::Scope;

use crate::auth::{Auth, Peer, bearer, same};
use crate::blocking;
use crate::problem::ApiResult;

/// The process lives.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The engines answer and events can be recorded.
pub async fn readyz(State(app): State<Arc<App>>) -> ApiResult<&'static str> {
    blocking::run(move || app.ready()).await?;
    Ok("ready\n")
}

/// Prometheus text format 0.0.4. No personal data and no labels of unbounded value; but how many customers there are is
/// nobody's business, so it is for this machine, for whoever has the token, and for API keys that may read.
pub async fn metrics(State(app): State<Arc<App>>, peer: Peer, request: Request) -> ApiResult<Response> {
    let (mut parts, _) = request.into_parts();
    if !is_near(&app, peer, &parts.headers) && !has_token(&app, &parts.headers) {
        Auth::from_request_parts(&mut parts, &app).await?.0.need(Scope::Read)?;
    }
    let text = blocking::run(move || {
        let mut t = String::with_capacity(4_096);
        let m = &app.meter;
        counter(&mut t, "throughline_requests_total", "requests to the collect endpoints", &m.requests);
        head(&mut t, "throughline_events_total", "events by verdict", "counter");
        for (verdict, c) in [
            ("accepted", &m.accepted),
            ("corrected", &m.corrected),
            ("duplicate", &m.duplicates),
            ("quarantined", &m.quarantined),
            ("rejected", &m.rejected),
        ] {
            line(
                &mut t,
                &format!("throughline_events_total{{verdict=\"{verdict}\"}}"),
                c.load(Ordering::Relaxed) as f64,
            );
        }
        counter(&mut t, "throughline_busy_total", "requests told to come back later", &m.busy);
        counter(&mut t, "throughline_commits_total", "commits of the writer", &m.commits);
        counter(&mut t, "throughline_sealed_events_total", "events sealed into the history", &m.sealed);
        histogram(&mut t, "throughline_ingest_seconds", "time from request read to answer", &m.ingest);
        histogram(&mut t, "throughline_commit_seconds", "time of the writer's transactions", &m.commit);
        gauge(&mut t, "throughline_pending_events", "events that wait to be written", app.collector.pending() as f64);
        let s = app.status()?;
        for (name, help, value) in [
            ("throughline_people", "people with more than devices", s.people as f64),
            ("throughline_quarantine_open", "events that wait to be mended", s.quarantined as f64),
            ("throughline_hot_events", "events not sealed yet", s.hot_events as f64),
            ("throughline_uptime_seconds", "time since start", s.uptime_s as f64),
            ("throughline_seal_lag_seconds", "age of the oldest event not sealed", s.seal_lag_s as f64),
            ("throughline_follower_lag_seconds", "age of the oldest event not followed yet", s.follower.lag_s as f64),
            (
                "throughline_follower_failing_seconds",
                "since when the follower of the log could not commit",
                s.follower.failing_s as f64,
            ),
        ] {
            gauge(&mut t, name, help, value);
        }
        head(&mut t, "throughline_follower_skipped_total", "events recorded but counted nowhere", "counter");
        line(&mut t, "throughline_follower_skipped_total", s.follower.skipped as f64);
        let a = app.audience_health()?;
        for (name, help, value) in [
            ("throughline_audiences", "audiences that are kept current", a.active as f64),
            ("throughline_audiences_building", "versions that are being built", a.building as f64),
            ("throughline_audiences_failed", "versions whose last attempt to build failed", a.failed as f64),
            ("throughline_audiences_broken", "stored definitions that cannot be used", a.broken.len() as f64),
            ("throughline_audience_marked_people", "people still to be looked at", a.marked as f64),
            ("throughline_audience_armed_people", "people who change by the passing of time", a.armed as f64),
            ("throughline_audience_overdue_seconds", "that the earliest of these is overdue", a.overdue_s as f64),
        ] {
            gauge(&mut t, name, help, value);
        }
        let of = &app.audiences;
        counter(&mut t, "throughline_audience_changes_total", "people who came to audiences or went", &of.changes);
        counter(&mut t, "throughline_audience_builds_failed_total", "attempts to build that failed", &of.failed_builds);
        head(&mut t, "throughline_jobs", "jobs by state", "gauge");
        for (state, n) in [("ready", s.jobs.ready), ("leased", s.jobs.leased), ("dead", s.jobs.dead)] {
            line(&mut t, &format!("throughline_jobs{{state=\"{state}\"}}"), n as f64);
        }
        Ok(t)
    })
    .await?;
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// Whether the request comes from this machine itself: not through a proxy, which runs here as well.
fn is_near(app: &App, peer: Peer, headers: &HeaderMap) -> bool {
    let s = &app.settings;
    let is_proxied = s.trust_proxy
        || !s.public_url.is_empty()
        || [header::FORWARDED, header::VIA].iter().any(|name| headers.contains_key(name))
        || ["x-forwarded-for", "x-real-ip"].iter().any(|name| headers.contains_key(*name));
    !is_proxied && peer.0.is_some_and(|p| p.ip().to_canonical().is_loopback())
}

fn has_token(app: &App, headers: &HeaderMap) -> bool {
    let token = &app.settings.metrics_token;
    !token.is_empty() && bearer(headers).is_some_and(|given| same(token, &given))
}

fn head(t: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(t, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(t: &mut String, name: &str, value: f64) {
    let _ = writeln!(t, "{name} {value}");
}

fn counter(t: &mut String, name: &str, help: &str, c: &AtomicU64) {
    head(t, name, help, "counter");
    line(t, name, c.load(Ordering::Relaxed) as f64);
}

fn gauge(t: &mut String, name: &str, help: &str, value: f64) {
    head(t, name, help, "gauge");
    line(t, name, value);
}

fn histogram(t: &mut String, name: &str, help: &str, h: &Histogram) {
    head(t, name, help, "histogram");
    let (counts, sum_us) = h.snapshot();
    let mut total = 0;
    for (bound, n) in BUCKETS_US.iter().zip(counts) {
        total += n;
        line(t, &format!("{name}_bucket{{le=\"{}\"}}", *bound as f64 / 1e6), total as f64);
    }
    total += counts[BUCKETS_US.len()];
    line(t, &format!("{name}_bucket{{le=\"+Inf\"}}"), total as f64);
    line(t, &format!("{name}_sum"), sum_us as f64 / 1e6);
    line(t, &format!("{name}_count"), total as f64);
}
