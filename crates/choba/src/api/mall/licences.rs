//! 利用設定: licences of a shop, their values, and which functions are switched on.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use kernel::{Environment, ShopId, Timestamp};
use mall::http::Rms;
use mall::licence::{self, Functions, Licence, Sealing, rows};
use mall::wire::time::datetime;
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use store::{Tx, clock};

use super::{Of, OfTwo, by, claim, made_before, parts, refused, request_key, shop_of};
use crate::api::token::Bearer;

/// A licenseKey as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Key {
    object: &'static str,
    id: String,
    /// Where it is shown.
    license_key: Option<String>,
    /// The same.
    service_secret: Option<String>,
    issued: i64,
    /// The first second at which it counts no more.
    ends: i64,
    /// 有効期限, as people in Japan read it.
    expiry_date: String,
    counts: bool,
    newest: bool,
    functions: Vec<String>,
}

impl Key {
    fn of(licence: &Licence, newest: bool, now: Timestamp) -> Key {
        Key {
            object: "mall_licence",
            id: licence.id.clone(),
            license_key: None,
            service_secret: None,
            issued: licence.issued.seconds(),
            ends: licence.ends.seconds(),
            expiry_date: datetime(licence.last_second()),
            counts: licence.counts(now),
            newest,
            functions: licence.functions.names(),
        }
    }
}

/// All of a shop, newest first, with what could be switched on.
#[derive(Debug, Serialize)]
pub struct Keys {
    object: &'static str,
    shop_url: String,
    data: Vec<Key>,
    functions: Vec<Function>,
}

/// A row of 利用機能一覧.
#[derive(Debug, Serialize)]
struct Function {
    name: String,
    description: &'static str,
    description_ja: &'static str,
    /// On the newest key.
    enabled: bool,
}

/// Which functions are on from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    functions: Vec<String>,
}

fn now_of(tx: &mut Tx<'_>, shop: ShopId) -> Result<Timestamp, ApiError> {
    Ok(clock::world_now(tx, shop, Environment::Sandbox)?)
}

/// `GET …/licences`.
pub async fn list(State(gateway): State<Gateway>, bearer: Bearer, at: Of) -> Result<Json<Keys>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    Ok(Json(gateway.store().read(move |tx| listed(tx, shop)).await?))
}

fn listed(tx: &mut Tx<'_>, shop: ShopId) -> Result<Keys, ApiError> {
    let place = rows::place(tx, shop)?.ok_or_else(|| refused(licence::Refused::NoShop))?;
    let (keys, now) = (rows::of_shop(tx, shop)?, now_of(tx, shop)?);
    let enabled = keys.first().map_or_else(Functions::none, |newest| newest.functions.clone()).names();
    let function = |listed: licence::Listed| {
        let [description_ja, description] = listed.description;
        let enabled = enabled.contains(&listed.name);
        Function { name: listed.name, description, description_ja, enabled }
    };
    Ok(Keys {
        object: "list",
        shop_url: place.url,
        data: keys.iter().enumerate().map(|(index, key)| Key::of(key, index == 0, now)).collect(),
        functions: licence::listed().into_iter().map(function).collect(),
    })
}

/// `POST …/licences`: a new key, with its value. The first one of a shop makes its serviceSecret.
pub async fn issue(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Key>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let body = whole(body)?;
    if !body.trim_ascii().is_empty() && body.trim_ascii() != b"{}" {
        return Err(ApiError::parameter("the body", "left out"));
    }
    let sent = request_key(shop, &headers, &format!("/api/shops/{shop}/mall/licences"), b"")?;
    let (vault, entropy, by) = (gateway.vault().clone(), gateway.shared_entropy(), by(&gateway, &bearer));
    let write = move |tx: &mut Tx<'_>| {
        let sealing = Sealing { vault: &vault, entropy: entropy.as_ref() };
        let id = match made_before(tx, sent.as_ref())? {
            Some(id) => id,
            None => {
                let made = licence::issue(tx, sealing, shop, &Functions::none(), &by).map_err(refused)?;
                claim(tx, sent.as_ref(), &made.licence.id)?;
                made.licence.id
            }
        };
        let shown = licence::shown_to_programs(tx, &vault, shop, Some(&id)).map_err(refused)?;
        with_values(tx, shop, &id, shown)
    };
    Ok(Json(gateway.store().write(write).await?))
}

/// `POST …/licences/{licence}/reveal`: a key and the serviceSecret with their values, which is audited.
pub async fn reveal(State(gateway): State<Gateway>, bearer: Bearer, at: OfTwo) -> Result<Json<Key>, ApiError> {
    let (shop, id) = parts(at)?;
    let shop = shop_of(&gateway, &bearer, &shop).await?;
    let (vault, by) = (gateway.vault().clone(), by(&gateway, &bearer));
    let write = move |tx: &mut Tx<'_>| {
        let shown = licence::reveal(tx, &vault, shop, Some(&id), &by).map_err(refused)?;
        with_values(tx, shop, &id, shown)
    };
    Ok(Json(gateway.store().write(write).await?))
}

fn with_values(tx: &mut Tx<'_>, shop: ShopId, id: &str, shown: licence::Shown) -> Result<Key, ApiError> {
    let now = now_of(tx, shop)?;
    let keys = rows::of_shop(tx, shop)?;
    let at = keys.iter().position(|key| key.id == id).ok_or_else(ApiError::server)?;
    let (license_key, service_secret) = (Some(shown.license_key), Some(shown.service_secret));
    Ok(Key { license_key, service_secret, ..Key::of(&keys[at], at == 0, now) })
}

/// `PUT …/functions`: exactly these are on from now on, on the newest key.
pub async fn switch(
    State(gateway): State<Gateway>,
    Extension(rms): Extension<Rms>,
    bearer: Bearer,
    at: Of,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Keys>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let Switch { functions } = object(&whole(body)?)?;
    let wanted = Functions::named(functions.iter().map(String::as_str));
    let wanted = wanted.map_err(|unknown| ApiError::parameter("functions", &format!("names that exist: {unknown}")))?;
    let by = by(&gateway, &bearer);
    let write = move |tx: &mut Tx<'_>| {
        licence::switch(tx, shop, (&wanted, rms.added_function()), &by).map_err(refused)?;
        listed(tx, shop)
    };
    Ok(Json(gateway.store().write(write).await?))
}
