//! Settings and the operator's area as somebody uses them, on a desk and on a phone: keys, the security code, staff, the
//! audit log, the shop, and a notice from the operator that the shop reads.

use testkit::browser::Browser;

use crate::walk::{WIDTHS, holds, open};
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_at_the_desk_and_on_a_phone() {
    let world = World::start().await;
    let browser = world.browser("ja").await;
    for width in WIDTHS {
        browser.resize(width, 900).await;
        keys(&world, &browser).await;
        security_code(&world, &browser).await;
        staff(&world, &browser, width).await;
        audit(&world, &browser).await;
        shop(&world, &browser).await;
        operator(&world, &browser, width).await;
    }
    drop(browser);
    world.finish().await;
}

const ACCOUNT: &str = "/dashboard/sandbox/account";

/// A private key is shown to who has just proved who they are (本人確認).
async fn keys(world: &World, browser: &Browser) {
    open(world, browser, &format!("{ACCOUNT}/keys")).await;
    browser.click("form[action$='/reveal'] button").await;
    holds(browser, "!!document.querySelector('main #password, main pre.bytes')").await;
    if browser.look("main #password").await.is_some() {
        browser.fill("main #password", PASSWORD).await;
        browser.click("main form button.wide").await;
        browser.click("form[action$='/reveal'] button").await;
    }
    browser.find("main pre.bytes").await;
    browser.sees(&world.app.merchant().private_key).await;
}

/// One setting of both sides, which the page says; switched and switched back.
async fn security_code(world: &World, browser: &Browser) {
    open(world, browser, &format!("{ACCOUNT}/security-code")).await;
    holds(browser, "document.body.classList.contains('side-both')").await;
    browser.sees("Sandbox・Live共通").await;
    for asked in ["利用しない", "利用する"] {
        browser.click("a[href*='/security-code/'][data-dialog]").await;
        browser.click("dialog form[action$='/security-code'] button").await;
        holds(browser, "!document.querySelector('dialog[open]')").await;
        browser.sees("セキュリティコード認証の設定を変更しました").await;
        holds(browser, &format!("document.querySelector('tr[data-row] .badge').textContent === {asked:?}")).await;
    }
}

async fn staff(world: &World, browser: &Browser, width: u32) {
    let email = format!("new-{width}@shop.example");
    open(world, browser, &format!("{ACCOUNT}/staff")).await;
    browser.click("main .heading a[data-dialog]").await;
    browser.fill("dialog #email", &email).await;
    browser.click("dialog input[name='roles.shipping']").await;
    browser.click("dialog form .actions button").await;
    holds(browser, "!document.querySelector('dialog[open]')").await;
    browser.sees(&email).await;
    open(world, browser, &format!("{ACCOUNT}/staff")).await;
}

async fn audit(world: &World, browser: &Browser) {
    open(world, browser, &format!("{ACCOUNT}/audit")).await;
    browser.script("document.querySelector('#action').value = 'staff.invite'").await;
    browser.click(".filters .actions button").await;
    browser.until("found", "return location.search.includes('staff.invite')").await;
    for said in ["スタッフの招待", "山田 花子", "画面 127.0.0.1"] {
        browser.sees(said).await;
    }
    let only = "[...document.querySelectorAll('tr[data-row] td:nth-child(3)')]";
    holds(
        browser,
        &format!("{only}.length > 0 && {only}.every((one) => one.textContent.startsWith('スタッフの招待'))"),
    )
    .await;
}

async fn shop(world: &World, browser: &Browser) {
    for (side, said) in [("sandbox", "サービスID"), ("live", "会社情報")] {
        open(world, browser, &format!("/dashboard/{side}/shop")).await;
        browser.sees(said).await;
    }
}

/// The operator looks at the shop and writes a notice; the shop finds it on its top page.
async fn operator(world: &World, browser: &Browser, width: u32) {
    open(world, browser, "/operator").await;
    let shop = format!("/operator/shops/{}", world.app.shop.id);
    browser.click(&format!("tr[data-row] a[href='{shop}']")).await;
    browser.sees("Visa・Mastercard").await;
    assert_eq!(browser.too_wide().await, None, "{shop}");
    // The table of card brands is seen whole.
    let brands = "document.querySelector(\"section[aria-labelledby='brands'] .framed\")";
    holds(browser, &format!("{brands}.scrollWidth <= {brands}.clientWidth")).await;
    let title = format!("計画停止のお知らせ {width}");
    open(world, browser, "/operator/notices").await;
    browser.click("main a[href='/operator/notices/new']").await;
    browser.fill("#title", &title).await;
    browser.fill("#body", "11月23日 2時から3時まで停止します。").await;
    browser.click("main form.card .actions button").await;
    browser.until("written", "return location.pathname === '/operator/notices'").await;
    browser.sees(&title).await;
    open(world, browser, "/dashboard/sandbox").await;
    browser.sees(&title).await;
}
