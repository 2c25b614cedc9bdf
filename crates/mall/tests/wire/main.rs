//! What the wire shows of an order in each version, held to the tables of the contract (section 4), written here by hand.

mod schema;

use mall::generate::{Dice, order};
use mall::order::Order;
use mall::wire::get_order::{ShopWords, view};
use mall::wire::{Json, Members, Version};
use schema::models;

fn orders() -> Vec<Order> {
    let mut dice = Dice::new(11);
    let placed = kernel::Timestamp::from_seconds(1_793_581_200);
    (1..=400).map(|serial| order(&mut dice, 123_456, serial, placed).unwrap()).collect()
}

#[test]
fn every_version_has_its_members_and_no_others_and_what_is_never_null_is_not() {
    for order in orders() {
        for version in 1..=10 {
            schema::hold(&order, version);
        }
    }
}

#[test]
fn sums_add_up_as_the_contract_says() {
    let int = |members: &Members, name: &str| {
        if let Some(Json::Int(number)) = members.get(name) { *number } else { panic!("{name} is no number") }
    };
    for order in orders().into_iter().filter(Order::is_priced) {
        let shown = view(&order, Version(10), &ShopWords::default());
        let of = |name: &str| int(&shown, name);
        // 4.1: items + postage + wrapping.
        assert_eq!(of("totalPrice"), of("goodsPrice") + of("postagePrice"));
        let points = order.points;
        let paid = of("totalPrice") + of("deliveryPrice") + of("paymentCharge") - of("couponAllTotalPrice") - points;
        assert_eq!(of("requestPrice"), paid);
        assert_eq!(of("couponAllTotalPrice"), of("couponShopPrice") + of("couponOtherPrice"));
        let packages = models(&shown, "PackageModelList");
        assert_eq!(packages.iter().map(|package| int(package, "goodsPrice")).sum::<i64>(), of("goodsPrice"));
        // 4.11: what is asked for without points, split by tax rate.
        let rates = models(&shown, "TaxSummaryModelList");
        assert_eq!(rates.iter().map(|rate| int(rate, "reqPrice")).sum::<i64>(), paid + points);
        assert_eq!(rates.iter().map(|rate| int(rate, "couponPrice")).sum::<i64>(), of("couponAllTotalPrice"));
    }
}

#[test]
fn an_order_whose_postage_is_open_shows_it() {
    let open = orders().into_iter().find(|order| !order.is_priced()).expect("one with open postage");
    let shown = serde_json::to_value(view(&open, Version(7), &ShopWords::default())).unwrap();
    for name in ["postagePrice", "totalPrice", "requestPrice"] {
        assert_eq!(shown[name], -9_999, "{name}");
    }
    assert!(shown["TaxSummaryModelList"].as_array().unwrap().iter().all(|rate| rate["reqPrice"] == -9_999));
}
