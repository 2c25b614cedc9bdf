//! Every page of the register, by axe-core.

use std::collections::BTreeMap;

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
    sees_barriers(&world, &browser).await;
    let mut barriers = Barriers::new();
    for path in OUTSIDE {
        look(&world, &browser, path, &mut barriers).await;
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
        look(&world, &browser, address, &mut barriers).await;
    }
    let all: usize = found.values().map(Vec::len).sum();
    println!("{} patterns, {all} addresses", found.len());
    drop(browser);
    world.finish().await;
    let told =
        |(what, ways): (&String, &Vec<String>)| format!("{what}\n  at {} places, such as {}", ways.len(), ways[0]);
    let told: Vec<String> = barriers.iter().map(told).collect();
    assert!(told.is_empty(), "{} barriers:\n{}", told.len(), told.join("\n"));
}

/// What was found, and where: a page and the way it looked.
type Barriers = BTreeMap<String, Vec<String>>;

/// One address in every way it can look.
async fn look(world: &World, browser: &Browser, address: &str, barriers: &mut Barriers) {
    for language in ["ja", "en"] {
        browser.set_cookie(&world.base, "choba-language", language).await;
        browser.open(&format!("{}{address}", world.base)).await;
        for width in WIDTHS {
            browser.resize(width, 900).await;
            for scheme in [Scheme::Light, Scheme::Dark] {
                browser.prefer(scheme).await;
                let way = format!("{address} ({language}, {width} px, {})", scheme.as_str());
                for barrier in browser.barriers().await {
                    barriers.entry(barrier).or_default().push(way.clone());
                }
            }
        }
    }
}

/// The check itself: a page with three faults has three.
async fn sees_barriers(world: &World, browser: &Browser) {
    browser.open(&format!("{}/login", world.base)).await;
    let faults = "const add = (html) => document.querySelector('main').insertAdjacentHTML('beforeend', html);
        add('<img src=\"/favicon.ico\">'); add('<p id=\"pale\">淡い</p>'); add('<div id=\"broad\">広い</div>');
        document.querySelector('#pale').style.color = '#ddd'; document.querySelector('#broad').style.width = '3000px'";
    browser.script(faults).await;
    let told = browser.barriers().await.join("\n");
    for fault in ["(image-alt)", "(color-contrast)", "wider than the window"] {
        assert!(told.contains(fault), "{fault} is not seen: {told}");
    }
}
