//! TLS as we speak it: publicly trusted certificates, or exactly the pinned one. Dates are checked against the clock
//! that the binary handed in.

use std::sync::Arc;
use std::time::Duration;

use kernel::Clock;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::{Resumption, WantsClientCert};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::time_provider::TimeProvider;
use tokio_rustls::rustls::{self, ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use crate::pin::{PinVerifier, PinnedCertificate};

/// Makes connectors; those for public certificates share one configuration.
pub(crate) struct Tls {
    provider: Arc<CryptoProvider>,
    time: Arc<MachineTime>,
    public: Arc<ClientConfig>,
}

impl Tls {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Tls {
        let provider = Arc::new(ring::default_provider());
        let time = Arc::new(MachineTime { clock });
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let public = speak_http1(builder(&provider, &time).with_root_certificates(roots));
        Tls { provider, time, public: Arc::new(public) }
    }

    pub(crate) fn connector(&self, pin: Option<&PinnedCertificate>) -> TlsConnector {
        match pin {
            None => Arc::clone(&self.public).into(),
            Some(pin) => Arc::new(self.pinned(pin)).into(),
        }
    }

    fn pinned(&self, pin: &PinnedCertificate) -> ClientConfig {
        let verifier = Arc::new(PinVerifier::new(pin.clone(), Arc::clone(&self.provider)));
        let builder = builder(&self.provider, &self.time).dangerous().with_custom_certificate_verifier(verifier);
        let mut config = speak_http1(builder);
        // A resumed session would not look at the certificate, and so not at its dates.
        config.resumption = Resumption::disabled();
        config
    }
}

fn builder(provider: &Arc<CryptoProvider>, time: &Arc<MachineTime>) -> ConfigBuilder<ClientConfig, WantsVerifier> {
    let time: Arc<dyn TimeProvider> = Arc::<MachineTime>::clone(time);
    ClientConfig::builder_with_details(Arc::clone(provider), time)
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .expect("the ring provider speaks TLS 1.2 and 1.3")
}

fn speak_http1(builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> ClientConfig {
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

struct MachineTime {
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for MachineTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MachineTime")
    }
}

impl TimeProvider for MachineTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.clock.now().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
