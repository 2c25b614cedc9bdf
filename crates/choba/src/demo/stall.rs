//! The demo shop's buttons, signed with the shop's own sandbox key; the origins that they stand on; the ready-made buyer.

use std::net::SocketAddr;

use anyhow::Context as _;
use kernel::{Environment, ShopId};
use pay::buyer::account;
use pay::charge::Item;
use pay::checkout::origin::{self, Origin};
use pay::checkout::signature::{self, Signed};
use shop::CredentialKind;
use store::StoreError;
use web::checkout::demo::{Offer, Stall};

use crate::opened::Opened;
use crate::system::OsEntropy;
use crate::wiring::Wired;

/// What the demo shop sells.
pub fn stall(opened: &Opened) -> anyhow::Result<(ShopId, Stall)> {
    let vault = opened.vault()?;
    let sealed = opened.store.read_blocking(shop::rows::credentials)?;
    let newest = |kind: CredentialKind| {
        let of = sealed.iter().rfind(|sealed| sealed.environment == Environment::Sandbox && sealed.kind == kind);
        of.cloned().context("the shop has no sandbox key")?.open(&vault).map_err(anyhow::Error::from)
    };
    let (public_key, private_key) = (newest(CredentialKind::PublicKey)?, newest(CredentialKind::PrivateKey)?);
    let offer = |id: &str, name: &str, unit_price: i64, cart_id: &str| {
        let items = [Item { id: id.to_owned(), name: name.to_owned(), quantity: 1, unit_price }];
        let signed = Signed { public_key: &public_key.value, items: &items, cart_id: Some(cart_id) };
        let signature = signature::sign(&signed, &private_key.value);
        Offer { id: id.to_owned(), name: name.to_owned(), unit_price, cart_id: cart_id.to_owned(), signature }
    };
    let tea = offer("tea-01", "煎茶 100g", 1_080, "demo-cart-tea");
    let sweet = offer("sweet-01", "羊羹 詰め合わせ 6本", 3_240, "demo-cart-sweet");
    Ok((public_key.shop, Stall { public_key: public_key.value.clone(), tea, sweet }))
}

/// Registers where the demo shop's page may be opened, and makes the ready-made buyer.
pub async fn open(wired: &Wired, shop: ShopId, listening: SocketAddr) -> anyhow::Result<()> {
    let port = listening.port();
    let texts = [
        wired.gateway.base_url().to_owned(),
        format!("http://{listening}"),
        format!("http://localhost:{port}"),
        format!("http://127.0.0.1:{port}"),
    ];
    let origins: Vec<Origin> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    let register = move |tx: &mut store::Tx<'_>| {
        for origin in &origins {
            tx.execute_all(&[origin::rows::insert(shop, Environment::Sandbox, origin)])?;
        }
        Ok::<_, StoreError>(())
    };
    wired.gateway.store().write(register).await?;
    let ui = wired.ui();
    account::ensure_ready_made(wired.gateway.store(), &ui.door().passwords, &OsEntropy).await?;
    Ok(())
}
