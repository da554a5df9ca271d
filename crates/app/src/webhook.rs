//! Signed webhooks: any system that can sign JSON sends events without one of our SDKs.
//!
//! Whoever knows the secret may write, so the body is checked before a byte of it is read as JSON. The JSON is either
//! in Segment's shape or mapped into it field by field. Start reading at [`App::webhook_prepare`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use throughline_base::time::MINUTE_MS;
use throughline_base::{Problem, ProblemKind, Rng, SourceId, Timestamp};
use throughline_domain::event::raw::Client;
use throughline_domain::event::wire::generic;
use throughline_domain::person::consent::hex;

use crate::collect::{Batch, Item};
use crate::meter::Meter;
use crate::registry::WebhookSettings;
use crate::{App, Result};

/// How far the sender's clock may differ from ours.
const TOLERANCE_MS: i64 = 5 * MINUTE_MS;
/// Fewest characters of a secret given from outside.
const SECRET_MIN: usize = 16;
/// Entries of a mapping.
const MAPPING_MAX: usize = 100;
/// Steps of a path.
const STEPS_MAX: usize = 16;

/// A request to a webhook as it came.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebhookRequest<'a> {
    /// `X-Throughline-Signature`: `sha256=` and hexadecimal digits.
    pub signature: Option<&'a str>,
    /// `X-Throughline-Timestamp`: Unix seconds. When it is there, what is signed is it, a dot and the body.
    pub timestamp: Option<&'a str>,
    /// `X-Shopify-Hmac-Sha256`: base 64 over the body alone.
    pub shopify_signature: Option<&'a str>,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

impl App {
    /// Checks the signature of a webhook's request and reads its events.
    ///
    /// # Errors
    /// `webhook_unknown`, `no_signature`, `bad_signature`, `stale_signature`, or why the body cannot be read.
    pub fn webhook_prepare(&self, id: SourceId, req: &WebhookRequest<'_>) -> Result<Batch> {
        Meter::add(&self.meter.requests, 1);
        let now = self.now();
        let source = self.registry.get().sources.get(&id).cloned();
        let unknown = || {
            Problem::not_found("webhook_unknown", "there is no webhook at this address; copy it from the source's page")
        };
        let source = source.ok_or_else(unknown)?;
        let hook = source.settings.webhook.as_ref().ok_or_else(unknown)?;
        check(hook, req, now)?;
        if !source.active {
            return Err(refused("source_disabled", "the source of this webhook is disabled"));
        }
        let limits = &self.settings.limits;
        let decoded = if hook.mapping.is_empty() {
            generic::decode(req.body, Client::Webhook, limits)?
        } else {
            let body = mapped(&hook.mapping, req.body, limits.inflated_bytes)?;
            generic::decode(&body, Client::Webhook, limits)?
        };
        let (mut raws, mut refused) = (Vec::with_capacity(decoded.events.len()), Vec::new());
        for (i, event) in decoded.events.into_iter().enumerate() {
            match event {
                Ok(raw) => raws.push(raw),
                Err(r) => refused.push((i, r)),
            }
        }
        let mut batch = self.collect_raw(&source, raws, now);
        // Ascending, so each verdict stands where its event stood.
        for (i, r) in refused {
            batch.items.insert(i, Item::Rejected(r));
        }
        Ok(batch)
    }
}

impl WebhookSettings {
    /// A webhook with a fresh secret and no mapping.
    #[must_use]
    pub fn fresh() -> Self {
        Self { secret: new_secret(), mapping: Vec::new(), previous: None }
    }

    /// Gives it another secret; the present one works until `end`.
    pub fn rotate(&mut self, end: Timestamp) {
        let old = std::mem::replace(&mut self.secret, new_secret());
        self.previous = Some((old, end));
    }

    /// What is wrong with it before it is saved.
    ///
    /// # Errors
    /// `webhook_secret` or `webhook_mapping`, naming the entry.
    pub fn checked(&self) -> Result<()> {
        if self.secret.chars().count() < SECRET_MIN {
            let detail = format!("a secret has at least {SECRET_MIN} characters; leave it out to have one made");
            return Err(Problem::invalid("webhook_secret", detail));
        }
        let wrong = |text: String| Err(Problem::invalid("webhook_mapping", text));
        if self.mapping.len() > MAPPING_MAX {
            return wrong(format!("a mapping has at most {MAPPING_MAX} fields; this one has {}", self.mapping.len()));
        }
        for (field, path) in &self.mapping {
            let steps = field.split('.').count();
            if target(field).is_none() || steps > STEPS_MAX || field.split('.').any(str::is_empty) {
                return wrong(format!(
                    "`{field}` is no field of an event; expected one of {}, or a path below properties, traits or context",
                    FIELDS.join(", ")
                ));
            }
            let is_path = !path.starts_with('=');
            if is_path && (path.split('.').any(str::is_empty) || path.split('.').count() > STEPS_MAX) {
                return wrong(format!(
                    "the path `{path}` of `{field}` cannot be read; write names joined by dots, or = and a fixed text"
                ));
            }
        }
        Ok(())
    }
}

fn new_secret() -> String {
    format!("whs_{}", hex(&Rng::secret(32)))
}

fn refused(code: &'static str, detail: &str) -> Problem {
    Problem::new(ProblemKind::Unauthenticated, code, detail)
}

/// Whether the request is signed with the present secret, or the one before while it lasts, and is no older than the
/// tolerance.
fn check(hook: &WebhookSettings, req: &WebhookRequest<'_>, now: Timestamp) -> Result<()> {
    let (sent, text) = match (req.signature, req.shopify_signature) {
        (Some(header), _) => (from_hex(header.trim().strip_prefix("sha256=").unwrap_or(header.trim())), req.timestamp),
        // Shopify signs the body alone.
        (None, Some(header)) => (BASE64.decode(header.trim()).ok(), None),
        (None, None) => {
            let detail =
                "the request is not signed; send X-Throughline-Signature: sha256=<hex HMAC-SHA256 of the body>";
            return Err(refused("no_signature", detail));
        }
    };
    let bad = || {
        refused(
            "bad_signature",
            "the signature does not fit the body; sign the bytes that are sent with the webhook's present secret \
             (with X-Throughline-Timestamp: the timestamp, a dot, then the body)",
        )
    };
    let sent = sent.ok_or_else(bad)?;
    let previous = hook.previous.as_ref().filter(|(_, end)| *end > now).map(|(secret, _)| secret);
    let fits = std::iter::once(&hook.secret).chain(previous).any(|secret| is_signed(secret, text, req.body, &sent));
    if !fits {
        return Err(bad());
    }
    let Some(text) = text else { return Ok(()) };
    let seconds: Option<i64> = text.trim().parse().ok();
    let at = seconds.and_then(|s| s.checked_mul(1_000)).map(Timestamp::from_ms);
    if at.is_some_and(|at| now.since(at).saturating_abs() <= TOLERANCE_MS) {
        return Ok(());
    }
    Err(refused(
        "stale_signature",
        "X-Throughline-Timestamp is not within five minutes of our clock; send Unix seconds and sign each attempt anew",
    ))
}

/// Compares in constant time.
fn is_signed(secret: &str, timestamp: Option<&str>, body: &[u8], signature: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    if let Some(text) = timestamp {
        mac.update(text.as_bytes());
        mac.update(b".");
    }
    mac.update(body);
    mac.verify_slice(signature).is_ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Fields of an event in Segment's shape that a mapping may fill.
const FIELDS: [&str; 11] = [
    "type",
    "event",
    "name",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "timestamp",
    "sentAt",
    "properties|traits|context.…",
];

/// The field of Segment's shape that a mapping's field stands for, with what follows it.
fn target(field: &str) -> Option<(&str, Option<&str>)> {
    let (head, rest) = field.split_once('.').map_or((field, None), |(h, r)| (h, Some(r)));
    let head = match head {
        "kind" => "type",
        "user_id" => "userId",
        "anonymous_id" => "anonymousId",
        "previous_id" => "previousId",
        "group_id" => "groupId",
        "message_id" => "messageId",
        "sent_at" => "sentAt",
        other => other,
    };
    let is_object = matches!(head, "properties" | "traits" | "context");
    let known = if is_object { true } else { rest.is_none() && FIELDS[..10].contains(&head) };
    known.then_some((head, rest))
}

/// The body in Segment's shape: an event for each object of it. What a mapping copies altogether is limited, because a
/// path may be named many times.
fn mapped(mapping: &[(String, String)], body: &[u8], limit: usize) -> Result<Vec<u8>> {
    let body: Value = serde_json::from_slice(body).map_err(|e| {
        Problem::invalid("unreadable", format!("the body is no JSON: line {}, column {}", e.line(), e.column()))
    })?;
    let entries = match body {
        Value::Array(list) => list,
        one => vec![one],
    };
    let mut left = limit;
    let mut events = Vec::with_capacity(entries.len());
    for entry in &entries {
        let mut event = Map::new();
        for (field, path) in mapping {
            let Some((head, rest)) = target(field) else { continue };
            let value = match path.strip_prefix('=') {
                Some(text) => Value::from(text),
                None => match at(entry, path) {
                    None | Some(Value::Null) => continue,
                    Some(found) => {
                        left = left.checked_sub(weight(found)).ok_or_else(|| {
                            let detail = format!("the mapping copies more than {limit} bytes; send smaller batches");
                            Problem::new(ProblemKind::TooLarge, "too_large", detail)
                        })?;
                        found.clone()
                    }
                },
            };
            put(&mut event, head, rest, value);
        }
        events.push(Value::Object(event));
    }
    Ok(serde_json::to_vec(&events).expect("JSON values can be written"))
}

/// The value at a path of names and list positions.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |v, step| match v {
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        Value::Object(object) => object.get(step),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

fn put(event: &mut Map<String, Value>, head: &str, rest: Option<&str>, value: Value) {
    let mut steps = std::iter::once(head).chain(rest.into_iter().flat_map(|r| r.split('.'))).peekable();
    let mut object = event;
    while let Some(step) = steps.next() {
        if steps.peek().is_none() {
            object.insert(step.to_owned(), value);
            return;
        }
        let inner = object.entry(step).or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        let Value::Object(next) = inner else { return };
        object = next;
    }
}

/// Roughly the bytes of a value as JSON.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(s) => s.len() + 2,
        Value::Array(list) => 2 + list.iter().map(weight).sum::<usize>(),
        Value::Object(object) => 2 + object.iter().map(|(k, v)| k.len() + 4 + weight(v)).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests;
