//! E-mail addresses.

use super::{Cleaned, id};

/// Longest address (RFC 5321 §4.5.3.1.3 without the brackets) and local part.
const MAX_ADDRESS: usize = 254;
const MAX_LOCAL: usize = 64;

/// An address in lower case with its domain in ASCII; `None` when it is no address. Rule `email`.
///
/// Dots and `+tag` stay: what a provider ignores is match evidence ([`email_match_key`]), not the address.
#[must_use]
pub fn email(raw: &str) -> Option<Cleaned<String>> {
    // Full-width text may grow fourfold in UTF-8; nothing longer can become an address.
    if raw.len() > 4 * MAX_ADDRESS {
        return None;
    }
    let text = id(raw);
    let text = text.strip_prefix("mailto:").unwrap_or(&text);
    let (local, domain) = text.rsplit_once('@')?;
    if !is_local(local) {
        return None;
    }
    let value = if domain.is_ascii() && is_domain(domain) && !has_punycode(domain) {
        text.to_ascii_lowercase()
    } else {
        let domain = idna::domain_to_ascii(domain).ok().filter(|d| is_domain(d))?;
        format!("{local}@{domain}")
    };
    let value = value.to_lowercase();
    // Lower-casing can leave a sequence that is not normal (`İ`); such an address is accepted only if stable.
    if value.len() > MAX_ADDRESS || id(&value) != value.as_str() {
        return None;
    }
    let changed = value != raw;
    Some(Cleaned::when(value, changed, "email"))
}

fn has_punycode(domain: &str) -> bool {
    domain.as_bytes().windows(4).any(|w| w.eq_ignore_ascii_case(b"xn--"))
}

fn is_local(local: &str) -> bool {
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c) || (!c.is_ascii() && c.is_alphanumeric())
    };
    !local.is_empty()
        && local.len() <= MAX_LOCAL
        && local.chars().all(allowed)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.len() <= 253
        && domain.split('.').all(label)
        && top.len() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit())
}

/// Providers whose local parts ignore dots, and those that deliver `name+tag` to `name`.
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];
const TAGGED: [&str; 11] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "me.com",
    "fastmail.com",
    "protonmail.com",
    "proton.me",
    "yandex.com",
];

/// What two spellings of one mailbox have in common, by the provider's rules. Evidence for matching, never an
/// address to send to. `email` must be clean.
#[must_use]
pub fn email_match_key(email: &str) -> String {
    let Some((local, domain)) = email.rsplit_once('@') else { return email.to_owned() };
    let local = if TAGGED.contains(&domain) { local.split('+').next().unwrap_or(local) } else { local };
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    if DOTLESS.contains(&domain) { format!("{}@{domain}", local.replace('.', "")) } else { format!("{local}@{domain}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(raw: &str) -> Option<String> {
        email(raw).map(|c| c.value)
    }

    #[test]
    fn addresses_are_lower_case_with_an_ascii_domain() {
        assert_eq!(email("a@b.co").unwrap().rule, None);
        assert_eq!(
            email(" A.B+x@Example.COM ").unwrap(),
            Cleaned { value: "a.b+x@example.com".into(), rule: Some("email") }
        );
        assert_eq!(clean("li@公司.中国").as_deref(), Some("li@xn--55qx5d.xn--fiqs8s"));
        assert_eq!(clean("ｌｉ＠ｑｑ．ｃｏｍ").as_deref(), Some("li@qq.com"));
        assert_eq!(clean("mailto:x@y.org").as_deref(), Some("x@y.org"));
    }

    #[test]
    fn what_is_no_address_is_told() {
        for bad in [
            "",
            "a",
            "a@b",
            "@b.co",
            "a@@b.co",
            "a b@c.de",
            "a..b@c.de",
            ".a@c.de",
            "a@-c.de",
            "a@c.1",
            "a@b.c",
            "a@b,co",
            "无",
        ] {
            assert_eq!(clean(bad), None, "{bad}");
        }
        assert_eq!(clean(&format!("{}@b.co", "a".repeat(65))), None);
    }

    #[test]
    fn one_mailbox_has_one_match_key() {
        assert_eq!(email_match_key("j.o.e+shop@googlemail.com"), "joe@gmail.com");
        assert_eq!(email_match_key("j.o.e+shop@qq.com"), "j.o.e+shop@qq.com");
    }

    proptest! {
        #[test]
        fn cleaning_an_address_twice_changes_nothing_more(raw in "\\PC{1,12}@[\\PC.]{1,12}\\.[a-z]{2,3}") {
            if let Some(once) = email(&raw) {
                prop_assert_eq!(email(&once.value), Some(Cleaned { value: once.value, rule: None }));
            }
        }
    }
}
