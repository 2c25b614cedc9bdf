//! A client that sends exactly the bytes it is told to.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// Type and code of the only error in the body.
    pub fn error(&self) -> (String, String) {
        let body: serde_json::Value = serde_json::from_str(&self.body).expect("errors are JSON");
        let errors = body["errors"].as_array().expect("errors are a list");
        assert_eq!(errors.len(), 1);
        assert!(!errors[0]["message"].as_str().expect("a message").is_empty());
        let text = |key: &str| errors[0][key].as_str().expect("text").to_owned();
        (text("type"), text("code"))
    }
}

/// A connection.
pub struct Client<S> {
    stream: S,
    unread: Vec<u8>,
}

impl Client<TcpStream> {
    pub async fn connect(address: SocketAddr) -> Client<TcpStream> {
        Client::over(TcpStream::connect(address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn over(stream: S) -> Client<S> {
        Client { stream, unread: Vec::new() }
    }

    /// Sends bytes; that the server closed meanwhile is seen when reading.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Sends a GET and reads its answer.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n")).await;
        self.answer().await
    }

    /// Reads one answer.
    pub async fn answer(&mut self) -> Answer {
        let end = loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            assert_ne!(self.more().await, 0, "closed before an answer: {:?}", String::from_utf8_lossy(&self.unread));
        };
        let head = String::from_utf8(self.unread.drain(..end + 4).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: String::new() };
        let length = answer.header("content-length").unwrap_or("0").parse().unwrap();
        while self.unread.len() < length {
            assert_ne!(self.more().await, 0, "closed inside a body");
        }
        answer.body = String::from_utf8(self.unread.drain(..length).collect()).unwrap();
        answer
    }

    /// Waits until the server closes; nothing more must come before that.
    pub async fn closed(&mut self) {
        let more = self.more().await;
        assert_eq!(more, 0, "still open: {:?}", String::from_utf8_lossy(&self.unread));
    }

    async fn more(&mut self) -> usize {
        self.stream.read_buf(&mut self.unread).await.unwrap_or(0)
    }
}
