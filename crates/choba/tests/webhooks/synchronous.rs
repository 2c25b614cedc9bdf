//! `charge.check` and `ping`: sent once while somebody waits, logged, never tried again.

use std::time::Duration;

use kernel::outside::sortable_hex;
use kernel::{Environment, Yen};
use pay::charge::Order;
use pay::charge::item::{Item, Items};
use pay::webhook::{CheckOutcome, Limits};
use serde_json::{Value, json};
use testkit::{Behaviour, Receiver, Setup, TestApp, on_both_with};

fn impatient() -> Setup {
    let limits = Limits { delivery: Duration::from_secs(2), check: Duration::from_secs(2) };
    Setup { webhook_limits: limits, ..Setup::default() }
}

fn order() -> Order {
    let item = Item { id: "item-01".into(), name: "商品".into(), quantity: 2, unit_price: 600 };
    Order {
        items: Items::new(vec![item]).expect("items"),
        cart_id: Some("cart-1".into()),
        point: Yen::new(200).expect("yen"),
        card: Some("visa".into()),
        address: None,
        buyer: Default::default(),
        open_id: "https://choba.example/openid/user/a".into(),
        presence: pay::charge::Presence::Simulated,
        windows: pay::charge::Windows::USUAL,
    }
}

async fn check(app: &TestApp) -> CheckOutcome {
    // The log is in the order of machine time.
    app.wait(1);
    let webhooks = app.wired.gateway.webhooks();
    let attempt = sortable_hex(app.store().machine_now(), &*app.entropy);
    let asked = webhooks.check(app.shop.id, Environment::Sandbox, &order(), &attempt).await.expect("asking");
    let entry: Vec<_> = asked.entry().into_iter().collect();
    let log = move |tx: &mut store::Tx<'_>| tx.execute_all(&entry).map(|_| ());
    app.store().write::<_, store::StoreError, _>(log).await.expect("writing the log");
    asked.outcome
}

#[tokio::test]
async fn the_shop_says_whether_it_can_sell() {
    on_both_with(impatient(), async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        assert_eq!(check(app).await, CheckOutcome::NotAsked);
        let endpoint = desk.add(&receiver.url(), &["charge.check"]).await;
        assert_eq!(check(app).await, CheckOutcome::Passed);
        let event = receiver.received()[0].event();
        assert_eq!((&event["type"], &event["synchronous"]), (&json!("charge.check"), &json!(true)));
        let charge = &event["data"]["object"];
        for field in ["id", "cipher", "status", "created", "updated", "address"] {
            assert_eq!(charge.get(field), Some(&Value::Null), "{field}");
        }
        assert_eq!(
            (&charge["amount"], &charge["point"], &charge["cart_id"]),
            (&json!(1_200), &json!(200), &json!("cart-1"))
        );
        assert_eq!(charge["items"][0]["quantity"], 2);
        for (behaviour, expected) in [
            (Behaviour::Status(204), CheckOutcome::Refused(204)),
            (Behaviour::Status(409), CheckOutcome::Refused(409)),
            (Behaviour::With(302, "location", receiver.url()), CheckOutcome::Refused(302)),
        ] {
            receiver.always(behaviour);
            assert_eq!(check(app).await, expected);
        }
        receiver.always(Behaviour::Hang);
        let CheckOutcome::Unanswered(error) = check(app).await else { panic!("answered") };
        assert!(error.contains("timed out"), "{error}");
        let tries = desk.tries(&format!("endpoint={endpoint}")).await;
        let outcomes: Vec<&str> = tries.iter().rev().filter_map(|logged| logged["outcome"].as_str()).collect();
        assert_eq!(outcomes, ["delivered", "delivered", "refused", "refused", "unanswered"]);
        desk.post(&format!("/webhooks/{endpoint}/disable"), &Value::Null).await;
        assert!(
            matches!(check(app).await, CheckOutcome::Unanswered(_)),
            "who wants to be asked and cannot be stops the order"
        );
        let stopped = &desk.tries("type=charge.check").await[0];
        assert_eq!(stopped["outcome"], "unanswered", "the order that was stopped is in the log: {stopped}");
        // Each question stands there as it was sent.
        for (logged, sent) in tries.iter().rev().zip(receiver.received()) {
            let one = desk.get(&format!("/webhook-attempts/{}", logged["id"].as_str().expect("an id"))).await;
            assert_eq!(one["request"]["body"].as_str().map(str::as_bytes), Some(&sent.body[..]));
        }
        app.run_jobs().await;
        assert_eq!(receiver.received().len(), 5, "nothing was tried again");
    })
    .await;
}

#[tokio::test]
async fn a_ping_shows_request_and_response() {
    on_both_with(impatient(), async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        let endpoint = desk.add(&receiver.url(), &[]).await;
        let path = format!("/webhooks/{endpoint}/ping");
        let first = desk.keyed("ping-1", &path, &json!({})).await.good();
        assert_eq!(
            (&first["outcome"], &first["response"]["status"], &first["number"]),
            (&json!("delivered"), &json!(200), &Value::Null)
        );
        let body: Value = serde_json::from_str(first["request"]["body"].as_str().expect("a body")).expect("JSON");
        assert_eq!((&body["type"], &body["data"], &body["synchronous"]), (&json!("ping"), &Value::Null, &json!(true)));
        let again = desk.keyed("ping-1", &path, &json!({})).await.good();
        assert_eq!((&again["id"], receiver.received().len()), (&first["id"], 1));
        // Also when its second can no longer be told.
        app.turn_unattended(app.shop.id, app.now(app.shop.id).await.plus_seconds(86_400)).await;
        let later = desk.get(&format!("/webhook-attempts/{}", first["id"].as_str().expect("an id"))).await;
        assert_eq!(later["request"]["body"], first["request"]["body"]);
        receiver.always(Behaviour::Hang);
        let unanswered = desk.post(&path, &Value::Null).await;
        assert_eq!((&unanswered["outcome"], &unanswered["response"]), (&json!("unanswered"), &Value::Null));
        receiver.always(Behaviour::Status(500));
        let refused = desk.post(&path, &Value::Null).await;
        assert_eq!((&refused["outcome"], &refused["response"]["status"]), (&json!("refused"), &json!(500)));
        app.run_jobs().await;
        assert_eq!(receiver.received().len(), 3);
        let missing = format!("/webhooks/we_{}/ping", "0".repeat(32));
        assert_eq!(desk.send("POST", &missing, "").await.status, 404);
    })
    .await;
}
