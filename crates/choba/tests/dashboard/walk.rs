//! The pages of the shop's day as somebody uses them, on a desk and on a phone: the top page, orders, webhooks. What is
//! asserted is what a person sees. `walk_account` goes on where these pages end.

use testkit::Receiver;
use testkit::browser::Browser;

use crate::world::World;

/// A desk's screen, and a phone's.
pub const WIDTHS: [u32; 2] = [1_280, 390];
/// Narrower than this, the table of orders has no head.
const PHONE: u32 = 640;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_at_the_desk_and_on_a_phone() {
    let world = World::start().await;
    let browser = world.browser("ja").await;
    for width in WIDTHS {
        browser.resize(width, 900).await;
        top(&world, &browser).await;
        orders(&world, &browser, width).await;
        search(&world, &browser, width).await;
        webhook(&world, &browser).await;
    }
    paper(&world, &browser).await;
    drop(browser);
    world.finish().await;
}

/// Opens a page, which fits into the window.
pub async fn open(world: &World, browser: &Browser, path: &str) {
    println!("{path}");
    browser.open(&format!("{}{path}", world.base)).await;
    browser.until("loaded", "return document.readyState === 'complete'").await;
    assert_eq!(browser.too_wide().await, None, "{path}");
}

/// Waits until an expression of JavaScript is true.
pub async fn holds(browser: &Browser, expression: &str) {
    browser.until(expression, &format!("return {expression}")).await;
}

async fn top(world: &World, browser: &Browser) {
    open(world, browser, "/dashboard/sandbox").await;
    let drawn = "[...document.querySelectorAll('[data-series] canvas')].filter((one) => one.width > 0).length === 2";
    holds(browser, drawn).await;
    let preset = ".periods a:not([aria-current])";
    let name = browser.script(&format!("return document.querySelector('{preset}').textContent")).await;
    browser.click(preset).await;
    let chosen = "document.querySelector('.periods [aria-current]')?.textContent";
    holds(browser, &format!("{chosen} === {name}")).await;
    holds(browser, drawn).await;
    for (act, other) in [("/read", "/unread"), ("/unread", "/read")] {
        browser.click(&format!(".notes details:has(form[action$='{act}']) summary")).await;
        let before = browser.script(&counted(other)).await;
        browser.click(&format!(".notes details[open] form[action$='{act}'] button")).await;
        browser.until("marked", &format!("{} > {before}", counted(other))).await;
    }
}

/// Notices that can be marked so.
fn counted(act: &str) -> String {
    format!("return document.querySelectorAll(\".notes form[action$='{act}']\").length")
}

const ORDERS: &str = "/dashboard/sandbox/orders";
const LINES: &str = "document.querySelectorAll('#orders tr').length";

async fn orders(world: &World, browser: &Browser, width: u32) {
    open(world, browser, ORDERS).await;
    holds(browser, &format!("{LINES} === 10")).await;
    browser.click("a[data-more]").await;
    holds(browser, &format!("{LINES} === 20")).await;
    for line in [12, 3] {
        let number = browser.script(&format!("return document.querySelector('#line-{line} a').textContent")).await;
        browser.click(&format!("#line-{line} a")).await;
        browser.until("the order", &format!("return location.pathname.endsWith({number})")).await;
        browser.click(".orders-back a").await;
        browser.until("the list", &format!("return location.pathname === {ORDERS:?}")).await;
        holds(browser, &format!("{LINES} === 20")).await;
    }
    // The columns sort, also where there is no head to press.
    let sorting = if width < PHONE { ".orders-sort a" } else { "#main thead th a" };
    let hidden = if width < PHONE { "thead" } else { ".orders-sort" };
    holds(browser, &format!("document.querySelector('{hidden}').getClientRects().length === 0")).await;
    for order in ["previous >= next", "previous <= next"] {
        browser.click(sorting).await;
        let sorted = "const told = [...document.querySelectorAll('#orders td.number')].map((one) => Number(one.textContent.replace(/\\D/g, '')));
            return location.search.includes('amount') && told.length === 10 && told.slice(1).every((next, index) => { const previous = told[index]; return COMPARED; })";
        browser.until(order, &sorted.replace("COMPARED", order)).await;
    }
}

async fn search(world: &World, browser: &Browser, width: u32) {
    open(world, browser, ORDERS).await;
    unfold(browser, width).await;
    browser.fill("#number", &world.open_order).await;
    browser.click(".orders-search .actions button").await;
    holds(
        browser,
        &format!("{LINES} === 1 && document.querySelector('#orders').textContent.includes({:?})", world.open_order),
    )
    .await;
    let file = "const link = document.querySelector('.orders-csv a'); const answer = await fetch(link.href);
        return answer.ok && link.hasAttribute('download') ? answer.text() : ''";
    let file = browser.promise(file).await.expect("a file");
    let lines: Vec<&str> = file.as_str().unwrap_or_default().lines().collect();
    assert!(lines.len() >= 2 && lines[1..].iter().all(|line| line.contains(&world.open_order)), "{lines:?}");

    open(world, browser, ORDERS).await;
    unfold(browser, width).await;
    browser.click("input[name='captured']").await;
    browser.click(".orders-search .actions button").await;
    holds(browser, "document.querySelector('input[name=captured]').checked && location.search.includes('captured')")
        .await;
    let only = "[...document.querySelectorAll('#orders .badge')].every((one) => one.textContent === '実売上')";
    holds(browser, only).await;
    let name = format!("確定済み {width}");
    browser.click(".orders-save summary").await;
    browser.fill("#view-name", &name).await;
    browser.click(".orders-save form button").await;
    let here = format!("document.querySelector('.orders-view a[aria-current]')?.textContent === {name:?}");
    holds(browser, &here).await;
    open(world, browser, ORDERS).await;
    let link = format!("[...document.querySelectorAll('.orders-view a')].find((one) => one.textContent === {name:?})");
    browser.script(&format!("{link}.id = 'the-view'")).await;
    browser.click("#the-view").await;
    holds(browser, &here).await;
    holds(browser, only).await;
    browser.click(".orders-view:has(a[aria-current]) form button").await;
    browser.sees("元に戻す").await;
    holds(browser, &format!("!{link}")).await;
}

/// On a phone the search is folded until it is asked for.
async fn unfold(browser: &Browser, width: u32) {
    if width < PHONE {
        browser.click(".orders-fold > summary").await;
    }
}

const WEBHOOKS: &str = "/dashboard/sandbox/webhooks";

async fn webhook(world: &World, browser: &Browser) {
    let receiver = Receiver::plain().await;
    open(world, browser, WEBHOOKS).await;
    browser.click(&format!("main a[href='{WEBHOOKS}/new']")).await;
    browser.click("dialog input[name='on-charge.check']").await;
    browser.fill("dialog #url", &receiver.url()).await;
    browser.click("dialog form .actions button").await;
    let link = format!(
        "[...document.querySelectorAll('.hook-url a')].find((one) => one.textContent === {:?})",
        receiver.url()
    );
    holds(browser, &format!("!document.querySelector('dialog[open]') && !!{link}")).await;
    browser.sees("保存しました").await;
    browser.script(&format!("{link}.id = 'the-hook'")).await;
    browser.click("#the-hook").await;
    browser.click("main .actions form[action$='/ping'] button").await;
    browser.find("#ping .badge.good").await;
    browser.sees("HTTP 200").await;
    assert_eq!(receiver.received().len(), 1, "pinged once");
    browser.click("section[aria-labelledby='recent'] tr[data-row] a").await;
    browser.until("the delivery", "return location.pathname.includes('/deliveries/')").await;
    browser.sees("疎通確認").await;
    browser.sees(&receiver.url()).await;
    browser.click(".facts a[href*='/webhooks/we_']").await;
    browser.click("main .actions a[href$='/delete']").await;
    browser.click("dialog form button.danger").await;
    browser.until("the list", &format!("return location.pathname === {WEBHOOKS:?}")).await;
    browser.sees("削除しました").await;
    holds(browser, &format!("!{link}")).await;
}

/// An order on paper says whose it is, and that no money moved.
async fn paper(world: &World, browser: &Browser) {
    open(world, browser, &format!("{ORDERS}/{}", world.open_order)).await;
    browser.print(true).await;
    browser.sees("Sandbox環境: お金は動きません").await;
    let shop = "document.querySelector('.paper b').textContent";
    holds(browser, &format!("{shop} !== '' && document.querySelector('.bar').getClientRects().length === 0")).await;
    browser.print(false).await;
}
