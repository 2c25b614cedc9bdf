//! The desk by keyboard: the map, pages by letters, rows, the search, the palette; and where keys must not act.

use std::time::Duration;

use serde_json::Value;
use testkit::browser::{Browser, CONTROL, DOWN, ENTER, ESCAPE, Scheme, TAB};

use crate::world::{OWNER, PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_is_used_by_keyboard() {
    let world = World::start().await;
    let browser = world.browser("ja").await;
    browser.with_axe().await;
    map_and_pages(&world, &browser).await;
    rows_and_search(&world, &browser).await;
    fields_and_input_methods(&world, &browser).await;
    palette(&world, &browser).await;
    letters_can_be_switched_off(&world, &browser).await;
    a_morning_without_a_mouse(&world, &browser).await;
    drop(browser);
    world.finish().await;
}

async fn open(world: &World, browser: &Browser, path: &str) {
    browser.open(&format!("{}{path}", world.base)).await;
    browser.until("loaded", "return document.readyState === 'complete'").await;
}

async fn arrives(browser: &Browser, path: &str) {
    browser.until(path, &format!("return location.pathname + location.search === {path:?}")).await;
}

/// Presses two keys until they lead there: with a long pause between them, a busy browser takes them for two single ones.
async fn go(browser: &Browser, keys: &str, path: &str) {
    let there = format!("return location.pathname + location.search === {path:?}");
    for _ in 0..20 {
        browser.press(keys).await;
        for _ in 0..40 {
            if browser.script(&there).await == Value::Bool(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    arrives(browser, path).await;
}

async fn focus(browser: &Browser) -> String {
    let script = "const at = document.activeElement; return at.id || at.getAttribute('href') || at.tagName";
    browser.script(script).await.as_str().unwrap_or_default().to_owned()
}

async fn no_barriers(browser: &Browser, place: &str) {
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.prefer(scheme).await;
        let barriers = browser.barriers().await;
        assert!(barriers.is_empty(), "{place}: {}", barriers.join("\n"));
    }
}

async fn map_and_pages(world: &World, browser: &Browser) {
    open(world, browser, "/dashboard/live/images").await;
    browser.press("?").await;
    browser.find("dialog[open] .keymap").await;
    browser.sees("キーボード操作").await;
    no_barriers(browser, "the map in its dialog").await;
    browser.press(ESCAPE).await;
    // The dialog has an entry of its own in the history, which goes with it.
    let closed = "return !document.querySelector('dialog[open]') && !(history.state && history.state.sheet)";
    browser.until("closed", closed).await;
    go(browser, "gr", "/requests?environment=live").await;
    go(browser, "gm", "/mailbox?environment=live").await;
    go(browser, "gi", "/dashboard/live/images").await;
}

async fn rows_and_search(world: &World, browser: &Browser) {
    open(world, browser, "/requests").await;
    let links = "return [...document.querySelectorAll('.list tbody tr a')].map((link) => link.getAttribute('href'))";
    let links: Vec<String> = serde_json::from_value(browser.script(links).await).expect("links");
    browser.press("j").await;
    assert_eq!(focus(browser).await, links[0]);
    browser.press("jj").await;
    assert_eq!(focus(browser).await, links[2]);
    browser.press("k").await;
    assert_eq!(focus(browser).await, links[1]);
    browser.press("/").await;
    assert_eq!(focus(browser).await, "text", "the field of the search");
    browser.press(ESCAPE).await;
    browser.press("j").await;
    assert_eq!(focus(browser).await, links[2], "on from the row that was left");
    browser.press(ENTER).await;
    arrives(browser, &links[2]).await;
}

async fn fields_and_input_methods(world: &World, browser: &Browser) {
    open(world, browser, "/requests").await;
    browser.press("/").await;
    browser.press("gjk?/x").await;
    let typed = browser.script("return document.querySelector('#text').value").await;
    assert_eq!(typed, "gjk?/x");
    browser.press_with(CONTROL, "k").await;
    browser.find("dialog.palette[open]").await;
    browser.press(ESCAPE).await;
    browser.press(ESCAPE).await;
    // While an input method composes, keys are its own, wherever the focus is.
    let composing =
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true, isComposing: true }));
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', keyCode: 229, bubbles: true }));
        return document.activeElement === document.body";
    assert_eq!(browser.script(composing).await, true);
    // A key with Alt or Meta is the browser's.
    let with_alt =
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', altKey: true, bubbles: true }));
        return document.activeElement === document.body";
    assert_eq!(browser.script(with_alt).await, true);
}

/// What the palette offers now.
async fn offers(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('.palette [role=option]')].map((one) => one.textContent.replace(/\\s+/g, ' ').trim())";
    serde_json::from_value(browser.script(script).await).unwrap_or_default()
}

async fn palette(world: &World, browser: &Browser) {
    open(world, browser, "/dashboard/sandbox/images").await;
    browser.press_with(CONTROL, "k").await;
    browser.until("open", "return !!document.querySelector('.palette[open] [role=option]')").await;
    let all = offers(browser).await;
    assert!(all[0].contains("この画面の操作") && all[0].contains("タグを作成する"), "{all:?}");
    assert!(all.iter().any(|one| one.contains("リクエストログ")), "{all:?}");
    no_barriers(browser, "the palette").await;
    let named = "const input = document.querySelector('.palette input'); const at = document.getElementById(input.getAttribute('aria-activedescendant'));
        return document.activeElement === input && input.getAttribute('role') === 'combobox' && at.getAttribute('aria-selected') === 'true'";
    assert_eq!(browser.script(named).await, true, "who listens hears which one is chosen");

    let serial = world.open_order.split('-').next_back().expect("a serial").to_owned();
    browser.press(&serial).await;
    let only = "const all = document.querySelectorAll('.palette [role=option]'); return all.length === 1 && all[0].textContent.includes(arguments[0])";
    let only = only.replace("arguments[0]", &format!("{serial:?}"));
    browser.until("one order", &only).await;
    let offered = offers(browser).await;
    assert!(offered[0].contains(&world.open_order) && offered[0].contains("仮売上"), "{offered:?}");
    browser.press(ENTER).await;
    let path = format!("/dashboard/sandbox/orders/{}", world.open_order);
    browser.until("the order", &format!("return location.pathname === {path:?}")).await;

    open(world, browser, "/dashboard/sandbox/images").await;
    browser.press_with(CONTROL, "k").await;
    browser.until("open", "return !!document.querySelector('.palette[open] [role=option]')").await;
    browser.press(DOWN).await;
    browser.press(ENTER).await;
    arrives(browser, "/dashboard/sandbox").await;
}

async fn letters_can_be_switched_off(world: &World, browser: &Browser) {
    open(world, browser, "/dashboard/sandbox/keys").await;
    browser.click("[data-keys-switch] input").await;
    open(world, browser, "/requests").await;
    browser.press("j").await;
    assert_eq!(focus(browser).await, "BODY");
    browser.press_with(CONTROL, "k").await;
    browser.until("open", "return !!document.querySelector('.palette[open]')").await;
    browser.press(ESCAPE).await;
    open(world, browser, "/dashboard/sandbox/keys").await;
    assert_eq!(
        browser.script("return document.querySelector('[data-keys-switch] input').checked").await,
        Value::Bool(false)
    );
    browser.click("[data-keys-switch] input").await;
    open(world, browser, "/requests").await;
    browser.press("j").await;
    assert_ne!(focus(browser).await, "BODY");
}

/// Presses Tab until what has the focus is what a selector names, or says these words.
async fn tab_to(browser: &Browser, what: &str) {
    let script = format!(
        "const at = document.activeElement; const what = {what:?}; \
         return at.textContent.trim() === what || (/^[#.a-z]/.test(what) && at.matches(what))"
    );
    for _ in 0..60 {
        if browser.script(&script).await == Value::Bool(true) {
            return;
        }
        browser.press(TAB).await;
    }
    panic!("the focus never comes to {what:?} at {}", browser.url().await);
}

/// From the log-in to a captured order: the path of every morning, by keyboard alone.
async fn a_morning_without_a_mouse(world: &World, browser: &Browser) {
    browser.forget().await;
    open(world, browser, "/login").await;
    tab_to(browser, "#email").await;
    browser.press(OWNER).await;
    tab_to(browser, "#password").await;
    browser.press(PASSWORD).await;
    browser.press(ENTER).await;
    browser.until("logged in", "return !!document.querySelector('[data-go=o]')").await;
    go(browser, "go", "/dashboard/sandbox/orders").await;
    browser.find("tr[data-row]").await;
    browser.press("j").await;
    browser.press(ENTER).await;
    browser.until("the order", &format!("return location.pathname.endsWith({:?})", world.open_order)).await;
    tab_to(browser, "確定").await;
    browser.press(ENTER).await;
    browser.sees("この決済を確定します").await;
    tab_to(browser, "はい").await;
    browser.press(ENTER).await;
    let done = "return !document.querySelector('dialog[open]') && document.querySelector('h1 .badge, h1 + .badge, .badge').textContent === '実売上'";
    browser.until("captured", done).await;
    let charge = world.app.merchant().retrieve(&world.open_order).await.good();
    assert_eq!(charge["captured"], true);
    // What can be done now is among the commands; what cannot is not.
    browser.press_with(CONTROL, "k").await;
    browser.until("open", "return !!document.querySelector('.palette[open] [role=option]')").await;
    let all = offers(browser).await.join("\n");
    assert!(all.contains("金額変更") && all.contains("メール送信") && !all.contains("確定"), "{all}");
}
