//! One request and what came back.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use hyper::body::Bytes;

use crate::pin::PinnedCertificate;

/// How much of an answer's body is kept unless the request says otherwise: 64 KiB.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// A request to send.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// An `http` or `https` URL without user name and password.
    pub url: String,
    /// Headers. `Host`, `Content-Length` and what concerns the connection are set by the client, whatever stands here.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// Limit for everything together: name, connection, TLS, answer and its body.
    pub timeout: Duration,
    /// Over TLS, accept exactly this certificate instead of those that are publicly trusted.
    pub pin: Option<PinnedCertificate>,
    /// How many bytes of the answer's body are kept.
    pub body_bytes_max: usize,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>, timeout: Duration) -> Request {
        Request {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout,
            pin: None,
            body_bytes_max: BODY_BYTES_MAX,
        }
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Request {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Request {
        self.body = body.into();
        self
    }

    /// Accepts exactly this certificate.
    pub fn pinned(mut self, certificate: PinnedCertificate) -> Request {
        self.pin = Some(certificate);
        self
    }
}

impl fmt::Debug for Request {
    /// Without headers, body and the path, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = crate::Target::parse(&self.url).map(|target| target.host().to_owned());
        f.debug_struct("Request").field("method", &self.method).field("host", &host).finish_non_exhaustive()
    }
}

/// An answer of any status; a redirect (3xx) is an answer like others.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as sent (not decompressed), up to [`Request::body_bytes_max`].
    pub body: Bytes,
    /// Whether the body went on after what was kept.
    pub truncated: bool,
    /// The address that answered.
    pub address: SocketAddr,
}

impl fmt::Debug for Response {
    /// Without what the other side wrote, which may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("truncated", &self.truncated)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
