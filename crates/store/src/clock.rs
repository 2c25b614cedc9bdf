//! World time: what a rule or the wire shows (design "Time: two clocks").
//!
//! In `test` and `live` it is machine time. In `sandbox` it is machine time plus the offset of the shop's test clock,
//! which only moves forward and which is read inside the transaction.

use kernel::{Environment, ShopId, Timestamp};

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;

/// A scalar subquery for the offset (microseconds) of the test clock of the shop in `$1`, NULL when it was never turned:
/// lets a load read its row and its clock in one round trip. Make it an instant with [`at`].
pub const OFFSET_OF_SHOP_1: &str = "(SELECT offset_us FROM test_clock WHERE shop_id = $1)";

/// World time, given the column that [`OFFSET_OF_SHOP_1`] selected.
pub fn at(tx: &Tx<'_>, environment: Environment, offset_us: Option<i64>) -> Timestamp {
    let offset = if environment.has_test_clock() { offset_us.unwrap_or(0) } else { 0 };
    tx.machine_now().plus_micros(offset)
}

/// World time of `shop` in `environment`.
pub fn world_now(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Timestamp, StoreError> {
    if !environment.has_test_clock() {
        return Ok(tx.machine_now());
    }
    let row = tx.query_opt("SELECT offset_us FROM test_clock WHERE shop_id = $1", &params![shop])?;
    let offset = row.map(|row| row.int(0)).transpose()?;
    Ok(at(tx, environment, offset))
}

/// Moves the test clock of `shop` to `to`, or leaves it where it is if it is past that already. Only for who holds the
/// lease of that clock.
pub fn move_forward(tx: &mut Tx<'_>, shop: ShopId, to: Timestamp) -> Result<Timestamp, StoreError> {
    let now = world_now(tx, shop, Environment::Sandbox)?;
    if to <= now {
        return Ok(now);
    }
    let offset = to.micros() - tx.machine_now().micros();
    let sql = "INSERT INTO test_clock (shop_id, offset_us) VALUES ($1, $2)
               ON CONFLICT (shop_id) DO UPDATE SET offset_us = excluded.offset_us";
    tx.execute(sql, &params![shop, offset])?;
    Ok(to)
}
