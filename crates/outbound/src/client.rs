//! The client: one request, one answer, within one time limit.

use std::pin::{Pin, pin};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use kernel::Clock;
use tokio::time::Sleep;

use crate::connection::{Broken, Connection, Key, Message, protocol, within};
use crate::error::{SendError, Step};
use crate::guard::Guard;
use crate::pool::Pool;
use crate::request::{Request, Response};
use crate::target::Target;
use crate::tls::Tls;

/// Sends HTTP/1.1 requests to addresses that its guard permits. Follows no redirect, keeps no cookies, uses no proxy.
/// Cheap to clone; clones share their idle connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    guard: Guard,
    clock: Arc<dyn Clock>,
    tls: Tls,
    pool: Arc<Pool>,
}

impl Client {
    /// A client behind `guard`. The dates of certificates are compared with `clock` (machine time).
    pub fn new(guard: Guard, clock: Arc<dyn Clock>) -> Client {
        let tls = Tls::new(Arc::clone(&clock));
        Client { shared: Arc::new(Shared { guard, clock, tls, pool: Arc::default() }) }
    }

    /// Which addresses may be connected to.
    pub fn guard(&self) -> &Guard {
        &self.shared.guard
    }

    /// Sends `request` and reads the answer. Sent once, whatever happens: only a request of which nothing had left is
    /// moved from a connection that was found closed to another. Needs a tokio runtime with I/O and time.
    pub async fn send(&self, request: Request) -> Result<Response, SendError> {
        let mut limit = pin!(tokio::time::sleep(request.timeout));
        let Request { method, url, headers, body, timeout: _, pin, body_bytes_max } = request;
        let target = Target::parse(&url)?;
        let key = Key::new(&target, pin);
        let (connection, answer) = self.exchange(&key, message(&target, method, headers, body), limit.as_mut()).await?;
        self.read(key, connection, answer, body_bytes_max, limit).await
    }

    /// Brings the message to the other side, over an idle connection or a new one, and waits for the answer's head.
    async fn exchange(
        &self,
        key: &Key,
        mut message: Message,
        mut limit: Pin<&mut Sleep>,
    ) -> Result<(Connection, hyper::Response<Incoming>), SendError> {
        while let Some(mut idle) = self.idle(key) {
            match within(limit.as_mut(), Step::Awaiting, idle.exchange(message)).await? {
                Ok(answer) => return Ok((idle, answer)),
                Err(Broken::Unsent(unsent)) => message = *unsent,
                Err(Broken::Sent(error)) => return Err(error),
            }
        }
        let Shared { guard, tls, .. } = &*self.shared;
        // Seldom and large: beside the rest, so that what is usual stays small.
        let mut fresh = Box::pin(Connection::open(key, guard, tls, limit.as_mut())).await?;
        match within(limit, Step::Awaiting, fresh.exchange(message)).await? {
            Ok(answer) => Ok((fresh, answer)),
            Err(Broken::Unsent(_)) => {
                let reason = "closed before the request was sent".to_owned();
                Err(SendError::Connect { address: fresh.address(), reason })
            }
            Err(Broken::Sent(error)) => Err(error),
        }
    }

    /// An idle connection, unless its certificate's dates no longer allow it.
    fn idle(&self, key: &Key) -> Option<Connection> {
        if key.pin.as_ref().is_some_and(|pin| !pin.is_valid_at(self.shared.clock.now())) {
            return None;
        }
        self.shared.pool.take(key)
    }

    /// Reads the body, and gives the connection back if it was read to its end.
    async fn read(
        &self,
        key: Key,
        mut connection: Connection,
        answer: hyper::Response<Incoming>,
        bytes_max: usize,
        limit: Pin<&mut Sleep>,
    ) -> Result<Response, SendError> {
        let (head, body) = answer.into_parts();
        let (body, truncated) = within(limit, Step::Reading, read_up_to(body, bytes_max)).await??;
        let address = connection.address();
        if !truncated && connection.is_free().await {
            self.shared.pool.put(key, connection);
        }
        Ok(Response { status: head.status, headers: head.headers, body, truncated, address })
    }
}

/// Headers that say how a message is framed or what becomes of the connection: ours to set.
const OWN_HEADERS: [HeaderName; 9] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
];
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("choba/", env!("CARGO_PKG_VERSION")));

fn message(target: &Target, method: Method, mut headers: HeaderMap, body: Bytes) -> Message {
    for name in &OWN_HEADERS {
        headers.remove(name);
    }
    headers.insert(header::HOST, target.host_header().clone());
    headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
    let mut message = Message::new(Full::new(body));
    *message.method_mut() = method;
    *message.uri_mut() = Uri::from(target.path_and_query().clone());
    *message.headers_mut() = headers;
    message
}

/// The first `bytes_max` bytes, and whether there was more.
async fn read_up_to(mut body: Incoming, bytes_max: usize) -> Result<(Bytes, bool), SendError> {
    let mut kept = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| protocol(&error))?;
        // Trailers are not looked at.
        let Ok(data) = frame.into_data() else { continue };
        let room = bytes_max - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            return Ok((kept.into(), true));
        }
    }
    Ok((kept.into(), false))
}
