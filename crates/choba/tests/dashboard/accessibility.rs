//! Every page of the register, by axe-core.

use testkit::browser::{Browser, Scheme};
use web::ui::Access;

use crate::addresses;
use crate::world::World;

/// Pages for whoever is not logged in, and those that say what is the matter.
const OUTSIDE: [&str; 2] = ["/login", "/demo/nowhere"];
const WIDTHS: [u32; 2] = [1_280, 390];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_accessible_in_both_languages_schemes_and_widths() {
    let world = World::start().await;
    let browser = Browser::start("ja").await;
    browser.with_axe().await;
    let mut barriers = Vec::new();
    for path in OUTSIDE {
        barriers.extend(look(&world, &browser, path).await);
    }
    world.log_in(&browser, crate::world::OWNER).await;
    let cookie = browser.cookie("choba-staff").await.expect("a session");
    let found = addresses::found(&world.app, &format!("choba-staff={cookie}"), &world.more()).await;
    for page in addresses::patterns(&world.app) {
        let without = page.access == Access::Everybody || found.get(page.path).is_some_and(|found| !found.is_empty());
        assert!(
            without || world.leads_on(page.path),
            "no link leads to {}: name an address of it in World::more",
            page.path
        );
    }
    for address in found.values().flatten() {
        barriers.extend(look(&world, &browser, address).await);
    }
    let all: usize = found.values().map(Vec::len).sum();
    println!("{} patterns, {all} addresses", found.len());
    drop(browser);
    world.finish().await;
    assert!(barriers.is_empty(), "{} barriers:\n{}", barriers.len(), barriers.join("\n"));
}

/// One address in every way it can look.
async fn look(world: &World, browser: &Browser, address: &str) -> Vec<String> {
    let mut barriers = Vec::new();
    for language in ["ja", "en"] {
        browser.set_cookie(&world.base, "choba-language", language).await;
        browser.open(&format!("{}{address}", world.base)).await;
        for width in WIDTHS {
            browser.resize(width, 900).await;
            for scheme in [Scheme::Light, Scheme::Dark] {
                browser.prefer(scheme).await;
                let way = format!("{address} ({language}, {width} px, {})", scheme.as_str());
                barriers.extend(browser.barriers(&way).await);
            }
        }
    }
    barriers
}
