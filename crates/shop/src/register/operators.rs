//! Who runs this server, and who owns a shop: accounts that the operator names.

use kernel::{Entropy, ShopId};
use serde_json::json;
use store::{StoreError, Tx};

use super::rows;
use crate::by::{By, HOUSE};
use crate::password::Passwords;
use crate::role::Duties;
use crate::staff::{self, Email, Staff};

/// Every operator, in the order of shop and address.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Staff>, StoreError> {
    let mut all = staff::rows::all(tx)?;
    all.retain(|staff| staff.duties.is_operator());
    Ok(all)
}

/// Why somebody stays what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No account has this address or name.
    #[error("There is no such account.")]
    NoAccount,
    /// Somebody has to run the server.
    #[error("The last operator stays one.")]
    Last,
    /// The address has an account already.
    #[error("The address has an account already.")]
    Taken,
}

/// Makes somebody with an account an operator; twice is once.
pub fn grant(tx: &mut Tx<'_>, email: &Email, by: &By) -> Result<Result<Staff, Refused>, StoreError> {
    let Some((found, _)) = staff::rows::find(tx, email)? else { return Ok(Err(Refused::NoAccount)) };
    let duties = Duties::of(found.duties.roles(), true);
    if found.duties != duties {
        change(tx, &found, true, by)?;
    }
    Ok(Ok(Staff { duties, ..found }))
}

/// Takes somebody's right to run this server away. The last one keeps it.
pub fn revoke(tx: &mut Tx<'_>, id: &str, by: &By) -> Result<Result<(), Refused>, StoreError> {
    // Two who take it from each other at once would leave nobody.
    tx.lock_out_writers("staff")?;
    let operators = all(tx)?;
    let Some(found) = operators.iter().find(|staff| staff.id == id) else { return Ok(Err(Refused::NoAccount)) };
    if operators.len() == 1 {
        return Ok(Err(Refused::Last));
    }
    change(tx, found, false, by)?;
    Ok(Ok(()))
}

fn change(tx: &mut Tx<'_>, staff: &Staff, operator: bool, by: &By) -> Result<(), StoreError> {
    let fields = json!({ "operator": [!operator, operator] });
    let entry = by.record(HOUSE, tx.machine_now(), ("operator.change", &staff.id), &fields);
    tx.execute_all(&[rows::set_operator(&staff.id, operator), entry]).map(|_| ())
}

/// An account of a shop's owner with a password for the first login; made before it is written, because a hash takes time.
#[derive(Clone)]
pub struct NewOwner {
    staff: Staff,
    hash: String,
}

impl NewOwner {
    /// The account and its one-time password, which is nowhere else.
    pub async fn make(shop: ShopId, email: Email, passwords: &Passwords, entropy: &dyn Entropy) -> (NewOwner, String) {
        let password = staff::random_password(entropy);
        let hash = passwords.hash(password.clone(), entropy).await;
        (NewOwner { staff: Staff::new(shop, email, true, entropy), hash }, password)
    }

    /// Writes it; the account.
    pub fn add(&self, tx: &mut Tx<'_>, by: &By) -> Result<Result<Staff, Refused>, StoreError> {
        let NewOwner { staff, hash } = self;
        if staff::rows::find(tx, &staff.email)?.is_some() {
            return Ok(Err(Refused::Taken));
        }
        let now = tx.machine_now();
        let entry = by.record(staff.shop, now, ("staff.add", &staff.id), &json!({ "roles": staff.duties.joined() }));
        tx.execute_all(&[staff::rows::insert(staff, hash, now), entry])?;
        Ok(Ok(staff.clone()))
    }
}
