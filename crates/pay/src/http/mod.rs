//! The LITE API over HTTP (contract online-lite-api "Environments and keys", "Operations"), and the helper for programs
//! that makes charges in sandbox and test.

pub mod caller;
pub mod charges;
pub mod form;
pub mod list;
pub mod notifications;
pub mod test_helper;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use http::{HeaderMap, HeaderValue, Method, header};
use kernel::Environment;
pub use kernel::limit;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::gateway::Gateway;
use caller::Callers;

/// What the handlers share.
#[derive(Clone)]
pub struct Api {
    /// The gateway.
    pub gateway: Gateway,
    /// Who calls.
    pub callers: Arc<Callers>,
    /// Whether live paths answer over plain HTTP: only with `--demo`.
    pub plain_live: bool,
}

/// The two API base paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `/v1`: live and test keys.
    Live,
    /// `/sandbox/v1`.
    Sandbox,
}

impl Base {
    /// Both.
    pub const ALL: [Base; 2] = [Base::Live, Base::Sandbox];

    /// The path.
    pub fn path(self) -> &'static str {
        match self {
            Base::Live => "/v1",
            Base::Sandbox => "/sandbox/v1",
        }
    }

    /// Whether keys of `environment` count here.
    pub fn serves(self, environment: Environment) -> bool {
        match environment {
            Environment::Sandbox => self == Base::Sandbox,
            Environment::Test | Environment::Live => self == Base::Live,
        }
    }
}

/// A route: its method, its path, and what answers there.
pub type Route<S = ()> = (Method, String, MethodRouter<S>);

/// Every route of this crate. A list, so that the OpenAPI document can be held to it.
pub fn routes(api: &Api) -> Vec<Route> {
    let mut routes = vec![(Method::POST, test_helper::PATH.to_owned(), post(test_helper::create))];
    for base in Base::ALL {
        let charges = format!("{}/charges", base.path());
        let charge = format!("{charges}/{{id}}");
        routes.extend([
            (Method::GET, charges, get(list::list)),
            (Method::GET, charge.clone(), get(charges::retrieve)),
            (Method::POST, format!("{charge}/capture"), post(charges::capture)),
            (Method::POST, format!("{charge}/refund"), post(charges::refund)),
            (Method::POST, format!("{}/notifications/mail", base.path()), post(notifications::mail)),
            (Method::GET, format!("{}/notifications", base.path()), get(notifications::list)),
        ]);
    }
    let with_state = |(method, path, handler): Route<Api>| (method, path, handler.with_state(api.clone()));
    routes.into_iter().map(with_state).collect()
}

/// The base that a request's path belongs to.
fn base_of(path: &str) -> Base {
    if path.starts_with(Base::Sandbox.path()) { Base::Sandbox } else { Base::Live }
}

/// A JSON answer.
fn json(status: u16, body: Vec<u8>) -> Response {
    let status = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    (status, [content_type], body).into_response()
}

fn to_json(body: &impl Serialize) -> Response {
    json(200, serde_json::to_vec(body).expect("answers are JSON"))
}

/// The body, which the listener has bounded already.
pub fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|_| ApiError::invalid("unreadable_body", "The body could not be read."))
}

/// A JSON object. An array of its values, which would be read as well, is refused.
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(ApiError::invalid("invalid_json", "body: expected an object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // Where the text breaks off, no field is to blame.
        match error.inner() {
            inner if inner.is_data() && path != "." => ApiError::invalid_field(&path, inner),
            inner => ApiError::invalid_json(inner),
        }
    })?;
    json.end().map_err(|error| ApiError::invalid_json(&error))?;
    Ok(read)
}

/// The media type of the request without its parameters, in lower case.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
