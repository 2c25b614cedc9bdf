//! Opening a session: what the button sends is believed only with the shop's signature, and from a page of the shop.

use std::net::IpAddr;

use kernel::outside::random_hex;
use kernel::{Environment, Timestamp, Yen};
use shop::credential::{self, KeyHolder};
use shop::{CredentialKind, Vault};
use store::{ErrorKind, StoreError, Tx};

use super::origin::{self, Origin};
use super::signature::{self, Signed};
use super::state::Kept;
use super::{Checkout, SESSION_MICROS, Session, SessionId, button, rows};
use crate::charge::Items;
use crate::error::ApiError;

/// What the button sends.
#[derive(Clone, Debug)]
pub struct Opening {
    /// `data-key`.
    pub public_key: String,
    /// The items.
    pub items: Items,
    /// `data-cart-id`.
    pub cart_id: Option<String>,
    /// `data-sig`.
    pub signature: String,
    /// The page's origin, as the browser says.
    pub origin: String,
    /// The page's address, where the buyer goes back to when there is no window to close.
    pub return_url: Option<String>,
    /// Whether the page is one of this server, where the shop's staff try their buttons.
    pub on_our_page: bool,
}

impl Checkout {
    /// Opens a session for what the button sent from `address`.
    pub async fn open(&self, address: IpAddr, opening: Opening) -> Result<SessionId, ApiError> {
        self.count_session(address).map_err(ApiError::rate_limit)?;
        well_formed(&opening)?;
        let (vault, secret) = (self.gateway().vault().clone(), random_hex::<16>(self.gateway().entropy()));
        self.gateway()
            .store()
            .write(move |tx| {
                let holder = trusted(tx, &vault, &opening)?;
                let now = tx.machine_now();
                let session = session(&holder, &opening, secret.clone(), now);
                tx.execute_all(&[rows::insert(&session, now)])?;
                Ok(session.id)
            })
            .await
    }
}

/// What can be said without knowing the shop.
fn well_formed(opening: &Opening) -> Result<(), ApiError> {
    button::check_cart(&opening.public_key, &opening.items, opening.cart_id.as_deref())?;
    let return_url = opening.return_url.as_deref().unwrap_or_default();
    if return_url.len() > 2_000 || !return_url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::parameter("return_url", "an address of at most 2000 ASCII characters"));
    }
    Ok(())
}

fn signed(opening: &Opening) -> Signed<'_> {
    Signed { public_key: &opening.public_key, items: opening.items.list(), cart_id: opening.cart_id.as_deref() }
}

/// Whose button it is, if the signature is the shop's and the page is one of the shop's.
fn trusted(tx: &mut Tx<'_>, vault: &Vault, opening: &Opening) -> Result<KeyHolder, ApiError> {
    let holder = credential::find_holder(tx, vault, CredentialKind::PublicKey, &opening.public_key)?;
    let holder = holder.ok_or_else(|| ApiError::unauthenticated("The public key is unknown."))?;
    let keys = private_keys(tx, vault, &holder)?;
    if !signature::is_signed(&signed(opening), &opening.signature, keys.iter().map(String::as_str)) {
        return Err(ApiError::invalid("invalid_signature", "sig does not fit the key, the items and cart_id."));
    }
    let refused = |what: &str| {
        let message = format!("{what} is not of an origin that is registered for the key.");
        ApiError::forbidden("origin_not_registered", &message)
    };
    let origin: Origin = opening.origin.parse().map_err(|_| refused("Origin"))?;
    // Our own pages show only buttons that the shop's staff made, and only to try them, where no money moves.
    let is_tried = opening.on_our_page && holder.environment != Environment::Live;
    let mut is_known = |of: &Origin| -> Result<bool, StoreError> {
        Ok((is_tried && *of == origin) || origin::rows::is_registered(tx, holder.shop, holder.environment, of)?)
    };
    if !is_known(&origin)? {
        return Err(refused("Origin"));
    }
    let back = opening.return_url.as_deref().map(Origin::of_url).transpose().map_err(|_| refused("return_url"))?;
    if let Some(back) = back
        && !is_known(&back)?
    {
        return Err(refused("return_url"));
    }
    Ok(holder)
}

/// Every private key that counts now.
fn private_keys(tx: &mut Tx<'_>, vault: &Vault, holder: &KeyHolder) -> Result<Vec<String>, ApiError> {
    let now = tx.machine_now();
    let sealed = shop::rows::credentials_of(tx, holder.shop, holder.environment)?;
    let counts = sealed
        .into_iter()
        .filter(|sealed| sealed.kind == CredentialKind::PrivateKey && sealed.expires.is_none_or(|end| now < end));
    let open = |error: shop::vault::VaultError| StoreError::new(ErrorKind::Corrupt, error.to_string()).into();
    counts.map(|sealed| sealed.open(vault).map(|credential| credential.value).map_err(open)).collect()
}

fn session(holder: &KeyHolder, opening: &Opening, secret: String, now: Timestamp) -> Session {
    Session {
        id: SessionId { shop: holder.shop, environment: holder.environment, secret },
        kept: Kept::Open,
        items: opening.items.clone(),
        cart_id: opening.cart_id.clone(),
        origin: opening.origin.parse::<Origin>().ok().map(|origin| origin.to_string()),
        return_url: opening.return_url.clone(),
        buyer: None,
        card: None,
        code_card: None,
        point: Yen::ZERO,
        address: None,
        attempt: None,
        notice: None,
        expires: now.plus_micros(SESSION_MICROS),
    }
}
