//! Who sent a request: a serviceSecret and a licenseKey of the same shop, both known, the key not ended.

use kernel::{Environment, ShopId, Timestamp};
use shop::Vault;
use store::{StoreError, Tx, clock};

use super::{Credentials, Functions, Licence, NotEsa, rows};
use crate::wire::Operation;

/// A program that has proved whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Whose.
    pub shop: ShopId,
    /// Which key.
    pub licence: String,
    /// What it may use.
    pub functions: Functions,
    /// When the key ends.
    pub ends: Timestamp,
}

/// Why a request is not let in. The wire says the same to all of them; the reason is told beside it, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unauthorised {
    /// The header proves nothing.
    #[error(transparent)]
    Header(#[from] NotEsa),
    /// No shop has this key with this secret.
    #[error("serviceSecret or licenseKey is unknown")]
    Unknown,
    /// Its 90 days are over.
    #[error("the licenseKey ended at {0}")]
    Ended(String),
    /// The function is not switched on (利用機能編集).
    #[error("the function rpay.order.{} is not switched on", .0.name())]
    Function(Operation),
}

impl Holder {
    /// Whether it may use the operation.
    pub fn may(&self, operation: Operation) -> Result<(), Unauthorised> {
        if self.functions.has(operation) { Ok(()) } else { Err(Unauthorised::Function(operation)) }
    }
}

/// The shop whose secret and key these are; the outer error is the database's.
pub fn find_holder(
    tx: &mut Tx<'_>,
    vault: &Vault,
    credentials: &Credentials,
) -> Result<Result<Holder, Unauthorised>, StoreError> {
    let Some(rms_id) = shop_digits(&credentials.license_key) else { return Ok(Err(Unauthorised::Unknown)) };
    let secrets = vault.look_ups(&credentials.service_secret);
    for look_up in vault.look_ups(&credentials.license_key) {
        let Some((licence, secret)) = rows::find_by_look_up(tx, rms_id, &look_up)? else { continue };
        if !secrets.iter().any(|look_up| look_up[..] == secret[..]) {
            return Ok(Err(Unauthorised::Unknown));
        }
        let now = clock::world_now(tx, licence.shop, Environment::Sandbox)?;
        if !licence.counts(now) {
            return Ok(Err(Unauthorised::Ended(crate::wire::time::datetime(licence.last_second()))));
        }
        let (shop, functions, ends) = (licence.shop, licence.functions, licence.ends);
        return Ok(Ok(Holder { shop, licence: licence.id, functions, ends }));
    }
    Ok(Err(Unauthorised::Unknown))
}

/// The key of the shop with this value, whether it counts or not.
pub fn find_key(tx: &mut Tx<'_>, vault: &Vault, shop: ShopId, key: &str) -> Result<Option<Licence>, StoreError> {
    let Some(rms_id) = shop_digits(key) else { return Ok(None) };
    for look_up in vault.look_ups(key) {
        if let Some((licence, _)) = rows::find_by_look_up(tx, rms_id, &look_up)? {
            return Ok(Some(licence).filter(|licence| licence.shop == shop));
        }
    }
    Ok(None)
}

/// The six digits of `SL123456_…`; none if it does not look like a key.
fn shop_digits(key: &str) -> Option<i64> {
    let (digits, rest) = key.strip_prefix("SL")?.split_once('_')?;
    let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty();
    if fits { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_shop() {
        assert_eq!(shop_digits("SL000123_abc"), Some(123));
        for wrong in ["", "SL123_abc", "SP000123_abc", "SL000123", "SL000123_", "SL00012x_abc"] {
            assert_eq!(shop_digits(wrong), None, "{wrong}");
        }
    }
}
