//! The bytes that are sent: events of the demo brand, written as Segment's server SDKs write them, a hundred a request.

use serde_json::{Map, Value, json};
use throughline_base::{Problem, Timestamp};
use throughline_demo::{DemoBrand, DemoConfig, DemoRequest};
use throughline_domain::event::EventKind;
use throughline_domain::event::raw::RawEvent;
use throughline_domain::event::wire::{Headers, Limits, WireRequest, decode};

use crate::broken;

/// Events of a request.
pub(crate) const BATCH: usize = 100;
/// Events of a person of the demo, roughly.
const EVENTS_A_PERSON: usize = 20;
/// End of the history: fixed, so that every run sends the same bytes.
const UNTIL: &str = "2026-06-20T16:00:00Z";

/// Bodies of requests of [`BATCH`] events.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) bodies: Vec<Vec<u8>>,
    /// User ids among the events.
    pub(crate) users: Vec<String>,
}

impl Load {
    /// At least `events` events (rounded to whole requests).
    pub(crate) fn demo(events: usize) -> Result<Self, Problem> {
        let until = Timestamp::parse(UNTIL).ok_or_else(|| broken("the end of the history is no instant"))?;
        let people = (events / EVENTS_A_PERSON + 50) as u32;
        let brand = DemoBrand::new(DemoConfig { people, ..DemoConfig::new(until) });
        let sources = brand.sources();
        let mut load = Self { bodies: Vec::new(), users: Vec::new() };
        let mut open: Vec<Value> = Vec::with_capacity(BATCH);
        // A tablet for everybody needs a source of its own, which is told so; here all is one source.
        for batch in brand.batches().filter(|b| !sources[b.source].kiosk) {
            for request in &batch.requests {
                for raw in decoded(request)? {
                    load.users.extend(raw.user_id.clone().filter(|_| raw.kind == EventKind::Identify));
                    open.push(segment(raw));
                    if open.len() == BATCH {
                        load.bodies.push(body(std::mem::take(&mut open)));
                    }
                    if load.bodies.len() * BATCH >= events {
                        return Ok(load.with_distinct_users());
                    }
                }
            }
        }
        Err(broken("the demo has fewer events than expected"))
    }

    fn with_distinct_users(mut self) -> Self {
        self.users.sort_unstable();
        self.users.dedup();
        self
    }

    /// Bytes of all bodies.
    pub(crate) fn bytes(&self) -> usize {
        self.bodies.iter().map(Vec::len).sum()
    }
}

/// The request as the server sees it.
pub(crate) fn wire(body: &[u8]) -> WireRequest<'_> {
    WireRequest { path: "/v1/batch", body, ..WireRequest::default() }
}

pub(crate) fn body(events: Vec<Value>) -> Vec<u8> {
    json!({ "batch": events }).to_string().into_bytes()
}

/// The events of a request of the demo, without those that belong in quarantine.
fn decoded(request: &DemoRequest) -> Result<Vec<RawEvent>, Problem> {
    let (path, query) = request.path.split_once('?').map_or((request.path.as_str(), None), |(p, q)| (p, Some(q)));
    let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
    let headers = Headers {
        content_type: header("content-type"),
        content_encoding: header("content-encoding"),
        ..Headers::default()
    };
    let found = decode(&WireRequest { path, query, headers, body: &request.body }, &Limits::default())
        .map_err(|e| broken(format!("a request of the demo cannot be read: {e}")))?;
    Ok(found.events.into_iter().flatten().filter(|raw| raw.fault.is_none()).collect())
}

fn segment(raw: RawEvent) -> Value {
    let mut out = Map::new();
    let kind = if matches!(raw.kind, EventKind::Bind | EventKind::Unbind) { EventKind::Identify } else { raw.kind };
    out.insert("type".into(), kind.as_str().into());
    if kind == EventKind::Track {
        out.insert("event".into(), raw.name.into());
    } else if !raw.name.is_empty() {
        out.insert("name".into(), raw.name.into());
    }
    for (name, value) in [("userId", raw.user_id), ("anonymousId", raw.anonymous_id), ("messageId", raw.message_id)] {
        if let Some(value) = value {
            out.insert(name.into(), value.into());
        }
    }
    let mut context = raw.context;
    if !raw.ids.is_empty() {
        let ids = raw
            .ids
            .into_iter()
            .map(|id| json!({ "id": id.value, "type": id.namespace, "collection": "users", "encoding": "none" }));
        context.insert("externalIds".into(), ids.collect());
    }
    out.insert("timestamp".into(), raw.timestamp);
    for (name, object) in [("properties", raw.properties), ("traits", raw.traits), ("context", context)] {
        if !object.is_empty() {
            out.insert(name.into(), object.into());
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_is_the_same_every_time_and_reads_as_it_was_written() {
        let (a, b) = (Load::demo(2_000).expect("a load"), Load::demo(2_000).expect("a load"));
        assert_eq!((a.bodies.len(), &a.bodies), (20, &b.bodies));
        assert!(a.users.len() > 5, "{:?}", a.users);
        for body in &a.bodies {
            let found = decode(&wire(body), &Limits::default()).expect("a request");
            assert_eq!(found.events.len(), BATCH);
            assert!(found.events.iter().flatten().all(|e| e.fault.is_none()));
        }
    }
}
