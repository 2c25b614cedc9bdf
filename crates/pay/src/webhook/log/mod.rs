//! The log of every try: what was sent, what came back, how long it took.

pub mod rows;

use kernel::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::event_type::EventType;

/// A logged try, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Logged {
    /// `webhook_attempt`.
    pub object: &'static str,
    /// Its name.
    pub id: String,
    /// Which endpoint.
    pub endpoint: String,
    /// Which event.
    pub event: String,
    /// Its type.
    pub r#type: String,
    /// Its charge; null for `charge.check` and `ping`.
    pub charge: Option<String>,
    /// Which try, from 1; null where there is only one.
    pub number: Option<i64>,
    /// The URL as it was then.
    pub url: String,
    /// Machine time, microseconds since 1970 UTC.
    pub started_us: i64,
    /// How long it took, in microseconds.
    pub took_us: i64,
    /// `delivered`, `refused` (another status than 2xx) or `unanswered`.
    pub outcome: String,
    /// What was sent.
    pub request: Sent,
    /// What came back; null if nothing did.
    pub response: Option<Received>,
    /// Why nothing came back.
    pub error: Option<String>,
}

/// What was sent.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Pairs of name and value; the webhook secret is masked.
    pub headers: Box<RawValue>,
    /// Digest of the body.
    pub body_sha256: String,
    /// Length of the body.
    pub body_bytes: i64,
    /// The body, of a try that is looked at by itself: as it was kept, or made again from the event, and then only if it
    /// has the same digest. None once it is erased.
    pub body: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// HTTP status.
    pub status: i64,
    /// Pairs of name and value.
    pub headers: Box<RawValue>,
    /// The beginning of the body.
    pub body: String,
    /// Whether the body went on.
    pub truncated: bool,
}

/// Which tries.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this endpoint.
    pub endpoint: Option<String>,
    /// Of this event.
    pub event: Option<String>,
    /// Of events of this type.
    pub kind: Option<EventType>,
    /// Of events of this charge: its order number.
    pub charge: Option<String>,
    /// Of this outcome.
    pub outcome: Option<String>,
    /// Begun at or after.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub to: Option<Timestamp>,
    /// Only those older than the try with this id.
    pub before: Option<String>,
    /// How many, at the most.
    pub limit: i64,
}
