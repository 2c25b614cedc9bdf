//! The rows of events.

use kernel::{Environment, ShopId};
use store::{Statement, StoreError, Tx, params};

use crate::attempt::Attempt;
use crate::charge::wire::Snapshot;

/// The id of the event of an attempt: `evt_` and 32 hex digits.
pub fn id_of(attempt_id: &str) -> String {
    format!("evt_{attempt_id}")
}

/// Inserts the event of an attempt that succeeded.
pub fn insert(attempt: &Attempt, snapshot: &Snapshot) -> Statement<'static> {
    Statement::new(
        "INSERT INTO event (shop_id, environment, event_id, type, charge_id, data, created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            attempt.shop,
            attempt.environment,
            id_of(&attempt.id),
            attempt.work.event_type(),
            attempt.charge.to_string(),
            snapshot.to_json(),
            attempt.begun
        ],
    )
}

/// The charge as it was after an attempt, and its shipping address: what answers a repeated request.
pub fn snapshot_of(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    attempt_id: &str,
) -> Result<Option<(String, Option<String>)>, StoreError> {
    let sql = "SELECT e.data, c.address FROM event e
               JOIN charge c ON c.shop_id = e.shop_id AND c.environment = e.environment AND c.charge_id = e.charge_id
               WHERE e.shop_id = $1 AND e.environment = $2 AND e.event_id = $3";
    let row = tx.query_opt(sql, &params![shop, environment, id_of(attempt_id)])?;
    row.map(|row| Ok((row.text(0)?.to_owned(), row.opt_text(1)?.map(str::to_owned)))).transpose()
}
