//! Addresses: where a visit came from, without the secrets that ride along.

use super::Cleaned;

/// Parameters that advertising platforms add to a click. Their values are never kept in a touch, only their names.
/// Names of 腾讯 (`gdt_vid`, `qz_gdt`), 巨量 (`clickid`) and 百度 (`bd_vid`) as their landing pages show them.
pub const CLICK_IDS: &[&str] = &[
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "bd_vid",
    "sg_vid",
    "sogou_click_id",
    "qhclickid",
    "yclid",
    "n_click_id",
    "nclid",
    "clickid",
    "ad_clickid",
    "oceanengine_click_id",
    "gdt_vid",
    "qz_gdt",
    "ksclickid",
    "ks_callback",
    "xhs_click_id",
    "bili_track_id",
    "weibo_mark_id",
    "ttclid",
    "twclid",
    "li_fat_id",
    "epik",
    "rdt_cid",
    "sccid",
    "scclid",
    "irclickid",
    "cjevent",
    "awc",
    "ransiteid",
    "siteid",
    "zanpid",
    "mc_eid",
    "mc_cid",
    "_kx",
    "vero_id",
    "mkt_tok",
    "_hsenc",
    "fbclid",
];

/// Parameters that open doors: their values are cut out of every address.
pub const SECRETS: &[&str] = &[
    "token",
    "access_token",
    "accesstoken",
    "id_token",
    "refresh_token",
    "auth",
    "auth_token",
    "authtoken",
    "authorization",
    "bearer",
    "jwt",
    "password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "client_secret",
    "app_secret",
    "appsecret",
    "session",
    "sessionid",
    "session_id",
    "session_key",
    "jsessionid",
    "phpsessid",
    "ticket",
    "pass_ticket",
    "sig",
    "sign",
    "signature",
    "api_key",
    "apikey",
    "otp",
    "reset_token",
    "reset_password_token",
    "confirmation_token",
    "magic",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
];

/// What an address says about a visit. Borrowed from it, still percent-encoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Landing<'a> {
    /// Host without user, port and `www.`; empty when the address has none.
    pub host: &'a str,
    /// `utm_source`.
    pub utm_source: &'a str,
    /// `utm_medium`.
    pub utm_medium: &'a str,
    /// `utm_campaign`.
    pub utm_campaign: &'a str,
    /// `utm_content`.
    pub utm_content: &'a str,
    /// `utm_term`.
    pub utm_term: &'a str,
    /// Name of the click id it carries; `fbclid` only if there is no other, for it rides on unpaid links too.
    pub click_id: &'static str,
}

/// Reads an address or a bare query (`?utm_source=…`). Parameters behind `#` count too: single-page apps put them there.
#[must_use]
pub fn landing(address: &str) -> Landing<'_> {
    let mut out = Landing { host: host(address), ..Landing::default() };
    for (name, value, _) in parameters(address) {
        if value.is_empty() {
            continue;
        }
        let field = match name {
            "utm_source" => &mut out.utm_source,
            "utm_medium" => &mut out.utm_medium,
            "utm_campaign" => &mut out.utm_campaign,
            "utm_content" => &mut out.utm_content,
            "utm_term" => &mut out.utm_term,
            _ => {
                if out.click_id.is_empty() || out.click_id == "fbclid" {
                    let known = CLICK_IDS.iter().find(|id| name.eq_ignore_ascii_case(id));
                    out.click_id = known.copied().unwrap_or(out.click_id);
                }
                continue;
            }
        };
        *field = value;
    }
    out
}

/// The host of an address, without user, port and `www.`; empty when there is none.
#[must_use]
pub fn host(address: &str) -> &str {
    let rest =
        address.split_once("://").map(|(_, rest)| rest).or_else(|| address.strip_prefix("//")).unwrap_or_default();
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') {
        host.split(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    match host.get(..4) {
        Some(www) if www.eq_ignore_ascii_case("www.") => &host[4..],
        Some(_) | None => host,
    }
}

/// Name, value and offset of the value of each parameter.
fn parameters(address: &str) -> impl Iterator<Item = (&str, &str, usize)> {
    let start = address.find(['?', '#']).map_or(address.len(), |at| at + 1);
    let mut offset = start;
    address[start..].split(['?', '&', '#']).map(move |pair| {
        let at = offset;
        offset += pair.len() + 1;
        match pair.split_once('=') {
            Some((name, value)) => (name, value, at + name.len() + 1),
            None => (pair, "", at + pair.len()),
        }
    })
}

/// The places of an address that hold secrets, in order and apart from each other.
fn secrets(address: &str) -> Vec<(usize, usize)> {
    let has_state = || parameters(address).any(|(name, ..)| name == "state");
    let is_secret = |name: &str| {
        let bare = name.trim_start_matches('$');
        // `code` is a coupon on one page and half of an OAuth login on another; only there `state` goes with it.
        SECRETS.iter().any(|s| bare.eq_ignore_ascii_case(s)) || (name == "code" && has_state())
    };
    let found = parameters(address).filter(|(name, value, _)| !value.is_empty() && is_secret(name));
    let mut places: Vec<(usize, usize)> = found.map(|(_, value, at)| (at, at + value.len())).collect();
    if let Some(user) = user_info(address) {
        places.insert(0, user);
    }
    places
}

/// Where `user:password@` stands.
fn user_info(address: &str) -> Option<(usize, usize)> {
    let start = address.find("://")? + 3;
    let authority = address[start..].split(['/', '?', '#', '\\']).next()?;
    authority.rfind('@').filter(|at| *at > 0).map(|at| (start, start + at))
}

/// An address whose secrets are cut out, and what may be kept of the raw one: the same with `***` in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrippedUrl {
    /// Without the values of secret parameters and without `user:password@`.
    pub url: String,
    /// The raw address with `***` for each secret. This is what a correction keeps: a secret is never stored.
    pub masked: String,
}

/// Cuts secrets out of an address; `None` when it has none. Rule `url_secret`.
#[must_use]
pub fn strip_secrets(address: &str) -> Option<Cleaned<StrippedUrl>> {
    if !address.contains(['=', '@']) {
        return None;
    }
    let places = secrets(address);
    if places.is_empty() {
        return None;
    }
    let (mut url, mut masked) = (String::with_capacity(address.len()), String::with_capacity(address.len()));
    let mut from = 0;
    for (start, end) in places {
        url.push_str(&address[from..start]);
        masked.push_str(&address[from..start]);
        masked.push_str("***");
        let is_user = address[end..].starts_with('@') && user_info(address) == Some((start, end));
        from = end + usize::from(is_user);
        if is_user {
            masked.push('@');
        }
    }
    url.push_str(&address[from..]);
    masked.push_str(&address[from..]);
    Some(Cleaned::when(StrippedUrl { url, masked }, true, "url_secret"))
}

/// Percent-decoded text of a parameter in lower case, trimmed, at most `most` characters; `+` is a blank.
#[must_use]
pub fn parameter_text(value: &str, most: usize) -> String {
    let plain = !value.bytes().any(|b| b == b'%' || b == b'+');
    let decoded;
    let text = if plain {
        value
    } else {
        decoded = decode(value);
        &decoded
    };
    short_text(text, most)
}

/// Lower case, clean, trimmed, at most `most` characters.
#[must_use]
pub fn short_text(text: &str, most: usize) -> String {
    let clean = super::text(text);
    let cut = clean.char_indices().nth(most).map_or(&*clean, |(at, _)| &clean[..at]);
    let lower = cut.to_lowercase();
    match lower.char_indices().nth(most) {
        Some((at, _)) => lower[..at].trim().to_owned(),
        None => lower.trim().to_owned(),
    }
}

fn decode(value: &str) -> String {
    let bytes = value.as_bytes();
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match (bytes[i], hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 2;
            }
            (b'+', ..) => out.push(b' '),
            (b, ..) => out.push(b),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_landing_address_says_where_the_visit_came_from() {
        let l = landing(
            "https://www.Shop.cn:8080/p?utm_source=Xhs&utm_medium=cpc&fbclid=1&clickid=2#/x?utm_term=%E5%8F%A3%E7%BA%A2",
        );
        assert_eq!((l.host, l.utm_source, l.utm_medium, l.click_id), ("Shop.cn", "Xhs", "cpc", "clickid"));
        assert_eq!(parameter_text(l.utm_term, 200), "口红");
        assert_eq!(landing("?utm_source=x&utm_campaign=c").utm_campaign, "c");
        assert_eq!(host("android-app://com.tencent.mm"), "com.tencent.mm");
        assert_eq!(host("/path"), "");
        assert_eq!(parameter_text("Spring+Sale%21", 200), "spring sale!");
        assert_eq!(parameter_text("ABCDEF", 3), "abc");
    }

    #[test]
    fn secrets_are_cut_out_and_never_kept() {
        let s = strip_secrets("https://u:p@x.cn/cb?a=1&access_token=abc&b=2#id_token=zz").unwrap().value;
        assert_eq!(s.url, "https://x.cn/cb?a=1&access_token=&b=2#id_token=");
        assert_eq!(s.masked, "https://***@x.cn/cb?a=1&access_token=***&b=2#id_token=***");
        assert_eq!(strip_secrets("https://x.cn/?code=SPRING20"), None);
        assert_eq!(strip_secrets("https://x.cn/?code=021&state=1").unwrap().value.url, "https://x.cn/?code=&state=1");
        assert_eq!(strip_secrets(&s.url), None);
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic_and_stripping_is_final(a in "[a-z:/@?&#=%é]{0,20}(token=|user:pw@|://)?[a-z:/@?&#=%é]{0,20}") {
            let _ = landing(&a);
            if let Some(once) = strip_secrets(&a) {
                prop_assert_eq!(strip_secrets(&once.value.url), None, "{:?}", once);
            }
        }
    }
}
