//! Real servers for the tests, over plain TCP or TLS; and a clock that stands where it is put.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kernel::{Clock, JstDate, Timestamp};
use outbound::{Client, Guard, Method, Request, Response, SendError};
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(20);
/// Shorter than what never ends.
pub const SHORT: Duration = Duration::from_millis(1_500);

/// A clock that only the test moves.
pub struct Stopped(AtomicI64);

impl Stopped {
    /// At the beginning of a day.
    pub fn at(year: i64, month: u8, day: u8) -> Arc<Stopped> {
        let stopped = Arc::new(Stopped(AtomicI64::new(0)));
        stopped.turn(year, month, day);
        stopped
    }

    pub fn turn(&self, year: i64, month: u8, day: u8) {
        self.0.store(JstDate::new(year, month, day).unwrap().start().micros(), Ordering::SeqCst);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A certificate, valid from 2026-01-01 to 2027-01-01, with its key.
pub struct Identity {
    pub der: Vec<u8>,
    pub pem: String,
    pub key: KeyPair,
}

impl Identity {
    /// For these hosts, as alternative names.
    pub fn of(hosts: &[&str]) -> Identity {
        Identity::made(CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>()).unwrap())
    }

    /// For one host, as common name only.
    pub fn common_name(host: &str) -> Identity {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, host);
        Identity::made(params)
    }

    /// Its own authority, as `openssl req -x509` makes them.
    pub fn authority(host: &str) -> Identity {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Identity::made(params)
    }

    fn made(mut params: CertificateParams) -> Identity {
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Identity { der: certificate.der().to_vec(), pem: certificate.pem(), key }
    }
}

/// A running server; it counts.
pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub async fn plain() -> Server {
        Server::start(None).await
    }

    pub async fn tls(identity: &Identity) -> Server {
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.der.clone().into()], key)
            .unwrap();
        Server::start(Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(tls: Option<TlsAcceptor>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Server { address: listener.local_addr().unwrap(), connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (Arc::clone(&server.connections), Arc::clone(&server.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (tls, requests) = (tls.clone(), Arc::clone(&requests));
                tokio::spawn(async move {
                    match tls {
                        None => serve(TokioIo::new(stream), requests).await,
                        Some(tls) => {
                            // A client that does not like our certificate breaks off.
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(TokioIo::new(stream), requests).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    /// A URL of this server under another name for it.
    pub fn url(&self, scheme: &str, host: &str, path: &str) -> String {
        format!("{scheme}://{host}:{}{path}", self.address.port())
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve<T: Read + Write + Unpin + Send + 'static>(stream: T, requests: Arc<AtomicUsize>) {
    let service = service_fn(move |request| {
        requests.fetch_add(1, Ordering::SeqCst);
        answer(request)
    });
    // A connection that the client gives up ends in an error.
    let _ = http1::Builder::new().serve_connection(stream, service).await;
}

type Answer = http::Response<BoxBody<Bytes, Infallible>>;

fn whole(bytes: impl Into<Bytes>) -> Answer {
    http::Response::new(Full::new(bytes.into()).boxed())
}

async fn answer(request: hyper::Request<Incoming>) -> Result<Answer, Infallible> {
    Ok(match request.uri().path() {
        "/redirect" => {
            let mut answer = whole("elsewhere");
            *answer.status_mut() = StatusCode::FOUND;
            answer.headers_mut().insert("location", HeaderValue::from_static("/echo"));
            answer
        }
        "/silent" => std::future::pending().await,
        "/stuck" => {
            let begin = Frame::data(Bytes::from_static(b"begin"));
            http::Response::new(Begun(Some(begin)).boxed())
        }
        "/big" => whole(vec![b'x'; 1_000_000]),
        "/last" => {
            let mut answer = whole("last");
            answer.headers_mut().insert("connection", HeaderValue::from_static("close"));
            answer
        }
        _ => {
            let head = format!("{} {} {:?}\n", request.method(), request.uri(), request.headers());
            let body = request.into_body().collect().await.unwrap().to_bytes();
            whole([head.as_bytes(), &body].concat())
        }
    })
}

/// One frame, and then nothing, without an end.
struct Begun(Option<Frame<Bytes>>);

impl hyper::body::Body for Begun {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.take().map_or(std::task::Poll::Pending, |frame| std::task::Poll::Ready(Some(Ok(frame))))
    }
}

/// A client that may reach this machine, in the middle of 2026.
pub fn local_client() -> Client {
    Client::new(Guard::public().with_loopback(), Stopped::at(2026, 7, 1))
}

pub async fn get(client: &Client, url: &str) -> Result<Response, SendError> {
    client.send(Request::new(Method::GET, url, LONG)).await
}
