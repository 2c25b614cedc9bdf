//! `/api/shops/{shop}/mail-settings`: how a shop's mails look, and whether the automatic ones are sent.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use kernel::ShopId;
use kernel::outside::sortable_hex;
use outbound::mail::Address;
use pay::mail::{MailSettings, rows};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::Scope;
use store::audit::{self, NewEntry};

use super::clock::known_shop;
use super::token::{Bearer, authorize};

/// Where it answers.
pub const PATH: &str = "/api/shops/{shop}/mail-settings";

/// The settings, as a program reads them.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    shop: i64,
    automatic: bool,
    contact_address: Option<String>,
    sender_name: Option<String>,
    opening: Option<String>,
}

impl Shown {
    fn of(shop: ShopId, settings: MailSettings) -> Json<Shown> {
        let MailSettings { automatic, contact_address, sender_name, opening } = settings;
        let contact_address = contact_address.map(|address| address.to_string());
        Json(Shown { object: "mail_settings", shop: shop.0, automatic, contact_address, sender_name, opening })
    }
}

/// The settings, as a program writes them: all of them. What is left out is the usual.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    automatic: bool,
    #[serde(default)]
    contact_address: Option<String>,
    #[serde(default)]
    sender_name: Option<String>,
    #[serde(default)]
    opening: Option<String>,
}

impl Body {
    fn checked(self) -> Result<MailSettings, ApiError> {
        let Body { automatic, contact_address, sender_name, opening } = self;
        let contact = contact_address.map(|text| text.parse::<Address>()).transpose();
        let contact_address =
            contact.map_err(|_| ApiError::parameter("contact_address", "a mail address such as shop@example.jp"))?;
        Ok(MailSettings { automatic, contact_address, sender_name, opening }.checked()?)
    }
}

/// `GET`: the settings.
pub async fn show(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
) -> Result<Json<Shown>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Mail, shop)?;
    let settings = gateway.store().read(move |tx| rows::settings(tx, shop).map_err(ApiError::from)).await?;
    Ok(Shown::of(shop, settings))
}

/// `PUT`: other settings. Doing it twice is doing it once, so there is no idempotency key.
pub async fn replace(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Mail, shop)?;
    let body: Body = pay::http::object(&pay::http::whole(body)?)?;
    let (settings, bearer) = (body.checked()?, bearer.clone());
    let id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
    let saved = settings.clone();
    let save = move |tx: &mut store::Tx<'_>| {
        let before = rows::settings(tx, shop)?;
        let entry = NewEntry {
            shop,
            id: &id,
            at: tx.machine_now(),
            actor: &format!("token:{}", bearer.token.id),
            origin: &bearer.origin,
            action: "mail_settings.replace",
            object: &format!("mail settings of shop {shop}"),
            fields: &changes(&before, &saved),
        };
        let statements = [rows::save_settings(shop, &saved), audit::record(&entry)];
        tx.execute_all(&statements).map_err(ApiError::from)
    };
    gateway.store().write(save).await?;
    Ok(Shown::of(shop, settings))
}

/// Which settings changed. An address is personal data: only that it changed is said.
fn changes(before: &MailSettings, after: &MailSettings) -> String {
    let changed = [
        ("contact_address", before.contact_address != after.contact_address),
        ("sender_name", before.sender_name != after.sender_name),
        ("opening", before.opening != after.opening),
    ];
    let changed: Vec<&str> = changed.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect();
    serde_json::json!({ "automatic": [before.automatic, after.automatic], "changed": changed }).to_string()
}
