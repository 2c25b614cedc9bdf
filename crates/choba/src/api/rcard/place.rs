//! `/api/shops/{shop}/rcard`: where a shop of the old model stands, and its switch-over from R-Card Plus (seed 003).

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use kernel::ShopId;
use kernel::outside::sortable_hex;
use mall::rcard::access::{self, Issued, Refused};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::{By, Scope};
use store::Tx;

use super::not_old_model;
use crate::api::clock::known_shop;
use crate::api::token::{Bearer, authorize};

/// Where a shop stands.
pub const PLACE: &str = "/api/shops/{shop}/rcard";
/// Where it switches over.
pub const SWITCH: &str = "/api/shops/{shop}/rcard/switch_over";
/// Where its key is shown again.
pub const REVEAL: &str = "/api/shops/{shop}/rcard/reveal";

/// Where a shop stands.
#[derive(Debug, Serialize)]
pub struct Place {
    object: &'static str,
    shop: i64,
    shop_url: String,
    switched_over: bool,
    /// ユーザID.
    user_name: Option<String>,
    /// Orders that keep it from switching over.
    orders_in_the_way: i64,
}

/// What its programs are given.
#[derive(Debug, Serialize)]
pub struct Key {
    object: &'static str,
    shop: i64,
    shop_url: String,
    user_name: String,
    auth_key: String,
}

impl Key {
    fn of(shop: ShopId, issued: Issued) -> Json<Key> {
        let Issued { shop_url, user_name, auth_key } = issued;
        Json(Key { object: "rcard_key", shop: shop.0, shop_url, user_name, auth_key })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    user_name: String,
}

fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::NotOldModel => not_old_model(),
        Refused::Switched => ApiError::invalid("already_switched_over", refused.to_string()),
        Refused::NotSwitched => ApiError::invalid("not_switched_over", refused.to_string()),
        Refused::OrdersInTheWay(_) => ApiError::invalid("orders_in_the_way", refused.to_string()),
        Refused::UserName => ApiError::invalid("invalid_parameter", refused.to_string()),
        Refused::Store(error) => error.into(),
    }
}

type At = Result<Path<i64>, PathRejection>;

/// `GET …/rcard`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, shop: At) -> Result<Json<Place>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Mall, shop)?;
    let place = gateway.store().read(move |tx| access::place(tx, shop).map_err(ApiError::from)).await?;
    let access::Place { shop_url, access, in_the_way } = place.ok_or_else(not_old_model)?;
    Ok(Json(Place {
        object: "rcard",
        shop: shop.0,
        shop_url,
        switched_over: access.is_some(),
        user_name: access.map(|access| access.user_name),
        orders_in_the_way: in_the_way,
    }))
}

/// `POST …/rcard/switch_over`.
pub async fn switch_over(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: At,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Key>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Mall, shop)?;
    let Switch { user_name } = object(&whole(body)?)?;
    let (vault, entropy, author) = (gateway.vault().clone(), gateway.shared_entropy(), Author::of(&gateway, bearer));
    let write = move |tx: &mut Tx<'_>| {
        access::switch_over(tx, (&vault, entropy.as_ref()), shop, &user_name, &author.by()).map_err(refused)
    };
    Ok(Key::of(shop, gateway.store().write(write).await?))
}

/// `POST …/rcard/reveal`: the key again, which is audited.
pub async fn reveal(State(gateway): State<Gateway>, bearer: Bearer, shop: At) -> Result<Json<Key>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Mall, shop)?;
    let (vault, author) = (gateway.vault().clone(), Author::of(&gateway, bearer));
    let write = move |tx: &mut Tx<'_>| access::reveal(tx, &vault, shop, &author.by()).map_err(refused);
    Ok(Key::of(shop, gateway.store().write(write).await?))
}

/// Who asks, for audit rows.
struct Author {
    id: String,
    actor: String,
    origin: String,
}

impl Author {
    fn of(gateway: &Gateway, bearer: Bearer) -> Author {
        let id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
        Author { id, actor: format!("token:{}", bearer.token.id), origin: bearer.origin }
    }

    fn by(&self) -> By {
        By::named(self.id.clone(), &self.actor, &self.origin)
    }
}
