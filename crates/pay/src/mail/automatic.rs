//! 自動メール: whether 確定, キャンセル and 金額変更 are told by mail.

use kernel::ShopId;
use serde_json::json;
use shop::By;
use store::{StoreError, Tx};

use super::{MailSettings, rows};

/// Switches them on or off; the rest of the mail settings stays. Doing it twice is doing it once.
pub fn set(tx: &mut Tx<'_>, shop: ShopId, automatic: bool, by: &By) -> Result<(), StoreError> {
    let before = rows::settings(tx, shop)?;
    if before.automatic == automatic {
        return Ok(());
    }
    let (object, fields) =
        (format!("mail settings of shop {shop}"), json!({ "automatic": [before.automatic, automatic] }));
    let entry = by.record(shop, tx.machine_now(), ("mail_settings.replace", &object), &fields);
    let after = MailSettings { automatic, ..before };
    tx.execute_all(&[rows::save_settings(shop, &after), entry]).map(|_| ())
}
