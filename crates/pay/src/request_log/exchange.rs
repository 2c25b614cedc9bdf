//! The bytes of a request and of its answer, as the log keeps them.

use std::collections::HashSet;

use super::BODY_KEPT;

/// A request and its answer: HTTP/1.1 text, header names in lower case, secrets masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Request line and headers.
    pub request_head: Vec<u8>,
    /// Body of the request, or its beginning.
    pub request_body: Vec<u8>,
    /// Bytes of the request's body as it was sent.
    pub request_length: u64,
    /// Whether something was taken out of the address or the body.
    pub altered: bool,
    /// Status line and headers.
    pub answer_head: Vec<u8>,
    /// Body of the answer, or its beginning.
    pub answer_body: Vec<u8>,
    /// Bytes of the answer's body as it was sent.
    pub answer_length: u64,
}

/// How the text below is laid out.
const LAYOUT: u8 = 1;

impl Exchange {
    /// Whether the log holds all of the request but its secrets' header.
    pub fn is_whole(&self) -> bool {
        !self.altered && self.request_length == self.request_body.len() as u64
    }

    /// Method and address of the request line.
    pub fn request_line(&self) -> Option<(&str, &str)> {
        let line = self.request_head.split(|byte| *byte == b'\r').next()?;
        let mut words = std::str::from_utf8(line).ok()?.split(' ');
        Some((words.next()?, words.next()?))
    }

    /// The value of a header of the request, by its name in lower case.
    pub fn request_header(&self, name: &str) -> Option<&str> {
        let text = std::str::from_utf8(&self.request_head).ok()?;
        let lines = text.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
        lines.filter(|(given, _)| *given == name).map(|(_, value)| value).next()
    }

    /// Whether any part of it holds `text`, as it stands or as forms spell it.
    pub fn contains(&self, text: &str) -> bool {
        let escaped: String = text.bytes().map(escaped).collect();
        let parts = [&self.request_head, &self.request_body, &self.answer_head, &self.answer_body];
        [text, escaped.as_str()].iter().any(|wanted| parts.iter().any(|part| holds(part, wanted.as_bytes())))
    }

    /// Whether any part of it names one of these charges.
    pub fn names_one_of(&self, charges: &HashSet<&str>) -> bool {
        let parts = [&self.request_head, &self.request_body, &self.answer_head, &self.answer_body];
        parts.iter().any(|part| part.windows(NUMBER_LENGTH).filter_map(number).any(|number| charges.contains(number)))
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![LAYOUT, u8::from(self.altered)];
        bytes.extend(self.request_length.to_be_bytes());
        bytes.extend(self.answer_length.to_be_bytes());
        for part in [&self.request_head, &self.request_body, &self.answer_head, &self.answer_body] {
            bytes.extend((part.len() as u32).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Exchange> {
        let ([layout, altered], rest) = bytes.split_first_chunk::<2>()?;
        let (request_length, rest) = rest.split_first_chunk::<8>()?;
        let (answer_length, mut rest) = rest.split_first_chunk::<8>()?;
        let mut part = || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (part, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            rest = after;
            Some(part.to_vec())
        };
        let (request_head, request_body, answer_head, answer_body) = (part()?, part()?, part()?, part()?);
        (*layout == LAYOUT && rest.is_empty()).then_some(Exchange {
            request_head,
            request_body,
            request_length: u64::from_be_bytes(*request_length),
            altered: *altered == 1,
            answer_head,
            answer_body,
            answer_length: u64::from_be_bytes(*answer_length),
        })
    }
}

/// Characters of an order number.
const NUMBER_LENGTH: usize = 30;

/// The text, if it has the form of an order number.
fn number(text: &[u8]) -> Option<&str> {
    let fits = |(at, byte): (usize, &u8)| if matches!(at, 10 | 19) { *byte == b'-' } else { byte.is_ascii_digit() };
    let is_number = text.get(10) == Some(&b'-') && text.iter().enumerate().all(fits);
    if is_number { std::str::from_utf8(text).ok() } else { None }
}

/// As much of a body as is kept.
pub(super) fn kept(mut body: Vec<u8>) -> Vec<u8> {
    body.truncate(BODY_KEPT);
    body
}

fn holds(part: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && part.windows(wanted.len()).any(|window| window == wanted)
}

fn escaped(byte: u8) -> String {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exchange() -> Exchange {
        Exchange {
            request_head: b"POST /sandbox/v1/charges?a=b HTTP/1.1\r\nhost: here\r\naccept: a: b\r\n\r\n".to_vec(),
            request_body: "item_name_1=%E7%85%8E%E8%8C%B6".into(),
            request_length: 29,
            answer_head: b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
            answer_body: "{\"name\":\"煎茶\"}".into(),
            answer_length: 16,
            altered: false,
        }
    }

    #[test]
    fn its_parts_can_be_asked_for() {
        let exchange = exchange();
        assert_eq!(exchange.request_line(), Some(("POST", "/sandbox/v1/charges?a=b")));
        assert_eq!(exchange.request_header("accept"), Some("a: b"));
        assert_eq!(exchange.request_header("cookie"), None);
        assert!(exchange.contains("煎茶") && exchange.contains("item_name") && !exchange.contains("玉露"));
        let number = "1000000001-20261122-0000000042";
        let listed = Exchange { answer_body: format!("[{{\"id\":\"{number}\"}}]").into(), ..exchange.clone() };
        assert!(listed.names_one_of(&HashSet::from([number])) && !exchange.names_one_of(&HashSet::from([number])));
        assert!(!listed.names_one_of(&HashSet::from(["1000000001-20261122-0000000043"])));
        let asked_only = Exchange { answer_body: Vec::new(), ..exchange };
        assert!(asked_only.contains("煎茶"), "as a form spells it");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_else_is(parts: [Vec<u8>; 4], lengths: [u64; 2], altered: bool, cut in 0_usize..60) {
            let [request_head, request_body, answer_head, answer_body] = parts;
            let [request_length, answer_length] = lengths;
            let exchange = Exchange { request_head, request_body, request_length, altered, answer_head, answer_body, answer_length };
            let bytes = exchange.to_bytes();
            prop_assert_eq!(Exchange::from_bytes(&bytes), Some(exchange));
            let shorter = &bytes[..bytes.len().saturating_sub(cut + 1)];
            prop_assert_eq!(Exchange::from_bytes(shorter), None);
        }
    }
}
