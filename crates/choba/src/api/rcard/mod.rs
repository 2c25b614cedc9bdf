//! The older card API of the marketplace (R-Card) beside its SOAP service: the shop switches over with a token, and
//! programs that test an integration make orders with a key of the sandbox.

mod helper;
mod place;

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post, put};
use kernel::Peer;
use mall::rcard::Rcard;
use mall::rcard::http::{Gatekeeper, Office};
use pay::http::caller::Callers;
use pay::http::{Api, Route};
use pay::{ApiError, Gateway};

pub use helper::{CARD, ORDER, ORDERS, PLUS, RULES};
pub use place::{PLACE, REVEAL, SWITCH};

/// What a shop does, with a token.
pub fn routes(gateway: &Gateway) -> Vec<Route> {
    let routes: [(Method, &str, MethodRouter<Gateway>); 3] = [
        (Method::GET, PLACE, get(place::show)),
        (Method::POST, SWITCH, post(place::switch_over)),
        (Method::POST, REVEAL, post(place::reveal)),
    ];
    let routed = |(method, path, handler): (Method, &str, MethodRouter<Gateway>)| {
        (method, path.to_owned(), handler.with_state(gateway.clone()))
    };
    routes.into_iter().map(routed).collect()
}

/// What tests do, with a private key of the sandbox.
pub fn helpers(api: &Api) -> Vec<Route> {
    let routes: [(Method, &str, MethodRouter<Api>); 5] = [
        (Method::POST, ORDERS, post(helper::place)),
        (Method::GET, ORDER, get(helper::show)),
        (Method::POST, PLUS, post(helper::plus)),
        (Method::POST, CARD, post(helper::card_named)),
        (Method::PUT, RULES, put(helper::rules)),
    ];
    let routed = |(method, path, handler): (Method, &str, MethodRouter<Api>)| {
        (method, path.to_owned(), handler.with_state(api.clone()))
    };
    routes.into_iter().map(routed).collect()
}

/// The SOAP service itself, which its WSDL describes.
pub fn soap(rcard: &Rcard, api: &Api) -> Router {
    let gatekeeper = Arc::new(Gate(api.gateway.clone(), api.callers.clone()));
    let base_url = api.gateway.base_url().to_owned();
    mall::rcard::http::routes(Office { rcard: rcard.clone(), base_url, gatekeeper })
}

/// Counts, together with those of the other APIs, the calls that did not prove who they were.
struct Gate(Gateway, Arc<Callers>);

impl Gatekeeper for Gate {
    fn admits(&self, peer: &Peer) -> bool {
        self.1.admit(peer.address, self.0.store().machine_now()).is_ok()
    }

    fn failed(&self, peer: &Peer) {
        let error = ApiError::unauthenticated("The credentials are unknown.");
        // What it is answered is not for this API: it has its own words.
        let _ = self.1.failed(peer.address, self.0.store().machine_now(), error);
    }
}

fn not_old_model() -> ApiError {
    ApiError::invalid("not_on_the_old_model", "This shop is not on the old model of the marketplace.")
}
