//! What the button asks for: its script, a session for its cart, and how a session ended. Other sites' pages may read the
//! answers only where the shop registered their origin.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kernel::Peer;
use pay::ApiError;
use pay::checkout::SessionId;
use pay::checkout::open::Opening;
use pay::checkout::origin::{self, Origin};
use pay::http::form::Form;
use serde::Serialize;

use super::Counter;
use crate::ui::csrf;

/// The script, under the name that shops' pages carry: so it is looked at again after five minutes.
const SCRIPT: &str = include_str!("../../assets/checkout-lite-v1.js");
const SCRIPT_CACHING: &str = "public, max-age=300, stale-while-revalidate=86400";

/// `GET /s/js/checkout-lite-v1.js`.
pub async fn script(headers: HeaderMap) -> Response {
    use sha2::Digest as _;
    let tag = format!("\"{}\"", kernel::id::hex(&sha2::Sha256::digest(SCRIPT.as_bytes())[..8]));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let fixed = HeaderValue::from_static;
    let answer = [
        (header::CONTENT_TYPE, fixed("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, fixed(SCRIPT_CACHING)),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::ETAG, HeaderValue::try_from(tag).unwrap_or(fixed("\"\""))),
    ];
    if known { (StatusCode::NOT_MODIFIED, answer).into_response() } else { (answer, SCRIPT).into_response() }
}

#[derive(Serialize)]
struct Opened {
    object: &'static str,
    id: String,
    status: &'static str,
    path: String,
    url: String,
}

/// `POST /checkout/sessions`: opens a session for the cart of a button.
pub async fn open(
    State(counter): State<Counter>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let origin = text(&headers, header::ORIGIN);
    let opened = match opening(origin.as_deref(), body) {
        Ok(opening) => {
            let on_our_page = csrf::is_ours(&headers, counter.checkout.gateway().base_url());
            counter.checkout.open(peer.address, Opening { on_our_page, ..opening }).await
        }
        Err(error) => Err(error),
    };
    let answer = match opened {
        Ok(id) => {
            let path = format!("/checkout/{id}");
            let url = format!("{}{path}", counter.checkout.gateway().base_url());
            let body = Opened { object: "checkout.session", id: id.to_string(), status: "open", path, url };
            (StatusCode::CREATED, Json(body)).into_response()
        }
        Err(error) => error.into_response(),
    };
    readable(&counter, answer, origin.as_deref()).await
}

fn opening(origin: Option<&str>, body: Result<Bytes, BytesRejection>) -> Result<Opening, ApiError> {
    let origin = origin.ok_or_else(|| ApiError::parameter("Origin", "the origin of the button's page"))?;
    let form = Form::parse(&pay::http::whole(body)?)?;
    let text = |name: &str| form.get(name).map(str::to_owned);
    let needed = |name: &str| text(name).ok_or_else(|| ApiError::missing(name));
    Ok(Opening {
        public_key: needed("key")?,
        items: form.items()?.ok_or_else(|| ApiError::missing("item_id_1"))?,
        cart_id: text("cart_id"),
        signature: needed("sig")?,
        origin: origin.to_owned(),
        return_url: text("return_url"),
        on_our_page: false,
    })
}

/// `GET /checkout/sessions/{session}/outcome`: only for the page that the button stood on.
pub async fn outcome(State(counter): State<Counter>, Path(session): Path<String>, headers: HeaderMap) -> Response {
    let missing = || ApiError::missing_resource("There is no such checkout session.");
    let Ok(id) = session.parse::<SessionId>() else { return missing().into_response() };
    let given = text(&headers, header::ORIGIN);
    match counter.checkout.outcome(&id).await {
        // Pages of this server ask without saying where they stand.
        Ok((outcome, origin)) if given.is_none() || given == origin => {
            readable(&counter, Json(outcome).into_response(), given.as_deref()).await
        }
        Ok(_) => {
            ApiError::forbidden("origin_not_registered", "The session was opened on another page.").into_response()
        }
        Err(error) => readable(&counter, error.into_response(), given.as_deref()).await,
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// With the header that lets pages of `origin` read the answer, if some shop registered it.
async fn readable(counter: &Counter, mut answer: Response, origin: Option<&str>) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let Some((text, origin)) = origin.and_then(|text| Some((text, text.parse::<Origin>().ok()?))) else {
        return answer;
    };
    let asked = counter.ui.store().read(move |tx| origin::rows::is_registered_anywhere(tx, &origin)).await;
    if let (Ok(true), Ok(value)) = (asked, HeaderValue::try_from(text)) {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
    answer
}
