//! What searches look at, made from an order: the columns and the words of its rows.

use kernel::Timestamp;

use crate::code::{Device, OrderType};
use crate::order::{Item, Order, Package, Person, Sku};

/// あす楽.
pub const ASURAKU: i64 = 1;
/// With coupons.
pub const COUPONS: i64 = 2;
/// 医薬品.
pub const DRUG: i64 = 4;
/// 1営業日以内発送.
pub const ONE_DAY: i64 = 8;
/// No parcel has a shipping date.
pub const NO_DATE: i64 = 16;
/// No parcel has a number.
pub const NO_NUMBER: i64 = 32;

/// The bits of an order.
pub fn traits(order: &Order) -> i64 {
    let parcels = || order.live_packages().flat_map(|package| &package.parcels);
    let numbered = parcels().any(|parcel| parcel.number.as_ref().is_some_and(|number| !number.is_empty()));
    let bits = [
        (ASURAKU, order.traits.asuraku),
        (COUPONS, !order.coupons.is_empty()),
        (DRUG, order.traits.drug),
        (ONE_DAY, order.traits.one_day),
        (NO_DATE, !order.has_shipping_date()),
        (NO_NUMBER, !numbered),
    ];
    bits.into_iter().filter(|(_, is_set)| *is_set).map(|(bit, _)| bit).sum()
}

/// `purchaseSiteType` of an order: 1 PC, 3 smartphone, 4 tablet; 0 is none of them.
pub fn site(device: Device) -> i64 {
    match device {
        Device::Pc => 1,
        Device::Iphone | Device::Android => 3,
        Device::Ipad | Device::AndroidTablet => 4,
        Device::Other => 0,
    }
}

/// When it is shipped: the last date of its parcels, at its beginning.
pub fn shipping(order: &Order) -> Option<Timestamp> {
    order.last_shipping_date().map(|day| day.0.start())
}

/// Whether the words of two versions of an order may differ: cheaper to say than what they are.
pub fn words_may_differ(before: &Order, after: &Order) -> bool {
    before.packages != after.packages
        || before.orderer != after.orderer
        || before.notes.memo != after.notes.memo
        || before.kind != after.kind
}

/// The words of an order, in the order of their columns.
pub fn words(order: &Order) -> [String; 13] {
    let orderer = &order.orderer;
    let packages = || order.live_packages();
    let items = || packages().flat_map(|package| &package.items).filter(|item| !item.deleted);
    let skus = || items().flat_map(|item| &item.skus);
    let reserve_number = match order.kind {
        OrderType::Reservation => format!("{}-r", order.number),
        OrderType::Normal | OrderType::Subscription | OrderType::Club => String::new(),
    };
    [
        orderer.email.clone(),
        phone(&orderer.person),
        reserve_number,
        lines(packages().map(|package| phone(&package.person))),
        lines(items().map(|item| item.name.clone())),
        lines(items().filter_map(|item: &Item| item.number.clone())),
        order.notes.memo.clone().unwrap_or_default(),
        name(&orderer.person),
        kana(&orderer.person),
        lines(packages().map(|package: &Package| name(&package.person))),
        lines(skus().map(|sku: &Sku| sku.variant.clone())),
        lines(skus().filter_map(|sku| sku.merchant_id.clone())),
        lines(skus().filter_map(|sku| sku.info.clone())),
    ]
}

fn phone(person: &Person) -> String {
    person.phone.iter().flatten().flat_map(|part| part.chars()).filter(char::is_ascii_digit).collect()
}

fn name(person: &Person) -> String {
    format!("{}{}", person.family_name, person.first_name.as_deref().unwrap_or_default())
}

fn kana(person: &Person) -> String {
    [&person.family_kana, &person.first_kana].into_iter().flatten().map(String::as_str).collect()
}

/// One below the other, with a line's end before the first and after the last.
fn lines(texts: impl Iterator<Item = String>) -> String {
    texts.fold(String::from("\n"), |all, text| all + &text + "\n")
}
