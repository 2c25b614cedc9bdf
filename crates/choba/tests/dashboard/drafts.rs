//! What somebody has written is there again until it was sent: a mail to a buyer, closed and opened again.

use testkit::browser::{Browser, ESCAPE};

use crate::world::World;

const CONFIRM: &str = "dialog form.mail-edit > .actions button";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_kept_until_it_is_sent() {
    let world = World::start().await;
    let browser = world.browser("ja").await;
    browser.open(&format!("{}/dashboard/sandbox/orders/{}", world.base, world.open_order)).await;
    write(&browser).await;
    browser.fill("dialog #subject", "発送のお知らせ").await;
    browser.fill("dialog #body", "本日 <発送> いたしました。").await;
    browser.click("dialog .mail-insert summary").await;
    browser.click("dialog button[data-insert][value='order']").await;
    let body = browser.script("return document.querySelector('dialog #body').value").await;
    let body = body.as_str().unwrap_or_default().to_owned();
    assert!(body.contains("<発送>") && body.contains(&world.open_order), "{body}");
    // Only what is in the block is new since the last key.
    browser.press(ESCAPE).await;
    closed(&browser).await;
    write(&browser).await;
    is_there(&browser, "発送のお知らせ", &body).await;
    browser.click(CONFIRM).await;
    browser.find("dialog #preview").await;
    browser.press(ESCAPE).await;
    closed(&browser).await;
    write(&browser).await;
    browser.sees("送信前の入力内容を復元しました").await;
    is_there(&browser, "発送のお知らせ", &body).await;
    browser.click(CONFIRM).await;
    browser.find("dialog #preview").await;
    browser.click("dialog .shut").await;
    closed(&browser).await;
    write(&browser).await;
    is_there(&browser, "発送のお知らせ", &body).await;
    browser.click(CONFIRM).await;
    browser.click("dialog form[action$='/mails'] .actions button").await;
    browser.until("the answer", "return location.search === '?done=mail'").await;
    write(&browser).await;
    is_there(&browser, "", "").await;
    drop(browser);
    world.finish().await;
}

async fn write(browser: &Browser) {
    browser.click(".order-mails a[href$='/mails/new']").await;
    browser.find("dialog #subject").await;
}

/// The window is gone, and its entry in the history with it.
async fn closed(browser: &Browser) {
    let closed = "return !document.querySelector('dialog[open]') && !(history.state && history.state.sheet)";
    browser.until("closed", closed).await;
}

async fn is_there(browser: &Browser, subject: &str, body: &str) {
    let script = format!(
        "const value = (css) => document.querySelector(css).value; \
         return value('dialog #subject') === {subject:?} && value('dialog #body') === {body:?}"
    );
    browser.until("what was written", &script).await;
}
