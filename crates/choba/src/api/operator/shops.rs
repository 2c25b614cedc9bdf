//! `/api/shops`: the shops of this server, opened, registered for Live, given an owner.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use kernel::Timestamp;
use pay::http::form::{Form, digits};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::information::rows::{Known, find, page};
use shop::information::{self, checked_name};
use shop::password::Passwords;
use shop::register::operators::NewOwner;
use shop::register::{self, Made, Wanted};
use shop::staff::Email;
use store::{StoreError, Tx};

use super::{key, no_shop, operator, shop_of};
use crate::api::token::Bearer;

/// Shops of a page at the most.
const PAGE_MAX: i64 = 100;

/// A shop as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    shop: i64,
    name: String,
    service_id_sandbox: String,
    service_id_live: String,
    registration: &'static str,
    /// Unix seconds.
    registration_since: Option<i64>,
    created: i64,
}

impl Shown {
    fn of(known: Known) -> Shown {
        Shown {
            object: "shop",
            shop: known.shop.0,
            name: known.name,
            service_id_sandbox: known.sandbox.to_string(),
            service_id_live: known.live.to_string(),
            registration: known.registration.as_str(),
            registration_since: known.registration.since().map(Timestamp::seconds),
            created: known.created.seconds(),
        }
    }
}

/// Shops, in the order of their numbers.
#[derive(Debug, Serialize)]
pub struct List {
    object: &'static str,
    data: Vec<Shown>,
    has_more: bool,
}

/// `GET /api/shops`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    RawQuery(query): RawQuery,
) -> Result<Json<List>, ApiError> {
    operator(&bearer)?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let after = form.get("after").map(|text| digits(text).and_then(|digits| digits.parse().ok()));
    let after: i64 = after.unwrap_or(Some(0)).ok_or_else(|| ApiError::parameter("after", "the number of a shop"))?;
    let mut found = gateway.store().read::<_, StoreError, _>(move |tx| page(tx, after, PAGE_MAX + 1)).await?;
    let has_more = found.len() as i64 > PAGE_MAX;
    found.truncate(PAGE_MAX as usize);
    Ok(Json(List { object: "list", data: found.into_iter().map(Shown::of).collect(), has_more }))
}

async fn known(gateway: &Gateway, shop: kernel::ShopId) -> Result<Json<Shown>, ApiError> {
    let found = gateway.store().read::<_, StoreError, _>(move |tx| find(tx, shop)).await?;
    found.map(|known| Json(Shown::of(known))).ok_or_else(no_shop)
}

/// `GET /api/shops/{shop}`.
pub async fn show(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<String>, PathRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let Path(shop) = shop.map_err(|_| no_shop())?;
    known(&gateway, shop_of(&shop)?).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    #[serde(default)]
    receives_address: bool,
}

/// `POST /api/shops`.
pub async fn open(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let body = whole(body)?;
    let New { name, receives_address } = object(&body)?;
    let name = checked_name(&name).map_err(|unfit| ApiError::parameter(unfit.field, unfit.expected))?;
    let change = (key(&headers, super::PATHS[0], &body)?, bearer.by(&gateway));
    let wanted = Wanted { name, receives_address };
    let entropy = gateway.shared_entropy();
    match register::open(gateway.store(), gateway.vault(), &entropy, &wanted, change).await? {
        Made::New(shop) | Made::Before(shop) => known(&gateway, shop).await,
        Made::KeyReused => Err(ApiError::key_reused()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    registration: String,
}

/// `PUT /api/shops/{shop}/registration`: doing it twice is doing it once, so there is no idempotency key.
pub async fn register(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let Path(shop) = shop.map_err(|_| no_shop())?;
    let shop = shop_of(&shop)?;
    let step: Step = object(&whole(body)?)?;
    let complete = match step.registration.as_str() {
        "received" => false,
        "complete" => true,
        _ => return Err(ApiError::parameter("registration", "received or complete")),
    };
    let by = bearer.by(&gateway);
    let write = move |tx: &mut Tx<'_>| information::register(tx, shop, complete, &by);
    gateway.store().write::<_, StoreError, _>(write).await?;
    known(&gateway, shop).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    email: String,
}

/// An account that was made, with the password for its first login.
#[derive(Debug, Serialize)]
pub struct Account {
    object: &'static str,
    shop: i64,
    staff: String,
    one_time_password: String,
}

/// `POST /api/shops/{shop}/owners`. Sent again it is refused, because the address has an account: the password is shown
/// once.
pub async fn add_owner(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Account>, ApiError> {
    operator(&bearer)?;
    let Path(shop) = shop.map_err(|_| no_shop())?;
    let Json(found) = known(&gateway, shop_of(&shop)?).await?;
    let new: NewAccount = object(&whole(body)?)?;
    let email: Email = new.email.parse().map_err(|_| ApiError::parameter("email", "a mail address in ASCII"))?;
    let shop = kernel::ShopId(found.shop);
    let (owner, password) = NewOwner::make(shop, email, &Passwords::default(), gateway.entropy()).await;
    let by = bearer.by(&gateway);
    let added = gateway.store().write::<_, StoreError, _>(move |tx| owner.add(tx, &by)).await?;
    let staff = added.map_err(|refused| ApiError::invalid("address_taken", refused.to_string()))?;
    Ok(Json(Account { object: "owner", shop: shop.0, staff: staff.id, one_time_password: password }))
}
