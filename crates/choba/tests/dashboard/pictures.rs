//! Pictures of every page, where `CHOBA_TEST_PICTURES` says: desktop, phone, dark. `cargo xtask shots` does this.

use std::collections::BTreeMap;
use std::path::Path;

use testkit::browser::{Browser, Scheme};

use crate::addresses;
use crate::world::{OWNER, World};

/// Name of the form, width, height of the window, scheme.
const FORMS: [(&str, u32, u32, Scheme); 3] =
    [("desktop", 1_280, 900, Scheme::Light), ("phone", 390, 844, Scheme::Light), ("dark", 1_280, 900, Scheme::Dark)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_every_page() {
    let Some(folder) = std::env::var_os("CHOBA_TEST_PICTURES") else { return };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).expect("a folder for pictures");
    let world = World::start().await;
    let browser = Browser::start("ja").await;
    shoot(&world, &browser, "/login", "login", folder).await;
    world.log_in(&browser, OWNER).await;
    let cookie = browser.cookie("choba-staff").await.expect("a session");
    let found = addresses::found(&world.app, &format!("choba-staff={cookie}"), &world.more()).await;
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for (pattern, address) in found.pages.iter().flat_map(|(pattern, all)| all.iter().map(move |one| (pattern, one))) {
        let stem = name(pattern, address);
        let number = named.entry(stem.clone()).or_default();
        *number += 1;
        let name = if *number > 1 { format!("{stem}-{number}") } else { stem };
        shoot(&world, &browser, address, &name, folder).await;
    }
    drop(browser);
    world.finish().await;
}

/// `dashboard-live-orders-id`.
fn name(pattern: &str, address: &str) -> String {
    let side = addresses::place(address).split('/').nth(2).filter(|_| pattern.contains("{side}")).unwrap_or("side");
    let plain = pattern.replace("{side}", side).replace(['{', '}'], "");
    let parts: Vec<&str> = plain.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "home".to_owned() } else { parts.join("-") }
}

async fn shoot(world: &World, browser: &Browser, address: &str, name: &str, folder: &Path) {
    browser.open(&format!("{}{address}", world.base)).await;
    for (form, width, height, scheme) in FORMS {
        browser.resize(width, height).await;
        browser.prefer(scheme).await;
        let picture = browser.picture().await;
        std::fs::write(folder.join(format!("{name}.{form}.png")), picture).expect("writing a picture");
    }
    if name.ends_with("orders-id") {
        // As wide as A4 with its margins; somebody who likes dark pages prints dark on white too.
        browser.resize(718, 1_016).await;
        browser.print(true).await;
        let picture = browser.picture().await;
        std::fs::write(folder.join(format!("{name}.paper.png")), picture).expect("writing a picture");
        browser.print(false).await;
    }
}
