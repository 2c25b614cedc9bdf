//! 最新のお知らせ: whether a shop is told new notices by mail (seed 000 "最新のお知らせ"). A setting of the Sandbox's pages; there
//! is one for each shop.

use kernel::ShopId;
use serde_json::json;
use store::{StoreError, Tx};

use crate::by::By;
use crate::rows;

/// Whether the shop wants them; no for a shop that is not there.
pub fn wanted(tx: &mut Tx<'_>, shop: ShopId) -> Result<bool, StoreError> {
    rows::news_mail(tx, shop)
}

/// Switches them on or off. Doing it twice is doing it once.
pub fn set(tx: &mut Tx<'_>, shop: ShopId, wanted: bool, by: &By) -> Result<(), StoreError> {
    let before = rows::news_mail(tx, shop)?;
    if before == wanted {
        return Ok(());
    }
    let fields = json!({ "news_mail": [before, wanted] });
    let entry = by.record(shop, tx.machine_now(), ("news_mail.change", &format!("shop {shop}")), &fields);
    tx.execute_all(&[rows::set_news_mail(shop, wanted), entry]).map(|_| ())
}
