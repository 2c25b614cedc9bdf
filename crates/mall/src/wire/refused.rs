//! The engine's refusals in the words of each operation. Where the contract ("Known codes") has a number, that one; the
//! others are chosen, and docs/rms-fidelity.md lists them.

use super::message::{Message, Operation, Severity};
use crate::progress::Refused;

/// An order that the shop does not have: 016, seen for orders of another shop.
pub fn no_such_order(operation: Operation, number: &str) -> Message {
    Message::new(operation, Severity::Error, 16, "指定された注文番号は存在しません。").of_order(number)
}

/// What the engine said, about an order.
pub fn message(operation: Operation, refused: Refused, number: &str) -> Message {
    let (code, text) = (code(operation, refused), text(operation, refused));
    Message::new(operation, Severity::Error, code, text).of_order(number)
}

fn code(operation: Operation, refused: Refused) -> u16 {
    match (operation, refused) {
        // UPDATE_ORDERSUBSTATUS_ERROR_101 and 102 stand in the contract the other way round than those of the others.
        (Operation::UpdateOrderSubStatus, Refused::Cancelled) => 101,
        (Operation::UpdateOrderSubStatus, Refused::Status) => 102,
        (_, Refused::Cancelled) => 102,
        (_, Refused::Status | Refused::TooLate | Refused::Stale) => 103,
        (_, Refused::Unpriced) => 105,
        (_, Refused::ShippingDate) => 106,
        (_, Refused::Running) => 107,
        (_, Refused::NoReason) => 108,
        (_, Refused::Method) => 109,
        (_, Refused::Amount) => 110,
        (_, Refused::Delivery) => 901,
        (_, Refused::NoCodFee) => 136,
    }
}

fn text(operation: Operation, refused: Refused) -> String {
    let what = act(operation);
    match refused {
        Refused::Cancelled => {
            format!("指定された注文番号は既にキャンセルされているため、{what}が出来る状態ではありませんでした。")
        }
        Refused::Status | Refused::TooLate | Refused::Stale => {
            format!("指定された注文番号は、{what}が出来るステータスではありませんでした。")
        }
        Refused::Unpriced => {
            format!("指定された注文番号は金額が確定していないため、{what}が出来る状態ではありませんでした。")
        }
        Refused::ShippingDate => {
            format!("指定された注文番号は発送日が登録されているため、{what}が出来る状態ではありませんでした。")
        }
        Refused::Running => {
            format!("指定された注文番号は決済手続き中のため、{what}が出来る状態ではありませんでした。")
        }
        Refused::NoReason => "請求金額が減額となる場合、減額理由の指定が必須となります。".to_owned(),
        Refused::Amount => "請求金額が0円未満、または上限を超えるため、更新できません。".to_owned(),
        Refused::Method => "指定された支払方法へは変更できません。".to_owned(),
        Refused::Delivery => "指定された配送方法では後払い決済をご利用いただけません。".to_owned(),
        Refused::NoCodFee => "支払方法を代金引換に変更する場合、代引料の設定が必須となります。代引料を設定し、再度リクエストを行ってください。".to_owned(),
    }
}

/// What an operation does, as its refusals call it.
fn act(operation: Operation) -> &'static str {
    match operation {
        Operation::SearchOrder => "注文検索",
        Operation::GetOrder => "受注情報の取得",
        Operation::ConfirmOrder => "注文確認",
        Operation::UpdateOrderShipping
        | Operation::UpdateOrderShippingAsync
        | Operation::GetResultUpdateOrderShippingAsync => "発送完了報告",
        Operation::GetSubStatusList => "サブステータスの取得",
        Operation::UpdateOrderSubStatus => "サブステータスの更新",
        Operation::UpdateOrderMemo => "ひとことメモ、担当者情報等の更新",
        Operation::UpdateOrderRemarks => "備考情報の更新",
        Operation::UpdateOrderSender | Operation::UpdateOrderSenderAfterShipping => "送付先情報の更新",
        Operation::CancelOrder | Operation::CancelOrderAfterShipping => "キャンセル",
        Operation::UpdateOrderOrderer => "注文者情報の更新",
        Operation::UpdateOrderDelivery => "配送方法の更新",
        Operation::SimulateCouponAmount => "クーポン利用額のシミュレーション",
        Operation::GetPayment => "支払明細情報の取得",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "123456-20180101-00113801";

    fn code_of(operation: Operation, refused: Refused) -> String {
        message(operation, refused, NUMBER).code().strip_prefix("ORDER_EXT_API_").unwrap().to_owned()
    }

    #[test]
    fn known_codes_are_those_of_the_contract() {
        // Contract, "Known codes".
        for (operation, refused, code) in [
            (Operation::ConfirmOrder, Refused::Cancelled, "CONFIRM_ORDER_ERROR_102"),
            (Operation::ConfirmOrder, Refused::Status, "CONFIRM_ORDER_ERROR_103"),
            (Operation::ConfirmOrder, Refused::Unpriced, "CONFIRM_ORDER_ERROR_105"),
            (Operation::UpdateOrderShipping, Refused::Cancelled, "UPDATE_ORDERSHIPPING_ERROR_102"),
            (Operation::UpdateOrderSubStatus, Refused::Cancelled, "UPDATE_ORDERSUBSTATUS_ERROR_101"),
            (Operation::UpdateOrderSubStatus, Refused::Status, "UPDATE_ORDERSUBSTATUS_ERROR_102"),
            (Operation::UpdateOrderSender, Refused::NoCodFee, "UPDATE_ORDERSENDER_ERROR_136"),
        ] {
            assert_eq!(code_of(operation, refused), code);
        }
        assert_eq!(
            no_such_order(Operation::UpdateOrderSubStatus, NUMBER).code(),
            "ORDER_EXT_API_UPDATE_ORDERSUBSTATUS_ERROR_016"
        );
    }

    #[test]
    fn known_texts_are_those_of_the_contract() {
        let cancelled = message(Operation::UpdateOrderShipping, Refused::Cancelled, NUMBER);
        let text = "指定された注文番号は既にキャンセルされているため、発送完了報告が出来る状態ではありませんでした。";
        assert_eq!(serde_json::to_value(cancelled).unwrap()["message"], text);
    }
}
