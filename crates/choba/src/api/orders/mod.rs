//! `/api/shops/{shop}/{environment}/orders` and `/api/shops/{shop}/order-views`: what the pages of 注文管理 do, for
//! programs with a token of the scope `orders`.

mod act;
mod read;
mod views;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, post};
use kernel::{ChargeNumber, Environment, ShopId};
use pay::http::Route;
use pay::orders::Wrong;
use pay::{ApiError, Gateway};
use shop::Scope;

use super::clock::known_shop;
use super::token::{Bearer, authorize};

/// Below which the orders of an environment are.
pub const BASE: &str = "/api/shops/{shop}/{environment}";
/// Where the saved searches are.
pub const VIEWS: &str = "/api/shops/{shop}/order-views";

/// The routes.
pub fn routes(gateway: &Gateway) -> Vec<Route> {
    let base = |path: &str| format!("{BASE}{path}");
    let routes: [(Method, String, MethodRouter<Gateway>); 10] = [
        (Method::GET, base("/orders"), get(read::list)),
        (Method::GET, base("/orders.csv"), get(read::csv)),
        (Method::GET, base("/orders/{id}"), get(read::show)),
        (Method::POST, base("/orders/{id}/capture"), post(act::capture)),
        (Method::POST, base("/orders/{id}/cancel"), post(act::cancel)),
        (Method::POST, base("/orders/{id}/change"), post(act::change)),
        (Method::GET, VIEWS.to_owned(), get(views::list)),
        (Method::PUT, VIEWS.to_owned(), axum::routing::put(views::save)),
        (Method::DELETE, format!("{VIEWS}/{{view}}"), delete(views::remove)),
        (Method::POST, format!("{VIEWS}/{{view}}/restore"), post(views::restore)),
    ];
    routes.into_iter().map(|(method, path, handler)| (method, path, handler.with_state(gateway.clone()))).collect()
}

type Place = Result<Path<(String, String)>, PathRejection>;
type PlaceOf = Result<Path<(String, String, String)>, PathRejection>;

/// Whose orders: known, and within the token's rights.
async fn shop_of(gateway: &Gateway, bearer: &Bearer, shop: &str) -> Result<ShopId, ApiError> {
    let missing = || ApiError::missing_resource("There is no such shop.");
    let shop = known_shop(gateway, Ok(Path(shop.parse().map_err(|_| missing())?))).await?;
    authorize(bearer, Scope::Orders, shop)?;
    Ok(shop)
}

async fn place(gateway: &Gateway, bearer: &Bearer, place: Place) -> Result<(ShopId, Environment), ApiError> {
    let Path((shop, environment)) = place.map_err(|_| ApiError::no_such_path())?;
    let shop = shop_of(gateway, bearer, &shop).await?;
    let environment = environment.parse();
    Ok((shop, environment.map_err(|_| ApiError::missing_resource("There is no such environment."))?))
}

/// The same with the order that the path names. A text that is no order number names none.
async fn order(
    gateway: &Gateway,
    bearer: &Bearer,
    at: PlaceOf,
) -> Result<(ShopId, Environment, ChargeNumber), ApiError> {
    let Path((shop, environment, id)) = at.map_err(|_| ApiError::no_such_path())?;
    let (shop, environment) = place(gateway, bearer, Ok(Path((shop, environment)))).await?;
    Ok((shop, environment, id.parse().map_err(|_| ApiError::no_such_charge())?))
}

/// The first field that cannot be read.
fn unreadable(wrong: &[Wrong]) -> ApiError {
    wrong.first().map_or_else(ApiError::server, |wrong| ApiError::parameter(wrong.field, wrong.expected))
}
