//! The load generator: N connections that each send a request, wait for the whole answer, and send the next.
//!
//! It shares two cores with the server it measures, so it is one thread: a request is bytes written into a buffer that is
//! used again, an answer is a status, a length and bytes, and nothing is parsed that nobody asks for.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::histogram::Histogram;
use crate::http::Head;

/// An answer that takes longer than this is a hang, and ends the measurement.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What is sent, and who wants to see the answers.
pub trait Requests: Send + Sync + 'static {
    /// Writes the next whole request into the empty `buffer`; `false` when there is nothing left to send.
    fn write(&self, buffer: &mut Vec<u8>) -> bool;

    /// Looks at the body of an answer that was 200.
    fn answered(&self, _body: &[u8]) {}
}

/// How it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The server.
    pub address: SocketAddr,
    /// Connections at once.
    pub connections: usize,
    /// Time before anything is counted.
    pub warm_up: Duration,
    /// Time in which new requests are counted.
    pub measured: Duration,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Latencies of the answers with status 200 after the warm-up.
    pub latency: Histogram,
    /// From the end of the warm-up to the last answer.
    pub elapsed: Duration,
    /// Answers with status 200, the warm-up's included.
    pub answers: u64,
    /// Other answers by status, and broken connections by 0; the warm-up's included.
    pub errors: BTreeMap<u16, u64>,
    /// The body of the first other answer.
    pub first_error: Option<String>,
}

impl Outcome {
    /// Answers with status 200 a second.
    pub fn per_second(&self) -> f64 {
        if self.elapsed.is_zero() { 0.0 } else { self.latency.count() as f64 / self.elapsed.as_secs_f64() }
    }

    /// How many requests had no good answer.
    pub fn error_count(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Adds what another measurement of the same thing found.
    pub fn add(&mut self, other: &Outcome) {
        self.latency.add(&other.latency);
        self.elapsed += other.elapsed;
        self.merge_counts(other);
    }

    fn merge_counts(&mut self, other: &Outcome) {
        self.answers += other.answers;
        for (status, count) in &other.errors {
            *self.errors.entry(*status).or_default() += count;
        }
        if self.first_error.is_none() {
            self.first_error.clone_from(&other.first_error);
        }
    }

    fn fail(&mut self, status: u16, said: impl FnOnce() -> String) {
        *self.errors.entry(status).or_default() += 1;
        self.first_error.get_or_insert_with(said);
    }
}

/// Sends `requests` as `plan` says.
pub fn run(plan: Plan, requests: &Arc<impl Requests>) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..plan.connections {
            let stream = TcpStream::connect(plan.address).await.context("connecting to the server")?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let counted_from = Instant::now() + plan.warm_up;
        let until = counted_from + plan.measured;
        let mut tasks = Vec::new();
        for stream in streams {
            let lane = Lane { stream, plan, requests: requests.clone(), request: Vec::new(), answer: Vec::new() };
            tasks.push(tokio::spawn(lane.drive(counted_from, until)));
        }
        let mut total = Outcome::default();
        let mut last = counted_from;
        for task in tasks {
            let hang = until + ANSWER_WITHIN;
            let driven = tokio::time::timeout_at(hang.into(), task).await;
            let (outcome, ended) = driven.context("the server left a request without an answer")??;
            total.latency.add(&outcome.latency);
            total.merge_counts(&outcome);
            last = last.max(ended);
        }
        total.elapsed = last - counted_from;
        Ok(total)
    })
}

/// One connection and its buffers.
struct Lane<R> {
    stream: TcpStream,
    plan: Plan,
    requests: Arc<R>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl<R: Requests> Lane<R> {
    /// Sends until it is over or nothing is left; gives what came of it, and when the last answer came.
    async fn drive(mut self, counted_from: Instant, until: Instant) -> (Outcome, Instant) {
        let mut outcome = Outcome::default();
        let mut now = Instant::now();
        while now < until {
            self.request.clear();
            if !self.requests.write(&mut self.request) {
                break;
            }
            let sent = now;
            let exchanged = self.exchange().await;
            now = Instant::now();
            match exchanged {
                Ok(head) if head.status == 200 => {
                    outcome.answers += 1;
                    if counted_from <= sent {
                        outcome.latency.record(now - sent);
                    }
                    self.requests.answered(&self.answer[head.length..]);
                }
                Ok(head) => {
                    outcome.fail(head.status, || String::from_utf8_lossy(&self.answer[head.length..]).into_owned())
                }
                Err(error) => {
                    outcome.fail(0, || format!("{error:#}"));
                    match TcpStream::connect(self.plan.address).await {
                        Ok(stream) => self.stream = stream,
                        Err(_) => break,
                    }
                }
            }
        }
        (outcome, now)
    }

    /// Sends the request and reads the whole answer.
    async fn exchange(&mut self) -> Result<Head> {
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server closed the connection");
            }
            if head.is_none() {
                head = Head::read(&self.answer)?;
            }
            if let Some(head) = head.take_if(|head| head.is_whole(self.answer.len())) {
                return Ok(head);
            }
        }
    }
}

impl Head {
    /// Whether an answer of which `length` bytes came is complete. One that does not say its length counts as empty.
    fn is_whole(&self, length: usize) -> bool {
        self.length + self.body_length.unwrap_or(0) <= length
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Answers every request with its path; `/no` with 409, `/bye` by closing the connection.
    fn trivial_server() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || serve(&stream.unwrap()));
            }
        });
        address
    }

    fn serve(stream: &std::net::TcpStream) {
        let mut lines = BufReader::new(stream).lines();
        while let Some(Ok(first)) = lines.next() {
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let path = first.split(' ').nth(1).unwrap().to_owned();
            if path == "/bye" {
                return;
            }
            let status = if path == "/no" { "409 Conflict" } else { "200 OK" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{path}", path.len());
            let mut stream = stream;
            stream.write_all(answer.as_bytes()).unwrap();
        }
    }

    /// So many requests: every tenth is refused, and one in the middle closes the connection.
    struct Numbered {
        next: AtomicU64,
        count: u64,
        bodies: Mutex<Vec<String>>,
    }

    impl Requests for Numbered {
        fn write(&self, buffer: &mut Vec<u8>) -> bool {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let path = match number {
                55 => "bye".to_owned(),
                number if number % 10 == 0 => "no".to_owned(),
                number => number.to_string(),
            };
            buffer.extend_from_slice(format!("GET /{path} HTTP/1.1\r\n\r\n").as_bytes());
            number < self.count
        }

        fn answered(&self, body: &[u8]) {
            self.bodies.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
        }
    }

    #[test]
    fn every_request_is_sent_once_and_every_answer_counted() {
        let requests = Arc::new(Numbered { next: AtomicU64::new(0), count: 1000, bodies: Mutex::new(Vec::new()) });
        let (warm_up, measured) = (Duration::ZERO, Duration::from_secs(60));
        let plan = Plan { address: trivial_server(), connections: 8, warm_up, measured };
        let outcome = run(plan, &requests).unwrap();
        assert_eq!(outcome.answers, 899);
        assert_eq!(outcome.latency.count(), 899);
        assert_eq!(outcome.errors, BTreeMap::from([(0, 1), (409, 100)]));
        assert!(outcome.per_second() > 0.0);
        let mut bodies = requests.bodies.lock().unwrap().clone();
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), 899);
    }

    #[test]
    fn what_happens_in_the_warm_up_is_not_counted() {
        let requests = Arc::new(Numbered { next: AtomicU64::new(60), count: 100, bodies: Mutex::new(Vec::new()) });
        let (warm_up, measured) = (Duration::from_secs(60), Duration::ZERO);
        let outcome = run(Plan { address: trivial_server(), connections: 2, warm_up, measured }, &requests).unwrap();
        assert_eq!((outcome.answers, outcome.latency.count()), (36, 0));
    }
}
