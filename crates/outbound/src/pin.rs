//! Pinned certificates: exactly that certificate (bytes, host, dates) is accepted, and no other.
//!
//! A shop whose server has a certificate that is not publicly trusted uploads it. No authority is asked then, so the
//! bytes must be equal; host and dates must fit as well, and the server must prove that it has the key.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use kernel::Timestamp;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject, SectionKind};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use x509_cert::der::asn1::{PrintableString, Utf8StringRef};
use x509_cert::der::{Decode, oid::db::rfc4519::COMMON_NAME};
use x509_cert::ext::pkix::{SubjectAltName, name::GeneralName};
use x509_cert::{Certificate, name::Name};

/// No server's certificate is longer, in whichever form.
const FILE_BYTES_MAX: usize = 64 * 1024;

/// Why a file is no certificate that can be pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// More than 64 KiB.
    #[error("the file is larger than 64 KiB")]
    TooLarge,
    /// A private key: it must stay on the server that it belongs to.
    #[error("the file contains a private key; upload the certificate alone, and consider the key as leaked")]
    PrivateKey,
    /// A chain: which of them is the server's?
    #[error("the file contains several certificates; upload the server's certificate alone")]
    Several,
    /// PEM markers, but damaged between them.
    #[error("the PEM text is damaged")]
    DamagedPem,
    /// Neither DER nor PEM of a certificate, or bytes after it.
    #[error("the file is not a certificate (CRT or CER, as DER or PEM)")]
    NotACertificate,
    /// Version 1 or a form that TLS does not use.
    #[error("the certificate is not of version 3 as TLS needs it")]
    Unusable,
}

/// A server's certificate. Cheap to clone; two are equal when their bytes are.
#[derive(Clone)]
pub struct PinnedCertificate {
    inner: Arc<Inner>,
}

struct Inner {
    der: CertificateDer<'static>,
    subject: String,
    issuer: String,
    not_before: Timestamp,
    not_after: Timestamp,
    names: Names,
}

/// The hosts that a certificate is for.
enum Names {
    /// Subject alternative names: DNS names (perhaps with `*`) and addresses.
    Alternative(Vec<String>),
    /// Without any, the common name, as certificates that someone made by hand often have it.
    Common(Option<String>),
}

impl PinnedCertificate {
    /// Reads what was uploaded: one certificate as DER or PEM.
    pub fn parse(file: &[u8]) -> Result<PinnedCertificate, BadCertificate> {
        if file.len() > FILE_BYTES_MAX {
            return Err(BadCertificate::TooLarge);
        }
        let is_pem = file.windows(11).any(|window| window == b"-----BEGIN ");
        let der = if is_pem { only_certificate(file)? } else { file.to_vec() };
        let certificate = Certificate::from_der(&der).map_err(|_| BadCertificate::NotACertificate)?;
        let der = CertificateDer::from(der);
        ParsedCertificate::try_from(&der).map_err(|_| BadCertificate::Unusable)?;
        let content = &certificate.tbs_certificate;
        let instant = |time: x509_cert::time::Time| {
            Timestamp::from_seconds(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
        };
        Ok(PinnedCertificate {
            inner: Arc::new(Inner {
                subject: content.subject.to_string(),
                issuer: content.issuer.to_string(),
                not_before: instant(content.validity.not_before),
                not_after: instant(content.validity.not_after),
                names: Names::of(&certificate),
                der,
            }),
        })
    }

    /// The certificate's bytes, as they are to be stored; [`PinnedCertificate::parse`] reads them again.
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// Whom it is for, such as `CN=shop.example.jp,O=Shop`.
    pub fn subject(&self) -> &str {
        &self.inner.subject
    }

    /// Who issued it; the subject itself, if nobody else did.
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// The first second at which it is valid.
    pub fn not_before(&self) -> Timestamp {
        self.inner.not_before
    }

    /// The last second at which it is valid.
    pub fn not_after(&self) -> Timestamp {
        self.inner.not_after
    }

    /// Whether it is valid at `now` (machine time).
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        (self.inner.not_before.seconds()..=self.inner.not_after.seconds()).contains(&now.seconds())
    }

    /// The hosts it is for: DNS names, perhaps with `*` as first part, and addresses.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        match &self.inner.names {
            Names::Alternative(names) => names.as_slice(),
            Names::Common(name) => name.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }

    /// Whether it is for `host`, a name or an address (without brackets).
    pub fn covers(&self, host: &str) -> bool {
        ServerName::try_from(host).is_ok_and(|name| self.check_host(&name).is_ok())
    }

    fn check_host(&self, host: &ServerName<'_>) -> Result<(), Error> {
        match &self.inner.names {
            Names::Alternative(_) => verify_server_name(&ParsedCertificate::try_from(&self.inner.der)?, host),
            Names::Common(Some(name)) if host.to_str().eq_ignore_ascii_case(name) => Ok(()),
            Names::Common(_) => Err(CertificateError::NotValidForName.into()),
        }
    }

    fn check_dates(&self, now: Timestamp) -> Result<(), Error> {
        if self.is_valid_at(now) {
            Ok(())
        } else if now < self.inner.not_before {
            Err(CertificateError::NotValidYet.into())
        } else {
            Err(CertificateError::Expired.into())
        }
    }
}

impl PartialEq for PinnedCertificate {
    fn eq(&self, other: &PinnedCertificate) -> bool {
        self.inner.der == other.inner.der
    }
}

impl Eq for PinnedCertificate {}

impl Hash for PinnedCertificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.der.hash(state);
    }
}

impl fmt::Debug for PinnedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinnedCertificate")
            .field("subject", &self.inner.subject)
            .field("not_after", &self.inner.not_after)
            .finish_non_exhaustive()
    }
}

/// The one certificate of a PEM file.
fn only_certificate(file: &[u8]) -> Result<Vec<u8>, BadCertificate> {
    let encrypted_key = file.windows(15).any(|window| window == b"BEGIN ENCRYPTED");
    let sections: Result<Vec<(SectionKind, Vec<u8>)>, pem::Error> = PemObject::pem_slice_iter(file).collect();
    let sections = sections.map_err(|_| BadCertificate::DamagedPem)?;
    let is_key =
        |kind| matches!(kind, SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey);
    if encrypted_key || sections.iter().any(|(kind, _)| is_key(*kind)) {
        return Err(BadCertificate::PrivateKey);
    }
    let mut certificates = sections.into_iter().filter(|(kind, _)| *kind == SectionKind::Certificate);
    match (certificates.next(), certificates.next()) {
        (Some((_, der)), None) => Ok(der),
        (Some(_), Some(_)) => Err(BadCertificate::Several),
        (None, _) => Err(BadCertificate::NotACertificate),
    }
}

impl Names {
    fn of(certificate: &Certificate) -> Names {
        match certificate.tbs_certificate.get::<SubjectAltName>() {
            Ok(Some((_, names))) => Names::Alternative(names.0.iter().filter_map(host).collect()),
            Ok(None) => Names::Common(common_name(&certificate.tbs_certificate.subject)),
            // Forms of names that we cannot list; whether it is for a host is not decided by this list.
            Err(_) => Names::Alternative(Vec::new()),
        }
    }
}

fn host(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        GeneralName::IpAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(bytes.as_bytes()).map(IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(bytes.as_bytes()).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        GeneralName::OtherName(_)
        | GeneralName::Rfc822Name(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::UniformResourceIdentifier(_)
        | GeneralName::RegisteredId(_) => None,
    }
}

fn common_name(subject: &Name) -> Option<String> {
    let attributes = subject.0.iter().flat_map(|parts| parts.0.iter());
    let value = &attributes.into_iter().find(|attribute| attribute.oid == COMMON_NAME)?.value;
    let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
    utf8.or_else(|_| value.decode_as::<PrintableString>().map(|text| text.as_str().to_owned())).ok()
}

/// Accepts one certificate.
#[derive(Debug)]
pub(crate) struct PinVerifier {
    pin: PinnedCertificate,
    provider: Arc<CryptoProvider>,
}

impl PinVerifier {
    pub(crate) fn new(pin: PinnedCertificate, provider: Arc<CryptoProvider>) -> PinVerifier {
        PinVerifier { pin, provider }
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if end_entity != &self.pin.inner.der {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        self.pin.check_host(server_name)?;
        self.pin.check_dates(Timestamp::from_seconds(i64::try_from(now.as_secs()).unwrap_or(i64::MAX)))?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
