//! Every page of the register, by axe-core.

use std::collections::BTreeMap;

use choba::serve::ServeSettings;
use kernel::Environment;
use testkit::browser::{Browser, Scheme};
use testkit::{Engine, Setup, TestApp};
use web::checkout::demo::{self, Offer, Stall};
use web::ui::Access;
use web::ui::pages::Listed;

use crate::addresses;
use crate::world::World;

/// Says that there is no such page.
const NOWHERE: &str = "/demo/nowhere";
/// A language, a width in pixels, a scheme.
type Way = (&'static str, u32, Scheme);
const EVERY_WAY: [Way; 8] = [
    ("ja", 1_280, Scheme::Light),
    ("ja", 1_280, Scheme::Dark),
    ("ja", 390, Scheme::Light),
    ("ja", 390, Scheme::Dark),
    ("en", 1_280, Scheme::Light),
    ("en", 1_280, Scheme::Dark),
    ("en", 390, Scheme::Light),
    ("en", 390, Scheme::Dark),
];
const TWO_WAYS: [Way; 2] = [("ja", 390, Scheme::Light), ("en", 1_280, Scheme::Dark)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_accessible_in_both_languages_schemes_and_widths() {
    let world = World::start().await;
    let browser = Browser::start("ja").await;
    browser.with_axe().await;
    sees_barriers(&world, &browser).await;
    let mut barriers = Barriers::new();
    let patterns = addresses::patterns(&world.app);
    let outside = patterns.iter().filter(|page| page.access == Access::Everybody && !page.path.contains('{'));
    for path in outside.map(|page| page.path).chain([NOWHERE]) {
        look(&world.base, &browser, path, &EVERY_WAY, &mut barriers).await;
    }
    world.log_in(&browser, crate::world::OWNER).await;
    let cookie = browser.cookie("choba-staff").await.expect("a session");
    let found = addresses::found(&world.app, &format!("choba-staff={cookie}"), &world.more()).await;
    let is_found = |page: &&Listed| page.access == Access::Everybody || found.pages.contains_key(page.path);
    let missed: Vec<&str> = patterns.iter().filter(|page| !is_found(page)).map(|page| page.path).collect();
    assert!(missed.is_empty(), "no link leads to {missed:?}: name an address of each in World::more");
    for addresses in found.pages.values() {
        // The first one in every way; of the others, which differ little, two.
        for (address, number) in addresses.iter().zip(0..) {
            look(&world.base, &browser, address, if number == 0 { &EVERY_WAY } else { &TWO_WAYS }, &mut barriers).await;
        }
    }
    let all: usize = found.pages.values().map(Vec::len).sum();
    println!("{} patterns, {all} addresses", found.pages.len());
    drop(browser);
    world.finish().await;
    assert_none(&barriers);
}

fn assert_none(barriers: &Barriers) {
    let told =
        |(what, ways): (&String, &Vec<String>)| format!("{what}\n  at {} places, such as {}", ways.len(), ways[0]);
    let told: Vec<String> = barriers.iter().map(told).collect();
    assert!(told.is_empty(), "{} barriers:\n{}", told.len(), told.join("\n"));
}

/// What was found, and where: a page and the way it looked.
type Barriers = BTreeMap<String, Vec<String>>;

/// One address in these ways.
async fn look(base: &str, browser: &Browser, address: &str, ways: &[Way], barriers: &mut Barriers) {
    let mut open = "";
    for (language, width, scheme) in ways {
        if open != *language {
            browser.set_cookie(base, "choba-language", language).await;
            browser.open(&format!("{base}{address}")).await;
            open = language;
        }
        browser.resize(*width, 900).await;
        browser.prefer(*scheme).await;
        for barrier in browser.barriers().await {
            let way = format!("{address} ({language}, {width} px, {})", scheme.as_str());
            barriers.entry(barrier).or_default().push(way);
        }
    }
}

/// The demo shop stands beside the dashboard, with a button on each of its goods.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_shop_is_accessible() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let key = app.shop.public_key(Environment::Sandbox).to_owned();
    let offer = |id: &str, name: &str| Offer {
        id: id.to_owned(),
        name: name.to_owned(),
        unit_price: 1_080,
        cart_id: "cart".to_owned(),
        signature: "0".repeat(40),
    };
    let stall = Stall { public_key: key, tea: offer("tea-01", "煎茶 100g"), sweet: offer("sweet-01", "羊羹") };
    let limits = Setup::default().limits;
    let shop = app.wired.app_without_workers(limits).routes(demo::routes(&app.wired.ui(), stall));
    let running = shop.start(ServeSettings::local()).await.expect("a free port");
    let (base, browser) = (format!("http://{}", running.address()), Browser::start("ja").await);
    browser.with_axe().await;
    let mut barriers = Barriers::new();
    look(&base, &browser, demo::PATH, &EVERY_WAY, &mut barriers).await;
    drop(browser);
    running.stop().await;
    app.finish().await;
    assert_none(&barriers);
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
