//! Where a request comes from: its connection's other end, or what trusted proxies say.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Once,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, HeaderName, header, request::Parts},
};
use ipnet::IpNet;

use crate::{App, account::throttle::Origin, security::whence::Whence};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// More proxies than anybody chains.
const MOST_HOPS: usize = 16;

impl FromRequestParts<App> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(origin(peer(&parts.extensions), &parts.headers, &app.serving.trusted_proxies))
    }
}

/// Where a request comes from, to be kept with what it does.
pub(crate) fn whence(app: &App, extensions: &Extensions, headers: &HeaderMap) -> Whence {
    let (peer, trusted) = (peer(extensions), &app.serving.trusted_proxies);
    let address = client(peer, headers, |address| trusted.iter().any(|network| network.contains(&address)));
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Whence::new(address.unwrap_or(peer), agent)
}

/// The other end of the connection.
fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical())
}

/// The origin of a request that came from `peer`.
fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Origin {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let (client, disputed) = match client(peer, headers, is_trusted) {
        Ok(client) => (client, false),
        Err(Disputed) => (peer, true),
    };
    // Requests with contradictory headers share a limit only among themselves.
    let shared = !disputed && (client.is_unspecified() || client.is_loopback() || is_trusted(client));
    if peer.is_loopback()
        && !is_trusted(peer)
        && (headers.contains_key(&X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED))
    {
        warn_once(peer);
    }
    Origin { network: network(client), shared }
}

/// Both headers are present and name different clients.
struct Disputed;

/// The last address that a trusted proxy wrote. Proxies append, so we read each list from its end and stop at the first
/// entry that no trusted proxy wrote: a client can't fake its address. A proxy passes on the header that it does not write;
/// if both are present and disagree, we trust neither.
fn client(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Result<IpAddr, Disputed> {
    let told = |name: &HeaderName, read: fn(&str) -> Option<IpAddr>| {
        headers.contains_key(name).then(|| {
            let lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or(""));
            let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
            let mut at = peer;
            for hop in hops.into_iter().rev().take(MOST_HOPS) {
                match read(hop.trim()) {
                    Some(before) if is_trusted(at) => at = before,
                    _ => break,
                }
            }
            at
        })
    };
    match (told(&X_FORWARDED_FOR, address), told(&header::FORWARDED, forwarded)) {
        (Some(one), Some(other)) if one != other => Err(Disputed),
        (Some(one), _) | (None, Some(one)) => Ok(one),
        (None, None) => Ok(peer),
    }
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let parsed = bare.unwrap_or(text).parse().ok();
    parsed.or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip())).map(|ip: IpAddr| ip.to_canonical())
}

/// The `for` of an element of `Forwarded` (RFC 7239 §4). Lists are split at every comma, even within quotes, so that a
/// client's open quote hides nothing after it; half a quoted text is no element.
fn forwarded(element: &str) -> Option<IpAddr> {
    if element.matches('"').count() % 2 == 1 {
        return None;
    }
    let pair = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) =
        pair.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    address(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// The part of an address that identifies one customer of a provider.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

fn warn_once(peer: IpAddr) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(%peer, "requests come through a proxy that is not trusted, so all sign-ins seem to come from one address. \
            Set LEDGERBOARD_TRUSTED_PROXIES to the proxy's address");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, headers: &[(&'static str, &str)], trusted: &[&str]) -> (String, bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let origin = origin(peer.parse().unwrap(), &map, &trusted);
        (origin.network.to_string(), origin.shared)
    }

    /// Peer, headers, trusted networks → network, whether it is everybody's.
    type Case<'a> = (&'a str, &'a [(&'static str, &'a str)], &'a [&'a str], &'a str, bool);

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        const XFF: &str = "x-forwarded-for";
        const FWD: &str = "forwarded";
        let local = &["127.0.0.1/32", "::1/128"][..];
        let chain = &["127.0.0.0/8", "10.0.0.0/8"][..];
        let cases: &[Case] = &[
            // Nobody is trusted.
            ("203.0.113.9", &[], &[], "203.0.113.9", false),
            ("203.0.113.9", &[(XFF, "198.51.100.1")], &[], "203.0.113.9", false),
            ("127.0.0.1", &[(XFF, "198.51.100.1")], &[], "127.0.0.1", true),
            // One proxy on this machine.
            ("127.0.0.1", &[(XFF, "198.51.100.1")], local, "198.51.100.1", false),
            ("127.0.0.1", &[(XFF, "1.1.1.1, 198.51.100.1")], local, "198.51.100.1", false),
            ("127.0.0.1", &[(XFF, "1.1.1.1"), (XFF, "198.51.100.1")], local, "198.51.100.1", false),
            ("127.0.0.1", &[(XFF, "127.0.0.1, 198.51.100.1")], local, "198.51.100.1", false),
            ("127.0.0.1", &[(XFF, "198.51.100.1:4711")], local, "198.51.100.1", false),
            ("::1", &[(XFF, "2001:db8:1:2:3:4:5:6")], local, "2001:db8:1:2::", false),
            ("::1", &[(XFF, "[2001:db8:1:2::7]:443")], local, "2001:db8:1:2::", false),
            ("127.0.0.1", &[(XFF, "::ffff:198.51.100.1")], local, "198.51.100.1", false),
            ("203.0.113.9", &[(XFF, "198.51.100.1")], local, "203.0.113.9", false),
            // It says nothing, or nothing that can be read.
            ("127.0.0.1", &[], local, "127.0.0.1", true),
            ("127.0.0.1", &[(XFF, "")], local, "127.0.0.1", true),
            ("127.0.0.1", &[(XFF, "198.51.100.1, unknown")], local, "127.0.0.1", true),
            // Two proxies in a row, one of which is trusted by its network.
            ("127.0.0.1", &[(XFF, "1.1.1.1, 198.51.100.1, 10.1.2.3")], chain, "198.51.100.1", false),
            ("127.0.0.1", &[(XFF, "garbage, 10.1.2.3")], chain, "10.1.2.3", true),
            // The other header.
            ("127.0.0.1", &[(FWD, "for=198.51.100.1;proto=https;host=x")], local, "198.51.100.1", false),
            ("127.0.0.1", &[(FWD, "proto=https; For=\"[2001:db8:1:2::7]:4711\"")], local, "2001:db8:1:2::", false),
            ("127.0.0.1", &[(FWD, "for=1.1.1.1, for=198.51.100.1")], local, "198.51.100.1", false),
            ("127.0.0.1", &[(FWD, "for=\"1.1.1.1, for=198.51.100.1")], local, "198.51.100.1", false),
            ("127.0.0.1", &[(FWD, "for=198.51.100.1;host=\"a,for=1.1.1.1;b\"")], local, "127.0.0.1", true),
            ("127.0.0.1", &[(FWD, "for=_hidden")], local, "127.0.0.1", true),
            ("127.0.0.1", &[(FWD, "for=unknown")], local, "127.0.0.1", true),
            // A client adds the header that the proxy does not write.
            ("127.0.0.1", &[(XFF, "198.51.100.1"), (FWD, "for=1.1.1.1")], local, "127.0.0.1", false),
            ("127.0.0.1", &[(XFF, "1.1.1.1"), (FWD, "for=198.51.100.1")], local, "127.0.0.1", false),
            ("127.0.0.1", &[(XFF, "198.51.100.1"), (FWD, "for=unknown")], local, "127.0.0.1", false),
            ("127.0.0.1", &[(XFF, ""), (FWD, "for=198.51.100.1")], local, "127.0.0.1", false),
            ("127.0.0.1", &[(XFF, "198.51.100.1"), (FWD, "for=198.51.100.1")], local, "198.51.100.1", false),
        ];
        for (peer, headers, trusted, network, shared) in cases {
            assert_eq!(
                found(peer, headers, trusted),
                ((*network).to_owned(), *shared),
                "{peer} {headers:?} {trusted:?}"
            );
        }
    }
}
