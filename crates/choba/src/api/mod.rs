//! Our own API under `/api`: the clock of a shop's sandbox, with tokens; and for everybody, what all of it is: the
//! OpenAPI document and a page made from it.

pub mod clock;
pub mod docs;
pub mod openapi;
mod token;

use axum::http::Method;
use axum::routing::{get, post};
use pay::Gateway;
use pay::http::Route;

pub use token::{Bearer, authorize};

/// The routes.
pub fn routes(gateway: &Gateway) -> [Route; 4] {
    let show = get(clock::show).with_state(gateway.clone());
    let advance = post(clock::advance).with_state(gateway.clone());
    [
        (Method::GET, "/api/shops/{shop}/clock".to_owned(), show),
        (Method::POST, "/api/shops/{shop}/clock/advance".to_owned(), advance),
        (Method::GET, openapi::PATH.to_owned(), get(openapi::show)),
        (Method::GET, docs::PATH.to_owned(), get(docs::show)),
    ]
}
