//! 利用機能: what can be switched on one by one, with the words of seed 001 where it has them.

use std::collections::BTreeSet;
use std::fmt;

use crate::wire::Operation;

/// Functions that are switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Functions(BTreeSet<Operation>);

/// No function has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no function {0:?}")]
pub struct UnknownFunction(pub String);

impl Functions {
    /// None: what a new shop has.
    pub fn none() -> Functions {
        Functions(BTreeSet::new())
    }

    /// Every one.
    pub fn all() -> Functions {
        Functions(Operation::ALL.into_iter().collect())
    }

    /// These.
    pub fn of(operations: impl IntoIterator<Item = Operation>) -> Functions {
        Functions(operations.into_iter().collect())
    }

    /// Of names such as `rpay.order.getOrder`.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Functions, UnknownFunction> {
        names.into_iter().map(named).collect::<Result<_, _>>().map(Functions)
    }

    /// Whether this one is switched on.
    pub fn has(&self, operation: Operation) -> bool {
        self.0.contains(&operation)
    }

    /// Whether some function is on here that is not on there.
    pub fn adds_to(&self, before: &Functions) -> bool {
        !self.0.is_subset(&before.0)
    }

    /// Their names, in the order of the contract.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|operation| name(*operation)).collect()
    }
}

impl fmt::Display for Functions {
    /// As rows hold them: names with blanks between.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

/// 機能名.
fn name(operation: Operation) -> String {
    format!("rpay.order.{}", operation.name())
}

fn named(text: &str) -> Result<Operation, UnknownFunction> {
    let known = Operation::ALL.into_iter().find(|operation| name(*operation) == text);
    known.ok_or_else(|| UnknownFunction(text.to_owned()))
}

/// One row of 利用機能一覧.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// 機能名.
    pub name: String,
    /// 機能内容, in Japanese and English.
    pub description: [&'static str; 2],
}

/// 利用機能一覧, in the order of the contract's section 3.
pub fn listed() -> Vec<Listed> {
    Operation::ALL.map(|operation| Listed { name: name(operation), description: description(operation) }).to_vec()
}

fn description(operation: Operation) -> [&'static str; 2] {
    match operation {
        Operation::SearchOrder => [
            "検索条件を指定して、条件に該当する注文番号リストを取得する。",
            "Lists the numbers of orders that meet conditions.",
        ],
        Operation::GetOrder => [
            "注文番号をリストで指定して受注の詳細情報を取得する。",
            "Shows orders in full, by a list of their numbers.",
        ],
        Operation::ConfirmOrder => [
            "楽天側に決済処理を開始して良いことを通知する。",
            "Tells the mall that it may begin to settle the payment.",
        ],
        Operation::UpdateOrderShipping => [
            "発送が完了した注文の、伝票番号、出荷日を登録して、注文を締め切る。",
            "Reports parcels with their numbers and dates.",
        ],
        Operation::UpdateOrderShippingAsync => {
            ["発送情報の登録・更新を非同期で受け付ける。", "Takes reports of parcels of many orders, to be done later."]
        }
        Operation::GetResultUpdateOrderShippingAsync => {
            ["非同期で受け付けた発送情報更新の処理結果を取得する。", "Shows what became of reports that were taken."]
        }
        Operation::GetSubStatusList => {
            ["店舗が設定したサブステータスの一覧を取得する。", "Lists the sub-statuses of the shop."]
        }
        Operation::UpdateOrderSubStatus => ["サブステータスを更新する。", "Gives orders a sub-status."],
        Operation::UpdateOrderMemo => [
            "ひとことメモ、お届け日指定、お届け時間帯などを更新する。",
            "Changes memo, delivery date, delivery time and so on.",
        ],
        Operation::UpdateOrderRemarks => {
            ["備考・ギフト配送情報を更新する。", "Changes remarks and the wish for a gift."]
        }
        Operation::UpdateOrderSender => {
            ["送付先情報を更新する。", "Changes destinations, items and amounts before shipping."]
        }
        Operation::UpdateOrderSenderAfterShipping => {
            ["発送後の注文の送付先情報を更新する。", "Changes destinations, items and amounts after shipping."]
        }
        Operation::CancelOrder => {
            ["発送完了前の受注に対してキャンセルを要求する。", "Asks for the cancellation of an order before shipping."]
        }
        Operation::CancelOrderAfterShipping => {
            ["発送後の受注のキャンセルを確定する。", "Cancels an order after shipping."]
        }
        Operation::UpdateOrderOrderer => ["注文者情報を更新する。", "Changes the orderer."],
        Operation::UpdateOrderDelivery => ["配送方法を更新する。", "Changes the delivery method."],
        Operation::SimulateCouponAmount => [
            "注文内容を変更した場合のクーポン利用額を試算する。",
            "Computes what a change would do to coupons and amounts.",
        ],
        Operation::GetPayment => ["注文番号を指定して、支払明細情報を取得する。", "Shows the payments of an order."],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_through_rows() {
        let some = Functions::of([Operation::GetOrder, Operation::SearchOrder]);
        assert_eq!(some.to_string(), "rpay.order.searchOrder rpay.order.getOrder");
        assert_eq!(Functions::named(some.to_string().split_whitespace()), Ok(some));
        assert_eq!(Functions::named("".split_whitespace()), Ok(Functions::none()));
        assert_eq!(Functions::named(["rpay.order.x"]), Err(UnknownFunction("rpay.order.x".to_owned())));
        assert_eq!(Functions::all().names().len(), 18);
    }

    #[test]
    fn an_added_function_is_seen() {
        let (one, other) = (Functions::of([Operation::GetOrder]), Functions::of([Operation::GetPayment]));
        assert!(other.adds_to(&one) && !Functions::none().adds_to(&one) && !one.adds_to(&one));
    }
}
