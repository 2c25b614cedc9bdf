//! What a handler leaves of a request's body is read and thrown away before the answer goes out.
//!
//! A socket that is closed with unread bytes in it is reset, and the client may lose an answer that was already on its
//! way: who uploads too much would see a broken connection instead of what was wrong.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};

/// How much is thrown away at the most; a client that sends more than that may lose its answer.
const LINGER_BYTES: u64 = 8 << 20;

/// Where the rest of a lent body comes back to.
#[derive(Clone, Default)]
pub(super) struct Rest(Arc<Mutex<Option<Incoming>>>);

impl Rest {
    /// The request with its body lent: what is not read of it comes back here.
    pub(super) fn lend(&self, request: Request<Incoming>) -> Request<Body> {
        if request.body().is_end_stream() {
            return request.map(|_| Body::empty());
        }
        // A client that asked before it sends has sent nothing as long as nobody reads.
        let sends = !request.headers().contains_key(header::EXPECT);
        request.map(|body| Body::new(Lent { body: Some(body), sends, back: self.clone() }))
    }

    /// Reads what came back, for `limit` at the most.
    pub(super) async fn drain(&self, limit: Duration) {
        let rest = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut body) = rest else { return };
        let reading = async {
            let mut read = 0;
            while let Some(Ok(frame)) = body.frame().await {
                read += frame.data_ref().map_or(0, |data| data.len() as u64);
                if read > LINGER_BYTES {
                    break;
                }
            }
        };
        // Whether it came to its end or not, the answer is the same.
        let _ = tokio::time::timeout(limit, reading).await;
    }
}

struct Lent {
    body: Option<Incoming>,
    /// Whether the client sends, or waits to be told that it may.
    sends: bool,
    back: Rest,
}

impl Drop for Lent {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| self.sends && !body.is_end_stream());
        *self.back.0.lock().unwrap_or_else(PoisonError::into_inner) = rest;
    }
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.sends = true;
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(hyper::body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, hyper::body::Body::size_hint)
    }
}
