//! The answers that the server itself gives: in the shape of errors that clients already read.

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};
use pay::ApiError;

/// Where paths of RMS WEB SERVICE begin.
const RMS_PATHS: &str = "/es/";

/// A refusal by the server, before or after the handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No route has this path.
    NoSuchPath,
    /// The path has no such method.
    MethodNotAllowed,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// Address and headers together are larger than the limit.
    HeadTooLarge,
    /// Its address is longer than any that is read.
    AddressTooLong,
    /// It is no request that can be read.
    Unreadable,
    /// The handler did not finish in time.
    TimedOut,
    /// The handler panicked.
    Panicked,
}

impl Refusal {
    fn parts(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        const INVALID: &str = "invalid_request_error";
        match self {
            Refusal::NoSuchPath => (StatusCode::NOT_FOUND, INVALID, "not_found", "There is nothing at this path."),
            Refusal::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "invalid_method",
                "method_not_allowed",
                "This path does not take this method.",
            ),
            Refusal::BodyTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, INVALID, "body_too_large", "The body of the request is too large.")
            }
            Refusal::HeadTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                INVALID,
                "header_too_large",
                "The address and headers of the request are too large.",
            ),
            Refusal::AddressTooLong => {
                (StatusCode::URI_TOO_LONG, INVALID, "address_too_long", "The address of the request is too long.")
            }
            Refusal::Unreadable => (
                StatusCode::BAD_REQUEST,
                INVALID,
                "unreadable_request",
                "This is no HTTP/1.1 request that can be read.",
            ),
            Refusal::TimedOut => (
                StatusCode::SERVICE_UNAVAILABLE,
                "service_error",
                "timeout",
                "The request took too long; its outcome may be unknown.",
            ),
            Refusal::Panicked => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "internal_error",
                "Something went wrong on our side.",
            ),
        }
    }

    /// The refusal as an error of the API.
    pub fn error(self) -> ApiError {
        let (status, kind, code, message) = self.parts();
        let (code, message) = (code.to_owned(), message.to_owned());
        ApiError { status: status.as_u16(), kind, code, message, retry_after: None }
    }

    /// The answer to a request of this path: as the RMS API says such things below its own paths, otherwise as
    /// [`Refusal::response`].
    pub fn response_at(self, path: &str) -> Response<Body> {
        if !path.starts_with(RMS_PATHS) {
            return self.response();
        }
        let mut response = self.response();
        *response.body_mut() = Body::from(mall::http::said_outside(self.parts().0.as_u16()));
        response
    }

    /// The answer: `{"errors":[{"type","code","message"}]}`.
    pub fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.error().body()));
        *response.status_mut() = self.parts().0;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if matches!(self, Refusal::BodyTooLarge | Refusal::HeadTooLarge | Refusal::TimedOut) {
            // What is left of the request is not read, so nothing else can follow on this connection.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
