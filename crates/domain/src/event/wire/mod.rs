//! From the bytes of a request to raw events: one file per family of clients.
//!
//! It trusts bytes, not labels (field note §1), and allocates nothing beyond [`Limits`]. It does not clean, date or
//! judge: that is [`super::prepare`]. Start reading at [`decode`].

mod body;
mod fields;
pub mod generic;
mod json;
mod key;
mod mend;
mod posthog;
mod segment;
mod sensors;
mod sensors_ids;
mod snowplow;
mod snowplow_names;

use std::fmt;

use throughline_base::{Problem, ProblemKind, Timestamp};

use super::raw::{Client, RawEvent, Rejected};

/// The headers that matter to decoding.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `X-Write-Key`.
    pub write_key: Option<&'a str>,
    /// `Content-Type`; only for messages, bytes decide.
    pub content_type: Option<&'a str>,
    /// `Content-Encoding`; only for messages, bytes decide.
    pub content_encoding: Option<&'a str>,
    /// `User-Agent`: becomes `context.userAgent` when it is a browser's and the event brings none.
    pub user_agent: Option<&'a str>,
    /// Address of the client: becomes `context.ip` when the user agent is a browser's and the event brings none.
    pub client_ip: Option<&'a str>,
}

/// A request as it came, without its socket.
#[derive(Debug, Clone, Copy, Default)]
pub struct WireRequest<'a> {
    /// Path, for instance `/v1/batch`.
    pub path: &'a str,
    /// Query without the `?`.
    pub query: Option<&'a str>,
    /// The headers that matter.
    pub headers: Headers<'a>,
    /// Body as received.
    pub body: &'a [u8],
}

/// What decoding refuses to exceed (field note §1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body as received.
    pub body_bytes: usize,
    /// Bytes of a body after inflation.
    pub inflated_bytes: usize,
    /// Nesting of one event; at most 127, what the JSON reader itself allows.
    pub depth: usize,
    /// Events of one batch; each one beyond gets a verdict of its own.
    pub batch_events: usize,
    /// Entries of one batch beyond which the whole request is refused.
    pub batch_entries: usize,
    /// Bytes of one event.
    pub event_bytes: usize,
    /// JSON values of one request, which bounds memory: a value takes far more room than its two bytes of text.
    pub request_values: usize,
    /// A message id has fewer characters than this.
    pub message_id_chars: usize,
    /// Characters of a group id.
    pub group_id_chars: usize,
    /// Traits of one event.
    pub traits: usize,
    /// Properties of one event.
    pub properties: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 2 << 20,
            inflated_bytes: 8 << 20,
            depth: 64,
            batch_events: 2_500,
            batch_entries: 10_000,
            event_bytes: 32 << 10,
            request_values: 500_000,
            message_id_chars: 100,
            group_id_chars: 500,
            traits: 300,
            properties: 10_000,
        }
    }
}

/// A request as decoded. `events` has one entry per event of the request, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The write key, by the order of field note §1 rule 4; masked keys do not count.
    pub write_key: Option<String>,
    /// The family of clients.
    pub client: Client,
    /// The events; a bad one never fails its neighbours.
    pub events: Vec<Result<RawEvent, Rejected>>,
    /// When the client says it sent the request.
    pub sent_at: Option<Timestamp>,
}

/// What is wrong with a whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireErrorKind {
    /// No client sends to this path.
    UnknownPath,
    /// Body, inflated body or number of entries over the limit.
    TooLarge,
    /// Nothing in the body can be read.
    Unreadable,
    /// A compression nobody asked for.
    UnsupportedEncoding,
}

/// A request that cannot be decoded at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// The kind.
    pub kind: WireErrorKind,
    /// What, where and how to mend it. No personal data.
    pub detail: String,
}

impl WireError {
    pub(crate) fn new(kind: WireErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    pub(crate) fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(WireErrorKind::Unreadable, detail)
    }

    /// Stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            WireErrorKind::UnknownPath => "unknown_path",
            WireErrorKind::TooLarge => "over_limit",
            WireErrorKind::Unreadable => "unreadable_body",
            WireErrorKind::UnsupportedEncoding => "unsupported_encoding",
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.detail)
    }
}

impl std::error::Error for WireError {}

impl From<WireError> for Problem {
    fn from(e: WireError) -> Self {
        let kind = match e.kind {
            WireErrorKind::UnknownPath => ProblemKind::NotFound,
            WireErrorKind::TooLarge => ProblemKind::TooLarge,
            WireErrorKind::Unreadable | WireErrorKind::UnsupportedEncoding => ProblemKind::Invalid,
        };
        Self::new(kind, e.code(), e.detail)
    }
}

/// A family of clients with what its path says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route<'a> {
    Segment { hint: &'a str, client: Client },
    Posthog,
    Sensors,
    Snowplow,
}

/// Finds the family of a path; `None` when no client sends there.
fn route(path: &str) -> Option<Route<'_>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if let Some(rest) = path.strip_prefix("/api/s/") {
        return Some(Route::Segment { hint: rest.strip_prefix("s2s/").unwrap_or(rest), client: Client::Jitsu });
    }
    if let Some(rest) = path.strip_prefix("/v1/") {
        let hint = rest.strip_prefix("pixel/").unwrap_or(rest);
        return segment::known_hint(hint).then_some(Route::Segment { hint, client: Client::Segment });
    }
    match path {
        "/batch" | "/capture" | "/e" | "/i/v0/e" | "/track" => Some(Route::Posthog),
        "/sa" | "/sa.gif" => Some(Route::Sensors),
        "/i" => Some(Route::Snowplow),
        _ if path.ends_with("/tp2") && path.matches('/').count() == 2 => Some(Route::Snowplow),
        _ => None,
    }
}

/// Whether some client sends to this path.
#[must_use]
pub fn is_collect_path(path: &str) -> bool {
    route(path).is_some()
}

/// Decodes a request of any of the client families.
///
/// # Errors
/// When nothing in the request can be read, or it is larger than the limits allow.
pub fn decode(req: &WireRequest<'_>, limits: &Limits) -> Result<Decoded, WireError> {
    let Some(route) = route(req.path) else {
        return Err(WireError::new(
            WireErrorKind::UnknownPath,
            "no client sends events to this path; see the list of collect paths",
        ));
    };
    if req.body.len() > limits.body_bytes {
        return Err(WireError::new(
            WireErrorKind::TooLarge,
            format!(
                "the body has {} bytes, at most {} are taken; send smaller batches",
                req.body.len(),
                limits.body_bytes
            ),
        ));
    }
    let mut decoded = match route {
        Route::Segment { hint, client } => segment::decode(req, hint, client, limits)?,
        Route::Posthog => posthog::decode(req, limits)?,
        Route::Sensors => sensors::decode(req, limits)?,
        Route::Snowplow => snowplow::decode(req, limits)?,
    };
    if let Some(key) = key::from_request(req) {
        decoded.write_key = Some(key);
    }
    if let Some(key) = &decoded.write_key {
        fields::without_key(&mut decoded.events, key);
    }
    fields::add_browser(&mut decoded.events, &req.headers);
    Ok(decoded)
}

#[cfg(test)]
mod mutated;
#[cfg(test)]
mod tests;
