//! Mails that are sent by themselves (seed 000 "確定", "キャンセル", "金額変更"), and the mailbox they arrive in.

use pay::mail::{Kind, Outcome, Recipient};
use pay::mailbox::{self, Search};
use serde_json::json;
use testkit::{Merchant, Request, Sale, TestApp, on_both};

use crate::words::INVALID;

fn sale(total: i64) -> Sale {
    Sale::of(total).buyer_named("楽天", "太郎", "taro@example.ne.jp")
}

/// Kind and reader of every mail about a charge, in the order of their making.
async fn told(app: &TestApp, merchant: &Merchant, charge: &str) -> Vec<String> {
    app.run_jobs().await;
    let mails = app.mails(merchant).await;
    let mut told: Vec<String> = mails
        .iter()
        .filter(|mail| mail.charge == charge)
        .map(|mail| format!("{} {}", mail.kind.as_str(), mail.recipient.as_str()))
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn each_change_is_told_once_to_whom_the_manual_says() {
    on_both(async |app| {
        let merchant = app.merchant();
        app.switch_mails_on(merchant.shop, "shop@example.jp").await;
        let captured = merchant.sell(&sale(1_000)).await;
        assert_eq!(told(app, &merchant, &captured).await, [""; 0]);
        let keyed = merchant.keyed("k");
        keyed.capture(&captured).await.good();
        keyed.capture(&captured).await.good();
        merchant.capture(&captured).await.refused(400, INVALID, "already_captured");
        assert_eq!(told(app, &merchant, &captured).await, ["captured shop"]);
        merchant.change(&captured, 99).await.refused(400, INVALID, "amount_too_small");
        merchant.change(&captured, 1_500).await.good();
        assert_eq!(told(app, &merchant, &captured).await, ["captured shop", "changed buyer", "changed shop"]);
        merchant.cancel(&captured).await.good();
        merchant.cancel(&captured).await.refused(400, INVALID, "already_refunded");
        let all = ["cancelled buyer", "cancelled shop", "captured shop", "changed buyer", "changed shop"];
        assert_eq!(told(app, &merchant, &captured).await, all);

        let mails = app.mails(&merchant).await;
        let changed =
            |to| mails.iter().find(|mail| (mail.kind, mail.recipient) == (Kind::Changed, to)).expect("a mail");
        assert_eq!(changed(Recipient::Buyer).to.as_deref(), Some("taro@example.ne.jp"));
        assert_eq!(changed(Recipient::Shop).to.as_deref(), Some("shop@example.jp"));
        for mail in [changed(Recipient::Buyer), changed(Recipient::Shop)] {
            assert_eq!(mail.outcome, Outcome::Kept);
            assert!(mail.body.contains("変更前の合計金額: 1,000円\n変更後の合計金額: 1,500円\n"), "{}", mail.body);
        }
        // A refused card changes nothing, and so tells nothing.
        let refused = merchant.sell(&sale(700).card("capture_refused")).await;
        merchant.capture(&refused).await.refused(402, "payment_error", "invalid_payment");
        assert_eq!(told(app, &merchant, &refused).await, [""; 0]);
        // An outcome that was unknown for a while is told once.
        let lost = merchant.sell(&sale(800).card("capture_answer_lost")).await;
        merchant.capture(&lost).await.refused(503, "service_error", "outcome_unknown");
        app.settle().await;
        assert_eq!(told(app, &merchant, &lost).await, ["captured shop"]);
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_window_is_told_like_a_cancel() {
    on_both(async |app| {
        let merchant = app.merchant();
        app.switch_mails_on(merchant.shop, "shop@example.jp").await;
        let left = merchant.sell(&sale(1_000)).await;
        app.advance(merchant.shop, app.window_timer(&merchant, &left).await.expect("a window")).await;
        // Turning the clock sends what becomes due.
        let mails = app.mails(&merchant).await;
        let kinds: Vec<_> = mails.iter().map(|mail| (mail.kind, mail.recipient, mail.outcome)).collect();
        assert_eq!(kinds.len(), 2);
        for to in Recipient::ALL {
            assert!(kinds.contains(&(Kind::Expired, to, Outcome::Kept)), "{kinds:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_has_mails_switched_off_gets_none_and_who_has_no_address_either() {
    on_both(async |app| {
        let (merchant, other) = (app.merchant(), app.new_shop(true).await.sandbox());
        app.switch_mails_on(other.shop, "other@example.jp").await;
        let id = merchant.sell(&sale(1_000)).await;
        merchant.cancel(&id).await.good();
        assert_eq!(told(app, &merchant, &id).await, [""; 0]);

        for email in [json!(null), json!("no address"), json!("a@b.jp\r\nBcc: c@d.jp"), json!("\0")] {
            let buyer = json!({ "id": "b", "email": email, "first_name": "\0太郎\n" });
            let id = other.sell(&Sale::of(1_000).with("buyer", buyer)).await;
            other.cancel(&id).await.good();
            assert_eq!(told(app, &other, &id).await, ["cancelled buyer", "cancelled shop"], "{email}");
            let mails = app.mails(&other).await;
            let to_buyer = mails.iter().find(|mail| mail.charge == id && mail.recipient == Recipient::Buyer).unwrap();
            assert_eq!((to_buyer.outcome, &to_buyer.to), (Outcome::Nobody, &None));
            assert!(to_buyer.body.starts_with("太郎 様\n"), "{}", to_buyer.body);
        }
    })
    .await;
}

#[tokio::test]
async fn the_mailbox_is_searched_page_by_page() {
    on_both(async |app| {
        let merchant = app.merchant();
        let mut charges = Vec::new();
        for number in 0..7 {
            let id = merchant.sell(&sale(1_000)).await;
            merchant.notify(&id, &format!("100%確認 No_{number}"), "本文 ABC").await.good();
            app.wait(1);
            charges.push(id);
        }
        app.run_jobs().await;
        let (shop, environment) = (merchant.shop, merchant.environment);
        let page = async |search: Search, after: Option<String>| {
            let after = after.map(|text| text.parse::<mailbox::Cursor>().expect("a cursor"));
            let list = move |tx: &mut store::Tx<'_>| mailbox::list(tx, shop, environment, &search, after.as_ref(), 3);
            app.store().read(list).await.expect("reading mails")
        };
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = page(Search::default(), after).await;
            seen.extend(page.mails.iter().map(|mail| mail.charge.clone()));
            after = page.next.map(|cursor| cursor.to_string());
            if after.is_none() {
                break;
            }
        }
        seen.reverse();
        assert_eq!(seen, charges);
        let found = async |text: &str| page(Search { text: text.into(), ..Search::default() }, None).await.mails.len();
        assert_eq!((found("no_3").await, found("o%").await, found("!").await, found("taro@").await), (1, 0, 0, 3));
        assert_eq!(
            (found("0%確").await, found("abc").await, found(&charges[2]).await, found("\0").await),
            (3, 3, 1, 0)
        );
        let of_one = page(Search { charge: Some(charges[4].clone()), ..Search::default() }, None).await.mails;
        let id = of_one[0].id.clone();
        let find = move |tx: &mut store::Tx<'_>| mailbox::find(tx, shop, environment, &id);
        assert_eq!(app.store().read(find).await.expect("reading a mail"), Some(of_one[0].clone()));
        for wrong in ["", "x", "1", "1.", "x.y", "1.\0"] {
            assert_eq!(wrong.parse::<mailbox::Cursor>().is_ok(), wrong == "1.", "{wrong:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_never_said_anything_sends_them() {
    on_both(async |app| {
        let shop = app.new_shop_with_mails().await;
        let merchant = shop.sandbox();
        let token = app.token(Some(shop.id), vec![shop::Scope::Mail]).await;
        let bearer = format!("Bearer {token}");
        let path = format!("/api/shops/{}/mail-settings", shop.id);
        let settings = app.http.send(&Request::get(path.clone()).header("authorization", &*bearer)).await.good();
        assert_eq!((&settings["automatic"], &settings["contact_address"]), (&json!(true), &json!(null)));
        let charge = merchant.sell(&sale(1_000)).await;
        merchant.capture(&charge).await.good();
        merchant.change(&charge, 900).await.good();
        merchant.cancel(&charge).await.good();
        let all = ["cancelled buyer", "cancelled shop", "captured shop", "changed buyer", "changed shop"];
        assert_eq!(told(app, &merchant, &charge).await, all);
        for mail in app.mails(&merchant).await {
            let expected = match mail.recipient {
                Recipient::Buyer => (Some("taro@example.ne.jp"), Outcome::Kept),
                // 宛先なし: the shop has no address.
                Recipient::Shop => (None, Outcome::Nobody),
            };
            assert_eq!((mail.to.as_deref(), mail.outcome), expected);
        }
        let put = |body: &str| Request::post(path.clone(), body).method("PUT").header("authorization", &*bearer);
        for (body, mails) in [(r#"{"automatic":false}"#, 0), (r#"{"automatic":true}"#, 1)] {
            app.http.send(&put(body)).await.good();
            let charge = merchant.sell(&sale(500)).await;
            merchant.capture(&charge).await.good();
            assert_eq!(told(app, &merchant, &charge).await.len(), mails, "{body}");
        }
    })
    .await;
}

#[tokio::test]
async fn settings_are_read_and_replaced_by_who_may() {
    on_both(async |app| {
        let path = format!("/api/shops/{}/mail-settings", app.shop.id);
        let token = app.token(None, vec![shop::Scope::Mail]).await;
        let send = async |token: &str, request: Request| {
            app.http.send(&request.header("authorization", format!("Bearer {token}"))).await
        };
        let put = async |body: serde_json::Value| {
            send(&token, Request::post(path.clone(), body.to_string()).method("PUT")).await
        };
        let usual = json!({
            "object": "mail_settings", "shop": 1, "automatic": false, "contact_address": null, "sender_name": null,
            "opening": null,
        });
        assert_eq!(send(&token, Request::get(path.clone())).await.good(), usual);
        let new = json!({
            "automatic": true, "contact_address": "shop@example.jp", "sender_name": "お茶の店",
            "opening": "#CUSTOMER_NAME#様へ",
        });
        put(new.clone()).await.good();
        let shown = send(&token, Request::get(path.clone())).await.good();
        for (name, value) in new.as_object().unwrap() {
            assert_eq!(&shown[name], value);
        }
        for (body, code) in [
            (json!({ "automatic": true, "contact_address": "x" }), "invalid_parameter"),
            (json!({ "automatic": false, "sender_name": "" }), "invalid_parameter"),
            (json!({ "automatic": false, "opening": "①" }), "invalid_character"),
            (json!({ "automatic": false, "opening": "\0" }), "invalid_character"),
            (json!({ "automatic": false, "further": 1 }), "invalid_json"),
            (json!({}), "invalid_json"),
            (json!([true]), "invalid_json"),
        ] {
            put(body).await.refused(400, INVALID, code);
        }
        let clock = app.clock_token().await;
        send(&clock, Request::get(path.clone())).await.refused(403, "permission_error", "insufficient_scope");

        let merchant = app.merchant();
        let id = merchant.sell(&sale(500)).await;
        merchant.cancel(&id).await.good();
        app.run_jobs().await;
        let mails = app.mails(&merchant).await;
        let to_buyer = mails.iter().find(|mail| mail.recipient == Recipient::Buyer).unwrap();
        assert_eq!(to_buyer.sender_name, "お茶の店");
        assert!(to_buyer.body.starts_with("楽天 太郎様へ\n\n"), "{}", to_buyer.body);
        assert_eq!(put(json!({ "automatic": false })).await.good(), usual);
    })
    .await;
}

#[tokio::test]
async fn what_is_personal_goes_with_the_buyers_data() {
    on_both(async |app| {
        let merchant = app.merchant();
        app.switch_mails_on(merchant.shop, "shop@example.jp").await;
        let (id, other) = (merchant.sell(&sale(500)).await, merchant.sell(&sale(600)).await);
        for charge in [&id, &other] {
            merchant.notify(charge, "a", "b").await.good();
            merchant.cancel(charge).await.good();
        }
        app.run_jobs().await;
        let (shop, environment, charge) = (merchant.shop, merchant.environment, id.clone());
        let erase = move |tx: &mut store::Tx<'_>| {
            tx.execute_all(&pay::mail::rows::erase_of_charge(shop, environment, &charge)).map(|_| ())
        };
        app.store().write::<_, store::StoreError, _>(erase).await.expect("erasing");
        assert!(app.mails(&merchant).await.iter().all(|mail| mail.charge == other));
        assert_eq!(merchant.notifications(&format!("charge={id}")).await.good()["total"], 0);
        assert_eq!(merchant.notifications(&format!("charge={other}")).await.good()["total"], 1);
    })
    .await;
}
