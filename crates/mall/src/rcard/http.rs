//! The service over HTTP: one path, `?wsdl` for its description (contract 2).

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use http::{HeaderValue, StatusCode, header};
use kernel::Peer;

use super::service::{Answered, Rcard};
use super::soap::call::BODY_MAX;
use super::soap::{self, wsdl};

/// Where it answers.
pub const PATH: &str = "/rccsapi-services/RCCSApiService";

/// Counts, by address, who does not prove who they are.
pub trait Gatekeeper: Send + Sync + 'static {
    /// Whether calls of this peer are looked at now.
    fn admits(&self, peer: &Peer) -> bool;
    /// A call of this peer did not prove who it was.
    fn failed(&self, peer: &Peer);
}

/// What the handlers stand on.
#[derive(Clone)]
pub struct Office {
    /// The service.
    pub rcard: Rcard,
    /// The public URL of the server, without a slash at its end.
    pub base_url: String,
    /// Who is let in.
    pub gatekeeper: Arc<dyn Gatekeeper>,
}

/// The routes. They are no operations of our own API: the WSDL describes them.
pub fn routes(office: Office) -> Router {
    let handlers = get(describe).post(call);
    Router::new().route(PATH, handlers).layer(middleware::map_response(uncached)).with_state(office)
}

async fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET …?wsdl`, in any case of letters.
async fn describe(State(office): State<Office>, request: Request) -> Response {
    let asked = request.uri().query().unwrap_or_default();
    if !asked.eq_ignore_ascii_case("wsdl") {
        let why = "Send SOAP requests with POST; the description of this service is at ?wsdl.";
        return xml(StatusCode::INTERNAL_SERVER_ERROR, soap::fault("Client", why));
    }
    xml(StatusCode::OK, wsdl::wsdl(&format!("{}{PATH}", office.base_url)))
}

/// `POST`: an operation.
async fn call(State(office): State<Office>, request: Request) -> Response {
    let Some(peer) = request.extensions().get::<Peer>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let is_admitted = office.gatekeeper.admits(&peer);
    if !is_xml(&request) {
        let why = "Send text/xml with the character set UTF-8.";
        return xml(StatusCode::UNSUPPORTED_MEDIA_TYPE, soap::fault("Client", why));
    }
    let Ok(body) = to_bytes(request.into_body(), BODY_MAX).await else {
        let why = format!("A request has at most {BODY_MAX} bytes.");
        return xml(StatusCode::PAYLOAD_TOO_LARGE, soap::fault("Client", &why));
    };
    let answered = office.rcard.answer(&body, is_admitted).await;
    if answered.is_stranger {
        office.gatekeeper.failed(&peer);
    }
    sent(answered)
}

/// `text/xml`, `application/xml` or nothing, in UTF-8 or an unnamed character set.
fn is_xml(request: &Request<Body>) -> bool {
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else { return true };
    let value = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = value.split(';').map(str::trim);
    let is_xml = matches!(parts.next(), Some("text/xml" | "application/xml"));
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    is_xml && charset.is_none_or(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8"))
}

fn sent(answered: Answered) -> Response {
    xml(StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), answered.xml)
}

fn xml(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))], text).into_response()
}
