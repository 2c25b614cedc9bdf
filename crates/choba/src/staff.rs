//! Accounts of a shop's staff, made and reset by the operator.

use kernel::ShopId;
use kernel::outside::sortable_hex;
use shop::Staff;
use shop::password::Passwords;
use shop::staff::{Email, rows};
use store::StoreError;
use store::audit::{self, NewEntry};

use crate::opened::Opened;
use crate::system::OsEntropy;

/// A password and who knows it.
#[derive(Clone)]
pub enum Password {
    /// Made here and printed: to be changed at the first login.
    OneTime(String),
    /// Chosen by whose it is.
    Own(String),
}

impl Password {
    fn text(&self) -> &str {
        match self {
            Password::OneTime(text) | Password::Own(text) => text,
        }
    }

    fn must_change(&self) -> bool {
        matches!(self, Password::OneTime(_))
    }
}

/// Makes an account; false if its address has one already. Blocks; call it outside of a runtime.
pub fn add(opened: &Opened, staff: &Staff, password: &Password) -> anyhow::Result<bool> {
    let (hash, audit_id) = (hash(password)?, audit_id(opened));
    let staff = Staff { must_change: password.must_change(), ..staff.clone() };
    let added = opened.store.write_blocking(move |tx| {
        if rows::find(tx, &staff.email)?.is_some() {
            return Ok(false);
        }
        let now = tx.machine_now();
        let entry = entry(staff.shop, &staff.id, &audit_id, now, "staff.add");
        tx.execute_all(&[rows::insert(&staff, &hash, now), audit::record(&entry)])?;
        Ok::<_, StoreError>(true)
    })?;
    Ok(added)
}

/// Gives an account another password, ends its sessions and its lock-out; false if there is none. Blocks.
pub fn reset(opened: &Opened, email: &Email, password: &Password) -> anyhow::Result<bool> {
    let (hash, audit_id) = (hash(password)?, audit_id(opened));
    let (email, must_change) = (email.clone(), password.must_change());
    let found = opened.store.write_blocking(move |tx| {
        let Some((staff, _)) = rows::find(tx, &email)? else { return Ok(false) };
        let now = tx.machine_now();
        shop::staff::login::unlock(tx, &email)?;
        let entry = entry(staff.shop, &staff.id, &audit_id, now, "staff.reset");
        tx.execute_all(&[
            rows::set_password(&staff.id, &hash, must_change, now),
            rows::end_sessions(&staff.id),
            audit::record(&entry),
        ])?;
        Ok::<_, StoreError>(true)
    })?;
    Ok(found)
}

fn hash(password: &Password) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    Ok(runtime.block_on(Passwords::default().hash(password.text().to_owned(), &OsEntropy)))
}

fn audit_id(opened: &Opened) -> String {
    sortable_hex(opened.clock.now(), &OsEntropy)
}

fn entry<'a>(shop: ShopId, object: &'a str, id: &'a str, at: kernel::Timestamp, action: &'a str) -> NewEntry<'a> {
    NewEntry { shop, id, at, actor: "operator", origin: "command line", action, object, fields: "{}" }
}
