//! The chart of accounts.

use std::fmt;
use std::str::FromStr;

/// An account of one shop's book in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What the acquirer owes for captured card payments: an asset.
    AcquirerReceivable,
    /// What the point service owes for used points: an asset.
    PointsReceivable,
    /// What is owed to the merchant for captured charges: a liability.
    MerchantPayable,
    /// What the mall got from the buyers of a shop's orders and has not paid out: an asset.
    MallFunds,
    /// Points and coupons of the mall that it pays to the shop: an expense.
    MallPromotion,
    /// What the mall owes the shop for its orders: a liability.
    MallPayable,
}

impl Account {
    /// Every account.
    pub const ALL: [Account; 6] = [
        Account::AcquirerReceivable,
        Account::PointsReceivable,
        Account::MerchantPayable,
        Account::MallFunds,
        Account::MallPromotion,
        Account::MallPayable,
    ];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Account::AcquirerReceivable => "acquirer_receivable",
            Account::PointsReceivable => "points_receivable",
            Account::MerchantPayable => "merchant_payable",
            Account::MallFunds => "mall_funds",
            Account::MallPromotion => "mall_promotion",
            Account::MallPayable => "mall_payable",
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No account has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown account {0:?}")]
pub struct UnknownAccount(pub String);

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Account::ALL.into_iter().find(|account| account.as_str() == text);
        known.ok_or_else(|| UnknownAccount(text.to_owned()))
    }
}
