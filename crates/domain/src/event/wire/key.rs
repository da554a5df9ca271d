//! Where a write key is found: Basic user name, `X-Write-Key`, query, then the body (field note §1 rule 4).

use super::WireRequest;
use super::body::{base64, form_pairs};

/// Names a key has in a query, best first. `project` is what a Sensors address always carries.
const QUERY_NAMES: [&str; 6] = ["writeKey", "write_key", "api_key", "token", "key", "project"];

/// Longest key that is looked at.
const MAX_KEY: usize = 256;

/// A key as text, unless it is empty, masked (`k:***`) or absurdly long.
pub(super) fn usable(key: &str) -> Option<String> {
    let key = key.trim();
    (!key.is_empty() && key.len() <= MAX_KEY && !key.contains("***")).then(|| key.to_owned())
}

/// The key in headers or query.
pub(super) fn from_request(req: &WireRequest<'_>) -> Option<String> {
    basic_user(req.headers.authorization)
        .or_else(|| req.headers.write_key.and_then(usable))
        .or_else(|| req.query.and_then(from_query))
}

fn basic_user(header: Option<&str>) -> Option<String> {
    let (scheme, encoded) = header?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 2 * MAX_KEY {
        return None;
    }
    let text = String::from_utf8(base64(encoded.trim().as_bytes())?).ok()?;
    // A key may hold colons itself (Jitsu: `id:secret`); the password is empty and comes after the last one.
    usable(text.strip_suffix(':').unwrap_or(&text))
}

fn from_query(query: &str) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for (name, value) in form_pairs(query.as_bytes()).take(64) {
        let Some(rank) = QUERY_NAMES.iter().position(|n| n.as_bytes() == name) else { continue };
        if value.len() > 3 * MAX_KEY || best.as_ref().is_some_and(|(r, _)| *r <= rank) {
            continue;
        }
        if let Some(key) = String::from_utf8(super::body::percent_decode(value)).ok().as_deref().and_then(usable) {
            best = Some((rank, key));
        }
    }
    best.map(|(_, key)| key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::wire::Headers;

    fn key(authorization: Option<&str>, write_key: Option<&str>, query: Option<&str>) -> Option<String> {
        let headers = Headers { authorization, write_key, ..Headers::default() };
        from_request(&WireRequest { path: "/", query, headers, body: b"" })
    }

    #[test]
    fn the_key_is_looked_for_in_the_documented_order() {
        let basic = Some("Basic V0tfb2xkOg==");
        assert_eq!(key(basic, Some("hdr"), Some("writeKey=q")).as_deref(), Some("WK_old"));
        assert_eq!(key(None, Some("hdr"), Some("writeKey=q")).as_deref(), Some("hdr"));
        assert_eq!(key(None, Some("k:***"), Some("project=p&token=t%2B1")).as_deref(), Some("t+1"));
        assert_eq!(key(Some("Basic !!!"), None, Some("project=p")).as_deref(), Some("p"));
        assert_eq!(key(Some("Bearer abc"), None, None), None);
        assert_eq!(key(Some("basic azpz"), None, None).as_deref(), Some("k:s"), "a key with a colon and no password");
    }
}
