//! The rows of saved searches.

use kernel::{ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, params};

use super::View;

const COLUMNS: &str = "view_id, staff_id, name, search, created_us";

/// Everybody's, and those of `staff`, by name.
pub fn all(tx: &mut Tx<'_>, shop: ShopId, staff: Option<&str>) -> Result<Vec<View>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM order_view
         WHERE shop_id = $1 AND removed_us IS NULL AND (staff_id IS NULL OR staff_id = $2) ORDER BY name, view_id"
    );
    tx.query(&sql, &params![shop, staff.unwrap_or_default()])?.iter().map(view).collect()
}

/// How many a shop has.
pub fn count(tx: &mut Tx<'_>, shop: ShopId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM order_view WHERE shop_id = $1 AND removed_us IS NULL";
    tx.query_one(sql, &params![shop])?.int(0)
}

/// By id: one that was removed, or one that was not.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, id: &str, removed: bool) -> Result<Option<View>, StoreError> {
    let state = if removed { "IS NOT NULL" } else { "IS NULL" };
    let sql = format!("SELECT {COLUMNS} FROM order_view WHERE shop_id = $1 AND view_id = $2 AND removed_us {state}");
    tx.query_opt(&sql, &params![shop, id])?.as_ref().map(view).transpose()
}

/// By name; whoever adds one by it holds the shop's row.
pub fn named(tx: &mut Tx<'_>, shop: ShopId, staff: Option<&str>, name: &str) -> Result<Option<View>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM order_view
         WHERE shop_id = $1 AND removed_us IS NULL AND COALESCE(staff_id, '') = $2 AND name = $3"
    );
    tx.query_opt(&sql, &params![shop, staff.unwrap_or_default(), name])?.as_ref().map(view).transpose()
}

/// Writes one, over its search if it is there.
pub fn upsert(shop: ShopId, view: &View) -> Statement<'static> {
    Statement::new(
        "INSERT INTO order_view (shop_id, view_id, staff_id, name, search, created_us) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (shop_id, view_id) DO UPDATE SET search = excluded.search",
        params![shop, &view.id, view.staff.clone(), &view.name, &view.search, view.created],
    )
}

/// Removes one, or brings it back.
pub fn mark(shop: ShopId, id: &str, removed: Option<Timestamp>) -> Statement<'static> {
    Statement::new(
        "UPDATE order_view SET removed_us = $3 WHERE shop_id = $1 AND view_id = $2",
        params![shop, id, removed],
    )
}

/// Forgets those that were removed before `before`.
pub fn forget_removed(tx: &mut Tx<'_>, shop: ShopId, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM order_view WHERE shop_id = $1 AND removed_us < $2";
    tx.execute(sql, &params![shop, before]).map(|_| ())
}

fn view(row: &Row) -> Result<View, StoreError> {
    Ok(View {
        id: row.text(0)?.to_owned(),
        staff: row.opt_text(1)?.map(str::to_owned),
        name: row.text(2)?.to_owned(),
        search: row.text(3)?.to_owned(),
        created: row.timestamp(4)?,
    })
}
