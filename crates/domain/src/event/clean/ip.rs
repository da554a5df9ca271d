//! Addresses of clients: kept only as far as a place can be told from them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Cleaned;

/// Cuts an address to /24 (IPv4) or /48 (IPv6); `None` when it is no address. Rule `ip_truncated`.
#[must_use]
pub fn truncate_ip(raw: &str) -> Option<Cleaned<String>> {
    let address: IpAddr = raw.trim().parse().ok()?;
    let cut = match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    };
    let value = cut.to_string();
    let changed = value != raw;
    Some(Cleaned::when(value, changed, "ip_truncated"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_to_their_network() {
        let cut = |raw: &str| truncate_ip(raw).map(|c| c.value);
        assert_eq!(cut("203.0.113.77").as_deref(), Some("203.0.113.0"));
        assert_eq!(cut("::ffff:203.0.113.77").as_deref(), Some("203.0.113.0"));
        assert_eq!(cut("2001:db8:aa:bb::1").as_deref(), Some("2001:db8:aa::"));
        assert_eq!(cut("localhost"), None);
        assert_eq!(truncate_ip("203.0.113.0").unwrap().rule, None);
    }
}
