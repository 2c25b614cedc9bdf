//! Answering HTTP: a listener under limits, and what every request gets whatever its handler does.
//!
//! | limit | what happens |
//! |---|---|
//! | head of a request, TLS handshake: `header_timeout` | the connection is closed |
//! | idle, or taking nothing of an answer: `idle_timeout` | the connection is closed |
//! | a request: `request_timeout` | 503 `service_error` |
//! | body: `body_limit_bytes` | 413 `invalid_request_error` |
//! | address and headers: 16 KiB, 100 headers | 431 `invalid_request_error`, 414 if the address alone is over 64 KiB |
//! | what is no request | 400 `invalid_request_error` |
//! | connections: `max_connections` | further ones wait to be accepted |
//!
//! Every request carries a [`RequestId`] and a [`Peer`] as extensions, every answer the header `x-request-id`. A panic
//! of a handler is a 500 and one log line. A client that goes away does not stop what it began.

mod activity;
mod bare;
pub mod figures;
pub mod health;
mod lent;
mod listener;
pub mod panic;
mod peer;
mod refusal;
mod request;
mod route;
pub mod tls;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use self::listener::Listener;
pub use self::refusal::Refusal;
pub use self::request::{REQUEST_ID_HEADER, RequestId};
use crate::config::{Network, Settings};
use crate::stop::{Stop, Stopper};
pub use kernel::Peer;

/// How a listener answers.
#[derive(Clone)]
pub struct ServeSettings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// TLS, if this process ends it.
    pub tls: Option<TlsAcceptor>,
    /// Whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Largest body of a request, in bytes.
    pub body_limit_bytes: usize,
    /// Time for the head of a request and for a TLS handshake.
    pub header_timeout: Duration,
    /// Time between two requests, and for taking some of an answer.
    pub idle_timeout: Duration,
    /// Time for a request until its answer begins.
    pub request_timeout: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// Time for what was accepted when the server stops.
    pub drain_timeout: Duration,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address} (--listen, --metrics-listen): {error}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
}

/// How a listener ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that did not end in time and were cut off.
    pub cut_off: usize,
}

impl ServeSettings {
    /// A free port of this machine, plain HTTP, usual limits: for tests and for embedding.
    pub fn local() -> ServeSettings {
        ServeSettings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            trusted_proxies: Vec::new(),
            body_limit_bytes: 1 << 20,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            request_timeout: Duration::from_secs(60),
            max_connections: 4_096,
            drain_timeout: Duration::from_secs(30),
        }
    }

    /// As configured.
    pub fn configured(settings: &Settings) -> Result<ServeSettings, ServeError> {
        Ok(ServeSettings {
            listen: settings.listen,
            tls: settings.tls.as_ref().map(tls::acceptor).transpose()?,
            trusted_proxies: settings.trusted_proxies.clone(),
            body_limit_bytes: settings.body_limit_bytes,
            header_timeout: settings.header_timeout,
            idle_timeout: settings.idle_timeout,
            request_timeout: settings.request_timeout,
            max_connections: settings.max_connections,
            ..ServeSettings::local()
        })
    }

    /// The same time limits for the listener of the figures, which is plain and small.
    pub fn for_figures(&self, listen: SocketAddr) -> ServeSettings {
        ServeSettings { listen, tls: None, trusted_proxies: Vec::new(), max_connections: 64, ..self.clone() }
    }
}

/// A listener that answers.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stopper: Stopper,
    task: JoinHandle<Drained>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, finishes what was accepted, and returns how that went.
    pub async fn stop(self) -> Drained {
        self.stopper.stop();
        // The task does not panic; if it were cut off with the runtime, nothing is left to wait for.
        self.task.await.unwrap_or(Drained { cut_off: 0 })
    }
}

/// Starts to answer with `app` and returns at once; port 0 of the settings has become a real one.
pub async fn start(app: Router, settings: ServeSettings) -> Result<Running, ServeError> {
    let listener = bind(settings).await?;
    let address = listener.address();
    let (stopper, mut stop) = Stop::new();
    let task = tokio::spawn(async move { listener.run(app, stop.requested()).await });
    Ok(Running { address, stopper, task })
}

/// Answers with `app` until `stop` comes, finishes what was accepted, and returns how that went.
pub async fn run(app: Router, settings: ServeSettings, stop: impl Future<Output = ()>) -> Result<Drained, ServeError> {
    Ok(bind(settings).await?.run(app, stop).await)
}

async fn bind(settings: ServeSettings) -> Result<Listener, ServeError> {
    let address = settings.listen;
    Listener::bind(settings).await.map_err(|error| ServeError::Bind { address, error })
}
