//! An HTTP client that sends what it is told to, over connections that it keeps.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A GET of a path with its query, sent as it stands.
    pub fn get(target: impl Into<String>) -> Request {
        Request { method: "GET", target: target.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A POST of a body.
    pub fn post(target: impl Into<String>, body: impl Into<Vec<u8>>) -> Request {
        Request { method: "POST", target: target.into(), headers: Vec::new(), body: body.into() }
    }

    /// Another method.
    #[must_use]
    pub fn method(self, method: &'static str) -> Request {
        Request { method, ..self }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Request {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Whether it has this header.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(given, _)| given == name)
    }

    fn bytes(&self) -> Vec<u8> {
        let Request { method, target, headers, body } = self;
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if *method != "GET" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        [head.as_bytes(), b"\r\n", body].concat()
    }
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body; of an encoding other than UTF-8, what can be read of it.
    pub text: String,
    /// The same as it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        let json = serde_json::from_str(&self.text);
        json.unwrap_or_else(|error| panic!("no JSON ({error}): {} {:?}", self.status, self.text))
    }

    /// The body of an answer that must be 200.
    #[track_caller]
    pub fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert!(self.header("content-type").is_some_and(|is| is.starts_with("application/json")), "{}", self.head);
        self.json()
    }

    /// Type and code of the only error in the body (contract "Errors"), and its message.
    #[track_caller]
    pub fn error(&self) -> (String, String, String) {
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no errors: {}", self.text));
        assert_eq!((errors.len(), body.as_object().map(serde_json::Map::len)), (1, Some(1)), "{}", self.text);
        let text = |key: &str| errors[0][key].as_str().unwrap_or_else(|| panic!("no {key}: {}", self.text)).to_owned();
        (text("type"), text("code"), text("message"))
    }

    /// The message of a refusal that must have this status, type and code.
    #[track_caller]
    pub fn refused(&self, status: u16, kind: &str, code: &str) -> String {
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"));
        let (is_kind, is_code, message) = self.error();
        assert_eq!((self.status, is_kind.as_str(), is_code.as_str()), (status, kind, code), "{message}");
        assert!(!message.is_empty());
        message
    }
}

/// A server, and the connections to it that are idle.
#[derive(Clone, Debug)]
pub struct Http {
    address: SocketAddr,
    idle: Arc<Mutex<Vec<TcpStream>>>,
}

impl Http {
    /// A client of the server at `address`.
    pub fn new(address: SocketAddr) -> Http {
        Http { address, idle: Arc::default() }
    }

    /// Sends a request and reads its answer.
    pub async fn send(&self, request: &Request) -> Reply {
        let kept = self.connections().pop();
        let mut stream = match kept {
            Some(stream) => stream,
            None => TcpStream::connect(self.address).await.expect("connecting to the server"),
        };
        stream.set_nodelay(true).expect("a socket");
        // That the server answered and closed before it read everything is seen when reading.
        let _ = stream.write_all(&request.bytes()).await;
        let reply = read(&mut stream, request.method == "HEAD").await;
        if reply.header("connection") != Some("close") {
            self.connections().push(stream);
        }
        reply
    }

    /// Closes the connections that are idle.
    pub fn hang_up(&self) {
        self.connections().clear();
    }

    fn connections(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(stream: &mut TcpStream, head_only: bool) -> Reply {
    let mut unread = Vec::new();
    let end = loop {
        if let Some(end) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        more(stream, &mut unread).await;
    };
    let head = String::from_utf8(unread.drain(..end).collect()).expect("a head of text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut reply = Reply { status, head, text: String::new(), bytes: Vec::new() };
    if reply.header("transfer-encoding") == Some("chunked") && !head_only {
        reply.bytes = chunks(stream, unread).await;
        reply.text = String::from_utf8_lossy(&reply.bytes).into_owned();
        return reply;
    }
    let length = reply.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    while !head_only && unread.len() < length {
        more(stream, &mut unread).await;
    }
    reply.text = String::from_utf8(unread.clone()).expect("a body of text");
    reply.bytes = unread;
    reply
}

/// A body in chunks, to its end.
async fn chunks(stream: &mut TcpStream, mut unread: Vec<u8>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            match unread.windows(2).position(|window| window == b"\r\n") {
                Some(end) => break end,
                None => more(stream, &mut unread).await,
            }
        };
        let size = std::str::from_utf8(&unread[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.expect("the size of a chunk");
        while unread.len() < end + 2 + size + 2 {
            more(stream, &mut unread).await;
        }
        body.extend_from_slice(&unread[end + 2..end + 2 + size]);
        unread.drain(..end + 2 + size + 2);
        if size == 0 {
            return body;
        }
    }
}

async fn more(stream: &mut TcpStream, unread: &mut Vec<u8>) {
    let read = stream.read_buf(unread).await.expect("reading an answer");
    assert_ne!(read, 0, "closed before the end of an answer: {:?}", String::from_utf8_lossy(unread));
}
