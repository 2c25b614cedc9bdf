//! The SQL of listing and following events.

use kernel::{Environment, ShopId};
use store::{StoreError, Tx, Value, params};

use super::Filter;
use crate::webhook::deliver::rows::event;
use crate::webhook::event_type::EventType;
use crate::webhook::payload::StoredEvent;
use crate::webhook::rows::message_id;

const COLUMNS: &str = "e.event_id, e.environment, e.type, e.charge_id, e.data, c.address, e.created_us, a.version";
const FROM: &str = "event e
    JOIN attempt a ON a.shop_id = e.shop_id AND a.environment = e.environment AND a.attempt_id = substr(e.event_id, 5)
    LEFT JOIN charge c ON c.shop_id = e.shop_id AND c.environment = e.environment AND c.charge_id = e.charge_id";

/// An event and the id of the message that told of it first, whether there was one or not.
pub type Told = (StoredEvent, String);

/// One event.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, id: &str) -> Result<Option<Told>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE e.shop_id = $1 AND e.environment = $2 AND e.event_id = $3");
    tx.query_opt(&sql, &params![shop, environment, id])?.as_ref().map(told).transpose()
}

/// Events, newest first; oldest first after an event.
pub fn list(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, filter: &Filter) -> Result<Vec<Told>, StoreError> {
    let mut query = Query::new(format!("SELECT {COLUMNS} FROM {FROM} WHERE e.shop_id = $1 AND e.environment = $2"));
    query.values.extend(params![shop, environment]);
    query.types(&filter.types);
    for (condition, value) in [
        ("e.charge_id =", filter.charge.clone().map(Value::from)),
        ("e.created_us >=", filter.from.map(Value::from)),
        ("e.created_us <", filter.to.map(Value::from)),
        ("e.event_id <", filter.before.clone().map(Value::from)),
        ("e.event_id >", filter.after.clone().map(Value::from)),
    ] {
        if let Some(value) = value {
            let place = query.push(value);
            query.sql.push_str(&format!(" AND {condition} {place}"));
        }
    }
    let order = if filter.after.is_some() { "ASC" } else { "DESC" };
    let limit = query.push(filter.limit.into());
    query.sql.push_str(&format!(" ORDER BY e.event_id {order} LIMIT {limit}"));
    tx.query(&query.sql, &query.values)?.iter().map(told).collect()
}

/// The last place of the audit chain.
pub fn head(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let row = tx.query_opt("SELECT position FROM audit_head WHERE id = 1", &[])?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

/// Events whose change stands after the place `after`, in that order, and the place to go on after.
pub fn following(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    after: i64,
    types: &[EventType],
    limit: i64,
) -> Result<(Vec<StoredEvent>, i64), StoreError> {
    let head = head(tx)?;
    let mut query = Query::new(
        "SELECT e.event_id, e.environment, e.type, e.charge_id, e.data, c.address, e.created_us, l.position
         FROM audit l
         JOIN event e ON e.shop_id = l.shop_id AND e.environment = $2 AND e.event_id = 'evt_' || l.audit_id
         LEFT JOIN charge c ON c.shop_id = e.shop_id AND c.environment = e.environment AND c.charge_id = e.charge_id
         WHERE l.shop_id = $1 AND l.position > $3 AND l.position <= $4"
            .to_owned(),
    );
    query.values.extend(params![shop, environment, after, head]);
    query.types(types);
    let place = query.push(limit.into());
    query.sql.push_str(&format!(" ORDER BY l.position LIMIT {place}"));
    let rows = tx.query(&query.sql, &query.values)?;
    let full = rows.len() as i64 >= limit;
    let next = match rows.last() {
        Some(last) if full => last.int(7)?,
        Some(_) | None => head.max(after),
    };
    Ok((rows.iter().map(event).collect::<Result<_, _>>()?, next))
}

struct Query {
    sql: String,
    values: Vec<Value>,
}

impl Query {
    fn new(sql: String) -> Query {
        Query { sql, values: Vec::new() }
    }

    fn push(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn types(&mut self, types: &[EventType]) {
        if types.is_empty() {
            return;
        }
        let places: Vec<String> = types.iter().map(|kind| self.push(kind.as_str().into())).collect();
        self.sql.push_str(&format!(" AND e.type IN ({})", places.join(", ")));
    }
}

fn told(row: &store::Row) -> Result<Told, StoreError> {
    let event = event(row)?;
    let message = message_id(&event.charge, row.int(7)? + 1);
    Ok((event, message))
}
