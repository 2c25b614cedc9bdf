//! updateOrderSender, updateOrderSenderAfterShipping and updateOrderOrderer (contract, 3.11, 3.12, 3.15): another version of
//! an order, read onto the one there is.

use kernel::PREFECTURES;
use serde_json::Value;

use super::message::{Fault, Message, Operation, Severity};
use super::read::Reader;
use crate::code::{Method, Reason};
use crate::order::{Address, Item, Order, Orderer, Package, Person, Price, Sku, TaxRate, Wrapping, WrappingKind};
use crate::progress::Edit;

/// Where 置き配 parcels may be left.
const DROP_OFF: [&str; 6] = ["宅配ボックス", "玄関前", "玄関前鍵付容器", "メーターボックス", "物置", "車庫"];
/// Where a prefecture stands for an address in another country.
const ABROAD: &str = "国外";
/// Bytes of both parts of a postal code together.
const ZIP_BYTES: usize = 20;
/// Bytes of the three parts of a telephone number together.
const PHONE_BYTES: usize = 32;
/// Yen or pieces at the most.
const NUMBER_MAX: i64 = 999_999_999;
/// Pieces of a line at the most in orders with coupons (contract, section 1).
const COUPON_UNITS_MAX: i64 = 10_000;

/// Which order a request is about, before anything else of it is read; otherwise a message for each member that the
/// request has to have and has not.
///
/// # Errors
///
/// Those messages.
pub fn number(reader: &mut Reader<'_>) -> Result<String, Vec<Message>> {
    if let Some(number) = reader.text("orderNumber", 382) {
        return Ok(number);
    }
    match reader.operation() {
        Operation::UpdateOrderOrderer => reader.model("OrdererModel").map(|_| ()),
        Operation::UpdateOrderDelivery => None,
        _ => reader.list("PackageModelList", 1_000).map(|_| ()),
    };
    Err(reader.messages())
}

/// Reads updateOrderSender onto `order`; otherwise a message for each faulty member.
pub fn read(operation: Operation, reader: &mut Reader<'_>, order: &Order) -> Result<Edit, Vec<Message>> {
    let mut after = order.clone();
    let reason = reason(reader);
    let method = reader.opt_code("afterSettlementMethodCode", Method::of);
    let mut extra = Vec::new();
    for (field, kind) in [("WrappingModel1", WrappingKind::Paper), ("WrappingModel2", WrappingKind::Ribbon)] {
        wrapping(reader, &mut after, field, kind);
    }
    let paying = Paying {
        method: method.unwrap_or(order.method),
        changes: method.is_some_and(|to| to != order.method),
        units_max: if order.coupons.is_empty() { NUMBER_MAX } else { COUPON_UNITS_MAX },
    };
    for sent in reader.list("PackageModelList", 1_000).unwrap_or_default() {
        let mut model = Reader::new(operation, sent);
        extra.extend(package(operation, &mut model, &mut after, paying));
        reader.join(model);
    }
    coupons(operation, reader, &mut after);
    // Meaningless since 2019-07, and read all the same.
    reader.flag("taxRecalcFlag");
    if reader.is_sound() && after.live_packages().next().is_none() {
        reader.wrong("packageDeleteFlag", Fault::Format);
    }
    let mut messages = reader.messages();
    messages.extend(extra);
    if messages.is_empty() { Ok(Edit { order: after, reason, method }) } else { Err(messages) }
}

/// Reads updateOrderOrderer onto `order`.
pub fn read_orderer(reader: &mut Reader<'_>, order: &Order) -> Result<Edit, Vec<Message>> {
    let mut after = order.clone();
    let reason = reason(reader);
    if let Some(mut model) = reader.model("OrdererModel") {
        let before = order.orderer.clone();
        let address = address(&mut model);
        let mut person = person(&mut model, before.person.clone());
        // Of an orderer it is never null (contract 4.2).
        person.first_name = person.first_name.or(before.person.first_name);
        let email = model.opt_text("emailAddress", 254).filter(|email| !email.is_empty()).unwrap_or(before.email);
        let sex = model.opt_text("sex", 10).or(before.sex);
        let mut part =
            |field: &str, most: i64| model.opt_code(field, |number| (0..=most).contains(&number).then_some(number));
        let birth = (part("birthYear", 9_999), part("birthMonth", 12), part("birthDay", 31));
        let birth = match birth {
            (Some(year), Some(month), Some(day)) => Some((year, month, day)),
            (_, _, _) => before.birth,
        };
        after.orderer = Orderer { person, address, email, sex, birth };
        reader.join(model);
    }
    if reader.is_sound() { Ok(Edit { order: after, reason, method: None }) } else { Err(reader.messages()) }
}

fn reason(reader: &mut Reader<'_>) -> Option<Reason> {
    reader.opt_code("reductionReason", |code| Reason::of(code).filter(|reason| reason.can_be_given()))
}

fn whole(reader: &mut Reader<'_>, field: &str) -> i64 {
    let within = |number: i64| (0..=NUMBER_MAX).contains(&number).then_some(number);
    reader.code(field, within).unwrap_or_default()
}

/// 0, 0.0, 0.08 or 0.1, as a number or a string.
fn tax_rate(reader: &mut Reader<'_>, field: &str) -> Option<TaxRate> {
    let Some(value) = reader.given(field) else {
        reader.wrong(field, Fault::Missing);
        return None;
    };
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let known = [("0", 0), ("0.0", 0), ("0.08", 8), ("0.1", 10), ("0.10", 10)];
    let rate = known.iter().find(|(form, _)| *form == text).map(|(_, percent)| TaxRate(*percent));
    if rate.is_none() {
        reader.wrong(field, Fault::Format);
    }
    rate
}

fn wrapping(reader: &mut Reader<'_>, order: &mut Order, field: &str, kind: WrappingKind) {
    let at = order.wrappings.iter().position(|wrapping| wrapping.kind == kind);
    let Some(mut model) = reader.opt_model(field) else {
        // An order with wrapping sends it along (contract 3.11).
        if at.is_some() {
            reader.wrong(field, Fault::Missing);
        }
        return;
    };
    // 1 包装紙 and 2 リボン, each in its own model.
    let own = if kind == WrappingKind::Paper { 1 } else { 2 };
    model.code("title", |code| (code == own).then_some(code));
    let name = model.text("name", 125).unwrap_or_default();
    let price = model.opt_code("price", |yen| (0..=NUMBER_MAX).contains(&yen).then_some(yen)).unwrap_or(0);
    let tax = tax_rate(&mut model, "taxRate").unwrap_or(TaxRate(10));
    let tax_included = required_flag(&mut model, "includeTaxFlag");
    let deleted = model.flag("deleteWrappingFlag").unwrap_or(false);
    let wrapping = Wrapping { kind, name, price, tax_included, tax, deleted };
    match at {
        Some(at) => order.wrappings[at] = wrapping,
        None => order.wrappings.push(wrapping),
    }
    reader.join(model);
}

fn required_flag(reader: &mut Reader<'_>, field: &str) -> bool {
    let flag = |code: i64| match code {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    };
    reader.code(field, flag).unwrap_or_default()
}

/// How the order is paid after the edit.
#[derive(Clone, Copy)]
struct Paying {
    method: Method,
    /// Whether it was paid in another way before.
    changes: bool,
    /// Pieces of a line at the most.
    units_max: i64,
}

/// One destination; messages that are about no member come back. One that the order does not have is read all the same,
/// for what else is wrong with it.
fn package(operation: Operation, model: &mut Reader<'_>, order: &mut Order, paying: Paying) -> Vec<Message> {
    let id = model.number("basketId");
    let at = order.packages.iter().position(|package| Some(package.id) == id);
    if at.is_none() && id.is_some() {
        model.wrong("basketId", Fault::Format);
    }
    let Some(before) = order.packages.get(at.unwrap_or_default()).cloned() else { return Vec::new() };
    let price =
        |number: i64| (number == -9_999 || (0..=NUMBER_MAX).contains(&number)).then_some(Price::of_wire(number));
    let postage = model.opt_code("postagePrice", price).unwrap_or(before.postage);
    let postage_tax = tax_rate(model, "postageTaxRate").unwrap_or(before.postage_tax);
    let on_delivery = paying.method == Method::CashOnDelivery;
    let (cod_fee, cod_tax) = match (on_delivery, model.given("deliveryPrice").is_some()) {
        // Who changes to 代金引換 without a fee is told so in a message of its own (136).
        (true, false) if paying.changes => (Price::Unset, before.cod_tax),
        (true, _) => {
            let fee = model.code("deliveryPrice", price).unwrap_or(before.cod_fee);
            (fee, tax_rate(model, "deliveryTaxRate").unwrap_or(before.cod_tax))
        }
        (false, _) => (Price::Fixed(0), before.cod_tax),
    };
    let noshi =
        model.opt_text("noshi", 1_000).map_or(before.noshi, |noshi| Some(noshi).filter(|text| !text.is_empty()));
    let deleted = model.flag("packageDeleteFlag").unwrap_or(false);
    let drop_off = drop_off(model, before.drop_off);
    let (person, address) = match model.model("SenderModel") {
        Some(mut sender) => {
            let read = (person(&mut sender, before.person), address(&mut sender));
            model.join(sender);
            read
        }
        None => (before.person, before.address),
    };
    let mut items = before.items;
    let mut messages = Vec::new();
    for sent in model.list("ItemModelList", 1_000).unwrap_or_default() {
        let mut sent = Reader::new(operation, sent);
        messages.extend(item(operation, &mut sent, &mut items, (at.is_some(), paying.units_max)));
        model.join(sent);
    }
    let Some(at) = at else { return messages };
    order.packages[at] = Package {
        postage,
        postage_tax,
        cod_fee,
        cod_tax,
        noshi,
        deleted,
        drop_off,
        person,
        address,
        items,
        ..order.packages[at].clone()
    };
    messages
}

/// 置き配: left out keeps it, null or "" is 利用しない.
fn drop_off(model: &mut Reader<'_>, before: Option<String>) -> Option<String> {
    if !model.has("dropOffLocation") {
        return before;
    }
    let place = model.opt_text("dropOffLocation", 20).filter(|place| !place.is_empty())?;
    if DROP_OFF.contains(&place.as_str()) {
        return Some(place);
    }
    model.wrong("dropOffLocation", Fault::Format);
    None
}

fn address(model: &mut Reader<'_>) -> Address {
    let mut zip = |field: &str| model.text(field, ZIP_BYTES).unwrap_or_default();
    let zip = [zip("zipCode1"), zip("zipCode2")];
    if zip.iter().map(String::len).sum::<usize>() > ZIP_BYTES {
        model.wrong("zipCode2", Fault::Format);
    }
    let known = |name: &str| name == ABROAD || PREFECTURES.contains(&name);
    let prefecture = model.text("prefecture", 10).unwrap_or_default();
    if !prefecture.is_empty() && !known(&prefecture) {
        model.wrong("prefecture", Fault::Format);
    }
    // They are sent along, even where there is nothing to say.
    let mut part = |field: &str| {
        if model.given(field).is_none() {
            model.wrong(field, Fault::Missing);
        }
        model.opt_text(field, 127).unwrap_or_default()
    };
    let (city, rest) = (part("city"), part("subAddress"));
    Address { zip, prefecture, city, rest }
}

/// What is left out stays as it was; null or nothing takes it away.
fn person(model: &mut Reader<'_>, before: Person) -> Person {
    let family_name = model.text("familyName", 127).unwrap_or_default();
    let mut part = |field: &str, most: usize, before: Option<String>| {
        if model.has(field) { model.opt_text(field, most).filter(|text| !text.is_empty()) } else { before }
    };
    let first_name = part("firstName", 127, before.first_name);
    let family_kana = part("familyNameKana", 127, before.family_kana);
    let first_kana = part("firstNameKana", 127, before.first_kana);
    let [first, second, third] = before.phone;
    let phone = [
        part("phoneNumber1", PHONE_BYTES, first),
        part("phoneNumber2", PHONE_BYTES, second),
        part("phoneNumber3", PHONE_BYTES, third),
    ];
    if phone.iter().flatten().map(String::len).sum::<usize>() > PHONE_BYTES {
        model.wrong("phoneNumber3", Fault::Format);
    }
    // At most one of the three may be missing (contract 4.2).
    if phone.iter().filter(|part| part.is_none()).count() > 1 {
        model.wrong("phoneNumber1", Fault::Missing);
    }
    Person { family_name, first_name, family_kana, first_kana, phone }
}

/// One line; one that the destination does not have is read all the same, for what else is wrong with it.
fn item(
    operation: Operation,
    sent: &mut Reader<'_>,
    items: &mut [Item],
    (of_known, units_max): (bool, i64),
) -> Vec<Message> {
    let id = sent.number("itemDetailId");
    let at = items.iter().position(|item| Some(item.detail_id) == id);
    if at.is_none() && id.is_some() && of_known {
        sent.wrong("itemDetailId", Fault::Format);
    }
    let mut unknown = items.first().cloned().map(|item| Item { skus: Vec::new(), ..item });
    let Some(item) = at.map(|at| &mut items[at]).or(unknown.as_mut()) else { return Vec::new() };
    item.name = sent.text("itemName", 1_000).unwrap_or_default();
    item.number = sent.opt_text("itemNumber", 125).or_else(|| item.number.clone());
    (item.price, item.units) = (whole(sent, "price"), whole(sent, "units"));
    if item.units > units_max {
        sent.wrong("units", Fault::Format);
    }
    item.tax = tax_rate(sent, "taxRate").unwrap_or(item.tax);
    item.postage_included = required_flag(sent, "includePostageFlag");
    item.tax_included = required_flag(sent, "includeTaxFlag");
    item.cod_included = required_flag(sent, "includeCashOnDeliveryPostageFlag");
    item.choice = sent.opt_text("selectedChoice", 4_000).or_else(|| item.choice.clone());
    item.restock = sent.opt_code("restoreInventoryFlag", |code| (0..=2).contains(&code).then_some(code)).unwrap_or(0);
    item.deleted = sent.flag("deleteItemFlag").unwrap_or(false);
    skus(operation, sent, item)
}

/// SKUs of a multi-SKU item have to come along (UPDATE_ORDERSENDER_ERROR_139); the variant never changes.
fn skus(operation: Operation, sent: &mut Reader<'_>, item: &mut Item) -> Vec<Message> {
    let multi = item.skus.iter().any(|sku| sku.info.is_some());
    let missing = || vec![Message::new(operation, Severity::Error, 139, "マルチSKUの場合、SKU情報は必須です。")];
    let Some(list) = sent.opt_list("SkuModelList", 100) else { return if multi { missing() } else { Vec::new() } };
    let mut lacks_info = list.len() < item.skus.len();
    for (value, known) in list.iter().zip(item.skus.iter_mut()) {
        let mut model = Reader::new(operation, value);
        let variant = model.text("variantId", 40).unwrap_or_default();
        if variant != known.variant && model.is_sound() {
            model.wrong("variantId", Fault::Format);
        }
        let merchant_id = model.opt_text("merchantDefinedSkuId", 96).or_else(|| known.merchant_id.clone());
        let info = model.opt_text("skuInfo", 400);
        lacks_info |= known.info.is_some() && info.is_none();
        *known = Sku { variant: known.variant.clone(), merchant_id, info };
        sent.join(model);
    }
    if multi && lacks_info { missing() } else { Vec::new() }
}

/// Coupons come along with orders that have them; their units may not grow.
fn coupons(operation: Operation, reader: &mut Reader<'_>, order: &mut Order) {
    let sent = reader.opt_list("CouponModelList", 100);
    if order.coupons.is_empty() {
        return;
    }
    let Some(sent) = sent else {
        reader.wrong("CouponModelList", Fault::Missing);
        return;
    };
    let before = std::mem::take(&mut order.coupons);
    for value in sent {
        let mut model = Reader::new(operation, value);
        let code = model.text("couponCode", 100).unwrap_or_default();
        let (price, units, item_id) =
            (whole(&mut model, "couponPrice"), whole(&mut model, "couponUnit"), whole(&mut model, "itemId"));
        let known = before.iter().find(|coupon| coupon.code == code && coupon.item_id == item_id);
        match known {
            Some(known) if units <= known.units => {
                order.coupons.push(crate::order::Coupon { price, units, ..known.clone() });
            }
            Some(_) => model.wrong("couponUnit", Fault::Format),
            None if model.is_sound() => model.wrong("couponCode", Fault::Format),
            None => {}
        }
        reader.join(model);
    }
}
