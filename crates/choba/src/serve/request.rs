//! One request: its limits, its id, who sent it; the handlers; then figures and a log line.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use kernel::{Entropy as _, HangUp};
use tower::Service as _;
use tracing::Instrument as _;

use super::activity::Activity;
use super::figures::Figures;
use super::lent::Rest;
use super::panic;
use super::peer;
use super::refusal::Refusal;
use super::route::RouteSlot;
use crate::config::Network;
use crate::system::{OsEntropy, Stopwatch};

/// Header of every answer that says under which id the request stands in the log.
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Largest address and headers together, in bytes.
pub(super) const HEAD_LIMIT_BYTES: usize = 16 << 10;

/// The id of a request, 32 hexadecimal digits; every request carries it as an extension.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId([u8; 32]);

impl RequestId {
    /// A fresh one.
    pub(super) fn random() -> RequestId {
        let mut bytes = [0; 16];
        OsEntropy.fill(&mut bytes);
        let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
        RequestId(std::array::from_fn(|index| {
            let byte = bytes[index / 2];
            digit(if index % 2 == 0 { byte >> 4 } else { byte & 15 })
        }))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits are UTF-8")
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What all requests of a listener share.
pub(super) struct Handling {
    pub(super) router: Router,
    pub(super) trusted_proxies: Vec<Network>,
    pub(super) body_limit_bytes: u64,
    pub(super) request_timeout: Duration,
    /// How long what a handler left of a body may linger.
    pub(super) linger: Duration,
    pub(super) figures: Figures,
}

/// What all requests of a connection share.
pub(super) struct Connection {
    pub(super) handling: Arc<Handling>,
    pub(super) address: SocketAddr,
    pub(super) tls: bool,
    pub(super) activity: Arc<Activity>,
}

/// The connection ends without an answer, because a test asked for that ([`HangUp`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hung up, as a test asked")]
pub(super) struct HungUp;

/// Answers one request; fails only where a handler hangs up.
pub(super) async fn answer(connection: Arc<Connection>, request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
    connection.activity.busy();
    let watch = Stopwatch::start();
    let id = RequestId::random();
    let method = Figures::method_label(request.method());
    let slot = RouteSlot::default();
    let span = tracing::error_span!("request", %id);
    let mut response = handle(&connection, request, id, slot.clone()).instrument(span.clone()).await;
    let value = HeaderValue::from_str(id.as_str()).expect("hexadecimal digits fit into a header");
    response.headers_mut().insert(REQUEST_ID_HEADER, value);

    let elapsed = watch.elapsed();
    let (route, status) = (slot.template(), response.status().as_u16());
    connection.handling.figures.record(method, route, status, elapsed);
    let micros = elapsed.as_micros() as u64;
    if status >= 500 {
        span.in_scope(|| tracing::info!(target: "choba::access", method, route, status, micros, "answered"));
    } else {
        span.in_scope(|| tracing::debug!(target: "choba::access", method, route, status, micros, "answered"));
    }
    match response.extensions().get::<HangUp>() {
        Some(HangUp) => Err(HungUp),
        None => Ok(watched(response, &connection.activity)),
    }
}

async fn handle(
    connection: &Connection,
    mut request: Request<Incoming>,
    id: RequestId,
    slot: RouteSlot,
) -> Response<Body> {
    let handling = &connection.handling;
    if head_bytes(&request) > HEAD_LIMIT_BYTES {
        return Refusal::HeadTooLarge.response_at(request.uri().path());
    }
    let (length, rest, path) = (request.body().size_hint(), Rest::default(), request.uri().path().to_owned());
    if length.lower() > handling.body_limit_bytes {
        drop(rest.lend(request));
        rest.drain(handling.linger).await;
        return Refusal::BodyTooLarge.response_at(&path);
    }
    let trusted = &handling.trusted_proxies;
    let peer = peer::of(connection.address, connection.tls, request.headers(), trusted, id.as_str());
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(peer);
    request.extensions_mut().insert(slot);
    DefaultBodyLimit::disable().apply(&mut request);
    let too_large = Arc::new(AtomicBool::new(false));
    let request = rest.lend(request);
    let request = match length.exact() {
        Some(_) => request,
        None => limited(request, handling.body_limit_bytes, too_large.clone()),
    };
    let mut router = handling.router.clone();
    let answered = panic::catch(async move { router.call(request).await });
    let answered = tokio::time::timeout(handling.request_timeout, answered).await;
    if answered.is_ok() {
        rest.drain(handling.linger).await;
    }
    match answered {
        Ok(Ok(Ok(response))) if too_large.load(Ordering::Relaxed) => {
            drop(response);
            Refusal::BodyTooLarge.response_at(&path)
        }
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(caught)) => {
            tracing::error!(panic = caught.message, place = caught.place, "a request panicked");
            Refusal::Panicked.response_at(&path)
        }
        Err(_) => Refusal::TimedOut.response_at(&path),
    }
}

fn head_bytes<B>(request: &Request<B>) -> usize {
    let uri = request.uri();
    let address = uri.path().len() + uri.query().map_or(0, str::len);
    let line = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    address + request.headers().iter().map(line).sum::<usize>()
}

/// A body of unknown length: it fails beyond the limit, and says so in `too_large`.
fn limited(request: Request<Body>, limit: u64, too_large: Arc<AtomicBool>) -> Request<Body> {
    request.map(|body| {
        let limited = Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX));
        Body::new(limited.map_err(move |error| {
            if error.is::<LengthLimitError>() {
                too_large.store(true, Ordering::Relaxed);
            }
            error
        }))
    })
}

/// The connection is idle when the body is gone; of a body that is ready as a whole, that is now.
fn watched(response: Response<Body>, activity: &Arc<Activity>) -> Response<Body> {
    let whole = response.body().size_hint().exact().is_some() || response.status() == StatusCode::NO_CONTENT;
    if whole {
        activity.idle();
        return response;
    }
    response.map(|body| Body::new(WatchedBody { body, activity: activity.clone() }))
}

/// A body that comes bit by bit; its connection is busy until it is gone.
struct WatchedBody {
    body: Body,
    activity: Arc<Activity>,
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        self.activity.idle();
    }
}

impl hyper::body::Body for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
