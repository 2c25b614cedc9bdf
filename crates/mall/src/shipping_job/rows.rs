//! The rows of updateOrderShippingAsync.

use kernel::{ShopId, Timestamp};
use store::{Statement, StoreError, Tx, params};

/// A request that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub licence: String,
    pub body: String,
    pub basket_rows: i64,
}

/// Writes a request.
pub(super) fn insert(shop: ShopId, id: &str, request: &Open, now: Timestamp) -> Statement<'static> {
    let Open { licence, body, basket_rows } = request;
    Statement::new(
        "INSERT INTO mall_shipping_request (shop_id, request_id, licence_id, body, accepted_us, basket_rows)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![shop, id, licence, body, now, *basket_rows],
    )
}

/// Removes those that were taken before an instant and are done.
pub(super) fn forget_before(tx: &mut Tx<'_>, shop: ShopId, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM mall_shipping_request WHERE shop_id = $1 AND accepted_us < $2 AND done_us IS NOT NULL";
    tx.execute(sql, &params![shop, before]).map(|_| ())
}

/// A request that is not done, held until the commit.
pub(super) fn open(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<Option<Open>, StoreError> {
    let sql = format!(
        "SELECT licence_id, body, basket_rows FROM mall_shipping_request
         WHERE shop_id = $1 AND request_id = $2 AND done_us IS NULL{}",
        tx.for_update()
    );
    let row = tx.query_opt(&sql, &params![shop, id])?;
    row.map(|row| {
        Ok(Open { licence: row.text(0)?.to_owned(), body: row.text(1)?.to_owned(), basket_rows: row.int(2)? })
    })
    .transpose()
}

/// Writes what became of a request.
pub(super) fn save(shop: ShopId, id: &str, results: &str, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "UPDATE mall_shipping_request SET results = $3, done_us = $4
         WHERE shop_id = $1 AND request_id = $2 AND done_us IS NULL",
        params![shop, id, results, now],
    )
}

/// What became of a request that was taken after an instant.
pub(super) fn results(tx: &mut Tx<'_>, shop: ShopId, id: &str, after: Timestamp) -> Result<Option<String>, StoreError> {
    let sql = "SELECT results FROM mall_shipping_request
               WHERE shop_id = $1 AND request_id = $2 AND accepted_us > $3 AND done_us IS NOT NULL";
    let row = tx.query_opt(sql, &params![shop, id, after])?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose()
}
