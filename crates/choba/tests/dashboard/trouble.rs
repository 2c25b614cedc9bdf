//! What goes wrong in the middle of a form: nothing happens twice, and nothing typed is lost.

use testkit::TestApp;
use testkit::browser::Browser;
use testkit::line::{Line, LineTo};

use crate::world::{OWNER, World};

/// Machine time after which a session that nobody used has ended.
const IDLE: i64 = 3_601;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_survive_the_end_of_a_session_a_double_submit_and_a_lost_connection() {
    let world = World::start().await;
    let browser = world.browser("ja").await;
    the_session_ends(&world, &browser).await;
    somebody_logs_in_again(&world, &browser).await;
    sent_twice_at_once(&world, &browser).await;
    the_connection_is_lost(&world, &browser).await;
    drop(browser);
    world.finish().await;
}

async fn type_an_item(base: &str, browser: &Browser, name: &str) {
    browser.open(&format!("{base}/dashboard/sandbox/images")).await;
    browser.fill("#item_id_1", "tea-01").await;
    browser.fill("#item_name_1", name).await;
    browser.fill("#item_unit_price_1", "1080").await;
}

const MAKE: &str = ".builder button[data-command]";

async fn the_session_ends(world: &World, browser: &Browser) {
    type_an_item(&world.base, browser, "煎茶 <特選> \"一番\"").await;
    world.app.wait(IDLE);
    browser.click(MAKE).await;
    browser.sees("ログインの期限が切れました").await;
    browser.fill("#email", OWNER).await;
    browser.fill("#password", crate::world::PASSWORD).await;
    browser.click("main form button.wide").await;
    browser.sees("煎茶 <特選> \"一番\"").await;
    browser.click("form[data-kept] button").await;
    made(browser, "煎茶 &lt;特選&gt; &quot;一番&quot;").await;
}

async fn made(browser: &Browser, name: &str) {
    let script = "const tag = document.querySelector('#made-tag'); return tag ? tag.value : ''";
    browser.until("a tag", "return !!document.querySelector('#made-tag')").await;
    let tag = browser.script(script).await;
    assert!(tag.as_str().unwrap_or_default().contains(&format!("data-item-name-1=\"{name}\"")), "{tag}");
}

/// In another tab, say: the form's token is of the session before.
async fn somebody_logs_in_again(world: &World, browser: &Browser) {
    type_an_item(&world.base, browser, "玉露").await;
    let page = browser.windows().await;
    browser.script("window.open('about:blank')").await;
    let other = browser.to_new_window(&page).await;
    browser.open(&format!("{}/password", world.base)).await;
    browser.click(".menu form[action='/logout'] button").await;
    browser.find("#email").await;
    world.log_in(browser, OWNER).await;
    browser.to_window(&other).await;
    browser.close_window().await;
    browser.to_window(&page[0]).await;
    browser.click(MAKE).await;
    browser.sees("もう一度送信してください").await;
    browser.click("main form button").await;
    made(browser, "玉露").await;
}

/// Where the request that sends a mail can be sent again, and how many mails its charge has.
async fn mail_request(app: &TestApp, browser: &Browser, base: &str) {
    browser.open(&format!("{base}/requests?path=/sandbox/v1/notifications/mail")).await;
    browser.click(".list tbody tr a").await;
    browser.find("form[action$='/again'] button").await;
    let _ = app;
}

async fn mails(app: &TestApp) -> usize {
    app.actions("notification.mail").await
}

async fn sent_twice_at_once(world: &World, browser: &Browser) {
    mail_request(&world.app, browser, &world.base).await;
    let before = mails(&world.app).await;
    let twice = "const form = document.querySelector(\"form[action$='/again']\"); const body = () => new URLSearchParams(new FormData(form));
        const send = () => fetch(form.action, { method: 'POST', body: body() }).then((answer) => answer.url);
        const urls = await Promise.all([send(), send()]); return urls.length";
    assert_eq!(browser.promise(twice).await, Ok(2.into()));
    browser.click("form[action$='/again'] button").await;
    browser.sees("再実行しました").await;
    assert_eq!(mails(&world.app).await - before, 1);
}

async fn the_connection_is_lost(world: &World, browser: &Browser) {
    let line = LineTo::start(world.app.address());
    let base = format!("http://{}", line.address());
    let cookie = browser.cookie("choba-staff").await.expect("a session");
    browser.set_cookie(&base, "choba-staff", &cookie).await;
    mail_request(&world.app, browser, &base).await;
    let before = mails(&world.app).await;
    line.becomes(Line::Cut);
    browser.click("form[action$='/again'] button").await;
    browser.sees("通信できませんでした").await;
    assert_eq!(mails(&world.app).await, before);
    line.becomes(Line::Deaf);
    browser.click("form[action$='/again'] button").await;
    browser.until("tried again", "return document.querySelectorAll('.offline').length === 1 && !document.querySelector('form[aria-busy=true]')").await;
    for _ in 0..3_000 {
        if mails(&world.app).await > before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(mails(&world.app).await - before, 1, "the server did it, and nobody heard");
    line.becomes(Line::Whole);
    browser.click("form[action$='/again'] button").await;
    browser.until("the answer", "return location.search === '?done=again'").await;
    assert_eq!(mails(&world.app).await - before, 1);
    what_a_button_sells_is_not_lost(&line, browser, &base).await;
}

async fn what_a_button_sells_is_not_lost(line: &LineTo, browser: &Browser, base: &str) {
    type_an_item(base, browser, "玉露 <冷>").await;
    line.becomes(Line::Cut);
    for button in ["button[value='add']", MAKE] {
        browser.click(button).await;
        browser.sees("通信できませんでした").await;
        let typed = "return document.querySelector('#item_name_1').value";
        assert_eq!(browser.script(typed).await, "玉露 <冷>", "what was typed is lost");
    }
    line.becomes(Line::Whole);
    browser.click(MAKE).await;
    made(browser, "玉露 &lt;冷&gt;").await;
    browser.find(".try button.checkout-lite").await;
}
