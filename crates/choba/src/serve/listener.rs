//! The listener: takes connections, as many as are allowed, and lets them end when it is asked to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::activity::{Activity, LimitedIo, Phase, TimeLimits};
use super::figures::Figures;
use super::request::{Connection, HEAD_LIMIT_BYTES, Handling, answer};
use super::route::NoteRoute;
use super::{Drained, ServeSettings};

/// What hyper holds of a connection at most; heads beyond [`HEAD_LIMIT_BYTES`] but within it are answered in our shape.
const BUFFER_BYTES: usize = 4 * HEAD_LIMIT_BYTES;
const HEADERS_MAX: usize = 100;
/// Pause after the system refused to hand out a connection, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How far the end has come, for connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Not asked for.
    No,
    /// Requests that came are answered, no further ones are taken.
    Draining,
    /// The time for that is over.
    Over,
}

/// A listener that is bound, so that its address is known, and does not answer yet.
pub(super) struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    settings: ServeSettings,
}

impl Listener {
    pub(super) async fn bind(settings: ServeSettings) -> io::Result<Listener> {
        let tcp = TcpListener::bind(settings.listen).await?;
        let address = tcp.local_addr()?;
        Ok(Listener { tcp, address, settings })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers with `router` until `stop` comes; then ends connections, the last ones by force.
    pub(super) async fn run(self, router: Router, stop: impl Future<Output = ()>) -> Drained {
        let (ending, _) = watch::channel(Ending::No);
        let places = Arc::new(Semaphore::new(self.settings.max_connections));
        let serving = Arc::new(Serving::new(self.settings, router));
        tokio::select! {
            () = accept(&self.tcp, &serving, &places, &ending) => {}
            () = stop => {}
        }
        drop(self.tcp);
        ending.send_replace(Ending::Draining);
        let everything = u32::try_from(serving.settings.max_connections).unwrap_or(u32::MAX);
        let all_ended = places.acquire_many(everything);
        let drained = match tokio::time::timeout(serving.settings.drain_timeout, all_ended).await {
            Ok(_) => Drained { cut_off: 0 },
            Err(_) => Drained { cut_off: serving.settings.max_connections - places.available_permits() },
        };
        ending.send_replace(Ending::Over);
        drained
    }
}

/// What all connections share.
struct Serving {
    settings: ServeSettings,
    handling: Arc<Handling>,
    http: http1::Builder,
}

impl Serving {
    fn new(settings: ServeSettings, router: Router) -> Serving {
        let handling = Handling {
            router: router.layer(NoteRoute),
            trusted_proxies: settings.trusted_proxies.clone(),
            body_limit_bytes: settings.body_limit_bytes as u64,
            request_timeout: settings.request_timeout,
            linger: settings.header_timeout,
            figures: Figures::default(),
        };
        let mut http = http1::Builder::new();
        // A client that goes away does not stop what it began: half-closed connections are answered, not dropped.
        http.half_close(true).max_buf_size(BUFFER_BYTES).max_headers(HEADERS_MAX).header_read_timeout(None);
        Serving { settings, handling: Arc::new(handling), http }
    }
}

async fn accept(tcp: &TcpListener, serving: &Arc<Serving>, places: &Arc<Semaphore>, ending: &watch::Sender<Ending>) {
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        match tcp.accept().await {
            Ok((stream, address)) => {
                tokio::spawn(connection(serving.clone(), stream, address, ending.subscribe(), place));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection from its first byte to its last; `_place` is free again when it ended.
async fn connection(
    serving: Arc<Serving>,
    stream: TcpStream,
    address: SocketAddr,
    mut ending: watch::Receiver<Ending>,
    _place: OwnedSemaphorePermit,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let Some(tls) = serving.settings.tls.clone() else {
        return speak(&serving, stream, address, false, ending).await;
    };
    let handshake = tokio::time::timeout(serving.settings.header_timeout, tls.accept(stream));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        _ = ending.changed() => return,
    };
    match shaken {
        Ok(Ok(stream)) => speak(&serving, stream, address, true, ending).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

/// HTTP over a stream.
async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    serving: &Serving,
    stream: S,
    address: SocketAddr,
    tls: bool,
    mut ending: watch::Receiver<Ending>,
) {
    let activity = Activity::new();
    let shared = Connection { handling: serving.handling.clone(), address, tls, activity: activity.clone() };
    let shared = Arc::new(shared);
    let limits = TimeLimits { head: serving.settings.header_timeout, idle: serving.settings.idle_timeout };
    let io = TokioIo::new(LimitedIo::new(stream, activity.clone(), limits));
    let service = service_fn(move |request| answer(shared.clone(), request));
    let mut http = std::pin::pin!(serving.http.serve_connection(io, service));
    loop {
        tokio::select! {
            ended = http.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            changed = ending.changed() => {
                let now = if changed.is_ok() { *ending.borrow_and_update() } else { Ending::Over };
                match now {
                    Ending::No => {}
                    Ending::Draining if activity.phase() == Phase::Fresh => return,
                    Ending::Draining => http.as_mut().graceful_shutdown(),
                    Ending::Over => return,
                }
            }
        }
    }
}
