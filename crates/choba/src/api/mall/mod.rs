//! The marketplace over our own API: the licences of a shop with their functions, its sub-statuses, and for programs that
//! test an integration, the faults of the RMS API. The RMS API itself is [`mall::http`].

pub mod buyers;
mod esa;
mod faults;
mod licences;
pub mod place;
mod settings;
mod sub_statuses;

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, Method};
use axum::routing::{MethodRouter, get, post, put};
use kernel::ShopId;
use mall::http::Rms;
use pay::http::Route;
use pay::http::caller::{Callers, fingerprint, idempotency_key};
use pay::{ApiError, Gateway};
use shop::{By, Scope};
use store::idempotency::{self, Known, RequestKey};
use store::{ErrorKind, StoreError, Tx};

pub use esa::EsaCaller;

use super::clock::{self, known_shop};
use super::token::{Bearer, authorize};

/// A shop's place on the marketplace.
pub const PLACE: &str = "/api/shops/{shop}/mall";
/// The licences of a shop.
pub const LICENCES: &str = "/api/shops/{shop}/mall/licences";
/// One licenseKey with its value.
pub const REVEAL: &str = "/api/shops/{shop}/mall/licences/{licence}/reveal";
/// The functions of the newest licenseKey.
pub const FUNCTIONS: &str = "/api/shops/{shop}/mall/functions";
/// 処理設定 of a shop.
pub const SETTINGS: &str = "/api/shops/{shop}/mall/settings";
/// The sub-statuses of a shop.
pub const SUB_STATUSES: &str = "/api/shops/{shop}/mall/sub-statuses";
/// What goes wrong with the next requests to the RMS API.
pub const FAULTS: &str = "/api/test_helpers/mall/faults";

/// Orders that arrive for tests.
pub const ORDERS: &str = "/api/test_helpers/mall/orders";
/// Requests about an order that were given up.
pub const ASK_AGAIN: &str = "/api/test_helpers/mall/orders/{order}/ask_again";

/// The routes; `callers` counts who fails to prove who it is.
pub fn routes(gateway: &Gateway, rms: &Rms, callers: &Arc<Callers>) -> Vec<Route> {
    let of_shop: [(Method, &str, MethodRouter<Gateway>); 10] = [
        (Method::GET, PLACE, get(place::show)),
        (Method::PUT, PLACE, put(place::open)),
        (Method::GET, LICENCES, get(licences::list)),
        (Method::POST, LICENCES, post(licences::issue)),
        (Method::POST, REVEAL, post(licences::reveal)),
        (Method::PUT, FUNCTIONS, put(licences::switch)),
        (Method::GET, SETTINGS, get(settings::show)),
        (Method::PUT, SETTINGS, put(settings::replace)),
        (Method::GET, SUB_STATUSES, get(sub_statuses::list)),
        (Method::PUT, SUB_STATUSES, put(sub_statuses::replace)),
    ];
    let of_programs: [(Method, &str, MethodRouter<Rms>); 4] = [
        (Method::GET, FAULTS, get(faults::list)),
        (Method::PUT, FAULTS, put(faults::replace)),
        (Method::POST, ORDERS, post(buyers::arrive)),
        (Method::POST, ASK_AGAIN, post(buyers::ask_again)),
    ];
    let of_shop = of_shop.map(|(method, path, handler)| {
        (method, path.to_owned(), handler.layer(Extension(rms.clone())).with_state(gateway.clone()))
    });
    let of_programs =
        of_programs.map(|(method, path, handler)| (method, path.to_owned(), handler.with_state(rms.clone())));
    let counting = |(method, path, handler): Route| (method, path, handler.layer(Extension(callers.clone())));
    of_shop.into_iter().chain(of_programs).chain(deeds(rms)).map(counting).collect()
}

/// What buyers do later.
fn deeds(rms: &Rms) -> impl Iterator<Item = Route> {
    buyers::DEEDS.into_iter().map(move |(name, deed)| {
        let of_rms = rms.clone();
        let handler = post(move |caller: EsaCaller, order: Of, headers: HeaderMap, body| {
            buyers::act(of_rms, caller, order, (name, deed), headers, body)
        });
        (Method::POST, format!("{ORDERS}/{{order}}/{name}"), handler.with_state(rms.clone()))
    })
}

type Of = Result<Path<String>, PathRejection>;
type OfTwo = Result<Path<(String, String)>, PathRejection>;

/// Whose it is: known, and within the token's rights.
async fn shop_of(gateway: &Gateway, bearer: &Bearer, shop: &str) -> Result<ShopId, ApiError> {
    let missing = || ApiError::missing_resource("There is no such shop.");
    let shop = known_shop(gateway, Ok(Path(shop.parse().map_err(|_| missing())?))).await?;
    authorize(bearer, Scope::Mall, shop)?;
    Ok(shop)
}

fn parts<T>(path: Result<Path<T>, PathRejection>) -> Result<T, ApiError> {
    path.map(|Path(parts)| parts).map_err(|_| ApiError::no_such_path())
}

/// Who changes something, for its audit row.
fn by(gateway: &Gateway, bearer: &Bearer) -> By {
    let actor = format!("token:{}", bearer.token.id);
    By::new(gateway.store().machine_now(), gateway.entropy(), actor, bearer.origin.clone())
}

/// The key that a client sent, for a request of this body.
fn request_key(shop: ShopId, headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Option<RequestKey>, ApiError> {
    let key = idempotency_key(headers)?;
    Ok(key.map(|key| RequestKey { shop, scope: clock::SCOPE, key, fingerprint: fingerprint("POST", path, body) }))
}

/// What the same request made before.
fn made_before(tx: &mut Tx<'_>, key: Option<&RequestKey>) -> Result<Option<String>, ApiError> {
    let Some(key) = key else { return Ok(None) };
    match idempotency::find(tx, key)? {
        Known::Unused => Ok(None),
        Known::Work(work) => Ok(Some(work)),
        Known::OtherRequest | Known::Answered { .. } => Err(ApiError::key_reused()),
    }
}

/// Claims the key for what was made.
fn claim(tx: &mut Tx<'_>, key: Option<&RequestKey>, work: &str) -> Result<(), StoreError> {
    let Some(key) = key else { return Ok(()) };
    let now = tx.machine_now();
    match tx.execute_all(&[idempotency::claim(key, work, now)])?.as_slice() {
        [1] => Ok(()),
        // Somebody was faster with the same key: everything here is undone.
        _ => Err(StoreError::new(ErrorKind::Contention, "the same key came twice at once")),
    }
}

/// What licences refuse, over HTTP.
pub fn refused(refused: mall::licence::Refused) -> ApiError {
    use mall::licence::Refused::{Ended, NoShop, NoSuch, Store};
    match refused {
        Store(error) => error.into(),
        NoShop | NoSuch => ApiError::missing_resource(&refused.to_string()),
        Ended => ApiError::invalid("licence_ended", refused.to_string()),
    }
}
