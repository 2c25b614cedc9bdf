//! The server as it runs: its own workers settle what is unknown and end windows, without anybody asking.

use kernel::{Environment, JstDate};
use testkit::{Merchant, Sale, Setup, on_both_with};

use crate::words::{INVALID, state};

/// Asks until the charge is in the state.
async fn until(merchant: &Merchant, id: &str, expected: &str) {
    while state(&merchant.retrieve(id).await.good()) != expected {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn workers_do_what_is_due() {
    let setup = Setup { workers: true, ..Setup::default() };
    on_both_with(setup, async |app| {
        let (sandbox, test) = (app.merchant(), app.shop.merchant(Environment::Test));
        let lost = sandbox.sell(&Sale::of(1_000).card("capture_answer_lost")).await;
        sandbox.capture(&lost).await.refused(503, "service_error", "outcome_unknown");
        sandbox.cancel(&lost).await.refused(400, INVALID, "charge_locked");
        let left = test.sell(&Sale::of(2_000)).await;
        let raised = test.sell(&Sale::of(3_000)).await;
        test.change(&raised, 4_000).await.good();
        test.capture(&raised).await.good();
        app.wait(3);
        until(&sandbox, &lost, "actual 1000").await;
        let may = JstDate::new(2027, 5, 1).expect("a date").start();
        app.wait(may.seconds() - app.store().machine_now().seconds());
        until(&test, &left, "cancelled 2000").await;
        while app.left_to_do().await != [0; 4] {
            tokio::task::yield_now().await;
        }
        let effects = app.effects(&test, &raised).await.to_string();
        assert_eq!(effects, "ledger 4000 | acquirer captured 4000, voided 3000 | events succeeded updated captured");
    })
    .await;
}

#[tokio::test]
async fn turning_a_clock_waits_for_what_workers_settle() {
    let setup = Setup { workers: true, ..Setup::default() };
    on_both_with(setup, async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(1_000).card("return_answer_lost")).await;
        let end = app.window_timer(&merchant, &id).await.expect("a window");
        let token = app.clock_token().await;
        let body = format!("{{\"to\":{}}}", end.seconds());
        let mut turning = std::pin::pin!(app.advance_over_http(&token, merchant.shop, &body));
        let turned = loop {
            // Only machine time helps a message that got lost.
            if app.left_to_do().await[0] > 0 {
                app.wait(3);
            }
            tokio::select! {
                biased;
                turned = &mut turning => break turned,
                () = tokio::task::yield_now() => {}
            }
        };
        turned.good();
        assert_eq!(
            app.effects(&merchant, &id).await.to_string(),
            "ledger 0 | acquirer voided 1000 | events succeeded refunded"
        );
    })
    .await;
}
