//! Erasing a buyer's account: the operator's, because accounts are the same in every shop. What shops keep of the buyer's
//! charges is theirs to erase.

use serde_json::json;
use shop::{By, HOUSE};
use store::{StoreError, Tx};

use super::rows;
use crate::buyer;

/// Erases the account of a mail address with its saved cards, addresses and log-ins; false if there is none.
pub fn erase(tx: &mut Tx<'_>, email: &str, by: &By) -> Result<bool, StoreError> {
    let email = email.trim().to_ascii_lowercase();
    // PostgreSQL has no text with a zero in it, so no account has such an address.
    let found = if email.contains('\0') { None } else { buyer::rows::by_email(tx, &email)? };
    let Some((account, _)) = found else { return Ok(false) };
    rows::remove_account(tx, &account.id)?;
    tx.execute_all(&[by.record(HOUSE, tx.machine_now(), ("buyer.erase", &account.id), &json!({}))])?;
    Ok(true)
}
