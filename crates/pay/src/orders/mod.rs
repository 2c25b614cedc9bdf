//! 注文管理: what the dashboard and `/api/shops/{shop}/{environment}/orders` show of charges (seed 000 "注文管理"): the
//! list with its search, one order with what can still be done to it, the export, and saved searches.
//!
//! A day here is a day in Japan. Order numbers hold the day of the order, so a search by days is a range of numbers, and
//! the kept counts give the total of any search but one by number.

pub mod csv;
pub mod look;
pub mod rows;
pub mod search;
pub mod view;

pub use look::{Look, Possible, Why, look};
pub use search::{Column, Cursor, Search, Sort, Start, Wrong};

use kernel::{ChargeNumber, Environment, ShopId, Timestamp, Yen};
use store::{StoreError, Tx};

use crate::charge::State;

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// In which environment it was ordered.
    pub environment: Environment,
    /// 注文番号.
    pub number: ChargeNumber,
    /// 決済ステータス.
    pub state: State,
    /// 注文金額.
    pub amount: Yen,
    /// Points of it.
    pub point: Yen,
    /// The shop's own id of the cart.
    pub cart_id: Option<String>,
    /// 注文日時, world time.
    pub ordered: Timestamp,
}

/// A part of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The lines, in the order of the search.
    pub lines: Vec<Line>,
    /// How many orders match, on all pages together.
    pub total: i64,
    /// Whether there are more after the last line.
    pub has_more: bool,
}

/// The first `limit` lines from `start` on, of the orders of `environments` that match.
pub fn list(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environments: &[Environment],
    search: &Search,
    start: &Start,
    limit: usize,
) -> Result<Found, StoreError> {
    let environments = search.environments_of(environments);
    let counts = rows::counts(tx, shop, &environments, search)?;
    let total = counts.total();
    if total == 0 {
        return Ok(Found::default());
    }
    let mut lines = rows::lines(tx, shop, &environments, search, start, limit + 1, &counts)?;
    let has_more = lines.len() > limit;
    lines.truncate(limit);
    Ok(Found { lines, total, has_more })
}
