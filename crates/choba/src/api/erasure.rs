//! Erasing the personal data of buyers: of a charge, of a buyer, by itself after a time; and a buyer's account.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::routing::{get, post, put};
use http::Method;
use kernel::{ChargeNumber, Environment, ShopId};
use pay::erase::{self, settings};
use pay::http::{Route, object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::Scope;
use store::Tx;

use super::checkout::{Place, place};
use super::token::Bearer;

/// Where data are erased.
pub const ERASURES: &str = "/api/shops/{shop}/{environment}/erasures";
/// Where it is said when they are erased by themselves.
pub const SETTINGS: &str = "/api/shops/{shop}/{environment}/erasure-settings";
/// Where accounts are erased.
pub const ACCOUNTS: &str = "/api/buyers/erasures";
/// Characters of an OpenID at the most.
pub const OPEN_ID_MAX: usize = 2_000;

/// The routes.
pub fn routes(gateway: &Gateway) -> [Route; 4] {
    [
        (Method::POST, ERASURES.to_owned(), post(erase_data).with_state(gateway.clone())),
        (Method::GET, SETTINGS.to_owned(), get(show_settings).with_state(gateway.clone())),
        (Method::PUT, SETTINGS.to_owned(), put(replace_settings).with_state(gateway.clone())),
        (Method::POST, ACCOUNTS.to_owned(), post(erase_account).with_state(gateway.clone())),
    ]
}

/// Whose data: one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    charge: Option<String>,
    #[serde(default)]
    open_id: Option<String>,
}

/// What was erased. The same whether there was anything left to erase or not: twice is once.
#[derive(Debug, Serialize)]
pub struct Erasure {
    object: &'static str,
    shop: i64,
    environment: &'static str,
    charge: Option<String>,
    open_id: Option<String>,
}

/// `POST …/erasures`.
pub async fn erase_data(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Erasure>, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let Wanted { charge, open_id } = object(&whole(body)?)?;
    let (by, at) = (bearer.by(&gateway), erase::Place { shop, environment });
    let (store, vault) = (gateway.store(), gateway.vault());
    match (&charge, &open_id) {
        (Some(number), None) => {
            let missing = || ApiError::missing_resource("There is no such charge.");
            let number: ChargeNumber = number.parse().map_err(|_| missing())?;
            if !erase::charge(store, vault, at, number, &by).await? {
                return Err(missing());
            }
        }
        (None, Some(open_id)) => {
            let fits = (1..=OPEN_ID_MAX).contains(&open_id.chars().count()) && !open_id.contains('\0');
            if !fits {
                return Err(ApiError::parameter("open_id", "an OpenID as charges show it"));
            }
            erase::buyer(store, vault, at, open_id, &by).await?;
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(ApiError::invalid("invalid_parameter", "Give either charge or open_id."));
        }
    }
    Ok(Json(Erasure { object: "erasure", shop: shop.0, environment: environment.as_str(), charge, open_id }))
}

/// The settings as the wire shows them.
#[derive(Debug, Serialize)]
pub struct Settings {
    object: &'static str,
    shop: i64,
    environment: &'static str,
    after_days: Option<i64>,
}

impl Settings {
    fn of(shop: ShopId, environment: Environment, after_days: Option<i64>) -> Json<Settings> {
        Json(Settings { object: "erasure_settings", shop: shop.0, environment: environment.as_str(), after_days })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSettings {
    #[serde(deserialize_with = "said")]
    after_days: Option<i64>,
}

/// `null` is never; nothing at all is a mistake.
fn said<'de, D: serde::Deserializer<'de>>(days: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(days)
}

/// `GET …/erasure-settings`.
pub async fn show_settings(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
) -> Result<Json<Settings>, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let show = move |tx: &mut Tx<'_>| settings::show(tx, erase::Place { shop, environment }).map_err(ApiError::from);
    Ok(Settings::of(shop, environment, gateway.store().read(show).await?))
}

/// `PUT …/erasure-settings`.
pub async fn replace_settings(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Settings>, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let NewSettings { after_days } = object(&whole(body)?)?;
    if after_days.is_some_and(|days| !settings::AFTER_DAYS.contains(&days)) {
        let (least, most) = (settings::AFTER_DAYS.start(), settings::AFTER_DAYS.end());
        return Err(ApiError::parameter("after_days", &format!("{least} to {most}, or null for never")));
    }
    let (by, at) = (bearer.by(&gateway), erase::Place { shop, environment });
    let replace = move |tx: &mut Tx<'_>| settings::replace(tx, at, after_days, &by).map_err(ApiError::from);
    gateway.store().write(replace).await?;
    Ok(Settings::of(shop, environment, after_days))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    email: String,
}

/// An account that was erased.
#[derive(Debug, Serialize)]
pub struct AccountErasure {
    object: &'static str,
}

/// `POST /api/buyers/erasures`: the operator's, because accounts are the same in every shop.
pub async fn erase_account(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AccountErasure>, ApiError> {
    if bearer.token.shop.is_some() || !bearer.token.scopes.contains(&Scope::Admin) {
        let message = "The token needs the scope admin for all shops.";
        return Err(ApiError::forbidden("insufficient_scope", message));
    }
    let Account { email } = object(&whole(body)?)?;
    let by = bearer.by(&gateway);
    let erase = move |tx: &mut Tx<'_>| erase::account::erase(tx, &email, &by).map_err(ApiError::from);
    match gateway.store().write(erase).await? {
        true => Ok(Json(AccountErasure { object: "buyer_erasure" })),
        false => Err(ApiError::missing_resource("There is no such account.")),
    }
}
