//! The SQL of the recount: reads only, leniently, so that damaged rows come back to be named.

pub mod charge;
pub mod checkout;
pub mod erase;
pub mod figure;
pub mod held;
pub mod mail;
pub mod orphan;
pub mod people;
pub mod request;
pub mod shop_keys;
pub mod webhook;

use store::{Row, StoreError, Tx, Value, params};

use super::area::Area;

/// Rows read at a time.
pub const PAGE: usize = 500;
/// Rows looked up by one statement. Always as many, so that there is one text for each statement; few enough that
/// PostgreSQL does not start helpers for it.
const TOGETHER: usize = 32;
/// The beginning of every key.
pub const BEGINNING: Area = Area { shop: i64::MIN, environment: String::new() };

/// The tables that are recounted.
pub const TABLES: &[&str] = &[
    "shop",
    "service",
    "credential",
    "key_index",
    "api_token",
    "test_clock",
    "charge",
    "charge_count",
    "figure",
    "fee",
    "shop_information",
    "notice",
    "notice_read",
    "attempt",
    "event",
    "mail_setting",
    "notification",
    "mail",
    "ledger_entry",
    "timer",
    "outbox",
    "webhook_endpoint",
    "webhook_subscription",
    "webhook_attempt",
    "idempotency",
    "audit",
    "staff",
    "staff_session",
    "staff_recovery",
    "staff_invitation",
    "staff_reset",
    "staff_mail",
    "news_mail",
    "request_log",
    "order_view",
    "checkout_session",
    "allowance",
    "erase_setting",
];

/// How many rows one of [`TABLES`] has.
pub fn count(tx: &mut Tx<'_>, table: &'static str) -> Result<i64, StoreError> {
    tx.query_one(&format!("SELECT count(*) FROM {table}"), &[])?.int(0)
}

/// The next area after `after` that has a charge, an attempt or a kept count.
pub fn next_area(tx: &mut Tx<'_>, after: &Area) -> Result<Option<Area>, StoreError> {
    let mut next: Option<Area> = None;
    for table in ["charge", "attempt", "charge_count", "figure"] {
        let sql = format!(
            "SELECT shop_id, environment FROM {table} WHERE (shop_id, environment) > ($1, $2)
             ORDER BY shop_id, environment LIMIT 1"
        );
        if let Some(row) = tx.query_opt(&sql, &params![after.shop, &after.environment])? {
            let found = Area { shop: row.int(0)?, environment: row.text(1)?.to_owned() };
            let key = |area: &Area| (area.shop, area.environment.clone());
            next = Some(next.map_or(found.clone(), |known| if key(&known) <= key(&found) { known } else { found }));
        }
    }
    Ok(next)
}

/// Rows of many keys: `sql` ends with the column that a key is looked up in, after `fixed` parameters.
///
/// Each key is looked up by itself, all of them in one statement: a planner without statistics takes a list of keys for
/// more work than going through all rows of the shop.
fn by_keys(tx: &mut Tx<'_>, sql: &str, fixed: &[Value], keys: &[&str]) -> Result<Vec<Row>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let each: Vec<String> = (1..=TOGETHER).map(|index| format!("{sql} = ${}", fixed.len() + index)).collect();
    let sql = each.join(" UNION ALL ");
    let mut rows = Vec::with_capacity(keys.len());
    for together in keys.chunks(TOGETHER) {
        let mut params = fixed.to_vec();
        params.extend(together.iter().map(|key| Value::from(*key)));
        // No row has an empty key.
        params.resize(fixed.len() + TOGETHER, Value::from(""));
        rows.extend(tx.query(&sql, &params)?);
    }
    Ok(rows)
}

fn text(row: &Row, column: usize) -> Result<String, StoreError> {
    Ok(row.text(column)?.to_owned())
}

fn opt_text(row: &Row, column: usize) -> Result<Option<String>, StoreError> {
    Ok(row.opt_text(column)?.map(str::to_owned))
}
