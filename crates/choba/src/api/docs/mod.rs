//! `/api/docs`: the OpenAPI document as a page for people, made here from the document: no script, nothing from
//! another host.

mod curl;
mod operation;
mod page;
mod schema;
mod text;

use std::sync::LazyLock;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

/// Where the page is.
pub const PATH: &str = "/api/docs";

const STYLE: &str = include_str!("style.css");

static PAGE: LazyLock<String> = LazyLock::new(|| page::render(super::openapi::document(), STYLE));
static POLICY: LazyLock<HeaderValue> = LazyLock::new(policy);

/// `GET /api/docs`.
pub async fn show() -> impl IntoResponse {
    let fixed = |text: &'static str| HeaderValue::from_static(text);
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
    ];
    (headers, PAGE.as_str())
}

/// Nothing but the style that stands in the page.
fn policy() -> HeaderValue {
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("Base64 fits into a header")
}
