//! Resident memory of a server with many people.

use std::time::{Duration, Instant};

use serde_json::json;
use throughline_base::{Problem, Rng};

use crate::ingest::fetch;
use crate::load::{BATCH, body};
use crate::machine::resident_mb;
use crate::server::Server;
use crate::table::Aim;
use crate::{Bench, broken};

/// Bodies made at a time: the client's own memory is not what is measured.
const CHUNK: usize = 500;
/// Most the server may hold.
const LIMIT_MB: f64 = 400.0;

impl Bench {
    pub(crate) fn memory(&mut self) -> Result<(), Problem> {
        // Whole requests only.
        self.people = self.people.next_multiple_of(BATCH / 2);
        self.table.part("memory", &format!("{} people, two events each", self.people));
        let server = Server::start(&self.dir.join("memory"))?;
        let started = Instant::now();
        let (mut highest, mut half) = (0.0_f64, 0.0);
        let bodies = (self.people * 2).div_ceil(BATCH);
        for first in (0..bodies).step_by(CHUNK) {
            let some: Vec<Vec<u8>> = (first..(first + CHUNK).min(bodies)).map(|i| people_of(i, self.people)).collect();
            self.send(&server, &some, None)?;
            let (now, _) = resident_mb(Some(server.pid));
            highest = highest.max(now);
            if first < bodies / 2 {
                half = now;
            }
        }
        let rate = (self.people * 2) as f64 / started.elapsed().as_secs_f64();
        server.settle(Duration::from_secs(600));
        let (settled, _) = resident_mb(Some(server.pid));
        let status = fetch(&server, "/api/status")?;
        let people = status["people"].as_u64().unwrap_or_default();
        if people != self.people as u64 {
            return Err(broken(format!("the server knows {people} people instead of {}", self.people)));
        }
        fetch(&server, "/api/people?limit=50&sort=revenue")?;
        fetch(&server, "/api/overview?days=30")?;
        fetch(&server, "/api/credit/report")?;
        let (reported, peak) = resident_mb(Some(server.pid));
        self.table.figure("taken in", rate, "events/s");
        self.table.figure("resident, half of them in", half, "MB");
        self.table.figure("resident, all in and settled", settled, "MB");
        self.table.figure("resident, after lists and reports", reported, "MB");
        let all = highest.max(peak).max(reported);
        self.table.aimed("resident, highest", all, "MB", Aim::AtMost(LIMIT_MB));
        server.stop().map(drop)
    }
}

/// The body `i`: fifty people who sign up with name and phone and order once.
fn people_of(i: usize, people: usize) -> Vec<u8> {
    let mut events = Vec::with_capacity(BATCH);
    for n in (i * BATCH / 2..(i + 1) * BATCH / 2).take_while(|n| *n < people) {
        let mut rng = Rng::seeded(n as u64);
        let (user, device) = (format!("u{n}"), format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64()));
        let phone = 13_000_000_000 + n as u64 * 7;
        events.push(json!({ "type": "identify", "userId": user, "anonymousId": device, "messageId": format!("i{n}"),
            "traits": { "name": format!("客户{n}"), "phone": phone.to_string() } }));
        events.push(json!({ "type": "track", "event": "Order Completed", "userId": user, "messageId": format!("o{n}"),
            "properties": { "order_id": format!("o{n}"), "revenue": 10 + rng.below(900), "currency": "CNY" } }));
    }
    body(events)
}
