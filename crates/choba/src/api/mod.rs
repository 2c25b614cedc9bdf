//! Our own API under `/api`, with tokens: the clock of a shop's sandbox.

pub mod clock;
mod token;

use axum::Router;
use axum::routing::{get, post};
use pay::Gateway;

pub use token::{Bearer, authorize};

/// The routes.
pub fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/api/shops/{shop}/clock", get(clock::show))
        .route("/api/shops/{shop}/clock/advance", post(clock::advance))
        .with_state(gateway)
}
