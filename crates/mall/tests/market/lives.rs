//! Whole lives of orders, by scenario.

use mall::code::{Method, Progress, Reason, Restock, Status};
use mall::market::Undone;
use mall::progress::{Confirmation, Event, Notice, Refused};
use mall::scenario::Scenario;
use store::StoreError;
use testkit::app::on_both;

use crate::bazaar::{Balance, Bazaar};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_paid_by_card_lives_from_its_arrival_to_its_payout() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let number = mall.place(Scenario::CardOk).await;
        assert_eq!(mall.stands(number).await.0, Progress::AwaitingConfirmation);
        mall.happen(number, Event::Confirm).await.unwrap();
        assert_eq!(mall.stands(number).await, (Progress::InProcess, Some(Status::ProcedureRequested)));
        mall.seconds(2).await;
        assert_eq!(mall.stands(number).await, (Progress::AwaitingShipment, Some(Status::ProcedureDone)));
        mall.ship(number, 0).await.unwrap();
        assert_eq!(mall.stands(number).await.0, Progress::AwaitingShipment);
        mall.days(1).await;
        assert_eq!(mall.stands(number).await, (Progress::Shipped, Some(Status::Fixed)));
        assert_eq!(mall.balance(number).await, Balance { funds: 2_660, promotion: 0, payable: 2_660 });
        mall.days(31).await;
        assert_eq!(mall.stands(number).await.0, Progress::Settled);
        assert_eq!(mall.balance(number).await, Balance::default());
        assert_eq!(mall.told(number).await, [Notice::Confirmed, Notice::Shipped]);
        // Twice is once.
        assert_eq!(mall.happen(number, Event::SettlementDone).await, Err(Undone::Refused(Refused::Stale)));
        assert_eq!(mall.happen(number, Event::Confirm).await, Err(Undone::Refused(Refused::Status)));
    })
    .await;
}

/// A scenario, what becomes of it after it was confirmed, and after so many days more.
type Course = (Scenario, (Progress, Status), i64, (Progress, Status));

const COURSES: &[Course] = {
    use Progress::{AwaitingShipment, Cancelled, InProcess};
    use Status::*;
    &[
        (Scenario::CardRefused, (InProcess, ProcedureRefused), 9, (Cancelled, ProcedureCancelled)),
        (Scenario::CardRefusedThenChanged, (AwaitingShipment, ProcedureDone), 9, (AwaitingShipment, ProcedureDone)),
        (Scenario::AnswerLost, (AwaitingShipment, ProcedureDone), 0, (AwaitingShipment, ProcedureDone)),
        (Scenario::ApplePay, (AwaitingShipment, ProcedureDone), 0, (AwaitingShipment, ProcedureDone)),
        (Scenario::PrepaidOk, (AwaitingShipment, ProcedureDone), 9, (AwaitingShipment, ProcedureDone)),
        (Scenario::PrepaidNeverPaid, (InProcess, ProcedureRequested), 9, (Cancelled, ProcedureCancelled)),
        (Scenario::PrepaidShort, (InProcess, ProcedureRequested), 9, (Cancelled, ProcedureCancelled)),
        (Scenario::PrepaidShortThenRest, (AwaitingShipment, ProcedureDone), 9, (AwaitingShipment, ProcedureDone)),
        (Scenario::PrepaidExcess, (AwaitingShipment, ProcedureDone), 9, (AwaitingShipment, ProcedureDone)),
        (Scenario::ConvenienceStore, (AwaitingShipment, ProcedureDone), 0, (AwaitingShipment, ProcedureDone)),
        (Scenario::DeferredOk, (AwaitingShipment, ProcedureDone), 9, (AwaitingShipment, ProcedureDone)),
        (Scenario::DeferredNg, (InProcess, ProcedureRefused), 9, (Cancelled, ProcedureCancelled)),
        (Scenario::DeferredNgThenChanged, (AwaitingShipment, ProcedureDone), 9, (AwaitingShipment, ProcedureDone)),
        (Scenario::DeferredOnHold, (InProcess, ProcedureQueued), 2, (AwaitingShipment, ProcedureDone)),
        (Scenario::DeferredOnHoldNg, (InProcess, ProcedureQueued), 2, (InProcess, ProcedureRefused)),
        (Scenario::Cod, (AwaitingShipment, None), 0, (AwaitingShipment, None)),
        (Scenario::Invoice, (AwaitingShipment, None), 0, (AwaitingShipment, None)),
        (Scenario::PointsOnly, (AwaitingShipment, None), 0, (AwaitingShipment, None)),
        (Scenario::FraudNg, (InProcess, ProcedureDone), 1, (Cancelled, ProcedureCancelled)),
        (Scenario::FraudOnHold, (InProcess, ProcedureDone), 2, (AwaitingShipment, ProcedureDone)),
        (Scenario::CouponsAndPoints, (AwaitingShipment, ProcedureDone), 0, (AwaitingShipment, ProcedureDone)),
        (Scenario::MultiDestination, (AwaitingShipment, ProcedureDone), 0, (AwaitingShipment, ProcedureDone)),
    ]
};

#[tokio::test(flavor = "multi_thread")]
async fn each_scenario_takes_its_course() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let mut numbers = Vec::new();
        for (scenario, ..) in COURSES {
            numbers.push(mall.place(*scenario).await);
        }
        for number in &numbers {
            mall.happen(*number, Event::Confirm).await.unwrap();
        }
        mall.seconds(60).await;
        for ((scenario, (progress, status), ..), number) in COURSES.iter().zip(&numbers) {
            assert_eq!(mall.stands(*number).await, (*progress, Some(*status)), "{scenario:?} after a minute");
        }
        let mut passed = 0;
        for days in 0..=9 {
            mall.days(days - passed).await;
            passed = days;
            let now = COURSES.iter().zip(&numbers).filter(|((.., at, _), _)| *at == days);
            for ((scenario, .., (progress, status)), number) in now {
                assert_eq!(mall.stands(*number).await, (*progress, Some(*status)), "{scenario:?} after {days} days");
            }
        }
        let changed = COURSES.iter().position(|(scenario, ..)| *scenario == Scenario::DeferredNgThenChanged).unwrap();
        let changed = mall.order(numbers[changed]).await;
        assert_eq!((changed.method, changed.payment_charge), (Method::SevenEleven, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_the_shop_waits_two_weeks() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        mall.set(Confirmation::Automatic).await;
        let (approval, unpriced) =
            (mall.place(Scenario::NeedsApproval).await, mall.place(Scenario::PostageUnset).await);
        let straight = mall.place(Scenario::CardOk).await;
        mall.seconds(5).await;
        assert_eq!(mall.stands(straight).await.0, Progress::AwaitingShipment);
        assert_eq!(mall.happen(unpriced, Event::Confirm).await, Err(Undone::Refused(Refused::Unpriced)));
        mall.days(14).await;
        for number in [approval, unpriced] {
            assert_eq!(mall.stands(number).await.0, Progress::AwaitingConfirmation);
        }
        mall.days(1).await;
        for number in [approval, unpriced] {
            assert_eq!(mall.stands(number).await.0, Progress::Cancelled);
            assert_eq!(mall.told(number).await, [Notice::Cancelled]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_authorization_that_fails_keeps_the_order_from_shipping() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let number = mall.place(Scenario::ReauthFails).await;
        mall.confirm(number).await;
        mall.ship(number, 60).await.unwrap();
        mall.days(52).await;
        assert_eq!(mall.stands(number).await, (Progress::AwaitingShipment, Some(Status::ProcedureWaiting)));
        mall.days(1).await;
        mall.seconds(5).await;
        assert_eq!(mall.stands(number).await, (Progress::AwaitingShipment, Some(Status::ProcedureRefused)));
        let cancel = Event::ShopCancels { reason: Reason::OutOfStock, restock: Restock::AsItem };
        assert_eq!(mall.happen(number, cancel).await, Err(Undone::Refused(Refused::ShippingDate)));
        // The buyer does nothing: it is cancelled before its date, and never ships.
        mall.days(9).await;
        assert_eq!(mall.stands(number).await.0, Progress::Cancelled);
        assert_eq!(mall.balance(number).await, Balance::default());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_when_an_order_is_cancelled_after_shipping() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        for scenario in [Scenario::CardOk, Scenario::CouponsAndPoints, Scenario::DeferredOk, Scenario::Cod] {
            let number = mall.place(scenario).await;
            mall.confirm(number).await;
            mall.ship(number, 0).await.unwrap();
            mall.days(1).await;
            assert_eq!(mall.stands(number).await.0, Progress::Shipped, "{scenario:?}");
            let cancel = Event::ShopCancelsAfterShipping { reason: Reason::CustomerReturn, restock: Restock::Restore };
            mall.happen(number, cancel).await.unwrap();
            mall.seconds(5).await;
            assert_eq!(mall.stands(number).await.0, Progress::Cancelled, "{scenario:?}");
            assert_eq!(mall.balance(number).await, Balance::default(), "{scenario:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_issuer_took_back_is_not_paid_out() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let number = mall.place(Scenario::CouponsAndPoints).await;
        mall.confirm(number).await;
        mall.ship(number, 0).await.unwrap();
        mall.days(1).await;
        let promised = mall.balance(number).await.promotion;
        assert_eq!(promised, 650);
        mall.happen(number, Event::ChargedBack).await.unwrap();
        assert_eq!(mall.balance(number).await, Balance { funds: 0, promotion: 650, payable: 650 });
        mall.days(40).await;
        assert_eq!(mall.stands(number).await, (Progress::Settled, Some(Status::ChargedBack)));
        assert_eq!(mall.balance(number).await.payable, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screening_that_is_held_stops_nothing_once_the_order_is_cancelled() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let number = mall.place(Scenario::DeferredOnHold).await;
        mall.confirm(number).await;
        assert_eq!(mall.stands(number).await, (Progress::InProcess, Some(Status::ProcedureQueued)));
        let cancel = Event::ShopCancels { reason: Reason::OutOfStock, restock: Restock::AsItem };
        mall.happen(number, cancel).await.unwrap();
        mall.seconds(5).await;
        assert_eq!(mall.stands(number).await.0, Progress::Cancelled);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_given_up_is_sent_again_by_a_person() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let number = mall.place(Scenario::CardOk).await;
        mall.happen(number, Event::Confirm).await.unwrap();
        let give_up = format!("UPDATE outbox SET state = 'failed' WHERE lane = '{number}'");
        let given_up = app.store().write::<_, StoreError, _>(move |tx| tx.execute(&give_up, &[])).await.unwrap();
        assert_eq!(given_up, 1);
        mall.seconds(3_600).await;
        assert_eq!(mall.stands(number).await, (Progress::InProcess, Some(Status::ProcedureRequested)));
        assert_eq!(mall.ask_again(number).await, Ok(1));
        assert_eq!(mall.ask_again(number).await, Ok(0));
        app.run_jobs().await;
        mall.seconds(10).await;
        assert_eq!(mall.stands(number).await, (Progress::AwaitingShipment, Some(Status::ProcedureDone)));
        let nobody = "123456-20260101-0000000001".parse().unwrap();
        assert_eq!(mall.ask_again(nobody).await, Err(Undone::NoSuchOrder));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_do_the_same_at_once_do_it_once() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        for _ in 0..5 {
            let number = mall.place(Scenario::CardOk).await;
            let (one, other) = tokio::join!(mall.happen(number, Event::Confirm), mall.happen(number, Event::Confirm));
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            mall.seconds(10).await;
            let cancel = || Event::ShopCancels { reason: Reason::OutOfStock, restock: Restock::AsItem };
            let (one, other) = tokio::join!(mall.happen(number, cancel()), mall.happen(number, cancel()));
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            mall.seconds(10).await;
            assert_eq!(mall.told(number).await, [Notice::Confirmed, Notice::Cancelled]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_orders_due_at_once_are_worked_off_in_order() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let mut numbers = Vec::new();
        for _ in 0..150 {
            numbers.push(mall.place(Scenario::CardOk).await);
        }
        mall.days(16).await;
        for number in numbers {
            let order = mall.order(number).await;
            let cancelled = order.changes.last().unwrap();
            let due = order.placed.jst_date().plus_days(15).start();
            assert_eq!(order.progress, Progress::Cancelled);
            assert_eq!((cancelled.applied, cancelled.completed), (Some(due), Some(due.plus_seconds(1))));
        }
    })
    .await;
}
