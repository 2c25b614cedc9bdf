//! One request to a shop's server, and everything that can be said about it afterwards.

use std::time::Duration;

use kernel::outside::sortable_hex;
use kernel::{Timestamp, id};
use outbound::{HeaderName, HeaderValue, Method, Request, StatusCode};
use sha2::{Digest as _, Sha256};

use super::Webhooks;
use super::endpoint::Endpoint;
use super::event_type::EventType;
use super::payload::{self, LITE_SIGNATURE, MASKED};
use super::schedule;
use super::secrets::Secrets;

/// Bytes of an answer's body that are kept.
pub const ANSWER_BYTES_MAX: usize = 4_096;

/// What is to be sent.
pub struct Parcel<'a> {
    /// Where to.
    pub endpoint: &'a Endpoint,
    /// Signed with these.
    pub secrets: &'a Secrets,
    /// `evt_…`.
    pub event_id: &'a str,
    /// Its type.
    pub kind: EventType,
    /// The charge it is about; none for `charge.check` and `ping`.
    pub charge: Option<&'a str>,
    /// Which try this is; none where there is only one.
    pub number: Option<u32>,
    /// The event object.
    pub body: Vec<u8>,
    /// Whose order it is about, while there is no charge that says so.
    pub open_id: Option<&'a str>,
    /// For everything together.
    pub limit: Duration,
}

/// A try, as it is logged.
#[derive(Clone, Debug)]
pub struct Try {
    /// Fresh, sortable.
    pub id: String,
    /// Which endpoint.
    pub endpoint: super::endpoint::Key,
    /// Which event.
    pub event_id: String,
    /// Its type.
    pub kind: EventType,
    /// Its charge.
    pub charge: Option<String>,
    /// Which try.
    pub number: Option<u32>,
    /// The URL as it was then.
    pub url: String,
    /// Machine time.
    pub started: Timestamp,
    /// Microseconds until the answer or its absence was known.
    pub took_micros: i64,
    /// As sent, with the webhook secret masked.
    pub request_headers: Vec<(String, String)>,
    /// Digest of the body, hex.
    pub request_sha256: String,
    /// Length of the body.
    pub request_bytes: usize,
    /// The body, of what is sent once: no event is kept that it could be made of again.
    pub request_body: Option<String>,
    /// Whose order it is about; only of `charge.check`.
    pub open_id: Option<String>,
    /// The answer, or why there is none.
    pub answer: Result<Answer, String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, texts that are none made so.
    pub headers: Vec<(String, String)>,
    /// The first [`ANSWER_BYTES_MAX`] bytes of the body, as text.
    pub body: String,
    /// Whether there was more.
    pub truncated: bool,
    /// What `Retry-After` asks for, in seconds.
    pub retry_after_seconds: Option<i64>,
}

impl Try {
    /// Whether the shop's server took it: any status of success.
    pub fn delivered(&self) -> bool {
        self.answer.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status))
    }

    /// Whether the endpoint says that it is gone for good.
    pub fn gone(&self) -> bool {
        self.answer.as_ref().is_ok_and(|answer| answer.status == StatusCode::GONE.as_u16())
    }

    /// The word in the log.
    pub fn outcome(&self) -> &'static str {
        match &self.answer {
            Ok(_) if self.delivered() => "delivered",
            Ok(_) => "refused",
            Err(_) => "unanswered",
        }
    }

    /// Why it counts as failed, in one line.
    pub fn failure(&self) -> String {
        match &self.answer {
            Ok(answer) if (300..400).contains(&answer.status) => {
                format!("answered {}: redirects are not followed", answer.status)
            }
            Ok(answer) => format!("answered {}", answer.status),
            Err(error) => error.clone(),
        }
    }
}

/// Sends it once, whatever happens.
pub async fn send(webhooks: &Webhooks, mut parcel: Parcel<'_>) -> Try {
    let store = webhooks.gateway.store();
    let started = store.machine_now();
    let headers = payload::headers(parcel.secrets, parcel.event_id, &parcel.body, started);
    let masked = |(name, value): &(&'static str, String)| {
        let shown = if *name == LITE_SIGNATURE { MASKED.to_owned() } else { value.clone() };
        ((*name).to_owned(), shown)
    };
    let request_headers = headers.iter().map(masked).collect();
    let id = sortable_hex(started, webhooks.gateway.entropy());
    let made = Try { request_headers, ..unsent(&parcel, id, started, String::new()) };
    let body = std::mem::take(&mut parcel.body);
    let mut request = Request::new(Method::POST, &parcel.endpoint.url, parcel.limit).body(body);
    for (name, value) in headers {
        // Our own texts: hex digits, base64, numbers.
        let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static(""));
        request = request.header(HeaderName::from_static(name), value);
    }
    request.body_bytes_max = ANSWER_BYTES_MAX;
    request.pin = parcel.endpoint.certificate.clone();
    let answer = webhooks.shared().client.send(request).await;
    let ended = store.machine_now();
    let took_micros = (ended.micros() - started.micros()).max(0);
    let answer = answer.map(|answer| read(&answer, ended)).map_err(|error| error.to_string());
    Try { took_micros, answer, ..made }
}

/// A try that ended before anything was sent; why.
pub fn unsent(parcel: &Parcel<'_>, id: String, started: Timestamp, why: String) -> Try {
    let body = || String::from_utf8_lossy(&parcel.body).into_owned();
    Try {
        id,
        endpoint: parcel.endpoint.key.clone(),
        event_id: parcel.event_id.to_owned(),
        kind: parcel.kind,
        charge: parcel.charge.map(str::to_owned),
        number: parcel.number,
        url: parcel.endpoint.url.clone(),
        started,
        took_micros: 0,
        request_headers: Vec::new(),
        request_sha256: id::hex(&Sha256::digest(&parcel.body)),
        request_bytes: parcel.body.len(),
        request_body: parcel.kind.is_synchronous().then(body),
        open_id: parcel.open_id.map(str::to_owned),
        answer: Err(why),
    }
}

fn read(answer: &outbound::Response, now: Timestamp) -> Answer {
    let text = |value: &HeaderValue| printable(&String::from_utf8_lossy(value.as_bytes()));
    let retry_after = answer.headers.get("retry-after").and_then(|value| value.to_str().ok());
    Answer {
        status: answer.status.as_u16(),
        headers: answer.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: printable(&String::from_utf8_lossy(&answer.body)),
        truncated: answer.truncated,
        retry_after_seconds: retry_after.and_then(|value| schedule::retry_after(value, now)),
    }
}

/// Without the one character that PostgreSQL's texts cannot hold.
fn printable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
