//! A connection under time limits: for the head of a request, for being idle, and for taking what is sent to it.
//!
//! The limits are set here and not in hyper because its one limit for heads also counts the time between two requests.
//! A timer is touched only when a connection has to wait, and moved only when it rings too early: a busy connection
//! costs no timer at all.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::bare;
use crate::system::monotonic_now;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has come yet.
    Fresh = 0,
    /// The head of a request is coming.
    Head = 1,
    /// A request is being answered.
    Busy = 2,
    /// Between two requests.
    Idle = 3,
}

/// What a connection is doing and since when, shared by its socket and its requests, which one task runs.
#[derive(Debug)]
pub(super) struct Activity {
    began: Instant,
    phase: AtomicU8,
    /// Microseconds after `began`.
    since_us: AtomicU64,
}

impl Activity {
    pub(super) fn new() -> Arc<Activity> {
        Arc::new(Activity {
            began: monotonic_now(),
            phase: AtomicU8::new(Phase::Fresh as u8),
            since_us: AtomicU64::new(0),
        })
    }

    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Fresh,
            1 => Phase::Head,
            2 => Phase::Busy,
            _ => Phase::Idle,
        }
    }

    /// A request came in whole and is being answered: no limit of the connection runs.
    pub(super) fn busy(&self) {
        self.phase.store(Phase::Busy as u8, Ordering::Relaxed);
    }

    /// An answer is complete.
    pub(super) fn idle(&self) {
        self.enter(Phase::Idle);
    }

    fn enter(&self, phase: Phase) {
        self.since_us.store(self.began.elapsed().as_micros() as u64, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    fn since(&self) -> Instant {
        self.began + Duration::from_micros(self.since_us.load(Ordering::Relaxed))
    }

    fn received(&self) {
        match self.phase() {
            Phase::Fresh | Phase::Idle => self.enter(Phase::Head),
            Phase::Head | Phase::Busy => {}
        }
    }

    fn sent(&self) {
        // The rest of an answer is still going out: the time of being idle begins at its end.
        if self.phase() == Phase::Idle {
            self.enter(Phase::Idle);
        }
    }
}

/// How long a connection may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeLimits {
    /// For the head of a request, and for the first byte of a new connection.
    pub(super) head: Duration,
    /// Between two requests, and for taking some of what is sent to it.
    pub(super) idle: Duration,
}

/// A socket under [`TimeLimits`].
pub(super) struct LimitedIo<T> {
    inner: T,
    activity: Arc<Activity>,
    limits: TimeLimits,
    reading: Option<Pin<Box<Sleep>>>,
    writing: Option<Pin<Box<Sleep>>>,
    /// What is written instead of a bare answer, and how much of it has been taken.
    instead: Option<(Vec<u8>, usize)>,
}

impl<T> LimitedIo<T> {
    pub(super) fn new(inner: T, activity: Arc<Activity>, limits: TimeLimits) -> LimitedIo<T> {
        LimitedIo { inner, activity, limits, reading: None, writing: None, instead: None }
    }

    fn read_deadline(&self) -> Option<Instant> {
        match self.activity.phase() {
            Phase::Fresh | Phase::Head => Some(self.activity.since() + self.limits.head),
            Phase::Busy => None,
            Phase::Idle => Some(self.activity.since() + self.limits.idle),
        }
    }

    /// Nothing can be read: waits on, or gives up when the limit has passed.
    fn wait_to_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let Some(deadline) = self.read_deadline() else {
                return Poll::Pending;
            };
            let timer = self.reading.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
            if timer.deadline() > deadline {
                timer.as_mut().reset(deadline);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if timer.deadline() >= deadline {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            timer.as_mut().reset(deadline);
        }
    }

    /// Passes on how much the socket took.
    fn sent(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(polled, Poll::Ready(Ok(taken)) if taken > 0) {
            self.activity.sent();
        }
        self.written(cx, polled)
    }

    /// Passes on what the socket said about writing; gives up when it took nothing for too long.
    fn written<V>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<V>>) -> Poll<io::Result<V>> {
        if polled.is_ready() {
            self.writing = None;
            return polled;
        }
        let limit = self.limits.idle;
        let timer = self.writing.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        match timer.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for LimitedIo<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.inner).poll_read(cx, buffer) {
            Poll::Pending => self.wait_to_read(cx),
            Poll::Ready(read) => {
                if buffer.filled().len() > before {
                    self.activity.received();
                }
                Poll::Ready(read)
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> LimitedIo<T> {
    /// Whether `bytes` are an answer that the HTTP library gives by itself: then no request is being answered.
    fn is_bare(&mut self, bytes: &[u8]) -> bool {
        let may_be = matches!(self.activity.phase(), Phase::Fresh | Phase::Head);
        if self.instead.is_none() && may_be {
            self.instead = bare::instead_of(bytes).map(|instead| (instead, 0));
        }
        self.instead.is_some()
    }

    /// Writes the other answer; `length` bytes count as taken when all of it is.
    fn write_instead(&mut self, cx: &mut Context<'_>, length: usize) -> Poll<io::Result<usize>> {
        while let Some((instead, taken)) = &mut self.instead {
            match Pin::new(&mut self.inner).poll_write(cx, &instead[*taken..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(more)) => *taken += more,
                polled => return self.written(cx, polled),
            }
            if *taken == instead.len() {
                self.instead = None;
            }
        }
        self.sent(cx, Poll::Ready(Ok(length)))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for LimitedIo<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_bare(bytes) {
            return self.write_instead(cx, bytes.len());
        }
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.sent(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = slices
            && self.is_bare(only)
        {
            return self.write_instead(cx, only.len());
        }
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.sent(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.written(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.written(cx, polled)
    }
}
