//! Who may call: 認証キー, 店舗URL and ユーザID, made when the shop switches over from R-Card Plus (seed 003).

use std::fmt;

use kernel::outside::random_hex;
use kernel::{Entropy, ShopId, Timestamp};
use serde_json::json;
use shop::{By, Vault};
use store::{ErrorKind, StoreError, Tx, clock};
use subtle::ConstantTimeEq as _;

use super::rows;
use super::rules::Rules;
use super::soap::call::Credentials;
use crate::market::rows as market;
use crate::market::{Model, WORLD};

/// Characters of a ユーザID at the most.
pub const USER_NAME_MAX: usize = 64;
/// Request ids have nine digits (contract 3).
pub const REQUEST_ID_BEFORE_FIRST: i64 = 100_000_000;

/// A shop that has switched over.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// Whose.
    pub shop: ShopId,
    /// ユーザID.
    pub user_name: String,
    /// 認証キー, sealed.
    pub sealed_key: Vec<u8>,
    /// When, world time.
    pub switched: Timestamp,
    /// The request id that was given out last.
    pub request_id: i64,
    /// How many requests were accepted.
    pub accepted: i64,
    /// Its numbers.
    pub rules: Rules,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({} of shop {})", self.user_name, self.shop)
    }
}

/// What the shop's program is given (カード決済API認証キー発行方法).
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// 店舗URL.
    pub shop_url: String,
    /// ユーザID.
    pub user_name: String,
    /// 認証キー.
    pub auth_key: String,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issued({} of {})", self.user_name, self.shop_url)
    }
}

/// Why a shop does not switch over, or its key is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not on the marketplace, or not on the old model.
    #[error("This shop is not on the old model of the marketplace.")]
    NotOldModel,
    /// It has switched over already.
    #[error("This shop has switched over already: R-Card Plus is gone.")]
    Switched,
    /// It has not switched over yet.
    #[error("This shop has not switched over yet.")]
    NotSwitched,
    /// So many orders are neither 未オーソリ nor 売上請求済.
    #[error("{0} orders are authorized through R-Card Plus: claim or cancel them first.")]
    OrdersInTheWay(i64),
    /// The ユーザID is empty, too long, or not of letters, digits and `_-.`.
    #[error("user_name: expected 1 to 64 letters, digits, or one of _ - .")]
    UserName,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a shop stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// 店舗URL.
    pub shop_url: String,
    /// Who may call, once it has switched over.
    pub access: Option<Access>,
    /// Orders that keep it from switching over.
    pub in_the_way: i64,
}

/// How `shop` stands; none if it is not on the old model.
pub fn place(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Place>, StoreError> {
    let Some(known) = market::shop_of(tx, shop)?.filter(|known| known.model == Model::Rcard) else { return Ok(None) };
    let access = rows::access(tx, shop)?;
    let in_the_way = if access.is_some() { 0 } else { rows::count_in_the_way(tx, shop)? };
    Ok(Some(Place { shop_url: known.url, access, in_the_way }))
}

/// Switches `shop` over: the API may be called from now on, and R-Card Plus is gone.
pub fn switch_over(
    tx: &mut Tx<'_>,
    (vault, entropy): (&Vault, &dyn Entropy),
    shop: ShopId,
    user_name: &str,
    by: &By,
) -> Result<Issued, Refused> {
    if !is_user_name(user_name) {
        return Err(Refused::UserName);
    }
    rows::hold(tx, shop)?;
    let place = place(tx, shop)?.ok_or(Refused::NotOldModel)?;
    if place.access.is_some() {
        return Err(Refused::Switched);
    }
    if place.in_the_way > 0 {
        return Err(Refused::OrdersInTheWay(place.in_the_way));
    }
    let auth_key = random_hex::<16>(entropy);
    let access = Access {
        shop,
        user_name: user_name.to_owned(),
        sealed_key: vault.seal(&purpose(shop), auth_key.as_bytes(), entropy),
        switched: clock::world_now(tx, shop, WORLD)?,
        request_id: REQUEST_ID_BEFORE_FIRST,
        accepted: 0,
        rules: Rules::USUAL,
    };
    let fields = json!({ "user_name": user_name });
    let record = by.record(shop, tx.machine_now(), ("mall.rcard.switch_over", user_name), &fields);
    tx.execute_all(&[rows::insert_access(&access), record])?;
    Ok(Issued { shop_url: place.shop_url, user_name: user_name.to_owned(), auth_key })
}

/// Shows the 認証キー again; who, and when, stands in the audit log.
pub fn reveal(tx: &mut Tx<'_>, vault: &Vault, shop: ShopId, by: &By) -> Result<Issued, Refused> {
    let place = place(tx, shop)?.ok_or(Refused::NotOldModel)?;
    let access = place.access.ok_or(Refused::NotSwitched)?;
    let auth_key = opened(vault, &access)?;
    let act = ("mall.rcard.reveal", access.user_name.as_str());
    tx.execute_all(&[by.record(shop, tx.machine_now(), act, &json!({}))])?;
    Ok(Issued { shop_url: place.shop_url, user_name: access.user_name, auth_key })
}

/// Who calls with these credentials, if anybody is known by them and their shop is on the old model.
pub fn caller(tx: &mut Tx<'_>, vault: &Vault, credentials: &Credentials) -> Result<Option<Access>, StoreError> {
    let shop = market::shop_of_url(tx, &credentials.shop_url)?.filter(|shop| shop.model == Model::Rcard);
    let Some(shop) = shop else { return Ok(None) };
    let Some(access) = rows::access(tx, shop.id)? else { return Ok(None) };
    let key = opened(vault, &access)?;
    let fits = bool::from(key.as_bytes().ct_eq(credentials.auth_key.as_bytes()));
    Ok((fits && access.user_name == credentials.user_name).then_some(access))
}

/// Seals every 認証キー under the newest master key; how many there were.
pub fn reseal(tx: &mut Tx<'_>, vault: &Vault, entropy: &dyn Entropy) -> Result<usize, StoreError> {
    let all = rows::all_access(tx)?;
    for access in &all {
        let key = opened(vault, access)?;
        let sealed = vault.seal(&purpose(access.shop), key.as_bytes(), entropy);
        tx.execute_all(&[rows::reseal(access.shop, sealed)])?;
    }
    Ok(all.len())
}

fn opened(vault: &Vault, access: &Access) -> Result<String, StoreError> {
    let corrupt = |why: String| StoreError::new(ErrorKind::Corrupt, why);
    let key = vault.open(&purpose(access.shop), &access.sealed_key).map_err(|error| corrupt(error.to_string()))?;
    String::from_utf8(key).map_err(|_| corrupt("a key of the R-Card API is not UTF-8".to_owned()))
}

/// What a sealed key is bound to.
fn purpose(shop: ShopId) -> String {
    format!("rcard_access/{shop}")
}

fn is_user_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=USER_NAME_MAX).contains(&name.len()) && name.bytes().all(letter)
}
