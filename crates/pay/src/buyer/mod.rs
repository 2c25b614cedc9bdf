//! Buyers of the checkout: accounts, saved cards and addresses (contract online-lite-api "Payment button": Flow).
//!
//! They exist where no real money moves: in sandbox and with test keys. An account is the same in every shop, and so is its
//! OpenID. Of a card only the provider's token, the brand, the last four digits and the expiry are kept.

pub mod account;
pub mod address;
pub mod rows;

use std::fmt;

use acquirer::Brand;
use kernel::Timestamp;

use crate::charge::order::Buyer as Contact;

/// The account that `--demo` makes, for a first try: sandbox and test keys only. Mail address and password.
pub const READY_MADE: (&str, &str) = ("buyer@example.com", "choba-sandbox");

/// A buyer's account, without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// `buyer_` and 32 hex digits.
    pub id: String,
    /// Mail address, in lower case.
    pub email: String,
    /// 姓.
    pub last_name: String,
    /// 名.
    pub first_name: String,
    /// セイ.
    pub last_name_kana: String,
    /// メイ.
    pub first_name_kana: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

impl Account {
    /// What a charge keeps of its buyer.
    pub fn contact(&self) -> Contact {
        let some = |text: &String| Some(text.clone());
        Contact {
            id: some(&self.id),
            email: some(&self.email),
            first_name: some(&self.first_name),
            first_name_kana: some(&self.first_name_kana),
            last_name: some(&self.last_name),
            last_name_kana: some(&self.last_name_kana),
        }
    }
}

/// A card that a buyer saved with a shop.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedCard {
    /// `card_` and 32 hex digits.
    pub id: String,
    /// The provider's name for it.
    pub token: String,
    /// The brand.
    pub brand: Brand,
    /// The last four digits.
    pub last4: String,
    /// Last year of validity.
    pub expiry_year: i64,
    /// Last month of validity.
    pub expiry_month: i64,
}

impl fmt::Debug for SavedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SavedCard({})", self.id)
    }
}

/// An address that a buyer saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedAddress {
    /// `addr_` and 32 hex digits.
    pub id: String,
    /// The address.
    pub address: crate::charge::Address,
}

/// A log-in: what the cookie says, and until when.
#[derive(Clone)]
pub struct LogIn {
    /// The value of the cookie.
    pub token: String,
    /// Its account.
    pub buyer: String,
    /// When it ends, machine time.
    pub expires: Timestamp,
}
