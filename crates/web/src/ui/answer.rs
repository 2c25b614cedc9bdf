//! How a page is sent: rendered, and with the headers that keep it to itself.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// What a page may do: load our own style, scripts and pictures, and send forms to us. Nothing stands inside another site.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
                          connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The page, with every header it needs.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    html_with(status, page, HeaderValue::from_static(POLICY))
}

/// The page under another policy; for one whose form leads to an origin that was registered.
pub fn html_with(status: StatusCode, page: &impl Template, policy: HeaderValue) -> Response {
    let body = match page.render() {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a template could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let fixed = HeaderValue::from_static;
    let headers: [(HeaderName, HeaderValue); 7] = [
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::X_FRAME_OPTIONS, fixed("DENY")),
        // Not `no-referrer`: browsers would then hide from us where our own forms come from.
        (header::REFERRER_POLICY, fixed("same-origin")),
        (header::CACHE_CONTROL, fixed("no-store")),
        (HeaderName::from_static("permissions-policy"), fixed("camera=(), geolocation=(), microphone=()")),
    ];
    (status, headers, body).into_response()
}

/// 303: the browser asks for `to` next, with GET. `to` is a path of ours.
pub fn see_other(to: &str) -> Response {
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    let no_store = HeaderValue::from_static("no-store");
    (StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::CACHE_CONTROL, no_store)]).into_response()
}
