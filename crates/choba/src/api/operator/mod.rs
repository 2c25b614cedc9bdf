//! What whoever runs this server does: shops, what is known of them, notices, fees, operators. Changes take a token with the
//! scope `admin` that is bound to no shop; what a shop reads of itself takes its scope `settings`.

mod fees;
mod information;
mod notices;
mod operators;
mod shops;

use axum::http::HeaderMap;
use axum::routing::{delete, get, post, put};
use http::Method;
use kernel::{JstDate, ShopId};
use pay::http::Route;
use pay::http::caller::{fingerprint, idempotency_key};
use pay::{ApiError, Gateway};
use shop::{HOUSE, Scope, register};
use store::idempotency::RequestKey;

use super::token::Bearer;

/// Every path of this module.
pub const PATHS: [&str; 16] = [
    "/api/shops",
    "/api/shops/{shop}/information",
    "/api/shops/{shop}/registration",
    "/api/shops/{shop}/owners",
    "/api/shops/{shop}/fees",
    "/api/shops/{shop}/fees/{fee}/withdraw",
    "/api/shops/{shop}/news-mail",
    "/api/shops/{shop}/notices",
    "/api/shops/{shop}/notices/{notice}/read",
    "/api/notices",
    "/api/notices/{notice}/withdraw",
    "/api/operators",
    "/api/operators/{member}",
    // What is changed at once, and what is only looked at, have one path each.
    "/api/shops/{shop}",
    "/api/notices/{notice}",
    "/api/shops/{shop}/notices/{notice}/unread",
];

/// The routes.
pub fn routes(gateway: &Gateway) -> Vec<Route> {
    let routes = [
        (Method::GET, PATHS[0], get(shops::list)),
        (Method::POST, PATHS[0], post(shops::open)),
        (Method::GET, PATHS[13], get(shops::show)),
        (Method::GET, PATHS[1], get(information::show)),
        (Method::PUT, PATHS[1], put(information::replace)),
        (Method::PUT, PATHS[2], put(shops::register)),
        (Method::POST, PATHS[3], post(shops::add_owner)),
        (Method::GET, PATHS[4], get(fees::list)),
        (Method::POST, PATHS[4], post(fees::write)),
        (Method::POST, PATHS[5], post(fees::withdraw)),
        (Method::GET, PATHS[6], get(information::show_news_mail)),
        (Method::PUT, PATHS[6], put(information::set_news_mail)),
        (Method::GET, PATHS[7], get(notices::shown)),
        (Method::POST, PATHS[8], post(notices::read)),
        (Method::POST, PATHS[15], post(notices::unread)),
        (Method::GET, PATHS[9], get(notices::list)),
        (Method::POST, PATHS[9], post(notices::write)),
        (Method::GET, PATHS[14], get(notices::show)),
        (Method::POST, PATHS[10], post(notices::withdraw)),
        (Method::GET, PATHS[11], get(operators::list)),
        (Method::POST, PATHS[11], post(operators::grant)),
        (Method::DELETE, PATHS[12], delete(operators::revoke)),
    ];
    let routed = |(method, path, handler): (Method, &str, axum::routing::MethodRouter<Gateway>)| {
        (method, path.to_owned(), handler.with_state(gateway.clone()))
    };
    routes.into_iter().map(routed).collect()
}

/// Whether the token is the operator's own.
fn operator(bearer: &Bearer) -> Result<(), ApiError> {
    if bearer.token.shop.is_none() && bearer.token.scopes.contains(&Scope::Admin) {
        return Ok(());
    }
    Err(ApiError::forbidden("insufficient_scope", "The token needs the scope admin, of the operator."))
}

/// A fresh name with this beginning.
fn name(gateway: &Gateway, prefix: &str) -> String {
    format!("{prefix}{}", kernel::outside::sortable_hex(gateway.store().machine_now(), gateway.entropy()))
}

/// The key of a request to `path` with this body.
fn key(headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Option<RequestKey>, ApiError> {
    let request = |key| {
        let fingerprint = fingerprint("POST", path, body);
        RequestKey { shop: HOUSE, scope: register::SCOPE, key, fingerprint }
    };
    Ok(idempotency_key(headers)?.map(request))
}

/// A shop that a path names.
fn shop_of(text: &str) -> Result<ShopId, ApiError> {
    text.parse().map(ShopId).map_err(|_| no_shop())
}

fn no_shop() -> ApiError {
    ApiError::missing_resource("There is no such shop.")
}

fn nothing() -> ApiError {
    ApiError::missing_resource("There is nothing of this name.")
}

/// `2026-11-22`, of this or a later century.
pub(super) fn date(text: &str) -> Option<JstDate> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let plain = [year.len(), month.len(), day.len()] == [4, 2, 2];
    let plain = plain && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let date = JstDate::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    (plain && (1_970..9_000).contains(&date.civil().0)).then_some(date)
}
