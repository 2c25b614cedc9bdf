//! Until when a charge can be changed, and what happens then (contract "Rules": Windows).

use kernel::{Environment, JstDate, Timestamp};
use pay::charge::Windows;
use testkit::{Sale, Setup, TestApp, on_both, on_both_with};

use crate::words::{answer, operate, state};

const SECOND: i64 = 1_000_000;

fn start_of(year: i64, month: u8, day: u8) -> Timestamp {
    JstDate::new(year, month, day).expect("a date").start()
}

/// Operations of a shop whose clock stands `micros` after the end of the window, each on a charge of its own.
async fn at_the_end(app: &TestApp, captured: bool, micros: i64, rows: [(&str, &str); 3]) {
    let shop = app.new_shop(true).await;
    let merchant = shop.sandbox();
    let mut charges = Vec::new();
    for _ in rows {
        charges.push(merchant.sell(&Sale::of(1_000)).await);
    }
    if captured {
        for id in &charges {
            merchant.capture(id).await.good();
        }
    }
    // Ordered and captured on 2026-11-22: five months after end with April, one month after ends with December.
    let end = if captured { start_of(2027, 1, 1) } else { start_of(2027, 5, 1) };
    app.turn_unattended(shop.id, end.plus_micros(micros)).await;
    for (id, (operation, expected)) in charges.iter().zip(rows) {
        let is = answer(&operate(&merchant, operation, id).await);
        assert_eq!(is, expected, "{operation}, captured {captured}, {micros} µs after the end");
    }
}

#[tokio::test]
async fn the_last_moment_counts_and_the_next_one_does_not() {
    let open = [("capture", "actual 1000"), ("cancel", "cancelled 1000"), ("change 500", "provisional 500")];
    let closed =
        [("capture", "400 period_expired"), ("cancel", "400 period_expired"), ("change 500", "400 period_expired")];
    // A captured charge cannot be captured at any time.
    let open_after = [("capture", "400 already_captured"), open[1], open[2]];
    let closed_after = [("capture", "400 already_captured"), closed[1], closed[2]];
    on_both(async |app| {
        for before in [-SECOND, -1] {
            at_the_end(app, false, before, open).await;
            at_the_end(app, true, before, open_after).await;
        }
        for after in [0, 1, SECOND] {
            at_the_end(app, false, after, closed).await;
            at_the_end(app, true, after, closed_after).await;
        }
    })
    .await;
}

#[tokio::test]
async fn months_are_those_of_a_japanese_calendar() {
    on_both(async |app| {
        let merchant = app.merchant();
        // Ordered at, window ends at: months of different lengths, the turn of a year, a leap year.
        for (ordered, ends) in [
            (start_of(2026, 12, 1).plus_micros(-1), start_of(2027, 5, 1)),
            (start_of(2026, 12, 1), start_of(2027, 6, 1)),
            (start_of(2027, 8, 31), start_of(2028, 2, 1)),
            (start_of(2027, 9, 1), start_of(2028, 3, 1)),
            (start_of(2027, 9, 30).plus_seconds(86_399), start_of(2028, 3, 1)),
            (start_of(2027, 12, 31), start_of(2028, 6, 1)),
        ] {
            app.turn_unattended(merchant.shop, ordered).await;
            let id = merchant.sell(&Sale::of(1_000)).await;
            assert_eq!(app.window_timer(&merchant, &id).await, Some(ends), "ordered at {ordered}");
            merchant.cancel(&id).await.good();
            assert_eq!(app.window_timer(&merchant, &id).await, None);
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_may_be_set_to_days() {
    let windows = Windows { provisional_days: Some(60), captured_days: Some(10) };
    on_both_with(Setup { windows, ..Setup::default() }, async |app| {
        let merchant = app.merchant();
        let [left, late, captured] = [merchant.sell(&Sale::of(1_000)).await, merchant.sell(&Sale::of(2_000)).await, {
            let id = merchant.sell(&Sale::of(3_000)).await;
            merchant.capture(&id).await.good();
            id
        }];
        // Ordered and captured on 2026-11-22.
        let (ends, captured_ends) = (start_of(2027, 1, 22), start_of(2026, 12, 3));
        assert_eq!(app.window_timer(&merchant, &left).await, Some(ends));
        app.turn_unattended(merchant.shop, captured_ends).await;
        let refused = answer(&operate(&merchant, "cancel", &captured).await);
        assert_eq!(refused, "400 period_expired");
        app.turn_unattended(merchant.shop, ends.plus_micros(-1)).await;
        assert_eq!(answer(&operate(&merchant, "capture", &late).await), "actual 2000");
        app.turn_unattended(merchant.shop, ends).await;
        assert_eq!(answer(&operate(&merchant, "capture", &left).await), "400 period_expired");
    })
    .await;
}

#[tokio::test]
async fn a_provisional_sale_that_reaches_its_end_is_cancelled() {
    on_both(async |app| {
        let merchant = app.merchant();
        let left = merchant.sell(&Sale::of(1_000).point(300)).await;
        let captured = merchant.sell(&Sale::of(2_000)).await;
        merchant.capture(&captured).await.good();
        let changed = merchant.sell(&Sale::of(3_000)).await;
        merchant.capture(&changed).await.good();
        merchant.change(&changed, 2_500).await.good();

        let token = app.clock_token().await;
        let almost = start_of(2027, 5, 1).seconds() - 1;
        let turned = app.advance_over_http(&token, merchant.shop, &format!("{{\"to\":{almost}}}")).await.good();
        assert_eq!(turned["now"], almost);
        assert_eq!(state(&merchant.retrieve(&left).await.good()), "provisional 1000");

        let turned = app.advance_over_http(&token, merchant.shop, r#"{"by":"1s"}"#).await.good();
        assert_eq!(turned["now"], almost + 1);
        // "A provisional sale that reaches its end is cancelled: state, event and mails as for a cancel."
        let charge = merchant.retrieve(&left).await.good();
        assert_eq!((state(&charge), &charge["updated"]), ("cancelled 1000".into(), &(almost + 1).into()));
        assert_eq!(
            app.effects(&merchant, &left).await.to_string(),
            "ledger 0 | acquirer voided 700 | points returned 300 | events succeeded refunded"
        );
        let data = app.event_data(&merchant, &left).await;
        assert_eq!((&data[1]["refunded"], &data[1]["updated"]), (&true.into(), &(almost + 1).into()));
        assert_eq!(
            app.effects(&merchant, &captured).await.to_string(),
            "ledger 2000 | acquirer captured 2000 | events succeeded captured"
        );
        assert_eq!(
            app.effects(&merchant, &changed).await.to_string(),
            "ledger 0 | acquirer refunded 3000, voided 2500 | events succeeded captured updated refunded"
        );
        assert_eq!(merchant.capture(&left).await.refused(400, "invalid_request_error", "already_refunded").len(), 32);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_an_actual_sale_does_not_shorten_what_is_open() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000)).await;
        // Captured on the last day of its window, so open until the end of May.
        app.advance(merchant.shop, start_of(2027, 4, 30)).await;
        merchant.capture(&id).await.good();
        app.advance(merchant.shop, start_of(2027, 5, 20)).await;
        merchant.change(&id, 800).await.good();
        assert_eq!(app.window_timer(&merchant, &id).await, Some(start_of(2027, 6, 1)));
        app.advance(merchant.shop, start_of(2027, 6, 1)).await;
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "cancelled 800");
        assert_eq!(app.window_timer(&merchant, &id).await, None);
    })
    .await;
}

#[tokio::test]
async fn test_keys_live_in_real_time_and_only_one_clock_is_turned() {
    on_both(async |app| {
        let (sandbox, test) = (app.merchant(), app.shop.merchant(Environment::Test));
        let other = app.new_shop(true).await.sandbox();
        let (turned, real, elsewhere) =
            (sandbox.sell(&Sale::of(100)).await, test.sell(&Sale::of(200)).await, other.sell(&Sale::of(300)).await);
        app.advance(sandbox.shop, start_of(2027, 5, 1)).await;
        assert_eq!(state(&sandbox.retrieve(&turned).await.good()), "cancelled 100");
        assert_eq!(state(&test.retrieve(&real).await.good()), "provisional 200");
        assert_eq!(state(&other.retrieve(&elsewhere).await.good()), "provisional 300");
        app.wait(start_of(2027, 5, 1).seconds() - app.store().machine_now().seconds());
        app.run_jobs().await;
        assert_eq!(state(&test.retrieve(&real).await.good()), "cancelled 200");
        assert_eq!(state(&other.retrieve(&elsewhere).await.good()), "cancelled 300");
        assert_eq!(
            app.effects(&test, &real).await.to_string(),
            "ledger 0 | acquirer voided 200 | events succeeded refunded"
        );
    })
    .await;
}

#[tokio::test]
async fn many_windows_end_at_once() {
    on_both(async |app| {
        let merchant = app.merchant();
        for amount in 0..130 {
            merchant.sell(&Sale::of(1_000 + amount)).await;
        }
        app.advance(merchant.shop, start_of(2027, 5, 1)).await;
        let cancelled = merchant.list("payment[refunded]=true&limit=1").await.good();
        assert_eq!((&cancelled["total"], merchant.list("").await.good()["total"].as_i64()), (&130.into(), Some(130)));
    })
    .await;
}

#[tokio::test]
async fn a_cancel_by_the_clock_survives_lost_answers() {
    on_both(async |app| {
        let merchant = app.merchant();
        for card in ["return_answer_lost", "return_request_lost"] {
            let id = merchant.sell(&Sale::of(1_000).card(card)).await;
            app.turn_unattended(merchant.shop, app.window_timer(&merchant, &id).await.expect("a window")).await;
            app.run_jobs().await;
            assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000", "{card}");
            app.wait(3);
            app.run_jobs().await;
            assert_eq!(
                app.effects(&merchant, &id).await.to_string(),
                "ledger 0 | acquirer voided 1000 | events succeeded refunded",
                "{card}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_capture_that_began_in_time_counts_although_its_answer_came_after_the_end() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000).card("capture_answer_lost")).await;
        let end = app.window_timer(&merchant, &id).await.expect("a window");
        app.turn_unattended(merchant.shop, end.plus_micros(-1)).await;
        merchant.capture(&id).await.refused(503, "service_error", "outcome_unknown");
        app.turn_unattended(merchant.shop, end).await;
        app.run_jobs().await;
        assert_eq!(state(&merchant.retrieve(&id).await.good()), "provisional 1000");
        app.wait(3);
        app.run_jobs().await;
        assert_eq!(
            app.effects(&merchant, &id).await.to_string(),
            "ledger 1000 | acquirer captured 1000 | events succeeded captured"
        );
        let charge = merchant.retrieve(&id).await.good();
        assert_eq!((state(&charge), &charge["updated"]), ("actual 1000".into(), &(end.seconds() - 1).into()));
        assert_eq!(app.window_timer(&merchant, &id).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_clock_is_turned_by_who_may_and_only_forward() {
    on_both(async |app| {
        let (shop, token) = (app.shop.id, app.clock_token().await);
        let now = app.now(shop).await.seconds();
        for (body, code) in [
            (format!("{{\"to\":{}}}", now - 1), "clock_backwards"),
            (format!("{{\"to\":{},\"by\":\"1d\"}}", now + 1), "invalid_parameter"),
            ("{}".to_owned(), "invalid_parameter"),
            (r#"{"by":"14 moons"}"#.to_owned(), "invalid_parameter"),
            ("by=14d".to_owned(), "invalid_json"),
        ] {
            app.advance_over_http(&token, shop, &body).await.refused(400, "invalid_request_error", code);
        }
        app.advance_over_http("choba_0", shop, r#"{"by":"1d"}"#).await.refused(
            401,
            "authentication_error",
            "invalid_api_key",
        );
        assert_eq!(app.now(shop).await.seconds(), now);
        app.advance_over_http(&token, shop, r#"{"by":"14d"}"#).await.good();
        assert_eq!(app.now(shop).await.seconds(), now + 14 * 86_400);
    })
    .await;
}

#[tokio::test]
async fn two_who_turn_one_clock_do_not_disturb_each_other() {
    on_both(async |app| {
        let merchant = app.merchant();
        for _ in 0..30 {
            merchant.sell(&Sale::of(1_000)).await;
        }
        let (token, may) = (app.clock_token().await, start_of(2027, 5, 1).seconds());
        let body = format!("{{\"to\":{may}}}");
        let turn = || app.advance_over_http(&token, merchant.shop, &body);
        let replies = tokio::join!(turn(), turn(), turn());
        let mut said: Vec<u16> = [replies.0, replies.1, replies.2].iter().map(|reply| reply.status).collect();
        said.sort_unstable();
        assert!(said[0] == 200 && said.iter().all(|status| [200, 503].contains(status)), "{said:?}");
        // The lease is free again.
        app.advance_over_http(&token, merchant.shop, &body).await.good();
        assert_eq!(merchant.list("payment[refunded]=true").await.good()["total"], 30);
        assert_eq!(app.now(merchant.shop).await.seconds(), may);
    })
    .await;
}
