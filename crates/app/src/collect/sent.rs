//! What arrived, as it arrived: kept beside the prepared events until they are committed, because some of what ends in
//! quarantine is only found out there (another event of the same id, a value the store refuses).

use std::cell::OnceCell;

use throughline_domain::event::RawEvent;
use throughline_domain::event::wire::{self, Headers, Limits, WireRequest};

/// The events of a batch as they were sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// The request they came in; none when they came otherwise.
    request: Option<Box<Request>>,
    /// The events by their place; of a request only once somebody asked.
    events: OnceCell<Vec<Option<RawEvent>>>,
}

/// A request as a client made it.
#[derive(Debug)]
struct Request {
    path: String,
    query: Option<String>,
    /// In the order of [`Headers`].
    headers: [Option<String>; 6],
    body: Vec<u8>,
    limits: Limits,
}

impl Sent {
    /// The request `req` of `events` events. Its bytes are kept, which is less than its events; unless it is mostly
    /// something else, and then its events are.
    pub(super) fn request(req: &WireRequest<'_>, events: usize, limits: &Limits) -> Self {
        if req.body.len() > events.saturating_mul(limits.event_bytes) {
            return Self::events(decode(req, limits));
        }
        let h = &req.headers;
        let headers = [h.authorization, h.write_key, h.content_type, h.content_encoding, h.user_agent, h.client_ip];
        let request = Request {
            path: req.path.to_owned(),
            query: req.query.map(str::to_owned),
            headers: headers.map(|h| h.map(str::to_owned)),
            body: req.body.to_vec(),
            limits: limits.clone(),
        };
        Self { request: Some(Box::new(request)), events: OnceCell::new() }
    }

    /// Events that did not come over the wire.
    pub(super) fn events(events: Vec<Option<RawEvent>>) -> Self {
        Self { request: None, events: OnceCell::from(events) }
    }

    fn all(&self) -> &[Option<RawEvent>] {
        self.events.get_or_init(|| self.request.as_ref().map(|r| r.events()).unwrap_or_default())
    }

    /// The event at a place; `None` when it could not be read.
    pub(super) fn event(&self, place: usize) -> Option<&RawEvent> {
        self.all().get(place)?.as_ref()
    }

    /// Takes out the events from `place` on.
    pub(super) fn split_off(&mut self, place: usize) -> Self {
        let mut events = self.all().to_vec();
        let rest = events.split_off(place.min(events.len()));
        *self = Self::events(events);
        Self::events(rest)
    }
}

impl Request {
    fn events(&self) -> Vec<Option<RawEvent>> {
        let [authorization, write_key, content_type, content_encoding, user_agent, client_ip] =
            self.headers.each_ref().map(Option::as_deref);
        let headers = Headers { authorization, write_key, content_type, content_encoding, user_agent, client_ip };
        let req = WireRequest { path: &self.path, query: self.query.as_deref(), headers, body: &self.body };
        decode(&req, &self.limits)
    }
}

/// Decodes a request that was decoded before.
fn decode(req: &WireRequest<'_>, limits: &Limits) -> Vec<Option<RawEvent>> {
    wire::decode(req, limits).map(|d| d.events.into_iter().map(Result::ok).collect()).unwrap_or_default()
}
