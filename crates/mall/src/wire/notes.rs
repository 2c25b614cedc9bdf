//! updateOrderMemo, updateOrderRemarks, updateOrderDelivery, updateOrderSubStatus (contract, 3.8 to 3.10, 3.16): what the
//! shop notes on orders. What is left out stays as it is.

use super::get_order::numbers;
use super::message::{Fault, Message, Operation};
use super::read::Reader;
use crate::code::DeliveryClass;
use crate::order::{Day, Order};

/// Orders of one updateOrderSubStatus at the most.
pub const ORDERS_MAX: usize = 100;

/// What updateOrderMemo changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memo {
    /// 注文番号, as it was sent.
    pub number: String,
    /// サブステータス.
    pub sub_status: Option<i64>,
    /// 配送区分.
    pub delivery_class: Option<DeliveryClass>,
    /// お届け日指定: the inner none clears it.
    pub delivery_date: Option<Option<Day>>,
    /// お届け時間帯.
    pub shipping_term: Option<i64>,
    /// ひとことメモ.
    pub memo: Option<String>,
    /// 担当者.
    pub operator: Option<String>,
    /// メール差込文.
    pub mail_plug: Option<String>,
}

impl Memo {
    /// Whether it sends only what the mall takes while a procedure runs: delivery date and time.
    pub fn is_delivery_only(&self) -> bool {
        self.sub_status.is_none()
            && self.delivery_class.is_none()
            && self.memo.is_none()
            && self.operator.is_none()
            && self.mail_plug.is_none()
    }

    /// The order with it.
    pub fn apply(&self, order: &mut Order) {
        let kept = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let notes = &mut order.notes;
        notes.sub_status = self.sub_status.or(notes.sub_status);
        notes.delivery_class = self.delivery_class.or(notes.delivery_class);
        notes.delivery_date = self.delivery_date.unwrap_or(notes.delivery_date);
        notes.shipping_term = self.shipping_term.or(notes.shipping_term);
        if let Some(memo) = &self.memo {
            notes.memo = kept(memo);
        }
        if let Some(operator) = &self.operator {
            notes.operator = kept(operator);
        }
        if let Some(plug) = &self.mail_plug {
            notes.mail_plug = kept(plug);
        }
    }
}

/// Reads updateOrderMemo.
pub fn read_memo(reader: &mut Reader<'_>) -> Result<Memo, Vec<Message>> {
    let number = reader.text("orderNumber", 382);
    let sub_status = reader.opt_number("subStatusId");
    let delivery_class = reader.opt_code("deliveryClass", DeliveryClass::of);
    let delivery_date = reader.opt_date("deliveryDate");
    let shipping_term = reader.opt_code("shippingTerm", |term| is_term(term).then_some(term));
    let memo = plain(reader, "memo", 1_000);
    let operator = plain(reader, "operator", 6);
    let mail_plug = plain(reader, "mailPlugSentence", 1_024);
    match number {
        Some(number) if reader.is_sound() => {
            Ok(Memo { number, sub_status, delivery_class, delivery_date, shipping_term, memo, operator, mail_plug })
        }
        Some(_) | None => Err(reader.messages()),
    }
}

/// お届け時間帯 (contract, section 5): 0, 1, 2, 9, or h1h2 with h1 from 7 to 24 and h2 from 07 to 24.
pub fn is_term(term: i64) -> bool {
    let (from, until) = (term / 100, term % 100);
    matches!(term, 0 | 1 | 2 | 9) || ((7..=24).contains(&from) && (7..=24).contains(&until))
}

/// A text without 機種依存文字.
fn plain(reader: &mut Reader<'_>, field: &str, most: usize) -> Option<String> {
    let text = reader.opt_text(field, most)?;
    if kernel::charset::unfit(&text, 1).is_empty() {
        return Some(text);
    }
    reader.wrong(field, Fault::Format);
    None
}

/// What updateOrderRemarks changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remarks {
    /// 注文番号, as it was sent.
    pub number: String,
    /// ギフト配送希望.
    pub gift: Option<bool>,
    /// 備考.
    pub remarks: Option<String>,
}

/// Reads updateOrderRemarks: one of the two at least.
pub fn read_remarks(reader: &mut Reader<'_>) -> Result<Remarks, Vec<Message>> {
    let number = reader.text("orderNumber", 382);
    let gift = reader.flag("giftCheck");
    let remarks = reader.opt_text("remarks", 4_000);
    if reader.given("giftCheck").is_none() && reader.given("remarks").is_none() {
        reader.wrong("giftCheck", Fault::Missing);
        reader.wrong("remarks", Fault::Missing);
    }
    match number {
        Some(number) if reader.is_sound() => Ok(Remarks { number, gift, remarks }),
        Some(_) | None => Err(reader.messages()),
    }
}

/// 配送方法 that a shop may have configured (contract 3.16); 追跡可能メール便 (seed 004) is one of them where it is set.
pub const DELIVERY_NAMES: [&str; 12] = [
    "宅配便",
    "小型宅配便",
    "大型宅配便",
    "クール便",
    "メール便",
    "追跡可能メール便",
    "国際配送",
    "コンビニ受取",
    "ロッカー受取",
    "店頭受取",
    "発送を伴わない",
    "郵便局受取",
];

/// Reads updateOrderDelivery: order number and 配送方法, one that the shop has.
pub fn read_delivery(reader: &mut Reader<'_>, configured: &[&str]) -> Result<(String, String), Vec<Message>> {
    let number = reader.text("orderNumber", 382);
    let name = reader.text("deliveryName", 255);
    if name.as_ref().is_some_and(|name| !configured.contains(&name.as_str())) {
        reader.wrong("deliveryName", Fault::Format);
    }
    match (number, name) {
        (Some(number), Some(name)) if reader.is_sound() => Ok((number, name)),
        (Some(_) | None, Some(_) | None) => Err(reader.messages()),
    }
}

/// Reads updateOrderSubStatus: the sub-status and the order numbers. The member has to be there; null takes the
/// sub-status away.
pub fn read_sub_status(reader: &mut Reader<'_>) -> Result<(Option<i64>, Vec<String>), Vec<Message>> {
    let cleared = reader.has("subStatusId") && reader.given("subStatusId").is_none();
    let sub_status = if cleared { None } else { reader.number("subStatusId") };
    let numbers = numbers(reader, "orderNumberList", ORDERS_MAX);
    match numbers {
        Some(numbers) if reader.is_sound() => Ok((sub_status, numbers)),
        Some(_) | None => Err(reader.messages()),
    }
}

impl Remarks {
    /// The order with them.
    pub fn apply(&self, order: &mut Order) {
        order.notes.gift = self.gift.unwrap_or(order.notes.gift);
        if let Some(remarks) = &self.remarks {
            order.notes.remarks.clone_from(remarks);
        }
    }
}

/// What the message of its success says; empty where the message is made elsewhere.
pub fn done_text(operation: Operation) -> &'static str {
    match operation {
        Operation::UpdateOrderMemo => "ひとことメモ、担当者情報等の更新設定が完了しました。",
        Operation::UpdateOrderRemarks => "備考情報の更新設定が完了しました。",
        Operation::UpdateOrderSender | Operation::UpdateOrderSenderAfterShipping => {
            "送付先情報の更新設定が完了しました。"
        }
        Operation::UpdateOrderOrderer => "注文者情報の更新設定が完了しました。",
        Operation::UpdateOrderDelivery => "配送方法の更新設定が完了しました。",
        Operation::UpdateOrderSubStatus => "サブステータスの更新設定が完了しました。",
        Operation::ConfirmOrder => "注文確認に成功しました。",
        Operation::CancelOrder | Operation::CancelOrderAfterShipping => "キャンセル申請に成功しました。",
        Operation::SearchOrder => "注文検索に成功しました。",
        Operation::GetSubStatusList => "サブステータス一覧の取得に成功しました。",
        Operation::GetPayment => "支払明細情報の取得に成功しました。",
        Operation::SimulateCouponAmount => "クーポン金額のシミュレーションに成功しました。",
        Operation::GetOrder
        | Operation::UpdateOrderShipping
        | Operation::UpdateOrderShippingAsync
        | Operation::GetResultUpdateOrderShippingAsync => "",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn terms_are_those_of_the_table() {
        for term in [0, 1, 2, 9, 708, 1014, 2324, 2424] {
            assert!(is_term(term), "{term}");
        }
        for term in [3, 10, 600, 725, 2506, -1] {
            assert!(!is_term(term), "{term}");
        }
    }

    #[test]
    fn memos_have_their_limits() {
        let read = |fields: serde_json::Value| {
            let mut value = json!({ "orderNumber": "123456-20180101-1241583267" });
            value.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            read_memo(&mut Reader::new(Operation::UpdateOrderMemo, &value))
        };
        let memo =
            read(json!({ "subStatusId": "3601", "deliveryClass": "2", "deliveryDate": "", "memo": "茶" })).unwrap();
        assert_eq!(
            (memo.sub_status, memo.delivery_class, memo.delivery_date),
            (Some(3_601), Some(DeliveryClass::Chilled), Some(None))
        );
        assert!(read(json!({ "deliveryDate": "2026-11-30", "shippingTerm": 1 })).unwrap().is_delivery_only());
        assert!(read(json!({ "memo": "茶".repeat(1_000), "operator": "担当者六文字" })).is_ok());
        for wrong in [
            json!({ "memo": "茶".repeat(1_001) }),
            json!({ "operator": "担当者七文字だ" }),
            json!({ "memo": "①" }),
            json!({ "shippingTerm": 3 }),
        ] {
            assert_eq!(read(wrong.clone()).unwrap_err().len(), 1, "{wrong}");
        }
        assert_eq!(
            read_memo(&mut Reader::new(Operation::UpdateOrderMemo, &json!({}))).unwrap_err()[0].code(),
            "ORDER_EXT_API_UPDATE_ORDERMEMO_ERROR_009"
        );
    }
}
