//! Every shape of an error (contract "Errors").

use kernel::Environment;
use pay::http::limit::Rate;
use testkit::merchant::basic;
use testkit::{Request, Sale, Setup, on_both, on_both_with};

use crate::words::{INVALID, state};

#[tokio::test]
async fn what_is_not_there_is_404_and_a_wrong_method_405() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        let charge = format!("/sandbox/v1/charges/{id}");
        let nobody = "1000000000-20261122-9999999999";
        // Method, path, status, type and code.
        let rows = [
            ("GET", "/nowhere".to_owned(), 404, INVALID, "not_found"),
            ("GET", "/v2/charges".to_owned(), 404, INVALID, "not_found"),
            ("GET", "/sandbox/charges".to_owned(), 404, INVALID, "not_found"),
            ("GET", "/sandbox/v1/charges/".to_owned(), 404, INVALID, "not_found"),
            ("POST", format!("{charge}/void"), 404, INVALID, "not_found"),
            ("POST", format!("{charge}/capture/now"), 404, INVALID, "not_found"),
            ("GET", format!("/sandbox/v1/charges/{nobody}"), 404, INVALID, "resource_missing"),
            ("GET", "/sandbox/v1/charges/abc".to_owned(), 404, INVALID, "resource_missing"),
            ("GET", "/sandbox/v1/charges/%ff".to_owned(), 404, INVALID, "resource_missing"),
            ("GET", "/sandbox/v1/charges/..%2f..%2fetc".to_owned(), 404, INVALID, "resource_missing"),
            ("POST", format!("/sandbox/v1/charges/{nobody}/capture"), 404, INVALID, "resource_missing"),
            ("POST", format!("/sandbox/v1/charges/{nobody}/refund"), 404, INVALID, "resource_missing"),
            ("POST", "/sandbox/v1/charges/%00/refund".to_owned(), 404, INVALID, "resource_missing"),
            ("POST", "/sandbox/v1/charges".to_owned(), 405, "invalid_method", "method_not_allowed"),
            ("DELETE", charge.clone(), 405, "invalid_method", "method_not_allowed"),
            ("POST", charge.clone(), 405, "invalid_method", "method_not_allowed"),
            ("GET", format!("{charge}/capture"), 405, "invalid_method", "method_not_allowed"),
            ("PUT", format!("{charge}/capture"), 405, "invalid_method", "method_not_allowed"),
            ("GET", format!("{charge}/refund"), 405, "invalid_method", "method_not_allowed"),
            ("PATCH", format!("{charge}/refund"), 405, "invalid_method", "method_not_allowed"),
            ("GET", "/api/test_helpers/charges".to_owned(), 405, "invalid_method", "method_not_allowed"),
        ];
        for (method, path, status, kind, code) in rows {
            let request = Request::get(path.clone()).method(method);
            let (is_kind, is_code, _) = merchant.send(request.clone()).await.error();
            let reply = merchant.send(request).await;
            assert_eq!((reply.status, is_kind.as_str(), is_code.as_str()), (status, kind, code), "{method} {path}");
        }
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000");
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let setup = Setup { max_body_bytes: 2_000, ..Setup::default() };
    on_both_with(setup, async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        let fits = format!("reason={}", "a".repeat(1_993));
        let beyond = format!("reason={}", "a".repeat(1_994));
        merchant.post(&format!("/charges/{id}/refund"), &beyond).await.refused(413, INVALID, "body_too_large");
        merchant.create(&Sale::of(1_000).with("cart_id", "a".repeat(2_000))).await.refused(
            413,
            INVALID,
            "body_too_large",
        );
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000");
        merchant.post(&format!("/charges/{id}/refund"), &fits).await.good();
    })
    .await;
}

#[tokio::test]
async fn too_many_requests_of_a_key_are_429() {
    let mut setup = Setup::default();
    setup.limits.requests_of_a_key = Rate { requests: 3, seconds: 60 };
    on_both_with(setup, async |app| {
        let merchant = app.merchant();
        for _ in 0..3 {
            merchant.list("").await.good();
        }
        let reply = merchant.list("").await;
        reply.refused(429, "rate_limit", "too_many_requests");
        let pause: i64 = reply.header("retry-after").expect("a pause").parse().expect("seconds");
        assert!((1..=21).contains(&pause), "{pause}");
        // Every key has its own; a refused request does nothing.
        app.shop.merchant(Environment::Test).list("").await.good();
        merchant.create(&Sale::of(100)).await.refused(429, "rate_limit", "too_many_requests");
        app.wait(pause);
        assert_eq!(merchant.list("").await.good()["total"], 0);
        merchant.list("").await.refused(429, "rate_limit", "too_many_requests");
        app.wait(60);
        for _ in 0..3 {
            merchant.list("").await.good();
        }
    })
    .await;
}

#[tokio::test]
async fn too_many_failed_authentications_of_an_address_are_429() {
    let mut setup = Setup::default();
    setup.limits.failures_of_an_address = Rate { requests: 3, seconds: 60 };
    on_both_with(setup, async |app| {
        let merchant = app.merchant();
        let guess = |digit: &str| {
            let key = format!("sandbox_private_{}:", digit.repeat(96));
            Request::get("/sandbox/v1/charges").header("authorization", basic(&key))
        };
        for digit in ["1", "2", "3"] {
            merchant.list("").await.good();
            app.http.send(&guess(digit)).await.refused(401, "authentication_error", "invalid_api_key");
        }
        let reply = app.http.send(&guess("4")).await;
        reply.refused(429, "rate_limit", "too_many_requests");
        let pause: i64 = reply.header("retry-after").expect("a pause").parse().expect("seconds");
        // Who guesses cannot find out by the answer whether a guess was right.
        merchant.list("").await.refused(429, "rate_limit", "too_many_requests");
        app.wait(pause);
        merchant.list("").await.good();
    })
    .await;
}

#[tokio::test]
async fn tokens_are_guessed_no_faster_than_keys_and_count_with_them() {
    let mut setup = Setup::default();
    setup.limits.failures_of_an_address = Rate { requests: 3, seconds: 60 };
    on_both_with(setup, async |app| {
        let token = app.clock_token().await;
        let ask = async |value: &str| {
            let request = Request::get("/api/shops/1/clock").header("authorization", format!("Bearer {value}"));
            app.http.send(&request).await
        };
        for digit in ["1", "2"] {
            ask(&token).await.good();
            ask(&format!("choba_{}", digit.repeat(64))).await.refused(401, "authentication_error", "invalid_api_key");
        }
        let key = format!("sandbox_private_{}:", "1".repeat(96));
        let guess = Request::get("/sandbox/v1/charges").header("authorization", basic(&key));
        app.http.send(&guess).await.refused(401, "authentication_error", "invalid_api_key");
        ask("nothing").await.refused(429, "rate_limit", "too_many_requests");
        // Who guesses cannot find out by the answer whether a guess was right.
        let reply = ask(&token).await;
        reply.refused(429, "rate_limit", "too_many_requests");
        app.wait(reply.header("retry-after").expect("a pause").parse().expect("seconds"));
        ask(&token).await.good();
    })
    .await;
}

#[tokio::test]
async fn a_refusal_outside_is_402_and_leaves_nothing() {
    on_both(async |app| {
        let merchant = app.merchant();
        // docs/magic-cards.md: card, and the reason in the message.
        for (card, reason) in [
            ("insufficient_funds", "insufficient_funds"),
            ("over_limit", "over_limit"),
            ("expired_card", "expired_card"),
            ("wrong_security_code", "wrong_security_code"),
            ("lost_or_stolen", "lost_or_stolen"),
            ("issuer_unavailable", "issuer_unavailable"),
            ("3ds_fails", "authentication_failed"),
            ("3ds_abandoned", "authentication_abandoned"),
            ("4111110000000013", "insufficient_funds"),
            ("5555550000000028", "authentication_failed"),
        ] {
            let reply = merchant.create(&Sale::of(1_000).point(300).card(card)).await;
            let message = reply.refused(402, "payment_error", "invalid_payment");
            assert!(message.ends_with(&format!("({reason})")), "{card}: {message}");
        }
        let poor = Sale::of(1_000).point(1).buyer("no-points");
        let message = merchant.create(&poor).await.refused(402, "payment_error", "invalid_point");
        assert!(message.ends_with("(insufficient_points)"), "{message}");
        let rich = merchant.create(&Sale::of(200_000).point(100_001)).await;
        rich.refused(402, "payment_error", "invalid_point");
        // No charge came into being, and every point is back.
        assert_eq!(merchant.list("").await.good()["total"], 0);
        let buyer = merchant.create(&Sale::of(100)).await.good()["open_id"].as_str().expect("text").to_owned();
        assert_eq!(app.points_left(&merchant, &buyer).await, 100_000);
    })
    .await;
}

#[tokio::test]
async fn every_error_has_a_type_a_code_and_a_message_and_reveals_nothing() {
    on_both(async |app| {
        let merchant = app.merchant();
        for reply in [
            merchant.list("limit=%ff").await,
            merchant.retrieve("SELECT").await,
            merchant.post("/charges/1/refund", "item_id_1=a").await,
            merchant.create(&Sale(serde_json::json!({ "items": "none" }))).await,
            merchant.create(&Sale(serde_json::json!([]))).await,
        ] {
            let (kind, code, message) = reply.error();
            assert_eq!(kind, INVALID, "{code}: {message}");
            for inside in ["rusqlite", "postgres", "charge_id", ".rs", "panicked"] {
                assert!(!reply.text.contains(inside), "{}", reply.text);
            }
            assert!(reply.header("x-request-id").is_some_and(|id| id.len() == 32), "{}", reply.head);
        }
    })
    .await;
}
