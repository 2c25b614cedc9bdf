//! Where a request goes: scheme, host, port and path of an `http` or `https` URL.

use std::net::{IpAddr, Ipv6Addr};

use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Uri};

/// Why a URL cannot be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Characters that no URL has, or something missing.
    #[error("the URL is malformed")]
    Malformed,
    /// Another scheme, or none.
    #[error("the URL is neither http nor https")]
    NotHttp,
    /// `https://user:password@host/`: credentials do not belong into a URL.
    #[error("the URL contains a user name or password")]
    UserInfo,
    /// No host, or something that cannot be the name of one.
    #[error("the URL names no host")]
    NoHost,
    /// Not from 1 to 65535.
    #[error("the URL has a port that does not exist")]
    BadPort,
}

/// A URL that can be requested. Its fragment is dropped; its host is in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    host_header: HeaderValue,
    path_and_query: PathAndQuery,
}

impl Target {
    /// Reads a URL.
    pub fn parse(url: &str) -> Result<Target, BadUrl> {
        let tls = match url.split_once("://") {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => true,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => false,
            Some(_) | None => return Err(BadUrl::NotHttp),
        };
        let uri: Uri = url.parse().map_err(|_| BadUrl::Malformed)?;
        let authority = uri.authority().ok_or(BadUrl::NoHost)?;
        if authority.as_str().contains('@') {
            return Err(BadUrl::UserInfo);
        }
        let default_port = if tls { 443 } else { 80 };
        let port = port(authority)?.unwrap_or(default_port);
        let bracketed = authority.host().to_ascii_lowercase();
        let host_header = if port == default_port { bracketed.clone() } else { format!("{bracketed}:{port}") };
        let path_and_query = match uri.path_and_query() {
            Some(given) if given.as_str().starts_with('/') => given.clone(),
            Some(given) => format!("/{}", given.as_str()).parse().map_err(|_| BadUrl::Malformed)?,
            None => PathAndQuery::from_static("/"),
        };
        Ok(Target {
            tls,
            host: bare_host(&bracketed)?.to_owned(),
            port,
            host_header: HeaderValue::from_str(&host_header).map_err(|_| BadUrl::Malformed)?,
            path_and_query,
        })
    }

    /// Whether it is `https`.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host: a name, or an address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also when the URL left it out.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address, if the URL has one instead of a name: then a guard can be asked before anything is sent. (Other
    /// spellings of addresses, `127.1` or `0x7f000001`, are names here and are resolved like one.)
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    pub(crate) fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }

    pub(crate) fn path_and_query(&self) -> &PathAndQuery {
        &self.path_and_query
    }
}

fn port(authority: &Authority) -> Result<Option<u16>, BadUrl> {
    match authority.as_str().strip_prefix(authority.host()) {
        Some("" | ":") => Ok(None),
        Some(rest) => {
            let number = rest.strip_prefix(':').and_then(|digits| digits.parse().ok()).filter(|port| *port != 0);
            number.map(Some).ok_or(BadUrl::BadPort)
        }
        None => Err(BadUrl::Malformed),
    }
}

/// Without the brackets of IPv6.
fn bare_host(host: &str) -> Result<&str, BadUrl> {
    let bare = host.strip_prefix('[').and_then(|inside| inside.strip_suffix(']'));
    match bare {
        Some(inside) if inside.parse::<Ipv6Addr>().is_ok() => Ok(inside),
        Some(_) => Err(BadUrl::NoHost),
        None if is_name(host) => Ok(host),
        None => Err(BadUrl::NoHost),
    }
}

/// Letters, digits, hyphens and underscores in parts of at most 63, with one dot between.
fn is_name(host: &str) -> bool {
    let is_part = |part: &str| {
        (1..=63).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let rows = [
            ("http://shop.example.jp", false, "shop.example.jp", 80, "shop.example.jp", "/"),
            ("HTTPS://Shop.Example.jp/a?b=c#d", true, "shop.example.jp", 443, "shop.example.jp", "/a?b=c"),
            ("https://shop.example.jp:443/", true, "shop.example.jp", 443, "shop.example.jp", "/"),
            ("https://shop.example.jp:8443?q", true, "shop.example.jp", 8443, "shop.example.jp:8443", "/?q"),
            ("http://127.0.0.1:1/x", false, "127.0.0.1", 1, "127.0.0.1:1", "/x"),
            ("http://[::1]:65535/", false, "::1", 65535, "[::1]:65535", "/"),
            ("http://a_b.example./", false, "a_b.example.", 80, "a_b.example.", "/"),
        ];
        for (url, tls, host, port, host_header, path) in rows {
            let target = Target::parse(url).unwrap();
            assert_eq!((target.is_tls(), target.host(), target.port()), (tls, host, port), "{url}");
            assert_eq!(target.host_header(), host_header, "{url}");
            assert_eq!(target.path_and_query(), path, "{url}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_requested_says_why() {
        let rows = [
            ("", BadUrl::NotHttp),
            ("https://", BadUrl::Malformed),
            ("javascript:alert(1)", BadUrl::NotHttp),
            ("file:///etc/passwd", BadUrl::NotHttp),
            ("https://a b/", BadUrl::Malformed),
            ("https://店.example/", BadUrl::Malformed),
            ("shop.example.jp", BadUrl::NotHttp),
            ("/path", BadUrl::NotHttp),
            ("ftp://shop.example.jp/", BadUrl::NotHttp),
            ("https://user@shop.example.jp/", BadUrl::UserInfo),
            ("https://user:secret@shop.example.jp/", BadUrl::UserInfo),
            ("https://good.example.jp@evil.example/", BadUrl::UserInfo),
            ("https://a..b/", BadUrl::NoHost),
            ("https://a%2fb/", BadUrl::Malformed),
            ("https://[1.2.3.4]/", BadUrl::NoHost),
            ("https://[fe80::1%25eth0]/", BadUrl::NoHost),
            ("https://a:0/", BadUrl::BadPort),
            ("https://a:65536/", BadUrl::BadPort),
        ];
        for (url, why) in rows {
            assert_eq!(Target::parse(url), Err(why), "{url}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_stops_the_reader(text in ".*", rest in "[a-z0-9.:@/?#\\[\\]%-]*") {
            let _ = Target::parse(&text);
            let _ = Target::parse(&format!("https://{rest}"));
        }
    }
}
