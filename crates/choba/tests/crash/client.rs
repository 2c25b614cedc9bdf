//! A connection to a server that may die in the middle of anything.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use serde_json::Value;

/// A request that is neither answered nor cut off within this time hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// One request of the LITE API or of the test helper.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    /// None for a GET.
    pub body: Option<(&'static str, String)>,
    pub key: Option<String>,
}

/// An answer as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The `code` of the only error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["code"].as_str().unwrap_or_default()
    }
}

/// A connection of one client.
pub struct Connection {
    stream: TcpStream,
    authorization: String,
    /// Whether it ended in the middle of an answer.
    pub is_broken_off: bool,
    /// How it ended, if it did.
    ended: String,
}

impl Connection {
    /// Connects; none if nobody listens.
    pub fn open(address: SocketAddr, private_key: &str) -> Option<Connection> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{private_key}:"));
        Some(Connection {
            stream,
            authorization: format!("Basic {credentials}"),
            is_broken_off: false,
            ended: String::new(),
        })
    }

    /// Sends a request and reads its answer; none if the connection ended before the end of the answer.
    pub fn send(&mut self, request: &Request) -> Option<Answer> {
        let Request { path, body, key } = request;
        let method = if body.is_some() { "POST" } else { "GET" };
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: here\r\nauthorization: {}\r\n", self.authorization);
        if let Some(key) = key {
            text += &format!("idempotency-key: {key}\r\n");
        }
        match body {
            Some((kind, body)) => {
                text += &format!("content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            }
            None => text += "\r\n",
        }
        if let Err(error) = self.stream.write_all(text.as_bytes()) {
            self.ended = format!("sending: {error}");
            return None;
        }
        let mut bytes = Vec::new();
        let answer = self.read(&mut bytes);
        self.is_broken_off = answer.is_none() && !bytes.is_empty();
        answer
    }

    /// Sends a request to a server that is there to stay, and reads its answer.
    pub fn ask(&mut self, request: &Request) -> Answer {
        self.send(request).unwrap_or_else(|| panic!("no answer to {request:?}: {}", self.ended))
    }

    fn read(&mut self, bytes: &mut Vec<u8>) -> Option<Answer> {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.more(bytes)?;
        };
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
        let status = head.split(' ').nth(1)?.parse().expect("a status");
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.expect("answers tell their length");
        while bytes.len() < end + length {
            self.more(bytes)?;
        }
        let body = serde_json::from_slice(&bytes[end..]).expect("answers are JSON");
        Some(Answer { status, body })
    }

    fn more(&mut self, bytes: &mut Vec<u8>) -> Option<()> {
        let mut buffer = [0; 16 * 1024];
        let read = loop {
            match self.stream.read(&mut buffer) {
                // A socket with a time limit is interrupted when the process was halted and goes on, without any signal
                // that somebody handles (signal(7)).
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        match read {
            Ok(0) => {
                self.ended = format!("closed after {} bytes of the answer", bytes.len());
                None
            }
            Ok(count) => {
                bytes.extend_from_slice(&buffer[..count]);
                Some(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("a request hung for {} seconds", PATIENCE.as_secs())
            }
            Err(error) => {
                self.ended = format!("{error}, after {} bytes of the answer", bytes.len());
                None
            }
        }
    }
}
