//! The rows of fees.

use kernel::{JstDate, ShopId, Timestamp};
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::{Fee, Rate};

/// Every fee of a shop, the one that begins last first.
pub fn all(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Fee>, StoreError> {
    let sql = "SELECT fee_id, from_day, basis_points, fixed, created_us, withdrawn_us FROM fee WHERE shop_id = $1
               ORDER BY from_day DESC, created_us DESC, fee_id DESC";
    tx.query(sql, &params![shop])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Fee, StoreError> {
    let rate = Rate::new(row.int(2)?, row.int(3)?);
    Ok(Fee {
        id: row.text(0)?.to_owned(),
        from: first_day().plus_days(row.int(1)?),
        rate: rate.map_err(|error| StoreError::new(ErrorKind::Corrupt, error.to_string()))?,
        created: row.timestamp(4)?,
        withdrawn: row.opt_int(5)?.map(Timestamp::from_micros),
    })
}

/// 1970-01-01.
fn first_day() -> JstDate {
    let some = Timestamp::from_seconds(0).jst_date();
    some.plus_days(-some.day_number())
}

/// Writes a new one.
pub fn insert(shop: ShopId, fee: &Fee) -> Statement<'static> {
    let Fee { id, from, rate, created, .. } = fee;
    Statement::new(
        "INSERT INTO fee (shop_id, fee_id, from_day, basis_points, fixed, created_us) VALUES ($1, $2, $3, $4, $5, $6)",
        params![shop, id, from.day_number(), rate.basis_points(), rate.fixed(), *created],
    )
}

/// Withdraws one.
pub fn withdraw(shop: ShopId, id: &str, at: Timestamp) -> Statement<'static> {
    let sql = "UPDATE fee SET withdrawn_us = $3 WHERE shop_id = $1 AND fee_id = $2 AND withdrawn_us IS NULL";
    Statement::new(sql, params![shop, id, at])
}
