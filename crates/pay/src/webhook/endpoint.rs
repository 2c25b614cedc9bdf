//! An endpoint: a URL of the shop's server, what it hears of, and how it has been answering.

use std::net::IpAddr;

use kernel::{Environment, ShopId, Timestamp};
use outbound::pin::BadCertificate;
use outbound::{BadUrl, Forbidden, PinnedCertificate, Target};

use super::event_type::EventType;

/// Characters of a URL at the most.
pub const URL_MAX: usize = 2_000;
/// Endpoints of a shop in one environment at the most.
pub const ENDPOINTS_MAX: usize = 100;

/// Names an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose it is.
    pub shop: ShopId,
    /// Where it counts.
    pub environment: Environment,
    /// `we_` and 32 hex digits.
    pub id: String,
}

impl Key {
    /// The topic of its messages in the outbox: each endpoint is worked off by itself.
    pub fn topic(&self) -> String {
        format!("{TOPIC_PREFIX}{}", self.id)
    }

    /// How audit rows name it.
    pub fn object(&self) -> String {
        format!("{}/{}", self.environment, self.id)
    }
}

/// Beginning of the topics of the outbox that are webhooks'.
pub const TOPIC_PREFIX: &str = "webhook/";

/// Whether an endpoint is delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is.
    Active,
    /// It keeps its messages until it is enabled again.
    Disabled(Reason),
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The shop said so.
    Shop,
    /// Every try failed for days.
    Failing,
    /// It answered 410 Gone.
    Gone,
}

impl Reason {
    /// The word in rows and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Shop => "shop",
            Reason::Failing => "failing",
            Reason::Gone => "gone",
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Reason::Shop, Reason::Failing, Reason::Gone].into_iter().find(|reason| reason.as_str() == text);
        known.ok_or_else(|| format!("unknown reason {text:?}"))
    }
}

/// An endpoint as it is stored.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name.
    pub key: Key,
    /// Where requests go.
    pub url: String,
    /// Whether it is delivered to.
    pub state: State,
    /// World time of the first failure since the last success.
    pub failing_since: Option<Timestamp>,
    /// The server certificate that is accepted instead of publicly trusted ones.
    pub certificate: Option<PinnedCertificate>,
    /// Machine time.
    pub created: Timestamp,
    /// What it hears of, sorted.
    pub types: Vec<EventType>,
}

/// Why a URL cannot be an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// More than [`URL_MAX`] characters.
    #[error("it has more than {URL_MAX} characters")]
    TooLong,
    /// It is no URL that can be requested.
    #[error(transparent)]
    Unusable(#[from] BadUrl),
    /// `#…`.
    #[error("it has a fragment (#…), which is never sent")]
    Fragment,
    /// http outside of the sandbox.
    #[error("only the sandbox takes http; here it must be https")]
    NotHttps,
    /// An address that is not public.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
}

/// Why a certificate cannot be pinned for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefused {
    /// The file is no certificate that can serve.
    #[error(transparent)]
    Unreadable(#[from] BadCertificate),
    /// The endpoint's URL shows none.
    #[error("the endpoint is http, which shows no certificate")]
    NotHttps,
    /// It is for another host than this one, the endpoint's.
    #[error("it is not for the host {0} of the endpoint")]
    OtherHost(String),
    /// It has ended.
    #[error("it has expired")]
    Expired,
}

/// A URL that may be an endpoint of `environment`: Sandbox http or https, elsewhere https only. Whether its address may
/// be connected to is decided when it is (design "Nothing is open"); an address that stands in the URL itself is looked
/// at here too, so that the shop hears of it at once.
pub fn url(text: &str, environment: Environment, guard: &outbound::Guard) -> Result<String, UrlRefused> {
    if text.chars().count() > URL_MAX {
        return Err(UrlRefused::TooLong);
    }
    let target = Target::parse(text)?;
    if text.contains('#') {
        return Err(UrlRefused::Fragment);
    }
    if !target.is_tls() && environment != Environment::Sandbox {
        return Err(UrlRefused::NotHttps);
    }
    if let Ok(address) = target.host().parse::<IpAddr>() {
        guard.check(address)?;
    }
    Ok(text.to_owned())
}

/// A certificate that fits the URL of its endpoint.
pub fn certificate(file: &[u8], url: &str, now: Timestamp) -> Result<PinnedCertificate, CertificateRefused> {
    let certificate = PinnedCertificate::parse(file)?;
    // The URL of an endpoint was one when it was set.
    let target = Target::parse(url).map_err(|_| CertificateRefused::NotHttps)?;
    if !target.is_tls() {
        return Err(CertificateRefused::NotHttps);
    }
    if !certificate.covers(target.host()) {
        return Err(CertificateRefused::OtherHost(target.host().to_owned()));
    }
    if now.seconds() > certificate.not_after().seconds() {
        return Err(CertificateRefused::Expired);
    }
    Ok(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use outbound::Guard;

    #[test]
    fn urls_are_refused_with_a_reason() {
        let public = Guard::public();
        for (text, environment, expected) in [
            ("https://shop.example/hook", Environment::Live, None),
            ("http://shop.example/hook?a=1", Environment::Sandbox, None),
            ("http://shop.example/hook", Environment::Test, Some("https")),
            ("http://shop.example/hook", Environment::Live, Some("https")),
            ("ftp://shop.example/", Environment::Sandbox, Some("neither http nor https")),
            ("https://user:pw@shop.example/", Environment::Sandbox, Some("user name")),
            ("https://shop.example/#part", Environment::Sandbox, Some("fragment")),
            ("http://127.0.0.1:9/", Environment::Sandbox, Some("not a public address")),
            ("http://[::ffff:10.0.0.1]/", Environment::Sandbox, Some("not a public address")),
            ("", Environment::Sandbox, Some("neither")),
        ] {
            match (url(text, environment, &public), expected) {
                (Ok(_), None) => {}
                (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
                (other, _) => panic!("{text}: {other:?}"),
            }
        }
        assert!(url(&format!("https://a.example/{}", "x".repeat(URL_MAX)), Environment::Live, &public).is_err());
        assert!(url("http://127.0.0.1:9/", Environment::Sandbox, &Guard::public().with_loopback()).is_ok());
    }
}
