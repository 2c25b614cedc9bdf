//! What nobody needs any more is removed after its time, and nothing that somebody waits for.

use serde_json::json;
use testkit::{Receiver, Sale, on_both};

use crate::{ACTS, VISA, charges, session, shopper};

const DAY: i64 = 86_400;

#[tokio::test]
async fn visits_are_removed_a_day_after_their_end() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[]).await;
        let open = session(app, 500).await;
        let mut acting = testkit::Shopper::new(&app.http, &session(app, 700).await);
        acting.up_to_confirm("hanako@example.com", ACTS).await;
        acting.send("confirm", &[]).await;
        assert_eq!(app.rows_in("checkout_session").await, 3);
        let used_up = app.rows_in("allowance").await as u64;
        assert!(used_up > 0);
        app.wait(2 * 3_600 + DAY);
        assert_eq!(app.prune().await, used_up, "the last moment counts");
        app.wait(1);
        app.prune().await;
        // The one whose payment is under way stays: nobody has settled it yet.
        assert_eq!(app.rows_in("checkout_session").await, 1);
        app.verify().await;
        app.settle().await;
        app.prune().await;
        assert_eq!(app.rows_in("checkout_session").await, 0);
        assert_eq!(app.rows_in("allowance").await, 0);
        buyer.open("").await;
        assert_eq!(buyer.status, 404);
        buyer.at_session(&open).open("").await;
        assert_eq!(charges(app).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_is_removed_after_thirty_days_and_what_waits_is_not() {
    on_both(async |app| {
        let (receiver, desk, merchant) = (Receiver::plain().await, app.webhooks().await, app.merchant());
        let endpoint = desk.add(&receiver.url(), &["charge.succeeded"]).await;
        app.switch_mails_on(merchant.shop, "shop@example.jp").await;
        let id = merchant.sell(&Sale::of(1_000)).await;
        merchant.capture(&id).await.good();
        // Gives back what was held before: a release.
        merchant.change(&id, 1_500).await.good();
        merchant.notify(&id, "発送", "本日").await.good();
        app.settle().await;
        desk.post(&format!("/webhooks/{endpoint}/ping"), &json!(null)).await;
        let messages = app.rows_in("outbox").await;
        assert_eq!((messages, app.rows_in("webhook_attempt").await), (6, 2), "1 webhook, 4 mails, 1 release");
        // A message that waits for an endpoint that is switched off.
        desk.post(&format!("/webhooks/{endpoint}/disable"), &json!(null)).await;
        let later = merchant.sell(&Sale::of(700)).await;
        app.wait(30 * DAY);
        assert_eq!(app.prune().await, 0);
        app.wait(3_600);
        assert!(app.prune().await > 0);
        let left = app.everything_in(&["outbox", "webhook_attempt"]).await;
        let lines: Vec<&str> = left.lines().collect();
        assert_eq!(lines.len(), 3, "{left}");
        assert!(left.contains("acquirer.release") && left.contains(&format!("wh-{later}")) && left.contains("|ping|"));
        app.verify().await;
        assert_eq!(app.prune().await, 0);
        // What was removed can be sent again, and its mails are still read.
        desk.post(&format!("/webhooks/{endpoint}/enable"), &json!(null)).await;
        let event = desk.events(&format!("charge={id}")).await;
        let event = event.last().expect("the sale")["id"].as_str().expect("an id").to_owned();
        desk.post(&format!("/events/{event}/resend"), &json!(null)).await;
        app.settle().await;
        assert_eq!(receiver.taken().len(), 4, "the two sales, one of them again, and the ping");
        assert_eq!(app.mails(&merchant).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn one_process_removes_and_the_others_let_it() {
    on_both(async |app| {
        session(app, 500).await;
        app.wait(2 * DAY);
        let prune = async |holder: &'static str| pay::prune::pass(app.store(), holder).await.expect("a pass");
        assert_eq!(prune("one").await, 1);
        session(app, 500).await;
        // While the first one may still be at it.
        app.wait(7_199);
        assert_eq!(prune("other").await, 0);
        assert_eq!(app.rows_in("checkout_session").await, 1);
        app.wait(1);
        assert_eq!(prune("other").await, 0);
        app.wait(2 * DAY);
        assert_eq!(prune("other").await, 1);
    })
    .await;
}
