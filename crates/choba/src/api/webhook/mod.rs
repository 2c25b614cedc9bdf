//! `/api/shops/{shop}/{environment}/webhooks` and what belongs to it: endpoints, the log of tries, events (design
//! "Nothing is open": tokens with the scope `webhooks`).

mod endpoints;
mod events;
mod tries;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use kernel::{ChargeNumber, Environment, ShopId};
use pay::attempt::Requester;
use pay::http::Route;
use pay::http::caller::{fingerprint, idempotency_key};
use pay::http::form::Form;
use pay::webhook::EventType;
use pay::webhook::operations::Asked;
use pay::{ApiError, Gateway};
use shop::Scope;
use store::idempotency::RequestKey;

pub use tries::OUTCOMES;

use super::clock::known_shop;
use super::query::{instant, limit};
use super::token::{Bearer, authorize};

/// Below which everything of this module answers.
pub const BASE: &str = "/api/shops/{shop}/{environment}";

/// The routes.
pub fn routes(gateway: &Gateway) -> Vec<Route> {
    let routes = [
        (Method::GET, "/webhooks", get(endpoints::list)),
        (Method::POST, "/webhooks", post(endpoints::create)),
        (Method::GET, "/webhooks/{endpoint}", get(endpoints::show)),
        (Method::POST, "/webhooks/{endpoint}", post(endpoints::change)),
        (Method::DELETE, "/webhooks/{endpoint}", delete(endpoints::remove)),
        (Method::POST, "/webhooks/{endpoint}/enable", post(endpoints::enable)),
        (Method::POST, "/webhooks/{endpoint}/disable", post(endpoints::disable)),
        (Method::POST, "/webhooks/{endpoint}/ping", post(endpoints::ping)),
        (Method::PUT, "/webhooks/{endpoint}/certificate", put(endpoints::set_certificate)),
        (Method::DELETE, "/webhooks/{endpoint}/certificate", delete(endpoints::remove_certificate)),
        (Method::GET, "/webhook-attempts", get(tries::list)),
        (Method::GET, "/webhook-attempts/{attempt}", get(tries::show)),
        (Method::GET, "/events", get(events::list)),
        (Method::POST, "/events/{event}/resend", post(events::resend)),
        (Method::GET, "/events/replay", get(events::count_replay)),
        (Method::POST, "/events/replay", post(events::replay)),
        (Method::POST, "/events/listen", post(events::listen)),
        (Method::GET, "/events/feed", get(events::feed)),
    ];
    let routed = |(method, path, handler): (Method, &str, axum::routing::MethodRouter<Gateway>)| {
        (method, format!("{BASE}{path}"), handler.with_state(gateway.clone()))
    };
    routes.into_iter().map(routed).collect()
}

type Place = Result<Path<(String, String)>, PathRejection>;
type PlaceOf = Result<Path<(String, String, String)>, PathRejection>;

/// Whose webhooks, in which environment: known, and within the token's rights.
async fn area(
    gateway: &Gateway,
    bearer: &Bearer,
    shop: &str,
    environment: &str,
) -> Result<(ShopId, Environment), ApiError> {
    let missing = || ApiError::missing_resource("There is no such shop.");
    let shop = known_shop(gateway, Ok(Path(shop.parse().map_err(|_| missing())?))).await?;
    let environment = environment.parse();
    let environment = environment.map_err(|_| ApiError::missing_resource("There is no such environment."))?;
    authorize(bearer, Scope::Webhooks, shop)?;
    Ok((shop, environment))
}

async fn place(gateway: &Gateway, bearer: &Bearer, place: Place) -> Result<(ShopId, Environment), ApiError> {
    let Path((shop, environment)) = place.map_err(|_| ApiError::no_such_path())?;
    area(gateway, bearer, &shop, &environment).await
}

/// The same with the name that ends the path: of this form, or there is nothing with it.
async fn place_of(
    gateway: &Gateway,
    bearer: &Bearer,
    place: PlaceOf,
    prefix: &str,
) -> Result<(ShopId, Environment, String), ApiError> {
    let Path((shop, environment, name)) = place.map_err(|_| ApiError::no_such_path())?;
    let (shop, environment) = area(gateway, bearer, &shop, &environment).await?;
    if !is_name(&name, prefix) {
        return Err(ApiError::missing_resource("There is nothing of this name."));
    }
    Ok((shop, environment, name))
}

/// `prefix` and 32 hex digits.
fn is_name(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// A change that `bearer` asks for, `body` being what is compared when the same key comes again.
fn asked(
    bearer: &Bearer,
    (shop, environment): (ShopId, Environment),
    headers: &HeaderMap,
    (method, path): (&str, &str),
    body: &[u8],
) -> Result<Asked, ApiError> {
    let path = format!("/api/shops/{shop}/{environment}{path}");
    let key = idempotency_key(headers)?.map(|key| RequestKey {
        shop,
        scope: super::clock::SCOPE,
        key,
        fingerprint: fingerprint(method, &path, body),
    });
    let actor = format!("token:{}", bearer.token.id);
    Ok(Asked { shop, environment, requester: Requester { actor, origin: bearer.origin.clone() }, key })
}

/// An answer that is JSON already.
fn answered(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))], body).into_response()
}

/// Types of events, as texts.
fn types(texts: impl IntoIterator<Item = impl AsRef<str>>, name: &str) -> Result<Vec<EventType>, ApiError> {
    let known: Vec<&str> = EventType::SUBSCRIBED.iter().map(|kind| kind.as_str()).collect();
    let kind = |text: &str| text.parse().ok().filter(|kind| EventType::SUBSCRIBED.contains(kind));
    let expected = format!("of {}", known.join(", "));
    texts.into_iter().map(|text| kind(text.as_ref()).ok_or_else(|| ApiError::parameter(name, &expected))).collect()
}

/// A parameter of a query that is a name.
fn named(form: &Form, name: &str, prefix: &str) -> Result<Option<String>, ApiError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    if is_name(text, prefix) {
        return Ok(Some(text.to_owned()));
    }
    Err(ApiError::parameter(name, &format!("{prefix}… with 32 hex digits")))
}

/// The order number of a query.
fn charge(form: &Form) -> Result<Option<String>, ApiError> {
    let number = form.get("charge").map(str::parse::<ChargeNumber>).transpose();
    let number = number.map_err(|error| ApiError::invalid("invalid_parameter", format!("charge: {error}")))?;
    Ok(number.map(|number| number.to_string()))
}
