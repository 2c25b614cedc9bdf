//! イメージライブラリ in the browser: a tag is made, copied, and its button really sells.

use testkit::browser::Browser;

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_is_built_and_tried() {
    let world = World::start().await;
    let browser = world.browser("ja").await;
    build(&world, &browser).await;
    copy(&browser).await;
    buy(&world, &browser).await;
    try_on_live(&world, &browser).await;
    drop(browser);
    world.finish().await;
}

async fn build(world: &World, browser: &Browser) {
    browser.open(&format!("{}/dashboard/sandbox/images", world.base)).await;
    for (css, text) in [("#item_id_1", "tea;01"), ("#item_name_1", "煎茶 100g"), ("#item_unit_price_1", "1080")] {
        browser.fill(css, text).await;
    }
    browser.click(".builder button[data-command]").await;
    browser.find("#item_id_1[aria-invalid]").await;
    browser.until("focused", "return document.activeElement.id === 'item_id_1'").await;
    browser.until("kept", "return document.querySelector('#item_name_1').value === '煎茶 100g'").await;
    browser.click("button[value='add']").await;
    browser.until("the new row", "return document.activeElement.id === 'item_id_2'").await;
    for (css, text) in [("#item_id_2", "sweet-01"), ("#item_name_2", "羊羹"), ("#item_unit_price_2", "540")] {
        browser.fill(css, text).await;
    }
    browser.script("document.querySelector('#item_id_1').value = ''").await;
    // Enter in a field makes the tag.
    browser.fill("#item_id_1", "tea-01\u{E007}").await;
    browser.sees("1,620円").await;
    let shown = "const at = document.querySelector('#result'); const { top, bottom } = at.getBoundingClientRect();
        return document.activeElement === at && top >= 0 && bottom <= innerHeight";
    browser.until("the tag in sight", shown).await;
}

/// With test keys the checkout opens; with production keys the page says why not.
async fn try_on_live(world: &World, browser: &Browser) {
    browser.open(&format!("{}/dashboard/live/images", world.base)).await;
    browser.sees("必ずご利用下さい").await;
    for (css, text) in [("#item_id_1", "tea-01"), ("#item_name_1", "煎茶 100g"), ("#item_unit_price_1", "1080")] {
        browser.fill(css, text).await;
    }
    browser.click("#environment option[value='test']").await;
    browser.click(".builder button[data-command]").await;
    let windows = browser.windows().await;
    browser.click(".try button.checkout-lite").await;
    browser.to_new_window(&windows).await;
    browser.sees("テスト環境です。実際の請求は発生しません。").await;
    browser.close_window().await;
    browser.to_window(&windows[0]).await;
    browser.click("#environment option[value='live']").await;
    browser.click(".builder button[data-command]").await;
    browser.find("#untried").await;
    browser.sees("この画面では試せません").await;
    assert_eq!(browser.look(".try").await, None);
}

async fn copy(browser: &Browser) {
    browser.click("[data-copy-from='made-tag']").await;
    browser.sees("コピーしました").await;
    let same = "const box = document.querySelector('#made-tag').value; return box.startsWith('<script src=') \
        && document.querySelector('[data-copy-from]').dataset.copy === box";
    assert_eq!(browser.script(same).await, true);
}

async fn buy(world: &World, browser: &Browser) {
    let windows = browser.windows().await;
    browser.click(".try button.checkout-lite").await;
    browser.to_new_window(&windows).await;
    browser.click("a[href$='/signup']").await;
    // The page before has fields of the same names.
    browser.find("#last_name").await;
    for (css, text) in [
        ("#email", "buyer@example.com"),
        ("#password", "choba-choba"),
        ("#last_name", "楽天"),
        ("#first_name", "太郎"),
        ("#last_name_kana", "ラクテン"),
        ("#first_name_kana", "タロウ"),
    ] {
        browser.fill(css, text).await;
    }
    browser.click("main form button.wide").await;
    for (css, text) in
        [("#number", "4111111111111111"), ("#expiry", "12/30"), ("#security_code", "123"), ("#holder", "TARO RAKUTEN")]
    {
        browser.fill(css, text).await;
    }
    browser.click("form[autocomplete='on'] button").await;
    browser.find("#points").await;
    browser.click("main form button.wide").await;
    for (css, text) in [
        ("#address_zip", "158-0094"),
        ("#address_state", "東京都"),
        ("#address_city", "世田谷区"),
        ("#address_line", "玉川1-14-1"),
        ("#tel", "03-1234-5678"),
    ] {
        browser.fill(css, text).await;
    }
    browser.click("main form button.wide:not(.second)").await;
    browser.click("#pay").await;
    browser.sees("お支払いが完了しました").await;
    browser.click("#close").await;
    browser.to_window(&windows[0]).await;
    browser.until("told", "return document.querySelector('#tried').textContent.includes('\"amount\": 1620')").await;
    let newest = world.app.merchant().get("/charges?limit=1").await.good();
    assert_eq!(newest["data"][0]["amount"], 1_620);
}
