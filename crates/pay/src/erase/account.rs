//! Erasing a buyer's account: the operator's, because accounts are the same in every shop. What shops keep of the buyer's
//! charges is theirs to erase.

use kernel::ShopId;
use store::audit::{self, NewEntry};
use store::{StoreError, Tx};

use super::rows;
use crate::buyer;
use crate::checkout::origin::By;

/// Audit rows of what belongs to no shop stand under shop 0, which is none.
const NO_SHOP: ShopId = ShopId(0);

/// Erases the account of a mail address with its saved cards, addresses and log-ins; false if there is none.
pub fn erase(tx: &mut Tx<'_>, email: &str, by: &By<'_>) -> Result<bool, StoreError> {
    let email = email.trim().to_ascii_lowercase();
    // PostgreSQL has no text with a zero in it, so no account has such an address.
    let found = if email.contains('\0') { None } else { buyer::rows::by_email(tx, &email)? };
    let Some((account, _)) = found else { return Ok(false) };
    rows::remove_account(tx, &account.id)?;
    let By { id, actor, origin } = *by;
    let (shop, at, action) = (NO_SHOP, tx.machine_now(), "buyer.erase");
    let entry = NewEntry { shop, id, at, actor, origin, action, object: &account.id, fields: "{}" };
    tx.execute_all(&[audit::record(&entry)])?;
    Ok(true)
}
