//! Believable orders of Japanese buyers, made from a seed: the same seed makes the same orders. Names with rare kanji, long
//! addresses, remote islands, gifts, のし, several destinations and parcels, both tax rates, every way of paying.
//!
//! Nobody in them exists: names are drawn from lists, house numbers and telephone numbers by lot, mail addresses end in
//! `.example`.

mod dice;
mod goods;
mod people;

use kernel::Timestamp;

pub use dice::Dice;

use crate::code::{Carrier, DeliveryClass, Device, Method, OrderType, Progress};
use crate::order::{
    Card, Coupon, CouponCapital, Day, Notes, Order, OrderNumber, Orderer, Package, Payment, PickUp, Price, SocialGift,
    TaxRate, Traits, Wrapping, WrappingKind,
};

/// Ways of paying and how often each is used, in thousandths.
const METHODS: [(Method, u32); 14] = [
    (Method::Card, 620),
    (Method::Deferred, 90),
    (Method::BankTransfer, 60),
    (Method::SevenEleven, 60),
    (Method::Lawson, 50),
    (Method::CashOnDelivery, 60),
    (Method::ApplePay, 30),
    (Method::PayPal, 6),
    (Method::AlipayChina, 4),
    (Method::Alipay, 2),
    (Method::Invoice, 6),
    (Method::ShoppingCredit, 6),
    (Method::Lease, 3),
    (Method::AutoLoan, 3),
];
/// 後払い決済手数料 in yen (seed 004).
const DEFERRED_FEE: i64 = 250;
/// 代引料 in yen.
const COD_FEE: i64 = 330;

/// An order of the mall's shop `shop`, placed at `placed`, with this serial: 注文確認待ち, nothing done about it yet.
///
/// # Errors
///
/// None when shop, year or serial do not fit an order number.
pub fn order(dice: &mut Dice, shop: u32, serial: u64, placed: Timestamp) -> Option<Order> {
    let number = OrderNumber::new(shop, placed.jst_date(), serial)?;
    let method = dice.weighted(&METHODS);
    let person = people::person(dice);
    let (address, island) = people::address(dice);
    let orderer = Orderer {
        email: people::email(dice),
        sex: Some(dice.word(&["男", "女", "-"])),
        birth: Some(people::birth(dice)),
        address: address.clone(),
        person: person.clone(),
    };
    let kind = if dice.in_thousand(30) { OrderType::Reservation } else { OrderType::Normal };
    let mut order = Order {
        number,
        kind,
        progress: Progress::AwaitingConfirmation,
        placed,
        confirmed: None,
        fixed: None,
        reported: None,
        settled: None,
        returned: None,
        orderer,
        packages: Vec::new(),
        wrappings: wrappings(dice),
        coupons: Vec::new(),
        points: 0,
        method,
        payment_charge: if method == Method::Deferred { DEFERRED_FEE } else { 0 },
        payments: Vec::new(),
        accepted: Price::Unset,
        changes: Vec::new(),
        due_dates: Vec::new(),
        needs_approval: dice.in_thousand(15),
        under_check: false,
        caution: None,
        notes: notes(dice, placed),
        traits: traits(dice),
        last_id: number.rows_from(),
    };
    let destinations = if dice.in_thousand(60) { 2 + dice.below(3) } else { 1 };
    for index in 0..destinations {
        let own = index == 0 && !dice.in_thousand(120);
        let (person, (address, island)) = if own {
            (person.clone(), (address.clone(), island))
        } else {
            (people::person(dice), people::address(dice))
        };
        let package = package(dice, &mut order, person, address, island);
        order.packages.push(package);
    }
    // 後払い決済 is not to be had with メール便 (seed 004).
    if method == Method::Deferred && order.notes.delivery_name == "メール便" {
        order.notes.delivery_name = "宅配便".into();
    }
    discounts(dice, &mut order);
    if method.kind() == crate::code::Kind::Card {
        order.payments.push(Payment::new(0, method, 0, Some(card(dice, &order))));
    }
    Some(order)
}

fn package(
    dice: &mut Dice,
    order: &mut Order,
    person: crate::order::Person,
    address: crate::order::Address,
    isolated_island: bool,
) -> Package {
    let id = i64::from(order.next_id());
    let lines = 1 + usize::from(dice.in_thousand(250)) + usize::from(dice.in_thousand(80));
    // The first line has the id of its destination, as on the mall.
    let ids = (0..lines).map(|line| if line == 0 { id } else { i64::from(order.next_id()) });
    let items: Vec<_> = ids.map(|id| goods::item(dice, id)).collect();
    let goods: i64 = items.iter().map(crate::order::Item::subtotal).sum();
    let free = goods >= 3_980 || items.iter().all(|item| item.postage_included);
    let postage = match (dice.in_thousand(10), isolated_island, free) {
        (true, _, _) => Price::Unset,
        (false, true, _) => Price::Fixed(1_650),
        (false, false, true) => Price::Fixed(0),
        (false, false, false) => Price::Fixed(*dice.pick(&[550, 660, 770])),
    };
    let on_delivery = order.method == Method::CashOnDelivery;
    let social_gift = dice.in_thousand(8).then(|| SocialGift {
        number: format!("{}-sg", order.number),
        due: Day(order.placed.jst_date().plus_days(10)),
        entered: None,
        email: Some(people::email(dice)),
    });
    Package {
        id,
        person,
        address,
        isolated_island,
        postage,
        postage_tax: TaxRate(10),
        cod_fee: Price::Fixed(if on_delivery { COD_FEE } else { 0 }),
        cod_tax: TaxRate(10),
        noshi: dice.in_thousand(40).then(|| dice.word(&["御歳暮", "御中元", "内祝", "御祝", "志"])),
        items,
        parcels: Vec::new(),
        default_carrier: *dice.pick(&[Carrier::Yamato, Carrier::Sagawa, Carrier::JapanPost]),
        drop_off: dice.in_thousand(70).then(|| dice.word(&["宅配ボックス", "玄関前", "物置"])),
        pick_up: dice.in_thousand(20).then(|| pick_up(dice)),
        social_gift,
        deleted: false,
    }
}

fn pick_up(dice: &mut Dice) -> PickUp {
    let code = 100_000 + dice.below(899_999);
    PickUp {
        code: *dice.pick(&[1, 20, 50, 60]),
        genre: "00".to_owned(),
        store_code: code.to_string(),
        store_name: "本町二丁目店".to_owned(),
        zip: "100-0000".to_owned(),
        prefecture: "東京都".to_owned(),
        address: "千代田区本町2-1".to_owned(),
        opens: "00:00".to_owned(),
        closes: "24:00".to_owned(),
    }
}

fn wrappings(dice: &mut Dice) -> Vec<Wrapping> {
    let wrapping = |kind, name: &str, price| Wrapping {
        kind,
        name: name.to_owned(),
        price,
        tax_included: true,
        tax: TaxRate(10),
        deleted: false,
    };
    let mut all = Vec::new();
    if dice.in_thousand(50) {
        all.push(wrapping(WrappingKind::Paper, "包装紙(和柄)", 110));
        if dice.in_thousand(300) {
            all.push(wrapping(WrappingKind::Ribbon, "リボン(赤)", 55));
        }
    }
    all
}

/// Points and coupons, never more than the goods cost.
fn discounts(dice: &mut Dice, order: &mut Order) {
    let goods = order.amounts().goods;
    if dice.in_thousand(120) {
        let price = *dice.pick(&[100, 300, 500]);
        let capital =
            *dice.pick(&[CouponCapital::Shop, CouponCapital::Shop, CouponCapital::Maker, CouponCapital::Service]);
        order.coupons.push(Coupon {
            code: dice.coupon_code(),
            item_id: 0,
            detail_id: 0,
            name: format!("{price}円OFFクーポン"),
            summary: format!("ご注文全体から{price}円割引"),
            capital,
            expires: Day(order.placed.jst_date().plus_days(30)),
            price: price.min(goods),
            units: 1,
        });
    }
    let left = goods - order.amounts().coupons;
    if dice.in_thousand(350) && left > 0 {
        order.points = if dice.in_thousand(60) { left } else { i64::from(dice.below(500)).min(left) };
    }
}

fn notes(dice: &mut Dice, placed: Timestamp) -> Notes {
    let wishes = dice.in_thousand(300);
    let remarks = [
        "",
        "",
        "",
        "不在時は宅配ボックスへお願いします。",
        "領収書希望\n宛名: 上様",
        "[配送日時指定:]\n午前中希望",
        "髙島屋の手提げ袋を1枚付けてください。",
    ];
    let names = ["宅配便", "宅配便", "宅配便", "小型宅配便", "クール便", "メール便"];
    let date = Day(placed.jst_date().plus_days(3 + i64::from(dice.below(11))));
    Notes {
        sub_status: None,
        remarks: dice.word(&remarks),
        gift: dice.in_thousand(60),
        memo: None,
        operator: None,
        mail_plug: None,
        delivery_date: wishes.then_some(date),
        shipping_term: wishes.then(|| *dice.pick(&[0, 1, 1_416, 1_618, 1_820, 1_921])),
        delivery_class: Some(*dice.pick(&[DeliveryClass::Normal, DeliveryClass::Normal, DeliveryClass::Chilled])),
        delivery_name: dice.word(&names),
    }
}

fn traits(dice: &mut Dice) -> Traits {
    let devices = [
        (Device::Iphone, 420),
        (Device::Android, 330),
        (Device::Pc, 200),
        (Device::Ipad, 30),
        (Device::AndroidTablet, 20),
    ];
    Traits {
        device: dice.weighted(&devices),
        member: !dice.in_thousand(40),
        asuraku: dice.in_thousand(90),
        drug: dice.in_thousand(5),
        deal: dice.in_thousand(30),
        delivery_certified: dice.in_thousand(200),
        one_day: dice.in_thousand(300),
        modified: false,
    }
}

fn card(dice: &mut Dice, order: &Order) -> Card {
    let instalments = dice.in_thousand(50);
    Card {
        // The simulator's card that is always approved.
        token: "visa".to_owned(),
        name: dice.word(&["VISA", "MasterCard", "JCB", "AMEX", "Diners"]),
        number: format!("XXXX-XXXX-XXXX-{:04}", dice.below(10_000)),
        owner: people::romanised(&order.orderer.person),
        expires: format!("{}-{:02}", 2_028 + dice.below(4), 1 + dice.below(12)),
        pay_type: if instalments { 2 } else { 0 },
        instalments: instalments.then(|| dice.word(&["103", "106", "112"])),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::progress::{Policy, Refused, arrive};

    const PLACED: Timestamp = Timestamp::from_seconds(1_793_581_200);

    fn orders(seed: u64, count: u64) -> Vec<Order> {
        let mut dice = Dice::new(seed);
        (1..=count).map(|serial| order(&mut dice, 123_456, serial, PLACED).unwrap()).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_orders_and_another_makes_others() {
        assert_eq!(orders(7, 200), orders(7, 200));
        assert_ne!(orders(7, 200), orders(8, 200));
    }

    #[test]
    fn every_kind_of_order_is_among_them_and_each_arrives() {
        let all = orders(1, 3_000);
        let methods: BTreeSet<Method> = all.iter().map(|order| order.method).collect();
        assert_eq!(methods.len(), METHODS.len());
        let any = |test: &dyn Fn(&Order) -> bool| assert!(all.iter().any(test));
        any(&|order| order.packages.len() > 2);
        any(&|order| order.packages.iter().any(|package| package.isolated_island));
        any(&|order| order.packages.iter().any(|package| package.noshi.is_some()));
        any(&|order| order.packages.iter().any(|package| package.social_gift.is_some()));
        any(&|order| !order.is_priced());
        any(&|order| order.amounts().request == Price::Fixed(0) || order.points > 0);
        any(&|order| order.wrappings.len() == 2);
        any(&|order| order.orderer.person.family_name.contains('髙'));
        let rates = |order: &Order| {
            order.packages.iter().flat_map(|package| &package.items).map(|item| item.tax).collect::<BTreeSet<_>>()
        };
        any(&|order| rates(order).len() == 2);
        for order in all {
            let request = order.amounts().request;
            assert!(request.yen().is_none_or(|yen| yen >= 0), "{order:?}");
            match arrive(order.clone(), &Policy::USUAL, PLACED) {
                Ok(_) => {}
                Err(refused) => assert_eq!(refused, Refused::Delivery, "{order:?}"),
            }
        }
    }

    #[test]
    fn documents_come_back_as_they_were() {
        for order in orders(3, 300) {
            let document = serde_json::to_string(&order).unwrap();
            assert_eq!(serde_json::from_str::<Order>(&document).unwrap(), order);
        }
    }
}
