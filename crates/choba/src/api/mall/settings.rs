//! 処理設定 of 受注・決済管理: how a shop's orders are confirmed.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use mall::market::setting::{self, Setting};
use mall::market::{MallShop, Undone, rows};
use mall::progress::Confirmation;
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{Of, by, parts, shop_of};
use crate::api::token::Bearer;

/// What is set, as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    /// `unset`, `manual` or `automatic`.
    confirmation: &'static str,
    trackable_mail: bool,
}

impl Shown {
    fn of(shop: &MallShop) -> Json<Shown> {
        let Setting { confirmation, trackable_mail } = Setting::of(shop);
        Json(Shown { object: "mall_settings", confirmation: confirmation.as_str(), trackable_mail })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    confirmation: String,
    trackable_mail: bool,
}

fn missing() -> ApiError {
    ApiError::missing_resource("This shop is not on the marketplace.")
}

/// `GET …/settings`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, at: Of) -> Result<Json<Shown>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let read = move |tx: &mut Tx<'_>| rows::shop_of(tx, shop).map_err(ApiError::from);
    gateway.store().read(read).await?.as_ref().map(Shown::of).ok_or_else(missing)
}

/// `PUT …/settings`: for orders that arrive from now on.
pub async fn replace(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let Wanted { confirmation, trackable_mail } = object(&whole(body)?)?;
    let confirmation = match confirmation.as_str() {
        "manual" => Confirmation::Manual,
        "automatic" => Confirmation::Automatic,
        _ => return Err(ApiError::parameter("confirmation", "manual or automatic")),
    };
    let (wanted, by) = (Setting { confirmation, trackable_mail }, by(&gateway, &bearer));
    let write = move |tx: &mut Tx<'_>| {
        setting::set(tx, shop, wanted, &by).map_err(|undone| match undone {
            Undone::Store(error) => error.into(),
            Undone::NoSuchShop | Undone::NoSuchOrder | Undone::Refused(_) => missing(),
        })
    };
    Ok(Shown::of(&gateway.store().write(write).await?))
}
