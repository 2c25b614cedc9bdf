//! 決済: the ways of paying that were tried for an order, as getPayment shows them.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::stored;
use crate::code::{Method, Status};

/// One way of paying that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// 1 for the first of the order: `orderPaymentNumber` ends in it.
    pub serial: u32,
    /// 支払方法.
    pub method: Method,
    /// 決済ステータス.
    pub status: Status,
    /// What is asked for, in yen.
    pub amount: i64,
    /// 決済手続き手数料 in yen, which the amount holds.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub charge: i64,
    /// The request that is running, if one is: answers of others count no more.
    pub asked: Option<u32>,
    /// The card, if one pays.
    pub card: Option<Card>,
    /// What the acquirer holds.
    pub authorization: Option<Authorization>,
    /// What was paid in, in the order it came.
    pub deposits: Vec<Deposit>,
    /// What was given back, in the order it went.
    pub refunds: Vec<Refund>,
    /// 決済手続き依頼日時.
    #[serde(with = "stored::opt_at")]
    pub asked_at: Option<Timestamp>,
    /// 決済手続き完了日時.
    #[serde(with = "stored::opt_at")]
    pub done_at: Option<Timestamp>,
    /// 決済手続きNG日時.
    #[serde(with = "stored::opt_at")]
    pub refused_at: Option<Timestamp>,
    /// 決済依頼日時.
    #[serde(with = "stored::opt_at")]
    pub claimed_at: Option<Timestamp>,
    /// 決済確定日時.
    #[serde(with = "stored::opt_at")]
    pub fixed_at: Option<Timestamp>,
    /// 決済キャンセル完了日時.
    #[serde(with = "stored::opt_at")]
    pub cancelled_at: Option<Timestamp>,
    /// 決済NG日時.
    #[serde(default, with = "stored::opt_at", skip_serializing_if = "Option::is_none")]
    pub claim_refused_at: Option<Timestamp>,
    /// キャンセルNG日時.
    #[serde(default, with = "stored::opt_at", skip_serializing_if = "Option::is_none")]
    pub cancel_refused_at: Option<Timestamp>,
    /// 支払予定日: the mall pays it out then.
    #[serde(default, with = "stored::opt_at", skip_serializing_if = "Option::is_none")]
    pub payout_expected: Option<Timestamp>,
}

/// A card, as far as anybody may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The acquirer's token.
    pub token: String,
    /// VISA, JCB …
    pub name: String,
    /// `XXXX-XXXX-XXXX-0015`.
    pub number: String,
    /// Its holder.
    pub owner: String,
    /// `2027-11`.
    pub expires: String,
    /// `cardPayType`: 0 once, 1 revolving, 2 instalments, 3 other, 4 bonus once.
    pub pay_type: i64,
    /// `cardInstallmentDesc` of instalments: `103` for three times.
    pub instalments: Option<String>,
}

/// What the acquirer holds for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The acquirer's name for it.
    pub id: String,
    /// In yen.
    pub amount: i64,
    /// Since when.
    #[serde(with = "stored::at")]
    pub since: Timestamp,
}

/// 入金.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// In yen.
    pub amount: i64,
    /// When.
    #[serde(with = "stored::at")]
    pub at: Timestamp,
    /// 振込名義カナ.
    pub name_kana: String,
}

/// 返金.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// In yen.
    pub amount: i64,
    /// When it was begun.
    #[serde(with = "stored::at")]
    pub at: Timestamp,
    /// When it was done.
    #[serde(with = "stored::opt_at")]
    pub done: Option<Timestamp>,
    /// The request that nobody has answered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<u32>,
    /// The other side said no: a person finds out why and has it asked for again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

fn is_nothing(yen: &i64) -> bool {
    *yen == 0
}

impl Payment {
    /// A way of paying that nothing was done about yet.
    pub fn new(serial: u32, method: Method, amount: i64, card: Option<Card>) -> Payment {
        Payment {
            serial,
            method,
            status: Status::ProcedureWaiting,
            amount,
            charge: 0,
            asked: None,
            card,
            authorization: None,
            deposits: Vec::new(),
            refunds: Vec::new(),
            asked_at: None,
            done_at: None,
            refused_at: None,
            claimed_at: None,
            fixed_at: None,
            cancelled_at: None,
            claim_refused_at: None,
            cancel_refused_at: None,
            payout_expected: None,
        }
    }

    /// 与信保留: the screening takes longer.
    pub fn on_hold(&self) -> bool {
        self.status == Status::ProcedureQueued
    }

    /// What was paid in and not given back, in yen.
    pub fn paid_in(&self) -> i64 {
        let paid: i64 = self.deposits.iter().map(|deposit| deposit.amount).sum();
        paid - self.refunds.iter().map(|refund| refund.amount).sum::<i64>()
    }
}
