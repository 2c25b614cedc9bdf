//! The request log: what programs asked of the LITE API and what they were answered, for the shop's developers.
//!
//! Every request below [`PATHS`] is offered to the [`Recorder`], which never waits: it masks secrets, seals the rest and
//! writes it some moments later, in batches. A request whose key belongs to no shop is left out, and so is what comes
//! faster than the log is written; a crash loses what was not written yet. Checkout pages are never offered.

pub mod again;
pub mod exchange;
pub mod mask;
pub mod recorder;
pub mod rows;
pub mod search;

use kernel::{Environment, ShopId, Timestamp};

pub use exchange::Exchange;
pub use recorder::Recorder;
pub use search::{Filter, Found, StatusFilter};

/// Where requests are recorded: the LITE API and the helper for programs.
pub const PATHS: [&str; 3] = ["/v1/", "/sandbox/v1/", "/api/test_helpers/"];
/// Bytes of a body that are kept.
pub const BODY_KEPT: usize = 64 << 10;
/// Characters of a path that are kept beside its bytes, to be searched for.
pub const PATH_KEPT: usize = 300;

/// Whether a request of this path is recorded.
pub fn is_recorded(path: &str) -> bool {
    PATHS.iter().any(|beginning| path.starts_with(beginning) || path == beginning.trim_end_matches('/'))
}

/// A request as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose key asked.
    pub shop: ShopId,
    /// Its name; those of later requests sort later.
    pub id: String,
    /// Of which environment the key is.
    pub environment: Environment,
    /// When it came; machine time.
    pub at: Timestamp,
    /// Which key.
    pub credential_id: String,
    /// Its name in the server's log and in audit rows.
    pub request_id: String,
    /// GET, POST.
    pub method: String,
    /// Its path without the query, secrets masked.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// How long the answer took, in microseconds.
    pub micros: i64,
    /// The order number that it is about, if it names one or made one.
    pub charge: Option<String>,
}

impl Entry {
    /// What the sealed bytes are bound to: every column, so that none can be altered unseen.
    pub(crate) fn purpose(&self) -> String {
        let Entry { shop, id, environment, at, credential_id, request_id, method, path, status, micros, charge } = self;
        format!(
            "request_log/{shop}/{id}/{environment}/{}/{credential_id}/{request_id}/{method}/{status}/{micros}/{}/{path}",
            at.micros(),
            charge.as_deref().unwrap_or("-")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_programs_ask_is_recorded() {
        for path in ["/v1/charges", "/v1", "/sandbox/v1/charges/1/capture", "/api/test_helpers/charges"] {
            assert!(is_recorded(path), "{path}");
        }
        for path in ["/", "/checkout", "/checkout/v1/pay", "/v10/charges", "/api/shops/1/clock", "/login", "/healthz"] {
            assert!(!is_recorded(path), "{path}");
        }
    }
}
