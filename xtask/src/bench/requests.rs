//! The requests of the LITE API that the bench sends, as bytes.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::load::Requests;
use crate::http;

/// Charges that were created, in the order of their answers.
pub type Pool = std::sync::Arc<Mutex<Vec<String>>>;

const CHARGE: &str =
    r#"{"items":[{"id":"item-1","name":"bench item","unit_price":1100,"quantity":3}],"cart_id":"bench"}"#;

/// The lines every request has.
fn common(address: SocketAddr, key: &str) -> String {
    format!("Host: {address}\r\nAuthorization: {}\r\nAccept: application/json\r\n", http::basic(key))
}

/// `POST /api/test_helpers/charges`; the numbers of the new charges go to the pool.
pub struct Create {
    request: Vec<u8>,
    pool: Pool,
}

impl Create {
    /// Under the private key `key`.
    pub fn new(address: SocketAddr, key: &str, pool: &Pool) -> Create {
        let common = common(address, key);
        let head = format!("POST /api/test_helpers/charges HTTP/1.1\r\n{common}Content-Type: application/json\r\n");
        let request = format!("{head}Content-Length: {}\r\n\r\n{CHARGE}", CHARGE.len());
        Create { request: request.into_bytes(), pool: pool.clone() }
    }
}

impl Requests for Create {
    fn write(&self, buffer: &mut Vec<u8>) -> bool {
        buffer.extend_from_slice(&self.request);
        true
    }

    fn answered(&self, body: &[u8]) {
        if let (Some(id), Ok(mut pool)) = (charge_number(body), self.pool.lock()) {
            pool.push(id.to_owned());
        }
    }
}

/// `POST /sandbox/v1/charges/{id}/capture`, each charge once, each under an idempotency key of its own.
pub struct Capture {
    charges: Vec<String>,
    next: AtomicUsize,
    before_id: Vec<u8>,
    after_id: Vec<u8>,
}

impl Capture {
    /// Captures `charges` in their order. `run` makes the idempotency keys differ from those of other runs.
    pub fn new(address: SocketAddr, key: &str, charges: Vec<String>, run: &str) -> Capture {
        let after =
            format!("/capture HTTP/1.1\r\n{}Content-Length: 0\r\nIdempotency-Key: {run}-", common(address, key));
        let before_id = b"POST /sandbox/v1/charges/".to_vec();
        Capture { charges, next: AtomicUsize::new(0), before_id, after_id: after.into_bytes() }
    }

    /// The charges that were not sent.
    pub fn left(&self) -> Vec<String> {
        self.charges.get(self.next.load(Ordering::Relaxed)..).unwrap_or_default().to_vec()
    }
}

impl Requests for Capture {
    fn write(&self, buffer: &mut Vec<u8>) -> bool {
        let Some(id) = self.charges.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return false };
        for part in [&self.before_id, id.as_bytes(), &self.after_id, id.as_bytes(), b"\r\n\r\n"] {
            buffer.extend_from_slice(part);
        }
        true
    }
}

/// GET requests to addresses picked from a list, over and over.
pub struct Fetch {
    requests: Vec<Vec<u8>>,
    state: AtomicU64,
}

impl Fetch {
    /// Picks among `paths` by chance, the same chance in every run.
    pub fn new(address: SocketAddr, key: &str, paths: impl IntoIterator<Item = String>) -> Fetch {
        let common = common(address, key);
        let request = |path: String| format!("GET {path} HTTP/1.1\r\n{common}\r\n").into_bytes();
        Fetch { requests: paths.into_iter().map(request).collect(), state: AtomicU64::new(0) }
    }
}

impl Fetch {
    /// The same, of pages, with a session's cookies.
    pub fn with_cookie(address: SocketAddr, cookie: &str, paths: impl IntoIterator<Item = String>) -> Fetch {
        let common = format!("Host: {address}\r\nCookie: {cookie}\r\nAccept: text/html\r\n");
        let request = |path: String| format!("GET {path} HTTP/1.1\r\n{common}\r\n").into_bytes();
        Fetch { requests: paths.into_iter().map(request).collect(), state: AtomicU64::new(0) }
    }
}

impl Requests for Fetch {
    fn write(&self, buffer: &mut Vec<u8>) -> bool {
        let picked = scattered(self.state.fetch_add(1, Ordering::Relaxed)) as usize % self.requests.len().max(1);
        let Some(request) = self.requests.get(picked) else { return false };
        buffer.extend_from_slice(request);
        true
    }
}

/// Turns consecutive numbers into scattered ones (the finalizer of splitmix64).
pub fn scattered(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The charge's own number in the JSON of a charge: other ids in it have another form.
fn charge_number(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    text.match_indices("\"id\":\"").find_map(|(start, found)| {
        let value = text[start + found.len()..].split('"').next()?;
        is_charge_number(value).then_some(value)
    })
}

/// `SERVICEID-YYYYMMDD-NNNNNNNNNN`.
fn is_charge_number(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [10, 8, 10] && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 80);

    fn next(requests: &impl Requests) -> Option<String> {
        let mut buffer = Vec::new();
        requests.write(&mut buffer).then(|| String::from_utf8(buffer).unwrap())
    }

    #[test]
    fn created_charges_go_to_the_pool() {
        let pool = Pool::default();
        let create = Create::new(ADDRESS, "sandbox_private_1", &pool);
        let request = next(&create).unwrap();
        assert!(request.ends_with(&format!("Content-Length: {}\r\n\r\n{CHARGE}", CHARGE.len())));
        create.answered(
            br#"{"open_id":"https://h/openid/user/1","items":[{"id":"item-1"}],"id":"0000000001-20240501-0000000042"}"#,
        );
        create.answered(br#"{"items":[{"id":"item-1"}]}"#);
        assert_eq!(*pool.lock().unwrap(), ["0000000001-20240501-0000000042"]);
    }

    #[test]
    fn each_charge_is_captured_once() {
        let capture = Capture::new(ADDRESS, "k", vec!["a".to_owned(), "b".to_owned()], "run-1");
        let request = next(&capture).unwrap();
        assert!(request.starts_with("POST /sandbox/v1/charges/a/capture HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"));
        assert!(request.ends_with("Idempotency-Key: run-1-a\r\n\r\n"));
        assert_eq!(capture.left(), ["b"]);
        assert!(next(&capture).is_some());
        assert_eq!(next(&capture), None);
        assert!(capture.left().is_empty());
    }

    #[test]
    fn all_addresses_are_fetched() {
        let fetch = Fetch::new(ADDRESS, "k", ["/a", "/b", "/c"].map(str::to_owned));
        let fetched: std::collections::BTreeSet<String> = (0..100).filter_map(|_| next(&fetch)).collect();
        assert_eq!(fetched.len(), 3);
        assert_eq!(next(&Fetch::new(ADDRESS, "k", [])), None);
    }
}
