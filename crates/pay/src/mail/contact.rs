//! 問い合わせ先: the one address of a shop for questions. It stands in its mails and in 店舗情報, and nowhere twice.

use kernel::ShopId;
use serde_json::json;
use shop::By;
use store::{StoreError, Tx};

use super::MailSettings;
use super::rows;

pub use outbound::mail::Address;

/// Gives a shop another address for questions, or none; the rest of its mail settings stays. Doing it twice is doing it once.
pub fn replace(tx: &mut Tx<'_>, shop: ShopId, contact: Option<Address>, by: &By) -> Result<(), StoreError> {
    let before = rows::settings(tx, shop)?;
    if before.contact_address == contact {
        return Ok(());
    }
    let after = MailSettings { contact_address: contact, ..before };
    let object = format!("mail settings of shop {shop}");
    // An address is personal data: only that it changed is said.
    let fields = json!({ "changed": ["contact_address"] });
    let entry = by.record(shop, tx.machine_now(), ("mail_settings.replace", &object), &fields);
    tx.execute_all(&[rows::save_settings(shop, &after), entry]).map(|_| ())
}
