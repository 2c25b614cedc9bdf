//! Every state and every operation: the answer, and what it leaves in the ledger, at the acquirer, among the events.

use kernel::{JstDate, Timestamp};
use testkit::{Merchant, Sale, TestApp, on_both};

use crate::words::{answer, operate};

/// Operation, answer, what is in the books afterwards (`=`: what was there before), and where the contract says so.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// 仮売上 of 1,000 yen.
const PROVISIONAL: &[Row] = &[
    ("retrieve", "provisional 1000", "=", "Operations: retrieve"),
    ("list", "provisional 1000 of 1", "=", "Operations: retrieve, list object with one element"),
    (
        "capture",
        "actual 1000",
        "ledger 1000 | acquirer captured 1000 | events succeeded captured",
        "Operations: capture",
    ),
    ("cancel", "cancelled 1000", "ledger 0 | acquirer voided 1000 | events succeeded refunded", "Operations: cancel"),
    (
        "change 1500",
        "provisional 1500",
        "ledger 0 | acquirer authorized 1500, voided 1000 | events succeeded updated",
        "Operations: change amount",
    ),
    (
        "change 500",
        "provisional 500",
        "ledger 0 | acquirer authorized 1000 | events succeeded updated",
        "Operations: change amount; what is held covers it",
    ),
    ("change 1000", "400 same_amount", "=", "Rules: not to the same total"),
    ("change 99", "400 amount_too_small", "=", "Rules: not to less than 100 yen"),
    (
        "change 100",
        "provisional 100",
        "ledger 0 | acquirer authorized 1000 | events succeeded updated",
        "Rules: not to less than 100 yen",
    ),
    (
        "change 99999999",
        "provisional 99999999",
        "ledger 0 | acquirer authorized 99999999, voided 1000 | events succeeded updated",
        "task of the LITE API: amounts up to 99,999,999 yen",
    ),
    ("change 100000000", "400 invalid_parameter", "=", "task of the LITE API: amounts up to 99,999,999 yen"),
];

/// 実売上 of 1,000 yen.
const ACTUAL: &[Row] = &[
    ("retrieve", "actual 1000", "=", "Operations: retrieve"),
    ("list", "actual 1000 of 1", "=", "Operations: retrieve"),
    ("capture", "400 already_captured", "=", "Rules: only a provisional sale; a repeated capture is an error"),
    (
        "cancel",
        "cancelled 1000",
        "ledger 0 | acquirer refunded 1000 | events succeeded captured refunded",
        "Rules: cancel, provisional or actual",
    ),
    (
        "change 1500",
        "provisional 1500",
        "ledger 0 | acquirer authorized 1500, refunded 1000 | events succeeded captured updated",
        "Rules: an actual sale becomes provisional",
    ),
    (
        "change 500",
        "provisional 500",
        "ledger 0 | acquirer authorized 500, refunded 1000 | events succeeded captured updated",
        "Rules: an actual sale becomes provisional",
    ),
    ("change 1000", "400 same_amount", "=", "Rules: not to the same total"),
    ("change 99", "400 amount_too_small", "=", "Rules: not to less than 100 yen"),
    (
        "change 100",
        "provisional 100",
        "ledger 0 | acquirer authorized 100, refunded 1000 | events succeeded captured updated",
        "Rules: not to less than 100 yen",
    ),
    (
        "change 99999999",
        "provisional 99999999",
        "ledger 0 | acquirer authorized 99999999, refunded 1000 | events succeeded captured updated",
        "task of the LITE API: amounts up to 99,999,999 yen",
    ),
    ("change 100000000", "400 invalid_parameter", "=", "task of the LITE API: amounts up to 99,999,999 yen"),
];

/// キャンセル: final, whatever it was before.
const CANCELLED: &[Row] = &[
    ("retrieve", "cancelled 1000", "=", "Operations: retrieve"),
    ("list", "cancelled 1000 of 1", "=", "Operations: retrieve"),
    ("capture", "400 already_refunded", "=", "Rules: final, no capture afterwards"),
    ("cancel", "400 already_refunded", "=", "Rules: a repeated cancel is an error"),
    ("change 1500", "400 already_refunded", "=", "Rules: final, no change afterwards"),
    ("change 500", "400 already_refunded", "=", "Rules: final, no change afterwards"),
    ("change 1000", "400 already_refunded", "=", "Rules: final, no change afterwards"),
    ("change 99", "400 already_refunded", "=", "Rules: final, no change afterwards"),
    ("change 100", "400 already_refunded", "=", "Rules: final, no change afterwards"),
    ("change 99999999", "400 already_refunded", "=", "Rules: final, no change afterwards"),
    ("change 100000000", "400 invalid_parameter", "=", "Errors: 400, malformed parameter"),
];

/// 仮売上 after the end of the fifth month after the order, before anybody cancelled it.
const PROVISIONAL_CLOSED: &[Row] = &[
    ("retrieve", "provisional 1000", "=", "Operations: retrieve"),
    ("list", "provisional 1000 of 1", "=", "Operations: retrieve"),
    ("capture", "400 period_expired", "=", "Rules: Windows"),
    ("cancel", "400 period_expired", "=", "Rules: Windows"),
    ("change 1500", "400 period_expired", "=", "Rules: Windows"),
    ("change 500", "400 period_expired", "=", "Rules: Windows"),
    ("change 1000", "400 period_expired", "=", "Rules: Windows"),
    ("change 99", "400 period_expired", "=", "Rules: Windows"),
    ("change 100", "400 period_expired", "=", "Rules: Windows"),
    ("change 99999999", "400 period_expired", "=", "Rules: Windows"),
    ("change 100000000", "400 invalid_parameter", "=", "Errors: 400, malformed parameter"),
];

/// 実売上 after the end of the month after the capture.
const ACTUAL_CLOSED: &[Row] = &[
    ("retrieve", "actual 1000", "=", "Operations: retrieve"),
    ("list", "actual 1000 of 1", "=", "Operations: retrieve"),
    ("capture", "400 already_captured", "=", "Rules: only a provisional sale"),
    ("cancel", "400 period_expired", "=", "Rules: Windows"),
    ("change 1500", "400 period_expired", "=", "Rules: Windows"),
    ("change 500", "400 period_expired", "=", "Rules: Windows"),
    ("change 1000", "400 period_expired", "=", "Rules: Windows"),
    ("change 99", "400 period_expired", "=", "Rules: Windows"),
    ("change 100", "400 period_expired", "=", "Rules: Windows"),
    ("change 99999999", "400 period_expired", "=", "Rules: Windows"),
    ("change 100000000", "400 invalid_parameter", "=", "Errors: 400, malformed parameter"),
];

/// Every test begins on 2026-11-22: its fifth month after ends with April, the month after a capture with December.
fn may_2027() -> Timestamp {
    JstDate::new(2027, 5, 1).expect("a date").start()
}

fn january_2027() -> Timestamp {
    JstDate::new(2027, 1, 1).expect("a date").start()
}

/// Brings charges of one shop into a state by `before`, then looks at each row with a charge of its own.
async fn check(app: &TestApp, state: &str, before: &[&str], rows: &[Row], until: Option<(Timestamp, Turned)>) {
    let shop = app.new_shop(true).await;
    let merchant = shop.sandbox();
    let mut charges = Vec::new();
    for _ in rows {
        let id = merchant.sell(&Sale::of(1_000)).await;
        for operation in before {
            operate(&merchant, operation, &id).await.good();
        }
        charges.push(id);
    }
    app.run_jobs().await;
    match until {
        None => {}
        Some((to, Turned::Unattended)) => app.turn_unattended(shop.id, to).await,
        Some((to, Turned::Attended)) => app.advance(shop.id, to).await,
    }
    for (id, (operation, expected, books, section)) in charges.iter().zip(rows) {
        let row = format!("{state}, {operation} ({section})");
        let was = app.effects(&merchant, id).await.to_string();
        let is = answer(&operate(&merchant, operation, id).await);
        assert_eq!(is, *expected, "{row}");
        if !is.starts_with("400") && until.is_none() {
            app.run_jobs().await;
        }
        let effects = app.effects(&merchant, id).await;
        let books = if *books == "=" { was.as_str() } else { books };
        assert_eq!(effects.to_string(), books, "{row}");
        assert_eq!(app.audit_rows(&merchant, id).await, effects.events.len() as i64, "audit rows: {row}");
        assert_same_everywhere(&merchant, id, &is).await;
    }
}

/// Whether workers are awake while the clock is turned.
#[derive(Clone, Copy)]
enum Turned {
    Attended,
    Unattended,
}

/// What a change answered, retrieve and list say too.
async fn assert_same_everywhere(merchant: &Merchant, id: &str, said: &str) {
    let retrieved = merchant.retrieve(id).await.good();
    let listed = merchant.list(&format!("id={id}")).await.good();
    assert_eq!(listed["data"], serde_json::json!([retrieved]));
    if !said.starts_with("400") && !said.ends_with(" of 1") {
        assert_eq!(crate::words::state(&retrieved), said);
    }
}

#[tokio::test]
async fn every_operation_in_every_state() {
    on_both(async |app| {
        check(app, "provisional", &[], PROVISIONAL, None).await;
        check(app, "actual", &["capture"], ACTUAL, None).await;
        check(app, "cancelled", &["cancel"], CANCELLED, None).await;
        check(app, "cancelled after capture", &["capture", "cancel"], CANCELLED, None).await;
        check(
            app,
            "provisional by a change, captured again",
            &["capture", "change 700", "change 1000", "capture"],
            &[
                ("capture", "400 already_captured", "=", "Rules: must be captured again"),
                (
                    "cancel",
                    "cancelled 1000",
                    "ledger 0 | acquirer refunded 1000, refunded 1000, voided 700 \
                 | events succeeded captured updated updated captured refunded",
                    "Rules: provisional or actual",
                ),
            ],
            None,
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_operation_after_the_window() {
    on_both(async |app| {
        let closed = Some((may_2027(), Turned::Unattended));
        check(app, "provisional, closed", &[], PROVISIONAL_CLOSED, closed).await;
        let closed = Some((january_2027(), Turned::Unattended));
        check(app, "actual, closed", &["capture"], ACTUAL_CLOSED, closed).await;
        let expired = Some((may_2027(), Turned::Attended));
        check(app, "expired", &[], CANCELLED, expired).await;
        check(app, "actual after both windows, attended", &["capture"], ACTUAL_CLOSED, expired).await;
    })
    .await;
}

#[tokio::test]
async fn a_charge_goes_through_all_states_and_back() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&Sale::of(3_000)).await;
        // Operation, answer, books: one charge through all of them.
        for (operation, expected, books) in [
            ("change 2000", "provisional 2000", "ledger 0 | acquirer authorized 3000"),
            ("change 2500", "provisional 2500", "ledger 0 | acquirer authorized 3000"),
            ("capture", "actual 2500", "ledger 2500 | acquirer captured 2500 of 3000"),
            ("capture", "400 already_captured", "ledger 2500 | acquirer captured 2500 of 3000"),
            ("change 4000", "provisional 4000", "ledger 0 | acquirer authorized 4000, refunded 2500 of 3000"),
            ("change 1000", "provisional 1000", "ledger 0 | acquirer authorized 4000, refunded 2500 of 3000"),
            ("capture", "actual 1000", "ledger 1000 | acquirer captured 1000 of 4000, refunded 2500 of 3000"),
            ("cancel", "cancelled 1000", "ledger 0 | acquirer refunded 1000 of 4000, refunded 2500 of 3000"),
            ("cancel", "400 already_refunded", "ledger 0 | acquirer refunded 1000 of 4000, refunded 2500 of 3000"),
        ] {
            assert_eq!(answer(&operate(&merchant, operation, &id).await), expected, "{operation}");
            app.run_jobs().await;
            let effects = app.effects(&merchant, &id).await.to_string();
            assert_eq!(effects.split(" | events").next(), Some(books), "{operation}");
        }
        let effects = app.effects(&merchant, &id).await;
        assert_eq!(effects.events.join(" "), "succeeded updated updated captured updated updated captured refunded");
    })
    .await;
}
