//! A shop's server for the bench: takes everything that comes, and remembers which events it has heard of.
//!
//! It shares the machine with the server that it measures: one thread, nothing is parsed but the length and the id.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// What the sink has heard.
#[derive(Default)]
struct Heard {
    requests: AtomicU64,
    events: Mutex<HashSet<u128>>,
}

/// A running sink. It ends with the process.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Arc<Heard>,
}

impl Sink {
    /// Listens on a free port of this machine.
    pub fn start() -> Result<Sink> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let (address, heard) = (listener.local_addr()?, Arc::new(Heard::default()));
        let remembered = heard.clone();
        std::thread::spawn(move || {
            runtime.block_on(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, remembered.clone()));
                }
            });
        });
        Ok(Sink { address, heard })
    }

    /// Deliveries so far.
    pub fn requests(&self) -> u64 {
        self.heard.requests.load(Ordering::Relaxed)
    }

    /// Different events so far.
    pub fn events(&self) -> usize {
        self.heard.events.lock().map_or(0, |events| events.len())
    }
}

/// Requests of one connection, until it ends.
async fn serve(mut stream: TcpStream, heard: Arc<Heard>) {
    let mut unread: Vec<u8> = Vec::with_capacity(8_192);
    loop {
        while let Some(length) = whole_request(&unread) {
            if let (Some(event), Ok(mut events)) = (event(&unread[..length]), heard.events.lock()) {
                events.insert(event);
            }
            heard.requests.fetch_add(1, Ordering::Relaxed);
            unread.drain(..length);
            if stream.write_all(TAKEN).await.is_err() {
                return;
            }
        }
        if matches!(stream.read_buf(&mut unread).await, Ok(0) | Err(_)) {
            return;
        }
    }
}

/// The length of the first request, once all of it has come.
fn whole_request(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let body: usize = after(&bytes[..head], b"content-length: ")?.parse().ok()?;
    (head + body <= bytes.len()).then_some(head + body)
}

/// The number in the event's id.
fn event(request: &[u8]) -> Option<u128> {
    u128::from_str_radix(after(request, b"webhook-id: evt_")?, 16).ok()
}

/// The rest of the line after `name`, as text.
fn after<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let start = head.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))? + name.len();
    let end = head[start..].iter().position(|byte| *byte == b'\r')? + start;
    std::str::from_utf8(&head[start..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_taken_apart() {
        let request = b"POST / HTTP/1.1\r\nwebhook-id: evt_0f\r\nContent-Length: 2\r\n\r\n{}POST";
        let length = whole_request(request).expect("a whole request");
        assert_eq!((&request[length..], event(&request[..length])), (&b"POST"[..], Some(15)));
        assert_eq!((whole_request(&request[..length - 1]), whole_request(b"POST / HT")), (None, None));
    }
}
