//! Who may be reached. An operator of the console types addresses; without a guard the server would fetch for them what
//! only it can reach: the database's port, a cloud's metadata service, a neighbour's console (server-side request
//! forgery, OWASP).
//!
//! The check is on the *resolved* address, and the connection goes to that very address, so that a name which changes
//! between check and connection (DNS rebinding) gains nothing. Redirects are never followed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpStream;

use crate::CONNECT;
use crate::error::{ChannelError, Result};

/// Which addresses may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Addresses of the public internet, over encrypted protocols.
    #[default]
    Public,
    /// Any address, private networks and this machine included, and plain HTTP too.
    Anywhere,
}

impl Reach {
    /// Whether an address may be reached.
    #[must_use]
    pub fn allows(self, ip: IpAddr) -> bool {
        self == Self::Anywhere || is_public(ip)
    }

    /// The addresses of a name that may be reached.
    async fn resolve(self, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((host, port))
            .await
            .map_err(|e| ChannelError::unreachable(format!("the name {host} cannot be resolved: {e}")))?;
        let allowed: Vec<SocketAddr> = found.filter(|a| self.allows(a.ip())).collect();
        if allowed.is_empty() { Err(private(host)) } else { Ok(allowed) }
    }

    /// Connects to the first address of a name that may be reached and answers.
    pub(crate) async fn connect(self, host: &str, port: u16) -> Result<TcpStream> {
        let mut last = None;
        for address in self.resolve(host, port).await? {
            match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(e)) => last = Some(e.to_string()),
                Err(_) => last = Some(format!("no answer within {} s", CONNECT.as_secs())),
            }
        }
        let why = last.unwrap_or_default();
        Err(ChannelError::unreachable(format!("{host}:{port} does not answer: {why}; check host, port and firewall")))
    }

    /// A client of HTTP that reaches nobody else.
    pub(crate) fn client(self, limit: std::time::Duration) -> Result<reqwest::Client> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // A proxy of the environment would resolve names itself, behind the guard.
            .no_proxy()
            .https_only(self == Self::Public)
            .connect_timeout(CONNECT)
            .timeout(limit)
            .dns_resolver(self)
            .build()
            .map_err(|e| ChannelError::setup(format!("the client of HTTP cannot be made: {e}")))
    }

    /// Checks a URL whose host is an address, which no resolver is asked about, and its protocol.
    pub(crate) fn checked(self, text: &str) -> Result<reqwest::Url> {
        let url = reqwest::Url::parse(text)
            .map_err(|e| ChannelError::setup(format!("the address is no URL: {e}; expected https://host/path")))?;
        let plain = url.scheme() == "http";
        if !plain && url.scheme() != "https" {
            return Err(ChannelError::setup(format!("{}:// is not spoken; use https://", url.scheme())));
        }
        if plain && self == Self::Public {
            let detail = "http:// shows everybody on the way what is sent; use https://, or allow it with destination.allow_private";
            return Err(ChannelError::setup(detail));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ChannelError::setup("the URL holds a login; put it into a header, where it is kept encrypted"));
        }
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(ip) if !self.allows(ip) => Err(private(host)),
            Ok(_) | Err(_) if host.is_empty() => Err(ChannelError::setup("the URL names no host")),
            Ok(_) | Err(_) => Ok(url),
        }
    }
}

fn private(host: &str) -> ChannelError {
    ChannelError::setup(format!(
        "{host} is in a private network or on this machine; if that is meant, allow it with destination.allow_private"
    ))
}

/// What the guard says is kept whole on its way through the client of HTTP.
pub(crate) fn guarded(error: &(dyn std::error::Error + 'static)) -> Option<ChannelError> {
    let mut source = Some(error);
    while let Some(e) = source {
        if let Some(ours) = e.downcast_ref::<ChannelError>() {
            return Some(ours.clone());
        }
        source = e.source();
    }
    None
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = Self::resolve(reach, name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet (IANA special-purpose registries).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, ..)
    );
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // ::ffff:a.b.c.d, ::a.b.c.d (with :: and ::1), 64:ff9b::a.b.c.d and 2002:a.b.c.d:: hold an address of the fourth
        // version, which is what would be reached.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => inner(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        // Only 2000::/3 is given out; of it 2001::/23 (protocols) and 2001:db8::/32, 3fff::/20 (documentation) are not.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_told_from_those_outside() {
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "203.0.113.9",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
        ];
        for text in inside {
            assert!(!Reach::Public.allows(text.parse().unwrap()), "{text}");
            assert!(Reach::Anywhere.allows(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
        ] {
            assert!(Reach::Public.allows(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn urls_that_lead_inside_or_tell_secrets_are_refused() {
        let refused = [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:a00:1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "http://example.com/",
            "ftp://example.com/",
            "https://user:password@example.com/",
            "example.com",
        ];
        for text in refused {
            let e = Reach::Public.checked(text).unwrap_err();
            assert!(!e.detail.contains("password@"), "{e}");
        }
        assert!(Reach::Public.checked("https://example.com/hook").is_ok());
        assert!(Reach::Anywhere.checked("http://127.0.0.1:9/hook").is_ok());
    }
}
