//! Origins: which pages may show a shop's button and hear of the outcome. Scheme, host and port, as browsers write them.

pub mod rows;

use std::fmt;
use std::str::FromStr;

use kernel::{Environment, ShopId};
use shop::By;
use store::{StoreError, Tx};

/// Origins of a shop in one environment at the most.
pub const ORIGINS_MAX: usize = 100;

/// An origin as browsers write it: `https://shop.example`, `http://127.0.0.1:8080`; in lower case, no default port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

/// The text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an origin such as https://shop.example: scheme, host, port if it is not the usual one")]
pub struct NoOrigin;

impl Origin {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin of an address that begins with `http://` or `https://`.
    pub fn of_url(url: &str) -> Result<Origin, NoOrigin> {
        let (scheme, rest) = url.split_once("://").ok_or(NoOrigin)?;
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        format!("{scheme}://{authority}").parse()
    }

    /// Whether pages of this origin came over TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Origin, NoOrigin> {
        let lower = text.to_ascii_lowercase();
        let (scheme, authority) = lower.split_once("://").ok_or(NoOrigin)?;
        let usual_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return Err(NoOrigin),
        };
        let authority = authority.strip_suffix(usual_port).unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host_fits = match bracketed {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
            }
        };
        let port_fits = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number.to_string() == port));
        let fits = lower.len() <= 255 && host_fits && port_fits;
        if fits { Ok(Origin(format!("{scheme}://{authority}"))) } else { Err(NoOrigin) }
    }
}

/// Replaces the origins of a shop in one environment.
pub fn replace(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    origins: &[Origin],
    by: &By,
) -> Result<(), StoreError> {
    rows::delete_all(tx, shop, environment)?;
    for origin in origins {
        tx.execute_all(&[rows::insert(shop, environment, origin)])?;
    }
    let fields = serde_json::json!({ "origins": origins.iter().map(Origin::as_str).collect::<Vec<_>>() });
    let object = format!("{environment} origins of shop {shop}");
    let entry = by.record(shop, tx.machine_now(), ("origins.replace", &object), &fields);
    tx.execute_all(&[entry]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_do() {
        let rows = [
            ("https://Shop.Example", "https://shop.example"),
            ("https://shop.example:443", "https://shop.example"),
            ("http://shop.example:80", "http://shop.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[::1]", "http://[::1]"),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<Origin>().map(|origin| origin.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for wrong in [
            "",
            "null",
            "*",
            "shop.example",
            "ftp://shop.example",
            "https://",
            "https://a@b",
            "https://shop.example/",
            "https://shop.example/path",
            "https://*.example",
            "https://shop.example:99999",
            "https://shop.example:",
            "https://[::1",
            "javascript://alert",
        ] {
            assert_eq!(wrong.parse::<Origin>(), Err(NoOrigin), "{wrong}");
        }
    }

    #[test]
    fn the_origin_of_an_address() {
        let of = |url: &str| Origin::of_url(url).map(|origin| origin.to_string());
        assert_eq!(of("https://shop.example/cart?a=1#b"), Ok("https://shop.example".to_owned()));
        assert_eq!(of("http://localhost:3000"), Ok("http://localhost:3000".to_owned()));
        for wrong in ["/cart", "//shop.example", "javascript:alert(1)", "https://shop.example@evil.example/"] {
            assert_eq!(of(wrong), Err(NoOrigin), "{wrong}");
        }
        assert_eq!(of("https://shop.example\\@evil.example"), Ok("https://shop.example".to_owned()));
    }
}
