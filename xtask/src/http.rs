//! As much HTTP/1.1 as xtask needs: one request, one answer, and how an answer is read from bytes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

const TIMEOUT: Duration = Duration::from_secs(30);

/// A status and a body.
pub struct Answer {
    /// The status, as `200`.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

/// One GET on a connection of its own. `authorization` is the header's value.
pub fn get(address: SocketAddr, path: &str, authorization: Option<&str>) -> Result<Answer> {
    let authorization = authorization.map(|value| format!("Authorization: {value}\r\n")).unwrap_or_default();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n{authorization}Connection: close\r\n\r\n"
    );
    Ok(exchange(address, path, &request)?.1)
}

/// One request on a connection of its own, as it stands; the head of the answer, and the answer.
pub fn exchange(address: SocketAddr, path: &str, request: &str) -> Result<(String, Answer)> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let Some(head) = Head::read(&bytes)? else { bail!("{path}: the answer ended in its head") };
    let text = |part: Option<&[u8]>| String::from_utf8_lossy(part.unwrap_or_default()).into_owned();
    let answer = Answer { status: head.status, body: text(bytes.get(head.length..)) };
    Ok((text(bytes.get(..head.length)), answer))
}

/// One POST of JSON on a connection of its own.
pub fn post(address: SocketAddr, path: &str, authorization: &str, body: &str) -> Result<Answer> {
    send_json("POST", address, path, authorization, body)
}

/// One PUT of JSON on a connection of its own.
pub fn put(address: SocketAddr, path: &str, authorization: &str, body: &str) -> Result<Answer> {
    send_json("PUT", address, path, authorization, body)
}

fn send_json(method: &str, address: SocketAddr, path: &str, authorization: &str, body: &str) -> Result<Answer> {
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    Ok(exchange(address, path, &request)?.1)
}

/// The value of an `Authorization` header for a user without a password.
pub fn basic(user: &str) -> String {
    format!("Basic {}", base64(format!("{user}:").as_bytes()))
}

/// What stands before the body of an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// The status, as `200`.
    pub status: u16,
    /// Bytes of the head, the empty line included.
    pub length: usize,
    /// Bytes of the body, where the head says how many.
    pub body_length: Option<usize>,
}

impl Head {
    /// Reads the head of an answer; `None` as long as it has not arrived whole.
    pub fn read(bytes: &[u8]) -> Result<Option<Head>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&bytes[..end]).context("a head that is not text")?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
        let status = status.with_context(|| format!("not an HTTP/1.1 answer: {text:?}"))?;
        let body_length = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok());
        Ok(Some(Head { status, length: end + 4, body_length }))
    }
}

pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| (bits << 8) | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        assert_eq!(base64(b"sandbox_private_1:"), "c2FuZGJveF9wcml2YXRlXzE6");
        assert_eq!([base64(b"a"), base64(b"ab"), base64(b"abc"), base64(b"")], ["YQ==", "YWI=", "YWJj", ""]);
    }

    #[test]
    fn heads_are_read() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\nx: y\r\n\r\n{\"a\"";
        let head = Head { status: 200, length: 45, body_length: Some(12) };
        assert_eq!(Head::read(whole).unwrap(), Some(head));
        assert_eq!(Head::read(&whole[..30]).unwrap(), None);
        assert!(Head::read(b"SSH-2.0\r\n\r\n").is_err());
    }
}
