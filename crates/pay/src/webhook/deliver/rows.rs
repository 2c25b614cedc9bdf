//! The events that messages tell of.

use std::collections::HashMap;

use kernel::{Environment, ShopId};
use store::{Row, StoreError, Tx, Value, params};

use crate::webhook::payload::StoredEvent;

/// Events looked up by one statement. Always as many, so that there is one text for the statement.
const TOGETHER: usize = 16;
const COLUMNS: &str = "e.event_id, e.environment, e.type, e.charge_id, e.data, c.address, e.created_us";
const FROM: &str = "event e LEFT JOIN charge c ON c.shop_id = e.shop_id AND c.environment = e.environment
    AND c.charge_id = e.charge_id";

/// Events by their ids; those that are not there are missing from the map.
pub fn events(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    ids: &[&str],
) -> Result<HashMap<String, StoredEvent>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for together in ids.chunks(TOGETHER) {
        let places: Vec<String> = (3..3 + TOGETHER).map(|place| format!("${place}")).collect();
        let places = places.join(", ");
        let sql = format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE e.shop_id = $1 AND e.environment = $2 AND e.event_id IN ({places})"
        );
        let mut values: Vec<Value> = params![shop, environment].to_vec();
        values.extend((0..TOGETHER).map(|index| Value::from(together.get(index).copied().unwrap_or_default())));
        for row in tx.query(&sql, &values)? {
            let event = event(&row)?;
            found.insert(event.id.clone(), event);
        }
    }
    Ok(found)
}

/// Reads the columns of an event; [`COLUMNS`] in their order.
pub fn event(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        id: row.text(0)?.to_owned(),
        environment: row.parsed(1)?,
        kind: row.parsed(2)?,
        charge: row.text(3)?.to_owned(),
        data: row.text(4)?.to_owned(),
        address: row.opt_text(5)?.map(str::to_owned),
        created: row.timestamp(6)?,
    })
}
