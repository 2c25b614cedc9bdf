//! The rows of sub-statuses.

use kernel::ShopId;
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::SubStatus;
use crate::code::Progress;

/// Statements sent together.
const TOGETHER: usize = 16;

/// Those of a shop, by status and place.
pub fn of_shop(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<SubStatus>, StoreError> {
    let sql = "SELECT sub_status_id, progress, name, position FROM mall_sub_status WHERE shop_id = $1
               ORDER BY progress, position, sub_status_id";
    tx.query(sql, &params![shop])?.iter().map(sub_status).collect()
}

fn sub_status(row: &Row) -> Result<SubStatus, StoreError> {
    let progress = Progress::of(row.int(1)?);
    let progress = progress.ok_or_else(|| StoreError::new(ErrorKind::Corrupt, "a sub-status of no status"))?;
    Ok(SubStatus { id: row.int(0)?, progress, name: row.text(2)?.to_owned(), position: row.int(3)? })
}

/// Writes these in the place of all others.
pub(super) fn replace(tx: &mut Tx<'_>, shop: ShopId, all: &[SubStatus]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM mall_sub_status WHERE shop_id = $1", &params![shop])?;
    let insert = |sub: &SubStatus| {
        Statement::new(
            "INSERT INTO mall_sub_status (shop_id, sub_status_id, progress, name, position)
             VALUES ($1, $2, $3, $4, $5)",
            params![shop, sub.id, sub.progress.code(), &sub.name, sub.position],
        )
    };
    for together in all.chunks(TOGETHER) {
        tx.execute_all(&together.iter().map(insert).collect::<Vec<_>>())?;
    }
    Ok(())
}
