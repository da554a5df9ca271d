//! Audiences: what they cost ingest, how soon somebody is in, how late timers are, and a full evaluation of the history
//! beside DuckDB on the same files.

use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use throughline_app::audience::AudienceNew;
use throughline_app::team::Caller;
use throughline_app::{App, Settings};
use throughline_base::time::DAY_MS;
use throughline_base::{PersonId, Problem, SystemClock, Timestamp};
use throughline_domain::audience::rule::Definition;
use throughline_store::{Db, DbOptions, audience as rows};

use crate::ingest::fetch;
use crate::load::{BATCH, Load, body};
use crate::machine::{best, cpu_seconds, quantile, resident_mb};
use crate::server::{API_KEY, Server};
use crate::table::Aim;
use crate::{Bench, broken, generate};

/// Audiences in force while events come in.
const AUDIENCES: usize = 200;
/// Flips that are waited for.
const FLIPS: usize = 200;
/// People whose window slides past while a million others are armed.
const TIMED: usize = 3_000;
/// Over which time theirs do, ms.
const TIMED_SPAN_MS: i64 = 20_000;
const RUNS: usize = 3;

/// The `i`th of many audiences: seven kinds with different parameters, as shops have them.
fn rule(i: usize) -> Value {
    let days = format!("{}d", 1 + i % 90);
    let n = (1 + i % 5) as f64;
    match i % 7 {
        0 => json!({"did": {"event": "Order Completed", "window": {"last": days}, "test": {"gte": n}}}),
        1 => {
            json!({"did": {"event": "Order Completed", "measure": {"sum": "value"}, "window": {"last": days}, "test": {"gte": 100.0 * n}}})
        }
        2 => json!({"all": [{"did": {"event": "Order Completed"}},
            {"none": [{"did": {"event": "Order Completed", "window": {"last": days}}}]}]}),
        3 => json!({"did": {"event": "Product Viewed", "window": {"last": days}, "test": {"gte": 2.0 * n}}}),
        4 => json!({"sequence": {"steps": [{"event": "Product Added"},
            {"event": "Order Completed", "within": "1d", "absent": true}], "window": {"last": days}}}),
        5 => {
            json!({"all": [{"stage": ["customer", "repeat"]}, {"did": {"event": "$page", "window": {"last": days}, "test": {"gte": n}}}]})
        }
        _ => {
            json!({"all": [{"identifier": {"namespace": "phone"}}, {"did": {"event": "*", "window": {"last": days}}}]})
        }
    }
}

impl Bench {
    pub(crate) fn audiences(&mut self) -> Result<(), Problem> {
        let load = Load::demo(self.events)?;
        let events = load.bodies.len() * BATCH;
        self.table.part("audiences", &format!("{events} events, {AUDIENCES} audiences"));
        let plain = self.taken_in(&load, 0)?;
        let with = self.taken_in(&load, AUDIENCES)?;
        self.table.figure("taken in without audiences", plain, "events/s");
        self.table.aimed("with audiences, of that", with / plain, "", Aim::AtLeast(0.7));
        self.timers()?;
        self.full()
    }

    /// Sends the load and waits until everything has followed; answers events a second.
    fn taken_in(&mut self, load: &Load, audiences: usize) -> Result<f64, Problem> {
        let server = Server::start(&self.dir.join(format!("audiences-{audiences}")))?;
        for i in 0..audiences {
            create(&server, &format!("a{i}"), &rule(i))?;
        }
        server.settle(Duration::from_secs(60));
        let cpu = cpu_seconds(Some(server.pid));
        let started = Instant::now();
        self.send(&server, &load.bodies, None)?;
        until(&server, "the log is followed", Duration::from_secs(600), |s| {
            s["follower"]["lag_s"] == 0 && s["audiences"]["marked"] == 0
        })?;
        let events = (load.bodies.len() * BATCH) as f64;
        let rate = events / started.elapsed().as_secs_f64();
        let used = cpu_seconds(Some(server.pid)) - cpu;
        let name = format!("of a processor second, {audiences} audiences");
        self.table.figure(&name, events / used, "events");
        if audiences > 0 {
            self.flips(&server)?;
            let (resident, _) = resident_mb(Some(server.pid));
            self.table.figure("resident memory with audiences", resident, "MB");
        }
        let data = server.stop()?;
        if audiences > 0 {
            self.states(&data)?;
        }
        Ok(rate)
    }

    /// How long after the answer to an event its person is in an audience.
    fn flips(&mut self, server: &Server) -> Result<(), Problem> {
        create(server, "flip", &json!({"did": {"event": "Flipped"}}))?;
        until(server, "the audience is built", Duration::from_secs(300), |s| s["audiences"]["building"] == 0)?;
        let mut times = Vec::with_capacity(FLIPS);
        for i in 0..FLIPS {
            let mut some: Vec<Value> = vec![
                json!({ "type": "track", "event": "Flipped", "userId": format!("flip-{i}"), "messageId": format!("flip-{i}") }),
            ];
            some.extend((1..BATCH).map(|n| {
                json!({ "type": "track", "event": "Noise", "userId": format!("noise-{n}"), "messageId": format!("noise-{i}-{n}") })
            }));
            self.send(server, &[body(some)], None)?;
            let committed = Instant::now();
            let person = fetch(server, &format!("/api/people/by-identifier/user_id/flip-{i}"))?;
            let path = format!("/api/people/{}/audiences", person["id"].as_str().unwrap_or_default());
            while !fetch(server, &path)?.as_array().is_some_and(|all| all.iter().any(|a| a["key"] == "flip")) {
                if committed.elapsed() > Duration::from_secs(30) {
                    return Err(broken("somebody is not in an audience after half a minute"));
                }
                thread::sleep(Duration::from_millis(5));
            }
            times.push(committed.elapsed().as_secs_f64() * 1e3);
        }
        self.table.figure("from commit to member, p50", quantile(&mut times, 0.5), "ms");
        self.table.aimed("from commit to member, p99", quantile(&mut times, 0.99), "ms", Aim::AtMost(1_000.0));
        Ok(())
    }

    /// What is kept of behaviour, by person and condition.
    fn states(&mut self, data: &std::path::Path) -> Result<(), Problem> {
        let db = Db::open(&Settings::new(data).database_url(), &DbOptions::default())?;
        let (people, bytes) = db.read(throughline_store::audience::behaviour_size)?;
        db.close()?;
        let people = people.max(1) as f64;
        self.table.figure("kept of behaviour, a person", bytes as f64 / people, "bytes");
        let name = format!("of {AUDIENCES} conditions, a person and condition");
        self.table.figure(&name, bytes as f64 / people / AUDIENCES as f64, "bytes");
        Ok(())
    }

    /// How late people leave whose window slides past while many others are armed.
    fn timers(&mut self) -> Result<(), Problem> {
        let app = App::open(Settings::new(self.dir.join("timers")), Arc::new(SystemClock))?;
        let caller = Caller::cli();
        let source = app.source_ensure(&caller, "Server", "server")?;
        app.audience_create(&caller, &new("month", &json!({"did": {"event": "Visited", "window": {"last": "30d"}}}))?)?;
        app.audience_build_all()?;
        let begins = app.now().ms() + 8_000;
        for first in (0..TIMED).step_by(500) {
            let raws = (first..(first + 500).min(TIMED))
                .map(|i| {
                    let due = begins + TIMED_SPAN_MS * i as i64 / TIMED as i64;
                    let at = Timestamp::from_ms(due - 30 * DAY_MS);
                    serde_json::from_value(json!({ "kind": "track", "name": "Visited", "user_id": format!("t{i}"),
                        "message_id": format!("t{i}"), "timestamp": at.to_string() }))
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|e| broken(format!("an event cannot be made: {e}")))?;
            app.collect_wait(app.collect_raw(&source, raws, app.now()))?;
        }
        app.react_all()?;
        let inside = app.audience("month")?.item.live.map_or(0, |v| v.size);
        if inside != TIMED as i64 {
            return Err(broken(format!("{inside} of {TIMED} people are in the audience")));
        }
        let db = Db::open(&app.settings.database_url(), &DbOptions::default())?;
        let far = Timestamp::from_ms(begins + DAY_MS);
        for first in (0..self.people as u64).step_by(20_000) {
            let some: Vec<(PersonId, Option<Timestamp>)> = (first..(first + 20_000).min(self.people as u64))
                .map(|n| (PersonId::new(generate::person(n)), Some(far)))
                .collect();
            db.write(|tx| rows::due_put(tx, &some))?;
        }
        let armed = db.read(rows::due_count)?;
        if app.now().ms() > begins {
            // Arming took longer than thought: whoever was due meanwhile is not late.
            app.audience_timers_all()?;
        }
        app.audiences.latest_timer_ms.store(0, std::sync::atomic::Ordering::Relaxed);
        app.start();
        let until = begins + TIMED_SPAN_MS + 2_000;
        thread::sleep(Duration::from_millis(u64::try_from(until - app.now().ms()).unwrap_or(0)));
        let late = app.audiences.latest_timer_ms.load(std::sync::atomic::Ordering::Relaxed);
        let left = app.audience("month")?.item.live.map_or(0, |v| v.size);
        app.close();
        db.close()?;
        if left != 0 {
            return Err(broken(format!("{left} people are still in an audience whose window has slid past")));
        }
        self.table.figure("armed", armed as f64, "people");
        self.table.aimed("latest of the timers that went off", late as f64, "ms", Aim::AtMost(1_000.0));
        Ok(())
    }

    /// A behavioural audience over the whole history, and the same question asked of DuckDB.
    fn full(&mut self) -> Result<(), Problem> {
        let size = generate::Size::of(self.history_events * 2);
        let app = App::open(Settings::new(self.dir.join("full")), Arc::new(SystemClock))?;
        generate::history(&app, size)?;
        let from = generate::END_MS - 180 * DAY_MS;
        let day = |ms: i64| Timestamp::from_ms(ms).to_string();
        let rule = json!({"all": [
            {"did": {"event": "Order Completed", "window": {"between": [day(from), day(generate::END_MS)]}, "test": {"gte": 2.0}}},
            {"did": {"event": "Order Completed", "window": {"between": [day(from), day(generate::END_MS)]},
                "measure": {"sum": "value"}, "test": {"gte": 500.0}}}]});
        let definition: Definition = new("full", &rule)?.definition;
        let mut found = 0;
        let took = best(RUNS, || -> Result<(), Problem> {
            found = app.audience_find(&definition)?.len();
            Ok(())
        })?;
        self.table.figure("history evaluated as a whole", size.events as f64, "events");
        self.table.aimed("full evaluation", took.wall, "s", Aim::AtMost(2.0));
        self.table.figure("processor time of it", took.cpu, "s");
        match duckdb(&app.lake_path(), from) {
            Ok(Some((count, wall, cpu))) if count == found as u64 => {
                self.table.beside("the same question asked of DuckDB", wall, "s", wall / took.wall);
                self.table.figure("processor time of it", cpu, "s");
            }
            Ok(Some((count, _, _))) => {
                return Err(broken(format!("DuckDB finds {count} people, the evaluation {found}")));
            }
            Ok(None) => self.table.note("DuckDB: skipped, the Python package duckdb is not installed"),
            Err(e) => return Err(e),
        }
        app.close();
        Ok(())
    }
}

fn new(key: &str, rule: &Value) -> Result<AudienceNew, Problem> {
    let definition = serde_json::from_value(json!({ "zone": "Asia/Shanghai", "rule": rule }))
        .map_err(|e| broken(format!("a definition cannot be read: {e}")))?;
    Ok(AudienceNew { key: key.into(), name: String::new(), description: String::new(), definition, announce: false })
}

fn create(server: &Server, key: &str, rule: &Value) -> Result<(), Problem> {
    let body = json!({ "key": key, "definition": { "zone": "Asia/Shanghai", "rule": rule } }).to_string();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent
        .post(format!("{}/api/audiences", server.url))
        .header("authorization", format!("Bearer {API_KEY}"))
        .header("content-type", "application/json");
    let mut answer = request.send(body).map_err(|e| broken(format!("the server does not answer: {e}")))?;
    if answer.status().as_u16() == 201 {
        return Ok(());
    }
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    Err(broken(format!("the audience {key} cannot be made: {text}")))
}

/// Asks for the status until it is as wanted.
fn until(server: &Server, what: &str, at_most: Duration, wanted: impl Fn(&Value) -> bool) -> Result<(), Problem> {
    let started = Instant::now();
    loop {
        let status = fetch(server, "/api/status")?;
        if wanted(&status) {
            return Ok(());
        }
        if started.elapsed() > at_most {
            return Err(broken(format!("not even after {} s: {what}: {status}", at_most.as_secs())));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// People found, wall and processor seconds, the quickest of some runs; `None` without Python or the package.
fn duckdb(lake: &str, from: i64) -> Result<Option<(u64, f64, f64)>, Problem> {
    const SCRIPT: &str = include_str!("audience_duckdb.py");
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".into());
    let (start, end, runs) = (from.to_string(), generate::END_MS.to_string(), RUNS.to_string());
    let Ok(out) = Command::new(python).args(["-c", SCRIPT, lake, &start, &end, &runs]).output() else {
        return Ok(None);
    };
    if out.status.code() == Some(3) {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&out.stdout);
    serde_json::from_str::<(u64, f64, f64)>(text.trim())
        .map(Some)
        .map_err(|_| broken(format!("DuckDB cannot be asked: {}", String::from_utf8_lossy(&out.stderr))))
}
