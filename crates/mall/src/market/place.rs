//! A shop opens its place on the mall: the six digits of its order numbers, and its 店舗URL, which both stay for good; and
//! how its cards are settled, which does not.

use kernel::ShopId;
use serde_json::json;
use shop::By;
use store::{StoreError, Tx};

use super::mall_shop::{MallShop, Model};
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

/// What is wanted of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The six digits of its order numbers.
    pub rms_id: u32,
    /// 店舗URL.
    pub url: String,
    /// How its cards are settled; none leaves it as it is, which is 楽天ペイ at first.
    pub model: Option<Model>,
}

/// Opens a shop on the mall, or moves the one that is there to another model. Doing it twice is doing it once.
pub fn open(tx: &mut Tx<'_>, shop: ShopId, wanted: &Wanted, by: &By) -> Result<MallShop, Refused> {
    let (rms_id, url) = (wanted.rms_id, wanted.url.as_str());
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
        let place = MallShop { model: wanted.model.unwrap_or(there.model), ..there.clone() };
        return match (is_same, place == *there) {
            (false, _) => Err(Refused::Stays),
            (true, true) => Ok(place),
            (true, false) => {
                move_to(tx, &place, by)?;
                Ok(place)
            }
        };
    }
    if all.iter().any(|known| known.rms_id == rms_id || known.url == url) {
        return Err(Refused::Taken);
    }
    let usual = MallShop::new(shop, rms_id, url);
    let place = MallShop { model: wanted.model.unwrap_or(usual.model), ..usual };
    let fields = json!({ "rms_id": rms_id, "url": url, "model": place.model.as_str() });
    tx.execute_all(&[rows::insert_shop(&place), by.record(shop, tx.machine_now(), ("mall.open", url), &fields)])?;
    Ok(place)
}

/// Saves the model of a shop's place: orders that are there stay what they are.
///
/// # Errors
///
/// A failure of the database.
pub fn move_to(tx: &mut Tx<'_>, place: &MallShop, by: &By) -> Result<(), StoreError> {
    let fields = json!({ "model": place.model.as_str() });
    let row = by.record(place.id, tx.machine_now(), ("mall.model", &place.url), &fields);
    tx.execute_all(&[rows::save_shop(place), row]).map(|_| ())
}
