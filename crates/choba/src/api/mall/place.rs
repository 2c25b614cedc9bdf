//! A shop's place on the marketplace.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use mall::licence::Refused as NoShop;
use mall::market::place::{self, Refused};
use mall::market::{MallShop, Model, rows};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{Of, by, parts, refused, shop_of};
use crate::api::token::Bearer;

/// A place as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Place {
    object: &'static str,
    shop: i64,
    rms_id: u32,
    shop_url: String,
    model: &'static str,
}

impl Place {
    fn of(place: MallShop) -> Json<Place> {
        let model = place.model.as_str();
        Json(Place { object: "mall_place", shop: place.id.0, rms_id: place.rms_id, shop_url: place.url, model })
    }
}

/// What is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    rms_id: u32,
    shop_url: String,
    #[serde(default)]
    model: Option<String>,
}

/// `GET …/mall`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, at: Of) -> Result<Json<Place>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let found = gateway.store().read(move |tx: &mut Tx<'_>| rows::shop_of(tx, shop).map_err(ApiError::from)).await?;
    found.map(Place::of).ok_or_else(|| refused(NoShop::NoShop))
}

/// `PUT …/mall`: opens it, or moves it to another model; doing it twice is doing it once.
pub async fn open(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Place>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let Wanted { rms_id, shop_url, model } = object(&whole(body)?)?;
    let known = |word: String| Model::named(&word).ok_or_else(|| ApiError::parameter("model", "rpay or rcard"));
    let wanted = place::Wanted { rms_id, url: shop_url, model: model.map(known).transpose()? };
    let by = by(&gateway, &bearer);
    let write = move |tx: &mut Tx<'_>| place::open(tx, shop, &wanted, &by).map_err(unopened);
    Ok(Place::of(gateway.store().write(write).await?))
}

/// What opening a place refuses, over HTTP.
pub fn unopened(why: Refused) -> ApiError {
    match why {
        Refused::Store(error) => error.into(),
        Refused::Number | Refused::Url => ApiError::invalid("invalid_parameter", why.to_string()),
        Refused::Taken => ApiError::invalid("place_taken", why.to_string()),
        Refused::Stays => ApiError::invalid("place_stays", why.to_string()),
    }
}
