//! What is done with licences: issued and renewed, functions switched, values shown, their end noted. Each writes its audit
//! row in the same transaction; no value stands in one.

use std::fmt;

use kernel::outside::{random_bytes, random_hex};
use kernel::{Entropy, Environment, ShopId, Timestamp};
use serde_json::json;
use shop::{By, Vault};
use store::{StoreError, Tx, clock, timer};

use super::{Functions, Licence, ends, rows};

/// The timer of a key's end; its subject is the key's name.
pub const END_TIMER: &str = "mall.licence";
/// Characters of the part of a value that nobody can guess.
const SECRET_LENGTH: usize = 16;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What seals values.
#[derive(Clone, Copy)]
pub struct Sealing<'a> {
    /// The master keys.
    pub vault: &'a Vault,
    /// Where values come from.
    pub entropy: &'a dyn Entropy,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The shop is not on the mall.
    #[error("This shop is not on the marketplace.")]
    NoShop,
    /// No key was issued yet, or none with this name.
    #[error("There is no such licence key.")]
    NoSuch,
    /// The newest key ended: functions are switched after it was renewed.
    #[error("The newest licence key has ended; renew it first.")]
    Ended,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key that was made or shown, with its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// The key.
    pub licence: Licence,
    /// licenseKey.
    pub license_key: String,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Made({:?})", self.licence)
    }
}

/// Both values of a shop.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// 店舗URL.
    pub shop_url: String,
    /// serviceSecret.
    pub service_secret: String,
    /// The key that was asked for.
    pub license_key: String,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({})", self.shop_url)
    }
}

/// Issues a key, with the shop's first one its serviceSecret too. It takes over the functions of the key before it, which
/// counts on until its own end; the first one has `first` functions.
pub fn issue(tx: &mut Tx<'_>, sealing: Sealing<'_>, shop: ShopId, first: &Functions, by: &By) -> Result<Made, Refused> {
    let place = rows::hold_shop(tx, shop)?.ok_or(Refused::NoShop)?;
    let now = clock::world_now(tx, shop, Environment::Sandbox)?;
    if rows::service_secret(tx, shop)?.is_none() {
        let secret = value("SP", place.rms_id, sealing.entropy);
        tx.execute_all(&[rows::insert_secret(sealing, shop, &secret, now)])?;
    }
    let before = rows::newest(tx, shop)?;
    let (serial, functions) = match &before {
        Some(before) => (before.serial + 1, before.functions.clone()),
        None => (1, first.clone()),
    };
    let id = format!("lic_{}", random_hex::<8>(sealing.entropy));
    let licence = Licence { shop, id, serial, functions, issued: now, ends: ends(now) };
    let license_key = value("SL", place.rms_id, sealing.entropy);
    let action = if before.is_some() { "mall.licence.renew" } else { "mall.licence.issue" };
    let fields = json!({ "ends": licence.last_second().to_string(), "before": before.map(|before| before.id) });
    tx.execute_all(&[
        rows::insert(sealing, &licence, &license_key),
        timer::set(shop, Environment::Sandbox, END_TIMER, &licence.id, licence.ends),
        by.record(shop, tx.machine_now(), (action, &licence.id), &fields),
    ])?;
    Ok(Made { licence, license_key })
}

/// `SL123456_…`: what it is, the six digits of the shop's orders, and what nobody can guess.
fn value(kind: &str, rms_id: i64, entropy: &dyn Entropy) -> String {
    let mut text = format!("{kind}{rms_id:06}_");
    let whole = text.len() + SECRET_LENGTH;
    while text.len() < whole {
        // 248 is the largest multiple of 62 in a byte: bytes beyond it would favour the first letters.
        let [byte] = random_bytes::<1>(entropy);
        if byte < 248 {
            text.push(char::from(ALPHABET[usize::from(byte % 62)]));
        }
    }
    text
}

/// What a function that is switched on does to the end of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// Its days begin again.
    BeginsAgain,
    /// Nothing.
    KeepsEnd,
}

/// Switches functions of the newest key: exactly `wanted` are on from now on.
pub fn switch(
    tx: &mut Tx<'_>,
    shop: ShopId,
    (wanted, added): (&Functions, Added),
    by: &By,
) -> Result<Licence, Refused> {
    rows::hold_shop(tx, shop)?.ok_or(Refused::NoShop)?;
    let before = rows::newest(tx, shop)?.ok_or(Refused::NoSuch)?;
    let now = clock::world_now(tx, shop, Environment::Sandbox)?;
    if before.functions == *wanted {
        return Ok(before);
    }
    if !before.counts(now) {
        return Err(Refused::Ended);
    }
    let begins_again = added == Added::BeginsAgain && wanted.adds_to(&before.functions);
    let ends = if begins_again { ends(now).max(before.ends) } else { before.ends };
    let after = Licence { functions: wanted.clone(), ends, ..before.clone() };
    let fields = json!({
        "functions": [before.functions.names(), after.functions.names()],
        "ends": [before.last_second().to_string(), after.last_second().to_string()],
    });
    tx.execute_all(&[
        rows::save(&after),
        timer::set(shop, Environment::Sandbox, END_TIMER, &after.id, after.ends),
        by.record(shop, tx.machine_now(), ("mall.licence.functions", &after.id), &fields),
    ])?;
    Ok(after)
}

/// Shows serviceSecret and a key, the newest where none is named. Whoever asks must have the right to it; it is audited.
pub fn reveal(tx: &mut Tx<'_>, vault: &Vault, shop: ShopId, licence: Option<&str>, by: &By) -> Result<Shown, Refused> {
    let (shown, id) = opened(tx, vault, shop, licence)?;
    let entry = by.record(shop, tx.machine_now(), ("mall.licence.reveal", &id), &json!({}));
    tx.execute_all(&[entry])?;
    Ok(shown)
}

/// The same without an audit row: for who has just made the key, and for tests.
pub fn shown_to_programs(
    tx: &mut Tx<'_>,
    vault: &Vault,
    shop: ShopId,
    licence: Option<&str>,
) -> Result<Shown, Refused> {
    opened(tx, vault, shop, licence).map(|(shown, _)| shown)
}

fn opened(tx: &mut Tx<'_>, vault: &Vault, shop: ShopId, licence: Option<&str>) -> Result<(Shown, String), Refused> {
    let place = rows::place(tx, shop)?.ok_or(Refused::NoShop)?;
    let id = match licence {
        Some(id) => id.to_owned(),
        None => rows::newest(tx, shop)?.ok_or(Refused::NoSuch)?.id,
    };
    let key = rows::sealed_key(tx, shop, &id)?.ok_or(Refused::NoSuch)?;
    let secret = rows::service_secret(tx, shop)?.ok_or(Refused::NoSuch)?;
    let service_secret = rows::open(vault, &rows::secret_purpose(shop), &secret)?;
    let license_key = rows::open(vault, &rows::key_purpose(shop, &id), &key)?;
    Ok((Shown { shop_url: place.url, service_secret, license_key }, id))
}

/// A key's last second is over: the audit log tells of it, once. What it was moved to is looked at again then.
pub fn end_is_noted(tx: &mut Tx<'_>, shop: ShopId, licence: &str, now: Timestamp, by: &By) -> Result<(), StoreError> {
    let Some(found) = rows::find(tx, shop, licence)? else { return Ok(()) };
    if found.counts(now) {
        let again = timer::set(shop, Environment::Sandbox, END_TIMER, licence, found.ends);
        return tx.execute_all(&[again]).map(|_| ());
    }
    if rows::note_end(tx, shop, licence)? {
        let fields = json!({ "ended": found.last_second().to_string() });
        tx.execute_all(&[by.record(shop, tx.machine_now(), ("mall.licence.end", licence), &fields)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(61);
        }
    }

    #[test]
    fn values_have_the_form_of_the_service() {
        assert_eq!(value("SL", 123, &Counting), "SL000123_9999999999999999");
    }
}
