//! Endpoints: list, add, change, enable, disable, delete; their certificates; ping.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use pay::http::{object, whole};
use pay::webhook::endpoint::Key;
use pay::webhook::operations::Asked;
use pay::webhook::operations::change::{Edit, NewEndpoint};
use pay::{ApiError, Gateway};
use serde::Deserialize;

use super::{Place, PlaceOf, answered, asked, place, place_of, types};
use crate::api::token::Bearer;

const PREFIX: &str = "we_";

/// A new endpoint.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    url: String,
    events: Vec<String>,
    #[serde(default)]
    certificate: Option<String>,
}

/// What is to be changed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    events: Option<Vec<String>>,
}

/// `GET …/webhooks`.
pub async fn list(State(gateway): State<Gateway>, bearer: Bearer, at: Place) -> Result<Response, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    Ok(Json(gateway.webhooks().endpoints(shop, environment).await?).into_response())
}

/// `POST …/webhooks`.
pub async fn create(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let area = place(&gateway, &bearer, at).await?;
    let body = whole(body)?;
    let New { url, events, certificate } = object(&body)?;
    let types = types(events, "events")?;
    let asked = asked(&bearer, area, &headers, ("POST", "/webhooks"), &body)?;
    let new = NewEndpoint { url, types, certificate: certificate.map(String::into_bytes) };
    Ok(answered(gateway.webhooks().create(&asked, new).await?))
}

/// `GET …/webhooks/{endpoint}`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, at: PlaceOf) -> Result<Response, ApiError> {
    let (shop, environment, id) = place_of(&gateway, &bearer, at, PREFIX).await?;
    Ok(Json(gateway.webhooks().endpoint(Key { shop, environment, id }).await?).into_response())
}

/// `POST …/webhooks/{endpoint}`.
pub async fn change(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = whole(body)?;
    let (asked, id) = ask(&gateway, &bearer, at, &headers, ("POST", ""), &body).await?;
    let Changes { url, events } = object(&body)?;
    let edit = Edit { url, types: events.map(|events| types(events, "events")).transpose()? };
    Ok(answered(gateway.webhooks().change(&asked, &id, edit).await?))
}

/// `DELETE …/webhooks/{endpoint}`.
pub async fn remove(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (asked, id) = ask(&gateway, &bearer, at, &headers, ("DELETE", ""), b"").await?;
    Ok(answered(gateway.webhooks().delete(&asked, &id).await?))
}

/// `POST …/webhooks/{endpoint}/enable`.
pub async fn enable(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (asked, id) = ask(&gateway, &bearer, at, &headers, ("POST", "/enable"), b"").await?;
    Ok(answered(gateway.webhooks().enable(&asked, &id).await?))
}

/// `POST …/webhooks/{endpoint}/disable`.
pub async fn disable(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (asked, id) = ask(&gateway, &bearer, at, &headers, ("POST", "/disable"), b"").await?;
    Ok(answered(gateway.webhooks().disable(&asked, &id).await?))
}

/// `POST …/webhooks/{endpoint}/ping`: answers when the shop's server has.
pub async fn ping(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (asked, id) = ask(&gateway, &bearer, at, &headers, ("POST", "/ping"), b"").await?;
    Ok(Json(gateway.webhooks().ping(&asked, &id).await?).into_response())
}

/// `PUT …/webhooks/{endpoint}/certificate`: the file itself, DER or PEM.
pub async fn set_certificate(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = whole(body)?;
    let (asked, id) = ask(&gateway, &bearer, at, &headers, ("PUT", "/certificate"), &body).await?;
    Ok(answered(gateway.webhooks().set_certificate(&asked, &id, body.to_vec()).await?))
}

/// `DELETE …/webhooks/{endpoint}/certificate`.
pub async fn remove_certificate(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (asked, id) = ask(&gateway, &bearer, at, &headers, ("DELETE", "/certificate"), b"").await?;
    Ok(answered(gateway.webhooks().remove_certificate(&asked, &id).await?))
}

async fn ask(
    gateway: &Gateway,
    bearer: &Bearer,
    at: PlaceOf,
    headers: &HeaderMap,
    (method, rest): (&str, &str),
    body: &[u8],
) -> Result<(Asked, String), ApiError> {
    let (shop, environment, id) = place_of(gateway, bearer, at, PREFIX).await?;
    let path = format!("/webhooks/{id}{rest}");
    Ok((asked(bearer, (shop, environment), headers, (method, &path), body)?, id))
}
