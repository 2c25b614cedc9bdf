//! What is told, in which form and order.

use base64::Engine as _;
use kernel::Environment;
use serde_json::json;
use testkit::{Receiver, Request, Sale, on_both};

use crate::story;

#[tokio::test]
async fn every_change_is_told_once_in_order_with_both_signatures() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        desk.subscribe(&receiver).await;
        let merchant = app.merchant();
        let sale = Sale::of(1_000).with("address", json!({ "last_name": "楽天" })).with("cart_id", "cart-1");
        let first = merchant.sell(&sale).await;
        let second = merchant.sell(&Sale::of(2_000)).await;
        merchant.capture(&first).await.good();
        merchant.change(&first, 900).await.good();
        merchant.cancel(&first).await.good();
        merchant.capture(&second).await.good();
        app.run_jobs().await;
        let taken = receiver.taken();
        assert_eq!(story(&taken, &first), ["charge.succeeded", "charge.captured", "charge.updated", "charge.refunded"]);
        assert_eq!(story(&taken, &second), ["charge.succeeded", "charge.captured"]);
        assert_eq!((taken.len(), receiver.received().len()), (6, 6));
        let captured = taken.iter().find(|it| it.text("/type") == "charge.captured").expect("one");
        let event = captured.event();
        let charge = &event["data"]["object"];
        assert_eq!(
            (&event["object"], &event["livemode"], &event["synchronous"], &event["pending_webhooks"]),
            (&json!("event"), &json!(false), &json!(false), &json!(1))
        );
        assert_eq!(
            (&charge["paid"], &charge["captured"], &charge["status"]),
            (&json!(true), &json!(true), &json!("succeeded"))
        );
        let shown = merchant.retrieve(charge["id"].as_str().expect("a number")).await.good();
        assert_eq!((&shown["cipher"], &shown["open_id"]), (&charge["cipher"], &charge["open_id"]));
        check_signatures(app, captured).await;
        // The log has every try, with the secret masked and the body that was signed.
        let tries = desk.tries("outcome=delivered").await;
        assert_eq!(tries.len(), 6);
        let logged = tries.iter().find(|logged| logged["event"] == event["id"]).expect("logged");
        assert!(logged["request"]["headers"].to_string().contains("webhook_********"), "{logged}");
        let detail = desk.get(&format!("/webhook-attempts/{}", logged["id"].as_str().expect("an id"))).await;
        assert_eq!(detail["request"]["body"].as_str().map(str::as_bytes), Some(&captured.body[..]));
        assert_eq!((&detail["response"]["status"], &detail["response"]["body"]), (&json!(200), &json!("noted")));
        assert!(desk.events("").await.iter().all(|event| event["pending_webhooks"] == 0));
    })
    .await;
}

async fn check_signatures(app: &testkit::TestApp, received: &testkit::Received) {
    let shop = app.shop.id;
    let vault = app.wired.gateway.vault().clone();
    let secrets = app.store().read(move |tx| pay::webhook::secrets::load(tx, &vault, shop, Environment::Sandbox));
    let secrets = secrets.await.expect("the secrets");
    assert_eq!(received.header("x-lite-webhook-signature"), Some(secrets.webhook_secret.as_str()));
    assert_eq!(received.header("webhook-id"), Some(received.text("/id").as_str()));
    let timestamp = received.header("webhook-timestamp").expect("a time");
    let sent_at: i64 = timestamp.parse().expect("a number");
    assert!((app.store().machine_now().seconds() - sent_at).abs() < 60);
    let message = [received.text("/id").as_bytes(), b".", timestamp.as_bytes(), b".", &received.body].concat();
    let mac = shop::vault::mac(&secrets.signing_keys[0], &message);
    let expected = format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(mac));
    assert_eq!(received.header("webhook-signature"), Some(expected.as_str()));
}

#[tokio::test]
async fn what_was_sent_under_a_key_that_counts_no_more_is_still_shown() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        desk.subscribe(&receiver).await;
        let token = app.token(Some(app.shop.id), vec![shop::Scope::Keys]).await;
        let charge = app.merchant().sell(&Sale::of(500)).await;
        app.run_jobs().await;
        for total in [400, 300] {
            let rotate = json!({ "kind": "private_key", "overlap_seconds": 60 }).to_string();
            let request = Request::post("/api/shops/1/sandbox/keys/rotate", rotate);
            app.http.send(&request.header("authorization", format!("Bearer {token}"))).await.good();
            app.merchant().change(&charge, total).await.good();
            app.run_jobs().await;
        }
        app.wait(61);
        let received = receiver.received();
        let ciphers = received.iter().map(|it| it.text("/data/object/cipher"));
        assert_eq!(ciphers.collect::<std::collections::HashSet<_>>().len(), 3, "each under the newest key");
        for sent in received {
            let tries = desk.tries(&format!("event={}", sent.text("/id"))).await;
            let one = desk.get(&format!("/webhook-attempts/{}", tries[0]["id"].as_str().expect("an id"))).await;
            assert_eq!(one["request"]["body"].as_str().map(str::as_bytes), Some(&sent.body[..]));
        }
    })
    .await;
}

#[tokio::test]
async fn a_type_without_an_endpoint_is_not_told_and_can_be_replayed() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        let merchant = app.merchant();
        let begun = app.now(app.shop.id).await.seconds();
        let early = merchant.sell(&Sale::of(500)).await;
        desk.add(&receiver.url(), &["charge.captured"]).await;
        merchant.capture(&early).await.good();
        app.run_jobs().await;
        assert_eq!(story(&receiver.taken(), &early), ["charge.captured"]);
        // Another environment's endpoint hears nothing of this one.
        let test = app.shop.merchant(Environment::Test);
        test.sell(&Sale::of(600)).await;
        app.run_jobs().await;
        assert_eq!(receiver.taken().len(), 1);
        let replay = json!({ "from": begun, "to": begun + 3_600 });
        let first = desk.keyed("replay-1", "/events/replay", &replay).await.good();
        assert_eq!((&first["resent"], &first["skipped"]), (&json!(1), &json!(1)));
        assert_eq!(desk.keyed("replay-1", "/events/replay", &replay).await.good(), first, "twice is once");
        let other = json!({ "from": begun, "to": begun + 7_200 });
        desk.keyed("replay-1", "/events/replay", &other).await.refused(
            400,
            "invalid_request_error",
            "idempotency_key_reused",
        );
        app.run_jobs().await;
        assert_eq!(story(&receiver.taken(), &early), ["charge.captured", "charge.captured"]);
        let ids: Vec<String> = receiver.taken().iter().map(|it| it.text("/id")).collect();
        assert_eq!(ids[0], ids[1], "an event keeps its id");
    })
    .await;
}

#[tokio::test]
async fn one_event_is_sent_again_on_request() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        desk.subscribe(&receiver).await;
        let charge = app.merchant().sell(&Sale::of(500)).await;
        app.run_jobs().await;
        let event = desk.events(&format!("charge={charge}")).await[0]["id"].as_str().expect("an id").to_owned();
        desk.post(&format!("/events/{event}/resend"), &serde_json::Value::Null).await;
        assert_eq!(desk.events("").await[0]["pending_webhooks"], 1);
        app.run_jobs().await;
        assert_eq!(story(&receiver.taken(), &charge), ["charge.succeeded"; 2]);
        let missing = format!("/events/evt_{}/resend", "0".repeat(32));
        assert_eq!(desk.send("POST", &missing, "").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_token_without_the_scope_or_of_another_shop_sees_nothing() {
    on_both(async |app| {
        let other = app.new_shop(false).await;
        let another = app.token(Some(other.id), vec![shop::Scope::Webhooks]).await;
        let wrong = [
            (app.clock_token().await, (403, "permission_error", "insufficient_scope")),
            (another, (404, "invalid_request_error", "resource_missing")),
        ];
        for (token, (status, kind, code)) in wrong {
            for path in ["webhooks", "events", "webhook-attempts"] {
                let request = Request::get(format!("/api/shops/1/sandbox/{path}"));
                let reply = app.http.send(&request.header("authorization", format!("Bearer {token}"))).await;
                reply.refused(status, kind, code);
            }
        }
    })
    .await;
}
