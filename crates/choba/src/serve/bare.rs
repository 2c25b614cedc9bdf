//! The answers that the HTTP library gives by itself, to a request that it cannot read: they have no body, and nothing of
//! ours is asked. So they are told by what is written, and another answer is written instead, in the shape of errors that
//! clients already read.

use axum::http::StatusCode;

use super::REQUEST_ID_HEADER;
use super::refusal::Refusal;
use super::request::RequestId;

/// Bytes of such an answer at the most: a status line and three headers.
const BARE_BYTES_MAX: usize = 300;

/// What is written instead of `bytes`, if they are such an answer, whole. Ours carry the header with the request's id.
pub(super) fn instead_of(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > BARE_BYTES_MAX || !bytes.starts_with(b"HTTP/1.1 4") {
        return None;
    }
    let head = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    if head.contains("\r\n\r\n") {
        return None;
    }
    let (line, headers) = head.split_once("\r\n")?;
    let has = |name: &str, value: &str| {
        let of_line =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        headers.lines().filter_map(of_line).any(|(is, given)| is == name && (value.is_empty() || given == value))
    };
    if !has("content-length", "0") || has(REQUEST_ID_HEADER.as_str(), "") {
        return None;
    }
    let status: u16 = line.split(' ').nth(1)?.parse().ok()?;
    let refusal = match StatusCode::from_u16(status).ok()? {
        StatusCode::BAD_REQUEST => Refusal::Unreadable,
        StatusCode::URI_TOO_LONG => Refusal::AddressTooLong,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Refusal::HeadTooLarge,
        _ => return None,
    };
    let body = refusal.error().body();
    let date = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("date: "));
    let date = date.map_or(String::new(), |date| format!("{date}\r\n"));
    let head = format!(
        "{line}\r\ncontent-type: application/json; charset=utf-8\r\nconnection: close\r\n{REQUEST_ID_HEADER}: {}\r\n\
         content-length: {}\r\n{date}\r\n",
        RequestId::random().as_str(),
        body.len()
    );
    Some([head.as_bytes(), &body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_answers_are_written_otherwise() {
        let bare = "HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
        let written = String::from_utf8(instead_of(bare.as_bytes()).unwrap()).unwrap();
        assert!(written.starts_with("HTTP/1.1 414 URI Too Long\r\ncontent-type: application/json"), "{written}");
        assert!(written.contains("\r\ndate: now\r\n") && written.ends_with("\"}]}"), "{written}");
        for other in [
            bare.replace("414 URI Too Long", "404 Not Found"),
            bare.replace("414 URI Too Long", "200 OK"),
            bare.replace("date: now", "x-request-id: 1"),
            bare.replace("content-length: 0", "content-length: 9"),
            format!("{bare}HTTP/1.1 200 OK\r\n\r\n"),
            bare.replace("\r\n\r\n", "\r\n"),
        ] {
            assert_eq!(instead_of(other.as_bytes()), None, "{other}");
        }
    }
}
