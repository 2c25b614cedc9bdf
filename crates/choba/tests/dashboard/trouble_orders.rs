//! The windows of an order when something goes wrong amid them: 確定, キャンセル, 金額変更 and the editor of mails. The line is
//! cut, the answer is lost, the form is sent twice at once: it happens once, and what was typed is still there.

use testkit::browser::{Browser, ESCAPE};
use testkit::line::{Line, LineTo};

use crate::world::World;

/// A form that changes something.
struct Act {
    /// How the audit log calls the change.
    action: &'static str,
    /// The form.
    form: &'static str,
    /// What is pressed.
    button: &'static str,
    /// Where it leads to.
    done: &'static str,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_to_an_order_happens_once_on_a_bad_line() {
    let world = World::start().await;
    let browser = world.browser("ja").await;
    let line = LineTo::start(world.app.address());
    let base = format!("http://{}", line.address());
    let cookie = browser.cookie("choba-staff").await.expect("a session");
    browser.set_cookie(&base, "choba-staff", &cookie).await;
    let own = format!("{base}/dashboard/sandbox/orders/{}", world.open_order);
    mail(&world, &browser, &line, &own).await;
    change(&world, &browser, &line, &own).await;
    window(&world, &browser, &line, &own, "確定", "capture").await;
    window(&world, &browser, &line, &own, "キャンセル", "cancel").await;
    drop(browser);
    world.finish().await;
}

async fn window(world: &World, browser: &Browser, line: &LineTo, own: &str, command: &str, verb: &str) {
    let (action, form, button, done) = match verb {
        "capture" => ("charge.capture", "dialog form[action$='/capture']", "button", "?done=capture"),
        _ => ("charge.cancel", "dialog form[action$='/cancel']", "button", "?done=cancel"),
    };
    browser.open(own).await;
    browser.click(&format!("main a[data-command='{command}']")).await;
    browser.find(form).await;
    happens_once(world, browser, line, &Act { action, form, button, done }).await;
}

async fn change(world: &World, browser: &Browser, line: &LineTo, own: &str) {
    browser.open(own).await;
    browser.click("main a[data-command='金額変更']").await;
    browser.click("dialog #editor button[value='add']").await;
    browser.fill("#id", "wrap-01").await;
    browser.fill("#name", "風呂敷 <藍>").await;
    browser.fill("#quantity", "2").await;
    browser.fill("#unit_price", "550").await;
    line.becomes(Line::Cut);
    browser.click("#editor button[value='ok']:not([hidden])").await;
    browser.sees("通信できませんでした").await;
    let typed = "return document.querySelector('#name').value === '風呂敷 <藍>'";
    assert_eq!(browser.script(typed).await, true, "what was typed is lost");
    line.becomes(Line::Whole);
    browser.click("#editor button[value='ok']:not([hidden])").await;
    browser.until("taken over", "return !document.querySelector('#name')").await;
    // One slip of the hand does not close it.
    browser.press(ESCAPE).await;
    browser.sees("まだ実施していない変更があります").await;
    browser.find("dialog #editor").await;
    let (action, form, button) = ("charge.change", "#editor", "button[value='change']");
    happens_once(world, browser, line, &Act { action, form, button, done: "?done=change" }).await;
    browser.sees("風呂敷 <藍>").await;
}

async fn mail(world: &World, browser: &Browser, line: &LineTo, own: &str) {
    browser.open(own).await;
    browser.click(".order-mails a[href$='/mails/new']").await;
    browser.fill("dialog #subject", "発送のお知らせ").await;
    browser.fill("dialog #body", "本日 <発送> いたしました。").await;
    line.becomes(Line::Cut);
    browser.click("dialog form.mail-edit > .actions button").await;
    browser.sees("通信できませんでした").await;
    line.becomes(Line::Whole);
    browser.click("dialog form.mail-edit > .actions button").await;
    browser.find("dialog #preview").await;
    browser.sees("本日 <発送> いたしました。").await;
    let (action, form, button) = ("notification.mail", "dialog form[action$='/mails']", ".actions button");
    happens_once(world, browser, line, &Act { action, form, button, done: "?done=mail" }).await;
    browser.sees("発送のお知らせ").await;
}

/// Sends a form over a line that is cut, over one that loses the answer, twice at once, and once more: one thing happens.
async fn happens_once(world: &World, browser: &Browser, line: &LineTo, act: &Act) {
    let Act { action, form, button, done } = act;
    let before = world.app.actions(action).await;
    let press = format!("{form} {button}");
    line.becomes(Line::Cut);
    browser.click(&press).await;
    browser.sees("通信できませんでした").await;
    assert_eq!(world.app.actions(action).await, before, "{action}: nothing arrived");
    line.becomes(Line::Deaf);
    browser.until("at rest", &at_rest(form)).await;
    // What was said of the first try is not said of the second.
    browser.script("document.querySelectorAll('#lost, .offline').forEach((note) => note.remove())").await;
    browser.click(&press).await;
    for _ in 0..3_000 {
        if world.app.actions(action).await > before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(world.app.actions(action).await - before, 1, "{action}: the server did it, and nobody heard");
    browser.until("at rest", &at_rest(form)).await;
    browser.sees("通信できませんでした").await;
    line.becomes(Line::Whole);
    let twice = format!(
        "const form = document.querySelector(\"{form}\"); const pressed = document.querySelector(\"{press}\");
         const send = () => fetch(form.action, {{ method: 'POST', body: new URLSearchParams(new FormData(form, pressed)) }});
         const answers = await Promise.all([send(), send()]); return answers.every((answer) => answer.url.endsWith('{done}'))"
    );
    assert_eq!(browser.promise(&twice).await, Ok(true.into()), "{action}: twice at once");
    browser.click(&press).await;
    browser.until("the answer", &format!("return location.search === '{done}'")).await;
    assert_eq!(world.app.actions(action).await - before, 1, "{action}: it happened more than once");
}

fn at_rest(form: &str) -> String {
    format!("return !document.querySelector(\"{form}[aria-busy='true']\")")
}
