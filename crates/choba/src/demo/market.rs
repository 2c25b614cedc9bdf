//! The demo shop on the marketplace: its place there, and a licence with every function.

use std::sync::Arc;

use mall::licence::{self, Functions, Sealing};
use mall::market::{MallShop, rows};
use shop::{By, Vault};
use store::{Store, StoreError};

use crate::system::OsEntropy;

/// The six digits of its orders.
const RMS_ID: u32 = 123_456;
/// 店舗URL.
const URL: &str = "choba-tea";

/// Opens it, unless some shop is there already.
pub fn open(store: &Store, vault: Arc<Vault>, shop: kernel::ShopId) -> anyhow::Result<()> {
    let by = By::new(store.machine_now(), &OsEntropy, super::ACTOR.into(), "demo".into());
    let opened = store.write_blocking::<_, StoreError, _>(move |tx| {
        if !rows::shops(tx)?.is_empty() {
            return Ok(Ok(()));
        }
        tx.execute_all(&[rows::insert_shop(&MallShop::new(shop, RMS_ID, URL))])?;
        let sealing = Sealing { vault: &vault, entropy: &OsEntropy };
        match licence::issue(tx, sealing, shop, &Functions::all(), &by) {
            Ok(_) => Ok(Ok(())),
            Err(licence::Refused::Store(error)) => Err(error),
            Err(refused) => Ok(Err(refused)),
        }
    })?;
    Ok(opened?)
}
