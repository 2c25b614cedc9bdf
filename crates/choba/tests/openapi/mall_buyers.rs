//! Buyers of the marketplace over HTTP, held to the document: orders by scenario, and what their buyers do later.

use kernel::Timestamp;
use kernel::time::MICROS_PER_SECOND;
use mall::licence::{self, Functions, Sealing};
use mall::market::{MallShop, rows};
use serde_json::{Value, json};
use shop::By;
use store::StoreError;
use testkit::app::on_both;
use testkit::{Reply, Request, TestApp};

use crate::conversation::Conversation;

const ORDERS: &str = "/api/test_helpers/mall/orders";

struct Buyers<'a> {
    app: &'a TestApp,
    conversation: Conversation,
    authorization: String,
}

impl Buyers<'_> {
    async fn of(app: &TestApp) -> Buyers<'_> {
        let (shop, vault, entropy) = (app.shop.id, app.wired.gateway.vault().clone(), app.entropy.clone());
        let by = By::new(app.store().machine_now(), &*entropy, "tests".into(), "tests".into());
        let open = move |tx: &mut store::Tx<'_>| {
            tx.execute_all(&[rows::insert_shop(&MallShop::new(shop, 123_456, "tea-shop"))])?;
            let sealing = Sealing { vault: &vault, entropy: &*entropy };
            licence::issue(tx, sealing, shop, &Functions::all(), &by).expect("a licence");
            let shown = licence::shown_to_programs(tx, &vault, shop, None).expect("the licence");
            Ok::<_, StoreError>(licence::authorization(&shown.service_secret, &shown.license_key))
        };
        let authorization = app.store().write(open).await.unwrap();
        Buyers { app, conversation: Conversation::new(&app.http), authorization }
    }

    async fn post(&mut self, path: &str, number: &str, body: &Value) -> Reply {
        let request = Request::post(path.replace("{order}", number), body.to_string());
        let request = request.header("authorization", self.authorization.clone());
        self.conversation.send("post", path, request).await
    }

    async fn place(&mut self, body: Value) -> String {
        let placed = self.post(ORDERS, "", &body).await;
        assert_eq!(placed.status, 200, "{}", placed.text);
        placed.json()["orderNumber"].as_str().unwrap().to_owned()
    }

    async fn act(&mut self, name: &str, number: &str, body: Value) -> Reply {
        self.post(&format!("{ORDERS}/{{order}}/{name}"), number, &body).await
    }

    async fn rms(&self, operation: &str, body: Value) -> Value {
        let request = Request::post(format!("/es/2.0/order/{operation}/"), body.to_string());
        let request = request.header("content-type", "application/json; charset=utf-8");
        self.app.http.send(&request.header("authorization", self.authorization.clone())).await.json()
    }

    async fn confirm(&self, number: &str) {
        self.rms("confirmOrder", json!({ "orderNumberList": [number] })).await;
        self.wait(10).await;
    }

    /// orderProgress and settlementMethodCode.
    async fn stands(&self, number: &str) -> (i64, i64) {
        let answer = self.rms("getOrder", json!({ "orderNumberList": [number], "version": 10 })).await;
        let order = &answer["OrderModelList"][0];
        (order["orderProgress"].as_i64().unwrap(), order["SettlementModel"]["settlementMethodCode"].as_i64().unwrap())
    }

    async fn wait(&self, seconds: i64) {
        let now: Timestamp = self.app.now(self.app.shop.id).await;
        self.app.advance(self.app.shop.id, now.plus_micros(seconds * MICROS_PER_SECOND)).await;
    }
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_arrive_by_scenario_with_facts_of_their_own() {
    on_both(async |app| {
        let mut buyers = Buyers::of(app).await;
        let number = buyers.place(json!({ "scenario": "card_ok", "points": 60, "notes": { "remarks": "至急" } })).await;
        let answer = buyers.rms("getOrder", json!({ "orderNumberList": [number], "version": 10 })).await;
        let order = &answer["OrderModelList"][0];
        assert_eq!(
            (order["PointModel"]["usedPoint"].as_i64(), order["requestPrice"].as_i64()),
            (Some(60), Some(2_600))
        );
        assert_eq!(order["remarks"], "至急");
        for (body, what) in [
            (json!({}), "scenario"),
            (json!({ "scenario": "card" }), "scenario"),
            (json!({ "scenario": "card_ok", "colour": 1 }), "colour"),
            (json!({ "scenario": "card_ok", "points": 1_000_000 }), "less than nothing"),
            (json!({ "scenario": "card_ok", "points": -500 }), "points"),
            (json!({ "scenario": "card_ok", "payment_charge": -1 }), "payment_charge"),
            (json!({ "scenario": "card_ok", "packages": [] }), "packages"),
            (json!({ "scenario": "card_ok", "orderer": { "person": { "first_name": null } } }), "first_name"),
            (json!({ "scenario": "card_ok", "orderer": { "person": { "phone": [null, null, null] } } }), "phone"),
        ] {
            let refused = buyers.post(ORDERS, "", &body).await;
            assert_eq!(code(&refused), (400, "invalid_parameter".into()), "{body}");
            assert!(refused.text.contains(what), "{}", refused.text);
        }
        let mail = json!({ "scenario": "deferred_ok", "notes": { "delivery_name": "メール便" } });
        assert_eq!(code(&buyers.post(ORDERS, "", &mail).await), (400, "order_refused".into()));
        let same = Request::post(ORDERS, r#"{"scenario":"cod"}"#).header("authorization", buyers.authorization.clone());
        let same = same.header("idempotency-key", "once");
        let first = buyers.conversation.send("post", ORDERS, same.clone()).await;
        assert_eq!(first.text, buyers.conversation.send("post", ORDERS, same).await.text);
        let stranger = Request::post(ORDERS, r#"{"scenario":"cod"}"#);
        assert_eq!(buyers.conversation.send("post", ORDERS, stranger).await.status, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buyers_act_later() {
    on_both(async |app| {
        let mut buyers = Buyers::of(app).await;
        let prepaid = buyers.place(json!({ "scenario": "prepaid_never_paid" })).await;
        let refused = buyers.place(json!({ "scenario": "card_refused" })).await;
        let taken_back = buyers.place(json!({ "scenario": "card_ok" })).await;
        let gift = buyers.place(json!({ "scenario": "social_gift" })).await;
        assert_eq!(buyers.act("cancel", &taken_back, json!({})).await.status, 200);
        assert_eq!(buyers.act("enter_recipient", &gift, json!({})).await.status, 200);
        for number in [&prepaid, &refused, &gift] {
            buyers.confirm(number).await;
        }
        assert_eq!(buyers.stands(&taken_back).await.0, 900);
        assert_eq!((buyers.stands(&prepaid).await.0, buyers.stands(&gift).await.0), (200, 300));
        assert_eq!(buyers.act("pay", &prepaid, json!({ "amount": 2_000 })).await.status, 200);
        buyers.wait(10).await;
        assert_eq!(buyers.stands(&prepaid).await.0, 200);
        assert_eq!(buyers.act("pay", &prepaid, json!({})).await.status, 200);
        assert_eq!(buyers.act("change_method", &refused, json!({ "method": 1 })).await.status, 200);
        buyers.wait(10).await;
        assert_eq!((buyers.stands(&prepaid).await, buyers.stands(&refused).await), ((300, 9), (300, 1)));
        assert_eq!(code(&buyers.act("return_goods", &refused, json!({})).await), (400, "order_refused".into()));
        let basket = buyers.rms("getOrder", json!({ "orderNumberList": [refused], "version": 10 })).await;
        let basket = basket["OrderModelList"][0]["PackageModelList"][0]["basketId"].clone();
        let today = app.now(app.shop.id).await.jst_date().to_string();
        let row = json!({ "deliveryCompany": "1001", "shippingNumber": "1234-5678", "shippingDate": today });
        let report = json!({ "orderNumber": refused, "BasketidModelList": [{ "basketId": basket, "ShippingModelList": [row] }] });
        buyers.rms("updateOrderShipping", report).await;
        buyers.wait(86_410).await;
        assert_eq!(buyers.stands(&refused).await.0, 500);
        assert_eq!(buyers.act("return_goods", &refused, json!({})).await.status, 200);
        assert_eq!(buyers.act("charge_back", &refused, json!({})).await.status, 200);
        assert_eq!(code(&buyers.act("charge_back", &refused, json!({})).await), (400, "order_refused".into()));
        let nobody = "123456-20261122-0000009999";
        assert_eq!(buyers.act("cancel", nobody, json!({})).await.status, 404);
        assert_eq!(code(&buyers.act("pay", &prepaid, json!({ "amount": 0, "x": 1 })).await).0, 400);
    })
    .await;
}

/// The company of a deferred payment refuses to bill less, twice, and a person asks again.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_refused_is_asked_for_again() {
    on_both(async |app| {
        let mut buyers = Buyers::of(app).await;
        let script = json!({ "billings": ["yes", "no", "no", "yes"] });
        let number = buyers.place(json!({ "scenario": "deferred_ok", "script": script })).await;
        buyers.confirm(&number).await;
        let shown = buyers.rms("getOrder", json!({ "orderNumberList": [number], "version": 10 })).await;
        let mut package = shown["OrderModelList"][0]["PackageModelList"][0].clone();
        let today = app.now(app.shop.id).await.jst_date().to_string();
        let row = json!({ "deliveryCompany": "1001", "shippingNumber": "1234-5678", "shippingDate": today });
        let report = json!({ "orderNumber": number, "BasketidModelList": [{
            "basketId": package["basketId"], "ShippingModelList": [row],
        }] });
        buyers.rms("updateOrderShipping", report).await;
        buyers.wait(86_410).await;
        assert_eq!(buyers.stands(&number).await.0, 500);

        // What getOrder shows is sent back, one item 100 yen cheaper.
        let price = package["ItemModelList"][0]["price"].as_i64().unwrap();
        let units = package["ItemModelList"][0]["units"].as_i64().unwrap();
        package["ItemModelList"][0]["price"] = json!(price - 100);
        let less = json!({ "orderNumber": number, "reductionReason": 15, "PackageModelList": [package] });
        let done = buyers.rms("updateOrderSenderAfterShipping", less).await;
        assert_eq!(done["MessageModelList"][0]["messageType"], "INFO", "{done}");
        let refund = async |buyers: &Buyers<'_>| {
            let payment = buyers.rms("getPayment", json!({ "orderNumber": number, "version": 4 })).await;
            let refund = &payment["OrderModel"]["PaymentModelList"][0]["RefundModelList"][0];
            (refund["paymentAmount"].as_i64().unwrap(), refund["paymentStatus"].as_i64().unwrap())
        };
        assert_eq!(refund(&buyers).await, (100 * units, 30_500));
        for (asked, status) in [(0, 30_700), (1, 30_700), (1, 30_600), (0, 30_600)] {
            if asked > 0 || status == 30_600 {
                let again = buyers.act("ask_again", &number, json!({})).await;
                assert_eq!((again.status, again.json()), (200, json!({ "requests": asked })));
            }
            app.run_jobs().await;
            buyers.wait(60).await;
            assert_eq!(refund(&buyers).await, (100 * units, status));
        }
        app.verify().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_asked_again() {
    on_both(async |app| {
        let mut buyers = Buyers::of(app).await;
        let number = buyers.place(json!({ "scenario": "card_ok" })).await;
        buyers.rms("confirmOrder", json!({ "orderNumberList": [number] })).await;
        let give_up = format!("UPDATE outbox SET state = 'failed' WHERE lane = '{number}'");
        let given_up = app.store().write::<_, StoreError, _>(move |tx| tx.execute(&give_up, &[])).await.unwrap();
        assert_eq!(given_up, 1);
        for requests in [1, 0] {
            let asked = buyers.act("ask_again", &number, json!({})).await;
            assert_eq!((asked.status, asked.json()), (200, json!({ "requests": requests })));
        }
        app.run_jobs().await;
        buyers.wait(10).await;
        assert_eq!(buyers.stands(&number).await.0, 300);
        assert_eq!(buyers.act("ask_again", "123456-20261122-0000009999", json!({})).await.status, 404);
        assert_eq!(buyers.act("ask_again", "no-number", json!({})).await.status, 404);
    })
    .await;
}
