//! The rows of kept figures.

use std::ops::Range;

use kernel::{Environment, ShopId, Timestamp, Yen};
use store::{Statement, StoreError, Tx, params};

use super::{Sum, counts, hour_of};

/// Counts a new order; none for those that do not count. One statement for its hour and its day.
pub fn count(
    tx: &Tx<'_>,
    shop: ShopId,
    environment: Environment,
    ordered: Timestamp,
    amount: Yen,
) -> Option<Statement<'static>> {
    let (hour, day) = (hour_of(ordered), hour_of(ordered.jst_date().start()));
    counts(environment).then(|| {
        Statement::new(
            "INSERT INTO figure (shop_id, environment, hours, start, slot, orders, amount)
             VALUES ($1, $2, 1, $3, $5, 1, $6), ($1, $2, 24, $4, $5, 1, $6)
             ON CONFLICT (shop_id, environment, hours, start, slot) DO UPDATE SET
                 orders = figure.orders + 1, amount = figure.amount + excluded.amount",
            params![shop, environment, hour, day, tx.writer() as i64, amount],
        )
    })
}

/// What was kept of the spans of `hours` hours that begin in `starts`, in the order of time.
pub fn kept(
    tx: &mut Tx<'_>,
    (shop, environment): (ShopId, Environment),
    hours: i64,
    starts: Range<i64>,
) -> Result<Vec<(i64, Sum)>, StoreError> {
    let sql = "SELECT start, CAST(sum(orders) AS BIGINT), CAST(sum(amount) AS BIGINT) FROM figure
               WHERE shop_id = $1 AND environment = $2 AND hours = $3 AND start >= $4 AND start < $5
               GROUP BY start ORDER BY start";
    let rows = tx.query(sql, &params![shop, environment, hours, starts.start, starts.end])?;
    rows.iter().map(|row| Ok((row.int(0)?, Sum { orders: row.int(1)?, amount: row.int(2)? }))).collect()
}
