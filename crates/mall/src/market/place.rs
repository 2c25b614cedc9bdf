//! A shop opens its place on the mall: the six digits of its order numbers, and its 店舗URL. Both stay for good.

use kernel::ShopId;
use serde_json::json;
use shop::By;
use store::{StoreError, Tx};

use super::mall_shop::MallShop;
use super::rows;

/// Characters of a 店舗URL at the most.
pub const URL_MAX: usize = 64;

/// Why no place was opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not six digits that begin with another one than zero.
    #[error("The number of a shop on the marketplace has six digits.")]
    Number,
    /// Not lower-case letters, digits and hyphens.
    #[error("A shop's URL has up to {URL_MAX} lower-case letters, digits and hyphens.")]
    Url,
    /// Another shop has one of the two.
    #[error("Another shop has this number or this URL.")]
    Taken,
    /// The shop is there with others.
    #[error("A shop on the marketplace keeps its number and its URL.")]
    Stays,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a shop on the mall. Doing it twice is doing it once.
pub fn open(tx: &mut Tx<'_>, shop: ShopId, (rms_id, url): (u32, &str), by: &By) -> Result<MallShop, Refused> {
    if !(100_000..=999_999).contains(&rms_id) {
        return Err(Refused::Number);
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if url.is_empty() || url.len() > URL_MAX || !url.bytes().all(fits) {
        return Err(Refused::Url);
    }
    let all = rows::shops(tx)?;
    if let Some(there) = all.iter().find(|known| known.id == shop) {
        let is_same = (there.rms_id, there.url.as_str()) == (rms_id, url);
        return if is_same { Ok(there.clone()) } else { Err(Refused::Stays) };
    }
    if all.iter().any(|known| known.rms_id == rms_id || known.url == url) {
        return Err(Refused::Taken);
    }
    let place = MallShop::new(shop, rms_id, url);
    let fields = json!({ "rms_id": rms_id, "url": url });
    tx.execute_all(&[rows::insert_shop(&place), by.record(shop, tx.machine_now(), ("mall.open", url), &fields)])?;
    Ok(place)
}
