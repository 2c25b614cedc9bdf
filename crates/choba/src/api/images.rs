//! The image library: pictures for a shop's site with their tags, and the tag of a payment button, signed here.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::Method;
use kernel::Environment;
use pay::charge::Item;
use pay::checkout::{button, security_code};
use pay::http::{Route, object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::Scope;
use store::Tx;
use web::images::library::{self, Picture};
use web::ui::Language;

use super::clock::known_shop;
use super::token::{Bearer, authorize};

/// Where the pictures are listed.
pub const IMAGES: &str = "/api/shops/{shop}/images";
/// Where buttons are signed.
pub const BUTTON: &str = "/api/shops/{shop}/{environment}/button";

/// The routes.
pub fn routes(gateway: &Gateway) -> [Route; 2] {
    [
        (Method::GET, IMAGES.to_owned(), get(show).with_state(gateway.clone())),
        (Method::POST, BUTTON.to_owned(), post(sign).with_state(gateway.clone())),
    ]
}

/// The pictures as the wire shows them.
#[derive(Debug, Serialize)]
pub struct Images {
    object: &'static str,
    shop: i64,
    acceptance_marks: Vec<Image>,
    service_logos: Vec<Image>,
}

#[derive(Debug, Serialize)]
struct Image {
    brands: Vec<&'static str>,
    url: String,
    alt: String,
    width: u32,
    height: u32,
    tag: String,
}

impl Image {
    fn of(picture: Picture, base_url: &str) -> Image {
        let (url, tag) = (format!("{base_url}{}", picture.path()), picture.tag(base_url));
        let Picture { alt, width, height, brands, .. } = picture;
        Image { brands: brands.into_iter().map(|brand| brand.as_str()).collect(), url, alt, width, height, tag }
    }
}

/// `GET …/images`: as on the page, only for shops whose registration for Live is complete.
pub async fn show(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
) -> Result<Json<Images>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Settings, shop)?;
    let read = move |tx: &mut Tx<'_>| {
        if shop::rows::live_since(tx, shop)?.is_none() {
            return Err(not_live());
        }
        Ok(security_code::approved_brands(&security_code::all(tx, shop)?))
    };
    let approved = gateway.store().read(read).await?;
    let shown =
        |pictures: Vec<Picture>| pictures.into_iter().map(|picture| Image::of(picture, gateway.base_url())).collect();
    Ok(Json(Images {
        object: "images",
        shop: shop.0,
        acceptance_marks: shown(library::acceptance_marks(&approved, Language::Ja)),
        service_logos: shown(library::service_logos(Language::Ja)),
    }))
}

/// 403: the pictures are for Live.
pub fn not_live() -> ApiError {
    ApiError::forbidden("live_not_registered", "The registration of the shop for Live is not complete.")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    items: Vec<Item>,
    #[serde(default)]
    cart_id: Option<String>,
    #[serde(default)]
    image: u8,
    #[serde(default)]
    callback: Option<String>,
}

/// A signed button as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Signed {
    object: &'static str,
    shop: i64,
    environment: &'static str,
    public_key: String,
    signature: String,
    total: i64,
    tag: String,
}

/// `POST …/button`: changes nothing, so asking twice is asking once. Whoever may sign may set prices, as with a private
/// key: so it takes the right to keys.
pub async fn sign(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Signed>, ApiError> {
    let Path((shop, environment)) = at.map_err(|_| ApiError::no_such_path())?;
    let missing = |what: &str| ApiError::missing_resource(&format!("There is no such {what}."));
    let shop = known_shop(&gateway, Ok(Path(shop.parse().map_err(|_| missing("shop"))?))).await?;
    let environment: Environment = environment.parse().map_err(|_| missing("environment"))?;
    authorize(&bearer, Scope::Keys, shop)?;
    let Body { items, cart_id, image, callback } = object(&whole(body)?)?;
    let wish = button::Wish { items, cart_id, image, callback }.checked()?;
    let vault = gateway.vault().clone();
    let sign = move |tx: &mut Tx<'_>| button::sign(tx, &vault, shop, environment, wish.clone());
    let button = gateway.store().read(sign).await?;
    Ok(Json(Signed {
        object: "button",
        shop: shop.0,
        environment: environment.as_str(),
        total: button.items.total().get(),
        tag: button.tag(gateway.base_url()),
        public_key: button.public_key,
        signature: button.signature,
    }))
}
