//! Why a request got no answer, precisely enough for a person to act on it.

use std::net::SocketAddr;

use tokio_rustls::rustls;

use crate::guard::Forbidden;
use crate::target::BadUrl;

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The URL cannot be requested.
    #[error(transparent)]
    BadUrl(#[from] BadUrl),
    /// The name resolved to an address that may not be connected to; nothing was connected to.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The name has no address.
    #[error("the name {host} could not be resolved: {reason}")]
    NameNotFound {
        /// The name.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection, or one that was closed before the request was sent.
    #[error("no connection to {address}: {reason}")]
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// What the system said.
        reason: String,
    },
    /// The connection could not be made secure.
    #[error("TLS: {0}")]
    Tls(#[from] TlsFault),
    /// The time limit was over.
    #[error("timed out while {0}")]
    TimedOut(Step),
    /// The other side broke off or did not speak HTTP/1.1.
    #[error("the answer was not proper HTTP: {0}")]
    Protocol(String),
}

impl SendError {
    /// Whether the other side may have received the request: then what it did is unknown. `false` is certain.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            SendError::BadUrl(_)
            | SendError::Forbidden(_)
            | SendError::NameNotFound { .. }
            | SendError::Connect { .. }
            | SendError::Tls(_)
            | SendError::TimedOut(Step::Resolving | Step::Connecting | Step::Securing) => false,
            SendError::TimedOut(Step::Awaiting | Step::Reading) | SendError::Protocol(_) => true,
        }
    }
}

/// The kinds of [`SendError`], for who has only its text: a log keeps that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The URL cannot be requested.
    BadUrl,
    /// The address may not be connected to.
    Forbidden,
    /// The name has no address.
    NameNotFound,
    /// No connection.
    Connect,
    /// Nobody vouches for the certificate.
    NotTrusted,
    /// Another certificate than the pinned one.
    NotPinned,
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not begun.
    NotYetValid,
    /// The certificate is for other hosts.
    WrongHost,
    /// The connection could not be made secure.
    Tls,
    /// The time limit was over.
    TimedOut,
    /// More came than is read.
    TooLarge,
    /// The other side broke off or did not speak HTTP/1.1.
    Protocol,
}

impl Failure {
    /// The kind of an error of this text.
    pub fn named(text: &str) -> Option<Failure> {
        let begins = |kinds: &[(&str, Failure)], text: &str| {
            kinds.iter().find(|(beginning, _)| text.starts_with(beginning)).map(|(_, kind)| *kind)
        };
        if let Some(fault) = text.strip_prefix("TLS: ") {
            let kinds = [
                ("the certificate is not publicly trusted", Failure::NotTrusted),
                ("the certificate is not the one that was uploaded", Failure::NotPinned),
                ("the certificate has expired", Failure::Expired),
                ("the certificate is not valid yet", Failure::NotYetValid),
                ("the certificate is not for this host", Failure::WrongHost),
            ];
            return begins(&kinds, fault).or(Some(Failure::Tls));
        }
        if let Some(reason) = text.strip_prefix("the answer was not proper HTTP: ") {
            return Some(if reason.contains("too large") { Failure::TooLarge } else { Failure::Protocol });
        }
        let kinds = [
            ("the URL ", Failure::BadUrl),
            ("the name ", Failure::NameNotFound),
            ("no connection to ", Failure::Connect),
            ("timed out while ", Failure::TimedOut),
        ];
        let forbidden = text.contains(" is not a public address").then_some(Failure::Forbidden);
        begins(&kinds, text).or(forbidden)
    }
}

/// What was going on when the time limit was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looking up the name.
    Resolving,
    /// Making the connection.
    Connecting,
    /// The TLS handshake.
    Securing,
    /// Sending the request and waiting for the head of the answer.
    Awaiting,
    /// Reading the body of the answer.
    Reading,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Step::Resolving => "resolving the name",
            Step::Connecting => "connecting",
            Step::Securing => "setting up TLS",
            Step::Awaiting => "waiting for the answer",
            Step::Reading => "reading the answer",
        })
    }
}

/// Why a connection could not be made secure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// No publicly trusted authority vouches for the certificate, and none is pinned.
    #[error("the certificate is not publicly trusted: {0}")]
    NotTrusted(String),
    /// Another certificate than the pinned one.
    #[error("the certificate is not the one that was uploaded")]
    NotPinned,
    /// The certificate's time is over.
    #[error("the certificate has expired")]
    Expired,
    /// The certificate's time has not begun.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// The certificate is for other hosts.
    #[error("the certificate is not for this host")]
    WrongHost,
    /// The handshake failed in another way.
    #[error("{0}")]
    Handshake(String),
}

impl From<std::io::Error> for TlsFault {
    /// What rustls says arrives inside an I/O error.
    fn from(error: std::io::Error) -> TlsFault {
        use rustls::CertificateError as Fault;
        let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
            return TlsFault::Handshake(error.to_string());
        };
        let rustls::Error::InvalidCertificate(fault) = inner else { return TlsFault::Handshake(inner.to_string()) };
        match fault {
            Fault::UnknownIssuer => TlsFault::NotTrusted("no known authority issued it".to_owned()),
            // A certificate that is its own authority, one for another use …
            Fault::Other(reason) => TlsFault::NotTrusted(reason.to_string()),
            // Only `PinVerifier` says so.
            Fault::ApplicationVerificationFailure => TlsFault::NotPinned,
            Fault::Expired | Fault::ExpiredContext { .. } => TlsFault::Expired,
            Fault::NotValidYet | Fault::NotValidYetContext { .. } => TlsFault::NotYetValid,
            Fault::NotValidForName | Fault::NotValidForNameContext { .. } => TlsFault::WrongHost,
            other => TlsFault::Handshake(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::AddressClass;

    #[test]
    fn every_kind_is_known_by_its_text() {
        let check = |error: SendError, kind| assert_eq!(Failure::named(&error.to_string()), Some(kind), "{error}");
        let (host, reason) = ("shop.example".to_owned(), "refused".to_owned());
        let address = SocketAddr::from(([192, 0, 2, 1], 443));
        for url in [BadUrl::Malformed, BadUrl::NotHttp, BadUrl::UserInfo, BadUrl::NoHost, BadUrl::BadPort] {
            check(url.into(), Failure::BadUrl);
        }
        let forbidden = Forbidden { address: address.ip(), class: AddressClass::Documentation };
        check(forbidden.into(), Failure::Forbidden);
        check(SendError::NameNotFound { host, reason: reason.clone() }, Failure::NameNotFound);
        check(SendError::Connect { address, reason: reason.clone() }, Failure::Connect);
        check(TlsFault::NotTrusted(reason.clone()).into(), Failure::NotTrusted);
        check(TlsFault::NotPinned.into(), Failure::NotPinned);
        check(TlsFault::Expired.into(), Failure::Expired);
        check(TlsFault::NotYetValid.into(), Failure::NotYetValid);
        check(TlsFault::WrongHost.into(), Failure::WrongHost);
        check(TlsFault::Handshake(reason.clone()).into(), Failure::Tls);
        check(SendError::TimedOut(Step::Reading), Failure::TimedOut);
        check(SendError::Protocol("message head is too large".to_owned()), Failure::TooLarge);
        check(SendError::Protocol(reason), Failure::Protocol);
        assert_eq!(Failure::named("something else"), None);
    }
}
