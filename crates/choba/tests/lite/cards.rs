//! What cards do (docs/magic-cards.md), seen by a merchant.

use std::time::Duration;

use serde_json::json;
use testkit::{Sale, Setup, on_both, on_both_with};

use crate::words::{INVALID, answer, operate, state};

#[tokio::test]
async fn every_brand_is_taken_by_name_by_number_and_with_details() {
    on_both(async |app| {
        let merchant = app.merchant();
        for (name, number, code) in [
            ("visa", "4111111111111111", "123"),
            ("mastercard", "5555555555554444", "123"),
            ("jcb", "3530111333300000", "123"),
            ("amex", "378282246310005", "1234"),
            ("diners", "30569309025904", "123"),
            // Any other number whose check digit fits.
            ("visa", "4012 8888 8888 1881", "123"),
        ] {
            let details = json!({
                "number": number, "expiry_year": 2026, "expiry_month": 11, "security_code": code, "holder": "TARO"
            });
            for sale in [Sale::of(500).card(name), Sale::of(500).with("card", details)] {
                let id = merchant.sell(&sale).await;
                assert_eq!(answer(&merchant.capture(&id).await), "actual 500", "{name} {number}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn details_are_checked_and_a_card_expires_by_the_calendar_of_its_world() {
    on_both(async |app| {
        let merchant = app.merchant();
        let details = |year: u16, month: u8| {
            json!({ "number": "4111111111111111", "expiry_year": year, "expiry_month": month, "security_code": "123" })
        };
        for (field, value) in [
            ("number", json!("4111111111111112")),
            ("number", json!("")),
            ("expiry_year", json!(26)),
            ("expiry_month", json!(13)),
            ("security_code", json!("12")),
        ] {
            let mut wrong = details(2026, 12);
            wrong[field] = value;
            let reply = merchant.create(&Sale::of(500).with("card", wrong)).await;
            let message = reply.refused(400, INVALID, "invalid_card");
            assert!(message.starts_with(&format!("card: {field}")), "{message}");
        }
        let message = merchant.create(&Sale::of(500).with("card", details(2026, 10))).await;
        let message = message.refused(402, "payment_error", "invalid_payment");
        assert!(message.ends_with("(expired_card)"), "{message}");
        // A card that ends while the charge is open: what is held can be captured, more cannot be asked for.
        let id = merchant.sell(&Sale::of(500).with("card", details(2026, 12))).await;
        let january = kernel::JstDate::new(2027, 1, 1).expect("a date").start();
        app.advance(merchant.shop, january.plus_micros(-1)).await;
        assert_eq!(state(&merchant.change(&id, 600).await.good()), "provisional 600");
        app.advance(merchant.shop, january).await;
        merchant.change(&id, 700).await.refused(402, "payment_error", "invalid_payment");
        assert_eq!(answer(&merchant.capture(&id).await), "actual 600");
        app.run_jobs().await;
        assert_eq!(
            app.effects(&merchant, &id).await.to_string(),
            "ledger 600 | acquirer captured 600, declined 700, voided 500 | events succeeded updated captured"
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_that_nobody_gave_out_is_refused() {
    on_both(async |app| {
        let merchant = app.merchant();
        let card = format!("tok_{}", "0".repeat(32));
        let message =
            merchant.create(&Sale::of(500).card(&card)).await.refused(402, "payment_error", "invalid_payment");
        assert!(message.ends_with("(unknown_card)"), "{message}");
        assert_eq!(merchant.list("").await.good()["total"], 0);
    })
    .await;
}

/// Only who pays proves who he is: a change of amount is the merchant's, for an order that the buyer made before.
#[tokio::test]
async fn three_d_secure_is_for_the_order() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000).card("3ds_passes")).await;
        assert_eq!(answer(&merchant.change(&id, 1_500).await), "provisional 1500");
        assert_eq!(answer(&merchant.capture(&id).await), "actual 1500");
        assert_eq!(answer(&merchant.change(&id, 500).await), "provisional 500");
        app.run_jobs().await;
        assert_eq!(
            app.effects(&merchant, &id).await.to_string(),
            "ledger 0 | acquirer authorized 500, refunded 1500, voided 1000 | events succeeded updated captured updated"
        );
    })
    .await;
}

#[tokio::test]
async fn a_capture_that_is_refused_leaves_the_charge_as_it_was() {
    on_both(async |app| {
        let merchant = app.merchant();
        for point in [0, 300] {
            let id = merchant.sell(&Sale::of(1_000).point(point).card("capture_refused")).await;
            let before = (merchant.retrieve(&id).await.text, app.effects(&merchant, &id).await);
            for _ in 0..2 {
                let message = merchant.capture(&id).await.refused(402, "payment_error", "invalid_payment");
                assert!(message.ends_with("(capture_refused)"), "{message}");
                assert_eq!((merchant.retrieve(&id).await.text, app.effects(&merchant, &id).await), before);
            }
            assert_eq!(answer(&merchant.cancel(&id).await), "cancelled 1000");
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_late_but_in_time_is_an_answer() {
    on_both(async |app| {
        let merchant = app.merchant();
        for (card, operations) in [
            ("authorization_answer_late", ["capture", "cancel"]),
            ("capture_answer_late", ["capture", "cancel"]),
            ("return_answer_late", ["capture", "cancel"]),
        ] {
            let id = merchant.sell(&Sale::of(1_000).card(card)).await;
            for operation in operations {
                operate(&merchant, operation, &id).await.good();
            }
            assert_eq!(
                app.effects(&merchant, &id).await.to_string(),
                "ledger 0 | acquirer refunded 1000 | events succeeded captured refunded",
                "{card}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_unknown_and_found_by_asking() {
    // Longer than any other request of this test takes on a busy machine.
    let (patience, hour) = (Duration::from_secs(10), Duration::from_secs(3_600));
    let setup = Setup { acquirer_timeout: patience, late_after: hour, ..Setup::default() };
    on_both_with(setup, async |app| {
        let merchant = app.merchant();
        let captured = merchant.sell(&Sale::of(1_000).card("capture_answer_late")).await;
        let cancelled = merchant.sell(&Sale::of(2_000).card("return_answer_late")).await;
        let sale = Sale::of(3_000).card("authorization_answer_late");
        let (one, two, three) = (merchant.keyed("1"), merchant.keyed("2"), merchant.keyed("3"));
        let replies = tokio::join!(one.create(&sale), two.capture(&captured), three.cancel(&cancelled));
        for reply in [replies.0, replies.1, replies.2] {
            reply.refused(503, "service_error", "outcome_unknown");
        }
        app.wait(3);
        assert_eq!(answer(&one.create(&sale).await), "provisional 3000");
        assert_eq!(answer(&two.capture(&captured).await), "actual 1000");
        assert_eq!(answer(&three.cancel(&cancelled).await), "cancelled 2000");
        assert_eq!(merchant.list("").await.good()["total"], 3);
    })
    .await;
}

#[tokio::test]
async fn a_release_that_gets_lost_is_tried_until_it_is_done() {
    on_both(async |app| {
        let merchant = app.merchant();
        for card in ["return_answer_lost", "return_request_lost"] {
            for captured in [false, true] {
                let id = merchant.sell(&Sale::of(1_000).card(card)).await;
                if captured {
                    merchant.capture(&id).await.good();
                }
                // The change does not wait for the release of what was held before.
                assert_eq!(answer(&merchant.change(&id, 1_500).await), "provisional 1500");
                app.settle().await;
                let events = if captured { "succeeded captured updated" } else { "succeeded updated" };
                let word = if captured { "refunded" } else { "voided" };
                assert_eq!(
                    app.effects(&merchant, &id).await.to_string(),
                    format!("ledger 0 | acquirer authorized 1500, {word} 1000 | events {events}"),
                    "{card}"
                );
            }
        }
    })
    .await;
}
