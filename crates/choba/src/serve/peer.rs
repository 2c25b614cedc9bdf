//! Who is at the other end: through proxies that are trusted, and through no others.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use kernel::Peer;

use crate::config::Network;

/// From the connection and what trusted proxies say in `X-Forwarded-For` and `X-Forwarded-Proto`.
///
/// Proxies append, so the list is read from its end, and the first address that is not a trusted proxy is the
/// client: what a client wrote there itself stands before it and is not believed. Where several protocols are
/// named, all of them must be https.
pub fn of(connection: SocketAddr, own_tls: bool, headers: &HeaderMap, trusted: &[Network], id: &str) -> Peer {
    let nearest = connection.ip().to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if trusted.is_empty() || !is_trusted(nearest) {
        return Peer { address: nearest, tls: own_tls, request_id: id.to_owned() };
    }
    let mut address = nearest;
    for entry in entries(headers, "x-forwarded-for").rev() {
        let Some(before) = parse_address(entry) else {
            break;
        };
        address = before;
        if !is_trusted(before) {
            break;
        }
    }
    let mut protocols = entries(headers, "x-forwarded-proto").peekable();
    let tls = match protocols.peek() {
        None => own_tls,
        Some(_) => protocols.all(|protocol| protocol.eq_ignore_ascii_case("https")),
    };
    Peer { address, tls, request_id: id.to_owned() }
}

/// The entries of a header that may come in several lines and with commas; one that is no text is an empty entry.
fn entries<'a>(headers: &'a HeaderMap, name: &'static str) -> impl DoubleEndedIterator<Item = &'a str> {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or("")).collect();
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim)
}

/// `1.2.3.4`, `1.2.3.4:5678`, `::1`, `[::1]` or `[::1]:5678`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Connection, header lines, and who it is then and whether over TLS.
    type Row = (&'static str, &'static [(&'static str, &'static str)], &'static str, bool);

    #[test]
    fn only_trusted_proxies_are_believed() {
        const XFF: &str = "x-forwarded-for";
        const PROTO: &str = "x-forwarded-proto";
        let none: &[(&str, &str)] = &[];
        let rows: [Row; 13] = [
            ("203.0.113.9:1", none, "203.0.113.9", false),
            ("203.0.113.9:1", &[(XFF, "1.1.1.1"), (PROTO, "https")], "203.0.113.9", false),
            ("10.0.0.1:1", none, "10.0.0.1", false),
            ("10.0.0.1:1", &[(XFF, "1.1.1.1"), (PROTO, "https")], "1.1.1.1", true),
            ("[::ffff:10.0.0.1]:1", &[(XFF, "1.1.1.1:443"), (PROTO, "HTTPS")], "1.1.1.1", true),
            ("10.0.0.1:1", &[(XFF, "6.6.6.6, 1.1.1.1"), (PROTO, "http")], "1.1.1.1", false),
            ("10.0.0.1:1", &[(XFF, "6.6.6.6, 1.1.1.1, 10.9.9.9"), (PROTO, "https, http")], "1.1.1.1", false),
            ("10.0.0.1:1", &[(XFF, "6.6.6.6"), (XFF, "1.1.1.1"), (PROTO, "https,https")], "1.1.1.1", true),
            ("10.0.0.1:1", &[(XFF, "10.2.2.2, 10.3.3.3")], "10.2.2.2", false),
            ("10.0.0.1:1", &[(XFF, "1.1.1.1, nonsense")], "10.0.0.1", false),
            ("10.0.0.1:1", &[(XFF, "1.1.1.1, nonsense, 10.3.3.3")], "10.3.3.3", false),
            ("10.0.0.1:1", &[(XFF, "[2001:db8::1]:80"), (PROTO, "")], "2001:db8::1", false),
            ("10.0.0.1:1", &[(XFF, "2001:db8::1"), (PROTO, "https")], "2001:db8::1", true),
        ];
        let trusted: [Network; 1] = ["10.0.0.0/8".parse().unwrap()];
        for (connection, lines, address, tls) in rows {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            let peer = of(connection.parse().unwrap(), false, &headers, &trusted, "r");
            assert_eq!(
                peer,
                Peer { address: address.parse().unwrap(), tls, request_id: "r".into() },
                "{connection} {lines:?}"
            );
        }
    }
}
