//! searchOrder over the rows, on both engines.

use kernel::Timestamp;
use kernel::time::MICROS_PER_SECOND;
use mall::code::{Method, OrderType, Progress};
use mall::market::{Undone, note, rows};
use mall::order::OrderNumber;
use mall::progress::Event;
use mall::scenario::Scenario;
use mall::wire::search::{DateKind, KeywordKind, Search, SubStatuses};
use testkit::app::on_both;

use crate::bazaar::Bazaar;

fn all(now: Timestamp) -> Search {
    let day = 86_400 * MICROS_PER_SECOND;
    Search { ascending: true, ..Search::placed(now.plus_micros(-30 * day), now.plus_micros(day)) }
}

async fn found(mall: &Bazaar<'_>, search: Search) -> (u64, Vec<OrderNumber>) {
    let shop = mall.shop;
    mall.app.store().read(move |tx| rows::search(tx, shop, &search)).await.unwrap()
}

/// One order of each of these, in this order.
const PLACED: [Scenario; 7] = [
    Scenario::CardOk,
    Scenario::PrepaidNeverPaid,
    Scenario::Reservation,
    Scenario::Asuraku,
    Scenario::CouponsAndPoints,
    Scenario::MultiDestination,
    Scenario::MailDelivery,
];

#[tokio::test(flavor = "multi_thread")]
async fn every_criterion_finds_its_orders_and_no_others() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let mut numbers = Vec::new();
        for scenario in PLACED {
            numbers.push(mall.place(scenario).await);
            mall.seconds(1).await;
        }
        mall.confirm(numbers[0]).await;
        mall.ship(numbers[0], 2).await.unwrap();
        let (shop, memo) = (mall.shop, numbers[1]);
        let by = shop::By::named("f".repeat(32), "tests", "tests");
        let write = move |tx: &mut store::Tx<'_>| {
            note(tx, shop, memo, (&by, "mall.memo"), |seen| {
                let mut order = seen.order.clone();
                order.notes.memo = Some("至急! 50%_OFF".into());
                order.notes.sub_status = Some(7);
                Ok::<_, Undone>(order)
            })
        };
        app.store().write(write).await.unwrap();
        let now = mall.now().await;
        let rows: Vec<(&str, Search, Vec<usize>)> = vec![
            ("nothing", all(now), vec![0, 1, 2, 3, 4, 5, 6]),
            ("progress", Search { progress: vec![Progress::AwaitingShipment], ..all(now) }, vec![0]),
            ("kind", Search { kinds: vec![OrderType::Reservation], ..all(now) }, vec![2]),
            ("method", Search { method: Some(Method::BankTransfer.code()), ..all(now) }, vec![1]),
            ("delivery", Search { delivery_name: Some("追跡可能メール便".into()), ..all(now) }, vec![6]),
            ("asuraku", Search { asuraku: true, ..all(now) }, vec![3]),
            ("coupons", Search { coupons: true, ..all(now) }, vec![4]),
            ("drug", Search { drug: true, ..all(now) }, vec![]),
            ("overseas", Search { overseas: true, ..all(now) }, vec![]),
            ("no date", Search { no_shipping_date: true, ..all(now) }, vec![1, 2, 3, 4, 5, 6]),
            ("no number", Search { no_shipping_number: true, ..all(now) }, vec![1, 2, 3, 4, 5, 6]),
            ("sub-status", Search { sub_statuses: SubStatuses::OneOf(vec![3, 7]), ..all(now) }, vec![1]),
            ("no sub-status", Search { sub_statuses: SubStatuses::None, ..all(now) }, vec![0, 2, 3, 4, 5, 6]),
            ("confirmed", Search { date: DateKind::Confirmation, ..all(now) }, vec![0]),
            ("fixed", Search { date: DateKind::Fix, ..all(now) }, vec![0]),
            ("shipping too late", Search { date: DateKind::Shipping, ..all(now) }, vec![]),
            ("memo", Search { keyword: Some((KeywordKind::Memo, "50%_off".into())), ..all(now) }, vec![1]),
            ("no memo", Search { keyword: Some((KeywordKind::Memo, "50__off".into())), ..all(now) }, vec![]),
            ("sender", Search { keyword: Some((KeywordKind::Sender, "髙橋".into())), ..all(now) }, vec![5]),
            (
                "sku",
                Search { keyword: Some((KeywordKind::SkuNumber, "tea-1".into())), ..all(now) },
                vec![0, 1, 2, 3, 4, 5, 6],
            ),
            ("no sku", Search { keyword: Some((KeywordKind::SkuNumber, "tea-2".into())), ..all(now) }, vec![]),
            ("reserve", Search { reserve_number: Some(format!("{}-r", numbers[2])), ..all(now) }, vec![2]),
            ("phone", Search { phone: Some((1, "03-0000-1235".into())), ..all(now) }, vec![]),
            ("phones", Search { phone: Some((2, "0300001234".into())), ..all(now) }, vec![0, 1, 2, 3, 4, 5, 6]),
            ("phone", Search { site: 3, ..all(now) }, vec![]),
        ];
        for (name, search, expected) in rows {
            let expected: Vec<OrderNumber> = expected.into_iter().map(|index| numbers[index]).collect();
            assert_eq!(found(&mall, search).await, (expected.len() as u64, expected), "{name}");
        }
        let descending = Search { ascending: false, page_size: 2, page: 2, ..all(now) };
        assert_eq!(found(&mall, descending).await, (7, vec![numbers[4], numbers[3]]));
        let beyond = Search { page_size: 1_000, page: 16, ..all(now) };
        assert_eq!(found(&mall, beyond).await, (7, vec![]));
        // The last page is not filled up.
        mall.happen(numbers[2], Event::BuyerCancels).await.unwrap_err();
        let last = Search { page_size: 5, page: 2, ..all(now) };
        assert_eq!(found(&mall, last).await, (7, vec![numbers[5], numbers[6]]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_orders_come_back_in_the_order_in_which_they_were_asked_for() {
    on_both(async |app| {
        let mall = Bazaar::open(app).await;
        let mut numbers = Vec::new();
        for _ in 0..12 {
            numbers.push(mall.place(Scenario::Generated).await);
        }
        numbers.reverse();
        let mut asked = numbers.clone();
        asked.insert(3, "123456-20260101-9999999999".parse().unwrap());
        let shop = mall.shop;
        let orders = app.store().read(move |tx| rows::find_many(tx, shop, &asked)).await.unwrap();
        assert_eq!(orders.iter().map(|order| order.number).collect::<Vec<_>>(), numbers);
    })
    .await;
}
