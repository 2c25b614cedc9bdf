//! Cookies: of this site only, not for scripts, over TLS where there is TLS.

use http::{HeaderMap, HeaderValue, header};
use kernel::outside::random_hex;
use kernel::{Entropy, Peer};

/// Whom a session is of. Each has its own cookie: a buyer's session opens no page of the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Realm {
    /// The shop's staff: all pages but the checkout's.
    Staff,
    /// The buyer in the checkout.
    Buyer,
}

impl Realm {
    /// The realm that a page belongs to.
    pub fn of_path(path: &str) -> Realm {
        let below = path.strip_prefix("/checkout").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if below { Realm::Buyer } else { Realm::Staff }
    }

    fn cookie(self) -> &'static str {
        match self {
            Realm::Staff => "choba-staff",
            Realm::Buyer => "choba-buyer",
        }
    }
}

/// Names a browser before it has a session, so that its forms can be told from those that another site made it send.
pub(super) const VISITOR: &str = "choba-visitor";
/// The language that somebody chose.
pub(super) const LANGUAGE: &str = "choba-language";

/// The side of the dashboard that somebody was on last.
pub(super) const SIDE: &str = "choba-side";

/// A value that nobody guesses: 256 bits, in hexadecimal digits.
pub fn secret(entropy: &dyn Entropy) -> String {
    random_hex::<32>(entropy)
}

/// How long the browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until it is closed; the server ends sessions by itself.
    Session,
    /// So many seconds; 0 removes it.
    Seconds(u32),
}

/// `Set-Cookie` that begins the session `secret` in `realm`.
pub fn begin_session(realm: Realm, peer: &Peer, secret: &str) -> HeaderValue {
    set(realm.cookie(), peer, secret, Keep::Session)
}

/// `Set-Cookie` that removes the session of `realm` from the browser.
pub fn end_session(realm: Realm, peer: &Peer) -> HeaderValue {
    set(realm.cookie(), peer, "", Keep::Seconds(0))
}

/// `Set-Cookie` for one of our names. `value` is of our own making: letters and digits.
pub(super) fn set(name: &str, peer: &Peer, value: &str, keep: Keep) -> HeaderValue {
    let name = full_name(name, peer);
    let secure = if peer.tls { "; Secure" } else { "" };
    let age = match keep {
        Keep::Session => String::new(),
        Keep::Seconds(seconds) => format!("; Max-Age={seconds}"),
    };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    HeaderValue::try_from(text).expect("our cookies are ASCII")
}

/// With TLS the browser keeps others (subdomains, plain HTTP) from setting it.
fn full_name(name: &str, peer: &Peer) -> String {
    if peer.tls { format!("__Host-{name}") } else { name.to_owned() }
}

/// The cookies of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Jar(Vec<(String, String)>);

impl Jar {
    pub(super) fn of(headers: &HeaderMap) -> Jar {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        Jar(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The value of one of our names. Given twice it counts as not given: somebody else has set one of them.
    pub(super) fn get(&self, name: &str, peer: &Peer) -> Option<&str> {
        let name = full_name(name, peer);
        let mut found = self.0.iter().filter(|(given, _)| *given == name).map(|(_, value)| value.as_str());
        let value = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// A secret of [`secret`]'s form.
    pub(super) fn secret(&self, name: &str, peer: &Peer) -> Option<&str> {
        let well_formed =
            |text: &&str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        self.get(name, peer).filter(well_formed)
    }

    /// The session of `realm`.
    pub(super) fn session(&self, realm: Realm, peer: &Peer) -> Option<&str> {
        self.secret(realm.cookie(), peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(tls: bool) -> Peer {
        Peer { address: "127.0.0.1".parse().unwrap(), tls, request_id: "r".into() }
    }

    fn jar(line: &str) -> Jar {
        Jar::of(&HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(line).unwrap())]))
    }

    #[test]
    fn cookies_are_for_this_host_and_not_for_scripts() {
        let value = "0a".repeat(32);
        let plain = begin_session(Realm::Staff, &peer(false), &value);
        assert_eq!(plain.to_str().unwrap(), format!("choba-staff={value}; Path=/; HttpOnly; SameSite=Lax"));
        let secure = begin_session(Realm::Buyer, &peer(true), &value);
        assert_eq!(
            secure.to_str().unwrap(),
            format!("__Host-choba-buyer={value}; Path=/; HttpOnly; SameSite=Lax; Secure")
        );
        assert!(end_session(Realm::Staff, &peer(true)).to_str().unwrap().ends_with("; Secure; Max-Age=0"));
    }

    #[test]
    fn only_well_formed_cookies_that_come_once_are_read() {
        let value = "0a".repeat(32);
        let one = format!("a=b; choba-staff={value}");
        assert_eq!(jar(&one).session(Realm::Staff, &peer(false)), Some(value.as_str()));
        assert_eq!(jar(&one).session(Realm::Buyer, &peer(false)), None);
        // Over TLS only the name that a browser protects counts.
        assert_eq!(jar(&one).session(Realm::Staff, &peer(true)), None);
        assert_eq!(jar(&format!("{one}; choba-staff={value}")).session(Realm::Staff, &peer(false)), None);
        assert_eq!(jar("choba-staff=abc").session(Realm::Staff, &peer(false)), None);
        assert_eq!(jar("; ;=;choba-staff").session(Realm::Staff, &peer(false)), None);
    }

    #[test]
    fn the_checkout_has_a_realm_of_its_own() {
        assert_eq!(Realm::of_path("/checkout"), Realm::Buyer);
        assert_eq!(Realm::of_path("/checkout/pay"), Realm::Buyer);
        assert_eq!(Realm::of_path("/checkouts"), Realm::Staff);
        assert_eq!(Realm::of_path("/login"), Realm::Staff);
    }
}
