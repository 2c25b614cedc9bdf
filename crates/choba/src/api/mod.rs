//! Our own API under `/api`: the clock of a shop's sandbox and its webhooks, with tokens; and for everybody, what all of it is: the
//! OpenAPI document and a page made from it.

pub mod checkout;
pub mod clock;
pub mod docs;
pub mod openapi;
mod token;
pub mod webhook;

use axum::http::Method;
use axum::routing::{get, post};
use pay::Gateway;
use pay::http::Route;

pub use token::{Bearer, authorize};

/// The routes.
pub fn routes(gateway: &Gateway) -> Vec<Route> {
    let show = get(clock::show).with_state(gateway.clone());
    let advance = post(clock::advance).with_state(gateway.clone());
    let mut routes = vec![
        (Method::GET, "/api/shops/{shop}/clock".to_owned(), show),
        (Method::POST, "/api/shops/{shop}/clock/advance".to_owned(), advance),
        (Method::GET, openapi::PATH.to_owned(), get(openapi::show)),
        (Method::GET, docs::PATH.to_owned(), get(docs::show)),
    ];
    routes.extend(webhook::routes(gateway));
    routes.extend(checkout::routes(gateway));
    routes
}
