//! Rows that only operators write.

use kernel::ShopId;
use store::{Statement, StoreError, Tx, params};

/// The number of the next shop.
pub fn next_number(tx: &mut Tx<'_>) -> Result<ShopId, StoreError> {
    let row = tx.query_one("SELECT COALESCE(max(shop_id), 0) + 1 FROM shop", &[])?;
    row.int(0).map(ShopId)
}

/// Makes an account one of an operator, or no more.
pub fn set_operator(staff: &str, operator: bool) -> Statement<'static> {
    let sql = "UPDATE staff SET operator = $2 WHERE staff_id = $1";
    Statement::new(sql, params![staff, i64::from(operator)])
}
