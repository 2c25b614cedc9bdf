//! Twice is once (design "What is true of every part"): the same request under the same `Idempotency-Key` gets the
//! first answer again, another one is an error.

use kernel::Environment;
use serde_json::json;
use testkit::{Request, Sale, on_both};

use crate::words::{INVALID, answer, state};

#[tokio::test]
async fn the_same_request_gets_the_first_answer_again() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sale = Sale::items(&[("a", "一", 1, 600), ("b", "二", 2, 200)]).with("cart_id", "c").point(100);
        let sale = sale.with("address", json!({ "country": "JPN", "tel": "03" }));
        let created = merchant.keyed("create").create(&sale).await;
        let id = created.good()["id"].as_str().expect("text").to_owned();
        app.wait(1);
        let changed = merchant.keyed("change").change(&id, 800).await;
        app.wait(1);
        let captured = merchant.keyed("capture").capture(&id).await;
        app.wait(1);
        let cancelled = merchant.keyed("cancel").cancel(&id).await;
        assert_eq!(
            [&created, &changed, &captured, &cancelled].map(|reply| state(&reply.good())),
            ["provisional 1000", "provisional 800", "actual 800", "cancelled 800"]
        );
        for _ in 0..2 {
            app.wait(1_000);
            // In another order than the first time; the bytes are the same whatever became of the charge.
            assert_eq!(merchant.keyed("cancel").cancel(&id).await.text, cancelled.text);
            assert_eq!(merchant.keyed("create").create(&sale).await.text, created.text);
            assert_eq!(merchant.keyed("capture").capture(&id).await.text, captured.text);
            assert_eq!(merchant.keyed("change").change(&id, 800).await.text, changed.text);
            app.run_jobs().await;
        }
        assert_eq!(merchant.list("").await.good()["total"], 1);
        assert_eq!(
            app.effects(&merchant, &id).await.to_string(),
            "ledger 0 | acquirer refunded 700 of 900 | points returned 100 | events succeeded updated captured refunded"
        );
    })
    .await;
}

/// A key that stands for a change the charge would allow again: it must not be made a second time.
#[tokio::test]
async fn a_change_that_was_undone_is_not_made_again() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        let first = merchant.keyed("k").change(&id, 500).await;
        merchant.change(&id, 1_000).await.good();
        assert_eq!(merchant.keyed("k").change(&id, 500).await.text, first.text);
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000");
        let first = merchant.keyed("c").capture(&id).await;
        merchant.change(&id, 700).await.good();
        assert_eq!(merchant.keyed("c").capture(&id).await.text, first.text);
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 700");
        app.run_jobs().await;
        assert_eq!(
            app.effects(&merchant, &id).await.to_string(),
            "ledger 0 | acquirer authorized 700, refunded 1000 \
             | events succeeded updated updated captured updated"
        );
    })
    .await;
}

#[tokio::test]
async fn another_request_under_the_key_is_an_error() {
    on_both(async |app| {
        let merchant = app.merchant();
        let keyed = merchant.keyed("k");
        let (id, other) = (merchant.sell(&Sale::of(1_000)).await, merchant.sell(&Sale::of(1_000)).await);
        keyed.change(&id, 500).await.good();
        for reply in [
            keyed.change(&id, 501).await,
            keyed.change(&other, 500).await,
            keyed.capture(&id).await,
            keyed.cancel(&id).await,
            keyed.create(&Sale::of(1_000)).await,
            keyed.change_to(&id, &[("item-01", "商品", 1, 500), ("b", "送料", 1, 0)]).await,
        ] {
            reply.refused(400, INVALID, "idempotency_key_reused");
        }
        keyed.change(&id, 500).await.good();
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 500");
        assert_eq!(state(&merchant.retrieve(&other).await.good()), "provisional 1000");
        assert_eq!(merchant.list("").await.good()["total"], 2);
    })
    .await;
}

#[tokio::test]
async fn spelling_does_not_make_another_request() {
    on_both(async |app| {
        let merchant = app.merchant();
        let keyed = merchant.keyed("k");
        let id = merchant.sell(&Sale::of(1_000)).await;
        let path = format!("/charges/{id}/refund");
        let item = "item_id_1=a&item_name_1=%E5%95%86&item_quantity_1=1&item_unit_price_1=500";
        let first = keyed.post(&path, item).await;
        assert_eq!(state(&first.good()), "provisional 500");
        let turned = item.split('&').rev().collect::<Vec<_>>().join("&");
        for same in [turned, item.replace("%E5%95%86", "商"), item.replace('_', "%5F")] {
            assert_eq!(keyed.post(&path, &same).await.text, first.text, "{same}");
        }
        let create = async |body: &str| {
            let request = Request::post("/api/test_helpers/charges", body).header("content-type", "application/json");
            merchant.keyed("j").send(request).await
        };
        let first = create(r#"{"items":[{"id":"a","name":"b","quantity":1,"unit_price":500}],"cart_id":"c"}"#).await;
        let same = r#"{ "cart_id": "\u0063", "items": [{"unit_price":500,  "quantity":1,"name":"b","id":"a"}]}"#;
        assert_eq!(create(same).await.text, first.text);
        let other = same.replace("500", "501");
        create(&other).await.refused(400, INVALID, "idempotency_key_reused");
    })
    .await;
}

#[tokio::test]
async fn refusals_that_depend_on_state_are_kept() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        let same = merchant.keyed("same").change(&id, 1_000).await;
        let small = merchant.keyed("small").change(&id, 99).await;
        merchant.capture(&id).await.good();
        let captured = merchant.keyed("captured").capture(&id).await;
        merchant.change(&id, 700).await.good();
        // By now a capture or a change to 1,000 would be allowed: not under keys that were refused.
        for (key, first, code) in [
            ("same", &same, "same_amount"),
            ("small", &small, "amount_too_small"),
            ("captured", &captured, "already_captured"),
        ] {
            first.refused(400, INVALID, code);
            let again = match key {
                "same" => merchant.keyed(key).change(&id, 1_000).await,
                "small" => merchant.keyed(key).change(&id, 99).await,
                _ => merchant.keyed(key).capture(&id).await,
            };
            assert_eq!((again.status, &again.text), (400, &first.text));
            merchant.keyed(key).cancel(&id).await.refused(400, INVALID, "idempotency_key_reused");
        }
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 700");
        assert_eq!(state(&merchant.keyed("new").capture(&id).await.good()), "actual 700");
    })
    .await;
}

#[tokio::test]
async fn refusals_by_the_card_company_are_kept_and_not_asked_for_again() {
    on_both(async |app| {
        let merchant = app.merchant();
        let declined = Sale::of(1_000).card("insufficient_funds");
        let first = merchant.keyed("create").create(&declined).await;
        let id = merchant.sell(&Sale::of(1_000).card("capture_refused")).await;
        let refused = merchant.keyed("capture").capture(&id).await;
        for _ in 0..2 {
            let again = merchant.keyed("create").create(&declined).await;
            again.refused(402, "payment_error", "invalid_payment");
            assert_eq!(again.text, first.text);
            let again = merchant.keyed("capture").capture(&id).await;
            again.refused(402, "payment_error", "invalid_payment");
            assert_eq!(again.text, refused.text);
        }
        let of = acquirer::Merchant { shop: merchant.shop, environment: Environment::Sandbox };
        let book = app.wired.simulator.store().read(move |tx| acquirer::simulator::book(tx, of)).await;
        assert_eq!(book.expect("the book").len(), 2);
        assert_eq!(app.audit_rows(&merchant, &id).await, 2);
        // Without a key it is another request, which the card company refuses again.
        merchant.capture(&id).await.refused(402, "payment_error", "invalid_payment");
        assert_eq!(app.audit_rows(&merchant, &id).await, 3);
    })
    .await;
}

#[tokio::test]
async fn malformed_requests_and_failed_logins_are_not_kept() {
    on_both(async |app| {
        let merchant = app.merchant();
        let keyed = merchant.keyed("k");
        let id = merchant.sell(&Sale::of(1_000)).await;
        let nobody = "1000000000-20261122-9999999999";
        keyed.post(&format!("/charges/{id}/refund"), "item_id_1=a").await.refused(400, INVALID, "missing_parameter");
        keyed.change(&id, 100_000_000).await.refused(400, INVALID, "invalid_parameter");
        keyed.capture(nobody).await.refused(404, INVALID, "resource_missing");
        keyed.create(&Sale::of(0)).await.refused(400, INVALID, "invalid_parameter");
        let key = format!("{}:", merchant.private_key.replace(|c: char| c.is_ascii_digit(), "0"));
        let stranger = Request::post(format!("/sandbox/v1/charges/{id}/capture"), "")
            .header("authorization", testkit::merchant::basic(&key))
            .header("idempotency-key", "k");
        app.http.send(&stranger).await.refused(401, "authentication_error", "invalid_api_key");
        assert_eq!(state(&keyed.change(&id, 500).await.good()), "provisional 500");
        keyed.capture(&id).await.refused(400, INVALID, "idempotency_key_reused");
    })
    .await;
}

#[tokio::test]
async fn keys_belong_to_a_shop_and_an_environment() {
    on_both(async |app| {
        let (sandbox, test) = (app.merchant(), app.shop.merchant(Environment::Test));
        let other = app.new_shop(true).await.sandbox();
        let mut ids = Vec::new();
        for merchant in [&sandbox, &test, &other] {
            let keyed = merchant.keyed("k");
            ids.push(keyed.sell(&Sale::of(1_000)).await);
            assert_eq!(keyed.sell(&Sale::of(1_000)).await, *ids.last().expect("the one before"));
            assert_eq!(merchant.list("").await.good()["total"], 1);
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn keys_have_a_form() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        let capture = || Request::post(format!("/sandbox/v1/charges/{id}/capture"), "");
        for request in [
            capture().header("idempotency-key", ""),
            capture().header("idempotency-key", "a".repeat(256)),
            capture().header("idempotency-key", "鍵"),
            capture().header("idempotency-key", "a").header("idempotency-key", "b"),
        ] {
            let message = merchant.send(request).await.refused(400, INVALID, "invalid_parameter");
            assert!(message.starts_with("Idempotency-Key must be"), "{message}");
        }
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000");
        let longest = merchant.keyed("a".repeat(255));
        let first = longest.capture(&id).await;
        assert_eq!((answer(&first).as_str(), longest.capture(&id).await.text), ("actual 1000", first.text.clone()));
        // A GET changes nothing, so a key means nothing there.
        longest.retrieve(&id).await.good();
        longest.list("limit=1").await.good();
    })
    .await;
}

/// While the outcome is unknown the answer is 503; the key later gives the settled one.
#[tokio::test]
async fn an_unknown_outcome_is_settled_under_its_key() {
    on_both(async |app| {
        let merchant = app.merchant();
        // Card, and operations that lead to the one whose answer or request is lost; books when all is settled.
        let rows: [(&str, &[&str], &str); 8] = [
            ("authorization_answer_lost", &[], "ledger 0 | acquirer authorized 1000 | events succeeded"),
            ("authorization_request_lost", &[], "ledger 0 | acquirer authorized 1000 | events succeeded"),
            ("capture_answer_lost", &["capture"], "ledger 1000 | acquirer captured 1000 | events succeeded captured"),
            ("capture_request_lost", &["capture"], "ledger 1000 | acquirer captured 1000 | events succeeded captured"),
            ("return_answer_lost", &["cancel"], "ledger 0 | acquirer voided 1000 | events succeeded refunded"),
            ("return_request_lost", &["cancel"], "ledger 0 | acquirer voided 1000 | events succeeded refunded"),
            (
                "return_answer_lost",
                &["capture", "cancel"],
                "ledger 0 | acquirer refunded 1000 | events succeeded captured refunded",
            ),
            (
                "return_request_lost",
                &["capture", "cancel"],
                "ledger 0 | acquirer refunded 1000 | events succeeded captured refunded",
            ),
        ];
        for (number, (card, operations, books)) in rows.into_iter().enumerate() {
            for settled_by in ["retry", "worker"] {
                let keyed = merchant.keyed(format!("{card} {number} {settled_by}"));
                let sale = Sale::of(1_000).card(card);
                let mut id = String::new();
                if let Some((_, before)) = operations.split_last() {
                    id = merchant.sell(&sale).await;
                    for operation in before {
                        crate::words::operate(&merchant, operation, &id).await.good();
                    }
                }
                let ask = async || match operations.last() {
                    None => keyed.create(&sale).await,
                    Some(operation) => crate::words::operate(&keyed, operation, &id).await,
                };
                let before = merchant.list("limit=1").await.good()["total"].clone();
                for _ in 0..2 {
                    let reply = ask().await;
                    reply.refused(503, "service_error", "outcome_unknown");
                    assert!(reply.header("retry-after").is_some(), "{}", reply.head);
                }
                // Nothing is shown that is not certain; others have to wait.
                assert_eq!(merchant.list("limit=1").await.good()["total"], before, "{card}");
                if !id.is_empty() {
                    merchant.change(&id, 500).await.refused(400, INVALID, "charge_locked");
                }
                keyed.cancel("1000000000-20261122-9999999999").await.refused(400, INVALID, "idempotency_key_reused");
                app.wait(3);
                if settled_by == "worker" {
                    app.run_jobs().await;
                }
                let settled = ask().await;
                let charge = settled.good();
                assert_eq!(ask().await.text, settled.text, "{card}");
                let id = charge["id"].as_str().expect("text");
                assert_eq!(merchant.retrieve(id).await.text, settled.text, "{card}");
                assert_eq!(app.effects(&merchant, id).await.to_string(), books, "{card}, {settled_by}");
            }
        }
    })
    .await;
}
