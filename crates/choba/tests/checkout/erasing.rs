//! What is personal of buyers is erased; amounts, ledger and what programs read stay.

use kernel::Environment;
use serde_json::{Value, json};
use shop::Scope;
use testkit::{Behaviour, Receiver, Reply, Request, Sale, Shopper, TestApp, on_both};

use crate::{VISA, charges, session, shopper};

const ERASURES: &str = "/api/shops/1/sandbox/erasures";
const SETTINGS: &str = "/api/shops/1/sandbox/erasure-settings";
const ACCOUNTS: &str = "/api/buyers/erasures";
/// Tables that know of charges.
const OF_CHARGES: [&str; 9] =
    ["charge", "attempt", "event", "mail", "notification", "outbox", "audit", "checkout_session", "webhook_attempt"];
/// Tables that know of accounts.
const OF_ACCOUNTS: [&str; 4] = ["buyer", "buyer_session", "buyer_card", "buyer_address"];

async fn send(app: &TestApp, token: &str, method: &'static str, path: &str, body: Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = Request::post(path, body).method(method);
    app.http.send(&request.header("authorization", format!("Bearer {token}"))).await
}

async fn operator(app: &TestApp) -> String {
    app.token(None, vec![Scope::Admin]).await
}

/// What buyers typed that stands in a text.
fn personal(text: &str) -> Vec<&'static str> {
    let typed = ["taro@example.com", "hanako@example.com", "玉川", "0312345678", "ハナコ", "楽天", "1580094"];
    typed.into_iter().filter(|typed| text.contains(typed)).collect()
}

#[tokio::test]
async fn nothing_personal_of_a_charge_is_left_and_programs_read_it_as_before() {
    on_both(async |app| {
        let merchant = app.merchant();
        app.switch_mails_on(merchant.shop, "shop@example.jp").await;
        let (receiver, desk) = (Receiver::plain().await, app.webhooks().await);
        desk.add(&receiver.url(), &["charge.check"]).await;
        receiver.always(Behaviour::Status(409));
        let mut buyer = shopper(app, 1_080, VISA).await;
        // Stopped once by the shop, which was asked with the address; then not.
        buyer.send("confirm", &[]).await;
        receiver.always(Behaviour::Status(200));
        buyer.send("confirm", &[("security_code", "123")]).await;
        assert_eq!(
            personal(&app.everything_in(&["webhook_attempt"]).await),
            ["玉川", "0312345678", "ハナコ", "楽天", "1580094"]
        );
        let id = charges(app).await[0]["id"].as_str().unwrap().to_owned();
        merchant.notify(&id, "発送のお知らせ", "楽天 太郎 様").await.good();
        merchant.capture(&id).await.good();
        merchant.change(&id, 900).await.good();
        app.run_jobs().await;
        let before = merchant.retrieve(&id).await.good();
        assert_eq!(before["address"]["first_name_kana"], "ハナコ");
        app.run_jobs().await;
        assert!(!personal(&app.everything_in(&OF_CHARGES).await).is_empty());
        let logged = app.rows_in("request_log").await;

        let token = app.token(Some(merchant.shop), vec![Scope::Admin]).await;
        let erased = send(app, &token, "POST", ERASURES, json!({ "charge": id })).await.good();
        assert_eq!((&erased["charge"], &erased["open_id"]), (&json!(id), &json!(null)));
        assert_eq!(personal(&app.everything_in(&OF_CHARGES).await), Vec::<&str>::new());
        let tries = desk.tries("type=charge.check").await;
        assert_eq!(tries.len(), 2, "that the shop was asked stays");
        let one = desk.get(&format!("/webhook-attempts/{}", tries[0]["id"].as_str().unwrap())).await;
        assert_eq!(one["request"]["body"], json!(null));
        // Requests that name the charge, and lists that showed it.
        assert!(logged > 4 && app.rows_in("request_log").await == 0, "{logged}");
        let after = merchant.retrieve(&id).await.good();
        let mut expected = before.clone();
        expected["address"] = json!(null);
        assert_eq!(after, expected);
        assert_eq!(charges(app).await, [after]);
        assert!(app.mails(&merchant).await.is_empty());
        buyer.open("").await;
        assert_eq!(buyer.status, 404, "the visit is gone");
        app.verify().await;

        // Twice is once, and the charge goes on; its mails have no reader.
        assert_eq!(send(app, &token, "POST", ERASURES, json!({ "charge": id })).await.good(), erased);
        merchant.cancel(&id).await.good();
        app.run_jobs().await;
        let mails = app.mails(&merchant).await;
        let told: Vec<_> = mails.iter().map(|mail| (mail.to.is_some(), mail.body.contains("楽天"))).collect();
        assert_eq!(told.len(), 2);
        assert!(told.contains(&(true, false)) && told.contains(&(false, false)), "{told:?}");
        assert_eq!(app.actions("buyer_data.erase").await, 2);
        assert_eq!(personal(&app.everything_in(&["audit"]).await), Vec::<&str>::new());

        let refused = async |body: Value| send(app, &token, "POST", ERASURES, body).await;
        refused(json!({})).await.refused(400, "invalid_request_error", "invalid_parameter");
        refused(json!({ "charge": id, "open_id": "x" })).await.refused(
            400,
            "invalid_request_error",
            "invalid_parameter",
        );
        refused(json!({ "open_id": "a\0b" })).await.refused(400, "invalid_request_error", "invalid_parameter");
        for unknown in ["nothing", "1000000001-20261122-0000009999"] {
            assert_eq!(refused(json!({ "charge": unknown })).await.status, 404, "{unknown}");
        }
        let other = app.new_shop(true).await;
        let strange = app.token(Some(other.id), vec![Scope::Admin]).await;
        let reply = send(app, &strange, "POST", ERASURES, json!({ "charge": id })).await;
        reply.refused(404, "invalid_request_error", "resource_missing");
    })
    .await;
}

#[tokio::test]
async fn what_the_shop_was_asked_goes_with_the_buyer_although_nothing_was_sold() {
    on_both(async |app| {
        let (receiver, desk) = (Receiver::plain().await, app.webhooks().await);
        desk.add(&receiver.url(), &["charge.check"]).await;
        receiver.always(Behaviour::Status(409));
        shopper(app, 1_080, VISA).await.send("confirm", &[]).await;
        let asked = receiver.received()[0].text("/data/object/open_id");
        let token = app.token(Some(app.shop.id), vec![Scope::Admin]).await;
        for (open_id, is_left) in [("somebody", true), (&*asked, false)] {
            send(app, &token, "POST", ERASURES, json!({ "open_id": open_id })).await.good();
            assert_eq!(!personal(&app.everything_in(&["webhook_attempt"]).await).is_empty(), is_left);
        }
        assert_eq!(app.rows_in("webhook_attempt").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_answer_asked_for_again_shows_nothing_that_was_erased() {
    on_both(async |app| {
        let merchant = app.merchant().keyed("once");
        let sale = Sale::of(500).buyer_named("楽天", "太郎", "taro@example.com");
        let sale = sale.with("address", json!({ "last_name": "楽天", "address_city": "玉川" }));
        let made = merchant.create(&sale).await.good();
        let token = operator(app).await;
        send(app, &token, "POST", ERASURES, json!({ "charge": made["id"] })).await.good();
        let mut expected = made.clone();
        expected["address"] = json!(null);
        assert_eq!(merchant.create(&sale).await.good(), expected);
        // Points held in the book are another party's; nothing there is the buyer's name.
        let tables = [&OF_CHARGES[..], &["idempotency", "request_log"]].concat();
        assert_eq!(personal(&app.everything_in(&tables).await), Vec::<&str>::new());
    })
    .await;
}

#[tokio::test]
async fn a_buyer_is_erased_in_one_shop_and_the_account_by_the_operator() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[]).await;
        let mut again = Shopper::new(&app.http, &session(app, 700).await);
        again.up_to_confirm("hanako@example.com", VISA).await;
        again.send("confirm", &[]).await;
        let open_id = charges(app).await[1]["open_id"].as_str().unwrap().to_owned();
        assert_ne!(charges(app).await[0]["open_id"], open_id.as_str());

        let token = operator(app).await;
        assert_eq!(app.rows_in("buyer_card").await, 2);
        let body = json!({ "open_id": open_id });
        let erased = send(app, &token, "POST", ERASURES, body.clone()).await.good();
        assert_eq!(send(app, &token, "POST", ERASURES, body).await.good(), erased);
        let all = charges(app).await;
        let has_address: Vec<bool> = all.iter().map(|charge| charge["address"].is_object()).collect();
        assert_eq!(has_address, [true, false], "the other buyer's stays");
        assert_eq!(app.rows_in("buyer_card").await, 1);
        assert!(!app.everything_in(&["charge"]).await.contains("taro@example.com"));

        // The account is the operator's to erase.
        let shops = app.token(Some(app.shop.id), vec![Scope::Admin]).await;
        let account = json!({ "email": " Taro@Example.com" });
        let refused = send(app, &shops, "POST", ACCOUNTS, account.clone()).await;
        refused.refused(403, "permission_error", "insufficient_scope");
        send(app, &token, "POST", ACCOUNTS, account.clone()).await.good();
        assert_eq!(send(app, &token, "POST", ACCOUNTS, account).await.status, 404);
        assert_eq!(send(app, &token, "POST", ACCOUNTS, json!({ "email": "a\0b" })).await.status, 404);
        assert!(!app.everything_in(&OF_ACCOUNTS).await.contains("taro@example.com"));
        assert_eq!(app.rows_in("buyer").await, 1);
        let mut late = buyer.at_session(&session(app, 500).await);
        late.open("/card").await;
        late.is_at("/login");
        late.send("login", &[("email", "taro@example.com"), ("password", "choba-choba")]).await;
        assert_eq!(late.status, 401);
    })
    .await;
}

#[tokio::test]
async fn what_a_shop_wants_erased_by_itself_goes_after_its_days_and_not_before() {
    on_both(async |app| {
        let merchant = app.merchant();
        let token = operator(app).await;
        let sale = || Sale::of(500).buyer_named("楽天", "太郎", "taro@example.com");
        let (captured, provisional) = (merchant.sell(&sale()).await, merchant.sell(&sale()).await);
        merchant.capture(&captured).await.good();
        let test = app.shop.merchant(Environment::Test);
        test.sell(&sale()).await;
        for wrong in
            [json!({}), json!({ "after_days": 0 }), json!({ "after_days": 3_651 }), json!({ "after_days": "1" })]
        {
            assert_eq!(send(app, &token, "PUT", SETTINGS, wrong.clone()).await.status, 400, "{wrong}");
        }
        assert_eq!(send(app, &token, "GET", SETTINGS, json!(null)).await.good()["after_days"], json!(null));
        let kept = send(app, &token, "PUT", SETTINGS, json!({ "after_days": 30 })).await.good();
        assert_eq!(send(app, &token, "GET", SETTINGS, json!(null)).await.good(), kept);
        app.verify().await;

        let named = async || app.everything_in(&["charge"]).await.matches("taro@example.com").count();
        let begun = app.now(merchant.shop).await;
        let day = |days: i64| begun.plus_seconds(days * 86_400);
        app.advance(merchant.shop, day(29)).await;
        assert_eq!(named().await, 3);
        app.advance(merchant.shop, day(31)).await;
        assert_eq!(named().await, 2, "the sandbox's captured one");
        assert_eq!(merchant.retrieve(&captured).await.good()["captured"], true);
        // The provisional one is cancelled, by the end of its window, and named for 30 days more.
        merchant.cancel(&provisional).await.good();
        app.advance(merchant.shop, day(60)).await;
        assert_eq!(named().await, 2);
        app.advance(merchant.shop, day(62)).await;
        assert_eq!(named().await, 1, "another environment's stays");
        app.verify().await;

        send(app, &token, "PUT", SETTINGS, json!({ "after_days": null })).await.good();
        let late = merchant.sell(&sale()).await;
        merchant.capture(&late).await.good();
        app.advance(merchant.shop, day(120)).await;
        assert_eq!(named().await, 2);
        assert_eq!(app.actions("erase_setting.replace").await, 2);
        // More than one batch, in test, whose time is the machine's.
        for _ in 0..60 {
            let id = test.sell(&sale()).await;
            test.cancel(&id).await.good();
        }
        let path = SETTINGS.replace("sandbox", "test");
        send(app, &token, "PUT", &path, json!({ "after_days": 1 })).await.good();
        app.wait(86_400 - 60);
        app.run_jobs().await;
        assert_eq!(named().await, 62);
        app.wait(86_400 + 60);
        app.run_jobs().await;
        assert_eq!(named().await, 2);
    })
    .await;
}
