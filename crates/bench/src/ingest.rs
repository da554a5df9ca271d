//! Durable ingest: requests of a hundred events over HTTP, acknowledged after the commit, beside what the same bytes cost
//! a program that only parses them and one that also inserts them into a plain table.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use throughline_base::Problem;
use throughline_domain::event::raw::RawEvent;
use throughline_domain::event::wire::{Limits, decode};
use throughline_store::yardstick::{Plain, PlainRow};

use crate::load::{BATCH, Load, wire};
use crate::machine::{cpu_seconds, quantile, resident_mb, timed};
use crate::server::{API_KEY, Server, WRITE_KEY};
use crate::table::Aim;
use crate::{Bench, broken};

/// Part of the load that is sent as fast as it goes; the rest comes at half that rate.
const FAST_PART: f64 = 0.6;
/// Reads a second while events come in.
const READS_PER_SECOND: f64 = 100.0;

impl Bench {
    pub(crate) fn ingest(&mut self) -> Result<(), Problem> {
        let load = Load::demo(self.events)?;
        let what = format!(
            "{} events in {} requests, {:.0} MB, {} connections",
            load.bodies.len() * BATCH,
            load.bodies.len(),
            load.bytes() as f64 / 1e6,
            self.connections
        );
        self.table.part("ingest", &what);
        let fast = ((load.bodies.len() as f64 * FAST_PART) as usize).max(1);
        let plain = self.yardsticks(&load.bodies[..fast])?;
        let server = Server::start(&self.dir.join("server"))?;
        let rate = self.fast(&server, &load, fast, plain)?;
        self.half_load(&server, &load, fast, rate)?;
        server.settle(Duration::from_secs(60));
        let (now, most) = resident_mb(Some(server.pid));
        self.table.figure("resident memory, now", now, "MB");
        self.table.figure("resident memory, highest", most, "MB");
        let data = server.stop()?;
        self.identity(&data)?;
        self.sealing(&data)
    }

    /// Parse only, and parse and plain insert. Answers the second rate.
    fn yardsticks(&mut self, bodies: &[Vec<u8>]) -> Result<f64, Problem> {
        let events = (bodies.len() * BATCH) as f64;
        let (parsed, took) = timed(|| bodies.iter().map(|b| parse(b).map(|e| e.len())).sum::<Result<usize, _>>());
        if parsed? as f64 != events {
            return Err(broken("not every event of the load can be parsed"));
        }
        self.table.figure("parse only, one thread", events / took.wall, "events/s");
        let mut rates = Vec::new();
        for group in [1, 20] {
            let file = self.dir.join(format!("plain-{group}.db"));
            let mut plain = Plain::create(&file)?;
            let (done, took) = timed(|| -> Result<(), Problem> {
                for some in bodies.chunks(group) {
                    let mut rows = Vec::with_capacity(group * BATCH);
                    for body in some {
                        rows.extend(parse(body)?.iter().map(plain_row));
                    }
                    plain.insert(&rows)?;
                }
                Ok(())
            });
            done?;
            if plain.count()? as f64 != events {
                return Err(broken("the plain table does not hold every event"));
            }
            let rate = events / took.wall;
            let name = format!("parse + plain insert, fsync every {}", group * BATCH);
            self.table.figure(&name, rate, "events/s");
            rates.push(rate);
        }
        Ok(rates.into_iter().fold(0.0, f64::max))
    }

    /// As fast as it goes. Answers the rate.
    fn fast(&mut self, server: &Server, load: &Load, fast: usize, plain: f64) -> Result<f64, Problem> {
        let cpu = cpu_seconds(Some(server.pid));
        let started = Instant::now();
        let half = fast / 2;
        let mut times = self.send(server, &load.bodies[..half], None)?;
        let (half_memory, _) = resident_mb(Some(server.pid));
        times.extend(self.send(server, &load.bodies[half..fast], None)?);
        let wall = started.elapsed().as_secs_f64();
        let answered = cpu_seconds(Some(server.pid)) - cpu;
        let (memory, _) = resident_mb(Some(server.pid));
        let events = (fast * BATCH) as f64;
        let rate = events / wall;
        self.table.figure("acknowledged", rate, "events/s");
        self.table.aimed("of the faster plain insert", rate / plain, "", Aim::AtLeast(0.5));
        self.table.aimed(
            "of a processor second until acknowledged",
            events / answered,
            "events",
            Aim::AtLeast(20_000.0),
        );
        server.settle(Duration::from_secs(120));
        let all = cpu_seconds(Some(server.pid)) - cpu;
        self.table.figure("with what follows (summaries, counts)", events / all, "events");
        self.table.figure("request p99, at full load", quantile(&mut times, 0.99), "ms");
        self.table.aimed("growth of memory over the second half", memory - half_memory, "MB", Aim::AtMost(40.0));
        Ok(rate)
    }

    /// At half the rate, with people read meanwhile.
    fn half_load(&mut self, server: &Server, load: &Load, fast: usize, rate: f64) -> Result<(), Problem> {
        let people = people(server, &load.users)?;
        let done = AtomicUsize::new(0);
        let (sent, read) = thread::scope(|scope| {
            let reader = scope.spawn(|| read_people(server, &people, &done));
            let sent = self.send(server, &load.bodies[fast..], Some(rate / 2.0));
            done.store(1, Ordering::Relaxed);
            (sent, reader.join())
        });
        let mut times = sent?;
        let mut reads = read.map_err(|_| broken("the reader panicked"))??;
        self.table.figure("request p50, at half load", quantile(&mut times, 0.5), "ms");
        self.table.aimed("request p99, at half load", quantile(&mut times, 0.99), "ms", Aim::AtMost(50.0));
        self.table.figure("person read p50, at half load", quantile(&mut reads, 0.5), "ms");
        self.table.aimed("person read p99, at half load", quantile(&mut reads, 0.99), "ms", Aim::AtMost(5.0));
        Ok(())
    }

    /// Sends bodies over all connections, in order; answers how long each took, ms. With a `rate` (events a second) each
    /// has its moment, and its time counts from there, so that a stall shows in all that it delays.
    pub(crate) fn send(&self, server: &Server, bodies: &[Vec<u8>], rate: Option<f64>) -> Result<Vec<f64>, Problem> {
        let next = AtomicUsize::new(0);
        let started = Instant::now();
        let work = || -> Result<Vec<f64>, Problem> {
            let agent = agent();
            let mut times = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(body) = bodies.get(i) else { return Ok(times) };
                let mut from = Instant::now();
                if let Some(rate) = rate {
                    from = started + Duration::from_secs_f64((i * BATCH) as f64 / rate);
                    thread::sleep(from.saturating_duration_since(Instant::now()));
                }
                post(&agent, server, body)?;
                times.push(from.elapsed().as_secs_f64() * 1e3);
            }
        };
        let all: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..self.connections).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let mut times = Vec::with_capacity(bodies.len());
        for one in all {
            times.extend(one.map_err(|_| broken("a connection panicked"))??);
        }
        Ok(times)
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build())
}

/// Sends one body; every event must have its verdict. A full queue is waited for.
fn post(agent: &ureq::Agent, server: &Server, body: &[u8]) -> Result<(), Problem> {
    loop {
        let request = agent.post(format!("{}/v1/batch", server.url)).header("x-write-key", WRITE_KEY);
        let mut answer = request.send(body).map_err(|e| broken(format!("the server does not answer: {e}")))?;
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        match answer.status().as_u16() {
            200 if text.matches("\"verdict\":").count() == BATCH => return Ok(()),
            429 | 503 => thread::sleep(Duration::from_millis(20)),
            status => return Err(broken(format!("the server answered {status}: {text}"))),
        }
    }
}

fn parse(body: &[u8]) -> Result<Vec<RawEvent>, Problem> {
    let found =
        decode(&wire(body), &Limits::default()).map_err(|e| broken(format!("the load cannot be parsed: {e}")))?;
    Ok(found.events.into_iter().flatten().collect())
}

fn plain_row(e: &RawEvent) -> PlainRow {
    let text = |o: &serde_json::Map<String, Value>| serde_json::to_string(o).unwrap_or_default();
    PlainRow {
        message_id: e.message_id.clone().unwrap_or_default(),
        kind: e.kind.as_str().to_owned(),
        name: e.name.clone(),
        user_id: e.user_id.clone(),
        anonymous_id: e.anonymous_id.clone(),
        at: e.timestamp.to_string(),
        properties: text(&e.properties),
        traits: text(&e.traits),
        context: text(&e.context),
    }
}

/// The ids of people with an account.
fn people(server: &Server, users: &[String]) -> Result<Vec<String>, Problem> {
    let agent = agent();
    let mut out = Vec::new();
    for user in users.iter().step_by((users.len() / 500).max(1)) {
        let (status, body) = get(&agent, server, &format!("/api/people/by-identifier/user_id/{user}"))?;
        // Some of them only come in the second part of the load.
        if status == 200 {
            out.extend(body["id"].as_str().map(str::to_owned));
        }
    }
    if out.is_empty() { Err(broken("no person can be read")) } else { Ok(out) }
}

/// Reads people one after the other until `done`; answers how long each took, ms.
fn read_people(server: &Server, people: &[String], done: &AtomicUsize) -> Result<Vec<f64>, Problem> {
    let agent = agent();
    let mut times = Vec::new();
    for person in people.iter().cycle() {
        if done.load(Ordering::Relaxed) > 0 {
            break;
        }
        let started = Instant::now();
        let (status, _) = get(&agent, server, &format!("/api/people/{person}"))?;
        if status != 200 {
            return Err(broken(format!("a person cannot be read: {status}")));
        }
        times.push(started.elapsed().as_secs_f64() * 1e3);
        thread::sleep(Duration::from_secs_f64(1.0 / READS_PER_SECOND));
    }
    Ok(times)
}

pub(crate) fn get(agent: &ureq::Agent, server: &Server, path: &str) -> Result<(u16, Value), Problem> {
    let request = agent.get(format!("{}{path}", server.url)).header("authorization", format!("Bearer {API_KEY}"));
    let mut answer = request.call().map_err(|e| broken(format!("the server does not answer: {e}")))?;
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    Ok((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default()))
}

/// The answer to a GET that must succeed.
pub(crate) fn fetch(server: &Server, path: &str) -> Result<Value, Problem> {
    match get(&agent(), server, path)? {
        (200, body) => Ok(body),
        (status, body) => Err(broken(format!("{path} answered {status}: {body}"))),
    }
}
