//! The log of deliveries, one delivery, and sending again: one event, or those of a time.

use kernel::Environment;
use testkit::app::on_both;
use testkit::http::Reply;
use testkit::merchant::escaped;
use testkit::{Behaviour, Receiver, Sale, TestApp};

use crate::browser::Browser;
use crate::safety::assert_safe;
use crate::webhooks::{key, owner};

const LOG: &str = "/dashboard/sandbox/webhooks/deliveries";
const REPLAY: &str = "/dashboard/sandbox/webhooks/replay";

/// Ids of the tries of a page, newest first.
fn listed(page: &Reply) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let beginning = format!(r#"<a href="{LOG}/"#);
    let links = page.text.split(beginning.as_str()).skip(1);
    links.map(|link| link.split('"').next().unwrap().to_owned()).collect()
}

/// A shop whose server hears of everything, with two orders, of which the first is captured while the server fails.
async fn world(app: &TestApp) -> (Receiver, String, String) {
    let receiver = Receiver::plain().await;
    app.webhooks().await.subscribe(&receiver).await;
    let merchant = app.merchant();
    let first = merchant.sell(&Sale::of(1_000)).await;
    let second = merchant.sell(&Sale::of(2_000)).await;
    app.run_jobs().await;
    app.wait(600);
    receiver.always(Behaviour::Status(500));
    merchant.capture(&first).await.good();
    app.run_jobs().await;
    receiver.always(Behaviour::Status(200));
    (receiver, first, second)
}

#[tokio::test]
async fn deliveries_are_found_by_event_order_state_and_time() {
    on_both(async |app| {
        let (_receiver, first, second) = world(app).await;
        let mut browser = owner(app).await;
        let page = browser.get(LOG).await;
        assert_safe(LOG, &page);
        assert_eq!(listed(&page).len(), 3);
        let mut count = async |query: &str| listed(&browser.get(&format!("{LOG}?{query}")).await).len();
        assert_eq!(count("type=charge.succeeded").await, 2);
        assert_eq!(count("type=charge.captured").await, 1);
        assert_eq!(count(&format!("charge={first}")).await, 2);
        assert_eq!(count(&format!("charge=+{second}+")).await, 1);
        assert_eq!(count(&format!("charge={first}&type=charge.captured&outcome=refused")).await, 1);
        assert_eq!(count("outcome=refused").await, 1);
        assert_eq!(count("outcome=delivered").await, 2);
        assert_eq!(count("outcome=unanswered").await, 0);
        // The clock began at 2026-11-22 09:00 in Japan; the capture came ten minutes later.
        assert_eq!(count("from=2026-11-22T09:05").await, 1);
        assert_eq!(count("to=2026-11-22T09:05").await, 2);
        assert_eq!(count("environment=live").await, 3, "the sandbox knows no other environment");
        for wrong in ["type=x", "charge=x", "charge=%00", "outcome=x", "from=yesterday", "to=2026-13-01T00:00"] {
            let page = browser.get(&format!("{LOG}?{wrong}")).await;
            assert!(page.status == 400 && page.text.contains("読み取れません"), "{wrong}: {}", page.text);
        }
        assert_eq!(listed(&browser.get("/dashboard/live/webhooks/deliveries").await), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_shows_what_was_sent_and_answered_and_its_event_is_sent_again_once() {
    on_both(async |app| {
        let (receiver, first, _) = world(app).await;
        let mut browser = owner(app).await;
        let failed = listed(&browser.get(&format!("{LOG}?outcome=refused")).await)[0].clone();
        let path = format!("{LOG}/{failed}");
        let page = browser.get(&path).await;
        assert_safe(&path, &page);
        for part in [
            "失敗 500",
            "確定 (charge.captured)",
            "リクエスト",
            "レスポンス",
            "HTTP 500",
            "1回目",
            first.as_str(),
            "webhook_********",
        ] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        let sent = receiver.received().last().unwrap().clone();
        let body = String::from_utf8(sent.body).unwrap().replace('"', "&#34;");
        assert!(page.text.contains(&body), "{body}\n{}", page.text);
        assert!(
            !page
                .text
                .contains(sent.headers.iter().find(|(name, _)| name == "x-lite-webhook-signature").unwrap().1.as_str())
        );

        receiver.forget();
        let key = key(&page);
        for _ in 0..2 {
            let done = browser.submit(&page, &format!("{path}/resend"), &[("key", &key)]).await;
            assert_eq!((done.status, done.header("location")), (303, Some(format!("{path}?done=resent").as_str())));
        }
        app.run_jobs().await;
        assert_eq!(receiver.taken().len(), 1);
        assert!(browser.get(&format!("{path}?done=resent")).await.text.contains("再送を受け付けました。"));
        assert_eq!(app.actions("webhook.resend").await, 1);
    })
    .await;
}

#[tokio::test]
async fn events_of_a_time_are_counted_before_they_are_sent_again() {
    on_both(async |app| {
        let (receiver, _, _) = world(app).await;
        app.run_jobs().await;
        app.wait(3_600);
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let blank = browser.get(REPLAY).await;
        assert_safe(REPLAY, &blank);
        assert!(!blank.text.contains("再送します。"));
        let range = "from=2026-11-22T08:00&to=2026-11-22T09:05";
        receiver.forget();
        let counted = browser.get(&format!("{REPLAY}?{range}")).await;
        assert!(
            counted.text.contains("2件のイベントを再送します。") && counted.text.contains("2件を再送する"),
            "{}",
            counted.text
        );
        let only = browser.get(&format!("{REPLAY}?{range}&on-charge.captured=1")).await;
        assert!(only.text.contains("この期間に再送できるイベントはありません。"), "{}", only.text);
        let all = browser.get(&format!("{REPLAY}?from=2026-11-22T08:00&to=2026-11-23T00:00")).await;
        assert!(all.text.contains("3件のイベントを再送します。"), "{}", all.text);
        let wrong = browser.get(&format!("{REPLAY}?from=x&to=2026-11-23T00:00")).await;
        assert!(wrong.status == 400 && wrong.text.contains("「開始日時」を読み取れません"), "{}", wrong.text);

        app.run_jobs().await;
        assert_eq!(receiver.received().len(), 0, "counting sends nothing");
        let key = key(&counted);
        let fields = [
            ("key", key.as_str()),
            ("environment", "sandbox"),
            ("from", "2026-11-22T08:00"),
            ("to", "2026-11-22T09:05"),
            ("after", ""),
        ];
        for _ in 0..2 {
            let done = browser.submit(&counted, REPLAY, &fields).await;
            assert_eq!(
                done.header("location"),
                Some("/dashboard/sandbox/webhooks/deliveries?environment=sandbox&replayed=2")
            );
        }
        app.run_jobs().await;
        assert_eq!(receiver.taken().len(), 2);
        let told = browser.get("/dashboard/sandbox/webhooks/deliveries?environment=sandbox&replayed=2").await;
        assert!(told.text.contains("2件の再送を受け付けました。"));
    })
    .await;
}

#[tokio::test]
async fn deliveries_of_another_shop_are_not_there() {
    on_both(async |app| {
        let other = app.new_shop(false).await;
        let receiver = Receiver::plain().await;
        let desk = app.webhooks_of(other.id, Environment::Sandbox).await;
        desk.subscribe(&receiver).await;
        let sold = other.sandbox().sell(&Sale::of(500)).await;
        app.run_jobs().await;
        let theirs = desk.tries("").await[0]["id"].as_str().unwrap().to_owned();
        let mut browser = owner(app).await;
        let page = browser.get(REPLAY).await;
        for id in [theirs.as_str(), "x", "%00"] {
            assert_eq!(browser.get(&format!("{LOG}/{id}")).await.status, 404, "{id}");
            let again = browser.submit(&page, &format!("{LOG}/{id}/resend"), &[("key", &"0a".repeat(32))]).await;
            assert_eq!(again.status, 404, "{id}");
        }
        assert_eq!(listed(&browser.get(&format!("{LOG}?charge={}", escaped(&sold))).await), [""; 0]);
        assert_eq!(Browser::new(app).get(LOG).await.status, 303);
    })
    .await;
}
