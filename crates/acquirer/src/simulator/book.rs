//! The simulator's book, as whoever reconciles with it may read it. Never written from here.

use kernel::Yen;
use store::{StoreError, Tx};

pub use super::authorization::State;
use super::points::rows as points_rows;
use super::rows;
use crate::port::Merchant;

/// Authorizations read at a time by [`book`].
const PAGE: u32 = 1_000;

/// An authorization as the acquirer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookAuthorization {
    /// Its name.
    pub authorization: String,
    /// The order number that it was asked for with.
    pub order: String,
    /// How much was asked for, in yen.
    pub amount: Yen,
    /// How much was captured, in yen.
    pub captured: Yen,
    /// How much of that was refunded, in yen.
    pub refunded: Yen,
    /// Where it stands.
    pub state: State,
}

/// A hold of points as the points service sees it. `held + used + returned = points`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookHold {
    /// Its name.
    pub hold: String,
    /// The buyer.
    pub account: String,
    /// How many points were taken at first.
    pub points: Yen,
    /// How many are still held.
    pub held: Yen,
    /// How many are used.
    pub used: Yen,
    /// How many went back to the account.
    pub returned: Yen,
}

/// A page of a merchant's authorizations, in the order of their names, which is about that of their making. `after` is
/// the last name of the page before.
pub fn book_page(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<BookAuthorization>, StoreError> {
    rows::book_page(tx, merchant, after.unwrap_or(""), limit)
}

/// All of a merchant's authorizations, at once in memory: for small books. Large ones are read by [`book_page`].
pub fn book(tx: &mut Tx<'_>, merchant: Merchant) -> Result<Vec<BookAuthorization>, StoreError> {
    let mut all = Vec::new();
    loop {
        let last = all.last().map(|authorization: &BookAuthorization| authorization.authorization.clone());
        let page = book_page(tx, merchant, last.as_deref(), PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// One authorization of a merchant.
pub fn book_of(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    authorization: &str,
) -> Result<Option<BookAuthorization>, StoreError> {
    rows::book_of(tx, merchant, authorization)
}

/// A page of a merchant's holds of points, in the order of their names. `after` is the last name of the page before.
pub fn holds_page(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<BookHold>, StoreError> {
    points_rows::holds_page(tx, merchant, after.unwrap_or(""), limit)
}

/// One hold of points of a merchant.
pub fn hold_of(tx: &mut Tx<'_>, merchant: Merchant, hold: &str) -> Result<Option<BookHold>, StoreError> {
    points_rows::hold_of(tx, merchant, hold)
}

/// How many points a buyer has left with a merchant.
pub fn points_balance(tx: &mut Tx<'_>, merchant: Merchant, account: &str) -> Result<Yen, StoreError> {
    Ok(points_rows::balance(tx, merchant, account)?.unwrap_or_else(|| super::points::opening(account)))
}
