//! リクエスト and レスポンス of one try, as text.

use outbound::Failure;
use pay::webhook::log::Logged;

use super::DeliveryText;
use crate::requests::{indented, milliseconds};

/// What was sent and what came back.
pub(super) struct Exchange {
    pub request_head: String,
    pub request_body: String,
    /// The same line by line, if it is JSON.
    pub request_shown: Option<String>,
    /// What stands in place of a body that is empty or unknown.
    pub no_request_body: &'static str,
    /// None if nothing came back.
    pub response_head: Option<String>,
    pub response_body: String,
    pub response_shown: Option<String>,
    pub cut: bool,
    /// Why nothing came back, in words; empty if that is not known.
    pub failure: &'static str,
    /// The same as it was noted.
    pub error: String,
    pub took: String,
}

impl Exchange {
    /// Of a try.
    pub fn of(tried: &Logged, t: &DeliveryText) -> Exchange {
        let request = format!("POST {}\n{}", tried.url, headers(tried.request.headers.get()));
        let empty = tried.request.body_bytes == 0;
        let response = tried.response.as_ref();
        let request_body = tried.request.body.clone().unwrap_or_default();
        let response_body = response.map(|response| response.body.clone()).unwrap_or_default();
        Exchange {
            request_head: request.trim_end().to_owned(),
            request_shown: indented(&request_body),
            request_body,
            no_request_body: if empty { t.no_body } else { t.body_unknown },
            response_head: response.map(|response| {
                format!("HTTP {}\n{}", response.status, headers(response.headers.get())).trim_end().to_owned()
            }),
            response_shown: indented(&response_body),
            response_body,
            cut: response.is_some_and(|response| response.truncated),
            failure: tried.error.as_deref().and_then(Failure::named).map_or("", |failure| t.failure(failure)),
            error: tried.error.clone().unwrap_or_default(),
            took: milliseconds(tried.took_us),
        }
    }
}

/// `name: value`, a line each.
fn headers(json: &str) -> String {
    let pairs: Vec<(String, String)> = serde_json::from_str(json).unwrap_or_default();
    pairs.into_iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}
