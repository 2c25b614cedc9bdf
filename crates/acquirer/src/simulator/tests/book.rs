//! Reading the book, and finding the row that was damaged.

use super::*;
use crate::points::{self, PointsProvider};
use crate::simulator::{book, book_of};

#[tokio::test]
async fn the_book_is_read_whole_by_pages_and_by_name() {
    for world in World::each() {
        let merchant = world.merchant;
        let mut names = Vec::new();
        for amount in 1..=25 {
            names.push(world.authorized("visa", amount).await);
        }
        names.sort();
        let whole = world.read(move |tx| book(tx, merchant)).await;
        assert_eq!(whole.iter().map(|row| row.authorization.clone()).collect::<Vec<_>>(), names);
        let mut paged = Vec::new();
        loop {
            let after = paged.last().map(|row: &crate::simulator::BookAuthorization| row.authorization.clone());
            let page = world.read(move |tx| book_page(tx, merchant, after.as_deref(), 10)).await;
            assert!(page.len() <= 10);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, whole);
        let name = names[7].clone();
        assert_eq!(world.read(move |tx| book_of(tx, merchant, &name)).await.as_ref(), Some(&whole[7]));
        assert_eq!(world.read(move |tx| book_of(tx, merchant, "auth_of_nobody")).await, None);
        let stranger = Merchant { shop: ShopId(9), ..merchant };
        assert_eq!(world.read(move |tx| book(tx, stranger)).await, []);
    }
}

/// A book with one authorization captured and partly refunded, another held, a refused operation, and points.
async fn sound_book() -> (World, String) {
    let world = World::sqlite();
    world.script("authorize visa 1000; capture 500; refund 200; refund 9999").await;
    world.script("authorize over_limit 1000; void").await;
    world.script("authorize 3ds_passes 3000; complete passed").await;
    let points: Arc<dyn PointsProvider> = world.simulator.clone();
    let ask = |key: &str, command| points::Request { merchant: world.merchant, key: key.into(), command, at: now() };
    let hold = points::Command::Hold { account: "buyer".into(), points: yen(700) };
    let points::Answer::Succeeded(held) = points.execute(ask("hold", hold)).await else { panic!("no hold") };
    let used = points::Command::Use { hold: held.reference.clone(), points: yen(600) };
    points.execute(ask("use", used)).await;
    let back = points::Command::GiveBack { hold: held.reference.clone(), points: yen(200) };
    points.execute(ask("back", back)).await;
    assert_eq!(world.disagreements().await, [""; 0]);
    (world, held.reference)
}

/// How the book is damaged, and what the sentence about it says.
const DAMAGES: &[(&str, &str)] = &[
    ("UPDATE sim_authorization SET captured = 501 WHERE captured = 500", "captured is 501, its operations say 500"),
    ("UPDATE sim_authorization SET refunded = 201 WHERE captured = 500", "refunded is 201, its operations say 200"),
    (
        "UPDATE sim_authorization SET amount = 1001 WHERE captured = 500",
        "the amount is 1001, its authorize operation says 1000",
    ),
    (
        "UPDATE sim_authorization SET order_ref = 'x' WHERE captured = 500",
        "the order is x, its authorize operation says order-1",
    ),
    (
        "UPDATE sim_authorization SET card = 'jcb' WHERE captured = 500",
        "the card is jcb, its authorize operation says visa",
    ),
    (
        "UPDATE sim_authorization SET state = 'voided' WHERE amount = 3000",
        "the state is voided, its operations say authorized",
    ),
    ("DELETE FROM sim_authorization WHERE captured = 500", "has no row"),
    ("DELETE FROM sim_operation WHERE kind = 'capture'", "captured is 500, its operations say 0"),
    (
        "DELETE FROM sim_operation WHERE kind = 'authorize' AND amount = 3000",
        "it has 0 authorize operations instead of 1",
    ),
    (
        "UPDATE sim_operation SET amount = 199 WHERE kind = 'refund' AND outcome = 'succeeded'",
        "refunded is 200, its operations say 199",
    ),
    (
        "UPDATE sim_operation SET outcome = 'capture_refused' WHERE kind = 'capture'",
        "captured is 500, its operations say 0",
    ),
    ("UPDATE sim_operation SET outcome = '?' WHERE kind = 'capture'", "cannot be read"),
    (
        "INSERT INTO sim_operation SELECT shop_id, environment, 'doubled', kind, authorization_id, card, order_ref,
         amount, outcome, reference, at_us FROM sim_operation WHERE kind = 'capture'",
        "it was captured 2 times",
    ),
    (
        "INSERT INTO sim_authorization SELECT shop_id, environment, 'auth_doubled', order_ref, card, magic, amount,
         captured, refunded, state, created_us, updated_us FROM sim_authorization WHERE captured = 500",
        "auth_doubled): it has 0 authorize operations",
    ),
    ("UPDATE sim_points_hold SET held = held + 1, used = used - 1", "used is 499, its operations say 500"),
    ("UPDATE sim_points_hold SET used = used - 1, returned = returned + 1", "returned is 201, its operations say 200"),
    (
        "UPDATE sim_points_hold SET points = points + 1, held = held + 1",
        "the points are 701, its hold operation says 700",
    ),
    ("UPDATE sim_points_hold SET account = 'x'", "the account is not that of its hold operation"),
    ("DELETE FROM sim_points_hold", "has no row"),
    ("DELETE FROM sim_points_operation WHERE kind = 'use'", "used is 500, its operations say 0"),
    ("UPDATE sim_points_account SET balance = balance + 1", "the balance is 99501, its holds leave 99500"),
    ("UPDATE sim_points_account SET opening = 200000", "the opening balance is 200000, instead of 100000"),
    ("DELETE FROM sim_points_account", "its account buyer has no row"),
];

#[tokio::test]
async fn every_damaged_row_is_named() {
    for (damage, expected) in DAMAGES {
        let (world, _) = sound_book().await;
        world.damage(damage).await;
        let found = world.disagreements().await;
        assert!(found.iter().any(|sentence| sentence.contains(expected)), "{damage}: {found:#?}");
        assert!(found.iter().all(|sentence| sentence.starts_with("sim_") && sentence.contains("shop 1, sandbox")));
    }
}

#[tokio::test]
async fn the_row_is_named_by_its_key() {
    let (world, held) = sound_book().await;
    world.damage("UPDATE sim_points_hold SET held = held + 1, used = used - 1").await;
    let expected = format!("sim_points_hold (shop 1, sandbox, {held}): used is 499, its operations say 500");
    assert_eq!(world.disagreements().await, [expected]);
}

#[tokio::test]
async fn a_book_of_several_pages_is_recounted_whole() {
    for world in World::each() {
        for amount in 1..=1_100 {
            if amount % 2 == 0 {
                world.script(&format!("authorize visa {amount}; capture {amount}")).await;
            } else {
                world.authorized("visa", amount).await;
            }
        }
        assert_eq!(world.disagreements().await, [""; 0]);
        world.damage("UPDATE sim_authorization SET captured = captured - 1 WHERE captured > 0").await;
        assert_eq!(world.disagreements().await.len(), 550);
    }
}
