//! TLS of the listener: certificate and key from PEM files, by rustls.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{Error, InconsistentKeys, ServerConfig, crypto::ring};

use crate::config::TlsFiles;

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The certificate chain.
    Certificate,
    /// The private key.
    Key,
}

/// Why certificate and key cannot be used.
#[derive(Debug)]
pub struct TlsError {
    which: Which,
    path: PathBuf,
    wrong: String,
}

impl TlsError {
    /// Key of the setting that is to blame.
    pub fn setting(&self) -> &'static str {
        match self.which {
            Which::Certificate => "tls_cert",
            Which::Key => "tls_key",
        }
    }

    /// What would be right.
    pub fn expected(&self) -> &'static str {
        match self.which {
            Which::Certificate => "a readable PEM file with the certificate and those that vouch for it",
            Which::Key => "a readable PEM file with the private key of the first certificate of tls_cert",
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.display(), self.wrong)
    }
}

impl std::error::Error for TlsError {}

/// Reads both files and checks that they belong together.
pub fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
    let wrong_certificate = |wrong| TlsError { which: Which::Certificate, path: files.cert.clone(), wrong };
    let wrong_key = |wrong| TlsError { which: Which::Key, path: files.key.clone(), wrong };
    let chain = certificates(&files.cert).map_err(wrong_certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| wrong_key(describe(&error, "private key")))?;
    let provider = Arc::new(ring::default_provider());
    let signer = provider.key_provider.load_private_key(key);
    let signer = signer.map_err(|error| wrong_key(format!("holds a private key of an unknown kind: {error}")))?;
    let certified = CertifiedKey::new(chain, signer);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(Error::InconsistentKeys(_)) => {
            return Err(wrong_key(format!("is not the private key of the certificate {}", files.cert.display())));
        }
        Err(error) => return Err(wrong_certificate(format!("cannot be used: {error}"))),
    }
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong_certificate(error.to_string()))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match certificates {
        Ok(chain) if chain.is_empty() => Err("holds no certificate".into()),
        Ok(chain) => Ok(chain),
        Err(error) => Err(describe(&error, "certificate")),
    }
}

fn describe(error: &pem::Error, wanted: &str) -> String {
    match error {
        pem::Error::Io(error) => format!("cannot be read: {error}"),
        pem::Error::NoItemsFound => format!("holds no {wanted}"),
        other => format!("is not a PEM file: {other:?}"),
    }
}
