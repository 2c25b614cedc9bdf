//! The proof that a form came from one of our own pages: a keyed hash of the session's cookie (before there is a session,
//! of the visitor's), and what the browser says about where the request comes from.

use http::{HeaderMap, header};
use kernel::id::hex;
use shop::Vault;
use subtle::ConstantTimeEq as _;

/// Name of the hidden field that holds the token.
pub const FIELD: &str = "csrf";

/// The token for forms of the browser whose cookie holds `secret`.
pub fn token(vault: &Vault, secret: &str) -> String {
    hex(&vault.look_up(&bound(secret)))
}

/// Whether `given` is the token of the browser whose cookie holds `secret`.
pub fn holds(vault: &Vault, secret: &str, given: &str) -> bool {
    vault.look_ups(&bound(secret)).iter().any(|hash| bool::from(hex(hash).as_bytes().ct_eq(given.as_bytes())))
}

/// So that the hash is no other hash of the same value: sessions are found by theirs.
fn bound(secret: &str) -> String {
    format!("csrf/{secret}")
}

/// Whether a browser that says where a request comes from says that it is one of our pages. Programs say nothing.
pub fn is_ours(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return true };
    let host = text(header::HOST.as_str());
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    origin == base_url || (authority.is_some() && authority == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_browser_and_lives_through_a_change_of_the_master_key() {
        let old = Vault::new(&[(1, [7; 32])]).unwrap();
        let both = Vault::new(&[(1, [7; 32]), (2, [8; 32])]).unwrap();
        let token = token(&old, "a");
        assert!(holds(&old, "a", &token) && holds(&both, "a", &token));
        assert!(!holds(&old, "b", &token) && !holds(&old, "a", "") && !holds(&old, "a", &token[1..]));
        assert_ne!(token, hex(&old.look_up("a")));
    }

    #[test]
    fn requests_of_other_sites_are_not_ours() {
        let ours = |lines: &[(&'static str, &str)]| {
            let headers =
                lines.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
            is_ours(&headers.collect(), "https://choba.example")
        };
        assert!(ours(&[]));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://choba.example"), ("host", "10.0.0.1")]));
        assert!(ours(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site"), ("origin", "https://choba.example")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(!ours(&[("origin", "null"), ("host", "null")]));
        assert!(!ours(&[("origin", "https://evil.example"), ("host", "choba.example")]));
    }
}
