//! What every answer has around its body: the headers that were seen live (contract rms-order-api, section 1).

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use kernel::{HangUp, Peer, Timestamp};

use super::gateway::Failure;
use super::switches::Switches;

/// Seconds that Japan is ahead of UTC.
const JST_SECONDS: i64 = 9 * 3_600;

/// Of one request.
pub(super) struct Frame {
    method: Method,
    request_id: String,
    at: Timestamp,
    switches: Switches,
}

impl Frame {
    pub(super) fn of(parts: &Parts, at: Timestamp, switches: Switches) -> Frame {
        let request_id = parts.extensions.get::<Peer>().map(|peer| uuid(&peer.request_id)).unwrap_or_default();
        Frame { method: parts.method.clone(), request_id, at, switches }
    }

    /// An answer of the order application.
    pub(super) fn answer(&self, status: u16, body: Vec<u8>) -> Response<Body> {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let fixed = [
            (CONTENT_TYPE, "application/json;charset=UTF-8"),
            (CACHE_CONTROL, "no-cache,no-store"),
            (PRAGMA, "no-cache"),
            (VARY, "Accept-Encoding"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_XSS_PROTECTION, "1; mode=block"),
            (HeaderName::from_static("http.version"), "HTTP/1.1"),
        ];
        let headers = response.headers_mut();
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let status = status.to_string();
        let told = [
            ("requestid", self.request_id.as_str()),
            ("timestamp", &utc(self.at)),
            ("http.method", self.method.as_str()),
            ("http.status", &status),
        ];
        for (name, value) in told {
            headers.extend(HeaderValue::from_str(value).ok().map(|value| (HeaderName::from_static(name), value)));
        }
        response
    }

    /// What the gateway says.
    pub(super) fn failure(&self, failure: &Failure) -> Response<Body> {
        let (status, ..) = failure.parts(self.switches);
        let mut response = self.answer(status, failure.body(self.switches));
        let headers = response.headers_mut();
        let reason = failure.reason().and_then(|reason| HeaderValue::from_str(&reason).ok());
        headers.extend(reason.map(|reason| (HeaderName::from_static("x-choba-reason"), reason)));
        headers.extend(failure.retry_after().map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
        response
    }
}

/// No answer at all: the listener closes the connection.
pub(super) fn hang_up() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(HangUp);
    response
}

/// 32 hexadecimal digits as `621f21e8-04ce-4060-9349-76e8d9a9363e`.
pub(super) fn uuid(digits: &str) -> String {
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default().to_owned();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

/// `2020-08-21T11:12:53`, in UTC and without a zone.
fn utc(at: Timestamp) -> String {
    at.plus_seconds(-JST_SECONDS).to_string().trim_end_matches("+09:00").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_instants_look_as_they_did_live() {
        assert_eq!(uuid("621f21e804ce4060934976e8d9a9363e"), "621f21e8-04ce-4060-9349-76e8d9a9363e");
        // date -u -d 2020-08-21T11:12:53Z +%s
        assert_eq!(utc(Timestamp::from_seconds(1_598_008_373)), "2020-08-21T11:12:53");
    }
}
