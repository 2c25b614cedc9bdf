//! What the account pages do, for programs: keys, staff, the audit log (design "Nothing is open": tokens with the scopes
//! `keys`, `staff`, `audit`, `settings`).

mod audit;
mod keys;
pub mod person;
mod staff;

use axum::Extension;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, Method};
use axum::routing::{MethodRouter, delete, get, post, put};
use kernel::{Environment, ShopId};
use pay::http::Route;
use pay::http::caller::{fingerprint, idempotency_key};
use pay::{ApiError, Gateway};
use serde::Serialize;
use shop::Scope;
use shop::staff::Door;
use store::idempotency::{self, Known, RequestKey};
use store::{StoreError, Tx};

use super::clock::{self, known_shop};
use super::token::{Bearer, authorize};

/// Where the keys of an environment are.
pub const KEYS: &str = "/api/shops/{shop}/{environment}/keys";
/// Where a key is made in the place of another one.
pub const ROTATE: &str = "/api/shops/{shop}/{environment}/keys/rotate";
/// Where a key is shown.
pub const REVEAL: &str = "/api/shops/{shop}/{environment}/keys/{key}/reveal";
/// Where an old key is ended.
pub const END: &str = "/api/shops/{shop}/{environment}/keys/{key}/end";
/// Where the staff is.
pub const STAFF: &str = "/api/shops/{shop}/staff";
/// Where somebody is invited.
pub const INVITATIONS: &str = "/api/shops/{shop}/staff-invitations";
/// One invitation.
pub const INVITATION: &str = "/api/shops/{shop}/staff-invitations/{invitation}";
/// One member of the staff.
pub const MEMBER: &str = "/api/shops/{shop}/staff/{staff}";
/// Their roles.
pub const ROLES: &str = "/api/shops/{shop}/staff/{staff}/roles";
/// Where they are logged in.
pub const SESSIONS: &str = "/api/shops/{shop}/staff/{staff}/sessions";
/// One session of theirs.
pub const SESSION: &str = "/api/shops/{shop}/staff/{staff}/sessions/{session}";
/// Their password, by who knows it.
pub const PASSWORD: &str = "/api/shops/{shop}/staff/{staff}/password";
/// A link for another password, to their address.
pub const PASSWORD_RESET: &str = "/api/shops/{shop}/staff/{staff}/password_reset";
/// A secret for their authenticator app.
pub const TWO_STEP_PROPOSAL: &str = "/api/shops/{shop}/staff/{staff}/two_step/proposal";
/// Their two-step login, to be turned on.
pub const TWO_STEP: &str = "/api/shops/{shop}/staff/{staff}/two_step";
/// And off.
pub const TWO_STEP_OFF: &str = "/api/shops/{shop}/staff/{staff}/two_step/off";
/// Their recovery codes.
pub const RECOVERY_CODES: &str = "/api/shops/{shop}/staff/{staff}/two_step/recovery_codes";
/// Whether Live opens only for who has the two-step login.
pub const LIVE_TWO_STEP: &str = "/api/shops/{shop}/live-two-step";
/// The audit log.
pub const AUDIT: &str = "/api/shops/{shop}/audit";

/// The routes; `door` is where people prove who they are.
pub fn routes(gateway: &Gateway, door: &Door) -> Vec<Route> {
    let routes: [(Method, &str, MethodRouter<Gateway>); 21] = [
        (Method::GET, KEYS, get(keys::list)),
        (Method::POST, ROTATE, post(keys::rotate)),
        (Method::POST, REVEAL, post(keys::reveal)),
        (Method::POST, END, post(keys::end)),
        (Method::GET, STAFF, get(staff::list)),
        (Method::POST, INVITATIONS, post(staff::invite)),
        (Method::DELETE, INVITATION, delete(staff::take_back)),
        (Method::DELETE, MEMBER, delete(staff::end)),
        (Method::PUT, ROLES, put(staff::roles)),
        (Method::GET, LIVE_TWO_STEP, get(staff::show_two_step)),
        (Method::PUT, LIVE_TWO_STEP, put(staff::set_two_step)),
        (Method::GET, AUDIT, get(audit::list)),
        (Method::GET, SESSIONS, get(person::sessions)),
        (Method::DELETE, SESSIONS, delete(person::end_sessions)),
        (Method::DELETE, SESSION, delete(person::end_session)),
        (Method::POST, PASSWORD, post(person::password)),
        (Method::POST, PASSWORD_RESET, post(person::ask_reset)),
        (Method::POST, TWO_STEP_PROPOSAL, post(person::propose)),
        (Method::POST, TWO_STEP, post(person::turn_on)),
        (Method::POST, TWO_STEP_OFF, post(person::turn_off)),
        (Method::POST, RECOVERY_CODES, post(person::renew_recovery)),
    ];
    let routed = |(method, path, handler): (Method, &str, MethodRouter<Gateway>)| {
        (method, path.to_owned(), handler.layer(Extension(door.clone())).with_state(gateway.clone()))
    };
    routes.into_iter().map(routed).collect()
}

/// What is no more.
#[derive(Debug, Serialize)]
pub struct Ended {
    object: &'static str,
    id: String,
    deleted: bool,
}

impl Ended {
    fn of(object: &'static str, id: String) -> Ended {
        Ended { object, id, deleted: true }
    }
}

/// Whose it is: known, and within the token's rights.
pub(super) async fn shop_of(gateway: &Gateway, bearer: &Bearer, shop: &str, scope: Scope) -> Result<ShopId, ApiError> {
    let missing = || ApiError::missing_resource("There is no such shop.");
    let shop = known_shop(gateway, Ok(Path(shop.parse().map_err(|_| missing())?))).await?;
    authorize(bearer, scope, shop)?;
    Ok(shop)
}

type Of = Result<Path<String>, PathRejection>;
type OfTwo = Result<Path<(String, String)>, PathRejection>;
type OfThree = Result<Path<(String, String, String)>, PathRejection>;

fn parts<T>(path: Result<Path<T>, PathRejection>) -> Result<T, ApiError> {
    path.map(|Path(parts)| parts).map_err(|_| ApiError::no_such_path())
}

pub(super) fn environment_of(text: &str) -> Result<Environment, ApiError> {
    text.parse().map_err(|_| ApiError::missing_resource("There is no such environment."))
}

/// The key that a client sent, for a request of this body.
fn request_key(shop: ShopId, headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Option<RequestKey>, ApiError> {
    let key = idempotency_key(headers)?;
    Ok(key.map(|key| RequestKey { shop, scope: clock::SCOPE, key, fingerprint: fingerprint("POST", path, body) }))
}

/// Whether nobody sent the key before; an error if it stood for another request.
fn is_first(tx: &mut Tx<'_>, key: Option<&RequestKey>) -> Result<bool, ApiError> {
    let Some(key) = key else { return Ok(true) };
    match idempotency::find(tx, key)? {
        Known::Unused => Ok(true),
        Known::Work(_) => Ok(false),
        Known::OtherRequest | Known::Answered { .. } => Err(ApiError::key_reused()),
    }
}

/// Claims the key for what was done.
fn claim(tx: &mut Tx<'_>, key: Option<&RequestKey>, work: &str) -> Result<(), StoreError> {
    let Some(key) = key else { return Ok(()) };
    let now = tx.machine_now();
    match tx.execute_all(&[idempotency::claim(key, work, now)])?.as_slice() {
        [1] => Ok(()),
        // Somebody was faster with the same key: everything here is undone.
        _ => Err(StoreError::new(store::ErrorKind::Contention, "the same key came twice at once")),
    }
}
