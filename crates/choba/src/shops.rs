//! Making a shop: its service ids, and keys and webhook secrets for every environment.

use kernel::{Entropy, Environment, ServiceId, ShopId};
use shop::service::Services;
use shop::{Credential, CredentialKind, Shop, Vault};
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
    let number = |digits: u64| {
        let random = u64::from_be_bytes(kernel::outside::random_bytes(entropy)) % 1_000_000_000;
        ServiceId::new(digits * 1_000_000_000 + random).expect("ten digits")
    };
    // Sandbox service ids begin with 1 and live ones with 2, so that people see what a number belongs to.
    let services = Services { sandbox: number(1), live: number(2) };
    let now = store.machine_now();
    let statements: Vec<_> = Environment::ALL
        .into_iter()
        .flat_map(|environment| CredentialKind::ALL.map(|kind| (environment, kind)))
        .map(|(environment, kind)| Credential::generate(shop.id, environment, kind, now, entropy))
        .flat_map(|credential| shop::rows::insert_credential(vault, &credential, entropy))
        .collect();
    store.write_blocking(move |tx| {
        // Another process that starts at the same time may have made it.
        if shop::rows::shops(tx)?.iter().any(|known| known.id == shop.id) {
            return Ok(());
        }
        shop::rows::insert_shop(tx, &shop, services)?;
        for together in statements.chunks(8) {
            tx.execute_all(together)?;
        }
        Ok(())
    })
}
