//! Events and requests as the SDKs of the day write them (captured from the versions named).
//!
//! A fragment is the JSON of one event without its closing brace: what is only known at sending (`sentAt`, `stm`,
//! the masked key) is appended then.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::DemoRequest;
use crate::source::{SOURCES, Wire, at};
use crate::text::{comma, field, iso_offset, iso_z, key, number, quoted, uuid};

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Track,
    Page,
    Identify,
}

impl Verb {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Page => "page",
            Self::Identify => "identify",
        }
    }
}

/// An event before it has a wire. `props`, `traits` and `context` are JSON fields without braces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Say<'a> {
    pub(crate) verb: Verb,
    /// Name of the event or the page.
    pub(crate) name: &'a str,
    /// Device time, ms.
    pub(crate) at: i64,
    /// User id; empty for none.
    pub(crate) user: &'a str,
    /// Anonymous id; empty for none.
    pub(crate) anonymous: &'a str,
    pub(crate) props: &'a str,
    pub(crate) traits: &'a str,
    pub(crate) context: &'a str,
    /// Identities beside those, as fields (Sensors only).
    pub(crate) identities: &'a str,
    /// Message id.
    pub(crate) id: u128,
}

/// One event, written down.
#[derive(Debug, Clone)]
pub(crate) struct Fragment {
    pub(crate) verb: Verb,
    pub(crate) json: String,
}

/// Writes an event as the SDK of `source` does.
pub(crate) fn fragment(source: usize, say: &Say<'_>) -> Fragment {
    let mut out = String::with_capacity(384 + say.props.len() + say.traits.len() + say.context.len());
    out.push('{');
    match SOURCES[source].wire {
        Wire::Segment | Wire::SegmentBrowser | Wire::Rudder | Wire::Jitsu | Wire::Webhook => {
            segment(&mut out, source, say);
        }
        Wire::PostHog => posthog(&mut out, say),
        Wire::Sensors => sensors(&mut out, say),
        Wire::Snowplow => snowplow(&mut out, say),
    }
    Fragment { verb: say.verb, json: out }
}

/// Adds `"name":{fields}`, unless there are none.
fn object(out: &mut String, name: &str, fields: &str) {
    if !fields.is_empty() {
        key(out, name);
        out.push('{');
        out.push_str(fields);
        out.push('}');
    }
}

fn segment(out: &mut String, source: usize, say: &Say<'_>) {
    let python = source == at::EMAIL;
    field(out, "type", say.verb.as_str());
    match say.verb {
        Verb::Track => field(out, "event", say.name),
        Verb::Page if source == at::APP => {
            // Mobile SDKs say screen.
            out.clear();
            out.push('{');
            field(out, "type", "screen");
            field(out, "name", say.name);
        }
        Verb::Page => field(out, "name", say.name),
        Verb::Identify => {}
    }
    if say.verb == Verb::Identify {
        object(out, "traits", if say.traits.is_empty() { "\"source\":\"sdk\"" } else { say.traits });
    } else {
        key(out, "properties");
        out.push('{');
        out.push_str(say.props);
        out.push('}');
    }
    for (name, value) in [("userId", say.user), ("anonymousId", say.anonymous)] {
        if !value.is_empty() {
            field(out, name, value);
        } else if python || (source == at::WEB && name == "userId") {
            key(out, name);
            out.push_str("null");
        }
    }
    key(out, "context");
    out.push('{');
    out.push_str(say.context);
    if say.verb != Verb::Identify {
        object(out, "traits", say.traits);
    }
    object(out, "library", library(source));
    out.push('}');
    key(out, if SOURCES[source].wire == Wire::Rudder { "originalTimestamp" } else { "timestamp" });
    out.push('"');
    let write = if python { iso_offset } else { iso_z };
    write(out, say.at);
    out.push('"');
    message_id(out, source, say);
    match SOURCES[source].wire {
        Wire::Segment => out.push_str(",\"integrations\":{}"),
        Wire::Rudder => out.push_str(",\"channel\":\"server\""),
        Wire::SegmentBrowser | Wire::Jitsu | Wire::Webhook | Wire::PostHog | Wire::Sensors | Wire::Snowplow => {}
    }
}

fn message_id(out: &mut String, source: usize, say: &Say<'_>) {
    key(out, "messageId");
    out.push('"');
    let prefix = match source {
        at::WEB => Some("ajs-next-"),
        at::STORES | at::DOUYIN_LIVE => Some("node-next-"),
        _ => None,
    };
    if let Some(prefix) = prefix {
        out.push_str(prefix);
        crate::text::digits(out, say.at.unsigned_abs(), 1);
        out.push('-');
    }
    uuid(out, say.id);
    out.push('"');
}

const fn library(source: usize) -> &'static str {
    match source {
        at::WEB => r#""name":"analytics.js","version":"npm:next-1.84.3""#,
        at::APP => r#""name":"analytics-kotlin","version":"1.19.1""#,
        at::EMAIL => r#""name":"analytics-python","version":"2.4.0""#,
        at::TMALL => r#""name":"analytics-node","version":"6.2.0""#,
        at::STORES | at::DOUYIN_LIVE => r#""name":"@segment/analytics-node","version":"3.1.0""#,
        at::WECHAT | at::XHS_NOTES => r#""name":"analytics-node","version":"3.0.13""#,
        at::DOUYIN_ADS | at::XHS_ADS | at::SEARCH_ADS => r#""name":"@jitsu/js","version":"1.11.0","env":"node""#,
        _ => "",
    }
}

fn posthog(out: &mut String, say: &Say<'_>) {
    field(out, "event", if say.verb == Verb::Identify { "$identify" } else { say.name });
    key(out, "properties");
    out.push('{');
    if say.verb != Verb::Identify {
        out.push_str(say.props);
    }
    object(out, "$set", say.traits);
    if say.user.is_empty() {
        // The id of a visitor, not of an account.
        key(out, "$is_identified");
        out.push_str("false");
    }
    field(out, "$lib", "posthog-node");
    field(out, "$lib_version", "5.70.0");
    out.push_str(r#","$is_server":true,"$geoip_disable":true}"#);
    key(out, "timestamp");
    out.push('"');
    iso_z(out, say.at);
    out.push('"');
    key(out, "uuid");
    out.push('"');
    uuid(out, say.id);
    out.push('"');
    field(out, "distinct_id", if say.user.is_empty() { say.anonymous } else { say.user });
}

fn sensors(out: &mut String, say: &Say<'_>) {
    number(out, "_track_id", (say.id % 9_000_000_000) as i64 + 1_000_000_000);
    // A bind is an identify that names identities of a login.
    match (say.verb, say.name) {
        (Verb::Identify, "$BindID") => {
            field(out, "type", "track_id_bind");
            field(out, "event", "$BindID");
        }
        (Verb::Identify, _) => field(out, "type", "profile_set"),
        (Verb::Page, _) => {
            field(out, "type", "track");
            field(out, "event", "$MPViewScreen");
        }
        (Verb::Track, name) => {
            field(out, "type", "track");
            field(out, "event", name);
        }
    }
    number(out, "time", say.at);
    field(out, "distinct_id", if say.user.is_empty() { say.anonymous } else { say.user });
    object(out, "identities", say.identities);
    key(out, "properties");
    out.push('{');
    out.push_str(if say.verb == Verb::Identify { say.traits } else { say.props });
    if !say.context.is_empty() {
        comma(out);
        out.push_str(say.context);
    }
    field(out, "$lib", "MiniProgram");
    field(out, "$lib_version", "3.20.2");
    if !say.user.is_empty() {
        out.push_str(",\"$is_login_id\":true");
    }
    out.push('}');
    object(out, "lib", r#""$lib":"MiniProgram","$lib_version":"3.20.2","$lib_method":"code""#);
}

fn snowplow(out: &mut String, say: &Say<'_>) {
    if say.verb == Verb::Page {
        field(out, "e", "pv");
        field(out, "page", say.name);
        field(out, "url", "https://tablet.mosslark.example/");
    } else {
        field(out, "e", "ue");
        let mut name = String::with_capacity(say.name.len());
        name.extend(say.name.chars().map(|c| if c == ' ' { '_' } else { c.to_ascii_lowercase() }));
        let inner = format!(
            r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{{"schema":"iglu:com.mosslark/{name}/jsonschema/1-0-0","data":{{{}}}}}}}"#,
            say.props
        );
        field(out, "ue_pr", &inner);
    }
    key(out, "eid");
    out.push('"');
    uuid(out, say.id);
    out.push('"');
    field(out, "p", "tv");
    field(out, "tv", "node-4.8.0");
    field(out, "tna", "tablet");
    field(out, "duid", say.anonymous);
    if !say.user.is_empty() {
        field(out, "uid", say.user);
    }
    key(out, "dtm");
    out.push('"');
    crate::text::digits(out, say.at.unsigned_abs(), 1);
    out.push('"');
}

/// The requests that carry `events` of one source, sent at `sent_at` by the device's clock if they say so. `single`
/// chooses one event a call for the browser, which is its SDK's default.
pub(crate) fn requests(
    gzip: &mut Gzip,
    source: usize,
    write_key: &str,
    sent_at: Option<i64>,
    events: &[Fragment],
    single: bool,
) -> Vec<DemoRequest> {
    let mut sent = String::new();
    if let Some(at) = sent_at {
        iso_z(&mut sent, at);
    }
    let one = std::slice::from_ref::<Fragment>;
    match SOURCES[source].wire {
        Wire::Segment => vec![segment_batch(source, write_key, &sent, events)],
        Wire::SegmentBrowser if single => events.iter().map(|e| browser(write_key, &sent, one(e), true)).collect(),
        Wire::SegmentBrowser => vec![browser(write_key, &sent, events, false)],
        Wire::Rudder => vec![rudder(gzip, write_key, &sent, events)],
        Wire::PostHog => vec![posthog_batch(gzip, write_key, &sent, events)],
        Wire::Sensors => vec![sensors_form(gzip, write_key, sent_at, events)],
        Wire::Snowplow => vec![snowplow_post(write_key, sent_at, events)],
        Wire::Jitsu => events.iter().map(|e| jitsu(write_key, &sent, e)).collect(),
        Wire::Webhook => vec![webhook(write_key, events)],
    }
}

fn basic(write_key: &str) -> (&'static str, String) {
    ("authorization", format!("Basic {}", STANDARD.encode(format!("{write_key}:"))))
}

fn header(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

fn post(path: String, headers: Vec<(&'static str, String)>, body: Vec<u8>, events: &[Fragment]) -> DemoRequest {
    DemoRequest { method: "POST", path, headers, body, events: events.len() as u32 }
}

/// `[{…},{…}]`, each event closed with `tail`.
fn array(out: &mut String, events: &[Fragment], tail: &str) {
    out.push('[');
    for (i, e) in events.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&e.json);
        out.push_str(tail);
        out.push('}');
    }
    out.push(']');
}

/// Adds the time of sending, when it is told.
fn sent_field(out: &mut String, name: &str, sent: &str) {
    if !sent.is_empty() {
        field(out, name, sent);
    }
}

fn capacity(events: &[Fragment]) -> usize {
    events.iter().map(|e| e.json.len() + 48).sum::<usize>() + 256
}

fn segment_batch(source: usize, write_key: &str, sent: &str, events: &[Fragment]) -> DemoRequest {
    let mut body = String::with_capacity(capacity(events));
    body.push_str("{\"batch\":");
    array(&mut body, events, "");
    if source == at::TMALL {
        // The legacy SDK keeps the key to the header and says the time twice.
        sent_field(&mut body, "timestamp", sent);
    } else {
        field(&mut body, "writeKey", write_key);
    }
    sent_field(&mut body, "sentAt", sent);
    body.push('}');
    let agent = match source {
        at::EMAIL => "analytics-python/2.4.0",
        at::TMALL => "analytics-node/6.2.0",
        at::APP => "analytics-kotlin/1.19.1",
        _ => "analytics-node-next/latest",
    };
    let headers = vec![header("content-type", "application/json"), header("user-agent", agent), basic(write_key)];
    post("/v1/batch".into(), headers, body.into_bytes(), events)
}

fn browser(write_key: &str, sent: &str, events: &[Fragment], single: bool) -> DemoRequest {
    let mut body = String::with_capacity(capacity(events));
    let path = if single {
        body.push_str(&events[0].json);
        match events[0].verb {
            Verb::Track => "/v1/t",
            Verb::Page => "/v1/p",
            Verb::Identify => "/v1/i",
        }
    } else {
        body.push_str("{\"batch\":");
        array(&mut body, events, "");
        "/v1/b"
    };
    field(&mut body, "writeKey", write_key);
    sent_field(&mut body, "sentAt", sent);
    if single {
        body.push_str(r#","integrations":{},"_metadata":{"bundled":["Segment.io"],"unbundled":[],"bundledIds":[]}"#);
    }
    body.push('}');
    let headers = vec![header("content-type", "text/plain"), basic(write_key)];
    post(path.into(), headers, body.into_bytes(), events)
}

fn rudder(gzip: &mut Gzip, write_key: &str, sent: &str, events: &[Fragment]) -> DemoRequest {
    let mut body = String::with_capacity(capacity(events));
    body.push_str("{\"batch\":");
    let tail = if sent.is_empty() { String::new() } else { format!(",\"sentAt\":\"{sent}\"") };
    array(&mut body, events, &tail);
    sent_field(&mut body, "timestamp", sent);
    sent_field(&mut body, "sentAt", sent);
    body.push('}');
    let headers = vec![
        header("content-type", "application/x-www-form-urlencoded"),
        header("content-encoding", "gzip"),
        header("user-agent", "analytics-node/3.0.13"),
        basic(write_key),
    ];
    post("/v1/batch".into(), headers, gzip.pack(body.as_bytes()), events)
}

fn posthog_batch(gzip: &mut Gzip, write_key: &str, sent: &str, events: &[Fragment]) -> DemoRequest {
    let mut body = String::with_capacity(capacity(events));
    body.push_str("{\"api_key\":");
    quoted(&mut body, write_key);
    body.push_str(",\"batch\":");
    array(&mut body, events, "");
    sent_field(&mut body, "sent_at", sent);
    body.push('}');
    let headers = vec![
        header("content-type", "application/json"),
        header("content-encoding", "gzip"),
        header("user-agent", "posthog-node/5.70.0"),
    ];
    post("/batch/".into(), headers, gzip.pack(body.as_bytes()), events)
}

fn sensors_form(gzip: &mut Gzip, write_key: &str, sent_at: Option<i64>, events: &[Fragment]) -> DemoRequest {
    let mut json = String::with_capacity(capacity(events));
    let tail = sent_at.map(|at| format!(",\"_flush_time\":{at}")).unwrap_or_default();
    array(&mut json, events, &tail);
    let encoded = STANDARD.encode(gzip.pack(json.as_bytes()));
    let mut body = String::with_capacity(encoded.len() + 64);
    body.push_str("data_list=");
    for c in encoded.chars() {
        match c {
            '+' => body.push_str("%2B"),
            '/' => body.push_str("%2F"),
            '=' => body.push_str("%3D"),
            c => body.push(c),
        }
    }
    body.push_str("&gzip=1");
    let headers = vec![header("content-type", "application/x-www-form-urlencoded")];
    post(format!("/sa?project={write_key}"), headers, body.into_bytes(), events)
}

fn snowplow_post(write_key: &str, sent_at: Option<i64>, events: &[Fragment]) -> DemoRequest {
    let mut body = String::with_capacity(capacity(events));
    body.push_str(r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":"#);
    let stm = sent_at.map(|at| format!(",\"stm\":\"{at}\"")).unwrap_or_default();
    array(&mut body, events, &format!(",\"aid\":\"{write_key}\"{stm}"));
    body.push('}');
    let headers = vec![header("content-type", "application/json; charset=UTF-8")];
    post("/com.snowplowanalytics.snowplow/tp2".into(), headers, body.into_bytes(), events)
}

fn jitsu(write_key: &str, sent: &str, event: &Fragment) -> DemoRequest {
    let mut body = event.json.clone();
    sent_field(&mut body, "sentAt", sent);
    field(&mut body, "writeKey", "k:***");
    body.push('}');
    let headers = vec![header("content-type", "application/json"), header("x-write-key", write_key)];
    post(format!("/api/s/{}", event.verb.as_str()), headers, body.into_bytes(), std::slice::from_ref(event))
}

fn webhook(write_key: &str, events: &[Fragment]) -> DemoRequest {
    let mut body = String::with_capacity(capacity(events));
    array(&mut body, events, "");
    let headers = vec![header("content-type", "application/json"), header("x-write-key", write_key)];
    post("/v1/events".into(), headers, body.into_bytes(), events)
}

/// Fast gzip that keeps its tables: a fresh encoder for each small body costs more than the compression.
pub(crate) struct Gzip(Compress);

/// RFC 1952: deflate, no flags, no time, so that the same bytes always come out; unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

impl Gzip {
    pub(crate) fn new() -> Self {
        Self(Compress::new(Compression::fast(), false))
    }

    fn pack(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.0.reset();
        // Deflate stores what it cannot shrink, at five bytes for each block of 32 KB; twice that is always enough.
        let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 2_048 + 64);
        out.extend_from_slice(&GZIP_HEADER);
        let status = self.0.compress_vec(bytes, &mut out, FlushCompress::Finish);
        assert!(matches!(status, Ok(Status::StreamEnd)), "deflate into a large enough buffer ends");
        let mut crc = Crc::new();
        crc.update(bytes);
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        out
    }
}
