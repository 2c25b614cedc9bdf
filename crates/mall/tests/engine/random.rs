//! Random lives: whatever happens in whatever order, what must hold holds.

use mall::code::{Method, Progress, Reason, Restock, Status};
use mall::order::{Day, Order, Price};
use mall::progress::{Answer, Confirmation, Edit, Event, Request};
use proptest::prelude::*;

use crate::world::{World, card, order};

#[derive(Clone, Debug)]
enum Move {
    Confirm,
    Answer,
    Refuse,
    Hold,
    Days(i64),
    Ship(i64),
    Unship,
    Units(i64),
    Edit(Option<Method>),
    Postage(Option<i64>),
    Price(i64),
    Address,
    ByMail,
    RefundAgain,
    Cancel,
    CancelAfter,
    BuyerCancels,
    Deposit(i64),
    BuyerMethod(Method),
    ChargeBack,
}

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Card),
        Just(Method::BankTransfer),
        Just(Method::SevenEleven),
        Just(Method::Deferred),
        Just(Method::CashOnDelivery)
    ]
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        2 => Just(Move::Confirm),
        6 => Just(Move::Answer),
        2 => Just(Move::Refuse),
        1 => Just(Move::Hold),
        4 => (0..20_i64).prop_map(Move::Days),
        3 => (-3..60_i64).prop_map(Move::Ship),
        1 => Just(Move::Unship),
        2 => (1..6_i64).prop_map(Move::Units),
        2 => proptest::option::of(methods()).prop_map(Move::Edit),
        2 => proptest::option::of(0..900_i64).prop_map(Move::Postage),
        1 => prop_oneof![Just(0), Just(1), Just(999_999_999)].prop_map(Move::Price),
        1 => Just(Move::Address),
        1 => Just(Move::ByMail),
        1 => Just(Move::RefundAgain),
        1 => Just(Move::Cancel),
        1 => Just(Move::CancelAfter),
        1 => Just(Move::BuyerCancels),
        2 => (1..4_000_i64).prop_map(Move::Deposit),
        1 => methods().prop_map(Move::BuyerMethod),
        1 => Just(Move::ChargeBack),
    ]
}

fn play(world: &mut World, step: &Move) {
    let reason = Reason::OutOfStock;
    let edited = |world: &World, change: &dyn Fn(&mut mall::order::Order), method| {
        let mut order = world.order.clone();
        change(&mut order);
        Event::Edited(Box::new(Edit { order, reason: Some(reason), method }))
    };
    let event = match step {
        Move::Confirm => Event::Confirm,
        Move::Answer => {
            world.answer(|_| None);
            return;
        }
        Move::Refuse => {
            let no = |request: &Request| (!request.gives_back()).then_some(Answer::Refused);
            world.answer(no);
            return;
        }
        Move::Hold => {
            // On hold is an answer of screenings alone, and another one follows.
            if let Some(ask) = world.asked.first().filter(|ask| matches!(ask.request, Request::Screen { .. })) {
                let _ = world.happen(&Event::Answered(ask.serial, Answer::OnHold));
            }
            return;
        }
        Move::Days(days) => return world.advance_days(*days),
        Move::Ship(days) => {
            let _ = world.ship(Day(world.now.jst_date().plus_days(*days)));
            return;
        }
        Move::Unship => {
            let _ = world.unship();
            return;
        }
        Move::Units(units) => edited(world, &|order| order.packages[0].items[0].units = *units, None),
        Move::Edit(method) => edited(
            world,
            &|order| {
                order.packages[0].noshi = Some("のし".into());
                if *method == Some(Method::CashOnDelivery) {
                    order.packages[0].cod_fee = Price::Fixed(330);
                }
            },
            *method,
        ),
        Move::Postage(yen) => {
            edited(world, &|order| order.packages[0].postage = yen.map_or(Price::Unset, Price::Fixed), None)
        }
        Move::Price(yen) => edited(world, &|order| order.packages[0].items[0].price = *yen, None),
        Move::Address => edited(world, &|order| order.packages[0].address.rest = "別の番地".into(), None),
        Move::ByMail => edited(world, &|order| order.notes.delivery_name = "メール便".into(), None),
        Move::RefundAgain => Event::RefundAgain,
        Move::Cancel => Event::ShopCancels { reason, restock: Restock::AsItem },
        Move::CancelAfter => Event::ShopCancelsAfterShipping { reason, restock: Restock::AsItem },
        Move::BuyerCancels => Event::BuyerCancels,
        Move::Deposit(amount) => Event::Deposited { amount: *amount, name_kana: "ラクテン".into() },
        Move::BuyerMethod(method) => Event::BuyerChangesMethod { method: *method, card: Some(card()) },
        Move::ChargeBack => Event::ChargedBack,
    };
    let before = world.order.clone();
    if world.happen(&event).is_err() {
        assert_eq!(world.order, before, "a refusal changes nothing");
    }
}

/// What holds after every step.
fn check(world: &World, before: &Order) {
    let order = &world.order;
    let finished = matches!(order.progress, Progress::Settled | Progress::Cancelled);
    let somebody = !world.timers.is_empty() || !world.asked.is_empty() || order.needs_the_shop();
    let status = world.status();
    // What is secured, or has nothing to be secured, waits for its parcels.
    let waits_for_shop =
        order.progress == Progress::AwaitingShipment && matches!(status, Some(Status::ProcedureDone | Status::None));
    // What a company refused to give back, or to pay, is the shop's to follow up.
    let told = matches!(
        status,
        Some(Status::ProcedureCancelRefused | Status::FixedCancelRefused | Status::RefusedToShop | Status::ChargedBack)
    );
    assert!(finished || somebody || waits_for_shop || told, "stuck: {order:?}");
    assert!(order.amounts().request.yen().is_none_or(|yen| yen >= 0), "it costs less than nothing");
    if order.confirmed.is_some() {
        assert_ne!(order.amounts().request, Price::Unset, "confirmed without an amount");
    }
    let by_mail = order.method == Method::Deferred && order.notes.delivery_name == "メール便";
    assert!(!by_mail, "deferred payment by mail");
    if order.progress == Progress::Cancelled {
        assert!(world.timers.is_empty(), "a cancelled order has no deadline");
    }
    if matches!(before.progress, Progress::AwaitingCancellation | Progress::Cancelled) {
        assert_eq!(order.reported, before.reported, "a cancelled order never ships");
    }
    let released: Vec<&String> = world
        .asked
        .iter()
        .filter_map(|ask| if let Request::Void { authorization } = &ask.request { Some(authorization) } else { None })
        .collect();
    // Whatever the acquirer holds is known to the order, or on its way back.
    for name in world.held.keys() {
        let known =
            order.payments.iter().any(|payment| payment.authorization.as_ref().is_some_and(|held| held.id == *name));
        assert!(known || released.contains(&name), "{name} is held by nobody");
    }
    let worth = order.payment().map_or(0, |payment| payment.amount) + order.points;
    match (order.progress, status) {
        // What the shop earned is what the buyer pays and the mall promised for points, before the payout and after.
        (Progress::Shipped | Progress::SettlementInProgress | Progress::Settled, Some(Status::Fixed)) => {
            assert_eq!(world.earned(), worth, "earned");
        }
        (Progress::Cancelled, _) => assert_eq!(world.earned(), 0, "a cancelled order earned nothing"),
        (_, _) => {}
    }
}

/// How many lives are tried; a soak asks for more.
fn lives() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(2_000, |cases| cases.parse().expect("PROPTEST_CASES is a number"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: lives(), ..ProptestConfig::default() })]

    #[test]
    fn no_order_is_stuck_and_no_money_is_lost(
        method in methods(),
        automatic in any::<bool>(),
        points in prop_oneof![4 => Just(0), 1 => Just(500), 1 => Just(2_660)],
        steps in proptest::collection::vec(moves(), 1..40),
    ) {
        let mode = if automatic { Confirmation::Automatic } else { Confirmation::Manual };
        let mut world = World::with(Order { points, ..order(method) }, mode);
        for step in &steps {
            let before = world.order.clone();
            play(&mut world, step);
            check(&world, &before);
        }
        // Left alone, everything that was asked is answered, and an order that nobody looks after ends by its deadlines.
        let before = world.order.clone();
        world.advance_days(400);
        check(&world, &before);
        prop_assert!(world.asked.is_empty(), "{:?}", world.asked);
    }
}
