//! Whole lives of orders, method by method, with expected states written from the seeds and the contract.

use mall::code::{ChangeType, Method, Progress, Reason, Restock, Status};
use mall::order::{Caution, Order, Price};
use mall::progress::{Answer, Confirmation, Edit, Event, Line, Notice, Refused, Request, TimerKind};

use crate::world::{World, card, day, order};

fn cancel() -> Event {
    Event::ShopCancels { reason: Reason::OutOfStock, restock: Restock::AsItem }
}

#[test]
fn a_card_order_goes_all_the_way() {
    let mut world = World::with(order(Method::Card), Confirmation::Manual);
    assert_eq!(world.order.progress, Progress::AwaitingConfirmation);
    world.happen(&Event::Confirm).unwrap();
    assert_eq!((world.order.progress, world.status()), (Progress::InProcess, Some(Status::ProcedureRequested)));
    world.answer(|_| None);
    assert!(world.order.under_check);
    world.answer_all();
    assert_eq!((world.order.progress, world.status()), (Progress::AwaitingShipment, Some(Status::ProcedureDone)));
    world.ship(day("2026-11-03")).unwrap();
    world.advance_days(1);
    assert_eq!(world.order.progress, Progress::AwaitingShipment, "the day of shipping is not over");
    world.advance_days(1);
    assert_eq!((world.order.progress, world.status()), (Progress::Shipped, Some(Status::Fixed)));
    // The report falls just after midnight.
    assert_eq!(world.order.reported.unwrap().to_string(), "2026-11-04T00:00:00+09:00");
    assert_eq!(world.captured.values().copied().collect::<Vec<_>>(), [2_660]);
    assert_eq!(world.owed(), 2_660);
    world.advance_days(60);
    assert_eq!(world.order.progress, Progress::Settled);
    assert_eq!(world.owed(), 0);
}

#[test]
fn automatic_mode_confirms_but_what_needs_approval_or_has_no_postage() {
    let arrived = |order| World::with(order, Confirmation::Automatic).order.progress;
    assert_eq!(arrived(order(Method::Card)), Progress::InProcess);
    let mut approval = order(Method::Card);
    approval.needs_approval = true;
    assert_eq!(arrived(approval), Progress::AwaitingConfirmation);
    let mut postage = order(Method::Card);
    postage.packages[0].postage = Price::Unset;
    assert_eq!(arrived(postage), Progress::AwaitingConfirmation);
    let unset = World::with(order(Method::Card), Confirmation::Unset);
    assert_eq!(unset.order.progress, Progress::AwaitingConfirmation);
}

#[test]
fn fourteen_days_without_confirmation_cancel() {
    let mut world = World::with(order(Method::Card), Confirmation::Manual);
    world.advance(day("2026-11-16").0.plus_days(1).start().plus_micros(-1));
    assert_eq!(world.order.progress, Progress::AwaitingConfirmation);
    world.advance_days(1);
    assert_eq!(world.order.progress, Progress::Cancelled);
    assert_eq!(world.happen(&Event::Confirm), Err(Refused::Cancelled));
}

#[test]
fn an_order_without_postage_is_not_confirmed() {
    let mut unpriced = order(Method::Card);
    unpriced.packages[0].postage = Price::Unset;
    let mut world = World::with(unpriced, Confirmation::Manual);
    assert_eq!(world.happen(&Event::Confirm), Err(Refused::Unpriced));
}

#[test]
fn the_buyer_cancels_within_thirty_minutes() {
    let minutes = |minutes: i64| minutes * 60 * 1_000_000;
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.now = world.order.placed.plus_micros(minutes(30) - 1);
    world.happen(&Event::BuyerCancels).unwrap();
    world.answer_all();
    assert_eq!(world.order.progress, Progress::Cancelled);
    assert!(world.held.is_empty() && world.told.contains(&Notice::Cancelled));

    let mut late = World::with(order(Method::Card), Confirmation::Automatic);
    late.now = late.order.placed.plus_micros(minutes(30));
    assert_eq!(late.happen(&Event::BuyerCancels), Err(Refused::TooLate));
    let mut asuraku = order(Method::Card);
    asuraku.traits.asuraku = true;
    assert_eq!(World::with(asuraku, Confirmation::Manual).happen(&Event::BuyerCancels), Err(Refused::TooLate));
}

#[test]
fn a_refused_card_asks_the_buyer_and_cancels_after_seven_days() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.refuse_payment();
    assert_eq!(world.status(), Some(Status::ProcedureRefused));
    assert_eq!(world.order.caution, Some(Caution::PaymentRefused));
    assert!(world.told.contains(&Notice::ChangeMethod));
    let mut changed = world.clone();
    changed.happen(&Event::BuyerChangesMethod { method: Method::Card, card: Some(card()) }).unwrap();
    changed.answer_all();
    assert_eq!(changed.order.progress, Progress::AwaitingShipment);
    assert_eq!(changed.order.payments.len(), 2);
    assert_eq!(changed.order.caution, None);

    world.advance(day("2026-11-09").0.plus_days(1).start().plus_micros(-1));
    assert_eq!(world.order.progress, Progress::InProcess);
    world.advance_days(1);
    assert_eq!(world.order.progress, Progress::Cancelled);
    assert_eq!(world.order.changes.last().unwrap().reason, Some(Reason::Unpaid));
}

#[test]
fn a_prepayment_waits_for_its_deposit() {
    let deposit = |amount| Event::Deposited { amount, name_kana: "ラクテン タロウ".into() };
    let mut world = World::with(order(Method::BankTransfer), Confirmation::Automatic);
    assert_eq!(world.order.due_dates[0].date, day("2026-11-09"));
    world.happen(&deposit(2_000)).unwrap();
    assert!(world.told.contains(&Notice::PaidShort));
    assert_eq!(world.order.progress, Progress::InProcess);
    world.happen(&deposit(1_000)).unwrap();
    // 340 yen too many go back.
    assert!(world.asked.iter().any(|ask| ask.request == Request::Return { amount: 340 }));
    world.answer_all();
    assert_eq!(world.order.progress, Progress::AwaitingShipment);
    world.happen(&cancel()).unwrap();
    assert!(world.asked.iter().any(|ask| ask.request == Request::Return { amount: 2_660 }));
    world.advance_days(1);
    assert_eq!(world.order.progress, Progress::Cancelled);

    let mut never = World::with(order(Method::SevenEleven), Confirmation::Automatic);
    never.advance_days(9);
    assert_eq!(never.order.progress, Progress::Cancelled);
    // What comes in too late goes back.
    never.happen(&deposit(2_660)).unwrap();
    assert!(never.asked.iter().any(|ask| ask.request == Request::Return { amount: 2_660 }));
}

#[test]
fn a_deferred_payment_that_is_refused_loses_its_fee_with_the_method() {
    let mut world = World::with(order(Method::Deferred), Confirmation::Automatic);
    assert_eq!(world.order.amounts().request, Price::Fixed(2_910));
    world.refuse_payment();
    let mut changed = world.clone();
    changed.happen(&Event::BuyerChangesMethod { method: Method::BankTransfer, card: None }).unwrap();
    assert_eq!(changed.order.amounts().request, Price::Fixed(2_660));
    // 注文の8日後 (seed 004).
    world.advance(day("2026-11-10").0.start().plus_micros(-1));
    assert_eq!(world.order.progress, Progress::InProcess);
    world.advance(day("2026-11-10").0.start());
    world.advance_days(1);
    assert_eq!(world.order.progress, Progress::Cancelled);
}

#[test]
fn a_held_screening_can_be_corrected_and_is_screened_again() {
    let mut world = World::with(order(Method::Deferred), Confirmation::Automatic);
    world.answer(|_| Some(Answer::OnHold));
    let mut corrected = world.order.clone();
    corrected.packages[0].address.rest = "玉川1-14-1 楽天クリムゾンハウス".into();
    let edit = mall::progress::Edit { order: corrected, reason: None, method: None };
    world.happen(&Event::Edited(Box::new(edit))).unwrap();
    assert_eq!(world.order.payments.len(), 2);
    world.answer_all();
    assert_eq!(world.order.progress, Progress::AwaitingShipment);
}

#[test]
fn deferred_payment_needs_a_delivery_that_is_tracked() {
    let mut by_mail = order(Method::Deferred);
    by_mail.notes.delivery_name = "メール便".into();
    let policy = mall::progress::Policy::USUAL;
    let arrived = |policy: &mall::progress::Policy| {
        mall::progress::arrive(by_mail.clone(), policy, crate::world::PLACED).map(|moved| moved.order.progress)
    };
    assert_eq!(arrived(&policy), Err(Refused::Delivery));
    let tracked = mall::progress::Policy { trackable_mail: true, ..policy };
    assert_eq!(arrived(&tracked), Ok(Progress::AwaitingConfirmation));
}

#[test]
fn a_shop_selected_method_needs_nothing_of_the_mall() {
    let mut world = World::with(order(Method::CashOnDelivery), Confirmation::Automatic);
    world.answer_all();
    assert_eq!((world.order.progress, world.status()), (Progress::AwaitingShipment, Some(Status::None)));
    world.ship(day("2026-11-02")).unwrap();
    world.advance_days(90);
    assert_eq!(world.order.progress, Progress::Settled);
    assert_eq!(world.owed(), 0);
}

#[test]
fn fraud_cancels_the_next_day() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    let fraud = |request: &Request| (*request == Request::CheckFraud).then_some(Answer::Refused);
    while world.answer(fraud) {}
    assert_eq!(world.timers[&TimerKind::FraudCancel], day("2026-11-03").0.start());
    world.advance_days(1);
    assert_eq!(world.order.progress, Progress::Cancelled);
    assert!(world.held.is_empty());
}

#[test]
fn a_plan_beyond_thirty_days_is_authorized_anew_seven_days_before() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.ship(day("2026-12-24")).unwrap();
    assert_eq!(world.timers[&TimerKind::Reauthorization], day("2026-12-17").0.start());
    assert_eq!(world.happen(&cancel()), Err(Refused::ShippingDate));
    world.advance(day("2026-12-20").0.start());
    assert_eq!(world.held.keys().collect::<Vec<_>>(), ["auth_2"]);
    assert_eq!(world.order.progress, Progress::AwaitingShipment);
    world.advance(day("2026-12-25").0.start());
    assert_eq!(world.order.progress, Progress::Shipped);

    let mut cleared = World::with(order(Method::Card), Confirmation::Automatic);
    cleared.answer_all();
    cleared.ship(day("2026-12-24")).unwrap();
    cleared.unship().unwrap();
    cleared.happen(&cancel()).unwrap();
}

/// Seed 002: an authorization lives 30 days. Ordered on 2026-11-02, the last of them is 2026-12-02.
#[test]
fn what_ships_on_the_last_day_of_the_authorization_is_claimed_with_it() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.ship(day("2026-12-02")).unwrap();
    world.advance(day("2026-12-03").0.start().plus_micros(-1));
    assert_eq!((world.order.progress, world.status()), (Progress::AwaitingShipment, Some(Status::ProcedureDone)));
    world.advance_days(1);
    world.answer_all();
    assert_eq!((world.order.progress, world.status()), (Progress::Shipped, Some(Status::Fixed)));
    assert_eq!(world.order.reported.unwrap().to_string(), "2026-12-03T00:00:00+09:00");
    assert_eq!((world.captured.len(), world.order.caution), (1, None));
}

#[test]
fn a_new_authorization_that_is_refused_shows_the_caution() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.ship(day("2026-12-24")).unwrap();
    world.now = day("2026-12-17").0.start();
    world.happen(&Event::ReauthorizationDue).unwrap();
    world.refuse_payment();
    assert_eq!(world.order.caution, Some(Caution::ReauthorizationRefused));
    world.happen(&Event::BuyerChangesMethod { method: Method::Card, card: Some(card()) }).unwrap();
    world.answer_all();
    assert_eq!((world.order.progress, world.order.caution), (Progress::AwaitingShipment, None));
    assert_eq!(world.held.len(), 1);
}

#[test]
fn thirty_days_without_a_date_show_the_caution() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.advance(day("2026-12-02").0.plus_days(1).start().plus_micros(-1));
    assert_eq!(world.order.caution, None);
    world.advance_days(1);
    assert_eq!(world.order.caution, Some(Caution::NoShippingDate));
    assert!(world.order.needs_the_shop() && world.held.is_empty());
    world.ship(day("2026-12-20")).unwrap();
    world.advance(day("2026-12-21").0.start());
    assert_eq!(world.order.progress, Progress::Shipped);
}

/// The authorization ended while a later date was planned, then the plan is taken back: nothing would happen any more.
#[test]
fn a_date_that_is_taken_back_after_the_authorization_ended_shows_the_caution() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.ship(day("2026-12-24")).unwrap();
    world.advance(day("2026-12-04").0.start());
    assert_eq!((world.status(), world.order.caution), (Some(Status::ProcedureWaiting), None));
    world.unship().unwrap();
    assert_eq!(world.order.caution, Some(Caution::NoShippingDate));
    world.ship(day("2026-12-24")).unwrap();
    assert_eq!(world.order.caution, None);
    world.advance(day("2026-12-25").0.start());
    assert_eq!(world.order.progress, Progress::Shipped);
}

/// Seed 004: the fee goes with deferred payment. Points that paid for it would be worth more than the order.
#[test]
fn a_fee_that_points_paid_for_stays_with_its_method() {
    let mut world = World::with(Order { points: 2_900, ..order(Method::Deferred) }, Confirmation::Manual);
    assert_eq!(world.order.amounts().request, Price::Fixed(10));
    let edit = |points: i64, method| mall::progress::Edit {
        order: Order { points, ..order(method) },
        reason: None,
        method: Some(method),
    };
    let before = world.order.clone();
    let changed = world.happen(&Event::Edited(Box::new(edit(2_900, Method::BankTransfer))));
    assert_eq!((changed, &world.order), (Err(Refused::Amount), &before));
}

#[test]
fn an_increase_waits_for_its_authorization_and_a_decrease_needs_a_reason() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    let edited = |world: &World, units: i64, reason| {
        let mut order = world.order.clone();
        order.packages[0].items[0].units = units;
        Event::Edited(Box::new(mall::progress::Edit { order, reason, method: None }))
    };
    assert_eq!(world.happen(&edited(&world.clone(), 1, None)), Err(Refused::NoReason));
    world.happen(&edited(&world.clone(), 3, None)).unwrap();
    assert_eq!(world.order.progress, Progress::AwaitingChange);
    world.answer_all();
    assert_eq!(world.order.progress, Progress::AwaitingShipment);
    assert_eq!(world.held, [("auth_2".to_owned(), 3_740)].into());
    assert_eq!(world.order.changes.last().unwrap().kind, ChangeType::ChangeCompleted);
    world.happen(&edited(&world.clone(), 1, Some(Reason::OutOfStock))).unwrap();
    assert_eq!(world.order.progress, Progress::AwaitingShipment);
    world.ship(day("2026-11-02")).unwrap();
    world.advance_days(1);
    assert_eq!(world.captured.values().copied().collect::<Vec<_>>(), [1_580]);
}

#[test]
fn a_cancellation_after_shipping_gives_the_money_back() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.ship(day("2026-11-02")).unwrap();
    world.advance_days(1);
    assert_eq!(world.happen(&cancel()), Err(Refused::Status));
    let after = Event::ShopCancelsAfterShipping { reason: Reason::CustomerReturn, restock: Restock::AsItem };
    world.happen(&after).unwrap();
    assert_eq!(
        (world.order.progress, world.status()),
        (Progress::AwaitingCancellation, Some(Status::SettlementCancelling))
    );
    world.answer_all();
    assert_eq!((world.order.progress, world.status()), (Progress::Cancelled, Some(Status::SettlementCancelled)));
    assert_eq!(world.owed(), 0);
    assert_eq!(world.captured.values().copied().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_refund_that_is_refused_waits_for_a_person() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.ship(day("2026-11-02")).unwrap();
    world.advance_days(1);
    let mut less = world.order.clone();
    less.packages[0].items[0].units = 1;
    let edit = Edit { order: less, reason: Some(Reason::OutOfStock), method: None };
    world.happen(&Event::Edited(Box::new(edit))).unwrap();
    assert!(world.answer(|_| Some(Answer::Refused)));
    let refused = |world: &World| world.order.refunds_refused().map(|refund| refund.amount).collect::<Vec<_>>();
    assert_eq!(refused(&world), [1_080]);
    let owed = world.owed();

    // A person asks for it again; refused once more it waits again, and no yen is booked twice.
    world.happen(&Event::RefundAgain).unwrap();
    assert_eq!(refused(&world), [0_i64; 0]);
    assert!(world.answer(|_| Some(Answer::Refused)));
    assert_eq!(refused(&world), [1_080]);
    world.happen(&Event::RefundAgain).unwrap();
    world.answer_all();
    assert_eq!((refused(&world), world.owed()), (Vec::new(), owed));
    assert_eq!(world.captured.values().copied().collect::<Vec<_>>(), [1_580]);
    assert_eq!(world.happen(&Event::RefundAgain), Err(Refused::Stale));
}

#[test]
fn a_chargeback_is_owed_by_the_shop() {
    let mut world = World::with(order(Method::Card), Confirmation::Automatic);
    world.answer_all();
    world.ship(day("2026-11-02")).unwrap();
    world.advance_days(90);
    world.happen(&Event::ChargedBack).unwrap();
    assert_eq!(world.status(), Some(Status::ChargedBack));
    assert_eq!(world.ledger.last(), Some(&Line::GivenBack(2_660)));
    assert_eq!(world.happen(&Event::ChargedBack), Err(Refused::Status));
}

#[test]
fn points_pay_all_of_it() {
    let mut free = order(Method::Card);
    free.points = 2_660;
    let mut world = World::with(free, Confirmation::Automatic);
    world.answer_all();
    assert_eq!(world.order.progress, Progress::AwaitingShipment);
    assert!(world.held.is_empty());
    world.ship(day("2026-11-02")).unwrap();
    world.advance_days(1);
    assert_eq!(world.owed(), 2_660);
}
