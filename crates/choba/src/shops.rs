//! The first shop of an installation.

use kernel::{Entropy, ShopId};
use shop::{Shop, Vault, register};
use store::{Store, StoreError};

/// Name of the shop that a new installation begins with.
const FIRST_SHOP: &str = "お店";

/// Makes the first shop if there is none yet; the shop there is otherwise.
pub fn ensure_first(store: &Store, vault: &Vault, entropy: &dyn Entropy) -> Result<Shop, StoreError> {
    let shops = store.read_blocking(shop::rows::shops)?;
    if let Some(first) = shops.into_iter().next() {
        return Ok(first);
    }
    let shop = Shop { id: ShopId(1), name: FIRST_SHOP.to_owned(), receives_address: true };
    create(store, vault, entropy, shop.clone())?;
    Ok(shop)
}

/// Writes a new shop with random keys.
pub fn create(store: &Store, vault: &Vault, entropy: &dyn Entropy, shop: Shop) -> Result<(), StoreError> {
    let prepared = register::prepare(vault, entropy, shop, store.machine_now());
    // Another process that starts at the same time may have made it.
    store.write_blocking(move |tx| register::insert(tx, &prepared).map(|_| ()))
}
