//! Mails through the whole house: written with the change, tried until they are taken or given up, never lost.

use std::time::Duration;

use pay::mail::{Outcome, Recipient};
use testkit::smtp::{Asks, SmtpServer};
use testkit::{Merchant, Sale, Setup, TestApp, on_both_with};

async fn on_both(test: impl AsyncFn(&TestApp, &SmtpServer)) {
    let server = SmtpServer::start(Asks::Nothing);
    let setup = Setup { carrier: server.carrier(Duration::from_secs(4)), ..Setup::default() };
    on_both_with(setup, async |app| test(app, &server).await).await;
}

async fn sell_to(merchant: &Merchant, email: &str) -> String {
    merchant.sell(&Sale::of(1_000).buyer_named("楽天", "太郎", email)).await
}

/// What became of the mail to the buyer of a charge: the outcome and what the server said.
async fn of_buyer(app: &TestApp, merchant: &Merchant, charge: &str) -> (Outcome, Option<String>) {
    let mails = app.mails(merchant).await;
    let ours = mails.into_iter().find(|mail| mail.charge == charge && mail.recipient == Recipient::Buyer);
    let mail = ours.expect("a mail to the buyer");
    (mail.outcome, mail.error)
}

#[tokio::test]
async fn a_change_is_told_over_smtp_once_to_each() {
    on_both(async |app, server| {
        let before = server.received(0).len();
        let merchant = app.merchant();
        app.switch_mails_on(merchant.shop, "shop@example.jp").await;
        let id = sell_to(&merchant, "taro@example.ne.jp").await;
        merchant.cancel(&id).await.good();
        app.run_jobs().await;
        app.run_jobs().await;
        let received = server.received(before + 2).split_off(before);
        let mut readers: Vec<String> =
            received.iter().map(|mail| mail["headers"]["To"].as_str().unwrap().to_owned()).collect();
        readers.sort();
        assert_eq!(readers, ["shop@example.jp", "taro@example.ne.jp"]);
        for mail in &received {
            let headers = &mail["headers"];
            assert_eq!(headers["Subject"], format!("【キャンセルのお知らせ】注文番号 {id}"));
            assert_eq!(headers["From"], "\"店 1\" <mail@choba.example>".replace('"', ""));
            assert!(mail["text"].as_str().unwrap().contains(&format!("注文番号: {id}")));
        }
        for mail in app.mails(&merchant).await {
            assert_eq!(mail.outcome, Outcome::Sent);
        }
    })
    .await;
}

#[tokio::test]
async fn greylisting_passes_when_the_clock_is_turned() {
    on_both(async |app, server| {
        let before = server.received(0).len();
        let merchant = app.merchant();
        // Each engine has a reader of its own: a server greylists once.
        let reader = format!("greylisted@{:?}.example.jp", app.engine).to_lowercase();
        let id = sell_to(&merchant, &reader).await;
        merchant.notify(&id, "発送のお知らせ", "本文").await.good();
        app.run_jobs().await;
        let (outcome, error) = of_buyer(app, &merchant, &id).await;
        assert_eq!(outcome, Outcome::Waiting);
        assert!(error.is_some_and(|error| error.contains("greylisted")));
        app.advance(merchant.shop, app.now(merchant.shop).await.plus_seconds(61)).await;
        assert_eq!(of_buyer(app, &merchant, &id).await, (Outcome::Sent, None));
        let received = server.received(before + 1).split_off(before);
        assert_eq!((received.len(), &received[0]["headers"]["To"]), (1, &reader.into()));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_for_good_ends_a_mail_where_a_person_sees_it() {
    on_both(async |app, _| {
        let merchant = app.merchant();
        let id = sell_to(&merchant, "refused@example.jp").await;
        merchant.notify(&id, "a", "b").await.good();
        app.run_jobs().await;
        let (outcome, error) = of_buyer(app, &merchant, &id).await;
        assert_eq!(outcome, Outcome::Refused);
        assert!(error.is_some_and(|error| error.contains("no such user here")));
        // The outbox, which is not erased, says nothing personal.
        let shop = merchant.shop;
        let failures = app.store().read(move |tx| store::outbox::failures(tx, shop, "", 10)).await.expect("reading");
        assert_eq!(failures.iter().map(|failure| failure.error.as_str()).collect::<Vec<_>>(), ["550 to the mail"]);
        // The history lists it all the same, and the person can have it tried again: refused again.
        assert_eq!(merchant.notifications("").await.good()["total"], 1);
        let failed = failures[0].id.clone();
        let again = failed.clone();
        assert!(app.store().write(move |tx| store::outbox::rerun(tx, shop, &again)).await.expect("a rerun"));
        app.run_jobs().await;
        assert_eq!(of_buyer(app, &merchant, &id).await.0, Outcome::Refused);
        app.put_aside(shop, &failed).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_stays_busy_is_tried_for_days_and_then_given_up() {
    on_both(async |app, server| {
        let before = server.received(0).len();
        let merchant = app.merchant();
        let (busy, free) = (sell_to(&merchant, "busy@example.jp").await, sell_to(&merchant, "free@example.jp").await);
        merchant.notify(&busy, "a", "b").await.good();
        merchant.notify(&busy, "c", "d").await.good();
        merchant.notify(&free, "e", "f").await.good();
        app.run_jobs().await;
        // Another reader is not held up; the second mail to the same one waits for the first.
        assert_eq!(of_buyer(app, &merchant, &free).await.0, Outcome::Sent);
        assert_eq!(app.mails(&merchant).await.len(), 2);
        app.advance(merchant.shop, app.now(merchant.shop).await.plus_seconds(86_400)).await;
        assert_eq!(of_buyer(app, &merchant, &busy).await.0, Outcome::Waiting);
        app.advance(merchant.shop, app.now(merchant.shop).await.plus_seconds(8 * 86_400)).await;
        let shop = merchant.shop;
        let failures = app.store().read(move |tx| store::outbox::failures(tx, shop, "", 10)).await.expect("reading");
        assert_eq!(failures.iter().map(|failure| failure.attempts).collect::<Vec<_>>(), [25, 25]);
        let outcomes: Vec<Outcome> = app.mails(&merchant).await.iter().map(|mail| mail.outcome).collect();
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::GivenUp).count(), 2);
        assert_eq!(server.received(before + 1).len(), before + 1);
        for failure in failures {
            app.put_aside(shop, &failure.id).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_hangs_holds_up_nobody_for_long() {
    on_both(async |app, server| {
        let before = server.received(0).len();
        let merchant = app.merchant();
        let (hangs, free) = (sell_to(&merchant, "hangs@example.jp").await, sell_to(&merchant, "free@example.jp").await);
        merchant.notify(&hangs, "a", "b").await.good();
        merchant.notify(&free, "a", "b").await.good();
        app.run_jobs().await;
        assert_eq!(server.received(before + 1).len(), before + 1);
        assert_eq!(of_buyer(app, &merchant, &free).await.0, Outcome::Sent);
        let (outcome, error) = of_buyer(app, &merchant, &hangs).await;
        assert_eq!((outcome, error.as_deref()), (Outcome::Waiting, Some("no answer within 4 s")));
        // It is still there for the next try; nobody waits for it here.
        let shop = merchant.shop;
        let waiting = app.waiting_messages(shop).await;
        assert_eq!(waiting.len(), 1);
        app.put_aside(shop, &waiting[0]).await;
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_died_with_a_mail_in_its_hands_loses_nothing() {
    on_both(async |app, server| {
        let before = server.received(0).len();
        let merchant = app.merchant();
        let id = sell_to(&merchant, "taro@example.ne.jp").await;
        merchant.notify(&id, "a", "b").await.good();
        // It claimed the mail and was never heard of again.
        let claim = |tx: &mut store::Tx<'_>| store::outbox::claim(tx, pay::mail::MAIL_TOPIC, 10, 60_000_000);
        assert_eq!(app.store().write(claim).await.expect("a claim").len(), 1);
        app.run_jobs().await;
        assert_eq!(app.mails(&merchant).await.len(), 0);
        app.wait(61);
        app.run_jobs().await;
        assert_eq!(of_buyer(app, &merchant, &id).await.0, Outcome::Sent);
        assert_eq!(server.received(before + 1).len(), before + 1);
    })
    .await;
}
