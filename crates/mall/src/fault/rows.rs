//! The rows of faults.

use kernel::ShopId;
use store::{ErrorKind, Row, StoreError, Tx, params};

use super::Fault;

/// Those of a shop, in their order.
pub fn of_shop(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Fault>, StoreError> {
    faults(tx.query_opt("SELECT doc FROM mall_fault WHERE shop_id = $1", &params![shop])?.as_ref())
}

/// The same; who else takes one waits until the commit.
pub(super) fn of_shop_for_update(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Fault>, StoreError> {
    let sql = format!("SELECT doc FROM mall_fault WHERE shop_id = $1{}", tx.for_update());
    faults(tx.query_opt(&sql, &params![shop])?.as_ref())
}

fn faults(row: Option<&Row>) -> Result<Vec<Fault>, StoreError> {
    let Some(row) = row else { return Ok(Vec::new()) };
    serde_json::from_str(row.text(0)?).map_err(|error| StoreError::new(ErrorKind::Corrupt, error.to_string()))
}

/// Writes these in the place of all others.
pub fn replace(tx: &mut Tx<'_>, shop: ShopId, faults: &[Fault]) -> Result<(), StoreError> {
    if faults.is_empty() {
        return tx.execute("DELETE FROM mall_fault WHERE shop_id = $1", &params![shop]).map(|_| ());
    }
    let doc = serde_json::to_string(faults).expect("faults are JSON");
    let sql = "INSERT INTO mall_fault (shop_id, doc) VALUES ($1, $2)
               ON CONFLICT (shop_id) DO UPDATE SET doc = excluded.doc";
    tx.execute(sql, &params![shop, doc]).map(|_| ())
}
