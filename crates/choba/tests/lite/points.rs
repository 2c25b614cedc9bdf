//! Points: held with the order, used by the capture, given back by cancels and by changes below them (pay's
//! `charge::state` states the rule; contract "Charge object": `point` is part of `amount`).

use acquirer::points::{Command, Request as PointsRequest};
use acquirer::simulator::Fault;
use std::sync::Arc;
use testkit::{Sale, on_both};

use crate::words::{answer, operate};

#[tokio::test]
async fn points_follow_the_charge() {
    // Sale in yen and points; operations with answer, points of the charge, and books.
    type Step = (&'static str, &'static str, i64, &'static str);
    let stories: [(i64, i64, &[Step]); 4] = [
        (
            1_000,
            300,
            &[
                ("retrieve", "provisional 1000", 300, "ledger 0 | acquirer authorized 700 | points held 300"),
                ("change 800", "provisional 800", 300, "ledger 0 | acquirer authorized 700 | points held 300"),
                // Below the points: the card pays nothing, what is too much goes back.
                ("change 200", "provisional 200", 200, "ledger 0 | acquirer voided 700 | points held 200 returned 100"),
                // Raising never uses more points.
                (
                    "change 1000",
                    "provisional 1000",
                    200,
                    "ledger 0 | acquirer authorized 800, voided 700 | points held 200 returned 100",
                ),
                (
                    "capture",
                    "actual 1000",
                    200,
                    "ledger 800+200 | acquirer captured 800, voided 700 | points used 200 returned 100",
                ),
                (
                    "change 500",
                    "provisional 500",
                    200,
                    "ledger 0 | acquirer authorized 300, refunded 800, voided 700 | points used 200 returned 100",
                ),
                (
                    "capture",
                    "actual 500",
                    200,
                    "ledger 300+200 | acquirer captured 300, refunded 800, voided 700 | points used 200 returned 100",
                ),
                (
                    "cancel",
                    "cancelled 500",
                    200,
                    "ledger 0 | acquirer refunded 300, refunded 800, voided 700 | points returned 300",
                ),
            ],
        ),
        (
            1_000,
            300,
            &[
                ("capture", "actual 1000", 300, "ledger 700+300 | acquirer captured 700 | points used 300"),
                (
                    "change 100",
                    "provisional 100",
                    100,
                    "ledger 0 | acquirer refunded 700 | points used 100 returned 200",
                ),
                ("capture", "actual 100", 100, "ledger 0+100 | acquirer refunded 700 | points used 100 returned 200"),
                ("cancel", "cancelled 100", 100, "ledger 0 | acquirer refunded 700 | points returned 300"),
            ],
        ),
        // Points pay all of it: no card is asked, until more than the points is needed.
        (
            500,
            500,
            &[
                ("retrieve", "provisional 500", 500, "ledger 0 | points held 500"),
                ("capture", "actual 500", 500, "ledger 0+500 | points used 500"),
                ("change 600", "provisional 600", 500, "ledger 0 | acquirer authorized 100 | points used 500"),
                ("capture", "actual 600", 500, "ledger 100+500 | acquirer captured 100 | points used 500"),
                ("change 500", "provisional 500", 500, "ledger 0 | acquirer refunded 100 | points used 500"),
                (
                    "change 100",
                    "provisional 100",
                    100,
                    "ledger 0 | acquirer refunded 100 | points used 100 returned 400",
                ),
                ("cancel", "cancelled 100", 100, "ledger 0 | acquirer refunded 100 | points returned 500"),
            ],
        ),
        (1_000, 300, &[("cancel", "cancelled 1000", 300, "ledger 0 | acquirer voided 700 | points returned 300")]),
    ];
    on_both(async |app| {
        let merchant = app.merchant();
        for (number, (total, point, steps)) in stories.iter().enumerate() {
            let charge = merchant.create(&Sale::of(*total).point(*point).buyer(&format!("b{number}"))).await.good();
            let (id, buyer) = (charge["id"].as_str().expect("text"), charge["open_id"].as_str().expect("text"));
            for (operation, expected, point, books) in *steps {
                let reply = operate(&merchant, operation, id).await;
                assert_eq!(answer(&reply), *expected, "story {number}, {operation}");
                assert_eq!(reply.json()["point"], *point, "story {number}, {operation}");
                app.run_jobs().await;
                let effects = app.effects(&merchant, id).await;
                let is = effects.to_string();
                assert_eq!(is.split(" | events").next(), Some(*books), "story {number}, {operation}");
                let taken = effects.hold.as_ref().map_or(0, |hold| hold.held.get() + hold.used.get());
                assert_eq!(app.points_left(&merchant, buyer).await, 100_000 - taken, "story {number}, {operation}");
            }
        }
    })
    .await;
}

/// The fault of the first request that `which` picks; later ones arrive.
fn once(fault: Fault, which: fn(&Command) -> bool) -> acquirer::simulator::Faults<PointsRequest> {
    let done = std::sync::atomic::AtomicBool::new(false);
    Arc::new(move |request| {
        let now = which(&request.command) && !done.swap(true, std::sync::atomic::Ordering::SeqCst);
        if now { fault } else { Fault::None }
    })
}

#[tokio::test]
async fn lost_messages_about_points_are_settled() {
    let is_hold: fn(&Command) -> bool = |command| matches!(command, Command::Hold { .. });
    let is_use: fn(&Command) -> bool = |command| matches!(command, Command::Use { .. });
    let is_back: fn(&Command) -> bool = |command| matches!(command, Command::GiveBack { .. });
    on_both(async |app| {
        let merchant = app.merchant();
        for fault in [Fault::LoseRequest, Fault::LoseAnswer] {
            let keyed = |what: &str| merchant.keyed(format!("{what} {fault:?}"));
            let sale = Sale::of(1_000).point(300).buyer(&format!("{fault:?}"));
            app.wired.simulator.set_points_faults(Some(once(fault, is_hold)));
            keyed("pay").create(&sale).await.refused(503, "service_error", "outcome_unknown");
            app.wait(3);
            let charge = keyed("pay").create(&sale).await.good();
            let (id, buyer) = (charge["id"].as_str().expect("text"), charge["open_id"].as_str().expect("text"));

            // The card is captured when the use of the points gets lost: unknown, never half of a capture.
            app.wired.simulator.set_points_faults(Some(once(fault, is_use)));
            keyed("capture").capture(id).await.refused(503, "service_error", "outcome_unknown");
            assert_eq!(answer(&merchant.retrieve(id).await), "provisional 1000");
            app.wait(3);
            assert_eq!(answer(&keyed("capture").capture(id).await), "actual 1000");
            assert_eq!(
                app.effects(&merchant, id).await.to_string(),
                "ledger 700+300 | acquirer captured 700 | points used 300 | events succeeded captured"
            );

            app.wired.simulator.set_points_faults(Some(once(fault, is_back)));
            keyed("cancel").cancel(id).await.refused(503, "service_error", "outcome_unknown");
            app.wait(3);
            app.run_jobs().await;
            assert_eq!(answer(&merchant.retrieve(id).await), "cancelled 1000");
            assert_eq!(app.points_left(&merchant, buyer).await, 100_000);
        }
    })
    .await;
}

#[tokio::test]
async fn points_go_back_when_the_card_is_refused_even_if_that_gets_lost() {
    let is_back: fn(&Command) -> bool = |command| matches!(command, Command::GiveBack { .. });
    on_both(async |app| {
        let merchant = app.merchant();
        for fault in [Fault::LoseRequest, Fault::LoseAnswer] {
            let sale = Sale::of(1_000).point(300).card("over_limit");
            app.wired.simulator.set_points_faults(Some(once(fault, is_back)));
            let keyed = merchant.keyed(format!("{fault:?}"));
            keyed.create(&sale).await.refused(503, "service_error", "outcome_unknown");
            app.wait(3);
            keyed.create(&sale).await.refused(402, "payment_error", "invalid_payment");
        }
        let buyer = merchant.create(&Sale::of(100)).await.good()["open_id"].as_str().expect("text").to_owned();
        assert_eq!(app.points_left(&merchant, &buyer).await, 100_000);
    })
    .await;
}
