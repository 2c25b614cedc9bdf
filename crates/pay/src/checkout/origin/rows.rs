//! The rows of origins.

use kernel::{Environment, ShopId};
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::Origin;

/// The origins of a shop in one environment, sorted.
pub fn all(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Vec<Origin>, StoreError> {
    let sql = "SELECT origin FROM checkout_origin WHERE shop_id = $1 AND environment = $2 ORDER BY origin";
    let origin = |row: &Row| {
        let text = row.text(0)?;
        text.parse().map_err(|_| StoreError::new(ErrorKind::Corrupt, format!("checkout_origin: {text:?}")))
    };
    tx.query(sql, &params![shop, environment])?.iter().map(origin).collect()
}

/// Whether `origin` is registered.
pub fn is_registered(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    origin: &Origin,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM checkout_origin WHERE shop_id = $1 AND environment = $2 AND origin = $3";
    Ok(tx.query_opt(sql, &params![shop, environment, origin.as_str()])?.is_some())
}

/// Whether `origin` is registered for any shop: whether an error may be read there.
pub fn is_registered_anywhere(tx: &mut Tx<'_>, origin: &Origin) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM checkout_origin WHERE origin = $1 LIMIT 1";
    Ok(tx.query_opt(sql, &params![origin.as_str()])?.is_some())
}

/// Registers one.
pub fn insert(shop: ShopId, environment: Environment, origin: &Origin) -> Statement<'static> {
    Statement::new(
        "INSERT INTO checkout_origin (shop_id, environment, origin) VALUES ($1, $2, $3)
         ON CONFLICT (shop_id, environment, origin) DO NOTHING",
        params![shop, environment, origin.as_str()],
    )
}

/// Forgets all of them.
pub fn delete_all(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<(), StoreError> {
    let sql = "DELETE FROM checkout_origin WHERE shop_id = $1 AND environment = $2";
    tx.execute(sql, &params![shop, environment]).map(|_| ())
}
