//! Random lives through the database: whatever happens in whatever order, the recount finds nothing, a cancelled order
//! never ships, and getOrder shows every order in every version.

use mall::code::{Method, Progress, Reason, Restock};
use mall::generate::Dice;
use mall::market::{Seen, Undone};
use mall::order::{Order, OrderNumber};
use mall::progress::{Confirmation, Edit, Event};
use mall::scenario::Scenario;
use mall::wire::get_order::VERSIONS;
use testkit::app::on_both;

use crate::bazaar::Bazaar;
use crate::schema;

/// Lives of several orders of one shop, and how many steps each takes.
const LIVES: u64 = 3;
const STEPS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_the_books_agree() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        for seed in 0..LIVES {
            let mut dice = Dice::new(seed);
            let mode = *dice.pick(&[Confirmation::Manual, Confirmation::Automatic]);
            mall.set(mode).await;
            let mut numbers = Vec::new();
            for step in 0..STEPS {
                let before = orders(&mall, &numbers).await;
                step_with(&mall, &mut dice, &mut numbers).await;
                check(&before, &orders(&mall, &numbers).await, (seed, step));
                let report = app.store().read(mall::verify::verify).await.unwrap();
                assert_eq!(report.findings, [], "seed {seed}, step {step}");
            }
        }
        // Left alone, every order ends, but those that the shop has to ship or to look after.
        mall.days(120).await;
    })
    .await;
}

async fn orders(mall: &Bazaar<'_>, numbers: &[OrderNumber]) -> Vec<Order> {
    let mut all = Vec::with_capacity(numbers.len());
    for number in numbers {
        all.push(mall.order(*number).await);
    }
    all
}

/// What holds after every step.
fn check(before: &[Order], after: &[Order], at: (u64, usize)) {
    for (before, after) in before.iter().zip(after) {
        if matches!(before.progress, Progress::AwaitingCancellation | Progress::Cancelled) {
            assert_eq!(before.reported, after.reported, "{at:?}: a cancelled order never ships");
        }
    }
    for order in after {
        for version in VERSIONS {
            schema::hold(order, version);
        }
    }
}

/// Something happens.
async fn step_with(mall: &Bazaar<'_>, dice: &mut Dice, numbers: &mut Vec<OrderNumber>) {
    if numbers.is_empty() || dice.in_thousand(250) {
        numbers.push(mall.place(*dice.pick(Scenario::ALL)).await);
        return;
    }
    if dice.in_thousand(300) {
        let seconds = *dice.pick(&[1, 1, 30, 3_600, 86_400, 3 * 86_400, 20 * 86_400]);
        return mall.seconds(seconds).await;
    }
    let number = *dice.pick(numbers);
    if dice.in_thousand(250) {
        let _ = mall.ship(number, i64::from(dice.below(50)) - 2).await;
        return;
    }
    let events: [fn(Seen<'_>) -> Event; 10] = [
        |_| Event::Confirm,
        |_| Event::Confirm,
        |_| Event::BuyerCancels,
        |_| Event::ShopCancels { reason: Reason::OutOfStock, restock: Restock::AsItem },
        |_| Event::ShopCancelsAfterShipping { reason: Reason::CustomerReturn, restock: Restock::AsItem },
        |_| Event::ChargedBack,
        |_| Event::RecipientEntered,
        |_| Event::Deposited { amount: 1_500, name_kana: "チャノ".into() },
        |seen| edited(seen, -100),
        |seen| edited(seen, 200),
    ];
    let event = *dice.pick(&events);
    let changes = dice.in_thousand(100);
    let what = move |seen: Seen<'_>| match changes {
        true => Event::BuyerChangesMethod { method: Method::SevenEleven, card: None },
        false => event(seen),
    };
    match mall.act(number, what).await {
        Ok(_) | Err(Undone::Refused(_)) => {}
        Err(undone) => panic!("{undone}"),
    }
}

/// The first item's price changes by so many yen.
fn edited(seen: Seen<'_>, yen: i64) -> Event {
    let mut order = seen.order.clone();
    order.packages[0].items[0].price += yen;
    Event::Edited(Box::new(Edit { order, reason: Some(Reason::ShopOther), method: None }))
}
