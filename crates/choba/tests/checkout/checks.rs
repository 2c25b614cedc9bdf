//! `charge.check`: the shop says whether it can sell, before anything is authorized.

use std::time::Duration;

use testkit::{Behaviour, Receiver, Setup, TestApp, on_both, on_both_with};

use crate::{VISA, charges, shopper};

async fn asks(app: &TestApp) -> Receiver {
    let receiver = Receiver::plain().await;
    app.webhooks().await.add(&receiver.url(), &["charge.check"]).await;
    receiver
}

#[tokio::test]
async fn the_shop_is_asked_once_and_lets_it_pass() {
    on_both(async |app| {
        let receiver = asks(app).await;
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[]).await;
        buyer.sees("お支払いが完了しました");
        let received = receiver.received();
        assert_eq!(received.len(), 1);
        let charge = &received[0].event()["data"]["object"];
        for name in ["id", "cipher", "status", "created", "updated"] {
            assert!(charge[name].is_null(), "{name}: {charge}");
        }
        assert_eq!((charge["amount"].as_i64(), charge["cart_id"].as_str()), (Some(1_080), Some("cart-1")));
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_refuses_stops_it_and_the_cart_stays() {
    on_both(async |app| {
        let receiver = asks(app).await;
        receiver.always(Behaviour::Status(409));
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[("security_code", "123")]).await;
        buyer.sees("ショップで在庫などの確認ができなかった").sees("1,080円");
        assert_eq!((charges(app).await.len(), receiver.received().len()), (0, 1));
        receiver.always(Behaviour::Status(200));
        buyer.send("confirm", &[("security_code", "123")]).await;
        buyer.sees("お支払いが完了しました");
        assert_eq!((charges(app).await.len(), receiver.received().len()), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_does_not_answer_stops_it() {
    let limits = pay::webhook::Limits { check: Duration::from_secs(1), ..pay::webhook::Limits::default() };
    on_both_with(Setup { webhook_limits: limits, ..Setup::default() }, async |app| {
        let receiver = asks(app).await;
        receiver.always(Behaviour::Hang);
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[]).await;
        buyer.sees("ショップからの応答がなかった");
        assert_eq!(charges(app).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_yes_that_comes_too_late_makes_no_charge() {
    let limit = Duration::from_secs(1);
    let limits = pay::webhook::Limits { check: limit, ..pay::webhook::Limits::default() };
    on_both_with(Setup { webhook_limits: limits, ..Setup::default() }, async |app| {
        let receiver = asks(app).await;
        receiver.always(Behaviour::Late(limit + Duration::from_millis(300), 200));
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[]).await;
        buyer.sees("ショップからの応答がなかった");
        // Until the answer would have been there.
        tokio::time::sleep(Duration::from_millis(600)).await;
        app.run_jobs().await;
        assert_eq!((charges(app).await.len(), receiver.received().len()), (0, 1));
        let tries = app.webhooks().await.tries("").await;
        assert_eq!((tries.len(), &tries[0]["outcome"]), (1, &"unanswered".into()));
        receiver.always(Behaviour::Late(Duration::from_millis(300), 200));
        buyer.send("confirm", &[("security_code", "123")]).await;
        buyer.sees("お支払いが完了しました");
        assert_eq!(charges(app).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_disabled_stops_it_visibly() {
    on_both(async |app| {
        let receiver = asks(app).await;
        let desk = app.webhooks().await;
        let endpoint = desk.get("/webhooks").await["data"][0]["id"].as_str().expect("an id").to_owned();
        desk.post(&format!("/webhooks/{endpoint}/disable"), &serde_json::Value::Null).await;
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[]).await;
        buyer.sees("ショップからの応答がなかった");
        assert_eq!((charges(app).await.len(), receiver.received().len()), (0, 0));
        let tries = desk.tries(&format!("endpoint={endpoint}")).await;
        assert_eq!(
            (tries.len(), &tries[0]["outcome"], &tries[0]["type"]),
            (1, &"unanswered".into(), &"charge.check".into())
        );
        assert!(tries[0]["error"].as_str().is_some_and(|error| error.contains("disabled")), "{}", tries[0]);
        let one = desk.get(&format!("/webhook-attempts/{}", tries[0]["id"].as_str().expect("an id"))).await;
        assert!(
            one["request"]["body"].as_str().is_some_and(|body| body.contains("1080")),
            "the order that was stopped: {one}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_process_that_dies_while_the_shop_is_asked_stops_it() {
    let limits = pay::webhook::Limits { check: Duration::from_secs(10), ..pay::webhook::Limits::default() };
    on_both_with(Setup { webhook_limits: limits, ..Setup::default() }, async |app| {
        let receiver = asks(app).await;
        receiver.always(Behaviour::Hang);
        let mut buyer = shopper(app, 1_080, VISA).await;
        let click = buyer.form("confirm", &[]);
        // Who is asked takes longer than anybody waits: as if the process that asks had died.
        let asked = async {
            while receiver.received().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = app.http.send(&click) => panic!("nobody answered the shop's question"),
            () = asked => {}
        }
        buyer.open("").await;
        buyer.sees("お支払いを処理しています");
        app.wait(30);
        buyer.open("").await;
        buyer.is_at("/confirm").sees("ショップからの応答がなかった");
        receiver.always(Behaviour::Status(200));
        buyer.send("confirm", &[("security_code", "123")]).await;
        buyer.sees("お支払いが完了しました");
        assert_eq!(charges(app).await.len(), 1);
    })
    .await;
}
