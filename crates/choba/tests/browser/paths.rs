//! The paths. Each says how many charges come of it.

use std::time::Duration;

use serde_json::Value;
use testkit::Behaviour;
use testkit::browser::{ENTER, SPACE, TAB};

use crate::desk::{Desk, LIMIT, VISA};

const NO_MONEY: &str = "4111110000000013";
const ACTS: &str = "5555550000000010";

pub async fn happy(desk: &mut Desk) -> usize {
    let (shop, _) = desk.up_to_confirm(1_080, VISA).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shot("done").await;
    desk.browser.click("#close").await;
    desk.shop_is_told(&shop).await;
    1
}

pub async fn english(desk: &mut Desk) -> usize {
    let mut second = desk.button(500);
    second.cart_id = Some("cart-2".into());
    let second = second.signed(&desk.app.merchant().private_key);
    let url = desk.shop.shows(&desk.ours, "en", &[desk.button(1_080), second], "");
    desk.browser.open(&url).await;
    desk.browser.find("button.checkout-lite[aria-label='Pay at the counter']").await;
    let count = desk.browser.script("return document.querySelectorAll('button.checkout-lite svg').length").await;
    assert_eq!(count, 2, "each tag is a button");
    let known = desk.browser.windows().await;
    desk.browser.click("button.checkout-lite ~ button.checkout-lite").await;
    desk.browser.to_new_window(&known).await;
    desk.browser.click("button[name='language']").await;
    desk.browser.sees("Create an account").await;
    desk.browser.sees("¥500").await;
    desk.sign_up().await;
    desk.add_card(VISA).await;
    desk.browser.sees("Your points").await;
    desk.browser.click("button[name='language']").await;
    0
}

pub async fn keyboard(desk: &mut Desk) -> usize {
    desk.shop_page(1_080).await;
    let known = desk.browser.windows().await;
    desk.browser.find("button.checkout-lite").await;
    desk.browser.press(&format!("{TAB}{ENTER}")).await;
    desk.browser.to_new_window(&known).await;
    desk.browser.find("#password").await;
    focus_and_press(desk, "a[href$='/signup']", ENTER).await;
    for text in ["keyboard@example.com", "choba-choba", "楽天", "太郎", "ラクテン", "タロウ"] {
        tab_to_input(desk).await;
        desk.browser.press(text).await;
    }
    desk.browser.press(ENTER).await;
    desk.browser.find("#number").await;
    for text in [VISA, "12/30", "123", "TARO"] {
        tab_to_input(desk).await;
        desk.browser.press(text).await;
    }
    desk.browser.press(ENTER).await;
    desk.browser.find("#points").await;
    focus_and_press(desk, "main form button.wide", SPACE).await;
    desk.browser.find("#tel").await;
    let fields = ["", "", "", "", "1580094", "東京都", "世田谷区", "玉川1-14-1", "0312345678"];
    for text in fields {
        tab_to_input(desk).await;
        if !text.is_empty() {
            desk.browser.press(text).await;
        }
    }
    desk.browser.press(ENTER).await;
    desk.browser.find("#pay").await;
    focus_and_press(desk, "#pay", ENTER).await;
    desk.browser.sees("お支払いが完了しました").await;
    1
}

/// Presses Tab until a field has the focus that can be typed into.
async fn tab_to_input(desk: &Desk) {
    for _ in 0..20 {
        desk.browser.press(TAB).await;
        let at =
            desk.browser.script("return document.activeElement.matches('main input:not([type=hidden]), main select')");
        if at.await == Value::Bool(true) {
            return;
        }
    }
    panic!("no field can be reached with Tab at {}", desk.browser.url().await);
}

/// Presses Tab until `css` has the focus, then the key.
async fn focus_and_press(desk: &Desk, css: &str, key: &str) {
    for _ in 0..30 {
        desk.browser.press(TAB).await;
        if desk.browser.script(&format!("return document.activeElement.matches(\"{css}\")")).await == Value::Bool(true)
        {
            let ring = desk.browser.script("return getComputedStyle(document.activeElement).outlineStyle").await;
            assert_ne!(ring, "none", "the focus is seen on {css}");
            desk.browser.press(key).await;
            return;
        }
    }
    panic!("{css} cannot be reached with Tab at {}", desk.browser.url().await);
}

pub async fn phone(desk: &mut Desk) -> usize {
    desk.shop_page(1_080).await;
    desk.press_button().await;
    desk.browser.resize(390, 844).await;
    desk.browser.find("#password").await;
    fits(desk).await;
    desk.sign_up().await;
    desk.browser.find("#number").await;
    fits(desk).await;
    desk.add_card(VISA).await;
    desk.browser.find("#points").await;
    fits(desk).await;
    desk.browser.click("main form button.wide").await;
    desk.browser.find("#tel").await;
    fits(desk).await;
    desk.add_address().await;
    desk.browser.find("#pay").await;
    fits(desk).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    fits(desk).await;
    1
}

/// Nothing is wider than a phone, and what is pressed is large enough for a finger.
async fn fits(desk: &Desk) {
    desk.browser.resize(390, 844).await;
    let wide = desk.browser.script("return document.documentElement.scrollWidth").await;
    assert!(wide.as_i64().is_some_and(|wide| wide <= 390), "{wide} at {}", desk.browser.url().await);
    let small = "return [...document.querySelectorAll('main button, main .button')].filter(b => b.offsetHeight > 0 && b.offsetHeight < 36).length";
    assert_eq!(desk.browser.script(small).await, 0);
}

pub async fn blocked(desk: &mut Desk) -> usize {
    let url = desk.shop.shows(&desk.ours, "ja", &[desk.button(1_080)], "window.open = () => null;");
    desk.browser.open(&url).await;
    desk.browser.click("button.checkout-lite").await;
    desk.browser.find("#password").await;
    desk.sign_up().await;
    desk.add_card(VISA).await;
    desk.browser.find("#points").await;
    desk.browser.click("main form button.wide").await;
    desk.add_address().await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.browser.click("#go").await;
    let window = desk.browser.windows().await.remove(0);
    desk.shop_is_told(&window).await;
    assert!(!desk.browser.url().await.contains('#'), "the address is the shop's own again");
    1
}

pub async fn double_click(desk: &mut Desk) -> usize {
    let (shop, _) = desk.up_to_confirm(1_080, VISA).await;
    desk.browser
        .script("const pay = document.getElementById('pay'); pay.click(); pay.click(); pay.form.requestSubmit();")
        .await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shop_is_told(&shop).await;
    1
}

pub async fn back_and_reload(desk: &mut Desk) -> usize {
    desk.up_to_confirm(1_080, VISA).await;
    desk.browser.back().await;
    desk.browser.find("#tel").await;
    desk.browser.reload().await;
    desk.browser.find("input[name='address']").await;
    desk.browser.click("main form button.wide").await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.browser.reload().await;
    desk.browser.sees("お支払いが完了しました").await;
    for _ in 0..3 {
        desk.browser.back().await;
        desk.browser.sees("お支払いが完了しました").await;
    }
    1
}

pub async fn closed_window(desk: &mut Desk) -> usize {
    let webhooks = desk.app.webhooks().await;
    let asked = webhooks.add(&desk.receiver.url(), &["charge.check"]).await;
    let (shop, _) = desk.up_to_confirm(1_080, VISA).await;
    desk.receiver.forget();
    // The click has arrived, since the shop is asked; the window closes whether the answer came or not.
    desk.browser.script("document.getElementById('pay').form.requestSubmit();").await;
    while desk.receiver.received().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    desk.browser.close_window().await;
    desk.shop_is_told(&shop).await;
    webhooks.send("DELETE", &format!("/webhooks/{asked}"), "").await.good();
    let (shop, _) = desk.press_button().await;
    desk.browser.close_window().await;
    desk.browser.to_window(&shop).await;
    1
}

pub async fn second_click(desk: &mut Desk) -> usize {
    desk.shop_page(1_080).await;
    let before = desk.sessions().await;
    let (shop, checkout) = desk.press_button().await;
    desk.browser.find("#password").await;
    let windows = desk.browser.windows().await;
    desk.browser.to_window(&shop).await;
    // Longer than anybody clicks twice by a slip.
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    desk.browser.click("button.checkout-lite").await;
    // A page that is loaded again finds the window by its name.
    desk.browser.reload().await;
    desk.browser.click("button.checkout-lite").await;
    assert_eq!(desk.browser.windows().await, windows);
    desk.browser.to_window(&checkout).await;
    desk.go_through_pages(VISA).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shop_is_told(&shop).await;
    assert_eq!(desk.sessions().await, before + 1);
    1
}

pub async fn reloaded(desk: &mut Desk) -> usize {
    let (shop, checkout) = desk.up_to_confirm(1_080, VISA).await;
    desk.browser.to_window(&shop).await;
    desk.browser.reload().await;
    desk.browser.to_window(&checkout).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shop_is_told(&shop).await;
    desk.browser.reload().await;
    desk.browser.find("button.checkout-lite").await;
    let told = desk.browser.script("return window.told.length + Object.keys(sessionStorage).length").await;
    assert_eq!(told, 0, "what the shop was told once is not kept");
    1
}

pub async fn closed_while_asked(desk: &mut Desk) -> usize {
    desk.receiver.always(Behaviour::Hang);
    let before = desk.sessions().await;
    let (shop, _) = desk.up_to_confirm(1_080, VISA).await;
    desk.browser.script("document.getElementById('pay').form.requestSubmit();").await;
    desk.browser.close_window().await;
    desk.browser.to_window(&shop).await;
    // Back to the same session, whose shop has not answered yet.
    desk.press_button().await;
    desk.browser.sees("ショップからの応答がなかった").await;
    desk.receiver.always(Behaviour::Status(200));
    desk.browser.fill("#security_code", "123").await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shop_is_told(&shop).await;
    assert_eq!(desk.sessions().await, before + 1);
    1
}

pub async fn left(desk: &mut Desk) -> usize {
    let (shop, checkout) = desk.up_to_confirm(1_080, VISA).await;
    let before = desk.sessions().await;
    desk.browser.click("form[action$='/leave'] button").await;
    desk.browser.find("#outcome").await;
    desk.browser.to_window(&shop).await;
    // Nothing was paid: a click begins anew, in the window that is there.
    desk.browser.until("the visit is over", "return sessionStorage.length === 0").await;
    desk.browser.click("button.checkout-lite").await;
    desk.browser.to_window(&checkout).await;
    desk.browser.find("#number, input[name='card']").await;
    assert_eq!(desk.sessions().await, before + 1);
    0
}

pub async fn refused_card(desk: &mut Desk) -> usize {
    let (shop, _) = desk.up_to_confirm(1_080, NO_MONEY).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("ご利用可能額が足りない").await;
    desk.browser.sees("1,080円").await;
    desk.shot("refused").await;
    desk.browser.find("input[name='card']").await;
    desk.shot("cards").await;
    desk.add_card(VISA).await;
    desk.browser.find("#points").await;
    desk.browser.click("main form button.wide").await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shop_is_told(&shop).await;
    1
}

async fn act(desk: &mut Desk, outcome: &str) -> String {
    let (shop, _) = desk.up_to_confirm(1_080, ACTS).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("本人認証が必要です").await;
    desk.shot("acting").await;
    desk.browser.click("#go").await;
    desk.browser.sees("シミュレーター").await;
    desk.shot("simulator").await;
    desk.browser.click(&format!("button[value='{outcome}']")).await;
    shop
}

pub async fn three_ds_passes(desk: &mut Desk) -> usize {
    let shop = act(desk, "passed").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shop_is_told(&shop).await;
    1
}

pub async fn three_ds_fails(desk: &mut Desk) -> usize {
    act(desk, "failed").await;
    desk.browser.sees("本人認証に失敗した").await;
    0
}

pub async fn three_ds_abandoned(desk: &mut Desk) -> usize {
    act(desk, "abandoned").await;
    desk.browser.sees("本人認証が完了しなかった").await;
    desk.browser.find("#number").await;
    0
}

pub async fn points(desk: &mut Desk) -> usize {
    desk.up_to_confirm(1_080, VISA).await;
    desk.browser.click("a[href$='/points']").await;
    desk.browser.click("input[value='all']").await;
    desk.browser.click("main form button.wide").await;
    desk.browser.sees("1,080ポイント").await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    let newest = desk.app.merchant().get("/charges?limit=1").await.good();
    assert_eq!(newest["data"][0]["point"], 1_080);
    1
}

pub async fn saved(desk: &mut Desk) -> usize {
    let (shop, _) = desk.up_to_confirm(1_080, VISA).await;
    desk.browser.click("#pay").await;
    desk.browser.click("#close").await;
    desk.browser.to_window(&shop).await;
    desk.browser.sees("paid ").await;
    desk.press_button().await;
    desk.browser.sees("Visa **** 1111").await;
    desk.browser.click("main form button.wide").await;
    desk.browser.find("#points").await;
    desk.browser.click("main form button.wide").await;
    desk.browser.sees("玉川1-14-1").await;
    desk.browser.click("main form button.wide").await;
    desk.browser.fill("#security_code", "123").await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    2
}

pub async fn forged(desk: &mut Desk) -> usize {
    let right = desk.button(1_080);
    let mut dearer = right.clone();
    dearer.items[0].unit_price = 1;
    let mut unsigned = right.clone();
    unsigned.signature = "0".repeat(40);
    let mut smuggled = right.clone();
    smuggled.items[0].name = "茶;1;1;菓子".into();
    let smuggled = smuggled.signed(&desk.app.merchant().private_key);
    for button in [dearer, unsigned, smuggled] {
        nothing_opens(desk, &desk.shop.shows(&desk.ours, "ja", &[button], "")).await;
    }
    let elsewhere = crate::shop::Shop::start().await;
    nothing_opens(desk, &elsewhere.shows(&desk.ours, "ja", &[right], "")).await;
    0
}

/// The button says that it did not work, and the window that it opened is closed again.
async fn nothing_opens(desk: &Desk, url: &str) {
    desk.browser.open(url).await;
    let before = desk.browser.windows().await;
    desk.browser.click("button.checkout-lite").await;
    desk.browser.sees("お支払いを開始できませんでした").await;
    assert_eq!(desk.browser.windows().await.len(), before.len());
}

pub async fn check_refuses(desk: &mut Desk) -> usize {
    desk.app.webhooks().await.add(&desk.receiver.url(), &["charge.check"]).await;
    desk.receiver.always(Behaviour::Status(409));
    let (shop, _) = desk.up_to_confirm(1_080, VISA).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("ショップで在庫などの確認ができなかった").await;
    desk.shot("check-refused").await;
    desk.receiver.always(Behaviour::Status(200));
    desk.browser.fill("#security_code", "123").await;
    desk.browser.click("#pay").await;
    desk.browser.sees("お支払いが完了しました").await;
    desk.shop_is_told(&shop).await;
    1
}

pub async fn check_late(desk: &mut Desk) -> usize {
    // Yes, but nobody waits for it any more.
    desk.receiver.always(Behaviour::Late(LIMIT + Duration::from_secs(1), 200));
    desk.up_to_confirm(1_080, VISA).await;
    desk.browser.click("#pay").await;
    desk.browser.sees("ショップからの応答がなかった").await;
    desk.receiver.always(Behaviour::Status(200));
    0
}
