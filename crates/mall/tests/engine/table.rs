//! Every state with every event: where a card order goes, or why it does not. Written by hand from the seeds and the contract
//! (3.3, 3.4, 3.11 to 3.14), not recorded.

use mall::code::{Method, Progress, Reason, Restock};
use mall::order::Price;
use mall::progress::{Answer, Confirmation, Edit, Event, Refused};

use crate::world::{World, card, day, order};

type Outcome = Result<i64, Refused>;

/// A card order that stands in this state.
fn standing(progress: Progress) -> World {
    let mut world = World::with(order(Method::Card), Confirmation::Manual);
    let cancel = Event::ShopCancels { reason: Reason::OutOfStock, restock: Restock::AsItem };
    let steps: &[Progress] = &[Progress::InProcess, Progress::AwaitingShipment, Progress::Shipped];
    if progress == Progress::AwaitingConfirmation {
        return world;
    }
    world.happen(&Event::Confirm).unwrap();
    match progress {
        Progress::InProcess => {}
        Progress::AwaitingCancellation | Progress::Cancelled => {
            world.answer_all();
            world.happen(&cancel).unwrap();
            if progress == Progress::Cancelled {
                world.answer_all();
            }
        }
        Progress::AwaitingChange => {
            world.answer_all();
            let mut more = world.order.clone();
            more.packages[0].items[0].units = 3;
            world.happen(&Event::Edited(Box::new(Edit { order: more, reason: None, method: None }))).unwrap();
        }
        _ => {
            world.answer_all();
            if steps.contains(&progress) && progress != Progress::AwaitingShipment || progress.code() >= 500 {
                world.ship(day("2026-11-02")).unwrap();
                world.advance(day("2026-11-03").0.start());
                world.answer_all();
            }
            let limit = match progress {
                Progress::SettlementInProgress => Some(day("2026-11-16")),
                Progress::Settled => Some(day("2027-01-31")),
                _ => None,
            };
            if let Some(limit) = limit {
                world.advance(limit.0.start());
            }
        }
    }
    assert_eq!(world.order.progress, progress);
    world
}

fn outcome(progress: Progress, event: &Event) -> Outcome {
    let mut world = standing(progress);
    world.happen(event).map(|()| world.order.progress.code())
}

fn row(name: &str, event: &Event, expected: [Outcome; 9]) {
    for (progress, expected) in Progress::ALL.iter().zip(expected) {
        assert_eq!(outcome(*progress, event), expected, "{name} in {progress:?}");
    }
}

const CANCELLED: Outcome = Err(Refused::Cancelled);
const STATUS: Outcome = Err(Refused::Status);
const STALE: Outcome = Err(Refused::Stale);
const LATE: Outcome = Err(Refused::TooLate);

#[test]
fn what_the_shop_asks_for() {
    // 3.3: 100 → 200 and nothing else.
    row(
        "confirmOrder",
        &Event::Confirm,
        [Ok(200), STATUS, STATUS, STATUS, STATUS, STATUS, STATUS, CANCELLED, CANCELLED],
    );
    // 3.13: 100, 200, 300.
    let cancel = Event::ShopCancels { reason: Reason::OutOfStock, restock: Restock::AsItem };
    row("cancelOrder", &cancel, [Ok(800), Ok(800), Ok(800), STATUS, STATUS, STATUS, STATUS, CANCELLED, CANCELLED]);
    // 3.14: 500, 600, 700, 800.
    let after = Event::ShopCancelsAfterShipping { reason: Reason::CustomerReturn, restock: Restock::AsItem };
    row(
        "cancelOrderAfterShipping",
        &after,
        [STATUS, STATUS, STATUS, STATUS, Ok(800), Ok(800), Ok(800), Ok(800), CANCELLED],
    );
}

#[test]
fn what_the_shop_ships() {
    // 3.4 "not cancelled"; before confirmation there is nothing to ship (seed 002: from 楽天処理中 on).
    let expected = [STATUS, Ok(200), Ok(300), Ok(400), Ok(500), Ok(600), Ok(700), CANCELLED, CANCELLED];
    for (progress, expected) in Progress::ALL.iter().zip(expected) {
        let mut world = standing(*progress);
        let done = world.ship(day("2026-12-01")).map(|()| world.order.progress.code());
        assert_eq!(done, expected, "{progress:?}");
    }
}

#[test]
fn what_the_shop_edits() {
    // 3.11: 100, 200, 300; 3.12: 500, 600, 700. In 200 the procedure runs here; in 400 the change before it does.
    let expected = [
        Ok(100),
        Err(Refused::Running),
        Ok(300),
        Err(Refused::Running),
        Ok(500),
        Ok(600),
        Ok(700),
        CANCELLED,
        CANCELLED,
    ];
    for (progress, expected) in Progress::ALL.iter().zip(expected) {
        let mut world = standing(*progress);
        let mut same = world.order.clone();
        same.packages[0].noshi = Some("御歳暮".into());
        let edit = Event::Edited(Box::new(Edit { order: same, reason: None, method: None }));
        assert_eq!(world.happen(&edit).map(|()| world.order.progress.code()), expected, "{progress:?}");
    }
}

#[test]
fn what_the_buyer_does() {
    // Within 30 minutes, which 400 and later states cannot be in; those here were reached by turning the clock.
    let expected = [Ok(800), Ok(800), Ok(800), LATE, LATE, LATE, LATE, CANCELLED, CANCELLED];
    row("the buyer cancels", &Event::BuyerCancels, expected);
    // Nobody asked for another way of paying.
    let method = Event::BuyerChangesMethod { method: Method::Card, card: Some(card()) };
    let refused = Err(Refused::Method);
    row(
        "the buyer changes the method",
        &method,
        [STATUS, refused, refused, refused, STATUS, STATUS, STATUS, CANCELLED, CANCELLED],
    );
    // A card order is not paid by deposit.
    let deposit = Event::Deposited { amount: 1, name_kana: String::new() };
    row("the buyer pays in", &deposit, [STATUS; 9]);
}

/// Where a payment can stand while the order's status stays: refused in 楽天処理中, on hold there, refused in 発送待ち (the new
/// authorization), refused in 変更確定待ち (an increase).
fn stopped() -> [World; 4] {
    let mut refused = World::with(order(Method::Card), Confirmation::Automatic);
    refused.refuse_payment();
    let mut held = World::with(order(Method::Deferred), Confirmation::Automatic);
    let serial = held.asked[0].serial;
    held.happen(&Event::Answered(serial, Answer::OnHold)).unwrap();
    let mut later = standing(Progress::AwaitingShipment);
    later.happen(&Event::ReauthorizationDue).unwrap();
    later.refuse_payment();
    let mut raised = standing(Progress::AwaitingChange);
    raised.refuse_payment();
    let shown = |world: &World| (world.order.progress.code(), world.status().unwrap().code());
    let all = [refused, held, later, raised];
    assert_eq!(all.each_ref().map(shown), [(200, 30_400), (200, 30_110), (300, 30_400), (400, 30_400)]);
    all
}

/// Contract 3.11 "Payment-method change"; design, "at 30400 (refused) or on hold".
#[test]
fn what_happens_to_a_payment_that_stopped() {
    let cash = |order: &mut mall::order::Order| order.packages[0].cod_fee = Price::Fixed(330);
    type Row = (&'static str, fn(&mut mall::order::Order), Option<Method>, [Outcome; 4]);
    let edits: [Row; 5] = [
        ("nothing", |_| {}, None, [Ok(200), Ok(200), Ok(300), Err(Refused::Running)]),
        ("bank transfer", |_| {}, Some(Method::BankTransfer), [Ok(200), Ok(200), Ok(400), Err(Refused::Running)]),
        ("cash", cash, Some(Method::CashOnDelivery), [Ok(200), Ok(200), Ok(300), Err(Refused::Running)]),
        (
            "no postage",
            |order| order.packages[0].postage = Price::Unset,
            None,
            [Err(Refused::Unpriced), Err(Refused::Unpriced), Err(Refused::Unpriced), Err(Refused::Running)],
        ),
        (
            "less than nothing",
            |order| order.packages[0].postage = Price::Fixed(-9_000),
            None,
            [Err(Refused::Amount), Err(Refused::Amount), Err(Refused::Amount), Err(Refused::Running)],
        ),
    ];
    for (name, change, method, expected) in edits {
        for (mut world, expected) in stopped().into_iter().zip(expected) {
            let mut after = world.order.clone();
            change(&mut after);
            let edit = Edit { order: after, reason: Some(Reason::ShopOther), method };
            let done = world.happen(&Event::Edited(Box::new(edit))).map(|()| world.order.progress.code());
            assert_eq!(done, expected, "{name} in {:?}", world.order.progress);
        }
    }
    let named = |method, card| Event::BuyerChangesMethod { method, card };
    let refused = Err(Refused::Method);
    let deposit = Event::Deposited { amount: 2_660, name_kana: String::new() };
    for (event, expected) in [
        (named(Method::BankTransfer, None), [Ok(200), refused, Ok(400), Ok(400)]),
        (named(Method::Card, Some(card())), [Ok(200), refused, Ok(300), Ok(400)]),
        (named(Method::CashOnDelivery, None), [refused, refused, refused, refused]),
        (deposit, [STATUS; 4]),
        (Event::DepositOverdue, [STALE; 4]),
        (Event::MethodRequestOverdue, [Ok(800), STALE, Ok(800), Ok(800)]),
    ] {
        for (mut world, expected) in stopped().into_iter().zip(expected) {
            let done = world.happen(&event).map(|()| world.order.progress.code());
            assert_eq!(done, expected, "{event:?} in {:?}", world.order.progress);
        }
    }
}

#[test]
fn another_way_of_paying_after_a_refused_authorization_is_waited_for() {
    let to_bank = Event::BuyerChangesMethod { method: Method::BankTransfer, card: None };
    let changed = || {
        let [_, _, mut world, _] = stopped();
        world.happen(&to_bank).unwrap();
        world
    };
    let mut paid = changed();
    paid.happen(&Event::Deposited { amount: 2_660, name_kana: String::new() }).unwrap();
    assert_eq!((paid.order.progress.code(), paid.status().unwrap().code()), (300, 30_300));
    let last = paid.order.changes.last().unwrap();
    let shown = (last.kind.code(), last.detail.unwrap().code(), last.completed);
    assert_eq!(shown, (6, 10, Some(paid.now)), "contract, section 5: a completed change of the method");
    let mut unpaid = changed();
    unpaid.advance_days(30);
    assert_eq!(unpaid.order.progress, Progress::Cancelled);
}

#[test]
fn an_amount_that_was_unknown_for_a_while_still_needs_a_reason_to_fall() {
    let mut world = World::with(order(Method::Card), Confirmation::Manual);
    let mut edit = |change: &dyn Fn(&mut mall::order::Package)| {
        let mut after = world.order.clone();
        change(&mut after.packages[0]);
        world.happen(&Event::Edited(Box::new(Edit { order: after, reason: None, method: None })))
    };
    assert_eq!(edit(&|package| package.postage = Price::Unset), Ok(()));
    assert_eq!(edit(&|package| package.postage = Price::Fixed(499)), Err(Refused::NoReason));
    assert_eq!(edit(&|package| package.postage = Price::Fixed(500)), Ok(()));
}

#[test]
fn what_time_brings() {
    let only = |at: usize, to: i64| {
        let mut expected = [STALE; 9];
        expected[at] = Ok(to);
        expected
    };
    row("14 days", &Event::ConfirmationOverdue, only(0, 800));
    row("the recipient's deadline", &Event::RecipientOverdue, only(0, 800));
    row("the closing date", &Event::SettlementBegins, only(4, 600));
    row("the payout date", &Event::SettlementDone, only(5, 700));
    row("the cancellation settles", &Event::CancellationSettles, only(7, 900));
    row("seven days before shipping", &Event::ReauthorizationDue, only(2, 300));
    for never in [Event::DepositOverdue, Event::MethodRequestOverdue, Event::FraudCancelDue] {
        row("a deadline of another order", &never, [STALE; 9]);
    }
    // Without a complete report midnight changes nothing; the authorization is alive.
    row("midnight", &Event::NightlyRun, [STALE; 9]);
    row("30 days, too early", &Event::AuthorizationEnds, [STALE; 9]);
}

#[test]
fn what_others_answer() {
    // An answer to a request that nobody sent changes nothing, whatever it says.
    for answer in [Answer::Done { id: None }, Answer::Refused, Answer::OnHold] {
        row("a stray answer", &Event::Answered(9_999, answer), [STALE; 9]);
    }
    // A stray authorization is given back, and the order stays where it is.
    for progress in Progress::ALL {
        let mut world = standing(*progress);
        let waiting = world.asked.len();
        world.happen(&Event::Answered(9_999, Answer::Done { id: Some("auth_stray".into()) })).unwrap();
        assert_eq!((world.order.progress, world.asked.len()), (*progress, waiting + 1));
    }
    row(
        "a chargeback",
        &Event::ChargedBack,
        [STATUS, STATUS, STATUS, STATUS, Ok(500), Ok(600), Ok(700), CANCELLED, CANCELLED],
    );
    // Nothing was refused.
    row("refunds are asked for again", &Event::RefundAgain, [STALE; 9]);
    row(
        "goods that come back",
        &Event::GoodsReturned,
        [STATUS, STATUS, STATUS, STATUS, Ok(500), Ok(600), Ok(700), CANCELLED, CANCELLED],
    );
}
