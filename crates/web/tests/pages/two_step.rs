//! The two-step login: turning it on, codes that count once, lock-out, recovery codes, and Live that asks for it.

use shop::staff::totp::{self, Secret};
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::Reply;

use crate::browser::{Browser, PASSWORD, hidden, make_staff, open_live};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const ON: &str = "/dashboard/sandbox/account/two-step/on";

/// The secret that a page tells in base32, in groups of four.
fn told(page: &Reply) -> Secret {
    let typed = page.text.split_once(r#"<code id="typed">"#).expect("a key").1.split('<').next().unwrap();
    let mut bits = String::new();
    for letter in typed.chars().filter(|letter| !letter.is_whitespace()) {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
        bits.push_str(&format!("{value:05b}"));
    }
    let bytes: Vec<u8> = (0..20).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect();
    Secret::of(&bytes).expect("twenty bytes")
}

fn code(app: &TestApp, secret: &Secret, steps: i64) -> String {
    secret.code(totp::present(app.store().machine_now()) + steps)
}

/// Proves again who one is; `code` only if the two-step login is on.
pub async fn confirm(browser: &mut Browser, code: &str) -> Reply {
    let page = browser.get("/dashboard/sandbox/account/confirm").await;
    browser.submit(&page, "/dashboard/sandbox/account/confirm", &[("password", PASSWORD), ("code", code)]).await
}

/// Turns it on; the secret and the recovery codes.
async fn turn_on(app: &TestApp, browser: &mut Browser) -> (Secret, Vec<String>) {
    assert_eq!(confirm(browser, "").await.status, 303);
    let page = browser.get(ON).await;
    assert_safe(ON, &page);
    assert!(page.text.contains(r#"<svg class="qr""#), "{}", page.text);
    let (secret, sealed) = (told(&page), hidden(&page, "sealed"));
    let wrong = browser.submit(&page, ON, &[("sealed", &sealed), ("code", "000000")]).await;
    assert_eq!(wrong.status, 403, "{}", wrong.text);
    let right = code(app, &secret, 0);
    let codes = browser.submit(&page, ON, &[("sealed", &sealed), ("code", &right)]).await;
    assert_eq!(codes.status, 200, "{}", codes.text);
    let list = codes.text.split_once(r#"<ol class="codes mono">"#).unwrap().1.split_once("</ol>").unwrap().0;
    let codes: Vec<String> =
        list.split("<li>").skip(1).map(|item| item.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

/// A browser that has given the right password and waits for the code.
async fn waiting(app: &TestApp) -> (Browser, Reply) {
    let mut browser = Browser::new(app);
    let entered = browser.login(OWNER, PASSWORD).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/login/code?to=/")));
    let page = browser.get("/login/code?to=/").await;
    assert_safe("/login/code", &page);
    (browser, page)
}

#[tokio::test]
async fn a_login_takes_a_code_that_counts_once_and_one_step_early_or_late() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let unasked = browser.get(ON).await;
        assert!(
            unasked.header("location").unwrap().starts_with("/dashboard/sandbox/account/confirm"),
            "asks who it is"
        );
        let mut elsewhere = Browser::logged_in(app, OWNER).await;
        let (secret, _) = turn_on(app, &mut browser).await;
        assert_eq!(browser.get("/dashboard/sandbox").await.status, 200);
        assert_eq!(elsewhere.get("/dashboard/sandbox").await.status, 303, "other sessions have ended");

        // The code that turned it on was taken.
        let (mut second, page) = waiting(app).await;
        assert_eq!(
            second.get("/dashboard/sandbox").await.header("location").map(|to| to.starts_with("/login")),
            Some(true),
            "nothing opens before the code"
        );
        let used = second.submit(&page, "/login/code", &[("code", &code(app, &secret, 0))]).await;
        assert!(used.status == 403 && used.text.contains("認証コードが違うか"), "{}", used.text);
        app.wait(30);
        let before = second.cookie("choba-staff").unwrap().to_owned();
        let now = code(app, &secret, 0);
        let entered = second.submit(&page, "/login/code", &[("code", &now), ("to", "/mailbox")]).await;
        assert_eq!((entered.status, entered.header("location")), (303, Some("/mailbox")));
        assert_ne!(second.cookie("choba-staff"), Some(before.as_str()), "another secret than that of the wait");
        assert_eq!(second.get("/dashboard/sandbox").await.status, 200);

        let (mut third, page) = waiting(app).await;
        assert_eq!(third.submit(&page, "/login/code", &[("code", &now)]).await.status, 403, "a replay");
        app.wait(60);
        // One step late, then none that is two steps early.
        assert_eq!(third.submit(&page, "/login/code", &[("code", &code(app, &secret, 2))]).await.status, 403);
        assert_eq!(third.submit(&page, "/login/code", &[("code", &code(app, &secret, -1))]).await.status, 303);
        let (mut fourth, page) = waiting(app).await;
        assert_eq!(fourth.submit(&page, "/login/code", &[("code", &code(app, &secret, 1))]).await.status, 303);
        assert_eq!(app.actions("staff.two_step_on").await, 1);
        assert_eq!(app.actions("staff.login").await, 5);
        assert_eq!(app.actions("staff.code_refused").await, 3);
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_lock_the_second_step_for_a_time_that_grows_and_the_wait_ends() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let (secret, _) = turn_on(app, &mut browser).await;
        app.wait(60);
        let (mut thief, page) = waiting(app).await;
        for _ in 0..5 {
            assert_eq!(thief.submit(&page, "/login/code", &[("code", "000000")]).await.status, 403);
        }
        let right = code(app, &secret, 0);
        let locked = thief.submit(&page, "/login/code", &[("code", &right)]).await;
        assert_eq!((locked.status, locked.header("retry-after")), (429, Some("30")));
        // The right password does not open the lock of the second step.
        let (mut again, page) = waiting(app).await;
        assert_eq!(again.submit(&page, "/login/code", &[("code", &right)]).await.status, 429);
        app.wait(30);
        assert_eq!(again.submit(&page, "/login/code", &[("code", "000000")]).await.status, 403);
        let locked = again.submit(&page, "/login/code", &[("code", "000000")]).await;
        assert_eq!(locked.header("retry-after"), Some("60"));
        app.wait(60);
        assert_eq!(again.submit(&page, "/login/code", &[("code", &code(app, &secret, 0))]).await.status, 303);
        // Ten minutes after the password the code comes too late.
        app.wait(30);
        let (mut late, page) = waiting(app).await;
        app.wait(600);
        let reply = late.submit(&page, "/login/code", &[("code", &code(app, &secret, 0))]).await;
        assert_eq!((reply.status, reply.header("location")), (303, Some("/login")));
        assert_eq!(late.get("/dashboard/sandbox").await.status, 303);
        assert!(app.actions("staff.locked_out").await >= 1);
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_counts_once_and_the_two_step_login_can_be_turned_off() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let (secret, codes) = turn_on(app, &mut browser).await;
        let (mut lost, page) = waiting(app).await;
        let typed = codes[3].to_uppercase().replace('-', " ");
        assert_eq!(lost.submit(&page, "/login/code", &[("code", &typed)]).await.status, 303);
        let shown = lost.get("/dashboard/sandbox/account/two-step").await;
        assert!(shown.text.contains("9個"), "{}", shown.text);
        let (mut again, page) = waiting(app).await;
        assert_eq!(again.submit(&page, "/login/code", &[("code", &codes[3])]).await.status, 403, "used");

        // Off only for who has just proved who they are, with a code as well.
        let off = "/dashboard/sandbox/account/two-step/off";
        let page = lost.get("/dashboard/sandbox").await;
        let unasked = lost.submit(&page, off, &[]).await;
        assert!(unasked.header("location").unwrap().starts_with("/dashboard/sandbox/account/confirm"));
        assert_eq!(confirm(&mut lost, "").await.status, 403, "without a code");
        app.wait(60);
        assert_eq!(confirm(&mut lost, &code(app, &secret, 0)).await.status, 303);
        assert_eq!(
            lost.submit(&page, off, &[]).await.header("location"),
            Some("/dashboard/sandbox/account/two-step?done=off")
        );
        assert_eq!(Browser::new(app).login(OWNER, PASSWORD).await.header("location"), Some("/"));
        assert_eq!(app.actions("staff.two_step_off").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_shop_can_ask_for_it_before_live_opens() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        make_staff(app, app.shop.id, "second@shop.example", false).await;
        open_live(app, app.shop.id).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let mut second = Browser::logged_in(app, "second@shop.example").await;
        let live = "/dashboard/live/account/devices";
        assert_eq!(second.get(live).await.status, 200);
        // Who has not turned it on cannot ask others for it.
        let (page, at) =
            (owner.get("/dashboard/sandbox/account/staff").await, "/dashboard/sandbox/account/staff/two-step");
        let own = owner.submit(&page, at, &[("needed", "yes")]).await;
        assert_eq!(own.header("location"), Some("/dashboard/sandbox/account/two-step"));
        assert_eq!(second.get(live).await.status, 200);
        turn_on(app, &mut owner).await;
        assert_eq!(owner.submit(&page, at, &[("needed", "yes")]).await.status, 303);
        let refused = second.get(live).await;
        assert!(refused.status == 403 && refused.text.contains("Live環境には二段階認証が必要です"), "{}", refused.text);
        assert_eq!(second.get("/dashboard/sandbox/account/devices").await.status, 200);
        assert_eq!(owner.get(live).await.status, 200);
        assert_eq!(app.actions("shop.live_two_step").await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_second_step_is_bound_to_the_browser_that_gave_the_password() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let (secret, _) = turn_on(app, &mut browser).await;
        app.wait(60);
        let (_, page) = waiting(app).await;
        let mut stranger = Browser::new(app);
        stranger.get("/login").await;
        let reply = stranger.submit(&page, "/login/code", &[("code", &code(app, &secret, 0))]).await;
        assert_eq!(reply.status, 403, "the token is another browser's");
        assert_eq!(stranger.get("/login/code").await.header("location"), Some("/login"));
    })
    .await;
}
