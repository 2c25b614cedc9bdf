//! Rotating keys: a new one counts at once, the old one until a chosen time, so that a shop's servers can be moved over
//! one by one.

use kernel::time::MICROS_PER_SECOND;
use kernel::{Entropy, Environment, ShopId, Timestamp};
use serde_json::json;
use store::{StoreError, Tx};

use crate::by::By;
use crate::credential::{Credential, CredentialKind};
use crate::rows::{self, SealedCredential};
use crate::staff::rows::hold_shop;
use crate::vault::Vault;

/// How long an old key may count beside the new one; machine time.
pub const OVERLAP_MAX_MICROS: i64 = 90 * 86_400 * MICROS_PER_SECOND;

/// What is to be rotated.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Whose.
    pub shop: ShopId,
    /// Where it counts.
    pub environment: Environment,
    /// What it is for.
    pub kind: CredentialKind,
    /// How long the old one counts beside the new one, microseconds.
    pub overlap_micros: i64,
    /// The same request twice is one rotation: the id of the new key is made of this.
    pub key: String,
}

/// Why a key stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The old one would count for less than no time, or too long.
    #[error("The old key may count for at most 90 days more.")]
    Overlap,
    /// The shop has no key of this kind in this environment.
    #[error("There is no such key.")]
    NoSuch,
    /// It is the one that counts now: rotate it instead.
    #[error("The newest key cannot be ended; rotate it.")]
    Newest,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a new key, and sets the end of the one that counted until now. The id of the new one.
pub fn rotate(
    tx: &mut Tx<'_>,
    (vault, entropy): (&Vault, &dyn Entropy),
    rotation: &Rotation,
    by: &By,
) -> Result<String, Refused> {
    let Rotation { shop, environment, kind, overlap_micros, key } = rotation;
    if !(0..=OVERLAP_MAX_MICROS).contains(overlap_micros) {
        return Err(Refused::Overlap);
    }
    hold_shop(tx, *shop)?;
    let seed = format!("{shop}/{environment}/{}/{key}", kind.as_str());
    let id = format!("cred_{}", &kernel::id::hex(&crate::vault::mac(b"rotation", seed.as_bytes()))[..16]);
    if rows::find_credential(tx, *shop, *environment, &id)?.is_some() {
        return Ok(id);
    }
    let now = tx.machine_now();
    let old: Vec<SealedCredential> = rows::credentials_of(tx, *shop, *environment)?
        .into_iter()
        .filter(|old| old.kind == *kind && old.expires.is_none())
        .collect();
    if old.is_empty() {
        return Err(Refused::NoSuch);
    }
    let end = now.plus_micros(*overlap_micros);
    let new = Credential { id: id.clone(), ..Credential::generate(*shop, *environment, *kind, now, entropy) };
    let mut statements = rows::insert_credential(vault, &new, entropy);
    for old in &old {
        statements.extend(rows::end_credential(*shop, *environment, &old.id, end));
    }
    let fields = json!({
        "environment": environment.as_str(),
        "kind": kind.as_str(),
        "old": old.iter().map(|old| old.id.as_str()).collect::<Vec<_>>(),
        "old_until": end.to_string(),
    });
    statements.push(by.record(*shop, now, ("keys.rotate", &id), &fields));
    tx.execute_all(&statements)?;
    Ok(id)
}

/// Ends a key at once that was rotated away and would still count for a while.
pub fn end_now(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, id: &str, by: &By) -> Result<(), Refused> {
    hold_shop(tx, shop)?;
    let found = rows::find_credential(tx, shop, environment, id)?.ok_or(Refused::NoSuch)?;
    let now = tx.machine_now();
    match found.expires {
        None => Err(Refused::Newest),
        Some(end) if end <= now => Ok(()),
        Some(_) => {
            let fields = json!({ "environment": environment.as_str() });
            let mut statements = rows::end_credential(shop, environment, id, now).to_vec();
            statements.push(by.record(shop, now, ("keys.end", id), &fields));
            tx.execute_all(&statements)?;
            Ok(())
        }
    }
}

/// Shows the value of a key, which is audited: whoever asks must have the right to it.
pub fn reveal(
    tx: &mut Tx<'_>,
    vault: &Vault,
    (shop, environment, id): (ShopId, Environment, &str),
    by: &By,
) -> Result<Credential, Refused> {
    let found = rows::find_credential(tx, shop, environment, id)?.ok_or(Refused::NoSuch)?;
    let opened = found.open(vault).map_err(|error| StoreError::new(store::ErrorKind::Corrupt, error.to_string()))?;
    let fields = json!({ "environment": environment.as_str(), "kind": opened.kind.as_str() });
    let entry = by.record(shop, tx.machine_now(), ("keys.reveal", id), &fields);
    tx.execute_all(&[entry])?;
    Ok(opened)
}

/// Whether a key counts at `now`, machine time.
pub fn counts(expires: Option<Timestamp>, now: Timestamp) -> bool {
    expires.is_none_or(|end| now < end)
}
