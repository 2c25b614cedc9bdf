//! 挿入項目: texts about an order that can be put into a mail (seed 000 "注文に関連する情報の挿入"). Pure.

use kernel::charset;
use serde::Serialize;

use crate::charge::Charge;
use crate::charge::item::Item;
use crate::charge::order::Address;
use crate::mail::render::{ShopFacts, grouped, japanese};

/// What stands for a character that a mail cannot carry: nobody overlooks it in the editor.
const GETA: char = '〓';

/// One of the five kinds of information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 注文情報.
    Order,
    /// 料金明細.
    Amounts,
    /// 問い合わせ先.
    Contact,
    /// 支払い方法.
    Payment,
    /// 送付先情報.
    Shipping,
}

impl Kind {
    /// All five, in the order of the seed.
    pub const ALL: [Kind; 5] = [Kind::Order, Kind::Amounts, Kind::Contact, Kind::Payment, Kind::Shipping];

    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Order => "order",
            Kind::Amounts => "amounts",
            Kind::Contact => "contact",
            Kind::Payment => "payment",
            Kind::Shipping => "shipping",
        }
    }
}

/// A text that can be inserted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Which of the five.
    pub kind: Kind,
    /// What would be inserted; null where the order, or the shop, has nothing of the kind.
    pub text: Option<String>,
}

/// The five blocks for an order.
pub fn of(charge: &Charge, shop: &ShopFacts) -> Vec<Block> {
    let text = |kind| match kind {
        Kind::Order => Some(order(charge)),
        Kind::Amounts => Some(amounts(charge)),
        Kind::Contact => contact(shop),
        Kind::Payment => Some("お支払い:クレジットカード決済一括払い".to_owned()),
        Kind::Shipping => shipping(charge.address_json.as_deref()),
    };
    Kind::ALL.map(|kind| Block { kind, text: text(kind).map(|text| carried(&text)) }).to_vec()
}

fn items(charge: &Charge) -> Vec<Item> {
    serde_json::from_str(&charge.items_json).unwrap_or_default()
}

fn order(charge: &Charge) -> String {
    let mut lines = vec![
        format!("注文番号:{}", charge.number),
        format!("注文日時:{}", japanese(charge.standing.ordered)),
        "注文内訳:".to_owned(),
    ];
    lines.extend(items(charge).iter().map(|item| format!("・{} × {}", item.name, item.quantity)));
    lines.join("\n")
}

fn amounts(charge: &Charge) -> String {
    let (amount, point) = (charge.standing.amount.get(), charge.standing.point.get());
    let mut lines: Vec<String> = items(charge).iter().map(line).collect();
    lines.push(format!("合計金額:{}円", grouped(amount)));
    lines.push(format!("利用ポイント:{}ポイント", grouped(point)));
    lines.push(format!("お支払い金額:{}円", grouped(amount - point)));
    lines.join("\n")
}

fn line(item: &Item) -> String {
    let sum = item.unit_price.saturating_mul(i64::from(item.quantity));
    format!("・{} {}円 × {} = {}円", item.name, grouped(item.unit_price), item.quantity, grouped(sum))
}

fn contact(shop: &ShopFacts) -> Option<String> {
    let address = shop.settings.contact_address.as_ref()?;
    Some(format!("お問い合わせ先:{}\nメール:{address}", shop.name))
}

/// None if the order has no address, or it was erased.
fn shipping(address: Option<&str>) -> Option<String> {
    let address: Address = serde_json::from_str(address?).ok()?;
    let joined = |parts: [&Option<String>; 2], between: &str| {
        let parts: Vec<&str> =
            parts.into_iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join(between)
    };
    let place = [&address.address_state, &address.address_city, &address.address_line];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    let lines = [
        ("送付先氏名:", joined([&address.last_name, &address.first_name], " ")),
        ("フリガナ:", joined([&address.last_name_kana, &address.first_name_kana], " ")),
        ("郵便番号:", joined([&address.address_zip, &None], "")),
        ("住所:", place.join("")),
        ("電話番号:", joined([&address.tel, &None], "")),
    ];
    let lines: Vec<String> = lines
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The text as a mail can carry it.
fn carried(text: &str) -> String {
    text.chars().map(|c| if charset::why_unfit(c).is_some() { GETA } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipping_address_says_what_is_known_of_it() {
        let json = r#"{"last_name":"髙橋","first_name":"花子","last_name_kana":"タカハシ","first_name_kana":"ハナコ",
            "address_zip":"158-0094","address_state":"東京都","address_city":"世田谷区","address_line":"玉川1-14-1","tel":"0312345678"}"#;
        let text = shipping(Some(json)).expect("a text");
        assert_eq!(
            carried(&text),
            "送付先氏名:〓橋 花子\nフリガナ:タカハシ ハナコ\n郵便番号:158-0094\n住所:東京都世田谷区玉川1-14-1\n電話番号:0312345678"
        );
        assert_eq!(shipping(Some(r#"{"tel":"03"}"#)).as_deref(), Some("電話番号:03"));
        assert_eq!(shipping(Some("{}")), None);
        assert_eq!(shipping(None), None);
    }
}
