//! `/api/shops/{shop}/information`: 会社情報 and サイト情報; and `…/news-mail`: 最新のお知らせ.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use kernel::ShopId;
use pay::http::{object, whole};
use pay::mail::contact::{self, Address};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::information::rows::find;
use shop::information::{self, Information, checked_name};
use shop::{Scope, news_mail};
use store::{StoreError, Tx};

use super::{no_shop, operator};
use crate::api::clock::known_shop;
use crate::api::token::{Bearer, authorize};

/// What is known of a shop, as the wire shows it. A field that is not known is empty.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    shop: i64,
    name: String,
    contact_address: Option<String>,
    company_name: String,
    company_kana: String,
    representative: String,
    postal_code: String,
    address: String,
    phone: String,
    site_url: String,
    contact_phone: String,
    contact_hours: String,
}

/// The same, to be written: all of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    #[serde(default)]
    contact_address: Option<String>,
    #[serde(default)]
    company_name: String,
    #[serde(default)]
    company_kana: String,
    #[serde(default)]
    representative: String,
    #[serde(default)]
    postal_code: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    site_url: String,
    #[serde(default)]
    contact_phone: String,
    #[serde(default)]
    contact_hours: String,
}

impl New {
    fn checked(self) -> Result<(String, Option<Address>, Information), ApiError> {
        let name = checked_name(&self.name).map_err(|unfit| ApiError::parameter(unfit.field, unfit.expected))?;
        let expected = "a mail address such as shop@example.jp";
        let contact = self.contact_address.map(|text| text.parse::<Address>()).transpose();
        let contact = contact.map_err(|_| ApiError::parameter("contact_address", expected))?;
        let New { company_name, company_kana, representative, postal_code, address, phone, .. } = self;
        let (site_url, contact_phone, contact_hours) = (self.site_url, self.contact_phone, self.contact_hours);
        let information = Information {
            company_name,
            company_kana,
            representative,
            postal_code,
            address,
            phone,
            site_url,
            contact_phone,
            contact_hours,
        };
        let information = information.checked().map_err(|unfit| {
            unfit.first().map_or_else(ApiError::server, |unfit| ApiError::parameter(unfit.field, unfit.expected))
        })?;
        Ok((name, contact, information))
    }
}

type OfShop = Result<Path<i64>, PathRejection>;

async fn shown(gateway: &Gateway, shop: ShopId) -> Result<Json<Shown>, ApiError> {
    let read = move |tx: &mut Tx<'_>| {
        let contact = pay::mail::rows::settings(tx, shop)?.contact_address;
        Ok::<_, StoreError>(find(tx, shop)?.map(|known| (known, contact)))
    };
    let (known, contact) = gateway.store().read(read).await?.ok_or_else(no_shop)?;
    let Information { company_name, company_kana, representative, postal_code, address, .. } = known.information;
    let Information { phone, site_url, contact_phone, contact_hours, .. } = known.information;
    Ok(Json(Shown {
        object: "shop_information",
        shop: shop.0,
        name: known.name,
        contact_address: contact.map(|address| address.to_string()),
        company_name,
        company_kana,
        representative,
        postal_code,
        address,
        phone,
        site_url,
        contact_phone,
        contact_hours,
    }))
}

/// `GET …/information`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, shop: OfShop) -> Result<Json<Shown>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Settings, shop)?;
    shown(&gateway, shop).await
}

/// `PUT …/information`: doing it twice is doing it once.
pub async fn replace(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: OfShop,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let shop = known_shop(&gateway, shop).await?;
    let new: New = object(&whole(body)?)?;
    let (name, contact, information) = new.checked()?;
    let by = bearer.by(&gateway);
    let write = move |tx: &mut Tx<'_>| {
        contact::replace(tx, shop, contact.clone(), &by.further())?;
        information::replace(tx, shop, &name, &information, &by).map_err(ApiError::from)
    };
    gateway.store().write(write).await?;
    shown(&gateway, shop).await
}

/// 最新のお知らせ, as the wire shows it.
#[derive(Debug, Serialize)]
pub struct NewsMail {
    object: &'static str,
    shop: i64,
    wanted: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    wanted: bool,
}

/// `GET …/news-mail`.
pub async fn show_news_mail(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: OfShop,
) -> Result<Json<NewsMail>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Settings, shop)?;
    let wanted = gateway.store().read::<_, StoreError, _>(move |tx| news_mail::wanted(tx, shop)).await?;
    Ok(Json(NewsMail { object: "news_mail", shop: shop.0, wanted }))
}

/// `PUT …/news-mail`: doing it twice is doing it once.
pub async fn set_news_mail(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: OfShop,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<NewsMail>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Settings, shop)?;
    let Wish { wanted } = object(&whole(body)?)?;
    let by = bearer.by(&gateway);
    let write = move |tx: &mut Tx<'_>| news_mail::set(tx, shop, wanted, &by);
    gateway.store().write::<_, StoreError, _>(write).await?;
    Ok(Json(NewsMail { object: "news_mail", shop: shop.0, wanted }))
}
