//! `/api/shops/{shop}/{environment}/orders/{id}/…`: what belongs to one order beside its money: what happened with it,
//! and its mails.

mod mails;
mod timeline;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, Method};
use axum::routing::{get, post};
use kernel::{ChargeNumber, Environment, ShopId};
use pay::attempt::Requester;
use pay::charge::rows;
use pay::http::Route;
use pay::http::caller::{fingerprint, idempotency_key};
use pay::{ApiError, Asked, Gateway};
use shop::Scope;
use store::idempotency::RequestKey;

use super::clock::known_shop;
use super::token::{Bearer, authorize};
use super::webhook::BASE;

/// The routes.
pub fn routes(gateway: &Gateway) -> Vec<Route> {
    let routes = [
        (Method::GET, "/orders/{id}/timeline", get(timeline::show)),
        (Method::GET, "/orders/{id}/mails", get(mails::list)),
        (Method::POST, "/orders/{id}/mails", post(mails::send)),
        (Method::POST, "/orders/{id}/mails/{mail}/resend", post(mails::send_again)),
        (Method::GET, "/orders/{id}/mail-draft", get(mails::draft)),
        (Method::POST, "/orders/{id}/mail-preview", post(mails::preview)),
        (Method::POST, "/mail-check", post(mails::check)),
    ];
    let routed = |(method, path, handler): (Method, &str, axum::routing::MethodRouter<Gateway>)| {
        (method, format!("{BASE}{path}"), handler.with_state(gateway.clone()))
    };
    routes.into_iter().map(routed).collect()
}

/// Shop, environment, order number.
type OrderPath = Result<Path<(String, String, String)>, PathRejection>;

/// A shop and an environment, within the token's rights.
async fn area(
    gateway: &Gateway,
    bearer: &Bearer,
    (shop, environment): (&str, &str),
    scope: Scope,
) -> Result<(ShopId, Environment), ApiError> {
    let missing = || ApiError::missing_resource("There is no such shop.");
    let shop = known_shop(gateway, Ok(Path(shop.parse().map_err(|_| missing())?))).await?;
    let environment = environment.parse();
    let environment = environment.map_err(|_| ApiError::missing_resource("There is no such environment."))?;
    authorize(bearer, scope, shop)?;
    Ok((shop, environment))
}

/// The order of a path: it is there, and the shop's.
async fn order(
    gateway: &Gateway,
    bearer: &Bearer,
    path: OrderPath,
    scope: Scope,
) -> Result<(ShopId, Environment, ChargeNumber), ApiError> {
    let Path((shop, environment, number)) = path.map_err(|_| ApiError::no_such_path())?;
    let (shop, environment) = area(gateway, bearer, (&shop, &environment), scope).await?;
    let number: ChargeNumber = number.parse().map_err(|_| ApiError::no_such_charge())?;
    let find = move |tx: &mut store::Tx<'_>| rows::find(tx, shop, environment, number).map_err(ApiError::from);
    gateway.store().read(find).await?.ok_or_else(ApiError::no_such_charge)?;
    Ok((shop, environment, number))
}

/// A change that `bearer` asks for, `body` being what is compared when the same key comes again.
fn asked(
    bearer: &Bearer,
    (shop, environment): (ShopId, Environment),
    headers: &HeaderMap,
    path: &str,
    body: &[u8],
) -> Result<Asked, ApiError> {
    let path = format!("/api/shops/{shop}/{environment}{path}");
    let key = idempotency_key(headers)?.map(|key| RequestKey {
        shop,
        scope: super::clock::SCOPE,
        key,
        fingerprint: fingerprint("POST", &path, body),
    });
    let actor = format!("token:{}", bearer.token.id);
    Ok(Asked { shop, environment, requester: Requester { actor, origin: bearer.origin.clone() }, key })
}
