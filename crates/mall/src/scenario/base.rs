//! The order that scenarios begin with: two packets of tea, and what some of them add.

use kernel::Timestamp;

use crate::code::{Carrier, DeliveryClass, Device, Kind, Method, OrderType, Progress};
use crate::order::{
    Address, Card, Item, Notes, Order, OrderNumber, Orderer, Package, Payment, Person, Price, Sku, TaxRate, Traits,
    Wrapping, WrappingKind,
};
use crate::progress::Policy;

/// Two packets of tea at 1,080 yen with 8 per cent of tax, postage 500 yen, to the orderer, paid with `method`.
pub(super) fn order(number: OrderNumber, placed: Timestamp, method: Method) -> Order {
    let email = "b1a2c3d4e5s1@pc.fw.example".to_owned();
    let orderer = Orderer { person: person(), address: address(), email, sex: None, birth: Some((1985, 4, 1)) };
    let mut order = Order {
        number,
        kind: OrderType::Normal,
        progress: Progress::AwaitingConfirmation,
        placed,
        confirmed: None,
        fixed: None,
        reported: None,
        settled: None,
        returned: None,
        orderer,
        packages: Vec::new(),
        wrappings: Vec::new(),
        coupons: Vec::new(),
        points: 0,
        method,
        payment_charge: if method == Method::Deferred { Policy::USUAL.deferred_fee } else { 0 },
        payments: Vec::new(),
        accepted: Price::Unset,
        changes: Vec::new(),
        due_dates: Vec::new(),
        needs_approval: false,
        under_check: false,
        caution: None,
        notes: Notes {
            delivery_class: Some(DeliveryClass::Normal),
            delivery_name: "宅配便".to_owned(),
            ..Notes::default()
        },
        traits: Traits {
            device: Device::Pc,
            member: true,
            asuraku: false,
            drug: false,
            deal: false,
            delivery_certified: false,
            one_day: false,
            modified: false,
        },
        last_id: number.rows_from(),
    };
    let package = package(&mut order);
    order.packages.push(package);
    if method.kind() == Kind::Card {
        order.payments.push(Payment::new(0, method, 0, Some(card())));
    }
    order
}

fn card() -> Card {
    Card {
        token: "visa".to_owned(),
        name: "VISA".to_owned(),
        number: "XXXX-XXXX-XXXX-1111".to_owned(),
        owner: "TEA TARO".to_owned(),
        expires: "2035-12".to_owned(),
        pay_type: 0,
        instalments: None,
    }
}

fn person() -> Person {
    let text = |text: &str| Some(text.to_owned());
    Person {
        family_name: "茶野".to_owned(),
        first_name: text("太郎"),
        family_kana: text("チャノ"),
        first_kana: text("タロウ"),
        phone: [text("03"), text("0000"), text("1234")],
    }
}

fn address() -> Address {
    Address {
        zip: ["100".to_owned(), "0000".to_owned()],
        prefecture: "東京都".to_owned(),
        city: "千代田区".to_owned(),
        rest: "本町1-2-3".to_owned(),
    }
}

fn package(order: &mut Order) -> Package {
    let id = i64::from(order.next_id());
    let on_delivery = order.method == Method::CashOnDelivery;
    Package {
        id,
        person: person(),
        address: address(),
        isolated_island: false,
        postage: Price::Fixed(500),
        postage_tax: TaxRate(10),
        cod_fee: Price::Fixed(if on_delivery { 330 } else { 0 }),
        cod_tax: TaxRate(10),
        noshi: None,
        // The first line has the id of its destination, as on the mall.
        items: vec![line(id, (1, "tea-1", "煎茶 100g"), 1_080, 2)],
        parcels: Vec::new(),
        default_carrier: Carrier::Yamato,
        drop_off: None,
        pick_up: None,
        social_gift: None,
        deleted: false,
    }
}

/// A line of the goods with this place in the shop, 商品管理番号 and name.
fn line(detail_id: i64, (place, manage_number, name): (i64, &str, &str), price: i64, units: i64) -> Item {
    let manage_number = manage_number.to_owned();
    Item {
        detail_id,
        name: name.to_owned(),
        item_id: 10_000_000 + place,
        number: Some(manage_number.clone()),
        price,
        units,
        postage_included: false,
        tax_included: true,
        cod_included: false,
        tax: TaxRate(8),
        choice: None,
        point_rate: 1,
        lead_time: Some("1〜2日以内に発送予定(店舗休業日を除く)".to_owned()),
        restock: 0,
        deal: false,
        drug: false,
        single: false,
        skus: vec![Sku { variant: manage_number.clone(), merchant_id: None, info: None }],
        manage_number,
        deleted: false,
    }
}

/// So many lines more, one packet each.
pub(super) fn add_lines(order: &mut Order, lines: usize) {
    for kind in 1..=lines {
        let (manage_number, name) = (format!("hojicha-{kind}"), format!("ほうじ茶 {kind}号"));
        let item = line(i64::from(order.next_id()), (10 + kind as i64, &manage_number, &name), 540, 1);
        order.packages[0].items.push(item);
    }
}

/// So many destinations more, with other people.
pub(super) fn add_destinations(order: &mut Order, more: usize) {
    let families = [("山﨑", "ヤマサキ", "大阪府", "大阪市北区"), ("髙橋", "タカハシ", "北海道", "札幌市中央区")];
    for (family, kana, prefecture, city) in families.into_iter().cycle().take(more) {
        let mut package = package(order);
        package.person.family_name = family.to_owned();
        package.person.family_kana = Some(kana.to_owned());
        package.address.prefecture = prefecture.to_owned();
        package.address.city = city.to_owned();
        order.packages.push(package);
    }
}

/// A pot at 10 per cent, and a bag that is priced without tax.
pub(super) fn add_other_taxes(order: &mut Order) {
    let pot = Item { tax: TaxRate(10), ..line(i64::from(order.next_id()), (2, "pot-1", "急須 常滑焼"), 3_300, 1) };
    let bag = line(i64::from(order.next_id()), (3, "bag-1", "手提げ袋"), 99, 3);
    let bag = Item { tax: TaxRate(10), tax_included: false, ..bag };
    order.packages[0].items.extend([pot, bag]);
}

/// Wrapping paper, a ribbon, のし.
pub(super) fn wrap(order: &mut Order) {
    let wrapping = |kind, name: &str, price| Wrapping {
        kind,
        name: name.to_owned(),
        price,
        tax_included: true,
        tax: TaxRate(10),
        deleted: false,
    };
    order.wrappings =
        vec![wrapping(WrappingKind::Paper, "包装紙(和柄)", 110), wrapping(WrappingKind::Ribbon, "リボン(赤)", 55)];
    order.packages[0].noshi = Some("内祝".to_owned());
    order.notes.gift = true;
}

/// 離島, with its postage.
pub(super) fn to_an_island(order: &mut Order) {
    for package in &mut order.packages {
        package.isolated_island = true;
        package.postage = Price::Fixed(1_650);
        package.address = Address {
            zip: ["906".to_owned(), "0000".to_owned()],
            prefecture: "沖縄県".to_owned(),
            city: "宮古島市".to_owned(),
            rest: "平良字下里1-2".to_owned(),
        };
    }
}
