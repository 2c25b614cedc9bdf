//! What the gateway says before the order application answers: `{"Results":{"errorCode","message"}}` (contract
//! rms-order-api, "Gateway-level failures"). Only the shape and ES04-01 are known; docs/rms-fidelity.md says where the other
//! codes and the statuses come from.

use serde_json::json;
use store::StoreError;

use super::switches::{Switch, Switches};
use crate::licence::Unauthorised;

/// Why a request did not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The URI is unknown.
    NoSuchPath,
    /// Another method than the path takes.
    Method,
    /// Who asks is not known, or may not use the function.
    Unauthorised(Unauthorised),
    /// Too often; so many seconds until the next.
    Throttled(u32),
    /// Not JSON in UTF-8.
    MediaType,
    /// The body cannot be read.
    BadRequest(String),
    /// Not now.
    Unavailable,
    /// Our own mistake.
    Server,
}

impl Failure {
    /// Status, code and message.
    pub fn parts(&self, switches: Switches) -> (u16, &'static str, &'static str) {
        let choose = |switch: Switch, on: u16, off: u16| if switches.has(switch) { on } else { off };
        match self {
            Failure::NoSuchPath => (404, "ES04-02", "Not Found"),
            Failure::Method => (405, "ES04-04", "Method Not Allowed"),
            Failure::Unauthorised(_) => {
                let code = if switches.has(Switch::UnauthorisedEs01) { "ES01-01" } else { "ES04-01" };
                (choose(Switch::Unauthorised403, 403, 401), code, "Un-Authorised")
            }
            Failure::Throttled(_) => (choose(Switch::Throttled429, 429, 503), "ES03-01", "Too Many Requests"),
            Failure::MediaType => (415, "ES04-03", "Unsupported Media Type"),
            Failure::BadRequest(_) => (400, "ES04-01", "Bad Request"),
            Failure::Unavailable => (503, "ES03-02", "Service Unavailable"),
            Failure::Server => (500, "ES03-03", "Internal Server Error"),
        }
    }

    /// The body.
    pub fn body(&self, switches: Switches) -> Vec<u8> {
        let (_, code, message) = self.parts(switches);
        json!({ "Results": { "errorCode": code, "message": message } }).to_string().into_bytes()
    }

    /// What people are told beside it, in the header `x-choba-reason`.
    pub fn reason(&self) -> Option<String> {
        match self {
            Failure::Unauthorised(why) => Some(why.to_string()),
            Failure::BadRequest(why) => Some(why.clone()),
            Failure::MediaType => Some("send Content-Type: application/json; charset=utf-8".to_owned()),
            Failure::NoSuchPath | Failure::Method | Failure::Throttled(_) | Failure::Unavailable | Failure::Server => {
                None
            }
        }
    }

    /// Seconds after which trying again makes sense.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Failure::Throttled(seconds) => Some(*seconds),
            Failure::Unavailable => Some(1),
            Failure::NoSuchPath
            | Failure::Method
            | Failure::Unauthorised(_)
            | Failure::MediaType
            | Failure::BadRequest(_)
            | Failure::Server => None,
        }
    }
}

/// The body with which a server that lets nothing through to the gateway answers: too large, too slow, broken.
pub fn said_outside(status: u16) -> Vec<u8> {
    let failure = match status {
        500 => Failure::Server,
        503 => Failure::Unavailable,
        _ => Failure::BadRequest(String::new()),
    };
    failure.body(Switches::default())
}

impl From<Unauthorised> for Failure {
    fn from(why: Unauthorised) -> Failure {
        Failure::Unauthorised(why)
    }
}

impl From<StoreError> for Failure {
    /// Logged here, once.
    fn from(error: StoreError) -> Failure {
        tracing::error!(%error, "the database failed");
        if error.kind.is_transient() { Failure::Unavailable } else { Failure::Server }
    }
}
