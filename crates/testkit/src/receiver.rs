//! The server of a shop that hears of events: a real HTTP or HTTPS server, which remembers what came and answers as it
//! is told.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// How the receiver behaves towards a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers with this status.
    Status(u16),
    /// Answers with this status and one more header.
    With(u16, &'static str, String),
    /// Answers with this status, but only after this time.
    Late(Duration, u16),
    /// Never answers.
    Hang,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// What was answered.
    pub behaviour: Behaviour,
}

impl Received {
    /// The event object.
    pub fn event(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }

    /// A text of the event object.
    pub fn text(&self, pointer: &str) -> String {
        let event = self.event();
        event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Whether it was taken.
    pub fn taken(&self) -> bool {
        matches!(&self.behaviour, Behaviour::Status(status) | Behaviour::With(status, ..) if (200..300).contains(status))
    }
}

type Rule = Box<dyn Fn(&Value) -> Behaviour + Send>;

struct Shared {
    received: Vec<Received>,
    rule: Rule,
}

/// A certificate of its own authority, valid in 2026, with its key.
pub struct Identity {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The certificate, PEM.
    pub pem: String,
    key: KeyPair,
}

impl Identity {
    /// For this host.
    pub fn of(host: &str) -> Identity {
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a host");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Identity { der: certificate.der().to_vec(), pem: certificate.pem(), key }
    }
}

/// A server that listens on this machine until the test ends.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Mutex<Shared>>,
}

impl Receiver {
    /// Over plain HTTP; answers 200 until it is told otherwise.
    pub async fn plain() -> Receiver {
        Receiver::start(None).await
    }

    /// Over TLS.
    pub async fn tls(identity: &Identity) -> Receiver {
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![identity.der.clone().into()], key)
            .expect("a certificate");
        Receiver::start(Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(tls: Option<TlsAcceptor>) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let rule: Rule = Box::new(|_| Behaviour::Status(200));
        let shared = Arc::new(Mutex::new(Shared { received: Vec::new(), rule }));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let receiver = Receiver { address, scheme, shared: shared.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, shared) = (tls.clone(), shared.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(TokioIo::new(stream), shared).await,
                        Some(tls) => {
                            // A client that does not like our certificate breaks off.
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(TokioIo::new(stream), shared).await;
                            }
                        }
                    }
                });
            }
        });
        receiver
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("{}://{}/hook", self.scheme, self.address)
    }

    /// Its URL under another name.
    pub fn url_as(&self, host: &str) -> String {
        format!("{}://{host}:{}/hook", self.scheme, self.address.port())
    }

    /// Behaves like this from now on.
    pub fn always(&self, behaviour: Behaviour) {
        self.rule(move |_| behaviour.clone());
    }

    /// Behaves as `rule` says of each event.
    pub fn rule(&self, rule: impl Fn(&Value) -> Behaviour + Send + 'static) {
        self.lock().rule = Box::new(rule);
    }

    /// Everything that came, in its order.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// Everything that was taken, in its order.
    pub fn taken(&self) -> Vec<Received> {
        self.received().into_iter().filter(Received::taken).collect()
    }

    /// Forgets what came.
    pub fn forget(&self) {
        self.lock().received.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve<T: Read + Write + Unpin + Send + 'static>(stream: T, shared: Arc<Mutex<Shared>>) {
    let service = service_fn(move |request| answer(shared.clone(), request));
    // A connection that the client gives up ends in an error.
    let _ = http1::Builder::new().serve_connection(stream, service).await;
}

async fn answer(
    shared: Arc<Mutex<Shared>>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let headers = headers.collect();
    let body = request.into_body().collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let behaviour = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let event = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let behaviour = (shared.rule)(&event);
        shared.received.push(Received { headers, body, behaviour: behaviour.clone() });
        behaviour
    };
    let mut answer = hyper::Response::new(Full::new(Bytes::from_static(b"noted")));
    let status = match &behaviour {
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Late(after, status) => {
            tokio::time::sleep(*after).await;
            *status
        }
        Behaviour::Status(status) => *status,
        Behaviour::With(status, name, value) => {
            answer.headers_mut().insert(*name, value.parse().expect("a header"));
            *status
        }
    };
    *answer.status_mut() = hyper::StatusCode::from_u16(status).expect("a status");
    Ok(answer)
}
