//! Webhooks out: a body, signed, to an address that answers 2xx.
//!
//! The signature is the one our own inbound webhooks take: `X-Throughline-Timestamp` in Unix seconds, and
//! `X-Throughline-Signature: sha256=` with the hexadecimal HMAC-SHA256 over the timestamp, a dot and the body. Each
//! attempt is signed anew, so that a receiver may refuse what is older than a few minutes.

use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use sha2::Sha256;
use throughline_base::Timestamp;
use throughline_domain::person::consent::hex;

use crate::error::{ChannelError, Failure, Result};
use crate::{Channels, guard};

/// Longest wait for an answer.
const LIMIT: Duration = Duration::from_secs(30);
/// Headers that a destination may not set: they are ours, or steer the connection.
const RESERVED: [&str; 9] = [
    "host",
    "content-length",
    "content-type",
    "connection",
    "transfer-encoding",
    "user-agent",
    "x-throughline-signature",
    "x-throughline-timestamp",
    "x-throughline-delivery",
];

/// Where a webhook goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// `https://…`.
    pub url: String,
    /// Key of the signature.
    pub secret: String,
    /// Further headers, for instance `Authorization`.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(n, _)| n.as_str()).collect();
        f.debug_struct("Webhook").field("url", &self.url).field("headers", &names).finish_non_exhaustive()
    }
}

/// The signature of a body.
#[must_use]
pub fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

impl Webhook {
    /// Whether it can be sent at all, without sending anything.
    ///
    /// # Errors
    /// The address or a header that cannot be used.
    pub fn checked(&self, channels: &Channels) -> Result<()> {
        channels.reach().checked(&self.url)?;
        self.header_map().map(drop)
    }

    fn header_map(&self) -> Result<HeaderMap> {
        let mut out = HeaderMap::new();
        for (name, value) in &self.headers {
            let low = name.to_ascii_lowercase();
            if RESERVED.contains(&low.as_str()) {
                return Err(ChannelError::setup(format!("the header {name} is set by us; leave it out")));
            }
            let (Ok(key), Ok(mut value)) = (HeaderName::try_from(low), HeaderValue::try_from(value.as_str())) else {
                return Err(ChannelError::setup(format!(
                    "the header {name} cannot be sent; use letters, digits and dashes"
                )));
            };
            value.set_sensitive(true);
            out.append(key, value);
        }
        Ok(out)
    }

    /// Sends JSON and waits for the answer. `delivery` names this content: a receiver that has it already may answer 2xx at
    /// once.
    ///
    /// # Errors
    /// What the receiver answered other than 2xx, or why none came.
    pub fn send(&self, channels: &Channels, delivery: &str, body: Vec<u8>, now: Timestamp) -> Result<()> {
        let url = channels.reach().checked(&self.url)?;
        let client = channels.reach().client(LIMIT)?;
        let timestamp = now.ms().div_euclid(1_000).to_string();
        let signature = signature(&self.secret, &timestamp, &body);
        let request = client
            .post(url)
            .headers(self.header_map()?)
            .header("content-type", "application/json")
            .header("user-agent", concat!("throughline/", env!("CARGO_PKG_VERSION")))
            .header("x-throughline-delivery", delivery)
            .header("x-throughline-timestamp", timestamp)
            .header("x-throughline-signature", signature)
            .body(Bytes::from(body));
        channels.wait(LIMIT + Duration::from_secs(1), async move {
            let response = request.send().await.map_err(|e| unsent(&e))?;
            answered(&response)
        })
    }
}

/// Why there was no answer. The client's own text may hold the URL, and with it a token of the receiver's; it is left out.
fn unsent(e: &reqwest::Error) -> ChannelError {
    if let Some(ours) = guard::guarded(e) {
        return ours;
    }
    let why = if e.is_timeout() {
        format!("no answer within {} s", LIMIT.as_secs())
    } else if e.is_connect() {
        format!("no connection: {}", innermost(e))
    } else {
        format!("the connection broke off: {}", innermost(e))
    };
    ChannelError::unreachable(format!("the webhook's receiver cannot be reached: {why}"))
}

fn innermost(e: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = e;
    while let Some(next) = source.source() {
        source = next;
    }
    source.to_string()
}

fn answered(response: &Response) -> Result<()> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let after = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|t| t.parse().ok());
    let code = status.as_u16();
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => ChannelError {
            failure: Failure::Busy(after),
            detail: format!("the receiver answered {code}: too much at once"),
        },
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_EARLY => {
            ChannelError::unreachable(format!("the receiver answered {code}"))
        }
        s if s.is_redirection() => ChannelError::refused(format!(
            "the receiver answered {code}, another address; redirects are not followed: set the address it moved to"
        )),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ChannelError::refused(format!(
            "the receiver answered {code}; check that it knows this destination's secret and headers"
        )),
        s if s.is_client_error() => {
            ChannelError::refused(format!("the receiver answered {code}; check the address and what it expects"))
        }
        _ => ChannelError::unreachable(format!("the receiver answered {code}")),
    })
}
